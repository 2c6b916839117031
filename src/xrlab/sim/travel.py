"""Getting from place to place: along the floor, through doors, round people, and to a spot where nobody stands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from xrlab.geometry.transforms import Array, Vec3, quantise_place
from xrlab.scenario.places import stand
from xrlab.sim import deeds
from xrlab.sim.engine import Process, Sleep
from xrlab.sim.world import Actor

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

DOOR_STANDOFF_M = 0.55
"""Who opens a door stops this far before it on their way."""

APART_M = 0.7
"""Two people who stand are at least so far apart, middle to middle."""

_BESIDE_DOOR_M = 1.0
"""Who shuts a door stops this far before the doorway."""

BESIDE_M = 0.55
"""So far to the side one walks past somebody who stands in the way."""

_RINGS_M = (0.0, 0.75, 1.1, 1.5, 2.0, 2.6)
_ROUND = 12
_CHEST_M = 1.1


def place_of(engine: Engine, where: str | tuple[float, float]) -> Vec3:
    """The point of the floor (m) that a place means to who goes there."""
    return stand(engine.world.room, where)[0]


REPLAN_S = 0.7
"""Who goes after somebody looks this often where they are."""


def travel(engine: Engine, actor: Actor, goal: Vec3, speed: float) -> Process:
    """Walks to `goal` along the floor's shortest way, stairs included, opening on the way the doors that one may open.

    A role player stops beside whoever stands at the goal. All stop before a door that they may not open, and where no
    way leads on.
    """
    polite = actor.role != "trainee"  # a script says itself where its trainee goes
    goal = spot_near(engine, actor, goal) if polite else goal
    here = actor.track.at(engine.now)
    way = engine.world.room.walkable.path(here.position, goal)
    while way:
        found = _first_shut_door(engine, way)
        if found is None and polite and taken(np.array([goal]), others_at_rest(engine, actor))[0]:
            goal = spot_near(engine, actor, goal)  # somebody took it while a door was opened
            way = engine.world.room.walkable.path(actor.track.at(engine.now).position, goal) or way
        if found is None:
            yield Sleep(deeds.go(engine, actor, _round_people(engine, actor, way) if polite else way, speed))
            return
        door, before = found
        yield Sleep(deeds.go(engine, actor, _round_people(engine, actor, before) if polite else before, speed))
        if not deeds.may_open(engine, actor, door):
            return
        yield Sleep(deeds.move_door(engine, door, 1.0, actor.name))
        way = [before[-1], *way[max(1, len(before) - 1) :]]


def go_to_door(engine: Engine, actor: Actor, door: str, speed: float) -> Process:
    """Walks to where one can reach a door's handle, through other doors if need be."""
    middle = engine.world.room.doors[door].middle
    while math.dist(actor.track.at(engine.now).position, middle) > deeds.DOOR_REACH_M:
        way = engine.world.room.walkable.path(actor.track.at(engine.now).position, middle)
        if not way:
            return
        found = _first_shut_door(engine, way)
        if found is None or found[0] == door:
            way = found[1] if found else _shortened(way, _BESIDE_DOOR_M)
            yield Sleep(deeds.go(engine, actor, _round_people(engine, actor, way), speed))
            return
        yield Sleep(deeds.go(engine, actor, found[1], speed))
        if not deeds.may_open(engine, actor, found[0]):
            return
        yield Sleep(deeds.move_door(engine, found[0], 1.0, actor.name))


def approach(engine: Engine, actor: Actor, whom: Actor, within: float, speed: float) -> Process:
    """Goes after somebody, who may move, until they are within so many metres; gives up where no way leads."""
    while math.dist(actor.track.at(engine.now).position, whom.track.at(engine.now).position) > within:
        here = actor.track.at(engine.now).position
        way = engine.world.room.walkable.path(here, whom.track.at(engine.now).position)
        found = _first_shut_door(engine, way) if way else None
        if found is not None:
            yield Sleep(deeds.go(engine, actor, found[1], speed))
            if not deeds.may_open(engine, actor, found[0]):
                return
            yield Sleep(deeds.move_door(engine, found[0], 1.0, actor.name))
            continue
        way = _shortened(way, within * 0.8) if way else []
        end = deeds.go(engine, actor, way, speed) if len(way) > 1 else engine.now
        if end <= engine.now:
            return
        yield Sleep(min(end, engine.now + REPLAN_S))
    deeds.stop(engine, actor)


# --- where others are ------------------------------------------------------------------------------------


def others_at_rest(engine: Engine, actor: Actor) -> Array:
    """Where all others stand, or will come to stand as they go now, (n, 3) m."""
    ends = [a.track.legs[-1] for a in engine.world.actors.values() if a is not actor]
    return np.array([(leg.x1, leg.y1, leg.z1) for leg in ends]).reshape(-1, 3)


def taken(spots: Array, others: Array, apart: float = APART_M) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Of spots (n, 3): which lie nearer than `apart` metres to one of the others (m, 3) on the same floor."""
    if not len(others):
        return np.zeros(len(spots), bool)
    away = spots[:, None] - others[None]
    near = (away[..., 0] ** 2 + away[..., 1] ** 2 < apart * apart) & (np.abs(away[..., 2]) < 1.5)
    return np.asarray(near.any(axis=1))


def spot_near(
    engine: Engine, actor: Actor, goal: Vec3, rings: tuple[float, ...] = _RINGS_M, apart: float = APART_M
) -> Vec3:
    """A place at `goal`, or on the first of the rings (m) around it, where nobody stands or is about to stand.

    Of a ring's places the nearest to the actor; `goal` itself where all are taken.
    """
    others = others_at_rest(engine, actor)
    walkable = engine.world.room.walkable
    here = actor.track.at(engine.now)
    heading = math.atan2(here.y - goal[1], here.x - goal[0])
    for ring in rings:
        # to the actor's side first, then more and more to the left and right of it
        turns = [0] if ring == 0.0 else sorted(range(_ROUND), key=lambda k: (min(k, _ROUND - k), k))
        angles = [heading + k * math.tau / _ROUND for k in turns]
        spots = np.array(
            [quantise_place((goal[0] + math.cos(a) * ring, goal[1] + math.sin(a) * ring, goal[2])) for a in angles]
        )
        free = ~taken(spots, others, apart)
        if ring > 0.0:
            free &= _in_line(engine, goal, spots)
        for k in np.flatnonzero(free):
            x, y, z = spots[k].tolist()
            if ring == 0.0 or walkable.stands(x, y, z):
                return x, y, z
    return goal


def _in_line(engine: Engine, goal: Vec3, spots: Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which spots (n, 3) have no wall and no furniture between them and the goal."""
    up = np.array((0.0, 0.0, _CHEST_M))
    starts = np.repeat(np.array([goal]) + up, len(spots), axis=0)
    free = ~engine.world.room.solid.blocked_many(starts, spots + up)
    low = np.array((0.0, 0.0, 0.4))
    free &= ~engine.world.room.solid.blocked_many(starts - up + low, spots + low)
    return free


def _round_people(engine: Engine, actor: Actor, way: list[Vec3]) -> list[Vec3]:
    """The way with a step aside at everybody who stands in it; as it is where there is no room for that."""
    standing = [a.track.legs[-1] for a in engine.world.actors.values() if a is not actor and a.track.ends <= engine.now]
    if not standing or len(way) < 2:
        return way
    people = np.array([(leg.x1, leg.y1, leg.z1) for leg in standing])
    out = [way[0]]
    for a, b in pairwise(way):
        out += _steps_aside(engine, a, b, people)
        out.append(b)
    return out


def _steps_aside(engine: Engine, a: Vec3, b: Vec3, people: Array) -> list[Vec3]:
    """Places beside those who stand on the straight line from a to b, in the order in which they are passed."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    if length < 2 * BESIDE_M:
        return []
    ux, uy = dx / length, dy / length
    x, y = people[:, 0] - a[0], people[:, 1] - a[1]
    along, side = x * ux + y * uy, x * uy - y * ux  # side: to the right of the way
    floor = a[2] + (b[2] - a[2]) * np.clip(along / length, 0.0, 1.0)
    near = (along > BESIDE_M) & (along < length - BESIDE_M) & (np.abs(side) < BESIDE_M - 0.1)
    near &= np.abs(people[:, 2] - floor) < 1.0
    out: list[Vec3] = []
    walkable = engine.world.room.walkable
    for k in sorted(np.flatnonzero(near), key=lambda k: (float(along[k]), int(k))):
        s, offset, z = float(along[k]), float(side[k]), float(floor[k])
        for step in (offset - BESIDE_M, offset + BESIDE_M) if offset >= 0 else (offset + BESIDE_M, offset - BESIDE_M):
            spot = quantise_place((a[0] + ux * s + uy * step, a[1] + uy * s - ux * step, z))
            last = out[-1] if out else a
            if walkable.stands(*spot) and not taken(np.array([spot]), people, BESIDE_M - 0.1)[0]:
                lines = np.array([last, b])
                if _in_line(engine, spot, lines).all():
                    out.append(spot)
                    break
    return out


# --- doors on the way --------------------------------------------------------------------------------------


def _first_shut_door(engine: Engine, path: list[Vec3]) -> tuple[str, list[Vec3]] | None:
    """The first door on the way that is not open, and the way up to a step before it."""
    for index, (a, b) in enumerate(pairwise(path)):
        crossed = sorted((f, name) for name, f in _crossings(engine, a, b))
        if crossed:
            f, name = crossed[0]
            door = _between(a, b, f)
            return name, _shortened([*path[: index + 1], door], DOOR_STANDOFF_M)
    return None


def _shortened(path: list[Vec3], by: float) -> list[Vec3]:
    """The way without its last `by` metres; at least its first point is left."""
    left = by
    for index in range(len(path) - 1, 0, -1):
        a, b = path[index - 1], path[index]
        length = math.dist(a, b)
        if length > left:
            return [*path[:index], _between(a, b, (length - left) / length)]
        left -= length
    return path[:1]


def _between(a: Vec3, b: Vec3, f: float) -> Vec3:
    return a[0] + (b[0] - a[0]) * f, a[1] + (b[1] - a[1]) * f, a[2] + (b[2] - a[2]) * f


def _crossings(engine: Engine, a: Vec3, b: Vec3) -> Iterator[tuple[str, float]]:
    """Doors that must be opened on the way from a to b, with the share of the way at which each is crossed."""
    doors = engine.world.doors
    return ((name, f) for name, f in engine.world.room.doors_between(a, b) if doors[name].goal != 1.0)
