"""Evidence of real runs of the shipped scenarios, and ways to change it that must not change a mark, or never for the
better: the world turned and shifted, time shifted, everybody under another name, a miss or a hit on a no-shoot more.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from xrlab.geometry.paths import Leg, Track
from xrlab.geometry.transforms import Array, Vec3
from xrlab.run import Runs
from xrlab.scenario.functions import FUNCTIONS, MEASURES
from xrlab.scenario.model import Scenario
from xrlab.scoring import Evidence, Result, score
from xrlab.scoring.ground import Ground
from xrlab.sim import events as ev

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TESTED = sorted(SCENARIOS.glob("*/*.test.yaml"))
SHIPPED = [f"{path.parent.name}/{path.name.removesuffix('.test.yaml')}" for path in TESTED]

PLACES = ("origin", "entry", "exit", "at", "to")
"""Fields of events that are places in the room."""
NO_NAMES = {"type", "text", "state", "was", "reason", "string", "holds", "item", "weapon", "material", "kind", "pose"}
"""Fields of events that are no names of trainees, people, targets, teams or zones of the room."""


@cache
def evidence(scenario: str, script: str | None = None, seed: int = 3) -> Evidence:
    """What a run of a shipped scenario leaves behind. script: who plays it, beside it; None for its own trainees."""
    path = SCENARIOS / f"{scenario}.yaml"
    trainee = None if script is None else path.parent / f"{script}.trainee.yaml"
    return evidence_of(Runs(path, trainee=trainee), seed)


def evidence_of(runs: Runs, seed: int) -> Evidence:
    """What a run leaves behind."""
    session = runs.session(seed)
    session.run.engine.run()
    session.finish()
    made = session.evidence
    ground = made.ground
    return dataclasses.replace(made, events=tuple(made.events), room=lambda: ground)


def marks(of: Evidence, *, facts: bool = False) -> Result:
    """The result of a run without what identifies it: version, seed, digest."""
    return score("0", "a run", 0, of, (), facts=facts)


def with_events(of: Evidence, events: Iterable[ev.Event]) -> Evidence:
    """The same run, in which other things happened."""
    return dataclasses.replace(of, events=tuple(events))


def questions(of: Evidence) -> list[str]:
    """Everything that a criterion can ask of a run: each function, and each for what its brackets may hold."""
    scenario = of.scenario
    fitting: dict[str, list[str]] = {
        "who": ["all", "trainee", "threat", "no_shoot"], "zone": ["all"], "measure": list(MEASURES),
        "target": sorted(scenario.targets)[:1], "string": [s.name for s in scenario.strings][:1], "means": ["spray"],
        "hit_zone": ["torso"],
    }  # fmt: skip
    out = []
    for name, function in FUNCTIONS.items():
        if function.where == "live":
            continue
        needed = [kind for kind in function.takes if not kind.endswith("?")]
        asked = [[f'{name}("{word}")' for word in fitting[kind]] for kind in needed[:1]] or [[f"{name}()"]]
        out += [text for texts in asked for text in texts]
        if not needed and function.takes:
            out += [f'{name}("{word}")' for word in fitting[function.takes[0].rstrip("?")][:1]]
    return out


def values(of: Evidence, *, skip: Collection[str] = (), asked: Sequence[str] = ()) -> dict[str, Any]:
    """The answer to each of `questions`, or of those given. skip: functions that are not asked."""
    asked = [text for text in asked or questions(of) if text.partition("(")[0] not in skip]
    out: dict[str, Any] = {}
    for n in range(0, len(asked), 100):
        part = asked[n : n + 100]
        rows = marks(with_criteria(of, {f"c{n}": text for n, text in enumerate(part)}))["criteria"]
        out |= {text: row["value"] for text, row in zip(part, rows, strict=True)}
    return out


def with_criteria(of: Evidence, values: Mapping[str, str]) -> Evidence:
    """The same run, marked by these expressions alone, each worth ten points."""
    document = of.scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
    document["scoring"] = {"criteria": {name: {"value": text, "points": 10} for name, text in values.items()}}
    return dataclasses.replace(of, scenario=Scenario.model_validate(document))


# --- time -----------------------------------------------------------------------------------------------------


def later(of: Evidence, by: float) -> Evidence:
    """The same run, begun so many seconds later."""

    def shifted(t: float) -> float:
        return round(t + by, 6)

    legs = {n: [leg._replace(t0=shifted(leg.t0), t1=shifted(leg.t1)) for leg in t.legs] for n, t in of.tracks.items()}
    return dataclasses.replace(
        of,
        events=tuple(dataclasses.replace(e, t=shifted(e.t)) for e in of.events),
        tracks={name: Track.of(moved) for name, moved in legs.items()},
    )


# --- place ----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Move:
    """Quarter turns to the left about the origin, then a shift (m)."""

    quarters: int
    by: Vec3 = (0.0, 0.0, 0.0)

    @property
    def yaw(self) -> float:
        """The turn in radians."""
        return self.quarters * math.pi / 2

    def rows(self, places: Array) -> Array:
        """Places, one a row, with two or three columns."""
        out = np.array(places, float)
        for _ in range(self.quarters % 4):
            out[:, :2] = np.column_stack((-out[:, 1], out[:, 0]))
        return out + np.array(self.by)[: out.shape[1]]

    def place(self, at: Vec3) -> Vec3:
        """One place, to 0.01 mm."""
        x, y, z = (round(float(c), 5) for c in self.rows(np.array([at]))[0])
        return x, y, z

    def leg(self, leg: Leg) -> Leg:
        """One leg of a track."""
        x0, y0, z0 = self.place((leg.x0, leg.y0, leg.z0))
        x1, y1, z1 = self.place((leg.x1, leg.y1, leg.z1))
        yaw0, yaw1 = round(leg.yaw0 + self.yaw, 6), round(leg.yaw1 + self.yaw, 6)
        return leg._replace(x0=x0, y0=y0, z0=z0, x1=x1, y1=y1, z1=z1, yaw0=yaw0, yaw1=yaw1)

    def event(self, event: ev.Event) -> ev.Event:
        """One event."""
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(event):
            value = getattr(event, field.name)
            if field.name in PLACES and isinstance(value, tuple) and len(value) == 3:
                changes[field.name] = self.place(value)
            elif field.name == "yaw":
                changes["yaw"] = round(math.remainder(value + self.yaw, 2 * math.pi), 6)
        return dataclasses.replace(event, **changes) if changes else event

    def ground(self, ground: Ground) -> Ground:
        """The room."""
        doors = {
            name: dataclasses.replace(door, hinge=self.place(door.hinge), closed_yaw=door.closed_yaw + self.yaw)
            for name, door in ground.doors.items()
        }
        up = self.by[2]
        zones = {
            name: dataclasses.replace(
                zone, polygon=self.rows(zone.polygon), floor=zone.floor + up, ceiling=zone.ceiling + up
            )
            for name, zone in ground.zones.items()
        }
        return dataclasses.replace(
            ground, vertices=self.rows(ground.vertices), doors=doors, zones=zones, level=ground.level + up,
            floor={name: self.rows(points) for name, points in ground.floor.items()},
            points={name: self.place(at) for name, at in ground.points.items()},
        )  # fmt: skip

    def document(self, node: Any, key: str = "") -> Any:
        """A scenario's data: places written as numbers, and directions."""
        if isinstance(node, dict):
            return {k: self.document(v, k) for k, v in node.items()}
        if isinstance(node, list):
            if len(node) in (2, 3) and all(isinstance(n, float | int) for n in node) and key in ("at", "start", "to"):
                return [*self.place((node[0], node[1], 0.0))[:2], *node[2:]]
            return [self.document(item, key) for item in node]
        return math.remainder(node + 90 * self.quarters, 360) if key == "yaw_deg" and node is not None else node


def moved(of: Evidence, move: Move) -> Evidence:
    """The same run in a world that is turned and shifted."""
    ground = of.ground
    turned = None if ground is None else move.ground(ground)
    document = move.document(of.scenario.model_dump(mode="json", by_alias=True, exclude_none=True))
    return dataclasses.replace(
        of,
        scenario=Scenario.model_validate(document),
        events=tuple(map(move.event, of.events)),
        tracks={name: Track.of([move.leg(leg) for leg in track.legs]) for name, track in of.tracks.items()},
        room=lambda: turned,
    )


# --- names ----------------------------------------------------------------------------------------------------


def other_names(of: Evidence) -> dict[str, str]:
    """Another name for each trainee, person, target and zone, such that their order in the alphabet turns round."""
    scenario = of.scenario
    ground = of.ground
    zones = list(ground.zones) if ground else []
    known = sorted({*scenario.trainees, *scenario.people, *scenario.targets, *zones})
    return {name: f"n{len(known) - number:03d}" for number, name in enumerate(known)}


def renamed(of: Evidence, names: Mapping[str, str]) -> Evidence:
    """The same run with everybody and every zone under another name."""
    document = _renamed(of.scenario.model_dump(mode="json", by_alias=True, exclude_none=True), names)
    ground = of.ground
    if ground is not None:
        zones = {names[n]: dataclasses.replace(zone, name=names[n]) for n, zone in ground.zones.items()}
        floor = {names[n]: points for n, points in ground.floor.items()}
        ground = dataclasses.replace(ground, zones=zones, floor=floor)
    return dataclasses.replace(
        of,
        scenario=Scenario.model_validate(document),
        events=tuple(_event_renamed(e, names) for e in of.events),
        tracks={names.get(name, name): track for name, track in of.tracks.items()},
        room=lambda: ground,
    )


def _event_renamed(event: ev.Event, names: Mapping[str, str]) -> ev.Event:
    skipped = NO_NAMES | ({"zone"} if isinstance(event, ev.Struck | ev.BlowLanded) else set())
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(event):
        value = getattr(event, field.name)
        if field.name in skipped:
            continue
        if isinstance(value, str):
            changes[field.name] = names.get(value, value)
        elif isinstance(value, tuple):
            changes[field.name] = _tuple_renamed(value, names)
    return dataclasses.replace(event, **changes)


def _tuple_renamed(value: tuple[Any, ...], names: Mapping[str, str]) -> tuple[Any, ...]:
    def one(item: Any) -> Any:
        if isinstance(item, tuple):
            return _tuple_renamed(item, names)
        return names.get(item, item) if isinstance(item, str) else item

    return tuple(map(one, value))


def _renamed(node: Any, names: Mapping[str, str], key: str = "") -> Any:
    if isinstance(node, dict):
        return {names.get(k, k): _renamed(v, names, k) for k, v in node.items()}
    if isinstance(node, list):
        return [_renamed(item, names, key) for item in node]
    if not isinstance(node, str) or key in ("group", "nl", "fr", "de", "en", "zone", "name"):
        return node
    return names.get(node) or text_renamed(node, names)


def text_renamed(text: str, names: Mapping[str, str]) -> str:
    """An expression that asks for the same under other names."""
    quoted = re.compile("|".join(f"(?<=[\"']){re.escape(n)}(?=[\"'])" for n in names))
    return quoted.sub(lambda match: names[match[0]], text)


def under_old_names(result: Result, names: Mapping[str, str]) -> dict[str, Any]:
    """A result as `plain` gives it, with the names as they were."""
    back = {new: old for old, new in names.items()}
    text = re.sub("|".join(rf"\b{new}\b" for new in back), lambda m: back[m[0]], json.dumps(result))
    return plain(json.loads(text))


def plain(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a result says, whatever the order of what happened at one instant."""

    def sorted_lists(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: sorted_lists(value) for key, value in node.items()}
        if isinstance(node, list):
            return sorted((sorted_lists(item) for item in node), key=partial(json.dumps, sort_keys=True))
        return node

    out: dict[str, Any] = sorted_lists(dict(result))
    return out


# --- what more was done ---------------------------------------------------------------------------------------


def inserted(events: Iterable[ev.Event], more: Iterable[ev.Event]) -> list[ev.Event]:
    """Events with others among them, each before what happened at a later instant; the last stays last."""
    *rest, last = events
    late = [dataclasses.replace(e, t=min(e.t, last.t)) for e in more]
    return [*sorted([*rest, *late], key=lambda e: e.t), last]


def shot(of: Evidence, t: float, who: str, met: str | None = None, zone: str | None = None) -> list[ev.Event]:
    """A shot more: into a wall, or at somebody or a board."""
    number = 1 + max([e.shot for e in of.events if isinstance(e, ev.ShotFired)], default=0)
    track = of.tracks.get(who)
    x, y, z, yaw, *_ = track.at(t) if track else (0.0, 0.0, 0.0, 0.0)
    string = None
    for e in of.events:
        if e.t > t:
            break
        if isinstance(e, ev.StringStarted):
            string = e.string
        elif isinstance(e, ev.StringEnded):
            string = None
    boards = of.scenario.targets
    fired = ev.ShotFired(
        t=t, shot=number, shooter=who, weapon=_weapon(of, who), origin=(x, y, z + 1.5), yaw=round(yaw, 6),
        pitch=0.0, string=string,
    )  # fmt: skip
    kind = "wall" if met is None else "target" if met in boards else "person"
    struck = ev.Struck(
        t=t, shot=number, shooter=who, kind=kind, what=met or "wall", material="flesh" if kind == "person" else "brick",
        entry=(x, y, z + 1.5), exit=None, distance=5.0, zone=zone, local=(0.0, 0.0) if kind == "target" else None,
    )  # fmt: skip
    return [fired, struck]


def _weapon(of: Evidence, who: str) -> str:
    return next(t.carries[0] for t in of.scenario.teams.values() if who in t.trainees)


def moments(of: Evidence, count: int) -> list[float]:
    """Instants at which a shot more might be fired: just after what calls for one, and evenly over the run."""
    calls = [e.t for e in of.events if isinstance(e, ev.TargetExposed | ev.StartSignal | ev.Seen | ev.PostureChanged)]
    fired = [e.t for e in of.events if isinstance(e, ev.ShotFired)]
    near = [t + 0.05 for t in calls] + [t - 0.03 for t in fired if t > 0.1] + [t + 0.03 for t in fired]
    even = [of.ends * n / (count + 1) for n in range(1, count + 1)]
    chosen = sorted(near)[:: max(1, len(near) // count)]
    return [round(t, 6) for t in (*chosen, *even) if t < of.ends]
