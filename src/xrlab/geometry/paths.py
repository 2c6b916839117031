"""Motion as analytic pieces: a place and a direction can be asked for at any instant.

A `Track` is a list of straight legs in time; after a leg ends its end is held until the next begins.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from xrlab.geometry import gait
from xrlab.geometry.transforms import Vec3, quantise_angle, quantise_place, quantise_time, wrap_angle

TURN_RATE = 6.0
"""How fast a person turns on the spot, rad/s."""


class Stance(NamedTuple):
    """Where a body is: position (m), yaw and pitch (rad), metres walked without a stop (0 standing), speed (m/s)."""

    x: float
    y: float
    z: float
    yaw: float
    pitch: float
    walked: float
    speed: float = 0.0

    @property
    def position(self) -> Vec3:
        """The point of the floor it stands on."""
        return (self.x, self.y, self.z)


class Leg(NamedTuple):
    """Even motion from (x0, y0, z0) at t0 to (x1, y1, z1) at t1 (m, s); yaw (rad) turns evenly with it.

    pitch: of the view or the weapon (rad). walked: metres walked without a stop before this leg; where the speed has
    changed on the way, so many that the legs are in the same part of their stride.
    """

    t0: float
    t1: float
    x0: float
    y0: float
    z0: float
    x1: float
    y1: float
    z1: float
    yaw0: float
    yaw1: float
    pitch: float = 0.0
    walked: float = 0.0

    def at(self, t: float) -> Stance:
        """Where the body is at `t`, while this leg holds."""
        if t >= self.t1:
            return Stance(self.x1, self.y1, self.z1, self.yaw1, self.pitch, 0.0)
        f = (t - self.t0) / (self.t1 - self.t0) if t > self.t0 else 0.0
        dx, dy, dz = self.x1 - self.x0, self.y1 - self.y0, self.z1 - self.z0
        way = math.hypot(dx, dy)
        return Stance(
            self.x0 + dx * f,
            self.y0 + dy * f,
            self.z0 + dz * f,
            self.yaw0 + (self.yaw1 - self.yaw0) * f,
            self.pitch,
            self.walked + way * f if way else 0.0,
            way / (self.t1 - self.t0) if self.t1 > self.t0 else 0.0,
        )

    @property
    def way(self) -> float:
        """Its length on the plan (m)."""
        return math.hypot(self.x1 - self.x0, self.y1 - self.y0)

    @property
    def speed(self) -> float:
        """Metres a second on the plan."""
        return self.way / (self.t1 - self.t0) if self.t1 > self.t0 else 0.0

    def gait_at(self, t: float) -> gait.Gait | None:
        """How the legs of who is on this leg go at `t`, up to its end; None on a turn on the spot or a stop."""
        way = self.way
        if not way or self.t1 <= self.t0:
            return None
        f = min(1.0, max(0.0, (t - self.t0) / (self.t1 - self.t0)))
        kind = gait.speed_class(self.speed)
        heading = math.atan2(self.y1 - self.y0, self.x1 - self.x0) - (self.yaw0 + (self.yaw1 - self.yaw0) * f)
        turned = round(heading / (2 * math.pi) * gait.TURNS) % gait.TURNS
        return gait.Gait(kind, gait.step(kind, self.walked + way * f), turned)


class Track:
    """The motion of one body over time."""

    def __init__(self, position: Vec3, yaw: float, t: float = 0.0) -> None:
        x, y, z = quantise_place(position)
        yaw = quantise_angle(yaw)
        self.legs: list[Leg] = [Leg(t, t, x, y, z, x, y, z, yaw, yaw)]
        self._starts: list[float] = [t]

    def plan(self, t: float, legs: Sequence[Leg]) -> None:
        """From `t` on the body moves along `legs`, in place of whatever was planned from there on.

        What was before `t` stays as it was. Raises ValueError for no legs, and for legs that begin before `t`.
        """
        if not legs or legs[0].t0 < t:
            raise ValueError(f"a plan from {t} s on needs legs that begin then or later")
        keep = len(self._starts)
        while keep and self._starts[keep - 1] >= t:
            keep -= 1
        del self.legs[keep:], self._starts[keep:]
        self.legs += legs
        self._starts += [leg.t0 for leg in legs]

    def leg_at(self, t: float) -> Leg:
        """The leg that holds at `t`: the last that has begun."""
        if t >= self._starts[-1]:
            return self.legs[-1]
        return self.legs[max(0, bisect_right(self._starts, t) - 1)]

    def next_start(self, t: float) -> float:
        """When the next planned leg after `t` begins; inf if none does."""
        if t >= self._starts[-1]:
            return math.inf
        return self._starts[bisect_right(self._starts, t)]

    def at(self, t: float) -> Stance:
        """Where the body is at `t`."""
        return self.leg_at(t).at(t)

    def gait_at(self, t: float) -> gait.Gait | None:
        """How the legs go at `t`: on their way, or brought together after a stop; None for who stands."""
        number = max(0, bisect_right(self._starts, t) - 1)
        leg = self.legs[number]
        if t < leg.t1:
            return leg.gait_at(t)
        end = leg.t1
        while t - end < gait.SETTLE_S:
            if (found := leg.gait_at(end)) is not None:
                part = int(16 * (t - end) / gait.SETTLE_S)
                return found._replace(settled=part) if part else found
            if not number:
                break
            end, number = leg.t0, number - 1
            leg = self.legs[number]
            end = min(end, leg.t1)
        return None

    def walked_on(self, t: float, speed: float) -> float:
        """Metres walked by who goes on at `t` without a stop, at a speed (m/s), in the same part of their stride."""
        leg = self.legs[max(0, bisect_left(self._starts, t) - 1)]
        if t > leg.t1 or not leg.way:
            return 0.0
        return round(in_step(leg.walked + leg.way * (t - leg.t0) / (leg.t1 - leg.t0), leg.speed, speed), 5)

    def sample(self, times: Sequence[float]) -> list[tuple[float, float, float, float, float, float]]:
        """x, y, z, yaw, metres walked and speed at each of these rising times: what `at` gives, for many at once."""
        out = []
        t0 = t1 = before = math.inf
        after = -math.inf
        for t in times:
            if not before <= t < after:
                leg, before, after = self.leg_at(t), t, self.next_start(t)
                t0, t1, x0, y0, z0, x1, y1, z1, yaw0, yaw1, _, walked = leg
                dx, dy, dz, dyaw = x1 - x0, y1 - y0, z1 - z0, yaw1 - yaw0
                way = math.hypot(dx, dy)
                speed = way / (t1 - t0) if t1 > t0 else 0.0
            if t >= t1:
                out.append((x1, y1, z1, yaw1, 0.0, 0.0))
                continue
            f = (t - t0) / (t1 - t0) if t > t0 else 0.0
            gone = walked + way * f if way else 0.0
            out.append((x0 + dx * f, y0 + dy * f, z0 + dz * f, yaw0 + dyaw * f, gone, speed))
        return out

    @property
    def ends(self) -> float:
        """When the last planned leg is over."""
        return self.legs[-1].t1

    @classmethod
    def of(cls, legs: Sequence[Leg]) -> Track:
        """A track of these legs."""
        first = legs[0]
        track = cls((first.x0, first.y0, first.z0), first.yaw0, first.t0)
        track.plan(first.t0, list(legs))
        return track


def hold(t: float, stance: Stance) -> Leg:
    """A leg that stays where `stance` is."""
    x, y, z = quantise_place(stance.position)
    yaw = quantise_angle(stance.yaw)
    return Leg(t, t, x, y, z, x, y, z, yaw, yaw, quantise_angle(stance.pitch))


def turn(t: float, stance: Stance, yaw: float, pitch: float = 0.0, rate: float = TURN_RATE) -> Leg:
    """A turn on the spot, the short way round, to `yaw` at `rate` rad/s."""
    by = wrap_angle(yaw - stance.yaw)
    x, y, z = quantise_place(stance.position)
    start = quantise_angle(stance.yaw)
    end = quantise_time(t + abs(by) / rate)
    return Leg(t, end, x, y, z, x, y, z, start, quantise_angle(start + by), quantise_angle(pitch))


def walk(t: float, stance: Stance, points: Iterable[Sequence[float]], speed: float) -> list[Leg]:
    """Legs along `points` (m; x, y and, where the floor rises, z) at `speed` m/s, measured on the plan.

    At each corner the body turns towards its way within the first quarter of a second while it walks. Who
    walks already and only changes the way keeps in step.
    """
    legs: list[Leg] = []
    x, y, z = quantise_place(stance.position)
    yaw = quantise_angle(stance.yaw)
    for point in points:
        px, py, pz = quantise_place((point[0], point[1], point[2] if len(point) > 2 else z))
        way = math.hypot(px - x, py - y)
        if way < 1e-4:
            continue
        heading = quantise_angle(yaw + wrap_angle(math.atan2(py - y, px - x) - yaw))
        took = way / speed
        turning = min(0.25, took)
        f = turning / took
        mx, my, mz = quantise_place((x + (px - x) * f, y + (py - y) * f, z + (pz - z) * f))
        t_mid, t_end = quantise_time(t + turning), quantise_time(t + took)
        legs.append(Leg(t, t_mid, x, y, z, mx, my, mz, yaw, heading))
        if t_end > t_mid:
            legs.append(Leg(t_mid, t_end, mx, my, mz, px, py, pz, heading, heading))
        x, y, z, yaw, t = px, py, pz, heading, t_end
    return list(_in_step(stance.walked, stance.speed, legs))


def _in_step(walked: float, speed: float, legs: Iterable[Leg]) -> Iterator[Leg]:
    """The legs with what was walked before each; at another speed in the same part of the stride."""
    for leg in legs:
        if walked:
            walked = in_step(walked, speed, leg.speed)
        yield leg._replace(walked=round(walked, 5))
        walked, speed = walked + leg.way, leg.speed


def in_step(walked: float, before: float, after: float) -> float:
    """Metres walked with which somebody goes on at another speed (m/s) in the same part of their stride."""
    was, now = gait.speed_class(before), gait.speed_class(after)
    return walked if was == now else walked * gait.stride(now) / gait.stride(was)
