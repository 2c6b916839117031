"""The example of the time to the hit."""

from __future__ import annotations

from typing import Any

from test_result import END, RANGE, fired, marks, struck

from xrlab.sim import events as ev


def time_to_the_hit(given: dict[str, Any]) -> dict[str, Any]:
    events: list[ev.Event] = [ev.TargetExposed(t=given["stimulus_s"], target="t")]
    for number, t in enumerate([*given["misses_s"], given["hit_s"]]):
        events.append(fired(t, number))
    events.append(struck(given["hit_s"], len(given["misses_s"]), "t", "A", kind="target"))
    shots = marks([*events, END], RANGE)["shots"]
    return {key: next(s[key] for s in shots if s[key] is not None) for key in ("hit_s", "reaction_s")}


EXAMPLES = {"time_to_the_hit": time_to_the_hit}
