"""How a bullet flies on that something has slowed: pieces of a flight's table, put together.

Behind what it went through a bullet is as fast as it is farther along its table, and flies on from there, in the
direction that it had.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

SPENT_MPS = 10.0
"""One that is slower than this (m/s) is followed no farther."""

_GRAVITY = 9.80665
_BEND_M = 5e-5  # so far a chord of a slow bullet may be off


class Bullet(Protocol):
    """What a flight says of its load; `xrlab.sim.flight.Load` is one."""

    @property
    def name(self) -> str:
        """Name in the library of loads."""

    @property
    def mass_kg(self) -> float:
        """Mass (kg)."""

    @property
    def penetrates(self) -> str:
        """Class of bullet: pistol, carbine or rifle."""


class Flying(Protocol):
    """A flight as it is followed here; `xrlab.sim.flight.Flight` is one. Distances along the line of sight (m)."""

    @property
    def load(self) -> Bullet:
        """What flies."""

    @property
    def reach(self) -> float:
        """How far it is known."""

    def offset(self, distance: float) -> tuple[float, float]:
        """How far (m) to the right of the line of sight, and above it."""

    def time(self, distance: float) -> float:
        """Seconds since the shot."""

    def speed(self, distance: float) -> float:
        """Metres a second."""

    def distance_at(self, speed: float) -> float:
        """Where it has slowed to this speed."""

    def chords(self, reach: float) -> Sequence[float]:
        """Where to break the way into straight chords."""


@dataclass(frozen=True)
class Course:
    """A piece of the way, from `begins` (m along the line of sight) to where something slows the bullet.

    after: seconds since the shot, place: right and up (m), slope: right and up per metre, all at `begins`.
    at: where on the flight's table it is there; None for one that is slower than any of the table: with each metre
    the air takes the same share `drag` of its speed as at the table's end. speed: at `begins` (m/s). fall: how gravity
    (m/s²) pulls across the line of sight.
    """

    flight: Flying
    begins: float
    after: float
    place: tuple[float, float]
    slope: tuple[float, float]
    at: float | None
    speed: float
    fall: float
    drag: float

    @staticmethod
    def first(flight: Flying, pitch: float) -> Course:
        """The way from the muzzle."""
        drag = max(0.0, math.log(flight.speed(flight.reach - 1.0) / flight.speed(flight.reach)))
        return Course(
            flight, 0.0, 0.0, flight.offset(0.0), _slope(flight, 0.0), 0.0, flight.speed(0.0),
            _GRAVITY * math.cos(pitch), drag,
        )  # fmt: skip

    def slowed(self, s: float, speed: float) -> Course:
        """The way from `s` on of a bullet that has this speed there."""
        at = None if speed < self.flight.speed(self.flight.reach) else self.flight.distance_at(speed)
        return replace(
            self, begins=s, after=self.time(s), place=self.offset(s), slope=self._slope(s), at=at, speed=speed
        )

    def past_the_table(self, s: float) -> Course:
        """The way from `s` on, where the flight's table ends."""
        return replace(self.slowed(s, self.speed_at(s)), at=None)

    @property
    def ends(self) -> float:
        """Where the flight's table ends (m along the line of sight); inf for a bullet that needs none."""
        return math.inf if self.at is None else self.begins + self.flight.reach - self.at

    def offset(self, s: float) -> tuple[float, float]:
        """How far (m) the bullet is to the right of the line of sight, and above it."""
        d = s - self.begins
        right, up = self.place[0] + self.slope[0] * d, self.place[1] + self.slope[1] * d
        if self.at is None:
            return right, up - self.fall / self.speed**2 * _twice_summed(self.drag, d)
        (r0, u0), (r1, u1) = self.flight.offset(self.at), self.flight.offset(self.at + d)
        across, upwards = _slope(self.flight, self.at)
        return right + r1 - r0 - across * d, up + u1 - u0 - upwards * d

    def time(self, s: float) -> float:
        """Seconds since the shot."""
        d = s - self.begins
        if self.at is None:
            return self.after + _summed(self.drag, d) / self.speed
        return self.after + self.flight.time(self.at + d) - self.flight.time(self.at)

    def speed_at(self, s: float) -> float:
        """Metres a second."""
        d = s - self.begins
        return self.speed * math.exp(-self.drag * d) if self.at is None else self.flight.speed(self.at + d)

    def breaks(self, until: float) -> Iterator[float]:
        """Where the way is broken into straight chords, from `begins` up to `until`."""
        if self.at is None:
            s = self.begins
            while s < until and self.speed_at(s) > SPENT_MPS:
                yield s
                s += math.sqrt(8 * _BEND_M / _GRAVITY) * self.speed_at(s)
            yield min(s, until)
            return
        yield self.begins
        for end in self.flight.chords(self.at + until - self.begins):
            if end > self.at:
                yield self.begins + end - self.at

    def _slope(self, s: float) -> tuple[float, float]:
        d = s - self.begins
        if self.at is None:
            return self.slope[0], self.slope[1] - self.fall / self.speed**2 * _summed(2 * self.drag, d)
        (r0, u0), (r1, u1) = _slope(self.flight, self.at), _slope(self.flight, self.at + d)
        return self.slope[0] + r1 - r0, self.slope[1] + u1 - u0


def _summed(drag: float, d: float) -> float:
    """The integral of exp(drag x) from 0 to d: d itself without drag."""
    return math.expm1(drag * d) / drag if drag > 1e-9 else d


def _twice_summed(drag: float, d: float) -> float:
    """The integral of `_summed` of twice the drag from 0 to d: d²/2 without drag."""
    return (math.expm1(2 * drag * d) / (2 * drag) - d) / (2 * drag) if drag > 1e-6 else d * d / 2


def _slope(flight: Flying, s: float) -> tuple[float, float]:
    """How a flight rises to the right and up for each metre, taken over the next centimetre."""
    s = min(s, flight.reach - 0.01)
    (r0, u0), (r1, u1) = flight.offset(s), flight.offset(s + 0.01)
    return (r1 - r0) / 0.01, (u1 - u0) / 0.01
