"""Whether the names in what a role player is and does exist: places, people, doors, things, states."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from xrlab.document import Document, Loc
from xrlab.errors import InputError, Problem, meant
from xrlab.room.characters import ENDINGS, load_character
from xrlab.scenario.actions import Names, Place
from xrlab.scenario.checker import Checker
from xrlab.scenario.model import Item, RolePlayer, Scenario, Thing
from xrlab.scenario.person_actions import AT_ONCE, Action, Draw, Repeat, each
from xrlab.scenario.sound_files import fault_of_place
from xrlab.scenario.states import STATES


def check_person(c: Checker, person: RolePlayer, loc: Loc) -> None:
    """Notes every problem with the names in a role player."""
    c.place(person.at, (*loc, "at"))
    if person.character is not None:
        fault = fault_of_character(c.document.path.parent, person.character)
        if fault is not None:
            c.say((*loc, "character"), fault)
    own = (*person.states, *(s for s in STATES if s not in person.states))

    def state(name: str, where: Loc) -> None:
        if name not in own:
            c.say(where, f"this person has no state '{name}'{meant(name, own)}")

    state(person.begins, (*loc, "begins"))
    for name, spec in person.states.items():
        for step, where in each(spec.do, (*loc, "states", name, "do")):
            check_action(c, step, where)
            if isinstance(step, Repeat) and all(isinstance(s, AT_ONCE) for s, _ in each(step.do)):
                c.say((*where, "repeat"), "nothing in this loop takes time; add a wait_s to it, or do it once")
            if isinstance(step, Draw) and step.draw in get_args(Thing) and step.draw not in person.carries:
                c.say(
                    (*where, "draw"), f"this person carries no {step.draw}; write 'carries: [{step.draw}]' beside 'at'"
                )
    for index, rule in enumerate(person.transitions):
        here = (*loc, "transitions", index)
        for name in rule.leads_to:
            state(name, (*here, "to") if isinstance(rule.to, str) else (*here, "to", name))
        for start in [rule.from_] if isinstance(rule.from_, str) else rule.from_:
            if start != "any":
                state(start, (*here, "from"))
        c.condition(rule.when, (*here, "when"), "live")


def fault_of_character(folder: Path, name: str) -> str | None:
    """What is wrong with a character's file named from this folder; None if it can be drawn."""
    fault = fault_of_place(folder, name, "a character's file", "models/guard.glb")
    if fault is None and Path(name).suffix.lower() not in ENDINGS:
        fault = f"'{name}' is no character; write a file that ends in {' or '.join(ENDINGS)}"
    if fault is not None:
        return fault
    full = folder / name
    if not full.is_file():
        siblings = sorted(p.name for p in full.parent.iterdir()) if full.parent.is_dir() else []
        return f"no file '{name}'{meant(full.name, siblings)}"
    try:
        load_character(full)
    except InputError as error:
        return f"'{name}' {error.problems[0].what}"
    return None


def character_remarks(document: Document, scenario: Scenario) -> Iterator[Problem]:
    """What the authors of the characters' files should look at."""
    folder = document.path.parent
    for name, person in scenario.people.items():
        if person.character is not None and fault_of_character(folder, person.character) is None:
            for remark in load_character(folder / person.character).remarks:
                yield document.problem(("people", name, "character"), remark, warning=True)


def check_action(c: Checker, step: Action, loc: Loc) -> None:
    """Notes every name in an action that nothing has; what a key names stands in its type."""
    for key, names in _named(type(step)):
        value = getattr(step, key)
        if isinstance(value, list):
            for index, each_value in enumerate(value):
                _check(c, names, each_value, (*loc, key, index))
        elif value is not None:
            _check(c, names, value, (*loc, key))


def _check(c: Checker, names: Names, value: Any, loc: Loc) -> None:
    if isinstance(value, str) and value in names.also:
        return
    if names.kind == "place":
        c.place(value, loc)
    elif names.kind == "spot":
        if not (isinstance(value, str) and value in c.known["who"]):
            c.place(value, loc)
    elif names.kind == "condition":
        c.condition(value, loc, "live")
    elif names.kind == "item":
        items = get_args(Item)
        if value not in items:
            c.say(loc, f"'{value}' cannot be held{meant(value, items)}")
    else:
        c.name(names.kind, value, loc)


@cache
def _named(model: type[BaseModel]) -> tuple[tuple[str, Names], ...]:
    """The keys of an action whose text names something, and what."""
    hints = get_type_hints(model, include_extras=True)
    found = ((key, _names_in(hints[key])) for key in model.model_fields)
    return tuple((key, names) for key, names in found if names)


def _names_in(hint: Any) -> Names | None:
    if hint == Place:
        return Names("place")
    if get_origin(hint) is Annotated:
        known = next((extra for extra in get_args(hint)[1:] if isinstance(extra, Names)), None)
        return known or _names_in(get_args(hint)[0])
    return next((names for part in get_args(hint) if (names := _names_in(part))), None)
