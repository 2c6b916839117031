"""Shots that cannot be accounted for: they hit nobody, and nobody whom the shooter saw was near their line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xrlab.geometry.transforms import Vec3, direction
from xrlab.scoring.tactics.stage import Stage
from xrlab.sim import events as ev

WITHIN_DEG = 5.0
"""A shot whose line passes so near somebody in view, or a target that shows, was meant for them."""


@dataclass(frozen=True)
class Stray:
    """A shot that can't be accounted for.

    ended: what it ended in, or None if it left the room. off_deg: how far its line was from the nearest person in view
    or target that showed, None where there was none.
    """

    shot: int
    t: float
    who: str
    ended: str | None
    off_deg: float | None


def stray_shots(stage: Stage) -> list[Stray]:
    """The trainees' shots that can't be accounted for, in order."""
    shown: set[str] = set()
    met: dict[int, list[ev.Struck]] = {}
    for e in stage.evidence.events:
        if isinstance(e, ev.Struck):
            met.setdefault(e.shot, []).append(e)
    fired = {e.shot for e in stage.shots}
    out = []
    for e in stage.evidence.events:
        if isinstance(e, ev.TargetExposed):
            shown.add(e.target)
        elif isinstance(e, ev.TargetHidden | ev.TargetFell):
            shown.discard(e.target)
        elif isinstance(e, ev.ShotFired) and e.shot in fired:
            chain = met.get(e.shot, [])
            if any(s.kind in ("person", "target") for s in chain):
                continue
            off = _off(stage, e, shown)
            if off is None or off > WITHIN_DEG:
                last = chain[-1] if chain else None
                out.append(Stray(e.shot, e.t, e.shooter, last.what if last and last.exit is None else None, off))
    return out


def _off(stage: Stage, shot: ev.ShotFired, shown: set[str]) -> float | None:
    """The angle (degrees) between a shot and the nearest of those in view and of the targets that show."""
    times = np.array([shot.t])
    seen = [whom for whom in stage.people if stage.sees(shot.shooter, whom, times)[0]]
    boards = [place for name in sorted(shown) if (place := _board(stage, name, shot.t)) is not None]
    points = [stage.sight_points(whom, times)[0] for whom in seen] + [np.array([place]) for place in boards]
    if not points:
        return None
    ways = np.concatenate(points) - np.array(shot.origin)
    lengths = np.sqrt((ways**2).sum(axis=1))
    cosine = float((ways @ np.array(direction(shot.yaw, shot.pitch)) / np.maximum(lengths, 1e-9)).max())
    return round(math.degrees(math.acos(min(1.0, max(-1.0, cosine)))), 1)


def _board(stage: Stage, name: str, t: float) -> Vec3 | None:
    """The middle of a target's face, upright, at a time."""
    if name in stage.evidence.tracks:
        return stage.evidence.tracks[name].at(t).position
    spec = stage.evidence.scenario.targets.get(name)
    place = stage.ground.place(spec.at) if spec is not None else None
    return None if spec is None or place is None else (place[0], place[1], place[2] + spec.height_m)
