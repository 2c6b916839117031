"""The sky and the sun, or the moon, for so much light out of doors: day, dusk and night by one number.

Light on open ground: some 10,000 lux and more by day; 400 to 600 lux when the sun of a clear sky has set, 2 to 3.5 at
the end of civil twilight (American Meteorological Society, Glossary of Meteorology, 'civil twilight'); 0.3 at most
under a full moon. How much of it comes straight, from how high and in which colours are choices that make a picture
look its part; so is that the last sun stands over the horizon until civil twilight ends: dusk has a side where it
comes from.
"""

from __future__ import annotations

import math

import numpy as np

from xrlab.geometry.transforms import Array, Vec3
from xrlab.render.scene import Sky
from xrlab.room.model import Sun

SOUTH_WEST, SOUTH_EAST = math.radians(-135.0), math.radians(-50.0)
"""Where the sun stands, and where the moon, if nothing says otherwise."""

CIVIL_TWILIGHT_LUX = 3.0
"""Below this the sun is gone."""

MOON_LUX = 1.0
"""Below this the moon is what is left."""

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_MOON_PITCH = math.radians(38.0)
# By the logarithm of lux: degrees above the horizon; share of the light that comes straight.
_HEIGHT = ((0.5, 2.6, 4.0, 5.0), (5.0, 7.0, 38.0, 58.0))
_STRAIGHT = ((0.5, 2.6, 4.0, 5.0), (0.35, 0.4, 0.55, 0.8))
# By the sun's height in degrees: colours of its light. By the logarithm of lux: zenith, horizon, glow round the sun.
_SUN = ((5.0, 12.0, 38.0), ((1.0, 0.52, 0.24), (1.0, 0.78, 0.55), (1.0, 0.95, 0.87)))
_SKIES = (
    (-0.6, 0.5, 1.3, 3.0, 4.0),
    ((0.55, 0.75, 1.25), (0.45, 0.62, 1.15), (0.50, 0.65, 1.05), (0.50, 0.72, 1.10), (0.48, 0.72, 1.15)),
    ((0.80, 1.00, 1.45), (1.15, 0.95, 1.05), (1.70, 1.15, 0.85), (1.20, 1.15, 1.10), (1.10, 1.22, 1.35)),
    ((0.00, 0.00, 0.00), (1.60, 0.75, 0.35), (3.20, 1.50, 0.55), (2.60, 1.90, 1.20), (2.00, 1.90, 1.70)),
)
_MOON = (0.68, 0.82, 1.0)


def outdoors(lux: float, sun: Sun | None = None, *, clear: bool = True) -> tuple[Sky, Sun | None]:
    """What comes from outside when open ground gets `lux` in all.

    sun: where it stands; only that is taken of it. clear: false where fog lets nothing come straight.
    """
    level = math.log10(max(lux, 1e-3))
    straight, pitch, color = 0.0, 0.0, (1.0, 1.0, 1.0)
    yaw = sun.yaw if sun is not None else SOUTH_WEST
    if lux >= CIVIL_TWILIGHT_LUX:
        height = float(np.interp(level, *_HEIGHT))
        if sun is not None and math.degrees(sun.pitch) > 2.0:
            height = math.degrees(sun.pitch)
        pitch, straight = math.radians(height), float(np.interp(level, *_STRAIGHT))
        color = _between(height, *_SUN)
    elif lux <= MOON_LUX:
        yaw, pitch, straight, color = (SOUTH_EAST if sun is None else sun.yaw), _MOON_PITCH, 0.85, _MOON
    if not clear:
        straight = 0.0
    zenith, horizon, glow = (np.array(_between(level, _SKIES[0], part)) for part in _SKIES[1:])
    # Level ground gets a sixth of what a dome of the horizon's colour would give, and five of the zenith's.
    spread = math.pi * float((horizon / 6 + zenith * 5 / 6) @ _LUMINANCE)
    # What faces a low sun gets no more than open ground does in all: haze takes the rest.
    facing = min(straight * lux / math.sin(pitch), lux) if straight else 0.0
    scale = (lux - facing * math.sin(pitch)) / spread
    sky = Sky(_vec(zenith * scale), _vec(horizon * scale), _vec(glow * scale))
    if not straight:
        return sky, None
    bright = float(np.array(color) @ _LUMINANCE)
    return sky, Sun(yaw, pitch, facing / bright, color)


def _between(at: float, known: tuple[float, ...], values: tuple[Vec3, ...]) -> Vec3:
    a, b, c = (float(np.interp(at, known, [value[i] for value in values])) for i in range(3))
    return a, b, c


def _vec(value: Array) -> Vec3:
    a, b, c = value.tolist()
    return a, b, c
