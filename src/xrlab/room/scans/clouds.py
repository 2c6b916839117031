"""Points from scan files (PLY, PCD, LAS, LAZ, E57), piece by piece, and thinned while they are read.

A file is never held whole: it is read in pieces of a million points, and what is kept is one mean point for
each small cube of space. What a header promises is checked against the file's length before it is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xrlab.errors import InputError, Problem
from xrlab.geometry.transforms import Array
from xrlab.room.scans import formats
from xrlab.room.scans.pieces import PIECE, Damaged, Piece, Source

T = TypeVar("T")

MAX_POINTS = 1_000_000_000
MAX_CUBES = 4_000_000
"""More cubes than this are not kept: they are then made twice as wide, which bounds the memory of any scan."""

_REACH = 1 << 20
"""How many cubes a point may lie from the middle of the first piece; what lies farther is a stray point."""


def open_cloud(path: Path) -> Source:
    """Opens a scan by its suffix; raises `InputError` where it cannot be one, or the package for it is missing."""
    suffix = path.suffix.lower()
    try:
        if path.is_dir():
            raise wrong(path, "is a directory; a scan is needed")
        if path.stat().st_size == 0:
            raise wrong(path, "is empty; a scan is needed")
    except FileNotFoundError:
        raise wrong(path, "no such file") from None
    except (OSError, ValueError) as error:
        raise wrong(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    openers: dict[str, Callable[[Path], Source]] = {
        ".ply": formats.open_ply,
        ".pcd": formats.open_pcd,
        ".las": formats.open_las,
        ".laz": formats.open_las,
        ".e57": formats.open_e57,
    }
    source = guarded(path, lambda: openers[suffix](path))
    if source.count > MAX_POINTS:
        raise wrong(path, f"says that it holds {source.count:,} points; {MAX_POINTS:,} are the most: thin it first")
    return source


def wrong(path: Path, what: str) -> InputError:
    """The error of a scan file as a whole."""
    return InputError(Problem(str(path), 0, 0, what))


def guarded(path: Path, work: Callable[[], T]) -> T:
    """What `work` returns; whatever a reader throws at a damaged file becomes one line."""
    try:
        return work()
    except InputError:
        raise
    except Damaged as error:
        raise wrong(path, str(error)) from None
    except MemoryError:
        raise wrong(path, "is too large for this machine's memory; crop or thin it first") from None
    except Exception as error:
        raise _unreadable(path, error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what the LAZ reader throws is no Exception
            raise
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: BaseException) -> InputError:
    words = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return wrong(path, f"cannot be read as {path.suffix.lower()}: {words[:160]}; export it again")


class Thinned:
    """Points gathered in cubes: of each cube the mean of its points, their colour and what they face.

    cube: width of the cubes in the file's unit; doubled whenever there are more than `MAX_CUBES`.
    """

    def __init__(self, cube: float) -> None:
        self.cube = cube
        self.read = 0
        self.strays = 0
        """Points that are no numbers, or far from all others."""
        self.colored = False
        self._middle: NDArray[np.int64] | None = None
        self._start = cube
        self._keys: NDArray[np.int64] = np.zeros(0, np.int64)
        self._sums: Array = np.zeros((0, 10))  # place 3, colour 3, facing 3, number
        self._waiting: list[tuple[NDArray[np.int64], Array]] = []

    def add(self, piece: Piece, box: tuple[Array, Array] | None = None) -> None:
        """Gather a piece; `box`: lowest and highest corner of what is kept."""
        keep: NDArray[np.bool_] = np.asarray(np.isfinite(piece.points).all(axis=1))
        self.read += len(keep)
        self.strays += int((~keep).sum())
        if box is not None:
            with np.errstate(invalid="ignore"):
                keep &= ((piece.points >= box[0]) & (piece.points <= box[1])).all(axis=1)
        points = piece.points[keep]
        if not len(points):
            return
        if self._middle is None:
            middle = np.median(points, axis=0) / self._start
            if np.abs(middle).max() > 2**53:
                raise Damaged("has points farther away than numbers are exact; export it again, nearer its middle")
            self._middle = np.floor(middle).astype(np.int64)
        doubled = round(self.cube / self._start)
        with np.errstate(over="ignore", invalid="ignore"):
            place = points / self._start - self._middle
            near = (np.abs(place) < _REACH).all(axis=1)
        if not near.all():
            self.strays += int((~near).sum())
            keep[np.flatnonzero(keep)[~near]] = False
            place = place[near]
        cell = np.floor(place / doubled).astype(np.int64) + _REACH
        key = (cell[:, 0] << 42) | (cell[:, 1] << 21) | cell[:, 2]
        columns = [*place.T]
        if piece.colors is not None:
            self.colored = True
            columns += [*piece.colors[keep].astype(float).T]
        else:
            columns += [np.full(len(place), 190.0)] * 3
        columns += [None] * 3 if piece.facing is None else [*piece.facing[keep].T]
        keys, index = np.unique(key, return_inverse=True)
        self._waiting.append((keys, _summed(columns, index, len(keys))))
        if sum(len(k) for k, _ in self._waiting) > max(len(self._keys), 2 * PIECE):
            self._merge()

    def _merge(self) -> None:
        parts = [(self._keys, self._sums), *self._waiting]
        self._waiting = []
        keys, index = np.unique(np.concatenate([k for k, _ in parts]), return_inverse=True)
        sums = np.zeros((len(keys), 10))
        first = 0
        for part, values in parts:  # no cube comes twice in one part
            sums[index[first : first + len(part)]] += values
            first += len(part)
        self._keys, self._sums = keys, sums
        while len(self._keys) > MAX_CUBES:
            self.cube *= 2
            cells = np.column_stack([(self._keys >> shift) & 0x1FFFFF for shift in (42, 21, 0)])
            cells = ((cells - _REACH) >> 1) + _REACH
            keys, index = np.unique((cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2], return_inverse=True)
            self._sums = _summed([*self._sums.T[:9]], index, len(keys), self._sums[:, 9])
            self._keys = keys

    def result(self) -> tuple[Array, NDArray[np.uint8], Array, Array]:
        """Points (n, 3) in the file's unit, colours (n, 3), what they face (n, 3), points in each cube (n,)."""
        self._merge()
        number = self._sums[:, 9:]
        middle = np.zeros(3) if self._middle is None else self._middle
        points = (self._sums[:, :3] / number + middle) * self._start
        colors = np.clip(np.round(self._sums[:, 3:6] / number), 0, 255).astype(np.uint8)
        facing = self._sums[:, 6:9]
        length = np.linalg.norm(facing, axis=1, keepdims=True)
        facing = np.where(length > 0.3 * number, facing / np.maximum(length, 1e-9), 0.0)
        return points, colors, facing, number[:, 0]


def _summed(columns: list[Array | None], index: NDArray[np.intp], count: int, number: Array | None = None) -> Array:
    out = np.zeros((count, 10))
    for k, column in enumerate(columns):
        if column is not None:
            out[:, k] = np.bincount(index, column, count)
    out[:, 9] = np.bincount(index, number, count)
    return out


def write_ply(path: Path, points: Array, colors: NDArray[np.uint8]) -> None:
    """Writes points (n, 3) and their colours (n, 3) as a binary PLY, wholly or not at all."""
    from xrlab.files import write_whole

    rows = np.zeros(len(points), [("place", "<f8", 3), ("color", "u1", 3)])
    rows["place"], rows["color"] = points, colors
    names = [f"property double {c}" for c in "xyz"] + [f"property uchar {c}" for c in ("red", "green", "blue")]
    head = "\n".join(["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}", *names, "end_header"])
    write_whole(path, head.encode() + b"\n" + rows.tobytes())
