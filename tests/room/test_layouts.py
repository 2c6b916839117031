"""Rooms from a few lines of YAML: walls, doors, windows and furniture come out where and as the file says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xrlab.errors import InputError
from xrlab.geometry.transforms import Array
from xrlab.room import Room, load_room
from xrlab.room.info import describe

anew = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def layout(folder: Path, text: str, name: str = "room.yaml") -> Path:
    path = folder / name
    path.write_text("xrlab: 1\nname: Test\n" + text, encoding="utf-8")
    return path


def room_of(folder: Path, text: str) -> Room:
    return load_room(layout(folder, text, f"room{len(list(folder.iterdir()))}.yaml"))


def volume(room: Room, *names: str) -> float:
    """Volume (m³) enclosed by the surfaces whose names begin so, by the divergence theorem."""
    total = 0.0
    for s in room.surfaces:
        if s.name.startswith(names):
            a, b, c = (s.vertices[s.faces[:, k]] for k in range(3))
            total += float(np.einsum("ij,ij->", a, np.cross(b, c))) / 6
    return total


def look(room: Room, origin: tuple[float, float, float], to: tuple[float, float, float]) -> tuple[float, str, str]:
    """Distance, material and surface that a bullet from `origin` towards `to` meets first."""
    way = np.subtract(to, origin, dtype=float)
    way /= np.linalg.norm(way)
    distance, triangle = room.solid.closest(origin, tuple(way.tolist()))
    if triangle < 0:
        return distance, "", ""
    return distance, room.material_of(triangle).name, room.surface_of(triangle)


# --- walls ----------------------------------------------------------------------------------------------


@anew
@given(
    st.lists(st.floats(1.5, 6), min_size=1, max_size=3),
    st.lists(st.floats(1.5, 6), min_size=1, max_size=3),
    st.floats(0.05, 0.4),
    st.floats(2.2, 4),
)
def test_walls_hold_as_much_as_their_footprint_times_their_height(
    tmp_path: Path, widths: list[float], depths: list[float], thick: float, height: float
) -> None:
    xs, ys = np.cumsum([0, *widths]), np.cumsum([0, *depths])
    rooms = [
        f"  r{i}_{j}: {{rect: [{xs[i]}, {ys[j]}, {widths[i]}, {depths[j]}]}}"
        for i in range(len(widths))
        for j in range(len(depths))
    ]
    doors = [f"  d{i}: {{between: [r{i}_0, r{i + 1}_0], width_m: 0.9}}" for i in range(len(widths) - 1)]
    text = f"wall_m: {thick}\nheight_m: {height}\nrooms:\n" + "\n".join(rooms) + "\n"
    text += "doors:\n" + "\n".join(doors) + "\n" if doors else ""
    room = room_of(tmp_path, text)
    lines = [shapely.LineString([(x, 0), (x, ys[-1])]) for x in xs]
    lines += [shapely.LineString([(0, y), (xs[-1], y)]) for y in ys]
    walls = shapely.union_all([line.buffer(thick / 2, cap_style="square") for line in lines])
    holes = len(doors) * 0.9 * thick * 2.03
    assert volume(room, "wall") == pytest.approx(walls.area * height - holes, rel=1e-6)
    floor, ceiling = volume(room, "floor"), volume(room, "ceiling")
    assert floor == pytest.approx(float(xs[-1] * ys[-1]) * 0.2, rel=1e-6)
    assert ceiling == pytest.approx(floor, rel=1e-6)


def test_free_walls_have_their_own_thickness_height_and_material(tmp_path: Path) -> None:
    text = """
rooms: {hall: {rect: [0, 0, 10, 6]}}
walls: [{from: [3, 1], to: [3, 5], thickness_m: 0.3, height_m: 1.2, material: brick}]
"""
    room = room_of(tmp_path, text)
    assert volume(room, "free wall") == pytest.approx(4 * 0.3 * 1.2)
    assert look(room, (1, 3, 1.0), (9, 3, 1.0))[:2] == (pytest.approx(1.85), "brick")
    assert look(room, (1, 3, 1.5), (9, 3, 1.5))[0] == pytest.approx(8.94), "over it the far wall is met"


def test_a_polygon_with_a_bend_is_a_room(tmp_path: Path) -> None:
    room = room_of(tmp_path, "rooms: {l: {polygon: [[0, 0], [6, 0], [6, 2], [2, 2], [2, 6], [0, 6]]}}\n")
    assert volume(room, "floor") == pytest.approx(20 * 0.2)
    assert room.zone_at((1, 5)) == "l" and room.zone_at((4, 4)) is None
    assert room.zones["l"].contains(np.array([room.zones["l"].inner_point]))[0]
    assert look(room, (1, 4, 1), (9, 4, 1))[0] == pytest.approx(0.94)


def test_a_terrace_has_a_floor_and_neither_walls_nor_ceiling(tmp_path: Path) -> None:
    room = room_of(tmp_path, "rooms: {a: {rect: [0, 0, 4, 4]}, yard: {rect: [4, 0, 4, 4], outside: true}}\n")
    assert look(room, (6, 2, 1), (6, 2, 9))[1] == ""
    assert look(room, (6, 2, 1), (6, 2, -9))[2] == "floor of yard"
    assert look(room, (6, 2, 1), (20, 2, 1))[1] == ""
    assert look(room, (2, 2, 1), (2, 2, 9))[2] == "ceiling of a"


def test_walls_take_the_colour_of_the_room_that_they_look_into(tmp_path: Path) -> None:
    text = """
wall_color: '#808080'
rooms:
  red: {rect: [0, 0, 4, 4], wall_color: '#ff0000'}
  blue: {rect: [4, 0, 4, 4], wall_color: '#0000ff'}
"""
    room = room_of(tmp_path, text)
    colors = {s.name: s.color[:3] for s in room.surfaces}
    assert look(room, (2, 2, 1), (4, 2, 1))[2] == "wall of red"
    assert look(room, (6, 2, 1), (4, 2, 1))[2] == "wall of blue"
    assert colors["wall of red"] == (1, 0, 0) and colors["wall of blue"] == (0, 0, 1)
    assert look(room, (-3, 2, 1), (0, 2, 1))[2] == "wall"


def test_the_floor_may_lie_higher(tmp_path: Path) -> None:
    room = room_of(tmp_path, "floor_m: 3.0\nrooms: {a: {rect: [0, 0, 4, 4]}}\npoints: {p: {at: [2, 2]}}\n")
    assert room.points["p"].position == (2, 2, 3)
    assert room.floor == 3.0 and room.walkable.stands(2, 2)
    assert room.bounds[0][2] == pytest.approx(2.8)


# --- holes ----------------------------------------------------------------------------------------------

# two rooms side by side along an axis: their rectangles, the middle of the wall between, and the way across it
WALLS = {
    "x": ("[0, 0, 4, 4]", "[4, 0, 4, 4]", (4.0, 2.0), (1.0, 0.0)),
    "y": ("[0, 0, 4, 4]", "[0, 4, 4, 4]", (2.0, 4.0), (0.0, 1.0)),
}


@pytest.mark.parametrize("axis", ["x", "y"])
@pytest.mark.parametrize("into", ["a", "b"])
@pytest.mark.parametrize("hinge", ["left", "right"])
@pytest.mark.parametrize("degrees", [95.0, 175.0])
def test_doors_hang_on_the_side_and_open_into_the_room_that_is_asked(
    tmp_path: Path, axis: str, into: str, hinge: str, degrees: float
) -> None:
    one, other, (mx, my), (ax, ay) = WALLS[axis]
    text = f"""
rooms: {{a: {{rect: {one}}}, b: {{rect: {other}}}}}
doors: {{d: {{between: [a, b], opens_into: {into}, hinge: {hinge}, swing_deg: {degrees}}}}}
"""
    room = room_of(tmp_path, text)
    door = room.doors["d"]
    sign = 1 if into == "b" else -1
    looking = np.array([-ax * sign, -ay * sign])  # who stands in that room and looks at the door
    left = np.array([-looking[1], looking[0]])
    side = float((np.array(door.hinge[:2]) - (mx, my)) @ left)
    assert side == pytest.approx(0.465 if hinge == "left" else -0.465)
    half_open = np.array(door.hinge[:2]) + door.width * np.array([math.cos(a := door.yaw(0.5)), math.sin(a)])
    assert room.zone_at(tuple(half_open)) == into
    shut = np.array(door.hinge[:2]) + door.width * np.array([math.cos(a := door.yaw(0.0)), math.sin(a)])
    assert float((shut - (mx, my)) @ left) == pytest.approx(-side), "shut, the leaf reaches to the other jamb"
    assert abs(float((np.array(door.middle[:2]) - (mx, my)) @ left)) < 1e-9
    assert describe(room)["warnings"] == ["has no lamps; it is drawn in even light"], "it turns without meeting a wall"


def test_a_doorway_is_open_to_a_bullet_and_its_lintel_is_not(tmp_path: Path) -> None:
    room = room_of(tmp_path, "rooms: {a: {rect: [0, 0, 4, 4]}, b: {rect: [4, 0, 4, 4]}}\ndoors: {d: {between: [a, b]}}")
    for y in (2 - 0.45, 2.0, 2 + 0.45):
        assert look(room, (1, y, 2.0), (7, y, 2.0))[0] == pytest.approx(6.94)
        assert look(room, (1, y, 2.1), (7, y, 2.1))[0] == pytest.approx(2.94)
    assert look(room, (1, 2.48, 1.0), (7, 2.48, 1.0))[0] == pytest.approx(2.94)
    assert room.walkable.reachable((1, 2), (7, 2)), "doors count as passable"


def test_a_window_is_seen_through_and_shot_through_its_wall_is_not(tmp_path: Path) -> None:
    room = room_of(tmp_path, "rooms: {a: {rect: [0, 0, 4, 4]}}\nwindows: [{at: [4, 2], width_m: 1.2}]\n")
    inside, outside = np.array([[1.0, 2, 1.5]]), np.array([[8.0, 2, 1.5]])
    assert not room.opaque.blocked_many(inside, outside)[0]
    assert room.solid.blocked_many(inside, outside)[0], "there is a pane"
    distance, material, name = look(room, (1, 2, 1.5), (8, 2, 1.5))
    assert (material, name) == ("glass", "window 1")
    assert distance == pytest.approx(3.0, abs=0.01), "in the middle of the wall"
    assert not room.material_of(room.solid.closest((1, 2, 1.5), (1, 0, 0))[1]).shields
    for z in (0.85, 2.15):
        assert room.opaque.blocked_many(np.array([[1.0, 2, z]]), np.array([[8.0, 2, z]]))[0]


def test_an_opening_may_begin_above_the_floor(tmp_path: Path) -> None:
    text = "rooms: {a: {rect: [0, 0, 4, 4]}, b: {rect: [4, 0, 4, 4]}}\nopenings: [{between: [a, b], sill_m: 1.0}]\n"
    room = room_of(tmp_path, text)
    assert look(room, (1, 2, 1.5), (7, 2, 1.5))[0] == pytest.approx(6.94)
    assert look(room, (1, 2, 0.9), (7, 2, 0.9))[0] == pytest.approx(2.94)
    assert not room.walkable.reachable((1, 2), (7, 2))


def test_a_door_tells_by_whom_and_how_it_opens(tmp_path: Path) -> None:
    text = """
rooms: {a: {rect: [0, 0, 4, 4]}, b: {rect: [4, 0, 4, 4]}}
doors:
  locked: {at: [4, 1], opened_by: nobody}
  ours: {at: [4, 3], opened_by: [police, gunman], open: true, seconds: 2, material: steel}
"""
    doors = room_of(tmp_path, text).doors
    assert doors["locked"].opened_by == ("nobody",) and doors["locked"].begins_open == 0.0
    assert doors["ours"].opened_by == ("police", "gunman") and doors["ours"].begins_open == 1.0
    assert doors["ours"].seconds == 2 and doors["ours"].material == "steel"


# --- furniture, lamps -----------------------------------------------------------------------------------


@anew
@given(
    st.sampled_from(["box", "table", "desk", "chair", "sofa", "bed", "cupboard", "counter"]),
    st.tuples(st.floats(0.05, 2), st.floats(0.05, 2), st.floats(0.05, 1.5)),
    st.floats(-180, 180),
)
def test_furniture_fills_its_size_and_stays_in_it(
    tmp_path: Path, kind: str, size: tuple[float, float, float], yaw: float
) -> None:
    text = f"""
rooms: {{a: {{rect: [0, 0, 9, 9]}}}}
furniture: [{{kind: {kind}, at: [4.5, 4.5], size_m: [{size[0]}, {size[1]}, {size[2]}], yaw_deg: {yaw}}}]
"""
    room = room_of(tmp_path, text)
    corners: Array = np.concatenate([s.vertices for s in room.surfaces if s.name == kind]) - (4.5, 4.5, 0)
    c, s = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    own = corners[:, :2] @ np.array([[c, -s], [s, c]])
    assert np.abs(own).max(axis=0) == pytest.approx(np.array(size[:2]) / 2, abs=1e-6)
    assert corners[:, 2].min() >= -1e-9
    assert corners[:, 2].max() == pytest.approx(size[2], abs=0.401 if kind == "bed" else 1e-9), "a bed has a board"
    assert volume(room, kind) > 0, "its faces look outwards"
    if size[2] > 0.4:
        assert not room.walkable.stands(4.5, 4.5), "its seat or top is higher than a step"


def test_a_lamp_gives_linear_light_of_its_group(tmp_path: Path) -> None:
    text = "rooms: {a: {rect: [0, 0, 4, 4]}}\nlights: [{at: [2, 2, 2.4], color: '#ff8000', lumens: 800, group: hall}]\n"
    (lamp,) = room_of(tmp_path, text).lights
    assert lamp.color == pytest.approx((1.0, 0.216, 0.0), abs=0.005)
    assert (lamp.power, lamp.group, lamp.position) == (800, "hall", (2, 2, 2.4))


def test_what_its_author_should_look_at_is_told_but_does_not_stop_it(tmp_path: Path) -> None:
    text = """rooms: {a: {rect: [0, 0, 4, 4]}, b: {rect: [4, 0, 4, 4]}, c: {rect: [8, 0, 2, 2]}}
doors: {d: {between: [b, a], width_m: 0.9, opens_into: b, hinge: left}}
furniture:
  - {kind: cupboard, at: [4.6, 2.1], size_m: [0.4, 0.4, 2]}
  - {kind: box, at: [4.7, 2.2], size_m: [0.4, 0.4, 2]}
  - {kind: table, at: [2, 1], size_m: [1, 1, 0.7]}
  - {kind: chair, at: [2, 1.4], size_m: [0.4, 0.4, 0.9]}
  - {kind: box, at: [2, 1], size_m: [0.3, 0.3, 0.3], over_floor_m: 0.7}
lights: [{at: [2, 2, 2]}]
"""
    path = layout(tmp_path, text)
    warnings = describe(load_room(path))["warnings"]
    assert len(warnings) == 4
    assert warnings[3] == "zone 'b' is reached from zone 'a' only through a gap of less than 0.6 m"
    assert warnings[0].startswith(f"{path}:7:21: this box stands in the cupboard at [4.6, 2.1]")
    assert "door 'd' opens only" in warnings[1] and "cupboard" in warnings[1]
    assert warnings[2] == "zone 'c' cannot be reached on foot from zone 'a'"


# --- what is wrong --------------------------------------------------------------------------------------

WRONG = [
    ("rooms: {a: {rect: [0, 0, 4, 4], flor: tile}}", "3:33", "did you mean 'floor'?"),
    ("height_m: two metres\nrooms: {a: {rect: [0, 0, 4, 4]}}", "3:11", "should be a valid number"),
    ("height_m: '2.6'\nrooms: {a: {rect: [0, 0, 4, 4]}}", "3:11", "should be a valid number"),
    ("height_m: true\nrooms: {a: {rect: [0, 0, 4, 4]}}", "3:11", "should be a valid number"),
    ("height_m: 2600\nrooms: {a: {rect: [0, 0, 4, 4]}}", "3:11", "at most 50"),
    ("rooms: {a: {rect: [.nan, 0, 4, 4]}}", "3:20", "finite"),
    ("rooms: {a: {rect: [0, 0, .inf, 4]}}", "3:26", "finite"),
    ("rooms: {a: {rect: [0, 0, 1e308, 4]}}", "3:26", "at most 500"),
    ("rooms: {a: {rect: [0, 0, 4, -4]}}", "3:29", "more than 0"),
    ("rooms: {a: {rect: [0, 0, 4, 4], floor: wod}}", "3:40", "did you mean 'wood'?"),
    ("rooms: {a: {rect: [0, 0, 4, 4], floor_color: #aabbcc\n}}", "3:12", "needs quotes"),
    (
        "rooms: {a: {polygon: [[0, 0], [4, 4], [4, 0], [0, 4]]}}",
        "3:12",
        "crosses itself or has no area near [2.00, 2.00]",
    ),
    ("rooms: {a: {rect: [0, 0, 4, 4]}, b: {rect: [3, 3, 4, 4]}}", "3:37", "overlap by 1.00 m²"),
    ("wall_m: 1.9\nrooms: {a: {rect: [0, 0, 1.5, 1.5]}}", "4:12", "no floor left"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\nzones: {z: {rect: [3, 3, 3, 3]}}", "4:12", "reaches outside"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\npoints: {p: {at: [9, 9]}}", "4:18", "lies outside of all rooms"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\npoints: {p: {at: [0, 2]}}", "4:18", "inside a wall"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\npoints: {a: {at: [2, 2]}}", "4:10", "every name may be used once"),
    (
        "rooms: {a: {rect: [0, 0, 4, 4]}}\ndoors: {d: {at: [2, 2]}}",
        "4:17",
        "lies on no wall; the nearest is 2.00 m away",
    ),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\ndoors: {d: {at: [0, 0.2]}}", "4:12", "it fits at [0.00, 0.54]"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\ndoors: {d: {at: [0, 2], width_m: 9 cm}}", "4:34", "should be a valid number"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\ndoors: {d: {between: [a, bb]}}", "4:26", "no room is called 'bb'"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\ndoors: {d: {at: [0, 2], opens_into: b}}", "4:37", "no room is called 'b'"),
    (
        "rooms: {a: {rect: [0, 0, 4, 4]}, b: {rect: [9, 0, 4, 4]}}\ndoors: {d: {between: [a, b]}}",
        "4:22",
        "no wall in common",
    ),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\nwindows: [{at: [0, 2]}, {at: [0, 2.5]}]", "4:25", "overlaps window 1"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\nwindows: [{at: [0, 2], height_m: 2}]", "4:34", "reaches 2.9 m up"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\nlights: [{at: [2, 2, 3]}]", "4:15", "the ceiling at 2.6 m"),
    ("rooms: {a: {rect: [0, 0, 4, 4]}}\nfurniture: [{at: [9, 9], size_m: [1, 1, 1]}]", "4:18", "outside of all rooms"),
    (
        "rooms: {a: {rect: [0, 0, 4, 4]}}\nfurniture: [{kind: taple, at: [2, 2], size_m: [1, 1, 1]}]",
        "4:20",
        "did you mean 'table'?",
    ),
    ("mesh: {file: nowhere.glb}", "3:14", "'nowhere.glb' no such file"),
    ("mesh: {file: /etc/passwd}", "3:14", "must lie in the layout's own folder"),
    ("mesh: {file: ../x.glb}", "3:14", "must lie in the layout's own folder"),
    ('mesh: {file: "C:\\\\x.glb"}', "3:14", "must lie in the layout's own folder"),
    ('mesh: {file: "a\\0.glb"}', "3:14", "must lie in the layout's own folder"),
    ("mesh: {file: 'http://example.com/x.glb'}", "3:14", "must lie in the layout's own folder"),
    ("points: {p: {at: [1, 1]}}", "1:1", "needs rooms, walls or a mesh"),
]


@pytest.mark.parametrize(("text", "place", "words"), WRONG, ids=[w[2][:30] + w[1] for w in WRONG])
def test_what_is_wrong_is_told_with_its_place_and_its_mend(tmp_path: Path, text: str, place: str, words: str) -> None:
    path = layout(tmp_path, text + "\n")
    with pytest.raises(InputError) as caught:
        load_room(path)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{path}:{place}: ")
    assert words in problem.what
    assert "\n" not in str(problem)


def test_every_problem_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "rooms: {a: {rect: [0, 0, 4, 4]}}\ndoors: {d: {at: [2, 2]}, e: {at: [1, 2]}}\npoints: {p: {at: [9, 9]}}\n"
    path = layout(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_room(path)
    assert [(p.line, p.column) for p in caught.value.problems] == [(4, 17), (4, 34), (5, 18)]


def test_a_house_of_many_rooms_is_built(tmp_path: Path) -> None:
    n = 14
    rooms = [f"  r{i}_{j}: {{rect: [{4 * i}, {4 * j}, 4, 4]}}" for i in range(n) for j in range(n)]
    doors = [f"  d{i}_{j}: {{between: [r{i}_{j}, r{i + 1}_{j}]}}" for i in range(n - 1) for j in range(n)]
    room = room_of(tmp_path, "rooms:\n" + "\n".join(rooms) + "\ndoors:\n" + "\n".join(doors) + "\n")
    assert (len(room.zones), len(room.doors)) == (n * n, n * (n - 1))
    assert look(room, (1, 2, 1), (99, 2, 1))[0] == pytest.approx(4 * n - 1 - 0.06), "all doors of a row are holes"
    assert room.zone_at((4 * n - 1, 1)) == f"r{n - 1}_0"


# --- loading again --------------------------------------------------------------------------------------


def test_a_room_is_read_again_when_its_file_changes(tmp_path: Path) -> None:
    path = layout(tmp_path, "rooms: {a: {rect: [0, 0, 4, 4]}}\n")
    first = load_room(path)
    assert load_room(path) is first
    layout(tmp_path, "rooms: {a: {rect: [0, 0, 4, 5.5]}}\n")
    assert load_room(path).bounds[1][1] == pytest.approx(5.56)
    path.unlink()
    with pytest.raises(InputError, match="no such file"):
        load_room(path)


@pytest.mark.parametrize("suffix", [".yaml", ".glb", ".obj"])
def test_what_is_no_file_is_told_in_a_line(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, loop, empty = (tmp_path / f"{n}{suffix}" for n in ("folder", "loop", "empty"))
    folder.mkdir()
    loop.symlink_to(loop.name)
    empty.write_bytes(b"")
    for path, words in (
        (folder, "is a directory"),
        (loop, "cannot be read"),
        (empty, "is empty"),
        (tmp_path / f"none{suffix}", "no such file"),
        (tmp_path / f"a\0b{suffix}", "no file can have this name"),
        (tmp_path / (5000 * "x" + suffix), "cannot be read"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            load_room(path)
        assert len(str(caught.value).splitlines()) == 1
    empty.write_bytes(b"xrlab: 1")

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(InputError, match=r"(?i)permission denied"):
        load_room(empty)


def test_a_file_of_another_kind_is_told_which_kinds_are_rooms(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.yaml.*\.glb"):
        load_room(tmp_path / "room.docx")
