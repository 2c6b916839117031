"""A mesh from points that lie on surfaces: walls, floors and furniture as a scanner saw them.

Each point gets the plane through its neighbours, and a side: the one that looks into the open, since what a
scanner saw lies in the open and not in the wall. Around the points a grid holds the distance to the planes near
by, with its sign (an implicit moving-least-squares surface, after Kolluri, "Provably good moving least squares",
2005). Where the sign changes the surface runs: one corner for each cell of the grid, in the middle of where its
edges are crossed (surface nets, after Gibson, "Constrained elastic surface nets", 1998).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array

Tell = Callable[[float], None]
"""Takes how much of the work is done, 0..1."""

_NEIGHBOURS = 20
_BATCH = 200_000
_LOOKS = 20
_FAR_M = 6.0
_THICK_M = 0.5
_BRIDGE = 2.2
"""Where points are sparse, gaps are bridged up to so many cells of the grid from a point."""
_SMALLEST_M = 0.2
"""Pieces of mesh smaller than this, to all sides, are taken for noise."""


MAX_GRID = 30_000_000
"""More places of the grid than this are not looked at: points on surfaces need some five for each."""


class Scattered(Exception):
    """The points fill space rather than lie on surfaces: their grid would outgrow the memory."""


@dataclass
class Planes:
    """Points (n, 3), each with the plane through its neighbours.

    normals: (n, 3) of length 1. colors: (n, 3). facing: (n, 3) to where a point was seen from, zeros where that
    is not known. apart: (n,) how far (m) its fourth neighbour is.
    """

    points: Array
    normals: Array
    colors: NDArray[np.uint8]
    facing: Array
    apart: Array

    def only(self, keep: NDArray[Any]) -> Planes:
        """Those that `keep` names."""
        return Planes(self.points[keep], self.normals[keep], self.colors[keep], self.facing[keep], self.apart[keep])


def _tree(points: Array) -> Any:
    from scipy.spatial import cKDTree

    return cKDTree(points, balanced_tree=False, compact_nodes=False)


def planes_of(points: Array, colors: NDArray[np.uint8], facing: Array, tell: Tell) -> tuple[Planes, float]:
    """The points without outliers, with their planes; and the median distance (m) between neighbours.

    Taken for an outlier: whose mean distance to its neighbours is more than three times what is usual, or that
    has hardly another within reach.
    """
    tree = _tree(points)
    normals = np.empty_like(points)
    apart = np.empty(len(points))
    nearest = np.empty(len(points))
    k = min(_NEIGHBOURS, len(points))
    for first in range(0, len(points), _BATCH):
        part = slice(first, first + _BATCH)
        distance, index = tree.query(points[part], k, workers=-1)
        apart[part] = distance[:, 1 : min(9, k)].mean(axis=1)
        nearest[part] = distance[:, min(4, k - 1)]
        normals[part] = _fitted(points[index] - points[part][:, None], distance)
        tell(min(1.0, (first + _BATCH) / len(points)))
    usual = float(np.median(apart))
    keep = apart <= 3.0 * usual + 1e-12
    return Planes(points, normals, colors, facing, nearest).only(keep), float(np.median(nearest))


def _fitted(around: Array, distance: Array) -> Array:
    """Unit normals (n, 3) of planes through n points, from where their neighbours lie from them (n, k, 3).

    First near neighbours alone count, then all those near that plane: the other face of a thin wall has no say.
    """
    near = np.maximum(distance[:, min(6, distance.shape[1] - 1), None], 1e-9)
    weight = np.exp(-((distance / near) ** 2))
    normals = np.zeros((len(around), 3))
    for again in range(2):
        if again:
            off = np.einsum("nki,ni->nk", around, normals)
            weight = np.exp(-((distance / (2 * near)) ** 2) - (off / (0.5 * near)) ** 2)
        total = weight.sum(axis=1)[:, None]
        middle = np.einsum("nk,nki->ni", weight, around) / total
        spread = np.einsum("nk,nki,nkj->nij", weight, around, around) / total[:, :, None]
        spread -= middle[:, :, None] * middle[:, None]
        normals = np.linalg.eigh(spread)[1][:, :, 0]
    return normals


# --- which side of a plane is open ----------------------------------------------------------------------


def orient(planes: Planes, step: float, tell: Tell) -> Planes:
    """Turns each normal to the open side: to the scanner where that is known, else to where one sees farther.

    step: about how far apart the points lie (m).
    """
    width = max(2.5 * step, 0.09)
    coarse = one_in_each(planes.points, width)
    at, normals = planes.points[coarse], planes.normals[coarse].copy()
    side = _openness(at, normals, width, tell)
    known = (planes.facing[coarse] * normals).sum(axis=1)
    side = np.where(np.abs(known) > 0.05, np.sign(known), side)
    normals *= _agreed(at, normals, side, width)[:, None]
    tree = _tree(at)
    out = planes.normals.copy()
    reach2 = (2 * step) ** 2
    for first in range(0, len(out), _BATCH):
        part = slice(first, first + _BATCH)
        distance, index = tree.query(planes.points[part], min(6, len(at)), workers=-1)
        distance, index = distance.reshape(len(distance), -1), index.reshape(len(index), -1)
        own = out[part][:, None]
        off = ((at[index] - planes.points[part][:, None]) * own).sum(axis=2)
        likeness = (normals[index] * own).sum(axis=2)
        # the other face of a thin wall lies near, but off the plane
        weight = np.exp(-(off**2) / (2 * reach2)) / (distance + step)
        vote = (weight * likeness).sum(axis=1)
        known = (planes.facing[part] * out[part]).sum(axis=1)
        sign = np.where(np.abs(known) > 0.3, known, vote)
        out[part] *= np.where(sign < 0, -1.0, 1.0)[:, None]
    return Planes(planes.points, out, planes.colors, planes.facing, planes.apart)


def one_in_each(points: Array, cube: float) -> NDArray[np.intp]:
    """Which of points (n, 3) to take to have one in each cube of a width (m)."""
    cell = np.floor((points - points.min(axis=0)) / cube).astype(np.int64)
    _, first = np.unique((cell[:, 0] << 42) | (cell[:, 1] << 21) | cell[:, 2], return_index=True)
    return first


def _openness(points: Array, normals: Array, width: float, tell: Tell) -> Array:
    """For each point -1..1: how much farther one sees from its plane's front than from its back.

    Every point becomes a small tile, and rays go out to both sides. A ray that meets nothing counts as short: a
    scanner sees a room from inside, and nothing of what lies behind its walls.
    """
    tangent = np.cross(normals, np.where(np.abs(normals[:, 2:]) < 0.9, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)))
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    other = np.cross(normals, tangent)
    half, off = width * 0.75, min(0.3 * width, 0.03)  # `off`: less than walls are thick
    corners = np.stack([points + half * (a * tangent + b * other) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))], 1)
    first = 4 * np.arange(len(points))[:, None]
    tiles = RayMesh(corners.reshape(-1, 3), np.concatenate((first + (0, 1, 2), first + (0, 2, 3))))
    seen = np.zeros(len(points))
    number = np.arange(len(points))
    for look in range(_LOOKS):
        u = (look + 0.5 + (number * 0.5698402910 % 1.0) - 0.5) / _LOOKS
        turn = look * math.pi * (3 - math.sqrt(5)) + number * 0.7548776662 * 2 * math.pi
        z = 1 - 0.95 * u
        r = np.sqrt(1 - z * z)
        way = normals * z[:, None] + tangent * (r * np.cos(turn))[:, None] + other * (r * np.sin(turn))[:, None]
        for sign in (1.0, -1.0):
            ways = way * sign
            distance, _ = tiles.closest_many(points + normals * (sign * off), ways)
            # what lies within half a metre may be the wall's other face: it says little
            open_m = 0.1 * np.minimum(distance, _THICK_M) + np.clip(distance - _THICK_M, 0.0, _FAR_M)
            seen += sign * np.where(np.isfinite(distance), open_m, 0.0)
        tell((look + 1) / _LOOKS)
    # outdoors nothing may be seen from either side: ground looks up
    return seen / (_LOOKS * _FAR_M) + 0.002 * normals[:, 2]


def _agreed(points: Array, normals: Array, side: Array, width: float) -> Array:
    """Signs (n,) of 1 or -1 that follow `side`, and neighbours on one plane, so that no wall changes its side."""
    from scipy.sparse import csr_array

    count = len(points)
    k = min(10, count)
    distance, index = _tree(points).query(points, k, workers=-1)
    index = index.reshape(count, -1)
    off = ((points[index] - points[:, None]) * normals[:, None]).sum(axis=2)
    likeness = (normals[index] * normals[:, None]).sum(axis=2)
    weight = likeness * np.abs(likeness) * np.exp(-((off / width) ** 2))
    weight = np.where(distance.reshape(count, -1) <= 3 * width, weight, 0.0)
    rows = np.arange(0, count * index.shape[1] + 1, index.shape[1])
    ties = csr_array((weight.ravel(), index.ravel(), rows), (count, count))
    belief = side.copy()
    for _ in range(40):
        belief = np.clip(side + 0.3 * (ties @ np.clip(belief * 4, -1, 1)), -2, 2)
    return np.where(belief < 0, -1.0, 1.0)


def without_backs(planes: Planes, thick: float) -> Planes:
    """Drops one face of sheets thinner than `thick` (m), whose two faces the grid could not tell apart.

    Curtains, panels, table tops: both of their faces face away from each other within one cell of the grid.
    """
    tree = _tree(planes.points)
    chosen = planes.normals @ np.array([0.408, 0.577, 0.707]) > 0
    keep = np.ones(len(planes.points), bool)
    index = np.flatnonzero(~chosen)
    for first in range(0, len(index), _BATCH):
        part = index[first : first + _BATCH]
        own = planes.normals[part]
        back = np.zeros(len(part), bool)
        for depth in (0.35, 0.9):
            distance, near = tree.query(planes.points[part] - own * thick * depth, 4, workers=-1)
            near = np.minimum(near, len(planes.points) - 1)
            off = ((planes.points[near] - planes.points[part][:, None]) * own[:, None]).sum(axis=2)
            opposite = (planes.normals[near] * own[:, None]).sum(axis=2) < -0.7
            back |= (opposite & (off < 0) & (off > -thick) & (distance < thick * 0.6)).sum(axis=1) >= 2
        keep[part[back]] = False
    return planes.only(keep)


# --- the surface ----------------------------------------------------------------------------------------


class Field:
    """The signed distance to the planes near by, positive on their open side."""

    def __init__(self, planes: Planes, width: float) -> None:
        self.planes, self.width = planes, width
        self.tree = _tree(planes.points)
        # the planes go on for ever, but the surface ends where the points do, as dense as they are there
        self.reach = np.clip(1.6 * planes.apart, 0.9 * width, _BRIDGE * width)
        self._round = np.maximum(0.6 * width, 1.2 * np.minimum(planes.apart, 2 * width))

    def at(self, places: Array) -> tuple[Array, Array, Array]:
        """Distance (n,), way to the open side (n, 3), and how far (n,) outside of the reach of the nearest point."""
        value, way, nearest = np.empty(len(places)), np.empty((len(places), 3)), np.empty(len(places))
        for first in range(0, len(places), _BATCH):
            part = slice(first, first + _BATCH)
            k = min(12, len(self.planes.points))
            distance, index = self.tree.query(places[part], k, workers=-1)
            distance, index = distance.reshape(-1, k), index.reshape(-1, k)
            normals = self.planes.normals[index]
            # only what looks the same way as the nearest: the other face of a thin wall has no say
            weight = np.exp((distance[:, :1] ** 2 - distance**2) / self._round[index[:, :1]] ** 2)
            weight *= (normals * normals[:, :1]).sum(axis=2) > 0.2
            weight /= weight.sum(axis=1, keepdims=True)
            off = ((places[part][:, None] - self.planes.points[index]) * normals).sum(axis=2)
            value[part] = (weight * off).sum(axis=1)
            way[part] = (weight[:, :, None] * normals).sum(axis=1)
            nearest[part] = distance[:, 0] - self.reach[index[:, 0]]
        way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
        return value, way, nearest


def surface_of(planes: Planes, width: float, tell: Tell) -> tuple[Array, NDArray[np.int64]]:
    """Vertices (n, 3) and triangles (m, 3), their fronts to the open, in a grid of `width` (m)."""
    field = Field(planes, width)
    low = planes.points.min(axis=0) - 3 * width
    sparse = field.reach > width
    keys = np.union1d(
        _grid_around(planes.points[~sparse], low, width, 1), _grid_around(planes.points[sparse], low, width, 2)
    )
    value = np.empty(len(keys))
    near = np.empty(len(keys))
    for first in range(0, len(keys), _BATCH):
        part = slice(first, first + _BATCH)
        value[part], _, near[part] = field.at(low + _cells(keys[part]) * width)
        tell(0.8 * min(1.0, (first + _BATCH) / len(keys)))
    good = near < 0.9 * width
    keys, value = keys[good], value[good]
    owners, places, quads = _crossings(keys, value, low, width, field)
    if not len(quads):
        return np.zeros((0, 3)), np.zeros((0, 3), np.int64)
    cells, index = np.unique(owners, return_inverse=True)
    number = np.bincount(index)
    vertices = np.column_stack([np.bincount(index, places[:, axis]) / number for axis in range(3)])
    for _ in range(2):  # onto the surface itself
        off, way, _ = field.at(vertices)
        vertices -= way * np.clip(off, -0.5 * width, 0.5 * width)[:, None]
    corners = np.searchsorted(cells, quads)
    a, b, c, d = (vertices[corners[:, k]] for k in range(4))
    short = ((a - c) ** 2).sum(axis=1) <= ((b - d) ** 2).sum(axis=1)
    across, along = ((0, 1, 2), (0, 2, 3)), ((0, 1, 3), (1, 2, 3))
    faces = np.concatenate([corners[s][:, k] for s, each in ((short, across), (~short, along)) for k in each])
    tell(1.0)
    return _without_crumbs(vertices, faces)


def _cells(keys: NDArray[np.int64]) -> Array:
    return np.column_stack([(keys >> shift) & 0x1FFFFF for shift in (42, 21, 0)]).astype(float)


_STEPS = (1 << 42, 1 << 21, 1)


def _grid_around(points: Array, low: Array, width: float, grown: int) -> NDArray[np.int64]:
    """Keys, sorted, of the grid's places at points, and those beside them, so many times over."""
    cell = np.round((points - low) / width).astype(np.int64)
    keys = np.unique((cell[:, 0] << 42) | (cell[:, 1] << 21) | cell[:, 2])
    for _ in range(grown):
        for step in _STEPS:
            if len(keys) > MAX_GRID:
                raise Scattered
            keys = np.unique(np.concatenate((keys - step, keys, keys + step)))
    return keys


def _crossings(
    keys: NDArray[np.int64], value: Array, low: Array, width: float, field: Field
) -> tuple[NDArray[np.int64], Array, NDArray[np.int64]]:
    """Where edges of the grid are crossed: for each of four cells around an edge its key and the place (3,).

    Also the quads (q, 4) as keys of the cells whose corners they join.
    """
    owners, places, quads = [], [], []
    for axis, step in enumerate(_STEPS):
        found = np.searchsorted(keys, keys + step)
        found[found == len(keys)] = 0
        here = np.flatnonzero((keys[found] == keys + step) & ((value < 0) != (value[found] < 0)))
        there = found[here]
        share = value[here] / (value[here] - value[there])
        at = low + _cells(keys[here]) * width
        at[:, axis] += share * width
        nearest, index = field.tree.query(at, 1, workers=-1)
        # a distance changes along an edge by no more than the edge is long; where it jumps, two walls meet
        near = (nearest < field.reach[index]) & (np.abs(value[here] - value[there]) < 1.35 * width)
        here, there, at = here[near], there[near], at[near]
        u, v = (_STEPS[(axis + k) % 3] for k in (1, 2))
        around = np.column_stack([keys[here] - u - v, keys[here] - v, keys[here], keys[here] - u])
        around = np.where((value[here] > 0)[:, None], around[:, ::-1], around)
        quads.append(around)
        owners.append(around.ravel())
        places.append(np.repeat(at, 4, axis=0))
    return np.concatenate(owners), np.concatenate(places), np.concatenate(quads)


def _without_crumbs(vertices: Array, faces: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    """The mesh without its smallest pieces, and without corners that no triangle has."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(vertices)
    pairs = np.concatenate((faces[:, :2], faces[:, 1:]))
    ties = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), (count, count))
    number, label = connected_components(ties, directed=False)
    size = np.zeros(number)
    for axis in range(3):
        high, lows = np.full(number, -np.inf), np.full(number, np.inf)
        np.maximum.at(high, label, vertices[:, axis])
        np.minimum.at(lows, label, vertices[:, axis])
        size = np.maximum(size, high - lows)
    return compact(vertices, faces[(size >= _SMALLEST_M)[label[faces[:, 0]]]])


def compact(vertices: Array, faces: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    """The same triangles without corners that none of them has."""
    used, index = np.unique(faces, return_inverse=True)
    return vertices[used], index.reshape(-1, 3)


def creased(vertices: Array, faces: NDArray[np.int64], angle: float = 0.6) -> tuple[Array, NDArray[np.int64], Array]:
    """Vertices, faces and a unit normal for each vertex; at edges sharper than `angle` (rad) corners are parted."""
    tri = vertices[faces]
    flat = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0])
    normals: Array = np.column_stack(
        [np.bincount(faces.ravel(), np.repeat(flat[:, axis], 3), len(vertices)) for axis in range(3)]
    )
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    sharp = (normals[faces] * flat[:, None]).sum(axis=2) < math.cos(angle)
    if not sharp.any():
        return vertices, faces, normals
    faces = faces.copy()
    parted = faces[sharp]
    owner = np.nonzero(sharp)[0]
    faces[sharp] = len(vertices) + np.arange(len(parted))
    vertices, normals = np.concatenate((vertices, vertices[parted])), np.concatenate((normals, flat[owner]))
    used, index = np.unique(faces, return_inverse=True)
    return vertices[used], index.reshape(-1, 3), normals[used]
