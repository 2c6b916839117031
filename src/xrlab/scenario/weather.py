"""The weather out of doors: wind, air, fog and light, as a scenario says them."""

from __future__ import annotations

import math
from typing import Annotated, Literal, get_args

from pydantic import Discriminator, Field, Tag

from xrlab.scenario.parts import Degrees, Part, Share

Compass = Literal["east", "north_east", "north", "north_west", "west", "south_west", "south", "south_east"]
"""Points of the compass, counter-clockwise, as the yaw of everything else."""

_From = Annotated[
    Annotated[Compass, Tag("from")] | Annotated[Degrees, Tag("degrees")],
    Discriminator(lambda value: "from" if isinstance(value, str) else "degrees"),
]
_Daylight = Annotated[
    Annotated[Literal["day", "dusk", "night"], Tag("daylight")]
    | Annotated[Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)], Tag("lux")],
    Discriminator(lambda value: "daylight" if isinstance(value, str) else "lux"),
]

DAYLIGHT_LUX = {"day": 10_000.0, "dusk": 10.0, "night": 0.25}
"""Light on open ground: a clouded noon (10,000 to 25,000 lux in full daylight without the sun's disc); some way into
civil twilight (400 lux at sunset, 3.4 at its end); a clear night with a full moon (0.05 to 0.3), after the table in
Wikipedia, 'Lux'; from memory, not checked at the source."""


def _yaw(said: str | float) -> float:
    if isinstance(said, str):
        return get_args(Compass).index(said) * math.pi / 4
    return math.radians(said)


class Wind(Part):
    """Wind, even and level. It blows in the open: at shots most of whose way lies under the sky."""

    speed_mps: float = Field(ge=0, le=40, allow_inf_nan=False, description="4 moves small branches, 11 large ones")
    from_: _From = Field(alias="from", description="where it comes from: west, or degrees (0 east, 90 north)")

    @property
    def yaw(self) -> float:
        """Direction (rad) in which one looks who faces the wind."""
        return _yaw(self.from_)


class SunPlace(Part):
    """Where the sun stands, or the moon by night."""

    from_: _From = Field(
        alias="from", description="where its light comes from: south_west, or degrees (0 east, 90 north)"
    )
    height_deg: float = Field(ge=2, le=90, allow_inf_nan=False, description="over the horizon")

    @property
    def yaw(self) -> float:
        """Direction (rad) in which one looks who faces it."""
        return _yaw(self.from_)


class Weather(Part):
    """Wind, air and light out of doors. Nothing said: still air of the ICAO's standard atmosphere."""

    wind: Wind | None = Field(None, description="wind; none if left out")
    temperature_c: float = Field(15.0, ge=-40, le=50, allow_inf_nan=False, description="of the air, in °C")
    pressure_hpa: float = Field(
        1013.25,
        ge=500,
        le=1100,
        allow_inf_nan=False,
        description="of the air, where the scenario is (not at sea level)",
    )
    humidity: Share = Field(0.0, description="of the air: 0 dry, 1 as moist as it can be")
    fog_m: float | None = Field(
        None,
        ge=5,
        le=5000,
        allow_inf_nan=False,
        description="how far one sees in fog out of doors, in metres: a thing farther off is lost; none if left out",
    )
    daylight: _Daylight | None = Field(
        None,
        description="light under the open sky: day, dusk, night, or lux; if left out, an evening's 85 lux, and rooms "
        "without lamps are taken to be evenly lit",
    )
    sun: SunPlace | None = Field(
        None,
        description="where the sun stands in the pictures (the moon by night), if `daylight` is said; if left out, as "
        "the room's file says, or by the light: in the south-west, low at dusk; the moon in the south-east",
    )

    @property
    def lux(self) -> float | None:
        """Light (lux) under the open sky; None if it is not said."""
        return DAYLIGHT_LUX[self.daylight] if isinstance(self.daylight, str) else self.daylight
