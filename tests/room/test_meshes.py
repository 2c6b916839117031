"""Rooms from mesh files: turned and scaled rightly, and never trusted before they are checked."""

from __future__ import annotations

import base64
import json
import math
import os
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import trimesh
from PIL import Image

from xrlab.errors import InputError
from xrlab.room import Room, load_room
from xrlab.room.info import describe, to_glb
from xrlab.room.model import View

TRIANGLE = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)


def gltf(**changed: Any) -> dict[str, Any]:
    """A glTF of one triangle, with some of its parts changed."""
    return {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}], "buffers": [{"byteLength": 36}],
    } | changed  # fmt: skip


def glb(data: dict[str, Any], binary: bytes = TRIANGLE) -> bytes:
    text = json.dumps(data).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x4E4942) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def inline(data: bytes) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(data).decode()


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@contextmanager
def opened_files() -> Iterator[list[str]]:
    """Collects the names of all files that are opened meanwhile."""
    names: list[str] = []
    watching = [True]

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if watching and event == "open" and isinstance(args[0], str | bytes):
            names.append(os.fsdecode(args[0]))

    sys.addaudithook(hook)  # cannot be taken off again, so it is told to rest
    try:
        yield names
    finally:
        watching.clear()


# --- what is read rightly ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".glb", ".gltf", ".obj", ".ply", ".stl", ".off"])
def test_every_format_gives_the_same_box_gltf_turned_from_y_up(tmp_path: Path, suffix: str) -> None:
    box = trimesh.creation.box((2.0, 3.0, 4.0))
    box.apply_translation((10, 20, 30))
    path = tmp_path / f"box{suffix}"
    if suffix == ".gltf":
        for name, content in trimesh.Scene(box).export(file_type="gltf").items():
            put(tmp_path, "box.gltf" if name.endswith(".gltf") else name, content)
    else:
        box.export(path)
    room = load_room(path)
    low, high = room.bounds
    assert sum(len(s.faces) for s in room.surfaces) == 12
    if suffix in (".glb", ".gltf"):  # (x, y, z) of the file is (x, -z, y) of the world
        assert low == pytest.approx([9, -32, 18.5], abs=1e-5) and high == pytest.approx([11, -28, 21.5], abs=1e-5)
    else:
        assert low == pytest.approx([9, 18.5, 28], abs=1e-5) and high == pytest.approx([11, 21.5, 32], abs=1e-5)
    normal = room.solid.normals[room.solid.closest((10, -99, 20 if suffix in (".glb", ".gltf") else 30), (0, 1, 0))[1]]
    assert normal[1] < 0, "its outside stays outside"


def test_a_layout_scales_turns_and_names_a_mesh(tmp_path: Path) -> None:
    shell = trimesh.creation.box((8000, 2500, 6000))  # millimetres, y up
    shell.apply_translation((4000, 1250, -3000))
    shell.invert()
    shell.export(tmp_path / "shell.obj")
    text = """xrlab: 1
name: Hall
mesh: {file: shell.obj, scale: 0.001, up: y, at: [1, 0, 0], yaw_deg: 90, material: brick}
zones: {all: {rect: [-5, 1, 3, 3]}}
points: {middle: {at: [-2, 4], yaw_deg: 90}}
doors: {d: {hinge_at: [-2, 8], closed_yaw_deg: 0, hinge: right, swing_deg: 90}}
lights: [{at: [-2, 4, 2]}]
"""
    room = load_room(put(tmp_path, "hall.yaml", text))
    assert room.bounds[0] == pytest.approx([-5, 0, 0], abs=1e-6)
    assert room.bounds[1] == pytest.approx([1, 8, 2.5], abs=1e-6)
    assert {s.material for s in room.surfaces} == {"brick"}
    assert room.walkable.stands(-2, 4)
    assert room.doors["d"].swing == pytest.approx(np.pi / 2)
    assert describe(room)["warnings"] == []
    assert set(room.files) == {tmp_path / "hall.yaml", tmp_path / "shell.obj"}


def test_a_layout_is_read_again_when_its_mesh_changes(tmp_path: Path) -> None:
    trimesh.creation.box((4, 4, 2.5)).export(tmp_path / "m.ply")
    path = put(tmp_path, "hall.yaml", "xrlab: 1\nname: Hall\nmesh: {file: m.ply}\n")
    assert load_room(path).bounds[1][0] == pytest.approx(2.0)
    trimesh.creation.box((6, 4, 2.5)).export(tmp_path / "m.ply")
    os.utime(tmp_path / "m.ply", ns=(1, 1))
    assert load_room(path).bounds[1][0] == pytest.approx(3.0)


def test_material_names_tell_what_stops_a_bullet(tmp_path: Path) -> None:
    put(tmp_path, "m.mtl", "newmtl Window_Glass.001\nKd 0.5 0.7 1\nnewmtl Wall-Brick\nKd 1 0 0\nnewmtl Foo\nKd 0 1 0\n")
    faces = "".join(f"usemtl {n}\nf {3 * k + 1} {3 * k + 2} {3 * k + 3}\n"
                    for k, n in enumerate(["Window_Glass.001", "Wall-Brick", "Foo"]))  # fmt: skip
    corners = "".join(f"v {k} 0 0\nv {k} 1 0\nv {k} 0 2\n" for k in range(3))
    room = load_room(put(tmp_path, "m.obj", f"mtllib m.mtl\n{corners}{faces}"))
    found = {s.material: s for s in room.surfaces}
    assert set(found) == {"glass", "brick", "concrete"}
    assert found["brick"].color == pytest.approx((1, 0, 0, 1))
    assert found["concrete"].color == pytest.approx((0, 1, 0, 1))
    assert tmp_path / "m.mtl" in room.files


def test_gltf_colours_are_linear_in_the_file_and_srgb_here(tmp_path: Path) -> None:
    material = {"name": "paint", "pbrMetallicRoughness": {"baseColorFactor": [0.2140, 1.0, 0.0, 1.0]}}
    data = gltf(
        materials=[material],
        meshes=[{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}],
    )
    (surface,) = load_room(put(tmp_path, "c.glb", glb(data))).surfaces
    assert surface.color == pytest.approx((0.5, 1.0, 0.0, 1.0), abs=0.005)


def test_colours_of_vertices_are_kept(tmp_path: Path) -> None:
    box = trimesh.creation.box((2, 2, 2))
    box.visual.vertex_colors = np.column_stack(
        (np.arange(8) * 30, np.arange(8) * 10, np.zeros(8), np.full(8, 255))
    ).astype(np.uint8)
    box.export(tmp_path / "c.ply")
    (surface,) = load_room(tmp_path / "c.ply").surfaces
    assert surface.colors is not None and sorted(surface.colors[:, 0].tolist()) == [30 * k for k in range(8)]
    trimesh.creation.box((2, 2, 2)).export(tmp_path / "p.ply")
    assert load_room(tmp_path / "p.ply").surfaces[0].colors is None


def test_a_mirrored_part_keeps_its_outside_outside(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    mirror = np.diag([-1.0, 1, 1, 1])
    scene.add_geometry(trimesh.creation.box((2, 2, 2)), transform=mirror)
    scene.export(tmp_path / "m.glb")
    room = load_room(tmp_path / "m.glb")
    distance, index = room.solid.closest((-9, 0.3, 0.2), (1, 0, 0))
    assert distance == pytest.approx(8) and room.solid.normals[index][0] < 0


def test_names_in_an_older_encoding_are_no_hindrance(tmp_path: Path) -> None:
    text = "o fenêtre\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 2\nf 1 2 3\nf 1 2 4\n"
    room = load_room(put(tmp_path, "r.obj", text.encode("latin-1")))
    assert sum(len(s.faces) for s in room.surfaces) == 2


def test_triangles_without_area_are_left_out(tmp_path: Path) -> None:
    room = load_room(put(tmp_path, "r.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\nf 1 1 2\nf 3 3 3\n"))
    assert sum(len(s.faces) for s in room.surfaces) == 1


def test_real_rooms_load(shared: Path) -> None:
    dungeon = load_room(shared / "rooms" / "dungeon.obj")
    assert sum(len(s.faces) for s in dungeon.surfaces) == 10133
    simple = load_room(shared / "rooms" / "simple-room.glb")
    assert sum(len(s.faces) for s in simple.surfaces) == 84
    hotel = load_room(shared / "rooms" / "hotel-room.glb")
    assert sum(len(s.faces) for s in hotel.surfaces) > 90_000


def test_a_mesh_that_lies_on_its_side_or_in_millimetres_is_told(tmp_path: Path, shared: Path) -> None:
    assert "is z up?" in describe(load_room(shared / "rooms" / "simple-room.glb"))["warnings"][0]
    trimesh.creation.box((4000, 5000, 2500)).export(tmp_path / "mm.stl")
    facts = describe(load_room(tmp_path / "mm.stl"))
    assert "in metres" in facts["warnings"][0] and facts["walkable_m2"] is None


def test_a_scan_in_a_national_grid_is_shot_at_as_well(tmp_path: Path) -> None:
    shell = trimesh.creation.box((6, 4, 2.5))
    shell.apply_translation((150_000.0, 170_000.0, 1.25))
    shell.invert()
    shell.export(tmp_path / "grid.obj", digits=8)
    room = load_room(tmp_path / "grid.obj")
    assert room.solid.closest((150_000.0, 170_000.0, 1.0), (1, 0, 0))[0] == pytest.approx(3.0, abs=1e-6)
    assert any("mesh.at" in w for w in describe(room)["warnings"])


# --- convert ----------------------------------------------------------------------------------------------


def triangles(room: Room) -> int:
    return sum(len(s.faces) for s in room.surfaces)


@pytest.mark.parametrize("name", ["house", "range"])
def test_a_converted_layout_is_the_same_room(tmp_path: Path, root: Path, name: str) -> None:
    room = load_room(root / "scenarios" / "rooms" / f"{name}.yaml")
    path = tmp_path / "out.glb"
    to_glb(room, path)
    again = load_room(path)
    assert triangles(again) == triangles(room)
    assert np.allclose(again.bounds, room.bounds, atol=1e-4)
    assert again.floor == pytest.approx(room.floor, abs=1e-4)
    by_name = {s.name: s for s in again.surfaces}
    for index, s in enumerate(room.surfaces):
        copy = by_name[f"{s.name} {index}"]
        assert copy.material == s.material
        assert copy.color == pytest.approx(s.color, abs=0.03)
    assert not again.remarks
    assert [p.name for p in tmp_path.iterdir()] == ["out.glb"], "nothing half-written is left"


def test_a_conversion_keeps_doors_zones_points_lamps_and_cameras(tmp_path: Path, root: Path) -> None:
    room = load_room(root / "scenarios" / "rooms" / "house.yaml")
    view = View("from_above", (1.0, 2.0, 3.0), 2.5, -0.4, 0.9)
    half_open = {n: replace(d, begins_open=0.5) for n, d in room.doors.items()}
    to_glb(replace(room, views={"from_above": view}, doors=half_open), tmp_path / "out.glb")
    again = load_room(tmp_path / "out.glb")
    assert set(again.doors) == set(room.doors) and room.doors
    for name, door in room.doors.items():
        other = again.doors[name]
        assert other.hinge == pytest.approx(door.hinge, abs=1e-4)
        assert math.remainder(other.closed_yaw - door.closed_yaw, 2 * math.pi) == pytest.approx(0, abs=1e-4)
        assert (other.width, other.height, other.thickness, other.swing, other.seconds) == pytest.approx(
            (door.width, door.height, door.thickness, door.swing, door.seconds), abs=1e-4
        )
        assert (other.material, other.opened_by, other.begins_open) == (door.material, door.opened_by, 0.5)
        assert other.color == pytest.approx(door.color, abs=0.03)
    assert set(again.zones) == set(room.zones) and room.zones
    for name, zone in room.zones.items():
        other_zone = again.zones[name]
        assert (other_zone.floor, other_zone.ceiling) == pytest.approx((zone.floor, zone.ceiling), abs=1e-4)
        common = shapely.Polygon(zone.polygon).symmetric_difference(shapely.Polygon(other_zone.polygon))
        assert common.area < 1e-3
    assert set(again.points) == set(room.points) and room.points
    for name, point in room.points.items():
        assert again.points[name].position == pytest.approx(point.position, abs=1e-6)
        assert math.remainder(again.points[name].yaw - point.yaw, 2 * math.pi) == pytest.approx(0, abs=1e-6)
    assert len(again.lights) == len(room.lights) > 0
    for lamp, other_lamp in zip(room.lights, again.lights, strict=True):
        assert (other_lamp.name, other_lamp.group) == (lamp.name, lamp.group)
        assert other_lamp.position == pytest.approx(lamp.position) and other_lamp.color == pytest.approx(lamp.color)
        assert other_lamp.power == pytest.approx(lamp.power)
    seen = again.views["from_above"]
    assert seen.position == pytest.approx(view.position)
    assert (seen.yaw, seen.pitch, seen.fov_y) == pytest.approx((view.yaw, view.pitch, view.fov_y))


def test_textures_go_through_a_conversion(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (8, 16, 4), np.uint8)
    picture[..., 3] = 255
    look = trimesh.visual.TextureVisuals(
        uv=np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]]),
        material=trimesh.visual.material.PBRMaterial(baseColorTexture=Image.fromarray(picture)),
    )
    quad = trimesh.Trimesh([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]], [[0, 1, 2], [0, 2, 3]], visual=look)
    quad.export(tmp_path / "a.glb")
    first = load_room(tmp_path / "a.glb")
    to_glb(first, tmp_path / "b.glb")
    (one,), (other,) = first.surfaces, load_room(tmp_path / "b.glb").surfaces
    assert one.texture is not None and other.texture is not None and one.uv is not None and other.uv is not None
    assert (one.texture == picture).all() and (other.texture == picture).all()
    assert other.uv == pytest.approx(one.uv)
    assert one.color == other.color == (1, 1, 1, 1)


def test_a_conversion_to_nowhere_is_told_in_a_line(tmp_path: Path, root: Path) -> None:
    room = load_room(root / "scenarios" / "rooms" / "range.yaml")
    with pytest.raises(InputError, match="cannot be written"):
        to_glb(room, tmp_path / "no" / "x.glb")
    assert list(tmp_path.iterdir()) == []


# --- hostile files ----------------------------------------------------------------------------------------

ACCESSOR = {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}
PLY = "ply\nformat {} 1.0\nelement vertex {}\nproperty float x\nproperty float y\nproperty float z\n"
PLY += "element face {}\nproperty list uchar int vertex_indices\nend_header\n"
NOISE = bytes(np.random.default_rng(3).integers(0, 255, 3000, np.uint8))


def naming(uri: str) -> bytes:
    return json.dumps(gltf(buffers=[{"byteLength": 36, "uri": uri}])).encode()


def counting(**changed: Any) -> bytes:
    return glb(gltf(accessors=[ACCESSOR | changed]))


def hanging(*nodes: dict[str, Any]) -> bytes:
    return glb(gltf(nodes=list(nodes)))


NO_LENGTH = gltf(buffers=[{"byteLength": "x", "uri": inline(TRIANGLE)}])
ZEROS = gltf(accessors=[{"componentType": 5126, "count": 4 * 10**8, "type": "VEC3"}])
NOT_A_NUMBER = struct.pack("<9f", 0, 0, float("nan"), 1, 0, 0, 0, 1, 0)
CORNERS = b"v 0 0 0\nv 1 0 0\nv 0 1 0\n"

HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "cut short": (".glb", glb(gltf())[:80], "is cut short"),
    "noise": (".glb", NOISE, "is no glTF"),
    "noise with a header": (".glb", b"glTF" + NOISE, "is cut short"),
    "noise as obj": (".obj", NOISE, "cannot be read as .obj"),
    "noise as ply": (".ply", NOISE, "cannot be read as .ply"),
    "noise as stl": (".stl", NOISE, "cannot be read as .stl"),
    "noise as off": (".off", NOISE, "cannot be read as .off"),
    "json of another kind": (".gltf", b"[1, 2]", "is no glTF"),
    "json without end": (".gltf", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "is no glTF"),
    "buffers no list": (".gltf", json.dumps(gltf(buffers={"a": 1})).encode(), "not a list of objects"),
    "length no number": (".gltf", json.dumps(NO_LENGTH).encode(), "byteLength x"),
    "an extension that is unknown": (
        ".gltf",
        json.dumps(gltf(extensionsRequired=["ABC_new"])).encode(),
        "needs the glTF extension ABC_new",
    ),
    "extensions no list": (".gltf", json.dumps(gltf(extensionsRequired=7)).encode(), "extensionsRequired"),
    "too many elements": (".glb", counting(count=10**12), "accessor 0 speaks of 1000000000000"),
    "a few too many": (".glb", counting(count=4), "accessor 0 speaks of 4"),
    "zeros without end": (".glb", glb(ZEROS), "accessor 0 speaks of"),
    "buffer longer than the file": (".glb", glb(gltf(buffers=[{"byteLength": 10**12}])), "buffer 0 speaks of"),
    "a place before the buffer": (".glb", counting(byteOffset=-(10**9)), "byteOffset"),
    "a view that is missing": (".glb", counting(bufferView=5), "buffer view that is missing"),
    "its own child": (".glb", hanging({"mesh": 0, "children": [0]}), "form trees"),
    "a circle of nodes": (".glb", hanging({"children": [1]}, {"mesh": 0, "children": [0]}), "form trees"),
    "doubling nodes": (".glb", hanging({"children": [1, 1]}, {"children": [2, 2]}, {"mesh": 0}), "form trees"),
    "too many nodes": (".glb", hanging(*[{"mesh": 0}] * 50_000), "50,000 nodes"),
    "not a number": (".glb", glb(gltf(), NOT_A_NUMBER), "not finite"),
    "overflowing scale": (".glb", hanging({"mesh": 0, "scale": [1e300] * 3}), "km away"),
    "not a number in a matrix": (".glb", hanging({"mesh": 0, "matrix": [float("nan")] * 16}), "not finite"),
    "passwords": (".gltf", naming("../../../etc/passwd"), "outside its folder"),
    "passwords, absolute": (".gltf", naming("/etc/passwd"), "outside its folder"),
    "passwords, hidden": (".gltf", naming("%2e%2e/%2e%2e/etc/passwd"), "outside its folder"),
    "from the web": (".gltf", naming("http://example.com/a.bin"), "outside its folder"),
    "a picture outside": (".glb", glb(gltf(images=[{"uri": "..\\..\\secret.png"}])), "outside its folder"),
    "a file that is missing": (".gltf", naming("a.bin"), "is missing: a.bin"),
    "faces without end": (".obj", CORNERS + b"f 1 1 1\n" * 1_000_000, "1,000,000 faces of only 3 vertices"),
    "faces without area": (".obj", CORNERS + b"f 1 2 1\n" * 50, "no triangles that have an area"),
    "a vertex that is missing": (".obj", CORNERS + b"f 1 2 999999999\n", "cannot be read as .obj"),
    "obj not a number": (".obj", b"v nan 0 0\n" + CORNERS + b"f 1 2 3\n", "not finite"),
    "obj beyond the moon": (".obj", b"v 1e308 0 0\n" + CORNERS + b"f 1 2 3\n", "km away"),
    "ply promises": (".ply", PLY.format("binary_little_endian", 10**12, 10**12).encode() + bytes(100), ".ply"),
    "ply promises in text": (".ply", PLY.format("ascii", 10**12, 1).encode() + b"0 0 0\n1 0 0\n3 0 1 2\n", ".ply"),
    "stl promises": (".stl", bytes(80) + struct.pack("<I", 4 * 10**9) + bytes(50), "cannot be read as .stl"),
    "stl of nothing": (".stl", bytes(84), "no triangles"),
    "off promises": (".off", b"OFF\n1000000000000 1 0\n0 0 0\n", "cannot be read as .off"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_get_one_line(tmp_path: Path, case: str) -> None:
    suffix, content, words = HOSTILE[case]
    path = put(tmp_path, f"bad{suffix}", content)
    with pytest.raises(InputError) as caught:
        load_room(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and len(text.splitlines()) == 1 and len(text) < len(str(path)) + 300
    assert words in text


def test_the_plain_triangle_that_they_are_made_from_is_a_room(tmp_path: Path) -> None:
    assert triangles(load_room(put(tmp_path, "good.glb", glb(gltf())))) == 1
    data = gltf(buffers=[{"byteLength": 36, "uri": "my%20room.bin"}])
    put(tmp_path, "my room.bin", TRIANGLE)
    assert triangles(load_room(put(tmp_path, "good.gltf", json.dumps(data)))) == 1


def outside_by_mtl(folder: Path, name: str) -> Path:
    return put(folder, "r.obj", f"mtllib {name}\nusemtl red\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")


def outside_by_texture(folder: Path, name: str) -> Path:
    put(folder, "r.mtl", f"newmtl red\nmap_Kd {name}\n")
    text = "mtllib r.mtl\nusemtl red\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nf 1/1 2/2 3/3\n"
    return put(folder, "r.obj", text)


def outside_by_ply(folder: Path, name: str) -> Path:
    head = PLY.format("ascii", 3, 1).replace("1.0\n", f"1.0\ncomment TextureFile {name}\n")
    return put(folder, "r.ply", head + "0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n")


def outside_by_gltf(folder: Path, name: str) -> Path:
    return put(folder, "r.gltf", json.dumps(gltf(buffers=[{"byteLength": 36, "uri": name}])))


@pytest.mark.parametrize("how", [outside_by_mtl, outside_by_texture, outside_by_ply, outside_by_gltf])
@pytest.mark.parametrize("by", ["../secret.bin", "{absolute}", "link.bin", "a/../../secret.bin"])
def test_nothing_outside_of_a_room_s_folder_is_read(tmp_path: Path, how: Callable[[Path, str], Path], by: str) -> None:
    folder = tmp_path / "room"
    folder.mkdir()
    secret = put(tmp_path, "secret.bin", "newmtl red\nKd 1 0 0\n")
    (folder / "link.bin").symlink_to(secret)
    path = how(folder, by.format(absolute=secret))
    with opened_files() as names:
        try:
            room = load_room(path)
        except InputError as error:
            assert how is outside_by_gltf and "folder" in str(error)
        else:
            assert how is not outside_by_gltf
            assert all(s.color[:3] != (1, 0, 0) and s.texture is None for s in room.surfaces)
            assert any("not in its folder" in w or "out of its folder" in w for w in room.remarks)
    assert str(path) in names, "the watch works"
    assert not any("secret.bin" in n or n.endswith("link.bin") for n in names)


def test_a_texture_named_by_another_machine_s_path_is_taken_from_beside_the_mesh(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4), (255, 0, 0)).save(tmp_path / "wall.png")
    path = outside_by_texture(tmp_path, "C:\\Users\\me\\textures\\wall.png")
    (surface,) = load_room(path).surfaces
    assert surface.texture is not None and surface.texture[0, 0].tolist() == [255, 0, 0, 255]


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    head = b"IHDR" + struct.pack(">IIBBBBB", 12_000, 12_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    put(tmp_path, "bomb.png", b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT")
    with pytest.raises(InputError, match="12000 x 12000 pixels"):
        load_room(outside_by_texture(tmp_path, "bomb.png"))


def test_large_pictures_are_made_smaller_and_broken_ones_told(tmp_path: Path) -> None:
    Image.new("L", (6000, 100)).save(tmp_path / "wide.png")
    (surface,) = load_room(outside_by_texture(tmp_path, "wide.png")).surfaces
    assert surface.texture is not None and surface.texture.shape[1] == 4096
    whole = (tmp_path / "wide.png").read_bytes()
    put(tmp_path, "half.png", whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"texture of .* cannot be read"):
        load_room(outside_by_texture(tmp_path, "half.png"))
