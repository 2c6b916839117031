"""A room and what moves in it, drawn: the passes of a picture in their order.

All light is worked out in lm/m² and scaled by one exposure for the whole room (`light.RoomLight`), drawn
into a 16-bit float target with several samples a pixel, resolved, and brought to the screen by a filmic curve.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
from xrlab.render import fittings, people
from xrlab.render.context import Context, gl
from xrlab.render.device import Buffer, Target
from xrlab.render.light import SKY, RoomLight
from xrlab.render.passes import (
    INSTANCE,
    FiguresPass,
    FlashesPass,
    MarksPass,
    RoomPass,
    ShadowsPass,
    TonePass,
    float_bits,
    in_view,
    packed_colour,
    packed_finish,
    row_matrices,
)
from xrlab.render.points import PointsPass
from xrlab.render.scene import Frame, PersonPose
from xrlab.render.shapes3d import Solid
from xrlab.render.surfaces import Packed, pack
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Room

_FLASHES = 4
_SMOKE_GREY = 0.42
"""How bright smoke is with all lamps on, where 1 is white."""
_CLOUDS = 8
"""So many boxes of smoke are drawn at once, the densest."""
_PAPER = (1.1, 1.13, 1.16)  # what a plan lies on, before the filmic curve: nearly white
_LAMP_GLOW = 7.0  # of a lit lamp, where 1 is white on the screen before the filmic curve


class _Cast:
    """Collects the instances of one picture."""

    def __init__(self, figures: FiguresPass) -> None:
        self._figures = figures
        self.numbers: list[int] = []
        self.matrices: list[Array] = []
        self.palettes: list[tuple[int, int, int, int]] = []
        self.more: list[tuple[int, int, int, int]] = []

    def add(
        self, solid: Solid, matrix: Array, colours: tuple[int, int, int, int], probe: int,
        finish: tuple[float, float] = (0.85, 0.0), glow: float = 0.0,
    ) -> None:  # fmt: skip
        """One solid at `matrix`, lit by the light of `probe`."""
        self.numbers.append(self._figures.number(solid))
        self.matrices.append(matrix)
        self.palettes.append(colours)
        self.more.append((probe, packed_finish(*finish), float_bits(glow), 0))

    def instances(self) -> NDArray[Any]:
        """All as records."""
        out = np.zeros(len(self.numbers), INSTANCE)
        if len(out):
            row_matrices(np.array(self.matrices), out)
            out["palette"], out["more"] = self.palettes, self.more
        return out


@dataclass(frozen=True)
class Prepared:
    """What of a room is worked out without a device: its surfaces in pieces, and its light."""

    room: Room
    packed: Packed
    light: RoomLight


def prepare(room: Room, *, hasty: bool = False) -> Prepared:
    """Works out a room's light, in any thread. hasty: in a fraction of the time, with some noise in the corners."""
    packed = pack(room)
    return Prepared(room, packed, RoomLight(room, packed, hasty=hasty))


class Renderer:
    """Draws pictures of one room in one context; `change_room` gives it another.

    samples: for each pixel, against jagged edges; 0 for none. The size of pictures is the context's at the
    time of drawing. Needs the context to be current in the calling thread, and makes it so. Where the room has
    the points of a scan, `points` says whether they are drawn instead of its surfaces.
    """

    def __init__(self, context: Context, room: Room | Prepared, *, samples: int = 4) -> None:
        context.make_current()
        self.context = context
        made = room if isinstance(room, Prepared) else prepare(room)
        self.room = made.room
        self._light = made.light
        self._samples = min(samples, int(gl().glGetIntegerv(gl().GL_MAX_SAMPLES)))
        self._surfaces = RoomPass(made.packed)
        self.points = self.room.cloud is not None and not self.room.surfaces
        self._points: PointsPass | None = None
        self._figures = FiguresPass()
        self._in_hand: FiguresPass | None = None
        self._shadows = ShadowsPass()
        self._marks = MarksPass()
        self._flashes = FlashesPass()
        self._tone = TonePass()
        self._block = Buffer(dynamic=True)
        self._levels: tuple[float, ...] | None = None
        self._scene: Target | None = None
        self._resolved: Target | None = None
        self._shown: Target | None = None
        self._depth: Target | None = None
        self._last: Frame | None = None
        context.raise_errors()

    def change_room(self, made: Prepared) -> None:
        """From now on pictures show this room; what was kept of the last one is given back to the device."""
        self.context.make_current()
        program = self._surfaces.program
        self._surfaces.free()
        if self._points is not None:
            self._points.free()
            self._points = None
        self.room, self._light = made.room, made.light
        self._surfaces = RoomPass(made.packed, program)
        self.points = self.room.cloud is not None and not self.room.surfaces
        self._levels = None
        self._last = None
        self.context.raise_errors()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height (pixels) of the last picture."""
        return self._shown.size if self._shown is not None else self.context.size

    def draw(self, frame: Frame) -> None:
        """Draw one picture; `read` gives it, `present` shows it in a window."""
        self.context.make_current()
        self._size_targets()
        self._prepare(frame)
        assert self._scene is not None and self._resolved is not None and self._shown is not None
        g = gl()
        self._scene.bind()
        g.glClearColor(*(_PAPER if frame.camera.ortho_height is not None else self._sky()), 1.0)
        g.glClearDepth(0.0)
        self._start()
        g.glClear(g.GL_COLOR_BUFFER_BIT | g.GL_DEPTH_BUFFER_BIT)
        self._draw_room(frame)
        self._figures.draw()
        if self._in_hand is not None and frame.in_hand is not None:
            # In the nearest tenth of depth, where nothing else is that the eye could be near.
            g.glDepthRange(0.9, 1.0)
            self._in_hand.draw()
            g.glDepthRange(0.0, 1.0)
        g.glDepthMask(False)
        g.glEnable(g.GL_BLEND)
        g.glBlendFunc(g.GL_SRC_ALPHA, g.GL_ONE_MINUS_SRC_ALPHA)
        self._shadows.draw()
        self._marks.draw()
        if not self.points:
            self._surfaces.draw(clear=True)
        g.glBlendFunc(g.GL_ONE, g.GL_ONE)
        self._flashes.draw(frame.flashes[:_FLASHES])
        self._finish()
        width, height = self._scene.size
        whole = (0, 0, width, height)
        g.glBlitNamedFramebuffer(
            self._scene.id, self._resolved.id, *whole, *whole, g.GL_COLOR_BUFFER_BIT, g.GL_NEAREST
        )  # fmt: skip
        self._shown.bind()
        g.glEnable(g.GL_FRAMEBUFFER_SRGB)
        self._tone.draw(self._resolved.texture)
        g.glDisable(g.GL_FRAMEBUFFER_SRGB)
        self._last = frame
        self.context.raise_errors()

    def _draw_room(self, frame: Frame) -> None:
        """The room's solid surfaces, or its points instead."""
        if not self.points or self.room.cloud is None:
            self._surfaces.draw(clear=False)
            return
        if self._points is None:
            self._points = PointsPass(self.room.cloud)
        width, height = self.context.size
        self._points.draw(frame.camera.projection(width / height), height)

    def redraw(self) -> None:
        """Draw the last picture again, as it was before anything was drawn over it."""
        if self._last is None:
            raise RuntimeError("there is no picture yet to draw again: call draw(frame) first")
        self.draw(self._last)

    def over(self, draw: Callable[[tuple[int, int]], None]) -> None:
        """Let `draw(size)` (an `Overlay`'s) draw onto the finished picture, in sRGB values."""
        if self._shown is None:
            raise RuntimeError("there is no picture yet to draw over: call draw(frame) first")
        self.context.make_current()
        self._shown.bind()
        draw(self._shown.size)

    def read(self) -> NDArray[np.uint8]:
        """The last picture, (height, width, 3) sRGB, the upper row first."""
        if self._shown is None:
            raise RuntimeError("there is no picture yet to read: call draw(frame) first")
        g = gl()
        self.context.make_current()
        width, height = self._shown.size
        out = np.empty((height, width, 4), np.uint8)
        g.glBindFramebuffer(g.GL_READ_FRAMEBUFFER, self._shown.id)
        g.glReadPixels(0, 0, width, height, g.GL_RGBA, g.GL_UNSIGNED_BYTE, out)
        return np.ascontiguousarray(out[::-1, :, :3])

    def present(self) -> None:
        """Copy the last picture to the window; `Window.swap` then shows it. Does nothing for a headless context."""
        if self._shown is None or not hasattr(self.context, "swap"):
            return
        g = gl()
        width, height = self._shown.size
        wide, tall = self.context.size
        g.glBindFramebuffer(g.GL_READ_FRAMEBUFFER, self._shown.id)
        g.glBindFramebuffer(g.GL_DRAW_FRAMEBUFFER, 0)
        g.glBlitFramebuffer(0, 0, width, height, 0, 0, wide, tall, g.GL_COLOR_BUFFER_BIT, g.GL_NEAREST)

    def read_depth(self) -> NDArray[np.float32]:
        """How far the last picture's solid things are along the line of sight, (height, width) metres, inf for none.

        Taken at the middle of each pixel, in a drawing of its own, for several samples have no one depth.
        """
        if self._last is None or self._shown is None:
            raise RuntimeError("there is no picture yet to measure: call draw(frame) first")
        g = gl()
        self.context.make_current()
        width, height = self._shown.size
        if self._depth is None or self._depth.size != (width, height):
            if self._depth is not None:
                self._depth.free()
            self._depth = Target((width, height), None, True)
        self._depth.bind()
        g.glClearDepth(0.0)
        self._start()
        g.glClear(g.GL_DEPTH_BUFFER_BIT)
        self._draw_room(self._last)
        self._figures.draw()
        self._finish()
        out = np.empty((height, width), np.float32)
        g.glBindFramebuffer(g.GL_READ_FRAMEBUFFER, self._depth.id)
        g.glReadPixels(0, 0, width, height, g.GL_DEPTH_COMPONENT, g.GL_FLOAT, out)
        depth = out[::-1].astype(np.float64)
        camera = self._last.camera
        near, far = camera.near, camera.far
        with np.errstate(divide="ignore"):
            metres = (
                far - depth * (far - near)
                if camera.ortho_height is not None
                else far * near / (far - near) / (depth + near / (far - near))
            )
        return np.where(depth > 0, metres, np.inf).astype(np.float32)

    def close(self) -> None:
        """Free the targets; the rest goes with the context."""
        self.context.make_current()
        for target in (self._scene, self._resolved, self._shown, self._depth):
            if target is not None:
                target.free()
        self._scene = self._resolved = self._shown = self._depth = None

    def _size_targets(self) -> None:
        size = self.context.size
        if self._shown is not None and self._shown.size == size:
            return
        self.close()
        g = gl()
        self._scene = Target(size, g.GL_RGBA16F, True, self._samples)
        self._resolved = Target(size, g.GL_RGBA16F, False)
        self._shown = Target(size, g.GL_SRGB8_ALPHA8, False)

    def _start(self) -> None:
        g = gl()
        g.glClipControl(g.GL_LOWER_LEFT, g.GL_ZERO_TO_ONE)
        g.glEnable(g.GL_DEPTH_TEST)
        g.glDepthFunc(g.GL_GEQUAL)
        g.glDepthMask(True)
        g.glDisable(g.GL_BLEND)
        g.glDisable(g.GL_CULL_FACE)
        g.glEnable(g.GL_CLIP_DISTANCE0)
        g.glBindBufferBase(g.GL_UNIFORM_BUFFER, 0, self._block.id)

    def _finish(self) -> None:
        g = gl()
        g.glDisable(g.GL_BLEND)
        g.glDisable(g.GL_DEPTH_TEST)
        g.glDisable(g.GL_CLIP_DISTANCE0)
        g.glDepthMask(True)

    def _sky(self) -> tuple[float, float, float]:
        glow = self._light.sky(self._levels or ()) * self._light.exposure
        return float(glow[0]), float(glow[1]), float(glow[2])

    def _prepare(self, frame: Frame) -> None:
        """Bring what changed to the device: the camera, the lamps, everything that moves."""
        camera = frame.camera
        size = self.context.size
        view = camera.view()
        both = camera.projection(size[0] / size[1]) @ view
        self._write_block(frame, both, -view[2, :3])
        levels = self._light.levels(frame.lights)
        if levels != self._levels:
            lit = self._light.at_corners(levels)
            self._surfaces.light(lit.irradiance, lit.towards)
            self._levels = levels
        self._surfaces.sort(np.asarray(camera.position, float), both)
        self._write_figures(replace(frame, people=_in_sight(frame.people, both)), levels)
        self._marks.write(frame.impacts, 0.35 * self._light.brightness(levels))
        if frame.in_hand is not None:
            self._write_in_hand(frame, levels)

    def _write_block(self, frame: Frame, view_projection: Array, forward: Array) -> None:
        block = np.zeros((4 + 3 + _FLASHES + 2 * _CLOUDS, 4), np.float32)
        block[:4] = view_projection.T
        block[4] = (*frame.camera.position, float(frame.camera.ortho_height is not None))
        block[5, :3] = forward
        flashes = list(frame.flashes)[:_FLASHES]
        clouds = sorted(frame.smoke, key=lambda cloud: -cloud.density)[:_CLOUDS]
        cut = frame.camera.cut_above
        block[6] = (cut if math.isfinite(cut) else 1e9, self._light.exposure, len(flashes), float(len(clouds)))
        for i, flash in enumerate(flashes):
            block[7 + i, :3] = flash
        grey = _SMOKE_GREY * self._light.brightness(self._light.levels(frame.lights)) if clouds else 0.0
        for i, cloud in enumerate(clouds):
            block[7 + _FLASHES + 2 * i] = (*cloud.low, cloud.density)
            block[8 + _FLASHES + 2 * i] = (*cloud.high, grey)
        self._block.write(block)

    def _write_figures(self, frame: Frame, levels: tuple[float, ...]) -> None:
        """Instances, their light, and the shadows of people."""
        cast = _Cast(self._figures)
        places: list[Any] = []
        apart: list[float] = []
        joints = people.world_joints(frame.people)
        self._add_people(cast, frame, joints, places, apart)
        self._add_fittings(cast, frame, places, apart)
        around, lamp, key = self._light.at_places(np.array(places).reshape(-1, 3), np.array(apart), levels)
        probes = np.zeros((len(places), 8, 4), np.float32)
        probes[:, :6, :3], probes[:, 6, :3], probes[:, 7, :3] = around, lamp, key
        self._figures.write(np.array(cast.numbers, np.int64), cast.instances(), probes)
        count = len(frame.people)
        overhead = around[:count, 4].sum(axis=1)
        straight = key[:count].sum(axis=1) * np.maximum(lamp[:count, 2], 0.0)
        shares = straight / np.maximum(straight + overhead, 1e-6)
        floors = np.array([p.position[2] for p in frame.people])
        flat = lamp[:count] * (-1.0, -1.0, 0.0)
        flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        free = self._light.open_way(joints[:, body.JOINT["pelvis"]], flat)
        self._shadows.write(joints, floors, lamp[:count], np.sqrt(shares), free)

    def _write_in_hand(self, frame: Frame, levels: tuple[float, ...]) -> None:
        """The camera's own hands and what they hold, lit as what stands where the camera is."""
        assert frame.in_hand is not None
        if self._in_hand is None:
            self._in_hand = FiguresPass()
        cast = _Cast(self._in_hand)
        placed = people.in_hand(frame.in_hand, frame.camera)
        for solid, matrix, colours in zip(placed.solids, placed.matrices, placed.colours, strict=True):
            cast.add(solid, matrix, _palette(colours), 0, glow=0.8)
        here = np.array([frame.camera.position]) - (0.0, 0.0, 0.2)
        around, lamp, key = self._light.at_places(here, np.array([0.1]), levels)
        probe = np.zeros((1, 8, 4), np.float32)
        probe[:, :6, :3], probe[:, 6, :3], probe[:, 7, :3] = around, lamp, key
        self._in_hand.write(np.array(cast.numbers, np.int64), cast.instances(), probe)

    def _add_people(self, cast: _Cast, frame: Frame, joints: Array, places: list[Any], apart: list[float]) -> None:
        placed = people.build(frame.people)
        for solid, matrix, colours, owner in zip(
            placed.solids, placed.matrices, placed.colours, placed.owners, strict=True
        ):
            cast.add(solid, matrix, _palette(colours), int(owner), glow=0.8)
        for i in range(len(frame.people)):
            places.append(joints[i, body.JOINT["chest"]])
            apart.append(0.28)

    def _add_fittings(self, cast: _Cast, frame: Frame, places: list[Any], apart: list[float]) -> None:
        for name, door in self.room.doors.items():
            opened = min(1.0, max(0.0, float(frame.doors.get(name, door.begins_open))))
            matrix = fittings.leaf_matrix(door, opened)
            material = MATERIALS.get(door.material)
            finish = (material.roughness, material.metallic) if material is not None else (0.6, 0.0)
            colour = packed_colour("#" + "".join(f"{round(255 * c):02x}" for c in door.color[:3]))
            clear = material is not None and not material.blocks_sight
            make = fittings.casement if clear else fittings.leaf
            solid = make(door.width, door.height, door.thickness)
            cast.add(solid, matrix, (colour,) * 4, len(places), finish)
            places.append((matrix @ (door.width / 2, 0.0, door.height * 0.55, 1.0))[:3])
            apart.append(0.35)
        for pose in frame.boards:
            metallic = pose.face.metallic
            cast.add(
                fittings.board(pose.face), pose.matrix, (0, 0, 0, 0), len(places), (0.8 - 0.4 * metallic, metallic)
            )
            places.append(pose.matrix[:3, 3])
            apart.append(0.31)
        for light in self.room.lights:
            level = float(frame.lights.get(light.group, 1.0))
            cast.add(fittings.lamp(), fittings.lamp_matrix(light), (0, 0, 0, 0), len(places), glow=_LAMP_GLOW * level)
            places.append(np.array(light.position) - (0.0, 0.0, 0.2))
            apart.append(0.05)


def _palette(colours: people.Colours) -> tuple[int, int, int, int]:
    a, b, c, d = (packed_colour(colour) for colour in colours)
    return a, b, c, d


def _in_sight(all_people: Sequence[PersonPose], view_projection: Array) -> list[PersonPose]:
    """Those whose surroundings, where their shadows may fall, meet the view."""
    if not all_people:
        return []
    places = np.array([p.position for p in all_people], float)
    seen = in_view(places - (2.0, 2.0, 0.1), places + (2.0, 2.0, 2.2), view_projection)
    return [p for p, ok in zip(all_people, seen, strict=True) if ok]


__all__ = ["SKY", "Renderer"]
