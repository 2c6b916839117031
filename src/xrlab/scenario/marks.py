"""Whether a scenario's marks can be earned: points, limits and the pass mark, from what values can ever be."""

from __future__ import annotations

from collections.abc import Iterator

from xrlab.document import Document, Loc
from xrlab.errors import Problem
from xrlab.scenario.conditions import Expression, ExpressionError, parse
from xrlab.scenario.facts import Beforehand
from xrlab.scenario.functions import SHARES
from xrlab.scenario.logic import ALWAYS, NEVER, Span, Values, calls, values_of, within
from xrlab.scenario.model import Cap, Criterion

FEWER_IS_BETTER = (
    "hits_taken", "misses", "extra_rounds", "late_shots", "crossfire", "hits_no_danger", "time_plus",
    "sweeps", "sweep_s", "crossfire_lines", "exposed_s", "unaware_s", "doorway_s", "passed_unseen", "close_s",
    "unaccounted_shots", "over_penetrations", "ricochet_risks",
    "group_mm", "mean_radius_mm", "cep_mm", "offset_mm", "false_alarms",
    "shots_after", "shots_before", "unwarned", "behind",
)  # fmt: skip
QUICKER_IS_BETTER = ("reaction_s", "hit_s", "split_s", "transition_s", "first_shot_s", "late_stop_s")


def check_marks(document: Document, known: Beforehand) -> Iterator[Problem]:
    """What can't be earned or met: errors where no run can be passed, warnings where points are lost for all."""
    scoring = known.scenario.scoring
    best = most = 0.0
    told: dict[tuple[str, str, str | None], str] = {}
    for name, criterion in scoring.criteria.items():
        loc: Loc = ("scoring", "criteria", name)
        for language, title in (criterion.title or {}).items():
            first = told.setdefault((language, title, criterion.of), name)
            if first != name:
                yield document.problem((*loc, "title"), f"has the same title as '{first}': {title}", warning=True)
                break
        most += criterion.points
        expression = _parsed(criterion)
        if expression is None:
            best += criterion.points
            continue
        values = values_of(expression, known.seen_from(""))
        share = _best_share(criterion, values)
        best += criterion.points * share
        yield from _points(document, loc, criterion, expression, values, share)
        if criterion.must_be is not None and _never_met(criterion.must_be, values):
            what = f"can never be {criterion.must_be}: {_in_words(expression, values)}; no run can be passed"
            yield document.problem((*loc, "must_be"), what)
    for index, cap in enumerate(scoring.caps):
        yield from _cap(document, known, ("scoring", "caps", index), cap)
    if not most:
        what = "no criterion gives points, so that every run scores 0 of 0; give one of them points"
        yield document.problem(("scoring", "criteria"), what, at_key=True, warning=True)
    elif best < most * scoring.pass_at / 100 - 1e-9:
        what = f"pass_at is {scoring.pass_at:g} %, and no run can earn more than {100 * best / most:.3g} %"
        yield document.problem(("scoring", "pass_at"), what)


def _cap(document: Document, known: Beforehand, loc: Loc, cap: Cap) -> Iterator[Problem]:
    try:
        values = values_of(parse(cap.when, "score"), known.seen_from(""))
    except ExpressionError:
        return
    if values == NEVER:
        yield document.problem((*loc, "when"), "can never hold, so that this cap never counts", warning=True)
    elif values == ALWAYS and cap.at_most < known.scenario.scoring.pass_at:
        what = f"always holds, and {cap.at_most:g} % is less than pass_at; no run can be passed"
        yield document.problem((*loc, "when"), what)


def _parsed(criterion: Criterion) -> Expression | None:
    try:
        expression = parse(criterion.value, "score")
    except ExpressionError:
        return None
    return expression if expression.gives in ("number", "bool") else None


def _best_share(c: Criterion, values: Values) -> float:
    """The greatest share 0..1 of a criterion's points that any run can earn."""
    if isinstance(values, frozenset) and values <= {True, False}:
        ends = tuple(float(v) for v in values)
    elif isinstance(values, Span):
        ends = (values.low, values.high)
        if values.lacks and c.if_none == "full":
            return 1.0
    else:
        return 1.0
    full, none = 1.0 if c.full_at is None else c.full_at, c.none_at or 0.0
    return max(min(1.0, max(0.0, (end - none) / (full - none))) for end in ends)


def _points(
    document: Document, loc: Loc, c: Criterion, expression: Expression, values: Values, share: float
) -> Iterator[Problem]:
    if not c.points:
        return
    full, none = 1.0 if c.full_at is None else c.full_at, c.none_at or 0.0
    key = "full_at" if c.full_at is not None else "none_at" if c.none_at is not None else "value"
    if share < 1.0 - 1e-9:
        earned = "no points" if share <= 0.0 else f"at most {share * c.points:g} of {c.points:g} points"
        what = f"{earned} can be earned: full_at is {full:g}, and {_in_words(expression, values)}"
        yield document.problem((*loc, key), what, warning=True)
        return
    better = _better(expression)
    if better and (full > none) != (better == "more"):
        what = f"full_at {full:g} and none_at {none:g} are the wrong way round: of {expression.text} {better} is better"
        yield document.problem((*loc, key), what, warning=True)


def _better(expression: Expression) -> str | None:
    """Whether more or less of a value is better; None where the expression does not say so by itself."""
    if expression.tree.data != "call":
        return None
    ((name, given),) = calls(expression)
    if name in SHARES:
        return "more"
    fewer = name in FEWER_IS_BETTER or (name in ("median", "mean", "best", "worst") and given[0] in QUICKER_IS_BETTER)
    return "less" if fewer else None


def _never_met(must_be: str, values: Values) -> bool:
    sign = must_be.rstrip("-.0123456789 ")
    if isinstance(values, frozenset) and values <= {True, False}:
        values = Span(float(min(values)), float(max(values)))
    return within(values, sign, float(must_be[len(sign) :])) == NEVER


def _in_words(expression: Expression, values: Values) -> str:
    text = expression.text if len(expression.text) <= 60 else expression.text[:57] + "…"
    if not isinstance(values, Span):
        return f"{text} is 0 or 1"
    if values.low == values.high:
        return f"{text} is always {values.low:g}"
    if values.high == float("inf"):
        return f"{text} is never less than {values.low:g}"
    if values.low == float("-inf"):
        return f"{text} is never more than {values.high:g}"
    return f"{text} is from {values.low:g} to {values.high:g}"
