import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from xrlab.render.scene import Camera

angle = st.floats(-math.pi, math.pi)
place = st.floats(-50, 50)


def axes(yaw: float, pitch: float, roll: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forward, right and up of an eye, worked out from the angles alone."""
    forward = np.array([math.cos(pitch) * math.cos(yaw), math.cos(pitch) * math.sin(yaw), math.sin(pitch)])
    level = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
    above = np.cross(level, forward)
    right = level * math.cos(roll) - above * math.sin(roll)
    return forward, right, above * math.cos(roll) + level * math.sin(roll)


@given(place, place, place, angle, st.floats(-1.5, 1.5), angle, st.floats(0.3, 2.5), st.floats(0.5, 3), st.data())
def test_a_point_lands_where_plain_trigonometry_puts_it(x, y, z, yaw, pitch, roll, fov, aspect, data):
    camera = Camera((x, y, z), yaw, pitch, fov, near=0.05, far=200.0, roll=roll)
    forward, right, up = axes(yaw, pitch, roll)
    far, side, rise = (data.draw(st.floats(a, b)) for a, b in ((0.06, 150), (-20, 20), (-20, 20)))
    point = np.array([x, y, z]) + forward * far + right * side + up * rise
    clip = camera.projection(aspect) @ camera.view() @ np.array([*point, 1.0])
    scale = math.tan(fov / 2)
    assert clip[3] == approx(far, abs=1e-6)
    assert clip[0] / clip[3] == approx(side / far / scale / aspect, rel=1e-4, abs=1e-6)
    assert clip[1] / clip[3] == approx(rise / far / scale, rel=1e-4, abs=1e-6)
    assert 0 <= clip[2] / clip[3] <= 1


def test_depth_is_one_at_the_near_plane_and_nothing_far_away():
    camera = Camera((0, 0, 0), 0.0, 0.0, near=0.1, far=80.0)
    for x, depth in ((0.1, 1.0), (80.0, 0.0)):
        clip = camera.projection(1.5) @ camera.view() @ np.array([x, 0, 0, 1])
        assert clip[2] / clip[3] == approx(depth, abs=1e-9)


@given(st.floats(0.3, 2.5), st.floats(0.5, 3))
def test_even_tangents_are_the_same_as_an_opening_angle(fov, aspect):
    up = math.tan(fov / 2)
    told = Camera((1, 2, 3), fov_y=0.1, tangents=(-up * aspect, up * aspect, -up, up))
    assert np.allclose(told.projection(aspect), Camera((1, 2, 3), fov_y=fov).projection(aspect))


@given(place, place, st.floats(1, 40), st.floats(1, 40), st.floats(0.4, 3))
def test_a_plan_shows_all_of_a_room_with_north_up(x, y, width, depth, aspect):
    low, high = (x, y, 0.0), (x + width, y + depth, 2.6)
    camera = Camera.plan(low, high, aspect)
    matrix = camera.projection(aspect) @ camera.view()

    def at(px: float, py: float, pz: float) -> np.ndarray:
        clip = matrix @ np.array([px, py, pz, 1.0])
        return clip[:3] / clip[3]

    corners = np.array([at(px, py, pz) for px in (x, x + width) for py in (y, y + depth) for pz in (0.0, 2.6)])
    assert (abs(corners[:, :2]) < 1).all() and (corners[:, 2] > 0).all() and (corners[:, 2] < 1).all()
    assert abs(corners[:, :2]).max() > 0.85  # and does not waste the paper
    assert at(x, y + depth, 0)[1] > at(x, y, 0)[1] and at(x + width, y, 0)[0] > at(x, y, 0)[0]
