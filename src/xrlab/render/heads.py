"""Heads, faces, hair and what is worn on heads. Frame: origin at the neck's joint, x to the front, z up; metres."""

from __future__ import annotations

import math

import numpy as np

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
from xrlab.render.patterns import camouflage
from xrlab.render.shapes3d import Solid, Tint, ball, box, fixed, join, mirrored, slot, tube
from xrlab.render.skeleton import REST
from xrlab.render.skins import Skin, closed, ease, joined, outline, rigid, round_angles, sheath, weighted

SKIN, HAIR = slot(2), slot(3)
_NECK = REST[body.JOINT["neck"]]

# Height over the neck's joint, how far the middle line lies to the front and to the back, half width.
_SKULL = np.array(
    [
        (0.040, 0.070, -0.040, 0.012),
        (0.046, 0.083, -0.044, 0.030),
        (0.056, 0.0885, -0.050, 0.042),
        (0.072, 0.089, -0.058, 0.0515),
        (0.090, 0.0885, -0.068, 0.0575),
        (0.105, 0.089, -0.075, 0.0615),
        (0.120, 0.090, -0.081, 0.0655),
        (0.140, 0.0905, -0.088, 0.0700),
        (0.160, 0.0905, -0.094, 0.0730),
        (0.180, 0.0935, -0.098, 0.0755),
        (0.200, 0.0950, -0.099, 0.0770),
        (0.222, 0.0910, -0.096, 0.0760),
        (0.243, 0.0800, -0.087, 0.0690),
        (0.260, 0.0600, -0.070, 0.0560),
        (0.272, 0.0330, -0.044, 0.0350),
        (0.279, 0.0080, -0.016, 0.0100),
    ]
)
_TOP = 0.2795


def skull(z: Array, turn: Array, over: Array | float, woman: bool = False) -> Array:
    """Points on the head, `over` metres outside it, at heights z and angles `turn` from the front."""
    front, back, wide = (np.interp(z, _SKULL[:, 0], _SKULL[:, k]) for k in (1, 2, 3))
    if woman:
        wide = wide * (1 - 0.07 * ease(0.13, 0.07, np.asarray(z, float)))
    middle, half = (front + back) / 2, (front - back) / 2
    middle = middle * 0.35  # the widest place lies a little behind the ears
    front, back = front - middle, middle - back
    x, y = outline(turn, front + over, back + over, wide + over, wide + over, 2.15)
    del half
    lift = ease(0.21, 0.28, np.asarray(z, float)) * over
    return np.stack(np.broadcast_arrays(x + middle, y, z + lift), axis=-1)


def _bump(y: Array, z: Array, at: tuple[float, float], size: tuple[float, float]) -> Array:
    return np.asarray(np.exp(-(((np.abs(y) - at[0]) / size[0]) ** 2) - ((z - at[1]) / size[1]) ** 2))


_FACES = ((1.0, 1.0, 1.0, 1.0), (1.22, 0.88, 0.4, 1.5), (0.84, 1.18, 1.7, 0.6), (1.12, 1.10, 1.2, 1.9))
FACES = len(_FACES)
"""So many faces there are: longer and shorter noses, narrower and wider ones, cheekbones, chins."""


def _face(points: Array, woman: bool, face: int = 0) -> Array:
    """How far (m) each point of a head is moved to the front by nose, brows, lips and the like."""
    y, z = points[..., 1], points[..., 2]
    nose, broad, cheeks, chin = _FACES[face]
    size = (0.82 if woman else 1.0) * nose
    ridge = np.interp(z, (0.104, 0.114, 0.121, 0.128, 0.150, 0.170, 0.180), (0, 0.004, 0.019, 0.022, 0.013, 0.005, 0.0))
    wide = np.interp(z, (0.112, 0.122, 0.135, 0.17), np.array((0.014, 0.0135, 0.0085, 0.006)) * broad)
    out = size * ridge * np.exp(-((y / wide) ** 2))
    out = out - 0.0075 * _bump(y, z, (0.031, 0.165), (0.017, 0.011))
    out = out + (0.002 if woman else 0.0045) * _bump(y, z, (0.028, 0.185), (0.024, 0.008))
    out = out + 0.004 * cheeks * _bump(y, z, (0.046, 0.138), (0.018, 0.018))
    lips = 0.0062 if woman else 0.0048
    out = out + lips * np.exp(-((y / 0.021) ** 2)) * (
        _bump(0 * y, z, (0, 0.0985), (1, 0.0055)) + _bump(0 * y, z, (0, 0.0865), (1, 0.006))
    )
    out = (
        out
        - 0.003 * _bump(y, z, (0.0, 0.0735), (0.02, 0.007))
        + 0.006 * chin * _bump(y, z, (0.0, 0.057), (0.018, 0.012))
    )
    return np.asarray(out * (points[..., 0] > 0.02))


def head(woman: bool, *, light: bool, face: int = 0, stubble: bool = False, masked: bool = False) -> Skin:
    """Neck and head with one of `FACES` faces. stubble: of a man's beard. masked: only the eyes are free."""
    if light:
        turn = round_angles(10)
        z = np.array([0.042, 0.06, 0.095, 0.13, 0.165, 0.20, 0.24, 0.27, _TOP])
    else:
        # Closer together at the front, where the face is.
        part = np.linspace(0.0, 1.0, 9)
        half = np.concatenate((part * 0.72, 0.72 + np.linspace(0, 1, 7)[1:] * (math.pi - 0.72)))
        turn = np.concatenate((half, -half[-2:0:-1]))
        z = np.array(
            [
                0.042,
                0.050,
                0.060,
                0.073,
                0.086,
                0.0925,
                0.0985,
                0.108,
                0.114,
                0.121,
                0.128,
                0.140,
                0.152,
                0.163,
                0.173,
                0.183,
                0.194,
                0.215,
                0.238,
                0.258,
                0.271,
                _TOP,
            ]
        )
    points = skull(z[:, None], turn[None], 0.0, woman)
    points[..., 0] += _face(points, woman, face)
    points[0] = points[0] * (0.5, 0.5, 1.0) + (0.012, 0, 0)
    tints = _complexion(points, woman, stubble, masked)
    made = rigid(closed(points + _NECK, tints), head=1.0)
    parts = [made, _throat(woman, light, masked)]
    if not light:
        parts.append(rigid(join(*_features(woman, masked)).at(*_NECK), head=1.0))
    elif not masked:
        eyes = join(*(box(0.004, 0.014, 0.007, fixed(0.16, 0.12, 0.11)).at(0.0845, y, 0.166) for y in (-0.031, 0.031)))
        nose = ball(0.018, 0.011, 0.020, slot(2, 0.96), 6).at(0.090, 0, 0.132)
        parts.append(rigid(join(eyes, nose).at(*_NECK), head=1.0))
    return joined(parts)


def _complexion(points: Array, woman: bool, stubble: bool, masked: bool) -> Array:
    """Tints (…, 4) of the skin of a head: lips, shadow of a beard, hollows."""
    y, z = points[..., 1], points[..., 2]
    tints = np.ones((*points.shape[:-1], 4))
    tints[..., 3] = 2
    front = points[..., 0] > 0.02
    colour = tints[..., :3]
    hollow = _bump(y, z, (0.031, 0.166), (0.019, 0.011)) * front
    colour *= 1 - 0.26 * hollow[..., None] * (0.8, 1.0, 1.0)
    colour *= 1 - 0.12 * (_bump(y, z, (0.012, 0.116), (0.012, 0.006)) * front)[..., None]  # under the nose
    blush = _bump(y, z, (0.045, 0.132), (0.022, 0.018)) * front
    colour *= 1 - blush[..., None] * (0.0, 0.07, 0.06)
    lips = np.exp(-((y / 0.019) ** 4)) * _bump(0 * y, z, (0, 0.0925), (1, 0.0098)) ** 1.0 * front
    colour *= 1 - lips[..., None] * ((0.08, 0.22, 0.20) if woman else (0.08, 0.18, 0.17))
    if stubble:
        beard = ease(0.135, 0.080, z) * ease(-0.04, 0.05, points[..., 0]) * (1 - 0.8 * lips)
        colour *= 1 - beard[..., None] * (0.20, 0.17, 0.13)
    colour *= 1 - 0.22 * ease(0.058, 0.042, z)[..., None]  # under the chin
    if masked:
        cloth = ~((np.abs(z - 0.169) < 0.021) & (np.abs(y) < 0.062) & front)
        tints[cloth] = fixed(0.075, 0.078, 0.085)
    np.clip(colour, 0, 1, out=colour)
    return tints


def _throat(woman: bool, light: bool, masked: bool) -> Skin:
    sides = 6 if light else 12
    thin = 0.86 if woman else 1.0
    z = np.array([-0.05, 0.0, 0.03, 0.06, 0.09]) if not light else np.array([-0.05, 0.02, 0.085])
    turn = round_angles(sides)
    size = np.interp(z, (-0.05, 0.0, 0.03, 0.09), (0.060, 0.055, 0.054, 0.055)) * thin
    x, y = outline(turn[None], *(size[:, None],) * 4, 2.0)
    points = np.stack(
        (x + np.interp(z, (-0.05, 0.09), (-0.030, -0.004))[:, None], y, np.broadcast_to(z[:, None], x.shape)), -1
    )
    up = np.broadcast_to(z[:, None], x.shape)
    nod, chest = ease(0.0, 0.08, up), ease(0.03, -0.05, up)
    weights = weighted(x.shape, chest=chest, head=nod * (1 - chest), neck=(1 - nod) * (1 - chest) + 1e-4)
    tint = fixed(0.075, 0.078, 0.085) if masked else SKIN
    tints = np.tile(tint, (*x.shape, 1)).astype(float)
    tints[..., :3] *= (1 - 0.25 * ease(0.02, 0.07, up) * (x > -0.02))[..., None]
    return sheath(points + _NECK, tints, weights)


def _features(woman: bool, masked: bool) -> list[Solid]:
    """Eyes, brows, lips, nostrils and ears."""
    white, iris = fixed(0.84, 0.82, 0.79), fixed(0.10, 0.065, 0.045)
    lash = fixed(0.10, 0.08, 0.07) if woman else slot(2, 0.55)
    thick = 0.0024 if woman else 0.0038
    side = [
        ball(0.010, 0.0130, 0.0066, white, 8).at(0.0790, 0.0315, 0.1655),
        ball(0.0042, 0.0056, 0.0060, iris, 6).at(0.0864, 0.0310, 0.1658),
        ball(0.0105, 0.0145, 0.0030, lash, 6).at(0.0800, 0.0320, 0.1712),
        ball(0.0100, 0.0160, 0.0045, slot(2, 0.88), 6).at(0.0800, 0.0325, 0.1762),
        ball(0.0100, 0.0140, 0.0026, slot(2, 0.84), 6).at(0.0795, 0.0318, 0.1592),
    ]
    out: list[Solid] = []
    if not masked:
        turn = np.eye(4)
        turn[:2, :2] = ((math.cos(0.28), math.sin(0.28)), (-math.sin(0.28), math.cos(0.28)))
        side += [
            ball(0.0060, 0.0105, thick, slot(3, 0.85), 6).at(0.0918, 0.0245, 0.1835),
            ball(0.0060, 0.0100, thick * 0.85, slot(3, 0.85), 6).at(0.0896, 0.0375, 0.1846),
            ball(0.0165, 0.0065, 0.0300, slot(2, 0.92), 8).moved(turn).at(-0.010, 0.0765, 0.150),
            ball(0.0045, 0.0042, 0.0022, slot(2, 0.50), 4).at(0.1035, 0.0065, 0.1165),
        ]
        red = (0.84, 0.60, 0.58, 2) if woman else (0.84, 0.68, 0.65, 2)
        wide, full = (0.0215, 0.0046) if woman else (0.0235, 0.0034)
        out += [
            ball(0.0060, wide, full, red, 8).at(0.0898, 0, 0.0968),
            ball(0.0065, wide * 0.86, full * 1.15, red, 8).at(0.0900, 0, 0.0876),
            ball(0.0062, wide * 0.98, 0.0011, slot(2, 0.45), 6).at(0.0910, 0, 0.0924),
        ]
    one = join(*side)
    return [one, mirrored(one), *out]


# --- hair ---------------------------------------------------------------------------------------------------


def _edge(turn: Array, front: float, side: float, back: float, cheek: float = 1.15) -> Array:
    """Lower edge of hair by angle: heights over the forehead, from behind the `cheek` (rad) on, and at the back."""
    away = np.abs((turn + math.pi) % (2 * math.pi) - math.pi)
    at = np.array([0.0, cheek - 0.35, cheek, cheek + 0.55, math.pi])
    return np.asarray(np.interp(away, at, np.array([front, front - 0.006, (front + side) / 2, side, back])))


def _strands(points: Array, base: Tint) -> Array:
    """Tints of hair: lighter and darker strands."""
    turn = np.arctan2(points[..., 1], points[..., 0])
    wave = np.sin(turn * 23 + 4 * np.sin(points[..., 2] * 40)) + 0.6 * np.sin(turn * 41 + 2.0)
    tints = np.tile(base, (*points.shape[:-1], 1)).astype(float)
    tints[..., :3] *= (0.88 + 0.09 * wave)[..., None]
    return np.asarray(np.clip(tints, 0, 255))


def _shell(
    edge: Array,
    turn: Array,
    thick: Array | float,
    base: Tint,
    *,
    rows: int,
    rim: float = 0.002,
    strands: bool = True,
    woman: bool = False,
) -> Solid:
    """A skin over the top of the head down to height `edge` (sides,), thinning out to `rim` at its edge."""
    made = [skull(edge - 0.001, turn, -0.004, woman)]
    for part in np.linspace(0.0, 1.0, rows):
        z = edge + (_TOP - edge) * math.sin(part * math.pi / 2)
        made.append(skull(z, turn, rim + (np.asarray(thick) - rim) * min(1.0, part * 3.5), woman))
    points = np.array(made)
    points[-1] = points[-1].mean(axis=0)
    tints = _strands(points, base) if strands else np.tile(base, (*points.shape[:2], 1))
    return closed(points, tints)


HAIR_STYLES = ("short", "cropped", "bald", "side_parted", "bearded", "curly", "long", "bob", "bun", "ponytail")
"""Styles of hair; those from `long` on are women's."""


def hair(style: str, *, light: bool) -> Skin:
    """Hair in one of `HAIR_STYLES`."""
    sides, rows = (8, 3) if light else (20, 7)
    turn = round_angles(sides)
    c = np.cos(turn)
    solids: list[Solid] = []
    if style == "cropped":
        solids.append(_shell(_edge(turn, 0.224, 0.160, 0.085), turn, 0.004, slot(3, 0.95), rows=rows, rim=0.0012))
    elif style == "bald":
        solids.append(_fringe(3, 7 if light else 13))
    elif style == "curly":
        curls = 0.020 + 0.005 * np.sin(turn * 5 + 0.4)
        solids.append(_shell(_edge(turn, 0.216, 0.135, 0.065), turn, curls, HAIR, rows=rows, rim=0.008))
    elif style == "side_parted":
        swept = 0.013 + 0.007 * np.sin(turn + 0.6) * (c > -0.3)
        solids.append(_shell(_edge(turn, 0.222, 0.140, 0.070), turn, swept, HAIR, rows=rows, rim=0.003))
    elif style in ("long", "bob", "bun", "ponytail"):
        solids += _womans(style, turn, rows, light)
    else:
        solids.append(
            _shell(_edge(turn, 0.221, 0.145, 0.072), turn, 0.011 + 0.004 * np.maximum(c, 0), HAIR, rows=rows, rim=0.002)
        )
        if style == "bearded":
            solids.append(_beard(light))
    return rigid(join(*solids).at(*_NECK), head=1.0)


def _fringe(rows: int, count: int) -> Solid:
    """What is left round a bald head."""
    turn = np.linspace(1.32, 2 * math.pi - 1.32, count)
    away = np.abs(math.pi - turn)
    low = np.interp(away, (0.0, 1.2, 1.85), (0.082, 0.125, 0.165))
    high = 0.206 - 0.012 * away
    parts = np.linspace(0, 1, rows)
    points = [skull(low + (high - low) * part, turn, 0.006 * math.sin(0.3 + 2.5 * part)) for part in parts]
    points.append(skull(high, turn, -0.006))
    points.append(skull(low, turn, -0.006))
    loop = np.array(points).transpose(1, 0, 2)
    return closed(loop, _strands(loop, slot(3, 0.95)))


def _womans(style: str, turn: Array, rows: int, light: bool) -> list[Solid]:
    c = np.cos(turn)
    if style in ("bun", "ponytail"):
        out = [_shell(_edge(turn, 0.226, 0.150, 0.085), turn, 0.009, HAIR, rows=rows, rim=0.002, woman=True)]
        if style == "bun":
            return [*out, ball(0.032, 0.038, 0.036, slot(3, 0.9), 6 if light else 10).at(-0.120, 0, 0.215)]
        tail = np.array(
            [
                (-0.098, 0.232, 0.012),
                (-0.132, 0.222, 0.022),
                (-0.142, 0.18, 0.027),
                (-0.138, 0.12, 0.026),
                (-0.128, 0.06, 0.022),
                (-0.12, 0.02, 0.010),
            ]
        )
        around = round_angles(6 if light else 10)
        points = np.stack(
            [
                np.column_stack(
                    (
                        np.full(len(around), x) + r * 0.8 * np.cos(around),
                        r * 1.15 * np.sin(around),
                        np.full(len(around), z) + 0.3 * r * np.cos(around),
                    )
                )
                for x, z, r in tail[::-1]
            ]
        )
        whole = np.concatenate(
            (
                points[:1].mean(axis=1, keepdims=True).repeat(len(around), 1),
                points,
                points[-1:].mean(axis=1, keepdims=True).repeat(len(around), 1),
            )
        )
        return [
            *out,
            closed(whole, _strands(whole, HAIR)),
            ball(0.016, 0.016, 0.016, fixed(0.2, 0.2, 0.25), 6).at(-0.104, 0, 0.228),
        ]
    # Hair that hangs: from a parting over the ears, open to the face.
    low = 0.045 if style == "bob" else -0.055
    away = np.abs((turn + math.pi) % (2 * math.pi) - math.pi)
    edge = np.interp(away, (0.0, 0.55, 0.95, 1.15, 1.7, math.pi), (0.228, 0.222, 0.195, low + 0.03, low, low - 0.01))
    body_of = 0.014 + 0.004 * (1 - c)
    made = []
    steps = np.linspace(0.0, 1.0, rows + 3)
    for part in steps:
        z = edge + (_TOP - edge) * math.sin(part * math.pi / 2)
        # Below the skull it hangs straight down.
        held = np.maximum(z, 0.125)
        points = skull(held, turn, 0.003 + (body_of - 0.003) * min(1.0, part * 3 + 0.45), True)
        points[:, 2] = np.where(z < 0.125, z, points[:, 2])
        hang = ease(0.125, -0.02, z)
        points[:, 0] -= hang * np.where(c < 0.3, 0.012 * np.maximum(-c, 0.0) - 0.002, 0.0)
        points[:, 1] *= 1 - 0.14 * hang
        made.append(points)
    inner = made[0] * (0.86, 0.86, 1.0) + (0.0, 0.0, 0.012)
    whole = np.array([inner, *made])
    whole[-1] = whole[-1].mean(axis=0)
    return [closed(whole, _strands(whole, HAIR))]


def _beard(light: bool) -> Solid:
    count = 7 if light else 13
    turn = np.linspace(-1.42, 1.42, count)
    rows = []
    for z, thick in (
        (0.128, -0.002),
        (0.118, 0.003),
        (0.104, 0.006),
        (0.090, 0.009),
        (0.070, 0.012),
        (0.052, 0.012),
        (0.041, 0.004),
    ):
        line = skull(np.full(count, z) - 0.012 * np.cos(turn) ** 4 * (z > 0.1), turn, thick)
        line[:, 0] += _face(line, False) * 0.5
        rows.append(line)
    points = np.array(rows[::-1])
    back = points[:, ::-1] * (0.9, 0.9, 1.0)
    whole = np.concatenate((points, back), axis=1)
    tints = _strands(whole, slot(3, 0.92))
    return closed(whole, tints)


# --- what is worn on the head ---------------------------------------------------------------------------------


def cap(*, light: bool) -> Skin:
    """A baseball cap as the police wear it: dark blue, a light patch in front, the hair below it."""
    sides, rows = (8, 3) if light else (18, 5)
    turn = round_angles(sides)
    cloth, patch = fixed(0.085, 0.105, 0.18), fixed(0.80, 0.83, 0.88)
    crown = _shell(
        _edge(turn, 0.205, 0.196, 0.178),
        turn,
        0.017 + 0.006 * np.maximum(np.cos(turn), 0),
        cloth,
        rows=rows,
        rim=0.011,
        strands=False,
    )
    arc = np.linspace(-1.05, 1.05, 5 if light else 9)
    inner = skull(np.full(len(arc), 0.206), arc, 0.006)
    reach = 0.066 * np.cos(arc * 1.3)[:, None] * (1.0, 0.0, -0.30) + np.stack(
        (0 * arc, 0.010 * np.sin(arc), 0 * arc), -1
    )
    outer = inner + reach
    thick = np.array([0.0, 0.0, 0.004])
    peak_rings = np.stack((inner + thick, outer + thick, outer, inner))
    peak = closed(
        np.concatenate((peak_rings, peak_rings[:1])).transpose(1, 0, 2)[:, :-1],
        np.tile(fixed(0.06, 0.075, 0.13), (len(arc), 4, 1)),
    )
    solids = [crown, peak]
    if not light:
        solids.append(box(0.0025, 0.026, 0.009, patch).at(0.1165, 0, 0.236))
    under = _fringe(3, 7 if light else 13)
    return rigid(join(*solids, under).at(*_NECK), head=1.0)


def helmet(paint: str, *, light: bool) -> Skin:
    """A high-cut combat helmet with rails, a mount and chin straps. paint: camouflage or black."""
    sides, rows = (8, 3) if light else (20, 6)
    turn = round_angles(sides)
    base = fixed(0.42, 0.40, 0.28) if paint == "camouflage" else fixed(0.085, 0.09, 0.10)
    shell = _shell(_edge(turn, 0.210, 0.168, 0.108, 1.05), turn, 0.026, base, rows=rows, rim=0.022, strands=False)
    if paint == "camouflage":
        shell = camouflage(shell)
    dark = fixed(0.10, 0.10, 0.09)
    solids = [shell]
    if not light:
        solids.append(box(0.006, 0.020, 0.018, dark).at(0.120, 0, 0.236))
        rail = join(
            box(0.045, 0.004, 0.007, dark).at(0.005, 0.1035, 0.190),
            tube((0.045, 0.086, 0.170), (0.060, 0.048, 0.052), 0.0045, dark, 5),
            tube((-0.045, 0.083, 0.165), (0.030, 0.064, 0.075), 0.0045, dark, 5),
            ball(0.026, 0.016, 0.034, fixed(0.16, 0.16, 0.13), 8).at(-0.012, 0.088, 0.150),
        )
        chin = tube((0.066, -0.044, 0.046), (0.066, 0.044, 0.046), 0.006, dark, 5)
        solids += [rail, mirrored(rail), chin]
    return rigid(join(*solids).at(*_NECK), head=1.0)
