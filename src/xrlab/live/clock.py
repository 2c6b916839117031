"""The wall clock of a live run: how far the simulation is to be advanced."""

from __future__ import annotations

import time
from collections.abc import Callable


class RunClock:
    """Seconds of the run as the wall clock tells them; stands while paused.

    longest_s: a gap between two questions that is longer than this (a suspended laptop, a window that was
    dragged) counts only so much, so that nobody is shot while the picture stood still. read: where seconds
    come from.
    """

    def __init__(self, longest_s: float = 1.0, read: Callable[[], float] = time.perf_counter) -> None:
        self._read = read
        self._longest = longest_s
        self._last: float | None = None
        self._seconds = 0.0

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
            self._seconds += min(self._longest, max(0.0, at - self._last))
            self._last = at
        return self._seconds
