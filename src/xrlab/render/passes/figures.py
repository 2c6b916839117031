"""Everything that moves: people, doors, boards, things, each an instance of a solid on bones of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.render import shapes3d
from xrlab.render.cast import INSTANCE, Cast
from xrlab.render.context import gl
from xrlab.render.device import COMMAND, Buffer, Commands, Layout, Programs, Records
from xrlab.render.shapes3d import Solid

PROBES_UNIT, BONES_UNIT = 1, 2
"""Texture units at which shaders find the light at places and the matrices of bones."""


class FiguresPass:
    """All that moves in one call; what the camera's own person holds in another, since nothing hides it."""

    def __init__(self) -> None:
        self._programs = Programs("figures")
        self._instances = Buffer(dynamic=True)
        self._bones, self._probes = Records(), Records()
        self._all, self._in_hand = Commands(), Commands()
        self._layout: Layout | None = None
        self._known: dict[int, int] = {}
        self._solids: list[Solid] = []
        self._spans = np.zeros((0, 3), np.int64)  # corners of triangles, the first of them, first vertex
        self._shapes: tuple[Buffer, Buffer] | None = None
        self._stale = True

    def _number(self, solid: Solid) -> int:
        """The number of a solid among those on the device; it goes there the first time."""
        known = self._known.get(id(solid))
        if known is None:
            known = self._known[id(solid)] = len(self._solids)
            self._solids.append(solid)
            self._stale = True
        return known

    def write(self, cast: Cast, in_hand: Cast | None, probes: NDArray[np.float32], views: int = 1) -> NDArray[Any]:
        """Replace what is drawn; probes (p, 8, 4) is the light that the casts' instances name by number.

        Returns the draws of `cast` for one view, of `COMMAND`, for those who draw its shadows.
        """
        both = [cast] if in_hand is None else [cast, in_hand]
        known = self._known
        numbers = [
            np.array([known[id(s)] if id(s) in known else self._number(s) for s in part.solids], np.int64)
            for part in both
        ]
        if self._stale and self._solids:
            self._upload()
        rows, parts, start, bones = [], [], 0, 0
        for part, number in zip(both, numbers, strict=True):
            # Alike ones side by side, so that they are instances of one draw.
            order = np.argsort(number, kind="stable")
            records = part.instances[order]
            records["more"][:, 0] += np.uint32(bones)
            used, first, count = np.unique(number[order], return_index=True, return_counts=True)
            draws = np.zeros(len(used), COMMAND)
            draws["count"], draws["first"], draws["base_vertex"] = self._spans[used].T
            draws["instances"], draws["base_instance"] = count, first + start
            rows.append(draws)
            parts.append(records)
            start += len(records)
            bones += len(part.bones)
        self._instances.write(np.concatenate(parts))
        self._bones.write(np.concatenate([part.bones for part in both]))
        self._probes.write(probes)
        self._all.write(rows[0], views)
        self._in_hand.write(rows[1] if in_hand is not None else rows[0][:0], views)
        return rows[0]

    def bind(self) -> None:
        """Let programs find bones and light; holds for the whole picture."""
        self._probes.bind(PROBES_UNIT)
        self._bones.bind(BONES_UNIT)

    def draw(self, views: int = 1, features: tuple[str, ...] = (), *, in_hand: bool = False) -> None:
        """Draw all that moves, or what the camera's own person holds."""
        commands = self._in_hand if in_hand else self._all
        if commands.count and self._layout is not None:
            self._programs.use(views, features)
            self._layout.bind(views)
            commands.draw()

    def draw_shapes(self, commands: Commands) -> None:
        """Draw with the program of another pass that is in use, from inputs 0, 3, 4 and 6."""
        if commands.count and self._layout is not None:
            self._layout.bind()
            commands.draw()

    def _upload(self) -> None:
        """All solids in one buffer, made anew; happens when a picture shows something for the first time."""
        vertices = np.concatenate([s.vertices for s in self._solids])
        rigid = vertices["weights"].sum(axis=1, dtype=np.uint32) == 0
        vertices["weights"][rigid] = (255, 0, 0, 0)
        counts = np.array([(s.triangles.size, len(s.vertices)) for s in self._solids], np.int64)
        ends = np.cumsum(counts, axis=0)
        self._spans = np.column_stack((counts[:, 0], ends - counts))
        if self._shapes is not None:
            for buffer in self._shapes:
                buffer.free()
            assert self._layout is not None
            gl().glDeleteVertexArrays(1, np.array([self._layout.id], np.uint32))
        self._shapes = Buffer(vertices), Buffer(np.concatenate([s.triangles.reshape(-1) for s in self._solids]))
        self._layout = Layout()
        self._layout.feed(self._shapes[0], shapes3d.VERTEX, 0, whole=("bones",))
        self._layout.feed(self._instances, INSTANCE, 5, per_instance=True)
        self._layout.index(self._shapes[1])
        self._stale = False
