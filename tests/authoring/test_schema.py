"""Schemas for editors: every key explained, and what a YAML language server makes of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from language_server import LanguageServer, needs_server

from xrlab.authoring import schema as sch
from xrlab.errors import InputError
from xrlab.scenario.conditions import parse
from xrlab.scenario.functions import FUNCTIONS
from xrlab.scenario.library import faces, weapons
from xrlab.scenario.reuse import library_words
from xrlab.testing.validation import KINDS

STATE = "people:\n  g:\n    states:\n      a:\n"
CHALLENGED = f"challenged_by({', '.join(FUNCTIONS['challenged_by'].takes)})"
HEAD = "# yaml-language-server: $schema=.xrlab/scenario.schema.json\nxrlab: 1\n"


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_model_is_explained(kind: str) -> None:
    bare = [
        f"{name}.{key}"
        for name, part in sch.parts(sch.schema_of(kind))
        for key, spot in part.get("properties", {}).items()
        if len(spot.get("description", "").split()) < 1 or spot["description"] == key
    ]
    assert bare == []


def keys(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema
        for inner in schema.values():
            yield from keys(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keys(inner)


def test_all_that_is_added_stands_at_a_key_that_exists() -> None:
    parts = [part for kind in KINDS for part in sch.parts(sch.schema_of(kind))]
    known = {(name, key) for name, part in parts for key in part.get("properties", ())}
    added = {*sch._NAMES, *sch._SNIPPETS, *((part, key) for part, all_ in sch._CONDITIONS.items() for key in all_)}
    assert added - known == set()


def test_no_editor_offers_null() -> None:
    for kind in KINDS:
        text = json.dumps(sch.schema_of(kind))
        assert '"null"' not in text
        assert "null" not in text.replace("null]", "")


def test_a_call_offered_for_a_condition_is_a_condition() -> None:
    for name, function in FUNCTIONS.items():
        where = "score" if function.where == "score" else "live"
        call = sch._call(name, function)
        filled = call.replace("${9:", "").replace("${1:", "").replace("${2:", "").replace("}", "")
        filled = filled.replace("${1|", "").replace("${2|", "").replace("|", "")
        parse(filled, where)


def test_an_unknown_kind_is_told() -> None:
    with pytest.raises(InputError, match="did you mean 'trainee'"):
        sch.schema_of("trainees")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("designer")
    sch.write_schemas(made)
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LanguageServer]:
    needs_server()
    with LanguageServer(folder) as made:
        yield made


def labels(items: list[dict[str, Any]]) -> set[str]:
    return {i["label"] for i in items}


def test_a_key_is_completed_with_what_it_means(server: LanguageServer, folder: Path) -> None:
    found = server.complete(folder / "a.yaml", HEAD + "people:\n  gunman:\n    |")
    assert {"role", "at", "holds", "states", "transitions"} <= labels(found)
    said = {i["label"]: str(i.get("documentation")) for i in found}
    assert "nobody may shoot at them" in said["role"]
    steps = server.complete(
        folder / "a.yaml", HEAD + "people:\n  g:\n    states:\n      a:\n        do:\n          - |"
    )
    assert {"walk_to", "fire_at", "drop", "say"} <= labels(steps)
    (drop,) = [i for i in steps if i["label"] == "drop"]
    assert drop["insertText"] == "drop" and "Let fall" in str(drop["documentation"])


def test_a_value_is_completed_from_what_may_stand_there(server: LanguageServer, folder: Path) -> None:
    path = folder / "a.yaml"
    assert labels(server.complete(path, HEAD + "people:\n  g:\n    holds: |")) >= {"handgun", "phone", "nothing"}
    assert labels(server.complete(path, HEAD + "targets:\n  t:\n    face: |")) == set(faces())
    assert labels(server.complete(path, HEAD + "teams:\n  a:\n    carries:\n      - |")) >= set(weapons())
    asked = server.complete(path, HEAD + "people:\n  g:\n    transitions:\n      - when: |")
    assert CHALLENGED in labels(asked)
    assert "null" not in labels(asked)
    begun = {i["label"]: i["insertText"] for i in server.complete(path, HEAD + "people:\n  |")}
    assert "role: no_shoot" in begun["a bystander"]


def test_a_wrong_key_and_a_wrong_value_are_marked_in_their_line(server: LanguageServer, folder: Path) -> None:
    text = HEAD + "people:\n  g:\n    role: threat\n    at: kitchen\n    hold: phone\n    pose: flying\n"
    found = {d["range"]["start"]["line"]: d["message"] for d in server.open(folder / "a.yaml", text)}
    assert "hold" in found[6] and "not allowed" in found[6]
    assert "standing" in found[7]


def test_a_key_under_the_mouse_is_explained(server: LanguageServer, folder: Path) -> None:
    path = folder / "a.yaml"
    assert "nobody may shoot at them" in server.hover(path, HEAD + "people:\n  g:\n    ro|le: threat\n").replace(
        "\\", ""
    )
    asked = server.hover(path, HEAD + "people:\n  g:\n    transitions:\n      - wh|en: sees('trainee')\n")
    assert CHALLENGED in asked
    walk = server.hover(path, HEAD + STATE + "        do:\n          - walk|_to: x\n")
    assert "shortest way" in walk


def test_shipped_files_are_without_a_mark_in_an_editor(server: LanguageServer, folder: Path, root: Path) -> None:
    for path in sorted((root / "scenarios").rglob("*.yaml")):
        kind = "test" if ".test." in path.name else "trainee" if ".trainee." in path.name else "scenario"
        kind = "room" if path.parent.name == "rooms" else kind
        text = sch.modeline(kind) + "\n" + path.read_text(encoding="utf-8")
        assert server.open(folder / path.name, text) == [], path


def test_a_scenario_that_builds_on_others_is_without_a_mark(server: LanguageServer, folder: Path) -> None:
    path = folder / "b.yaml"
    line = HEAD.splitlines()[0] + "\n"
    differs = "extends: base.yaml\nparameters: {limit: 30}\ntime_limit_s: $limit\npeople:\n  g: {holds: phone}\n"
    assert server.open(path, line + differs) == []
    assert server.open(path, line + "include: a.yaml\nxrlab: 1\npeople:\n  g: {like: hostage, at: a}\n") == []
    alone = [d["message"] for d in server.open(path, HEAD + "people:\n  g: {holds: phone}\n")]
    assert any("title" in message for message in alone)
    assert any("role" in message or "like" in message for message in alone)
    wrong = server.open(path, line + differs.replace("phone", "banana").replace("$limit", "long"))
    assert {d["range"]["start"]["line"] for d in wrong} == {3, 5}
    assert labels(server.complete(path, HEAD + "people:\n  g:\n    like: |")) == set(library_words()["people"])


def test_the_command_writes_the_schemas_into_a_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "xrlab.cli", "schema", "--write", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    paths = [tmp_path / sch.FOLDER / f"{kind}.schema.json" for kind in KINDS]
    assert [Path(line) for line in done.stdout.splitlines()] == paths
    written = json.loads((tmp_path / sch.FOLDER / "scenario.schema.json").read_text(encoding="utf-8"))
    assert written == sch.schema_of("scenario")
