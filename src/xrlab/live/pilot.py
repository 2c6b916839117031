"""Keys and mouse of one trainee brought to the engine at the instant they were used.

Knows no window: whoever has one calls `key` when a key goes down or up and `look` when the mouse has moved,
and `catch_up` before each picture. So the same can be driven by a test.
"""

from __future__ import annotations

from collections.abc import Callable

from xrlab.live.clock import RunClock
from xrlab.scenario.functions import COMMANDS
from xrlab.sim.setup import Run
from xrlab.trainee.desktop import DesktopTrainee

STEP_S = 0.05
"""A trainee's way is laid in pieces no longer than this, so that a slow picture leads through no wall."""


class Pilot:
    """Steers the trainee `who` of a run. mouse: how far it has moved (right, down) since it was last asked."""

    def __init__(self, run: Run, who: str, clock: RunClock, mouse: Callable[[], tuple[float, float]]) -> None:
        self.trainee = DesktopTrainee(run, who)
        self._run, self._engine, self._clock, self._mouse = run, run.engine, clock, mouse
        self._down: set[str] = set()
        self.door_refused_at = -1.0
        """When the trainee last tried a door that does not open for them."""
        self._deeds: dict[str, Callable[[], object]] = {
            "mouse_left": self.trainee.trigger,
            "r": self.trainee.reload,
            "q": self.trainee.switch,
            "c": self.trainee.call_out,
            "e": self._use_door,
        }
        for i, command in enumerate(COMMANDS, 1):
            self._deeds[str(i)] = lambda command=command: self.trainee.call_out(command)  # type: ignore[misc]
        for i, inject in enumerate(run.engine.scenario.buttons, 1):
            if i < 12:
                self._deeds[f"f{i}"] = lambda inject=inject: run.director.cue(inject)  # type: ignore[misc]

    def key(self, name: str, down: bool) -> None:
        """A key or button has just gone down or up; what it does happens now."""
        self.catch_up()
        if down:
            self._down.add(name)
        else:
            self._down.discard(name)
        if self._engine.ended or not self._clock.running:
            return
        if name == "mouse_right":
            self.trainee.aim(down)
        elif down and name in self._deeds:
            self._deeds[name]()
        self._engine.advance(self._engine.now)  # what follows from it follows now

    def release(self) -> None:
        """All keys count as up, as when the run is paused."""
        self._down.clear()
        self.trainee.aim(False)

    def catch_up(self) -> None:
        """Brings the trainee and the world to the present."""
        right, down = self._mouse()
        if not self._clock.running:
            return
        now = self._clock.now()
        self.trainee.look(right, down)
        engine = self._engine
        forward = float("w" in self._down) - float("s" in self._down)
        left = float("a" in self._down) - float("d" in self._down)
        while not engine.ended and engine.now < now - 1e-6:
            to = min(now, engine.now + STEP_S)
            self.trainee.move(to, forward, left, fast="shift" in self._down)
            engine.advance(to)

    def _use_door(self) -> None:
        if not self.trainee.use_door() and self.trainee.door_ahead() is not None:
            self.door_refused_at = self._engine.now
