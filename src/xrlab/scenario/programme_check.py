"""Whether the names in targets, strings of fire, events and injects exist, and what they ask for can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xrlab.document import Loc
from xrlab.errors import meant
from xrlab.scenario import actions as act
from xrlab.scenario.checker import Checker
from xrlab.scenario.library import faces, sounds, stress_cues
from xrlab.scenario.model import FireString, Scenario, Target
from xrlab.scenario.sound_files import fault_of_file, files_played
from xrlab.scenario.states import STATES


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
        if name in _reached_from(scenario, name):
            what = f"the inject '{name}' leads back to itself; it may not call itself, by way of others neither"
            c.say(("injects", name), what)
    _doses(c, scenario.stress, ("stress",))


def _reached_from(scenario: Scenario, name: str) -> set[str]:
    """Injects that an inject calls, and those that these call."""
    found: set[str] = set()
    to_see = [name]
    while to_see:
        inject = scenario.injects.get(to_see.pop())
        called = {s.inject for s in inject.do if isinstance(s, act.CallInject)} - found if inject else set()
        found |= called
        to_see += sorted(called)
    return found


def _director(c: Checker, steps: Iterable[act.DirectorAction], loc: Loc) -> None:
    for index, step in enumerate(steps):
        here = (*loc, index)
        if isinstance(step, act.SetState):
            _states(c, step, here)
        elif isinstance(step, act.Show | act.Hide | act.Move | act.Stop):
            _moves_targets(c, step, here)
        elif isinstance(step, act.Open | act.Close):
            c.name("door", step.open if isinstance(step, act.Open) else step.close, here)
        elif isinstance(step, act.Lights):
            _lamp_group(c, step.group, (*here, "group"))
            if isinstance(step.lights, str) and step.lights not in ("on", "off", "flicker"):
                c.say((*here, "lights"), f"lights are on, off, flicker or 0..1, not '{step.lights}'")
            if not isinstance(step.lights, str) and not 0 <= step.lights <= 1:
                c.say((*here, "lights"), f"lights are on, off, flicker or 0..1, not {step.lights:g}")
        elif isinstance(step, act.Smoke):
            if step.smoke not in c.room.zones:
                c.say((*here, "smoke"), f"the room has no zone '{step.smoke}'{meant(step.smoke, c.room.zones)}")
        elif isinstance(step, act.Appear):
            _appears(c, step, here)
        elif isinstance(step, act.CallInject):
            if step.inject not in c.scenario.injects:
                known = c.scenario.injects
                c.say((*here, "inject"), f"no inject is called '{step.inject}'{meant(step.inject, known)}")
        elif isinstance(step, act.Stress):
            _doses(c, step.stress, (*here, "stress"))
        elif isinstance(step, act.Malfunction):
            _trainees(c, step.malfunction, (*here, "malfunction"))
        elif isinstance(step, act.Sound | act.StopSound | act.Phone | act.Radio):
            _heard(c, step, here)


def _states(c: Checker, step: act.SetState, loc: Loc) -> None:
    for who, state in step.set_state.items():
        person = c.scenario.people.get(who)
        own = () if person is None else (*person.states, *STATES)
        if person is None:
            c.name("person", who, (*loc, "set_state", who))
        elif state not in own:
            c.say((*loc, "set_state", who), f"'{who}' has no state '{state}'{meant(state, own)}")


def _appears(c: Checker, step: act.Appear, loc: Loc) -> None:
    people = c.scenario.people
    for at, who in enumerate(step.appear):
        if who not in people:
            c.say((*loc, "appear", at), f"no role player is called '{who}'{meant(who, people)}")
        elif people[who].appears != "later":
            c.say((*loc, "appear", at), f"'{who}' is there from the start; give this person appears: later")
    if step.at is not None:
        c.place(step.at, (*loc, "at"))


def _source(c: Checker, place: act.Place | None, loc: Loc) -> None:
    """Where a sound comes from: a place, or somebody."""
    if place is not None and not (isinstance(place, str) and place in (*c.scenario.people, *c.scenario.trainees)):
        c.place(place, loc)


def _doses(c: Checker, doses: Mapping[str, act.Dose], loc: Loc) -> None:
    for cue, dose in doses.items():
        if cue not in stress_cues():
            c.say((*loc, cue), f"no stress cue is called '{cue}'{meant(cue, stress_cues())}")
        _source(c, dose.at, (*loc, cue, "at"))


def _heard(c: Checker, step: act.Sound | act.StopSound | act.Phone | act.Radio, loc: Loc) -> None:
    if isinstance(step, act.Sound):
        _sound(c, step.sound, (*loc, "sound"))
        _source(c, step.at, (*loc, "at"))
    elif isinstance(step, act.Phone):
        _source(c, step.phone, (*loc, "phone"))
    elif isinstance(step, act.Radio):
        _trainees(c, step.to, (*loc, "to"))
    elif step.stop_sound not in ("all", *sounds(), *files_played(c.scenario)):
        c.say(
            (*loc, "stop_sound"), f"no sound is called '{step.stop_sound}'{meant(step.stop_sound, ('all', *sounds()))}"
        )


def _trainees(c: Checker, who: str, loc: Loc) -> None:
    known = ("trainee", *c.scenario.teams, *c.scenario.trainees)
    if who not in known:
        c.say(loc, f"no team or trainee is called '{who}'{meant(who, known)}")


def _sound(c: Checker, name: str, loc: Loc) -> None:
    if name in sounds():
        return
    if "." not in name:
        what = (
            f"no sound is called '{name}'{meant(name, sounds())}; a file of your own has an ending, such as {name}.wav"
        )
        c.say(loc, what)
        return
    fault = fault_of_file(c.document.path.parent, name)
    if fault:
        c.say(loc, fault)


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
