"""Poses of a human body: sixteen joints, bones of fixed lengths between them, and what lies between two poses.

Frame of a body: origin on the floor between the feet, x forward, y to its left, z up; metres, for a
body of 1.75 m, the mean stature of European adults to the nearest 5 cm (NCD Risk Factor
Collaboration, eLife 2016;5:e13410). Segment lengths follow the fractions of stature in
D. A. Winter, Biomechanics and Motor Control of Human Movement, 4th ed. (2009), figure 4.1.

Poses are drawn up by eye and then brought to those lengths, so no limb is ever longer in one pose than in another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from xrlab.geometry.transforms import Array, Vec3

JOINTS = (
    "pelvis", "chest", "neck", "crown",
    "left_shoulder", "left_elbow", "left_hand",
    "right_shoulder", "right_elbow", "right_hand",
    "left_hip", "left_knee", "left_foot",
    "right_hip", "right_knee", "right_foot",
)  # fmt: skip
JOINT = {name: i for i, name in enumerate(JOINTS)}

BONES = (
    ("pelvis", "chest"), ("chest", "neck"), ("neck", "crown"),
    ("neck", "left_shoulder"), ("left_shoulder", "left_elbow"), ("left_elbow", "left_hand"),
    ("neck", "right_shoulder"), ("right_shoulder", "right_elbow"), ("right_elbow", "right_hand"),
    ("pelvis", "left_hip"), ("left_hip", "left_knee"), ("left_knee", "left_foot"),
    ("pelvis", "right_hip"), ("right_hip", "right_knee"), ("right_knee", "right_foot"),
)  # fmt: skip
"""From joint to joint, outwards from the pelvis; each has the same length in every pose."""

_STANDING: dict[str, Vec3] = {
    "pelvis": (0.0, 0.0, 0.95), "chest": (0.0, 0.0, 1.28), "neck": (0.0, 0.0, 1.47), "crown": (0.02, 0.0, 1.655),
    "left_shoulder": (0.0, 0.18, 1.42), "left_elbow": (-0.03, 0.23, 1.12), "left_hand": (0.07, 0.23, 0.86),
    "right_shoulder": (0.0, -0.18, 1.42), "right_elbow": (-0.03, -0.23, 1.12), "right_hand": (0.07, -0.23, 0.86),
    "left_hip": (0.0, 0.09, 0.92), "left_knee": (0.02, 0.10, 0.50), "left_foot": (0.0, 0.11, 0.07),
    "right_hip": (0.0, -0.09, 0.92), "right_knee": (0.02, -0.10, 0.50), "right_foot": (0.0, -0.11, 0.07),
}  # fmt: skip

LENGTHS = {bone: math.dist(_STANDING[bone[0]], _STANDING[bone[1]]) for bone in BONES}
"""Metres from joint to joint of each bone."""

THIGH, SHANK = LENGTHS["left_hip", "left_knee"], LENGTHS["left_knee", "left_foot"]
_UPPER_ARM, _FOREARM = LENGTHS["left_shoulder", "left_elbow"], LENGTHS["left_elbow", "left_hand"]


def _lowered(by: float, lean: float, **moved: Vec3) -> dict[str, Vec3]:
    """The standing body with everything above the hips let down by `by` and leaning forward by `lean`."""
    pose = {}
    for name, (x, y, z) in _STANDING.items():
        if name.endswith(("knee", "foot")):
            pose[name] = (x, y, z)
        else:
            pose[name] = (x + lean * max(0.0, z - 0.95), y, z - by)
    pose.update(moved)
    return pose


_KNEELING_LEGS = {
    "left_knee": (0.18, 0.12, 0.08), "left_foot": (-0.24, 0.12, 0.08),
    "right_knee": (0.18, -0.12, 0.08), "right_foot": (-0.24, -0.12, 0.08),
}  # fmt: skip

_DRAWN_UP: dict[str, dict[str, Vec3]] = {
    "standing": _STANDING,
    "low_ready": _STANDING | {
        "left_elbow": (0.16, 0.21, 1.17), "left_hand": (0.40, 0.03, 1.06),
        "right_elbow": (0.10, -0.24, 1.15), "right_hand": (0.36, -0.03, 1.06),
    },
    # the sights of what is aimed, 9 cm over the fist of a handgun, come before the eyes
    "aiming": _STANDING | {
        "crown": (0.06, 0.0, 1.65), "left_elbow": (0.28, 0.19, 1.43), "left_hand": (0.545, 0.03, 1.52),
        "right_elbow": (0.27, -0.20, 1.43), "right_hand": (0.54, -0.02, 1.53),
        "left_foot": (0.16, 0.13, 0.07), "left_knee": (0.12, 0.12, 0.49), "right_foot": (-0.14, -0.14, 0.07),
    },
    "aiming_long": _STANDING | {
        "crown": (0.07, -0.03, 1.64), "left_elbow": (0.25, 0.20, 1.38), "left_hand": (0.52, -0.02, 1.48),
        "right_elbow": (0.08, -0.36, 1.30), "right_hand": (0.25, -0.09, 1.47),
        "left_foot": (0.18, 0.13, 0.07), "left_knee": (0.13, 0.12, 0.49), "right_foot": (-0.16, -0.15, 0.07),
    },
    "hands_up": _STANDING | {
        "left_elbow": (0.05, 0.42, 1.50), "left_hand": (0.06, 0.38, 1.78),
        "right_elbow": (0.05, -0.42, 1.50), "right_hand": (0.06, -0.38, 1.78),
    },
    "hands_hidden": _STANDING | {
        "left_elbow": (-0.12, 0.25, 1.14), "left_hand": (-0.16, 0.05, 0.98),
        "right_elbow": (-0.12, -0.25, 1.14), "right_hand": (-0.16, -0.05, 0.98),
    },
    # the right hand goes to the belt, for something that is hidden there
    "reaching": _STANDING | {
        "right_elbow": (-0.17, -0.27, 1.15), "right_hand": (0.06, -0.16, 1.02),
    },
    "hands_at_face": _STANDING | {
        "crown": (0.07, 0.0, 1.64), "left_elbow": (0.20, 0.17, 1.26), "left_hand": (0.17, 0.07, 1.54),
        "right_elbow": (0.20, -0.17, 1.26), "right_hand": (0.17, -0.07, 1.54),
    },
    "crouching": _lowered(
        0.38, 0.45,
        left_knee=(0.39, 0.12, 0.39), left_foot=(0.10, 0.12, 0.07),
        right_knee=(0.125, -0.12, 0.14), right_foot=(-0.30, -0.12, 0.08),
    ),
    "kneeling": _lowered(
        0.46, 0.0, **_KNEELING_LEGS,
        left_elbow=(-0.02, 0.40, 1.12), left_hand=(-0.08, 0.07, 1.12),
        right_elbow=(-0.02, -0.40, 1.12), right_hand=(-0.08, -0.07, 1.12),
    ),
    "sitting": _lowered(
        0.45, 0.05,
        left_knee=(0.42, 0.11, 0.48), left_foot=(0.40, 0.11, 0.07), left_elbow=(0.05, 0.24, 0.72),
        left_hand=(0.30, 0.14, 0.60), right_knee=(0.42, -0.11, 0.48), right_foot=(0.40, -0.11, 0.07),
        right_elbow=(0.05, -0.24, 0.72), right_hand=(0.30, -0.14, 0.60),
    ),
    # On the back, head towards -x, so that a body that falls does so away from where it faced.
    "lying": {
        "pelvis": (0.0, 0.0, 0.15), "chest": (-0.33, 0.0, 0.14),
        "neck": (-0.52, 0.0, 0.13), "crown": (-0.71, 0.0, 0.12),
        "left_shoulder": (-0.47, 0.18, 0.13), "left_elbow": (-0.30, 0.36, 0.09), "left_hand": (-0.08, 0.44, 0.06),
        "right_shoulder": (-0.47, -0.18, 0.13), "right_elbow": (-0.38, -0.40, 0.11), "right_hand": (-0.58, -0.56, 0.06),
        "left_hip": (0.03, 0.09, 0.15), "left_knee": (0.44, 0.15, 0.16), "left_foot": (0.86, 0.20, 0.09),
        "right_hip": (0.03, -0.09, 0.15), "right_knee": (0.44, -0.14, 0.15), "right_foot": (0.86, -0.17, 0.09),
    },
}  # fmt: skip

POSES = tuple(_DRAWN_UP)
"""The poses in which somebody can be."""

UPRIGHT = frozenset(
    {"standing", "low_ready", "aiming", "aiming_long", "hands_up", "hands_hidden", "reaching", "hands_at_face"}
)
"""Poses in which the legs stand and may therefore walk."""

AIMED = frozenset({"aiming", "aiming_long"})
"""Poses whose arms follow the pitch of the view."""

SIDES = (("left", 1.0), ("right", -1.0))
Points = dict[str, Vec3]


# --- the arithmetic of bones, in plain numbers, which round the same on every machine -----------------------------


def minus(a: Vec3, b: Vec3) -> Vec3:
    """a - b."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def along(a: Vec3, way: Vec3, by: float) -> Vec3:
    """a + way * by."""
    return a[0] + way[0] * by, a[1] + way[1] * by, a[2] + way[2] * by


def between(a: Vec3, b: Vec3, f: float) -> Vec3:
    """From a to b by the part f, straight."""
    return a[0] + (b[0] - a[0]) * f, a[1] + (b[1] - a[1]) * f, a[2] + (b[2] - a[2]) * f


def unit(v: Vec3, spare: Vec3 = (1.0, 0.0, 0.0)) -> Vec3:
    """v at length 1; `spare` for one that has none."""
    length = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    return (v[0] / length, v[1] / length, v[2] / length) if length > 1e-9 else spare


def dot(a: Vec3, b: Vec3) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def eased(f: float) -> float:
    """0..1 that begins and ends at rest."""
    return f * f * (3 - 2 * f)


def tilted(p: Vec3, about: Vec3, angle: float) -> Vec3:
    """A point turned about a line along y through `about`; a positive angle takes what is above it forward."""
    c, s = math.cos(angle), math.sin(angle)
    x, z = p[0] - about[0], p[2] - about[2]
    return about[0] + x * c + z * s, p[1], about[2] - x * s + z * c


def _arc(a: Vec3, b: Vec3, f: float, by_way_of: Vec3) -> Vec3:
    """The direction at a part f of the way from direction a to b, on the great circle; opposite ones by `by_way_of`."""
    cosine = dot(a, b)
    if cosine > 0.9999:
        return unit(between(a, b, f), a)
    if cosine < -0.95:
        middle = unit(by_way_of)
        return _arc(a, middle, 2 * f, by_way_of) if f < 0.5 else _arc(middle, b, 2 * f - 1, by_way_of)
    angle = math.acos(cosine)
    u, v = math.sin((1 - f) * angle) / math.sin(angle), math.sin(f * angle) / math.sin(angle)
    return unit((a[0] * u + b[0] * v, a[1] * u + b[1] * v, a[2] * u + b[2] * v))


def bent(root: Vec3, goal: Vec3, towards: Vec3, first: float, second: float) -> tuple[Vec3, Vec3]:
    """Where the middle and the end of a limb of two bones are that reaches from `root` for `goal`.

    towards: the direction in which the middle joint stands out. A goal beyond reach is gone towards.
    """
    way = minus(goal, root)
    far = math.sqrt(dot(way, way))
    u = unit(way, (0.0, 0.0, -1.0))
    reach = min(max(far, abs(first - second) + 0.05), (first + second) * 0.9999)
    if reach != far:
        goal = along(root, u, reach)
    off = dot(towards, u)
    out = unit((towards[0] - u[0] * off, towards[1] - u[1] * off, towards[2] - u[2] * off), (u[2], 0.0, -u[0]))
    ahead = (first * first - second * second + reach * reach) / (2 * reach)
    side = math.sqrt(max(0.0, first * first - ahead * ahead))
    return along(along(root, u, ahead), out, side), goal


def _bends(root: Vec3, middle: Vec3, end: Vec3, spare: Vec3) -> Vec3:
    """The direction in which the middle joint of a limb stands out; `spare` counts where it is nearly straight."""
    u = unit(minus(end, root))
    out = minus(middle, root)
    off = dot(out, u)
    straight = dot(spare, u)
    return unit(
        (
            out[0] - u[0] * off + 0.02 * (spare[0] - u[0] * straight),
            out[1] - u[1] * off + 0.02 * (spare[1] - u[1] * straight),
            out[2] - u[2] * off + 0.02 * (spare[2] - u[2] * straight),
        ),
        spare,
    )


_OUT = {"left": (-0.6, 0.6, -0.5), "right": (-0.6, -0.6, -0.5)}
_KNEES: Vec3 = (1.0, 0.0, 0.0)


def arm(points: Points, side: str, hand: Vec3, towards: Vec3) -> None:
    """Sets the arm of a side so that it reaches for `hand`, the elbow out `towards`."""
    elbow, end = bent(points[f"{side}_shoulder"], hand, towards, _UPPER_ARM, _FOREARM)
    points[f"{side}_elbow"], points[f"{side}_hand"] = elbow, end


def leg(points: Points, side: str, foot: Vec3, towards: Vec3 = _KNEES) -> None:
    """Sets the leg of a side so that it reaches for `foot`, the knee out `towards`."""
    knee, end = bent(points[f"{side}_hip"], foot, towards, THIGH, SHANK)
    points[f"{side}_knee"], points[f"{side}_foot"] = knee, end


def to_length(drawn: Points) -> Points:
    """A pose that was drawn up by eye with every bone at its length; hands and feet stay where they can."""
    out = {"pelvis": drawn["pelvis"]}
    for a, b in BONES:
        if not b.endswith(("elbow", "hand", "knee", "foot")):
            out[b] = along(out[a], unit(minus(drawn[b], drawn[a])), LENGTHS[a, b])
    for side, _ in SIDES:
        shoulder, elbow, hand = (drawn[f"{side}_{j}"] for j in ("shoulder", "elbow", "hand"))
        arm(out, side, hand, _bends(shoulder, elbow, hand, _OUT[side]))
        hip, knee, foot = (drawn[f"{side}_{j}"] for j in ("hip", "knee", "foot"))
        leg(out, side, foot, _bends(hip, knee, foot, _KNEES))
    return out


def as_array(points: Points) -> Array:
    """Joints as (16, 3), to a micrometre, not to be written to."""
    out = np.round(np.array([points[name] for name in JOINTS]), 6)
    out.setflags(write=False)
    return out


def head_of(pose: str) -> tuple[Vec3, Vec3]:
    """Neck and crown of a pose, by which its eyes are found: of one upright as drawn up, where a head that is bowed
    over the sights is some millimetres longer, since its eyes come forward."""
    points = _DRAWN_UP[pose] if pose in UPRIGHT else _POINTS[pose]
    return points["neck"], points["crown"]


_POINTS = {name: to_length(drawn) for name, drawn in _DRAWN_UP.items()}

# --- between two poses --------------------------------------------------------------------------------------------

PARTS = 16
"""A change of pose is cut into so many parts."""


class Mixed(NamedTuple):
    """What lies between two poses: so many of `PARTS` of the way are gone."""

    before: str | Mixed
    pose: str
    part: int


Pose = str | Mixed

_SECONDS = {"lying": 0.7, "kneeling": 0.5, "sitting": 0.5, "crouching": 0.4}


def seconds(before: Pose, pose: str) -> float:
    """How long (s) a change of pose takes: getting up from the floor twice as long as a move of the hands."""
    if pose == "lying":
        return _SECONDS[pose]
    was = before.pose if isinstance(before, Mixed) else before
    return max(0.3, _SECONDS.get(was, 0.0), _SECONDS.get(pose, 0.0))


def settled(pose: Pose) -> str:
    """The pose itself, or of two the nearer."""
    while isinstance(pose, Mixed):
        pose = pose.pose if 2 * pose.part >= PARTS else pose.before
    return pose


def mix(before: Pose, pose: str, part: int) -> Pose:
    """What lies between; of a change that is itself broken off, its own pose in between is where it begins."""
    if isinstance(before, Mixed) and isinstance(before.before, Mixed):
        before = Mixed(settled(before.before), before.pose, before.part)
    return Mixed(before, pose, part)


@dataclass(frozen=True, eq=False)
class Own:
    """What somebody has of their own instead of the poses here: some poses, and cycles on the way.

    cycles: "walking", "running": bodies at even parts of a cycle, the hips over the origin. strides: metres of each.
    """

    poses: Mapping[str, Points]
    cycles: Mapping[str, tuple[Points, ...]]
    strides: Mapping[str, float]

    def at(self, cycle: str, part: float) -> Points:
        """The body at a part 0..1 of a cycle."""
        frames = self.cycles[cycle]
        at = part % 1.0 * len(frames)
        number = int(at)
        first, second = frames[number % len(frames)], frames[(number + 1) % len(frames)]
        return between_points(first, second, at - number, steps=False)


@lru_cache(maxsize=2048)
def points_of(pose: Pose, own: Own | None = None) -> Points:
    """Where the joints are in a pose, or between two; raises KeyError for an unknown one."""
    if not isinstance(pose, Mixed):
        return own.poses[pose] if own is not None and pose in own.poses else _POINTS[pose]
    f = pose.part / PARTS
    f = f * f * (1.9 - 0.9 * f) if pose.pose == "lying" else eased(f)  # a fall goes faster and faster
    return between_points(points_of(pose.before, own), points_of(pose.pose, own), f)


def between_points(a: Points, b: Points, f: float, *, steps: bool = True) -> Points:
    """The body at a part f of the way between two others: bones turn along arcs, hands go round the trunk,
    feet that change place step there one after the other; not `steps`: all at once."""
    out = {"pelvis": between(a["pelvis"], b["pelvis"], f)}
    for start, end in BONES:
        if end.endswith(("elbow", "hand", "knee", "foot")):
            continue
        ways = [unit(minus(p[end], p[start])) for p in (a, b)]
        out[end] = along(out[start], _arc(ways[0], ways[1], f, (-1.0, 0.0, 0.0)), LENGTHS[start, end])
    for number, (side, sign) in enumerate(SIDES):
        _arm_between(out, a, b, f, side, sign)
        _leg_between(out, a, b, f, side, 0.3 * number if steps else None)
    return out


def _arm_between(out: Points, a: Points, b: Points, f: float, side: str, sign: float) -> None:
    shoulder, elbow, hand = f"{side}_shoulder", f"{side}_elbow", f"{side}_hand"
    aside = (0.3, sign, -0.2)
    at = out[shoulder]
    upper = _arc(unit(minus(a[elbow], a[shoulder])), unit(minus(b[elbow], b[shoulder])), f, aside)
    middle = along(at, upper, _UPPER_ARM)
    fore = _arc(unit(minus(a[hand], a[elbow])), unit(minus(b[hand], b[elbow])), f, aside)
    end = along(middle, fore, _FOREARM)
    free = min(_CLEAR_M, max(0.0, _off_trunk(a, a[hand])[0]), max(0.0, _off_trunk(b, b[hand])[0]))
    gap, axis = _off_trunk(out, end)
    if gap < free:
        away = minus(end, axis)
        end = along(axis, unit((away[0] + 0.02, away[1] + sign * 0.06, away[2])), free)
    if end[2] < 0.05:
        end = (end[0], end[1], 0.05)
    bends = _bends(at, middle, end, _OUT[side])
    arm(out, side, end, bends)
    if out[elbow][2] < 0.06:
        arm(out, side, end, (bends[0], bends[1], 1.0))


_CLEAR_M = 0.19
"""So far from the trunk's axis a hand goes round it."""


def _off_trunk(points: Points, place: Vec3) -> tuple[float, Vec3]:
    """How far a place is from the axis of the trunk, and its nearest point there."""
    start, way = points["pelvis"], minus(points["neck"], points["pelvis"])
    share = min(1.0, max(0.0, dot(minus(place, start), way) / dot(way, way)))
    nearest = along(start, way, share)
    return math.dist(place, nearest), nearest


def _leg_between(out: Points, a: Points, b: Points, f: float, side: str, later: float | None) -> None:
    hip, knee, foot = f"{side}_hip", f"{side}_knee", f"{side}_foot"
    out_a, out_b = (_bends(p[hip], p[knee], p[foot], _KNEES) for p in (a, b))
    far = math.hypot(b[foot][0] - a[foot][0], b[foot][1] - a[foot][1])
    if later is not None and far > 0.02 and abs(a["pelvis"][2] - b["pelvis"][2]) < 0.1:  # a step
        g = eased(min(1.0, max(0.0, (f - later) / 0.7)))
        x, y, z = between(a[foot], b[foot], g)
        goal = (x, y, z + 0.05 * min(1.0, far / 0.1) * 4 * g * (1 - g))
    else:
        goal = between(a[foot], b[foot], f)
    bends = _arc(out_a, out_b, f, _KNEES)
    leg(out, side, goal, bends)
    if out[knee][2] < 0.07:
        leg(out, side, goal, (bends[0], bends[1], 1.0))
