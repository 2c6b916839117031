"""Fine grain for bare materials, made in code: what concrete, boards, tiles and bricks look like from near by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array

Picture = NDArray[np.uint8]

SIZE = 512
"""Pixels on a side of every picture here."""


@dataclass(frozen=True)
class Made:
    """Pictures (SIZE, SIZE, 4) of a grain, v counting as rows do; all repeat without a seam.

    colour: sRGB greys about white, which a surface's own colour is multiplied with. bumps: normals as glTF has them.
    gloss: in green what roughness is multiplied with.
    """

    colour: Picture
    bumps: Picture | None = None
    gloss: Picture | None = None


@dataclass(frozen=True)
class Grain:
    """How a grain is made, and how many metres one picture spans."""

    made: Callable[[], Made]
    metres: float

    def places(self, points: Array, normals: Array) -> Array:
        """Where points (n, 3) of surfaces lie on its pictures, (n, 2)."""
        return _box_uv(points, normals) / self.metres


def _box_uv(p: Array, normals: Array) -> Array:
    """Places on a picture in metres: seen along the axis that the surface faces most."""
    n = np.abs(normals)
    axis = np.where(n[:, 2] > 0.7, 2, np.where(n[:, 0] >= n[:, 1], 0, 1))
    u = np.where(axis == 0, p[:, 1], p[:, 0])
    v = np.where(axis == 2, p[:, 1], p[:, 2])
    return np.column_stack((u, v))


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


def _bumps(height: Array, metres: float) -> Picture:
    """Normals of a height field (m) that spans so many metres."""
    step = 2 * metres / len(height)
    along_u, along_v = ((np.roll(height, -1, axis) - np.roll(height, 1, axis)) / step for axis in (1, 0))
    normal = np.stack((-along_u, along_v, np.ones_like(height)), axis=-1)  # y of bumps is up, rows count downwards
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return _with_alpha(np.rint(128 + 127 * normal))


def _gloss(rough: Array) -> Picture:
    level = np.rint(rough.clip(0, 1) * 255)
    return _with_alpha(np.stack((level, level, np.full_like(level, 255)), axis=-1))


def _with_alpha(colour: Array) -> Picture:
    return np.dstack((colour.clip(0, 255).astype(np.uint8), np.full(colour.shape[:2], 255, np.uint8)))


def _soft(steps: Array | NDArray[np.bool_], width: int) -> Array:
    """The same with its steps spread over so many pixels."""
    out = steps.astype(float)
    for axis in (0, 1):
        out = np.asarray(sum(np.roll(out, k - width // 2, axis) for k in range(width))) / width
    return out


def _grey(value: Array) -> Picture:
    levels = np.clip(np.rint(value * 255), 0, 255).astype(np.uint8)
    return np.dstack((levels, levels, levels, np.full_like(levels, 255)))


@cache
def _concrete() -> Made:
    n = SIZE
    rough = 0.5 * _noise(n, (6, 6), 1) + 0.3 * _noise(n, (24, 24), 2) + 0.25 * _noise(n, (128, 128), 3)
    return Made(_grey(0.93 + 0.06 * rough))


@cache
def _plaster() -> Made:
    n = SIZE
    return Made(_grey(0.97 + 0.02 * _noise(n, (12, 12), 4) + 0.02 * _noise(n, (256, 256), 5)))


@cache
def _wood() -> Made:
    """Eight boards side by side, running along u; each with its own tone and grain."""
    n, boards = SIZE, 8
    rng = np.random.default_rng(6)
    row = np.arange(n) * boards // n
    tone = rng.uniform(0.80, 1.0, boards)[row][:, None]
    grain = 0.6 * _noise(n, (128, 3), 7) + 0.4 * _noise(n, (256, 12), 8)
    value = tone + 0.07 * grain
    seams = rng.uniform(0.0, 1.0, boards)
    within = (np.arange(n) * boards % n) / n
    seam = np.zeros((n, n))
    seam[within < 0.03] = 1.0
    value[within < 0.03] *= 0.62
    for board in range(boards):  # one joint across each board
        at = int(seams[board] * n)
        rows = np.flatnonzero(row == board)
        value[rows[:, None], [(at) % n, (at + 1) % n]] *= 0.65
        seam[rows[:, None], [(at) % n, (at + 1) % n]] = 1.0
    height = 0.0002 * grain - 0.0012 * _soft(seam, 3)
    return Made(_grey(np.clip(value, 0.0, 1.0)), _bumps(height, _BOARDS_M), _gloss(0.82 + 0.12 * grain + seam))


@cache
def _tile() -> Made:
    n, tiles = SIZE, 4
    at = np.arange(n) * tiles
    joint = (at % n) / n < 0.025
    rng = np.random.default_rng(9)
    tone = rng.uniform(0.93, 1.0, (tiles, tiles))[(at // n)[:, None], (at // n)[None, :]]
    value = tone + 0.015 * _noise(n, (48, 48), 10)
    joints = joint[:, None] | joint[None, :]
    value[joints] = 0.62
    # Each tile lies a little askew, so that not all mirror the same.
    askew = rng.normal(0.0, 0.004, (2, tiles, tiles))[:, (at // n)[:, None], (at // n)[None, :]]
    within = (at % n) / n * _TILES_M / tiles
    height = askew[0] * within[None, :] + askew[1] * within[:, None] - 0.002 * _soft(joints, 3)
    return Made(_grey(value), _bumps(height, _TILES_M), _gloss(np.where(joints, 1.0, 0.75)))


@cache
def _brick() -> Made:
    """Running bond: 16 courses of 4 bricks."""
    n, courses, across = SIZE, 16, 4
    y = np.arange(n) * courses
    course = y // n
    x = np.arange(n)[None, :] * across + (course % 2)[:, None] * n // 2
    rng = np.random.default_rng(11)
    tone = rng.uniform(0.78, 1.0, (courses, across))[course[:, None], (x // n) % across]
    value = tone + 0.06 * _noise(n, (96, 96), 12)
    mortar = ((y % n) / n < 0.14)[:, None] | ((x % n) / n < 0.045)
    height = 0.004 * _soft(~mortar, 5) + 0.0012 * _noise(n, (96, 96), 12) + 0.0006 * _noise(n, (256, 256), 22)
    return Made(_grey(np.where(mortar, 1.0, value)), _bumps(height, _BRICKS_M))


@cache
def _cloth() -> Made:
    n = SIZE
    rng = np.random.default_rng(13)
    fine = rng.uniform(-1.0, 1.0, (n, n))
    return Made(_grey(0.88 + 0.07 * fine + 0.05 * _noise(n, (64, 64), 14) + 0.03 * _noise(n, (6, 6), 15)))


@cache
def _rubber() -> Made:
    n = SIZE
    rng = np.random.default_rng(16)
    specks = np.where(rng.uniform(0, 1, (n, n)) > 0.985, 0.25, 0.0)
    return Made(_grey(0.75 + specks + 0.08 * _noise(n, (64, 64), 17) + 0.05 * _noise(n, (8, 8), 18)))


@cache
def _steel() -> Made:
    n = SIZE
    return Made(_grey(0.92 + 0.05 * _noise(n, (256, 4), 19) + 0.03 * _noise(n, (8, 8), 20)))


_BOARDS_M, _TILES_M, _BRICKS_M = 1.2, 1.2, 1.0

GRAINS = {
    "concrete": Grain(_concrete, 2.5),
    "plasterboard": Grain(_plaster, 1.5),
    "wood": Grain(_wood, _BOARDS_M),
    "tile": Grain(_tile, _TILES_M),
    "brick": Grain(_brick, _BRICKS_M),
    "carpet": Grain(_cloth, 0.8),
    "fabric": Grain(_cloth, 0.5),
    "sand": Grain(_concrete, 1.2),
    "rubber": Grain(_rubber, 0.8),
    "steel": Grain(_steel, 1.0),
    "cardboard": Grain(_plaster, 0.6),
}
"""Of a material, by its name."""
