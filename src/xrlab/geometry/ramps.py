"""Numbers that move evenly between settings, so that each can be asked for at any instant."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from xrlab.geometry.transforms import Array, quantise_time


class Ramp:
    """A number that moves evenly between settings: how far a door is open, a board turned, a lamp lit."""

    def __init__(self, value: float) -> None:
        self._steps: list[tuple[float, float, float, float]] = [(0.0, 0.0, value, value)]
        self._starts = [0.0]

    def at(self, t: float) -> float:
        """The value at `t`."""
        index = len(self._starts) - 1 if t >= self._starts[-1] else max(0, bisect_right(self._starts, t) - 1)
        t0, t1, v0, v1 = self._steps[index]
        return v1 if t >= t1 else v0 + (v1 - v0) * (t - t0) / (t1 - t0)

    def sample(self, times: Array) -> Array:
        """The values at these times: what `at` gives, for many at once."""
        index = np.maximum(np.searchsorted(self._starts, times, side="right") - 1, 0)
        t0, t1, v0, v1 = np.array(self._steps)[index].transpose()
        moves = times < t1
        f = np.divide(times - t0, t1 - t0, out=np.zeros_like(times), where=moves)
        values: Array = np.where(moves, v0 + (v1 - v0) * f, v1)
        return values

    def move(self, t: float, to: float, seconds: float) -> float:
        """From `t` on it moves to `to`; `seconds` is the time of a full way 0..1. Returns when it is there."""
        start = self.at(t)
        end = quantise_time(t + abs(to - start) * seconds)
        while len(self._starts) > 1 and self._starts[-1] >= t:  # what was planned from here on gives way
            self._starts.pop()
            self._steps.pop()
        self._steps.append((t, end, start, to))
        self._starts.append(t)
        return end

    @property
    def goal(self) -> float:
        """Where it will come to rest."""
        return self._steps[-1][3]

    @property
    def rests_at(self) -> float:
        """When it comes to rest."""
        return self._steps[-1][1]
