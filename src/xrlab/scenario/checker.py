"""Collects what is wrong with the names, places and conditions of one scenario in one room."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Literal, get_args

from xrlab.document import Document, Loc
from xrlab.errors import Problem, meant
from xrlab.geometry import body
from xrlab.room import Room
from xrlab.scenario import actions as act
from xrlab.scenario.cast import Cast
from xrlab.scenario.conditions import ExpressionError, parse, unknown_name
from xrlab.scenario.facts import Beforehand
from xrlab.scenario.functions import COMMANDS, MEANS, MEASURES, SOUNDS, VOICES
from xrlab.scenario.library import faces, means, sounds, stress_cues
from xrlab.scenario.logic import calls, texts_compared
from xrlab.scenario.model import Item, Scenario
from xrlab.scenario.sound_files import files_played
from xrlab.scenario.states import STATES


class Checker:
    """Collects the problems of one scenario in one room."""

    def __init__(self, document: Document, scenario: Scenario, room: Room) -> None:
        self.document = document
        self.scenario = scenario
        self.room = room
        self.problems: list[Problem] = []
        self._cast = cast = Cast(scenario)
        states = {s for p in scenario.people.values() for s in p.states} | set(STATES)
        zones = [z.zone for f in (*faces().values(), *scenario.faces.values()) for z in f.zones]
        self.known: dict[str, Collection[str]] = {
            "who": cast.names,
            "person": (*scenario.people, "self"),
            "zone": (*room.zones, "all"),
            "hit_zone": (*body.ZONES, *zones),
            "door": tuple(room.doors),
            "inject": tuple(scenario.buttons),
            "event": (*scenario.events, *scenario.buttons),
            "sound_name": (*sounds(), *files_played(scenario)),
            "cue": tuple(stress_cues()),
            "target": tuple(scenario.targets),
            "string": tuple(s.name for s in scenario.strings),
            "state": states,
            "command": (*COMMANDS, "any"),
            "voice": VOICES,
            "lamps": (*sorted({light.group for light in room.lights}), "all"),
            "someone": (*scenario.people, *cast.trainees, "self"),
            "sound": (*SOUNDS, *sounds(), *files_played(scenario)),
            "measure": MEASURES,
            "means": (*MEANS, *(name for name in means() if name not in MEANS)),
        }

    @cached_property
    def _facts(self) -> Beforehand:
        return Beforehand(self.scenario, self.room)

    def say(self, loc: Loc, what: str) -> None:
        """Notes a problem at a place of the document."""
        self.problems.append(self.document.problem(loc, what))

    def name(self, kind: str, name: str, loc: Loc) -> None:
        """Notes a problem if nothing of this kind has this name."""
        what = unknown_name(kind, name, self.known)
        if what:
            self.say(loc, what)

    def place(self, place: act.Place, loc: Loc) -> None:
        """Notes a problem if a place does not exist, or lies far outside the room."""
        room = self.room
        if isinstance(place, str):
            known = (*room.points, *room.zones, *room.doors)
            if place not in known:
                self.say(loc, f"the room has no zone, point or door '{place}'{meant(place, known)}")
            return
        low, high = room.bounds
        if not all(low[i] - 0.01 <= place[i] <= high[i] + 0.01 for i in (0, 1)):
            span = f"x {low[0]:.1f} to {high[0]:.1f}, y {low[1]:.1f} to {high[1]:.1f}"
            self.say(loc, f"[{place[0]:g}, {place[1]:g}] lies outside the room ({span})")

    def condition(self, text: str | None, loc: Loc, where: Literal["live", "score"], *, truth: bool = False) -> None:
        """Notes what is wrong in a condition, at its column. truth: one for marks that must be true or false."""
        if text is None:
            return
        try:
            expression = parse(text, where)
        except ExpressionError as error:
            for fault in error.faults:
                self._in_text(loc, fault.column, fault.what)
            return
        wanted = "bool" if where == "live" or truth else "number"
        if expression.gives != wanted and not (wanted == "number" and expression.gives == "bool"):
            self._in_text(loc, 0, f"gives a {expression.gives}; a {wanted} is needed")
        for kind, name, column in expression.names():
            what = unknown_name(kind, name, self.known)
            if what:
                self._in_text(loc, column, what)
        for function, given, text, column in texts_compared(expression):
            person = self.scenario.people.get(given[0]) if function == "state" and given else None
            own = (*person.states, *STATES) if person else (*self.known["state"], "")
            if function == "state" and text not in own:
                self._in_text(loc, column, f"'{given[0]}' has no state '{text}'{meant(text, own)}")
            if function == "holds" and text not in get_args(Item):
                self._in_text(loc, column, f"'{text}' cannot be held{meant(text, get_args(Item))}")
        for function, given in calls(expression):
            if function == "hits" and len(given) == 2 and given[1] in self.known["hit_zone"]:
                self._hit_zone(given[0], given[1], loc, expression.text.find(given[1]))

    def _hit_zone(self, who: str, zone: str, loc: Loc, column: int) -> None:
        """Notes a problem if none of these has a hit zone that others have."""
        names = self._cast.select(who) if who != "self" else ()
        zones = {z for name in names for z in self._facts.zones_of(name)}
        if names and zone not in zones:
            self._in_text(loc, column, f"'{who}' has no hit zone '{zone}'{meant(zone, zones)}")

    def _in_text(self, loc: Loc, column: int, what: str) -> None:
        self.problems.append(self.document.problem_in(loc, column, what))
