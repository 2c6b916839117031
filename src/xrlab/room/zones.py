"""Named parts of the floor: where a room's rooms, lanes and sectors are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array

Point2 = tuple[float, float]

UNDER_FLOOR_M = 0.3
"""Feet this far under a zone's floor are still in the zone; so near to its ceiling they are on the storey above."""


@dataclass(frozen=True)
class Zone:
    """A named part of the floor: polygon (n, 2) counter-clockwise, from floor to ceiling (m)."""

    name: str
    polygon: Array
    floor: float = 0.0
    ceiling: float = 2.5

    @cached_property
    def centre(self) -> Point2:
        """The polygon's centroid."""
        x, y = self.polygon[:, 0], self.polygon[:, 1]
        xn, yn = np.roll(x, -1), np.roll(y, -1)
        cross = x * yn - xn * y
        area = float(cross.sum()) / 2
        if abs(area) < 1e-12:
            return float(x.mean()), float(y.mean())
        return float(((x + xn) * cross).sum() / (6 * area)), float(((y + yn) * cross).sum() / (6 * area))

    @cached_property
    def inner_point(self) -> Point2:
        """A point inside: the centroid, or, where the polygon bends around that, another well within."""
        if self.contains(np.array([self.centre]))[0]:
            return self.centre
        import shapely

        inside = shapely.Polygon(self.polygon).point_on_surface()
        return float(inside.x), float(inside.y)

    def spans(self, height: float) -> bool:
        """Whether feet at this height (m) are on its floor, or on steps and things up to below its ceiling."""
        low, high = self.height_range
        return low <= height < high

    @property
    def height_range(self) -> tuple[float, float]:
        """Heights (m) of feet that are in the zone: from the first on, below the second."""
        return self.floor - UNDER_FLOOR_M, max(self.ceiling - UNDER_FLOOR_M, self.floor + UNDER_FLOOR_M)

    def contains(self, points: Array) -> NDArray[np.bool_]:
        """For points (n, 2): which lie inside (even-odd rule)."""
        inside = np.zeros(len(points), bool)
        px, py = points[:, 0], points[:, 1]
        previous = self.polygon[-1]
        for corner in self.polygon:
            (x0, y0), (x1, y1) = previous, corner
            if y0 != y1:
                inside ^= ((y0 > py) != (y1 > py)) & (px < (x1 - x0) * (py - y0) / (y1 - y0) + x0)
            previous = corner
        return inside
