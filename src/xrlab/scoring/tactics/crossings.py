"""Doorways as lines on the floor: who goes through which, when, and from which side."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.scoring.ground import Ground, Leaf
from xrlab.scoring.tactics.stage import STEP_S, Flags, Stage

SIDES_M = 0.1
"""Who passes a doorway's edge as near as this still goes through it."""

BESIDE_M = 0.5
"""So far from a door lies the floor that it leads to."""

_STOREY_M = 1.0


class Crossing(NamedTuple):
    """Somebody went through a doorway. t: to a hundredth of a second; side: where they had been, 1 left of the leaf."""

    t: float
    who: str
    side: float


def doors_of(ground: Ground) -> list[Leaf]:
    """The doors that one walks through, in order."""
    return [leaf for leaf in ground.doors.values() if leaf.passable]


def along_and_across(leaf: Leaf, place: Array) -> tuple[Array, Array]:
    """How far places (n, 3) lie along the shut leaf from its hinge, and to the left of it (m)."""
    c, s = math.cos(leaf.closed_yaw), math.sin(leaf.closed_yaw)
    x, y = place[:, 0] - leaf.hinge[0], place[:, 1] - leaf.hinge[1]
    return x * c + y * s, y * c - x * s


def on_storey(leaf: Leaf, place: Array) -> Flags:
    """Which places (n, 3) lie on the floor that a door stands on."""
    flags: Flags = np.abs(place[:, 2] - leaf.hinge[2]) < _STOREY_M
    return flags


def beside(leaf: Leaf, way: float) -> Array:
    """The place (3,) so many metres to the left of a doorway's middle, seen from its hinge along the shut leaf."""
    x, y, z = leaf.middle
    return np.array((x - math.sin(leaf.closed_yaw) * way, y + math.cos(leaf.closed_yaw) * way, z))


def zone_beside(ground: Ground, leaf: Leaf, side: float) -> str | None:
    """The first zone that holds the floor on one side of a door; None if none does."""
    at = beside(leaf, side * BESIDE_M)
    zones = ground.zones.values()
    return next((z.name for z in zones if z.spans(at[2]) and z.contains(at[None, :2])[0]), None)


def crossings(stage: Stage, leaf: Leaf) -> list[Crossing]:
    """All goings of trainees through a door, in order of time."""
    return sorted(c for who in stage.trainees for c in _of(stage, leaf, who))


def _of(stage: Stage, leaf: Leaf, who: str) -> list[Crossing]:
    place = stage.all_stances[who].place
    along, across = along_and_across(leaf, place)
    left = across >= 0
    at = np.flatnonzero((left[1:] != left[:-1]) & on_storey(leaf, place)[1:])
    f = across[at] / (across[at] - across[at + 1])
    met = along[at] + (along[at + 1] - along[at]) * f
    through = (met >= -SIDES_M) & (met <= leaf.width + SIDES_M)
    times = np.round(stage.times[at] + f * STEP_S, 2)[through].tolist()
    return [Crossing(t, who, 1.0 if was else -1.0) for t, was in zip(times, left[at][through].tolist(), strict=True)]
