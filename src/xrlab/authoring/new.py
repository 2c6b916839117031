"""`xrlab new`: a scenario that runs, a trainee who plays it and a test that passes, to go on from."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from xrlab.authoring.places import for_people, for_targets
from xrlab.authoring.schema import modeline, write_schemas
from xrlab.errors import InputError, Problem, meant
from xrlab.files import make_folder, write_whole
from xrlab.language import tr
from xrlab.room import load_room
from xrlab.scenario.load import shipped_rooms
from xrlab.testing.cases import checks_in, perform
from xrlab.testing.validation import check_paths

Kind = Literal["range", "house", "exercise"]
KINDS: tuple[Kind, ...] = get_args(Kind)

PIECES = ("yaml", "trainee.yaml", "test.yaml")
SCHEMAS = {"yaml": "scenario", "trainee.yaml": "trainee", "test.yaml": "test", "room.yaml": "room"}
ROOMS = "rooms"
_MOST_TRIES = 8

_OWN_PLACES: dict[Kind, dict[str, str]] = {
    "house": {"start": "pavement", "first": "far_corner", "second": "bedside", "other": "sofa"},
    "exercise": {"start": "gate", "first": "window_side", "second": "hearth", "other": "doorway"},
    "range": {
        "start": "line", "first": "left", "first_yaw": "-171", "second": "right", "second_yaw": "171",
        "other": "middle", "other_yaw": "180",
    },
}  # fmt: skip
"""Places of the rooms that are drafted here."""


def find_room(given: str) -> Path:
    """The file of a room that is given by a shipped name or as a file; raises `InputError` for neither."""
    known = shipped_rooms()
    path = Path(given)
    if given in known:
        return known[given]
    if not path.is_file():
        raise InputError(f"--room: no room is called '{given}' and no such file exists{meant(given, known)}")
    return path


def write_new(
    name: str | Path, *, kind: Kind = "house", room: Path | None = None, lang: str = "en", force: bool = False
) -> list[Path]:
    """Writes a new scenario with its trainee, its test and the schemas for editors; returns the files,
    the scenario first.

    name: where to, such as my_lab/robbery. room: a room's file to take place in; a shipped one is copied. None
    makes a small one of its own. lang: of the comments; all that is read in a run is written in four languages.
    force: replace files that exist. What is written was tried out before: it passes its checks and its test.
    Raises `InputError`, with nothing written, where a file exists, or where the room has no place for it.
    """
    target = Path(name)
    target = target.with_suffix("") if target.suffix in (".yaml", ".yml") else target
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,47}", target.name):
        raise InputError(f"'{target.name}' can't be a scenario's name; letters, digits, _ and - make one")
    draft = _Draft(target.name, kind, room, lang)
    with tempfile.TemporaryDirectory(prefix="xrlab-new-") as staged:
        places = draft.proved(Path(staged))
    made = draft.files(target.parent, places)
    _write(made, target.parent, force)
    return list(made)


class _Draft:
    """What is to be written, wherever it comes to lie."""

    def __init__(self, name: str, kind: Kind, room: Path | None, lang: str) -> None:
        self._name, self._kind, self._lang = name, kind, lang
        self._room = room
        self._copied = room is not None and room in shipped_rooms().values()

    def proved(self, staging: Path) -> Mapping[str, str]:
        """The places with which it passes its checks and its test, tried out in a folder for it."""
        said: list[str] = []
        for places in islice(self._candidates(), _MOST_TRIES):
            made = self.files(staging, places)
            for path, data in made.items():
                make_folder(path.parent)
                write_whole(path, data)
            said = _tried([p for p in made if p.name.startswith(f"{self._name}.")])
            if not said:
                return places
        if self._room is None:
            raise RuntimeError(f"the draft '{self._kind}' does not pass its own test: {said}")
        why = f": {said[0]}" if said else ": too little free floor in one piece; xrlab room info tells more"
        raise InputError(f"{self._room}: no places were found in it for the kind '{self._kind}'{why}")

    def _candidates(self) -> Iterator[Mapping[str, str]]:
        if self._room is None:
            yield _OWN_PLACES[self._kind]
            return
        room = load_room(self._room)
        try:
            yield from for_targets(room) if self._kind == "range" else for_people(room)
        except InputError as error:  # what is wrong with a floor knows no file
            raise InputError(
                [Problem(p.file or str(self._room), p.line, p.column, p.what) for p in error.problems]
            ) from None

    def files(self, home: Path, places: Mapping[str, str]) -> dict[Path, bytes]:
        """Everything to write below `home`, by its path."""
        made = dict.fromkeys((home / f"{self._name}.{piece}" for piece in PIECES), b"")  # in this order
        if self._room is None:
            own = f"{ROOMS}/{self._name}.yaml"
            made[home / own] = self._text("room.yaml", {"room": own}, up=1)
        elif self._copied:
            own = f"{ROOMS}/{self._room.name}"
            made |= {
                home / ROOMS / f.relative_to(self._room.parent): f.read_bytes() for f in load_room(self._room).files
            }
        else:
            own = self._from(home, self._room)
        for piece in PIECES:
            made[home / f"{self._name}.{piece}"] = self._text(piece, {"room": own, **places})
        return made

    def _from(self, home: Path, room: Path) -> str:
        try:
            return Path(os.path.relpath(room.resolve(), home.resolve())).as_posix()
        except ValueError:  # another drive
            raise InputError(f"{room}: lies on another drive; copy the room beside the new scenario") from None

    def _text(self, piece: str, fill: Mapping[str, str], up: int = 0) -> bytes:
        source = files(__package__) / "drafts" / f"{self._kind}.{piece}"
        words = {"name": self._name, **fill}

        def put(found: re.Match[str]) -> str:
            key, _, said = found[1].partition(" ")
            if key != "say":
                return words[key]
            file = f"{ROOMS}/{self._name}.yaml" if piece == "room.yaml" else f"{self._name}.{piece}"
            return tr(self._lang, said, file=file, room=words["room"])

        text = re.sub(r"<<([a-z_]+(?: [a-z-]+)?)>>", put, source.read_text(encoding="utf-8"))
        return f"{modeline(SCHEMAS[piece], up)}\n{text}".encode()


def _tried(paths: list[Path]) -> list[str]:
    """What is wrong with these files, by their checks and their test."""
    wrong = [p.what for p in check_paths(paths)[1]]
    if wrong:
        return wrong
    outcomes = [perform(c) for p in paths if p.name.endswith(".test.yaml") for c in checks_in(p)]
    return [line for o in outcomes for line in (*o.failures, *o.error.splitlines())]


def _write(made: Mapping[Path, bytes], home: Path, force: bool) -> None:
    """Writes all files, or none."""
    there = [p for p, data in made.items() if p.exists() and not (p.is_file() and p.read_bytes() == data)]
    if there and not force:
        raise InputError("\n".join(f"{p}: exists; another name, or --force to replace it" for p in there))
    new = [p for p in made if not p.exists()]
    fresh = [d for d in (home, home / ROOMS) if not d.exists()]
    try:
        for path, data in made.items():
            make_folder(path.parent)
            write_whole(path, data)
        write_schemas(home)
    except BaseException:
        for path in new:
            path.unlink(missing_ok=True)
        for empty in fresh:
            shutil.rmtree(empty, ignore_errors=True)
        raise
