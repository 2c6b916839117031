"""From the world at an instant to what a picture shows."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scenes import OPEN_DOOR, load_scene, play

from xrlab.live.frames import TORCH_BELOW_M, TORCH_M, eye_camera, frame_of
from xrlab.live.marks import MAX_MARKS
from xrlab.render.bursts import LIFE_S, strength
from xrlab.render.scene import EVENING, InHand
from xrlab.sim import deeds
from xrlab.sim import events as ev


def test_everyone_is_where_the_world_has_them_but_for_the_one_whose_eyes_it_is(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    world = session.run.engine.world
    camera = eye_camera(world, "p1", 0.0, 1.0)
    frame = frame_of(world, 0.0, camera, hide="p1", in_hand=InHand("police", "handgun"))
    assert [(p.position[:2], p.holds) for p in frame.people] == [((7.0, 2.0), "handgun"), ((7.0, 3.4), "phone")]
    assert len(frame_of(world, 0.0, camera).people) == 3
    assert frame.in_hand == InHand("police", "handgun")
    assert camera.position == world.actors["p1"].eye(0.0) and camera.yaw == 0.0


def test_a_frame_can_be_asked_for_any_instant_of_a_moving_door(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    engine = session.run.engine
    engine.advance(1.0)
    end = deeds.move_door(engine, "middle_door", 1.0, "p1")
    camera = eye_camera(engine.world, "p1", 1.0, 1.0)
    at = {t: frame_of(engine.world, t, camera).doors["middle_door"] for t in (1.0, (1.0 + end) / 2, end)}
    assert list(at.values()) == [0.0, pytest.approx(0.5), 1.0]


def test_torches_that_are_on_shine_where_their_holders_look_the_nearest_first(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    engine = session.run.engine
    actors = engine.world.actors
    camera = eye_camera(engine.world, "p1", 0.0, 1.0)
    assert list(frame_of(engine.world, 0.0, camera).torches) == []
    for who in ("gunman", "p1"):
        deeds.switch_torch(engine, actors[who], True)
    own, other = frame_of(engine.world, 0.0, camera, hide="p1").torches
    x, y, z = actors["p1"].eye(0.0)
    assert own.position == pytest.approx((x + TORCH_M, y, z - TORCH_BELOW_M)) and own.yaw == 0.0
    assert other.yaw == pytest.approx(math.pi) and other.position[0] < actors["gunman"].eye(0.0)[0]
    actors["gunman"].present = False
    assert len(frame_of(engine.world, 0.0, camera).torches) == 1
    deeds.place(engine, actors["p1"], 1.0, (3.5, 1.0, 0.0), 0.0, 0.0)  # before a wall at x = 3.9
    engine.advance(1.0)
    (near,) = frame_of(engine.world, 1.0, camera).torches
    assert actors["p1"].eye(1.0)[0] < near.position[0] < 3.9


def test_a_shot_flashes_for_an_instant_and_leaves_its_mark_on_the_wall(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    engine = session.run.engine
    engine.advance(1.0)
    actor = engine.world.actors["p1"]
    deeds.fire(engine, actor, math.pi, 0.0)  # at the west wall, whose inner face is at x = 0.1 or so
    camera = eye_camera(engine.world, "p1", 1.0, 1.0)
    frame = frame_of(engine.world, 1.0, camera, session.events)
    assert frame.impacts == []  # the bullet is still in the air
    engine.advance(1.1)
    (mark,) = frame_of(engine.world, 1.1, camera, session.events).impacts
    assert mark.position[0] < 0.2 and mark.normal == pytest.approx((1.0, 0.0, 0.0))
    assert mark.material == "brick"
    (flash,) = frame.flashes
    assert math.dist(flash.position, actor.eye(1.0)) < 0.8
    assert flash.direction == pytest.approx((-1.0, 0.0, 0.0), abs=1e-5)
    assert flash.age == 0.0 and strength(flash.age) == 1.0
    (spent,) = frame_of(engine.world, 1.1, camera, session.events).flashes
    assert strength(spent.age) == 0.0, "it shone for an instant; smoke and the case are left"
    assert frame_of(engine.world, 1.0 + LIFE_S, camera, session.events).flashes == []
    assert 0.0 < mark.age < 0.1 and mark.calibre == 0.00903 and mark.energy > 400
    assert frame_of(engine.world, 0.9, camera, session.events).impacts == []  # not yet


def test_a_mark_on_a_board_turns_with_it(tmp_path: Path) -> None:
    target = {"targets": {"t": {"at": "b", "motion": "turning"}}, "people": {}, "scoring.criteria.stopped.value": "1"}
    session = play(load_scene(tmp_path, target, OPEN_DOOR))
    engine = session.run.engine
    session.run.director.expose("t")
    engine.advance(2.0)
    board = engine.world.boards["t"]
    deeds.fire(
        engine, engine.world.actors["p1"], *deeds.aim_angles(engine.world.actors["p1"].eye(2.0), board.middle(2.0))
    )
    engine.advance(2.2)
    camera = eye_camera(engine.world, "p1", 2.2, 1.0)
    exposed = frame_of(engine.world, 2.2, camera, session.events)
    mark = next(m for m in exposed.impacts if m.material == board.face.material)
    assert mark.normal == pytest.approx((-1.0, 0.0, 0.0), abs=1e-9)
    session.run.director.hide("t")
    engine.advance(4.0)
    away = frame_of(engine.world, 4.0, camera, session.events)
    turned = next(m for m in away.impacts if m.material == board.face.material)
    assert abs(turned.normal[1]) == pytest.approx(1.0, abs=1e-9)
    matrix = away.boards[0].matrix
    assert matrix[:3, 0] == pytest.approx(np.array(turned.normal), abs=1e-9)


def test_only_the_newest_marks_are_kept(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    world = session.run.engine.world
    many = [
        ev.Struck(t=0.0, shot=n, shooter="p1", kind="wall", what="w", material="brick", entry=(0.1, 1.0, n / 1000),
                  exit=None, distance=1.0)
        for n in range(MAX_MARKS + 20)
    ]  # fmt: skip
    marks = frame_of(world, 1.0, eye_camera(world, "p1", 1.0, 1.0), many).impacts
    assert len(marks) == MAX_MARKS and marks[-1].position[2] == many[-1].entry[2]


def test_a_wall_that_was_shot_through_has_a_hole_on_either_side(tmp_path: Path) -> None:
    world = play(load_scene(tmp_path)).run.engine.world
    through = ev.Struck(
        t=0.5, shot=1, shooter="p1", kind="wall", what="wall of west", material="brick", entry=(3.9, 3.4, 1.2),
        exit=(4.1, 3.4, 1.2), distance=2.9, thickness=0.2, energy=3300.0, left=100.0,
    )  # fmt: skip
    near, far = frame_of(world, 1.0, eye_camera(world, "p1", 1.0, 1.0), [through]).impacts
    assert (near.position, far.position) == (through.entry, through.exit)
    assert near.normal == pytest.approx((-1, 0, 0)) and far.normal == pytest.approx((1, 0, 0))


def test_smoke_is_drawn_where_it_is_and_whoever_is_to_come_is_not(tmp_path: Path) -> None:
    step = {"events": {"s": {"at_s": 1, "do": [{"smoke": "east", "density": 1, "over_s": 2}]}}}
    session = play(load_scene(tmp_path, {**step, "people.gunman.appears": "later"}, OPEN_DOOR))
    session.run.engine.advance(4.0)
    world = session.run.engine.world
    eye = eye_camera(world, "p1", 0.0, 1.0)
    assert frame_of(world, 0.5, eye).smoke == []
    (cloud,) = frame_of(world, 2.0, eye).smoke
    assert cloud.density == 0.5 and cloud.low[:2] == (4, 0) and cloud.high[:2] == (8, 4)
    assert len(frame_of(world, 2.0, eye).people) == len(world.actors) - 1


def test_sky_and_sun_are_as_the_weather_says(tmp_path: Path) -> None:
    frames = {}
    for daylight in (None, "day", "dusk", "night"):
        session = play(load_scene(tmp_path, {"weather": {"daylight": daylight}}))
        world = session.run.engine.world
        frames[daylight] = frame_of(world, 0.0, eye_camera(world, "p1", 0.0, 1.0))
    assert frames[None].sky == EVENING and frames[None].sun is None
    day, dusk, night = (frames[name] for name in ("day", "dusk", "night"))
    assert day.sky.mean[1] > 100 * dusk.sky.mean[1] > 1000 * night.sky.mean[1] > 0
    assert day.sun and dusk.sun and night.sun
    assert day.sun.pitch > 4 * dusk.sun.pitch, "the sun stands low at dusk"
    assert dusk.sun.color[0] > 1.5 * dusk.sun.color[2] and night.sun.color[2] > night.sun.color[0]
    assert night.lights["west"] == 1.0, "lamps burn as they did"


def test_the_sun_stands_where_the_scenario_says(tmp_path: Path) -> None:
    weather = {"daylight": "day", "sun": {"from": "east", "height_deg": 12}}
    world = play(load_scene(tmp_path, {"weather": weather})).run.engine.world
    sun = frame_of(world, 0.0, eye_camera(world, "p1", 0.0, 1.0)).sun
    assert sun is not None and (sun.yaw, sun.pitch) == pytest.approx((0.0, math.radians(12)))


def test_eyes_need_seconds_to_get_used_to_the_dark(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, {"events": {"dark": {"at_s": 1, "do": [{"lights": "off"}]}}}))
    session.run.engine.advance(15.0)
    world = session.run.engine.world
    used = [frame_of(world, t, eye_camera(world, "p1", t, 1.0)).adapted for t in (0.9, 1.1, 2.0, 4.0, 12.0)]
    assert used[0] == {} and used[-1] == {}
    levels = [u["west"] for u in used[1:-1]]
    assert levels[0] > 0.9 and 0.4 < levels[1] < 0.6 and levels[2] < 0.2
