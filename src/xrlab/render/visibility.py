"""What of a room a camera may see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array


def in_view(low: Array, high: Array, view_projection: Array) -> NDArray[np.bool_]:
    """Which boxes, from low to high corners (n, 3), are not wholly outside one of the view's planes."""
    rows = view_projection
    planes = np.array([rows[3] + rows[0], rows[3] - rows[0], rows[3] + rows[1], rows[3] - rows[1], rows[2]])
    inmost = np.where(planes[None, :, :3] > 0, high[:, None], low[:, None])
    return np.asarray(((inmost * planes[None, :, :3]).sum(axis=2) + planes[None, :, 3] >= 0).all(axis=1))
