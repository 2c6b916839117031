"""Events that a test expects, in order, and events that must not come: what they mean, and whether a run has them.

Written in short (`challenge`, `{shot: p1, within_s: 2}`, `{gunman: surrendering}`) or as the stream of events has it
(`{VerbalCommand: {who: p1, command: drop_weapon}}`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field

from xrlab.document import Also, Loc
from xrlab.errors import meant, nearest
from xrlab.scenario.cast import Cast
from xrlab.scenario.checker import Checker
from xrlab.scenario.model import Part, Seconds
from xrlab.scenario.states import BUILT_IN
from xrlab.sim import events as ev
from xrlab.testing.limits import is_limit, meets


class Short(NamedTuple):
    """A short word: the event and the field that the value stands for, what else must be so, what it means alone."""

    event: str
    field: str
    also: Mapping[str, Any] = {}
    alone: Mapping[str, Any] = {}
    about: str = ""


_ON_SOMEBODY = {"kind": ["person", "target"]}
SHORT: dict[str, Short] = {
    "challenge": Short("VerbalCommand", "who", about="a trainee calls a command"),
    "shot": Short("ShotFired", "shooter", alone={"shooter": "trainee"}, about="this one fires; alone: a trainee"),
    "hit": Short("Struck", "what", _ON_SOMEBODY, {"shooter": "trainee"}, "this one is hit; alone: by a trainee"),
    "seen": Short("Seen", "whom", about="somebody begins to see this one"),
    "sees": Short("Seen", "who", about="this one begins to see somebody"),
    "says": Short("Spoke", "who", about="this one speaks"),
    "used": Short("MeansUsed", "who", about="this one uses a less-lethal means"),
    "affected": Short("Affected", "who", about="a less-lethal means takes effect on this one"),
    "down": Short("StateChanged", "who", {"state": "down"}, about="this one goes down"),
    "reload": Short("Reloaded", "who", about="this one has reloaded"),
    "malfunction": Short("Malfunction", "who", about="a round of this one's weapon fails to fire"),
    "clears": Short("MalfunctionCleared", "who", about="this one has cleared a malfunction"),
    "empty": Short("EmptyTrigger", "who", about="this one pulls the trigger of an empty weapon"),
    "enters": Short("ZoneEntered", "zone", alone={"who": "trainee"}, about="somebody enters this zone"),
    "cleared": Short("ZoneCleared", "zone", about="this zone has been cleared"),
    "opens": Short("DoorMoved", "door", {"opened": "> 0"}, about="this door begins to open"),
    "shuts": Short("DoorMoved", "door", {"opened": 0}, about="this door begins to shut"),
    "lights": Short("LightsChanged", "group", about="this group of lamps is switched"),
    "cue": Short("InstructorCue", "inject", about="this inject is set off"),
    "string": Short("StringStarted", "string", about="this string of fire starts"),
    "shown": Short("TargetExposed", "target", about="this target turns to the shooters"),
    "hidden": Short("TargetHidden", "target", about="this target turns away"),
    "falls": Short("TargetFell", "target", about="this target falls"),
    "ends": Short("RunEnded", "reason", about="the run ends for this reason"),
}
_TIMES = ("within_s", "after_s", "before_s")
_KINDS = {
    "who": "who", "whom": "who", "shooter": "who", "target": "target", "door": "door", "inject": "inject",
    "command": "command",
}  # fmt: skip
"""Fields of events that hold a name, and its kind."""


def _widened(value: Any) -> Any:
    """Any of the ways to write an event, as {event: …, fields: …}."""
    if isinstance(value, Awaited):
        return value
    if isinstance(value, str):
        value = {value: None}
    if not isinstance(value, dict):
        raise ValueError("an event is a word such as challenge, or a mapping such as {shot: p1, within_s: 2}")
    times = {k: v for k, v in value.items() if k in _TIMES}
    named = {k: v for k, v in value.items() if k not in _TIMES}
    if "event" in named:
        return value
    if len(named) != 1:
        raise ValueError(f"one event at a time: {' and '.join(map(str, named)) or 'none'} stand in one entry")
    ((name, what),) = named.items()
    return {**_event(str(name), what), **times}


def _event(name: str, what: Any) -> dict[str, Any]:
    if name in ev.EVENT_TYPES:
        if what is not None and not isinstance(what, dict):
            raise ValueError(f"{name} takes its fields, such as {{{name}: {{{_names(name)[0]}: …}}}}")
        return {"event": name, "fields": what or {}}
    if name in SHORT:
        short = SHORT[name]
        if isinstance(what, dict):
            raise ValueError(f"'{name}' takes a name; for fields write {short.event}: {{…}}")
        own = short.alone if what is None else {short.field: what}
        return {"event": short.event, "fields": {**own, **short.also}}
    if isinstance(what, str):  # a person's state; whether there is such a person is checked with the scenario
        return {"event": "StateChanged", "fields": {"who": name, "state": what}}
    raise ValueError(f"no event is called '{name}'{meant(name, (*SHORT, *ev.EVENT_TYPES))}")


def _names(event: str) -> list[str]:
    return [f.name for f in fields(ev.EVENT_TYPES[event]) if f.name != "t"]


def _of_event(value: Any) -> Any:
    if value not in ev.EVENT_TYPES:
        raise ValueError(f"no event is called '{value}'{meant(str(value), ev.EVENT_TYPES)}")
    return value


class Awaited(Part):
    """An event that a test waits for: its type, and what some of its fields must be."""

    event: Annotated[str, BeforeValidator(_of_event)] = Field(
        description="type of the event, as in the stream of events"
    )
    fields: dict[str, Any] = Field(
        default_factory=dict,
        description="what its fields must be: a name or group, a limit, text it must hold, or a list of which one",
    )
    within_s: Seconds | None = Field(None, description="so soon after the event before, or after the start")
    after_s: Seconds | None = Field(None, description="not before this time of the run")
    before_s: Seconds | None = Field(None, description="not after this time of the run")

    @property
    def shown(self) -> str:
        """The event in the shortest words."""
        for word, short in SHORT.items():
            if short.event == self.event and self.fields == {**short.alone, **short.also}:
                return word
            value = self.fields.get(short.field)
            if short.event == self.event and self.fields == {short.field: value, **short.also}:
                return f"{word}: {value}"
        if self.event == "StateChanged" and set(self.fields) == {"who", "state"}:
            return f"{self.fields['who']}: {self.fields['state']}"
        inside = ", ".join(f"{k}: {v}" for k, v in self.fields.items())
        return f"{self.event}: {{{inside}}}" if inside else self.event

    def fits(self, e: ev.Event, cast: Cast) -> bool:
        """Whether an event is one of these, at a time that may be."""
        if type(e).__name__ != self.event:
            return False
        if (self.after_s is not None and e.t < self.after_s) or (self.before_s is not None and e.t > self.before_s):
            return False
        return all(_same(getattr(e, name), wanted, cast, name) for name, wanted in self.fields.items())


def _same(value: Any, wanted: Any, cast: Cast, name: str) -> bool:
    if isinstance(wanted, list):
        return any(_same(value, w, cast, name) for w in wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return bool(bool(value) == wanted)
    if isinstance(value, int | float):
        return meets(float(value), wanted)
    if isinstance(value, dict):
        return any(str(wanted) in text for text in value.values())
    if isinstance(value, tuple):
        return any(_same(v, wanted, cast, name) for v in value)
    if value is not None and name in ("who", "whom", "shooter", "what", "heard_by"):
        return str(value) in cast.select(str(wanted))
    return bool(value == wanted)


AwaitedEvent = Annotated[
    Awaited,
    BeforeValidator(_widened),
    Also({
        "type": ["string", "object"],
        "description": "such as challenge, {shot: p1, within_s: 2}, {gunman: surrendering}, {VerbalCommand: {who: p1}}",
    }),
]  # fmt: skip


class Missing(NamedTuple):
    """Which of the awaited events did not come, and the event of the run after which it was due (None: the start)."""

    number: int
    after: int | None


def in_order(awaited: Sequence[Awaited], events: Sequence[ev.Event], cast: Cast) -> Missing | None:
    """Whether the events come in this order; None if they do. Others may come between."""
    before: list[int] | None = None
    for number, wanted in enumerate(awaited):
        now = []
        for index, e in enumerate(events):
            if not wanted.fits(e, cast):
                continue
            starts = [0.0] if before is None else [events[b].t for b in before if b < index]
            if starts and (wanted.within_s is None or e.t - max(starts) <= wanted.within_s + 1e-9):
                now.append(index)
        if not now:
            return Missing(number, None if before is None else before[0])
        before = now
    return None


def problems_of(c: Checker, awaited: Awaited, loc: Loc) -> None:
    """Notes fields that the event doesn't have, and names that the scenario doesn't have."""
    known = _names(awaited.event)
    states = {s for p in c.scenario.people.values() for s in p.states} | set(BUILT_IN)
    person = awaited.fields.get("who")
    if awaited.event == "StateChanged" and isinstance(person, str) and person not in c.known["who"]:
        words = (*c.scenario.people, *SHORT, *ev.EVENT_TYPES)
        c.say(loc, f"'{person}' is no event and no person{meant(person, words)}")
        return
    for name, wanted in awaited.fields.items():
        if name not in known:
            c.say(loc, f"{awaited.event} has no field '{name}'; {nearest(name, known)}")
            continue
        for value in wanted if isinstance(wanted, list) else [wanted]:
            _name(c, awaited.event, name, value, states, loc)


def _name(c: Checker, event: str, field: str, value: Any, states: set[str], loc: Loc) -> None:
    if not isinstance(value, str):
        return
    kind = _KINDS.get(field) or {"ZoneEntered": "zone", "ZoneLeft": "zone", "ZoneCleared": "zone"}.get(event)
    if field in _KINDS or (kind == "zone" and field == "zone"):
        c.name(str(kind), value, loc)
    elif event == "Struck" and field == "zone":
        c.name("hit_zone", value, loc)
    elif event == "StateChanged" and field in ("state", "was") and value not in states:
        c.say(loc, f"nobody has a state '{value}'{meant(value, states)}")
    elif field in ("opened", "level", "seconds", "t", "distance") and not is_limit(value):
        c.say(loc, f"'{value}' is no limit; write a number or a comparison such as \">= 0.5\"")
