"""Whether a run came out as a test expects; what did not is said in words, with the event that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from xrlab.errors import meant
from xrlab.scenario.cast import Cast
from xrlab.scenario.load import Loaded
from xrlab.testing.expecting import Expectation
from xrlab.testing.happenings import in_order
from xrlab.testing.limits import meets, parts
from xrlab.testing.telling import Teller
from xrlab.words import Words

Difference = tuple[str, int | None]
"""What is not as expected, in words, and the number of the event it is about; None for the run as a whole."""


def differences(expect: Expectation, teller: Teller, loaded: Loaded) -> Iterator[Difference]:
    """What in a run is not as expected."""
    result = teller.result
    if expect.passed is not None and result["passed"] != expect.passed:
        yield f"passed is {result['passed']}, expected {expect.passed}", _verdict_moment(teller)
    if expect.ended is not None and result["ended"] != expect.ended:
        yield f"ended is {result['ended']}, expected {expect.ended}", None
    shots = [i for i, e in enumerate(teller.events) if type(e).__name__ == "ShotFired"]
    for key, value, moment in (
        ("score", result["score"], None),
        ("shots", len(result["shots"]), shots[-1] if shots else None),
        ("duration_s", result["duration_s"], None),
    ):
        yield from _limit(key, value, getattr(expect, key), moment)
    yield from _criteria(expect, teller)
    yield from _of_trainees(expect, result)
    for path, wanted in expect.drawn.items():
        if path not in loaded.drawn:
            yield f"the scenario varies no '{path}'{meant(path, loaded.drawn)}", None
        elif loaded.drawn[path] != wanted:
            yield f"{path} was drawn as {loaded.drawn[path]}, expected {wanted}", None
    yield from _happenings(expect, teller, loaded)


def _criteria(expect: Expectation, teller: Teller) -> Iterator[Difference]:
    rows = {row["id"]: row for row in teller.result["criteria"]}
    for key, wanted in (("value", expect.criteria), ("points", expect.points)):
        for name, limit in wanted.items():
            if name not in rows:
                yield f"the scenario has no criterion '{name}'{meant(name, rows)}", None
                continue
            shown = name if key == "value" else f"points of {name}"
            for what, _ in _limit(shown, rows[name][key], limit, None):
                good = (
                    (lambda value, limit=limit: meets(value, limit)) if key == "value" and limit is not None else None
                )
                yield what, teller.broke(name, good) if good else None


def _meets(value: Any, limit: float | str | None) -> bool:
    return limit is not None and meets(value, limit)


def _verdict_moment(teller: Teller) -> int | None:
    """When a run that is not passed broke the first of its limits."""
    broken = next((r for r in teller.result["criteria"] if r["limit"] is not None and not r["passed"]), None)
    if broken is None:
        return None
    limit = broken["limit"]
    return teller.broke(broken["id"], partial(_meets, limit=limit))


def _of_trainees(expect: Expectation, result: Mapping[str, Any]) -> Iterator[Difference]:
    owners = {row["id"]: row for row in (*result["trainees"], *result["teams"])}
    for who, limit in expect.scores.items():
        if who not in owners:
            yield f"the scenario has no trainee and no team '{who}'{meant(who, owners)}", None
        else:
            yield from _limit(f"score of {who}", owners[who]["score"], limit, None)
    metrics = {t["id"]: t["metrics"] for t in result["trainees"]}
    for who, limits in expect.metrics.items():
        if who not in metrics:
            yield f"the scenario has no trainee '{who}'{meant(who, metrics)}", None
            continue
        for name, limit in limits.items():
            if name not in metrics[who]:
                yield f"trainee '{who}' has no metric '{name}'{meant(name, metrics[who])}", None
            else:
                yield from _limit(f"{who}.{name}", metrics[who][name], limit, None)


def _happenings(expect: Expectation, teller: Teller, loaded: Loaded) -> Iterator[Difference]:
    cast, events, words = Cast(loaded.scenario), teller.events, Words("en")
    missing = in_order(expect.events, events, cast)
    if missing is not None:
        wanted = expect.events[missing.number]
        what = f"'{wanted.shown}' did not come"
        if wanted.within_s is not None:
            what += f" within {wanted.within_s:g} s"
        if missing.after is not None:
            what += f" after '{expect.events[missing.number - 1].shown}' at {words.time(events[missing.after].t)}"
        since = -1 if missing.after is None else missing.after
        late = next((e for e in events[since + 1 :] if wanted.model_copy(update=_ANY_TIME).fits(e, cast)), None)
        yield what + (f"; it came at {words.time(late.t)}" if late else ""), missing.after
    for wanted in expect.never:
        index = next((i for i, e in enumerate(events) if wanted.fits(e, cast)), None)
        if index is not None:
            yield f"'{wanted.shown}' came at {words.time(events[index].t)}, which must never be", index


_ANY_TIME = {"after_s": None, "before_s": None}


def _limit(name: str, value: float | None, limit: float | str | None, moment: int | None) -> Iterator[Difference]:
    if limit is not None and not meets(value, limit):
        sign, number = parts(limit)
        yield f"{name} is {value}, expected {sign} {number:g}", moment
