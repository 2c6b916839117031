"""Everything that moves: people, doors, boards, things, each an instance of a solid on bones of its own."""

from __future__ import annotations

from collections.abc import Sequence
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


PARTS = (("RIGID",), ())
"""What programs are told of each part of the draws: rigid things have one bone, which costs least; then people."""

_MOST = 1 << 20


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
        self._tuples: dict[int, tuple[tuple[Solid, ...], NDArray[np.int64]]] = {}
        self._order = self._in_order = np.zeros(0, np.int64)
        self._spans = np.zeros((0, 3), np.int64)  # corners of triangles, the first of them, first vertex
        self._skinned = np.zeros(0, bool)  # which solids hang on several bones
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

    def write(
        self,
        cast: Cast,
        seen: NDArray[np.bool_],
        in_hand: Cast | None,
        probes: NDArray[np.float32],
        views: int = 1,
    ) -> None:
        """Replace what moves.

        seen: which instances (n,) of `cast` are drawn; the others may throw shadows. probes (p, 8, 4): the light that
        instances name by number.
        """
        both = [cast] if in_hand is None else [cast, in_hand]
        numbers = [np.concatenate([self._numbers(solids) for solids in part.solids]) for part in both]
        if self._stale and self._solids:
            self._upload()
        parts, start, bones = [], 0, 0
        for part, number, commands in zip(both, numbers, (self._all, self._in_hand), strict=False):
            drawn = seen if part is cast else np.ones(len(number), bool)
            # Alike ones side by side, so that they are instances of one draw; those that are not drawn come last.
            order = np.argsort(number + ~drawn * (2 * _MOST) + self._skinned[number] * _MOST, kind="stable")
            records = part.instances[order]
            records["more"][:, 0] += np.uint32(bones)
            shown = number[order[: int(drawn.sum())]]
            rigid = int((~self._skinned[shown]).sum())
            first = np.flatnonzero(np.concatenate((shown[:1] >= 0, shown[1:] != shown[:-1])))
            count = np.diff(np.append(first, len(shown)))
            draws = self._draws(shown[first], count, first + start)
            commands.write(draws, views, first_part=int(np.searchsorted(first, rigid)))
            if part is cast:
                self._order, self._in_order = order, number[order]
            parts.append(records)
            start += len(records)
            bones += len(part.bones)
        if in_hand is None:
            self._in_hand.write(np.zeros(0, COMMAND))
        self._instances.write(np.concatenate(parts))
        self._bones.write(np.concatenate([part.bones for part in both]))
        self._probes.write(probes)

    def draws(self, chosen: NDArray[np.bool_]) -> tuple[NDArray[Any], int]:
        """Draws, of `COMMAND`, of the chosen (n,) instances of the last cast, for those who draw its shadows.

        Also how many of them, the first ones, are of rigid things.
        """
        places = np.flatnonzero(chosen[self._order])
        skinned = self._skinned[self._in_order[places]]
        places = np.concatenate((places[~skinned], places[skinned]))
        rows = self._draws(self._in_order[places], np.ones(len(places), np.int64), places)
        return rows, int((~skinned).sum())

    def _draws(self, numbers: NDArray[np.int64], count: NDArray[Any], first: NDArray[Any]) -> NDArray[Any]:
        rows = np.zeros(len(numbers), COMMAND)
        rows["count"], rows["first"], rows["base_vertex"] = self._spans[numbers].T
        rows["instances"], rows["base_instance"] = count, first
        return rows

    def _numbers(self, solids: Sequence[Solid]) -> NDArray[np.int64]:
        """The numbers of solids on the device; a tuple of them is known again."""
        if isinstance(solids, tuple):
            kept = self._tuples.get(id(solids))
            if kept is not None and kept[0] is solids:
                return kept[1]
        known = self._known
        out = np.array([known[id(s)] if id(s) in known else self._number(s) for s in solids], np.int64)
        if isinstance(solids, tuple):
            if len(self._tuples) > 64:
                self._tuples.clear()
            self._tuples[id(solids)] = (solids, out)
        return out

    def bind(self) -> None:
        """Let programs find bones and light; holds for the whole picture."""
        self._probes.bind(PROBES_UNIT)
        self._bones.bind(BONES_UNIT)

    def draw(self, views: int = 1, features: tuple[str, ...] = (), *, in_hand: bool = False) -> None:
        """Draw all that moves, or what the camera's own person holds."""
        commands = self._in_hand if in_hand else self._all
        for part, kind in enumerate(PARTS):
            if commands.count(part) and self._layout is not None:
                self._programs.use(views, (*features, *kind))
                self._layout.bind(views)
                commands.draw(part)

    def draw_shapes(self, commands: Commands, part: int) -> None:
        """Draw a part with the program of another pass that is in use, from inputs 0, 3, 4 and 6."""
        if self._layout is not None:
            self._layout.bind()
            commands.draw(part)

    def _upload(self) -> None:
        """All solids in one buffer, made anew; happens when a picture shows something for the first time."""
        vertices = np.concatenate([s.vertices for s in self._solids])
        rigid = vertices["weights"].sum(axis=1, dtype=np.uint32) == 0
        vertices["weights"][rigid] = (255, 0, 0, 0)
        counts = np.array([(s.triangles.size, len(s.vertices)) for s in self._solids], np.int64)
        ends = np.cumsum(counts, axis=0)
        self._spans = np.column_stack((counts[:, 0], ends - counts))
        several = np.concatenate(([0], np.cumsum(vertices["weights"][:, 1] > 0)))
        self._skinned = several[ends[:, 1]] > several[ends[:, 1] - counts[:, 1]]
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
