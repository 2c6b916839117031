"""A scan's points as they are: round dots in their own colours, larger the nearer they are."""

from __future__ import annotations

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render.context import gl
from xrlab.render.device import Buffer, Layout, Programs
from xrlab.room.model import Cloud

_POINT = np.dtype([("position", "<f4", 3), ("colour", "u1", 4)])
_WIDTH = 1.7
"""Of a dot, in spacings of the points: neighbours overlap, so that one does not see through walls."""


class PointsPass:
    """All points of a cloud in one call."""

    def __init__(self, cloud: Cloud) -> None:
        self._programs = Programs("points")
        rows = np.zeros(len(cloud.points), _POINT)
        rows["position"] = cloud.points
        rows["colour"][:, :3], rows["colour"][:, 3] = cloud.colors, 255
        self._layout = Layout()
        self._layout.feed(Buffer(rows), _POINT, 0)
        self._count = len(rows)
        self._width = cloud.spacing * _WIDTH

    def free(self) -> None:
        """Give its memory back."""
        self._layout.free()

    def draw(self, projection: Array, height: int, views: int = 1) -> None:
        """Draw them; `projection`: 4x4 of the camera, `height`: of the picture in pixels."""
        if not self._count:
            return
        g = gl()
        program = self._programs.use(views)
        # row 1 scales what is one metre away (perspective) or all (parallel) to half the picture's height
        g.glUniform1f(program.at("pixels"), float(self._width * projection[1, 1] * height / 2))
        g.glEnable(g.GL_PROGRAM_POINT_SIZE)
        self._layout.bind(views)
        g.glDrawArraysInstanced(g.GL_POINTS, 0, self._count, views)
        g.glDisable(g.GL_PROGRAM_POINT_SIZE)
