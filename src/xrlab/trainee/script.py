"""Scripted trainees: they follow a plan, and answer to what they see as their rules say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from xrlab.geometry.transforms import Vec3, wrap_angle
from xrlab.scenario.conditions import Expression, parse
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim.cover import hiding_place
from xrlab.sim.engine import FOREVER, Change, Engine, Process, Sleep
from xrlab.sim.player import Player
from xrlab.sim.setup import Run
from xrlab.sim.travel import place_of, travel
from xrlab.sim.waiting import Waits
from xrlab.sim.world import Actor
from xrlab.trainee import steps as st
from xrlab.trainee.perception import Perception
from xrlab.trainee.scripts import load_script
from xrlab.trainee.search import Company, spots_of
from xrlab.trainee.skill import Ability, Skill
from xrlab.trainee.using import Equipped

__all__ = ["ScriptedTrainee", "follow", "load_script"]

REST_S = 0.3
"""A rule that has been followed is not followed again within this time while it goes on to hold."""

SWEEP_RATE = 2.2
"""How fast one turns who searches a room (rad/s): slow enough to see what is there."""

COVER_WITHIN_M = 16.0
"""Cover is looked for within so many metres on foot."""

KEEP_UP_S = 0.7
"""So often one who follows another looks anew where that one is."""


def follow(script: st.TraineeScript, run: Run, skill: Skill | None = None) -> None:
    """Sets every scripted trainee to work. skill: wins over what their plans say."""
    company = Company(run.engine)
    for who, plan in script.trainees.items():
        given = plan if skill is None else plan.model_copy(update={"skill": skill})
        trainee = ScriptedTrainee(run, run.engine.world.actors[who], given, company)
        run.engine.spawn(trainee.live(), f"trainee:{who}")


class ScriptedTrainee:
    """One trainee who follows a plan. company: what the scripted trainees of the run know of each other."""

    def __init__(self, run: Run, actor: Actor, plan: st.Plan, company: Company) -> None:
        self._run = run
        self._engine: Engine = run.engine
        self._actor = actor
        self._plan = plan
        self._company = company
        self._ability = Ability(plan.skill, run.engine.luck(f"trainee:{actor.name}"))
        self._eyes = Perception(run.engine, actor, self._ability, company.lamps, everyone=plan.everyone)
        self._shooter = Equipped(run.engine, actor, self._ability, self._eyes)
        self._rules = [(parse(rule.when, "live"), rule.do) for rule in plan.rules]
        asked = run.engine.waits(*(when for when, _ in self._rules), self_name=actor.name)
        self._waits = Waits.for_any((asked, self._eyes.waits))
        self._rest_until = [-FOREVER] * len(self._rules)
        self._reacting = False
        self._answers = {**run.engine.functions(actor.name), "sees_danger": self._eyes.sees_danger}
        for weapon in actor.weapons:
            weapon.reload_s *= self._ability.mean("reload")

    def live(self) -> Process:
        """The trainee's process."""
        yield from self._steps(self._plan.do)
        self._company.done.add(self._actor.name)
        while self._rules:  # the plan is done, the eyes stay open
            yield from self._wait(FOREVER)

    # --- waiting, in which a rule may break in -------------------------------------------------------

    def _holds(self, condition: Expression) -> bool:
        return bool(condition.evaluate(self._answers))

    def _due(self) -> int | None:
        self._eyes.look()
        if self._reacting:
            return None
        for index, (condition, _) in enumerate(self._rules):
            if self._engine.reached(self._rest_until[index]) and self._holds(condition):
                return index
        return None

    def _react(self, index: int) -> Process:
        self._reacting = True
        yield from self._steps(self._rules[index][1])
        self._reacting = False
        self._rest_until[index] = self._engine.now + REST_S

    def _wait(self, until: float) -> Iterator[Change]:
        """Waits; what rules demand meanwhile is done on the way."""
        while True:
            rule = self._due()
            if rule is not None:
                yield from self._react(rule)  # type: ignore[misc]
                continue
            if self._engine.reached(until):
                return
            yield self._change(until)

    def _change(self, until: float, waits: Waits | None = None) -> Change:
        """Waits for what the rules ask for (waits: or for more), for what the eyes make out, and for a rule's rest."""
        rest = min((t for t in self._rest_until if not self._engine.reached(t)), default=FOREVER)
        return Change(min(until, rest, self._eyes.next_change()), waits or self._waits)

    def _until(self, condition: Expression, until: float) -> Process:
        """Waits for a condition; what rules demand meanwhile is done on the way."""
        waits = Waits.for_any((self._waits, self._engine.waits(condition, self_name=self._actor.name)))
        while not self._engine.reached(until) and not self._holds(condition):
            rule = self._due()
            if rule is not None:
                yield from self._react(rule)
                continue
            yield self._change(until, waits)

    def _pause(self, seconds: float) -> Process:
        """Waits in any case."""
        yield Sleep(self._engine.now + seconds)

    # --- steps --------------------------------------------------------------------------------------

    def _steps(self, steps: list[st.Step]) -> Process:
        for step in steps:
            yield from self._one(step)

    def _one(self, step: st.Step) -> Process:
        engine = self._engine
        if isinstance(step, st.Go):
            yield from self._walk(place_of(engine, step.go), step.speed_mps)
        elif isinstance(step, st.WaitFor):
            yield from self._wait(engine.now + step.wait_s)
        elif isinstance(step, st.At):
            yield from self._wait(step.at_s)
        elif isinstance(step, st.When):
            yield from self._until(parse(step.when, "live"), engine.now + step.timeout_s)
        elif isinstance(step, st.Repeat):
            for _ in range(step.repeat):
                yield from self._steps(step.do)
        elif isinstance(step, st.If):
            yield from self._steps(step.do if self._holds(parse(step.if_, "live")) else step.otherwise)
        elif isinstance(step, st.Sweep):
            yield from self._sweep(math.radians(step.sweep_deg))
        elif isinstance(step, st.Search):
            yield from self._search(step)
        elif isinstance(step, st.Follow):
            yield from self._follow(step)
        elif isinstance(step, st.Cover):
            yield from self._cover(step)
        elif isinstance(step, st.Shoot):
            yield from self._shooter.shoot(step)
        elif isinstance(step, st.Use):
            yield from self._shooter.use(step)
        elif isinstance(step, st.Strings):
            yield from self._shooter.strings(lambda seconds: self._wait(engine.now + seconds))
        else:
            yield from self._deed(step)

    def _deed(self, step: st.Step) -> Process:
        """Steps that are one deed."""
        engine, actor = self._engine, self._actor
        if isinstance(step, st.LookAt):
            yield from self._wait(self._turn_to(step.look_at))
        elif isinstance(step, st.Challenge):
            yield from self._pause(self._ability.draw("challenge_s"))
            deeds.call_out(engine, actor, step.challenge)
        elif isinstance(step, st.Say):
            text = {str(language): said for language, said in step.say.items()}
            deeds.say(engine, actor, text)
        elif isinstance(step, st.OpenDoor | st.CloseDoor):
            door = step.open if isinstance(step, st.OpenDoor) else step.close
            if deeds.may_open(engine, actor, door):
                yield from self._wait(deeds.move_door(engine, door, float(isinstance(step, st.OpenDoor)), actor.name))
        elif isinstance(step, st.Aim):
            yield from self._aim(step)
        elif isinstance(step, st.Lower | st.Stand):
            self._shooter.low = False
            deeds.posture(engine, actor, pose="low_ready")
        elif isinstance(step, st.Kneel):
            self._kneel()
        elif isinstance(step, st.Hold):
            deeds.posture(engine, actor, holds=step.hold)
        elif isinstance(step, st.Torch):
            deeds.switch_torch(engine, actor, step.torch == "on")
        elif isinstance(step, st.Reload):
            yield from self._wait(deeds.reload(engine, actor))
        elif isinstance(step, st.SwitchWeapon):
            deeds.switch(engine, actor)
            if actor.weapon is not None:
                actor.weapon.ready_at = max(actor.weapon.ready_at, engine.now + self._ability.draw("draw_s"))
        elif isinstance(step, st.Cue):
            self._run.director.cue(step.cue)

    def _kneel(self) -> None:
        self._shooter.low = True
        deeds.posture(self._engine, self._actor, pose="crouching")

    # --- on foot ------------------------------------------------------------------------------------

    def _walk(
        self, goal: Vec3, speed: float, enough: Callable[[], bool] = lambda: False, waits: Waits | None = None
    ) -> Process:
        """Walks until there or `enough`; where a rule breaks in, stands, follows it, and sets out again.

        waits: for what changes `enough`, and the rules.
        Who has walked enough is still on the way: they stop, or go elsewhere in step.
        """
        engine, actor = self._engine, self._actor
        while not enough():
            self._shooter.low = False
            deeds.posture(engine, actor, pose="low_ready")
            broken = False
            way = travel(engine, actor, goal, speed * self._ability.mean("pace"))
            for wait in way:
                while not engine.reached(wait.until) and not broken:
                    rule = self._due()
                    if rule is not None:
                        deeds.stop(engine, actor)
                        yield from self._react(rule)
                        broken = True
                    elif enough():
                        way.close()
                        return
                    else:
                        yield self._change(wait.until, waits)
                if broken:
                    way.close()
                    break
            if not broken:
                return

    def _follow(self, step: st.Follow) -> Process:
        """Walks behind another: sets out anew every now and then, and stands while near enough."""
        engine, company = self._engine, self._company
        until = engine.now + step.timeout_s
        over = parse(step.until, "live") if step.until else None
        leader = engine.world.actors[step.follow]
        walking = Waits.for_any((self._waits, Waits(always=True)))

        def near() -> bool:
            here, there = (a.track.at(engine.now).position for a in (self._actor, leader))
            return math.dist(here, there) <= step.spacing_m

        while not engine.reached(until) and not (over and self._holds(over)):
            if near():
                deeds.stop(engine, self._actor)
                if step.follow in company.done:
                    return
                yield from self._wait(self._turn(leader.track.at(engine.now).yaw))
                yield from self._wait(engine.now + KEEP_UP_S / 2)
                continue
            again = engine.now + KEEP_UP_S
            before = self._actor.track.at(engine.now).position
            engine.at(again, engine.changed)
            yield from self._walk(
                leader.track.at(engine.now).position,
                step.speed_mps,
                lambda again=again: near() or engine.reached(again),  # type: ignore[misc]
                walking,
            )
            if self._actor.track.at(engine.now).position == before:  # a door bars the way
                yield from self._wait(engine.now + KEEP_UP_S)

    def _cover(self, step: st.Cover) -> Process:
        engine, actor = self._engine, self._actor
        if step.cover == "danger" or step.cover in engine.cast.names:
            watchers = self._people(step.cover)
            me = Player(engine, actor, self._ability.luck)
            place = hiding_place(me, watchers, COVER_WITHIN_M) if watchers else None
            if place is not None:
                yield from self._run_to(place, step.speed_mps)
            self._kneel()
            if watchers:
                at = watchers[0].track.at(engine.now)
                here = actor.track.at(engine.now)
                yield from self._wait(self._turn(math.atan2(at.y - here.y, at.x - here.x)))
        else:
            yield from self._run_to(place_of(engine, step.cover), step.speed_mps)
            self._kneel()

    def _run_to(self, place: Vec3, speed: float) -> Process:
        """Walks without an eye on the rules: who runs for cover does not stop to fire."""
        reacting, self._reacting = self._reacting, True
        yield from self._walk(place, speed)
        self._reacting = reacting

    def _people(self, who: str | tuple[float, float]) -> list[Actor]:
        """The people meant, nearest first; `danger`: those in view who are taken for one."""
        engine, actor = self._engine, self._actor
        if who == "danger":
            names = [n for n in engine.world.actors if (actor.name, n) in engine.ledger.sees]
            names = [n for n in names if self._eyes.takes_for_danger(n)]
        else:
            names = [
                n for n in engine.cast.select(str(who), actor.name) if n in engine.world.actors and n != actor.name
            ]
        here = actor.track.at(engine.now).position
        people = [engine.world.actors[n] for n in names]
        return sorted(people, key=lambda o: math.dist(here, o.track.at(engine.now).position))

    # --- looking ------------------------------------------------------------------------------------

    def _turn(self, yaw: float, pitch: float = 0.0, rate: float | None = None) -> float:
        return deeds.face(self._engine, self._actor, yaw, pitch, *([rate] if rate else []))

    def _turn_to(self, where: str | tuple[float, float]) -> float:
        engine, actor = self._engine, self._actor
        if isinstance(where, str) and where in engine.world.boards:
            x, y, _ = engine.world.boards[where].place(engine.now)
        elif isinstance(where, str) and where in engine.cast.names:
            people = self._people(where)
            if not people:
                return engine.now
            x, y, _ = people[0].track.at(engine.now).position
        else:
            x, y, _ = place_of(engine, where)
        stance = actor.track.at(engine.now)
        return self._turn(math.atan2(y - stance.y, x - stance.x))

    def _aim(self, step: st.Aim) -> Process:
        engine, actor = self._engine, self._actor
        until = engine.now + step.for_s
        while True:
            people = self._people(step.aim) if step.aim == "danger" or step.aim in engine.cast.names else []
            in_view = [p for p in people if (actor.name, p.name) in engine.ledger.sees]
            deeds.posture(engine, actor, pose=self._shooter.aiming_pose)
            if in_view:
                yaw, pitch = deeds.aim_angles(actor.eye(engine.now), deeds.aim_point(in_view[0], engine.now))
                done = self._turn(yaw, pitch)
            else:
                done = engine.now if step.aim == "danger" else self._turn_to(step.aim)
            yield from self._wait(min(max(done, engine.now + 0.25), max(done, until)))
            if engine.reached(until):
                return

    def _sweep(self, angle: float) -> Process:
        """Looks left and right, each time back ahead; where a rule breaks in, goes on after it."""
        ahead = self._actor.track.at(self._engine.now).yaw
        for yaw in (ahead + angle / 2, ahead, ahead - angle / 2, ahead):
            yield from self._look_round(yaw, lambda: False)

    def _look_round(self, yaw: float, enough: Callable[[], bool]) -> Process:
        """Turns slowly to a direction, or until `enough`."""
        engine, actor = self._engine, self._actor
        while abs(wrap_angle(yaw - actor.track.at(engine.now).yaw)) > 1e-5 and not enough():
            yield from self._wait(self._turn(yaw, rate=SWEEP_RATE * self._ability.mean("pace")))

    # --- searching ----------------------------------------------------------------------------------

    def _search(self, step: st.Search) -> Process:
        engine, company, who = self._engine, self._company, self._actor.name
        zones = engine.zones_to_clear if step.search == "all" else tuple(step.search)
        for _ in range(2):  # a second time for those that could not be cleared before, such as with a danger in them
            leave: set[str] = set()
            while True:
                zone = company.next_zone(self._actor, zones, leave | company.searched)
                if zone is None:
                    break
                company.taken[who] = zone
                yield from self._search_zone(zone, step.speed_mps)
                deeds.stop(engine, self._actor)
                del company.taken[who]
                leave.add(zone)
                if not engine.ledger.cleared:  # nobody keeps count of what is cleared in this scenario
                    company.searched.add(zone)
            if set(zones) <= engine.ledger.cleared | company.searched:
                return
            yield from self._wait(engine.now + REST_S)

    def _search_zone(self, zone: str, speed: float) -> Process:
        """Goes from spot to spot of a zone and looks round in each, until it is cleared."""

        def cleared() -> bool:
            return zone in self._engine.ledger.cleared

        waits = Waits.for_any((self._waits, Waits(frozenset({(ev.ZoneCleared, "", "")}))))
        for spot in spots_of(self._engine.world.room, zone):
            yield from self._walk(spot, speed, cleared, waits)
            ahead = self._actor.track.at(self._engine.now).yaw
            for part in range(1, 6):  # once round, in parts, since one turns the short way to a direction
                yield from self._look_round(wrap_angle(ahead + part * math.tau / 5), cleared)
            if cleared():
                return
