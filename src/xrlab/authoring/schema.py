"""JSON Schemas for editors: what a key means, what may stand there, and pieces to begin with.

Made from the models, so a key is explained once. What an editor needs besides is added here: names of the
library to choose from, the functions of a condition, and snippets. An editor's schema is for help while
writing; `xrlab check` has the last word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from xrlab.errors import InputError, meant
from xrlab.files import make_folder, write_whole
from xrlab.room.materials import MATERIALS
from xrlab.scenario import functions as fns
from xrlab.scenario.library import faces, loads, means, weapons
from xrlab.scenario.model import Item
from xrlab.scenario.reuse import library_words
from xrlab.scenario.states import STATES
from xrlab.testing.validation import KINDS

FOLDER = ".xrlab"
"""Where the schemas of a designer's folder lie, named so that file managers hide it."""

Schema = dict[str, Any]

_NO_VALUE = {"type": "null"}


def schema_of(kind: str) -> Schema:
    """The JSON Schema of a kind of document; raises `InputError` for an unknown kind."""
    if kind not in KINDS:
        raise InputError(f"no schema is called '{kind}'{meant(kind, KINDS)}")
    schema = _plain(KINDS[kind])
    for name, part in parts(schema):
        for key, spot in part.get("properties", {}).items():
            _help(name, key, spot)
    if kind == "scenario":
        _building_on_others(schema)
    return schema


_NAMED = {"teams": "Team", "people": "RolePlayer", "targets": "Target", "events": "Happening", "injects": "Inject"}
_PARAMETER = {"type": "string", "pattern": r"^\$[A-Za-z]\w*$"}


def _building_on_others(schema: Schema) -> None:
    """A scenario that extends or includes others says only what differs; a parameter stands for any value."""
    for _, part in parts(schema):
        for key, spot in part.get("properties", {}).items():
            if key not in ("parameters", "vary", "xrlab"):
                _or_parameter(spot)
    whole: Schema = {"required": schema.pop("required"), "properties": {}}
    for section, model in _NAMED.items():
        needed = schema["$defs"][model].pop("required", [])
        alike = "like" in schema["$defs"][model]["properties"]
        entry: Schema = {"anyOf": [{"required": ["like"]}, {"required": needed}]} if alike else {"required": needed}
        whole["properties"][section] = {"additionalProperties": entry}
    scoring, criterion = (schema["$defs"][model].pop("required", []) for model in ("Scoring", "Criterion"))
    criteria = {"properties": {"criteria": {"additionalProperties": {"required": criterion}}}}
    whole["properties"]["scoring"] = {"required": scoring, **criteria}
    schema["if"] = {"anyOf": [{"required": [key]} for key in ("extends", "include", "standard")]}
    schema["else"] = whole


def _or_parameter(spot: Schema) -> None:
    """Lets `$name` stand where a number stands; where a text does it may anyhow."""
    kinds = [spot, *spot.get("anyOf", ())]
    if not any(kind.get("type") in ("number", "integer") for kind in kinds):
        return
    if "anyOf" not in spot:
        spot["anyOf"] = [{key: spot.pop(key) for key in list(spot) if key not in _KEPT}]
    spot["anyOf"].append(dict(_PARAMETER))


def write_schemas(folder: Path) -> list[Path]:
    """Writes the schema of every kind below `folder`, for modelines to name; returns the files."""
    make_folder(folder / FOLDER)
    written = []
    for kind in KINDS:
        path = folder / FOLDER / f"{kind}.schema.json"
        write_whole(path, (json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n").encode())
        written.append(path)
    return written


def modeline(kind: str, up: int = 0) -> str:
    """The comment that tells an editor which schema a file has. up: how many folders the schemas lie higher."""
    return f"# yaml-language-server: $schema={'../' * up}{FOLDER}/{kind}.schema.json"


def parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The mappings that a schema describes, each with the name of its model."""
    yield str(schema["title"]), schema
    yield from schema.get("$defs", {}).items()


def _plain(model: type[BaseModel]) -> Schema:
    """The model's schema without what only programs read, and with every key explained."""
    made = model.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
    words: dict[str, str] = {}
    for name, part in parts(schema):
        if part is not schema:
            part["title"] = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip("_")).lower()
        properties = part.get("properties", {})
        for at, (key, spot) in enumerate(properties.items()):
            spot.pop("title", None)
            if at == 0 and "description" in part:  # an action's own key is what the action does
                spot.setdefault("description", part["description"])
            if at == 0 and spot.get("type") == "boolean" and spot.get("default") is True:
                words[key] = spot["description"]
                spot["doNotSuggest"] = True  # the word by itself is offered
    _without_null(schema)
    for spot in _enums(schema):
        if set(spot["enum"]) & set(words):
            spot["enumDescriptions"] = [words.get(word, "") for word in spot["enum"]]
    return schema


def _enums(spot: Any) -> Iterator[Schema]:
    """Every part that is one of some words."""
    if isinstance(spot, dict):
        if "enum" in spot:
            yield spot
        for inner in spot.values():
            yield from _enums(inner)
    elif isinstance(spot, list):
        for inner in spot:
            yield from _enums(inner)


def _without_null(spot: Schema) -> None:
    """A key that may be left out is left out: an editor should not offer to write null."""
    for inner in spot.values():
        for part in inner if isinstance(inner, list) else (inner,):
            if isinstance(part, dict):
                _without_null(part)
    options = spot.get("anyOf")
    if options and _NO_VALUE in options:
        rest = [o for o in options if o != _NO_VALUE]
        if len(rest) == 1:
            del spot["anyOf"]
            spot.update(rest[0] | spot)
        else:
            spot["anyOf"] = rest
    default = spot.get("default", ...)
    if default is None or default in ({}, []):
        del spot["default"]
    elif isinstance(default, list) and len(set(default)) == 1 and any(o.get("type") == "number" for o in options or ()):
        spot["default"] = default[0]  # a span of one number is written as that number


def _help(part: str, key: str, spot: Schema) -> None:
    """Adds what an editor can offer at a key."""
    if key in _CONDITIONS.get(part, ()):
        _condition(spot, "score" if part == "Criterion" else "live")
    if (part, key) in _NAMES:
        _offer(spot, _NAMES[part, key]())
    elif "material" in key or key == "walls_of":
        _offer(spot, list(MATERIALS))
    begin = _SNIPPETS.get((part, key))
    if begin is not None:
        spot["defaultSnippets"] = [{"label": label, "body": body} for label, body in begin]


def _offer(spot: Schema, names: Collection[str]) -> None:
    """Lets an editor offer these names; another is no mistake to it, for some are the author's own."""
    for inner in _texts(spot):
        inner["anyOf"] = [{"enum": list(names)}, {k: inner.pop(k) for k in list(inner) if k not in _KEPT}]


_KEPT = ("description", "markdownDescription", "default", "defaultSnippets")


def _texts(spot: Schema) -> list[Schema]:
    """The parts of a value that are text: itself, its choices, its entries."""
    if spot.get("type") == "string":
        return [spot]
    found: list[Schema] = []
    for inner in (*spot.get("anyOf", ()), spot.get("items"), spot.get("additionalProperties")):
        if isinstance(inner, dict):
            found += _texts(inner)
    return found


def _condition(spot: Schema, where: str) -> None:
    """Lists the functions of a condition or a value, and offers a call of each."""
    known = {n: f for n, f in fns.FUNCTIONS.items() if f.where in (where, "both")}
    lines = [f"- `{n}({', '.join(f.takes)})`: {f.about}" for n, f in known.items()]
    head = "May ask, joined with `&&`, `||`, `!` and compared with `==`, `<`, `>=` …"
    spot["markdownDescription"] = "\n".join([spot["description"], "", head, "", *lines])
    spot["defaultSnippets"] = [
        {"label": f"{n}({', '.join(f.takes)})", "description": f.about, "body": _call(n, f)} for n, f in known.items()
    ]


def _call(name: str, function: fns.Function) -> str:
    """A call with places to fill in, such as `challenged_by("${1:trainee}")`."""
    needed = [k for k in function.takes if not k.endswith("?")]
    said = {"who": "threat" if name in _OF_THREATS else "trainee", "person": "self", "zone": "all"}
    inside = ", ".join(
        f'"${{{i}{_CHOICES.get(kind) or ":" + said.get(kind, kind)}}}"' for i, kind in enumerate(needed, 1)
    )
    compared = {"number": " >= ${9:1}", "text": ' == "${9:down}"', "bool": ""}[function.gives]
    return f"{name}({inside}){compared if function.where != 'score' else ''}"


_OF_THREATS = ("hits", "stopped", "down", "danger", "surrendered")
"""Functions that are most often asked of threats."""

_CHOICES = {
    "command": f"|{','.join(fns.COMMANDS)}|",
    "sound": f"|{','.join(fns.SOUNDS)}|",
    "measure": f"|{','.join(fns.MEASURES)}|",
    "means": f"|{','.join(fns.MEANS)}|",
}

_CONDITIONS: dict[str, tuple[str, ...]] = {
    "Scenario": ("ends_when",), "Transition": ("when",), "Happening": ("when",), "Criterion": ("value",),
    "Reaction": ("when",), "When": ("when",), "If": ("if",),
}  # fmt: skip

_NAMES: dict[tuple[str, str], Callable[[], Collection[str]]] = {
    ("Team", "carries"): lambda: [*weapons(), *means()],
    ("Team", "loads"): lambda: list(loads()),
    ("Target", "face"): lambda: list(faces()),
    ("Hold", "hold"): lambda: get_args(Item),
    ("RolePlayer", "like"): lambda: list(library_words()["people"]),
    ("Target", "like"): lambda: list(library_words()["targets"]),
    ("RolePlayer", "begins"): lambda: STATES,
    ("Transition", "from"): lambda: ("any", *STATES),
    ("Transition", "to"): lambda: STATES,
    ("FireAt", "fire_at"): lambda: ("nearest_trainee", "trainee"),
    ("AimAt", "aim_at"): lambda: ("nearest_trainee", "trainee"),
    ("Shoot", "shoot"): lambda: ("danger", "exposed"),
    ("Use", "use"): lambda: dict.fromkeys((*fns.MEANS, *means())),
    ("Use", "on"): lambda: ("danger",),
    ("RoomSpec", "floor"): lambda: list(MATERIALS),
}

_LANGUAGES = {"nl": "${21:…}", "fr": "${22:…}", "de": "${23:…}", "en": "${24:…}"}

_SNIPPETS: dict[tuple[str, str], list[tuple[str, Any]]] = {
    ("Scenario", "title"): [("in four languages", _LANGUAGES)],
    ("Scenario", "briefing"): [("in four languages", _LANGUAGES)],
    ("Scenario", "teams"): [
        ("a team", {"${1:police}": {"trainees": ["${2:p1}"], "start": "${3:entrance}", "carries": ["${4:pistol}"]}})
    ],
    ("Scenario", "people"): [
        (
            "a threat who attacks or gives up",
            {
                "${1:gunman}": {
                    "role": "threat", "at": "${2:kitchen}", "holds": "${3:handgun}",
                    "states": {"attacking": {"do": [{"fire_at": "nearest_trainee", "every_s": "${4:1.2}"}]}},
                    "transitions": [
                        {"from": "waiting", "to": "surrendering", "when": 'challenged_by("trainee")',
                         "after_s": "${5:0.5}", "chance": "${6:0.5}"},
                        {"from": "waiting", "to": "attacking", "when": 'sees("trainee")', "after_s": "${7:1.0}"},
                    ],
                }
            },
        ),
        ("a bystander", {"${1:bystander}": {"role": "no_shoot", "at": "${2:kitchen}", "begins": "frozen"}}),
    ],
    ("Scenario", "targets"): [
        ("a turning target", {"${1:t1}": {"at": "${2:lane_1}", "face": "${3:silhouette}", "motion": "turning"}})
    ],
    ("Scenario", "strings"): [
        ("a string of fire", [{"name": "${1:first}", "show": ["${2:t1}"], "times": "${3:3}", "for_s": "${4:3}",
                               "away_s": "${5:2}", "rounds": "${6:3}"}])
    ],
    ("Scenario", "events"): [
        ("at a time", {"${1:phone_rings}": {"at_s": "${2:20}", "do": [{"lights": "${3:off}"}]}}),
        ("on a condition", {"${1:alarm}": {"when": '${2:heard("shot")}', "do": [{"lights": "${3:off}"}]}}),
    ],
    ("Scenario", "injects"): [
        ("a button", {"${1:lights_out}": {"label": _LANGUAGES, "do": [{"lights": "off"}]}})
    ],
    ("Scenario", "vary"): [("choices with weights", {"${1:gunman.holds}": {"${2:handgun}": 3, "${3:phone}": 1}})],
    ("Scoring", "criteria"): [
        ("points", {"${1:threats_stopped}": {"title": _LANGUAGES, "value": '${2:stopped("threat")}', "points": 50}}),
        ("a limit", {"${1:no_shoot_hits}": {"title": _LANGUAGES, "value": '${2:hits("no_shoot")}', "must_be": 0}}),
    ],
    ("RolePlayer", "transitions"): [
        ("on a command", [{"from": "${1:any}", "to": "${2:surrendering}", "when": 'challenged_by("trainee")'}]),
        ("on sight", [{"from": "${1:any}", "to": "${2:attacking}", "when": 'sees("trainee")', "after_s": "${3:1}"}]),
    ],
}  # fmt: skip
"""Pieces to begin with: (model, key): label and body. A test sees to it that each stands where it belongs."""
