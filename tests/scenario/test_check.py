"""`check`: every mistake in a scenario, each with its place and what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scenes import ROOM, SCENARIO, write_scene

from xrlab.errors import InputError
from xrlab.review.svg import el, figure
from xrlab.scenario.load import load
from xrlab.scenario.model import Scenario
from xrlab.testing.validation import check_paths


def said(folder: Path, scenario: dict[str, Any], room: dict[str, Any] | None = None) -> list[str]:
    path = write_scene(folder, scenario, room)
    with pytest.raises(InputError) as caught:
        load(path)
    for problem in caught.value.problems:
        lines = path.read_text().splitlines()
        if problem.file == str(path):
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    return [p.what for p in caught.value.problems]


@pytest.mark.parametrize(
    ("scenario", "wanted"),
    [
        ({"people.gunman.holdz": "handgun"}, "unknown key 'holdz'; did you mean 'holds'?"),
        ({"people.gunman.holds": "handgunn"}, "holds is 'handgunn'; did you mean 'handgun'?"),
        ({"people.gunman.at": "kitchn"}, "the room has no zone, point or door 'kitchn'; known: a, aside, b"),
        ({"people.gunman.at": "wets"}, "the room has no zone, point or door 'wets'; did you mean 'west'?"),
        ({"people.gunman.at": [40, 2]}, "[40, 2] lies outside the room (x -0.1 to 8.1, y -0.1 to 4.1)"),
        ({"people.gunman.at": [1, 2, 3]}, "[1, 2, 3] is no place; write a zone, a named point, or [x, y] in metres"),
        ({"people.gunman.at": [float("nan"), 2]}, "is no place"),
        ({"people.gunman.yaw_deg": "east"}, "yaw_deg is 'east'"),
        ({"time_limit_s": "5 min"}, "time_limit_s is '5 min'; it should be a valid number"),
        ({"time_limit_s": float("inf")}, "time_limit_s is inf"),
        ({"time_limit_s": -1}, "time_limit_s is -1; it must be more than 0"),
        ({"people.gunman.begins": "wating"}, "this person has no state 'wating'; did you mean 'waiting'?"),
        ({"people.gunman.transitions": [{"to": "gone"}]}, "this person has no state 'gone'"),
        ({"people.gunman.transitions": [{"to": "down", "when": 'sees("traine")'}]}, "no person, target, team or role"),
        ({"people.gunman.transitions": [{"to": "down", "when": "time()"}]}, "gives a number; a bool is needed"),
        ({"people.gunman.transitions": [{"to": "down", "after_s": [3, 1]}]}, "the range [3, 1] runs backwards"),
        ({"people.gunman.states": {"x": {"do": ["dorp"]}}}, "unknown action 'dorp'; did you mean 'drop'?"),
        ({"people.gunman.states": {"x": {"do": ["walk_to"]}}}, "'walk_to' needs more: write 'walk_to: …'"),
        ({"people.gunman.states": {"x": {"do": [{"walk_to": "bb"}]}}}, "the room has no zone, point or door 'bb'"),
        ({"people.gunman.states": {"x": {"do": [{"open": "middl_door"}]}}}, "did you mean 'middle_door'?"),
        ({"people.gunman.states": {"x": {"do": [{"drop": True, "kneel": True}]}}}, "one action at a time"),
        ({"teams.police.carries": ["pistl"]}, "no weapon is called 'pistl'; did you mean 'pistol'?"),
        ({"teams.police.start": ["a", "b"]}, "2 places for 1 trainees; give one, or one for each"),
        ({"teams.police.trainees": ["gunman"]}, "'gunman' names a trainee and a person; every name may be used once"),
        ({"people.self": {"role": "threat", "at": "a"}}, "a person may not be called 'self'"),
        ({"targets": {"t": {"at": "b", "face": "silhouet"}}}, "no target face is called 'silhouet'"),
        ({"strings": [{"name": "s", "show": ["t"], "for_s": 1}]}, "no target is called 't'"),
        ({"clear": ["weest"]}, "the room has no zone 'weest'; did you mean 'west'?"),
        ({"events": {"e": {"do": ["end"]}}}, "'end' needs more: write 'end: …'"),
        ({"events": {"e": {"do": [{"end": "x"}]}}}, "an event needs one of at_s, when and after_shots"),
        ({"events": {"e": {"at_s": 1, "do": [{"lights": "dim"}]}}}, "lights are on, off, flicker or 0..1, not 'dim'"),
        ({"events": {"e": {"at_s": 1, "do": [{"lights": "off", "group": "wset"}]}}}, "did you mean 'west'?"),
        ({"events": {"e": {"at_s": 1, "do": [{"set_state": {"gunmen": "down"}}]}}}, "did you mean 'gunman'?"),
        ({"scoring.criteria.stopped.value": 'stoped("threat")'}, "unknown function 'stoped'; did you mean 'stopped'?"),
        ({"scoring.criteria.stopped.value": "'a'"}, "gives a text; a number is needed"),
        ({"scoring.criteria.stopped.must_be": "about 3"}, "must_be is 'about 3'; wanted: a number, or a comparison"),
        ({"scoring.criteria.stopped": {"value": "duration()", "full_at": 3, "none_at": 3}}, "they must differ"),
        ({"scoring.criteria": {}}, "criteria is"),
        ({"room": "/etc/passwd"}, "the room's file must be given from the scenario's own folder"),
        ({"room": "romo.yaml"}, "no room file 'romo.yaml'; did you mean 'room.yaml'?"),
        ({"title": {}}, "a text is needed in at least one of nl, fr, de, en"),
        ({"title": {"es": "Hola"}}, "'es' cannot be a key here"),
        ({"vary": {"gunmn.at": ["a"]}}, "gunmn.at: nothing is called 'gunmn'; did you mean 'gunman'?"),
        ({"vary": {"gunman.at": []}}, "vary 'gunman.at' needs a list of choices"),
        ({"vary": {"gunman.at": {"a": -1}}}, "vary 'gunman.at' needs a list of choices"),
        ({"xrlab": 2}, "xrlab is 2"),
    ],
)
def test_each_mistake_is_named_and_mended(tmp_path: Path, scenario: dict[str, Any], wanted: str) -> None:
    assert any(wanted in what for what in said(tmp_path, scenario)), said(tmp_path, scenario)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"people.gunman.at": "x1", "people.neighbour.at": "x2", "ends_when": "time() > 'a'"})
    with pytest.raises(InputError) as caught:
        load(path)
    lines = [p.line for p in caught.value.problems]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_a_condition_is_blamed_at_its_own_column(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    write_scene(tmp_path, {})
    text = path.read_text() + "ends_when: 'time() > 3 && hits(\"gunmn\") > 1'\n"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.line == text.count("\n")
    assert text.splitlines()[-1][problem.column - 1 :].startswith("gunmn")


def test_a_zone_outside_the_room_is_told_in_the_rooms_file(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {}, {"zones": {"far": {"rect": [50, 50, 2, 2]}}})
    with pytest.raises(InputError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.file.endswith("room.yaml")
    assert "reaches outside of all rooms" in problem.what


def test_check_also_tries_what_varies_and_what_is_untranslated(tmp_path: Path) -> None:
    write_scene(tmp_path, {"vary": {"gunman.at": ["b", "nowhere"]}, "title": {"en": "Two rooms"}})
    _, problems = check_paths([tmp_path])
    assert sorted(p.what.split(";")[0] for p in problems) == [
        "the room has no zone, point or door 'nowhere'",
        "title has no text in nl, fr, de",
    ]


def test_the_scene_itself_is_in_order(tmp_path: Path) -> None:
    write_scene(tmp_path)
    checked, problems = check_paths([tmp_path])
    assert (checked, problems) == (2, [])
    assert ROOM["xrlab"] == SCENARIO["xrlab"] == 1


def test_check_names_files_that_are_nothing_it_knows(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("colour: red\n")
    _, problems = check_paths([tmp_path])
    assert "is no scenario (teams, scoring), room" in problems[0].what
    with pytest.raises(InputError, match="holds nothing to check"):
        (tmp_path / "empty").mkdir()
        check_paths([tmp_path / "empty"])


def test_a_drawing_that_a_command_left_in_the_folder_is_no_plan(tmp_path: Path) -> None:
    write_scene(tmp_path)
    before = check_paths([tmp_path])
    drawing = figure(100.0, 50.0, "scores", el("rect", width=100.0, height=50.0))
    (tmp_path / "scores.svg").write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{drawing}\n', encoding="utf-8")
    assert check_paths([tmp_path]) == before
    (tmp_path / "plan.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', encoding="utf-8")
    assert check_paths([tmp_path]) != before


def test_an_action_may_say_more_with_a_key_that_is_an_action_elsewhere(tmp_path: Path) -> None:
    hides = {"people.neighbour.states": {"hiding": {"do": [{"take_cover": "gunman", "crouch": False}]}}}
    scenario = load(write_scene(tmp_path, hides)).scenario
    again = Scenario.model_validate(scenario.model_dump(mode="json", by_alias=True, exclude_none=True))
    assert again == scenario, "a recording holds all that an action says, also what is left out in the file"
    assert said(tmp_path, {"people.neighbour.states": {"hiding": {"do": [{"kneel": True, "crouch": True}]}}})
