"""What people hold, in true size. Frame of a thing: origin in the fist that holds it, x the way it points, z up."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render.shapes3d import GLOWING, Solid, box, fixed, join, loft, tube

_GUN = fixed(0.10, 0.10, 0.11)
_STEEL = fixed(0.26, 0.26, 0.28)
_GRIP = fixed(0.055, 0.055, 0.06)


def _tilted(angle: float) -> Array:
    """Turned about y so that what points along x points downwards by `angle` (rad)."""
    c, s = math.cos(angle), math.sin(angle)
    out = np.eye(4)
    out[0, 0], out[0, 2], out[2, 0], out[2, 2] = c, s, -s, c
    return out


@cache
def handgun() -> Solid:
    """A service pistol, 20 cm long."""
    return join(
        box(0.100, 0.0145, 0.016, _STEEL).at(0.070, 0, 0.062),  # slide
        box(0.085, 0.0125, 0.012, _GUN).at(0.070, 0, 0.038),  # frame
        box(0.019, 0.0150, 0.058, _GRIP).moved(_tilted(-0.25)).at(-0.006, 0, -0.018),
        box(0.003, 0.005, 0.016, _GUN).at(0.062, 0, 0.012),  # trigger guard
        box(0.022, 0.005, 0.003, _GUN).at(0.042, 0, -0.004),
        tube((0.165, 0, 0.062), (0.176, 0, 0.062), 0.009, _GRIP),
        box(0.003, 0.003, 0.005, _GUN).at(0.162, 0, 0.082),
        box(0.004, 0.008, 0.005, _GUN).at(-0.022, 0, 0.082),
    )


@cache
def long_gun() -> Solid:
    """A carbine with an extended stock, magazine and optic, 85 cm long."""
    return join(
        box(0.145, 0.021, 0.034, _GUN).at(0.085, 0, 0.055),  # receiver
        box(0.130, 0.024, 0.026, _GRIP).at(0.350, 0, 0.062),  # handguard
        tube((0.47, 0, 0.062), (0.60, 0, 0.062), 0.010, _GUN),  # barrel
        tube((0.57, 0, 0.062), (0.62, 0, 0.062), 0.014, _STEEL),
        box(0.018, 0.016, 0.052, _GRIP).moved(_tilted(-0.3)).at(-0.006, 0, -0.018),
        box(0.030, 0.014, 0.085, _STEEL).moved(_tilted(0.22)).at(0.125, 0, -0.045),  # magazine
        tube((-0.05, 0, 0.058), (-0.22, 0, 0.058), 0.016, _GUN),  # stock
        box(0.035, 0.019, 0.062, _GRIP).at(-0.215, 0, 0.030),
        box(0.070, 0.008, 0.006, _STEEL).at(0.10, 0, 0.095),
        *_optic(),
        box(0.006, 0.004, 0.016, _GUN).at(0.455, 0, 0.10),
    )


def _optic() -> list[Solid]:
    """A red-dot sight: a frame that one looks through, its dot in the middle, 12.2 cm over the fist."""
    return [
        box(0.028, 0.020, 0.003, _GRIP).at(0.09, 0, 0.103),
        box(0.020, 0.020, 0.002, _GRIP).at(0.09, 0, 0.141),
        box(0.020, 0.002, 0.020, _GRIP).at(0.09, 0.018, 0.122),
        box(0.020, 0.002, 0.020, _GRIP).at(0.09, -0.018, 0.122),
        box(0.0005, 0.0006, 0.0006, (1.0, 0.08, 0.05, GLOWING)).at(0.09, 0, 0.122),
    ]


@cache
def knife() -> Solid:
    """A kitchen knife with a bright blade, 30 cm long."""
    blade = fixed(0.86, 0.88, 0.90)
    return join(
        loft([(-0.060, 0, 0, 0.013, 0.010, _GRIP), (0.055, 0, 0, 0.015, 0.011, _GRIP)], 8).moved(_along_x()),
        box(0.075, 0.0020, 0.018, blade).at(0.130, 0, 0.0),
        loft([(0.0, 0, 0, 0.018, 0.002, blade), (0.05, 0.014, 0, 0.002, 0.001, blade)], 6)
        .moved(_along_x()).at(0.205, 0, 0.0),
    )  # fmt: skip


def _along_x() -> Array:
    """What stands along z comes to lie along x; its x points down."""
    return np.array([[0.0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])


@cache
def phone() -> Solid:
    """A mobile phone in a light case, 16 cm by 7.5 cm; its screen is lit and looks back along -x, at its owner."""
    body, screen = fixed(0.74, 0.75, 0.78), (0.55, 0.78, 1.0, GLOWING)
    camera = fixed(0.04, 0.04, 0.05)
    return join(
        box(0.0048, 0.038, 0.080, body).at(0.025, 0, 0.055),
        box(0.0004, 0.034, 0.073, screen).at(0.0198, 0, 0.055),
        box(0.0012, 0.012, 0.014, camera).at(0.030, 0.020, 0.115),
    )


@cache
def wallet() -> Solid:
    """An open brown wallet with a card showing, 11 cm high and 18 cm across."""
    leather, card, note = fixed(0.46, 0.26, 0.13), fixed(0.85, 0.86, 0.80), fixed(0.55, 0.68, 0.50)

    def half(side: float) -> Solid:
        turned = np.eye(4)
        c, s = math.cos(0.45 * side), math.sin(0.45 * side)
        turned[:2, :2] = ((c, -s), (s, c))
        flap = join(
            box(0.006, 0.045, 0.052, leather),
            box(0.0005, 0.034, 0.020, card if side > 0 else note).at(0.0068, 0, 0.012),
            box(0.0005, 0.034, 0.020, card if side > 0 else note).at(-0.0068, 0, 0.012),
        )
        return flap.at(0.0, 0.045 * side, 0.0).moved(turned)

    return join(half(1.0), half(-1.0)).at(0.030, 0.0, 0.045)


@cache
def torch() -> Solid:
    """A hand torch, lit, 16 cm long."""
    lens = (1.0, 0.97, 0.85, GLOWING)
    return join(
        tube((-0.06, 0, 0), (0.07, 0, 0), 0.014, _GUN, 10),
        tube((0.07, 0, 0), (0.105, 0, 0), 0.021, _STEEL, 10),
        tube((0.1051, 0, 0), (0.107, 0, 0), 0.018, lens, 10),
    )


@cache
def conducted_energy() -> Solid:
    """A conducted-energy device, 16 cm long: yellow, with a dark cartridge at its mouth."""
    yellow, dark = fixed(0.98, 0.80, 0.05), fixed(0.09, 0.09, 0.10)
    return join(
        box(0.062, 0.0175, 0.024, yellow).at(0.045, 0, 0.048),
        box(0.022, 0.0160, 0.020, dark).at(0.128, 0, 0.048),  # cartridge
        box(0.002, 0.0100, 0.003, yellow).at(0.151, 0, 0.056),  # doors of the probes
        box(0.002, 0.0100, 0.003, yellow).at(0.151, 0, 0.040),
        box(0.018, 0.0155, 0.050, yellow).moved(_tilted(-0.22)).at(-0.004, 0, -0.014),
        box(0.020, 0.0160, 0.012, dark).moved(_tilted(-0.22)).at(-0.016, 0, -0.058),  # battery
        box(0.003, 0.005, 0.014, dark).at(0.048, 0, 0.012),  # trigger guard
        box(0.018, 0.005, 0.003, dark).at(0.032, 0, -0.002),
        box(0.003, 0.004, 0.004, dark).at(0.095, 0, 0.076),
        box(0.003, 0.008, 0.004, dark).at(-0.012, 0, 0.076),
    )


@cache
def spray() -> Solid:
    """An irritant spray for the belt: a black can with a red head, 17 cm high."""
    can, head, band = fixed(0.10, 0.10, 0.11), fixed(0.75, 0.10, 0.07), fixed(0.92, 0.90, 0.85)
    return join(
        tube((0.012, 0, -0.055), (0.012, 0, 0.070), 0.019, can, 12),
        tube((0.012, 0, 0.005), (0.012, 0, 0.030), 0.0195, band, 12),
        tube((0.012, 0, 0.070), (0.012, 0, 0.092), 0.017, head, 12),
        box(0.014, 0.008, 0.006, head).at(0.024, 0, 0.088),
    )


@cache
def baton() -> Solid:
    """A telescopic baton, drawn out, 53 cm long."""
    steel = fixed(0.16, 0.16, 0.18)
    return join(
        tube((-0.060, 0, 0), (0.100, 0, 0), 0.0155, _GRIP, 10),
        tube((0.100, 0, 0), (0.285, 0, 0), 0.0115, steel, 10),
        tube((0.285, 0, 0), (0.455, 0, 0), 0.0085, steel, 10),
        tube((0.455, 0, 0), (0.470, 0, 0), 0.0115, steel, 10),
    )


@cache
def small_object() -> Solid:
    """Something small and dark that has no shape of its own here."""
    return box(0.04, 0.025, 0.035, fixed(0.2, 0.2, 0.22)).at(0.03, 0, 0.02)
