"""What a room holds, in figures and warnings; and a room as a clean .glb."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from xrlab.files import write_whole
from xrlab.geometry.transforms import Array
from xrlab.room.model import Door, Room, Surface

NARROW_DOOR_M = 0.6
FAR_M = 1000.0

_SWEEP = np.linspace(0.0, 1.0, 25)
_SWEEP_HEIGHTS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 1.5, 1.8)
_FROM_HINGE_M = 0.12


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
    out = list(room.remarks)
    if max(size) > 200 or size[2] < 1.5:
        shown = " x ".join(f"{v:.1f}" for v in size)
        out.append(f"is {shown} in size; is it in metres, and is z up? A layout's mesh.scale and mesh.up mend that")
        return out
    if size[2] > 2 * min(size[:2]):
        shown = " x ".join(f"{v:.1f}" for v in size)
        out.append(f"is {shown} in size, higher than wide; is z up? A layout's mesh.up mends that")
    if max(np.abs(low).max(), np.abs(high).max()) > FAR_M:
        out.append(
            f"lies at {low[0]:.0f}, {low[1]:.0f}; a layout's mesh.at brings it near 0, 0, where points are short"
        )
    for door in room.doors.values():
        if door.width < NARROW_DOOR_M:
            out.append(f"door '{door.name}' is {door.width:.2f} m wide; a person needs {NARROW_DOOR_M} m")
        blocked = swing_blocked(room, door)
        if blocked:
            angle, by = blocked
            out.append(f"door '{door.name}' opens only {math.degrees(angle):.0f}°, then it meets {by}")
    places = [(f"point '{p.name}'", p.position[:2]) for p in room.points.values()]
    places += [(f"zone '{z.name}'", z.inner_point) for z in room.zones.values()]
    for name, at in places[1:]:
        if not room.walkable.reachable(places[0][1], at):
            out.append(f"{name} cannot be reached on foot from {places[0][0]}")
    if not room.lights:
        out.append("has no lamps; it is drawn in even light")
    return out


def swing_blocked(room: Room, door: Door) -> tuple[float, str] | None:
    """How far a door's leaf turns (rad) before it meets what stands still, and its name; None if it opens fully."""
    heights = np.array([h for h in _SWEEP_HEIGHTS if h < door.height])
    angle = np.repeat(door.closed_yaw + door.swing * _SWEEP, len(heights))
    way = np.column_stack((np.cos(angle), np.sin(angle), np.zeros(len(angle))))
    starts = np.array(door.hinge) + way * _FROM_HINGE_M
    starts[:, 2] += np.tile(heights, len(_SWEEP))
    distance, triangle = room.solid.closest_many(starts, way)
    met = np.flatnonzero(distance < door.width - _FROM_HINGE_M - 0.01)
    if not len(met):
        return None
    first = int(met[0])
    return abs(door.swing) * float(_SWEEP[first // len(heights)]), room.surface_of(int(triangle[first]))


def to_glb(room: Room, path: Path) -> None:
    """Writes the room as a binary glTF (y up), door leaves as nodes of their own, wholly or not at all."""
    import trimesh

    scene = trimesh.Scene()
    for index, s in enumerate(room.surfaces):
        scene.add_geometry(_drawn(s), node_name=f"{s.name} {index}")
    for door in room.doors.values():
        leaf = trimesh.creation.box((door.width, door.thickness, door.height))
        leaf.apply_translation((door.width / 2, 0, door.height / 2))
        turn = trimesh.transformations.rotation_matrix(door.yaw(door.begins_open), (0, 0, 1))
        turn[:3, 3] = door.hinge
        surface = Surface(door.name, leaf.vertices, leaf.faces, door.material, door.color)
        scene.add_geometry(_drawn(surface), node_name=door.name, transform=turn)
    scene.apply_transform(np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]]))
    write_whole(path, scene.export(file_type="glb"))


def _drawn(s: Surface) -> Any:
    """A surface as trimesh takes it, its colour linear as glTF wants it, its material's name kept."""
    import trimesh
    from PIL import Image

    c: Array = np.array(s.color)
    c[:3] = np.where(c[:3] <= 0.04045, c[:3] / 12.92, ((c[:3] + 0.055) / 1.055) ** 2.4)
    paint = trimesh.visual.material.PBRMaterial(
        name=s.material,
        baseColorFactor=np.round(c * 255).astype(np.uint8),
        roughnessFactor=s.roughness,
        metallicFactor=s.metallic,
        alphaMode="BLEND" if s.color[3] < 1 else None,
        baseColorTexture=None if s.texture is None else Image.fromarray(s.texture),
    )
    look = trimesh.visual.TextureVisuals(uv=s.uv, material=paint)
    return trimesh.Trimesh(s.vertices, s.faces, vertex_normals=s.normals, process=False, visual=look)
