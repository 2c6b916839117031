"""Examples of decisions: uses of force, what the person did, what was seen, warnings, late shots, who stood behind."""

from __future__ import annotations

from typing import Any

from forceful import evidence

from xrlab.scoring.conduct import Conduct
from xrlab.scoring.decisions import functions, late_stops, section
from xrlab.scoring.evidence import View


def _only(given: dict[str, Any]) -> dict[str, Any]:
    (use,) = section(evidence(given["events"], given.get("places")))
    return use


def uses(given: dict[str, Any]) -> dict[str, Any]:
    rows = section(evidence(given["events"]))
    return {
        "uses": [{"trainee": r["trainee"], "whom": r["whom"], "rounds": r["rounds"], "hits": r["hits"]} for r in rows]
    }


def level(given: dict[str, Any]) -> dict[str, Any]:
    events = evidence(given["events"]).events
    conduct = Conduct(events)
    numbers = [sum(e.t <= t for e in events) for t in given["at_s"]]
    return {"levels": [conduct.level("gunman", n, t) for n, t in zip(numbers, given["at_s"], strict=True)]}


def second_before(given: dict[str, Any]) -> dict[str, Any]:
    rows = _only(given)["person"]["second_before"]
    return {"second_before": [[row["before_s"], row["level"]] for row in rows]}


def seen(given: dict[str, Any]) -> dict[str, Any]:
    use = _only(given)
    return {**use["seen"], "discuss": [p["what"] for p in use["discuss"]]}


def warning(given: dict[str, Any]) -> dict[str, Any]:
    run = evidence(given["events"])
    return {**section(run)[0]["warning"], "unwarned": functions(View(run))["unwarned"]()}


def near(given: dict[str, Any]) -> dict[str, Any]:
    run = evidence(given["events"], given["places"])
    rows = section(run)[0]["near"]
    return {
        "near": [{"who": r["who"], "where": r["where"], "off_m": r["off_m"]} for r in rows],
        "behind": functions(View(run))["behind"]("no_shoot"),
    }  # fmt: skip


def late_stop(given: dict[str, Any]) -> dict[str, Any]:
    run = evidence(given["events"])
    asked, end = functions(View(run)), section(run)[0]["end"]
    stops = [proof.value for proof in late_stops(View(run))]
    return {**end, "shots_before": asked["shots_before"](), "shots_after": asked["shots_after"](), "late_stops": stops}


def carried(given: dict[str, Any]) -> dict[str, Any]:
    use = _only(given)
    return {"distance_m": use["distance_m"], "in_reach": {c["name"]: c["in_reach"] for c in use["carried"]}}


def discuss(given: dict[str, Any]) -> dict[str, Any]:
    return {"discuss": [[p["what"], p["under"]] for p in _only(given)["discuss"]]}


EXAMPLES = {
    "uses": uses, "level": level, "second_before": second_before, "seen": seen, "warning": warning, "near": near,
    "late_stop": late_stop, "carried": carried, "discuss": discuss,
}  # fmt: skip
