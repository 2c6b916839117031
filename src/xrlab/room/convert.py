"""A room written to be edited on: any room as .glb, a floor plan or a building model as a layout in YAML."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from xrlab.document import parse
from xrlab.errors import InputError, Problem
from xrlab.files import write_whole
from xrlab.room.info import to_glb
from xrlab.room.layouts import room_of
from xrlab.room.load import BUILDINGS, LAYOUTS, PLANS, is_scan, load_room
from xrlab.room.model import Door, Light, Room
from xrlab.room.plans.drawing import printable
from xrlab.room.plans.rooms import flow, load_plan, plan_to_layout
from xrlab.room.scans.rooms import ScanOptions, load_scan

_LEVEL_M = 0.05


def convert(
    file: Path, out: Path, mapping: Path | None = None, scan: ScanOptions | None = None
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Writes a room as `out` (.glb or .yaml); returns what was written, and remarks on what was left out.

    mapping: for a floor plan, what its layers mean. scan: how a scan's points become surfaces. A building model
    becomes two files: its mesh as .glb, and a layout beside it with its doors, zones and lamps. Raises
    `InputError` where the kinds don't go together.
    """
    kind, wanted = file.suffix.lower(), out.suffix.lower()
    if mapping is not None and kind not in PLANS:
        raise InputError(Problem(str(mapping), 0, 0, f"a mapping file is for floor plans ({', '.join(PLANS)})"))
    if scan is not None and not is_scan(file):
        raise InputError(Problem(str(file), 0, 0, "--triangles, --crop, --voxel-mm, --up and --unit are for scans"))
    if wanted == ".glb":
        if kind in PLANS:
            room = load_plan(file, mapping)
        else:
            room = load_scan(file, scan) if scan is not None else load_room(file)
        to_glb(room, out)
        return (out,), room.remarks
    if wanted not in LAYOUTS:
        raise InputError(f"{out}: a room is written as .glb or .yaml; give a name that ends so")
    if kind in PLANS:
        text, remarks = plan_to_layout(file, mapping)
        write_whole(out, text.encode())
        return (out,), remarks
    if kind in BUILDINGS:
        room = load_room(file)
        mesh = out.with_suffix(".glb")
        text = mesh_layout(room, mesh.name)
        to_glb(replace(room, doors={}, zones={}, lights=(), points={}), mesh)
        write_whole(out, text.encode())
        room_of(parse(text, out))  # what was written must load
        return (mesh, out), room.remarks
    known = ", ".join((*PLANS, *BUILDINGS))
    raise InputError(f"{file}: only floor plans and building models ({known}) become a layout; write a .glb")


def mesh_layout(room: Room, mesh: str) -> str:
    """A layout (YAML) that gives a mesh file the doors, zones and lamps of a room; storeys by floor_m."""
    floor = room.floor

    def storey(z: float) -> dict[str, float]:
        return {"floor_m": round(z, 3) + 0.0} if abs(z - floor) > _LEVEL_M else {}

    high = max((z.ceiling - z.floor for z in room.zones.values()), default=2.6)
    out = [f"# Made by xrlab from {printable(Path(room.source).name)}; the walls are in {printable(mesh)}."]
    out += [f"# {printable(r)}" for r in room.remarks]
    out += ["xrlab: 1", f"name: {json.dumps(printable(room.name) or 'building', ensure_ascii=False)}",
            f"height_m: {min(50.0, max(1.8, high)):.4g}", f"floor_m: {round(floor, 3) + 0.0:g}",
            f"mesh: {{file: {json.dumps(mesh, ensure_ascii=False)}}}"]  # fmt: skip
    if room.doors:
        out += ["doors:", *(f"  {n}: {flow(_door(d) | storey(d.hinge[2]))}" for n, d in room.doors.items())]
    if room.zones:
        out += ["zones:"]
        for name, zone in room.zones.items():
            corners = [[round(float(v), 3) + 0.0 for v in p] for p in zone.polygon]
            out.append(f"  {name}: {flow({'polygon': corners} | storey(zone.floor))}")
    if room.lights:
        out += ["lights:"]
        for lamp in room.lights[:200]:
            out.append("  - " + flow(_lamp(lamp)))
    return "\n".join(out) + "\n"


def _lamp(lamp: Light) -> dict[str, Any]:
    at = [round(float(v), 3) + 0.0 for v in lamp.position]
    out: dict[str, Any] = {"at": at, "lumens": round(lamp.power, 1), "group": lamp.group}
    if lamp.kind != "ceiling":
        out["kind"] = lamp.kind
    if lamp.kind in ("spot", "panel"):
        out["towards"] = [round(a + b, 3) + 0.0 for a, b in zip(lamp.position, lamp.direction, strict=True)]
    if lamp.kind == "spot":
        out["core_deg"], out["cone_deg"] = (round(min(math.degrees(2 * angle), 170.0), 2) for angle in lamp.cone)
    if lamp.kind == "panel":
        out["size_m"] = [round(v, 3) for v in lamp.size]
    if lamp.kind == "tube":
        out["length_m"] = round(lamp.size[0], 3)
    if lamp.kind in ("panel", "tube"):
        out["yaw_deg"] = round(math.degrees(math.atan2(lamp.along[1], lamp.along[0])), 2) + 0.0
    return out


def _door(door: Door) -> dict[str, Any]:
    yaw = (math.degrees(door.closed_yaw) + 180) % 360 - 180
    return {
        "hinge_at": [round(v, 3) + 0.0 for v in door.hinge[:2]], "closed_yaw_deg": round(yaw, 2) + 0.0,
        "hinge": "right" if door.swing > 0 else "left", "width_m": round(min(3.0, max(0.4, door.width)), 3),
        "height_m": round(min(4.0, max(1.5, door.height)), 3), "swing_deg": round(abs(math.degrees(door.swing)), 1),
        "material": door.material,
    }  # fmt: skip
