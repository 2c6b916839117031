"""Muzzle flashes as they look; the light that they throw is reckoned in `shaders/common/shade.glsl`."""

from __future__ import annotations

from collections.abc import Sequence

from xrlab.geometry.transforms import Vec3
from xrlab.render.context import gl
from xrlab.render.device import Layout, Programs


class FlashesPass:
    """Muzzle flashes, added to the light; their places come with the frame's own block."""

    def __init__(self) -> None:
        self._programs = Programs("flashes")
        self._layout = Layout()

    def draw(self, flashes: Sequence[Vec3], views: int = 1) -> None:
        """Blending must add."""
        if flashes:
            g = gl()
            self._programs.use(views)
            self._layout.bind(views)
            g.glDrawArraysInstanced(g.GL_TRIANGLE_STRIP, 0, 4, len(flashes) * views)
