"""Poses, and the body on its way from one to another."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.geometry import body
from xrlab.geometry.gait import stride
from xrlab.geometry.poses import BONES, LENGTHS, PARTS, POSES, mix, seconds, settled
from xrlab.geometry.transforms import Array

poses = st.sampled_from(POSES)
gaits = st.none() | st.builds(body.gait_of, st.floats(0.01, 9), st.floats(0.2, 8), st.integers(0, 127))


def worst_length(joints: Array) -> float:
    """By what part the bone that is most off is longer or shorter than in a body that stands."""
    found = [float(np.linalg.norm(joints[body.JOINT[a]] - joints[body.JOINT[b]])) / LENGTHS[a, b] - 1 for a, b in BONES]
    return max(map(abs, found))


@given(poses, poses, poses, st.integers(1, PARTS - 1), st.integers(1, PARTS - 1), gaits, st.integers(-50, 50))
def test_bones_keep_their_lengths_in_every_pose_and_between_them(
    first: str, second: str, third: str, one: int, other: int, gait: body.Gait | None, pitch: int
) -> None:
    for pose in (first, mix(first, second, one), mix(mix(first, second, one), third, other)):
        joints = body.joints_of(body.Bearing(pose, gait, pitch))
        assert np.isfinite(joints).all()
        assert worst_length(joints) < 0.001


@given(poses, poses)
def test_a_change_of_pose_has_no_jumps_and_goes_through_no_floor(before: str, after: str) -> None:
    way = [body.joints(before), *(body.joints(mix(before, after, k)) for k in range(1, PARTS)), body.joints(after)]
    for one, other in pairwise(way):
        assert np.linalg.norm(one - other, axis=1).max() < 0.42
    assert min(float(j[:, 2].min()) for j in way) > 0.03
    first = np.linalg.norm(way[1] - way[0], axis=1).max()
    assert first <= max(np.linalg.norm(b - a, axis=1).max() for a, b in pairwise(way)), "it begins gently"


@pytest.mark.parametrize("before, after", [("hands_hidden", "aiming"), ("hands_hidden", "hands_up"),
                                           ("aiming", "hands_hidden"), ("reaching", "aiming")])  # fmt: skip
def test_hands_go_round_the_trunk(before: str, after: str) -> None:
    for part in range(PARTS):
        j = body.joints(mix(before, after, part)) if part else body.joints(before)
        pelvis, neck = j[body.JOINT["pelvis"]], j[body.JOINT["neck"]]
        up = (neck - pelvis) / np.linalg.norm(neck - pelvis)
        for side in ("left", "right"):
            hand = j[body.JOINT[f"{side}_hand"]] - pelvis
            if 0 < hand @ up < np.linalg.norm(neck - pelvis):
                assert np.linalg.norm(hand - (hand @ up) * up) > 0.15


def test_feet_that_stand_in_both_poses_step_one_after_the_other() -> None:
    left, right = body.JOINT["left_foot"], body.JOINT["right_foot"]
    way = [body.joints(mix("standing", "aiming", k)) for k in range(1, PARTS)]
    lifted = [(j[left, 2] > 0.075, j[right, 2] > 0.075) for j in way]
    assert any(one for one, _ in lifted)
    assert any(other for _, other in lifted)
    still = [np.ptp(np.array([j[foot] for j in way[:3]]), axis=0).max() for foot in (right,)]
    assert still == [0.0], "the right foot stands while the left one sets out"


def test_a_fall_takes_longer_than_a_move_of_the_hands() -> None:
    assert 0.6 <= seconds("standing", "lying") <= 0.8
    for before in POSES:
        for after in POSES:
            assert 0.25 <= seconds(before, after) <= 0.8
    assert settled(mix("standing", "lying", 7)) == "standing"
    assert settled(mix("standing", "lying", 8)) == "lying"


def test_the_stride_of_a_brisk_walk_is_that_of_adults() -> None:
    assert 1.35 < stride(14) < 1.6
    assert 2.2 < stride(35) < 2.8
