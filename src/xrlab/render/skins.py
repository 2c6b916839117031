"""Skins: solids in the rest pose of `xrlab.render.skeleton`, and how much each vertex hangs on which bones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from xrlab.geometry.transforms import Array
from xrlab.render.shapes3d import Solid, Tint, grid, join
from xrlab.render.skeleton import BONE, BONES

MOST_BONES = 4
"""A vertex hangs on so many bones at most."""

_SWAP = np.array([BONE[b.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")] for b in BONES])


@dataclass(frozen=True)
class Skin:
    """A solid in the rest pose and the weights (vertices, bones) of its vertices, which sum to 1."""

    solid: Solid
    weights: NDArray[np.float32]

    def mirrored(self) -> Skin:
        """Left and right swapped."""
        return Skin(self.solid.moved(np.diag([1.0, -1.0, 1.0, 1.0])), self.weights[:, _SWAP])

    def tinted(self, tints: Array) -> Skin:
        """The same skin in other tints (vertices, 3), 0..1; where the colours come from stays."""
        vertices = self.solid.vertices.copy()
        vertices["tint"][:, :3] = np.clip(np.rint(tints * 255), 0, 255)
        return Skin(Solid(vertices, self.solid.triangles), self.weights)

    @property
    def points(self) -> Array:
        """Where its vertices lie (vertices, 3)."""
        return self.solid.vertices["position"].astype(np.float64)


def joined(skins: Sequence[Skin]) -> Skin:
    """Several skins as one."""
    return Skin(join(*(s.solid for s in skins)), np.concatenate([s.weights for s in skins]))


def both(skin: Skin) -> Skin:
    """A skin of the left side with its twin on the right."""
    return joined([skin, skin.mirrored()])


def weighted(shape: tuple[int, ...], **shares: Array | float) -> NDArray[np.float32]:
    """Weights (*shape, bones) from shares of bones by name; they are brought to a sum of 1."""
    out = np.zeros((*shape, len(BONES)), np.float32)
    for name, share in shares.items():
        out[..., BONE[name]] = share
    return np.asarray(out / out.sum(axis=-1, keepdims=True), np.float32)


def rigid(solid: Solid, **shares: float) -> Skin:
    """A solid that goes with one bone, or stiffly with a few."""
    return Skin(solid, weighted((len(solid.vertices),), **shares))


def softened(skins: Sequence[Skin], reach: float = 0.04) -> Skin:
    """Several skins that run into each other as one: where they meet their normals are made to agree.

    reach: how far (m) a normal listens to its neighbours.
    """
    whole = joined(skins)
    vertices = whole.solid.vertices.copy()
    points, normals = vertices["position"].astype(np.float64), vertices["normal"].astype(np.float64)
    part = np.repeat(np.arange(len(skins)), [len(s.weights) for s in skins])
    a, b = cKDTree(points).query_pairs(reach, output_type="ndarray").T
    kept = (part[a] != part[b]) & ((normals[a] * normals[b]).sum(axis=1) > 0.2)
    a, b = a[kept], b[kept]
    far = ((points[a] - points[b]) ** 2).sum(axis=1) / (reach * 0.5) ** 2
    share = np.exp(-far)[:, None]
    total = normals.copy()
    np.add.at(total, a, share * normals[b])
    np.add.at(total, b, share * normals[a])
    vertices["normal"] = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)
    return Skin(Solid(vertices, whole.solid.triangles), whole.weights)


def ease(low: float, high: float, x: Array) -> Array:
    """0 up to `low`, 1 from `high` on, smooth between; the other way where low > high."""
    f = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(f * f * (3 - 2 * f))


def round_angles(sides: int) -> Array:
    """Angles all round, (sides,)."""
    return np.asarray(np.arange(sides) * (2 * math.pi / sides), np.float64)


def outline(
    turn: Array,
    front: Array | float,
    back: Array | float,
    left: Array | float,
    right: Array | float,
    power: Array | float,
) -> tuple[Array, Array]:
    """x and y of a rounded outline at angles `turn` from the front; half sizes to four sides."""
    c, s = np.cos(turn), np.sin(turn)
    x = np.sign(c) * np.abs(c) ** (2 / power) * np.where(c >= 0, front, back)
    y = np.sign(s) * np.abs(s) ** (2 / power) * np.where(s >= 0, left, right)
    return x, y


def closed(points: Array, tints: Array, *, ends: bool = True) -> Solid:
    """`grid` closed at both ends, with its outer side outside, whichever way its rings go round.

    ends: whether ends are to be closed, or are already, since their rings are folded flat.
    """
    for end in (0, -1) if ends else ():
        middle = np.broadcast_to(points[end].mean(axis=0), points[end].shape)
        if np.abs(points[end] - middle).max() > 1e-9:
            whole = (middle[None], points) if end == 0 else (points, middle[None])
            points = np.concatenate(whole)
            tints = np.concatenate((tints[:1], tints) if end == 0 else (tints, tints[-1:]))
    made = grid(points, tints)
    place = made.vertices["position"].astype(np.float64)
    a, b, c = (place[made.triangles[:, k]] - place.mean(axis=0) for k in range(3))
    if float((a * np.cross(b, c)).sum()) >= 0:
        return made
    vertices = made.vertices.copy()
    vertices["normal"] *= -1
    return Solid(vertices, made.triangles[:, ::-1].copy())


def sheath(rings: Array, tints: Sequence[Tint] | Array, weights: NDArray[Any], *, ends: bool = True) -> Skin:
    """A skin over rings (k, sides, 3), its `ends` closed as by `closed`; a tint for each ring (k), or for each vertex.

    Where one ring's tint differs from the next one's the edge between them is sharp, at the later ring.
    """
    sides = rings.shape[1]
    colours = np.asarray(tints, np.float64)
    if colours.ndim == 2:
        colours = np.repeat(colours[:, None], sides, axis=1)
    order = [0, 0] if ends else [0]
    paint = [0, 0] if ends else [0]
    for i in range(1, len(rings)):
        if (colours[i] != colours[i - 1]).any() and (colours[i] == colours[i][0]).all():
            order.append(i)
            paint.append(i - 1)
        order.append(i)
        paint.append(i)
    points = rings[order]
    if ends:
        order.append(len(rings) - 1)
        paint.append(len(rings) - 1)
        points = rings[order].copy()
        points[0], points[-1] = points[0].mean(axis=0), points[-1].mean(axis=0)
    return Skin(closed(points, colours[paint], ends=ends), weights[order].reshape(-1, len(BONES)).astype(np.float32))


def solid_of(skin: Skin) -> Solid:
    """The skin as the device takes it: up to `MOST_BONES` bones a vertex, weights in 255ths that sum to 255."""
    vertices = skin.solid.vertices.copy()
    order = np.argsort(-skin.weights, axis=1, kind="stable")[:, :MOST_BONES]
    share = np.take_along_axis(skin.weights, order, axis=1).astype(np.float64)
    share /= share.sum(axis=1, keepdims=True)
    parts = np.floor(share * 255 + 0.5).astype(np.int64)
    parts[:, 0] += 255 - parts.sum(axis=1)
    vertices["bones"], vertices["weights"] = np.where(parts > 0, order, order[:, :1]), parts
    return Solid(vertices, skin.solid.triangles)
