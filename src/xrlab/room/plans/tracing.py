"""From the lines of a floor plan to walls and rooms: plane geometry in metres, nothing of files.

What a plan draws as a wall is one of four: a closed outline, two parallel lines, a filled area, or a single line.
All become one area, the footprint of the walls. Doors, windows and gaps are bridged in it, so that what it
encloses are the rooms; then it is cut into straight pieces, each with a middle line and a thickness.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry.polygon import orient

from xrlab.geometry.transforms import Array
from xrlab.room.holes import without_holes
from xrlab.room.plans.drawing import Line, Mark, Outline, Point2
from xrlab.room.plans.strips import (
    LEAST_WALL_M,
    PARALLEL,
    Strip,
    TooDense,
    bar,
    edges_of,
    facing,
    on_grid,
    pair,
    polygons,
    tidy,
)

LEAST_ROOM_M2 = 0.25
WIDEST_GAP_M = 2.5
WIDEST_M = 12.0
MAX_CROSSINGS = 60_000
MAX_STRIPS = 4_000
MAX_SINGLES = 2_500
MAX_NODED = 10_000
MAX_ENDS = 1_500

_JAMB_M = 0.2
_OFF_AXIS_M = 0.3
_OVERSHOOT_M = 0.008
_MITRE: dict[str, Any] = {"cap_style": "flat", "join_style": "mitre"}


@dataclass(frozen=True)
class Hole:
    """A door, window or gap in the walls: the middle, the wall's direction, width and the wall's thickness (m).

    mark: what drew it; None for a gap that no symbol marks.
    """

    middle: Point2
    along: Point2
    width: float
    thick: float
    mark: Mark | None

    @property
    def ends(self) -> tuple[Point2, Point2]:
        """Both ends of it, on the wall's middle line."""
        h = self.width / 2
        return (
            (self.middle[0] - self.along[0] * h, self.middle[1] - self.along[1] * h),
            (self.middle[0] + self.along[0] * h, self.middle[1] + self.along[1] * h),
        )


# --- the footprint of the walls -------------------------------------------------------------------------------


def footprint(
    lines: Sequence[Line], solids: Iterable[Outline], labels: Sequence[Point2], most: float
) -> tuple[shapely.Geometry, list[shapely.LineString]]:
    """What the walls cover of the plan, and the single lines that are left.

    labels: places that lie in rooms, so what is around them is no wall. most: thickness (m) of the thickest wall.
    """
    parts: list[shapely.Geometry] = [polygon for o in solids if (polygon := _area(o.points)) is not None]
    for width in sorted({x.width for x in lines if x.width > 0}):
        merged = shapely.line_merge(shapely.MultiLineString([(x.a, x.b) for x in lines if x.width == width]))
        parts.append(merged.buffer(width / 2, **_MITRE))
    plain = [x for x in lines if x.width == 0]
    if not plain:
        return tidy(shapely.union_all(parts)), []
    drawn = on_grid(shapely.MultiLineString(_overshot([(x.a, x.b) for x in plain])))
    _check_crossings(drawn)
    noded = shapely.node(drawn)
    if shapely.get_num_geometries(noded) > MAX_NODED:
        raise TooDense
    faces = _thin_faces(noded, labels, most)
    rest = noded.difference(shapely.union_all(faces).buffer(0.002)) if faces else noded
    pairs = _pairs(_segments(rest), most)
    rest = rest.difference(shapely.union_all(pairs).buffer(0.002)) if pairs else rest
    return tidy(shapely.union_all([*parts, *faces, *pairs])), _runs(rest)


def single_walls(
    lines: Sequence[shapely.LineString], bridges: Sequence[shapely.Polygon], thick: float, least: float
) -> tuple[shapely.Geometry, int]:
    """Walls on single lines, and how many there are.

    bridges: holes of doors and windows; a line in one of them is a threshold and no wall. least: what is shorter
    (m) is no wall.
    """
    rest: shapely.Geometry = shapely.MultiLineString(list(lines))
    if bridges:
        rest = rest.difference(shapely.union_all([b.buffer(0.06, join_style="mitre") for b in bridges]))
    singles = [line for line in _runs(rest) if line.length >= least]
    if len(singles) > MAX_SINGLES:
        raise TooDense
    parts = [line.buffer(thick / 2, **_MITRE) for line in singles]
    return shapely.union_all([*parts, *_corners(singles, thick)]), len(singles)


def _check_crossings(drawn: shapely.Geometry) -> None:
    lines = shapely.get_parts(drawn)
    tree = shapely.STRtree(lines)
    met = 0
    for start in range(0, len(lines), 256):
        met += tree.query(lines[start : start + 256], predicate="intersects").shape[1]
        if met > len(lines) + MAX_CROSSINGS:
            raise TooDense


def _overshot(lines: list[tuple[Point2, Point2]]) -> list[tuple[Point2, Point2]]:
    """The lines, loose ends made a little longer, so that corners that almost meet do."""
    met = Counter((round(x, 4), round(y, 4)) for line in lines for x, y in line)

    def end(p: Point2, inner: Point2) -> Point2:
        length = math.dist(p, inner)
        if met[round(p[0], 4), round(p[1], 4)] > 1 or length < 4 * _OVERSHOOT_M:
            return p
        k = _OVERSHOOT_M / length
        return p[0] + (p[0] - inner[0]) * k, p[1] + (p[1] - inner[1]) * k

    return [(end(a, b), end(b, a)) for a, b in lines]


def _area(points: Sequence[Point2]) -> shapely.Geometry | None:
    if len(points) < 3:
        return None
    shape = shapely.make_valid(shapely.Polygon(points))
    return shapely.union_all(polygons(shape)) if polygons(shape) else None


def _thin_faces(noded: shapely.Geometry, labels: Sequence[Point2], most: float) -> list[shapely.Polygon]:
    """Of the areas that lines enclose, those that are as narrow as a wall everywhere."""
    faces = polygons(shapely.polygonize([noded]))
    spots = shapely.STRtree([shapely.Point(p) for p in labels])
    out = []
    for face in faces:
        narrow = 2 * face.area / face.length <= most
        # where walls meet, the widest circle in them is half as wide again as the wall
        if narrow and face.buffer(-0.73 * most).is_empty and not len(spots.query(face, predicate="contains")):
            out.append(face)
    return out


def _segments(shape: shapely.Geometry) -> Array:
    """The straight pieces (n, 2, 2) of lines that are longer than 2 cm, in a fixed order."""
    out = []
    for run in _runs(shape):
        corners = np.asarray(run.simplify(1e-3).coords)
        out += [(p, q) for p, q in pairwise(corners) if np.hypot(*(q - p)) > 0.02]
    return np.array(sorted(np.array(s).tolist() for s in out), float).reshape(-1, 2, 2)


def _runs(shape: shapely.Geometry) -> list[shapely.LineString]:
    flat = [g for g in shapely.get_parts(shape) if g.geom_type == "LineString" and g.length > 0]
    merged = shapely.line_merge(shapely.MultiLineString(flat)) if flat else shapely.MultiLineString()
    return [g for g in shapely.get_parts(merged) if g.length > 0]


def _pairs(edges: Array, most: float) -> list[shapely.Polygon]:
    """The strips between parallel lines, where no third line lies nearer."""
    found: list[Strip] = []
    for index, _, beside, low, high in facing(edges, most):
        a, b = edges[index]
        u = (b - a) / np.hypot(*(b - a))
        middle = np.array([-u[1], u[0]]) * beside / 2
        found.append(Strip(pair(a + u * low + middle), pair(a + u * high + middle), abs(beside)))
    if len(found) > MAX_STRIPS:
        raise TooDense
    if not found:
        return []
    out: list[Strip] = []
    lines = shapely.linestrings(edges)
    tree = shapely.STRtree(lines)
    for strip in found:
        inside = strip.shape().buffer(-0.01, join_style="mitre")
        near = lines[tree.query(inside)]
        within = float(shapely.length(shapely.intersection(near, inside)).sum())
        if not inside.is_empty and within < 0.1 * math.sqrt(strip.shape().area):
            out.append(strip)
    return [_cornered(strip, out).shape() for strip in out]


def _cornered(strip: Strip, others: Sequence[Strip]) -> Strip:
    """The strip made longer to the far side of a strip that it ends at: lines in pairs leave their corners open."""
    (ux, uy), (ax, ay) = strip.along, strip.a
    low, high = 0.0, strip.length
    for other in others:
        vx, vy = other.along
        cross = ux * vy - uy * vx
        if abs(cross) < 0.3:  # nearly parallel
            continue
        dx, dy = other.a[0] - ax, other.a[1] - ay
        here, there = (dx * vy - dy * vx) / cross, (dx * uy - dy * ux) / cross
        if not -strip.thick <= there <= other.length + strip.thick:
            continue
        reach = other.thick / 2 / abs(cross)
        if -reach - _JAMB_M / 4 <= here < 0:
            low = min(low, here - reach)
        elif strip.length < here <= strip.length + reach + _JAMB_M / 4:
            high = max(high, here + reach)
    return Strip(strip.at(low), strip.at(high), strip.thick)


def _corners(singles: Sequence[shapely.LineString], thick: float) -> list[shapely.Polygon]:
    """Squares where single lines meet, so that the walls of them close."""
    ends: dict[tuple[float, float], list[Point2]] = {}
    for line in singles:
        coords = [(float(x), float(y)) for x, y in line.coords]
        for at, inner in ((coords[0], coords[1]), (coords[-1], coords[-2])):
            key = (round(at[0], 2), round(at[1], 2))
            length = math.dist(at, inner) or 1.0
            ends.setdefault(key, []).append(((at[0] - inner[0]) / length, (at[1] - inner[1]) / length))
    out = []
    for at, ways in ends.items():
        if len(ways) > 1:
            (ux, uy), h = ways[0], thick / 2
            out.append(bar((at[0] - ux * h, at[1] - uy * h), (at[0] + ux * h, at[1] + uy * h), thick))
    return out


# --- doors, windows and gaps ----------------------------------------------------------------------------------


def place(walls: shapely.Geometry, mark: Mark, most: float) -> Hole | None:
    """Where a door, window or opening as drawn lies in the walls; None where no wall is near it."""
    best: tuple[int, float, Hole] | None = None
    for order, (a, b) in enumerate(_candidates(mark)):
        width = math.dist(a, b)
        if not 0.3 <= width <= WIDEST_M:
            continue
        found = _across(walls, a, b, most)
        if not found:
            continue
        through = [f for f in found if f[2] == "middle"]
        side = len({f[2] for f in found})
        thick, offset, _ = min(through or found, key=lambda f: (round(abs(f[1]), 2), f[0]))
        u = ((b[0] - a[0]) / width, (b[1] - a[1]) / width)
        middle = ((a[0] + b[0]) / 2 - u[1] * offset, (a[1] + b[1]) / 2 + u[0] * offset)
        hole = Hole(middle, u, width, thick, mark)
        rank = (-side, abs(offset) + 0.01 * order)
        if best is None or rank < best[:2]:
            best = (*rank, hole)
    return None if best is None else best[2]


def _candidates(mark: Mark) -> list[tuple[Point2, Point2]]:
    """Lines from jamb to jamb that the mark may stand for, the likelier first."""
    if mark.swing:
        h = mark.swing.hinge
        return [(h, end) for end in mark.swing.ends]
    points = shapely.MultiPoint(mark.points)
    box = shapely.oriented_envelope(points)
    if box.geom_type == "LineString":
        (x0, y0), (x1, y1) = box.coords[0], box.coords[-1]
        return [((float(x0), float(y0)), (float(x1), float(y1)))]
    if box.geom_type != "Polygon":
        return []
    c = np.asarray(box.exterior.coords)[:4]
    middles = (c + np.roll(c, -1, axis=0)) / 2
    axes = [(middles[0], middles[2]), (middles[1], middles[3])]
    axes.sort(key=lambda m: -math.dist(m[0], m[1]))
    return [((float(p[0]), float(p[1])), (float(q[0]), float(q[1]))) for p, q in axes]


def _across(walls: shapely.Geometry, a: Point2, b: Point2, most: float) -> list[tuple[float, float, str]]:
    """Walls that run along a line, measured just beyond its ends and in its middle: thickness, offset, where."""
    width = math.dist(a, b)
    u = ((b[0] - a[0]) / width, (b[1] - a[1]) / width)
    spots = [("before", -s) for s in (0.03, 0.08, _JAMB_M)] + [("after", width + s) for s in (0.03, 0.08, _JAMB_M)]
    spots += [("middle", width / 2)]
    out: dict[str, tuple[float, float, str]] = {}
    for where, along in spots:
        p = (a[0] + u[0] * along, a[1] + u[1] * along)
        reach = most + _OFF_AXIS_M
        line = shapely.LineString([(p[0] - u[1] * s, p[1] + u[0] * s) for s in (-reach, reach)])
        for part in shapely.get_parts(walls.intersection(line)):
            if part.geom_type != "LineString" or part.is_empty:
                continue
            beside = sorted((x - p[0]) * -u[1] + (y - p[1]) * u[0] for x, y in part.coords)
            thick, offset = beside[-1] - beside[0], (beside[0] + beside[-1]) / 2
            near = abs(offset) <= thick / 2 + _OFF_AXIS_M / 2
            if LEAST_WALL_M * 0.9 <= thick <= most * 1.05 and near and (where not in out or thick < out[where][0]):
                out[where] = (thick, offset, where)
    return [out[w] for w in ("middle", "before", "after") if w in out]


def between_walls(walls: shapely.Geometry, mark: Mark, single: float) -> Hole | None:
    """A hole whose both ends lie on walls that run across: as at the end of a corridor."""
    for a, b in _candidates(mark):
        if 0.3 <= math.dist(a, b) <= WIDEST_M and all(walls.distance(shapely.Point(p)) < _JAMB_M for p in (a, b)):
            u = ((b[0] - a[0]) / math.dist(a, b), (b[1] - a[1]) / math.dist(a, b))
            return Hole(((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), u, math.dist(a, b), single, mark)
    return None


def bridge(walls: shapely.Geometry, hole: Hole) -> shapely.Polygon:
    """The piece of wall that fills a hole, from jamb to jamb."""
    a, b = hole.ends
    ends = []
    for p, sign in ((a, -1.0), (b, 1.0)):
        far = (p[0] + hole.along[0] * sign * _JAMB_M, p[1] + hole.along[1] * sign * _JAMB_M)
        gap = shapely.LineString([p, far]).difference(walls)
        first = next(
            (g for g in shapely.get_parts(gap) if not g.is_empty and g.distance(shapely.Point(p)) < 1e-6), None
        )
        # where nothing is met, the wall ends at the hole; else the gap between frame and wall is filled
        reach = 0.0 if first is None or first.length > _JAMB_M - 0.01 else first.length
        ends.append((p[0] + hole.along[0] * sign * (reach + 0.002), p[1] + hole.along[1] * sign * (reach + 0.002)))
    return bar(ends[0], ends[1], hole.thick)


def merged(holes: Sequence[Hole]) -> list[Hole]:
    """Holes that overlap in one wall as one: a window is often drawn as several lines beside each other."""
    out: list[Hole] = []
    for hole in holes:
        (ux, uy), (mx, my) = hole.along, hole.middle
        low, high, thick = -hole.width / 2, hole.width / 2, hole.thick
        for before in list(out):
            along = [(x - mx) * ux + (y - my) * uy for x, y in before.ends]
            beside = [abs((x - mx) * -uy + (y - my) * ux) for x, y in before.ends]
            if max(beside) < max(thick, before.thick) / 2 and min(along) < high and max(along) > low:
                low, high, thick = min(low, *along), max(high, *along), max(thick, before.thick)
                out.remove(before)
        middle = (mx + ux * (low + high) / 2, my + uy * (low + high) / 2)
        out.append(replace(hole, middle=middle, width=high - low, thick=thick))
    return out


def gaps(walls: shapely.Geometry, most: float) -> list[Hole]:
    """Gaps between two ends of wall that face each other, which no door or window marks."""
    edges = edges_of(walls)
    caps = edges[np.hypot(*(edges[:, 1] - edges[:, 0]).T) <= most * 1.05] if len(edges) else edges
    if len(caps) > MAX_ENDS:
        raise TooDense
    out: list[tuple[float, Hole]] = []
    for index, (a, b) in enumerate(caps):
        thick = float(np.hypot(*(b - a)))
        if thick < LEAST_WALL_M:
            continue
        u = (b - a) / thick
        outward = np.array([u[1], -u[0]])
        for p, q in caps[index + 1 :]:
            other = float(np.hypot(*(q - p)))
            if other < LEAST_WALL_M or (q - p) @ u > -PARALLEL * other:
                continue
            far = float(((p + q) / 2 - (a + b) / 2) @ outward)
            low, high = max(0.0, float((q - a) @ u)), min(thick, float((p - a) @ u))
            if not 0.3 <= far <= WIDEST_GAP_M or high - low < 0.8 * min(thick, other):
                continue
            middle = a + u * (low + high) / 2 + outward * far / 2
            reach = outward * (far / 2 - 0.01)
            between = bar(pair(middle - reach), pair(middle + reach), high - low)
            if walls.intersection(between).area < 1e-4:
                out.append((far, Hole(pair(middle), pair(outward), far, high - low, None)))
    chosen: list[Hole] = []
    taken: list[shapely.Polygon] = []
    for _, hole in sorted(out, key=lambda o: (round(o[0], 4), o[1].middle)):
        shape = bar(*hole.ends, hole.thick)
        if all(shape.intersection(t).area < 1e-4 for t in taken):
            chosen.append(hole)
            taken.append(shape)
    return chosen


# --- rooms ----------------------------------------------------------------------------------------------------


def enclosed(walls: shapely.Geometry, is_void: Callable[[shapely.Polygon], bool]) -> list[shapely.Polygon]:
    """What the walls enclose: the rooms, from wall to wall, those in the south-west first.

    is_void: tells of what walls close whether it is a column or a shaft, and no room.
    """
    whole = shapely.union_all([shapely.Polygon(p.exterior) for p in polygons(walls)])
    inside = [shapely.simplify(p, 0.002) for p in polygons(whole.difference(walls), LEAST_ROOM_M2)]
    inside = [p for p in inside if not is_void(p)]
    rooms: list[shapely.Polygon] = []
    for index, room in enumerate(inside):
        full = shapely.Polygon(room.exterior)  # the floor under a column that stands free is a part of the room
        if any(full.contains(other) for k, other in enumerate(inside) if k != index):
            rooms += without_holes(room)  # a room around a room
        else:
            rooms.append(full)
    return sorted(rooms, key=lambda p: (round(p.bounds[1], 1), round(p.bounds[0], 1)))


def corners(shape: shapely.Polygon) -> list[Point2]:
    """A polygon's outer corners in whole millimetres, counter-clockwise, the lowest left one first."""
    ring = [(round(float(x), 3), round(float(y), 3)) for x, y in orient(shape).exterior.coords][:-1]
    ring = [p for k, p in enumerate(ring) if p != ring[k - 1]]
    first = min(range(len(ring)), key=lambda k: (ring[k][0] + ring[k][1], ring[k]))
    return ring[first:] + ring[:first]
