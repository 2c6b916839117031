"""Materials: by name, by a layout's mapping, else by default; and what one sees and shoots through."""

from __future__ import annotations

from pathlib import Path

import pytest
import trimesh
from scenes import load_scene, play

from xrlab.errors import InputError
from xrlab.room import Room, load_room
from xrlab.room.materials import DEFAULT, MATERIALS, by_name
from xrlab.sim import deeds, shots

PARTS = ("Curtain_left", "Cube.012", "stair rail", "Cube.013")


@pytest.mark.parametrize(
    ("name", "material"),
    [
        ("Wall_Brick.003", "brick"), ("BrickWork", "brick"), ("gordijn links", "curtain"), ("Garde-corps", "railing"),
        ("Holz.001", "wood"), ("Armoured_Glass.2", "armoured_glass"), ("windowGlass", "glass"),
        ("béton brut", "concrete"),
        ("sandwich", None), ("textbook", None), ("Cabinet.mesh", None), ("door_leaf", None), ("", None),
        ("mur haut", None),
    ],
)  # fmt: skip
def test_a_free_name_speaks_of_a_material_or_of_none(name: str, material: str | None) -> None:
    assert by_name(name) == material


@pytest.mark.parametrize("material", MATERIALS)
def test_every_material_is_found_by_its_own_name(material: str) -> None:
    assert by_name(material) == by_name(f"Part_{material.title()}.001") == material


def mesh_room(folder: Path, materials: str) -> Room:
    scene = trimesh.Scene()
    for k, name in enumerate(PARTS):
        plate = trimesh.Trimesh([[k, 0, 0], [k, 1, 0], [k, 0, 2]], [[0, 1, 2]])
        plate.visual = trimesh.visual.TextureVisuals(material=trimesh.visual.material.PBRMaterial(name=f"paint {k}"))
        scene.add_geometry(plate, node_name=name)
    scene.export(folder / "m.glb")
    (folder / "room.yaml").write_text(
        f"xrlab: 1\nname: Hall\nmesh:\n  file: m.glb\n  materials: {materials}\n", encoding="utf-8"
    )
    return load_room(folder / "room.yaml")


def test_a_layout_tells_the_materials_of_a_mesh_by_patterns_and_wins_over_names(tmp_path: Path) -> None:
    room = mesh_room(tmp_path, "{'*RAIL': railing, 'curtain*': fabric, 'PAINT 1': steel}")
    assert {s.name: s.material for s in room.surfaces} == {
        "Curtain_left": "fabric", "Cube.012": "steel", "stair rail": "railing", "Cube.013": DEFAULT
    }  # fmt: skip


def test_a_mapping_that_fits_nothing_or_names_no_material_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        mesh_room(tmp_path, "{'Curtian_left': curtain}")
    assert str(caught.value).endswith(
        "room.yaml:5:15: no part or material of 'm.glb' is called 'Curtian_left'; did you mean 'Curtain_left'?"
    )
    with pytest.raises(InputError) as caught:
        mesh_room(tmp_path, "{'Curtain_left': curtian}")
    assert str(caught.value).endswith("room.yaml:5:31: no material is called 'curtian'; did you mean 'curtain'?")


@pytest.mark.parametrize(
    ("material", "seen", "hit"),
    [
        ("brick", False, False), ("curtain", False, True), ("leaves", False, True), ("glass", True, True),
        ("railing", True, True), ("armoured_glass", True, False),
    ],
)  # fmt: skip
def test_what_blocks_sight_and_what_stops_a_bullet_are_two_things(
    tmp_path: Path, material: str, seen: bool, hit: bool
) -> None:
    """A gunman behind a screen from wall to wall; the trainee looks and shoots straight at him."""
    screen = {"from": [3, 0], "to": [3, 4], "material": material, "thickness_m": 0.02}
    loaded = load_scene(
        tmp_path,
        room={"rooms.west": None, "doors": {}, "rooms.east.rect": [0, 0, 8, 4], "lights": [], "walls": [screen]},
    )
    with play(loaded) as session:
        engine = session.run.engine
        engine.advance(0.2)
        trainee, gunman = engine.world.actors["p1"], engine.world.actors["gunman"]
        assert (("p1", "gunman") in engine.ledger.sees) is seen
        assert (("gunman", "p1") in engine.ledger.sees) is seen
        yaw, pitch = deeds.aim_angles(trainee.eye(0.2), deeds.aim_point(gunman, 0.2))
        met = shots.trace(engine.world, 0.2, trainee.eye(0.2), yaw, pitch, "p1")
        assert met[0].material == material
        assert [h.what for h in met if h.kind == "person"] == (["gunman"] if hit else [])
        assert (met[0].exit is None) is (not hit)
