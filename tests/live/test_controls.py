"""The keys of the instructor: slowed time, views from elsewhere, the trainee at rest, a run that stays the same."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from scenes import OPEN_DOOR, load_scene, play
from test_pilot import Desk, desk

from xrlab.live.keys import Keys
from xrlab.live.views import Views
from xrlab.recording.reader import read_recording
from xrlab.run import score_recording
from xrlab.sim import events as ev

SIZE = (1280, 720)


def camera_at(d: Desk):
    return d.controls.views.camera(d.engine.now, 16 / 9)


def acted(folder: Path, looks: bool) -> list[bytes]:
    """A run in which the trainee acts, and in between the instructor looks about or not."""
    folder.mkdir()
    d = desk(
        folder,
        {"people.gunman.transitions": [{"to": "attacking", "when": 'sees("trainee")', "after_s": 1.0}]},
        OPEN_DOOR,
    )

    def look(*names: str) -> None:
        for name in names if looks else ():
            d.press(name)
            if not d.controls.views.own:
                d.controls.key("w", True)
                d.moved = (130.0, -40.0)
            d.controls.move_camera(1 / 60, 720)
            d.controls.key("w", False)

    d.controls.key("w", True)
    d.wait(0.5)
    d.controls.key("w", False)
    look("v", "f", "right", "right", "left")
    d.wait(0.5)
    look("t")
    d.press("c")
    d.controls.key("mouse_right", True)
    d.wait(0.25)
    look("f", "mouse_left", "r", "1", "e", "q", "l")
    d.wait(0.25)
    look("f")
    d.press("mouse_left")
    d.press("g")
    d.press("h")
    d.press("p")
    look("v", "right", "f", "t")
    d.press("p")
    d.wait(1.0)
    d.session.__exit__(None)
    return [ev.encode(e) for e in d.session.events]


def test_a_run_is_the_same_whether_or_not_the_instructor_looks_elsewhere(tmp_path: Path) -> None:
    with_views, without = acted(tmp_path / "a", True), acted(tmp_path / "b", False)
    kinds = {json.loads(line)["type"] for line in without}
    assert {"ShotFired", "VerbalCommand", "PostureChanged", "StateChanged"} <= kinds
    assert with_views == without


def test_while_one_looks_elsewhere_the_trainee_stays_and_time_goes_on(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.controls.key("mouse_right", True)
    d.wait(0.2)
    d.press("f")
    place, yaw = d.at, d.pilot.trainee.yaw
    d.controls.key("w", True)
    d.controls.key("mouse_right", False)
    d.moved = (300.0, 50.0)
    d.press("mouse_left")
    d.wait(1.0)
    assert d.at == place and d.pilot.trainee.yaw == yaw and not d.events(ev.ShotFired)
    assert d.engine.now == pytest.approx(1.2) and d.pilot.trainee.aiming
    d.press("t")  # what is held counts again: the walking key is, the button is not
    assert not d.pilot.trainee.aiming
    d.wait(0.5)
    assert d.at[0] > place[0] + 0.5


def test_the_free_camera_flies_from_the_eyes_where_keys_and_mouse_lead(tmp_path: Path) -> None:
    d = desk(tmp_path)
    eye = camera_at(d)
    d.press("f")
    assert camera_at(d).position == pytest.approx(eye.position) and camera_at(d).yaw == eye.yaw
    for key in ("w", "space", "shift"):
        d.controls.key(key, True)
    d.moved = (-100.0, 0.0)
    d.wait(0.1)
    d.controls.move_camera(0.1, 720)
    flown = camera_at(d)
    assert flown.position[0] == pytest.approx(eye.position[0] + 0.8 * math.cos(0.3), abs=1e-6)
    assert flown.position[2] == pytest.approx(eye.position[2] + 0.8)
    assert flown.yaw == pytest.approx(eye.yaw + 0.3)
    d.press("p")  # also while time stands
    d.controls.key("s", True)
    d.controls.move_camera(0.1, 720)
    assert camera_at(d).position != flown.position and d.controls.mouse_captured


def test_the_plan_shows_all_and_lines_of_aim_end_at_walls_and_shut_doors(tmp_path: Path) -> None:
    d = desk(tmp_path, room={"doors.middle_door.open": False})
    d.press("v")
    camera = camera_at(d)
    assert camera.ortho_height is not None and camera.cut_above == pytest.approx(1.45)
    marks = {m.name: m for m in d.controls.views.marks(d.engine.now, camera, SIZE)}
    assert set(marks) == {"p1", "gunman", "neighbour"}
    p1 = marks["p1"]
    per_metre = SIZE[1] / camera.ortho_height
    apart = d.engine.world.actors["gunman"].eye(0.0)[0] - d.engine.world.actors["p1"].eye(0.0)[0]
    assert marks["gunman"].at[0] - p1.at[0] == pytest.approx(apart * per_metre)  # who stands in the east is right
    assert marks["neighbour"].at[1] < marks["gunman"].at[1]  # north is up
    assert not p1.aiming and p1.end is not None and p1.end[0] - p1.at[0] == pytest.approx(0.8 * per_metre)
    d.press("t")
    d.controls.key("mouse_right", True)
    d.press("v")
    (aimed,) = [m for m in d.controls.views.marks(d.engine.now, camera, SIZE) if m.name == "p1"]
    assert aimed.aiming and aimed.end is not None
    assert aimed.end[0] - aimed.at[0] == pytest.approx(
        (4.0 - d.engine.world.actors["p1"].eye(d.engine.now)[0]) * per_metre, abs=0.1 * per_metre
    )  # the door at x = 4
    d.controls.key("space", True)
    d.controls.move_camera(0.2, 720)
    nearer = camera_at(d).ortho_height
    assert nearer is not None and nearer < camera.ortho_height


def test_the_arrows_go_through_everyones_eyes_and_come_round(tmp_path: Path) -> None:
    d = desk(tmp_path)
    views, seen = d.controls.views, []
    for _ in range(3):
        d.press("right")
        seen.append(views.eyes)
    assert seen == ["gunman", "neighbour", "p1"] and views.own
    d.press("left")
    assert (views.eyes, views.own, views.told) == ("neighbour", False, "eyes:neighbour")
    assert camera_at(d).position == pytest.approx(d.engine.world.actors["neighbour"].eye(d.engine.now))
    assert views.marks(d.engine.now, camera_at(d), SIZE) == []


def test_slowed_time_runs_as_slowly_as_it_says(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.press("up")  # not faster than its own speed
    d.wait(1.0)
    for told, passed in ((0.5, 1.5), (0.25, 1.75), (0.125, 1.875), (0.125, 2.0)):
        d.press("down")
        assert d.clock.pace == told
        d.wait(1.0)
        assert d.engine.now == pytest.approx(passed, abs=1e-5)
    for _ in range(3):
        d.press("up")
    d.wait(1.0)
    assert d.engine.now == pytest.approx(3.0, abs=1e-5)
    assert [e.pace for e in d.events(ev.PaceChanged)] == [0.5, 0.25, 0.125, 0.25, 0.5, 1.0]


@pytest.mark.parametrize("slow", [False, True])
def test_a_result_says_that_time_was_slowed_and_so_does_its_recording(tmp_path: Path, slow: bool) -> None:
    out = tmp_path / "out"
    with play(load_scene(tmp_path), out=out) as session:
        d = Desk(session)
        if slow:
            d.press("down")
        d.wait(0.5)
        d.press("escape")
        result = session.finish()
    assert result["slowed"] is slow
    again = score_recording(read_recording(out / "recording.mcap"))
    assert again.to_json() == result.to_json()


def test_keys_of_ones_own_do_what_the_map_says(tmp_path: Path) -> None:
    d = Desk(play(load_scene(tmp_path)), keys=Keys(walk_forward=("up",), faster=(), pause=("w", "x"), fire="space"))
    assert d.controls.key("f12", True) == "picture" and d.controls.key("y", True) is None
    d.controls.key("up", True)
    d.wait(0.5)
    assert d.at[0] > 1.5
    d.press("space")
    assert len(d.events(ev.ShotFired)) == 1
    d.press("x")
    assert not d.clock.running and not d.controls.mouse_captured
    d.press("w")
    assert d.clock.running


def test_who_has_yet_to_appear_is_not_looked_through(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.engine.world.actors["gunman"].present = False
    views = Views(d.engine.world, "p1")
    views.next_person(1)
    assert views.eyes == "neighbour"
