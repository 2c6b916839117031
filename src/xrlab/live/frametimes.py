"""How long pictures take, as a graph over the picture: for who sets up a lab."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from itertools import pairwise

from xrlab.language import tr
from xrlab.render.overlay import WHITE, Colour, Overlay, text_width
from xrlab.words import Words

KEPT = 240
"""So many pictures are shown, the newest at the right."""

_PLATE: Colour = (0.03, 0.04, 0.06, 0.75)
_LINE: Colour = (1.0, 1.0, 1.0, 0.25)
_COLOURS: dict[str, Colour] = {
    "whole": (0.62, 0.65, 0.70, 1.0), "cpu": (1.0, 0.75, 0.25, 1.0), "gpu": (0.35, 0.75, 1.0, 1.0),
}  # fmt: skip
_MARKS_MS = (4.0, 8.0, 16.7, 33.3, 66.7, 133.3)


class FrameTimes:
    """The last pictures' times: whole (from one to the next), of the processor, and of the graphics device."""

    def __init__(self) -> None:
        self._ms: dict[str, deque[float]] = {name: deque(maxlen=KEPT) for name in _COLOURS}

    def add(self, whole_s: float, cpu_s: float, gpu_s: Iterable[float] = ()) -> None:
        """One more picture; of the device those that have become known."""
        self._ms["whole"].append(whole_s * 1000)
        self._ms["cpu"].append(cpu_s * 1000)
        self._ms["gpu"].extend(s * 1000 for s in gpu_s)

    def p99(self, name: str) -> float:
        """So many milliseconds or less 99 of 100 pictures took; nan before the first."""
        ms = sorted(self._ms[name])
        return ms[math.ceil(0.99 * len(ms)) - 1] if ms else math.nan

    def draw(self, overlay: Overlay, size: tuple[int, int], unit: int, lang: str) -> None:
        """Draws the graph at the upper right of a picture. unit: height of ordinary letters in pixels."""
        words = Words(lang)
        rows = [(name, ms) for name, ms in self._ms.items() if ms]
        texts = [
            tr(lang, f"hud-times-{name}", now=words.fixed(ms[-1], 1), most=words.fixed(self.p99(name), 1))
            for name, ms in rows
        ]
        thick = max(1, round(unit / 12))
        wide, tall = KEPT * thick, unit * 6
        over = round(unit * 1.4 * len(rows) + unit * 0.6)
        plate = max([wide, *(text_width(text, unit) for text in texts)]) + unit
        left, top = round(size[0] - unit / 2 - plate), unit * 3
        overlay.box(left, top, plate, over + tall + unit * 0.5, _PLATE)
        left += unit // 2
        for i, (text, (name, _)) in enumerate(zip(texts, rows, strict=True)):
            overlay.text(left, top + unit * 1.4 * (i + 1), text, unit, _COLOURS[name])
        base = top + over + tall
        most = max((self.p99(name) for name, _ in rows), default=0.0)
        full = next((mark for mark in _MARKS_MS if mark >= most), max(most, 1.0)) * 1.2
        for mark in _MARKS_MS:
            if full / 5 < mark <= full:
                y = base - round(mark / full * tall)
                overlay.box(left, y, wide, 1, _LINE)
                overlay.text(left, y - 2, words.fixed(mark, 1), max(8, round(unit * 0.6)), WHITE)
        for name, ms in rows:
            x = left + wide - len(ms) * thick
            heights = [round(min(1.0, value / full) * tall) for value in ms]
            for i, (before, now) in enumerate(pairwise([heights[0], *heights])):
                low, high = min(before, now), max(before, now)
                overlay.box(x + i * thick, base - high, thick, max(thick, high - low), _COLOURS[name])
