"""What a room holds, in figures and warnings; and a room as a clean .glb."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from xrlab.errors import InputError
from xrlab.room.model import Room

NARROW_DOOR_M = 0.6


def describe(room: Room) -> dict[str, Any]:
    """Size, triangles, floor, zones, doors, points, lamps, materials, and what a designer should look at."""
    low, high = room.bounds
    areas: dict[str, float] = defaultdict(float)
    for s in room.surfaces:
        tri = s.vertices[s.faces]
        areas[s.material] += (
            float(np.linalg.norm(np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0]), axis=1).sum()) / 2
        )
    warnings = _warnings(room)
    metric = not any("metres" in w for w in warnings)
    return {
        "name": room.name,
        "file": room.source,
        "size_m": [round(float(v), 3) for v in high - low],
        "floor_m": room.floor,
        "triangles": sum(len(s.faces) for s in room.surfaces),
        "surfaces": len(room.surfaces),
        "walkable_m2": round(room.walkable.area, 2) if metric else None,
        "zones": sorted(room.zones),
        "points": sorted(room.points),
        "doors": {n: round(d.width, 3) for n, d in sorted(room.doors.items())},
        "lights": len(room.lights),
        "materials_m2": {m: round(a, 2) for m, a in sorted(areas.items())},
        "warnings": warnings,
    }


def _warnings(room: Room) -> list[str]:
    low, high = room.bounds
    size = high - low
    out = []
    if max(size) > 200 or size[2] < 1.5:
        shown = " x ".join(f"{v:.1f}" for v in size)
        return [f"is {shown} in size; is it in metres, and is z up? A layout's mesh.scale and mesh.up mend that"]
    out += [f"door '{d.name}' is {d.width:.2f} m wide; a person needs {NARROW_DOOR_M} m" for d in room.doors.values()
            if d.width < NARROW_DOOR_M]  # fmt: skip
    places = [(f"point '{p.name}'", p.position[:2]) for p in room.points.values()]
    places += [(f"zone '{z.name}'", z.centre) for z in room.zones.values()]
    for name, at in places[1:]:
        if not room.walkable.reachable(places[0][1], at):
            out.append(f"{name} cannot be reached on foot from {places[0][0]}")
    if not room.lights:
        out.append("has no lamps; it is drawn in even light")
    return out


def to_glb(room: Room, path: Path) -> None:
    """Writes the room as a binary glTF (y up), door leaves as nodes of their own, wholly or not at all."""
    import tempfile

    import trimesh

    scene = trimesh.Scene()
    for index, s in enumerate(room.surfaces):
        scene.add_geometry(_trimesh(s.vertices, s.faces, s.color, s.material), node_name=f"{s.name} {index}")
    for door in room.doors.values():
        leaf = trimesh.creation.box((door.width, door.thickness, door.height))
        leaf.apply_translation((door.width / 2, 0, door.height / 2))
        turn = trimesh.transformations.rotation_matrix(door.yaw(door.begins_open), (0, 0, 1))
        turn[:3, 3] = door.hinge
        mesh = _trimesh(leaf.vertices, leaf.faces, door.color, door.material)
        scene.add_geometry(mesh, node_name=door.name, transform=turn)
    scene.apply_transform(np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]]))
    data = scene.export(file_type="glb")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None


def _trimesh(vertices: Any, faces: Any, color: tuple[float, float, float, float], material: str) -> Any:
    import trimesh

    paint = trimesh.visual.material.PBRMaterial(name=material, baseColorFactor=[round(c * 255) for c in color])
    return trimesh.Trimesh(vertices, faces, process=False, visual=trimesh.visual.TextureVisuals(material=paint))
