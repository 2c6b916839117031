"""Where the files that ship with xrlab lie: shaders and scenarios, in a checkout and in an installed wheel."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def folder(name: str) -> Path:
    """The folder `name` ("shaders" or "scenarios") that ships with xrlab.

    In a wheel it lies inside the package; in an editable checkout beside `src/`.
    """
    package = Path(str(files("xrlab")))
    packed = package / "_data" / name
    if packed.is_dir():
        return packed
    checkout = package.parent.parent / name
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError(f"xrlab is not installed whole: its folder '{name}' is missing")
