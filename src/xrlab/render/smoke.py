"""Smoke and fog as shaders take them: boxes with what lights them, and where fog is not."""

from __future__ import annotations

import math

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render.light import RoomLight, Setting
from xrlab.render.scene import Cloud, Frame, Sky
from xrlab.room.model import Room
from xrlab.room.shelters import MOST, shelters

CLOUDS = 8
"""So many boxes of smoke a picture has at most, the densest."""

_ALBEDO = 0.75  # of training smoke, which is nearly white
_FOG_ALBEDO = 0.9
SEEN_M = 2.0
"""So far one sees in smoke of density 1: 5 % of the contrast is left."""
_DRIFT = 0.045  # so much of a billow goes by in a second
_SOFT_M, _SOFT_PART = 0.3, 0.15  # depth of the border in which smoke thins out, and as a part of the box's least side


def rows(frame: Frame, light: RoomLight, setting: Setting, exposure: float) -> Array:
    """The smoke of a frame (n, 3, 4), as `shaders/common/smoke.glsl` says; lit as the middle of each box is."""
    clouds: list[Cloud] = sorted(frame.smoke, key=lambda cloud: -cloud.density)[:CLOUDS]
    out = np.zeros((len(clouds), 3, 4))
    if not clouds:
        return out
    low, high = np.array([cloud.low for cloud in clouds]), np.array([cloud.high for cloud in clouds])
    around, _, key = light.at_places((low + high) / 2, np.full(len(clouds), 0.05), setting)
    out[:, 0, :3], out[:, 0, 3] = low, [cloud.density for cloud in clouds]
    out[:, 1, :3], out[:, 1, 3] = high, frame.time * _DRIFT % 1000.0
    out[:, 2, :3] = (around.mean(axis=1) + 0.25 * key) * (_ALBEDO / math.pi * exposure)
    out[:, 2, 3] = np.clip((high - low).min(axis=1) * _SOFT_PART, 0.05, _SOFT_M)
    return out


def fog_rows(frame: Frame, room: Room, sky: Sky, exposure: float) -> Array:
    """The fog of a frame (1 + 2 * MOST, 4): what it sends and its density; then the boxes that it spares."""
    out = np.zeros((1 + 2 * MOST, 4))
    if math.isinf(frame.fog_m):
        return out
    # Nearly what the sky sends, which is all that one sees far off.
    out[0, :3] = np.array(sky.mean) * (exposure * _FOG_ALBEDO)
    out[0, 3] = SEEN_M / frame.fog_m
    out[1:, :3] = 1e9  # where there is no box, one that no line of sight meets
    for number, box in enumerate(shelters(room)):
        out[1 + 2 * number : 3 + 2 * number, :3] = box
    return out
