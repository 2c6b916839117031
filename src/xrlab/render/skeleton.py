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


def cross(a: Array, b: Array) -> Array:
    """Vector products of vectors (..., 3); `numpy.cross` takes ten times as long over few."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    x = ay * bz - az * by
    out = np.empty((*x.shape, 3))
    out[..., 0], out[..., 1], out[..., 2] = x, az * bx - ax * bz, ax * by - ay * bx
    return out


def square(z: Array, wish: Array) -> Array:
    """Unit vectors at right angles to the unit vectors z, as near to `wish` as can be."""
    return unit(wish - dot(wish, z) * z)


def matrices(x: Array, z: Array, origin: Array) -> Array:
    """Frames (..., 4, 4) from two axes at right angles and an origin."""
    out = np.zeros((*origin.shape[:-1], 4, 4))
    out[..., :3, 0], out[..., :3, 1], out[..., :3, 2], out[..., :3, 3] = x, cross(z, x), z, origin
    out[..., 3, 3] = 1.0
    return out


def halfway(a: Array, b: Array, origin: Array) -> Array:
    """Frames at `origin` turned half-way from frames a to b (..., 4, 4)."""
    z = unit(a[..., :3, 2] + b[..., :3, 2])
    return matrices(square(z, a[..., :3, 0] + b[..., :3, 0]), z, origin)


def way_of_trunk(joints: Array) -> Array:
    """Unit vectors (n, 3, 3) to the front, to the left and up along the spine of bodies (n, 16, 3), as rows."""
    up = unit(joints[:, _J["neck"]] - joints[:, _J["pelvis"]])
    left = square(up, joints[:, _J["left_shoulder"]] - joints[:, _J["right_shoulder"]])
    return np.stack((cross(left, up), left, up), axis=1)


_SIDES = ("left", "right")
_PAIR = {name: np.array([_J[f"{side}_{name}"] for side in _SIDES])
         for name in ("shoulder", "elbow", "hand", "hip", "knee", "foot")}  # fmt: skip
_ROW = {name: np.array([BONE[f"{side}_{name}"] for side in _SIDES]) for name in _SIDE_BONES}
_SIGN = np.array([1.0, -1.0])[None, :, None]


def frames(joints: Array, ways: Array) -> Array:
    """Frames (n, bones, 4, 4) of bodies whose joints lie at (n, 16, 3); hands go on as their forearms do.

    ways: as `way_of_trunk` gives them. Limbs are stretched along z where their joints lie farther apart than those of
    the rest pose.
    """
    out = np.zeros((len(joints), len(BONES), 4, 4))
    _trunk(joints, out)
    front, left, up = (ways[:, None, k] for k in range(3))
    _arms(joints, out, left * _SIGN, front, up)
    _legs(joints, out, front, up)
    return out


def _trunk(joints: Array, out: Array) -> None:
    pelvis, chest, neck, crown = (joints[:, _J[j]] for j in ("pelvis", "chest", "neck", "crown"))
    hip, shoulder = (joints[:, _PAIR[part][0]] - joints[:, _PAIR[part][1]] for part in ("hip", "shoulder"))
    # Pelvis, belly, chest and the head's line, all in one go.
    low, high, lean = chest - pelvis, neck - chest, crown - neck
    z = unit(np.stack((low, high, lean), axis=1))
    z = np.stack((z[:, 0], unit(z[:, 0] + z[:, 1]), z[:, 1], z[:, 2]), axis=1)
    left = square(z, np.stack((hip, hip + shoulder, shoulder, shoulder), axis=1))
    front = cross(left, z)
    origin = np.stack((pelvis, (pelvis + chest) / 2, chest, neck), axis=1)
    # The line from neck to crown leans a little to the front in one who looks straight ahead.
    up, ahead = z[:, 3], front[:, 3]
    z[:, 3], front[:, 3] = up * np.cos(_NOD) - ahead * np.sin(_NOD), ahead * np.cos(_NOD) + up * np.sin(_NOD)
    rows = [BONE[name] for name in ("pelvis", "belly", "chest", "head")]
    out[:, rows] = matrices(front, z, origin)
    out[:, BONE["neck"]] = halfway(out[:, BONE["chest"]], out[:, BONE["head"]], neck)


def _stretched(frame: Array, length: Array, made_for: float) -> Array:
    """The same frames, longer along z."""
    out = frame.copy()
    out[..., :3, 2] *= np.clip(length / made_for, *_STRETCH)
    return out


def _two_bones(first: Array, joint: Array, end: Array, spare: Array, sign: float) -> tuple[Array, Array, Array, Array]:
    """Frames (n, 2, 4, 4) of two bones with a hinge between them, and their lengths (n, 2, 1).

    x goes to the side that the hinge closes to (sign 1) or away from it (-1), to `spare` where it is nearly straight.
    """
    ways = np.stack((joint - first, end - joint), axis=2)
    lengths = np.sqrt(dot(ways, ways))
    z = ways / np.maximum(lengths, 1e-9)
    upper, lower = z[:, :, 0], z[:, :, 1]
    along = dot(upper, lower)
    bend = sign * np.stack((lower - along * upper, along * lower - upper), axis=2)
    x = square(z, bend + 0.12 * square(z, spare[:, :, None]))
    both = matrices(x, z, np.stack((first, joint), axis=2))
    return both[:, :, 0], both[:, :, 1], lengths[:, :, 0], lengths[:, :, 1]


def _arms(joints: Array, out: Array, outward: Array, front: Array, up: Array) -> None:
    shoulder, elbow, wrist = (joints[:, _PAIR[j]] for j in ("shoulder", "elbow", "hand"))
    spare = front + 0.6 * (up - outward) * np.maximum(dot(unit(elbow - shoulder), front), 0.0)
    arm, forearm, long, far = _two_bones(shoulder, elbow, wrist, spare, 1.0)
    # The shoulder's helper goes half the way from an arm that hangs as in the rest pose.
    chest = out[:, None, BONE["chest"]]
    hanging = unit(outward * np.sin(ARM_SPREAD) - chest[..., :3, 2] * np.cos(ARM_SPREAD))
    z = unit(hanging + arm[..., :3, 2] + 0.25 * outward)
    out[:, _ROW["shoulder"]] = matrices(square(z, chest[..., :3, 0] + 0.5 * arm[..., :3, 0]), z, shoulder)
    out[:, _ROW["upper_arm"]] = _stretched(arm, long, UPPER_ARM)
    out[:, _ROW["elbow"]] = halfway(arm, forearm, elbow)
    out[:, _ROW["forearm"]] = _stretched(forearm, far, FOREARM)
    hands = forearm.copy()
    hands[..., :3, 3] = wrist
    put_hands(out, hands)


def put_hands(out: Array, hands: Array) -> None:
    """Give the bodies whose frames are `out` hands (n, 2, 4, 4), left and right; wrists turn half-way."""
    out[:, _ROW["hand"]] = hands
    forearm = out[:, _ROW["forearm"]]
    forearm[..., :3, 2] = unit(forearm[..., :3, 2])
    out[:, _ROW["wrist"]] = halfway(forearm, hands, hands[..., :3, 3])


def _legs(joints: Array, out: Array, front: Array, up: Array) -> None:
    hip, knee, ankle = (joints[:, _PAIR[j]] for j in ("hip", "knee", "foot"))
    spare = front + up * np.maximum(dot(unit(knee - hip), front), 0.0)
    thigh, shin, long, far = _two_bones(hip, knee, ankle, spare, -1.0)
    pelvis = out[:, None, BONE["pelvis"]]
    z = unit(thigh[..., :3, 2] - pelvis[..., :3, 2])
    out[:, _ROW["hip"]] = matrices(square(z, pelvis[..., :3, 0] + thigh[..., :3, 0] + 1e-3 * up), z, hip)
    out[:, _ROW["thigh"]] = _stretched(thigh, long, THIGH)
    out[:, _ROW["knee"]] = halfway(thigh, shin, knee)
    out[:, _ROW["shin"]] = _stretched(shin, far, SHIN)
    out[:, _ROW["foot"]] = _feet(joints, ankle, shin[..., :3, 2], shin[..., :3, 0], front)


def _feet(joints: Array, ankle: Array, shin: Array, shin_front: Array, front: Array) -> Array:
    """Toes to the front, square to the shin, never through the floor; flat on it where the foot stands."""
    along = dot(shin, front)
    toes = unit(np.where(along < -0.75, shin, front - along * shin))  # kneeling: stretched out behind
    over = ankle[..., 2] - joints[:, :, 2].min(axis=1)[:, None] + 0.07
    lowest = -(over - 0.02) / 0.19
    sunk = toes[..., 2] < lowest
    level = np.sqrt(np.maximum(1 - lowest**2, 0.05)) / np.maximum(np.hypot(toes[..., 0], toes[..., 1]), 1e-6)
    toes[sunk, :2] *= level[sunk, None]
    toes[sunk, 2] = lowest[sunk]
    up = 0.1 * shin_front - shin
    stands = (over < 0.09) & (shin[..., 2] < -0.6)
    up[stands] = (0.0, 0.0, 1.0)
    toes[stands, 2] = 0.0
    toes = unit(toes)
    return matrices(toes, square(toes, up), ankle)


REST_FRAMES = frames(REST[None], way_of_trunk(REST[None]))[0]
"""Frames (bones, 4, 4) of the rest pose."""
_REST_INVERSE = np.linalg.inv(REST_FRAMES)


def skinning(posed: Array) -> Array:
    """What brings a skin from the rest pose to bodies with these frames, (n, bones, 4, 4)."""
    return np.asarray(posed @ _REST_INVERSE)
