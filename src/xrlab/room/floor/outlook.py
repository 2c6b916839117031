"""What can be reached on foot while some doors stay shut, and what is seen from there.

For those who want to know before anything moves whether somebody can be found, a target be shot at, a zone be
searched. Doors that can be opened count as open; what is told to be out of sight is out of sight from everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.floor.walkable import Walkable
from xrlab.room.zones import Zone

EYES_M = (1.6, 1.0)
"""Heights of the eyes of who stands and of who kneels."""

NEAR_EYES = 48
"""From so many places nearest to what is looked for it is looked for first."""

MANY_EYES, MOST_EYES = 400, 4000
_STUBBORN = 60
"""So often is it looked for from `MOST_EYES` places; after that what isn't seen from `MANY_EYES` counts as seen."""

_BESIDE_M = 0.25


@dataclass(frozen=True)
class Barrier:
    """A shut door's leaf: from where to where on the plan, between which heights (m), and whether it blocks sight."""

    start: tuple[float, float]
    end: tuple[float, float]
    low: float
    high: float
    blocks_sight: bool = True


class Outlook:
    """The pieces of a room's floor that hang together, and lines of sight from them. Answers are kept."""

    def __init__(self, walkable: Walkable, opaque: RayMesh, shut: Iterable[Barrier] = ()) -> None:
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        self._walkable, self._opaque = walkable, opaque
        self.nodes = walkable.nodes
        pairs = walkable.pairs
        self._shut = tuple(shut)
        free = np.ones(len(pairs), bool)
        for barrier in self._shut:
            free &= ~_crossed(self.nodes[pairs[:, 0]], self.nodes[pairs[:, 1]], barrier, reach=0.5)
        n = len(self.nodes)
        links = coo_matrix((np.ones(int(free.sum()), bool), (pairs[free, 0], pairs[free, 1])), shape=(n, n))
        self._labels = np.asarray(connected_components(links, directed=False)[1], np.int64)
        self._regions: dict[tuple[float, ...], int | None] = {}
        self._seen: dict[tuple[frozenset[int], bytes, bytes], bool] = {}
        self._eyes: dict[tuple[frozenset[int], int], Array] = {}
        self._zones: dict[str, frozenset[int]] = {}
        self._here: dict[Vec3, frozenset[str]] = {}
        self._shares: dict[tuple[frozenset[int], bytes], float] = {}
        self._left = _STUBBORN

    def region(self, spot: tuple[float, float] | Vec3) -> int | None:
        """The piece of floor that a place lies on; None where nobody can stand within a metre."""
        if spot not in self._regions:
            node = self._walkable.node_at(spot)
            self._regions[spot] = None if node is None else int(self._labels[node])
        return self._regions[spot]

    def nodes_of(self, regions: Iterable[int]) -> Array:
        """Places (n, 3) all over these pieces of floor, some 0.1 to 0.2 m apart."""
        wanted = np.fromiter(regions, np.int64)
        return self.nodes[np.isin(self._labels, wanted)]

    def regions_in(self, zone: Zone) -> frozenset[int]:
        """The pieces of floor that reach into a zone of the room."""
        if zone.name not in self._zones:
            z = self.nodes[:, 2]
            inside = zone.contains(self.nodes[:, :2]) & (z >= zone.floor - _BESIDE_M) & (z < zone.ceiling)
            self._zones[zone.name] = frozenset(np.unique(self._labels[inside]).tolist())
        return self._zones[zone.name]

    def zones_at(self, spot: Vec3, zones: Iterable[Zone]) -> frozenset[str]:
        """Names of those zones of the room that hold a place; `zones` must be the same in every call."""
        if spot not in self._here:
            at = np.array([spot[:2]])
            self._here[spot] = frozenset(z.name for z in zones if z.spans(spot[2]) and z.contains(at)[0])
        return self._here[spot]

    def sees(self, regions: frozenset[int], points: Array, facing: Vec3 | None = None) -> bool:
        """Whether one of the points (n, 3) is in free line of sight from somewhere on these pieces of floor.

        facing: direction in which they look (a board's face); they are seen from that side only.
        """
        key = (regions, points.tobytes(), b"" if facing is None else np.array(facing).tobytes())
        if key not in self._seen:
            self._seen[key] = bool(regions) and self._look(regions, points, facing)
        return self._seen[key]

    def _look(self, regions: frozenset[int], points: Array, facing: Vec3 | None) -> bool:
        all_eyes = self._eyes_of(regions, MOST_EYES)
        near = all_eyes[np.argsort(np.abs(all_eyes - points[0]).sum(axis=1), kind="stable")[:NEAR_EYES]]
        if self._any_free(near, points, facing) or self._any_free(self._eyes_of(regions, MANY_EYES), points, facing):
            return True
        if not self._left:
            return True
        self._left -= 1
        return any(self._any_free(all_eyes - (0.0, 0.0, EYES_M[0] - height), points, facing) for height in EYES_M)

    def _eyes_of(self, regions: frozenset[int], most: int) -> Array:
        """Standing eyes (n, 3), `most` of them, evenly spread."""
        key = (regions, most)
        if key not in self._eyes:
            nodes = self.nodes_of(sorted(regions))
            chosen = np.unique(np.linspace(0, max(0, len(nodes) - 1), min(most, len(nodes))).astype(np.int64))
            self._eyes[key] = nodes[chosen] + (0.0, 0.0, EYES_M[0])
        return self._eyes[key]

    def _any_free(self, eyes: Array, points: Array, facing: Vec3 | None) -> bool:
        starts, ends = np.repeat(eyes, len(points), axis=0), np.tile(points, (len(eyes), 1))
        if facing is not None:
            before = (starts - ends) @ np.array(facing) > 0
            starts, ends = starts[before], ends[before]
        free = ~self._opaque.blocked_many(starts, ends)
        for barrier in self._shut:
            if barrier.blocks_sight and free.any():
                starts, ends = starts[free], ends[free]
                free = ~_crossed(starts, ends, barrier)
        return bool(free.any())

    def share_seen(self, regions: frozenset[int], points: Array) -> float:
        """The share 0..1 of the points (n, 3) that lie on these pieces of floor, or are seen from them."""
        from scipy.spatial import cKDTree

        key = (regions, points.tobytes())
        if key not in self._shares:
            nodes = self.nodes_of(sorted(regions))
            left = points
            if len(nodes):
                about = nodes[(np.abs(nodes - points.mean(axis=0)) <= np.ptp(points, axis=0) / 2 + 1.0).all(axis=1)]
                away, _ = cKDTree(about[:, :2]).query(points[:, :2], distance_upper_bound=_BESIDE_M)
                left = points[~np.isfinite(away)]
            self._shares[key] = 1.0 - sum(not self.sees(regions, p[None]) for p in left) / len(points)
        return self._shares[key]


def _crossed(a: Array, b: Array, barrier: Barrier, reach: float = 0.0) -> NDArray[np.bool_]:
    """Which lines from a (n, 3) to b (n, 3) go through a shut leaf; `reach` makes it as much higher and lower (m)."""
    x, y = barrier.start
    ex, ey = barrier.end[0] - x, barrier.end[1] - y
    way = b - a
    across = way[:, 0] * ey - way[:, 1] * ex
    with np.errstate(divide="ignore", invalid="ignore"):
        f = ((x - a[:, 0]) * ey - (y - a[:, 1]) * ex) / across
        along = ((x - a[:, 0]) * way[:, 1] - (y - a[:, 1]) * way[:, 0]) / across
        z = a[:, 2] + f * way[:, 2]
        met = (f >= 0) & (f <= 1) & (along >= -0.02) & (along <= 1.02)
        return np.asarray(met & (z >= barrier.low - reach) & (z <= barrier.high + reach))
