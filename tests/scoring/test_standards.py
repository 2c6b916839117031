from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenes import changed

import xrlab
from xrlab.errors import InputError
from xrlab.recording.reader import read_recording
from xrlab.run import score_recording
from xrlab.scenario.load import load, prepare, shipped
from xrlab.scenario.standards import read_standard, shipped_standards
from xrlab.testing.validation import check_paths

RANGE: dict[str, Any] = {
    "xrlab": 1,
    "title": "Qualification",
    "room": "range",
    "standard": "service_pistol_25",
    "time_limit_s": 240,
    "ends_when": "strings_done()",
    "teams": {"police": {"trainees": ["p1"], "start": "firing_line_3", "carries": ["pistol"]}},
    "targets": {
        "near": {"at": [5, 0.45]},
        "middle": {"at": [10, -0.45]},
        "far": {"at": [15, 0.55]},
        "bystander": {"at": [15, -0.75]},
        "precision": {"at": [25, 0]},
    },
}


def write(folder: Path, changes: dict[str, Any] | None = None, name: str = "scenario.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(changed(RANGE, changes or {}), sort_keys=False, allow_unicode=True))
    return path


def refused(folder: Path, changes: dict[str, Any], **options: Any) -> list[str]:
    with pytest.raises(InputError) as error:
        load(write(folder, changes), **options)
    return [f"{Path(p.file).name}:{p.line}: {p.what}" for p in error.value.problems]


def test_the_standard_says_strings_faces_rules_and_marks(tmp_path: Path) -> None:
    scenario = load(write(tmp_path)).scenario
    assert [s.name for s in scenario.strings] == ["near_pairs", "middle_singles", "decision", "rapid_25"]
    assert scenario.targets["bystander"].role == "no_shoot"
    assert scenario.targets["precision"].face == "precision_25m"
    assert scenario.scoring.criteria.keys() >= {"points", "no_shoot_hits"}


def test_it_is_the_scenario_that_ships(tmp_path: Path) -> None:
    own, sent = load(write(tmp_path)).scenario, load("range/qualification").scenario
    assert own.strings == sent.strings
    assert own.scoring == sent.scoring
    assert own.targets == sent.targets


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("strings", [], "the standard 'service_pistol_25' says strings; a scenario under it can't"),
        ("scoring", {"criteria": {}}, "says scoring"),
        ("targets.near.face", "plate", "says face of 'near'"),
        ("targets.near.motion", "fixed", "says motion of 'near'"),
        ("targets.bystander.role", "target", "says role of 'bystander'"),
        ("targets.precision", None, "needs a target 'precision' 25 m away; say under targets where"),
        ("standard", "service_pistol_52", "did you mean 'service_pistol_25'?"),
        ("standard", "../mine.yaml", "must lie in the scenario's own folder"),
        ("standard", "mine.yaml", "no file 'mine.yaml'"),
        ("standard", {"name": "x"}, "standard needs a name"),
    ],
)
def test_what_it_says_cannot_be_said_again(tmp_path: Path, path: str, value: Any, said: str) -> None:
    found = refused(tmp_path, {path: value})
    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    ("changes", "settings", "said"),
    [
        ({"vary": {"strings.0.for_s": [3, 30]}}, {}, "says strings.0.for_s; it can't be varied, set or changed"),
        ({"vary": {"easy": {"yes": {"scoring.pass_at": 10}}}}, {}, "says scoring.pass_at"),
        ({"vary": {"near.face": ["hostage"]}}, {}, "says targets.near.face"),
        ({}, {"scoring.pass_at": 1}, "says scoring.pass_at"),
        ({}, {"targets.bystander.role": "target"}, "says targets.bystander.role"),
    ],
)
def test_nor_varied_nor_set(tmp_path: Path, changes: dict[str, Any], settings: dict[str, Any], said: str) -> None:
    found = refused(tmp_path, changes, settings=settings, seed=1)
    assert any(said in line for line in found), found


def test_nor_changed_by_whoever_extends_it(tmp_path: Path) -> None:
    write(tmp_path)
    over = tmp_path / "easier.yaml"
    over.write_text("xrlab: 1\nextends: scenario.yaml\nscoring: {pass_at: 1}\n")
    with pytest.raises(InputError, match=r"easier.yaml:3.*says scoring"):
        load(over)


def test_more_may_stand_in_the_room_than_the_standard_says(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, {"targets.extra": {"at": [20, 3], "face": "plate"}})).scenario
    assert "extra" in scenario.targets


@pytest.mark.parametrize(("x", "wrong"), [(5.0, False), (5.1, False), (4.0, True), (5.2, True)])
def test_targets_stand_at_their_distance(tmp_path: Path, x: float, wrong: bool) -> None:
    """The firing point lies 0.4 m behind x = 0; the standard allows half a metre."""
    if not wrong:
        load(write(tmp_path, {"targets.near.at": [x, 0.45]}))
        return
    (line,) = refused(tmp_path, {"targets.near.at": [x, 0.45]})
    assert f"wants 'near' 5 m from 'p1', within 0.5 m; it stands {x + 0.4:.2f} m away" in line


def test_a_file_beside_the_scenario(tmp_path: Path) -> None:
    shutil.copy(shipped_standards()["service_pistol_25"], tmp_path / "mine.yaml")
    loaded = load(write(tmp_path, {"standard": "mine.yaml"}))
    assert loaded.scenario.under is not None
    assert loaded.scenario.under.name == "service_pistol_25"
    count, problems = check_paths([tmp_path])
    assert (count, problems) == (2, [])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  nl: Dienstpistool, 25 m (van dit lab)\n", "", "has no text in nl"),
        ("show: [far, bystander]", "show: [far, bystandr]", "has no target 'bystandr'; did you mean 'bystander'?"),
        ("version: 2026-1\n", "", "the key 'version' is missing"),
        ("distance_m: 25", "distance_m: -25", "it must be more than 0"),
        ("show: [near]", "show: {p1: [near]}", "has no lanes"),
    ],
)
def test_what_is_wrong_in_a_standard(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = shipped_standards()["service_pistol_25"].read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=said.replace("?", r"\?")):
        read_standard(path)


def test_a_result_and_its_recording_say_which(tmp_path: Path) -> None:
    result = xrlab.run("range/qualification", seed=7, out=tmp_path)
    text = shipped_standards()["service_pistol_25"].read_bytes()
    assert result["standard"]["name"] == "service_pistol_25"
    assert result["standard"]["sha256"] == hashlib.sha256(text).hexdigest()
    recording = read_recording(tmp_path / "recording.mcap")
    assert recording.scenario.under is not None
    assert recording.scenario.under.text.encode() == text
    assert score_recording(recording).to_json() == (tmp_path / "result.json").read_text(encoding="utf-8")


def test_a_flat_copy_is_a_scenario_of_its_own() -> None:
    flat = prepare("range/qualification").flat()
    assert "standard" not in flat.data
    assert load(flat).scenario.under is None
    assert load(flat).scenario.strings == load("range/qualification").scenario.strings


@pytest.mark.parametrize("name", sorted(shipped_standards()))
def test_shipped_standards_can_be_fired(tmp_path: Path, name: str) -> None:
    """On the range that ships, by somebody who hits where they aim."""
    _, model, _ = read_standard(shipped_standards()[name])
    wide = {n: 0.3 * k - 0.6 for k, n in enumerate(model.targets)}
    targets = {n: {"at": [t.distance_m - 0.4, wide[n]]} for n, t in model.targets.items()}
    path = write(tmp_path, {"standard": name, "targets": targets, "time_limit_s": 3600})
    script = tmp_path / "p1.yaml"
    script.write_text("xrlab: 1\ntrainees: {p1: {skill: expert, do: [strings]}}\n")
    result = xrlab.run(path, seed=1, trainee=script)
    assert result["ended"] == "done"
    assert result.score > 0.6 * result["max_score"], json.dumps(result["criteria"], indent=1)
    assert check_paths([path])[1] == []


def test_no_shipped_standard_is_unused_by_name() -> None:
    assert "range/qualification" in shipped()
    for name, path in shipped_standards().items():
        assert read_standard(path)[1].standard == name
