"""Parameters and templates: what stands for something else, and from where a message speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import OPEN_DOOR, write_scene

import xrlab
from xrlab.document import parse
from xrlab.errors import InputError
from xrlab.recording import read_recording
from xrlab.scenario.load import load, prepare
from xrlab.scenario.reuse import MAX_DEPTH, library, library_words, resolved
from xrlab.sim.events import StateChanged


def appended(path: Path, text: str) -> tuple[Path, int]:
    """Writes more at the end of a file; returns it and the number of the first line of that."""
    before = path.read_text()
    path.write_text(before + text)
    return path, before.count("\n") + 1


def refused(path: Path, **more: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(path, **more)
    return [str(p).replace(str(path.parent) + "/", "") for p in caught.value.problems]


def test_a_parameter_stands_for_a_value_and_within_a_text(tmp_path: Path) -> None:
    path = write_scene(
        tmp_path,
        {
            "parameters": {
                "weapon": "knife",
                "wait_s": 2.50,
                "spot": [7, 3.4],
                "half": "${wait_s} + 0.5",
                "price": "$$5",
            },
            "title": "Costs $5, $$5 and ${price}",
            "people.gunman.holds": "$weapon",
            "people.neighbour.at": "$spot",
            "people.neighbour.transitions": [{"to": "down", "when": "time() > ${half}"}],
            "time_limit_s": "$wait_s",
        },
    )
    scenario = load(path).scenario
    assert scenario.title["en"] == "Costs $5, $5 and $5"
    assert scenario.people["gunman"].holds == "knife"
    assert scenario.people["neighbour"].at == (7.0, 3.4)
    assert scenario.people["neighbour"].transitions[0].when == "time() > 2.5 + 0.5"
    assert scenario.time_limit_s == 2.5
    assert scenario.parameters["half"] == "2.5 + 0.5"


def test_a_parameter_is_set_by_hand_and_may_vary(tmp_path: Path) -> None:
    path = write_scene(
        tmp_path,
        {"parameters": {"weapon": "knife", "limit": 9}, "people.gunman.holds": "$weapon", "time_limit_s": "$limit",
         "vary": {"weapon": ["handgun", "phone"], "gunman.yaw_deg": "0..90 by 90"}},
    )  # fmt: skip
    both = {s: load(path, seed=s) for s in range(30)}
    assert {one.scenario.people["gunman"].holds for one in both.values()} == {"handgun", "phone"}
    for one in both.values():
        assert one.drawn["weapon"] == one.scenario.people["gunman"].holds
    pinned = load(path, settings={"weapon": "wallet", "limit": 4})
    assert (pinned.scenario.people["gunman"].holds, pinned.scenario.time_limit_s) == ("wallet", 4)
    assert pinned.drawn["weapon"] == "wallet"


def test_a_base_gives_parameters_that_a_scenario_sets(tmp_path: Path) -> None:
    write_scene(tmp_path, {"parameters": {"limit": 9}, "time_limit_s": "$limit"}, name="base")
    path = tmp_path / "short.yaml"
    path.write_text("extends: base.yaml\nparameters: {limit: 3}\n")
    assert load(path).scenario.time_limit_s == 3


def test_mistakes_with_parameters_are_told_with_their_place(tmp_path: Path) -> None:
    path, line = appended(
        write_scene(tmp_path, {"people.neighbour.holds": "$weapn", "time_limit_s": "$limit"}),
        "parameters:\n  weapon: banana\n  limit: [1, 2]\nends_when: time() > ${limit} && time() > ${none}\n",
    )
    said = refused(path)
    assert f"scene.yaml:{line + 3}:21: parameter 'limit' is a list; only words and numbers go into a text" in said
    assert f"scene.yaml:{line + 3}:42: no parameter is called 'none'; known: limit, weapon" in said
    assert any(one.endswith("no parameter is called 'weapn'; did you mean 'weapon'?") for one in said)
    path, line = appended(
        write_scene(tmp_path, {"people.neighbour.holds": "$weapon"}), "parameters:\n  weapon: banana\n"
    )
    (one,) = refused(path)
    assert one.startswith(f"scene.yaml:{line + 1}:11: holds is 'banana'")
    path = write_scene(tmp_path, {"people.neighbour.holds": "$weapon"})
    assert refused(path)[0].endswith(
        "no parameter is called 'weapon'; declare it under parameters, or write $$ for a dollar sign"
    )
    path, line = appended(write_scene(tmp_path), "parameters:\n  gunman: 1\n  room: 2\n")
    assert refused(path) == [
        f"scene.yaml:{line + n}:3: '{name}' names something else in this scenario; give the parameter another name"
        for n, name in ((1, "gunman"), (2, "room"))
    ]


def test_a_value_set_by_hand_is_told_as_such(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"parameters": {"weapon": "knife"}, "people.gunman.holds": "$weapon"})
    (one,) = refused(path, settings={"weapon": "banana"})
    assert one.startswith("--set weapon: holds is 'banana'")


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"a": "$b", "b": "$a"}, "a uses b uses a; a parameter can't use itself"),
        ({"a": "${a}x"}, "a uses a; a parameter can't use itself"),
        ({f"p{n}": f"$p{n + 1}" for n in range(60)}, f"parameters use each other more than {MAX_DEPTH} deep"),
        ({"p0": "x" * 100, **{f"p{n}": f"${{p{n - 1}}}" * 10 for n in range(1, 12)}}, "grows by more than 20,000"),
        ({"p0": "x", **{f"p{n}": [f"$p{n - 1}"] * 10 for n in range(1, 12)}}, "unfold to more than 200,000 parts"),
        ({"p0": "x", **{f"p{n}": [[[[[[f"$p{n - 1}"]]]]]] for n in range(1, 14)}}, "is nested more than 64 deep"),
    ],
)  # fmt: skip
def test_parameters_that_never_end_or_grow_without_bound_are_refused(
    tmp_path: Path, parameters: dict[str, Any], said: str
) -> None:
    path = write_scene(tmp_path, {"parameters": parameters})
    assert any(said in one for one in refused(path))


def test_many_uses_of_a_large_parameter_are_bounded(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"parameters": {"long": list(range(1000))}, "clear": ["$long"] * 500})
    assert "parameters unfold to more than 200,000 parts here" in refused(path)[0]


def test_a_person_is_like_another_a_template_or_one_of_the_library(tmp_path: Path) -> None:
    path = write_scene(
        tmp_path,
        {
            "templates": {"armed": {"role": "threat", "holds": "handgun", "states": {"angry": {"do": ["stand"]}}},
                          "calm": {"like": "armed", "states": {"sits": {}, "angry": None}}},
            "people.second": {"like": "calm", "at": "c", "holds": "knife"},
            "people.third": {"like": "neighbour", "variant": 4},
            "people.gunman_aggressive": {"like": "gunman_aggressive", "at": "a"},
        },
    )  # fmt: skip
    people = load(path).scenario.people
    assert (people["second"].role, people["second"].holds, list(people["second"].states)) == (
        "threat",
        "knife",
        ["sits"],
    )
    assert (people["third"].at, people["third"].holds, people["third"].variant) == ("c", "phone", 4)
    assert people["gunman_aggressive"].transitions
    assert "calm" not in people


def test_whom_someone_is_like_may_vary_and_their_details_may_be_set(tmp_path: Path) -> None:
    path = write_scene(
        tmp_path,
        {"templates": {"angry": {"states": {"x": {"do": [{"wait_s": 1}]}}},
                       "calm": {"states": {"x": {"do": [{"wait_s": 2}]}}}},
         "people.gunman.like": "angry", "vary": {"gunman.like": ["angry", "calm"]}},
    )  # fmt: skip
    waits = {s: load(path, seed=s).scenario.people["gunman"].states["x"].do[0].wait_s for s in range(20)}  # type: ignore[union-attr]
    assert set(waits.values()) == {1, 2}
    fixed = load(path, settings={"gunman.like": "calm", "gunman.states.x.do.0.wait_s": 7})
    assert fixed.scenario.people["gunman"].states["x"].do[0].wait_s == 7  # type: ignore[union-attr]
    assert fixed.drawn == {"gunman.like": "calm"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"people.gunman.like": "neighbor"}, "no person or template is called 'neighbor'; did you mean 'neighbour'?"),
        ({"people.gunman.like": 3}, "no person or template is called '3'"),
        ({"people.gunman.like": "neighbour", "people.neighbour.like": "gunman"},
         "gunman is like neighbour is like gunman; nothing can be like itself"),
        ({"people.gunman.like": "gunman"}, "no person or template is called 'gunman'"),
        ({"targets": {"t": {"like": "neighbour", "at": "c"}}}, "no target or template is called 'neighbour'"),
        ({"people.gunman.like": "x", "templates": {"x": "y"}}, "must be a mapping of keys to values"),
        ({"people.gunman.like": "t0", "templates": {f"t{n}": {"like": f"t{n + 1}"} for n in range(40)}},
         f"is like others more than {MAX_DEPTH} deep"),
    ],
)  # fmt: skip
def test_mistakes_with_templates_are_told(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    messages = refused(write_scene(tmp_path, changes))
    assert any(said in one for one in messages)
    assert all(one.startswith("scene.yaml:") for one in messages)


def test_a_mistake_in_a_template_is_told_where_the_template_stands(tmp_path: Path) -> None:
    path, line = appended(
        write_scene(tmp_path, {"people.gunman.like": "x"}),
        "templates:\n  x:\n    states: {a: {do: [{walk_to: nowhere}]}}\n",
    )
    (one,) = refused(path)
    assert one.startswith(f"scene.yaml:{line + 2}:33: the room has no zone, point or door 'nowhere'")


def test_everyone_of_the_library_can_be_in_a_scenario_with_nothing_but_a_place(tmp_path: Path) -> None:
    people = {f"x_{n}": {"like": n, "at": "c"} for n in library()["people"].data["people"]}
    targets = {f"y_{n}": {"like": n, "at": "c"} for n in library()["targets"].data["targets"]}
    scenario = load(write_scene(tmp_path, {"people": people, "targets": targets})).scenario
    assert len(scenario.people) == len(people) and len(scenario.targets) == len(targets)
    assert {s: list(w) for s, w in library_words().items()} == {s: list(d.data[s]) for s, d in library().items()}
    for person in scenario.people.values():
        assert person.title is None or set(person.title) == {"nl", "fr", "de", "en"}


@pytest.mark.parametrize(
    ("who", "states"),
    [
        ("gunman_aggressive", {"attacking"}),
        ("gunman_gives_up", {"attacking", "surrendering"}),
        ("knife_gives_up", {"surrendering"}),
        ("bystander_freezes", {"complying"}),
        ("plain_clothes_officer", {"identifying"}),
    ],
)
def test_people_of_the_library_do_what_is_said_of_them(tmp_path: Path, who: str, states: set[str]) -> None:
    steps = [{"go": "middle_door"}, "challenge", {"wait_s": 4}, "challenge", {"wait_s": 5}]
    (tmp_path / "t.yaml").write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": {"do": steps}}}))
    path = write_scene(tmp_path, {"people": {"x": {"like": who, "at": "b"}}, "trainee": "t.yaml"}, OPEN_DOOR)
    found = set()
    for seed in range(8):
        xrlab.run(path, seed=seed, out=tmp_path / "out")
        events = read_recording(tmp_path / "out" / "recording.mcap").events
        found |= {e.state for e in events if isinstance(e, StateChanged)} - {"waiting", "frozen", "hesitating", "down"}
    assert found == states


def test_a_choice_made_of_what_varies_itself_is_refused(tmp_path: Path) -> None:
    path, line = appended(
        write_scene(tmp_path),
        "parameters: {door: a, way: $door}\nvary:\n  door: [a, b]\n  gunman.at: [$way, c]\n",
    )
    (one,) = refused(path)
    assert one.startswith(f"scene.yaml:{line + 3}:15: uses $door, which varies itself")


def test_the_document_itself_is_left_as_it_was(tmp_path: Path) -> None:
    path = write_scene(
        tmp_path,
        {"parameters": {"w": "knife"}, "people.gunman.holds": "$w", "people.b": {"like": "gunman"},
         "vary": {"w": ["phone", "knife"], "gunman.at": ["a", "b"]}},
    )  # fmt: skip
    prepared = prepare(path)
    before = yaml.safe_dump(prepared.document.data), dict(prepared.document.places)
    for seed in range(8):
        prepared.draw(seed, {"neighbour.at": "a"})
    assert (yaml.safe_dump(prepared.document.data), dict(prepared.document.places)) == before


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="${}ab \n", max_size=30))
def test_any_text_with_dollars_gives_a_text_or_a_message(text: str) -> None:
    document = parse(yaml.safe_dump({"parameters": {"a": "A", "b": 2}, "title": text}), "x.yaml")
    try:
        made = resolved(document).document.data["title"]
    except InputError as error:
        assert "no parameter is called" in str(error)
        return
    wanted = {"$a": "A", "$b": 2}.get(text)
    if wanted is None:
        pieces = text.split("$$")
        wanted = "$".join(piece.replace("${a}", "A").replace("${b}", "2") for piece in pieces)
    assert made == wanted


def test_a_parameter_that_lacks_its_quotes_within_braces_is_told() -> None:
    with pytest.raises(InputError, match=r"a text with \$\{…\} within braces needs quotes"):
        parse("a: {when: time() > ${wait_s}}\n")
