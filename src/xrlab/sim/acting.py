"""The actions of role players, one by one: each is a process that ends when the action is done."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from xrlab.scenario import person_actions as act
from xrlab.scenario.actions import Close, Open
from xrlab.scenario.conditions import parse
from xrlab.scenario.model import LANGUAGES
from xrlab.sim import company, cover, deeds, fighting
from xrlab.sim.engine import Change, Process, Sleep
from xrlab.sim.player import Player
from xrlab.sim.travel import go_to_door, place_of, travel

WALK_MPS = 1.4
_AT_THE_DOOR_M = deeds.DOOR_REACH_M + 0.2
_STOOP_S = 0.6
"""How long it takes to take something up from the floor."""
_NOTHING_DONE_S = 0.5


def perform(me: Player, steps: Iterable[act.Action]) -> Process:
    """Does actions one after the other."""
    for step in steps:
        yield from _ACTIONS[type(step)](me, step)


def _walk(me: Player, step: act.WalkTo | act.RunTo) -> Process:
    goal = step.walk_to if isinstance(step, act.WalkTo) else step.run_to
    me.on_feet()
    yield from travel(me.engine, me.actor, place_of(me.engine, goal), step.speed_mps)


def _look(me: Player, step: act.Look) -> Process:
    where, engine = step.look_at, me.engine
    if where == "noise":
        heard = max(engine.noises.of(me.actor.name).values(), key=lambda h: h.number, default=None)
        spot = None if heard is None else heard.at
    elif isinstance(where, str) and (where in engine.cast.names or where in ("danger", "nearest_trainee")):
        other = me.nearest(where)
        spot = None if other is None else other.track.at(engine.now).position
        if spot is None and where in engine.world.boards:
            spot = engine.world.boards[where].middle(engine.now)
    else:
        spot = place_of(engine, where)
    if spot is not None:
        yield Sleep(me.turn_to(spot[0], spot[1]))


def _turn(me: Player, step: act.Turn) -> Process:
    yaw = me.actor.track.at(me.engine.now).yaw + math.radians(step.turn_deg)
    # more than half a turn is made in two, for one turns the short way
    for part in (yaw - math.radians(step.turn_deg) / 2, yaw) if abs(step.turn_deg) >= 180 else (yaw,):
        yield Sleep(deeds.face(me.engine, me.actor, part))


def _pick_up(me: Player, step: act.PickUp) -> Process:
    engine, actor = me.engine, me.actor
    here = actor.track.at(engine.now).position
    near = [t for t in engine.world.lying if t.item == step.pick_up and math.dist(t.position, here) <= step.within_m]
    thing = min(near, key=lambda t: math.dist(t.position, here), default=None)
    if thing is None:
        return
    me.on_feet()
    yield from travel(engine, actor, thing.position, WALK_MPS)
    if math.dist(actor.track.at(engine.now).position, thing.position) > 1.0:
        return
    deeds.posture(engine, actor, pose="crouching")
    yield Sleep(engine.now + _STOOP_S)
    if thing in engine.world.lying:
        deeds.pick_up(engine, actor, thing)
    deeds.posture(engine, actor, pose="standing")


def _door(me: Player, step: Open | Close) -> Process:
    engine, actor = me.engine, me.actor
    door, opened = (step.open, 1.0) if isinstance(step, Open) else (step.close, 0.0)
    if deeds.may_open(engine, actor, door) and engine.world.doors[door].goal != opened:
        yield from go_to_door(engine, actor, door, WALK_MPS)
        if math.dist(actor.track.at(engine.now).position, engine.world.room.doors[door].middle) > _AT_THE_DOOR_M:
            return
        yield Sleep(deeds.move_door(engine, door, opened, actor.name))


def _wait_for(me: Player, step: act.WaitFor) -> Process:
    engine, until = me.engine, me.engine.now + step.timeout_s
    condition, began = parse(step.when, "live"), me.actor.state_since
    waits = engine.waits(condition, self_name=me.actor.name)
    moments = sorted(began + seconds for seconds in condition.moments or ())
    while not engine.reached(until) and not engine.holds(condition, me.actor.name):
        yield Change(next((t for t in moments if engine.now < t < until), until), waits)


def _repeat(me: Player, step: act.Repeat) -> Process:
    engine, rounds = me.engine, 0
    while step.repeat == "forever" or rounds < step.repeat:
        began = engine.now
        yield from perform(me, step.do)
        if engine.now == began:  # nothing in it could be done just now
            yield Sleep(engine.now + _NOTHING_DONE_S)
        rounds += 1


def _at_once(do: Callable[[Player, Any], None]) -> Callable[[Player, Any], Process]:
    """An action that takes no time."""

    def process(me: Player, step: Any) -> Process:
        do(me, step)
        yield from ()

    return process


def _pose(pose: str) -> Callable[[Player, Any], Process]:
    return _at_once(lambda me, step: deeds.posture(me.engine, me.actor, pose=pose))


def _say(me: Player, step: act.Say) -> None:
    text = dict.fromkeys(LANGUAGES, step.say) if isinstance(step.say, str) else step.say
    deeds.say(me.engine, me.actor, text, step.voice)


def _sleep(me: Player, step: act.Wait) -> Process:
    yield Sleep(me.engine.now + step.wait_s)


_ACTIONS: dict[type, Callable[[Player, Any], Process]] = {
    act.WalkTo: _walk,
    act.RunTo: _walk,
    act.Patrol: company.patrol,
    act.Flee: cover.flee,
    act.TakeCover: cover.take_cover,
    act.Follow: company.follow,
    act.Gather: company.gather,
    act.Join: company.join,
    act.Look: _look,
    act.Turn: _turn,
    act.Draw: lambda me, step: fighting.draw(me, step.draw, step.draw_s),
    act.AimAt: lambda me, step: fighting.keep_aiming(me, step.aim_at),
    act.FireAt: fighting.fire_at,
    act.Strike: fighting.strike,
    act.Attack: fighting.attack,
    act.Hold: _at_once(lambda me, step: deeds.take(me.engine, me.actor, step.hold)),
    act.PickUp: _pick_up,
    act.Say: _at_once(_say),
    act.Torch: _at_once(lambda me, step: deeds.switch_torch(me.engine, me.actor, step.torch == "on")),
    Open: _door,
    Close: _door,
    act.Wait: _sleep,
    act.WaitFor: _wait_for,
    act.Repeat: _repeat,
    act.Drop: _at_once(lambda me, step: deeds.let_go(me.engine, me.actor)),
    act.Fall: _at_once(lambda me, step: deeds.let_go(me.engine, me.actor, pose="lying")),
    act.RaiseHands: _pose("hands_up"),
    act.Kneel: _pose("kneeling"),
    act.Crouch: _pose("crouching"),
    act.Sit: _pose("sitting"),
    act.Stand: _pose("standing"),
    act.LieDown: _pose("lying"),
    act.HideHands: _pose("hands_hidden"),
    act.ShieldFace: _pose("hands_at_face"),
}
"""How each action is done."""
