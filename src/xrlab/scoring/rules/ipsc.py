"""Practical shooting as the International Practical Shooting Confederation scores it.

Source: chapters 9 and 10 in the numbering that the IPSC and the USPSA share, read in the USPSA's edition
(rules.uspsa.org, sections 9.2, 9.4, 9.5, 9.9, 9.10, 10.1; overtime of a fixed time: nroi.org, "Fixed Time Fun",
2023). What the IPSC does otherwise: at most two hits count on a no-shoot (whangareipistolclub.co.nz, after the IPSC's
handgun rules 9.4.2). Values by power factor: 5/3/1 and 5/4/2 (dscb.ch, after the IPSC). That hard cover and the
scoring area of a target stop a bullet that went through with its whole diameter: 9.1.5, 9.1.6. The current IPSC
edition itself could not be opened.

Not judged, since it can't be seen in hits: at which target a shot was aimed (failure to shoot at a target, 10.2.7),
fault lines and all other procedure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from xrlab.scenario.rules import IpscRules
from xrlab.scoring.rules.course import Card, Course, Decided, Impact, Mark, Penalty, Ruling, in_firing_order, timed
from xrlab.scoring.rules.holes import Hole, touched, within

POINTS = {"minor": {"A": 5, "B": 3, "C": 3, "D": 1}, "major": {"A": 5, "B": 4, "C": 4, "D": 2}}
STEEL_POINTS = 5
PENALTY = Fraction(10)
OVERTIME = Fraction(5)
OVERTIME_AFTER_S = Fraction(30, 100)
MOST_NO_SHOOT = 2
"""Hits on one no-shoot that count."""


@dataclass(frozen=True)
class Hit:
    """A hit that scores: which shot, on what, and its points."""

    shot: int
    t: Fraction
    mark: Mark
    points: Fraction
    zone: str
    touches_line: bool
    felled: bool = False

    def ruled(self, ruling: Decided, rule: str, value: Fraction | None = None) -> Ruling:
        """The ruling about it."""
        return Ruling(self.shot, self.t, self.mark.name, ruling, rule, value, self.zone, touches_line=self.touches_line)


def zone_points(power: str, mark: Mark, hole: Hole) -> tuple[str, Fraction, bool] | None:
    """Zone and points of a hole on a target, and whether only its edge reached the zone; None beside all zones.

    The highest value that the hole touches counts (9.5.2).
    """
    if mark.is_steel:
        zones = touched(mark.face.zones, hole)
        return (zones[0].zone, Fraction(STEEL_POINTS), False) if zones else None
    worth = POINTS[power]
    scoring = [z for z in mark.face.zones if z.zone.upper() in worth]
    found = sorted(touched(scoring, hole), key=lambda z: -worth[z.zone.upper()])
    if not found:
        return None
    best = found[0]
    middle = Hole(hole.at, 0)
    by_edge = not any(z.zone.upper() == best.zone.upper() for z in touched(scoring, middle))
    return best.zone, Fraction(worth[best.zone.upper()]), by_edge


def score(course: Course, rules: IpscRules) -> Card:
    """The card of a string: the best hits of each target, less penalties, not below nought; divided by the time."""
    hits, no_shoots, rulings = _hits(course, rules)
    needed = rules.hits * course.times
    earned, missing = Fraction(0), 0
    papers = [m for m in course.marks if not m.no_shoot and not m.is_steel]
    steels = [m for m in course.marks if not m.no_shoot and m.is_steel]
    limited = rules.count != "comstock"
    spare = 0
    for mark in papers:
        mine = _best_first(h for h in hits if h.mark.name == mark.name)
        earned += sum((h.points for h in mine[:needed]), Fraction(0))
        rulings += [_counted(h) for h in mine[:needed]]
        extra: tuple[Decided, str] = ("extra_hit", "IPSC 9.4.5.2") if limited else ("better_hits_count", "IPSC 9.5.1")
        rulings += [h.ruled(*extra, Fraction(0)) for h in mine[needed:]]
        spare += len(mine[needed:])
        missing += 0 if mark.vanishes else max(0, needed - len(mine))
    for mark in steels:
        value, standing = _steel(mark, [h for h in hits if h.mark.name == mark.name], rulings)
        earned += value
        missing += standing and not mark.vanishes
    penalties = _penalties(course, rules, missing, spare if limited else 0, no_shoots)
    points = max(Fraction(0), earned - sum((p.total for p in penalties), Fraction(0)))
    time = timed(course)
    by_time = None if rules.count == "fixed_time" else points / time if time else Fraction(0)
    most = Fraction(STEEL_POINTS * (needed * len(papers) + len(steels)))
    return Card(
        course, "ipsc", in_firing_order(rulings), penalties, points=points, most=most, time=time, hit_factor=by_time
    )


def _best_first(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda h: (-h.points, h.t, h.shot))


def _counted(hit: Hit) -> Ruling:
    if hit.touches_line:
        return hit.ruled("line_counts", "IPSC 9.5.2", hit.points)
    return hit.ruled("zone", "IPSC 9.4.1", hit.points)


def _steel(mark: Mark, hits: Sequence[Hit], rulings: list[Ruling]) -> tuple[Fraction, bool]:
    """Points of a plate or popper, and whether it still stands; one that can't fall counts when it is hit."""
    nought = Fraction(0)
    done = False
    for hit in hits:
        if done:
            rulings.append(hit.ruled("better_hits_count", "IPSC 9.5.1", nought))
        elif hit.felled or not mark.falls:
            done = True
            rulings.append(hit.ruled("steel_down", "IPSC 9.5.1", hit.points))
        else:
            rulings.append(hit.ruled("steel_stands", "IPSC 9.5.1", nought))
    return (Fraction(STEEL_POINTS) if done else nought), not done


def _hits(course: Course, rules: IpscRules) -> tuple[list[Hit], dict[str, int], list[Ruling]]:
    """The hits that score; how often each no-shoot was hit; and the rulings about all else."""
    hits: list[Hit] = []
    no_shoots: dict[str, int] = {}
    rulings: list[Ruling] = []
    for shot in course.shots:
        before = len(hits) + len(rulings)
        stopped = False
        for impact in shot.impacts:
            name = impact.mark.name
            found = zone_points(rules.power, impact.mark, impact.hole) if not impact.mark.no_shoot else None
            against = _not_counted(course, impact, stopped)
            if against is None and impact.mark.no_shoot:
                ruling: tuple[Decided, str] = "outside_zones", "IPSC 9.5.2"
                if _scores(impact):
                    ruling = "no_shoot_hit", "IPSC 9.4.2"
                    no_shoots[name] = no_shoots.get(name, 0) + 1
                    if no_shoots[name] > MOST_NO_SHOOT:
                        ruling = ("no_shoot_counted", "IPSC 9.4.2")
                value = -PENALTY if ruling[0] == "no_shoot_hit" else Fraction(0)
                rulings.append(Ruling(shot.shot, shot.t, name, *ruling, value))
            elif against is not None:
                rulings.append(Ruling(shot.shot, shot.t, name, *against, Fraction(0)))
            elif found is not None:
                zone, points, by_edge = found
                hits.append(Hit(shot.shot, shot.t, impact.mark, points, zone, by_edge, impact.felled))
            else:
                rulings.append(Ruling(shot.shot, shot.t, name, "outside_zones", "IPSC 9.5.2", Fraction(0)))
            stopped = stopped or _takes_whole(impact)
        if len(hits) + len(rulings) == before:
            rulings.append(Ruling(shot.shot, shot.t, None, "miss", "IPSC 9.4.4", Fraction(0)))
    return hits, no_shoots, rulings


def _not_counted(course: Course, impact: Impact, stopped: bool) -> tuple[Decided, str] | None:
    """Why a hit counts neither for nor against the shooter; None if it does."""
    if stopped:
        return "stopped_by_target", "IPSC 9.1.5"
    if impact.covered:
        return "hard_cover", "IPSC 9.1.6"
    if not impact.from_front:
        return "from_behind", "IPSC 9.5.8"
    if not impact.mark.no_shoot and not course.is_own(impact.mark):
        return "crossfire", "IPSC 9.4.5.2"
    return None


def _scores(impact: Impact) -> bool:
    return bool(touched(impact.mark.face.zones, impact.hole))


def _takes_whole(impact: Impact) -> bool:
    """Whether the bullet went through the scoring area with its whole diameter, which is taken to stop it."""
    return impact.from_front and any(within(zone, impact.hole) for zone in impact.mark.face.zones)


def _penalties(
    course: Course, rules: IpscRules, missing: int, extra_hits: int, no_shoots: dict[str, int]
) -> tuple[Penalty, ...]:
    fixed = rules.count == "fixed_time"
    over = len(course.shots) - course.rounds if rules.count != "comstock" and course.rounds is not None else 0
    overtime = sum(course.late_by(s) > OVERTIME_AFTER_S for s in course.shots) if fixed else 0
    found = (
        Penalty("miss", 0 if fixed else missing, PENALTY, "IPSC 9.4.4"),
        Penalty("no_shoot_hit", sum(min(n, MOST_NO_SHOOT) for n in no_shoots.values()), PENALTY, "IPSC 9.4.2"),
        Penalty("extra_shot", max(0, over), PENALTY, "IPSC 9.4.5.1"),
        Penalty("extra_hit", extra_hits, PENALTY, "IPSC 9.4.5.2"),
        Penalty("overtime_shot", overtime, OVERTIME, "IPSC 9.4.6.2"),
    )
    return tuple(p for p in found if p.count)


def stage_points(cards: Sequence[Card]) -> dict[str, Fraction]:
    """Points of a stage by trainee: the best hit factor earns all that could be had, the others their share (9.2.2.1).

    With a fixed time the points themselves (9.2.4.1).
    """
    factors = {c.course.trainee: c.hit_factor for c in cards}
    if any(factor is None for factor in factors.values()):
        return {c.course.trainee: c.points or Fraction(0) for c in cards}
    best = max((factor for factor in factors.values() if factor is not None), default=Fraction(0))
    most = max((c.most or Fraction(0) for c in cards), default=Fraction(0))
    return {who: most * (factor or 0) / best if best else Fraction(0) for who, factor in factors.items()}
