"""Headless scoring tests: what they expect, what they say, and how pytest and CI see them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml
from scenes import write_scene

from xrlab.authoring.schema import schema_of
from xrlab.document import read
from xrlab.errors import InputError
from xrlab.testing import cases
from xrlab.testing.validation import check_paths


def write_tests(folder: Path, tests: dict[str, Any], scenario: str = "scene.yaml") -> Path:
    path = folder / "scene.test.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "scenario": scenario, "tests": tests}, sort_keys=False))
    return path


def outcomes(folder: Path, tests: dict[str, Any]) -> list[cases.Outcome]:
    write_scene(folder)
    return [cases.perform(c) for c in cases.checks_in(write_tests(folder, tests))]


def test_expectations_are_compared_and_told_in_words(tmp_path: Path) -> None:
    expect = {
        "passed": True, "score": ">= 50", "ended": "done", "shots": 2, "duration_s": "< 10",
        "criteria": {"stopped": 1, "stoped": 1}, "metrics": {"p1": {"shots": "> 0"}, "p2": {"shots": 0}},
    }  # fmt: skip
    (outcome,) = outcomes(tmp_path, {"one": {"seeds": [3], "expect": expect}})
    assert outcome.name == "one[3]"
    assert outcome.failures == (
        "passed is False, expected True",
        "ended is time, expected done",
        "score is 0.0, expected >= 50",
        "shots is 0, expected == 2",
        "duration_s is 20.0, expected < 10",
        "stopped is 0, expected == 1",
        "the scenario has no criterion 'stoped'; did you mean 'stopped'?",
        "p1.shots is 0, expected > 0",
        "the scenario has no trainee 'p2'; known: p1",
    )


def test_what_is_expected_and_comes_is_good(tmp_path: Path) -> None:
    made = outcomes(tmp_path, {"still": {"seeds": "1..4", "expect": {"passed": False, "score": 0, "ended": "time"}}})
    assert [o.good for o in made] == [True] * 4
    assert [o.name for o in made] == [f"still[{n}]" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({"expect": {"score": "about 3"}}, "'about 3' is no limit; write a number or a comparison"),
        ({"seeds": "5..1", "expect": {}}, "seeds are a list such as [1, 2] or a span such as 1..20, not '5..1'"),
        ({"seeds": [], "expect": {}}, "seeds is list"),
        ({"expects": {}}, "unknown key 'expects'; did you mean 'expect'?"),
        ({"trainee": "none.trainee.yaml", "expect": {}}, "none.trainee.yaml: no such file"),
        ({"expect": {"criteria": {"stoped": 1}}}, "the scenario has no criterion 'stoped'"),
    ],
)
def test_mistakes_in_a_test_are_found_by_check(tmp_path: Path, case: dict[str, Any], said: str) -> None:
    write_scene(tmp_path)
    write_tests(tmp_path, {"one": case})
    _, problems = check_paths([tmp_path])
    assert any(said in str(p) for p in problems), problems


def test_a_test_of_a_scenario_that_is_not_there(tmp_path: Path) -> None:
    write_tests(tmp_path, {"one": {"expect": {}}}, "nothing.yaml")
    (outcome,) = [cases.perform(c) for c in cases.checks_in(tmp_path / "scene.test.yaml")]
    assert "nothing.yaml: no such file" in outcome.error
    with pytest.raises(InputError, match=r"holds no \*\.test\.yaml"):
        cases.test_files([tmp_path / "empty"] if (tmp_path / "empty").mkdir() is None else [])


def test_junit_says_what_failed_and_what_could_not_run(tmp_path: Path) -> None:
    made = outcomes(tmp_path, {"good": {"expect": {"score": 0}}, "bad": {"expect": {"score": "> 3"}}})
    made.append(cases.Outcome("other.test.yaml", "broken[0]", 0.1, error="x.yaml:1:1: is <empty>"))
    root = ElementTree.fromstring(cases.junit(made))
    suites = {s.get("name", ""): s for s in root}
    assert (suites["other.test.yaml"].get("errors"), suites["other.test.yaml"].get("failures")) == ("1", "0")
    mine = suites[str(tmp_path / "scene.test.yaml")]
    assert (mine.get("tests"), mine.get("failures"), mine.get("errors")) == ("2", "1", "0")
    (failure,) = mine.iter("failure")
    assert failure.get("message") == "score is 0.0, expected > 3"


def test_pytest_collects_scenario_tests(tmp_path: Path) -> None:
    write_scene(tmp_path)
    write_tests(tmp_path, {"good": {"expect": {"score": 0}}, "bad": {"seeds": [1, 2], "expect": {"score": "> 3"}}})
    (tmp_path / "broken.test.yaml").write_text("xrlab: 1\nscenario: scene.yaml\ntest: {}\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path), "--continue-on-collection-errors"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "1 passed" in done.stdout
    assert "2 failed" in done.stdout
    assert "1 error" in done.stdout
    assert "score is 0.0, expected > 3" in done.stdout
    assert "broken.test.yaml:3:1: unknown key 'test'; did you mean 'tests'?" in done.stdout
    assert "Traceback" not in done.stdout


def test_shipped_files_fit_their_schema(root: Path) -> None:
    for path in sorted((root / "scenarios").rglob("*.yaml")):
        kind = "test" if ".test." in path.name else "trainee" if ".trainee." in path.name else "scenario"
        if path.parent.name == "rooms":
            kind = "room"
        jsonschema.validate(read(path).data, schema_of(kind))
