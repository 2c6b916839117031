"""Bullet holes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xrlab.render.context import gl
from xrlab.render.device import Buffer, Layout, Programs
from xrlab.render.scene import Impact
from xrlab.render.surfaces import to_linear
from xrlab.room.materials import MATERIALS

_MARK = np.dtype([("centre", "<f4", 4), ("out_of", "<f4", 4), ("rim", "<f4", 4)])
_CHIPS = {"glass": (0.9, 0.95, 1.0, 0.75), "steel": (0.75, 0.76, 0.78, 0.9), "wood": (0.80, 0.66, 0.45, 0.7)}


class MarksPass:
    """Bullet holes."""

    def __init__(self) -> None:
        self._programs = Programs("marks")
        self._marks = Buffer(dynamic=True)
        self._layout = Layout()
        self._layout.feed(self._marks, _MARK, 0, per_instance=True)
        self._count = 0

    def write(self, impacts: Sequence[Impact], brightness: float) -> None:
        """The holes of a picture; brightness: what a white wall sends, so that rims are lit as the room is."""
        self._count = len(impacts)
        rows = np.zeros(self._count, _MARK)
        for row, impact in zip(rows, impacts, strict=True):
            soft = impact.material in ("paper", "cardboard", "fabric", "flesh")
            row["centre"] = (*impact.position, 0.012 if soft else 0.026)
            row["out_of"][:3] = impact.normal
            material = MATERIALS.get(impact.material)
            base = material.color if material is not None else (0.7, 0.7, 0.7, 1.0)
            rim = _CHIPS.get(impact.material, (base[0] * 0.8, base[1] * 0.8, base[2] * 0.8, 0.85))
            row["rim"][:3] = to_linear(np.array(rim[:3])) * brightness
            row["rim"][3] = rim[3]
        if self._count:
            self._marks.write(rows)

    def draw(self, views: int = 1, features: tuple[str, ...] = ()) -> None:
        """Blending must be on."""
        if self._count:
            g = gl()
            self._programs.use(views, features)
            self._layout.bind(views)
            g.glDrawArraysInstanced(g.GL_TRIANGLE_STRIP, 0, 4, self._count * views)
