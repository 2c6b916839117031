"""Flat shapes on a board: circles, ellipses and polygons, for target faces, in the board's own two axes.

u points to the right and v upwards, as the shooter who faces the board sees it; metres; the origin is
the middle of the board. In the board's frame (x out of its face, y to its own left, z up) a point
(u, v) lies at (0, u, v).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xrlab.geometry.transforms import Array

# A thousandth of the step that places are rounded to: what lies on a line by design is on it after rounding, too.
_LINE_M = 1e-8


@dataclass(frozen=True)
class Circle:
    """A disc: centre (m) and radius (m)."""

    centre: tuple[float, float]
    radius: float

    def contains(self, u: float, v: float) -> bool:
        """Whether a point lies inside or on the edge (a shot on the line counts as in)."""
        return math.hypot(u - self.centre[0], v - self.centre[1]) <= self.radius + _LINE_M

    def outline(self, corners: int = 64) -> Array:
        """Its edge as a polygon (corners, 2), counter-clockwise."""
        a = np.arange(corners) * (2 * math.pi / corners)
        return np.column_stack((self.centre[0] + self.radius * np.cos(a), self.centre[1] + self.radius * np.sin(a)))


@dataclass(frozen=True)
class Ellipse:
    """An upright ellipse: centre (m), half width and half height (m)."""

    centre: tuple[float, float]
    halves: tuple[float, float]

    def contains(self, u: float, v: float) -> bool:
        """Whether a point lies inside or on the edge (a shot on the line counts as in)."""
        a, b = (half + _LINE_M for half in self.halves)
        return ((u - self.centre[0]) / a) ** 2 + ((v - self.centre[1]) / b) ** 2 <= 1.0

    def outline(self, corners: int = 64) -> Array:
        """Its edge as a polygon (corners, 2), counter-clockwise."""
        t = np.arange(corners) * (2 * math.pi / corners)
        (u, v), (a, b) = self.centre, self.halves
        return np.column_stack((u + a * np.cos(t), v + b * np.sin(t)))


@dataclass(frozen=True)
class Polygon:
    """A polygon without holes: corners ((u, v), ...) in order, metres."""

    corners: tuple[tuple[float, float], ...]

    def contains(self, u: float, v: float) -> bool:
        """Whether a point lies inside or on the edge (a shot on the line counts as in)."""
        inside = False
        u0, v0 = self.corners[-1]
        for u1, v1 in self.corners:
            if _on_line(u, v, u0, v0, u1, v1):
                return True
            if (v0 > v) != (v1 > v) and u < (u1 - u0) * (v - v0) / (v1 - v0) + u0:
                inside = not inside
            u0, v0 = u1, v1
        return inside

    def outline(self, corners: int = 64) -> Array:
        """Its corners (n, 2); `corners` is not used, a polygon has its own."""
        return np.array(self.corners)


def _on_line(u: float, v: float, u0: float, v0: float, u1: float, v1: float) -> bool:
    du, dv = u1 - u0, v1 - v0
    square = du * du + dv * dv
    f = ((u - u0) * du + (v - v0) * dv) / square if square else 0.0
    f = min(1.0, max(0.0, f))
    return math.hypot(u - u0 - f * du, v - v0 - f * dv) <= _LINE_M


Shape = Circle | Ellipse | Polygon
