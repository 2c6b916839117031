"""Diameter of the hole that a weapon makes, for rules by which its edge counts.

A bullet's is that of its load in the library. A training laser makes no hole: it stands for the weapon whose place it
takes, a service pistol with its first load.
"""

from __future__ import annotations

from functools import cache

from xrlab.scenario.library import loads, weapons
from xrlab.scenario.rings import micrometres

STANDS_FOR = {"training_laser": "pistol"}
"""Which weapon a beam stands for."""


@cache
def diameter(weapon: str, load: str | None = None) -> int:
    """Diameter (micrometres) of the hole of a weapon with a load; without one, with the weapon's first.

    0 for what the library doesn't know, as in a recording of a later version: then the middle of a hit counts.
    """
    spec = weapons().get(STANDS_FOR.get(weapon, weapon))
    kind = loads().get(load or (spec.load if spec else None) or "")
    return micrometres(kind.diameter_mm) if kind else 0
