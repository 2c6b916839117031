"""Which of the floor, and which dead corners, the team has seen, by when, and by whom first.

A point of the floor counts as seen once it lay in a trainee's field of view, near enough and in free line of sight, as
when rooms are searched while a run goes on (`sim.search`); light is left out there and here. A dead corner is one that
nobody sees who stands before the doorway: who enters must turn to it. The doorways through which trainees first came
into a zone count, and all of one that none entered; a zone in which a trainee stood when the run began has none.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.room.zones import Zone
from xrlab.scoring.ground import Ground, Leaf
from xrlab.scoring.tactics.crossings import BESIDE_M, beside, crossings, doors_of, zone_beside
from xrlab.scoring.tactics.stage import Flags, Indices, Stage
from xrlab.sim.search import SEARCH_HEIGHT_M, SEARCH_REACH_M
from xrlab.sim.sight import COS_VIEW

LOOK_EVERY = 2
"""The floor is looked at in every so many samples: five times a second."""

CORNER_HEIGHT_M = 1.0
"""So high above the floor a corner is looked into: the chest of who crouches there."""

_INSET_M = 0.4
_SQUARE = math.cos(math.radians(150))
_FREE_M = 0.75
_BEFORE_M = 1.0
_ASIDE_M = (-1.0, -0.5, 0.0, 0.5, 1.0)
_EYES_M = 1.6
_LOOKS_AT_ONCE = 24


@dataclass(frozen=True)
class Corner:
    """A dead corner: the zone it is in, its place (m) and the doors before which nobody sees it."""

    zone: str
    place: tuple[float, float, float]
    doors: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Points of the floor, then dead corners, and when and by whom each was first seen.

    points (n, 3) as they are looked at; zone (n,) number in `zones` of each; the first `floor` of them are points of
    the floor, the others `corners`. first (n,) seconds, inf if never; by (n,) number of the trainee, or -1.
    """

    zones: tuple[str, ...]
    points: Array
    zone: Indices
    floor: int
    corners: tuple[Corner, ...]
    first: Array
    by: Indices

    def share(self, until: float = math.inf) -> tuple[int, int]:
        """How many points of the floor had been seen at a time, and of how many."""
        return int((self.first[: self.floor] <= min(until, 1e18)).sum()), self.floor

    def corners_seen(self, until: float = math.inf) -> tuple[int, int]:
        """The same of the dead corners."""
        return int((self.first[self.floor :] <= min(until, 1e18)).sum()), len(self.corners)

    @cached_property
    def first_in(self) -> dict[str, Array]:
        """By zone, when its points of the floor were first seen, the earliest first."""
        first = self.first[: self.floor]
        return {name: np.sort(first[self.zone[: self.floor] == n]) for n, name in enumerate(self.zones)}

    def zone_share(self, zone: str, times: Array) -> Array:
        """Which share of a zone's floor had been seen at these times; all of a zone that has none."""
        first = self.first_in.get(zone, np.zeros(0))
        if not len(first):
            return np.ones(len(times))
        share: Array = np.searchsorted(first, times, side="right") / len(first)
        return share


def floor_seen(stage: Stage) -> Seen:
    """What the team has seen of the zones that are to be cleared.

    Where the scenario names none these are all but those in which a trainee stood when the run began.
    """
    ground, scenario = stage.ground, stage.evidence.scenario
    entered, known = _entered(stage), begun_in(stage)
    zones = tuple(z for z in scenario.clear or [z for z in ground.zones if z not in known] if z in ground.zones)
    corners = tuple(c for z in zones if z not in known for c in dead_corners(ground, ground.zones[z], entered.get(z)))
    parts = [ground.floor[z] + (0.0, 0.0, SEARCH_HEIGHT_M) for z in zones]
    floor = sum(len(p) for p in parts)
    points = np.concatenate([*parts, np.array([c.place for c in corners]).reshape(-1, 3)])
    number = {z: n for n, z in enumerate(zones)}
    zone = np.concatenate(
        [np.repeat(np.arange(len(zones)), [len(p) for p in parts]), [number[c.zone] for c in corners]]
    ).astype(np.int64)
    first, by = _first_seen(stage, points)
    return Seen(zones, points, zone, floor, corners, first, by)


def begun_in(stage: Stage) -> set[str]:
    """The zones in which a trainee stood when the run began: they are known to the team."""
    starts = [stage.all_stances[who].place[0] for who in stage.trainees]
    zones = stage.ground.zones.values()
    return {z.name for z in zones for at in starts if z.spans(at[2]) and z.contains(at[None, :2])[0]}


def _entered(stage: Stage) -> dict[str, set[str]]:
    """By zone, the doors through which trainees first came into it."""
    first: dict[tuple[str, str], tuple[float, str]] = {}
    for leaf in doors_of(stage.ground):
        for c in crossings(stage, leaf):
            zone = zone_beside(stage.ground, leaf, -c.side)
            if zone is not None:
                came = (c.t, leaf.name)
                first[zone, c.who] = min(first.get((zone, c.who), came), came)
    out: dict[str, set[str]] = {}
    for (zone, _), (_, door) in first.items():
        out.setdefault(zone, set()).add(door)
    return out


def _first_seen(stage: Stage, points: Array) -> tuple[Array, Indices]:
    """When each point (n, 3) was first seen, and by whom."""
    first, by = np.full(len(points), np.inf), np.full(len(points), -1, np.int64)
    looks = np.arange(0, len(stage.times), LOOK_EVERY)
    ways = stage.leaf_ways[looks]
    door_moves = np.ones(len(looks), bool)
    door_moves[1:] = (ways[1:] != ways[:-1]).any(axis=(1, 2))
    eyes, yaws, new = [], [], []
    for who in stage.trainees:
        at = stage.eyes(who, stage.times[looks])
        yaw = stage.stances(who, stage.times[looks]).yaw
        moves = door_moves.copy()
        moves[1:] |= (at[1:] != at[:-1]).any(axis=1) | (yaw[1:] != yaw[:-1])
        eyes.append(at)
        yaws.append(yaw)
        new.append(moves)
    left = np.arange(len(points))
    for start in range(0, len(looks), _LOOKS_AT_ONCE) if stage.trainees else ():
        rows = np.arange(start, min(start + _LOOKS_AT_ONCE, len(looks)))
        for n in range(len(stage.trainees)):
            mine = rows[new[n][rows]]
            if not len(mine) or not len(left):
                continue
            look, which = np.nonzero(in_view(eyes[n][mine], yaws[n][mine], points[left]))
            free = stage.free(eyes[n][mine[look]], points[left[which]], ways, mine[look])
            seen, at = left[which[free]], stage.times[looks[mine[look[free]]]]
            earliest = np.full(len(points), np.inf)
            np.minimum.at(earliest, seen, at)
            sooner = earliest < first
            first[sooner], by[sooner] = earliest[sooner], n
        left = left[np.isinf(first[left])]
        if not len(left):
            break
    return first, by


def in_view(eyes: Array, yaws: Array, points: Array, reach: float = SEARCH_REACH_M) -> Flags:
    """For m looks (eyes (m, 3), yaws (m,)) and n points: which lie in the field of view and near enough (m, n)."""
    dx, dy = points[None, :, 0] - eyes[:, None, 0], points[None, :, 1] - eyes[:, None, 1]
    distance = np.sqrt(dx * dx + dy * dy)
    ahead = dx * np.cos(yaws)[:, None] + dy * np.sin(yaws)[:, None]
    flags: Flags = (distance < reach) & (ahead >= distance * COS_VIEW)
    return flags


# --- dead corners ---------------------------------------------------------------------------------------------


def dead_corners(ground: Ground, zone: Zone, entered: Collection[str] | None = None) -> Iterator[Corner]:
    """The corners of a zone that are walled in, free to stand in, and out of sight from before one of its doorways.

    entered: the doorways that count; None for all of the zone.
    """
    eyes = [
        (leaf.name, before)
        for leaf in doors_of(ground)
        if (entered is None or leaf.name in entered) and (before := _before(leaf, zone)) is not None
    ]
    floor = ground.floor[zone.name]
    if not eyes or not len(floor):
        return
    for place, out in _corners(zone):
        far = np.hypot(floor[:, 0] - place[0], floor[:, 1] - place[1])
        if far.min() > _FREE_M or not ground.opaque.blocked_many(place[None], out[None])[0]:
            continue
        hidden = [n for n, at in eyes if ground.opaque.blocked_many(at, np.tile(place, (len(at), 1))).all()]
        if hidden:
            x, y, z = (round(float(c), 3) for c in place)
            yield Corner(zone.name, (x, y, z), tuple(hidden))


def _corners(zone: Zone) -> Iterator[tuple[Array, Array]]:
    """Of each inner corner of a zone a place in it, and one beyond its walls."""
    line = zone.polygon
    back, ahead = np.roll(line, 1, axis=0) - line, np.roll(line, -1, axis=0) - line
    lengths = np.hypot(*back.transpose()), np.hypot(*ahead.transpose())
    turned = ahead[:, 0] * back[:, 1] - ahead[:, 1] * back[:, 0]
    left = np.sign((line[:, 0] * np.roll(line[:, 1], -1) - np.roll(line[:, 0], -1) * line[:, 1]).sum())
    height = zone.floor + CORNER_HEIGHT_M
    for n, corner in enumerate(line):
        if min(lengths[0][n], lengths[1][n]) < 2 * _INSET_M or turned[n] * left <= 0:
            continue
        u, v = back[n] / lengths[0][n], ahead[n] / lengths[1][n]
        if u @ v < _SQUARE:
            continue
        within, beyond = corner + (u + v) * _INSET_M, corner - (u + v) * _INSET_M
        yield np.array((*within, height)), np.array((*beyond, height))


def _before(leaf: Leaf, zone: Zone) -> Array | None:
    """Eyes (n, 3) of those who stand before a door on the side that is not the zone; None if it is no door of it."""
    if not zone.spans(leaf.hinge[2]):
        return None
    sides = [zone.contains(beside(leaf, way)[None, :2])[0] for way in (-BESIDE_M, BESIDE_M)]
    if sides[0] == sides[1]:
        return None
    way = -_BEFORE_M if sides[1] else _BEFORE_M
    x, y, z = leaf.middle
    c, s = math.cos(leaf.closed_yaw), math.sin(leaf.closed_yaw)
    return np.array([(x + c * a - s * way, y + s * a + c * way, z + _EYES_M) for a in _ASIDE_M])
