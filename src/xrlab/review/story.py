"""The run in sentences: the telling events only, each with its time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from xrlab.review.facts import Facts, FiredShot
from xrlab.sim import events as ev
from xrlab.words import Words


class Line(NamedTuple):
    """One sentence. number: index of its event, for links. kind: for the mark beside it."""

    number: int
    t: float
    kind: str
    text: str


PASSED_OVER: dict[type[ev.Event], str] = {
    ev.Struck: "told with the shot that struck",
    ev.Lost: "that someone is seen tells more than that they are not",
    ev.ZoneLeft: "who enters the next zone has left the last",
}
"""Events that no sentence is made of, and why; every other kind has one (checked by a test)."""


def story(facts: Facts, words: Words, *, full: bool = False) -> list[Line]:
    """The lines of the course of events, in order. full: also who sees whom and where role players go."""
    teller = _Teller(facts, words, full)
    lines = [Line(number, e.t, kind, text) for number, e in enumerate(facts.events) for kind, text in teller.tell(e)]
    if facts.result["ended"] == "killed":
        lines.append(Line(len(facts.events), facts.duration, "run", words("story-breaks-off")))
    return lines


class _Teller:
    def __init__(self, facts: Facts, words: Words, full: bool) -> None:
        self._facts, self._words, self._full = facts, words, full
        self._holds: dict[str, str] = {who: person.holds for who, person in facts.scenario.people.items()}
        self._shots = {s.event.shot: s for s in facts.shots}
        self._scored = {row["shot"]: row for row in facts.result["shots"]}
        self._titles = {s.name: words.text(s.title) or words.name(s.name) for s in facts.scenario.strings}
        self._danger: dict[str, bool] = {}

    def tell(self, e: ev.Event) -> Iterator[tuple[str, str]]:
        """Kind and sentence of an event; none for one that tells nothing."""
        w = self._words
        if isinstance(e, ev.RunStarted):
            yield "run", w("story-started")
        elif isinstance(e, ev.RunEnded):
            yield "run", w("story-ended", reason=w.known("ended", e.reason))
        elif isinstance(e, ev.StringAnnounced | ev.StringStarted | ev.StringEnded):
            how = {ev.StringAnnounced: "announced", ev.StringStarted: "started", ev.StringEnded: "ended"}[type(e)]
            yield "string", w(f"story-string-{how}", string=self._titles.get(e.string) or w.name(e.string))
        elif isinstance(e, ev.StartSignal):
            yield "string", w(f"story-signal-{e.signal}")
        elif isinstance(e, ev.ParTime):
            yield "string", w("story-par", string=self._titles.get(e.string) or w.name(e.string))
        elif isinstance(e, ev.TargetExposed | ev.TargetHidden | ev.TargetFell | ev.TargetStopped):
            how = {ev.TargetExposed: "exposed", ev.TargetHidden: "hidden", ev.TargetFell: "fell"}.get(
                type(e), "stopped"
            )
            yield "target", w(f"story-{how}", target=w.name(e.target))
        elif isinstance(e, ev.TargetMoves):
            yield "target", w("story-moves", target=w.name(e.target), seconds=w.fixed(e.seconds, 1))
        elif isinstance(e, ev.ShotFired):
            yield "shot", self._shot(self._shots[e.shot])
        elif isinstance(e, ev.DoorMoved):
            yield "door", self._door(e)
        elif isinstance(e, ev.LightsChanged):
            yield "cue", w("story-lights", group=w.name(e.group), percent=w.number(e.level * 100, 0))
        elif isinstance(e, ev.InstructorCue):
            inject = self._facts.scenario.injects.get(e.inject)
            yield "cue", w("story-inject", inject=w.text(inject.label) if inject else w.name(e.inject))
        elif isinstance(e, ev.ZoneCleared):
            yield "zone", w("story-cleared", zone=w.name(e.zone), who=w.name(e.who))
        else:
            yield from self._of_people(e)

    def _of_people(self, e: ev.Event) -> Iterator[tuple[str, str]]:
        w = self._words
        if isinstance(e, ev.Reloaded | ev.EmptyTrigger):
            how = "reloaded" if isinstance(e, ev.Reloaded) else "empty"
            yield "weapon", w(f"story-{how}", who=w.name(e.who), weapon=w.known("weapon", e.weapon))
        elif isinstance(e, ev.VerbalCommand):
            said: dict[str, Any] = {"who": w.name(e.who), "command": w.known("command", e.command)}
            heard = w.names(e.heard_by)
            yield "command", w("story-command", heard=heard, **said) if heard else w("story-command-unheard", **said)
        elif isinstance(e, ev.Spoke):
            yield "command", w("story-spoke", who=w.name(e.who), text=w.text(e.text))
        elif isinstance(e, ev.ItemDropped | ev.ItemTaken):
            how = "dropped" if isinstance(e, ev.ItemDropped) else "taken"
            yield "state", w(f"story-{how}", who=w.name(e.who), item=w.known("holds", e.item))
        elif isinstance(e, ev.BlowLanded):
            where = w.known("zone", e.zone)
            key = "story-blow-hand" if e.item == "nothing" else "story-blow"
            item = {} if e.item == "nothing" else {"item": w.known("holds", e.item)}
            yield "shot", w(key, who=w.name(e.who), whom=w.name(e.whom), zone=where, **item)
        elif isinstance(e, ev.TorchSwitched):
            yield "cue", w(f"story-torch-{'on' if e.on else 'off'}", who=w.name(e.who))
        elif isinstance(e, ev.StateChanged) and e.was:
            yield "state", w("story-state", who=w.name(e.who), state=w.known("state", e.state))
        elif isinstance(e, ev.PostureChanged) and e.who not in self._facts.trainees:
            before = self._danger.get(e.who)
            self._danger[e.who] = e.danger
            held = self._holds.get(e.who)
            self._holds[e.who] = e.holds
            holds = w.known("holds", e.holds)
            if self._full and held not in (None, e.holds) and (before is None or before == e.danger):
                yield "state", w("story-holds", who=w.name(e.who), holds=holds)
            if before is not None and before != e.danger:
                key = "story-danger" if e.danger else "story-no-danger"
                yield "state", w(key, who=w.name(e.who), holds=holds) if e.danger else w(key, who=w.name(e.who))
        elif isinstance(e, ev.Seen) and self._full:
            yield "sight", w("story-sees", who=w.name(e.who), whom=w.name(e.whom))
        elif isinstance(e, ev.ZoneEntered) and (self._full or e.who in self._facts.trainees) and e.t > 0:
            yield "zone", w("story-entered", who=w.name(e.who), zone=w.name(e.zone))

    def _door(self, e: ev.DoorMoved) -> str:
        key = f"story-door-{'opens' if e.opened > 0.5 else 'shuts'}"
        door = self._words.name(e.door)
        return (
            self._words(key, who=self._words.name(e.who), door=door)
            if e.who
            else self._words(f"{key}-itself", door=door)
        )

    def _shot(self, shot: FiredShot) -> str:
        w = self._words
        text = w(
            "story-shot", who=w.name(shot.event.shooter), shot=str(shot.event.shot),
            weapon=w.known("weapon", shot.event.weapon), met=self._met(shot.met),
        )  # fmt: skip
        row = self._scored.get(shot.event.shot)
        for key in ("reaction", "split"):
            seconds = row[f"{key}_s"] if row else None
            if seconds is not None:
                text += " " + w(f"story-{key}", seconds=w.fixed(seconds))
        for key in ("late", "crossfire"):
            if row and row.get(key):
                text += " " + w(f"story-{key}")
        return text

    def _met(self, met: list[ev.Struck]) -> str:
        """What a shot met: the people and boards on its way, else the last thing; and what it went through before."""
        if not met:
            return self._words("story-met-nothing")
        first = next((i for i, s in enumerate(met) if s.kind in ("person", "target")), len(met) - 1)
        told = [self._one(s) for s in met[first:] if s.kind in ("person", "target")] or [self._one(met[first])]
        text = "; ".join(told)
        if first:
            passed = dict.fromkeys(self._words.thing(s.kind, s.what) for s in met[:first])
            text = self._words("story-then", first=text, through=", ".join(passed))
        return text

    def _one(self, s: ev.Struck) -> str:
        w = self._words
        what, distance = w.name(s.what), w.fixed(s.distance, 1)
        if s.kind == "person":
            return w("story-met-person", what=what, zone=w.known("zone", s.zone or "torso"), distance=distance)
        if s.kind == "target" and s.zone is not None:
            return w("story-met-target", what=what, zone=w.known("face", s.zone), distance=distance)
        if s.kind == "target":
            return w("story-met-board", what=what, distance=distance)
        return w("story-met-wall", what=w.thing(s.kind, s.what), distance=distance)
