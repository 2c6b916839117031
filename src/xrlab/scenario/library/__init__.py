"""Weapons, loads, less-lethal means, target faces, sounds and stress cues that every scenario can name."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field, RootModel

from xrlab.document import parse, validate
from xrlab.scenario.model import Face, Part, Range, Share, Text

M = TypeVar("M", bound=BaseModel)


class WeaponKind(Part):
    """What scoring and handling need of a kind of weapon; what the keys mean stands in weapons.yaml."""

    rounds: Annotated[int, Field(ge=1, le=1000)]
    interval_s: Annotated[float, Field(gt=0, le=10)]
    reload_s: Annotated[float, Field(gt=0, le=60)]
    clear_s: Annotated[float, Field(gt=0, le=60)]
    malfunctions: Share = 0.0
    dispersion_mrad: Annotated[float, Field(ge=0, le=20)] = 0.0
    sight_mm: Annotated[float, Field(ge=0, le=200)] = 0.0
    zero_m: Annotated[float, Field(gt=0, le=1000)] = 25.0
    loads: dict[str, Annotated[float, Field(ge=50, le=2000)]] = Field(default_factory=dict)

    @property
    def load(self) -> str | None:
        """The load that it fires unless told otherwise; None if it fires a beam."""
        return next(iter(self.loads), None)


Penetrates = Literal["pistol", "carbine", "rifle"]
"""Classes of what bullets go through, as the table of materials lists them."""


class LoadKind(Part):
    """A cartridge's bullet; what the keys mean stands in loads.yaml."""

    mass_g: Annotated[float, Field(gt=0, le=100)]
    diameter_mm: Annotated[float, Field(gt=0, le=20)]
    drag: Literal["G1", "G7"]
    coefficient: Annotated[float, Field(gt=0.01, le=2)]
    penetrates: Penetrates


class ConductedEnergy(Part):
    """A conducted-energy device: the upper probe flies along the line of sight, the lower `spread_deg` below it.

    needs_m: least distance of the two on one body for muscles to be overridden, for `effect_s`.
    """

    kind: Literal["conducted_energy"]
    model: str
    uses: Annotated[int, Field(ge=1, le=20)]
    interval_s: Annotated[float, Field(gt=0, le=10)]
    reload_s: Annotated[float, Field(gt=0, le=60)]
    reach_m: Annotated[float, Field(gt=0, le=20)]
    spread_deg: Annotated[float, Field(gt=0, le=45)]
    needs_m: Annotated[float, Field(ge=0, le=2)]
    effect_s: Annotated[float, Field(gt=0, le=60)]


class Spray(Part):
    """An irritant spray: a cone `cone_m` in radius at full reach, in bursts of a second.

    works: share of people hit in the face whom it stops, after `delay_s`; they see no farther than `sees_m` then.
    """

    kind: Literal["spray"]
    model: str
    uses: Annotated[int, Field(ge=1, le=100)]
    interval_s: Annotated[float, Field(gt=0, le=10)]
    reach_m: Annotated[float, Field(gt=0, le=20)]
    cone_m: Annotated[float, Field(gt=0, le=5)]
    works: Annotated[float, Field(ge=0, le=1)]
    delay_s: Range
    sees_m: Annotated[float, Field(ge=0, le=100)]
    effect_s: Annotated[float, Field(gt=0, le=7200)]


class Baton(Part):
    """A baton: it reaches `reach_m` from middle to middle, within `front_deg` to either side of where one looks.

    drops: share of blows on an arm that make it let go of what is in the hand.
    """

    kind: Literal["baton"]
    model: str
    interval_s: Annotated[float, Field(gt=0, le=10)]
    reach_m: Annotated[float, Field(gt=0, le=5)]
    front_deg: Annotated[float, Field(gt=0, le=180)]
    drops: Annotated[float, Field(ge=0, le=1)]
    effect_s: Annotated[float, Field(gt=0, le=60)]


Means = ConductedEnergy | Spray | Baton
"""A less-lethal means; what the numbers rest on stands in means.yaml."""


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


class _Loads(RootModel[dict[str, LoadKind]]):
    pass


class _Means(RootModel[dict[str, Annotated[Means, Field(discriminator="kind")]]]):
    pass


class _Faces(RootModel[dict[str, Face]]):
    pass


def _read(name: str, model: type[M]) -> M:
    """One of the files beside this one, checked."""
    return validate(parse((files(__package__) / name).read_text(encoding="utf-8"), name), model)


@lru_cache(maxsize=1)
def weapons() -> dict[str, WeaponKind]:
    """The library's weapons by name."""
    return _read("weapons.yaml", _Weapons).root


@lru_cache(maxsize=1)
def loads() -> dict[str, LoadKind]:
    """The library's loads by name."""
    return _read("loads.yaml", _Loads).root


@lru_cache(maxsize=1)
def means() -> dict[str, Means]:
    """The library's less-lethal means by name."""
    return _read("means.yaml", _Means).root


def means_kind(name: str) -> str:
    """What kind of means this is: conducted_energy, spray or baton; of a name that the library lacks, the name."""
    found = means().get(name)
    return found.kind if found else name


@lru_cache(maxsize=1)
def faces() -> dict[str, Face]:
    """The library's target faces by name."""
    return _read("faces.yaml", _Faces).root


@lru_cache(maxsize=1)
def sounds() -> dict[str, SoundKind]:
    """The library's sounds by name."""
    return _read("sounds.yaml", _Sounds).root


@lru_cache(maxsize=1)
def stress_cues() -> dict[str, StressCue]:
    """The library's stress cues by name."""
    return _read("stress.yaml", _Cues).root
