"""The run in sentences: the telling events only, each with its time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from xrlab.review.chain import way_of_bullet
from xrlab.review.facts import Facts, FiredShot
from xrlab.scenario.library import sounds, stress_cues
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
    ev.Sighted: "told with the use of force that it comes with",
    ev.MeansMet: "told with the means that was used",
    ev.Lost: "that someone is seen tells more than that they are not",
    ev.SoundStopped: "where a sound begins it is told",
    ev.ZoneLeft: "who enters the next zone has left the last",
}
"""Events that no sentence is made of, and why; every other kind has one (checked by a test)."""

_PACES = {0.5: "1/2", 0.25: "1/4", 0.125: "1/8"}

_OF_WEAPONS: dict[type[ev.Event], str] = {
    ev.Reloaded: "reloaded", ev.EmptyTrigger: "empty", ev.Malfunction: "malfunction",
    ev.MalfunctionCleared: "cleared-up",
}  # fmt: skip


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
        self._means: dict[int, list[ev.MeansMet]] = {}
        for e in facts.events:
            if isinstance(e, ev.MeansMet):
                self._means.setdefault(e.use, []).append(e)
        self._danger: dict[str, bool] = {}
        self._dosed: dict[str, str] = {}

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
            inject = self._facts.scenario.buttons.get(e.inject)
            yield "cue", w("story-inject", inject=w.text(inject.label) if inject else w.name(e.inject))
        elif isinstance(e, ev.PaceChanged):
            told = (
                w("story-pace", pace=_PACES.get(e.pace) or w.number(e.pace, 3)) if e.pace < 1 else w("story-pace-own")
            )
            yield "cue", told
        elif isinstance(e, ev.ZoneCleared):
            yield "zone", w("story-cleared", zone=w.name(e.zone), who=w.name(e.who))
        else:
            yield from self._of_surroundings(e)
            yield from self._of_people(e)
            yield from self._of_means(e)

    def _of_surroundings(self, e: ev.Event) -> Iterator[tuple[str, str]]:
        """Sounds, smoke, messages and stress cues. What a cue does is told once, when it is dosed."""
        w = self._words
        if isinstance(e, ev.SoundStarted):
            if self._full or e.sound not in self._dosed.values():
                yield "cue", self._sound(e)
        elif isinstance(e, ev.LightsFlicker):
            if self._full or "flicker" not in self._dosed:
                yield "cue", w("story-flicker", group=w.name(e.group), seconds=w.number(e.seconds, 1))
        elif isinstance(e, ev.SmokeChanged):
            percent = w.number(e.density * 100, 0)
            yield "cue", w("story-smoke", zone=w.name(e.zone), percent=percent, seconds=w.number(e.seconds, 1))
        elif isinstance(e, ev.RadioMessage):
            yield "cue", w("story-radio", to=w.name(e.to), text=w.text(e.text))
        elif isinstance(e, ev.Announced):
            yield "cue", w("story-announced", text=w.text(e.text))
        elif isinstance(e, ev.TimeCalled):
            yield "cue", w("story-time-called", seconds=w.number(e.left_s, 0))
        elif isinstance(e, ev.StressChanged):
            cue = stress_cues().get(e.cue)
            if e.level and cue:
                self._dosed[e.cue] = cue.sound or ""
            else:
                self._dosed.pop(e.cue, None)
            name = w.text(dict(cue.text)) if cue else w.name(e.cue)
            yield "cue", w("story-stress", cue=name, level=w.number(e.level, 0))
        elif isinstance(e, ev.Appeared):
            yield "state", w("story-appeared", who=w.name(e.who))
        elif isinstance(e, ev.Happened):
            yield "cue", w("story-happened", name=w.name(e.name))

    def _sound(self, e: ev.SoundStarted) -> str:
        kind = sounds().get(e.sound)
        what = self._words.text(dict(kind.text)) if kind else e.sound
        if e.who is not None:
            return self._words("story-sound-with", sound=what, who=self._words.name(e.who))
        zone = None if e.at is None else self._facts.zone_at((e.at[0], e.at[1]))
        if zone is None:
            return self._words("story-sound", sound=what)
        return self._words("story-sound-in", sound=what, zone=self._words.name(zone))

    def _of_people(self, e: ev.Event) -> Iterator[tuple[str, str]]:
        w = self._words
        if isinstance(e, ev.Reloaded | ev.EmptyTrigger | ev.Malfunction | ev.MalfunctionCleared):
            how = _OF_WEAPONS[type(e)]
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
            yield "state", w("story-state", who=w.name(e.who), state=w.state(e.who, e.state))
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

    def _of_means(self, e: ev.Event) -> Iterator[tuple[str, str]]:
        """Less-lethal means: what was used, what it met, and what came of it."""
        w = self._words
        if isinstance(e, ev.MeansUsed):
            met = "; ".join(w(f"story-part-{m.part}", met=self._means_met(m)) for m in self._means.get(e.use, ()))
            means = w.known("weapon", e.means)
            key = "story-means-again" if e.again else "story-means"
            yield "means", w(key, who=w.name(e.who), means=means, met=met or w("story-met-nothing"))
        elif isinstance(e, ev.Affected):
            said = {"who": w.name(e.who), "by": w.name(e.by), "means": w.known("weapon", e.means)}
            numbers = {"seconds": w.number(e.seconds, 1), "distance": w.fixed(e.distance, 1)}
            yield "means", w(f"story-affected-{e.effect}", **said, **numbers)
        elif isinstance(e, ev.Recovered):
            yield "means", w("story-recovered", who=w.name(e.who), means=w.known("weapon", e.means))

    def _means_met(self, e: ev.MeansMet) -> str:
        w, distance = self._words, self._words.fixed(e.distance, 1)
        if e.kind == "person" and e.zone is None:
            return w("story-met-turned", what=w.name(e.what), distance=distance)
        if e.kind == "person":
            zone = w.known("zone", e.zone or "torso")
            return w("story-met-person", what=w.name(e.what), zone=zone, distance=distance)
        return w("story-met-wall", what=w.thing(e.kind, e.what), distance=distance)

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
        way = way_of_bullet(w, shot.met) if shot.by_trainee else ""
        return f"{text} {way}" if way else text

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
