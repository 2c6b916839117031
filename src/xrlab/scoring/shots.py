"""Each shot by a trainee with what it met, its points, and its reaction or split time.

Reaction time: from the stimulus to the first shot after it. A stimulus for a trainee is a target that is
exposed, the signal that starts a string, or a person who is a danger and comes into the trainee's view, or becomes
a danger in it.
Split time: from the trainee's shot before, if no stimulus lies between. A shot has one of both, or none.
In a string of fire with lanes each trainee has targets of their own; a hit on another's earns nothing, and neither
does a shot after the string's par time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xrlab.scenario.cast import Cast
from xrlab.scenario.model import Face, FireString, Scenario
from xrlab.sim import events as ev


@dataclass
class Shot:
    """One shot; the fields are those of `result.json`."""

    number: int
    t: float
    trainee: str
    weapon: str
    string: str | None
    target: str | None = None
    zone: str | None = None
    points: float = 0.0
    distance_m: float | None = None
    reaction_s: float | None = None
    split_s: float | None = None
    local: tuple[float, float] | None = None
    late: bool = False
    crossfire: bool = False
    chain: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `result.json`."""
        return {
            "shot": self.number, "t": self.t, "trainee": self.trainee, "weapon": self.weapon, "string": self.string,
            "target": self.target, "zone": self.zone, "points": self.points, "distance_m": self.distance_m,
            "reaction_s": self.reaction_s, "split_s": self.split_s,
            "local_m": list(self.local) if self.local else None, "late": self.late, "crossfire": self.crossfire,
            "chain": self.chain,
        }  # fmt: skip


def shots_of(scenario: Scenario, faces: Mapping[str, Face], events: Iterable[ev.Event]) -> list[Shot]:
    """All shots by trainees, in order."""
    reader = _ShotReader(scenario, faces)
    for event in events:
        reader.read(event)
    return reader.shots


class _ShotReader:
    def __init__(self, scenario: Scenario, faces: Mapping[str, Face]) -> None:
        self.shots: list[Shot] = []
        self._cast = Cast(scenario)
        self._trainees = frozenset(self._cast.trainees)
        self._to_shoot = frozenset(self._cast.groups["target"])
        self._points = {
            name: {z.zone: z.points for z in faces[target.face].zones} for name, target in scenario.targets.items()
        }
        self._strings = {s.name: s for s in scenario.strings}
        self._string: FireString | None = None
        self._late = False
        self._by_number: dict[int, Shot] = {}
        self._danger: dict[str, bool] = {}
        self._sees: set[tuple[str, str]] = set()
        self._stimulus: dict[str, float] = {}
        self._latest: dict[str, float] = {}

    def read(self, e: ev.Event) -> None:
        if isinstance(e, ev.ShotFired):
            self._fired(e)
        elif isinstance(e, ev.Struck):
            self._struck(e)
        elif isinstance(e, ev.TargetExposed):
            if e.target in self._to_shoot:
                for who in self._trainees:
                    if self._is_own(who, e.target):
                        self._stimulus[who] = e.t
        elif isinstance(e, ev.StringStarted | ev.StringEnded | ev.StringAnnounced | ev.StartSignal | ev.ParTime):
            self._of_string(e)
        elif isinstance(e, ev.PostureChanged):
            rises = e.danger and not self._danger.get(e.who, False)
            self._danger[e.who] = e.danger
            if rises:
                for who in self._trainees:
                    if (who, e.who) in self._sees:
                        self._stimulus[who] = e.t
        elif isinstance(e, ev.Seen):
            self._sees.add((e.who, e.whom))
            if e.who in self._trainees and self._danger.get(e.whom, False):
                self._stimulus[e.who] = e.t
        elif isinstance(e, ev.Lost):
            self._sees.discard((e.who, e.whom))

    def _of_string(
        self, e: ev.StringStarted | ev.StringEnded | ev.StringAnnounced | ev.StartSignal | ev.ParTime
    ) -> None:
        if isinstance(e, ev.StringStarted):
            self._string, self._late = self._strings.get(e.string), False
        elif isinstance(e, ev.StartSignal):
            for who in self._trainees:
                if self._string is None or self._string.lane(who):
                    self._stimulus[who] = e.t
        elif isinstance(e, ev.ParTime):
            self._late = True
        elif isinstance(e, ev.StringEnded):
            self._string = None
        else:
            self._late = False

    def _is_own(self, who: str, target: str) -> bool:
        """Whether a target is this trainee's in the string under way, or no string has it."""
        string = self._string
        return string is None or target not in string.targets or target in string.lane(who)

    def _fired(self, e: ev.ShotFired) -> None:
        if e.shooter not in self._trainees:
            return
        shot = Shot(e.shot, e.t, e.shooter, e.weapon, e.string, late=self._late)
        stimulus, latest = self._stimulus.get(e.shooter), self._latest.get(e.shooter)
        if stimulus is not None and (latest is None or latest < stimulus):
            shot.reaction_s = round(e.t - stimulus, 6)
        elif latest is not None:
            shot.split_s = round(e.t - latest, 6)
        self._latest[e.shooter] = e.t
        self.shots.append(shot)
        self._by_number[e.shot] = shot

    def _struck(self, e: ev.Struck) -> None:
        shot = self._by_number.get(e.shot)
        if shot is None:
            return
        shot.chain.append(
            {"what": e.what, "kind": e.kind, "material": e.material, "entry": list(e.entry),
             "exit": list(e.exit) if e.exit else None, "zone": e.zone}
        )  # fmt: skip
        if e.kind in ("person", "target") and (shot.target is None or (shot.zone is None and e.zone is not None)):
            shot.target, shot.zone, shot.distance_m, shot.local = e.what, e.zone, e.distance, e.local
            shot.points = self._points.get(e.what, {}).get(e.zone or "", 0.0)
            shot.crossfire = e.kind == "target" and not self._is_own(shot.trainee, e.what)
            if shot.late or shot.crossfire:
                shot.points = min(shot.points, 0.0)
        elif shot.distance_m is None:
            shot.distance_m = e.distance
