"""The room's own surfaces, lit by its lamps as `RoomLight` has worked it out for their corners."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.render import surfaces
from xrlab.render.context import gl
from xrlab.render.device import COMMAND, Buffer, Commands, Layout, Programs, texture_array
from xrlab.render.surfaces import Packed

_LIGHT = np.dtype([("irradiance", "<f2", 4), ("towards", "<f2", 4)])


class RoomPass:
    """The room's own surfaces: solid ones from near to far, then clear ones from far to near."""

    def __init__(self, packed: Packed, programs: Programs | None = None) -> None:
        self._packed = packed
        self.programs = programs or Programs("room")
        self._layout = Layout()
        self._light = Buffer(np.zeros(len(packed.vertices), _LIGHT), dynamic=True)
        self._layout.feed(Buffer(packed.vertices), surfaces.VERTEX, 0)
        self._layout.feed(self._light, _LIGHT, 5)
        self._layout.index(Buffer(packed.triangles.astype(np.uint32)))
        self._pictures = texture_array(packed.layers)
        self._sets = (Commands(), Commands())

    def free(self) -> None:
        """Give its buffers and pictures back to the device; the programs stay."""
        self._layout.free()
        for commands in self._sets:
            commands.free()
        gl().glDeleteTextures(1, np.array([self._pictures], np.uint32))

    def light(self, irradiance: Array, towards: Array) -> None:
        """Replace the light at all corners: (n, 3) each, as `RoomLight.at_corners` gives it."""
        rows = np.zeros(len(irradiance), _LIGHT)
        rows["irradiance"][:, :3] = np.minimum(irradiance, 60000.0)
        rows["towards"][:, :3] = towards
        self._light.write(rows)

    def sort(self, eye: Array, seen: NDArray[np.bool_], views: int = 1) -> None:
        """Put the chunks that are `seen` (k,) in order for an eye at a place (3,)."""
        packed = self._packed
        nearest = np.clip(eye, packed.chunk_low, packed.chunk_high)
        far = ((nearest - eye) ** 2).sum(axis=1)
        number = np.arange(len(far))
        for commands, clear in zip(self._sets, (False, True), strict=True):
            chosen = np.flatnonzero(seen & ((number >= packed.solid_chunks) == clear))
            chosen = chosen[np.argsort(-far[chosen] if clear else far[chosen], kind="stable")]
            commands.write(self._rows(chosen), views)

    def solid_rows(self, seen: NDArray[np.bool_]) -> NDArray[Any]:
        """Draws, of `COMMAND`, of the solid ones among the chunks that are `seen` (k,)."""
        return self._rows(np.flatnonzero(seen[: self._packed.solid_chunks]))

    def _rows(self, chosen: NDArray[np.int64]) -> NDArray[Any]:
        rows = np.zeros(len(chosen), COMMAND)
        rows["count"] = self._packed.chunk_count[chosen] * 3
        rows["first"] = self._packed.chunk_first[chosen] * 3
        rows["instances"] = 1
        return rows

    def draw(self, views: int, features: tuple[str, ...], *, clear: bool) -> None:
        """Draw the solid surfaces, or the clear ones (blending must be on)."""
        self.programs.use(views, features)
        gl().glBindTextureUnit(0, self._pictures)
        self._layout.bind(views)
        self._sets[clear].draw()

    def bind_shapes(self) -> None:
        """Let a program of another pass draw from the room's corners; their place is input 0."""
        self._layout.bind()
