"""Role players out of glTF files: whose bones are which parts of a body, how tall they are, how their clips move them.

A character's own skeleton is never moved by the simulation. It is asked where its joints lie in the file's rest pose,
and its skin is hung on the sixteen joints of `xrlab.geometry.poses`, which are those that shots meet. A clip becomes
poses of those sixteen joints, so that what is seen is what is hit in it too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.errors import InputError, Problem, meant
from xrlab.geometry.poses import BONES, JOINT, JOINTS, LENGTHS, POSES, Own, Points, to_length
from xrlab.geometry.transforms import Array
from xrlab.room.gltf.container import Untrue
from xrlab.room.gltf.skins import Clip, Skinned, read_skinned
from xrlab.room.meshes import Neighbours, raw_file

STATURE_M = 1.75
"""Every character is drawn so tall: the body that is hit has this stature."""
ENDINGS = (".glb", ".gltf")
CYCLES = ("walking", "running")
"""Names of clips that are cycles on the way; the others are called as poses are."""

PARTS = (
    "pelvis", "belly", "chest", "neck", "head",
    *(f"{side}_{part}" for side in ("left", "right")
      for part in ("collar", "upper_arm", "forearm", "hand", "thigh", "shin", "foot")),
)  # fmt: skip
"""Parts of a body that a skin hangs on, in the order of `Character.weights`."""

_NEEDED = tuple(p for p in PARTS if not p.endswith(("belly", "chest", "neck", "collar")))

# What the last word of a bone's name means, once side, prefix and number are taken off: Mixamo, Unreal, VRM and Unity,
# Rigify (DEF- and plain names), Biped, Daz.
_TRUNK = {
    "hips": "pelvis", "hip": "pelvis", "pelvis": "pelvis", "jbipchips": "pelvis",
    "spine": "belly", "spine1": "belly", "spine01": "belly", "abdomen": "belly", "abdomenlower": "belly",
    "abdomenupper": "belly", "waist": "belly", "torso": "belly",
    "spine2": "chest", "spine02": "chest", "spine3": "chest", "spine03": "chest", "spine04": "chest",
    "spine05": "chest", "chest": "chest", "upperchest": "chest", "chestlower": "chest", "chestupper": "chest",
    "neck": "neck", "neck1": "neck", "neck01": "neck", "neck02": "neck", "necklower": "neck", "neckupper": "neck",
    "head": "head",
}  # fmt: skip
_LIMBS = {
    "shoulder": "collar", "clavicle": "collar", "collar": "collar",
    "arm": "upper_arm", "upperarm": "upper_arm", "shldr": "upper_arm", "shldrbend": "upper_arm",
    "forearm": "forearm", "lowerarm": "forearm", "forearmbend": "forearm", "elbow": "forearm",
    "hand": "hand", "wrist": "hand",
    "upleg": "thigh", "upperleg": "thigh", "thigh": "thigh", "thighbend": "thigh",
    "leg": "shin", "lowerleg": "shin", "calf": "shin", "shin": "shin", "knee": "shin",
    "foot": "foot", "ankle": "foot",
}  # fmt: skip
# Rigify counts its spine upwards from the pelvis.
_RIGIFY = {"spine": "pelvis", "spine001": "belly", "spine002": "belly", "spine003": "chest", "spine004": "neck",
           "spine005": "neck", "spine006": "head"}  # fmt: skip
_PREFIX = re.compile(
    r"^(mixamorig\d*[:_]?|def[-_]|org[-_]|bip0*1[ _]|valvebiped[._]bip0*1[_.]|j[_ ]bip[_ ]|cc_base_)", re.I
)
_SIDE = re.compile(r"(?:^|[._\- ])(left|right|l|r)(?:$|[._\- ])|^(left|right)(?=[A-Z_a-z])", re.I)

_TO_BODY = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""From glTF's axes (y up, faces +z, its left +x) to a body's (x forward, y left, z up)."""


def part_of(name: str, rigify: bool = False) -> str | None:
    """The part of a body that a bone of this name stands for; None for fingers, helpers and whatever else."""
    bare = _PREFIX.sub("", name.strip())
    side = ""
    found = _SIDE.search(bare)
    if found:
        side = "left" if (found[1] or found[2]).lower().startswith("l") else "right"
        bare = bare[: found.start()] + " " + bare[found.end() :]
    word = re.sub(r"[^a-z0-9]", "", bare.lower())
    word = re.sub(r"^c(?=spine|hips|neck|head|chest|upperchest)", "", word)  # VRoid writes C for the centre
    if side:
        part = _LIMBS.get(word)
        return f"{side}_{part}" if part else None
    return _RIGIFY.get(word) if rigify and word in _RIGIFY else _TRUNK.get(word)


@dataclass(frozen=True, eq=False)
class Character:
    """Somebody out of a file, scaled to a stature of 1.75 m, in a body's frame: x forward, y left, z up, feet on 0.

    vertices, normals (n, 3), faces (m, 3), colors (n, 3) sRGB, weights (n, parts) over `PARTS`. joints (16, 3): where
    they lie in the file's rest pose. own: what its clips say of poses and cycles. remarks: for its author.
    """

    name: str
    vertices: Array
    normals: Array
    faces: NDArray[np.int64]
    colors: NDArray[np.uint8]
    weights: NDArray[np.float32]
    joints: Array
    own: Own
    remarks: tuple[str, ...] = ()


State = tuple[int, int]
_kept: dict[Path, tuple[State, Character]] = {}
_MOST_KEPT = 16


def load_character(path: Path) -> Character:
    """The character of a glTF file; raises `InputError` where there is none, naming the bones that lack.

    One whose file has not changed since it was last loaded in this process is not read again.
    """
    try:
        info = path.stat()
    except OSError:
        raise InputError(Problem(str(path), 0, 0, "no such file")) from None
    state = (info.st_mtime_ns, info.st_size)
    if path in _kept and _kept[path][0] == state:
        return _kept[path][1]
    if path.suffix.lower() not in ENDINGS:
        raise InputError(Problem(str(path), 0, 0, f"a character is a file that ends in {' or '.join(ENDINGS)}"))
    raw = raw_file(path, path.suffix.lower())
    try:
        character = _made(path.stem, read_skinned(raw, Neighbours(path)))
    except Untrue as error:
        raise InputError(Problem(str(path), 0, 0, str(error))) from None
    if len(_kept) >= _MOST_KEPT:
        del _kept[next(iter(_kept))]
    _kept[path] = (state, character)
    return character


def _made(name: str, file: Skinned) -> Character:
    nodes = _nodes_of(file)
    lacking = [part for part in _NEEDED if part not in nodes]
    if lacking:
        known = sorted(file.names[b] for b in file.skeleton)
        raise Untrue(
            f"lacks bones for {', '.join(p.replace('_', ' ') for p in lacking)}; its bones are "
            f"{', '.join(known[:12])}{' …' if len(known) > 12 else ''}; name them as Mixamo, VRM, Unreal or Rigify do"
        )
    turn = _facing(file.world, nodes)
    vertices = file.vertices @ turn.T
    low, high = float(vertices[:, 2].min()), float(vertices[:, 2].max())
    tall = high - low
    if not tall > 1e-6:
        raise Untrue("has no height; a character stands upright, y up as glTF has it")
    scale = STATURE_M / tall
    remarks = []
    if not 1.4 <= tall <= 2.1:
        remarks.append(f"'{name}' is {tall:.3g} m tall in its file, drawn at {STATURE_M} m; is the file in metres?")
    middle = (_place(file.world, nodes["left_thigh"]) + _place(file.world, nodes["right_thigh"])) / 2 @ turn.T
    moved = np.array([middle[0], middle[1], low])
    joints = (_joints(file.world, nodes) @ turn.T - moved) * scale
    for bone in BONES:
        a, b = joints[JOINT[bone[0]]], joints[JOINT[bone[1]]]
        if bone[0].endswith(("shoulder", "elbow", "hip", "knee")) and not 0.05 < float(np.linalg.norm(b - a)) < 1.2:
            raise Untrue(
                f"has a bone of no or giant length from {bone[0].replace('_', ' ')} to {bone[1].replace('_', ' ')}"
            )
    return Character(
        name, (vertices - moved) * scale, file.normals @ turn.T, file.faces, file.colors, _weights(file, nodes),
        _completed(joints), _own(file.clips, nodes, turn, remarks), tuple(remarks),
    )  # fmt: skip


def _nodes_of(file: Skinned) -> dict[str, int]:
    """The node of each part: of several the one nearest the root."""
    rigify = any(file.names[b].lower() in ("spine.006", "def-spine.006", "spine006") for b in file.skeleton)
    out: dict[str, int] = {}
    for node in sorted(file.skeleton, key=lambda n: (_depth(file.parents, n), n)):
        part = part_of(file.names[node], rigify)
        if part is not None:
            out.setdefault(part, node)
    return out


def _depth(parents: tuple[int, ...], node: int) -> int:
    depth = 0
    while node >= 0:
        node, depth = parents[node], depth + 1
    return depth


def _place(world: Array, node: int) -> Array:
    out: Array = world[node, :3, 3]
    return out


def _facing(world: Array, nodes: dict[str, int]) -> Array:
    """From the file's axes to the body's, whichever way round the character faces."""
    left = (_place(world, nodes["left_thigh"]) - _place(world, nodes["right_thigh"])) @ _TO_BODY.T
    yaw = math.atan2(-float(left[0]), float(left[1]))
    c, s = math.cos(-yaw), math.sin(-yaw)
    turn: Array = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ _TO_BODY
    return turn


_AT = {"shoulder": "upper_arm", "elbow": "forearm", "hand": "hand", "hip": "thigh", "knee": "shin", "foot": "foot"}


def _joints(world: Array, nodes: dict[str, int]) -> Array:
    """Where the limbs' joints and the neck lie, (16, 3), in the file's axes; `_completed` adds those of the trunk."""
    out = np.zeros((len(JOINTS), 3))
    for side in ("left", "right"):
        for joint, part in _AT.items():
            out[JOINT[f"{side}_{joint}"]] = _place(world, nodes[f"{side}_{part}"])
    out[JOINT["neck"]] = _place(world, nodes.get("neck", nodes["head"]))
    out[JOINT["crown"]] = _place(world, nodes["head"])
    return out


def _completed(joints: Array) -> Array:
    """The joints with those of the trunk put where a body of this kind has them."""
    out = joints.copy()
    hips = (out[JOINT["left_hip"]] + out[JOINT["right_hip"]]) / 2
    shoulders = (out[JOINT["left_shoulder"]] + out[JOINT["right_shoulder"]]) / 2
    up = shoulders - hips
    up /= max(float(np.linalg.norm(up)), 1e-9)
    side = out[JOINT["left_shoulder"]] - out[JOINT["right_shoulder"]]
    front = np.cross(side, up)
    front /= max(float(np.linalg.norm(front)), 1e-9)
    pelvis = hips + 0.03 * up
    neck = out[JOINT["neck"]]
    neck = shoulders + up * min(max(float((neck - shoulders) @ up), 0.02), 0.12)
    out[JOINT["pelvis"]], out[JOINT["neck"]] = pelvis, neck
    out[JOINT["chest"]] = pelvis + (neck - pelvis) * (0.33 / 0.52)
    out[JOINT["crown"]] = neck + up * 0.185 + front * 0.02
    return out


def _weights(file: Skinned, nodes: dict[str, int]) -> NDArray[np.float32]:
    """How much each vertex hangs on which part: bones that stand for none go with the next one that does."""
    part_of_node = {node: PARTS.index(part) for part, node in nodes.items()}
    rigify = any(file.names[b].lower() in ("spine.006", "def-spine.006", "spine006") for b in file.skeleton)
    column = np.zeros(len(file.names), np.int64)
    for node in range(len(file.names)):
        at: int = node
        while at >= 0 and at not in part_of_node:
            named = part_of(file.names[at], rigify)
            if named is not None:  # a second bone of the same part
                break
            at = file.parents[at]
        if at in part_of_node:
            column[node] = part_of_node[at]
        elif at >= 0:
            column[node] = PARTS.index(part_of(file.names[at], rigify) or "pelvis")
    out = np.zeros((len(file.vertices), len(PARTS)), np.float32)
    rows = np.arange(len(file.vertices))
    for k in range(file.bones.shape[1]):
        np.add.at(out, (rows, column[file.bones[:, k]]), file.weights[:, k].astype(np.float32))
    return np.asarray(out / out.sum(axis=1, keepdims=True), np.float32)


# --- clips -------------------------------------------------------------------------------------------------------

_ALIASES = {
    "idle": "standing", "stand": "standing", "walk": "walking", "run": "running", "crouch": "crouching",
    "kneel": "kneeling", "sit": "sitting", "lie": "lying", "aim": "aiming", "hands_on_head": "kneeling",
}  # fmt: skip


def _own(clips: dict[str, Clip], nodes: dict[str, int], turn: Array, remarks: list[str]) -> Own:
    """What clips called after poses and cycles say, of a pose its last instant; others are named in a remark."""
    poses: dict[str, Points] = {}
    cycles: dict[str, tuple[Points, ...]] = {}
    wanted = (*POSES, *CYCLES)
    for name, clip in clips.items():
        word = re.sub(r"[^a-z0-9]+", "_", name.rsplit("|", 1)[-1].lower()).strip("_")
        word = _ALIASES.get(word, word)
        if word not in wanted:
            remarks.append(f"the clip '{name[:60]}' is named after no pose and is not used{meant(word, wanted)}")
        elif word in CYCLES:
            # the last instant of a cycle is its first again
            frames = clip.world[:-1] if len(clip.world) > 2 else clip.world
            cycles.setdefault(word, tuple(_as_pose(world, nodes, turn) for world in frames))
        else:
            poses.setdefault(word, _as_pose(clip.world[-1], nodes, turn))
    return Own(poses, cycles, {name: _stride(frames) for name, frames in cycles.items()})


def _stride(frames: tuple[Points, ...]) -> float:
    """Metres that a cycle goes on in one turn: as far as the foot that bears the body goes back under it."""
    pairs = zip(frames, (*frames[1:], frames[0]), strict=True)
    return max(0.3, sum(max(a[f][0] - b[f][0] for f in ("left_foot", "right_foot")) for a, b in pairs))


def _as_pose(world: Array, nodes: dict[str, int], turn: Array) -> Points:
    """A skeleton as a pose of our body: its bones' directions at our lengths, its lowest foot on the floor."""
    own = _joints(world, nodes) @ turn.T
    legs = sum(
        float(np.linalg.norm(own[JOINT[f"{s}_{a}"]] - own[JOINT[f"{s}_{b}"]]))
        for s in ("left", "right")
        for a, b in (("hip", "knee"), ("knee", "foot"))
    )
    ours = sum(
        LENGTHS[f"{s}_{a}", f"{s}_{b}"] for s in ("left", "right") for a, b in (("hip", "knee"), ("knee", "foot"))
    )
    own = _completed(own * (ours / max(legs, 1e-9)))
    own = own - np.array([*((own[JOINT["left_hip"]] + own[JOINT["right_hip"]]) / 2)[:2], 0.0])
    drawn: dict[str, Any] = {name: tuple(float(v) for v in own[k]) for name, k in JOINT.items()}
    fixed = to_length(drawn)
    low = min(fixed["left_foot"][2], fixed["right_foot"][2]) - 0.07
    low = max(low, min(p[2] for p in fixed.values()) - 0.07)
    return {name: (round(x, 6), round(y, 6), round(z - low, 6)) for name, (x, y, z) in fixed.items()}
