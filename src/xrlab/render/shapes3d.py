"""Small solids made of triangles: lofts, boxes, plates; the stuff that people and things are made of here.

Metres. Each vertex has an sRGB tint; its fourth number says where the colour comes from: `FIXED`, `GLOWING`
or one of four slots that the instance fills in (then red, green, blue only darken it).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mapbox_earcut
import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array

VERTEX = np.dtype(
    [("position", "<f4", 3), ("normal", "<f4", 3), ("tint", "u1", 4), ("bones", "u1", 4), ("weights", "u1", 4)]
)

FIXED, GLOWING = 255, 254
Tint = tuple[float, float, float, int]
"""Red, green, blue 0..1 and where the colour comes from."""


def slot(number: int, shade: float = 1.0) -> Tint:
    """The instance's colour `number` 0..3, darkened to `shade`."""
    return (shade, shade, shade, number)


def fixed(red: float, green: float, blue: float) -> Tint:
    """A colour of its own, sRGB 0..1."""
    return (red, green, blue, FIXED)


@dataclass(frozen=True)
class Solid:
    """Triangles (m, 3) over vertices of `VERTEX`."""

    vertices: NDArray[Any]
    triangles: NDArray[np.uint32]

    @cached_property
    def radius(self) -> float:
        """How far (m) its vertices reach from its origin."""
        at = self.vertices["position"].astype(float)
        return float(np.sqrt((at * at).sum(axis=1).max())) if len(at) else 0.0

    def moved(self, matrix: Array) -> Solid:
        """Turned, scaled and moved by a 4x4 matrix; mirrored ones are turned right side out again."""
        out = self.vertices.copy()
        linear = matrix[:3, :3]
        out["position"] = self.vertices["position"] @ linear.T + matrix[:3, 3]
        normals = self.vertices["normal"] @ np.linalg.inv(linear)
        out["normal"] = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        flipped = np.linalg.det(linear) < 0
        return Solid(out, self.triangles[:, ::-1].copy() if flipped else self.triangles)

    def at(self, x: float, y: float, z: float) -> Solid:
        """Moved."""
        matrix = np.eye(4)
        matrix[:3, 3] = (x, y, z)
        return self.moved(matrix)


def join(*solids: Solid) -> Solid:
    """Several solids as one."""
    count, triangles = 0, []
    for s in solids:
        triangles.append(s.triangles + np.uint32(count))
        count += len(s.vertices)
    return Solid(np.concatenate([s.vertices for s in solids]), np.concatenate(triangles))


def mirrored(solid: Solid) -> Solid:
    """Left and right swapped (y)."""
    return solid.moved(np.diag([1.0, -1.0, 1.0, 1.0]))


def _make(points: Array, normals: Array, triangles: Any, tints: Any) -> Solid:
    vertices = np.zeros(len(points), VERTEX)
    vertices["position"] = points
    vertices["normal"] = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    tints = np.asarray(tints, float)
    vertices["tint"][:, :3] = np.clip(np.rint(tints[..., :3] * 255), 0, 255)
    vertices["tint"][:, 3] = tints[..., 3]
    return Solid(vertices, np.asarray(triangles, np.uint32))


def grid(points: Array, tints: Array) -> Solid:
    """A closed skin from rings of points (rings, sides, 3), each ring going round; normals are smooth."""
    rings, sides = points.shape[:2]
    flat = points.reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rings - 1), np.arange(sides), indexing="ij")
    a, b = i * sides + j, i * sides + (j + 1) % sides
    quads = np.stack((a, b, b + sides, a + sides), axis=-1).reshape(-1, 4)
    triangles = np.concatenate((quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]))
    face = np.cross(flat[triangles[:, 1]] - flat[triangles[:, 0]], flat[triangles[:, 2]] - flat[triangles[:, 0]])
    triangles = triangles[np.linalg.norm(face, axis=1) > 1e-12]
    return _make(flat, _smooth(flat, triangles), triangles, tints.reshape(-1, 4))


def faceted(points: Array, tint: Tint) -> Solid:
    """A skin of rings (rings, sides, 3) as `grid` makes it, each of its faces flat; its outer side is outside."""
    whole = grid(points, np.tile(tint, (*points.shape[:2], 1)))
    place = whole.vertices["position"].astype(np.float64)
    corners = place[whole.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    middle = corners - place.mean(axis=0)
    order = [0, 1, 2]
    if float((middle[:, 0] * np.cross(middle[:, 1], middle[:, 2])).sum()) < 0:
        order, normals = [0, 2, 1], -normals
    count = len(corners)
    index = np.arange(3 * count).reshape(-1, 3)
    tints = np.tile(tint, (3 * count, 1))
    return _make(corners[:, order].reshape(-1, 3), np.repeat(normals, 3, axis=0), index, tints)


def _smooth(points: Array, triangles: NDArray[Any]) -> Array:
    """Normals at points as the mean over triangles, points at one place counted as one."""
    _, same = np.unique(np.round(points * 1e5).astype(np.int64), axis=0, return_inverse=True)
    face = np.cross(
        points[triangles[:, 1]] - points[triangles[:, 0]], points[triangles[:, 2]] - points[triangles[:, 0]]
    )
    total = np.zeros((int(same.max()) + 1, 3))
    for corner in range(3):
        np.add.at(total, same[triangles[:, corner]], face)
    return np.asarray(total[same])


Ring = tuple[float, float, float, float, float, Tint]
"""Height z, centre x and y, half sizes along x and y, tint."""


def loft(rings: Sequence[Ring], sides: int = 12, power: float = 2.0) -> Solid:
    """A skin over rings from low to high z, closed at both ends.

    power: 2 for ellipses, more for rounded boxes. Where the tint changes from one ring to the next the
    edge is sharp, for the ring is doubled.
    """
    full: list[Ring] = [(rings[0][0], rings[0][1], rings[0][2], 0.0, 0.0, rings[0][5])]
    for ring in rings:
        if full[-1][5] != ring[5]:
            full.append((*ring[:5], full[-1][5]))
        full.append(ring)
    last = rings[-1]
    full.append((last[0], last[1], last[2], 0.0, 0.0, last[5]))
    turn = np.arange(sides) * (2 * math.pi / sides)
    c, s = np.cos(turn), np.sin(turn)
    x = np.sign(c) * np.abs(c) ** (2 / power)
    y = np.sign(s) * np.abs(s) ** (2 / power)
    points = np.empty((len(full), sides, 3))
    tints = np.empty((len(full), sides, 4))
    for i, (z, cx, cy, rx, ry, tint) in enumerate(full):
        points[i] = np.column_stack((cx + rx * x, cy + ry * y, np.full(sides, z)))
        tints[i] = tint
    return grid(points, tints)


def limb(
    length: float, radii: Sequence[tuple[float, float]], tints: Sequence[tuple[float, Tint]], sides: int = 12
) -> Solid:
    """A round limb from the origin up to `length` (m), with rounded ends.

    radii: (part of the length, radius). tints: (from which part of the length on, tint).
    """
    at = np.array([r[0] for r in radii])
    size = np.array([r[1] for r in radii])

    def tint(part: float) -> Tint:
        return [t for start, t in tints if part >= start or start == tints[0][0]][-1]

    rings: list[Ring] = []
    first, last = size[0], size[-1]
    for lift in (0.92, 0.6):
        r = first * math.sqrt(1 - lift * lift)
        rings.append((-first * lift, 0, 0, r, r, tint(0.0)))
    for part in sorted({*np.linspace(0, 1, 5).tolist(), *(max(0.0, s) for s, _ in tints)}):
        r = float(np.interp(part, at, size))
        rings.append((part * length, 0, 0, r, r, tint(part)))
    for lift in (0.6, 0.92):
        r = last * math.sqrt(1 - lift * lift)
        rings.append((length + last * lift, 0, 0, r, r, tint(1.0)))
    return loft(rings, sides)


def ball(rx: float, ry: float, rz: float, tint: Tint, sides: int = 10) -> Solid:
    """An ellipsoid about the origin with these half sizes (m)."""
    rings = []
    for k in range(1, sides // 2 + 1):
        a = -math.pi / 2 + math.pi * k / (sides // 2 + 1)
        rings.append((rz * math.sin(a), 0.0, 0.0, rx * math.cos(a), ry * math.cos(a), tint))
    return loft(rings, sides)


def box(x: float, y: float, z: float, tint: Tint) -> Solid:
    """A box about the origin with these half sizes (m)."""
    points: list[Array] = []
    normals: list[Array] = []
    triangles: list[tuple[int, int, int]] = []
    for axis in range(3):
        for side in (1.0, -1.0):
            n = np.zeros(3)
            n[axis] = side
            u = np.zeros(3)
            u[(axis + 1) % 3] = side
            v = np.zeros(3)
            v[(axis + 2) % 3] = 1.0
            start = len(points)
            points += [(n + a * u + b * v) * (x, y, z) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            normals += [n] * 4
            triangles += [(start, start + 1, start + 2), (start, start + 2, start + 3)]
    return _make(np.array(points), np.array(normals), triangles, np.tile(tint, (len(points), 1)))


def tube(a: Sequence[float], b: Sequence[float], radius: float, tint: Tint, sides: int = 8) -> Solid:
    """A round bar from `a` to `b`."""
    start, end = np.asarray(a, float), np.asarray(b, float)
    length = float(np.linalg.norm(end - start))
    z = (end - start) / length
    x = np.cross((0.0, 0.0, 1.0) if abs(z[2]) < 0.9 else (1.0, 0.0, 0.0), z)
    x /= np.linalg.norm(x)
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2], matrix[:3, 3] = x, np.cross(z, x), z, start
    return loft([(0.0, 0, 0, radius, radius, tint), (length, 0, 0, radius, radius, tint)], sides).moved(matrix)


def flat(outline: Array) -> tuple[Array, NDArray[np.uint32]]:
    """A polygon (n, 2) counter-clockwise and its triangles (m, 3)."""
    points = np.asarray(outline, float)
    x, y = points[:, 0], points[:, 1]
    if float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) < 0:
        points = points[::-1]
    index = mapbox_earcut.triangulate_float64(np.ascontiguousarray(points), np.array([len(points)], np.uint32))
    return points, np.asarray(index, np.uint32).reshape(-1, 3)


def plate(outline: Array, thickness: float, front: Tint, back: Tint) -> Solid:
    """A plate whose front is the polygon (n, 2: y to the right of who faces it, z up) at x = 0, facing +x."""
    points, index = flat(outline)
    n = len(points)
    front_at = np.column_stack((np.zeros(n), points))
    back_at = front_at - (thickness, 0.0, 0.0)
    rim = np.roll(points, -1, axis=0) - points
    rim_normal = np.column_stack((np.zeros(n), rim[:, 1], -rim[:, 0]))
    sides = np.concatenate((front_at, np.roll(front_at, -1, axis=0), np.roll(back_at, -1, axis=0), back_at))
    i = np.arange(n, dtype=np.uint32)
    quads = np.concatenate((np.column_stack((i, i + 3 * n, i + 2 * n)), np.column_stack((i, i + 2 * n, i + n))))
    out = np.array([1.0, 0.0, 0.0])
    return join(
        _make(front_at, np.tile(out, (n, 1)), index, np.tile(front, (n, 1))),
        _make(back_at, np.tile(-out, (n, 1)), index[:, ::-1], np.tile(back, (n, 1))),
        _make(sides, np.tile(rim_normal, (4, 1)), quads, np.tile(back, (4 * n, 1))),
    )


def painted(outline: Array, lift: float, tint: Tint) -> Solid:
    """A flat polygon (n, 2) as `plate` has it, `lift` metres in front of x = 0."""
    points, index = flat(outline)
    n = len(points)
    at = np.column_stack((np.full(n, lift), points))
    return _make(at, np.tile([1.0, 0.0, 0.0], (n, 1)), index, np.tile(tint, (n, 1)))
