"""Rays against triangles (Embree), capsules and boxes.

Embree works in single precision and may differ in the last bit between processors, so it is asked
only *which* triangle is met; the distance is worked out again in double precision from the triangle's
plane.
"""

from __future__ import annotations

import math

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, Vec3

# A ray that lies within a ten-thousandth of a triangle's plane: where it meets the plane is no longer known well.
_GRAZING2 = 1e-8
_END = 5e-5


class RayMesh:
    """Triangles that don't move, held so that rays against them are fast.

    vertices: (n, 3) metres. faces: (m, 3) indices. An empty mesh is allowed: nothing is ever hit. A ray
    that meets the common edge of two triangles meets one of them: a wall has no seams to shoot through (only
    exactly at a corner of triangles, to within Embree's rounding, one may slip past).
    Coordinates may be large (a scan in a national grid): Embree is given them relative to the mesh's middle.
    """

    def __init__(self, vertices: Array, faces: NDArray[np.integer]) -> None:
        triangles = np.asarray(vertices, dtype=np.float64)[np.asarray(faces, dtype=np.int64)].reshape(-1, 3, 3)
        self.triangle_count = len(triangles)
        self._triangles = triangles
        self._corner = triangles[:, 0].copy()
        self.normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        """Face normals (m, 3), not of length 1 but of twice the triangle's area."""
        self._planes: list[tuple[float, float, float, float]] | None = None
        self._scene = None
        self._middle = np.zeros(3)
        if self.triangle_count:
            flat = triangles.reshape(-1, 3)
            self._middle = np.round((flat.min(axis=0) + flat.max(axis=0)) / 2)
            self._scene = EmbreeScene(robust=True)
            # Embree is told which corners triangles share: it takes half as long to be told
            corners = (np.asarray(vertices, dtype=np.float64) - self._middle).astype(np.float32)
            TriangleMesh(self._scene, corners, np.ascontiguousarray(faces, dtype=np.int32))
        self._mx, self._my, self._mz = self._middle.tolist()

    def closest(self, origin: Vec3, direction: Vec3) -> tuple[float, int]:
        """Distance along a unit `direction` to the nearest triangle and its index; (inf, -1) if none."""
        if self._scene is None:
            return math.inf, -1
        x, y, z = origin
        start = np.array(((x - self._mx, y - self._my, z - self._mz),), np.float32)
        index = int(self._scene.run(start, np.array((direction,), np.float32))[0])
        if index < 0:
            return math.inf, -1
        if self._planes is None:  # plain numbers are quicker than arrays for one ray; many meshes never need them
            offsets = np.einsum("ij,ij->i", self.normals, self._corner)
            self._planes = [(a, b, c, o) for (a, b, c), o in zip(self.normals.tolist(), offsets.tolist(), strict=True)]
        nx, ny, nz, offset = self._planes[index]
        along = nx * direction[0] + ny * direction[1] + nz * direction[2]
        if along * along < _GRAZING2 * (nx * nx + ny * ny + nz * nz):
            return float(self._grazed(np.array((origin,)), np.array((direction,)), np.array((index,)))[0]), index
        distance = (offset - nx * x - ny * y - nz * z) / along
        return max(0.0, distance), index

    def facing(self, triangle: int, direction: Vec3) -> float:
        """Cosine between a unit `direction` and a triangle's normal: below 0 where it is met from outside."""
        nx, ny, nz = self.normals[triangle].tolist()
        square = nx * nx + ny * ny + nz * nz
        return float((nx * direction[0] + ny * direction[1] + nz * direction[2]) / math.sqrt(square)) if square else 0.0

    def closest_many(self, origins: Array, directions: Array) -> tuple[Array, NDArray[np.int32]]:
        """For n rays (n, 3), unit directions: distances (n,), inf where missed, and triangles (n,), -1 there."""
        n = len(origins)
        if self._scene is None or n == 0:
            return np.full(n, math.inf), np.full(n, -1, np.int32)
        index = self._scene.run(
            np.ascontiguousarray(origins - self._middle, dtype=np.float32),
            np.ascontiguousarray(directions, dtype=np.float32),
        )
        hit = index >= 0
        normal = self.normals[index]
        along = np.einsum("ij,ij->i", normal, directions)
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.einsum("ij,ij->i", normal, self._corner[index] - origins) / along
        grazing = hit & (along * along < _GRAZING2 * np.einsum("ij,ij->i", normal, normal))
        if grazing.any():
            distance[grazing] = self._grazed(origins[grazing], directions[grazing], index[grazing])
        return np.where(hit, np.maximum(distance, 0.0), math.inf), np.where(hit, index, -1).astype(np.int32)

    def first_many(self, origins: Array, directions: Array) -> NDArray[np.int32]:
        """For n rays (n, 3), unit directions: the nearest triangles (n,), -1 where missed, but not how far."""
        if self._scene is None or not len(origins):
            return np.full(len(origins), -1, np.int32)
        starts = (origins - self._middle).astype(np.float32)
        return np.asarray(self._scene.run(starts, np.ascontiguousarray(directions, dtype=np.float32)), np.int32)

    def _grazed(self, origins: Array, directions: Array, index: NDArray[np.integer]) -> Array:
        """Distances to triangles that rays run along: their planes say little, so the nearest part counts."""
        reach = np.einsum("ijk,ik->ij", self._triangles[index] - origins[:, None], directions)
        nearest: Array = np.maximum(reach.min(axis=1), 0.0)
        return nearest

    def blocked_many(self, starts: Array, ends: Array) -> NDArray[np.bool_]:
        """For n straight lines from `starts` to `ends`, (n, 3) each: whether a triangle lies between.

        The last twenty-thousandth at each end is left out, so that what touches an end does not block.
        """
        n = len(starts)
        if self._scene is None or n == 0:
            return np.zeros(n, bool)
        way = ends - starts
        # Embree counts distances in lengths of the direction, so that a line's own length need not be known
        answer = self._scene.run(
            (starts - self._middle + way * _END).astype(np.float32),
            way.astype(np.float32),
            dists=np.full(n, 1 - 2 * _END, np.float32),
            query="OCCLUDED",
        )
        return np.asarray(answer >= 0)


def capsule_distance(
    x: float, y: float, z: float, dx: float, dy: float, dz: float, ux: float, uy: float, uz: float, uu: float, rr: float
) -> float:
    """Distance at which a ray enters a capsule; inf if it misses, 0 if it begins inside.

    x, y, z: the ray's origin, from one end of the axis (ux, uy, uz), whose square is uu. d: its direction, of
    length 1. rr: the radius' square. The cylinder between the ends and the two end spheres are solved as
    quadratics in the distance; the nearest root that lies on its part counts.
    """
    ud, uo = ux * dx + uy * dy + uz * dz, ux * x + uy * y + uz * z
    do, oo = x * dx + y * dy + z * dz, x * x + y * y + z * z
    inside = min(1.0, max(0.0, uo / uu)) if uu > 0 else 0.0
    if oo - 2 * inside * uo + inside * inside * uu <= rr:
        return 0.0
    best = math.inf
    qa = uu - ud * ud
    if qa > 1e-12 * uu:
        qb = uu * do - uo * ud
        under = qb * qb - qa * (uu * oo - uo * uo - rr * uu)
        if under < 0:
            return best  # past the endless cylinder, so past its ends too
        t = (-qb - math.sqrt(under)) / qa
        at = uo + t * ud
        if t >= 0 and 0 < at < uu:
            return t
    for start, through in ((oo, do), (oo - 2 * uo + uu, do - ud)):
        under = through * through - start + rr
        if under >= 0:
            t = -through - math.sqrt(under)
            if 0 <= t < best:
                best = t
    return best


def capsule_span(
    x: float, y: float, z: float, dx: float, dy: float, dz: float, ux: float, uy: float, uz: float, uu: float, rr: float
) -> tuple[float, float] | None:
    """Distances at which a ray enters and leaves a capsule; None if it misses it or has it behind.

    Arguments as for `capsule_distance`. A capsule has no hollows, so the first and the last of all roots count.
    """
    ud, uo = ux * dx + uy * dy + uz * dz, ux * x + uy * y + uz * z
    do, oo = x * dx + y * dy + z * dz, x * x + y * y + z * z
    near, far = math.inf, -math.inf
    qa = uu - ud * ud
    if qa > 1e-12 * uu:
        qb = uu * do - uo * ud
        under = qb * qb - qa * (uu * oo - uo * uo - rr * uu)
        if under < 0:
            return None
        root = math.sqrt(under)
        for t in ((-qb - root) / qa, (root - qb) / qa):
            if 0 < uo + t * ud < uu:
                near, far = min(near, t), max(far, t)
    for start, through in ((oo, do), (oo - 2 * uo + uu, do - ud)):
        under = through * through - start + rr
        if under >= 0:
            root = math.sqrt(under)
            near, far = min(near, -through - root), max(far, root - through)
    return (max(0.0, near), far) if far > 0 else None


def box_interval(origin: Vec3, direction: Vec3, low: Vec3, high: Vec3) -> tuple[float, float] | None:
    """Distances at which a ray enters and leaves an axis-aligned box; None if it misses it."""
    near, far = 0.0, math.inf
    for o, d, lo, hi in zip(origin, direction, low, high, strict=True):
        if abs(d) < 1e-12:
            if o < lo or o > hi:
                return None
            continue
        t0, t1 = (lo - o) / d, (hi - o) / d
        if t0 > t1:
            t0, t1 = t1, t0
        near, far = max(near, t0), min(far, t1)
        if near > far:
            return None
    return near, far
