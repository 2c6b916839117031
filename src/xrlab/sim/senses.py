"""Who sees whom, who is in which zone, and what has been searched: sampled ten times a second, in batches.

A person sees another who is within the field of view and of whom at least two of seven body points (crown,
chest, pelvis, hands, knees) are in free line of sight. While nothing moves nothing is asked again.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
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
SEARCH_REACH_M = 15.0
SEARCH_GRID_M = 0.5
SEARCH_HEIGHT_M = 0.3
SEARCH_EVERY = 3
SEARCH_SHARE = 0.95
"""A zone is searched when this share of its floor points has been seen."""

_COS_VIEW = math.cos(FIELD_OF_VIEW / 2)


class Senses:
    """Samples sight, zones and search for one engine, from now on every `TICK_S`.

    search: zones whose clearing is watched.
    """

    def __init__(self, engine: Engine, search: tuple[str, ...]) -> None:
        self._engine = engine
        world = engine.world
        self._actors: list[Actor] = list(world.actors.values())
        trainee = np.array([a.role == "trainee" for a in self._actors], bool)
        # trainees look at role players and role players at trainees
        self._pairs = trainee[:, None] != trainee[None, :]
        n = len(self._actors)
        self._seen = np.zeros((n, n), bool)
        self._points = np.zeros((n, len(body.SIGHT_JOINTS), 3))
        self._eyes = np.zeros((n, 3))
        self._looks = np.zeros((n, 2))
        self._keys: list[object] = [None] * n
        self._door_key: tuple[float, ...] = ()
        self._zones = [(z, *z.polygon.min(axis=0), *z.polygon.max(axis=0)) for z in world.room.zones.values()]
        self._inside: list[set[str]] = [set() for _ in self._actors]
        self._trainee = trainee
        self._search = search
        points = [_floor_points(engine, world.room.zones[name]) for name in search]
        self._floor = np.concatenate(points) if points else np.zeros((0, 3))
        self._floor_zone = np.repeat(np.arange(len(points)), [len(p) for p in points])
        self._unseen = np.ones(len(self._floor), bool)
        self._last_seen_by = [""] * len(search)
        self._cleared: set[str] = set()
        self._looked = np.zeros(n, bool)
        self._counter = 0
        self._tick(0)

    def _tick(self, count: int) -> None:
        self.sample()
        self._engine.time_passes()
        self._engine.at((count + 1) * TICK_S, lambda: self._tick(count + 1))

    def sample(self) -> None:
        """Asks everything once, at the engine's present time, and emits what has changed."""
        t = self._engine.now
        moved = self._update(t)
        doors = tuple(ramp.at(t) for ramp in self._engine.world.doors.values())
        if doors != self._door_key:
            self._door_key = doors
            moved[:] = True
        self._counter += 1
        if moved.any():
            self._sight(t, moved)
            self._zone_changes(t, moved)
        self._looked |= moved
        if self._counter % SEARCH_EVERY == 0 and len(self._cleared) < len(self._search):
            self._searching(t, self._looked)
            self._looked = np.zeros(len(self._actors), bool)

    def _update(self, t: float) -> NDArray[np.bool_]:
        """Brings eyes and body points up to date; tells whose have changed."""
        moved = np.zeros(len(self._actors), bool)
        for i, actor in enumerate(self._actors):
            leg = actor.track.leg_at(t)
            key = (leg, actor.pose) if t >= leg.t1 else None
            if key is not None and key == self._keys[i]:
                continue
            self._keys[i] = key
            moved[i] = True
            stance = actor.track.at(t)
            joints = body.place(body.joints(actor.pose, stance.walked), stance.position, stance.yaw)
            self._points[i] = np.round(joints[body.SIGHT_JOINTS], 5)
            self._eyes[i] = np.round(actor.eye(t), 5)
            self._looks[i] = (math.cos(stance.yaw), math.sin(stance.yaw))
        return moved

    def _sight(self, t: float, moved: NDArray[np.bool_]) -> None:
        asked = self._pairs & (moved[:, None] | moved[None, :])
        way = self._points[None, :, 1, :2] - self._eyes[:, None, :2]
        distance = np.sqrt(np.einsum("ijk,ijk->ij", way, way))
        ahead = np.einsum("ijk,ik->ij", way, self._looks)
        near = asked & (distance < REACH_M) & ((ahead >= distance * _COS_VIEW - 1e-9) | (distance < 0.5))
        watchers, watched = np.nonzero(near)
        seen = np.where(asked, False, self._seen)
        if len(watchers):
            k = self._points.shape[1]
            starts = np.repeat(self._eyes[watchers], k, axis=0)
            free = ~self._blocked(t, starts, self._points[watched].reshape(-1, 3))
            seen[watchers, watched] = free.reshape(-1, k).sum(axis=1) >= POINTS_NEEDED
        for i, j in zip(*np.nonzero(seen != self._seen), strict=True):
            who, whom = self._actors[i].name, self._actors[j].name
            self._engine.emit(ev.Seen(t=t, who=who, whom=whom) if seen[i, j] else ev.Lost(t=t, who=who, whom=whom))
        self._seen = seen

    def _blocked(self, t: float, starts: Array, ends: Array) -> NDArray[np.bool_]:
        world = self._engine.world
        blocked = world.room.opaque.blocked_many(starts, ends)
        mesh, names = world.door_mesh(t)
        if names:
            blocked |= mesh.blocked_many(starts, ends)
        return blocked

    def _zone_changes(self, t: float, moved: NDArray[np.bool_]) -> None:
        for i in np.flatnonzero(moved):
            actor = self._actors[i]
            x, y, _ = actor.track.at(t).position
            inside = {
                z.name for z, x0, y0, x1, y1 in self._zones if x0 <= x <= x1 and y0 <= y <= y1 and _holds(z, x, y)
            }
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
            distance = np.sqrt(np.einsum("ijk,ijk->ij", way, way))
            ahead = np.einsum("ijk,ik->ij", way, self._looks[who])
            i, j = np.nonzero((distance < SEARCH_REACH_M) & (ahead >= distance * _COS_VIEW))
            free = ~self._blocked(t, self._eyes[who[i]], self._floor[unseen[j]])
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


def _holds(zone: Zone, x: float, y: float) -> bool:
    """Whether a zone holds one point; plain numbers are quicker than arrays here."""
    inside = False
    corners = zone.polygon.tolist()
    x0, y0 = corners[-1]
    for x1, y1 in corners:
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
        x0, y0 = x1, y1
    return inside


def _floor_points(engine: Engine, zone: Zone) -> Array:
    """Points (n, 3) over a zone's free floor that must be seen before it counts as searched."""
    low, high = zone.polygon.min(axis=0), zone.polygon.max(axis=0)
    xs = np.arange(low[0] + SEARCH_GRID_M / 2, high[0], SEARCH_GRID_M)
    ys = np.arange(low[1] + SEARCH_GRID_M / 2, high[1], SEARCH_GRID_M)
    grid = np.array([(x, y) for x in xs for y in ys]).reshape(-1, 2)
    grid = grid[zone.contains(grid)] if len(grid) else grid
    free = [(x, y) for x, y in grid.tolist() if engine.world.room.walkable.stands(x, y)]
    if not free:
        free = [zone.centre]
    return np.array([(x, y, zone.floor + SEARCH_HEIGHT_M) for x, y in free])
