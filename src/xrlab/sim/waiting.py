"""Who waits for what: an event is passed on to those alone whose answer it may change.

Conditions and processes are *listeners*. Each says once what can change its answer (`Waits`); an event makes the
listeners due that wait for its type, or for its type with a certain value in a field. Who is due is asked in
rounds, in the order in which they came: who becomes due in a round and has not had their turn is asked in the same
round, all others in the next. So the answers are those that one would get by asking everyone in every round, and the
cost is that of what happens, not of how many there are who might care.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from xrlab.sim import events as ev

Trigger = tuple[type[ev.Event], str, str]
"""A type of event, one of its fields, and the value the field must have; field and value "" for every such event."""

_LATE = 1 << 40


@dataclass(frozen=True, eq=False, slots=True)
class Waits:
    """What may change an answer: these events, these instants (s), any event, or that time passes at all."""

    on: frozenset[Trigger] = frozenset()
    instants: frozenset[float] = frozenset()
    anything: bool = False
    always: bool = False

    @classmethod
    def for_any(cls, many: Iterable[Waits]) -> Waits:
        """For whatever one of these waits for."""
        every = tuple(many)
        return cls(
            frozenset().union(*(w.on for w in every)),
            frozenset().union(*(w.instants for w in every)),
            any(w.anything for w in every),
            any(w.always for w in every),
        )


ANYTHING = Waits(anything=True)


class Listener:
    """Someone who is asked when something that they wait for has happened."""

    __slots__ = ("answer", "due", "heard", "order")

    def __init__(self, answer: Callable[[], None], order: int) -> None:
        self.answer = answer
        self.order = order
        self.due = False
        self.heard: set[Waits] = set()


class Waiting:
    """All listeners of an engine.

    exhaustive: everyone is due whenever anything has happened; slow, and the same answers.
    """

    def __init__(self, exhaustive: bool = False) -> None:
        self._exhaustive = exhaustive
        self._listeners: dict[int, Listener] = {}
        self._routes: dict[type[ev.Event], dict[str, dict[str, dict[Listener, None]]]] = {}
        self._anything: dict[Listener, None] = {}
        self._always: dict[Listener, None] = {}
        self._count = 0
        self._due: list[int] = []
        self._next: list[int] = []
        # in a round: whose turn it is, and from which order on listeners are too new for this round
        self._turn = -1
        self._end: float = math.inf

    def add(self, answer: Callable[[], None], *, late: bool = False) -> Listener:
        """A new listener, due at once; the late ones are asked after all others."""
        self._count += 1
        listener = Listener(answer, self._count + (_LATE if late else 0))
        self._listeners[listener.order] = listener
        self.make_due(listener)
        return listener

    def listen(self, listener: Listener, waits: Waits) -> bool:
        """From now on these events make the listener due, too; False if they did before."""
        if waits in listener.heard:
            return False
        listener.heard.add(waits)
        for kind, field, value in waits.on:
            self._routes.setdefault(kind, {}).setdefault(field, {}).setdefault(value, {})[listener] = None
        if waits.anything:
            self._anything[listener] = None
        if waits.always:
            self._always[listener] = self._anything[listener] = None
        return True

    def drop(self, listener: Listener) -> None:
        """The listener is not asked again."""
        self._listeners.pop(listener.order, None)
        for waits in listener.heard:
            for kind, field, value in waits.on:
                self._routes[kind][field][value].pop(listener, None)
        self._anything.pop(listener, None)
        self._always.pop(listener, None)

    def make_due(self, listener: Listener) -> None:
        """The listener is asked at its next turn."""
        if listener.due:
            return
        listener.due = True
        if self._turn < listener.order < self._end:
            heapq.heappush(self._due, listener.order)
        else:
            self._next.append(listener.order)

    def tell(self, event: ev.Event) -> None:
        """Makes those due who wait for this event."""
        if self._exhaustive:
            return self.tell_all()
        routes = self._routes.get(type(event))
        if routes:
            for field, by_value in routes.items():
                for listener in by_value.get(getattr(event, field) if field else "", ()):
                    self.make_due(listener)
        for listener in self._anything:
            self.make_due(listener)
        return None

    def tell_all(self) -> None:
        """Makes everyone due: something has changed that no event tells of."""
        for listener in self._listeners.values():
            self.make_due(listener)

    def time_passes(self) -> None:
        """Makes those due whose answer changes with time alone."""
        if self._exhaustive:
            return self.tell_all()
        for listener in self._always:
            self.make_due(listener)
        return None

    @property
    def has_due(self) -> bool:
        """Whether there is anyone to be asked."""
        return bool(self._due)

    @property
    def polls(self) -> bool:
        """Whether anyone's answer changes with time alone."""
        return bool(self._always)

    def round(self) -> None:
        """Asks everyone who is due, in order; who is due after that comes in the next round."""
        due = self._due
        while due:
            order = heapq.heappop(due)
            listener = self._listeners.get(order)
            if listener is None:
                continue
            if order >= _LATE and self._end == math.inf:
                self._end = self._count + _LATE + 1  # what is begun by these is asked in the next round
            self._turn = order
            listener.due = False
            listener.answer()
        self._turn, self._end = -1, math.inf
        for order in self._next:
            heapq.heappush(due, order)
        self._next.clear()
