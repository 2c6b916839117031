"""Scenes for tactics, made of a few upright walls, doors and people, small enough to be worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scenes import SCENARIO, changed

from xrlab.geometry.paths import Leg, Track
from xrlab.room.zones import Zone
from xrlab.scenario.model import Scenario
from xrlab.scoring.evidence import Evidence, View
from xrlab.scoring.ground import Ground, Leaf
from xrlab.scoring.tactics import Tactics, functions
from xrlab.sim import events as ev

Wall = Sequence[float]
"""x0, y0, x1, y1 and, where it is not 2.5 m, its height."""


def turned(x: float, y: float, angle: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    """A place in a world that was turned about the origin and moved."""
    c, s = math.cos(angle), math.sin(angle)
    return x * c - y * s + shift[0], x * s + y * c + shift[1]


def ground(
    walls: Sequence[Wall] = (),
    doors: Mapping[str, Sequence[float]] | None = None,
    zones: Mapping[str, Sequence[float]] | None = None,
    *,
    angle: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    mirrored: bool = False,
) -> Ground:
    """Walls; doors (hinge x, y, direction of the shut leaf in degrees, width, begins_open); zones (x, y, width, depth).

    angle, shift, mirrored: the same in a world that was turned, moved, or mirrored at the x axis.
    """

    def at(x: float, y: float) -> tuple[float, float]:
        return turned(x, -y if mirrored else y, angle, shift)

    corners, faces = [], []
    for x0, y0, x1, y1, *high in walls:
        n, top = len(corners), high[0] if high else 2.5
        corners += [(*at(x0, y0), 0.0), (*at(x1, y1), 0.0), (*at(x1, y1), top), (*at(x0, y0), top)]
        faces += [(n, n + 1, n + 2), (n, n + 2, n + 3)]
    leaves, areas, floor = {}, {}, {}
    for name, (x, y, yaw, width, begins) in (doors or {}).items():
        way, swing = math.radians(-yaw if mirrored else yaw) + angle, math.radians(90)
        leaves[name] = Leaf(
            name, (*at(x, y), 0.0), way, -swing if mirrored else swing, width, 2.0, 0.8, begins, 0.0, "wood", True
        )
    for name, (x, y, wide, deep) in (zones or {}).items():
        line = [at(x, y), at(x + wide, y), at(x + wide, y + deep), at(x, y + deep)]
        areas[name] = Zone(name, np.array(line[::-1] if mirrored else line))
        grid = [(a, b) for a in np.arange(x + 0.25, x + wide, 0.5) for b in np.arange(y + 0.25, y + deep, 0.5)]
        floor[name] = np.array([(*at(a, b), 0.0) for a, b in grid])
    return Ground(
        np.array(corners, float).reshape(-1, 3), np.array(faces, np.int32).reshape(-1, 3), ("brick",),
        np.zeros(len(faces), np.uint8), np.array([True]), leaves, areas, floor,
    )  # fmt: skip


def track(
    stops: Sequence[Sequence[float]],
    *,
    angle: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    mirrored: bool = False,
) -> Track:
    """Even motion between stops (t, x, y, yaw in degrees), and rest after the last."""

    def stop(t: float, x: float, y: float, yaw: float) -> tuple[float, ...]:
        return (t, *turned(x, -y if mirrored else y, angle, shift), math.radians(-yaw if mirrored else yaw) + angle)

    at = [stop(*s) for s in stops]
    legs = []
    walked = 0.0
    for (t0, x0, y0, yaw0), (t1, x1, y1, yaw1) in zip(at, at[1:] or at, strict=False):
        legs.append(Leg(t0, t1, x0, y0, 0.0, x1, y1, 0.0, yaw0, yaw1, 0.0, walked))
        walked += math.hypot(x1 - x0, y1 - y0)
    return Track.of(legs)


def posture(t: float, who: str, pose: str, holds: str = "handgun", *, danger: bool = False) -> ev.PostureChanged:
    return ev.PostureChanged(t=float(t), who=who, pose=pose, holds=holds, danger=danger)


def evidence(
    ends: float,
    tracks: Mapping[str, Track],
    events: Sequence[ev.Event],
    room: Ground,
    scenario: dict[str, Any] | None = None,
) -> Evidence:
    """A run of p1 and p2, a gunman, who is a threat, and a neighbour, who is none; without a track one is not there."""
    changes = {"teams.police.trainees": ["p1", "p2"], **(scenario or {})}
    model = Scenario.model_validate(changed(SCENARIO, changes))
    order = sorted(events, key=lambda e: e.t)
    return Evidence(model, {}, [*order, ev.RunEnded(t=float(ends), reason="done")], dict(tracks), lambda: room)


def tactics(of: Evidence) -> Tactics:
    found = Tactics.of(of)
    assert found is not None
    return found


def asked(of: Evidence, name: str, *arguments: str, who: Sequence[str] | None = None) -> Any:
    """What a function of the language gives, for all trainees or some."""
    return functions(View(of, who))[name](*arguments)
