"""Patterns on cloth, as tints of vertices by their place in the rest pose."""

from __future__ import annotations

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render.shapes3d import FIXED, Solid

# Sand, olive, brown and dark brown, as on the field dress of the Belgian forces; sRGB.
_BLOTCHES = np.array([(0.54, 0.50, 0.39), (0.40, 0.41, 0.30), (0.43, 0.36, 0.27), (0.28, 0.265, 0.20)])


def _waves(points: Array, seed: int, scale: float) -> Array:
    """Smooth noise (n,) of about unit size: a sum of waves in fixed random directions."""
    rng = np.random.default_rng(seed)
    way = rng.normal(size=(7, 3)) * scale
    phase = rng.uniform(0, 2 * np.pi, 7)
    return np.asarray(np.sin(points @ way.T + phase).sum(axis=1) / np.sqrt(3.5))


def blotches(points: Array) -> Array:
    """Camouflage colours (n, 3) at points (n, 3)."""
    first, second, third = _waves(points, 1, 30.0), _waves(points, 2, 34.0), _waves(points, 3, 44.0)
    kind = np.where(third > 1.05, 3, np.where(second > 0.55, 2, np.where(first > 0.1, 1, 0)))
    return np.asarray(_BLOTCHES[kind])


def camouflage(solid: Solid, darker: float = 1.0) -> Solid:
    """The same solid with camouflage where its colours come from slots 0 and 1 or are fixed."""
    vertices = solid.vertices.copy()
    cloth = (vertices["tint"][:, 3] < 2) | (vertices["tint"][:, 3] == FIXED)
    shade = np.where(vertices["tint"][:, 3:] < 2, vertices["tint"][:, :3] / 255.0, 1.0) * darker
    colours = np.rint(blotches(vertices["position"].astype(float)) * shade * 255)
    vertices["tint"][cloth, :3] = colours[cloth]
    vertices["tint"][cloth, 3] = FIXED
    return Solid(vertices, solid.triangles)


def mottled(points: Array, strength: float = 0.05) -> Array:
    """How bright cloth is (n,): small differences that keep it from looking like plastic."""
    return np.asarray(1.0 - strength * 0.5 * (1.0 + 0.6 * _waves(points, 5, 30.0) + 0.4 * _waves(points, 6, 80.0)))
