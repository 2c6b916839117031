"""What people wear: whole skins of bodies, clothes, heads and gear. Slots as in `xrlab.render.bodies`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array
from xrlab.render import bodies, heads
from xrlab.render.bodies import LEGS, SKIN, TOP, Build
from xrlab.render.patterns import camouflage, mottled
from xrlab.render.shapes3d import Solid, Tint, ball, box, fixed, grid, join, slot, tube
from xrlab.render.skins import Skin, both, closed, joined, rigid, softened

TOPS = ("t_shirt", "shirt", "tucked", "hoodie", "jacket", "sweater", "polo", "dress", "police", "defence", "special")
BOTTOMS = ("jeans", "chinos", "skirt", "dress", "police", "defence", "special")


@dataclass(frozen=True)
class Dress:
    """Everything that gives a person's skin its shape; colours come with the instance."""

    build: Build
    top: str
    bottom: str
    hair: str
    face: int = 0
    on_head: str = ""
    stubble: bool = False
    masked: bool = False
    shoes: str = "trainers"
    inner: str = "#e9e6de"


def _rgb(colour: str) -> Tint:
    return fixed(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))


_SHOES = {
    "trainers": (fixed(0.80, 0.80, 0.79), fixed(0.93, 0.93, 0.92)),
    "dark": (fixed(0.13, 0.11, 0.10), fixed(0.06, 0.06, 0.06)),
    "brown": (fixed(0.33, 0.20, 0.12), fixed(0.12, 0.08, 0.06)),
    "canvas": (fixed(0.16, 0.20, 0.30), fixed(0.90, 0.90, 0.88)),
    "boots": (fixed(0.055, 0.055, 0.06), fixed(0.03, 0.03, 0.03)),
    "desert": (fixed(0.40, 0.32, 0.22), fixed(0.16, 0.13, 0.10)),
}


def _kind(dress: Dress) -> str:
    if dress.shoes in ("boots", "desert"):
        return "boot"
    return "pump" if dress.bottom in ("skirt", "dress") else "shoe"


@cache
def skin_of(dress: Dress, *, light: bool = False) -> Skin:
    """The skin of a person in this dress, without hands; light: for far away, with few triangles."""
    sides = (8, 6, 6) if light else (20, 10, 12)
    parts = [_lower(dress, *sides, light), _upper(dress, *sides, light)]
    upper, sole = _SHOES[dress.shoes]
    parts.append(bodies.shoes(upper, sole, kind=_kind(dress), sides=6 if light else 10))
    parts.append(
        heads.head(dress.build.woman, light=light, face=dress.face, stubble=dress.stubble, masked=dress.masked)
    )
    if dress.on_head == "cap":
        parts.append(heads.cap(light=light))
    elif dress.on_head:
        parts.append(heads.helmet(dress.on_head, light=light))
    if not dress.masked and dress.on_head in ("", "cap"):
        tied = {"long": "ponytail", "bob": "bun", "curly": "short", "side_parted": "short"}
        style = dress.hair if not dress.on_head else tied.get(dress.hair, dress.hair)
        if not dress.on_head or style in ("ponytail", "bun", "bearded"):
            parts.append(heads.hair(style, light=light))
    return _worn(joined(parts))


@cache
def sleeves_of(dress: Dress, *, one: bool = False) -> Skin:
    """The arms alone, or just the right one, from below the shoulder on, as one sees one's own."""
    if dress.top in ("t_shirt", "polo", "dress"):
        left = bodies.arm(dress.build, 0.16, 0.585, SKIN, over=0.0, sides=16)
    else:
        left = bodies.arm(dress.build, 0.16, 0.572, TOP, over=0.010, sides=16, coarse=0.6, folds=0.004, cuff=0.002)
    arms = left.mirrored() if one else both(left)
    if dress.top == "defence":
        arms = Skin(camouflage(arms.solid), arms.weights)
    return _worn(arms)


def _worn(skin: Skin) -> Skin:
    """The same with the small differences in brightness that cloth has, and darker where little light gets."""
    tint = skin.solid.vertices["tint"]
    hidden = _hidden(skin)
    # Where legs come out of the hips the two are one piece of cloth: no line is to be seen there.
    hidden[(tint[:, 3] == 1) & (np.abs(skin.points[:, 2] - 0.89) < 0.09)] *= 0.25
    shade = 1.0 - 0.62 * hidden
    cloth = tint[:, 3] < 2
    shade[cloth] *= mottled(skin.points)[cloth]
    return skin.tinted(np.minimum(tint[:, :3] / 255.0 * shade[:, None], 1.0))


_NEAR_M = 0.12
"""What is farther away than this takes no light from a place on a skin, since limbs move."""
_number = np.arange(24) + 0.5
_WAYS = np.stack(
    (
        np.cos(np.pi * (1 + 5**0.5) * _number) * np.sqrt(1 - (1 - _number / 12) ** 2),
        np.sin(np.pi * (1 + 5**0.5) * _number) * np.sqrt(1 - (1 - _number / 12) ** 2),
        1 - _number / 12,
    ),
    axis=1,
)


def _hidden(skin: Skin) -> Array:
    """How much (vertices,) of what each vertex looks at is a part of the same skin near by, 0..0.65."""
    normals = skin.solid.vertices["normal"].astype(np.float64)
    places = np.concatenate((np.round(skin.points * 2000), np.round(normals * 6)), axis=1).astype(np.int64)
    _, first, same = np.unique(places, axis=0, return_index=True, return_inverse=True)
    points, normals = skin.points[first], normals[first]
    along = normals @ _WAYS.T
    which, way = np.nonzero(along > 0.1)
    share = along[which, way]
    start = points[which] + normals[which] * 0.004
    mesh = RayMesh(skin.points, skin.solid.triangles.astype(np.int32))
    met = mesh.blocked_many(start, start + _WAYS[way] * _NEAR_M)
    total = np.bincount(which, share, len(points))
    hidden = np.bincount(which, share * met, len(points)) / np.maximum(total, 1e-6)
    return np.asarray(np.minimum(hidden, 0.65)[same.reshape(-1)])


def _lower(dress: Dress, round_trunk: int, round_arm: int, round_leg: int, light: bool) -> Skin:
    """Trousers, or a skirt over bare legs."""
    build, coarse = dress.build, 2.2 if light else 1.0
    del round_arm
    rows = 4 if light else 7
    if dress.bottom in ("skirt", "dress"):
        legs = both(bodies.leg(build, 0.28, 0.84, SKIN, over=0.0, sides=round_leg, coarse=coarse))
        tint = LEGS if dress.bottom == "skirt" else TOP
        high = 1.06 if dress.bottom == "skirt" else 1.12
        cloth = bodies.skirt(
            build, 0.50, high, tint, over=0.010, flare=0.035, sides=round_trunk, rows=7 if light else 13
        )
        return joined([legs, cloth])
    loose = {"jeans": 0.006, "chinos": 0.009}.get(dress.bottom, 0.013)
    booted = dress.shoes in ("boots", "desert")
    end = 0.745 if booted else 0.825
    wide = {"jeans": 0.005, "chinos": 0.011}.get(dress.bottom, 0.016)
    folds = 0.0 if light else (0.0070 if booted else 0.0055)
    hips = bodies.trunk(build, 0.815, 1.05, LEGS, over=loose, sides=round_trunk, rows=rows)
    legs = both(bodies.leg(build, -0.06, end, LEGS, over=loose, sides=round_leg, coarse=coarse, folds=folds, wide=wide))
    whole = softened([hips, legs], 0.09)
    if dress.bottom == "defence":
        whole = Skin(camouflage(whole.solid), whole.weights)
    extras = []
    if not light and dress.bottom in ("police", "defence", "special"):
        extras.append(both(_pocket(dress.bottom)))
        if dress.bottom != "police":
            extras.append(both(_kneepad()))
    if not light and dress.top == "tucked":
        extras.append(
            bodies.trunk(build, 1.005, 1.04, fixed(0.12, 0.09, 0.07), over=loose + 0.004, sides=round_trunk, rows=2)
        )
    return joined([whole, *extras])


def _pocket(bottom: str) -> Skin:
    """A pocket on the side of the left thigh."""
    solid = box(0.060, 0.010, 0.075, slot(1, 0.88)).at(0.0, 0.188, 0.66)
    if bottom == "defence":
        solid = camouflage(solid, 0.9)
    return rigid(solid, left_thigh=1.0)


def _kneepad() -> Skin:
    dark = fixed(0.12, 0.12, 0.11)
    pad = join(
        ball(0.022, 0.055, 0.080, dark, 8).at(0.066, 0.100, 0.495),
        ball(0.014, 0.045, 0.052, fixed(0.18, 0.18, 0.17), 8).at(0.080, 0.100, 0.490),
    )
    return rigid(pad, left_knee=1.0)


def _upper(dress: Dress, round_trunk: int, round_arm: int, round_leg: int, light: bool) -> Skin:
    """What is worn above the belt."""
    build, coarse, rows = dress.build, 2.2 if light else 1.0, 7 if light else 15
    del round_leg
    top = dress.top
    uniform = top in ("police", "defence", "special")
    over = {"t_shirt": 0.007, "polo": 0.008, "shirt": 0.011, "sweater": 0.014, "hoodie": 0.020, "jacket": 0.012}.get(
        top, 0.011
    )
    low = {"hoodie": 0.90, "jacket": 0.95, "shirt": 0.91, "t_shirt": 0.92, "polo": 0.93, "sweater": 0.93}.get(top, 1.0)
    if top == "dress":
        low = 1.05
    flare = 0.006 if low < 0.95 else 0.0
    if dress.bottom == "skirt":
        low, flare, over = 1.0, 0.0, 0.005
    high = 1.484 if top in ("t_shirt", "dress") else 1.500
    folds = 0.0 if light or dress.bottom == "skirt" else 0.003 if uniform else 0.002 if top == "tucked" else 0.004
    tint = _rgb(dress.inner) if top == "jacket" else TOP
    tuck = 0.035 if top == "jacket" else 0.0
    pieces = [
        bodies.trunk(
            build,
            low,
            high,
            tint,
            over=over,
            sides=round_trunk,
            rows=rows,
            folds=folds,
            flare=flare,
            tuck=tuck,
            hang=bodies.HIPS,
        )
    ]
    short = top in ("t_shirt", "polo", "dress")
    sleeve_end = 0.20 if short else 0.572
    loose = over + (0.004 if short else 0.0)
    jacket = (
        bodies.jacket(
            build, 0.80 if top == "jacket" else 0.9, TOP, over=0.036 if light else 0.019, sides=round_trunk, rows=rows
        )
        if top == "jacket"
        else None
    )
    if jacket is not None:
        pieces.append(jacket)
        loose = 0.016
    cuff = 0.006 if short else 0.002
    arms = both(
        bodies.arm(
            build,
            -0.034,
            sleeve_end,
            TOP,
            over=loose * 0.75 + 0.002,
            sides=round_arm,
            coarse=coarse,
            folds=0.0 if short or light else 0.0055,
            cuff=cuff,
        )
    )
    whole = softened([*pieces, arms], 0.07)
    if top == "defence":
        whole = Skin(camouflage(whole.solid), whole.weights)
    extras = [whole]
    if short:
        extras.append(both(bodies.arm(build, 0.12, 0.585, SKIN, over=0.0, sides=round_arm, coarse=coarse)))
    if not light:
        extras += _details(dress, over)
    if uniform:
        extras += _gear(dress, light)
    return joined(extras)


def _details(dress: Dress, over: float) -> list[Skin]:
    """Collars, buttons, hoods, patches."""
    out: list[Skin] = []
    top = dress.top
    if top in ("shirt", "tucked", "polo", "jacket", "police", "defence", "special"):
        collar = bodies.collar(slot(0, 0.92), high=0.030, wide=0.012, gap=0.85 if top == "jacket" else 0.32)
        out.append(Skin(camouflage(collar.solid), collar.weights) if top == "defence" else collar)
    if top in ("shirt", "tucked", "polo"):
        lowest = {"polo": 1.34, "tucked": 1.07}.get(top, 0.98)
        buttons = []
        for z in np.arange(lowest, 1.45, 0.085):
            ahead, _ = bodies.depth(dress.build, float(z), over)
            buttons.append(box(0.0025, 0.0042, 0.0042, slot(0, 0.62)).at(ahead + 0.001, 0.0, float(z)))
        for i, z in enumerate(np.arange(lowest, 1.45, 0.085)):
            weights = bodies.trunk_weights(np.array([[0.1, 0.0, float(z)]]))[0]
            out.append(Skin(buttons[i], np.repeat(weights[None], len(buttons[i].vertices), axis=0)))
    if top == "hoodie":
        out.append(bodies.hood(TOP))
        for y in (-0.028, 0.028):
            ahead, _ = bodies.depth(dress.build, 1.36, over)
            out.append(
                rigid(
                    tube((ahead + 0.002, y, 1.43), (ahead + 0.022, y * 1.1, 1.30), 0.003, fixed(0.85, 0.84, 0.80), 4),
                    chest=1.0,
                )
            )
        z = np.array([0.925, 0.98, 1.03, 1.06])
        wide = np.array([0.80, 0.78, 0.62, 0.50])
        pocket = bodies.panel(dress.build, z, -wide, wide, slot(0, 0.93), over=over + 0.011, thick=0.02, columns=7)
        out.append(pocket)
    if top in ("police", "defence", "special"):
        out.append(_patches(top))
    return out


def _patches(top: str) -> Skin:
    """What is sewn on the sleeves: the colours of the country, or the police's mark."""
    if top == "defence":
        stripes = [
            box(0.012, 0.002, 0.018, colour).at(x, 0, 0)
            for x, colour in (
                (-0.024, fixed(0.05, 0.05, 0.05)),
                (0.0, fixed(0.95, 0.80, 0.10)),
                (0.024, fixed(0.80, 0.10, 0.12)),
            )
        ]
        patch = join(*stripes)
    else:
        patch = join(
            box(0.026, 0.002, 0.030, fixed(0.80, 0.84, 0.90)), box(0.017, 0.0028, 0.020, fixed(0.13, 0.30, 0.62))
        )
    tilt = np.eye(4)
    c, s = np.cos(0.30), np.sin(0.30)
    tilt[1:3, 1:3] = ((c, -s), (s, c))
    left = patch.moved(tilt).at(0.0, 0.2755, 1.318)
    return both(rigid(left, left_upper_arm=1.0))


def _gear(dress: Dress, light: bool) -> list[Skin]:
    """Vest or plate carrier, belt, holster, pouches."""
    top, build = dress.top, dress.build
    sides = 8 if light else 20
    navy, black = fixed(0.075, 0.095, 0.155), fixed(0.065, 0.068, 0.075)
    cloth = {"police": navy, "defence": fixed(0.40, 0.37, 0.26), "special": black}[top]
    out = [bodies.vest(build, cloth, sides=sides, plates=top != "police")]
    belt = {
        "police": fixed(0.04, 0.04, 0.045),
        "defence": fixed(0.33, 0.30, 0.21),
        "special": fixed(0.05, 0.05, 0.055),
    }[top]
    out.append(bodies.trunk(build, 0.965, 1.025, belt, over=0.024, sides=sides, rows=2))
    front, back = bodies.depth(build, 1.25, 0.034)
    if top != "defence":
        grey, ink = fixed(0.82, 0.86, 0.90), fixed(0.05, 0.06, 0.10)
        if top == "special":
            grey, ink = fixed(0.16, 0.17, 0.18), fixed(0.80, 0.82, 0.84)
        out.append(rigid(_sign("POLICE", grey, ink, light).at(front + 0.007, 0, 1.315), chest=1.0))
        behind = _sign("POLITIE", grey, ink, light).moved(np.diag([-1.0, -1.0, 1.0, 1.0]))
        out.append(rigid(behind.at(back - 0.010, 0, 1.30), chest=1.0))
    black_ = fixed(0.045, 0.045, 0.05)
    holster = join(
        box(0.022, 0.016, 0.070, black_).at(0.004, -0.212, 0.895),
        box(0.017, 0.011, 0.030, fixed(0.09, 0.09, 0.095)).at(-0.010, -0.212, 0.985),
    )
    out.append(rigid(holster, pelvis=0.7, right_hip=0.3))
    if light:
        return out
    low = bodies.depth(build, 1.11, 0.036)[0]
    if top == "police":
        solids = [box(0.016, 0.026, 0.040, slot(0, 0.72)).at(low + 0.010, y, 1.11) for y in (-0.085, 0.085)]
        solids.append(_radio().at(front - 0.012, 0.118, 1.385))
        out.append(rigid(join(*solids), chest=0.6, belly=0.4))
        on_belt = [
            box(0.020, 0.020, 0.032, black_).at(0.085, -0.150, 0.985),
            box(0.018, 0.030, 0.026, black_).at(-0.085, 0.155, 0.985),
            tube((0.02, 0.205, 0.93), (0.02, 0.205, 1.03), 0.016, black_, 8),
        ]
        out.append(rigid(join(*on_belt), pelvis=1.0))
    else:
        pouch = fixed(0.36, 0.33, 0.22) if top == "defence" else fixed(0.085, 0.088, 0.095)
        solids = [box(0.021, 0.034, 0.060, pouch).at(low + 0.016, y, 1.135) for y in (-0.078, 0.0, 0.078)]
        solids += [
            box(0.0225, 0.0345, 0.016, fixed(*(0.8 * c for c in pouch[:3]))).at(low + 0.016, y, 1.180)
            for y in (-0.078, 0.0, 0.078)
        ]
        solids.append(_radio().at(front - 0.03, 0.135, 1.36))
        out.append(rigid(join(*solids), chest=0.6, belly=0.4))
        pack = join(box(0.030, 0.105, 0.120, pouch), box(0.036, 0.060, 0.050, pouch).at(-0.008, 0, -0.05)).at(
            back - 0.022, 0, 1.20
        )
        if top == "defence":
            out.append(rigid(pack, chest=0.8, belly=0.2))
        on_belt = [
            box(0.026, 0.030, 0.055, pouch).at(0.02, 0.200, 0.950),
            box(0.030, 0.026, 0.050, pouch).at(-0.110, 0.130, 0.965),
            box(0.030, 0.026, 0.050, pouch).at(-0.110, -0.120, 0.965),
        ]
        out.append(rigid(join(*on_belt), pelvis=1.0))
        if top == "defence":
            flag = box(0.002, 0.040, 0.020, fixed(0.22, 0.22, 0.17)).at(front + 0.004, 0.0, 1.34)
            out.append(rigid(flag, chest=1.0))
    return out


def _radio() -> Solid:
    black = fixed(0.045, 0.045, 0.05)
    return join(box(0.014, 0.019, 0.040, black), tube((0, 0.008, 0.04), (0, 0.008, 0.10), 0.004, black, 5))


@cache
def _sign(text: str, ground: Tint, ink: Tint, light: bool) -> Solid:
    """A strip 24 cm wide with letters on it, facing +x, its middle at the origin."""
    across = np.linspace(-0.112, 0.112, 3 if light else 7)
    loop = np.array([[(0.003, y, -0.034), (0.003, y, 0.034), (-0.006, y, 0.034), (-0.006, y, -0.034)] for y in across])
    strip = closed(loop, np.tile(ground, (len(across), 4, 1)))
    if light:
        return _bent(join(strip, box(0.0045, 0.090, 0.018, ink)))
    font = ImageFont.load_default(size=12)
    left, top, right, bottom = (int(n) for n in font.getbbox(text))
    picture = Image.new("L", (right - left, bottom - top), 0)
    ImageDraw.Draw(picture).text((-left, -top), text, fill=255, font=font)
    marked = np.array(picture) > 95
    high, wide = marked.shape
    cell = 0.205 / wide
    tall = 0.050 / high
    strokes = []
    for row in range(high):
        line = np.flatnonzero(np.diff(np.concatenate(([0], marked[row].astype(int), [0]))))
        for start, end in zip(line[::2], line[1::2], strict=True):
            if not marked[row, start:end].all():
                continue  # a part of what reaches down from above
            last = row
            while last < high and marked[last, start:end].all():
                marked[last, start:end] = False
                last += 1
            y, z = ((start + end) / 2 - wide / 2) * cell, (high / 2 - (row + last) / 2) * tall
            strokes.append(_patch((end - start) * cell / 2, (last - row) * tall / 2, ink).at(0.0036, y, z))
    return _bent(join(strip, *strokes))


def _bent(solid: Solid) -> Solid:
    """What faces +x laid round a chest."""
    vertices = solid.vertices.copy()
    vertices["position"][:, 0] -= 1.1 * vertices["position"][:, 1] ** 2
    return Solid(vertices, solid.triangles)


def _patch(half_width: float, half_height: float, tint: Tint) -> Solid:
    """A small rectangle facing +x."""
    points = np.array([[[0.0, -half_width, z], [0.0, half_width, z]] for z in (-half_height, half_height)])
    return grid(points, np.tile(tint, (2, 2, 1)))
