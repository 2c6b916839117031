"""Hits of trainees on people, each with what was known of the person at that instant: facts, and no judgement."""

from __future__ import annotations

from dataclasses import dataclass

from xrlab.review.facts import Facts
from xrlab.sim import events as ev
from xrlab.words import NO_BREAK, Words


@dataclass(frozen=True)
class PersonHit:
    """One hit. number: index of its shot among the events, for links. The rest is ready to be read."""

    number: int
    t: float
    shot: int
    shooter: str
    who: str
    role: str
    part: str
    distance: str
    holds: str
    state: str
    danger: bool
    called: str
    """How long before a command was called that the person could hear; "" if none was."""


def person_hits(facts: Facts, words: Words) -> list[PersonHit]:
    """All hits of trainees on people, in order."""
    reader = _Reader(facts, words)
    return [hit for number, e in enumerate(facts.events) if (hit := reader.read(number, e)) is not None]


class _Reader:
    def __init__(self, facts: Facts, words: Words) -> None:
        self._facts, self._words = facts, words
        self._posture: dict[str, ev.PostureChanged] = {}
        self._state: dict[str, str] = {}
        self._heard: dict[str, float] = {}
        self._fired: dict[int, int] = {}

    def read(self, number: int, e: ev.Event) -> PersonHit | None:
        if isinstance(e, ev.PostureChanged):
            self._posture[e.who] = e
        elif isinstance(e, ev.StateChanged):
            self._state[e.who] = e.state
        elif isinstance(e, ev.VerbalCommand):
            self._heard |= dict.fromkeys(e.heard_by, e.t)
        elif isinstance(e, ev.ShotFired):
            self._fired[e.shot] = number
        elif isinstance(e, ev.Struck) and e.kind == "person" and e.shooter in self._facts.trainees:
            return self._hit(e)
        return None

    def _hit(self, e: ev.Struck) -> PersonHit:
        w = self._words
        posture, called = self._posture.get(e.what), self._heard.get(e.what)
        person = self._facts.scenario.people.get(e.what)
        own = e.what in self._facts.trainees
        return PersonHit(
            number=self._fired.get(e.shot, 0),
            t=e.t,
            shot=e.shot,
            shooter=w.name(e.shooter),
            who=w.name(e.what),
            role=w("legend-own_side") if own else w(f"legend-{person.role}") if person else "",
            part=w.known("zone", e.zone or "torso"),
            distance=w("metres", n=w.fixed(e.distance, 1)).replace(" ", NO_BREAK),
            holds=w.known("holds", posture.holds) if posture else "–",
            state=w.state(e.what, self._state[e.what]) if e.what in self._state else "–",
            danger=bool(posture and posture.danger),
            called=w("seconds-before", seconds=w.fixed(e.t - called, 1)) if called is not None else "",
        )
