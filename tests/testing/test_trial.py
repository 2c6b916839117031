"""`xrlab trial`: what many runs come to, however many processes make them."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some
from scenes import OPEN_DOOR, write_scene
from typer.testing import CliRunner

from xrlab.cli import app
from xrlab.errors import InputError
from xrlab.scenario.load import shipped
from xrlab.testing.histogram import histogram
from xrlab.testing.trial import Order, Row, Trial, run_chunk, trials, wilson
from xrlab.testing.workers import Died, spread

QUICK = {"xrlab": 1, "trainees": {"all": {"react": "careful"}}}


def scene(folder: Path, changes: dict[str, Any] | None = None) -> Path:
    path = write_scene(folder, {"trainee": "t.trainee.yaml", "time_limit_s": 5} | (changes or {}), OPEN_DOOR)
    (folder / "t.trainee.yaml").write_text(yaml.safe_dump(QUICK))
    return path


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xrlab.cli", *map(str, arguments)], capture_output=True, text=True, check=False
    )  # fmt: skip


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    path = str(scene(tmp_path))
    (alone,), whole = trials(path, runs=24, first=5, skill="novice", workers=1)
    (shared,), also = trials(path, runs=24, first=5, skill="novice", workers=2)
    assert whole and also
    assert alone.rows == shared.rows
    assert [r.seed for r in alone.rows] == list(range(5, 29))
    assert alone.summary() == shared.summary()


@pytest.mark.parametrize("scenario", sorted(shipped()))
def test_an_expert_is_at_least_as_good_as_a_trained_one_and_that_one_as_a_novice(scenario: str) -> None:
    """Over the same seeds; where two levels differ less than luck does, they count as equal."""
    made, _ = trials(scenario, runs=8, skill="all")
    scores = [[row.score for row in trial.rows] for trial in made]
    assert [trial.order.skill for trial in made] == ["novice", "trained", "expert"]
    assert not any(trial.errors for trial in made)
    for worse, better in pairwise(scores):
        gains = [b - w for w, b in zip(worse, better, strict=True)]
        luck = statistics.stdev(gains) / math.sqrt(len(gains))
        assert statistics.fmean(gains) >= -2 * luck
    assert statistics.fmean(scores[2]) > statistics.fmean(scores[0])


@given(some.integers(1, 5000), some.integers(0, 5000))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(runs: int, passed: int) -> None:
    passed = min(passed, runs)
    low, high = wilson(passed, runs)
    assert 0 <= low <= passed / runs + 1e-6
    assert passed / runs - 1e-6 <= high <= 1
    assert wilson(runs - passed, runs) == pytest.approx((1 - high, 1 - low), abs=2e-6)


def test_the_interval_is_wilsons() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    _, high = wilson(500, 1000)
    assert high - 0.5 == pytest.approx(1.96 * math.sqrt(0.25 / 1000), rel=0.01)


def test_the_summary_says_where_points_are_lost_and_which_runs_to_look_at() -> None:
    order = Order("x.yaml", "t.yaml", json.dumps({"gunman.at": "kitchen"}), "trained")
    points = {"a": (10.0, 10.0), "b": (5.0, 30.0)}
    rows = [
        Row(1, True, 15, 40, 30, points, (), ("limit",)),
        Row(2, False, 10, 40, 50, {"a": (0.0, 10.0), "b": (10.0, 30.0)}, ("limit",), ("limit",)),
        Row(3, error="broken"),
    ]
    summary = Trial(order, 3, 70, rows).summary()
    assert (summary["runs"], summary["passed"], summary["pass_rate"]) == (2, 1, 0.5)
    assert summary["errors"] == [{"seed": 3, "what": "broken"}]
    assert summary["criteria"] == [
        {"id": "a", "max_points": 10.0, "mean_lost": 5.0, "lost_in": 1, "limit_broken_in": None},
        {"id": "b", "max_points": 30.0, "mean_lost": 22.5, "lost_in": 2, "limit_broken_in": None},
        {"id": "limit", "max_points": 0.0, "mean_lost": 0.0, "lost_in": 0, "limit_broken_in": 1},
    ]
    worst = summary["worst"][0]
    assert (worst["seed"], worst["why"]) == (2, ["limit", "b", "a"])
    assert worst["command"] == (
        "xrlab run x.yaml --headless --seed 2 --trainee t.yaml --skill trained"
        " --set 'gunman.at=\"kitchen\"' --out seed-2"
    )
    assert summary["score"] == {"mean": 12.5, "sd": 2.5, "min": 10, "p5": 10.25, "p25": 11.25, "p50": 12.5,
                                "p75": 13.75, "p95": 14.75, "max": 15}  # fmt: skip


def test_a_run_that_breaks_is_told_with_its_seed_and_the_others_count(tmp_path: Path) -> None:
    circle = {
        "vary": {"gunman.begins": ["waiting", "a"]},
        "people.gunman.states": {"a": {}, "b": {}},
        "people.gunman.transitions": [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}],
    }
    (made,), whole = trials(str(scene(tmp_path, circle)), runs=12, first=100)
    assert whole
    assert 0 < len(made.errors) < 12
    assert len(made.errors) + len(made.good) == 12
    assert "goes round in circles" in made.errors[0].error


def test_the_picture_shows_every_run_once() -> None:
    rows = [Row(n, n % 3 > 0, float(n), 40.0, 10) for n in range(41)]
    text = histogram("house & <hostage>", [Trial(Order("x", skill=s), 41, 70, rows) for s in ("novice", "expert")])
    root = ElementTree.fromstring(text.encode())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    words = "".join(root.itertext())
    assert "house & <hostage>, novice" in words
    assert words.count("41 runs, 65.9% passed (95 %: 50.5% to 78.4%)") == 2
    bars = [r for r in root.iter("{http://www.w3.org/2000/svg}rect") if float(r.get("width", 0)) > 20 and r.get("x")]
    tall = sum(float(b.get("height", 0)) for b in bars)
    unit = min(float(b.get("height", 0)) for b in bars)
    assert round(tall / unit) == 82
    assert "no runs" not in histogram("x", [Trial(Order("x"), 5, 70, [])])


def test_the_command_prints_a_table_and_writes_its_files(tmp_path: Path) -> None:
    path = scene(tmp_path)
    done = command("trial", path, "--runs", 6, "--skill", "all", "--out", tmp_path / "out", "-n", 1)
    assert done.returncode == 0, done.stderr
    for said in ("novice", "trained", "expert", "95 % interval", "Points lost", "stopped (of 100)", "--seed"):
        assert said in done.stdout
    assert done.stderr == ""
    facts = json.loads((tmp_path / "out" / "trial.json").read_text())
    assert [t["skill"] for t in facts["trials"]] == ["novice", "trained", "expert"]
    ElementTree.parse(tmp_path / "out" / "scores.svg")
    said = command("trial", path, "--runs", 3, "--json")
    data = json.loads(said.stdout)
    assert (data["whole"], data["trials"][0]["runs"], data["trials"][0]["skill"]) == (True, 3, None)
    assert command("trial", path, "--runs", 2, "--set", "gunman.at=c", "--json").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["house/hostag"], "did you mean 'house/hostage'?"),
        (["house/hostage", "--skill", "masters"], "no skill is called 'masters'; known: all, expert, novice, trained"),
        (["house/hostage", "--runs", "0"], "'--runs': Input should be greater than or equal to 1"),
        (["house/hostage", "--set", "gunmn.at=kitchen"], "gunmn"),
        (["house/hostage", "--trainee", "none.yaml"], "none.yaml: no such file"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(arguments: list[str], said: str) -> None:
    done = command("trial", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_scenario_without_a_script_has_no_skill_to_change(tmp_path: Path) -> None:
    path = str(write_scene(tmp_path))
    with pytest.raises(InputError, match="names no trainee script whose skill could be changed; give --trainee"):
        trials(path, runs=1, skill="novice")


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_ends_with_what_there_is(tmp_path: Path, workers: int) -> None:
    told = []

    def step(count: int) -> None:
        told.append(count)
        if len(told) == 3:
            raise KeyboardInterrupt

    (made,), whole = trials(str(scene(tmp_path)), runs=500, workers=workers, step=step)
    assert not whole
    assert len(made.rows) == sum(told) < 500
    assert made.summary()["wanted"] == 500


def test_an_interrupted_trial_says_so_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> tuple[list[Trial], bool]:
        return [Trial(Order("scene"), 9, 70, [Row(1, True, 5, 10, 3, {"a": (5.0, 10.0)})])], False

    monkeypatch.setattr("xrlab.testing.trial.trials", interrupted)
    done = CliRunner().invoke(app, ["trial", "scene", "--runs", "9", "--out", str(tmp_path / "o")])
    assert done.exit_code == 1
    assert "interrupted after 1 of 9 runs" in done.stderr
    assert "scene: 1 runs from seed 0 on" in done.stdout
    assert json.loads((tmp_path / "o" / "trial.json").read_text())["whole"] is False


# --- processes --------------------------------------------------------------------------------------


def _double(number: int) -> int:
    return 2 * number


def _dies_at_7(number: int) -> int:
    if number == 7:
        os._exit(11)
    return 2 * number


def _raises(number: int) -> int:
    raise InputError(f"no {number}")


def test_work_is_spread_and_comes_back_with_its_index() -> None:
    for workers in (1, 2):
        assert sorted(spread(_double, range(20), workers)) == [(n, 2 * n) for n in range(20)]
    assert list(spread(_double, [], 3)) == []
    with pytest.raises(InputError, match="no 0"):
        list(spread(_raises, range(3), 1))


def test_a_process_that_dies_takes_only_its_own_work_with_it() -> None:
    outcomes = dict(spread(_dies_at_7, range(12), 2))
    assert outcomes == {n: Died() if n == 7 else 2 * n for n in range(12)}
    assert "died" in str(outcomes[7])


def test_rows_of_a_chunk_are_those_of_its_seeds(tmp_path: Path) -> None:
    order = Order(str(scene(tmp_path)))
    assert [r.seed for r in run_chunk((order, (4, 9)))] == [4, 9]
