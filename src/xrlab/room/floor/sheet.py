"""One sheet of floor: a grid in which every cell has one height at most, and how free it is there.

Places are rounded so that a wall never lies on a border between cells.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array

Point2 = tuple[float, float]
Mask = NDArray[np.bool_]

TIGHT_M = 0.18
"""Where a way has less room than a body's radius on both sides, a body still squeezes through with this much."""

MAX_SLIDE_M = 2.0
"""`Sheet.slide` goes no farther than this in one call."""

_STRIDE_M = 0.05


class Sheet:
    """A grid of free floor.

    corner: lowest corner of cell [0, 0] (m). clear: (nx, ny) distance (m) from each cell's middle to the
    nearest obstacle, at most the true one; 0 in obstacles. found: (nx, ny) height (m) of the floor as it is, NaN
    where there is none. height: that feet keep to, one for all or (nx, ny), where steps are a slope. step: size of a
    cell (m). radius: of a body (m).
    """

    def __init__(
        self, corner: Point2, clear: Array, found: Array, height: Array | float, step: float, radius: float
    ) -> None:
        self.corner, self.step = corner, step
        self.clear, self.found, self._height = clear, found, height
        self.shape: tuple[int, int] = (clear.shape[0], clear.shape[1])
        self.easy, self.tight, self.open = clear >= radius, clear >= min(TIGHT_M, radius), clear > 0
        self._flat: list[float] = []

    # --- one place ------------------------------------------------------------------------------------

    @property
    def level(self) -> bool:
        """Whether its floor is level."""
        return not isinstance(self._height, np.ndarray)

    def heights(self, cells: NDArray[np.integer]) -> Array:
        """Height (m) that feet keep to in cells (n, 2)."""
        if isinstance(self._height, np.ndarray):
            out: Array = self._height[cells[:, 0], cells[:, 1]]
            return out
        return np.full(len(cells), self._height)

    def height_at(self, x: float, y: float) -> float:
        """Height of the floor at a place; NaN where there is none."""
        if not isinstance(self._height, np.ndarray):
            return self._height
        i, j = self.cell(x, y)
        return float(self._height[i, j]) if 0 <= i < self.shape[0] and 0 <= j < self.shape[1] else math.nan

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """The cell that holds a place."""
        return math.floor((x - self.corner[0]) / self.step), math.floor((y - self.corner[1]) / self.step)

    def holds(self, mask: Mask, point: Point2) -> bool:
        """`mask` at a place; False outside of the grid."""
        i, j = self.cell(*point)
        return 0 <= i < self.shape[0] and 0 <= j < self.shape[1] and bool(mask[i, j])

    def clearance(self, x: float, y: float) -> float:
        """Metres from a point to the nearest obstacle, between the cells around it; 0 in one or outside."""
        if not self._flat:
            self._flat = self.clear.ravel().tolist()
        fx, fy = (x - self.corner[0]) / self.step - 0.5, (y - self.corner[1]) / self.step - 0.5
        i, j = math.floor(fx), math.floor(fy)
        nx, ny = self.shape
        if not (0 <= i < nx - 1 and 0 <= j < ny - 1):
            return 0.0
        u, v = fx - i, fy - j
        at = i * ny + j
        c = self._flat
        return (c[at] * (1 - u) + c[at + ny] * u) * (1 - v) + (c[at + 1] * (1 - u) + c[at + ny + 1] * u) * v

    def middle(self, i: int, j: int) -> Point2:
        """Middle of a cell (m)."""
        return self.corner[0] + (i + 0.5) * self.step, self.corner[1] + (j + 0.5) * self.step

    # --- straight lines -------------------------------------------------------------------------------

    def along(self, mask: Mask, a: Point2, b: Point2) -> Mask:
        """`mask` at places half a cell apart on the way from a to b, both included."""
        i, j = self._cells_along(a, b)
        held: Mask = mask.ravel()[i * self.shape[1] + j]
        return held

    def _cells_along(self, a: Point2, b: Point2) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        n = int(math.sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) / (self.step / 2)) + 1
        f = np.arange(n + 1) * (1.0 / n)
        i = ((a[0] - self.corner[0] + (b[0] - a[0]) * f) / self.step).astype(np.int64)
        j = ((a[1] - self.corner[1] + (b[1] - a[1]) * f) / self.step).astype(np.int64)
        for cells, most in ((i, self.shape[0] - 1), (j, self.shape[1] - 1)):  # np.clip takes five times as long
            np.minimum(np.maximum(cells, 0, out=cells), most, out=cells)
        return i, j

    def profile(self, a: Point2, b: Point2) -> Array:
        """Height of the floor (m) at the places of `along`."""
        i, j = self._cells_along(a, b)
        return self.heights(np.column_stack((i, j)))

    def leads(self, mask: Mask, point: Point2, way: Array) -> bool:
        """Whether `mask` holds all along `way` from `point`; it may begin to hold only on the way."""
        held = self.along(mask, point, (point[0] + float(way[0]), point[1] + float(way[1])))
        return bool(held[int(np.argmax(held)) :].all())

    def pulled(self, points: list[Point2], easy: list[bool]) -> list[Point2]:
        """The same way with only the corners that it needs, as a taut string has.

        easy: where a body fits with its whole radius. Stretches of easy and of tight points are pulled each
        for itself, so that one tight spot does not let the rest of the way cut its corners.
        """
        out = [points[0]]
        at, last = 0, len(points) - 1
        while at < last:
            end = at + 1
            while end < last and easy[end + 1] == easy[at + 1]:
                end += 1
            mask = self.easy if easy[at] and easy[at + 1] else self.tight
            while at < end:
                at = self._farthest(mask, points, at, end)
                out.append(points[at])
        # what the grid's own directions left over: corners whose neighbours see each other
        k = 1
        while k < len(out) - 1:
            if bool(self.along(self.easy, out[k - 1], out[k + 1]).all()):
                del out[k]
                k = max(1, k - 1)
            else:
                k += 1
        return out

    def _farthest(self, mask: Mask, points: list[Point2], at: int, end: int) -> int:
        """The farthest of points at+1..end to which a straight line leads, found by doubling and halving."""
        step, low = 1, at + 1
        while at + step <= end and bool(self.along(mask, points[at], points[at + step]).all()):
            low = at + step
            step *= 2
        high = min(at + step, end)
        while low < high:
            middle = (low + high + 1) // 2
            if bool(self.along(mask, points[at], points[middle]).all()):
                low = middle
            else:
                high = middle - 1
        return low

    # --- a person who walks by hand -------------------------------------------------------------------

    def slide(self, start: Point2, wanted: Point2, radius: float) -> Point2:
        """Where someone ends who wants to go from `start` to `wanted`: along walls, never into them.

        radius: distance (m) kept from obstacles; who starts nearer comes no nearer still. Goes 2 m at most.
        Who stands in an obstacle stays.
        """
        x, y = start
        here = self.clearance(x, y)
        dx, dy = wanted[0] - x, wanted[1] - y
        left = math.sqrt(dx * dx + dy * dy)
        if left == 0.0 or here <= 0.0:
            return start
        dx, dy = dx / left, dy / left
        left = min(left, MAX_SLIDE_M)
        while left > 1e-9:
            # a stride shorter than the distance to any obstacle cannot cross one
            stride = min(left, _STRIDE_M, here * 0.9)
            left -= max(stride, 0.005)
            kept = min(radius, here)
            moved = self._stride(x + dx * stride, y + dy * stride, kept)
            if moved is None or (moved[0] - x) * dx + (moved[1] - y) * dy <= 1e-9:
                break
            if (moved[0] - x) ** 2 + (moved[1] - y) ** 2 > (stride * 1.001) ** 2:
                break
            x, y, here = moved
        return x, y

    def _stride(self, x: float, y: float, kept: float) -> tuple[float, float, float] | None:
        """A place, pushed away from obstacles until it is `kept` from them, and its clearance; None if it fails."""
        for _ in range(4):
            clear = self.clearance(x, y)
            if clear >= kept - 1e-6:
                return x, y, clear
            e = self.step / 2
            gx = (self.clearance(x + e, y) - self.clearance(x - e, y)) / (2 * e)
            gy = (self.clearance(x, y + e) - self.clearance(x, y - e)) / (2 * e)
            slope = gx * gx + gy * gy
            if slope < 0.05:
                return None
            push = (kept - clear + 1e-5) / slope
            x, y = x + gx * push, y + gy * push
        return None
