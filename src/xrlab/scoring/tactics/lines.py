"""Lines of fire: over whom a muzzle sweeps, and how near to their own side people aim and shoot.

A gun in an aiming pose points along the line of sight; its muzzle is `MUZZLE_M` before the eyes. The line ends at what
blocks sight; bodies do not end it, for a bullet may go through one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
from xrlab.scoring.tactics.stage import Flags, Stage, spans
from xrlab.sim import events as ev

LINE_STEP_S = 0.02
"""Lines of fire are looked at fifty times a second: who turns quickly sweeps over a body in less than a tenth."""

SWEEP_M = 0.1
"""A line that passes a body as near as this sweeps over it."""

CROSSFIRE_M = 0.5
"""A line that passes somebody of the own side as near as this is crossfire."""

MUZZLE_M = 0.6
FIRED_WITHIN_S = 0.3
_REACH_M = 200.0
_ABOUT_M = 1.2
"""No part of a body is farther than this from its chest or, lying, from its middle."""


@dataclass(frozen=True)
class Line:
    """A stretch of time in which a line of fire passes somebody.

    t, until: its first and last moment (s); a shot has but one. seconds: how long in all. who points at whom. off_m:
    how near the line comes to the body's surface, 0 where it meets it. distance_m: along the line, at the nearest.
    shot: its number, or None for a line that was aimed. fired: True where a shot fell in that time or nearly; else
    None, since no device says whether a finger was on the trigger.
    """

    t: float
    until: float
    seconds: float
    who: str
    whom: str
    off_m: float
    distance_m: float
    shot: int | None = None
    fired: bool | None = None

    @property
    def sweeps(self) -> bool:
        """Whether it passes over the body."""
        return self.off_m <= SWEEP_M


def aimed_lines(stage: Stage) -> list[Line]:
    """The stretches in which a trainee's aimed line passes another trainee within `CROSSFIRE_M`, or a no-shoot within
    `SWEEP_M`; in order of time."""
    out = []
    shots: dict[str, list[float]] = {who: [] for who in stage.trainees}
    for e in stage.shots:
        shots[e.shooter].append(e.t)
    fine = stage.every(LINE_STEP_S)
    for who in stage.trainees:
        times = fine[stage.points_gun(who, fine)]
        if not len(times):
            continue
        origins, ways = _aims(stage, who, times)
        for whom, limit in _others(stage, who):
            off, along = _passing(stage, whom, times, origins, ways, np.full(len(times), _REACH_M), limit)
            out += _stretches(who, whom, times, off, along, limit, shots[who])
    return sorted(out, key=_order)


def shot_lines(stage: Stage) -> list[Line]:
    """The trainees' shots whose way, up to where the bullet ended, passes another trainee within `CROSSFIRE_M`.

    The way is taken as straight, along the sights: a pistol's bullet drops by 2.4 cm over 25 m (g t²/2 at 360 m/s).
    """
    reach: dict[int, float] = {}
    for e in stage.evidence.events:
        if isinstance(e, ev.Struck):  # in order along the way; what it went through it left behind
            reach[e.shot] = min(max(0.0, round(e.distance, 6)), _REACH_M) if e.exit is None else _REACH_M
    out = []
    for who in stage.trainees:
        mine = [e for e in stage.shots if e.shooter == who]
        if not mine:
            continue
        times = np.array([e.t for e in mine])
        origins = np.array([e.origin for e in mine])
        ways = _directions(
            np.array([e.yaw - e.strayed_right for e in mine]), np.array([e.pitch + e.strayed_up for e in mine])
        )
        far = np.array([reach.get(e.shot, _REACH_M) for e in mine])
        for whom in stage.trainees:
            if whom == who:
                continue
            off, along = _passing(stage, whom, times, origins, ways, far, CROSSFIRE_M)
            for n in np.flatnonzero(off <= CROSSFIRE_M).tolist():
                e = mine[n]
                out.append(Line(e.t, e.t, 0.0, who, whom, _mm(off[n]), _mm(along[n]), e.shot, True))
    return sorted(out, key=_order)


def _order(line: Line) -> tuple[float, str, str, int]:
    return line.t, line.who, line.whom, line.shot or 0


def _others(stage: Stage, who: str) -> Iterator[tuple[str, float]]:
    """Whom a line of this trainee must not pass, and how near."""
    yield from ((other, CROSSFIRE_M) for other in stage.trainees if other != who)
    spared = stage.evidence.cast.groups["no_shoot"]
    yield from ((other, SWEEP_M) for other in stage.people if other in spared)


def _aims(stage: Stage, who: str, times: Array) -> tuple[Array, Array]:
    at = stage.stances(who, times)
    return stage.eyes(who, times), _directions(at.yaw, at.pitch)


def _directions(yaw: Array, pitch: Array) -> Array:
    flat = np.cos(pitch)
    return np.column_stack((np.cos(yaw) * flat, np.sin(yaw) * flat, np.sin(pitch)))


def _passing(
    stage: Stage, whom: str, times: Array, origins: Array, ways: Array, reach: Array, limit: float
) -> tuple[Array, Array]:
    """How near lines come to somebody (n,), inf where farther than `limit` or out of sight; and how far along."""
    off, along = np.full(len(times), np.inf), np.zeros(len(times))
    there = stage.is_there(whom, times)
    middle = stage.sight_points(whom, times)[:, 1:3].mean(axis=1) - origins
    ahead = np.clip(np.einsum("ij,ij->i", middle, ways), 0.0, reach)
    away = np.sqrt(((middle - ways * ahead[:, None]) ** 2).sum(axis=1))
    near = np.flatnonzero(there & (away <= limit + _ABOUT_M) & (reach > MUZZLE_M))
    if not len(near):
        return off, along
    a, b = stage.capsules(whom, times[near])
    start = origins[near] + ways[near] * MUZZLE_M
    gap, far = nearest(start, ways[near], reach[near] - MUZZLE_M, a, b, body.CAPSULE_RADII)
    # who stands beside the muzzle or behind it is not in its way, unless it touches them
    close = np.flatnonzero((gap <= limit) & ((far > 0.0) | (gap <= 0.0)))
    rows = near[close]
    met = start[close] + ways[rows] * far[close, None]
    free = stage.free(origins[rows], met, stage.ways(times[rows]), np.arange(len(rows)))
    off[rows[free]], along[rows[free]] = gap[close][free], far[close][free] + MUZZLE_M
    return off, along


def nearest(origins: Array, ways: Array, reach: Array, a: Array, b: Array, radii: Array) -> tuple[Array, Array]:
    """How near each line comes to the surface of any of its capsules, and how far along it.

    origins, ways (n, 3), ways of length 1; reach (n,): a line ends there. a, b (n, k, 3): ends of the capsules' axes,
    radii (k,). The nearest points of two straight lines are where the way between them is square to both; outside
    of a segment its end is nearest.
    """
    axis = b - a
    long2 = np.maximum(np.einsum("nkj,nkj->nk", axis, axis), 1e-12)
    apart = a - origins[:, None]
    along_way = np.einsum("nkj,nj->nk", apart, ways)
    skew = np.einsum("nkj,nj->nk", axis, ways)
    along_axis = np.einsum("nkj,nkj->nk", apart, axis)
    under = long2 - skew * skew
    on_axis = np.where(under > 1e-9 * long2, (skew * along_way - along_axis) / np.maximum(under, 1e-12), 0.0)
    on_axis = np.clip(on_axis, 0.0, 1.0)
    on_line = np.clip(along_way + skew * on_axis, 0.0, reach[:, None])
    on_axis = np.clip((skew * on_line - along_axis) / long2, 0.0, 1.0)
    on_line = np.clip(along_way + skew * on_axis, 0.0, reach[:, None])
    way = apart + axis * on_axis[..., None] - ways[:, None] * on_line[..., None]
    gap = np.maximum(np.sqrt(np.einsum("nkj,nkj->nk", way, way)) - radii, 0.0)
    best = gap.argmin(axis=1)
    rows = np.arange(len(gap))
    # of several that the line meets the first counts
    met = np.where(gap == 0.0, on_line, np.inf).min(axis=1, initial=np.inf)
    return gap[rows, best], np.where(np.isfinite(met), met, on_line[rows, best])


def _stretches(
    who: str, whom: str, times: Array, off: Array, along: Array, limit: float, shots: list[float]
) -> list[Line]:
    close: Flags = off <= limit
    if not close.any():
        return []
    index = np.round(times / LINE_STEP_S).astype(np.int64)
    flags = np.zeros(int(index[-1]) + 1, bool)
    flags[index[close]] = True
    row_of = np.zeros(len(flags), np.int64)
    row_of[index] = np.arange(len(times))
    out = []
    for span in spans(flags, LINE_STEP_S):
        rows = row_of[np.flatnonzero(flags[span.first : span.last + 1]) + span.first]
        best = rows[np.lexsort((along[rows], np.round(off[rows], 3)))[0]]
        t, until = float(times[rows[0]]), float(times[rows[-1]])
        fired = any(t - FIRED_WITHIN_S <= s <= until + FIRED_WITHIN_S for s in shots)
        out.append(
            Line(t, until, span.many / round(1 / LINE_STEP_S), who, whom, _mm(off[best]), _mm(along[best]), None,
                 fired or None)
        )  # fmt: skip
    return out


def _mm(metres: float) -> float:
    return round(float(metres), 3) + 0.0
