"""What anyone in the world can do: stand, walk, turn, open a door, aim, fire, reload, call out, speak.

Trainees of every kind (script, window, headset) and role players act through these functions alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xrlab.geometry import body
from xrlab.geometry.paths import TURN_RATE, Leg, hold, turn, walk
from xrlab.geometry.transforms import Vec3, quantise_angle, quantise_place, quantise_time, wrap_angle
from xrlab.sim import events as ev
from xrlab.sim import shots, targets
from xrlab.sim.world import Actor

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

SHOUT_IN_VIEW_M = 25.0
SHOUT_BEHIND_WALL_M = 8.0
"""How far a shouted command is understood: in line of sight, and round corners (stated, not measured)."""

SOUND_REACH_M = {"shot": 60.0, "shout": 25.0, "door": 8.0}
DOOR_REACH_M = 1.6
DRAW_ITEM = {"pistol": "handgun", "training_laser": "handgun", "carbine": "long_gun"}


def posture(engine: Engine, actor: Actor, *, pose: str | None = None, holds: str | None = None) -> None:
    """Changes how someone stands and what they hold; says so if anything is different."""
    before = (actor.pose, actor.holds, engine.ledger.danger.get(actor.name, False))
    actor.pose = pose or actor.pose
    actor.holds = holds or actor.holds
    after = (actor.pose, actor.holds, actor.is_danger)
    if after != before:
        if actor.pose != before[0] or "torch" in (actor.holds, before[1]):
            engine.world.changed(actor.name)
        engine.emit(
            ev.PostureChanged(t=engine.now, who=actor.name, pose=actor.pose, holds=actor.holds, danger=actor.is_danger)
        )


def stop(engine: Engine, actor: Actor) -> None:
    """Stands still where one is."""
    if actor.track.ends > engine.now:
        engine.plan(actor, [hold(engine.now, actor.track.at(engine.now))])


def face(engine: Engine, actor: Actor, yaw: float, pitch: float = 0.0, rate: float = TURN_RATE) -> float:
    """Turns on the spot at `rate` (rad/s); returns when the turn is done. Who looks there already does nothing."""
    leg = turn(engine.now, actor.track.at(engine.now), yaw, pitch, rate)
    if leg.t1 == engine.now and leg.pitch == actor.track.legs[-1].pitch and actor.track.ends <= engine.now:
        return engine.now
    engine.plan(actor, [leg])
    return leg.t1


def go(engine: Engine, actor: Actor, points: Sequence[Sequence[float]], speed: float) -> float:
    """Walks along `points`; returns when the last is reached."""
    legs = walk(engine.now, actor.track.at(engine.now), points, speed)
    if not legs:
        return engine.now
    engine.plan(actor, legs)
    return legs[-1].t1


def place(engine: Engine, actor: Actor, t: float, position: Vec3, yaw: float, pitch: float) -> None:
    """Brings a trainee whose pose is measured (window, headset) evenly from where they were to here at `t`."""
    before = actor.track.at(engine.now)
    x, y, z = quantise_place(position)
    t = max(quantise_time(t), engine.now)
    start = quantise_place(before.position)
    way = math.hypot(x - start[0], y - start[1])
    goal = quantise_angle(before.yaw + wrap_angle(yaw - before.yaw))
    leg = Leg(
        engine.now, t, *start, x, y, z, quantise_angle(before.yaw), goal, quantise_angle(pitch), round(before.walked, 5)
    )
    if way or goal != leg.yaw0 or leg.pitch != before.pitch or actor.track.ends > engine.now:
        engine.plan(actor, [leg])


def may_open(engine: Engine, actor: Actor, door: str) -> bool:
    """Whether this person may move this door."""
    allowed = engine.world.room.doors[door].opened_by
    return bool({"all", actor.name, actor.team, actor.role} & set(allowed))


def move_door(engine: Engine, door: str, opened: float, who: str | None) -> float:
    """Opens (1) or shuts (0) a door; returns when it has come to rest."""
    ramp = engine.world.doors[door]
    if ramp.goal == opened:
        return ramp.rests_at
    seconds = engine.world.room.doors[door].seconds
    end = ramp.move(engine.now, opened, seconds)
    engine.world.changed()
    engine.emit(ev.DoorMoved(t=engine.now, door=door, who=who, opened=opened, seconds=quantise_time(end - engine.now)))
    _sound(engine, "door", engine.world.room.doors[door].middle, who)
    return end


def fire(engine: Engine, actor: Actor, yaw: float, pitch: float, origin: Vec3 | None = None) -> int | None:
    """Fires the weapon in hand along `yaw` and `pitch` from the eye, or from `origin`.

    Returns the shot's number, or None if the weapon could not fire: none in hand, not ready, or empty.
    """
    weapon = actor.weapon
    if weapon is None or not engine.reached(weapon.ready_at):
        return None
    if weapon.rounds <= 0:
        engine.emit(ev.EmptyTrigger(t=engine.now, who=actor.name, weapon=weapon.kind))
        return None
    weapon.rounds -= 1
    weapon.ready_at = engine.now + weapon.interval_s
    engine.shots_fired += 1
    number = engine.shots_fired
    start = quantise_place(origin or actor.eye(engine.now))
    yaw, pitch = quantise_angle(wrap_angle(yaw)), quantise_angle(pitch)
    engine.emit(
        ev.ShotFired(
            t=engine.now, shot=number, shooter=actor.name, weapon=weapon.kind, origin=start, yaw=yaw, pitch=pitch,
            string=engine.string,
        )
    )  # fmt: skip
    for hit in shots.trace(engine.world, engine.now, start, yaw, pitch, actor.name):
        engine.emit(
            ev.Struck(
                t=engine.now, shot=number, shooter=actor.name, kind=hit.kind, what=hit.what, material=hit.material,
                entry=hit.entry, exit=hit.exit, distance=hit.distance, zone=hit.zone, local=hit.local,
            )
        )  # fmt: skip
        if hit.kind == "target" and hit.zone:
            targets.struck(engine, engine.world.boards[hit.what], hit.zone)
    _sound(engine, "shot", start, actor.name)
    return number


def reload(engine: Engine, actor: Actor) -> float:
    """Begins to reload the weapon in hand; returns when it is ready."""
    weapon = actor.weapon
    if weapon is None or weapon.ready_at > engine.now + weapon.interval_s:
        return engine.now if weapon is None else weapon.ready_at
    done = quantise_time(engine.now + weapon.reload_s)
    weapon.ready_at = done

    def ready() -> None:
        weapon.rounds = weapon.capacity
        engine.emit(ev.Reloaded(t=engine.now, who=actor.name, weapon=weapon.kind))

    engine.at(done, ready)
    return done


def switch(engine: Engine, actor: Actor) -> None:
    """Takes the next weapon in hand."""
    if len(actor.weapons) > 1:
        actor.weapons.append(actor.weapons.pop(0))
        posture(engine, actor, holds=DRAW_ITEM.get(actor.weapons[0].kind, "handgun"))
        engine.changed()  # who asks for rounds gets another number, though the weapon may look the same


def call_out(engine: Engine, actor: Actor, command: str) -> None:
    """Shouts a verbal command; every role player near enough hears it."""
    here = actor.eye(engine.now)
    heard = []
    for other in engine.world.actors.values():
        if other.role == "trainee":
            continue
        distance = math.dist(here, other.eye(engine.now))
        in_view = distance <= SHOUT_IN_VIEW_M and (
            (actor.name, other.name) in engine.ledger.sees or (other.name, actor.name) in engine.ledger.sees
        )
        if in_view or distance <= SHOUT_BEHIND_WALL_M:
            heard.append(other.name)
    event = ev.VerbalCommand(t=engine.now, who=actor.name, command=command, heard_by=tuple(heard))
    engine.commands.append(event)
    engine.emit(event)
    _sound(engine, "shout", here, actor.name)


def _sound(engine: Engine, kind: str, where: Vec3, who: str | None) -> None:
    for other in engine.world.actors.values():
        if other.name != who and math.dist(where, other.eye(engine.now)) <= SOUND_REACH_M[kind]:
            engine.sounds[(other.name, kind)] = engine.now


def aim_pose(actor: Actor) -> str:
    """The pose in which this person aims what they hold."""
    return "aiming_long" if actor.holds == "long_gun" else "aiming"


AIM_AT = {
    "head": (("neck", "crown"), 0.55), "torso": (("pelvis", "chest"), 0.85), "pelvis": (("left_hip", "right_hip"), 0.5),
    "left_arm": (("left_shoulder", "left_elbow"), 0.5), "right_arm": (("right_shoulder", "right_elbow"), 0.5),
    "left_leg": (("left_hip", "left_knee"), 0.5), "right_leg": (("right_hip", "right_knee"), 0.5),
}  # fmt: skip


def aim_point(actor: Actor, t: float, zone: str = "torso") -> Vec3:
    """The middle of a hit zone of someone's body at `t`."""
    joints = actor.joints(t)
    (a, b), f = AIM_AT[zone]
    start, end = joints[body.JOINT[a]], joints[body.JOINT[b]]
    return quantise_place(start + (end - start) * f)


def aim_angles(origin: Vec3, at: Vec3) -> tuple[float, float]:
    """Yaw and pitch (rad) of the line from `origin` to `at`."""
    dx, dy, dz = (b - a for a, b in zip(origin, at, strict=True))
    return math.atan2(dy, dx), math.atan2(dz, math.hypot(dx, dy))
