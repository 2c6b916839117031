"""Floors over floors: stairs, ramps, landings and upper storeys, and people who walk on them."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import SCENARIO, changed
from test_walkable import box_faces

from xrlab.errors import InputError
from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room import load_room
from xrlab.room.floor.walkable import Walkable
from xrlab.room.info import describe
from xrlab.run import Session
from xrlab.scenario.load import load
from xrlab.trainee.desktop import DesktopTrainee

RISE, TREAD, STEPS = 0.175, 0.28, 16
UP = RISE * STEPS  # 2.8 m
FOOT, HEAD = 2.0, 2.0 + TREAD * (STEPS - 1)


def steps(x0: float, y0: float, y1: float, count: int, *, z0: float = 0.0, solid: bool) -> list[Array]:
    """A flight that goes up along x from x0; its last riser leads to the floor above."""
    return [
        box_faces(x0 + k * TREAD, y0, x0 + (k + 1) * TREAD, y1, z0 if solid else top - 0.06, top)
        for k in range(count)
        for top in [z0 + (k + 1) * RISE]
    ]


def house(*, solid: bool = True, flight: bool = True) -> Array:
    """10 x 6 m, two storeys; the stairs run along y 0.5..1.5, the hole over them is as long as they are."""
    parts = [
        box_faces(0, 0, 10, 6, -0.2, 0),
        box_faces(0, 1.5, 10, 6, UP - 0.2, UP),
        box_faces(HEAD, 0, 10, 1.5, UP - 0.2, UP),
        box_faces(0, 0, 10, 6, 2 * UP, 2 * UP + 0.2),
        *(box_faces(*wall, 0, 2 * UP) for wall in ((0, 0, 10, 0.1), (0, 5.9, 10, 6), (0, 0, 0.1, 6), (9.9, 0, 10, 6))),
    ]
    return np.concatenate([*parts, *(steps(FOOT, 0.5, 1.5, STEPS - 1, solid=solid) if flight else [])])


def walk(triangles: Array, seeds: tuple[Vec3, ...] = ()) -> Walkable:
    mesh = RayMesh(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3))
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    return Walkable.from_mesh(mesh, 0.0, low[:2], high[:2], seeds=seeds)


def slope(x: float) -> float:
    """Height over the foot of the stairs if they were a ramp."""
    return min(UP, max(0.0, (x - FOOT + TREAD / 2) / TREAD * RISE))


@pytest.mark.parametrize("solid", [True, False], ids=["solid stairs", "stairs one walks under"])
def test_a_way_leads_up_the_stairs_and_follows_them(solid: bool) -> None:
    walkable = walk(house(solid=solid))
    way = walkable.path((8.0, 4.0, 0.0), (8.0, 4.0, UP))
    back = walkable.path((8.0, 4.0, UP), (8.0, 4.0, 0.0))
    assert way is not None and back is not None
    assert way[0] == (8.0, 4.0, 0.0) and way[-1] == (8.0, 4.0, UP)
    on_stairs = [p for p in way if FOOT + 0.3 < p[0] < HEAD - 0.3 and 0.01 < p[2] < UP - 0.01]
    assert len(on_stairs) >= 1
    for a, b in pairwise(way):
        for f in np.linspace(0, 1, 20):
            x, y, z = (p + (q - p) * f for p, q in zip(a, b, strict=True))
            if RISE < z < UP - RISE:
                assert 0.5 <= y <= 1.5, "only the stairs lead up"
                assert abs(z - slope(x)) < RISE
    assert abs(sum(math.dist(a, b) for a, b in pairwise(way)) - sum(math.dist(a, b) for a, b in pairwise(back))) < 0.3
    assert sum(math.dist(a[:2], b[:2]) for a, b in pairwise(way)) < 16.5
    assert walkable.reachable((1, 4, 0), (1, 4, UP))


@pytest.mark.parametrize("solid", [True, False])
def test_storeys_have_heights_and_areas(solid: bool) -> None:
    storeys = walk(house(solid=solid)).storeys
    assert [z for z, _ in storeys] == [0.0, UP]
    below = 9.8 * 5.8 - (4.2 * 1.0 if solid else 2.7)
    assert storeys[0][1] == pytest.approx(below, rel=0.03)
    assert storeys[1][1] == pytest.approx(9.8 * 5.8 - HEAD * 1.4 - 0.1, rel=0.04)


def test_without_stairs_the_upper_storey_is_out_of_reach_and_only_known_if_something_is_there() -> None:
    alone = walk(house(flight=False))
    assert [z for z, _ in alone.storeys] == [0.0]
    assert alone.path((8, 4, 0), (8, 4, UP)) is None
    marked = walk(house(flight=False), seeds=((8.0, 4.0, UP),))
    assert [z for z, _ in marked.storeys] == [0.0, UP]
    assert not marked.reachable((8, 4, 0), (8, 4, UP))
    assert marked.path((8, 4, UP), (2, 4, UP)) is not None
    assert marked.stands(8, 4, UP) and marked.stands(8, 4, 0) and not marked.stands(8, 4, 1.4)


def test_a_step_too_high_a_slope_too_steep_and_a_low_ceiling_stop_a_way() -> None:
    ground = box_faces(0, 0, 10, 6, -0.2, 0)
    for rise, reached in ((0.2, True), (0.3, False)):
        stage = [box_faces(3, 0, 5, 6, 0, rise), box_faces(5, 0, 10, 6, 0, 2 * rise)]
        assert walk(np.concatenate([ground, *stage])).reachable((1, 3, 0), (8, 3, 2 * rise)) is reached
    for run, reached in ((3.0, True), (0.5, False)):
        x = 3.0 + run
        ramp = np.array([[[3, 0, 0], [x, 0, 1.5], [x, 6, 1.5]], [[3, 0, 0], [x, 6, 1.5], [3, 6, 0]]], float)
        both = np.concatenate([ground, ramp, box_faces(x, 0, 10, 6, 0, 1.5)])
        assert walk(both).reachable((1, 3, 0), (9, 3, 1.5)) is reached
    stairs = np.concatenate([house(), box_faces(3.5, 0.1, 4.5, 1.5, 2.2, 2.4)])
    assert not walk(stairs).reachable((8, 4, 0), (8, 4, UP))


def test_stairs_with_a_landing_that_turn_back_over_themselves() -> None:
    """Two flights of eight steps side by side, the second over a passage under it."""
    half = 8 * RISE
    first = steps(2.0, 0.1, 1.1, 7, solid=True)
    landing = box_faces(2 + 7 * TREAD, 0.1, 5.2, 2.3, half - 0.1, half)
    second = [f * [-1, 1, 1] + [2 * 2 + 7 * TREAD, 1.2, 0] for f in steps(2.0, 0.1, 1.1, 7, z0=half, solid=False)]
    second = [f[:, ::-1] for f in second]  # mirrored
    upper = [box_faces(0, 0, 2.0, 6, UP - 0.2, UP), box_faces(2.0, 2.4, 9, 6, UP - 0.2, UP)]
    walkable = walk(np.concatenate([box_faces(0, 0, 9, 6, -0.2, 0), *first, landing, *second, *upper]))
    way = walkable.path((7, 5, 0), (7, 5, UP))
    assert way is not None
    assert max(x for x, _, z in way if 0.3 < z < UP - 0.3) > 4.0, "by the landing"
    assert walkable.path(way[-1], (7, 5, 0)) is not None
    assert [z for z, a in walkable.storeys if a > 5] == [0.0, UP]


def test_the_same_house_gives_the_same_ways() -> None:
    one, other = walk(house(solid=False)), walk(house(solid=False))
    for a, b in (((8, 4, 0), (8, 4, UP)), ((1, 1, UP), (5, 2, 0)), ((9, 1, UP), (1, 5, UP))):
        assert one.path(a, b) == other.path(a, b) is not None


def test_sliding_by_hand_goes_up_the_stairs_and_never_off_them() -> None:
    walkable = walk(house())
    here: Vec3 = (1.0, 1.0, 0.0)
    for _ in range(400):
        there = walkable.slide(here, (here[0] + 0.05, here[1] + 0.01), 0.22)
        assert abs(there[2] - here[2]) < 0.12, "no leap"
        here = there
    assert here[2] == pytest.approx(UP, abs=0.01) and here[0] > 9.0
    aside: Vec3 = (4.0, 1.0, slope(4.0))
    for _ in range(40):
        aside = walkable.slide(aside, (aside[0], aside[1] + 0.05), 0.22)
    assert aside[1] < 1.5 and aside[2] > 0.8, "stops at the open side"


def files(folder: Path, scenario: dict[str, Any]) -> Path:
    triangles = house()
    trimesh.Trimesh(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3)).export(folder / "m.ply")
    (folder / "room.yaml").write_text(
        f"""xrlab: 1
name: Two storeys
height_m: 2.5
mesh: {{file: m.ply}}
zones:
  hall: {{rect: [0.1, 0.1, 9.8, 5.8]}}
  loft: {{rect: [0.1, 1.5, 9.8, 4.4], floor_m: {UP}, height_m: 2.5}}
points:
  a: {{at: [8, 4]}}
  b: {{at: [8, 3], floor_m: {UP}, yaw_deg: 180}}
  c: {{at: [3, 5], floor_m: {UP}}}
doors:
  flat_door: {{hinge_at: [6, 3.5], closed_yaw_deg: 90, floor_m: {UP}}}
"""
    )
    import yaml

    path = folder / "scene.yaml"
    path.write_text(yaml.safe_dump(scenario, sort_keys=False, allow_unicode=True))
    return path


def test_people_walk_upstairs_and_zones_and_sight_know_the_storey(tmp_path: Path) -> None:
    scenario = changed(
        SCENARIO,
        {"people.neighbour": {"role": "no_shoot", "at": "a", "states": {"going": {"do": [{"run_to": "c"}]}},
                              "begins": "going"}, "people.gunman.at": "c", "time_limit_s": 30},
    )  # fmt: skip
    loaded = load(files(tmp_path, scenario))
    room = loaded.room
    assert room.zone_at((5, 5, 0.0)) == "hall" and room.zone_at((5, 5, UP)) == "loft"
    facts = describe(room)
    assert not [w for w in facts["warnings"] if "reached" in w]
    with Session(loaded, 0, None) as session:
        engine = session.run.engine
        events: list[Any] = session.events
        engine.advance(0.5)
        assert ("p1", "gunman") not in engine.ledger.sees, "a floor lies between"
        engine.advance(28.0)
        neighbour = engine.world.actors["neighbour"].track.at(28.0)
        x, y, z = neighbour.position
        assert z == UP and 0.6 < np.hypot(x - 3.0, y - 5.0) < 1.0, "beside the gunman, who stands at the goal"
        entered = [(e.t, e.zone) for e in events if type(e).__name__ == "ZoneEntered" and e.who == "neighbour"]
        assert [z for _, z in entered] == ["hall", "loft"]
        halfway = engine.world.actors["neighbour"].track
        heights = {round(halfway.at(t).z, 2) for t in np.arange(0, 20, 0.1)}
        assert len(heights) > 15, "step by step"


def test_a_trainee_at_the_desk_walks_up_and_a_door_of_another_storey_is_not_at_hand(tmp_path: Path) -> None:
    loaded = load(files(tmp_path, changed(SCENARIO, {"people": {}, "teams.police.start": [[1.2, 1.0]],
                                                     "scoring.criteria.stopped.value": "duration()"})))  # fmt: skip
    with Session(loaded, 0, None) as session:
        trainee = DesktopTrainee(session.run, "p1")
        trainee.yaw = 0.0
        t = 0.0
        while t < 8.0:
            t = round(t + 0.05, 6)
            trainee.move(t, 1.0, 0.0)
            session.run.engine.advance(t)
        assert trainee.actor.track.at(t).z == pytest.approx(UP, abs=0.01)
        eye = trainee.actor.eye(t)
        assert eye[2] > UP + 1.5


def test_floor_m_is_for_meshes_only(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "xrlab: 1\nname: R\nrooms: {a: {rect: [0, 0, 4, 4]}}\npoints: {p: {at: [1, 1], floor_m: 3}}\n"
        "zones: {z: {rect: [1, 1, 1, 1], floor_m: 3}}\n"
    )
    with pytest.raises(InputError) as caught:
        load_room(tmp_path / "r.yaml")
    what = "a layout without a mesh has one floor, at 0 m; floor_m is for storeys of a mesh"
    assert [p.what for p in caught.value.problems] == [what, what]


@settings(max_examples=12)
@given(
    st.floats(0.13, 0.215), st.floats(0.22, 0.34), st.floats(0.75, 1.4), st.integers(12, 17), st.booleans(),
    st.floats(0, 2 * math.pi),
)  # fmt: skip
def test_any_stairs_in_any_direction_lead_up_and_down(
    rise: float, tread: float, width: float, count: int, solid: bool, yaw: float
) -> None:
    top, head = rise * count, 1.5 + tread * (count - 1)
    flight = [
        box_faces(
            1.5 + k * tread, 0, 1.5 + (k + 1) * tread, width, 0 if solid else (k + 1) * rise - 0.05, (k + 1) * rise
        )
        for k in range(count - 1)
    ]
    parts = [box_faces(0, -1, head + 3, width + 1, -0.2, 0), box_faces(head, -1, head + 3, width + 1, top - 0.2, top)]
    c, s = math.cos(yaw), math.sin(yaw)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    walkable = walk(np.concatenate([*parts, *flight]) @ turn.T)
    low, high = (tuple((turn @ np.array(p)).tolist()) for p in ((0.7, width / 2, 0.0), (head + 1.5, width / 2, top)))
    for a, b in ((low, high), (high, low)):
        way = walkable.path(a, b)
        assert way is not None
        assert way[-1] == pytest.approx(b, abs=1e-4)
        local = np.array(way) @ turn
        assert (local[:, 1] > 0.1).all() and (local[:, 1] < width - 0.1).all(), "on the stairs, not beside them"
        assert (
            math.dist(way[0][:2], way[-1][:2]) - 1e-9
            <= sum(math.dist(p[:2], q[:2]) for p, q in pairwise(way))
            < head + 2
        )
