"""From the event stream to scored strings: who fired what at which targets, by the rule that the scenario names.

A string of fire is scored by its own rules, else by the scenario's; one without either is not scored here. A scenario
that has rules and no strings is one course from its start to its end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from xrlab.geometry.ramps import Ramp
from xrlab.scenario.model import FireString, Scenario
from xrlab.scenario.rules import IdpaRules, IpscRules, IssfRules, Rules
from xrlab.scoring.evidence import Evidence, Proof, View
from xrlab.scoring.figures import exact, shown
from xrlab.scoring.rules import idpa, ipsc, issf, zones
from xrlab.scoring.rules.calibre import diameter
from xrlab.scoring.rules.course import Card, Course, Fired, Impact, Mark, Ruling
from xrlab.scoring.rules.holes import Hole, holds_middle
from xrlab.sim import events as ev

SOFT = ("paper", "cardboard", "fabric", "curtain", "leaves", "glass", "railing")
"""Materials of what only hides a target: shots through it score. All else is hard cover."""

LONGEST_S, FARTHEST_M = 86_400.0, 10.0
"""Times beyond a day and hits farther from a board's middle than any board is wide are not believed."""

Functions = dict[str, Callable[..., Any]]
Proofs = dict[str, Callable[..., list[Proof]]]


def rules_of(scenario: Scenario, string: FireString | None) -> Rules | None:
    """By which rules a string is scored, or for None the run as a whole; None if by none."""
    return (string.rules if string else None) or scenario.rules


def cards(evidence: Evidence, who: Iterable[str]) -> list[Card]:
    """The scored strings of some trainees, string by string; of shots outside all strings a card without points."""
    scenario = evidence.scenario
    tape = _Tape(evidence)
    out = []
    strings: list[FireString | None] = [*scenario.strings] or [None]
    ruled = [s for s in strings if rules_of(scenario, s)]
    for string in ruled:
        rules = rules_of(scenario, string)
        assert rules is not None
        for trainee in who:
            course = tape.course(trainee, string)
            if course.marks:
                out.append(_score(course, rules))
    if ruled and scenario.strings:
        out += [card for trainee in who if (card := tape.outside(trainee)) is not None]
    return out


def _score(course: Course, rules: Rules) -> Card:
    if isinstance(rules, IssfRules):
        return issf.score(course, rules)
    if isinstance(rules, IpscRules):
        return ipsc.score(course, rules)
    if isinstance(rules, IdpaRules):
        return idpa.score(course, rules)
    return zones.score(course, rules)


@dataclass
class _Shot:
    """A shot as the events tell it."""

    fired: ev.ShotFired
    struck: list[ev.Struck] = field(default_factory=list)
    felled: set[str] = field(default_factory=set)


def _believed(number: float, most: float) -> bool:
    """Whether a number of a recording, which may come from a stranger, is one that can be."""
    return math.isfinite(number) and abs(number) <= most


def _on_board(struck: ev.Struck) -> bool:
    return struck.local is not None and all(_believed(n, FARTHEST_M) for n in struck.local)


class _Tape:
    """The shots of a run, and what else rules ask: signals, times, and how boards stood."""

    def __init__(self, evidence: Evidence) -> None:
        self._scenario, self._faces = evidence.scenario, evidence.faces
        self._shots: dict[int, _Shot] = {}
        self._latest: dict[str, int] = {}
        self._starts: dict[str | None, float] = {None: 0.0}
        self._signals: dict[str, float] = {}
        self._string: str | None = None
        fixed = {name for name, t in self._scenario.targets.items() if t.motion in ("fixed", "falling")}
        self._boards = {name: Ramp(1.0 if name in fixed else 0.0) for name in self._scenario.targets}
        trainees = frozenset(evidence.cast.trainees)
        for event in evidence.events:
            self._read(event, trainees)

    def _read(self, e: ev.Event, trainees: frozenset[str]) -> None:
        if not _believed(e.t, LONGEST_S):
            return
        if isinstance(e, ev.ShotFired):
            if e.shooter in trainees and math.isfinite(e.yaw):
                self._shots[e.shot] = _Shot(e)
        elif isinstance(e, ev.Struck):
            shot = self._shots.get(e.shot)
            if shot is not None and e.kind in ("target", "wall", "door"):
                shot.struck.append(e)
                if e.kind == "target":
                    self._latest[e.what] = e.shot
        elif isinstance(e, ev.TargetFell):
            shot = self._shots.get(self._latest.get(e.target, -1))
            if shot is not None:
                shot.felled.add(e.target)
        elif isinstance(e, ev.StringStarted):
            self._string = e.string
            self._starts[e.string] = e.t
        elif isinstance(e, ev.StringEnded):
            self._string = None
        elif isinstance(e, ev.StartSignal):
            self._signals[e.string] = e.t
        elif isinstance(e, ev.TargetExposed | ev.TargetHidden):
            self._turned(e)

    def _turned(self, e: ev.TargetExposed | ev.TargetHidden) -> None:
        shows = isinstance(e, ev.TargetExposed)
        if shows and self._string is not None:
            self._signals.setdefault(self._string, e.t)
        spec = self._scenario.targets.get(e.target)
        if spec is not None and spec.motion == "turning":
            self._boards[e.target].move(e.t, 1.0 if shows else 0.0, spec.turn_s)

    def course(self, trainee: str, string: FireString | None) -> Course:
        """A trainee's course in a string, or in the run as a whole."""
        name = string.name if string else None
        lane = string.lane(trainee) if string else tuple(self._scenario.targets)
        began = self._starts.get(name)
        signal = began if name is None else self._signals.get(name, began)
        par = None if string is None or string.par_s is None or began is None else exact(began) + exact(string.par_s)
        marks = {n: self._mark(n, string) for n in self._scenario.targets}
        shots = [
            s for s in self._shots.values() if s.fired.shooter == trainee and (not string or s.fired.string == name)
        ]
        return Course(
            trainee, name, tuple(marks[n] for n in lane if n in marks), tuple(self._fired(s, marks) for s in shots),
            None if signal is None else exact(signal), par, string.rounds if string else None,
            string.times if string else 1,
        )  # fmt: skip

    def outside(self, trainee: str) -> Card | None:
        """The shots that a trainee fired in no string, which count for nothing; None if there are none."""
        shots = [s for s in self._shots.values() if s.fired.shooter == trainee and s.fired.string is None]
        if not shots:
            return None
        marks = {n: self._mark(n, None) for n in self._scenario.targets}
        fired = tuple(self._fired(s, marks) for s in shots)
        rulings = tuple(
            Ruling(f.shot, f.t, f.impacts[0].mark.name if f.impacts else None, "outside_string", "", Fraction(0))
            for f in fired
        )
        nought = Fraction(0)
        return Card(Course(trainee, None, (), fired), "", rulings, points=nought, most=nought)

    def _mark(self, name: str, string: FireString | None) -> Mark:
        spec = self._scenario.targets[name]
        vanishes = string is not None and string.for_s is not None and spec.motion in ("turning", "popping")
        return Mark(name, self._faces[spec.face], spec.role == "no_shoot", spec.reaction == "fall", vanishes)

    def _fired(self, shot: _Shot, marks: dict[str, Mark]) -> Fired:
        covered = False
        impacts = []
        hole = diameter(shot.fired.weapon, shot.fired.load)
        for struck in shot.struck:
            if struck.kind == "target" and struck.what in marks and _on_board(struck):
                impacts.append(self._impact(shot, struck, marks[struck.what], hole, covered))
            elif struck.kind != "target":
                covered = covered or struck.material not in SOFT
        return Fired(shot.fired.shot, exact(shot.fired.t), tuple(impacts))

    def _impact(self, shot: _Shot, struck: ev.Struck, mark: Mark, across: int, covered: bool) -> Impact:
        assert struck.local is not None
        at = (round(struck.local[0] * 1e6), round(struck.local[1] * 1e6))
        spec = self._scenario.targets[struck.what]
        away = 1.0 - self._boards[struck.what].at(struck.t)
        hole = Hole(at, across)
        front = struck.zone is not None
        if not front and holds_middle(mark.face.zones, hole) is None:  # beside all zones its edge may still touch one
            looks = math.radians(spec.yaw_deg) + away * math.pi / 2
            front = math.cos(shot.fired.yaw - looks) < 0
        turned = Fraction(round(away * 1_000_000), 1_000_000)
        return Impact(mark, hole, front, turned, covered, struck.what in shot.felled)


# --- what criteria ask --------------------------------------------------------------------------------------------


class _Scored:
    """The cards of a view, reckoned when somebody asks."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._cards: list[Card] | None = None

    def __call__(self, string: str | None = None) -> list[Card]:
        """The cards of all strings, or of one."""
        if self._cards is None:
            self._cards = cards(self._view.evidence, self._view.who)
        return [c for c in self._cards if string is None or c.course.string == string]

    def each(self, string: str | None) -> list[list[Card]]:
        """The same trainee by trainee."""
        found = self(string)
        return [mine for who in self._view.who if (mine := [c for c in found if c.course.trainee == who])]


def functions(view: View) -> Functions:
    """One callable for each function of the language that is answered here."""
    scored = _Scored(view)

    def rule_points(string: str | None = None) -> Fraction | None:
        found = [c.points for c in scored(string) if c.points is not None]
        return sum(found, Fraction(0)) if found else None

    def rule_share(string: str | None = None) -> Fraction | None:
        found = [c for c in scored(string) if c.points is not None and c.most]
        most = sum((c.most or Fraction(0) for c in found), Fraction(0))
        return sum((c.points or Fraction(0) for c in found), Fraction(0)) / most if most else None

    def hit_factor(string: str | None = None) -> Fraction | None:
        return _mean([_factor(mine) for mine in scored.each(string)])

    def time_plus(string: str | None = None) -> Fraction | None:
        return _mean([_total(mine) for mine in scored.each(string)])

    def inner_tens(string: str | None = None) -> int:
        return sum(c.inner for c in scored(string))

    return {
        "rule_points": rule_points, "rule_share": rule_share, "hit_factor": hit_factor, "time_plus": time_plus,
        "inner_tens": inner_tens,
    }  # fmt: skip


def _mean(values: Sequence[Fraction | None]) -> Fraction | None:
    known = [v for v in values if v is not None]
    return sum(known, Fraction(0)) / len(known) if known and len(known) == len(values) else None


def _factor(mine: Sequence[Card]) -> Fraction | None:
    """Points of all strings with a hit factor over their times; 0 if nobody fired, None if no string has one."""
    found = [c for c in mine if c.hit_factor is not None]
    time = sum((c.time or Fraction(0) for c in found), Fraction(0))
    points = sum((c.points or Fraction(0) for c in found), Fraction(0))
    return (points / time if time else Fraction(0)) if found else None


def _total(mine: Sequence[Card]) -> Fraction | None:
    """Seconds of all strings scored by time; None if one of them was not fired."""
    found = [c.total_s for c in mine if c.down is not None]
    if not found or any(total is None for total in found):
        return None
    return sum((total for total in found if total is not None), Fraction(0))


def proofs(view: View) -> Proofs:
    """What took points or added time: the shots that earned less than the most, and every penalty."""
    scored = _Scored(view)

    def lost(string: str | None = None) -> list[Proof]:
        out = []
        for card in scored(string):
            who = card.course.trainee
            best = max((r.value for r in card.rulings if r.value is not None), default=Fraction(0))
            best = {"issf": Fraction(10), "ipsc": Fraction(5), "idpa": Fraction(0)}.get(card.rule, best)
            out += [
                Proof(float(r.t), "points_lost", r.target or who, r.shot, shown(r.value))
                for r in card.rulings
                if r.value is None or r.value < best
            ]
            ends = max((float(s.t) for s in card.course.shots), default=view.ends)
            out += [Proof(ends, "rule_penalty", who, -1, shown(p.total)) for p in card.penalties]
        return out

    return dict.fromkeys(("rule_points", "rule_share", "hit_factor", "time_plus", "inner_tens"), lost)


# --- what the result shows ----------------------------------------------------------------------------------------


def section(evidence: Evidence) -> dict[str, Any] | None:
    """The scored strings for `result.json`, and who stands before whom; None where the scenario names no rules."""
    scenario = evidence.scenario
    if scenario.rules is None and not any(s.rules for s in scenario.strings):
        return None
    found = cards(evidence, evidence.cast.trainees)
    return {"strings": [card.as_dict() for card in found], "ranking": ranking(found, evidence.cast.trainees)}


def ranking(found: Sequence[Card], trainees: Sequence[str]) -> list[dict[str, Any]]:
    """Trainees from the first to the last; who can't be told apart has the same rank.

    Each with what decided: "points", "hit_factor" (stage points), "time" or, between equal totals by the ISSF's rules,
    "countback".
    """
    rows = []
    for who in trainees:
        mine = [c for c in found if c.course.trainee == who and c.rule]
        if mine:
            rows.append((who, *_standing(mine, found)))
    rows.sort(key=lambda row: row[2], reverse=True)
    out: list[dict[str, Any]] = []
    for place, (who, total, key, by) in enumerate(rows):
        tied = place > 0 and key == rows[place - 1][2]
        near = [rows[k] for k in (place - 1, place + 1) if 0 <= k < len(rows)]
        decided = by == "points" and any(row[1] == total and row[2] != key for row in near)
        rank = out[-1]["rank"] if tied else place + 1
        out.append({"trainee": who, "rank": rank, "total": shown(total), "by": "countback" if decided else by})
    return out


def _standing(mine: Sequence[Card], found: Sequence[Card]) -> tuple[Fraction, tuple[Any, ...], str]:
    """A trainee's total, what is compared (the greater the better), and by what. Of several rules that of most counts
    in this order: time plus, hit factor, points."""
    if any(c.rule == "idpa" for c in mine):
        total = _total(mine)
        return total or Fraction(0), (total is not None, -(total or Fraction(0))), "time"
    if any(c.rule == "ipsc" for c in mine):
        total = Fraction(0)
        for card in mine:
            same = [c for c in found if c.course.string == card.course.string and c.rule == "ipsc"]
            total += ipsc.stage_points(same).get(card.course.trainee, Fraction(0)) if card.rule == "ipsc" else 0
        return total, (total,), "hit_factor"
    total = sum((c.points or Fraction(0) for c in mine), Fraction(0))
    in_order = [shot for c in mine if c.rule == "issf" for shot in c.in_order]
    return total, (total, *issf.countback(in_order)), "points"
