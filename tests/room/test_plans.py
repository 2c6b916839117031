"""Floor plans in DXF: walls, rooms, doors and furniture come out where they were drawn, or a line says why not."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import ezdxf
import flat_drawn as flat
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xrlab.document import parse
from xrlab.errors import InputError
from xrlab.room import Room, load_room
from xrlab.room.info import describe
from xrlab.room.plans import dxf
from xrlab.room.plans.rooms import load_plan, plan_to_layout
from xrlab.testing.validation import check_paths

LINE = {"layer": "WALLS"}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return flat.save(tmp_path_factory.mktemp("flat") / "flat.dxf")


def walls_of(room: Room) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(o) for kind, o in room.plan if kind == "wall"])


def unlike(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """Area (m²) that is in one of two shapes only."""
    return float(one.symmetric_difference(other).area)


def drawing(folder: Path, draw: Callable[[Any, Any], None], units: int = 6, **header: object) -> Path:
    doc = ezdxf.new("R2000", units=units)
    for key, value in header.items():
        doc.header[f"${key}"] = value
    draw(doc, doc.modelspace())
    path = folder / f"plan{len(list(folder.iterdir()))}.dxf"
    doc.saveas(path)
    return path


def mapped(path: Path, text: str) -> Path:
    file = path.with_name(path.stem + ".map.yaml")
    file.write_text("xrlab: 1\n" + text, encoding="utf-8")
    return file


def box(space: Any, x0: float, y0: float, x1: float, y1: float, **attribs: object) -> None:
    space.add_lwpolyline([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], close=True, dxfattribs={**LINE, **attribs})


def remarks(room: Room) -> str:
    return "\n".join(room.remarks)


# --- a flat with six rooms ------------------------------------------------------------------------------------


def test_the_walls_stand_where_they_were_drawn(plan: Path) -> None:
    room = load_room(plan)
    assert unlike(walls_of(room), flat.walls().difference(flat.gaps())) < 0.01
    assert room.bounds[1][2] == pytest.approx(2.8)
    assert room.remarks == () and describe(room)["warnings"] == []


def test_rooms_have_their_names_and_floors_and_can_all_be_reached(plan: Path) -> None:
    room = load_room(plan)
    for name, (x, y, w, d) in flat.ROOMS.items():
        assert unlike(shapely.Polygon(room.zones[name].polygon), shapely.box(x, y, x + w, y + d)) < 0.01
        assert room.walkable.reachable(room.points["entrance"].position[:2], room.zones[name].inner_point)
    assert {n for n in room.zones if not n.startswith("outside")} == set(flat.ROOMS)
    assert room.zone_at((-2.0, 4.0)) == "outside_west"


def test_doors_hang_where_their_swings_tell(plan: Path) -> None:
    room = load_room(plan)
    assert set(room.doors) == set(flat.DOORS)
    for name, ((x, y), yaw, width, thick, end, side) in flat.DOORS.items():
        door = room.doors[name]
        t = math.radians(yaw)
        u, n = np.array([math.cos(t), math.sin(t)]), np.array([-math.sin(t), math.cos(t)])
        hinge = np.array([x, y]) + u * end * width / 2 + n * side * (thick / 2 - 0.021)
        assert door.hinge[:2] == pytest.approx(hinge, abs=0.005)
        assert door.width == pytest.approx(width, abs=0.002)
        middle = door.yaw(0.5)
        leaf = np.array(door.hinge[:2]) + 0.5 * np.array([math.cos(middle), math.sin(middle)])
        assert room.zone_at((float(leaf[0]), float(leaf[1]))) == flat.OPENS_INTO[name]
        assert abs(math.degrees(door.swing)) == pytest.approx(90)


def test_windows_are_of_glass_where_they_were_drawn(plan: Path) -> None:
    room = load_room(plan)
    for (x, y), yaw, _ in flat.WINDOWS:
        way = (0.0, 1.0, 0.0) if yaw == 0 else (1.0, 0.0, 0.0)
        start = (x - way[0] * 0.4, y - way[1] * 0.4, 1.5)
        distance, triangle = room.solid.closest(start, way)
        assert room.material_of(triangle).name == "glass" and distance == pytest.approx(0.4, abs=0.02)
    assert sum(kind == "window" for kind, _ in room.plan) == len(flat.WINDOWS)


def test_furniture_is_what_its_block_is_called(plan: Path) -> None:
    text, _ = plan_to_layout(plan)
    pieces = parse(text).data["furniture"]
    assert [p["kind"] for p in pieces] == ["sofa", "table", "bed", "cupboard", "counter", "desk", "chair"]
    for piece, (_, size, at, yaw) in zip(pieces, flat.FURNITURE, strict=True):
        assert piece["at"] == pytest.approx(at) and piece["size_m"][:2] == pytest.approx(size)
        assert (piece.get("yaw_deg", 0.0) - yaw) % 360 == pytest.approx(0)


def test_the_written_layout_is_the_same_room_and_nothing_is_wrong_with_it(plan: Path, tmp_path: Path) -> None:
    file = tmp_path / "flat.yaml"
    text, _ = plan_to_layout(plan)
    file.write_text(text, encoding="utf-8")
    assert text.startswith("# Made by xrlab from flat.dxf")
    assert check_paths([file]) == (1, [])
    one, other = load_room(plan), load_room(file)
    assert one.doors == other.doors and one.points == other.points and one.lights == other.lights
    assert all(np.array_equal(a.vertices, b.vertices) for a, b in zip(one.surfaces, other.surfaces, strict=True))
    assert all(v == round(v, 3) for w in parse(text).data["walls"] for v in (*w["from"], *w["to"]))


@pytest.mark.parametrize(
    "words",
    [
        ("Muren", "Binnendeuren", "RAMEN", "Meubilair", "Tekst"),
        ("MURS_EXT", "Portes", "Fenêtres", "Mobilier", "Textes"),
        ("Wände", "Türen", "Fenster", "Möbel", "Beschriftung"),
        ("walls", "doors", "windows", "furniture", "names"),
    ],
    ids=["nl", "fr", "de", "en"],
)
def test_layers_are_known_in_four_languages(tmp_path: Path, words: tuple[str, ...]) -> None:
    kinds = ("walls", "doors", "windows", "furniture", "names")
    room = load_room(flat.save(tmp_path / "flat.dxf", dict(zip(kinds, words, strict=True))))
    assert unlike(walls_of(room), flat.walls().difference(flat.gaps())) < 0.01
    assert set(room.doors) == set(flat.DOORS) and room.remarks == ()


def test_a_plan_far_from_0_0_is_brought_there(tmp_path: Path) -> None:
    path = drawing(tmp_path, lambda _, s: box(s, 150_000.5, 170_000.25, 150_008.5, 170_006.25, const_width=0.2))
    room = load_room(path)
    assert np.abs(room.bounds).max() < 20 and "[150000, 170000] m of the plan is [0, 0]" in remarks(room)


# --- how walls are drawn --------------------------------------------------------------------------------------


def outline(space: Any) -> None:
    box(space, 0, 0, 8, 6)
    box(space, 0.2, 0.2, 7.8, 5.8)


def pairs_without_ends(space: Any) -> None:
    for x0, y0, x1, y1 in ((0, 0, 8, 6), (0.2, 0.2, 7.8, 5.8)):
        for a, b in pairwise([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]):
            space.add_line(a, b, dxfattribs=LINE)


def wide_polyline(space: Any) -> None:
    box(space, 0.1, 0.1, 7.9, 5.9, const_width=0.2)


def solids(space: Any) -> None:
    for x0, y0, x1, y1 in ((0, 0, 8, 0.2), (0, 5.8, 8, 6), (0, 0, 0.2, 6), (7.8, 0, 8, 6)):
        space.add_solid([(x0, y0), (x1, y0), (x0, y1), (x1, y1)], dxfattribs=LINE)


def hatch_with_a_hole(space: Any) -> None:
    hatch = space.add_hatch(dxfattribs=LINE)
    hatch.paths.add_polyline_path([(0, 0), (8, 0), (8, 6), (0, 6)], is_closed=True)
    hatch.paths.add_polyline_path([(0.2, 0.2), (7.8, 0.2), (7.8, 5.8), (0.2, 5.8)], is_closed=True)


def hatches(space: Any) -> None:
    for x0, y0, x1, y1 in ((0, 0, 8, 0.2), (0, 5.8, 8, 6), (0, 0, 0.2, 6), (7.8, 0, 8, 6)):
        hatch = space.add_hatch(dxfattribs=LINE)
        hatch.paths.add_polyline_path([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], is_closed=True)


def in_a_block(space: Any) -> None:
    block = space.doc.blocks.new("STOREY")
    for x0, y0, x1, y1 in ((0, 0, 8, 6), (0.2, 0.2, 7.8, 5.8)):
        block.add_lwpolyline([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], close=True, dxfattribs=LINE)
    space.add_blockref("STOREY", (0, 0))


@pytest.mark.parametrize(
    "draw",
    [outline, pairs_without_ends, wide_polyline, solids, hatch_with_a_hole, hatches, in_a_block],
    ids=lambda f: f.__name__,
)
def test_ways_to_draw_a_wall(tmp_path: Path, draw: Callable[[Any], None]) -> None:
    room = load_room(drawing(tmp_path, lambda _, space: draw(space)))
    assert unlike(walls_of(room), shapely.box(0, 0, 8, 6).difference(shapely.box(0.2, 0.2, 7.8, 5.8))) < 0.02
    assert shapely.Polygon(room.zones["room_1"].polygon).area == pytest.approx(7.6 * 5.6, abs=0.01)


def test_single_lines_are_walls_of_the_stated_thickness(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        box(space, 0, 0, 8, 6)
        space.add_line((3, 0), (3, 6), dxfattribs=LINE)

    path = drawing(tmp_path, draw)
    mapped(path, "single_wall_m: 0.15\n")
    room = load_room(path)
    middle = shapely.MultiLineString([[(0, 0), (8, 0), (8, 6), (0, 6), (0, 0)], [(3, 0), (3, 6)]])
    assert unlike(walls_of(room), middle.buffer(0.075, cap_style="flat", join_style="mitre")) < 0.02
    assert "single lines are walls 0.15 m thick" in remarks(room) and "room_2" in room.zones


def test_slanted_and_round_walls_stay_closed(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        for inset in (0.0, 0.25):
            c = 0.25 / math.sin(math.pi / 8) if inset else 0.0  # corners of an octagon move farther than its sides
            r = 4 - c * math.sin(math.pi / 8) / math.cos(math.pi / 8)
            ring = [(5 + r * math.cos(math.pi * k / 4), 5 + r * math.sin(math.pi * k / 4)) for k in range(8)]
            space.add_lwpolyline(ring, close=True, dxfattribs=LINE)

    room = load_room(drawing(tmp_path, draw))
    walls = walls_of(room)
    assert len(walls.interiors) == 1 and walls.area == pytest.approx(8 * 0.25 * 2.96, rel=0.05)
    angles = np.linspace(0, 2 * math.pi, 100)
    rays = np.column_stack((np.cos(angles), np.sin(angles), np.zeros(100)))
    distance, _ = room.solid.closest_many(np.tile([5.0, 5.0, 1.0], (100, 1)), rays)
    assert distance.max() < 4.0, "nobody looks out through a crack"


def test_lines_that_almost_meet_and_end_at_a_doorway_without_jambs_are_walls(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        luck = np.random.default_rng(5)
        outer = [(0, 0), (8, 0), (8, 6), (0, 6), (0, 0)]
        inner = [(0.2, 2.5), (0.2, 0.2), (7.8, 0.2), (7.8, 5.8), (0.2, 5.8), (0.2, 3.5)]
        for a, b in (*pairwise(outer), *pairwise(inner)):
            space.add_line(np.add(a, luck.uniform(-0.002, 0.002, 2)), np.add(b, luck.uniform(-0.002, 0.002, 2)),
                           dxfattribs=LINE)  # fmt: skip
        space.add_arc((0.2, 2.55), 0.9, 0, 90, dxfattribs={"layer": "DOORS"})

    room = load_room(drawing(tmp_path, draw))
    truth = shapely.box(0, 0, 8, 6) - shapely.box(0.2, 0.2, 7.8, 5.8) - shapely.box(0, 2.55, 0.2, 3.45)
    assert unlike(walls_of(room), truth) < 0.06
    assert set(room.doors) == {"front_door"} and room.remarks == ()


def test_a_column_is_no_room(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        outline(space)
        box(space, 3, 3, 3.8, 3.8)
        box(space, 5, 3, 5.3, 3.3)

    room = load_room(drawing(tmp_path, draw))
    assert {n for n in room.zones if not n.startswith("outside")} == {"room_1"}
    assert "at [3.40, 3.40], 0.49 m², is no room" in remarks(room)
    assert walls_of(room).intersects(shapely.Point(5.15, 3.15)) and not room.walkable.reachable((1, 1), (3.4, 3.4))


def test_a_shed_and_a_text_that_is_called_like_the_ground(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        outline(space)
        box(space, 12, 2, 14, 4)
        box(space, 12.1, 2.1, 13.9, 3.9)
        box(space, 20, 0, 26, 6)
        box(space, 20.2, 0.2, 25.8, 5.8)
        space.add_text("Outside west", dxfattribs={"layer": "TEXT", "insert": (3, 3)})

    room = load_room(drawing(tmp_path, draw))
    assert {"outside_west", "outside_west_2", "room_1", "room_2"} <= set(room.zones)
    assert room.zone_at((3, 3)) == "outside_west" and room.zone_at((-1, 3)) == "outside_west_2"
    assert (room.zone_at((11, 3)) or "").startswith("outside") and (room.zone_at((13, 3)) or "").startswith("room")


# --- doors, windows, gaps -------------------------------------------------------------------------------------


def split(space: Any, gap: tuple[float, float] = (2.0, 3.0)) -> None:
    """Two rooms one above the other; the wall between them, y 3 to 3.2, has a gap."""
    outline(space)
    box(space, 0.2, 3, gap[0], 3.2)
    box(space, gap[1], 3, 7.8, 3.2)


def test_loose_arcs_and_lines_are_doors_too(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        split(space)
        space.add_arc((2, 3.2), 1.0, 0, 90, dxfattribs={"layer": "DOORS"})
        space.add_line((2, 3.2), (2, 4.2), dxfattribs={"layer": "DOORS"})

    room = load_room(drawing(tmp_path, draw))
    (door,) = room.doors.values()
    assert door.hinge[:2] == pytest.approx((2.0, 3.179), abs=0.005) and door.width == pytest.approx(1.0)
    assert door.closed_yaw == pytest.approx(0.0, abs=1e-6) and math.degrees(door.swing) == pytest.approx(90)


def test_two_leaves_in_one_doorway(tmp_path: Path) -> None:
    def draw(doc: Any, space: Any) -> None:
        split(space, (2.0, 3.6))
        block = doc.blocks.new("DOUBLE")
        block.add_arc((0, 0), 0.8, 0, 90)
        block.add_arc((1.6, 0), 0.8, 90, 180)
        space.add_blockref("DOUBLE", (2, 3.2), dxfattribs={"layer": "DOORS"})

    room = load_room(drawing(tmp_path, draw))
    hinges = sorted(d.hinge[0] for d in room.doors.values())
    assert hinges == pytest.approx([2.0, 3.6], abs=0.005)
    assert sorted(math.degrees(d.swing) for d in room.doors.values()) == pytest.approx([-90, 90])


def test_a_door_without_a_swing_is_hung_and_a_narrow_one_is_told_of(tmp_path: Path) -> None:
    def draw(doc: Any, space: Any) -> None:
        split(space)
        space.add_line((2, 3.1), (3, 3.1), dxfattribs={"layer": "DOORS"})
        space.add_line((6, 3.1), (6.35, 3.1), dxfattribs={"layer": "DOORS"})

    room = load_room(drawing(tmp_path, draw))
    (door,) = room.doors.values()
    assert door.middle[0] == pytest.approx(2.5, abs=0.01)
    assert "which is 0.35 m wide; a leaf has 0.4 to 3 m" in remarks(room)


def test_a_window_may_be_loose_lines_beside_each_other(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        outline(space)
        for y in (0.0, 0.1, 0.2):
            space.add_line((3, y), (4.5, y), dxfattribs={"layer": "WINDOWS"})

    text, said = plan_to_layout(drawing(tmp_path, draw))
    (window,) = parse(text).data["windows"]
    assert window["at"] == pytest.approx([3.75, 0.1]) and window["width_m"] == pytest.approx(1.5) and said == ()


def test_a_gap_without_a_door_is_an_opening(tmp_path: Path) -> None:
    room = load_room(drawing(tmp_path, lambda _, space: split(space)))
    assert "gap of 1.00 m in the wall at [2.50, 3.10] has no door" in remarks(room)
    assert {"room_1", "room_2"} < set(room.zones) and not room.doors
    assert room.walkable.reachable((2, 1), (2, 5))


def test_a_door_that_lies_in_no_wall_is_left_out_with_its_handle(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        outline(space)
        space.add_arc((4, 3), 0.9, 0, 90, dxfattribs={"layer": "DOORS"})

    room = load_room(drawing(tmp_path, draw))
    assert not room.doors
    assert "ARC #" in remarks(room) and "on layer 'DOORS'), which lies in no wall" in remarks(room)


def test_furniture_in_the_wilderness_is_left_out(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        outline(space)
        for x in (20.0, 4e5):
            space.add_lwpolyline(
                [(x, 0), (x + 1, 0), (x + 1, 1), (x, 1)], close=True, dxfattribs={"layer": "FURNITURE"}
            )

    room = load_room(drawing(tmp_path, draw))
    assert remarks(room).count("which does not stand inside a room") == 2


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        outline(space)
        space.add_circle((1, 1), 0.5, dxfattribs={"layer": "Plumbing"})
        space.add_circle((2, 1), 0.5, dxfattribs={"layer": "Plumbing"})
        space.add_text("outside", dxfattribs={"layer": "TEXT", "insert": (20, 1)})

    told = remarks(load_room(drawing(tmp_path, draw)))
    assert "left out: 2 x what is on layer 'Plumbing'" in told
    assert "the text 'outside' at [20.00, 1.00] lies in no room" in told


def test_outlines_of_rooms_part_an_open_floor(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        outline(space)
        space.add_lwpolyline([(0.2, 0.2), (4, 0.2), (4, 5.8), (0.2, 5.8)], close=True, dxfattribs={"layer": "ROOMS"})
        space.add_text("Kitchen 12 m2", dxfattribs={"layer": "ROOMS", "insert": (1, 1)})
        space.add_text("Bar", dxfattribs={"layer": "ROOMS", "insert": (6, 1)})

    room = load_room(drawing(tmp_path, draw))
    assert shapely.Polygon(room.zones["kitchen"].polygon).area == pytest.approx(3.8 * 5.6, abs=0.02)
    assert shapely.Polygon(room.zones["bar"].polygon).area == pytest.approx(3.8 * 5.6, abs=0.05)


# --- the mapping file -----------------------------------------------------------------------------------------


def test_a_mapping_file_tells_materials_heights_and_layers(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        for inset in (0, 0.2):
            space.add_lwpolyline(
                [(inset, inset), (8 - inset, inset), (8 - inset, 6 - inset), (inset, 6 - inset)],
                close=True, dxfattribs={"layer": "X1"},
            )  # fmt: skip
        space.add_lwpolyline([(3, 2), (3.1, 2), (3.1, 4), (3, 4)], close=True, dxfattribs={"layer": "X2"})
        space.add_lwpolyline([(5, 2), (6, 2), (6, 3), (5, 3)], close=True, dxfattribs={"layer": "STUFF"})

    path = drawing(tmp_path, draw)
    mapped(path, """
name: Range house
height_m: 3
layers: {walls: [X1, X2], furniture: STUFF}
wall_materials: {x1: brick, "*": wood}
wall_heights: {X2: 1.1}
floor: wood
outside_m: 0
furniture: {STUFF: {kind: cupboard, height_m: 2.2, material: steel}}
""")  # fmt: skip
    room = load_room(path)
    tops = {(s.material, round(float(s.vertices[:, 2].max()), 2)) for s in room.surfaces}
    assert {("brick", 3.0), ("wood", 1.1), ("steel", 2.2), ("wood", 0.0)} <= tops
    assert room.name == "Range house" and not any(n.startswith("outside") for n in room.zones)
    assert room.files == (path, path.with_name(path.stem + ".map.yaml"))


def test_a_mapping_file_that_comes_later_is_taken(tmp_path: Path) -> None:
    path = drawing(tmp_path, lambda _, space: outline(space))
    assert load_room(path).bounds[1][2] == pytest.approx(2.8)
    mapped(path, "height_m: 3\n")
    assert load_room(path).bounds[1][2] == pytest.approx(3.2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("heigth_m: 3\n", ":2:1: unknown key 'heigth_m'; did you mean 'height_m'?"),
        ("units: km\n", ":2:8: units is 'km'"),
        ("floor: wod\n", "no material is called 'wod'; did you mean 'wood'?"),
        ("layers: {wals: [A]}\n", ":2:16: 'wals' cannot be a key here; did you mean 'walls'?"),
        ("units: mm\nmetres_per_unit: 1.0\n", "one of units and metres_per_unit"),
        ("height_m: .nan\n", "height_m is nan"),
    ],
)
def test_a_mapping_file_is_checked_with_place(plan: Path, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "m.yaml"
    file.write_text("xrlab: 1\n" + text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_plan(plan, file)
    assert str(error.value).startswith(str(file)) and said in str(error.value)


@pytest.mark.parametrize(("units", "scale"), [(1, 0.0254), (2, 0.3048), (4, 0.001), (5, 0.01), (14, 0.1), (6, 1.0)])
def test_units_are_the_files(tmp_path: Path, units: int, scale: float) -> None:
    k = 1 / scale
    path = drawing(tmp_path, lambda _, s: box(s, 0, 0, 8 * k, 6 * k, const_width=0.2 * k), units=units)
    assert shapely.Polygon(load_room(path).zones["room_1"].polygon).area == pytest.approx(7.8 * 5.8, rel=0.002)


def test_a_unit_that_is_not_said_is_taken_from_the_size_or_stated(tmp_path: Path) -> None:
    path = drawing(tmp_path, lambda _, s: box(s, 0, 0, 8000, 6000, const_width=200), units=0)
    assert "does not say its unit; mm was taken" in remarks(load_room(path))
    stated = drawing(tmp_path, lambda _, s: box(s, 0, 0, 80, 60, const_width=2), units=0)
    mapped(stated, "units: dm\n")
    assert load_room(stated).bounds[1][0] == pytest.approx(11.1)


# --- files that mean harm -------------------------------------------------------------------------------------


def line_of(path: Path) -> str:
    with pytest.raises(InputError) as error:
        load_room(path)
    said = str(error.value)
    assert said.startswith(f"{path}: ") and len(said.splitlines()) == 1
    return said


def number_in_place_of_a_corner(text: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = drawing(folder, lambda _, s: s.add_line((0, 0), (7777, 1), dxfattribs=LINE))
        path.write_text(path.read_text().replace("7777.0", text))
        return path

    return make


def copies(folder: Path) -> Path:
    def draw(doc: Any, space: Any) -> None:
        outline(space)
        doc.blocks.new("B").add_line((0, 0), (1, 0), dxfattribs=LINE)
        space.add_blockref("B", (0, 0), dxfattribs={"row_count": 30_000, "column_count": 30_000, "layer": "WALLS"})

    return drawing(folder, draw)


def nested(folder: Path) -> Path:
    def draw(doc: Any, space: Any) -> None:
        doc.blocks.new("B0").add_point((0, 0), dxfattribs=LINE)
        for level in range(1, 12):
            block = doc.blocks.new(f"B{level}")
            for k in range(10):
                block.add_blockref(f"B{level - 1}", (k, 0))
        space.add_blockref("B11", (0, 0))

    return drawing(folder, draw)


def many_entities(folder: Path) -> Path:
    path = drawing(folder, lambda _, s: outline(s))
    text = path.read_text()
    head, tail = text.split("ENTITIES\n", 1)
    one = "  0\nLINE\n  8\nWALLS\n 10\n0\n 20\n0\n 11\n1\n 21\n1\n"
    path.write_text(head + "ENTITIES\n" + one * 1_000_000 + tail)
    return path


def written(content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "bad.dxf"
        path.write_bytes(content)
        return path

    return make


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (written(b""), "is no DXF file"),
    "random bytes": (written(np.random.default_rng(1).bytes(20_000)), "is no DXF file"),
    "text": (written(b"hello\n" * 99), "is no DXF file"),
    "dwg": (written(b"AC1032\0\0\0"), "is a DWG file"),
    "binary": (written(b"AutoCAD Binary DXF\r\n\x1a\0"), "binary DXF"),
    "only a head": (written(b"  0\nSECTION\n  2\nENTITIES\n"), ""),
    "NaN": (number_in_place_of_a_corner("nan"), "on layer 'WALLS' has a coordinate that is no place: nan"),
    "huge": (number_in_place_of_a_corner("1e308"), "has a coordinate that is no place: 1e+308"),
    "copies": (copies, "stands for 900,000,000 copies"),
    "nested blocks": (nested, "unfolds to more than 3,000 entities"),
    "a million entities": (many_entities, "a plan may have 150,000"),
    "light years": (lambda f: drawing(f, lambda _, s: outline(s), units=19), "state its unit"),
    "microns": (lambda f: drawing(f, lambda _, s: outline(s), units=13), "state its unit"),
    "no walls": (lambda f: drawing(f, lambda _, s: s.add_line((0, 0), (5, 5))), "draws no walls"),
    "open walls": (lambda f: drawing(f, lambda _, s: s.add_line((0, 0), (5, 5), dxfattribs=LINE)), "close no room"),
    "hatching as walls": (
        lambda f: drawing(f, lambda _, s: [s.add_line((0, k / 50), (5, k / 50), dxfattribs=LINE) for k in range(3000)]),
        "keep hatching off the layers of walls",
    ),
    "a tangle": (
        lambda f: drawing(f, lambda _, s: [s.add_line((0, k), (90, 7 * k % 400), dxfattribs=LINE) for k in range(400)]),
        "keep hatching off the layers of walls",
    ),
    "no unit": (lambda f: drawing(f, lambda _, s: box(s, 0, 0, 7e6, 7e6), units=0), "does not say its unit"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_plan_that_means_harm_is_told_in_one_line(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dxf, "MAX_UNFOLDED", 3_000)
    make, said = HOSTILE[name]
    assert said in line_of(make(tmp_path))


def test_a_block_that_contains_itself_is_left_out(tmp_path: Path) -> None:
    def draw(doc: Any, space: Any) -> None:
        outline(space)
        block = doc.blocks.new("LOOP")
        block.add_line((3, 0.2), (3, 5.8), dxfattribs=LINE)
        block.add_blockref("LOOP", (0, 0))
        space.add_blockref("LOOP", (0, 0), dxfattribs=LINE)

    assert "block 'LOOP', which contains itself" in remarks(load_room(drawing(tmp_path, draw)))


several = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def room_or_line(path: Path) -> None:
    try:
        room = load_room(path)
    except InputError as error:
        assert str(error).startswith(f"{path}") and len(str(error).splitlines()) == 1
    else:
        assert np.isfinite(room.bounds).all()


@several
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(32, 126)), max_size=6), st.floats(0, 1))
def test_damaged_bytes(tmp_path: Path, damage: list[tuple[float, int]], keep: float) -> None:
    good = tmp_path / "good.dxf"
    if not good.exists():
        doc = ezdxf.new("R12")
        doc.header["$INSUNITS"] = 6
        for a, b in (((0, 0), (8, 0)), ((8, 0), (8, 6)), ((8, 6), (0, 6)), ((0, 6), (0, 0))):
            doc.modelspace().add_line(a, b, dxfattribs=LINE)
        doc.modelspace().add_arc((8, 2), 0.9, 90, 180, dxfattribs={"layer": "DOORS"})
        doc.saveas(good)
    raw = bytearray(good.read_bytes())
    for place, value in damage:
        raw[int(place * (len(raw) - 1))] = value
    if keep < 0.2:
        raw = raw[: int(5 * keep * len(raw))]
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.dxf"
    path.write_bytes(bytes(raw))
    room_or_line(path)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.integers(200, 500), min_size=1, max_size=3), st.lists(st.integers(200, 500), min_size=1, max_size=3),
    st.integers(8, 40), st.integers(0, 359), st.booleans(),
)  # fmt: skip
def test_any_rectangular_plan(
    tmp_path: Path, widths: list[int], depths: list[int], thick: int, turned: int, swings: bool
) -> None:
    """A grid of rooms, all of them joined by doors along each row and up the first column, turned by any angle."""
    xs, ys = np.cumsum([0, *(w + thick for w in widths)]) / 100, np.cumsum([0, *(d + thick for d in depths)]) / 100
    t = thick / 100
    c, s = math.cos(math.radians(turned)), math.sin(math.radians(turned))
    rooms = [shapely.box(x + t, y + t, x1, y1) for x, x1 in pairwise(xs)
             for y, y1 in pairwise(ys)]  # fmt: skip
    doors = [((x + t / 2, y + t + 1.0), True) for x in xs[:-1] for y in ys[:-1]]
    doors += [((xs[0] + t + 1.0, y + t / 2), False) for y in ys[1:-1]]
    reach = [(t / 2, 0.45) if up else (0.45, t / 2) for _, up in doors]
    holes = [shapely.box(x - u, y - v, x + u, y + v) for ((x, y), _), (u, v) in zip(doors, reach, strict=True)]
    walls = shapely.box(0, 0, xs[-1] + t, ys[-1] + t).difference(shapely.union_all([*rooms, *holes]))

    def turn(p: tuple[float, float]) -> tuple[float, float]:
        return p[0] * c - p[1] * s, p[0] * s + p[1] * c

    def draw(_: Any, space: Any) -> None:
        for part in shapely.get_parts(walls.buffer(-1e-7).buffer(1e-7, join_style="mitre")):
            for ring in (part.exterior, *part.interiors):
                space.add_lwpolyline([turn(p) for p in ring.coords[:-1]], close=True, dxfattribs=LINE)
        for (x, y), up in doors:
            layer = {"layer": "DOORS"}
            if not swings:
                ends = ((x, y - 0.45), (x, y + 0.45)) if up else ((x - 0.45, y), (x + 0.45, y))
                space.add_line(turn(ends[0]), turn(ends[1]), dxfattribs=layer)
            elif up:  # hinged below, opens to the east
                space.add_arc(turn((x + t / 2, y - 0.45)), 0.9, turned, turned + 90, dxfattribs=layer)
            else:
                space.add_arc(turn((x - 0.45, y + t / 2)), 0.9, turned, turned + 90, dxfattribs=layer)

    room = load_room(drawing(tmp_path, draw))
    turned_walls = shapely.transform(
        walls, lambda p: np.column_stack((p[:, 0] * c - p[:, 1] * s, p[:, 0] * s + p[:, 1] * c))
    )
    assert unlike(walls_of(room), turned_walls) < 0.02 * walls.area + 0.02
    assert len(room.doors) == len(doors)
    found = sorted((round(d.middle[0], 2), round(d.middle[1], 2)) for d in room.doors.values())
    for x, y in (turn(p) for p, _ in doors):
        assert min(math.hypot(x - u, y - v) for u, v in found) < t / 2 + 0.03
    indoors = [z for n, z in room.zones.items() if not n.startswith("outside")]
    assert len(indoors) == len(rooms)
    for zone in indoors:
        assert room.walkable.reachable(room.points["entrance"].position[:2], zone.inner_point)
