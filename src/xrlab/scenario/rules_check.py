"""Whether the target rules that a scenario names fit its strings of fire and the faces of their targets."""

from __future__ import annotations

from collections.abc import Iterable

from xrlab.document import Loc
from xrlab.scenario.checker import Checker
from xrlab.scenario.faces import Face
from xrlab.scenario.library import faces
from xrlab.scenario.model import FireString
from xrlab.scenario.rings import fits, radii
from xrlab.scenario.rules import CENTRE_FIRE_EVENTS, IdpaRules, IpscRules, IssfRules, Rules

FACES_OF = {
    "air_rifle_10m": "air_rifle_10m", "air_pistol_10m": "air_pistol_10m", "precision_25m": "precision_25m",
    "rapid_fire_25m": "rapid_fire_25m", "rifle_50m": "rifle_50m", "pistol_50m": "precision_25m",
}  # fmt: skip
"""The library's face for each event."""


def check_rules(c: Checker) -> None:
    """Notes what is wrong with the rules of the scenario and of its strings."""
    scenario = c.scenario
    if scenario.rules is not None and not scenario.strings:
        _check(c, scenario.rules, ("rules",), None, scenario.targets)
    for index, string in enumerate(scenario.strings):
        rules = string.rules or scenario.rules
        if rules is not None:
            loc: Loc = ("strings", index, "rules") if string.rules else ("rules",)
            _check(c, rules, loc, string, string.targets)


def _check(c: Checker, rules: Rules, loc: Loc, string: FireString | None, names: Iterable[str]) -> None:
    specs = c.scenario.targets
    shown = [(n, specs[n].face) for n in names if n in specs and specs[n].role == "target"]
    faced = [(n, called, c.scenario.faces.get(called) or faces().get(called)) for n, called in shown]
    for name, called, face in faced:
        wrong = _face(rules, face) if face is not None else ""
        if wrong:
            c.say(loc, f"the rule '{rules.name}' does not fit the face '{called}' of '{name}': {wrong}")
    if isinstance(rules, IssfRules) and rules.centre_fire and rules.event not in CENTRE_FIRE_EVENTS:
        c.say(
            loc, f"'{rules.event}' is not fired with centre-fire pistols; only {' and '.join(CENTRE_FIRE_EVENTS)} are"
        )
    if not shown:
        where = f"the string '{string.name}'" if string else "the scenario"
        c.say(loc, f"the rule '{rules.name}' has nothing to score: {where} has no target that may be hit")
    count = getattr(rules, "count", "")
    if count in ("virginia", "fixed_time", "limited") and (string is None or string.rounds is None):
        where = f"the string '{string.name}'" if string else "a string of fire"
        c.say(loc, f"count: {count} needs to know how many shots are allowed; give {where} rounds")
    if count == "fixed_time" and string is not None and string.par_s is None:
        c.say(loc, f"count: fixed_time needs the time; give the string '{string.name}' par_s")


def _face(rules: Rules, face: Face) -> str:
    """What keeps a face from being scored by a rule; "" if nothing does."""
    names = {zone.zone for zone in face.zones}
    if isinstance(rules, IssfRules):
        wrong = fits(rules.event, radii(face))
        return f"{wrong}; the library has it as {FACES_OF[rules.event]}" if wrong else ""
    if face.material == "steel":
        return ""
    if isinstance(rules, IpscRules) and not {name.upper() for name in names} & {"A", "C", "D"}:
        return "it has no zone A, C or D; the library has ipsc"
    if isinstance(rules, IdpaRules) and not names & {"-0", "-1", "-3"}:
        return "it has no zone -0, -1 or -3; the library has idpa"
    return ""
