"""Shoot or don't: trials in stories worked by hand, and signal detection against published figures and its laws."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_result import END, danger, fired, marks, struck, value
from worked_marks import trials, view_of

from xrlab.errors import InputError
from xrlab.scoring import recognition
from xrlab.scoring.detection import OUTCOMES, Counts, pooled, read_results
from xrlab.sim import events as ev

COUNTS = st.builds(Counts, *[st.integers(0, 60)] * 4)


def outcomes(story: dict[str, Any]) -> list[tuple[str, str]]:
    told = trials(story)
    return [
        (what, why or outcome)
        for what, outcome, why in zip(*(told[k] for k in ("what", "outcome", "why")), strict=True)
    ]


def test_each_of_the_four_outcomes() -> None:
    shown = [[1, "red", 4], [6, "blue", 9], [11, "red", 14], [16, "blue", 19]]
    story = {"shown": shown, "no_shoot": ["blue"], "shots": [[2.0, "red"], [7.0, "blue", "body"]]}
    assert outcomes(story) == [
        ("red", "hit"), ("blue", "false_alarm"), ("red", "miss"), ("blue", "correct_rejection")
    ]  # fmt: skip


def test_a_shot_that_misses_is_a_response_too() -> None:
    assert outcomes({"shown": [[1, "red", 4]], "shots": [[2.0, None]]}) == [("red", "hit")]
    alone = {"shown": [[1, "blue", 4]], "no_shoot": ["blue"], "shots": [[2.0, None]]}
    assert outcomes(alone) == [("blue", "false_alarm")]


def test_a_shot_long_after_a_target_turned_away_is_none_at_it() -> None:
    assert outcomes({"shown": [[1, "red", 4]], "shots": [[4.4, "red"]]}) == [("red", "hit")]
    assert outcomes({"shown": [[1, "red", 4]], "shots": [[4.6, "red"]]}) == [("red", "miss")]


def test_who_shows_what_they_are_later_is_one_trial() -> None:
    story = {"seen": [[1, "man"]], "danger": [[3.0, "man"]]}
    assert outcomes({**story, "shots": [[3.6, "man"]]}) == [("man", "later"), ("man", "hit")]
    too_soon = {**story, "shots": [[2.0, "man"], [3.6, "man"]]}
    assert outcomes(too_soon) == [("man", "false_alarm"), ("man", "hit")]
    assert outcomes(story) == [("man", "later"), ("man", "miss")]


def test_out_of_view_and_back_is_the_same_trial() -> None:
    story = {"seen": [[1, "man", 2.0], [4, "man", 5.0]], "no_shoot": ["man"]}
    assert outcomes(story) == [("man", "correct_rejection")]


def test_who_gave_up_is_not_missed_and_is_to_be_left_alone() -> None:
    story = {"seen": [[1, "man"]], "danger": [[0.0, "man", 4.0]]}
    assert outcomes(story) == [("man", "stopped"), ("man", "correct_rejection")]
    assert outcomes({**story, "shots": [[4.2, "man"]]}) == [("man", "hit"), ("man", "correct_rejection")]
    assert outcomes({**story, "shots": [[4.5, "man"]]}) == [("man", "stopped"), ("man", "false_alarm")]


def test_who_lies_there_is_no_trial_unless_shot_at() -> None:
    story = {"seen": [[1, "man"]], "danger": [[0.0, "man", 4.0]], "down": [[4.0, "man"]], "shots": [[3.9, "man"]]}
    assert outcomes(story) == [("man", "hit"), ("man", "down")]
    assert outcomes({**story, "shots": [[3.9, "man"], [6.0, "man"]]}) == [("man", "hit"), ("man", "false_alarm")]


def test_a_glimpse_is_no_trial() -> None:
    assert outcomes({"seen": [[1, "man", 1.3]], "danger": [[0.0, "man"]]}) == [("man", "brief")]
    assert outcomes({"seen": [[1, "man", 1.3]], "no_shoot": ["man"]}) == [("man", "brief")]


def test_standing_targets_are_trials_of_their_string() -> None:
    story = {"targets": ["plate"], "shown": [[0.0, "plate"]], "ends": 20.0}
    assert outcomes({**story, "string": 5.0, "shots": [[6.0, "plate"]]}) == [("plate", "hit")]
    assert outcomes({**story, "string": 5.0}) == [("plate", "miss")]


def test_what_the_bullet_met_behind_is_no_response() -> None:
    events: list[ev.Event] = [
        danger(0.0), ev.Seen(t=1.0, who="p1", whom="gunman"), ev.Seen(t=1.0, who="p1", whom="neighbour"),
        fired(2.0, 1), struck(2.0, 1, "gunman"), struck(2.0, 1, "neighbour"), END,
    ]  # fmt: skip
    told = marks(events)["trainees"][0]["recognition"]
    assert [told[key] for key in OUTCOMES] == [1, 0, 0, 1]


def test_criteria_ask_for_it_and_name_who_was_judged_wrong() -> None:
    events: list[ev.Event] = [
        danger(0.0), ev.Seen(t=1.0, who="p1", whom="gunman"), ev.Seen(t=1.0, who="p1", whom="neighbour"),
        fired(2.0, 1), struck(2.0, 1, "neighbour"), END,
    ]  # fmt: skip
    asked = ("false_alarms()", "correct_rejections()", "recognised()", "d_prime()", "bias()")
    assert [value(events, text) for text in asked] == [1, 0, 0, pytest.approx(-1.348980), 0]
    row = marks(events, asked={"value": "recognised()", "points": 10})["criteria"][0]
    assert [(p["what"], p["who"], p["shot"]) for p in row["evidence"]] == [
        ("not_shot_at", "gunman", None), ("false_alarm", "neighbour", 1)
    ]  # fmt: skip
    assert value([END], "recognised()") is None and value([END], "d_prime()") is None


# --- signal detection -------------------------------------------------------------------------------------


def test_published_figures() -> None:
    # the example of signal() in the R package statpsych
    told = Counts(82, 18, 46, 54)
    assert told.rates == (pytest.approx(0.8168317), pytest.approx(0.460396, abs=1e-6))
    assert (told.d_prime, told.bias) == (pytest.approx(1.002793, abs=1e-6), pytest.approx(-0.4019603, abs=1e-6))


@given(COUNTS)
def test_swapping_the_answers_turns_the_bias_round(c: Counts) -> None:
    swapped = Counts(c.misses, c.hits, c.correct_rejections, c.false_alarms)
    if c.d_prime is None:
        assert swapped.d_prime is None
    else:
        assert swapped.d_prime == pytest.approx(-c.d_prime, abs=2e-6)
        assert c.bias is not None and swapped.bias == pytest.approx(-c.bias, abs=2e-6)


@given(COUNTS)
def test_beta_is_the_ratio_of_likelihoods(c: Counts) -> None:
    if c.d_prime is not None and c.bias is not None:
        assert c.beta == pytest.approx(math.exp(c.d_prime * c.bias), rel=1e-4, abs=1e-5)


@given(COUNTS)
def test_one_more_judged_right_never_lowers_d_prime(c: Counts) -> None:
    if c.d_prime is not None:
        for better in (c.plus(Counts(1)), c.plus(Counts(0, 0, 0, 1))):
            assert better.d_prime is not None and better.d_prime >= c.d_prime


@given(st.integers(1, 500), st.integers(1, 500))
def test_perfect_answers_have_a_finite_d_prime_and_guessing_none(signals: int, others: int) -> None:
    perfect = Counts(signals, 0, 0, others)
    assert perfect.d_prime is not None and 0.9 < perfect.d_prime < 7
    assert Counts(signals, signals, signals, signals).d_prime == 0
    assert Counts(signals).d_prime is None and Counts(0, 0, 0, others).bias is None


@given(st.lists(COUNTS, max_size=6))
def test_the_order_of_runs_changes_nothing(runs: list[Counts]) -> None:
    def rows(some: list[Counts]) -> list[dict[str, Any]]:
        return [{"trainees": [{"id": "p1", "recognition": c.as_dict()}]} for c in some]

    assert pooled(rows(runs)) == pooled(rows(runs[::-1]))
    assert sum(pooled(rows(runs)).get("p1", Counts())) == sum(map(sum, runs))


def counted(hits: Any) -> str:
    row = dict(zip(OUTCOMES, (hits, 0, 0, 0), strict=True))
    return json.dumps({"trainees": [{"id": "p1", "recognition": row}]})


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"trainees": 3}', '{"trainees": [{"id": "p1"}]}', "\x00\xff", "[" * 100_000, counted(-1),
     counted(1.5), counted(True), counted(10**30)],
)  # fmt: skip
def test_a_file_that_is_no_result_is_refused_in_a_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"is no result\.json with counts") as refused:
        read_results([path])
    assert "\n" not in str(refused.value)
    with pytest.raises(InputError, match="cannot be read"):
        read_results([tmp_path / "none.json"])


def test_results_of_several_runs_are_read_together(tmp_path: Path) -> None:
    for name, story in (("a", [[2.0, "red"]]), ("b", [])):
        view = view_of({"shown": [[1, "red", 4], [6, "blue", 9]], "no_shoot": ["blue"], "shots": story})
        row = {"id": "p1", "recognition": recognition.section(view)}
        (tmp_path / f"{name}.json").write_text(json.dumps({"trainees": [row]}), encoding="utf-8")
    assert read_results([tmp_path / "a.json", tmp_path / "b.json"]) == {"p1": Counts(1, 1, 0, 2)}
