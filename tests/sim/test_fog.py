"""Fog out of doors: who is seen in it, and where it is not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import load_scene, play

from xrlab.errors import InputError
from xrlab.room.shelters import shelters
from xrlab.sim.smoke import Smoke

YARD: dict[str, Any] = {
    "rooms": {
        "yard": {"rect": [0, 0, 60, 6], "outside": True},
        "hall": {"rect": [0, 7, 60, 6]},
        "annex": {"rect": [0, 13.2, 10, 5]},
        "shed": {"rect": [80, 0, 4, 4]},
    },
    "doors": None,
    "points": {
        "a": {"at": [1, 3]}, "aside": {"at": [1, 10]}, "b": {"at": [21, 3], "yaw_deg": 180},
        "c": {"at": [51, 3], "yaw_deg": 180}, "d": {"at": [51, 10], "yaw_deg": 180},
    },
    "lights": None,
}  # fmt: skip


def sees(tmp_path: Path, start: str, people: dict[str, str], fog_m: float | None) -> set[str]:
    """Whom the trainee sees who stands at `start`."""
    who = {name: {"role": "no_shoot", "at": at} for name, at in people.items()}
    changes = {
        "people": who, "teams.police.start": start, "scoring.criteria.stopped.value": "1",
        "weather": {"fog_m": fog_m},
    }  # fmt: skip
    session = play(load_scene(tmp_path, changes, YARD))
    session.run.engine.advance(1.0)
    return {whom for watcher, whom in session.run.engine.ledger.sees if watcher == "p1"}


def test_fog_hides_who_is_farther_off_than_one_sees_in_it(tmp_path: Path) -> None:
    people = {"near": "b", "far": "c"}
    assert sees(tmp_path, "a", people, None) == {"near", "far"}
    assert sees(tmp_path, "a", people, 55.0) == {"near", "far"}
    assert sees(tmp_path, "a", people, 30.0) == {"near"}
    assert sees(tmp_path, "a", people, 15.0) == set()


def test_there_is_no_fog_under_a_roof(tmp_path: Path) -> None:
    assert sees(tmp_path, "aside", {"indoors": "d"}, 10.0) == {"indoors"}


def test_buildings_are_boxes_round_zones_that_touch(tmp_path: Path) -> None:
    boxes = shelters(load_scene(tmp_path, {"people": {}, "scoring.criteria.stopped.value": "1"}, YARD).room)
    assert [box[:, :2].tolist() for box in boxes] == [[[0, 7], [60, 18.2]], [[80, 0], [84, 4]]]
    assert (boxes[:, 1, 2] > 2.4).all() and (boxes[:, 0, 2] < 0.0).all()


def test_only_the_way_in_the_open_counts(tmp_path: Path) -> None:
    """From the yard through the wall into the hall: 3 m of 6 lie under the sky, and more or less fog than that."""
    changes = {"people": {}, "scoring.criteria.stopped.value": "1", "weather": {"fog_m": 5.0}}
    smoke = Smoke(play(load_scene(tmp_path, changes, YARD)).run.engine.world)
    still = np.zeros((1, len(YARD["rooms"])))
    which = np.zeros(3, np.int64)
    starts = np.array([(5.0, y, 1.5) for y in (4.0, 1.9, 4.0)])
    ends = np.array([(5.0, 10.0, 1.5), (5.0, 10.0, 1.5), (9.9, 4.0, 1.5)])
    assert smoke.hides(starts, ends, still, which).tolist() == [False, True, False]
    assert smoke.is_about(still)


@pytest.mark.parametrize("fog_m", [0, 4.9, -3, 1e6, "thick"])
def test_fog_is_told_in_metres_of_sight(tmp_path: Path, fog_m: object) -> None:
    with pytest.raises(InputError, match="fog_m"):
        load_scene(tmp_path, {"weather": {"fog_m": fog_m}})
