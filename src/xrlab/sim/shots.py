"""What a shot meets, at the shot's own instant: walls, doors, boards and bodies, nearest first.

The line is straight and the bullet is there at once; what a material lets through is in
`xrlab.room.materials`. A body stops a bullet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from xrlab.geometry import body
from xrlab.geometry.rays import RayMesh, box_interval
from xrlab.geometry.transforms import Vec3, direction, quantise_place
from xrlab.room.materials import MATERIALS
from xrlab.sim.world import World

MAX_STRUCK = 16
_BEHIND = 1e-4  # how far behind one surface the search for the next begins


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing on a shot's way; the fields are those of `xrlab.sim.events.Struck`."""

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


def trace(world: World, t: float, origin: Vec3, yaw: float, pitch: float, shooter: str = "") -> list[Hit]:
    """Everything that a shot from `origin` along `yaw` and `pitch` meets at `t`, in order, to where it stops.

    The shooter's own body is not met. Entry and exit are quantised to 0.01 mm.
    """
    ray = direction(yaw, pitch)
    fixed = _fixed(world, t, origin, ray)
    reach = fixed[-1].distance if fixed and fixed[-1].exit is None else math.inf
    person = _people(world, t, origin, ray, shooter, reach)
    boards = _boards(world, t, origin, ray) if world.boards else []
    if person is None and not boards:
        return fixed
    # of two things in one place the moving one is met first
    things = sorted((h for h in (person, *boards) if h), key=lambda h: (h.distance, h.what))
    hits = sorted([*things, *fixed], key=lambda h: h.distance)
    stops = next((i for i, h in enumerate(hits) if h.exit is None), len(hits))
    return hits[: min(stops + 1, MAX_STRUCK)]


def _fixed(world: World, t: float, origin: Vec3, ray: Vec3) -> list[Hit]:
    """The room's surfaces and the door leaves on the line, in order, to the one that stops the bullet."""
    hits: list[Hit] = []
    leaves = _leaves(world, t, origin, ray)
    start = 0.0
    while len(hits) < MAX_STRUCK:
        nearest = _surface(world, world.room.solid, origin, ray, start)
        for leaf in leaves:
            if leaf.distance >= start and (nearest is None or leaf.distance < nearest.distance):
                nearest = leaf
        if nearest is None:
            return hits
        hits.append(nearest)
        if nearest.exit is None:
            return hits
        start = math.dist(origin, nearest.exit) + _BEHIND
    return hits


def _on(origin: Vec3, ray: Vec3, distance: float) -> Vec3:
    (x, y, z), (dx, dy, dz) = origin, ray
    return quantise_place((x + dx * distance, y + dy * distance, z + dz * distance))


def _surface(world: World, mesh: RayMesh, origin: Vec3, ray: Vec3, start: float) -> Hit | None:
    """The nearest fixed surface behind `start`; through a pane its exit is the pane's other side."""
    distance, triangle = mesh.closest(_ahead(origin, ray, start), ray)
    if triangle < 0:
        return None
    entry = distance + start
    room = world.room
    material, name = room.material_of(triangle), room.surface_of(triangle)
    leaves: Vec3 | None = None
    if not material.shields:
        behind, other = mesh.closest(_ahead(origin, ray, entry + _BEHIND), ray)
        same = other >= 0 and room.surface_of(other) == name and behind < 0.5
        leaves = _on(origin, ray, entry + _BEHIND + behind if same else entry)
    return Hit("wall", name, material.name, _on(origin, ray, entry), leaves, round(entry, 5))


def _ahead(origin: Vec3, ray: Vec3, by: float) -> Vec3:
    if by == 0.0:
        return origin
    return (origin[0] + ray[0] * by, origin[1] + ray[1] * by, origin[2] + ray[2] * by)


def _leaves(world: World, t: float, origin: Vec3, ray: Vec3) -> list[Hit]:
    """Every door leaf that the line crosses, met as a box; a circle about its hinge tells first which may be."""
    (ox, oy, oz), (dx, dy, dz) = origin, ray
    flat = math.sqrt(dx * dx + dy * dy)
    hits = []
    for x, y, radius, name, ramp, door in world.leaves:
        if abs((x - ox) * dy - (y - oy) * dx) > radius * flat or (x - ox) * dx + (y - oy) * dy < -radius * flat:
            continue
        yaw = door.yaw(ramp.at(t))
        c, s = math.cos(yaw), math.sin(yaw)
        at = ((ox - x) * c + (oy - y) * s, (oy - y) * c - (ox - x) * s, oz - door.hinge[2])
        half = door.thickness / 2
        crossed = box_interval(
            at, (dx * c + dy * s, dy * c - dx * s, dz), (0.0, -half, 0.0), (door.width, half, door.height)
        )
        if crossed is not None:
            entry, leaves = crossed
            entry = entry or leaves  # who stands in the leaf meets its inner side
            material = MATERIALS[door.material]
            out = None if material.shields else _on(origin, ray, leaves)
            hits.append(Hit("door", name, material.name, _on(origin, ray, entry), out, round(entry, 5)))
    return hits


def _people(world: World, t: float, origin: Vec3, ray: Vec3, shooter: str, reach: float) -> Hit | None:
    """The nearest body on the line, within `reach`; the ray is brought into each body's own frame."""
    best: tuple[float, str, str] | None = None
    for actor in world.near_line(t, origin, ray, reach):
        if actor.name == shooter:
            continue
        stance = actor.track.at(t)
        c, s = math.cos(stance.yaw), math.sin(stance.yaw)
        x, y = origin[0] - stance.x, origin[1] - stance.y
        met = body.first_zone(
            actor.pose, stance.walked, (x * c + y * s, y * c - x * s, origin[2] - stance.z),
            (ray[0] * c + ray[1] * s, ray[1] * c - ray[0] * s, ray[2]), reach,
        )  # fmt: skip
        if met is not None:
            distance = round(met[0], 5)
            if distance <= reach and (best is None or distance < best[0]):
                best = (distance, actor.name, met[1])
    if best is None:
        return None
    distance, name, zone = best
    return Hit("person", name, "flesh", _on(origin, ray, distance), None, distance, zone)


def _boards(world: World, t: float, origin: Vec3, ray: Vec3) -> list[Hit]:
    """Every board that the line crosses; edge-on ones can't be met."""
    out = []
    for board in world.boards.values():
        normal, right, up = board.axes(t)
        middle = board.middle(t)
        facing = normal[0] * ray[0] + normal[1] * ray[1] + normal[2] * ray[2]
        if abs(facing) < 1e-3:
            continue
        dx, dy, dz = (m - o for m, o in zip(middle, origin, strict=True))
        distance = (dx * normal[0] + dy * normal[1] + dz * normal[2]) / facing
        if distance <= 0.0:
            continue
        at = [ray[i] * distance - (dx, dy, dz)[i] for i in range(3)]
        u = round(at[0] * right[0] + at[1] * right[1] + at[2] * right[2], 5)
        v = round(at[0] * up[0] + at[1] * up[1] + at[2] * up[2], 5)
        if abs(u) > board.face.width_mm / 2000 or abs(v) > board.face.height_mm / 2000:
            continue
        zone = next((z.name for z in board.zones if z.shape.contains(u, v)), None)
        if facing > 0:  # from behind: the board is met, but no zone counts
            zone = None
        place = _on(origin, ray, distance)
        through = None if MATERIALS[board.face.material].shields else place
        out.append(Hit("target", board.name, board.face.material, place, through, round(distance, 5), zone, (u, v)))
    return out
