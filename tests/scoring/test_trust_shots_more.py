"""A miss more, or a hit on a no-shoot more, never raises a score.

Both are put into real runs of the shipped scenarios, whoever played, just after what calls for a shot, just before and
after real shots, and evenly over the run. Which functions of the language a miss may raise stands below, with why.
"""

from __future__ import annotations

from typing import Any

import pytest
from trusted import SHIPPED, evidence, inserted, marks, moments, shot, values, with_events

from xrlab.scenario.functions import FUNCTIONS, MEASURES
from xrlab.scenario.marks import FEWER_IS_BETTER
from xrlab.scoring import Evidence

COUNTED = {
    "shots": "it counts all",
    "misses": "it counts them",
    "extra_rounds": "it counts those that no string allows",
    "late_shots": "it counts those after the par time",
    "time_plus": "a shot too many costs seconds",
    "unaccounted_shots": "it counts those that were fired at nobody",
    "crossfire_lines": "a shot may pass a colleague",
    "false_alarms": "a shot at somebody who is no danger is one, hit or not",
    "uses_of_force": "a shot is one, hit or not",
    "shots_before": "it counts those fired before there was a danger",
    "shots_after": "it counts those fired after the danger had ended",
    "unwarned": "a shot without a warning is one, hit or not",
    "behind": "somebody may stand behind whom a shot was fired at",
}
"""What a miss may raise, and why. Of all these less is better, and a miss never lowers them."""

EITHER_WAY = {
    "answered": "a shot answers a stimulus, hit or not",
    "bias": "tells which way somebody leans; neither way is better",
}
"""What a miss may raise although more is not worse: no score should rest on these alone."""

TIMES_OF_SHOTS = {"reaction_s", "split_s", "transition_s", "first_shot_s", "distance_m", "late_stop_s"}
"""Measures of shots whether they hit or not, which a quick miss makes quicker; `hit_s` is the one that it does not."""


def scripts(name: str) -> list[str | None]:
    wrong = "shoots_all" if name.startswith("range/") else "shoots_everyone"
    return [None, "poor", wrong]


def with_shot(run: Evidence, t: float, who: str, met: str | None = None, zone: str | None = None) -> Evidence:
    return with_events(run, inserted(run.events, shot(run, t, who, met, zone)))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_miss_more_never_raises_the_score_of_a_shipped_scenario(name: str) -> None:
    for script in scripts(name):
        run = evidence(name, script)
        before = marks(run)
        shooters = list(run.scenario.trainees)
        for n, t in enumerate(moments(run, 4)):
            after = marks(with_shot(run, t, shooters[n % len(shooters)]))
            assert after.score <= before.score, (script, t, risen(before, after))
            assert after.passed <= before.passed


@pytest.mark.parametrize("name", SHIPPED)
def test_a_hit_on_a_no_shoot_more_never_raises_the_score_of_a_shipped_scenario(name: str) -> None:
    for script in (*scripts(name), "does_nothing"):
        run = evidence(name, script)
        before = marks(run)
        shooters, victims = list(run.scenario.trainees), list(run.cast.groups["no_shoot"])
        for n, t in enumerate(moments(run, 4)):
            met = victims[n % len(victims)]
            zone = "torso" if met in run.scenario.people else _zone(run, met)
            after = marks(with_shot(run, t, shooters[n % len(shooters)], met, zone))
            assert after.score <= before.score, (script, t, met, risen(before, after))
            assert not after.passed


def _zone(run: Evidence, board: str) -> str:
    return run.faces[run.scenario.targets[board].face].zones[-1].zone


def risen(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The criteria that gave more points, in words, for who reads why a test failed."""
    rows = zip(before["criteria"], after["criteria"], strict=True)
    return [f"{a['id']}: {b['value']} -> {a['value']}" for b, a in rows if a["points"] > b["points"]]


RUNS = [("range/qualification", "poor", 4), ("recognition/twelve_people", None, 4), ("house/hostage", None, 2)]


@pytest.mark.parametrize(("name", "script", "count"), RUNS)
def test_a_miss_more_makes_no_value_better_but_those_that_count_or_time_shots(
    name: str, script: str | None, count: int
) -> None:
    run = evidence(name, script)
    before = values(run)
    shooters = list(run.scenario.trainees)
    for n, t in enumerate(moments(run, count)):
        after = values(with_shot(run, t, shooters[n % len(shooters)]))
        for text, value in before.items():
            function, _, rest = text.partition("(")
            if function in EITHER_WAY or any(f'"{measure}"' in rest for measure in TIMES_OF_SHOTS):
                continue
            if function in COUNTED:
                assert after[text] is value or after[text] >= (value or 0), text
            elif function in ("median", "mean", "best", "worst") or value is None:
                assert after[text] in (value, 0), text
            elif function in FEWER_IS_BETTER:
                assert after[text] == value, text
            else:
                assert after[text] is None or after[text] <= value, text


def test_what_is_said_of_functions_is_said_of_functions_that_there_are() -> None:
    assert {*COUNTED, *EITHER_WAY} <= FUNCTIONS.keys()
    assert set(MEASURES) > TIMES_OF_SHOTS
    assert "hit_s" not in TIMES_OF_SHOTS
    assert COUNTED.keys() - {"shots", "uses_of_force", "late_shots"} <= {*FEWER_IS_BETTER}
