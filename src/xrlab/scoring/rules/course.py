"""What a rule book is asked to score, and what it answers: one trainee's shots in one string of fire, and its card.

Nothing here knows of events: who tests a rule makes a `Course` by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from xrlab.scenario.faces import Face
from xrlab.scoring.figures import shown
from xrlab.scoring.rules.holes import Hole

STEEL = "steel"

Decided = Literal[
    "ring", "zone", "line_counts", "outside_rings", "outside_zones", "miss", "excess_shot", "crossfire", "late_shot",
    "no_shoot_hit", "no_shoot_counted", "non_threat_hit", "skid_counts", "skid_too_long", "too_many_on_target",
    "better_hits_count", "extra_hit", "taken_off", "stopped_by_target", "hard_cover", "from_behind", "steel_down",
    "steel_stands", "outside_string",
]  # fmt: skip
"""What may be decided about a shot; each has a text "debrief-ruling-…" in four languages."""

Penalised = Literal[
    "miss", "no_shoot_hit", "extra_shot", "extra_hit", "overtime_shot", "excess_shot", "non_threat_hit",
    "procedural_extra_shots", "procedural_too_few_shots",
]  # fmt: skip
"""What may cost points or seconds; each has a text "debrief-penalty-…" in four languages."""


@dataclass(frozen=True)
class Mark:
    """A target as a rule book sees it.

    falls: a hit is meant to make it fall. vanishes: it shows itself for a time and is gone, whatever the shooter does.
    """

    name: str
    face: Face
    no_shoot: bool = False
    falls: bool = False
    vanishes: bool = False

    @property
    def is_steel(self) -> bool:
        """Whether it is a plate or popper, not a paper target."""
        return self.face.material == STEEL


@dataclass(frozen=True)
class Impact:
    """One board that a bullet met, in the order of its way.

    turned: how far the board was turned away then, 0 facing the shooters, 1 edge-on. covered: the bullet had gone
    through something before that a rule book calls hard cover. felled: this hit made the target fall.
    """

    mark: Mark
    hole: Hole
    from_front: bool = True
    turned: Fraction = Fraction(0)
    covered: bool = False
    felled: bool = False


@dataclass(frozen=True)
class Fired:
    """One shot: its number, when (s), and the boards that it met."""

    shot: int
    t: Fraction
    impacts: tuple[Impact, ...] = ()


@dataclass(frozen=True)
class Course:
    """One trainee in one string of fire, or in a whole run without strings.

    marks: the targets of this trainee. starts: the signal, in s; None if it never started. par: when the time is over.
    rounds: shots that are asked for or allowed. times: how often the targets are shown.
    """

    trainee: str
    string: str | None
    marks: tuple[Mark, ...]
    shots: tuple[Fired, ...]
    starts: Fraction | None = Fraction(0)
    par: Fraction | None = None
    rounds: int | None = None
    times: int = 1

    def is_own(self, mark: Mark) -> bool:
        """Whether this trainee is to shoot at a target, or must not."""
        return any(own.name == mark.name for own in self.marks)

    def late_by(self, shot: Fired) -> Fraction:
        """How long after the time a shot was fired (s); 0 or less if in time, or if there is no limit."""
        return Fraction(0) if self.par is None else shot.t - self.par


@dataclass(frozen=True)
class Ruling:
    """What was decided about one shot on one target, or about a shot that met none.

    ruling: what was decided. rule: where the rule book says so. value: points, points down or
    ring value; None where the rule gives none. touches_line: the edge of the hole decided, not its middle.
    """

    shot: int
    t: Fraction
    target: str | None
    ruling: Decided
    rule: str
    value: Fraction | None = None
    zone: str | None = None
    inner: bool = False
    touches_line: bool = False


@dataclass(frozen=True)
class Penalty:
    """Something that costs points or seconds: what (a key), how many times, and how much of one (points or s)."""

    what: Penalised
    count: int
    each: Fraction
    rule: str

    @property
    def total(self) -> Fraction:
        """What all of it costs."""
        return self.count * self.each


@dataclass(frozen=True)
class Card:
    """The scored string of one trainee.

    points, most: earned, and to be had; None by a rule that gives none. time: from the signal to the last shot (s).
    hit_factor: points a second. down: points down. total_s: time with all that is added to it. inner: inner tens.
    in_order: the value of each shot that counts, in the order of firing, with whether it is an inner ten.
    """

    course: Course
    rule: str
    rulings: tuple[Ruling, ...]
    penalties: tuple[Penalty, ...] = ()
    points: Fraction | None = None
    most: Fraction | None = None
    time: Fraction | None = None
    hit_factor: Fraction | None = None
    down: Fraction | None = None
    total_s: Fraction | None = None
    inner: int = 0
    in_order: tuple[tuple[Fraction, bool], ...] = field(default=(), repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `result.json`."""
        return {
            "trainee": self.course.trainee, "string": self.course.string, "rule": self.rule,
            "points": shown(self.points), "most": shown(self.most), "inner_tens": self.inner,
            "time_s": shown(self.time), "hit_factor": shown(self.hit_factor), "points_down": shown(self.down),
            "total_s": shown(self.total_s),
            "penalties": [
                {"what": p.what, "count": p.count, "each": shown(p.each), "total": shown(p.total), "rule": p.rule}
                for p in self.penalties
            ],
            "shots": [
                {"shot": r.shot, "t": float(r.t), "target": r.target, "zone": r.zone, "value": shown(r.value),
                 "inner": r.inner, "line": r.touches_line, "ruling": r.ruling, "rule": r.rule}
                for r in self.rulings
            ],
        }  # fmt: skip


def in_firing_order(rulings: Sequence[Ruling]) -> tuple[Ruling, ...]:
    """Rulings by the order of the shots."""
    return tuple(sorted(rulings, key=lambda r: (r.t, r.shot)))


def timed(course: Course) -> Fraction | None:
    """Time from the start signal to the last shot, to a hundredth of a second as a timer shows it, half up.

    None if the string never started or nobody fired.
    """
    if course.starts is None or not course.shots:
        return None
    seconds = max(shot.t for shot in course.shots) - course.starts
    return Fraction(max(0, int(seconds * 100 + Fraction(1, 2))), 100)
