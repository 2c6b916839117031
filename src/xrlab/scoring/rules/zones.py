"""Named zones of any face, with the points that the face gives them: a silhouette, or zones that a designer drew.

This lab's own rule. A hole counts where any part of it touches (as in the IPSC's 9.5.2 and 9.5.3: the better of two
scoring zones, and a zone that costs points is paid for besides), or where its middle lies. Of each string the best
shots count, as many as it allows rounds; what costs points always counts.
"""

from __future__ import annotations

from fractions import Fraction

from xrlab.scenario.rules import ZoneRules
from xrlab.scoring.rules.course import Card, Course, Decided, Fired, Impact, Mark, Ruling, in_firing_order
from xrlab.scoring.rules.holes import Hole, holds_middle, touched

OWN = "xrlab"
"""Whose rule it is."""


def zone_points(mark: Mark, hole: Hole, line: str) -> tuple[str, Fraction, bool] | None:
    """Zone and points of a hole, and whether only its edge reached the zone; None beside all."""
    middle = holds_middle(mark.face.zones, hole)
    if line == "centre":
        return (middle.zone, _points(middle.points), False) if middle else None
    found = touched(mark.face.zones, hole)
    if not found:
        return None
    best, worst = max(found, key=lambda z: z.points), min(found, key=lambda z: z.points)
    if best.points > 0:
        zone, points = best, _points(best.points) + min(Fraction(0), _points(worst.points))
    else:
        zone, points = worst, _points(worst.points)
    return zone.zone, points, middle is None or middle.zone != zone.zone


def _points(points: float) -> Fraction:
    return Fraction(repr(float(points)))


def score(course: Course, rules: ZoneRules) -> Card:
    """The card of a string: the points of its best shots, and all that costs points; not below nought."""
    rulings = [_ruling(course, rules, shot, impact) for shot in course.shots for impact in shot.impacts]
    met = {r.shot for r in rulings}
    rulings += [Ruling(s.shot, s.t, None, "miss", OWN, Fraction(0)) for s in course.shots if s.shot not in met]
    earning = sorted((r for r in rulings if (r.value or 0) > 0), key=lambda r: (-(r.value or 0), r.t, r.shot))
    kept = {id(r) for r in (earning if course.rounds is None else earning[: course.rounds])}
    rulings = [
        r
        if id(r) in kept or (r.value or 0) <= 0
        else Ruling(r.shot, r.t, r.target, "better_hits_count", OWN, Fraction(0), r.zone)
        for r in rulings
    ]
    best = [max((_points(z.points) for z in m.face.zones), default=Fraction(0)) for m in course.marks if not m.no_shoot]
    asked = course.rounds if course.rounds is not None else course.times * max(1, len(best))
    return Card(
        course, "zones", in_firing_order(rulings),
        points=max(Fraction(0), sum((r.value or Fraction(0) for r in rulings), Fraction(0))),
        most=max([Fraction(0), *best]) * asked,
    )  # fmt: skip


def _ruling(course: Course, rules: ZoneRules, shot: Fired, impact: Impact) -> Ruling:
    name = impact.mark.name
    found = zone_points(impact.mark, impact.hole, rules.line) if impact.from_front else None
    if found is None:
        key: Decided = "outside_zones" if impact.from_front else "from_behind"
        return Ruling(shot.shot, shot.t, name, key, OWN, Fraction(0))
    zone, points, edge = found
    if impact.mark.no_shoot:
        return Ruling(shot.shot, shot.t, name, "no_shoot_hit", OWN, min(points, Fraction(0)), zone)
    if not course.is_own(impact.mark):
        return Ruling(shot.shot, shot.t, name, "crossfire", OWN, min(points, Fraction(0)), zone)
    if course.late_by(shot) > 0:
        return Ruling(shot.shot, shot.t, name, "late_shot", OWN, min(points, Fraction(0)), zone)
    return Ruling(shot.shot, shot.t, name, "line_counts" if edge else "zone", OWN, points, zone, touches_line=edge)
