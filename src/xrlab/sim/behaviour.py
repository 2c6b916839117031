"""Role players: their states, what they do in each, and when they change.

A role player is in one state at a time. The state's actions are a process; a transition whose condition
becomes true (and whose chance comes up) leads to the next state after its delay, if the state it belongs
to still holds then.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from xrlab.chance import drawn
from xrlab.geometry.transforms import Vec3
from xrlab.scenario import person_actions as act
from xrlab.scenario.actions import Close, Open
from xrlab.scenario.conditions import Expression, parse
from xrlab.scenario.model import LANGUAGES, RolePlayer
from xrlab.scenario.places import stand
from xrlab.scenario.states import BUILT_IN
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim.engine import Change, Process, Running, Sleep
from xrlab.sim.waiting import Waits
from xrlab.sim.world import Actor

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

AIM_SPREAD_RAD = 0.004
"""Scatter of a role player's well-aimed shot."""

DEFAULT_FALL = ("head", 1), ("torso", 2)
"""Without a transition to 'down' of its own, a role player falls after so many hits in these zones."""


class Mind:
    """What makes one role player act."""

    def __init__(self, engine: Engine, actor: Actor, spec: RolePlayer) -> None:
        self._engine = engine
        self.actor = actor
        self._states = BUILT_IN | spec.states
        self._luck = engine.luck(f"person:{actor.name}")
        self._serial = 0
        self._doing: Running | None = None
        self._rules: list[tuple[frozenset[str] | None, str, Expression | None, tuple[float, float], float]] = []
        for rule in spec.transitions:
            starts = [rule.from_] if isinstance(rule.from_, str) else rule.from_
            when = parse(rule.when, "live") if rule.when else None
            chosen = None if "any" in starts else frozenset(starts)
            self._rules.append((chosen, rule.to, when, rule.after_s, rule.chance))
        if not any(rule.to == "down" for rule in spec.transitions):
            for zone, count in DEFAULT_FALL:
                when = parse(f'hits("self", "{zone}") >= {count}', "live")
                self._rules.append((None, "down", when, (0.0, 0.0), 1.0))
        self._was_true = [False] * len(self._rules)
        self._of_state: dict[str, list[int]] = {}
        self.enter(spec.begins)
        own = Waits(frozenset({(ev.StateChanged, "who", actor.name)}))
        asked = engine.waits(*(rule[2] for rule in self._rules if rule[2]), self_name=actor.name)
        engine.watch(self._check, Waits.for_any((own, asked)))

    def enter(self, state: str) -> None:
        """Puts the role player into a state."""
        actor, engine = self.actor, self._engine
        was = actor.state
        self._serial += 1
        self._was_true = [False] * len(self._rules)
        if self._doing:
            self._doing.stop()
            deeds.stop(engine, actor)
        actor.state, actor.state_since = state, engine.now
        spec = self._states[state]
        actor.danger_set = spec.danger
        engine.emit(ev.StateChanged(t=engine.now, who=actor.name, state=state, was=was))
        deeds.posture(engine, actor)
        self._doing = engine.spawn(self._act(list(spec.do)), f"{actor.name}:{state}")

    def _check(self) -> None:
        actor = self.actor
        for index in self._rules_from(actor.state):
            _, to, when, after, chance = self._rules[index]
            true = when is None or self._engine.holds(when, actor.name)
            rises = true and not self._was_true[index]
            self._was_true[index] = true
            if not rises or (chance < 1.0 and float(self._luck.random()) >= chance):
                continue
            delay, serial = drawn(self._luck, after), self._serial
            if delay <= 0.0:
                self.enter(to)
                return
            self._engine.at(self._engine.now + delay, lambda to=to, serial=serial: self._follow(to, serial))  # type: ignore[misc]

    def _rules_from(self, state: str) -> list[int]:
        """Which rules may lead on from a state; who is down stays down."""
        found = self._of_state.get(state)
        if found is None:
            found = self._of_state[state] = [
                index
                for index, (starts, to, *_) in enumerate(self._rules)
                if state not in (to, "down") and (starts is None or state in starts)
            ]
        return found

    def _follow(self, to: str, serial: int) -> None:
        if serial == self._serial:
            self.enter(to)

    def _act(self, steps: list[act.Action]) -> Process:
        for step in steps:
            yield from self._one(step)

    def _one(self, step: act.Action) -> Process:
        engine, actor = self._engine, self.actor
        if isinstance(step, act.WalkTo | act.RunTo):
            goal = step.walk_to if isinstance(step, act.WalkTo) else step.run_to
            deeds.posture(engine, actor, pose="standing" if actor.pose not in ("standing", "hands_up") else None)
            yield from travel(engine, actor, place_of(engine, goal), step.speed)
        elif isinstance(step, act.Wait):
            yield Sleep(engine.now + step.wait_s)
        elif isinstance(step, act.Look):
            yield Sleep(self._turn_to(step.look_at))
        elif isinstance(step, act.AimAt):
            if actor.holds in ("handgun", "long_gun"):
                deeds.posture(engine, actor, pose=deeds.aim_pose(actor))
            yield from self._keep_aiming(step.aim_at)
        elif isinstance(step, act.FireAt):
            yield from self._fire_at(step)
        elif isinstance(step, act.Say):
            text = dict.fromkeys(LANGUAGES, step.say) if isinstance(step.say, str) else dict(step.say)
            engine.emit(ev.Spoke(t=engine.now, who=actor.name, text=text))
        elif isinstance(step, Open | Close):
            door = step.open if isinstance(step, Open) else step.close
            if deeds.may_open(engine, actor, door):
                yield Sleep(deeds.move_door(engine, door, float(isinstance(step, Open)), actor.name))
        elif isinstance(step, act.Hold):
            deeds.posture(engine, actor, holds=step.hold)
        else:
            pose, holds = _POSTURES[type(step)]
            deeds.posture(engine, actor, pose=pose, holds=holds)

    def _turn_to(self, where: str | tuple[float, float]) -> float:
        engine, actor = self._engine, self.actor
        if isinstance(where, str) and where in engine.cast.names:
            other = self._nearest(where)
            if other is None:
                return engine.now
            x, y, _ = other.track.at(engine.now).position
        else:
            x, y = place_of(engine, where)[:2]
        stance = actor.track.at(engine.now)
        return deeds.face(engine, actor, math.atan2(y - stance.y, x - stance.x))

    def _nearest(self, who: str, *, seen: bool = False) -> Actor | None:
        """The nearest of these people; with `seen`, only those in view."""
        engine, actor = self._engine, self.actor
        names = engine.cast.select("trainee" if who == "nearest_trainee" else who, actor.name)
        here = actor.track.at(engine.now).position
        others = [engine.world.actors[n] for n in names if n in engine.world.actors and n != actor.name]
        if seen:
            others = [o for o in others if (actor.name, o.name) in engine.ledger.sees or o.role != "trainee"]
        return min(others, key=lambda o: math.dist(here, o.track.at(engine.now).position), default=None)

    def _aim(self, other: Actor) -> float:
        """Turns to someone's chest; returns when the turn is done."""
        engine, actor = self._engine, self.actor
        yaw, pitch = deeds.aim_angles(actor.eye(engine.now), deeds.aim_point(other, engine.now))
        return deeds.face(engine, actor, yaw, pitch)

    def _keep_aiming(self, who: str) -> Process:
        while True:
            other = self._nearest(who)
            if other is None:
                yield Change()
                continue
            done = self._aim(other)
            yield Sleep(max(done, self._engine.now + 0.25))

    def _fire_at(self, step: act.FireAt) -> Process:
        engine, actor = self._engine, self.actor
        fired = 0
        while step.times is None or fired < step.times:
            other = self._nearest(step.fire_at, seen=True)
            if actor.holds not in ("handgun", "long_gun") or actor.weapon is None:
                return
            if other is None:
                yield Change()
                continue
            deeds.posture(engine, actor, pose=deeds.aim_pose(actor))
            yield Sleep(self._aim(other))
            yaw, pitch = deeds.aim_angles(actor.eye(engine.now), deeds.aim_point(other, engine.now))
            spread = AIM_SPREAD_RAD
            if float(self._luck.random()) >= step.hit_chance:  # a miss goes past, half a metre or more to a side
                distance = math.dist(actor.eye(engine.now), deeds.aim_point(other, engine.now))
                side = 1.0 if self._luck.random() < 0.5 else -1.0
                yaw += side * (0.5 + 0.5 * float(self._luck.random())) / max(distance, 1.0)
            yaw += spread * float(self._luck.standard_normal())
            pitch += spread * float(self._luck.standard_normal())
            actor.weapon.rounds = max(actor.weapon.rounds, 1)  # a role player's magazine does not run dry
            deeds.fire(engine, actor, yaw, pitch)
            fired += 1
            yield Sleep(engine.now + step.every_s)


_POSTURES: dict[type, tuple[str | None, str | None]] = {
    act.Drop: (None, "nothing"),
    act.RaiseHands: ("hands_up", None),
    act.Kneel: ("kneeling", None),
    act.Crouch: ("crouching", None),
    act.Stand: ("standing", None),
    act.LieDown: ("lying", None),
    act.HideHands: ("hands_hidden", None),
}


def place_of(engine: Engine, where: str | tuple[float, float]) -> Vec3:
    """The point of the floor (m) that a place means to who goes there."""
    return stand(engine.world.room, where)[0]


DOOR_STANDOFF_M = 0.55
"""Who opens a door stops this far before it on their way."""


def travel(engine: Engine, actor: Actor, goal: Vec3, speed: float) -> Process:
    """Walks to `goal` along the floor's shortest way, stairs included, opening on the way the doors that one may open.

    Stops before a door that one may not open, and where no way leads on.
    """
    here = actor.track.at(engine.now)
    way = engine.world.room.walkable.path(here.position, goal)
    while way:
        found = _first_shut_door(engine, way)
        if found is None:
            yield Sleep(deeds.go(engine, actor, way, speed))
            return
        door, before = found
        yield Sleep(deeds.go(engine, actor, before, speed))
        if not deeds.may_open(engine, actor, door):
            return
        yield Sleep(deeds.move_door(engine, door, 1.0, actor.name))
        way = [before[-1], *way[max(1, len(before) - 1) :]]


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
