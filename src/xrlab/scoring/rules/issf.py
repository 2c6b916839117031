"""Rings as the International Shooting Sport Federation scores them.

Sources. Rings: see `xrlab.scenario.rings`. Gauges, and what touches a line: Sportordnung of the Deutscher
Schützenbund (DSB), which follows the ISSF, 0.11.3 and 0.11.3.2 (edition 2024, dsb.de): the higher ring is hit if the
bullet touched the circle that bounds it; small bore 5.60 mm, pistols of 7.62 to 9.65 mm 9.65 mm, inner tens of air
rifles by a 4.5 mm gauge. Excess shots: ISSF 6.11.5, DSB 0.11.4.1. Shots at another's target: ISSF 6.11.6, DSB
0.11.4.2. Shots while a target turns: DSB 2.5.3; the greatest length of their holes, 7 mm and 11 mm, after ISSF 6.4,
not opened. Electronic targets stay open 0.2 s longer: DSB 0.4.3.3. Tenths: the step is a tenth of the distance
between rings, counted from the line of the ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from xrlab.scenario.rings import RINGS
from xrlab.scenario.rules import IssfEvent, IssfRules
from xrlab.scoring.rules.course import Card, Course, Decided, Fired, Penalty, Ruling, in_firing_order
from xrlab.scoring.rules.holes import Hole

OPEN_LONGER_S = Fraction(2, 10)
"""A target that does not turn takes shots for so long after the time, which stands for the hole of a turning one."""

EXCESS_COSTS = Fraction(2)

CENTRE_FIRE_GAUGE = 9_650


SKID = {5_600: Fraction(4097, 10_000), CENTRE_FIRE_GAUGE: Fraction(3187, 10_000)}
"""How far a target may be turned away, as a share of a quarter turn, so that a hole of this gauge is no longer than 7
mm (5.6 mm) or 11 mm (9.65 mm): it is as long as the gauge divided by the cosine of the turn, 36.87 and 28.68
degrees."""


@dataclass(frozen=True)
class RingValue:
    """Value of a hole: the ring (0 beside all), the value in tenths, whether it is an inner ten, and whether only its
    edge reached the ring."""

    ring: int
    tenths: int
    inner: bool
    touches_line: bool

    @property
    def decimal(self) -> Fraction:
        """The value with its tenths, such as 10.4."""
        return Fraction(self.tenths, 10)


def value(event: IssfEvent, at: tuple[int, int], *, centre_fire: bool = False) -> RingValue:
    """Value of a hole whose middle is `at` (right and up, micrometres from the middle of the face)."""
    rings, gauge = RINGS[event], _gauge(event, centre_fire)
    square = at[0] ** 2 + at[1] ** 2
    off = isqrt(square - 1) + 1 if square else 0  # rounded up: all borders are whole, so this decides as the root would
    reach = (rings.ten + gauge) // 2
    tenths = min(109, 100 + (reach - off) // (rings.step // 10))
    ring = tenths // 10 if tenths >= 10 * rings.lowest else 0
    inner = 4 * square <= (rings.inner + gauge) ** 2 if rings.inner else 4 * square <= (gauge - rings.ten) ** 2
    return RingValue(ring, tenths if ring else 0, inner, ring > 0 and square > rings.radius(ring) ** 2)


def _gauge(event: IssfEvent, centre_fire: bool) -> int:
    return CENTRE_FIRE_GAUGE if centre_fire else RINGS[event].gauge


def score(course: Course, rules: IssfRules) -> Card:
    """The card of a string: ring values, less two points for every excess shot."""
    rulings: list[Ruling] = []
    in_order: list[tuple[Fraction, bool]] = []
    on_target: dict[str, int] = {}
    for number, shot in enumerate(course.shots):
        excess = course.rounds is not None and number >= course.rounds
        ruling = _ruling(course, rules, shot, on_target)
        if excess:
            ruling = Ruling(shot.shot, shot.t, ruling.target, "excess_shot", "ISSF 6.11.5", Fraction(0))
        else:
            in_order.append((ruling.value or Fraction(0), ruling.inner))
        rulings.append(ruling)
    over = 0 if course.rounds is None else max(0, len(course.shots) - course.rounds)
    penalties = (Penalty("excess_shot", over, EXCESS_COSTS, "ISSF 6.11.5"),) if over else ()
    best = Fraction(109, 10) if rules.decimal else Fraction(10)
    asked = course.rounds if course.rounds is not None else course.times * max(1, len(course.marks))
    return Card(
        course, "issf", in_firing_order(rulings), penalties,
        points=max(Fraction(0), sum((v for v, _ in in_order), Fraction(0)) - over * EXCESS_COSTS),
        most=best * asked, inner=sum(inner for _, inner in in_order), in_order=tuple(in_order),
    )  # fmt: skip


def _ruling(course: Course, rules: IssfRules, shot: Fired, on_target: dict[str, int]) -> Ruling:
    """What one shot is worth; counts it on its target."""
    nought = Fraction(0)
    impact = next((i for i in shot.impacts if i.from_front), None)
    if impact is None:
        return Ruling(shot.shot, shot.t, None, "miss", "ISSF 6.3.4", nought)
    target = impact.mark.name
    if impact.mark.no_shoot:
        return Ruling(shot.shot, shot.t, target, "no_shoot_hit", "", nought)
    if not course.is_own(impact.mark):
        return Ruling(shot.shot, shot.t, target, "crossfire", "ISSF 6.11.6", nought)
    if course.late_by(shot) > OPEN_LONGER_S:
        return Ruling(shot.shot, shot.t, target, "late_shot", "DSB 0.4.3.3", nought)
    gauge = _gauge(rules.event, rules.centre_fire)
    skids = impact.turned > 0
    if skids and impact.turned > SKID.get(gauge, nought):
        return Ruling(shot.shot, shot.t, target, "skid_too_long", "DSB 2.5.3", nought)
    on_target[target] = on_target.get(target, 0) + 1
    if rules.per_target is not None and on_target[target] > rules.per_target:
        return Ruling(shot.shot, shot.t, target, "too_many_on_target", "", nought)
    found = value(rules.event, impact.hole.at, centre_fire=rules.centre_fire)
    worth = found.decimal if rules.decimal else Fraction(found.ring)
    key: Decided = "ring" if found.ring else "outside_rings"
    if skids or found.touches_line:
        key = "skid_counts" if skids else "line_counts"
    rule = "DSB 2.5.3" if skids else "ISSF 6.3.4"
    return Ruling(
        shot.shot, shot.t, target, key, rule, worth, str(found.ring) if found.ring else None, found.inner,
        found.touches_line,
    )  # fmt: skip


def countback(in_order: Sequence[tuple[Fraction, bool]]) -> tuple[object, ...]:
    """What decides between equal totals, the greater the better: inner tens; the last ten shots, the ten before, and so
    on; then shot by shot from the last, an inner ten before a ten.

    After ISSF 6.15.1, not opened at the source. The DSB (0.12.1) begins with the last ten shots and takes inner tens
    last.
    """
    series = [in_order[k : k + 10] for k in range(0, len(in_order), 10)]
    sums = tuple(sum((int(v) for v, _ in ten), 0) for ten in reversed(series))
    single = tuple((int(v), inner) for v, inner in reversed(in_order))
    return (sum(inner for _, inner in in_order), sums, single, tuple(v for v, _ in reversed(in_order)))


def hole(event: IssfEvent, right_mm: float | str, up_mm: float | str, *, centre_fire: bool = False) -> Hole:
    """A hole of an event's gauge."""
    return Hole(Hole.of(right_mm, up_mm, 0).at, _gauge(event, centre_fire))
