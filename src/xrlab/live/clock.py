"""The wall clock of a live run: how far the simulation is to be advanced."""

from __future__ import annotations

import time
from collections.abc import Callable

PACES = (1.0, 0.5, 0.25, 0.125)
"""How fast time may run, as a part of its own speed."""


class RunClock:
    """Seconds of the run as the wall clock tells them, slowed to `pace`; stands while paused.

    longest_s: a gap between two questions that is longer than this (a suspended laptop, a window that was
    dragged) counts only so much, so that nobody is shot while the picture stood still. read: where seconds
    come from.
    """

    def __init__(self, longest_s: float = 1.0, read: Callable[[], float] = time.perf_counter) -> None:
        self._read = read
        self._longest = longest_s
        self._last: float | None = None
        self._seconds = 0.0
        self._pace = 1.0

    @property
    def pace(self) -> float:
        """How fast time runs: 1 as on the wall, 0.5 half as fast."""
        return self._pace

    def change_pace(self, pace: float) -> None:
        """From now on time runs at this pace; what has passed stays."""
        self.now()
        self._pace = pace

    @property
    def running(self) -> bool:
        """Whether time passes."""
        return self._last is not None

    def start(self) -> None:
        """Time passes from now on."""
        self._last = self._read()

    def stop(self) -> None:
        """Time stands from now on."""
        self.now()
        self._last = None

    def now(self) -> float:
        """Seconds of the run."""
        if self._last is not None:
            at = self._read()
            self._seconds += min(self._longest, max(0.0, at - self._last)) * self._pace
            self._last = at
        return self._seconds
