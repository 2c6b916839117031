"""The scan formats themselves: PLY and PCD read here, LAS and LAZ by laspy with lazrs, E57 by pye57.

Each opener reads the head of its file, checks it against the file's length, and gives the points in pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from xrlab.errors import InputError
from xrlab.geometry.transforms import Array
from xrlab.room.scans.pieces import PIECE, Damaged, Piece, Source

_MOST_HEAD = 65_536
_MOST_XML = 20_000_000
_MOST_PACKED = 2_000_000_000
_MOST_ROW = 4096

_PLY_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4",
    "double": "f8", "float64": "f8",
}  # fmt: skip


def missing(package: str) -> InputError:
    """The error where the package that reads a format is not installed."""
    return InputError(f"reading this kind of scan needs {package}, which is not installed: pip install 'xrlab[scan]'")


# --- PLY ------------------------------------------------------------------------------------------------


def ply_has_faces(path: Path) -> bool:
    """Whether a PLY file's head names faces; True too for a file that is no PLY, which is no cloud either."""
    try:
        with path.open("rb") as file:
            head = file.read(_MOST_HEAD)
    except (OSError, ValueError):
        return True
    head, end, _ = head.partition(b"end_header")
    if not head.startswith(b"ply") or not end:
        return True
    found = re.search(rb"^element\s+(?:face|tristrips)\s+([0-9]+)", head, re.MULTILINE)
    return found is not None and int(found[1][:20]) > 0


def _ply_head(file: IO[bytes]) -> tuple[str, int, list[tuple[str, str]]]:
    """Format, number of vertices, and names and types of a vertex's properties; `file` is left at the data."""
    lines: list[str] = []
    size = 0
    while not lines or lines[-1] != "end_header":
        raw = file.readline(_MOST_ROW)
        size += len(raw)
        if not raw.endswith(b"\n") or size > _MOST_HEAD:
            raise Damaged("is no PLY file: its head does not end; export it again")
        lines.append(raw.decode("ascii", errors="replace").strip())
    if lines[0] != "ply":
        raise Damaged("is no PLY file: it does not begin with 'ply'")
    form, count, fields, element = "", -1, [], ""
    for words in (line.split() for line in lines[1:]):
        if len(words) > 1 and words[0] == "format":
            form = words[1]
        elif len(words) == 3 and words[0] == "element":
            if count < 0 and words[1] != "vertex":
                raise Damaged("holds something else before its points; export it again as a plain point cloud")
            element = words[1]
            if element == "vertex":
                count = _number(words[2])
        elif words and words[0] == "property" and element == "vertex":
            if len(words) != 3 or words[1] not in _PLY_TYPES:
                raise Damaged(f"has a vertex property that is no plain number: '{' '.join(words)[:60]}'")
            fields.append((words[2], _PLY_TYPES[words[1]]))
    if count < 0:
        raise Damaged("has no vertices; a point cloud is needed")
    return form, count, fields


def open_ply(path: Path) -> Source:
    """A PLY without faces: ASCII or binary, whatever its properties, as long as x, y and z are among them."""
    with path.open("rb") as file:
        form, count, fields = _ply_head(file)
        start = file.tell()
    _check_fields([name for name, _ in fields])
    if form == "ascii":
        _check_length(path, start, count, 2 * len(fields))
        return Source(count, _text_pieces(path, start, count, [name for name, _ in fields]))
    orders = {"binary_little_endian": "<", "binary_big_endian": ">"}
    if form not in orders:
        raise Damaged(f"is a PLY of an unknown format: '{form[:40]}'; export it again")
    kind = np.dtype([(name, orders[form] + code) for name, code in fields])
    _check_length(path, start, count, kind.itemsize)
    return Source(count, _binary_pieces(path, start, count, kind))


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Damaged(f"says that it holds '{text[:40]}' points; a whole number is needed")
    return int(text)


def _check_fields(names: list[str]) -> None:
    absent = [c for c in "xyz" if c not in names]
    if absent:
        raise Damaged(f"has points without {', '.join(absent)}; export it again with x, y and z")
    if len(set(names)) != len(names) or len(names) > 256:
        raise Damaged("names the same property of its points twice; export it again")


def _check_length(path: Path, start: int, count: int, row: int) -> None:
    """That the file is long enough for what its head promises."""
    have = path.stat().st_size - start
    if count * row > have:
        raise Damaged(
            f"says that it holds {count:,} points, which take {count * row:,} bytes, but only {have:,} follow; "
            "it is cut short, export or copy it again"
        )
    if count == 0:
        raise Damaged("holds no points")


def _binary_pieces(path: Path, start: int, count: int, kind: np.dtype[Any]) -> Iterator[Piece]:
    with path.open("rb") as file:
        file.seek(start)
        for first in range(0, count, PIECE):
            rows = np.fromfile(file, kind, min(PIECE, count - first))
            yield _piece({name: rows[name] for name in kind.names or ()})


def _text_pieces(
    path: Path, start: int, count: int, names: list[str], singles: frozenset[str] = frozenset()
) -> Iterator[Piece]:
    """Points that are lines of numbers; `singles`: fields that are float32, in whose bits colours may be."""
    import io

    left, size = count, PIECE // 8
    with path.open("rb") as file:
        file.seek(start)
        while left > 0:
            lines = file.readlines(size * 40)[:left]
            if not lines:
                raise Damaged(f"ends after {count - left:,} of {count:,} points; it is cut short, export it again")
            if max(map(len, lines)) > _MOST_ROW:
                raise Damaged("has lines that are no points; export it again")
            try:
                rows = np.loadtxt(io.BytesIO(b"".join(lines)), float, ndmin=2, comments=None)
            except ValueError:
                where = f"near point {count - left + 1:,}"
                raise Damaged(f"has a line {where} that is not {len(names)} numbers; export it again") from None
            if rows.shape[1] != len(names):
                raise Damaged(f"has {rows.shape[1]} numbers for a point, but names {len(names)}; export it again")
            left -= len(lines)
            columns = {name: rows[:, k] for k, name in enumerate(names)}
            yield _piece({n: c.astype(np.float32) if n in singles else c for n, c in columns.items()})


def _piece(columns: dict[str, NDArray[Any]]) -> Piece:
    """Places, colours and normals out of columns with the usual names."""
    points = np.column_stack([columns[c] for c in "xyz"]).astype(float)
    colors = None
    for names in (("red", "green", "blue"), ("diffuse_red", "diffuse_green", "diffuse_blue"), ("r", "g", "b")):
        if all(n in columns for n in names):
            colors = _bytes(np.column_stack([columns[n] for n in names]))
    for name in ("rgb", "rgba"):
        if name in columns:
            packed = columns[name]
            if packed.dtype.itemsize == 4 and packed.dtype.kind == "f":
                packed = np.ascontiguousarray(packed).view(np.uint32)  # three bytes in the bits of a float
            bits = np.nan_to_num(packed, nan=0, posinf=0, neginf=0).astype(np.int64)
            colors = np.column_stack([(bits >> s) & 255 for s in (16, 8, 0)]).astype(np.uint8)
    for name in ("intensity", "scalar_intensity"):
        if colors is None and name in columns:
            colors = _greys(columns[name])
    facing = None
    for names in (("nx", "ny", "nz"), ("normal_x", "normal_y", "normal_z")):
        if all(n in columns for n in names):
            facing = _unit(np.column_stack([columns[n] for n in names]).astype(float))
    return Piece(points, colors, facing)


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Colours as bytes: from bytes, from 16 bits, or from floats in 0..1."""
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    numbers = np.nan_to_num(np.asarray(values, float), posinf=0.0, neginf=0.0)
    top = numbers.max(initial=0.0)
    scale = 255.0 if top <= 1.0 and values.dtype.kind == "f" else 1.0 if top <= 255.0 else 1 / 257.0
    return np.asarray(np.clip(np.round(numbers * scale), 0, 255), np.uint8)


def _greys(intensity: NDArray[Any]) -> NDArray[np.uint8]:
    """How strongly points sent the scanner's light back, as greys."""
    values = np.nan_to_num(np.asarray(intensity, float), posinf=0.0, neginf=0.0)
    low, high = np.percentile(values, (1, 99)) if len(values) else (0.0, 1.0)
    shares = np.clip((values - low) / max(high - low, 1e-9), 0, 1)
    return np.repeat(np.round(60 + 180 * shares).astype(np.uint8)[:, None], 3, axis=1)


def _unit(ways: Array) -> Array:
    with np.errstate(all="ignore"):
        out: Array = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    return np.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0)


# --- PCD ------------------------------------------------------------------------------------------------

_PCD_TYPES = {("F", "4"): "<f4", ("F", "8"): "<f8", ("U", "1"): "u1", ("U", "2"): "<u2", ("U", "4"): "<u4",
              ("U", "8"): "<u8", ("I", "1"): "i1", ("I", "2"): "<i2", ("I", "4"): "<i4", ("I", "8"): "<i8"}  # fmt: skip


def open_pcd(path: Path) -> Source:
    """A PCD of the Point Cloud Library: ascii, binary or binary_compressed."""
    head: dict[str, list[str]] = {}
    with path.open("rb") as file:
        while "DATA" not in head:
            raw = file.readline(_MOST_ROW)
            if not raw.endswith(b"\n") or file.tell() > _MOST_HEAD:
                raise Damaged("is no PCD file: its head does not end; export it again")
            words = raw.decode("ascii", errors="replace").split()
            if words and not words[0].startswith("#"):
                head[words[0]] = words[1:]
        start = file.tell()
    names, sizes, types = (head.get(k, []) for k in ("FIELDS", "SIZE", "TYPE"))
    counts = head.get("COUNT", ["1"] * len(names))
    if not names or not len(names) == len(sizes) == len(types) == len(counts):
        raise Damaged("has a head whose FIELDS, SIZE, TYPE and COUNT are not of one length; export it again")
    # fields that stand for gaps are all called "_"
    names = [f"_{k}" if n == "_" else n for k, n in enumerate(names)]
    _check_fields(names)
    kinds: list[tuple[str, str, int]] = []
    for name, kind, size, number in zip(names, types, sizes, counts, strict=True):
        code = _PCD_TYPES.get((kind, size))
        if code is None or not re.fullmatch(r"[0-9]{1,4}", number) or int(number) == 0:
            raise Damaged(f"has a field '{name[:40]}' of an unknown type; export it again")
        kinds.append((name, code, int(number)))
    if any(n > 1 for name, _, n in kinds if name in "xyz"):
        raise Damaged("has several x, y or z for a point; export it again")
    count = _number((head.get("POINTS") or ["none"])[0])
    form = (head["DATA"] or [""])[0]
    if form == "ascii":
        flat = [name if k == 0 else f"{name} {k}" for name, _, n in kinds for k in range(n)]
        _check_length(path, start, count, 2 * len(flat))
        packed = frozenset(name for name, code, _ in kinds if code == "<f4" and name.startswith("rgb"))
        return Source(count, _text_pieces(path, start, count, flat, packed))
    dtype = np.dtype([(name, code, n) if n > 1 else (name, code) for name, code, n in kinds])
    if form == "binary":
        _check_length(path, start, count, dtype.itemsize)
        return Source(count, _binary_pieces(path, start, count, dtype))
    if form == "binary_compressed":
        return Source(count, _packed_pieces(path, start, count, kinds))
    raise Damaged(f"holds its points in an unknown way: '{form[:40]}'; export it as binary")


def _packed_pieces(path: Path, start: int, count: int, kinds: list[tuple[str, str, int]]) -> Iterator[Piece]:
    """The points of a compressed PCD: all of one field, then all of the next, packed as LZF does."""
    size = sum(np.dtype(code).itemsize * n for _, code, n in kinds) * count
    with path.open("rb") as file:
        file.seek(start)
        lengths = np.fromfile(file, "<u4", 2)
        if len(lengths) < 2 or int(lengths[1]) != size or size > _MOST_PACKED:
            raise Damaged("has packed points of another length than its head says; export it as binary")
        _check_length(path, start + 8, int(lengths[0]), 1)
        data = _unpacked(file.read(int(lengths[0])), size)
    columns, first = {}, 0
    for name, code, n in kinds:
        values = np.frombuffer(data, code, count * n, first)
        first += values.nbytes
        if n == 1:
            columns[name] = values
    for at in range(0, count, PIECE):
        yield _piece({name: values[at : at + PIECE] for name, values in columns.items()})


def _unpacked(packed: bytes, size: int) -> bytearray:
    """LZF, a format of runs and of copies of what came before; raises `Damaged` where that does not add up."""
    out = bytearray()
    at, end = 0, len(packed)
    try:
        while at < end:
            control = packed[at]
            at += 1
            if control < 32:
                out += packed[at : at + control + 1]
                at += control + 1
            else:
                length = control >> 5
                if length == 7:
                    length += packed[at]
                    at += 1
                back = ((control & 31) << 8) + packed[at] + 1
                at += 1
                begin = len(out) - back
                if begin < 0:
                    raise Damaged("has packed points that don't add up; export it as binary")
                length += 2
                if back >= length:
                    out += out[begin : begin + length]
                else:  # the copy runs into itself
                    out += (out[begin:] * (length // back + 1))[:length]
            if len(out) > size:
                break
    except IndexError:
        pass
    if len(out) != size:
        raise Damaged("has packed points that don't add up; export it as binary")
    return out


# --- LAS and LAZ ----------------------------------------------------------------------------------------


def open_las(path: Path) -> Source:
    """LAS or LAZ; z is up by its definition."""
    try:
        import laspy
        import lazrs  # noqa: F401 - laspy looks for it by itself
    except ImportError:
        raise missing("laspy with lazrs") from None
    _check_las(path)
    with laspy.open(path) as reader:
        head = reader.header
        count, packed = int(head.point_count), bool(head.are_points_compressed)
        row, start = int(head.point_format.size), int(head.offset_to_point_data)
    if count == 0:
        raise Damaged("holds no points")
    if not packed:
        _check_length(path, start, count, row)
    elif count > 4000 * path.stat().st_size:
        raise Damaged(f"says that it holds {count:,} points, more than a file of its length can; export it again")
    return Source(count, _las_pieces(path), z_up=True)


def _check_las(path: Path) -> None:
    """That the records which the head of a LAS file names can all be in it, before a reader looks for them."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(375)
    if len(head) < 227 or head[:4] != b"LASF":
        raise Damaged("is no LAS file")

    def number(at: int, width: int) -> int:
        return int.from_bytes(head[at : at + width], "little")

    length, start, records = number(94, 2), number(96, 4), number(100, 4)
    more_at, more = (number(235, 8), number(243, 4)) if head[25] >= 4 and len(head) == 375 else (0, 0)
    fits = length <= start <= size and length + 54 * records <= start and more_at + 60 * more <= size
    if not fits or max(records, more) > 100_000:
        raise Damaged("is cut short or damaged: it names more than it holds; export or copy it again")


def _las_pieces(path: Path) -> Iterator[Piece]:
    import laspy

    with laspy.open(path) as reader:
        names = set(reader.header.point_format.dimension_names)
        for part in reader.chunk_iterator(PIECE):
            points = np.column_stack((part.x, part.y, part.z)).astype(float)
            if {"red", "green", "blue"} <= names:
                colors = _bytes(np.column_stack((part.red, part.green, part.blue)))
            else:
                colors = _greys(np.asarray(part.intensity))
            yield Piece(points, colors)


# --- E57 ------------------------------------------------------------------------------------------------


def open_e57(path: Path) -> Source:
    """E57, all its scans; z is up by its definition. Points face the place of the scanner that saw them."""
    try:
        import pye57
    except ImportError:
        raise missing("pye57") from None
    _check_e57(path)
    file = pye57.E57(str(path))
    try:
        scans = [file.get_header(k) for k in range(file.scan_count)]
        count = sum(int(s.point_count) for s in scans)
    finally:
        file.close()
    if not count:
        raise Damaged("holds no points")
    return Source(count, _e57_pieces(path), z_up=True)


def _check_e57(path: Path) -> None:
    """That head and length of an E57 fit, and that its XML is small and plain, before a parser sees it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(48)
        if len(head) < 48 or head[:8] != b"ASTM-E57":
            raise Damaged("is no E57 file")
        length, at, xml, page = (int(v) for v in np.frombuffer(head, "<u8", 4, 16))
        if length != size or page != 1024 or size % page or at >= size or xml > size:
            raise Damaged("is cut short or damaged: its length is not what its head says; export or copy it again")
        if xml > _MOST_XML:
            raise Damaged(f"has a description of {xml:,} bytes; {_MOST_XML:,} are the most, export it again")
        # each page of 1024 bytes ends with a checksum of four
        file.seek(at // page * page)
        rows = file.read((xml // 1020 + 2) * page)
    text = b"".join(rows[k : k + 1020] for k in range(0, len(rows), page))[at % page :][:xml]
    if b"<!" in text.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise Damaged("has a description that defines words of its own, which no scanner writes; export it again")


_E57_FIELDS = {"cartesianX", "cartesianY", "cartesianZ", "sphericalRange", "sphericalAzimuth", "sphericalElevation",
               "colorRed", "colorGreen", "colorBlue", "intensity", "cartesianInvalidState",
               "sphericalInvalidState"}  # fmt: skip


def _e57_pieces(path: Path) -> Iterator[Piece]:
    import pye57

    file = pye57.E57(str(path))
    try:
        heads = [file.get_header(k) for k in range(file.scan_count)]
        stations = {tuple(np.round(h.translation, 3).tolist()) for h in heads if h.has_pose()}
        for number, head in enumerate(heads):
            names = [n for n in head.point_fields if n in _E57_FIELDS]
            capacity = max(1, min(PIECE, int(head.point_count)))
            data, buffers = file.make_buffers(names, capacity)
            reader = head.points.reader(buffers)
            # scans that were merged into one have lost where their scanners stood
            known = head.has_pose() and (len(stations) > 1 or "rowIndex" in head.point_fields)
            turn, shift = np.eye(3), np.zeros(3)
            if head.has_pose():
                turn, shift = np.asarray(head.rotation_matrix, float), np.asarray(head.translation, float)
            left = int(head.point_count)
            while left > 0 and (got := int(reader.read())) > 0:
                left -= got
                yield _e57_piece({n: data[n][:got] for n in data}, turn, shift, known)
            reader.close()
            if left > 0:
                raise Damaged(f"ends before all points of its scan {number + 1} have come; export it again")
    finally:
        file.close()


def _e57_piece(data: dict[str, NDArray[Any]], turn: Array, shift: Array, placed: bool) -> Piece:
    if "cartesianX" in data:
        own = np.column_stack([data[f"cartesian{c}"] for c in "XYZ"]).astype(float)
    elif "sphericalRange" in data:
        far, round_, up = (
            data[f"spherical{n}"].astype(float) for n in ("Range", "Azimuth", "Elevation")
        )  # as ASTM E2807 defines them
        own = np.column_stack((np.cos(up) * np.cos(round_), np.cos(up) * np.sin(round_), np.sin(up))) * far[:, None]
    else:
        raise Damaged("has points without places; export it again")
    good = np.ones(len(own), bool)
    for name in ("cartesianInvalidState", "sphericalInvalidState"):
        if name in data:
            good &= data[name] == 0
    colors = None
    if "colorRed" in data:
        colors = _bytes(np.column_stack([data[f"color{c}"] for c in ("Red", "Green", "Blue")]))[good]
    elif "intensity" in data:
        colors = _greys(data["intensity"])[good]
    own = own[good]
    return Piece(own @ turn.T + shift, colors, _unit(-own @ turn.T) if placed else None)
