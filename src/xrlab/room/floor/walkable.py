"""Where one can stand on a room's floors, and the shortest way from place to place, stairs included.

`ground` looks for the floor and cuts it into sheets, so that no sheet lies over itself; a plain storey is one sheet.
The ways run over every second cell of all sheets, and are weighed in whole numbers: every machine finds the same way.
A place is (x, y, z); without z the lowest sheet that has floor there is meant.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import PLACE_DECIMALS, Array, Vec3
from xrlab.room.floor.ground import CLIMB_M, find_sheets
from xrlab.room.floor.sheet import TIGHT_M, Point2, Sheet

Spot = Point2 | Vec3

CELL_M = 0.1
RADIUS_M = 0.25
HEADROOM_M = 1.7
REACH_M = 1.0
"""A start or goal off the free floor is taken to the nearest free place within this distance."""

ON_FLOOR_M = 0.6
"""A height within this distance of a floor's means this floor."""

LEVEL_M2, LEVEL_SHARE = 4.0, 0.03
"""A smaller level of floor is a landing or a step, not a storey."""

_SAME_M = 0.05
_SAG_M = 0.03
"""How far a way may lie over or under the floor between its corners."""
_PIECE_M = 0.2
_TREES_BYTES = 40_000_000
_SQUEEZE = 6
"""A metre of a tight way weighs as much as this many metres of an easy one."""
_SHIFTS = ((1, 0, 10), (-1, 0, 10), (0, 1, 10), (0, -1, 10), (1, 1, 14), (1, -1, 14), (-1, 1, 14), (-1, -1, 14))


class Walkable:
    """Sheets of free floor on one grid, joined where they hold the same floor. radius: of a body (m)."""

    def __init__(self, sheets: list[Sheet], radius: float = RADIUS_M) -> None:
        self.sheets = sheets
        first = sheets[0]
        self._step, self._corner = first.step, first.corner
        self._index: list[NDArray[np.int64]] = []
        cells: list[NDArray[np.int64]] = []
        clear: list[Array] = []
        home: list[NDArray[np.int64]] = []
        count = 0
        best = [s.clear[::2, ::2] for s in sheets]
        for k, sheet in enumerate(sheets):
            index = np.full(best[k].shape, -1, np.int64)
            new = sheet.open[::2, ::2].copy()
            for earlier in range(k):  # the same floor in two sheets is one node
                same = self._same(k, earlier) & (self._index[earlier] >= 0)
                index[same] = self._index[earlier][same]
                new &= ~same
            most, where = best[k], np.full(best[k].shape, k)
            for later in range(k + 1, len(sheets)):
                better = self._same(later, k) & (best[later] > most)
                most, where = np.where(better, best[later], most), np.where(better, later, where)
            new &= most >= min(TIGHT_M, radius)
            index[new] = np.arange(count, count + int(new.sum()))
            count += int(new.sum())
            self._index.append(index)
            cells.append(np.argwhere(new) * 2)
            clear.append(most[new])
            home.append(where[new])
        self._cells, self._home = np.concatenate(cells), np.concatenate(home)
        self._node_easy = np.concatenate(clear) >= radius
        self._tree = lru_cache(maxsize=max(4, min(256, _TREES_BYTES // (4 * len(self._cells) + 1))))(self._tree_to)
        # from the same start many runs go the same ways, and whoever stands still is asked for again and again
        self._known_way = lru_cache(maxsize=4096)(self._way)
        self._node = lru_cache(maxsize=4096)(self._nearest_node)

    def _same(self, one: int, other: int) -> NDArray[np.bool_]:
        """For every second cell: whether both sheets hold the same floor there."""
        a, b = self.sheets[one], self.sheets[other]
        near = np.abs(a.found[::2, ::2] - b.found[::2, ::2]) < _SAME_M
        return near & a.open[::2, ::2] & b.open[::2, ::2]

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
        seeds: Iterable[Vec3] = (),
    ) -> Walkable:
        """Looks at the floor at height `floor` (m) between two corners (m) of the plan, and at what it leads to.

        cell: spacing of the ways (m), made coarser for very large floors. radius: of a body (m). headroom: height
        (m) up to which it must be free over the floor. seeds: places on floors that no stairs may lead to.
        """
        return cls(find_sheets(mesh, floor, low, high, seeds, cell / 2, headroom, radius), radius)

    # --- one place ------------------------------------------------------------------------------------

    def _sheet_at(self, spot: Spot) -> Sheet | None:
        """The sheet whose floor is meant by a place; the one with most room about it where two hold it."""
        if len(spot) == 2:
            if len(self.sheets) == 1:
                return self.sheets[0]
            return next((s for s in self.sheets if s.holds(s.open, spot)), None)
        x, y, z = spot
        near = self._sheets_near(x, y, z)
        return max(near, key=lambda s: s.clearance(x, y)) if len(near) > 1 else near[0] if near else None

    def _sheets_near(self, x: float, y: float, z: float) -> list[Sheet]:
        return [s for s in self.sheets if abs(s.height_at(x, y) - z) <= ON_FLOOR_M]

    def height(self, x: float, y: float, z: float) -> float:
        """Height of the floor (m) at a place near height `z`; `z` itself where there is no floor."""
        sheet = self._sheet_at((x, y, z))
        return z if sheet is None else sheet.height_at(x, y)

    def clearance(self, x: float, y: float, z: float | None = None) -> float:
        """Metres from a point to the nearest obstacle, between the cells around it; 0 in one or outside."""
        sheet = self._sheet_at((x, y) if z is None else (x, y, z))
        return 0.0 if sheet is None else sheet.clearance(x, y)

    def stands(self, x: float, y: float, z: float | None = None) -> bool:
        """Whether a person fits here."""
        sheet = self._sheet_at((x, y) if z is None else (x, y, z))
        return sheet is not None and sheet.holds(sheet.easy, (x, y))

    @cached_property
    def storeys(self) -> list[tuple[float, float]]:
        """Height (m) and free area (m²) of each level of floor, lowest first; stairs and ramps are none.

        Floor within 10 cm of a height is one level; what is smaller than 4 m², or than 3 % of all, is left out.
        """
        left = np.sort(np.concatenate([s.found[floor] for s, floor in self._floors()]))
        out: list[tuple[float, float]] = []
        while len(left):
            start, end = np.searchsorted(left, left - 0.1), np.searchsorted(left, left + 0.1, side="right")
            most = int(np.argmax(end - start))
            group = left[start[most] : end[most]]
            area = len(group) * self._step**2
            if area < max(LEVEL_M2, LEVEL_SHARE * self.area):
                break
            out.append((round(float(np.median(group)), 2) + 0.0, area))
            left = np.concatenate((left[: start[most]], left[end[most] :]))
        return sorted(out)

    @cached_property
    def area(self) -> float:
        """Free floor in square metres, up to the obstacles; of all sheets, what two of them hold once."""
        return sum(int(floor.sum()) for _, floor in self._floors()) * self._step**2

    def _floors(self) -> Iterator[tuple[Sheet, NDArray[np.bool_]]]:
        """Each sheet with its cells of free floor: those where somebody fits, and what is free about them.

        What an earlier sheet holds already is left out, and so are gaps in which nobody fits (inside a wall).
        """
        from scipy.ndimage import label, maximum

        for k, sheet in enumerate(self.sheets):
            number, count = label(sheet.open, np.ones((3, 3)))
            wide = np.append(False, np.asarray(maximum(sheet.clear, number, np.arange(1, count + 1))) >= TIGHT_M)
            floor = wide[number]
            for earlier in self.sheets[:k]:
                floor &= ~((np.abs(earlier.found - sheet.found) < _SAME_M) & earlier.open)
            yield sheet, floor

    # --- its cells, for those who make something else of them -------------------------------------------

    @property
    def grid(self) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
        """Of `nodes`: column and row (n, 2), the number of the sheet (n,), and how far apart they are (m)."""
        return self._cells // 2, self._home, self._step * 2

    @property
    def node_easy(self) -> NDArray[np.bool_]:
        """Which of `nodes` have `radius` free about them, (n,)."""
        return self._node_easy

    def node(self, spot: Spot) -> int | None:
        """The number of the nearest of `nodes` that one comes to from `spot` past no obstacle; None if none is near."""
        return self._node(spot)

    # --- ways -----------------------------------------------------------------------------------------

    @cached_property
    def nodes(self) -> Array:
        """Places (n, 3), about two cells apart, that ways run over: the middles of free cells, on the floor (m)."""
        flat = np.array(self._corner) + (self._cells + 0.5) * self._step
        z = np.zeros(len(flat))
        for number, sheet in enumerate(self.sheets):
            mine = self._home == number
            z[mine] = sheet.heights(self._cells[mine])
        return np.column_stack((flat, z))

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """Pairs (m, 2) of neighbours among `nodes` between which one can go."""
        edges = self._edges.tocoo()
        return np.column_stack((edges.row, edges.col)).astype(np.int64)

    def node_at(self, spot: Spot) -> int | None:
        """The nearest of `nodes` that one comes to from a place without crossing an obstacle; None if none is near."""
        return self._node(spot)

    def reachable(self, start: Spot, goal: Spot) -> bool:
        """Whether a way leads from one point to the other."""
        a, b = self._node(start), self._node(goal)
        return a is not None and b is not None and bool(self._island[a] == self._island[b])

    @cached_property
    def _island(self) -> NDArray[np.int32]:
        """For every node the number of the connected piece of floor that it lies on."""
        from scipy.sparse.csgraph import connected_components

        return np.asarray(connected_components(self._edges, directed=False)[1], np.int32)

    def squeezes(self, start: Spot, goal: Spot) -> bool:
        """Whether every way from one point to the other leads through a gap with less than `radius` on both sides.

        False where one of the points itself lies in such a gap, or no way leads there.
        """
        a, b = self._node(start), self._node(goal)
        if a is None or b is None or not (self._node_easy[a] and self._node_easy[b]):
            return False
        return bool(self._island[a] == self._island[b] and self._wide_island[a] != self._wide_island[b])

    @cached_property
    def _wide_island(self) -> NDArray[np.int32]:
        """As `_island`, for a body that needs its whole radius."""
        from scipy.sparse.csgraph import connected_components

        wide = self._edges.copy()
        wide.data[wide.data >= _SQUEEZE * 10] = 0  # what a tight way weighs
        wide.eliminate_zeros()
        return np.asarray(connected_components(wide, directed=False)[1], np.int32)

    def path(self, start: Spot, goal: Spot) -> list[Vec3] | None:
        """The shortest way as corner points, from `start` itself to `goal` itself; None where there is none.

        Keeps `radius` from obstacles where the way is wide enough. A start or goal where nobody fits is
        taken to the nearest place within 1 m that is not behind a wall: a way begins at the start itself and
        then goes there, and ends at that place instead of the goal. On stairs and ramps it has as many corners
        as it takes to stay within 3 cm of the floor's slope.
        """
        known = self._known_way(start, goal)
        return None if known is None else list(known)

    def _way(self, start: Spot, goal: Spot) -> tuple[Vec3, ...] | None:
        begin, end = (start[0], start[1]), (goal[0], goal[1])
        a, b = self._node(start), self._node(goal)
        if a is None or b is None or self._island[a] != self._island[b]:
            return None
        following = self._tree(b)
        chain = [a]
        while chain[-1] != b:
            chain.append(int(following[chain[-1]]))
        out: list[Vec3] = []
        for k, (sheet, part) in enumerate(parts := self._parts(chain)):
            middles: list[Point2] = [sheet.middle(i, j) for i, j in self._cells[part].tolist()]
            easy = sheet.easy[self._cells[part][:, 0], self._cells[part][:, 1]].tolist()
            if k == len(parts) - 1 and sheet.holds(sheet.tight, end):
                middles.append(end)
                easy.append(sheet.holds(sheet.easy, end))
            if k == 0 and sheet.holds(sheet.tight, begin):
                middles.insert(0, begin)
                easy.insert(0, sheet.holds(sheet.easy, begin))
            pulled = sheet.pulled(middles, easy)
            if k == 0 and pulled[0] != begin:  # out of an obstacle straight, then as any way
                pulled.insert(0, begin)
            out += self._on_floor(sheet, pulled)[1 if out else 0 :]
        return tuple(out)

    def _parts(self, chain: list[int]) -> list[tuple[Sheet, list[int]]]:
        """A chain of nodes cut where it goes over from sheet to sheet; neighbours share the node between them."""
        home = self._home[chain].tolist()
        out: list[tuple[Sheet, list[int]]] = []
        first = 0
        for k in range(1, len(chain) + 1):
            if k < len(chain) and home[k] == home[first]:
                continue
            end = k
            if k < len(chain):
                i, j = self._cells[chain[k]] // 2
                end = k + 1 if self._index[home[first]][i, j] == chain[k] else k
            part = chain[first:end]
            if out and out[-1][1][-1] != part[0]:
                part = [out[-1][1][-1], *part]
            out.append((self.sheets[home[first]], part))
            first = k
        return out

    @staticmethod
    def _on_floor(sheet: Sheet, points: list[Point2]) -> list[Vec3]:
        """The way with heights, and with more corners where the floor between two does not rise evenly."""
        if sheet.level:
            z = sheet.height_at(*points[0])
            return [(x, y, z) for x, y in points]
        out: list[Vec3] = []
        last = 0.0
        for k, (x, y) in enumerate(points):
            if k:
                profile = sheet.profile(points[k - 1], (x, y))
                px, py = points[k - 1]
                for f in _bends(profile):
                    s = f / (len(profile) - 1)
                    out.append((px + (x - px) * s, py + (y - py) * s, float(profile[f])))
            z = sheet.height_at(x, y)
            last = last if math.isnan(z) else z
            out.append((x, y, last))
        if len(points) > 1 and math.isnan(sheet.height_at(*points[0])):  # from an obstacle: as high as beside it
            out[0] = (*points[0], out[1][2])
        return out

    def _nearest_node(self, spot: Spot) -> int | None:
        """The nearest node that one comes to from `spot` without crossing an obstacle; None if none is near."""
        point = (float(spot[0]), float(spot[1]))
        if len(spot) == 2:
            order = sorted(range(len(self.sheets)), key=lambda k: not self.sheets[k].holds(self.sheets[k].open, point))
            return next((n for k in order if (n := self._node_of(k, point, None)) is not None), None)
        z = float(spot[2])
        away = [abs(s.height_at(*point) - z) for s in self.sheets]
        far = [
            a > ON_FLOOR_M or math.isnan(a) or not s.holds(s.open, point)
            for a, s in zip(away, self.sheets, strict=True)
        ]
        order = sorted(range(len(self.sheets)), key=lambda k: (far[k], 0.0 if math.isnan(away[k]) else away[k], k))
        return next((n for k in order if (n := self._node_of(k, point, z)) is not None), None)

    def _node_of(self, number: int, point: Point2, z: float | None) -> int | None:
        """The nearest node of one sheet, as `_node`; with `z` only one whose floor is near this height."""
        sheet, index = self.sheets[number], self._index[number]
        reach = int(REACH_M / self._step / 2) + 1
        i, j = (n // 2 for n in sheet.cell(*point))
        mask = sheet.tight if sheet.holds(sheet.tight, point) else sheet.open
        for span in (1, reach):
            lo_i, lo_j = max(0, i - span), max(0, j - span)
            part = index[lo_i : max(0, i + span + 2), lo_j : max(0, j + span + 2)]
            cells = np.argwhere(part >= 0)
            if not len(cells):
                continue
            nodes = part[cells[:, 0], cells[:, 1]]
            if z is not None:
                nodes = nodes[np.abs(sheet.heights(self._cells[nodes]) - z) <= REACH_M]
            away = np.array(self._corner) + (self._cells[nodes] + 0.5) * self._step - np.array(point)
            square = away[:, 0] * away[:, 0] + away[:, 1] * away[:, 1]
            for k in np.argsort(square, kind="stable"):
                if square[k] > REACH_M**2:
                    break
                if sheet.leads(mask, point, away[k]):
                    return int(nodes[k])
        return None

    def _tree_to(self, goal: int) -> NDArray[np.int32]:
        """For every node the next one on its way to `goal`; -1 where no way leads, and for the goal itself."""
        from scipy.sparse.csgraph import dijkstra

        # Whole-number weights add up without rounding, so the distances are the same on every machine; the
        # way is taken from them here, since which of equal ways a library prefers is its own affair.
        length = np.append(dijkstra(self._edges, directed=False, indices=goal), np.inf)
        n = len(self._cells)
        best, following = np.full(n, np.inf), np.full(n, -1, np.int32)
        for beside, weight in self._beside:
            through = length[beside] + weight
            better = through < best
            best[better], following[better] = through[better], beside[better]
        following[goal] = -1
        return following

    @cached_property
    def _beside(self) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """For each sheet and direction: every node's neighbour there (-1: none), and what the way to it weighs."""
        out = []
        n = len(self._cells)
        easy = np.append(self._node_easy, False)
        for sheet, index in zip(self.sheets, self._index, strict=True):
            nx, ny = index.shape
            held = np.argwhere(index >= 0)
            nodes = index[held[:, 0], held[:, 1]]
            wide = np.full((nx + 2, ny + 2), -1, np.int32)
            wide[1:-1, 1:-1] = index
            for di, dj, weight in _SHIFTS:
                there = wide[held[:, 0] + 1 + di, held[:, 1] + 1 + dj]
                if not sheet.level:
                    around = self._cells[np.maximum(there, 0)]
                    rise = sheet.found[around[:, 0], around[:, 1]] - sheet.found[held[:, 0] * 2, held[:, 1] * 2]
                    there = np.where(np.abs(rise) <= CLIMB_M + 0.05, there, -1)
                beside = np.full(n, -1, np.int32)
                beside[nodes] = there
                both = self._node_easy & easy[beside]
                out.append((beside, np.where(both, weight, weight * _SQUEEZE).astype(np.float32)))
        return out

    @cached_property
    def _edges(self) -> Any:
        from scipy.sparse import csr_matrix

        n = len(self._cells)
        rows: list[NDArray[np.int64]] = []
        columns: list[NDArray[np.int64]] = []
        weights: list[Array] = []
        for k, (beside, weight) in enumerate(self._beside):
            if _SHIFTS[k % len(_SHIFTS)][:2] not in ((1, 0), (0, 1), (1, 1), (1, -1)):
                continue
            a = np.flatnonzero(beside >= 0)
            rows.append(a)
            columns.append(beside[a].astype(np.int64))
            weights.append(weight[a].astype(np.float64))
        a, b, w = np.concatenate(rows), np.concatenate(columns), np.concatenate(weights)
        if len(self.sheets) > 1:  # neighbours that two sheets hold are neighbours once
            _, once = np.unique(a * n + b, return_index=True)
            a, b, w = a[once], b[once], w[once]
        return csr_matrix((w, (a, b)), shape=(n, n))

    # --- a person who walks by hand -------------------------------------------------------------------

    def slide(self, start: Spot, wanted: Spot, radius: float = 0.22) -> Vec3:
        """Where someone ends who wants to go from `start` to `wanted`: along walls, never into them.

        radius: distance (m) kept from obstacles; who starts nearer comes no nearer still. Goes 2 m at most.
        Who stands in an obstacle is put beside it, or stays if no free place is near. Its height is the floor's.
        """
        x, y = float(start[0]), float(start[1])
        sheet = self._sheet_at(start)
        z = float(start[2]) if len(start) == 3 else 0.0 if sheet is None else sheet.height_at(x, y)
        if sheet is None or sheet.clearance(x, y) <= 0.0:
            node = self._node(start)
            if node is None:
                return x, y, z
            home = self.sheets[int(self._home[node])]
            return (*home.middle(*self._cells[node].tolist()), float(home.heights(self._cells[node : node + 1])[0]))
        goal = (float(wanted[0]), float(wanted[1]))
        if len(self.sheets) == 1:
            x, y = sheet.slide((x, y), goal, radius)
            return self._stood(sheet, x, y, z)
        for _ in range(10):  # in pieces shorter than what two sheets have in common
            left = math.dist((x, y), goal)
            f = min(1.0, _PIECE_M / left) if left else 1.0
            before, aim = (x, y), (x + (goal[0] - x) * f, y + (goal[1] - y) * f)
            ends = [
                (math.dist(end, aim), end, s)
                for s in self._sheets_near(x, y, z)
                for end in [s.slide(before, aim, radius)]
            ]
            _, (x, y), sheet = min(ends, key=lambda e: e[0], default=(0.0, before, sheet))
            z = self._stood(sheet, x, y, z)[2]
            if f == 1.0 or math.dist(before, (x, y)) < _PIECE_M / 4:
                break
        return x, y, z

    @staticmethod
    def _stood(sheet: Sheet, x: float, y: float, z: float) -> Vec3:
        floor = sheet.height_at(x, y)
        return x, y, z if math.isnan(floor) else floor


def _bends(profile: Array) -> list[int]:
    """Which inner places of a profile a line of straight pieces needs to stay within `_SAG_M` of it."""
    z = np.round(profile, PLACE_DECIMALS)
    todo, out = [(0, len(z) - 1)], []
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        f = np.arange(a + 1, b)
        off = np.abs(z[a + 1 : b] - (z[a] + (z[b] - z[a]) * (f - a) / (b - a)))
        k = int(np.nanargmax(off)) if not np.isnan(off).all() else -1
        if k >= 0 and off[k] > _SAG_M:
            out.append(a + 1 + k)
            todo += [(a, a + 1 + k), (a + 1 + k, b)]
    return sorted(out)
