"""Muzzle flashes: a star before the muzzle and a plume along the line of fire."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xrlab.render import bursts
from xrlab.render.device import Buffer, Layout, Programs
from xrlab.render.scene import Flash

_FLASH = np.dtype([("place", "<f4", 4), ("way", "<f4", 4)])
_CARDS = 4
"""Flat pieces of a flash: the star across the line of fire, two plumes along it, a glow that faces the eye."""


class FlashesPass:
    """Muzzle flashes, added to the light. Input: shots and their ages. What they light is the other passes' matter."""

    def __init__(self) -> None:
        self._programs = Programs("flashes")
        self._flashes = Buffer(dynamic=True)
        self._layout = Layout()
        self._layout.feed(self._flashes, _FLASH, 0, per_instance=True)
        self._count = 0

    def write(self, flashes: Sequence[Flash]) -> None:
        """The flashes of a picture; those that are over are left out."""
        bright = [(flash, bursts.strength(flash.age)) for flash in flashes]
        shown = [(flash, strength) for flash, strength in bright if strength > 0.0]
        self._count = len(shown)
        if not shown:
            return
        rows = np.zeros((self._count, _CARDS), _FLASH)
        for row, (flash, strength) in zip(rows, shown, strict=True):
            row["place"] = (*flash.position, strength)
            row["way"][:, :3] = flash.direction
            row["way"][:, 3] = np.arange(_CARDS)
        self._flashes.write(rows)

    def draw(self, views: int = 1, features: tuple[str, ...] = ()) -> None:
        """Blending must add."""
        if self._count:
            self._programs.use(views, features)
            self._layout.draw_cards(self._count * _CARDS, views)
