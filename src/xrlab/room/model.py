"""What a room is, wherever it came from: what is drawn, what stops a bullet, where one can stand.

A `Room` never changes once built. What moves in it (doors, lights, people) is described here as it is
at rest; the simulation says where it is at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.floor.outlook import Barrier, Outlook
from xrlab.room.floor.pieces import Gate, Pieces
from xrlab.room.floor.walkable import Walkable
from xrlab.room.materials import MATERIALS, Material
from xrlab.room.zones import Zone

Point2 = tuple[float, float]

OTHER_FLOOR_M = 0.25
"""Points and zones whose height differs more than this from the room's floor lie on another storey."""


@dataclass(frozen=True)
class Maps:
    """How a surface looks beyond its colour, as glTF's metallic-roughness material has it.

    Pictures are (h, w, 4) uint8, None where there is none. normal: the surface's normal, x y z in red green blue, x
    along growing u and y along growing v; `bumps` scales x and y. finish: roughness in green, metallic in blue, which
    the surface's own are multiplied with. occlusion: in red, how much of the light from around arrives; `darkens`
    0..1: how much of that is drawn. glow: sRGB light that is sent, times `shines`, which is linear; 1 is white on
    the screen. uvs: texture coordinates (n, 2) of those pictures, by name, that do not lie as the surface's `uv` says.
    cutoff: where the alpha of colour and texture is below it, there is nothing; None: alpha is how much is covered
    where `blended`, and means nothing elsewhere. unlit: the colour is shown as it is.
    """

    normal: NDArray[np.uint8] | None = None
    bumps: float = 1.0
    finish: NDArray[np.uint8] | None = None
    occlusion: NDArray[np.uint8] | None = None
    darkens: float = 1.0
    glow: NDArray[np.uint8] | None = None
    shines: tuple[float, float, float] = (0.0, 0.0, 0.0)
    uvs: Mapping[str, Array] = field(default_factory=dict)
    cutoff: float | None = None
    blended: bool = False
    unlit: bool = False

    @property
    def pictures(self) -> dict[str, NDArray[np.uint8]]:
        """Those that are there, by name."""
        named = {"normal": self.normal, "finish": self.finish, "occlusion": self.occlusion, "glow": self.glow}
        return {name: picture for name, picture in named.items() if picture is not None}


NO_MAPS = Maps()
"""Of a surface that is but its colour and texture."""


@dataclass(frozen=True)
class Surface:
    """Triangles of one material and one look.

    name: for messages ("north wall of hall"). vertices: (n, 3) metres, world frame. faces: (m, 3).
    material: key of `MATERIALS`. color: base colour, sRGB red, green, blue, alpha in 0..1.
    uv: (n, 2) or None. texture: (h, w, 4) uint8 sRGB picture or None, multiplied with `color`.
    normals: (n, 3) of length 1, or None for flat shading. paint: what the file calls its material, "" if it
    names none. colors: (n, 3) uint8 sRGB of each vertex, as a scan has them, or None; they stand for `color`,
    whose alpha stays. bodies: (m,) which closed body, numbered from 0 in the room, each triangle is a side of; None
    where that is not known, as of meshes. hollow: those bodies are sheets with air between, such as a cupboard.
    maps: what else its look is made of. one_sided: it is not drawn where it is seen from behind.
    """

    name: str
    vertices: Array
    faces: NDArray[np.int32]
    material: str
    color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    roughness: float = 0.9
    metallic: float = 0.0
    uv: Array | None = None
    texture: NDArray[np.uint8] | None = None
    normals: Array | None = None
    paint: str = ""
    colors: NDArray[np.uint8] | None = None
    bodies: NDArray[np.int32] | None = None
    hollow: bool = False
    maps: Maps = NO_MAPS
    one_sided: bool = False


@dataclass(frozen=True)
class Cloud:
    """The points of a scan, to be shown as they are.

    points: (n, 3) metres, world frame. colors: (n, 3) uint8 sRGB. spacing: about how far apart they lie (m).
    """

    points: Array
    colors: NDArray[np.uint8]
    spacing: float


@dataclass(frozen=True)
class Door:
    """A hinged door leaf.

    hinge: where its axis meets the floor. closed_yaw: direction (rad) from the hinge along the shut
    leaf. swing: angle (rad, signed) from shut to fully open. width, height, thickness in metres.
    opened_by: who may open it: "all", "nobody" (locked), or names of teams and people.
    begins_open: 0 shut .. 1 fully open. seconds: how long it takes to open fully. sill: height of its lower
    edge over the floor, more than 0 for the leaf of a window, through which nobody walks.
    """

    name: str
    hinge: Vec3
    closed_yaw: float
    swing: float
    width: float
    height: float = 2.03
    thickness: float = 0.04
    material: str = "wood"
    color: tuple[float, float, float, float] = (0.55, 0.38, 0.24, 1.0)
    opened_by: tuple[str, ...] = ("all",)
    begins_open: float = 0.0
    seconds: float = 0.8
    sill: float = 0.0

    def yaw(self, opened: float) -> float:
        """Direction of the leaf (rad) when it is `opened` 0..1."""
        return self.closed_yaw + self.swing * opened

    @cached_property
    def middle(self) -> Vec3:
        """Middle of the doorway on the floor."""
        half = self.width / 2
        return (
            self.hinge[0] + math.cos(self.closed_yaw) * half,
            self.hinge[1] + math.sin(self.closed_yaw) * half,
            self.hinge[2],
        )


LAMP_KINDS = ("ceiling", "point", "spot", "panel", "tube")
"""What a lamp can be: a ceiling lamp that sends most of its light down, a bare bulb that sends it evenly all around, a
spot that sends it into a cone, a panel that glows on one side, a tube."""


@dataclass(frozen=True)
class Light:
    """A lamp.

    position (m); color linear RGB 0..1; power in lumens; group: switched together. kind: one of `LAMP_KINDS`.
    direction: where a spot or a panel shines, of length 1. along: the width of a panel or the length of a tube, of
    length 1 and at a right angle to `direction`. size (m): of a panel its width and depth, of a tube its length and
    diameter; of all others it counts for nothing. cone: half angles (rad) of a spot, within the first of which it
    shines in full and outside the second not at all.
    """

    name: str
    position: Vec3
    color: tuple[float, float, float] = (1.0, 0.96, 0.9)
    power: float = 1500.0
    group: str = "main"
    kind: str = "ceiling"
    direction: Vec3 = (0.0, 0.0, -1.0)
    along: Vec3 = (1.0, 0.0, 0.0)
    size: tuple[float, float] = (0.0, 0.0)
    cone: tuple[float, float] = (0.0, math.pi / 4)


@dataclass(frozen=True)
class Sun:
    """The sun, or the moon by night, whose light comes straight and throws shadows.

    yaw, pitch (rad): of the way to it. lux: on a surface that faces it. color: linear red, green, blue 0..1.
    """

    yaw: float
    pitch: float
    lux: float
    color: tuple[float, float, float] = (1.0, 0.96, 0.88)


@dataclass(frozen=True)
class Point:
    """A named place on the floor, and where someone who stands there looks (rad)."""

    name: str
    position: Vec3
    yaw: float = 0.0


@dataclass(frozen=True)
class View:
    """A camera that a room's file brings: position (m), yaw and pitch of its line of sight (rad), fov_y (rad)."""

    name: str
    position: Vec3
    yaw: float = 0.0
    pitch: float = 0.0
    fov_y: float = math.radians(58.0)


@dataclass(frozen=True)
class Room:
    """One room (or house, or range) as the simulation and the renderer take it.

    plan: outlines to draw from above: (kind, (n, 2) points) with kind one of "wall", "window",
    "furniture", "floor". source: name of the file it came from. floor: height (m) of the floor. files: all
    that was read to make it. remarks: what its author should look at, though it can be used as it is.
    cloud: the points of the scan that it was made from; they are shown where asked for, and stop nothing.
    views: cameras that its file brings, for pictures. sun: where its file has one; nobody can switch it.
    """

    name: str
    surfaces: tuple[Surface, ...]
    doors: Mapping[str, Door] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    points: Mapping[str, Point] = field(default_factory=dict)
    lights: tuple[Light, ...] = ()
    sun: Sun | None = None
    plan: tuple[tuple[str, Array], ...] = ()
    floor: float = 0.0
    source: str = ""
    files: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()
    cloud: Cloud | None = None
    views: Mapping[str, View] = field(default_factory=dict)

    @cached_property
    def bounds(self) -> tuple[Array, Array]:
        """Lowest and highest corner (3,), metres, of all that is drawn."""
        lows = [s.vertices.min(axis=0) for s in self.surfaces if len(s.vertices)]
        highs = [s.vertices.max(axis=0) for s in self.surfaces if len(s.vertices)]
        if not lows and self.cloud is not None and len(self.cloud.points):
            return self.cloud.points.min(axis=0), self.cloud.points.max(axis=0)
        if not lows:
            return np.zeros(3), np.zeros(3)
        return np.min(lows, axis=0), np.max(highs, axis=0)

    @cached_property
    def _triangles(self) -> tuple[Array, NDArray[np.int32], tuple[str, ...], tuple[str, ...]]:
        """Corners (3n, 3), indices (n, 3), material and surface name of each triangle."""
        corners, materials, names = [], [], []
        for s in self.surfaces:
            corners.append(s.vertices[s.faces].reshape(-1, 3))
            materials += [s.material] * len(s.faces)
            names += [s.name] * len(s.faces)
        stacked = np.concatenate(corners) if corners else np.zeros((0, 3))
        return stacked, np.arange(len(stacked), dtype=np.int32).reshape(-1, 3), tuple(materials), tuple(names)

    @cached_property
    def solid(self) -> RayMesh:
        """All triangles that don't move, for bullets; `material_of` and `surface_of` name what was hit."""
        corners, index, _, _ = self._triangles
        return RayMesh(corners, index)

    @cached_property
    def opaque(self) -> RayMesh:
        """The triangles that block sight."""
        corners, index, materials, _ = self._triangles
        keep = np.array([MATERIALS[m].blocks_sight for m in materials], bool)
        return RayMesh(corners, index[keep])

    def material_of(self, triangle: int) -> Material:
        """Material of a triangle of `solid`."""
        return MATERIALS[self._triangles[2][triangle]]

    def surface_of(self, triangle: int) -> str:
        """Name of the surface that a triangle of `solid` belongs to."""
        return self._triangles[3][triangle]

    def body_of(self, triangle: int) -> tuple[int, bool]:
        """The closed body that a triangle of `solid` is a side of, -1 if not known, and whether that is hollow."""
        return self._bodies[triangle]

    @cached_property
    def _bodies(self) -> list[tuple[int, bool]]:
        out: list[tuple[int, bool]] = []
        for s in self.surfaces:
            numbers = [-1] * len(s.faces) if s.bodies is None else s.bodies.tolist()
            out += [(number, s.hollow) for number in numbers]
        return out

    @cached_property
    def walkable(self) -> Walkable:
        """Where one can stand, on all storeys, and how to get from place to place; doors count as passable."""
        low, high = self.bounds
        marked = [p.position for p in self.points.values()] + [(*z.inner_point, z.floor) for z in self.zones.values()]
        elsewhere = [p for p in marked if abs(p[2] - self.floor) > OTHER_FLOOR_M]
        return Walkable.from_mesh(
            self.solid, self.floor, (low[0], low[1]), (high[0], high[1]), seeds=elsewhere
        )  # fmt: skip

    @cached_property
    def pieces(self) -> Pieces:
        """The walkable floor in pieces, cut at the doors, which are its gates in their order."""
        gates = []
        for d in self.doors.values():
            x, y, z = d.hinge
            ex, ey = x + math.cos(d.closed_yaw) * d.width, y + math.sin(d.closed_yaw) * d.width
            gates.append(Gate(x, y, ex, ey, z, z + d.height))
        return Pieces(self.walkable, tuple(gates))

    def floor_points(self, zone: str, apart: float) -> Array:
        """Points (n, 3) of a zone's free floor, `apart` metres from each other; its middle where none is free."""
        known = self._floor_points.get((zone, apart))
        if known is None:
            area = self.zones[zone]
            low, high = area.polygon.min(axis=0), area.polygon.max(axis=0)
            xs, ys = (np.arange(low[axis] + apart / 2, high[axis], apart) for axis in (0, 1))
            grid = np.array([(x, y) for x in xs for y in ys]).reshape(-1, 2)
            grid = grid[area.contains(grid)]
            free = [(x, y) for x, y in grid.tolist() if self.walkable.stands(x, y, area.floor)] or [area.centre]
            known = self._floor_points[(zone, apart)] = np.array([(x, y, area.floor) for x, y in free])
            known.setflags(write=False)
        return known

    def outlook(self, shut: Iterable[str] = ()) -> Outlook:
        """What can be reached and seen on foot while the doors of these names stay shut; each made once."""
        names = frozenset(shut)
        known = self._outlooks.get(names)
        if known is None:
            doors = [self.doors[name] for name in sorted(names)]
            known = self._outlooks[names] = Outlook(self.walkable, self.opaque, [_shut_leaf(d) for d in doors])
        return known

    @cached_property
    def _outlooks(self) -> dict[frozenset[str], Outlook]:
        return {}

    @cached_property
    def _floor_points(self) -> dict[tuple[str, float], Array]:
        return {}

    def doors_between(self, a: Vec3, b: Vec3) -> Iterator[tuple[str, float]]:
        """Doors whose shut leaf stands on the straight way from a to b, with the share of the way before each."""
        dx, dy = b[0] - a[0], b[1] - a[1]
        for name, door in self.doors.items():
            hx, hy = door.hinge[:2]
            ex, ey = math.cos(door.closed_yaw) * door.width, math.sin(door.closed_yaw) * door.width
            cross = dx * ey - dy * ex
            if abs(cross) < 1e-9:
                continue
            f = ((hx - a[0]) * ey - (hy - a[1]) * ex) / cross
            g = ((hx - a[0]) * dy - (hy - a[1]) * dx) / cross
            if 0.0 <= f <= 1.0 and 0.0 <= g <= 1.0 and abs(a[2] + (b[2] - a[2]) * f - door.hinge[2]) < door.height:
                yield name, f

    @cached_property
    def worked_out(self) -> dict[tuple[str, ...], Any]:
        """What others have worked out about this room, by their own key: many runs in one room share it."""
        return {}

    def zone_at(self, point: Point2 | Vec3) -> str | None:
        """Name of the first zone that holds a point of the floor; None if none does. Without z any storey counts."""
        at = np.array([point[:2]])
        return next(
            (z.name for z in self.zones.values() if (len(point) < 3 or z.spans(point[2])) and z.contains(at)[0]), None
        )


def _shut_leaf(door: Door) -> Barrier:
    x, y, z = door.hinge
    yaw = door.yaw(door.begins_open)
    end = (x + math.cos(yaw) * door.width, y + math.sin(yaw) * door.width)
    return Barrier((x, y), end, z, z + door.height, MATERIALS[door.material].blocks_sight)
