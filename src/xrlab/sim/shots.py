"""What a shot meets, at the shot's own instant: walls, doors, boards and bodies, nearest first.

The line is straight and the bullet is there at once; what a material lets through is in
`xrlab.room.materials`. A body stops a bullet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xrlab.geometry import body
from xrlab.geometry.rays import RayMesh, capsule_distances
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


def trace(world: World, t: float, origin: Vec3, yaw: float, pitch: float, shooter: str = "") -> list[Hit]:
    """Everything that a shot from `origin` along `yaw` and `pitch` meets at `t`, in order, to where it stops.

    The shooter's own body is not met. Entry and exit are quantised to 0.01 mm.
    """
    ray = direction(yaw, pitch)
    things = [h for h in (_people(world, t, origin, ray, shooter), *_boards(world, t, origin, ray)) if h]
    things.sort(key=lambda h: (h.distance, h.what))
    hits: list[Hit] = []
    start = 0.0
    doors, names = world.door_mesh(t)
    while len(hits) < MAX_STRUCK:
        solid = _surface(world, world.room.solid, origin, ray, start)
        leaf = _leaf(world, doors, names, origin, ray, start)
        nearest = min((h for h in (solid, leaf) if h), key=lambda h: h.distance, default=None)
        while things and (nearest is None or things[0].distance <= nearest.distance):
            hit = things.pop(0)
            hits.append(hit)
            if hit.exit is None:
                return hits
        if nearest is None:
            return hits
        hits.append(nearest)
        if nearest.exit is None:
            return hits
        start = math.dist(origin, nearest.exit) + _BEHIND
    return hits


def _on(origin: Vec3, ray: Vec3, distance: float) -> Vec3:
    return quantise_place(o + r * distance for o, r in zip(origin, ray, strict=True))


def _surface(world: World, mesh: RayMesh, origin: Vec3, ray: Vec3, start: float) -> Hit | None:
    """The nearest fixed surface behind `start`; through a pane its exit is the pane's other side."""
    distance, triangle = mesh.closest(_ahead(origin, ray, start), ray)
    if triangle < 0:
        return None
    entry = distance + start
    room = world.room
    material, name = room.material_of(triangle), room.surface_of(triangle)
    leaves: Vec3 | None = None
    if not material.stops_bullets:
        behind, other = mesh.closest(_ahead(origin, ray, entry + _BEHIND), ray)
        same = other >= 0 and room.surface_of(other) == name and behind < 0.5
        leaves = _on(origin, ray, entry + _BEHIND + behind if same else entry)
    return Hit("wall", name, material.name, _on(origin, ray, entry), leaves, round(entry, 5))


def _ahead(origin: Vec3, ray: Vec3, by: float) -> Vec3:
    if by == 0.0:
        return origin
    return (origin[0] + ray[0] * by, origin[1] + ray[1] * by, origin[2] + ray[2] * by)


def _leaf(world: World, mesh: RayMesh, names: tuple[str, ...], origin: Vec3, ray: Vec3, start: float) -> Hit | None:
    """The nearest door leaf behind `start`."""
    if not names:
        return None
    distance, triangle = mesh.closest(_ahead(origin, ray, start), ray)
    if triangle < 0:
        return None
    name = names[triangle // 12]
    material = MATERIALS[world.room.doors[name].material]
    entry = distance + start
    leaves = None
    if not material.stops_bullets:
        behind, _ = mesh.closest(_ahead(origin, ray, entry + _BEHIND), ray)
        leaves = _on(origin, ray, entry + _BEHIND + min(behind, 0.1))
    return Hit("door", name, material.name, _on(origin, ray, entry), leaves, round(entry, 5))


def _people(world: World, t: float, origin: Vec3, ray: Vec3, shooter: str) -> Hit | None:
    """The nearest body on the line. A sphere about each body tells first which may be met at all."""
    if not world.actors:
        return None
    o, d = np.array(origin), np.array(ray)
    to = world.positions(t) - o
    to[:, 2] += body.BOUND_CENTRE[2]
    along = to @ d
    near = np.einsum("ij,ij->i", to, to) - along * along < body.BOUND_RADIUS**2
    near &= along > -body.BOUND_RADIUS
    best: tuple[float, str, str] | None = None
    actors = list(world.actors.values())
    for index in np.flatnonzero(near):
        actor = actors[index]
        if actor.name == shooter:
            continue
        placed = body.capsules(actor.joints(t))
        distances = np.round(capsule_distances(o, d, placed.a, placed.b, placed.radii), 5)
        first = int(np.argmin(distances))
        if math.isfinite(distances[first]) and (best is None or distances[first] < best[0]):
            best = (float(distances[first]), actor.name, placed.zones[first])
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
        through = None if MATERIALS[board.face.material].stops_bullets else place
        out.append(Hit("target", board.name, board.face.material, place, through, round(distance, 5), zone, (u, v)))
    return out
