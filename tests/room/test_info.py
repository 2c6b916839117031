"""What `xrlab room info` finds: figures, and warnings that come where there is a fault and only there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from xrlab.room import Light, Room, Surface, Zone, load_room
from xrlab.room.info import describe, sections

W, D, H = 6.0, 4.0, 2.6
LAMP = (Light("lamp", (3.0, 2.0, 2.4)),)


def box(x0: float, y0: float, z0: float, x1: float, y1: float, z1: float) -> trimesh.Trimesh:
    made = trimesh.creation.box((x1 - x0, y1 - y0, z1 - z0))
    made.apply_translation(((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2))
    return made


def shell() -> trimesh.Trimesh:
    """A closed room of thick walls, 6 x 4 x 2.6 m inside."""
    return trimesh.util.concatenate(
        [
            box(-0.2, -0.2, -0.2, W + 0.2, D + 0.2, 0), box(-0.2, -0.2, H, W + 0.2, D + 0.2, H + 0.2),
            box(-0.2, -0.2, 0, 0, D + 0.2, H), box(W, -0.2, 0, W + 0.2, D + 0.2, H),
            box(0, -0.2, 0, W, 0, H), box(0, D, 0, W, D + 0.2, H),
        ]
    )  # fmt: skip


def surface(name: str, mesh: trimesh.Trimesh, material: str = "concrete") -> Surface:
    return Surface(name, np.array(mesh.vertices), np.array(mesh.faces, np.int32), material)


def room(*parts: Surface, **more: object) -> Room:
    return Room("r", parts or (surface("shell", shell()),), lights=LAMP, **more)  # type: ignore[arg-type]


def warnings(*parts: Surface, **more: object) -> list[str]:
    found = describe(room(*parts, **more))["warnings"]
    assert isinstance(found, list)
    return found


def test_a_whole_room_has_figures_and_no_warnings() -> None:
    zones = {"hall": Zone("hall", np.array([[0, 0], [W, 0], [W, D], [0, D]], float), 0.0, 3.0)}
    facts = describe(room(zones=zones))
    assert facts["warnings"] == []
    assert facts["volume_m3"] == pytest.approx(W * D * H, rel=0.04)
    assert facts["under_roof_m2"] == pytest.approx(W * D, rel=0.04)
    assert facts["walkable_m2"] == pytest.approx(W * D, rel=0.05)
    assert facts["zones"]["hall"] == {"floor_m": 0.0, "height_m": 2.6, "area_m2": 24.0, "volume_m3": 62.4}
    assert facts["storeys"] == [{"floor_m": 0.0, "walkable_m2": facts["walkable_m2"]}]


def test_a_zone_under_the_open_sky_has_no_volume() -> None:
    zones = {"yard": Zone("yard", np.array([[0, 0], [W, 0], [W, D], [0, D]], float))}
    facts = describe(
        room(surface("ground", box(0, 0, -0.2, W, D, 0)), surface("mast", box(0, 0, 0, 0.1, 0.1, 3)), zones=zones)
    )
    assert facts["zones"]["yard"]["volume_m3"] is None and facts["zones"]["yard"]["area_m2"] == 24.0
    assert facts["volume_m3"] == 0.0


@pytest.mark.parametrize(
    ("scale", "said"),
    [(1000.0, "in millimetres it would be 3.00 m high: mesh.scale: 0.001"), (100.0, "in centimetres"),
     (1 / 0.0254, "in inches"), (0.001, "in kilometres"), (1.0, None)],
)  # fmt: skip
def test_what_is_not_in_metres_is_told_with_the_likely_unit(scale: float, said: str | None) -> None:
    big = shell()
    big.apply_scale(scale)
    found = warnings(surface("shell", big))
    if said is None:
        assert found == []
    else:
        assert len(found) == 1 and "is it in metres" in found[0] and said in found[0]


def test_a_ceiling_at_2600_units_is_told() -> None:
    found = describe(room(surface("shell", box(0, 0, 0, 4000, 5000, 2600))))
    assert "2,600" in found["warnings"][0].replace("2600", "2,600") and "millimetres" in found["warnings"][0]
    assert found["walkable_m2"] is None and found["volume_m3"] is None


def test_y_up_is_told() -> None:
    lying = shell()
    lying.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, (1, 0, 0)))
    assert ["is z up?" in w for w in warnings(surface("shell", lying))] == [True]


def test_a_tall_hall_is_no_room_on_its_side() -> None:
    tall = shell()
    tall.apply_scale((1, 1, 2))
    assert warnings(surface("shell", tall)) == []


@pytest.mark.parametrize("width", [0.0, 0.5])
def test_a_hole_in_a_wall_is_told_with_its_place(width: float, tmp_path: Path) -> None:
    walls = shell().split(only_watertight=False)
    hole = [box(0, D, 0, 2, D + 0.2, H), box(2 + width, D, 0, W, D + 0.2, H)]
    parts = [w for w in walls if w.bounds[0][1] < D - 0.1] + hole
    found = warnings(surface("shell", trimesh.util.concatenate(parts)))
    if not width:
        assert found == []
        return
    assert len(found) == 1 and "hole near [2." in found[0] and ", 4." in found[0]
    pane = surface("pane", box(2, D, 0, 2.5, D + 0.05, H), "glass")
    assert warnings(surface("shell", trimesh.util.concatenate(parts)), pane) == [], "glass closes it"


def test_a_room_open_to_one_side_is_a_stage_and_has_no_holes() -> None:
    walls = [w for w in shell().split(only_watertight=False) if w.bounds[0][1] < D - 0.1]
    assert not [w for w in warnings(surface("shell", trimesh.util.concatenate(walls))) if "hole" in w]


def test_an_inside_out_surface_is_named_and_the_others_are_not() -> None:
    table = trimesh.util.concatenate([box(2, 1, 0, 4, 2, 0.75)])
    assert warnings(surface("shell", shell()), surface("table", table)) == []
    table.invert()
    found = warnings(surface("shell", shell()), surface("table", table))
    assert len(found) == 1 and found[0].startswith("'table' is inside out")
    outward = box(0, 0, 0, W, D, H)
    assert any("'shell' is inside out" in w for w in warnings(surface("shell", outward)))


def test_what_hangs_in_the_air_is_told_and_what_stands_hangs_on_or_leans_is_not() -> None:
    fine = [
        box(1, 1, 0, 2, 2, 0.4),  # on the floor
        box(1.2, 1.2, 0.41, 1.6, 1.6, 0.8),  # on that
        box(3, D - 0.35, 1.2, 4, D - 0.01, 1.8),  # on the wall
        box(3, 1, 2.2, 3.2, 1.2, H),  # from the ceiling
        *(box(x, y, 0, x + 0.05, y + 0.05, 0.7) for x in (4.6, 5.3) for y in (1.1, 1.8)),
        box(4.5, 1, 0.7, 5.5, 2, 0.75),  # on four legs
    ]
    shells = surface("shell", shell())
    assert warnings(shells, surface("things", trimesh.util.concatenate(fine))) == []
    found = warnings(
        shells, surface("things", trimesh.util.concatenate(fine)), surface("lost box", box(2.5, 2.5, 0.9, 3, 3, 1.3))
    )
    assert found == ["'lost box' hangs in the air at [2.75, 2.75], 0.90 m up, and touches nothing; set it down"]


LAYOUT = """xrlab: 1
name: Two
rooms: {a: {rect: [0, 0, 4, 4]}, b: {rect: [4, 0, 4, 4]}}
lights: [{at: [2, 2, 2]}]
points: {p: {at: [1, 1]}}
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("doors: {d: {between: [a, b], width_m: 0.9}}\n", []),
        ("doors: {d: {between: [a, b], width_m: 0.55}}\n", ["door 'd' is 0.55 m wide; a person needs 0.6 m"]),
        ("openings: [{between: [a, b], width_m: 0.7}]\n", []),
        ("openings: [{between: [a, b], width_m: 0.57}]\n",
         ["zone 'b' is reached from point 'p' only through a gap of less than 0.6 m"]),
        ("", ["zone 'b' cannot be reached on foot from point 'p'"]),
        ("openings: [{between: [a, b]}]\nfurniture: [{at: [6, 2], size_m: [2, 2, 1.5]}]\n", []),
    ],
)  # fmt: skip
def test_narrow_doors_and_zones_out_of_reach(tmp_path: Path, more: str, said: list[str]) -> None:
    (tmp_path / "r.yaml").write_text(LAYOUT + more)
    assert describe(load_room(tmp_path / "r.yaml"))["warnings"] == said


def test_a_point_in_a_wall_or_over_nothing_is_told(tmp_path: Path) -> None:
    shell().export(tmp_path / "m.ply")
    text = (
        "xrlab: 1\nname: M\nmesh: {file: m.ply}\nlights: [{at: [2, 2, 2]}]\npoints: {p: {at: [%s]}, q: {at: [2, 2]}}\n"
    )
    (tmp_path / "r.yaml").write_text(text % "3, 2")
    assert describe(load_room(tmp_path / "r.yaml"))["warnings"] == []
    (tmp_path / "bad.yaml").write_text(text % "3, 4.1")
    assert "point 'p' has no floor under it" in describe(load_room(tmp_path / "bad.yaml"))["warnings"][0]


def test_a_floor_at_another_height_is_told(tmp_path: Path) -> None:
    for up, said in (
        (0.0, None),
        (0.18, "point 'p' lies 0.18 m under the floor there; floor_m: 0.18 mends that"),
        (-0.16, "point 'p' lies 0.16 m over the floor there; floor_m: -0.16 mends that"),
        (
            0.5,
            "has no floor that a person can stand on at 0 m; "
            "most of what is level lies at 0.5 m: floor_m: 0.5 in a layout",
        ),
    ):
        shell().apply_translation((0, 0, up)).export(tmp_path / "m.ply")
        text = "xrlab: 1\nname: M\nmesh: {file: m.ply}\nlights: [{at: [2, 2, 2]}]\npoints: {p: {at: [3, 2]}}\n"
        (tmp_path / f"r{up}.yaml").write_text(text)
        assert describe(load_room(tmp_path / f"r{up}.yaml"))["warnings"] == ([said] if said else [])


def test_a_cellar_too_low_to_stand_in_has_no_floor() -> None:
    low = shell()
    low.apply_scale((1, 1, 0.6))
    assert any("no floor that a person can stand on" in w for w in warnings(surface("shell", low)))


def test_a_room_without_surfaces_is_told() -> None:
    facts = describe(Room("r", ()))
    assert facts["warnings"] == ["holds no surfaces: nothing stops a bullet or a step"] and facts["walkable_m2"] is None


def test_tables_for_people_hold_every_name_with_units(root: Path) -> None:
    house = load_room(root / "scenarios" / "rooms" / "house.yaml")
    tables = {title: (heads, rows) for title, heads, rows in sections(describe(house))}
    assert list(tables)[1:] == ["Storeys", "Zones", "Points", "Doors", "Materials", "Warnings"]
    assert {r[0] for r in tables["Zones"][1]} == set(house.zones) and {r[0] for r in tables["Doors"][1]} == set(
        house.doors
    )
    assert next(r for r in tables["Zones"][1] if r[0] == "terrace")[2:] == ["open sky", "17.3 m²", ""]
    assert next(r for r in tables["Materials"][1] if r[0] == "glass")[2:] == ["50, 60, 100 mm", "no"]
    for heads, rows in tables.values():
        assert all(len(row) == len(heads) for row in rows)


@pytest.mark.parametrize(("name", "said"), [("simple-room.glb", "is z up?"), ("dungeon.obj", "is z up?")])
def test_real_rooms_are_described(shared: Path, name: str, said: str) -> None:
    assert any(said in w for w in describe(load_room(shared / "rooms" / name))["warnings"])
