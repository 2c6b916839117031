"""A scanner that stands in a room of ours: clouds to practise with, and whose truth is known.

`python -m xrlab.room.scans.scanner house OUT.ply` writes what a laser scanner would see from places in a room: points
where its rays end, with noise, and nothing where furniture or doors hide a wall.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.model import Room
from xrlab.room.scans.clouds import write_ply

EYE_M = 1.6


def stations(room: Room) -> list[Vec3]:
    """Where one would put a scanner: in each zone, or at each named point, or in the middle of the floor."""
    places: list[tuple[float, float]] = [z.inner_point for z in room.zones.values()]
    places = places or [p.position[:2] for p in room.points.values()]
    if not places:
        low, high = room.bounds
        places = [(float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2)]
    return [(x, y, room.floor + EYE_M) for x, y in places]


def scan(
    room: Room, places: list[Vec3], points: int, noise_m: float = 0.003, seed: int = 0
) -> tuple[Array, NDArray[np.uint8]]:
    """What a scanner sees from `places` (m): points (n, 3) along its rays with noise, and their sRGB colours.

    points: how many rays in all; those that meet nothing within 50 m give no point. noise_m: standard deviation
    of the measured distance. The same seed gives the same points.
    """
    random = np.random.default_rng(seed)
    colors = np.concatenate([_colors(s.color, len(s.faces)) for s in room.surfaces])
    every, colored = [], []
    each = max(1, points // len(places))
    for place in places:
        left = each
        while left > 0:
            count = min(left, 1_000_000)
            left -= count
            z = random.uniform(-1, 1, count)
            turn = random.uniform(0, 2 * math.pi, count)
            flat = np.sqrt(1 - z * z)
            ways = np.column_stack((flat * np.cos(turn), flat * np.sin(turn), z))
            distance, triangle = room.solid.closest_many(np.broadcast_to(np.array(place), ways.shape), ways)
            met = distance < 50.0
            far = distance[met] + random.normal(0, noise_m, int(met.sum()))
            every.append(np.array(place) + ways[met] * far[:, None])
            tint = random.normal(0, 4, (int(met.sum()), 1))
            colored.append(np.clip(colors[triangle[met]] + tint, 0, 255).astype(np.uint8))
    return np.concatenate(every), np.concatenate(colored)


def _colors(color: tuple[float, float, float, float], count: int) -> Array:
    return np.broadcast_to(np.array(color[:3]) * 255, (count, 3))


def main() -> None:
    """The command of this module."""
    from xrlab.errors import InputError
    from xrlab.resources import folder
    from xrlab.room.load import load_room

    parser = argparse.ArgumentParser(description="Write what a laser scanner would see in a room.")
    parser.add_argument("room", type=Path, help="a layout or a mesh, or a shipped room: house, range")
    parser.add_argument("out", type=Path, help="the .ply to write")
    parser.add_argument("--points", type=int, default=1_000_000, help="how many rays")
    parser.add_argument("--noise-mm", type=float, default=3.0, help="of the measured distance")
    parser.add_argument("--seed", type=int, default=0, help="fixes all luck")
    wanted = parser.parse_args()
    if not (1000 <= wanted.points <= 100_000_000 and 0 <= wanted.noise_mm <= 100 and wanted.seed >= 0):
        parser.error("--points is 1,000 to 100,000,000, --noise-mm 0 to 100, --seed 0 or more")
    try:
        shipped = folder("scenarios") / "rooms" / f"{wanted.room}.yaml"
        room = load_room(shipped if str(wanted.room).isidentifier() and shipped.is_file() else wanted.room)
        write_ply(wanted.out, *scan(room, stations(room), wanted.points, wanted.noise_mm / 1000, wanted.seed))
    except InputError as error:
        parser.exit(2, f"{error}\n")
    print(wanted.out)


if __name__ == "__main__":
    main()
