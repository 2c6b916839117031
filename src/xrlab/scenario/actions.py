"""What the director can do, as a document says it, and what all actions have in common: one key names the action.

`- drop` or `- {drop: true}` for an action that needs nothing, `- {walk_to: kitchen}` or
`- {fire_at: nearest_trainee, every_s: 1.2}` for one that does. Those of role players stand in `person_actions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from xrlab.document import Also
from xrlab.errors import meant, nearest

Coordinate = Annotated[float, Field(ge=-10_000, le=10_000, allow_inf_nan=False)]


def _place(value: Any) -> Any:
    if isinstance(value, str) and 0 < len(value) <= 48:
        return value
    pair = isinstance(value, list | tuple) and len(value) == 2
    if pair and all(isinstance(n, int | float) and not isinstance(n, bool) and abs(n) <= 10_000 for n in value):
        return (float(value[0]), float(value[1]))
    shown = repr(value) if len(repr(value)) < 40 else type(value).__name__
    raise ValueError(f"{shown} is no place; write a zone, a named point, or [x, y] in metres")


Place = Annotated[str | tuple[Coordinate, Coordinate], BeforeValidator(_place)]
"""A zone or a named point of the room, or [x, y] in metres."""


def _one_or_two(value: Any) -> Any:
    return (value, value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _ordered(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError(f"the range [{value[0]:g}, {value[1]:g}] runs backwards; write the smaller number first")
    return value


Seconds = Annotated[float, Field(ge=0, le=7200, allow_inf_nan=False)]
Range = Annotated[
    tuple[Seconds, Seconds],
    BeforeValidator(_one_or_two),
    AfterValidator(_ordered),
    Also({"type": "number", "minimum": 0, "maximum": 7200}),
]
"""A number of seconds, or [least, most] from which the seed draws."""

Sec = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Speed = Annotated[float, Field(gt=0, le=12, allow_inf_nan=False)]


@dataclass(frozen=True)
class Names:
    """Stands in a key's type: what its text names, so that checks need not know each action.

    kind: "who", "place", "spot" (a place, or who), "door", "item" or "condition". also: words that stand for something
    beside those names.
    """

    kind: str
    also: tuple[str, ...] = ()


Who = Annotated[str, Names("who", ("nearest_trainee", "danger"))]
"""Whom an action means: of several the nearest. `danger` is whoever this person has to fear."""

Voice = Literal["whispered", "said", "called", "shouted"]
"""How loud somebody speaks, or gives a command."""

DoorName = Annotated[str, Names("door")]


def checked_text(value: dict[Any, str]) -> dict[Any, str]:
    """A text by language; refuses one that is empty."""
    if not value:
        raise ValueError("a text is needed in at least one of nl, fr, de, en")
    return value


Spoken = Annotated[
    dict[Literal["nl", "fr", "de", "en"], str],
    BeforeValidator(lambda value: dict.fromkeys(("nl", "fr", "de", "en"), value) if isinstance(value, str) else value),
    AfterValidator(checked_text),
    Also({"type": "string", "description": "one text for all languages"}),
]
"""What is said, in some of the four languages, or one text for all."""


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Open(_Step):
    """Open a door."""

    open: DoorName


class Close(_Step):
    """Close a door."""

    close: DoorName


class Simple(_Step):
    """Something that needs nothing further; the key's name says what."""


class SetState(_Step):
    """Put role players into a state."""

    set_state: dict[str, str]


class Lights(_Step):
    """Switch lamps: on, off, to a level 0..1, or let them flicker in a pattern that the seed draws."""

    lights: Annotated[str | float, Field(description="on, off, flicker or 0..1")]
    group: str = Field("all", description="group of lamps, or all")
    over_s: Sec = Field(0.0, description="how long they take, evenly")
    for_s: float | None = Field(None, gt=0, le=3600, description="then as they were; until changed if left out")


class Show(_Step):
    """Expose targets."""

    show: list[str]
    for_s: float | None = Field(None, gt=0, le=3600, description="for how long; until hidden if left out")


class Hide(_Step):
    """Turn targets away."""

    hide: list[str]


class Move(_Step):
    """Set targets on rails in motion."""

    move: list[str]


class Stop(_Step):
    """Stop targets on their rails."""

    stop: list[str]


class Sound(_Step):
    """Let a sound be heard, from a place, with a person, or from all around."""

    sound: str = Field(
        max_length=200, description="one of the library's sounds, or a sound file of the scenario's own folder"
    )
    at: Place | None = Field(None, description="a place, or a person that it goes with; if left out, all around")
    level_db: float | None = Field(None, ge=20, le=170, description="how loud at 1 m; if left out, as the library says")
    for_s: float | None = Field(None, gt=0, le=3600, description="how long; once if left out")
    loop: bool = Field(False, description="goes on until stop_sound")


class StopSound(_Step):
    """End a sound, or all."""

    stop_sound: str = Field(description="as it was named, or all")


class Phone(_Step):
    """A phone rings, at a place or with a person."""

    phone: Place
    for_s: float = Field(15.0, gt=0, le=3600, description="how long")


class Radio(_Step):
    """A message by radio, heard by trainees alone."""

    radio: Spoken
    to: str = Field("trainee", description="a team, a trainee, or trainee for all")


class Announce(_Step):
    """A text that every trainee hears and reads, as from a loudspeaker."""

    announce: Spoken


class Smoke(_Step):
    """Smoke fills a zone, or clears from it."""

    smoke: str = Field(description="zone")
    density: float = Field(0.8, ge=0, le=1, description="0 clear, 1 so dense that one sees some 2 m")
    over_s: Sec = Field(10.0, description="how long it takes")


class Appear(_Step):
    """Role players who were said to appear later come in."""

    appear: list[str] = Field(min_length=1)
    at: Place | None = Field(None, description="where; if left out, where the person is said to stand")


class CallInject(_Step):
    """Do what an inject does, as if its button had been pressed."""

    inject: str


class Dose(_Step):
    """How much of a stress cue, and where."""

    level: int = Field(ge=0, le=3, description="0 none, 1 a little, 2 much, 3 as much as there is")
    at: Place | None = Field(None, description="a place, or a person that it goes with; if left out, all around")


Dosed = Annotated[
    Dose,
    BeforeValidator(lambda value: {"level": value} if isinstance(value, int | str) else value),
    Also({"type": "integer", "minimum": 0, "maximum": 3}),
]
"""A level 0 to 3, or one with a place."""


class Stress(_Step):
    """Dose stress cues of the library, each 0 to 3."""

    stress: dict[str, Dosed] = Field(min_length=1, description="level by cue; or {level, at}")


class Malfunction(_Step):
    """Let the next round of somebody's weapon fail to fire; they have to clear it."""

    malfunction: str = Field(description="a trainee, a team, or trainee for all")


class Pause(_Step):
    """Let some seconds pass before the actions that follow."""

    wait_s: Sec


class End(_Step):
    """End the run, with a reason for the debrief."""

    end: str = "ended"


_DIRECTOR = (SetState, Lights, Show, Hide, Move, Stop, Open, Close, Sound, StopSound, Phone, Radio, Announce, Smoke,
             Appear, CallInject, Stress, Malfunction, Pause, End)  # fmt: skip


def _key(model: type[BaseModel]) -> str:
    name, field = next(iter(model.model_fields.items()))
    return field.alias or name


def one_key(
    *models: type[BaseModel], alone: Mapping[str, Any] | None = None
) -> tuple[BeforeValidator, Discriminator, Also]:
    """How pydantic tells these actions apart: by the key that names one of them.

    alone: what an action means whose name stands by itself although it could say more.
    """
    known = {_key(m): m for m in models}
    by_itself = {k: True for k, m in known.items() if issubclass(m, Simple)} | dict(alone or {})
    own = {k: {f.alias or n for n, f in m.model_fields.items()} - {k} for k, m in known.items()}

    def names(keys: Iterable[str]) -> list[str]:
        """The keys that name an action, without those that say more of another: crouch beside take_cover."""
        found = [k for k in keys if k in known]
        return [k for k in found if not any(k in own[other] for other in found if other != k)]

    def widen(value: Any) -> Any:
        if isinstance(value, BaseModel):
            return value
        if isinstance(value, str):
            if value in by_itself:
                return {value: by_itself[value]}
            if value in known:
                raise ValueError(f"'{value}' needs more: write '{value}: …'")
            raise ValueError(f"unknown action '{value}'{meant(value, known)}")
        if not isinstance(value, dict):
            raise ValueError("an action is a word or a mapping such as {walk_to: kitchen}")
        named = names(value)
        if len(named) != 1:
            given = ", ".join(map(str, value)) or "nothing"
            if named:
                raise ValueError(f"one action at a time: {' and '.join(named)} stand in one entry")
            hint = nearest(str(next(iter(value), "")), known)
            raise ValueError(f"no known action among: {given}; {hint}")
        return value

    def tell(value: Any) -> str | None:
        return next(iter(names(value if isinstance(value, dict) else [_key(type(value))])), None)

    return BeforeValidator(widen), Discriminator(tell), Also({"enum": list(by_itself)})


_DIRECTOR_CHECK, _DIRECTOR_TELL, _DIRECTOR_ALSO = one_key(*_DIRECTOR)

DirectorAction = Annotated[
    Annotated[SetState, Tag("set_state")]
    | Annotated[Lights, Tag("lights")]
    | Annotated[Show, Tag("show")]
    | Annotated[Hide, Tag("hide")]
    | Annotated[Move, Tag("move")]
    | Annotated[Stop, Tag("stop")]
    | Annotated[Open, Tag("open")]
    | Annotated[Close, Tag("close")]
    | Annotated[Sound, Tag("sound")]
    | Annotated[StopSound, Tag("stop_sound")]
    | Annotated[Phone, Tag("phone")]
    | Annotated[Radio, Tag("radio")]
    | Annotated[Announce, Tag("announce")]
    | Annotated[Smoke, Tag("smoke")]
    | Annotated[Appear, Tag("appear")]
    | Annotated[CallInject, Tag("inject")]
    | Annotated[Stress, Tag("stress")]
    | Annotated[Malfunction, Tag("malfunction")]
    | Annotated[Pause, Tag("wait_s")]
    | Annotated[End, Tag("end")],
    _DIRECTOR_TELL,
    _DIRECTOR_CHECK,
    _DIRECTOR_ALSO,
]
"""What an event or an inject does."""
