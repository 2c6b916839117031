"""Windows that open: seen through shut, shot through, and gone from the line when they stand open."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from scenes import load_scene, play, write_scene

from xrlab.errors import InputError
from xrlab.run import Session
from xrlab.scenario.load import load
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim.shots import trace

WINDOW = {"windows": [{"at": [4, 3.4], "width_m": 1.0, "name": "hatch", "hinge": "left", "opened_by": ["police"]}]}
FACING = {"people.gunman.at": [7, 3.4], "people.gunman.yaw_deg": 180, "people.neighbour.at": "aside"}
AT_IT = {"points.a": {"at": [1, 3.4]}, "points.aside": {"at": [1, 0.6]}}


def scene(folder: Path, room: dict[str, Any] | None = None) -> Session:
    return play(load_scene(folder, FACING, WINDOW | AT_IT | (room or {})))


def test_a_shut_window_is_seen_through_and_shot_through(tmp_path: Path) -> None:
    session = scene(tmp_path)
    assert ev.Seen(t=0.0, who="gunman", whom="p1") in session.events
    glass, person = trace(session.run.engine.world, 0.0, (1.0, 3.4, 1.4), 0.0, 0.0, "p1")
    assert (glass.kind, glass.what, glass.material) == ("door", "hatch", "glass")
    assert glass.exit is not None
    assert person.what == "gunman"


def test_an_open_window_is_not_in_the_way(tmp_path: Path) -> None:
    session = scene(tmp_path)
    engine = session.run.engine
    engine.advance(1.0)
    assert deeds.may_open(engine, engine.world.actors["p1"], "hatch")
    assert not deeds.may_open(engine, engine.world.actors["gunman"], "hatch")
    deeds.move_door(engine, "hatch", 1.0, "p1")
    engine.advance(3.0)
    (hit,) = trace(engine.world, 3.0, (1.0, 3.4, 1.4), 0.0, 0.0, "p1")
    assert hit.what == "gunman"


def test_its_leaf_hangs_in_the_frame_and_nobody_walks_through(tmp_path: Path) -> None:
    world = scene(tmp_path).run.engine.world
    leaf = world.room.doors["hatch"]
    assert (leaf.width, leaf.height, leaf.sill) == pytest.approx((0.9, 1.1, 0.95))
    assert leaf.hinge[2] == pytest.approx(0.95)
    assert abs(math.sin(leaf.closed_yaw)) == pytest.approx(1.0)
    way = world.room.walkable.path((1.0, 3.4, 0.0), (7.0, 3.4, 0.0))
    assert way is not None
    assert any(abs(x - 4) < 0.3 and abs(y - 2) < 0.5 for x, y, _ in way), "round by the door"


def test_a_glazed_door_hides_nobody(tmp_path: Path) -> None:
    wooden = play(load_scene(tmp_path, None, None))
    assert not [e for e in wooden.events if isinstance(e, ev.Seen)]
    glazed = play(load_scene(tmp_path, None, {"doors.middle_door.material": "glass"}))
    assert ev.Seen(t=0.0, who="gunman", whom="p1") in glazed.events


def test_a_window_may_not_take_a_doors_name(tmp_path: Path) -> None:
    twice = {"windows": [{"at": [4, 3.4], "width_m": 0.8, "name": "middle_door"}]}
    with pytest.raises(InputError, match=r"room\.yaml:\d+:\d+: 'middle_door' stands under doors already"):
        load(write_scene(tmp_path, None, twice))
