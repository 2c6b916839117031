"""Hands in the few shapes that people hold them in, each a solid of its own that goes with one bone.

Frame of a right hand: origin at the wrist, z along the fingers, x to the side of the thumb, y out of its back. A left
hand is its mirror in y. Metres.
"""

from __future__ import annotations

import math

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render.shapes3d import Solid, Tint, fixed, join, loft, mirrored, slot
from xrlab.render.skins import closed, outline, round_angles

# shape -> bends (degrees) of the three joints of index, middle, ring and little finger; spread of them (degrees);
# way of the thumb (thumb's side, back, fingers) and how its last joint bends (degrees)
_Bends = tuple[float, float, float]
_SHAPES: dict[str, tuple[tuple[_Bends, _Bends, _Bends, _Bends], float, tuple[float, float, float], float]] = {
    "relaxed": (((18, 24, 12), (26, 30, 16), (32, 34, 18), (38, 36, 18)), 2.0, (0.42, -0.42, 0.80), 14),
    "open": (((2, 4, 3), (0, 4, 3), (2, 4, 3), (4, 6, 4)), 7.0, (0.80, -0.18, 0.57), -4),
    "flat": (((8, 8, 5), (8, 8, 5), (8, 8, 5), (10, 10, 6)), 2.0, (0.50, -0.55, 0.67), 18),
    "fist": (((66, 88, 50), (70, 90, 52), (72, 90, 52), (76, 90, 52)), 0.0, (0.12, -0.80, 0.58), 48),
    "trigger": (((8, 30, 16), (60, 84, 48), (64, 86, 50), (68, 88, 50)), 0.0, (0.12, -0.47, 0.87), 4),
    "indexed": (((4, 10, 6), (60, 84, 48), (64, 86, 50), (68, 88, 50)), 0.0, (0.12, -0.47, 0.87), 4),
    "support": (((44, 52, 28), (48, 56, 30), (52, 58, 32), (56, 60, 34)), 1.0, (0.35, -0.30, 0.88), 6),
    "cradle": (((34, 42, 26), (38, 44, 26), (42, 46, 28), (46, 48, 30)), 2.0, (0.62, -0.30, 0.72), 14),
}
SHAPES = tuple(_SHAPES)

# Place of the knuckle towards the thumb, how far it lies along the hand, length, half thickness.
_FINGERS = (
    (0.0290, 0.086, 0.071, 0.0088),
    (0.0098, 0.090, 0.079, 0.0090),
    (-0.0098, 0.087, 0.073, 0.0086),
    (-0.0280, 0.080, 0.058, 0.0078),
)
_SKIN, _KNUCKLE, _NAIL = slot(2), slot(2, 0.93), (1.0, 0.92, 0.90, 2)


def _digit(
    start: Array,
    heading: Array,
    bend_to: Array,
    bends: tuple[float, ...],
    lengths: tuple[float, ...],
    radii: tuple[float, ...],
    tint: Tint,
    sides: int,
) -> Solid:
    """A finger from `start` along `heading`, bending by so many degrees before each of its bones."""
    across = np.cross(bend_to, heading)
    rings, turned = [], 0.0
    at = start - heading * 0.014
    turn = round_angles(sides)

    def ring(place: Array, angle: float, r: float) -> Array:
        way = heading * math.cos(angle) + bend_to * math.sin(angle)
        side = np.cross(way, across)
        x, y = outline(turn, *(np.full(sides, r),) * 4, 2.0)
        return np.asarray(place + x[:, None] * side + y[:, None] * across)

    rings.append(ring(at, 0.0, radii[0] * 0.92))
    at = start
    for i, (bend, length) in enumerate(zip(bends, lengths, strict=True)):
        half = math.radians(bend) / 2
        rings.append(ring(at, turned + half, radii[i] * 1.04))
        turned += 2 * half
        way = heading * math.cos(turned) + bend_to * math.sin(turned)
        at = at + way * length
    way = heading * math.cos(turned) + bend_to * math.sin(turned)
    rings.append(ring(at - way * radii[-1] * 0.35, turned, radii[-1] * 0.82))
    points = np.array(rings)
    ends = points[[0, -1]].mean(axis=1, keepdims=True).repeat(sides, axis=1)
    points = np.concatenate((ends[:1], points, ends[1:] + way * radii[-1] * 0.5))
    tints = np.tile(tint, (*points.shape[:2], 1)).astype(float)
    tints[2, :, :3] *= 0.96
    return closed(points, tints)


def hand(shape: str, left: bool = False, glove: bool = False, light: bool = False) -> Solid:
    """A hand in one of `SHAPES`; gloved, black, or bare in the colour of slot 2. light: with few triangles."""
    fingers, spread, thumb_way, thumb_bend = _SHAPES[shape]
    skin, knuckle = (fixed(0.10, 0.10, 0.105), fixed(0.075, 0.075, 0.08)) if glove else (_SKIN, _KNUCKLE)
    more = 1.10 if glove else 1.0
    wrist = [
        (-0.040, 0.0, 0.0, 0.0215 * more, 0.0165 * more, skin),
        (-0.005, 0.0, 0.0, 0.0275 * more, 0.0195 * more, skin),
    ]
    if light:
        curled = sum(fingers[1]) > 120
        solid = loft(
            [
                *wrist,
                (0.045, 0, 0, 0.041, 0.015, skin),
                (0.090, 0, -0.004, 0.039, 0.013, skin),
                *([(0.105, 0, -0.026, 0.037, 0.024, skin)] if curled else [(0.165, 0, -0.022, 0.028, 0.008, skin)]),
            ],
            6,
        )
        return mirrored(solid) if left else solid
    palm = loft(
        [
            *wrist,
            (0.018, 0.003, -0.001, 0.0335 * more, 0.0170 * more, skin),
            (0.048, 0.001, -0.002, 0.0410 * more, 0.0150 * more, skin),
            (0.078, 0.0005, -0.001, 0.0410 * more, 0.0125 * more, knuckle),
            (0.092, 0.0, -0.003, 0.0360, 0.0085, skin),
        ],
        12,
        2.6,
    )
    heel = loft(
        [
            (0.006, 0.022, -0.012, 0.008, 0.006, skin),
            (0.022, 0.025, -0.012, 0.0145, 0.012, skin),
            (0.042, 0.028, -0.010, 0.0140, 0.011, skin),
            (0.058, 0.030, -0.008, 0.008, 0.006, skin),
        ],
        6,
    )
    parts = [palm, heel]
    for number, ((x, z, length, r), bends) in enumerate(zip(_FINGERS, fingers, strict=True)):
        away = math.radians((1.2 - number) * spread)
        heading = np.array([math.sin(away), 0.0, math.cos(away)])
        lengths = (length * 0.46, length * 0.30, length * 0.24)
        parts.append(
            _digit(
                np.array([x, -0.002, z]),
                heading,
                np.array([0.0, -1.0, 0.0]),
                bends,
                lengths,
                (r * more, r * 0.93 * more, r * 0.85 * more),
                skin,
                6,
            )
        )
    way = np.array(thumb_way) / np.linalg.norm(thumb_way)
    inwards = np.cross(way, np.cross(np.array([-0.5, -0.6, 0.3]), way))
    inwards /= np.linalg.norm(inwards)
    parts.append(
        _digit(
            np.array([0.027, -0.010, 0.026]),
            way,
            inwards,
            (0.0, thumb_bend * 0.6, thumb_bend),
            (0.030, 0.032, 0.024),
            (0.0125 * more, 0.0108 * more, 0.0098 * more),
            skin,
            6,
        )
    )
    made = join(*parts)
    return mirrored(made) if left else made
