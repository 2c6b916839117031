"""How people hold things, all people at once: which way a thing points, where the hands lie, what empty hands do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.poses import AIMED
from xrlab.geometry.transforms import Array
from xrlab.render import skeleton, things
from xrlab.render.scene import PersonPose
from xrlab.render.shapes3d import Solid
from xrlab.render.skeleton import FOREARM, UPPER_ARM, cross, dot, matrices, square, unit
from xrlab.render.skins import ease

_SOLIDS: dict[str, Callable[[], Solid]] = {
    "handgun": things.handgun, "long_gun": things.long_gun, "knife": things.knife,
    "phone": things.phone, "wallet": things.wallet, "torch": things.torch,
    "conducted_energy": things.conducted_energy, "spray": things.spray, "baton": things.baton,
}  # fmt: skip


def solid(holds: str) -> Solid | None:
    """The thing of this name; None for nothing."""
    return None if holds == "nothing" else _SOLIDS.get(holds, things.small_object)()


_Mix = tuple[float, float, float, float]
"""A direction: so much to the body's front, to its left, up its spine, and along the right forearm."""
_Way = tuple[float, float, float]


@dataclass(frozen=True)
class Grip:
    """How one thing is held in one pose.

    along: the way it points. top: the way its upper side looks; None: up, or to the front where it points down.
    hand: the right hand's frame in the thing's own. right, left: shapes of the hands. support: where the left helps.
    """

    along: _Mix
    top: _Mix | None
    hand: str
    right: str
    left: str = ""
    support: str = ""


def _frame(x: tuple[float, float, float], z: tuple[float, float, float], at: tuple[float, float, float]) -> Array:
    return matrices(unit(np.array(x, float)), unit(np.array(z, float)), np.array(at))


# Right hands in the frame of what they hold: round a pistol's grip, round a handle (blade on the thumb's side), along a
# torch, behind a phone, behind a wallet's lower edge.
_HANDS = {
    "pistol": _frame((0, 0, 1), (1, 0, 0), (-0.076, -0.029, -0.010)),
    "handle": _frame((1, 0, 0), (0, 0, -1), (0.0, -0.030, 0.080)),
    "rod": _frame((0.64, 0, 0.77), (0.77, 0, -0.64), (-0.060, -0.030, 0.050)),
    "phone": _frame((0, -1, 0), (0, 0, 1), (0.049, 0.0, -0.058)),
    "wallet": _frame((0, -1, 0), (0, 0, 1), (0.052, 0.0, -0.110)),
}
_SUPPORT_PISTOL = _frame((0, 0, 1), (0.86, -0.51, 0), (-0.066, 0.054, -0.036))
_SUPPORT_GUARD = _frame((0.66, 0.75, 0), (0.75, -0.66, 0), (-0.055, 0.052, 0.020))
_GUARD = np.linspace(0.36, 0.10, 7)
"""Where along a long gun the left hand may hold it (m from the right one), the best first."""

# pose -> way a pointed thing points, (front, up); in other poses it goes on along the forearm.
_POINTED = {"aiming": (1.0, 0.0), "aiming_long": (1.0, 0.0), "low_ready": (0.82, -0.57), "crouching": (0.9, -0.43)}
_TWO_HANDED = frozenset({"aiming", "aiming_long", "low_ready"})


@cache
def grip(pose: str, holds: str) -> Grip:
    """How something is held in a pose."""
    pointed = pose in _POINTED
    ahead, up = _POINTED.get(pose, (0.0, 0.0))
    if holds in ("handgun", "conducted_energy", "long_gun", "spray"):
        both = pose in _TWO_HANDED and holds != "spray"
        along = (ahead, 0.0, up, 0.0) if pointed else (0.30, 0.0, 0.0, 1.0)
        if holds == "spray" and not pointed:
            along = (1.0, 0.0, 0.0, 0.6)
        if holds == "long_gun":
            return Grip(along, None, "pistol", "trigger", "cradle" if both else "", "guard" if both else "")
        finger = "fist" if holds == "spray" else "trigger" if pose in ("aiming", "aiming_long") else "indexed"
        return Grip(along, None, "pistol", finger, "support" if both else "", "pistol" if both else "")
    if holds in ("phone", "wallet"):
        if pointed:
            return Grip((0.75, -0.25, -0.55, 0.0), (0.55, 0.0, 0.75, 0.2), holds, "flat")
        if pose == "hands_at_face":
            return Grip((0.0, -1.0, 0.2, 0.0), (0.2, 0.0, 1.0, 0.0), holds, "flat")
        # Along the hand, its front turned half to the front.
        return Grip((-0.62, -0.72, 0.0, 0.0), (0.12, 0.0, 0.0, 1.0), holds, "flat")
    if holds == "torch" and pointed:
        return Grip((ahead, 0.0, up, 0.0), None, "rod", "fist")
    if holds == "baton" and pose in ("aiming", "low_ready"):
        return Grip((0.35, 0.0, 1.0, 0.0), (-1.0, 0.0, 0.3, -0.5), "handle", "fist")
    if pointed:
        return Grip((0.9, 0.25, 0.45, 0.0), (0.0, 0.0, 0.4, -1.0), "handle", "fist")
    return Grip((0.85, 0.55, 0.0, 0.15), (0.0, 0.0, 0.1, -1.0), "handle", "fist")


# Where a hand is -> the way its empty palm faces and its fingers point: (front, towards the body's middle, up); None:
# as the forearm does. The places are those of the hands in the poses of these names.
_EMPTY: dict[str, tuple[_Way, _Way | None, str]] = {
    "hands_up": ((1.0, 0.0, 0.0), None, "open"),
    "hands_at_face": ((-1.0, 0.0, 0.0), None, "flat"),
    "kneeling": ((0.85, 0.35, 0.0), (-0.05, 0.85, 0.55), "flat"),
    "hands_hidden": ((-1.0, 0.1, 0.0), None, "relaxed"),
    "sitting": ((0.1, 0.0, -1.0), None, "flat"),
}
_NEAR_M, _FAR_M = 0.10, 0.32
"""A hand so near to its place in a pose is held as there, one so far away not at all: poses change smoothly."""


_HANDS_OF = [body.JOINT["left_hand"], body.JOINT["right_hand"]]


def in_trunk(joints: Array, ways: Array) -> Array:
    """The hands of bodies (n, 16, 3) from the pelvis, to the front, inwards and up along the spine: (n, 2, 3)."""
    out = (joints[:, _HANDS_OF] - joints[:, None, body.JOINT["pelvis"]]) @ ways.transpose(0, 2, 1)
    out[:, 0, 1] *= -1
    return np.asarray(out)


@cache
def _places(pose: str) -> Array:
    """Where the hands are in a pose, (2, 3), as `in_trunk` has it."""
    joints = body.joints(pose)[None]
    return np.asarray(in_trunk(joints, skeleton.way_of_trunk(joints))[0])


def _nearness(hands: Array, places: Array) -> Array:
    """How much hands are at places, both (..., 3) in the trunk's frame: (...,), 0..1."""
    away = hands - places
    return np.asarray(ease(_FAR_M, _NEAR_M, np.sqrt((away * away).sum(axis=-1))))


def between(a: Array, b: Array, part: Array) -> Array:
    """Frames turned evenly from a to b (n, 4, 4) by a part (n,), at b's origin."""
    way = a[:, :3, :3].transpose(0, 2, 1) @ b[:, :3, :3]
    # The turn's axis and angle, by way of its quaternion, whose parts without sign come from the diagonal.
    diagonal = way[:, (0, 1, 2), (0, 1, 2)]
    total = diagonal.sum(axis=1, keepdims=True)
    size = np.sqrt(np.maximum(1.0 + 2.0 * diagonal - total, 0.0))
    axis = np.where(way[:, (2, 0, 1), (1, 2, 0)] < way[:, (1, 2, 0), (2, 0, 1)], -size, size)
    long = np.sqrt((axis * axis).sum(axis=1, keepdims=True))
    angle = 2.0 * np.arctan2(long, np.sqrt(np.maximum(1.0 + total, 0.0))) * part[:, None]
    x, y, z = (axis / np.maximum(long, 1e-9)).T
    across = np.zeros((len(b), 3, 3))
    across[:, 0, 1], across[:, 0, 2], across[:, 1, 0] = -z, y, z
    across[:, 1, 2], across[:, 2, 0], across[:, 2, 1] = -x, -y, x
    turn = np.eye(3) + np.sin(angle)[:, :, None] * across + (1.0 - np.cos(angle))[:, :, None] * (across @ across)
    out = b.copy()
    out[:, :3, :3] = a[:, :3, :3] @ turn
    return out


_LOOSE = "standing"
"""The pose whose grips hold for a hand that has not come to its place yet."""


_EYES = np.array((0.13, 0.0, 0.67))
"""Where the eyes are in the trunk's frame, about which hands and weapon turn that are aimed up or down."""


def aimed(people: Sequence[PersonPose], ways: Array, hands: Array) -> tuple[Array, Array]:
    """The ways of trunks as weapons take them, front and up turned by the pitch of an aim, and the hands without it."""
    pitch = np.array([p.pitch if p.pose in AIMED else 0.0 for p in people])
    if not pitch.any():
        return ways, hands
    c, s = np.cos(pitch)[:, None], np.sin(pitch)[:, None]
    out = ways.copy()
    out[:, 0], out[:, 2] = c * ways[:, 0] + s * ways[:, 2], c * ways[:, 2] - s * ways[:, 0]
    off = hands - _EYES
    level = off.copy()
    level[..., 0], level[..., 2] = c * off[..., 0] + s * off[..., 2], c * off[..., 2] - s * off[..., 0]
    return out, _EYES + level


def pointing(
    people: Sequence[PersonPose], joints: Array, ways: Array, hands: Array
) -> tuple[NDArray[np.int64], Array, Array]:
    """Numbers (m,) of those who hold something, its frame in the world and their right hands, (m, 4, 4) each.

    hands: as `in_trunk` gives them.
    """
    who = np.array([i for i, p in enumerate(people) if p.holds != "nothing"], np.int64)
    if not len(who):
        return who, np.zeros((0, 4, 4)), np.zeros((0, 4, 4))
    wrist = joints[who, body.JOINT["right_hand"]]
    fore = unit(wrist - joints[who, body.JOINT["right_elbow"]])
    ways = np.concatenate((ways[who], fore[:, None]), axis=1)
    places = np.array([_places(people[i].pose)[1] for i in who.tolist()])
    near = _nearness(hands[who, 1], places)
    both, grasps = [], []
    for poses in ([_LOOSE] * len(who), [people[i].pose for i in who.tolist()]):
        held = [grip(pose, people[i].holds) for pose, i in zip(poses, who.tolist(), strict=True)]
        x = unit(_mixed(ways, [g.along for g in held]))
        upright = ways[:, 2] - 2.0 * ways[:, 0] * dot(x, ways[:, 2])
        wish = _mixed(ways, [g.top or (0.0,) * 4 for g in held])
        wish = np.where(np.array([g.top is None for g in held])[:, None], upright, wish)
        both.append(matrices(x, square(x, wish), wrist))
        grasps.append(np.array([_HANDS[g.hand] for g in held]))
    thing, hand = between(both[0], both[1], near), between(grasps[0], grasps[1], near)
    hand[:, :3, 3] = grasps[0][:, :3, 3] + near[:, None] * (grasps[1] - grasps[0])[:, :3, 3]
    thing[:, :3, 3] -= (thing[:, :3, :3] @ hand[:, :3, 3:])[:, :, 0]
    return who, thing, thing @ hand


def _mixed(ways: Array, parts: Sequence[Sequence[float]]) -> Array:
    """Directions (n, 3) of so much of each of the ways (n, k, 3)."""
    return np.asarray((np.array(parts)[:, None] @ ways)[:, 0])


def supported(
    people: Sequence[PersonPose], joints: Array, hands: Array, who: NDArray[np.int64], thing: Array
) -> tuple[Array, NDArray[np.int64], Array, Array]:
    """Joints with the left arms of those who hold a thing with both hands brought to it.

    Returns the joints (n, 16, 3), who they are (k,), their left hands (k, 4, 4), and how far these have come to the
    thing, (k,): 0..1.
    """
    rows = [(i, k, grip(people[i].pose, people[i].holds).support) for k, i in enumerate(who.tolist())]
    rows = [row for row in rows if row[2]]
    if not rows:
        return joints, np.zeros(0, np.int64), np.zeros((0, 4, 4)), np.zeros(0)
    number = np.array([row[0] for row in rows])
    frame = thing[[row[1] for row in rows]]
    guard = np.array([row[2] == "guard" for row in rows])
    local = np.where(guard[:, None, None], _SUPPORT_GUARD, _SUPPORT_PISTOL)
    shoulder, wrist = joints[number, body.JOINT["left_shoulder"]], joints[number, body.JOINT["left_hand"]]
    reach = UPPER_ARM + FOREARM - 0.012
    base = (frame @ local[:, :, 3:])[:, :3, 0]
    spots = base[:, None] + _GUARD[None, :, None] * frame[:, None, :3, 0]
    best = (np.linalg.norm(spots - shoulder[:, None], axis=2) <= reach).argmax(axis=1)
    local[guard, 0, 3] += _GUARD[best[guard]]
    hand = frame @ local
    near = _nearness(hands[number, 0], np.array([_places(people[i].pose)[0] for i in number.tolist()]))
    hand[:, :3, 3] = wrist + near[:, None] * (hand[:, :3, 3] - wrist)
    out = joints.copy()
    out[number, body.JOINT["left_hand"]] = hand[:, :3, 3]
    out[number, body.JOINT["left_elbow"]] = _elbow(shoulder, joints[number, body.JOINT["left_elbow"]], hand[:, :3, 3])
    return out, number, hand, near


def _elbow(shoulder: Array, elbow: Array, wrist: Array) -> Array:
    """Where the elbow comes to lie when the wrist is brought elsewhere; it stays on the side where it was."""
    way = wrist - shoulder
    far = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    along = way / far
    out = square(along, elbow - shoulder)
    down = np.clip((UPPER_ARM**2 - FOREARM**2 + far**2) / (2 * far), -UPPER_ARM, UPPER_ARM)
    down = np.where(far > UPPER_ARM + FOREARM, far * (UPPER_ARM / (UPPER_ARM + FOREARM)), down)
    aside = np.sqrt(np.maximum(UPPER_ARM**2 - down**2, 0.0)) * (far <= UPPER_ARM + FOREARM)
    return np.asarray(shoulder + along * down + out * aside)


_RULES = list(_EMPTY.values())
_RULES_AT = np.array([_places(pose) for pose in _EMPTY])  # (rules, 2, 3)


def empty(own: Array, ways: Array, hands: Array) -> Array:
    """Frames (n, 2, 4, 4) of hands that hold nothing: as their forearms (`own`), or as the place they are at asks for.

    hands: as `in_trunk` gives them.
    """
    near = _nearness(hands[:, None], _RULES_AT)  # (n, rules, 2)
    if not near.any():
        return own
    out = own.copy()
    for number, (palm, fingers, _) in enumerate(_RULES):
        for side in (0, 1):
            rows = np.flatnonzero(near[:, number, side])
            if not len(rows):
                continue
            inwards = np.array((1.0, -1.0 if side == 0 else 1.0, 1.0))
            z = out[rows, side, :3, 2] if fingers is None else unit((inwards * fingers) @ ways[rows])
            # A right hand's y goes out of its back, a left one's out of its palm.
            y = square(z, ((inwards * palm) @ ways[rows]) * (1.0 if side == 0 else -1.0))
            faced = matrices(cross(y, z), z, out[rows, side, :3, 3])
            out[rows, side] = between(out[rows, side], faced, near[rows, number, side])
    return out


def shape(person: PersonPose, side: str) -> str:
    """The shape of a person's hand."""
    if person.holds != "nothing":
        held = grip(person.pose, person.holds)
        if side == "right":
            return held.right
        if held.left:
            return held.left
    return _EMPTY[person.pose][2] if person.pose in _EMPTY else "relaxed"
