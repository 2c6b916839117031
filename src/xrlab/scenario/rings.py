"""The rings of the targets that the ISSF's events are fired at.

After the ISSF's General Technical Rules 6.3.4 (edition 2017 and later), which could not be opened at the source; the
figures agree with the tables of German clubs after the same rules (fsv-schnabelwaid.de for 10 m, sv-wasserdoerfer for
25 m) and with independent programs. Gauges: Sportordnung of the Deutscher Schützenbund 0.11.3.2 (2024, dsb.de).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from xrlab.scenario.faces import Face
from xrlab.scenario.rules import IssfEvent


def micrometres(millimetres: float | str | Decimal) -> int:
    """A length in mm as whole micrometres; a float is taken as the decimal that it is written as."""
    return int((Decimal(str(millimetres)) * 1000).to_integral_value(ROUND_HALF_EVEN))


@dataclass(frozen=True)
class Rings:
    """A target's rings. All in micrometres.

    ten: diameter of the ring 10. step: from one ring to the next, of the radius. lowest: value of the outermost ring.
    inner: diameter of the inner ten; 0 where the hole must cover the whole ring 10 instead. gauge: diameter of the
    holes.
    """

    ten: int
    step: int
    lowest: int
    inner: int
    gauge: int

    def radius(self, ring: int) -> int:
        """Radius of a ring."""
        return self.ten // 2 + (10 - ring) * self.step


RINGS: dict[IssfEvent, Rings] = {
    "air_rifle_10m": Rings(ten=500, step=2_500, lowest=1, inner=0, gauge=4_500),
    "air_pistol_10m": Rings(ten=11_500, step=8_000, lowest=1, inner=5_000, gauge=4_500),
    "precision_25m": Rings(ten=50_000, step=25_000, lowest=1, inner=25_000, gauge=5_600),
    "rapid_fire_25m": Rings(ten=100_000, step=40_000, lowest=5, inner=50_000, gauge=5_600),
    "rifle_50m": Rings(ten=10_400, step=8_000, lowest=1, inner=5_000, gauge=5_600),
    "pistol_50m": Rings(ten=50_000, step=25_000, lowest=1, inner=25_000, gauge=5_600),
}


def radii(face: Face) -> dict[int, int]:
    """The rings of a face: radius (micrometres) by value, of zones that are circles and have a number for a name."""
    out: dict[int, int] = {}
    for zone in face.zones:
        if zone.circle_mm and zone.zone.isdecimal():
            out[int(zone.zone)] = max(out.get(int(zone.zone), 0), micrometres(zone.circle_mm[2]))
    return out


def fits(event: IssfEvent, radii: dict[int, int]) -> str:
    """What is wrong with a face's rings (value: radius in micrometres) for an event; "" if they are the event's."""
    rings = RINGS[event]
    for ring in range(10, rings.lowest - 1, -1):
        if radii.get(ring) != rings.radius(ring):
            there = f"{2 * radii[ring] / 1000:g} mm across" if ring in radii else "missing"
            return f"its ring {ring} is {there}, the event's is {2 * rings.radius(ring) / 1000:g} mm across"
    return ""
