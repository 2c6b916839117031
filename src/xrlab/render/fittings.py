"""What moves or shines besides people and targets, as solids with matrices: door leaves, lamps."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render.shapes3d import GLOWING, Solid, ball, box, fixed, join, loft, slot, tube
from xrlab.room.model import Door, Light


@lru_cache(maxsize=64)
def leaf(width: float, height: float, thickness: float) -> Solid:
    """A door leaf from its hinge along x, with two handles and raised panels' shadows; slot 0 is its colour."""
    half = thickness / 2
    slab = box(width / 2, half, height / 2, slot(0)).at(width / 2, 0, height / 2)
    steel = fixed(0.62, 0.63, 0.65)
    parts = [slab]
    for side in (1.0, -1.0):
        out = side * half
        handle = join(
            tube((width - 0.07, out, 1.02), (width - 0.07, out + side * 0.045, 1.02), 0.010, steel),
            tube((width - 0.06, out + side * 0.045, 1.02), (width - 0.19, out + side * 0.045, 1.02), 0.010, steel),
            box(0.020, 0.003, 0.075, steel).at(width - 0.07, out + side * 0.002, 1.0),
        )
        parts.append(handle)
        if width > 0.6 and height > 1.6:  # two panels, told by their grooves
            for low, high in ((0.16, 0.86), (1.16, height - 0.14)):
                parts += _grooves(0.13, width - 0.13, low, high, out + side * 0.0006)
    return join(*parts)


@lru_cache(maxsize=64)
def casement(width: float, height: float, thickness: float) -> Solid:
    """The leaf of a window or a glazed door from its hinge along x: a frame one looks through, with a handle."""
    half, bar = thickness / 2, min(0.03, width / 8, height / 8)
    steel = fixed(0.62, 0.63, 0.65)
    parts = [box(width / 2, half, bar, slot(0)).at(width / 2, 0, z) for z in (bar, height - bar)]
    parts += [box(bar, half, height / 2, slot(0)).at(x, 0, height / 2) for x in (bar, width - bar)]
    for side in (1.0, -1.0):
        parts.append(box(0.012, 0.012, 0.055, steel).at(width - bar, side * (half + 0.012), height / 2))
    return join(*parts)


def _grooves(left: float, right: float, low: float, high: float, y: float) -> list[Solid]:
    dark = slot(0, 0.72)
    across, up = (right - left) / 2, (high - low) / 2
    middle, centre = (left + right) / 2, (low + high) / 2
    return [
        box(across, 0.0004, 0.006, dark).at(middle, y, low), box(across, 0.0004, 0.006, dark).at(middle, y, high),
        box(0.006, 0.0004, up, dark).at(left, y, centre), box(0.006, 0.0004, up, dark).at(right, y, centre),
    ]  # fmt: skip


def leaf_matrix(door: Door, opened: float) -> Array:
    """4x4 from the leaf's frame to the world."""
    yaw = door.yaw(opened)
    c, s = math.cos(yaw), math.sin(yaw)
    x, y, z = door.hinge
    return np.array([[c, -s, 0, x], [s, c, 0, y], [0, 0, 1, z], [0, 0, 0, 1.0]])


def lamp(light: Light) -> Solid:
    """A lamp as what it is, in its own frame: z against where it shines, x along it; lamps alike are one solid."""
    red, green, blue = (round(0.3 + 0.7 * max(0.0, v) ** (1 / 2.2), 2) for v in light.color)
    return _lamp(light.kind, *light.size, (red, green, blue))


@lru_cache(maxsize=64)
def _lamp(kind: str, width: float, depth: float, color: tuple[float, float, float]) -> Solid:
    glass, frame = (*color, GLOWING), fixed(0.75, 0.75, 0.75)
    if kind == "point":  # a bulb in its socket
        socket = loft([(0.026, 0, 0, 0.016, 0.016, frame), (0.075, 0, 0, 0.014, 0.014, frame)], 10)
        return join(ball(0.031, 0.031, 0.034, glass, 12), socket)
    if kind == "spot":  # a can with a lens
        can = loft([(0.0, 0, 0, 0.045, 0.045, frame), (0.11, 0, 0, 0.040, 0.040, frame)], 16)
        lens = loft([(-0.004, 0, 0, 0.036, 0.036, glass), (0.0, 0, 0, 0.038, 0.038, glass)], 16)
        return join(can, lens)
    if kind == "panel":
        rim = min(0.012, width / 8, depth / 8)
        return join(
            box(width / 2 - rim, depth / 2 - rim, 0.002, glass).at(0, 0, 0.002),
            box(width / 2, depth / 2, 0.01, frame).at(0, 0, 0.0125),
        )
    if kind == "tube":  # on a batten
        half = width / 2
        ends = [box(0.012, 0.018, 0.03, frame).at(side * half, 0, 0.018) for side in (1.0, -1.0)]
        batten = box(half, 0.025, 0.015, frame).at(0, 0, 0.058)
        return join(tube((-half, 0, 0), (half, 0, 0), max(depth, 0.016) / 2, glass), batten, *ends)
    # A round ceiling lamp, 30 cm across, hanging just above the point that its light comes from.
    return join(
        loft([(0.0, 0, 0, 0.140, 0.140, glass), (0.035, 0, 0, 0.150, 0.150, glass)], 20),
        loft([(0.035, 0, 0, 0.155, 0.155, frame), (0.05, 0, 0, 0.150, 0.150, frame)], 20),
    )


def lamp_matrix(light: Light) -> Array:
    """4x4 from the lamp's frame to the world."""
    out = np.eye(4)
    z = -np.array(light.direction)
    out[:3, 0], out[:3, 1], out[:3, 2], out[:3, 3] = light.along, np.cross(z, light.along), z, light.position
    return out
