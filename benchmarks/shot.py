"""One shot at its own instant, in a house of 62,000 triangles with 20 people who walk, against trimesh's ray."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import trimesh
from measure import Figure, Series, in_turn, seconds
from numpy.typing import NDArray
from trimesh.ray.ray_pyembree import RayMeshIntersector

from xrlab.geometry.paths import Stance, Track, walk
from xrlab.geometry.transforms import Vec3, direction
from xrlab.room import Room, load_room
from xrlab.room.model import Surface
from xrlab.scenario.load import load, shipped
from xrlab.sim.shots import trace
from xrlab.sim.world import Actor, World

TRIANGLES = 62_000
PEOPLE = 20
SECONDS = 60.0
TARGET_US = 25.0


def figure(quick: bool) -> Figure:
    """Microseconds for a shot through `xrlab.sim.shots.trace`."""
    shots, rounds = (200, 1) if quick else (4_000, 9)
    world, times, origins, lines = scene(shots)
    house = world.room
    vertices = np.concatenate([s.vertices[s.faces].reshape(-1, 3) for s in house.surfaces])
    mesh = trimesh.Trimesh(vertices, np.arange(len(vertices)).reshape(-1, 3), process=False)
    assert len(mesh.faces) == TRIANGLES
    rays = RayMeshIntersector(mesh)
    single = [(np.array([o]), np.array([direction(*line)])) for o, line in zip(origins, lines, strict=True)]

    def ours() -> None:
        for t, origin, (yaw, pitch) in zip(times, origins, lines, strict=True):
            trace(world, t, origin, yaw, pitch)

    def first_triangle() -> None:
        for origin, ray in single:
            rays.intersects_first(origin, ray)

    def place_of_hit() -> None:
        for origin, ray in single:
            rays.intersects_location(origin, ray, multiple_hits=False)

    calls = [lambda call=call: seconds(call) / shots * 1e6 for call in (ours, first_triangle, place_of_hit)]
    mine, first, place = in_turn(calls, rounds)
    met = [hit.kind for t, o, (y, p) in zip(times, origins, lines, strict=True) for hit in trace(world, t, o, y, p)]
    counts = ", ".join(f"{met.count(kind)} {kind}" for kind in ("wall", "door", "person"))
    return Figure(
        "shot_us",
        Series(f"one shot, {TRIANGLES:,} triangles, {PEOPLE} walking people, {len(house.doors)} doors", "µs", mine),
        (
            Series("trimesh.ray with embreex, bare house, which triangle (intersects_first)", "µs", first),
            Series("trimesh.ray with embreex, bare house, where (intersects_location)", "µs", place),
        ),
        "python benchmarks/run_all.py --only shot",
        target=TARGET_US,
        notes=(f"{shots:,} shots a run, at as many instants; met: {counts}",),
    )


def scene(shots: int) -> tuple[World, list[float], list[Vec3], list[tuple[float, float]]]:
    """The house with its crowd, and so many shots in it: when, from where, along which yaw and pitch (rad)."""
    world = crowd(cut_finer(load_room(shipped()["house/hostage"].parent.parent / "rooms" / "house.yaml"), TRIANGLES))
    luck = np.random.Generator(np.random.PCG64(2))
    times = np.sort(luck.uniform(0.0, SECONDS, shots)).tolist()
    origins = [(float(x), float(y), 1.5) for x, y in luck.uniform((0.3, 0.3), (13.7, 9.2), (shots, 2))]
    yaws, pitches = luck.uniform(-math.pi, math.pi, shots), luck.uniform(-0.1, 0.1, shots)
    return world, times, origins, list(zip(yaws.tolist(), pitches.tolist(), strict=True))


def cut_finer(room: Room, count: int) -> Room:
    """The room with its largest triangles cut in two until there are `count`; all stays where it was."""
    corners = [s.vertices[s.faces] for s in room.surfaces]
    owner = np.repeat(np.arange(len(corners)), [len(c) for c in corners])
    triangles = np.concatenate(corners)
    while len(triangles) < count:
        areas = np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1)
        some = np.argsort(-areas, kind="stable")[: min(count - len(triangles), max(1, len(triangles) // 4))]
        halves = _halved(triangles[some])
        triangles[some] = halves[0]
        triangles = np.concatenate([triangles, halves[1]])
        owner = np.concatenate([owner, owner[some]])
    surfaces = []
    for index, s in enumerate(room.surfaces):
        mine = triangles[owner == index]
        faces = np.arange(3 * len(mine), dtype=np.int32).reshape(-1, 3)
        surfaces.append(Surface(s.name, mine.reshape(-1, 3), faces, s.material, s.color))
    return Room(
        room.name, tuple(surfaces), room.doors, room.zones, room.points, room.lights, room.plan, room.floor, room.source
    )


def _halved(triangles: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Triangles (n, 3, 3) cut in two in the middle of their longest side."""
    sides = np.linalg.norm(np.roll(triangles, -1, axis=1) - triangles, axis=2)
    turned = triangles[np.arange(len(triangles))[:, None], (np.argmax(sides, axis=1)[:, None] + np.arange(3)) % 3]
    a, b, c = turned[:, 0], turned[:, 1], turned[:, 2]
    middle = (a + b) / 2
    return np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)


def crowd(house: Room) -> World:
    """The house with `PEOPLE` who walk between its named points for `SECONDS`, and three doors that open."""
    world = World(load("house/hostage").scenario, house)
    shipped_house = load("house/hostage").room  # the same floor; the finer one would be searched again
    places = [p.position[:2] for p in shipped_house.points.values()]
    luck = np.random.Generator(np.random.PCG64(1))
    for number in range(PEOPLE):
        t, legs = 0.0, []
        route = [places[i] for i in luck.integers(0, len(places), 30)]
        here = Stance(*route[0], 0.0, 0.0, 0.0, 0.0)
        for start, goal in pairwise(route):
            way = shipped_house.walkable.path(start, goal)
            more = walk(t, here, way, 1.4)
            if more:
                legs += more
                last = more[-1]
                t, here = last.t1, Stance(last.x1, last.y1, last.z1, last.yaw1, 0.0, 0.0)
            if t > SECONDS:
                break
        world.actors[f"p{number}"] = Actor(f"p{number}", "threat", "", Track.of(legs))
    for number, name in enumerate(sorted(world.doors)[:3]):
        world.doors[name].move(5.0 + 15.0 * number, 1.0, 0.8)
    return world
