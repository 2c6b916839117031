"""Whatever is done to a mesh file, it is a room or a line that says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xrlab.errors import InputError
from xrlab.room import load_room

SUFFIXES = (".glb", ".gltf", ".obj", ".ply", ".stl", ".off")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small good file of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    box = trimesh.creation.box((2, 3, 4))
    box.visual = trimesh.visual.TextureVisuals(
        uv=np.zeros((8, 2)), material=trimesh.visual.material.PBRMaterial(name="brick", baseColorFactor=[9, 9, 9, 255])
    )
    for suffix in (".glb", ".obj", ".ply", ".stl", ".off"):
        box.export(folder / f"box{suffix}")
    files = {p.suffix: p.read_bytes() for p in folder.iterdir() if p.suffix in SUFFIXES}
    raw = files[".glb"]
    length = int.from_bytes(raw[12:16], "little")
    files[".gltf"] = raw[20 : 20 + length]
    return files


def room_or_line(path: Path) -> None:
    try:
        room = load_room(path)
    except InputError as error:
        assert str(error).startswith(f"{path}: ")
        assert len(str(error).splitlines()) == 1
    else:
        assert np.isfinite(room.bounds).all()
        assert room.solid.triangle_count > 0


several = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@several
@given(
    st.sampled_from(SUFFIXES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4), st.floats(0, 1)
)
def test_damaged_bytes(
    tmp_path: Path, whole: dict[str, bytes], suffix: str, damage: list[tuple[float, int]], keep: float
) -> None:
    raw = bytearray(whole[suffix])
    for place, value in damage:
        raw[int(place * (len(raw) - 1))] = value
    if keep < 0.5:
        raw = raw[: int(2 * keep * len(raw))]
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}{suffix}"
    path.write_bytes(bytes(raw))
    room_or_line(path)


odd = st.sampled_from([None, True, -1, 0, 1, 2, 7, 1.5, -1e300, 10**12, "x", "", [], [0], [[]], {}, {"a": 1}])


@several
@given(st.data())
def test_gltf_with_one_part_of_another_kind(tmp_path: Path, whole: dict[str, bytes], data: st.DataObject) -> None:
    raw = whole[".glb"]
    length = int.from_bytes(raw[12:16], "little")
    tree = json.loads(raw[20 : 20 + length])
    places = []

    def walk(part: object) -> None:
        for key in part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ():
            places.append((part, key))
            walk(part[key])  # type: ignore[index]

    walk(tree)
    part, key = data.draw(st.sampled_from(places))
    part[key] = data.draw(odd)
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    rest = raw[20 + length :]
    head = b"glTF" + (2).to_bytes(4, "little") + (20 + len(text) + len(rest)).to_bytes(4, "little")
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.glb"
    path.write_bytes(head + len(text).to_bytes(4, "little") + raw[16:20] + text + rest)
    room_or_line(path)
