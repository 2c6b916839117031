"""What of a room a camera may see: asked of rays, once for each place of half a metre where a camera comes to be.

In a house most of what lies in the direction of sight is hidden by the next wall. Rays from the eye, and from the
corners of its place as far as these can be reached, in all directions, tell which chunks of the room are seen from
there. Rays miss what is small or far, so chunks that touch one of these count too if a corner of one of their triangles
is seen. The same set serves all cameras of that place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array
from xrlab.render.surfaces import MASKED, Packed

CELL_M = 0.5
_RAYS = 9_000
"""From each of the nine places; together they are some 0.7 degrees apart."""

_TOUCH_M = 0.05
_CLEAR_OF_WALLS_M = 0.03
_THROUGH, _ON_M = 5, 1e-3
"""So many surfaces a ray may meet, and how far behind one it goes on (m)."""

_ASKED, _INSET, _OFF_M = 8, 0.9, 0.004
"""Of a chunk beside one that is seen so many triangles are looked at: their corners, drawn in to this part of their way
from the middle, and so far (m) before the surface."""

_STEPS = 3
"""Every so many rays, the air along one is noted as seen."""

_MOST_AIR = 4_000_000
"""Cells of air of the largest room for which the air is noted; in larger ones all that moves counts as seen."""

_MOST_KEPT = 512


def in_view(low: Array, high: Array, view_projection: Array) -> NDArray[np.bool_]:
    """Which boxes, from low to high corners (n, 3), are not wholly outside one of the view's planes."""
    rows = view_projection
    planes = np.array([rows[3] + rows[0], rows[3] - rows[0], rows[3] + rows[1], rows[3] - rows[1], rows[2]])
    inmost = np.where(planes[None, :, :3] > 0, high[:, None], low[:, None])
    return np.asarray(((inmost * planes[None, :, :3]).sum(axis=2) + planes[None, :, 3] >= 0).all(axis=1))


class Seen:
    """What is seen from one place: `chunks` (k,) of the room, and the air in which something that moves shows."""

    def __init__(self, eye: Array, chunks: NDArray[np.bool_], air: NDArray[np.bool_] | None, origin: Array) -> None:
        self.eye = eye
        self.chunks = chunks
        self._origin = origin
        self._sums: NDArray[np.int32] | None = None
        if air is not None:  # how many cells are seen up to each corner: any box is then eight of these
            self._sums = np.zeros(np.array(air.shape) + 1, np.int32)
            np.cumsum(np.cumsum(np.cumsum(air, 0, np.int32), 1), 2, out=self._sums[1:, 1:, 1:])

    def shows(self, low: Array, high: Array) -> NDArray[np.bool_]:
        """Which boxes, from low to high corners (n, 3), reach into air that is seen, or out of the room."""
        if self._sums is None:
            return np.ones(len(low), bool)
        size = np.array(self._sums.shape) - 1
        first = np.floor((low - self._origin) / CELL_M).astype(np.int64)
        last = np.floor((high - self._origin) / CELL_M).astype(np.int64) + 1
        outside = ((first < 0) | (last > size)).any(axis=1)
        a, b, c = np.clip(first, 0, size).T
        d, e, f = np.clip(last, 0, size).T
        at = self._sums
        count = (
            at[d, e, f]
            - at[a, e, f]
            - at[d, b, f]
            - at[d, e, c]
            + at[a, b, f]
            + at[a, e, c]
            + at[d, b, c]
            - at[a, b, c]
        )
        return np.asarray((count > 0) | outside)


class Visibility:
    """Asks what is seen in one room.

    mesh: the opaque triangles of the packed room, in its order.
    """

    def __init__(self, packed: Packed, mesh: RayMesh) -> None:
        self._packed, self._mesh = packed, mesh
        self._kept: dict[tuple[int, int, int], list[Seen]] = {}
        self._touching: dict[int, NDArray[np.int64]] = {}
        solid = packed.solid_chunks
        self._ends = packed.chunk_first[:solid] + packed.chunk_count[:solid]
        self._low = packed.chunk_low[:solid] - _TOUCH_M
        self._high = packed.chunk_high[:solid] + _TOUCH_M
        sets = [packed.sets[number] for number in packed.chunk_set[:solid].tolist()]
        self._holed = np.array([s.kind == MASKED for s in sets], bool)
        self._one_sided = np.array([s.one_sided for s in sets], bool)
        low, high = (
            (packed.chunk_low.min(axis=0), packed.chunk_high.max(axis=0)) if solid else (np.zeros(3), np.zeros(3))
        )
        self._origin = low - 2 * CELL_M
        self._size = np.ceil((high - low) / CELL_M).astype(int) + 4
        self._middle = self._origin + self._size * (CELL_M / 2)

    def seen(self, eye: Sequence[float] | Array) -> Seen:
        """What is seen from a place (3,) and from all others near by that nothing parts from it."""
        at = np.asarray(eye, float)
        x, y, z = np.floor(at / CELL_M).astype(int).tolist()
        known = self._kept.get((x, y, z), [])
        for entry in known:
            if not self._mesh.blocked_many(entry.eye[None], at[None])[0]:
                return entry
        if sum(map(len, self._kept.values())) >= _MOST_KEPT:
            self._kept.clear()
        made = self._ask(at, np.array([x, y, z]) * CELL_M)
        self._kept.setdefault((x, y, z), []).append(made)
        return made

    def _ask(self, eye: Array, low: Array) -> Seen:
        packed, solid = self._packed, self._packed.solid_chunks
        chunks = np.ones(len(packed.chunk_first), bool)
        if not solid:
            return Seen(eye, chunks, None, self._origin)
        places = self._places(eye, low)
        starts = np.repeat(places, _RAYS, axis=0)
        ways = np.tile(_WAYS, (len(places), 1))
        met, distance = self._met(starts, ways)
        chunks[:solid] = met
        beside = self._beside(np.flatnonzero(met))
        beside = beside[~chunks[beside]]
        chunks[beside[self._any_corner_seen(beside, places)]] = True
        if solid < len(chunks):
            chunks[solid:] = self._clear(places)
        return Seen(eye, chunks, self._air(starts[::_STEPS], ways[::_STEPS], distance[::_STEPS]), self._origin)

    def _met(self, starts: Array, ways: Array) -> tuple[NDArray[np.bool_], Array]:
        """Which solid chunks (k,) rays meet, and how far each ray goes.

        They go on through what has holes in it, and through the backs of surfaces that have a front alone.
        """
        met = np.zeros(len(self._ends), bool)
        distance = np.zeros(len(starts))
        going = np.arange(len(starts))
        for _ in range(_THROUGH):
            way = ways[going]
            more, triangle = self._mesh.closest_many(starts[going] + way * distance[going, None], way)
            distance[going] += more
            hit = triangle >= 0
            going, way, triangle = going[hit], way[hit], triangle[hit]
            chunk = np.searchsorted(self._ends, triangle, side="right")
            met[chunk] = True
            on = self._holed[chunk]
            if self._one_sided.any():
                on = on | (self._one_sided[chunk] & ((self._mesh.normals[triangle] * way).sum(axis=1) > 0.0))
            going = going[on]
            if not len(going):
                break
            distance[going] += _ON_M
        return met, distance

    def _places(self, eye: Array, low: Array) -> Array:
        """The eye and the corners of its cell, drawn in to where a straight way from the eye leads."""
        corners = low + CELL_M * np.array([(i & 1, i >> 1 & 1, i >> 2) for i in range(8)], float)
        way = corners - eye
        length = np.linalg.norm(way, axis=1)
        unit = way / np.maximum(length, 1e-9)[:, None]
        free, _ = self._mesh.closest_many(np.repeat(eye[None], 8, axis=0), unit)
        reach = np.maximum(np.minimum(length, free - _CLEAR_OF_WALLS_M), 0.0)
        return np.concatenate((eye[None], eye + unit * reach[:, None]))

    def _beside(self, met: NDArray[np.int64]) -> NDArray[np.int64]:
        """The solid chunks whose boxes touch one of those that were met."""
        for number in met.tolist():
            if number not in self._touching:
                touch = ((self._low <= self._high[number]) & (self._high >= self._low[number])).all(axis=1)
                self._touching[number] = np.flatnonzero(touch)
        found = [self._touching[number] for number in met.tolist()]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))

    def _any_corner_seen(self, chunks: NDArray[np.int64], places: Array) -> NDArray[np.bool_]:
        """Which solid chunks have a triangle of which a corner is seen from one of some places (n, 3).

        This finds what is thin, such as the underside of a lintel, which rays into all directions miss.
        """
        packed = self._packed
        first, count = packed.chunk_first[chunks], packed.chunk_count[chunks]
        parts = np.linspace(0.0, 1.0, _ASKED)
        triangles = (first[:, None] + np.rint(parts * (count[:, None] - 1)).astype(np.int64)).ravel()
        corners = packed.vertices["position"][packed.triangles[triangles]].astype(float)
        points = _INSET * corners + (1 - _INSET) * corners.mean(axis=1, keepdims=True)
        normals = self._mesh.normals[triangles][:, None]
        normals = normals / np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-12)
        out = np.zeros(len(chunks), bool)
        for place in places:
            open_still = np.flatnonzero(~out)
            if not len(open_still):
                break
            at = points.reshape(len(chunks), _ASKED, 3, 3)[open_still].reshape(-1, 3, 3)
            out_of = normals.reshape(len(chunks), _ASKED, 1, 3)[open_still].reshape(-1, 1, 3)
            side = np.sign((out_of * (place - at)).sum(axis=2, keepdims=True))
            ends = (at + out_of * side * _OFF_M).reshape(-1, 3)
            free = ~self._mesh.blocked_many(np.broadcast_to(place, ends.shape), ends)
            out[open_still[free.reshape(len(open_still), -1).any(axis=1)]] = True
        return out

    def _clear(self, places: Array) -> NDArray[np.bool_]:
        """Which of the chunks that let light through are seen: of those some point is."""
        solid = self._packed.solid_chunks
        low, high = self._packed.chunk_low[solid:] - _TOUCH_M, self._packed.chunk_high[solid:] + _TOUCH_M
        parts = np.array([(x, y, z) for x in (0.0, 0.5, 1.0) for y in (0.0, 0.5, 1.0) for z in (0.0, 0.5, 1.0)])
        points = (low[:, None] + (high - low)[:, None] * parts).reshape(-1, 3)
        out = np.zeros(len(low), bool)
        for place in places:
            free = ~self._mesh.blocked_many(np.repeat(place[None], len(points), axis=0), points)
            out |= free.reshape(len(low), -1).any(axis=1)
        return out

    def _air(self, starts: Array, ways: Array, distance: Array) -> NDArray[np.bool_] | None:
        if int(self._size.prod()) > _MOST_AIR:
            return None
        air = np.zeros(self._size, bool)
        # An eye outside looks across empty space first; from inside a ray ends where it leaves the room.
        away = float(np.linalg.norm(np.maximum(0.0, np.abs(starts[0] - self._middle) - self._size * CELL_M / 2)))
        far = np.minimum(distance, float(np.linalg.norm(self._size)) * CELL_M + away)
        first, way = ((starts - self._origin) / CELL_M).astype(np.float32), ways.astype(np.float32)
        step = 0
        left = np.arange(len(far))
        while len(left):
            at = (first[left] + way[left] * np.float32(step)).astype(np.int32)
            inside = ((at >= 0) & (at < self._size)).all(axis=1)
            a, b, c = at[inside].T
            air[a, b, c] = True
            step += 1
            left = left[(inside | (away > 0.0)) & (far[left] > step * CELL_M)]
        return np.asarray(binary_dilation(air, np.ones((3, 3, 3), bool)))


def _ways(count: int) -> Array:
    """Unit directions spread evenly over the sphere, more of them level than up and down."""
    i = np.arange(count) + 0.5
    turn = i * math.pi * (3 - math.sqrt(5))
    part = 1 - 2 * i / count
    z = np.sign(part) * np.abs(part) ** 1.5
    flat = np.sqrt(1 - z * z)
    return np.column_stack((flat * np.cos(turn), flat * np.sin(turn), z))


_WAYS = _ways(_RAYS)
