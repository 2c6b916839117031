"""What sounds arrive where, and how loud: each sound is worked out once, for as all was when it was made, for all who
could hear it; when somebody asks for it (`sim.noises`).

A sound has a level at 1 m (dB). It arrives weaker by 20 log10 of the distance in metres, and either straight through
what lies between, or round through the doorways, whichever is louder:

- Straight, each wall and leaf takes what its material takes (`Material.muffles_db`), but all together no more than
  60 dB: sound goes round a wall through floors and ducts.
- Round, the way is the shortest over the floor; an open doorway takes 5 dB, a shut one what its leaf takes besides.

It is noticed above 32 dB, and words are understood above 42 dB: a quiet house has some 30 dB, and speech must stand out
of it by about 10 dB. Whoever hears worse (`hears` of a role player) needs up to 50 dB more, and at 0 hears nothing.

Sources. Levels of voices at 1 m: ANSI S3.5-1997, overall levels of normal, loud and shouted speech (62, 75, 82 dB); a
whisper is taken as 45 dB. Shots: 9 mm 160 dB and .223 156 dB peak, measured by W. Kramer at the shooter (Hearing
Instruments Association). Walls and doors: sound transmission classes of HUD's Noise Guidebook, chapter 4 supplement.
Doors, falls and blows, less-lethal means, open doorways and thresholds are stated here, not measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.materials import MATERIALS
from xrlab.sim.noises import Noises
from xrlab.sim.world import Actor, Heard, World

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

LEVELS_DB = {"shot": 155.0, "door": 65.0, "thud": 65.0, "crackle": 80.0, "hiss": 65.0}
"""How loud sounds that people make are at 1 m."""

VOICES_DB = {"whispered": 45.0, "said": 62.0, "called": 75.0, "shouted": 82.0}
"""How loud voices are at 1 m."""

NOTICED_DB, UNDERSTOOD_DB = 32.0, 42.0
DEAF_DB = 50.0
DOORWAY_DB = 5.0
STRUCTURE_DB = 60.0
_SHUT = 0.15
"""A leaf that is open less than this share muffles as if it were shut."""
_TOLL_M = 10.0
"""A way round through open doors is taken if it is no longer than so many metres more than one through a shut door."""
_SURFACES = 40
"""So many surfaces are looked at on a straight line; together they take all that can be taken."""


class _Ears(NamedTuple):
    """Those who may hear a sound, as they are when it is made: eyes (n, 3), near which the ears are, and feet.

    shut: (doors,) which muffle as shut doors do.
    """

    actors: Sequence[Actor]
    eyes: Array
    feet: list[Vec3]
    shut: NDArray[np.bool_]


def sound(engine: Engine, kind: str, where: Vec3, who: str | None = None, db: float | None = None) -> None:
    """A sound is made at `where`: whoever notices it will know. To be called after the event that tells of it.

    kind: a name that `heard(...)` may ask for; a "shout" is a "voice" too. who: who makes it, who does not hear it. db:
    its level at 1 m; of the kind if left out.
    """
    level = LEVELS_DB[kind] if db is None else db
    world, t, number = engine.world, engine.now, engine.ledger.number
    ears = _ears(world, t, _others(engine, who))

    def reckon() -> None:
        levels = zip(ears.actors, _levels(world, where, level, ears), strict=True)
        _note(engine.noises, kind, who, levels, t, number, where)

    engine.noises.made(kind, reckon)


def reaching(engine: Engine, where: Vec3, db: float, who: str | None) -> list[tuple[Actor, float]]:
    """All but who makes a sound, each with the level (dB) at which it arrives."""
    others = _others(engine, who)
    return list(zip(others, arriving(engine.world, engine.now, where, db, others), strict=True))


def _others(engine: Engine, who: str | None) -> list[Actor]:
    return [a for a in engine.world.actors.values() if a.name != who]


def note(engine: Engine, kind: str, where: Vec3, who: str | None, levels: Iterable[tuple[Actor, float]]) -> None:
    """Those who notice a sound that arrives at these levels remember it.

    Conditions are asked for it because of the event that told of it: `knowledge.WAITS_FOR["heard"]` names those.
    """
    engine.noises.settle(kind)  # what came before is not to be taken for the last
    _note(engine.noises, kind, who, levels, engine.now, engine.ledger.number, where)


def _note(
    noises: Noises, kind: str, who: str | None, levels: Iterable[tuple[Actor, float]], t: float, number: int, at: Vec3
) -> None:
    for actor, level in levels:
        if hears(actor, level):
            noises.note(actor.name, kind, who or "", Heard(t, number, level, at))


def hears(actor: Actor, db: float, least: float = NOTICED_DB) -> bool:
    """Whether somebody hears what arrives at this level, where `least` dB are needed by who hears well."""
    return actor.hears > 0.0 and db >= least + (1.0 - actor.hears) * DEAF_DB


def arriving(world: World, t: float, where: Vec3, db: float, listeners: Sequence[Actor]) -> list[float]:
    """The level (dB) at which a sound of `db` at 1 m arrives at each of these, to a tenth."""
    return _levels(world, where, db, _ears(world, t, listeners))


def _ears(world: World, t: float, listeners: Sequence[Actor]) -> _Ears:
    shut = np.array([ramp.at(t) < _SHUT for ramp in world.doors.values()], bool)
    stances = [a.track.at(t) for a in listeners]
    eyes = np.array([a.eye_of(s) for a, s in zip(listeners, stances, strict=True)]).reshape(-1, 3)
    return _Ears(listeners, eyes, [s.position for s in stances], shut)


def _levels(world: World, where: Vec3, db: float, ears: _Ears) -> list[float]:
    """The level (dB) of a sound at each of these ears, to a tenth."""
    if not ears.actors:
        return []
    away = np.maximum(np.sqrt(((ears.eyes - where) ** 2).sum(axis=1)), 1.0)
    free = db - 20.0 * np.log10(away)
    out = free - STRUCTURE_DB
    near = np.flatnonzero((free >= NOTICED_DB) & (out < NOTICED_DB))  # whom it concerns what lies between
    if len(near):
        taken = _taken(world, where, ears.eyes[near], ears.shut)
        straight = free[near] - np.minimum(taken, STRUCTURE_DB)
        walled = np.flatnonzero(taken > 0.0)
        round_about = _round(world, where, db, [ears.feet[k] for k in near[walled]], ears.shut)
        straight[walled] = np.maximum(straight[walled], round_about)
        out[near] = straight
    return [float(level) for level in np.round(out, 1)]


def _taken(world: World, where: Vec3, ears: Array, shut: NDArray[np.bool_]) -> Array:
    """What walls and shut leaves take (dB) on straight lines from `where` to ears (n, 3)."""
    room = world.room
    starts = np.repeat(np.array([where], float), len(ears), axis=0)
    way = ears - starts
    length = np.sqrt((way * way).sum(axis=1))
    taken = _leaves(world, where, way, shut)
    live = np.flatnonzero(length > 1e-6)
    ways = way[live] / length[live, None]
    gone = np.zeros(len(live))
    for _ in range(_SURFACES):
        distance, triangle = room.solid.closest_many(starts[live] + ways * gone[:, None], ways)
        gone = gone + distance + 1e-3
        met = (triangle >= 0) & (gone < length[live])
        if not met.any():
            break
        live, ways, gone = live[met], ways[met], gone[met]
        # a wall has two surfaces, of which each takes half
        taken[live] += [room.material_of(int(k)).muffles_db / 2 for k in triangle[met]]
        going = taken[live] < STRUCTURE_DB
        live, ways, gone = live[going], ways[going], gone[going]
        if not len(live):
            break
    return taken


def _leaves(world: World, where: Vec3, way: Array, shut: NDArray[np.bool_]) -> Array:
    """What shut leaves take (dB) on straight lines along `way` (n, 3)."""
    taken = np.zeros(len(way))
    for closed, door in zip(shut, world.room.doors.values(), strict=True):
        if not closed:
            continue
        c, s = math.cos(door.closed_yaw), math.sin(door.closed_yaw)
        x, y, z = where[0] - door.hinge[0], where[1] - door.hinge[1], where[2] - door.hinge[2]
        dx, dy, dz = way.T
        with np.errstate(divide="ignore", invalid="ignore"):
            across = dx * s - dy * c
            f = (y * c - x * s) / across
            along, high = (y * dx - x * dy) / across, z + f * dz
            met = (f >= 0) & (f <= 1) & (along >= 0) & (along <= door.width) & (high >= 0) & (high <= door.height)
        taken[met] += _leaf_db(door.material)
    return taken


def _leaf_db(material: str) -> float:
    """What a shut leaf takes: a door leaks at its edges, so a heavy one takes little more than a light one."""
    return min(MATERIALS[material].muffles_db, 30.0)


def _round(world: World, where: Vec3, db: float, feet: Sequence[Vec3], shut: NDArray[np.bool_]) -> Array:
    """The level (dB) at which a sound arrives over the floor's shortest ways, through the doorways, at `feet` (n)."""
    pieces = world.room.pieces
    out = np.full(len(feet), -math.inf)
    # a sound is made some way over the floor that it spreads along
    x, y, z = where
    start = next((n for up in (1.0, 2.0) if (n := pieces.at((x, y, z - up))) is not None), None)
    if start is None:
        return out
    extra = np.where(shut, _TOLL_M, 0.0)
    tolls = tuple(extra.tolist())
    takes = np.array([_leaf_db(d.material) for d in world.room.doors.values()]).reshape(-1)
    lengths = pieces.ways(start, tolls)[0] - pieces.along(start, tolls, extra)
    lost = pieces.along(start, tolls, np.where(shut, takes, DOORWAY_DB))
    ends = [pieces.at(place) for place in feet]
    known = [k for k, end in enumerate(ends) if end is not None and math.isfinite(lengths[end])]
    if known:
        at = np.array([ends[k] for k in known], np.int64)
        out[known] = db - 20.0 * np.log10(np.maximum(lengths[at], 1.0)) - lost[at]
    return out
