"""The story of a run made short enough for one page: what repeats itself is one line with a span of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from xrlab.review.facts import Facts, FiredShot
from xrlab.review.story import Line, story
from xrlab.sim import events as ev
from xrlab.words import Words

TOGETHER_S = 0.6
"""Those seen by someone within this time are seen at once."""

BURST_S = 2.5
"""Shots of one shooter no farther apart than this are one exchange of fire."""

LEAST_TELLING = ("target", "zone", "sight", "door", "weapon")
"""Kinds of lines that give way first where a page is too short, in this order."""


@dataclass(frozen=True)
class Told:
    """A line of the story from `t` to `until` (s). count: how many lines it stands for."""

    t: float
    until: float
    kind: str
    text: str
    count: int = 1

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {"t": round(self.t, 6), "until": round(self.until, 6), "kind": self.kind, "text": self.text,
                "count": self.count}  # fmt: skip


def course(facts: Facts, words: Words) -> list[Told]:
    """The whole course of events, repeated lines folded, in order of time."""
    lines = story(facts, words, full=True)
    folded = [*_sights(facts, words), *_bursts(facts, words)]
    folded += [Told(line.t, line.t, line.kind, line.text) for line in lines if line.kind not in ("sight", "shot")]
    order = {"run": 0, "sight": 1, "shot": 3}
    out: list[Told] = []
    for told in sorted(folded, key=lambda x: (x.t, order.get(x.kind, 2))):
        again = _again(out, told)
        if again is None:
            out.append(told)
        else:
            out[again] = replace(out[again], until=told.until, count=out[again].count + told.count)
    return _ends_last(out, lines)


def shortened_to(lines: list[Told], most: int) -> tuple[list[Told], int]:
    """The lines that fit, the least telling left out first, and how many were left out."""
    kept = list(lines)
    for kind in LEAST_TELLING:
        over = len(kept) - most
        if over <= 0:
            break
        surplus = {id(x) for x in [x for x in kept if x.kind == kind][-over:]}
        kept = [x for x in kept if id(x) not in surplus]
    return kept, len(lines) - len(kept)


def _again(out: list[Told], told: Told) -> int | None:
    """The line among the last few that says the same."""
    for back in range(1, min(4, len(out)) + 1):
        if out[-back].text == told.text and told.t - out[-back].until < 10:
            return len(out) - back
    return None


def _ends_last(out: list[Told], lines: list[Line]) -> list[Told]:
    """The run's end comes after all that happened at the same instant."""
    last = lines[-1].text if lines else ""
    return [x for x in out if x.kind != "run" or x.text != last] + [
        x for x in out if x.kind == "run" and x.text == last
    ]


def _sights(facts: Facts, words: Words) -> Iterator[Told]:
    """The first time that someone sees another; others seen at once stand in the same line."""
    seen: set[tuple[str, str]] = set()
    open_: dict[str, tuple[float, list[str]]] = {}
    for e in facts.events:
        if not isinstance(e, ev.Seen) or (e.who, e.whom) in seen:
            continue
        seen.add((e.who, e.whom))
        began, whom = open_.get(e.who, (e.t, []))
        if whom and e.t - began > TOGETHER_S:
            yield _sight(words, e.who, began, whom)
            began, whom = e.t, []
        whom.append(e.whom)
        open_[e.who] = (began, whom)
    for who, (began, whom) in open_.items():
        yield _sight(words, who, began, whom)


def _sight(words: Words, who: str, t: float, whom: list[str]) -> Told:
    return Told(t, t, "sight", words("story-sees", who=words.name(who), whom=words.names(whom)), len(whom))


def _bursts(facts: Facts, words: Words) -> Iterator[Told]:
    """Shots of one shooter in quick succession as one line."""
    single = {line.number: line for line in story(facts, words) if line.kind == "shot"}
    runs: dict[str, list[FiredShot]] = {}
    for shot in facts.shots:
        run = runs.setdefault(shot.event.shooter, [])
        if run and (shot.event.t - run[-1].event.t > BURST_S or shot.event.weapon != run[-1].event.weapon):
            yield _burst(words, run, single[facts.numbers[run[0].event.shot]])
            run.clear()
        run.append(shot)
    for run in runs.values():
        yield _burst(words, run, single[facts.numbers[run[0].event.shot]])


def _burst(words: Words, run: list[FiredShot], single: Line) -> Told:
    first, last = run[0].event, run[-1].event
    if len(run) == 1:
        return Told(first.t, first.t, "shot", single.text)
    met = Counter(_end(words, shot) for shot in run)
    text = words(
        "story-shots", who=words.name(first.shooter), count=str(len(run)), weapon=words.known("weapon", first.weapon),
        met=", ".join(f"{what} ×{n}" if n > 1 else what for what, n in met.items()),
    )  # fmt: skip
    return Told(first.t, last.t, "shot", text, len(run))


def _end(words: Words, shot: FiredShot) -> str:
    """What one shot of several met, in a few words."""
    hit = shot.hit
    if hit is not None:
        group = "zone" if hit.kind == "person" else "face"
        return f"{words.name(hit.what)} ({words.known(group, hit.zone or 'torso')})"
    if not shot.met:
        return words("story-nothing")
    last = shot.met[-1]
    return words.name(last.what) if last.kind == "target" else words.thing(last.kind, last.what)
