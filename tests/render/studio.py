"""A plain room to take pictures of: a floor, a red wall, a blue box, one lamp."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xrlab.render.scene import Camera, Frame
from xrlab.room.model import Light, Room, Surface

BOX = np.array(
    [[0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7], [0, 1, 5], [0, 5, 4],
     [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7]], np.int32,
)  # fmt: skip


def box(name: str, low: tuple[float, float, float], high: tuple[float, float, float], color: str) -> Surface:
    """A box whose sides look outwards."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    vertices = np.array([(*c, z0) for c in corners] + [(*c, z1) for c in corners], float)
    r, g, b = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return Surface(name, vertices, BOX, "concrete", (r, g, b, 1.0))


def studio() -> Room:
    """A floor, a red wall at x = 3, a blue box before it on its left, one lamp; open above."""
    return Room(
        "studio",
        (
            box("floor", (-4, -4, -0.2), (4, 4, 0.0), "#c8c8c8"),
            box("red wall", (3, -4, 0), (3.2, 4, 2.6), "#c81414"),
            box("blue box", (1.6, 0.6, 0), (2.4, 1.4, 1.0), "#1430c8"),
        ),
        lights=(Light("lamp", (-1.0, 0.0, 2.5), power=2500.0, group="main"),),
    )


FORWARD = Camera((-1.5, 0.0, 1.5), 0.0, 0.0, math.radians(60))
"""Looks along +x at the red wall, the blue box on its left."""

Draw = Callable[[Frame], NDArray[np.uint8]]
