"""How a scripted trainee uses less-lethal means: takes one in hand, goes near enough, and waits for a free line."""

from __future__ import annotations

import math

from xrlab.geometry.transforms import Vec3
from xrlab.scenario.library import Baton, Means, Spray, means
from xrlab.sim import deeds
from xrlab.sim import means as use_of
from xrlab.sim.engine import Change, Process
from xrlab.sim.world import Actor
from xrlab.trainee import steps as st
from xrlab.trainee.shooting import GIVE_UP_S, Shooter

REACHES_WELL = {"conducted_energy": 0.75, "spray": 0.5, "baton": 0.9}
"""The share of its reach up to which a trainee goes with a means: from farther off they easily miss (estimate)."""

AFTER_S = {"conducted_energy": 1.0, "spray": 1.0, "baton": 0.8}
"""How long a trainee looks what came of it before using it again (estimate)."""


class Equipped(Shooter):
    """Fires and uses less-lethal means for one trainee."""

    def use(self, step: st.Use) -> Process:
        """Uses a means as a step says; gives up where nobody can be reached for a while, or it is empty."""
        engine, actor, ability = self._engine, self._actor, self._ability
        held = actor.weapon
        weapon = use_of.take(engine, actor, step.use)
        if weapon is None:
            return
        spec = means()[weapon.kind]
        ready = engine.now + ability.draw("reaction_s") + (ability.draw("draw_s") if weapon is not held else 0.0)
        give_up, used = ready + GIVE_UP_S, 0
        while used < step.times and not engine.reached(give_up):
            target = self._on(step)
            if target is None:
                if used:
                    return
                yield Change(min(give_up, self._eyes.next_change()))
                continue
            if engine.ledger.is_affected(target.name, spec.kind):
                return
            if not isinstance(spec, Baton) and weapon.rounds == 0:
                if weapon.reload_s == 0.0:
                    return
                ready = max(ready, deeds.reload(engine, actor))
                give_up = max(give_up, ready + GIVE_UP_S)
            deeds.posture(engine, actor, pose=self.aiming_pose)
            if not self._near_enough(target, spec, step.within_m) or not self._free(target, spec, step.at):
                give_up = max(give_up, engine.now + GIVE_UP_S)
                yield from self._closer(target)
                continue
            turned = deeds.face(engine, actor, *self._line(target, spec, step.at))
            yield from self._pause(max(turned, ready, weapon.ready_at))
            target = self._on(step)
            if target is None or not self._free(target, spec, step.at):
                continue
            use_of.use(engine, actor, *self._strayed(*self._line(target, spec, step.at), target.name, used))
            used += 1
            ready = engine.now + AFTER_S[spec.kind]
            give_up = ready + GIVE_UP_S
            yield from self._pause(ready)

    def _on(self, step: st.Use) -> Actor | None:
        """On whom it is to be used: the nearest in view of those who are meant; a threat only while a danger."""
        engine, actor, eyes = self._engine, self._actor, self._eyes
        names = engine.world.actors if step.on == "danger" else engine.cast.select(step.on, actor.name)
        seen = [a for n in names if (a := engine.world.actors.get(n)) and a is not actor and self._sees(a)]
        people = [a for a in seen if (step.on != "danger" and a.role != "threat") or eyes.takes_for_danger(a.name)]
        here = actor.eye(engine.now)
        return min(people, key=lambda a: math.dist(here[:2], a.track.at(engine.now).position[:2]), default=None)

    def _near_enough(self, target: Actor, spec: Means, within: float | None) -> bool:
        t = self._engine.now
        away = math.dist(self._actor.track.at(t).position, target.track.at(t).position)
        return away <= (within or spec.reach_m * REACHES_WELL[spec.kind])

    def _point(self, target: Actor, spec: Means, zone: str) -> Vec3:
        t = self._engine.now
        return target.eye(t) if isinstance(spec, Spray) else deeds.aim_point(target, t, zone)

    def _line(self, target: Actor, spec: Means, zone: str) -> tuple[float, float]:
        return deeds.aim_angles(self._actor.eye(self._engine.now), self._point(target, spec, zone))

    def _free(self, target: Actor, spec: Means, zone: str) -> bool:
        """Whether the line of sight meets nothing and nobody before the person."""
        way = self._met(*self._line(target, spec, zone))
        away = math.dist(self._actor.eye(self._engine.now), self._point(target, spec, zone))
        return not way or way[0].what == target.name or (way[0].kind != "person" and way[0].distance >= away)
