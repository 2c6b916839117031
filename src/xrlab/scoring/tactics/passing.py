"""What a trainee passed unseen: a doorway to a zone that was not searched, or a dead corner, left behind their back.

A place is at somebody's back while they are near and in free line of it and look away by more than a right angle, and
nobody of the team watches it. It counts once that lasts for `AT_BACK_S`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.scoring.tactics.crossings import beside, doors_of, zone_beside
from xrlab.scoring.tactics.floor import Seen, begun_in, in_view
from xrlab.scoring.tactics.stage import Flags, Indices, Stage, seconds, spans
from xrlab.sim.search import SEARCH_SHARE

AT_BACK_S = 1.0
DOOR_M = 3.0
CORNER_M = 4.0
"""So near a place at the back counts."""

_CHEST_M = 1.0
_ON_SIDE_M = 0.25
_STOREY_M = 2.0


@dataclass(frozen=True)
class Passed:
    """A place that was left at somebody's back.

    t, until, seconds: when, and how long. what: door or corner; name: of the door, or of the corner's zone; zone: where
    the unseen floor is; place (m); unseen: share of that zone's floor that nobody had seen then.
    """

    t: float
    until: float
    seconds: float
    who: str
    what: str
    name: str
    zone: str
    place: tuple[float, float, float]
    unseen: float


@dataclass(frozen=True)
class _Place:
    """A doorway from one side, or a corner. waits: at which samples it is still unseen and nobody is in there."""

    what: str
    name: str
    zone: str
    point: Array
    mark: tuple[float, float, float]
    waits: Flags
    near: float


def passed(stage: Stage, seen: Seen) -> list[Passed]:
    """All places left at somebody's back, in order of time."""
    within = {zone: _within(stage, zone) for zone in seen.zones}
    places = [*_doors(stage, seen, within), *_corners(stage, seen)]
    eyes = {who: stage.eyes(who, stage.times) for who in stage.trainees}
    out: list[Passed] = []
    for place in places:
        if not place.waits.any():
            continue
        near = {who: _near(stage, place, eyes[who]) & place.waits for who in stage.trainees}
        rows = np.flatnonzero(np.any(list(near.values()), axis=0))
        if not len(rows):
            continue
        looks = {who: _looks(stage, place, who, eyes[who], rows) for who in stage.trainees}
        watched = np.any([watches for _, watches in looks.values()], axis=0)
        for who, (free, _) in looks.items():
            flags = np.zeros(len(stage.times), bool)
            flags[rows] = near[who][rows] & free & ~watched & _behind(stage, place, who, eyes[who], rows)
            out += _stretches(stage, seen, place, who, flags)
    return sorted(out, key=lambda p: (p.t, p.who, p.what, p.name))


def _stretches(stage: Stage, seen: Seen, place: _Place, who: str, flags: Flags) -> Iterator[Passed]:
    for span in spans(flags):
        if seconds(span.many) >= AT_BACK_S:
            t, until = float(stage.times[span.first]), float(stage.times[span.last])
            unseen = 1.0 - float(seen.zone_share(place.zone, np.array([t]))[0])
            yield Passed(
                t, until, seconds(span.many), who, place.what, place.name, place.zone, place.mark, round(unseen, 3)
            )


def _doors(stage: Stage, seen: Seen, within: dict[str, dict[str, Flags]]) -> Iterator[_Place]:
    """Each doorway from each side, with the zone beyond as what is unseen.

    Where somebody of the team stood when the run began is known to them.
    """
    begun = begun_in(stage)
    for leaf in doors_of(stage.ground):
        for side in (-1.0, 1.0):
            zone = zone_beside(stage.ground, leaf, -side)
            if zone not in within or zone in begun or zone == zone_beside(stage.ground, leaf, side):
                continue
            empty = ~np.any(list(within[zone].values()), axis=0)
            waits = (seen.zone_share(zone, stage.times) < SEARCH_SHARE) & empty
            x, y, z = (round(c, 3) for c in leaf.middle)
            point = beside(leaf, side * _ON_SIDE_M) + (0.0, 0.0, _CHEST_M)
            yield _Place("door", leaf.name, zone, point, (x, y, z), waits, DOOR_M)


def _corners(stage: Stage, seen: Seen) -> Iterator[_Place]:
    for corner, first in zip(seen.corners, seen.first[seen.floor :], strict=True):
        yield _Place(
            "corner", corner.zone, corner.zone, np.array(corner.place), corner.place, stage.times < first, CORNER_M
        )


def _within(stage: Stage, zone: str) -> dict[str, Flags]:
    """When each trainee stands in a zone."""
    area = stage.ground.zones[zone]
    low, high = area.height_range
    out = {}
    for who in stage.trainees:
        place = stage.all_stances[who].place
        out[who] = area.contains(place[:, :2]) & (place[:, 2] >= low) & (place[:, 2] < high)
    return out


def _near(stage: Stage, place: _Place, eyes: Array) -> Flags:
    way = place.point - eyes
    flags: Flags = (way[:, 0] ** 2 + way[:, 1] ** 2 <= place.near**2) & (np.abs(way[:, 2]) < _STOREY_M)
    return flags


def _looks(stage: Stage, place: _Place, who: str, eyes: Array, rows: Indices) -> tuple[Flags, Flags]:
    """At these samples: whether nothing is between somebody and the place, and whether they have it in view."""
    at = np.tile(place.point, (len(rows), 1))
    free = stage.free(eyes[rows], at, stage.leaf_ways[rows], np.arange(len(rows)))
    view = in_view(eyes[rows], stage.all_stances[who].yaw[rows], place.point[None])[:, 0]
    return free, free & view


def _behind(stage: Stage, place: _Place, who: str, eyes: Array, rows: Indices) -> Flags:
    way, yaw = place.point - eyes[rows], stage.all_stances[who].yaw[rows]
    flags: Flags = way[:, 0] * np.cos(yaw) + way[:, 1] * np.sin(yaw) < -1e-6
    return flags
