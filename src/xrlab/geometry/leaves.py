"""Upright sheets that turn about a hinge, such as door leaves, and whether lines of sight cross them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array


@dataclass(frozen=True)
class Leaves:
    """Sheets without thickness. hinge (n, 3): lower end of the axis (m); width, height (n,) in metres."""

    hinge: Array
    width: Array
    height: Array

    def block(self, starts: Array, ends: Array, ways: Array, which: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For straight lines (n, 3) to (n, 3): whether they cross one of the sheets.

        ways: (times, sheets, 2) directions on the floor in which the sheets stand at several times; which: (n,) the
        time that each line goes by; of no account where there is but one.
        All lines and sheets at once: while doors move, that is quicker than to build them anew for Embree.
        """
        blocked = np.zeros(len(starts), bool)
        if not len(self.width) or not len(starts):
            return blocked
        c, s = (ways[0, :, 0], ways[0, :, 1]) if len(ways) == 1 else (ways[which, :, 0], ways[which, :, 1])
        hinge = self.hinge
        x, y = starts[:, 0, None] - hinge[:, 0], starts[:, 1, None] - hinge[:, 1]
        u, v = ends[:, 0, None] - hinge[:, 0], ends[:, 1, None] - hinge[:, 1]
        off = y * c - x * s
        # only lines that begin on one side of a leaf and end on the other can cross it
        line, leaf = np.nonzero(off * (v * c - u * s) <= 0)
        if not len(line):
            return blocked
        at = leaf if len(ways) == 1 else (line, leaf)
        x, y, off, c, s = x[line, leaf], y[line, leaf], off[line, leaf], c[at], s[at]
        dx, dy, dz = (ends[line] - starts[line]).transpose()
        across = dx * s - dy * c
        skew = across != 0.0  # a line along the leaf is not stopped by it
        across[~skew] = 1.0
        f = off / across
        along, high = (y * dx - x * dy) / across, starts[line, 2] - hinge[leaf, 2] + f * dz
        met = skew & (f >= 0) & (f <= 1) & (along >= 0) & (along <= self.width[leaf])
        blocked[line[met & (high >= 0) & (high <= self.height[leaf])]] = True
        return blocked
