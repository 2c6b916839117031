"""What happens without a role player: strings of fire, timed events, and the instructor's injects."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from xrlab.chance import drawn
from xrlab.scenario import actions as act
from xrlab.scenario.conditions import parse
from xrlab.scenario.model import FireString, Happening
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim.engine import Process, Sleep

if TYPE_CHECKING:
    from xrlab.sim.behaviour import Mind
    from xrlab.sim.engine import Engine

LAMP_S = 0.05
"""How long a lamp takes from off to full."""


class Director:
    """Runs the scenario's programme and its happenings, and answers the instructor's hand."""

    def __init__(self, engine: Engine, minds: dict[str, Mind]) -> None:
        self._engine = engine
        self._minds = minds
        scenario = engine.scenario
        if scenario.strings:
            engine.spawn(self._programme(), "strings of fire")
        for name, happening in scenario.events.items():
            self._await(name, happening)

    def cue(self, inject: str) -> None:
        """The instructor sets off an inject; raises KeyError for a name the scenario doesn't have."""
        spec = self._engine.scenario.injects[inject]
        self._engine.emit(ev.InstructorCue(t=self._engine.now, inject=inject))
        self._do(list(spec.do))

    def _await(self, name: str, happening: Happening) -> None:
        engine = self._engine
        if happening.at_s is not None:
            engine.at(drawn(engine.luck(f"event:{name}"), happening.at_s), lambda: self._do(list(happening.do)))
            return
        condition = parse(happening.when or "true", "live")
        done = False

        def check() -> None:
            nonlocal done
            if not done and engine.holds(condition):
                done = True
                self._do(list(happening.do))

        engine.watch(check, engine.waits(condition))

    def _do(self, steps: list[act.DirectorAction]) -> None:
        engine = self._engine
        for step in steps:
            if isinstance(step, act.SetState):
                for who, state in step.set_state.items():
                    self._minds[who].enter(state)
            elif isinstance(step, act.Lights):
                self._lights(step)
            elif isinstance(step, act.Show):
                for name in step.show:
                    self.expose(name)
                if step.for_s is not None:
                    engine.at(engine.now + step.for_s, partial(self._hide_all, tuple(step.show)))
            elif isinstance(step, act.Hide):
                self._hide_all(step.hide)
            elif isinstance(step, act.Open):
                deeds.move_door(engine, step.open, 1.0, None)
            elif isinstance(step, act.Close):
                deeds.move_door(engine, step.close, 0.0, None)
            else:
                engine.end(step.end)

    def _hide_all(self, names: Iterable[str]) -> None:
        for name in names:
            self.hide(name)

    def _lights(self, step: act.Lights) -> None:
        engine = self._engine
        level = {"on": 1.0, "off": 0.0}.get(step.lights, step.lights) if isinstance(step.lights, str) else step.lights
        for group, ramp in engine.world.lights.items():
            if step.group in ("all", group):
                ramp.move(engine.now, float(level), LAMP_S)
                engine.emit(ev.LightsChanged(t=engine.now, group=group, level=float(level)))

    def expose(self, name: str) -> None:
        """Turns a target to the shooters."""
        board = self._engine.world.boards[name]
        if board.shown.goal == 0.0:
            board.shown.move(self._engine.now, 1.0, board.spec.turn_s)
            self._engine.emit(ev.TargetExposed(t=self._engine.now, target=name))

    def hide(self, name: str) -> None:
        """Turns a target away."""
        board = self._engine.world.boards[name]
        if board.shown.goal == 1.0:
            board.shown.move(self._engine.now, 0.0, board.spec.turn_s)
            self._engine.emit(ev.TargetHidden(t=self._engine.now, target=name))

    def _programme(self) -> Process:
        """All strings of fire, one after the other. The last shot may come while the board turns away."""
        engine = self._engine
        luck = engine.luck("strings")
        for index, string in enumerate(engine.scenario.strings):
            if index:
                yield Sleep(engine.now + drawn(luck, engine.scenario.pause_s))
            engine.emit(ev.StringAnnounced(t=engine.now, string=string.name))
            yield Sleep(engine.now + drawn(luck, string.delay_s))
            engine.string = string.name
            engine.emit(ev.StringStarted(t=engine.now, string=string.name))
            for turn in range(string.times):
                if turn:
                    yield Sleep(engine.now + drawn(luck, string.away_s))
                for name in string.show:
                    self.expose(name)
                yield Sleep(engine.now + drawn(luck, string.for_s))
                for name in string.show:
                    self.hide(name)
            yield Sleep(engine.now + self._turn_time(string))
            engine.emit(ev.StringEnded(t=engine.now, string=string.name))
            engine.string = None
        engine.strings_done = True
        engine.changed()

    def _turn_time(self, string: FireString) -> float:
        boards = self._engine.world.boards
        return max(boards[name].spec.turn_s for name in string.show)
