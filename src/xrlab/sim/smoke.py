"""How smoke and fog take the sight away: along a line through zones that are filled with it, or in the open.

Light fades exponentially with the way through smoke (Bouguer's law). A thing is lost where less than 5% of its contrast
is left, as in the meteorological optical range (World Meteorological Organization); at density 1 that is after 2 m, in
fog after as many as the scenario's weather says. Fog is everywhere but in buildings (`xrlab.room.shelters`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.room.shelters import shelters
from xrlab.sim.world import World

LEAST_CONTRAST = 0.05
SEEN_M = 2.0
"""So far one sees at density 1."""

STEPS = 24
"""A line is looked at in so many places."""


class Smoke:
    """The smoke and fog of a world, for lines of sight."""

    def __init__(self, world: World) -> None:
        self._ramps = list(world.smoke.values())
        self._zones = [world.room.zones[name] for name in world.smoke]
        self._fog_m = world.scenario.weather.fog_m
        self._shelters = shelters(world.room) if self._fog_m is not None else np.zeros((0, 2, 3))

    def is_about(self, densities: Array) -> bool:
        """Whether anything may be hidden by fog, or by smoke of these densities."""
        return self._fog_m is not None or bool(densities.any())

    @property
    def rests_at(self) -> float:
        """When the smoke comes to rest everywhere, as planned now."""
        return max((ramp.rests_at for ramp in self._ramps), default=0.0)

    def densities(self, times: list[float]) -> Array:
        """How dense it is at these times in each zone, (times, zones)."""
        return np.array([[ramp.at(t) for ramp in self._ramps] for t in times]).reshape(len(times), len(self._ramps))

    def hides(self, starts: Array, ends: Array, densities: Array, which: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For lines (n, 3) to (n, 3) whether smoke hides one end from the other; `which` density (n,) each goes by."""
        if not len(starts):
            return np.zeros(0, bool)
        thick = np.zeros(len(starts)) if self._fog_m is None else self._in_the_open(starts, ends) * SEEN_M / self._fog_m
        used = np.flatnonzero(densities[np.unique(which)].any(axis=0))
        if not len(used):
            return np.asarray(thick / SEEN_M > 1.0 - 1e-9)
        shares = (np.arange(STEPS) + 0.5) / STEPS
        places = starts[:, None] + (ends - starts)[:, None] * shares[:, None]
        step = np.sqrt(((ends - starts) ** 2).sum(axis=1)) / STEPS
        for number in used:
            zone = self._zones[number]
            low, high = zone.height_range
            z = places[..., 2]
            inside = zone.contains(places[..., :2].reshape(-1, 2)).reshape(z.shape) & (z >= low) & (z <= high)
            thick += inside.sum(axis=1) * step * densities[which, number]
        return np.asarray(thick / SEEN_M > 1.0 - 1e-9)

    def _in_the_open(self, starts: Array, ends: Array) -> Array:
        """How many metres of lines (n, 3) to (n, 3) lie outside of buildings."""
        way = ends - starts
        far = np.sqrt((way * way).sum(axis=1))
        over = 1.0 / np.where(np.abs(way) < 1e-9, 1e-9, way)
        inside = np.zeros(len(starts))
        for low, high in self._shelters:
            a, b = (low - starts) * over, (high - starts) * over
            first = np.maximum(np.minimum(a, b).max(axis=1), 0.0)
            last = np.minimum(np.maximum(a, b).min(axis=1), 1.0)
            inside += np.maximum(last - first, 0.0)
        open_part: Array = far * np.maximum(1.0 - inside, 0.0)
        return open_part


def left_of(metres: float, density: float) -> float:
    """What is left (0..1) of the contrast of a thing behind so much smoke."""
    return math.exp(math.log(LEAST_CONTRAST) * metres * density / SEEN_M)
