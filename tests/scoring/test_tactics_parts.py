"""What tactics are made of, against the plain way of reckoning it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stages import evidence, ground, posture, track

from xrlab.geometry import body
from xrlab.geometry.leaves import Leaves
from xrlab.geometry.ramps import Ramp
from xrlab.scoring.tactics.lines import nearest
from xrlab.scoring.tactics.stage import Stage, seconds, spans
from xrlab.scoring.tactics.team import watched

places = st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 2))


def stage() -> Stage:
    way = track([(0, 0, 0, 10), (1.5, 1.7, -0.4, 50), (2, 1.7, -0.4, 50), (3, 0.2, 0.9, -200)])
    postures = [posture(0.4, "p1", "low_ready"), posture(1.2, "p1", "aiming"), posture(2.6, "p1", "kneeling")]
    return Stage(evidence(5.0, {"p1": way}, postures, ground()), ground())


def test_many_instants_at_once_are_each_instant_alone() -> None:
    film = stage()
    at = film.stances("p1", film.times)
    plain = [film.evidence.tracks["p1"].at(t) for t in film.times.tolist()]
    assert at.place == pytest.approx(np.array([s.position for s in plain]), abs=1e-12)
    assert at.yaw == pytest.approx([s.yaw for s in plain], abs=1e-12)
    assert at.walked == pytest.approx([s.walked for s in plain], abs=1e-12)
    assert len(film.times) == 50


def test_bodies_at_many_instants_are_where_shots_meet_them() -> None:
    film = stage()
    a, b = film.capsules("p1", film.times)
    for n, (t, pose) in enumerate(zip(film.times.tolist(), _poses(film), strict=True)):
        s = film.evidence.tracks["p1"].at(t)
        placed = body.capsules(body.place(body.joints(pose, s.walked, s.speed), s.position, s.yaw))
        assert a[n] == pytest.approx(placed.a, abs=2e-5)
        assert b[n] == pytest.approx(placed.b, abs=2e-5)


def _poses(film: Stage) -> list[str]:
    out = [""] * len(film.times)
    for pose, rows in film.poses("p1", film.times):
        for row in rows.tolist():
            out[row] = pose
    return out


def test_poses_hold_from_their_event_on() -> None:
    poses = _poses(stage())
    assert [poses[n] for n in (3, 4, 11, 12, 25, 26)] == [
        "standing", "low_ready", "low_ready", "aiming", "aiming", "kneeling",
    ]  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 9), st.sampled_from((0.0, 0.3, 1.0)), st.floats(0, 2)), max_size=6))
def test_ramps_at_many_times_are_as_at_each(moves: list[tuple[float, float, float]]) -> None:
    ramp = Ramp(0.2)
    for t, to, takes in sorted(moves):
        ramp.move(t, to, takes)
    times = np.linspace(0, 12, 97)
    assert ramp.sample(times) == pytest.approx([ramp.at(t) for t in times.tolist()], abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(places, st.floats(-math.pi, math.pi), st.floats(-1.2, 1.2), st.floats(0.5, 20), places, places)
def test_the_nearest_way_to_a_capsule_is_that_of_many_points_on_it(
    origin: tuple[float, ...], yaw: float, pitch: float, reach: float, a: tuple[float, ...], b: tuple[float, ...]
) -> None:
    way = np.array([math.cos(yaw) * math.cos(pitch), math.sin(yaw) * math.cos(pitch), math.sin(pitch)])
    start = np.array(origin)
    ends = np.array([a]), np.array([b])
    off, far = nearest(start[None], way[None], np.array([reach]), ends[0][None], ends[1][None], np.array([0.1]))
    line = start + way * np.linspace(0, reach, 400)[:, None]
    axis = ends[0] + (ends[1] - ends[0]) * np.linspace(0, 1, 400)[:, None]
    plain = np.sqrt(((line[:, None] - axis[None]) ** 2).sum(axis=2)).min() - 0.1
    assert off[0] <= max(plain, 0.0) + 1e-6
    assert off[0] == pytest.approx(max(plain, 0.0), abs=0.04)
    assert 0 <= far[0] <= reach


@given(st.lists(st.booleans(), max_size=60))
def test_stretches_hold_every_sample_once(flags: list[bool]) -> None:
    found = spans(np.array(flags, bool))
    assert sum(span.many for span in found) == sum(flags)
    for one, other in itertools.pairwise(found):
        assert other.first - one.last >= 5
    assert all(flags[span.first] and flags[span.last] for span in found)
    assert seconds(np.array(flags, bool)) == sum(flags) / 10


@given(st.lists(st.floats(-7, 7), min_size=2, max_size=6))
def test_watched_directions_are_those_in_a_field(yaws: list[float]) -> None:
    field = math.radians(120)
    share, doubled = watched(np.array(yaws)[:, None], field)
    round_about = np.linspace(-math.pi, math.pi, 7200, endpoint=False)
    off = np.abs((round_about[:, None] - np.array(yaws) + math.pi) % (2 * math.pi) - math.pi)
    assert share[0] / 1e6 == pytest.approx((off <= field / 2).any(axis=1).mean(), abs=2e-3)
    assert 0 <= doubled[0] <= 1e6 * (1 - 1 / len(yaws)) + 1


@settings(max_examples=60)
@given(places, places, st.floats(-math.pi, math.pi))
def test_a_leaf_blocks_the_lines_that_go_through_it(
    start: tuple[float, ...], end: tuple[float, ...], yaw: float
) -> None:
    leaf = Leaves(np.array([[0.3, -0.2, 0.0]]), np.array([0.9]), np.array([1.5]))
    way = np.array([[[math.cos(yaw), math.sin(yaw)]]])
    blocked = leaf.block(np.array([start]), np.array([end]), way, np.zeros(1, np.int64))[0]
    line = np.array(start) + (np.array(end) - np.array(start)) * np.linspace(0, 1, 4000)[:, None]
    x, y = line[:, 0] - 0.3, line[:, 1] + 0.2
    along, across = x * way[0, 0, 0] + y * way[0, 0, 1], y * way[0, 0, 0] - x * way[0, 0, 1]
    through = np.flatnonzero(across[:-1] * across[1:] < 0)
    margin = 0.02
    inside = ((along > margin) & (along < 0.9 - margin) & (line[:, 2] > margin) & (line[:, 2] < 1.5 - margin))[through]
    beside = ((along < -margin) | (along > 0.9 + margin) | (line[:, 2] > 1.5 + margin))[through]
    if inside.any():
        assert blocked
    if not len(through) or beside.all():
        assert not blocked or not len(through)
