"""What a trainee could see of people at the instant of a use of force, said once in the stream.

Who sees whom is noticed ten times a second (`sim.sight`); what a shot is judged by must be known for its own instant,
and by how much: which share of the body, in what light. It is worked out from the same bodies, walls, doors, smoke
and lamps, for the few who matter: those in the field of view, and those whom the line of fire passes by closely.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.nearness import passes_by
from xrlab.geometry.transforms import (
    PLACE_DECIMALS,
    Array,
    Vec3,
    direction,
    quantise_angle,
    quantise_place,
    wrap_angle,
)
from xrlab.sim import events as ev
from xrlab.sim.light import Light, reach
from xrlab.sim.sight import TOUCH_M
from xrlab.sim.smoke import Smoke
from xrlab.sim.world import Actor, World

CLOSE_M = 0.5
"""Whom the line of fire passes so near is told of, seen or not."""

ASIDE_M = 1.0
"""By whom the line passes farther than this, it is not said by how much."""

_CHEST = 1
_MIDDLE_M, _BODY_M = 0.9, 1.3
"""Any part of a body is within `_BODY_M` of the place so high above its feet."""

_POINTS = len(body.SIGHT_JOINTS)


class Witness:
    """Says what trainees see of others when they use force; one for a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._light = Light(world)
        self._smoke = Smoke(world)

    def tell(
        self,
        emit: Callable[[ev.Event], None],
        t: float,
        who: Actor,
        *,
        shot: int | None = None,
        line: tuple[Vec3, float, float] | None = None,
        whom: str | None = None,
    ) -> None:
        """Emits a `Sighted` for everyone who matters to a use of force by `who` at `t`; nothing for a role player's.

        shot, line: its number, and the origin, yaw and pitch of its line. whom: who was met, of a blow or a spray.
        """
        if who.role != "trainee":
            return
        ray = None if line is None else (line[0], direction(line[1], line[2]))
        for sighted in self._sightings(t, who, shot, ray, whom):
            emit(sighted)

    def _sightings(
        self, t: float, who: Actor, shot: int | None, ray: tuple[Vec3, Vec3] | None, whom: str | None
    ) -> Iterator[ev.Sighted]:
        eye = quantise_place(who.eye(t))
        yaw = who.track.at(t).yaw
        found: list[_Found] = []
        for other in self._world.actors.values():
            if other is who or not other.present:
                continue
            joints = np.round(other.joints(t), PLACE_DECIMALS)
            points = joints[body.SIGHT_JOINTS]
            aside = None if ray is None or _far_from(ray, other.track.at(t).position) else _aside(ray, joints)
            in_view = _in_view(who, eye, yaw, points[_CHEST].tolist())
            if other.name == whom or (aside is not None and aside <= CLOSE_M) or (in_view and other.role != "trainee"):
                found.append(_Found(other, points, aside, in_view))
        if not found:
            return
        ways = self._world.leaf_ways([t])
        free = self._free(t, eye, np.stack([f.points for f in found]), ways)
        lux, lit = self._lit(t, eye, found, ways)
        for number, (other, points, aside, in_view) in enumerate(found):
            share = round(float(free[number].sum()) / _POINTS, 6) if in_view else 0.0
            if share == 0.0 and other.name != whom and (aside is None or aside > CLOSE_M):
                continue
            x, y, z = points[_CHEST].tolist()
            stance = other.track.at(t)
            yield ev.Sighted(
                t=t, shot=shot, who=who.name, whom=other.name, share=share, lux=lux[number], lit=lit[number],
                distance=round(math.dist(eye, (x, y, z)), PLACE_DECIMALS),
                turned=quantise_angle(abs(wrap_angle(math.atan2(eye[1] - y, eye[0] - x) - stance.yaw))),
                aside=aside,
            )  # fmt: skip

    def _free(self, t: float, eye: Vec3, points: Array, ways: Array) -> NDArray[np.bool_]:
        """Which body points, (people, 7, 3), are hidden from the eye neither by walls nor by doors or smoke."""
        ends = points.reshape(-1, 3)
        starts = np.broadcast_to(np.array(eye), ends.shape)
        now = np.zeros(len(ends), np.int64)
        free = ~self._world.room.opaque.blocked_many(starts, ends)
        free &= ~self._world.leaves_block(starts, ends, ways, now)
        dense = self._smoke.densities([t])
        if self._smoke.is_about(dense):
            free &= ~self._smoke.hides(starts, ends, dense, now)
        return free.reshape(points.shape[:2])

    def _lit(self, t: float, eye: Vec3, found: list[_Found], ways: Array) -> tuple[list[float | None], list[bool]]:
        """The light (lux) on each one's chest, and whether one sees by it so far; None where light limits nobody."""
        levels = self._light.levels([t])
        if self._light.is_good(levels)[0]:
            return [None] * len(found), [True] * len(found)
        chests = np.stack([f.points[_CHEST] for f in found])
        lux = self._light.lux(
            chests, np.broadcast_to(levels, (len(found), levels.shape[1])), ways, np.zeros(len(found), np.int64)
        )
        torches = [a for a in self._world.actors.values() if a.torch and a.present]
        for torch in torches:
            others = np.flatnonzero([f.actor is not torch for f in found])
            look = torch.track.at(t).yaw
            lux[others] += self._light.beam(
                np.array(quantise_place(torch.eye(t))), np.array((math.cos(look), math.sin(look))), chests[others], ways
            )
        distances = np.sqrt(((chests - np.array(eye)) ** 2).sum(axis=1))
        lit = (distances <= reach(lux)) | (distances < TOUCH_M)
        for number, other in enumerate(found):
            if other.actor in torches:  # who holds a torch towards the eye is seen by it
                place, look = other.actor.eye(t), other.actor.track.at(t).yaw
                turn = np.array(((math.cos(look), math.sin(look)),))
                lit[number] |= bool(self._light.dazzles(np.array((place,)), turn, np.array((eye,)))[0])
        return [round(float(v), 3) for v in lux], lit.tolist()


class _Found(NamedTuple):
    """Somebody who matters: their sight points (7, 3), how far the line passes by, and whether in the field of view."""

    actor: Actor
    points: Array
    aside: float | None
    in_view: bool


def _in_view(who: Actor, eye: Vec3, yaw: float, at: Vec3) -> bool:
    """Whether a place lies within somebody's field of view and reach, seen from above."""
    dx, dy = at[0] - eye[0], at[1] - eye[1]
    distance = math.hypot(dx, dy)
    ahead = dx * math.cos(yaw) + dy * math.sin(yaw)
    wide = ahead >= distance * math.cos(math.radians(who.view_deg) / 2) - 1e-9
    return (wide or distance < TOUCH_M) and distance < who.sees_m


def _far_from(ray: tuple[Vec3, Vec3], feet: Vec3) -> bool:
    """Whether no part of a body that stands, sits or lies there can be within `ASIDE_M` of a ray; quick."""
    (ox, oy, oz), (dx, dy, dz) = ray
    x, y, z = feet[0] - ox, feet[1] - oy, feet[2] + _MIDDLE_M - oz
    along = max(0.0, x * dx + y * dy + z * dz)
    return math.dist((x, y, z), (dx * along, dy * along, dz * along)) > ASIDE_M + _BODY_M


def _aside(ray: tuple[Vec3, Vec3], joints: Array) -> float | None:
    gap = round(passes_by(*ray, joints)[0], PLACE_DECIMALS)
    return gap if gap <= ASIDE_M else None
