"""One call that loads any room: a layout in YAML, a mesh, a floor plan, or a building model."""

from __future__ import annotations

from pathlib import Path

from xrlab.errors import InputError, Problem
from xrlab.room.model import Room

LAYOUTS = (".yaml", ".yml")
MESHES = (".glb", ".gltf", ".obj", ".ply", ".stl", ".off")
SCANS = (".e57", ".las", ".laz", ".pcd")  # and a .ply without faces
PLANS = (".dxf", ".svg")
BUILDINGS = (".ifc",)


State = tuple[tuple[int, int] | None, ...]
_KEPT_ROOMS = 8
_kept: dict[tuple[Path, Path], tuple[State, Room]] = {}


def load_room(path: Path | str) -> Room:
    """Loads a room; raises `InputError` with place and mend for a file that is none.

    A room whose files have not changed since it was last loaded in this process is not built again: a Room
    never changes, and hundreds of runs share one.
    """
    path = Path(path)
    if "\0" in str(path):
        raise InputError(Problem(str(path).replace("\0", "\\0"), 0, 0, "no file can have this name"))
    key = (path, path.absolute())
    if key in _kept:
        state, room = _kept[key]
        if state == _state(room.files):
            return room
        del _kept[key]
    room = _load(path)
    if len(_kept) >= _KEPT_ROOMS:
        del _kept[next(iter(_kept))]
    _kept[key] = (_state(room.files), room)
    return room


def _state(files: tuple[Path, ...]) -> State:
    """When each file was last changed and how long it is; None for one that is gone."""
    return tuple(_changed(file) for file in files)


def _changed(file: Path) -> tuple[int, int] | None:
    try:
        info = file.stat()
    except OSError:
        return None
    return info.st_mtime_ns, info.st_size


def is_scan(path: Path) -> bool:
    """Whether a file holds points rather than surfaces: by its suffix, and a PLY by whether it names faces."""
    suffix = path.suffix.lower()
    if suffix == ".ply":
        from xrlab.room.scans.formats import ply_has_faces

        return path.is_file() and path.stat().st_size > 0 and not ply_has_faces(path)
    return suffix in SCANS


def _load(path: Path) -> Room:
    suffix = path.suffix.lower()
    if suffix in LAYOUTS:
        from xrlab.room.layouts import load_layout

        return load_layout(path)
    if is_scan(path):
        from xrlab.room.scans.rooms import load_scan

        return load_scan(path)
    if suffix in MESHES:
        from xrlab.room.meshes import load_mesh

        return load_mesh(path)
    if suffix in PLANS:
        from xrlab.room.plans.rooms import load_plan

        return load_plan(path)
    if suffix in BUILDINGS:
        from xrlab.room.plans.ifc import load_ifc

        return load_ifc(path)
    known = ", ".join((*LAYOUTS, *MESHES, *SCANS, *PLANS, *BUILDINGS))
    raise InputError(Problem(str(path), 0, 0, f"a room is a file of one of these kinds: {known}"))
