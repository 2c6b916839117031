"""What a test can expect beyond marks: events in order, events that never come, pass rates; what a failure shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from scenes import OPEN_DOOR, write_scene

from xrlab.testing import cases
from xrlab.testing.validation import check_paths

BOLD = {"skill": {"reaction_s": 0.5, "spread_mrad": 0},
        "do": [{"wait_s": 1}, "challenge", {"wait_s": 1}, {"shoot": "gunman", "at": "head", "times": 1}]}  # fmt: skip
SCENE: dict[str, Any] = {"trainee": "bold.trainee.yaml", "time_limit_s": 6, "vary": {"neighbour.holds": ["phone"]}}


def outcome(folder: Path, expect: dict[str, Any], **case: Any) -> cases.Outcome:
    (made,) = outcomes(folder, {"one": {"expect": expect, **case}})
    return made


def outcomes(folder: Path, tests: dict[str, Any], scenario: dict[str, Any] | None = None) -> list[cases.Outcome]:
    return [cases.perform(check) for check in cases.checks_in(written(folder, tests, scenario))]


def written(folder: Path, tests: dict[str, Any], scenario: dict[str, Any] | None = None) -> Path:
    write_scene(folder, SCENE | (scenario or {}), OPEN_DOOR)
    (folder / "bold.trainee.yaml").write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": BOLD}}))
    path = folder / "scene.test.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "scenario": "scene.yaml", "tests": tests}, sort_keys=False))
    return path


def test_events_come_in_order_in_short_words_or_long(tmp_path: Path) -> None:
    for events in (
        ["challenge", "shot", "hit", {"gunman": "down"}, "ends"],
        [{"challenge": "police"}, {"shot": "p1", "within_s": 2}, {"hit": "threat", "within_s": 0.1}],
        [{"VerbalCommand": {"who": "p1", "command": "drop_weapon", "heard_by": "gunman"}, "after_s": 1, "before_s": 1}],
        [{"event": "Struck", "fields": {"zone": ["torso", "head"], "distance": "> 3"}}, {"down": "gunman"}],
        [{"ShotFired": {"shot": 1}}, {"PostureChanged": {"who": "gunman", "danger": False}}, {"ends": "time"}],
    ):
        assert outcome(tmp_path, {"events": events}).told() and outcome(tmp_path, {"events": events}).good, events


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (["shot", "challenge"], "'challenge' did not come after 'shot' at 0:02."),
        (["challenge", {"shot": "p1", "within_s": 0.5}], "'shot: p1' did not come within 0.5 s after 'challenge'"),
        ([{"gunman": "surrendering"}], "'gunman: surrendering' did not come"),
        ([{"shot": "p1", "before_s": 1}], "'shot: p1' did not come; it came at 0:02."),
        ([{"shot": "threat"}], "'shot: threat' did not come"),
        ([{"challenge": "p1", "within_s": 0.5}], "'challenge: p1' did not come within 0.5 s; it came at 0:01.00"),
    ],
)  # fmt: skip
def test_an_event_that_does_not_come_is_told_with_the_one_before_it(
    tmp_path: Path, events: list[Any], said: str
) -> None:
    (failure,) = outcome(tmp_path, {"events": events}).failures
    assert failure.startswith(said)


def test_of_several_ways_to_find_the_order_one_that_fits_is_enough(tmp_path: Path) -> None:
    twice = {"do": [{"wait_s": 1}, "challenge", {"wait_s": 2}, "challenge", {"wait_s": 0.2}, "reload"]}
    path = written(tmp_path, {"one": {"expect": {"events": ["challenge", {"reload": "p1", "within_s": 2.5}]}}})
    (tmp_path / "bold.trainee.yaml").write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": twice}}))
    (made,) = [cases.perform(check) for check in cases.checks_in(path)]
    assert made.good, made.failures


def test_what_must_never_come_is_shown_where_it_came(tmp_path: Path) -> None:
    assert outcome(tmp_path, {"never": [{"hit": "neighbour"}, {"shot": "p1", "after_s": 5}, "empty"]}).good
    made = outcome(tmp_path, {"never": [{"down": "gunman"}]})
    assert made.failures[0].startswith("'down: gunman' came at 0:02.")
    (lines,) = made.stories
    marked = [line for line in lines if line.startswith(">")]
    assert len(marked) == 1
    assert "gunman" in marked[0]
    assert "down" in marked[0]
    assert any("fires shot 1" in line for line in lines)


def test_a_failing_criterion_is_shown_with_the_shot_that_broke_it(tmp_path: Path) -> None:
    criteria = {
        "scoring.criteria": {"shots": {"value": "shots()", "must_be": 0}, "time": {"value": "duration()", "points": 9}}
    }
    expect = {"passed": True, "criteria": {"shots": 0, "time": "< 3"}, "points": {"time": "< 1"}}
    (made,) = outcomes(tmp_path, {"one": {"expect": expect}}, criteria)
    assert made.failures == (
        "passed is False, expected True", "shots is 1, expected == 0", "time is 6, expected < 3",
        "points of time is 9.0, expected < 1",
    )  # fmt: skip
    for lines in made.stories[:2]:
        (marked,) = [line for line in lines if line.startswith(">")]
        assert "fires shot 1" in marked
    assert "(as above)" in "\n".join(made.told())
    assert made.stories[3][-1].endswith("time limit reached.")


def test_scores_draws_and_skill(tmp_path: Path) -> None:
    good = {"scores": {"p1": 100, "police": 100}, "drawn": {"neighbour.holds": "phone"}}
    assert outcome(tmp_path, good).failures == ()
    novice = outcome(tmp_path, {"metrics": {"p1": {"reaction_s": 0}}}, skill="novice").failures
    assert novice != outcome(tmp_path, {"metrics": {"p1": {"reaction_s": 0}}}).failures
    made = outcome(tmp_path, {"scores": {"p1": "< 5", "p2": 0}, "drawn": {"neighbour.holds": "wallet", "x": 1}})
    assert made.failures == (
        "score of p1 is 100.0, expected < 5",
        "the scenario has no trainee and no team 'p2'; known: p1, police",
        "neighbour.holds was drawn as phone, expected wallet",
        "the scenario varies no 'x'; known: neighbour.holds",
    )


def test_a_pass_rate_is_taken_over_all_seeds(tmp_path: Path) -> None:
    vary = {
        "vary": {"gunman.at": ["b", "c"], "neighbour.at": ["aside"]},
        "scoring.criteria": {"quick": {"value": 'down("gunman")', "must_be": 1}},
    }
    expect = {"pass_rate": ">= 0.9", "ended": "time"}
    made = outcomes(
        tmp_path, {"all": {"seeds": "1..12", "expect": expect}, "some": {"seeds": [3, 9], "expect": expect}}, vary
    )
    assert [o.name for o in made] == ["all[1..12]", "some[2 seeds]"]
    rates = cases.checks_in(tmp_path / "scene.test.yaml")
    assert [len(c.seeds) for c in rates] == [12, 2]
    impossible = outcome(tmp_path, {"pass_rate": "< 0.5", "score": "< 1"}, seeds="1..3")
    assert impossible.failures[0] == "pass_rate is 1 (3 of 3 runs), expected < 0.5"
    assert impossible.failures[1] == "seed 1: score is 100.0, expected < 1"
    never = {"scoring.criteria": {"n": {"value": "shots()", "must_be": 0}}}
    (made_never,) = outcomes(tmp_path, {"n": {"seeds": "4..6", "expect": {"pass_rate": 1}}}, never)
    assert made_never.failures == ("pass_rate is 0 (0 of 3 runs), expected == 1; not passed: seeds 4, 5, 6",)
    assert made_never.stories[0][-1].endswith("time limit reached.")


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"events": ["chalenge"]}, "no event is called 'chalenge'; did you mean 'challenge'?"),
        ({"events": [{"chalenge": "p1"}]}, "'chalenge' is no event and no person; did you mean 'challenge'?"),
        ({"events": [{"VerbalComand": {}}]}, "no event is called 'VerbalComand'; did you mean 'VerbalCommand'?"),
        ({"events": [{"VerbalCommand": {"whom": "p1"}}]}, "VerbalCommand has no field 'whom'; did you mean 'who'?"),
        ({"events": [{"VerbalCommand": {"command": "stp"}}]}, "no command is called 'stp'; did you mean 'stop'?"),
        ({"events": [{"shot": "p9"}]}, "no person, target, team or role is called 'p9'"),
        ({"events": [{"gunman": "atacking"}]}, "nobody has a state 'atacking'"),
        ({"events": [{"enters": "wst"}]}, "no zone is called 'wst'; did you mean 'west'?"),
        ({"events": [{"opens": "midle_door"}]}, "no door is called 'midle_door'; did you mean 'middle_door'?"),
        ({"events": [{"shot": "p1", "hit": "gunman"}]}, "one event at a time: shot and hit stand in one entry"),
        ({"events": [{"shot": {"shooter": "p1"}}]}, "'shot' takes a name; for fields write ShotFired"),
        ({"events": [{"ShotFired": "p1"}]}, "ShotFired takes its fields, such as"),
        ({"events": [7]}, "an event is a word such as challenge"),
        ({"events": [{"shot": "p1", "within_s": -1}]}, "within_s is -1; it must be at least 0"),
        ({"never": [{"shot": "p1", "within_s": 1}]}, "write before_s or after_s"),
        ({"points": {"stoped": 1}}, "the scenario has no criterion 'stoped'; did you mean 'stopped'?"),
        ({"scores": {"polce": 1}}, "did you mean 'police'?"),
        ({"pass_rate": "most"}, "'most' is no limit"),
    ],
)  # fmt: skip
def test_misspelt_names_in_expectations_are_found_by_check_and_stop_the_test(
    tmp_path: Path, expect: dict[str, Any], said: str
) -> None:
    path = written(tmp_path, {"one": {"expect": expect}})
    _, problems = check_paths([path])
    assert any(said in str(p) and p.line > 3 for p in problems), problems
    if "events" in expect and not any(k in said for k in ("within_s", "one event", "takes", "is a word")):
        try:
            (made,) = [cases.perform(check) for check in cases.checks_in(path)]
            assert said in made.error
        except cases.InputError as error:
            assert said in str(error)


def test_outcomes_come_in_order_and_are_the_same_from_two_processes(tmp_path: Path) -> None:
    tests = {f"t{n}": {"seeds": "1..3", "expect": {"shots": n % 2}} for n in range(6)}
    checks = cases.checks_in(written(tmp_path, tests))
    here, there = cases.perform_all(checks, 1), cases.perform_all(checks, 2)
    assert [o.name for o in here] == [c.name for c in checks]
    assert [(o.name, o.failures, o.stories, o.error) for o in here] == [
        (o.name, o.failures, o.stories, o.error) for o in there
    ]


def test_junit_holds_the_story_and_times(tmp_path: Path) -> None:
    made = outcomes(tmp_path, {"bad": {"expect": {"never": ["shot"]}}})
    root = ElementTree.fromstring(cases.junit(made))
    (case,) = root.iter("testcase")
    assert float(case.get("time", "")) > 0
    (failure,) = root.iter("failure")
    assert "fires shot 1" in (failure.text or "")
    assert "which must never be" in failure.get("message", "")


def test_pytest_shows_the_story_too(tmp_path: Path) -> None:
    written(tmp_path, {"bad": {"expect": {"never": ["shot"]}}, "rate": {"seeds": "1..4", "expect": {"pass_rate": 1}}})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "1 failed, 1 passed" in done.stdout
    assert "> 0:02." in done.stdout
    assert "fires shot 1" in done.stdout
    assert "Traceback" not in done.stdout
