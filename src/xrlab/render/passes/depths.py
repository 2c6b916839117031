"""Pictures of depths from where a light stands, which tell what it does not reach."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.render.block import TORCHES
from xrlab.render.context import gl
from xrlab.render.device import Commands, DepthMaps, Program, Programs
from xrlab.render.passes.figures import PARTS, FiguresPass
from xrlab.render.passes.room import RoomPass

TORCH_SIZE, SUN_SIZE = 1024, 2048
TORCH_UNIT, SUN_UNIT = 4, 5


class DepthsPass:
    """Draws the room and all that moves as torches and the sun see them.

    Torches share one array of pictures, the sun has one of its own.
    """

    def __init__(self) -> None:
        self._room = Program("depths", vertex="room")
        self._figures = Programs("depths", vertex="figures")
        self._torches = DepthMaps(TORCH_SIZE, TORCHES)
        self._sun: DepthMaps | None = None
        self._no_sun = DepthMaps(1, 0)
        self._walls, self._movers = Commands(), Commands()

    def draw_torch(
        self,
        layer: int,
        view: Array,
        room: RoomPass,
        walls: NDArray[Any],
        figures: FiguresPass,
        movers: tuple[NDArray[Any], int],
    ) -> None:
        """One torch's picture.

        view: 4x4 from the world to it. walls, movers: what is drawn, of `COMMAND`; of movers also how many are rigid.
        """
        self._torches.bind(layer)
        self._draw(view, room, walls, figures, movers)

    def draw_sun(
        self, view: Array, room: RoomPass, walls: NDArray[Any], figures: FiguresPass, movers: tuple[NDArray[Any], int]
    ) -> None:
        """The sun's picture."""
        if self._sun is None:
            self._sun = DepthMaps(SUN_SIZE, 0)
            self.bind()  # shaders of this very picture look for it
        self._sun.bind()
        self._draw(view, room, walls, figures, movers)

    def bind(self) -> None:
        """Let shaders find the pictures."""
        g = gl()
        g.glBindTextureUnit(TORCH_UNIT, self._torches.texture)
        g.glBindTextureUnit(SUN_UNIT, (self._sun or self._no_sun).texture)

    def _draw(
        self, view: Array, room: RoomPass, walls: NDArray[Any], figures: FiguresPass, movers: tuple[NDArray[Any], int]
    ) -> None:
        g = gl()
        g.glDepthFunc(g.GL_LESS)
        g.glClearDepth(1.0)
        g.glClear(g.GL_DEPTH_BUFFER_BIT)
        matrix = np.ascontiguousarray(view.T, np.float32)
        self._walls.write(walls)
        self._room.use()
        g.glUniformMatrix4fv(0, 1, False, matrix)
        room.bind_shapes()
        self._walls.draw()
        rows, rigid = movers
        self._movers.write(rows, first_part=rigid)
        for part, kind in enumerate(PARTS):
            if self._movers.count(part):
                self._figures.use(features=kind)
                g.glUniformMatrix4fv(0, 1, False, matrix)
                figures.draw_shapes(self._movers, part)
        g.glClearDepth(0.0)
        g.glDepthFunc(g.GL_GEQUAL)
