"""Events of a scenario: what happens by itself at a time, on a condition or after so many shots."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xrlab.chance import drawn
from xrlab.scenario.conditions import Expression, parse
from xrlab.scenario.model import Happening

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine


class Awaited:
    """One event of the scenario, waiting for its cause. happen: does what it does."""

    def __init__(self, engine: Engine, name: str, spec: Happening, happen: Callable[[], None]) -> None:
        self._engine, self._spec, self._happen = engine, spec, happen
        self._luck = engine.luck(f"event:{name}")
        self._left = spec.times
        self._held = False
        self._waits_until = 0.0
        if spec.at_s is not None:
            engine.at(drawn(self._luck, spec.at_s), self._at_time)
            return
        text = spec.when if spec.when is not None else f"shots() >= {spec.after_shots}"
        self._condition: Expression = parse(text, "live")
        engine.watch(self._check, engine.waits(self._condition))

    def _at_time(self) -> None:
        self._cause()
        if self._left and self._spec.every_s is not None:
            self._engine.at(self._engine.now + drawn(self._luck, self._spec.every_s), self._at_time)

    def _check(self) -> None:
        if not self._left or not self._engine.reached(self._waits_until):
            return
        held, self._held = self._held, self._engine.holds(self._condition)
        if self._held and not held:
            self._cause()
            if self._left and self._spec.every_s is not None:
                self._held = False  # it counts again after the pause, if it still holds then
                self._waits_until = self._engine.now + drawn(self._luck, self._spec.every_s)
                self._engine.at(self._waits_until, self._check)

    def _cause(self) -> None:
        """The cause is there: it happens, if its chance comes up, after its delay."""
        self._left -= 1
        spec = self._spec
        if spec.chance < 1.0 and float(self._luck.random()) >= spec.chance:
            return
        delay = drawn(self._luck, spec.after_s)
        if delay > 0.0:
            self._engine.at(self._engine.now + delay, self._happen)
        else:
            self._happen()
