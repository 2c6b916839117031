"""A room's triangles looked at for floor: the level one first, then whatever can be walked up to or down to from it.

From head height rays go down (furniture stands higher than the floor), from the floor rays go up (what meets a
surface from its back is inside a cupboard or a wall), and along every row and column rays go across at shin, hip,
chest and head height (walls, also thin ones). From the edges of what was found the floor is followed cell by cell
over steps and ramps: a step leads up or down by `CLIMB_M` at most. Where floor lies over floor (an upper storey,
the flight of stairs above a passage) a new sheet begins; it reaches `_HALO_M` back into the one that it came from,
so that ways go over from one to the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from xrlab.errors import InputError
from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import PLACE_DECIMALS, Array, Vec3
from xrlab.room.floor.sheet import Mask, Point2, Sheet

Index = NDArray[np.int64]

STEP_M = 0.2
"""What lies higher over the level floor than this is no part of it."""
CLIMB_M = 0.23
"""The highest step of stairs that is followed: building rules end at 0.22 m for homes; more is furniture."""
MAX_SHEETS = 16
_MAX_HELD = 24_000_000
"""Cells of all sheets together; each takes some 30 bytes."""

_ACROSS = (0.3, 0.8, 1.3, 1.6)
_MAX_CELLS = 4_000_000
_MAX_CELL_M = 0.8
_HALO_M = 0.9
_LEVEL_M = 0.02
_STEEP = 0.5
"""Cosine of the steepest slope that is floor: 60 degrees."""
_SMOOTH = 7
"""Heights are the mean over so many cells, which turns steps into the slope that a body follows."""
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1))


def find_sheets(
    mesh: RayMesh, floor: float, low: Point2, high: Point2, seeds: Iterable[Vec3], step: float, headroom: float,
    radius: float,
) -> list[Sheet]:  # fmt: skip
    """The sheets of floor, the first of them with the level floor at height `floor` (m).

    low, high: corners of the plan (m). seeds: places on other floors where the search also begins. step: size of a
    cell (m), made larger for very large floors. headroom: height (m) up to which it must be free. radius: of a body.
    """
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
    seen, inside, outward, z = _level_floor(mesh, xs, ys, floor, headroom)
    free = seen & ~inside
    for axis in (0, 1):
        _mark_across(mesh, free, (xs, ys), corner, step, [floor + h for h in _ACROSS if h < headroom], axis)
    free[[0, -1]] = False  # the edge of the grid is an edge of the floor
    free[:, [0, -1]] = False
    follower = _Follower(mesh, xs, ys, step, headroom, trust_backs=not outward)
    follower.follow(free, np.where(seen & (np.abs(z - floor) <= _LEVEL_M), floor, np.nan), z, seeds)
    return [follower.sheet(k, floor, corner, radius) for k in range(len(follower.heights))]


def _level_floor(mesh: RayMesh, xs: Array, ys: Array, floor: float, headroom: float) -> tuple[Mask, Mask, bool, Array]:
    """For each cell (nx, ny): whether the floor lies under it with nothing between; whether it is inside a solid;
    whether that says nothing, in a file whose surfaces all look outwards (a roof seen from below); its height."""
    gx, gy = np.meshgrid(xs, ys, indexing="ij")
    origins = np.column_stack((gx.ravel(), gy.ravel(), np.full(gx.size, floor + headroom)))
    distance, _ = mesh.closest_many(origins, np.broadcast_to(np.array([0.0, 0.0, -1.0]), origins.shape))
    distance = np.round(distance, PLACE_DECIMALS)
    on_floor = np.abs(distance - headroom) <= STEP_M
    found = np.flatnonzero(on_floor)
    origins = origins[found]
    origins[:, 2] = floor + STEP_M + 0.01
    _, triangle = mesh.closest_many(origins, np.broadcast_to(np.array([0.0, 0.0, 1.0]), origins.shape))
    back = (triangle >= 0) & (mesh.normals[triangle, 2] > 0)
    outward = bool(back.mean() >= 0.5) if len(back) else False
    inside = np.zeros(len(on_floor), bool)
    inside[found[back]] = not outward
    height = np.round(floor + headroom - distance, PLACE_DECIMALS)
    return on_floor.reshape(gx.shape), inside.reshape(gx.shape), outward, height.reshape(gx.shape)


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


class _Follower:
    """Follows the floor from cell to cell; `heights` holds a grid (nx, ny) for each sheet, NaN without floor."""

    def __init__(self, mesh: RayMesh, xs: Array, ys: Array, step: float, headroom: float, *, trust_backs: bool) -> None:
        self._mesh, self._xs, self._ys, self._step = mesh, xs, ys, step
        self._headroom, self._trust_backs = headroom, trust_backs
        self._shape = (len(xs), len(ys))
        self.heights: list[Array] = []
        self._own: list[int] = []

    def follow(self, free: Mask, settled: Array, z: Array, seeds: Iterable[Vec3]) -> None:
        """Begins with the level floor: free cells of heights `z`; settled: (nx, ny) where it was looked at already."""
        heights = np.where(free, z, np.nan)
        starts = np.flatnonzero(free & _edge(free, np.isfinite(settled)))
        others = self._grow(heights, starts, np.where(free, np.nan, settled))
        self.heights.append(heights)
        nx, ny = self._shape
        marked = [
            (int(i) * ny + int(j), h)
            for x, y, h in seeds
            for i, j in [((x - self._xs[0]) / self._step + 0.5, (y - self._ys[0]) / self._step + 0.5)]
            if 1 <= i < nx - 1 and 1 <= j < ny - 1
        ]
        if marked and self._mesh.triangle_count:
            cells, near = np.array([c for c, _ in marked]), np.array([h for _, h in marked])
            found = self._floor_near(cells, near)
            others += [(int(c), float(h)) for c, h in zip(cells, found, strict=True) if not math.isnan(h)]
        most = max(2, min(MAX_SHEETS, _MAX_HELD // heights.size))
        while others and len(self.heights) < most:
            others = self._next_sheet(others)

    def _next_sheet(self, seeds: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """One more sheet from places that no sheet has yet; returns those that are still left then."""
        heights = np.full(self._shape, np.nan)
        left: list[tuple[int, float]] = []
        starts: list[int] = []
        for cell, h in seeds:
            if self._known(np.array([cell]), np.array([h]))[0]:
                continue
            if math.isnan(heights.flat[cell]):
                heights.flat[cell] = h
                starts.append(cell)
            elif abs(heights.flat[cell] - h) > CLIMB_M:
                left.append((cell, h))
        if not starts:
            return []
        left += self._grow(heights, np.array(sorted(starts)), np.full(self._shape, np.nan))
        self._reach_back(heights)
        self.heights.append(heights)
        return left

    def _known(self, cells: Index, z: Array) -> Mask:
        """Whether an earlier sheet holds the floor of these heights in these cells."""
        known = np.zeros(len(cells), bool)
        for earlier in self.heights:
            known |= np.abs(earlier.ravel()[cells] - z) < _LEVEL_M
        return known

    def _grow(self, heights: Array, starts: Index, tried: Array) -> list[tuple[int, float]]:
        """Adds to `heights` all floor that is reached from the cells `starts`; returns floor over or under floor.

        tried: height at which a cell was looked at last, in vain; it is not looked at again from nearly there.
        """
        flat, failed = heights.ravel(), tried.ravel()
        over: dict[int, float] = {}
        ny = self._shape[1]
        here = starts
        while len(here):
            cells = np.concatenate([here + di * ny + dj for di, dj in _SIDES])
            from_z = np.tile(flat[here], len(_SIDES))
            i, j = cells // ny, cells % ny
            inner = (i > 0) & (i < self._shape[0] - 1) & (j > 0) & (j < ny - 1)
            taken = np.abs(flat[cells] - from_z) <= CLIMB_M
            vain = np.abs(failed[cells] - from_z) <= CLIMB_M
            todo = np.flatnonzero(inner & ~taken & ~vain)
            cells, first = np.unique(cells[todo], return_index=True)
            from_z = from_z[todo][first]
            found = self._floor_near(cells, from_z)
            good = ~np.isnan(found)
            good[good] = ~self._known(cells[good], found[good])
            failed[cells[~good]] = from_z[~good]
            empty = np.isnan(flat[cells])
            for cell, z in zip(cells[good & ~empty].tolist(), found[good & ~empty].tolist(), strict=True):
                over.setdefault(cell, z)
                failed[cell] = z
            here = cells[good & empty]
            flat[here] = found[good & empty]
        return list(over.items())

    def _floor_near(self, cells: Index, z: Array) -> Array:
        """Height of the free floor in cells (n,) that a step leads to from heights `z`; NaN where there is none."""
        out = np.full(len(cells), np.nan)
        if not len(cells):
            return out
        ny = self._shape[1]
        at = np.column_stack((self._xs[cells // ny], self._ys[cells % ny], z + CLIMB_M + 0.001))
        down = np.broadcast_to(np.array([0.0, 0.0, -1.0]), at.shape)
        distance, triangle = self._mesh.closest_many(at, down)
        normal = self._mesh.normals[triangle]
        slope = np.abs(normal[:, 2]) / np.maximum(np.sqrt(np.einsum("ij,ij->i", normal, normal)), 1e-300)
        keep = np.flatnonzero((distance <= 2 * CLIMB_M + 0.002) & (slope >= _STEEP))
        at = at[keep]
        floor = np.round(at[:, 2] - distance[keep], PLACE_DECIMALS)
        at[:, 2] = floor + 0.02
        distance, triangle = self._mesh.closest_many(at, -down[keep])
        free = distance >= self._headroom - 0.02
        if self._trust_backs:
            free &= ~((triangle >= 0) & (self._mesh.normals[triangle, 2] > 0))
        keep, at, floor = keep[free], at[free], floor[free]
        heights = np.array([h for h in _ACROSS if h < self._headroom])
        side = np.array([[self._step / 2, 0.0, 0.0], [0.0, self._step / 2, 0.0]])
        middle = np.repeat(at[:, None], len(heights), axis=1)
        middle[:, :, 2] = floor[:, None] + heights
        crosses = middle[:, :, None] + np.zeros((2, 3))  # (n, heights, two ways across the cell, 3)
        blocked = self._mesh.blocked_many((crosses - side).reshape(-1, 3), (crosses + side).reshape(-1, 3))
        met = blocked.reshape(len(keep), len(heights) * 2).any(axis=1)
        out[keep[~met]] = floor[~met]
        return out

    def _reach_back(self, heights: Array) -> None:
        """Adds the floor of earlier sheets next to this one's, `_HALO_M` far."""
        ny = self._shape[1]
        flat = heights.ravel()
        here = np.flatnonzero(np.isfinite(flat))
        for _ in range(math.ceil(_HALO_M / self._step)):
            added = []
            for di, dj in _SIDES:
                cells = here + di * ny + dj
                inside = (cells >= 0) & (cells < len(flat))
                cells, z = cells[inside], flat[here[inside]]
                for earlier in self.heights:
                    there = earlier.ravel()[cells]
                    new = np.isnan(flat[cells]) & (np.abs(there - z) <= CLIMB_M)
                    flat[cells[new]] = there[new]
                    added.append(cells[new])
            here = np.unique(np.concatenate(added))

    def sheet(self, number: int, floor: float, corner: Point2, radius: float) -> Sheet:
        """One of the sheets, with how far its cells lie from what a body can't pass."""
        from scipy.ndimage import distance_transform_edt

        z = self.heights[number]
        free = np.isfinite(z)
        level = number == 0 and bool((np.abs(z[free] - floor) <= _LEVEL_M).all())
        if not level:
            for axis in (0, 1):  # a fall or a rise that nobody steps over
                drop = np.abs(np.diff(z, axis=axis)) > CLIMB_M + 0.01
                before, after = [slice(None)] * 2, [slice(None)] * 2
                before[axis], after[axis] = slice(None, -1), slice(1, None)
                free[tuple(before)] &= ~drop
                free[tuple(after)] &= ~drop
        # an obstacle may lie anywhere in its cell: half a diagonal nearer than its middle
        away = np.asarray(distance_transform_edt(free), np.float64) * self._step - self._step * math.sqrt(0.5)
        clear = np.asarray(np.round(np.where(free, np.maximum(away, self._step / 4), 0.0), 6), np.float64)
        return Sheet(corner, clear, z, floor if level else _smooth(z), self._step, radius)


def _edge(free: Mask, settled: Mask) -> Mask:
    """Cells beside one that is neither free nor settled."""
    open_ = ~(free | settled)
    out = np.zeros_like(free)
    out[1:] |= open_[:-1]
    out[:-1] |= open_[1:]
    out[:, 1:] |= open_[:, :-1]
    out[:, :-1] |= open_[:, 1:]
    return out


def _smooth(z: Array) -> Array:
    """Heights as the mean of those around, so that steps become a slope; a little beyond the floor's edge too."""
    from scipy.ndimage import uniform_filter

    held = np.isfinite(z)
    total = uniform_filter(np.where(held, z, 0.0), _SMOOTH, mode="constant")
    share = uniform_filter(held.astype(np.float64), _SMOOTH, mode="constant")
    mean = np.round(total / np.maximum(share, 1e-9), PLACE_DECIMALS)
    # where the floor is level the mean's own rounding must not make it uneven
    out: Array = np.where(held & (np.abs(mean - z) < 1e-4), z, np.where(share > 1e-9, mean, np.nan))
    return out
