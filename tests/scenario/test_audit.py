"""What is told of a scenario before the lab day: what never happens, who stands in a wall, what nobody sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scenes import write_scene

from xrlab.errors import InputError, Problem
from xrlab.scenario.load import load, shipped
from xrlab.testing.validation import check_paths

DEAD = {"after_shots": 1, "after_s": 30}
TWO_STATES = {"people.gunman.states": {"x": {}, "y": {"do": ["kneel"]}}}
LOCKED = {"doors.middle_door.opened_by": ["nobody"]}


def found(folder: Path, scenario: dict[str, Any], room: dict[str, Any] | None = None) -> list[Problem]:
    _, problems = check_paths([write_scene(folder, scenario, room)])
    return problems


def rules(*transitions: dict[str, Any]) -> dict[str, Any]:
    return {**TWO_STATES, "people.gunman.transitions": list(transitions)}


def goes(place: object) -> dict[str, Any]:
    return {
        "people.gunman.states": {"x": {"do": [{"walk_to": place}]}},
        "people.gunman.transitions": [{"to": "x", "when": "time() > 1"}],
    }


def marks(scoring: dict[str, Any], criterion: dict[str, Any], **others: Any) -> dict[str, Any]:
    criteria = {"one": criterion, **others}
    return {"scoring": {**scoring, "criteria": criteria}}


NEVER = [
    (rules({"from": "waiting", "to": "x"}), "nothing ever leads 'gunman' into the state 'y'"),
    (rules({"from": "x", "to": "y"}, {"from": "y", "to": "x"}), "nothing ever leads 'gunman' into the state 'x'"),
    (rules({"to": "x", "when": "time() < 0"}, {"from": "x", "to": "y"}), "time() < 0 is never true: a run begins at 0"),
    (rules({"to": "x", "when": 'sees("trainee") && time() > 21'}, {"from": "x", "to": "y"}), "time() > 21 is never"),
    (
        rules({"to": "x", "when": 'state("neighbour") == "frozen"'}, {"from": "x", "to": "y"}),
        "'neighbour' is only ever down or waiting",
    ),
    (rules({"to": "x", "chance": 0}, {"from": "x", "to": "y"}), "never happens: its chance is 0"),
    (rules({"to": "x", "after_s": 30}, {"from": "x", "to": "y"}), "it comes after 30 s, and the run ends after 20 s"),
    (
        rules({"from": "waiting", "to": "x"}, {"from": "waiting", "to": "y"}, {"to": "y", "when": 'sees("trainee")'}),
        "the transition to 'x' above it leaves 'waiting' at once",
    ),
    (
        rules({"from": "waiting", "to": "x"}, {"from": "x", "to": "y"}, {"from": "frozen", "to": "y"}),
        "'gunman' is never 'frozen'",
    ),
    (
        rules({"from": "waiting", "to": "x"}, {"from": "x", "to": "y"}, {"from": "down", "to": "y"}),
        "who is down stays down",
    ),
    ({"events": {"e": {"at_s": 30, "do": [{"end": "x"}]}}}, "it comes at 30 s, and the run ends after 20 s"),
    ({"events": {"e": {"when": 'down("gunman") > 1', "do": [{"end": "x"}]}}}, "1 of these can be down"),
    ({"ends_when": 'cleared("west") == 1', "clear": ["east"]}, "'west' does not stand under clear"),
    ({"ends_when": 'in_zone("gunman", "west")'}, "'gunman' never comes into the zone 'west'"),
    ({"ends_when": 'in_zone("p1", "all")'}, "'all' stands for all zones in cleared() alone"),
    ({"ends_when": 'danger("neighbour")'}, "none of these is a threat"),
    ({"targets": {"t": {"at": [2.5, 2], "motion": "turning"}}, "ends_when": 'exposed("t")'}, "nothing ever shows 't'"),
    (
        {
            "targets": {"t": {"at": [2.5, 2], "motion": "turning"}},
            "strings": [{"name": "s", "show": ["t"], "for_s": 9, "times": 2, "delay_s": 3}],
        },
        "the last string never ends: the strings of fire take 21 s at least, and the run ends after 20 s",
    ),
]


@pytest.mark.parametrize(("scenario", "wanted"), NEVER, ids=[wanted for _, wanted in NEVER])
def test_what_never_happens_is_told_once_with_the_reason(tmp_path: Path, scenario: dict[str, Any], wanted: str) -> None:
    (problem,) = found(tmp_path, scenario)
    assert wanted in problem.what
    assert problem.warning
    load(tmp_path / "scene.yaml")  # a warning stops no run


def test_the_part_of_a_condition_that_rules_it_out_is_shown(tmp_path: Path) -> None:
    scenario = rules({"to": "x", "when": 'sees("trainee") && time() > 21'}, {"from": "x", "to": "y"})
    (problem,) = found(tmp_path, scenario)
    line = (tmp_path / "scene.yaml").read_text().splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("time() > 21")


MAY_HAPPEN = [
    rules({"to": "x", "when": "time() > 19"}, {"from": "x", "to": "y", "when": "rounds() == 0"}),
    rules({"to": "x", "when": '!(state("neighbour") == "frozen")'}, {"to": "y", "when": 'down("all") > 1'}),
    rules({"to": "x", "when": 'hits("self", "head") == 1 || time() < 0'}, {"to": "y", "when": '1 / shots("p1") > 3'}),
    {**rules({"to": "x", "when": 'cued("go")'}),
     "injects": {"go": {"label": "Go", "do": [{"set_state": {"gunman": "y"}}]}}},
    {"events": {"e": {"at_s": [19, 40], "do": [{"end": "x"}]}}, "ends_when": 'in_zone("p1", "east")'},
    {**goes("a"), "ends_when": 'in_zone("gunman", "west") && seen_by("trainee")'},
    {"targets": {"t": {"at": [2.5, 2], "motion": "turning"}}, "ends_when": 'exposed("t")',
     "injects": {"s": {"label": "Show", "do": [{"show": ["t"]}]}}},
]  # fmt: skip


@pytest.mark.parametrize("scenario", MAY_HAPPEN)
def test_what_may_happen_is_not_complained_of(tmp_path: Path, scenario: dict[str, Any]) -> None:
    assert found(tmp_path, scenario) == []


def test_circles_without_time_are_named_and_stop_a_run(tmp_path: Path) -> None:
    ring = rules({"to": "x", "when": "time() > 1"}, {"from": "x", "to": "y", "when": "time() >= 0"},
                 {"from": "y", "to": "x"})  # fmt: skip
    (problem,) = found(tmp_path, ring)
    assert not problem.warning
    assert "'gunman' goes round in circles without time passing: x -> y -> x" in problem.what
    with pytest.raises(InputError, match="goes round in circles"):
        load(tmp_path / "scene.yaml")
    for way_out in ({"after_s": 0.1}, {"when": 'sees("trainee")'}, {"chance": 0.5}):
        slower = rules({"to": "x", "when": "time() > 1"}, {"from": "x", "to": "y"}, {"from": "y", "to": "x", **way_out})
        assert found(tmp_path, slower) == []


def test_a_state_that_does_not_exist_is_named_in_a_condition(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, {"ends_when": 'state("gunman") == "surendering"'})
    assert problem.what == "'gunman' has no state 'surendering'; did you mean 'surrendering'?"
    assert not problem.warning


def test_a_hit_zone_that_only_others_have_is_named(tmp_path: Path) -> None:
    scenario = {"targets": {"t": {"at": [2.5, 2]}}, "ends_when": 'hits("t", "left_arm") > 1'}
    (problem,) = found(tmp_path, scenario)
    assert problem.what.startswith("'t' has no hit zone 'left_arm'; ")


STANDS = [
    ({"people.gunman.at": [4.0, 0.5]}, False, "'gunman' starts at [4.00, 0.50] in a wall or a piece of furniture; "),
    ({"teams.police.start": [4.0, 0.5]}, False, "'p1' starts at [4.00, 0.50] in a wall or a piece of furniture; "),
    ({"people.neighbour.at": [7.2, 2.1]}, True, "'neighbour' starts 0.22 m from 'gunman', so that one body is in the"),
    ({"people.gunman.at": [1.1, 2.0]}, True, "'gunman' starts 0.10 m from 'p1'"),
    ({"targets": {"t": {"at": [6, 2]}, "u": {"at": [6, 2]}}}, True, "'u' hangs in the same place as 't'"),
    ({"targets": {"t": {"at": [4, 0.5]}}}, True, "no trainee can ever see the face of 't': it hangs in a wall"),
    ({"targets": {"t": {"at": [0.2, 2], "yaw_deg": 180}}}, True, "it looks away from them; yaw_deg: 0 turns it"),
    ({"targets": {"t": {"at": [2, 2], "height_m": 9}}}, True, "it hangs above the room"),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "warning", "wanted"), STANDS, ids=[wanted for *_, wanted in STANDS])
def test_who_and_what_stands_where_nothing_can(
    tmp_path: Path, scenario: dict[str, Any], warning: bool, wanted: str
) -> None:
    (problem,) = found(tmp_path, scenario)
    assert wanted in problem.what
    assert problem.warning is warning


def test_places_that_are_right_are_not_complained_of(tmp_path: Path) -> None:
    near = {"people.gunman.at": [7.7, 0.3], "people.neighbour.at": [7.25, 0.3], "targets": {"t": {"at": [2.5, 2]}}}
    assert found(tmp_path, near) == []
    sofa = {"furniture": [{"kind": "sofa", "at": [6, 0.6], "size_m": [2, 0.9, 0.8]}]}
    assert found(tmp_path, {"people.neighbour.at": [6, 0.6], "people.neighbour.pose": "sitting"}, sofa) == []
    (problem,) = found(tmp_path, {"people.neighbour.at": [6, 0.6]}, sofa)
    assert "in a wall or a piece of furniture; there is free floor at" in problem.what


def test_ways_that_are_not_there(tmp_path: Path) -> None:
    assert found(tmp_path, goes("a")) == []
    hidden = "no trainee can ever see"
    shut = [p.what for p in found(tmp_path, goes("a"), LOCKED) if hidden not in p.what]
    assert shut == ["no way leads 'gunman' to 'a'; nobody may open 'middle_door', and no event or inject does"]
    opened = {**goes("a"), "events": {"e": {"at_s": 2, "do": [{"open": "middle_door"}]}}}
    assert found(tmp_path, opened, LOCKED) == []
    assert found(tmp_path, goes("a"), {"doors.middle_door.opened_by": ["police"]}) == []
    full: dict[str, Any] = {"furniture": [{"kind": "box", "at": [2, 2], "size_m": [3.6, 3.6, 1]}]}
    full["points"] = {"b": {"at": [7, 2]}, "c": {"at": [7, 3.4]}}
    scenario = {**goes([2, 2]), "teams.police.start": "c", "people.neighbour.at": [5, 3]}
    (problem,) = found(tmp_path, scenario, full)
    assert problem.what == "nobody can stand at [2, 2], nor within a metre of it; choose a free place"


def test_a_script_that_goes_where_no_way_leads(tmp_path: Path) -> None:
    write_scene(tmp_path, {"trainee": "scene.trainee.yaml"}, {**LOCKED, "doors.middle_door.material": "glass"})
    script = tmp_path / "scene.trainee.yaml"
    script.write_text("xrlab: 1\ntrainees:\n  p1:\n    do:\n      - {go: aside}\n      - {repeat: 2, do: [{go: b}]}\n")
    _, problems = check_paths([tmp_path])
    assert [(p.file, p.line, p.warning) for p in problems] == [(str(script), 6, True)]
    assert problems[0].what.startswith("no way leads 'p1' to 'b'; nobody may open 'middle_door'")


def test_who_and_what_trainees_never_see(tmp_path: Path) -> None:
    asks = {"ends_when": 'cleared("all") == 1'}
    told = [p.what.split(";")[0] for p in found(tmp_path, asks, LOCKED)]
    assert told == [
        "no trainee can ever see 'gunman': there is no line of sight to here from where trainees can go",
        "no trainee can ever see 'neighbour': there is no line of sight to here from where trainees can go",
        "trainees can see only 5% of the floor of 'east', so that it never counts as searched",
    ]
    assert found(tmp_path, asks, {**LOCKED, "doors.middle_door.material": "glass"}) == []
    both = {"teams.army": {"trainees": ["d1"], "start": [5, 1], "carries": ["carbine"]}}
    (problem,) = found(tmp_path, both, LOCKED)
    assert problem.what == "'p1' can come to no threat from here, nor see one"
    assert "sees" not in str(found(tmp_path, {**both, **rules({"to": "x", "when": 'sees("d1")'}, {"to": "y"})}, LOCKED))
    blind = {**rules({"to": "x", "when": 'sees("police")'}, {"from": "x", "to": "y"}), "people.neighbour": None}
    assert "no trainee can come where gunman can be seen" in str(found(tmp_path, blind, LOCKED))


MARKS = [
    (marks({}, {"value": "accuracy()", "points": 9, "full_at": 1.2}), True, "at most 7.5 of 9 points can be earned"),
    (marks({"pass_at": 80}, {"value": 'surrendered("gunman")', "points": 9, "full_at": 2}), False, "more than 50 %"),
    (marks({}, {"value": "accuracy()", "points": 9, "full_at": 0.1, "none_at": 0.9}), True, "wrong way round: of acc"),
    (marks({}, {"value": 'median("reaction_s")', "points": 9}), True, "wrong way round: of median"),
    (marks({}, {"value": 'hits("all")', "points": 9, "must_be": "< 0"}), False, "can never be < 0: hits"),
    (marks({}, {"value": "duration()", "must_be": ">= 21", "points": 1}), False, "can never be >= 21: dura"),
    (marks({}, {"value": "accuracy()"}), True, "no criterion gives points"),
    (marks({}, {"value": "exposed_s()", "points": 9, "full_at": 5}), True, "wrong way round: of exposed_s() less"),
    (marks({}, {"value": "floor_seen()", "points": 9, "full_at": 1.1}), True, "can be earned: full_at is 1.1"),
    (marks({}, {"value": "spacing_m()", "points": 9, "full_at": 2}), True, "no points can be earned: full_at is 2"),
    (marks({}, {"value": 'sweeps("trainee")', "points": 9, "must_be": "< 0"}), False, "can never be < 0: sweeps"),
    (marks({}, {"value": 'sweep_s("gunman")', "points": 9, "full_at": 3}), True, 'sweep_s("gunman") is always 0'),
    (
        marks({}, {"value": "accuracy()", "points": 9, "title": "Aim"}, b={"value": "warned()", "title": "Aim"}),
        True, "has the same title as 'one': Aim",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "warning", "wanted"), MARKS, ids=[wanted for *_, wanted in MARKS])
def test_marks_that_nobody_can_earn(tmp_path: Path, scenario: dict[str, Any], warning: bool, wanted: str) -> None:
    problems = found(tmp_path, scenario)
    (problem,) = [p for p in problems if wanted in p.what]
    assert problem.warning is warning


def test_marks_that_can_be_earned(tmp_path: Path) -> None:
    good = {
        "a": {"value": "duration()", "points": 5, "full_at": 10, "none_at": 20},
        "b": {"value": 'stopped("threat")', "points": 5},
        "c": {"value": 'hits("no_shoot")', "must_be": 0},
        "d": {"value": '1 - hits_taken("p1") / 4', "points": 3},
        "e": {"value": 'surrendered("threat") == 1', "points": 3},
        "f": {"value": 'worst("split_s")', "points": 3, "full_at": 0.3, "none_at": 2, "if_none": "full"},
    }
    assert found(tmp_path, {"scoring": {"criteria": good}}) == []


def test_misspelt_keys_values_and_names_are_told_at_once(tmp_path: Path) -> None:
    wrong = {
        "people.gunman.holdz": "handgun", "people.gunman.variant": -1, "people.neighbour.holds": "phonne",
        "people.neighbour.at": "bb", "ends_when": 'hits("gunmn") > 1',
    }  # fmt: skip
    assert [p.what.split(";")[0] for p in found(tmp_path, wrong)] == [
        "unknown key 'holdz'",
        "variant is -1",
        "the room has no zone, point or door 'bb'",
        "holds is 'phonne'",
        "no person, target, team or role is called 'gunmn'",
    ]


def test_who_appears_later_is_looked_for_where_they_appear(tmp_path: Path) -> None:
    later = {"people.gunman.appears": "later", "people.gunman.at": "c"}
    assert [p.what for p in found(tmp_path, later)] == [
        "'gunman' appears later, and no event or inject lets them appear"
    ]
    comes = {"events": {"e": {"at_s": 2, "do": [{"appear": ["gunman"], "at": "aside"}]}}}
    glass = {**LOCKED, "doors.middle_door.material": "glass"}
    assert found(tmp_path, {**later, **comes, "ends_when": 'in_zone("gunman", "west")'}, glass) == []
    dead = {"events": {"e": {"at_s": 2, "chance": 0, "do": [{"end": "x"}]}, "f": {**DEAD, "do": [{"end": "x"}]}}}
    assert [p.what.split(":")[0] for p in found(tmp_path, dead)] == ["never happens", "never happens"]


def test_empty_texts_are_told(tmp_path: Path) -> None:
    title = {"nl": "Een", "fr": " ", "de": "Eins", "en": "One"}
    (problem,) = found(tmp_path, {"title": title})
    assert problem.what == "title is empty in fr; write it, or leave the key out"


@pytest.mark.parametrize("name", sorted(shipped()))
def test_nothing_is_said_of_what_is_shipped(name: str) -> None:
    assert check_paths([shipped()[name]]) == (1, [])
