"""What each key does while a run goes on: to the trainee, to the clock, to the picture.

Knows no window, so the same can be driven by a test. While the picture is not through the trainee's own eyes the keys
and the mouse belong to the camera: the trainee stays as they are, and time goes on unless it is paused.
"""

from __future__ import annotations

from collections.abc import Callable

from xrlab.live.clock import PACES, RunClock
from xrlab.live.keys import INJECTS, Keys
from xrlab.live.pilot import Pilot
from xrlab.live.views import Views
from xrlab.sim.setup import Run

Mouse = Callable[[], tuple[float, float]]


class Controls:
    """The keys and the mouse of one window and one run. who: the window's trainee.

    mouse: how far it has moved (right, down) since it was last asked.
    """

    def __init__(self, run: Run, who: str, clock: RunClock, mouse: Mouse, keys: Keys) -> None:
        self.views = Views(run.engine.world, who)
        self.pilot = Pilot(run, who, clock, self._of_trainee, keys)
        self.keys_shown = self.times_shown = False
        self._run, self._clock, self._mouse, self._keys = run, clock, mouse, keys
        self._turned = (0.0, 0.0)
        self._does: dict[str, Callable[[], object]] = {
            "pause": lambda: self.pause(self._clock.running),
            "slower": lambda: self._change_pace(1),
            "faster": lambda: self._change_pace(-1),
            "own_eyes": self.views.look_own,
            "free_camera": lambda: self.views.fly(self._now),
            "plan": self.views.look_down,
            "previous_person": lambda: self.views.next_person(-1),
            "next_person": lambda: self.views.next_person(1),
            "frame_times": self._show_times,
            "help": self._show_keys,
            "end": lambda: run.engine.end("interrupted"),
        }
        for i, inject in enumerate(list(run.engine.scenario.buttons)[:INJECTS], 1):
            self._does[f"inject_{i}"] = lambda inject=inject: self._cue(inject)  # type: ignore[misc]

    @property
    def _now(self) -> float:
        return self._run.engine.now

    @property
    def mouse_captured(self) -> bool:
        """Whether the mouse is the run's own: not while paused, but for flying about."""
        return self._clock.running or self.views.kind != "eyes"

    def key(self, name: str, down: bool) -> str | None:
        """A key or button has just gone down or up; what it does happens now.

        Returns the action if it is one for the window to do: a key went down that has to do with neither the run nor
        the picture's view.
        """
        action = self._keys.action(name)
        self.pilot.key(name, down)
        if not down or action is None or self._run.engine.ended:
            return None
        do = self._does.get(action)
        if do is None:
            return action
        own = self.views.own
        do()
        if self.views.own != own:
            self.pilot.rest(not self.views.own)
        return None

    def pause(self, paused: bool) -> None:
        """Time stands, or goes on."""
        self.pilot.catch_up()
        if paused and self._clock.running:
            self.pilot.release()
            self._clock.stop()
        elif not paused and not self._clock.running:
            self._clock.start()

    def move_camera(self, seconds: float, tall: int) -> None:
        """Moves the free camera or the plan by what was held and turned since the last picture. tall: in pixels."""
        turned, self._turned = self._turned, (0.0, 0.0)
        if self.views.own:
            return

        def way(action: str, other: str) -> float:
            return float(self.pilot.held(action)) - float(self.pilot.held(other))

        self.views.move(
            seconds, way("walk_forward", "walk_back"), way("walk_left", "walk_right"), way("fly_up", "fly_down"),
            turned, fast=self.pilot.held("run"), tall=tall,
        )  # fmt: skip

    def _of_trainee(self) -> tuple[float, float]:
        """How the mouse moved, for the trainee; what it moved while one looks elsewhere turns the camera."""
        moved = self._mouse()
        if self.views.own:
            return moved
        self._turned = (self._turned[0] + moved[0], self._turned[1] + moved[1])
        return 0.0, 0.0

    def _change_pace(self, by: int) -> None:
        pace = PACES[min(len(PACES) - 1, max(0, PACES.index(self._clock.pace) + by))]
        if pace != self._clock.pace:
            self._clock.change_pace(pace)
            self._run.director.pace(pace)

    def _cue(self, inject: str) -> None:
        if self._clock.running:
            self._run.director.cue(inject)
            self._run.engine.advance(self._now)  # what follows from it follows now

    def _show_keys(self) -> None:
        self.keys_shown = not self.keys_shown

    def _show_times(self) -> None:
        self.times_shown = not self.times_shown


__all__ = ["Controls"]
