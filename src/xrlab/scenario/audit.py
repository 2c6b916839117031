"""All that can be told of a scenario before the lab day: errors, and what is probably a mistake."""

from __future__ import annotations

from xrlab.document import Document, in_order
from xrlab.errors import Problem
from xrlab.room import Room
from xrlab.scenario.check import check_scenario, empty_texts, missing_translations
from xrlab.scenario.marks import check_marks
from xrlab.scenario.model import Scenario
from xrlab.scenario.reach import Reach, check_reach
from xrlab.scenario.survey import Survey


def audit(document: Document, scenario: Scenario, room: Room) -> list[Problem]:
    """Every error and warning, in the order of the file; of what is seen from several sides it is told once."""
    survey = Survey(document, scenario, room)
    reach = Reach(scenario, room, survey.where)
    problems = check_scenario(document, scenario, room)
    problems += check_reach(document, reach)
    problems += survey.problems()
    problems += check_marks(document, reach.known)
    problems += missing_translations(document, scenario)
    problems += empty_texts(document, scenario)
    wrong = {(p.file, p.line) for p in problems if not p.warning}
    # what is wrong in a line explains what else is odd about it
    return in_order([p for p in problems if not p.warning or (p.file, p.line) not in wrong])
