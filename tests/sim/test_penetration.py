"""Bullets go through what they meet: chains worked by hand, and what must hold for all of them."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from bullets import BALL, RIFLE, Straight
from hypothesis import given
from hypothesis import strategies as st
from scenes import OPEN_DOOR, load_scene, play

from xrlab.geometry import body
from xrlab.geometry.transforms import Vec3
from xrlab.room.materials import BULLETS, FIGURES, MATERIALS, SOURCES
from xrlab.scenario.library import loads
from xrlab.sim import deeds
from xrlab.sim.flight import Air, Barrel, flight, load_of
from xrlab.sim.penetration import energy, follow, left_after
from xrlab.sim.shots import Hit, trace
from xrlab.sim.world import World

EYE = (1.0, 2.0, 1.4)


def world_of(folder: Path, scenario: dict[str, Any] | None = None, room: dict[str, Any] | None = None) -> World:
    return play(load_scene(folder, scenario, room)).run.engine.world


def shot(world: World, bullet: Any = BALL, yaw: float = 0.0, eye: Vec3 = EYE, t: float = 0.0) -> list[Hit]:
    return trace(world, t, eye, yaw, 0.0, "p1", bullet)


def told(hits: list[Hit]) -> list[tuple[str, str, float | None, float | None, float | None]]:
    return [(h.what, h.material, h.thickness, h.energy, h.left) for h in hits]


# --- the data ----------------------------------------------------------------------------------------


def test_every_figure_names_its_source_and_every_source_is_used() -> None:
    used = {source for figures in FIGURES.values() for _, source in figures.values()} | {"tiles"}
    assert used == set(SOURCES)


def test_single_loads_are_those_of_the_library() -> None:
    assert {load for m in MATERIALS.values() for load in m.by_load} <= set(loads())
    assert {kind.penetrates for kind in loads().values()} <= set(BULLETS)


def test_what_stops_a_pistol_stops_no_more_of_it_than_of_a_rifle() -> None:
    for name, m in MATERIALS.items():
        pistol, rifle = m.stops("pistol"), m.stops("rifle")
        assert (pistol is None and rifle is None) or (pistol or 0) <= (rifle or 0), name


# --- chains worked by hand ---------------------------------------------------------------------------


def test_through_a_person_into_the_wall_behind(tmp_path: Path) -> None:
    """26 cm of the 65 cm that stop it take 0.4 of 490 J: 196. The 294 J left end 36 mm deep in 60 mm brick."""
    person, wall = shot(world_of(tmp_path, None, OPEN_DOOR))
    assert (person.what, person.zone, person.ricochet) == ("gunman", "torso", False)
    assert (person.thickness, person.energy, person.left) == (0.26, 490.0, 294.0)
    assert person.exit is not None and math.dist(person.entry, person.exit) == pytest.approx(0.26, abs=2e-5)
    assert (wall.material, wall.exit, wall.left) == ("brick", None, 0.0)
    assert wall.thickness == pytest.approx(0.06 * 294 / 490, abs=1e-5)
    assert wall.speed == pytest.approx(math.sqrt(2 * 294 / 0.008), abs=0.01)


def test_a_stud_wall_is_two_boards_and_the_hostage_behind_it_is_hit(tmp_path: Path) -> None:
    """Each board of 12.5 mm of 300 mm takes 1/24 of 490 J, 20.42; then the person stops nothing less than ever."""
    world = world_of(tmp_path, {"people.hostage": {"role": "no_shoot", "at": [6.0, 3.4]}}, {"walls_of": "plasterboard"})
    first, second, hostage, *_ = shot(world, yaw=0.0, eye=(1.0, 3.4, 1.2))
    assert told([first, second]) == [
        ("wall of west", "plasterboard", 0.0125, 490.0, 469.58),
        ("wall of east", "plasterboard", 0.0125, 469.58, 449.17),
    ]
    assert (hostage.what, hostage.zone, hostage.energy) == ("hostage", "torso", 449.17)
    assert first.entry[0] == pytest.approx(3.9, abs=1e-5) and second.entry[0] == pytest.approx(4.1 - 0.0, abs=1e-5)


def test_a_solid_wall_is_passed_from_face_to_face_though_each_room_has_its_side_of_it(tmp_path: Path) -> None:
    world = world_of(tmp_path, None, {"wall_m": 0.1})
    wall, beyond, *_ = shot(world, RIFLE, eye=(1.0, 0.8, 1.2))
    full = 0.0113 * 790**2 / 2
    assert (wall.what, wall.thickness) == ("wall of west", 0.1)
    assert wall.left == pytest.approx(full * (1 - 100 / 150), abs=0.01)
    assert beyond.entry[0] == pytest.approx(7.95, abs=1e-5) and beyond.exit is None


@pytest.mark.parametrize("before", ["cardboard", "rubber"])
def test_two_bodies_that_touch_are_passed_one_after_the_other(tmp_path: Path, before: str) -> None:
    """Where they touch there are two sides in one place, of which a ray finds either."""
    walls = [{"from": [3.85, 0], "to": [3.85, 1.3], "thickness_m": 0.1, "material": before}]
    wall, lining = {"wall_m": 0.2, "walls_of": "wood"}, 0.1
    hits = shot(world_of(tmp_path, None, wall | {"walls": walls}), RIFLE, eye=(1.0, 0.8, 1.2))
    assert [(h.material, h.thickness) for h in hits[:2]] == [(before, lining), ("wood", 0.2)]
    assert (hits[0].exit or ())[:1] == (3.9,) == hits[1].entry[:1]
    back = shot(world_of(tmp_path, None, wall | {"walls": walls}), RIFLE, math.pi, (6.0, 0.8, 1.2))
    assert [(h.material, h.thickness) for h in back[:2]] == [("wood", 0.2), (before, lining)]


def test_a_slanting_way_is_a_longer_way(tmp_path: Path) -> None:
    yaw = math.radians(10)
    wall = shot(world_of(tmp_path, None, {"wall_m": 0.1}), RIFLE, yaw, (1.0, 0.4, 1.2))[0]
    assert wall.thickness == pytest.approx(0.1 / math.cos(yaw), abs=1e-5)


CUPBOARD = {"kind": "box", "at": [2.5, 2.0], "size_m": [1.0, 0.6, 1.9]}


def test_a_cupboard_is_two_panels_a_solid_block_of_wood_stops_it(tmp_path: Path) -> None:
    """Two of 18 mm of 160 mm take 110.25 J; a solid 1 m would take all."""
    front, back, door, *_ = shot(world_of(tmp_path, None, {"furniture": [CUPBOARD]}))
    assert told([front, back]) == [("box", "wood", 0.018, 490.0, 434.88), ("box", "wood", 0.018, 434.88, 379.75)]
    assert (front.entry[0], back.entry[0]) == (2.0, 3.0)
    assert (door.kind, door.what, door.thickness) == ("door", "middle_door", 0.04)
    (block,) = shot(world_of(tmp_path, None, {"furniture": [CUPBOARD | {"solid": True}]}))
    assert (block.exit, block.left, block.thickness) == (None, 0.0, 0.16)


def test_who_hides_in_a_cupboard_is_hit_between_its_panels(tmp_path: Path) -> None:
    world = world_of(
        tmp_path, {"people.hider": {"role": "no_shoot", "at": [2.5, 2.0]}},
        {"furniture": [CUPBOARD], "rooms.west": {"rect": [0, 0, 4, 4]}},
    )  # fmt: skip
    world.actors["hider"].track = world.actors["gunman"].track.__class__.of(
        [world.actors["gunman"].track.legs[0]._replace(x0=2.5, x1=2.5, y0=2.0, y1=2.0)]
    )
    assert [h.what for h in shot(world)][:3] == ["box", "hider", "box"]


def test_a_door_leaf_counts_with_its_thickness_and_the_door_that_stands_open_does_not(tmp_path: Path) -> None:
    door, person, *_ = shot(world_of(tmp_path))
    assert told([door]) == [("middle_door", "wood", 0.04, 490.0, 367.5)]
    assert (person.what, person.energy) == ("gunman", 367.5)
    assert [h.kind for h in shot(world_of(tmp_path, None, OPEN_DOOR))] == ["person", "wall"]


def test_a_steel_door_is_two_sheets_and_a_glass_one_two_panes(tmp_path: Path) -> None:
    for material, thickness in (("steel", 0.002), ("glass", 0.012)):
        door = shot(world_of(tmp_path, None, {"doors.middle_door.material": material}))[0]
        assert (door.material, door.thickness) == (material, thickness)
        assert door.exit is not None and door.exit[0] - door.entry[0] == pytest.approx(0.04, abs=1e-5)


def test_glass_takes_a_little_and_steel_plates_stop_everything(tmp_path: Path) -> None:
    window = {"windows": [{"at": [0, 2], "width_m": 1.0}]}
    (pane,) = shot(world_of(tmp_path, None, window), yaw=math.pi)
    assert told([pane]) == [("window 1", "glass", 0.012, 490.0, 372.4)]
    targets = {
        "targets": {"paper": {"at": [2.5, 2.0], "face": "silhouette"}, "steel": {"at": [3.2, 2.0], "face": "plate"}}
    }
    for bullet in (BALL, RIFLE, flight(load_of("ball_556"), Barrel(880, 0.0, 50), Air())):
        paper, plate = shot(world_of(tmp_path, targets, OPEN_DOOR), bullet)
        assert (paper.zone, plate.zone, plate.exit) == ("A", "plate", None)
        assert paper.left == pytest.approx(paper.energy or 0, rel=0.003)


def test_two_people_in_a_row_each_take_their_share_once(tmp_path: Path) -> None:
    people = {"people.behind": {"role": "no_shoot", "at": [7.5, 2.0], "yaw_deg": 180}}
    first, second, wall = shot(world_of(tmp_path, people, OPEN_DOOR))
    assert (first.what, second.what, wall.kind) == ("gunman", "behind", "wall")
    assert (first.left, second.energy, second.left) == (294.0, 294.0, 98.0)


def test_an_expanding_bullet_goes_less_far_in_a_body_and_no_less_far_in_a_wall(tmp_path: Path) -> None:
    world = world_of(tmp_path, {"people.behind": {"role": "no_shoot", "at": [7.5, 2.0]}}, OPEN_DOOR)
    expanding = Straight(name="expanding_9mm")
    first, second = shot(world, expanding)
    assert first.left == pytest.approx(490 * (1 - 260 / 330), abs=0.01)
    assert (second.what, second.exit) == ("behind", None)
    assert second.thickness == pytest.approx(0.33 * (first.left or 0) / 490, abs=1e-4)
    brick = {"eye": (1.0, 3.4, 1.2)}
    assert shot(world, expanding, **brick) == shot(world, BALL, **brick)


def test_a_flat_angle_on_something_hard_is_flagged_and_nothing_more(tmp_path: Path) -> None:
    world = world_of(tmp_path, None, {"walls_of": "concrete"})
    for degrees, risk in ((30.0, False), (21.0, False), (19.0, True), (5.0, True)):
        (wall,) = shot(world, yaw=math.radians(degrees), eye=(0.3, 3.7, 1.2))
        assert (wall.material, wall.ricochet, wall.exit) == ("concrete", risk, None)
    soft = world_of(tmp_path, None, {"walls_of": "wood"})
    assert not any(h.ricochet for h in shot(soft, yaw=math.radians(5.0), eye=(0.3, 3.7, 1.2)))


def mesh_world(folder: Path, parts: dict[str, Any]) -> World:
    scene = trimesh.Scene()
    floor = trimesh.creation.box((20, 20, 0.1))
    floor.apply_translation((5, 2, -0.05))
    for name, mesh in {"concrete floor": floor, **parts}.items():
        mesh.visual = trimesh.visual.TextureVisuals(material=trimesh.visual.material.PBRMaterial(name=name))
        scene.add_geometry(mesh, node_name=name)
    scene.export(folder / "m.glb")
    rooms = {"rooms": {}, "doors": {}, "mesh": {"file": "m.glb", "up": "z"}, "zones": {"all": {"rect": [0, 0, 9, 4]}}}
    return world_of(folder, None, rooms)


def plate(x: float, outwards: int = -1) -> trimesh.Trimesh:
    """One sheet across the way; its outside looks back along it (-1), or on (1)."""
    corners = [[x, 0, 0], [x, 4, 0], [x, 4, 3], [x, 0, 3]]
    faces = [[0, 2, 1], [0, 3, 2]] if outwards < 0 else [[0, 1, 2], [0, 2, 3]]
    return trimesh.Trimesh(corners, faces, process=False)


def test_of_a_mesh_faces_back_to_back_are_a_body_and_others_are_sheets(tmp_path: Path) -> None:
    def block(x: float, thick: float) -> trimesh.Trimesh:
        mesh = trimesh.creation.box((thick, 4, 3))
        mesh.apply_translation((x + thick / 2, 2, 1.5))
        return mesh

    two = trimesh.util.concatenate([plate(2.0), plate(2.2, 1)])
    hits = shot(mesh_world(tmp_path, {"brick wall": block(2.0, 0.1), "wood cupboard": block(3.0, 0.5)}), RIFLE)
    assert [(h.material, h.thickness) for h in hits[:3]] == [("brick", 0.1), ("wood", 0.018), ("wood", 0.018)]
    assert shot(mesh_world(tmp_path, {"brick sheets": two}), RIFLE)[0].thickness == pytest.approx(0.15, abs=1e-5)
    assert shot(mesh_world(tmp_path, {"wood sheet": plate(2.0)}))[0].thickness == 0.018
    assert shot(mesh_world(tmp_path, {"wood sheet": plate(2.0, 1)}))[0].thickness == 0.018


# --- flight ------------------------------------------------------------------------------------------


def test_a_bullet_that_was_slowed_falls_faster_and_comes_later(tmp_path: Path) -> None:
    """Behind the person, at 6.13 m, it has 161 m/s left; to the wall at 6.9 m it flies as slowly as that."""
    bullet = Straight(name="expanding_9mm")
    fast = shot(world_of(tmp_path, {"people.gunman.at": [7.0, 0.5]}, OPEN_DOOR), bullet)[-1]
    slow = shot(world_of(tmp_path, None, OPEN_DOOR), bullet)[-1]
    assert (fast.what, slow.what) == ("wall of east", "wall of east")
    left = math.sqrt(2 * 490 * (1 - 260 / 330) / 0.008)
    assert slow.after == pytest.approx(6.13 / 350 + 0.77 / left, abs=1e-6)
    assert fast.entry[2] - slow.entry[2] == pytest.approx(9.80665 / 2 * (0.77 / left) ** 2, abs=5e-5)


def test_with_nothing_between_a_bullet_is_where_its_flight_has_it(tmp_path: Path) -> None:
    world = world_of(tmp_path, {"people.gunman.at": [7.0, 0.5]}, OPEN_DOOR)
    for load, barrel in (("ball_9mm", Barrel(375, 0.018, 25)), ("match_762", Barrel(792, 0.05, 100))):
        bullet = flight(load_of(load), barrel, Air())
        (wall,) = [h for h in shot(world, bullet) if h.kind == "wall"][:1]
        right, up = bullet.offset(6.9)
        assert wall.entry == pytest.approx((7.9, 2.0 - right, 1.4 + up), abs=5e-5)
        assert wall.after == pytest.approx(bullet.time(6.9), abs=1e-6)
        assert wall.energy == pytest.approx(energy(bullet.load.mass_kg, bullet.speed(6.9)), abs=0.01)


def test_a_slowed_bullet_flies_on_where_the_table_of_its_flight_ends(tmp_path: Path) -> None:
    """Behind the person the bullet of the table, which is but 100 m long, would soon be at its end."""
    long = {"rooms.east": {"rect": [4, 0, 60, 4]}, "people.gunman.at": [7, 2]}
    world = world_of(tmp_path, None, OPEN_DOOR | {k: v for k, v in long.items() if k.startswith("rooms")})
    barrel = Barrel(880, 0.066, 50)
    short, full = (flight(load_of("ball_556"), barrel, Air(), reach=reach) for reach in (100.0, 600.0))
    assert short.reach - short.distance_at(770.0) < 55
    walls = [shot(world, bullet, yaw=0.0)[-1] for bullet in (short, full)]
    assert [h.what for h in walls] == ["wall of east"] * 2
    assert math.dist(walls[0].entry, walls[1].entry) < 0.002


def test_paper_does_not_bend_the_flight(tmp_path: Path) -> None:
    bullet = flight(load_of("ball_9mm"), Barrel(375, 0.018, 25), Air())
    nobody = {"people.gunman.at": [7.0, 0.5]}
    paper = {"targets": {"sheet": {"at": [3.0, 2.0], "face": "silhouette"}}}
    free = shot(world_of(tmp_path, nobody, OPEN_DOOR), bullet)[-1]
    behind = shot(world_of(tmp_path, nobody | paper, OPEN_DOOR), bullet)[-1]
    assert math.dist(free.entry, behind.entry) < 1e-4
    assert behind.left == free.left == 0.0


def test_who_moves_is_met_where_they_are_when_the_bullet_arrives(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, None, OPEN_DOOR))
    engine = session.run.engine
    engine.advance(0.5)
    gunman = engine.world.actors["gunman"]
    deeds.go(engine, gunman, [(7.0, 0.6)], 1.4)
    slow = Straight(mps=20.0)  # so slow that he walks 0.4 m meanwhile
    aside = 2.0 - 1.4 * 5.87 / 20
    yaw = math.atan2(aside - 2.0, 6.0)
    assert [h.what for h in shot(engine.world, slow, yaw, t=0.5)][:1] == ["gunman"]
    assert "gunman" not in [h.what for h in shot(engine.world, slow, 0.0, t=0.5)]
    assert [h.what for h in shot(engine.world, BALL, 0.0, t=0.5)][:1] == ["gunman"]


# --- what must hold always ---------------------------------------------------------------------------


@given(st.floats(0, 5000), st.floats(1, 5000), st.floats(0, 2), st.floats(0, 2), st.floats(0.001, 3))
def test_more_thickness_never_leaves_more(before: float, muzzle: float, a: float, b: float, stops: float) -> None:
    less, more = sorted((a, b))
    assert 0.0 <= left_after(before, muzzle, more, stops) <= left_after(before, muzzle, less, stops) <= before
    assert left_after(before, muzzle, a, None) == before
    assert left_after(muzzle, muzzle, stops, stops) == 0.0


def full_house(folder: Path) -> World:
    folder.mkdir(exist_ok=True)
    return world_of(
        folder,
        {
            "people.other": {"role": "no_shoot", "at": [6.0, 3.0]},
            "targets": {"sheet": {"at": [2.5, 2.4], "face": "silhouette"}, "disc": {"at": [2, 1], "face": "plate"}},
        },
        OPEN_DOOR
        | {
            "walls_of": "plasterboard", "windows": [{"at": [0, 2], "width_m": 1.0}],
            "walls": [{"from": [5.0, 0.5], "to": [5.6, 3.8], "thickness_m": 0.2, "material": "brick"}],
            "furniture": [CUPBOARD | {"at": [2.5, 3.2]}, {"kind": "chair", "at": [1.6, 1.2], "size_m": [0.5, 0.5, 1]}],
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> World:
    return full_house(tmp_path_factory.mktemp("full"))


@given(yaw=st.floats(-math.pi, math.pi), pitch=st.floats(-0.5, 0.5), load=st.sampled_from(sorted(loads())))
def test_along_a_chain_energy_only_falls_and_ways_only_grow(house: World, yaw: float, pitch: float, load: str) -> None:
    bullet = flight(load_of(load), Barrel(600, 0.02, 25), Air(), pitch=pitch)
    hits = trace(house, 0.0, EYE, yaw, pitch, "p1", bullet)
    assert len({(h.kind, h.what) for h in hits if h.kind != "wall"}) == len([h for h in hits if h.kind != "wall"])
    for h in hits:
        assert h.energy is not None and h.left is not None and h.thickness is not None
        assert 0.0 <= h.left <= h.energy
        assert (h.left == 0.0) == (h.exit is None)
        limit = MATERIALS[h.material].stops(bullet.load.penetrates, load)
        assert limit is None or h.thickness <= limit + 1e-5
    for one, other in pairwise(hits):
        assert one.exit is not None and one.distance <= other.distance and one.after <= other.after
        assert (other.energy or 0.0) <= (one.left or 0.0) + 0.02


@given(st.floats(-0.3, 0.3), st.floats(-0.2, 0.2), st.sampled_from(["standing", "kneeling", "lying", "aiming"]))
def test_the_way_through_a_body_is_what_lies_inside_its_capsules(y: float, slope: float, pose: str) -> None:
    """Against many points on the line, each asked whether it lies in a capsule."""
    ray = np.array([1.0, slope, -0.05])
    ray /= np.linalg.norm(ray)
    origin = np.array([-3.0, y - 3 * slope, 1.2 if pose != "lying" else 0.35])
    placed = body.capsules(body.joints(pose, 0.0))
    along = np.arange(0.0, 6.0, 0.002)
    points = origin + ray * along[:, None]
    axis = placed.b - placed.a
    f = np.clip(np.einsum("pcj,cj->pc", points[:, None] - placed.a, axis) / np.einsum("cj,cj->c", axis, axis), 0, 1)
    inside = (np.linalg.norm(points[:, None] - placed.a - f[..., None] * axis, axis=2) <= placed.radii).any(axis=1)
    start, line = tuple(origin.tolist()), tuple(ray.tolist())
    way = body.through(body.bearing(pose), start, line, 10.0)
    met = body.first_zone(body.bearing(pose), start, line, 10.0)
    assert (way is None) == (met is None)
    if way is None or met is None:
        assert inside.sum() <= 1
        return
    assert (way.entry, way.zone) == pytest.approx(met) or way.entry == pytest.approx(met[0], abs=1e-9)
    assert way.inside == pytest.approx(inside.sum() * 0.002, abs=0.012)
    assert way.inside <= way.exit - way.entry + 1e-9


def test_a_straight_line_stays_as_it_was(house: World) -> None:
    for yaw in np.linspace(-math.pi, math.pi, 40).tolist():
        hits = trace(house, 0.0, EYE, yaw, 0.0, "p1")
        assert all(h.thickness is None and h.left is None and not h.ricochet for h in hits)
        assert [h.exit is None for h in hits[:-1]] == [False] * max(0, len(hits) - 1)
    assert follow(house, 0.0, EYE, 0.0, 0.0, "p1", BALL) == trace(house, 0.0, EYE, 0.0, 0.0, "p1", BALL)
