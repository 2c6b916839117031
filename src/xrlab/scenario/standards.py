"""Standards: a qualification with its strings, times, faces, rules and criteria, in a file that a scenario names.

The standard says what is fired and how it is marked; the scenario says in which room, by whom, and where the targets
stand. What the standard says can't be said again, varied or set; that is checked once a scenario is drawn, whatever way
a value took.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from xrlab.document import Document, Loc, parse, read_text, validate
from xrlab.errors import InputError, Problem, meant
from xrlab.files import lies_in
from xrlab.room import Room
from xrlab.scenario.actions import Range
from xrlab.scenario.draft import Draft, value_at
from xrlab.scenario.faces import Face
from xrlab.scenario.model import FireString, Scenario, Scoring, Target
from xrlab.scenario.parts import LANGUAGES, Name, Part, Text
from xrlab.scenario.places import stand, starts
from xrlab.scenario.rules import Rules, UnderStandard

MAX_TEXT = 200_000
SUFFIXES = (".yaml", ".yml")


class StandardTarget(Part):
    """A target that a standard asks for: its face and motion, and how far it stands from who fires at it."""

    distance_m: float = Field(gt=0, le=1000, description="from where the trainee stands, the way the target looks")
    within_m: float = Field(0.5, gt=0, le=10, description="how much nearer or farther it may stand")
    face: str = Field(description="one of the library's faces, or of this standard's")
    motion: Literal["fixed", "turning", "falling", "popping"] = Field("turning", description="as of any target")
    role: Literal["target", "no_shoot"] = Field("target", description="no_shoot: a hit is an error")
    turn_s: float | None = Field(None, ge=0.05, le=5, description="time of a quarter turn")
    height_m: float | None = Field(None, ge=0, le=20, description="height of its middle over the floor")


class Standard(Part):
    """A qualification: what is fired, at what, in which time, and how it is marked."""

    xrlab: Literal[1] = Field(description="version of the format")
    standard: Name = Field(description="its name, that of the file")
    version: str = Field(min_length=1, max_length=40, description="a new one for every change, such as 2026-1")
    title: Text = Field(description="in nl, fr, de and en")
    source: str = Field(min_length=1, max_length=1000, description="who set it, and after what")
    faces: dict[Name, Face] = Field(default_factory=dict, max_length=50, description="faces of its own")
    targets: dict[Name, StandardTarget] = Field(min_length=1, max_length=100, description="targets by name")
    strings: list[FireString] = Field(min_length=1, max_length=100, description="strings of fire, in order")
    pause_s: Range | None = Field(None, description="between two strings")
    rules: Rules | None = Field(None, description="by which rule book shots at targets are scored")
    scoring: Scoring = Field(description="how marks are given")

    @property
    def shots(self) -> int:
        """How many rounds it asks for; of a string that names none, one at each target each time."""
        return sum(s.rounds or s.times * len(s.targets) for s in self.strings)


_SECTIONS = ("strings", "pause_s", "rules", "scoring")
"""Keys of a scenario that a standard says as a whole."""

_OF_DISTANCE = ("distance_m", "within_m")


@cache
def shipped_standards() -> dict[str, Path]:
    """The standards that ship with xrlab, by name."""
    return {path.stem: path for path in sorted((Path(__file__).parent / "library" / "standards").glob("*.yaml"))}


def read_standard(path: Path) -> tuple[Document, Standard, str]:
    """A standard's document, model and text; raises `InputError` with all that is wrong in it."""
    text = read_text(path)
    if len(text) > MAX_TEXT:
        raise InputError(Problem(str(path), 0, 0, f"is longer than the {MAX_TEXT:,} characters of a standard"))
    document = parse(text, path)
    model = validate(document, Standard)
    problems = list(_wrong(document, model))
    if problems:
        raise InputError(problems)
    return document, model, text


def _wrong(document: Document, model: Standard) -> Iterator[Problem]:
    gaps = [language for language in LANGUAGES if language not in model.title]
    if gaps:
        yield document.problem(
            ("title",), f"has no text in {', '.join(gaps)}; a standard is named in all four languages"
        )
    for index, string in enumerate(model.strings):
        for name in string.targets:
            if name not in model.targets:
                what = f"the standard has no target '{name}'{meant(name, model.targets)}"
                yield document.problem(("strings", index, "show"), what)
        if isinstance(string.show, dict):
            what = "a standard knows no trainees by name, so it has no lanes; list the targets"
            yield document.problem(("strings", index, "show"), what)


def put_in(document: Document) -> Document:
    """A scenario's document with all that the standard says which it names.

    Raises `InputError` where it says itself what the standard says, or lacks a target.
    """
    if not isinstance(document.data, dict) or document.data.get("standard") is None:
        return document
    asked, model, text = read_standard(_path(document))
    under = UnderStandard(
        name=model.standard, version=model.version, title=model.title, text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    problems = list(_said_again(document, asked, model))
    if problems:
        raise InputError(problems)
    draft = Draft(document)
    for key in _SECTIONS:
        if key in asked.data:
            draft.put((key,), asked.data[key], asked, (key,))
    if asked.data.get("faces") and not document.data.get("faces"):
        draft.put(("faces",), {}, asked, ("faces",))
    for name in asked.data.get("faces") or ():
        draft.put(("faces", name), asked.data["faces"][name], asked, ("faces", name))
    for loc, value in _of_targets(asked):
        draft.put(loc, value, asked, loc)
    draft.put(("standard",), under.model_dump(mode="json"), document, ("standard",))
    return draft.done()


def _path(document: Document) -> Path:
    name = document.data["standard"]

    def wrong(what: str) -> InputError:
        return InputError(document.problem(("standard",), what))

    known = shipped_standards()
    if not isinstance(name, str) or not 0 < len(name) <= 400 or "\0" in name:
        raise wrong("standard needs a name, such as service_pistol_25, or a file, such as my_standard.yaml")
    if Path(name).suffix not in SUFFIXES:
        if name not in known:
            raise wrong(f"no standard is called '{name}'{meant(name, known)}; a file's name ends in .yaml")
        return known[name]
    folder = document.folder_of(("standard",))
    path = folder / name
    if Path(name).is_absolute() or "://" in name or "\\" in name or not lies_in(folder, path):
        raise wrong(f"'{name}' must lie in the scenario's own folder or below it")
    if not path.is_file():
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise wrong(f"no file '{name}'{meant(path.name, siblings)}")
    return path


def _said_again(document: Document, asked: Document, model: Standard) -> Iterator[Problem]:
    """What a scenario says though its standard does, and the targets that it lacks."""
    data = document.data
    name = model.standard
    for key in _SECTIONS:
        if key in asked.data and key in data:
            what = f"the standard '{name}' says {key}; a scenario under it can't"
            yield document.problem((key,), what, at_key=True)
    faces, targets = (data.get(key) if isinstance(data.get(key), dict) else {} for key in ("faces", "targets"))
    for face in asked.data.get("faces") or ():
        if face in faces:
            what = f"the standard '{name}' has a face '{face}' of its own; give this one another name"
            yield document.problem(("faces", face), what, at_key=True)
    for target, spec in model.targets.items():
        if not isinstance(targets.get(target), dict):
            what = (
                f"the standard '{name}' needs a target '{target}' {spec.distance_m:g} m away; say under targets where"
            )
            yield document.problem(("targets",) if targets else ("standard",), what)
            continue
        for key in _keys(asked, target):
            if key in targets[target]:
                what = f"the standard '{name}' says {key} of '{target}'; a scenario under it can't"
                yield document.problem(("targets", target, key), what, at_key=True)


def _keys(asked: Document, target: str) -> list[str]:
    """What a standard says of a target: what it says, and the motion, role and face that it has in any case."""
    said = [key for key in asked.data["targets"][target] if key not in _OF_DISTANCE]
    return list(dict.fromkeys((*said, "face", "motion", "role")))


def _of_targets(asked: Document) -> Iterator[tuple[Loc, Any]]:
    for target, spec in asked.data["targets"].items():
        for key in _keys(asked, target):
            default = StandardTarget.model_fields[key].default
            yield ("targets", target, key), spec.get(key, default)


def check_standard(document: Document, scenario: Scenario, room: Room) -> Iterator[Problem]:
    """What is not as the standard says: values that were varied, set or included, and targets at a wrong distance."""
    under = scenario.under
    if under is None:
        return
    asked = _standing(under.text)
    said: list[tuple[Loc, Any]] = [((key,), asked.data[key]) for key in _SECTIONS if key in asked.data]
    said += [(("faces", name), face) for name, face in (asked.data.get("faces") or {}).items()]
    for loc, value in (*said, *_of_targets(asked)):
        yield from _kept(document, loc, value, under.name)
    model = validate(asked, Standard)
    for name, wanted in model.targets.items():
        target = scenario.targets.get(name)
        if target is not None:
            yield from _distance(document, scenario, room, (name, target), wanted, under.name)


@lru_cache(maxsize=16)
def _standing(text: str) -> Document:
    return parse(text, "<standard>")


def _kept(document: Document, loc: Loc, value: Any, name: str) -> Iterator[Problem]:
    """The first place at or below `loc` where the document has not what the standard says."""
    try:
        here = value_at(document.data, loc)
    except (KeyError, IndexError, TypeError):
        here = None
    if here == value:
        return
    inner: Mapping[Any, Any] | None = None
    if isinstance(value, dict) and isinstance(here, dict):
        inner = {key: value.get(key) for key in (*value, *(k for k in here if k not in value))}
    elif isinstance(value, list) and isinstance(here, list) and len(value) == len(here):
        inner = dict(enumerate(value))
    if inner is None:
        shown = ".".join(map(str, loc))
        yield document.problem(loc, f"the standard '{name}' says {shown}; it can't be varied, set or changed")
        return
    for key, part in inner.items():
        yield from _kept(document, (*loc, key), part, name)


def _distance(
    document: Document, scenario: Scenario, room: Room, target: tuple[str, Target], wanted: StandardTarget, name: str
) -> Iterator[Problem]:
    """Whether a target stands as far from those who fire at it as the standard says."""
    called, spec = target
    try:
        (x, y, _), _ = stand(room, spec.at)
        spots = {
            who: p
            for team in scenario.teams.values()
            for who, (p, _) in zip(team.trainees, starts(room, team), strict=True)
        }
    except (KeyError, IndexError):  # said elsewhere
        return
    yaw = math.radians(spec.yaw_deg)
    for who, spot in spots.items():
        away = abs((x - spot[0]) * math.cos(yaw) + (y - spot[1]) * math.sin(yaw))
        if abs(away - wanted.distance_m) > wanted.within_m + 1e-9:
            what = (
                f"the standard '{name}' wants '{called}' {wanted.distance_m:g} m from '{who}', within "
                f"{wanted.within_m:g} m; it stands {away:.2f} m away"
            )
            yield document.problem(("targets", called, "at"), what)
            return


def without(document: Document) -> Document:
    """A document whose strings, faces and scoring are its own: it says no more that it is fired under a standard."""
    if "standard" not in document.data:
        return document
    draft = Draft(document)
    draft.drop(("standard",))
    return draft.done()
