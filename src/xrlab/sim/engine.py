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
from typing import Protocol

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
from xrlab.sim.noises import Noises
from xrlab.sim.sighting import Witness
from xrlab.sim.waiting import ANYTHING, Listener, Waiting, Waits
from xrlab.sim.world import Actor, Board, World

Reader = Callable[[ev.Event], None]
LegReader = Callable[[str, float, list[Leg]], None]


class Answers(Protocol):
    """What conditions may ask, and what can change the answer, for each who asks (by name; "" for the director)."""

    def functions(self, self_name: str) -> Mapping[str, Callable[..., object]]:
        """A callable for each function of the condition language."""

    def waits(self, expression: Expression, self_name: str) -> Waits:
        """What can change a condition's value."""


MAX_ROUNDS_AT_ONCE = 200
"""So often may conditions answer to each other without time passing before it counts as an endless loop."""

LAST_ROUNDS = 20
"""Of an endless loop's last rounds it is kept who changes into which state, to be said."""

POLL_S = 0.1
"""So often those are asked whose answer changes as time passes and with no event."""

FOREVER = math.inf
NOTHING_S = 1e-9
_FIRST = 1 << 60


@dataclass(frozen=True, slots=True)
class Sleep:
    """A process yields this to be resumed at `until`, and not before."""

    until: float


@dataclass(frozen=True, slots=True)
class Change:
    """A process yields this to be resumed when any of `on` may have happened, at `until` at the latest."""

    until: float = FOREVER
    on: Waits = ANYTHING


Process = Steps[Sleep | Change, None, None]


class Running:
    """A process under way; `stop` ends it."""

    def __init__(self, steps: Process, name: str, waiting: Waiting, resume: Callable[[Running], None]) -> None:
        self.steps = steps
        self.name = name
        self.waits: Sleep | Change = Change()
        self.done = False
        self.wakes: float = FOREVER
        """When a call that resumes it is due; FOREVER if there is none."""
        self._waiting = waiting
        self._resume = resume
        self.listener = waiting.add(self._changed, late=True)

    def _changed(self) -> None:
        if isinstance(self.waits, Change):
            self._resume(self)

    def stop(self) -> None:
        """Ends the process where it waits."""
        self.over()
        self.steps.close()

    def over(self) -> None:
        """It has come to its end."""
        self.done = True
        self._waiting.drop(self.listener)


class Engine:
    """One run of a scenario in a room.

    readers: called with every event, in order. leg_readers: called with every change of someone's plan
    (name, from when, legs). The world, the ledger and the random streams belong to it alone. exhaustive: everyone
    is asked at every instant, which gives the same events and takes longer.
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
        exhaustive: bool = False,
    ) -> None:
        self.scenario = scenario
        self.name = name
        self.seed = seed
        self.cast = Cast(scenario)
        self.world = World(scenario, room)
        self.ledger = Ledger(self.cast)
        self.witness = Witness(self.world)
        """Says what a trainee who uses force could see."""
        self.now = 0.0
        self.ended = False
        self.noises = Noises()
        """What each has heard last."""
        self.strings_done = not scenario.strings
        self.string: str | None = None
        self.zones_to_clear: tuple[str, ...] = tuple(scenario.clear if scenario.clear is not None else room.zones)
        self.shots_fired = 0
        self.sounds_made = 0
        self.airborne: dict[int, Callable[[], None]] = {}
        """For each bullet in the air, by its shot's number: what looks anew what lies ahead of it."""
        self._lucks: dict[str, Generator] = {}
        self._closing: str | None = None
        self._readers = [self.ledger.read, *readers]
        self._leg_readers = list(leg_readers)
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._counter = 0
        self._processes: dict[Running, None] = {}
        self._waiting = Waiting(exhaustive)
        self._same_instant = 0
        self._lately: list[ev.Event] = []
        self._ending = False
        self._polling = False
        self._answers = answers(self)

    # --- set up -------------------------------------------------------------------------------------

    def add_actor(self, actor: Actor) -> None:
        """Puts someone into the world, before `start`."""
        self.world.actors[actor.name] = actor
        for read in self._leg_readers:
            read(actor.name, 0.0, list(actor.track.legs))

    def add_board(self, board: Board) -> None:
        """Puts a target into the world, before `start`; the way of one on a rail is told to those who read plans."""
        self.world.boards[board.name] = board
        if board.rail:
            for read in self._leg_readers:
                read(board.name, 0.0, list(board.track.legs))

    def watch(self, check: Callable[[], None], waits: Waits) -> Listener:
        """`check` is called once, then whenever what it waits for may have happened, in order of registration."""
        listener = self._waiting.add(check)
        self._listen(listener, waits)
        return listener

    def _listen(self, listener: Listener, waits: Waits) -> None:
        if self._waiting.listen(listener, waits):
            if waits.always and not self._polling:
                self._polling = True
                self._poll()
            for t in sorted(waits.instants):
                if t > self.now:
                    self.at(t, lambda: self._waiting.make_due(listener))

    def _poll(self) -> None:
        """Makes an instant every so often for those whose answer changes as time passes, while there are any."""
        self._polling = self._waiting.polls
        if self._polling:
            self.at((math.floor(self.now / POLL_S + 1e-6) + 1) * POLL_S, self._poll, first=True)

    def ask(self, listener: Listener) -> None:
        """The listener of a `watch` is called when the present instant is settled."""
        self._waiting.make_due(listener)

    def waits(self, *conditions: Expression, self_name: str = "") -> Waits:
        """What may change the value of one of these conditions, seen by `self_name`."""
        return Waits.for_any(self._answers.waits(c, self_name) for c in conditions)

    def functions(self, self_name: str) -> Mapping[str, Callable[..., object]]:
        """What a condition may ask, as `self_name` sees it; a callable for each function of the language."""
        return self._answers.functions(self_name)

    def holds(self, expression: Expression, self_name: str = "") -> bool:
        """Whether a condition holds now, seen by `self_name`."""
        return bool(expression.evaluate(self._answers.functions(self_name)))

    def luck(self, name: str) -> Generator:
        """The random stream of this name."""
        return stream(self.seed, name)

    def lasting_luck(self, name: str) -> Generator:
        """The random stream of this name, going on from where it was left."""
        if name not in self._lucks:
            self._lucks[name] = self.luck(name)
        return self._lucks[name]

    def start(self) -> None:
        """Begins the run at time 0: everyone's first posture, what is exposed, the time limit."""
        self.emit(ev.RunStarted(t=0.0, scenario=self.name, seed=self.seed))
        for actor in self.world.actors.values():
            if not actor.present:
                continue
            self.emit(
                ev.PostureChanged(t=0.0, who=actor.name, pose=actor.pose, holds=actor.holds, danger=actor.is_danger)
            )
        for name, board in self.world.boards.items():
            if board.exposed:
                self.emit(ev.TargetExposed(t=0.0, target=name))
        if self.scenario.ends_when:
            self._watch_end(parse(self.scenario.ends_when, "live"))
        self.at(self.scenario.time_limit_s, lambda: self.end("time"))

    def _watch_end(self, condition: Expression) -> None:

        def check() -> None:
            if not self._ending and self.holds(condition):
                self._ending = True
                self.at(self.now + self.scenario.ends_after_s, lambda: self.end("done"))

        self.watch(check, self.waits(condition))

    # --- time ---------------------------------------------------------------------------------------

    def at(self, t: float, call: Callable[[], None], *, first: bool = False) -> None:
        """`call` is made at `t`; of those for the same instant `first` ones come first, then the first asked for."""
        self._counter += 1
        rounded = quantise_time(t)
        if rounded < t - NOTHING_S:  # never before t, so that whoever waits for t finds it reached
            rounded = quantise_time(rounded + 1e-6)
        heapq.heappush(self._queue, (max(rounded, self.now), self._counter - (_FIRST if first else 0), call))

    def reached(self, t: float) -> bool:
        """Whether it is `t` or later, but for the rounding of sums of seconds."""
        return self.now >= t - NOTHING_S

    def spawn(self, steps: Process, name: str) -> Running:
        """Starts a process now; it runs to its first wait when the present instant is settled."""
        running = Running(steps, name, self._waiting, self._resume)
        self._processes[running] = None
        return running

    def changed(self) -> None:
        """Something has changed that conditions may ask for, though no event tells of it: everyone is asked."""
        self._waiting.tell_all()

    def advance(self, to: float) -> None:
        """Lets everything happen up to and including `to`, and makes that the present."""
        self._settle()
        self._follow()
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
        self._count_rounds(self._same_instant)
        self.now = self._queue[0][0]
        for _ in range(len(self._queue)):  # what is asked for meanwhile, for this same instant, comes in the next round
            if self.ended or self._queue[0][0] > self.now:
                break
            heapq.heappop(self._queue)[2]()
        self._waiting.time_passes()
        self._settle()
        self._follow()

    def _follow(self) -> None:
        """What is in the air meets a world that may have changed."""
        for look in tuple(self.airborne.values()):
            look()

    def _settle(self) -> None:
        """Lets conditions and processes answer to what has happened until nothing more follows."""
        rounds = 0
        while self._waiting.has_due and not self.ended:
            rounds += 1
            self._count_rounds(rounds)
            self._waiting.round()

    def _count_rounds(self, rounds: int) -> None:
        """Raises `InputError` after too many rounds in one instant; of the last ones it is kept what happens."""
        if rounds == MAX_ROUNDS_AT_ONCE - LAST_ROUNDS:
            self._lately.clear()
            if self._lately.append not in self._readers:
                self._readers.append(self._lately.append)
        elif rounds > MAX_ROUNDS_AT_ONCE:
            raise InputError(self._loop_words())
        elif rounds < 2 > self._same_instant and self._lately:
            self._readers.remove(self._lately.append)
            self._lately = []

    def _loop_words(self) -> str:
        turns: dict[str, dict[str, None]] = {}
        for event in self._lately:
            if isinstance(event, ev.StateChanged):
                turns.setdefault(event.who, {})[event.state] = None
        rings = [f"{who} {' -> '.join([*states, next(iter(states))])}" for who, states in turns.items()]
        active = ", ".join(r.name for r in self._processes)
        mend = "give one of these transitions an after_s" if rings else "give what goes on a time"
        return (
            f"the scenario goes round in circles at {self.now:g} s without time passing: "
            f"{'; '.join(rings) or f'active: {active}'}; {mend}"
        )

    def _resume(self, running: Running) -> None:
        try:
            waits = running.waits = next(running.steps)
        except StopIteration:
            running.over()
            self._processes.pop(running, None)
            return
        if isinstance(waits, Change):
            self._listen(running.listener, waits.on)
        if waits.until != running.wakes or self.reached(waits.until):
            running.wakes = waits.until
            if waits.until < FOREVER:
                self.at(waits.until, lambda until=waits.until: self._wake(running, until))  # type: ignore[misc]

    def _wake(self, running: Running, until: float) -> None:
        if running.wakes == until and not running.done:
            running.wakes = FOREVER
            self._resume(running)

    # --- what happens -------------------------------------------------------------------------------

    def emit(self, event: ev.Event) -> None:
        """Says that something has happened; the only way into the stream."""
        for read in self._readers:
            read(event)
        self._waiting.tell(event)

    def plan(self, actor: Actor, legs: list[Leg]) -> None:
        """Gives an actor a new plan from now on."""
        actor.track.plan(self.now, legs)
        self.world.changed(actor.name)
        for read in self._leg_readers:
            read(actor.name, self.now, legs)

    def carry(self, board: Board, legs: list[Leg]) -> None:
        """Gives a target on a rail a new plan from now on."""
        board.track.plan(self.now, legs)
        self.world.targets_version += 1
        for read in self._leg_readers:
            read(board.name, self.now, legs)

    def end(self, reason: str) -> None:
        """Ends the run now; while bullets are in the air, when the last has landed, unless it is interrupted."""
        if self.ended:
            return
        if self.airborne and reason != "interrupted":
            self._closing = self._closing or reason
            return
        self.emit(ev.RunEnded(t=self.now, reason=reason))
        self.ended = True
        for running in self._processes:
            running.stop()

    @property
    def is_closing(self) -> bool:
        """Whether the run only waits for the last bullets to land: nothing is fired any more."""
        return self._closing is not None

    def landed(self, shot: int) -> None:
        """A bullet is in the air no more."""
        self.airborne.pop(shot, None)
        reason = self._closing
        if reason is not None and not self.airborne:
            self.at(self.now, lambda: self.end(reason))  # first others answer to what it met
