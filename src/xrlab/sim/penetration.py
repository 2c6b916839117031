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
from itertools import islice, pairwise
from typing import NamedTuple

from xrlab.geometry import body
from xrlab.geometry.transforms import Vec3, direction
from xrlab.room.materials import MATERIALS, THIN_SHEETS, Material
from xrlab.sim.course import Course, Flying
from xrlab.sim.encounters import BEHIND, MAX_STRUCK, Hit, ahead, board_met, into, leaf_met, on
from xrlab.sim.world import Board, Leaf, World

BACK_TO_BACK_M = {"never": 0.6, "furniture": 0.06, "always": 0.03}
"""How far apart (m) two faces of a mesh may be to be the sides of one solid body, by what is hollow of its material."""
REACH_M = 1200.0
"""A bullet is followed so far (m) at most."""
SPENT_J = 1.0
"""A bullet with less energy (J) than this counts as stopped."""
_LOOK_AHEAD = 12  # faces that are looked at for the other side of a body
_STRETCH = 16  # so many chords in a row are asked together what may be met
_FASTEST_MPS = 15.0  # nobody and no board moves faster
_NEAR_M = 0.01  # a face this near to where a body was left is that side of it


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

    def off(self, place: Vec3) -> float:
        """How far (m) a place is from this piece."""
        x, y, z = (p - o for p, o in zip(place, self.start, strict=True))
        along = min(max(x * self.ray[0] + y * self.ray[1] + z * self.ray[2], 0.0), self.length)
        return math.hypot(x - self.ray[0] * along, y - self.ray[1] * along, z - self.ray[2] * along)

    def passes(self, x: float, y: float, radius: float) -> bool:
        """Whether it comes within `radius` of an upright axis at (x, y), or its ends do about so."""
        (ox, oy, _), (dx, dy, _) = self.start, self.ray
        along, flat = (x - ox) * dx + (y - oy) * dy, math.sqrt(dx * dx + dy * dy)
        return abs((x - ox) * dy - (y - oy) * dx) <= radius * flat and -radius <= along <= self.length + radius

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


class _Near(NamedTuple):
    """What may be met on a stretch of the way: whether anybody, which boards, which door leaves."""

    people: bool
    boards: list[Board]
    leaves: list[Leaf]


class _Way:
    """One bullet's way, followed once."""

    def __init__(
        self, world: World, t: float, origin: Vec3, yaw: float, pitch: float, shooter: str, flight: Flying
    ) -> None:
        self._world, self._t, self._origin, self._flight = world, t, origin, flight
        self._ray = direction(yaw, pitch)
        self._right = (math.sin(yaw), -math.cos(yaw), 0.0)
        self._up = (-math.cos(yaw) * math.sin(pitch), -math.sin(yaw) * math.sin(pitch), math.cos(pitch))
        self._course = Course.first(flight, pitch)
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
        low, high = self._world.box
        x, y, z = (max(abs(o - a), abs(o - b)) for o, a, b in zip(self._origin, low, high, strict=True))
        places = [board.place(self._t) for board in self._world.boards.values()]
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
        course = self._course
        until = min(self._reach, course.ends)
        breaks = course.breaks(until)
        points = [(s, self._at(s)) for s in islice(breaks, 1)]
        while True:
            for s in islice(breaks, _STRETCH):
                if s > points[-1][0]:
                    points.append((s, self._at(s)))
            if len(points) < 2:
                self._course = course.past_the_table(until)
                return until < self._reach
            near = self._near(points)
            for (s0, start), (s1, end) in pairwise(points):
                if self._ends_on(_Chord(self._world, start, end, s0, s1), near):
                    return False
                if self._course is not course:
                    return True
            del points[:-1]

    def _near(self, points: Sequence[tuple[float, Vec3]]) -> _Near:
        """What may be met on some chords in a row: they all lie close about the line from the first to the last."""
        (s0, start), (s1, end) = points[0], points[-1]
        line = _Chord(self._world, start, end, s0, s1)
        off = max(line.off(place) for _, place in points)
        began, until = self._time(line, 0.0), self._time(line, line.length)
        then, lasts = (began + until) / 2, until - began
        wide = off + _FASTEST_MPS * lasts
        people = self._world.near_line(then, start, line.ray, line.length, wide)
        boards = [
            board
            for name, board in self._world.boards.items()
            if ("target", name) not in self._done and line.off(board.place(then)) <= wide + board.span
        ]
        leaves = [leaf for leaf in self._world.leaves if line.passes(leaf[0], leaf[1], leaf[2] + off)]
        return _Near(any(("person", a.name) not in self._done for a in people), boards, leaves)

    def _ends_on(self, chord: _Chord, near: _Near) -> bool:
        """Meets all that is on a chord; whether the way ends there. What takes speed begins a slower course behind it.

        What a bullet meets while it is inside something else is met with what that left of it.
        """
        flight = self._flight
        limit = chord.length
        things = sorted(
            [*(self._people(chord) if near.people else ()), *self._leaves(chord, near), *self._boards(chord, near)],
            key=lambda met: (met.entry, met.what),
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
                t = self._time(chord, min(max(along, 0.0), chord.length))
                met = body.through(actor.bearing(t), *into(actor.track.at(t), start, ray), chord.length)
                if met is None:
                    break
                along = met.entry
            if met is not None:
                yield _Met(met.entry, met.exit, "person", actor.name, flesh, met.inside, 1.0, met.zone)

    def _leaves(self, chord: _Chord, near: _Near) -> Iterator[_Met]:
        (ox, oy, _), (dx, dy, _) = chord.start, chord.ray
        for x, y, radius, name, ramp, door in near.leaves:
            if ("door", name) in self._done or not chord.passes(x, y, radius):
                continue
            met, along = None, (x - ox) * dx + (y - oy) * dy
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

    def _boards(self, chord: _Chord, near: _Near) -> Iterator[_Met]:
        for board in near.boards:
            name = board.name
            if ("target", name) in self._done:
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
