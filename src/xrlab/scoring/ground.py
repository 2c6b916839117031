"""The room as marks are reckoned in it: what blocks sight and bullets, doors, zones and their floor.

A live run and a recording must give the same marks to the byte. So both take the room from the same bytes: `Ground.of`
packs a room (millimetres, whole numbers) and unpacks it again, and a recording holds those bytes. Recordings come from
strangers, so `Ground.unpacked` believes nothing: sizes, places and indices are checked before anything is made of them.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.leaves import Leaves
from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Room
from xrlab.room.zones import Zone

FLOOR_GRID_M = 0.5
"""Points of a zone's free floor lie so far apart, as where rooms are searched while a run goes on."""

MAX_TRIANGLES = 1_000_000
MAX_FLOOR_POINTS = 500_000
MAX_NAMED = 5000
"""Most doors, zones and points."""

_MAX_RAW = 96 * 2**20
_MAX_MM = 2**31 - 1
_MAX_BASE_MM = 10**11
_MM = 1000.0
_EFFORT = 6


@dataclass(frozen=True)
class Leaf:
    """A door leaf or the leaf of a window, as `room.model.Door` describes it.

    hinge: where its axis meets the floor (m). hides: whether it blocks sight. sill: more than 0 for a window's.
    """

    name: str
    hinge: Vec3
    closed_yaw: float
    swing: float
    width: float
    height: float
    seconds: float
    begins_open: float
    sill: float
    material: str
    hides: bool

    @property
    def passable(self) -> bool:
        """Whether one walks through it."""
        return self.sill <= 0.0

    @cached_property
    def middle(self) -> Vec3:
        """Middle of the doorway on the floor."""
        x, y, z = self.hinge
        half = self.width / 2
        return x + math.cos(self.closed_yaw) * half, y + math.sin(self.closed_yaw) * half, z


@dataclass(frozen=True)
class Ground:
    """A room for marks. Two of the same bytes are equal in all that is reckoned from them.

    vertices: (n, 3) metres. faces: (m, 3). materials: names. material_of: (m,) of each triangle, index of `materials`.
    hiding: (materials,) which block sight. floor: points (n, 3) of each zone's free floor. points: named places.
    level: height of the room's floor (m). data: its bytes.
    """

    vertices: Array
    faces: NDArray[np.int32]
    materials: tuple[str, ...]
    material_of: NDArray[np.uint8]
    hiding: NDArray[np.bool_]
    doors: Mapping[str, Leaf]
    zones: Mapping[str, Zone]
    floor: Mapping[str, Array]
    points: Mapping[str, Vec3] = field(default_factory=dict)
    level: float = 0.0
    data: bytes = b""

    @classmethod
    def of(cls, room: Room) -> Ground | None:
        """The ground of a room, made once for each; None for one too large to be recorded, which has no such marks."""
        key = ("ground",)
        if key not in room.worked_out:
            data = _packed(room)
            room.worked_out[key] = None if data is None else cls.unpacked(data)
        made: Ground | None = room.worked_out[key]
        return made

    @classmethod
    def unpacked(cls, data: bytes) -> Ground:
        """The ground that `data` holds; raises ValueError, in one line, for anything that is none."""
        try:
            return _Reader(data).ground()
        except (
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            ArithmeticError,
            RecursionError,
            zlib.error,
        ) as error:
            said = str(error).partition("\n")[0]
            raise ValueError(said if said.startswith("its room") else f"its room does not fit: {said}") from None

    def place(self, at: str | Sequence[float]) -> Vec3 | None:
        """Where a place of a scenario lies, as `scenario.places.stand` says; None for a name that is not known."""
        if not isinstance(at, str):
            return float(at[0]), float(at[1]), self.level
        if at in self.points:
            return self.points[at]
        if at in self.zones:
            return (*self.zones[at].centre, self.zones[at].floor)
        return self.doors[at].middle if at in self.doors else None

    @cached_property
    def opaque(self) -> RayMesh:
        """The triangles that block sight."""
        return RayMesh(self.vertices, self.faces[self.hiding[self.material_of]])

    @cached_property
    def leaves(self) -> tuple[tuple[Leaf, ...], Leaves]:
        """The leaves that hide something, in order, and the same as sheets that can be looked against."""
        hiding = tuple(leaf for leaf in self.doors.values() if leaf.hides)
        return hiding, Leaves(
            np.array([d.hinge for d in hiding]).reshape(-1, 3),
            np.array([d.width for d in hiding]),
            np.array([d.height for d in hiding]),
        )


# --- packing --------------------------------------------------------------------------------------------------


def _packed(room: Room) -> bytes | None:
    """A room's bytes: a header (JSON) and arrays of whole numbers, compressed."""
    count = sum(len(s.faces) for s in room.surfaces)
    if count > MAX_TRIANGLES or max(len(room.doors), len(room.zones), len(room.points)) > MAX_NAMED:
        return None
    corners = [s.vertices[s.faces].reshape(-1, 3) for s in room.surfaces]
    mm = np.rint(np.concatenate(corners or [np.zeros((0, 3))]) * _MM)
    if not np.isfinite(mm).all() or (len(mm) and np.abs(mm).max() > _MAX_BASE_MM):
        return None
    base = mm.min(axis=0) if len(mm) else np.zeros(3)
    if len(mm) and (mm - base).max() > _MAX_MM:
        return None
    places, index = np.unique((mm - base).astype(np.int64), axis=0, return_inverse=True)
    faces = index.reshape(-1, 3)
    names = sorted({s.material for s in room.surfaces})
    kinds = np.repeat([names.index(s.material) for s in room.surfaces], [len(s.faces) for s in room.surfaces])
    flat = (faces[:, 0] == faces[:, 1]) | (faces[:, 1] == faces[:, 2]) | (faces[:, 2] == faces[:, 0])
    faces, kinds = faces[~flat], kinds[~flat]
    zones, floor = _packed_zones(room)
    if len(floor) > MAX_FLOOR_POINTS:
        return None
    header = {
        "base": [int(b) for b in base],
        "vertices": len(places),
        "triangles": len(faces),
        "materials": [[n, MATERIALS[n].blocks_sight] for n in names],
        "doors": _packed_doors(room),
        "zones": zones,
        "points": [[n, [_mm(c) for c in p.position]] for n, p in room.points.items()],
        "level": _mm(room.floor),
    }
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    body = (
        _planes(np.diff(places, axis=0, prepend=0).transpose()) + _planes(np.diff(faces.ravel(), prepend=0))
        + kinds.astype(np.uint8).tobytes() + _planes(np.diff(floor, axis=0, prepend=0).transpose())
    )  # fmt: skip
    return zlib.compress(len(text).to_bytes(4, "little") + text + body, _EFFORT)


def _planes(array: NDArray[np.integer]) -> bytes:
    """Whole numbers as 32 bits, first all lowest bytes, then all next: like bytes beside one another pack better."""
    flat = np.ascontiguousarray(array).ravel().astype("<i4")
    return flat.view(np.uint8).reshape(-1, 4).transpose().tobytes()


def _packed_doors(room: Room) -> list[list[Any]]:
    return [
        [n, [_mm(c) for c in d.hinge], round(d.closed_yaw, 6), round(d.swing, 6), _mm(d.width), _mm(d.height),
         round(d.seconds, 6), round(d.begins_open, 6), _mm(d.sill), d.material, MATERIALS[d.material].blocks_sight]
        for n, d in room.doors.items()
    ]  # fmt: skip


def _packed_zones(room: Room) -> tuple[list[list[Any]], NDArray[np.int64]]:
    """Each zone's name, corners, heights and how many floor points it has; and all their places (n, 2), in mm."""
    zones, points = [], [np.zeros((0, 2), np.int64)]
    for name, zone in room.zones.items():
        floor = np.rint(room.floor_points(name, FLOOR_GRID_M)[:, :2] * _MM).astype(np.int64)
        corners = [[_mm(x), _mm(y)] for x, y in zone.polygon]
        middle = corners[0]
        zones.append([name, corners, _mm(zone.floor), _mm(zone.ceiling), len(floor), middle])
        points.append(floor - middle)
    return zones, np.concatenate(points)


def _mm(metres: float) -> int:
    return int(np.rint(float(metres) * _MM))


# --- reading back ---------------------------------------------------------------------------------------------


class _Reader:
    """Reads what `_packed` wrote, step by step, and stops at the first thing that can't be."""

    def __init__(self, data: bytes) -> None:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(data, _MAX_RAW)
        if unpacker.unconsumed_tail or not unpacker.eof or unpacker.unused_data:
            raise ValueError("its room is larger than a room may be, or cut off")
        self._data, self._raw, self._at = data, raw, 4
        length = int.from_bytes(raw[:4], "little")
        self._header = json.loads(self._bytes(length))
        if not isinstance(self._header, dict):
            raise ValueError("its room has no description")

    def ground(self) -> Ground:
        """All of it."""
        head = self._header
        base = np.array([_whole(b, -_MAX_BASE_MM, _MAX_BASE_MM) for b in head["base"]], np.int64)
        if base.shape != (3,):
            raise ValueError("its room has no place")
        count, many = _whole(head["vertices"], 0, 3 * MAX_TRIANGLES), _whole(head["triangles"], 0, MAX_TRIANGLES)
        materials = self._materials()
        zones, sizes, middles = self._zones()
        places = np.cumsum(self._numbers(3 * count).reshape(3, count), axis=1).transpose()
        faces = np.cumsum(self._numbers(3 * many)).reshape(many, 3)
        kinds = np.frombuffer(self._bytes(many), np.uint8)
        floor = np.cumsum(self._numbers(2 * sum(sizes)).reshape(2, -1), axis=1).transpose()
        if self._at != len(self._raw):
            raise ValueError("its room holds more than it says")
        if count and (places.min() < 0 or places.max() > _MAX_MM):
            raise ValueError("its room has a corner that is nowhere")
        if many and (faces.min() < 0 or faces.max() >= count or int(kinds.max()) >= len(materials)):
            raise ValueError("its room has a triangle whose corners or material are missing")
        if len(floor) and np.abs(floor).max() > _MAX_MM:
            raise ValueError("its room has a floor that is nowhere")
        points: dict[str, Array] = {}
        parts = np.split(floor, np.cumsum(sizes)[:-1]) if sizes else []
        for zone, part, middle in zip(zones.values(), parts, middles, strict=True):
            flat = (part + middle) / _MM
            points[zone.name] = np.column_stack((flat, np.full(len(flat), zone.floor)))
        return Ground(
            vertices=(places + base) / _MM,
            faces=faces.astype(np.int32),
            materials=tuple(n for n, _ in materials),
            material_of=kinds,
            hiding=np.array([h for _, h in materials], bool),
            doors=self._doors(),
            zones=zones,
            floor=points,
            points={_text(n): self._place(at) for n, at in _rows(head["points"], MAX_NAMED)},
            level=_metres(head["level"]),
            data=self._data,
        )

    def _bytes(self, length: int) -> bytes:
        part = self._raw[self._at : self._at + length]
        if len(part) != length:
            raise ValueError("its room is cut off")
        self._at += length
        return part

    def _numbers(self, count: int) -> NDArray[np.int64]:
        planes = np.frombuffer(self._bytes(4 * count), np.uint8).reshape(4, count)
        return np.ascontiguousarray(planes.transpose()).view("<i4").ravel().astype(np.int64)

    @staticmethod
    def _place(value: Any) -> Vec3:
        x, y, z = value
        return _metres(x), _metres(y), _metres(z)

    def _materials(self) -> list[tuple[str, bool]]:
        rows = _rows(self._header["materials"], 256)
        return [(_text(name), _flag(hides)) for name, hides in rows]

    def _doors(self) -> dict[str, Leaf]:
        out = {}
        for row in _rows(self._header["doors"], MAX_NAMED):
            name, hinge, yaw, swing, width, height, seconds, begins, sill, material, hides = row
            leaf = Leaf(
                _text(name), self._place(hinge), _number(yaw, -100, 100), _number(swing, -100, 100), _metres(width, 0),
                _metres(height, 0), _number(seconds, 0, 1e6), _number(begins, 0, 1), _metres(sill), _text(material),
                _flag(hides),
            )  # fmt: skip
            out[leaf.name] = leaf
        return out

    def _zones(self) -> tuple[dict[str, Zone], list[int], list[list[int]]]:
        zones: dict[str, Zone] = {}
        sizes, middles = [], []
        for name, corners, floor, ceiling, count, middle in _rows(self._header["zones"], MAX_NAMED):
            if not isinstance(corners, list) or not 3 <= len(corners) <= 10000 or _text(name) in zones:
                raise ValueError("its room has a zone without an outline, or twice the same")
            line = np.array([[_metres(x), _metres(y)] for x, y in corners])
            zones[name] = Zone(name, line, _metres(floor), _metres(ceiling))
            sizes.append(_whole(count, 0, MAX_FLOOR_POINTS))
            x, y = middle
            middles.append([_whole(c, -_MAX_BASE_MM, _MAX_BASE_MM) for c in (x, y)])
        if sum(sizes) > MAX_FLOOR_POINTS:
            raise ValueError("its room has too many places on its floor")
        return zones, sizes, middles


def _rows(value: Any, most: int) -> list[list[Any]]:
    if not isinstance(value, list) or len(value) > most or not all(isinstance(row, list) for row in value):
        raise ValueError("its room has a list that is none, or too long")
    return value


def _checked(value: Any, kind: Callable[[Any], bool], low: float, high: float) -> Any:
    if isinstance(value, bool) or not kind(value) or not low <= value <= high:
        raise ValueError("its room has a number that can't be")
    return value


def _whole(value: Any, low: int, high: int) -> int:
    return int(_checked(value, lambda v: isinstance(v, int), low, high))


def _number(value: Any, low: float, high: float) -> float:
    return float(_checked(value, lambda v: isinstance(v, int | float) and math.isfinite(v), low, high))


def _metres(value: Any, low: int = -_MAX_BASE_MM) -> float:
    return _whole(value, low, _MAX_BASE_MM) / _MM


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 1000:
        raise ValueError("its room has a name that is none")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("its room has a yes or no that is neither")
    return value
