"""Files that are watched: saves of every kind are noticed, broken ones are told, and nothing is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenes import write_scene

from xrlab.errors import InputError, XrlabError
from xrlab.live.reload import Reloader
from xrlab.live.scenes import Scenes, files_of

LIMIT_S = 30.0


def texts(path: Path) -> Any:
    """Makes a text of a file, and of the file that it names, if it does."""

    def make(last: dict[Path, str]) -> Iterator[dict[Path, str]]:
        made = {path: path.read_text()}
        if made[path].startswith("see "):
            other = path.parent / made[path].split()[1]
            if not other.exists():
                raise InputError(f"no file {other.name}")
            made[other] = other.read_text()
        yield made

    return make


@pytest.fixture
def note(tmp_path: Path) -> Iterator[tuple[Path, Reloader[dict[Path, str]]]]:
    path = tmp_path / "note.txt"
    path.write_text("one")
    with Reloader({path: "one"}, texts(path), lambda made: made) as watched:
        yield path, watched


def test_a_save_in_place_and_a_save_by_renaming_are_noticed(note: tuple[Path, Reloader[dict[Path, str]]]) -> None:
    path, watched = note
    assert watched.poll() is None
    path.write_text("two")
    assert watched.poll(LIMIT_S) == {path: "two"}
    beside = path.with_name(".note.txt.swp")
    beside.write_text("three")
    beside.replace(path)
    assert watched.poll(LIMIT_S) == {path: "three"}
    beside.write_text("of no interest")
    assert watched.poll(0.8) is None


def test_a_broken_save_is_told_and_a_good_one_after_it_taken(note: tuple[Path, Reloader[dict[Path, str]]]) -> None:
    path, watched = note
    path.write_text("see part.txt")
    told = watched.poll(LIMIT_S)
    assert isinstance(told, XrlabError) and str(told) == "no file part.txt"
    (path.parent / "part.txt").write_text("more")
    path.write_text("see part.txt ")
    assert watched.poll(LIMIT_S) == {path: "see part.txt ", path.parent / "part.txt": "more"}
    (path.parent / "part.txt").write_text("still more")
    assert watched.poll(LIMIT_S) == {path: "see part.txt ", path.parent / "part.txt": "still more"}


def test_files_in_another_folder_are_followed_once_they_are_named(note: tuple[Path, Reloader[dict[Path, str]]]) -> None:
    path, watched = note
    (path.parent / "sub").mkdir()
    part = path.parent / "sub" / "part.txt"
    part.write_text("a")
    path.write_text("see sub/part.txt")
    assert watched.poll(LIMIT_S) == {path: "see sub/part.txt", part: "a"}
    part.write_text("b")
    assert watched.poll(LIMIT_S) == {path: "see sub/part.txt", part: "b"}


def test_nothing_is_watched_after_the_end(note: tuple[Path, Reloader[dict[Path, str]]]) -> None:
    path, watched = note
    watched.close()
    path.write_text("two")
    assert watched.poll(0.5) is None


def test_a_scene_names_all_its_files_and_keeps_its_room_while_that_stays(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    path = write_scene(tmp_path, {"include": ["parts/more.yaml"], "trainee": "scene.trainee.yaml"})
    (tmp_path / "parts" / "more.yaml").write_text("people: {third: {role: no_shoot, at: aside}}\n")
    (tmp_path / "scene.trainee.yaml").write_text("xrlab: 1\ntrainees: {p1: {do: []}}\n")
    scenes = Scenes(path, 0, None)
    first = scenes.first()
    names = {p.relative_to(tmp_path).as_posix() for p in files_of(first)}
    assert names == {"scene.yaml", "parts/more.yaml", "room.yaml", "scene.trainee.yaml"}
    with scenes.watched(first) as saves:
        (tmp_path / "parts" / "more.yaml").write_text("people: {third: {role: no_shoot, at: c, holds: phone}}\n")
        came = saves.poll(LIMIT_S)
        assert not isinstance(came, XrlabError | None)
        assert came.loaded.scenario.people["third"].holds == "phone"
        assert came.loaded.room is first.loaded.room and came.light is None
        room = yaml.safe_load((tmp_path / "room.yaml").read_text())
        room["rooms"]["east"]["floor"] = "wood"
        (tmp_path / "room.yaml").write_text(yaml.safe_dump(room))
        hasty, whole = saves.poll(LIMIT_S), saves.poll(LIMIT_S)
        assert not isinstance(hasty, XrlabError | None) and not isinstance(whole, XrlabError | None)
        assert (hasty.hasty, whole.hasty) == (True, False) and hasty.loaded is whole.loaded
        assert hasty.light is not None and whole.light is not None
        assert hasty.light.room is hasty.loaded.room is not first.loaded.room
