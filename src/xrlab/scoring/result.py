"""From the event stream to `result.json`: criteria, marks, verdict, and what is to be discussed.

Everything is reckoned from the scenario as drawn and the events alone, so the same result comes from a
live run and, later, from its recording.
"""

from __future__ import annotations

import json
import operator
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from xrlab.scenario.cast import Cast
from xrlab.scenario.conditions import parse
from xrlab.scenario.model import Criterion, Face, Scenario
from xrlab.scoring.shots import Shot, shots_of
from xrlab.sim import events as ev
from xrlab.sim.ledger import Ledger

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip


class Result(dict[str, Any]):
    """The content of `result.json`, as the contract in docs/result.md lists it."""

    @property
    def passed(self) -> bool:
        """Whether the run reached the pass mark and met every limit."""
        return bool(self["passed"])

    @property
    def score(self) -> float:
        """Points reached."""
        return float(self["score"])

    @property
    def events_sha256(self) -> str:
        """Digest over the events."""
        return str(self["events_sha256"])

    def to_json(self) -> str:
        """The exact text of `result.json`."""
        return json.dumps(self, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def score(
    version: str,
    name: str,
    seed: int,
    scenario: Scenario,
    faces: Mapping[str, Face],
    events: Sequence[ev.Event],
    encoded: Iterable[bytes],
    *,
    drawn: Mapping[str, Any] = MappingProxyType({}),
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> Result:
    """The result of a run. A run without its end, or ended by an interrupt, is partial and not passed.

    drawn, settings: what the seed drew and what was set by hand, by path, for the result to say.
    """
    shots = shots_of(scenario, faces, events)
    together = _Marks(scenario, faces, shots, events, None)
    alone = {who: _Marks(scenario, faces, shots, events, (who,)) for who in scenario.trainees}
    criteria, shares = [], []
    for key, criterion in scenario.scoring.criteria.items():
        members = tuple(scenario.teams[criterion.of].trainees if criterion.of else scenario.trainees)
        marks = _Marks(scenario, faces, shots, events, members) if criterion.of else together
        row, earned = _criterion(key, criterion, scenario.scoring.pass_at, marks, {w: alone[w] for w in members})
        criteria.append(row)
        shares.append((criterion.points, earned))
    total = round(sum(row["points"] for row in criteria), 4)
    most = round(sum(row["max_points"] for row in criteria), 4)
    end = events[-1] if events else None
    reason = end.reason if isinstance(end, ev.RunEnded) else "killed"
    partial = reason in ("killed", "interrupted")
    enough = total >= most * scenario.scoring.pass_at / 100 - 1e-9
    limits = all(row["passed"] for row in criteria if row["limit"] is not None)
    return Result(
        xrlab=version, scenario=name, title=dict(scenario.title), seed=seed, drawn=dict(drawn), set=dict(settings),
        duration_s=end.t if end else 0.0, ended=reason, partial=partial,
        passed=enough and limits and not partial,
        score=total, max_score=most, pass_at=scenario.scoring.pass_at,
        events_sha256=ev.digest(encoded),
        teams=[{"id": name, **_own(shares, team.trainees)} for name, team in scenario.teams.items()],
        trainees=[
            {"id": who, "team": team, **_own(shares, [who]), "metrics": alone[who].metrics(who)}
            for who, team in scenario.trainees.items()
        ],
        criteria=criteria,
        shots=[s.as_dict() for s in shots],
        to_discuss=_to_discuss(scenario, events),
    )  # fmt: skip


def _own(shares: Sequence[tuple[float, Mapping[str, float]]], who: Sequence[str]) -> dict[str, float]:
    """Points of some trainees, on average, in the criteria that count for them, and what they could have had."""
    mine = [(most, [earned[w] for w in who]) for most, earned in shares if who[0] in earned]
    return {
        "score": round(sum(sum(points) / len(points) for _, points in mine), 4),
        "max_score": round(sum(most for most, _ in mine), 4),
    }


def _criterion(
    key: str, c: Criterion, pass_at: float, team: _Marks, alone: Mapping[str, _Marks]
) -> tuple[dict[str, Any], dict[str, float]]:
    """One row of the result, and the points in it of each trainee whom it concerns."""
    expression = parse(c.value, "score")
    if c.each:
        values = {who: expression.evaluate(marks.functions()) for who, marks in alone.items()}
        points = {who: _points(c, v) for who, v in values.items()}
        known = [float(v) for v in values.values() if v is not None]
        value = sum(known) / len(known) if known else None
        earned = sum(points.values()) / len(points)
    else:
        value = expression.evaluate(team.functions())
        earned = _points(c, value)
        points = dict.fromkeys(alone, earned)
    if isinstance(value, bool):
        value = float(value)
    value = None if value is None else round(float(value), 6)
    if c.must_be is not None:
        sign = c.must_be.rstrip("-.0123456789 ")
        passed = value is not None and _COMPARE[sign](value, float(c.must_be[len(sign) :]))
    else:
        passed = earned >= c.points * pass_at / 100 - 1e-9
    shown = int(value) if value is not None and value == int(value) else value
    row = {
        "id": key, "title": dict(c.title) if c.title else None, "of": c.of, "value": shown, "limit": c.must_be,
        "passed": passed, "share": expression.is_share,
        "points": round(earned, 4), "max_points": c.points,
    }  # fmt: skip
    return row, points


def _points(c: Criterion, value: float | bool | None) -> float:
    """Points of a value: all at `full_at`, none at `none_at`, evenly between; for no value as `if_none` says."""
    if value is None:
        return c.points if c.if_none == "full" else 0.0
    full, none = 1.0 if c.full_at is None else c.full_at, c.none_at or 0.0
    share = (float(value) - none) / (full - none)
    return round(c.points * min(1.0, max(0.0, share)), 4)


class _Marks:
    """The functions that criteria ask, over all trainees (None) or some."""

    def __init__(
        self,
        scenario: Scenario,
        faces: Mapping[str, Face],
        shots: list[Shot],
        events: Sequence[ev.Event],
        who: Sequence[str] | None,
    ) -> None:
        self._scenario, self._faces, self._events, self._who = scenario, faces, events, who
        self._cast = Cast(scenario)
        self._shots = [s for s in shots if who is None or s.trainee in who]
        self._ledger = Ledger(self._cast)
        others = set() if who is None else set(self._cast.trainees).difference(who)
        for event in events:
            if others and getattr(event, "shooter", None) in others:
                continue
            self._ledger.read(event)
        self._zones = self._zones_asked()

    def _zones_asked(self) -> tuple[str, ...]:
        if self._scenario.clear is not None:
            return tuple(self._scenario.clear)
        return tuple(sorted({e.zone for e in self._events if isinstance(e, ev.ZoneCleared | ev.ZoneEntered)}))

    def functions(self) -> dict[str, Callable[..., Any]]:
        """One callable for each function of the language that has a meaning in a mark."""
        ledger = self._ledger
        return {
            "hits": ledger.hits,
            "shots": ledger.shots,
            "hits_no_danger": ledger.hits_no_danger,
            "commands": ledger.commands,
            "hits_taken": ledger.hits_taken,
            "stopped": ledger.stopped,
            "down": ledger.down,
            "cleared": lambda zone: ledger.cleared_share(zone, self._zones),
            "points": self.points,
            "points_share": self.points_share,
            "accuracy": lambda: len(self._good()) / len(self._shots) if self._shots else None,
            "misses": lambda: sum(s.target is None for s in self._shots),
            "extra_rounds": self.extra_rounds,
            "late_shots": lambda: sum(s.late for s in self._shots),
            "crossfire": lambda: sum(s.crossfire for s in self._shots),
            "duration": lambda: self._events[-1].t if self._events else 0.0,
            "median": lambda m: self._over(m, statistics.median),
            "mean": lambda m: self._over(m, statistics.fmean),
            "best": lambda m: self._over(m, min),
            "worst": lambda m: self._over(m, max),
            "surrendered": self.surrendered,
            "warned": self.warned,
        }

    def _over(self, measure: str, of: Callable[[list[float]], float]) -> float | None:
        values = [v for s in self._shots if (v := getattr(s, measure)) is not None]
        return round(of(values), 6) if values else None

    def _good(self) -> list[Shot]:
        wanted = {*self._cast.groups["target"], *self._cast.groups["threat"]}
        targets = set(self._cast.targets)
        return [s for s in self._shots if s.target in wanted and (s.zone is not None or s.target not in targets)]

    def points(self) -> float:
        """Sum of points; of each string the best shots, as many as it allows rounds, plus all penalties."""
        allowed = {s.name: s.rounds for s in self._scenario.strings}
        total = 0.0
        for trainee in self._scenario.trainees:
            for string in [None, *allowed]:
                marks = sorted(
                    (s.points for s in self._shots if s.string == string and s.trainee == trainee), reverse=True
                )
                earned = [m for m in marks if m > 0]
                limit = allowed.get(string) if string else None
                total += sum(earned[:limit]) + sum(m for m in marks if m < 0)
        return round(total, 4)

    def points_share(self) -> float | None:
        """`points` as a share of the most that the strings' rounds could earn; not below 0."""
        shooters = {s.trainee for s in self._shots} or {""}
        most = 0.0
        for string in self._scenario.strings:
            in_lanes = isinstance(string.show, dict)
            for who in string.show if isinstance(string.show, dict) else shooters:
                if not in_lanes or self._who is None or who in self._who:
                    targets = [self._scenario.targets[n] for n in string.lane(who)]
                    best = max(z.points for t in targets for z in self._faces[t.face].zones)
                    most += max(best, 0.0) * (string.rounds or string.times * len(targets))
        return max(0.0, self.points() / most) if most else None

    def extra_rounds(self) -> int:
        """Shots beyond what the strings allow, and shots outside any string where there are strings."""
        extra = 0
        for trainee in self._scenario.trainees:
            mine = [s for s in self._shots if s.trainee == trainee]
            for string in self._scenario.strings:
                fired = sum(s.string == string.name for s in mine)
                extra += max(0, fired - string.rounds) if string.rounds else 0
            if self._scenario.strings:
                extra += sum(s.string is None for s in mine)
        return extra

    def surrendered(self, who: str) -> int:
        """How many gave up and were not hit: hands visible, nothing held, not down."""
        last = {e.who: e for e in self._events if isinstance(e, ev.PostureChanged)}
        count = 0
        for name in self._cast.select(who):
            posture = last.get(name)
            gave_up = posture is not None and posture.pose in ("hands_up", "kneeling", "lying") and not posture.danger
            count += gave_up and self._ledger.state.get(name) != "down" and not self._ledger.hits_on.get(name)
        return count

    def warned(self) -> float | None:
        """Share of the people hit by trainees who had heard a command before their first hit."""
        heard: set[str] = set()
        first: dict[str, bool] = {}
        trainees = set(self._cast.trainees)
        for e in self._events:
            if isinstance(e, ev.VerbalCommand):
                heard |= set(e.heard_by)
            elif isinstance(e, ev.Struck) and e.kind == "person" and e.shooter in trainees and e.what not in trainees:
                first.setdefault(e.what, e.what in heard)
        return sum(first.values()) / len(first) if first else None

    def metrics(self, who: str) -> dict[str, Any]:
        """Figures of one trainee that stand beside the marks."""
        ledger, shots = self._ledger, self._shots
        own = [e for e in self._events if getattr(e, "who", None) == who]
        return {
            "shots": len(shots),
            "hits": len(self._good()),
            "points": self.points(),
            "accuracy": round(len(self._good()) / len(shots), 6) if shots else None,
            "no_shoot_hits": ledger.hits("no_shoot"),
            "own_side_hits": ledger.hits("trainee"),
            "hits_taken": ledger.hits_taken(who),
            "misses": sum(s.target is None for s in shots),
            "reaction_s": self._over("reaction_s", statistics.median),
            "split_s": self._over("split_s", statistics.median),
            "commands": sum(isinstance(e, ev.VerbalCommand) for e in own),
            "reloads": sum(isinstance(e, ev.Reloaded) for e in own),
            "zones_cleared": sum(isinstance(e, ev.ZoneCleared) for e in own),
        }


def _to_discuss(scenario: Scenario, events: Sequence[ev.Event]) -> list[dict[str, Any]]:
    """Hits by trainees on people who were no danger at that instant: facts for the group, no verdict."""
    cast = Cast(scenario)
    danger: dict[str, bool] = {}
    out = []
    for e in events:
        if isinstance(e, ev.PostureChanged):
            danger[e.who] = e.danger
        elif isinstance(e, ev.Struck) and e.shooter in cast.trainees and e.kind in ("person", "target"):
            if e.what in cast.trainees:
                what = "own_side_hit"
            elif e.what in cast.groups["no_shoot"]:
                what = "no_shoot_hit"
            elif e.kind == "person" and not danger.get(e.what, False):
                what = "hit_on_no_danger"
            else:
                continue
            if e.kind == "person" or e.zone is not None:
                out.append({"t": e.t, "trainee": e.shooter, "what": what, "who": e.what, "shot": e.shot})
    return out
