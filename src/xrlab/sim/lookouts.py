"""Which role players look out for other role players: those alone whose conditions ask for it.

Trainees and role players always look at each other. That a bystander sees the gunman is worked out only where a
condition asks, since among a hundred role players there would be ten thousand pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

from xrlab.scenario.cast import Cast
from xrlab.scenario.conditions import Expression, parse
from xrlab.scenario.model import Scenario
from xrlab.scenario.person_actions import WaitFor, each


def lookouts(scenario: Scenario, cast: Cast) -> frozenset[tuple[str, str]]:
    """Pairs (who looks, at whom) of role players that a condition of the scenario asks for."""
    people = set(cast.people)
    found = {pair for text, me in _conditions(scenario) for pair in _asked(parse(text, "live"), me, cast)}
    return frozenset((who, whom) for who, whom in found if who != whom and {who, whom} <= people)


def _conditions(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Every condition of a scenario, with who asks; "" is the director."""
    for name, person in scenario.people.items():
        yield from ((rule.when, name) for rule in person.transitions if rule.when)
        for state in person.states.values():
            yield from ((step.when, name) for step, _ in each(state.do) if isinstance(step, WaitFor))
    yield from ((event.when, "") for event in scenario.events.values() if event.when)
    if scenario.ends_when:
        yield scenario.ends_when, ""


def _asked(condition: Expression, me: str, cast: Cast) -> Iterator[tuple[str, str]]:
    for function, given in condition.asks:
        if function == "sees":
            watchers = cast.select("self" if len(given) == 1 else given[0], me)
            yield from ((w, s) for w in watchers for s in cast.select(given[-1], me))
        elif function in ("seen_by", "aimed_at_by"):
            yield from ((w, me) for w in cast.select(given[0], me))
        elif function == "sees_danger":
            yield from ((me, threat) for threat in cast.groups["threat"])
