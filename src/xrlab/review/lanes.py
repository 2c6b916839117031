"""The time line of a run in columns of text: a lane for each trainee, role player and target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xrlab.review.facts import Facts, Span
from xrlab.review.svg import shortened
from xrlab.sim import events as ev
from xrlab.words import Words

NAMES = 16
"""Letters of a lane's name at most."""

STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)
_LEAST_APART = 8
SHOT, HIT, COMMAND, RELOAD, CLEARED = "!x>=v"


class Lanes:
    """Draws the time line of `facts` in lines of `width` letters."""

    def __init__(self, facts: Facts, words: Words, width: int) -> None:
        self._facts, self._words = facts, words
        names = [*facts.trainees, *facts.scenario.people, *facts.scenario.targets]
        self._left = min(NAMES, max((len(words.name(n)) for n in names), default=0)) + 2
        self._cells = max(20, width - self._left)
        self.end = max(facts.duration, 1.0)

    @property
    def seconds(self) -> float:
        """How long (s) one column is."""
        return self.end / self._cells

    def lines(self) -> Iterator[str]:
        """The lines, the axis first."""
        yield from self._axis()
        for who in self._facts.trainees:
            yield self._line(who, self._marks(who, "·"))
        for who in self._facts.scenario.people:
            yield self._line(who, self._bars(who, self._facts.states.get(who, ())))
            marks = self._marks(who, " ")
            if marks.strip():
                yield self._line("", marks)
        for target in self._facts.scenario.targets:
            yield self._line(target, self._shown(target))

    def _line(self, name: str, content: str) -> str:
        return f"{shortened(self._words.name(name), self._left - 2):<{self._left}}{content}".rstrip()

    def _cell(self, t: float) -> int:
        return min(self._cells - 1, max(0, int(t / self.end * self._cells)))

    def _axis(self) -> Iterator[str]:
        step = next((s for s in STEPS if s / self.seconds >= _LEAST_APART), STEPS[-1])
        row, rule = [" "] * (self._cells + 8), ["─"] * self._cells
        for i in range(int(self.end / step + 1e-9) + 1):
            at = self._cell(i * step)
            rule[at] = "┬"
            row[at : at + 8] = f"{self._words.number(i * step, 1)} s".ljust(8)
        yield " " * self._left + "".join(row).rstrip()
        yield " " * self._left + "".join(rule)

    def _bars(self, who: str, spans: Sequence[Span]) -> str:
        """States as bars with their names, each begun by a stroke."""
        row = [" "] * self._cells
        for span in spans:
            first, last = self._cell(span.t0), self._cell(span.t1)
            name = self._words.state(who, span.what)
            room = last - first
            text = shortened(name, room - 1) if room > 3 else name[: max(0, room - 1)]
            row[first : last + 1] = f"│{text}".ljust(last - first + 1, "─")
        return "".join(row)[: self._cells]

    def _marks(self, who: str, ground: str) -> str:
        row = [ground] * self._cells
        for e in self._facts.events:
            if isinstance(e, ev.ZoneCleared) and e.who == who:
                row[self._cell(e.t)] = CLEARED
            elif isinstance(e, ev.Reloaded) and e.who == who:
                row[self._cell(e.t)] = RELOAD
            elif isinstance(e, ev.VerbalCommand) and e.who == who:
                row[self._cell(e.t)] = COMMAND
        for e in self._facts.events:  # shots and hits over all else
            if isinstance(e, ev.ShotFired) and e.shooter == who:
                row[self._cell(e.t)] = SHOT
            elif isinstance(e, ev.Struck) and e.what == who and e.kind in ("person", "target"):
                row[self._cell(e.t)] = HIT
        return "".join(row)

    def _shown(self, target: str) -> str:
        row = ["·"] * self._cells
        for span in self._facts.exposures.get(target, ()):
            for cell in range(self._cell(span.t0), self._cell(span.t1) + 1):
                row[cell] = "▬"
        for cell, sign in enumerate(self._marks(target, " ")):
            row[cell] = sign if sign.strip() else row[cell]
        return "".join(row)
