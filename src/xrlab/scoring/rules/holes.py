"""Bullet holes and scoring zones, in whole micrometres: what a hole touches and what it lies in, decided exactly.

Places of hits are rounded to 0.01 mm before anything is decided, and rule books give their measures in hundredths of a
millimetre at most, so that whole numbers hold all of it. Only an ellipse, which no rule book here uses, needs a root.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from xrlab.scenario.faces import FaceZone
from xrlab.scenario.rings import micrometres

Point = tuple[int, int]


@dataclass(frozen=True)
class Hole:
    """A hole: its middle, right and up from the middle of the face, and its diameter, in micrometres."""

    at: Point
    diameter: int

    @classmethod
    def of(cls, right_mm: float | str, up_mm: float | str, diameter_mm: float | str) -> Hole:
        """From millimetres."""
        return cls((micrometres(right_mm), micrometres(up_mm)), micrometres(diameter_mm))

    @property
    def square(self) -> int:
        """The square of its middle's distance from the middle of the face."""
        return self.at[0] ** 2 + self.at[1] ** 2


def touches(zone: FaceZone, hole: Hole) -> bool:
    """Whether any part of the hole, its edge included, lies in the zone, its line included."""
    if zone.circle_mm:
        square, reach = _round(zone.circle_mm, hole)
        return 4 * square <= (2 * reach + hole.diameter) ** 2
    if zone.ellipse_mm:
        inside, off = _oval(zone.ellipse_mm, hole.at)
        return inside or 2 * off <= hole.diameter
    corners = _corners(zone)
    return _inside(corners, hole.at) or any(
        _not_farther(a, b, hole.at, hole.diameter, strictly=False) for a, b in _edges(corners)
    )


def within(zone: FaceZone, hole: Hole) -> bool:
    """Whether the whole hole lies in the zone: its edge may touch the line from inside, not cross it."""
    if zone.circle_mm:
        square, reach = _round(zone.circle_mm, hole)
        room = 2 * reach - hole.diameter
        return room >= 0 and 4 * square <= room**2
    if zone.ellipse_mm:
        inside, off = _oval(zone.ellipse_mm, hole.at)
        return inside and 2 * off >= hole.diameter
    corners = _corners(zone)
    return _inside(corners, hole.at) and not any(
        _not_farther(a, b, hole.at, hole.diameter, strictly=True) for a, b in _edges(corners)
    )


def touched(zones: Sequence[FaceZone], hole: Hole) -> list[FaceZone]:
    """The zones that the hole touches where they show: what an inner zone covers is not there."""
    found = []
    for zone in zones:  # innermost first
        if touches(zone, hole):
            found.append(zone)
            if within(zone, hole):
                break
    return found


def holds_middle(zones: Sequence[FaceZone], hole: Hole) -> FaceZone | None:
    """The zone in which the middle of the hole lies, the first in the list; None beside all."""
    point = Hole(hole.at, 0)
    return next((zone for zone in zones if touches(zone, point)), None)


def _round(circle: tuple[float, float, float], hole: Hole) -> tuple[int, int]:
    right, up, radius = (micrometres(n) for n in circle)
    return (hole.at[0] - right) ** 2 + (hole.at[1] - up) ** 2, radius


def _corners(zone: FaceZone) -> list[Point]:
    return [(micrometres(right), micrometres(up)) for right, up in zone.corners_mm]


def _edges(corners: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(pairwise((*corners, corners[0])))


def _not_farther(a: Point, b: Point, p: Point, diameter: int, *, strictly: bool) -> bool:
    """Whether p is at most half the diameter away from the line from a to b; strictly: less than that."""
    wide, high = b[0] - a[0], b[1] - a[1]
    x, y = p[0] - a[0], p[1] - a[1]
    along, long = x * wide + y * high, wide * wide + high * high
    if along <= 0 or not long:
        off, unit = x * x + y * y, 1
    elif along >= long:
        off, unit = (p[0] - b[0]) ** 2 + (p[1] - b[1]) ** 2, 1
    else:
        off, unit = (x * high - y * wide) ** 2, long
    reach = diameter * diameter * unit
    return 4 * off < reach if strictly else 4 * off <= reach


def _inside(corners: Sequence[Point], p: Point) -> bool:
    """Whether a point lies in a polygon or on its edge."""
    inside = False
    for a, b in _edges(corners):
        if _not_farther(a, b, p, 0, strictly=False):
            return True
        if (a[1] > p[1]) != (b[1] > p[1]):
            side = (b[0] - a[0]) * (p[1] - a[1]) - (p[0] - a[0]) * (b[1] - a[1])
            inside ^= side > 0 if b[1] > a[1] else side < 0
    return inside


def _oval(ellipse: tuple[float, float, float, float], p: Point) -> tuple[bool, float]:
    """Whether a point lies in an upright ellipse, and how far from its edge (micrometres)."""
    right, up, half_wide, half_high = (micrometres(n) for n in ellipse)
    x, y = abs(p[0] - right), abs(p[1] - up)
    inside = x * x * half_high**2 + y * y * half_wide**2 <= (half_wide * half_high) ** 2
    if half_wide < half_high:
        return inside, _to_edge(half_high, half_wide, y, x)
    return inside, _to_edge(half_wide, half_high, x, y)


def _to_edge(a: int, b: int, x: int, y: int) -> float:
    """Distance of (x, y), both at least 0, from the ellipse with half axes a >= b.

    The nearest point solves (a x / (t + a²))² + (b y / (t + b²))² = 1, which falls as t grows; halving finds it.
    """
    if y == 0:
        flat = (a * a - b * b) / a
        if x < flat:
            near = a * a * x / (a * a - b * b)
            return math.sqrt((x - near) ** 2 + b * b * (1 - (near / a) ** 2))
        return float(abs(x - a))
    low, high = -float(b * b) + b * y, math.sqrt((a * x) ** 2 + (b * y) ** 2)
    for _ in range(200):
        t = (low + high) / 2
        if (a * x / (t + a * a)) ** 2 + (b * y / (t + b * b)) ** 2 > 1:
            low = t
        else:
            high = t
    t = (low + high) / 2
    return math.sqrt((x - a * a * x / (t + a * a)) ** 2 + (y - b * b * y / (t + b * b)) ** 2)
