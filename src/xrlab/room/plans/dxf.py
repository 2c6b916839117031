"""Reads a DXF floor plan into a `Drawing`: what the layers and blocks of it mean is told by names.

Walls: LINE, LWPOLYLINE and POLYLINE (also with a width), MLINE, ARC, CIRCLE, ELLIPSE, SPLINE, SOLID, HATCH.
Doors and windows: blocks (INSERT), or loose lines and arcs; an arc is the swing of a leaf. Furniture: blocks and
closed outlines. Names of rooms: TEXT and MTEXT. All else is counted and left out.
"""

from __future__ import annotations

import contextlib
import io
import logging
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from xrlab.errors import InputError, Problem
from xrlab.room.plans.drawing import (
    MAX_AT,
    MAX_LINES,
    Drawing,
    Label,
    Line,
    Mark,
    Outline,
    Piece,
    PlanMap,
    Point2,
    Role,
    Swing,
)

MAX_BYTES = 60_000_000
MAX_ENTITIES = 150_000
MAX_UNFOLDED = 40_000
"""Entities that blocks may unfold to; each costs some 70 µs."""
MAX_DEPTH = 16
MAX_COPIES = 1_000

_INSUNITS = {
    1: 0.0254, 2: 0.3048, 3: 1609.344, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 8: 2.54e-8, 9: 2.54e-5, 10: 0.9144,
    11: 1e-10, 12: 1e-9, 13: 1e-6, 14: 0.1, 15: 10.0, 16: 100.0, 17: 1e9, 18: 1.495978707e11, 19: 9.4607e15,
    20: 3.0857e16, 21: 0.3048006096,
}  # fmt: skip
_STEP = math.radians(7.5)
_TOUCH_M = 0.07
_SILENT = logging.NullHandler()
_DRAWN = {"LINE", "LWPOLYLINE", "POLYLINE", "MLINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "SOLID", "TRACE", "HATCH"}


@dataclass(frozen=True)
class _Path:
    """Points that an entity draws a line through; swing: for an arc; closed: back to the first; filled: no line."""

    points: tuple[Point2, ...]
    closed: bool = False
    width: float = 0.0
    swing: Swing | None = None
    filled: bool = False


@dataclass(frozen=True)
class _Loose:
    path: _Path
    layer: str
    where: str


def read_dxf(path: Path, mapping: PlanMap) -> Drawing:
    """The floor plan in a DXF file; raises `InputError` where it can't be read or is too large for a plan."""
    document = _open(path)
    reader = _Reader(path, mapping, document)
    try:
        for entity in document.modelspace():
            reader.entity(entity, "", (), "")
        return reader.finished()
    except InputError:
        raise
    except MemoryError:
        raise _wrong(path, "is too large for this machine's memory; keep one storey") from None
    except Exception as error:  # ezdxf loads much that it only finds wrong when it is asked for
        words = " ".join(str(error).split())[:120] or type(error).__name__
        raise _wrong(path, f"cannot be understood: {words}; save it again as DXF") from None


def _wrong(path: Path, what: str) -> InputError:
    return InputError(Problem(str(path), 0, 0, what))


def _open(path: Path) -> Any:
    try:
        if path.is_dir():
            raise _wrong(path, "is a directory; a DXF file is needed")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _wrong(path, f"is {size / 1e6:.0f} MB long; a plan may have {MAX_BYTES / 1e6:.0f} MB")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _wrong(path, "no such file") from None
    except (OSError, ValueError) as error:
        raise _wrong(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if raw.startswith(b"AutoCAD Binary DXF"):
        raise _wrong(path, "is a binary DXF; save it as a text (ASCII) DXF")
    if raw.startswith(b"AC10"):
        raise _wrong(path, "is a DWG file by its content; save it as DXF")
    if b"SECTION" not in raw[:100_000] or b"\0" in raw[:100_000]:
        raise _wrong(path, "is no DXF file: it has no sections; save it as a text (ASCII) DXF")
    held = sum(1 for _ in re.finditer(rb"\n[ \t]*0\r?\n[A-Z]", raw))
    if held > MAX_ENTITIES:
        raise _wrong(path, f"holds {held:,} entities; a plan may have {MAX_ENTITIES:,}, so keep one storey")
    return _parsed(path, raw)


def _parsed(path: Path, raw: bytes) -> Any:
    import ezdxf
    from ezdxf import recover

    logging.getLogger("ezdxf").addHandler(_SILENT)
    with contextlib.suppress(Exception):  # the second reader knows how to mend what the first one stops at
        return ezdxf.readfile(path, errors="ignore")
    try:
        document, _ = recover.read(io.BytesIO(raw), errors="ignore")
    except Exception as error:
        words = " ".join(str(error).split())[:120] or type(error).__name__
        raise _wrong(path, f"cannot be read as DXF: {words}; save it again as DXF") from None
    return document


@dataclass
class _Reader:
    path: Path
    mapping: PlanMap
    document: Any
    drawing: Drawing = field(init=False)
    visited: int = 0
    loose: dict[Role, list[_Loose]] = field(default_factory=dict)
    other_texts: list[Label] = field(default_factory=list)
    roles: dict[str, Role | None] = field(default_factory=dict)
    dark: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        code = self.document.header.get("$INSUNITS", 0)
        self.drawing = Drawing(self.path, _INSUNITS.get(code if isinstance(code, int) else 0))
        for layer in self.document.layers:
            if layer.is_off() or layer.is_frozen():
                self.dark.add(layer.dxf.name.lower())

    # --- going through what is drawn --------------------------------------------------------------------------

    def entity(self, entity: Any, outer: str, blocks: tuple[str, ...], handle: str) -> None:
        """Takes one entity. outer: layer of the block's INSERT. blocks: those it lies in. handle: of the outermost."""
        if blocks:
            self._count()
        own = str(entity.dxf.get("layer", "0"))
        layer = outer if own == "0" and outer else own
        kind = entity.dxftype()
        where = self._where(kind, handle or str(entity.dxf.get("handle", "") or "?"), layer)
        if layer.lower() in self.dark:
            self.drawing.left_out[f"what is on layer '{layer}', which is switched off"] += 1
            return
        role = self._role(layer)
        if kind == "INSERT":
            self._insert(entity, layer, role, blocks, handle)
        elif role == "ignore" or kind in ("VIEWPORT", "POINT", "ATTDEF"):
            return
        elif kind in ("TEXT", "MTEXT"):
            self._text(entity, role, where)
        elif role is None or role == "names":
            self.drawing.left_out[f"what is on layer '{layer}'"] += 1
        elif kind not in _DRAWN:
            self.drawing.left_out[f"{kind} on layer '{layer}'"] += 1
        else:
            for path in self._paths(entity, where):
                self._take(path, role, layer, where)

    def _count(self) -> None:
        self.visited += 1
        if self.visited > MAX_UNFOLDED:
            raise _wrong(self.path, f"unfolds to more than {MAX_UNFOLDED:,} entities; keep one storey")

    @staticmethod
    def _where(kind: str, handle: str, layer: str) -> str:
        return f"{kind} #{handle} on layer '{layer}'"

    def _role(self, layer: str) -> Role | None:
        if layer not in self.roles:
            self.roles[layer] = self.mapping.role(layer)
        return self.roles[layer]

    def _take(self, path: _Path, role: Role, layer: str, where: str) -> None:
        if role == "walls":
            if path.filled:
                self.drawing.solids.append(Outline(path.points, where, layer))
                return
            ends = (*path.points, path.points[0]) if path.closed else path.points
            for a, b in pairwise(ends):
                if a != b:
                    self.drawing.lines.append(Line(a, b, layer, where, path.width))
            if len(self.drawing.lines) > MAX_LINES:
                self.drawing.check_size()
        elif role == "rooms":
            if path.closed and len(path.points) >= 3:
                self.drawing.rooms.append(Outline(path.points, where, layer))
            else:
                self.drawing.left_out[f"lines that close no room on layer '{layer}'"] += 1
        elif role == "furniture" and path.closed and len(path.points) >= 3:
            piece = boxed(path.points, "", layer, where)
            if piece:
                self.drawing.furniture.append(piece)
        elif role == "furniture":
            self.drawing.left_out[f"lines that close no piece of furniture on layer '{layer}'"] += 1
        else:
            self.loose.setdefault(role, []).append(_Loose(path, layer, where))
        self.drawing.check_size()

    def _text(self, entity: Any, role: Role | None, where: str) -> None:
        text = entity.plain_text() if entity.dxftype() == "MTEXT" else str(entity.dxf.text)
        at = entity.dxf.insert
        if entity.dxftype() == "TEXT" and entity.dxf.hasattr("align_point") and entity.dxf.get("halign", 0):
            at = entity.dxf.align_point
        label = Label(self._at(at, where), text[:200])
        (self.drawing.labels if role in ("names", "rooms") else self.other_texts).append(label)
        self.drawing.check_size()

    # --- blocks -----------------------------------------------------------------------------------------------

    def _insert(self, insert: Any, layer: str, role: Role | None, blocks: tuple[str, ...], handle: str) -> None:
        name = str(insert.dxf.get("name", ""))
        handle = handle or str(insert.dxf.get("handle", "") or "?")
        where = self._where("INSERT", handle, layer)
        if role == "ignore":
            return
        if name in blocks or len(blocks) >= MAX_DEPTH:
            self.drawing.left_out[f"block '{name}', which contains itself ({where})"] += 1
            return
        copies = abs(insert.dxf.get("row_count", 1) * insert.dxf.get("column_count", 1))
        if copies > MAX_COPIES:
            raise _wrong(self.path, f"{where} stands for {copies:,} copies; a plan may have {MAX_COPIES:,}")
        if role not in ("doors", "windows", "openings", "furniture"):
            by_block = self.mapping.role(name) if role in (None, "rooms", "names") else role
            if by_block in ("doors", "windows", "openings", "furniture"):
                role = by_block
        many = insert.multi_insert() if copies > 1 else [insert]
        for one in many:
            if role in ("doors", "windows", "openings", "furniture"):
                self._symbol(one, name, role, layer, where, (*blocks, name))
            else:
                for part in self._inside(one):
                    self.entity(part, layer, (*blocks, name), handle)

    def _inside(self, insert: Any) -> Iterator[Any]:
        """The entities of a block, placed, each counted before it is made."""
        block = insert.block()
        if block is not None and self.visited + len(block) > MAX_UNFOLDED:
            self.visited = MAX_UNFOLDED
            self._count()
        yield from insert.virtual_entities()

    def _gathered(self, insert: Any, blocks: tuple[str, ...], where: str) -> Iterator[_Path]:
        """All that a symbol draws, in blocks inside it too."""
        for part in self._inside(insert):
            self._count()
            kind = part.dxftype()
            if kind == "INSERT":
                inner = str(part.dxf.get("name", ""))
                if inner not in blocks and len(blocks) < MAX_DEPTH:
                    yield from self._gathered(part, (*blocks, inner), where)
            elif kind in _DRAWN:
                yield from self._paths(part, where)

    def _symbol(
        self, insert: Any, name: str, role: Role, layer: str, where: str, blocks: tuple[str, ...]
    ) -> None:  # fmt: skip
        paths = list(self._gathered(insert, blocks, where))
        points = tuple(p for path in paths for p in path.points)
        if not points:
            self.drawing.left_out[f"{where}: its block '{name}' draws nothing"] += 1
            return
        named = next((str(a.dxf.text) for a in insert.attribs if str(a.dxf.get("text", "")).strip()), "")
        if role == "furniture":
            turn = math.radians(insert.dxf.get("rotation", 0.0))
            if not math.isfinite(turn):
                raise _wrong(self.path, f"{where} is turned by no finite number")
            self.drawing.furniture.append(_turned(points, turn, name, layer, where))
        elif role == "doors":
            self.drawing.doors += _doors(paths, points, where, named)
        else:
            (self.drawing.windows if role == "windows" else self.drawing.openings).append(Mark(points, where, named))
        self.drawing.check_size()

    # --- shapes -----------------------------------------------------------------------------------------------

    def _at(self, v: Any, where: str) -> Point2:
        x, y = float(v[0]), float(v[1])
        if not (math.isfinite(x) and math.isfinite(y)) or max(abs(x), abs(y)) > MAX_AT:
            raise _wrong(self.path, f"{where} has a coordinate that is no place: {x:g}, {y:g}")
        return x, y

    def _paths(self, entity: Any, where: str) -> list[_Path]:
        kind = entity.dxftype()
        if kind == "LINE":
            return [_Path((self._at(entity.dxf.start, where), self._at(entity.dxf.end, where)))]
        if kind in ("ARC", "CIRCLE"):
            return [self._arc(entity, where)]
        if kind == "ELLIPSE":
            return [_Path(tuple(self._at(v, where) for v in entity.vertices(entity.params(33))))]
        if kind == "SPLINE":
            curve = entity.construction_tool()
            return [_Path(tuple(self._at(v, where) for v in curve.approximate(24)))]
        if kind in ("LWPOLYLINE", "POLYLINE"):
            return self._polyline(entity, where)
        if kind in ("SOLID", "TRACE"):
            return [_Path(tuple(self._at(v, where) for v in entity.wcs_vertices()), True, filled=True)]
        if kind == "HATCH":
            return self._hatch(entity, where)
        out: list[_Path] = []
        for part in entity.virtual_entities():  # MLINE
            self._count()
            if part.dxftype() in ("LINE", "ARC"):
                out += self._paths(part, where)
        return out

    def _arc(self, entity: Any, where: str) -> _Path:
        centre = self._at(entity.ocs().to_wcs(entity.dxf.center), where)
        radius = float(entity.dxf.radius)
        first = self._at((centre[0] + radius, centre[1]), where)  # a radius may be no number, too
        if entity.dxftype() == "CIRCLE":
            ring = [2 * math.pi * k / 24 for k in range(24)]
            turned = [(centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in ring]
            return _Path(tuple(turned), True)
        turn = math.radians((float(entity.dxf.end_angle) - float(entity.dxf.start_angle)) % 360.0)
        if not math.isfinite(turn) or first == centre:
            raise _wrong(self.path, f"{where} has an angle or radius that is no size")
        a, b = self._at(entity.start_point, where), self._at(entity.end_point, where)
        start = math.atan2(a[1] - centre[1], a[0] - centre[0])
        sign = 1.0 if entity.dxf.extrusion[2] >= 0 else -1.0
        steps = max(1, math.ceil(turn / _STEP))
        angles = [start + sign * turn * k / steps for k in range(1, steps)]
        points = [(centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in angles]
        return _Path((a, *points, b), swing=Swing(centre, (a, b), turn))

    def _polyline(self, entity: Any, where: str) -> list[_Path]:
        if entity.dxftype() == "POLYLINE" and not entity.is_2d_polyline:
            return [_Path(tuple(self._at(v.dxf.location, where) for v in entity.vertices), bool(entity.is_closed))]
        width = 0.0
        if entity.dxftype() == "LWPOLYLINE":
            width = float(entity.dxf.get("const_width", 0.0))
        elif entity.dxf.hasattr("default_start_width"):
            width = float(entity.dxf.default_start_width)
        if not math.isfinite(width) or not 0 <= width <= MAX_AT:
            raise _wrong(self.path, f"{where} has a width that is no size: {width:g}")
        if len(entity) > MAX_LINES:
            raise _wrong(self.path, f"{where} has {len(entity):,} corners; a plan may have {MAX_LINES:,}")
        points: list[Point2] = []
        arcs: list[_Path] = []
        for part in entity.virtual_entities():
            piece = self._paths(part, where)[0]
            if piece.swing:
                arcs.append(piece)
            ends = piece.points
            if points and math.dist(points[-1], ends[0]) > math.dist(points[-1], ends[-1]):
                ends = ends[::-1]  # an arc that turns clockwise is given from its end
            points += ends if not points or points[-1] != ends[0] else ends[1:]
        closed = bool(entity.is_closed) or (len(points) > 3 and math.dist(points[0], points[-1]) < 1e-9)
        if closed and len(points) > 1 and points[0] == points[-1]:
            points.pop()
        whole = [_Path(tuple(points), closed, width)] if len(points) > 1 else []
        return [*whole, *(a for a in arcs if not closed)] if len(arcs) == 1 else whole

    def _hatch(self, entity: Any, where: str) -> list[_Path]:
        from ezdxf import path as paths

        rings: list[tuple[Point2, ...]] = []
        for ring in paths.from_hatch(entity):
            if len(ring) > MAX_LINES:
                raise _wrong(self.path, f"{where} has a boundary of {len(ring):,} pieces; {MAX_LINES:,} are allowed")
            corners = [self._at(v, where) for v in ring.control_vertices()]
            size = max(np.ptp(np.array(corners), axis=0), default=0.0)
            flat = [self._at(v, where) for v in ring.flattening(max(size, 1e-9) / 200, segments=4)]
            if len(flat) > 3:
                rings.append(tuple(flat[:-1] if flat[0] == flat[-1] else flat))
        filled = not nested(rings)
        return [_Path(r, True, filled=filled) for r in rings]

    # --- loose lines of doors and windows ---------------------------------------------------------------------

    def finished(self) -> Drawing:
        """The drawing, with loose lines of doors and windows joined to symbols."""
        if not self.drawing.labels:
            self.drawing.labels = self.other_texts
        touch = _TOUCH_M / (self.mapping_unit() or self.drawing.unit or self._rough_unit())
        for role, marks in (("doors", self.drawing.doors), ("windows", self.drawing.windows),
                            ("openings", self.drawing.openings)):  # fmt: skip
            for group in _clusters(self.loose.get(role, []), touch):  # type: ignore[call-overload]
                paths = [x.path for x in group]
                points = tuple(p for path in paths for p in path.points)
                if role == "doors":
                    marks += _doors(paths, points, group[0].where, "")
                else:
                    marks.append(Mark(points, group[0].where))
        self.drawing.check_size()
        return self.drawing

    def mapping_unit(self) -> float | None:
        """Metres for 1 in the file, where the mapping file tells."""
        from xrlab.room.plans.drawing import UNITS

        return self.mapping.metres_per_unit or UNITS.get(self.mapping.units or "")

    def _rough_unit(self) -> float:
        spots = [p for x in self.drawing.lines for p in (x.a, x.b)]
        extent = float(max(np.ptp(np.array(spots), axis=0))) if spots else 1.0
        return 1.0 if extent < 200 else 0.01 if extent < 3000 else 0.001


def nested(rings: Sequence[Sequence[Point2]]) -> bool:
    """Whether an outline lies in another, and so is a hole in what is filled.

    Then the lines must tell what is wall, as they do where walls are drawn as outlines.
    """
    if len(rings) < 2:
        return False
    shapes = [shapely.Polygon(r).buffer(0) for r in rings]
    tree = shapely.STRtree(shapes)
    inner, outer = tree.query(shapes, predicate="within")
    return bool((inner != outer).any())


def _doors(paths: Sequence[_Path], points: tuple[Point2, ...], where: str, name: str) -> list[Mark]:
    """The leaves of a door's symbol: one for each arc that is a swing, else one without."""
    arcs = [p.swing for p in paths if p.swing and math.radians(15) <= p.swing.turn <= math.radians(181)]
    largest = max((math.dist(s.hinge, s.ends[0]) for s in arcs), default=0.0)
    leaves = [s for s in arcs if math.dist(s.hinge, s.ends[0]) >= 0.5 * largest]
    if not leaves:
        return [Mark(points, where, name)]
    return [Mark((s.hinge, *s.ends), where, name, s) for s in leaves]


def _clusters(loose: Sequence[_Loose], touch: float) -> list[list[_Loose]]:
    """Loose lines that lie close together, in the order of the file."""
    if not loose:
        return []
    shapes = [shapely.LineString(x.path.points if len(x.path.points) > 1 else x.path.points * 2) for x in loose]
    tree = shapely.STRtree(shapes)
    near = tree.query(shapes, predicate="dwithin", distance=touch)
    parent = list(range(len(loose)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for a, b in near.T.tolist():
        ra, rb = root(a), root(b)
        parent[max(ra, rb)] = min(ra, rb)
    groups: dict[int, list[_Loose]] = {}
    for index, item in enumerate(loose):
        groups.setdefault(root(index), []).append(item)
    return list(groups.values())


def _turned(points: Iterable[Point2], turn: float, name: str, layer: str, where: str) -> Piece:
    """Furniture as a block draws it, measured along the block's own axes."""
    c, s = math.cos(turn), math.sin(turn)
    own = np.array([(x * c + y * s, -x * s + y * c) for x, y in points])
    low, high = own.min(axis=0), own.max(axis=0)
    x, y = ((low + high) / 2).tolist()
    return Piece(name, layer, where, (x * c - y * s, x * s + y * c), tuple((high - low).tolist()), turn)


def boxed(points: Sequence[Point2], name: str, layer: str, where: str) -> Piece | None:
    """Furniture as an outline draws it: the smallest rectangle around it."""
    box = shapely.oriented_envelope(shapely.MultiPoint(points))
    if box.geom_type != "Polygon":
        return None
    x0, y0, x1, y1 = shapely.MultiPoint(points).bounds
    if (x1 - x0) * (y1 - y0) < 1.02 * box.area:  # straight, or as good as round
        return Piece(name, layer, where, ((x0 + x1) / 2, (y0 + y1) / 2), (x1 - x0, y1 - y0), 0.0)
    c = np.asarray(box.exterior.coords)[:4]
    sides = [c[1] - c[0], c[2] - c[1]]
    first = min((0, 1), key=lambda k: (round(abs(math.sin(math.atan2(sides[k][1], sides[k][0]))), 6), k))
    way = sides[first] if sides[first][0] >= 0 else -sides[first]
    x, y = c.mean(axis=0).tolist()
    size = (float(np.hypot(*sides[first])), float(np.hypot(*sides[1 - first])))
    return Piece(name, layer, where, (x, y), size, math.atan2(way[1], way[0]))
