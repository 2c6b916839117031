"""What a shot meets, at the shot's own instant: walls, doors, boards and bodies, nearest first.

Without a flight the line is straight and is followed at once: a laser, or a look ahead along the sights. It ends at
the first thing whose material shields (`xrlab.room.materials`), and at the first body. A bullet has a flight, and is
followed by `xrlab.sim.penetration`.
"""

from __future__ import annotations

import math

from xrlab.geometry import body
from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Vec3, direction
from xrlab.room.materials import MATERIALS
from xrlab.sim.course import Flying
from xrlab.sim.encounters import BEHIND, MAX_STRUCK, Hit, ahead, board_met, into, leaf_met, on
from xrlab.sim.penetration import follow
from xrlab.sim.world import World

__all__ = ["Hit", "trace"]


def trace(
    world: World, t: float, origin: Vec3, yaw: float, pitch: float, shooter: str = "", flight: Flying | None = None
) -> list[Hit]:
    """Everything that a shot from `origin` along `yaw` and `pitch` meets, fired at `t`, in order, to where it stops.

    flight: of a bullet; without one the line is straight, is there at once and loses nothing on its way.
    The shooter's own body is not met. Entry and exit are quantised to 0.01 mm.
    """
    if flight is not None:
        return follow(world, t, origin, yaw, pitch, shooter, flight)
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
        start = math.dist(origin, nearest.exit) + BEHIND
    return hits


def _surface(world: World, mesh: RayMesh, origin: Vec3, ray: Vec3, start: float) -> Hit | None:
    """The nearest fixed surface behind `start`; through a pane its exit is the pane's other side."""
    distance, triangle = mesh.closest(ahead(origin, ray, start), ray)
    if triangle < 0:
        return None
    entry = distance + start
    room = world.room
    material, name = room.material_of(triangle), room.surface_of(triangle)
    leaves: Vec3 | None = None
    if not material.shields:
        behind, other = mesh.closest(ahead(origin, ray, entry + BEHIND), ray)
        same = other >= 0 and room.surface_of(other) == name and behind < 0.5
        leaves = on(origin, ray, entry + BEHIND + behind if same else entry)
    return Hit("wall", name, material.name, on(origin, ray, entry), leaves, round(entry, 5))


def _leaves(world: World, t: float, origin: Vec3, ray: Vec3) -> list[Hit]:
    """Every door leaf that the line crosses, met as a box; a circle about its hinge tells first which may be."""
    (ox, oy, _), (dx, dy, _) = origin, ray
    flat = math.sqrt(dx * dx + dy * dy)
    hits = []
    for x, y, radius, name, ramp, door in world.leaves:
        if abs((x - ox) * dy - (y - oy) * dx) > radius * flat or (x - ox) * dx + (y - oy) * dy < -radius * flat:
            continue
        met = leaf_met(door, ramp.at(t), origin, ray)
        if met is not None:
            entry = met.entry or met.exit  # who stands in the leaf meets its inner side
            material = MATERIALS[door.material]
            out = None if material.shields else on(origin, ray, met.exit)
            hits.append(Hit("door", name, material.name, on(origin, ray, entry), out, round(entry, 5)))
    return hits


def _people(world: World, t: float, origin: Vec3, ray: Vec3, shooter: str, reach: float) -> Hit | None:
    """The nearest body on the line, within `reach`; the ray is brought into each body's own frame."""
    best: tuple[float, str, str] | None = None
    for actor in world.near_line(t, origin, ray, reach):
        if actor.name == shooter:
            continue
        stance = actor.track.at(t)
        met = body.first_zone(actor.bearing(t), *into(stance, origin, ray), reach)
        if met is not None:
            distance = round(met[0], 5)
            if distance <= reach and (best is None or distance < best[0]):
                best = (distance, actor.name, met[1])
    if best is None:
        return None
    distance, name, zone = best
    return Hit("person", name, "flesh", on(origin, ray, distance), None, distance, zone)


def _boards(world: World, t: float, origin: Vec3, ray: Vec3) -> list[Hit]:
    """Every board that the line crosses; edge-on ones can't be met."""
    out = []
    for board in world.boards.values():
        met = board_met(board, t, origin, ray)
        if met is not None:
            place, material = on(origin, ray, met.distance), MATERIALS[board.face.material]
            through = None if material.shields else place
            where = (board.name, material.name, place, through, round(met.distance, 5))
            out.append(Hit("target", *where, met.zone, met.local))
    return out
