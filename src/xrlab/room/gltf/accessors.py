"""Numbers out of a glTF file: accessors as arrays, whatever packs them (meshopt, Draco, quantised integers)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.room.gltf.container import COMPONENTS, DRACO, Gltf, Packed, Untrue, count_of, object_of

MAX_ELEMENTS = 15_000_000
"""Elements that an accessor may hold: the corners of some five million triangles."""

_TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_FULL = {5120: 127.0, 5121: 255.0, 5122: 32767.0, 5123: 65535.0, 5125: 4294967295.0}
_MAX_ZEROS = 1_000_000
_DRACO_NAMES = {"POSITION": 3, "NORMAL": 3, "TEXCOORD_0": 2, "TEXCOORD_1": 2, "COLOR_0": 4}
_POINT_CLOUD, _SEQUENTIAL = 0, 0


class Accessors:
    """The arrays of one file, each read once."""

    def __init__(self, gltf: Gltf) -> None:
        self._gltf = gltf
        self._read: dict[int, NDArray[Any]] = {}
        self._unpacked: dict[int, bytes] = {}

    def numbers(
        self, number: Any, what: str, *, columns: tuple[int, ...], rows: NDArray[np.int64] | None = None
    ) -> Array:
        """An accessor's values (n, columns), floats or normalised integers as what they stand for.

        what: who asks, for messages. columns: how many components are right. rows: which elements; all if None.
        Raises `Untrue`.
        """
        accessor = self._gltf.part("accessors", number, what)
        raw = self._raw(number, accessor)
        if raw.shape[1] not in columns:
            raise Untrue(f"{what} is of {raw.shape[1]} components, {columns[0]} are right; export it again")
        if rows is not None:
            if len(rows) and rows.max() >= len(raw):
                raise Untrue(f"{what} has {len(raw)} elements, fewer than its triangles name; export it again")
            raw = raw[rows]
        return _as_floats(raw, accessor)

    def indices(self, number: Any, what: str) -> NDArray[np.int64]:
        """An accessor's values as indices (n,); raises `Untrue` unless they are whole numbers."""
        accessor = self._gltf.part("accessors", number, what)
        raw = self._raw(number, accessor)
        if raw.shape[1] != 1 or raw.dtype.kind != "u":
            raise Untrue(f"{what} are not whole numbers; export it again")
        return raw[:, 0].astype(np.int64)

    def count(self, number: Any, what: str) -> int:
        """How many elements an accessor has."""
        return count_of(self._gltf.part("accessors", number, what), "count", what)

    def draco(self, primitive: dict[str, Any], what: str) -> tuple[NDArray[np.int64], dict[str, Array]]:
        """Triangles (m, 3) and attributes, (n, k) by their glTF name, of a primitive that Draco holds."""
        said = object_of(object_of(primitive, "extensions", what), DRACO, what)
        view_number, wanted = said.get("bufferView"), object_of(said, "attributes", what)
        if not isinstance(view_number, int) or not 0 <= view_number < len(self._gltf.views):
            raise Untrue(f"{what} names a buffer view that is missing")
        view = self._gltf.views[view_number]
        raw = bytes(self._gltf.bytes_of(view.buffer, view.start, view.length, what))
        attributes = object_of(primitive, "attributes", what)
        faces = self.count(primitive.get("indices"), what) // 3
        corners = self.count(attributes.get("POSITION"), what)
        _check_draco(raw, faces, corners, what)
        mesh = _decoded_draco(raw, what)
        found: dict[str, Array] = {}
        by_id = {a["unique_id"]: a for a in mesh.attributes}
        for name, unique_id in wanted.items():
            if name not in _DRACO_NAMES:
                continue
            data = by_id.get(unique_id, {}).get("data") if isinstance(unique_id, int) else None
            if data is None or len(data) != len(mesh.points):
                raise Untrue(f"{what} has no {name} in its Draco data; export it again")
            accessor = self._gltf.part("accessors", attributes.get(name), what)
            found[name] = _as_floats(np.asarray(data), accessor)
        return np.asarray(mesh.faces, np.int64).reshape(-1, 3), found

    def _raw(self, number: int, accessor: dict[str, Any]) -> NDArray[Any]:
        if number not in self._read:
            what = f"accessor {number}"
            columns, count = COMPONENTS[accessor["type"]], int(accessor["count"])
            if count > MAX_ELEMENTS:
                raise Untrue(f"{what} has {count:,} elements; a room may have {MAX_ELEMENTS:,}, so make it simpler")
            kind = np.dtype(_TYPES[accessor["componentType"]])
            if "bufferView" in accessor:
                start = accessor.get("byteOffset", 0)
                values = self._stretch(accessor["bufferView"], start, count, kind, columns, what)
            elif count > _MAX_ZEROS:
                raise Untrue(f"{what} speaks of {count} elements, more than the file holds")
            else:
                values = np.zeros((count, columns), kind)
            if "sparse" in accessor:
                values = self._changed(values, accessor["sparse"], kind, columns, what)
            self._read[number] = values
        return self._read[number]

    def _changed(
        self, values: NDArray[Any], sparse: dict[str, Any], kind: np.dtype[Any], columns: int, what: str
    ) -> NDArray[Any]:
        places, new = sparse["indices"], sparse["values"]
        count = int(sparse["count"])
        index_kind = np.dtype(_TYPES[places["componentType"]])
        at = self._stretch(places["bufferView"], places.get("byteOffset", 0), count, index_kind, 1, what)[:, 0]
        if len(at) and at.max() >= len(values):
            raise Untrue(f"{what} changes elements that it does not have; export it again")
        out = values.copy()
        out[at] = self._stretch(new["bufferView"], new.get("byteOffset", 0), count, kind, columns, what)
        return out

    def _stretch(
        self, number: int, start: int, count: int, kind: np.dtype[Any], columns: int, what: str
    ) -> NDArray[Any]:
        """Elements (count, columns) of a buffer view; the file's checks have seen to it that they fit."""
        view = self._gltf.views[number]
        if view.packed:
            if number not in self._unpacked:
                self._unpacked[number] = self._unpack(view.packed, f"buffer view {number}")
            content: bytes | memoryview = self._unpacked[number]
        else:
            content = self._gltf.bytes_of(view.buffer, view.start, view.length, what)
        stride = view.stride or kind.itemsize * columns
        shape, strides = (count, columns), (stride, kind.itemsize)
        return np.ndarray(shape, kind, content, start, strides) if count else np.zeros(shape, kind)

    def _unpack(self, packed: Packed, what: str) -> bytes:
        try:
            import meshopt
        except ImportError as error:
            raise _package_missing("meshopt", error) from None
        raw = bytes(self._gltf.bytes_of(packed.buffer, packed.start, packed.length, what))
        if packed.extension == "EXT_meshopt_compression" and raw[:1] == b"\xa1":
            raise Untrue(f"{what} is packed in a newer way than {packed.extension} knows; export it again")
        try:
            rows = meshopt.decode_gltf_buffer(raw, packed.count, packed.stride, packed.mode, packed.filter)
        except (ValueError, RuntimeError) as error:
            raise Untrue(f"{what} cannot be unpacked ({str(error)[:80]}); it is damaged, export it again") from None
        return bytes(np.ascontiguousarray(rows).data)


def _as_floats(raw: NDArray[Any], accessor: dict[str, Any]) -> Array:
    values = raw.astype(float)
    if accessor.get("normalized") is True and accessor["componentType"] in _FULL and raw.dtype.kind in "iu":
        values = np.maximum(values / _FULL[accessor["componentType"]], -1.0)
    return values


def _package_missing(name: str, error: ImportError) -> Untrue:
    return Untrue(f"needs the Python package {name}, which is not there ({error}); install it: pip install {name}")


def _check_draco(raw: bytes, faces: int, corners: int, what: str) -> None:
    """Whether Draco's header promises what the file's accessors say, before anything is unpacked.

    Header of Draco's bitstream 2.2: "DRACO", version, kind, method, flags; then, with numbers of seven bits a
    byte, triangles and points (or, for edge breaking, its traversal, points and triangles).
    """
    if raw[:5] != b"DRACO" or len(raw) < 14:
        raise Untrue(f"{what} has no Draco data where it says so; it is damaged, export it again")
    flags = int.from_bytes(raw[9:11], "little")
    if raw[5] != 2 or raw[7] == _POINT_CLOUD or flags & 0x8000:
        raise Untrue(f"{what} holds Draco data of a kind that glTF does not have; export it again")
    if raw[8] == _SEQUENTIAL:
        promised, at = _seven_bits(raw, 11)
        points, _ = _seven_bits(raw, at)
    else:
        points, at = _seven_bits(raw, 12)
        promised, _ = _seven_bits(raw, at)
    # Draco may cut a mesh along its seams, so some more are no lie; many more are.
    if promised > 2 * faces + 100 or points > 2 * corners + 100:
        raise Untrue(f"{what} has Draco data of {promised} triangles and {points} points, more than it speaks of")
    if max(promised * 3, points) > MAX_ELEMENTS:
        raise Untrue(f"{what} has {promised:,} triangles; make it simpler first")


def _seven_bits(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for k in range(6):
        byte = raw[at + k] if at + k < len(raw) else 0
        value |= (byte & 0x7F) << (7 * k)
        if byte < 0x80:
            return value, at + k + 1
    return value, at + 6


def _decoded_draco(raw: bytes, what: str) -> Any:
    try:
        import DracoPy
    except ImportError as error:
        raise _package_missing("DracoPy", error) from None
    try:
        mesh = DracoPy.decode(raw)
    except Exception as error:  # its errors are of several kinds
        raise Untrue(f"{what} has Draco data that cannot be unpacked ({str(error)[:80]}); export it again") from None
    if not hasattr(mesh, "faces"):
        raise Untrue(f"{what} has Draco data without triangles; export it again")
    return mesh
