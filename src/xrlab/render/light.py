"""How light falls in a room: worked out once per room with rays, recombined when a lamp is switched.

For each group of lamps, and for the sky, every corner of the packed room gets its irradiance (lm/m²): from
the lamps with their shadows, and by way of all other surfaces (a few bounces). What moves is lit by asking
for the light at a place. Doors are left out: they move, and are lit themselves but cast no shadow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, dia_array

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array
from xrlab.render.surfaces import Packed
from xrlab.room.model import Light, Room

SKY = "sky"
"""Name of the group that comes from outside; `Frame.lights` may dim it as any other."""

_SKY_RADIANCE = np.array([0.80, 0.92, 1.05]) * 30.0  # an evening sky, so that windows don't outshine lamps
EVEN = "even"
"""Name of the group of light that a room without lamps is drawn in: from all sides, dimmer in corners."""

_EVEN = 300.0  # lm/m²
_CORNER_M = 2.0  # metres within which other surfaces take away from even light
_GLIM = 2.0  # lm/m²: what is left with all lamps out, so that a dark room can still be trained in
_RAYS, _LEAST_RAYS = 1_200_000, 12  # in all, and from a corner, for what comes by way of other surfaces
_HASTY = 8  # so many times fewer where a picture must come at once
_BOUNCES = 4
_SMOOTHING = 5
_NEAREST2 = 0.25  # m²: nearer than half a metre a lamp is no point any more
_OFF = 0.02  # metres that rays start above their surface

AXES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)
"""Directions in which the light at a place is told, for things that move."""


@dataclass(frozen=True)
class Lit:
    """Light at corners or places under the present setting of the lamps.

    irradiance: (n, 3) lm/m². towards: (n, 3) where most of it comes from, its length (0..1) how much of
    it does so.
    """

    irradiance: Array
    towards: Array


class RoomLight:
    """The light of one room, for any setting of its lamps. hasty: in a fraction of the time, with some noise."""

    def __init__(self, room: Room, packed: Packed, *, hasty: bool = False) -> None:
        self._haste = _HASTY if hasty else 1
        self.lamps = room.lights
        self.groups = (*(dict.fromkeys(lamp.group for lamp in self.lamps) or (EVEN,)), SKY)
        corners = packed.vertices["position"].astype(float)
        self._albedo = packed.albedo
        solid = packed.triangles[_opaque(packed)]
        self._triangles = solid
        self._mesh = RayMesh(corners[solid].reshape(-1, 3), np.arange(3 * len(solid), dtype=np.int32).reshape(-1, 3))
        self._edges = (solid[:, [0, 1, 2, 1, 2, 0]].ravel(), solid[:, [1, 2, 0, 0, 1, 2]].ravel())
        self._corner_light, self._corner_towards = self._bake(corners, packed.vertices["normal"].astype(float))
        self.exposure = self._exposure(packed)
        """What irradiance is multiplied with so that the room, all lamps on, looks well exposed."""
        self._group_light = self._corner_light.sum(axis=(1, 2))
        self._setting: tuple[float, ...] = ()
        self._lit: Lit | None = None
        self._triangle_glow = np.zeros((len(solid), 3))
        self._places: dict[tuple[float, ...], tuple[Array, NDArray[np.int32]]] = {}

    @property
    def mesh(self) -> RayMesh:
        """The opaque triangles of the packed room, in its order."""
        return self._mesh

    def levels(self, lights: Mapping[str, float]) -> tuple[float, ...]:
        """How bright each of `groups` is, for the names that a frame gives."""
        return tuple(min(1.0, max(0.0, float(lights.get(group, 1.0)))) for group in self.groups)

    def sky(self, levels: tuple[float, ...]) -> Array:
        """What the sky sends (3,), in the units that `exposure` scales."""
        return np.asarray(_SKY_RADIANCE * (levels[-1] if levels else 1.0))

    def brightness(self, levels: tuple[float, ...]) -> float:
        """How bright the room is under a setting of the lamps, 1 with all on."""
        whole = float(self._group_light.sum()) or 1.0
        return float(np.array(levels) @ self._group_light) / whole

    def at_corners(self, levels: tuple[float, ...]) -> Lit:
        """The light at every corner of the packed room."""
        if self._lit is not None and levels == self._setting:
            return self._lit
        weights = np.array(levels)
        irradiance = np.tensordot(weights, self._corner_light, 1) + _GLIM
        pull = np.tensordot(weights, self._corner_towards, 1)
        strength = irradiance.sum(axis=1, keepdims=True)
        self._setting = levels
        glow = irradiance * self._albedo / math.pi
        self._triangle_glow = glow[self._triangles].mean(axis=1)
        self._lit = Lit(irradiance, pull / np.maximum(strength, 1e-6))
        return self._lit

    def at_places(self, places: Array, apart: Array, levels: tuple[float, ...]) -> tuple[Array, Array, Array]:
        """The light around n things that move, at (n, 3).

        apart: (n,) how far from the middle a thing's own surfaces are (m), so that a door in a doorway is
        lit from both rooms. Returns what comes by way of surfaces on the six `AXES`, (n, 6, 3) lm/m²; the
        direction of the brightest lamp (n, 3); and its irradiance at a right angle (n, 3).
        """
        self.at_corners(levels)  # settles the setting
        cube = np.empty((len(places), 6, 3))
        towards, key = np.zeros((len(places), 3)), np.zeros((len(places), 3))
        for i, place in enumerate(places):
            seen, hits = self._around(place, float(apart[i]))
            cube[i], towards[i], key[i] = self._gather(place, float(apart[i]), seen, hits, levels)
        return cube, towards, key

    def open_way(self, places: Array, ways: Array) -> Array:
        """How far (m) it is from places (n, 3) along unit ways (n, 3) to the first surface; inf for none."""
        return self._mesh.closest_many(places, ways)[0]

    def _around(self, place: Array, apart: float) -> tuple[Array, NDArray[np.int32]]:
        """Which lamps are seen from the six sides of a place, (6, lamps) 0 or 1, and what 24 rays meet."""
        key = (*np.round(place * 20).tolist(), apart)
        known = self._places.get(key)
        if known is None:
            if len(self._places) > 4096:
                self._places.clear()
            sides = place + AXES * apart
            blocked_side = self._mesh.blocked_many(np.repeat(place[None], 6, axis=0), sides)
            sides[blocked_side] = place
            lamps = np.array([lamp.position for lamp in self.lamps]).reshape(-1, 3)
            starts = np.repeat(sides, len(lamps), axis=0)
            ends = np.tile(lamps, (6, 1))
            seen = ~self._mesh.blocked_many(starts, ends + 0.03 * (starts - ends))
            _, hits = self._mesh.closest_many(np.repeat(place[None], len(_SPHERE), axis=0), _SPHERE)
            known = (seen.reshape(6, len(lamps)).astype(float), hits)
            self._places[key] = known
        return known

    def _gather(
        self, place: Array, apart: float, seen: Array, hits: NDArray[np.int32], levels: tuple[float, ...]
    ) -> tuple[Array, Array, Array]:
        level = dict(zip(self.groups, levels, strict=True))
        glow = np.where(hits[:, None] >= 0, self._triangle_glow[hits] if len(self._triangle_glow) else 0.0, 0.0)
        glow = glow + np.where(hits[:, None] >= 0, 0.0, _SKY_RADIANCE * level[SKY])
        cube = _SPHERE_TO_AXES @ glow + _GLIM
        power = np.array([np.array(lamp.color) * (lamp.power * level[lamp.group]) for lamp in self.lamps]).reshape(
            -1, 3
        )
        way = np.array([lamp.position for lamp in self.lamps]).reshape(-1, 3) - place
        far2 = np.maximum((way * way).sum(axis=1), 1e-6)
        unit = way / np.sqrt(far2)[:, None]
        straight = power * _spread(far2, unit)[:, None]
        # The brightest lamp becomes a direction of its own if it is seen all round, the others join the cube.
        all_round = seen.mean(axis=0)
        best = int((straight.sum(axis=1) * all_round).argmax()) if len(far2) else -1
        direct = np.einsum("al,al,lc->ac", np.maximum(AXES @ unit.T, 0.0), seen, straight)
        if best < 0 or apart > 0.3 or all_round[best] == 0.0:
            return cube + direct, np.array([0.0, 0.0, 1.0]), np.zeros(3)
        direct -= np.maximum(AXES @ unit[best], 0.0)[:, None] * seen[:, best, None] * straight[best]
        return cube + direct, unit[best], straight[best] * all_round[best]

    def _bake(self, corners: Array, normals: Array) -> tuple[Array, Array]:
        """Irradiance (groups, n, 3) at every corner, and the pull (groups, n, 3) towards where it comes from."""
        count = len(corners)
        light = np.zeros((len(self.groups), count, 3))
        pull = np.zeros((len(self.groups), count, 3))
        self._indoors = np.ones(count)  # how much of what each corner looks at is not the sky
        if not count:
            return light, pull
        starts = corners + normals * _OFF + self._inwards(corners)
        for lamp in self.lamps:
            group = self.groups.index(lamp.group)
            got, unit = self._straight(lamp, starts, normals)
            light[group] += got
            pull[group] += unit * got.sum(axis=1, keepdims=True)
        rays = int(min(48, max(_LEAST_RAYS, _RAYS // count))) // self._haste or 1
        hits, buried, facing, free = self._look_around(starts, normals, rays)
        if not self.lamps:
            light[0] = (_EVEN * free * (0.8 + 0.2 * normals[:, 2]))[:, None]
        sky = len(self.groups) - 1
        outside = (hits < 0).mean(axis=1)[:, None] * math.pi * _SKY_RADIANCE
        pull[sky] += normals * (0.5 * outside.sum(axis=1, keepdims=True))
        from_outside = np.zeros_like(light)
        from_outside[sky] = outside
        light = self._bounced(light, from_outside, hits, (hits >= 0) & facing, buried)
        self._mend(light, buried)
        self._indoors = 1.0 - (hits < 0).mean(axis=1)
        return light, pull

    def _inwards(self, corners: Array) -> Array:
        """Small steps from each corner towards the middle of its triangles: what lies on an edge is moved off it."""
        if not len(self._triangles):
            return np.zeros_like(corners)
        middle = corners[self._triangles].mean(axis=1)
        number = np.bincount(self._triangles.ravel(), minlength=len(corners))
        out = np.empty_like(corners)
        for axis in range(3):
            total = np.bincount(self._triangles.ravel(), weights=np.repeat(middle[:, axis], 3), minlength=len(corners))
            out[:, axis] = np.where(number > 0, total / np.maximum(number, 1) - corners[:, axis], 0.0)
        return out * 0.2

    def _straight(self, lamp: Light, starts: Array, normals: Array) -> tuple[Array, Array]:
        """What one lamp gives at each corner past the shadows, and the unit vectors to it.

        A lamp has some width, so that shadows have soft edges: it is asked for at four places.
        """
        way = np.array(lamp.position) - starts
        far2 = (way * way).sum(axis=1)
        unit = way / np.sqrt(np.maximum(far2, 1e-9))[:, None]
        cosine = (unit * normals).sum(axis=1)
        got = np.maximum(cosine, 0.0) * _sent(lamp, far2, unit)
        reached = np.flatnonzero(got > 0.02)
        seen = np.zeros(len(starts))
        for dx, dy in ((0.12, 0.05), (-0.05, 0.12), (-0.12, -0.05), (0.05, -0.12)):
            ends = np.array(lamp.position) + (dx, dy, 0.0) - unit[reached] * 0.03
            seen[reached] += ~self._mesh.blocked_many(starts[reached], ends)
        return (got * seen / 4)[:, None] * np.array(lamp.color), unit

    def _look_around(
        self, starts: Array, normals: Array, rays: int
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_], Array]:
        """What each corner sees in `rays` directions spread by the cosine: triangles (n, rays), -1 for the sky.

        Each corner turns the directions in its own way, so that errors are a fine noise that `_smoothed`
        takes out. Also: which corners lie inside something solid (they see backs), which rays met a front, and
        how free each corner is of surfaces near it, 0..1.
        """
        steep = np.abs(normals[:, 2:]) >= 0.9
        tangent = np.cross(normals, np.where(steep, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)))
        tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
        other = np.cross(normals, tangent)
        number = np.arange(len(starts))
        turned, shifted = (number * 0.7548776662 % 1.0) * 2 * math.pi, number * 0.5698402910 % 1.0
        hits = np.empty((len(starts), rays), np.int32)
        facing = np.zeros((len(starts), rays), bool)
        free = np.zeros(len(starts))
        for k in range(rays):
            radius = np.sqrt((k + shifted) / rays)
            turn = turned + k * math.pi * (3 - math.sqrt(5))
            x, y, z = radius * np.cos(turn), radius * np.sin(turn), np.sqrt(1 - radius**2)
            ways = tangent * x[:, None] + other * y[:, None] + normals * z[:, None]
            distances, hits[:, k] = self._mesh.closest_many(starts, ways)
            free += np.minimum(distances / _CORNER_M, 1.0)
            if len(self._triangles):
                facing[:, k] = (self._mesh.normals[hits[:, k]] * ways).sum(axis=1) < 0
        backs = ((hits >= 0) & ~facing).mean(axis=1)
        return hits, backs > 0.5, facing, free / rays

    def _smoothing(self, usable: NDArray[np.bool_]) -> csr_array:
        """What takes values at corners to their mean with those of neighbours on the same surface."""
        a, b = self._edges
        count = len(usable)
        weight = usable.astype(np.float32)
        near = coo_array((weight[a] * weight[b], (b, a)), (count, count)).tocsr()
        own = 2.0 * weight
        total = np.asarray(near.sum(axis=1)).ravel() + own
        share = np.where(usable & (total > 0), 1.0 / np.maximum(total, 1e-9), 0.0).astype(np.float32)
        kept = np.where(share > 0, own * share, 1.0).astype(np.float32)
        return csr_array(dia_array((share[None], [0]), (count, count)) @ near) + dia_array(
            (kept[None], [0]), (count, count)
        )

    def _bounced(
        self,
        straight: Array,
        outside: Array,
        hits: NDArray[np.int32],
        met: NDArray[np.bool_],
        buried: NDArray[np.bool_],
    ) -> Array:
        """Irradiance (groups, n, 3) from lamps, from outside, and what comes of both by way of other surfaces.

        All groups at once: one product with the sparse matrix of which corner sees which triangle.
        """
        groups, count, _ = straight.shape
        rays, seen = hits.shape[1], len(self._triangles)
        rows = np.concatenate(([0], np.cumsum(met.sum(axis=1))))
        sight = csr_array((np.full(int(rows[-1]), 1.0 / rays, np.float32), hits[met], rows), (count, seen))
        # Corners by columns: three for each group.
        first = straight.transpose(1, 0, 2).reshape(count, -1).astype(np.float32)
        sky = outside.transpose(1, 0, 2).reshape(count, -1).astype(np.float32)
        albedo = np.tile(self._albedo.astype(np.float32), (1, groups))
        total, gathered = first + sky, sky
        for _ in range(_BOUNCES):
            sent = total * albedo
            leaving = (sent[self._triangles[:, 0]] + sent[self._triangles[:, 1]] + sent[self._triangles[:, 2]]) / 3
            gathered = sky + sight @ leaving
            total = first + gathered
        smooth = self._smoothing(~buried)
        for _ in range(_SMOOTHING):
            gathered = smooth @ gathered
        return (first + gathered).astype(float).reshape(count, groups, 3).transpose(1, 0, 2).copy()

    def _mend(self, light: Array, buried: NDArray[np.bool_]) -> None:
        """Corners inside something solid take the light of their neighbours, so that no dark edges creep out."""
        if not buried.any() or buried.all() or not len(self._triangles):
            return
        a, b = self._edges
        known = ~buried
        for _ in range(3):
            use = known[a] & ~known[b]
            if not use.any():
                break
            number = np.bincount(b[use], minlength=len(known))
            new = (number > 0) & ~known
            for group in light:
                for channel in range(3):
                    total = np.bincount(b[use], weights=group[a[use], channel], minlength=len(known))
                    group[new, channel] = total[new] / number[new]
            known = known | new

    def _exposure(self, packed: Packed) -> float:
        """From the mean of the logarithm of what the room gives back, all lamps on, each triangle by its size."""
        if not len(self._triangles):
            return 1.0 / 200.0
        irradiance = self._corner_light.sum(axis=0) + _GLIM
        glow = (irradiance * self._albedo).mean(axis=1)[self._triangles].mean(axis=1)
        corners = packed.vertices["position"][self._triangles].astype(float)
        area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        # A house is looked at from inside: its roof and outer walls, in the sun or in the dark, don't count.
        inside = area * (self._indoors[self._triangles].mean(axis=1) > 0.7)
        if inside.sum() > 0.05 * area.sum():
            area = inside
        counted = (glow > 0.15 * float(np.average(glow, weights=area))) & (area > 0)
        if not counted.any():
            return 1.0 / 200.0
        mean = float(np.average(np.log(glow[counted]), weights=area[counted]))
        return 0.17 * math.pi / math.exp(mean)


def _spread(far2: Array, unit: Array) -> Array:
    """Part of a lamp's power that falls on each m² at a squared distance (m²) in the unit directions to it (n, 3).

    Ceiling lamps send most of it down, by the cosine from straight below, a part evenly to the sides, and next
    to nothing up to the ceiling that they hang from.
    """
    even = np.clip(0.5 + 3.0 * unit[:, 2], 0.06, 0.5)
    return (even + 2.2 * np.maximum(unit[:, 2], 0.0)) / (4 * math.pi * np.maximum(far2, _NEAREST2))


def _sent(lamp: Light, far2: Array, unit: Array) -> Array:
    return lamp.power * _spread(far2, unit)


def _opaque(packed: Packed) -> NDArray[np.bool_]:
    """Which triangles of the packed room are not clear."""
    out = np.zeros(len(packed.triangles), bool)
    if packed.solid_chunks:
        last = packed.solid_chunks - 1
        out[: int(packed.chunk_first[last] + packed.chunk_count[last])] = True
    return out


def _sphere(count: int) -> Array:
    i = np.arange(count) + 0.5
    z = 1 - 2 * i / count
    turn = i * math.pi * (3 - math.sqrt(5))
    radius = np.sqrt(1 - z * z)
    return np.column_stack((radius * np.cos(turn), radius * np.sin(turn), z))


_SPHERE = _sphere(24)
_SPHERE_TO_AXES = np.maximum(AXES @ _SPHERE.T, 0.0)
_SPHERE_TO_AXES = _SPHERE_TO_AXES / _SPHERE_TO_AXES.sum(axis=1, keepdims=True) * math.pi
