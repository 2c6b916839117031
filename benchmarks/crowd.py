"""Larger scenarios: house/hostage with twelve role players, and a house of twenty rooms with as many as one likes."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import yaml
from measure import Figure, Series, in_turn
from speed import PEER, rates

from xrlab.run import script_of
from xrlab.scenario.load import Loaded, load
from xrlab.scenario.model import RolePlayer
from xrlab.trainee.script import load_script

LANGUAGES = ("nl", "fr", "de", "en")
COLUMNS, SIDE = 5, 5.0
BYSTANDERS = {"b1": [2.4, 2.6], "b2": [6.4, 1.2], "b3": [12.6, 2.2], "b4": [12.4, 6.6], "b5": [1.4, 6.6]}
"""Where in the house of house/hostage five more people stand."""

_BYSTANDER: dict[str, Any] = {
    "role": "no_shoot",
    "begins": "frozen",
    "states": {
        "fleeing": {"do": [{"run_to": "hallway"}, "raise_hands"]},
        "complying": {"do": ["raise_hands", "kneel"]},
    },
    "transitions": [
        {"from": "frozen", "to": "fleeing", "when": 'heard("shot") && sees("trainee")', "after_s": [0.3, 1.2]},
        {"from": "any", "to": "complying", "when": 'challenged_by("trainee")', "after_s": 0.5},
    ],
}
_GUNMAN: dict[str, Any] = {
    "role": "threat",
    "holds": "handgun",
    "states": {
        "attacking": {"do": [{"fire_at": "nearest_trainee", "every_s": 1.2, "hit_chance": 0.2}]},
        "surrendering": {"do": ["drop", "raise_hands"]},
    },
    "transitions": [
        {"from": "waiting", "to": "surrendering", "when": 'challenged_by("trainee")', "after_s": 0.4, "chance": 0.5},
        {"from": "waiting", "to": "attacking", "when": 'sees("trainee")', "after_s": [0.8, 1.5]},
    ],
}


def figures(quick: bool) -> list[Figure]:
    """The engine alone with twelve role players in the house, and with a hundred in a large one."""
    command = "python benchmarks/run_all.py --only crowd"
    twelve = hostage_with_twelve()
    path = script_of(twelve)
    assert path is not None
    engine, frames = in_turn(rates(twelve, load_script(path, twelve)), 1 if quick else 15)
    peer = Series(PEER, "x real time", frames)
    out = [
        Figure(
            "twelve_x_real_time", Series("engine alone, 4 trainees and 12 role players", "x real time", engine),
            (peer,), command, target=2000.0, more_is_better=True, notes=("house/hostage with five bystanders more",),
        )
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        many, script = big_house(Path(folder), 100)
        engine, frames = in_turn(rates(many, load_script(script, many)), 1 if quick else 5)
    peer = Series(PEER, "x real time", frames)
    out.append(
        Figure(
            "hundred_x_real_time", Series("engine alone, 4 trainees and 100 role players", "x real time", engine),
            (peer,), command, target=200.0, more_is_better=True, notes=("20 rooms, a minute, every tenth is armed",),
        )
    )  # fmt: skip
    return out


def hostage_with_twelve() -> Loaded:
    """house/hostage with five bystanders more: twelve role players."""
    loaded = load("house/hostage", seed=7)
    more = {name: RolePlayer.model_validate({**_BYSTANDER, "at": at}) for name, at in BYSTANDERS.items()}
    return with_people(loaded, loaded.scenario.people | more)


def with_people(loaded: Loaded, people: dict[str, RolePlayer]) -> Loaded:
    """The same scenario with other people."""
    return dataclasses.replace(loaded, scenario=loaded.scenario.model_copy(update={"people": people}))


def big_house(folder: Path, people: int, rounds: int = 1) -> tuple[Loaded, Path]:
    """A house of twenty rooms with so many role players, one in ten armed; its trainees go through it `rounds` times.

    Returns the scenario, loaded, and the trainees' script; the files are written into `folder`.
    """
    (folder / "room.yaml").write_text(yaml.safe_dump(_layout(), sort_keys=False))
    rooms = list(_rooms())
    cast: dict[str, Any] = {}
    for number in range(people):
        x, y, width, depth = _rooms()[rooms[number % len(rooms)]]
        place = number // len(rooms)
        at = [round(x + 0.7 + (place * 1.3) % (width - 1.4), 2), round(y + 0.8 + (place * 0.9) % (depth - 1.6), 2)]
        cast[f"person_{number}"] = {**(_GUNMAN if number % 10 == 3 else _BYSTANDER), "at": at}
    scenario = {
        "xrlab": 1,
        "title": dict.fromkeys(LANGUAGES, "Big house"),
        "room": "room.yaml",
        "time_limit_s": 60 * rounds,
        "teams": {
            "police": {"trainees": ["p1", "p2"], "start": "hallway_entrance", "carries": ["pistol"]},
            "defence": {"trainees": ["d1", "d2"], "start": "gallery_entrance", "carries": ["carbine"]},
        },
        "people": cast,
        "scoring": {
            "criteria": {
                "stopped": {"value": 'stopped("threat")', "points": 60},
                "cleared": {"value": 'cleared("all")', "points": 40},
            }
        },
    }
    path = folder / f"house_{people}_{rounds}.yaml"
    path.write_text(yaml.safe_dump(scenario, sort_keys=False))
    script = folder / f"house_{rounds}.trainee.yaml"
    script.write_text(yaml.safe_dump(_script(rounds), sort_keys=False))
    return load(path, seed=7), script


def _rooms() -> dict[str, tuple[float, float, float, float]]:
    """Four rows of rooms, on both sides of two corridors: name to x, y, width, depth."""
    rows = {"a": 0.0, "b": 7.0, "c": 12.0, "d": 19.0}
    return {f"{row}{c}": (c * SIDE, y, SIDE, SIDE) for row, y in rows.items() for c in range(COLUMNS)}


def _layout() -> dict[str, Any]:
    corridors = {"hallway": 5.0, "gallery": 17.0}
    long = COLUMNS * SIDE
    rooms: dict[str, Any] = {name: {"rect": list(rect)} for name, rect in _rooms().items()}
    doors: dict[str, Any] = {}
    for name, y in corridors.items():
        rooms[name] = {"rect": [0.0, y, long, 2.0]}
        rooms[f"{name}_porch"] = {"rect": [-3.0, y - 0.5, 3.0, 3.0], "outside": True}
        doors[f"{name}_door"] = {"at": [0.0, y + 1.0], "opens_into": name, "width_m": 1.0}
    beside = {"a": 5.0, "b": 7.0, "c": 17.0, "d": 19.0}
    for name, (x, _, _, _) in _rooms().items():
        doors[f"door_{name}"] = {"at": [x + 1.5, beside[name[0]]], "opens_into": name}
    doors["middle"] = {"at": [2.5 * SIDE, 12.0], "opens_into": "c2"}
    lights = [{"at": [x + SIDE / 2, y + SIDE / 2, 2.4]} for x, y, _, _ in _rooms().values()]
    lights += [{"at": [x, y + 1.0, 2.4]} for y in corridors.values() for x in (5.0, 12.5, 20.0)]
    points = {f"{name}_entrance": {"at": [-1.5, y + 1.0]} for name, y in corridors.items()}
    return {
        "xrlab": 1, "name": "Big house", "height_m": 2.6, "wall_m": 0.14, "walls_of": "brick", "rooms": rooms,
        "doors": doors, "lights": lights, "points": points,
    }  # fmt: skip


def _script(rounds: int) -> dict[str, Any]:
    careful = [
        {
            "when": "sees_danger()",
            "do": [
                "challenge",
                {"when": "!sees_danger()", "timeout_s": 0.9},
                {"if": "sees_danger()", "do": [{"shoot": "danger", "times": 6}]},
            ],
        }
    ]
    plans = {}
    for who, row in {"p1": "a", "p2": "b", "d1": "d", "d2": "c"}.items():
        do: list[Any] = []
        for column in range(COLUMNS):
            do += [{"go": f"{row}{column}"}, {"sweep_deg": 300}]
        plans[who] = {"react": careful, "do": [{"repeat": rounds, "do": do}]}
    return {"xrlab": 1, "trainees": plans}
