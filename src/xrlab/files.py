"""Files and folders that are written wholly or not at all, and files that must lie in a folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from xrlab.errors import InputError


def make_folder(path: Path) -> None:
    """Makes a folder for output; raises `InputError` where that can't be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"{path}: is a file; --out needs a folder") from None
    except OSError as error:
        raise InputError(f"{path}: the folder cannot be made: {error.strerror}") from None


def lies_in(folder: Path, path: Path) -> bool:
    """Whether a path leads into a folder, links followed; False for one that can't be followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a link that leads to itself
        return False


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file wholly or not at all: to a temporary name beside it, then renamed."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(data)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}; give a folder that exists") from None
    temporary = Path(file.name)
    try:
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
