"""What criteria count: hits, shots, points, commands, who was stopped, warned or gave up, and the proofs for each."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from xrlab.scoring.decisions import late_stops
from xrlab.scoring.evidence import Proof, View, What
from xrlab.scoring.figures import exact, figure, rounded
from xrlab.scoring.shots import Shot, is_hit
from xrlab.sim import events as ev

Functions = dict[str, Callable[..., Any]]
Proofs = dict[str, Callable[..., list[Proof]]]

OVER_SHOTS: dict[str, Callable[[Sequence[Fraction]], Any]] = {
    "median": statistics.median, "mean": statistics.mean, "best": min, "worst": max,
}  # fmt: skip


def functions(view: View) -> Functions:
    """One callable for each function of the language that is answered here."""
    counts = _Counts(view)
    ledger, shots = view.ledger, view.shots
    return {
        "hits": ledger.hits,
        "shots": ledger.shots,
        "hits_no_danger": ledger.hits_no_danger,
        "commands": ledger.commands,
        "hits_taken": ledger.hits_taken,
        "stopped": ledger.stopped,
        "down": ledger.down,
        "cleared": lambda zone: ledger.cleared_share(zone, counts.zones),
        "points": counts.points,
        "points_share": counts.points_share,
        "accuracy": lambda: Fraction(len(counts.good), len(shots)) if shots else None,
        "misses": lambda: sum(s.target is None for s in shots),
        "extra_rounds": lambda: len(counts.extra_rounds()),
        "late_shots": lambda: sum(s.late for s in shots),
        "crossfire": lambda: sum(s.crossfire for s in shots),
        "duration": lambda: view.ends,
        **{name: _over(view, reckon) for name, reckon in OVER_SHOTS.items()},
        "surrendered": lambda who: len(counts.surrendered(who)),
        "warned": counts.warned,
    }


def proofs(view: View) -> Proofs:
    """What speaks for the values of `functions`; for shares and what should have happened, what was missing."""
    counts = _Counts(view)
    ledger, shots, ends = view.ledger, view.shots, view.ends

    def struck(who: str, zone: str | None = None) -> list[Proof]:
        names, boards = view.cast.select(who), set(view.cast.targets)
        return [
            Proof(e.t, "hit", e.what, e.shot)
            for e in view.events
            if isinstance(e, ev.Struck) and e.what in names and e.kind in ("person", "target")
            and e.shooter in view.cast.trainees
            and (e.zone == zone if zone is not None else e.zone is not None or e.what not in boards)
        ]  # fmt: skip

    def taken(who: str) -> list[Proof]:
        names = view.cast.select(who)
        return [
            Proof(e.t, "hit_taken", e.what, e.shot)
            for e in view.events
            if isinstance(e, ev.Struck) and e.what in names and e.shooter not in view.cast.trainees
        ] + [
            Proof(e.t, "blow_taken", e.whom)
            for e in view.events
            if isinstance(e, ev.BlowLanded) and e.whom in names and e.who not in view.cast.trainees
        ]

    def undue(who: str) -> list[Proof]:
        names = view.cast.select(who)
        return [Proof(e.t, "hit_no_danger", e.what, e.shot) for e in ledger.undue if e.what in names]

    def not_stopped(who: str) -> list[Proof]:
        names = view.cast.select(who)
        return [Proof(ends, "not_stopped", n) for n in names if n in ledger.was_danger and ledger.danger[n]]

    def not_cleared(zone: str) -> list[Proof]:
        zones = counts.zones if zone == "all" else (zone,)
        return [Proof(ends, "not_cleared", z) for z in zones if z not in ledger.cleared]

    def not_warned(who: str = "all") -> list[Proof]:
        return [Proof(t, "not_warned", name) for name, (t, heard) in counts.first_hits(who).items() if not heard]

    def of_shots(what: What, which: Callable[[Shot], bool]) -> Callable[[], list[Proof]]:
        return lambda: [Proof(s.t, what, s.trainee, s.number) for s in shots if which(s)]

    return {
        "hits": struck, "hits_taken": taken, "hits_no_danger": undue, "stopped": not_stopped, "cleared": not_cleared,
        "points": counts.points_lost, "points_share": counts.points_lost,
        "accuracy": of_shots("miss", lambda s: not is_hit(s, view.cast)),
        "misses": of_shots("miss", lambda s: s.target is None),
        "extra_rounds": lambda: [Proof(s.t, "extra_round", s.trainee, s.number) for s in counts.extra_rounds()],
        "late_shots": of_shots("late_shot", lambda s: s.late),
        "crossfire": of_shots("crossfire", lambda s: s.crossfire),
        "duration": lambda: [Proof(ends, "ended", "", -1, ends)],
        "surrendered": lambda who: [
            Proof(ends, "not_surrendered", n) for n in view.cast.select(who) if n not in counts.surrendered(who)
        ],
        "warned": not_warned,
        **dict.fromkeys(OVER_SHOTS, lambda measure: measured(view, measure)),
    }  # fmt: skip


def measured(view: View, measure: What) -> list[Proof]:
    """A measure of the language with every value that it has: of shots, or of uses of force."""
    if measure == "late_stop_s":
        return late_stops(view)
    with_it = [(s, v) for s in view.shots if (v := getattr(s, measure)) is not None]
    return [Proof(s.t, measure, s.trainee, s.number, v) for s, v in with_it]


def _over(view: View, reckon: Callable[[Sequence[Fraction]], Any]) -> Callable[[What], Any]:
    def over(measure: What) -> Any:
        values = [exact(p.value) for p in measured(view, measure) if p.value is not None]
        return reckon(values) if values else None

    return over


class _Counts:
    """What is counted for one view."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._scenario, self._cast, self._shots, self._ledger = view.scenario, view.cast, view.shots, view.ledger
        self.good = [s for s in self._shots if is_hit(s, self._cast)]
        """Shots that hit a target's scoring zone or a threat."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that were to be cleared."""
        if self._scenario.clear is not None:
            return tuple(self._scenario.clear)
        events = self._view.evidence.events
        return tuple(sorted({e.zone for e in events if isinstance(e, ev.ZoneCleared | ev.ZoneEntered)}))

    def points(self) -> Fraction:
        """Sum of points; of each string the best shots, as many as it allows rounds, plus all penalties."""
        allowed = {s.name: s.rounds for s in self._scenario.strings}
        total = Fraction(0)
        for trainee in self._scenario.trainees:
            for string in [None, *allowed]:
                mine = (s for s in self._shots if s.string == string and s.trainee == trainee)
                marks = sorted((exact(s.points) for s in mine), reverse=True)
                limit = allowed.get(string) if string else None
                total += sum([m for m in marks if m > 0][:limit]) + sum(m for m in marks if m < 0)
        return total

    def points_share(self) -> Fraction | None:
        """`points` as a share of the most that the strings' rounds could earn; not below 0."""
        most = Fraction(0)
        for string in self._scenario.strings:
            for who in self._shooters(string.show):
                most += self._best(string.lane(who)) * (string.rounds or string.times * len(string.lane(who)))
        return max(Fraction(0), self.points() / most) if most else None

    def _shooters(self, show: Iterable[str]) -> list[str]:
        """Whose points a string may earn: of its lanes those of this view; else who fired at all, one at least."""
        if isinstance(show, dict):
            return [who for who in show if who in self._view.who]
        return sorted({s.trainee for s in self._shots}) or [""]

    def _best(self, targets: Iterable[str]) -> Fraction:
        """The most that one shot at these targets earns."""
        specs = [self._scenario.targets[n] for n in targets]
        best = [exact(z.points) for t in specs for z in self._view.evidence.faces[t.face].zones]
        return max([Fraction(0), *best])

    def points_lost(self) -> list[Proof]:
        """The shots in strings that earned less than the best zone of their targets, and the rounds not fired."""
        out = []
        for string in self._scenario.strings:
            mine = [s for s in self._shots if s.string == string.name]
            out += [
                Proof(s.t, "points_lost", s.target or s.trainee, s.number, s.points)
                for s in mine
                if exact(s.points) < self._best(string.lane(s.trainee))
            ]
            for who in self._shooters(string.show):
                left = (string.rounds or 0) - sum(s.trainee == who for s in mine)
                if left > 0:
                    ended = [
                        e.t for e in self._view.events if isinstance(e, ev.StringEnded) and e.string == string.name
                    ]
                    out.append(Proof(ended[0] if ended else self._view.ends, "rounds_not_fired", who, -1, left))
        return out

    def extra_rounds(self) -> list[Shot]:
        """Shots beyond what the strings allow, and shots outside any string where there are strings."""
        extra: list[Shot] = []
        for trainee in self._scenario.trainees:
            mine = [s for s in self._shots if s.trainee == trainee]
            for string in self._scenario.strings:
                if string.rounds:
                    extra += [s for s in mine if s.string == string.name][string.rounds :]
            if self._scenario.strings:
                extra += [s for s in mine if s.string is None]
        return extra

    def surrendered(self, who: str) -> list[str]:
        """Who gave up and was not hit: hands visible, nothing held, not down."""
        last = {e.who: e for e in self._view.evidence.events if isinstance(e, ev.PostureChanged)}
        out = []
        for name in self._cast.select(who):
            posture = last.get(name)
            gave_up = posture is not None and posture.pose in ("hands_up", "kneeling", "lying") and not posture.danger
            if gave_up and self._ledger.state.get(name) != "down" and not self._ledger.hits_on.get(name):
                out.append(name)
        return out

    def first_hits(self, who: str = "all") -> dict[str, tuple[float, bool]]:
        """Of these who were hit by trainees: when first, and whether they had heard a command before."""
        trainees = set(self._cast.trainees)
        asked = set(self._cast.select(who)) - trainees
        heard: set[str] = set()
        first: dict[str, tuple[float, bool]] = {}
        for e in self._view.events:
            if isinstance(e, ev.VerbalCommand):
                heard |= set(e.heard_by)
            elif isinstance(e, ev.Struck) and e.kind == "person" and e.shooter in trainees and e.what in asked:
                first.setdefault(e.what, (e.t, e.what in heard))
        return first

    def warned(self, who: str = "all") -> Fraction | None:
        """Share of these who were hit by trainees that had heard a command before their first hit."""
        first = self.first_hits(who)
        return Fraction(sum(heard for _, heard in first.values()), len(first)) if first else None


def metrics(view: View, who: str) -> dict[str, Any]:
    """Figures of one trainee that stand beside the marks. view: of that trainee alone."""
    counts, ledger, shots = _Counts(view), view.ledger, view.shots
    own = [e for e in view.evidence.events if getattr(e, "who", None) == who]
    median = _over(view, statistics.median)

    return {
        "shots": len(shots),
        "hits": len(counts.good),
        "points": rounded(counts.points()),
        "accuracy": figure(Fraction(len(counts.good), len(shots))) if shots else None,
        "no_shoot_hits": ledger.hits("no_shoot"),
        "own_side_hits": ledger.hits("trainee"),
        "hits_taken": ledger.hits_taken(who),
        "misses": sum(s.target is None for s in shots),
        "reaction_s": figure(median("reaction_s")),
        "split_s": figure(median("split_s")),
        "commands": sum(isinstance(e, ev.VerbalCommand) for e in own),
        "reloads": sum(isinstance(e, ev.Reloaded) for e in own),
        "zones_cleared": sum(isinstance(e, ev.ZoneCleared) for e in own),
    }
