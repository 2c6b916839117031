"""One call that loads any room: a layout in YAML, or a mesh."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from xrlab.errors import InputError, Problem
from xrlab.room.model import Room

LAYOUTS = (".yaml", ".yml")
MESHES = (".glb", ".gltf", ".obj", ".ply", ".stl", ".off")


def load_room(path: Path | str) -> Room:
    """Loads a room; raises `InputError` with place and mend for a file that is none.

    A layout that has not changed since it was last loaded in this process is not built again: a Room never
    changes, and hundreds of runs share one.
    """
    path = Path(path)
    try:
        state = path.stat()
    except OSError:
        return _load(path)
    return _unchanged(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _unchanged(path: Path, changed_ns: int, size: int) -> Room:
    return _load(path)


def _load(path: Path) -> Room:
    suffix = path.suffix.lower()
    if suffix in LAYOUTS:
        from xrlab.room.layouts import load_layout

        return load_layout(path)
    if suffix in MESHES:
        from xrlab.room.meshes import load_mesh

        return load_mesh(path)
    known = ", ".join((*LAYOUTS, *MESHES))
    raise InputError(Problem(str(path), 0, 0, f"a room is a file of one of these kinds: {known}"))
