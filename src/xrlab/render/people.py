"""People as instances of body parts along the joints of `xrlab.geometry.body`, all people at once.

The same joints carry the capsules that shots meet, so what is seen is what is hit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array, pose_matrix
from xrlab.render import bodyparts, things
from xrlab.render.scene import Camera, InHand, PersonPose
from xrlab.render.shapes3d import Solid

# name -> (from joint, to joint, length in metres that the part's solid is made for; 0: not stretched)
_BONES = {
    "belly": ("pelvis", "chest", 0.33), "chest": ("chest", "neck", 0.19), "head": ("neck", "crown", 0.0),
    "left_upper_arm": ("left_shoulder", "left_elbow", 0.305),
    "right_upper_arm": ("right_shoulder", "right_elbow", 0.305),
    "left_forearm": ("left_elbow", "left_hand", 0.285), "right_forearm": ("right_elbow", "right_hand", 0.285),
    "left_thigh": ("left_hip", "left_knee", 0.42), "right_thigh": ("right_hip", "right_knee", 0.42),
    "left_shin": ("left_knee", "left_foot", 0.43), "right_shin": ("right_knee", "right_foot", 0.43),
}  # fmt: skip
_BONE = {name: i for i, name in enumerate(_BONES)}
_FROM = np.array([body.JOINT[a] for a, _, _ in _BONES.values()])
_TO = np.array([body.JOINT[b] for _, b, _ in _BONES.values()])
_MADE_FOR = np.array([length for *_, length in _BONES.values()])
_STRETCH = np.array([0.75, 1.3])  # no part is drawn shorter or longer than this part of what it is made for

Colours = tuple[str, str, str, str]
"""The four colours of an instance, "#rrggbb"."""


@dataclass(frozen=True)
class Look:
    """How one person is dressed: the solids and colours of each part, and what lies over them."""

    parts: tuple[tuple[str, Solid, Colours], ...]
    hands: tuple[Colours, Solid, Solid]
    shoes: Colours


@dataclass
class Placed:
    """Solids with their matrices (n, 4, 4), colours and the number of the thing (person) each belongs to."""

    solids: list[Solid]
    matrices: Array
    colours: list[Colours]
    owners: NDArray[np.int32]


_SKINS = ("#f0c8a8", "#e2b08c", "#c68a62", "#8d5b3c", "#f2d2b8", "#5e3c28", "#d8a27c")
_HAIRS = ("#2a1d14", "#5a3b22", "#111010", "#8a6236", "#b9925a", "#77716b", "#3c2a20")
_TOPS = ("#3d6fa5", "#9c3a34", "#d9d4c8", "#4f7d4b", "#77756f", "#c9a13c", "#6b4a7d", "#e8e6e1", "#2f6f73")
_LAYERS = ("#e9e6de", "#2c2f36", "#b9bec6", "#f0ece2")
_LEGS = ("#2f3f5c", "#3a3a3c", "#6b5b45", "#1f2229", "#4d5a68", "#8a7a5e")
_SHOES = ("#2a2420", "#e4e2dd", "#5b3a22", "#17181a")


@lru_cache(maxsize=256)
def look(outfit: str, variant: int, holding: str) -> Look:
    """The look of a person; an unknown outfit is drawn as civil."""
    # Steps that share no factor with the lists' lengths, so that neighbours differ in everything.
    skin, hair = _SKINS[variant * 3 % 7], _HAIRS[(variant * 5 + variant // 7) % 7]
    grip = holding != "nothing"
    hands = (("#000000", "#000000", skin, hair), bodyparts.hand(grip), bodyparts.hand(holding == "long_gun"))
    if outfit == "police":
        cloth, trousers = "#1d2740", "#182036"
        vest: Colours = ("#141a2a", "#dfe6ef", skin, hair)
        over = [("chest", bodyparts.vest("police"), vest), ("belly", bodyparts.holster(), vest)]
        on_head = [("head", bodyparts.cap(), ("#161d30", "#c9d2de", skin, hair))]
        return _dressed(cloth, trousers, "#101114", skin, hair, hands, over + on_head, booted=True, uniform=True)
    if outfit == "defence":
        cloth, trousers = "#7d7a58", "#777453"
        vest = ("#6a6a48", "#57563a", skin, hair)
        over = [
            ("chest", bodyparts.vest("defence"), vest),
            ("head", bodyparts.helmet(), ("#73724f", cloth, skin, hair)),
        ]
        return _dressed(cloth, trousers, "#6b5a40", skin, hair, hands, over, booted=True, uniform=True, blotched=True)
    top, inner = _TOPS[variant * 4 % 9], _LAYERS[variant % 4]
    style = (0, 2, 1, 4, 3)[variant % 5]
    over = [("head", bodyparts.hair(style), (top, inner, skin, hair))]
    short, jacket = variant % 3 == 1, variant % 3 == 2
    return _dressed(
        top, _LEGS[variant * 5 % 6], _SHOES[variant % 4], skin, hair, hands, over,
        short=short, jacket=jacket, inner=inner,
    )  # fmt: skip


def _dressed(
    cloth: str, trousers: str, shoes: str, skin: str, hair: str, hands: tuple[Colours, Solid, Solid],
    over: Sequence[tuple[str, Solid, Colours]], *, booted: bool = False, uniform: bool = False, blotched: bool = False,
    short: bool = False, jacket: bool = False, inner: str = "#ffffff",
) -> Look:  # fmt: skip
    """A look from garments; see `look`."""
    pattern: Callable[[Solid], Solid] = _blotched if blotched else lambda solid: solid
    upper: Colours = (cloth, inner, skin, hair)
    lower: Colours = (trousers, shoes, skin, hair)
    parts: list[tuple[str, Solid, Colours]] = [
        ("belly", pattern(bodyparts.belly(uniform)), (cloth, trousers, skin, "#0c0d10")),
        ("chest", pattern(bodyparts.chest(jacket)), upper),
        ("head", bodyparts.head(), upper),
    ]
    for side in ("left", "right"):
        parts += [
            (f"{side}_upper_arm", pattern(bodyparts.upper_arm(short)), upper),
            (f"{side}_forearm", pattern(bodyparts.forearm(short)), upper),
            (f"{side}_thigh", pattern(bodyparts.thigh()), lower),
            (f"{side}_shin", pattern(bodyparts.shin(booted)), lower),
        ]
    return Look((*parts, *over), hands, (shoes, shoes, skin, hair))


@lru_cache(maxsize=64)
def _blotched_by_id(key: int) -> Solid:
    return bodyparts.blotched(_PATTERNED[key])


_PATTERNED: dict[int, Solid] = {}


def _blotched(solid: Solid) -> Solid:
    """Camouflage of a part, made once."""
    _PATTERNED[id(solid)] = solid
    return _blotched_by_id(id(solid))


def world_joints(people: Sequence[PersonPose]) -> Array:
    """Joints of all people in the world, (n, 16, 3)."""
    out = np.empty((len(people), len(body.JOINTS), 3))
    for i, p in enumerate(people):
        out[i] = p.joints if p.joints is not None else body.place(body.joints(p.pose, p.walked), p.position, p.yaw)
    return out


def _unit(v: Array) -> Array:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9))


def _square(z: Array, front: Array, spare: Array) -> tuple[Array, Array]:
    """Unit x and y beside the unit z: x as near to `front` as can be, to `spare` where z runs along it."""
    along = np.einsum("...i,...i->...", z, front)[..., None]
    wish = np.where(np.abs(along) < 0.93, front, spare)
    x = _unit(wish - np.einsum("...i,...i->...", z, wish)[..., None] * z)
    return x, np.cross(z, x)


def _matrices(x: Array, y: Array, z: Array, origin: Array) -> Array:
    out = np.zeros((*origin.shape[:-1], 4, 4))
    out[..., :3, 0], out[..., :3, 1], out[..., :3, 2], out[..., :3, 3], out[..., 3, 3] = x, y, z, origin, 1.0
    return out


def build(people: Sequence[PersonPose], only: frozenset[str] | None = None) -> Placed:
    """All parts of all people, with what they hold; `owners` counts people in the order given.

    only: of the parts along bones just these, and no shoes.
    """
    solids: list[Solid] = []
    colours: list[Colours] = []
    matrices: list[Array] = []
    owners: list[int] = []
    if not people:
        return Placed(solids, np.zeros((0, 4, 4)), colours, np.zeros(0, np.int32))
    joints = world_joints(people)
    spine = _unit(joints[:, body.JOINT["neck"]] - joints[:, body.JOINT["pelvis"]])
    left = joints[:, body.JOINT["left_shoulder"]] - joints[:, body.JOINT["right_shoulder"]]
    front = _unit(np.cross(_unit(left), spine))
    bones = _bones(joints, front, spine)
    feet = {side: _foot(joints, front, side) for side in ("left", "right")}
    hands = {side: _hand(people, bones, front, spine, side) for side in ("left", "right")}
    for i, person in enumerate(people):
        worn = look(person.outfit, person.variant, person.holds)
        items = [
            (solid, palette, bones[i, _BONE[bone]])
            for bone, solid, palette in worn.parts
            if only is None or bone in only
        ]
        palette, right, other = worn.hands
        items += [(right, palette, hands["right"][i]), (other, palette, hands["left"][i])]
        if only is None:
            items += [(bodyparts.shoe(), worn.shoes, feet[side][i]) for side in ("left", "right")]
        thing = held(person, joints[i], front[i], spine[i])
        if thing is not None:
            items.append((thing[0], palette, thing[1]))
        for solid, tint, matrix in items:
            solids.append(solid)
            colours.append(tint)
            matrices.append(matrix)
            owners.append(i)
    return Placed(solids, np.array(matrices), colours, np.array(owners, np.int32))


_SIGHTS = {"handgun": 0.0885, "long_gun": 0.122, "conducted_energy": 0.080}
"""Height (m) of the line of sight over the fist; of a torch or a phone none: they are held lower."""

_FOREARMS = frozenset({"left_forearm", "right_forearm"})


def in_hand(held_by: InHand, camera: Camera) -> Placed:
    """Forearms, hands and what is held, before the eye of a camera."""
    pose = "aiming_long" if held_by.holds == "long_gun" else "aiming"
    eye = np.array(body.eye(pose))
    person = PersonPose((0.0, 0.0, 0.0), 0.0, pose, 0.0, held_by.outfit, held_by.holds, held_by.variant,
                        joints=body.joints(pose) - eye)  # fmt: skip
    out = build([person], _FOREARMS)
    if not len(out.matrices):
        return out
    aimed = np.eye(4)
    if held_by.holds in _SIGHTS:  # the thing comes last; its sights come onto the line of sight
        sights = out.matrices[-1] @ np.array([0.0, 0.0, _SIGHTS[held_by.holds], 1.0])
        aimed[1:3, 3] = -sights[1:3]
    low = 1.0 - held_by.raised
    carried = pose_matrix(
        (-0.02 * low - 0.035 * held_by.kick, -0.12 * low, -0.085 * low + 0.012 * held_by.kick),
        0.05 * low, -0.06 * low + 0.05 * held_by.kick,
    )  # fmt: skip
    out.matrices = pose_matrix(camera.position, camera.yaw, camera.pitch) @ carried @ aimed @ out.matrices
    return out


def _bones(joints: Array, front: Array, spine: Array) -> Array:
    """Matrices (n, bones, 4, 4) of the parts between two joints."""
    start, way = joints[:, _FROM], joints[:, _TO] - joints[:, _FROM]
    length = np.linalg.norm(way, axis=2)
    z = _unit(way)
    x, y = _square(z, np.broadcast_to(front[:, None], z.shape), np.broadcast_to(spine[:, None], z.shape))
    stretch = np.where(_MADE_FOR > 0, np.clip(length / np.where(_MADE_FOR > 0, _MADE_FOR, 1.0), *_STRETCH), 1.0)
    # The head is thrown about by small moves of the crown: it follows the spine's way, nodding with the crown.
    return _matrices(x, y, z * stretch[..., None], start)


def _foot(joints: Array, front: Array, side: str) -> Array:
    """Matrices (n, 4, 4) of the shoes: toes to the front, square to the shin, never through the floor."""
    ankle = joints[:, body.JOINT[f"{side}_foot"]]
    shin = _unit(ankle - joints[:, body.JOINT[f"{side}_knee"]])
    along = np.einsum("ni,ni->n", shin, front)[:, None]
    toes = np.where(along < -0.75, shin, front - along * shin)  # kneeling: the foot stretched out behind
    toes = _unit(toes)
    floor = joints[:, :, 2].min(axis=1) - 0.07
    lowest = -(ankle[:, 2] - floor - 0.02) / 0.19
    sunk = toes[:, 2] < lowest
    level = np.sqrt(np.maximum(1 - lowest**2, 0.05)) / np.maximum(np.hypot(toes[:, 0], toes[:, 1]), 1e-6)
    toes[sunk, :2] *= level[sunk, None]
    toes[sunk, 2] = lowest[sunk]
    toes = _unit(toes)
    up = -shin + 1e-3 * front
    # A foot that stands is flat on the floor, however the leg above it leans.
    stands = (ankle[:, 2] - floor < 0.09) & (shin[:, 2] < -0.6)
    up[stands] = (0.0, 0.0, 1.0)
    toes[stands, 2] = 0.0
    toes = _unit(toes)
    up = _unit(up - np.einsum("ni,ni->n", up, toes)[:, None] * toes)
    return _matrices(toes, np.cross(up, toes), up, ankle)


def _hand(people: Sequence[PersonPose], bones: Array, front: Array, spine: Array, side: str) -> Array:
    """Matrices (n, 4, 4) of the hands, which go on where the forearms end; right ones are mirrored."""
    out = bones[:, _BONE[f"{side}_forearm"]].copy()
    z = _unit(out[:, :3, 2])
    for i, person in enumerate(people):
        raised = person.pose == "hands_up"
        x, y = out[i, :3, 0], out[i, :3, 1]
        if raised:  # palms to the front
            y = -front[i] + (front[i] @ z[i]) * z[i]
            y = y / np.linalg.norm(y)
            x = np.cross(y, z[i])
        end = bones[i, _BONE[f"{side}_forearm"]] @ np.array([0, 0, 0.285, 1.0])
        mirror = -1.0 if side == "right" and not raised else 1.0
        out[i] = _matrices(x if not (raised and side == "right") else -x, y * mirror, z[i], end[:3])
    return out


_SOLIDS: dict[str, Callable[[], Solid]] = {
    "handgun": things.handgun, "long_gun": things.long_gun, "knife": things.knife,
    "phone": things.phone, "wallet": things.wallet, "torch": things.torch,
    "conducted_energy": things.conducted_energy, "spray": things.spray, "baton": things.baton,
}  # fmt: skip

# pose -> way a pointed thing points: (forward, up) in the body's frame; other poses: on along the forearm.
_POINTED = {"aiming": (1.0, 0.0), "aiming_long": (1.0, 0.0), "low_ready": (0.82, -0.57), "crouching": (0.9, -0.43)}


def held(person: PersonPose, joints: Array, front: Array, spine: Array) -> tuple[Solid, Array] | None:
    """What a person holds and its matrix (4, 4) to the world; None for empty hands."""
    if person.holds == "nothing":
        return None
    solid = _SOLIDS.get(person.holds, things.small_object)()
    wrist, elbow = joints[body.JOINT["right_hand"]], joints[body.JOINT["right_elbow"]]
    forearm = _unit(wrist - elbow)
    if person.holds == "baton" and person.pose in ("aiming", "low_ready"):
        x = _unit(front * 0.55 + spine)  # held ready to strike
    elif person.pose in _POINTED:
        ahead, up = _POINTED[person.pose]
        x = _unit(front * ahead + spine * up)
    elif person.holds == "long_gun":
        x = _unit(front * 0.5 + forearm)
    elif person.holds in ("phone", "wallet"):
        x = front
    else:
        x = forearm
    z = spine - (spine @ x) * x if abs(spine @ x) < 0.9 else front - (front @ x) * x
    if abs(spine @ x) >= 0.9 and (spine @ x) < 0:
        z = front - (front @ x) * x  # pointing down: its upper side to the front
    elif abs(spine @ x) >= 0.9:
        z = -z
    z = _unit(z)
    origin = wrist + forearm * 0.035
    return solid, _matrices(x, np.cross(z, x), z, origin)
