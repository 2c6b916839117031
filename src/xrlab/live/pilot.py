"""Keys and mouse of one trainee brought to the engine at the instant they were used.

Knows no window: whoever has one calls `key` when a key goes down or up, and `catch_up` before each picture. So the
same can be driven by a test.
"""

from __future__ import annotations

from collections.abc import Callable

from xrlab.live.clock import RunClock
from xrlab.live.keys import Keys
from xrlab.scenario.functions import COMMANDS
from xrlab.sim.setup import Run
from xrlab.trainee.desktop import DesktopTrainee

STEP_S = 0.05
"""A trainee's way is laid in pieces no longer than this, so that a slow picture leads through no wall."""


class Pilot:
    """Steers the trainee `who` of a run. mouse: how far it has moved (right, down) since it was last asked."""

    def __init__(
        self,
        run: Run,
        who: str,
        clock: RunClock,
        mouse: Callable[[], tuple[float, float]],
        keys: Keys | None = None,
    ) -> None:
        self.trainee = DesktopTrainee(run, who)
        self._engine, self._clock, self._mouse = run.engine, clock, mouse
        self._keys = keys or Keys()
        self._down: set[str] = set()
        self._resting = False
        self.door_refused_at = -1.0
        """When the trainee last tried a door that does not open for them."""
        self._deeds: dict[str, Callable[[], object]] = {
            "fire": self.trainee.trigger,
            "reload": self.trainee.reload,
            "next_weapon": self.trainee.switch,
            "torch": self.trainee.torch,
            "challenge": self.trainee.call_out,
            "door": self._use_door,
        }
        for command in COMMANDS:
            self._deeds[f"call_{command}"] = lambda command=command: self.trainee.call_out(command)  # type: ignore[misc]

    def key(self, name: str, down: bool) -> None:
        """A key or button has just gone down or up; what it does happens now."""
        self.catch_up()
        if down:
            self._down.add(name)
        else:
            self._down.discard(name)
        if self._engine.ended or self._resting or not self._clock.running:
            return
        action = self._keys.action(name)
        if action == "aim":
            self.trainee.aim(down)
        elif down and action in self._deeds:
            self._deeds[action]()
        else:
            return
        self._engine.advance(self._engine.now)  # what follows from it follows now

    def held(self, action: str) -> bool:
        """Whether a key of this action is down."""
        return any(key in self._down for key in self._keys.of(action))

    def release(self) -> None:
        """All keys count as up, as when the run is paused."""
        self._down.clear()
        self.trainee.aim(False)

    def rest(self, resting: bool) -> None:
        """While the hands rest the trainee stays as they are, whatever the keys do; then what is held counts again."""
        self.catch_up()
        self._resting = resting
        if not resting and self._clock.running and not self._engine.ended:
            self.trainee.aim(self.held("aim"))  # nothing where that is how the weapon is held

    def catch_up(self) -> None:
        """Brings the trainee and the world to the present."""
        right, down = self._mouse()
        if not self._clock.running:
            return
        now = self._clock.now()
        forward = left = 0.0
        if not self._resting:
            self.trainee.look(right, down)
            forward = float(self.held("walk_forward")) - float(self.held("walk_back"))
            left = float(self.held("walk_left")) - float(self.held("walk_right"))
        engine = self._engine
        while not engine.ended and engine.now < now - 1e-6:
            to = min(now, engine.now + STEP_S)
            self.trainee.move(to, forward, left, fast=self.held("run"))
            engine.advance(to)

    def _use_door(self) -> None:
        if not self.trainee.use_door() and self.trainee.door_ahead() is not None:
            self.door_refused_at = self._engine.now
