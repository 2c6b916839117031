"""Rays that find how light falls in a room: past its surfaces, and by way of them.

Asked at samples of the surfaces: in a small room at every corner of its triangles, in a finely cut one at some
`SAMPLES` corners spread evenly, from which all others get theirs. Doors are left out: they move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, dia_array

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, Vec3
from xrlab.render.surfaces import Packed
from xrlab.room.lamps import gain, spread_over
from xrlab.room.model import Light

Values = NDArray[np.floating[Any]]
"""Of single or double precision."""

SAMPLES = 26_000
"""About how many corners are asked, where there are many more."""

GROUND = 0.25
"""What comes from below the horizon out of doors, where nothing is drawn, as a part of what comes from above it."""

_LEAST = 0.02  # lm/m²: less than this is no light
_RAYS, _LEAST_RAYS, _MOST_RAYS = 1_200_000, 12, 48  # in all, and from a corner, for what comes by other surfaces
_HASTY = 8  # so many times fewer where a picture must come at once
_BOUNCES = 4
_SMOOTHING = 5
_CORNER_M = 2.0  # metres within which other surfaces take away from even light
_NEAREST2 = 0.25  # m²: nearer than half a metre a lamp is no point any more
_OFF = 0.02  # metres that rays start above their surface
_BEFORE_LAMP_M = 0.03
# Of a lamp that counts as a place: where it is looked for, so that its shadows have soft edges (m).
_AROUND = np.array([(0.12, 0.05, 0.0), (-0.05, 0.12, 0.0), (-0.12, -0.05, 0.0), (0.05, -0.12, 0.0)])
_BULB = 0.35  # of that, a bulb's and a spot's
_FEW = ((-0.25, -0.25), (0.25, -0.25), (0.25, 0.25), (-0.25, 0.25))
_MANY = tuple((x / 8, y / 8) for x in (-3, -1, 1, 3) for y in (-3, -1, 1, 3))
_FEW_ALONG = tuple((x / 8, 0.0) for x in (-3, -1, 1, 3))
_MANY_ALONG = tuple((x / 24, 0.0) for x in range(-11, 12, 2))
_WIDE = 3.0  # times its size: nearer than this a panel or a tube is looked at closely


@dataclass(frozen=True)
class _Samples:
    """The corners that are asked.

    chosen: (k,) which. of: (n,) the sample that stands for each corner. spread: (n, k) what makes light at samples
    to light at corners; None if all are asked. edges: pairs of samples next to each other on a surface.
    """

    chosen: NDArray[np.intp]
    of: NDArray[np.intp]
    spread: csr_array | None
    edges: tuple[NDArray[np.intp], NDArray[np.intp]]


class Bake:
    """What the rays of one room found. hasty: in a fraction of the time, with some noise. even: `free` is asked for."""

    def __init__(self, packed: Packed, *, even: bool = False, hasty: bool = False) -> None:
        corners = packed.vertices["position"].astype(float)
        normals = packed.vertices["normal"].astype(float)
        solid = packed.triangles[_opaque(packed)]
        self.mesh = RayMesh(corners, solid)
        self._samples = _samples(corners, normals, packed.triangles, solid)
        chosen = self._samples.chosen
        self.count = len(chosen)
        """How many samples there are, k."""
        self.albedo = packed.albedo[chosen].astype(np.float32)
        self.normals = normals[chosen]
        self._span = float(np.linalg.norm(np.ptp(corners, axis=0))) + 1.0 if len(corners) else 1.0
        self._solid = solid
        self.areas = self._spread_areas(corners)
        """The size (m²) of the solid surface that each sample stands for, (k,)."""
        self._starts = (corners + normals * _OFF + _inwards(corners, solid))[chosen]
        most = _RAYS if self._samples.spread is None else _RAYS // 2
        rays = int(min(_MOST_RAYS, max(_LEAST_RAYS, most // max(self.count, 1)))) // (_HASTY if hasty else 1) or 1
        self._look_around(rays, even)

    def at_corners(self, values: Values) -> Values:
        """Values at samples (k, c) as values at all corners (n, c)."""
        spread = self._samples.spread
        return values if spread is None else np.asarray(spread @ values.astype(np.float32))

    def glow(self, values: Values) -> Values:
        """What each surface that `met` counts sends, from what is sent at samples (k, c)."""
        if self._samples.spread is not None:
            return values
        a, b, c = self._solid.T
        return np.asarray((values[a] + values[b] + values[c]) / 3)

    def met(self, triangles: NDArray[np.int32]) -> NDArray[np.intp]:
        """Triangles of `mesh`, -1 for none, as `glow` counts them."""
        if self._samples.spread is None:
            return triangles.astype(np.intp)
        return np.where(triangles >= 0, self._samples.of[self._solid[triangles, 0]] if len(self._solid) else -1, -1)

    # --- light that comes straight ------------------------------------------------------------------

    def lamp(self, lamp: Light) -> tuple[Array, Array]:
        """What one lamp gives at each sample past the shadows (k, 3), and the unit vectors to it (k, 3)."""
        way = np.array(lamp.position) - self._starts
        far = np.sqrt(np.maximum((way * way).sum(axis=1), 1e-9))
        unit = way / far[:, None]
        got = np.zeros(self.count)
        if lamp.kind in ("panel", "tube"):
            near = far < _WIDE * max(lamp.size)
            few, many = (_FEW, _MANY) if lamp.kind == "panel" else (_FEW_ALONG, _MANY_ALONG)
            self._from_wide(lamp, spread_over(lamp, few), np.flatnonzero(~near), got)
            mixed = self._from_wide(lamp, spread_over(lamp, few), np.flatnonzero(near), got)
            whole = np.flatnonzero(near & (got > 0))
            got[whole] = self._wide(lamp, spread_over(lamp, many), whole).mean(axis=0)
            self._from_wide(lamp, spread_over(lamp, many), mixed, got)
        else:
            straight = np.maximum((unit * self.normals).sum(axis=1), 0.0) * sent(lamp, far * far, unit)
            reached = np.flatnonzero(straight > _LEAST)
            seen = np.zeros(len(reached))
            for aside in _AROUND * (1.0 if lamp.kind == "ceiling" else _BULB):
                ends = np.array(lamp.position) + aside - unit[reached] * _BEFORE_LAMP_M
                seen += ~self.mesh.blocked_many(self._starts[reached], ends)
            got[reached] = straight[reached] * seen / len(_AROUND)
        return got[:, None] * np.array(lamp.color), unit

    def _wide(self, lamp: Light, points: Array, rows: NDArray[np.intp]) -> Array:
        """What each of the places on a lamp would give some samples, were nothing between: (points, rows)."""
        out = np.empty((len(points), len(rows)))
        for i, point in enumerate(points):
            way = point - self._starts[rows]
            far2 = np.maximum((way * way).sum(axis=1), 1e-6)
            unit = way / np.sqrt(far2)[:, None]
            out[i] = np.maximum((unit * self.normals[rows]).sum(axis=1), 0.0) * sent(lamp, far2, unit)
        return out

    def _from_wide(self, lamp: Light, points: Array, rows: NDArray[np.intp], got: Array) -> NDArray[np.intp]:
        """Sets what places on a lamp give some samples; returns those that see a part of it alone."""
        each = self._wide(lamp, points, rows)
        reached = each.mean(axis=0) > _LEAST
        rows, each = rows[reached], each[:, reached]
        seen = np.empty(each.shape, bool)
        for i, point in enumerate(points):
            way = point - self._starts[rows]
            far = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
            seen[i] = ~self.mesh.blocked_many(self._starts[rows], point - way / far * _BEFORE_LAMP_M)
        got[rows] = (each * seen).mean(axis=0)
        return rows[seen.any(axis=0) & ~seen.all(axis=0)]

    def sun(self, direction: Vec3) -> Array:
        """What 1 lux of a sun in a unit direction gives each sample straight, (k,)."""
        cosine = self.normals @ np.array(direction)
        reached = np.flatnonzero(cosine > 0)
        ends = self._starts[reached] + np.array(direction) * self._span
        out = np.zeros(self.count)
        out[reached] = cosine[reached] * ~self.mesh.blocked_many(self._starts[reached], ends)
        return out

    # --- and by way of other surfaces ---------------------------------------------------------------

    def _look_around(self, rays: int, even: bool) -> None:
        """What each sample sees in `rays` directions spread by the cosine.

        Each sample turns the directions in its own way, so that errors are a fine noise that smoothing takes out.
        Then known are: which surfaces it sees; `outside`, how much of what it looks at is sky, what lies below the
        horizon counting as `GROUND`; `indoors`, how much is not; `free`, how free it is of surfaces near it, if `even`;
        and which samples lie inside something solid, for they see backs.
        """
        normals, count = self.normals, self.count
        steep = np.abs(normals[:, 2:]) >= 0.9
        tangent = np.cross(normals, np.where(steep, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)))
        tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
        frame = np.stack((tangent, np.cross(normals, tangent), normals), axis=1).astype(np.float32)
        number = np.arange(count)
        turned, shifted = (number * 0.7548776662 % 1.0) * 2 * math.pi, number * 0.5698402910 % 1.0
        hits = np.empty((count, rays), np.int32)
        facing = np.zeros((count, rays), bool)
        free, outside, missed = np.zeros(count), np.zeros(count), np.zeros(count)
        fronts = self.mesh.normals.astype(np.float32)
        for k in range(rays):
            radius = np.sqrt((k + shifted) / rays)
            turn = turned + k * math.pi * (3 - math.sqrt(5))
            local = np.column_stack((radius * np.cos(turn), radius * np.sin(turn), np.sqrt(1 - radius**2)))
            ways = np.einsum("nij,ni->nj", frame, local.astype(np.float32))
            if even:
                distances, hits[:, k] = self.mesh.closest_many(self._starts, ways)
                free += np.minimum(distances / _CORNER_M, 1.0)
            else:
                hits[:, k] = self.mesh.first_many(self._starts, ways)
            missed += hits[:, k] < 0
            outside += np.where(hits[:, k] < 0, np.where(ways[:, 2] > -0.02, 1.0, GROUND), 0.0)
            if len(fronts):
                facing[:, k] = np.einsum("ni,ni->n", fronts[hits[:, k]], ways) < 0
        self.free = free / rays
        self.outside, self.indoors = outside / rays, 1.0 - missed / rays
        met = hits >= 0
        self._buried = (met & ~facing).mean(axis=1) > 0.5
        met &= facing
        rows = np.concatenate(([0], np.cumsum(met.sum(axis=1))))
        columns = self.met(hits[met])
        seen = count if self._samples.spread is not None else len(self._solid)
        self._sight = csr_array((np.full(len(columns), 1.0 / rays, np.float32), columns, rows), (count, seen))
        self._smooth = self._smoothing()

    def bounced(self, straight: Values, outside: Values) -> Values:
        """What comes to samples from outside and by way of other surfaces, (k, 3 g), of several lights at once.

        straight, outside: (k, 3 g) what comes straight from lamps, and through openings; three columns for each light.
        """
        first, sky = straight.astype(np.float32), outside.astype(np.float32)
        albedo = np.tile(self.albedo, (1, first.shape[1] // 3))
        gathered = sky
        for _ in range(_BOUNCES):
            gathered = sky + self._sight @ self.glow((first + gathered) * albedo)
        for _ in range(_SMOOTHING):
            gathered = self._smooth @ gathered
        return np.asarray(gathered)

    def _smoothing(self) -> csr_array:
        """What takes values at samples to their mean with those of neighbours on the same surface."""
        a, b = self._samples.edges
        usable, count = ~self._buried, self.count
        weight = usable.astype(np.float32)
        near = coo_array((weight[a] * weight[b], (b, a)), (count, count)).tocsr()
        own = 2.0 * weight
        total = np.asarray(near.sum(axis=1)).ravel() + own
        share = np.where(usable & (total > 0), 1.0 / np.maximum(total, 1e-9), 0.0).astype(np.float32)
        kept = np.where(share > 0, own * share, 1.0).astype(np.float32)
        return csr_array(dia_array((share[None], [0]), (count, count)) @ near) + dia_array(
            (kept[None], [0]), (count, count)
        )

    def mend(self, light: Values) -> None:
        """Samples inside something solid take the light (k, c) of their neighbours: no dark edges creep out."""
        if not self._buried.any() or self._buried.all():
            return
        a, b = self._samples.edges
        known = ~self._buried
        for _ in range(3):
            use = known[a] & ~known[b]
            if not use.any():
                break
            number = np.bincount(b[use], minlength=len(known))
            new = (number > 0) & ~known
            for column in light.T:
                total = np.bincount(b[use], weights=column[a[use]], minlength=len(known))
                column[new] = total[new] / number[new]
            known = known | new

    def _spread_areas(self, corners: Array) -> Array:
        at = corners[self._solid]
        area = np.linalg.norm(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]), axis=1) / 6
        of = self._samples.of[self._solid]
        return np.asarray(np.bincount(of.ravel(), weights=np.repeat(area, 3), minlength=self.count), float)


def sent(lamp: Light, far2: Array, unit: Array) -> Array:
    """Light (lm/m²) of a lamp on what faces it, at a squared distance (m²) in the unit directions to it (n, 3).

    Ceiling lamps send most of it down, by the cosine from straight below, a part evenly to the sides, and next
    to nothing up to the ceiling that they hang from.
    """
    if lamp.kind == "ceiling":
        even = np.clip(0.5 + 3.0 * unit[:, 2], 0.06, 0.5)
        spread = even + 2.2 * np.maximum(unit[:, 2], 0.0)
        return np.asarray(lamp.power * spread / (4 * math.pi * np.maximum(far2, _NEAREST2)))
    nearest = 0.01 if lamp.kind in ("panel", "tube") else 0.04
    return np.asarray(lamp.power * gain(lamp, -unit) / (4 * math.pi * np.maximum(far2, nearest)))


def _opaque(packed: Packed) -> NDArray[np.bool_]:
    """Which triangles of the packed room are not clear."""
    out = np.zeros(len(packed.triangles), bool)
    if packed.solid_chunks:
        last = packed.solid_chunks - 1
        out[: int(packed.chunk_first[last] + packed.chunk_count[last])] = True
    return out


def _inwards(corners: Array, triangles: NDArray[np.int32]) -> Array:
    """Small steps from each corner towards the middle of its triangles: what lies on an edge is moved off it."""
    if not len(triangles):
        return np.zeros_like(corners)
    middle = corners[triangles].mean(axis=1)
    number = np.bincount(triangles.ravel(), minlength=len(corners))
    out = np.empty_like(corners)
    for axis in range(3):
        total = np.bincount(triangles.ravel(), weights=np.repeat(middle[:, axis], 3), minlength=len(corners))
        out[:, axis] = np.where(number > 0, total / np.maximum(number, 1) - corners[:, axis], 0.0)
    return out * 0.2


def _samples(corners: Array, normals: Array, triangles: NDArray[Any], solid: NDArray[Any]) -> _Samples:
    count = len(corners)
    if count <= 2 * SAMPLES:
        every, solid = np.arange(count), solid.astype(np.intp)
        return _Samples(
            every, every, None, (solid[:, [0, 1, 2, 1, 2, 0]].ravel(), solid[:, [1, 2, 0, 0, 1, 2]].ravel())
        )
    some = triangles[:: max(1, len(triangles) // 20_000)]
    at = corners[some]
    area = float(np.linalg.norm(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]), axis=1).mean()) / 2 * len(triangles)
    size = math.sqrt(1.2 * area / SAMPLES)
    chosen, of = _clusters(corners, normals, size)
    if not 0.7 * SAMPLES < len(chosen) < 1.5 * SAMPLES:
        size *= math.sqrt(len(chosen) / SAMPLES)
        chosen, of = _clusters(corners, normals, size)
    a, b = of[triangles[:, [0, 1, 2]].ravel()], of[triangles[:, [1, 2, 0]].ravel()]
    apart = a != b
    pairs = np.unique(np.minimum(a, b)[apart] * len(chosen) + np.maximum(a, b)[apart])
    low, high = pairs // len(chosen), pairs % len(chosen)
    edges = (np.concatenate((low, high)), np.concatenate((high, low)))
    return _Samples(chosen, of, _spread(corners, normals, chosen, of, edges, size), edges)


def _clusters(corners: Array, normals: Array, size: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Corners in cubes of `size` that look the same way: the one nearest to the middle of each, and whose each is."""
    cell = np.floor((corners - corners.min(axis=0)) / size).astype(np.int64)
    axis = np.abs(normals).argmax(axis=1)
    side = 2 * axis + (np.take_along_axis(normals, axis[:, None], axis=1)[:, 0] < 0)
    span = cell.max(axis=0) + 1
    key = ((cell[:, 0] * span[1] + cell[:, 1]) * span[2] + cell[:, 2]) * 6 + side
    off = (((corners - corners.min(axis=0)) / size - cell - 0.5) ** 2).sum(axis=1)
    order = np.argsort(off, kind="stable")
    _, first, inverse = np.unique(key[order], return_index=True, return_inverse=True)
    of = np.empty(len(corners), np.intp)
    of[order] = inverse
    return order[first], of


def _spread(
    corners: Array, normals: Array, chosen: NDArray[np.intp], of: NDArray[np.intp],
    edges: tuple[NDArray[np.intp], NDArray[np.intp]], size: float,
) -> csr_array:  # fmt: skip
    """What makes values at samples to values at corners: a mean of its own sample and those next to it, by nearness."""
    count = len(chosen)
    own = np.arange(count)
    pairs = (np.concatenate((own, edges[0])), np.concatenate((own, edges[1])))
    graph = coo_array((np.ones(len(pairs[0]), np.int8), pairs), (count, count)).tocsr()
    degree = np.diff(graph.indptr)[of]
    rows = np.concatenate(([0], np.cumsum(degree)))
    columns = graph.indices[np.repeat(graph.indptr[of] - rows[:-1], degree) + np.arange(rows[-1])]
    place, way = corners.astype(np.float32), normals.astype(np.float32)
    each = np.repeat(np.arange(len(corners)), degree)
    off = place[each] - place[chosen][columns]
    near = np.maximum(1.0 - np.einsum("ni,ni->n", off, off) / np.float32(1.6 * size) ** 2, 0.0)
    alike = np.maximum(np.einsum("ni,ni->n", way[each], way[chosen][columns]), 0.0)
    weight = near * near * alike * alike + np.float32(1e-4) * (columns == of[each])
    weight /= np.repeat(np.add.reduceat(weight, rows[:-1]), degree)
    return csr_array((weight, columns, rows), (len(corners), count))
