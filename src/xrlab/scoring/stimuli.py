"""What called for a shot, and which shot answered it: one row for each stimulus of each trainee.

A stimulus is a target that begins to turn to the shooters, the signal that starts a string of fire on targets that
stand already, or a person who is a danger and comes into the trainee's view, or becomes one in it. In a string with
lanes a trainee's own targets alone are stimuli.

`scoring.shots` finds out which shot answered it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Literal

from xrlab.scenario.cast import Cast
from xrlab.scenario.model import FireString, Scenario
from xrlab.sim import events as ev

LATE_S = 0.5
"""A shot that came so late after its stimulus was over was still meant for it: fingers take time to stop."""
BRIEF_S = 0.31
"""A stimulus that was over sooner could not be answered: the mean time from a light to a trigger pulled, weapon in hand
(W. J. Lewinski and B. Hudson, 2003, 102 officers, as forcescience.org gives it; not checked at the source)."""

LONGEST_S = 1e9
"""Times beyond are not believed: a recording may come from a stranger."""

Kind = Literal["target", "signal", "person"]


def elapsed(since: float, until: float) -> float:
    """Seconds from one instant to another, to the microsecond."""
    return round(max(-LONGEST_S, min(LONGEST_S, until - since)), 6)


@dataclass
class Stimulus:
    """One stimulus of one trainee. what: target, person or string.

    until: when it was over, None at the run's end. over: how: "gone" from view or turned away, "stopped": a danger that
    is none any more, a target that fell.
    shot, answered: number and time of the shot that answered it. first: whether nothing was fired between the two, so
    that the time is one of reaction. subjects: whom or what a shot must meet to answer it.
    """

    who: str
    t: float
    kind: Kind
    what: str
    string: str | None = None
    until: float | None = None
    over: Literal["gone", "stopped"] | None = None
    shot: int | None = None
    answered: float | None = None
    first: bool = False
    subjects: tuple[str, ...] = field(default=(), repr=False)

    @property
    def after_s(self) -> float | None:
        """Seconds to the shot that answered it."""
        return None if self.answered is None else elapsed(self.t, self.answered)

    @property
    def counts(self) -> bool:
        """Whether it was answered, or should have been: it was there for long enough, and nobody else saw to it."""
        brief = self.until is not None and self.until - self.t < BRIEF_S
        return self.shot is not None or not (brief or self.over == "stopped")

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `result.json`."""
        return {
            "t": self.t, "kind": self.kind, "what": self.what, "string": self.string,
            "until": self.until, "over": self.over,
            "shot": self.shot, "answered_t": self.answered,
            "after_s": self.after_s, "reaction_s": self.after_s if self.first else None,
        }  # fmt: skip


class StimulusReader:
    """Gathers the stimuli from the events, in order."""

    def __init__(self, scenario: Scenario, cast: Cast) -> None:
        self.rows: list[Stimulus] = []
        self._trainees = cast.trainees
        self._to_shoot = frozenset(cast.groups["target"])
        self._standing = frozenset(n for n, t in scenario.targets.items() if t.motion in ("fixed", "falling"))
        """Targets that stand from the start of the run, which call for nothing by that."""
        self._began = 0.0
        self._strings = {s.name: s for s in scenario.strings}
        self._string: FireString | None = None
        self._open: dict[str, dict[str, Stimulus]] = defaultdict(dict)
        """The stimulus of each trainee that is not over, by target, person or string."""
        self._danger: set[str] = set()
        self._seen_by: dict[str, set[str]] = defaultdict(set)

    def read(self, e: ev.Event) -> None:
        """Takes one event into account."""
        if isinstance(e, ev.TargetExposed):
            self._exposed(e)
        elif isinstance(e, ev.TargetHidden):
            self._over(e.target, e.t)
        elif isinstance(e, ev.TargetFell):
            self._over(e.target, e.t, how="stopped")
        elif isinstance(e, ev.StringStarted):
            self._string = self._strings.get(e.string)
        elif isinstance(e, ev.StringEnded):
            self._over(e.string, e.t)
            self._string = None
        elif isinstance(e, ev.StartSignal):
            self._signal(e)
        elif isinstance(e, ev.PostureChanged | ev.Seen | ev.Lost):
            self._person(e)
        elif isinstance(e, ev.RunStarted):
            self._began = e.t

    def _add(self, who: str, t: float, kind: Kind, what: str, subjects: tuple[str, ...]) -> None:
        row = Stimulus(who, t, kind, what, self._string.name if self._string else None, subjects=subjects)
        self.rows.append(row)
        self._over(what, t, who)
        self._open[what][who] = row

    def _over(self, what: str, t: float, who: str | None = None, how: Literal["gone", "stopped"] = "gone") -> None:
        rows = self._open[what]
        for name in list(rows) if who is None else [who]:
            row = rows.pop(name, None)
            if row is not None:
                row.until, row.over = t, how

    def _exposed(self, e: ev.TargetExposed) -> None:
        if e.target not in self._to_shoot or (e.t <= self._began and e.target in self._standing):
            return
        string = self._string
        for who in self._trainees:
            if string is None or e.target not in string.targets or e.target in string.lane(who):
                if string is not None:
                    self._take_back(who, string.name, e.t)
                self._add(who, e.t, "target", e.target, (e.target,))

    def _take_back(self, who: str, string: str, t: float) -> None:
        """A signal at which targets turn is no stimulus beside theirs."""
        row = self._open[string].get(who)
        if row is not None and row.t == t:
            del self._open[string][who]
            self.rows.pop(next(at for at in range(len(self.rows) - 1, -1, -1) if self.rows[at] is row))

    def _signal(self, e: ev.StartSignal) -> None:
        string = self._string
        for who in self._trainees:
            lane = string.lane(who) if string else ()
            shown = any((row := self._open[name].get(who)) is not None and row.t == e.t for name in lane)
            if (string is None or lane) and not shown:
                self._add(who, e.t, "signal", e.string, tuple(n for n in lane if n in self._to_shoot))

    def _person(self, e: ev.PostureChanged | ev.Seen | ev.Lost) -> None:
        if isinstance(e, ev.PostureChanged):
            if e.danger and e.who not in self._danger:
                for who in self._trainees:
                    if who in self._seen_by[e.who]:
                        self._add(who, e.t, "person", e.who, (e.who,))
            elif not e.danger:
                self._over(e.who, e.t, how="stopped")
            (self._danger.add if e.danger else self._danger.discard)(e.who)
        elif isinstance(e, ev.Seen):
            if e.who in self._trainees and e.whom in self._danger and e.who not in self._seen_by[e.whom]:
                self._add(e.who, e.t, "person", e.whom, (e.whom,))
            self._seen_by[e.whom].add(e.who)
        else:
            self._seen_by[e.whom].discard(e.who)
            self._over(e.whom, e.t, e.who)
