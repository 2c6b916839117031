"""A glTF file opened and checked before its numbers are believed: all that could send a reader astray.

A file from elsewhere may promise more than it holds, name files that are none of its business, or hang its
nodes in a circle. It is refused here in one line that says what is wrong, before anything grows.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

READABLE_EXTENSIONS = frozenset(
    {
        "EXT_meshopt_compression", "KHR_meshopt_compression", "KHR_draco_mesh_compression", "KHR_mesh_quantization",
        "EXT_mesh_gpu_instancing", "KHR_texture_basisu", "EXT_texture_webp", "KHR_texture_transform",
        "KHR_lights_punctual", "KHR_materials_unlit", "KHR_materials_emissive_strength",
        "KHR_materials_transmission", "KHR_materials_pbrSpecularGlossiness",
        # looks that a room can do without: the base colour stays right
        "KHR_materials_ior", "KHR_materials_specular", "KHR_materials_clearcoat", "KHR_materials_sheen",
        "KHR_materials_volume", "KHR_materials_anisotropy", "KHR_materials_iridescence",
        "KHR_materials_dispersion", "KHR_materials_diffuse_transmission", "KHR_materials_variants",
        "KHR_xmp_json_ld",
    }
)  # fmt: skip
"""glTF extensions that a file may require: read here, or such that a room is right without them."""

MESHOPT = ("EXT_meshopt_compression", "KHR_meshopt_compression")
DRACO = "KHR_draco_mesh_compression"

MAX_NODES = 20_000
MAX_UNPACKED = 400_000_000
"""Bytes that a file's compressed buffers may hold together when they are unpacked."""

COMPONENT_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}

# Real meshes are packed to a third or a tenth; a file of zeros to a sixtieth.
_UNPACKED_FREE, _UNPACKED_TIMES = 32_000_000, 20
_JSON_CHUNK = 0x4E4F534A
_BINARY_CHUNK = 0x004E4942
# Each part of the JSON takes some hundred bytes of memory once it is read.
_MAX_JSON_PARTS = 3_000_000
# A spec-true accessor may have no bytes at all (all zeros); none of a room needs many of those.
_MAX_ZEROS = 1_000_000
# meshopt says that 16 bytes are unchanged in two bits, its newer version that 256 are.
_MOST_PACKED = {"EXT_meshopt_compression": 64, "KHR_meshopt_compression": 1024}


class Untrue(ValueError):
    """A glTF file is not what it says it is; `str()` tells why."""


class Folder(Protocol):
    """Where a glTF's other files lie."""

    def size_of(self, uri: str) -> int | None:
        """Bytes of a file; None if it is missing; raises `Untrue` if it may not be read."""

    def content(self, uri: str) -> bytes:
        """The content of a file; raises `Untrue` or OSError if there is none that may be read."""


@dataclass(frozen=True)
class Packed:
    """How meshopt holds a buffer view."""

    extension: str
    buffer: int
    start: int
    length: int
    count: int
    stride: int
    mode: str
    filter: str


@dataclass(frozen=True)
class View:
    """A checked buffer view: where its bytes lie, their stride (0: one after the other), and how they are packed."""

    buffer: int
    start: int
    length: int
    stride: int
    packed: Packed | None


class Gltf:
    """An open glTF file.

    data: its JSON. views: its buffer views. buffer: bytes of each buffer, read when asked for.
    """

    def __init__(self, raw: bytes, folder: Folder) -> None:
        """Raises `Untrue` unless header, extensions, files, buffers, accessors and nodes hold what they promise."""
        self.data, self._binary = _open(raw)
        self._folder = folder
        self._buffers: dict[int, bytes] = {}
        _check_extensions(self.data)
        for key in ("scenes", "meshes", "materials", "textures", "cameras"):
            self.parts(key)
        self._sizes = [self._buffer_size(n, b) for n, b in self.parts("buffers")]
        for _, image in self.parts("images"):
            self._named_size(image.get("uri"))
        self.views = [self._view(n, v) for n, v in self.parts("bufferViews")]
        unpacked = sum(v.length for v in self.views if v.packed)
        held = len(raw) + sum(self._sizes[number] for number, buffer in self.parts("buffers") if "uri" in buffer)
        most = min(MAX_UNPACKED, _UNPACKED_FREE + _UNPACKED_TIMES * held)
        if unpacked > most:
            raise Untrue(f"unpacks to {unpacked:,} bytes, more than rooms of its size do ({most:,}); make it simpler")
        for number, accessor in self.parts("accessors"):
            _check_accessor(number, accessor, self.views)
        _check_nodes(dict(self.parts("nodes")))

    def parts(self, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects of one of the file's lists, numbered."""
        parts = self.data.get(key, [])
        if not isinstance(parts, list) or not all(isinstance(p, dict) for p in parts):
            raise Untrue(f"its {key} are not a list of objects, as glTF wants; export it again")
        return iter(enumerate(parts))

    def part(self, key: str, number: Any, what: str) -> dict[str, Any]:
        """One object of a list, by the number that another part gives for it."""
        parts = self.data.get(key, [])
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(parts):
            raise Untrue(f"{what} names one of its {key} that is missing: {str(number)[:40]}")
        return dict(parts[number])

    def bytes_of(self, buffer: int, start: int, length: int, what: str) -> memoryview:
        """A stretch of a buffer, not copied."""
        return memoryview(self._content(buffer, what))[start : start + length]

    def named(self, uri: str, what: str) -> bytes:
        """What an uri holds, or the file that it names."""
        if not uri.startswith("data:"):
            try:
                return self._folder.content(uri)
            except OSError as error:
                raise Untrue(f"{what} cannot be read from {uri[:80]}: {error.strerror or error}") from None
        head, comma, text = uri.partition(",")
        if not comma:
            raise Untrue(f"{what} has an uri without content; export it again")
        try:
            return base64.b64decode(text) if head.endswith(";base64") else unquote_to_bytes(text)
        except (binascii.Error, ValueError):
            raise Untrue(f"{what} has an uri that is not base64; export it again") from None

    def _content(self, number: int, what: str) -> bytes:
        if number not in self._buffers:
            uri = self.data["buffers"][number].get("uri")
            if uri is not None:
                content = self.named(uri, f"buffer {number}")
            elif number == 0:
                content = self._binary
            else:
                raise Untrue(f"{what} lies in buffer {number}, which has no content")
            if len(content) < self._sizes[number]:
                raise Untrue(f"buffer {number} speaks of {self._sizes[number]} bytes, more than the file holds")
            self._buffers[number] = content
        return self._buffers[number]

    def _named_size(self, uri: Any) -> int | None:
        """Bytes of what an uri names; None without an uri, the most it can hold for data in the uri itself."""
        if uri is None:
            return None
        if not isinstance(uri, str):
            raise Untrue("names a file by something that is no text; export it again")
        if uri.startswith("data:"):
            return len(uri)
        size = self._folder.size_of(uri)
        if size is None:
            raise Untrue(f"names a file that is missing: {uri[:80]}")
        return size

    def _buffer_size(self, number: int, buffer: dict[str, Any]) -> int:
        named = self._named_size(buffer.get("uri"))
        promised = count_of(buffer, "byteLength", f"buffer {number}")
        if named is None and number > 0:
            return promised  # stands for what is unpacked: it has no bytes of its own, and none are read from it
        held = len(self._binary) if named is None else named
        if promised > held:
            raise Untrue(f"buffer {number} speaks of {promised} bytes, more than the file holds")
        return promised

    def _view(self, number: int, view: dict[str, Any]) -> View:
        what = f"buffer view {number}"
        buffer = count_of(view, "buffer", what)
        start, length = count_of(view, "byteOffset", what, 0), count_of(view, "byteLength", what)
        stride = count_of(view, "byteStride", what, 0)
        if stride > 252:
            raise Untrue(f"{what} has the byteStride {stride}; at most 252 is right")
        if buffer >= len(self._sizes) or start + length > self._sizes[buffer]:
            raise Untrue(f"{what} reaches beyond its buffer; the file is cut short or damaged")
        extensions = object_of(view, "extensions", what)
        packed = next((self._packed(e, extensions[e], what, length) for e in MESHOPT if e in extensions), None)
        return View(buffer, start, length, stride, packed)

    def _packed(self, extension: str, said: Any, what: str, length: int) -> Packed:
        if not isinstance(said, dict):
            raise Untrue(f"{what} has an {extension} that is no object; export it again")
        buffer = count_of(said, "buffer", what)
        start, held = count_of(said, "byteOffset", what, 0), count_of(said, "byteLength", what)
        count, stride = count_of(said, "count", what), count_of(said, "byteStride", what)
        if buffer >= len(self._sizes) or start + held > self._sizes[buffer]:
            raise Untrue(f"{what} is packed beyond its buffer; the file is cut short or damaged")
        mode, kind = said.get("mode"), said.get("filter", "NONE")
        widths = {"ATTRIBUTES": range(4, 257, 4), "TRIANGLES": (2, 4), "INDICES": (2, 4)}
        filters = {"NONE": range(257), "OCTAHEDRAL": (4, 8), "QUATERNION": (8,), "EXPONENTIAL": range(4, 257, 4),
                   "COLOR": (4, 8)}  # fmt: skip
        if not isinstance(mode, str) or not isinstance(kind, str) or mode not in widths or kind not in filters:
            raise Untrue(f"{what} is packed in a way that {extension} does not know; export it again")
        strange = (mode != "ATTRIBUTES" and kind != "NONE") or (mode == "TRIANGLES" and count % 3)
        if strange or stride not in widths[mode] or stride not in filters[kind]:
            raise Untrue(f"{what} is packed in a way that {extension} does not know; export it again")
        # What the format can say at most in so many bytes: a promise beyond that is a lie.
        most = held * _MOST_PACKED[extension] if mode == "ATTRIBUTES" else held * stride * 3
        if count * stride != length or length > most:
            raise Untrue(f"{what} speaks of {length} bytes packed in {held}, which cannot be; it is damaged")
        return Packed(extension, buffer, start, held, count, stride, mode, kind)


def count_of(part: dict[str, Any], key: str, what: str, default: int | None = None) -> int:
    """A whole number from 0 on that a part of the file gives."""
    value = part.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Untrue(f"{what} has the {key} {str(value)[:40]}; a whole number from 0 on is right")
    return value


def object_of(part: dict[str, Any], key: str, what: str) -> dict[str, Any]:
    """An object that a part of the file may hold; empty if it holds none."""
    found = part.get(key, {})
    if not isinstance(found, dict):
        raise Untrue(f"{what} has {key} that are no object, as glTF wants; export it again")
    return found


def numbers_of(value: Any, default: tuple[float, ...], what: str) -> list[float]:
    """A list of as many numbers as `default` has, which stands for one that is not given; raises `Untrue`."""
    if value is None:
        return list(default)
    if not isinstance(value, list) or len(value) != len(default):
        raise Untrue(f"{what} has {str(value)[:40]} where {len(default)} numbers are right; export it again")
    return [number_of(v, 0.0, what) for v in value]


def number_of(value: Any, default: float, what: str) -> float:
    """A number of the file; raises `Untrue` if it is none, or too large to be meant."""
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise Untrue(f"{what} has {str(value)[:40]} where a number is right; export it again")
    return float(value)


def _open(raw: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON of a .glb or .gltf, and the .glb's binary chunk (empty without one)."""
    data: Any
    text, binary = raw, b""
    try:
        if raw[:4] == b"glTF":
            _, _, total, length, kind = struct.unpack_from("<4sIIII", raw)
            if total > len(raw) or kind != _JSON_CHUNK or 20 + length > total:
                raise Untrue(f"is cut short: its header speaks of {total} bytes, the file has {len(raw)}")
            text = raw[20 : 20 + length]
            if 28 + length <= total:
                size, kind = struct.unpack_from("<II", raw, 20 + length)
                if kind == _BINARY_CHUNK:
                    binary = raw[28 + length : min(28 + length + size, total)]
        if text.count(b",") + text.count(b"[") + text.count(b"{") > _MAX_JSON_PARTS:
            raise Untrue("has a JSON of millions of parts; join its nodes and meshes before exporting")
        data = json.loads(text)
    except Untrue:
        raise
    except (struct.error, ValueError, RecursionError):
        raise Untrue("is no glTF: its header or its JSON cannot be read; export it again") from None
    if not isinstance(data, dict):
        raise Untrue("is no glTF: its JSON is not an object; export it again")
    return data, binary


def _check_extensions(data: dict[str, Any]) -> None:
    needed = data.get("extensionsRequired", [])
    if not isinstance(needed, list):
        raise Untrue("its extensionsRequired is not a list, as glTF wants; export it again")
    unknown = sorted({str(e) for e in needed} - READABLE_EXTENSIONS)
    if unknown:
        raise Untrue(f"needs the glTF extension {', '.join(unknown)[:200]}, which xrlab can't read; export without it")


def _check_accessor(number: int, accessor: dict[str, Any], views: list[View]) -> None:
    what = f"accessor {number}"
    count, start = count_of(accessor, "count", what), count_of(accessor, "byteOffset", what, 0)
    kind, component = accessor.get("type"), accessor.get("componentType")
    if not isinstance(kind, str) or not isinstance(component, int):
        raise Untrue(f"{what} has no type of glTF; export it again")
    size = COMPONENTS.get(kind, 0) * COMPONENT_BYTES.get(component, 0)
    if not size:
        raise Untrue(f"{what} has the type {kind[:20]} of {component}, which glTF does not know")
    if "sparse" in accessor:
        _check_sparse(what, accessor, count, size, views)
    if "bufferView" not in accessor:
        # Draco's accessors have no bytes either; how many triangles they may be is checked where they are unpacked.
        if count > _MAX_ZEROS * 20:
            raise Untrue(f"{what} speaks of {count} elements, more than the file holds")
        return
    view = count_of(accessor, "bufferView", what)
    if view >= len(views):
        raise Untrue(f"{what} names a buffer view that is missing")
    if count and start + (count - 1) * max(views[view].stride, size) + size > views[view].length:
        raise Untrue(f"{what} speaks of {count} elements, more than the file holds")


def _check_sparse(what: str, accessor: dict[str, Any], count: int, size: int, views: list[View]) -> None:
    sparse = object_of(accessor, "sparse", what)
    changed = count_of(sparse, "count", f"{what}'s sparse")
    if changed > count:
        raise Untrue(f"{what} changes {changed} of its {count} elements, which cannot be")
    indices, values = object_of(sparse, "indices", what), object_of(sparse, "values", what)
    width = {5121: 1, 5123: 2, 5125: 4}.get(count_of(indices, "componentType", f"{what}'s sparse"))
    if width is None:
        raise Untrue(f"{what} has sparse indices of a type that glTF does not know")
    for part, each in ((indices, width), (values, size)):
        view = count_of(part, "bufferView", f"{what}'s sparse")
        start = count_of(part, "byteOffset", f"{what}'s sparse", 0)
        if view >= len(views) or start + changed * each > views[view].length:
            raise Untrue(f"{what} speaks of {changed} sparse elements, more than the file holds")


def _check_nodes(nodes: dict[int, dict[str, Any]]) -> None:
    """The nodes must be trees: at most one parent each, no circle."""
    if len(nodes) > MAX_NODES:
        raise Untrue(f"has {len(nodes):,} nodes; a room may have {MAX_NODES:,}, so join them before exporting")
    parents: dict[int, int] = {}
    for number, node in nodes.items():
        children = node.get("children", [])
        if not isinstance(children, list) or not all(type(c) is int and c in nodes for c in children):
            raise Untrue(f"node {number} has children that don't exist")
        for child in children:
            if child in parents or child == number:
                raise Untrue(f"node {child} hangs under two nodes or under itself; glTF nodes form trees")
            parents[child] = number
    clear: set[int] = set()
    for number in nodes:
        way, at = set(), number
        while at in parents and at not in clear:
            if at in way:
                raise Untrue(f"node {at} hangs under itself; glTF nodes form trees")
            way.add(at)
            at = parents[at]
        clear |= way
