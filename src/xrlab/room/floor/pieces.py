"""The floor in pieces of half a metre, for questions in which centimetres don't count: how far round is it from here
to everywhere, and through which doorways?

A few hundred pieces instead of ten thousand cells: the ways from one place to all others take a tenth of a millisecond.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, quantise_place

if TYPE_CHECKING:
    from xrlab.room.floor.walkable import Spot, Walkable

PIECE_M = 0.5
_TIGHT = 1.0
"""A place where one only squeezes through stands for its piece only if no other is within so many metres."""


class Gate(NamedTuple):
    """A doorway: a straight line on the floor from (x0, y0) to (x1, y1), m, from height `low` to `high`."""

    x0: float
    y0: float
    x1: float
    y1: float
    low: float
    high: float


class Pieces:
    """Pieces of a walkable floor, cut at doorways. gates: the doorways, numbered as given."""

    def __init__(self, walkable: Walkable, gates: tuple[Gate, ...]) -> None:
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components

        self._walkable, self.gates = walkable, gates
        cells, home, step = walkable.grid
        spots = walkable.nodes
        span = max(1, round(PIECE_M / step))
        keys = np.stack([home, *(cells // span).T], axis=1)
        a, b = walkable.pairs.T
        gate = self._gate_between(spots[a], spots[b])
        inside = (keys[a] == keys[b]).all(axis=1) & (gate < 0)
        n = len(spots)
        graph = csr_matrix((np.ones(int(inside.sum())), (a[inside], b[inside])), shape=(n, n))
        count, self._piece = connected_components(graph, directed=False)
        self.places = self._middles(spots, count)
        """A point (m) of each piece, (n, 3), where somebody fits."""
        first, second = self._piece[a], self._piece[b]
        joins = first != second
        self._join(first[joins], second[joins], gate[joins])

    def _gate_between(self, starts: Array, ends: Array) -> NDArray[np.int64]:
        """For steps (n, 3) to (n, 3): the number of the doorway that each crosses, -1 for none."""
        out = np.full(len(starts), -1, np.int64)
        dx, dy = (ends - starts)[:, :2].T
        for number, g in enumerate(self.gates):
            ex, ey = g.x1 - g.x0, g.y1 - g.y0
            cross = dx * ey - dy * ex
            with np.errstate(divide="ignore", invalid="ignore"):
                f = ((g.x0 - starts[:, 0]) * ey - (g.y0 - starts[:, 1]) * ex) / cross
                along = ((g.x0 - starts[:, 0]) * dy - (g.y0 - starts[:, 1]) * dx) / cross
            met = (f >= 0) & (f < 1) & (along >= 0) & (along <= 1) & (starts[:, 2] >= g.low - 0.3)
            out[met & (starts[:, 2] < g.high) & (out < 0)] = number
        return out

    def _middles(self, spots: Array, count: int) -> Array:
        """Of each piece the place nearest to its middle, one with room around it if there is any near."""
        size = np.bincount(self._piece, minlength=count)
        middle = np.stack([np.bincount(self._piece, spots[:, k], count) / size for k in range(3)], axis=1)
        away = spots - middle[self._piece]
        far = np.round((away * away).sum(axis=1), 9) + np.where(self._walkable.node_easy, 0.0, _TIGHT)
        order = np.lexsort((np.arange(len(spots)), far, self._piece))
        best = order[np.searchsorted(self._piece[order], np.arange(count))]
        return np.array([quantise_place(p) for p in spots[best].tolist()]).reshape(-1, 3)

    def _join(self, a: NDArray[np.int64], b: NDArray[np.int64], gate: NDArray[np.int64]) -> None:
        """Notes which pieces lie side by side, once each way; a way past a door counts before one through it."""
        both = np.concatenate((a, b)), np.concatenate((b, a)), np.concatenate((gate, gate))
        order = np.lexsort((both[2], both[1], both[0]))
        self._from, self._to, self._gate = (part[order] for part in both)
        pair = self._from.astype(np.int64) * len(self.places) + self._to
        once = np.unique(pair, return_index=True)[1]
        self._from, self._to, self._gate = self._from[once], self._to[once], self._gate[once]
        away = self.places[self._from] - self.places[self._to]
        # whole centimetres add up without rounding: every machine finds the same lengths
        self._weight = np.maximum(1, np.round(100 * np.sqrt((away * away).sum(axis=1)))).astype(np.int64)

    def at(self, spot: Spot) -> int | None:
        """The piece that a place lies in, or one within a metre of it; None if none is near."""
        node = self._walkable.node(spot)
        return None if node is None else int(self._piece[node])

    def ways(self, start: int, tolls: tuple[float, ...]) -> tuple[Array, NDArray[np.int64]]:
        """The shortest ways from a piece to all.

        tolls: for each doorway the metres that it counts beyond its length; inf where nobody gets through.
        Gives lengths (n,) in metres, inf where no way leads, and of each piece the one before it, -1 for none.
        """
        found: tuple[Array, NDArray[np.int64]] = self._ways(start, tolls)
        return found

    @cached_property
    def _ways(self) -> Any:
        return lru_cache(maxsize=512)(self._dijkstra)

    def _dijkstra(self, start: int, tolls: tuple[float, ...]) -> tuple[Array, NDArray[np.int64]]:
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import dijkstra

        n = len(self.places)
        extra = np.append(np.array(tolls, float), 0.0)[self._gate]
        free = np.isfinite(extra)
        weight = self._weight[free] + np.round(100 * extra[free])
        graph = csr_matrix((weight, (self._from[free], self._to[free])), shape=(n, n))
        length = dijkstra(graph, indices=start)
        # which of equal ways is taken is decided here, not by the library: the one over the piece of lowest number
        onward = length[self._from[free]] + weight == length[self._to[free]]
        before = np.full(n, n, np.int64)
        np.minimum.at(before, self._to[free][onward], self._from[free][onward])
        before[before == n] = -1
        before[start] = -1
        length, before = np.asarray(length) / 100, before
        length.setflags(write=False)
        before.setflags(write=False)
        return length, before

    def along(self, start: int, tolls: tuple[float, ...], of_gates: Array) -> Array:
        """What the doorways on the way to each piece come to, (n,), where each counts what `of_gates` says."""
        before = self.ways(start, tolls)[1]
        n = len(self.places)
        edge = np.searchsorted(self._codes, before * n + np.arange(n))
        gate = before
        if len(self._gate):
            gate = np.where(before >= 0, self._gate[np.minimum(edge, len(self._gate) - 1)], -1)
        total = np.append(of_gates, 0.0)[gate]
        at = np.where(before >= 0, before, np.arange(n))
        while True:  # each looks twice as far back as the time before; where ways begin nothing is to be added
            further = at[at]
            if (further == at).all():
                return total
            total, at = total + total[at], further

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        """The pairs of neighbours as numbers, rising, in the order of the doorways between them."""
        codes: NDArray[np.int64] = self._from.astype(np.int64) * len(self.places) + self._to
        return codes
