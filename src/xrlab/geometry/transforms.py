"""Angles, directions, 4x4 matrices, and the quantisation that makes events equal on every machine."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Vec3 = tuple[float, float, float]

# One step of each kind of quantity that enters an event (the design's conventions): NumPy's vector
# trigonometry and Embree may differ in the last bits between processors, so decisions are taken on
# values rounded to these decimals.
TIME_DECIMALS = 6
PLACE_DECIMALS = 5
ANGLE_DECIMALS = 6


def quantise_time(t: float) -> float:
    """`t` (s) to the microsecond; never -0.0."""
    return round(t, TIME_DECIMALS) + 0.0


def quantise_angle(a: float) -> float:
    """`a` (rad) to 1e-6; never -0.0."""
    return round(a, ANGLE_DECIMALS) + 0.0


def quantise_place(p: Iterable[float]) -> Vec3:
    """A point (m) to 0.01 mm in each coordinate; never -0.0."""
    x, y, z = p
    return (
        round(float(x), PLACE_DECIMALS) + 0.0,
        round(float(y), PLACE_DECIMALS) + 0.0,
        round(float(z), PLACE_DECIMALS) + 0.0,
    )


def wrap_angle(a: float) -> float:
    """`a` (rad) brought into (-pi, pi]."""
    a = math.fmod(a, 2 * math.pi)
    if a > math.pi:
        return a - 2 * math.pi
    if a <= -math.pi:
        return a + 2 * math.pi
    return a


def direction(yaw: float, pitch: float = 0.0) -> Vec3:
    """Unit vector that a yaw and a pitch (rad, positive upwards) look along."""
    c = math.cos(pitch)
    return (math.cos(yaw) * c, math.sin(yaw) * c, math.sin(pitch))


def yaw_pitch(d: Iterable[float]) -> tuple[float, float]:
    """Yaw and pitch (rad) of a direction that need not have length 1."""
    x, y, z = d
    return math.atan2(y, x), math.atan2(z, math.hypot(x, y))


def pose_matrix(position: Iterable[float], yaw: float = 0.0, pitch: float = 0.0) -> Array:
    """4x4 matrix from a body's frame (x forward, y left, z up) to the world."""
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    x, y, z = position
    return np.array([[cy * cp, -sy, -cy * sp, x], [sy * cp, cy, -sy * sp, y], [sp, 0.0, cp, z], [0.0, 0.0, 0.0, 1.0]])
