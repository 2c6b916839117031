"""A furnished house for pictures: the Shooting House with 150 things more, so fine as one asks, the same every time.

Plain triangles and colours without textures, panes or moving parts (doors stand open), so that every renderer can
draw exactly the same. The cameras stand at eye height and look through open doors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle, pairwise

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Vec3
from xrlab.render.scene import Camera
from xrlab.room import Room, load_room
from xrlab.room.model import Surface
from xrlab.scenario.load import shipped

TRIANGLES = 62_000
OBJECTS = 211
EYE_M = 1.65
FOV_Y = math.radians(60)

CAMERAS = tuple(
    Camera((x, y, EYE_M), math.atan2(ty - y, tx - x), -0.08, FOV_Y)
    for (x, y), (tx, ty) in (
        ((0.5, 4.8), (13.0, 4.8)),  # along the hallway into the living room
        ((13.0, 8.9), (8.7, 4.6)),
        ((9.9, 4.7), (12.6, 8.9)),
        ((3.9, 6.5), (3.5, 1.0)),  # from the kitchen across the hallway into the bedroom
        ((1.0, 9.0), (4.2, 5.9)),
        ((11.7, 5.6), (11.4, 0.8)),  # from the living room into the office
        ((6.1, 5.2), (5.9, 0.6)),
        ((12.6, 3.2), (8.0, 0.9)),
    )
)
"""Where the pictures are taken."""

Rings = tuple[tuple[float, float], ...]
Mesh = tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.float64]]
"""Corners (n, 3) m, triangles (m, 3), normals (n, 3)."""


@dataclass(frozen=True)
class House:
    """room: all of it as surfaces that don't move. triangles, objects: how many they are."""

    room: Room
    triangles: int
    objects: int


@lru_cache(maxsize=1)
def furnished(triangles: int = TRIANGLES) -> House:
    """The house with about so many triangles, 20,000 at least: round things take three quarters, flat ones the rest."""
    bare = load_room(shipped()["house/hostage"].parent.parent / "rooms" / "house.yaml")
    fixed = [s for s in bare.surfaces if not s.name.startswith("window")] + _doors(bare)
    fineness, edge = 1.0, 0.5
    for _ in range(4):  # both counts grow as the square of how fine the things are
        things = _things(bare, fineness)
        flat = [_cut(s, edge) for s in fixed]
        fineness *= math.sqrt(0.72 * triangles / _count(things))
        edge *= math.sqrt(_count(flat) / max(1.0, 0.28 * triangles))
    while _count(things := _things(bare, fineness)) > 0.74 * triangles and fineness > 0.3:
        fineness *= 0.98
    while _count(flat := [_cut(s, edge) for s in fixed]) + _count(things) < 0.985 * triangles:
        edge *= 0.98  # what is left goes to floors and walls
    surfaces = (*flat, *things)
    room = Room("furnished house", surfaces, lights=bare.lights, floor=bare.floor)
    return House(room, _count(surfaces), len(surfaces))


def _count(surfaces: list[Surface] | tuple[Surface, ...]) -> int:
    return sum(len(s.faces) for s in surfaces)


def _doors(bare: Room) -> list[Surface]:
    """The leaves, wide open, as boxes."""
    out = []
    for door in bare.doors.values():
        leaf = _box((door.width / 2, 0, door.height / 2), (door.width, door.thickness, door.height))
        mesh = _placed(leaf, door.hinge, door.yaw(1.0))
        out.append(Surface(door.name, mesh[0], mesh[1], door.material, door.color, 0.6, normals=mesh[2]))
    return out


def _cut(surface: Surface, edge: float) -> Surface:
    """Flat triangles halved until no side is longer than `edge` (m); each side by its own length: no cracks."""
    corners = np.asarray(surface.vertices, float)[surface.faces]
    done = []
    while len(corners):
        sides = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
        turn = (sides.argmax(axis=1)[:, None] + np.arange(3)) % 3
        corners = np.take_along_axis(corners, turn[:, :, None], axis=1)
        long = sides.max(axis=1) > edge * 1.42
        done.append(corners[~long])
        a, b, c = np.moveaxis(corners[long], 1, 0)
        middle = (a + b) / 2
        corners = np.concatenate((np.stack((b, c, middle), axis=1), np.stack((c, a, middle), axis=1)))
    whole = np.concatenate(done)
    across = np.cross(whole[:, 1] - whole[:, 0], whole[:, 2] - whole[:, 0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    both = np.concatenate((whole, np.repeat(across[:, None], 3, axis=1)), axis=2).reshape(-1, 6)
    unique, index = np.unique(np.round(both, 6), axis=0, return_inverse=True)
    faces = index.reshape(-1, 3).astype(np.int32)
    return Surface(surface.name, unique[:, :3], faces, surface.material, surface.color, surface.roughness,
                   surface.metallic, normals=unique[:, 3:])  # fmt: skip


# --- things ------------------------------------------------------------------------------------------


def _things(bare: Room, fineness: float) -> list[Surface]:
    """150 pieces: furniture on the floor, small things on what is flat, and what hangs."""
    luck = np.random.Generator(np.random.PCG64(62))
    out: list[Surface] = []

    def add(name: str, mesh: Mesh, at: Vec3, material: str) -> None:
        placed = _placed(mesh, at, float(luck.uniform(-math.pi, math.pi)))
        grey = luck.uniform(0.3, 0.8)
        r, g, b = (float(c) for c in grey + luck.uniform(-0.15, 0.15, 3))
        out.append(Surface(name, placed[0], placed[1], material, (r, g, b, 1.0), float(luck.uniform(0.3, 0.9)),
                           normals=placed[2]))  # fmt: skip

    floor, ceiling = _floor(bare, luck), _floor(bare, luck, 2.58)
    soft = _tops(bare, ("sofa", "bed"), luck)
    flat = _tops(bare, ("cupboard", "counter", "table", "desk", "box"), luck)
    make: tuple[tuple[str, int, str, Callable[[float], Mesh], Iterator[Vec3]], ...] = (
        ("chair", 12, "wood", _chair, floor),
        ("round table", 4, "wood", _table, floor),
        ("floor lamp", 6, "steel", _lamp, floor),
        ("plant", 10, "fabric", _plant, floor),
        ("bin", 6, "steel", _bin, floor),
        ("ball", 8, "fabric", lambda f: _round(f, 0.13, 0.13, 2.0), floor),
        ("cushion", 22, "fabric", lambda f: _round(f, 0.24, 0.09, 3.0), soft),
        ("books", 18, "cardboard", _books, flat),
        ("cup", 22, "tile", _cup, flat),
        ("bottle", 18, "tile", _bottle, flat),
        ("vase", 16, "tile", _vase, flat),
        ("smoke detector", 8, "plasterboard", _detector, ceiling),
    )
    for name, number, material, shape, places in make:
        for k in range(number):
            add(f"{name} {k + 1}", shape(fineness), next(places), material)
    return out


def _floor(bare: Room, luck: np.random.Generator, height: float = 0.0) -> Iterator[Vec3]:
    """Free places on the floor (or so high above it), room after room, and none right before a camera."""
    names = [name for name in bare.zones if name not in ("porch", "terrace")]
    free = {name: bare.floor_points(name, 0.3) for name in names}
    number = 0
    while True:
        points = free[names[number % len(names)]]
        number += 1
        x, y, z = points[int(luck.integers(len(points)))].tolist()
        if min(math.hypot(x - c.position[0], y - c.position[1]) for c in CAMERAS) > 1.2:
            yield x, y, z + height


def _tops(bare: Room, kinds: tuple[str, ...], luck: np.random.Generator) -> Iterator[Vec3]:
    """Places on top of pieces of furniture, one after the other."""
    tops = []
    for s in bare.surfaces:
        if s.name in kinds:
            corners = s.vertices[s.faces]
            up = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] / 2
            tops.append((corners[up > 0.02], up[up > 0.02]))
    for corners, area in cycle([t for t in tops if len(t[0])]):
        weight = luck.uniform(0.15, 0.6, 3)
        x, y, z = (weight / weight.sum()) @ corners[luck.choice(len(area), p=area / area.sum())]
        yield float(x), float(y), float(z)


def _placed(mesh: Mesh, at: Vec3, yaw: float) -> Mesh:
    c, s = math.cos(yaw), math.sin(yaw)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return mesh[0] @ turn.T + at, mesh[1], mesh[2] @ turn.T


def _join(*meshes: Mesh) -> Mesh:
    starts = np.cumsum([0] + [len(m[0]) for m in meshes[:-1]])
    faces = [m[1] + start for m, start in zip(meshes, starts, strict=True)]
    return (np.concatenate([m[0] for m in meshes]), np.concatenate(faces).astype(np.int32),
            np.concatenate([m[2] for m in meshes]))  # fmt: skip


def _box(middle: Vec3, size: Vec3) -> Mesh:
    corners, faces, normals = [], [], []
    for axis in range(3):
        for side in (-1.0, 1.0):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            start = len(corners)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                point = np.zeros(3)
                point[axis], point[u], point[v] = side, a * side, b
                corners.append(point * np.array(size) / 2 + middle)
                normals.append(np.eye(3)[axis] * side)
            faces += [(start, start + 1, start + 2), (start, start + 2, start + 3)]
    return np.array(corners), np.array(faces, np.int32), np.array(normals)


def _grid(points: NDArray[np.float64], normals: NDArray[np.float64]) -> Mesh:
    """A sheet of (rows, columns, 3) points, without the triangles that have no area."""
    rows, columns = points.shape[:2]
    number = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (n.reshape(-1) for n in (number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]))
    faces = np.concatenate((np.stack((a, b, c), axis=1), np.stack((a, c, d), axis=1)))
    flat = points.reshape(-1, 3)
    corners = flat[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return flat, faces[area > 1e-10].astype(np.int32), normals.reshape(-1, 3)


def _turned(fineness: float, rings: Rings, *, sides: int = 14, steps: int = 2) -> Mesh:
    """What a lathe makes of a profile: (radius, height) from below to above, the outside to the right."""
    around = max(5, round(sides * fineness))
    between = max(1, round(steps * fineness))
    profile = np.array(rings, float)
    share = np.linspace(0.0, 1.0, between, endpoint=False)
    fine = [a + (b - a) * s for a, b in pairwise(profile) for s in share] + [profile[-1]]
    radius, height = np.array(fine).T
    slope = np.gradient(np.array(fine), axis=0)
    angle = np.linspace(0.0, 2 * math.pi, around + 1)
    c, s = np.cos(angle), np.sin(angle)
    points = np.stack(
        (radius[:, None] * c, radius[:, None] * s, np.broadcast_to(height[:, None], (len(radius), len(c)))), axis=2
    )
    out, up = slope[:, 1], -slope[:, 0]
    length = np.maximum(np.hypot(out, up), 1e-9)
    level = np.broadcast_to((up / length)[:, None], (len(out), len(c)))
    normals = np.stack(((out / length)[:, None] * c, (out / length)[:, None] * s, level), axis=2)
    return _grid(points.transpose(1, 0, 2), normals.transpose(1, 0, 2))


def _round(fineness: float, radius: float, half: float, power: float) -> Mesh:
    """A ball (power 2) or a cushion (more), lying on the floor."""
    n = max(6, round(13 * fineness))
    u = np.linspace(-math.pi, math.pi, 2 * n + 1)[:, None]
    v = np.linspace(-math.pi / 2, math.pi / 2, n + 1)[None, :]

    def bent(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sign(x) * abs(x) ** (2 / power)

    unit = np.stack((bent(np.cos(v)) * bent(np.cos(u)), bent(np.cos(v)) * bent(np.sin(u)),
                     bent(np.sin(v)) * np.ones_like(u)), axis=2)  # fmt: skip
    normals = np.sign(unit) * abs(unit) ** (power - 1) / (radius, radius, half)
    normals /= np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-9)
    return _grid(unit * (radius, radius, half) + (0, 0, half), normals)


def _leg(fineness: float, x: float, y: float, high: float) -> Mesh:
    rings = ((0.0, 0.0), (0.018, 0.0), (0.024, 0.1 * high), (0.015, 0.2 * high), (0.026, 0.75 * high), (0.02, high))
    return _placed(_turned(fineness, rings, sides=9, steps=1), (x, y, 0.0), 0.0)


def _chair(fineness: float) -> Mesh:
    legs = [_leg(fineness, x, y, 0.44) for x in (-0.18, 0.18) for y in (-0.18, 0.18)]
    slats = [_placed(_turned(fineness, ((0.012, 0.46), (0.012, 0.9)), sides=6, steps=2), (-0.18, y, 0.0), 0.0)
             for y in (-0.16, -0.08, 0.0, 0.08, 0.16)]  # fmt: skip
    seat = _placed(_round(fineness * 0.7, 0.23, 0.03, 5.0), (0, 0, 0.43), 0.0)
    return _join(*legs, *slats, seat, _box((-0.18, 0, 0.92), (0.03, 0.4, 0.07)))


def _table(fineness: float) -> Mesh:
    top = _turned(
        fineness, ((0.0, 0.70), (0.5, 0.70), (0.53, 0.715), (0.53, 0.725), (0.5, 0.74), (0.0, 0.74)), sides=28
    )
    return _join(top, *(_leg(fineness, x, y, 0.7) for x in (-0.3, 0.3) for y in (-0.3, 0.3)))


def _lamp(fineness: float) -> Mesh:
    stand = ((0.0, 0.0), (0.16, 0.0), (0.15, 0.03), (0.02, 0.05), (0.015, 1.3))
    shade = ((0.2, 1.2), (0.13, 1.5), (0.12, 1.5), (0.19, 1.2))
    return _join(_turned(fineness, stand), _turned(fineness, shade, sides=18))


def _plant(fineness: float) -> Mesh:
    pot = _turned(fineness, ((0.0, 0.0), (0.12, 0.0), (0.16, 0.28), (0.145, 0.28), (0.14, 0.24), (0.0, 0.24)))
    n = max(3, round(6 * fineness))
    along = np.linspace(0.0, 1.0, n + 1)
    leaves = []
    for k in range(9):
        reach, rise = 0.25 + 0.02 * (k % 4), 0.5 + 0.06 * (k % 5)
        wide = 0.07 * np.sin(math.pi * np.clip(along, 0.03, 1.0))
        line = np.stack((reach * along**1.5, 0 * along, 0.24 + rise * along * (1.35 - 0.6 * along)), axis=1)
        sheet = np.stack([line + (0, side, 0) * wide[:, None] for side in (-1.0, 1.0)], axis=1)
        normals = np.broadcast_to(np.array([-0.6, 0.0, 0.8]), sheet.shape)
        leaves.append(_placed(_grid(sheet, normals), (0.0, 0.0, 0.0), k * 2.4))
    return _join(pot, *leaves)


def _bin(fineness: float) -> Mesh:
    return _turned(fineness, ((0.0, 0.0), (0.12, 0.0), (0.15, 0.35), (0.14, 0.35), (0.115, 0.01), (0.0, 0.01)))


def _cup(fineness: float) -> Mesh:
    return _turned(
        fineness, ((0.0, 0.0), (0.03, 0.0), (0.042, 0.09), (0.039, 0.09), (0.028, 0.005), (0.0, 0.005)), sides=12
    )


def _bottle(fineness: float) -> Mesh:
    rings = ((0.0, 0.0), (0.037, 0.0), (0.037, 0.18), (0.014, 0.24), (0.014, 0.31), (0.0, 0.31))
    return _turned(fineness, rings, sides=12)


def _vase(fineness: float) -> Mesh:
    return _turned(fineness, ((0.0, 0.0), (0.06, 0.0), (0.1, 0.12), (0.04, 0.24), (0.06, 0.3), (0.05, 0.3)), sides=14)


def _detector(fineness: float) -> Mesh:
    return _turned(fineness, ((0.0, -0.04), (0.035, -0.04), (0.055, -0.01), (0.055, 0.02)), sides=16)


def _books(_fineness: float) -> Mesh:
    sizes = [(0.02 + 0.007 * (k % 4), 0.14 + 0.01 * (k % 3), 0.2 + 0.02 * (k % 5)) for k in range(9)]
    starts = np.cumsum([0.0] + [s[0] for s in sizes])
    return _join(*(_box((starts[k] + s[0] / 2 - 0.13, 0, s[2] / 2), s) for k, s in enumerate(sizes)))
