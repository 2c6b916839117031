"""Geometry of glTF files as it is packed in the wild: whatever packs it, the same shape comes out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import DracoPy
import meshopt
import numpy as np
import pytest
from gltf_made import SHORT, UINT, USHORT, Made, box
from hypothesis import given
from hypothesis import strategies as st

from xrlab.errors import InputError
from xrlab.room import Room, load_room

CORNERS, FACES = box(2.0, 3.0, 4.0, (10, 20, 30))
NORMALS = (CORNERS - (10, 20, 30)) / np.linalg.norm(CORNERS - (10, 20, 30), axis=1, keepdims=True)


def loaded(made: Made, folder: Path) -> Room:
    return load_room(made.write(folder / "made.glb"))


def triangles(room: Room) -> Any:
    """All triangles' corners in the file's y up, each from its lowest corner on, sorted: a shape without an order."""
    found = np.concatenate([s.vertices[s.faces] for s in room.surfaces])
    found = np.round(np.stack((found[..., 0], found[..., 2], -found[..., 1]), axis=2), 3)
    turned = [min(t[k:] + t[:k] for k in range(3)) for t in found.tolist()]
    return sorted(turned)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Made()
    made.node(mesh=made.mesh(CORNERS, FACES))
    room = loaded(made, tmp_path_factory.mktemp("plain"))
    assert sum(len(s.faces) for s in room.surfaces) == 12
    assert room.bounds[0] == pytest.approx([9, -32, 18.5]) and room.bounds[1] == pytest.approx([11, -28, 21.5])
    return triangles(room)


@pytest.mark.parametrize("mode", ["TRIANGLES", "INDICES"])
@pytest.mark.parametrize("wide", [2, 4])
def test_meshopt_is_unpacked(tmp_path: Path, plain: Any, mode: Any, wide: int) -> None:
    made = Made().used("EXT_meshopt_compression")
    vertices = CORNERS.astype("<f4")
    faces = FACES.astype(f"<u{wide}").ravel()
    position = made.packed(meshopt.encode_gltf_buffer(vertices, "ATTRIBUTES"), 8, 12, "ATTRIBUTES")
    indices = made.packed(meshopt.encode_gltf_buffer(faces.astype(np.uint32), mode), 36, wide, mode)
    octahedral = meshopt.encode_filter_oct(np.column_stack((NORMALS, np.zeros(8))), 8, 12)
    normal = made.packed(meshopt.encode_gltf_buffer(octahedral, "ATTRIBUTES"), 8, 8, "ATTRIBUTES", "OCTAHEDRAL")
    primitive = {
        "attributes": {
            "POSITION": made.accessor(vertices, bufferView=position),
            "NORMAL": made.accessor(np.zeros((8, 3), "<i2"), bufferView=normal, normalized=True),
        },
        "indices": made.accessor(faces, bufferView=indices),
    }
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
    room = loaded(made, tmp_path)
    assert triangles(room) == plain
    (surface,) = room.surfaces
    assert surface.normals is not None
    outwards = surface.vertices - surface.vertices.mean(axis=0)
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    assert np.abs(surface.normals - outwards).max() < 0.003


def test_quantised_places_are_what_their_node_says(tmp_path: Path, plain: Any) -> None:
    made = Made().used("KHR_mesh_quantization").used("EXT_meshopt_compression")
    low, size = CORNERS.min(axis=0), 4.0
    steps = np.round((CORNERS - low) / size * 16383).astype("<u2")
    padded = np.column_stack((steps, np.zeros(8, "<u2")))
    position = made.packed(meshopt.encode_gltf_buffer(padded, "ATTRIBUTES"), 8, 8, "ATTRIBUTES")
    primitive = {
        "attributes": {"POSITION": made.accessor(steps, bufferView=position)},
        "indices": made.accessor(FACES.astype("<u2").ravel()),
    }
    made.node(
        mesh=made.add("meshes", {"primitives": [primitive]}),
        translation=low.tolist(), scale=[size / 16383] * 3,
    )  # fmt: skip
    assert triangles(loaded(made, tmp_path)) == plain


def test_normalised_integers_stand_for_minus_one_to_one(tmp_path: Path) -> None:
    made = Made().used("KHR_mesh_quantization")
    steps = np.array([[-32768, -32767, 0], [32767, 0, 0], [0, 32767, 0]], "<i2")
    primitive = {"attributes": {"POSITION": made.accessor(steps, componentType=SHORT, normalized=True)}}
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
    (surface,) = loaded(made, tmp_path).surfaces
    assert sorted(surface.vertices.tolist()) == [[-1, 0, -1], [0, 0, 1], [1, 0, 0]]


def test_the_exponential_filter_gives_floats(tmp_path: Path, plain: Any) -> None:
    made = Made().used("EXT_meshopt_compression")
    rows = meshopt.encode_filter_exp(CORNERS.astype(np.float32), 20)
    position = made.packed(meshopt.encode_gltf_buffer(rows, "ATTRIBUTES"), 8, 12, "ATTRIBUTES", "EXPONENTIAL")
    primitive = {
        "attributes": {"POSITION": made.accessor(CORNERS.astype("<f4"), bufferView=position)},
        "indices": made.accessor(FACES.ravel()),
    }
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
    assert triangles(loaded(made, tmp_path)) == plain


def test_meshopt_s_newer_form_is_unpacked_where_the_file_says_so(tmp_path: Path, plain: Any) -> None:
    newer = "KHR_meshopt_compression"
    vertices = CORNERS.astype("<f4")
    content = meshopt.encode_vertex_buffer_level(vertices, 3, 1)
    colors = np.column_stack((np.linspace(0, 1, 8), np.linspace(1, 0, 8), np.full(8, 0.5), np.ones(8)))
    painted = meshopt.encode_vertex_buffer_level(meshopt.encode_filter_color(colors, 4, 8), 3, 1)
    for extension in (newer, "EXT_meshopt_compression"):
        made = Made().used(extension)
        position = made.packed(content, 8, 12, "ATTRIBUTES", extension=extension)
        color = made.packed(painted, 8, 4, "ATTRIBUTES", "COLOR", extension=extension)
        attributes = {
            "POSITION": made.accessor(vertices, bufferView=position),
            "COLOR_0": made.accessor(np.zeros((8, 4), "u1"), bufferView=color, normalized=True),
        }
        primitive = {"attributes": attributes, "indices": made.accessor(FACES.ravel())}
        made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
        if extension == newer:
            room = loaded(made, tmp_path)
            assert triangles(room) == plain
            assert room.surfaces[0].colors is not None and np.ptp(room.surfaces[0].colors[:, 0]) > 200
        else:
            with pytest.raises(InputError, match="newer way than EXT_meshopt_compression knows"):
                loaded(made, tmp_path)


def draco(made: Made, encoded: bytes, ids: dict[str, int], points: int, faces: int) -> dict[str, Any]:
    """A primitive that Draco holds."""
    made.used("KHR_draco_mesh_compression")
    width = {"POSITION": 3, "NORMAL": 3, "TEXCOORD_0": 2}
    return {
        "attributes": {
            n: made.add("accessors", {"componentType": 5126, "count": points, "type": {2: "VEC2", 3: "VEC3"}[width[n]]})
            for n in ids
        },
        "indices": made.add("accessors", {"componentType": UINT, "count": faces * 3, "type": "SCALAR"}),
        "extensions": {"KHR_draco_mesh_compression": {"bufferView": made.view(encoded), "attributes": ids}},
    }


@pytest.mark.parametrize("level", [0, 1, 10])
def test_draco_is_unpacked(tmp_path: Path, plain: Any, level: int) -> None:
    encoded = DracoPy.encode(CORNERS, FACES, quantization_bits=24, compression_level=level)
    ids = {a["attribute_type"]: a["unique_id"] for a in DracoPy.decode(encoded).attributes}
    made = Made()
    primitive = draco(made, encoded, {"POSITION": ids[0]}, 8, 12)
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
    assert triangles(loaded(made, tmp_path)) == plain


def test_a_package_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made()
    encoded = DracoPy.encode(CORNERS, FACES)
    made.node(mesh=made.add("meshes", {"primitives": [draco(made, encoded, {"POSITION": 0}, 8, 12)]}))
    monkeypatch.setitem(sys.modules, "DracoPy", None)
    with pytest.raises(InputError, match=r"needs the Python package DracoPy.*pip install DracoPy") as caught:
        loaded(made, tmp_path)
    assert len(str(caught.value).splitlines()) == 1


def test_copies_of_a_mesh_are_all_there(tmp_path: Path) -> None:
    made = Made().used("EXT_mesh_gpu_instancing")
    half = np.sqrt(0.5)
    copies = {
        "TRANSLATION": made.accessor(np.array([[0, 0, 0], [10, 0, 0], [0, 0, -10]], "<f4")),
        "ROTATION": made.accessor(np.array([[0, 0, 0, 1], [0, half, 0, half], [0, 0, 0, 1]], "<f4")),
        "SCALE": made.accessor(np.array([[1, 1, 1], [1, 1, 1], [2, 2, -2]], "<f4")),
    }
    made.node(
        mesh=made.mesh(*box(2.0, 1.0, 0.5)), translation=[0, 5, 0],
        extensions={"EXT_mesh_gpu_instancing": {"attributes": copies}},
    )  # fmt: skip
    room = loaded(made, tmp_path)
    assert sum(len(s.faces) for s in room.surfaces) == 36
    first, second, third = (c.reshape(8, 3) for c in np.split(room.surfaces[0].vertices, 3))
    assert np.ptp(first, axis=0) == pytest.approx([2, 0.5, 1]) and first.mean(axis=0) == pytest.approx([0, 0, 5])
    assert np.ptp(second, axis=0) == pytest.approx([0.5, 2, 1], abs=1e-6)
    assert second.mean(axis=0) == pytest.approx([10, 0, 5])
    assert np.ptp(third, axis=0) == pytest.approx([4, 1, 2]) and third.mean(axis=0) == pytest.approx([0, 10, 5])
    distance, index = room.solid.closest((0.3, -50, 5.1), (0, 1, 0))
    assert distance == pytest.approx(49.75) and room.solid.normals[index][1] < 0
    distance, index = room.solid.closest((1.5, -50, 5.1), (0, 1, 0))  # past the first, onto the mirrored one
    assert distance == pytest.approx(59.5) and room.solid.normals[index][1] < 0


def test_sparse_accessors_strips_and_fans(tmp_path: Path) -> None:
    made = Made()
    places = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [9, 9, 9]], "<f4")
    sparse = {
        "count": 1,
        "indices": {"bufferView": made.view(np.array([3], "<u2").tobytes()), "componentType": USHORT},
        "values": {"bufferView": made.view(np.array([1, 1, 0], "<f4").tobytes())},
    }
    position = {"POSITION": made.accessor(places, sparse=sparse)}
    strip = {"attributes": position, "mode": 5, "indices": made.accessor(np.array([0, 1, 2, 3], "<u2"))}
    fan = {"attributes": position, "mode": 6, "indices": made.accessor(np.array([0, 1, 3, 2], "<u2"))}
    lines = {"attributes": position, "mode": 1, "indices": made.accessor(np.array([0, 1], "<u2"))}
    made.node(mesh=made.add("meshes", {"primitives": [strip, lines]}))
    made.node(mesh=made.add("meshes", {"primitives": [fan]}), translation=[5, 0, 0])
    room = loaded(made, tmp_path)
    assert [len(s.faces) for s in room.surfaces] == [2, 2]
    assert room.bounds[1] == pytest.approx([6, 0, 1]) and room.bounds[0] == pytest.approx([0, 0, 0])
    assert (room.solid.normals[:, 1] < 0).all(), "all look to where the file's z points"


def test_nodes_hang_in_each_other(tmp_path: Path) -> None:
    made = Made()
    leaf = made.add("nodes", {"mesh": made.mesh(*box(2, 2, 2)), "translation": [1, 0, 0]})
    made.node(children=[leaf], rotation=[0, 0, np.sqrt(0.5), np.sqrt(0.5)], scale=[2, 1, 1], translation=[0, 0, -3])
    room = loaded(made, tmp_path)
    # by its parent: x from 0 to 4, then turned to lie along the file's y
    assert room.bounds[0] == pytest.approx([-1, 2, 0]) and room.bounds[1] == pytest.approx([1, 4, 4])


@given(st.integers(3, 60), st.integers(1, 5), st.integers(0, 2**32 - 1), st.sampled_from(["ATTRIBUTES", "TRIANGLES"]))
def test_what_meshopt_packs_comes_out_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, count: int, faces: int, seed: int, mode: Any
) -> None:
    rng = np.random.default_rng(seed)
    vertices = rng.normal(0, 100, (count, 3)).astype("<f4")
    index = np.array([rng.choice(count, 3, replace=False) for _ in range(faces)], np.uint32).ravel()
    made = Made().used("EXT_meshopt_compression")
    if mode == "ATTRIBUTES":
        view = made.packed(meshopt.encode_gltf_buffer(vertices, "ATTRIBUTES"), count, 12, mode)
        primitive = {"attributes": {"POSITION": made.accessor(vertices, bufferView=view)},
                     "indices": made.accessor(index)}  # fmt: skip
    else:
        view = made.packed(meshopt.encode_gltf_buffer(index, "TRIANGLES"), len(index), 4, mode)
        primitive = {"attributes": {"POSITION": made.accessor(vertices)},
                     "indices": made.accessor(index, bufferView=view)}  # fmt: skip
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
    room = loaded(made, tmp_path_factory.mktemp("packed"))
    wanted = vertices[index].astype(float).reshape(-1, 3, 3)
    wanted = np.stack((wanted[..., 0], -wanted[..., 2], wanted[..., 1]), axis=2)
    found = np.concatenate([s.vertices[s.faces] for s in room.surfaces])
    assert sorted(sorted(t) for t in found.tolist()) == sorted(sorted(t) for t in wanted.tolist())
