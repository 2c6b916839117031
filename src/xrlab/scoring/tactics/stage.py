"""Where everyone is, how they stand and which way they look, at many instants at once.

Motion, poses and doors are functions of time (`geometry.paths`, `PostureChanged`, `DoorMoved`), so they are asked for
all instants in one go; nothing here goes from sample to sample.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.paths import Track
from xrlab.geometry.ramps import Ramp
from xrlab.geometry.transforms import Array
from xrlab.scoring.evidence import Evidence
from xrlab.scoring.ground import Ground
from xrlab.sim import events as ev

STEP_S = 0.1
"""People are looked at so often: ten times a second."""

MAX_S = 7200.0
"""As long as a scenario may have its runs take; what comes later is not looked at."""

GUNS = frozenset({"handgun", "long_gun"})
AIMING = frozenset({"aiming", "aiming_long"})
"""Poses in which a gun is pointed along the line of sight."""

BELIEVED = 1e7
"""Recordings may come from strangers: who moves by numbers beyond this (m, s, rad) is taken as not there."""

MERGED_S = 0.5
"""Stretches of the same kind that lie less than this apart are one."""

Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]


class Stances(NamedTuple):
    """Someone at n instants: place (n, 3) of the feet, yaw, pitch (n,), metres walked without a stop, speed (n,)."""

    place: Array
    yaw: Array
    pitch: Array
    walked: Array
    speed: Array


class Span(NamedTuple):
    """A stretch of time: from the first sample on, up to and with the last; in `many` of them it holds."""

    first: int
    last: int
    many: int


class Stage:
    """One run, to be asked for any instants.

    times: (T,) the samples (s). trainees, people: of whom it is known how they moved. doors: how far each is open.
    shots: of the trainees, in order.
    """

    def __init__(self, evidence: Evidence, ground: Ground) -> None:
        self.evidence, self.ground = evidence, ground
        moves = {n: _legs(track) for n, track in evidence.tracks.items()}
        self._legs = {n: legs for n, legs in moves.items() if (np.abs(legs[0]) < BELIEVED).all()}
        self.trainees = tuple(n for n in evidence.cast.trainees if n in self._legs)
        self.people = tuple(n for n in evidence.cast.people if n in self._legs)
        self.times = self.every(STEP_S)
        self.shots = [
            e for e in evidence.events
            if isinstance(e, ev.ShotFired) and e.shooter in self.trainees
            and max(map(abs, (*e.origin, e.yaw, e.pitch, e.strayed_right, e.strayed_up))) < BELIEVED
        ]  # fmt: skip
        self._postures: dict[str, list[ev.PostureChanged]] = defaultdict(list)
        self._sights: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
        self.doors = {n: Ramp(d.begins_open) for n, d in ground.doors.items()}
        for e in evidence.events:
            if isinstance(e, ev.PostureChanged):
                self._postures[e.who].append(e)
            elif isinstance(e, ev.Seen | ev.Lost):
                self._sights[e.who, e.whom].append((e.t, isinstance(e, ev.Seen)))
            elif isinstance(e, ev.DoorMoved) and e.door in self.doors:
                ramp = self.doors[e.door]
                ramp.move(e.t, min(1.0, max(0.0, e.opened)), ground.doors[e.door].seconds)

    def every(self, step: float) -> Array:
        """The instants (s) so far apart from the start on; each stands for the time up to the next, within the run."""
        ends = min(self.evidence.ends, MAX_S)
        return np.round(np.arange(max(1, math.ceil(ends / step - 1e-6))) * step, 6)

    # --- people -------------------------------------------------------------------------------------------

    def stances(self, who: str, times: Array) -> Stances:
        """Where someone is at these times."""
        legs, starts = self._legs[who]
        leg = legs[np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)]
        t0, t1 = leg[:, 0], leg[:, 1]
        begun, moves = times > t0, times < t1
        f = np.divide(times - t0, t1 - t0, out=np.zeros_like(times), where=begun & moves)
        f[~moves] = 1.0
        way = leg[:, 5:8] - leg[:, 2:5]
        place = np.where(moves[:, None], leg[:, 2:5] + way * f[:, None], leg[:, 5:8])
        yaw = np.where(moves, leg[:, 8] + (leg[:, 9] - leg[:, 8]) * f, leg[:, 9])
        flat = np.hypot(way[:, 0], way[:, 1])
        walked = np.where(moves & (flat > 0), leg[:, 11] + flat * f, 0.0)
        speed = np.divide(flat, t1 - t0, out=np.zeros_like(times), where=moves & (flat > 0) & (t1 > t0))
        return Stances(place, yaw, leg[:, 10], walked, speed)

    def _posture_at(self, who: str, times: Array) -> Indices:
        """Which of someone's postures holds at each time; -1 before the first."""
        return np.searchsorted([e.t for e in self._postures[who]], times, side="right") - 1

    def poses(self, who: str, times: Array) -> list[tuple[str, Indices]]:
        """The poses someone has at these times, and at which of them; standing, where it is not known."""
        return self._by(who, times, lambda e: e.pose if e.pose in body.POSES else "standing", "standing")

    def _by(
        self, who: str, times: Array, of: Callable[[ev.PostureChanged], str], unknown: str
    ) -> list[tuple[str, Indices]]:
        which = self._posture_at(who, times)
        postures = self._postures[who]
        found: dict[str, list[int]] = defaultdict(list)
        for number in np.unique(which).tolist():
            found[of(postures[number]) if number >= 0 else unknown].append(number)
        return [(name, np.flatnonzero(np.isin(which, numbers))) for name, numbers in found.items()]

    def when(self, who: str, times: Array, holds: Callable[[ev.PostureChanged], bool]) -> Flags:
        """At which of these times someone's posture is such a one."""
        true = np.array([holds(e) for e in self._postures[who]] + [False], bool)
        flags: Flags = true[self._posture_at(who, times)]
        return flags

    def points_gun(self, who: str, times: Array) -> Flags:
        """When someone points a gun along their line of sight."""
        return self.when(who, times, lambda e: e.pose in AIMING and e.holds in GUNS)

    def is_armed_danger(self, who: str, times: Array) -> Flags:
        """When someone is a danger and has a gun in hand."""
        return self.when(who, times, lambda e: e.danger and e.holds in GUNS)

    def is_there(self, who: str, times: Array) -> Flags:
        """From when on someone is there: not while they have yet to appear."""
        return self._posture_at(who, times) >= 0

    def sees(self, who: str, whom: str, times: Array) -> Flags:
        """When someone has another in view."""
        changes = self._sights[who, whom]
        states = np.array([seen for _, seen in changes] + [False], bool)
        flags: Flags = states[np.searchsorted([t for t, _ in changes], times, side="right") - 1]
        return flags

    def sight_points(self, who: str, times: Array) -> Array:
        """The seven points that stand for a body, and the eyes as the last: (n, 8, 3), in the world."""
        at = self.stances(who, times)
        local = np.zeros((len(times), len(body.SIGHT_JOINTS) + 1, 3))
        for pose, rows in self.poses(who, times):
            gaits = zip(at.walked[rows].tolist(), at.speed[rows].tolist(), strict=True)
            local[rows] = body.sight_points(pose, [body.sight_phase(pose, *gait) for gait in gaits])
        return _in_world(local, at)

    def eyes(self, who: str, times: Array) -> Array:
        """Where someone's eyes are: (n, 3)."""
        at = self.stances(who, times)
        local = np.zeros((len(times), 1, 3))
        for pose, rows in self.poses(who, times):
            local[rows] = body.eye(pose)
        return _in_world(local, at)[:, 0]

    def capsules(self, who: str, times: Array) -> tuple[Array, Array]:
        """Both ends (n, capsules, 3) of the parts that a shot can meet."""
        at = self.stances(who, times)
        ends = np.zeros((2, len(times), len(body.CAPSULES), 3))
        for pose, rows in self.poses(who, times):
            ends[:, rows] = body.capsule_ends(pose, body.phases(pose, at.walked[rows], at.speed[rows]))
        return _in_world(ends[0], at), _in_world(ends[1], at)

    # --- the room -----------------------------------------------------------------------------------------

    def ways(self, times: Array) -> Array:
        """Directions (n, leaves, 2) of the door leaves that hide something."""
        leaves, _ = self.ground.leaves
        yaws = [leaf.closed_yaw + leaf.swing * self.doors[leaf.name].sample(times) for leaf in leaves]
        turned = np.array(yaws).reshape(len(leaves), len(times)).transpose()
        return np.stack((np.cos(turned), np.sin(turned)), axis=-1)

    def free(self, starts: Array, ends: Array, ways: Array, which: Indices) -> Flags:
        """For lines (n, 3) to (n, 3): whether neither the room nor a door leaf blocks sight; which: rows of `ways`."""
        free: Flags = ~self.ground.opaque.blocked_many(starts, ends)
        open_ones = np.flatnonzero(free)
        _, leaves = self.ground.leaves
        for part in np.array_split(open_ones, 1 + len(open_ones) // _AT_ONCE):
            free[part] = ~leaves.block(starts[part], ends[part], ways, which[part])
        return free

    @cached_property
    def leaf_ways(self) -> Array:
        """How the leaves stand at the samples."""
        return self.ways(self.times)

    @cached_property
    def all_stances(self) -> dict[str, Stances]:
        """Each trainee at the samples."""
        return {who: self.stances(who, self.times) for who in self.trainees}


_AT_ONCE = 100_000


def _legs(track: Track) -> tuple[Array, Array]:
    legs = np.array(track.legs, np.float64).reshape(-1, 12)
    return legs, np.maximum.accumulate(legs[:, 0])


def _in_world(local: Array, at: Stances) -> Array:
    turn = np.column_stack((np.cos(at.yaw), np.sin(at.yaw)))
    return body.placed(local, at.place[:, None], turn[:, None])


def spans(flags: Flags, step: float = STEP_S, merged: float = MERGED_S) -> list[Span]:
    """The stretches in which something holds; those less than `merged` seconds apart are one."""
    at = np.flatnonzero(flags)
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) * step >= merged) + 1
    return [Span(int(part[0]), int(part[-1]), len(part)) for part in np.split(at, breaks)]


def seconds(samples: int | Flags) -> float:
    """So many samples, or so many of which something holds, in seconds."""
    count = samples if isinstance(samples, int) else int(np.count_nonzero(samples))
    return count / round(1 / STEP_S)
