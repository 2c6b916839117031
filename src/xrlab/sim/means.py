"""Less-lethal means: what a device's probes, a spray's jet or a baton's blow meet, and what comes of it.

Each is used along a line of sight, at once. The device is held `DEVICE_M` before the eye.

- Conducted-energy device. The upper probe flies along the line, the lower `spread_deg` below it; each ends at the first
  thing it meets within reach. Both on one body and at least `needs_m` apart they override its muscles for a cycle:
  whoever it is drops what is in the hand and falls. Nearer together they only hurt. The trigger of a device without a
  cartridge sends another cycle through probes that hold, as far as the wires reach. Clothing, scatter, broken wires, a
  probe that falls out, contact mode and circuits of more than two probes are left out.
- Irritant spray. A burst reaches all faces within its cone and reach that turn towards it with nothing between, as they
  are when it begins. Whom it works on is drawn once for each person; it works after a delay, on the eyes. Wind, drops
  on others and the air afterwards are left out.
- Baton. A blow meets the nearest body in reach before one, at the hit zone that lies nearest to where one looks. On an
  arm it may make it let go of what is in the hand.

On a trainee an effect is told and counted, but changes nothing in what they can do: their body is a person's own.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Literal

from xrlab.chance import drawn
from xrlab.geometry.transforms import (
    PLACE_DECIMALS,
    Vec3,
    direction,
    quantise_angle,
    quantise_place,
    quantise_time,
    wrap_angle,
)
from xrlab.scenario.library import Baton, ConductedEnergy, Means, Spray, means, means_kind
from xrlab.sim import deeds, hearing, shots
from xrlab.sim import events as ev
from xrlab.sim.world import Actor, Weapon, Wires

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

DEVICE_M = 0.45
"""How far before the eye a device is held: what an aiming body's hands are ahead of its eyes."""

CLOTH_M = 0.02
"""A probe that passes a body this near holds in what hangs about it: between the thighs it goes into the trousers (set
for training)."""

FACE_M = 0.08
"""A face is met by a jet that passes within this distance of the eyes: half the breadth of a face."""

FACING = math.cos(math.radians(75.0))
"""A face turned away by more than 75 degrees is not met in the eyes (set for training)."""

THROUGH_M = 0.3
"""What the jet meets nearer than this before a face is that person's own hands or hair."""

ARMS = ("left_arm", "right_arm")
SOUNDS = {"conducted_energy": "crackle", "spray": "hiss"}
Effect = Literal["incapacitated", "pain", "blinded", "disarmed"]


def trigger(engine: Engine, actor: Actor, yaw: float, pitch: float) -> int | None:
    """Uses what a trainee has in the hand: fires a weapon, or uses a less-lethal means.

    Returns the shot's number, or None if no shot was fired.
    """
    if actor.weapon is None or not actor.weapon.less_lethal:
        return deeds.fire(engine, actor, yaw, pitch)
    use(engine, actor, yaw, pitch)
    return None


def take(engine: Engine, actor: Actor, name: str) -> Weapon | None:
    """Takes a carried means in hand, by its name or kind; None, and nothing is done, where it is not carried."""
    mine = next((w for w in actor.weapons if w.less_lethal and name in (w.kind, means_kind(w.kind))), None)
    if mine is not None:
        deeds.bring(engine, actor, mine)
    return mine


def use(engine: Engine, actor: Actor, yaw: float, pitch: float) -> int | None:
    """Uses the less-lethal means in hand along a line of sight; the number of the use.

    None if it can't be used: it is no such means, is not ready yet, or is empty.
    """
    weapon = actor.weapon
    spec = None if weapon is None else means().get(weapon.kind)
    if weapon is None or spec is None or not engine.reached(weapon.ready_at):
        return None
    again = not isinstance(spec, Baton) and weapon.rounds <= 0
    if again and not _holds(engine, actor, weapon, spec):
        engine.emit(ev.EmptyTrigger(t=engine.now, who=actor.name, weapon=weapon.kind))
        return None
    weapon.rounds = max(0, weapon.rounds - 1)
    weapon.ready_at = engine.now + spec.interval_s
    yaw, pitch = quantise_angle(wrap_angle(yaw)), quantise_angle(pitch)
    one = _Use(engine, actor, weapon.kind, engine.ledger.uses + 1, yaw, pitch)
    left = None if isinstance(spec, Baton) else weapon.rounds
    engine.emit(
        ev.MeansUsed(
            t=engine.now, use=one.number, who=actor.name, means=weapon.kind, origin=one.origin, yaw=yaw, pitch=pitch,
            left=left, again=again,
        )
    )  # fmt: skip
    if spec.kind in SOUNDS:
        hearing.sound(engine, SOUNDS[spec.kind], one.origin, actor.name)
    if isinstance(spec, ConductedEnergy):
        (one.again if again else one.discharge)(spec, weapon)
    elif isinstance(spec, Spray):
        one.spray(spec)
    else:
        one.strike(spec)
    return one.number


def _holds(engine: Engine, actor: Actor, weapon: Weapon, spec: Means) -> bool:
    """Whether the probes last discharged hold on somebody who is not farther away than the wires are long."""
    if weapon.wires is None:
        return False
    here, there = (engine.world.actors[n].track.at(engine.now).position for n in (actor.name, weapon.wires.whom))
    return round(math.dist(here, there), PLACE_DECIMALS) <= spec.reach_m


class _Use:
    """One use of a means: by whom, its number in the run, and the line it takes."""

    def __init__(self, engine: Engine, actor: Actor, name: str, number: int, yaw: float, pitch: float) -> None:
        self._engine, self._actor, self._name, self.number = engine, actor, name, number
        self._yaw, self._pitch = yaw, pitch
        eye, ray = actor.eye(engine.now), direction(yaw, pitch)
        before = shots.trace(engine.world, engine.now, quantise_place(eye), yaw, pitch, actor.name)
        # who stands before a wall or a body holds the device nearer
        ahead = DEVICE_M if not before or before[0].distance > DEVICE_M else 0.0
        self.origin = quantise_place((eye[0] + ray[0] * ahead, eye[1] + ray[1] * ahead, eye[2] + ray[2] * ahead))

    def discharge(self, spec: ConductedEnergy, weapon: Weapon) -> None:
        """Sends out the two probes."""
        engine, weapon.wires = self._engine, None
        upper = self._probe("upper", 0.0, spec.reach_m)
        lower = self._probe("lower", math.radians(spec.spread_deg), spec.reach_m)
        engine.witness.tell(engine.emit, engine.now, self._actor, line=(self.origin, self._yaw, self._pitch))
        if (
            upper is None
            or lower is None
            or upper.kind != "person"
            or (upper.kind, upper.what) != (lower.kind, lower.what)
        ):
            return
        apart = round(math.dist(upper.entry, lower.entry), PLACE_DECIMALS)
        effect: Literal["incapacitated", "pain"] = "incapacitated" if apart >= spec.needs_m else "pain"
        weapon.wires = Wires(upper.what, effect, (upper.zone, lower.zone))
        self._affect(engine.world.actors[upper.what], effect, spec.effect_s, upper.distance)

    def again(self, spec: ConductedEnergy, weapon: Weapon) -> None:
        """Sends another cycle through the probes that hold."""
        engine, wires = self._engine, weapon.wires
        if wires is None:
            return
        other = engine.world.actors[wires.whom]
        engine.witness.tell(engine.emit, engine.now, self._actor, whom=other.name)
        at = deeds.aim_point(other, engine.now)
        away = round(math.dist(self.origin, at), PLACE_DECIMALS)
        for part, zone in zip(("upper", "lower"), wires.zones, strict=True):
            self._met(part, "person", other.name, zone, at, away)
        self._affect(other, wires.effect, spec.effect_s, away)

    def _probe(self, part: Literal["upper", "lower"], below: float, reach: float) -> shots.Hit | None:
        """What a probe that flies `below` (rad) the line of sight meets first within reach, or holds on beside it."""
        engine, (x, y, z) = self._engine, self.origin
        pitch, across = quantise_angle(self._pitch - below), (-math.sin(self._yaw), math.cos(self._yaw))
        met = None
        for aside in (0.0, CLOTH_M, -CLOTH_M):
            start = quantise_place((x + across[0] * aside, y + across[1] * aside, z))
            way = shots.trace(engine.world, engine.now, start, self._yaw, pitch, self._actor.name)
            hit = way[0] if way and way[0].distance <= reach else None
            if hit is not None and hit.kind == "person":
                met = hit
                break
            met = met or (hit if aside == 0.0 else None)
        if met is not None:
            self._met(part, met.kind, met.what, met.zone, met.entry, met.distance)
        return met

    def spray(self, spec: Spray) -> None:
        """Sprays for a second, into all faces that the jet reaches."""
        engine = self._engine
        reached = [found for actor in engine.world.actors.values() if (found := self._in_jet(actor, spec))]
        for actor, distance, faced in reached:
            engine.witness.tell(engine.emit, engine.now, self._actor, whom=actor.name)
            self._met(
                "jet", "person", actor.name, "head" if faced else None, quantise_place(actor.eye(engine.now)), distance
            )
        if not reached:
            engine.witness.tell(engine.emit, engine.now, self._actor, line=(self.origin, self._yaw, self._pitch))
            self._end_of_jet(spec)
        for actor, distance, faced in reached:
            luck = engine.luck(f"means:spray:{actor.name}")
            if faced and float(luck.random()) < spec.works:
                begins = quantise_time(engine.now + drawn(luck, spec.delay_s))
                engine.at(begins, partial(self._affect, actor, "blinded", spec.effect_s, distance))

    def _in_jet(self, actor: Actor, spec: Spray) -> tuple[Actor, float, bool] | None:
        """Whether the jet reaches somebody's face: who, how far away, and whether it is turned towards the jet."""
        engine, t = self._engine, self._engine.now
        if actor is self._actor or not actor.present:
            return None
        face = actor.eye(t)
        way = tuple(b - a for a, b in zip(self.origin, face, strict=True))
        distance = round(math.sqrt(sum(w * w for w in way)), PLACE_DECIMALS)
        ray = direction(self._yaw, self._pitch)
        along = sum(w * r for w, r in zip(way, ray, strict=True))
        off = math.sqrt(max(0.0, distance * distance - along * along))
        if not along > 0.0 or distance > spec.reach_m or off > FACE_M + spec.cone_m * along / spec.reach_m:
            return None
        yaw, pitch = deeds.aim_angles(self.origin, face)
        met = shots.trace(engine.world, t, self.origin, quantise_angle(yaw), quantise_angle(pitch), self._actor.name)
        if met and met[0].what != actor.name and met[0].distance < distance - THROUGH_M:
            return None
        if met and met[0].kind == "person" and met[0].what != actor.name:
            return None
        stance = actor.track.at(t)
        looks = (0.0, 0.0, 1.0) if actor.pose == "lying" else direction(stance.yaw, stance.pitch)
        towards = -sum(a * b for a, b in zip(looks, way, strict=True)) / (distance or 1.0)
        return actor, distance, round(towards, PLACE_DECIMALS) >= FACING

    def _end_of_jet(self, spec: Spray) -> None:
        """Tells where a jet that reached nobody came to its end, if within reach."""
        way = shots.trace(self._engine.world, self._engine.now, self.origin, self._yaw, self._pitch, self._actor.name)
        hit = next((h for h in way if h.kind != "person"), None)
        if hit is not None and hit.distance <= spec.reach_m:
            self._met("jet", hit.kind, hit.what, hit.zone, hit.entry, hit.distance)

    def strike(self, spec: Baton) -> None:
        """Strikes whoever stands nearest before one."""
        engine, me, t = self._engine, self._actor, self._engine.now
        here = me.track.at(t)
        near: list[tuple[float, str]] = []
        for other in engine.world.actors.values():
            at = other.track.at(t)
            away = round(math.hypot(at.x - here.x, at.y - here.y), PLACE_DECIMALS)
            off = quantise_angle(abs(wrap_angle(math.atan2(at.y - here.y, at.x - here.x) - self._yaw)))
            within = away <= spec.reach_m and abs(at.z - here.z) <= spec.reach_m and off <= math.radians(spec.front_deg)
            if other is not me and within and self._reaches(other):
                near.append((away, other.name))
        if not near:
            engine.witness.tell(engine.emit, t, me, line=(self.origin, self._yaw, self._pitch))
            return
        away, name = min(near)
        other = engine.world.actors[name]
        zone = self._zone_struck(other)
        engine.witness.tell(engine.emit, t, me, whom=name)
        self._met("blow", "person", name, zone, deeds.aim_point(other, t, zone), away)
        hearing.sound(engine, "thud", other.eye(t), me.name)
        luck = engine.luck(f"means:baton:{name}:{self.number}")
        lets_go = zone in ARMS and other.holds != "nothing" and float(luck.random()) < spec.drops
        self._affect(other, "disarmed" if lets_go else "pain", spec.effect_s, away)

    def _reaches(self, other: Actor) -> bool:
        """Whether nothing solid lies between the eye and somebody's chest."""
        engine, t = self._engine, self._engine.now
        eye = quantise_place(self._actor.eye(t))
        yaw, pitch = (quantise_angle(a) for a in deeds.aim_angles(eye, deeds.aim_point(other, t)))
        met = shots.trace(engine.world, t, eye, yaw, pitch, self._actor.name)
        return bool(met) and met[0].kind == "person"

    def _zone_struck(self, other: Actor) -> str:
        """The hit zone that lies nearest to the line of sight."""
        t = self._engine.now
        eye, ray = self._actor.eye(t), direction(self._yaw, self._pitch)

        def off(zone: str) -> float:
            way = tuple(b - a for a, b in zip(eye, deeds.aim_point(other, t, zone), strict=True))
            along = max(0.0, sum(w * r for w, r in zip(way, ray, strict=True)))
            rest = sum((w - r * along) ** 2 for w, r in zip(way, ray, strict=True))
            return round(math.sqrt(rest), PLACE_DECIMALS)

        return min(deeds.AIM_AT, key=off)

    def _met(self, part: str, kind: str, what: str, zone: str | None, at: Vec3, distance: float) -> None:
        self._engine.emit(
            ev.MeansMet(
                t=self._engine.now, use=self.number, who=self._actor.name, means=self._name, part=part,  # type: ignore[arg-type]
                kind=kind, what=what, zone=zone, at=at, distance=distance,
            )
        )  # fmt: skip

    def _affect(self, other: Actor, effect: Effect, seconds: float, distance: float) -> None:
        """Lets the means take effect on somebody, and ends it when its time is over."""
        engine, name = self._engine, self._name
        engine.emit(
            ev.Affected(
                t=engine.now, use=self.number, who=other.name, by=self._actor.name, means=name, effect=effect,
                seconds=seconds, distance=distance,
            )
        )  # fmt: skip
        number = engine.ledger.number
        engine.at(engine.now + seconds, partial(_recover, engine, other, name, number))
        if other.role == "trainee":
            return
        spec = means()[name]
        if effect == "blinded" and isinstance(spec, Spray):
            other.sees_m = min(other.sees_m, spec.sees_m)
            engine.world.changed(other.name)
        elif effect == "disarmed":
            deeds.let_go(engine, other)


def _recover(engine: Engine, other: Actor, name: str, number: int) -> None:
    """Ends an effect, unless another of the same means has begun since."""
    since = engine.ledger.affected.get(other.name, {}).get(name)
    if since is None or since[0] != number:
        return
    engine.emit(ev.Recovered(t=engine.now, who=other.name, means=name, effect=since[1]))
    if since[1] == "blinded" and other.role != "trainee":
        other.sees_m = engine.scenario.people[other.name].sees_m
        engine.world.changed(other.name)
