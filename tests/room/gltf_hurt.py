"""glTF files of every kind that is read, and what a seeded hand does to them."""

from __future__ import annotations

import base64
import copy
import json
import random
import struct
from typing import Any

import DracoPy
import meshopt
import numpy as np
from gltf_made import KTX2, Made, box, image, ramp

ODD: list[Any] = [
    None, True, False, -1, 0, 1, 2, 3, 7, 255, 65535, 2**31, 2**32, 10**9, 10**12, 1.5, -1e300, 1e300, float("nan"),
    float("inf"), "x", "", "../../../etc/passwd", "/etc/passwd", "http://a.b/c", "data:,", "data:;base64,////", [],
    [0], [[]], [1e308] * 3, [0] * 16, {}, {"a": 1}, "ATTRIBUTES", "SCALAR", "MAT4", "BLEND", "xrlab_door",
]  # fmt: skip


def whole() -> dict[str, bytes]:
    """A small good file of each kind, by name."""
    corners, faces = box(2.0, 3.0, 4.0)
    uv = np.column_stack((np.linspace(0, 1, 8), np.linspace(1, 0, 8))).astype("<f4")
    out = {}

    made = Made().used("EXT_meshopt_compression")
    vertices = corners.astype("<f4")
    position = made.packed(meshopt.encode_gltf_buffer(vertices, "ATTRIBUTES"), 8, 12, "ATTRIBUTES")
    indices = made.packed(meshopt.encode_gltf_buffer(faces.ravel(), "TRIANGLES"), 36, 4, "TRIANGLES")
    primitive: dict[str, Any] = {
        "attributes": {"POSITION": made.accessor(vertices, bufferView=position)},
        "indices": made.accessor(faces.ravel(), bufferView=indices),
    }
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}), name="packed")
    out["meshopt"] = made.glb()

    made = Made().used("KHR_draco_mesh_compression")
    encoded = DracoPy.encode(corners, faces, tex_coord=uv.astype(float))
    ids = {a["attribute_type"]: a["unique_id"] for a in DracoPy.decode(encoded).attributes}
    points = len(DracoPy.decode(encoded).points)
    primitive = {
        "attributes": {"POSITION": made.add("accessors", {"componentType": 5126, "count": points, "type": "VEC3"}),
                       "TEXCOORD_0": made.add("accessors", {"componentType": 5126, "count": points, "type": "VEC2"})},
        "indices": made.add("accessors", {"componentType": 5125, "count": 36, "type": "SCALAR"}),
        "extensions": {"KHR_draco_mesh_compression": {
            "bufferView": made.view(encoded), "attributes": {"POSITION": ids[0], "TEXCOORD_0": ids[3]}}},
        "material": made.add("materials", {"name": "paint"}),
    }  # fmt: skip
    made.node(mesh=made.add("meshes", {"primitives": [primitive]}))
    out["draco"] = made.glb()

    for kind, content, mime, extension in (
        ("png", image(ramp()), "image/png", ""),
        ("jpeg", image(ramp()[..., :3], "JPEG"), "image/jpeg", ""),
        ("webp", image(ramp(), "WEBP"), "image/webp", "EXT_texture_webp"),
        ("etc1s", base64.b64decode(KTX2["etc1s"]), "image/ktx2", "KHR_texture_basisu"),
        ("uastc", base64.b64decode(KTX2["uastc"]), "image/ktx2", "KHR_texture_basisu"),
    ):
        made = Made()
        transform = {"offset": [0.5, 0.25], "rotation": 0.5, "scale": [2, 2]}
        told = {"index": made.texture(content, mime, extension), "extensions": {"KHR_texture_transform": transform}}
        material = {
            "pbrMetallicRoughness": {"baseColorTexture": told, "baseColorFactor": [1, 1, 1, 0.5],
                                     "metallicRoughnessTexture": told},
            "alphaMode": "MASK", "alphaCutoff": 0.3, "emissiveFactor": [0.1, 0.2, 0.3],
            "extensions": {"KHR_materials_transmission": {"transmissionFactor": 0.3},
                           "KHR_materials_emissive_strength": {"emissiveStrength": 2}},
        }  # fmt: skip
        colors = np.ones((8, 4), "<f4") * 0.5
        made.node(mesh=made.mesh(corners, faces, made.add("materials", material), TEXCOORD_0=uv, COLOR_0=colors))
        out[kind] = made.glb()

    made = Made().used("EXT_mesh_gpu_instancing").used("KHR_lights_punctual")
    lights = [{"type": "point", "intensity": 50, "color": [1, 0.5, 0.2]}, {"type": "spot", "spot": {}},
              {"type": "directional", "intensity": 3}]  # fmt: skip
    made.data["extensions"] = {"KHR_lights_punctual": {"lights": lights}}
    plate = np.array([[0, 0, 0], [4, 0, 0], [4, 0, -3], [0, 0, -3]]), np.array([[0, 1, 2], [0, 2, 3]])
    made.node(mesh=made.mesh(*plate), name="Hall", extras={"xrlab_zone": True})
    made.node(mesh=made.mesh(*box(1.0, 2.0, 0.04, (0.5, 1, 0))), name="Door",
              extras={"xrlab_door": "door", "xrlab_swing_deg": -90, "xrlab_opened_by": "police, defence"})  # fmt: skip
    made.node(name="Start", extras={"xrlab_point": "start"}, rotation=[0, 0.5, 0, 0.5], translation=[1, 0, -1])
    made.node(name="Lamp", extras={"xrlab_light": True, "xrlab_lumens": 800.0, "xrlab_group": "hall"})
    for number in range(3):
        made.node(extensions={"KHR_lights_punctual": {"light": number}}, translation=[0, 2, 0])
    made.node(camera=made.add("cameras", {"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}}))
    copies = {"TRANSLATION": made.accessor(np.arange(9, dtype="<f4").reshape(3, 3))}
    child = made.add("nodes", {"mesh": 0, "matrix": np.eye(4).ravel().tolist()})
    made.node(
        mesh=made.mesh(*box(1, 1, 1)), extensions={"EXT_mesh_gpu_instancing": {"attributes": copies}},
        children=[child], extras={"xrlab_material": "brick"},
    )  # fmt: skip
    out["marks"] = made.glb()
    return out


def hurt(raw: bytes, seed: int) -> bytes:
    """The file with some of its bytes, or one of its JSON's parts, changed, or its end cut off."""
    rng = random.Random(seed)
    length = struct.unpack_from("<I", raw, 12)[0]
    how = rng.random()
    if how < 0.6:
        tree = json.loads(raw[20 : 20 + length])
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            places = _places(tree)
            leaves = [(p, k) for p, k in places if not isinstance(p[k], dict | list)]
            part, key = rng.choice(leaves if rng.random() < 0.7 else places)
            value = part[key]
            if type(value) in (int, float) and rng.random() < 0.5:
                part[key] = rng.choice((value + 1, value - 1, value * 2, -value, value * 1000))
            else:
                part[key] = copy.deepcopy(rng.choice(ODD))
        text = json.dumps(tree).encode()
        text += b" " * (-len(text) % 4)
        rest = raw[20 + length :]
        head = struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A)
        return head + text + rest
    out = bytearray(raw)
    if how < 0.95:
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            at = rng.randrange(20 + length, len(raw)) if rng.random() < 0.8 else rng.randrange(len(raw))
            out[at] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        return bytes(out)
    return bytes(out[: rng.randrange(1, len(out))])


def _places(tree: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    parts = [tree]
    while parts:
        part = parts.pop()
        for key in part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ():
            found.append((part, key))
            parts.append(part[key])
    return found
