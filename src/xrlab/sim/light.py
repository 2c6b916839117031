"""How well people are lit, and from how far one can therefore see them.

A person's chest gets light (lux, lumens on a square metre) from every lamp whose line to it neither a wall nor a door
crosses, from the walls of the zone that lamps stand in, from the sky where that is seen, also through windows, and
from torches that are held towards them. The pictures reckon by the same lamps, sky and walls, more finely.
Lamps that flicker count as they are at each sample of the senses: their pattern is drawn, so it never falls in step
with the samples, and over some seconds people are seen for that share of time in which there is light.

From how far somebody is seen follows `reach`: a face is made out from 4 m at 0.8 lux (semi-cylindrical; W. van Bommel
and J. Caminada, 'Considerations for the lighting of residential areas for non-motorised traffic', CIBSE National
Lighting Conference 1982), from 10 m at 2.7 lux (estimate), and more than some 25 lux helps no further
(P. Rombauts, H. Vandewyngaerde, G. Maggetto, 'Minimum semi-cylindrical illuminance and modelling in residential area
lighting', Vrije Universiteit Brussel). A figure is noticed from farther away than a face is known; but what counts here
is to see what a person does and holds, and for that the same rule is taken (estimate).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.room.lamps import gain
from xrlab.room.zones import Zone
from xrlab.sim.world import World

FACE_M, FACE_LUX, EXPONENT = 4.0, 0.8, 0.75
"""`FACE_M` at `FACE_LUX`, growing with this power of the light: the curve through both measured points."""

GOOD_LUX = 25.0
SKY_LUX = 85.0
"""Under an open evening sky, as the pictures show it, where the scenario's weather says no daylight."""

SKY_RAYS = 32
SKY_M = 500.0
REFLECTED = 0.5
"""Share of the light that walls throw back (estimate: light paint, wooden floor)."""

TORCH_CANDELA, TORCH_HALF_ANGLE = 5000.0, math.radians(12.0)
"""A police torch in the hand: its beam (estimate, after makers' figures of 5,000 to 20,000 candela)."""

TORCH_SEEN = math.cos(math.radians(60.0))
"""Who is within 60 degrees of a torch's direction sees the torch itself, however dark it is."""

_NEAREST2 = 0.25  # m²: nearer than half a metre a lamp is no point any more
_KNOWN = 20_000  # places that are kept


def reach(lux: Array) -> Array:
    """From how far (m) one is seen who gets so much light; inf in good light. To the millimetre."""
    metres = np.round(FACE_M * (np.maximum(lux, 0.0) / FACE_LUX) ** EXPONENT, 3)
    return np.where(lux >= GOOD_LUX, math.inf, metres)


class Light:
    """The light of one run's room."""

    def __init__(self, world: World) -> None:
        self._world, self._room = world, world.room
        self._groups = list(world.lights)
        lamps = world.room.lights
        self._places = np.array([lamp.position for lamp in lamps]).reshape(-1, 3)
        self._power = np.array([lamp.power for lamp in lamps])
        self._aimed = [(i, lamp) for i, lamp in enumerate(lamps) if lamp.kind not in ("ceiling", "point")]
        self._group = np.array([self._groups.index(lamp.group) for lamp in lamps], np.int64)
        self._known: dict[tuple[float, ...], tuple[NDArray[np.bool_], float]] = {}
        daylight = world.scenario.weather.lux
        self._even = not len(lamps) and daylight is None
        self._sky = SKY_LUX if daylight is None else daylight

    @cached_property
    def _walls(self) -> list[tuple[Zone, list[int], float]]:
        """The zones with lamps in them: which, and what their walls give of each lumen; few runs need it."""
        return [(zone, here, _even(zone)) for zone in self._room.zones.values() if (here := self._in(zone))]

    def levels(self, times: Sequence[float]) -> Array:
        """How bright each group of lamps is, 0..1, at these times: (times, groups)."""
        ramps = self._world.lights.values()
        return np.array([[ramp.at(t) for ramp in ramps] for t in times]).reshape(len(times), len(self._groups))

    @property
    def rests_at(self) -> float:
        """When the last lamp has come to its level, as planned now."""
        return max((ramp.rests_at for ramp in self._world.lights.values()), default=0.0)

    def is_good(self, levels: Array) -> NDArray[np.bool_]:
        """For levels (n, groups): whether light limits nobody: all lamps are full on, and fit to see across each room.

        So it is in a room without lamps, too, if the weather says no daylight: it is taken to be evenly lit.
        """
        if self._even:
            return np.ones(len(levels), bool)
        good = np.asarray((levels >= 1.0).all(axis=1))
        if good.any() and not self._lit_across:
            good[:] = False
        return good

    @property
    def _lit_across(self) -> bool:
        known: dict[tuple[str, ...], bool] = self._room.worked_out
        key = ("lit_across", str(self._sky))
        if key not in known:
            zones = self._room.zones.values()
            known[key] = all(self._is_lit(zone) for zone in zones) and bool(zones or self._sky >= GOOD_LUX)
        return known[key]

    def _is_lit(self, zone: Zone) -> bool:
        """Whether somebody anywhere in a zone is seen from everywhere in it, with all lamps on and all doors away."""
        points = self._room.floor_points(zone.name, 1.0)[:400] + (0.0, 0.0, 1.2)
        across = float(np.linalg.norm(zone.polygon.max(axis=0) - zone.polygon.min(axis=0)))
        lux = self.lux(points, np.ones((len(points), len(self._groups))), None, np.zeros(len(points), np.int64))
        return bool((reach(lux) >= across).all())

    def lux(self, points: Array, levels: Array, ways: Array | None, which: NDArray[np.int64]) -> Array:
        """Light at places (n, 3) from lamps, walls and the sky, while the groups burn at levels (n, groups).

        ways, which: how the door leaves stand, as for `World.leaves_block`; None for no doors.
        """
        free = np.zeros((len(points), len(self._power)), bool)
        total = np.zeros(len(points))
        for i, point in enumerate(points):
            free[i], total[i] = self._seen_from(point)
        where, lamp = np.nonzero(free)
        if ways is not None and len(where):
            free[where, lamp] = ~self._world.leaves_block(points[where], self._places[lamp], ways, which[where])
        way = points[:, None] - self._places
        squared = np.maximum((way * way).sum(axis=2), _NEAREST2)
        burning = levels[:, self._group] * self._power
        straight = free * burning / (4 * math.pi * squared)
        for i, aimed in self._aimed:
            straight[:, i] *= gain(aimed, way[:, i] / np.sqrt(np.maximum(squared[:, i : i + 1], 1e-9)))
        total += straight.sum(axis=1)
        for zone, lamps, even in self._walls:
            low, high = zone.height_range
            inside = zone.contains(points[:, :2]) & (points[:, 2] - 1.3 < high) & (points[:, 2] >= low)
            total[inside] += burning[inside][:, lamps].sum(axis=1) * even
        return np.round(total, 3)

    def _seen_from(self, point: Array) -> tuple[NDArray[np.bool_], float]:
        """Which lamps no wall hides from a place, and the light (lux) of the sky there."""
        key = tuple(point.tolist())
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            ends = np.concatenate([self._places, point + _SKY * SKY_M])
            blocked = self._room.opaque.blocked_many(np.broadcast_to(point, ends.shape), ends)
            lamps = len(self._power)
            known = self._known[key] = ~blocked[:lamps], self._sky * float((~blocked[lamps:]).mean())
        return known

    def _in(self, zone: Zone) -> list[int]:
        inside = zone.contains(self._places[:, :2]) & (self._places[:, 2] >= zone.floor)
        return np.flatnonzero(inside & (self._places[:, 2] <= zone.ceiling + 0.5)).tolist()

    # --- torches ------------------------------------------------------------------------------------

    def beam(self, place: Array, look: Array, points: Array, ways: Array) -> Array:
        """Light (lux) that a torch at place (3,), held along look (2,), throws on points (n, 3).

        ways: how the door leaves stand, for one time.
        """
        way = points - place
        flat = np.hypot(way[:, 0], way[:, 1])
        met = way[:, 0] * look[0] + way[:, 1] * look[1] >= flat * math.cos(TORCH_HALF_ANGLE)
        which = np.flatnonzero(met)
        starts = np.broadcast_to(place, (len(which), 3))
        free = ~self._room.opaque.blocked_many(starts, points[which])
        free &= ~self._world.leaves_block(starts, points[which], ways, np.zeros(len(which), np.int64))
        lux = np.zeros(len(points))
        lux[which[free]] = TORCH_CANDELA / np.maximum((way[which[free]] ** 2).sum(axis=1), _NEAREST2)
        return np.round(lux, 3)

    @staticmethod
    def dazzles(places: Array, looks: Array, eyes: Array) -> NDArray[np.bool_]:
        """Whether torches at places (n, 3), held along looks (n, 2), shine into the eyes (n, 3)."""
        dx, dy = eyes[:, 0] - places[:, 0], eyes[:, 1] - places[:, 1]
        shines: NDArray[np.bool_] = dx * looks[:, 0] + dy * looks[:, 1] >= np.hypot(dx, dy) * TORCH_SEEN
        return shines


def _even(zone: Zone) -> float:
    """Lux for each lumen burnt in a zone that come from its walls, taken as a sphere that throws light back evenly."""
    x, y = zone.polygon[:, 0], zone.polygon[:, 1]
    area = abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2
    round_it = float(np.hypot(x - np.roll(x, -1), y - np.roll(y, -1)).sum())
    return REFLECTED / (1.0 - REFLECTED) / (2 * area + round_it * max(zone.ceiling - zone.floor, 1.0))


def _dome(rays: int) -> Array:
    """Directions (rays, 3) spread evenly over the upper half of a sphere."""
    height = (np.arange(rays) + 0.5) / rays
    turn = np.arange(rays) * math.pi * (3.0 - math.sqrt(5.0))
    flat = np.sqrt(1.0 - height * height)
    return np.round(np.column_stack((flat * np.cos(turn), flat * np.sin(turn), height)), 6)


_SKY = _dome(SKY_RAYS)
