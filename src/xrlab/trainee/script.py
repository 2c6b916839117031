"""Scripted trainees: they follow a plan, and answer to what they see as their rules say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from xrlab.document import read, validate
from xrlab.geometry.transforms import Vec3, wrap_angle
from xrlab.scenario.conditions import parse
from xrlab.scenario.load import Loaded
from xrlab.sim import deeds, shots
from xrlab.sim.behaviour import place_of, travel
from xrlab.sim.engine import FOREVER, Change, Engine, Process
from xrlab.sim.setup import Run
from xrlab.sim.world import Actor, Board
from xrlab.trainee import steps as st

REST_S = 0.3
"""A rule that has been followed is not followed again within this time while it goes on to hold."""

SWEEP_RATE = 2.2
"""How fast one turns who searches a room (rad/s): slow enough to see what is there."""

GIVE_UP_S = 3.0
"""A scripted trainee who cannot shoot (no line, nobody in view) goes on after this time."""


def load_script(path: Path, loaded: Loaded) -> st.TraineeScript:
    """Reads a trainee script and checks it against the scenario it is for; raises `InputError`."""
    document = read(path)
    script = validate(document, st.TraineeScript)
    st.check_script(document, script, loaded.scenario, loaded.room)
    return script


def follow(script: st.TraineeScript, run: Run) -> None:
    """Sets every scripted trainee to work."""
    for who, plan in script.trainees.items():
        trainee = ScriptedTrainee(run, run.engine.world.actors[who], plan)
        run.engine.spawn(trainee.live(), f"trainee:{who}", polls=True)


class ScriptedTrainee:
    """One trainee who follows a plan."""

    def __init__(self, run: Run, actor: Actor, plan: st.Plan) -> None:
        self._run = run
        self._engine: Engine = run.engine
        self._actor = actor
        self._plan = plan
        self._luck = run.engine.luck(f"trainee:{actor.name}")
        self._rules = [(parse(rule.when, "live"), rule.do) for rule in plan.react]
        self._rest_until = [-FOREVER] * len(self._rules)
        self._reacting = False

    def live(self) -> Process:
        """The trainee's process."""
        yield from self._steps(self._plan.do)
        while self._rules:  # the plan is done, the eyes stay open
            yield from self._wait(FOREVER)

    # --- waiting, in which a rule may break in -------------------------------------------------------

    def _due(self) -> int | None:
        if self._reacting:
            return None
        for index, (condition, _) in enumerate(self._rules):
            if self._engine.reached(self._rest_until[index]) and self._engine.holds(condition, self._actor.name):
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
            rest = min((t for t in self._rest_until if not self._engine.reached(t)), default=FOREVER)
            yield Change(min(until, rest))

    # --- steps --------------------------------------------------------------------------------------

    def _steps(self, steps: list[st.Step]) -> Process:
        for step in steps:
            yield from self._one(step)

    def _one(self, step: st.Step) -> Process:
        engine, actor = self._engine, self._actor
        if isinstance(step, st.Go):
            yield from self._go(place_of(engine, step.go), step.speed)
        elif isinstance(step, st.WaitFor):
            yield from self._wait(engine.now + step.wait_s)
        elif isinstance(step, st.When):
            yield from self._when(step)
        elif isinstance(step, st.LookAt):
            yield from self._wait(self._turn_to(step.look_at))
        elif isinstance(step, st.Sweep):
            yield from self._sweep(math.radians(step.sweep_deg))
        elif isinstance(step, st.Challenge):
            deeds.call_out(engine, actor, step.challenge)
        elif isinstance(step, st.Shoot):
            yield from self._shoot(step)
        elif isinstance(step, st.OpenDoor | st.CloseDoor):
            door = step.open if isinstance(step, st.OpenDoor) else step.close
            if deeds.may_open(engine, actor, door):
                yield from self._wait(deeds.move_door(engine, door, float(isinstance(step, st.OpenDoor)), actor.name))
        elif isinstance(step, st.Repeat):
            for _ in range(step.repeat):
                yield from self._steps(step.do)
        elif isinstance(step, st.If):
            holds = engine.holds(parse(step.if_, "live"), actor.name)
            yield from self._steps(step.do if holds else step.otherwise)
        elif isinstance(step, st.Reload):
            yield from self._wait(deeds.reload(engine, actor))
        elif isinstance(step, st.SwitchWeapon):
            deeds.switch(engine, actor)
        elif isinstance(step, st.Cue):
            self._run.director.cue(step.cue)

    def _go(self, goal: Vec3, speed: float) -> Process:
        """Walks; where a rule breaks in, stands, follows it, and sets out again."""
        engine, actor = self._engine, self._actor
        while True:
            deeds.posture(engine, actor, pose="low_ready")
            broken = False
            way = travel(engine, actor, goal, speed)
            for wait in way:
                while not engine.reached(wait.until) and not broken:
                    rule = self._due()
                    if rule is not None:
                        deeds.stop(engine, actor)
                        yield from self._react(rule)
                        broken = True
                    else:
                        yield Change(wait.until)
                if broken:
                    way.close()
                    break
            if not broken:
                return

    def _when(self, step: st.When) -> Process:
        engine = self._engine
        condition, until = parse(step.when, "live"), engine.now + step.timeout_s
        while not engine.reached(until) and not engine.holds(condition, self._actor.name):
            rule = self._due()
            if rule is not None:
                yield from self._react(rule)
                continue
            yield Change(until)

    def _turn_to(self, where: str | tuple[float, float]) -> float:
        engine, actor = self._engine, self._actor
        if isinstance(where, str) and where in engine.world.actors:
            x, y, _ = engine.world.actors[where].track.at(engine.now).position
        elif isinstance(where, str) and where in engine.world.boards:
            x, y, _ = engine.world.boards[where].position
        else:
            x, y, _ = place_of(engine, where)
        stance = actor.track.at(engine.now)
        return deeds.face(engine, actor, math.atan2(y - stance.y, x - stance.x))

    def _sweep(self, angle: float) -> Process:
        """Looks left and right, each time back ahead; where a rule breaks in, goes on after it."""
        engine, actor = self._engine, self._actor
        ahead = actor.track.at(engine.now).yaw
        for yaw in (ahead + angle / 2, ahead, ahead - angle / 2, ahead):
            while abs(wrap_angle(yaw - actor.track.at(engine.now).yaw)) > 1e-5:
                yield from self._wait(deeds.face(engine, actor, yaw, rate=SWEEP_RATE))

    # --- shooting -----------------------------------------------------------------------------------

    def _shoot(self, step: st.Shoot) -> Process:
        engine, actor, skill = self._engine, self._actor, self._plan.skill
        weapon = actor.weapon
        if weapon is None:
            return
        ready = engine.now + max(0.0, skill.reaction_s * (1.0 + 0.15 * float(self._luck.standard_normal())))
        give_up = engine.now + GIVE_UP_S
        fired = 0
        while fired < step.times and not engine.reached(max(give_up, ready + GIVE_UP_S)):
            if weapon.rounds == 0:
                ready = max(ready, deeds.reload(engine, actor))
            at = self._aim_at(step, fired)
            if at is None:
                if fired or isinstance(self._named(step.shoot), Board):
                    return
                yield Change(give_up)
                if engine.reached(give_up):
                    return
                continue
            deeds.posture(engine, actor, pose=deeds.aim_pose(actor))
            yaw, pitch = deeds.aim_angles(actor.eye(engine.now), at[0])
            turned = deeds.face(engine, actor, yaw, pitch)
            yield from self._pause(max(turned, ready, weapon.ready_at))
            at = self._aim_at(step, fired)  # it may have moved, or given up, in the meantime
            if at is None:
                continue
            yaw, pitch = deeds.aim_angles(actor.eye(engine.now), at[0])
            spread = skill.spread_mrad / 1000
            yaw += spread * float(self._luck.standard_normal())
            pitch += spread * float(self._luck.standard_normal())
            if step.check_line and not self._line_is_clear(yaw, pitch, at[1]):
                ready = engine.now + 0.2
                continue
            deeds.fire(engine, actor, yaw, pitch)
            fired += 1
            ready = engine.now + (step.every_s or skill.split_s)

    def _pause(self, until: float) -> Process:
        while not self._engine.reached(until):
            yield Change(until)

    def _named(self, name: str) -> Actor | Board | None:
        return self._engine.world.actors.get(name) or self._engine.world.boards.get(name)

    def _aim_at(self, step: st.Shoot, fired: int) -> tuple[Vec3, str] | None:
        """The point to aim at and whose it is; None if there is nothing (any more) to shoot at."""
        engine, actor = self._engine, self._actor
        target: Actor | Board | None
        if step.shoot == "danger":
            target = self._nearest(
                [a for a in engine.world.actors.values() if engine.ledger.danger.get(a.name) and self._sees(a)]
            )
        elif step.shoot == "exposed":
            target = self._nearest(
                [b for n, b in engine.world.boards.items() if n in engine.ledger.exposed and b.spec.role == "target"]
            )
        elif self._named(step.shoot):
            target = self._named(step.shoot)
        else:
            names = engine.cast.select(step.shoot, actor.name)
            target = self._nearest([a for n in names if (a := engine.world.actors.get(n)) and self._sees(a)])
        if target is None:
            return None
        if isinstance(target, Board):
            return (self._on_board(target, step.at), target.name) if target.name in engine.ledger.exposed else None
        if not self._sees(target):
            return None
        spent = target.role == "threat" and not engine.ledger.danger.get(target.name, False)
        if step.until_stopped and spent and (fired or step.shoot == "danger"):
            return None
        zone = step.at if step.at in deeds.AIM_AT else "torso"
        return deeds.aim_point(target, engine.now, zone), target.name

    def _sees(self, other: Actor) -> bool:
        return (self._actor.name, other.name) in self._engine.ledger.sees

    def _nearest(self, things: list[Actor] | list[Board]) -> Actor | Board | None:
        here = self._actor.eye(self._engine.now)

        def distance(thing: Actor | Board) -> float:
            at = thing.position if isinstance(thing, Board) else thing.track.at(self._engine.now).position
            return math.dist(here[:2], at[:2])

        return min(things, key=distance, default=None)

    def _on_board(self, board: Board, zone: str) -> Vec3:
        shape = next((z.shape for z in board.zones if z.name == zone), None)
        u, v = (0.0, 0.0) if shape is None else shape.outline().mean(axis=0)
        _, right, up = board.axes(self._engine.now)
        x, y, z = board.middle(self._engine.now)
        return (x + right[0] * u + up[0] * v, y + right[1] * u + up[1] * v, z + right[2] * u + up[2] * v)

    def _line_is_clear(self, yaw: float, pitch: float, wanted: str) -> bool:
        """Whether nobody but the wanted one would be met first."""
        hits = shots.trace(
            self._engine.world, self._engine.now, self._actor.eye(self._engine.now), yaw, pitch, self._actor.name
        )
        met = [h.what for h in hits if h.kind in ("person", "target")]
        return not met or met[0] == wanted
