"""A room's surfaces cut fine enough to carry light at their corners, and packed for drawing in few calls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.render.grain import GRAINS
from xrlab.render.textures import VARIANTS, Atlas, Placed, Shelf
from xrlab.room.model import Room, Surface

CORNERS = 24_000
"""About how many corners a room may be cut into, so that light has somewhere to change."""

_FINEST, _COARSEST = 0.16, 0.8  # metres: no finer than soft shadows need, no coarser than they allow
_FINE = int(1.5 * CORNERS)  # triangles: a room that comes with more is fine enough, but for its large ones
_EDGES = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4)
_CLUSTER, _FEW = 128, 24  # triangles: about so many are drawn or left out together; fewer than this that face many ways
_CLEAR = 0.99  # alpha below which a colour lets light through

VERTEX = np.dtype([("position", "<f4", 3), ("normal", "<f4", 3), ("uv", "<f4", 2), ("colour", "u1", 4)])
"""One corner: place (m), normal, place on the pictures (rows downwards), sRGB colour that the material's is times."""

MATERIAL = np.dtype(
    [("colour", "<f4", 4), ("finish", "<f4", 4), ("layers", "<f4", 4), ("shines", "<f4", 4), ("apart", "<f4", 4)]
)
"""One look: linear colour and alpha; roughness, metallic, scale of bumps, how far occlusion darkens; layers of base,
relief and glow (-1: none) and the alpha below which there is nothing; linear light that it sends;
layers of finish and occlusion where pictures lie apart."""

SOLID, MASKED, CLEAR = range(3)
"""Kinds of surfaces in the order in which they are drawn: whole, with parts cut out, and those seen through."""


@dataclass(frozen=True)
class DrawSet:
    """What is drawn in one call.

    kind: `SOLID`, `MASKED` or `CLEAR`. variant: of the shader, one of `textures.VARIANTS`. shelf: which of `shelves`
    it takes its pictures from. one_sided: backs are not drawn.
    """

    kind: int
    variant: str
    shelf: int
    one_sided: bool


@dataclass(frozen=True)
class Packed:
    """A room ready for the device.

    vertices: of `VERTEX`. triangles: (m, 3), those of one chunk together. albedo: (n, 3) linear, of each corner,
    pictures included. Chunks are clusters of triangles of one material, near each other: chunk_first, chunk_count in
    triangles; chunk_low, chunk_high corners of their boxes (k, 3); chunk_set in `sets`, growing; chunk_material in
    `materials`, of `MATERIAL`. solid_chunks: how many come first; the rest let light through. shelves: the pictures.
    apart: (n, 8) places on the pictures of relief, finish, glow and occlusion, None where all lie as the first.
    """

    vertices: NDArray[Any]
    triangles: NDArray[np.int32]
    albedo: Array
    chunk_first: NDArray[np.int64]
    chunk_count: NDArray[np.int64]
    chunk_low: Array
    chunk_high: Array
    solid_chunks: int
    chunk_set: NDArray[np.int64]
    chunk_material: NDArray[np.int64]
    sets: tuple[DrawSet, ...]
    materials: NDArray[Any]
    shelves: tuple[Shelf, ...]
    apart: NDArray[np.float32] | None


def to_linear(srgb: Array) -> Array:
    """sRGB values 0..1 to linear light."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def pack(room: Room) -> Packed:
    """Cut, weld and sort all surfaces of a room."""
    surfaces = [s for s in room.surfaces if len(s.faces)]
    looks = _Looks()
    numbers = [looks.number(s) for s in surfaces]
    placed, shelves = looks.atlas.arranged()
    corners = _gathered(surfaces, numbers)
    edge = _edge_length(corners)
    if 0 < len(corners.triangles) <= _FINE:
        corners = _welded(_cut(corners, edge))
    else:
        corners = _with_normals(corners)
        large = corners.ways[2] > edge * 1.42
        if large.any():
            corners = _joined(corners.those(~large), _welded(_cut(corners.those(large), edge)))
    # rows of pictures count downwards, v of surfaces upwards; grain is made to lie as it is
    of_vertex = corners.of_vertex
    grained = np.array([p.grained for p in placed], bool)[of_vertex] if placed else np.zeros(0, bool)
    corners.values[~grained, _V] = 1.0 - corners.values[~grained, _V]
    if corners.values.shape[1] > _APART:
        corners.values[:, _APART + 1 :: 2] = 1.0 - corners.values[:, _APART + 1 :: 2]
    for number in np.flatnonzero([p.grained for p in placed]):
        own = of_vertex == number
        at = corners.values[own]
        corners.values[own, _UV] = GRAINS[looks.samples[number].material].places(at[:, _PLACE], at[:, _NORMAL])
    return _packed(corners, looks.samples, placed, shelves)


# --- looks ----------------------------------------------------------------------------------------------------


class _Looks:
    """The different looks of a room's surfaces, numbered; `samples` holds a surface of each."""

    def __init__(self) -> None:
        self.samples: list[Surface] = []
        self.atlas = Atlas()
        self._known: dict[tuple[Any, ...], int] = {}

    def number(self, s: Surface) -> int:
        m, coloured = s.maps, s.colors is not None
        # what stands in a picture's place where there is none is the grain of the material
        key = (
            s.color[3] if coloured else s.color, coloured, s.roughness, s.metallic, _one_sided(s),
            *(id(picture) for picture in (s.texture, m.normal, m.finish, m.occlusion, m.glow)), s.uv is None,
            m.bumps, m.darkens, m.shines, m.cutoff, m.blended, m.unlit, tuple(m.uvs),
            s.material if s.texture is None or s.uv is None else "",
        )  # fmt: skip
        if key not in self._known:
            self._known[key] = len(self.samples)
            self.samples.append(s)
            self.atlas.add(s, solid=_kind(s) == SOLID)
        return self._known[key]


def _one_sided(surface: Surface) -> bool:
    """Whether backs are not drawn; those of closed bodies are seen by nobody."""
    return surface.one_sided or surface.bodies is not None


def _kind(surface: Surface) -> int:
    if surface.color[3] < _CLEAR or surface.maps.blended:
        return CLEAR
    return SOLID if surface.maps.cutoff is None or surface.texture is None else MASKED


def _material(surface: Surface, placed: Placed) -> tuple[Any, ...]:
    """A row of `MATERIAL`."""
    maps = surface.maps
    colour = np.ones(3) if surface.colors is not None else to_linear(np.array(surface.color[:3], float))
    occluded = maps.darkens if maps.occlusion is not None and surface.uv is not None else 0.0
    cutoff = maps.cutoff if _kind(surface) == MASKED and maps.cutoff is not None else -1.0
    return (
        (*colour, surface.color[3]), (max(0.08, surface.roughness), surface.metallic, maps.bumps, occluded),
        (placed.base, placed.relief, placed.glow, cutoff), (*maps.shines, 0.0),
        (placed.finish, placed.occlusion, 0.0, 0.0),
    )  # fmt: skip


# --- corners --------------------------------------------------------------------------------------------------

_PLACE, _NORMAL, _UV, _V, _COLOUR, _APART = slice(0, 3), slice(3, 6), slice(6, 8), 7, slice(8, 11), 11
_HELD_APART = ("normal", "finish", "glow", "occlusion")


@dataclass
class _Corners:
    """Corners (n, c): place, normal (zeros: that of the triangle), u v, linear colour, and, where some pictures
    lie apart, u v of each of `_HELD_APART`; triangles of them (m, 3); and each triangle's look (m,)."""

    values: Array
    triangles: NDArray[np.int64]
    look: NDArray[np.int64]

    @cached_property
    def ways(self) -> tuple[Array, Array, Array]:
        """Cross products (m, 3) along the normals of the triangles, their lengths (twice the areas), longest sides."""
        a, b, c = (self.values[:, _PLACE][self.triangles[:, k]] for k in range(3))
        (ux, uy, uz), (vx, vy, vz) = u, v = (b - a).T, (c - a).T
        cross = np.column_stack((uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx))
        along, across, both = (u * u).sum(axis=0), (v * v).sum(axis=0), (u * v).sum(axis=0)
        longest = np.maximum(np.maximum(along, across), along + across - 2 * both)
        return cross, np.sqrt((cross * cross).sum(axis=1)), np.sqrt(longest)

    def those(self, chosen: NDArray[np.bool_]) -> _Corners:
        """Only some of the triangles."""
        if chosen.all():
            return self
        out = _Corners(self.values, self.triangles[chosen], self.look[chosen])
        cross, twice, longest = self.ways
        out.ways = cross[chosen], twice[chosen], longest[chosen]
        return out

    @property
    def of_vertex(self) -> NDArray[np.int64]:
        """Look of each corner (n,)."""
        out = np.zeros(len(self.values), np.int64)
        out[self.triangles] = self.look[:, None]
        return out


def _gathered(surfaces: list[Surface], numbers: list[int]) -> _Corners:
    """All surfaces as one, without triangles that have no area."""
    counts = [len(s.vertices) for s in surfaces]
    apart = any(s.maps.uvs for s in surfaces)
    values = np.zeros((sum(counts), _APART + (8 if apart else 0)))
    values[:, _COLOUR] = 1.0
    first = 0
    triangles = []
    for s, count in zip(surfaces, counts, strict=True):
        rows = values[first : first + count]
        rows[:, _PLACE] = s.vertices
        if s.normals is not None:
            rows[:, _NORMAL] = s.normals
        if s.uv is not None:
            rows[:, _UV] = s.uv
        if s.colors is not None:
            rows[:, _COLOUR] = _LINEAR[s.colors]
        for k, name in enumerate(_HELD_APART if apart and s.uv is not None else ()):
            rows[:, _APART + 2 * k : _APART + 2 * k + 2] = s.maps.uvs.get(name, s.uv)
        triangles.append(s.faces.astype(np.int64) + first)
        first += count
    faces = np.concatenate(triangles) if triangles else np.zeros((0, 3), np.int64)
    look = np.repeat(np.array(numbers, np.int64), [len(t) for t in triangles])
    out = _Corners(values, faces, look)
    return out.those(out.ways[1] > 1e-12)


_LINEAR = to_linear(np.arange(256) / 255.0)


def _edge_length(corners: _Corners) -> float:
    """How long an edge may stay so that the room is cut into about `CORNERS` corners.

    Of a room that comes with more only what is large is cut, its walls and floors, as finely as makes no more than
    that many again; inf: leave all.
    """
    if not len(corners.triangles):
        return math.inf
    _, twice, longest = corners.ways
    if len(corners.triangles) <= _FINE:
        # Right-angled triangles with legs between a half and one edge length: about 3 corners per edge².
        return min(_COARSEST, max(_FINEST, math.sqrt(1.5 * float(twice.sum()) / CORNERS)))
    for edge in _EDGES:
        large = longest > edge * 1.42
        if float((1.5 * twice[large] / edge**2 + longest[large] / edge).sum()) < CORNERS:
            return edge
    return math.inf


def _split(corners: _Corners) -> Array:
    """The corners (m, 3, c) of each triangle, with its normal where they have none."""
    out = corners.values[corners.triangles]
    cross, twice, _ = corners.ways
    flat = (cross / twice[:, None])[:, None]
    given = np.linalg.norm(out[:, :, _NORMAL], axis=2, keepdims=True) > 0.5
    out[:, :, _NORMAL] = np.where(given, out[:, :, _NORMAL], flat)
    return np.asarray(out)


def _cut(corners: _Corners, edge: float) -> _Corners:
    """Triangles halved along their longest edges until none is longer than `edge` (m).

    An edge is halved or not by its own length alone, so neighbours agree and no cracks open.
    """
    work = _split(corners)
    look = corners.look
    done, looks = [], []
    while len(work):
        sides = np.linalg.norm(np.roll(work[:, :, :3], -1, axis=1) - work[:, :, :3], axis=2)
        longest = sides.argmax(axis=1)
        # 1.4: the long side of a halved square counts as its legs do.
        long = sides.max(axis=1) > edge * 1.42
        done.append(work[~long])
        looks.append(look[~long])
        # Turn each triangle so that its longest edge runs from corner 0 to corner 1.
        order = (longest[long, None] + np.arange(3)) % 3
        work, look = work[long], look[long]
        rows = np.arange(len(work))
        a, b, c = (work[rows, order[:, k]] for k in range(3))
        middle = (a + b) / 2
        work = np.concatenate((np.stack((b, c, middle), axis=1), np.stack((c, a, middle), axis=1)))
        look = np.concatenate((look, look))
    values = np.concatenate(done)
    flat = values.reshape(-1, values.shape[2])
    return _Corners(flat, np.arange(len(flat), dtype=np.int64).reshape(-1, 3), np.concatenate(looks))


def _with_normals(corners: _Corners) -> _Corners:
    """As they come, but with corners of their own for triangles that bring no normals, alike ones made one."""
    given = (corners.values[:, _NORMAL] ** 2).sum(axis=1) > 0.25
    whole = given[corners.triangles].all(axis=1)
    if whole.all():
        return corners
    flat = _split(corners.those(~whole))
    split = _welded(
        _Corners(
            flat.reshape(-1, flat.shape[2]), np.arange(3 * len(flat), dtype=np.int64).reshape(-1, 3),
            corners.look[~whole],
        )
    )  # fmt: skip
    return _joined(corners.those(whole), split)


def _joined(one: _Corners, other: _Corners) -> _Corners:
    out = _Corners(
        np.concatenate((one.values, other.values)),
        np.concatenate((one.triangles, other.triangles + len(one.values))),
        np.concatenate((one.look, other.look)),
    )
    (a, b, c), (d, e, f) = one.ways, other.ways
    out.ways = np.concatenate((a, d)), np.concatenate((b, e)), np.concatenate((c, f))
    return out


_STEPS = np.array([1e4] * 3 + [1e3] * 3 + [1e4] * 2 + [1e3] * 3 + [1e4] * 8)


def _welded(corners: _Corners) -> _Corners:
    """Equal corners of one look made one.

    Equal are those whose rounded values have the same mixture of 64 bits: of a million, two others would once in
    some ten million rooms.
    """
    mixed = corners.of_vertex.astype(np.uint64)
    for column, step in enumerate(_STEPS[: corners.values.shape[1]]):
        mixed ^= np.rint(corners.values[:, column] * step).astype(np.int64).view(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed)
    kept = mixed[order]
    new = np.concatenate(([True], kept[1:] != kept[:-1]))[: len(kept)]
    index = np.empty(len(order), np.int64)
    index[order] = np.cumsum(new) - 1
    return _Corners(corners.values[order[new]], index[corners.triangles], corners.look)


# --- clusters -------------------------------------------------------------------------------------------------


def _packed(corners: _Corners, samples: list[Surface], placed: list[Placed], shelves: tuple[Shelf, ...]) -> Packed:
    """The corners as vertices, the triangles in clusters."""
    each = [DrawSet(_kind(s), p.variant, p.shelf, _one_sided(s)) for s, p in zip(samples, placed, strict=True)]
    sets = tuple(sorted(set(each), key=lambda s: (s.kind, VARIANTS.index(s.variant), s.shelf, s.one_sided)))
    set_of_look = np.array([sets.index(s) for s in each], np.int64)
    order, first = _clusters(corners, set_of_look)
    triangles, look = corners.triangles[order], corners.look[order]
    triangles, used = _by_first_use(triangles, len(corners.values))
    values = corners.values[used]
    of_vertex = np.zeros(len(values), np.int64)
    of_vertex[triangles] = look[:, None]
    vertices = np.zeros(len(values), VERTEX)
    vertices["position"], vertices["uv"] = values[:, _PLACE], values[:, _UV]
    length = np.linalg.norm(values[:, _NORMAL], axis=1, keepdims=True)
    vertices["normal"] = values[:, _NORMAL] / np.maximum(length, 1e-9)
    vertices["colour"] = 255
    if any(s.colors is not None for s in samples):
        vertices["colour"][:, :3] = np.searchsorted((_LINEAR[1:] + _LINEAR[:-1]) / 2, values[:, _COLOUR])
    materials = np.array([_material(s, p) for s, p in zip(samples, placed, strict=True)], MATERIAL)
    means = np.array([p.mean for p in placed]).reshape(-1, 3)
    albedo = np.minimum(values[:, _COLOUR] * (materials["colour"][:, :3] * means)[of_vertex], 0.9)
    a, b, c = (vertices["position"][triangles[:, k]] for k in range(3))
    low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    count = np.diff(np.append(first, len(triangles)))
    chunk_set = set_of_look[look[first]]
    return Packed(
        vertices, triangles.astype(np.int32), albedo, first, count,
        (np.minimum.reduceat(low, first) if len(first) else low).astype(float),
        (np.maximum.reduceat(high, first) if len(first) else high).astype(float),
        sum(sets[k].kind != CLEAR for k in chunk_set), chunk_set, look[first], sets, materials, shelves,
        values[:, _APART:].astype(np.float32) if values.shape[1] > _APART else None,
    )  # fmt: skip


def _clusters(corners: _Corners, set_of_look: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The order of the triangles and the first of each cluster in it.

    They are sorted by what is drawn in one call, by look and along a curve through boxes of 2 m (and more in rooms
    of over 250 m), within those by the way that they face, so that the two sides of a wall come apart.
    """
    if not len(corners.triangles):
        none = np.zeros(0, np.int64)
        return none, none
    a, b, c = (corners.values[:, _PLACE][corners.triangles[:, k]] for k in range(3))
    centre = (a + b + c) / 3
    low = centre.min(axis=0)
    step = max(0.25, float((centre.max(axis=0) - low).max()) / 1000.0)
    cell = ((centre - low) / step).astype(np.int64)
    coarse, fine = _along_curve(cell >> 3), _along_curve(cell & 7)
    way = corners.ways[0]
    axis = np.abs(way).argmax(axis=1)
    facing = 2 * axis + (way[np.arange(len(way)), axis] < 0)
    box = ((((set_of_look[corners.look] << 16 | corners.look) << 21) | coarse) << 3) | facing
    order = np.argsort(box << 9 | fine, kind="stable")
    box = box[order]
    _, starts, counts = _runs(box)
    _, wide_starts, wide_counts = _runs(box >> 3)
    few = np.repeat(wide_counts <= _FEW, wide_counts)
    number = np.arange(len(box)) - np.repeat(starts, counts)
    parts = np.where(counts <= 1.5 * _CLUSTER, 1, -(-counts // _CLUSTER))
    part = number * np.repeat(parts, counts) // np.repeat(counts, counts)
    begins = np.zeros(len(box), bool)
    begins[starts] = True
    begins[1:] |= part[1:] != part[:-1]
    begins &= ~few
    begins[wide_starts] = True
    return order, np.flatnonzero(begins)


def _runs(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Values of runs of equal ones, where each begins, and how long it is."""
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return values[starts], starts, np.diff(np.append(starts, len(values)))


def _along_curve(cell: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of cells (n, 3) of up to 7 bits along the curve of Morton, which goes through near ones together."""
    x, y, z = (_SPREAD[cell[:, axis]] << axis for axis in range(3))
    return np.asarray(x | y | z)


_SPREAD = np.array([sum((n >> bit & 1) << 3 * bit for bit in range(7)) for n in range(128)], np.int64)


def _by_first_use(triangles: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The corners numbered in the order in which triangles need them, and the old number of each that is left."""
    flat = triangles.ravel()
    place = np.full(count, len(flat), np.int64)
    place[flat[::-1]] = np.arange(len(flat) - 1, -1, -1)
    used = np.argsort(place)[: int((place < len(flat)).sum())]
    number = np.empty(count, np.int64)
    number[used] = np.arange(len(used))
    return number[triangles], used
