"""From poses to what the device draws: who and what moves, as instances of solids on bones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
from xrlab.render import bursts, fittings, people, targets
from xrlab.render.scene import Frame, InHand, PersonPose, Things
from xrlab.render.shapes3d import Solid
from xrlab.render.visibility import Seen, in_view
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Room

INSTANCE = np.dtype([("palette", "<u4", 4), ("more", "<u4", 4)])
"""Four colours of 8 bits a channel; first bone, probe, finish (two parts of 16 bits), glow (bits of a float)."""

LAMP_GLOW = 7.0
"""Of a lit lamp, where 1 is white on the screen before the filmic curve."""

PERSON_GLOW = 0.8
"""Of what glows on a person: screens and lenses."""

_PERSON_REACH_M = 1.45
"""How far a person and what they hold reach from the chest, also lying."""

_HOUSING = (0.85, 0.0)  # roughness and metallic of a lamp's housing


@dataclass(frozen=True)
class Cast:
    """Instances (n,) of `INSTANCE`, the solid of each, in parts, and their bones (b, 3, 4): matrices to the world.

    A rigid thing has one bone; a person has as many as their solid asks for. middles (n, 3), reach (n,): spheres (m)
    that hold each.
    """

    solids: tuple[Sequence[Solid], ...]
    instances: NDArray[Any]
    bones: NDArray[np.float32]
    middles: Array
    reach: Array

    def in_sight(self, view: Array, seen: Seen | None) -> NDArray[np.bool_]:
        """Which instances reach into a view (4, 4), projection times view, and are not hidden behind walls."""
        low, high = self.middles - self.reach[:, None], self.middles + self.reach[:, None]
        out = in_view(low, high, view)
        if seen is not None:
            some = np.flatnonzero(out)
            out[some] = seen.shows(low[some], high[some])
        return out


@dataclass(frozen=True)
class Lighting:
    """Where the light is asked for that a cast names by number: places (p, 3), and how far surfaces are from each."""

    places: Array
    apart: Array


def rigid(
    solids: Sequence[Solid],
    matrices: Array,
    palettes: NDArray[np.uint32],
    probes: NDArray[Any],
    finish: NDArray[Any] | int,
    glow: Array | float,
) -> Cast:
    """Things with one bone each: matrices (n, 4, 4), palettes (n, 4), probes, finish and glow (n,) or one for all."""
    instances = np.zeros(len(solids), INSTANCE)
    instances["palette"] = palettes
    more = instances["more"]
    more[:, 0] = np.arange(len(solids), dtype=np.uint32)
    more[:, 1] = probes
    more[:, 2] = finish
    more[:, 3] = np.asarray(glow, np.float32).view(np.uint32)
    scale = np.sqrt((matrices[:, :3, :3] ** 2).sum(axis=1).max(axis=1, initial=0.0))
    reach = _radii(solids) * scale
    return Cast((solids,), instances, np.ascontiguousarray(matrices[:, :3], np.float32), matrices[:, :3, 3], reach)


def _radii(solids: Sequence[Solid]) -> Array:
    if not isinstance(solids, tuple):
        return np.array([solid.radius for solid in solids], float)
    known = _RADII.get(id(solids))
    if known is None or known[0] is not solids:
        if len(_RADII) > 64:
            _RADII.clear()
        known = _RADII[id(solids)] = (solids, np.array([solid.radius for solid in solids], float))
    return known[1]


_RADII: dict[int, tuple[tuple[Solid, ...], Array]] = {}


def joined(*casts: Cast) -> Cast:
    """Several casts as one."""
    solids: tuple[Sequence[Solid], ...] = ()
    records, start = [], 0
    for cast in casts:
        part = cast.instances.copy()
        part["more"][:, 0] += np.uint32(start)
        solids += cast.solids
        records.append(part)
        start += len(cast.bones)
    return Cast(
        solids, np.concatenate(records), np.concatenate([cast.bones for cast in casts]),
        np.concatenate([cast.middles for cast in casts]), np.concatenate([cast.reach for cast in casts]),
    )  # fmt: skip


def assemble(frame: Frame, room: Room, shown: Sequence[PersonPose], joints: Array) -> tuple[Cast, Lighting]:
    """All that moves in a frame, and where its light is asked for.

    shown: the people who are drawn or throw shadows, with their `joints` (n, 16, 3); they come first among the places,
    then the boards.
    """
    placed = people.build(shown, frame.camera, joints)
    count = len(shown)
    chests = joints[:, body.JOINT["chest"]]
    casts = [_people(placed, placed.owners, chests[placed.owners])]
    places = [chests]
    apart = [np.full(count, 0.28)]
    rest = [_targets(frame), _fittings(frame, room)]
    if frame.things is not None:
        rest.append(_things(frame.things))
    for cast, lighting in rest:
        cast.instances["more"][:, 1] += np.uint32(count)
        count += len(lighting.places)
        casts.append(cast)
        places.append(lighting.places)
        apart.append(lighting.apart)
    return joined(*casts), Lighting(np.concatenate(places), np.concatenate(apart))


def in_hand(held: InHand, frame: Frame, probe: int) -> Cast:
    """The camera's own hands and what they hold, lit by the light of `probe`."""
    placed = people.in_hand(held, frame.camera)
    return _people(placed, np.array(probe), np.zeros((len(placed.solids), 3)))


def _people(placed: people.Placed, probes: NDArray[Any], middles: Array) -> Cast:
    instances = np.zeros(len(placed.solids), INSTANCE)
    instances["palette"] = np.array([_palette(c) for c in placed.colours], np.uint32).reshape(-1, 4)
    more = instances["more"]
    more[:, 0], more[:, 1] = placed.first, probes
    more[:, 2] = [packed_finish(*finish) for finish in placed.finish]
    more[:, 3] = np.float32(PERSON_GLOW).view(np.uint32)
    return Cast((placed.solids,), instances, placed.bones, middles, np.full(len(instances), _PERSON_REACH_M))


def _fittings(frame: Frame, room: Room) -> tuple[Cast, Lighting]:
    solids: list[Solid] = []
    matrices: list[Array] = []
    colours: list[int] = []
    finish: list[int] = []
    glow: list[float] = []
    places: list[Any] = []
    apart: list[float] = []
    for name, door in room.doors.items():
        opened = min(1.0, max(0.0, float(frame.doors.get(name, door.begins_open))))
        matrix = fittings.leaf_matrix(door, opened)
        material = MATERIALS.get(door.material)
        clear = material is not None and not material.blocks_sight
        make = fittings.casement if clear else fittings.leaf
        solids.append(make(door.width, door.height, door.thickness))
        matrices.append(matrix)
        colours.append(packed_colour("#" + "".join(f"{round(255 * c):02x}" for c in door.color[:3])))
        finish.append(packed_finish(material.roughness, material.metallic) if material else packed_finish(0.6, 0.0))
        glow.append(0.0)
        places.append((matrix @ (door.width / 2, 0.0, door.height * 0.55, 1.0))[:3])
        apart.append(0.35)
    for light in room.lights:
        solids.append(fittings.lamp(light))
        matrices.append(fittings.lamp_matrix(light))
        colours.append(0)
        finish.append(packed_finish(*_HOUSING))
        glow.append(LAMP_GLOW * float(frame.lights.get(light.group, 1.0)))
        places.append(np.array(light.position) - (0.0, 0.0, 0.2))
        apart.append(0.05)
    palettes = np.repeat(np.array(colours, np.uint32)[:, None], 4, axis=1)
    cast = rigid(
        solids, np.array(matrices).reshape(-1, 4, 4), palettes, np.arange(len(solids)),
        np.array(finish, np.uint32), np.array(glow, np.float32),
    )  # fmt: skip
    return cast, Lighting(np.array(places, float).reshape(-1, 3), np.array(apart, float))


def _targets(frame: Frame) -> tuple[Cast, Lighting]:
    """Boards with what carries them, lit as the board is, and the cases of shots in the air."""
    solids: list[Solid] = []
    matrices: list[Array] = []
    probes: list[int] = []
    finish: list[int] = []
    for number, pose in enumerate(frame.boards):
        parts = [(targets.board(pose.face), pose.matrix)]
        parts += targets.carriers(pose.mount) if pose.mount is not None else ()
        solids += [solid for solid, _ in parts]
        matrices += [matrix for _, matrix in parts]
        probes += [number] * len(parts)
        finish.append(packed_finish(0.8 - 0.4 * pose.face.metallic, pose.face.metallic))
        finish += [packed_finish(0.5, 0.4)] * (len(parts) - 1)
    places = [pose.matrix[:3, 3] for pose in frame.boards]
    for flash in frame.flashes:
        flying = bursts.case(flash)
        if flying is not None:
            solids.append(targets.case())
            matrices.append(targets.along(*flying))
            probes.append(len(places))
            finish.append(packed_finish(0.3, 0.9))
            places.append(np.array(flash.position))
    count = len(solids)
    cast = rigid(
        solids, np.array(matrices).reshape(-1, 4, 4), np.zeros((count, 4), np.uint32), np.array(probes, np.uint32),
        np.array(finish, np.uint32), np.zeros(count, np.float32),
    )  # fmt: skip
    apart = [0.31] * len(frame.boards) + [0.05] * (len(places) - len(frame.boards))
    return cast, Lighting(np.array(places, float).reshape(-1, 3), np.array(apart, float))


def _things(things: Things) -> tuple[Cast, Lighting]:
    count = len(things.solids)
    cast = rigid(
        things.solids, things.matrices, things.colours, np.arange(count),
        packed_finish(things.roughness, things.metallic), 0.0,
    )  # fmt: skip
    return cast, Lighting(things.matrices[:, :3, 3], np.full(count, 0.15))


@lru_cache(maxsize=1024)
def _palette(colours: people.Colours) -> tuple[int, int, int, int]:
    a, b, c, d = (packed_colour(colour) for colour in colours)
    return a, b, c, d


@lru_cache(maxsize=4096)
def packed_colour(text: str) -> int:
    """ "#rrggbb" as the shader's unpackUnorm4x8 reads it."""
    red, green, blue = (int(text[i : i + 2], 16) for i in (1, 3, 5))
    return red | green << 8 | blue << 16 | 255 << 24


@lru_cache(maxsize=256)
def packed_finish(roughness: float, metallic: float) -> int:
    """Two numbers 0..1 as the shader's unpackUnorm2x16 reads them."""
    return round(roughness * 65535) | round(metallic * 65535) << 16
