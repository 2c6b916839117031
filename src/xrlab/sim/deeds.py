"""What anyone in the world can do: stand, walk, turn, open a door, aim, fire, reload, call out, speak.

Trainees of every kind (script, window, headset) and role players act through these functions alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from xrlab.geometry import body
from xrlab.geometry.paths import TURN_RATE, Leg, hold, turn, walk
from xrlab.geometry.transforms import Vec3, quantise_angle, quantise_place, quantise_time, wrap_angle
from xrlab.scenario.actions import Place, Voice
from xrlab.scenario.library import means
from xrlab.scenario.places import stand
from xrlab.sim import events as ev
from xrlab.sim import hearing
from xrlab.sim.firing import clear as clear
from xrlab.sim.firing import fire as fire
from xrlab.sim.firing import reload as reload
from xrlab.sim.world import ITEM_WEAPON, Actor, Lying, Weapon

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

DOOR_REACH_M = 1.6
_LATCH_M = 1.0
_FALLS_M = 0.3
DRAW_ITEM = {
    "pistol": "handgun", "training_laser": "handgun", "carbine": "long_gun", "precision_rifle": "long_gun",
    **{name: spec.kind for name, spec in means().items()},
}  # fmt: skip


def posture(engine: Engine, actor: Actor, *, pose: str | None = None, holds: str | None = None) -> None:
    """Changes how someone stands and what they hold; says so if anything is different."""
    before = (actor.pose, actor.holds, engine.ledger.danger.get(actor.name, False))
    if pose and pose != actor.pose:
        actor.take_pose(pose, engine.now)
    actor.holds = holds or actor.holds
    after = (actor.pose, actor.holds, actor.is_danger)
    if after != before:
        if actor.pose != before[0]:
            engine.world.changed(actor.name)
        engine.emit(
            ev.PostureChanged(t=engine.now, who=actor.name, pose=actor.pose, holds=actor.holds, danger=actor.is_danger)
        )


def take(engine: Engine, actor: Actor, item: str) -> None:
    """Has `item` in the hand from now on; a gun can be fired."""
    kind = ITEM_WEAPON.get(item)
    if kind and all(DRAW_ITEM.get(w.kind) != item for w in actor.weapons):
        actor.weapons.insert(0, Weapon.of(kind))
    actor.weapons.sort(key=lambda w: DRAW_ITEM.get(w.kind) != item)
    posture(engine, actor, holds=item)
    if item == "torch":
        switch_torch(engine, actor, True)


def let_go(engine: Engine, actor: Actor, *, pose: str | None = None) -> None:
    """Lets fall what is in the hand, so that it lies on the floor before the feet; `pose` is taken at the same time."""
    item = actor.holds
    posture(engine, actor, pose=pose, holds="nothing")
    if item == "nothing":
        return
    actor.weapons = [w for w in actor.weapons if DRAW_ITEM.get(w.kind) != item]
    switch_torch(engine, actor, False)  # it was that, or is on the weapon that falls
    s = actor.track.at(engine.now)
    at = quantise_place((s.x + math.cos(s.yaw) * _FALLS_M, s.y + math.sin(s.yaw) * _FALLS_M, s.z))
    engine.world.lying.append(Lying(item, at, quantise_angle(s.yaw + 0.6)))
    engine.emit(ev.ItemDropped(t=engine.now, who=actor.name, item=item, at=at))


def pick_up(engine: Engine, actor: Actor, thing: Lying) -> None:
    """Takes up a thing from the floor; raises ValueError if it does not lie there any more."""
    engine.world.lying.remove(thing)
    take(engine, actor, thing.item)
    engine.emit(ev.ItemTaken(t=engine.now, who=actor.name, item=thing.item, at=thing.position))


def strike(engine: Engine, actor: Actor, other: Actor, zone: str) -> None:
    """A blow with what is in the hand meets somebody in a hit zone."""
    engine.emit(ev.BlowLanded(t=engine.now, who=actor.name, whom=other.name, item=actor.holds, zone=zone))
    hearing.sound(engine, "thud", actor.eye(engine.now), actor.name)


def switch_torch(engine: Engine, actor: Actor, on: bool) -> None:
    """Switches a torch, held or on the weapon, on or off."""
    if actor.torch != on:
        actor.torch = on
        engine.world.changed(actor.name)
        engine.emit(ev.TorchSwitched(t=engine.now, who=actor.name, on=on))


def appear(engine: Engine, actor: Actor, place: Place) -> None:
    """Puts someone who was not there before at a place."""
    position, yaw = stand(engine.world.room, place)
    actor.present = True
    here = actor.track.at(engine.now)
    engine.plan(actor, [hold(engine.now, here._replace(x=position[0], y=position[1], z=position[2], yaw=yaw))])
    engine.emit(ev.Appeared(t=engine.now, who=actor.name))
    engine.emit(
        ev.PostureChanged(t=engine.now, who=actor.name, pose=actor.pose, holds=actor.holds, danger=actor.is_danger)
    )
    if actor.torch:
        engine.emit(ev.TorchSwitched(t=engine.now, who=actor.name, on=True))


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
    leg = Leg(engine.now, t, *start, x, y, z, quantise_angle(before.yaw), goal, quantise_angle(pitch))
    if way and t > engine.now:
        leg = leg._replace(walked=actor.track.walked_on(engine.now, leg.speed))
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
    hearing.sound(engine, "door", _over(engine.world.room.doors[door].middle), who)
    return end


def _over(floor: Vec3) -> Vec3:
    return floor[0], floor[1], floor[2] + _LATCH_M


def switch(engine: Engine, actor: Actor) -> None:
    """Takes the next weapon in hand."""
    if len(actor.weapons) > 1:
        actor.weapons.append(actor.weapons.pop(0))
        bring(engine, actor, actor.weapons[0])


def bring(engine: Engine, actor: Actor, weapon: Weapon) -> None:
    """Takes one of the carried weapons in hand; the others keep their order."""
    first = actor.weapons.index(weapon)
    actor.weapons[:] = actor.weapons[first:] + actor.weapons[:first]
    posture(engine, actor, holds=DRAW_ITEM.get(weapon.kind, "handgun"))
    engine.changed()  # who asks for rounds gets another number, though the weapon may look the same


def call_out(engine: Engine, actor: Actor, command: str, voice: Voice = "shouted") -> None:
    """Gives a verbal command; every role player at whom it arrives loud enough to be understood has heard it."""
    levels = _voiced(engine, actor, voice)
    heard = tuple(a.name for a, db in levels if a.role != "trainee" and hearing.hears(a, db, hearing.UNDERSTOOD_DB))
    engine.emit(ev.VerbalCommand(t=engine.now, who=actor.name, command=command, heard_by=heard, voice=voice))
    hearing.note(engine, _SPOKEN[voice], actor.eye(engine.now), actor.name, levels)


def say(engine: Engine, actor: Actor, text: Mapping[str, str], voice: Voice = "said") -> None:
    """Speaks; `text` by language is shown to the trainees."""
    engine.emit(ev.Spoke(t=engine.now, who=actor.name, text=dict(text), voice=voice))
    hearing.note(engine, _SPOKEN[voice], actor.eye(engine.now), actor.name, _voiced(engine, actor, voice))


_SPOKEN: dict[Voice, str] = {"whispered": "voice", "said": "voice", "called": "shout", "shouted": "shout"}
"""The kind of sound that each voice is."""


def _voiced(engine: Engine, actor: Actor, voice: Voice) -> list[tuple[Actor, float]]:
    return hearing.reaching(engine, actor.eye(engine.now), hearing.VOICES_DB[voice], actor.name)


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
