"""Names and paths of scenarios, what the seed draws, and what --set overrides."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from scenes import write_scene

from xrlab.chance import drawn, stream
from xrlab.errors import InputError
from xrlab.scenario.load import find, load, model_of, prepare, setting, shipped


def test_shipped_scenarios_are_found_by_name_and_by_path() -> None:
    assert {"house/hostage", "range/qualification"} <= set(shipped())
    for name, path in shipped().items():
        assert find(name) == (name, path)
        assert find(path)[0] == name
        loaded = load(name)
        assert set(loaded.scenario.title) == {"nl", "fr", "de", "en"}


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'house/hostage'"):
        load("house/hostge")


def test_the_seed_fixes_what_varies_and_weights_are_kept(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"vary": {"gunman.at": {"a": 3, "b": 1}, "gunman.holds": ["knife", "phone"]}})
    places = [str(load(path, seed=s).scenario.people["gunman"].at) for s in range(200)]
    assert places == [str(load(path, seed=s).scenario.people["gunman"].at) for s in range(200)]
    counts = Counter(places)
    assert 120 <= counts["a"] <= 180
    both = {
        (load(path, seed=s).scenario.people["gunman"].at, load(path, seed=s).scenario.people["gunman"].holds)
        for s in range(60)
    }
    assert len(both) == 4


def test_what_varies_elsewhere_changes_no_draw(tmp_path: Path) -> None:
    one = write_scene(tmp_path, {"vary": {"gunman.at": ["a", "b"]}}, name="one")
    two = write_scene(tmp_path, {"vary": {"neighbour.holds": ["phone", "wallet"], "gunman.at": ["a", "b"]}}, name="two")
    for seed in range(30):
        assert load(one, seed=seed).scenario.people["gunman"].at == load(two, seed=seed).scenario.people["gunman"].at


def test_settings_win_over_what_varies(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"vary": {"gunman.at": ["a", "b"]}})
    for seed in range(5):
        chosen = load(path, seed=seed, settings={"gunman.at": "c", "teams.police.carries.0": "carbine"}).scenario
        assert chosen.people["gunman"].at == "c"
        assert chosen.teams["police"].carries == ["carbine"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("gunman.at", "--set needs NAME=VALUE"),
        ("=3", "--set needs NAME=VALUE"),
        ("gunman.at=[1", "--set:"),
    ],
)
def test_a_setting_that_is_none_is_told(given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        setting(given)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("gunmn.at", "a", "--set: gunmn.at: nothing is called 'gunmn'; did you mean 'gunman'?"),
        ("gunman.states.x.do", 1, "--set: gunman.states.x.do: there is no 'states' here"),
        ("gunman.at.x", 1, "--set: gunman.at.x: 'x' cannot be set here"),
        ("gunman.at", "nowhere", "the room has no zone, point or door 'nowhere'"),
    ],
)
def test_a_setting_that_does_not_fit_is_told(tmp_path: Path, key: str, value: object, said: str) -> None:
    path = write_scene(tmp_path)
    with pytest.raises(InputError) as caught:
        load(path, settings={key: value})
    assert said in str(caught.value)


def test_values_of_settings_are_read_as_yaml() -> None:
    assert setting("a.b=3") == ("a.b", 3)
    assert setting("a= [1, 2]") == ("a", [1, 2])
    assert setting("a=x=y") == ("a", "x=y")


def test_streams_are_told_apart_by_name_and_by_seed() -> None:
    first = stream(7, "person:gunman").random(4).tolist()
    assert first == stream(7, "person:gunman").random(4).tolist()
    others = [stream(7, "person:gunmen"), stream(8, "person:gunman"), stream(7, "person:gunma")]
    assert all(other.random(4).tolist() != first for other in others)
    assert drawn(stream(1, "x"), (2.0, 2.0)) == 2.0
    assert 2.0 <= drawn(stream(1, "x"), (2.0, 3.0)) <= 3.0


def test_the_streams_are_the_same_on_every_machine_and_numpy() -> None:
    assert [int(n * 10**9) for n in stream(7, "person:gunman").random(3)] == [209458461, 43707856, 970779243]


def test_a_prepared_scenario_draws_what_load_draws_and_loads_the_room_once(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"vary": {"gunman.at": ["a", "b"], "gunman.yaw_deg": "0..90 by 45"}})
    prepared = prepare(path)
    for seed in range(20):
        fresh, quick = load(path, seed=seed), prepared.draw(seed)
        assert quick.scenario == fresh.scenario
        assert quick.drawn == fresh.drawn == {"gunman.at": quick.scenario.people["gunman"].at,
                                              "gunman.yaw_deg": quick.scenario.people["gunman"].yaw_deg}  # fmt: skip
        assert quick.room is prepared.draw(0).room
    assert prepared.draw(3, {"gunman.at": "c"}).drawn["gunman.at"] == "c"
    assert prepared.draw(3, {"neighbour.at": "c"}).settings == {"neighbour.at": "c"}


def test_variants_are_the_draws_of_the_first_seeds_without_repetition(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"vary": {"gunman.at": ["a", "b"], "neighbour.holds": ["phone", "wallet"]}})
    variants = list(prepare(path).variants(60))
    assert len(variants) == 4
    for variant in variants:
        assert model_of(variant.document) == load(path, seed=variant.seed).scenario
    assert [v.seed for v in variants] == sorted(v.seed for v in variants)


def test_every_choice_comes_up_in_as_few_draws_as_hold_them(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"vary": {"gunman.at": {"a": 1, "b": 0, "c": 1e-9}, "gunman.yaw_deg": "0..180"}})
    drawn = [v.drawn for v in prepare(path).each_choice()]
    assert {d["gunman.at"] for d in drawn} == {"a", "c"}
    assert [d["gunman.yaw_deg"] for d in drawn] == [0, 90, 180]


def test_a_message_about_a_drawn_value_names_the_choice(tmp_path: Path) -> None:
    path = write_scene(tmp_path)
    text = path.read_text() + "vary:\n  gunman.at:\n  - b\n  - nowhere\n"
    path.write_text(text)
    line = text[: text.index("nowhere")].count("\n") + 1
    with pytest.raises(InputError) as caught:
        list(map(prepare(path).draw, range(20)))
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.column) == (str(path), line, 5)
    assert "no zone, point or door 'nowhere'" in problem.what
