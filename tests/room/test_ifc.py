"""Building models: walls, doors, windows, spaces and materials come out as built; damaged ones end in one line."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from xrlab.errors import InputError
from xrlab.room import Room, load_room
from xrlab.room.convert import convert
from xrlab.room.info import describe
from xrlab.testing.validation import check_paths

pytest.importorskip("ifcopenshell", reason="the extra xrlab[ifc] is not installed")

import house_built as built


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built.house().write(tmp_path_factory.mktemp("house") / "house.ifc")


@pytest.fixture(scope="module")
def room(model: Path) -> Room:
    return load_room(model)


def look(room: Room, origin: tuple[float, float, float], to: tuple[float, float, float]) -> tuple[float, str]:
    way = np.subtract(to, origin, dtype=float)
    distance, triangle = room.solid.closest(origin, tuple((way / np.linalg.norm(way)).tolist()))
    return distance, room.material_of(triangle).name if triangle >= 0 else ""


def test_walls_are_where_they_were_built_and_of_their_material(room: Room) -> None:
    assert look(room, (2, 0.5, 1.0), (2, -5, 1.0)) == (pytest.approx(0.5), "brick")
    assert look(room, (2, 2, 1.0), (9, 2, 1.0)) == (pytest.approx(2.0), "plasterboard")
    assert look(room, (2, 2, 1.0), (2, 2, -5)) == (pytest.approx(1.0), "concrete")
    assert look(room, (2, 2, 1.0), (2, 2, 5)) == (pytest.approx(1.6), "concrete")
    low, high = room.bounds
    assert low == pytest.approx((-3, -3, -0.2)) and high == pytest.approx((11, 7, 2.8))


def test_doorways_are_open_and_windows_of_glass(room: Room) -> None:
    assert look(room, (2, 1.5, 1.0), (-9, 1.5, 1.0))[1] == "", "through the front door's way, out"
    assert look(room, (2, 2.6, 1.0), (9, 2.6, 1.0))[0] > 5, "through the office door's way"
    assert look(room, (6, 1, 1.5), (6, -5, 1.5)) == (pytest.approx(1.08), "glass")
    assert look(room, (6, 1, 0.5), (6, -5, 0.5)) == (pytest.approx(1.0), "brick"), "below the sill"


def test_doors_turn_as_the_model_says(room: Room) -> None:
    front, office = room.doors["front_door"], room.doors["office_door"]
    assert front.hinge == pytest.approx((-0.179, 1.0, 0.0), abs=1e-3)
    assert math.degrees(front.closed_yaw) == pytest.approx(90) and math.degrees(front.swing) == pytest.approx(95)
    assert office.hinge == pytest.approx((4.179, 2.1, 0.0), abs=1e-3)
    assert math.degrees(office.closed_yaw) == pytest.approx(90) and math.degrees(office.swing) == pytest.approx(-95)
    assert (front.width, front.height, front.material) == (0.9, 2.1, "wood")


def test_spaces_are_zones_with_their_names(room: Room) -> None:
    assert set(room.zones) == {"hall", "buro_1"}
    assert shapely.Polygon(room.zones["hall"].polygon).area == pytest.approx(16)
    assert (room.zones["hall"].floor, room.zones["hall"].ceiling) == (0.0, 2.6)
    assert room.zone_at((6, 2)) == "buro_1"
    assert room.walkable.reachable((-2, 1.5), room.zones["buro_1"].inner_point)
    assert {lamp.group for lamp in room.lights} == {"hall", "buro_1"}
    assert (room.name, room.floor) == ("Small House", 0.0)


def test_nothing_in_the_model_is_left_out_without_a_word(room: Room) -> None:
    names = " ".join(s.name for s in room.surfaces)
    assert all(word in names for word in ("wall south", "slab roof", "stairflight step 3", "furniture Desk", "window"))
    assert room.remarks == () and describe(room)["warnings"] == []


def test_it_is_converted_to_a_layout_that_is_the_same_room(model: Path, room: Room, tmp_path: Path) -> None:
    written, _ = convert(model, tmp_path / "new.yaml")
    assert [p.name for p in written] == ["new.glb", "new.yaml"]
    assert check_paths(list(written)) == (2, [])
    again = load_room(tmp_path / "new.yaml")
    assert set(again.doors) == set(room.doors) and set(again.zones) == set(room.zones)
    for name, door in room.doors.items():
        assert again.doors[name].hinge == pytest.approx(door.hinge, abs=1e-3)
        assert math.degrees(again.doors[name].swing) == pytest.approx(math.degrees(door.swing), abs=0.1)
    for origin, to in (((2, 0.5, 1), (2, -5, 1)), ((6, 1, 1.5), (6, -5, 1.5)), ((2, 1.5, 1), (-9, 1.5, 1))):
        assert look(again, origin, to)[1] == look(room, origin, to)[1]
    assert again.walkable.reachable((-2, 1.5), (6, 2))


@pytest.mark.parametrize(("unit", "schema"), [("METERS", "IFC4"), ("MILLIMETERS", "IFC4X3")])
def test_units_and_versions(tmp_path: Path, room: Room, unit: str, schema: str) -> None:
    other = load_room(built.house(unit, schema).write(tmp_path / "other.ifc"))
    assert np.allclose(other.bounds, room.bounds, atol=1e-4)
    assert {n: d.hinge for n, d in other.doors.items()} == {n: d.hinge for n, d in room.doors.items()}


def test_an_older_version_does_not_say_how_doors_turn(tmp_path: Path, room: Room) -> None:
    other = load_room(built.house("METERS", "IFC2X3").write(tmp_path / "old.ifc"))
    assert np.allclose(other.bounds, room.bounds, atol=1e-4)
    assert other.doors["front_door"].hinge == pytest.approx(room.doors["front_door"].hinge)
    assert len(other.remarks) == 2 and "turns (not said); it is hinged on the left" in other.remarks[0]


def test_styles_give_colours_and_tell_glass(tmp_path: Path) -> None:
    house = built.House("METERS")
    for name, x, color, clear in (("Red paint", 0.0, (0.8, 0.1, 0.2), 0.0), ("Verglasung", 3.0, (0.5, 0.6, 0.9), 0.7)):
        thing = house.box(house.add("IfcWall", name, built.at(x, 0)), 2, 0.2, 2.6)
        house.paint(thing, name, color, clear)
    room = load_room(house.write(tmp_path / "styles.ifc"))
    red, glass = sorted(room.surfaces, key=lambda s: float(s.vertices[0, 0]))
    assert (red.material, red.color) == ("concrete", pytest.approx((0.8, 0.1, 0.2, 1.0), abs=1e-3))
    assert glass.material == "glass" and glass.color[3] < 1


def test_storeys_keep_their_heights_in_the_layout_too(tmp_path: Path) -> None:
    house = built.House("METERS")
    for name, z in (("Cellar", -2.8), ("Living", 0.0), ("Attic", 2.8)):
        house.box(house.add("IfcSlab", f"floor of {name}", built.at(0, 0, z - 0.2)), 4, 4, 0.2)
        house.box(house.add("IfcSpace", name, built.at(0, 0, z)), 4, 4, 2.5)
    path = house.write(tmp_path / "tower.ifc")
    room = load_room(path)
    assert {n: z.floor for n, z in room.zones.items()} == {"cellar": -2.8, "living": 0.0, "attic": 2.8}
    assert room.floor == 0.0
    convert(path, tmp_path / "new.yaml")
    assert check_paths([tmp_path / "new.yaml"]) == (1, [])
    again = load_room(tmp_path / "new.yaml")
    assert {n: z.floor for n, z in again.zones.items()} == {n: z.floor for n, z in room.zones.items()}


def test_what_does_not_turn_stays_a_gap_and_is_told_of(tmp_path: Path) -> None:
    house = built.House("METERS")
    wall = house.box(house.add("IfcWall", "w", built.at(0, 0), "Concrete"), 6, 0.2, 2.6)
    slide = house.add("IfcDoor", "Slide", built.at(1, 0), OverallWidth=1.0, OverallHeight=2.1)
    slide.OperationType = "SLIDING_TO_LEFT"
    double = house.add("IfcDoor", "Double", built.at(3, 0), OverallWidth=1.6, OverallHeight=2.1)
    double.OperationType = "DOUBLE_DOOR_SINGLE_SWING"
    house.hole(wall, built.at(1, 0), 1.0, 2.1, slide)
    house.hole(wall, built.at(3, 0), 1.6, 2.1, double)
    room = load_room(house.write(tmp_path / "wall.ifc"))
    (told,) = room.remarks
    assert slide.GlobalId in told and "does not turn (SLIDING_TO_LEFT); it stays a gap" in told
    assert sorted(d.hinge[0] for d in room.doors.values()) == pytest.approx([3.0, 4.6])
    assert sorted(math.degrees(d.swing) for d in room.doors.values()) == pytest.approx([-95, 95])


def test_a_model_far_from_0_0_is_brought_there(tmp_path: Path) -> None:
    house = built.House("METERS")
    house.box(house.add("IfcWall", "w", built.at(150_000.5, 170_000)), 6, 0.2, 2.6)
    room = load_room(house.write(tmp_path / "far.ifc"))
    assert room.bounds[0] == pytest.approx((0.5, 0, 0), abs=0.01) and "lies far from 0, 0" in room.remarks[0]


# --- files that mean harm -------------------------------------------------------------------------------------


def text(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return lambda raw: change(raw.decode()).encode()


HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda raw: b"", "is no IFC file"),
    "random": (lambda raw: np.random.default_rng(3).bytes(9_000), "is no IFC file"),
    "cut short": (lambda raw: raw[: len(raw) // 2], "is cut short"),
    "no project": (text(lambda t: re.sub(r"#\d+=IFCPROJECT\(.*\n", "", t)), ""),
    "many": (lambda raw: raw[:-30] + b"#9=X();\n" * 1_600_000 + b"END-ISO-10303-21;", "a building may have 1,500,000"),
    "unknown version": (text(lambda t: t.replace("'IFC4'", "'IFC99'")), "cannot be read as IFC"),
    "no shapes": (text(lambda t: re.sub(r"#\d+=IFCEXTRUDEDAREASOLID\(.*\n", "", t)), ""),
    "no directions": (text(lambda t: t.replace("=IFCDIRECTION(", "=IACDIRECTION(", 9)), ""),
    "huge": (text(lambda t: re.sub(r"(IFCCARTESIANPOINT\(\()[\d.-]+", r"\g<1>1.E308", t)), ""),
    "in itself": (text(lambda t: re.sub(r"IFCLOCALPLACEMENT\(#\d+,", "IFCLOCALPLACEMENT(#99999,", t)), ""),
    "absurd unit": (text(lambda t: t.replace(".MILLI.,.METRE.", ".EXA.,.METRE.")), "that its unit is 1e+18 m"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_model_is_a_room_or_one_line(model: Path, tmp_path: Path, name: str) -> None:
    change, said = HOSTILE[name]
    path = tmp_path / "bad.ifc"
    path.write_bytes(change(model.read_bytes()))
    try:
        found = load_room(path)
    except InputError as error:
        assert str(error).startswith(f"{path}: ") and said in str(error)
        assert len(str(error).splitlines()) == 1
    else:
        assert said == "" and np.isfinite(found.bounds).all()


def test_without_the_package_the_extra_is_named(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    from xrlab.room.plans.ifc import load_ifc

    with pytest.raises(InputError, match=r"pip install 'xrlab\[ifc\]'"):
        load_ifc(model)
