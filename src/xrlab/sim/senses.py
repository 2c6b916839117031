"""What people notice, ten times a second: who sees whom, who is in which zone, and what has been searched.

The ticks are there only in thought: since it is known beforehand in which of them something changes (`sim.sight`),
the engine is asked for those alone, and for the first tick after somebody changed plan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, quantise_time
from xrlab.room.zones import Zone
from xrlab.sim import events as ev
from xrlab.sim.engine import Engine
from xrlab.sim.search import SEARCH_EVERY, Search
from xrlab.sim.sight import SPAN, TICK_S, Sight
from xrlab.sim.world import World

_NEVER = 1 << 62


class Senses:
    """Notices for one engine, from now on. search: zones whose clearing is watched."""

    def __init__(self, engine: Engine, search: tuple[str, ...]) -> None:
        self._engine = engine
        self._sight = Sight(engine.world)
        self._zones = _Zones(engine.world)
        self._search = Search(engine.world, search)
        self._actors = self._sight.actors
        self._seen = np.zeros(len(self._sight.watcher), bool)
        self._inside: list[set[str]] = [set() for _ in self._actors]
        self._now_within = np.zeros((len(self._actors), len(self._zones.names)), bool)
        self._within = np.zeros((SPAN, len(self._actors), len(self._zones.names)), bool)
        self._trainees = [i for i, a in enumerate(self._actors) if a.role == "trainee"]
        self._searched = -1
        self._looked: set[int] = set()
        self._next = 0
        self._coming: list[int] = []
        """The ticks of the window in which somebody begins or ceases to see another, or goes from zone to zone."""
        self._tick(0)
        engine.world.news = self._has_changed

    def _has_changed(self, who: str | None) -> None:
        self._sight.has_changed(who)
        self._ask(int(round(self._engine.now * 1e6) // round(TICK_S * 1e6)) + 1)

    def _ask(self, tick: int) -> None:
        """Asks the engine for a tick, if it is to come before the one asked for already."""
        if tick < self._next:
            self._next = tick
            self._engine.at(quantise_time(tick * TICK_S), lambda: self._due(tick), first=True)

    def _due(self, tick: int) -> None:
        if tick == self._next:
            self._tick(tick)

    def _tick(self, tick: int) -> None:
        """Emits what has changed since the last tick that was asked for."""
        self._next = _NEVER
        sight = self._sight
        new_window = tick >= sight.first + SPAN
        changed, new = sight.bring_to(tick)
        row = tick - sight.first
        if new_window:
            self._within[:] = self._within[-1]
        if len(changed):
            self._within[row:, changed] = self._zones.within(sight.places[row:, changed])
            self._looked.update(changed.tolist())
        if new or tick in self._coming:
            self._notice(row)
            self._zone_changes(row)
        if new:
            changes = (sight.seen[row + 1 :] != sight.seen[row:-1]).any(axis=1)
            changes |= (self._within[row + 1 :] != self._within[row:-1]).any(axis=(1, 2))
            self._coming = (np.flatnonzero(changes) + (tick + 1)).tolist()
        if tick % SEARCH_EVERY == SEARCH_EVERY - 1 and not self._search.over:
            self._look_over(tick, row)
        self._ask(self._next_tick(tick))

    def _next_tick(self, tick: int) -> int:
        """The next tick in which something changes, as planned now."""
        sight = self._sight
        next_tick = next((t for t in self._coming if t > tick), _NEVER)
        if next_tick == _NEVER and sight.moves_until >= sight.first + SPAN:
            next_tick = sight.first + SPAN
        if not self._search.over and (self._search.waits or self._who_looked()):
            next_tick = min(next_tick, tick + SEARCH_EVERY - (tick + 1) % SEARCH_EVERY)
        return next_tick

    def _notice(self, row: int) -> None:
        """Who begins to see whom, and who no longer does."""
        sight, t = self._sight, self._engine.now
        seen = sight.seen[row].copy()
        for pair in np.flatnonzero(seen != self._seen).tolist():
            who, whom = self._actors[sight.watcher[pair]].name, self._actors[sight.watched[pair]].name
            self._engine.emit(ev.Seen(t=t, who=who, whom=whom) if seen[pair] else ev.Lost(t=t, who=who, whom=whom))
        self._seen = seen

    def _zone_changes(self, row: int) -> None:
        t, within = self._engine.now, self._within[row]
        for i in np.flatnonzero((within != self._now_within).any(axis=1)).tolist():
            actor = self._actors[i]
            inside = {self._zones.names[z] for z in np.flatnonzero(within[i])}
            for zone in sorted(self._inside[i] - inside):
                self._engine.emit(ev.ZoneLeft(t=t, who=actor.name, zone=zone))
            for zone in sorted(inside - self._inside[i]):
                self._engine.emit(ev.ZoneEntered(t=t, who=actor.name, zone=zone))
            self._inside[i] = inside
        self._now_within = within.copy()

    # --- searching ----------------------------------------------------------------------------------

    def _who_looked(self) -> list[int]:
        """The trainees who have moved, or will, since the floor was last looked at; all while doors move."""
        rests, doors = self._sight.rests, self._sight.doors_rest
        return [i for i in self._trainees if i in self._looked or self._searched < max(rests[i], doors)]

    def _look_over(self, tick: int, row: int) -> None:
        sight = self._sight
        who = self._who_looked()
        names = [self._actors[i].name for i in who]
        self._search.look(names, sight.bodies[row, who, -1], sight.looks[row, who], sight.leaves(row))
        self._searched, self._looked = tick, set()
        dangers: set[str] = set()
        for actor, inside in zip(self._actors, self._inside, strict=True):
            if actor.is_danger:
                dangers |= inside
        for zone, by in self._search.cleared(dangers):
            self._engine.emit(ev.ZoneCleared(t=self._engine.now, zone=zone, who=by))


class _Zones:
    """All zones of a room, asked for many places at once."""

    def __init__(self, world: World) -> None:
        zones = list(world.room.zones.values())
        self.names = [z.name for z in zones]
        low = np.array([z.polygon.min(axis=0) for z in zones]).reshape(-1, 2)
        high = np.array([z.polygon.max(axis=0) for z in zones]).reshape(-1, 2)
        self._low, self._high = low, high
        self._spans = np.array([z.height_range for z in zones]).reshape(-1, 2)
        self._other = [(n, z) for n, z in enumerate(zones) if not _is_box(z)]

    def within(self, places: Array) -> NDArray[np.bool_]:
        """For feet at places (..., 3): which zones hold them, (..., zones); a common border belongs to one."""
        x, y, z = places[..., 0, None], places[..., 1, None], places[..., 2, None]
        inside = (x >= self._low[:, 0]) & (x < self._high[:, 0]) & (y >= self._low[:, 1]) & (y < self._high[:, 1])
        inside &= (z >= self._spans[:, 0]) & (z < self._spans[:, 1])
        for number, zone in self._other:
            near = inside[..., number]
            if near.any():
                inside[near, number] = zone.contains(places[near][:, :2])
        return inside


def _is_box(zone: Zone) -> bool:
    xs, ys = ({float(v) for v in zone.polygon[:, axis]} for axis in (0, 1))
    return len(zone.polygon) == 4 and len(xs) == len(ys) == 2
