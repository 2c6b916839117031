"""How near lines pass by things: worked cases, and against a search along the line."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.geometry import body
from xrlab.geometry.nearness import line_gaps, passes_by

EAST = (1.0, 0.0, 0.0)
places = st.tuples(*[st.floats(-5, 5)] * 3)


@pytest.mark.parametrize(
    ("a", "b", "gap", "along"),
    [
        ((3, 1, 0), (3, 1, 2), 1.0, 3.0),
        ((3, 1, -1), (3, 1, 1), 1.0, 3.0),
        ((3, 1, 1), (3, 4, 1), math.sqrt(2), 3.0),
        ((-2, 1, 0), (-2, 3, 0), math.sqrt(5), 0.0),  # behind the muzzle
        ((-2, 1, 0), (2, 1, 0), 1.0, 0.0),  # beside it: along the line
        ((4, 0, 0), (4, 0, 0), 0.0, 4.0),
    ],
)
def test_gaps_are_as_measured_by_hand(a: tuple[float, ...], b: tuple[float, ...], gap: float, along: float) -> None:
    gaps, far = line_gaps((0.0, 0.0, 0.0), EAST, np.array([a], float), np.array([b], float))
    assert gaps[0] == pytest.approx(gap)
    if gap != 1.0 or a[0] == b[0]:
        assert far[0] == pytest.approx(along)


@given(places, places, places, st.floats(-3, 3), st.floats(-1.5, 1.5))
def test_no_place_of_the_line_is_nearer_than_the_gap(
    origin: tuple[float, float, float], a: tuple[float, ...], b: tuple[float, ...], yaw: float, pitch: float
) -> None:
    way = (math.cos(yaw) * math.cos(pitch), math.sin(yaw) * math.cos(pitch), math.sin(pitch))
    (gap,), (along,) = line_gaps(origin, way, np.array([a]), np.array([b]))
    f = np.linspace(0, 1, 21)[:, None, None]
    stretch = np.array(a) + (np.array(b) - np.array(a)) * f
    line = np.array(origin) + np.array(way) * np.linspace(0, 25, 251)[None, :, None]
    least = np.sqrt(((stretch - line) ** 2).sum(axis=2)).min()
    assert gap <= least + 1e-6
    assert least <= gap + math.dist(a, b) / 20 + 0.1
    assert along >= 0


def test_a_line_through_a_body_passes_by_it_at_no_distance() -> None:
    standing = body.place(body.joints("standing"), (5.0, 0.0, 0.0), math.pi)
    assert passes_by((0.0, 0.0, 1.2), EAST, standing)[0] == 0.0
    gap, along = passes_by((0.0, 1.0, 1.2), EAST, standing)
    assert gap == pytest.approx(1.0 - 0.23 - 0.055, abs=0.02)
    assert along == pytest.approx(5.0, abs=0.1)
