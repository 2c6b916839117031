"""Target boards and what carries them, as solids with matrices: stands, turning and falling mounts, rails.

All of it is only drawn: what a bullet can hit is the board.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np

from xrlab.geometry.transforms import Array, Vec3, pose_matrix
from xrlab.render.scene import Face, Mount
from xrlab.render.shapes3d import Solid, box, fixed, join, loft, plate, tube

_STEEL = fixed(0.34, 0.35, 0.37)
_BRIGHT = fixed(0.55, 0.56, 0.58)
_WOOD = fixed(0.66, 0.52, 0.36)
_CASING = fixed(0.22, 0.24, 0.20)
_GAUGE = 0.12
"""Half the distance (m) between the two bars of a rail."""

_FACES: dict[int, Face] = {}
_MOST_FACES = 256


def board(face: Face) -> Solid:
    """The plate of a board, without what is printed on it; the same face gives the same solid."""
    if id(face) not in _FACES:
        if len(_FACES) >= _MOST_FACES:
            _FACES.clear()
            _plate.cache_clear()
        _FACES[id(face)] = face
    return _plate(id(face))


@lru_cache(maxsize=256)
def _plate(key: int) -> Solid:
    face = _FACES[key]
    back = fixed(*(0.7 * c for c in face.color))
    return plate(np.asarray(face.outline), face.thickness, fixed(*face.color), back)


def carriers(mount: Mount) -> Iterator[tuple[Solid, Array]]:
    """What carries a board, each solid with its 4x4 matrix to the world."""
    size = (round(mount.height, 3), round(mount.width, 3), round(mount.tall, 3), bool(mount.rail))
    still = pose_matrix(mount.foot, mount.yaw)
    if mount.kind == "posts":
        yield _posts(*size), still
    elif mount.kind == "turner":
        yield _case(size[3]), still
        yield _mast(*size), pose_matrix(mount.foot, mount.turned)
    else:
        yield _hinge(*size), still
    if mount.rail:
        yield _rail(mount.rail), np.eye(4)


@lru_cache(maxsize=128)
def _posts(height: float, width: float, tall: float, carried: bool) -> Solid:
    """Two wooden uprights behind the board, on feet or a carriage."""
    top, apart = height + tall / 2 - 0.02, max(width / 2 - 0.035, 0.02)
    parts = [box(0.012, 0.019, top / 2, _WOOD).at(-0.022, side * apart, top / 2) for side in (1.0, -1.0)]
    if carried:
        parts.append(_case(True))
        parts.append(box(0.02, apart + 0.03, 0.02, _WOOD).at(-0.022, 0.0, 0.18))
    else:
        for side in (1.0, -1.0):
            parts.append(box(0.26, 0.022, 0.02, _STEEL).at(-0.022, side * apart, 0.02))
            parts.append(box(0.020, 0.027, 0.07, _STEEL).at(-0.022, side * apart, 0.09))
        parts.append(box(0.014, apart, 0.014, _STEEL).at(-0.022, 0.0, 0.03))
    return join(*parts)


@lru_cache(maxsize=2)
def _case(carried: bool) -> Solid:
    """The motor's casing of a turning mount on the floor, or the carriage on a rail."""
    if not carried:
        return join(
            box(0.16, 0.20, 0.012, _STEEL).at(-0.02, 0.0, 0.012), box(0.09, 0.12, 0.075, _CASING).at(-0.02, 0.0, 0.099)
        )
    wheels = [
        box(0.035, 0.035, 0.035, _STEEL).at(x - 0.02, y, 0.060) for x in (-_GAUGE, _GAUGE) for y in (-_GAUGE, _GAUGE)
    ]
    return join(box(0.17, 0.17, 0.045, _CASING).at(-0.02, 0.0, 0.13), *wheels)


@lru_cache(maxsize=128)
def _mast(height: float, width: float, tall: float, carried: bool) -> Solid:
    """What turns with the board: the mast, and a frame with clamps that holds it."""
    low, high = height - tall / 2, height + tall / 2
    behind, apart = -0.020, max(width / 2 - 0.06, 0.02)
    parts = [tube((behind, 0.0, 0.15), (behind, 0.0, low + 0.10), 0.018, _BRIGHT)]
    parts.append(box(0.010, apart + 0.02, 0.014, _STEEL).at(behind, 0.0, low + 0.10))
    for side in (1.0, -1.0):
        parts.append(box(0.008, 0.012, tall / 2 - 0.05, _STEEL).at(behind, side * apart, (low + high) / 2))
        parts += [box(0.012, 0.010, 0.016, _STEEL).at(-0.006, side * apart, z) for z in (low + 0.05, high - 0.03)]
    return join(*parts)


@lru_cache(maxsize=128)
def _hinge(height: float, width: float, tall: float, carried: bool) -> Solid:
    """A column up to the lower edge of the board, about which it falls, with its axle and motor."""
    low, half = max(height - tall / 2, 0.05), max(width * 0.32, 0.06)
    parts = [
        tube((-0.010, -half, low), (-0.010, half, low), 0.014, _BRIGHT),
        box(0.030, 0.035, 0.040, _CASING).at(-0.035, 0.0, low - 0.045),
    ]
    parts += [box(0.016, 0.010, 0.024, _STEEL).at(-0.012, side * half * 0.8, low - 0.02) for side in (1.0, -1.0)]
    parts.append(box(0.012, half, 0.012, _STEEL).at(-0.012, 0.0, low - 0.04))
    foot = 0.17 if carried else 0.012
    if low - 0.05 > foot:
        parts.append(box(0.022, 0.022, (low - 0.04 - foot) / 2, _STEEL).at(-0.012, 0.0, (low - 0.04 + foot) / 2))
    if carried:
        parts.append(_case(True))
    else:
        parts.append(box(0.20, 0.16, 0.008, _STEEL).at(-0.03, 0.0, 0.008))
        for side in (1.0, -1.0):
            parts.append(tube((-0.16, side * 0.11, 0.016), (-0.018, 0.0, min(0.30, low - 0.05)), 0.010, _STEEL))
    return join(*parts)


@lru_cache(maxsize=64)
def _rail(corners: tuple[Vec3, ...]) -> Solid:
    """Two bars along the way of a carried target, on sleepers, with a stop at either end."""
    parts = []
    for a, b in pairwise(corners):
        start, end = np.array(a), np.array(b)
        long = float(np.linalg.norm(end - start))
        if long < 1e-6:
            continue
        yaw, pitch = math.atan2(b[1] - a[1], b[0] - a[0]), math.asin((b[2] - a[2]) / long)
        x, y, z = ((start + end) / 2).tolist()
        middle = pose_matrix((x, y, z), yaw, pitch)
        bars = [box(long / 2 + _GAUGE, 0.014, 0.012, _BRIGHT).at(0.0, side, 0.026) for side in (-_GAUGE, _GAUGE)]
        many = max(2, round(long / 0.8) + 1)
        sleepers = [
            box(0.03, 0.18, 0.007, _STEEL).at(float(at), 0.0, 0.007) for at in np.linspace(-long / 2, long / 2, many)
        ]
        parts += [part.moved(middle) for part in (*bars, *sleepers)]
    for end_at, other in ((corners[0], corners[1]), (corners[-1], corners[-2])):
        yaw = math.atan2(end_at[1] - other[1], end_at[0] - other[0])
        parts.append(box(0.02, 0.15, 0.05, _CASING).at(0.22, 0.0, 0.05).moved(pose_matrix(end_at, yaw)))
    return join(*parts)


@lru_cache(maxsize=1)
def case() -> Solid:
    """The case of a 9 mm round, 19 mm long, about its middle along z."""
    brass = fixed(0.80, 0.62, 0.28)
    return loft([(-0.0096, 0, 0, 0.0050, 0.0050, brass), (0.0096, 0, 0, 0.0048, 0.0048, brass)], 10)


def along(place: Vec3, way: Vec3) -> Array:
    """4x4 that takes z to a unit way and the origin to a place."""
    z = np.array(way)
    x = np.cross((0.0, 0.0, 1.0) if abs(way[2]) < 0.9 else (1.0, 0.0, 0.0), z)
    x /= np.linalg.norm(x)
    out = np.eye(4)
    out[:3, 0], out[:3, 1], out[:3, 2], out[:3, 3] = x, np.cross(z, x), z, place
    return out
