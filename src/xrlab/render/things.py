"""What people hold, in true size. Frame of a thing: origin in the fist that holds it, x the way it points, z up."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render.shapes3d import GLOWING, Solid, Tint, box, faceted, fixed, join, loft, tube

_GUN = fixed(0.085, 0.085, 0.092)
_STEEL = fixed(0.22, 0.22, 0.235)
_GRIP = fixed(0.050, 0.050, 0.055)
_BORE = fixed(0.012, 0.012, 0.012)


def _tilted(angle: float) -> Array:
    """Turned about y so that what points along x points downwards by `angle` (rad)."""
    c, s = math.cos(angle), math.sin(angle)
    out = np.eye(4)
    out[0, 0], out[0, 2], out[2, 0], out[2, 2] = c, s, -s, c
    return out


def _bar(tint: Tint, *sections: tuple[float, float, float, float, float]) -> Solid:
    """A bar along x with cut edges. sections: x, half width, lower and upper z, how much is cut off the edges."""
    rings = []
    for x, wide, low, high, cut in sections:
        around = ((wide, low + cut), (wide, high - cut), (wide - cut, high), (cut - wide, high),
                  (-wide, high - cut), (-wide, low + cut), (cut - wide, low), (wide - cut, low))  # fmt: skip
        rings.append([(x, y, z) for y, z in around])
    points = np.array([rings[0], *rings, rings[-1]])
    points[0], points[-1] = points[0].mean(axis=0), points[-1].mean(axis=0)
    # Each side for itself, so that its edges are sharp.
    return faceted(points, tint)


def _loop(points: list[tuple[float, float]], thick: float, tint: Tint) -> list[Solid]:
    """A bent bar through points (x, z) in the middle plane, as a trigger guard is."""
    return [tube((x0, 0, z0), (x1, 0, z1), thick, tint, 5) for (x0, z0), (x1, z1) in itertools.pairwise(points)]


@cache
def handgun() -> Solid:
    """A service pistol of plastic and steel, 19 cm long."""
    slide = _bar(_GUN, (-0.030, 0.0115, 0.046, 0.076, 0.003), (-0.026, 0.0130, 0.044, 0.078, 0.004),
                 (0.150, 0.0130, 0.044, 0.078, 0.004), (0.158, 0.0115, 0.046, 0.075, 0.004))  # fmt: skip
    frame = _bar(_GRIP, (-0.026, 0.0125, 0.026, 0.046, 0.003), (0.070, 0.0125, 0.026, 0.046, 0.003),
                 (0.090, 0.0125, 0.030, 0.046, 0.003), (0.146, 0.0120, 0.032, 0.046, 0.003))  # fmt: skip
    grip = loft([(-0.060, 0.004, 0, 0.0265, 0.0150, _GRIP), (-0.052, 0.0, 0, 0.0245, 0.0145, _GRIP),
                 (-0.020, 0.001, 0, 0.0225, 0.0148, _GRIP), (0.020, 0.0, 0, 0.0235, 0.0150, _GRIP),
                 (0.044, -0.002, 0, 0.0240, 0.0130, _GRIP)], 10, 3.0)  # fmt: skip
    groove = box(0.0009, 0.0133, 0.013, fixed(0.045, 0.045, 0.05))
    serrations = [groove.at(-0.022 + 0.0042 * k, 0, 0.061) for k in range(6)]
    guard = [(0.020, 0.030), (0.024, 0.008), (0.034, 0.001), (0.052, 0.001), (0.064, 0.010), (0.068, 0.030)]
    return join(
        slide, frame, grip.moved(_tilted(-0.24)).at(-0.004, 0, -0.006), *serrations,
        box(0.017, 0.0020, 0.005, _STEEL).at(0.062, -0.0120, 0.0715),  # ejection port
        *_loop(guard, 0.003, _GRIP),
        *_loop([(0.040, 0.030), (0.043, 0.018), (0.048, 0.010)], 0.0028, _GUN),  # trigger
        box(0.006, 0.0140, 0.0045, _GUN).at(0.020, 0, 0.042),  # slide stop
        tube((0.150, 0, 0.062), (0.1605, 0, 0.062), 0.0078, _STEEL, 10),
        tube((0.1600, 0, 0.062), (0.1612, 0, 0.062), 0.0050, _BORE, 8),
        box(0.0030, 0.0022, 0.0045, _GUN).at(0.150, 0, 0.0820),
        *(box(0.0035, 0.0028, 0.0045, _GUN).at(-0.022, y, 0.0815) for y in (-0.0065, 0.0065)),
    )  # fmt: skip


@cache
def long_gun() -> Solid:
    """A carbine with an extended stock, magazine and optic, 85 cm long."""
    upper = _bar(_GUN, (-0.058, 0.0150, 0.045, 0.080, 0.008), (-0.045, 0.0190, 0.040, 0.086, 0.008),
                 (0.205, 0.0190, 0.040, 0.086, 0.008), (0.215, 0.0170, 0.042, 0.084, 0.008))  # fmt: skip
    lower = _bar(_GRIP, (-0.046, 0.0120, 0.018, 0.044, 0.004), (0.070, 0.0130, 0.014, 0.044, 0.004),
                 (0.088, 0.0150, -0.004, 0.044, 0.004), (0.152, 0.0150, -0.006, 0.044, 0.004),
                 (0.160, 0.0130, 0.020, 0.044, 0.004))  # fmt: skip
    guard = _bar(_GRIP, (0.215, 0.0200, 0.040, 0.084, 0.011), (0.225, 0.0225, 0.037, 0.087, 0.012),
                 (0.462, 0.0215, 0.038, 0.086, 0.012), (0.470, 0.0190, 0.042, 0.083, 0.010))  # fmt: skip
    slots = [box(0.012, 0.0232, 0.004, _BORE).at(0.262 + 0.045 * k, 0, 0.062) for k in range(5)]
    rail = [box(0.0032, 0.0105, 0.0032, _GRIP).at(-0.030 + 0.0135 * k, 0, 0.0892) for k in range(36)]
    grip = loft([(-0.066, 0.004, 0, 0.0190, 0.0135, _GRIP), (-0.050, 0.0, 0, 0.0185, 0.0150, _GRIP),
                 (0.000, 0.0, 0, 0.0175, 0.0150, _GRIP), (0.034, 0.002, 0, 0.0200, 0.0140, _GRIP)],
                10, 2.6)  # fmt: skip
    part = _bar(_STEEL, (-0.028, 0.0115, -0.030, 0.030, 0.003), (0.030, 0.0115, -0.030, 0.030, 0.003))
    curve = ((0.122, -0.024, 0.10), (0.112, -0.075, 0.20), (0.098, -0.122, 0.30))
    magazine = [part.moved(_tilted(turn)).at(x, 0, z) for x, z, turn in curve]
    stock = join(
        tube((-0.055, 0, 0.060), (-0.215, 0, 0.060), 0.0150, _GUN, 10),
        _bar(_GRIP, (-0.232, 0.0170, -0.036, 0.078, 0.005), (-0.216, 0.0170, -0.034, 0.080, 0.005),
             (-0.170, 0.0180, 0.020, 0.082, 0.006), (-0.105, 0.0180, 0.038, 0.082, 0.008)),
        box(0.004, 0.0180, 0.060, _BORE).at(-0.235, 0, 0.021),
    )  # fmt: skip
    return join(
        upper, lower, guard, *slots, *rail, *magazine, stock, *_optic(),
        grip.moved(_tilted(-0.36)).at(-0.004, 0, -0.022),
        *_loop([(0.022, 0.014), (0.026, -0.006), (0.070, -0.008), (0.082, 0.004)], 0.0032, _GRIP),
        *_loop([(0.044, 0.014), (0.046, 0.004), (0.051, -0.003)], 0.0028, _GUN),
        box(0.026, 0.0030, 0.007, _STEEL).at(0.085, -0.0185, 0.064),  # ejection port
        tube((0.465, 0, 0.062), (0.570, 0, 0.062), 0.0095, _GUN, 10),
        tube((0.565, 0, 0.062), (0.615, 0, 0.062), 0.0125, _STEEL, 10),
        tube((0.6145, 0, 0.062), (0.6165, 0, 0.062), 0.0060, _BORE, 8),
        box(0.005, 0.0035, 0.012, _GUN).at(0.455, 0, 0.098),  # folded front sight
        box(0.016, 0.0100, 0.012, _GRIP).at(-0.085, 0, 0.036),
    )  # fmt: skip


def _optic() -> list[Solid]:
    """A red-dot sight: a ring that one looks through, its dot in the middle, 12.2 cm over the fist."""
    turn = np.arange(14) * (2 * math.pi / 14)
    rings = []
    for x, r in ((0.070, 0.0185), (0.070, 0.0220), (0.112, 0.0220), (0.112, 0.0185)):
        rings.append(np.column_stack((np.full(14, x), r * np.cos(turn), 0.122 + r * np.sin(turn))))
    tunnel = np.array([*rings, rings[0]]).transpose(1, 0, 2)[:, :4]
    whole = np.concatenate((tunnel, tunnel[:1]))
    return [
        faceted(whole, _GRIP),
        box(0.022, 0.011, 0.006, _GRIP).at(0.091, 0, 0.0955),
        box(0.007, 0.006, 0.006, _GRIP).at(0.091, -0.024, 0.116),
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
