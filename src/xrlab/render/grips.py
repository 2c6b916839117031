"""How people hold things, all people at once: which way a thing points, where the hands lie, what empty hands do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
from xrlab.render import skeleton, things
from xrlab.render.scene import PersonPose
from xrlab.render.shapes3d import Solid
from xrlab.render.skeleton import FOREARM, UPPER_ARM, dot, matrices, square, unit

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


# pose -> way that empty palms face and fingers point: (front, towards the body's middle, up); None: as the forearm does
_EMPTY: dict[str, tuple[tuple[float, float, float], tuple[float, float, float] | None, str]] = {
    "hands_up": ((1.0, 0.0, 0.0), None, "open"),
    "hands_at_face": ((-1.0, 0.0, 0.0), None, "flat"),
    "kneeling": ((0.85, 0.35, 0.0), (-0.05, 0.85, 0.55), "flat"),
    "hands_hidden": ((-1.0, 0.1, 0.0), None, "relaxed"),
    "sitting": ((0.1, 0.0, -1.0), None, "flat"),
}


def pointing(people: Sequence[PersonPose], joints: Array) -> tuple[NDArray[np.int64], Array, Array]:
    """Numbers (m,) of those who hold something, its frame (m, 4, 4) in the world, and all right hands (n, 4, 4).

    Of those who hold nothing the right hand's frame is all zeros.
    """
    front, left, up = skeleton.way_of_trunk(joints)
    hands = np.zeros((len(people), 4, 4))
    who = np.array([i for i, p in enumerate(people) if p.holds != "nothing"], np.int64)
    if not len(who):
        return who, np.zeros((0, 4, 4)), hands
    grips = [grip(people[i].pose, people[i].holds) for i in who]
    wrist = joints[who, body.JOINT["right_hand"]]
    fore = unit(wrist - joints[who, body.JOINT["right_elbow"]])
    ways = np.stack((front[who], left[who], up[who], fore), axis=1)
    x = unit(np.einsum("nk,nki->ni", np.array([g.along for g in grips]), ways))
    upright = ways[:, 2] - 2.0 * ways[:, 0] * dot(x, ways[:, 2])
    wish = np.einsum("nk,nki->ni", np.array([g.top or (0.0,) * 4 for g in grips]), ways)
    wish = np.where(np.array([g.top is None for g in grips])[:, None], upright, wish)
    thing = matrices(x, square(x, wish), wrist)
    hand = np.array([_HANDS[g.hand] for g in grips])
    thing[:, :3, 3] -= np.einsum("nij,nj->ni", thing[:, :3, :3], hand[:, :3, 3])
    hands[who] = thing @ hand
    return who, thing, hands


def supported(
    people: Sequence[PersonPose], joints: Array, who: NDArray[np.int64], thing: Array
) -> tuple[Array, NDArray[np.int64], Array]:
    """Joints with the left arms of those who hold a thing with both hands brought to it.

    Returns the joints (n, 16, 3), who they are (k,), and their left hands (k, 4, 4).
    """
    rows = [(i, k, grip(people[i].pose, people[i].holds).support) for k, i in enumerate(who.tolist())]
    rows = [row for row in rows if row[2]]
    if not rows:
        return joints, np.zeros(0, np.int64), np.zeros((0, 4, 4))
    number = np.array([row[0] for row in rows])
    frame = thing[[row[1] for row in rows]]
    guard = np.array([row[2] == "guard" for row in rows])
    local = np.where(guard[:, None, None], _SUPPORT_GUARD, _SUPPORT_PISTOL)
    shoulder = joints[number, body.JOINT["left_shoulder"]]
    reach = UPPER_ARM + FOREARM - 0.012
    base = np.einsum("nij,nj->ni", frame[:, :3, :3], local[:, :3, 3]) + frame[:, :3, 3]
    spots = base[:, None] + _GUARD[None, :, None] * frame[:, None, :3, 0]
    best = (np.linalg.norm(spots - shoulder[:, None], axis=2) <= reach).argmax(axis=1)
    local = local.copy()
    local[guard, 0, 3] += _GUARD[best[guard]]
    hand = frame @ local
    out = joints.copy()
    out[number, body.JOINT["left_hand"]] = hand[:, :3, 3]
    out[number, body.JOINT["left_elbow"]] = _elbow(shoulder, joints[number, body.JOINT["left_elbow"]], hand[:, :3, 3])
    return out, number, hand


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


def empty(people: Sequence[PersonPose], frames: Array, joints: Array, side: str) -> Array:
    """Frames (n, 4, 4) of hands that hold nothing."""
    hand = frames[:, skeleton.BONE[f"{side}_hand"]].copy()
    rows = [(i, _EMPTY[p.pose]) for i, p in enumerate(people) if p.pose in _EMPTY]
    if not rows:
        return hand
    number = np.array([i for i, _ in rows])
    front, left, up = (way[number] for way in skeleton.way_of_trunk(joints))
    inwards = -left if side == "left" else left
    ways = np.stack((front, inwards, up), axis=1)
    palm = np.einsum("nk,nki->ni", np.array([rule[0] for _, rule in rows]), ways)
    fore = hand[number, :3, 2]
    wish = np.einsum("nk,nki->ni", np.array([rule[1] or (0.0, 0.0, 0.0) for _, rule in rows]), ways)
    z = unit(np.where(np.array([rule[1] is None for _, rule in rows])[:, None], fore, wish))
    # A right hand's y goes out of its back, a left one's out of its palm.
    y = square(z, palm if side == "left" else -palm)
    hand[number] = matrices(np.cross(y, z), z, hand[number, :3, 3])
    return hand


def shape(person: PersonPose, side: str) -> str:
    """The shape of a person's hand."""
    if person.holds != "nothing":
        held = grip(person.pose, person.holds)
        if side == "right":
            return held.right
        if held.left:
            return held.left
    return _EMPTY[person.pose][2] if person.pose in _EMPTY else "relaxed"
