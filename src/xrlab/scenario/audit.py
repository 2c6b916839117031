"""All that can be told of a scenario before the lab day: errors, and what is probably a mistake."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xrlab.document import Document, in_order
from xrlab.errors import Problem
from xrlab.room import Room
from xrlab.scenario.check import check_scenario, empty_texts, missing_translations
from xrlab.scenario.marks import check_marks
from xrlab.scenario.model import Scenario
from xrlab.scenario.people_check import character_remarks
from xrlab.scenario.reach import Reach, check_reach
from xrlab.scenario.survey import Survey


@dataclass(frozen=True)
class Audit:
    """What is told of one draw of a scenario, in the order of the file.

    broken: what is wrong with this draw. idle: what never happens, or can't be earned, in it. Where the draws differ
    that is a mistake only if it is so in all of them: what one draw does not use is there for another.
    """

    broken: list[Problem]
    idle: list[Problem]


def audit(document: Document, scenario: Scenario, room: Room) -> Audit:
    """Every error and warning of one draw; of what is seen from several sides it is told once."""
    survey = Survey(document, scenario, room)
    reach = Reach(scenario, room, survey.where)
    marks = list(check_marks(document, reach.known))
    broken = check_scenario(document, scenario, room, reach)
    broken += survey.problems(reach.states)
    broken += [p for p in marks if not p.warning]
    broken += missing_translations(document, scenario)
    broken += empty_texts(document, scenario)
    broken += character_remarks(document, scenario)
    idle = [*check_reach(document, reach), *(p for p in marks if p.warning)]
    # what is wrong in a line explains what else is odd about it
    wrong = {(p.file, p.line) for p in broken if not p.warning}
    return Audit(
        in_order(p for p in broken if not p.warning or (p.file, p.line) not in wrong),
        in_order(p for p in idle if (p.file, p.line) not in wrong),
    )


def together(audits: Iterable[Audit]) -> list[Problem]:
    """What is told of several draws of a scenario: what is broken in any of them, and what is idle in all."""
    broken: list[Problem] = []
    idle: set[Problem] | None = None
    for one in audits:
        broken += one.broken
        idle = set(one.idle) if idle is None else idle & set(one.idle)
    return in_order([*broken, *(idle or ())])
