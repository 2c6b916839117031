"""Angles, directions and rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.geometry import transforms as tf

angles = st.floats(-50, 50)
coordinates = st.floats(-500, 500)


@given(angles)
def test_wrapped_angle_is_the_same_direction_within_half_a_turn(a: float) -> None:
    wrapped = tf.wrap_angle(a)
    assert -math.pi < wrapped <= math.pi
    assert math.cos(wrapped) == pytest.approx(math.cos(a), abs=1e-9)
    assert math.sin(wrapped) == pytest.approx(math.sin(a), abs=1e-9)


@pytest.mark.parametrize("a", [math.pi, -math.pi, 3 * math.pi, -3 * math.pi, 0.0, 2 * math.pi])
def test_half_turns_wrap_to_the_positive_side(a: float) -> None:
    assert tf.wrap_angle(a) >= 0.0


@given(st.floats(-3.1, 3.1), st.floats(-1.5, 1.5))
def test_direction_and_its_angles_round_trip(yaw: float, pitch: float) -> None:
    d = tf.direction(yaw, pitch)
    assert math.hypot(*d) == pytest.approx(1.0, abs=1e-12)
    assert tf.yaw_pitch(d) == pytest.approx((yaw, pitch), abs=1e-9)
    assert tf.yaw_pitch([7.5 * c for c in d]) == pytest.approx((yaw, pitch), abs=1e-9)


@given(st.tuples(coordinates, coordinates, coordinates), angles, angles)
def test_rounding_twice_changes_nothing_and_moves_by_half_a_step_at_most(p: tf.Vec3, a: float, t: float) -> None:
    place, angle, time = tf.quantise_place(p), tf.quantise_angle(a), tf.quantise_time(t)
    assert tf.quantise_place(place) == place
    assert tf.quantise_angle(angle) == angle
    assert tf.quantise_time(time) == time
    assert np.abs(np.subtract(place, p)).max() <= 0.5e-5 + 1e-12
    assert abs(angle - a) <= 0.5e-6 + 1e-12
    assert abs(time - t) <= 0.5e-6 + 1e-12


@pytest.mark.parametrize("nearly_nothing", [-0.0, -1e-9, -4e-7])
def test_rounding_gives_no_negative_zero(nearly_nothing: float) -> None:
    for value in (tf.quantise_time(nearly_nothing), tf.quantise_angle(nearly_nothing)):
        assert math.copysign(1.0, value) == 1.0
    assert all(math.copysign(1.0, c) == 1.0 for c in tf.quantise_place([nearly_nothing] * 3))


@given(st.tuples(coordinates, coordinates, coordinates), st.floats(-3.1, 3.1), st.floats(-1.5, 1.5))
def test_pose_matrix_turns_rigidly_and_looks_along_its_angles(position: tf.Vec3, yaw: float, pitch: float) -> None:
    m = tf.pose_matrix(position, yaw, pitch)
    turn = m[:3, :3]
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1.0)
    assert turn @ [1, 0, 0] == pytest.approx(tf.direction(yaw, pitch), abs=1e-12)
    assert (m @ [0, 0, 0, 1])[:3] == pytest.approx(position)
    assert turn[2, 1] == 0.0, "left stays level"
    assert turn[2, 2] > 0, "up stays up"


def test_axes_are_those_of_the_house() -> None:
    assert tf.direction(0.0) == pytest.approx((1, 0, 0))
    assert tf.direction(math.pi / 2) == pytest.approx((0, 1, 0))
    assert tf.direction(0.0, math.pi / 2) == pytest.approx((0, 0, 1))
