"""The parts that a person is put together from, each in its own frame (metres, for a stature of 1.75 m).

A part between two joints has its origin at the first, z towards the second, x to the front of the body and
y to its left. Colour slots of an instance: 0 the garment of this part, 1 what is worn over or under it,
2 skin, 3 hair or dark trim.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xrlab.geometry.transforms import Array
from xrlab.render.shapes3d import Solid, Tint, ball, box, fixed, grid, join, limb, loft, mirrored, slot

MAIN, OVER, SKIN, TRIM = slot(0), slot(1), slot(2), slot(3)
_DARK = slot(0, 0.78)

# Head outline from chin to crown: height above the neck joint, centre forward, half depth, half width.
_HEAD = np.array(
    [(0.048, 0.046, 0.022, 0.022), (0.056, 0.034, 0.052, 0.040), (0.075, 0.022, 0.074, 0.054),
     (0.105, 0.013, 0.086, 0.065), (0.140, 0.006, 0.095, 0.072), (0.175, 0.0, 0.099, 0.076),
     (0.205, -0.002, 0.099, 0.077), (0.232, -0.004, 0.092, 0.072), (0.256, -0.006, 0.073, 0.058),
     (0.271, -0.006, 0.046, 0.037), (0.279, -0.006, 0.016, 0.013)]
)  # fmt: skip


def _skull(z: Array, turn: Array, thick: Array | float) -> Array:
    """Points on the head, `thick` metres outside it, at heights z and angles `turn` from the front."""
    rows = np.concatenate((_HEAD, [(0.281, -0.006, 0.0, 0.0)]))
    cx, rx, ry = (np.interp(z, rows[:, 0], rows[:, k]) for k in (1, 2, 3))
    lift = np.maximum(0.0, z - 0.22) / 0.06 * thick
    return np.stack((cx + (rx + thick) * np.cos(turn), (ry + thick) * np.sin(turn), z + lift), axis=-1)


def _turns(sides: int) -> Array:
    """Angles all round, (sides,)."""
    return np.asarray(np.arange(sides) * (2 * math.pi / sides), np.float64)


def _shell(edge: Array, thick: float, tint: Tint, *, rim: float = 0.0) -> Solid:
    """A skin over the top of the head down to height `edge` (sides,), thinning out to `rim` at its edge."""
    sides = len(edge)
    turn = _turns(sides)
    rows = []
    for part in np.linspace(0.0, 1.0, 6):
        z: Array = edge + (0.2805 - edge) * math.sin(part * math.pi / 2)
        rows.append(_skull(z, turn, rim + (thick - rim) * min(1.0, part * 5)))
    points = np.array(rows)
    if rim > 0:  # close the rim against the head
        points = np.concatenate(([_skull(edge, turn, 0.0)], points))
    return grid(points, np.tile(tint, (*points.shape[:2], 1)))


def _edge(front: float, side: float, back: float, sides: int = 20, cheek: float = 1.15) -> Array:
    """Lower edge of a shell by angle: heights at the front, from behind the `cheek` (rad) on, and at the back."""
    turn = np.abs((np.arange(sides) * (2 * math.pi / sides) + math.pi) % (2 * math.pi) - math.pi)
    at = np.array([0.0, cheek - 0.4, cheek, cheek + 0.75 if cheek < 1.3 else cheek + 0.2, math.pi])
    return np.asarray(np.interp(turn, at, np.array([front, front - 0.004, (front + side) / 2, side, back])), np.float64)


@cache
def head() -> Solid:
    """Neck, head and face; looks along +x."""
    sides = 16
    turn = _turns(sides)
    heights = np.concatenate(([0.046], _HEAD[:, 0], [0.281]))
    points = np.array([_skull(np.full(sides, z), turn, 0.0) for z in heights])
    points[0] = points[0].mean(axis=0)
    skull = grid(points, np.tile(SKIN, (*points.shape[:2], 1)))
    neck = loft([(-0.06, -0.008, 0, 0.070, 0.075, SKIN), (-0.01, -0.006, 0, 0.056, 0.058, SKIN),
                 (0.10, 0.0, 0, 0.054, 0.054, SKIN)], 12)  # fmt: skip
    nose = grid(
        np.array([[(0.096, 0, 0.166), (0.094, 0.006, 0.166), (0.09, 0, 0.16), (0.094, -0.006, 0.166)],
                  [(0.120, 0, 0.128), (0.100, 0.016, 0.124), (0.09, 0, 0.12), (0.100, -0.016, 0.124)],
                  [(0.104, 0, 0.117), (0.096, 0.010, 0.117), (0.09, 0, 0.117), (0.096, -0.010, 0.117)]]),
        np.tile(slot(2, 0.97), (3, 4, 1)),
    )  # fmt: skip
    white, iris, lips = fixed(0.93, 0.92, 0.90), fixed(0.12, 0.09, 0.08), slot(2, 0.70)
    eye = join(
        ball(0.008, 0.015, 0.0085, white, 8).at(0.0885, 0.032, 0.169),
        ball(0.0065, 0.0075, 0.0075, iris, 8).at(0.0925, 0.031, 0.169),
        box(0.006, 0.019, 0.0038, slot(3, 0.8)).at(0.0915, 0.033, 0.187),
        ball(0.012, 0.008, 0.024, slot(2, 0.93), 8).at(-0.004, 0.078, 0.155),
    )
    mouth = box(0.006, 0.022, 0.0045, lips).at(0.0925, 0, 0.094)
    return join(skull, neck, nose, eye, mirrored(eye), mouth)


@cache
def hair(style: int) -> Solid:
    """Hair by style: 0 short, 1 cropped, 2 long, 3 a bun, 4 a full short cut with a beard."""
    if style == 1:
        return _shell(_edge(0.226, 0.165, 0.105), 0.004, slot(3, 0.9))
    if style == 2:
        return _shell(_edge(0.232, 0.030, 0.0, cheek=1.4), 0.017, TRIM, rim=0.010)
    if style == 3:
        knot = ball(0.036, 0.036, 0.036, TRIM).at(-0.118, 0, 0.225)
        return join(_shell(_edge(0.230, 0.160, 0.09), 0.009, TRIM), knot)
    if style == 4:
        turn = np.linspace(-1.35, 1.35, 12)
        rows = [
            _skull(np.full(12, z), turn, t) for z, t in ((0.125, 0.001), (0.10, 0.006), (0.072, 0.009), (0.052, 0.006))
        ]
        beard = grid(np.array(rows[::-1]), np.tile(slot(3, 0.95), (4, 12, 1)))
        return join(_shell(_edge(0.228, 0.140, 0.085), 0.012, TRIM), beard)
    return _shell(_edge(0.228, 0.150, 0.085), 0.012, TRIM)


@cache
def cap() -> Solid:
    """A police cap with a peak and a light band."""
    top = _shell(_edge(0.225, 0.205, 0.195), 0.020, MAIN, rim=0.012)
    band = _shell(np.minimum(_edge(0.213, 0.193, 0.183), 0.23), 0.015, OVER, rim=0.014)
    turn = np.linspace(-0.95, 0.95, 9)
    inner = _skull(np.full(9, 0.219), turn, 0.010)
    outer = inner + np.stack((0.060 * np.cos(turn), 0.02 * np.sin(turn), np.full(9, -0.016)), axis=-1)
    under = inner - (0, 0, 0.006)
    peak = grid(np.stack((inner, outer, under)), np.tile(slot(0, 0.6), (3, 9, 1)))
    return join(top, band, peak, _shell(_edge(0.205, 0.160, 0.10), 0.005, TRIM))


@cache
def helmet() -> Solid:
    """A combat helmet with a chin strap."""
    shell = _shell(_edge(0.212, 0.150, 0.115), 0.030, MAIN, rim=0.026)
    points = shell.vertices["position"]
    shell.vertices["tint"][:, :3] = (_camouflage(points)[:, None] * 255).astype(np.uint8)
    mount = box(0.008, 0.022, 0.016, fixed(0.12, 0.12, 0.11)).at(0.124, 0, 0.235)
    strap = box(0.005, 0.004, 0.055, fixed(0.14, 0.14, 0.11)).at(0.030, 0.074, 0.11)
    return join(shell, mount, strap, mirrored(strap))


def _camouflage(points: Array) -> Array:
    """Blotches: a shade for each point."""
    p = np.asarray(points, float) * 23.0
    wave = (
        np.sin(p[:, 0] * 1.3 + 2 * np.sin(p[:, 2] * 0.7))
        + np.sin(p[:, 1] * 1.7 + p[:, 2])
        + np.sin(p[:, 2] * 1.9 - p[:, 0])
    )
    return np.asarray(np.where(wave > 0.5, 0.62, np.where(wave < -0.7, 1.0, 0.82)))


def blotched(solid: Solid) -> Solid:
    """The same solid with its garment in camouflage."""
    out = solid.vertices.copy()
    garment = out["tint"][:, 3] < 2
    shade = _camouflage(out["position"])[:, None]
    out["tint"][:, :3] = np.where(garment[:, None], out["tint"][:, :3] * shade, out["tint"][:, :3]).astype(np.uint8)
    return Solid(out, solid.triangles)


@cache
def belly(tucked: bool) -> Solid:
    """From the pelvis up to the chest: trousers (slot 1) below, shirt (slot 0) above."""
    rings = [
        (-0.135, 0.0, 0, 0.052, 0.075, OVER), (-0.105, -0.004, 0, 0.100, 0.150, OVER),
        (-0.03, -0.010, 0, 0.122, 0.172, OVER), (0.02, -0.006, 0, 0.114, 0.166, OVER),
    ]  # fmt: skip
    if tucked:
        rings += [(0.03, -0.004, 0, 0.116, 0.167, TRIM), (0.07, -0.002, 0, 0.114, 0.164, TRIM)]
        rings += [(0.071, -0.002, 0, 0.110, 0.160, MAIN)]
    else:
        rings[2:] = [(-0.06, -0.008, 0, 0.118, 0.168, OVER), (-0.061, -0.008, 0, 0.130, 0.180, _DARK)]
        rings += [(-0.045, -0.008, 0, 0.131, 0.181, MAIN), (0.04, -0.004, 0, 0.122, 0.172, MAIN)]
    rings += [
        (0.14, 0.0, 0, 0.108, 0.155, MAIN), (0.25, 0.004, 0, 0.115, 0.163, MAIN),
        (0.31, 0.006, 0, 0.120, 0.170, MAIN), (0.36, 0.007, 0, 0.121, 0.172, MAIN),
        (0.41, 0.004, 0, 0.110, 0.160, MAIN),
    ]  # fmt: skip
    return loft(rings, 18, 2.35)


_CHEST = (
    (-0.13, 0.001, 0.104, 0.150), (-0.08, 0.003, 0.111, 0.159), (-0.02, 0.006, 0.119, 0.169),
    (0.03, 0.007, 0.124, 0.176), (0.09, 0.003, 0.119, 0.181), (0.135, -0.004, 0.102, 0.178),
    (0.165, -0.008, 0.084, 0.146), (0.185, -0.008, 0.070, 0.100),
)  # fmt: skip


@cache
def chest(jacket: bool) -> Solid:
    """From the chest up to the neck; a jacket hangs open over a shirt (slot 1), else a collar closes it."""
    rings = [(z, x, 0.0, rx, ry, MAIN) for z, x, rx, ry in _CHEST]
    rings.append((0.202, -0.006, 0.0, 0.062, 0.070, _DARK))
    out = loft(rings, 18, 2.35)
    if jacket:
        front = out.vertices["position"]
        open_part = (front[:, 0] > 0.03) & (np.abs(front[:, 1]) < 0.025 + 0.22 * np.maximum(0.0, front[:, 2] - 0.02))
        out.vertices["tint"][open_part] = (255, 255, 255, 1)
    return out


@cache
def vest(outfit: str) -> Solid:
    """A ballistic vest over the chest (frame of `chest`), with a police band or pouches."""
    rings = [(-0.20, 0.0, 0.0, 0.131, 0.176, MAIN)]
    rings += [(-0.12, 0.003, 0.0, 0.134, 0.178, MAIN)]
    rings += [
        (z, x + 0.002, 0.0, rx + 0.018, ry + (0.006 if z < 0.1 else -0.035), MAIN) for z, x, rx, ry in _CHEST[2:7]
    ]
    body = loft(rings, 18, 2.6)
    dark = slot(0, 0.6)
    if outfit == "police":
        return join(
            body,
            _band(0.154), _word("POLICE").at(0.1572, 0, 0.045), _band(-0.144),
            _word("POLICE").moved(np.diag([-1.0, -1.0, 1.0, 1.0])).at(-0.1472, 0, 0.045),
            box(0.018, 0.030, 0.042, dark).at(0.140, 0.095, -0.12),
            box(0.018, 0.022, 0.045, dark).at(0.142, -0.075, -0.12),
            box(0.016, 0.018, 0.040, fixed(0.05, 0.05, 0.06)).at(0.128, 0.115, 0.10),
        )  # fmt: skip
    pouches = [box(0.022, 0.036, 0.055, slot(0, 0.75)).at(0.148, y, -0.12) for y in (-0.09, 0.0, 0.09)]
    flag = box(0.004, 0.030, 0.018, fixed(0.16, 0.18, 0.14)).at(0.150, 0.07, 0.06)
    return blotched(join(body, *pouches, flag, box(0.03, 0.10, 0.12, slot(0, 0.85)).at(-0.145, 0, 0.0)))


def _band(x: float) -> Solid:
    return box(0.003, 0.128, 0.038, slot(1)).at(x, 0, 0.045)


def _word(text: str) -> Solid:
    """Letters of boxes on a vest, 20 cm across, facing +x; dark on the light band."""
    font = ImageFont.load_default(size=18)
    left, top, right, bottom = (int(n) for n in font.getbbox(text))
    picture = Image.new("L", (right - left, bottom - top), 0)
    ImageDraw.Draw(picture).text((-left, -top), text, fill=255, font=font)
    ink = np.asarray(picture) > 110
    high, wide = ink.shape
    cell = 0.205 / wide
    strokes = []
    for row in range(high):
        line = np.flatnonzero(np.diff(np.concatenate(([0], ink[row].astype(int), [0]))))
        for start, end in zip(line[::2], line[1::2], strict=True):
            y = ((start + end) / 2 - wide / 2) * cell
            strokes.append(_patch((end - start) * cell / 2, cell * 0.62).at(0, y, (high / 2 - row - 0.5) * cell * 1.15))
    return join(*strokes)


def _patch(half_width: float, half_height: float) -> Solid:
    """A small dark rectangle facing +x."""
    points = np.array([[[0.0, -half_width, z], [0.0, half_width, z]] for z in (-half_height, half_height)])
    return grid(points, np.tile(slot(0, 0.5), (2, 2, 1)))


_FOREARM = 0.285
_UPPER_ARM = 0.305


@cache
def upper_arm(short: bool) -> Solid:
    """Shoulder to elbow; with a short sleeve skin shows from the middle on."""
    radii = [(0.0, 0.059), (0.25, 0.058), (0.6, 0.052), (1.0, 0.047)]
    if short:
        radii = [(0.0, 0.060), (0.25, 0.061), (0.58, 0.061), (0.60, 0.049), (1.0, 0.042)]
    return limb(_UPPER_ARM, radii, [(0.0, MAIN), (0.60, SKIN)] if short else [(0.0, MAIN)], 10)


@cache
def forearm(bare: bool) -> Solid:
    """Elbow to wrist."""
    tint = SKIN if bare else MAIN
    radii = [(0.0, 0.042), (0.2, 0.043), (0.88, 0.029)] if bare else [(0.0, 0.047), (0.25, 0.048), (0.88, 0.038)]
    tints = [(0.0, tint)] if bare else [(0.0, tint), (0.84, _DARK), (0.90, SKIN)]
    return limb(_FOREARM, [*radii, (0.9, 0.027), (1.0, 0.026)], tints, 10)


@cache
def hand(gripping: bool) -> Solid:
    """A left hand from the wrist joint; x is the side of the thumb, y its back."""
    knuckle = slot(2, 0.96)
    if gripping:
        fist = loft(
            [
                (-0.03, 0, 0, 0.028, 0.024, SKIN),
                (0.0, 0.003, 0, 0.040, 0.030, SKIN),
                (0.035, 0.004, -0.004, 0.044, 0.036, knuckle),
                (0.065, 0.002, -0.008, 0.036, 0.030, knuckle),
            ],
            10,
            2.8,
        )
        thumb = ball(0.014, 0.016, 0.026, SKIN, 8).at(0.040, -0.018, 0.032)
        return join(fist, thumb)  # fmt: skip
    palm = loft([(-0.03, 0, 0, 0.028, 0.022, SKIN), (0.01, 0.002, 0, 0.040, 0.019, SKIN),
                 (0.055, 0.0, -0.002, 0.043, 0.017, SKIN),
                 (0.075, -0.002, -0.004, 0.041, 0.014, knuckle)], 10, 2.8)  # fmt: skip
    fingers = [
        loft([(0.065, x, -0.004, 0.0098, 0.0095, SKIN), (0.065 + 0.6 * n, x, -0.010, 0.0092, 0.009, SKIN),
              (0.065 + n, x, -0.020, 0.0075, 0.0075, SKIN)], 5)
        for x, n in ((0.030, 0.070), (0.010, 0.080), (-0.010, 0.074), (-0.030, 0.058))
    ]  # fmt: skip
    tilt = np.eye(4)
    tilt[0, 0], tilt[0, 2], tilt[2, 0], tilt[2, 2] = math.cos(0.6), math.sin(0.6), -math.sin(0.6), math.cos(0.6)
    thumb = (
        loft([(0.0, 0, 0, 0.014, 0.013, SKIN), (0.06, 0, 0, 0.010, 0.010, SKIN)], 6)
        .moved(tilt)
        .at(0.026, -0.006, 0.008)
    )
    return join(palm, *fingers, thumb)


@cache
def thigh() -> Solid:
    """Hip to knee."""
    return limb(0.42, [(0.0, 0.086), (0.2, 0.086), (0.6, 0.073), (1.0, 0.061)], [(0.0, MAIN)], 10)


@cache
def shin(booted: bool) -> Solid:
    """Knee to ankle: a trouser leg, tucked into a boot (slot 1) or hanging over a shoe."""
    radii = [(0.0, 0.062), (0.25, 0.063), (0.7, 0.053), (1.0, 0.050)]
    if booted:
        radii = [(0.0, 0.062), (0.25, 0.064), (0.62, 0.060), (0.66, 0.052), (1.0, 0.048)]
    return limb(0.43, radii, [(0.0, MAIN), (0.66, OVER)] if booted else [(0.0, MAIN), (0.93, _DARK)], 10)


@cache
def shoe() -> Solid:
    """A shoe (slot 0) on a sole; origin at the ankle, x to the toes, z up, the sole 7 cm below."""
    sole = slot(0, 0.55)
    rings = [
        (-0.070, 0.052, 0, 0.136, 0.046, sole), (-0.052, 0.052, 0, 0.138, 0.047, sole),
        (-0.051, 0.050, 0, 0.132, 0.044, MAIN), (-0.025, 0.040, 0, 0.118, 0.043, MAIN),
        (0.0, 0.012, 0, 0.080, 0.042, MAIN), (0.035, -0.004, 0, 0.056, 0.044, MAIN),
    ]  # fmt: skip
    return loft(rings, 14, 2.5)


@cache
def holster() -> Solid:
    """A holstered pistol at the right hip, in the frame of `belly`."""
    black = fixed(0.04, 0.04, 0.05)
    return join(
        box(0.022, 0.016, 0.065, black).at(0.0, -0.186, -0.02), box(0.016, 0.011, 0.03, black).at(-0.012, -0.186, 0.065)
    )
