"""Surface materials: what stops a bullet, what blocks sight, and how each looks by default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Material:
    """One surface material.

    stops_bullets: a pistol or carbine bullet ends here; otherwise it goes on behind, undeflected.
    blocks_sight: one cannot see through it. color: sRGB, alpha. roughness, metallic: as glTF defines.
    """

    name: str
    stops_bullets: bool = True
    blocks_sight: bool = True
    color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    roughness: float = 0.9
    metallic: float = 0.0


_ALL = (
    Material("concrete", color=(0.62, 0.61, 0.59, 1.0)),
    Material("brick", color=(0.58, 0.34, 0.27, 1.0)),
    Material("plasterboard", color=(0.86, 0.84, 0.80, 1.0)),
    Material("wood", color=(0.58, 0.42, 0.28, 1.0), roughness=0.6),
    Material("steel", color=(0.56, 0.57, 0.58, 1.0), roughness=0.4, metallic=0.9),
    Material("tile", color=(0.80, 0.80, 0.78, 1.0), roughness=0.4),
    Material("rubber", color=(0.16, 0.16, 0.17, 1.0)),
    Material("sand", color=(0.70, 0.62, 0.47, 1.0)),
    Material("carpet", color=(0.40, 0.42, 0.46, 1.0)),
    Material("cardboard", stops_bullets=False, color=(0.72, 0.58, 0.40, 1.0)),
    Material("paper", stops_bullets=False, color=(0.93, 0.92, 0.88, 1.0)),
    Material("fabric", stops_bullets=False, color=(0.45, 0.46, 0.52, 1.0)),
    Material("glass", stops_bullets=False, blocks_sight=False, color=(0.75, 0.85, 0.88, 0.25), roughness=0.05),
    Material("flesh", color=(0.80, 0.62, 0.52, 1.0), roughness=0.7),
)
MATERIALS: dict[str, Material] = {m.name: m for m in _ALL}

DEFAULT = "concrete"
"""Material of a mesh that names none that xrlab knows: a room's shell is taken to stop bullets."""


def by_name(text: str) -> str | None:
    """The material that a free name such as 'Wall_Brick.003' speaks of; None if it names none."""
    lowered = text.lower()
    return next((name for name in MATERIALS if name in lowered), None)
