"""Where one can stand on a room's floor, and the shortest way from place to place.

The floor is looked at through a grid: from head height rays go down (furniture stands higher than the
floor), and between neighbouring cells rays go across at shin, hip and head height (walls, also thin ones).
What remains is free floor; how far each cell lies from the nearest obstacle says where a body fits.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array

Point2 = tuple[float, float]

CELL_M = 0.1
RADIUS_M = 0.25
HEADROOM_M = 1.7
STEP_M = 0.2
"""What lies higher over the floor than this can't be walked on."""

_ACROSS = (0.3, 1.0, 1.6)
MAX_CELLS = 4_000_000


class Walkable:
    """A grid of free floor. origin: middle of cell [0, 0] (m); clear: (nx, ny) distance to obstacles (m)."""

    def __init__(self, origin: Point2, clear: Array, radius: float = RADIUS_M) -> None:
        self._origin = origin
        self._clear = clear
        self._radius = radius
        self._free = clear >= radius
        self._index = np.full(clear.shape, -1, np.int64)
        self._index[self._free] = np.arange(int(self._free.sum()))
        self._cells = np.argwhere(self._free)
        self._graph: Any = None
        self._tree = lru_cache(maxsize=256)(self._tree_to)

    @classmethod
    def from_mesh(cls, mesh: RayMesh, floor: float, low: Point2, high: Point2) -> Walkable:
        """Looks at the floor at height `floor` between two corners (m) of the plan."""
        from scipy.ndimage import distance_transform_edt

        cell = CELL_M
        while (high[0] - low[0]) * (high[1] - low[1]) / cell**2 > MAX_CELLS:  # a huge mesh: a coarser grid
            cell *= 2
        if cell != CELL_M:
            raise ValueError(f"the floor is {high[0] - low[0]:.0f} by {high[1] - low[1]:.0f} m; is the room in metres?")
        xs = np.arange(low[0] + cell / 2, high[0], cell)
        ys = np.arange(low[1] + cell / 2, high[1], cell)
        if not len(xs) or not len(ys):
            return cls((low[0], low[1]), np.zeros((0, 0)))
        grid = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)
        open_ = _stands_on_floor(mesh, grid, floor)
        for axis in (0, 1):
            blocked = _blocked_between(mesh, grid, floor, axis)
            first = [slice(None), slice(None)]
            second = [slice(None), slice(None)]
            first[axis], second[axis] = slice(None, -1), slice(1, None)
            open_[tuple(first)] &= ~blocked
            open_[tuple(second)] &= ~blocked
        padded = np.pad(open_, 1)  # the edge of the grid is an edge of the floor
        clear = distance_transform_edt(padded)[1:-1, 1:-1] * cell
        return cls((float(xs[0]), float(ys[0])), np.round(clear, 6))

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        return round((x - self._origin[0]) / CELL_M), round((y - self._origin[1]) / CELL_M)

    def clearance(self, x: float, y: float) -> float:
        """Metres from a point to the nearest obstacle, between the cells around it; 0 outside the grid."""
        fx, fy = (x - self._origin[0]) / CELL_M, (y - self._origin[1]) / CELL_M
        i, j = math.floor(fx), math.floor(fy)
        if not (0 <= i < self._clear.shape[0] - 1 and 0 <= j < self._clear.shape[1] - 1):
            return 0.0
        u, v = fx - i, fy - j
        c = self._clear
        a = float(c[i, j]) * (1 - u) + float(c[i + 1, j]) * u
        b = float(c[i, j + 1]) * (1 - u) + float(c[i + 1, j + 1]) * u
        return a * (1 - v) + b * v

    def stands(self, x: float, y: float) -> bool:
        """Whether a person fits here."""
        i, j = self._cell(x, y)
        return 0 <= i < self._free.shape[0] and 0 <= j < self._free.shape[1] and bool(self._free[i, j])

    @property
    def area(self) -> float:
        """Free floor in square metres, up to the obstacles."""
        return float((self._clear > 0).sum()) * CELL_M**2

    def reachable(self, start: Point2, goal: Point2) -> bool:
        """Whether a way leads from one point to the other."""
        return self.path(start, goal) is not None

    def path(self, start: Point2, goal: Point2) -> list[Point2] | None:
        """The shortest way as corner points, start and goal themselves included; None where there is none.

        A start or goal that lies a little off the free floor is reached from the nearest free cell within
        1 m. Equal ways are told apart by the cells' order, so the answer is always the same.
        """
        a, b = self._nearest(start), self._nearest(goal)
        if a is None or b is None:
            return None
        following = self._tree(b)
        if a != b and following[a] < 0:
            return None
        chain = [a]
        while chain[-1] != b:
            chain.append(int(following[chain[-1]]))
        middle = [self._centre(n) for n in chain]
        points = [start, *middle[1:-1], goal] if len(middle) > 1 else [start, goal]
        return self._pulled(points)

    def _centre(self, node: int) -> Point2:
        i, j = self._cells[node]
        return self._origin[0] + int(i) * CELL_M, self._origin[1] + int(j) * CELL_M

    def _nearest(self, point: Point2) -> int | None:
        i, j = self._cell(*point)
        reach = int(1.0 / CELL_M)
        lo_i, lo_j = max(0, i - reach), max(0, j - reach)
        part = self._index[lo_i : max(0, i + reach + 1), lo_j : max(0, j + reach + 1)]
        found = np.argwhere(part >= 0)
        if not len(found):
            return None
        away = (found[:, 0] + lo_i - i) ** 2 + (found[:, 1] + lo_j - j) ** 2
        at = found[int(np.argmin(away))]
        return int(part[at[0], at[1]])

    def _tree_to(self, goal: int) -> NDArray[np.int32]:
        """For every free cell the next one on its way to `goal`; negative where no way leads."""
        from scipy.sparse.csgraph import dijkstra

        if self._graph is None:
            self._graph = self._edges()
        # whole-number weights (10 straight, 14 across) add up without rounding, the same on every machine
        _, following = dijkstra(self._graph, directed=False, indices=goal, return_predecessors=True)
        return np.asarray(following, np.int32)

    def _edges(self) -> Any:
        from scipy.sparse import csr_matrix

        rows, columns, weights = [], [], []
        nx, ny = self._index.shape
        for di, dj, weight in ((1, 0, 10.0), (0, 1, 10.0), (1, 1, 14.0), (1, -1, 14.0)):
            a = self._index[: nx - di, max(0, -dj) : ny - max(0, dj)]
            b = self._index[di:, max(0, dj) : ny - max(0, -dj)]
            both = (a >= 0) & (b >= 0)
            rows.append(a[both])
            columns.append(b[both])
            weights.append(np.full(int(both.sum()), weight))
        n = len(self._cells)
        return csr_matrix((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))

    def _pulled(self, points: list[Point2]) -> list[Point2]:
        """The same way with only the corners that it needs, as a taut string has."""
        out = [points[0]]
        at = 0
        while at < len(points) - 1:
            # the farthest point in a straight line, found by doubling and halving
            step, reach = 1, at + 1
            while at + step < len(points) and self._straight(points[at], points[at + step]):
                reach = at + step
                step *= 2
            low, high = reach, min(at + step, len(points) - 1)
            while low < high:
                middle = (low + high + 1) // 2
                if self._straight(points[at], points[middle]):
                    low = middle
                else:
                    high = middle - 1
            at = low
            out.append(points[at])
        return out

    def _straight(self, a: Point2, b: Point2) -> bool:
        """Whether one can walk straight from a to b; the first and last half metre may be tight."""
        length = math.dist(a, b)
        n = int(length / (CELL_M / 2)) + 1
        f = np.arange(n + 1) / n
        i = np.round((a[0] + (b[0] - a[0]) * f - self._origin[0]) / CELL_M).astype(np.int64)
        j = np.round((a[1] + (b[1] - a[1]) * f - self._origin[1]) / CELL_M).astype(np.int64)
        inside = (i >= 0) & (i < self._free.shape[0]) & (j >= 0) & (j < self._free.shape[1])
        free = np.zeros(n + 1, bool)
        free[inside] = self._free[i[inside], j[inside]]
        return bool(free[1:-1].all()) if n > 1 else True

    def slide(self, start: Point2, wanted: Point2, radius: float = 0.22) -> Point2:
        """Where someone ends who wants to go from `start` to `wanted`: along walls, never into them.

        The way is taken in steps of at most 8 cm; a step that comes too near to an obstacle is turned along it.
        """
        x, y = start
        way = math.dist(start, wanted)
        steps = max(1, math.ceil(way / 0.08))
        dx, dy = (wanted[0] - x) / steps, (wanted[1] - y) / steps
        for _ in range(steps):
            here = self.clearance(x, y)
            for tx, ty in ((x + dx, y + dy), (x + dx, y), (x, y + dy)):
                there = self.clearance(tx, ty)
                if there >= radius or there > here:  # free, or at least a way out
                    x, y = tx, ty
                    break
        return x, y


def _stands_on_floor(mesh: RayMesh, grid: Array, floor: float) -> NDArray[np.bool_]:
    points = grid.reshape(-1, 2)
    origins = np.column_stack((points, np.full(len(points), floor + HEADROOM_M)))
    down = np.broadcast_to(np.array([0.0, 0.0, -1.0]), origins.shape)
    distance, _ = mesh.closest_many(origins, down)
    return np.asarray(np.abs(distance - HEADROOM_M) <= STEP_M).reshape(grid.shape[:2])


def _blocked_between(mesh: RayMesh, grid: Array, floor: float, axis: int) -> NDArray[np.bool_]:
    first = grid[:-1] if axis == 0 else grid[:, :-1]
    second = grid[1:] if axis == 0 else grid[:, 1:]
    blocked = np.zeros(first.shape[:2], bool)
    for height in _ACROSS:
        z = np.full((first.shape[0] * first.shape[1], 1), floor + height)
        starts, ends = np.hstack((first.reshape(-1, 2), z)), np.hstack((second.reshape(-1, 2), z))
        blocked |= mesh.blocked_many(starts, ends).reshape(blocked.shape)
    return blocked
