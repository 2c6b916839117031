"""From a layout to a Room: walls as solid prisms with their holes, floors, ceilings, furniture, doors."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import mapbox_earcut
import numpy as np
import shapely

from xrlab.document import Document, Loc
from xrlab.errors import Problem
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.gltf.marks import Finds
from xrlab.room.holes import Cut, Misfit, WallPlan, pieces, without_holes
from xrlab.room.lamps import across
from xrlab.room.layout import DoorSpec, Furniture, Hole, Lamp, Layout, PointSpec, Window, ZoneSpec
from xrlab.room.materials import MATERIALS, THIN_SHEETS
from xrlab.room.meshes import placed_mesh
from xrlab.room.model import Door, Light, Point, Room, Surface
from xrlab.room.zones import Zone

Rgba = tuple[float, float, float, float]
_Key = tuple[str, str, Rgba, bool]
"""Name, material, colour, and whether it is hollow: what is alike in these is one surface."""

PANE_M = 0.012
FRAME_M = 0.05
FRAME_COLOR: Rgba = (0.93, 0.92, 0.89, 1.0)
SLAB_M = 0.2
LEAF_M = 0.04
FOLDS_BACK_DEG = 120.0
TUBE_M = 0.026  # diameter of a fluorescent tube (T8)

# Width, depth and height (m) below which a piece of furniture has no room for its parts.
_LEAST = {
    "table": (0.15, 0.15, 0.1), "desk": (0.15, 0.15, 0.1), "chair": (0.15, 0.15, 0.2), "sofa": (0.5, 0.4, 0.45),
    "bed": (0.4, 0.55, 0.2), "counter": (0.1, 0.15, 0.2), "cupboard": (0.1, 0.1, 0.2),
}  # fmt: skip


def rgba(color: str | None, material: str) -> Rgba:
    """A colour of the file, or the material's own."""
    if color is None:
        return MATERIALS[material].color
    return (int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255, 1.0)


class Builder:
    """Builds one layout; `problems` tells what did not fit."""

    def __init__(self, document: Document, layout: Layout) -> None:
        self.document, self.layout = document, layout
        self.problems: list[Problem] = []
        self._parts: dict[_Key, list[tuple[int, Array]]] = defaultdict(list)
        self._bodies = 0
        self._plan: list[tuple[str, Array]] = []
        self.doors: dict[str, Door] = {}
        self.walls = WallPlan(layout)
        self._inner_names = list(self.walls.inner)
        self._inner_tree = shapely.STRtree(list(self.walls.inner.values()))

    def room(self) -> Room:
        """The finished room."""
        layout = self.layout
        self._floors()
        self._walls()
        for piece in layout.furniture:
            self._furniture(piece)
        surfaces = [self._surface(key, triangles) for key, triangles in self._parts.items()]
        files: tuple[Path, ...] = (self.document.path,)
        remarks: tuple[str, ...] = ()
        finds = Finds()
        if layout.mesh:
            mesh = placed_mesh(self.document, layout.mesh)
            surfaces += mesh.surfaces
            files += mesh.files
            remarks, finds = mesh.remarks, mesh.finds
        floor, top = layout.floor_m, layout.floor_m + layout.height_m
        zones = {n: Zone(n, _ring(r.shape()), floor, top) for n, r in layout.rooms.items()}
        zones |= {n: _zone(n, z, layout) for n, z in layout.zones.items()}
        room = Room(
            name=layout.name,
            surfaces=tuple(surfaces),
            doors=self.doors,
            zones=zones,
            points={n: _point(n, p, floor) for n, p in layout.points.items()},
            lights=tuple(self._lamps()),
            plan=tuple(self._plan),
            floor=floor,
            source=str(self.document.path),
            files=files,
            remarks=remarks,
        )
        return finds.added_to(room)

    def _lamps(self) -> Iterable[Light]:
        for index, lamp in enumerate(self.layout.lights):
            r, g, b, _ = rgba(lamp.color, "concrete")
            linear = (r**2.2, g**2.2, b**2.2)  # a lamp's colour is light, not paint
            yield _lamp(f"lamp {index + 1}", lamp, linear)

    def _surface(self, key: _Key, parts: list[tuple[int, Array]]) -> Surface:
        name, material, color, hollow = key
        corners = np.concatenate([triangles for _, triangles in parts]).reshape(-1, 3)
        bodies = np.repeat([body for body, _ in parts], [len(triangles) for _, triangles in parts]).astype(np.int32)
        kind = MATERIALS[material]
        faces = np.arange(len(corners), dtype=np.int32).reshape(-1, 3)
        return Surface(
            name, corners, faces, material, color, kind.roughness, kind.metallic, bodies=bodies, hollow=hollow
        )

    # --- floors and walls -----------------------------------------------------------------------------

    def _floors(self) -> None:
        layout = self.layout
        z = layout.floor_m
        for name, spec in layout.rooms.items():
            shape = shapely.geometry.polygon.orient(spec.shape())
            color = rgba(spec.floor_color, spec.floor)
            self._prism(shape, z - SLAB_M, z, _key(f"floor of {name}", spec.floor, color), {})
            self._plan.append(("floor", _ring(shape)))
            if layout.ceiling and not spec.outside:
                top = z + layout.height_m
                white = (0.92, 0.91, 0.89, 1.0)
                self._prism(shape, top, top + SLAB_M, _key(f"ceiling of {name}", "plasterboard", white), {})

    def _walls(self) -> None:
        layout, plan = self.layout, self.walls
        cuts = self._cuts()
        low = layout.floor_m
        own = {n: rgba(layout.rooms[n].wall_color or layout.wall_color, layout.walls_of) for n in plan.inner}
        for number, body in enumerate(plan.bodies):
            mine = [cut for cut in cuts if cut.body == number]
            solid = body.shape.difference(shapely.union_all([cut.rect for cut in mine])) if mine else body.shape
            if body.free is None:
                key, looks = _key("wall", layout.walls_of, rgba(layout.wall_color, layout.walls_of)), own
            else:
                wall = layout.walls[body.free]
                key, looks = _key(f"free wall {body.free + 1}", wall.material, rgba(wall.color, wall.material)), {}
            for part in pieces(solid):
                self._prism(part, low, low + body.height, key, looks)
            self._plan += [("wall", _ring(part)) for part in without_holes(solid)]
            for cut in mine:
                if body.free is not None and cut.low == 0:
                    self._threshold(cut)
                whole = self.walls.walls_in(cut.rect) if body.free is None else body.shape.intersection(cut.rect)
                for part in pieces(whole):
                    if cut.low > 0:
                        self._prism(part, low, low + cut.low, key, looks)
                    if cut.high < body.height:
                        self._prism(part, low + cut.high, low + body.height, key, looks)

    def _threshold(self, cut: Cut) -> None:
        """The floor in the doorway of a free wall, where the rooms' floors end at the wall's faces."""
        names = [name for _, name in self.walls.sides(cut) if name]
        if not names:
            return
        spec, z = self.layout.rooms[names[0]], self.layout.floor_m
        key = _key(f"floor of {names[0]}", spec.floor, rgba(spec.floor_color, spec.floor))
        gap = cut.rect
        near = [s for s in self.walls.shapes.values() if s.intersects(gap)]
        for part in pieces(gap.difference(shapely.union_all(near))):
            self._prism(part, z - SLAB_M, z, key, {})

    def _cuts(self) -> list[Cut]:
        """Every hole's place in its wall, with doors swung and panes set; notes what does not fit."""
        out: list[tuple[Loc, Cut]] = []
        windows = 0
        for loc, hole in self._holes():
            if isinstance(hole, DoorSpec) and hole.hinge_at is not None:
                self.doors[str(loc[1])] = _free_door(str(loc[1]), hole, _height(hole.floor_m, self.layout.floor_m))
                continue
            try:
                cut = self.walls.cut(hole)
                if isinstance(hole, DoorSpec):
                    side = self.walls.opens_to(cut, hole)
                    self.doors[str(loc[1])] = _door(str(loc[1]), hole, cut, side, self.layout.floor_m)
            except Misfit as misfit:
                self.problems.append(self.document.problem((*loc, misfit.key), misfit.what))
                continue
            for other, before in out:
                near = math.dist(before.middle, cut.middle) < (before.width + before.thick + cut.width + cut.thick) / 2
                if near and before.rect.intersection(cut.rect).area > 1e-4:
                    what = f"overlaps {_called(other)}, which lies in the same piece of wall; move one of them"
                    self.problems.append(self.document.problem(loc, what))
            out.append((loc, cut))
            if isinstance(hole, Window):
                windows += 1
                self._pane(cut, f"window {windows}", hole)
        return [cut for _, cut in out]

    def _holes(self) -> Iterable[tuple[Loc, Hole]]:
        yield from ((("doors", n), d) for n, d in self.layout.doors.items())
        yield from ((("openings", i), o) for i, o in enumerate(self.layout.openings))
        yield from ((("windows", i), w) for i, w in enumerate(self.layout.windows))

    def _pane(self, cut: Cut, name: str, window: Window) -> None:
        """A frame in the middle of the wall, and a pane of glass in it, or a leaf that opens."""
        low, high = self.layout.floor_m + cut.low, self.layout.floor_m + cut.high
        half, f = cut.width / 2, min(FRAME_M, cut.width / 4, (high - low) / 4)

        def strip(u0: float, u1: float, thick: float) -> shapely.Polygon:
            (mx, my), (ax, ay) = cut.middle, cut.along
            corners = [(u0, -thick / 2), (u1, -thick / 2), (u1, thick / 2), (u0, thick / 2)]
            return shapely.Polygon([(mx + u * ax - v * ay, my + u * ay + v * ax) for u, v in corners])

        if window.name:
            self.doors[window.name] = self._casement(window, cut, f)
        else:
            glass = _key(name, "glass", MATERIALS["glass"].color)
            self._prism(strip(f - half, half - f, PANE_M), low + f, high - f, glass, {})
        frame = _key(f"frame of {name}", "wood", FRAME_COLOR)
        for u0, u1, z0, z1 in (
            (-half, half, low, low + f), (-half, half, high - f, high),
            (-half, f - half, low + f, high - f), (half - f, half, low + f, high - f),
        ):  # fmt: skip
            self._prism(strip(u0, u1, FRAME_M), z0, z1, frame, {})
        self._plan.append(("window", _ring(strip(-half, half, min(cut.thick, 0.08)))))

    def _casement(self, window: Window, cut: Cut, frame: float) -> Door:
        """The leaf of a window that opens inwards: glass in a frame of its own, between the fixed one."""
        spec = DoorSpec.model_construct(
            at=cut.middle, between=None, opens_into=None, hinge=window.hinge, swing_deg=90.0, material="glass",
            width_m=cut.width - 2 * frame, height_m=cut.high - cut.low - 2 * frame, opened_by=window.opened_by,
            open=window.open, seconds=0.8, color=None,
        )  # fmt: skip
        side = self.walls.opens_to(cut, spec)
        leaf = _door(str(window.name), spec, cut, side, self.layout.floor_m + cut.low + frame)
        return replace(leaf, color=FRAME_COLOR, sill=cut.low + frame)

    # --- doors and furniture --------------------------------------------------------------------------

    def _furniture(self, piece: Furniture) -> None:
        color = rgba(piece.color, piece.material)
        kind = MATERIALS[piece.material]
        may_be_hollow = kind.hollow != "never" and not piece.solid
        c, s = math.cos(math.radians(piece.yaw_deg)), math.sin(math.radians(piece.yaw_deg))
        foot = self.layout.floor_m + piece.over_floor_m
        for (x0, x1), (y0, y1), (z0, z1) in _boxes(piece):
            thick = min(x1 - x0, y1 - y0, z1 - z0)
            key = (piece.kind, piece.material, color, may_be_hollow and thick > THIN_SHEETS * kind.sheet_m)
            corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
            shape = shapely.Polygon([(piece.at[0] + x * c - y * s, piece.at[1] + x * s + y * c) for x, y in corners])
            self._prism(shape, foot + z0, foot + z1, key, {})
        self._plan.append(("furniture", _ring(piece.shape())))

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
        number, self._bodies = self._bodies, self._bodies + 1
        top, foot = np.concatenate((tri, at * high), axis=2), np.concatenate((tri, at * low), axis=2)[:, ::-1]
        self._parts[key] += [(number, top), (number, foot)]
        for ring in rings:
            for p, q in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                quad = np.array([[*p, low], [*q, low], [*q, high], [*p, high]])
                sides = quad[[0, 1, 2, 0, 2, 3]].reshape(2, 3, 3)
                self._parts[self._facing(key, own, p, q)].append((number, sides))

    def _facing(self, key: _Key, own: dict[str, Rgba], p: Array, q: Array) -> _Key:
        if not own:
            return key
        way = q - p
        length = float(np.hypot(*way)) or 1.0
        probe = shapely.Point((p + q) / 2 + np.array([way[1], -way[0]]) / length * 0.05)
        found = self._inner_tree.query(probe, predicate="within")
        if not len(found):
            return key
        room = self._inner_names[int(found.min())]
        return f"wall of {room}", key[1], own[room], key[3]


def _key(name: str, material: str, color: Rgba) -> _Key:
    """What a part of the building is; only of some materials is it hollow, such as stud walls of plasterboard."""
    return name, material, color, MATERIALS[material].hollow == "always"


def _boxes(piece: Furniture) -> list[tuple[tuple[float, float], tuple[float, float], tuple[float, float]]]:
    """The boxes that make a piece of furniture: spans in x, y, z (m); its front looks along +y.

    What is too small for its parts (a bed for its pillow) is a plain box.
    """
    w, d, h = piece.size_m
    x, y = w / 2, d / 2
    whole = ((-x, x), (-y, y))
    if any(size < least for size, least in zip(piece.size_m, _LEAST.get(piece.kind, (0.0, 0.0, 0.0)), strict=True)):
        return [(*whole, (0.0, h))]
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
        return [
            ((-x, x), (-y, y - 0.03), (0.1, h - 0.04)),
            ((-x, x), (-y, y - 0.08), (0.0, 0.1)),
            (*whole, (h - 0.04, h)),
        ]
    if piece.kind == "cupboard":
        gap = 0.004
        return [((-x, x), (-y, y - 0.02), (0.0, h)), ((-x, -gap), (y - 0.02, y), (0.06, h - 0.01)),
                ((gap, x), (y - 0.02, y), (0.06, h - 0.01))]  # fmt: skip
    return [(*whole, (0.0, h))]


def _height(own: float | None, layouts: float) -> float:
    return layouts if own is None else own


def _zone(name: str, spec: ZoneSpec, layout: Layout) -> Zone:
    floor = _height(spec.floor_m, layout.floor_m)
    return Zone(name, _ring(spec.shape()), floor, floor + (spec.height_m or layout.height_m))


def _point(name: str, spec: PointSpec, floor: float) -> Point:
    return Point(name, (*spec.at, _height(spec.floor_m, floor)), math.radians(spec.yaw_deg))


def _lamp(name: str, spec: Lamp, color: Vec3) -> Light:
    x, y, z = (b - a for a, b in zip(spec.at, spec.towards or (*spec.at[:2], spec.at[2] - 1.0), strict=True))
    far = math.sqrt(x * x + y * y + z * z)
    direction = (x / far, y / far, z / far)
    yaw = math.radians(spec.yaw_deg or 0.0)
    size, cone = (0.0, 0.0), (0.0, math.pi / 4)
    if spec.kind == "panel":
        size = spec.size_m or (0.6, 0.6)
    elif spec.kind == "tube":
        size = (spec.length_m or 1.2, TUBE_M)
    elif spec.kind == "spot":
        whole = 60.0 if spec.cone_deg is None else spec.cone_deg
        core = whole / 2 if spec.core_deg is None else spec.core_deg
        cone = (math.radians(core / 2), math.radians(whole / 2))
    return Light(
        name, spec.at, color, spec.lumens, spec.group, spec.kind, direction, across(direction, yaw), size, cone
    )  # fmt: skip


def _ring(shape: shapely.Polygon) -> Array:
    """A polygon's outer corners (n, 2), counter-clockwise, the first not repeated."""
    return np.array(shapely.geometry.polygon.orient(shape).exterior.coords)[:-1]


def _called(loc: Loc) -> str:
    section, name = str(loc[0]), loc[1]
    return f"'{name}'" if isinstance(name, str) else f"{section.removesuffix('s')} {name + 1}"


def _door(name: str, spec: DoorSpec, cut: Cut, side: tuple[float, float], floor: float) -> Door:
    """A door in a wall; side: direction to where it opens into."""
    # one who stands there and looks at the door has this on the right hand
    right = (-side[1], side[0])
    to_hinge = right if spec.hinge == "right" else (-right[0], -right[1])
    half = spec.width_m / 2
    along = (-to_hinge[0], -to_hinge[1])
    turn = 1.0 if along[0] * side[1] - along[1] * side[0] > 0 else -1.0
    # The leaf is flush with the wall on the side it opens into, as doors are: hung in the middle of the wall it
    # would turn into the jamb. One that folds back farther lies on the wall, else it would end up inside it.
    out = cut.thick / 2 + (LEAF_M / 2 + 0.001) * (1 if spec.swing_deg > FOLDS_BACK_DEG else -1)
    hinge = (
        cut.middle[0] + to_hinge[0] * half + side[0] * max(0.0, out),
        cut.middle[1] + to_hinge[1] * half + side[1] * max(0.0, out),
        floor,
    )
    return _leaf(name, spec, hinge, math.atan2(along[1], along[0]), turn)


def _free_door(name: str, spec: DoorSpec, floor: float) -> Door:
    """A door in a doorway of a mesh; hinges on the left, seen from where it opens into, turn clockwise."""
    assert spec.hinge_at is not None
    hinge = (spec.hinge_at[0], spec.hinge_at[1], floor)
    return _leaf(name, spec, hinge, math.radians(spec.closed_yaw_deg or 0.0), 1.0 if spec.hinge == "right" else -1.0)


def _leaf(name: str, spec: DoorSpec, hinge: Vec3, closed_yaw: float, turn: float) -> Door:
    by = spec.opened_by
    return Door(
        name=name,
        hinge=hinge,
        closed_yaw=closed_yaw,
        swing=turn * math.radians(spec.swing_deg),
        width=spec.width_m,
        height=spec.height_m,
        thickness=LEAF_M,
        material=spec.material,
        color=rgba(spec.color, spec.material),
        opened_by=(by,) if isinstance(by, str) else tuple(by),
        begins_open=float(spec.open),
        seconds=spec.seconds,
    )
