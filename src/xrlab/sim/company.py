"""How role players go about with others: follow, gather, join, walk their rounds."""

from __future__ import annotations

import math

from xrlab.chance import drawn
from xrlab.scenario import person_actions as act
from xrlab.sim.engine import FOREVER, Change, Process, Sleep
from xrlab.sim.player import Player
from xrlab.sim.travel import APART_M, REPLAN_S, approach, place_of, spot_near, travel

_SLACK_M = 0.6
"""Who follows somebody sets out again when these are so much farther away than the distance to keep."""
_NOTHING_DONE_S = 1.0


def follow(me: Player, step: act.Follow) -> Process:
    """Goes after the nearest of these, and stays so far behind."""
    engine, actor = me.engine, me.actor
    until = FOREVER if step.for_s is None else engine.now + step.for_s
    whom = me.nearest(step.follow)
    while not engine.reached(until):
        if whom is None:
            yield Change(until, me.sighting)
            whom = me.nearest(step.follow)
            continue
        if me.away(whom) > step.distance_m + _SLACK_M:
            me.on_feet()
            for wait in approach(engine, actor, whom, step.distance_m, step.speed_mps):
                yield wait
                if engine.reached(until):
                    return
        yield Sleep(min(engine.now + REPLAN_S, max(until, engine.now)))


def gather(me: Player, step: act.Gather) -> Process:
    """Walks to a free spot around a place, and looks to its middle."""
    middle = place_of(me.engine, step.gather)
    count = max(1, math.ceil(step.radius_m / APART_M))
    rings = tuple(round(step.radius_m * (k + 1) / count, 3) for k in range(count))
    yield from _stand_by(me, middle, rings, step.speed_mps)


def join(me: Player, step: act.Join) -> Process:
    """Walks to the nearest of these and stands with them."""
    other = me.nearest(step.join)
    if other is None:
        return
    middle = other.track.legs[-1]  # where they stand, or will stand
    rings = tuple(step.distance_m + 0.4 * k for k in range(6))
    yield from _stand_by(me, (middle.x1, middle.y1, middle.z1), rings, step.speed_mps)


def _stand_by(me: Player, middle: tuple[float, float, float], rings: tuple[float, ...], speed: float) -> Process:
    me.on_feet()
    goal = spot_near(me.engine, me.actor, middle, rings)
    yield from travel(me.engine, me.actor, goal, speed)
    yield Sleep(me.turn_to(middle[0], middle[1]))


def patrol(me: Player, step: act.Patrol) -> Process:
    """Walks from place to place, again and again."""
    engine = me.engine
    rounds = 0
    while step.times is None or rounds < step.times:
        began = engine.now
        for place in step.patrol:
            me.on_feet()
            yield from travel(engine, me.actor, place_of(engine, place), step.speed_mps)
            yield Sleep(engine.now + drawn(me.luck, step.pause_s))
        if engine.reached(began) and engine.now == began:  # no way leads anywhere
            yield Sleep(engine.now + _NOTHING_DONE_S)
        rounds += 1
