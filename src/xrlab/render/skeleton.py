"""The bones that a skin hangs on, worked out from the sixteen joints of `xrlab.geometry.body`, all people at once.

Besides a bone between each two joints there are helpers that turn half as far as the joint they lie at (shoulder,
elbow, wrist, hip, knee): a skin that is blended linearly between the two bones would be pinched there.

Frame of a bone: origin at its first joint. Of the trunk and the head: x to the front, y to the left, z up. Of a
limb: z to the next joint, x to the side that an elbow bends to and a knee away from. Of a hand: z to the fingers, x to
the thumb. Of a foot: x to the toes, z up.
"""

from __future__ import annotations

import numpy as np

from xrlab.geometry import body
from xrlab.geometry.transforms import Array

_SIDE_BONES = (
    "shoulder", "upper_arm", "elbow", "forearm", "wrist", "hand", "hip", "thigh", "knee", "shin", "foot",
)  # fmt: skip
BONES = (
    "pelvis", "belly", "chest", "neck", "head",
    *(f"left_{b}" for b in _SIDE_BONES), *(f"right_{b}" for b in _SIDE_BONES),
)  # fmt: skip
"""Names in the order of the rows that `frames` gives."""
BONE = {name: i for i, name in enumerate(BONES)}
_J = body.JOINT

ARM_SPREAD = 0.30
"""Angle (rad) at which the arms of the rest pose hang beside the trunk."""
_DOWN = np.array([0.0, np.sin(ARM_SPREAD), -np.cos(ARM_SPREAD)])


def _rest() -> Array:
    """The joints that skins are made for: standing upright with straight arms and legs, (16, 3)."""
    out = body.joints("standing").copy()
    shoulder = out[_J["left_shoulder"]]
    out[_J["left_elbow"]] = shoulder + UPPER_ARM * _DOWN
    out[_J["left_hand"]] = shoulder + (UPPER_ARM + FOREARM) * _DOWN
    hip, foot = out[_J["left_hip"]], out[_J["left_foot"]]
    out[_J["left_knee"]] = hip + (foot - hip) * (THIGH / (THIGH + SHIN))
    for joint in ("elbow", "hand", "knee"):
        out[_J[f"right_{joint}"]] = out[_J[f"left_{joint}"]] * (1.0, -1.0, 1.0)
    return out


UPPER_ARM, FOREARM, THIGH, SHIN = 0.305, 0.28, 0.42, 0.43
"""Lengths (m) from joint to joint for which skins are made."""
REST = _rest()
_STRETCH = (0.75, 1.3)  # no bone is drawn shorter or longer than this part of what it is made for

# How the crown lies over the neck of one who looks straight ahead: forward by so much of the way up.
_CROWN = body.joints("standing")[_J["crown"]] - body.joints("standing")[_J["neck"]]
_NOD = np.arctan2(_CROWN[0], _CROWN[2])


def unit(v: Array) -> Array:
    """Vectors (..., 3) brought to length 1."""
    return np.asarray(v / np.maximum(np.sqrt((v * v).sum(axis=-1, keepdims=True)), 1e-9))


def dot(a: Array, b: Array) -> Array:
    """Scalar products (..., 1) of vectors (..., 3)."""
    return np.asarray((a * b).sum(axis=-1, keepdims=True))


def square(z: Array, wish: Array) -> Array:
    """Unit vectors at right angles to the unit vectors z, as near to `wish` as can be."""
    return unit(wish - dot(wish, z) * z)


def matrices(x: Array, z: Array, origin: Array) -> Array:
    """Frames (..., 4, 4) from two axes at right angles and an origin."""
    out = np.zeros((*origin.shape[:-1], 4, 4))
    out[..., :3, 0], out[..., :3, 1], out[..., :3, 2], out[..., :3, 3] = x, np.cross(z, x), z, origin
    out[..., 3, 3] = 1.0
    return out


def halfway(a: Array, b: Array, origin: Array) -> Array:
    """Frames at `origin` turned half-way from frames a to b (..., 4, 4)."""
    z = unit(a[..., :3, 2] + b[..., :3, 2])
    return matrices(square(z, a[..., :3, 0] + b[..., :3, 0]), z, origin)


def way_of_trunk(joints: Array) -> tuple[Array, Array, Array]:
    """Unit vectors (n, 3) to the front, to the left and up along the spine of bodies (n, 16, 3)."""
    up = unit(joints[:, _J["neck"]] - joints[:, _J["pelvis"]])
    left = square(up, joints[:, _J["left_shoulder"]] - joints[:, _J["right_shoulder"]])
    return np.cross(left, up), left, up


def frames(joints: Array) -> Array:
    """Frames (n, bones, 4, 4) of bodies whose joints lie at (n, 16, 3); hands go on as their forearms do.

    Limbs are stretched along z where their joints lie farther apart than those of the rest pose.
    """
    out = np.zeros((len(joints), len(BONES), 4, 4))
    _trunk(joints, out)
    front, left, up = way_of_trunk(joints)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _arm(joints, out, side, sign * left, front, up)
        _leg(joints, out, side, front, up)
    return out


def _trunk(joints: Array, out: Array) -> None:
    pelvis, chest, neck, crown = (joints[:, _J[j]] for j in ("pelvis", "chest", "neck", "crown"))
    across = {part: joints[:, _J[f"left_{part}"]] - joints[:, _J[f"right_{part}"]] for part in ("hip", "shoulder")}
    low, high = unit(chest - pelvis), unit(neck - chest)
    hips, shoulders = square(low, across["hip"]), square(high, across["shoulder"])
    out[:, BONE["pelvis"]] = matrices(np.cross(hips, low), low, pelvis)
    middle = unit(low + high)
    waist = square(middle, hips + shoulders)
    out[:, BONE["belly"]] = matrices(np.cross(waist, middle), middle, (pelvis + chest) / 2)
    out[:, BONE["chest"]] = matrices(np.cross(shoulders, high), high, chest)
    # The line from neck to crown leans a little to the front in one who looks straight ahead.
    lean = unit(crown - neck)
    left = square(lean, shoulders)
    front = np.cross(left, lean)
    head = unit(lean * np.cos(_NOD) - front * np.sin(_NOD))
    out[:, BONE["head"]] = matrices(np.cross(left, head), head, neck)
    out[:, BONE["neck"]] = halfway(out[:, BONE["chest"]], out[:, BONE["head"]], neck)


def _stretched(frame: Array, length: Array, made_for: float) -> Array:
    """The same frames, longer along z."""
    out = frame.copy()
    out[..., :3, 2] *= np.clip(length / made_for, *_STRETCH)
    return out


def _arm(joints: Array, out: Array, side: str, outward: Array, front: Array, up: Array) -> None:
    shoulder, elbow, wrist = (joints[:, _J[f"{side}_{j}"]] for j in ("shoulder", "elbow", "hand"))
    upper, fore = unit(elbow - shoulder), unit(wrist - elbow)
    spare = front + 0.6 * (up - outward) * np.maximum(dot(upper, front), 0.0)
    x = square(upper, fore - dot(fore, upper) * upper + 0.12 * square(upper, spare))
    x2 = square(fore, -upper + dot(fore, upper) * fore + 0.12 * square(fore, spare))
    arm = matrices(x, upper, shoulder)
    forearm = matrices(x2, fore, elbow)
    # The shoulder's helper goes half the way from an arm that hangs as in the rest pose.
    chest = out[:, BONE["chest"]]
    hanging = unit(outward * np.sin(ARM_SPREAD) - chest[:, :3, 2] * np.cos(ARM_SPREAD))
    z = unit(hanging + upper + 0.25 * outward)
    out[:, BONE[f"{side}_shoulder"]] = matrices(square(z, chest[:, :3, 0] + 0.5 * x), z, shoulder)
    out[:, BONE[f"{side}_upper_arm"]] = _stretched(arm, np.linalg.norm(elbow - shoulder, axis=1)[:, None], UPPER_ARM)
    out[:, BONE[f"{side}_elbow"]] = halfway(arm, forearm, elbow)
    out[:, BONE[f"{side}_forearm"]] = _stretched(forearm, np.linalg.norm(wrist - elbow, axis=1)[:, None], FOREARM)
    put_hand(out, side, matrices(x2, fore, wrist))


def put_hand(out: Array, side: str, hand: Array) -> None:
    """Give the bodies whose frames are `out` hands at these frames (n, 4, 4); the wrist turns half-way."""
    out[:, BONE[f"{side}_hand"]] = hand
    forearm = out[:, BONE[f"{side}_forearm"]].copy()
    forearm[:, :3, 2] = unit(forearm[:, :3, 2])
    out[:, BONE[f"{side}_wrist"]] = halfway(forearm, hand, hand[:, :3, 3])


def _leg(joints: Array, out: Array, side: str, front: Array, up: Array) -> None:
    hip, knee, ankle = (joints[:, _J[f"{side}_{j}"]] for j in ("hip", "knee", "foot"))
    upper, lower = unit(knee - hip), unit(ankle - knee)
    spare = front + up * np.maximum(dot(upper, front), 0.0)
    x = square(upper, dot(lower, upper) * upper - lower + 0.12 * square(upper, spare))
    x2 = square(lower, upper - dot(lower, upper) * lower + 0.12 * square(lower, spare))
    thigh, shin = matrices(x, upper, hip), matrices(x2, lower, knee)
    pelvis = out[:, BONE["pelvis"]]
    z = unit(upper - pelvis[:, :3, 2])
    out[:, BONE[f"{side}_hip"]] = matrices(square(z, pelvis[:, :3, 0] + x + 1e-3 * up), z, hip)
    out[:, BONE[f"{side}_thigh"]] = _stretched(thigh, np.linalg.norm(knee - hip, axis=1)[:, None], THIGH)
    out[:, BONE[f"{side}_knee"]] = halfway(thigh, shin, knee)
    out[:, BONE[f"{side}_shin"]] = _stretched(shin, np.linalg.norm(ankle - knee, axis=1)[:, None], SHIN)
    out[:, BONE[f"{side}_foot"]] = _foot(joints, ankle, lower, x2, front)


def _foot(joints: Array, ankle: Array, shin: Array, shin_front: Array, front: Array) -> Array:
    """Toes to the front, square to the shin, never through the floor; flat on it where the foot stands."""
    along = dot(shin, front)
    toes = unit(np.where(along < -0.75, shin, front - along * shin))  # kneeling: stretched out behind
    floor = joints[:, :, 2].min(axis=1) - 0.07
    lowest = -(ankle[:, 2] - floor - 0.02) / 0.19
    sunk = toes[:, 2] < lowest
    level = np.sqrt(np.maximum(1 - lowest**2, 0.05)) / np.maximum(np.hypot(toes[:, 0], toes[:, 1]), 1e-6)
    toes[sunk, :2] *= level[sunk, None]
    toes[sunk, 2] = lowest[sunk]
    up = 0.1 * shin_front - shin
    stands = (ankle[:, 2] - floor < 0.09) & (shin[:, 2] < -0.6)
    up[stands] = (0.0, 0.0, 1.0)
    toes[stands, 2] = 0.0
    toes = unit(toes)
    return matrices(toes, square(toes, up), ankle)


_REST_INVERSE = np.linalg.inv(frames(REST[None])[0])
REST_FRAMES = frames(REST[None])[0]
"""Frames (bones, 4, 4) of the rest pose."""


def skinning(posed: Array) -> Array:
    """What brings a skin from the rest pose to bodies with these frames, (n, bones, 4, 4)."""
    return np.asarray(posed @ _REST_INVERSE)
