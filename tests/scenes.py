"""A small scene for tests: two rooms with a door between, a trainee, a gunman and a neighbour."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from xrlab.run import Session
from xrlab.scenario.load import Loaded, load

ROOM: dict[str, Any] = {
    "xrlab": 1,
    "name": "Two rooms",
    "height_m": 2.5,
    "wall_m": 0.2,
    "walls_of": "brick",
    "rooms": {"west": {"rect": [0, 0, 4, 4]}, "east": {"rect": [4, 0, 4, 4]}},
    "doors": {"middle_door": {"at": [4, 2], "opens_into": "east", "width_m": 1.0}},
    "points": {
        "a": {"at": [1, 2]},
        "b": {"at": [7, 2], "yaw_deg": 180},
        "c": {"at": [7, 3.4], "yaw_deg": 180},
        "aside": {"at": [1, 3.4]},
    },
    "lights": [{"at": [2, 2, 2.4], "group": "west"}, {"at": [6, 2, 2.4], "group": "east"}],
}

SCENARIO: dict[str, Any] = {
    "xrlab": 1,
    "title": {"nl": "Twee kamers", "fr": "Deux pièces", "de": "Zwei Zimmer", "en": "Two rooms"},
    "room": "room.yaml",
    "time_limit_s": 20,
    "teams": {"police": {"trainees": ["p1"], "start": "a", "carries": ["pistol"]}},
    "people": {
        "gunman": {"role": "threat", "at": "b", "holds": "handgun"},
        "neighbour": {"role": "no_shoot", "at": "c", "holds": "phone"},
    },
    "scoring": {"criteria": {"stopped": {"value": 'stopped("threat")', "points": 100}}},
}

OPEN_DOOR = {"doors.middle_door.open": True}


def changed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with values at dotted paths replaced; None takes a key away."""
    out = copy.deepcopy(base)
    for path, value in changes.items():
        *way, last = path.split(".")
        spot = out
        for part in way:
            spot = spot.setdefault(part, {})
        if value is None:
            spot.pop(last)
        else:
            spot[last] = value
    return out


def write_scene(
    folder: Path, scenario: dict[str, Any] | None = None, room: dict[str, Any] | None = None, name: str = "scene"
) -> Path:
    """Writes the scene with changes at dotted paths; returns the scenario's file."""
    (folder / "room.yaml").write_text(yaml.safe_dump(changed(ROOM, room or {}), sort_keys=False))
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(changed(SCENARIO, scenario or {}), sort_keys=False, allow_unicode=True))
    return path


def load_scene(
    folder: Path, scenario: dict[str, Any] | None = None, room: dict[str, Any] | None = None, seed: int = 0
) -> Loaded:
    """The scene, loaded."""
    return load(write_scene(folder, scenario, room), seed=seed)


def play(loaded: Loaded, seed: int = 0, out: Path | None = None) -> Session:
    """A session of the scene that nobody steers yet."""
    return Session(loaded, seed, out)
