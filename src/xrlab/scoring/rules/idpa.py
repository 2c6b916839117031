"""Defensive shooting as the International Defensive Pistol Association scores it: time plus.

Source: the IDPA's rule book of 2017 and later as idparulebook.com shows it: 4.1 (unlimited: raw time plus a second
for each point down, best hits of each target), 4.2 (limited: a procedural error for a string with extra shots, and
one of the best hits taken off for each), 4.5 (the outside of the hole counts, the better score in doubt), 4.9
(shoot-throughs count), 4.17 (reactive targets must react), 5.1 (procedural error 3 s). Zones -0, -1, -3, a miss 5
down, and 5 s for each hit on a non-threat: brocksgapidpa.com, after the same book.

Not judged, since it can't be seen in hits: cover, the order of targets, and all else that a safety officer calls.
"""

from __future__ import annotations

from fractions import Fraction

from xrlab.scenario.rules import IdpaRules
from xrlab.scoring.rules.course import (
    Card,
    Course,
    Decided,
    Fired,
    Impact,
    Mark,
    Penalty,
    Ruling,
    in_firing_order,
    timed,
)
from xrlab.scoring.rules.holes import Hole, touched

DOWN = {"-0": 0, "-1": 1, "-3": 3}
MISS_DOWN = 5
PROCEDURAL_S = Fraction(3)
NON_THREAT_S = Fraction(5)


def points_down(mark: Mark, hole: Hole) -> tuple[str, int, bool] | None:
    """Zone and points down of a hole, and whether only its edge reached the zone; None for a miss.

    The better score that the hole touches counts. A steel target that is hit has none down.
    """
    if mark.is_steel:
        zones = touched(mark.face.zones, hole)
        return (zones[0].zone, 0, False) if zones else None
    scoring = [z for z in mark.face.zones if z.zone in DOWN]
    found = sorted(touched(scoring, hole), key=lambda z: DOWN[z.zone])
    if not found:
        return None
    best = found[0].zone
    return best, DOWN[best], not any(z.zone == best for z in touched(scoring, Hole(hole.at, 0)))


def score(course: Course, rules: IdpaRules) -> Card:
    """The card of a string: time from the signal to the last shot, plus seconds for points down and penalties."""
    rulings: list[Ruling] = []
    hits: dict[str, list[tuple[int, Ruling]]] = {}
    non_threat = 0
    for shot in course.shots:
        before = len(rulings) + sum(map(len, hits.values()))
        for impact in shot.impacts:
            ruling, down = _ruling(course, shot, impact)
            non_threat += ruling.ruling == "non_threat_hit"
            if down is None:
                rulings.append(ruling)
            else:
                hits.setdefault(impact.mark.name, []).append((down, ruling))
        if len(rulings) + sum(map(len, hits.values())) == before:
            rulings.append(Ruling(shot.shot, shot.t, None, "miss", "IDPA 4.1.2"))
    over = max(0, len(course.shots) - course.rounds) if rules.count == "limited" and course.rounds is not None else 0
    down = _down(course, rules, hits, over, rulings)
    asked = sum(1 if m.is_steel else rules.hits * course.times for m in course.marks if not m.no_shoot)
    short = len(course.shots) < asked
    penalties = tuple(
        p
        for p in (
            Penalty("non_threat_hit", non_threat, NON_THREAT_S, "IDPA 4.9"),
            Penalty("procedural_extra_shots", int(over > 0), PROCEDURAL_S, "IDPA 4.2.2"),
            Penalty("procedural_too_few_shots", int(short), PROCEDURAL_S, "IDPA 4.1.1"),
        )
        if p.count
    )
    time = timed(course)
    total = None if time is None else time + down + sum((p.total for p in penalties), Fraction(0))
    return Card(course, "idpa", in_firing_order(rulings), penalties, time=time, down=Fraction(down), total_s=total)


def _ruling(course: Course, shot: Fired, impact: Impact) -> tuple[Ruling, int | None]:
    """What one hit is, and its points down; None for a hit that scores nothing."""

    def ruled(key: Decided, rule: str, down: int | None = None, zone: str | None = None, edge: bool = False) -> Ruling:
        value = None if down is None else Fraction(-down)
        return Ruling(shot.shot, shot.t, impact.mark.name, key, rule, value, zone, touches_line=edge)

    mark = impact.mark
    if impact.covered:
        return ruled("hard_cover", "IDPA 4.1.2"), None
    if not impact.from_front:
        return ruled("from_behind", "IDPA 4.5"), None
    if mark.no_shoot:
        if touched(mark.face.zones, impact.hole):
            return ruled("non_threat_hit", "IDPA 4.9"), None
        return ruled("outside_zones", "IDPA 4.5"), None
    if not course.is_own(mark):
        return ruled("crossfire", "IDPA 4.14"), None
    if course.late_by(shot) > 0:
        return ruled("late_shot", "IDPA 4.1.2"), None
    found = points_down(mark, impact.hole)
    if found is None:
        return ruled("outside_zones", "IDPA 4.5"), None
    zone, down, edge = found
    if mark.is_steel and mark.falls and not impact.felled:
        return ruled("steel_stands", "IDPA 4.17.1"), None
    if mark.is_steel:
        return ruled("steel_down", "IDPA 4.17.1", 0, zone), 0
    return ruled("line_counts" if edge else "zone", "IDPA 4.5" if edge else "IDPA 4.1.2", down, zone, edge), down


def _down(
    course: Course, rules: IdpaRules, hits: dict[str, list[tuple[int, Ruling]]], over: int, rulings: list[Ruling]
) -> int:
    """Points down of all targets: of the best hits, and five for each that is missing.

    Of a limited string after one of the best hits has been taken off for each extra shot.
    """
    best = {name: sorted(found, key=lambda h: (h[0], h[1].t, h[1].shot)) for name, found in hits.items()}
    taped = sorted(((down, r.t, r.shot, name) for name, found in best.items() for down, r in found))[:over]
    for _, _, number, name in taped:
        gone = next(h for h in best[name] if h[1].shot == number)
        best[name].remove(gone)
        r = gone[1]
        rulings.append(Ruling(r.shot, r.t, r.target, "taken_off", "IDPA 4.2.2", None, r.zone))
    total = 0
    for mark in course.marks:
        if mark.no_shoot:
            continue
        needed = 1 if mark.is_steel else rules.hits * course.times
        found = best.get(mark.name, [])
        rulings += [r for _, r in found[:needed]]
        rulings += [
            Ruling(r.shot, r.t, r.target, "better_hits_count", "IDPA 4.1.2", None, r.zone) for _, r in found[needed:]
        ]
        total += sum(down for down, _ in found[:needed]) + MISS_DOWN * max(0, needed - len(found))
    return total
