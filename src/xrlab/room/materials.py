"""Surface materials: what stops a bullet, what blocks sight, and how each looks by default."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Material:
    """One surface material.

    stops_bullets: a pistol or carbine bullet ends here; otherwise it goes on behind, undeflected.
    blocks_sight: one cannot see through it. muffles_db: what a wall, pane or leaf of it takes off a sound, about its
    sound transmission class (HUD Noise Guidebook, chapter 4 supplement; where that lists none, stated). color: sRGB,
    alpha. roughness, metallic: as glTF defines.
    """

    name: str
    stops_bullets: bool = True
    blocks_sight: bool = True
    muffles_db: float = 30.0
    color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    roughness: float = 0.9
    metallic: float = 0.0


_ALL = (
    Material("concrete", muffles_db=50, color=(0.62, 0.61, 0.59, 1.0)),
    Material("brick", muffles_db=45, color=(0.58, 0.34, 0.27, 1.0)),
    Material("plasterboard", muffles_db=35, color=(0.86, 0.84, 0.80, 1.0)),
    Material("wood", muffles_db=20, color=(0.58, 0.42, 0.28, 1.0), roughness=0.6),
    Material("steel", muffles_db=28, color=(0.56, 0.57, 0.58, 1.0), roughness=0.4, metallic=0.9),
    Material("tile", muffles_db=45, color=(0.80, 0.80, 0.78, 1.0), roughness=0.4),
    Material("rubber", muffles_db=20, color=(0.16, 0.16, 0.17, 1.0)),
    Material("sand", muffles_db=60, color=(0.70, 0.62, 0.47, 1.0)),
    Material("carpet", muffles_db=10, color=(0.40, 0.42, 0.46, 1.0)),
    Material("cardboard", muffles_db=5, stops_bullets=False, color=(0.72, 0.58, 0.40, 1.0)),
    Material("paper", muffles_db=1, stops_bullets=False, color=(0.93, 0.92, 0.88, 1.0)),
    Material("fabric", muffles_db=4, stops_bullets=False, color=(0.45, 0.46, 0.52, 1.0)),
    Material("curtain", muffles_db=3, stops_bullets=False, color=(0.62, 0.30, 0.28, 1.0)),
    Material("leaves", muffles_db=2, stops_bullets=False, color=(0.28, 0.40, 0.20, 1.0)),
    Material(
        "railing", muffles_db=0, stops_bullets=False, blocks_sight=False, color=(0.30, 0.31, 0.32, 1.0), roughness=0.5
    ),
    Material(
        "glass", muffles_db=26, stops_bullets=False, blocks_sight=False, color=(0.75, 0.85, 0.88, 0.25), roughness=0.05
    ),
    Material("armoured_glass", muffles_db=38, blocks_sight=False, color=(0.70, 0.84, 0.80, 0.30), roughness=0.05),
    Material("flesh", muffles_db=0, color=(0.80, 0.62, 0.52, 1.0), roughness=0.7),
)  # fmt: skip
MATERIALS: dict[str, Material] = {m.name: m for m in _ALL}

DEFAULT = "concrete"
"""Material of a mesh that names none that xrlab knows: a room's shell is taken to stop bullets."""

_SPOKEN = {
    "concrete": "cement beton béton stone rock screed stein steen pierre",
    "brick": "masonry baksteen brique ziegel backstein mauerwerk",
    "plasterboard": "plaster drywall gypsum gyproc gips gipskarton stucco",
    "wood": "timber plywood oak pine parquet hout bois holz planken",
    "steel": "metal iron aluminium aluminum staal acier stahl metaal métal metall",
    "tile": "ceramic porcelain marble tegel carrelage fliese keramik",
    "rubber": "gummi caoutchouc",
    "sand": "gravel zand sable",
    "carpet": "rug tapijt moquette teppich",
    "cardboard": "karton carton",
    "paper": "papier poster",
    "fabric": "cloth textile leather upholstery stof tissu stoff polster",
    "curtain": "drape blinds gordijn rideau vorhang",
    "leaves": "foliage hedge bush bladeren haag feuillage haie laub hecke",
    "railing": "handrail balustrade banister grille fence leuning garde-corps geländer gitter zaun",
    "glass": "glazing glas verre windowpane",
    "armoured_glass": "armored_glass bulletproof_glass pantserglas panzerglas",
    "flesh": "skin huid peau",
}
"""What else people call each material in the names of parts, in four languages."""

_CALLED = sorted(
    ((word.replace("-", "_"), name) for name, said in _SPOKEN.items() for word in (name, *said.split())),
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
