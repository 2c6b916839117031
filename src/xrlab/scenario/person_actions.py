"""What role players can do, as a document says it: one key that names the action."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Tag

from xrlab.scenario.actions import Close, Coordinate, Open, Place, Sec, Simple, Speed, _Step, one_key


class WalkTo(_Step):
    """Walk along the floor's shortest way; opens doors it may open."""

    walk_to: Place
    speed: Speed = Field(1.4, description="m/s; 1.4 is a brisk walk")


class RunTo(_Step):
    """Run along the floor's shortest way."""

    run_to: Place
    speed: Speed = Field(3.5, description="m/s")


class Look(_Step):
    """Turn towards a person, a place or a direction."""

    look_at: str | tuple[Coordinate, Coordinate]


class AimAt(_Step):
    """Point the weapon in hand at a person, and keep pointing."""

    aim_at: str


class FireAt(_Step):
    """Fire at a person until the state ends, or some times."""

    fire_at: str = Field(description="a person, a team, trainee, or nearest_trainee")
    every_s: float = Field(1.2, gt=0.05, le=600, description="seconds between two shots")
    times: int | None = Field(None, ge=1, le=1000, description="how often; without end if left out")
    hit_chance: float = Field(0.3, ge=0, le=1, description="how often a shot is aimed well")


class Hold(_Step):
    """Take something in the hand."""

    hold: str


class Say(_Step):
    """Speak: shown as a subtitle in the trainee's language."""

    say: dict[str, str] | str


class Wait(_Step):
    """Wait some seconds."""

    wait_s: Sec


class Drop(Simple):
    """Let fall what is in the hand."""

    drop: bool = True


class RaiseHands(Simple):
    """Raise both hands."""

    raise_hands: bool = True


class Kneel(Simple):
    """Kneel with the hands on the head."""

    kneel: bool = True


class Crouch(Simple):
    """Crouch."""

    crouch: bool = True


class Stand(Simple):
    """Stand up."""

    stand: bool = True


class LieDown(Simple):
    """Lie down."""

    lie_down: bool = True


class HideHands(Simple):
    """Put both hands behind the back."""

    hide_hands: bool = True


_PERSON = (WalkTo, RunTo, Look, AimAt, FireAt, Hold, Say, Open, Close, Wait, Drop, RaiseHands, Kneel, Crouch, Stand,
           LieDown, HideHands)  # fmt: skip
_CHECK, _TELL, _ALSO = one_key(*_PERSON)

Action = Annotated[
    Annotated[WalkTo, Tag("walk_to")]
    | Annotated[RunTo, Tag("run_to")]
    | Annotated[Look, Tag("look_at")]
    | Annotated[AimAt, Tag("aim_at")]
    | Annotated[FireAt, Tag("fire_at")]
    | Annotated[Hold, Tag("hold")]
    | Annotated[Say, Tag("say")]
    | Annotated[Open, Tag("open")]
    | Annotated[Close, Tag("close")]
    | Annotated[Wait, Tag("wait_s")]
    | Annotated[Drop, Tag("drop")]
    | Annotated[RaiseHands, Tag("raise_hands")]
    | Annotated[Kneel, Tag("kneel")]
    | Annotated[Crouch, Tag("crouch")]
    | Annotated[Stand, Tag("stand")]
    | Annotated[LieDown, Tag("lie_down")]
    | Annotated[HideHands, Tag("hide_hands")],
    _TELL,
    _CHECK,
    _ALSO,
]
"""What a role player does."""
