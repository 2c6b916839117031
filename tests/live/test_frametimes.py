"""The graph of frame times: its figures."""

from __future__ import annotations

import math

import pytest

from xrlab.live.frametimes import KEPT, FrameTimes


def test_the_99th_percentile_is_kept_by_99_of_100_of_the_last_pictures() -> None:
    times = FrameTimes()
    assert math.isnan(times.p99("cpu"))
    for i in range(1000):
        times.add(0.5 if i < 700 else 0.016, 0.004, [0.002])
    assert times.p99("whole") == pytest.approx(16.0)  # the slow ones are long past
    for i in range(KEPT):
        times.add(0.1 if i in (3, 77) else 0.016, 0.004 + i * 1e-6)
    assert times.p99("whole") == pytest.approx(16.0)  # 2 of 240 are fewer than one of a hundred
    times.add(0.1, 0.004)
    assert times.p99("whole") == pytest.approx(100.0)
    assert times.p99("cpu") == pytest.approx(4.237, abs=0.002)
    assert times.p99("gpu") == pytest.approx(2.0)
