"""How much of a trainee shows to those who could shoot at them, and whether the trainee sees them.

Seven points stand for a body, those by which people see each other (`geometry.body.SIGHT_JOINTS`). A point shows to a
role player who is a danger with a gun in hand if nothing that blocks sight lies between it and their eyes: neither the
room nor a door leaf as it stands at that moment. Where they look, light and smoke are left out: it is what they could
hit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
from xrlab.scoring.tactics.stage import Flags, Stage, seconds, spans

POINTS = len(body.SIGHT_JOINTS)
EXPOSED_POINTS = 2
"""So many points must show for a trainee to be exposed, as many as it takes to be noticed."""

COVER_POINTS = POINTS // 2
"""A trainee of whom at most half shows uses cover."""

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Exposure:
    """A stretch of time in which a trainee is exposed to somebody. seconds: in all; most: greatest share that shows.

    unaware_s: of it, how long the trainee does not have them in view.
    """

    t: float
    until: float
    seconds: float
    who: str
    whom: str
    most: float
    unaware_s: float


@dataclass(frozen=True)
class Shown:
    """How a trainee showed to all threats. threats (n): by name; points (n, T): how many of seven showed to each.

    unaware (n, T): exposed to a threat that the trainee does not have in view.
    """

    who: str
    threats: tuple[str, ...]
    points: NDArray[np.int8]
    unaware: Flags

    @property
    def most(self) -> NDArray[np.int8]:
        """(T,) the most points that showed to any of them."""
        most: NDArray[np.int8] = self.points.max(axis=0, initial=0)
        return most

    @property
    def exposed(self) -> Flags:
        """When exposed to at least one."""
        flags: Flags = self.most >= EXPOSED_POINTS
        return flags

    @property
    def under_threat(self) -> Flags:
        """When any part shows to at least one."""
        flags: Flags = self.most >= 1
        return flags

    @property
    def covered(self) -> Flags:
        """When under threat with at most half the body showing."""
        return self.under_threat & (self.most <= COVER_POINTS)

    @property
    def unawares(self) -> Flags:
        """When exposed to at least one whom the trainee does not have in view."""
        flags: Flags = np.asarray(self.unaware.any(axis=0))
        return flags

    def integral(self) -> float:
        """Share of the body that shows, times seconds: 1 is the whole body for a second."""
        return round(seconds(int(self.most.sum())) / POINTS, 3)


def shown(stage: Stage, who: str) -> Shown:
    """How much of a trainee shows to whom, at every sample."""
    times = stage.times
    armed = {whom: flags for whom in stage.people if (flags := stage.is_armed_danger(whom, times)).any()}
    points = np.zeros((len(armed), len(times)), np.int8)
    unaware = np.zeros((len(armed), len(times)), bool)
    for n, (whom, flags) in enumerate(armed.items()):
        for rows in np.array_split(at := np.flatnonzero(flags), 1 + len(at) // _ROWS_AT_ONCE):
            points[n, rows] = _points_free(stage, who, whom, rows)
        unaware[n] = (points[n] >= EXPOSED_POINTS) & ~stage.sees(who, whom, times)
    return Shown(who, tuple(armed), points, unaware)


def _points_free(stage: Stage, who: str, whom: str, rows: NDArray[np.int64]) -> Array:
    times = stage.times[rows]
    ends = stage.sight_points(who, times)[:, :POINTS].reshape(-1, 3)
    starts = np.repeat(stage.eyes(whom, times), POINTS, axis=0)
    free = stage.free(starts, ends, stage.leaf_ways[rows], np.repeat(np.arange(len(rows)), POINTS))
    count: Array = free.reshape(-1, POINTS).sum(axis=1)
    return count


def exposures(stage: Stage, of: Shown) -> list[Exposure]:
    """The stretches in which a trainee is exposed, by whom they are exposed to."""
    out = []
    for n, whom in enumerate(of.threats):
        for span in spans(of.points[n] >= EXPOSED_POINTS):
            rows = slice(span.first, span.last + 1)
            out.append(
                Exposure(
                    float(stage.times[span.first]), float(stage.times[span.last]), seconds(span.many), of.who, whom,
                    round(int(of.points[n, rows].max()) / POINTS, 3), seconds(of.unaware[n, rows]),
                )
            )  # fmt: skip
    return sorted(out, key=lambda e: (e.t, e.whom))
