"""One scenario document out of several: what it `extends`, and what it does `include`.

Mappings are merged, lists and single values replace what they build on, and null takes away. Every part keeps the
file, line and column where it was written. Files are named from the folder of the file that names them, and none
may lie outside the folder of the scenario that is read; a scenario that ships with xrlab goes by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from xrlab.document import MAX_NODES, Document, Loc, read
from xrlab.errors import InputError, Problem, meant
from xrlab.scenario.draft import Draft, parts_of, value_at
from xrlab.scenario.model import Name, Scenario

MAX_DEPTH = 16
MAX_FILES = 64


def _sections() -> tuple[str, ...]:
    """Keys of a scenario that hold things by name: what an included file may hold."""
    found = [
        key
        for key, field in Scenario.model_fields.items()
        if get_origin(field.annotation) is dict and get_args(field.annotation)[0] in (str, Name)
    ]
    return (*found, "scoring")


SECTIONS = _sections()

_WHOLE = (("vary",), ("parameters",))
"""Sections whose entries are replaced, not merged: half a list of choices is no list of choices."""


@dataclass(frozen=True)
class _Step:
    """One file on the way from the scenario to the file being read."""

    verb: str
    name: str
    path: Path


def composed(document: Document, shipped: Callable[[], dict[str, Path]]) -> Document:
    """A scenario's document with all it extends and includes; raises `InputError` with file, line and column.

    shipped: gives the scenarios that go by a name.
    """
    if not isinstance(document.data, dict) or not {"extends", "include"} & set(document.data):
        return document
    return _Composer(document, shipped).composed(document, ())


class _Composer:
    def __init__(self, document: Document, shipped: Callable[[], dict[str, Path]]) -> None:
        self._shipped = shipped
        self._root = document.folder_of(())
        self._files = 0
        self._nodes = 0
        self._included: set[Path] = set()

    def composed(self, document: Document, way: tuple[_Step, ...], *, part: bool = False) -> Document:
        """`document` over what it extends and includes. `part`: it is included, so it holds sections only."""
        self._count(document)
        way = way or (_Step("", self._shown(document.path), document.path.resolve()),)
        if not isinstance(document.data, dict):
            raise InputError(document.problem((), "must be a mapping of keys to values"))
        if part:
            self._only_sections(document)
        draft = Draft(document)
        under: Document | None = None
        pieces: list[Document] = []
        if document.data.get("extends") is not None:
            under = self._base(document, way)
        for index, name in enumerate(self._listed(document)):
            loc: Loc = ("include", index) if isinstance(document.data["include"], list) else ("include",)
            piece = self._piece(document, loc, name, way)
            if piece is not None:
                _told_apart(pieces, piece)
                pieces.append(piece)
                under = piece if under is None else merged(piece, under)
        for key in ("extends", "include"):
            if key in draft.data:
                draft.drop((key,))
        return draft.done() if under is None else merged(draft.done(), under)

    def _count(self, document: Document) -> None:
        self._files += 1
        self._nodes += sum(1 for _ in parts_of(document.data))
        if self._files > MAX_FILES:
            raise InputError(document.problem((), f"a scenario may be put together from {MAX_FILES} files at most"))
        if self._nodes > MAX_NODES:
            what = f"the files that the scenario is put together from hold more than {MAX_NODES:,} parts"
            raise InputError(document.problem((), what))

    def _only_sections(self, document: Document) -> None:
        known = (*SECTIONS, "include", "xrlab")
        holds = f"; it may hold {', '.join(known[:-2])}"
        problems = [
            document.problem(
                (key,),
                f"an included file can't say '{key}'" + (holds if key in Scenario.model_fields else meant(key, known)),
                at_key=True,
            )
            for key in document.data
            if key not in known
        ]
        if problems:
            raise InputError(problems)

    def _base(self, document: Document, way: tuple[_Step, ...]) -> Document:
        name = document.data["extends"]
        if isinstance(name, str) and Path(name).suffix not in (".yaml", ".yml"):
            known = self._shipped()
            if name not in known:
                what = f"no shipped scenario is called '{name}'{meant(name, known)}; a file's name ends in .yaml"
                raise InputError(document.problem(("extends",), what))
            inside, self._root = self._root, known[name].parent
            base = self._read(document, ("extends",), known[name], "extends", way)
            self._root = inside
            return base
        return self._read(document, ("extends",), self._inside(document, ("extends",), name), "extends", way)

    def _listed(self, document: Document) -> list[Any]:
        names = document.data.get("include")
        return [] if names is None else names if isinstance(names, list) else [names]

    def _piece(self, document: Document, loc: Loc, name: Any, way: tuple[_Step, ...]) -> Document | None:
        """An included file; None if it was included before."""
        path = self._inside(document, loc, name)
        if path.resolve() in self._included and path.resolve() not in [step.path for step in way]:
            return None
        self._included.add(path.resolve())
        return self._read(document, loc, path, "includes", way)

    def _inside(self, document: Document, loc: Loc, name: Any) -> Path:
        """The path of a file named in a document; refuses one that lies outside the scenario's folder."""

        def wrong(what: str) -> InputError:
            return InputError(document.problem(loc, what))

        if not isinstance(name, str) or not 0 < len(name) <= 400 or "\0" in name:
            raise wrong(f"{loc[0]} needs the name of a file, such as people.yaml")
        path = Path(name)
        if path.is_absolute() or path.drive or "://" in name or "\\" in name:
            raise wrong(f"'{name}' must be given from this file's own folder, with /, such as parts/people.yaml")
        full = document.folder_of(loc) / path
        try:
            within = full.resolve().is_relative_to(self._root.resolve())
        except (OSError, RuntimeError):  # a link that leads to itself
            raise wrong(f"'{name}' cannot be followed; it is a link that leads nowhere") from None
        if not within:
            raise wrong(f"'{name}' leaves the scenario's folder; what a scenario needs lies in its folder or below it")
        if not full.is_file():
            siblings = [p.name for p in full.parent.iterdir()] if full.parent.is_dir() else []
            raise wrong(f"no file '{name}'{meant(full.name, siblings)}")
        return full

    def _read(self, document: Document, loc: Loc, path: Path, verb: str, way: tuple[_Step, ...]) -> Document:
        resolved = path.resolve()
        known = [step.path for step in way]
        here = _Step(verb, self._shown(path), resolved)
        if resolved in known:
            circle = [*way[known.index(resolved) :], here]
            words = circle[0].name + "".join(f" {step.verb} {step.name}" for step in circle[1:])
            raise InputError(document.problem(loc, f"{words}; a file can't build on itself"))
        if len(way) >= MAX_DEPTH:
            raise InputError(document.problem(loc, f"{verb} more than {MAX_DEPTH} files deep"))
        return self.composed(read(path), (*way, here), part=verb == "includes")

    def _shown(self, path: Path) -> str:
        try:
            return path.resolve().relative_to(self._root.resolve()).as_posix()
        except ValueError:
            return path.name


def _told_apart(pieces: list[Document], piece: Document) -> None:
    """Refuses a name that two included files both use: neither would be meant to change the other."""
    problems = []
    for section in SECTIONS:
        mine = piece.data.get(section)
        for other in pieces:
            theirs = other.data.get(section)
            for name in mine if isinstance(mine, dict) and isinstance(theirs, dict) and section != "scoring" else ():
                if name in theirs:
                    first = other.problem((section, name), "", at_key=True)
                    what = f"'{name}' stands in {Path(first.file).name} line {first.line} too; give it another name"
                    problems.append(piece.problem((section, name), what, at_key=True))
    if problems:
        raise InputError(problems)


def merged(over: Document, under: Document) -> Document:
    """`under` with what `over` says differently; the order of keys is that of `under`, then of `over`."""
    draft = Draft(over)
    problems: list[Problem] = []
    _merge(draft, over, under, (), problems)
    if problems:
        raise InputError(problems)
    return draft.done()


def _merge(draft: Draft, over: Document, under: Document, loc: Loc, problems: list[Problem]) -> None:
    base, mine = value_at(under.data, loc), value_at(over.data, loc)
    for key, value in base.items():
        here = (*loc, key)
        if key not in mine:
            draft.put(here, value, under, here)
        elif mine[key] is None:
            draft.drop(here)
        elif isinstance(value, dict) and isinstance(mine[key], dict) and loc not in _WHOLE:
            _merge(draft, over, under, here, problems)
    for key in mine:
        if mine[key] is None and key not in base and _by_name(loc):
            what = f"there is no '{key}' to take away{meant(key, base)}"
            problems.append(over.problem((*loc, key), what, at_key=True))
    merged_keys = draft.get(loc)
    draft.order(loc, [k for k in base if k in merged_keys] + [k for k in mine if k not in base])


def _by_name(loc: Loc) -> bool:
    """Whether things stand under names of their own there, so that a name which is not known is a slip."""
    return (len(loc) == 1 and loc[0] in SECTIONS and loc[0] != "scoring") or loc == ("scoring", "criteria")
