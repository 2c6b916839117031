"""What of the floor has been searched: every half second the trainees who have moved look it over.

A point of a zone's floor counts as seen once it was in a trainee's field of view, near enough and in free line of
sight; a zone is cleared when nearly all its points have been seen and no danger is left in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.sim.sight import COS_VIEW, Flags
from xrlab.sim.world import World

SEARCH_REACH_M = 15.0
SEARCH_GRID_M = 0.5
SEARCH_HEIGHT_M = 0.3
SEARCH_EVERY = 5
"""The floor is looked at in every so many ticks."""

SEARCH_SHARE = 0.95
"""A zone is searched when this share of its floor points has been seen."""


class Search:
    """Which zones' floors have been seen, and by whom last. zones: those whose clearing is watched."""

    def __init__(self, world: World, zones: tuple[str, ...]) -> None:
        self._world = world
        self._zones = zones
        points = [world.room.floor_points(name, SEARCH_GRID_M) + (0.0, 0.0, SEARCH_HEIGHT_M) for name in zones]
        sizes = np.array([len(p) for p in points], np.int64)
        # the points that nobody has seen yet, and the zone of each
        self._unseen = np.concatenate(points) if points else np.zeros((0, 3))
        self._zone = np.repeat(np.arange(len(points)), sizes)
        self._sizes, self._left = sizes, sizes
        self._last = [""] * len(zones)
        self._cleared: set[int] = set()
        self._ready: list[int] | None = None
        """Zones that have been seen and are not cleared yet; None until it is asked for."""

    @property
    def over(self) -> bool:
        """Whether all zones are cleared."""
        return len(self._cleared) == len(self._zones)

    @property
    def waits(self) -> bool:
        """Whether a zone has been seen that is not cleared yet, such as one with a danger in it."""
        return len(self._searched()) > 0

    def look(self, names: list[str], eyes: Array, looks: Array, ways: Array) -> None:
        """Takes into account what these trainees see: eyes (n, 3), looks (n, 2); ways: how the leaves stand now."""
        if not names or not len(self._unseen):
            return
        way = self._unseen[None, :, :2] - eyes[:, None, :2]
        dx, dy = way[..., 0], way[..., 1]
        distance = np.sqrt(dx * dx + dy * dy)
        ahead = dx * looks[:, None, 0] + dy * looks[:, None, 1]
        who, which = np.nonzero((distance < SEARCH_REACH_M) & (ahead >= distance * COS_VIEW))
        free = self._free(eyes[who], self._unseen[which], ways)
        who, which = who[free], which[free]
        for zone, index in sorted(set(zip(self._zone[which].tolist(), who.tolist(), strict=True))):
            self._last[zone] = names[index]
        left = np.ones(len(self._unseen), bool)
        left[which] = False
        self._unseen, self._zone = self._unseen[left], self._zone[left]
        self._left = np.bincount(self._zone, minlength=len(self._zones))
        self._ready = None

    def cleared(self, dangers: set[str]) -> list[tuple[str, str]]:
        """(zone, who saw it last) of those that are cleared by now; dangers: zones that somebody dangerous is in."""
        out = []
        for number in self._searched():
            if self._zones[number] not in dangers:
                self._cleared.add(number)
                out.append((self._zones[number], self._last[number]))
                self._ready = None
        return out

    def _searched(self) -> list[int]:
        if self._ready is None:
            seen = np.flatnonzero(self._left / self._sizes <= 1.0 - SEARCH_SHARE).tolist()
            self._ready = [n for n in seen if n not in self._cleared]
        return self._ready

    def _free(self, starts: Array, ends: Array, ways: Array) -> Flags:
        free: NDArray[np.bool_] = ~self._world.room.opaque.blocked_many(starts, ends)
        through = np.flatnonzero(free)
        at = np.zeros(len(through), np.int64)
        free[through] = ~self._world.leaves_block(starts[through], ends[through], ways, at)
        return free
