"""Examples of criteria, limits, caps and the pass mark."""

from __future__ import annotations

from typing import Any

from test_result import marks

from xrlab.sim import events as ev


def _run(value: float) -> list[ev.Event]:
    """A run that takes so many seconds, so that duration() is the value."""
    return [ev.RunEnded(t=float(value), reason="done")]


def criterion(given: dict[str, Any]) -> dict[str, Any]:
    value = given.pop("value")
    row = marks(_run(value), asked={"value": "duration()", **given})["criteria"][0]
    return {"points": row["points"]}


def limit(given: dict[str, Any]) -> dict[str, Any]:
    row = marks(_run(given["value"]), asked={"value": "duration()", "must_be": given["must_be"]})["criteria"][0]
    return {"met": row["passed"]}


def cap(given: dict[str, Any]) -> dict[str, Any]:
    asked = {"value": "duration()", "points": given["most"], "full_at": given["most"]}
    caps = {"scoring.caps": [{"when": "duration() > 0", "at_most": at} for at in given["at_most"]]}
    return {"score": marks(_run(given["earned"]), caps, asked=asked).score}


def pass_mark(given: dict[str, Any]) -> dict[str, Any]:
    asked = {"value": "duration()", "points": given["most"], "full_at": given["most"]}
    return {"enough": marks(_run(given["score"]), {"scoring.pass_at": given["pass_at"]}, asked=asked).passed}


EXAMPLES = {"criterion": criterion, "limit": limit, "cap": cap, "pass_mark": pass_mark}
