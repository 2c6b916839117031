"""Walking and running: feet that don't slide, at any speed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.geometry import body, gait
from xrlab.geometry.paths import Leg, Stance, Track, hold, walk
from xrlab.geometry.transforms import Array, quantise_time

FEET = [body.JOINT["left_foot"], body.JOINT["right_foot"]]
FLAT_M = 0.0702
"""An ankle no higher than this belongs to a foot that lies flat on the floor."""


def placed(track: Track, t: float, pose: str = "standing") -> Array:
    """The joints in the world of who goes along a track."""
    s = track.at(t)
    return body.place(body.joints_of(body.Bearing(pose, track.gait_at(t))), s.position, s.yaw)


def drifts(track: Track, start: float, end: float, pose: str = "standing") -> list[float]:
    """How far each foot moves while it lies flat, for each time that it does."""
    times = np.arange(start, end, 0.005)
    at = np.array([placed(track, float(t), pose)[FEET] for t in times])
    out = []
    for foot in (0, 1):
        down = at[:, foot, 2] <= FLAT_M
        for span in np.split(np.arange(len(times)), np.flatnonzero(np.diff(down.astype(int))) + 1):
            out += [float(np.ptp(at[span, foot, :2], axis=0).max())] if down[span[0]] and len(span) > 2 else []
    return out


@given(st.floats(0.3, 5.0), st.floats(-3, 3), st.sampled_from(["standing", "low_ready", "hands_up"]))
def test_a_foot_on_the_floor_stays_where_it_was_put(speed: float, yaw: float, pose: str) -> None:
    goal = (12 * math.cos(yaw), 12 * math.sin(yaw))
    track = Track((0.0, 0.0, 0.0), yaw)
    track.plan(1.0, walk(1.0, Stance(0.0, 0.0, 0.0, yaw, 0.0, 0.0), [goal], speed))
    found = drifts(track, 0.7, 1.0 + min(12, 5 * gait.stride(gait.speed_class(speed))) / speed, pose)
    assert len(found) >= 6
    assert max(found) < 0.01


@given(st.floats(0.5, 4.5), st.floats(-2.5, 2.5))
def test_who_goes_where_they_do_not_look_does_not_slide_either(speed: float, aside: float) -> None:
    x, y = 8 * math.cos(aside), 8 * math.sin(aside)
    track = Track.of([Leg(0.0, quantise_time(8 / speed), 0.0, 0.0, 0.0, x, y, 0.0, 0.0, 0.0)])
    assert max(drifts(track, 0.01, 8 / speed - 0.01)) < 0.02


@given(st.floats(0.4, 4.5), st.floats(1.0, 4.0))
def test_who_stops_steps_together_and_then_stands_still(speed: float, way: float) -> None:
    track = Track((0.0, 0.0, 0.0), 0.0)
    track.plan(0.0, walk(0.0, Stance(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), [(way, 0.0)], speed))
    end = track.ends
    assert max(drifts(track, max(0.01, end - 0.3), end + 1.0)) < 0.01
    times = np.linspace(end - 0.05, end + gait.SETTLE_S + 0.05, 60)
    joints = np.array([placed(track, float(t)) for t in times])
    assert np.linalg.norm(np.diff(joints, axis=0), axis=2).max() < 0.22
    assert (
        body.joints_of(body.Bearing("standing", track.gait_at(end + gait.SETTLE_S + 0.001))) == body.joints("standing")
    ).all()


def test_a_change_of_speed_keeps_the_part_of_the_stride() -> None:
    track = Track((0.0, 0.0, 0.0), 0.0)
    track.plan(0.0, walk(0.0, Stance(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), [(20.0, 0.0)], 1.4))
    before = track.at(4.321)
    track.plan(4.321, walk(4.321, before, [(20.0, 0.0)], 3.5))
    after = track.at(4.321001)
    was, now = (s.walked / gait.stride(gait.speed_class(s.speed)) % 1.0 for s in (before, after))
    assert was == pytest.approx(now, abs=0.002)


def test_who_is_stopped_by_another_plan_settles_too() -> None:
    track = Track((0.0, 0.0, 0.0), 0.0)
    track.plan(0.0, walk(0.0, Stance(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), [(9.0, 0.0)], 1.4))
    track.plan(2.0, [hold(2.0, track.at(2.0))])
    going = track.gait_at(2.2)
    assert going is not None
    assert going.settled == 8
    assert track.gait_at(2.001 + gait.SETTLE_S) is None


def test_running_has_a_flight_and_walking_has_none() -> None:
    def airborne(speed: float) -> float:
        way = np.linspace(5.0, 15.0, 1500)
        feet = np.array([body.joints("standing", float(w), speed)[FEET, 2] for w in way])
        return float((feet.min(axis=1) > 0.13).mean())

    assert airborne(1.4) == 0.0
    assert airborne(3.5) > 0.1


@given(st.floats(0.3, 6.0))
def test_the_pelvis_rises_and_falls_twice_in_a_stride_and_nothing_jumps(speed: float) -> None:
    long = gait.stride(gait.speed_class(speed))
    way = np.linspace(2 * long + 0.001, 3 * long, 400)
    joints = np.array([body.joints("standing", float(w), speed) for w in way])
    high = joints[:, body.JOINT["pelvis"], 2]
    assert 0.01 < np.ptp(high) < 0.1
    half = len(high) // 2
    assert high[:half] == pytest.approx(high[half:], abs=0.01)
    assert np.linalg.norm(np.diff(joints, axis=0), axis=2).max() < 0.06
    assert joints[:, :, 2].min() > 0.05


def test_hands_stay_on_the_weapon() -> None:
    hands = [body.JOINT["left_hand"], body.JOINT["right_hand"]]
    for speed in (1.2, 3.0):
        j = np.array([body.joints("aiming", float(w), speed)[hands] for w in np.linspace(0.01, 4.0, 300)])
        assert np.ptp(j[:, 0] - j[:, 1], axis=0).max() < 1e-5


def test_arms_swing_against_the_legs() -> None:
    way = np.linspace(4.0, 4.0 + 2 * gait.stride(14), 200)
    j = np.array([body.joints("standing", float(w)) for w in way])
    for side in ("left", "right"):
        hand, foot = j[:, body.JOINT[f"{side}_hand"], 0], j[:, body.JOINT[f"{side}_foot"], 0]
        assert np.corrcoef(hand, foot)[0, 1] < -0.8
