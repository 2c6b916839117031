"""glTF files that are hurt or mean harm: each is a room or one line, and nothing grows beyond what the file holds."""

from __future__ import annotations

import json
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import DracoPy
import meshopt
import numpy as np
import pytest
from gltf_hurt import hurt, whole
from gltf_made import Made, box
from hypothesis import given, settings
from hypothesis import strategies as st

from xrlab.cli import main
from xrlab.errors import InputError
from xrlab.room import load_room

CORNERS, FACES = box(2.0, 3.0, 4.0)
HURT = 480


@pytest.fixture(scope="module")
def good() -> dict[str, bytes]:
    return whole()


def room_or_line(path: Path) -> bool:
    try:
        room = load_room(path)
    except InputError as error:
        text = str(error)
        assert text.startswith(f"{path}: ") and len(text.splitlines()) == 1 and len(text) < len(str(path)) + 400
        assert "cannot be read as" not in text, "found by a check that knows what is wrong, not by its failure"
        return False
    assert np.isfinite(room.bounds).all() and room.solid.triangle_count > 0
    return True


def test_the_files_that_are_hurt_are_whole_before(tmp_path: Path, good: dict[str, bytes]) -> None:
    for name, raw in good.items():
        path = tmp_path / f"{name}.glb"
        path.write_bytes(raw)
        assert room_or_line(path), name


def test_hurt_files_are_rooms_or_lines(tmp_path: Path, good: dict[str, bytes]) -> None:
    """Tens of thousands of such files were tried once; these are the first few hundred of them."""
    names = sorted(good)
    rooms = 0
    for seed in range(HURT):
        path = tmp_path / f"{seed}.glb"
        path.write_bytes(hurt(good[names[seed % len(names)]], seed))
        rooms += room_or_line(path)
    assert 20 < rooms < HURT - 20, "some wounds are no hindrance, many are"


@settings(max_examples=60)
@given(st.sampled_from(["meshopt", "draco", "marks"]), st.data())
def test_bytes_of_packed_buffers_may_be_anything(
    tmp_path_factory: pytest.TempPathFactory, good: dict[str, bytes], name: str, data: st.DataObject
) -> None:
    raw = bytearray(good[name])
    start = 28 + struct.unpack_from("<I", raw, 12)[0]
    for at, value in data.draw(st.lists(st.tuples(st.integers(start, len(raw) - 1), st.integers(0, 255)), max_size=9)):
        raw[at] = value
    path = tmp_path_factory.mktemp("bytes") / "b.glb"
    path.write_bytes(bytes(raw))
    room_or_line(path)


# --- promises that the file can't keep --------------------------------------------------------------------


def meshopt_with(**changed: Any) -> Made:
    made = Made().used("EXT_meshopt_compression")
    vertices = CORNERS.astype("<f4")
    view = made.packed(meshopt.encode_gltf_buffer(vertices, "ATTRIBUTES"), 8, 12, "ATTRIBUTES")
    said = made.data["bufferViews"][view]["extensions"]["EXT_meshopt_compression"]
    said |= changed
    if changed.get("count"):
        length = said["count"] * said["byteStride"]
        made.data["bufferViews"][view]["byteLength"] = length
        made.data["buffers"][1]["byteLength"] = length
    primitive = {"attributes": {"POSITION": made.accessor(vertices, bufferView=view)},
                 "indices": made.accessor(FACES.ravel())}  # fmt: skip
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
    return made


def zeros_packed(count: int) -> Made:
    """A file whose zeros are packed as tightly as meshopt can."""
    made = Made().used("EXT_meshopt_compression")
    packed = meshopt.encode_gltf_buffer(np.zeros((count, 12), np.uint8), "ATTRIBUTES")
    view = made.packed(packed, count, 12, "ATTRIBUTES")
    position = made.add("accessors", {"bufferView": view, "componentType": 5126, "count": count, "type": "VEC3"})
    made.node(mesh=made.add("meshes", {"primitives": [{"attributes": {"POSITION": position}}]}))
    return made


def draco_with(change: Callable[[bytearray], None], points: int = 8, indices: int = 36) -> Made:
    made = Made().used("KHR_draco_mesh_compression")
    encoded = bytearray(DracoPy.encode(CORNERS, FACES))
    change(encoded)
    primitive = {
        "attributes": {"POSITION": made.add("accessors", {"componentType": 5126, "count": points, "type": "VEC3"})},
        "indices": made.add("accessors", {"componentType": 5125, "count": indices, "type": "SCALAR"}),
        "extensions": {
            "KHR_draco_mesh_compression": {"bufferView": made.view(bytes(encoded)), "attributes": {"POSITION": 0}}
        },
    }
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
    return made


def put(at: int, content: bytes) -> Callable[[bytearray], None]:
    def change(raw: bytearray) -> None:
        raw[at : at + len(content)] = content

    return change


def mesh_with(change: Callable[[Made], None]) -> Made:
    made = Made()
    made.node(mesh=made.mesh(CORNERS, FACES))
    change(made)
    return made


def copies_of(count: int) -> Made:
    made = Made().used("EXT_mesh_gpu_instancing")
    places = made.add("accessors", {"componentType": 5126, "count": count, "type": "VEC3"})
    made.node(
        mesh=made.mesh(CORNERS, FACES),
        extensions={"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": places}}},
    )
    return made


def repeated(nodes: int, faces: int) -> Made:
    made = Made()
    corners = np.random.default_rng(1).normal(size=(3 * faces, 3))
    mesh = made.mesh(corners, np.arange(3 * faces))
    for _ in range(nodes):
        made.node(mesh=mesh)
    return made


def set_at(*way: Any) -> Callable[[Made], None]:
    *keys, value = way

    def change(made: Made) -> None:
        part: Any = made.data
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = value

    return change


FAR = 10**9
HARM: dict[str, tuple[Made, str]] = {
    "meshopt of gigabytes": (meshopt_with(count=FAR), "which cannot be; it is damaged"),
    "meshopt of an odd stride": (meshopt_with(byteStride=10), "packed in a way"),
    "meshopt by no known mode": (meshopt_with(mode="ZIP"), "packed in a way"),
    "meshopt by a list": (meshopt_with(mode=[1]), "packed in a way"),
    "meshopt by a filter that does not fit": (meshopt_with(filter="QUATERNION"), "packed in a way"),
    "meshopt beyond its buffer": (meshopt_with(byteOffset=FAR), "packed beyond its buffer"),
    "meshopt cut short": (meshopt_with(byteLength=20), "cannot be unpacked"),
    "meshopt from nowhere": (meshopt_with(buffer=1), "has no content"),
    "meshopt of zeros": (zeros_packed(4_000_000), "unpacks to 48,000,000 bytes, more than"),
    "draco of gigabytes": (draco_with(put(12, b"\xff\xff\xff\xff\x0f")), "Draco data of"),
    "draco of many triangles": (draco_with(put(13, b"\xff\xff\xff\xff\x0f")), "Draco data of"),
    "draco and its accessors of gigabytes": (
        draco_with(put(12, b"\xff\xff\xff\x7f\xff\xff\xff\x7f"), 20_000_000, 20_000_000), "Draco data of"
    ),
    "draco of points": (draco_with(put(7, b"\0")), "of a kind that glTF does not have"),
    "draco with more in it": (draco_with(put(9, b"\0\x80")), "of a kind that glTF does not have"),
    "no draco": (draco_with(put(0, b"DROCA")), "no Draco data where it says so"),
    "an accessor of 10^9": (mesh_with(set_at("accessors", 0, "count", FAR)), "accessor 0 speaks of 1000000000"),
    "zeros of 10^9": (copies_of(FAR), "speaks of 1000000000 elements"),
    "no copies at all": (copies_of(0), "no triangles that have an area"),
    "copies without end": (copies_of(900_000), "copies of its meshes"),
    "an index out of range": (
        mesh_with(lambda m: m.data["meshes"][0]["primitives"][0].update(
            indices=m.accessor(np.array([0, 1, 8], "<u4")))), "vertices that don't exist"
    ),
    "indices that are floats": (
        mesh_with(lambda m: m.data["meshes"][0]["primitives"][0].update(
            indices=m.accessor(np.array([0, 1, 2], "<f4")))), "not whole numbers"
    ),
    "a stride beyond all": (mesh_with(set_at("bufferViews", 0, "byteStride", FAR)), "byteStride 1000000000"),
    "sparse beyond its end": (
        mesh_with(set_at("accessors", 0, "sparse", {
            "count": 8, "indices": {"bufferView": 0, "componentType": 5125, "byteOffset": 90},
            "values": {"bufferView": 0}})), "8 sparse elements, more than"
    ),
    "sparse of what it has not": (
        mesh_with(set_at("accessors", 0, "sparse", {
            "count": 1, "indices": {"bufferView": 0, "componentType": 5125}, "values": {"bufferView": 0}})),
        "changes elements that it does not have"
    ),
    "a mesh that is missing": (mesh_with(set_at("nodes", 0, "mesh", 7)), "names one of its meshes that is missing: 7"),
    "a camera that is missing": (mesh_with(set_at("nodes", 0, "camera", 0)), "cameras that is missing"),
    "a material that is missing": (
        mesh_with(set_at("meshes", 0, "primitives", 0, "material", -1)), "materials that is missing: -1"
    ),
    "a scene that is missing": (mesh_with(set_at("scene", 4)), "scenes that is missing: 4"),
    "a node twice in its scene": (mesh_with(set_at("scenes", 0, "nodes", [0, 0])), "names a node twice"),
    "a light that is missing": (
        mesh_with(set_at("nodes", 0, "extensions", {"KHR_lights_punctual": {"light": 0}})), "light that is missing"
    ),
    "a matrix of words": (mesh_with(set_at("nodes", 0, "matrix", ["a"] * 16)), "not of 16 numbers"),
    "a turn of three": (mesh_with(set_at("nodes", 0, "rotation", [0, 0, 1])), "where 4 numbers are right"),
    "coordinates of a picture that are no numbers": (
        mesh_with(lambda m: m.data["meshes"][0]["primitives"][0]["attributes"].update(
            COLOR_0=m.accessor(np.zeros((2, 4), "<f4")))), "2 elements, fewer than its triangles name"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HARM)
def test_promises_are_not_believed(tmp_path: Path, case: str) -> None:
    made, words = HARM[case]
    path = made.write(tmp_path / "harm.glb")
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=words) as caught:
            load_room(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and len(text.splitlines()) == 1
    assert most < 60e6, "nothing grows before it is checked"


def test_a_json_of_millions_of_parts_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "many.gltf"
    path.write_bytes(b'{"asset":[' + b"[]," * 3_100_000 + b"[]]}")
    with pytest.raises(InputError, match="millions of parts"):
        load_room(path)


def test_many_triangles_are_told_before_they_are_placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xrlab.room.gltf.scene.MAX_TRIANGLES", 5000)
    with pytest.raises(InputError, match="more than 5,000 triangles; make it simpler"):
        load_room(repeated(6, 1000).write(tmp_path / "many.glb"))
    with pytest.raises(InputError, match="more than 5,000 triangles; make it simpler"):
        load_room(copies_of(500).write(tmp_path / "copies.glb"))


def test_many_parts_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xrlab.room.gltf.scene.MAX_SURFACES", 50)
    with pytest.raises(InputError, match="draws more than 50 parts; join them"):
        load_room(repeated(60, 1).write(tmp_path / "many.glb"))


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("../secret.bin", "outside its folder"), ("/etc/passwd", "outside its folder"),
        ("https://example.com/a.bin", "outside its folder"), ("%2e%2e/secret.bin", "outside its folder"),
        ("link.bin", "out of its folder"), ("data:application/octet-stream;base64,!!!!", "more than the file holds"),
        ("data:application/octet-stream", "without content"),
    ],
)  # fmt: skip
def test_uris_of_buffers_and_pictures_stay_in_the_folder(
    tmp_path: Path, uri: str, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "room"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(2000))
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    made = Made()
    made.node(mesh=made.mesh(CORNERS, FACES))
    made.data["buffers"][0] = {"byteLength": 20, "uri": uri}
    path = folder / "r.gltf"
    path.write_text(json.dumps(made.data))
    monkeypatch.setattr("sys.argv", ["xrlab", "room", "info", str(path)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1 and str(path) in said.err
    if words != "without content" and "base64" not in uri:
        assert words in said.err
        made = Made()
        made.add("textures", {"source": made.add("images", {"uri": uri})})
        material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}
        made.node(mesh=made.mesh(CORNERS, FACES, made.add("materials", material)))
        with pytest.raises(InputError, match=words):
            load_room(made.write(folder / "p.glb"))
