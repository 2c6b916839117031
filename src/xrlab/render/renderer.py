"""A room and what moves in it, drawn: the passes of a picture in their order.

Light is reckoned in lm/m², scaled by one exposure for the whole room (`light.RoomLight`), and brought to what a screen
shows by a filmic curve at the end of each shader, into a target with several samples a pixel. A pair of views, as two
eyes have them, is drawn in one go into two layers.

    depths     what torches and the sun reach       -> pictures of depths
    room       solid surfaces, or a scan's points   -> the picture
    figures    people, doors, boards, things        -> the picture
    boards     what is printed on boards            -> the picture
    sky        what is seen where nothing else is   -> the picture
    contact    shadows of people on the floor       -> the picture, darkened
    marks      bullet holes                         -> the picture
    room       clear surfaces, far to near          -> the picture
    flashes    muzzle flashes                       -> the picture, brightened
    particles  chips, dust, sparks, smoke of shots  -> the picture
    resolve    the mean of each pixel's samples     -> what is read, shown, and written over
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array, direction
from xrlab.render import beams, block, bursts, cast, people, smoke
from xrlab.render.context import Context, gl
from xrlab.render.device import Buffer, Target
from xrlab.render.light import SKY, RoomLight, Setting
from xrlab.render.passes.boards import BoardsPass, Probes
from xrlab.render.passes.contact import ContactPass
from xrlab.render.passes.depths import DepthsPass
from xrlab.render.passes.figures import FiguresPass
from xrlab.render.passes.flashes import FlashesPass
from xrlab.render.passes.marks import MarksPass
from xrlab.render.passes.particles import ParticlesPass
from xrlab.render.passes.points import PointsPass
from xrlab.render.passes.room import RoomPass
from xrlab.render.passes.sky import SkyPass
from xrlab.render.scene import Camera, Flash, Frame, Impact, PersonPose, Torch
from xrlab.render.surfaces import Packed, pack
from xrlab.render.visibility import Seen, Visibility, in_view
from xrlab.room.model import Room

_PAPER = (0.95, 0.96, 0.97)
"""What a plan lies on, linear."""


@dataclass(frozen=True)
class Prepared:
    """What of a room is worked out without a device: its surfaces in pieces, and its light."""

    room: Room
    packed: Packed
    light: RoomLight
    visibility: Visibility


def prepare(room: Room, *, hasty: bool = False) -> Prepared:
    """Works out a room's light, in any thread. hasty: in a fraction of the time, with some noise in the corners."""
    packed = pack(room)
    light = RoomLight(room, packed, hasty=hasty)
    return Prepared(room, packed, light, Visibility(packed, light.mesh))


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
        self._packed, self._visibility = made.packed, made.visibility
        self._surfaces = RoomPass(made.packed)
        self.points = self.room.cloud is not None and not self.room.surfaces
        self._points: PointsPass | None = None
        self._depths = DepthsPass()
        self._figures = FiguresPass()
        self._sky = SkyPass()
        self._contact = ContactPass()
        self._boards = BoardsPass()
        self._marks = MarksPass()
        self._marks.room(self.room, made.packed)
        self._flashes = FlashesPass()
        self._particles = ParticlesPass()
        self._block = Buffer(dynamic=True)
        self._setting: Setting | None = None
        self._exposure = 1.0
        self._scene: Target | None = None
        self._shown: Target | None = None
        self._depth: Target | None = None
        self._resolved = False
        self._last: tuple[Frame, tuple[Camera, ...]] | None = None
        context.raise_errors()

    def change_room(self, made: Prepared) -> None:
        """From now on pictures show this room; what was kept of the last one is given back to the device."""
        self.context.make_current()
        programs = self._surfaces.programs
        self._surfaces.free()
        if self._points is not None:
            self._points.free()
            self._points = None
        self.room, self._light = made.room, made.light
        self._packed, self._visibility = made.packed, made.visibility
        self._surfaces = RoomPass(made.packed, programs)
        self._marks.room(made.room, made.packed)
        self.points = self.room.cloud is not None and not self.room.surfaces
        self._setting = None
        self._last = None
        self.context.raise_errors()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height (pixels) of the last picture."""
        return self._shown.size if self._shown is not None else self.context.size

    def draw(self, frame: Frame) -> None:
        """Draw one picture; `read` gives it, `present` shows it in a window."""
        self._draw(frame, (frame.camera,))

    def draw_pair(self, frame: Frame, left: Camera, right: Camera) -> None:
        """Draw two pictures at once, as two eyes see the frame; `read(0)` and `read(1)` give them.

        What is left out because nobody can see it is left out as from the middle between the two. Raises `DeviceError`
        where the driver cannot draw into two layers at once.
        """
        self.context.make_current()
        self.context.need("layer from the vertex shader")
        self._draw(frame, (left, right))

    def _draw(self, frame: Frame, cameras: tuple[Camera, ...]) -> None:
        self.context.make_current()
        views = len(cameras)
        self._size_targets(views)
        self._prepare(frame, cameras)
        assert self._scene is not None and self._shown is not None
        g = gl()
        self._scene.bind()
        g.glEnable(g.GL_FRAMEBUFFER_SRGB)
        g.glClearColor(*_PAPER, 1.0)
        g.glClear(g.GL_COLOR_BUFFER_BIT | g.GL_DEPTH_BUFFER_BIT)
        features = block.features(frame)
        self._draw_room(frame, views, features)
        self._figures.draw(views, features)
        self._boards.draw(views, features)
        if frame.in_hand is not None:
            # In the nearest tenth of depth, where nothing else is that the eye could be near.
            g.glDepthRange(0.9, 1.0)
            self._figures.draw(views, features, in_hand=True)
            g.glDepthRange(0.0, 1.0)
        g.glDepthMask(False)
        if cameras[0].ortho_height is None:
            assert self._setting is not None
            self._sky.draw(self._setting.sky, self._setting.sun, self._exposure, views, features)
        g.glEnable(g.GL_BLEND)
        g.glBlendFunc(g.GL_SRC_ALPHA, g.GL_ONE_MINUS_SRC_ALPHA)
        self._contact.draw(views, features)
        self._marks.draw(views, features)
        if not self.points:
            self._surfaces.draw(views, features, clear=True)
        g.glBlendFunc(g.GL_ONE, g.GL_ONE)
        self._flashes.draw(views)
        g.glBlendFunc(g.GL_ONE, g.GL_ONE_MINUS_SRC_ALPHA)
        self._particles.draw(views, features)
        self._finish()
        self._resolved = not self._samples
        g.glDisable(g.GL_FRAMEBUFFER_SRGB)
        self._last = frame, cameras
        self.context.raise_errors()

    def _draw_room(self, frame: Frame, views: int, features: tuple[str, ...]) -> None:
        """The room's solid surfaces, or its points instead."""
        if not self.points or self.room.cloud is None:
            self._surfaces.draw(views, features, clear=False)
            return
        if self._points is None:
            self._points = PointsPass(self.room.cloud)
        width, height = self.context.size
        self._points.draw(frame.camera.projection(width / height), height, views)

    def rehearse(self, frame: Frame) -> None:
        """Draw, for nobody to see, what shots and a torch add to a frame.

        Shaders are made for what a picture holds, which takes a driver a while: the first shot of a run is no moment
        for it. As `draw`, it leaves its picture in the targets.
        """
        camera = frame.camera
        ahead = np.array(direction(camera.yaw, camera.pitch))
        x, y, z = (np.array(camera.position) + ahead).tolist()
        impact = Impact((x, y, z), (0.0, 0.0, 1.0), age=0.02)
        torch = Torch(camera.position, camera.yaw, camera.pitch)
        for torches in ((torch,), ()):
            for flashes in ((Flash((x, y, z)),), ()):
                self.draw(replace(frame, flashes=flashes, impacts=(impact,), torches=torches))

    def _resolve(self) -> Target:
        """The last picture with one colour a pixel; made when first asked for, since it has to be waited for."""
        assert self._scene is not None and self._shown is not None
        if not self._resolved:
            g = gl()
            g.glEnable(g.GL_FRAMEBUFFER_SRGB)  # samples are averaged as light
            whole = (0, 0, *self._scene.size)
            for layer in range(self._shown.layers):
                g.glBlitNamedFramebuffer(
                    self._scene.layer(layer), self._shown.layer(layer), *whole, *whole,
                    g.GL_COLOR_BUFFER_BIT, g.GL_NEAREST,
                )  # fmt: skip
            g.glDisable(g.GL_FRAMEBUFFER_SRGB)
            self._resolved = True
        return self._shown

    def redraw(self) -> None:
        """Draw the last picture again, as it was before anything was drawn over it."""
        if self._last is None:
            raise RuntimeError("there is no picture yet to draw again: call draw(frame) first")
        self._draw(*self._last)

    def over(self, draw: Callable[[tuple[int, int]], None]) -> None:
        """Let `draw(size)` (an `Overlay`'s) draw onto the finished picture, in sRGB values."""
        if self._shown is None:
            raise RuntimeError("there is no picture yet to draw over: call draw(frame) first")
        self.context.make_current()
        g = gl()
        g.glBindFramebuffer(g.GL_FRAMEBUFFER, self._resolve().layer(0))
        g.glViewport(0, 0, *self._shown.size)
        draw(self._shown.size)

    def read(self, view: int = 0) -> NDArray[np.uint8]:
        """The last picture, (height, width, 3) sRGB, the upper row first. view: 1 for the right one of a pair."""
        if self._shown is None:
            raise RuntimeError("there is no picture yet to read: call draw(frame) first")
        g = gl()
        self.context.make_current()
        width, height = self._shown.size
        out = np.empty((height, width, 4), np.uint8)
        g.glBindFramebuffer(g.GL_READ_FRAMEBUFFER, self._resolve().layer(view))
        g.glReadPixels(0, 0, width, height, g.GL_RGBA, g.GL_UNSIGNED_BYTE, out)
        return np.ascontiguousarray(out[::-1, :, :3])

    def present(self) -> None:
        """Copy the last picture to the window; `Window.swap` then shows it. Does nothing for a headless context."""
        if self._shown is None or not hasattr(self.context, "swap"):
            return
        g = gl()
        width, height = self._shown.size
        wide, tall = self.context.size
        g.glBindFramebuffer(g.GL_READ_FRAMEBUFFER, self._resolve().layer(0))
        g.glBindFramebuffer(g.GL_DRAW_FRAMEBUFFER, 0)
        g.glBlitFramebuffer(0, 0, width, height, 0, 0, wide, tall, g.GL_COLOR_BUFFER_BIT, g.GL_NEAREST)

    def read_depth(self) -> NDArray[np.float32]:
        """How far the last picture's solid things are along the line of sight, (height, width) metres, inf for none.

        Taken at the middle of each pixel, in a drawing of its own, for several samples have no one depth. Of a pair
        the left one is measured.
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
        frame, (camera, *more) = self._last
        if more:
            self._prepare(frame, (camera,))
        self._depth.bind()
        self._start()
        g.glClear(g.GL_DEPTH_BUFFER_BIT)
        self._draw_room(frame, 1, ())
        self._figures.draw()
        self._finish()
        out = np.empty((height, width), np.float32)
        g.glBindFramebuffer(g.GL_READ_FRAMEBUFFER, self._depth.id)
        g.glReadPixels(0, 0, width, height, g.GL_DEPTH_COMPONENT, g.GL_FLOAT, out)
        depth = out[::-1].astype(np.float64)
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
        if self._scene is not self._shown and self._scene is not None:
            self._scene.free()
        for target in (self._shown, self._depth):
            if target is not None:
                target.free()
        self._scene = self._shown = self._depth = None

    def _size_targets(self, views: int) -> None:
        size = self.context.size
        if self._shown is not None and self._shown.size == size and self._shown.layers == views:
            return
        self.close()
        g = gl()
        self._shown = Target(size, g.GL_SRGB8_ALPHA8, not self._samples, 0, views)
        self._scene = Target(size, g.GL_SRGB8_ALPHA8, True, self._samples, views) if self._samples else self._shown

    def _start(self) -> None:
        g = gl()
        g.glClipControl(g.GL_LOWER_LEFT, g.GL_ZERO_TO_ONE)
        g.glEnable(g.GL_DEPTH_TEST)
        g.glDepthFunc(g.GL_GEQUAL)
        g.glClearDepth(0.0)
        g.glDepthMask(True)
        g.glDisable(g.GL_BLEND)
        g.glDisable(g.GL_CULL_FACE)
        g.glEnable(g.GL_CLIP_DISTANCE0)
        g.glBindBufferBase(g.GL_UNIFORM_BUFFER, 0, self._block.id)
        self._figures.bind()
        self._depths.bind()

    def _finish(self) -> None:
        g = gl()
        g.glDisable(g.GL_BLEND)
        g.glDisable(g.GL_DEPTH_TEST)
        g.glDisable(g.GL_CLIP_DISTANCE0)
        g.glDepthMask(True)

    def _prepare(self, frame: Frame, cameras: Sequence[Camera]) -> None:
        """Bring what changed to the device, lamps and all that moves, and draw the pictures of depths."""
        width, height = self.context.size
        views = len(cameras)
        both = [camera.projection(width / height) @ camera.view() for camera in cameras]
        eye = np.mean([camera.position for camera in cameras], axis=0)
        setting = self._light.setting(frame)
        if setting != self._setting:
            lit = self._light.at_corners(setting)
            self._surfaces.light(lit.irradiance, lit.towards)
            self._setting = setting
        packed = self._packed
        chunks = np.zeros(len(packed.chunk_low), bool)
        for matrix in both:
            chunks |= in_view(packed.chunk_low, packed.chunk_high, matrix)
        opened = cameras[0].ortho_height is not None or math.isfinite(cameras[0].cut_above)
        seen = None if opened else self._visibility.seen(eye)  # a plan is looked at from outside
        self._surfaces.sort(eye, chunks if seen is None else chunks & seen.chunks, views, opened=opened)
        acting = self._write_figures(frame, setting, both, seen)
        self._exposure = self._light.exposure(frame)
        torches = [beams.matrix(torch, self._reach(torch.position)) for torch in frame.torches[: block.TORCHES]]
        spots = [beams.spot(torch, self._light.mesh, packed) for torch in frame.torches[: block.TORCHES]]
        low, high = self.room.bounds
        sun = block.sun_matrix(frame.sun.yaw, frame.sun.pitch, low, high) if frame.sun is not None else None
        self._block.write(
            block.written(
                frame, cameras, both, self._exposure, smoke.rows(frame, self._light, setting, self._exposure),
                smoke.fog_rows(frame, self.room, setting.sky, self._exposure),
                [block.as_picture(view) for view in torches], spots, None if sun is None else block.as_picture(sun),
            )
        )  # fmt: skip
        self._start()
        if torches or sun is not None:
            gl().glDisable(gl().GL_CLIP_DISTANCE0)
            for i, view in enumerate(torches):
                reached = self._visibility.seen(frame.torches[i].position)
                walls = self._surfaces.solid_rows(reached.chunks & in_view(packed.chunk_low, packed.chunk_high, view))
                movers = self._figures.draws(acting.in_sight(view, reached))
                self._depths.draw_torch(i, view, self._surfaces, walls, self._figures, movers)
            if sun is not None:
                walls = self._surfaces.solid_rows(np.ones(len(packed.chunk_low), bool))
                movers = self._figures.draws(np.ones(len(acting.instances), bool))
                self._depths.draw_sun(sun, self._surfaces, walls, self._figures, movers)
            gl().glEnable(gl().GL_CLIP_DISTANCE0)

    def _reach(self, place: Sequence[float]) -> float:
        """How far (m) it is from a place to the farthest corner of the room, for pictures of depths."""
        low, high = self.room.bounds
        away = np.maximum(np.abs(np.asarray(place) - low), np.abs(np.asarray(place) - high))
        return max(2.0, float(np.linalg.norm(away)))

    def _write_figures(self, frame: Frame, setting: Setting, both: Sequence[Array], seen: Seen | None) -> cast.Cast:
        """Instances, their light, and the shadows of people; returns all that moves."""
        everyone = bool(frame.torches) or frame.sun is not None  # they may throw shadows from where they aren't seen
        shown = list(frame.people) if everyone else _in_sight(frame.people, both, seen)
        joints = people.world_joints(shown)
        acting, lighting = cast.assemble(frame, self.room, shown, joints)
        places, apart = lighting.places, lighting.apart
        held = None
        if frame.in_hand is not None:
            held = cast.in_hand(frame.in_hand, frame, len(places))
            places = np.concatenate((places, [np.array(frame.camera.position) - (0.0, 0.0, 0.2)]))
            apart = np.append(apart, 0.1)
        around, lamp, key = self._light.at_places(places, apart, setting)
        probes = np.zeros((len(places), 8, 4), np.float32)
        probes[:, :6, :3], probes[:, 6, :3], probes[:, 7, :3] = around, lamp, key
        drawn = np.zeros(len(acting.instances), bool)
        for view in both:
            drawn |= acting.in_sight(view, seen)
        self._figures.write(acting, drawn, held, probes, len(both))
        count = len(shown)
        boards = slice(count, count + len(frame.boards))
        self._write_effects(frame, setting, (around[boards], lamp[boards], key[boards]))
        overhead = around[:count, 4].sum(axis=1)
        straight = key[:count].sum(axis=1) * np.maximum(lamp[:count, 2], 0.0)
        shares = straight / np.maximum(straight + overhead, 1e-6)
        floors = np.array([p.position[2] for p in shown])
        flat = lamp[:count] * (-1.0, -1.0, 0.0)
        flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        free = self._light.open_way(joints[:, body.JOINT["pelvis"]], flat)
        self._contact.write(joints, floors, lamp[:count], np.sqrt(shares), free)
        return acting

    def _write_effects(self, frame: Frame, setting: Setting, boards: Probes) -> None:
        """Printed boards, marks, and what is in the air of impacts and shots. boards: the light around each of them."""
        self._boards.write(frame.boards, boards)
        self._marks.write(frame.impacts, self._light.at_corners(setting), frame.boards, boards)
        self._flashes.write(frame.flashes)
        fresh = [impact for impact in frame.impacts if impact.age < bursts.LIFE_S]
        shots = [flash for flash in frame.flashes if flash.age < bursts.LIFE_S]
        if not fresh and not shots:
            self._particles.clear()
            return
        places = [np.array(impact.position) + 0.1 * np.array(impact.normal) for impact in fresh]
        places += [np.array(flash.position) for flash in shots]
        around, _, key = self._light.at_places(np.array(places).reshape(-1, 3), np.full(len(places), 0.05), setting)
        light = around.mean(axis=1) + 0.4 * key
        for number, impact in enumerate(fresh):
            light[number] *= self._marks.tint(impact)
        self._particles.write(np.asarray(frame.camera.position), fresh, shots, light)


def _in_sight(everyone: Sequence[PersonPose], views: Sequence[Array], seen: Seen | None) -> list[PersonPose]:
    """Those whose surroundings, where their shadows may fall, meet a view and are not hidden behind walls."""
    if not everyone:
        return []
    places = np.array([p.position for p in everyone], float)
    low, high = places - (2.0, 2.0, 0.1), places + (2.0, 2.0, 2.2)
    shown = np.zeros(len(everyone), bool)
    for view in views:
        shown |= in_view(low, high, view)
    if seen is not None:
        shown &= seen.shows(places - (1.0, 1.0, 0.0), places + (1.0, 1.0, 2.0))
    return [p for p, ok in zip(everyone, shown, strict=True) if ok]


__all__ = ["SKY", "Renderer"]
