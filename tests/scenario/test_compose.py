"""Scenarios put together from several files: what is merged, from which file a message speaks, and what is refused."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import SCENARIO, write_scene

from xrlab.document import Document, parse
from xrlab.errors import InputError
from xrlab.scenario.compose import MAX_DEPTH, merged
from xrlab.scenario.load import load, scenarios_in


def write(path: Path, data: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False, allow_unicode=True))
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(path)
    return [str(p).replace(str(path.parent) + "/", "") for p in caught.value.problems]


def test_a_scenario_says_only_what_differs_from_the_one_it_extends(tmp_path: Path) -> None:
    write_scene(tmp_path, name="base")
    path = write(
        tmp_path / "night.yaml",
        """
        extends: base.yaml
        title: {en: At night}
        time_limit_s: 12
        people:
          gunman: {holds: knife}
          neighbour: null
          passer_by: {role: no_shoot, at: c}
        """,
    )
    scenario = load(path).scenario
    assert scenario.title == {**SCENARIO["title"], "en": "At night"}
    assert scenario.time_limit_s == 12
    assert list(scenario.people) == ["gunman", "passer_by"]
    assert (scenario.people["gunman"].holds, scenario.people["gunman"].at) == ("knife", "b")
    assert scenario.scoring == load(tmp_path / "base.yaml").scenario.scoring


def test_a_base_may_extend_another_and_a_shipped_scenario_goes_by_its_name(tmp_path: Path) -> None:
    write_scene(tmp_path, name="base")
    write(tmp_path / "b.yaml", {"extends": "base.yaml", "time_limit_s": 11})
    assert load(write(tmp_path / "c.yaml", {"extends": "b.yaml", "kind": "house"})).scenario.time_limit_s == 11
    own = load(write(tmp_path / "own.yaml", {"extends": "house/hostage", "people": {"child": None}}))
    assert "child" not in own.scenario.people
    assert own.room.name == load("house/hostage").room.name
    assert set(scenarios_in(tmp_path)) == {"base", "b", "c", "own"}


def test_lists_and_choices_are_replaced_not_merged(tmp_path: Path) -> None:
    write_scene(
        tmp_path, {"vary": {"gunman.at": {"a": 1, "b": 1}}, "people.gunman.transitions": [{"to": "down"}]}, name="base"
    )
    scenario = load(
        write(tmp_path / "x.yaml", {"extends": "base.yaml", "vary": {"gunman.at": {"c": 1}},
                                    "people": {"gunman": {"transitions": []}}})
    ).scenario  # fmt: skip
    assert scenario.vary == {"gunman.at": {"c": 1}}
    assert scenario.people["gunman"].transitions == []


def test_messages_name_the_file_in_which_the_mistake_stands(tmp_path: Path) -> None:
    base = write_scene(tmp_path, name="base")
    text = base.read_text().replace("at: c\n", "at: nowhere\n")
    base.write_text(text)
    line = text[: text.index("nowhere")].count("\n") + 1
    path = write(tmp_path / "x.yaml", "extends: base.yaml\npeople:\n  gunman:\n    holds: banana\n")
    (said,) = refused(path)
    assert said.startswith("x.yaml:4:12: holds is 'banana'")
    path.write_text("extends: base.yaml\n")
    (said,) = refused(path)
    assert said.startswith(f"base.yaml:{line}:9: the room has no zone, point or door 'nowhere'")


def test_includes_hold_sections_and_the_scenario_may_change_them(tmp_path: Path) -> None:
    write(
        tmp_path / "parts" / "crowd.yaml",
        {"people": {"anna": {"role": "no_shoot", "at": "c"}, "ben": {"role": "no_shoot", "at": "a"}}},
    )
    write(
        tmp_path / "parts" / "lists" / "marks.yaml",
        {"scoring": {"criteria": {"hits": {"value": 'hits("no_shoot")', "must_be": 0}}}},
    )
    path = write_scene(
        tmp_path, {"include": ["parts/crowd.yaml", "parts/lists/marks.yaml"], "people.ben": {"at": "aside"}}
    )
    scenario = load(path).scenario
    assert list(scenario.people) == ["anna", "ben", "gunman", "neighbour"]
    assert scenario.people["ben"].at == "aside"
    assert list(scenario.scoring.criteria) == ["hits", "stopped"]
    one = write_scene(tmp_path, {"include": "parts/crowd.yaml"}, name="one")
    assert "anna" in load(one).scenario.people


def test_two_includes_may_not_use_one_name_but_one_file_may_come_twice(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "people:\n  anna: {role: no_shoot, at: c}\n")
    write(tmp_path / "b.yaml", "xrlab: 1\npeople:\n  anna: {role: no_shoot, at: a}\n")
    write(tmp_path / "c.yaml", "include: a.yaml\n")
    assert refused(write_scene(tmp_path, {"include": ["a.yaml", "b.yaml"]})) == [
        "b.yaml:3:3: 'anna' stands in a.yaml line 2 too; give it another name"
    ]
    assert "anna" in load(write_scene(tmp_path, {"include": ["a.yaml", "c.yaml"]})).scenario.people


def test_a_circle_is_named(tmp_path: Path) -> None:
    a = write(tmp_path / "a.yaml", "extends: b.yaml\n")
    write(tmp_path / "b.yaml", "# b\nextends: sub/c.yaml\n")
    write(tmp_path / "sub" / "c.yaml", "extends: ../b.yaml\n")
    assert refused(a) == ["sub/c.yaml:1:10: b.yaml extends sub/c.yaml extends b.yaml; a file can't build on itself"]
    write(tmp_path / "b.yaml", "extends: a.yaml\n")
    assert refused(a) == ["b.yaml:1:10: a.yaml extends b.yaml extends a.yaml; a file can't build on itself"]
    itself = write(tmp_path / "itself.yaml", "extends: itself.yaml\n")
    assert refused(itself) == ["itself.yaml:1:10: itself.yaml extends itself.yaml; a file can't build on itself"]
    write(tmp_path / "p.yaml", "include: q.yaml\n")
    write(tmp_path / "q.yaml", "include: p.yaml\n")
    assert refused(write_scene(tmp_path, {"include": "p.yaml"})) == [
        "q.yaml:1:10: p.yaml includes q.yaml includes p.yaml; a file can't build on itself"
    ]


def test_a_long_way_and_many_files_are_refused(tmp_path: Path) -> None:
    write_scene(tmp_path, name="s0")
    for n in range(1, MAX_DEPTH + 3):
        write(tmp_path / f"s{n}.yaml", {"extends": f"s{n - 1}.yaml"})
    assert load(tmp_path / f"s{MAX_DEPTH - 1}.yaml").scenario.title == SCENARIO["title"]
    assert f"extends more than {MAX_DEPTH} files deep" in refused(tmp_path / f"s{MAX_DEPTH + 2}.yaml")[0]
    pieces = {f"p{n}.yaml": {"people": {f"x{n}": {"role": "no_shoot", "at": "c"}}} for n in range(70)}
    names = [write(tmp_path / name, piece).name for name, piece in pieces.items()]
    assert "64 files at most" in refused(write_scene(tmp_path, {"include": names}))[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../outside.yaml", "'../outside.yaml' leaves the scenario's folder"),
        ("parts/../../outside.yaml", "leaves the scenario's folder"),
        ("link.yaml", "'link.yaml' leaves the scenario's folder"),
        ("linked/outside.yaml", "leaves the scenario's folder"),
        ("/etc/passwd.yaml", "must be given from this file's own folder"),
        ("c:\\x.yaml", "must be given from this file's own folder"),
        ("https://example.org/x.yaml", "must be given from this file's own folder"),
        ("prts.yaml", "no file 'prts.yaml'; did you mean 'parts.yaml'?"),
        ("loop.yaml", "cannot be followed"),
        ("folder.yaml", "no file 'folder.yaml'"),
        (7, "needs the name of a file"),
        ("", "needs the name of a file"),
        ("x" * 500 + ".yaml", "needs the name of a file"),
    ],
)
@pytest.mark.parametrize("key", ["include", "extends"])
def test_files_outside_the_folder_are_refused(tmp_path: Path, key: str, name: Any, said: str) -> None:
    write(tmp_path / "outside.yaml", {"people": {}})
    inside = tmp_path / "lab"
    inside.mkdir()
    write(inside / "parts.yaml", {"people": {}})
    (inside / "folder.yaml").mkdir()
    (inside / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (inside / "linked").symlink_to(tmp_path)
    (inside / "loop.yaml").symlink_to(inside / "loop.yaml")
    path = write_scene(inside, {key: name})
    (message,) = refused(path)
    assert message.startswith("scene.yaml:")
    assert (said if name or key == "include" else "no shipped scenario is called ''") in message


def test_what_an_included_file_may_not_say_is_told(tmp_path: Path) -> None:
    write(tmp_path / "p.yaml", "room: x.yaml\npeple: {}\nextends: scene.yaml\n")
    sections = (
        "; it may hold parameters, teams, templates, people, faces, targets, events, injects, stress, vary, scoring"
    )
    assert refused(write_scene(tmp_path, {"include": "p.yaml"})) == [
        f"p.yaml:1:1: an included file can't say 'room'{sections}",
        "p.yaml:2:1: an included file can't say 'peple'; did you mean 'people'?",
        f"p.yaml:3:1: an included file can't say 'extends'{sections}",
    ]


def test_taking_away_what_is_not_there_is_told(tmp_path: Path) -> None:
    write_scene(tmp_path, name="base")
    path = write(tmp_path / "x.yaml", "extends: base.yaml\nbriefing: null\npeople:\n  neigbour: null\n")
    assert refused(path) == ["x.yaml:4:3: there is no 'neigbour' to take away; did you mean 'neighbour'?"]


def test_an_unknown_shipped_scenario_is_told(tmp_path: Path) -> None:
    assert "did you mean 'house/hostage'" in refused(write(tmp_path / "x.yaml", "extends: house/hostag\n"))[0]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["a", "b c", "x: y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)
MAPPING = st.dictionaries(st.sampled_from(["people", "a", "b", "c"]), PLAIN, max_size=4)


def plainly(over: Any, under: Any) -> Any:
    """The rule of merging, said in another way."""
    if not (isinstance(over, dict) and isinstance(under, dict)):
        return over
    out = {k: plainly(over[k], v) if k in over else v for k, v in under.items() if over.get(k, 0) is not None}
    return out | {k: v for k, v in over.items() if k not in under}


def as_document(data: Any, name: str) -> Document:
    return parse(yaml.safe_dump(data), name)


@settings(max_examples=80, deadline=None)
@given(MAPPING, MAPPING)
def test_merging_follows_its_rule_and_every_part_keeps_its_place(over: dict[str, Any], under: dict[str, Any]) -> None:
    top, bottom = as_document(over, "top"), as_document(under, "bottom")
    kept = copy.deepcopy((top.data, bottom.data))
    try:
        both = merged(top, bottom)
    except InputError as error:
        assert "to take away" in str(error)
        return
    assert both.data == plainly(over, under)
    assert (top.data, bottom.data) == kept
    assert set(both.places) == {loc for loc, _ in parts(both.data)}
    for loc, value in parts(both.data):
        source = top if both.file_of(loc) == "top" else bottom
        assert both.places[loc] == source.places[loc]
        if not isinstance(value, dict | list):
            assert value_in(source.data, loc) == value


@settings(max_examples=40, deadline=None)
@given(MAPPING)
def test_saying_nothing_changes_nothing(data: dict[str, Any]) -> None:
    document = as_document(data, "x")
    assert merged(as_document({}, "y"), document).data == data


def parts(value: Any, loc: tuple[Any, ...] = ()) -> Any:
    yield loc, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from parts(inner, (*loc, key))


def value_in(data: Any, loc: tuple[Any, ...]) -> Any:
    for part in loc:
        data = data[part]
    return data
