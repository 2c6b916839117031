"""Scenarios from Python, and documents converted: the same model, the same messages, nothing lost."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenes import SCENARIO, write_scene
from typer.testing import CliRunner

import xrlab
from xrlab.authoring.convert import change, convert
from xrlab.authoring.schema import FOLDER, modeline, write_schemas
from xrlab.cli import app
from xrlab.document import parse
from xrlab.errors import InputError
from xrlab.scenario.load import load, prepare, shipped


def built(folder: Path, **more: Any) -> xrlab.Scenario:
    """The scene of tests/scenes.py from Python."""
    write_scene(folder)
    scenario = xrlab.Scenario(SCENARIO["title"], room="room.yaml", folder=folder, **{"time_limit_s": 20, **more})
    scenario.team("police", trainees=["p1"], start="a", carries=["pistol"])
    scenario.person("gunman", role="threat", at="b", holds="handgun")
    scenario.person("neighbour", role="no_shoot", at="c", holds="phone")
    return scenario.criterion("stopped", 'stopped("threat")', points=100)


def test_python_makes_the_same_model_as_a_file(tmp_path: Path) -> None:
    scenario = built(tmp_path)
    loaded = scenario.check()
    assert loaded.scenario == load(tmp_path / "scene.yaml").scenario
    assert loaded.room.name == "Two rooms"
    assert xrlab.run(scenario, seed=3)["events_sha256"] != ""


def test_loops_add_what_they_like_and_the_file_says_the_same(tmp_path: Path) -> None:
    scenario = built(tmp_path).pass_at(60).parameter("face", "silhouette")
    scenario.template("board", face="$face", motion="turning")
    for n in range(5):
        scenario.target(f"t{n}", like="board", at=(np.float64(7), 0.5 + n / 2))
    scenario.string("all", show=[f"t{n}" for n in range(5)], for_s=(2, 3), rounds=5)
    scenario.event("dark", at_s=5, do=[{"lights": "off"}]).inject("stop", label="Stop", do=[{"end": "stopped"}])
    scenario.vary("gunman.at", ["b", "c"]).vary("neighbour.at", ["b", "c"]).never("gunman.at == neighbour.at")
    scenario.face("plate", width_mm=200, height_mm=200, zones=[{"zone": "A", "circle_mm": [0, 0, 100]}])
    scenario.set("briefing", {"en": "Hello"})
    other = tmp_path / "made"
    other.mkdir()
    path = scenario.save(other / "made.yaml")
    for seed in range(4):
        assert (
            load(path, seed=seed).scenario.model_copy(update={"room": "room.yaml"})
            == scenario.check(seed=seed).scenario
        )
    text = path.read_text(encoding="utf-8")
    assert text.startswith(modeline("scenario") + "\nxrlab: 1\n")
    assert (other / FOLDER / "scenario.schema.json").is_file()
    assert "\n  t3: {like: board, at: [7.0, 2.0]}\n" in text
    assert "room: ../room.yaml\n" in text
    keys = [line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()]
    known = list(type(scenario.check().scenario).model_fields)
    assert keys == sorted(keys, key=known.index)


def test_a_schema_that_lies_higher_is_named_and_none_is_written(tmp_path: Path) -> None:
    write_schemas(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    path = built(tmp_path).save(tmp_path / "a" / "b" / "x.yaml")
    assert path.read_text(encoding="utf-8").startswith(modeline("scenario", 2))
    assert not (path.parent / FOLDER).exists()


def test_a_mistake_is_told_at_the_line_of_the_call(tmp_path: Path) -> None:
    scenario = built(tmp_path)
    here = inspect.currentframe()
    assert here is not None
    line = here.f_lineno + 1
    scenario.person("third", role="threat", at="nowhere")
    scenario.event("x", when='heard("shoot")', do=[{"lights": "off"}])
    with pytest.raises(InputError) as caught:
        scenario.check()
    first, second = caught.value.problems
    assert (first.file, first.line) == (__file__, line)
    assert "no zone, point or door 'nowhere'" in first.what
    assert second.line == line + 1 and "did you mean 'shot'?" in second.what
    with pytest.raises(InputError, match="'third' was added before, in line"):
        scenario.person("third", role="threat", at="a")
    with pytest.raises(InputError, match="a set cannot stand in a document"):
        scenario.person("fourth", role="threat", at={1, 2})  # type: ignore[arg-type]
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InputError, match="nested too deep"):
        scenario.set("clear", endless)


def test_python_can_extend_and_be_like(tmp_path: Path) -> None:
    built(tmp_path).save(tmp_path / "base.yaml")
    scenario = xrlab.Scenario(extends="base.yaml", folder=tmp_path)
    scenario.person("second", like="gunman", at="a")
    assert set(scenario.check().scenario.people) == {"gunman", "neighbour", "second"}
    assert scenario.text() == "extends: base.yaml\n\npeople:\n  second: {like: gunman, at: a}\n"


def test_a_name_that_xrlab_does_not_have_is_still_an_error() -> None:
    with pytest.raises(AttributeError, match="Scenari0"):
        _ = xrlab.Scenari0


PLACES = st.sampled_from(["a", "b", "c", "aside", [7, 3.4]])
PEOPLE = st.fixed_dictionaries(
    {"role": st.sampled_from(["threat", "no_shoot"]), "at": PLACES},
    optional={
        "holds": st.sampled_from(["phone", "knife", "nothing"]),
        "yaw_deg": st.integers(-180, 180) | st.floats(-180, 180),
        "states": st.dictionaries(
            st.sampled_from(["angry", "calm"]),
            st.fixed_dictionaries({"do": st.lists(st.sampled_from(["kneel", "stand", {"wait_s": 1.5}]), max_size=3)}),
        ),
        "transitions": st.lists(
            st.sampled_from([{"to": "down", "when": 'hits("self") >= 2'}, {"to": "frozen", "after_s": [1, 2]}]),
            max_size=2,
        ),
    },
)
NAMES = st.from_regex(r"[a-z]{3,8}_[0-9]{1,2}", fullmatch=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(NAMES, PEOPLE, max_size=6),
    st.dictionaries(st.sampled_from(["en", "nl"]), st.text(max_size=30), min_size=1),
)
def test_what_is_saved_is_what_was_made(tmp_path: Path, people: dict[str, Any], title: dict[str, str]) -> None:
    scenario = built(tmp_path)
    scenario.set("title", title)
    for name, person in people.items():
        scenario.person(name, **person)
    path = scenario.save(tmp_path / "saved.yaml")
    assert load(path).scenario == scenario.check().scenario
    assert parse(path.read_text(encoding="utf-8")).data == scenario.data


def test_yaml_becomes_json_and_yaml_again(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"vary": {"gunman.at": ["a", "b"]}})
    as_json = convert(path, tmp_path / "x.json")
    assert json.loads(as_json.read_text(encoding="utf-8")) == yaml.safe_load(path.read_text())
    again = convert(as_json, tmp_path / "again.yaml")
    assert load(again, seed=3).scenario == load(as_json, seed=3).scenario == load(path, seed=3).scenario


def test_comments_stay_where_yaml_becomes_yaml(tmp_path: Path) -> None:
    path = write_scene(tmp_path)
    path.write_text("# head\n" + path.read_text().replace("at: b", "at: b   # here"))
    (tmp_path / "sub").mkdir()
    out = convert(path, tmp_path / "sub" / "y.yaml", settings={"gunman.at": "c"})
    assert out.read_text() == path.read_text().replace("at: b", "at: c").replace(
        "room: room.yaml", "room: ../room.yaml"
    )
    assert load(out).scenario.people["gunman"].at == "c"


def test_flat_is_one_file_and_a_seed_is_one_draw(tmp_path: Path) -> None:
    write_scene(tmp_path, {"parameters": {"weapon": "knife"}, "people.gunman.holds": "$weapon"}, name="base")
    (tmp_path / "more.yaml").write_text("people:\n  x: {like: gunman, at: a}\n")
    path = tmp_path / "top.yaml"
    path.write_text("extends: base.yaml\ninclude: more.yaml\nvary:\n  gunman.at: [b, c]\n")
    (tmp_path / "sub").mkdir()
    flat = convert(path, tmp_path / "sub" / "flat.yaml", flat=True)
    data = parse(flat.read_text(encoding="utf-8")).data
    assert not {"extends", "include", "parameters", "templates"} & set(data)
    assert data["people"]["x"]["holds"] == "knife" and data["room"] == "../room.yaml"
    for seed in range(5):
        one = convert(path, tmp_path / f"one{seed}.yaml", seed=seed)
        assert "vary" not in parse(one.read_text(encoding="utf-8")).data
        assert (
            load(one).scenario.people == load(path, seed=seed).scenario.people == load(flat, seed=seed).scenario.people
        )
    path.write_text(path.read_text() + "  weapon: [knife, phone]\n")
    with pytest.raises(InputError, match="weapon varies, so what is made of it differs from draw to draw; give a seed"):
        convert(path, tmp_path / "z.yaml", flat=True)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_scenario_survives_being_flattened_and_moved(tmp_path: Path, name: str) -> None:
    out = convert(name, tmp_path / "moved.yaml", flat=True)
    mine, theirs = load(out, seed=5), load(name, seed=5)
    free = {"room": "", "trainee": None, "parameters": {}, "standard": None}
    assert mine.scenario.model_copy(update=free) == theirs.scenario.model_copy(update=free)
    assert mine.room.name == theirs.room.name


def test_a_shipped_room_goes_by_its_name(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"room": "house", "teams.police.start": "entrance", "people": {}})
    assert load(path).room.name == load("house/hostage").room.name
    with pytest.raises(InputError, match=r"no room file 'hous'; did you mean 'house'\?"):
        load(path, settings={"room": "hous"})


@pytest.mark.parametrize(
    ("out", "said"), [("x.toml", "is written as .yaml or .json"), ("scene.yaml", "is the file itself"),
                      ("no/x.yaml", "give a folder that exists")]
)  # fmt: skip
def test_where_a_scenario_can_not_be_written_is_told(tmp_path: Path, out: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        convert(write_scene(tmp_path), tmp_path / out)


def test_values_are_set_in_a_file_and_what_would_break_it_is_refused(tmp_path: Path) -> None:
    path = write_scene(tmp_path)
    path.write_text("# head\n" + path.read_text())
    assert change(path, {"gunman.at": "c", "vary": {"neighbour.at": ["a", "c"]}}, ["neighbour.holds"])
    assert not change(path, {"gunman.at": "c"})
    assert path.read_text().startswith("# head\n")
    assert prepare(path).draw(0).scenario.people["neighbour"].holds == "nothing"
    before = path.read_text()
    for wrong, said in (
        ({"gunman.at": "nowhere"}, "no zone, point or door 'nowhere'"),
        ({"gunmn.at": "a"}, "nothing is called 'gunmn'; did you mean 'gunman'?"),
        ({"people.gunman.hold": "phone"}, "unknown key 'hold'; did you mean 'holds'?"),
    ):
        with pytest.raises(InputError) as caught:
            change(path, wrong)
        assert said in str(caught.value)
    with pytest.raises(InputError, match="there is nothing to take out"):
        change(path, {}, ["gunman.pose"])
    assert path.read_text() == before


def test_a_value_of_a_base_is_set_in_the_file_that_extends_it(tmp_path: Path) -> None:
    write_scene(tmp_path, name="base")
    path = tmp_path / "top.yaml"
    path.write_text("extends: base.yaml  # the base\n")
    assert change(path, {"gunman.at": "c"})
    assert path.read_text() == "extends: base.yaml  # the base\npeople:\n  gunman: {at: c}\n"


def test_points_and_zones_are_added_to_a_room(tmp_path: Path) -> None:
    write_scene(tmp_path)
    assert change(tmp_path / "room.yaml", {"points.d": {"at": [3, 3]}, "zones": {"corner": {"rect": [0, 0, 1, 1]}}})
    assert load(tmp_path / "scene.yaml", settings={"gunman.at": "d"}).scenario.people["gunman"].at == "d"
    with pytest.raises(InputError, match="did you mean 'rect'"):
        change(tmp_path / "room.yaml", {"zones.corner": {"rct": [0, 0, 1, 1]}})


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_scene(tmp_path)
    runner = CliRunner()
    done = runner.invoke(app, ["set", "scene.yaml", "gunman.at=c", "people.third={like: gunman, at: a}"])
    assert (done.exit_code, done.output) == (0, "scene.yaml: changed\n")
    done = runner.invoke(app, ["convert", "scene.yaml", "flat.json", "--flat", "--set", "gunman.holds=knife"])
    assert (done.exit_code, done.output) == (0, "flat.json\n")
    people = json.loads(Path("flat.json").read_text())["people"]
    assert people["gunman"]["holds"] == "knife" and people["third"]["at"] == "a"
    assert "give NAME=VALUE" in str(runner.invoke(app, ["set", "scene.yaml"]).exception)
