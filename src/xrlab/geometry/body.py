"""A human body at an instant: its joints, the capsules that a shot meets, the points by which it is seen.

One description serves all who need a body: shots (which zone a ray meets first), sight (which points
of a body can be seen) and pictures (limbs drawn along the same joints), so what is seen is what is hit.
Poses are in `xrlab.geometry.poses`, walking and running in `xrlab.geometry.gait`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import gait as gaits
from xrlab.geometry.gait import WALK_M_S, Gait
from xrlab.geometry.poses import (
    AIMED,
    PARTS,
    SIDES,
    UPRIGHT,
    Mixed,
    Own,
    Points,
    arm,
    as_array,
    between,
    between_points,
    eased,
    head_of,
    minus,
    points_of,
    settled,
    tilted,
)
from xrlab.geometry.poses import JOINT as JOINT
from xrlab.geometry.poses import JOINTS as JOINTS
from xrlab.geometry.poses import POSES as POSES
from xrlab.geometry.poses import Pose as Pose
from xrlab.geometry.rays import capsule_distance, capsule_span
from xrlab.geometry.transforms import PLACE_DECIMALS, Array, Vec3

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

PITCHES = 40
"""Steps of a radian in which bodies follow the pitch of a view."""


class Bearing(NamedTuple):
    """How a body holds itself at an instant, in whole numbers, so that what follows from it is kept in tables.

    pose: one, or what lies between two. gait: how it goes; None while it stands. pitch: of the view, in `PITCHES` of a
    radian, upwards. own: poses and cycles of their own. turn: in which step of `TURN_STEPS` of an own cycle they are
    while they go by it, from 1.
    """

    pose: Pose
    gait: Gait | None = None
    pitch: int = 0
    own: Own | None = None
    turn: int = 0


TURN_STEPS = 240


@lru_cache(maxsize=8192)
def joints_of(bearing: Bearing) -> Array:
    """Where the joints of a body are, (16, 3), in its own frame. Raises KeyError for an unknown pose."""
    pose, gait, pitch, own, turn = bearing
    if gait is not None and settled(pose) not in UPRIGHT:
        gait = None
    if gait is None:
        points = points_of(pose, own)
    elif own is not None and turn:
        points = own.at(cycle_of(gait.speed), (turn - 1) / TURN_STEPS)
    else:
        points = _going(pose, gait, own)
    if pitch:
        points = _looking(points, pose, pitch / PITCHES)
    return as_array(points)


def cycle_of(speed: int) -> str:
    """The name of the cycle at a class of speed."""
    return "running" if speed > gaits.RUN_M_S * 10 else "walking"


def own_turn(own: Own, pose: Pose, gait: Gait, walked: float) -> int:
    """The step of the own cycle by which somebody goes who has walked so far (m); 0 where they have none for it."""
    cycle = cycle_of(gait.speed)
    if pose != "standing" or gait.settled or cycle not in own.cycles:
        return 0
    return 1 + int(walked / own.strides[cycle] * TURN_STEPS) % TURN_STEPS


def _going(pose: Pose, gait: Gait, own: Own | None) -> Points:
    points = _arms_going(pose, gait, own)
    tilt = 0.0 if settled(pose) in AIMED else gaits.lean(gait)
    if tilt:
        about = points["pelvis"]
        points = {
            name: p if name.endswith(("hip", "knee", "foot", "pelvis")) else tilted(p, about, tilt)
            for name, p in points.items()
        }
    return gaits.stepped(points, gait)


def _arms_going(pose: Pose, gait: Gait, own: Own | None) -> Points:
    """The body above the legs while they go."""
    if isinstance(pose, Mixed):
        f = eased(pose.part / PARTS)
        return between_points(_arms_going(pose.before, gait, own), _arms_going(pose.pose, gait, own), f)
    return gaits.swung(points_of(pose, own), gait) if pose == "standing" else points_of(pose, own)


def _looking(points: Points, pose: Pose, pitch: float) -> Points:
    """A body whose head, and whose weapon in an aiming pose, follow the pitch of the view (rad, upwards)."""
    out = dict(points)
    share = _share_aimed(pose)
    if settled(pose) in ("lying", "kneeling") and not share:
        return out
    nod = max(-0.9, min(0.7, pitch))
    out["crown"] = tilted(out["crown"], out["neck"], -0.8 * nod)
    if share:
        turn = -share * max(-1.2, min(1.2, pitch))
        neck = out["neck"]
        eyes = (neck[0] + 0.13, neck[1], neck[2] + 0.15)
        for side, _ in SIDES:  # about the eyes, so that the sights stay before them
            shoulder, elbow = out[f"{side}_shoulder"], out[f"{side}_elbow"]
            hand = tilted(out[f"{side}_hand"], eyes, turn)
            arm(out, side, hand, minus(tilted(elbow, shoulder, turn), between(shoulder, hand, 0.5)))
    return out


def _share_aimed(pose: Pose) -> float:
    """How far a pose is one whose arms follow the view."""
    if isinstance(pose, Mixed):
        f = eased(pose.part / PARTS)
        return _share_aimed(pose.before) * (1 - f) + _share_aimed(pose.pose) * f
    return 1.0 if pose in AIMED else 0.0


def bearing(pose: Pose, walked: float = 0.0, speed: float = WALK_M_S) -> Bearing:
    """How somebody holds themselves who has walked so far (m) straight on; 0 while they stand."""
    return Bearing(pose, gait_of(walked, speed)) if walked > 0.0 and settled(pose) in UPRIGHT else Bearing(pose)


def gait_of(walked: float, speed: float, way: int = 0) -> Gait:
    """How legs go after so many metres at a speed (m/s)."""
    kind = gaits.speed_class(speed)
    return Gait(kind, gaits.step(kind, walked), way)


def joints(pose: Pose, walked: float = 0.0, speed: float = WALK_M_S) -> Array:
    """Where the joints of a body are, (16, 3), in its own frame.

    pose: one of `POSES`. walked: metres walked since it stood still; 0 while it stands. speed: m/s. The legs swing
    with the distance, not with time, so that feet don't slide. Raises KeyError for an unknown pose.
    """
    return joints_of(bearing(pose, walked, speed))


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
    neck, crown = head_of(pose)
    x, y, z = between(neck, crown, 0.83)
    return (x, y, z + 0.08) if pose == "lying" else (x + 0.08, y, z)


SIGHT_JOINTS = np.array(
    [JOINT[j] for j in ("crown", "chest", "pelvis", "left_hand", "right_hand", "left_knee", "right_knee")]
)
"""Joints that stand for a body when asked how much of it can be seen."""


_COARSE = 8


def sight_phase(pose: str, walked: float, speed: float) -> tuple[int, int]:
    """The class of speed and the step of the cycle, to 5 cm, as far as sight tells them apart; (0, 0): stands."""
    if walked <= 0.0 or pose not in UPRIGHT:
        return 0, 0
    kind = gaits.speed_class(speed)
    at = gaits.step(kind, walked) - 1
    return kind, 1 + at - at % _COARSE


def sight_points(pose: str, phases: Sequence[tuple[int, int]]) -> Array:
    """The sight joints of a body and its eyes, in its own frame, at these steps of the walking cycle: (n, 8, 3)."""
    return np.array([_sight(pose, phase) for phase in phases])


@lru_cache(maxsize=8192)
def _sight(pose: str, phase: tuple[int, int]) -> Array:
    out = np.empty((len(SIGHT_JOINTS) + 1, 3))
    out[:-1] = joints_of(Bearing(pose, Gait(*phase) if phase[1] else None))[SIGHT_JOINTS]
    out[-1] = eye(pose)
    return out


def phases(pose: str, walked: Array, speed: Array) -> NDArray[np.int64]:
    """The class of speed and the step of the cycle, (n, 2), for many at once; 0, 0 where they stand."""
    out = np.zeros((len(walked), 2), np.int64)
    if pose in UPRIGHT:
        for row in np.flatnonzero(walked > 0.0).tolist():
            kind = gaits.speed_class(float(speed[row]))
            out[row] = kind, gaits.step(kind, float(walked[row]))
    return out


def capsule_ends(pose: str, steps: NDArray[np.int64]) -> tuple[Array, Array]:
    """Both ends (n, capsules, 3) of all capsules, in a body's own frame, at these phases (n, 2) of the cycle."""
    each, which = np.unique(steps, axis=0, return_inverse=True)
    local = [joints_of(Bearing(pose, Gait(kind, step) if step else None)) for kind, step in each.tolist()]
    joints_at = np.array(local).reshape(-1, len(JOINTS), 3)
    return joints_at[:, _CAPSULE_A][which.reshape(-1)], joints_at[:, _CAPSULE_B][which.reshape(-1)]


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


@lru_cache(maxsize=4096)
def _parts(bearing: Bearing) -> tuple[tuple[_Part, ...], float]:
    """The capsules of a body in its own frame, and how far they reach from its vertical axis."""
    local = joints_of(bearing)
    out = []
    far = 0.0
    for zone, first, second, radius in CAPSULES:
        a, b = local[JOINT[first]], local[JOINT[second]]
        (ax, ay, az), (ux, uy, uz), (mx, my, mz) = a.tolist(), (b - a).tolist(), ((a + b) / 2).tolist()
        uu = ux * ux + uy * uy + uz * uz
        out.append(_Part(zone, ax, ay, az, ux, uy, uz, uu, radius, mx, my, mz, math.sqrt(uu) / 2 + radius))
        far = max(far, math.hypot(a[0], a[1]) + radius, math.hypot(b[0], b[1]) + radius)
    return tuple(out), far + 1e-6


MOVING_REACH_M = 1.15
"""No part of a body that moves, or changes its pose, is farther than this from its vertical axis."""

OWN_REACH_M = 1.8
"""Nor one that has poses of its own, whatever they are: trunk and arm stretched out in one line."""


@cache
def reach(pose: str) -> float:
    """How far (m) a body that stands still in this pose reaches from its vertical axis, wherever it looks."""
    return max(_parts(Bearing(pose, None, pitch))[1] for pitch in range(-64, 65, 4)) + 0.01


def first_zone(bearing: Bearing, origin: Vec3, ray: Vec3, reach: float) -> tuple[float, str] | None:
    """The hit zone that a ray in the body's own frame meets first, within `reach`, and the distance; None if it misses.

    In plain numbers: for one ray and the few capsules near it that is some ten times quicker than arrays, and
    rounds the same on every machine.
    """
    parts, far = _parts(bearing)
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


def through(bearing: Bearing, origin: Vec3, ray: Vec3, reach: float) -> Way | None:
    """The way of a ray in the body's own frame through all its hit zones; None where it enters none within `reach`.

    What lies in two zones counts once, and the air between an arm and the trunk does not count.
    """
    parts, far = _parts(bearing)
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
