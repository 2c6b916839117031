"""Motion along legs in time."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.geometry.paths import Leg, Stance, Track, hold, turn, walk
from xrlab.geometry.transforms import wrap_angle

spots = st.tuples(st.floats(-20, 20), st.floats(-20, 20))
ways = st.lists(spots, min_size=1, max_size=6)
starts = st.builds(lambda p, yaw: Stance(p[0], p[1], 0.0, yaw, 0.0, 0.0), spots, st.floats(-3, 3))
speeds = st.floats(0.3, 5.0)


def walking(stance: Stance, points: list[tuple[float, float]], speed: float, t: float = 1.0) -> Track:
    track = Track(stance.position, stance.yaw)
    legs = walk(t, stance, points, speed)
    if legs:
        track.plan(t, legs)
    return track


@given(starts, ways, speeds)
def test_a_walk_has_no_jumps(stance: Stance, points: list[tuple[float, float]], speed: float) -> None:
    track = walking(stance, points, speed)
    joins = [leg.t0 for leg in track.legs] + [track.ends]
    for t in joins:
        before, after = track.at(t - 1e-7), track.at(t + 1e-7)
        assert math.dist(before.position, after.position) < 1e-4
        assert abs(before.yaw - after.yaw) < 1e-4
    moving = [leg for leg in track.legs if leg.t1 > leg.t0]
    for one, other in pairwise(moving):
        assert one[5:8] == other[2:5], "a leg begins where the one before ended, to the bit"
        assert one.t1 == other.t0
        assert one.yaw1 == other.yaw0


@given(starts, ways, speeds)
def test_a_walk_ends_at_its_last_point_and_keeps_its_speed(
    stance: Stance, points: list[tuple[float, float]], speed: float
) -> None:
    track = walking(stance, points, speed)
    end = track.at(track.ends + 5.0)
    assert math.dist(end.position[:2], points[-1]) < 2e-4
    assert end.walked == 0.0, "who stands has no stride"
    length, at = 0.0, stance.position[:2]
    for point in points:
        length, at = length + math.dist(at, point), point
    if len(track.legs) > 1:
        assert track.ends - 1.0 == pytest.approx(length / speed, abs=1e-3)


@given(starts, ways, speeds, st.floats(0.05, 0.95))
def test_what_is_walked_is_the_way(
    stance: Stance, points: list[tuple[float, float]], speed: float, part: float
) -> None:
    track = walking(stance, points, speed)
    if track.ends <= 1.0:
        return
    t = 1.0 + (track.ends - 1.0) * part
    assert track.at(t).walked == pytest.approx((t - 1.0) * speed, rel=0.06, abs=2e-3)


@given(starts, ways, ways, speeds, st.floats(0.0, 1.2))
def test_a_new_plan_changes_only_what_comes_after(
    stance: Stance, points: list[tuple[float, float]], others: list[tuple[float, float]], speed: float, part: float
) -> None:
    track, unchanged = walking(stance, points, speed), walking(stance, points, speed)
    now = round(1.0 + (track.ends - 1.0) * part, 6)
    here = track.at(now)
    legs = walk(now, here, others, speed)
    if not legs:
        return
    track.plan(now, legs)
    for k in range(20):
        t = now * k / 20
        assert track.at(t) == unchanged.at(t)
    assert math.dist(track.at(now).position, here.position) < 2e-5
    if here.walked:
        assert track.at(now).walked == pytest.approx(here.walked, abs=1e-5), "keeps in step"


def test_a_plan_made_twice_at_one_instant_counts_once() -> None:
    track = Track((0, 0, 0), 0.0)
    first, second = (walk(1.0, track.at(1.0), [goal], 1.5) for goal in ((5.0, 0.0), (0.0, 5.0)))
    track.plan(1.0, first)
    track.plan(1.0, second)
    assert track.legs[1:] == second
    assert track.at(99.0).position == (0, 5, 0)


def test_a_plan_needs_legs_that_begin_when_it_does() -> None:
    track = Track((0, 0, 0), 0.0)
    with pytest.raises(ValueError, match="legs"):
        track.plan(1.0, [])
    with pytest.raises(ValueError, match="legs"):
        track.plan(1.0, [hold(0.5, track.at(0.5))])
    assert track.at(3.0).position == (0, 0, 0)


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_a_turn_goes_the_short_way(begin: float, goal: float) -> None:
    stance = Stance(1.0, 2.0, 0.0, begin, 0.0, 0.0)
    leg = turn(0.0, stance, goal, rate=6.0)
    assert abs(leg.yaw1 - leg.yaw0) <= math.pi + 1e-6
    assert abs(wrap_angle(leg.yaw1 - goal)) < 2e-6
    assert leg.t1 == pytest.approx(abs(leg.yaw1 - leg.yaw0) / 6.0, abs=2e-6)


def test_next_start_and_ends_tell_of_what_is_planned() -> None:
    track = Track.of([Leg(0, 1, 0, 0, 0, 1, 0, 0, 0, 0), Leg(2, 3, 1, 0, 0, 1, 1, 0, 0, 1)])
    assert (track.next_start(0.5), track.next_start(2.0), track.ends) == (2, math.inf, 3)
    assert track.at(1.5).position == (1, 0, 0), "between two legs the first one's end is held"
    assert track.at(2.5).position == (1, 0.5, 0)
    assert track.at(-1.0).position == (0, 0, 0)
