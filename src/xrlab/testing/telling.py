"""What happened around the moment at which an expectation failed: the lines of the run's story, that one marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from xrlab.recording.reader import Recording
from xrlab.review.facts import Facts
from xrlab.review.story import Line, story
from xrlab.run import VERSION, Session
from xrlab.scenario.library import faces
from xrlab.scoring.result import Result, score
from xrlab.sim import events as ev
from xrlab.words import Words

BEFORE, AFTER = 3, 2
"""So many lines are told before and after the moment."""

MOST_LOOKS = 120
"""So many instants are tried, from the end back, in the search for the moment at which a value left its limit."""

_TELLING = (ev.Struck, ev.ShotFired, ev.StateChanged, ev.PostureChanged, ev.ZoneCleared, ev.VerbalCommand)


class Teller:
    """The story of one finished run, told in English: its readers are designers and CI."""

    def __init__(self, session: Session, result: Result) -> None:
        self._session, self.result = session, result
        scenario = session.loaded.scenario
        self._faces = {t.face: scenario.faces.get(t.face) or faces()[t.face] for t in scenario.targets.values()}
        self._lines: list[Line] | None = None

    @property
    def events(self) -> Sequence[ev.Event]:
        """All that happened."""
        return self._session.events

    def around(self, moment: int | None) -> tuple[str, ...]:
        """The lines around the event of this number, marked with `>`; the last ones for None."""
        lines = self._all()
        if not lines:
            return ()
        words = Words("en")
        at = max((k for k, line in enumerate(lines) if moment is None or line.number <= moment), default=0)
        near = range(max(0, at - BEFORE), min(len(lines), at + AFTER + 1))
        return tuple(
            f"{'>' if k == at and moment is not None else ' '} {words.time(lines[k].t)}  {lines[k].text}" for k in near
        )

    def broke(self, criterion: str, good: Callable[[Any], bool]) -> int | None:
        """Number of the event with which a criterion left what is `good` for the last time; None if none did."""
        events = self.events
        telling = [i for i, e in enumerate(events) if isinstance(e, _TELLING)]
        for index in reversed(telling[-MOST_LOOKS:]):
            row = next(r for r in self._marks(index)["criteria"] if r["id"] == criterion)
            if good(row["value"]):
                return index
        return None

    def _marks(self, count: int) -> Result:
        """The marks of the first events alone."""
        loaded = self._session.loaded
        evidence = replace(self._session.evidence, events=self.events[:count])
        return score(VERSION, loaded.name, self._session.seed, evidence, (), facts=False)

    def _all(self) -> list[Line]:
        if self._lines is None:
            session = self._session
            loaded = session.loaded
            recording = Recording(
                VERSION, loaded.name, session.seed, loaded.scenario, self._faces, {}, session.events, [], {}, True
            )
            self._lines = story(Facts(recording, self.result), Words("en"))
        return self._lines
