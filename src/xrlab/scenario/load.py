"""From a name or a path to a checked scenario with its room, for one seed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xrlab.chance import stream
from xrlab.document import Document, parse, problems_of, read
from xrlab.errors import InputError, Problem, meant
from xrlab.resources import folder
from xrlab.room import Room, load_room
from xrlab.scenario.check import check_scenario
from xrlab.scenario.model import Scenario

_SECTIONS = ("people", "targets", "teams", "events", "faces")


@dataclass(frozen=True)
class Loaded:
    """A scenario that is ready to run: the model with all that varies drawn, its room, and where it lies."""

    name: str
    path: Path
    scenario: Scenario
    room: Room
    document: Document


def shipped() -> dict[str, Path]:
    """The scenarios that ship with xrlab, by name such as "house/hostage"."""
    return scenarios_in(folder("scenarios"))


def scenarios_in(root: Path) -> dict[str, Path]:
    """Scenario files below a folder, by their path from there without the suffix."""
    found = {}
    for path in sorted(root.rglob("*.yaml")):
        short = path.relative_to(root).with_suffix("").as_posix()
        if "." not in Path(short).name and "rooms" not in path.relative_to(root).parts and _is_scenario(path):
            found[short] = path
    return found


def _is_scenario(path: Path) -> bool:
    """Whether a YAML file says that it is a scenario: it has scoring and teams at its top level."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return {"teams", "scoring"} <= {line.split(":", 1)[0] for line in lines}


def find(reference: str | Path) -> tuple[str, Path]:
    """Name and path of a scenario; `reference` is a shipped scenario's name or a file's path."""
    path = Path(reference)
    known = shipped()
    if str(reference) in known:
        return str(reference), known[str(reference)]
    if path.suffix in (".yaml", ".yml") or path.exists():
        for name, place in known.items():
            if path.exists() and place.resolve() == path.resolve():
                return name, path
        return path.stem, path
    raise InputError(f"no scenario is called '{reference}' and no such file exists{meant(str(reference), known)}")


def load(reference: str | Path, *, seed: int = 0, settings: Mapping[str, Any] | None = None) -> Loaded:
    """Reads, varies, checks. `settings`: values by path, such as {"gunman.at": "kitchen"}, that win over `vary`.

    Raises `InputError` with every problem found, each with its place.
    """
    name, path = find(reference)
    document = read(path)
    if not isinstance(document.data, dict):
        raise InputError(document.problem((), "must be a mapping of keys to values"))
    data = copy.deepcopy(document.data)
    for key, choice in draw_variation(document, seed).items():
        put(document, data, key, choice, ("vary", key))
    for key, value in (settings or {}).items():
        put(document, data, key, value, None)
    scenario = model_of(document, data)
    room = load_room(room_path(document, scenario))
    problems = check_scenario(document, scenario, room)
    if problems:
        raise InputError(problems)
    return Loaded(name, path, scenario, room, document)


def model_of(document: Document, data: Any) -> Scenario:
    """The scenario model of `data`, which is the document's content with some values replaced."""
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise InputError(problems_of(document, Scenario, error)) from None


def room_path(document: Document, scenario: Scenario) -> Path:
    """The file of the scenario's room; an absolute path is refused, since scenarios travel."""
    path = Path(scenario.room)
    if path.is_absolute() or path.drive or "://" in scenario.room or "\0" in scenario.room:
        what = "the room's file must be given from the scenario's own folder, such as rooms/house.yaml"
        raise InputError(document.problem(("room",), what))
    full = document.path.parent / path
    if not full.exists():
        folder_ = full.parent
        siblings = [p.name for p in folder_.iterdir()] if folder_.is_dir() else []
        what = f"no room file '{scenario.room}'{meant(full.name, siblings)}"
        raise InputError(document.problem(("room",), what))
    return full


def draw_variation(document: Document, seed: int) -> dict[str, Any]:
    """What the seed draws for each path under `vary`."""
    vary = document.data.get("vary") or {}
    out: dict[str, Any] = {}
    if not isinstance(vary, dict):
        return out
    for key, choices in vary.items():
        weights = list(choices.values()) if isinstance(choices, dict) else [1.0] * len(choices or ())
        values = list(choices)
        good = bool(values) and all(isinstance(w, int | float) and 0 <= w < 1e9 for w in weights) and sum(weights) > 0
        if not good:
            what = f"vary '{key}' needs a list of choices, or choices with weights of 0 or more, one above 0"
            raise InputError(document.problem(("vary", key), what))
        mark = float(stream(seed, f"vary:{key}").random()) * sum(weights)
        past = next((i for i, total in enumerate(accumulate(weights)) if mark < total), len(values) - 1)
        out[key] = values[past]
    return out


def put(document: Document, data: Any, key: str, value: Any, loc: tuple[str, ...] | None) -> None:
    """Puts a value at a dotted path; the first part may be a person, target, team or event by itself."""

    def wrong(what: str) -> InputError:
        if loc is None:
            return InputError(Problem("--set", 0, 0, f"{key}: {what}"))
        return InputError(document.problem(loc, f"{key}: {what}", at_key=True))

    parts = key.split(".")
    spot = data
    if parts[0] not in data:
        owners = [s for s in _SECTIONS if isinstance(data.get(s), dict) and parts[0] in data[s]]
        if not owners:
            known = [n for s in _SECTIONS if isinstance(data.get(s), dict) for n in data[s]] + list(data)
            raise wrong(f"nothing is called '{parts[0]}'{meant(parts[0], known)}")
        spot = data[owners[0]]
    for part in parts[:-1]:
        index: Any = int(part) if isinstance(spot, list) and part.isdigit() else part
        try:
            spot = spot[index]
        except (KeyError, IndexError, TypeError):
            known = list(spot) if isinstance(spot, dict) else []
            raise wrong(f"there is no '{part}' here{meant(part, map(str, known))}") from None
    if isinstance(spot, list) and parts[-1].isdigit() and int(parts[-1]) < len(spot):
        spot[int(parts[-1])] = value
    elif isinstance(spot, dict):
        spot[parts[-1]] = value
    else:
        raise wrong(f"'{parts[-1]}' cannot be set here")


def setting(text: str) -> tuple[str, Any]:
    """`NAME=VALUE` of the command line as a path and a value read as YAML."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise InputError(f"--set needs NAME=VALUE, such as gunman.at=kitchen; given: {text}")
    return name.strip(), parse(f"value: {value}", "--set").data["value"]
