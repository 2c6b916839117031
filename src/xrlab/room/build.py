"""From a layout to a Room: walls as solid prisms with their holes, floors, ceilings, furniture, doors."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import mapbox_earcut
import numpy as np
import shapely

from xrlab.document import Document, Loc
from xrlab.errors import InputError, Problem
from xrlab.geometry.transforms import Array
from xrlab.room.layout import DoorSpec, Furniture, Hole, Layout, Opening, Window, outline
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Door, Light, Point, Room, Surface, Zone

Rgba = tuple[float, float, float, float]
_Key = tuple[str, str, Rgba]

ON_WALL_M = 0.3
"""A hole belongs to the wall whose middle line lies within this distance of its place."""

PANE_M = 0.012
SLAB_M = 0.2


def rgba(color: str | None, material: str) -> Rgba:
    """A colour of the file, or the material's own."""
    if color is None:
        return MATERIALS[material].color
    return (int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255, 1.0)


class _Cut:
    """A hole in a wall: its rectangle in the plan, its lower and upper edge, and the wall's direction."""

    def __init__(self, middle: tuple[float, float], along: tuple[float, float], width: float, thick: float) -> None:
        self.middle, self.along, self.width = middle, along, width
        (mx, my), (ax, ay) = middle, along
        h, t = width / 2, thick / 2 + 0.01
        corners = [(-h, -t), (h, -t), (h, t), (-h, t)]
        self.rect = shapely.Polygon([(mx + u * ax - v * ay, my + u * ay + v * ax) for u, v in corners])


class Builder:
    """Builds one layout; `problems` tells what did not fit."""

    def __init__(self, document: Document, layout: Layout) -> None:
        self.document, self.layout = document, layout
        self.problems: list[Problem] = []
        self._parts: dict[_Key, list[Array]] = defaultdict(list)
        self._plan: list[tuple[str, Array]] = []
        self._inner = layout.inner()
        edges = [p.exterior for p in self._inner.values()]
        lines = shapely.union_all([shapely.LineString(e.coords) for e in edges]) if edges else shapely.MultiLineString()
        self._lines = lines
        self.footprint = lines.buffer(layout.wall_m / 2, cap_style="square", join_style="mitre")

    def room(self) -> Room:
        """The finished room."""
        layout = self.layout
        self._floors()
        self._walls()
        self._free_walls()
        for piece in layout.furniture:
            self._furniture(piece)
        doors = {n: d for n, spec in layout.doors.items() if (d := self._door(n, spec))}
        surfaces = [self._surface(key, triangles) for key, triangles in self._parts.items()]
        if layout.mesh:
            from xrlab.room.meshes import placed_mesh

            surfaces += placed_mesh(self.document, layout.mesh)
        floor, top = layout.floor_m, layout.floor_m + layout.height_m
        areas = {**{n: r.shape() for n, r in layout.rooms.items()}, **{n: z.shape() for n, z in layout.zones.items()}}
        return Room(
            name=layout.name,
            surfaces=tuple(surfaces),
            doors=doors,
            zones={n: Zone(n, _ring(shape), floor, top) for n, shape in areas.items()},
            points={
                n: Point(n, (p.at[0], p.at[1], floor), math.radians(p.yaw_deg)) for n, p in layout.points.items()
            },
            lights=tuple(self._lamps()),
            plan=tuple(self._plan),
            floor=floor,
            source=str(self.document.path),
        )

    def _lamps(self) -> Iterable[Light]:
        for index, lamp in enumerate(self.layout.lights):
            r, g, b, _ = rgba(lamp.color, "concrete")
            linear = (r**2.2, g**2.2, b**2.2)  # a lamp's colour is light, not paint
            yield Light(f"lamp {index + 1}", lamp.at, linear, lamp.lumens, lamp.group)

    def _surface(self, key: _Key, triangles: list[Array]) -> Surface:
        name, material, color = key
        corners = np.concatenate(triangles).reshape(-1, 3)
        kind = MATERIALS[material]
        faces = np.arange(len(corners), dtype=np.int32).reshape(-1, 3)
        return Surface(name, corners, faces, material, color, kind.roughness, kind.metallic)

    # --- floors and walls -----------------------------------------------------------------------------

    def _floors(self) -> None:
        layout = self.layout
        z = layout.floor_m
        for name, spec in layout.rooms.items():
            shape = shapely.geometry.polygon.orient(spec.shape())
            color = rgba(spec.floor_color, spec.floor)
            self._prism(shape, z - SLAB_M, z, (f"floor of {name}", spec.floor, color), {})
            self._plan.append(("floor", _ring(shape)))
            if layout.ceiling and not spec.outside:
                top = z + layout.height_m
                white = (0.92, 0.91, 0.89, 1.0)
                self._prism(shape, top, top + SLAB_M, (f"ceiling of {name}", "plasterboard", white), {})

    def _walls(self) -> None:
        layout = self.layout
        cuts = [(hole, cut) for loc, hole in self._holes() if (cut := self._cut(loc, hole, layout.wall_m))]
        solid = self.footprint
        for _, cut in cuts:
            solid = solid.difference(cut.rect)
        low, high = layout.floor_m, layout.floor_m + layout.height_m
        own = {n: rgba(layout.rooms[n].wall_color or layout.wall_color, layout.walls_of) for n in self._inner}
        key = ("wall", layout.walls_of, rgba(layout.wall_color, layout.walls_of))
        for part in _polygons(solid):
            self._prism(part, low, high, key, own)
            self._plan.append(("wall", _ring(part)))
            self._plan += [("wall", np.array(ring.coords)[:-1]) for ring in part.interiors]
        for hole, cut in cuts:
            band = self.footprint.intersection(cut.rect)
            sill, head = self._edges(hole)
            for part in _polygons(band):
                if sill > 0:
                    self._prism(part, low, low + sill, key, own)
                if head < layout.height_m:
                    self._prism(part, low + head, high, key, own)
            if isinstance(hole, Window):
                self._pane(hole, cut)

    def _holes(self) -> Iterable[tuple[Loc, Hole]]:
        yield from (((("doors", n)), d) for n, d in self.layout.doors.items())
        yield from ((("openings", i), o) for i, o in enumerate(self.layout.openings))
        yield from ((("windows", i), w) for i, w in enumerate(self.layout.windows))

    def _edges(self, hole: Hole) -> tuple[float, float]:
        """Heights of a hole's lower and upper edge over the floor."""
        if isinstance(hole, DoorSpec):
            return 0.0, hole.height_m
        if isinstance(hole, Window):
            return hole.sill_m, hole.sill_m + hole.height_m
        assert isinstance(hole, Opening)
        return hole.sill_m, hole.height_m

    def _cut(self, loc: Loc, hole: Hole, thick: float) -> _Cut | None:
        """Where a hole lies in a wall; notes a problem and gives None if it lies in none."""
        found = self._segment(loc, hole)
        if found is None:
            return None
        middle, along, room_left = found
        width = getattr(hole, "width_m", 1.0)
        if width > room_left + 1e-6:
            self.problems.append(
                self.document.problem((*loc, "width_m"), f"is {width:g} m wide; the wall has {room_left:.2f} m here")
            )
            return None
        if self._edges(hole)[1] > self.layout.height_m + 1e-6:
            what = f"reaches {self._edges(hole)[1]:g} m up; the walls are {self.layout.height_m:g} m high"
            self.problems.append(self.document.problem((*loc, "height_m"), what))
            return None
        return _Cut(middle, along, width, thick)

    def _segment(self, loc: Loc, hole: Hole) -> tuple[tuple[float, float], tuple[float, float], float] | None:
        """Middle of a hole on its wall's middle line, the wall's direction, and the width that fits there."""
        segments = [(a, b) for p in self._inner.values() for a, b in _segments(p)]
        if hole.between:
            rooms = [self.layout.rooms[n].shape() for n in hole.between]
            common = rooms[0].exterior.intersection(rooms[1].exterior)
            pieces = [g for g in getattr(common, "geoms", [common]) if g.geom_type == "LineString" and g.length > 0.1]
            merged = shapely.line_merge(shapely.MultiLineString(pieces)) if pieces else None
            longest = max(getattr(merged, "geoms", [merged]), key=lambda g: g.length) if merged else None
            if longest is None or longest.is_empty:
                what = f"'{hole.between[0]}' and '{hole.between[1]}' have no wall in common"
                self.problems.append(self.document.problem((*loc, "between"), what))
                return None
            a, b = longest.coords[0], longest.coords[-1]
            spot = shapely.Point((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
            segments = [(a, b)]
        else:
            spot = shapely.Point(hole.at)
        near = [(shapely.LineString(s).distance(spot), s) for s in segments]
        distance, (a, b) = min(near, key=lambda n: n[0], default=(math.inf, ((0.0, 0.0), (1.0, 0.0))))
        if distance > ON_WALL_M:
            what = f"lies on no wall; the nearest is {distance:.2f} m away" if segments else "there are no walls"
            self.problems.append(self.document.problem((*loc, "at"), what))
            return None
        length = math.dist(a, b)
        along = ((b[0] - a[0]) / length, (b[1] - a[1]) / length)
        at = (spot.x - a[0]) * along[0] + (spot.y - a[1]) * along[1]
        fits = 2 * min(at, length - at) - self.layout.wall_m
        return (a[0] + along[0] * at, a[1] + along[1] * at), along, fits

    def _free_walls(self) -> None:
        for wall in self.layout.walls:
            line = shapely.LineString([wall.from_, wall.to])
            shape = line.buffer(wall.thickness_m / 2, cap_style="flat")
            low = self.layout.floor_m
            key = ("free wall", wall.material, rgba(wall.color, wall.material))
            for part in _polygons(shape):
                self._prism(part, low, low + (wall.height_m or self.layout.height_m), key, {})
                self._plan.append(("wall", _ring(part)))

    def _pane(self, window: Window, cut: _Cut) -> None:
        low = self.layout.floor_m + window.sill_m
        pane = shapely.LineString(
            [(cut.middle[0] + cut.along[0] * s, cut.middle[1] + cut.along[1] * s) for s in (-cut.width / 2, cut.width / 2)]
        ).buffer(PANE_M / 2, cap_style="flat")
        number = sum(kind == "window" for kind, _ in self._plan) + 1
        key = (f"window {number}", "glass", MATERIALS["glass"].color)
        self._prism(pane, low, low + window.height_m, key, {})
        self._plan.append(("window", _ring(pane.buffer(0.03, cap_style="flat", join_style="mitre"))))

    # --- doors and furniture --------------------------------------------------------------------------

    def _door(self, name: str, spec: DoorSpec) -> Door | None:
        before = len(self.problems)
        found = self._segment(("doors", name), spec)
        del self.problems[before:]  # said already when the hole was cut
        if found is None:
            return None
        (mx, my), (ax, ay), _ = found
        into = spec.opens_into or (spec.between[0] if spec.between else None)
        side = (-ay, ax)
        if into is not None:
            shape = self.layout.rooms[into].shape()
            probe = 0.05 + self.layout.wall_m / 2
            if not shape.contains(shapely.Point(mx + side[0] * probe, my + side[1] * probe)):
                side = (ay, -ax)
        # one who stands in that room and looks at the door has this on the right hand
        right = (-side[1], side[0])
        to_hinge = right if spec.hinge == "right" else (-right[0], -right[1])
        half = spec.width_m / 2
        along = (-to_hinge[0], -to_hinge[1])
        closed = math.atan2(along[1], along[0])
        turn = 1.0 if along[0] * side[1] - along[1] * side[0] > 0 else -1.0
        by = spec.opened_by
        return Door(
            name=name,
            hinge=(mx + to_hinge[0] * half, my + to_hinge[1] * half, self.layout.floor_m),
            closed_yaw=closed,
            swing=turn * math.radians(spec.swing_deg),
            width=spec.width_m,
            height=spec.height_m,
            material=spec.material,
            color=rgba(spec.color, spec.material),
            opened_by=(by,) if isinstance(by, str) else tuple(by),
            begins_open=float(spec.open),
            seconds=spec.seconds,
        )

    def _furniture(self, piece: Furniture) -> None:
        color = rgba(piece.color, piece.material)
        key = (piece.kind, piece.material, color)
        c, s = math.cos(math.radians(piece.yaw_deg)), math.sin(math.radians(piece.yaw_deg))
        foot = self.layout.floor_m + piece.over_floor_m
        for (x0, x1), (y0, y1), (z0, z1) in _boxes(piece):
            corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
            shape = shapely.Polygon([(piece.at[0] + x * c - y * s, piece.at[1] + x * s + y * c) for x, y in corners])
            self._prism(shape, foot + z0, foot + z1, key, {})
        self._plan.append(("furniture", _ring(outline(piece))))

    def _prism(self, shape: shapely.Polygon, low: float, high: float, key: _Key, own: dict[str, Rgba]) -> None:
        """Adds a solid between two heights. own: colours of the walls by the room that they look into."""
        shape = shapely.geometry.polygon.orient(shape)
        rings = [np.array(r.coords)[:-1] for r in (shape.exterior, *shape.interiors)]
        flat = np.concatenate(rings)
        ends = np.cumsum([len(r) for r in rings]).astype(np.uint32)
        index = mapbox_earcut.triangulate_float64(flat, ends).reshape(-1, 3)
        tri = flat[index]
        a, b = tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0]
        up = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) > 0
        tri[~up] = tri[~up][:, ::-1]
        at = np.full((*tri.shape[:2], 1), 1.0)
        self._parts[key] += [np.concatenate((tri, at * high), axis=2), np.concatenate((tri, at * low), axis=2)[:, ::-1]]
        for ring in rings:
            for p, q in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                quad = np.array([[*p, low], [*q, low], [*q, high], [*p, high]])
                sides = quad[[0, 1, 2, 0, 2, 3]].reshape(2, 3, 3)
                self._parts[self._facing(key, own, p, q)].append(sides)

    def _facing(self, key: _Key, own: dict[str, Rgba], p: Array, q: Array) -> _Key:
        if not own:
            return key
        way = q - p
        length = float(np.hypot(*way)) or 1.0
        probe = shapely.Point((p + q) / 2 + np.array([way[1], -way[0]]) / length * 0.05)
        room = next((n for n, shape in self._inner.items() if shape.contains(probe)), None)
        return key if room is None else (f"wall of {room}", key[1], own[room])


def _boxes(piece: Furniture) -> list[tuple[tuple[float, float], tuple[float, float], tuple[float, float]]]:
    """The boxes that make a piece of furniture: spans in x, y, z (m); its front looks along +y."""
    w, d, h = piece.size_m
    x, y = w / 2, d / 2
    whole = ((-x, x), (-y, y))
    if piece.kind in ("table", "desk"):
        leg, top = 0.05, 0.04
        legs = [((a, a + leg), (b, b + leg), (0.0, h - top)) for a in (-x, x - leg) for b in (-y, y - leg)]
        panel = [((-x, x), (-y, -y + 0.03), (h * 0.35, h - top))] if piece.kind == "desk" else []
        return [*legs, *panel, (*whole, (h - top, h))]
    if piece.kind == "chair":
        seat = min(0.46, h * 0.52)
        legs = [((a, a + 0.04), (b, b + 0.04), (0.0, seat - 0.04)) for a in (-x, x - 0.04) for b in (-y, y - 0.04)]
        return [*legs, (*whole, (seat - 0.04, seat)), ((-x, x), (-y, -y + 0.05), (seat, h))]
    if piece.kind == "sofa":
        arm, back, seat = 0.18, 0.22, min(0.43, h * 0.55)
        sides = [((-x, -x + arm), (-y, y), (0.05, seat + 0.17)), ((x - arm, x), (-y, y), (0.05, seat + 0.17))]
        return [*sides, ((-x, x), (-y, -y + back), (0.05, h)), ((-x + arm, x - arm), (-y + back, y), (0.05, seat))]
    if piece.kind == "bed":
        frame = h * 0.5
        return [(*whole, (0.08, frame)), ((-x + 0.03, x - 0.03), (-y + 0.03, y - 0.03), (frame, h)),
                ((-x, x), (-y, -y + 0.06), (0.0, h + 0.4)),
                ((-x + 0.12, x - 0.12), (-y + 0.1, -y + 0.5), (h, h + 0.1))]  # fmt: skip
    if piece.kind == "counter":
        return [((-x, x), (-y, y - 0.03), (0.1, h - 0.04)), ((-x, x), (-y, y - 0.08), (0.0, 0.1)), (*whole, (h - 0.04, h))]
    if piece.kind == "cupboard":
        gap = 0.004
        return [((-x, x), (-y, y - 0.02), (0.0, h)), ((-x, -gap), (y - 0.02, y), (0.06, h - 0.01)),
                ((gap, x), (y - 0.02, y), (0.06, h - 0.01))]  # fmt: skip
    return [(*whole, (0.0, h))]


def _ring(shape: shapely.Polygon) -> Array:
    """A polygon's outer corners (n, 2), counter-clockwise, the first not repeated."""
    return np.array(shapely.geometry.polygon.orient(shape).exterior.coords)[:-1]


def _segments(shape: shapely.Polygon) -> Iterable[tuple[tuple[float, float], tuple[float, float]]]:
    coords = list(shape.exterior.coords)
    return zip(coords[:-1], coords[1:], strict=True)


def _polygons(shape: shapely.Geometry) -> list[shapely.Polygon]:
    """The polygons of a shape that are more than slivers."""
    parts = getattr(shape, "geoms", [shape])
    return [p for p in parts if p.geom_type == "Polygon" and p.area > 1e-6]


__all__ = ["Builder", "InputError"]
