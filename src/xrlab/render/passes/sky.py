"""What is seen where nothing else is: the sky by day, at dusk and by night, with the sun or the moon in it."""

from __future__ import annotations

import math

import numpy as np

from xrlab.geometry.transforms import direction
from xrlab.render.context import gl
from xrlab.render.device import Layout, Programs
from xrlab.render.scene import Sky, Sun

_BRIGHTEST = 0.7
"""How bright the sky is shown at most, where 1 is white before the filmic curve: an eye gets used to a window."""

_SUN_RADIUS = math.radians(1.1)  # of the disc that is drawn; the true one would be three pixels wide
_DISC = 6.0  # times as bright as what lies around it
_LUMINANCE = (0.2126, 0.7152, 0.0722)


class SkyPass:
    """The sky behind everything, in all directions."""

    def __init__(self) -> None:
        self._programs = Programs("sky")
        self._layout = Layout()

    def draw(self, sky: Sky, sun: Sun | None, exposure: float, views: int, features: tuple[str, ...]) -> None:
        """Cover what nothing has been drawn on; what is solid comes before it. exposure: of the picture."""
        g = gl()
        program = self._programs.use(views, tuple(name for name in features if name.startswith(("SMOKE", "FOG"))))
        mean = np.array(sky.mean)
        scale = min(exposure, _BRIGHTEST / max(float(mean @ _LUMINANCE), 1e-9))
        rows = np.zeros((4, 4), np.float32)
        rows[:3, :3] = np.array((sky.zenith, sky.horizon, sky.glow)) * scale
        rows[0, 3] = math.cos(_SUN_RADIUS)
        if sun is not None:
            rows[1, 3] = _DISC * float(mean.max()) * scale
            rows[3, :3] = direction(sun.yaw, sun.pitch)
        g.glProgramUniform4fv(program.id, program.at("sky"), 4, rows)
        self._layout.bind(views)
        g.glDrawArraysInstanced(g.GL_TRIANGLES, 0, 36, views)
