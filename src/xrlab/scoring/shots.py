"""Each shot by a trainee with what it met, what it was fired at, its points, and its times.

A stimulus (`scoring.stimuli`) is answered by the first shot, while it is open or has been over for no longer than
`LATE_S`, that met its subject: the target, the person, or for a signal a target of the lane. A shot that met nobody and
no target answers whom or what it was fired at; where that can't be told, the newest such stimulus.
Reaction time: from the stimulus that a shot answers to the shot, where nothing was fired between.
Split time: from the trainee's shot before, for others, if no stimulus lies between. A shot has one of both, or none.
Time to the hit: from a stimulus to the first shot that hit its subject, whatever missed before; on a board only a
scoring zone counts. No miss makes it better or worse.
Transition time: from the last shot at one target or person to the first at another, if no stimulus lies between.
In a string of fire with lanes each trainee has targets of their own; a hit on another's earns nothing, and neither
does a shot that was fired after the string's par time.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from xrlab.geometry import body
from xrlab.geometry.paths import Track
from xrlab.geometry.transforms import direction
from xrlab.scenario.cast import Cast
from xrlab.scenario.model import Face, FireString, Scenario
from xrlab.scoring.stimuli import LATE_S, Stimulus, StimulusReader, elapsed
from xrlab.sim import events as ev

AIM_RAD = math.radians(4.0)
"""A shot that met nobody was fired at the person in view whose chest lies nearest its line, within this angle; it is
the angle of `aimed_at_by` in conditions."""


@dataclass
class Shot:
    """One shot; the fields are those of `result.json`.

    at: whom or what it was fired at, as far as that can be told. met: the people and targets that it met, in order.
    event: how it was fired. lane: the string of fire under way when it was fired.
    """

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
    transition_s: float | None = None
    first_shot_s: float | None = None
    hit_s: float | None = None
    at: str | None = None
    local: tuple[float, float] | None = None
    late: bool = False
    crossfire: bool = False
    chain: list[dict[str, Any]] = field(default_factory=list)
    met: list[str] = field(default_factory=list, repr=False)
    event: ev.ShotFired | None = field(default=None, repr=False)
    struck: ev.Struck | None = field(default=None, repr=False)
    lane: FireString | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `result.json`."""
        return {
            "shot": self.number, "t": self.t, "trainee": self.trainee, "weapon": self.weapon, "string": self.string,
            "target": self.target, "zone": self.zone, "points": self.points, "distance_m": self.distance_m,
            "at": self.at, "reaction_s": self.reaction_s, "split_s": self.split_s,
            "transition_s": self.transition_s, "first_shot_s": self.first_shot_s, "hit_s": self.hit_s,
            "local_m": list(self.local) if self.local else None, "late": self.late, "crossfire": self.crossfire,
            "chain": self.chain,
        }  # fmt: skip


def is_hit(shot: Shot, cast: Cast) -> bool:
    """Whether a shot hit a scoring zone of a target that is to be shot at, or a threat."""
    if shot.target in cast.targets:
        return shot.zone is not None and shot.target in cast.groups["target"]
    return shot.target in cast.groups["threat"]


class Account(NamedTuple):
    """All shots by trainees, and all that called for a shot, each in order."""

    shots: list[Shot]
    stimuli: list[Stimulus]


def account_of(
    scenario: Scenario,
    faces: Mapping[str, Face],
    events: Iterable[ev.Event],
    tracks: Mapping[str, Track] = MappingProxyType({}),
) -> Account:
    """Reads the events; with `tracks` also shots that met nobody are told whom they were fired at."""
    reader = _ShotReader(scenario, faces, tracks)
    for event in events:
        reader.read(event)
    _answer_all(reader.stimuli.rows, reader.shots)
    _hits(reader.stimuli.rows, reader.shots)
    _transitions(reader.shots, reader.stimuli.rows)
    _first_shots(reader)
    return Account(reader.shots, reader.stimuli.rows)


class _ShotReader:
    def __init__(self, scenario: Scenario, faces: Mapping[str, Face], tracks: Mapping[str, Track]) -> None:
        self.shots: list[Shot] = []
        self.starts: dict[tuple[str | None, str], tuple[int, float]] = {}
        """When the time of a string began for a trainee, and how sure that is: its start, a target shown, a signal."""
        cast = Cast(scenario)
        self.stimuli = StimulusReader(scenario, cast)
        self.has_strings = bool(scenario.strings)
        self._trainees = frozenset(cast.trainees)
        self._people = frozenset(cast.people)
        self._points = {
            name: {z.zone: z.points for z in faces[target.face].zones} for name, target in scenario.targets.items()
        }
        self._strings = {s.name: s for s in scenario.strings}
        self._string: FireString | None = None
        self._late = False
        self._by_number: dict[int, Shot] = {}
        self._tracks = tracks
        self._pose: dict[str, str] = {}
        self._in_view: dict[str, set[str]] = defaultdict(set)
        self._shown: set[str] = set()

    def read(self, e: ev.Event) -> None:
        if isinstance(e, ev.ShotFired):
            self._fired(e)
        elif isinstance(e, ev.Struck):
            self._struck(e)
        elif isinstance(e, ev.StringStarted | ev.StringEnded | ev.StringAnnounced | ev.StartSignal | ev.ParTime):
            self._of_string(e)
        elif isinstance(e, ev.TargetExposed):
            self._shown.add(e.target)
            if self._string is not None:
                self._starts(self._string, e.t, 1, e.target)
        elif isinstance(e, ev.TargetHidden | ev.TargetFell):
            self._shown.discard(e.target)
        elif isinstance(e, ev.PostureChanged):
            self._pose[e.who] = e.pose
        elif isinstance(e, ev.Seen):
            self._in_view[e.who].add(e.whom)
        elif isinstance(e, ev.Lost):
            self._in_view[e.who].discard(e.whom)
        self.stimuli.read(e)

    def _of_string(
        self, e: ev.StringStarted | ev.StringEnded | ev.StringAnnounced | ev.StartSignal | ev.ParTime
    ) -> None:
        if isinstance(e, ev.StringStarted):
            self._string, self._late = self._strings.get(e.string), False
            if self._string is not None:
                self._starts(self._string, e.t, 0)
        elif isinstance(e, ev.StartSignal):
            if self._string is not None:
                self._starts(self._string, e.t, 2)
        elif isinstance(e, ev.ParTime):
            self._late = True
        elif isinstance(e, ev.StringEnded):
            self._string = None
        else:
            self._late = False

    def _starts(self, string: FireString, t: float, sure: int, target: str | None = None) -> None:
        """Notes when a string's time began for those whose targets it shows; the first of the surest kind counts."""
        for who in self._trainees:
            lane = string.lane(who)
            known = self.starts.get((string.name, who))
            if lane and (target is None or target in lane) and (known is None or known[0] < sure):
                self.starts[(string.name, who)] = sure, t

    def _fired(self, e: ev.ShotFired) -> None:
        if e.shooter not in self._trainees:
            return
        shot = Shot(e.shot, e.t, e.shooter, e.weapon, e.string, late=self._late, event=e, lane=self._string)
        shot.at = self._near_line(e) or self._only_target(e.shooter)
        self.shots.append(shot)
        self._by_number[e.shot] = shot

    def _near_line(self, e: ev.ShotFired) -> str | None:
        """The person in view whose chest lies nearest the line of a shot, within `AIM_RAD`."""
        if not (math.isfinite(e.yaw) and math.isfinite(e.pitch)):
            return None  # a recording may come from a stranger
        line = direction(e.yaw, e.pitch)
        best: tuple[float, str] | None = None
        for who in self._in_view[e.shooter] & self._people:
            track = self._tracks.get(who)
            if track is None:
                continue
            stance = track.at(e.t)
            x, y, z = body.place(
                body.joints(self._pose.get(who, "standing"), stance.walked, stance.speed), stance.position, stance.yaw
            )[body.JOINT["chest"]]
            way = float(x) - e.origin[0], float(y) - e.origin[1], float(z) - e.origin[2]
            cosine = sum(a * b for a, b in zip(line, way, strict=True)) / (math.hypot(*way) or 1.0)
            off = round(math.acos(max(-1.0, min(1.0, cosine))), 6)
            if off <= AIM_RAD and (best is None or (off, who) < best):
                best = off, who
        return best and best[1]

    def _only_target(self, who: str) -> str | None:
        """The target that is turned to a trainee, if it is the only one."""
        string = self._string
        mine = [n for n in self._shown if string is None or n not in string.targets or n in string.lane(who)]
        return mine[0] if len(mine) == 1 else None

    def _struck(self, e: ev.Struck) -> None:
        shot = self._by_number.get(e.shot)
        if shot is None:
            return
        shot.chain.append(
            {"what": e.what, "kind": e.kind, "material": e.material, "entry": list(e.entry),
             "exit": list(e.exit) if e.exit else None, "zone": e.zone, "thickness_m": e.thickness,
             "energy_j": e.energy, "left_j": e.left, "ricochet": e.ricochet}
        )  # fmt: skip
        if e.kind in ("person", "target"):
            if not shot.met:
                shot.at = e.what
            shot.met.append(e.what)
        if e.kind in ("person", "target") and (shot.target is None or (shot.zone is None and e.zone is not None)):
            shot.target, shot.zone, shot.distance_m, shot.local = e.what, e.zone, e.distance, e.local
            shot.struck = e
            shot.points = self._points.get(e.what, {}).get(e.zone or "", 0.0)
            lane = shot.lane
            own = lane is None or e.what not in lane.targets or e.what in lane.lane(shot.trainee)
            shot.crossfire = e.kind == "target" and not own
            if shot.late or shot.crossfire:
                shot.points = min(shot.points, 0.0)
        elif shot.distance_m is None:
            shot.distance_m = e.distance


def _answer_all(stimuli: Sequence[Stimulus], shots: Sequence[Shot]) -> None:
    """Finds for each stimulus the shot that answered it, and gives shots their reaction and split times."""
    mine: dict[str, list[Stimulus]] = defaultdict(list)
    fired: dict[str, list[Shot]] = defaultdict(list)
    for row in stimuli:
        mine[row.who].append(row)
    for shot in shots:
        fired[shot.trainee].append(shot)
    for who, own in fired.items():
        _answer(mine[who], own)


def _answer(stimuli: Sequence[Stimulus], shots: Sequence[Shot]) -> None:
    """The same for one trainee."""
    open_rows: list[Stimulus] = []
    latest: dict[str, Stimulus] = {}
    at, before = 0, None
    for shot in shots:
        newest = None
        while at < len(stimuli) and stimuli[at].t <= shot.t:
            newest = stimuli[at]
            open_rows.append(newest)
            latest |= dict.fromkeys(newest.subjects, newest)
            at += 1
        open_rows = [r for r in open_rows if r.shot is None and (r.until is None or shot.t - r.until <= LATE_S)]
        row = _answered(shot, open_rows, latest)
        if row is not None:
            row.shot, row.answered, row.first = shot.number, shot.t, before is None or before.t < row.t
        if row is not None and row.first:
            shot.reaction_s = row.after_s
        elif before is not None and (row is not None or newest is None):
            shot.split_s = elapsed(before.t, shot.t)
        before = shot


def _answered(shot: Shot, open_rows: Sequence[Stimulus], latest: Mapping[str, Stimulus]) -> Stimulus | None:
    """Of whom or what a shot met, or was fired at, the latest stimulus; None where that is answered already."""
    if shot.at is None:
        return open_rows[-1] if open_rows else None
    asked = [latest[name] for name in shot.met or [shot.at] if name in latest]
    return asked[0] if asked and asked[0] in open_rows else None


def _hits(stimuli: Sequence[Stimulus], shots: Sequence[Shot]) -> None:
    """Of each stimulus the first shot that hit its subject."""
    called: dict[tuple[str, str], list[Stimulus]] = defaultdict(list)
    for row in stimuli:
        for name in row.subjects:
            called[(row.who, name)].append(row)
    answered: set[int] = set()
    for shot in shots:
        if shot.target is None or (shot.zone is None and shot.local is not None):
            continue
        rows = called[(shot.trainee, shot.target)]
        last = next((r for r in reversed(rows) if r.t <= shot.t), None)
        if last is not None and id(last) not in answered:
            answered.add(id(last))
            shot.hit_s = elapsed(last.t, shot.t)


def _transitions(shots: Sequence[Shot], stimuli: Sequence[Stimulus]) -> None:
    """From the last shot at one target or person to the first at another, in the same string.

    Not where it can't be told what the shot before was fired at, and not where the other was first shown after it: the
    time is then one of reaction.
    """
    shown: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in stimuli:
        if row.kind != "signal":
            shown[(row.who, row.what)].append(row.t)
    before: dict[str, Shot] = {}
    for shot in shots:
        last = before.get(shot.trainee)
        before[shot.trainee] = shot
        if last is None or None in (last.at, shot.at) or last.at == shot.at or last.string != shot.string:
            continue
        if not any(last.t < t <= shot.t for t in shown[(shot.trainee, str(shot.at))]):
            shot.transition_s = elapsed(last.t, shot.t)


def _first_shots(reader: _ShotReader) -> None:
    """Time to the first shot: of each trainee in each string; without strings, from the first target that is shown."""
    starts = {key: t for key, (_, t) in reader.starts.items()}
    if not reader.has_strings:
        for row in reader.stimuli.rows:
            if row.kind == "target":
                starts.setdefault((None, row.who), row.t)
    for shot in reader.shots:
        start = starts.pop((shot.string, shot.trainee), None)
        if start is not None and start <= shot.t:
            shot.first_shot_s = elapsed(start, shot.t)
