"""Places to hide and to flee to: out of whose sight, how far to go, and past whom.

All places of the floor are looked at in one batch of rays, from the eyes of those who are feared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, Vec3
from xrlab.scenario import person_actions as act
from xrlab.scenario.actions import Place
from xrlab.sim import deeds
from xrlab.sim.engine import Process, Sleep
from xrlab.sim.player import Player
from xrlab.sim.travel import others_at_rest, place_of, taken, travel
from xrlab.sim.world import Actor

_LOW_M, _HIGH_M = 0.35, 1.15
"""Heights at which who crouches must be out of sight: knees and head."""
_UPRIGHT_M = 1.6
_AROUND = ((0.0, 0.0), (0.35, 0.0), (-0.35, 0.0), (0.0, 0.35), (0.0, -0.35))
"""Knees and elbows are so far (m) from the middle of a body, whichever way it is turned."""
_DOOR_M = 2.0
"""What opening a shut door counts on a way, in metres."""
_PASSING_M = 2.5
"""A way that comes nearer than this to whom one flees is a bad way."""
_BAD_WAY_M = 40.0
_FAR_M = 25.0
"""Whether somebody is farther off than this makes no difference any more to who flees."""
_HIDDEN_M = 12.0
"""To be out of sight is worth as much as so many metres more between."""
_LOOKED_AT = 12
"""So many of the best places have their ways looked at."""


def take_cover(me: Player, step: act.TakeCover) -> Process:
    """Runs to the nearest place that none of the feared can see, looks towards them, and crouches."""
    engine, actor = me.engine, me.actor
    feared = me.meant(step.take_cover)
    goal = hiding_place(me, feared, step.within_m)
    if goal is not None:
        me.on_feet()
        yield from travel(engine, actor, goal, step.speed_mps)
    nearest = me.nearest(step.take_cover)
    if nearest is not None:
        x, y, _ = nearest.track.at(engine.now).position
        yield Sleep(me.turn_to(x, y))
    if step.crouch:
        deeds.posture(engine, actor, pose="crouching")


def flee(me: Player, step: act.Flee) -> Process:
    """Runs to the best of the exits, or of all places: far from the feared, out of their sight, not past them."""
    feared = me.meant(step.flee)
    goal = _exit(me, feared, step.to) if step.to else _far(me, feared)
    if goal is not None:
        me.on_feet()
        yield from travel(me.engine, me.actor, goal, step.speed_mps)


def _tolls(me: Player) -> tuple[float, ...]:
    """What each door counts on the way of this person: inf where they may not open it."""
    engine = me.engine
    return tuple(
        0.0 if ramp.goal == 1.0 else _DOOR_M if deeds.may_open(engine, me.actor, name) else math.inf
        for name, ramp in engine.world.doors.items()
    )


def _lengths(me: Player) -> Array:
    """Metres to walk to each piece of the floor; inf where no way leads."""
    pieces = me.engine.world.room.pieces
    start = pieces.at(me.actor.track.at(me.engine.now).position)
    if start is None:
        return np.full(len(pieces.places), math.inf)
    return pieces.ways(start, _tolls(me))[0]


def hiding_place(me: Player, feared: Sequence[Actor], within: float) -> Vec3 | None:
    """The nearest place out of sight; where there is none, None."""
    places, lengths = me.engine.world.room.pieces.places, _lengths(me)
    near = np.flatnonzero((lengths <= within) & ~taken(places, others_at_rest(me.engine, me.actor)))
    hidden = near[~_in_view(me, feared, places[near], (_LOW_M, _HIGH_M))]
    if not len(hidden):
        return None
    return _spot(places, int(hidden[np.argmin(lengths[hidden])]))


def _far(me: Player, feared: Sequence[Actor]) -> Vec3 | None:
    """Where one is best off: far from all who are feared, out of their sight, and reached without passing them."""
    places, lengths = me.engine.world.room.pieces.places, _lengths(me)
    near = np.flatnonzero(np.isfinite(lengths) & ~taken(places, others_at_rest(me.engine, me.actor)))
    if not len(near) or not feared:
        return None
    where = _where(me, feared)
    away = np.sqrt(((places[near, None] - where[None]) ** 2).sum(axis=2)).min(axis=1)
    worth = np.minimum(away, _FAR_M) - 0.25 * lengths[near]
    worth += np.where(_in_view(me, feared, places[near], (_HIGH_M, _UPRIGHT_M)), 0.0, _HIDDEN_M)
    best = near[np.argsort(-np.round(worth, 3), kind="stable")[:_LOOKED_AT]]
    return min((_spot(places, int(k)) for k in best), key=lambda goal: _passes(me, where, goal))


def _exit(me: Player, feared: Sequence[Actor], exits: Sequence[Place]) -> Vec3 | None:
    """The exit with the shortest way, of those that don't lead past the feared if there are any."""
    pieces, lengths, where = me.engine.world.room.pieces, _lengths(me), _where(me, feared)
    best: tuple[float, Vec3] | None = None
    for place in exits:
        goal = place_of(me.engine, place)
        piece = pieces.at(goal)
        if piece is None or not math.isfinite(lengths[piece]):
            continue
        cost = float(lengths[piece]) + _BAD_WAY_M * _passes(me, where, goal)
        if best is None or cost < best[0]:
            best = cost, goal
    return None if best is None else best[1]


def _where(me: Player, feared: Sequence[Actor]) -> Array:
    return np.array([a.track.at(me.engine.now).position for a in feared]).reshape(-1, 3)


def _passes(me: Player, where: Array, goal: Vec3) -> bool:
    """Whether the way to a place leads by one of these places, nearer than one is to them already."""
    way = me.engine.world.room.walkable.path(me.actor.track.at(me.engine.now).position, goal) or []
    for x, y, _ in where.tolist():
        least = min(_PASSING_M, 0.8 * math.hypot(way[0][0] - x, way[0][1] - y)) if way else 0.0
        if any(_beside(a, b, x, y) < least for a, b in pairwise(way)):
            return True
    return False


def _beside(a: Vec3, b: Vec3, x: float, y: float) -> float:
    """How near the straight line from a to b comes to a point, seen from above."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    f = min(1.0, max(0.0, ((x - a[0]) * dx + (y - a[1]) * dy) / square)) if square else 0.0
    return math.hypot(a[0] + dx * f - x, a[1] + dy * f - y)


def _spot(places: Array, index: int) -> Vec3:
    x, y, z = places[index].tolist()
    return x, y, z


def _in_view(me: Player, feared: Sequence[Actor], places: Array, heights: tuple[float, ...]) -> NDArray[np.bool_]:
    """Of places (n, 3): where a body at these heights is in free line of sight of one of the feared."""
    world, now = me.engine.world, me.engine.now
    if not feared or not len(places):
        return np.zeros(len(places), bool)
    eyes = np.array([a.eye(now) for a in feared])
    ends = np.concatenate([places + (dx, dy, h) for h in heights for dx, dy in _AROUND])
    starts = np.repeat(eyes, len(ends), axis=0)
    ends = np.tile(ends, (len(eyes), 1))
    blocked = world.room.opaque.blocked_many(starts, ends)
    free = np.flatnonzero(~blocked)
    leaves = world.leaf_ways([now])
    blocked[free] = world.leaves_block(starts[free], ends[free], leaves, np.zeros(len(free), np.int64))
    return np.asarray((~blocked).reshape(-1, len(places)).any(axis=0))
