"""A character made in code: a man of prisms on bones, as a skinned glTF file with clips; nobody else's work.

In a T-pose, y up, facing +z, metres times `unit`, with the bones' names of several makers.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

# part: (parent, place x y z of its joint with x to the character's left, size of its prism, colour)
_BODY: dict[str, tuple[str, tuple[float, float, float], float, tuple[float, float, float]]] = {
    "hips": ("", (0.0, 0.97, 0.0), 0.13, (0.05, 0.06, 0.12)),
    "spine": ("hips", (0.0, 1.08, 0.0), 0.13, (0.30, 0.05, 0.05)),
    "chest": ("spine", (0.0, 1.24, 0.0), 0.15, (0.30, 0.05, 0.05)),
    "neck": ("chest", (0.0, 1.48, 0.0), 0.05, (0.62, 0.40, 0.28)),
    "head": ("neck", (0.0, 1.56, 0.0), 0.10, (0.62, 0.40, 0.28)),
}
for _side, _sign in (("left", 1.0), ("right", -1.0)):
    _BODY |= {
        f"{_side} shoulder": ("chest", (_sign * 0.05, 1.44, 0.0), 0.05, (0.30, 0.05, 0.05)),
        f"{_side} arm": (f"{_side} shoulder", (_sign * 0.18, 1.43, 0.0), 0.05, (0.30, 0.05, 0.05)),
        f"{_side} forearm": (f"{_side} arm", (_sign * 0.47, 1.43, 0.0), 0.04, (0.62, 0.40, 0.28)),
        f"{_side} hand": (f"{_side} forearm", (_sign * 0.74, 1.43, 0.0), 0.035, (0.62, 0.40, 0.28)),
        f"{_side} upleg": ("hips", (_sign * 0.09, 0.93, 0.0), 0.08, (0.05, 0.06, 0.12)),
        f"{_side} leg": (f"{_side} upleg", (_sign * 0.09, 0.50, 0.01), 0.06, (0.05, 0.06, 0.12)),
        f"{_side} foot": (f"{_side} leg", (_sign * 0.09, 0.08, 0.0), 0.05, (0.02, 0.02, 0.02)),
    }
_ENDS = {"head": (0.0, 1.75, 0.02), "left hand": (0.92, 1.43, 0.0), "right hand": (-0.92, 1.43, 0.0),
         "left foot": (0.09, 0.0, 0.18), "right foot": (-0.09, 0.0, 0.18)}  # fmt: skip

PLAIN = {part: part for part in _BODY}


def _named(trunk: Mapping[str, str], limb: Callable[[str, str], str]) -> dict[str, str]:
    out = dict(trunk)
    for part in _BODY:
        if " " in part:
            out[part] = limb(*part.split())
    return out


_MIX = {
    "shoulder": "Shoulder",
    "arm": "Arm",
    "forearm": "ForeArm",
    "hand": "Hand",
    "upleg": "UpLeg",
    "leg": "Leg",
    "foot": "Foot",
}
_UE = {
    "shoulder": "clavicle",
    "arm": "upperarm",
    "forearm": "lowerarm",
    "hand": "hand",
    "upleg": "thigh",
    "leg": "calf",
    "foot": "foot",
}
_VRM = {
    "shoulder": "Shoulder",
    "arm": "UpperArm",
    "forearm": "LowerArm",
    "hand": "Hand",
    "upleg": "UpperLeg",
    "leg": "LowerLeg",
    "foot": "Foot",
}
_RIG = {
    "shoulder": "shoulder",
    "arm": "upper_arm",
    "forearm": "forearm",
    "hand": "hand",
    "upleg": "thigh",
    "leg": "shin",
    "foot": "foot",
}

NAMES = {
    "mixamo": _named(
        {
            "hips": "mixamorig:Hips",
            "spine": "mixamorig:Spine",
            "chest": "mixamorig:Spine2",
            "neck": "mixamorig:Neck",
            "head": "mixamorig:Head",
        },
        lambda side, part: f"mixamorig:{side.title()}{_MIX[part]}",
    ),
    "unreal": _named(
        {"hips": "pelvis", "spine": "spine_01", "chest": "spine_03", "neck": "neck_01", "head": "head"},
        lambda side, part: f"{_UE[part]}_{side[0]}",
    ),
    "vrm": _named(
        {
            "hips": "J_Bip_C_Hips",
            "spine": "J_Bip_C_Spine",
            "chest": "J_Bip_C_Chest",
            "neck": "J_Bip_C_Neck",
            "head": "J_Bip_C_Head",
        },
        lambda side, part: f"J_Bip_{side[0].upper()}_{_VRM[part]}",
    ),
    "humanoid": _named(
        {"hips": "Hips", "spine": "Spine", "chest": "Chest", "neck": "Neck", "head": "Head"},
        lambda side, part: f"{side}{_VRM[part]}",
    ),
    "rigify": _named(
        {
            "hips": "DEF-spine",
            "spine": "DEF-spine.001",
            "chest": "DEF-spine.003",
            "neck": "DEF-spine.004",
            "head": "DEF-spine.006",
        },
        lambda side, part: f"DEF-{_RIG[part]}.{side[0].upper()}",
    ),
}


def turned(axis: int, angle: float) -> list[float]:
    """A quaternion x y z w."""
    out = [0.0, 0.0, 0.0, math.cos(angle / 2)]
    out[axis] = math.sin(angle / 2)
    return out


Motion = Mapping[str, tuple[str, list[float], list[list[float]]]]
"""For parts: the path, instants and values of a channel."""


def raised_hands() -> Motion:
    """Both arms go straight up in a second."""
    return {
        "left arm": ("rotation", [0.0, 1.0], [turned(2, 0.0), turned(2, math.pi / 2 - 0.1)]),
        "right arm": ("rotation", [0.0, 1.0], [turned(2, 0.0), turned(2, 0.1 - math.pi / 2)]),
    }


def stiff_walk(swing: float = 0.4) -> Motion:
    """Straight legs swing to and fro once a second, arms hang."""
    times = [k / 12 for k in range(13)]
    legs = [math.sin(2 * math.pi * t) * swing for t in times]
    return {
        "left upleg": ("rotation", times, [turned(0, -a) for a in legs]),
        "right upleg": ("rotation", times, [turned(0, a) for a in legs]),
        "left arm": ("rotation", [0.0], [turned(2, -1.35)]),
        "right arm": ("rotation", [0.0], [turned(2, 1.35)]),
    }


def character(
    names: str | Mapping[str, str] = "mixamo", *, unit: float = 1.0, yaw: float = 0.0,
    clips: Mapping[str, Motion] | None = None, change: Callable[[dict[str, Any]], None] | None = None,
    weights: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]] | None = None,
    inverse: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]] | None = None,
) -> bytes:  # fmt: skip
    """The content of a .glb. unit: metres of the file's unit, as one over it. yaw: turned about the upright."""
    called = NAMES[names] if isinstance(names, str) else names
    parts = [p for p in _BODY if p in called]
    number = {p: i for i, p in enumerate(parts)}
    place = {p: np.array(_BODY[p][1]) * unit for p in parts}
    blob, views, accessors = bytearray(), [], []

    def add(array: Any, kind: str, component: int) -> int:
        while len(blob) % 4:
            blob.append(0)
        raw = np.ascontiguousarray(array).tobytes()
        views.append({"buffer": 0, "byteOffset": len(blob), "byteLength": len(raw)})
        blob.extend(raw)
        count = len(array) if kind != "SCALAR" else np.asarray(array).size
        accessors.append({"bufferView": len(views) - 1, "componentType": component, "count": int(count), "type": kind})
        return len(accessors) - 1

    points, colours, hung, shares, triangles = [], [], [], [], []
    for p in parts:
        children = [c for c in parts if _BODY[c][0] == p and not c.endswith(("shoulder", "upleg"))]
        end = place[children[0]] if children else np.array(_ENDS.get(p, _BODY[p][1])) * unit
        start, size = place[p], _BODY[p][2] * unit
        way = end - start
        if not np.linalg.norm(way) > 1e-6:
            way = np.array((0.0, size, 0.0))
        along = way / np.linalg.norm(way)
        side = np.cross(along, (0.0, 0.0, 1.0) if abs(along[2]) < 0.9 else (1.0, 0.0, 0.0))
        side /= np.linalg.norm(side)
        up = np.cross(side, along)
        base, sides = len(points), 8
        parent = _BODY[p][0] if _BODY[p][0] in number else p
        for ring, share in ((0.0, 0.5), (0.25, 1.0), (0.75, 1.0), (1.0, 1.0)):
            for k in range(sides):
                a = 2 * math.pi * k / sides
                points.append(start + way * ring + (side * math.cos(a) + up * math.sin(a)) * size)
                colours.append(_BODY[p][3])
                hung.append((number[p], number[parent], 0, 0))
                shares.append((share, 1 - share, 0, 0))
        for ring in range(3):
            for k in range(sides):
                a, b = base + ring * sides + k, base + ring * sides + (k + 1) % sides
                triangles += [(a, b, b + sides), (a, b + sides, a + sides)]
        for first in (base, base + 3 * sides):
            triangles += [(first, first + k, first + k + 1) for k in range(1, sides - 1)]
    vertices = np.array(points, "<f4")
    inverses = np.tile(np.eye(4), (len(parts), 1, 1))
    inverses[:, :3, 3] = [-place[p] for p in parts]
    inverses = inverses if inverse is None else inverse(inverses)
    share = np.array(shares, "<f4") if weights is None else weights(np.array(shares, "<f4")).astype("<f4")
    attributes = {
        "POSITION": add(vertices, "VEC3", 5126), "JOINTS_0": add(np.array(hung, "<u2"), "VEC4", 5123),
        "WEIGHTS_0": add(share, "VEC4", 5126), "COLOR_0": add(np.array(colours, "<f4"), "VEC3", 5126),
    }  # fmt: skip
    index = add(np.array(triangles, "<u4").reshape(-1), "SCALAR", 5125)
    bind = add(inverses.transpose(0, 2, 1).astype("<f4"), "MAT4", 5126)
    nodes: list[dict[str, Any]] = []
    for p in parts:
        parent = _BODY[p][0] if _BODY[p][0] in number else ""
        nodes.append({"name": called[p], "translation": (place[p] - (place[parent] if parent else 0)).tolist()})
        kids = [number[k] for k in parts if _BODY[k][0] == p]
        if kids:
            nodes[-1]["children"] = kids
    loose = [i for i, p in enumerate(parts) if _BODY[p][0] not in number]
    nodes.append({"name": "rig", "children": loose, "rotation": [0.0, math.sin(yaw / 2), 0.0, math.cos(yaw / 2)]})
    nodes.append({"name": "skin of all", "mesh": 0, "skin": 0})
    data: dict[str, Any] = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [len(parts), len(parts) + 1]}], "nodes": nodes,
        "meshes": [{"primitives": [{"attributes": attributes, "indices": index}]}],
        "skins": [{"joints": list(range(len(parts))), "inverseBindMatrices": bind}],
        "animations": [],
    }  # fmt: skip
    for name, motion in (clips or {}).items():
        channels, samplers = [], []
        for part, (path, times, values) in motion.items():
            channels.append({"sampler": len(samplers), "target": {"node": number[part], "path": path}})
            kind = "VEC4" if path == "rotation" else "VEC3"
            samplers.append(
                {
                    "input": add(np.array(times, "<f4"), "SCALAR", 5126),
                    "output": add(np.array(values, "<f4"), kind, 5126),
                }
            )
        data["animations"].append({"name": name, "channels": channels, "samplers": samplers})
    if not data["animations"]:
        del data["animations"]
    data |= {"buffers": [{"byteLength": len(blob)}], "bufferViews": views, "accessors": accessors}
    if change is not None:
        change(data)
    text = json.dumps(data).encode()
    text += b" " * (-len(text) % 4)
    blob += b"\0" * (-len(blob) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(blob))
    return (
        head
        + struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(blob), 0x004E4942)
        + bytes(blob)
    )
