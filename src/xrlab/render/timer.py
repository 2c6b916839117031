"""How long the graphics device takes for a picture, asked without ever waiting for it."""

from __future__ import annotations

import numpy as np

from xrlab.render.context import gl

_IN_FLIGHT = 8
"""So many pictures may be under way at once; those beyond are not measured."""


class DeviceTimer:
    """Measures what is drawn between `begin` and `end`; `take` gives the figures some pictures later.

    With time stamps, so that whoever is drawn between may measure as well. Belongs to the context that is current when
    it is made. Where the driver has no clock, `take` gives nothing.
    """

    def __init__(self) -> None:
        g = gl()
        bits = np.zeros(1, np.int32)
        g.glGetQueryiv(g.GL_TIMESTAMP, g.GL_QUERY_COUNTER_BITS, bits)
        self._made = np.zeros(2 * _IN_FLIGHT if bits[0] else 0, np.uint32)
        if len(self._made):
            g.glCreateQueries(g.GL_TIMESTAMP, len(self._made), self._made)
        self._idle = [(int(a), int(b)) for a, b in self._made.reshape(-1, 2)]
        self._waiting: list[tuple[int, int]] = []
        self._now: tuple[int, int] | None = None

    def begin(self) -> None:
        """From here on is measured."""
        self._now = self._idle.pop() if self._idle else None
        if self._now is not None:
            gl().glQueryCounter(self._now[0], gl().GL_TIMESTAMP)

    def end(self) -> None:
        """Up to here is measured."""
        if self._now is not None:
            gl().glQueryCounter(self._now[1], gl().GL_TIMESTAMP)
            self._waiting.append(self._now)
            self._now = None

    def take(self) -> list[float]:
        """Seconds of the pictures that are done and were not given yet, the oldest first."""
        g = gl()
        out = []
        ready, at = np.zeros(1, np.uint32), np.zeros(2, np.int64)  # PyOpenGL takes no array of unsigned ones
        while self._waiting:
            pair = self._waiting[0]
            g.glGetQueryObjectuiv(pair[1], g.GL_QUERY_RESULT_AVAILABLE, ready)
            if not ready[0]:
                break
            for i, query in enumerate(pair):
                g.glGetQueryObjecti64v(query, g.GL_QUERY_RESULT, at[i : i + 1])
            out.append(max(0, int(at[1]) - int(at[0])) / 1e9)
            self._idle.append(self._waiting.pop(0))
        return out

    def free(self) -> None:
        """Give the device's clocks back."""
        if len(self._made):
            gl().glDeleteQueries(len(self._made), self._made)
            self._made = self._made[:0]
        self._idle, self._waiting, self._now = [], [], None
