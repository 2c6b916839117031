"""A run in a room that is turned and shifted: the engine, the trainees and the marks say the same as before."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenes import ROOM, changed, write_scene
from trusted import Move, evidence_of, marks, values

from xrlab.run import Runs
from xrlab.scoring import Evidence

SCRIPT = {
    "xrlab": 1,
    "trainees": {
        "p1": {
            "skill": {"reaction_s": 0.4, "spread_mrad": 8, "split_s": 0.3},
            "react": [
                {"when": "sees_danger()", "do": ["challenge", {"wait_s": 0.4}, {"shoot": "danger", "times": 4}]}
            ],
            "do": [{"open": "middle_door"}, {"go": "east"}, {"sweep_deg": 300}],
        }
    },
}  # fmt: skip
SCENARIO = {
    "trainee": "scene.trainee.yaml",
    "clear": ["west", "east"],
    "people.gunman.states": {"attacking": {"do": [{"fire_at": "nearest_trainee", "every_s": 0.6, "hit_chance": 0.4}]}},
    "people.gunman.transitions": [
        {"from": "waiting", "to": "surrendering", "when": 'challenged_by("trainee")', "after_s": 0.2, "chance": 0.3},
        {"from": "waiting", "to": "attacking", "when": 'sees("trainee")', "after_s": [0.3, 0.8]},
    ],
    "people.neighbour.states": {"fleeing": {"do": [{"run_to": "b"}]}},
    "people.neighbour.transitions": [
        {"from": "waiting", "to": "fleeing", "when": 'heard("shot")', "after_s": [0.1, 0.5]}
    ],
}  # fmt: skip
TURNS = [Move(1), Move(2), Move(0, (12.0, -7.0, 0.0)), Move(3, (31.4159, -0.2718, 0.0))]


def turned_room(move: Move) -> dict[str, Any]:
    """The room of `scenes`, turned and shifted."""
    room = copy.deepcopy(ROOM)
    for part in room["rooms"].values():
        x, y, wide, deep = part["rect"]
        ax, ay, _ = move.place((x, y, 0.0))
        bx, by, _ = move.place((x + wide, y + deep, 0.0))
        part["rect"] = [min(ax, bx), min(ay, by), abs(bx - ax), abs(by - ay)]
    for spot in [*room["doors"].values(), *room["points"].values(), *room["lights"]]:
        x, y, *up = spot["at"]
        spot["at"] = [*move.place((x, y, 0.0))[:2], *up]
    for point in room["points"].values():
        point["yaw_deg"] = (point.get("yaw_deg", 0) + 90 * move.quarters) % 360
    return room


def run_in(folder: Path, room: dict[str, Any], seed: int) -> Evidence:
    path = write_scene(folder, SCENARIO)
    (folder / "room.yaml").write_text(yaml.safe_dump(room))
    (folder / "scene.trainee.yaml").write_text(yaml.safe_dump(SCRIPT))
    return evidence_of(Runs(path), seed)


@pytest.mark.parametrize("seed", [2, 4, 5])
def test_a_run_in_a_turned_room_gives_the_same_marks(seed: int, tmp_path: Path) -> None:
    """The same happens, and all that is counted is the same; what is measured is so to the step of places, 0.01 mm."""
    plain = run_in(tmp_path, changed(ROOM, {}), seed)
    before = values(plain)
    assert before["shots()"] >= 2
    assert before['hits("threat")'] >= 1
    for move in TURNS:
        turned = run_in(tmp_path, turned_room(move), seed)
        assert [type(e) for e in turned.events] == [type(e) for e in plain.events]
        assert values(turned) == pytest.approx(before, abs=2e-5)
        assert marks(turned)["criteria"] == marks(plain)["criteria"]
