"""The discrete-event engine: a queue of what happens next, and processes that wait for time or change.

Headless, `run` jumps from event to event; before people's eyes, `advance` brings the same engine to now.
Whatever happens goes through `emit`, once, and every reader gets the same ordered stream.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Generator as Steps
from dataclasses import dataclass

from numpy.random import Generator

from xrlab.chance import stream
from xrlab.errors import InputError
from xrlab.geometry.paths import Leg
from xrlab.geometry.transforms import quantise_time
from xrlab.room.model import Room
from xrlab.scenario.cast import Cast
from xrlab.scenario.conditions import Expression, parse
from xrlab.scenario.model import Scenario
from xrlab.sim import events as ev
from xrlab.sim.ledger import Ledger
from xrlab.sim.world import Actor, World

Reader = Callable[[ev.Event], None]
LegReader = Callable[[str, float, list[Leg]], None]
Answers = Callable[[str], Mapping[str, Callable[..., object]]]
"""What a condition may ask, for each who asks."""

MAX_ROUNDS_AT_ONCE = 200
"""So often may conditions answer to each other without time passing before it counts as an endless loop."""

FOREVER = math.inf
NOTHING_S = 1e-9


POLLED = frozenset({"time", "aimed_at_by", "door_open"})
"""Functions of conditions whose answer changes though nothing happens."""


def polls(expression: Expression | None) -> bool:
    """Whether a condition must be asked as time passes; others change only by events."""
    return expression is not None and not POLLED.isdisjoint(expression.calls)


@dataclass(frozen=True, slots=True)
class Sleep:
    """A process yields this to be resumed at `until`, and not before."""

    until: float


@dataclass(frozen=True, slots=True)
class Change:
    """A process yields this to be resumed when anything has happened, at `until` at the latest."""

    until: float = FOREVER


Process = Steps[Sleep | Change, None, None]


class Running:
    """A process under way; `stop` ends it. polls: it waits for what changes as time passes, with no event."""

    def __init__(self, steps: Process, name: str, polls: bool = False) -> None:
        self.steps = steps
        self.name = name
        self.polls = polls
        self.waits: Sleep | Change | None = None
        self.done = False
        self.serial = 0

    def stop(self) -> None:
        """Ends the process where it waits."""
        self.done = True
        self.steps.close()


class Engine:
    """One run of a scenario in a room.

    readers: called with every event, in order. leg_readers: called with every change of someone's plan
    (name, from when, legs). The world, the ledger and the random streams belong to it alone.
    """

    def __init__(
        self,
        scenario: Scenario,
        room: Room,
        seed: int,
        *,
        name: str = "",
        readers: Iterable[Reader] = (),
        leg_readers: Iterable[LegReader] = (),
        answers: Callable[[Engine], Answers],
    ) -> None:
        self.scenario = scenario
        self.name = name
        self.seed = seed
        self.cast = Cast(scenario)
        self.world = World(scenario, room)
        self.ledger = Ledger(self.cast)
        self.now = 0.0
        self.ended = False
        self.commands: list[ev.VerbalCommand] = []
        self.sounds: dict[tuple[str, str], float] = {}
        self.strings_done = not scenario.strings
        self.string: str | None = None
        self.zones_to_clear: tuple[str, ...] = tuple(scenario.clear if scenario.clear is not None else room.zones)
        self.shots_fired = 0
        self._readers = [self.ledger.read, *readers]
        self._leg_readers = list(leg_readers)
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._counter = 0
        self._processes: list[Running] = []
        self._watchers: list[Callable[[bool], None]] = []
        self._same_instant = 0
        self._changed = False
        self._ticked = False
        self._ending = False
        self._answers = answers(self)

    # --- set up -------------------------------------------------------------------------------------

    def add_actor(self, actor: Actor) -> None:
        """Puts someone into the world, before `start`."""
        self.world.actors[actor.name] = actor
        for read in self._leg_readers:
            read(actor.name, 0.0, list(actor.track.legs))

    def watch(self, check: Callable[[bool], None]) -> None:
        """`check` is called whenever something may have changed, in the order of registration.

        It is told whether anything has happened; if not, only time has passed, and only conditions that
        `polls` need be asked.
        """
        self._watchers.append(check)

    def holds(self, expression: Expression, self_name: str = "") -> bool:
        """Whether a condition holds now, seen by `self_name`."""
        return bool(expression.evaluate(self._answers(self_name)))

    def luck(self, name: str) -> Generator:
        """The random stream of this name."""
        return stream(self.seed, name)

    def start(self) -> None:
        """Begins the run at time 0: everyone's first posture, what is exposed, the time limit."""
        self.emit(ev.RunStarted(t=0.0, scenario=self.name, seed=self.seed))
        for actor in self.world.actors.values():
            self.emit(
                ev.PostureChanged(t=0.0, who=actor.name, pose=actor.pose, holds=actor.holds, danger=actor.is_danger)
            )
        for name, board in self.world.boards.items():
            if board.shown.at(0.0) == 1.0:
                self.emit(ev.TargetExposed(t=0.0, target=name))
        if self.scenario.ends_when:
            self._watch_end(parse(self.scenario.ends_when, "live"))
        self.at(self.scenario.time_limit_s, lambda: self.end("time"))

    def _watch_end(self, condition: Expression) -> None:
        asks = polls(condition)

        def check(happened: bool) -> None:
            if (happened or asks) and not self._ending and self.holds(condition):
                self._ending = True
                self.at(self.now + self.scenario.ends_after_s, lambda: self.end("done"))

        self.watch(check)

    def time_passes(self) -> None:
        """To be called at a steady pace: conditions on time, aim and doors are asked though no event tells of them."""
        self._ticked = True

    # --- time ---------------------------------------------------------------------------------------

    def at(self, t: float, call: Callable[[], None]) -> None:
        """`call` is made at `t`; among calls for the same instant the first asked for comes first."""
        self._counter += 1
        rounded = quantise_time(t)
        if rounded < t - NOTHING_S:  # never before t, so that whoever waits for t finds it reached
            rounded = quantise_time(rounded + 1e-6)
        heapq.heappush(self._queue, (max(rounded, self.now), self._counter, call))

    def reached(self, t: float) -> bool:
        """Whether it is `t` or later, but for the rounding of sums of seconds."""
        return self.now >= t - NOTHING_S

    def spawn(self, steps: Process, name: str, *, polls: bool = False) -> Running:
        """Starts a process now; it runs to its first wait when the present instant is settled.

        polls: it is also resumed as time passes, at a steady pace, where it waits for a change.
        """
        running = Running(steps, name, polls)
        self._processes.append(running)
        running.waits = Change(self.now)
        self._changed = True
        return running

    def changed(self) -> None:
        """Something has changed that conditions may ask for, though no event tells of it."""
        self._changed = True

    def advance(self, to: float) -> None:
        """Lets everything happen up to and including `to`, and makes that the present."""
        self._settle()
        while not self.ended and self._queue and self._queue[0][0] <= to:
            self._instant()
        if not self.ended:
            self.now = max(self.now, quantise_time(to))

    def run(self) -> None:
        """Lets everything happen until the run has ended."""
        while not self.ended:
            self.step()

    def step(self) -> None:
        """Lets the next instant happen."""
        self._settle()
        if not self.ended:
            self._instant()

    def _instant(self) -> None:
        self._same_instant = self._same_instant + 1 if self._queue[0][0] == self.now else 0
        if self._same_instant > MAX_ROUNDS_AT_ONCE:
            raise InputError(self._loop_words())
        self.now = self._queue[0][0]
        for _ in range(len(self._queue)):  # what is asked for meanwhile, for this same instant, comes in the next round
            if self.ended or self._queue[0][0] > self.now:
                break
            heapq.heappop(self._queue)[2]()
        self._settle()

    def _settle(self) -> None:
        """Lets conditions and processes answer to what has happened until nothing more follows."""
        rounds = 0
        while (self._changed or self._ticked) and not self.ended:
            rounds += 1
            if rounds > MAX_ROUNDS_AT_ONCE:
                raise InputError(self._loop_words())
            happened = self._changed
            self._changed = self._ticked = False
            for check in self._watchers:
                check(happened)
            for running in tuple(self._processes):
                if isinstance(running.waits, Change) and not running.done and (happened or running.polls):
                    self._resume(running)
            self._processes = [r for r in self._processes if not r.done]

    def _loop_words(self) -> str:
        states = ", ".join(f"{who} ({state})" for who, state in self.ledger.state.items())
        return (
            f"the scenario goes round in circles at {self.now:g} s without time passing: "
            f"states {states or 'none'}; active: {', '.join(r.name for r in self._processes)}; "
            "give one of the transitions an after_s"
        )

    def _resume(self, running: Running) -> None:
        running.serial += 1
        serial = running.serial
        try:
            running.waits = next(running.steps)
        except StopIteration:
            running.done = True
            return
        until = running.waits.until
        if until < FOREVER:

            def wake() -> None:
                if running.serial == serial and not running.done:
                    self._resume(running)

            self.at(until, wake)

    # --- what happens -------------------------------------------------------------------------------

    def emit(self, event: ev.Event) -> None:
        """Says that something has happened; the only way into the stream."""
        self._changed = True
        for read in self._readers:
            read(event)

    def plan(self, actor: Actor, legs: list[Leg]) -> None:
        """Gives an actor a new plan from now on."""
        actor.track.plan(self.now, legs)
        self.world.changed()
        for read in self._leg_readers:
            read(actor.name, self.now, legs)

    def end(self, reason: str) -> None:
        """Ends the run now."""
        if self.ended:
            return
        self.emit(ev.RunEnded(t=self.now, reason=reason))
        self.ended = True
        for running in self._processes:
            running.stop()
