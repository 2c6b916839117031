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


class RayMesh:
    """Triangles that don't move, held so that rays against them are fast.

    vertices: (n, 3) metres. faces: (m, 3) indices. An empty mesh is allowed: nothing is ever hit.
    """

    def __init__(self, vertices: Array, faces: NDArray[np.integer]) -> None:
        triangles = np.asarray(vertices, dtype=np.float64)[np.asarray(faces, dtype=np.int64)].reshape(-1, 3, 3)
        self.triangle_count = len(triangles)
        self._corner = triangles[:, 0].copy()
        self.normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        """Face normals (m, 3), not of length 1 but of twice the triangle's area."""
        self._planes: list[tuple[float, float, float, float]] | None = None
        self._scene = None
        if self.triangle_count:
            self._scene = EmbreeScene()
            corners = np.ascontiguousarray(triangles.reshape(-1, 3), dtype=np.float32)
            index = np.arange(len(corners), dtype=np.int32).reshape(-1, 3)
            TriangleMesh(self._scene, corners, index)

    def closest(self, origin: Vec3, direction: Vec3) -> tuple[float, int]:
        """Distance along a unit `direction` to the nearest triangle and its index; (inf, -1) if none."""
        if self._scene is None:
            return math.inf, -1
        hit = self._scene.run(np.array((origin,), np.float32), np.array((direction,), np.float32))
        index = int(hit[0])
        if index < 0:
            return math.inf, -1
        if self._planes is None:  # plain numbers are quicker than arrays for one ray; many meshes never need them
            offsets = np.einsum("ij,ij->i", self.normals, self._corner)
            self._planes = [(a, b, c, o) for (a, b, c), o in zip(self.normals.tolist(), offsets.tolist(), strict=True)]
        nx, ny, nz, offset = self._planes[index]
        along = nx * direction[0] + ny * direction[1] + nz * direction[2]
        if along == 0.0:
            return math.inf, -1
        distance = (offset - nx * origin[0] - ny * origin[1] - nz * origin[2]) / along
        return max(0.0, distance), index

    def closest_many(self, origins: Array, directions: Array) -> tuple[Array, NDArray[np.int32]]:
        """For n rays (n, 3), unit directions: distances (n,), inf where missed, and triangles (n,), -1 there."""
        n = len(origins)
        if self._scene is None or n == 0:
            return np.full(n, math.inf), np.full(n, -1, np.int32)
        index = self._scene.run(
            np.ascontiguousarray(origins, dtype=np.float32), np.ascontiguousarray(directions, dtype=np.float32)
        )
        hit = index >= 0
        normal = self.normals[index]
        along = np.einsum("ij,ij->i", normal, directions)
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.einsum("ij,ij->i", normal, self._corner[index] - origins) / along
        hit &= along != 0
        return np.where(hit, np.maximum(distance, 0.0), math.inf), np.where(hit, index, -1).astype(np.int32)

    def blocked_many(self, starts: Array, ends: Array) -> NDArray[np.bool_]:
        """For n straight lines from `starts` to `ends`, (n, 3) each: whether a triangle lies between."""
        n = len(starts)
        if self._scene is None or n == 0:
            return np.zeros(n, bool)
        way = ends - starts
        length = np.sqrt(np.einsum("ij,ij->i", way, way))
        length[length == 0] = 1e-9
        answer = self._scene.run(
            np.ascontiguousarray(starts, dtype=np.float32),
            np.ascontiguousarray(way / length[:, None], dtype=np.float32),
            dists=np.ascontiguousarray(length * 0.9999, dtype=np.float32),
            query="OCCLUDED",
        )
        return np.asarray(answer >= 0)


def capsule_distances(origin: Array, direction: Array, a: Array, b: Array, radii: Array) -> Array:
    """Where one ray enters each of n capsules: distances (n,), inf where it misses.

    origin, direction: (3,), direction of length 1. a, b: (n, 3) ends of the capsules' axes. radii: (n,).
    An origin inside a capsule gives 0. The cylinder between the ends and the two end spheres are solved
    as quadratics in the distance; the nearest root that lies on its part counts.
    """
    axis = b - a
    from_a = origin - a
    aa = np.einsum("ij,ij->i", axis, axis)
    ad = axis @ direction
    ao = np.einsum("ij,ij->i", axis, from_a)
    do = from_a @ direction
    oo = np.einsum("ij,ij->i", from_a, from_a)
    rr = radii * radii
    out = np.full(len(a), math.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        # cylinder
        qa = aa - ad * ad
        qb = aa * do - ao * ad
        qc = aa * oo - ao * ao - rr * aa
        t = (-qb - np.sqrt(qb * qb - qa * qc)) / qa
        y = ao + t * ad
        good = (y > 0) & (y < aa) & (t >= 0)
        out[good] = t[good]
        # the spheres at both ends
        for start, through in ((oo, do), (oo - 2 * ao + aa, do - ad)):
            t = -through - np.sqrt(through * through - start + rr)
            good = (t >= 0) & (t < out)
            out[good] = t[good]
    inside_y = np.clip(ao / np.where(aa > 0, aa, 1.0), 0.0, 1.0)
    out[oo - 2 * inside_y * ao + inside_y * inside_y * aa <= rr] = 0.0
    return out


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
