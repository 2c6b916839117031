"""Examples of target rules: courses of fire with their shots, scored by the rule books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import yaml
from courses import BULLET_MM

from xrlab.scenario.faces import Face
from xrlab.scenario.library import faces
from xrlab.scenario.rings import RINGS
from xrlab.scenario.rules import IdpaRules, IpscRules, IssfRules, ZoneRules
from xrlab.scenario.standards import shipped_standards
from xrlab.scoring.rules import idpa, ipsc, issf, zones
from xrlab.scoring.rules.calibre import diameter
from xrlab.scoring.rules.course import Card, Course, Fired, Impact, Mark, shown
from xrlab.scoring.rules.holes import Hole
from xrlab.scoring.rules.reader import ranking


def fired(rows: Sequence[Sequence[Any]], marks: Mapping[str, Mark], across: str = BULLET_MM) -> tuple[Fired, ...]:
    """Shots of rows: when, on which target, right and up of its middle (mm)."""
    return tuple(
        Fired(n, Fraction(str(t)), (Impact(marks[name], Hole.of(right, up, across)),))
        for n, (t, name, right, up) in enumerate(rows, 1)
    )


def told(card: Card) -> dict[str, Any]:
    """What an example may ask of a card."""
    return {
        **card.as_dict(),
        "penalties": {p.what: p.count for p in card.penalties},
        "rulings": [r.ruling for r in card.rulings],
    }


def hole(given: dict[str, Any]) -> dict[str, Any]:
    return {"diameter_mm": diameter(given["weapon"], given.get("load")) / 1000}


def ring(given: dict[str, Any]) -> dict[str, Any]:
    at = Hole.of(*given["at_mm"], 0).at
    found = issf.value(given["event"], at, centre_fire=given.get("centre_fire", False))
    return {
        "ring": found.ring, "decimal": float(found.decimal), "inner": found.inner, "line": found.touches_line,
    }  # fmt: skip


def series(given: dict[str, Any]) -> dict[str, Any]:
    face = faces()[given["event"]]
    marks = {name: Mark(name, face) for name in ("own", "other")}
    gauge = str(RINGS[given["event"]].gauge / 1000)
    shots = fired(given["shots"], marks, gauge)
    course = Course("p1", "s", (marks["own"],), shots, par=Fraction(str(given["par_s"])), rounds=given["rounds"])
    return told(issf.score(course, IssfRules(name="issf", event=given["event"])))


def tie(given: dict[str, Any]) -> dict[str, Any]:
    """Who stands before whom, of shots where 10.5 stands for an inner ten."""
    cards = []
    for who, values in given["shots"].items():
        shots = tuple((Fraction(int(v)), v > 10) for v in values)
        total, inner = sum((v for v, _ in shots), Fraction(0)), sum(x for _, x in shots)
        cards.append(Card(Course(who, "s", (), ()), "issf", (), points=total, inner=inner, in_order=shots))
    return {"ranks": {row["trainee"]: row["rank"] for row in ranking(cards, list(given["shots"]))}}


def practical(given: dict[str, Any]) -> dict[str, Any]:
    marks = {n: Mark(n, faces()["ipsc"]) for n in given["targets"]}
    marks |= {n: Mark(n, faces()["ipsc_no_shoot"], no_shoot=True) for n in given.get("no_shoots", ())}
    course = Course("p1", "s", tuple(marks.values()), fired(given["shots"], marks))
    return told(ipsc.score(course, IpscRules(name="ipsc", power=given["power"])))


def stage_points(given: dict[str, Any]) -> dict[str, Any]:
    cards = [
        Card(Course(who, "s", (), ()), "ipsc", (), most=Fraction(given["most"]), hit_factor=Fraction(str(factor)))
        for who, factor in given["hit_factors"].items()
    ]
    return {who: shown(points) for who, points in ipsc.stage_points(cards).items()}


def time_plus(given: dict[str, Any]) -> dict[str, Any]:
    marks = {n: Mark(n, faces()["idpa"]) for n in given["targets"]}
    marks |= {n: Mark(n, faces()["idpa_non_threat"], no_shoot=True) for n in given.get("non_threats", ())}
    course = Course("p1", "s", tuple(marks.values()), fired(given["shots"], marks))
    return told(idpa.score(course, IdpaRules(name="idpa")))


def by_zone(given: dict[str, Any]) -> dict[str, Any]:
    mark = Mark("target", Face.model_validate(given["face"]))
    shots = fired([(t, "target", right, up) for t, right, up in given["shots"]], {"target": mark})
    return told(zones.score(Course("p1", "s", (mark,), shots), ZoneRules(name="zones")))


def standard(given: dict[str, Any]) -> dict[str, Any]:
    """The course of fire of a standard that ships."""
    data = yaml.safe_load(shipped_standards()[given["name"]].read_text(encoding="utf-8"))
    shots = sum(string["rounds"] for string in data["strings"])
    return {"shots": shots, "for_s": [string["for_s"] for string in data["strings"]], "most": 10 * shots}


EXAMPLES = {
    "hole": hole, "ring": ring, "series": series, "tie": tie, "practical": practical, "stage_points": stage_points,
    "time_plus": time_plus, "zones": by_zone, "standard": standard,
}  # fmt: skip
