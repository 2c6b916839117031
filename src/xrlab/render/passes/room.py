"""The room's own surfaces, lit by its lamps as `RoomLight` has worked it out for their corners."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.render import surfaces
from xrlab.render.context import gl
from xrlab.render.device import COMMAND, Buffer, Layout, Programs, texture_array
from xrlab.render.surfaces import CLEAR, MASKED, DrawSet, Packed

_LIGHT = np.dtype([("irradiance", "<f2", 4), ("towards", "<f2", 4)])
_APART = np.dtype([("apart", "<f4", 4), ("more", "<f4", 4)])
_DEFINES = {
    "plain": (),
    "textured": ("PICTURE",),
    "mapped": ("PICTURE", "RELIEF"),
    "full": ("PICTURE", "RELIEF", "GLOW"),
    "apart": ("PICTURE", "RELIEF", "GLOW", "APART"),
    "unlit": ("PICTURE", "UNLIT"),
}


class RoomPass:
    """The room's own surfaces in one call for each of the packed room's sets.

    Solid ones come from near to far, then clear ones from far to near.
    """

    def __init__(self, packed: Packed, programs: Programs | None = None) -> None:
        self._packed = packed
        self.programs = programs or Programs("room")
        self._layout = Layout()
        self._light = Buffer(np.zeros(len(packed.vertices), _LIGHT), dynamic=True)
        self._layout.feed(Buffer(packed.vertices), surfaces.VERTEX, 0)
        self._layout.feed(self._light, _LIGHT, 4)
        self._layout.feed(Buffer(packed.materials), surfaces.MATERIAL, 6, per_instance=True)
        if packed.apart is not None:
            self._layout.feed(Buffer(packed.apart), _APART, 11)
        self._layout.index(Buffer(packed.triangles.astype(np.uint32)))
        self._pictures = [(texture_array(s.colours), texture_array(s.reliefs, srgb=False)) for s in packed.shelves]
        self._commands = Buffer(dynamic=True)
        self._spans: list[tuple[DrawSet, int, int]] = []  # draws of a set: the first, and how many
        self._opened = False

    def free(self) -> None:
        """Give its buffers and pictures back to the device; the programs stay."""
        self._layout.free()
        self._commands.free()
        textures = np.array(self._pictures, np.uint32).ravel()
        gl().glDeleteTextures(len(textures), textures)

    def light(self, irradiance: Array, towards: Array) -> None:
        """Replace the light at all corners: (n, 3) each, as `RoomLight.at_corners` gives it."""
        rows = np.zeros(len(irradiance), _LIGHT)
        rows["irradiance"][:, :3] = np.minimum(irradiance, 60000.0)
        rows["towards"][:, :3] = towards
        self._light.write(rows)

    def sort(self, eye: Array, seen: NDArray[np.bool_], views: int = 1, *, opened: bool = False) -> None:
        """Put the chunks that are `seen` (k,) in order for an eye at a place (3,).

        opened: the room is shown in plan or cut open, so that backs of walls are seen.
        """
        packed = self._packed
        self._opened = opened
        chosen = np.flatnonzero(seen)
        nearest = np.clip(eye, packed.chunk_low[chosen], packed.chunk_high[chosen])
        far = ((nearest - eye) ** 2).sum(axis=1)
        far[chosen >= packed.solid_chunks] *= -1.0
        sets = packed.chunk_set[chosen]
        order = np.lexsort((far, sets))
        rows = self._rows(chosen[order])
        rows["instances"] = views
        ends = np.searchsorted(sets, np.arange(len(packed.sets) + 1)).tolist()
        self._spans = [
            (s, first, last - first)
            for s, first, last in zip(packed.sets, ends[:-1], ends[1:], strict=True)
            if last > first
        ]
        if len(rows):
            self._commands.write(rows)

    def solid_rows(self, seen: NDArray[np.bool_]) -> NDArray[Any]:
        """Draws, of `COMMAND`, of the solid ones among the chunks that are `seen` (k,)."""
        return self._rows(np.flatnonzero(seen[: self._packed.solid_chunks]))

    def _rows(self, chosen: NDArray[np.int64]) -> NDArray[Any]:
        rows = np.zeros(len(chosen), COMMAND)
        rows["count"] = self._packed.chunk_count[chosen] * 3
        rows["first"] = self._packed.chunk_first[chosen] * 3
        rows["base_instance"] = self._packed.chunk_material[chosen]
        rows["instances"] = 1
        return rows

    def draw(self, views: int, features: tuple[str, ...], *, clear: bool) -> None:
        """Draw the solid surfaces, or the clear ones (blending must be on)."""
        g = gl()
        self._layout.bind(views)
        g.glBindBuffer(g.GL_DRAW_INDIRECT_BUFFER, self._commands.id)
        if self._opened:
            features = (*features, "PLAN")
        shelf, culled = -1, False
        for drawn, first, count in self._spans:
            if (drawn.kind == CLEAR) != clear:
                continue
            kind = {MASKED: ("MASKED",), CLEAR: ("CLEAR",)}.get(drawn.kind, ())
            self.programs.use(views, (*features, *_DEFINES[drawn.variant], *kind))
            if drawn.shelf not in (-1, shelf):
                shelf = drawn.shelf
                for unit, texture in enumerate(self._pictures[shelf]):
                    g.glBindTextureUnit(unit, texture)
            if culled != (drawn.one_sided and not self._opened):
                culled = not culled
                (g.glEnable if culled else g.glDisable)(g.GL_CULL_FACE)
            if drawn.kind == MASKED:
                g.glEnable(g.GL_SAMPLE_ALPHA_TO_COVERAGE)
            at = ctypes.c_void_p(first * COMMAND.itemsize)
            g.glMultiDrawElementsIndirect(g.GL_TRIANGLES, g.GL_UNSIGNED_INT, at, count, 0)
            if drawn.kind == MASKED:
                g.glDisable(g.GL_SAMPLE_ALPHA_TO_COVERAGE)
        if culled:
            g.glDisable(g.GL_CULL_FACE)

    def bind_shapes(self) -> None:
        """Let a program of another pass draw from the room's corners; their place is input 0."""
        self._layout.bind()
