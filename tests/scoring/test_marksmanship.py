"""Marksmanship: groups worked by hand, laws that every group keeps, and what times and stimuli are where it is hard."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import SCENARIO
from test_result import END, RANGE, TEAM, danger, fired, marks, struck, value
from worked_marks import times, view_of

import xrlab
from xrlab.geometry import body
from xrlab.geometry.paths import Track
from xrlab.recording import read_recording
from xrlab.run import score_recording
from xrlab.scenario.library import faces
from xrlab.scenario.model import Face, Scenario
from xrlab.scoring import marksmanship
from xrlab.scoring.evidence import Evidence
from xrlab.scoring.groups import Group, aim_point, group_of, theil_sen
from xrlab.sim import events as ev

PLACES = st.tuples(st.integers(-30_000, 30_000), st.integers(-30_000, 30_000))
IMPACTS = st.lists(PLACES, min_size=2, max_size=14).map(lambda rows: [(u / 100, v / 100) for u, v in rows])
"""Impacts on the grid of 0.01 mm that events keep."""

SIZES = ("extreme_spread", "mean_radius", "cep", "width", "height", "sd_right", "sd_up")
ROUND = ("extreme_spread", "mean_radius", "cep")
"""What a turn of the board leaves as it is."""


def sizes(group: Group, names: tuple[str, ...] = SIZES) -> list[float]:
    return [getattr(group, name) for name in names]


def test_a_square_worked_by_hand() -> None:
    group = group_of([(0, 0), (60, 0), (60, 80), (0, 80)])
    assert (group.mean, group.extreme_spread, group.mean_radius) == ((30.0, 40.0), 100.0, 50.0)
    assert (group.width, group.height) == (60.0, 80.0)
    assert (group.sd_right, group.sd_up) == (34.641, 46.188)  # sqrt(4 * 30^2 / 3), sqrt(4 * 40^2 / 3)
    # squares 4 * 50^2 = 10000, m = 3: sqrt(10000 / 6) / (sqrt(3 pi) * 20 / 64) * sqrt(ln 4)
    assert group.cep == 50.103


def test_one_impact_has_a_place_and_no_size() -> None:
    group = group_of([(12.34, -5)])
    assert (group.shots, group.mean, group.offset((12.34, 0))) == (1, (12.34, -5.0), 5.0)
    assert sizes(group) == [None] * len(SIZES)
    assert group_of([]).mean is None and group_of([]).offset((0, 0)) is None


def test_impacts_in_one_hole_have_no_spread() -> None:
    assert sizes(group_of([(3, 4)] * 5)) == [0.0] * len(SIZES)


@given(IMPACTS, st.randoms())
def test_the_order_of_shots_changes_no_digit(impacts: list[tuple[float, float]], luck: Any) -> None:
    shuffled = list(impacts)
    luck.shuffle(shuffled)
    assert group_of(shuffled) == group_of(impacts)


@given(IMPACTS, PLACES)
def test_shifting_the_impacts_moves_the_middle_alone(impacts: list[tuple[float, float]], by: tuple[int, int]) -> None:
    du, dv = by[0] / 100, by[1] / 100
    before, after = group_of(impacts), group_of([(u + du, v + dv) for u, v in impacts])
    assert sizes(after) == sizes(before)
    assert before.mean and after.mean
    assert after.mean == pytest.approx((before.mean[0] + du, before.mean[1] + dv), abs=1.1e-3)


@given(IMPACTS)
def test_a_quarter_turn_changes_no_size_of_a_group(impacts: list[tuple[float, float]]) -> None:
    before, after = group_of(impacts), group_of([(-v, u) for u, v in impacts])
    assert sizes(after, ROUND) == sizes(before, ROUND)
    assert (after.width, after.height, after.sd_right) == (before.height, before.width, before.sd_up)


@given(IMPACTS, st.floats(0, 2 * math.pi))
def test_any_turn_changes_no_size_by_more_than_the_grid(impacts: list[tuple[float, float]], angle: float) -> None:
    c, s = math.cos(angle), math.sin(angle)
    turned = group_of([(u * c - v * s, u * s + v * c) for u, v in impacts])
    assert sizes(turned, ROUND) == pytest.approx(sizes(group_of(impacts), ROUND), abs=0.03)


@given(IMPACTS, st.integers(2, 9))
def test_scaling_scales_every_size(impacts: list[tuple[float, float]], by: int) -> None:
    larger = group_of([(u * by, v * by) for u, v in impacts])
    assert sizes(larger) == pytest.approx([by * n for n in sizes(group_of(impacts))], abs=0.001 * by)


@given(IMPACTS)
def test_sizes_stand_in_their_order(impacts: list[tuple[float, float]]) -> None:
    group = group_of(impacts)
    spread, radius, _, width, height, *_ = sizes(group)
    assert 2 * radius <= 2 * spread + 0.01 and max(width, height) <= spread + 0.001 <= math.hypot(width, height) + 0.01


def test_half_of_all_shots_lie_within_the_cep_that_small_groups_tell() -> None:
    luck = np.random.default_rng(5)
    ceps = [group_of(map(tuple, luck.normal(0, 40, (3, 2)))).cep for _ in range(3000)]
    assert np.mean(ceps) == pytest.approx(40 * math.sqrt(math.log(4)), rel=0.02)
    assert group_of(map(tuple, luck.normal(0, 40, (4000, 2)))).cep == pytest.approx(47.1, rel=0.03)


def test_faces_are_aimed_at_in_the_middle_of_their_best_zone() -> None:
    known = faces()
    assert aim_point(known["silhouette"]) == (0.0, -5.0)
    assert aim_point(known["precision_25m"]) == (0.0, 0.0)
    zones = [
        {"zone": "low", "points": 1, "rect_mm": [-100, -100, 200, 200]},
        {"zone": "round", "points": 5, "ellipse_mm": [30, 40, 10, 20]},
        {"zone": "later", "points": 5, "circle_mm": [0, 0, 5]},
    ]
    assert aim_point(Face.model_validate({"width_mm": 300, "height_mm": 300, "zones": zones})) == (30.0, 40.0)
    zones[1] = {"zone": "corner", "points": 5, "polygon_mm": [[0, 0], [30, 0], [0, 30]]}
    assert aim_point(Face.model_validate({"width_mm": 300, "height_mm": 300, "zones": zones})) == (10.0, 10.0)


def test_a_trend_needs_three_strings_and_bears_one_bad_one() -> None:
    assert theil_sen([1, 2]) is None and theil_sen([1, None, 2]) is None
    assert theil_sen([1, None, 3, 4]) == 1.0
    assert theil_sen([5, 5, 5, 50, 5]) == 0.0


# --- shots and what called for them -----------------------------------------------------------------------


def test_a_shot_answers_whom_it_met_not_who_came_last() -> None:
    story = {
        "seen": [[1.0, "first"], [1.2, "second"]], "danger": [[0.0, "first"], [0.0, "second"]],
        "shots": [[1.8, "first"], [2.2, "second"]],
    }  # fmt: skip
    told = times(story)
    assert told["reaction_s"] == [0.8, None] and told["split_s"] == [None, 0.4]
    rows = [(s.what, s.after_s, s.first) for s in view_of(story).stimuli]
    assert rows == [("first", 0.8, True), ("second", 1.0, False)]


def test_a_shot_at_a_bystander_answers_nothing() -> None:
    story = {
        "shown": [[1, "red", 4], [1, "blue", 4]],
        "no_shoot": ["blue"],
        "shots": [[1.7, "blue", "body"], [2.4, "red"]],
    }
    told = times(story)
    assert told["reaction_s"] == [None, None] and told["split_s"] == [None, 0.7]
    assert [s.shot for s in view_of(story).stimuli] == [2]


def test_a_follow_up_answers_no_earlier_showing() -> None:
    story = {"shown": [[1, "t", 3], [5, "t", 8]], "shots": [[5.6, "t"], [6.0, "t"]]}
    assert [s.shot for s in view_of(story).stimuli] == [None, 1]


@pytest.mark.parametrize(("t", "shot"), [(4.4, 1), (4.6, None)])
def test_a_miss_counts_for_what_has_just_turned_away(t: float, shot: int | None) -> None:
    # of two that were shown it can't be told at which it was fired
    story = {"shown": [[1, "a", 4], [1, "b", 4]], "shots": [[t, None]]}
    assert view_of(story).stimuli[1].shot == shot


def test_a_signal_at_which_targets_turn_is_no_stimulus_of_its_own() -> None:
    assert [s.kind for s in view_of({"signal": 2.0, "shown": [[2.0, "t", 5.0]]}).stimuli] == ["target"]
    assert [s.kind for s in view_of({"signal": 2.0, "targets": ["t"]}).stimuli] == ["signal"]
    assert [s.kind for s in view_of({"signal": 2.0, "shown": [[2.5, "t", 5.0]]}).stimuli] == ["signal", "target"]


def test_a_target_that_stands_from_the_start_calls_for_nothing() -> None:
    assert view_of({"targets": ["plate"], "shown": [[0.0, "plate"]]}).stimuli == []


def test_what_was_over_too_soon_or_by_itself_need_not_be_answered() -> None:
    brief = {"seen": [[1.0, "man", 1.3]], "danger": [[0.0, "man"]]}
    gave_up = {"seen": [[1.0, "man"]], "danger": [[0.0, "man", 4.0]]}
    gone = {"seen": [[1.0, "man", 3.0]], "danger": [[0.0, "man"]]}
    assert [marksmanship.functions(view_of(s))["answered"]() for s in (brief, gave_up, gone)] == [None, None, 0]


@pytest.mark.parametrize(("off_deg", "at"), [(3.9, "gunman"), (4.2, None), (-3.9, "gunman"), (8.0, "neighbour")])
def test_a_shot_that_met_nobody_was_fired_at_whom_its_line_passed(off_deg: float, at: str | None) -> None:
    scenario = Scenario.model_validate(SCENARIO)
    seen = [ev.Seen(t=1.0, who="p1", whom=who) for who in scenario.people]
    # the gunman's chest stands straight ahead, the neighbour's 11 degrees to the left
    chest = body.joints("standing", 0.0)[body.JOINT["chest"]]
    tracks = {
        who: Track((10.0 * math.cos(a) + float(chest[0]), 10.0 * math.sin(a) + float(chest[1]), 0.0), math.pi)
        for who, a in (("gunman", 0.0), ("neighbour", math.radians(11.0)))
    }
    shot = ev.ShotFired(t=2.0, shot=1, shooter="p1", weapon="pistol", origin=(0.0, 0.0, float(chest[2])),
                        yaw=math.radians(off_deg), pitch=0.0)  # fmt: skip
    assert Evidence(scenario, {}, [*seen, shot, END], tracks).shots[0].at == at
    assert Evidence(scenario, {}, [shot, END], tracks).shots[0].at is None  # nobody in view


def test_transitions_are_told_between_shots_that_are_known() -> None:
    shown = [[1.0, "a", 9.0], [1.0, "b", 9.0]]
    known = times({"shown": shown, "shots": [[2.0, "a"], [2.3, "a"], [3.0, "b"], [3.5, "a"]]})
    assert known["transition_s"] == [None, None, 0.7, 0.5]
    unknown = times({"shown": shown, "shots": [[2.0, "a"], [2.5, None], [3.0, "b"]]})
    assert unknown["transition_s"] == [None, None, None]
    shown_later = times({"shown": [[1.0, "a", 9.0], [2.5, "b", 9.0]], "shots": [[2.0, "a"], [3.0, "b"]]})
    assert shown_later["transition_s"] == [None, None] and shown_later["reaction_s"] == [1.0, 0.5]


def test_the_first_shot_is_timed_from_the_surest_start_of_its_string() -> None:
    assert times({"string": 1.0, "targets": ["t"], "shots": [[2.0, "t"], [3.0, "t"]]})["first_shot_s"] == [1.0, None]
    assert times({"string": 1.0, "shown": [[1.5, "t", 4.0]], "shots": [[2.0, "t"]]})["first_shot_s"] == [0.5]
    assert times({"signal": 1.2, "targets": ["t"], "shots": [[2.0, "t"]]})["first_shot_s"] == [0.8]
    assert times({"signal": 3.0, "targets": ["t"], "shots": [[2.0, "t"]]})["first_shot_s"] == [None]


def test_a_miss_more_never_raises_throughput_and_no_shot_costs_its_time() -> None:
    shown = [[1.0, "t", 4.0], [8.0, "t", 11.0]]

    def rate(shots: list[Any]) -> Any:
        return marksmanship.functions(view_of({"shown": shown, "shots": shots}))["throughput"]()

    assert rate([[2.0, "t"]]) == pytest.approx(5 / 4)  # 1 s, and 3 s without a shot
    assert rate([[2.0, "t"], [9.0, "t"]]) == 5
    assert rate([[2.0, "t"], [9.0, "t"], [9.5, None]]) == 4
    assert rate([]) == 0


@given(st.lists(st.tuples(st.floats(1.1, 3.9), st.booleans()), max_size=8))
def test_the_curve_rises_to_the_accuracy(told: list[tuple[float, bool]]) -> None:
    shots = [[round(t, 3), "t" if hit else None] for t, hit in sorted(told)]
    curve = marksmanship.curve_of(view_of({"shown": [[1.0, "t", 4.0]], "shots": shots}))
    assert [p[0] for p in curve] == sorted(p[0] for p in curve)
    assert [p[1] for p in curve] == sorted(p[1] for p in curve)
    hits = sum(hit for _, hit in told)
    assert (curve[-1][1] if curve else 0) == (round(hits / len(told), 6) if told else 0)


def test_the_sights_of_a_shot_that_fell_are_above_its_hole() -> None:
    view = view_of({"shown": [[1, "t", 4]], "shots": [[2, "t", "A", [12, -30]], [2.5, "t", "A", [-8, 20]]]})
    group = marksmanship.section(view)["targets"][0]
    assert group["mean_mm"] == [2.0, -5.0] and group["offset_mm"] == 2.0
    assert group["sights"] == {"mean_mm": [0.0, 0.0], "offset_mm": 5.0, "mean_radius_mm": 0.0, "extreme_spread_mm": 0.0}
    shot = view.shots[0]
    assert marksmanship.sights_mm(shot, math.pi / 2) is None  # seen edge-on
    shot.struck = None
    assert marksmanship.sights_mm(shot, math.pi) is None


# --- criteria ---------------------------------------------------------------------------------------------


def on_board(t: float, shot: int, at_mm: tuple[float, float], who: str = "p1") -> list[ev.Event]:
    hit = struck(t, shot, "t", "A", who=who, kind="target")
    place = (at_mm[0] / 1000, at_mm[1] / 1000)
    fields = {
        name: getattr(hit, name) for name in ("t", "shot", "shooter", "kind", "what", "material", "entry", "exit")
    }
    return [fired(t, shot, who, "s"), ev.Struck(**fields, distance=10.0, zone="A", local=place)]


def test_criteria_ask_for_the_largest_group_and_are_proved_by_its_shots() -> None:
    events = [*on_board(1.0, 1, (0, 0)), *on_board(2.0, 2, (30, 40)), *on_board(3.0, 3, (0, 0), "d1"),
              *on_board(4.0, 4, (0, 100), "d1"), END]  # fmt: skip
    both = TEAM | RANGE
    assert value(events, "group_mm()", both) == 100
    assert value(events, 'group_mm("t")', both) == 100
    assert value(events, 'group_mm("n")', both) is None
    row = marks(events, both, asked={"value": "group_mm()", "points": 10, "full_at": 20, "none_at": 80, "each": True})
    assert row["criteria"][0]["value"] == 75 and row["criteria"][0]["points"] == 2.5
    asked = marks(
        events, both, asked={"value": 'cep_mm("t")', "points": 10, "full_at": 5, "none_at": 80, "of": "police"}
    )
    assert [(p["what"], p["shot"], p["value"]) for p in asked["criteria"][0]["evidence"]] == [
        ("impact_mm", 1, 25.0), ("impact_mm", 2, 25.0)
    ]  # fmt: skip
    assert value(events, "offset_mm()", both) == pytest.approx(55)  # (0, 50) from (0, -5)


def test_measures_over_shots_know_the_new_times() -> None:
    events: list[ev.Event] = [
        ev.StringStarted(t=1.0, string="s"),
        *on_board(1.8, 1, (0, 0)),
        *on_board(2.4, 2, (0, 0)),
        END,
    ]
    assert value(events, 'best("first_shot_s")', RANGE) == 0.8
    assert value(events, 'median("transition_s")', RANGE) is None


def test_a_stranger_s_numbers_change_no_group() -> None:
    events = [*on_board(1.0, 1, (0, 0)), *on_board(2.0, 2, (30, 40)), *on_board(3.0, 3, (1e300, 0)), END]
    told = marks(events, RANGE)["trainees"][0]["marksmanship"]["targets"]
    assert told[0]["impacts"] == 2 and told[0]["extreme_spread_mm"] == 50


@pytest.mark.parametrize(("first", "second"), [(-1.7e308, 1.7e308), (0.0, 1.7e308), (1.7e308, -1.7e308)])
def test_a_stranger_s_times_end_in_figures(first: float, second: float) -> None:
    events = [
        ev.StringStarted(t=first, string="s"), ev.TargetExposed(t=first, target="t"), danger(first),
        ev.Seen(t=first, who="p1", whom="gunman"), *on_board(second, 1, (0, 0)), *on_board(second, 2, (30, 40)), END,
    ]  # fmt: skip
    told = marks(events, {k: v for k, v in RANGE.items() if k != "people"})
    assert json.loads(told.to_json())["trainees"][0]["marksmanship"]["targets"][0]["impacts"] == 2


def test_a_danger_in_view_unanswered_is_a_proof() -> None:
    events: list[ev.Event] = [
        danger(0.0),
        ev.Seen(t=1.0, who="p1", whom="gunman"),
        ev.Lost(t=3.0, who="p1", whom="gunman"),
        END,
    ]
    row = marks(events, asked={"value": "answered()", "points": 10})["criteria"][0]
    assert row["value"] == 0 and [p["what"] for p in row["evidence"]] == ["not_answered"]


# --- the result -------------------------------------------------------------------------------------------


def keys_of(data: Any) -> set[str]:
    if isinstance(data, dict):
        return set(data) | {k for v in data.values() for k in keys_of(v)}
    return {k for v in data for k in keys_of(v)} if isinstance(data, list) else set()


def test_the_sections_stand_in_the_contract_and_come_again_from_the_recording(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "result.md").read_text(encoding="utf-8")
    for name in ("range/qualification", "house/hostage"):
        out = tmp_path / name
        result = json.loads(xrlab.run(name, seed=3, out=out).to_json())
        for section in ("marksmanship", "recognition"):
            assert [k for k in keys_of(result["trainees"][0][section]) if f"`{k}`" not in page] == []
        again = json.loads(score_recording(read_recording(out / "recording.mcap")).to_json())
        assert again["trainees"] == result["trainees"]
