"""What the author of a room should look at: wrong units or up axis, holes, inside-out surfaces, things in the air.

Every check gives lines for people: what is wrong, where, and what mends it. None of them stops a room from being
used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.floor.sheet import TIGHT_M
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Door, Room
from xrlab.room.zones import Zone

NARROW_DOOR_M = 0.6
FAR_M = 1000.0
LARGE_M, LOW_M = 200.0, 1.5
"""A room longer than this, or lower than that, is not in metres."""
FLOATS_M = 0.06
"""What has nothing within this distance floats."""

OFF_FLOOR_M = 0.12
"""Who starts farther than this from the floor stands visibly in it or over it."""

OPEN_SHARE = 0.12
"""Who sees so much of the outside stands on a stage or in a yard, which is meant to be open."""

_SWEEP = np.linspace(0.0, 1.0, 25)
_SWEEP_HEIGHTS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 1.5, 1.8)
_FROM_HINGE_M = 0.12
_EYES = 60
_LOOKS = 600
_MOST_TRIANGLES = 600_000
_SHOWN = 5
_SMALL_M = 0.12
_ANCHOR_M = 2.5
_UNITS = ((0.001, "millimetres"), (0.01, "centimetres"), (0.0254, "inches"), (0.3048, "feet"), (1000.0, "kilometres"))


def warnings_of(room: Room) -> list[str]:
    """All that its author should look at, what its reader remarked first; one line each."""
    out = list(room.remarks)
    if not any(len(s.faces) for s in room.surfaces):
        return [*out, "holds no surfaces: nothing stops a bullet or a step"]
    units = wrong_units(room)
    if units:
        return [*out, units]
    lies = [] if any("is z up?" in r for r in out) else list(_lies_on_its_side(room))
    if lies or any("is z up?" in r for r in out):  # what is measured of floors and walls makes no sense then
        return [*out, *lies]
    for check in _CHECKS:
        out += check(room)
    return out


def wrong_units(room: Room) -> str | None:
    """Says so if the room can't be in metres; nothing else that is measured then makes sense."""
    low, high = room.bounds
    size = high - low
    if max(size) <= LARGE_M and size[2] >= LOW_M:
        return None
    shown = " x ".join(f"{v:,.4g}" for v in size)
    height = float(size[2])
    fits = next(((s, unit) for s, unit in _UNITS if 2.0 <= height * s <= 6.0 and max(size) * s <= LARGE_M), None)
    hint = (
        f"; in {fits[1]} it would be {height * fits[0]:.2f} m high: mesh.scale: {fits[0]:g} in a layout" if fits else ""
    )
    return f"is {shown} in size; is it in metres, and is z up? A layout's mesh.scale and mesh.up mend that{hint}"


def _lies_on_its_side(room: Room) -> Iterator[str]:
    """Rooms are wider than high, and their floors and ceilings are level."""
    low, high = room.bounds
    size = high - low
    tri = np.concatenate([s.vertices[s.faces] for s in room.surfaces])
    normal = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0])
    area = np.sqrt(np.einsum("ij,ij->i", normal, normal))
    level = [float(area[np.abs(normal[:, k]) > 0.95 * area].sum()) for k in (1, 2)]
    if size[2] > 1.2 * size[1] and level[0] > 1.5 * level[1]:
        shown = " x ".join(f"{v:.1f}" for v in size)
        yield (
            f"is {shown} in size, and most of what should be floor and ceiling stands upright; is z up? "
            "A layout's mesh.up mends that (glTF is y up if it says nothing, all else z)"
        )


def _lies_far_off(room: Room) -> Iterator[str]:
    low, high = room.bounds
    if max(np.abs(low).max(), np.abs(high).max()) > FAR_M:
        at = f"{low[0]:.0f}, {low[1]:.0f}"
        yield f"lies at {at}; a layout's mesh.at brings it near 0, 0, where points are short"


def _doors(room: Room) -> Iterator[str]:
    for door in room.doors.values():
        if door.width < NARROW_DOOR_M and not door.sill:
            yield f"door '{door.name}' is {door.width:.2f} m wide; a person needs {NARROW_DOOR_M} m"
        blocked = swing_blocked(room, door)
        if blocked:
            angle, by = blocked
            yield f"door '{door.name}' opens only {math.degrees(angle):.0f}°, then it meets {by}"


def _out_of_reach(room: Room) -> Iterator[str]:
    """Points and zones that can't be walked to from the floor that most of them lie on."""
    walkable = room.walkable
    if walkable.area < 1.0:
        yield f"has no floor that a person can stand on at {room.floor:g} m{_another_floor(room)}"
        return
    places: list[tuple[str, Vec3]] = [(f"point '{p.name}'", p.position) for p in room.points.values()]
    for name, at in places:
        if walkable.clearance(*at) < TIGHT_M:
            yield f"{name} has no floor under it, or lies in a wall or a piece of furniture"
    places = [p for p in places if walkable.clearance(*p[1]) >= TIGHT_M]
    places += [(f"zone '{z.name}'", _place_in(room, z)) for z in room.zones.values()]
    for name, (x, y, z) in places:
        floor = walkable.height(x, y, z)
        if abs(floor - z) > OFF_FLOOR_M:
            side = "under" if floor > z else "over"
            yield f"{name} lies {abs(floor - z):.2f} m {side} the floor there; floor_m: {floor:.2f} mends that"
    groups: list[list[tuple[str, Vec3]]] = []
    for place in places:
        home = next((g for g in groups if walkable.reachable(g[0][1], place[1])), None)
        if home is None:
            groups.append([place])
        else:
            home.append(place)
    main = max(groups, key=len, default=[])
    for group in groups:
        for name, _ in group if group is not main else ():
            yield f"{name} cannot be reached on foot from {main[0][0]}"
    if not any(door.width < NARROW_DOOR_M and not door.sill for door in room.doors.values()):  # which is told already
        for name, at in main[1:]:
            if walkable.squeezes(main[0][1], at):
                yield f"{name} is reached from {main[0][0]} only through a gap of less than {NARROW_DOOR_M} m"


def _another_floor(room: Room) -> str:
    """Where, in the lower half, most of what is level and looks up lies, in words; "" if that is the room's floor."""
    tri = np.concatenate([s.vertices[s.faces] for s in room.surfaces])
    normal = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0])
    twice = np.sqrt(np.einsum("ij,ij->i", normal, normal))
    level = normal[:, 2] > 0.98 * twice
    level &= tri[:, :, 2].mean(axis=1) <= float(np.mean([b[2] for b in room.bounds]))  # roofs look up as well
    if not level.any():
        return ""
    heights, which = np.unique(np.round(tri[level, :, 2].mean(axis=1), 2), return_inverse=True)
    most = float(heights[int(np.argmax(np.bincount(which, weights=twice[level])))])
    if abs(most - room.floor) < OFF_FLOOR_M:
        return ""
    return f"; most of what is level lies at {most:g} m: floor_m: {most:g} in a layout"


def _place_in(room: Room, zone: Zone) -> Vec3:
    """The place of a zone nearest to its middle where a person fits; its middle if nobody fits anywhere."""
    x, y = zone.inner_point
    if room.walkable.stands(x, y, zone.floor):
        return x, y, zone.floor
    low, high = zone.polygon.min(axis=0), zone.polygon.max(axis=0)
    flat = np.column_stack([g.ravel() for g in np.meshgrid(*(np.linspace(low[k], high[k], 40) for k in (0, 1)))])
    flat = flat[zone.contains(flat)]
    flat = flat[np.argsort(np.hypot(flat[:, 0] - x, flat[:, 1] - y), kind="stable")]
    for px, py in flat.tolist():
        if room.walkable.stands(px, py, zone.floor):
            return px, py, zone.floor
    return x, y, zone.floor


def _dark(room: Room) -> Iterator[str]:
    if not room.lights:
        yield "has no lamps; it is drawn in even light"


# --- looking round from where people stand -------------------------------------------------------------


def _eyes(room: Room) -> Array:
    """Places (n, 3) at eye height under a roof, spread over all that can be walked on."""
    eyes = []
    for sheet in room.walkable.sheets:
        cells = np.argwhere(sheet.easy)
        cells = cells[np.unique(np.linspace(0, len(cells) - 1, 4 * _EYES).astype(np.int64))] if len(cells) else cells
        flat = np.array(sheet.corner) + (cells + 0.5) * sheet.step
        eyes.append(np.column_stack((flat, sheet.found[cells[:, 0], cells[:, 1]] + 1.5)))
    at = np.concatenate(eyes)
    if not len(at):
        return at
    above, _ = room.solid.closest_many(at, np.broadcast_to(np.array([0.0, 0.0, 1.0]), at.shape))
    at = at[np.isfinite(above)]
    return at[np.unique(np.linspace(0, len(at) - 1, _EYES).astype(np.int64))] if len(at) else at


def _sphere(n: int) -> Array:
    """n directions (n, 3), evenly spread: the spiral of the golden angle."""
    z = 1 - (2 * np.arange(n) + 1) / n
    turn = np.arange(n) * math.pi * (3 - math.sqrt(5))
    r = np.sqrt(1 - z * z)
    return np.column_stack((r * np.cos(turn), r * np.sin(turn), z))


def _holes(room: Room) -> Iterator[str]:
    """Places through which one looks out of a mesh; a layout's walls have none but those it asks for."""
    if room.source.lower().endswith((".yaml", ".yml")) and len(room.files) <= 1:
        return
    eyes = _eyes(room)
    if not len(eyes):
        return
    look = _sphere(_LOOKS)
    starts, ways = np.repeat(eyes, len(look), axis=0), np.tile(look, (len(eyes), 1))
    distance, _ = room.solid.closest_many(starts, ways)
    out = ~np.isfinite(distance)
    out[out] = ~_through_doors(room, starts[out], ways[out])
    share = float(out.mean())
    if share > OPEN_SHARE or not out.any():  # a yard or a stage is meant to be open
        return
    spots: list[Array] = []
    for eye in range(len(eyes)):
        mine = slice(eye * len(look), (eye + 1) * len(look))
        for k in np.flatnonzero(out[mine]):
            beside = np.where(np.isfinite(distance[mine]), look @ look[k], -1.0)
            spots.append(eyes[eye] + look[k] * distance[mine][int(np.argmax(beside))])
    found = [middle for middle, count in _gathered(np.array(spots), 0.8) if count >= 3]
    if found:
        shown = ", ".join(f"[{x:.1f}, {y:.1f}, {z:.1f}]" for x, y, z in found[:_SHOWN])
        more = " …" if len(found) > _SHOWN else ""
        yield (
            f"one looks out of the building through a hole near {shown}{more}; close it, or give it a pane of glass "
            "or a door"
        )


def _through_doors(room: Room, starts: Array, ways: Array) -> NDArray[np.bool_]:
    """Which rays (n, 3) go through the doorway of some door."""
    met = np.zeros(len(starts), bool)
    for door in room.doors.values():
        corners = []
        for along, up in ((-0.15, -0.05), (door.width + 0.15, -0.05), (door.width + 0.15, door.height + 0.15),
                          (-0.15, door.height + 0.15)):  # fmt: skip
            x = door.hinge[0] + math.cos(door.closed_yaw) * along
            y = door.hinge[1] + math.sin(door.closed_yaw) * along
            corners.append((x, y, door.hinge[2] + up))
        leaf = RayMesh(np.array(corners), np.array([[0, 1, 2], [0, 2, 3]]))
        met |= np.isfinite(leaf.closest_many(starts, ways)[0])
    return met


def _gathered(spots: Array, within: float) -> list[tuple[Array, int]]:
    """Middles of groups of places and how many each holds, the largest first."""
    left = spots
    out: list[tuple[Array, int]] = []
    while len(left):
        near = np.linalg.norm(left - left[0], axis=1) < within
        near = np.linalg.norm(left - left[near].mean(axis=0), axis=1) < within
        near[0] = True
        out.append((left[near].mean(axis=0), int(near.sum())))
        left = left[~near]
    return sorted(out, key=lambda group: -group[1])


def _inside_out(room: Room) -> Iterator[str]:
    """Surfaces that people see from behind: their triangles are wound the wrong way round."""
    eyes = _eyes(room)
    if not len(eyes):
        return
    look = _sphere(_LOOKS)
    starts, ways = np.repeat(eyes, len(look), axis=0), np.tile(look, (len(eyes), 1))
    _, triangle = room.solid.closest_many(starts, ways)
    hit = triangle >= 0
    triangle, ways = triangle[hit], ways[hit]
    back = np.einsum("ij,ij->i", room.solid.normals[triangle], ways) > 0
    owner = np.repeat(np.arange(len(room.surfaces)), [len(s.faces) for s in room.surfaces])[triangle]
    seen = np.bincount(owner, minlength=len(room.surfaces))
    behind = np.bincount(owner, weights=back, minlength=len(room.surfaces))
    wrong = [
        k
        for k in np.flatnonzero((seen >= 20) & (behind > 0.9 * seen))
        if MATERIALS[room.surfaces[k].material].blocks_sight
    ]
    if not wrong:
        return
    names = ", ".join(f"'{room.surfaces[k].name}'" for k in wrong[:_SHOWN]) + (" …" if len(wrong) > _SHOWN else "")
    be = "are" if len(wrong) > 1 else "is"
    yield f"{names} {be} inside out (seen from behind): flip the normals where the file was made"


# --- things that hang in the air -----------------------------------------------------------------------


def _floating(room: Room) -> Iterator[str]:
    """Pieces that touch nothing: furniture that doesn't stand on the floor, lamps without a cord."""
    tri = np.concatenate([s.vertices[s.faces] for s in room.surfaces])
    if len(tri) > _MOST_TRIANGLES:
        return
    piece = _pieces(tri)
    count = int(piece.max()) + 1
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, piece, tri.min(axis=1))
    np.maximum.at(high, piece, tri.max(axis=1))
    size = (high - low).max(axis=1)
    held = _holding(tri, piece, low, high)
    names = np.repeat(np.arange(len(room.surfaces)), [len(s.faces) for s in room.surfaces])
    name_of = np.zeros(count, np.int64)
    name_of[piece[::-1]] = names[::-1]
    anchored = np.unique(held[size >= _ANCHOR_M])
    groups = [g for g in np.unique(held) if g not in set(anchored.tolist())]
    found = []
    for group in groups:
        mine = np.flatnonzero(held == group)
        span = high[mine].max(axis=0) - low[mine].min(axis=0)
        if span.max() >= _SMALL_M and len(groups) < count:
            found.append((float(span.max()), mine, low[mine].min(axis=0), high[mine].max(axis=0)))
    found.sort(key=lambda f: -f[0])
    for _, mine, a, b in found[:_SHOWN]:
        x, y = (a[:2] + b[:2]) / 2
        name = room.surfaces[int(name_of[mine[0]])].name
        yield f"'{name}' hangs in the air at [{x:.2f}, {y:.2f}], {a[2]:.2f} m up, and touches nothing; set it down"
    if len(found) > _SHOWN:
        yield f"{len(found) - _SHOWN} more pieces hang in the air and touch nothing"


def _pieces(tri: Array) -> NDArray[np.int64]:
    """For triangles (n, 3, 3): the number of the connected piece that each belongs to, by corners within 1 mm."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    _, corner = np.unique(np.round(tri.reshape(-1, 3), 3), axis=0, return_inverse=True)
    corner = corner.reshape(-1, 3)
    n = int(corner.max()) + 1
    a, b = corner[:, [0, 1]].ravel(), corner[:, [1, 2]].ravel()
    label = connected_components(coo_matrix((np.ones(len(a), bool), (a, b)), shape=(n, n)), directed=False)[1]
    return np.asarray(np.unique(label[corner[:, 0]], return_inverse=True)[1], np.int64)


def _holding(tri: Array, piece: NDArray[np.int64], low: Array, high: Array) -> NDArray[np.int64]:
    """For each piece the number of the group of pieces that it touches, over others too.

    Each piece feels from the middles and corners of its outermost triangles, in six directions, whether another
    piece is within `FLOATS_M`.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    # small pieces a millimetre smaller: then what lies on something has its own surface, and only then the other's
    small = ((high - low).max(axis=1) < _ANCHOR_M)[piece]
    towards = np.sign(tri - ((low + high) / 2)[piece][:, None])
    towards += ((high - low)[piece] < 0.003)[:, None] * np.array([-1.0, -1.0, -1.0])
    mesh = tri - towards * np.where(small, 0.001, 0.0)[:, None, None]
    near = RayMesh(mesh.reshape(-1, 3), np.arange(3 * len(mesh)).reshape(-1, 3))
    starts, ways, owner = [], [], []
    middles = tri.mean(axis=1, keepdims=True)
    spots = np.concatenate((tri + (middles - tri) * 0.1, middles), axis=1)
    for axis in range(3):
        for side, edge in ((-1.0, low), (1.0, high)):
            outer = np.abs(spots[..., axis] - edge[piece, axis][:, None]) < 0.02
            index, corner = np.nonzero(outer)
            order = np.argsort(piece[index], kind="stable")
            index, corner = index[order], corner[order]
            first = np.searchsorted(piece[index], piece[index])
            few = np.arange(len(index)) - first < 40
            index, corner = index[few], corner[few]
            way = np.zeros((len(index), 3))
            way[:, axis] = side
            starts.append(spots[index, corner])
            ways.append(way)
            owner.append(piece[index])
    at, way, mine = np.concatenate(starts), np.concatenate(ways), np.concatenate(owner)
    links: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    begin = at - way * 0.025
    reached = np.zeros(len(at))
    for _ in range(4):  # a ray may first meet its own piece
        distance, triangle = near.closest_many(begin, way)
        reached = reached + distance
        met = reached < FLOATS_M + 0.025
        other = piece[np.maximum(triangle, 0)]
        links.append((mine[met & (other != mine)], other[met & (other != mine)]))
        on = met & (other == mine)
        if not on.any():
            break
        begin, way, mine, reached = (
            begin[on] + way[on] * (distance[on, None] + 1e-4),
            way[on],
            mine[on],
            reached[on] + 1e-4,
        )
    a, b = (np.concatenate(x) for x in zip(*links, strict=True))
    n = len(low)
    return np.asarray(
        connected_components(coo_matrix((np.ones(len(a), bool), (a, b)), shape=(n, n)), directed=False)[1], np.int64
    )


def swing_blocked(room: Room, door: Door) -> tuple[float, str] | None:
    """How far a door's leaf turns (rad) before it meets what stands still, and its name; None if it opens fully."""
    heights = np.array([h for h in _SWEEP_HEIGHTS if h < door.height])
    angle = np.repeat(door.closed_yaw + door.swing * _SWEEP, len(heights))
    way = np.column_stack((np.cos(angle), np.sin(angle), np.zeros(len(angle))))
    starts = np.array(door.hinge) + way * _FROM_HINGE_M
    starts[:, 2] += np.tile(heights, len(_SWEEP))
    distance, triangle = room.solid.closest_many(starts, way)
    met = np.flatnonzero(distance < door.width - _FROM_HINGE_M - 0.01)
    if not len(met):
        return None
    first = int(met[0])
    return abs(door.swing) * float(_SWEEP[first // len(heights)]), room.surface_of(int(triangle[first]))


_CHECKS: tuple[Callable[[Room], Iterator[str]], ...] = (
    _lies_far_off, _holes, _inside_out, _floating, _doors, _out_of_reach, _dark,
)  # fmt: skip
