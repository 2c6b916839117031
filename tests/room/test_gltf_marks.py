"""What a designer marks in Blender: zones, doors, points, lamps, materials and cameras out of a .glb."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from gltf_made import Made, box

from xrlab.errors import InputError
from xrlab.review.preview import room_camera
from xrlab.room import Room, load_room
from xrlab.room.gltf.marks import PROPERTIES
from xrlab.room.materials import MATERIALS
from xrlab.run import Session
from xrlab.scenario.load import load
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim.shots import trace

HALF = math.sqrt(0.5)


def turned(degrees: float) -> list[float]:
    """A turn about the vertical, counter-clockwise from above, as glTF has it."""
    return [0.0, math.sin(math.radians(degrees) / 2), 0.0, math.cos(math.radians(degrees) / 2)]


def floor(x: float, y: float, width: float, depth: float) -> tuple[Any, Any]:
    """A face on the floor in glTF's axes, from (x, y) of the world."""
    corners = [[x, 0, -y], [x + width, 0, -y], [x + width, 0, -y - depth], [x, 0, -y - depth]]
    return np.array(corners, float), np.array([[0, 1, 2], [0, 2, 3]])


def house() -> Made:
    """Two rooms, each 4 m by 4 m, a brick wall with a doorway of 1 m between them, a leaf in it, and all marks."""
    made = Made().used("KHR_lights_punctual")
    made.data["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point", "intensity": 100}]}}
    made.node(name="Floor", mesh=made.mesh(*floor(0, 0, 8, 4)), extras={"xrlab_material": "carpet"})
    walls = made.node(name="Walls", extras={"xrlab_material": "brick"}, children=[])
    for w, h, d, x, y, z in (
        (8.2, 2.5, 0.1, 4, 1.25, 0.05), (8.2, 2.5, 0.1, 4, 1.25, -4.05), (0.1, 2.5, 4, -0.05, 1.25, -2),
        (0.1, 2.5, 4, 8.05, 1.25, -2), (0.1, 2.5, 1.5, 4, 1.25, -0.75), (0.1, 2.5, 1.5, 4, 1.25, -3.25),
        (0.1, 0.4, 1.0, 4, 2.3, -2),
    ):  # fmt: skip
        piece = made.add("nodes", {"mesh": made.mesh(*box(w, h, d)), "translation": [x, y, z]})
        made.data["nodes"][walls]["children"].append(piece)
    leaf = made.mesh(*box(1.0, 2.1, 0.04, (0.5, 1.05, 0.0)))
    knob = made.add("nodes", {"name": "Knob", "mesh": made.mesh(*box(0.1, 0.1, 0.14)), "translation": [0.9, 1.0, 0]})
    made.node(
        name="Middle door.001", mesh=leaf, translation=[4, 0, -1.5], rotation=turned(90), children=[knob],
        extras={"xrlab_door": "middle_door", "xrlab_swing_deg": -95.0, "xrlab_opened_by": "police, gunman",
                "xrlab_seconds": 0.5},
    )  # fmt: skip
    made.node(name="west", mesh=made.mesh(*floor(0, 0, 4, 4)), extras={"xrlab_zone": True})
    made.node(name="East room", mesh=made.mesh(*floor(4, 0, 4, 4)), extras={"xrlab_zone": 1})
    made.node(name="a", translation=[1, 0, -2], rotation=turned(-90), extras={"xrlab_point": True})
    made.node(name="b", translation=[7, 0, -2], rotation=turned(90), extras={"xrlab_point": "behind"})
    made.node(name="Ceiling lamp", extensions={"KHR_lights_punctual": {"light": 0}}, translation=[2, 2.4, -2])
    made.node(name="Wall lamp", extras={"xrlab_light": True, "xrlab_lumens": 900.0, "xrlab_group": "east"},
              mesh=made.mesh(*box(0.2, 0.1, 0.2)), translation=[6, 2.4, -2])  # fmt: skip
    lens = {"type": "perspective", "perspective": {"yfov": math.radians(40), "znear": 0.1}}
    made.node(name="Camera", camera=made.add("cameras", lens), translation=[0.5, 1.6, -0.5], rotation=turned(-45))
    return made


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return load_room(house().write(tmp_path_factory.mktemp("house") / "house.glb"))


def through(room: Room, y0: float, y1: float) -> bool:
    """Whether something solid stands between the two rooms on a line."""
    return bool(room.solid.blocked_many(np.array([[1.0, y0, 1.2]]), np.array([[7.0, y1, 1.2]]))[0])


def test_zones_are_the_floor_that_their_face_covers(room: Room) -> None:
    assert set(room.zones) == {"west", "East_room"}
    west = room.zones["west"]
    assert sorted(map(tuple, west.polygon.tolist())) == [(0, 0), (0, 4), (4, 0), (4, 4)]
    assert (west.floor, west.ceiling) == (0.0, 2.5)
    assert room.zone_at((6.5, 3)) == "East_room" and room.zone_at((-1, 3)) is None
    assert not {"west", "East room"} & {s.name for s in room.surfaces}, "zones are not drawn"


def test_points_look_along_their_own_y_of_blender(room: Room) -> None:
    assert room.points["a"].position == pytest.approx((1, 2, 0))
    assert room.points["a"].yaw == pytest.approx(0), "turned right from north: east"
    assert abs(room.points["behind"].yaw) == pytest.approx(math.pi)
    assert "b" not in room.points


def test_it_stands_upright_for_all_its_walls(room: Room) -> None:
    assert not room.remarks


def test_materials_are_inherited_from_the_node_above(room: Room) -> None:
    by_name = {s.name: s.material for s in room.surfaces}
    assert by_name["Floor"] == "carpet" and by_name["Wall lamp"] == "concrete"
    colors = {s.material: s.color for s in room.surfaces}
    assert colors["brick"] == MATERIALS["brick"].color, "what has no material in the file looks like what it is"
    assert colors["concrete"] == (0.8, 0.8, 0.8, 1.0)
    assert room.material_of(room.solid.closest((1, 2, 1), (-1, 0, 0))[1]).name == "brick"


def test_lamps_have_lumens_and_a_group(room: Room) -> None:
    ceiling, wall = room.lights
    assert ceiling.name == "Ceiling lamp" and ceiling.position == pytest.approx((2, 2, 2.4))
    assert ceiling.power == pytest.approx(100 * 4 * math.pi) and ceiling.group == "main"
    assert wall.power == 900 and wall.group == "east"
    assert wall.position == pytest.approx((6, 2, 2.33)), "under its own mesh"
    assert "Wall lamp" in {s.name for s in room.surfaces}


def test_cameras_are_views(room: Room) -> None:
    view = room.views["Camera"]
    assert view.position == pytest.approx((0.5, 0.5, 1.6)) and view.yaw == pytest.approx(math.pi / 4)
    assert view.pitch == pytest.approx(0) and view.fov_y == pytest.approx(math.radians(40))
    camera = room_camera(room, "Camera", 16 / 9)
    assert (camera.position, camera.yaw, camera.pitch, camera.fov_y) == (
        view.position, view.yaw, view.pitch, view.fov_y
    )  # fmt: skip


def test_a_leaf_becomes_a_door_that_hangs_at_its_origin(room: Room) -> None:
    door = room.doors["middle_door"]
    assert door.hinge == pytest.approx((4, 1.5, 0)) and door.closed_yaw == pytest.approx(math.pi / 2)
    assert (door.width, door.height, door.thickness) == pytest.approx((1.0, 2.1, 0.08)), "a knob makes no thick leaf"
    assert door.swing == pytest.approx(math.radians(-95)) and door.seconds == 0.5 and door.material == "wood"
    assert door.opened_by == ("police", "gunman")
    assert not {"Middle door.001", "Knob"} & {s.name for s in room.surfaces}, "it is drawn as a door"
    assert not through(room, 2.0, 2.0) and through(room, 2.0, 3.0)
    assert room.walkable.reachable((1, 2), (7, 2))


SCENARIO = {
    "xrlab": 1,
    "title": {"nl": "Huis", "fr": "Maison", "de": "Haus", "en": "House"},
    "time_limit_s": 20,
    "teams": {"police": {"trainees": ["p1"], "start": "a", "carries": ["pistol"]}},
    "people": {"gunman": {"role": "threat", "at": "behind", "holds": "handgun"}},
    "scoring": {"criteria": {"stopped": {"value": 'stopped("threat")', "points": 100}}},
}


@pytest.mark.parametrize("by_layout", [False, True])
def test_a_scenario_takes_zones_points_and_doors_from_the_file(tmp_path: Path, by_layout: bool) -> None:
    house().write(tmp_path / "house.glb")
    (tmp_path / "house.yaml").write_text("xrlab: 1\nname: House\nmesh: {file: house.glb}\n")
    scenario = SCENARIO | {"room": "house.yaml" if by_layout else "house.glb"}
    path = tmp_path / "scene.yaml"
    path.write_text(yaml.safe_dump(scenario, sort_keys=False))
    eye = (1.0, 2.0, 1.3)
    with Session(load(path, seed=1), 1, None) as session:
        engine = session.run.engine
        engine.advance(1.0)
        assert [h.what for h in trace(engine.world, 1.0, eye, 0.0, 0.0, "p1")] == ["middle_door"]
        assert not [e for e in session.events if isinstance(e, ev.Seen) and e.who == "p1"]
        deeds.move_door(engine, "middle_door", 1.0, "p1")
        engine.advance(2.0)
        assert [h.what for h in trace(engine.world, 2.0, eye, 0.0, 0.0, "p1")] == ["gunman"]
        assert [e for e in session.events if isinstance(e, ev.Seen) and e.who == "p1"]
        assert [e.zone for e in session.events if isinstance(e, ev.ZoneEntered) and e.who == "p1"] == ["west"]


def test_a_layout_places_all_marks_and_its_own_names_count(tmp_path: Path) -> None:
    house().write(tmp_path / "house.glb")
    text = """xrlab: 1
name: House
mesh: {file: house.glb, scale: 0.5, at: [10, 20, 1], yaw_deg: 90}
points: {a: {at: [9, 21]}}
floor_m: 1
"""
    (tmp_path / "house.yaml").write_text(text)
    room = load_room(tmp_path / "house.yaml")
    assert room.points["behind"].position == pytest.approx((9, 23.5, 1))
    assert abs(math.remainder(room.points["behind"].yaw - 1.5 * math.pi, 2 * math.pi)) < 1e-9
    assert room.points["a"].position[:2] == pytest.approx((9, 21)), "the layout's own"
    door = room.doors["middle_door"]
    assert door.hinge == pytest.approx((9.25, 22, 1)) and door.closed_yaw == pytest.approx(math.pi)
    assert (door.width, door.height) == pytest.approx((0.5, 1.05))
    assert room.zone_at((9, 23)) == "East_room" and room.zones["west"].floor == 1
    assert room.views["Camera"].position == pytest.approx((9.75, 20.25, 1.8))
    assert room.lights[0].position == pytest.approx((9, 21, 2.2))


@pytest.mark.parametrize(
    ("light", "lumens"),
    [
        ({"type": "point"}, 4 * math.pi),
        ({"type": "point", "intensity": 80.0}, 320 * math.pi),
        ({"type": "spot", "intensity": 100.0, "spot": {"innerConeAngle": 1.0, "outerConeAngle": 1.0}},
         200 * math.pi * (1 - math.cos(1.0))),
        ({"type": "spot", "intensity": 100.0}, 200 * math.pi * (1 - HALF) / 3),
    ],
)  # fmt: skip
def test_candela_are_turned_to_lumens(tmp_path: Path, light: dict[str, Any], lumens: float) -> None:
    made = Made().used("KHR_lights_punctual")
    made.data["extensions"] = {"KHR_lights_punctual": {"lights": [light | {"color": [1, 0.5, 0.25]}]}}
    made.node(mesh=made.mesh(*floor(0, 0, 4, 4)))
    made.node(extensions={"KHR_lights_punctual": {"light": 0}}, translation=[1, 2, -3])
    (lamp,) = load_room(made.write(tmp_path / "l.glb")).lights
    assert lamp.power == pytest.approx(lumens) and lamp.color == (1, 0.5, 0.25)
    assert lamp.position == pytest.approx((1, 3, 2))


def test_a_spot_s_lumens_are_what_its_falloff_adds_up_to(tmp_path: Path) -> None:
    inner, outer = 0.3, 0.9
    made = Made().used("KHR_lights_punctual")
    spot = {"type": "spot", "intensity": 10.0, "spot": {"innerConeAngle": inner, "outerConeAngle": outer}}
    made.data["extensions"] = {"KHR_lights_punctual": {"lights": [spot]}}
    made.node(mesh=made.mesh(*floor(0, 0, 4, 4)))
    made.node(extensions={"KHR_lights_punctual": {"light": 0}})
    angle = np.linspace(0, math.pi / 2, 200_001)
    part = np.clip((np.cos(angle) - math.cos(outer)) / (math.cos(inner) - math.cos(outer)), 0, 1) ** 2
    wanted = 10.0 * 2 * math.pi * float(np.trapezoid(part * np.sin(angle), angle))
    assert load_room(made.write(tmp_path / "l.glb")).lights[0].power == pytest.approx(wanted, rel=1e-6)


def test_a_sun_gives_its_lux_from_where_it_stands(tmp_path: Path) -> None:
    made = Made().used("KHR_lights_punctual")
    made.data["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "directional", "intensity": 500.0}]}}
    made.node(mesh=made.mesh(*floor(0, 0, 4, 4)))
    made.node(extensions={"KHR_lights_punctual": {"light": 0}}, rotation=[-HALF, 0, 0, HALF])  # straight down
    room = load_room(made.write(tmp_path / "l.glb"))
    assert room.sun is not None and room.sun.pitch == pytest.approx(math.pi / 2) and room.sun.lux == 500
    assert not room.lights, "nobody switches the sun"


def marked(extras: Any, **node: Any) -> Made:
    made = Made()
    made.node(mesh=made.mesh(*floor(0, 0, 4, 4)), name="Floor")
    made.node(**({"name": "Thing", "extras": extras} | node))
    return made


def with_mesh(extras: Any, corners: Any, faces: Any) -> Made:
    made = marked(extras)
    made.data["nodes"][1]["mesh"] = made.mesh(corners, faces)
    return made


LEAF = box(1.0, 2.1, 0.04)
WRONG: dict[str, tuple[Made, str]] = {
    "a misspelt property": (marked({"xrlab_zoen": 1}), "'Thing' has the property xrlab_zoen.*mean 'xrlab_zone'"),
    "a bad name": (marked({"xrlab_point": "the start"}), "'Thing' has xrlab_point 'the start'; true or a name"),
    "a number for a name": (marked({"xrlab_point": 7}), "'Thing' has xrlab_point '7'"),
    "a nameless node": (marked({"xrlab_point": True}, name="123"), "'123' is marked xrlab_point, but its name"),
    "two marks": (marked({"xrlab_point": True, "xrlab_zone": True}), "is marked xrlab_zone and xrlab_point"),
    "a swing without a door": (marked({"xrlab_swing_deg": 90}), "xrlab_swing_deg, which needs xrlab_door"),
    "a zone without a mesh": (marked({"xrlab_zone": True}), "'Thing' is marked, but has no mesh"),
    "a door without a mesh": (marked({"xrlab_door": True}), "'Thing' is marked, but has no mesh; the door's leaf"),
    "a zone that stands up": (
        with_mesh({"xrlab_zone": True}, [[0, 0, 0], [1, 0, 0], [0, 1, 0]], [0, 1, 2]), "covers no floor"
    ),
    "a zone in two pieces": (
        with_mesh({"xrlab_zone": True}, np.concatenate((floor(0, 0, 1, 1)[0], floor(5, 0, 1, 1)[0])),
                  [0, 1, 2, 4, 5, 6]), "lies in several pieces"
    ),
    "a hinge in the middle": (with_mesh({"xrlab_door": True}, *LEAF), "origin lies 0.50 from the nearer end"),
    "a leaf without thickness": (
        with_mesh({"xrlab_door": True}, [[0, 0, 0], [1, 0, 0], [1, 2, 0]], [0, 1, 2]), "no thickness"
    ),
    "a swing in words": (
        with_mesh({"xrlab_door": True, "xrlab_swing_deg": "wide"}, LEAF[0] + (0.5, 1, 0), LEAF[1]),
        "xrlab_swing_deg 'wide'; a number from -180 to 180",
    ),
    "a swing too wide": (
        with_mesh({"xrlab_door": True, "xrlab_swing_deg": 400}, LEAF[0] + (0.5, 1, 0), LEAF[1]), "from -180 to 180"
    ),
    "openers by number": (
        with_mesh({"xrlab_door": True, "xrlab_opened_by": 3}, LEAF[0] + (0.5, 1, 0), LEAF[1]), "a text is right"
    ),
    "no such material": (marked({"xrlab_material": "stel"}), "'stel', which is no material; did you mean 'steel'"),
    "lumens below nothing": (marked({"xrlab_light": True, "xrlab_lumens": -5}), "a number from 0 to"),
    "nowhere": (
        marked({"xrlab_light": True, "xrlab_lumens": 5}, scale=[0, 0, 0], translation=[1e300, 0, 0]), "no finite place"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_marks_are_told_with_their_node(tmp_path: Path, case: str) -> None:
    made, words = WRONG[case]
    path = made.write(tmp_path / "wrong.glb")
    with pytest.raises(InputError, match=words) as caught:
        load_room(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: '") and len(text.splitlines()) == 1


def test_a_name_may_be_used_once(tmp_path: Path) -> None:
    made = marked({"xrlab_point": "here"})
    made.node(name="Other", extras={"xrlab_point": "here"})
    with pytest.raises(InputError, match="'Other' is called 'here', as 'Thing' is already"):
        load_room(made.write(tmp_path / "twice.glb"))


def test_cameras_of_one_name_are_numbered_and_other_extras_are_left_alone(tmp_path: Path) -> None:
    made = marked({"cycles": {"a": 1}, "my_note": "x", "xrlab_zone": False, "xrlab_point": ""})
    lens = made.add("cameras", {"type": "orthographic", "orthographic": {"xmag": 1, "ymag": 1, "znear": 0, "zfar": 9}})
    for _ in range(2):
        made.node(name="Camera", camera=lens, rotation=[-HALF, 0, 0, HALF])
    room = load_room(made.write(tmp_path / "cameras.glb"))
    assert set(room.views) == {"Camera", "Camera_2"} and not room.zones and not room.points
    assert room.views["Camera"].pitch == pytest.approx(-math.pi / 2)


def test_a_property_may_stand_on_the_mesh_and_the_node_s_own_counts(tmp_path: Path) -> None:
    made = Made()
    mesh = made.mesh(*floor(0, 0, 4, 4))
    made.data["meshes"][mesh]["extras"] = {"xrlab_material": "tile"}
    made.node(name="one", mesh=mesh)
    made.node(name="two", mesh=mesh, translation=[5, 0, 0], extras={"xrlab_material": "wood"})
    materials = {s.name: s.material for s in load_room(made.write(tmp_path / "m.glb")).surfaces}
    assert materials == {"one": "tile", "two": "wood"}


def test_the_how_to_tells_of_every_property_and_of_no_other(root: Path) -> None:
    page = (root / "docs" / "from-blender.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(xrlab_[a-z_]+)`", page, re.MULTILINE)
    assert sorted(told) == sorted(PROPERTIES)
    assert set(re.findall(r"xrlab_[a-z_]+", page)) - {"xrlab_"} == PROPERTIES
