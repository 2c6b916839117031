"""Where one can stand on a room's floor, and the shortest way from place to place.

The floor is looked at through a grid of 5 cm. From head height rays go down (furniture stands higher than
the floor), from the floor rays go up (what meets a surface from its back is inside a cupboard or a wall), and
along every row and column rays go across at shin, hip, chest and head height (walls, also thin ones). How far
each cell lies from the nearest obstacle says where a body fits. Places are rounded so that a wall never lies
on a border between cells, and ways are weighed in whole numbers: every machine finds the same way.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.errors import InputError
from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import PLACE_DECIMALS, Array

Point2 = tuple[float, float]
Mask = NDArray[np.bool_]

CELL_M = 0.1
RADIUS_M = 0.25
TIGHT_M = 0.18
"""Where a way has less room than `RADIUS_M` on both sides, a body still squeezes through with this much."""
HEADROOM_M = 1.7
STEP_M = 0.2
"""What lies higher over the floor than this can't be walked on."""
REACH_M = 1.0
"""A start or goal off the free floor is taken to the nearest free place within this distance."""

MAX_SLIDE_M = 2.0
"""`slide` goes no farther than this in one call."""

_ACROSS = (0.3, 0.8, 1.3, 1.6)
_STRIDE_M = 0.05
_MAX_CELLS = 4_000_000
_MAX_CELL_M = 0.8
_TREES_BYTES = 40_000_000
_SQUEEZE = 6
"""A metre of a tight way weighs as much as this many metres of an easy one."""
_SHIFTS = ((1, 0, 10), (-1, 0, 10), (0, 1, 10), (0, -1, 10), (1, 1, 14), (1, -1, 14), (-1, 1, 14), (-1, -1, 14))


class Walkable:
    """A grid of free floor.

    corner: lowest corner of cell [0, 0] (m). clear: (nx, ny) distance (m) from each cell's middle to the
    nearest obstacle, at most the true one; 0 in obstacles. step: size of a cell (m). radius: of a body (m).
    """

    def __init__(self, corner: Point2, clear: Array, step: float = CELL_M / 2, radius: float = RADIUS_M) -> None:
        self._corner, self._step, self._radius = corner, step, radius
        self._clear = clear
        self._shape: tuple[int, int] = (clear.shape[0], clear.shape[1])
        self._easy, self._tight, self._open = clear >= radius, clear >= min(TIGHT_M, radius), clear > 0
        # the ways run over every second cell; those cells are the nodes, in the order of the grid
        nodes = self._tight[::2, ::2]
        self._index: NDArray[np.int64] = np.full((nodes.shape[0], nodes.shape[1]), -1, np.int64)
        self._index[nodes] = np.arange(int(nodes.sum()))
        self._cells = np.argwhere(nodes) * 2
        self._node_easy = self._easy[::2, ::2][nodes]
        self._tree = lru_cache(maxsize=max(4, min(256, _TREES_BYTES // (4 * len(self._cells) + 1))))(self._tree_to)
        self._flat: list[float] = []

    @classmethod
    def from_mesh(
        cls,
        mesh: RayMesh,
        floor: float,
        low: Point2,
        high: Point2,
        cell: float = CELL_M,
        radius: float = RADIUS_M,
        headroom: float = HEADROOM_M,
    ) -> Walkable:
        """Looks at the floor at height `floor` (m) between two corners (m) of the plan.

        cell: spacing of the ways (m), made coarser for very large floors. radius: of a body (m).
        headroom: height (m) up to which it must be free over the floor.
        """
        from scipy.ndimage import distance_transform_edt

        step = cell / 2
        width, depth = float(high[0] - low[0]), float(high[1] - low[1])
        while width * depth > _MAX_CELLS * step**2:
            step *= 2
        if step > _MAX_CELL_M / 2:
            raise InputError(f"the floor is {width:.0f} by {depth:.0f} m; is the room in metres?")
        # Borders between cells lie half a unit off the places that hits are rounded to.
        corner = (round(float(low[0]), 3) - 2 * step - 0.003705, round(float(low[1]), 3) - 2 * step - 0.002705)
        nx, ny = (int((s + 4 * step + 0.01) / step) + 1 for s in (width, depth))
        xs: Array = corner[0] + (np.arange(nx, dtype=np.float64) + 0.5) * step
        ys: Array = corner[1] + (np.arange(ny, dtype=np.float64) + 0.5) * step
        free = _stands_on_floor(mesh, xs, ys, floor, headroom)
        for axis in (0, 1):
            _mark_across(mesh, free, (xs, ys), corner, step, [floor + h for h in _ACROSS if h < headroom], axis)
        free[[0, -1]] = False  # the edge of the grid is an edge of the floor
        free[:, [0, -1]] = False
        # an obstacle may lie anywhere in its cell: half a diagonal nearer than its middle
        away = np.asarray(distance_transform_edt(free), np.float64) * step - step * math.sqrt(0.5)
        clear = np.asarray(np.round(np.where(free, np.maximum(away, step / 4), 0.0), 6), np.float64)
        return cls(corner, clear, step, radius)

    # --- one place ------------------------------------------------------------------------------------

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        return math.floor((x - self._corner[0]) / self._step), math.floor((y - self._corner[1]) / self._step)

    def _is(self, mask: Mask, point: Point2) -> bool:
        i, j = self._cell(*point)
        return 0 <= i < self._shape[0] and 0 <= j < self._shape[1] and bool(mask[i, j])

    def clearance(self, x: float, y: float) -> float:
        """Metres from a point to the nearest obstacle, between the cells around it; 0 in one or outside."""
        if not self._flat:
            self._flat = self._clear.ravel().tolist()
        fx, fy = (x - self._corner[0]) / self._step - 0.5, (y - self._corner[1]) / self._step - 0.5
        i, j = math.floor(fx), math.floor(fy)
        nx, ny = self._shape
        if not (0 <= i < nx - 1 and 0 <= j < ny - 1):
            return 0.0
        u, v = fx - i, fy - j
        at = i * ny + j
        c = self._flat
        return (c[at] * (1 - u) + c[at + ny] * u) * (1 - v) + (c[at + 1] * (1 - u) + c[at + ny + 1] * u) * v

    def stands(self, x: float, y: float) -> bool:
        """Whether a person fits here."""
        return self._is(self._easy, (x, y))

    @property
    def area(self) -> float:
        """Free floor in square metres, up to the obstacles."""
        return float(self._open.sum()) * self._step**2

    # --- ways -----------------------------------------------------------------------------------------

    def reachable(self, start: Point2, goal: Point2) -> bool:
        """Whether a way leads from one point to the other."""
        a, b = self._node(start), self._node(goal)
        return a is not None and b is not None and bool(self._island[a] == self._island[b])

    @cached_property
    def _island(self) -> NDArray[np.int32]:
        """For every node the number of the connected piece of floor that it lies on."""
        from scipy.sparse.csgraph import connected_components

        return np.asarray(connected_components(self._edges, directed=False)[1], np.int32)

    def path(self, start: Point2, goal: Point2) -> list[Point2] | None:
        """The shortest way as corner points, from `start` itself to `goal` itself; None where there is none.

        Keeps `radius` from obstacles where the way is wide enough. A start or goal where nobody fits is
        taken to the nearest place within 1 m that is not behind a wall: a way begins at the start itself and
        then goes there, and ends at that place instead of the goal.
        """
        start, goal = (float(start[0]), float(start[1])), (float(goal[0]), float(goal[1]))
        a, b = self._node(start), self._node(goal)
        if a is None or b is None:
            return None
        if self._island[a] != self._island[b]:
            return None
        following = self._tree(b)
        chain = [a]
        while chain[-1] != b:
            chain.append(int(following[chain[-1]]))
        on_floor = self._is(self._tight, goal)
        middles = (np.array(self._corner) + (self._cells[chain] + 0.5) * self._step).tolist()
        points = [start, *((x, y) for x, y in middles), *([goal] if on_floor else [])]
        easy = [self._is(self._easy, start), *self._node_easy[chain].tolist()]
        easy += [self._is(self._easy, goal)] if on_floor else []
        if not self._is(self._tight, start):  # out of an obstacle straight, then as any way
            return [start, *self._pulled(points[1:], easy[1:])]
        return self._pulled(points, easy)

    def _node(self, point: Point2) -> int | None:
        """The nearest node that one comes to from `point` without crossing an obstacle; None if none is near."""
        reach = int(REACH_M / self._step / 2) + 1
        i, j = (n // 2 for n in self._cell(*point))
        mask = self._tight if self._is(self._tight, point) else self._open
        for span in (1, reach):
            lo_i, lo_j = max(0, i - span), max(0, j - span)
            part = self._index[lo_i : max(0, i + span + 2), lo_j : max(0, j + span + 2)]
            cells = np.argwhere(part >= 0)
            if not len(cells):
                continue
            nodes = part[cells[:, 0], cells[:, 1]]
            away = np.array(self._corner) + (self._cells[nodes] + 0.5) * self._step - np.array(point)
            square = away[:, 0] * away[:, 0] + away[:, 1] * away[:, 1]
            for k in np.argsort(square, kind="stable"):
                if square[k] > REACH_M**2:
                    break
                if self._leads(mask, point, away[k]):
                    return int(nodes[k])
        return None

    def _leads(self, mask: Mask, point: Point2, way: Array) -> bool:
        """Whether `mask` holds all along `way` from `point`; it may begin to hold only on the way."""
        holds = self._along(mask, point, (point[0] + float(way[0]), point[1] + float(way[1])))
        return bool(holds[int(np.argmax(holds)) :].all())

    def _along(self, mask: Mask, a: Point2, b: Point2) -> Mask:
        """`mask` at places half a cell apart on the way from a to b, both included."""
        n = int(math.sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) / (self._step / 2)) + 1
        f = np.arange(n + 1) * (1.0 / n)
        i = ((a[0] - self._corner[0] + (b[0] - a[0]) * f) / self._step).astype(np.int64)
        j = ((a[1] - self._corner[1] + (b[1] - a[1]) * f) / self._step).astype(np.int64)
        np.clip(i, 0, self._shape[0] - 1, out=i)
        np.clip(j, 0, self._shape[1] - 1, out=j)
        held: Mask = mask.ravel()[i * self._shape[1] + j]
        return held

    def _tree_to(self, goal: int) -> NDArray[np.int32]:
        """For every node the next one on its way to `goal`; -1 where no way leads, and for the goal itself."""
        from scipy.sparse.csgraph import dijkstra

        # Whole-number weights add up without rounding, so the distances are the same on every machine; the
        # way is taken from them here, since which of equal ways a library prefers is its own affair.
        length = dijkstra(self._edges, directed=False, indices=goal)
        nx, ny = self._index.shape
        grid, easy = np.full((nx + 2, ny + 2), np.inf), np.zeros((nx + 2, ny + 2), bool)
        number = np.full((nx + 2, ny + 2), -1, np.int32)
        i, j = self._cells[:, 0] // 2 + 1, self._cells[:, 1] // 2 + 1
        grid[i, j], easy[i, j], number[i, j] = length, self._node_easy, np.arange(len(length))
        best, following = np.full(len(length), np.inf), np.full(len(length), -1, np.int32)
        for di, dj, weight in _SHIFTS:
            ni, nj = i + di, j + dj
            through = grid[ni, nj] + np.where(easy[ni, nj] & self._node_easy, weight, weight * _SQUEEZE)
            better = through < best
            best[better], following[better] = through[better], number[ni, nj][better]
        following[goal] = -1
        return following

    @cached_property
    def _edges(self) -> Any:
        from scipy.sparse import csr_matrix

        rows: list[NDArray[np.int64]] = []
        columns: list[NDArray[np.int64]] = []
        weights: list[Array] = []
        nx, ny = self._index.shape
        for di, dj, weight in ((1, 0, 10.0), (0, 1, 10.0), (1, 1, 14.0), (1, -1, 14.0)):
            a = self._index[: nx - di, max(0, -dj) : ny - max(0, dj)]
            b = self._index[di:, max(0, dj) : ny - max(0, -dj)]
            both = (a >= 0) & (b >= 0)
            rows.append(a[both])
            columns.append(b[both])
            easy = self._node_easy[a[both]] & self._node_easy[b[both]]
            weights.append(np.where(easy, weight, weight * _SQUEEZE))
        n = len(self._cells)
        return csr_matrix((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))

    def _pulled(self, points: list[Point2], easy: list[bool]) -> list[Point2]:
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
            mask = self._easy if easy[at] and easy[at + 1] else self._tight
            while at < end:
                at = self._farthest(mask, points, at, end)
                out.append(points[at])
        # what the grid's own directions left over: corners whose neighbours see each other
        k = 1
        while k < len(out) - 1:
            if bool(self._along(self._easy, out[k - 1], out[k + 1]).all()):
                del out[k]
                k = max(1, k - 1)
            else:
                k += 1
        return out

    def _farthest(self, mask: Mask, points: list[Point2], at: int, end: int) -> int:
        """The farthest of points at+1..end to which a straight line leads, found by doubling and halving."""
        step, low = 1, at + 1
        while at + step <= end and bool(self._along(mask, points[at], points[at + step]).all()):
            low = at + step
            step *= 2
        high = min(at + step, end)
        while low < high:
            middle = (low + high + 1) // 2
            if bool(self._along(mask, points[at], points[middle]).all()):
                low = middle
            else:
                high = middle - 1
        return low

    # --- a person who walks by hand -------------------------------------------------------------------

    def slide(self, start: Point2, wanted: Point2, radius: float = 0.22) -> Point2:
        """Where someone ends who wants to go from `start` to `wanted`: along walls, never into them.

        radius: distance (m) kept from obstacles; who starts nearer comes no nearer still. Goes 2 m at most.
        Who stands in an obstacle is put beside it, or stays if no free place is near.
        """
        x, y = start
        here = self.clearance(x, y)
        if here <= 0.0:
            node = self._node(start)
            if node is None:
                return start
            i, j = self._cells[node].tolist()
            return self._corner[0] + (i + 0.5) * self._step, self._corner[1] + (j + 0.5) * self._step
        dx, dy = wanted[0] - x, wanted[1] - y
        left = math.sqrt(dx * dx + dy * dy)
        if left == 0.0:
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
            e = self._step / 2
            gx = (self.clearance(x + e, y) - self.clearance(x - e, y)) / (2 * e)
            gy = (self.clearance(x, y + e) - self.clearance(x, y - e)) / (2 * e)
            slope = gx * gx + gy * gy
            if slope < 0.05:
                return None
            push = (kept - clear + 1e-5) / slope
            x, y = x + gx * push, y + gy * push
        return None


def _stands_on_floor(mesh: RayMesh, xs: Array, ys: Array, floor: float, headroom: float) -> Mask:
    """For each cell (nx, ny): whether the floor lies under it, nothing between, and it is not inside a solid."""
    gx, gy = np.meshgrid(xs, ys, indexing="ij")
    origins = np.column_stack((gx.ravel(), gy.ravel(), np.full(gx.size, floor + headroom)))
    distance, _ = mesh.closest_many(origins, np.broadcast_to(np.array([0.0, 0.0, -1.0]), origins.shape))
    on_floor = np.abs(np.round(distance, PLACE_DECIMALS) - headroom) <= STEP_M
    found = np.flatnonzero(on_floor)
    origins = origins[found]
    origins[:, 2] = floor + STEP_M + 0.01
    _, triangle = mesh.closest_many(origins, np.broadcast_to(np.array([0.0, 0.0, 1.0]), origins.shape))
    inside = (triangle >= 0) & (mesh.normals[triangle, 2] > 0)
    # In a file whose surfaces all look outwards (a roof seen from below) this test says nothing.
    if inside.mean() < 0.5 if len(inside) else False:
        on_floor[found[inside]] = False
    return np.asarray(on_floor.reshape(gx.shape))


def _mark_across(
    mesh: RayMesh, free: Mask, axes: tuple[Array, Array], corner: Point2, step: float, heights: list[float], axis: int
) -> None:
    """Takes from `free` each cell in which a level line along `axis` meets a surface."""
    across = axes[1 - axis]
    lines = np.zeros((len(across) * len(heights), 3))
    lines[:, axis] = corner[axis] - step
    lines[:, 1 - axis] = np.tile(across, len(heights))
    lines[:, 2] = np.repeat(heights, len(across))
    row = np.tile(np.arange(len(across)), len(heights))
    way = np.zeros(3)
    way[axis] = 1.0
    end = corner[axis] + free.shape[axis] * step
    while len(lines):
        distance, _ = mesh.closest_many(lines, np.broadcast_to(way, lines.shape))
        place = np.round(lines[:, axis] + distance, PLACE_DECIMALS)
        met = place < end
        lines, row, place = lines[met], row[met], place[met]
        cell = np.clip(((place - corner[axis]) / step).astype(np.int64), 0, free.shape[axis] - 1)
        if axis == 0:
            free[cell, row] = False
        else:
            free[row, cell] = False
        lines[:, axis] = place + step / 4
