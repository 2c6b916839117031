"""Materials: how each looks, sounds, is seen through and shot through, from materials.yaml beside this file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from xrlab.document import parse, validate

Hollow = Literal["always", "furniture", "never"]
Rgba = tuple[float, float, float, float]

BULLETS = ("pistol", "carbine", "rifle")
"""Classes of bullets, by which materials say what stops them."""


@dataclass(frozen=True, slots=True)
class Material:
    """One material; materials.yaml says what its figures mean and where they come from.

    blocks_sight: one cannot see through it. shields: it stops a straight line, such as that of a training laser.
    muffles_db: what a wall, pane or leaf of it takes off a sound. stops_m: thickness (m) that stops a bullet of a class
    with its muzzle energy; without a class bullets lose nothing in it. by_load: the same of single loads, by name.
    sheet_m: thickness (m) of a board, pane or panel. target_m: of a target board. hollow: which bodies of it are two
    sheets with air between. ricochet_sin: sine of the angle to its surface below which a bullet may glance off.
    color: sRGB, alpha. roughness, metallic: as glTF defines.
    """

    name: str
    stops_m: Mapping[str, float]
    by_load: Mapping[str, float]
    sheet_m: float
    target_m: float
    hollow: Hollow = "never"
    ricochet_sin: float = 0.0
    shields: bool = True
    blocks_sight: bool = True
    muffles_db: float = 30.0
    color: Rgba = (0.8, 0.8, 0.8, 1.0)
    roughness: float = 0.9
    metallic: float = 0.0

    def stops(self, bullet: str, load: str = "") -> float | None:
        """Thickness (m) that stops a bullet of this class, or load, with its muzzle energy; None: it loses nothing."""
        return self.by_load.get(load) or self.stops_m.get(bullet)


_Millimetres = Annotated[float, Field(gt=0, le=10_000)]
_Share = Annotated[float, Field(ge=0, le=1)]


class _Entry(BaseModel):
    """A material in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stops_mm: dict[Literal["pistol", "carbine", "rifle"], tuple[_Millimetres, str]] = Field(default_factory=dict)
    by_load: dict[str, tuple[_Millimetres, str]] = Field(default_factory=dict)
    sheet_mm: _Millimetres
    target_mm: _Millimetres | None = None
    hollow: Hollow
    ricochet_deg: tuple[Annotated[float, Field(ge=0, le=90)], str] | None = None
    shields: bool = True
    blocks_sight: bool = True
    muffles_db: Annotated[float, Field(ge=0, le=100)]
    color: tuple[_Share, _Share, _Share, _Share]
    roughness: _Share = 0.9
    metallic: _Share = 0.0
    words: str

    def material(self, name: str) -> Material:
        """The material that the rest of xrlab takes."""
        angle = self.ricochet_deg[0] if self.ricochet_deg else 0.0
        return Material(
            name, {k: mm / 1000 for k, (mm, _) in self.stops_mm.items()},
            {k: mm / 1000 for k, (mm, _) in self.by_load.items()}, self.sheet_mm / 1000,
            (self.target_mm or self.sheet_mm) / 1000, self.hollow, round(math.sin(math.radians(angle)), 9),
            self.shields, self.blocks_sight, self.muffles_db, self.color, self.roughness, self.metallic,
        )  # fmt: skip


class _File(BaseModel):
    """The whole file: sources by name, and the materials that name them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: dict[str, str]
    materials: dict[str, _Entry]

    @model_validator(mode="after")
    def _sourced(self) -> _File:
        for name, entry in self.materials.items():
            given = [*entry.stops_mm.values(), *entry.by_load.values(), *filter(None, [entry.ricochet_deg])]
            for _, source in given:
                if source not in self.sources:
                    raise ValueError(f"{name} names the source '{source}', which sources does not say")
        return self


_FILE = validate(parse((files(__package__) / "materials.yaml").read_text(encoding="utf-8"), "materials.yaml"), _File)

SOURCES: dict[str, str] = _FILE.sources
"""Where the figures come from, by the name that each figure bears."""
FIGURES: dict[str, dict[str, tuple[float, str]]] = {
    name: dict(chain(entry.stops_mm.items(), entry.by_load.items())) for name, entry in _FILE.materials.items()
}
"""Of each material: thickness (mm) that stops a bullet of a class or load, and the source of that."""
MATERIALS: dict[str, Material] = {name: entry.material(name) for name, entry in _FILE.materials.items()}

THIN_SHEETS = 3
"""What is no thicker than so many sheets of its material (a leg, a table top, a wooden door) is solid."""

DEFAULT = "concrete"
"""Material of a mesh that names none that xrlab knows: a room's shell is taken to stop bullets."""

_CALLED = sorted(
    (
        (word.replace("-", "_"), name)
        for name, entry in _FILE.materials.items()
        for word in (name, *entry.words.split())
    ),
    key=lambda pair: -len(pair[0]),
)
_SHORT = 5


def by_name(text: str) -> str | None:
    """The material that a free name such as 'Wall_Brick.003' or 'gordijn links' speaks of; None if it names none.

    The first word of the name that is one of a material, or begins with one ("brickwork"), counts; a short word
    (fewer than five letters) must be the whole one, so that 'sandwich' is not sand.
    """
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", "_", text)
    plain = "_" + re.sub(r"[^a-zà-ÿ]+", "_", spaced.lower()) + "_"
    best: tuple[int, str] | None = None
    for word, name in _CALLED:
        at = plain.find(f"_{word}" if len(word) >= _SHORT else f"_{word}_")
        if at >= 0 and (best is None or at < best[0]):
            best = (at, name)
    return best[1] if best else None
