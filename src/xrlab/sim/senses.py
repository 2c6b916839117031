"""Who sees whom, who is in which zone, and what has been searched: sampled ten times a second, in batches.

A person sees another who is within the field of view and of whom at least two of seven body points (crown,
chest, pelvis, hands, knees) are in free line of sight. While nothing moves nothing is asked again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import PLACE_DECIMALS, Array, quantise_time
from xrlab.room.model import Zone
from xrlab.sim import events as ev
from xrlab.sim.engine import Engine
from xrlab.sim.world import Actor

TICK_S = 0.1
FIELD_OF_VIEW = math.radians(120.0)
"""Horizontal field in which a person notices another: both eyes together see some 120 degrees
(H. Strasburger, i-Perception 11(6), 2020)."""
REACH_M = 60.0
POINTS_NEEDED = 2
MAX_AHEAD = 16
"""Sight is worked out for at most this many ticks at once."""

SEARCH_REACH_M = 15.0
SEARCH_GRID_M = 0.5
SEARCH_HEIGHT_M = 0.3
SEARCH_EVERY = 5
SEARCH_SHARE = 0.95
"""A zone is searched when this share of its floor points has been seen."""

_COS_VIEW = math.cos(FIELD_OF_VIEW / 2)


class _Glimpse(NamedTuple):
    """What one tick will find if nobody changes plan before it.

    moved: (n,) whose place or pose differs from the tick before. places, points, eyes, looks: of all, as in `Senses`.
    opened: of all doors. asked: (n, n) watcher by watched, whom it was asked for; seen: the answers there.
    """

    t: float
    moved: NDArray[np.bool_]
    places: Array
    points: Array
    eyes: Array
    looks: Array
    opened: tuple[float, ...]
    asked: NDArray[np.bool_]
    seen: NDArray[np.bool_]


class Senses:
    """Samples sight, zones and search for one engine, from now on every `TICK_S`.

    search: zones whose clearing is watched.

    Since plans are known beforehand, sight is worked out for several ticks in one go and thrown away as soon as
    anyone changes plan; how far ahead follows from how often that happens. The answers don't depend on it.
    """

    def __init__(self, engine: Engine, search: tuple[str, ...]) -> None:
        self._engine = engine
        self._world = world = engine.world
        self._actors: list[Actor] = list(world.actors.values())
        self._trainee = np.array([a.role == "trainee" for a in self._actors], bool)
        # trainees look at role players and role players at trainees
        self._pairs = self._trainee[:, None] != self._trainee[None, :]
        n = len(self._actors)
        self._seen = np.zeros((n, n), bool)
        self._places = np.full((n, 3), math.nan)
        self._points = np.zeros((n, len(body.SIGHT_JOINTS), 3))
        self._eyes = np.zeros((n, 3))
        self._looks = np.zeros((n, 2))
        self._rests: list[object] = [None] * n
        self._opened: tuple[float, ...] = ()
        self._ahead: list[_Glimpse] = []
        self._span = 1
        self._version = -1
        self._zones = [_Area(z) for z in world.room.zones.values()]
        self._inside: list[set[str]] = [set() for _ in self._actors]
        self._search = search
        points = [world.room.floor_points(name, SEARCH_GRID_M) + (0.0, 0.0, SEARCH_HEIGHT_M) for name in search]
        self._floor = np.concatenate(points) if points else np.zeros((0, 3))
        self._floor_zone = np.repeat(np.arange(len(points)), [len(p) for p in points])
        self._unseen = np.ones(len(self._floor), bool)
        self._last_seen_by = [""] * len(search)
        self._cleared: set[str] = set()
        self._looked = np.zeros(n, bool)
        self._tick(0)

    def _tick(self, count: int) -> None:
        self._sample(count)
        self._engine.at((count + 1) * TICK_S, lambda: self._tick(count + 1), first=True)

    def _sample(self, count: int) -> None:
        """Asks everything once, at the engine's present time, and emits what has changed."""
        t = self._engine.now
        if self._version != self._world.version or not self._ahead or self._ahead[0].t != t:
            self._span = max(2, self._span // 2) if self._ahead else min(MAX_AHEAD, self._span * 2)
            times = [t, *(quantise_time((count + k) * TICK_S) for k in range(1, self._span))]
            self._ahead = self._look_ahead(times)
            self._version = self._world.version
        now = self._ahead.pop(0)
        walked = (now.places != self._places).any(axis=1)
        self._places, self._points, self._eyes, self._looks = now.places, now.points, now.eyes, now.looks
        self._opened = now.opened
        for i in np.flatnonzero(now.moved):
            self._rests[i] = self._rest(self._actors[i], t)
        if now.moved.any():
            self._sight(t, now)
            self._zone_changes(t, walked)
        self._looked |= now.moved
        if count % SEARCH_EVERY == SEARCH_EVERY - 1 and len(self._cleared) < len(self._search):
            self._searching(t, self._looked)
            self._looked = np.zeros(len(self._actors), bool)

    @staticmethod
    def _rest(actor: Actor, t: float) -> object:
        """What stays the same while someone stands still; None while they move."""
        leg = actor.track.leg_at(t)
        return (leg, actor.pose) if t >= leg.t1 else None

    def _look_ahead(self, times: list[float]) -> list[_Glimpse]:
        """What each of these ticks will find; all rays go in one call."""
        n, many = len(self._actors), len(times)
        moved = np.zeros((many, n), bool)
        places, points, eyes, looks = self._moves(times, moved)
        opened = [tuple(ramp.at(t) for ramp in self._world.doors.values()) for t in times]
        for k, (before, after) in enumerate(pairwise([self._opened, *opened])):
            if before != after:
                moved[k] = True
        asked = self._pairs & (moved[:, :, None] | moved[:, None, :])
        across = points[:, None, :, 1, :2] - eyes[:, :, None, :2]
        dx, dy = across[..., 0], across[..., 1]
        distance = np.sqrt(dx * dx + dy * dy)
        ahead = dx * looks[:, :, None, 0] + dy * looks[:, :, None, 1]
        near = asked & (distance < REACH_M) & ((ahead >= distance * _COS_VIEW - 1e-9) | (distance < 0.5))
        tick, watcher, watched = np.nonzero(near)
        seen = np.zeros((many, n, n), bool)
        if len(tick):
            each = points.shape[2]
            starts = np.repeat(eyes[tick, watcher], each, axis=0)
            ends = points[tick, watched].reshape(-1, 3)
            free = ~self._blocked(starts, ends, opened, np.repeat(tick, each))
            seen[tick, watcher, watched] = free.reshape(-1, each).sum(axis=1) >= POINTS_NEEDED
        return [
            _Glimpse(t, moved[i], places[i], points[i], eyes[i], looks[i], opened[i], asked[i], seen[i])
            for i, t in enumerate(times)
        ]

    def _moves(self, times: list[float], moved: NDArray[np.bool_]) -> tuple[Array, Array, Array, Array]:
        """Marks in `moved` who moves at which tick; gives places, body points, eyes, looks of all at each tick."""
        local: list[Array] = []
        eyes, places, turns = [], [], []
        # which row holds for whom at which tick: first what is known, then one for each move
        row = np.repeat(np.arange(len(self._actors))[None], len(times), axis=0)
        for i, actor in enumerate(self._actors):
            rest = self._rests[i]
            if rest is not None and actor.track.ends <= times[0] and rest == self._rest(actor, times[0]):
                continue
            for k, t in enumerate(times):
                leg = actor.track.leg_at(t)
                now = (leg, actor.pose) if t >= leg.t1 else None
                if now is not None and now == rest:
                    continue
                rest, moved[k, i] = now, True
                stance = leg.at(t)
                row[k:, i] = len(self._actors) + len(local)
                local.append(body.joints(actor.pose, stance.walked))
                eyes.append(body.eye(actor.pose))
                places.append(stance.position)
                turns.append((math.cos(stance.yaw), math.sin(stance.yaw)))
        known = self._places, self._points, self._eyes, self._looks
        if not local:
            return known[0][row], known[1][row], known[2][row], known[3][row]
        here, turn = np.array(places), np.array(turns)
        points = _placed(np.stack(local)[:, body.SIGHT_JOINTS], here[:, None], turn[:, None])
        new = here, points, _placed(np.array(eyes), here, turn), turn
        where, whole, looked_from, ways = (np.concatenate(pair)[row] for pair in zip(known, new, strict=True))
        return where, whole, looked_from, ways

    def _sight(self, t: float, now: _Glimpse) -> None:
        seen = np.where(now.asked, now.seen, self._seen)
        for i, j in zip(*np.nonzero(seen != self._seen), strict=True):
            who, whom = self._actors[i].name, self._actors[j].name
            self._engine.emit(ev.Seen(t=t, who=who, whom=whom) if seen[i, j] else ev.Lost(t=t, who=who, whom=whom))
        self._seen = seen

    def _blocked(
        self, starts: Array, ends: Array, opened: Sequence[tuple[float, ...]], tick: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """For straight lines (m, 3): whether the room or a door blocks sight; `opened` of the doors for each tick."""
        blocked = self._world.room.opaque.blocked_many(starts, ends)
        free = np.flatnonzero(~blocked)
        blocked[free] = self._world.leaves_block(starts[free], ends[free], opened, tick[free])
        return blocked

    def _zone_changes(self, t: float, walked: NDArray[np.bool_]) -> None:
        for i in np.flatnonzero(walked):
            actor = self._actors[i]
            x, y, z = self._places[i].tolist()
            inside = {area.name for area in self._zones if area.holds(x, y, z)}
            if inside == self._inside[i]:
                continue
            for zone in sorted(self._inside[i] - inside):
                self._engine.emit(ev.ZoneLeft(t=t, who=actor.name, zone=zone))
            for zone in sorted(inside - self._inside[i]):
                self._engine.emit(ev.ZoneEntered(t=t, who=actor.name, zone=zone))
            self._inside[i] = inside

    def _searching(self, t: float, looked: NDArray[np.bool_]) -> None:
        """Marks what the trainees who have moved can see of the floor; all rays go in one call."""
        who = np.flatnonzero(self._trainee & looked)
        unseen = np.flatnonzero(self._unseen)
        if len(who) and len(unseen):
            way = self._floor[None, unseen, :2] - self._eyes[who, None, :2]
            dx, dy = way[..., 0], way[..., 1]
            distance = np.sqrt(dx * dx + dy * dy)
            ahead = dx * self._looks[who, None, 0] + dy * self._looks[who, None, 1]
            i, j = np.nonzero((distance < SEARCH_REACH_M) & (ahead >= distance * _COS_VIEW))
            free = ~self._blocked(
                self._eyes[who[i]], self._floor[unseen[j]], [self._opened], np.zeros(len(i), np.int64)
            )
            self._unseen[unseen[j[free]]] = False
            for index in np.unique(i[free]):
                for zone in np.unique(self._floor_zone[unseen[j[free & (i == index)]]]):
                    self._last_seen_by[zone] = self._actors[who[index]].name
        for number, name in enumerate(self._search):
            if name in self._cleared:
                continue
            left = self._unseen[self._floor_zone == number]
            if left.mean() <= 1.0 - SEARCH_SHARE and not self._danger_in(name):
                self._cleared.add(name)
                self._engine.emit(ev.ZoneCleared(t=t, zone=name, who=self._last_seen_by[number]))

    def _danger_in(self, zone: str) -> bool:
        return any(a.is_danger and zone in inside for a, inside in zip(self._actors, self._inside, strict=True))


def _placed(local: Array, place: Array, turn: Array) -> Array:
    """Points (..., 3) of bodies turned by (cos, sin) and moved to `place`, to 0.01 mm."""
    x, y, c, s = local[..., 0], local[..., 1], turn[..., 0], turn[..., 1]
    out = np.empty(local.shape)
    out[..., 0] = x * c - y * s + place[..., 0]
    out[..., 1] = x * s + y * c + place[..., 1]
    out[..., 2] = local[..., 2] + place[..., 2]
    return np.round(out, PLACE_DECIMALS)


class _Area:
    """A zone, ready to be asked for one point at a time: plain numbers are quicker than arrays here."""

    def __init__(self, zone: Zone) -> None:
        self.name, self._zone = zone.name, zone
        self._corners: list[tuple[float, float]] = [(x, y) for x, y in zone.polygon.tolist()]
        xs, ys = [x for x, _ in self._corners], [y for _, y in self._corners]
        self._box = (min(xs), min(ys), max(xs), max(ys))
        self._is_box = len(self._corners) == 4 and len(set(xs)) == len(set(ys)) == 2

    def holds(self, x: float, y: float, z: float) -> bool:
        """Whether the zone holds feet at a place (even-odd rule; of zones side by side one holds their border)."""
        x0, y0, x1, y1 = self._box
        if not (x0 <= x <= x1 and y0 <= y <= y1 and self._zone.spans(z)):
            return False
        if self._is_box:
            return x < x1 and y < y1
        inside = False
        ax, ay = self._corners[-1]
        for bx, by in self._corners:
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                inside = not inside
            ax, ay = bx, by
        return inside
