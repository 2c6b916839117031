"""What flies from an impact or a muzzle for a moment: chips, dust, sparks, smoke, cases, as functions of the age.

Nothing is kept from picture to picture: where each bit is follows from the place of the impact and the time since.
Bits fly with drag that grows with their speed, for which their way has a closed form; dust and smoke grow and thin out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, Vec3
from xrlab.render.scene import Flash, Impact

LIFE_S = 1.6
"""Nothing is left of an impact or a shot in the air after this time."""
FLASH_S = 0.045
"""So long a muzzle flash shines."""

PARTICLE = np.dtype(
    [("place", "<f4", 3), ("radius", "<f4"), ("along", "<f4", 3), ("kind", "<f4"), ("colour", "<f4", 4),
     ("surface", "<f4", 4)]
)  # fmt: skip
"""One bit: place (m), radius (m), half of its length along its way (m), kind, linear colour and cover, and the plane
that it flew from (normal, distance), into which clouds do not sink."""

CHIP, CLOUD, SPARK = 0.0, 1.0, 2.0
GRAVITY = 9.81


@dataclass(frozen=True)
class Spray:
    """Bits of one kind that fly from one place. All arrays (n,) or (n, 3); metres, seconds.

    wide: how far from straight out of the surface (1: to all sides of it). slowed: part of the speed lost in a second.
    sinks: part of gravity that they feel. grows: of the radius, metres in a second at first.
    """

    kind: float
    many: int
    color: tuple[float, float, float]
    cover: float
    radius: tuple[float, float]
    speed: tuple[float, float]
    wide: float
    slowed: float
    sinks: float
    grows: float
    life: tuple[float, float]
    long: float = 0.0


def _dust(color: tuple[float, float, float], many: int = 5, cover: float = 0.34, size: float = 0.16) -> Spray:
    return Spray(CLOUD, many, color, cover, (0.012, 0.03), (0.5, 2.6), 0.55, 5.5, 0.02, size, (0.7, LIFE_S))


def _chips(color: tuple[float, float, float], many: int, size: float = 0.004, long: float = 0.0) -> Spray:
    return Spray(CHIP, many, color, 1.0, (size * 0.35, size), (1.2, 5.5), 0.8, 1.4, 1.0, 0.0, (0.35, 0.9), long)


_GREY, _RED, _WHITE, _PALE = (0.62, 0.61, 0.59), (0.60, 0.38, 0.30), (0.92, 0.91, 0.88), (0.80, 0.66, 0.46)
_SPARKS = Spray(
    SPARK, 16, (1.0, 0.72, 0.30), 1.0, (0.0012, 0.002), (4.0, 13.0), 0.95, 5.0, 0.6, 0.0, (0.06, 0.24), 0.012
)  # fmt: skip
_LEAD = Spray(CLOUD, 3, (0.45, 0.45, 0.46), 0.16, (0.01, 0.02), (0.6, 2.0), 0.9, 6.0, 0.0, 0.14, (0.3, 0.7))
_FLUFF = Spray(CLOUD, 2, (0.88, 0.87, 0.84), 0.12, (0.004, 0.008), (0.4, 1.2), 0.5, 7.0, 0.02, 0.04, (0.2, 0.45))
_SPRAYS: dict[str, tuple[Spray, ...]] = {
    "concrete": (_chips(_GREY, 16), _dust(_GREY)),
    "brick": (_chips(_RED, 16, 0.005), _dust((0.62, 0.45, 0.38))),
    "tile": (_chips(_WHITE, 20, 0.006), _dust(_WHITE, 3, 0.25)),
    "plasterboard": (_chips(_WHITE, 12, 0.005), _dust(_WHITE, 7, 0.42, 0.20)),
    "wood": (_chips(_PALE, 12, 0.0025, 0.010), _dust(_PALE, 2, 0.18, 0.10)),
    "steel": (_SPARKS, _LEAD),
    "glass": (_chips((0.82, 0.92, 0.93), 26, 0.005), _dust(_WHITE, 2, 0.15, 0.10)),
    "armoured_glass": (_chips((0.82, 0.92, 0.93), 12, 0.003), _dust(_WHITE, 2, 0.2, 0.10)),
    "paper": (_FLUFF,),
    "cardboard": (_FLUFF,),
    "fabric": (_FLUFF,),
    "rubber": (_chips((0.08, 0.08, 0.08), 8, 0.004),),
    "sand": (_chips((0.62, 0.54, 0.40), 22, 0.003), _dust((0.66, 0.58, 0.45), 6)),
    "leaves": (_chips((0.25, 0.36, 0.18), 10, 0.006),),
}
_LIKE = {"curtain": "fabric", "carpet": "fabric", "railing": "steel"}
_MUZZLE = Spray(CLOUD, 5, (0.72, 0.72, 0.73), 0.10, (0.02, 0.035), (1.0, 6.0), 0.18, 7.0, -0.02, 0.22, (0.6, LIFE_S))


@dataclass(frozen=True)
class _Bits:
    """What a spray is at its start: (n,) and (n, 3)."""

    spray: Spray
    start: Vec3
    surface: tuple[float, float, float, float]
    velocity: Array
    radius: Array
    life: Array
    shade: Array


def from_impact(impact: Impact) -> NDArray[np.void]:
    """What of an impact is in the air now: rows of `PARTICLE`; none once it is older than `LIFE_S`."""
    if not 0.0 <= impact.age < LIFE_S:
        return np.zeros(0, PARTICLE)
    bits = _sprayed(impact.position, impact.normal, impact.material)
    return np.concatenate([np.zeros(0, PARTICLE), *(_at(some, impact.age) for some in bits)])


def from_muzzle(flash: Flash) -> NDArray[np.void]:
    """The smoke of a shot now: rows of `PARTICLE`; none once it is older than `LIFE_S`."""
    if not flash.round or not 0.0 <= flash.age < LIFE_S:
        return np.zeros(0, PARTICLE)
    return _at(_bits(_MUZZLE, flash.position, flash.direction, None), flash.age)


def strength(age: float) -> float:
    """How bright a muzzle flash still is (0..1) so long after the shot: all of it at first, gone after `FLASH_S`."""
    return max(0.0, 1.0 - age / FLASH_S) ** 2 if age >= 0.0 else 0.0


def case(flash: Flash) -> tuple[Vec3, Vec3] | None:
    """Where the case of a shot flies: its middle (m) and the way it points; None where there is none (any more).

    It leaves the weapon to the right and a little back and up, and tumbles.
    """
    if not flash.round or not 0.0 <= flash.age < 0.8:
        return None
    luck = np.random.default_rng(_seed(flash.position, "case"))
    forward = np.array(flash.direction)
    right = np.cross(forward, (0.0, 0.0, 1.0))
    long = float(np.linalg.norm(right))
    right = right / long if long > 1e-6 else np.array([0.0, -1.0, 0.0])
    up = np.cross(right, forward)
    swing, lift, back = 2.2 + luck.uniform(-0.4, 0.5), 1.7 + luck.uniform(-0.3, 0.4), 0.5 + luck.uniform(-0.2, 0.3)
    t = flash.age
    start = np.array(flash.position) - forward * 0.17 + up * 0.02 + right * 0.02
    place = start + (right * swing + up * lift - forward * back) * t - (0.0, 0.0, GRAVITY / 2 * t * t)
    turn = t * luck.uniform(18.0, 34.0)
    way = forward * math.cos(turn) + (right * 0.6 + up * 0.8) * math.sin(turn)
    x, y, z = place.tolist()
    a, b, c = way.tolist()
    return (x, y, z), (a, b, c)


def _seed(place: Vec3, what: str) -> list[int]:
    """A seed from a place, to the tenth of a millimetre."""
    return [round(c * 1e4) & 0xFFFFFFFF for c in place] + [len(what)]


@lru_cache(maxsize=256)
def _sprayed(place: Vec3, normal: Vec3, material: str) -> tuple[_Bits, ...]:
    sprays = _SPRAYS.get(_LIKE.get(material, material), () if material == "flesh" else _SPRAYS["concrete"])
    return tuple(_bits(spray, place, normal, normal) for spray in sprays)


@lru_cache(maxsize=512)
def _bits(spray: Spray, place: Vec3, out: Vec3, surface: Vec3 | None) -> _Bits:
    luck = np.random.default_rng([*_seed(place, "spray"), int(spray.kind), spray.many])
    n = spray.many
    # Even over a disc one beyond the tip of the way out: narrow for small `wide`, half a sphere and more for 1.
    aside = luck.normal(0.0, 1.0, (n, 3)) * spray.wide
    ways = np.array(out) + aside
    if surface is not None:  # nothing flies into what it came from
        depth = ways @ np.array(surface)
        ways += np.array(surface) * (np.maximum(0.15 - depth, 0.0) * 1.5)[:, None]
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    speed = luck.uniform(*spray.speed, n) ** 1.0
    plane = (0.0, 0.0, 0.0, 1.0) if surface is None else (*surface, -float(np.dot(surface, place)))
    return _Bits(
        spray, place, plane, ways * speed[:, None], luck.uniform(*spray.radius, n), luck.uniform(*spray.life, n),
        luck.uniform(0.75, 1.15, n),
    )  # fmt: skip


def _at(bits: _Bits, age: float) -> NDArray[np.void]:
    """Where the bits are that still live: with drag k the speed falls to e^(-kt) of what it was beyond the fall's."""
    spray = bits.spray
    lives = bits.life > age
    k = spray.slowed
    falling = np.array([0.0, 0.0, -GRAVITY * spray.sinks / k])
    slowed = math.exp(-k * age)
    velocity = falling + (bits.velocity[lives] - falling) * slowed
    out = np.zeros(int(lives.sum()), PARTICLE)
    out["place"] = np.array(bits.start) + falling * age + (bits.velocity[lives] - falling) * ((1 - slowed) / k)
    spent = age / bits.life[lives]
    out["radius"] = bits.radius[lives] + spray.grows * (1 - math.exp(-3 * age)) / 1.5
    speed = np.maximum(np.linalg.norm(velocity, axis=1, keepdims=True), 1e-6)
    out["along"] = velocity / speed * (spray.long if spray.kind != SPARK else spray.long + speed * 0.004)
    out["kind"] = spray.kind
    linear = np.array(spray.color) ** 2.2
    out["colour"][:, :3] = linear * bits.shade[lives, None]
    if spray.kind == CLOUD:
        young = min(1.0, age / 0.03)
        # The same dust in ever more room: it thins out with the square of its size, and in the end quite.
        out["colour"][:, 3] = spray.cover * young * (1 - spent) ** 1.5
    else:
        out["colour"][:, 3] = spray.cover * np.minimum(1.0, (1 - spent) * 3)
    out["surface"] = bits.surface
    return out
