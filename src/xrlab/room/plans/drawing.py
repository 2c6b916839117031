"""What a floor plan draws, whatever file it came from, and the mapping file that tells what its layers mean.

`dxf` and `svg` beside this module read a plan into a `Drawing`; `tracing` finds walls and rooms in it, `rooms`
makes a layout of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from xrlab.document import read, validate
from xrlab.errors import InputError, Problem, meant
from xrlab.room.materials import MATERIALS

Point2 = tuple[float, float]
Role = Literal["walls", "doors", "windows", "openings", "furniture", "rooms", "names", "ignore"]
ROLES: tuple[Role, ...] = get_args(Role)
FurnitureKind = Literal["box", "table", "desk", "chair", "sofa", "bed", "cupboard", "counter"]

MAP_SUFFIX = ".map.yaml"
"""Ending of the mapping file that lies beside a plan and is taken by itself."""

MAX_LINES = 6_000
MAX_MARKS = 4_000
MAX_AT = 1e9
"""Coordinates (in the file's unit) beyond this are damage, not a place."""

UNITS = {"mm": 0.001, "cm": 0.01, "dm": 0.1, "m": 1.0, "in": 0.0254, "ft": 0.3048}

# Words for layers in English, Dutch, French and German; earlier rows win ("door in wall" is a door).
_WORDS: dict[Role, tuple[str, ...]] = {
    "ignore": ("dim", "maat", "cote", "bemass", "hatch", "arcer", "hachure", "schraff", "grid", "raster", "defpoints"),
    "openings": ("opening", "doorgang", "passage", "durchgang", "öffnung", "oeffnung"),
    "doors": ("door", "deur", "porte", "tür", "türen", "tuer"),
    "windows": ("window", "raam", "ramen", "venster", "fenêtre", "fenetre", "fenster", "glaz", "beglaz", "vitrage"),
    "furniture": ("furn", "meubel", "meubil", "meuble", "mobilier", "möbel", "moebel", "inrichting", "einrichtung"),
    "walls": ("wall", "muur", "muren", "mur", "murs", "cloison", "wand", "wände", "waende", "mauer"),
    "rooms": ("room", "space", "area", "ruimte", "lokaal", "kamer", "pièce", "piece", "espace", "local", "raum",
              "räume", "raeume", "zimmer", "zone"),
    "names": ("name", "naam", "namen", "nom", "noms", "text", "tekst", "texte", "label", "beschrift", "anno"),
}  # fmt: skip

_KINDS: dict[FurnitureKind, tuple[str, ...]] = {
    "desk": ("desk", "bureau", "schreibtisch", "burotafel"),
    "sofa": ("sofa", "couch", "zetel", "canapé", "canape", "divan", "bank", "fauteuil"),
    "chair": ("chair", "stoel", "chaise", "stuhl", "seat", "kruk", "tabouret", "hocker"),
    "table": ("table", "tafel", "tisch"),
    "bed": ("bed", "lit", "bett"),
    "cupboard": ("cupboard", "wardrobe", "cabinet", "closet", "kast", "armoire", "schrank", "regal", "shelf", "rek",
                 "étagère", "fridge", "koelkast", "frigo", "kühlschrank"),
    "counter": ("counter", "kitchen", "keuken", "cuisine", "küche", "kueche", "sink", "worktop", "aanrecht", "theke",
                "comptoir", "toog"),
}  # fmt: skip
_KIND_HEIGHTS: dict[str, float] = {
    "desk": 0.74, "table": 0.74, "chair": 0.88, "sofa": 0.8, "bed": 0.5, "cupboard": 1.9, "counter": 0.92, "box": 0.8,
}  # fmt: skip
_KIND_MATERIALS = {"sofa": "fabric", "bed": "fabric"}

Thick = Annotated[float, Field(strict=True, ge=0.03, le=2)]
Height = Annotated[float, Field(strict=True, ge=0.3, le=50)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WindowMap(_Part):
    """How high windows stand, which a plan does not tell."""

    sill_m: Annotated[float, Field(strict=True, ge=0, le=10)] = Field(0.9, description="height of the lower edge")
    height_m: Annotated[float, Field(strict=True, gt=0, le=10)] = Field(1.2, description="height of the glass")


class PieceMap(_Part):
    """What a block or layer of furniture is."""

    kind: FurnitureKind = Field("box", description="what it is")
    height_m: Annotated[float, Field(strict=True, gt=0, le=10)] | None = Field(None, description="its height")
    material: str | None = Field(None, description="what it is made of: a material's name")


class PlanMap(_Part):
    """What the layers of a floor plan mean, and what the plan does not tell. Everything may be left out."""

    xrlab: Literal[1] = Field(description="version of the format")
    name: str | None = Field(None, min_length=1, max_length=80, description="for lists and plans; else the file's name")
    units: Literal["mm", "cm", "dm", "m", "in", "ft"] | None = Field(None, description="what 1 in the file is")
    metres_per_unit: Annotated[float, Field(strict=True, gt=0, le=1000)] | None = Field(
        None, description="in place of units: how many metres 1 in the file is"
    )
    height_m: Annotated[float, Field(strict=True, ge=1.8, le=50)] = Field(2.6, description="from floor to ceiling")
    single_wall_m: Thick = Field(0.1, description="thickness of a wall that is drawn as a single line")
    max_wall_m: Thick = Field(0.5, description="two lines farther apart than this are no wall")
    door_height_m: Annotated[float, Field(strict=True, ge=1.5, le=4)] = Field(2.03, description="height of doors")
    windows: WindowMap = Field(default_factory=lambda: WindowMap(), description="how high windows stand")
    outside_m: Annotated[float, Field(strict=True, ge=0, le=50)] = Field(
        3.0, description="width of the ground around the building, where teams start; 0 for none"
    )
    lamps: bool = Field(True, description="whether each room gets a lamp")
    layers: dict[Role, list[str]] = Field(
        default_factory=dict, description="names of layers by what is on them; * stands for anything"
    )
    wall_materials: dict[str, str] = Field(default_factory=dict, description="material of walls by layer")
    wall_heights: dict[str, Height] = Field(default_factory=dict, description="height of walls by layer, where lower")
    floor: str = Field("concrete", description="material of the floors")
    doors: str = Field("wood", description="material of the doors")
    furniture: dict[str, PieceMap] = Field(default_factory=dict, description="furniture by name of block or layer")

    @field_validator("layers", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        """One layer may be written without brackets."""
        return {k: [v] if isinstance(v, str) else v for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _known(self) -> PlanMap:
        if self.units and self.metres_per_unit:
            raise ValueError("needs one of units and metres_per_unit, not both")
        used = [*self.wall_materials.values(), self.floor, self.doors]
        used += [p.material for p in self.furniture.values() if p.material]
        for name in used:
            if name not in MATERIALS:
                raise ValueError(f"no material is called '{name}'{meant(name, MATERIALS)}")
        return self

    def role(self, layer: str) -> Role | None:
        """What is on a layer: as the file says, else by common words in four languages; None if nothing tells."""
        for role in ROLES:
            if matching(layer, self.layers.get(role, ())) is not None:
                return role
        plain = _plain(layer)
        tokens = re.findall(r"[^\W\d_]+", plain)
        for role, words in _WORDS.items():
            if role in self.layers and role != "ignore":
                continue  # who names the layers of walls means those and no others
            for word in map(_plain, words):
                if any(t == word or (len(word) > 3 and word in t) for t in tokens):
                    return role
        return None

    def piece(self, name: str, layer: str) -> tuple[FurnitureKind, float, str]:
        """Kind, height (m) and material of furniture by its block's or layer's name."""
        for text in (name, layer):
            found = matching(text, self.furniture) if text else None
            if found is not None:
                given = self.furniture[found]
                material = given.material or _KIND_MATERIALS.get(given.kind, "wood")
                return given.kind, given.height_m or _KIND_HEIGHTS[given.kind], material
        kind = furniture_kind(name) or furniture_kind(layer) or "box"
        return kind, _KIND_HEIGHTS[kind], _KIND_MATERIALS.get(kind, "wood")

    def wall_material(self, layer: str) -> str:
        """Material of the walls on a layer."""
        found = matching(layer, self.wall_materials)
        return "plasterboard" if found is None else self.wall_materials[found]

    def wall_height(self, layer: str) -> float | None:
        """Height (m) of the walls on a layer; None for up to the ceiling."""
        found = matching(layer, self.wall_heights)
        return None if found is None else self.wall_heights[found]


def matching(name: str, patterns: Iterable[str]) -> str | None:
    """The first pattern that a name matches, large or small letters alike; None if it matches none."""
    lowered = name.lower()
    return next((p for p in patterns if fnmatchcase(lowered, p.lower())), None)


def furniture_kind(name: str) -> FurnitureKind | None:
    """What a block called so is, by words in four languages; None if its name does not tell."""
    plain = _plain(name)
    for kind, words in _KINDS.items():
        for word in map(_plain, words):
            if word in plain if len(word) > 3 else word in re.findall(r"[^\W\d_]+", plain):
                return kind
    return None


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """Small letters without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def name_from(text: str) -> str:
    """A name for a layout (letters, digits and _) from a text of the plan; "" if it holds no letters.

    "Woonkamer\\n23,4 m²" is `woonkamer`: what is a number or an area tells nothing.
    """
    plain = _plain(text).replace("ß", "ss").replace("æ", "ae").replace("ø", "o")
    plain = re.sub(r"\d+([.,]\d+)?\s*m\s*[2²]?(?![a-z])", " ", plain)
    words = re.findall(r"[a-z0-9]+", plain)
    name = "_".join(words).lstrip("_0123456789")[:40].rstrip("_")
    return name if any(len(w) > 1 and w.isalpha() for w in words) or len(name) == 1 else ""


def printable(text: str) -> str:
    """Text that stays in one line of a comment or a quoted name."""
    return "".join(c if c.isprintable() else "?" for c in text)[:300]


def load_map(path: Path | None, plan: Path) -> tuple[PlanMap, Path | None]:
    """The mapping file of a plan, and its path: the one given, else PLAN.map.yaml beside it, else defaults."""
    if path is None:
        beside = plan.with_name(plan.stem + MAP_SUFFIX)
        path = beside if beside.is_file() else None
    if path is None:
        return PlanMap(xrlab=1), None
    return validate(read(path), PlanMap), path


# --- what a plan draws ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A straight piece on a layer of walls. width: of the wall, where the file tells it. where: for messages."""

    a: Point2
    b: Point2
    layer: str
    where: str
    width: float = 0.0


@dataclass(frozen=True)
class Swing:
    """The arc that a door's leaf draws: its hinge and the two ends of the arc; turn: its angle (rad)."""

    hinge: Point2
    ends: tuple[Point2, Point2]
    turn: float


@dataclass(frozen=True)
class Mark:
    """A door, window or opening as drawn: all points of it; with its swing, if it has one."""

    points: tuple[Point2, ...]
    where: str
    name: str = ""
    swing: Swing | None = None


@dataclass(frozen=True)
class Piece:
    """Furniture as drawn. size: width and depth. yaw: turned by (rad)."""

    name: str
    layer: str
    where: str
    centre: Point2
    size: tuple[float, float]
    yaw: float
    height: float | None = None


@dataclass(frozen=True)
class Outline:
    """The outline of a room, or of a solid part of a wall."""

    points: tuple[Point2, ...]
    where: str
    layer: str = ""
    name: str = ""


@dataclass(frozen=True)
class Label:
    """A text that stands in a room."""

    at: Point2
    text: str


@dataclass
class Drawing:
    """All that a plan draws, in the file's own unit, x to the right, y up.

    unit: metres for 1 in the file, or None where the file does not say. left_out: what was not read, counted.
    """

    path: Path
    unit: float | None = None
    lines: list[Line] = field(default_factory=list)
    solids: list[Outline] = field(default_factory=list)
    doors: list[Mark] = field(default_factory=list)
    windows: list[Mark] = field(default_factory=list)
    openings: list[Mark] = field(default_factory=list)
    furniture: list[Piece] = field(default_factory=list)
    rooms: list[Outline] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def wrong(self, what: str) -> InputError:
        """An error about this plan."""
        return InputError(Problem(str(self.path), 0, 0, what))

    def check_size(self) -> None:
        """Raises `InputError` where the plan holds more than a plan of a building does."""
        if len(self.lines) > MAX_LINES:
            raise self.wrong(f"draws walls with more than {MAX_LINES:,} lines; keep one storey, and no hatching")
        kinds: tuple[list[Any], ...] = (
            self.solids,
            self.doors,
            self.windows,
            self.openings,
            self.furniture,
            self.rooms,
        )
        marks = sum(len(kind) for kind in kinds)
        if marks > MAX_MARKS:
            raise self.wrong(f"draws more than {MAX_MARKS:,} doors, windows, rooms and furniture; keep one storey")
        if len(self.labels) > 10 * MAX_MARKS:
            raise self.wrong("holds too many texts; keep those that name rooms")

    def in_metres(self, unit: float, corner: Point2) -> Drawing:
        """The same with `corner` (in the file's unit) moved to 0, 0, in metres."""

        def at(p: Point2) -> Point2:
            return (p[0] - corner[0]) * unit, (p[1] - corner[1]) * unit

        def all_at(points: Iterable[Point2]) -> tuple[Point2, ...]:
            return tuple(at(p) for p in points)

        def marks(given: list[Mark]) -> list[Mark]:
            return [replace(m, points=all_at(m.points), swing=m.swing and swing(m.swing)) for m in given]

        def swing(s: Swing) -> Swing:
            return Swing(at(s.hinge), (at(s.ends[0]), at(s.ends[1])), s.turn)

        def outlines(given: list[Outline]) -> list[Outline]:
            return [replace(o, points=all_at(o.points)) for o in given]

        return Drawing(
            self.path, 1.0,
            [replace(x, a=at(x.a), b=at(x.b), width=x.width * unit) for x in self.lines],
            outlines(self.solids), marks(self.doors), marks(self.windows), marks(self.openings),
            [replace(p, centre=at(p.centre), size=(p.size[0] * unit, p.size[1] * unit)) for p in self.furniture],
            outlines(self.rooms), [replace(x, at=at(x.at)) for x in self.labels], self.left_out,
        )  # fmt: skip
