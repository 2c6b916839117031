"""What is checked of a glTF file before its numbers are believed: all that could send a reader astray.

A file from elsewhere may promise more than it holds, name files that are none of its business, or hang its
nodes in a circle. It is refused here in one line that says what is wrong, before anything grows.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

READABLE_EXTENSIONS = frozenset({"KHR_materials_unlit", "KHR_texture_transform", "KHR_materials_emissive_strength"})
"""Required glTF extensions without which a file is still read rightly enough for shape and colour."""

MAX_NODES = 20_000

_JSON_CHUNK = 0x4E4F534A
_COMPONENT_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
# A spec-true accessor may have no bytes at all (all zeros); none of a room needs many of those.
_MAX_ZEROS = 1_000_000

Sized = Callable[[str], int | None]


class Untrue(ValueError):
    """A glTF file is not what it says it is; `str()` tells why."""


def check_gltf(raw: bytes, size_of: Sized) -> None:
    """Raises `Untrue` unless the file's header, extensions, files, buffers and nodes hold what they promise.

    size_of: bytes of a file that the glTF names, None if it is missing; raises `Untrue` if it may not be read.
    """
    data = _json(raw)
    needed = data.get("extensionsRequired", [])
    if not isinstance(needed, list):
        raise Untrue("its extensionsRequired is not a list, as glTF wants; export it again")
    unknown = sorted({str(e) for e in needed} - READABLE_EXTENSIONS)
    if unknown:
        names = ", ".join(unknown)[:200]
        raise Untrue(f"needs the glTF extension {names}, which xrlab can't read yet; export it without compression")
    sizes = [_buffer_bytes(number, buffer, raw, size_of) for number, buffer in _parts(data, "buffers")]
    for _, image in _parts(data, "images"):
        _named_bytes(image.get("uri"), size_of)
    views = [_view_bytes(number, view, sizes) for number, view in _parts(data, "bufferViews")]
    for number, accessor in _parts(data, "accessors"):
        _check_accessor(number, accessor, views)
    _check_nodes(data)


def _json(raw: bytes) -> dict[str, Any]:
    data: Any
    try:
        if raw[:4] == b"glTF":
            _, _, total, length, kind = struct.unpack_from("<4sIIII", raw)
            if total > len(raw) or kind != _JSON_CHUNK or 20 + length > total:
                raise Untrue(f"is cut short: its header speaks of {total} bytes, the file has {len(raw)}")
            data = json.loads(raw[20 : 20 + length])
        else:
            data = json.loads(raw)
    except Untrue:
        raise
    except (struct.error, ValueError, RecursionError):
        raise Untrue("is no glTF: its header or its JSON cannot be read; export it again") from None
    if not isinstance(data, dict):
        raise Untrue("is no glTF: its JSON is not an object; export it again")
    return data


def _parts(data: dict[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    parts = data.get(key, [])
    if not isinstance(parts, list) or not all(isinstance(p, dict) for p in parts):
        raise Untrue(f"its {key} are not a list of objects, as glTF wants; export it again")
    return iter(enumerate(parts))


def _count(part: dict[str, Any], key: str, what: str, default: int | None = None) -> int:
    value = part.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Untrue(f"{what} has the {key} {str(value)[:40]}; a whole number from 0 on is right")
    return value


def _named_bytes(uri: Any, size_of: Sized) -> int | None:
    """Bytes of what an uri names; None without an uri, the most it can hold for data in the uri itself."""
    if uri is None:
        return None
    if not isinstance(uri, str):
        raise Untrue("names a file by something that is no text; export it again")
    if uri.startswith("data:"):
        return len(uri)
    size = size_of(uri)
    if size is None:
        raise Untrue(f"names a file that is missing: {uri[:80]}")
    return size


def _buffer_bytes(number: int, buffer: dict[str, Any], raw: bytes, size_of: Sized) -> int:
    named = _named_bytes(buffer.get("uri"), size_of)
    promised = _count(buffer, "byteLength", f"buffer {number}")
    held = len(raw) if named is None else named
    if promised > held:
        raise Untrue(f"buffer {number} speaks of {promised} bytes, more than the file holds")
    return promised


def _view_bytes(number: int, view: dict[str, Any], sizes: list[int]) -> tuple[int, int]:
    """Bytes of a buffer view, and its stride (0: packed)."""
    what = f"buffer view {number}"
    buffer = _count(view, "buffer", what)
    start, length = _count(view, "byteOffset", what, 0), _count(view, "byteLength", what)
    if buffer >= len(sizes) or start + length > sizes[buffer]:
        raise Untrue(f"{what} reaches beyond its buffer; the file is cut short or damaged")
    return length, _count(view, "byteStride", what, 0)


def _check_accessor(number: int, accessor: dict[str, Any], views: list[tuple[int, int]]) -> None:
    what = f"accessor {number}"
    count, start = _count(accessor, "count", what), _count(accessor, "byteOffset", what, 0)
    kind, component = accessor.get("type"), accessor.get("componentType")
    if not isinstance(kind, str) or not isinstance(component, int):
        raise Untrue(f"{what} has no type of glTF; export it again")
    size = _COMPONENTS.get(kind, 0) * _COMPONENT_BYTES.get(component, 0)
    if not size:
        raise Untrue(f"{what} has the type {kind[:20]} of {component}, which glTF does not know")
    if "bufferView" not in accessor:
        if count > _MAX_ZEROS:
            raise Untrue(f"{what} speaks of {count} elements, more than the file holds")
        return
    view = _count(accessor, "bufferView", what)
    if view >= len(views):
        raise Untrue(f"{what} names a buffer view that is missing")
    held, stride = views[view]
    if count and start + (count - 1) * max(stride, size) + size > held:
        raise Untrue(f"{what} speaks of {count} elements, more than the file holds")


def _check_nodes(data: dict[str, Any]) -> None:
    """The nodes must be trees: at most one parent each, no circle."""
    nodes = dict(_parts(data, "nodes"))
    if len(nodes) > MAX_NODES:
        raise Untrue(f"has {len(nodes):,} nodes; a room may have {MAX_NODES:,}, so join them before exporting")
    parents: dict[int, int] = {}
    for number, node in nodes.items():
        children = node.get("children", [])
        if not isinstance(children, list) or not all(isinstance(c, int) and c in nodes for c in children):
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
