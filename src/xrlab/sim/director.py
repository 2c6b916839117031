"""What happens without a role player: strings of fire, timed events, and the instructor's injects."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from xrlab.chance import drawn
from xrlab.scenario import actions as act
from xrlab.scenario.conditions import parse
from xrlab.scenario.model import Happening
from xrlab.sim import deeds, targets
from xrlab.sim import events as ev
from xrlab.sim.programme import programme
from xrlab.sim.surroundings import lamps

if TYPE_CHECKING:
    from xrlab.sim.behaviour import Mind
    from xrlab.sim.engine import Engine


class Director:
    """Runs the scenario's programme and its happenings, and answers the instructor's hand."""

    def __init__(self, engine: Engine, minds: dict[str, Mind]) -> None:
        self._engine = engine
        self._minds = minds
        scenario = engine.scenario
        if scenario.strings:
            engine.spawn(programme(engine), "strings of fire")
        for board in engine.world.boards.values():
            rail = board.spec.rail
            if rail and (rail.starts == "at_start" or (rail.starts == "when_shown" and board.exposed)):
                targets.move(engine, board)
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
            elif isinstance(step, act.Move | act.Stop):
                what = targets.move if isinstance(step, act.Move) else targets.halt
                for name in step.move if isinstance(step, act.Move) else step.stop:
                    what(engine, engine.world.boards[name])
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
        for group in self._engine.world.lights:
            if step.group in ("all", group):
                lamps(self._engine, group, step.lights)

    def expose(self, name: str) -> None:
        """Turns a target to the shooters."""
        targets.expose(self._engine, self._engine.world.boards[name])

    def hide(self, name: str) -> None:
        """Turns a target away."""
        targets.hide(self._engine, self._engine.world.boards[name])
