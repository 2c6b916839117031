"""`xrlab check`: every problem in scenarios, rooms, trainee scripts and tests, each with its place."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from xrlab.document import Document, Loc, in_order, read, validate
from xrlab.errors import InputError, Problem, XrlabError
from xrlab.live.keys import KeyMap, read_keys
from xrlab.room import load_room
from xrlab.room.layout import Layout
from xrlab.room.load import BUILDINGS, LAYOUTS, MESHES, PLANS, SCANS
from xrlab.room.plans.drawing import MAP_SUFFIX, PlanMap
from xrlab.run import script_of
from xrlab.scenario import load as scenarios
from xrlab.scenario.actions import Place
from xrlab.scenario.audit import Audit, audit, together
from xrlab.scenario.check import check_scenario
from xrlab.scenario.compose import SECTIONS
from xrlab.scenario.model import Scenario
from xrlab.scenario.standards import Standard, read_standard
from xrlab.scenario.survey import Survey
from xrlab.testing.cases import SUFFIX, TestFile, checks_in, test_problems
from xrlab.trainee.scripts import script_problems
from xrlab.trainee.steps import TraineeScript

KINDS: dict[str, type[BaseModel]] = {
    "scenario": Scenario, "room": Layout, "trainee": TraineeScript, "test": TestFile, "map": PlanMap,
    "standard": Standard, "keys": KeyMap,
}  # fmt: skip
_SPARED = (
    "extra_forbidden", "literal_error", "greater_than", "greater_than_equal", "less_than", "less_than_equal",
    "float_type", "float_parsing", "int_type", "int_parsing", "bool_type", "bool_parsing", "string_type",
    "finite_number",
)  # fmt: skip
"""Kinds of mistakes that may be left out to see what else is wrong: of one key or value, on which no name depends."""

MOST_DRAWS = 2000
"""So many draws of a scenario are looked at, at most, to try each choice of what varies."""

ROOM_FILES = (*LAYOUTS, *MESHES, *SCANS, *PLANS, *BUILDINGS)


def check_paths(paths: list[Path]) -> tuple[int, list[Problem]]:
    """Checks files, and what lies in folders; returns how many files were checked, and errors and warnings."""
    problems: list[Problem] = []
    desk = Desk()
    files = list(files_in(paths))
    for path in files:
        try:
            problems += desk.check(path)
        except InputError as error:
            problems += error.problems
        except XrlabError as error:
            problems.append(Problem(str(path), 0, 0, str(error)))
    return len(files), list(dict.fromkeys(problems))


def scenario_files(paths: list[Path]) -> list[Path]:
    """Of files, and what lies in folders, the scenarios; what can't be read is left out."""
    found = []
    for path in files_in(paths):
        if path.suffix.lower() in LAYOUTS:
            try:
                if kind_of(read(path)) == "scenario":
                    found.append(path)
            except InputError:
                continue
    return found


def files_in(paths: list[Path]) -> Iterator[Path]:
    """All files to check; raises `InputError` where there are none."""
    files = list(_files(paths))
    if not files:
        raise InputError(f"{', '.join(map(str, paths))}: holds nothing to check")
    yield from files


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in ROOM_FILES)
            yield from (p for p in found if not _is_set_aside(p.relative_to(path)) and not _is_own_picture(p))
        else:
            yield path


def _is_set_aside(path: Path) -> bool:
    """Whether a file lies in a hidden folder or one of downloaded packages: it is some other program's."""
    return any(part.startswith(".") or part == "node_modules" for part in path.parts)


def _is_own_picture(path: Path) -> bool:
    """Whether this is a drawing that a command left, and no plan: `review.svg` says so at its head."""
    if path.suffix.lower() != ".svg" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b'role="img"' in file.read(2048)


class Desk:
    """What many files of one check have in common: a scenario is read once, however many tests and scripts name it."""

    def __init__(self) -> None:
        self._prepared: dict[Path, scenarios.Prepared] = {}

    def check(self, path: Path) -> list[Problem]:
        """Errors and warnings of one file; raises `InputError` where it can't be read."""
        if path.suffix.lower() not in LAYOUTS and path.suffix.lower() in ROOM_FILES:
            load_room(path)
            return []
        document = read(path)
        kind = kind_of(document)
        if kind is None:
            what = (
                "is no scenario (teams, scoring), room (rooms or mesh), trainee script (trainees), test (tests) or keys"
            )
            return [document.problem((), what)]
        if kind == "scenario":
            return self._scenario(path)
        if kind == "part":  # what it says is checked in the scenarios that include it
            return []
        if kind == "room":
            load_room(path)
        elif kind == "test":
            return self._test(path, document)
        elif kind == "map":
            validate(document, PlanMap)
        elif kind == "standard":
            read_standard(path)
        elif kind == "keys":
            read_keys(path)
        else:
            validate(document, TraineeScript)
            return self._script(path)
        return []

    def prepared(self, path: Path) -> scenarios.Prepared:
        """A scenario, read once."""
        key = path.resolve()
        if key not in self._prepared:
            self._prepared[key] = scenarios.prepare(path)
        return self._prepared[key]

    def _scenario(self, path: Path) -> list[Problem]:
        """The scenario as seed 0 draws it, and with each choice of each `vary` in turn."""
        prepared = self.prepared(path)
        audits: list[Audit] = []
        try:
            draws = _different([prepared.variant(0)], prepared.each_choice())
            audits += (audited(prepared, v) for v in islice(draws, MOST_DRAWS))
            if next(draws, None):
                what = f"has so many choices that only {MOST_DRAWS:,} draws were looked at; --variants looks at more"
                audits.append(Audit([prepared.document.problem(("vary",), what, at_key=True, warning=True)], []))
        except InputError as error:  # what varies is wrong
            audits.append(Audit(error.problems, []))
        problems = together(audits)
        if not any(not p.warning for p in problems):
            loaded = prepared.draw(0)
            script = script_of(loaded)
            if script:
                problems += about_script(script, loaded)
        return in_order(problems)

    def _test(self, path: Path, document: Document) -> list[Problem]:
        problems: list[Problem] = []
        tests = validate(document, TestFile)
        checks = checks_in(path)
        try:
            loaded = self.prepared(scenarios.find(checks[0].scenario)[1]).draw(0)
        except InputError as error:
            return error.problems
        problems += test_problems(document, tests, loaded)
        for trainee in dict.fromkeys(c.trainee for c in checks if c.trainee):
            problems += about_script(path.parent / str(trainee), loaded)
        return problems

    def _script(self, path: Path) -> list[Problem]:
        """A script against the scenario it is named after: `hostage.trainee.yaml` belongs to `hostage.yaml`."""
        scenario = path.with_name(path.name.split(".")[0] + ".yaml")
        if scenario.exists() and scenario != path:
            return about_script(path, self.prepared(scenario).draw(0))
        return []


def _different(*draws: Iterable[scenarios.Variant]) -> Iterator[scenarios.Variant]:
    """Of some draws those that equal none before them."""
    seen = set()
    for variant in chain(*draws):
        values = repr(variant.drawn)
        if values not in seen:
            seen.add(values)
            yield variant


def audited(prepared: scenarios.Prepared, variant: scenarios.Variant) -> Audit:
    """Errors and warnings of one draw of a scenario."""
    document = variant.document
    try:
        scenario = scenarios.model_of(document)
    except InputError as error:
        return Audit(in_order([*error.problems, *_others(prepared, document)]), [])
    try:
        return audit(document, scenario, prepared.room(document, scenario))
    except InputError as error:
        return Audit(error.problems, [])


def _others(prepared: scenarios.Prepared, document: Document) -> list[Problem]:
    """Names that are wrong in a scenario with wrong keys or values as well, so that all is told at once.

    They are looked for in the scenario without those; where it can't do without one of them nothing is told.
    """
    data = copy.deepcopy(document.data)
    try:
        Scenario.model_validate(data)
    except ValidationError as error:
        for entry in error.errors(include_url=False):
            loc = document.spot(entry["loc"])
            part: Any = data
            for key in loc[:-1]:
                part = part.get(key) if isinstance(part, dict) else part[int(key)] if isinstance(part, list) else None
            if entry["type"] not in _SPARED or not loc or not isinstance(part, dict):
                return []
            part.pop(loc[-1], None)
    try:
        scenario = Scenario.model_validate(data)
        return check_scenario(document, scenario, prepared.room(document, scenario))
    except ValidationError:
        return []
    except InputError as error:
        return error.problems


def about_script(path: Path, loaded: scenarios.Loaded) -> list[Problem]:
    """Errors of a trainee script, and places in it that its trainees have no way to."""
    try:
        document = read(path)
        script = validate(document, TraineeScript)
    except InputError as error:
        return error.problems
    scenario = loaded.scenario
    problems = script_problems(document, script, scenario, loaded.room)
    survey = Survey(loaded.document, scenario, loaded.room)
    for loc, place in _gone_to(script, ()):
        for (
            who,
            team,
        ) in scenario.trainees.items():  # whose plan it is: their own, else the team's, else that of all
            if next((n for n in (who, team, "all") if n in script.trainees), None) == loc[1]:
                problems += survey.way_of_trainee(document, loc, who, place)
    return in_order(problems)


def _gone_to(part: Any, loc: Loc) -> Iterator[tuple[Loc, Place]]:
    """Every place that a step of a script goes to, and where the step stands."""
    if isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            value = getattr(part, name)
            here = (*loc, field.alias or name)
            if name == "go":
                yield here, value
            else:
                yield from _gone_to(value, here)
    elif isinstance(part, dict | list | tuple):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from _gone_to(value, (*loc, key))


def kind_of(document: Document) -> str | None:
    """What a document is, by its name and its keys: one of `KINDS`, "part" for what scenarios include, or None."""
    data = document.data
    if not isinstance(data, dict):
        return None
    if document.path.name.endswith(SUFFIX) or "tests" in data:
        return "test"
    if document.path.name.endswith(MAP_SUFFIX):
        return "map"
    if "trainees" in data:
        return "trainee"
    if {"standard", "version"} <= set(data):
        return "standard"
    if scenarios.is_scenario(data):
        return "scenario"
    if set(data) <= {*SECTIONS, "include", "xrlab"}:
        return "part"
    if {"teams", "scoring"} & set(data):
        return "scenario"
    if {"rooms", "mesh", "walls"} & set(data):
        return "room"
    return "keys" if "keys" in data else None
