"""What every reader of a scan gives: its points piece by piece, so that no file is held whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array

PIECE = 1_000_000
"""Points that are read at once."""


@dataclass(frozen=True)
class Piece:
    """Some points of a file, in its own frame and unit.

    points: (n, 3). colors: (n, 3) uint8 sRGB, or None. facing: (n, 3) of length 1, out of the surface or to
    the scanner that saw it, zeros where that is not known; or None.
    """

    points: Array
    colors: NDArray[np.uint8] | None = None
    facing: Array | None = None


@dataclass(frozen=True)
class Source:
    """A scan file that has been opened and looks whole: how many points it holds, and its pieces."""

    count: int
    pieces: Iterator[Piece]
    z_up: bool = False


class Damaged(Exception):
    """A scan file that is not what it says; the message is for its user and says what is wrong."""
