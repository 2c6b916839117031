"""How role players fight: they aim, fire, and strike."""

from __future__ import annotations

import math
from functools import partial

from xrlab.chance import drawn
from xrlab.scenario import person_actions as act
from xrlab.scenario.model import WEAPONS_IN_HAND
from xrlab.sim import deeds
from xrlab.sim.engine import Change, Process, Sleep
from xrlab.sim.firing import held_over
from xrlab.sim.player import Player
from xrlab.sim.travel import approach
from xrlab.sim.world import Actor

AIM_SPREAD_RAD = 0.004
"""Scatter of a role player's well-aimed shot."""

GUNS = ("handgun", "long_gun")
FIST_ZONES = ("torso", "left_arm", "right_arm", "head")
"""Where a blow lands, the likeliest first."""
_ZONE_SHARES = (0.5, 0.7, 0.9)
_FOLLOWS_S = 0.25
"""Who aims at somebody who moves follows them with the weapon this often; at rest twice as seldom."""
_TRY_AGAIN_S = 0.5


def keep_aiming(me: Player, who: str) -> Process:
    """Points at somebody's chest, and follows them with the weapon."""
    engine, actor = me.engine, me.actor
    if actor.holds in GUNS:
        deeds.posture(engine, actor, pose=deeds.aim_pose(actor))
    while True:
        other = me.nearest(who)
        if other is None:
            yield Change(on=me.sighting)
            continue
        done = _aim(me, other)
        moves = other.track.ends > engine.now
        yield Sleep(max(done, engine.now + (_FOLLOWS_S if moves else 2 * _FOLLOWS_S)))


def _aim(me: Player, other: Actor) -> float:
    """Turns to someone's chest; returns when the turn is done."""
    now = me.engine.now
    yaw, pitch = deeds.aim_angles(me.actor.eye(now), deeds.aim_point(other, now))
    return deeds.face(me.engine, me.actor, yaw, pitch)


def fire_at(me: Player, step: act.FireAt) -> Process:
    """Fires at whoever of these is in view, again and again."""
    engine, actor, luck = me.engine, me.actor, me.luck
    fired, last = 0, ""
    while step.times is None or fired < step.times:
        other = me.nearest(step.fire_at, seen=True)
        if actor.holds not in GUNS or actor.weapon is None:
            return
        if other is None:
            last = ""
            yield Change(on=me.sighting)
            continue
        deeds.posture(engine, actor, pose=deeds.aim_pose(actor))
        if other.name != last:
            last = other.name
            ready = engine.now + drawn(luck, step.reaction_s)
            done = _aim(me, other)
            if ready > done:
                yield Sleep(ready)
                continue
            yield Sleep(done)
        else:
            yield Sleep(_aim(me, other))
        yaw, pitch, at = held_over(engine, actor, partial(deeds.aim_point, other))
        yaw, pitch = _scattered(me, step, math.dist(actor.eye(engine.now), at), yaw, pitch)
        actor.weapon.rounds = max(actor.weapon.rounds, 1)  # a role player's magazine does not run dry
        fired += deeds.fire(engine, actor, yaw, pitch, strays=False) is not None
        yield Sleep(max(engine.now + step.every_s, actor.weapon.ready_at))


def _scattered(me: Player, step: act.FireAt, distance: float, yaw: float, pitch: float) -> tuple[float, float]:
    """The line of a shot at a chest `distance` metres away, as well as this person aims."""
    luck = me.luck
    if step.spread_mrad is None:
        spread = AIM_SPREAD_RAD
        if float(luck.random()) >= step.hit_chance:  # a miss goes past, half a metre or more to a side
            side = 1.0 if luck.random() < 0.5 else -1.0
            yaw += side * (0.5 + 0.5 * float(luck.random())) / max(distance, 1.0)
    else:
        spread = step.spread_mrad / 1000
    yaw += spread * float(luck.standard_normal())
    pitch += spread * float(luck.standard_normal())
    return yaw, pitch


def strike(me: Player, step: act.Strike) -> Process:
    """Runs to whoever of these is nearest in view, and strikes."""
    engine, actor = me.engine, me.actor
    struck = 0
    while step.times is None or struck < step.times:
        other = me.nearest(step.strike, seen=True)
        if other is None:
            yield Change(on=me.sighting)
            continue
        if me.away(other) > step.reach_m:
            me.on_feet()
            yield from approach(engine, actor, other, step.reach_m, step.speed_mps)
            if me.away(other) > step.reach_m:
                yield Sleep(engine.now + _TRY_AGAIN_S)
            continue
        yield Sleep(_aim(me, other))
        if float(me.luck.random()) < step.hit_chance and me.away(other) <= step.reach_m + 0.3:
            at = float(me.luck.random())
            deeds.strike(engine, actor, other, FIST_ZONES[sum(at >= share for share in _ZONE_SHARES)])
        struck += 1
        yield Sleep(engine.now + step.every_s)


def draw(me: Player, item: str, draw_s: tuple[float, float]) -> Process:
    """Brings something from the body into the hand; what is in the hand is put away."""
    engine, actor = me.engine, me.actor
    if item not in actor.carries:
        return
    pose = actor.pose
    deeds.posture(engine, actor, pose="reaching" if pose in ("standing", "hands_hidden", "hands_up") else None)
    yield Sleep(engine.now + drawn(me.luck, draw_s))
    actor.carries.remove(item)
    if actor.holds != "nothing":
        actor.carries.append(actor.holds)
    if actor.pose == "reaching":
        deeds.posture(engine, actor, pose="low_ready" if item in GUNS else "standing")
    deeds.take(engine, actor, item)


def attack(me: Player, step: act.Attack) -> Process:
    """Attacks with what is at hand, after drawing a hidden weapon if the hand has none."""
    actor = me.actor
    if actor.holds not in WEAPONS_IN_HAND:
        hidden = next((item for item in WEAPONS_IN_HAND if item in actor.carries), None)
        if hidden:
            yield from draw(me, hidden, act.Draw(draw=hidden).draw_s)
    if actor.holds in GUNS:
        yield from fire_at(
            me,
            act.FireAt(
                fire_at=step.attack, every_s=step.every_s, reaction_s=step.reaction_s, hit_chance=step.hit_chance
            ),
        )
    else:
        yield from strike(me, act.Strike(strike=step.attack, every_s=step.every_s, hit_chance=step.hit_chance))
