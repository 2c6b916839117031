"""By which rule book the shots of a scenario or of one string are scored, and under which standard it is fired.

What each rule decides stands in docs/scoring.md, "Target rules"; `xrlab.scoring.rules` reckons.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from xrlab.document import Also
from xrlab.scenario.parts import Part, Text

IssfEvent = Literal[
    "air_rifle_10m", "air_pistol_10m", "precision_25m", "rapid_fire_25m", "rifle_50m", "pistol_50m"
]  # fmt: skip
CENTRE_FIRE_EVENTS: tuple[IssfEvent, ...] = ("precision_25m", "rapid_fire_25m")
"""Events that are also fired with centre-fire pistols, whose holes are larger."""


class IssfRules(Part):
    """Rings, as the ISSF scores them: the edge of the hole counts, with the event's own gauge."""

    name: Literal["issf"] = Field(description="rings by the rules of the ISSF")
    event: IssfEvent = Field(description="whose rings and gauge count; the targets' face must have these rings")
    decimal: bool = Field(False, description="true: values in tenths, 10.9 at best")
    centre_fire: bool = Field(
        False, description="true: fired with a centre-fire pistol such as 9 mm, whose gauge is 9.65 mm (25 m only)"
    )
    per_target: int | None = Field(
        None, ge=1, le=100, description="shots that count on each target; later ones on it are misses"
    )


class IpscRules(Part):
    """Practical shooting as the IPSC scores it: points by zone and power factor, divided by the time."""

    name: Literal["ipsc"] = Field(description="points by zone over time, by the rules of the IPSC")
    power: Literal["minor", "major"] = Field("minor", description="minor: A 5, C 3, D 1; major: A 5, C 4, D 2")
    count: Literal["comstock", "virginia", "fixed_time"] = Field(
        "comstock",
        description="comstock: any number of shots; virginia: as many as the string's rounds; "
        "fixed_time: so, until the string's par time",
    )
    hits: int = Field(2, ge=1, le=20, description="best hits on each paper target that count")


class IdpaRules(Part):
    """Defensive shooting as the IDPA scores it: the time, and seconds for every point down and penalty."""

    name: Literal["idpa"] = Field(description="time plus, by the rules of the IDPA")
    count: Literal["unlimited", "limited"] = Field(
        "unlimited", description="limited: no more shots than the string's rounds"
    )
    hits: int = Field(2, ge=1, le=20, description="best hits on each target that count")


class ZoneRules(Part):
    """Named zones of any face, with the points that the face gives them; of each string the best shots count."""

    name: Literal["zones"] = Field(description="the points that the face gives its zones")
    line: Literal["touch", "centre"] = Field(
        "touch", description="touch: a hole that touches a zone is in it; centre: the middle of the hole counts"
    )


RULES = ("issf", "ipsc", "idpa", "zones")


def _by_name(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


Rules = Annotated[
    Annotated[IssfRules | IpscRules | IdpaRules | ZoneRules, Field(discriminator="name")],
    BeforeValidator(_by_name),
    Also({"type": "string", "enum": ["ipsc", "idpa", "zones"], "description": "a rule by its name alone"}),
]
"""A rule with its settings, or its name alone."""

ISSF_EVENTS: tuple[IssfEvent, ...] = get_args(IssfEvent)


class UnderStandard(Part):
    """The standard that a scenario is fired under, as `xrlab.scenario.standards` found it.

    sha256: of its text, which stands here whole, so that a recording shows what was asked.
    """

    name: str
    version: str
    title: Text
    sha256: str
    text: str

    def told(self) -> dict[str, Any]:
        """What a result says of it."""
        return {"name": self.name, "version": self.version, "title": dict(self.title), "sha256": self.sha256}


NamedStandard = Annotated[
    str | UnderStandard,
    WithJsonSchema({"type": "string", "description": "a standard of the library, or a file beside the scenario"}),
]
