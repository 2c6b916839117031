"""What the model alone can't see: whether the names in a scenario exist, in it and in its room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xrlab.document import Document, Loc, in_order
from xrlab.errors import Problem, meant
from xrlab.room import Room
from xrlab.room.materials import MATERIALS
from xrlab.scenario import person_actions as per
from xrlab.scenario.checker import Checker
from xrlab.scenario.library import means, weapons
from xrlab.scenario.model import LANGUAGES, Scenario
from xrlab.scenario.people_check import check_person
from xrlab.scenario.programme_check import check_programme, check_target
from xrlab.scenario.reach import Reach, circles
from xrlab.scenario.rules_check import check_rules
from xrlab.scenario.standards import check_standard


def check_scenario(document: Document, scenario: Scenario, room: Room, reach: Reach | None = None) -> list[Problem]:
    """What keeps a scenario from being run: names and conditions that are wrong, circles without time.

    In the order of the file. What is probably a mistake as well is said by `xrlab.scenario.audit`. reach: what may
    happen in the scenario, where that is known already.
    """
    c = Checker(document, scenario, room)
    _teams(c)
    for name, person in scenario.people.items():
        check_person(c, person, ("people", name))
    for name, target in scenario.targets.items():
        check_target(c, target, ("targets", name))
    for name, face in scenario.faces.items():
        if face.material not in MATERIALS:
            c.say(
                ("faces", name, "material"),
                f"no material is called '{face.material}'{meant(face.material, MATERIALS)}",
            )
    check_programme(c)
    check_rules(c)
    for name, criterion in scenario.scoring.criteria.items():
        c.condition(criterion.value, ("scoring", "criteria", name, "value"), "score")
        if criterion.of is not None and criterion.of not in scenario.teams:
            what = f"no team is called '{criterion.of}'{meant(criterion.of, scenario.teams)}"
            c.say(("scoring", "criteria", name, "of"), what)
    for index, cap in enumerate(scenario.scoring.caps):
        c.condition(cap.when, ("scoring", "caps", index, "when"), "score", truth=True)
    c.condition(scenario.ends_when, ("ends_when",), "live")
    c.problems += check_standard(document, scenario, room)
    return in_order([*c.problems, *circles(document, reach or Reach(scenario, room))])


def _teams(c: Checker) -> None:
    for name, team in c.scenario.teams.items():
        loc: Loc = ("teams", name)
        starts = team.start if isinstance(team.start, list) else [team.start]
        for index, start in enumerate(starts):
            c.place(start, (*loc, "start", index) if isinstance(team.start, list) else (*loc, "start"))
        if isinstance(team.start, list) and len(starts) != len(team.trainees):
            c.say((*loc, "start"), f"{len(starts)} places for {len(team.trainees)} trainees; give one, or one for each")
        for index, kind in enumerate(team.carries):
            known = (*weapons(), *means())
            if kind not in known:
                c.say((*loc, "carries", index), f"no weapon is called '{kind}'{meant(kind, known)}")
        for kind, load in team.loads.items():
            fits = weapons()[kind].loads if kind in weapons() else {}
            if kind not in team.carries:
                c.say((*loc, "loads", kind), f"this team carries no '{kind}'{meant(kind, team.carries)}")
            elif load not in fits:
                what = f"does not fire '{load}'{meant(load, fits)}" if fits else "fires no bullets; leave it out"
                c.say((*loc, "loads", kind), f"a {kind} {what}")


def missing_translations(document: Document, scenario: Scenario) -> list[Problem]:
    """Texts that lack one of the four languages; a run shows English there, or any."""
    out = []
    for loc, text in _texts(scenario):
        gaps = [language for language in LANGUAGES if language not in text]
        if gaps:
            what = f"{loc[-1]} has no text in {', '.join(gaps)}; a run shows another language there"
            out.append(document.problem(loc, what, warning=True))
    return out


def empty_texts(document: Document, scenario: Scenario) -> list[Problem]:
    """Texts in which nothing stands."""
    return [
        document.problem(
            (*loc, language), f"{loc[-1]} is empty in {language}; write it, or leave the key out", warning=True
        )
        for loc, text in _texts(scenario)
        for language in text
        if not text[language].strip()
    ]


def _texts(scenario: Scenario) -> Iterator[tuple[Loc, Mapping[Any, str]]]:
    yield ("title",), scenario.title
    if scenario.briefing:
        yield ("briefing",), scenario.briefing
    for name, team in scenario.teams.items():
        if team.briefing:
            yield ("teams", name, "briefing"), team.briefing
    for index, string in enumerate(scenario.strings):
        if string.title:
            yield ("strings", index, "title"), string.title
    for name, inject in scenario.injects.items():
        yield ("injects", name, "label"), inject.label
    for name, criterion in scenario.scoring.criteria.items():
        if criterion.title:
            yield ("scoring", "criteria", name, "title"), criterion.title
    for index, cap in enumerate(scenario.scoring.caps):
        if cap.title:
            yield ("scoring", "caps", index, "title"), cap.title
    for name, target in scenario.targets.items():
        if target.title:
            yield ("targets", name, "title"), target.title
    for who, person in scenario.people.items():
        if person.title:
            yield ("people", who, "title"), person.title
        for state, spec in person.states.items():
            if spec.title:
                yield ("people", who, "states", state, "title"), spec.title
            for step, loc in per.each(spec.do, ("people", who, "states", state, "do")):
                if isinstance(step, per.Say) and isinstance(step.say, dict):
                    yield (*loc, "say"), step.say
