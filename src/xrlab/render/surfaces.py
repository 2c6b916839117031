"""A room's surfaces cut fine enough to carry light at their corners, and packed for drawing in few calls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.render import textures
from xrlab.room.model import Room, Surface

CORNERS = 24_000
"""About how many corners a room may be cut into; rooms that come with more are left as they are."""

_FINEST, _COARSEST = 0.16, 0.8  # metres: no finer than soft shadows need, no coarser than they allow
_CHUNK = 4.0  # metres: what is drawn or left out together

VERTEX = np.dtype(
    [("position", "<f4", 3), ("normal", "<f4", 3), ("uvl", "<f4", 3), ("colour", "<f4", 4), ("finish", "<f4", 2)]
)
"""One corner: place (m), normal, texture place and layer (-1: none), linear colour, roughness and metallic."""


@dataclass(frozen=True)
class Packed:
    """A room ready for the device.

    vertices: of `VERTEX`. triangles: (m, 3), those of one chunk together, solid ones first. albedo: (n, 3)
    linear, of each corner, textures included. chunk_first, chunk_count: in triangles. chunk_low, chunk_high:
    corners of the chunks' boxes (k, 3). solid_chunks: how many come first; the rest let light through.
    layers: the texture array (t, h, w, 4).
    """

    vertices: NDArray[Any]
    triangles: NDArray[np.int32]
    albedo: Array
    chunk_first: NDArray[np.int64]
    chunk_count: NDArray[np.int64]
    chunk_low: Array
    chunk_high: Array
    solid_chunks: int
    layers: NDArray[np.uint8]


@dataclass
class _Piece:
    """One surface as separate triangles: corners (m, 3, c) with c columns x y z, normal, u v, and linear colour."""

    surface: Surface
    corners: Array


def to_linear(srgb: Array) -> Array:
    """sRGB values 0..1 to linear light."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def pack(room: Room) -> Packed:
    """Cut, weld and sort all surfaces of a room."""
    atlas = textures.Atlas()
    pieces = [_piece(s) for s in room.surfaces if len(s.faces)]
    edge = _edge_length(pieces)
    vertices, triangles, albedo, clear = [], [], [], []
    count = 0
    for piece in pieces:
        corners = _cut(piece.corners, edge) if math.isfinite(edge) else piece.corners
        packed, index, light = _weld(piece.surface, corners, atlas)
        vertices.append(packed)
        triangles.append(index + count)
        albedo.append(light)
        clear.append(np.full(len(index), piece.surface.color[3] < 0.99))
        count += len(packed)
    if not pieces:
        return _nothing(atlas)
    all_vertices = np.concatenate(vertices)
    return _chunked(
        all_vertices, np.concatenate(triangles), np.concatenate(albedo), np.concatenate(clear), atlas.layers()
    )


def _nothing(atlas: textures.Atlas) -> Packed:
    none, no_box = np.zeros(0, np.int64), np.zeros((0, 3))
    return Packed(
        np.zeros(0, VERTEX), np.zeros((0, 3), np.int32), no_box, none, none, no_box, no_box, 0, atlas.layers()
    )


def _piece(surface: Surface) -> _Piece:
    """The triangles of one surface with a normal at every corner; those without area are dropped."""
    corners = np.asarray(surface.vertices, float)[surface.faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(flat, axis=1)
    good = length > 1e-12
    normals = np.repeat((flat / np.maximum(length, 1e-12)[:, None])[:, None], 3, axis=1)
    if surface.normals is not None:
        given = np.asarray(surface.normals, float)[surface.faces]
        usable = np.linalg.norm(given, axis=2, keepdims=True) > 0.5
        normals = np.where(usable, given, normals)
    uv = np.zeros((len(corners), 3, 2)) if surface.uv is None else np.asarray(surface.uv, float)[surface.faces]
    columns = [corners, normals, uv]
    if surface.colors is not None:
        columns.append(to_linear(np.asarray(surface.colors, float) / 255)[surface.faces])
    return _Piece(surface, np.concatenate(columns, axis=2)[good])


def _edge_length(pieces: list[_Piece]) -> float:
    """How long an edge may stay so that the room is cut into about `CORNERS` corners; inf: leave all."""
    if sum(len(p.corners) for p in pieces) > 1.5 * CORNERS:
        return math.inf
    area = 0.0
    for p in pieces:
        c = p.corners[:, :, :3]
        area += float(np.linalg.norm(np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0]), axis=1).sum()) / 2
    # Right-angled triangles with legs between a half and one edge length: about 3 corners per edge².
    return min(_COARSEST, max(_FINEST, math.sqrt(3.0 * area / CORNERS)))


def _cut(corners: Array, edge: float) -> Array:
    """Triangles (m, 3, c) halved along their longest edges until none is longer than `edge` (m).

    An edge is halved or not by its own length alone, so neighbours agree and no cracks open.
    """
    done = []
    while len(corners):
        sides = np.linalg.norm(np.roll(corners[:, :, :3], -1, axis=1) - corners[:, :, :3], axis=2)
        longest = sides.argmax(axis=1)
        # Turn each triangle so that its longest edge runs from corner 0 to corner 1.
        order = (longest[:, None] + np.arange(3)) % 3
        corners = np.take_along_axis(corners, order[:, :, None], axis=1)
        # 1.4: the long side of a halved square counts as its legs do.
        long = sides.max(axis=1) > edge * 1.42
        done.append(corners[~long])
        corners = corners[long]
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        middle = (a + b) / 2
        corners = np.concatenate((np.stack((b, c, middle), axis=1), np.stack((c, a, middle), axis=1)))
    return np.concatenate(done)


def _weld(surface: Surface, corners: Array, atlas: textures.Atlas) -> tuple[NDArray[Any], NDArray[np.int32], Array]:
    """Equal corners of one surface made one: packed vertices, triangles (m, 3), linear albedo (n, 3)."""
    flat = corners.reshape(-1, corners.shape[2])
    own = surface.colors is not None
    if own and surface.texture is None:  # a scan's colours hold the grain of what was scanned
        layer, uv, mean = -1, np.zeros((len(flat), 2)), np.ones(3)
    else:
        layer, uv, mean = atlas.place(surface, flat[:, :8])
    parts = (flat[:, :3] * 1e4, flat[:, 3:6] * 1e3, uv * 1e4, flat[:, 8:] * 1e3)
    key = np.round(np.concatenate(parts, axis=1)).astype(np.int64)
    _, first, index = np.unique(key, axis=0, return_index=True, return_inverse=True)
    out = np.zeros(len(first), VERTEX)
    out["position"] = flat[first, :3]
    normal = flat[first, 3:6]
    out["normal"] = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    out["uvl"][:, :2] = uv[first]
    out["uvl"][:, 2] = layer
    colour = flat[first, 8:] if own else to_linear(np.array(surface.color[:3], float))[None]
    out["colour"][:, :3] = colour
    out["colour"][:, 3] = surface.color[3]
    out["finish"] = (max(0.08, surface.roughness), surface.metallic)
    albedo = np.broadcast_to(np.minimum(colour * mean, 0.9), (len(first), 3))
    return out, index.reshape(-1, 3).astype(np.int32), albedo


def _chunked(
    vertices: NDArray[Any],
    triangles: NDArray[np.int32],
    albedo: Array,
    clear: NDArray[np.bool_],
    layers: NDArray[np.uint8],
) -> Packed:
    """Triangles sorted into boxes of the floor plan, solid ones before clear ones."""
    centre = vertices["position"][triangles].mean(axis=1)
    cell = np.floor(centre / _CHUNK).astype(np.int64)
    cell -= cell.min(axis=0)
    key = ((clear.astype(np.int64) * 1024 + cell[:, 2]) * 4096 + cell[:, 1]) * 4096 + cell[:, 0]
    order = np.argsort(key, kind="stable")
    triangles = np.ascontiguousarray(triangles[order])
    _, first, count = np.unique(key[order], return_index=True, return_counts=True)
    corners = vertices["position"][triangles]
    low = np.minimum.reduceat(corners.min(axis=1), first)
    high = np.maximum.reduceat(corners.max(axis=1), first)
    solid = int((~clear[order][first]).sum())
    return Packed(vertices, triangles, albedo, first, count, low.astype(float), high.astype(float), solid, layers)
