"""Whether the names in targets, strings of fire, events and injects exist, and what they ask for can be done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from xrlab.document import Loc
from xrlab.errors import meant
from xrlab.scenario import actions as act
from xrlab.scenario.library import faces
from xrlab.scenario.model import FireString, Target
from xrlab.scenario.states import STATES

if TYPE_CHECKING:
    from xrlab.scenario.check import Checker


def check_target(c: Checker, target: Target, loc: Loc) -> None:
    """Place, face and rail of a target."""
    c.place(target.at, (*loc, "at"))
    known = (*faces(), *c.scenario.faces)
    if target.face not in known:
        c.say((*loc, "face"), f"no target face is called '{target.face}'{meant(target.face, known)}")
    if target.rail is not None:
        here = (*loc, "rail", "to")
        for index, place in enumerate(target.rail.places):
            c.place(place, (*here, index) if isinstance(target.rail.to, list) else here)


def _lamp_group(c: Checker, group: str, loc: Loc) -> None:
    groups = {light.group for light in c.room.lights} | {"all"}
    if group not in groups:
        c.say(loc, f"the room has no lamps '{group}'{meant(group, groups)}")


def _string(c: Checker, string: FireString, loc: Loc) -> None:
    scenario = c.scenario
    lanes = {None: string.show} if isinstance(string.show, list) else string.show
    for who, lane in lanes.items():
        here = (*loc, "show") if who is None else (*loc, "show", who)
        if who is not None and who not in scenario.trainees:
            c.say(here, f"no trainee is called '{who}'{meant(who, scenario.trainees)}")
        for at, name in enumerate(lane):
            c.name("target", name, (*here, at))
            target = scenario.targets.get(name)
            if target and target.motion == "fixed" and string.signal == "none":
                what = (
                    f"'{name}' is fixed and can't be shown; give it motion: turning, falling or popping, or the string"
                )
                c.say((*here, at), f"{what} a start signal")
            if target and target.role == "target" and string.until_down and target.reaction not in ("fall", "hide"):
                what = f"the string ends when all are down, but a hit does nothing to '{name}'; give it when_hit: fall"
                c.say((*here, at), what)
    if isinstance(string.lights, dict):
        for group in string.lights:
            _lamp_group(c, group, (*loc, "lights", group))


def check_programme(c: Checker) -> None:
    """Strings of fire, zones to clear, events and injects."""
    scenario = c.scenario
    names = [s.name for s in scenario.strings]
    for index, string in enumerate(scenario.strings):
        loc: Loc = ("strings", index)
        if string.name in names[:index]:
            c.say((*loc, "name"), f"a string called '{string.name}' stands above; every string needs its own name")
        _string(c, string, loc)
    for index, zone in enumerate(scenario.clear or ()):
        if zone not in c.room.zones:
            c.say(("clear", index), f"the room has no zone '{zone}'{meant(zone, c.room.zones)}")
    for name, happening in scenario.events.items():
        c.condition(happening.when, ("events", name, "when"), "live")
        _director(c, happening.do, ("events", name, "do"))
    for name, inject in scenario.injects.items():
        _director(c, inject.do, ("injects", name, "do"))


def _director(c: Checker, steps: Iterable[act.DirectorAction], loc: Loc) -> None:
    for index, step in enumerate(steps):
        here = (*loc, index)
        if isinstance(step, act.SetState):
            for who, state in step.set_state.items():
                person = c.scenario.people.get(who)
                if person is None:
                    c.name("person", who, (*here, "set_state", who))
                elif state not in (*person.states, *STATES):
                    own = (*person.states, *STATES)
                    c.say((*here, "set_state", who), f"'{who}' has no state '{state}'{meant(state, own)}")
        elif isinstance(step, act.Show | act.Hide | act.Move | act.Stop):
            _moves_targets(c, step, here)
        elif isinstance(step, act.Open | act.Close):
            c.name("door", step.open if isinstance(step, act.Open) else step.close, here)
        elif isinstance(step, act.Lights):
            _lamp_group(c, step.group, (*here, "group"))
            if isinstance(step.lights, str) and step.lights not in ("on", "off"):
                c.say((*here, "lights"), f"lights are on, off or 0..1, not '{step.lights}'")


def _moves_targets(c: Checker, step: act.Show | act.Hide | act.Move | act.Stop, loc: Loc) -> None:
    key = next(iter(type(step).model_fields))
    for at, name in enumerate(getattr(step, key)):
        c.name("target", name, (*loc, key, at))
        target = c.scenario.targets.get(name)
        if target is None:
            continue
        if key in ("move", "stop") and target.rail is None:
            c.say((*loc, key, at), f"'{name}' has no rail; give it one: rail: {{to: ..., speed_mps: ...}}")
        if key == "hide" and target.motion == "fixed":
            c.say((*loc, key, at), f"'{name}' is fixed and can't be hidden; give it motion: turning or popping")
