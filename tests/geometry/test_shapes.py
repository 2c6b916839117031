"""Zones of target faces: a shot on the line counts as in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.geometry.shapes import Circle, Polygon

lengths = st.floats(0.01, 2.0)
places = st.floats(-1.0, 1.0)


@given(places, places, lengths, st.floats(0, 6.28))
def test_a_circle_holds_its_edge_and_not_what_lies_beyond(u: float, v: float, radius: float, a: float) -> None:
    circle = Circle((u, v), radius)
    on = (u + radius * math.cos(a), v + radius * math.sin(a))
    out = (u + (radius + 1e-4) * math.cos(a), v + (radius + 1e-4) * math.sin(a))
    assert circle.contains(*on)
    assert not circle.contains(*out)
    edge = circle.outline(48)
    assert edge.shape == (48, 2)
    assert np.hypot(edge[:, 0] - u, edge[:, 1] - v) == pytest.approx(radius)


@given(st.integers(3, 9), lengths, st.floats(0, 6.28), st.floats(0, 1))
def test_a_polygon_holds_its_corners_and_edges(n: int, size: float, turned: float, part: float) -> None:
    angles = [turned + k * 2 * math.pi / n for k in range(n)]
    corners = tuple((size * math.cos(a), size * math.sin(a)) for a in angles)
    polygon = Polygon(corners)
    assert polygon.contains(0, 0)
    for (u0, v0), (u1, v1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        on = (u0 + (u1 - u0) * part, v0 + (v1 - v0) * part)
        assert polygon.contains(*on)
        assert polygon.contains(u0, v0)
        assert not polygon.contains(on[0] * 1.01, on[1] * 1.01)


def test_a_polygon_may_bend_inwards() -> None:
    arrow = Polygon(((0, 0), (2, 0), (2, 2), (1, 0.5), (0, 2)))
    assert arrow.contains(1, 0.5) and arrow.contains(1, 0.4)
    assert not arrow.contains(1, 0.6)
    assert arrow.contains(0.3, 1.0) and arrow.contains(1.9, 1.5)
    assert arrow.outline().tolist() == [[0, 0], [2, 0], [2, 2], [1, 0.5], [0, 2]]
