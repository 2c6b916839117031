"""How legs and arms go while a body moves: walking and running cycles, by the metres walked, so that no foot slides.

A cycle is two steps. How long it is follows from the speed. Walking: step length over cadence (the walk ratio) is the
same at all but slow speeds (J. Phys. Ther. Sci. 29, 2017, PMC5430280: above 1.0 m/s), some 0.0065 m per step a minute,
so a step is sqrt(60 * 0.0065 * v) long. Running: from 3.15 to 4.12 m/s the cadence grows by 4 % only
(P. R. Cavanagh, R. Kram, Medicine and Science in Sports and Exercise 21, 1989), here 2.4 + 0.12 v steps a second.

A foot comes down on its heel, lies flat, and rolls off over its ball; what touches the floor stays where it is.
The pelvis is as high as the legs reach: highest over the standing leg of who walks, lowest there for who runs.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

from xrlab.geometry.poses import SHANK, SIDES, THIGH, Points, along, eased, leg, minus, tilted, unit
from xrlab.geometry.transforms import Vec3

WALK_M_S = 1.4
"""A brisk walk."""
RUN_M_S = 2.2
"""Faster than this one runs."""
MAX_M_S = 8.0
SETTLE_S = 0.4
"""Who stops brings both feet under the body in this time."""
STEP_M = 0.006
"""Cycles are cut into steps of this way, so that a foot on the floor stays within it of its place."""
TURNS = 128
"""Ways to go, counted from where the body faces, around the full circle."""

_ANKLE = 0.07
_BALL, _HEEL = 0.16, -0.05  # before and behind the ankle
_LEG = (THIGH + SHANK) * 0.9995
_BASE = 0.09  # how far to the side of the middle feet come down


class Gait(NamedTuple):
    """How legs go. speed: class of it, tenths of m/s. step: so many steps of the cycle; of the first cycle up to its
    number of steps, of later ones above. way: where the body goes, in `TURNS` from where it faces.
    settled: who has stopped: so many sixteenths of bringing the feet together; 0 on the way.
    """

    speed: int
    step: int
    way: int = 0
    settled: int = 0


def speed_class(speed: float) -> int:
    """The class of a speed (m/s): tenths of it, from 1 on. No usual speed lies where one class goes over into the next,
    so all legs of a walk are of one, whatever quantising does to them."""
    return max(1, round(speed * 10 + 0.137)) if speed < MAX_M_S else round(MAX_M_S * 10)


@cache
def stride(speed: int) -> float:
    """Metres of a full cycle, two steps, at a class of speed."""
    v = speed / 10
    return 2 * v / (2.4 + 0.12 * v) if v > RUN_M_S else 2 * math.sqrt(60 * 0.0065 * v)


@cache
def steps(speed: int) -> int:
    """The number of steps that a cycle at a class of speed is cut into."""
    return math.ceil(stride(speed) / STEP_M)


def step(speed: int, walked: float) -> int:
    """The step of the cycle after so many metres, from 1; those of the first cycle are told from later ones."""
    count = steps(speed)
    at = int(walked / stride(speed) * count)
    return 1 + (at if at < count else count + at % count)


class _Cycle(NamedTuple):
    """A cycle at one speed.

    lands: where a foot comes down, before the hip (m); duty: the part of the cycle that it bears the body; flat, lifts:
    when, as parts of that, it lies flat and its heel rises; raised, rolled: angles (rad) of the toes when it comes down
    and of the heel when it leaves; lift: how high it swings. bob: rise and fall of the pelvis, high: its mean height.
    """

    stride: float
    lands: float
    duty: float
    flat: float
    lifts: float
    raised: float
    rolled: float
    lift: float
    bob: float
    runs: bool
    high: float = 0.0


@cache
def _cycle(speed: int) -> _Cycle:
    v = speed / 10
    long = stride(speed)
    if v > RUN_M_S:
        duty = max(0.22, 0.47 - 0.035 * v)
        cycle = _Cycle(long, 0.36 * long * duty, duty, 0.15, 0.45, 0.15, 1.15, 0.10 + 0.05 * v, -0.035, True)
    else:
        duty = 0.675 - 0.04 * v
        rolled, raised = min(1.05, 0.2 + 0.6 * v), min(0.3, 0.1 + 0.15 * v)
        cycle = _Cycle(
            long, 0.37 * long * duty, duty, 0.12, 0.55, raised, rolled, 0.03 + 0.025 * v, 0.006 + 0.01 * v, False
        )  # fmt: skip
    return cycle._replace(high=_height(cycle))


def _height(cycle: _Cycle) -> float:
    """The mean height of the hips at which the leg that bears the body always reaches the floor."""
    highest = 0.915
    for k in range(200):
        c = k / 200
        if c < cycle.duty:
            x, z = _bearing(cycle, c)
            highest = min(highest, z + math.sqrt(_LEG * _LEG - x * x) - _bobbed(cycle, c))
    return highest


def _bobbed(cycle: _Cycle, c: float) -> float:
    """How far the hips are above their mean when a foot is at a part c of its cycle."""
    return cycle.bob * math.cos(4 * math.pi * (c - cycle.lands / cycle.stride))


def _bearing(cycle: _Cycle, c: float) -> tuple[float, float]:
    """The ankle before the hip and over the floor (m) while the foot bears the body."""
    flat = cycle.lands - cycle.stride * c
    borne = c / cycle.duty
    if borne < cycle.flat:
        angle = cycle.raised * (1 - borne / cycle.flat)
        return _pivoted(flat, _HEEL, angle)
    if borne > cycle.lifts:
        angle = cycle.rolled * ((borne - cycle.lifts) / (1 - cycle.lifts)) ** 1.5
        return _pivoted(flat, _BALL, -angle)
    return flat, _ANKLE


def _pivoted(flat: float, point: float, angle: float) -> tuple[float, float]:
    """The ankle of a foot that is turned about a point of its sole; a positive angle lifts the toes."""
    c, s = math.cos(angle), math.sin(angle)
    return flat + point - point * c - _ANKLE * s, -point * s + _ANKLE * c


def _swinging(cycle: _Cycle, c: float) -> tuple[float, float]:
    """The ankle before the hip and over the floor while the foot is in the air."""
    s = (c - cycle.duty) / (1 - cycle.duty)
    (x0, z0), (x1, z1) = _bearing(cycle, cycle.duty), _bearing(cycle, 0.0)
    drawn = cycle.stride * (1 - cycle.duty)
    m0, m1 = -drawn * (0.35 if cycle.runs else 0.2), -drawn * (0.35 if cycle.runs else 0.7)
    x = (2 * s**3 - 3 * s**2 + 1) * x0 + (s**3 - 2 * s**2 + s) * m0 + (3 * s**2 - 2 * s**3) * x1 + (s**3 - s**2) * m1
    early = s**0.75 if cycle.runs else s
    return x, z0 + (z1 - z0) * eased(s) + cycle.lift * math.sin(math.pi * early)


def _foot(cycle: _Cycle, c: float) -> tuple[float, float]:
    return _bearing(cycle, c) if c < cycle.duty else _swinging(cycle, c)


def parts(gait: Gait) -> tuple[float, float]:
    """Where in their cycles the left and the right foot are, 0 where each comes down.

    At the start the right foot is under the body and bears it; the left one is in the air.
    """
    cycle = _cycle(gait.speed)
    c = ((gait.step - 1) / steps(gait.speed) + cycle.lands / cycle.stride) % 1.0
    return (c + 0.5) % 1.0, c


def stepped(points: Points, gait: Gait) -> Points:
    """A body in an upright pose with its legs on the way; what is above the hips rises and falls with them."""
    cycle = _cycle(gait.speed)
    left, right = parts(gait)
    first = gait.step <= steps(gait.speed)
    out = dict(points)
    goals: dict[str, Vec3] = {}
    turn = gait.way * 2 * math.pi / TURNS
    ahead, aside = math.cos(turn), math.sin(turn)
    for (side, sign), c in zip(SIDES, (left, right), strict=True):
        x, z = _foot(cycle, c)
        before = points[f"{side}_foot"]
        begun = _begun(cycle, side, c) if first else 1.0
        own = (before[0] * (1 - begun), before[1] + (sign * _BASE - before[1]) * begun)
        if first and side == "left" and begun < 1.0:  # it leaves from where it stood in the world, lifted first
            gone = cycle.stride * (gait.step - 1) / steps(gait.speed)
            x, z = x * begun - gone * (1 - begun), before[2] + (z - before[2]) * eased(min(1.0, 3 * begun))
        goals[side] = (x * ahead + own[0], x * aside + own[1], z)
    home = points["left_hip"][2]
    sinks = eased(min(1.0, 6 * (gait.step - 1) / steps(gait.speed))) if first else 1.0
    hips = home + (min(cycle.high + _bobbed(cycle, right), home) - home) * sinks
    for (side, _), c in zip(SIDES, (left, right), strict=True):
        if c < cycle.duty:  # the leg that bears the body reaches the floor
            hip = points[f"{side}_hip"]
            x, y, z = goals[side]
            reach = _LEG * _LEG - (x - hip[0]) ** 2 - (y - hip[1]) ** 2
            hips = min(hips, z + math.sqrt(max(reach, 0.04)))
    sunk = (0.0, 0.0, hips - home)
    share = gait.settled / 16
    if gait.settled:
        sunk = (0.0, 0.0, sunk[2] * (1 - eased(share)))
    for name in out:
        if not name.endswith(("knee", "foot")):
            out[name] = along(out[name], sunk, 1.0)
    for (side, _), c in zip(SIDES, (left, right), strict=True):
        goal = goals[side]
        if gait.settled:
            goal = _brought(goal, points[f"{side}_foot"], share, c >= cycle.duty or (c > 0.5 * cycle.duty))
        leg(out, side, goal)
    return out


def _begun(cycle: _Cycle, side: str, c: float) -> float:
    """How far in its first cycle a foot has left the place where it stood: the left goes first, then the right."""
    start = (cycle.lands / cycle.stride + (0.5 if side == "left" else 0.0)) % 1.0
    gone = (c - start) % 1.0
    if side == "left":
        swing = (1.0 - start) % 1.0 or 1.0
        return eased(min(1.0, gone / (0.6 * swing)))
    bears = cycle.duty - start
    return eased(min(1.0, max(0.0, (gone - bears) / (0.9 * (1 - cycle.duty)))))


def _brought(goal: Vec3, home: Vec3, share: float, goes_first: bool) -> Vec3:
    """A foot on its step home after a stop."""
    g = eased(min(1.0, max(0.0, share / 0.5 if goes_first else (share - 0.45) / 0.55)))
    far = math.hypot(home[0] - goal[0], home[1] - goal[1])
    lift = 0.05 * min(1.0, far / 0.1) * 4 * g * (1 - g)
    return (
        goal[0] + (home[0] - goal[0]) * g,
        goal[1] + (home[1] - goal[1]) * g,
        goal[2] + (home[2] - goal[2]) * g + lift,
    )


def swung(points: Points, gait: Gait) -> Points:
    """A body that stands with free hands: its arms swing against the legs, the shoulders turn with them."""
    left, right = parts(gait)
    runs = _cycle(gait.speed).runs
    v = min(gait.speed / 10, 5.0)
    full = 1.0 if gait.step > steps(gait.speed) else min(1.0, 4 * gait.step / steps(gait.speed))
    full *= 1.0 - eased(gait.settled / 16)
    wide = (0.60 if runs else 0.10 + 0.17 * v) * full
    out = dict(points)
    twist = (0.12 if runs else 0.05) * full * math.cos(2 * math.pi * left)
    neck = out["neck"]
    for (side, sign), c in zip(SIDES, (left, right), strict=True):
        shoulder = _about(out[f"{side}_shoulder"], neck, twist)
        out[f"{side}_shoulder"] = shoulder
        swing = -wide * math.cos(2 * math.pi * c)  # forward when the leg of this side is behind
        elbow = _about(points[f"{side}_elbow"], neck, twist)
        hand = _about(points[f"{side}_hand"], neck, twist)
        upper = unit(minus(tilted(elbow, shoulder, -swing - (0.12 * full if runs else 0.0)), shoulder))
        fore = unit(minus(hand, elbow))
        bend = swing * 1.0 + (1.05 * full if runs else 0.25 * max(0.0, swing))
        fx, fy, fz = tilted(fore, (0.0, 0.0, 0.0), -bend)
        fy -= sign * (0.35 * full if runs else 0.03)
        fore = unit((fx, fy, fz))
        length = math.dist(points[f"{side}_elbow"], points[f"{side}_shoulder"])
        middle = along(shoulder, upper, length)
        out[f"{side}_elbow"] = middle
        out[f"{side}_hand"] = along(middle, fore, math.dist(points[f"{side}_elbow"], points[f"{side}_hand"]))
    return out


def _about(p: Vec3, axis: Vec3, angle: float) -> Vec3:
    """A point turned about the vertical through `axis`, counter-clockwise."""
    c, s = math.cos(angle), math.sin(angle)
    x, y = p[0] - axis[0], p[1] - axis[1]
    return axis[0] + x * c - y * s, axis[1] + x * s + y * c, p[2]


def lean(gait: Gait) -> float:
    """How far (rad) the trunk leans forward."""
    if not _cycle(gait.speed).runs:
        return 0.0
    begun = 1.0 if gait.step > steps(gait.speed) else min(1.0, 4 * gait.step / steps(gait.speed))
    return (
        (0.05 + 0.02 * gait.speed / 10)
        * begun
        * (1.0 - eased(gait.settled / 16))
        * math.cos(gait.way * 2 * math.pi / TURNS)
    )
