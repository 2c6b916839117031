"""Weapons and target faces that every scenario can name, from the YAML files beside this one."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, RootModel

from xrlab.document import parse, validate
from xrlab.scenario.model import Face, Part


class WeaponKind(Part):
    """What scoring and handling need of a kind of weapon."""

    rounds: Annotated[int, Field(ge=1, le=1000)]
    interval_s: Annotated[float, Field(gt=0, le=10)]
    reload_s: Annotated[float, Field(gt=0, le=60)]


class _Weapons(RootModel[dict[str, WeaponKind]]):
    pass


class _Faces(RootModel[dict[str, Face]]):
    pass


@lru_cache(maxsize=1)
def weapons() -> dict[str, WeaponKind]:
    """The library's weapons by name."""
    text = (files(__package__) / "weapons.yaml").read_text(encoding="utf-8")
    return validate(parse(text, "weapons.yaml"), _Weapons).root


@lru_cache(maxsize=1)
def faces() -> dict[str, Face]:
    """The library's target faces by name."""
    text = (files(__package__) / "faces.yaml").read_text(encoding="utf-8")
    return validate(parse(text, "faces.yaml"), _Faces).root
