"""Uses of force: the shots and blows of a trainee at a person, grouped, each with what was known at its instant.

One use is what one trainee does to one person with one means, with less than `BOUT_S` from one shot to the next.
Whether somebody was a danger is judged at the instant of the trigger, by the order of events: a shot that makes a
person fall is not one after the end of the threat.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from xrlab.scenario.library import means_kind
from xrlab.scoring.bystanders import Bystander, Line, Surroundings
from xrlab.scoring.conduct import ATTACKS, Conduct, Level
from xrlab.scoring.evidence import Evidence
from xrlab.scoring.shots import Shot
from xrlab.sim import events as ev

BOUT_S = 2.0
"""Shots at one person that follow each other quicker than this are one use of force."""

TIME_TO_WARN_S = 1.0
"""Who has had a person in view so long, and is not under attack, had the time for a warning (set for training)."""

NEAR_MISS_M = 1.0
"""A shot that met nobody was at the person in sight whom its line passed nearest by, within this distance."""


FIREARM = "firearm"


class Effect(NamedTuple):
    """What a less-lethal means did to somebody, from `t` on, for how long (s)."""

    t: float
    who: str
    effect: str
    seconds: float


class Act(NamedTuple):
    """One shot, cartridge, burst or blow. number: of its event. shot: None for what is no shot.

    hits: people met, with the zone. late_s: seconds since the person had ceased to be a danger; None if they were one,
    or never had been. near: who else was near the line of a shot. effects: of a less-lethal means, on whomever.
    """

    number: int
    t: float
    shot: int | None
    hits: tuple[tuple[str, str | None], ...]
    level: Level
    danger: bool
    late_s: float | None
    distance_m: float | None
    seen: ev.Sighted | None
    near: tuple[Bystander, ...]
    effects: tuple[Effect, ...] = ()


class Warning(NamedTuple):
    """A command that the person heard before a use of force. before_s: seconds before its first act."""

    number: int
    before_s: float
    command: str
    voice: str
    by: str


class InView(NamedTuple):
    """How long (s) a trainee had had a person in view: without a break up to now, and all together."""

    unbroken_s: float
    total_s: float


NEVER = InView(0.0, 0.0)
"""In view of nobody so far."""


@dataclass(frozen=True)
class Use:
    """One use of force. whom: None for shots at nobody who could be told."""

    who: str
    team: str
    whom: str | None
    means: str
    weapon: str
    acts: list[Act] = field(default_factory=list)
    warnings: tuple[Warning, ...] = ()
    in_view: InView = NEVER
    late_stop_s: float | None = None

    @property
    def first(self) -> Act:
        """Its first act."""
        return self.acts[0]

    @property
    def last(self) -> Act:
        """Its last act."""
        return self.acts[-1]

    @property
    def late(self) -> list[Act]:
        """The acts after the person had ceased to be a danger."""
        return [a for a in self.acts if a.late_s is not None]

    @property
    def early(self) -> list[Act]:
        """The acts before the person had ever been a danger."""
        return [a for a in self.acts if not a.danger and a.late_s is None]

    @property
    def time_to_warn(self) -> bool:
        """Whether there was time for a warning before the first act: long in view, and no attack."""
        return self.in_view.unbroken_s >= TIME_TO_WARN_S and self.first.level not in ATTACKS

    def behind(self) -> list[tuple[Act, Bystander]]:
        """Who stood behind the person, with each act."""
        return [(act, b) for act in self.acts for b in act.near if b.where == "behind"]


@dataclass
class _Deed:
    """One shot, cartridge, burst or blow as the events tell it. met: people, with zone and distance, in order."""

    number: int
    event: ev.ShotFired | ev.MeansUsed
    who: str
    met: list[tuple[str, str | None, float]] = field(default_factory=list)
    sighted: dict[str, ev.Sighted] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    shot: Shot | None = None


class Force:
    """Everything that is asked about uses of force in a run."""

    def __init__(self, evidence: Evidence) -> None:
        self.conduct = Conduct(evidence.events)
        self._evidence, self._cast = evidence, evidence.cast
        self._people = frozenset(self._cast.people)
        everyone = (*self._cast.trainees, *self._cast.people)
        self._around = Surroundings(evidence.tracks, everyone, self.conduct, lambda: evidence.ground)
        self._looks = _Looks(evidence.events)
        self._heard: dict[str, list[tuple[int, ev.VerbalCommand]]] = defaultdict(list)
        self.uses = [self._finished(use) for use in self._grouped(self._deeds())]

    def _deeds(self) -> list[_Deed]:
        """What trainees did with weapons and other means, in order."""
        shots = {shot.number: shot for shot in self._evidence.shots}
        fired: dict[int, _Deed] = {}
        used: dict[int, _Deed] = {}
        latest: dict[str, _Deed] = {}
        deeds: list[_Deed] = []
        for number, e in enumerate(self._evidence.events):
            if isinstance(e, ev.ShotFired) and e.shot in shots:
                deed = fired[e.shot] = _Deed(number, e, e.shooter, shot=shots[e.shot])
                deeds.append(deed)
            elif isinstance(e, ev.MeansUsed):
                deed = used[e.use] = latest[e.who] = _Deed(number, e, e.who)
                deeds.append(deed)
            elif isinstance(e, ev.Sighted):
                found = latest.get(e.who) if e.shot is None else fired.get(e.shot)
                if found is not None:
                    found.sighted[e.whom] = e
            elif isinstance(e, ev.Struck) and e.kind == "person" and e.shot in fired:
                fired[e.shot].met.append((e.what, e.zone, e.distance))
            elif isinstance(e, ev.MeansMet) and e.kind == "person" and e.use in used:
                used[e.use].met.append((e.what, e.zone, e.distance))
            elif isinstance(e, ev.Affected) and e.use in used:
                used[e.use].effects.append(Effect(e.t, e.who, e.effect, e.seconds))
            elif isinstance(e, ev.VerbalCommand):
                for listener in e.heard_by:
                    self._heard[listener].append((number, e))
        return deeds

    def _grouped(self, deeds: Sequence[_Deed]) -> list[Use]:
        uses: list[Use] = []
        under_way: dict[tuple[str, str | None, str], Use] = {}
        for deed in deeds:
            whom, forceful = self._at(deed)
            if not forceful:
                continue
            event = deed.event
            weapon = event.weapon if isinstance(event, ev.ShotFired) else event.means
            means = FIREARM if isinstance(event, ev.ShotFired) else means_kind(event.means)
            act = self._act(deed, whom)
            use = under_way.get((deed.who, whom, means))
            if use is None or act.t - use.last.t >= BOUT_S:
                team = self._evidence.scenario.trainees.get(deed.who, "")
                use = under_way[deed.who, whom, means] = Use(deed.who, team, whom, means, weapon)
                uses.append(use)
            use.acts.append(act)
        return uses

    def _at(self, deed: _Deed) -> tuple[str | None, bool]:
        """At whom it went, and whether it was force against people at all: shots at targets are none."""
        if deed.met:
            return deed.met[0][0], True
        boards, shot = self._evidence.scenario.targets, deed.shot
        if shot is not None:
            if any(what in boards for what in shot.met) or shot.at in boards:
                return None, False
            if shot.at in self._people:
                return shot.at, True
        near = [
            (s.aside, s.whom)
            for s in deed.sighted.values()
            if s.aside is not None and s.aside <= NEAR_MISS_M and s.whom in self._people
        ]
        return (min(near)[1], True) if near else (None, bool(self._people) and not boards)

    def _act(self, deed: _Deed, whom: str | None) -> Act:
        event, number = deed.event, deed.number
        seen = deed.sighted.get(whom or "")
        posture = self.conduct.posture(whom or "", number)
        late = None if posture.danger or posture.ended is None else round(event.t - posture.ended, 6)
        distance = next((far for who, _, far in deed.met if who == whom), seen.distance if seen else None)
        near: tuple[Bystander, ...] = ()
        if whom is not None and deed.shot is not None:
            line = Line(number, event.t, event.origin, event.yaw, event.pitch, deed.who, whom)
            near = tuple(self._around.near(line))
        return Act(
            number, event.t, None if deed.shot is None else deed.shot.number,
            tuple((who, zone) for who, zone, _ in deed.met), self.conduct.level(whom or "", number, event.t),
            posture.danger, late, None if distance is None else round(distance, 3), seen, near, tuple(deed.effects),
        )  # fmt: skip

    def _finished(self, use: Use) -> Use:
        """The use with what is known only when all of it is."""
        if use.whom is None:
            return use
        first = use.first
        return replace(
            use,
            warnings=tuple(self._warnings(use.whom, first)),
            in_view=self._looks.at(use.who, use.whom, first.number, first.t),
            late_stop_s=self._late_stop(use.whom, use.acts),
        )

    def _warnings(self, whom: str, first: Act) -> Iterator[Warning]:
        """The commands that a person had heard before an act."""
        heard = self._heard.get(whom, [])
        for number, e in heard[: bisect_left(heard, first.number, key=_place)]:
            yield Warning(number, round(first.t - e.t, 6), e.command, e.voice, e.who)

    def _late_stop(self, whom: str, acts: Sequence[Act]) -> float | None:
        """How long after the end of the threat the last act came, of a use that was under way when it ended."""
        if not acts[0].danger:
            return None
        end = self.conduct.next_end(whom, acts[0].number)
        if end is None or end.t - acts[-1].t >= BOUT_S:
            return None
        return round(acts[-1].t - end.t, 6) if acts[-1].number > end.number else 0.0


class _Looks:
    """Who had whom in view, for how long, at any moment."""

    def __init__(self, events: Sequence[ev.Event]) -> None:
        self._known: dict[tuple[str, str], list[tuple[int, float, bool, float]]] = defaultdict(list)
        for number, e in enumerate(events):
            if isinstance(e, ev.Seen | ev.Lost):
                known = self._known[e.who, e.whom]
                _, since, seen, total = known[-1] if known else (-1, e.t, False, 0.0)
                known.append((number, e.t, isinstance(e, ev.Seen), total + (e.t - since if seen else 0.0)))

    def at(self, who: str, whom: str, number: int, t: float) -> InView:
        """How long somebody had had another in view just before an event."""
        known = self._known.get((who, whom), [])
        at = bisect_left(known, number, key=lambda k: k[0])
        if not at:
            return NEVER
        _, since, seen, total = known[at - 1]
        unbroken = t - since if seen else 0.0
        return InView(round(unbroken, 6), round(total + unbroken, 6))


def _place(heard: tuple[int, ev.VerbalCommand]) -> int:
    return heard[0]
