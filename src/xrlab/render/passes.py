"""The passes of one picture. Each holds its program and buffers, takes plain arrays, and draws into what is bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array, Vec3
from xrlab.render import shapes3d, surfaces
from xrlab.render.context import gl
from xrlab.render.device import COMMAND, Buffer, Commands, Layout, Program, Records, texture_array
from xrlab.render.scene import Impact
from xrlab.render.shapes3d import Solid
from xrlab.render.surfaces import Packed, to_linear
from xrlab.room.materials import MATERIALS

_LIGHT = np.dtype([("irradiance", "<f2", 4), ("towards", "<f2", 4)])


class RoomPass:
    """The room's own surfaces: solid ones from near to far, then clear ones from far to near."""

    def __init__(self, packed: Packed, program: Program | None = None) -> None:
        self._packed = packed
        self.program = program or Program("room")
        self._layout = Layout()
        self._light = Buffer(np.zeros(len(packed.vertices), _LIGHT), dynamic=True)
        self._layout.feed(Buffer(packed.vertices), surfaces.VERTEX, 0)
        self._layout.feed(self._light, _LIGHT, 5)
        self._layout.index(Buffer(packed.triangles.astype(np.uint32)))
        self._pictures = texture_array(packed.layers)
        self._sets = (Commands(), Commands())

    def free(self) -> None:
        """Give its buffers and pictures back to the device; the program stays."""
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

    def sort(self, eye: Array, view_projection: Array) -> None:
        """Leave out what the camera cannot see and put the rest in order."""
        packed = self._packed
        if not len(packed.chunk_first):
            return
        seen = in_view(packed.chunk_low, packed.chunk_high, view_projection)
        nearest = np.clip(eye, packed.chunk_low, packed.chunk_high)
        far = ((nearest - eye) ** 2).sum(axis=1)
        number = np.arange(len(far))
        for commands, clear in zip(self._sets, (False, True), strict=True):
            chosen = np.flatnonzero(seen & ((number >= packed.solid_chunks) == clear))
            chosen = chosen[np.argsort(-far[chosen] if clear else far[chosen], kind="stable")]
            rows = np.zeros(len(chosen), COMMAND)
            rows["count"] = packed.chunk_count[chosen] * 3
            rows["first"] = packed.chunk_first[chosen] * 3
            rows["instances"] = 1
            commands.write(rows)

    def draw(self, *, clear: bool) -> None:
        """Draw the solid surfaces, or the clear ones (blending must be on)."""
        self.program.use()
        gl().glBindTextureUnit(0, self._pictures)
        self._layout.bind()
        self._sets[clear].draw()


def in_view(low: Array, high: Array, view_projection: Array) -> NDArray[np.bool_]:
    """Which boxes, from low to high corners (n, 3), are not wholly outside one of the view's planes."""
    rows = view_projection
    planes = np.array([rows[3] + rows[0], rows[3] - rows[0], rows[3] + rows[1], rows[3] - rows[1], rows[2]])
    inmost = np.where(planes[None, :, :3] > 0, high[:, None], low[:, None])
    return np.asarray(((inmost * planes[None, :, :3]).sum(axis=2) + planes[None, :, 3] >= 0).all(axis=1))


INSTANCE = np.dtype(
    [("row0", "<f4", 4), ("row1", "<f4", 4), ("row2", "<f4", 4), ("palette", "<u4", 4), ("more", "<u4", 4)]
)


class FiguresPass:
    """Everything that moves, as instances of small solids."""

    def __init__(self) -> None:
        self._program = Program("figures")
        self._instances = Buffer(dynamic=True)
        self._probes = Records()
        self._commands = Commands()
        self._layout = Layout()
        self._known: dict[int, int] = {}
        self._solids: list[Solid] = []
        self._spans = np.zeros((0, 3), np.int64)  # triangles' corners, first of them, first vertex
        self._stale = True

    def number(self, solid: Solid) -> int:
        """The number of a solid among those on the device; it goes there the first time."""
        known = self._known.get(id(solid))
        if known is None:
            known = self._known[id(solid)] = len(self._solids)
            self._solids.append(solid)
            self._stale = True
        return known

    def write(self, numbers: NDArray[np.int64], instances: NDArray[np.void], probes: NDArray[np.float32]) -> None:
        """What to draw: the solid's number for each row of `INSTANCE`; probes (p, 8, 4)."""
        if not len(numbers):  # an empty room
            self._commands.write(np.zeros(0, COMMAND))
            return
        if self._stale:
            self._upload()
        order = np.argsort(numbers, kind="stable")
        self._instances.write(instances[order])
        self._probes.write(probes.reshape(-1, 4))
        used, first, count = np.unique(numbers[order], return_index=True, return_counts=True)
        rows = np.zeros(len(used), COMMAND)
        rows["count"], rows["first"], rows["base_vertex"] = self._spans[used].T
        rows["instances"], rows["base_instance"] = count, first
        self._commands.write(rows)

    def draw(self) -> None:
        """Draw it all in one call."""
        self._program.use()
        self._probes.bind(1)
        self._layout.bind()
        self._commands.draw()

    def _upload(self) -> None:
        """All solids in one buffer, made anew; happens when a picture shows something for the first time."""
        spans, vertex, corner = [], 0, 0
        for solid in self._solids:
            spans.append((solid.triangles.size, corner, vertex))
            vertex += len(solid.vertices)
            corner += solid.triangles.size
        self._spans = np.array(spans, np.int64).reshape(-1, 3)
        self._layout = Layout()
        self._layout.feed(Buffer(np.concatenate([s.vertices for s in self._solids])), shapes3d.VERTEX, 0)
        self._layout.feed(self._instances, INSTANCE, 3, per_instance=True)
        self._layout.index(Buffer(np.concatenate([s.triangles.reshape(-1) for s in self._solids])))
        self._stale = False


_SHADOW = np.dtype([("box", "<f4", 4), ("more", "<f4", 4), ("wall", "<f4", 4)])
_LIMB_A = np.array([body.JOINT[a] for _, a, _, _ in body.CAPSULES])
_LIMB_B = np.array([body.JOINT[b] for _, _, b, _ in body.CAPSULES])


class ShadowsPass:
    """Soft shadows of people on the floor they stand on: under their limbs, and away from the brightest lamp."""

    def __init__(self) -> None:
        self._program = Program("shadows")
        self._boxes = Buffer(dynamic=True)
        self._limbs = Records()
        self._layout = Layout()
        self._layout.feed(self._boxes, _SHADOW, 0, per_instance=True)
        self._count = 0

    def write(self, joints: Array, floors: Array, lamps: Array, shares: Array, free: Array) -> None:
        """What darkens the floor.

        joints: of people (n, 16, 3). floors: height (n,) m. lamps: unit ways to the brightest lamp (n, 3).
        shares: its share of the light (n,). free: metres (n,) from the pelvis away from it to a wall.
        """
        self._count = len(joints)
        if not self._count:
            return
        a, b = joints[:, _LIMB_A], joints[:, _LIMB_B]
        radius = np.broadcast_to(body.CAPSULE_RADII, a.shape[:2])
        # A lamp low on the horizon would throw shadows through walls: no longer than 1.2 times the height.
        slope = -lamps[:, :2] / np.maximum(lamps[:, 2:], 0.2)
        steep = np.linalg.norm(slope, axis=1, keepdims=True)
        slope *= np.minimum(1.0, 1.2 / np.maximum(steep, 1e-6))
        rows = np.zeros((self._count, 2, len(radius[0]), 2, 4))
        for side, (lean, reach, darkness, fade) in enumerate(((0.0, 0.55, 0.62, 4.5), (1.0, 0.10, 0.85, 0.35))):
            for end, point in enumerate((a, b)):
                high = np.maximum(point[:, :, 2] - floors[:, None] - radius * 0.5, 0.0)
                rows[:, side, :, 0, 2 * end : 2 * end + 2] = point[:, :, :2] + lean * slope[:, None] * high[:, :, None]
                rows[:, side, :, 1, end] = radius * (1.35 if side == 0 else 1.25) + reach * high + 0.015
                share = shares[:, None] if side else 1.0
                rows[:, side, :, 1, 2 + end] = darkness * share / (1 + fade * high)
        ends = rows[:, :, :, 0].reshape(self._count, -1, 2, 2)
        wide = rows[:, :, :, 1, :2].reshape(self._count, -1, 2, 1)
        boxes = np.zeros(self._count, _SHADOW)
        boxes["box"][:, :2] = (ends - wide).min(axis=(1, 2))
        boxes["box"][:, 2:] = (ends + wide).max(axis=(1, 2))
        boxes["more"][:, 0], boxes["more"][:, 1] = floors, np.arange(self._count)
        away = -lamps[:, :2] / np.maximum(np.linalg.norm(lamps[:, :2], axis=1, keepdims=True), 1e-6)
        boxes["wall"][:, :2] = away
        boxes["wall"][:, 2] = (joints[:, 0, :2] * away).sum(axis=1) + np.minimum(free, 100.0)
        self._boxes.write(boxes)
        self._limbs.write(rows.reshape(-1, 4).astype(np.float32))

    def draw(self) -> None:
        """Darken what is bound; blending must be on."""
        if self._count:
            g = gl()
            self._program.use()
            self._limbs.bind(1)
            self._layout.bind()
            g.glDrawArraysInstanced(g.GL_TRIANGLE_STRIP, 0, 4, self._count)


_MARK = np.dtype([("centre", "<f4", 4), ("out_of", "<f4", 4), ("rim", "<f4", 4)])
_CHIPS = {"glass": (0.9, 0.95, 1.0, 0.75), "steel": (0.75, 0.76, 0.78, 0.9), "wood": (0.80, 0.66, 0.45, 0.7)}


class MarksPass:
    """Bullet holes."""

    def __init__(self) -> None:
        self._program = Program("marks")
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

    def draw(self) -> None:
        """Blending must be on."""
        if self._count:
            g = gl()
            self._program.use()
            self._layout.bind()
            g.glDrawArraysInstanced(g.GL_TRIANGLE_STRIP, 0, 4, self._count)


class FlashesPass:
    """Muzzle flashes, added to the light; their places come with the frame's own block."""

    def __init__(self) -> None:
        self._program = Program("flashes")
        self._layout = Layout()

    def draw(self, flashes: Sequence[Vec3]) -> None:
        """Blending must add."""
        if flashes:
            g = gl()
            self._program.use()
            self._layout.bind()
            g.glDrawArraysInstanced(g.GL_TRIANGLE_STRIP, 0, 4, len(flashes))


class TonePass:
    """From the light in the scene to what a screen shows."""

    def __init__(self) -> None:
        self._program = Program("tone")
        self._layout = Layout()

    def draw(self, scene: int) -> None:
        """Cover what is bound with the texture `scene`, of the same size."""
        g = gl()
        self._program.use()
        g.glBindTextureUnit(0, scene)
        self._layout.bind()
        g.glDrawArrays(g.GL_TRIANGLES, 0, 3)


def row_matrices(matrices: Array, out: NDArray[np.void]) -> None:
    """The first three rows of 4x4 matrices (n, 4, 4) into records of `INSTANCE`."""
    for row in range(3):
        out[f"row{row}"] = matrices[:, row]


@lru_cache(maxsize=4096)
def packed_colour(text: str) -> int:
    """ "#rrggbb" as the shader's unpackUnorm4x8 reads it."""
    red, green, blue = (int(text[i : i + 2], 16) for i in (1, 3, 5))
    return red | green << 8 | blue << 16 | 255 << 24


def packed_finish(roughness: float, metallic: float) -> int:
    """Two numbers 0..1 as the shader's unpackUnorm2x16 reads them."""
    return round(roughness * 65535) | round(metallic * 65535) << 16


def float_bits(value: float) -> int:
    """The bits of a float32 as an integer."""
    return int(np.float32(value if math.isfinite(value) else 0.0).view(np.uint32))
