"""`xrlab new`: what it writes runs, is without a remark, and passes its own test; nothing is lost by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scenes import write_scene

from xrlab.authoring import new
from xrlab.document import read
from xrlab.errors import InputError
from xrlab.language import LANGUAGES
from xrlab.room import load_room
from xrlab.testing.cases import checks_in, perform
from xrlab.testing.validation import check_paths

XRLAB = [sys.executable, "-m", "xrlab.cli"]


def files_in(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def good(folder: Path) -> None:
    assert check_paths([folder])[1] == []
    checks = [c for p in folder.rglob("*.test.yaml") for c in checks_in(p)]
    assert checks
    assert [o.failures + (o.error,) for o in map(perform, checks)] == [("",)] * len(checks)


@pytest.mark.parametrize("kind", new.KINDS)
def test_each_kind_runs_at_once_and_passes_its_test(kind: new.Kind, tmp_path: Path) -> None:
    written = new.write_new(tmp_path / "lab" / "mine", kind=kind, lang="nl")
    assert [p.relative_to(tmp_path / "lab").as_posix() for p in written] == [
        "mine.yaml", "mine.trainee.yaml", "mine.test.yaml", "rooms/mine.yaml",
    ]  # fmt: skip
    good(tmp_path / "lab")
    for path in written:
        first, second, *_ = path.read_text(encoding="utf-8").splitlines()
        schema = path.parent / first.removeprefix("# yaml-language-server: $schema=")
        assert schema.is_file() and schema.resolve().is_relative_to(tmp_path / "lab" / ".xrlab")
        assert second.startswith("# ") and "xrlab" in path.read_text(encoding="utf-8")
        assert "<<" not in path.read_text(encoding="utf-8")
        assert max(len(line) for line in path.read_text(encoding="utf-8").splitlines()) <= 140
    assert list(read(written[0]).data["title"]) == list(LANGUAGES)


def test_comments_are_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    said = {}
    for lang in LANGUAGES:
        path = new.write_new(tmp_path / f"in_{lang}", kind="range", lang=lang)[0]
        said[lang] = [line for line in path.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith("# ")][
            1:
        ]
        assert len(said[lang]) >= 7
    assert len({tuple(lines) for lines in said.values()}) == len(LANGUAGES)


@pytest.mark.parametrize(("kind", "room"), [("house", "house"), ("exercise", "house"), ("range", "range")])
def test_in_a_shipped_room_people_stand_in_its_real_places(kind: new.Kind, room: str, tmp_path: Path) -> None:
    scenario, *_ = new.write_new(tmp_path / "mine", kind=kind, room=new.find_room(room))
    good(tmp_path)
    data = read(scenario).data
    assert data["room"] == f"rooms/{room}.yaml"
    place = next(iter(data["teams"].values()))["start"]
    known = load_room(tmp_path / "rooms" / f"{room}.yaml")
    assert isinstance(place, list) or place in {*known.points, *known.zones}


def test_a_room_of_ones_own_is_referred_to_where_it_lies(tmp_path: Path) -> None:
    write_scene(tmp_path)
    scenario, *_ = new.write_new(tmp_path / "deep" / "mine", kind="exercise", room=tmp_path / "room.yaml")
    assert read(scenario).data["room"] == "../room.yaml"
    assert not (tmp_path / "deep" / "rooms").exists()
    good(tmp_path / "deep")


def test_a_room_without_a_place_for_it_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text("xrlab: 1\nname: Tiny\nrooms: {cell: {rect: [0, 0, 1.5, 1.5]}}\n")
    with pytest.raises(InputError, match=r"tiny\.yaml: no places were found in it for the kind 'house'"):
        new.write_new(tmp_path / "lab" / "mine", room=tmp_path / "tiny.yaml")
    assert not (tmp_path / "lab").exists()


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    new.write_new(tmp_path / "mine", kind="house")
    (tmp_path / "mine.trainee.yaml").write_text("my own work\n")
    (tmp_path / "mine.yaml").unlink()
    before = files_in(tmp_path)
    with pytest.raises(InputError) as told:
        new.write_new(tmp_path / "mine", kind="range")
    assert "mine.trainee.yaml: exists; another name, or --force" in str(told.value)
    assert "rooms/mine.yaml: exists" in str(told.value)
    assert files_in(tmp_path) == before
    new.write_new(tmp_path / "mine", kind="range", force=True)
    good(tmp_path)


def test_what_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.txt").write_text("mine")

    def full(folder: Path) -> None:
        raise InputError("no space left")

    monkeypatch.setattr(new, "write_schemas", full)
    with pytest.raises(InputError, match="no space left"):
        new.write_new(tmp_path / "mine")
    assert files_in(tmp_path) == {"other.txt": b"mine"}
    assert [p.name for p in tmp_path.iterdir()] == ["other.txt"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["my lab"], "can't be a scenario's name"),
        (["a.b"], "can't be a scenario's name"),
        (["a", "--kind", "hous"], "'hous' is not one of"),
        (["a", "--room", "hous"], "--room: no room is called 'hous' and no such file exists; did you mean 'house'?"),
    ],
)
def test_wrong_usage_is_one_line(args: list[str], said: str, tmp_path: Path) -> None:
    done = subprocess.run([*XRLAB, "new", *args], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    command = [*XRLAB, "new", "mine"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "mine.yaml"
    assert "xrlab check mine.yaml" in done.stdout
    assert read(tmp_path / "mine.yaml").data["kind"] == "house"


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals on Windows")
def test_in_a_terminal_kind_and_room_are_asked_until_they_are_known(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    command = [*XRLAB, "new", "mine", "--lang", "de"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, close_fds=True)
    os.close(theirs)
    os.write(ours, b"7\n3\nrnage\nrange\n")
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # the terminal was closed at the other end
        pass
    assert process.wait(60) == 0, said
    os.close(ours)
    text = said.decode()
    assert "Welche Art Szenario?" in text and "Wählen Sie aus: 1, 2, 3" in text
    assert "did you mean 'range'?" in text
    data = read(tmp_path / "mine.yaml").data
    assert (data["kind"], data["room"]) == ("range", "rooms/range.yaml")
