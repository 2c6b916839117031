"""What the figures of a debrief need of a recording, gathered once: shots with their ends, states, exposures."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from shapely.geometry import Point, Polygon

from xrlab.recording.reader import Recording
from xrlab.scenario.cast import Cast
from xrlab.scoring.result import Result
from xrlab.sim import events as ev

Outcome = Literal["hit", "miss", "wrong", "taken"]
NO_END_M = 30.0
"""How far the line of a shot that met nothing is drawn."""
LONGEST_S = 86_400.0
"""Times beyond a day are not believed: no run lasts so long, and a recording may come from a stranger."""
FARTHEST_MM = 5000.0
"""Impacts farther from a board's middle than any board is wide are not believed either."""

COLOURS = ("#0b5cad", "#b34700", "#6b2fa0", "#00704f", "#a5124f", "#5f5200", "#00697a", "#444444")
"""Of trainees, in turn: dark enough on white (contrast over 5:1) and apart for the colour-blind."""
DASHES = (None, "7 3", "2 3", "10 3 2 3", "5 2 1 2 1 2", "12 4", "1 2", "4 4")
"""Of trainees' ways, in turn: they can be told apart without colour."""


@dataclass
class FiredShot:
    """A shot as it is drawn. outcome: of trainees hit, miss or wrong (no-shoot, own side).

    hits: the people, and scoring zones of boards, that it met, each with the outcome of that hit alone.
    """

    event: ev.ShotFired
    by_trainee: bool
    met: list[ev.Struck] = field(default_factory=list)
    outcome: Outcome = "miss"
    hits: list[tuple[ev.Struck, Outcome]] = field(default_factory=list)

    @property
    def start(self) -> tuple[float, float]:
        """Where the muzzle was."""
        return float(self.event.origin[0]), float(self.event.origin[1])

    @property
    def end(self) -> tuple[float, float]:
        """Where its line ends: where the bullet stayed, or as far as it is drawn of one that flew out of the room."""
        x, y = self.start
        if self.met:
            last = self.met[-1]
            if last.exit is None or last.thickness is None:
                return float(last.entry[0]), float(last.entry[1])
            x, y = float(last.exit[0]), float(last.exit[1])
        if not (math.isfinite(self.event.pitch) and math.isfinite(self.event.yaw)):
            return x, y
        way = NO_END_M * math.cos(self.event.pitch)
        return x + way * math.cos(self.event.yaw), y + way * math.sin(self.event.yaw)

    @property
    def hit(self) -> ev.Struck | None:
        """The first person, or scoring zone of a board, that it met."""
        return self.hits[0][0] if self.hits else None


@dataclass(frozen=True)
class Impact:
    """An impact of a trainee's shot on a board. mm: right and up of the face's middle. zone: None outside all."""

    shot: int
    shooter: str
    mm: tuple[float, float]
    zone: str | None


@dataclass(frozen=True)
class Span:
    """From t0 to t1 something held: a state, an exposure, a danger."""

    t0: float
    t1: float
    what: str


class Facts:
    """A recording and its result, ready to be drawn."""

    def __init__(self, recording: Recording, result: Result) -> None:
        self.recording, self.result = recording, result
        self.scenario = recording.scenario
        self.events = recording.events
        self.cast = Cast(self.scenario)
        self.duration = max((e.t for e in self.events if 0 <= e.t <= LONGEST_S), default=0.0)
        self.trainees = {who: i for i, who in enumerate(self.cast.trainees)}
        self.no_shoot = frozenset(self.cast.groups["no_shoot"])
        self.shots = self._shots()
        self.shots_at: dict[str, list[FiredShot]] = defaultdict(list)
        """Shots by the people and boards that they met."""
        for shot in self.shots:
            for what in dict.fromkeys(s.what for s in shot.met if s.kind in ("person", "target")):
                self.shots_at[what].append(shot)
        self.board_hits = self._board_hits()
        """Impacts of trainees on each board."""
        self.groups: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        """Measures of each trainee's group on each target, as in the result."""
        for row in result["trainees"]:
            for group in row["marksmanship"]["targets"]:
                self.groups[group["target"]][row["id"]] = group
        self.states: dict[str, list[Span]] = defaultdict(list)
        self.dangers: dict[str, list[Span]] = defaultdict(list)
        self.exposures: dict[str, list[Span]] = defaultdict(list)
        self.strings: list[Span] = []
        self._spans()

    @cached_property
    def numbers(self) -> dict[int, int]:
        """Of each shot the place of its event in the stream, for links."""
        return {e.shot: n for n, e in enumerate(self.events) if isinstance(e, ev.ShotFired)}

    def colour(self, who: str) -> str:
        """Colour of a trainee; dark grey for others."""
        return COLOURS[self.trainees[who] % len(COLOURS)] if who in self.trainees else "#333333"

    def dash(self, who: str) -> str | None:
        """Dashes of a trainee's way."""
        return DASHES[self.trainees[who] % len(DASHES)] if who in self.trainees else None

    def of(self, *kinds: type[ev.Event]) -> Sequence[ev.Event]:
        """The events of these kinds."""
        return [e for e in self.events if isinstance(e, kinds)]

    def person_hits(self) -> dict[str, dict[str, int]]:
        """How often each person was hit, by part of the body."""
        out: dict[str, dict[str, int]] = {}
        for e in self.events:
            if isinstance(e, ev.Struck) and e.kind == "person":
                parts = out.setdefault(e.what, {})
                parts[e.zone or ""] = parts.get(e.zone or "", 0) + 1
        return out

    def zone_at(self, place: tuple[float, float]) -> str | None:
        """The smallest zone of the room that holds a place (m); None outside all."""
        best: tuple[float, str] | None = None
        for name, line in self.recording.room.get("zones", {}).items():
            try:
                polygon = Polygon([(float(x), float(y)) for x, y in line])
            except (TypeError, ValueError):  # a recording may come from a stranger
                continue
            if polygon.is_valid and polygon.contains(Point(place)) and (best is None or polygon.area < best[0]):
                best = (polygon.area, name)
        return best and best[1]

    def _board_hits(self) -> dict[str, list[Impact]]:
        out: dict[str, list[Impact]] = {}
        for e in self.events:
            if isinstance(e, ev.Struck) and e.kind == "target" and e.local is not None and e.shooter in self.trainees:
                u, v = e.local[0] * 1000, e.local[1] * 1000
                if abs(u) <= FARTHEST_MM and abs(v) <= FARTHEST_MM:  # neither for what is no number
                    out.setdefault(e.what, []).append(Impact(e.shot, e.shooter, (u, v), e.zone))
        return out

    def _shots(self) -> list[FiredShot]:
        shots: dict[int, FiredShot] = {}
        for e in self.events:
            if isinstance(e, ev.ShotFired):
                shots[e.shot] = FiredShot(e, e.shooter in self.trainees)
            elif isinstance(e, ev.Struck) and e.shot in shots:
                shots[e.shot].met.append(e)
        for shot in shots.values():
            hits = [s for s in shot.met if s.kind == "person" or (s.kind == "target" and s.zone is not None)]
            shot.hits = [(s, self._outcome(s.what, shot.by_trainee)) for s in hits]
            outcomes: list[Outcome] = ["wrong", "taken", "hit", "miss"]  # the gravest says what the shot was
            shot.outcome = min((outcome for _, outcome in shot.hits), key=outcomes.index, default="miss")
        return list(shots.values())

    def _outcome(self, what: str, by_trainee: bool) -> Outcome:
        if not by_trainee:
            return "taken" if what in self.trainees else "hit"
        return "wrong" if what in self.no_shoot or what in self.trainees else "hit"

    def _spans(self) -> None:
        state: dict[str, tuple[float, str]] = {}
        danger: dict[str, float] = {}
        shown: dict[str, float] = {n: 0.0 for n, t in self.scenario.targets.items() if t.motion in ("fixed", "falling")}
        string: dict[str, float] = {}
        for e in self.events:
            if isinstance(e, ev.StateChanged):
                if e.who in state:
                    self.states[e.who].append(Span(state[e.who][0], e.t, state[e.who][1]))
                state[e.who] = (e.t, e.state)
            elif isinstance(e, ev.PostureChanged):
                if e.danger:
                    danger.setdefault(e.who, e.t)
                elif e.who in danger:
                    self.dangers[e.who].append(Span(danger.pop(e.who), e.t, "danger"))
            elif isinstance(e, ev.TargetExposed):
                shown.setdefault(e.target, e.t)
            elif isinstance(e, ev.TargetHidden | ev.TargetFell) and e.target in shown:
                self.exposures[e.target].append(Span(shown.pop(e.target), e.t, "exposed"))
            elif isinstance(e, ev.StringStarted):
                string[e.string] = e.t
            elif isinstance(e, ev.StringEnded) and e.string in string:
                self.strings.append(Span(string.pop(e.string), e.t, e.string))
        end = self.duration
        for who, (t, what) in state.items():
            self.states[who].append(Span(t, end, what))
        for who, t in danger.items():
            self.dangers[who].append(Span(t, end, "danger"))
        for target, t in shown.items():
            self.exposures[target].append(Span(t, end, "exposed"))
        self.strings += [Span(t, end, name) for name, t in string.items()]
