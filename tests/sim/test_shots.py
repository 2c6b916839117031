"""Shots: what is met at the shot's own instant, nearest first, and what stops it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import OPEN_DOOR, load_scene, play

from xrlab.geometry import body
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim.shots import Hit, trace
from xrlab.sim.world import World

EYE = (1.0, 2.0, 1.4)


def world_of(folder: Path, scenario: dict[str, Any] | None = None, room: dict[str, Any] | None = None) -> World:
    return play(load_scene(folder, scenario, room)).run.engine.world


def seen(hits: list[Hit]) -> list[tuple[str, str]]:
    return [(h.kind, h.what) for h in hits]


def test_a_shut_door_stops_a_shot_and_an_open_one_does_not(tmp_path: Path) -> None:
    assert seen(trace(world_of(tmp_path), 0.0, EYE, 0.0, 0.0, "p1")) == [("door", "middle_door")]
    (hit,) = trace(world_of(tmp_path, None, OPEN_DOOR), 0.0, EYE, 0.0, 0.0, "p1")
    assert (hit.kind, hit.what, hit.zone) == ("person", "gunman", "torso")
    assert hit.distance == pytest.approx(6.0, abs=0.2)
    assert hit.exit is None


def test_a_door_is_met_where_it_is_at_that_instant(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    engine = session.run.engine
    engine.advance(1.0)
    deeds.move_door(engine, "middle_door", 1.0, None)
    at_start = trace(engine.world, 1.0, EYE, 0.0, 0.0, "p1")
    half = trace(engine.world, 1.4, EYE, 0.0, 0.0, "p1")
    after = trace(engine.world, 1.9, EYE, 0.0, 0.0, "p1")
    assert seen(at_start) == [("door", "middle_door")]
    assert half != at_start
    assert seen(after) == [("person", "gunman")]


def test_a_wall_stops_a_shot_and_hides_who_stands_behind(tmp_path: Path) -> None:
    world = world_of(tmp_path, None, OPEN_DOOR)
    yaw = math.atan2(3.4 - 2.0, 7.0 - 1.0)
    (hit,) = trace(world, 0.0, EYE, yaw, 0.0, "p1")
    assert (hit.kind, hit.material, hit.exit) == ("wall", "brick", None)
    assert hit.entry[0] == pytest.approx(3.9, abs=1e-5)


def test_the_nearest_of_several_counts(tmp_path: Path) -> None:
    people = {f"p{i}": {"role": "no_shoot", "at": [4.6 + 0.6 * i, 2.0]} for i in range(2, 5)}
    world = world_of(tmp_path, {f"people.{n}": p for n, p in people.items()}, OPEN_DOOR)
    (hit,) = trace(world, 0.0, EYE, 0.0, 0.0, "p1")
    assert hit.what == "p2"


def test_the_shooters_own_body_is_not_met(tmp_path: Path) -> None:
    world = world_of(tmp_path, None, OPEN_DOOR)
    assert seen(trace(world, 0.0, EYE, 0.0, 0.0, "")) == [("person", "p1")]
    assert seen(trace(world, 0.0, EYE, 0.0, 0.0, "p1")) == [("person", "gunman")]


@pytest.mark.parametrize(
    ("zone", "where"),
    [("head", 1.55), ("torso", 1.2), ("pelvis", 0.92), ("left_leg", 0.6), ("right_leg", 0.6), ("left_arm", 1.2)],
)
def test_hit_zones_lie_where_the_body_has_them(tmp_path: Path, zone: str, where: float) -> None:
    world = world_of(tmp_path, None, OPEN_DOOR)
    gunman = world.actors["gunman"]
    at = deeds.aim_point(gunman, 0.0, zone)
    assert at[2] == pytest.approx(where, abs=0.35)
    yaw, pitch = deeds.aim_angles(EYE, at)
    (hit,) = trace(world, 0.0, EYE, yaw, pitch, "p1")
    assert (hit.what, hit.zone) == ("gunman", zone)


def test_left_and_right_are_the_persons_own(tmp_path: Path) -> None:
    world = world_of(tmp_path, None, OPEN_DOOR)
    gunman = world.actors["gunman"]  # looks west, so his left is south
    assert deeds.aim_point(gunman, 0.0, "left_arm")[1] < 2.0 < deeds.aim_point(gunman, 0.0, "right_arm")[1]


def test_a_moving_person_is_met_where_they_are_then(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, None, OPEN_DOOR))
    engine = session.run.engine
    engine.advance(0.5)
    deeds.go(engine, engine.world.actors["gunman"], [(7.0, 0.6)], 1.4)
    assert seen(trace(engine.world, 0.5, EYE, 0.0, 0.0, "p1")) == [("person", "gunman")]
    assert seen(trace(engine.world, 1.3, EYE, 0.0, 0.0, "p1")) == [("wall", "wall of east")]
    where = engine.world.actors["gunman"].track.at(0.8).position
    assert where[1] == pytest.approx(2.0 - 0.3 * 1.4, abs=1e-6)


def test_glass_is_shot_through_and_stands_in_the_chain(tmp_path: Path) -> None:
    window = {"windows": [{"at": [0, 2], "width_m": 1.0}]}
    world = world_of(tmp_path, None, window)
    first, *rest = trace(world, 0.0, EYE, math.pi, 0.0, "p1")
    assert (first.material, first.what) == ("glass", "window 1")
    assert first.exit is not None
    assert rest == []
    assert math.dist(first.entry, first.exit) == pytest.approx(0.012, abs=1e-4)


TARGETS = {
    "teams.police.carries": ["training_laser"],  # straight, and there at once
    "targets": {
        "paper": {"at": [2.5, 2.0], "face": "silhouette"},
        "steel": {"at": [3.2, 2.0], "face": "plate", "motion": "falling"},
        "turned": {"at": [2.0, 2.0], "face": "silhouette", "motion": "turning"},
    },
}


def test_paper_lets_through_and_steel_falls(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, TARGETS, OPEN_DOOR))
    engine = session.run.engine
    engine.advance(1.0)
    shooter = engine.world.actors["p1"]
    deeds.fire(engine, shooter, 0.0, 0.0, EYE)
    struck = [e for e in session.events if isinstance(e, ev.Struck)]
    assert [(e.what, e.zone) for e in struck] == [("paper", "A"), ("steel", "plate")]
    assert struck[0].local == (0.0, 0.0)
    assert struck[1].exit is None
    assert isinstance(session.events[-1], ev.TargetFell)
    engine.advance(2.0)
    deeds.fire(engine, shooter, 0.0, 0.0, EYE)
    later = [e.what for e in session.events if isinstance(e, ev.Struck)][2:]
    assert later == ["paper", "gunman"]


def test_a_turned_board_cannot_be_met_until_it_is_shown(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, TARGETS))
    engine = session.run.engine
    engine.advance(1.0)
    session.run.director.expose("turned")
    assert "turned" not in [h.what for h in trace(engine.world, 1.0, EYE, 0.0, 0.0)]
    (hit, *_) = (h for h in trace(engine.world, 1.3, EYE, 0.0, 0.0, "p1"))
    assert (hit.what, hit.zone) == ("turned", "A")


def test_the_back_of_a_board_scores_nothing(tmp_path: Path) -> None:
    world = world_of(tmp_path, TARGETS)
    hit = next(h for h in trace(world, 0.0, (3.0, 2.0, 1.4), math.pi, 0.0, "p1") if h.what == "paper")
    assert hit.zone is None


@given(st.floats(-math.pi, math.pi), st.floats(-0.5, 0.5), st.floats(0, 3))
def test_chains_are_ordered_and_end_at_the_first_stop(
    tmp_path_factory: pytest.TempPathFactory, yaw: float, pitch: float, t: float
) -> None:
    folder = tmp_path_factory.getbasetemp() / "chains"
    folder.mkdir(exist_ok=True)
    world = world_of(folder, TARGETS, OPEN_DOOR | {"windows": [{"at": [0, 2], "width_m": 1.0}]})
    hits = trace(world, t, EYE, yaw, pitch, "p1")
    distances = [h.distance for h in hits]
    assert distances == sorted(distances)
    assert all(h.exit is not None for h in hits[:-1])
    ray = np.array([math.cos(yaw) * math.cos(pitch), math.sin(yaw) * math.cos(pitch), math.sin(pitch)])
    for hit in hits:
        assert np.linalg.norm(np.array(EYE) + ray * hit.distance - np.array(hit.entry)) < 3e-5


def test_a_body_is_met_exactly_where_its_capsules_are(tmp_path: Path) -> None:
    """Against an independent way: the nearest of many points on the ray that lie inside a capsule."""
    world = world_of(tmp_path, None, OPEN_DOOR)
    placed = body.capsules(world.actors["gunman"].joints(0.0))
    for yaw, pitch in [(0.0, 0.0), (0.02, 0.01), (-0.02, -0.1), (0.0, 0.035), (0.01, -0.15), (-0.045, -0.03)]:
        ray = np.array([math.cos(yaw) * math.cos(pitch), math.sin(yaw) * math.cos(pitch), math.sin(pitch)])
        along = np.arange(5.0, 7.0, 0.0005)
        points = np.array(EYE) + ray * along[:, None]
        axis = placed.b - placed.a
        f = np.clip(np.einsum("pcj,cj->pc", points[:, None] - placed.a, axis) / np.einsum("cj,cj->c", axis, axis), 0, 1)
        inside = np.linalg.norm(points[:, None] - placed.a - f[..., None] * axis, axis=2) <= placed.radii
        met = along[inside.any(axis=1)]
        hits = [h for h in trace(world, 0.0, EYE, yaw, pitch, "p1") if h.what == "gunman"]
        assert bool(hits) == bool(len(met))
        if hits:
            assert hits[0].distance == pytest.approx(met[0], abs=0.001)


def test_who_falls_is_met_where_they_are_in_the_fall(tmp_path: Path) -> None:
    """What is seen is what is hit: the capsules follow the joints that are drawn."""
    engine = play(load_scene(tmp_path, None, OPEN_DOOR)).run.engine
    engine.advance(1.0)
    gunman = engine.world.actors["gunman"]
    deeds.posture(engine, gunman, pose="lying")
    standing, down = body.joints("standing"), body.joints("lying")
    heights = []
    for t in (1.0, 1.2, 1.4, 1.6, 1.69, 1.71):
        head = gunman.joints(t)[body.JOINT["crown"]]
        heights.append(float(head[2]))
        above = (float(head[0]), float(head[1]), 2.4)
        (hit,) = trace(engine.world, t, above, 0.0, -math.pi / 2, "p1")[:1]
        assert (hit.what, hit.zone) == ("gunman", "head")
        assert hit.entry[2] == pytest.approx(head[2] + 0.095, abs=0.1)
        level = trace(engine.world, t, (above[0] - 2.0, above[1], above[2] - 2.4 + heights[0]), 0.0, 0.0, "p1")
        assert (("person", "gunman") in seen(level)) == (heights[-1] > heights[0] - 0.15)
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == pytest.approx(standing[3, 2], abs=0.01)
    assert heights[-1] == pytest.approx(down[3, 2], abs=0.01)
    assert gunman.pose == "lying", "whether one is down is told at once"


def test_a_change_that_is_broken_off_goes_on_from_where_the_body_is(tmp_path: Path) -> None:
    engine = play(load_scene(tmp_path, None, OPEN_DOOR)).run.engine
    gunman = engine.world.actors["gunman"]
    for at, pose in ((1.0, "aiming"), (1.15, "hands_up"), (1.3, "lying"), (1.5, "standing")):
        engine.advance(at)
        before = gunman.joints(at)
        deeds.posture(engine, gunman, pose=pose)
        assert np.linalg.norm(gunman.joints(at) - before, axis=1).max() < (1e-9 if pose != "standing" else 0.6)
