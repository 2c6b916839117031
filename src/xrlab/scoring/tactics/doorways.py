"""Doors: how long trainees stood in doorways, and how each door was approached, opened and gone through."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xrlab.scoring.ground import Leaf
from xrlab.scoring.tactics.crossings import Crossing, along_and_across, crossings, doors_of, on_storey, zone_beside
from xrlab.scoring.tactics.floor import Seen
from xrlab.scoring.tactics.stage import STEP_S, Flags, Stage, seconds
from xrlab.sim import events as ev

DEEP_M = 0.6
"""A doorway reaches so far to both sides of the shut leaf."""

STILL_M_S = 0.2
BEFORE_M = 2.0
STACK_M = 3.0
_LAST_S = 1.0
_MOVED_M = 0.1


@dataclass(frozen=True)
class Approach:
    """How the team took a door. What did not happen is None.

    opened_t, opened_by: when and by which trainee it was first opened. entered_t, entered_by: when and by whom it was
    first gone through. wait_s: from opening to going through. stopped_s: how long the first to go through stood still
    within `BEFORE_M` before it. angle_deg: of their way in the last second to the straight way through, 0..90. stacked:
    trainees within `STACK_M` of it on that side then, with the first. followed_s: from the first to the second through.
    beyond, seen_before: the zone beyond, and which share of its floor the team had seen before the first went through.
    """

    door: str
    opened_t: float | None
    opened_by: str | None
    entered_t: float | None
    entered_by: str | None
    wait_s: float | None
    stopped_s: float | None
    angle_deg: float | None
    stacked: int | None
    followed_s: float | None
    beyond: str | None
    seen_before: float | None


def in_doorways(stage: Stage, who: str) -> dict[str, Flags]:
    """By door, when a trainee stands in its doorway; doors in which they never do are left out."""
    place = stage.all_stances[who].place
    out = {}
    for leaf in doors_of(stage.ground):
        along, across = along_and_across(leaf, place)
        flags = (along >= 0) & (along <= leaf.width) & (np.abs(across) <= DEEP_M) & on_storey(leaf, place)
        if flags.any():
            out[leaf.name] = flags
    return out


def approaches(stage: Stage, seen: Seen) -> list[Approach]:
    """Each door that a trainee opened or went through, in the order of that."""
    opened = _opened(stage)
    out = []
    for leaf in doors_of(stage.ground):
        through = crossings(stage, leaf)
        if leaf.name in opened or through:
            out.append(_approach(stage, seen, leaf, opened.get(leaf.name), through))
    return sorted(out, key=lambda a: (min(t for t in (a.opened_t, a.entered_t) if t is not None), a.door))


def _opened(stage: Stage) -> dict[str, tuple[float, str]]:
    """By door, when and by which trainee it was first opened."""
    out: dict[str, tuple[float, str]] = {}
    for e in stage.evidence.events:
        if isinstance(e, ev.DoorMoved) and e.opened >= 0.5 and e.who in stage.trainees:
            out.setdefault(e.door, (e.t, e.who))
    return out


def _approach(
    stage: Stage, seen: Seen, leaf: Leaf, opened: tuple[float, str] | None, through: list[Crossing]
) -> Approach:
    opened_t, opened_by = opened or (None, None)
    if not through:
        return Approach(leaf.name, opened_t, opened_by, *[None] * 9)
    t, who, side = through[0]
    row = min(int(t / STEP_S + 1e-6), len(stage.times) - 1)
    followed = next((later for later, other, way in through[1:] if other != who and way == side), None)
    zone = zone_beside(stage.ground, leaf, -side)
    before = None
    if zone is not None and zone in seen.zones:
        before = round(float(seen.zone_share(zone, np.array([t - STEP_S]))[0]), 3)
    wait = round(t - opened_t, 2) if opened_t is not None and opened_t <= t else None
    return Approach(
        leaf.name, opened_t, opened_by, t, who, wait, _stopped(stage, leaf, who, row), _angle(stage, leaf, who, row),
        sum(_stands_before(stage, leaf, other, row, side) for other in stage.trainees),
        None if followed is None else round(followed - t, 2), zone, before,
    )  # fmt: skip


def _stopped(stage: Stage, leaf: Leaf, who: str, row: int) -> float:
    """How long somebody stood still near a door, since they last came near it, up to a sample."""
    place = stage.all_stances[who].place[: row + 1]
    away = np.hypot(place[:, 0] - leaf.middle[0], place[:, 1] - leaf.middle[1]) > BEFORE_M
    start = int(np.flatnonzero(away)[-1]) + 1 if away.any() else 0
    steps = np.hypot(*np.diff(place[start:, :2], axis=0).transpose())
    return seconds(steps < STILL_M_S * STEP_S)


def _angle(stage: Stage, leaf: Leaf, who: str, row: int) -> float | None:
    """Angle (degrees) between somebody's way in the last second and the straight way through a door."""
    place = stage.all_stances[who].place
    way = place[row] - place[max(0, row - round(_LAST_S / STEP_S))]
    along = way[0] * math.cos(leaf.closed_yaw) + way[1] * math.sin(leaf.closed_yaw)
    across = way[1] * math.cos(leaf.closed_yaw) - way[0] * math.sin(leaf.closed_yaw)
    if math.hypot(along, across) < _MOVED_M:
        return None
    return round(math.degrees(math.atan2(abs(along), abs(across)))) + 0.0


def _stands_before(stage: Stage, leaf: Leaf, who: str, row: int, side: float) -> bool:
    place = stage.all_stances[who].place[row : row + 1]
    _, across = along_and_across(leaf, place)
    far = math.hypot(place[0, 0] - leaf.middle[0], place[0, 1] - leaf.middle[1])
    return bool(far <= STACK_M and across[0] * side >= 0 and on_storey(leaf, place)[0])
