"""How well a trainee shoots: groups, times, transitions, throughput, and how they change from string to string.

Every measure stands with formula, unit and source in docs/scoring.md, "Marksmanship".
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from xrlab.geometry.transforms import direction
from xrlab.scenario.model import FireString
from xrlab.scoring.evidence import Evidence, Proof, View
from xrlab.scoring.figures import exact, figure
from xrlab.scoring.groups import Group, Point, aim_point, group_of, theil_sen
from xrlab.scoring.shots import Shot, is_hit
from xrlab.scoring.stimuli import LATE_S, Stimulus, elapsed

PACES_S = (0.0, 0.25, 0.5, 1.0, 2.0, None)
"""Bounds (s) of the paces at which hits are counted; the last has no end."""
FARTHEST_M = 5.0
"""No board is wider; places farther from its middle are not believed, since a recording may come from a stranger."""
_EDGE_ON = 0.05
"""Where a board is turned so far from the line of the sights, no place on it can be told."""


# --- groups -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnTarget:
    """The impacts of one trainee on one target, in one string or (None) in all.

    aim: where the target is aimed at (mm right and up of its middle). sights: where the sights pointed, carried
    straight to the board. distance_m: mean from the muzzle.
    """

    who: str
    target: str
    string: str | None
    shots: tuple[Shot, ...]
    aim: Point
    group: Group
    sights: Group
    distance_m: float

    @property
    def offset_mm(self) -> float | None:
        """Distance of the group's middle from the point of aim."""
        return self.group.offset(self.aim)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `result.json`."""
        mean, radius = self.group.mean, self.group.mean_radius
        off = None if mean is None else [round(m - a, 3) + 0.0 for m, a in zip(mean, self.aim, strict=True)]
        return {
            "target": self.target, "string": self.string, "shots": [s.number for s in self.shots],
            "distance_m": self.distance_m, "aim_mm": list(self.aim), **self.group.as_dict(),
            "off_aim_mm": off, "offset_mm": self.offset_mm,
            "mean_radius_mrad": None if radius is None else round(radius / self.distance_m, 6),
            "sights": {
                "mean_mm": list(self.sights.mean) if self.sights.mean else None,
                "offset_mm": self.sights.offset(self.aim), "mean_radius_mm": self.sights.mean_radius,
                "extreme_spread_mm": self.sights.extreme_spread,
            },
        }  # fmt: skip


def groups_of(view: View) -> list[OnTarget]:
    """The impacts of these trainees on targets that are to be shot at: by trainee, target and string."""
    return _gathered(view, lambda s: s.string)


def _gathered(view: View, by: Callable[[Shot], str | None]) -> list[OnTarget]:
    wanted = frozenset(view.cast.groups["target"])
    rows: dict[tuple[str, str, str | None], list[Shot]] = defaultdict(list)
    for shot in view.shots:
        if shot.target in wanted and shot.local is not None and max(map(abs, shot.local)) <= FARTHEST_M:
            rows[(shot.trainee, str(shot.target), by(shot))].append(shot)
    return [_on_target(view.evidence, *key, shots) for key, shots in rows.items()]


def _on_target(evidence: Evidence, who: str, target: str, string: str | None, shots: list[Shot]) -> OnTarget:
    spec = evidence.scenario.targets[target]
    distances = [exact(s.distance_m or 0.0) for s in shots]
    return OnTarget(
        who, target, string, tuple(shots), aim_point(evidence.faces[spec.face]),
        group_of((s.local[0] * 1000, s.local[1] * 1000) for s in shots if s.local is not None),
        group_of(p for s in shots if (p := sights_mm(s, math.radians(spec.yaw_deg))) is not None),
        max(0.01, float(round(sum(distances, Fraction(0)) / len(distances), 5))),
    )  # fmt: skip


def sights_mm(shot: Shot, facing: float) -> Point | None:
    """Where the sights pointed on the board that a shot hit: mm right and up of its middle.

    The line of the sights is carried straight to the plane of the board, taken as it stands when it is exposed. facing:
    direction (rad) that the board looks then. None for a shot that hit no board, or one that is nearly edge-on.
    """
    fired, hit = shot.event, shot.struck
    if fired is None or hit is None or hit.local is None:
        return None
    line, out = direction(fired.yaw, fired.pitch), (math.cos(facing), math.sin(facing), 0.0)
    across = sum(a * b for a, b in zip(line, out, strict=True))
    if abs(across) < _EDGE_ON:
        return None
    way = [e - o for e, o in zip(hit.entry, fired.origin, strict=True)]
    far = sum(a * b for a, b in zip(way, out, strict=True)) / across
    dx, dy, dz = (far * a - w for a, w in zip(line, way, strict=True))
    right, up = hit.local[0] + dy * out[0] - dx * out[1], hit.local[1] + dz
    if not max(abs(right), abs(up)) <= FARTHEST_M:
        return None
    return round(right * 1000, 2), round(up * 1000, 2)


# --- time under way ---------------------------------------------------------------------------------------


@dataclass
class Engagement:
    """From a stimulus to the trainee's last shot at what it called for: what was earned, and in which time.

    until: the last shot; without one when all that called for a shot was over, or the next stimulus came.
    """

    who: str
    string: str | None
    t: float
    until: float
    shots: list[Shot] = field(default_factory=list)

    @property
    def seconds(self) -> Fraction:
        """How long it took."""
        return exact(elapsed(self.t, self.until))


def engagements(view: View) -> list[Engagement]:
    """The engagements of these trainees. Each stimulus starts one; those at the same instant start one together."""
    out: list[Engagement] = []
    for who in view.who:
        rows: dict[float, list[Stimulus]] = defaultdict(list)
        shots = [s for s in view.shots if s.trainee == who]
        for row in view.stimuli:
            if row.who == who:
                rows[row.t].append(row)
        for shot in shots:
            if shot.first_shot_s is not None:  # a string whose targets stand already has a start, but no stimulus
                rows.setdefault(elapsed(shot.first_shot_s, shot.t), [])
        starts = sorted(rows)
        mine = {t: Engagement(who, rows[t][0].string if rows[t] else None, t, t) for t in starts}
        closed = {t: max((math.inf if r.until is None else r.until for r in rows[t]), default=math.inf) for t in starts}
        for shot in shots:
            at = bisect_right(starts, shot.t) - 1
            if at >= 0 and shot.t <= closed[starts[at]] + LATE_S:
                mine[starts[at]].shots.append(shot)
        for t, after in pairwise([*starts, math.inf]):
            e = mine[t]
            if e.shots:
                e.until, e.string = e.shots[-1].t, e.shots[0].string
            elif open_rows := [r for r in rows[t] if r.counts]:
                ends = [view.ends if r.until is None else r.until for r in open_rows]
                e.until = max(t, min(max(ends), after))
        out += mine.values()
    return out


def _rate(amount: Fraction | int, rows: Iterable[Engagement]) -> Fraction | None:
    """So much a second; None where no time was spent."""
    seconds = sum((e.seconds for e in rows), Fraction(0))
    return Fraction(amount) / seconds if seconds > 0 else None


def points_per_s(view: View) -> Fraction | None:
    """Points of target hits in engagements, divided by their time; None without targets."""
    rows = _engaged(view)
    if not view.scenario.targets:
        return None
    return _rate(sum((exact(s.points) for e in rows for s in e.shots), Fraction(0)), rows)


def hits_per_s(view: View) -> Fraction | None:
    """Hits on targets and threats in engagements, divided by their time."""
    rows = _engaged(view)
    return _rate(sum(is_hit(s, view.cast) for e in rows for s in e.shots), rows)


def _engaged(view: View) -> list[Engagement]:
    if "engagements" not in view.worked_out:
        view.worked_out["engagements"] = engagements(view)
    found: list[Engagement] = view.worked_out["engagements"]
    return found


def curve_of(view: View) -> list[list[float]]:
    """Accuracy against time: [seconds since the stimulus, share of all shots that had hit by then], at each hit."""
    fired = sorted((exact(elapsed(e.t, s.t)), is_hit(s, view.cast)) for e in _engaged(view) for s in e.shots)
    out: list[list[float]] = []
    hits = 0
    for after, hit in fired:
        hits += hit
        if hit:
            out.append([float(after), round(hits / len(fired), 6)])
    return out


def paces_of(view: View) -> list[dict[str, Any]]:
    """Speed against accuracy: of the shots at each pace (split time), how many hit."""
    out = []
    for least, most in pairwise(PACES_S):
        assert least is not None
        some = [s for s in view.shots if s.split_s is not None and least <= s.split_s < (most or math.inf)]
        hits = sum(is_hit(s, view.cast) for s in some)
        share = round(hits / len(some), 6) if some else None
        out.append({"from_s": least, "to_s": most, "shots": len(some), "hits": hits, "share": share})
    return out


# --- strings, and from one to the next --------------------------------------------------------------------


def strings_of(view: View) -> list[dict[str, Any]]:
    """A row for each string of fire in which these trainees had targets, in the scenario's order."""
    out = []
    groups = groups_of(view)
    for string in view.scenario.strings:
        if not any(string.lane(who) for who in view.who):
            continue
        shots = [s for s in view.shots if s.string == string.name]
        rows = [e for e in _engaged(view) if e.string == string.name]
        hits = sum(is_hit(s, view.cast) for s in shots)
        points = sum((exact(s.points) for s in shots), Fraction(0))
        radii = [
            exact(g.group.mean_radius) / exact(g.distance_m) * g.group.shots
            for g in groups
            if g.string == string.name and g.group.mean_radius is not None
        ]
        impacts = sum(g.group.shots for g in groups if g.string == string.name and g.group.mean_radius is not None)
        out.append({
            "string": string.name, "shots": len(shots), "hits": hits, "points": figure(points, 4),
            "points_share": _share(view, string, points, len(shots)),
            "accuracy": figure(Fraction(hits, len(shots))) if shots else None,
            "mean_radius_mrad": figure(sum(radii, Fraction(0)) / impacts) if impacts else None,
            "first_shot_s": next((s.first_shot_s for s in shots if s.first_shot_s is not None), None),
            "reaction_s": _median(s.reaction_s for s in shots), "split_s": _median(s.split_s for s in shots),
            "transition_s": _median(s.transition_s for s in shots),
            "engaged_s": figure(sum((e.seconds for e in rows), Fraction(0))),
            "points_per_s": figure(_rate(points, rows)), "hits_per_s": figure(_rate(hits, rows)),
        })  # fmt: skip
    return out


def _share(view: View, string: FireString, points: Fraction, shots: int) -> float | None:
    """Points as a share of what so many shots in the best zone of the string's targets would have earned."""
    zones = [z for n in string.targets for z in view.evidence.faces[view.scenario.targets[n].face].zones]
    most = max((exact(z.points) for z in zones), default=Fraction(0)) * shots
    return figure(max(Fraction(0), points / most)) if most > 0 else None


TRENDS = ("points_share", "mean_radius_mrad", "reaction_s")


def trend_of(strings: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    """By how much each of `TRENDS` changes from one string to the next (Theil-Sen)."""
    return {name: theil_sen([row[name] for row in strings]) for name in TRENDS}


def _median(values: Iterable[float | None]) -> float | None:
    known = [exact(v) for v in values if v is not None]
    return figure(statistics.median(known)) if known else None


# --- criteria and the result ------------------------------------------------------------------------------


def functions(view: View) -> dict[str, Callable[..., Any]]:
    """One callable for each function of the language that is answered here."""

    def worst(measure: Callable[[OnTarget], float | None]) -> Callable[..., float | None]:
        return lambda target=None: max((v for g in _asked(view, target) if (v := measure(g)) is not None), default=None)

    return {
        "group_mm": worst(lambda g: g.group.extreme_spread),
        "mean_radius_mm": worst(lambda g: g.group.mean_radius),
        "cep_mm": worst(lambda g: g.group.cep),
        "offset_mm": worst(lambda g: g.offset_mm),
        "throughput": lambda: points_per_s(view),
        "hits_per_s": lambda: hits_per_s(view),
        "answered": lambda: _answered(view),
    }


def _asked(view: View, target: str | None) -> list[OnTarget]:
    """Groups, which are two impacts or more, on a target or on all."""
    return [g for g in groups_of(view) if target in (None, g.target) and g.group.shots > 1]


def _answered(view: View) -> Fraction | None:
    counted = [s for s in view.stimuli if s.counts]
    return Fraction(sum(s.shot is not None for s in counted), len(counted)) if counted else None


def proofs(view: View) -> dict[str, Callable[..., list[Proof]]]:
    """What speaks for these values: the shots of the groups, the engagements, what was not answered."""

    def impacts(target: str | None = None) -> list[Proof]:
        shots = {s.number: (s, math.dist((s.local[0] * 1000, s.local[1] * 1000), g.group.mean or (0.0, 0.0)))
                 for g in _asked(view, target) for s in g.shots if s.local is not None}  # fmt: skip
        return [Proof(s.t, "impact_mm", s.target or "", s.number, round(off, 2)) for s, off in shots.values()]

    def engaged() -> list[Proof]:
        return [Proof(e.t, "engaged_s", e.who, -1, float(e.seconds)) for e in _engaged(view) if e.seconds]

    def unanswered() -> list[Proof]:
        return [Proof(s.t, "not_answered", s.what) for s in view.stimuli if s.counts and s.shot is None]

    return {
        **dict.fromkeys(("group_mm", "mean_radius_mm", "cep_mm", "offset_mm"), impacts),
        "throughput": engaged, "hits_per_s": engaged, "answered": unanswered,
    }  # fmt: skip


def section(view: View) -> dict[str, Any]:
    """Marksmanship of one trainee for `result.json`. view: of that trainee alone."""
    strings = strings_of(view)
    seconds = sum((e.seconds for e in _engaged(view)), Fraction(0))
    by_number = {s.number: s for s in view.shots}
    moved = [(b, a) for b, a in pairwise(by_number.values()) if a.transition_s is not None]
    return {
        "targets": [g.as_dict() for g in _gathered(view, lambda s: None)],
        "groups": [g.as_dict() for g in groups_of(view) if g.string is not None],
        "strings": strings,
        "trend": trend_of(strings),
        "stimuli": [s.as_dict() for s in view.stimuli],
        "answered": figure(_answered(view)),
        "transitions": [
            {"t": a.t, "shot": a.number, "from": b.at, "to": a.at, "seconds": a.transition_s} for b, a in moved
        ],
        "throughput": {
            "engaged_s": figure(seconds), "points_per_s": figure(points_per_s(view)),
            "hits_per_s": figure(hits_per_s(view)),
        },
        "curve": curve_of(view),
        "paces": paces_of(view),
    }  # fmt: skip
