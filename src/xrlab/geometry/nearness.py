"""How near a line of fire or of sight passes by things: rays against stretches, and against bodies."""

from __future__ import annotations

import numpy as np

from xrlab.geometry import body
from xrlab.geometry.transforms import Array, Vec3


def line_gaps(origin: Vec3, direction: Vec3, a: Array, b: Array) -> tuple[Array, Array]:
    """For a ray and stretches from a to b, (n, 3) each: the least distances (n,) and how far along the ray those are.

    direction: of length 1. The ray begins at `origin`: of what lies behind it the distance from `origin` counts.
    """
    start, way = np.asarray(origin), np.asarray(direction)
    u, w = b - a, a - start
    uu, ud, wd, wu = (u * u).sum(axis=1), u @ way, w @ way, (w * u).sum(axis=1)
    skew = uu - ud * ud
    # where a stretch runs along the ray any of its places will do; its own end is one
    share = np.clip(np.where(skew > 1e-12, (wd * ud - wu) / np.where(skew > 1e-12, skew, 1.0), 0.0), 0.0, 1.0)
    along = wd + share * ud
    behind = along < 0.0
    if behind.any():
        near = np.clip(-wu / np.where(uu > 0.0, uu, 1.0), 0.0, 1.0)
        share = np.where(behind, near, share)
        along = np.where(behind, 0.0, along)
    gap = w + share[:, None] * u - along[:, None] * way
    return np.sqrt((gap * gap).sum(axis=1)), along


def passes_by(origin: Vec3, direction: Vec3, joints: Array) -> tuple[float, float]:
    """How far (m) a ray passes by a body whose joints are at `joints`, (16, 3), and how far along it that is.

    0 where it goes through a hit zone.
    """
    placed = body.capsules(joints)
    gaps, along = line_gaps(origin, direction, placed.a, placed.b)
    gaps = gaps - placed.radii
    nearest = int(gaps.argmin())
    return max(0.0, float(gaps[nearest])), float(along[nearest])
