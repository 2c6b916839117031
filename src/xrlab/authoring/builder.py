"""Scenarios from Python, for those who need loops: the same document, checked by the same model.

>>> import xrlab
>>> s = xrlab.Scenario("Ten plates", room="rooms/range.yaml")
>>> for n in range(10):
...     _ = s.target(f"plate_{n}", at=[10, n * 0.5], face="plate")

Every call notes where it stands, and a mistake is told with file and line of the call.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from pydantic import BaseModel

from xrlab.authoring.convert import relocated
from xrlab.authoring.schema import FOLDER, modeline, write_schemas
from xrlab.document import Document, Loc, parse
from xrlab.errors import InputError, Problem
from xrlab.files import write_whole
from xrlab.scenario import model
from xrlab.scenario.draft import parts_of
from xrlab.scenario.load import Loaded, prepare
from xrlab.scenario.written import document as written

Place = str | Sequence[float]
Text = str | Mapping[str, str]
Actions = Sequence[str | Mapping[str, Any]]

_ORDER: dict[str, type[BaseModel]] = {
    "teams": model.Team, "people": model.RolePlayer, "templates": model.RolePlayer, "faces": model.Face,
    "targets": model.Target, "events": model.Happening, "injects": model.Inject,
}  # fmt: skip


class Scenario:
    """A scenario in the making. What each call may say is what the document may say: see docs/reference.md.

    title: in one text, or by language. room: file of the room, from `folder`; may be left out where `extends` gives
    it. folder: where files are looked for; if None the folder of the calling script, else the current one. more: any
    other key of a scenario, such as `time_limit_s=60`.
    """

    def __init__(
        self,
        title: Text | None = None,
        room: str | Path | None = None,
        *,
        folder: str | Path | None = None,
        **more: Any,
    ) -> None:
        file, line = _caller()
        script = Path(file)
        self.folder = Path(folder) if folder is not None else script.parent if script.is_file() else Path.cwd()
        self._path = script
        self._data: dict[str, Any] = {}
        self._lines: dict[Loc, tuple[str, int]] = {(): (file, line)}
        given = {"title": title, "room": room, **more}
        given = {"xrlab": 1, **{key: value for key, value in given.items() if value is not None}}
        if "extends" in given:
            del given["xrlab"]
        for key, value in given.items():
            self._note((key,), value)

    def team(
        self, name: str, *, trainees: Sequence[str], start: Place | Sequence[Place], carries: Sequence[str], **more: Any
    ) -> Scenario:
        """Adds a team of trainees."""
        return self._add("teams", name, trainees=trainees, start=start, carries=carries, **more)

    def person(
        self, name: str, *, role: str | None = None, at: Place | None = None, like: str | None = None, **more: Any
    ) -> Scenario:
        """Adds a role player; role and place may come from whom they are `like`."""
        return self._add("people", name, like=like, role=role, at=at, **more)

    def target(self, name: str, *, at: Place | None = None, like: str | None = None, **more: Any) -> Scenario:
        """Adds a target."""
        return self._add("targets", name, like=like, at=at, **more)

    def template(self, name: str, **what: Any) -> Scenario:
        """Adds what people or targets may be `like`."""
        return self._add("templates", name, **what)

    def face(
        self, name: str, *, width_mm: float, height_mm: float, zones: Sequence[Mapping[str, Any]], **more: Any
    ) -> Scenario:
        """Adds a target face of this scenario's own."""
        return self._add("faces", name, width_mm=width_mm, height_mm=height_mm, zones=zones, **more)

    def string(self, name: str, *, show: Sequence[str], for_s: float | Sequence[float], **more: Any) -> Scenario:
        """Adds a string of fire, after those before."""
        strings = self._data.setdefault("strings", [])
        return self._note(("strings", len(strings)), {"name": name, "show": show, "for_s": for_s, **_said(more)})

    def event(self, name: str, *, do: Actions, at_s: Any = None, when: str | None = None, **more: Any) -> Scenario:
        """Adds something that happens by itself, at a time or on a condition."""
        return self._add("events", name, at_s=at_s, when=when, do=do, **more)

    def inject(self, name: str, *, label: Text, do: Actions = (), **more: Any) -> Scenario:
        """Adds a button of the instructor."""
        return self._add("injects", name, label=label, do=do or None, **more)

    def criterion(self, name: str, value: str, **more: Any) -> Scenario:
        """Adds a line of the marks: an expression, and points or a limit."""
        self._data.setdefault("scoring", {}).setdefault("criteria", {})
        return self._add_at(("scoring", "criteria", name), {"value": value, **more})

    def pass_at(self, percent: float) -> Scenario:
        """Sets the share of all points that is needed to pass."""
        self._data.setdefault("scoring", {})
        return self._note(("scoring", "pass_at"), percent)

    def vary(self, path: str, choices: Any) -> Scenario:
        """Leaves a value to luck: choices, choices with weights, a span such as "2..5", or bundles by name."""
        self._data.setdefault("vary", {})
        return self._add_at(("vary", path), choices)

    def never(self, *conditions: str | Mapping[str, Any]) -> Scenario:
        """Says what may not be drawn together."""
        return self._constrain("never", conditions)

    def always(self, *conditions: str) -> Scenario:
        """Says what must hold of all that is drawn."""
        return self._constrain("always", conditions)

    def parameter(self, name: str, value: Any) -> Scenario:
        """Declares a parameter, to be written $name."""
        self._data.setdefault("parameters", {})
        return self._add_at(("parameters", name), value)

    def set(self, key: str, value: Any) -> Scenario:
        """Sets a whole key of the scenario, such as `briefing` or `clear`."""
        return self._note((key,), value)

    def _constrain(self, kind: str, conditions: Sequence[str | Mapping[str, Any]]) -> Scenario:
        known = self._data.setdefault("vary", {}).setdefault(kind, [])
        for condition in conditions:
            self._note(("vary", kind, len(known)), condition)
        return self

    def _add(self, section: str, name: str, **what: Any) -> Scenario:
        self._data.setdefault(section, {})
        return self._add_at((section, name), _said(what))

    def _add_at(self, loc: Loc, value: Any) -> Scenario:
        if loc in self._lines:
            file, line = _caller()
            known, first = self._lines[loc]
            where = f"line {first}" + (f" of {known}" if known != file else "")
            raise InputError(
                Problem(file, line, 1, f"'{loc[-1]}' was added before, in {where}; every name is used once")
            )
        return self._note(loc, value)

    def _note(self, loc: Loc, value: Any) -> Scenario:
        file, line = _caller()
        value = _plain(value, file, line)
        spot: Any = self._data
        for part in loc[:-1]:
            spot = spot[part]
        if isinstance(spot, list):
            spot.append(value)
        else:
            spot[loc[-1]] = value
        for part in range(1, len(loc)):
            self._lines.setdefault(loc[:part], (file, line))
        for sub, _ in parts_of(value, loc):
            self._lines[sub] = (file, line)
        return self

    @property
    def data(self) -> dict[str, Any]:
        """The document's content, its keys in the order of the reference."""
        return _ordered(self._data)

    def document(self) -> Document:
        """The document, in which every part stands in the line of the call that said it."""
        places = {loc: (line, 1) for loc, (_, line) in self._lines.items()}
        files = {loc: file for loc, (file, _) in self._lines.items()}
        never: dict[Loc, int | None] = dict.fromkeys(places)
        return Document(self._path, self.data, places, places, files, never, self.folder)

    def check(self, *, seed: int = 0, settings: Mapping[str, Any] | None = None) -> Loaded:
        """The scenario as a seed draws it, with its room; raises `InputError` with every problem."""
        return prepare(self.document()).draw(seed, settings)

    def text(self, folder: Path | None = None) -> str:
        """The scenario as YAML. folder: where it will lie, for the files that it names."""
        return written(relocated(self.document(), folder or self.folder))

    def save(self, path: str | Path) -> Path:
        """Writes the scenario as a YAML file, which says all that this object says; returns the path.

        The first line tells editors the schema, which is written beside the file where none lies yet.
        """
        path = Path(path)
        text = self.text(path.parent)
        if parse(text, path).data != relocated(self.document(), path.parent):
            raise InputError(f"{path}: holds a number that YAML can't write, such as one that isn't finite")
        write_whole(path, (schema_line(path) + "\n" + text).encode())
        return path


def schema_line(path: Path) -> str:
    """The comment that names the schema for a scenario at `path`; writes the schemas where there are none."""
    for up, folder in enumerate([path.resolve().parent, *path.resolve().parent.parents][:4]):
        if (folder / FOLDER / "scenario.schema.json").is_file():
            return modeline("scenario", up)
    write_schemas(path.resolve().parent)
    return modeline("scenario")


def _said(what: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in what.items() if value is not None}


def _caller() -> tuple[str, int]:
    """File and line of the call that came from outside this module."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def _plain(value: Any, file: str, line: int, depth: int = 0) -> Any:
    """A value as a document holds it: lists for tuples, text for paths, plain numbers for NumPy's."""
    if depth > 60:
        raise InputError(Problem(file, line, 1, "is nested too deep for a document"))
    if value is None or (isinstance(value, str | bool | int | float) and type(value).__module__ == "builtins"):
        return value
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(key): _plain(part, file, line, depth + 1) for key, part in value.items()}
    if hasattr(value, "tolist"):  # a number or an array of NumPy
        return _plain(value.tolist(), file, line, depth + 1)
    if isinstance(value, Sequence | range) and not isinstance(value, str | bytes):
        return [_plain(part, file, line, depth + 1) for part in value]
    raise InputError(Problem(file, line, 1, f"a {type(value).__name__} cannot stand in a document; use plain values"))


def _ordered(data: Mapping[str, Any]) -> dict[str, Any]:
    """Keys in the order of the model, what it doesn't know last, so that files made by programs look alike."""

    def sort(mapping: Any, kind: type[BaseModel]) -> Any:
        if not isinstance(mapping, dict):
            return mapping
        names = [field.alias or name for name, field in kind.model_fields.items()]
        return {k: mapping[k] for k in sorted(mapping, key=lambda k: names.index(k) if k in names else len(names))}

    def entries() -> Iterator[tuple[str, Any]]:
        for key, value in sort(dict(data), model.Scenario).items():
            if key in _ORDER and isinstance(value, dict):
                yield key, {name: sort(entry, _ORDER[key]) for name, entry in value.items()}
            elif key == "strings" and isinstance(value, list):
                yield key, [sort(entry, model.FireString) for entry in value]
            elif key == "scoring" and isinstance(value, dict):
                yield key, sort(value, model.Scoring)
            else:
                yield key, value

    return dict(entries())
