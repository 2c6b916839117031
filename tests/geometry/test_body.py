"""The body that is shot at, seen and drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.geometry import body
from xrlab.geometry.poses import mix
from xrlab.geometry.rays import capsule_distance
from xrlab.geometry.transforms import direction

WALKED = np.linspace(0.0, 2.9, 146).tolist()
everywhere = pytest.mark.parametrize("pose", body.POSES)


@everywhere
def test_no_part_of_the_body_hangs_free(pose: str) -> None:
    for walked in WALKED[::5]:
        zones = body.capsules(body.joints(pose, walked))
        touching = {0}
        for _ in range(len(zones.radii)):
            for k in range(len(zones.radii)):
                if k not in touching and any(_gap(zones, k, other) < 0 for other in touching):
                    touching.add(k)
        assert len(touching) == len(zones.radii)


def _gap(zones: body.Placed, one: int, other: int) -> float:
    f = np.linspace(0, 1, 21)[:, None]
    p = zones.a[one] + (zones.b[one] - zones.a[one]) * f
    q = zones.a[other] + (zones.b[other] - zones.a[other]) * f
    apart = np.linalg.norm(p[:, None] - q[None], axis=2).min()
    return float(apart - zones.radii[one] - zones.radii[other])


@everywhere
def test_everyone_stands_on_the_floor_and_not_below(pose: str) -> None:
    for walked in WALKED[::3]:
        zones = body.capsules(body.joints(pose, walked))
        lowest = (np.minimum(zones.a[:, 2], zones.b[:, 2]) - zones.radii).min()
        assert -0.025 < lowest < 0.05


@everywhere
def test_eyes_are_in_front_of_the_head(pose: str) -> None:
    zones = body.capsules(body.joints(pose))
    head = body.CAPSULE_ZONES.index("head")
    f = np.linspace(0, 1, 50)[:, None]
    middle = zones.a[head] + (zones.b[head] - zones.a[head]) * f
    assert np.linalg.norm(middle - body.eye(pose), axis=1).min() < zones.radii[head] + 0.02


def test_who_kneels_or_lies_does_not_walk() -> None:
    for pose in ("kneeling", "lying", "sitting", "crouching"):
        assert body.joints(pose, 3.0) is body.joints(pose)
    with pytest.raises(KeyError):
        body.joints("flying")


@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(-3, 3), st.sampled_from(body.POSES), st.floats(0.8, 1.2))
def test_placing_a_body_turns_and_moves_it_rigidly(x: float, y: float, yaw: float, pose: str, scale: float) -> None:
    local = body.joints(pose)
    placed = body.place(local, (x, y, 0.3), yaw, scale)
    apart = np.linalg.norm(local[:, None] - local[None], axis=2)
    assert np.linalg.norm(placed[:, None] - placed[None], axis=2) == pytest.approx(apart * scale, abs=1e-9)
    ahead = body.place(np.array([[1.0, 0, 0]]), (x, y, 0.0), yaw)[0]
    assert ahead == pytest.approx((x + math.cos(yaw), y + math.sin(yaw), 0))
    assert placed[:, 2] == pytest.approx(local[:, 2] * scale + 0.3)


def test_joints_are_shared_and_cannot_be_written() -> None:
    for walked in (0.0, 0.5):
        with pytest.raises(ValueError, match="read-only"):
            body.joints("standing", walked)[0, 0] = 1.0


@given(
    pose=st.sampled_from(body.POSES),
    walked=st.floats(0, 5),
    origin=st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 2.2)),
    yaw=st.floats(-math.pi, math.pi),
    pitch=st.floats(-1.5, 1.5),
)
def test_the_first_zone_on_a_ray_is_the_nearest_of_the_capsules(
    pose: str, walked: float, origin: tuple[float, float, float], yaw: float, pitch: float
) -> None:
    ray = direction(yaw, pitch)
    zones = body.capsules(body.joints(pose, walked))
    axes = zones.b - zones.a
    distances = np.array(
        [
            capsule_distance(*(np.array(origin) - a).tolist(), *ray, *u.tolist(), float(u @ u), float(r * r))
            for a, u, r in zip(zones.a, axes, zones.radii, strict=True)
        ]
    )
    nearest = float(distances.min())
    met = body.first_zone(body.bearing(pose, walked), origin, ray, math.inf)
    if met is None:
        assert nearest == math.inf
    else:
        assert math.isclose(met[0], nearest, abs_tol=1e-6)
        assert distances[[i for i, z in enumerate(zones.zones) if z == met[1]]].min() <= nearest + 1e-6
        assert body.first_zone(body.bearing(pose, walked), origin, ray, met[0] - 1e-3) is None


@everywhere
def test_a_body_that_stands_stays_within_its_reach_wherever_it_looks(pose: str) -> None:
    for pitch in range(-62, 63):
        zones = body.capsules(body.joints_of(body.Bearing(pose, None, pitch)))
        assert _reach(zones) <= body.reach(pose)


@given(st.sampled_from(body.POSES), st.sampled_from(body.POSES), st.integers(1, 15), st.floats(0, 9), st.floats(0.1, 9),
       st.integers(0, 127), st.integers(-60, 60))  # fmt: skip
def test_a_body_that_moves_stays_within_the_reach_of_all(
    before: str, pose: str, part: int, walked: float, speed: float, way: int, pitch: int
) -> None:
    gait = body.gait_of(walked, speed, way)
    zones = body.capsules(body.joints_of(body.Bearing(mix(before, pose, part), gait, pitch)))
    assert _reach(zones) <= body.MOVING_REACH_M


def _reach(zones: body.Placed) -> float:
    return max(float((np.hypot(end[:, 0], end[:, 1]) + zones.radii).max()) for end in (zones.a, zones.b))


@pytest.mark.parametrize("pose", ["aiming", "aiming_long"])
def test_hands_and_head_follow_the_pitch_of_the_aim(pose: str) -> None:
    eye, fist = np.array(body.eye(pose)), body.JOINT["right_hand"]
    level = body.joints_of(body.Bearing(pose))[fist]
    below = math.atan2(eye[2] - level[2], level[0] - eye[0])
    for pitch in (-16, -8, 8):
        joints = body.joints_of(body.Bearing(pose, None, pitch))
        way = joints[fist] - eye
        turned = math.atan2(way[2], way[0]) + below
        assert turned == pytest.approx(pitch / body.PITCHES, abs=0.06), "the fist stays as far under the line of sight"
        assert joints[body.JOINT["crown"], 0] != body.joints(pose)[body.JOINT["crown"], 0]
        assert (joints[body.JOINT["left_foot"]] == body.joints(pose)[body.JOINT["left_foot"]]).all()
