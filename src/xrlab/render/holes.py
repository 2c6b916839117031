"""What a bullet leaves in each material, painted once: small pictures of craters, holes, splashes and cracks.

Each picture is square, the hole in its middle. Its four numbers are no colour but what the shader of marks takes:
how bright the laid-open material is (of `BRIGHTEST` times its colour), the slope of the surface right and up, and how
much of the surface below is covered.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array

SIZE = 128
VARIANTS = 3
BRIGHTEST = 1.5
"""A brightness of 1 in a picture means so many times the material's colour."""


@dataclass(frozen=True)
class Look:
    """How marks in a material look.

    picture: name of one of the pictures. radius: of the picture (m) for a bullet of 9 mm with 500 J. by_energy:
    whether that grows with the cube root of the energy (what breaks) or with the calibre (what is pierced).
    color: sRGB of the laid-open material. own: where that is of one colour through and through, so many times the
    colour of its surface is taken instead; 0 for `color`. roughness: as glTF defines.
    """

    picture: str
    radius: float
    by_energy: bool
    color: tuple[float, float, float]
    own: float = 0.0
    roughness: float = 0.95


_GREY, _RED, _WHITE, _SAND = (0.74, 0.73, 0.71), (0.74, 0.45, 0.34), (0.93, 0.92, 0.89), (0.62, 0.54, 0.41)
_CRACKS = Look("cracks", 0.120, True, (0.90, 0.95, 0.96), roughness=0.3)
_PAPER, _CARD = Look("paper", 0.0145, False, (0.55, 0.54, 0.52)), Look("paper", 0.0145, False, (0.45, 0.36, 0.26))
_LOOKS: dict[str, tuple[Look, Look]] = {
    # where a bullet went in, where it came out
    "concrete": (Look("crater", 0.050, True, _GREY, 1.5), Look("spall", 0.075, True, _GREY, 1.5)),
    "brick": (Look("crater", 0.045, True, _RED, 1.7), Look("spall", 0.070, True, _RED, 1.7)),
    "tile": (Look("shatter", 0.075, True, (0.86, 0.84, 0.80)), Look("spall", 0.060, True, (0.72, 0.62, 0.52))),
    "plasterboard": (Look("board", 0.026, False, _WHITE), Look("burst", 0.050, False, _WHITE)),
    "wood": (Look("bore", 0.026, False, (0.80, 0.64, 0.43)), Look("splinters", 0.055, False, (0.84, 0.70, 0.48))),
    "steel": (
        Look("punched", 0.024, False, (0.70, 0.71, 0.73), roughness=0.4),
        Look("petals", 0.030, False, (0.72, 0.73, 0.75), roughness=0.35),
    ),
    "glass": (_CRACKS, _CRACKS),
    "armoured_glass": (
        Look("star", 0.080, True, (0.92, 0.96, 0.96), roughness=0.3),
        Look("star", 0.100, True, (0.92, 0.96, 0.96), roughness=0.3),
    ),
    "paper": (_PAPER, Look("torn", 0.0200, False, (0.94, 0.93, 0.90))),
    "cardboard": (_CARD, Look("torn", 0.0230, False, (0.78, 0.65, 0.47))),
    "fabric": (Look("frayed", 0.0150, False, (0.50, 0.50, 0.52)), Look("frayed", 0.0190, False, (0.58, 0.58, 0.60))),
    "rubber": (Look("dimple", 0.014, False, (0.24, 0.24, 0.25)), Look("torn", 0.020, False, (0.22, 0.22, 0.23))),
    "sand": (Look("scoop", 0.060, True, _SAND, 0.85), Look("scoop", 0.060, True, _SAND, 0.85)),
}
_STOPPED = {"steel": Look("splash", 0.050, True, (0.66, 0.67, 0.69), roughness=0.45)}
"""Where a bullet that stays leaves another mark than one that goes in."""
_LIKE = {"curtain": "fabric", "carpet": "fabric", "railing": "steel"}
_NONE = ("flesh", "leaves")
WAYS = ("stopped", "entered", "left")


def look(material: str, way: str) -> Look | None:
    """How a mark in this material looks where a bullet stopped, entered or left; None where it leaves none."""
    if material in _NONE:
        return None
    name = _LIKE.get(material, material)
    if way == "stopped" and name in _STOPPED:
        return _STOPPED[name]
    return _LOOKS.get(name, _LOOKS["concrete"])[way == "left"]


def radius(of: Look, calibre: float, energy: float) -> float:
    """Radius (m) of the picture of a mark, for the bullet's diameter (m) and energy (J) when it came."""
    grown = (energy / 500.0) ** (1 / 3) if of.by_energy else calibre / 0.009
    return of.radius * min(max(grown, 0.45), 2.2)


def layer(picture: str, variant: int) -> int:
    """Number of a picture in `pictures`."""
    return list(_PAINTERS).index(picture) * VARIANTS + variant % VARIANTS


@cache
def pictures() -> NDArray[np.uint8]:
    """All pictures (n, SIZE, SIZE, 4), linear, the lower row first."""
    out = np.empty((len(_PAINTERS) * VARIANTS, SIZE, SIZE, 4), np.uint8)
    for number, name in enumerate(_PAINTERS):
        for variant in range(VARIANTS):
            paint = _Paint(1000 * number + variant)
            shade, height, cover = _PAINTERS[name](paint)
            up, right = np.gradient(height, 2.0 / SIZE)
            # Nothing at the rim, so that a picture ends before its edge does.
            cover = cover * _step(1.0, 0.90, paint.r)
            parts = (shade / BRIGHTEST, 0.5 - right / 4, 0.5 - up / 4, cover)
            out[number * VARIANTS + variant] = np.rint(np.clip(np.stack(parts, axis=-1), 0.0, 1.0) * 255)
    return out


Painted = tuple[Array, Array, Array]
"""Brightness (1: the material's colour), height and cover 0..1 of a picture, (SIZE, SIZE) each."""


def _step(low: float, high: float, x: Array) -> Array:
    """From 0 at `low` smoothly to 1 at `high`, which may be the smaller one."""
    f = np.clip((x - low) / (high - low), 0.0, 1.0)
    return f * f * (3 - 2 * f)


class _Paint:
    """A place to paint: distances and turns from the middle, and noise of its own."""

    def __init__(self, seed: int) -> None:
        self.luck = np.random.default_rng(seed)
        side = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
        self.x, self.y = np.meshgrid(side, side)
        self.r = np.hypot(self.x, self.y)
        self.turn = np.arctan2(self.y, self.x)

    def noise(self, cells: int) -> Array:
        """Smooth noise, -1..1, with so many bumps from side to side."""
        knots = self.luck.uniform(-1, 1, (cells + 2, cells + 2))
        at = (np.arange(SIZE) + 0.5) / SIZE * cells
        whole = at.astype(int)
        f = at - whole
        f = f * f * (3 - 2 * f)
        rows = knots[whole] * (1 - f)[:, None] + knots[whole + 1] * f[:, None]
        return np.asarray(rows[:, whole] * (1 - f) + rows[:, whole + 1] * f)

    def ragged(self, corners: int, by: float) -> Array:
        """Distance from the middle, as it counts for a ragged edge: straight pieces between `corners` corners."""
        sizes = 1 + self.luck.uniform(-by, by, corners)
        at = (self.turn / (2 * math.pi) % 1.0) * corners
        whole = at.astype(int)
        f = at - whole
        return np.asarray(self.r / (sizes[whole % corners] * (1 - f) + sizes[(whole + 1) % corners] * f))

    def rays(self, many: int, longest: float, thick: float, curl: float = 0.12) -> Array:
        """Thin cracks from the middle outwards, 0..1: `many` of them, up to `longest` long."""
        out = np.zeros_like(self.r)
        for i in range(many):
            way = (i + self.luck.uniform(-0.35, 0.35)) / many * 2 * math.pi
            bend = self.luck.uniform(-curl, curl)
            long = longest * self.luck.uniform(0.45, 1.0)
            off = (self.turn - way - bend * self.r + math.pi) % (2 * math.pi) - math.pi
            across = np.abs(off) * self.r
            width = thick * np.clip(1.2 - self.r / long, 0.0, 1.0)
            ahead = (np.abs(off) < 0.6) & (self.r < long)
            out = np.maximum(out, np.where(ahead, np.clip((width - across) / (0.6 / SIZE) + 0.5, 0, 1), 0.0))
        return out


def _crater(p: _Paint) -> Painted:
    """Stone: a cone broken out, its sides pale and rough, a dark middle, dust about it."""
    edge = p.ragged(13, 0.22) + 0.05 * p.noise(12)
    inside = _step(0.66, 0.60, edge)
    dust = _step(1.0, 0.55, p.r + 0.10 * p.noise(5)) * 0.30
    height = -0.5 * _step(0.64, 0.05, edge) + 0.05 * p.noise(24) * inside
    shade = 1.02 + 0.10 * p.noise(20) - 0.35 * _step(0.45, 0.20, edge) - 0.66 * _step(0.26, 0.14, edge)
    return np.where(inside > 0.02, shade, 1.05), height, np.maximum(inside, dust)


def _spall(p: _Paint) -> Painted:
    """Stone where the bullet came out: wide, shallow, broken in flat pieces about a dark hole."""
    edge = p.ragged(9, 0.30) + 0.06 * p.noise(9)
    inside = _step(0.70, 0.66, edge)
    height = -0.35 * _step(0.70, 0.40, edge) - 0.3 * _step(0.35, 0.1, edge) + 0.06 * p.noise(14) * inside
    shade = 0.92 + 0.14 * p.noise(11) - 0.88 * _step(0.24, 0.14, edge)
    return shade, height, inside


def _shatter(p: _Paint) -> Painted:
    """Glazed tile: a chip out of the glaze with sharp edges, a dark hole, long cracks."""
    edge = p.ragged(8, 0.35)
    chip = _step(0.36, 0.34, edge)
    cracks = p.rays(7, 0.95, 0.012, 0.5)
    hole = _step(0.15, 0.11, p.ragged(9, 0.2))
    shade = np.where(chip > 0.02, 0.88 + 0.10 * p.noise(20) - 0.85 * hole, 0.22)
    return shade, -0.35 * _step(0.38, 0.10, edge), np.maximum(chip, 0.75 * cracks)


def _board(p: _Paint) -> Painted:
    """Plasterboard: a neat hole, the paper torn a little about it, white gypsum at its rim."""
    edge = p.ragged(11, 0.16)
    hole = _step(0.21, 0.17, p.ragged(14, 0.10))
    torn = _step(0.42, 0.36, edge)
    dust = _step(0.85, 0.35, p.r + 0.08 * p.noise(6)) * 0.25
    return 1.05 - 1.03 * hole + 0.05 * p.noise(16), -0.25 * _step(0.42, 0.2, edge), np.maximum(torn, dust)


def _burst(p: _Paint) -> Painted:
    """Plasterboard from behind: paper thrown open in flaps about crumbled gypsum."""
    edge = p.ragged(9, 0.28)
    inside = _step(0.70, 0.66, edge + 0.03 * p.noise(16))
    flaps = 0.16 * np.cos(7 * p.turn) * _step(0.2, 0.6, p.r)
    hole = _step(0.24, 0.12, p.ragged(9, 0.25))
    shade = 1.02 + 0.12 * p.noise(18) - 1.0 * hole - 0.25 * _step(0.62, 0.69, edge)
    return shade, flaps + 0.08 * p.noise(18) - 0.4 * hole, inside


def _grain(p: _Paint) -> Array:
    """Noise drawn out along the height of the picture, as wood splits; -1..1."""
    knots = p.luck.uniform(-1, 1, 40)
    at = (p.x + 0.05 * p.noise(3) + 1) / 2 * 37
    whole = np.clip(at.astype(int), 0, 38)
    f = at - whole
    return np.asarray(knots[whole] * (1 - f) + knots[whole + 1] * f)


def _bore(p: _Paint) -> Painted:
    """Wood where the bullet went in: a hole that has half closed, dark, with a pale frayed rim along the grain."""
    grain = _grain(p)
    edge = np.hypot(p.x * 1.15, p.y * 0.80) + 0.05 * grain
    hole = _step(0.19, 0.14, edge)
    frayed = _step(0.48, 0.26, edge + 0.14 * grain)
    return 1.0 + 0.20 * grain - 1.0 * hole, -0.4 * _step(0.30, 0.10, edge) + 0.04 * grain, np.maximum(frayed, hole)


def _splinters(p: _Paint) -> Painted:
    """Wood where the bullet came out: long pale splinters torn out along the grain about a dark hole."""
    grain = _grain(p)
    edge = np.hypot(p.x * 1.75, p.y * 0.85) + 0.20 * grain
    inside = _step(0.74, 0.66, edge)
    hole = _step(0.24, 0.14, np.hypot(p.x * 1.3, p.y * 0.8) + 0.07 * grain)
    dark = 0.45 * _step(0.25, 0.75, np.abs(grain))
    return 1.05 + 0.22 * grain - dark - 0.9 * hole, 0.10 * grain - 0.3 * _step(0.5, 0.1, edge), inside


def _splash(p: _Paint) -> Painted:
    """Hard steel: paint blown off to bright metal, grey lead smeared outwards in rays, no hole."""
    bare = _step(0.30, 0.24, p.ragged(15, 0.12))
    spokes = 0.5 + 0.5 * np.cos(p.turn * 17 + 3 * p.noise(4)) * np.cos(p.turn * 6 + 1.0)
    lead = _step(0.95, 0.28, p.r * (1.25 - 0.45 * spokes)) * 0.75
    shade = 0.42 + 0.12 * p.noise(10) + (0.85 + 0.1 * p.noise(24)) * bare - 0.25 * _step(0.30, 0.36, p.r) * bare
    return shade, -0.12 * _step(0.28, 0.0, p.r), np.maximum(bare, lead)


def _punched(p: _Paint) -> Painted:
    """Thin sheet where the bullet went in: a round hole, a bright rim, the paint cracked off about it."""
    hole = _step(0.24, 0.20, p.r)
    rim = _step(0.40, 0.34, p.ragged(11, 0.12))
    return 1.1 - 1.1 * hole - 0.25 * _step(0.28, 0.40, p.r), -0.5 * _step(0.42, 0.18, p.r), np.maximum(rim, hole)


def _petals(p: _Paint) -> Painted:
    """Thin sheet where the bullet came out: bright petals bent outwards about the hole."""
    lobes = 0.5 + 0.5 * np.cos(6 * p.turn + p.luck.uniform(0, 6) + 1.2 * p.noise(3))
    edge = p.r * (1.20 - 0.35 * lobes) + 0.04 * p.noise(9)
    hole = _step(0.24, 0.20, p.ragged(6, 0.15))
    petals = _step(0.46, 0.42, edge)
    return 0.85 + 0.4 * lobes - 1.2 * hole, 0.5 * _step(0.5, 0.25, edge) * lobes, np.maximum(petals, hole)


def _cracks(p: _Paint) -> Painted:
    """Window glass: a small hole in a white bruise, cracks outwards and rings of them between."""
    long = p.rays(13, 0.98, 0.012, 0.35)
    rings = np.zeros_like(p.r)
    for at in (0.20, 0.34, 0.52):
        edge = p.ragged(13, 0.14)
        some = p.noise(5) > -0.15
        rings = np.maximum(rings, np.clip((0.008 - np.abs(edge - at)) / 0.008, 0, 1) * some)
    hole = _step(0.055, 0.035, p.ragged(9, 0.2))
    bruise = _step(0.17, 0.05, p.ragged(15, 0.25) + 0.03 * p.noise(24)) * 0.80
    cover = np.maximum.reduce([bruise, 0.75 * long, 0.5 * rings, hole])
    return 1.15 + 0.2 * p.noise(24) - 1.2 * hole, 0.06 * p.noise(30), cover


def _star(p: _Paint) -> Painted:
    """Armoured glass that held: crushed white in the middle, short cracks about it."""
    bruise = _step(0.36, 0.18, p.ragged(17, 0.30) + 0.06 * p.noise(24))
    halo = _step(0.75, 0.25, p.r + 0.1 * p.noise(6)) * 0.35
    cracks = p.rays(21, 0.9, 0.014, 0.5)
    return 1.1 + 0.25 * p.noise(28), 0.10 * p.noise(26), np.maximum.reduce([bruise, halo, 0.7 * cracks])


def _paper(p: _Paint) -> Painted:
    """Paper: a clean hole a little smaller than the bullet, its rim grey with lead and soot."""
    edge = p.ragged(17, 0.05)
    hole = _step(0.29, 0.25, edge)
    rim = _step(0.37, 0.33, p.r)
    soot = _step(0.62, 0.30, p.r + 0.05 * p.noise(9)) * 0.35
    return 0.42 - 0.40 * hole + 0.06 * p.noise(20), 0.0 * p.r, np.maximum(rim, soot)


def _torn(p: _Paint) -> Painted:
    """Paper from behind: small flaps torn open outwards about the hole."""
    lobes = 0.5 + 0.5 * np.cos(4 * p.turn + p.luck.uniform(0, 6) + 2.2 * p.noise(4))
    edge = p.r * (1.20 - 0.35 * lobes) + 0.07 * p.noise(14)
    hole = _step(0.24, 0.18, p.ragged(10, 0.25))
    flaps = _step(0.46, 0.40, edge)
    return 0.95 + 0.20 * lobes - 1.1 * hole, 0.35 * _step(0.5, 0.2, edge), np.maximum(flaps, hole)


def _frayed(p: _Paint) -> Painted:
    """Cloth: a small dark hole with threads about it."""
    hole = _step(0.24, 0.16, p.ragged(19, 0.30))
    threads = p.rays(17, 0.55, 0.035, 0.9) * 0.8
    ring = _step(0.42, 0.26, p.r + 0.08 * p.noise(12)) * 0.6
    return 0.75 + 0.3 * threads - 0.75 * hole, -0.2 * _step(0.4, 0.1, p.r), np.maximum.reduce([hole, threads, ring])


def _dimple(p: _Paint) -> Painted:
    """Rubber: it closes behind the bullet; a small dark star is left."""
    star = p.rays(5, 0.42, 0.06, 0.4)
    ring = _step(0.55, 0.25, p.r) * 0.5
    middle = _step(0.16, 0.08, p.r)
    return 0.7 - 0.65 * np.maximum(star, middle), -0.3 * _step(0.4, 0.0, p.r), np.maximum.reduce([star, middle, ring])


def _scoop(p: _Paint) -> Painted:
    """Sand and earth: a hollow with soft sides, darker where it is fresh, thrown out about it."""
    edge = p.ragged(9, 0.12) + 0.06 * p.noise(8)
    inside = _step(0.85, 0.55, edge)
    height = -0.45 * _step(0.6, 0.0, edge) + 0.12 * np.exp(-((edge - 0.62) ** 2) / 0.01) + 0.04 * p.noise(28)
    return 0.86 - 0.45 * _step(0.35, 0.0, edge) + 0.10 * p.noise(28), height, inside * 0.9


_PAINTERS: dict[str, Callable[[_Paint], Painted]] = {
    "crater": _crater, "spall": _spall, "shatter": _shatter, "board": _board, "burst": _burst, "bore": _bore,
    "splinters": _splinters, "splash": _splash, "punched": _punched, "petals": _petals, "cracks": _cracks,
    "star": _star, "paper": _paper, "torn": _torn, "frayed": _frayed, "dimple": _dimple, "scoop": _scoop,
}  # fmt: skip
