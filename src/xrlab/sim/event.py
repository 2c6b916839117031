"""What all events of a run have in common; the events themselves stand in `xrlab.sim.events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base: something that happened at `t` seconds after the start of the run."""

    # how strictly `decode` takes what a recording holds
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid")

    t: float
