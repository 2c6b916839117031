"""Courses of fire made by hand, for tests of target rules."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from xrlab.scenario.faces import Face
from xrlab.scenario.library import faces
from xrlab.scoring.rules.course import Course, Fired, Impact, Mark
from xrlab.scoring.rules.holes import Hole

BULLET_MM = "9.03"

PLATE = Face.model_validate(
    {"width_mm": 300, "height_mm": 300, "material": "steel", "zones": [{"zone": "plate", "circle_mm": [0, 0, 150]}]}
)


def paper(name: str = "t1", face: str = "ipsc", **options: Any) -> Mark:
    return Mark(name, faces()[face], **options)


def hit(mark: Mark, right_mm: float | str, up_mm: float | str, across: str = BULLET_MM, **options: Any) -> Impact:
    return Impact(mark, Hole.of(right_mm, up_mm, across), **options)


def shots(*impacts: Impact | tuple[Impact, ...] | None, every_s: str = "1") -> tuple[Fired, ...]:
    """A shot for each: what it met, or None for a miss; the first after one interval."""
    fired = []
    for number, met in enumerate(impacts, 1):
        found = () if met is None else (met,) if isinstance(met, Impact) else met
        fired.append(Fired(number, number * Fraction(every_s), found))
    return tuple(fired)


def course(marks: Sequence[Mark], fired: tuple[Fired, ...], who: str = "p1", **options: Any) -> Course:
    return Course(who, "string", tuple(marks), fired, **options)
