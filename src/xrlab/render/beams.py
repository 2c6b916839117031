"""Light of torches: what a beam holds, how its shadows are looked up, and what the surface that it meets sends back.

In a dark room most of what one sees beside a torch's spot is lit by that spot. It is taken as one small lamp that lies
on the surfaces that the beam meets and sends light as a matt surface does (a virtual point light; A. Keller, "Instant
Radiosity", SIGGRAPH 1997). It throws no shadows; since it sends nothing backwards, it does not shine through the
wall on which it lies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, direction
from xrlab.render.scene import Camera, Torch
from xrlab.render.surfaces import Packed

FULL_PART = 1 / 3
"""Of a torch's half angle in which its beam is full."""

SPILL_ANGLE = math.radians(40.0)
SPILL_PART = 0.02
"""Around the beam a reflector sends light widely, up to so far from the middle, this part of the beam's candela at most
(estimate from pictures of hand torches' beams)."""

_RAYS = 24
_OFF_M = 0.05
_INNER_PART = 0.75


def reach_angle(torch: Torch) -> float:
    """Half the opening angle (rad) of all that a torch lights."""
    return min(max(torch.angle, SPILL_ANGLE), 1.4)


def matrix(torch: Torch, reach: float) -> Array:
    """4x4 from the world to clip space as a torch sees it, depth 0 near by and 1 at `reach` (m)."""
    camera = Camera(torch.position, torch.yaw, torch.pitch, fov_y=2 * reach_angle(torch) + 0.02, near=0.12, far=reach)
    out = camera.projection(1.0) @ camera.view()
    out[2] = out[3] - out[2]  # pictures of depths are not reversed: what is nearer is less
    return out


def lumens(torch: Torch) -> float:
    """What the beam holds: candela times the cone's solid angle, full inside and falling by the cosine outside."""
    outer, full = math.cos(torch.angle), math.cos(torch.angle * FULL_PART)
    return torch.candela * 2 * math.pi * ((1 - full) + (full - outer) / 2)


@dataclass(frozen=True)
class Spot:
    """The light that a lit spot sends back: place and direction (3,), candela straight out of it (3,), linear red,
    green, blue, and the square of the spot's own size (m²), within which its light does not grow any more."""

    place: Array
    way: Array
    candela: Array
    size2: float


def spot(torch: Torch, mesh: RayMesh, packed: Packed) -> Spot | None:
    """What the room's surfaces in a torch's beam send back; None where it meets nothing."""
    ways = _rays(torch)
    distance, triangle = mesh.closest_many(np.tile(torch.position, (_RAYS, 1)), ways)
    hit = triangle >= 0
    if not hit.any():
        return None
    met, ways = triangle[hit], ways[hit]
    normals = mesh.normals[met]
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    normals *= -np.sign((normals * ways).sum(axis=1, keepdims=True))
    places = np.array(torch.position) + ways * distance[hit, None] + normals * _OFF_M
    albedo = packed.albedo[packed.triangles[met]].mean(axis=1)
    place, way = places.mean(axis=0), normals.mean(axis=0)
    length = float(np.linalg.norm(way))
    if length < 1e-6:
        return None
    sent = np.array(torch.color) * albedo.mean(axis=0) * (lumens(torch) * hit.mean() / math.pi)
    size2 = float(((places - place) ** 2).sum(axis=1).mean()) + 0.05
    return Spot(place, way / length, sent, size2)


def _rays(torch: Torch) -> Array:
    """Unit directions (n, 3) spread evenly over the part of the beam that holds nearly all of its light."""
    forward = np.array(direction(torch.yaw, torch.pitch))
    left = np.array((-math.sin(torch.yaw), math.cos(torch.yaw), 0.0))
    number = np.arange(_RAYS)
    wide = np.sqrt((number + 0.5) / _RAYS) * math.tan(_INNER_PART * torch.angle)
    turn = number * math.pi * (3 - math.sqrt(5))
    across, up = wide * np.cos(turn), wide * np.sin(turn)
    out = forward + np.outer(across, left) + np.outer(up, np.cross(forward, left))
    return out / np.sqrt(1 + wide**2)[:, None]
