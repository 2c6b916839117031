"""How lamps spread their light: how much goes in which direction, and from which places on them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.model import Light

_LEAST_EDGE = 1e-6  # of the cosines of a spot's cone, so that one with a sharp edge can be reckoned with


def gain(lamp: Light, ways: Array) -> Array:
    """How much a lamp sends along unit `ways` (n, 3) away from it, as a multiple of its light spread evenly, (n,).

    A spot follows the falloff that the specification of KHR_lights_punctual recommends; a panel the cosine (Lambert); a
    tube the sine of the angle from its axis, as a glowing cylinder seen from afar. All are scaled so that what goes
    in all directions together is the lamp's power. Ceiling lamps and bulbs count as spread evenly here.
    """
    if lamp.kind == "spot":
        inner, outer = (math.cos(angle) for angle in lamp.cone)
        edge = np.clip((ways @ np.array(lamp.direction) - outer) / max(inner - outer, _LEAST_EDGE), 0.0, 1.0)
        return np.asarray(4.0 * math.pi / solid_angle(lamp.cone) * edge * edge)
    if lamp.kind == "panel":
        return np.asarray(4.0 * np.maximum(ways @ np.array(lamp.direction), 0.0))
    if lamp.kind == "tube":
        along = ways @ np.array(lamp.along)
        return np.asarray(4.0 / math.pi * np.sqrt(np.maximum(1.0 - along * along, 0.0)))
    return np.ones(len(ways))


def solid_angle(cone: tuple[float, float]) -> float:
    """What makes lumens of the candela in a spot's middle (sr); cone: as `Light.cone`."""
    inner, outer = (math.cos(angle) for angle in cone)
    return 2.0 * math.pi * ((1.0 - inner) + max(inner - outer, _LEAST_EDGE) / 3.0)


def across(direction: Vec3, yaw: float) -> Vec3:
    """A unit vector at a right angle to `direction`: along `yaw` (rad) where that looks up or down, else level."""
    x, y, _ = direction
    flat = math.hypot(x, y)
    if flat < 1e-3:
        return math.cos(yaw), math.sin(yaw), 0.0
    return -y / flat, x / flat, 0.0


def spread_over(lamp: Light, parts: Sequence[tuple[float, float]]) -> Array:
    """Places (n, 3) on a lamp; each is given by its part of the width and of the depth, from -0.5 to 0.5."""
    part = np.array(parts, float).reshape(-1, 2)
    along, out = np.array(lamp.along), np.array(lamp.direction)
    other = np.cross(out, along)
    if lamp.kind not in ("panel", "tube"):
        return np.repeat(np.array(lamp.position)[None], len(part), axis=0)
    deep = lamp.size[1] if lamp.kind == "panel" else 0.0
    return np.asarray(lamp.position + part[:, :1] * lamp.size[0] * along + part[:, 1:] * deep * other)
