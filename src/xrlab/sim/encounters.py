"""What may stand in a line's way, one by one: surfaces, door leaves, boards; where a line enters and leaves each.

`xrlab.sim.shots` puts them in order for a straight line, `xrlab.sim.penetration` along a bullet's way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from xrlab.geometry.paths import Stance
from xrlab.geometry.rays import box_interval
from xrlab.geometry.transforms import Vec3, quantise_place
from xrlab.room.model import Door
from xrlab.sim.world import Board

MAX_STRUCK = 16
BEHIND = 1e-4  # how far behind one surface the search for the next begins


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing on a shot's way; the fields are those of `xrlab.sim.events.Struck`. after: seconds since the shot."""

    kind: str
    what: str
    material: str
    entry: Vec3
    exit: Vec3 | None
    distance: float
    zone: str | None = None
    local: tuple[float, float] | None = None
    thickness: float | None = None
    energy: float | None = None
    left: float | None = None
    speed: float | None = None
    ricochet: bool = False
    after: float = 0.0


def on(origin: Vec3, ray: Vec3, distance: float) -> Vec3:
    """The place on a line, to 0.01 mm."""
    (x, y, z), (dx, dy, dz) = origin, ray
    return quantise_place((x + dx * distance, y + dy * distance, z + dz * distance))


def ahead(origin: Vec3, ray: Vec3, by: float) -> Vec3:
    """The place on a line, exactly."""
    if by == 0.0:
        return origin
    return (origin[0] + ray[0] * by, origin[1] + ray[1] * by, origin[2] + ray[2] * by)


class LeafMet(NamedTuple):
    """Distances at which a line enters and leaves a door leaf, and the sine of its angle to the leaf's faces."""

    entry: float
    exit: float
    sine: float


def leaf_met(door: Door, opened: float, origin: Vec3, ray: Vec3) -> LeafMet | None:
    """Where a line crosses the leaf of a door that is `opened` 0..1, as a box; None if it misses it."""
    (ox, oy, oz), (dx, dy, dz) = origin, ray
    x, y, z = door.hinge
    yaw = door.yaw(opened)
    c, s = math.cos(yaw), math.sin(yaw)
    at = ((ox - x) * c + (oy - y) * s, (oy - y) * c - (ox - x) * s, oz - z)
    half = door.thickness / 2
    across = dy * c - dx * s
    crossed = box_interval(at, (dx * c + dy * s, across, dz), (0.0, -half, 0.0), (door.width, half, door.height))
    return None if crossed is None else LeafMet(*crossed, abs(across))


class BoardMet(NamedTuple):
    """Where a line meets a board: distance, place right and up of its middle (m), zone, and the sine of its angle."""

    distance: float
    local: tuple[float, float]
    zone: str | None
    sine: float


def board_met(board: Board, t: float, origin: Vec3, ray: Vec3) -> BoardMet | None:
    """Where a line meets a board as it stands at `t`; None if it misses it, or has it edge-on or behind."""
    normal, right, up = board.axes(t)
    middle = board.middle(t)
    facing = normal[0] * ray[0] + normal[1] * ray[1] + normal[2] * ray[2]
    if abs(facing) < 1e-3:
        return None
    dx, dy, dz = (m - o for m, o in zip(middle, origin, strict=True))
    distance = (dx * normal[0] + dy * normal[1] + dz * normal[2]) / facing
    if distance <= 0.0:
        return None
    at = [ray[i] * distance - (dx, dy, dz)[i] for i in range(3)]
    # plus 0.0: never -0.0, which a recording gives back as 0.0
    u = round(at[0] * right[0] + at[1] * right[1] + at[2] * right[2], 5) + 0.0
    v = round(at[0] * up[0] + at[1] * up[1] + at[2] * up[2], 5) + 0.0
    if abs(u) > board.face.width_mm / 2000 or abs(v) > board.face.height_mm / 2000:
        return None
    # from behind the board is met, but no zone counts
    zone = None if facing > 0 else next((z.name for z in board.zones if z.shape.contains(u, v)), None)
    return BoardMet(distance, (u, v), zone, abs(facing))


def into(stance: Stance, origin: Vec3, ray: Vec3) -> tuple[Vec3, Vec3]:
    """A line in the own frame of a body that stands so."""
    c, s = math.cos(stance.yaw), math.sin(stance.yaw)
    x, y = origin[0] - stance.x, origin[1] - stance.y
    return (
        (x * c + y * s, y * c - x * s, origin[2] - stance.z),
        (ray[0] * c + ray[1] * s, ray[1] * c - ray[0] * s, ray[2]),
    )
