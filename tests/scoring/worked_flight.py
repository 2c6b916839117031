"""Answers of the examples about flight in docs/scoring.md."""

from __future__ import annotations

import math
from typing import Any

from xrlab.scenario.library import weapons
from xrlab.sim.flight import Air, Flight, flight, load_of
from xrlab.sim.world import Weapon


def _flight(given: dict[str, Any]) -> Flight:
    weapon = Weapon.of(given["weapon"], given.get("load"))
    assert weapon.load is not None
    air = Air(given.get("temperature_c", 15.0), wind_mps=given.get("wind_mps", 0.0))
    pitch, side = (math.radians(given.get(key, 0.0)) for key in ("up_deg", "wind_from_deg"))
    return flight(load_of(weapon.load), weapon.barrel, air, pitch=pitch, wind_from=side)


def place(given: dict[str, Any]) -> dict[str, Any]:
    """Where a bullet is at a distance: millimetres off the line of sight, seconds, metres a second."""
    bullet, away = _flight(given), given["distance_m"]
    right, up = bullet.offset(away)
    return {
        "right_mm": round(right * 1000, 1) + 0.0, "up_mm": round(up * 1000, 1) + 0.0,
        "time_s": round(bullet.time(away), 4),
        "speed_mps": round(bullet.speed(away), 1),
    }  # fmt: skip


def lag(given: dict[str, Any]) -> dict[str, Any]:
    """The drift in a cross wind, and what Didion's rule makes of the time of flight."""
    away, wind = given["distance_m"], given["wind_mps"]
    bullet, still = _flight(given | {"wind_from_deg": 90}), _flight(given | {"wind_mps": 0.0})
    late = still.time(away) - away / still.speed(0.0)
    return {"right_mm": round(bullet.offset(away)[0] * 1000), "rule_mm": round(wind * late * 1000)}


def dispersion(given: dict[str, Any]) -> dict[str, Any]:
    """Standard deviation from an extreme spread."""
    return {"mrad": round(given["extreme_spread_mm"] / given["distance_m"] / given["factor"], 3)}


def of_weapon(given: dict[str, Any]) -> dict[str, Any]:
    """How far a weapon strays at a distance, as the library has it."""
    return {"standard_deviation_mm": round(weapons()[given["weapon"]].dispersion_mrad * given["distance_m"], 1)}


def lead(given: dict[str, Any]) -> dict[str, Any]:
    """How far something that moves across goes while the bullet is on its way."""
    return {"moved_mm": round(given["moves_mps"] * _flight(given).time(given["distance_m"]) * 1000)}


EXAMPLES = {
    "flight": place, "wind": lag, "dispersion": dispersion, "weapon_dispersion": of_weapon, "arrival": lead,
}  # fmt: skip
