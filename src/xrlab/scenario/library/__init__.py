"""Weapons, target faces, sounds and stress cues that every scenario can name, from the YAML files beside this one."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, RootModel

from xrlab.document import parse, validate
from xrlab.scenario.model import Face, Part, Range, Text


class WeaponKind(Part):
    """What scoring and handling need of a kind of weapon."""

    rounds: Annotated[int, Field(ge=1, le=1000)]
    interval_s: Annotated[float, Field(gt=0, le=10)]
    reload_s: Annotated[float, Field(gt=0, le=60)]


class SoundKind(Part):
    """A sound: its level at 1 m (dB), how long it takes once (s), and what those read who don't hear."""

    db: Annotated[float, Field(ge=20, le=170)]
    seconds: Annotated[float, Field(gt=0, le=600)]
    text: Text


class CueDose(Part):
    """A stress cue at one level; what the keys mean stands in stress.yaml."""

    db: Annotated[float | None, Field(ge=20, le=170)] = None
    every_s: Range | None = None
    for_s: Range | None = None
    lit_s: Range | None = None
    dark_s: Range | None = None
    low: Annotated[float, Field(ge=0, le=1)] = 0.0
    told_s: tuple[float, ...] = ()


class StressCue(Part):
    """A stress cue: its name in four languages, the sound it makes if any, and its levels 1 to 3."""

    text: Text
    sound: str | None = None
    levels: tuple[CueDose, CueDose, CueDose]


class _Sounds(RootModel[dict[str, SoundKind]]):
    pass


class _Cues(RootModel[dict[str, StressCue]]):
    pass


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


@lru_cache(maxsize=1)
def sounds() -> dict[str, SoundKind]:
    """The library's sounds by name."""
    text = (files(__package__) / "sounds.yaml").read_text(encoding="utf-8")
    return validate(parse(text, "sounds.yaml"), _Sounds).root


@lru_cache(maxsize=1)
def stress_cues() -> dict[str, StressCue]:
    """The library's stress cues by name."""
    text = (files(__package__) / "stress.yaml").read_text(encoding="utf-8")
    return validate(parse(text, "stress.yaml"), _Cues).root
