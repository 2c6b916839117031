"""What happened: the typed events of a run, their canonical encoding, and the digest over them.

The stream of events is the single truth: scoring, recording and every other reader take it, and nothing
else, to say what a run was. Numbers are quantised before they enter an event (time to 1 µs, places to
0.01 mm, angles to 1e-6 rad), so that the same run gives the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from xrlab.geometry.transforms import Vec3
from xrlab.sim.event import Event as Event
from xrlab.sim.means_events import Affected as Affected
from xrlab.sim.means_events import MeansMet as MeansMet
from xrlab.sim.means_events import MeansUsed as MeansUsed
from xrlab.sim.means_events import Recovered as Recovered

Point2 = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """The run begins."""

    scenario: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """The run is over. reason: done, time, interrupted, or what the scenario says."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StringAnnounced(Event):
    """A string of fire will start soon."""

    string: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StringStarted(Event):
    """A string of fire starts: from now on its rounds count."""

    string: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StringEnded(Event):
    """A string of fire is over."""

    string: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSignal(Event):
    """The signal that starts a string: beep, whistle, voice or light. The stimulus of a reaction time."""

    string: str
    signal: Literal["beep", "whistle", "voice", "light"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParTime(Event):
    """The time of a string is over: shots from now on come too late."""

    string: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetExposed(Event):
    """A target has begun to turn to the shooters: the stimulus of a reaction time."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetHidden(Event):
    """A target has begun to turn away."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFell(Event):
    """A target was hit and drops."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetMoves(Event):
    """A target begins to move along its rail to `to` (middle of its face, m), and takes `seconds`."""

    target: str
    to: Vec3
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStopped(Event):
    """A target on a rail stands still now."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotFired(Event):
    """A shot. origin (m), yaw and pitch (rad) of the line of the sights.

    load: what was fired, None for a beam. strayed_right, strayed_up: how far (rad) the weapon itself strayed from that
    line; the shooter's part is in the line.
    """

    shot: int
    shooter: str
    weapon: str
    origin: Vec3
    yaw: float
    pitch: float
    string: str | None = None
    load: str | None = None
    strayed_right: float = 0.0
    strayed_up: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck(Event):
    """One thing on a shot's way, in order. kind: wall, door, person or target; `what` names it.

    entry, exit: world (m), exit None where the bullet stayed. zone: hit zone or None. local: place of a
    hit on a board, right and up from its middle (m). distance: from the muzzle (m).
    Of a bullet, not of a laser: thickness: metres of the material that it passed or stayed in, along its way; energy
    (J) when it came to it, left (J) after it, 0 where it stayed; speed (m/s) when it came to it. ricochet: whether it
    met something hard at so flat an angle that it may have glanced off; where to is not followed.
    """

    shot: int
    shooter: str
    kind: str
    what: str
    material: str
    entry: Vec3
    exit: Vec3 | None
    distance: float
    zone: str | None = None
    local: Point2 | None = None
    thickness: float | None = None
    energy: float | None = None
    left: float | None = None
    speed: float | None = None
    ricochet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted(Event):
    """What a trainee who uses force could see of somebody at that instant; it comes with each shot or other use.

    shot: its number, None of what is no shot. share: of seven body points in free line of sight, 0..1; 0 for who is
    outside the field of view. lux: light on the chest, None where light limits nobody (all lamps burn, or there are
    none); lit: whether that suffices to be seen at this distance. distance: from the eye to the chest (m). turned:
    angle (rad) between where `whom` looks and the trainee; 0 is face to face. aside: how far (m) the line of fire
    passes by the body, 0 through it; None for more than a metre, or no line.
    """

    who: str
    whom: str
    share: float
    lux: float | None
    lit: bool
    distance: float
    turned: float
    shot: int | None = None
    aside: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded(Event):
    """A weapon has been reloaded."""

    who: str
    weapon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyTrigger(Event):
    """The trigger was pulled on an empty weapon."""

    who: str
    weapon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Malfunction(Event):
    """The trigger was pulled and the round did not go off; the weapon has to be cleared."""

    who: str
    weapon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MalfunctionCleared(Event):
    """A malfunction has been cleared: the weapon fires again."""

    who: str
    weapon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbalCommand(Event):
    """A trainee called a command; heard_by names the role players who could understand it. voice: how loud."""

    who: str
    command: str
    heard_by: tuple[str, ...]
    voice: str = "shouted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke(Event):
    """Someone spoke; text by language. voice: how loud."""

    who: str
    text: dict[str, str]
    voice: str = "shouted"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Event):
    """A role player is in a new state."""

    who: str
    state: str
    was: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureChanged(Event):
    """How someone stands, what they hold, and whether they are a danger now."""

    who: str
    pose: str
    holds: str
    danger: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDropped(Event):
    """Something fell from the hand and lies on the floor at `at` (m)."""

    who: str
    item: str
    at: Vec3


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTaken(Event):
    """Something that lay on the floor at `at` (m) was taken up."""

    who: str
    item: str
    at: Vec3


@dataclass(frozen=True, slots=True, kw_only=True)
class BlowLanded(Event):
    """A role player struck somebody with what is in the hand. zone: hit zone."""

    who: str
    whom: str
    item: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchSwitched(Event):
    """Somebody switched a torch, held or on the weapon, on or off."""

    who: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Event):
    """`who` begins to see `whom`."""

    who: str
    whom: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Event):
    """`who` does not see `whom` any more."""

    who: str
    whom: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneEntered(Event):
    """Someone is in a zone now."""

    who: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLeft(Event):
    """Someone has left a zone."""

    who: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCleared(Event):
    """The team has seen a zone's floor and no danger is left in it."""

    zone: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorMoved(Event):
    """A door begins to move to `opened` (0 shut, 1 open) and takes `seconds`."""

    door: str
    who: str | None
    opened: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LightsChanged(Event):
    """A group of lamps is switched to a level 0..1."""

    group: str
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LightsFlicker(Event):
    """A group of lamps flickers for `seconds` in a pattern that the seed drew, then rests at `level`."""

    group: str
    seconds: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStarted(Event):
    """A sound begins. at: where (m), None for all around; who: the person it goes with. db: at 1 m.

    seconds: how long it lasts, None if until it is stopped. number: tells it from others of its name.
    """

    number: int
    sound: str
    at: Vec3 | None
    who: str | None
    db: float
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStopped(Event):
    """A sound is over."""

    number: int
    sound: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeChanged(Event):
    """The smoke in a zone begins to change to `density` (0..1), evenly over `seconds`."""

    zone: str
    density: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioMessage(Event):
    """A message by radio to a team or a trainee; text by language."""

    to: str
    text: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced(Event):
    """A text for all trainees; by language."""

    text: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCalled(Event):
    """The trainees are told that so many seconds are left."""

    left_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StressChanged(Event):
    """A stress cue is dosed at a level, 0 (none) to 3."""

    cue: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeared(Event):
    """A role player who was not there before is there now."""

    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    """An event of the scenario has happened, or one that called an inject. kind: event or inject."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructorCue(Event):
    """The instructor set off an inject."""

    inject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceChanged(Event):
    """The instructor has time run at `pace` of its own speed from now on: 1, or less where it is slowed."""

    pace: float


EVENT_TYPES: dict[str, type[Event]] = {c.__name__: c for c in Event.__subclasses__()}
_FIELDS = {c: tuple(f.name for f in fields(c)) for c in EVENT_TYPES.values()}


def _quantised(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6) + 0.0
    if isinstance(value, tuple) and value and isinstance(value[0], float):
        return [round(float(v), 5) + 0.0 for v in value]
    if isinstance(value, tuple):
        return list(value)
    return value


def to_dict(event: Event) -> dict[str, Any]:
    """The event as plain data, quantised, with its type's name under "type"."""
    out: dict[str, Any] = {"type": type(event).__name__}
    for name in _FIELDS[type(event)]:
        out[name] = _quantised(getattr(event, name))
    return out


@cache
def _reader(kind: str) -> TypeAdapter[Event]:
    return TypeAdapter(EVENT_TYPES[kind])


def decode(line: bytes) -> Event:
    """The event that `encode` wrote; raises ValueError, in one line, for anything else."""
    data = json.loads(line)
    kind = EVENT_TYPES.get(str(data.pop("type", None))) if isinstance(data, dict) else None
    if kind is None:
        raise ValueError("it holds an event of no known type")
    try:
        return _reader(kind.__name__).validate_json(json.dumps(data))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"a {kind.__name__} event does not fit: {where}: {first['msg']}") from None


def encode(event: Event) -> bytes:
    """The canonical encoding: JSON, keys sorted, no spaces, UTF-8."""
    return json.dumps(to_dict(event), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(encoded: Iterable[bytes]) -> str:
    """SHA-256 (hex) over the canonical encodings, each followed by a newline."""
    sha = hashlib.sha256()
    for line in encoded:
        sha.update(line)
        sha.update(b"\n")
    return sha.hexdigest()
