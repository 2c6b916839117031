"""`xrlab check`: every problem in scenarios, rooms, trainee scripts and tests, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from xrlab.document import Document, read, validate
from xrlab.errors import InputError, Problem, XrlabError, meant
from xrlab.room import Room, load_room
from xrlab.room.layout import Layout
from xrlab.room.load import BUILDINGS, LAYOUTS, MESHES, PLANS, SCANS
from xrlab.room.plans.drawing import MAP_SUFFIX, PlanMap
from xrlab.scenario import load as scenarios
from xrlab.scenario.check import check_scenario, missing_translations
from xrlab.scenario.compose import SECTIONS
from xrlab.scenario.model import Scenario
from xrlab.testing.cases import SUFFIX, TestFile, checks_in
from xrlab.trainee.script import load_script
from xrlab.trainee.steps import TraineeScript

KINDS: dict[str, type[BaseModel]] = {
    "scenario": Scenario, "room": Layout, "trainee": TraineeScript, "test": TestFile, "map": PlanMap,
}  # fmt: skip
ROOM_FILES = (*LAYOUTS, *MESHES, *SCANS, *PLANS, *BUILDINGS)


def check_paths(paths: list[Path]) -> tuple[int, list[Problem]]:
    """Checks files, and what lies in folders; returns how many files were checked and what is wrong."""
    problems: list[Problem] = []
    rooms: dict[Path, Room] = {}
    files = list(_files(paths))
    for path in files:
        try:
            problems += _check(path, rooms)
        except InputError as error:
            problems += error.problems
        except XrlabError as error:
            problems.append(Problem(str(path), 0, 0, str(error)))
    if not files:
        raise InputError(f"{', '.join(map(str, paths))}: holds nothing to check")
    return len(files), list(dict.fromkeys(problems))


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in ROOM_FILES)
        else:
            yield path


def _check(path: Path, rooms: dict[Path, Room]) -> list[Problem]:
    if path.suffix.lower() not in LAYOUTS and path.suffix.lower() in ROOM_FILES:
        load_room(path)
        return []
    document = read(path)
    kind = _kind(document)
    if kind is None:
        what = "is no scenario (teams, scoring), room (rooms or mesh), trainee script (trainees) or test (tests)"
        return [document.problem((), what)]
    if kind == "scenario":
        return _check_scenario(document, rooms)
    if kind == "part":  # what it says is checked in the scenarios that include it
        return []
    if kind == "room":
        load_room(path)
        return []
    if kind == "test":
        return _check_test(path, document)
    if kind == "map":
        validate(document, PlanMap)
        return []
    validate(document, TraineeScript)
    return _check_script(path)


def _kind(document: Document) -> str | None:
    data = document.data
    if not isinstance(data, dict):
        return None
    if document.path.name.endswith(SUFFIX) or "tests" in data:
        return "test"
    if document.path.name.endswith(MAP_SUFFIX):
        return "map"
    if "trainees" in data:
        return "trainee"
    if scenarios.is_scenario(data):
        return "scenario"
    if set(data) <= {*SECTIONS, "include", "xrlab"}:
        return "part"
    if {"teams", "scoring"} & set(data):
        return "scenario"
    return "room" if {"rooms", "mesh", "walls"} & set(data) else None


def _check_scenario(document: Document, rooms: dict[Path, Room]) -> list[Problem]:
    """The scenario as seed 0 draws it, and with each choice of each `vary` in turn."""
    prepared = scenarios.prepare(document.path)
    problems: list[Problem] = []
    scenario = scenarios.model_of(prepared.variant(0).document)
    problems += missing_translations(document, scenario)
    for variant in (prepared.variant(0), *prepared.each_choice()):
        drawn = scenarios.model_of(variant.document)
        file = scenarios.room_path(variant.document, drawn)
        if file not in rooms:
            rooms[file] = load_room(file)
        problems += check_scenario(variant.document, drawn, rooms[file])
    if scenario.trainee:
        loaded = scenarios.load(document.path)
        script = document.path.parent / scenario.trainee
        try:
            load_script(script, loaded)
        except InputError as error:
            problems += error.problems
    return problems


def _check_test(path: Path, document: Document) -> list[Problem]:
    problems: list[Problem] = []
    tests = validate(document, TestFile)
    scripts = {c.trainee: c for c in checks_in(path) if c.trainee}
    reference = checks_in(path)[0].scenario
    try:
        loaded = scenarios.load(reference)
    except InputError as error:
        return error.problems
    criteria = loaded.scenario.scoring.criteria
    for name, case in tests.tests.items():
        for criterion in case.expect.criteria:
            if criterion not in criteria:
                loc = ("tests", name, "expect", "criteria", criterion)
                what = f"the scenario has no criterion '{criterion}'{meant(criterion, criteria)}"
                problems.append(document.problem(loc, what, at_key=True))
    for trainee in scripts:
        try:
            load_script(path.parent / str(trainee), loaded)
        except InputError as error:
            problems += error.problems
    return problems


def _check_script(path: Path) -> list[Problem]:
    """A script against the scenario it is named after: `hostage.trainee.yaml` belongs to `hostage.yaml`."""
    scenario = path.with_name(path.name.split(".")[0] + ".yaml")
    if scenario.exists() and scenario != path:
        load_script(path, scenarios.load(scenario))
    return []
