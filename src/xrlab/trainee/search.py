"""Searching a house: from where a zone is looked over, and who takes which zone next."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.model import Room
from xrlab.sim import deeds
from xrlab.sim.engine import Engine
from xrlab.sim.search import SEARCH_GRID_M, SEARCH_HEIGHT_M, SEARCH_REACH_M
from xrlab.sim.world import Actor
from xrlab.trainee.perception import Lamps

EYE_M = 1.6
ENOUGH = 0.98
"""So much of a zone's floor the spots of its search must see; a little more than counts as searched."""

MOST_SPOTS = 6
MOST_CANDIDATES, MOST_POINTS = 60, 400
"""Larger zones are looked at more coarsely, so that a hall costs no more than a flat."""


def spots_of(room: Room, zone: str) -> tuple[Vec3, ...]:
    """Places from which, one after the other, nearly all of a zone's floor can be seen; the best first.

    Kept with the room, so that many runs in it share them.
    """
    key = ("spots", zone)
    if key not in room.worked_out:
        room.worked_out[key] = _spots(room, zone)
    found: tuple[Vec3, ...] = room.worked_out[key]
    return found


def _spots(room: Room, zone: str) -> tuple[Vec3, ...]:
    stand = _thinned(room.floor_points(zone, 2 * SEARCH_GRID_M), MOST_CANDIDATES)
    floor = _thinned(room.floor_points(zone, SEARCH_GRID_M), MOST_POINTS) + (0.0, 0.0, SEARCH_HEIGHT_M)
    eyes = stand + (0.0, 0.0, EYE_M)
    starts, ends = np.repeat(eyes, len(floor), axis=0), np.tile(floor, (len(eyes), 1))
    near = np.linalg.norm(ends - starts, axis=1) < SEARCH_REACH_M
    seen = (near & ~room.opaque.blocked_many(starts, ends)).reshape(len(eyes), len(floor))
    middle = np.abs(stand[:, :2] - stand[:, :2].mean(axis=0)).sum(axis=1)
    unseen = np.ones(len(floor), bool)
    out: list[Vec3] = []
    while len(out) < MOST_SPOTS and unseen.sum() > (1 - ENOUGH) * len(floor):
        gain = (seen & unseen).sum(axis=1)
        best = min(range(len(stand)), key=lambda k: (-int(gain[k]), round(float(middle[k]), 3), k))
        if gain[best] == 0:
            break
        unseen &= ~seen[best]
        out.append((float(stand[best][0]), float(stand[best][1]), float(stand[best][2])))
    return tuple(out) or ((float(stand[0][0]), float(stand[0][1]), float(stand[0][2])),)


def _thinned(points: Array, most: int) -> Array:
    return points[:: max(1, math.ceil(len(points) / most))]


class Company:
    """What the scripted trainees of one run know of each other: who is in which zone, and who has done their plan."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.taken: dict[str, str] = {}
        """Zone that each is searching."""
        self.searched: set[str] = set()
        self.done: set[str] = set()
        self.lamps = Lamps(engine.world)

    def next_zone(self, actor: Actor, zones: Iterable[str], leave: set[str]) -> str | None:
        """The nearest zone that is neither cleared nor taken, nor one to leave; None if none is left to `actor`."""
        taken = {zone for who, zone in self.taken.items() if who != actor.name}
        over = self._engine.ledger.cleared | taken | leave
        lengths = {zone: self._way_to(actor, zone) for zone in zones if zone not in over}
        open_to = [zone for zone, length in lengths.items() if length is not None]
        return min(open_to, key=lambda zone: (round(lengths[zone] or 0.0, 3), zone), default=None)

    def _way_to(self, actor: Actor, zone: str) -> float | None:
        """Metres to a zone's first spot; None where a door that the trainee may not open stands in the way.

        From within a zone the way is reckoned from that zone's own first spot, once for all runs in the room.
        """
        engine, room = self._engine, self._engine.world.room
        inside = min(engine.ledger.zones.get(actor.name, ()), default=None)
        here = actor.track.at(engine.now).position if inside is None else spots_of(room, inside)[0]
        key = ("way", inside or "", zone)
        known: tuple[float, tuple[str, ...]] | None
        if inside is None or key not in room.worked_out:
            known = _way(room, here, spots_of(room, zone)[0])
            if inside is not None:
                room.worked_out[key] = known
        else:
            known = room.worked_out[key]
        if known is None:
            return None
        length, doors = known
        shut = (door for door in doors if engine.world.doors[door].goal != 1.0)
        return length if all(deeds.may_open(engine, actor, door) for door in shut) else None


def _way(room: Room, start: Vec3, goal: Vec3) -> tuple[float, tuple[str, ...]] | None:
    """Length of the shortest way (m) and the doors on it; None if there is none."""
    way = room.walkable.path(start, goal)
    if not way:
        return None
    legs = list(pairwise(way))
    return sum(math.dist(a, b) for a, b in legs), tuple(name for a, b in legs for name, _ in room.doors_between(a, b))
