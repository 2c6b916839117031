"""A room from a scan: points from a laser scanner or a phone become a coloured mesh that one can train in."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.errors import InputError
from xrlab.geometry.transforms import Array
from xrlab.room.materials import DEFAULT, MATERIALS
from xrlab.room.model import Cloud, Room, Surface
from xrlab.room.scans.clouds import Thinned, guarded, open_cloud, wrong
from xrlab.room.scans.reconstruct import (
    Planes,
    Scattered,
    compact,
    creased,
    one_in_each,
    orient,
    planes_of,
    surface_of,
    without_backs,
)

UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "ft": 0.3048, "in": 0.0254}
UPS = ("x", "y", "z", "-x", "-y", "-z")

TRIANGLES = 200_000
VOXEL_MM = 30.0

_FAR_M = 500.0
"""A cloud whose middle lies farther off than this, as in a national grid, is brought to the origin."""
_TILT_MIN, _TILT_MAX = math.radians(0.3), math.radians(12.0)
_LOWEST_ROOM_M, _HIGHEST_ROOM_M, _WIDEST_M = 1.0, 60.0, 400.0

_LOOK_M = 0.06
_Places = tuple[Array, NDArray[np.uint8], Array]

Say = Callable[[str, float], None]
"""Takes what is being done and how much of it is done, 0..1."""


@dataclass(frozen=True)
class ScanOptions:
    """How a scan becomes a room.

    triangles: how many the mesh may have. crop: lowest and highest corner x0, y0, z0, x1, y1, z1 of what is
    used, in the file's own axes and unit; None for all. voxel_mm: width of the grid that the surface is found
    in: what is smaller is lost. up: the file's axis that points up, one of `UPS`; None to find it. unit: key of
    `UNITS`.
    """

    triangles: int = TRIANGLES
    crop: tuple[float, float, float, float, float, float] | None = None
    voxel_mm: float = VOXEL_MM
    up: str | None = None
    unit: str = "m"

    def __post_init__(self) -> None:
        if not 100 <= self.triangles <= 5_000_000:
            raise InputError(f"--triangles is 100 to 5,000,000; given: {self.triangles}")
        if not 2.0 <= self.voxel_mm <= 1000.0:
            raise InputError(f"--voxel-mm is 2 to 1000; given: {self.voxel_mm:g}")
        if self.up is not None and self.up not in UPS:
            raise InputError(f"--up is one of {', '.join(UPS)}; given: {self.up}")
        if self.unit not in UNITS:
            raise InputError(f"--unit is one of {', '.join(UNITS)}; given: {self.unit}")
        if self.crop is not None and not (
            np.isfinite(self.crop).all() and all(a < b for a, b in zip(self.crop[:3], self.crop[3:], strict=True))
        ):
            raise InputError("--crop is x0,y0,z0,x1,y1,z1 with x0 below x1, y0 below y1 and z0 below z1")


def crop_of(text: str) -> tuple[float, float, float, float, float, float]:
    """Six numbers with commas between, as `--crop` takes them; raises `InputError` for anything else."""
    try:
        a, b, c, d, e, f = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--crop is six numbers with commas between: x0,y0,z0,x1,y1,z1; given: {text[:60]}") from None
    return a, b, c, d, e, f


def scan_options(
    triangles: int | None, crop: str | None, voxel_mm: float | None, up: str | None, unit: str | None
) -> ScanOptions | None:
    """Options as a command gives them, with defaults for those that are None; None if all are."""
    given = {
        "triangles": triangles,
        "crop": None if crop is None else crop_of(crop),
        "voxel_mm": voxel_mm,
        "up": up,
        "unit": unit,
    }
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return ScanOptions(**chosen) if chosen else None


def load_scan(path: Path, options: ScanOptions | None = None, say: Say | None = None) -> Room:
    """The Room that a scan shows: a coloured mesh of one material, its floor, its plan, and its points.

    Raises `InputError` for a file that is none, for one that is not in metres, and where the package that
    reads its format is missing. `say` is told of progress; if None a bar is shown on a terminal.
    """
    options = options or ScanOptions()
    with _Bar() as bar:
        return _load(path, options, say or bar.say)


def load_points(path: Path, options: ScanOptions | None = None, say: Say | None = None) -> Room:
    """A Room that holds a scan's points alone, turned upright: to look at before any surface is made of them."""
    from scipy.spatial import cKDTree

    options = options or ScanOptions()
    with _Bar() as bar:
        say = say or bar.say
        thinned, z_up, remarks = _read(path, options, say)
        points, colors, facing, _ = thinned.result()
        points *= UNITS[options.unit]
        # one point in each few centimetres tells how the scan stands, and what is alone in the air
        some = one_in_each(points, _LOOK_M) if len(points) else np.zeros(0, np.intp)
        planes, _ = _fitted(path, options, (points[some], colors[some], facing[some]), say)
        near = cKDTree(planes.points).query(points, 1, distance_upper_bound=3 * _LOOK_M, workers=-1)[0]
        points, colors = points[np.isfinite(near)], colors[np.isfinite(near)]
        stance, _ = _stand(path, options, planes, z_up, remarks)
        sample = points[:: max(1, len(points) // 20_000)]
        apart = cKDTree(points).query(sample, min(5, len(points)), workers=-1)[0][:, -1]
    cloud = Cloud(points @ stance.turn.T + stance.shift, colors, max(float(np.median(apart)), 1e-4))
    return Room(
        path.stem, (), floor=stance.floor, source=str(path), files=(path,), remarks=tuple(remarks), cloud=cloud
    )  # fmt: skip


@dataclass
class _Scan:
    """Points in metres, z up. step: about how far apart. cube: width (m) that they were thinned to."""

    planes: Planes
    step: float
    cube: float
    floor: float
    remarks: list[str]


def _load(path: Path, options: ScanOptions, say: Say) -> Room:
    scan = _upright(path, options, say)
    width = max(options.voxel_mm / 1000, 2 * scan.cube, 1.35 * scan.step)
    size = np.ptp(scan.planes.points, axis=0)
    if (size / width + 8).max() >= 1 << 20:
        raise wrong(path, f"is {_shown(size)} m in size, too large for a grid of {width * 1000:.0f} mm; crop it")
    if width > 1.1 * options.voxel_mm / 1000:
        scan.remarks.append(
            f"the points lie too far apart for a grid of {options.voxel_mm:g} mm; {width * 1000:.0f} mm is used"
        )
    planes = orient(scan.planes, scan.step, lambda f: say("finding the open side of walls", f))
    planes = without_backs(planes, 1.5 * width)
    try:
        vertices, faces = surface_of(planes, width, lambda f: say("making surfaces", f))
    except Scattered:
        what = "has points all over the air rather than on surfaces; --crop a part of it, or give a larger --voxel-mm"
        raise wrong(path, what) from None
    if not len(faces):
        raise wrong(path, "has points that lie on no surface; a scan of a room is needed")
    vertices, faces, remark = _decimated(vertices, faces, options.triangles, lambda f: say("making it simple", f))
    scan.remarks += [remark] if remark else []
    vertices, faces, normals = creased(vertices, faces)
    colors = _colors_at(vertices, scan.planes)
    kind = MATERIALS[DEFAULT]
    surface = Surface(
        "scan", vertices, faces.astype(np.int32), DEFAULT, (0.8, 0.8, 0.8, 1.0), kind.roughness, kind.metallic,
        normals=normals, colors=colors,
    )  # fmt: skip
    return Room(
        path.stem, (surface,), plan=_plan(surface, scan.floor), floor=scan.floor, source=str(path), files=(path,),
        remarks=tuple(scan.remarks), cloud=Cloud(scan.planes.points, scan.planes.colors, scan.step),
    )  # fmt: skip


# --- from the file to points that stand upright ---------------------------------------------------------


def _read(path: Path, options: ScanOptions, say: Say) -> tuple[Thinned, bool, list[str]]:
    """The file's points, thinned; whether z is up in it for certain; and remarks."""
    source = open_cloud(path)
    thinned = Thinned(options.voxel_mm / 2000 / UNITS[options.unit])
    box = None
    if options.crop is not None:
        box = np.array(options.crop[:3]), np.array(options.crop[3:])

    def read() -> None:
        for piece in source.pieces:
            thinned.add(piece, box)
            say("reading points", min(1.0, thinned.read / source.count))

    guarded(path, read)
    remarks = []
    if thinned.strays:
        remarks.append(f"{thinned.strays:,} points were left out: they lie nowhere, or far from all others")
    return thinned, source.z_up, remarks


def _fitted(path: Path, options: ScanOptions, places: _Places, say: Say) -> tuple[Planes, float]:
    """Planes through the points, in metres, without outliers; and how far apart the points lie (m)."""
    points, colors, facing = places
    if len(points) < 100:
        what = "" if options.crop is None else " within the crop; --crop is in the file's own axes and unit"
        raise wrong(path, f"has only {len(points)} places with points{what or '; a scan of a room is needed'}")
    planes, step = planes_of(points, colors, facing, lambda f: say("finding planes", f))
    spread = np.ptp(planes.points, axis=0) if len(planes.points) else np.zeros(3)
    if len(planes.points) < 100 or np.sort(spread)[1] < 0.05:
        raise wrong(path, "has points that all lie in one place or on one line; a scan of a room is needed")
    return planes, max(step, 1e-4)


@dataclass
class _Stance:
    """How a scan is set upright: turned (3, 3), then moved (3,); and the height (m) of its floor then."""

    turn: Array
    shift: Array
    floor: float


def _stand(path: Path, options: ScanOptions, planes: Planes, z_up: bool, remarks: list[str]) -> tuple[_Stance, Planes]:
    """How the scan is set upright, and its planes so; remarks tell of each thing that was done."""
    up = options.up or ("z" if z_up else _up_axis(planes))
    turn = _turn_from(up)
    if up != "z":
        remarks.append(f"its {up} axis was taken for up; --up says otherwise where that is wrong")
    planes = _turned(planes, turn)
    _check_metres(path, planes.points, options)
    level = _levelling(planes)
    if level is not None:
        matrix, tilt = level
        planes, turn = _turned(planes, matrix), matrix @ turn
        remarks.append(f"it leaned by {math.degrees(tilt):.1f}° and was set upright")
    shift = np.zeros(3)
    middle = np.median(planes.points, axis=0)
    if np.abs(middle).max() > _FAR_M:
        shift = -np.floor(middle)
        planes.points += shift
        remarks.append("it was moved by " + ", ".join(f"{v:.0f}" for v in shift) + " m, near the origin")
    return _Stance(turn, shift, _floor_of(planes)), planes


def _upright(path: Path, options: ScanOptions, say: Say) -> _Scan:
    thinned, z_up, remarks = _read(path, options, say)
    unit = UNITS[options.unit]
    points, colors, facing, _ = thinned.result()
    planes, step = _fitted(path, options, (points * unit, colors, facing), say)
    stance, planes = _stand(path, options, planes, z_up, remarks)
    return _Scan(planes, step, thinned.cube * unit, stance.floor, remarks)


def _shown(size: Array) -> str:
    return " x ".join(f"{v:,.1f}" for v in size)


def _check_metres(path: Path, points: Array, options: ScanOptions) -> None:
    """That the size is a room's or a building's; raises `InputError` with the unit that would make it one."""
    size = np.percentile(points, 99.5, axis=0) - np.percentile(points, 0.5, axis=0)
    height = float(size[2])
    if _LOWEST_ROOM_M <= height <= _HIGHEST_ROOM_M and size.max() <= _WIDEST_M:
        return
    fits = [
        name
        for name, factor in UNITS.items()
        if name != options.unit and 1.8 <= height * factor / UNITS[options.unit] <= 30
    ]
    what = f"is {_shown(size)} m in size if its unit is {options.unit}; "
    if height > _HIGHEST_ROOM_M and fits:
        raise wrong(path, what + f"that is no room: give --unit, such as {' or '.join(fits)}, or --crop a part of it")
    if size.max() > _WIDEST_M:
        raise wrong(path, what + f"{_WIDEST_M:.0f} m is the most: --crop a part of it, or give its --unit")
    raise wrong(path, what + "that is no room: give its --unit, or --up if it lies on its side")


def _turn_from(up: str) -> Array:
    """The rotation (3, 3) that brings a file's up axis to z, as glTF's y up is turned where that is it."""
    turns = {
        "z": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        "-z": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
        "y": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
        "-y": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
        "x": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
        "-x": ((0, -1, 0), (0, 0, 1), (-1, 0, 0)),
    }
    return np.array(turns[up], float)


def _turned(planes: Planes, turn: Array) -> Planes:
    return Planes(planes.points @ turn.T, planes.normals @ turn.T, planes.colors, planes.facing @ turn.T, planes.apart)


def _up_axis(planes: Planes) -> str:
    """Which axis of the file points up: z unless another is clearly better.

    A floor is one level that lies under nearly all of the plan, and a room is lower than it is wide. Which end is
    the floor is told by tables, seats and beds: of the levels between, most lie in the lower half.
    """
    scores = []
    sizes = np.array([_spread(planes.points[:, axis]) for axis in range(3)])
    for axis in range(3):
        along = planes.points[:, axis]
        flat = np.abs(planes.normals[:, axis]) > 0.95
        low = np.percentile(along, 0.5)
        bins = np.floor((along - low) / 0.1).astype(np.int64)
        others = [k for k in range(3) if k != axis]
        plan = np.floor(planes.points[:, others] / 0.25).astype(np.int64)
        covered = len(np.unique(plan, axis=0))
        levels, counts = np.unique(bins[flat], return_counts=True)
        under = 0.0
        for level in levels[np.argsort(-counts)[:2]]:
            chosen = flat & (np.abs(bins - level) <= 1)
            under += len(np.unique(plan[chosen], axis=0)) / max(covered, 1)
        lower = min(2.0, float(np.median(sizes)) / max(float(sizes[axis]), 0.1))
        scores.append(under * (0.5 + 0.5 * lower))
    best = int(np.argmax(scores))
    if scores[best] < 1.15 * scores[2]:
        best = 2
    name = "xyz"[best]
    if best == 2:
        return name
    along = planes.points[:, best]
    low, high = np.percentile(along, (0.5, 99.5))
    share = (along - low) / max(high - low, 1e-6)
    level = share[(share > 0.06) & (share < 0.94) & (np.abs(planes.normals[:, best]) > 0.95)]
    lower = float((level < 0.5).mean()) if len(level) > 0.001 * len(share) else 0.5
    return f"-{name}" if lower < 0.4 else name


def _spread(values: Array) -> float:
    low, high = np.percentile(values, (0.5, 99.5))
    return float(high - low)


def _levelling(planes: Planes) -> tuple[Array, float] | None:
    """The rotation that makes floors level, and by how much (rad); None where they are, or where nothing tells."""
    near = np.abs(planes.normals[:, 2]) > math.cos(_TILT_MAX)
    if near.sum() < 50:
        return None
    normals = planes.normals[near] * np.sign(planes.normals[near, 2:])
    up = np.median(normals, axis=0)
    for _ in range(5):  # towards where most of them point
        close = normals @ up > math.cos(math.radians(3)) * np.linalg.norm(up)
        if close.sum() < 50:
            return None
        up = normals[close].mean(axis=0)
        up /= np.linalg.norm(up)
    tilt = math.acos(min(1.0, float(up[2])))
    if tilt < _TILT_MIN:
        return None
    axis = np.cross(up, (0.0, 0.0, 1.0))
    axis /= np.linalg.norm(axis)
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + math.sin(tilt) * k + (1 - math.cos(tilt)) * (k @ k), tilt


def _floor_of(planes: Planes) -> float:
    """Height (m) of the level with the most points whose plane is level, in the lower half."""
    z = planes.points[:, 2]
    low, high = np.percentile(z, (0.2, 99.8))
    level = (np.abs(planes.normals[:, 2]) > 0.9) & (z <= (low + high) / 2)
    if level.sum() < 20:
        return round(float(low), 3)
    heights = z[level]
    values, counts = np.unique(np.round(heights / 0.05), return_counts=True)
    best = values[int(np.argmax(counts))] * 0.05
    return round(float(np.median(heights[np.abs(heights - best) < 0.06])), 3)


# --- from a fine mesh to the room's ---------------------------------------------------------------------


def _decimated(
    vertices: Array, faces: NDArray[np.int64], most: int, tell: Callable[[float], None]
) -> tuple[Array, NDArray[np.int64], str]:
    """The mesh with at most `most` triangles, and a remark if that could not be reached."""
    tell(0.0)
    if len(faces) <= most:
        return vertices, faces, ""
    try:
        import fast_simplification
    except ImportError:
        raise InputError(
            "making a scan's mesh simpler needs fast-simplification, which is not installed: pip install 'xrlab[scan]'"
        ) from None
    middle = vertices.mean(axis=0)
    fewer, index = fast_simplification.simplify(
        (vertices - middle).astype(np.float32), faces.astype(np.int32), target_count=most, agg=5
    )
    tell(1.0)
    out, kept = np.asarray(fewer, float) + middle, np.asarray(index, np.int64)
    tri = out[kept]
    area = np.linalg.norm(np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0]), axis=1)
    out, kept = compact(out, kept[area > 1e-10])
    remark = "" if len(kept) <= 1.05 * most else f"has {len(kept):,} triangles; it could not be made simpler"
    return out, kept, remark


def _colors_at(places: Array, planes: Planes) -> NDArray[np.uint8]:
    from scipy.spatial import cKDTree

    tree = cKDTree(planes.points, balanced_tree=False, compact_nodes=False)
    distance, index = tree.query(places, min(4, len(planes.points)), workers=-1)
    weight = 1 / (distance.reshape(len(places), -1) + 0.002)
    weight /= weight.sum(axis=1, keepdims=True)
    mean = (planes.colors[index.reshape(len(places), -1)] * weight[:, :, None]).sum(axis=1)
    return np.asarray(np.clip(np.round(mean), 0, 255), np.uint8)


def _plan(surface: Surface, floor: float) -> tuple[tuple[str, Array], ...]:
    """Where the mesh is cut at breast height, as short lines."""
    import trimesh

    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    cut = np.asarray(trimesh.intersections.mesh_plane(mesh, (0, 0, 1), (0, 0, floor + 1.2)))
    return tuple(("wall", segment[:, :2]) for segment in cut[:20_000])


# --- progress -------------------------------------------------------------------------------------------


class _Bar:
    """A bar on standard error for what takes longer than two seconds; only on a terminal."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._shown: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown is not None:
            self._shown.stop()

    def say(self, what: str, done: float) -> None:
        """Show how much of what is done."""
        if self._shown is None:
            if time.monotonic() - self._begun < 2.0 or not sys.stderr.isatty():
                return
            from rich.console import Console
            from rich.progress import Progress

            self._shown = Progress(console=Console(stderr=True), transient=True)
            self._shown.start()
        if what not in self._tasks:
            self._tasks[what] = self._shown.add_task(what, total=1.0)
        self._shown.update(self._tasks[what], completed=done)


__all__ = ["ScanOptions", "crop_of", "load_points", "load_scan", "scan_options"]
