"""What a room holds, in figures and warnings; and a room as a clean .glb."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.files import write_whole
from xrlab.geometry.transforms import Array
from xrlab.room.faults import warnings_of, wrong_units
from xrlab.room.gltf.marks import write_marks
from xrlab.room.materials import BULLETS, MATERIALS, Material
from xrlab.room.model import NO_MAPS, Door, Room, Surface
from xrlab.room.zones import Zone

_COLUMN_M = 0.1
_MOST_COLUMNS = 40_000
_AIR_M = 0.3
"""Less than this between a floor and what is over it is no room but a gap."""

Rows = list[list[str]]


def describe(room: Room) -> dict[str, Any]:
    """All that a room holds, as plain data: size, storeys, zones, points, doors, windows, lamps, materials, warnings.

    Areas are in m², volumes in m³ with furniture not taken off; None where nothing can be measured (a room that is
    not in metres) or the sky is above.
    """
    low, high = room.bounds
    metric = wrong_units(room) is None and any(len(s.faces) for s in room.surfaces)
    area, volume = _under_roof(room) if metric else (None, None)
    return {
        "name": room.name,
        "file": room.source,
        "files": [str(f) for f in room.files],
        "size_m": [round(float(v), 3) for v in high - low],
        "floor_m": room.floor,
        "triangles": sum(len(s.faces) for s in room.surfaces),
        "surfaces": len(room.surfaces),
        "textures": len(
            {id(p) for s in room.surfaces for p in (s.texture, *s.maps.pictures.values()) if p is not None}
        ),
        "walkable_m2": round(room.walkable.area, 2) if metric else None,
        "under_roof_m2": area,
        "volume_m3": volume,
        "storeys": [{"floor_m": z, "walkable_m2": round(a, 2)} for z, a in room.walkable.storeys] if metric else [],
        "zones": {n: _zone_facts(room, z, metric) for n, z in sorted(room.zones.items())},
        "points": {
            n: {"at": [round(v, 3) for v in p.position], "yaw_deg": round(math.degrees(p.yaw), 1)}
            for n, p in sorted(room.points.items())
        },
        "doors": {n: _door_facts(d) for n, d in sorted(room.doors.items())},
        "windows": sum(MATERIALS[s.material].name in ("glass", "armoured_glass") for s in room.surfaces),
        "lights": len(room.lights),
        "light_groups": {g: sum(x.group == g for x in room.lights) for g in sorted({x.group for x in room.lights})},
        "materials_m2": _material_areas(room),
        "warnings": warnings_of(room),
    }


def _material_areas(room: Room) -> dict[str, float]:
    areas: dict[str, float] = defaultdict(float)
    for s in room.surfaces:
        tri = s.vertices[s.faces]
        normal = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0])
        areas[s.material] += float(np.sqrt(np.einsum("ij,ij->i", normal, normal)).sum()) / 2
    return {m: round(a, 2) for m, a in sorted(areas.items())}


def _door_facts(door: Door) -> dict[str, Any]:
    return {
        "width_m": round(door.width, 3),
        "height_m": round(door.height, 3),
        "swing_deg": round(abs(math.degrees(door.swing)), 1),
        "material": door.material,
        "opened_by": list(door.opened_by),
        "begins_open": door.begins_open,
    }


def _zone_facts(room: Room, zone: Zone, metric: bool) -> dict[str, Any]:
    """Floor, ceiling, area and volume of a zone; its height is measured where there is something above."""
    x, y = zone.polygon[:, 0], zone.polygon[:, 1]
    area = abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2
    height = _height(room, zone) if metric else None
    return {
        "floor_m": round(zone.floor, 3),
        "height_m": None if height is None else round(height, 2),
        "area_m2": round(area, 2),
        "volume_m3": None if height is None else round(area * height, 1),
    }


def _height(room: Room, zone: Zone) -> float | None:
    """Mean height of what is over a zone (m), its own ceiling at most; None under the open sky."""
    low, high = zone.polygon.min(axis=0), zone.polygon.max(axis=0)
    xs, ys = (a + (np.arange(24) + 0.5) / 24 * (b - a) for a, b in zip(low, high, strict=True))
    flat = np.column_stack([g.ravel() for g in np.meshgrid(xs, ys)])
    flat = flat[zone.contains(flat)]
    if not len(flat):
        return None
    # from above furniture and below lintels, as most of a room's air is free there
    start = np.column_stack((flat, np.full(len(flat), zone.floor + 0.75 * (zone.ceiling - zone.floor))))
    up, _ = room.solid.closest_many(start, np.broadcast_to(np.array([0.0, 0.0, 1.0]), start.shape))
    met = np.isfinite(up)
    if met.mean() < 0.5:
        return None
    return float((start[met, 2] + up[met] - zone.floor).mean())


def _under_roof(room: Room) -> tuple[float, float]:
    """Area (m²) of all floors with something above, and the volume (m³) of the air between, storey by storey.

    Upright lines through the room, 0.1 m apart or more: between a surface that looks up and one above that looks down
    there is air.
    """
    low, high = room.bounds
    step = max(_COLUMN_M, math.sqrt(float((high[0] - low[0]) * (high[1] - low[1])) / _MOST_COLUMNS))
    xs, ys = (np.arange(low[k] + step / 2 + 0.0137, high[k], step) for k in (0, 1))
    flat = np.column_stack([g.ravel() for g in np.meshgrid(xs, ys)])
    at = np.column_stack((flat, np.full(len(flat), low[2] - 0.1)))
    up = np.array([0.0, 0.0, 1.0])
    floor = np.full(len(at), np.nan)  # height of the last surface that looked up
    middles, heights = [np.zeros((0, 3))], [np.zeros(0)]
    for _ in range(256):
        distance, triangle = room.solid.closest_many(at, np.broadcast_to(up, at.shape))
        met = triangle >= 0
        at, floor, distance, triangle = at[met], floor[met], distance[met], triangle[met]
        if not len(at):
            break
        z = at[:, 2] + distance
        looks_up = room.solid.normals[triangle, 2] > 0
        air = np.where(~looks_up, z - floor, np.nan)
        real = air >= _AIR_M
        middles.append(np.column_stack((at[real, :2], z[real] - air[real] / 2)))
        heights.append(air[real])
        floor = np.where(looks_up, z, np.nan)
        at = np.column_stack((at[:, :2], z + 1e-4))
    air = np.concatenate(heights)
    inside = _inside_solids(room, np.concatenate(middles))
    if inside.mean() < 0.5 if len(inside) else False:  # else its surfaces all look outwards, and that says nothing
        air = air[~inside]
    return round(len(air) * step * step, 1), round(float(air.sum()) * step * step, 1)


def _inside_solids(room: Room, at: Array) -> NDArray[np.bool_]:
    """Which places (n, 3) lie inside of walls or slabs: in three of four directions they see surfaces from behind."""
    behind = np.zeros(len(at), np.int64)
    for way in ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)):
        ray = np.array(way)
        _, triangle = room.solid.closest_many(at, np.broadcast_to(ray, at.shape))
        behind += (triangle >= 0) & (room.solid.normals[triangle] @ ray > 0)
    return behind >= 3


def sections(facts: dict[str, Any]) -> list[tuple[str, list[str], Rows]]:
    """What `describe` found as tables for people: title, heads and rows, with units."""
    x, y, z = facts["size_m"]
    room: Rows = [
        ["file", facts["file"]],
        ["size", f"{x:g} x {y:g} x {z:g} m"],
        ["floor", f"at {facts['floor_m']:g} m"],
        ["free to walk on", _unit(facts["walkable_m2"], "m²")],
        ["under a roof", f"{_unit(facts['under_roof_m2'], 'm²')}, {_unit(facts['volume_m3'], 'm³')} of air"],
        ["drawn", f"{facts['triangles']:,} triangles, {facts['surfaces']} surfaces, {facts['textures']} textures"],
        ["panes of glass", str(facts["windows"])],
        ["lamps", ", ".join(f"{n} {g}" for g, n in facts["light_groups"].items()) or "none"],
    ]
    return [
        (facts["name"], ["", ""], room),
        ("Storeys", ["floor", "free to walk on"],
         [[f"{s['floor_m']:g} m", _unit(s["walkable_m2"], "m²")] for s in facts["storeys"]]),
        ("Zones", ["name", "floor", "height", "area", "volume"],
         [[n, f"{q['floor_m']:g} m", _unit(q["height_m"], "m", "open sky"), _unit(q["area_m2"], "m²"),
           _unit(q["volume_m3"], "m³", "")] for n, q in facts["zones"].items()]),
        ("Points", ["name", "at", "looks"],
         [[n, ", ".join(f"{v:g}" for v in p["at"]), f"{p['yaw_deg']:g}°"] for n, p in facts["points"].items()]),
        ("Doors", ["name", "width", "height", "opens", "material", "opened by"],
         [[n, f"{d['width_m']:g} m", f"{d['height_m']:g} m", f"{d['swing_deg']:g}°", d["material"],
           ", ".join(d["opened_by"])] for n, d in facts["doors"].items()]),
        ("Materials", ["name", "area", "stops a pistol, carbine, rifle at", "blocks sight"],
         [[m, _unit(a, "m²"), _stops(MATERIALS[m]), _yes(MATERIALS[m].blocks_sight)]
          for m, a in facts["materials_m2"].items()]),
        ("Warnings", [""], [[f"- {w}"] for w in facts["warnings"]] or [["none"]]),
    ]  # fmt: skip


def _unit(value: float | None, unit: str, none: str = "not known") -> str:
    return none if value is None else f"{value:,.1f} {unit}"


def _stops(material: Material) -> str:
    """The thicknesses at which it stops each class of bullet: "40, 51, 120 mm"."""
    known = [material.stops(bullet) for bullet in BULLETS]
    return ", ".join(f"{m * 1000:g}" for m in known if m) + " mm" if any(known) else "never"


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def to_glb(room: Room, path: Path) -> None:
    """Writes the room as a binary glTF (y up), wholly or not at all; read again, it is the same room.

    Door leaves and zones are nodes of their own, marked with points, lamps and cameras as docs/from-blender.md says.
    """
    import shapely
    import trimesh

    scene = trimesh.Scene()
    for index, s in enumerate(room.surfaces):
        scene.add_geometry(_drawn(s), node_name=f"{s.name} {index}")
    for door in room.doors.values():
        leaf = trimesh.creation.box((door.width, door.thickness, door.height))
        leaf.apply_translation((door.width / 2, 0, door.height / 2))
        turn = trimesh.transformations.rotation_matrix(door.closed_yaw, (0, 0, 1))
        turn[:3, 3] = door.hinge
        surface = Surface(door.name, leaf.vertices, leaf.faces, door.material, door.color)
        scene.add_geometry(_drawn(surface), node_name=door.name, transform=turn)
    for zone in room.zones.values():
        space = trimesh.creation.extrude_polygon(shapely.Polygon(zone.polygon), zone.ceiling - zone.floor)
        space.apply_translation((0, 0, zone.floor))
        shape = Surface(zone.name, space.vertices, space.faces, "zone", (0.3, 0.6, 0.9, 0.15))
        scene.add_geometry(_drawn(shape), node_name=f"zone {zone.name}")
    scene.apply_transform(np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]]))
    write_whole(path, scene.export(file_type="glb", tree_postprocessor=partial(_completed, room=room)))


def _completed(tree: dict[str, Any], room: Room) -> None:
    """Puts into a glTF's JSON what trimesh does not write: marks, and the rest of what materials say."""
    write_marks(tree, room)
    known = {id(s.maps): s.maps for s in room.surfaces}
    used = set(tree.get("extensionsUsed", ()))
    for material in tree.get("materials", ()):
        material["name"], _, number = str(material.get("name", "")).partition(_LOOK)
        maps = known.get(int(number)) if number else None
        if maps is None:
            continue
        material.get("normalTexture", {})["scale"] = maps.bumps
        material.get("occlusionTexture", {})["strength"] = maps.darkens
        strongest = max(maps.shines)
        if strongest > 1.0:
            material["emissiveFactor"] = [v / strongest for v in maps.shines]
            material.setdefault("extensions", {})["KHR_materials_emissive_strength"] = {"emissiveStrength": strongest}
        if maps.unlit:
            material.setdefault("extensions", {})["KHR_materials_unlit"] = {}
        used |= set(material.get("extensions", ()))
    if used:
        tree["extensionsUsed"] = sorted(used)


_LOOK = "#maps "


def _drawn(s: Surface) -> Any:
    """A surface as trimesh takes it, its colour linear as glTF wants it, its material's name kept."""
    import trimesh
    from PIL import Image

    c: Array = np.array(s.color)
    if s.colors is not None:  # they are multiplied with the surface's own, which is white then
        c[:3] = 1.0
    c[:3] = _linear(c[:3])
    # a picture that lies otherwise than the base colour's would need coordinates that trimesh does not write
    maps = {name: Image.fromarray(picture) for name, picture in s.maps.pictures.items() if name not in s.maps.uvs}
    blended = s.color[3] < 1 or s.maps.blended
    paint = trimesh.visual.material.PBRMaterial(
        name=s.material if s.maps is NO_MAPS else f"{s.material}{_LOOK}{id(s.maps)}",
        baseColorFactor=np.round(c * 255).astype(np.uint8),
        roughnessFactor=s.roughness,
        metallicFactor=s.metallic,
        alphaMode="BLEND" if blended else "MASK" if s.maps.cutoff is not None else None,
        alphaCutoff=s.maps.cutoff,
        baseColorTexture=None if s.texture is None else Image.fromarray(s.texture),
        normalTexture=maps.get("normal"),
        metallicRoughnessTexture=maps.get("finish"),
        occlusionTexture=maps.get("occlusion"),
        emissiveTexture=maps.get("glow"),
        emissiveFactor=np.minimum(s.maps.shines, 1.0) if any(s.maps.shines) else None,
        doubleSided=None if s.one_sided else True,
    )
    look = trimesh.visual.TextureVisuals(uv=s.uv, material=paint)
    if s.colors is not None:
        shades = np.round(_linear(s.colors / 255) * 255).astype(np.uint8)
        look.vertex_attributes["color"] = np.column_stack((shades, np.full(len(shades), 255, np.uint8)))
    return trimesh.Trimesh(s.vertices, s.faces, vertex_normals=s.normals, process=False, visual=look)


def _linear(srgb: Array) -> Array:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
