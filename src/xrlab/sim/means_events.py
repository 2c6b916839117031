"""The events of less-lethal means; to be had from `xrlab.sim.events` like all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xrlab.geometry.transforms import Vec3
from xrlab.sim.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MeansUsed(Event):
    """A trainee used a less-lethal means: a cartridge, a burst of spray, or a blow. use: its number in the run.

    origin (m), yaw and pitch (rad): from where and whither. left: cartridges or bursts left, None for a baton. again:
    no cartridge, but another cycle through the probes that hold already.
    """

    use: int
    who: str
    means: str
    origin: Vec3
    yaw: float
    pitch: float
    left: int | None
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeansMet(Event):
    """What a less-lethal means met. part: upper or lower (probe), jet or blow. kind, what: as of `Struck`.

    zone: hit zone; of a jet head, or None where the face was turned away. at (m), distance: from the device (m), of a
    blow from body to body.
    """

    use: int
    who: str
    means: str
    part: Literal["upper", "lower", "jet", "blow"]
    kind: str
    what: str
    zone: str | None
    at: Vec3
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected(Event):
    """A less-lethal means takes effect on somebody, for `seconds`.

    effect: incapacitated (muscles overridden), pain, blinded (by spray), disarmed (let go of what was in the hand).
    """

    use: int
    who: str
    by: str
    means: str
    effect: Literal["incapacitated", "pain", "blinded", "disarmed"]
    seconds: float
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered(Event):
    """The effect of a less-lethal means on somebody is over."""

    who: str
    means: str
    effect: str
