"""From the events of a run to what its shots leave in a picture: marks, with their age, and flashes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from xrlab.geometry.transforms import Vec3, direction
from xrlab.render.bursts import LIFE_S
from xrlab.render.scene import Flash, Impact
from xrlab.room.model import Door
from xrlab.scenario.library import loads
from xrlab.sim import events as ev
from xrlab.sim.world import Board, World

MUZZLE_M = 0.70
"""How far before the eye the muzzle is drawn."""

MAX_MARKS = 400
"""The newest bullet marks that are drawn."""

_CALIBRE_M, _ENERGY_J = 0.009, 500.0
"""Of a training laser's mark, which has neither."""


def marks(world: World, t: float, events: Iterable[ev.Event]) -> list[Impact]:
    """Bullet marks at `t` on walls, both sides of them, on doors and on boards; the latter two move with them."""
    fired: dict[int, ev.ShotFired] = {}
    struck: list[ev.Struck] = []
    for e in events:
        if e.t > t:
            continue
        if isinstance(e, ev.Struck):
            if e.kind != "person":
                struck.append(e)
        elif isinstance(e, ev.ShotFired):
            fired[e.shot] = e
    boards = {name: (number, board) for number, (name, board) in enumerate(world.boards.items())}
    out: list[Impact] = []
    for e in struck[-MAX_MARKS:]:
        shot = fired.get(e.shot)
        calibre = _calibre(shot.load) if shot is not None and shot.load else _CALIBRE_M
        new: Iterable[Impact]
        if e.kind == "target":
            new = _on_board(e, calibre, t, *boards[e.what])
        elif e.kind == "door":
            new = _on_door(e, calibre, world, t)
        else:
            new = _on_wall(e, calibre, world.room.solid)
        age = t - e.t
        out += new if age >= LIFE_S else [replace(one, age=age) for one in new]
    return out[-MAX_MARKS:]


def flashes(t: float, events: Sequence[ev.Event]) -> list[Flash]:
    """The last shots, so long as anything of them is to be seen at their muzzles."""
    return [_muzzle(e, t - e.t) for e in events if isinstance(e, ev.ShotFired) and 0 <= t - e.t < LIFE_S]


def _muzzle(shot: ev.ShotFired, age: float) -> Flash:
    way = direction(shot.yaw, shot.pitch)
    x, y, z = shot.origin
    muzzle = (x + way[0] * MUZZLE_M, y + way[1] * MUZZLE_M, z + way[2] * MUZZLE_M - 0.03)
    return Flash(muzzle, way, age, shot.load is not None)


@lru_cache(maxsize=64)
def _calibre(load: str) -> float:
    known = loads().get(load)
    return known.diameter_mm / 1000 if known else _CALIBRE_M


def _went_on(e: ev.Struck) -> bool:
    """Whether the bullet left what it struck again; a laser goes through paper and leaves one mark."""
    return e.exit is not None and e.thickness is not None


@lru_cache(maxsize=2048)
def _on_wall(e: ev.Struck, calibre: float, solid: object) -> tuple[Impact, ...]:
    energy = e.energy or _ENERGY_J
    entry = Impact(
        e.entry, _normal_at(solid, e.entry), e.material, "stopped" if e.exit is None else "entered", calibre, energy
    )
    if e.exit is None or not _went_on(e):
        return (entry,)
    left = Impact(e.exit, _normal_at(solid, e.exit), e.material, "left", calibre, max(e.left or 0.0, 0.3 * energy))
    return entry, left


def _on_board(e: ev.Struck, calibre: float, t: float, number: int, board: Board) -> Iterator[Impact]:
    """A mark where the board was struck, however it has turned or fallen since; one behind it where it went through."""
    normal, right, up = board.axes(t)
    u, v = e.local or (0.0, 0.0)
    at = tuple(m + r * u + w * v for m, r, w in zip(board.middle(t), right, up, strict=True))
    energy = e.energy or _ENERGY_J
    front: Vec3 = (at[0], at[1], at[2])
    yield Impact(front, normal, e.material, "stopped" if e.exit is None else "entered", calibre, energy, board=number)
    if _went_on(e):
        thick = 0.006
        behind = (at[0] - normal[0] * thick, at[1] - normal[1] * thick, at[2] - normal[2] * thick)
        yield Impact(behind, (-normal[0], -normal[1], -normal[2]), e.material, "left", calibre, energy, board=number)


def _on_door(e: ev.Struck, calibre: float, world: World, t: float) -> Iterator[Impact]:
    """Marks on a leaf, turned from where it stood when it was struck to where it stands now."""
    door, ramp = world.room.doors[e.what], world.doors[e.what]
    then, now = door.yaw(ramp.at(e.t)), door.yaw(ramp.at(t))
    energy = e.energy or _ENERGY_J
    way = "stopped" if e.exit is None else "entered"
    place, normal = _turned(door, e.entry, then, now)
    yield Impact(place, normal, e.material, way, calibre, energy, fixed=False)
    if e.exit is not None and _went_on(e):
        place, normal = _turned(door, e.exit, then, now)
        yield Impact(place, normal, e.material, "left", calibre, energy, fixed=False)


def _turned(door: Door, at: Vec3, then: float, now: float) -> tuple[Vec3, Vec3]:
    """A place on a leaf that stood at the yaw `then` and stands at `now`, and the way out of the leaf there."""
    x, y, _ = door.hinge
    dx, dy = at[0] - x, at[1] - y
    along = dx * math.cos(then) + dy * math.sin(then)
    side = math.copysign(1.0, dy * math.cos(then) - dx * math.sin(then))
    c, s, off = math.cos(now), math.sin(now), side * door.thickness / 2
    return (x + along * c - off * s, y + along * s + off * c, at[2]), (-s * side, c * side, 0.0)


@lru_cache(maxsize=4000)
def _normal_at(solid: object, at: Vec3) -> Vec3:
    """Direction out of the surface that was struck: of the triangle next to the place of the hit."""
    best = ((0.0, 0.0, 1.0), 0.05)
    for d in ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)):
        start = (at[0] + d[0] * 0.02, at[1] + d[1] * 0.02, at[2] + d[2] * 0.02)
        distance, triangle = solid.closest(start, (-d[0], -d[1], -d[2]))  # type: ignore[attr-defined]
        if triangle >= 0 and distance < best[1]:
            n = solid.normals[triangle]  # type: ignore[attr-defined]
            n = n / (np.linalg.norm(n) or 1.0)
            if n @ np.array(d) <= 0:  # seen from behind: another that is met from its front is the better one
                n, distance = -n, distance + 0.001
            if distance < best[1]:
                best = ((float(n[0]), float(n[1]), float(n[2])), distance)
    return best[0]


__all__ = ["MAX_MARKS", "MUZZLE_M", "flashes", "marks"]
