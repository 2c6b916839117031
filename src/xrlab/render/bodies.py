"""Bodies and the clothes on them, in the rest pose of `xrlab.render.skeleton`; metres, for a stature of 1.75 m.

Girths follow adults of middle build: chest 0.98 m, waist 0.86 m, hip 0.99 m, thigh 0.56 m, calf 0.37 m, upper arm
0.32 m, wrist 0.17 m; clothes lie over them. Colour slots: 0 what is worn above, 1 below, 2 skin, 3 hair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
from xrlab.render.shapes3d import Tint, slot
from xrlab.render.skeleton import BONE, REST, REST_FRAMES, THIGH, UPPER_ARM
from xrlab.render.skins import Skin, both, ease, outline, round_angles, sheath, weighted

TOP, LEGS, SKIN, HAIR = slot(0), slot(1), slot(2), slot(3)


@dataclass(frozen=True)
class Build:
    """The shape of a body: woman or man; girth of the limbs and the trunk (1 in the middle); belly (m) in front."""

    woman: bool = False
    girth: float = 1.0
    belly: float = 0.0


# Height, half sizes to the front, the back and the side, roundness: a man of middle build without clothes.
_TRUNK = np.array([
    (0.815, 0.030, 0.040, 0.040, 2.0), (0.830, 0.058, 0.070, 0.075, 2.0), (0.855, 0.082, 0.100, 0.118, 2.1),
    (0.885, 0.098, 0.118, 0.152, 2.2), (0.920, 0.104, 0.120, 0.170, 2.3), (0.965, 0.106, 0.106, 0.168, 2.3),
    (1.010, 0.106, 0.092, 0.156, 2.3), (1.060, 0.105, 0.085, 0.146, 2.3), (1.110, 0.104, 0.086, 0.144, 2.3),
    (1.160, 0.106, 0.093, 0.149, 2.3), (1.210, 0.111, 0.102, 0.158, 2.3), (1.260, 0.116, 0.109, 0.167, 2.3),
    (1.305, 0.117, 0.114, 0.175, 2.35), (1.350, 0.110, 0.116, 0.182, 2.4), (1.385, 0.098, 0.112, 0.190, 2.4),
    (1.412, 0.085, 0.105, 0.198, 2.4), (1.432, 0.074, 0.097, 0.200, 2.3), (1.449, 0.066, 0.090, 0.188, 2.2),
    (1.463, 0.060, 0.084, 0.156, 2.1), (1.476, 0.056, 0.078, 0.118, 2.0), (1.488, 0.053, 0.072, 0.085, 2.0),
    (1.500, 0.051, 0.068, 0.066, 2.0), (1.512, 0.050, 0.066, 0.061, 2.0),
])  # fmt: skip


def _sizes(build: Build, z: Array) -> tuple[Array, Array, Array, Array]:
    """Half sizes of the trunk to the front, the back and the side, and its roundness, at heights z."""
    front, back, wide, power = (np.interp(z, _TRUNK[:, 0], _TRUNK[:, k]) for k in range(1, 5))
    low = 1 - ease(1.36, 1.46, z)  # the shoulders' bones are as wide in all
    wide = wide * (1 + (build.girth - 1) * 0.8 * low)
    front = front * (1 + (build.girth - 1) * 1.2 * low) + build.belly * np.exp(-(((z - 1.07) / 0.13) ** 2))
    wide = wide + 0.35 * build.belly * np.exp(-(((z - 1.04) / 0.12) ** 2))
    back = back * (1 + (build.girth - 1) * 0.8 * low)
    if build.woman:
        wide = wide - 0.017 * np.exp(-(((z - 1.11) / 0.09) ** 2)) + 0.006 * np.exp(-(((z - 0.89) / 0.08) ** 2))
        wide = wide - 0.012 * ease(1.25, 1.38, z) * (1 - ease(1.44, 1.50, z))
        front = front - 0.008 * np.exp(-(((z - 1.12) / 0.09) ** 2))
    return front, back, wide, power


def _trunk_points(build: Build, z: Array, turn: Array, over: Array | float, hang: float = 0.0) -> Array:
    """Points (k, sides, 3) on the trunk at heights z (k), angles from the front, `over` metres outside it.

    hang: below this height cloth hangs straight down.
    """
    low, z = z, np.maximum(z, hang)
    front, back, wide, power = (part[:, None] for part in _sizes(build, z))
    over = np.broadcast_to(np.asarray(over, float), z.shape)[:, None]
    wide = wide + over
    turn = np.atleast_2d(turn)
    x, y = outline(turn, front + over, back + over, wide, wide, power)
    high = np.broadcast_to(z[:, None], x.shape)
    ahead = x > 0
    bust = 0.026 if build.woman else 0.006
    bulge = bust * np.exp(-(((np.abs(y) - 0.078) / 0.052) ** 2) - ((high - 1.272) / 0.055) ** 2)
    seat = 0.016 * np.exp(-(((np.abs(y) - 0.075) / 0.055) ** 2) - ((high - 0.885) / 0.06) ** 2)
    x = x + np.where(ahead, bulge, -seat)
    # Shoulders and neck slope down to the front.
    high = high - 0.030 * ease(1.40, 1.50, high) * np.cos(turn)
    # The spine's hollow, and the back's line: shoulder blades behind, the small of the back before them.
    x = x - 0.012 * ease(1.20, 1.34, high) + 0.006 * np.exp(-(((high - 1.08) / 0.08) ** 2))
    return np.stack((x, y, high + (low - z)[:, None]), axis=-1)


def trunk_weights(points: Array) -> NDArray[np.float32]:
    """Weights of what lies on the trunk, by place."""
    y, z = points[..., 1], points[..., 2]
    belly = ease(0.93, 1.08, z)
    chest = ease(1.12, 1.28, z)
    neck = ease(1.46, 1.53, z)
    out = {"pelvis": 1 - belly, "belly": belly * (1 - chest), "chest": belly * chest * (1 - neck), "neck": neck}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm = 0.85 * ease(0.095, 0.185, sign * y) * ease(1.30, 1.42, z)
        leg = 0.7 * ease(0.0, 0.07, sign * y) * ease(0.97, 0.84, z)
        out["chest"] = out["chest"] * (1 - arm)
        out["pelvis"] = out["pelvis"] * (1 - leg)
        out[f"{side}_shoulder"] = arm * (1 - neck)
        out[f"{side}_hip"] = leg
    return weighted(points.shape[:-1], **out)


def trunk(
    build: Build, low: float, high: float, tint: Tint, *, over: float, sides: int, rows: int,
    folds: float = 0.0, flare: float = 0.0, tuck: float = 0.0, hang: float = 0.0,
) -> Skin:  # fmt: skip
    """A garment round the trunk from one height to another, `over` metres outside the body.

    folds: depth (m) of cross folds about the waist. flare: how much (m) wider it hangs at its lower edge. tuck: how
    much (m) farther in it lies at the shoulders, under something else. hang: below this height it hangs straight down.
    """
    z = np.linspace(low, high, rows)
    z = np.concatenate(([low + 0.012], z, [high - 0.004]))
    grown = over + flare * ease(low + 0.25, low, z) - tuck * ease(1.34, 1.42, z) * ease(1.50, 1.47, z)
    grown[0], grown[-1] = grown[1] - 0.015, grown[-1] - 0.012  # the edges turn in
    turn = round_angles(sides)
    points = _trunk_points(build, z, turn, grown, hang)
    if folds:
        wave = np.sin(z[:, None] * 88.0 + 1.6 * np.sin(turn[None] * 2.0 + 0.7)) * np.sin(
            turn[None] * 1.0 + z[:, None] * 9
        )
        wave *= np.exp(-(((z - 1.02) / 0.12) ** 2))[:, None] * folds
        out = points[..., :2] / np.maximum(np.linalg.norm(points[..., :2], axis=-1, keepdims=True), 1e-6)
        points[1:-1, :, :2] += (out * wave[..., None])[1:-1]
    tints = np.tile(tint, (len(z), 1)).astype(float)
    tints[0, :3] *= 0.6
    return sheath(points, np.repeat(tints[:, None], sides, axis=1), trunk_weights(points))


# Metres from the joint, half sizes to the front, the back, outwards and inwards.
_ARM = np.array([
    (-0.034, 0.010, 0.010, 0.008, 0.010), (-0.028, 0.024, 0.028, 0.018, 0.026), (-0.014, 0.038, 0.043, 0.030, 0.040),
    (0.008, 0.048, 0.052, 0.043, 0.047), (0.040, 0.053, 0.056, 0.050, 0.049), (0.090, 0.052, 0.053, 0.051, 0.046),
    (0.150, 0.050, 0.050, 0.047, 0.044), (0.210, 0.047, 0.047, 0.043, 0.042), (0.260, 0.044, 0.044, 0.042, 0.041),
    (0.305, 0.041, 0.045, 0.042, 0.042), (0.340, 0.043, 0.042, 0.044, 0.042), (0.380, 0.043, 0.039, 0.045, 0.041),
    (0.430, 0.039, 0.035, 0.041, 0.037), (0.490, 0.032, 0.029, 0.034, 0.031), (0.540, 0.026, 0.023, 0.028, 0.026),
    (0.585, 0.024, 0.020, 0.026, 0.024),
])  # fmt: skip
_LEG = np.array([
    (-0.060, 0.040, 0.040, 0.030, 0.035), (-0.040, 0.076, 0.080, 0.066, 0.066), (0.000, 0.089, 0.096, 0.080, 0.080),
    (0.050, 0.091, 0.098, 0.083, 0.083), (0.110, 0.089, 0.093, 0.081, 0.080), (0.180, 0.084, 0.086, 0.076, 0.074),
    (0.250, 0.077, 0.078, 0.070, 0.068), (0.320, 0.069, 0.070, 0.063, 0.062), (0.375, 0.063, 0.062, 0.058, 0.058),
    (0.420, 0.061, 0.056, 0.056, 0.056), (0.465, 0.055, 0.058, 0.054, 0.054), (0.530, 0.050, 0.066, 0.057, 0.053),
    (0.590, 0.047, 0.063, 0.055, 0.050), (0.660, 0.043, 0.052, 0.046, 0.044), (0.730, 0.038, 0.042, 0.038, 0.037),
    (0.790, 0.034, 0.037, 0.034, 0.033), (0.850, 0.036, 0.040, 0.034, 0.034),
])  # fmt: skip


def _limb(table: Array, first: int, at: Array, over: Array, girth: float, sides: int, last: int | None = None) -> Array:
    """Points (k, sides, 3) round a straight limb at distances `at` (k) from its first joint; a left one."""
    frame = REST_FRAMES[first]
    front, back, out, inside = (np.interp(at, table[:, 0], table[:, k]) for k in range(1, 5))
    turn = round_angles(sides)
    grow = np.asarray(over).reshape(len(at), -1)
    ahead, behind, far, near = (part[:, None] * girth + grow for part in (front, back, out, inside))
    x, y = outline(turn[None], ahead, behind, far, near, 2.0)
    # The frame's y goes to the body's right, so what lies outwards of a left limb has -y.
    local = np.stack((x, -y, np.broadcast_to(at[:, None], x.shape)), axis=-1)[:, ::-1]
    return np.asarray(local @ frame[:3, :3].T + frame[:3, 3])


def _arm_weights(at: Array) -> NDArray[np.float32]:
    upper = ease(-0.03, 0.09, at)
    bent = ease(UPPER_ARM - 0.075, UPPER_ARM - 0.005, at)
    fore = ease(UPPER_ARM + 0.005, UPPER_ARM + 0.075, at)
    wrist = ease(UPPER_ARM + 0.17, UPPER_ARM + 0.265, at)
    return weighted(
        at.shape, left_shoulder=1 - upper, left_upper_arm=upper * (1 - bent), left_elbow=bent * (1 - fore),
        left_forearm=fore * (1 - wrist), left_wrist=wrist,
    )  # fmt: skip


def _leg_weights(at: Array) -> NDArray[np.float32]:
    upper = ease(-0.04, 0.13, at)
    bent = ease(THIGH - 0.10, THIGH - 0.005, at)
    low = ease(THIGH + 0.005, THIGH + 0.10, at)
    return weighted(
        at.shape, left_hip=1 - upper, left_thigh=upper * (1 - bent), left_knee=bent * (1 - low), left_shin=low
    )


def _rows(start: float, end: float, joints: tuple[float, ...], step: float, fine: float) -> Array:
    """Distances from start to end, closer together about the joints."""
    out = [start]
    while out[-1] < end - 1e-6:
        near = min(abs(out[-1] - j) for j in joints)
        out.append(out[-1] + (fine if near < 0.07 else step))
    out[-1] = end
    return np.array(out)


def _folded(over: Array, at: Array, sides: int, depth: float, where: Sequence[tuple[float, float, float]]) -> Array:
    """How far (k, sides) cloth lies outside a limb: `over` (k), and slanting folds of some depth (m) at a few places.

    where: distance from the joint, half length, how deep they are there.
    """
    turn = round_angles(sides)
    strength = sum(part * np.exp(-(((at - middle) / half) ** 2)) for middle, half, part in where)
    wave = np.sin(at[:, None] * 78.0 + 1.5 * np.cos(turn - 0.6)[None] + 0.8 * np.sin(2 * turn)[None])
    return np.asarray(over[:, None] + depth * np.asarray(strength)[:, None] * wave)


def arm(build: Build, start: float, end: float, tint: Tint, *, over: float, sides: int, coarse: float = 1.0,
        folds: float = 0.0, cuff: float = 0.0) -> Skin:  # fmt: skip
    """A left sleeve, or the bare arm, between two distances (m) from the shoulder.

    cuff: how much (m) wider its end is.
    """
    at = _rows(start, end, (UPPER_ARM, 0.0), 0.056 * coarse, 0.031 * coarse)
    grown = np.full(len(at), over) + cuff * ease(end - 0.10, end, at)
    grown = _folded(grown, at, sides, folds, ((UPPER_ARM, 0.085, 1.0), (end - 0.03, 0.07, 0.8), (0.07, 0.06, 0.6)))
    # Edges turn in.
    at, grown = np.append(at, end - 0.012), np.concatenate((grown, grown[-1:] - 0.012))
    girth = (0.90 if build.woman else 1.0) * (1 + (build.girth - 1) * 0.9)
    points = _limb(_ARM, BONE["left_upper_arm"], at, grown, girth, sides)
    tints = np.tile(tint, (len(at), 1)).astype(float)
    tints[-1, :3] *= 0.6
    weights = np.repeat(_arm_weights(at)[:, None], sides, axis=1)
    return sheath(points, np.repeat(tints[:, None], sides, axis=1), weights)


def leg(build: Build, start: float, end: float, tint: Tint, *, over: float, sides: int, coarse: float = 1.0,
        folds: float = 0.0, wide: float = 0.0) -> Skin:  # fmt: skip
    """A left trouser leg, or the bare leg, between two distances (m) from the hip.

    wide: how far (m) it hangs out below.
    """
    at = _rows(start, end, (THIGH, THIGH, end if folds else THIGH), 0.075 * coarse, 0.035 * coarse)
    grown = over + wide * ease(0.30, 0.62, at)
    grown = _folded(grown, at, sides, folds, ((THIGH + 0.01, 0.09, 0.8), (end - 0.04, 0.09, 1.1), (0.06, 0.07, 0.5)))
    at, grown = np.append(at, end - 0.012), np.concatenate((grown, grown[-1:] - 0.014))
    girth = 1 + (build.girth - 1) * 0.8
    points = _limb(_LEG, BONE["left_thigh"], at, grown, girth, sides)
    tints = np.tile(tint, (len(at), 1)).astype(float)
    tints[-1, :3] *= 0.6
    weights = np.repeat(_leg_weights(at)[:, None], sides, axis=1)
    return sheath(points, np.repeat(tints[:, None], sides, axis=1), weights)


def skirt(
    build: Build, low: float, high: float, tint: Tint, *, over: float, flare: float, sides: int, rows: int
) -> Skin:
    """A skirt from a height down to its hem; it goes with both thighs."""
    z = np.linspace(low, high, rows)
    turn = round_angles(sides)
    points = _trunk_points(build, z, turn, over + flare * ease(0.92, low, z), 0.90)
    hem = ease(0.85, low, z)[:, None] * 0.012 * np.cos(turn[None] * 7)
    points[..., :2] *= 1 + hem[..., None] / 0.18
    inner = points[:1] * (0.92, 0.92, 1.0) + (0, 0, 0.012)
    points = np.concatenate((inner, points))
    y, z = points[..., 1], points[..., 2]
    along = 0.9 * ease(0.92, 0.66, z)
    near = 0.75 * ease(0.98, 0.84, z) * (1 - along)
    share = np.clip(0.5 + y / 0.16, 0.0, 1.0)
    weights = weighted(
        points.shape[:-1], pelvis=np.maximum(1 - along - near, 1e-3) * (1 - ease(0.95, 1.08, z)),
        belly=ease(0.95, 1.08, z) + 1e-4,
        left_hip=near * share, right_hip=near * (1 - share), left_thigh=along * share, right_thigh=along * (1 - share),
    )  # fmt: skip
    tints = np.tile(tint, (*points.shape[:2], 1)).astype(float)
    tints[0, :, :3] *= 0.6
    return sheath(points, tints, weights)


def shoe(upper: Tint, sole: Tint, *, kind: str = "shoe", sides: int = 14) -> Skin:
    """A left shoe on its sole; kind: `shoe`, `boot` half-way up the shin, or `pump` cut low."""
    ankle = REST[body.JOINT["left_foot"]]
    # Height over the ankle's joint, heel, toe, half width; the toes turn a little outwards.
    rows = [
        (-0.0695, -0.078, 0.192, 0.043, sole),
        (-0.066, -0.082, 0.199, 0.047, sole), (-0.046, -0.083, 0.201, 0.0475, sole),
        (-0.045, -0.079, 0.197, 0.045, upper),
        (-0.030, -0.079, 0.190, 0.0445, upper), (-0.012, -0.076, 0.160, 0.042, upper),
        (0.006, -0.073, 0.110, 0.040, upper),
        (0.022, -0.070, 0.077, 0.039, upper), (0.040, -0.066, 0.060, 0.038, upper),
    ]  # fmt: skip
    if kind == "boot":
        rows += [(0.075, -0.062, 0.054, 0.043, upper), (0.12, -0.064, 0.052, 0.048, upper),
                 (0.165, -0.070, 0.052, 0.053, upper), (0.167, -0.060, 0.045, 0.045, upper)]  # fmt: skip
    elif kind == "pump":
        rows = [*rows[:6], (0.0, -0.074, 0.120, 0.038, upper), (-0.008, -0.066, 0.105, 0.030, upper)]
    else:
        rows += [(0.041, -0.055, 0.048, 0.029, upper)]
    table = np.array([r[:4] for r in rows])
    turn = round_angles(sides)
    middle, half = (table[:, 1] + table[:, 2]) / 2, (table[:, 2] - table[:, 1]) / 2
    x, y = outline(turn[None], *(half[:, None],) * 2, *(table[:, 3:4],) * 2, 2.4)
    x = x + middle[:, None]
    # Widest at the ball of the foot, narrower at the heel; the inner side straighter than the outer one.
    y = y * (0.86 + 0.22 * np.exp(-(((x - 0.10) / 0.08) ** 2))) - 0.10 * np.maximum(x - 0.12, 0.0)
    points = np.stack((x, y, np.broadcast_to(table[:, :1], x.shape)), axis=-1) + ankle
    high = np.broadcast_to(ease(0.02, 0.12, table[:, 0])[:, None], x.shape)
    weights = weighted(x.shape, left_foot=1 - high + 1e-6, left_shin=high)
    return sheath(points, [r[4] for r in rows], weights)


def shoes(upper: Tint, sole: Tint, *, kind: str = "shoe", sides: int = 14) -> Skin:
    """A pair of shoes or boots."""
    return both(shoe(upper, sole, kind=kind, sides=sides))


def depth(build: Build, z: float, over: float = 0.0) -> tuple[float, float]:
    """How far (m) the trunk reaches to the front and to the back at a height, with `over` on it."""
    points = _trunk_points(build, np.array([z]), np.array([0.0, math.pi]), over)
    return float(points[0, 0, 0]), float(points[0, 1, 0])


HIPS = 0.93
"""Height (m) below which what is worn over the hips hangs straight down."""


def panel(
    build: Build, z: Array, start: Array, end: Array, tint: Tint, *, over: Array | float, thick: float, columns: int,
    lining: float = 0.55,
) -> Skin:  # fmt: skip
    """A piece of cloth on the trunk, at heights z (k) from angle `start` to `end` (k, rad from the front).

    over: how far (m) outside the body, all along or at each height. lining: how bright its inner side is.
    """
    part = np.linspace(0.0, 1.0, columns)
    turn = start[:, None] + part[None] * (end - start)[:, None]
    far = np.broadcast_to(np.asarray(over, float), z.shape)
    outer, inner = _trunk_points(build, z, turn, far, HIPS), _trunk_points(build, z, turn, far - thick, HIPS)
    # Its cross-sections from below upwards and back again follow each other round the body.
    loop = np.concatenate((outer, inner[::-1]), axis=0).transpose(1, 0, 2)
    folded = np.concatenate((outer, outer[::-1]), axis=0).transpose(1, 0, 2)
    loop = np.concatenate((folded[:1], loop, folded[-1:]))
    tints = np.tile(tint, (*loop.shape[:2], 1)).astype(float)
    tints[:, len(z) :, :3] *= lining
    return sheath(loop, tints, trunk_weights(loop), ends=False)


def jacket(build: Build, low: float, tint: Tint, *, over: float, sides: int, rows: int) -> Skin:
    """A jacket that hangs open in front; its sleeves are made by `arm`."""
    z = np.linspace(low, 1.49, rows)
    # How far from the middle of the front it begins: wide at the chest, narrow where it would be buttoned.
    free = 0.24 + 0.36 * ease(1.10, 1.40, z) * ease(1.53, 1.44, z) + 0.10 * ease(1.05, low, z)
    grown = over + 0.005 * ease(1.0, low, z)
    return panel(build, z, free, 2 * math.pi - free, tint, over=grown, thick=0.014, columns=sides)


def collar(tint: Tint, *, high: float, wide: float = 0.0, gap: float = 0.30) -> Skin:
    """A folded collar round the neck, open in front by the angle `gap` (rad) on both sides; `wide` (m) wider."""
    count = 15
    turn = np.linspace(gap, 2 * math.pi - gap, count)
    rings = []
    for z, r, lower in (
        (1.470, 0.064, 0.0),
        (1.476 + high, 0.060, 0.0),
        (1.474 + high, 0.066, 0.0),
        (1.470, 0.078, 0.010),
    ):
        r += wide
        x, y = outline(turn, r * 0.98, r * 1.06, r, r, 2.0)
        slope = 0.032 * np.cos(turn) * 1.0
        rings.append(np.stack((x - 0.016, y, z - slope - lower * (0.6 + 0.9 * np.maximum(np.cos(turn), 0))), axis=-1))
    loop = np.stack(rings, axis=1)  # (count, 4, 3): each cross-section goes round
    tints = np.tile(tint, (*loop.shape[:2], 1)).astype(float)
    tints[:, 0, :3] *= 0.7
    weights = trunk_weights(loop)
    return sheath(loop, tints, weights)


def hood(tint: Tint) -> Skin:
    """The hood of a hoodie that lies on the back of the neck."""
    count = 13
    turn = np.linspace(0.75, 2 * math.pi - 0.75, count)
    rings = []
    away = (1 - np.cos(turn)) / 2
    for angle in np.linspace(0, 2 * math.pi, 8, endpoint=False):
        r = 0.074 + 0.020 * away + (0.012 + 0.020 * away) * math.cos(angle)
        z = 1.468 - 0.030 * np.cos(turn) + (0.018 + 0.016 * away) * math.sin(angle)
        x, y = r * np.cos(turn) - 0.022 - 0.016 * away, r * np.sin(turn)
        rings.append(np.stack((x, y, z), axis=-1))
    loop = np.stack(rings, axis=1)
    tints = np.tile(tint, (*loop.shape[:2], 1)).astype(float)
    tints[:, 4:6, :3] *= 0.75
    weights = np.zeros((*loop.shape[:2], len(trunk_weights(loop[:1, :1])[0, 0])), np.float32)
    weights[...] = weighted((1,), chest=1.0)[0]
    return sheath(loop, tints, weights)


def vest(build: Build, tint: Tint, *, sides: int, plates: bool) -> Skin:
    """A ballistic vest over the chest; a plate carrier is shorter and thicker in front and behind."""
    z = np.array([1.045, 1.05, 1.12, 1.19, 1.26, 1.31, 1.345, 1.375, 1.405, 1.43, 1.445, 1.448])
    if plates:
        z = np.maximum(z, 1.085)
        z[:2] = (1.080, 1.086)
    turn = round_angles(sides)
    thick = 0.034 if plates else 0.024
    over = np.full(len(z), 0.0)
    over[[0, -1]] = -0.02
    front, back, wide, power = (part[:, None] for part in _sizes(build, z))
    # Above the armpits only the straps over the shoulders are left.
    narrow = wide + 0.022 - 0.095 * ease(1.31, 1.40, z)[:, None]
    x, y = outline(
        turn[None],
        front + thick + over[:, None],
        back + thick + over[:, None],
        narrow + over[:, None],
        narrow + over[:, None],
        power + 0.3,
    )
    high = np.broadcast_to(z[:, None], x.shape)
    bust = 0.020 if build.woman else 0.004
    x = (
        x
        + (x > 0) * bust * np.exp(-(((high - 1.272) / 0.07) ** 2))
        - 0.012 * ease(1.20, 1.34, high)
        + 0.006 * np.exp(-(((high - 1.08) / 0.08) ** 2))
    )
    points = np.stack((x, y, high - 0.020 * ease(1.40, 1.46, high) * np.cos(turn[None])), axis=-1)
    tints = np.tile(tint, (*points.shape[:2], 1)).astype(float)
    tints[0, :, :3] *= 0.6
    tints[2:6, :, :3] *= np.where(np.abs(np.sin(turn)) > 0.93, 0.8, 1.0)[None, :, None]
    return sheath(points, tints, trunk_weights(points))
