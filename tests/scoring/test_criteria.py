"""Criteria as instructors read them: exact, capped, and with what took the points."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_result import END, RANGE, danger, fired, marks, struck, value

from xrlab.scenario.conditions import ExpressionError, parse
from xrlab.scoring.figures import exact
from xrlab.sim import events as ev


def _row(events: list[ev.Event], changes: dict[str, Any] | None = None, **asked: Any) -> dict[str, Any]:
    row: dict[str, Any] = marks(events, changes, asked=asked)["criteria"][0]
    return row


def test_what_took_the_points_is_told() -> None:
    events: list[ev.Event] = [danger(0.0), fired(2.0, 1), struck(2.0, 1, "neighbour"), danger(4.0, now=False), END]
    row = _row(events, value='hits("no_shoot")', must_be=0)
    assert row["evidence"] == [{"t": 2.0, "what": "hit", "who": "neighbour", "shot": 1, "value": None}]


def test_a_criterion_that_lost_nothing_lists_nothing() -> None:
    assert _row([END], value='hits("no_shoot")', must_be=0)["evidence"] == []


def test_who_was_not_stopped_is_named_at_the_end() -> None:
    row = _row([danger(0.0), END], value='stopped("threat")', points=10)
    assert row["evidence"] == [{"t": 20.0, "what": "not_stopped", "who": "gunman", "shot": None, "value": None}]


def test_what_was_never_done_is_said_to_be_so() -> None:
    assert [p["what"] for p in _row([END], value="commands()", points=10)["evidence"]] == ["did_not_happen"]


def test_points_not_earned_on_the_range_are_shots_and_rounds_not_fired() -> None:
    string: list[ev.Event] = [
        ev.StringStarted(t=1.0, string="s"), fired(2.0, 1, string="s"), struck(2.0, 1, "t", "C", kind="target"),
        ev.StringEnded(t=4.0, string="s"), END,
    ]  # fmt: skip
    row = _row(string, RANGE, value="points_share()", points=10)
    assert [(p["what"], p["who"], p["value"]) for p in row["evidence"]] == [
        ("points_lost", "t", 4.0), ("rounds_not_fired", "p1", 1.0),
    ]  # fmt: skip


@given(st.lists(st.integers(0, 3), max_size=12))
def test_a_sum_of_points_is_exact_in_any_order(zones: list[int]) -> None:
    """A tenth of a point many times over: with binary floating point the sum would depend on the order."""
    tenths = [{"zone": f"z{n}", "points": (n + 1) / 10, "circle_mm": [n * 20, 0, 5]} for n in range(4)]
    face = {"width_mm": 400, "height_mm": 400, "zones": tenths}
    changes = {"targets": {"t": {"at": "b", "face": "tenths"}}, "faces": {"tenths": face}, "people": {}}
    events: list[ev.Event] = []
    for n, zone in enumerate(zones):
        events += [fired(1.0 + n, n), struck(1.0 + n, n, "t", f"z{zone}", kind="target")]
    wanted = sum((Fraction(z + 1, 10) for z in zones), Fraction(0))
    asked = {"asked": {"value": f"points() == {float(wanted):g}", "points": 1}}
    assert marks([*events, END], changes, **asked)["criteria"][0]["value"] == 1


def test_numbers_of_criteria_are_the_decimals_that_are_written() -> None:
    assert value([END], "0.1 + 0.2 == 0.3") == 1
    assert exact(0.1) == Fraction(1, 10)


def test_least_and_greatest() -> None:
    assert value([END], "min(duration(), 15, 18.5)") == 15
    assert value([END], "max(duration(), 15)") == 20
    assert value([END], 'max(median("reaction_s"), 1)') is None
    with pytest.raises(ExpressionError, match="a number is needed"):
        parse('min(1, "gunman")', "score")


def test_a_cap_holds_the_score_of_team_and_trainee_down_and_says_why() -> None:
    changes = {"scoring.caps": [{"when": 'hits("no_shoot") > 0', "at_most": 50}], "scoring.pass_at": 60}
    asked = {"value": "1", "points": 80}
    shot: list[ev.Event] = [fired(2.0, 1), struck(2.0, 1, "neighbour"), END]
    held = marks(shot, changes, asked=asked)
    assert (held.score, held.passed, held["trainees"][0]["score"], held["teams"][0]["score"]) == (40, False, 40, 40)
    assert [(c["at_most"], c["evidence"][0]["who"]) for c in held["caps"]] == [(50, "neighbour")]
    free = marks([END], changes, asked=asked)
    assert (free.score, free.passed, free["caps"]) == (80, True, [])
