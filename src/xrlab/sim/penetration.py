"""A bullet's way: through what it goes, what that takes from it, how it flies on, and where it ends.

The bullet follows the chords of its flight, each at the world's own time, and loses energy evenly with the thickness
that it passes: E' = E - E0 * passed / stops, with E0 its energy at the muzzle and `stops` the thickness that stops it
with that energy (`xrlab.room.materials`; docs/scoring.md says why so, and what is neglected). It is never turned aside.

Solid bodies are passed from face to face. Hollow ones, such as cupboards and stud walls, are a sheet where they are
entered and a sheet where they are left, and what is inside lies between. Of a mesh nobody knows what is a body: two
faces of one material, back to back and no farther apart than `BACK_TO_BACK_M`, are one; any other is a sheet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from xrlab.geometry import body
from xrlab.geometry.transforms import Vec3, direction
from xrlab.room.materials import MATERIALS, THIN_SHEETS, Material
from xrlab.sim.encounters import BEHIND, MAX_STRUCK, Hit, ahead, board_met, into, leaf_met, on
from xrlab.sim.world import World

BACK_TO_BACK_M = {"never": 0.6, "furniture": 0.06, "always": 0.03}
"""How far apart (m) two faces of a mesh may be to be the sides of one solid body, by what is hollow of its material."""
REACH_M = 1200.0
"""A bullet is followed so far (m) at most."""
SPENT_MPS = 10.0
"""One that is slower than this (m/s) is followed no farther."""
MOVED_M = 0.3
"""Farther than this (m) no target moves while a bullet is on one chord."""
SPENT_J = 1.0
"""A bullet with less energy (J) than this counts as stopped."""
_GRAVITY = 9.80665
_BEND_M = 5e-5  # so far a chord of a slow bullet may be off
_LOOK_AHEAD = 12  # faces that are looked at for the other side of a body
_NEAR_M = 0.01  # a face this near to where a body was left is that side of it


class Bullet(Protocol):
    """What a flight says of its load; `xrlab.sim.flight.Load` is one."""

    @property
    def name(self) -> str:
        """Name in the library of loads."""

    @property
    def mass_kg(self) -> float:
        """Mass (kg)."""

    @property
    def penetrates(self) -> str:
        """Class of bullet: pistol, carbine or rifle."""


class Flying(Protocol):
    """A flight as it is followed here; `xrlab.sim.flight.Flight` is one. Distances along the line of sight (m)."""

    @property
    def load(self) -> Bullet:
        """What flies."""

    @property
    def reach(self) -> float:
        """How far it is known."""

    def offset(self, distance: float) -> tuple[float, float]:
        """How far (m) to the right of the line of sight, and above it."""

    def time(self, distance: float) -> float:
        """Seconds since the shot."""

    def speed(self, distance: float) -> float:
        """Metres a second."""

    def distance_at(self, speed: float) -> float:
        """Where it has slowed to this speed."""

    def chords(self, reach: float) -> Sequence[float]:
        """Where to break the way into straight chords."""


def energy(mass_kg: float, speed: float) -> float:
    """Energy (J) of a bullet: half its mass (kg) times the square of its speed (m/s)."""
    return mass_kg * speed * speed / 2


def left_after(before: float, at_muzzle: float, passed: float, stops: float | None) -> float:
    """Energy (J) left of `before` after `passed` metres of what stops `at_muzzle` (J) within `stops` metres.

    Never below 0; all of it where `stops` is None.
    """
    return before if stops is None else max(0.0, before - at_muzzle * passed / stops)


def follow(world: World, t: float, origin: Vec3, yaw: float, pitch: float, shooter: str, flight: Flying) -> list[Hit]:
    """Everything that a bullet fired at `t` meets, in order, to where it stops."""
    return _Way(world, t, origin, yaw, pitch, shooter, flight).follow()


class _Met(NamedTuple):
    """Something on a chord. entry, exit: metres from the chord's start. passed: metres of its material."""

    entry: float
    exit: float
    kind: str
    what: str
    material: Material
    passed: float
    sine: float = 1.0
    zone: str | None = None
    local: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Course:
    """A piece of the way, from `begins` (m along the line of sight) to where something slows the bullet.

    after: seconds since the shot, place: right and up (m), slope: right and up per metre, all at `begins`.
    at: where on the flight's table it is there; None for one that is slower than any of the table: with each metre
    the air takes the same share `drag` of its speed as at the table's end. speed: at `begins` (m/s). fall: how gravity
    (m/s²) pulls across the line of sight.
    """

    flight: Flying
    begins: float
    after: float
    place: tuple[float, float]
    slope: tuple[float, float]
    at: float | None
    speed: float
    fall: float
    drag: float

    @staticmethod
    def first(flight: Flying, pitch: float) -> _Course:
        """The way from the muzzle."""
        drag = max(0.0, math.log(flight.speed(flight.reach - 1.0) / flight.speed(flight.reach)))
        return _Course(
            flight, 0.0, 0.0, flight.offset(0.0), _slope(flight, 0.0), 0.0, flight.speed(0.0),
            _GRAVITY * math.cos(pitch), drag,
        )  # fmt: skip

    def slowed(self, s: float, speed: float) -> _Course:
        """The way from `s` on of a bullet that has this speed there."""
        at = None if speed < self.flight.speed(self.flight.reach) else self.flight.distance_at(speed)
        return replace(
            self, begins=s, after=self.time(s), place=self.offset(s), slope=self._slope(s), at=at, speed=speed
        )

    def past_the_table(self, s: float) -> _Course:
        """The way from `s` on, where the flight's table ends."""
        return replace(self.slowed(s, self.speed_at(s)), at=None)

    @property
    def ends(self) -> float:
        """Where the flight's table ends (m along the line of sight); inf for a bullet that needs none."""
        return math.inf if self.at is None else self.begins + self.flight.reach - self.at

    def offset(self, s: float) -> tuple[float, float]:
        """How far (m) the bullet is to the right of the line of sight, and above it."""
        d = s - self.begins
        right, up = self.place[0] + self.slope[0] * d, self.place[1] + self.slope[1] * d
        if self.at is None:
            return right, up - self.fall / self.speed**2 * _twice_summed(self.drag, d)
        (r0, u0), (r1, u1) = self.flight.offset(self.at), self.flight.offset(self.at + d)
        across, upwards = _slope(self.flight, self.at)
        return right + r1 - r0 - across * d, up + u1 - u0 - upwards * d

    def time(self, s: float) -> float:
        """Seconds since the shot."""
        d = s - self.begins
        if self.at is None:
            return self.after + _summed(self.drag, d) / self.speed
        return self.after + self.flight.time(self.at + d) - self.flight.time(self.at)

    def speed_at(self, s: float) -> float:
        """Metres a second."""
        d = s - self.begins
        return self.speed * math.exp(-self.drag * d) if self.at is None else self.flight.speed(self.at + d)

    def breaks(self, until: float) -> Iterator[float]:
        """Where the way is broken into straight chords, from `begins` up to `until`."""
        if self.at is None:
            s = self.begins
            while s < until and self.speed_at(s) > SPENT_MPS:
                yield s
                s += math.sqrt(8 * _BEND_M / _GRAVITY) * self.speed_at(s)
            yield min(s, until)
            return
        yield self.begins
        for end in self.flight.chords(self.at + until - self.begins):
            if end > self.at:
                yield self.begins + end - self.at

    def _slope(self, s: float) -> tuple[float, float]:
        d = s - self.begins
        if self.at is None:
            return self.slope[0], self.slope[1] - self.fall / self.speed**2 * _summed(2 * self.drag, d)
        (r0, u0), (r1, u1) = _slope(self.flight, self.at), _slope(self.flight, self.at + d)
        return self.slope[0] + r1 - r0, self.slope[1] + u1 - u0


def _summed(drag: float, d: float) -> float:
    """The integral of exp(drag x) from 0 to d: d itself without drag."""
    return math.expm1(drag * d) / drag if drag > 1e-9 else d


def _twice_summed(drag: float, d: float) -> float:
    """The integral of `_summed` of twice the drag from 0 to d: d²/2 without drag."""
    return (math.expm1(2 * drag * d) / (2 * drag) - d) / (2 * drag) if drag > 1e-6 else d * d / 2


def _slope(flight: Flying, s: float) -> tuple[float, float]:
    """How a flight rises to the right and up for each metre, taken over the next centimetre."""
    s = min(s, flight.reach - 0.01)
    (r0, u0), (r1, u1) = flight.offset(s), flight.offset(s + 0.01)
    return (r1 - r0) / 0.01, (u1 - u0) / 0.01


class _Chord:
    """A straight piece of the way: from `start` along `ray` for `length` metres, met at `s` along the line of sight."""

    def __init__(self, world: World, start: Vec3, end: Vec3, s0: float, s1: float) -> None:
        self.world, self.start = world, start
        self.length = math.dist(start, end)
        long = self.length or 1.0
        self.ray = ((end[0] - start[0]) / long, (end[1] - start[1]) / long, (end[2] - start[2]) / long)
        self._s0, self._rate = s0, (s1 - s0) / long
        self._faces: list[tuple[float, int]] = []
        self._sought = -BEHIND

    def s(self, along: float) -> float:
        """Metres along the line of sight."""
        return self._s0 + along * self._rate

    def passes(self, place: Vec3, near: float) -> bool:
        """Whether it comes as near (m) to a place as this."""
        (x, y, z), (dx, dy, dz) = (p - s for p, s in zip(place, self.start, strict=True)), self.ray
        along = min(max(x * dx + y * dy + z * dz, 0.0), self.length)
        x, y, z = x - dx * along, y - dy * along, z - dz * along
        return x * x + y * y + z * z <= near * near

    def face(self, number: int) -> tuple[float, int] | None:
        """The n-th surface on the line, however far: its distance from the start and its triangle."""
        while len(self._faces) <= number:
            if self._sought is math.inf:
                return None
            near, triangle = self.world.room.solid.closest(ahead(self.start, self.ray, self._sought), self.ray)
            if triangle < 0:
                self._sought = math.inf
                return None
            self._faces.append((self._sought + near, triangle))
            self._sought += near + BEHIND
        return self._faces[number]

    def facing(self, triangle: int) -> float:
        """Cosine between the line and a surface's normal: below 0 where it is met from outside."""
        return self.world.room.solid.facing(triangle, self.ray)


class _Way:
    """One bullet's way, followed once."""

    def __init__(
        self, world: World, t: float, origin: Vec3, yaw: float, pitch: float, shooter: str, flight: Flying
    ) -> None:
        self._world, self._t, self._origin, self._flight = world, t, origin, flight
        self._ray = direction(yaw, pitch)
        self._right = (math.sin(yaw), -math.cos(yaw), 0.0)
        self._up = (-math.cos(yaw) * math.sin(pitch), -math.sin(yaw) * math.sin(pitch), math.cos(pitch))
        self._course = _Course.first(flight, pitch)
        self._muzzle_j = energy(flight.load.mass_kg, flight.speed(0.0))
        self._hits: list[Hit] = []
        self._done = {("person", shooter)}
        """People, doors and boards that are behind; each is met once."""
        self._left_at: dict[int, float] = {}
        """Where (m along the line of sight) each solid body was left; -1 for those of meshes."""
        self._last_face = -math.inf
        self._reach = self._farthest()

    def follow(self) -> list[Hit]:
        """All that it meets."""
        while self._piece():
            pass
        return self._hits

    def _farthest(self) -> float:
        """How far (m) from the origin anything can be met."""
        low, high = (corner.tolist() for corner in self._world.room.bounds)
        x, y, z = (max(abs(o - a), abs(o - b)) for o, a, b in zip(self._origin, low, high, strict=True))
        places = [board.middle(self._t) for board in self._world.boards.values()]
        places += [a.track.at(self._t).position for a in self._world.actors.values() if a.present]
        far = max([math.hypot(x, y, z), *(math.dist(self._origin, place) for place in places)]) + 3.0
        return min(far, REACH_M)

    def _at(self, s: float) -> Vec3:
        """The bullet's place."""
        right, up = self._course.offset(s)
        (ox, oy, oz), (dx, dy, dz), (rx, ry, _), (ux, uy, uz) = self._origin, self._ray, self._right, self._up
        return (
            ox + dx * s + rx * right + ux * up, oy + dy * s + ry * right + uy * up, oz + dz * s + uz * up
        )  # fmt: skip

    def _piece(self) -> bool:
        """Follows the present course; whether the bullet flies on from its end on another one."""
        before: tuple[float, Vec3] | None = None
        until = min(self._reach, self._course.ends)
        for s in self._course.breaks(until):
            here = self._at(s)
            if before is not None and s > before[0]:
                course = self._course
                if self._ends_on(_Chord(self._world, before[1], here, before[0], s)):
                    return False
                if self._course is not course:
                    return True
            before = (s, here)
        self._course = self._course.past_the_table(until)
        return until < self._reach

    def _ends_on(self, chord: _Chord) -> bool:
        """Meets all that is on a chord; whether the way ends there. What takes speed begins a slower course behind it.

        What a bullet meets while it is inside something else is met with what that left of it.
        """
        flight = self._flight
        limit = chord.length
        things = sorted(
            [*self._people(chord), *self._leaves(chord), *self._boards(chord)], key=lambda met: (met.entry, met.what)
        )
        number, speed = 0, None
        while len(self._hits) < MAX_STRUCK:
            surface, number = self._surface(chord, number, limit)
            thing = things[0] if things and things[0].entry <= limit else None
            # of two things in one place the moving one is met first
            if thing is not None and (surface is None or thing.entry <= surface.entry):
                met = things.pop(0)
                self._done.add((met.kind, met.what))
            elif surface is not None:
                met = surface
                number += 1
                self._last_face = chord.s(met.entry)
            else:
                break
            s = chord.s(met.entry)
            came = self._course.speed_at(s) if speed is None else speed
            left = self._meet(chord, met, s, came)
            if left <= 0.0:
                return True
            if met.material.stops(flight.load.penetrates, flight.load.name) is not None:
                limit = met.exit if speed is None else max(limit, met.exit)
                speed = math.sqrt(2 * left / flight.load.mass_kg)
        if speed is not None:
            self._course = self._course.slowed(chord.s(limit), speed)
        return len(self._hits) >= MAX_STRUCK

    def _meet(self, chord: _Chord, met: _Met, s: float, speed: float) -> float:
        """Notes a hit; returns the energy (J) that is left, 0 where the bullet stays."""
        load = self._flight.load
        came, material = energy(load.mass_kg, speed), met.material
        stops = material.stops(load.penetrates, load.name)
        left = left_after(came, self._muzzle_j, met.passed, stops)
        deep = met.passed
        if left < SPENT_J:
            left = 0.0
            deep = met.passed if stops is None else min(met.passed, stops * came / self._muzzle_j)
        self._hits.append(
            Hit(
                met.kind, met.what, material.name, on(chord.start, chord.ray, met.entry),
                None if left == 0.0 else on(chord.start, chord.ray, met.exit), round(s, 5), met.zone, met.local,
                round(deep, 5), round(came, 2), round(left, 2), round(speed, 2), met.sine < material.ricochet_sin,
                round(self._course.time(s), 6),
            )
        )  # fmt: skip
        return left

    # --- what is on a chord ---------------------------------------------------------------------------

    def _surface(self, chord: _Chord, number: int, limit: float) -> tuple[_Met | None, int]:
        """The next surface from the n-th on that counts, and its number; None if there is none up to `limit`."""
        while True:
            found = chord.face(number)
            if found is None or found[0] > limit:
                return None, number
            # a chord looks back a little, so that a surface where two chords meet is not missed, but met once
            met = None if chord.s(found[0]) <= self._last_face + BEHIND / 2 else self._met(chord, number, *found)
            if met is not None:
                return met, number
            number += 1

    def _met(self, chord: _Chord, number: int, entry: float, triangle: int) -> _Met | None:
        """What a surface means to a bullet; None for the far side of a body that it has met already."""
        room = self._world.room
        material, (own, hollow) = room.material_of(triangle), room.body_of(triangle)
        cosine = chord.facing(triangle)
        begin = entry
        if hollow:
            passed = material.sheet_m / max(abs(cosine), 1e-6)
            leaves = entry + passed
        elif cosine > 0 and chord.s(entry) <= self._left_at.get(own, -math.inf) + _NEAR_M:
            return None
        elif cosine > 0 and own >= 0:  # it began inside, or the near side lies on that of another body
            before = chord.face(number - 1) if number else None
            begin, leaves = (before[0] if before else 0.0), entry
            passed = leaves - begin
        else:
            other = self._other_side(chord, number, own, material, cosine) if cosine <= 0 else None
            passed = material.sheet_m / max(abs(cosine), 1e-6) if other is None else other - entry
            leaves = entry + passed
        if not hollow:
            self._left_at[own] = chord.s(leaves)
        return _Met(
            begin, leaves, "wall", room.surface_of(triangle), material, passed, max(abs(cosine), 1e-6)
        )  # fmt: skip

    def _other_side(self, chord: _Chord, number: int, own: int, material: Material, cosine: float) -> float | None:
        """How far along the chord the body that is entered at the n-th surface is left; None if it is a sheet."""
        room, entry = self._world.room, (chord.face(number) or (0.0, -1))[0]
        touching: float | None = None
        for ahead_by in range(1, _LOOK_AHEAD):
            found = chord.face(number + ahead_by)
            if found is None:
                break
            at, triangle = found
            if own >= 0:
                if room.body_of(triangle)[0] == own:
                    return at
                if touching is None and chord.facing(triangle) < 0:
                    touching = at  # where two bodies touch, only one of the two sides there is found
            elif room.material_of(triangle) is material:
                thick = (at - entry) * abs(cosine)
                return at if chord.facing(triangle) > 0 and thick <= BACK_TO_BACK_M[material.hollow] else None
        return touching

    def _people(self, chord: _Chord) -> Iterator[_Met]:
        """Everybody whom the bullet meets on a chord, each where they are when it comes to them."""
        flesh, start, ray = MATERIALS["flesh"], chord.start, chord.ray
        for actor in self._world.near_line(self._time(chord, chord.length / 2), start, ray, chord.length):
            if ("person", actor.name) in self._done:
                continue
            here = actor.track.at(self._t).position
            along = sum((h - o) * d for h, o, d in zip(here, start, ray, strict=True))
            met: body.Way | None = None
            for _ in range(2):  # the second time where they are at the very instant
                stance = actor.track.at(self._time(chord, min(max(along, 0.0), chord.length)))
                met = body.through(actor.pose, stance.walked, *into(stance, start, ray), chord.length)
                if met is None:
                    break
                along = met.entry
            if met is not None:
                yield _Met(met.entry, met.exit, "person", actor.name, flesh, met.inside, 1.0, met.zone)

    def _leaves(self, chord: _Chord) -> Iterator[_Met]:
        (ox, oy, _), (dx, dy, _) = chord.start, chord.ray
        for x, y, radius, name, ramp, door in self._world.leaves:
            if ("door", name) in self._done:
                continue
            along, flat = (x - ox) * dx + (y - oy) * dy, math.sqrt(dx * dx + dy * dy)
            if abs((x - ox) * dy - (y - oy) * dx) > radius * flat or not -radius <= along <= chord.length + radius:
                continue
            met = None
            for _ in range(2):
                opened = ramp.at(self._time(chord, min(max(along, 0.0), chord.length)))
                met = leaf_met(door, opened, chord.start, chord.ray)
                if met is None:
                    break
                along = met.entry
            if met is not None and met.entry <= chord.length:
                material, passed = MATERIALS[door.material], met.exit - met.entry
                if material.hollow != "never" and door.thickness > THIN_SHEETS * material.sheet_m:
                    passed = min(passed, 2 * material.sheet_m / max(met.sine, 1e-6))
                yield _Met(met.entry, met.exit, "door", name, material, passed, met.sine)

    def _boards(self, chord: _Chord) -> Iterator[_Met]:
        half = self._time(chord, chord.length / 2) if self._world.boards else 0.0
        for name, board in self._world.boards.items():
            if ("target", name) in self._done or not chord.passes(board.place(half), board.span + MOVED_M):
                continue
            met, along = None, chord.length / 2
            for _ in range(3):
                met = board_met(board, self._time(chord, min(along, chord.length)), chord.start, chord.ray)
                if met is None:
                    break
                along = met.distance
            if met is not None and met.distance <= chord.length:
                material = MATERIALS[board.face.material]
                passed = material.target_m / met.sine
                yield _Met(
                    met.distance, met.distance + passed, "target", name, material, passed, met.sine, met.zone, met.local
                )  # fmt: skip

    def _time(self, chord: _Chord, along: float) -> float:
        """The world's time when the bullet is there."""
        return self._t + self._course.time(chord.s(along))
