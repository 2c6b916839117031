"""Clouds whose truth is known, for tests: two rooms that a scanner has seen, and files of them in every format."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scenes import ROOM

from xrlab.geometry.transforms import Array
from xrlab.room import Room, load_room
from xrlab.room.scans.scanner import scan

NOISE_M = 0.005
STATIONS = [(1.3, 2.7, 1.6), (6.2, 1.4, 1.6)]


def two_rooms(folder: Path) -> Room:
    """The two rooms of `scenes`, furnished, as a layout."""
    layout = copy.deepcopy(ROOM)
    layout["rooms"]["west"] |= {"floor": "wood", "floor_color": "#8a5a30", "wall_color": "#d9d3c2"}
    layout["rooms"]["east"] |= {"floor": "carpet", "floor_color": "#3a5a80", "wall_color": "#e3e0d2"}
    layout["furniture"] = [
        {"kind": "table", "at": [2.6, 0.8], "size_m": [1.4, 0.8, 0.75]},
        {"kind": "cupboard", "at": [6.0, 0.4], "size_m": [1.2, 0.5, 1.8]},
    ]
    (folder / "truth.yaml").write_text(yaml.safe_dump(layout, sort_keys=False))
    return load_room(folder / "truth.yaml")


def scanned(room: Room, rays: int, seed: int = 3) -> tuple[Array, NDArray[np.uint8]]:
    """What two scanners see, with noise, and with two holes in the data: one in a wall, one in the floor."""
    points, colors = scan(room, STATIONS, rays, NOISE_M, seed)
    holed = (np.linalg.norm(points - (0.1, 2.0, 1.2), axis=1) < 0.06) | (
        np.linalg.norm(points - (2.0, 3.0, 0.0), axis=1) < 0.06
    )
    return points[~holed], colors[~holed]


def distances(points: Array, triangles: Array) -> Array:
    """How far points (n, 3) lie from the nearest of triangles (m, 3, 3), by asking every one."""
    a, ab, ac = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    normal = np.cross(ab, ac)
    square = (normal**2).sum(axis=1)
    good = square > 1e-16
    a, ab, ac, normal, square = a[good], ab[good], ac[good], normal[good], square[good]
    edges = ((a, ab), (a, ac), (a + ab, ac - ab))
    out = np.empty(len(points))
    for first in range(0, len(points), 200):
        place = points[first : first + 200, None]
        way = place - a
        u = (np.cross(way, ac) * normal).sum(axis=2) / square
        v = (np.cross(ab, way) * normal).sum(axis=2) / square
        off = np.abs((way * normal).sum(axis=2)) / np.sqrt(square)
        best = np.where((u >= 0) & (v >= 0) & (u + v <= 1), off, np.inf)
        for start, along in edges:
            share = np.clip(((place - start) * along).sum(axis=2) / np.maximum((along**2).sum(axis=1), 1e-12), 0, 1)
            best = np.minimum(best, np.linalg.norm(place - start - share[:, :, None] * along, axis=2))
        out[first : first + 200] = best.min(axis=1)
    return out


def triangles_of(room: Room) -> Array:
    """All triangles of a room, (m, 3, 3)."""
    return np.concatenate([s.vertices[s.faces] for s in room.surfaces])


def spread_over(triangles: Array, count: int, seed: int = 1) -> Array:
    """Points (count, 3) evenly over triangles."""
    random = np.random.default_rng(seed)
    ab, ac = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    area = np.linalg.norm(np.cross(ab, ac), axis=1)
    chosen = random.choice(len(triangles), count, p=area / area.sum())
    u = random.random((count, 2))
    u = np.where(u.sum(axis=1, keepdims=True) > 1, 1 - u, u)
    return triangles[chosen, 0] + u[:, :1] * ab[chosen] + u[:, 1:] * ac[chosen]


def write_pcd(path: Path, points: Array, colors: NDArray[np.uint8], form: str) -> None:
    """A PCD as the Point Cloud Library writes it: its colours packed into the bits of a float."""
    rows = np.zeros(len(points), [("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("rgb", "<f4")])
    for axis, name in enumerate("xyz"):
        rows[name] = points[:, axis]
    bits = (colors[:, 0].astype(np.uint32) << 16) | (colors[:, 1].astype(np.uint32) << 8) | colors[:, 2]
    rows["rgb"] = bits.view(np.float32)
    head = (
        "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z rgb\nSIZE 4 4 4 4\n"
        f"TYPE F F F F\nCOUNT 1 1 1 1\nWIDTH {len(points)}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\n"
        f"POINTS {len(points)}\nDATA {form}\n"
    ).encode()
    if form == "binary":
        data = rows.tobytes()
    elif form == "ascii":
        data = "\n".join(
            " ".join(repr(float(v)) for v in p) + f" {float(c)!r}" for p, c in zip(points, rows["rgb"], strict=True)
        ).encode()
        data += b"\n"
    else:
        plain = b"".join(np.ascontiguousarray(rows[name]).tobytes() for name in rows.dtype.names or ())
        packed = packed_lzf(plain)
        data = np.array([len(packed), len(plain)], "<u4").tobytes() + packed
    path.write_bytes(head + data)


def packed_lzf(plain: bytes) -> bytes:
    """Bytes as LZF packs them: as they are, but for stretches of zeros, which become copies of themselves."""
    out, at = bytearray(), 0
    while at < len(plain):
        run = 0
        while run < 264 and plain[at : at + 1] == b"\0" and plain[at + run : at + run + 1] == b"\0":
            run += 1
        if run >= 8:
            out += b"\0\0"  # one zero as it is, then copied run - 1 times from one byte back
            length = run - 1 - 2
            out += bytes([7 << 5, length - 7, 0]) if length >= 7 else bytes([length << 5, 0])
            at += run
            continue
        part = plain[at : at + 32]
        out += bytes([len(part) - 1]) + part
        at += len(part)
    return bytes(out)
