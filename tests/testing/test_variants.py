"""`check --variants`: many draws are proved, and of what is wrong it is told once what is drawn there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scenes import write_scene

from xrlab.scenario.load import shipped
from xrlab.testing.validation import check_paths
from xrlab.testing.variants import check_variants


def told(folder: Path, scenario: dict[str, Any], count: int = 60, room: Any = None, *, run: bool = False) -> list[str]:
    return [p.what for p in check_variants(write_scene(folder, scenario, room), count, run=run)]


def test_a_blocked_start_is_told_once_with_what_is_drawn_and_how_often(tmp_path: Path) -> None:
    vary = {"gunman.at": [[7, 1], [4.0, 0.5]], "neighbour.holds": ["phone", "wallet"]}
    (what,) = told(tmp_path, {"vary": vary})
    assert what.startswith("'gunman' starts at [4.00, 0.50] in a wall or a piece of furniture; ")
    assert "[gunman.at=[4.0, 0.5], seed " in what
    assert "neighbour.holds" not in what
    assert " more)]" in what


def test_people_who_overlap_only_together_are_found_in_the_draw_of_both(tmp_path: Path) -> None:
    vary = {"gunman.at": ["b", "c"], "neighbour.at": ["b", "c"], "gunman.holds": ["handgun", "knife"]}
    found = told(tmp_path, {"vary": vary})
    assert len(found) == 1
    assert "'neighbour' starts 0.00 m from 'gunman'" in found[0]
    assert "gunman.at=" in found[0]
    assert "neighbour.at=" in found[0]


def test_who_is_seen_in_one_draw_and_never_in_another(tmp_path: Path) -> None:
    locked = {"doors.middle_door.opened_by": ["nobody"]}
    found = told(tmp_path, {"vary": {"gunman.at": ["aside", "b"]}, "people.neighbour": None}, room=locked)
    assert ["no trainee can ever see 'gunman'" in what and "gunman.at=b" in what for what in found] == [True]


def test_a_way_that_only_some_draws_have(tmp_path: Path) -> None:
    scenario = {
        "people.gunman.states": {"gone": {"do": [{"walk_to": "b"}]}},
        "people.gunman.transitions": [{"to": "gone", "when": "time() > 1"}],
        "people.neighbour": None, "vary": {"gunman.at": ["aside", "c"]},
    }  # fmt: skip
    locked = {"doors.middle_door": {"at": [4, 2], "opens_into": "east", "opened_by": ["nobody"], "material": "glass"}}
    (what,) = told(tmp_path, scenario, room=locked)
    assert "no way leads 'gunman' to 'b'" in what
    assert "gunman.at=aside" in what


def test_what_is_wrong_in_every_draw_is_left_to_the_check_itself(tmp_path: Path) -> None:
    scenario = {"vary": {"neighbour.holds": ["phone", "wallet"]}, "people.gunman.at": [4.0, 0.5]}
    assert told(tmp_path, scenario) == []
    _, problems = check_paths([tmp_path / "scene.yaml"])
    assert [p.what.split(" at ")[0] for p in problems] == ["'gunman' starts"]


def test_spans_are_drawn_and_problems_that_differ_in_numbers_are_one(tmp_path: Path) -> None:
    scenario = {"vary": {"gunman.at.0": "3.5..7.0 by 0.1"}, "people.gunman.at": [7, 0.5]}
    (what,) = told(tmp_path, scenario, 80)
    assert what.count("seed ") == 1
    assert "gunman.at.0=" in what


def test_a_draw_that_runs_in_circles_is_found_by_running_it(tmp_path: Path) -> None:
    ring = [
        {"from": "waiting", "to": "x", "when": "time() > 1"},
        {"from": "x", "to": "y", "when": 'state("neighbour") == "waiting"'},
        {"from": "y", "to": "x", "when": 'state("neighbour") == "waiting"'},
    ]
    scenario = {
        "people.gunman.states": {"x": {}, "y": {}}, "people.gunman.transitions": ring,
        "vary": {"neighbour.begins": ["waiting", "frozen"]}, "time_limit_s": 4,
    }  # fmt: skip
    assert told(tmp_path, scenario, 8) == []
    (what,) = told(tmp_path, scenario, 8, run=True)
    assert "goes round in circles at" in what
    assert "neighbour.begins=waiting, seed " in what


@pytest.mark.parametrize("name", sorted(shipped()))
def test_no_draw_of_what_is_shipped_is_broken(name: str) -> None:
    ticks: list[None] = []
    assert check_variants(shipped()[name], 60, tick=lambda: ticks.append(None)) == []
    assert len(ticks) == 60


def test_what_one_draw_leaves_unused_is_no_mistake_if_another_uses_it(tmp_path: Path) -> None:
    scenario = {
        "people.gunman.states": {"x": {}}, "people.gunman.transitions": [{"from": "waiting", "to": "x", "after_s": 1}],
        "vary": {"gunman.begins": ["waiting", "frozen"]},
    }  # fmt: skip
    path = write_scene(tmp_path, scenario)
    assert check_paths([path]) == (1, [])
    assert check_variants(path, 8) == []
    never = write_scene(tmp_path, scenario | {"vary": {"gunman.begins": ["surrendering", "frozen"]}})
    assert [p.what for p in check_paths([never])[1]] == ["never happens: 'gunman' is never 'waiting'"]
