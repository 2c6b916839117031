"""The light around what moves: asked with rays at the nodes of a grid when something first comes near, then kept.

A thing gets the mean of the eight nodes around it by nearness, so that nothing pops as it moves; nodes behind a wall
from its own nearest node are left out. Only what has moved since the last picture is worked out again.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from xrlab.geometry.transforms import Array
from xrlab.render.baking import Bake, Values, sent
from xrlab.room.model import Light

AXES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)
"""Directions in which the light at a place is told, for things that move."""

STEP = np.array((0.25, 0.25, 0.5))
"""How far apart nodes lie (m)."""

_MOST_NODES = 4_000_000  # of the grid: where a room is so large, they lie farther apart
_BOTH_SIDES_M = 0.33
_FEW = 200  # things for which setting up a sparse product does not pay
_CUBE, _WAY, _KEY, _SEEN, _OPEN, _WIDTH = slice(0, 18), slice(18, 21), slice(21, 24), 24, 25, 26
_LEAST_LIGHT = 0.02  # lm/m²
_EIGHT = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)])
_NEXT = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)])
# For the nearest of the eight and each of the eight: the number in `_NEXT` of the way from one to the other.
_STEP_OF = ((_EIGHT[None] - _EIGHT[:, None] + 1) @ (9, 3, 1)).astype(np.int64)


def _sphere(count: int) -> Array:
    i = np.arange(count) + 0.5
    z = 1 - 2 * i / count
    turn = i * math.pi * (3 - math.sqrt(5))
    radius = np.sqrt(1 - z * z)
    return np.column_stack((radius * np.cos(turn), radius * np.sin(turn), z))


_SPHERE = _sphere(24)
_TO_AXES = np.maximum(AXES @ _SPHERE.T, 0.0)
_TO_AXES = (_TO_AXES / _TO_AXES.sum(axis=1, keepdims=True) * math.pi).astype(np.float32)
_LEVEL = (1.0 - _SPHERE[:, 2] ** 2).astype(np.float32)
_SKYWARDS = np.float32(0.1)
_ABOVE = _SPHERE[:, 2] > -0.02


class Places:
    """Light at places in one room. `set` says how bright everything is, `around` asks."""

    def __init__(self, bake: Bake, lamps: tuple[Light, ...], low: Array, high: Array) -> None:
        self._bake, self._lamps = bake, lamps
        self._at = np.array([lamp.position for lamp in lamps]).reshape(-1, 3)
        self._tint = np.array([lamp.color for lamp in lamps], np.float32).reshape(-1, 3)
        size = np.maximum(high - low, 0.0) + 2.0
        self._step = STEP * max(1.0, (float(np.prod(size / STEP)) / _MOST_NODES) ** (1 / 3))
        self._low = low - 1.0
        self._shape = np.ceil(size / self._step).astype(np.int64) + 2
        self._number = np.full(tuple(self._shape), -1, np.int32)
        self._flat = self._number.reshape(-1)
        self._strides = np.array((self._shape[1] * self._shape[2], self._shape[2], 1))
        self._corners = _EIGHT @ self._strides
        self._forget()
        self._levels = np.ones(len(lamps), np.float32)
        self._glow = np.zeros((1, 3), np.float32)
        self._glim = 0.0
        self._kept: dict[int, tuple[Array, Array, tuple[Array, Array, Array]]] = {}

    def _forget(self) -> None:
        self._flat[:] = -1
        self._count = 0
        self._hits = np.empty((1024, len(_SPHERE)), np.int32)
        self._lit = np.empty((1024, len(self._lamps)), np.float32)
        self._open = np.empty(1024, np.int32)
        self._buried = np.empty(1024, bool)
        self._values = np.empty((1024, _WIDTH), np.float32)
        self._stale = np.ones(1024, bool)
        self._where = np.empty((1024, 3))

    def set(self, levels: Values, glow: Values, sky: Values, ground: Values, glim: float) -> None:
        """How bright each lamp is (lamps,), what all surfaces send, as `Bake.met` counts them, and the sky (3,).

        glim: what comes from all sides, always (lm/m²).
        """
        self._glim = glim
        self._levels = levels.astype(np.float32)
        self._glow = np.concatenate((glow, np.zeros((2, 3)))).astype(np.float32)
        self._glow[-1], self._glow[-2] = sky, ground
        self._stale[:] = True
        self._kept.clear()

    def around(self, places: Array, apart: Array) -> tuple[Array, Array, Array]:
        """The light around n things at (n, 3); see `RoomLight.at_places`."""
        known = self._kept.pop(len(places), None)
        if known is None:
            light = self._asked(places, apart)
            if len(self._kept) > 7:
                self._kept.clear()
        else:
            light = known[2]
            moved = (known[0] != places).any(axis=1) | (known[1] != apart)
            if moved.all():
                light = self._asked(places, apart)
            elif moved.any():
                cube, towards, key = (part.copy() for part in light)
                cube[moved], towards[moved], key[moved] = self._asked(places[moved], apart[moved])
                light = cube, towards, key
        self._kept[len(places)] = (places.copy(), apart.copy(), light)
        return light

    def seen(self, place: Array) -> tuple[float, float]:
        """How bright it is all around a place (3,): the luminance (cd/m²); and how much of what is seen is sky.

        The mean is of square roots, and then squared: what is bright counts for more, but does not count alone. What
        lies above and below counts for less, since people look ahead; the sky for little, since they look at things.
        """
        values = self._blend(place[None])[0]
        return float(values[_SEEN]) ** 2, float(values[_OPEN])

    def _asked(self, places: Array, apart: Array) -> tuple[Array, Array, Array]:
        both = np.flatnonzero(apart > _BOTH_SIDES_M)
        one = places
        if len(both):  # what stands between two rooms is lit on each side by the light of that side
            aside = places[both, None] + AXES * apart[both, None, None]
            ends = self._reached(np.repeat(places[both], 6, axis=0), aside.reshape(-1, 3))
            one = np.concatenate((places, ends))
        values = self._blend(one)
        count = len(places)
        cube = values[:count, _CUBE].reshape(count, 6, 3)
        way, key = values[:count, _WAY], values[:count, _KEY]
        if len(both):
            whole = values[count:].reshape(len(both), 6, _WIDTH)
            sides = whole[:, np.arange(6), :18].reshape(len(both), 6, 6, 3)[:, np.arange(6), np.arange(6)]
            # All light of a side counts in its direction, the brightest lamp's too.
            strength = np.linalg.norm(whole[:, :, _WAY], axis=2, keepdims=True)
            facing = np.einsum("nac,ac->na", whole[:, :, _WAY], AXES)[:, :, None] / np.maximum(strength, 1e-9)
            cube[both] = sides + np.maximum(facing, 0.0) * whole[:, :, _KEY]
            way[both], key[both] = 0.0, 0.0
        length = np.sqrt(np.einsum("nc,nc->n", way, way))[:, None]
        towards = way / np.maximum(length, 1e-9)
        towards[length[:, 0] < 1e-9] = (0.0, 0.0, 1.0)
        return cube.astype(float), towards.astype(float), key.astype(float)

    def _reached(self, starts: Array, ends: Array) -> Array:
        """The ends, or the starts where something stands between."""
        return np.where(self._bake.mesh.blocked_many(starts, ends)[:, None], starts, ends)

    def _blend(self, places: Array) -> NDArray[np.float32]:
        scaled = (places - self._low) / self._step
        cell = np.clip(np.floor(scaled).astype(np.int64), 0, self._shape - 2)
        part = np.clip(scaled - cell, 0.0, 1.0).astype(np.float32)
        index = (cell @ self._strides)[:, None] + self._corners
        number = self._flat[index]
        if (number < 0).any():
            self._find(np.unique(index[number < 0]))
            number = self._flat[index]
        self._freshen(number)
        x, y, z = part[:, 0], part[:, 1], part[:, 2]
        xy = np.stack(((1 - x) * (1 - y), (1 - x) * y, x * (1 - y), x * y), axis=1)
        weight = np.stack((xy * (1 - z)[:, None], xy * z[:, None]), axis=2).reshape(-1, 8)
        weight *= ~self._buried[number]
        nearest = weight.argmax(axis=1)
        home = number[np.arange(len(number)), nearest]
        free = weight * ((self._open[home][:, None] >> _STEP_OF[nearest]) & 1)
        total = free.sum(axis=1, keepdims=True)
        free[:, 0] += total[:, 0] <= 0.0  # wholly inside something solid: as its corner
        total[total <= 0.0] = 1.0
        free /= total
        if len(number) < _FEW:
            return np.asarray(np.matmul(free[:, None], self._values[number])[:, 0])
        ends = np.arange(0, number.size + 1, 8, dtype=np.int32)
        shares = csr_array((free.ravel(), number.ravel(), ends), (len(number), self._count))
        return np.asarray(shares @ self._values[: self._count])

    # --- nodes ---------------------------------------------------------------------------------------

    def _find(self, wanted: NDArray[np.int64]) -> None:
        """Rays from the nodes of these numbers in the grid."""
        if self._count + len(wanted) > 400_000:
            self._forget()
        first, count = self._count, len(wanted)
        while first + count > len(self._open):
            self._grow()
        rows = slice(first, first + count)
        grid = np.stack(
            (wanted // self._strides[0], wanted // self._strides[1] % self._shape[1], wanted % self._shape[2])
        )
        at = self._low + grid.T * self._step
        mesh = self._bake.mesh
        directions = np.tile(_SPHERE, (count, 1))
        hits = mesh.first_many(np.repeat(at, len(_SPHERE), axis=0), directions)
        backs = hits >= 0
        if mesh.triangle_count:
            backs &= np.einsum("ni,ni->n", mesh.normals[hits], directions) > 0
        self._buried[rows] = backs.reshape(count, -1).mean(axis=1) > 0.4
        met = self._bake.met(hits).reshape(count, -1)
        self._hits[rows] = np.where(met >= 0, met, np.where(_ABOVE, -1, -2))
        steps = (at[:, None] + _NEXT * self._step).reshape(-1, 3)
        free = ~mesh.blocked_many(np.repeat(at, len(_NEXT), axis=0), steps).reshape(count, -1)
        free[:, len(_NEXT) // 2] = True
        self._open[rows] = free @ (1 << np.arange(len(_NEXT), dtype=np.int64))
        self._lit[rows] = self._lamps_seen(at)
        self._where[rows] = at
        self._stale[rows] = True
        self._flat[wanted] = np.arange(first, first + count, dtype=np.int32)
        self._count += count

    def _lamps_seen(self, at: Array) -> Array:
        """What each lamp gives what faces it at places (m, 3), all past the shadows: (m, lamps)."""
        out = np.zeros((len(at), len(self._lamps)))
        for i, lamp in enumerate(self._lamps):
            way = self._at[i] - at
            far2 = np.maximum((way * way).sum(axis=1), 1e-6)
            straight = sent(lamp, far2, way / np.sqrt(far2)[:, None])
            near = np.flatnonzero(straight > _LEAST_LIGHT)
            ends = self._at[i] + 0.03 * (at[near] - self._at[i])
            out[near, i] = straight[near] * ~self._bake.mesh.blocked_many(at[near], ends)
        return out

    def _grow(self) -> None:
        for name in ("_hits", "_lit", "_open", "_buried", "_values", "_stale", "_where"):
            old = getattr(self, name)
            new = np.ones((2 * len(old), *old.shape[1:]), old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)

    def _freshen(self, number: NDArray[np.int32]) -> None:
        """What nodes are worth under the present setting of the lamps, for those that are asked for."""
        stale = self._stale[number]
        if not stale.any():
            return
        nodes = np.unique(number[stale])
        glow = self._glow[self._hits[nodes]]  # -1 is the sky, -2 the ground below it
        cube = np.einsum("as,nsc->nac", _TO_AXES, glow, optimize=True) + np.float32(self._glim)
        straight = self._lit[nodes] * self._levels
        if len(self._lamps):
            way = self._at - self._where[nodes][:, None]
            unit = (way / np.maximum(np.linalg.norm(way, axis=2, keepdims=True), 1e-6)).astype(np.float32)
            rows, best = np.arange(len(nodes)), straight.argmax(axis=1)
            key = straight[rows, best][:, None] * self._tint[best]
            self._values[nodes, _WAY] = unit[rows, best] * key.sum(axis=1, keepdims=True)
            self._values[nodes, _KEY] = key
            straight[rows, best] = 0.0  # it has a direction of its own; all others join the cube
            faced = np.maximum(np.einsum("ac,nlc->nal", AXES.astype(np.float32), unit), 0.0)
            cube += np.einsum("nal,nl,lc->nac", faced, straight, self._tint, optimize=True)
        else:
            self._values[nodes, 18:24] = 0.0
        looked = np.where(self._hits[nodes] >= 0, _LEVEL, _SKYWARDS * _LEVEL)
        self._values[nodes, _CUBE] = cube.reshape(-1, 18)
        self._values[nodes, _SEEN] = (np.sqrt(glow.mean(axis=2)) * looked).sum(axis=1) / looked.sum(axis=1)
        self._values[nodes, _OPEN] = (self._hits[nodes] < 0).mean(axis=1)
        self._stale[nodes] = False
