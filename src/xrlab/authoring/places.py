"""Places in a room that a new scenario can use: where to start, where to stand, what can be shot at from there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from xrlab.geometry.transforms import Vec3
from xrlab.room import Room

EYE_M = 1.5
APART_M = 1.3
"""People stand at least so far from each other."""

A_WAY_M = 8.0
"""A role player this far from the start by foot is neither met at once nor looked for long."""

NEAR_M, FAR_M = 3.0, 30.0
"""Targets stand so far from the shooter."""

FAN_RAD = math.radians(30)
"""Targets stand at most so far to either side of the farthest."""

BESIDE_RAD = math.radians(4)
"""Targets stand at least so far apart as the shooter sees them."""

_ENTRANCES = re.compile(r"entrance|street|pavement|gate|porch|start|front|yard|outside|terrace|desk", re.I)
_LINES = re.compile(r"line|lane", re.I)
_MOST_SPOTS = 60
_TRIES = 4


@dataclass(frozen=True)
class Spot:
    """A place where a person can stand. written: as a scenario writes it, a name or [x, y]."""

    written: str
    at: Vec3


def spots(room: Room) -> list[Spot]:
    """Named points and zones with free floor first, then places on the room's own floor."""
    found = {name: point.position for name, point in room.points.items()}
    found |= {z.name: (*z.centre, z.floor) for z in room.zones.values() if z.name not in found}
    walkable = room.walkable
    named = [Spot(_plain(name), at) for name, at in found.items() if walkable.stands(*at)]
    return named + _free_floor(room, _MOST_SPOTS - min(len(named), _MOST_SPOTS // 2))


def _plain(name: str) -> str:
    bare = re.fullmatch(r"[A-Za-z]\w*", name) and name.lower() not in ("true", "false", "null")
    return name if bare else json.dumps(name, ensure_ascii=False)


def _free_floor(room: Room, most: int) -> list[Spot]:
    low, high = room.bounds
    step = max(1.0, math.sqrt((high[0] - low[0]) * (high[1] - low[1]) / (most * 2)))
    xs, ys = (np.arange(low[i] + step / 2, high[i], step).round(1).tolist() for i in (0, 1))
    free = [(x, y) for x in xs for y in ys if room.walkable.clearance(x, y, room.floor) > 0.4]
    spread = free[:: max(1, len(free) // most)][:most]
    return [Spot(f"[{x:g}, {y:g}]", (x, y, room.floor)) for x, y in spread]


def for_people(room: Room) -> Iterator[dict[str, str]]:
    """Where trainees start, where a threat may be (first, second) and where another person is: likely ones first."""
    found = spots(room)
    for start in _starts(found):
        ways = {s: way for s in found if s is not start and (way := _way(room, s, start)) is not None}
        hidden = _hidden(room, start, list(ways))
        liked = sorted(ways, key=lambda s: (s not in hidden, s.written.startswith("["), abs(ways[s] - A_WAY_M)))
        liked = [s for s in liked if math.dist(s.at, start.at) >= 2 * APART_M]
        for first in liked[:_TRIES]:
            others = [s for s in liked if math.dist(s.at, first.at) >= APART_M]
            if len(others) < 2:
                continue
            second = others[0]
            other = next((s for s in others[1:] if math.dist(s.at, second.at) >= APART_M), None)
            if other is not None:
                yield {"start": start.written, "first": first.written, "second": second.written, "other": other.written}


def for_targets(room: Room) -> Iterator[dict[str, str]]:
    """Where the shooter stands and where three targets (first, second, other) are in view, all before them."""
    found = spots(room)
    fans = [fan for start in found if (fan := _fan(room, start, found))]
    fans.sort(key=lambda fan: (not _LINES.search(fan[0].written), -math.dist(fan[0].at, fan[-1].at)))
    for start, *before in fans:
        chosen: list[Spot] = []
        for spot in before:
            if all(_between(start, spot, c) > BESIDE_RAD for c in chosen):
                chosen.append(spot)
        if len(chosen) >= 3:
            made = {"start": start.written}
            for key, spot in zip(("first", "second", "other"), (chosen[0], chosen[-1], chosen[1]), strict=True):
                yaw = math.degrees(math.atan2(start.at[1] - spot.at[1], start.at[0] - spot.at[0]))
                made |= {key: spot.written, f"{key}_yaw": f"{yaw:.0f}"}
            yield made


def _fan(room: Room, start: Spot, found: Sequence[Spot]) -> list[Spot]:
    """The start, and what is in view from there to either side of the farthest place, the nearest first."""
    ends = [s for s in found if NEAR_M <= math.dist(s.at, start.at) <= FAR_M]
    hidden = _hidden(room, start, ends)
    seen = sorted((s for s in ends if s not in hidden), key=lambda s: math.dist(s.at, start.at))
    return [start, *(s for s in seen if _between(start, s, seen[-1]) < FAN_RAD)] if seen else []


def _starts(found: Sequence[Spot]) -> list[Spot]:
    """Places to start from: those whose name says so, then those at the edge."""
    if not found:
        return []
    middle = np.mean([s.at for s in found], axis=0)
    edge = sorted(found, key=lambda s: (not _ENTRANCES.search(s.written), -math.dist(s.at, middle)))
    return edge[:_MOST_SPOTS]


def _way(room: Room, spot: Spot, start: Spot) -> float | None:
    """How far it is on foot."""
    if not room.walkable.reachable(spot.at, start.at):
        return None
    way = room.walkable.path(spot.at, start.at)
    return sum(math.dist(a, b) for a, b in pairwise(way)) if way else None


def _hidden(room: Room, start: Spot, ends: Sequence[Spot]) -> set[Spot]:
    """Those that can't be seen from the start, doors standing open."""
    if not ends:
        return set()
    eyes = np.array([start.at] * len(ends)) + (0.0, 0.0, EYE_M)
    blocked = room.opaque.blocked_many(eyes, np.array([s.at for s in ends]) + (0.0, 0.0, EYE_M))
    return {s for s, b in zip(ends, blocked.tolist(), strict=True) if b}


def _between(start: Spot, one: Spot, other: Spot) -> float:
    a, b = (math.atan2(s.at[1] - start.at[1], s.at[0] - start.at[0]) for s in (one, other))
    return abs(math.remainder(a - b, math.tau))
