"""Pictures on surfaces: those that a room brings, and fine grain made here for bare materials, in one array."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xrlab.geometry.transforms import Array
from xrlab.room.model import Surface

Picture = NDArray[np.uint8]

_GRAIN_SIZE = 512
_BUDGET = 96 * 1024 * 1024  # bytes of the whole array without mipmaps


class Atlas:
    """Collects the pictures of a room while its surfaces are packed."""

    def __init__(self) -> None:
        self._pictures: list[Picture] = []
        self._known: dict[int | str, int] = {}
        self._largest = _GRAIN_SIZE

    def place(self, surface: Surface, corners: Array) -> tuple[int, Array, Array]:
        """Where the corners (n, 8: place, normal, uv) of a surface lie on its picture.

        Returns the layer, -1 for none; uv (n, 2); and the picture's mean linear colour (3,).
        """
        if surface.texture is not None and surface.uv is not None:
            picture = np.asarray(surface.texture)[::-1]  # v counts upwards, rows of a picture downwards
            layer = self._layer(id(surface.texture), lambda: picture)
            self._largest = max(self._largest, *picture.shape[:2])
            return layer, corners[:, 6:8], _mean(picture)
        grain = _GRAINS.get(surface.material)
        if grain is None:
            return -1, np.zeros((len(corners), 2)), np.ones(3)
        make, metres = grain
        picture = make()
        return self._layer(surface.material, make), _box_uv(corners) / metres, _mean(picture)

    def layers(self) -> Picture:
        """All pictures in one array (n, h, w, 4), at least one."""
        pictures = self._pictures or [np.full((1, 1, 4), 255, np.uint8)]
        size = min(2048, 1 << (self._largest - 1).bit_length())
        while size > 64 and len(pictures) * size * size * 4 > _BUDGET:
            size //= 2
        out = np.empty((len(pictures), size, size, 4), np.uint8)
        for layer, picture in zip(out, pictures, strict=True):
            shaped = (
                picture if picture.shape[2] == 4 else np.dstack((picture, np.full(picture.shape[:2], 255, np.uint8)))
            )
            if shaped.shape[:2] != (size, size):
                shaped = np.asarray(Image.fromarray(shaped).resize((size, size), Image.Resampling.LANCZOS))
            layer[:] = shaped
        return out

    def _layer(self, key: int | str, make: Callable[[], Picture]) -> int:
        if key not in self._known:
            self._known[key] = len(self._pictures)
            self._pictures.append(make())
        return self._known[key]


def _mean(picture: Picture) -> Array:
    small = picture[::4, ::4, :3].reshape(-1, 3) / 255.0
    return np.asarray((small**2.2).mean(axis=0))


def _box_uv(corners: Array) -> Array:
    """Places on a picture in metres: seen along the axis that the surface faces most."""
    p, n = corners[:, :3], np.abs(corners[:, 3:6])
    axis = np.where(n[:, 2] > 0.7, 2, np.where(n[:, 0] >= n[:, 1], 0, 1))
    u = np.where(axis == 0, p[:, 1], p[:, 0])
    v = np.where(axis == 2, p[:, 1], p[:, 2])
    return np.column_stack((u, v))


# Grain: greys about white that a surface's own colour is multiplied with. All repeat without a seam.


def _noise(size: int, cells: tuple[int, int], seed: int) -> Array:
    """Smooth noise (size, size) in -1..1 of so many cells across (rows, columns); repeats."""
    rng = np.random.default_rng(seed)
    rows, columns = cells
    grid = rng.uniform(-1.0, 1.0, (rows, columns))
    out = grid
    for axis, n in ((0, rows), (1, columns)):
        at = np.arange(size) * n / size
        low = at.astype(int)
        part = at - low
        part = part * part * (3 - 2 * part)
        shape = (-1, 1) if axis == 0 else (1, -1)
        out = np.take(out, low % n, axis) * (1 - part.reshape(shape)) + np.take(
            out, (low + 1) % n, axis
        ) * part.reshape(shape)
    return out


def _grey(value: Array) -> Picture:
    levels = np.clip(np.rint(value * 255), 0, 255).astype(np.uint8)
    return np.dstack((levels, levels, levels, np.full_like(levels, 255)))


@cache
def _concrete() -> Picture:
    n = _GRAIN_SIZE
    rough = 0.5 * _noise(n, (6, 6), 1) + 0.3 * _noise(n, (24, 24), 2) + 0.25 * _noise(n, (128, 128), 3)
    return _grey(0.93 + 0.06 * rough)


@cache
def _plaster() -> Picture:
    n = _GRAIN_SIZE
    return _grey(0.97 + 0.02 * _noise(n, (12, 12), 4) + 0.02 * _noise(n, (256, 256), 5))


@cache
def _wood() -> Picture:
    """Eight boards side by side, running along u; each with its own tone and grain."""
    n, boards = _GRAIN_SIZE, 8
    rng = np.random.default_rng(6)
    row = np.arange(n) * boards // n
    tone = rng.uniform(0.80, 1.0, boards)[row][:, None]
    grain = 0.6 * _noise(n, (128, 3), 7) + 0.4 * _noise(n, (256, 12), 8)
    value = tone + 0.07 * grain
    seams = rng.uniform(0.0, 1.0, boards)
    within = (np.arange(n) * boards % n) / n
    value[within < 0.03] *= 0.62
    for board in range(boards):  # one joint across each board
        at = int(seams[board] * n)
        rows = np.flatnonzero(row == board)
        value[rows[:, None], [(at) % n, (at + 1) % n]] *= 0.65
    return _grey(np.clip(value, 0.0, 1.0))


@cache
def _tile() -> Picture:
    n, tiles = _GRAIN_SIZE, 4
    at = np.arange(n) * tiles
    joint = (at % n) / n < 0.025
    rng = np.random.default_rng(9)
    tone = rng.uniform(0.93, 1.0, (tiles, tiles))[(at // n)[:, None], (at // n)[None, :]]
    value = tone + 0.015 * _noise(n, (48, 48), 10)
    value[joint, :] = 0.62
    value[:, joint] = 0.62
    return _grey(value)


@cache
def _brick() -> Picture:
    """Running bond: 16 courses of 4 bricks."""
    n, courses, across = _GRAIN_SIZE, 16, 4
    y = np.arange(n) * courses
    course = y // n
    x = np.arange(n)[None, :] * across + (course % 2)[:, None] * n // 2
    rng = np.random.default_rng(11)
    tone = rng.uniform(0.78, 1.0, (courses, across))[course[:, None], (x // n) % across]
    value = tone + 0.06 * _noise(n, (96, 96), 12)
    mortar = ((y % n) / n < 0.14)[:, None] | ((x % n) / n < 0.045)
    return _grey(np.where(mortar, 1.0, value))


@cache
def _cloth() -> Picture:
    n = _GRAIN_SIZE
    rng = np.random.default_rng(13)
    fine = rng.uniform(-1.0, 1.0, (n, n))
    return _grey(0.88 + 0.07 * fine + 0.05 * _noise(n, (64, 64), 14) + 0.03 * _noise(n, (6, 6), 15))


@cache
def _rubber() -> Picture:
    n = _GRAIN_SIZE
    rng = np.random.default_rng(16)
    specks = np.where(rng.uniform(0, 1, (n, n)) > 0.985, 0.25, 0.0)
    return _grey(0.75 + specks + 0.08 * _noise(n, (64, 64), 17) + 0.05 * _noise(n, (8, 8), 18))


@cache
def _steel() -> Picture:
    n = _GRAIN_SIZE
    return _grey(0.92 + 0.05 * _noise(n, (256, 4), 19) + 0.03 * _noise(n, (8, 8), 20))


# material -> (how its grain is made, how many metres one picture spans)
_GRAINS: dict[str, tuple[Callable[[], Picture], float]] = {
    "concrete": (_concrete, 2.5),
    "plasterboard": (_plaster, 1.5),
    "wood": (_wood, 1.2),
    "tile": (_tile, 1.2),
    "brick": (_brick, 1.0),
    "carpet": (_cloth, 0.8),
    "fabric": (_cloth, 0.5),
    "sand": (_concrete, 1.2),
    "rubber": (_rubber, 0.8),
    "steel": (_steel, 1.0),
    "cardboard": (_plaster, 0.6),
}
