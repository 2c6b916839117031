"""What can happen in a scenario as boxes and arrows: states of role players, strings, events, injects, the end."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from xrlab.language import tr
from xrlab.scenario.actions import SetState
from xrlab.scenario.facts import means_carried
from xrlab.scenario.model import Happening, Inject, RolePlayer, Scenario, State
from xrlab.scenario.states import AFTER_MEANS, BUILT_IN, PUT_BY_MEANS
from xrlab.words import Words

Kind = Literal["state", "begin", "danger", "calm", "down", "any", "event", "inject", "string", "effect", "end"]

ANY = "any"
LABEL_LETTERS, BOX_LETTERS = 30, 34
_MOST_LINES = 5
_TOLD = ("from", "to", "when", "after_s", "chance")


@dataclass(frozen=True)
class Box:
    """A box: its head, and in small letters what is done there. unreached: nothing leads to it."""

    head: str
    lines: tuple[str, ...]
    kind: Kind
    unreached: bool = False


@dataclass(frozen=True)
class Link:
    """An arrow between boxes, with lines of text. itself: nobody wrote it, it holds for everyone."""

    source: str
    target: str
    lines: tuple[str, ...] = ()
    itself: bool = False


@dataclass
class Panel:
    """Boxes and arrows that belong together, by name."""

    title: str
    about: str
    boxes: dict[str, Box] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)


def chart(scenario: Scenario, lang: str) -> list[Panel]:
    """The panels of a scenario: role players first (those who are alike together), then what happens by itself."""
    made = _Chart(scenario, lang)
    panels = [made.people(names) for names in made.alike()]
    happenings = made.happenings()
    return panels + ([happenings] if happenings.boxes else [])


class _Chart:
    def __init__(self, scenario: Scenario, lang: str) -> None:
        self._scenario, self._lang, self._words = scenario, lang, Words(lang, scenario.titles)
        self._entered: dict[str, set[str]] = {}
        happenings: list[Happening | Inject] = [*scenario.events.values(), *scenario.injects.values()]
        for happening in happenings:
            for step in happening.do:
                if isinstance(step, SetState):
                    for who, state in step.set_state.items():
                        self._entered.setdefault(who, set()).add(state)

    def alike(self) -> list[list[str]]:
        """Role players by what they do: those with the same states and transitions stand together."""
        groups: dict[str, list[str]] = {}
        for name, person in self._scenario.people.items():
            does = person.model_dump(mode="json", by_alias=True, include={"role", "begins", "states", "transitions"})
            key = json.dumps([does, sorted(self._entered.get(name, ()))], sort_keys=True).replace(f'"{name}"', '"self"')
            key = key.replace(f'\\"{name}\\"', '\\"self\\"')
            groups.setdefault(key, []).append(name)
        return list(groups.values())

    def people(self, names: list[str]) -> Panel:
        """The states of role players who are alike."""
        person, w = self._scenario.people[names[0]], self._words
        holds = dict.fromkeys(self._scenario.people[n].holds for n in names)
        about = ", ".join([w(f"legend-{person.role}"), *(w.known("holds", str(h)) for h in holds if h != "nothing")])
        panel = Panel(", ".join(w.name(n) for n in names), about)
        links = list(self._transitions(person))
        states = dict.fromkeys([person.begins, *person.states, *(x for e in links for x in (e.source, e.target))])
        states |= dict.fromkeys(sorted(self._entered.get(names[0], ())))
        reached = {person.begins, *(e.target for e in links), *self._entered.get(names[0], ())}
        for name in states:
            panel.boxes[name] = self._state(person, name, name not in reached)
        panel.links = links
        return panel

    def _state(self, person: RolePlayer, name: str, unreached: bool) -> Box:
        if name == ANY:
            return Box(tr(self._lang, "graph-any"), (), "any")
        spec = person.states.get(name) or BUILT_IN.get(name, State())
        known: dict[str, Kind] = {"down": "down", "surrendering": "calm"}
        kind: Kind = "danger" if spec.danger or any("fire" in _key(a) for a in spec.do) else known.get(name, "state")
        if name == person.begins:
            kind = "begin"
        title = self._words.text(spec.title) or self._words.known("state", name)
        return Box(title, self._does(spec.do), kind, unreached and name != ANY)

    def _does(self, steps: Iterable[BaseModel]) -> tuple[str, ...]:
        """Actions in few words, one a line."""
        lines = [line for step in steps for line in _wrapped(self._action(step))]
        return (*lines[:_MOST_LINES], "…") if len(lines) > _MOST_LINES else tuple(lines)

    def _action(self, step: BaseModel) -> str:
        data = step.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        key = _key(step)
        value = step.model_dump(mode="json", by_alias=True)[key]
        if isinstance(value, dict) and {"nl", "fr", "de", "en"} & set(value):
            value = f"“{self._words.text(value)}”"
        head = key if value is True else f"{key} {_plain(value)}"
        more = [f"{k} {_plain(v)}" for k, v in data.items() if k != key]
        return ", ".join([head, *more])

    def _transitions(self, person: RolePlayer) -> Iterator[Link]:
        for rule in person.transitions:
            data = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            lines = textwrap.wrap(rule.when, LABEL_LETTERS, break_long_words=False) if rule.when else []
            if "after_s" in data:
                lines.append(tr(self._lang, "graph-after", seconds=self._span(rule.after_s)))
            if "chance" in data:
                lines.append(tr(self._lang, "graph-chance", percent=self._words.percent(rule.chance)))
            lines += [
                f"{k}: {_plain(v)}" for k, v in data.items() if k not in ("from", "to", "when", "after_s", "chance")
            ]
            weights = {rule.to: 1.0} if isinstance(rule.to, str) else rule.to
            for start in [rule.from_] if isinstance(rule.from_, str) else rule.from_:
                for to, weight in weights.items():
                    share = self._words.percent(weight / sum(weights.values()))
                    drawn = [tr(self._lang, "graph-chance", percent=share)] if len(weights) > 1 else []
                    yield Link(start, to, (*lines, *drawn))
        if person.transitions and not any("down" in rule.leads_to for rule in person.transitions):
            yield Link(ANY, "down", tuple(textwrap.wrap(tr(self._lang, "graph-falls"), LABEL_LETTERS)), itself=True)
        yield from self._by_means(person)

    def _by_means(self, person: RolePlayer) -> Iterator[Link]:
        """The states that the less-lethal means of the trainees put a person into, and what follows by itself."""
        carried = means_carried(self._scenario) if person.transitions else ()
        own = {
            start
            for rule in person.transitions
            for start in ([rule.from_] if isinstance(rule.from_, str) else rule.from_)
        }
        for kind, state in PUT_BY_MEANS.items():
            if kind in carried:
                works = tr(self._lang, "graph-means", means=self._words.known("weapon", kind))
                yield Link(ANY, state, tuple(textwrap.wrap(works, LABEL_LETTERS)), itself=True)
                if state not in own:
                    over = tuple(textwrap.wrap(tr(self._lang, "graph-means-over"), LABEL_LETTERS))
                    yield Link(state, AFTER_MEANS[state], over, itself=True)

    def happenings(self) -> Panel:
        """Strings of fire in their order, events, injects, and how the run ends."""
        panel = Panel(tr(self._lang, "graph-happens"), "")
        before = ""
        for string in self._scenario.strings:
            box = f"string:{string.name}"
            lines = [tr(self._lang, "graph-shows", targets=self._words.names(string.show))]
            if string.for_s is not None:
                lines.append(tr(self._lang, "graph-times", times=str(string.times), seconds=self._span(string.for_s)))
            if string.par_s is not None:
                lines.append(tr(self._lang, "graph-par", seconds=self._words.number(string.par_s)))
            title = self._words.text(string.title) or self._words.name(string.name)
            panel.boxes[box] = Box(title, tuple(lines), "string")
            if before:
                pause = tr(self._lang, "graph-pause", seconds=self._span(self._scenario.pause_s))
                panel.links.append(Link(before, box, (pause,)))
            before = box
        for name, event in self._scenario.events.items():
            data = event.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            cause = textwrap.wrap(event.when, LABEL_LETTERS, break_long_words=False) if event.when else []
            if event.at_s is not None:
                cause.append(tr(self._lang, "graph-at", seconds=self._span(event.at_s)))
            cause += [f"{k}: {_plain(v)}" for k, v in data.items() if k not in ("when", "at_s", "do")]
            self._sets_off(panel, f"event:{name}", Box(self._words.name(name), tuple(cause), "event"), event.do)
        for number, (name, inject) in enumerate(self._scenario.injects.items(), 1):
            head = Box(self._words.text(inject.label), (tr(self._lang, "graph-button", button=f"F{number}"),), "inject")
            self._sets_off(panel, f"inject:{name}", head, inject.do)
        if self._scenario.ends_when:
            lines = textwrap.wrap(self._scenario.ends_when, LABEL_LETTERS, break_long_words=False)
            after = tr(self._lang, "graph-after", seconds=self._words.number(self._scenario.ends_after_s))
            panel.boxes["ends_when"] = Box(tr(self._lang, "graph-ends"), (*lines, after), "end")
        return panel

    def _sets_off(self, panel: Panel, name: str, cause: Box, steps: Iterable[BaseModel]) -> None:
        panel.boxes[name] = cause
        does: list[str] = []
        for step in steps:
            if isinstance(step, SetState):
                changes = step.set_state.items()
                does += [f"{self._words.name(who)} → {self._words.known('state', s)}" for who, s in changes]
            else:
                does += _wrapped(self._action(step))
        if does:
            head, *more = does
            panel.boxes[f"{name}:does"] = Box(head, tuple(more), "effect")
            panel.links.append(Link(name, f"{name}:does"))

    def _span(self, span: tuple[float, float]) -> str:
        least, most = (self._words.number(n) for n in span)
        return least if least == most else f"{least}–{most}"


def _wrapped(text: str) -> list[str]:
    """A text of one or two lines; what is over is left out."""
    return textwrap.wrap(text, BOX_LETTERS, max_lines=2, placeholder=" …", subsequent_indent="")


def _key(step: BaseModel) -> str:
    name, spec = next(iter(type(step).model_fields.items()))
    return spec.alias or name


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_plain(v)}" for k, v in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
