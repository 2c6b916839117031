"""Where doors, openings and windows lie in the walls of a layout, and whether they fit there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from xrlab.room.layout import DoorSpec, Hole, Layout, Opening, Window

Point2 = tuple[float, float]

ON_WALL_M = 0.3
"""A hole belongs to the wall whose middle line lies within this distance of its place."""

_CLEAR_M = 0.011
_FAR_M = 1000.0


@dataclass(frozen=True)
class Body:
    """Walls that are built as one: those that rooms bring, or one free wall.

    shape: what they cover of the plan. height: above the floor (m). free: index of the free wall, or None.
    """

    shape: shapely.Geometry
    height: float
    free: int | None


@dataclass(frozen=True)
class Cut:
    """A hole in a wall: middle on the wall's middle line, the wall's direction, width and thickness (m).

    rect: what it takes from the plan. low, high: its lower and upper edge above the floor. body: index.
    """

    middle: Point2
    along: Point2
    width: float
    thick: float
    low: float
    high: float
    body: int

    @property
    def rect(self) -> shapely.Polygon:
        """The hole seen from above, a little deeper than the wall."""
        (mx, my), (ax, ay) = self.middle, self.along
        h, t = self.width / 2, self.thick / 2 + 0.01
        corners = [(-h, -t), (h, -t), (h, t), (-h, t)]
        return shapely.Polygon([(mx + u * ax - v * ay, my + u * ay + v * ax) for u, v in corners])


class Misfit(Exception):
    """A hole does not fit: the key to blame, and what is wrong."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(what)
        self.key, self.what = key, what


class WallPlan:
    """The walls of a layout seen from above."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.shapes = {n: r.shape() for n, r in layout.rooms.items()}
        self.inner = {n: s for n, s in self.shapes.items() if not layout.rooms[n].outside}
        self._names, self._tree = list(self.shapes), shapely.STRtree(list(self.shapes.values()))
        half = layout.wall_m / 2
        # the outline is the middle of a wall, so two rooms that share an edge share one wall
        walled = [p for n, p in self.inner.items() if layout.rooms[n].own_walls]
        strips = [
            p.buffer(half, join_style="mitre").difference(p.buffer(-half, join_style="mitre")) for p in walled
        ]  # fmt: skip
        self.footprint = shapely.union_all(strips) if strips else shapely.Polygon()
        self.bodies = [Body(self.footprint, layout.height_m, None)]
        for index, wall in enumerate(layout.walls):
            shape = shapely.LineString([wall.from_, wall.to]).buffer(wall.thickness_m / 2, cap_style="flat")
            self.bodies.append(Body(shape, min(wall.height_m or layout.height_m, layout.height_m), index))
        # every room's walls and every free wall by itself; they overlap at corners
        self._solids = np.array([*strips, *(b.shape for b in self.bodies[1:])], object)
        self._solid_tree = shapely.STRtree(self._solids)
        self._lines: list[tuple[Point2, Point2, int]] = []
        for shape in walled:
            self._lines += [(a, b, 0) for a, b in pairwise([(x, y) for x, y in shape.exterior.coords])]
        self._lines += [(w.from_, w.to, i + 1) for i, w in enumerate(layout.walls)]
        self._line_tree = shapely.STRtree([shapely.LineString(line[:2]) for line in self._lines])

    def room_at(self, x: float, y: float) -> str | None:
        """Name of the first room, with walls or without, that a place lies in; None if it lies in none."""
        found = self._tree.query(shapely.Point(x, y), predicate="within")
        return self._names[int(found.min())] if len(found) else None

    def in_wall(self, x: float, y: float) -> bool:
        """Whether a place lies in a wall, holes not counted."""
        return len(self._solid_tree.query(shapely.Point(x, y), predicate="within")) > 0

    def walls_in(self, shape: shapely.Polygon) -> shapely.Geometry:
        """What all walls cover of a part of the plan, holes not counted."""
        near = np.sort(self._solid_tree.query(shape, predicate="intersects"))
        return shapely.union_all(shapely.intersection(self._solids[near], shape))

    def cut(self, hole: Hole) -> Cut:
        """Where a hole lies; raises `Misfit` if it lies on no wall or does not fit there."""
        (a, b), spot, body = self._segment(hole)
        length = math.dist(a, b)
        along = ((b[0] - a[0]) / length, (b[1] - a[1]) / length)
        at = (spot[0] - a[0]) * along[0] + (spot[1] - a[1]) * along[1]
        middle = (a[0] + along[0] * at, a[1] + along[1] * at)
        free = self.bodies[body].free
        thick = self.layout.wall_m if free is None else self.layout.walls[free].thickness_m
        width: float = getattr(hole, "width_m", 1.0)
        before, after = self._room_along(middle, along, thick)
        if width / 2 > min(before, after) + 1e-6:
            fits = before + after >= width
            shift = width / 2 - before if before < width / 2 else after - width / 2
            shift += math.copysign(min(0.01, (before + after - width) / 2), shift)
            x, y = middle[0] + along[0] * shift, middle[1] + along[1] * shift
            mend = f"; it fits at [{x:.2f}, {y:.2f}]" if fits else ""
            what = f"is {width:g} m wide; the wall has {before:.2f} m to one side of this place"
            raise Misfit("width_m", f"{what} and {after:.2f} m to the other{mend}")
        low, high = edges(hole)
        if high > self.bodies[body].height + 1e-6:
            raise Misfit("height_m", f"reaches {high:g} m up; the wall is {self.bodies[body].height:g} m high")
        return Cut(middle, along, width, thick, low, high, body)

    def _segment(self, hole: Hole) -> tuple[tuple[Point2, Point2], Point2, int]:
        """The wall's middle line, the place that was given, and the body it belongs to."""
        if hole.between:
            shared = self._shared(hole.between)
            (ax, ay), (bx, by) = shared
            return shared, ((ax + bx) / 2, (ay + by) / 2), 0
        assert hole.at is not None
        if not self._lines:
            raise Misfit("at", "there are no walls; in a mesh give hinge_at: [x, y] and closed_yaw_deg")
        spot = shapely.Point(hole.at)
        found, distance = self._line_tree.query_nearest(spot, all_matches=True, return_distance=True)
        away = float(distance[0])
        a, b, body = self._lines[int(found.min())]
        if away > ON_WALL_M:
            line = shapely.LineString((a, b))
            foot = line.interpolate(line.project(spot))
            what = f"lies on no wall; the nearest is {away:.2f} m away, at [{foot.x:.2f}, {foot.y:.2f}]"
            raise Misfit("at", what)
        return (a, b), hole.at, body

    def _shared(self, names: tuple[str, str]) -> tuple[Point2, Point2]:
        """The longest piece of wall between two rooms."""
        one, other = (self.shapes[n].exterior for n in names)
        common = one.intersection(other)
        pieces = [g for g in getattr(common, "geoms", [common]) if g.geom_type == "LineString" and g.length > 0.1]
        straight = [p for g in pieces for p in pairwise(list(g.simplify(1e-6).coords))]
        merged = shapely.line_merge(shapely.MultiLineString(straight)) if straight else shapely.LineString()
        runs = [
            run for g in getattr(merged, "geoms", [merged]) for run in pairwise(list(g.simplify(1e-6).coords))
        ]  # fmt: skip
        if not runs or all(self.layout.rooms[n].outside for n in names):
            raise Misfit("between", f"'{names[0]}' and '{names[1]}' have no wall in common")
        a, b = max(runs, key=lambda r: math.dist(*r))
        return a, b

    def _room_along(self, middle: Point2, along: Point2, thick: float) -> tuple[float, float]:
        """How far the wall runs free of others (m) from `middle`, backwards and forwards."""
        before = after = _FAR_M
        beside = thick / 2 + _CLEAR_M
        for offset in (0.0, beside, -beside):
            low, high = -_FAR_M, _FAR_M
            held = self._held((middle[0] - along[1] * offset, middle[1] + along[0] * offset), along)
            if offset == 0.0:
                low, high = next((s for s in held if s[0] <= 1e-6 and s[1] >= -1e-6), (0.0, 0.0))
            for start, end in held if offset else ():
                if end <= 0.0:
                    low = max(low, end)
                elif start >= 0.0:
                    high = min(high, start)
                else:  # another wall meets this one just here
                    low = high = 0.0
            before, after = min(before, max(0.0, -low)), min(after, max(0.0, high))
        return before, after

    def _held(self, at: Point2, along: Point2) -> list[tuple[float, float]]:
        """Where a line through `at` lies in walls: spans of metres from there, in order, none touching another."""
        ends = [(at[0] + along[0] * s, at[1] + along[1] * s) for s in (-_FAR_M, _FAR_M)]
        line = shapely.LineString(ends)
        met = shapely.intersection(self._solids[self._solid_tree.query(line, predicate="intersects")], line)
        corners, part = shapely.get_coordinates(shapely.get_parts(met), return_index=True)
        place = (corners[:, 0] - at[0]) * along[0] + (corners[:, 1] - at[1]) * along[1]
        first = np.flatnonzero(np.diff(part, prepend=-1))
        lows, highs = (f.reduceat(place, first) if len(first) else place for f in (np.minimum, np.maximum))
        long = highs - lows > 1e-6
        out: list[tuple[float, float]] = []
        for low, high in sorted(zip(lows[long].tolist(), highs[long].tolist(), strict=True)):
            if out and low <= out[-1][1] + 1e-6:
                out[-1] = (out[-1][0], max(out[-1][1], high))
            else:
                out.append((low, high))
        return out

    def sides(self, cut: Cut) -> list[tuple[Point2, str | None]]:
        """The two sides of a hole: the direction to each, and the room there, if any."""
        out: list[tuple[Point2, str | None]] = []
        for sign in (1.0, -1.0):
            side = (-cut.along[1] * sign, cut.along[0] * sign)
            reach = cut.thick / 2 + 0.05
            out.append((side, self.room_at(cut.middle[0] + side[0] * reach, cut.middle[1] + side[1] * reach)))
        return out

    def opens_to(self, cut: Cut, spec: DoorSpec) -> Point2:
        """The direction to the side that a door opens into; raises `Misfit` if the named room is on neither.

        If the door names none: the first of `between`, else the room inside, of two the smaller.
        """
        sides = self.sides(cut)
        wanted = spec.opens_into or (spec.between[0] if spec.between else None)
        if wanted is not None:
            for side, name in sides:
                if name == wanted:
                    return side
            there = " and ".join(f"'{n}'" if n else "the outside" for _, n in sides)
            raise Misfit("opens_into", f"the door lies between {there}; it cannot open into '{wanted}'")
        indoors = [(self.inner[n].area, k) for k, (_, n) in enumerate(sides) if n in self.inner]
        return sides[min(indoors)[1]][0] if indoors else sides[0][0]


def edges(hole: Hole) -> tuple[float, float]:
    """Heights of a hole's lower and upper edge over the floor (m)."""
    if isinstance(hole, DoorSpec):
        return 0.0, hole.height_m
    if isinstance(hole, Window):
        return hole.sill_m, hole.sill_m + hole.height_m
    assert isinstance(hole, Opening)
    return hole.sill_m, hole.height_m


def pieces(shape: shapely.Geometry) -> list[shapely.Polygon]:
    """The polygons of a shape that are more than slivers."""
    return [p for p in getattr(shape, "geoms", [shape]) if p.geom_type == "Polygon" and p.area > 1e-6]


def without_holes(shape: shapely.Geometry) -> list[shapely.Polygon]:
    """The same area as polygons none of which has a hole, for pictures that fill outlines."""
    out: list[shapely.Polygon] = []
    todo = pieces(shape)
    while todo:
        part = todo.pop()
        if not part.interiors:
            out.append(part)
            continue
        x = part.interiors[0].centroid.x
        x0, y0, x1, y1 = part.bounds
        todo += pieces(part.intersection(shapely.box(x0 - 1, y0 - 1, x, y1 + 1)))
        todo += pieces(part.intersection(shapely.box(x, y0 - 1, x1 + 1, y1 + 1)))
    return out
