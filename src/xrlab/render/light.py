"""How light falls in a room: worked out once per room with rays (`baking`), put together anew when a lamp is switched.

For each group of lamps, for the sky and for the sun, samples of the room's surfaces get their irradiance (lm/m²): from
the lamps with their shadows, and by way of all other surfaces (a few bounces). What the sun lights straight is left
to whoever draws and casts its shadows; here it goes on from there. What moves is lit by asking for light at a place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, direction
from xrlab.render.baking import GROUND, Bake
from xrlab.render.bursts import strength
from xrlab.render.places import AXES, Places
from xrlab.render.scene import EVENING, Frame, Sky
from xrlab.render.surfaces import Packed
from xrlab.room.model import Room, Sun

SKY = "sky"
"""Name by which `Frame.lights` may dim what comes from outside, as any group of lamps."""

EVEN = "even"
"""Name of the group of light that a room without lamps is drawn in: from all sides, dimmer in corners."""

EVEN_LUX = 300.0
"""How much of it there is (lm/m²)."""

GLIM = 0.01
"""lm/m²: what is always left, so that a dark room can still be trained in."""

WELL_LIT = 0.17
"""What a well-lit room sends on average, where 1 is what a screen shows as white before the filmic curve."""

DARKEST = 0.003
"""cd/m²: about the least that the cones of an eye answer to. It is taken not to get used to less: that would take
half an hour."""

_EXPOSED = 2000  # samples that the exposure is taken from
_OPENNESS, _NEAR = (0.08, 0.35), (0.5, 0.9)  # by how much of all that is seen from a place is sky
_DIMMEST = 0.11  # of `WELL_LIT`: less than this a screen does not show
_GLARE = 0.0008  # cd/m² for each candela: a beam on a grey wall some metres away, a part of what is looked at
_FLASH_CANDELA = 2250.0  # some times what it is in `shaders/common/shade.glsl`: one is near what it lights


@dataclass(frozen=True)
class Lit:
    """Light at corners or places under the present setting of the lamps.

    irradiance: (n, 3) lm/m². towards: (n, 3) where most of it comes from, its length (0..1) how much of
    it does so.
    """

    irradiance: Array
    towards: Array


@dataclass(frozen=True)
class Setting:
    """What decides how a room is lit: how bright each of `RoomLight.groups` is, 0..1, the sky, and the sun."""

    levels: tuple[float, ...]
    sky: Sky
    sun: Sun | None


class RoomLight:
    """The light of one room, for any setting of its lamps. hasty: in a fraction of the time, with some noise.

    sun: the one that is expected; its light is then worked out beforehand.
    """

    def __init__(self, room: Room, packed: Packed, *, hasty: bool = False, sun: Sun | None = None) -> None:
        self.lamps = room.lights
        self.groups = tuple(dict.fromkeys(lamp.group for lamp in self.lamps)) or (EVEN,)
        self._bake = Bake(packed, even=not self.lamps, hasty=hasty)
        low, high = room.bounds
        self._places = Places(self._bake, self.lamps, low, high)
        self._group_of = np.array([self.groups.index(lamp.group) for lamp in self.lamps], np.int64)
        self._light, self._pull, self._sky = self._baked()
        self._sun_at: tuple[float, float] | None = None
        self._sun_straight = np.zeros(self._bake.count, np.float32)
        self._sun_light = np.zeros((self._bake.count, 3), np.float32)
        if sun is not None:
            self._turn_to(sun)
        self._setting: Setting | None = None
        self._lit: Lit | None = None
        self._exposed = self._for_exposure()
        self._luminances: dict[Setting, float] = {}
        self._well_lit = max(1.0, self._luminance(Setting((1.0,) * len(self.groups), EVENING, None)))

    @property
    def mesh(self) -> RayMesh:
        """The opaque triangles of the packed room, in its order."""
        return self._bake.mesh

    def setting(self, frame: Frame, lights: Mapping[str, float] | None = None) -> Setting:
        """How the room is lit in a frame, or would be if its lamps were at `lights`."""
        given = frame.lights if lights is None else lights
        levels = tuple(min(1.0, max(0.0, float(given.get(group, 1.0)))) for group in self.groups)
        return Setting(levels, frame.sky.dimmed(min(1.0, max(0.0, float(given.get(SKY, 1.0))))), frame.sun)

    def exposure(self, frame: Frame) -> float:
        """What light is multiplied with for the screen: so that the room looks as bright as it would to an eye.

        A room with all its lamps on shows the mean of its luminance (cd/m², of the logarithm) as `WELL_LIT`; so does
        one in brighter daylight. In less light it looks darker by the cube root of how much less it is, since so grows
        how bright things seem to an eye that is used to what light there is (J. C. Stevens and S. S. Stevens,
        'Brightness function: effects of adaptation', JOSA 53, 1963; from memory). `Frame.adapted` says what it is used
        to: when the lamps go out all is black at first, and a little comes back.

        What is about the camera counts for half, in the open for most (`_NEAR`): from a dark house one looks out into
        the glare, and steps into it. Torches and muzzle flashes count, too: who holds one sees less beside its beam.
        """
        now = self.setting(frame)
        room = self._room_luminance(self.setting(frame, frame.adapted) if frame.adapted else now)
        if frame.camera.ortho_height is None:
            self.at_corners(now)
            here, sky = self._places.seen(np.array(frame.adapted_at or frame.camera.position, float))
            near = float(np.interp(sky, _OPENNESS, _NEAR))
            room *= (max(here, DARKEST) / max(self._room_luminance(now), DARKEST)) ** near
        candela = sum(torch.candela for torch in frame.torches)
        candela += sum(_FLASH_CANDELA * strength(flash.age) for flash in frame.flashes)
        luminance = max(room, DARKEST) + _GLARE * candela
        return float(WELL_LIT * max(_DIMMEST, min(1.0, luminance / self._well_lit) ** (1 / 3)) / luminance)

    def _room_luminance(self, setting: Setting) -> float:
        known = self._luminances.get(setting)
        if known is None:
            if len(self._luminances) > 64:
                self._luminances.clear()
            known = self._luminances[setting] = self._luminance(setting)
        return known

    def at_corners(self, setting: Setting) -> Lit:
        """The light at every corner of the packed room, but for what comes straight from the sun."""
        if self._lit is not None and setting == self._setting:
            return self._lit
        levels = np.array(setting.levels, np.float32)
        sky = np.array(setting.sky.mean, np.float32)
        light = np.tensordot(levels, self._light, 1) + self._sky * sky + np.float32(GLIM)
        pull = np.tensordot(levels, self._pull, 1)
        pull += self._bake.normals * (0.5 * math.pi * self._bake.outside * float(sky.sum()))[:, None]
        straight = np.zeros_like(light)
        if setting.sun is not None:
            self._turn_to(setting.sun)
            lux = np.array(setting.sun.color, np.float32) * np.float32(setting.sun.lux)
            light += self._sun_light * lux
            straight = self._sun_straight[:, None] * lux
        self._setting = setting
        glow = self._bake.glow((light + straight) * self._bake.albedo / np.float32(math.pi))
        self._places.set(levels[self._group_of], glow, sky, sky * GROUND, GLIM)
        towards = pull / np.maximum(light.sum(axis=1, keepdims=True), 1e-6)
        both = self._bake.at_corners(np.concatenate((light, towards), axis=1))
        self._lit = Lit(both[:, :3].astype(float), both[:, 3:].astype(float))
        return self._lit

    def at_places(self, places: Array, apart: Array, setting: Setting) -> tuple[Array, Array, Array]:
        """The light around n things that move, at (n, 3).

        apart: (n,) how far from the middle a thing's own surfaces are (m), so that a door in a doorway is
        lit from both rooms. Returns what comes by way of surfaces on the six `AXES`, (n, 6, 3) lm/m²; the
        direction of the brightest lamp (n, 3); and its irradiance at a right angle (n, 3). The sun is left out.
        """
        self.at_corners(setting)  # settles the setting
        return self._places.around(places, apart)

    def open_way(self, places: Array, ways: Array) -> Array:
        """How far (m) it is from places (n, 3) along unit ways (n, 3) to the first surface; inf for none."""
        return self._bake.mesh.closest_many(places, ways)[0]

    def _baked(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Irradiance (groups, k, 3), pull (groups, k, 3) towards where it comes from, and that of a sky of 1 cd/m²."""
        bake, groups = self._bake, len(self.groups)
        straight = np.zeros((groups, bake.count, 3))
        pull = np.zeros((groups, bake.count, 3))
        for lamp, group in zip(self.lamps, self._group_of.tolist(), strict=True):
            got, unit = bake.lamp(lamp)
            straight[group] += got
            pull[group] += unit * got.sum(axis=1, keepdims=True)
        if not self.lamps:
            straight[0] = (EVEN_LUX * bake.free * (0.8 + 0.2 * bake.normals[:, 2]))[:, None]
        first = np.zeros((bake.count, 3 * groups + 3))
        first[:, :-3] = straight.transpose(1, 0, 2).reshape(bake.count, 3 * groups)
        outside = np.zeros_like(first)
        outside[:, -3:] = (math.pi * bake.outside)[:, None]
        light = first + bake.bounced(first, outside)
        bake.mend(light)
        each = light[:, :-3].reshape(bake.count, groups, 3).transpose(1, 0, 2)
        return np.ascontiguousarray(each, np.float32), pull.astype(np.float32), light[:, -3:].astype(np.float32)

    def _turn_to(self, sun: Sun) -> None:
        """Works out what 1 lux of a sun gives, straight and by way of surfaces, if its place is not the one known."""
        if (sun.yaw, sun.pitch) == self._sun_at:
            return
        straight = np.repeat(self._bake.sun(direction(sun.yaw, sun.pitch))[:, None], 3, axis=1)
        light = self._bake.bounced(straight, np.zeros_like(straight))
        self._bake.mend(light)
        self._sun_at, self._sun_light = (sun.yaw, sun.pitch), light
        self._sun_straight = straight[:, 0].astype(np.float32)

    # --- exposure -----------------------------------------------------------------------------------

    def _for_exposure(self) -> tuple[NDArray[np.intp], Array]:
        """Samples, and the size of what each stands for, from which the exposure is taken."""
        bake = self._bake
        area = bake.areas
        # A house is looked at from inside: its roof and outer walls, in the sun or in the dark, don't count.
        inside = area * (bake.indoors > 0.7)
        if inside.sum() > 0.05 * area.sum():
            area = inside
        counted = np.flatnonzero(area > 0)
        step = max(1, len(counted) // _EXPOSED)
        return counted[::step], area[counted[::step]]

    def _luminance(self, setting: Setting) -> float:
        """The room's mean luminance (cd/m²) in a setting, of its logarithm; what is far darker is left out."""
        rows, area = self._exposed
        if not len(rows):
            return WELL_LIT * 200.0 / math.pi
        light = np.tensordot(np.array(setting.levels, np.float32), self._light[:, rows], 1) + np.float32(GLIM)
        light += self._sky[rows] * np.array(setting.sky.mean, np.float32)
        if setting.sun is not None:
            self._turn_to(setting.sun)
            lux = np.array(setting.sun.color) * setting.sun.lux
            light += (self._sun_light[rows] + self._sun_straight[rows, None]) * lux.astype(np.float32)
        glow = (light * self._bake.albedo[rows]).mean(axis=1) / math.pi
        counted = glow > 0.15 * float(np.average(glow, weights=area))
        if not counted.any():
            return WELL_LIT * 200.0 / math.pi
        return math.exp(float(np.average(np.log(glow[counted]), weights=area[counted])))


__all__ = ["AXES", "EVEN", "SKY", "Lit", "RoomLight", "Setting"]
