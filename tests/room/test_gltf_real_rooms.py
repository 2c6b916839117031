"""Real rooms from elsewhere, each with a short scenario: a threat that its walls really hide, and one in sight."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import xrlab
from xrlab.room import Room, load_room
from xrlab.room.info import describe
from xrlab.run import Session
from xrlab.scenario.load import load
from xrlab.sim import events as ev
from xrlab.sim.shots import trace

# file, what a layout says of it, where the trainee, the hidden and the seen threat stand
ROOMS: dict[str, tuple[str, dict[str, Any], tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "hotel": ("hotel-room.glb", {"scale": 0.001, "at": [-10, -6, 0]}, (-0.6, 1.8), (2.0, -2.6), (-0.9, -1.5)),
    "simple": ("simple-room.glb", {"up": "z", "at": [0, 0, -0.1455]}, (-2.0, -1.39), (4.5, -1.39), (4.5, 2.0)),
    "dungeon": ("dungeon.obj", {"up": "y", "scale": 0.4, "at": [0, 0, -4]}, (-0.1, 8.0), (12.0, 0.0), (2.5, 8.0)),
}


def gltf_json(path: Path) -> dict[str, Any]:
    raw = path.read_bytes()
    found: dict[str, Any] = json.loads(raw[20 : 20 + struct.unpack_from("<I", raw, 12)[0]])
    return found


@pytest.fixture(scope="module")
def hotel(shared: Path) -> Room:
    return load_room(shared / "rooms" / "hotel-room.glb")


def test_the_hotel_room_has_all_its_geometry(hotel: Room, shared: Path) -> None:
    data = gltf_json(shared / "rooms" / "hotel-room.glb")
    solid = [p for p in data["meshes"][0]["primitives"] if p.get("mode", 4) == 4]
    assert len(hotel.surfaces) == len(solid) == 11
    for surface, primitive in zip(hotel.surfaces, solid, strict=True):
        position = data["accessors"][primitive["attributes"]["POSITION"]]
        faces = data["accessors"][primitive["indices"]]["count"] // 3
        assert len(surface.vertices) <= position["count"] and len(surface.vertices) > 0.97 * position["count"]
        assert 0.97 * faces < len(surface.faces) <= faces, "no more is left out than what has no area"
        used = surface.vertices[np.unique(surface.faces)]
        low, high = position["min"], position["max"]
        assert used.min(axis=0) == pytest.approx([low[0], -high[2], low[1]], abs=0.01)
        assert used.max(axis=0) == pytest.approx([high[0], -low[2], high[1]], abs=0.01)
        assert surface.normals is not None
        assert np.linalg.norm(surface.normals, axis=1) == pytest.approx(np.ones(len(surface.normals)))


def test_the_hotel_room_has_all_its_materials_and_pictures(hotel: Room, shared: Path) -> None:
    data = gltf_json(shared / "rooms" / "hotel-room.glb")
    assert {s.paint for s in hotel.surfaces} == {m["name"] for m in data["materials"]}
    pictured = {m["name"] for m in data["materials"] if "baseColorTexture" in m["pbrMetallicRoughness"]}
    assert {s.paint for s in hotel.surfaces if s.texture is not None} == pictured and pictured
    for surface in hotel.surfaces:
        if surface.texture is not None:
            assert surface.uv is not None and len(surface.uv) == len(surface.vertices)
            assert min(surface.texture.shape[:2]) >= 256 and np.ptp(surface.texture[..., :3]) > 20
    assert {s.material for s in hotel.surfaces if "ood" in s.paint} == {"wood"}


def test_the_hotel_room_in_metres_is_a_room(tmp_path: Path, shared: Path) -> None:
    room = load_room(layout(tmp_path, shared, "hotel"))
    size = room.bounds[1] - room.bounds[0]
    assert (size > (6, 9, 2.1)).all() and (size < (7, 11, 3)).all()
    assert room.floor == 0 and 35 < room.walkable.area < 55


def test_rooms_of_another_size_or_on_their_side_are_told(shared: Path) -> None:
    told = " ".join(describe(load_room(shared / "rooms" / "simple-room.glb"))["warnings"])
    assert "seems to lie on its side, with z up in the file" in told and "mesh.up: z" in told
    told = " ".join(describe(load_room(shared / "rooms" / "dungeon.obj"))["warnings"])
    assert "seems to lie on its side, with y up in the file" in told and "mesh.up: y" in told
    assert "metres" in " ".join(describe(load_room(shared / "rooms" / "hotel-room.glb"))["warnings"])


def facing(at: tuple[float, float], to: tuple[float, float]) -> float:
    return math.degrees(math.atan2(to[1] - at[1], to[0] - at[0]))


def layout(folder: Path, shared: Path, name: str) -> Path:
    """The room's layout, with points for the scenario, in a folder that holds a copy of the mesh."""
    file, mesh, start, hidden, seen = ROOMS[name]
    (folder / file).write_bytes((shared / "rooms" / file).read_bytes())
    middle = ((hidden[0] + seen[0]) / 2, (hidden[1] + seen[1]) / 2)
    said = {
        "xrlab": 1, "name": name, "mesh": {"file": file} | mesh,
        "points": {"start": {"at": list(start), "yaw_deg": facing(start, middle)},
                   "behind": {"at": list(hidden)}, "in_sight": {"at": list(seen), "yaw_deg": facing(seen, start)}},
    }  # fmt: skip
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(said))
    return path


@pytest.mark.parametrize("name", ROOMS)
def test_a_threat_is_hidden_by_the_room_and_another_is_seen_and_stopped(
    tmp_path: Path, shared: Path, name: str
) -> None:
    room = layout(tmp_path, shared, name)
    threat = {"role": "threat", "holds": "handgun", "begins": "frozen"}
    scenario = {
        "xrlab": 1, "title": dict.fromkeys(("nl", "fr", "de", "en"), name), "room": room.name, "time_limit_s": 20,
        "teams": {"police": {"trainees": ["p1"], "start": "start", "carries": ["pistol"]}},
        "people": {"hidden": threat | {"at": "behind"}, "seen": threat | {"at": "in_sight"}},
        "trainee": "scene.trainee.yaml",
        "scoring": {"criteria": {"stopped": {"value": 'stopped("threat")', "points": 100}}},
    }  # fmt: skip
    path = tmp_path / "scene.yaml"
    path.write_text(yaml.safe_dump(scenario, sort_keys=False))
    plan = {"do": [{"shoot": "seen", "at": "torso", "times": 6}, {"wait_s": 1}], "skill": {"spread_mrad": 1}}
    (tmp_path / "scene.trainee.yaml").write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": plan}}))
    with Session(load(path, seed=1), 1, None) as session:
        engine = session.run.engine
        engine.advance(1.0)
        assert {e.whom for e in session.events if isinstance(e, ev.Seen) and e.who == "p1"} == {"seen"}
    _, _, start, hidden, seen = ROOMS[name]
    for place, met in ((hidden, "wall"), (seen, "person")):
        hits = trace(engine.world, 1.0, (*start, 1.3), math.radians(facing(start, place)), 0.0, "p1")
        assert [h.kind for h in hits] == [met]
    assert load_room(room).walkable.reachable(start, hidden), "but there is a way round"
    result = xrlab.run(path, seed=1)
    assert {s["target"] for s in result["shots"]} == {"seen"}
    assert result["score"] == pytest.approx(50)
