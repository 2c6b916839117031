"""The room in a recording: the same for a live run and its recording, small, and no stranger's bytes do harm."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import load_scene, play

from xrlab.recording import read_recording
from xrlab.room.model import Room, Surface
from xrlab.scenario.places import stand
from xrlab.scoring.ground import MAX_TRIANGLES, Ground


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Room]:
    folder = tmp_path_factory.mktemp("ground")
    loaded = load_scene(folder)
    session = play(loaded, out=folder / "out")
    session.run.engine.run()
    session.finish()
    return folder / "out" / "recording.mcap", loaded.room


def test_a_recording_gives_the_very_ground_of_the_live_run(made: tuple[Path, Room]) -> None:
    path, room = made
    live, read = Ground.of(room), read_recording(path).ground
    assert live is not None
    assert read is not None
    assert read.data == live.data
    assert (read.vertices == live.vertices).all()
    assert read.doors == live.doors
    assert Ground.of(room) is live


def test_it_is_the_room_to_half_a_millimetre(made: tuple[Path, Room]) -> None:
    _, room = made
    ground = Ground.of(room)
    assert ground is not None
    assert ground.opaque.triangle_count == room.opaque.triangle_count
    rng = np.random.default_rng(4)
    starts, ends = (rng.uniform((0.2, 0.2, 0.2), (7.8, 3.8, 2.3), (500, 3)) for _ in range(2))
    assert (ground.opaque.blocked_many(starts, ends) == room.opaque.blocked_many(starts, ends)).mean() > 0.995
    door, leaf = room.doors["middle_door"], ground.doors["middle_door"]
    assert leaf.middle == pytest.approx(door.middle, abs=1e-3)
    assert (leaf.passable, leaf.hides) == (True, True)
    assert {n: len(p) for n, p in ground.floor.items()} == {n: len(room.floor_points(n, 0.5)) for n in room.zones}
    assert ground.floor["west"] == pytest.approx(room.floor_points("west", 0.5), abs=6e-4)


def test_places_lie_where_the_scenario_says(made: tuple[Path, Room]) -> None:
    _, room = made
    ground = Ground.of(room)
    assert ground is not None
    for name in ("a", "c", "west"):
        assert ground.place(name) == pytest.approx(stand(room, name)[0], abs=1e-3)
    assert ground.place((2.0, 1.0)) == (2.0, 1.0, 0.0)
    assert ground.place("nowhere") is None


def test_a_layouts_ground_takes_little_room(made: tuple[Path, Room]) -> None:
    ground = Ground.of(made[1])
    assert ground is not None
    assert len(ground.data) < 10_000


def test_a_room_too_large_has_no_ground_and_is_recorded_without(tmp_path: Path) -> None:
    faces = np.zeros((MAX_TRIANGLES + 1, 3), np.int32)
    room = Room("big", (Surface("s", np.zeros((1, 3)), faces, "brick"),))
    assert Ground.of(room) is None


def test_a_room_of_nothing_is_a_ground_too() -> None:
    ground = Ground.of(Room("empty", ()))
    assert ground is not None
    assert ground.opaque.triangle_count == 0


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_that_are_no_ground_are_refused_in_a_line(data: bytes) -> None:
    for packed in (data, zlib.compress(data)):
        with pytest.raises(ValueError) as caught:
            Ground.unpacked(packed)
        assert "\n" not in str(caught.value)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_ground_with_one_changed_byte_is_refused_or_whole(made: tuple[Path, Room], data: st.DataObject) -> None:
    ground = Ground.of(made[1])
    assert ground is not None
    raw = bytearray(zlib.decompress(ground.data))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        other = Ground.unpacked(zlib.compress(bytes(raw)))
    except ValueError as error:
        assert "\n" not in str(error)
        return
    assert np.isfinite(other.vertices).all()
    assert other.faces.max() < len(other.vertices)
    assert other.opaque.triangle_count <= len(other.faces)


def _header(changes: dict[str, Any]) -> bytes:
    head: dict[str, Any] = {"base": [0, 0, 0], "vertices": 0, "triangles": 0, "materials": [], "doors": [], "zones": []}
    head |= {"points": [], "level": 0}
    text = json.dumps(head | changes).encode()
    return zlib.compress(len(text).to_bytes(4, "little") + text)


@pytest.mark.parametrize(
    "changes",
    [
        {"vertices": 10**9},
        {"triangles": -1},
        {"base": [0, 0]},
        {"base": [float("nan"), 0, 0]},
        {"materials": [["brick", 1]]},
        {"doors": [["d", [0, 0, 0], 1e999, 0, 1, 1, 1, 0, 0, "wood", True]]},
        {"doors": [["d", [0, 0, 0], 0, 0, -1, 1, 1, 0, 0, "wood", True]]},
        {"zones": [["z", [[0, 0], [1, 1]], 0, 2500, 0, [0, 0]]]},
        {"zones": [["z", [[0, 0], [1, 1], [0, 1]], 0, 2500, 10**8, [0, 0]]]},
        {"zones": "many"},
        {"doors": None},
        {"points": [["p", [0, 0]]]},
        {"level": "high"},
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="its room"):
        Ground.unpacked(_header(changes))


def test_what_unpacks_into_far_too_much_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="larger than a room may be"):
        Ground.unpacked(zlib.compress(bytes(200 * 2**20), 1))
