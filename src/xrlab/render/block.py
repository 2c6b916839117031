"""The block of numbers that every shader of a picture reads: `shaders/common/frame.glsl`, in the same order."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, direction
from xrlab.render import bursts
from xrlab.render.beams import FULL_PART, SPILL_PART, Spot, reach_angle
from xrlab.render.scene import Camera, Flash, Frame
from xrlab.render.smoke import CLOUDS
from xrlab.room.shelters import MOST

FLASHES, TORCHES = 4, 4
"""So many of each a picture has at most."""

BLOCK = np.dtype(
    [("view_projection", "<f4", (2, 4, 4)), ("eye", "<f4", (2, 4)), ("forward", "<f4", (2, 4)),
     ("setting", "<f4", 4), ("flash", "<f4", (FLASHES, 4)), ("smoke", "<f4", (CLOUDS, 3, 4)),
     ("fog", "<f4", (1 + 2 * MOST, 4)),
     ("torch_view", "<f4", (TORCHES, 4, 4)), ("torch_place", "<f4", (TORCHES, 4)), ("torch_way", "<f4", (TORCHES, 4)),
     ("torch_light", "<f4", (TORCHES, 4)), ("spot_place", "<f4", (TORCHES, 4)), ("spot_way", "<f4", (TORCHES, 4)),
     ("spot_light", "<f4", (TORCHES, 4)), ("sun_view", "<f4", (4, 4)), ("sun_way", "<f4", 4),
     ("sun_light", "<f4", 4)]
)  # fmt: skip


def shining(frame: Frame) -> list[Flash]:
    """The muzzle flashes that still give light."""
    return [flash for flash in frame.flashes if bursts.strength(flash.age) > 0.0][:FLASHES]


def features(frame: Frame) -> tuple[str, ...]:
    """What of a frame shaders must know of, as definitions: those that it has none of cost nothing.

    Numbers are rounded up to a power of two, so that few programs are made; what is left over is dark and clear.
    """
    counts = (("FLASHES", shining(frame), FLASHES), ("SMOKE", frame.smoke, CLOUDS), ("TORCHES", frame.torches, TORCHES))
    out = [f"{name} {1 << (min(len(some), most) - 1).bit_length()}" for name, some, most in counts if some]
    if math.isfinite(frame.fog_m):
        out.append(f"FOG {MOST}")
    return (*out, "SUN") if frame.sun is not None else tuple(out)


def written(
    frame: Frame,
    cameras: Sequence[Camera],
    both: Sequence[Array],
    exposure: float,
    smoke: Array,
    fog: Array,
    torch_views: Sequence[Array],
    spots: Sequence[Spot | None],
    sun_view: Array | None,
) -> NDArray[np.void]:
    """The block of a frame as record of `BLOCK`.

    cameras and both: one or two, with their projection times view (4, 4). smoke, fog: as `xrlab.render.smoke` gives
    them. torch_views, sun_view: 4x4 to the pictures of depths of those that are drawn. spots: what each torch lights.
    """
    block = np.zeros(1, BLOCK)
    row = block[0]
    for i, (camera, matrix) in enumerate(zip(cameras, both, strict=True)):
        row["view_projection"][i] = matrix.T
        row["eye"][i] = (*camera.position, float(camera.ortho_height is not None))
        row["forward"][i, :3] = -camera.view()[2, :3]
    cut = cameras[0].cut_above
    row["setting"] = (cut if math.isfinite(cut) else 1e9, exposure, SPILL_PART, 0.0)
    for i, flash in enumerate(shining(frame)):
        row["flash"][i] = (*flash.position, bursts.strength(flash.age))
    row["smoke"][: len(smoke)] = smoke
    row["fog"] = fog
    for i, (torch, view) in enumerate(zip(frame.torches, torch_views, strict=False)):
        row["torch_view"][i] = view.T
        row["torch_place"][i] = (*torch.position, math.cos(torch.angle))
        row["torch_way"][i] = (*direction(torch.yaw, torch.pitch), math.cos(torch.angle * FULL_PART))
        row["torch_light"][i] = (*(np.array(torch.color) * torch.candela), math.cos(reach_angle(torch)))
    for i, spot in enumerate(spots):
        row["spot_place"][i, 3] = 1.0
        if spot is not None:
            row["spot_place"][i] = (*spot.place, spot.size2)
            row["spot_way"][i, :3], row["spot_light"][i, :3] = spot.way, spot.candela
    if sun_view is not None and frame.sun is not None:
        row["sun_view"] = sun_view.T
        row["sun_way"][:3] = direction(frame.sun.yaw, frame.sun.pitch)
        row["sun_light"][:3] = np.array(frame.sun.color) * frame.sun.lux
    return block


_HALF = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 1, 0], [0, 0, 0, 1.0]])
"""From clip space (-1..1 across, 0..1 in depth) to a picture's own coordinates, 0..1."""


def sun_matrix(yaw: float, pitch: float, low: Array, high: Array) -> Array:
    """4x4 from the world to clip space as the sun sees the box from `low` to `high` (m)."""
    forward = -np.array(direction(yaw, pitch))
    right = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
    up = np.cross(right, forward)
    axes = np.array([right, up, forward])
    corners = np.array([(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    along = corners @ axes.T
    least, most = along.min(axis=0) - 0.05, along.max(axis=0) + 0.05
    span = most - least
    out = np.eye(4)
    out[:3, :3] = axes / (span * (0.5, 0.5, 1.0))[:, None]
    out[:3, 3] = -least / (span * (0.5, 0.5, 1.0)) - (1.0, 1.0, 0.0)
    return out


def as_picture(matrix: Array) -> Array:
    """The same matrix, but to a picture's own coordinates."""
    return np.asarray(_HALF @ matrix)
