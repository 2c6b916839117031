"""Criteria and their points: expressions over what is counted and measured, reckoned in exact fractions.

Whatever enters a mark enters as the decimal that it is written as, and sums are fractions, so that no mark depends on
the order of a sum or on the machine. Only what is shown at the end is rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from xrlab.scenario.closures import COMPARE
from xrlab.scenario.conditions import Expression, parse
from xrlab.scenario.model import Cap, Criterion
from xrlab.scoring import counting, decisions, marksmanship, means, passing, recognition, rules, tactics
from xrlab.scoring.evidence import Evidence, Proof, View
from xrlab.scoring.figures import exact, rounded, shown

MOST_PROOFS = 50
"""So many proofs of a criterion stand in the result at most."""

_READERS = (counting, decisions, means, marksmanship, passing, recognition, rules, tactics)
"""The modules that answer functions of the language; each has `functions(view)` and `proofs(view)`."""


class Answers:
    """What criteria may ask of one view: answers, as exact fractions, and proofs."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._functions: dict[str, Callable[..., Any]] = {}
        self._proofs: dict[str, Callable[..., list[Proof]]] = {}
        for reader in _READERS:
            self._functions |= {name: _exactly(answer) for name, answer in reader.functions(view).items()}
            self._proofs |= reader.proofs(view)

    def value(self, expression: Expression) -> Any:
        """An expression's value: a fraction, a truth, or None where there is no such value."""
        return expression.evaluate(self._functions)

    def proofs(self, expression: Expression) -> list[Proof]:
        """What speaks for the value, in order of time, none twice."""
        found = {
            proof
            for name, arguments in expression.asks
            if name in self._proofs
            for proof in self._proofs[name](*arguments)
        }
        return sorted(found, key=lambda proof: proof.place)


def _exactly(answer: Callable[..., Any]) -> Callable[..., Any]:
    def asked(*arguments: str) -> Any:
        value = answer(*arguments)
        if isinstance(value, bool | str) or value is None:
            return value
        return value if isinstance(value, Fraction) else exact(value)

    return asked


@dataclass(frozen=True)
class Marked:
    """One criterion: its row of the result, its points to be had, and those earned, by trainee."""

    row: dict[str, Any]
    most: Fraction
    points: Fraction
    earned: Mapping[str, Fraction]


class Marks:
    """All criteria of a run."""

    def __init__(self, evidence: Evidence) -> None:
        scoring = evidence.scenario.scoring
        self.alone = {who: Answers(View(evidence, (who,))) for who in evidence.scenario.trainees}
        self._together = Answers(View(evidence))
        self._evidence = evidence
        self.criteria = [self._marked(key, c, scoring.pass_at) for key, c in scoring.criteria.items()]
        self.most = sum((m.most for m in self.criteria), Fraction(0))
        self.caps = [row for n, cap in enumerate(scoring.caps) if (row := self._capped(n, cap)) is not None]
        self.total = min([sum((m.points for m in self.criteria), Fraction(0)), *(self._ceiling(c) for c in self.caps)])
        self.passed = self.total >= self.most * exact(scoring.pass_at) / 100 and all(
            m.row["passed"] for m in self.criteria if m.row["limit"] is not None
        )

    def of(self, who: Sequence[str]) -> dict[str, float]:
        """Points of some trainees, on average, in the criteria that count for them, and what they could have had."""
        mine = [m for m in self.criteria if who[0] in m.earned]
        points = sum((m.earned[w] for m in mine for w in who), Fraction(0)) / len(who)
        most = sum((m.most for m in mine), Fraction(0))
        ceilings = (most * exact(cap["at_most"]) / 100 for cap in self.caps)
        return {"score": rounded(min([points, *ceilings])), "max_score": rounded(most)}

    def _marked(self, key: str, c: Criterion, pass_at: float) -> Marked:
        expression = parse(c.value, "score")
        team = self._evidence.scenario.teams[c.of].trainees if c.of else list(self.alone)
        answers = Answers(View(self._evidence, team)) if c.of else self._together
        most = exact(c.points)
        if c.each:
            values = {who: _number(self.alone[who].value(expression)) for who in team}
            earned = {who: _points(c, v) for who, v in values.items()}
            known = [v for v in values.values() if v is not None]
            value = sum(known, Fraction(0)) / len(known) if known else None
            points = sum(earned.values(), Fraction(0)) / len(earned)
        else:
            value = _number(answers.value(expression))
            points = _points(c, value)
            earned = dict.fromkeys(team, points)
        if c.must_be is not None:
            sign = c.must_be.rstrip("-.0123456789 ")
            passed = value is not None and COMPARE[sign](value, Fraction(c.must_be[len(sign) :].strip()))
        else:
            passed = points >= most * exact(pass_at) / 100
        failed = c.must_be is not None and not passed
        proofs = answers.proofs(expression) if points < most or failed else []
        if not proofs and (points < most or failed):
            proofs = [Proof(self._evidence.ends, "did_not_happen")]
        row = {
            "id": key, "title": dict(c.title) if c.title else None, "of": c.of, "value": shown(value, 6),
            "limit": c.must_be, "passed": passed, "share": expression.is_share,
            "points": rounded(points), "max_points": c.points, "evidence": [p.as_dict() for p in proofs[:MOST_PROOFS]],
        }  # fmt: skip
        return Marked(row, most, points, earned)

    def _capped(self, number: int, cap: Cap) -> dict[str, Any] | None:
        """The row of a cap that holds; None for one that does not."""
        expression = parse(cap.when, "score")
        if not self._together.value(expression):
            return None
        return {
            "cap": number, "title": dict(cap.title) if cap.title else None, "when": cap.when, "at_most": cap.at_most,
            "evidence": [p.as_dict() for p in self._together.proofs(expression)[:MOST_PROOFS]],
        }  # fmt: skip

    def _ceiling(self, cap: Mapping[str, Any]) -> Fraction:
        return self.most * exact(cap["at_most"]) / 100


def _number(value: Any) -> Fraction | None:
    return Fraction(int(value)) if isinstance(value, bool) else value


def _points(c: Criterion, value: Fraction | None) -> Fraction:
    """Points of a value: all at `full_at`, none at `none_at`, evenly between; for no value as `if_none` says."""
    most = exact(c.points)
    if value is None:
        return most if c.if_none == "full" else Fraction(0)
    full, none = exact(1.0 if c.full_at is None else c.full_at), exact(c.none_at or 0.0)
    return most * min(Fraction(1), max(Fraction(0), (value - none) / (full - none)))
