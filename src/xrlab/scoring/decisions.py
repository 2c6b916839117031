"""Decisions about force: the facts of every use, what criteria may ask of them, and what is to be discussed.

The facts are ordered as the Belgian law on the police function (5 August 1992, articles 1, 37 and 38) orders the
questions: a lawful aim, necessity, proportion, a warning. Nothing here judges. `to_discuss` names what a group would
talk about; the verdict is a person's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Literal

from xrlab.scenario.library import means
from xrlab.scoring.evidence import Evidence, Proof, View
from xrlab.scoring.uses import Act, Force, Use
from xrlab.sim import events as ev

Point = Literal[
    "own_side", "no_shoot", "no_danger", "not_seen", "at_nobody", "back_turned", "after_end", "met_others", "behind",
    "no_warning", "short_warning",
]  # fmt: skip
POINTS: dict[Point, str] = {
    "own_side": "aim", "no_shoot": "aim", "no_danger": "aim", "not_seen": "aim", "at_nobody": "aim",
    "back_turned": "necessity", "after_end": "necessity", "met_others": "proportion", "behind": "proportion",
    "no_warning": "warning", "short_warning": "warning",
}  # fmt: skip
"""What may be to be discussed of a use of force, and under which of the law's four questions it stands."""

BACK_RAD = math.radians(120.0)
"""Who is turned away farther than this shows the back (set for training)."""
FACING_RAD = math.radians(60.0)
"""Who is turned away no farther than this faces the trainee: half the width of the field of view."""
TIME_TO_COMPLY_S = 1.0
"""A first command so shortly before a shot leaves no time to obey it (set for training)."""


def force_of(evidence: Evidence) -> Force:
    """The uses of force of a run, worked out once."""
    known = evidence.worked_out
    if "force" not in known:
        known["force"] = Force(evidence)
    force: Force = known["force"]
    return force


# --- what criteria ask ------------------------------------------------------------------------------------------


def functions(view: View) -> dict[str, Callable[..., Any]]:
    """One callable for each function of the language that is answered here."""
    uses = _Asked(view)
    return {
        "uses_of_force": lambda who="all": len(uses.on(who)),
        "shots_after": lambda who="all": len(uses.acts(who, lambda use: use.late)),
        "shots_before": lambda who="all": len(uses.acts(who, lambda use: use.early)),
        "unwarned": lambda who="all": len(uses.unwarned(who)),
        "behind": lambda who: len({(use.who, act.number) for use, act, _ in uses.behind(who)}),
    }


def proofs(view: View) -> dict[str, Callable[..., list[Proof]]]:
    """What speaks for the values of `functions`."""
    uses = _Asked(view)

    def of_acts(what: Any, which: Callable[[Use], list[Act]]) -> Callable[..., list[Proof]]:
        def told(who: str = "all") -> list[Proof]:
            return [
                Proof(act.t, what, use.whom or use.who, _shot(act), act.late_s) for use, act in uses.acts(who, which)
            ]

        return told

    return {
        "uses_of_force": of_acts("use_of_force", lambda use: use.acts[:1]),
        "shots_after": of_acts("shot_after_end", lambda use: use.late),
        "shots_before": of_acts("shot_before_danger", lambda use: use.early),
        "unwarned": lambda who="all": [
            Proof(use.first.t, "unwarned", use.whom or "", _shot(use.first), use.in_view.unbroken_s)
            for use in uses.unwarned(who)
        ],
        "behind": lambda who: [
            Proof(act.t, "behind", name, _shot(act), beyond) for _, act, (name, beyond) in uses.behind(who)
        ],
    }  # fmt: skip


def late_stops(view: View) -> list[Proof]:
    """The measure `late_stop_s`: of each use that was under way when the threat ended, how late its last shot came."""
    return [
        Proof(use.last.t, "late_stop_s", use.who, _shot(use.last), use.late_stop_s)
        for use in _Asked(view).on("all")
        if use.late_stop_s is not None
    ]


def _shot(act: Act) -> int:
    return -1 if act.shot is None else act.shot


class _Asked:
    """The uses of force of one view."""

    def __init__(self, view: View) -> None:
        self._view = view

    def on(self, who: str) -> list[Use]:
        """The uses of force against these; "all": also those against nobody who could be told."""
        names = self._view.cast.select(who)
        uses = [use for use in force_of(self._view.evidence).uses if use.who in self._view.who]
        return [use for use in uses if who == "all" or use.whom in names]

    def acts(self, who: str, which: Callable[[Use], list[Act]]) -> list[tuple[Use, Act]]:
        """Some acts of the uses against these, in order of the uses. Those at nobody are left out, but of all acts."""
        return [(use, act) for use in self.on(who) for act in which(use)]

    def unwarned(self, who: str) -> list[Use]:
        """The uses against these without a warning that there had been time for."""
        return [use for use in self.on(who) if use.whom is not None and not use.warnings and use.time_to_warn]

    def behind(self, who: str) -> Iterator[tuple[Use, Act, tuple[str, float]]]:
        """The acts with one of these behind the person."""
        names = self._view.cast.select(who)
        for use in self.on("all"):
            for act, bystander in use.behind():
                if bystander.who in names:
                    yield use, act, (bystander.who, bystander.beyond_m)


# --- what the result shows --------------------------------------------------------------------------------------


def section(evidence: Evidence) -> list[dict[str, Any]]:
    """All uses of force with their facts, for `result.json`."""
    force = force_of(evidence)
    return [_facts(evidence, force, use, f"u{n}") for n, use in enumerate(force.uses, 1)]


def _facts(evidence: Evidence, force: Force, use: Use, name: str) -> dict[str, Any]:
    first = use.first
    hits = sum(any(who == use.whom for who, _ in act.hits) for act in use.acts)
    return {
        "id": name, "t": first.t, "until": use.last.t, "trainee": use.who, "team": use.team, "whom": use.whom,
        "role": _role(evidence, use.whom), "means": use.means, "weapon": use.weapon,
        "rounds": len(use.acts), "hits": hits, "distance_m": first.distance_m,
        "person": _person(force, use), "seen": _seen(use), "warning": _warning(use),
        "near": _near(evidence, use), "end": _end(use),
        "acts": [
            {"t": a.t, "shot": a.shot, "level": a.level, "danger": a.danger, "late_s": a.late_s,
             "hits": [{"who": who, "zone": zone} for who, zone in a.hits],
             "effects": [{"t": e.t, "who": e.who, "effect": e.effect, "seconds": e.seconds} for e in a.effects]}
            for a in use.acts
        ],
        "carried": _carried(evidence, use), "discuss": list(_points(evidence, use)),
    }  # fmt: skip


def _role(evidence: Evidence, whom: str | None) -> str | None:
    if whom in evidence.cast.trainees:
        return "own_side"
    person = evidence.scenario.people.get(whom or "")
    return None if person is None else person.role


def _person(force: Force, use: Use) -> dict[str, Any] | None:
    """What the person was doing at the instant of the first act, and in the second before."""
    if use.whom is None:
        return None
    first = use.first
    posture = force.conduct.posture(use.whom, first.number)
    return {
        "level": first.level, "pose": posture.pose, "holds": posture.holds, "state": posture.state,
        "danger": first.danger, "danger_s": None if posture.since is None else round(first.t - posture.since, 6),
        "second_before": [g.as_dict(first.t) for g in force.conduct.second_before(use.whom, first.number, first.t)],
    }  # fmt: skip


def _seen(use: Use) -> dict[str, Any] | None:
    """What the trainee could see of the person at the first act."""
    if use.whom is None:
        return None
    told = use.first.seen
    shown: dict[str, Any] = dict.fromkeys(("share", "lux", "lit", "turned_deg", "facing"))
    if told is not None:
        shown = {
            "share": told.share, "lux": told.lux, "lit": told.lit, "turned_deg": round(math.degrees(told.turned), 1),
            "facing": told.turned <= FACING_RAD,
        }  # fmt: skip
    return {**shown, "in_view_s": use.in_view.unbroken_s, "in_view_total_s": use.in_view.total_s}


def _warning(use: Use) -> dict[str, Any] | None:
    """Which commands the person had heard, how long before, and whether there had been time."""
    if use.whom is None:
        return None
    told = use.warnings
    return {
        "given": bool(told), "times": len(told),
        "first_s": told[0].before_s if told else None, "last_s": told[-1].before_s if told else None,
        "command": told[-1].command if told else None, "voice": told[-1].voice if told else None,
        "by": told[-1].by if told else None, "time_for_one": use.time_to_warn,
    }  # fmt: skip


def _near(evidence: Evidence, use: Use) -> list[dict[str, Any]]:
    """Who else was near the lines of fire: each once, from the act whose line passed nearest by, with who was hit."""
    best: dict[str, dict[str, Any]] = {}
    met = {who for act in use.acts for who, _ in act.hits if who != use.whom}
    for act in use.acts:
        for b in act.near:
            if b.who not in best or b.off_m < best[b.who]["off_m"]:
                best[b.who] = {
                    **b.as_dict(), "role": _role(evidence, b.who), "hit": b.who in met, "shot": act.shot,
                }  # fmt: skip
    return sorted(best.values(), key=lambda row: (row["beyond_m"], row["who"]))


def _end(use: Use) -> dict[str, Any]:
    """How many acts came before the person was ever a danger, and after they had ceased to be one, and how late."""
    return {
        "early": len(use.early), "late": len(use.late), "last_late_s": use.late[-1].late_s if use.late else None,
        "late_stop_s": use.late_stop_s,
    }  # fmt: skip


def _carried(evidence: Evidence, use: Use) -> list[dict[str, Any]]:
    """What else the team carried; of less-lethal means whether the person was within their reach."""
    team = evidence.scenario.teams.get(use.team)
    distance = use.first.distance_m
    out = []
    for name in () if team is None else team.carries:
        found = means().get(name)
        reach = None if found is None else found.reach_m
        within = None if reach is None or distance is None else distance <= reach
        if name != use.weapon:
            out.append({"name": name, "firearm": found is None, "reach_m": reach, "in_reach": within})
    return out


# --- what is to be discussed ------------------------------------------------------------------------------------


def _points(evidence: Evidence, use: Use) -> Iterator[dict[str, Any]]:
    """What of a use of force a group would talk about, in the order of the law's questions."""
    first, seen = use.first, use.first.seen

    def point(what: Point, act: Act = first, who: str | None = use.whom, value: float | None = None) -> dict[str, Any]:
        return {"what": what, "under": POINTS[what], "who": who, "t": act.t, "shot": act.shot, "value": value}

    if use.whom is None:
        yield point("at_nobody")
        return
    role = _role(evidence, use.whom)
    if role in ("own_side", "no_shoot"):
        yield point("own_side" if role == "own_side" else "no_shoot")
    elif use.early:
        yield point("no_danger", use.early[0], value=len(use.early))
    if seen is not None and (seen.share == 0.0 or not seen.lit):
        yield point("not_seen")
    if seen is not None and seen.turned > BACK_RAD:
        yield point("back_turned", value=round(math.degrees(seen.turned), 1))
    if use.late:
        yield point("after_end", use.late[-1], value=use.late[-1].late_s)
    met = {who: act for act in reversed(use.acts) for who, _ in act.hits if who != use.whom}
    for who, act in sorted(met.items()):
        yield point("met_others", act, who)
    for row in _near(evidence, use):
        if row["where"] == "behind" and row["who"] not in met and row["role"] != "threat":
            act = next(a for a in use.acts if a.shot == row["shot"])
            yield point("behind", act, row["who"], row["beyond_m"])
    if role != "own_side" and not use.warnings and use.time_to_warn:
        yield point("no_warning", value=use.in_view.unbroken_s)
    elif use.warnings and use.warnings[0].before_s < TIME_TO_COMPLY_S and first.level not in ("firing", "striking"):
        yield point("short_warning", value=use.warnings[0].before_s)


def to_discuss(evidence: Evidence) -> list[dict[str, Any]]:
    """What a group should talk about, in order of time: hits on people who were no danger, and points of each use.

    A use that such a hit tells of is told by it alone; all its points stand with its facts.
    """
    rows = _undue_hits(evidence)
    hit = {row["shot"] for row in rows}
    for use in force_of(evidence).uses:
        if any(act.shot in hit for act in use.acts):
            continue
        for point in _points(evidence, use):
            if point["what"] == "met_others":
                continue  # where a bullet went on through somebody, that is told by itself
            rows.append(
                {"t": point["t"], "trainee": use.who, "what": point["what"], "who": point["who"] or "",
                 "shot": point["shot"]}
            )  # fmt: skip
    return sorted(rows, key=lambda row: row["t"])


def _undue_hits(evidence: Evidence) -> list[dict[str, Any]]:
    """Hits by trainees on own side, no-shoots, and people who were no danger when the bullet met them."""
    cast = evidence.cast
    undue = set(map(id, View(evidence).ledger.undue))
    out = []
    for e in evidence.events:
        if isinstance(e, ev.Struck) and e.shooter in cast.trainees and e.kind in ("person", "target"):
            if e.what in cast.trainees:
                what = "own_side_hit"
            elif e.what in cast.groups["no_shoot"]:
                what = "no_shoot_hit"
            elif id(e) in undue:
                what = "hit_on_no_danger"
            else:
                continue
            if e.kind == "person" or e.zone is not None:
                out.append({"t": e.t, "trainee": e.shooter, "what": what, "who": e.what, "shot": e.shot})
    return out
