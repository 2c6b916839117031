"""Which states role players ever come into, which transitions and events ever happen, and what goes round in circles.

From the states that people begin in, everything is followed that may happen: transitions whose condition can become
true, states that events and injects put people into, and the falls that everyone knows. What is never reached so can
never be reached in a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from xrlab.document import Document, Loc
from xrlab.errors import Problem
from xrlab.room import Room
from xrlab.scenario.conditions import Expression, ExpressionError, parse
from xrlab.scenario.facts import Beforehand, Whereabouts
from xrlab.scenario.logic import ALWAYS, NEVER, Facts, blame, values_of
from xrlab.scenario.model import Happening, RolePlayer, Scenario, Transition
from xrlab.scenario.states import AFTER_MEANS, PUT_BY_MEANS


class _Rule:
    """A transition while it is found out what comes of it. can: its condition may hold; always: it holds at once.

    As more states are found to be reached, `can` only ever becomes true, and `always` false.
    """

    def __init__(self, index: int, spec: Transition, to: str, facts: Facts, limit_s: float) -> None:
        self.index, self.spec, self.to = index, spec, to
        starts = [spec.from_] if isinstance(spec.from_, str) else spec.from_
        self.starts = None if "any" in starts else frozenset(starts)
        self.when = _condition(spec.when)
        self.in_time = spec.chance > 0.0 and spec.after_s[0] <= limit_s
        self.can = False
        readable = spec.when is None or self.when is not None
        certain = spec.chance == 1.0 and len(spec.leads_to) == 1
        self.always = readable and certain and spec.after_s[1] == 0.0
        self._facts = facts

    def look(self) -> None:
        """Asks the condition again."""
        if self.when is None:
            self.can = True
        elif not self.can or self.always:
            values = values_of(self.when, self._facts)
            self.can = self.can or values != NEVER
            self.always = self.always and values == ALWAYS

    def leads_from(self, state: str) -> bool:
        """Whether it may lead on from a state; who is down stays down."""
        return state not in (self.to, "down") and (self.starts is None or state in self.starts)


class Reach:
    """What may happen in a scenario. What can't be read, or names what doesn't exist, counts as possible."""

    def __init__(self, scenario: Scenario, room: Room, where: Whereabouts | None = None) -> None:
        self.scenario = scenario
        self.known = Beforehand(scenario, room, where)
        limit = scenario.time_limit_s
        self._rules = {
            name: [
                _Rule(i, rule, to, self.known.seen_from(name), limit)
                for i, rule in enumerate(person.transitions)
                for to in rule.leads_to
            ]
            for name, person in scenario.people.items()
        }
        self._follow_all()

    @property
    def states(self) -> dict[str, set[str]]:
        """The states that each role player may ever be in."""
        return self.known.states

    def _follow_all(self) -> None:
        for name, rules in self._rules.items():
            if not any(rule.to == "down" for rule in rules):
                self.states[name].add("down")  # by hits, where nothing else is said
            for kind, state in PUT_BY_MEANS.items():
                if kind in self.known.means:
                    self.states[name] |= {state, AFTER_MEANS[state]}
        for inject in self.scenario.injects.values():
            self._put(inject.do)
        before = -1
        while before != (before := sum(map(len, self.states.values()))):  # states are only ever added
            for happening in self.scenario.events.values():
                if self.event_never(happening) is None:
                    self._put(happening.do)
            for name in self._rules:
                self._follow(name)

    def _put(self, steps: Iterable[Any]) -> None:
        for step in steps:
            for who, state in getattr(step, "set_state", {}).items():
                self.states.get(who, set()).add(state)

    def _follow(self, name: str) -> None:
        """Follows one person's transitions from the states known so far."""
        rules, states = self._rules[name], self.states[name]
        for rule in rules:
            rule.look()
        first = self._firsts(name)
        by_start: dict[str | None, list[_Rule]] = {None: []}
        for rule in rules:
            for start in rule.starts if rule.starts is not None else (None,):
                by_start.setdefault(start, []).append(rule)
        todo = list(states)
        while todo:
            state = todo.pop()
            at_once = first(state)
            for rule in (*by_start.get(state, ()), *by_start[None]):
                if rule.can and rule.in_time and rule.leads_from(state) and not _before(at_once, rule):
                    if rule.to not in states:
                        todo.append(rule.to)
                    states.add(rule.to)

    def _firsts(self, name: str) -> Callable[[str], _Rule | None]:
        """For a state the transition by which it is always left as soon as it begins; None if it lasts."""
        some: dict[str, list[_Rule]] = {}
        anyhow: list[_Rule] = []
        for rule in self._rules[name]:
            if rule.always:
                for start in rule.starts or ():
                    some.setdefault(start, []).append(rule)
                if rule.starts is None and len(anyhow) < 2:  # one of two leads elsewhere
                    anyhow += [rule] if not anyhow or anyhow[0].to != rule.to else []

        def first(state: str) -> _Rule | None:
            fit = (next((r for r in rules if r.leads_from(state)), None) for rules in (some.get(state, ()), anyhow))
            return min((r for r in fit if r is not None), key=lambda r: r.index, default=None)

        return first

    # --- what never happens ---------------------------------------------------------------------------

    def never(self, name: str) -> Iterator[tuple[_Rule, str | None, str]]:
        """The transitions of a person that can never happen: each with the key to blame (None: all) and why."""
        limit = self.scenario.time_limit_s
        first = self._firsts(name)
        for rule in self._rules[name]:
            origins = sorted(s for s in self.states[name] if rule.leads_from(s))
            if rule.spec.chance == 0.0:
                yield rule, "chance", "its chance is 0"
            elif not rule.in_time:
                yield rule, "after_s", f"it comes after {rule.spec.after_s[0]:g} s, and the run ends after {limit:g} s"
            elif not rule.can:
                yield rule, "when", ""
            elif not origins:
                yield rule, "from", _no_origin(name, rule)
            elif all(_before(first(state), rule) for state in origins):
                other = first(origins[0])
                where = _or(origins)
                yield (
                    rule,
                    None,
                    f"the transition to '{other.to if other else ''}' above it leaves {where} at once",
                )

    def event_never(self, happening: Happening) -> tuple[str, str] | None:
        """Why an event can never happen: the key to blame and words; None if it may."""
        limit = self.scenario.time_limit_s
        if happening.at_s is not None and happening.at_s[0] > limit:
            return "at_s", f"it comes at {happening.at_s[0]:g} s, and the run ends after {limit:g} s"
        if happening.after_s[0] > limit:
            return "after_s", f"it comes after {happening.after_s[0]:g} s, and the run ends after {limit:g} s"
        if happening.chance == 0.0:
            return "chance", "its chance is 0"
        return ("when", "") if self.never_holds(happening.when) else None

    def never_holds(self, text: str | None) -> bool:
        """Whether a condition of the director can never be true."""
        condition = _condition(text)
        return condition is not None and values_of(condition, self.known.seen_from("")) == NEVER

    def circles(self, name: str) -> Iterator[list[_Rule]]:
        """Rings of transitions that a role player would run through without end, while no time passes."""
        first = self._firsts(name)
        told: set[str] = set()
        for state in sorted(self.states[name]):
            way: dict[str, _Rule] = {}
            at = state
            while at not in told and at not in way and (rule := first(at)) is not None:
                way[at] = rule
                at = rule.to
            if at in way:
                yield list(way.values())[list(way).index(at) :]
            told |= {*way, at}


def circles(document: Document, reach: Reach) -> Iterator[Problem]:
    """Errors: the rings of transitions that a run would turn in without end, by names."""
    for name in reach.scenario.people:
        for ring in reach.circles(name):
            index = min(rule.index for rule in ring)
            way = " -> ".join([ring[-1].to, *(rule.to for rule in ring)])
            what = (
                f"'{name}' goes round in circles without time passing: {way}; give one of these transitions an after_s"
            )
            yield document.problem(("people", name, "transitions", index), what)


def check_reach(document: Document, reach: Reach) -> list[Problem]:
    """What never happens, as warnings."""
    scenario = reach.scenario
    out: list[Problem] = []
    for name, person in scenario.people.items():
        out += _check_person(document, reach, name, person)
    for event, happening in scenario.events.items():
        found = reach.event_never(happening)
        if found and found[0] == "when":
            out.append(_never_true(document, reach, ("events", event, "when"), happening.when, ""))
        elif found:
            out.append(document.problem(("events", event, found[0]), f"never happens: {found[1]}", warning=True))
    if reach.never_holds(scenario.ends_when):
        out.append(_never_true(document, reach, ("ends_when",), scenario.ends_when, ""))
    done = reach.known.seen_from("")("strings_done", ())
    if scenario.strings and done is not None and done.values == NEVER:
        out.append(document.problem(("strings",), f"the last string never ends: {done.why}", at_key=True, warning=True))
    return out


def _check_person(document: Document, reach: Reach, name: str, person: RolePlayer) -> Iterator[Problem]:
    loc: Loc = ("people", name)
    unreached = set(person.states) - reach.states[name]
    explained: set[str] = set()
    for rule, key, why in reach.never(name):
        here = (*loc, "transitions", rule.index)
        if key == "from" and (rule.starts or set()) & unreached:
            continue  # of that state it is said below that nothing leads there
        explained.add(rule.to)
        if key == "when":
            yield _never_true(document, reach, (*here, "when"), rule.spec.when, name)
        else:
            yield document.problem((*here, key) if key else here, f"never happens: {why}", warning=True)
    for state in _roots(person, unreached, explained):
        what = f"nothing ever leads '{name}' into the state '{state}'; a transition, an event or an inject must"
        yield document.problem((*loc, "states", state), what, at_key=True, warning=True)


def _roots(person: RolePlayer, unreached: set[str], explained: set[str]) -> Iterator[str]:
    """Of states that are never reached those for which nothing else that is told says why."""
    leads: dict[str, set[str]] = {state: set() for state in person.states if state in unreached}
    for rule in person.transitions:
        for start in [rule.from_] if isinstance(rule.from_, str) else rule.from_:
            if start in leads:
                leads[start] |= {to for to in rule.leads_to if to in leads and to != start}
    known: set[str] = set()

    def follow(state: str) -> None:
        todo = [state]
        while todo:
            known.add(at := todo.pop())
            todo += leads[at] - known

    for state in explained & set(leads):
        follow(state)
    led = {to for tos in leads.values() for to in tos}
    for state in sorted(leads, key=lambda s: s in led):  # of a ring the first
        if state not in known:
            yield state
            follow(state)


def _never_true(document: Document, reach: Reach, loc: Loc, text: str | None, self_name: str) -> Problem:
    """The warning for a condition that is never true, at the column of the part that rules it out."""
    condition = _condition(text)
    assert condition is not None
    column, part, why = blame(condition, reach.known.seen_from(self_name))
    shown = part if len(part) <= 60 else part[:57] + "…"
    what = f"{shown} is never true" + (f": {why}" if why else "")
    return document.problem_in(loc, column, what, warning=True)


def _no_origin(name: str, rule: _Rule) -> str:
    starts = (rule.starts or frozenset()) - {rule.to}
    if not starts:
        return f"it leads from '{rule.to}' to itself"
    if starts == {"down"}:
        return "who is down stays down"
    return f"'{name}' is never {_or(starts)}"


def _before(first: _Rule | None, rule: _Rule) -> bool:
    """Whether another transition is always taken before this one can be."""
    return first is not None and first.index < rule.index


def _condition(text: str | None) -> Expression | None:
    """A condition, or None if there is none or it can't be read, which is told elsewhere."""
    if text is None:
        return None
    try:
        expression = parse(text, "live")
    except ExpressionError:
        return None
    return expression if expression.gives == "bool" else None


def _or(states: Iterable[str]) -> str:
    return " or ".join(f"'{s}'" for s in sorted(states))
