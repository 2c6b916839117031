"""What a test may expect of its runs, as its file says it."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from xrlab.scenario.model import Name, Part
from xrlab.testing.happenings import Awaited, AwaitedEvent
from xrlab.testing.limits import Limit


class Expectation(Part):
    """What a run's result must be; what is left out is not looked at."""

    passed: bool | None = Field(None, description="the verdict")
    pass_rate: Limit = Field(
        None, description='share 0..1 of the seeds whose run is passed, such as ">= 0.9"; then one test holds all seeds'
    )
    score: Limit = Field(None, description='points, a number or a comparison such as ">= 80"')
    scores: dict[Name, Limit] = Field(default_factory=dict, description="points of trainees and teams by name")
    ended: str | None = Field(None, description="why the run ended: done, time, or the scenario's own word")
    shots: Limit = Field(None, description="shots fired by trainees")
    duration_s: Limit = Field(None, description="length of the run")
    criteria: dict[str, Limit] = Field(default_factory=dict, description="values of criteria by name")
    points: dict[str, Limit] = Field(default_factory=dict, description="points of criteria by name")
    metrics: dict[Name, dict[str, Limit]] = Field(default_factory=dict, description="figures by trainee and name")
    drawn: dict[str, Any] = Field(default_factory=dict, description="what the seed must have drawn, by path under vary")
    events: list[AwaitedEvent] = Field(
        default_factory=list, max_length=200, description="events that must come, in this order; others may lie between"
    )
    never: list[AwaitedEvent] = Field(default_factory=list, max_length=200, description="events that must not come")

    @field_validator("never")
    @classmethod
    def _no_order(cls, value: list[Awaited]) -> list[Awaited]:
        if any(awaited.within_s is not None for awaited in value):
            raise ValueError(
                "within_s counts from the event before, which never has none of; write before_s or after_s"
            )
        return value
