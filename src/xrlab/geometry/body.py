"""A human body as joints and capsules, in a handful of poses.

One description serves all who need a body: shots (which zone a ray meets first), sight (which points
of a body can be seen) and pictures (limbs drawn along the same joints), so what is seen is what is hit.

Frame of a body: origin on the floor between the feet, x forward, y to its left, z up; metres, for a
body of 1.75 m, the mean stature of European adults to the nearest 5 cm (NCD Risk Factor
Collaboration, eLife 2016;5:e13410). Segment lengths follow the fractions of stature in
D. A. Winter, Biomechanics and Motor Control of Human Movement, 4th ed. (2009), figure 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.rays import capsule_distance, capsule_span
from xrlab.geometry.transforms import PLACE_DECIMALS, Array, Vec3

JOINTS = (
    "pelvis", "chest", "neck", "crown",
    "left_shoulder", "left_elbow", "left_hand",
    "right_shoulder", "right_elbow", "right_hand",
    "left_hip", "left_knee", "left_foot",
    "right_hip", "right_knee", "right_foot",
)  # fmt: skip
JOINT = {name: i for i, name in enumerate(JOINTS)}

# (zone, from joint, to joint, radius): the capsules that a shot can meet.
CAPSULES = (
    ("head", "neck", "crown", 0.095),
    ("torso", "chest", "neck", 0.13),
    ("torso", "pelvis", "chest", 0.14),
    ("torso", "left_shoulder", "right_shoulder", 0.085),
    ("pelvis", "left_hip", "right_hip", 0.15),
    ("left_arm", "left_shoulder", "left_elbow", 0.055),
    ("left_arm", "left_elbow", "left_hand", 0.045),
    ("right_arm", "right_shoulder", "right_elbow", 0.055),
    ("right_arm", "right_elbow", "right_hand", 0.045),
    ("left_leg", "left_hip", "left_knee", 0.085),
    ("left_leg", "left_knee", "left_foot", 0.06),
    ("right_leg", "right_hip", "right_knee", 0.085),
    ("right_leg", "right_knee", "right_foot", 0.06),
)
ZONES = tuple(dict.fromkeys(zone for zone, *_ in CAPSULES))

_CAPSULE_A = np.array([JOINT[a] for _, a, _, _ in CAPSULES])
_CAPSULE_B = np.array([JOINT[b] for _, _, b, _ in CAPSULES])
CAPSULE_RADII = np.array([r for *_, r in CAPSULES])
CAPSULE_ZONES = tuple(zone for zone, *_ in CAPSULES)

_STANDING: dict[str, tuple[float, float, float]] = {
    "pelvis": (0.0, 0.0, 0.95), "chest": (0.0, 0.0, 1.28), "neck": (0.0, 0.0, 1.47), "crown": (0.02, 0.0, 1.655),
    "left_shoulder": (0.0, 0.18, 1.42), "left_elbow": (-0.03, 0.23, 1.12), "left_hand": (0.07, 0.23, 0.86),
    "right_shoulder": (0.0, -0.18, 1.42), "right_elbow": (-0.03, -0.23, 1.12), "right_hand": (0.07, -0.23, 0.86),
    "left_hip": (0.0, 0.09, 0.92), "left_knee": (0.02, 0.10, 0.50), "left_foot": (0.0, 0.11, 0.07),
    "right_hip": (0.0, -0.09, 0.92), "right_knee": (0.02, -0.10, 0.50), "right_foot": (0.0, -0.11, 0.07),
}  # fmt: skip


def _lowered(by: float, lean: float, **moved: tuple[float, float, float]) -> dict[str, tuple[float, float, float]]:
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

_POSES: dict[str, dict[str, tuple[float, float, float]]] = {
    "standing": _STANDING,
    "low_ready": _STANDING | {
        "left_elbow": (0.16, 0.21, 1.17), "left_hand": (0.40, 0.03, 1.06),
        "right_elbow": (0.10, -0.24, 1.15), "right_hand": (0.36, -0.03, 1.06),
    },
    "aiming": _STANDING | {
        "crown": (0.06, 0.0, 1.65), "left_elbow": (0.28, 0.17, 1.33), "left_hand": (0.54, 0.03, 1.47),
        "right_elbow": (0.26, -0.18, 1.33), "right_hand": (0.54, -0.02, 1.48),
        "left_foot": (0.16, 0.13, 0.07), "left_knee": (0.12, 0.12, 0.49), "right_foot": (-0.14, -0.14, 0.07),
    },
    "aiming_long": _STANDING | {
        "crown": (0.07, -0.03, 1.64), "left_elbow": (0.27, 0.16, 1.24), "left_hand": (0.50, -0.02, 1.40),
        "right_elbow": (0.08, -0.33, 1.26), "right_hand": (0.24, -0.10, 1.38),
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
        "left_shoulder": (-0.47, 0.18, 0.13), "left_elbow": (-0.30, 0.36, 0.07), "left_hand": (-0.08, 0.44, 0.06),
        "right_shoulder": (-0.47, -0.18, 0.13), "right_elbow": (-0.38, -0.40, 0.07), "right_hand": (-0.58, -0.56, 0.06),
        "left_hip": (0.03, 0.09, 0.15), "left_knee": (0.44, 0.15, 0.16), "left_foot": (0.86, 0.20, 0.09),
        "right_hip": (0.03, -0.09, 0.15), "right_knee": (0.45, -0.13, 0.11), "right_foot": (0.88, -0.16, 0.09),
    },
}  # fmt: skip
POSES = tuple(_POSES)

_BASE = {name: np.array([pose[j] for j in JOINTS]) for name, pose in _POSES.items()}

# Poses in which the legs stand and may therefore walk.
_UPRIGHT = frozenset(
    {"standing", "low_ready", "aiming", "aiming_long", "hands_up", "hands_hidden", "reaching", "hands_at_face"}
)
STRIDE = 1.4
"""Length of one full walking cycle, two steps, in metres."""

_THIGH, _SHANK = 0.42, 0.43
_HEEL_M = 0.05
_PHASES = 240
"""Steps that a cycle is cut into: 6 mm of way each, so a foot on the floor stays within 6 mm of its place."""


def joints(pose: str, walked: float = 0.0) -> Array:
    """Where the joints of a body are, (16, 3), in its own frame.

    pose: one of `POSES`. walked: metres walked since it stood still; 0 while it stands. The legs swing
    with the distance, not with time, so that feet don't slide. Raises KeyError for an unknown pose.
    """
    step = phase(pose, walked)
    return _walking(pose, step) if step else _BASE[pose]


@cache
def _walking(pose: str, phase: int) -> Array:
    out = _BASE[pose].copy()
    for side, offset in (("left", 0.75), ("right", 0.25)):
        ahead, lift = _step((phase / _PHASES + offset) % 1.0)
        hip = out[JOINT[f"{side}_hip"]]
        y = _STANDING[f"{side}_foot"][1]
        foot = (float(hip[0]) + ahead, 0.07 + lift)
        knee = _knee((float(hip[0]), float(hip[2])), foot)
        out[JOINT[f"{side}_knee"]] = (knee[0], y, knee[1])
        out[JOINT[f"{side}_foot"]] = (foot[0], y, foot[1])
        if pose == "standing":  # arms swing against the legs
            swing = ahead / (STRIDE / 4)
            arm = "right" if side == "left" else "left"
            ya = _STANDING[f"{arm}_hand"][1]
            out[JOINT[f"{arm}_elbow"]] = (-0.03 + 0.10 * swing, ya, 1.12)
            out[JOINT[f"{arm}_hand"]] = (0.07 + 0.24 * swing, ya, 0.88 + 0.05 * abs(swing))
    out = np.round(out, 6)
    out.setflags(write=False)
    return out


def _step(at: float) -> tuple[float, float]:
    """A foot at a part 0..1 of the cycle: metres ahead of the hip, and metres lifted.

    In the first half it stands, so it falls back as fast as the body goes on; its heel rises at the end. It
    leaves the floor and comes down on it nearly at rest.
    """
    if at < 0.5:
        rising = max(0.0, (at - 0.38) / 0.12)
        return STRIDE / 4 - STRIDE * at, _HEEL_M * _eased(rising)
    swung = (at - 0.5) * 2
    drawn = STRIDE / 2 * swung * (1 - swung) * (1 - 2 * swung)
    lift = _HEEL_M * (1 - _eased(swung)) + 0.09 * math.sin(math.pi * swung)
    return STRIDE / 2 * (_eased(swung) - 0.5) - drawn, lift


def _eased(f: float) -> float:
    return f * f * (3 - 2 * f)


def _knee(hip: tuple[float, float], foot: tuple[float, float]) -> tuple[float, float]:
    """Where the knee bends, forwards, between hip and foot, (x, z) each; on the straight line if the leg is long."""
    dx, dz = foot[0] - hip[0], foot[1] - hip[1]
    reach = math.hypot(dx, dz)
    if reach >= _THIGH + _SHANK:
        part = _THIGH / (_THIGH + _SHANK)
        return hip[0] + dx * part, hip[1] + dz * part
    down = (_THIGH**2 - _SHANK**2 + reach**2) / (2 * reach)
    out = math.sqrt(max(0.0, _THIGH**2 - down**2))
    return hip[0] + (dx * down - dz * out) / reach, hip[1] + (dz * down + dx * out) / reach


for _array in _BASE.values():
    _array.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Placed:
    """The capsules of one body in the world: ends a and b (n, 3), radii (n,), zone names (n)."""

    a: Array
    b: Array
    radii: Array
    zones: tuple[str, ...]


def place(local: Array, position: tuple[float, float, float], yaw: float, scale: float = 1.0) -> Array:
    """Joints in a body's frame, (n, 3), brought to the world: turned by `yaw`, moved to `position`."""
    c, s = math.cos(yaw), math.sin(yaw)
    out = np.empty_like(local)
    out[:, 0] = (local[:, 0] * c - local[:, 1] * s) * scale + position[0]
    out[:, 1] = (local[:, 0] * s + local[:, 1] * c) * scale + position[1]
    out[:, 2] = local[:, 2] * scale + position[2]
    return out


def placed(local: Array, place: Array, turn: Array) -> Array:
    """Points (..., 3) of bodies turned by (cos, sin) and moved to `place`, to 0.01 mm."""
    x, y, c, s = local[..., 0], local[..., 1], turn[..., 0], turn[..., 1]
    out = np.empty(local.shape)
    out[..., 0] = x * c - y * s + place[..., 0]
    out[..., 1] = x * s + y * c + place[..., 1]
    out[..., 2] = local[..., 2] + place[..., 2]
    return np.round(out, PLACE_DECIMALS)


def capsules(world_joints: Array, scale: float = 1.0) -> Placed:
    """The hit zones of a body whose joints are at `world_joints`, (16, 3)."""
    return Placed(world_joints[_CAPSULE_A], world_joints[_CAPSULE_B], CAPSULE_RADII * scale, CAPSULE_ZONES)


@cache
def eye(pose: str) -> tuple[float, float, float]:
    """Where the eyes are in a body's frame: at 5/6 of the head, 8 cm in front of it (or above, lying)."""
    neck, crown = _BASE[pose][JOINT["neck"]], _BASE[pose][JOINT["crown"]]
    at = neck + (crown - neck) * 0.83
    ahead = (0.0, 0.08) if pose == "lying" else (0.08, 0.0)
    return (float(at[0]) + ahead[0], float(at[1]), float(at[2]) + ahead[1])


SIGHT_JOINTS = np.array(
    [JOINT[j] for j in ("crown", "chest", "pelvis", "left_hand", "right_hand", "left_knee", "right_knee")]
)
"""Joints that stand for a body when asked how much of it can be seen."""


def phase(pose: str, walked: float) -> int:
    """The step of the walking cycle after so many metres, from 1; 0 for one who stands."""
    return 1 + int(walked / STRIDE * _PHASES) % _PHASES if walked > 0.0 and pose in _UPRIGHT else 0


def sight_points(pose: str, phases: Sequence[int]) -> Array:
    """The sight joints of a body and its eyes, in its own frame, at these steps of the walking cycle: (n, 8, 3)."""
    table, known = _sight_table(pose)
    for step in phases:
        if not known[step]:  # each step of the cycle is worked out when first needed
            table[step, :-1] = (_walking(pose, step) if step else _BASE[pose])[SIGHT_JOINTS]
            table[step, -1] = eye(pose)
            known[step] = True
    return table[list(phases)]


@cache
def _sight_table(pose: str) -> tuple[Array, list[bool]]:
    return np.zeros((_PHASES + 1, len(SIGHT_JOINTS) + 1, 3)), [False] * (_PHASES + 1)


def phases(pose: str, walked: Array) -> NDArray[np.int64]:
    """What `phase` gives, for many at once."""
    if pose not in _UPRIGHT:
        return np.zeros(len(walked), np.int64)
    return np.where(walked > 0.0, 1 + (walked / STRIDE * _PHASES).astype(np.int64) % _PHASES, 0)


def capsule_ends(pose: str, steps: NDArray[np.int64]) -> tuple[Array, Array]:
    """Both ends (n, capsules, 3) of all capsules, in a body's own frame, at these steps of the walking cycle."""
    each, which = np.unique(steps, return_inverse=True)
    joints_at = np.array([_walking(pose, step) if step else _BASE[pose] for step in each.tolist()])
    joints_at = joints_at.reshape(-1, len(JOINTS), 3)
    return joints_at[:, _CAPSULE_A][which], joints_at[:, _CAPSULE_B][which]


class _Part(NamedTuple):
    """A capsule in plain numbers: an end, its axis, the axis' square, its radius; a sphere about it."""

    zone: str
    ax: float
    ay: float
    az: float
    ux: float
    uy: float
    uz: float
    uu: float
    radius: float
    mx: float
    my: float
    mz: float
    reach: float


@lru_cache(maxsize=1024)
def _parts(pose: str, phase: int) -> tuple[tuple[_Part, ...], float]:
    """The capsules of a body in its own frame, and how far they reach from its vertical axis."""
    local = _BASE[pose] if phase == 0 else _walking(pose, phase)
    out = []
    far = 0.0
    for zone, first, second, radius in CAPSULES:
        a, b = local[JOINT[first]], local[JOINT[second]]
        (ax, ay, az), (ux, uy, uz), (mx, my, mz) = a.tolist(), (b - a).tolist(), ((a + b) / 2).tolist()
        uu = ux * ux + uy * uy + uz * uz
        out.append(_Part(zone, ax, ay, az, ux, uy, uz, uu, radius, mx, my, mz, math.sqrt(uu) / 2 + radius))
        far = max(far, math.hypot(a[0], a[1]) + radius, math.hypot(b[0], b[1]) + radius)
    return tuple(out), far + 1e-6


@cache
def reach(pose: str) -> float:
    """How far (m) a body in this pose reaches from its vertical axis, standing or walking."""
    phases = range(_PHASES + 1) if pose in _UPRIGHT else (0,)
    return max(_parts(pose, phase)[1] for phase in phases)


def first_zone(pose: str, walked: float, origin: Vec3, ray: Vec3, reach: float) -> tuple[float, str] | None:
    """The hit zone that a ray in the body's own frame meets first, within `reach`, and the distance; None if it misses.

    In plain numbers: for one ray and the few capsules near it that is some ten times quicker than arrays, and
    rounds the same on every machine.
    """
    parts, far = _parts(pose, phase(pose, walked))
    ox, oy, oz = origin
    dx, dy, dz = ray
    if abs(ox * dy - oy * dx) > far * math.sqrt(dx * dx + dy * dy):
        return None
    best = reach
    found = None
    for zone, ax, ay, az, ux, uy, uz, uu, radius, mx, my, mz, about in parts:
        x, y, z = mx - ox, my - oy, mz - oz
        along = x * dx + y * dy + z * dz
        if along < -about or along - about > best or x * x + y * y + z * z - along * along > about * about:
            continue
        distance = capsule_distance(ox - ax, oy - ay, oz - az, dx, dy, dz, ux, uy, uz, uu, radius * radius)
        if distance < best:
            best, found = distance, zone
    return None if found is None else (best, found)


class Way(NamedTuple):
    """A straight way through a body: where it enters and leaves (m along it), metres in the body, zone of entry."""

    entry: float
    exit: float
    inside: float
    zone: str


def through(pose: str, walked: float, origin: Vec3, ray: Vec3, reach: float) -> Way | None:
    """The way of a ray in the body's own frame through all its hit zones; None where it enters none within `reach`.

    What lies in two zones counts once, and the air between an arm and the trunk does not count.
    """
    parts, far = _parts(pose, phase(pose, walked))
    ox, oy, oz = origin
    dx, dy, dz = ray
    if abs(ox * dy - oy * dx) > far * math.sqrt(dx * dx + dy * dy):
        return None
    spans: list[tuple[float, float, str]] = []
    for zone, ax, ay, az, ux, uy, uz, uu, radius, mx, my, mz, about in parts:
        x, y, z = mx - ox, my - oy, mz - oz
        along = x * dx + y * dy + z * dz
        if along < -about or x * x + y * y + z * z - along * along > about * about:
            continue
        span = capsule_span(ox - ax, oy - ay, oz - az, dx, dy, dz, ux, uy, uz, uu, radius * radius)
        if span is not None:
            spans.append((*span, zone))
    if not spans:
        return None
    spans.sort(key=lambda span: span[:2])
    entry, _, zone = spans[0]
    inside, end = 0.0, entry
    for begins, ends, _ in spans:
        inside += max(0.0, ends - max(begins, end))
        end = max(end, ends)
    return Way(entry, end, inside, zone) if entry <= reach and inside > 0.0 else None
