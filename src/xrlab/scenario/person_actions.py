"""What role players can do, as a document says it: one key that names the action.

Whom an action means is a person, a team or a role by name, of which the nearest is taken, or `danger`: whoever this
person has to fear (for those who are no threat, role players who are a danger now; else the trainees).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, Tag, model_validator

from xrlab.document import Loc
from xrlab.scenario.actions import (
    Close,
    Coordinate,
    Names,
    Open,
    Place,
    Range,
    Sec,
    Simple,
    Speed,
    Voice,
    Who,
    _Step,
    one_key,
)

ItemName = Annotated[str, Names("item")]
Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Metre = Annotated[float, Field(ge=0, le=200, allow_inf_nan=False)]


Spot = Annotated[str, Names("spot", ("noise", "nearest_trainee", "danger"))] | tuple[Coordinate, Coordinate]


class WalkTo(_Step):
    """Walk along the floor's shortest way; opens doors it may open. Who stands there already is not run into."""

    walk_to: Place
    speed_mps: Speed = Field(1.4, description="metres a second; 1.4 is a brisk walk")


class RunTo(_Step):
    """Run along the floor's shortest way."""

    run_to: Place
    speed_mps: Speed = Field(3.5, description="metres a second")


class Patrol(_Step):
    """Walk from place to place, pause at each, and begin again."""

    patrol: list[Place] = Field(min_length=2, max_length=50, description="list of places, walked in turn")
    pause_s: Range = Field((2.0, 2.0), description="how long one stands at each, a number or [least, most]")
    speed_mps: Speed = Field(1.2, description="metres a second")
    times: int | None = Field(None, ge=1, le=1000, description="rounds; without end if left out")


class Flee(_Step):
    """Run to where one is out of their sight and far away, or to the best of the exits given."""

    flee: Who = Field("danger", description="from whom; `danger` by itself")
    to: list[Place] | None = Field(None, min_length=1, max_length=50, description="exits; any far place if left out")
    speed_mps: Speed = Field(3.5, description="metres a second")


class TakeCover(_Step):
    """Run to the nearest place that they can't see, and crouch there."""

    take_cover: Who = Field("danger", description="from whom; `danger` by itself")
    within_m: Metre = Field(15.0, description="how far away a place may be")
    crouch: bool = Field(True, description="whether one crouches there")
    speed_mps: Speed = Field(3.0, description="metres a second")


class Follow(_Step):
    """Go after someone and keep a distance, until the state ends or for a time."""

    follow: Who
    distance_m: float = Field(1.5, ge=0.6, le=50, description="how far behind one stays")
    for_s: float | None = Field(None, gt=0, le=3600, description="for how long; until the state ends if left out")
    speed_mps: Speed = Field(1.6, description="metres a second")


class Gather(_Step):
    """Walk to a place where others gather too: each finds a spot of their own around it, and looks to its middle."""

    gather: Place
    radius_m: float = Field(2.5, ge=0.5, le=20, description="how far from the middle one may stand")
    speed_mps: Speed = Field(1.4, description="metres a second")


class Join(_Step):
    """Walk to someone and stand with them and with whoever stands there, looking at them."""

    join: Who
    distance_m: float = Field(1.2, ge=0.6, le=10, description="how near one comes")
    speed_mps: Speed = Field(1.4, description="metres a second")


class Look(_Step):
    """Turn towards a person, a place, or `noise`: where the last sound came from that one heard."""

    look_at: Spot


class Turn(_Step):
    """Turn on the spot: to the left, or to the right with a minus."""

    turn_deg: Degrees


class Draw(_Step):
    """Take in the hand what is carried on the body, which takes a moment."""

    draw: ItemName
    draw_s: Range = Field((0.6, 1.2), description="how long it takes, a number or [least, most]")


class AimAt(_Step):
    """Point the weapon in hand at a person, and keep pointing."""

    aim_at: Who


class FireAt(_Step):
    """Fire at a person until the state ends, or some times."""

    fire_at: Who
    every_s: float = Field(1.2, gt=0.05, le=600, description="seconds between two shots")
    times: int | None = Field(None, ge=1, le=1000, description="how often; without end if left out")
    reaction_s: Range = Field((0.0, 0.0), description="from seeing someone to the first shot, or [least, most]")
    hit_chance: float = Field(0.3, ge=0, le=1, description="how often a shot is aimed well")
    spread_mrad: float | None = Field(
        None, gt=0, le=200, description="instead of hit_chance: standard deviation of the aim in each direction"
    )

    @model_validator(mode="after")
    def _one_way_to_miss(self) -> FireAt:
        if self.spread_mrad is not None and "hit_chance" in self.model_fields_set:
            raise ValueError("hit_chance and spread_mrad say the same thing twice; give one of them")
        return self


class Strike(_Step):
    """Run to a person and strike them with what is in the hand, such as a knife, until the state ends or some times."""

    strike: Who
    reach_m: float = Field(1.0, ge=0.5, le=3, description="how near one must be")
    every_s: float = Field(1.0, gt=0.05, le=600, description="seconds between two blows")
    times: int | None = Field(None, ge=1, le=1000, description="how often; without end if left out")
    hit_chance: float = Field(0.7, ge=0, le=1, description="how often a blow lands")
    speed_mps: Speed = Field(4.0, description="metres a second")


class Attack(_Step):
    """Attack with what is at hand: draws a hidden weapon if none is held, then fires, or runs up and strikes."""

    attack: Who = Field("nearest_trainee", description="whom; `nearest_trainee` by itself")
    reaction_s: Range = Field((0.0, 0.0), description="from seeing someone to the first shot, or [least, most]")
    every_s: float = Field(1.2, gt=0.05, le=600, description="seconds between two shots or blows")
    hit_chance: float = Field(0.3, ge=0, le=1, description="how often a shot or blow is aimed well")


class Hold(_Step):
    """Take something in the hand, at once and wherever it comes from."""

    hold: ItemName


class PickUp(_Step):
    """Walk to the nearest such thing that lies on the floor and take it in the hand."""

    pick_up: ItemName
    within_m: Metre = Field(5.0, description="how far away it may lie; else nothing is done")


class Say(_Step):
    """Speak: shown as a subtitle in the trainee's language, and heard by those near enough."""

    say: dict[str, str] | str
    voice: Voice = Field("called", description="how loud")


class Torch(_Step):
    """Switch a torch, held or on the weapon, on or off."""

    torch: Literal["on", "off"]


class Wait(_Step):
    """Wait some seconds."""

    wait_s: Sec


class WaitFor(_Step):
    """Wait for a condition to hold, and go on then."""

    when: Annotated[str, Names("condition")]
    timeout_s: Sec = Field(3600.0, description="go on after this time at the latest")


class Repeat(_Step):
    """Do actions again and again."""

    repeat: Annotated[int, Field(ge=1, le=1000)] | Literal["forever"] = Field(
        description="how often, or `forever`: until the state ends"
    )
    do: list[Action] = Field(min_length=1, max_length=200, description="actions, one after the other")


class Drop(Simple):
    """Let fall what is in the hand; it lies there from then on."""

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


class Sit(Simple):
    """Sit down, as on a chair."""

    sit: bool = True


class Stand(Simple):
    """Stand up."""

    stand: bool = True


class LieDown(Simple):
    """Lie down."""

    lie_down: bool = True


class Fall(Simple):
    """Fall to the ground and let go of what is in the hand."""

    fall: bool = True


class HideHands(Simple):
    """Put both hands behind the back."""

    hide_hands: bool = True


class ShieldFace(Simple):
    """Hold both hands before the face."""

    shield_face: bool = True


_CHECK, _TELL, _ALSO = one_key(
    WalkTo, RunTo, Patrol, Flee, TakeCover, Follow, Gather, Join, Look, Turn, Draw, AimAt, FireAt, Strike, Attack, Hold,
    PickUp, Say, Torch, Open, Close, Wait, WaitFor, Repeat, Drop, RaiseHands, Kneel, Crouch, Sit, Stand, LieDown, Fall,
    HideHands, ShieldFace,
    alone={"flee": "danger", "take_cover": "danger", "attack": "nearest_trainee"},
)  # fmt: skip

Action = Annotated[
    Annotated[WalkTo, Tag("walk_to")]
    | Annotated[RunTo, Tag("run_to")]
    | Annotated[Patrol, Tag("patrol")]
    | Annotated[Flee, Tag("flee")]
    | Annotated[TakeCover, Tag("take_cover")]
    | Annotated[Follow, Tag("follow")]
    | Annotated[Gather, Tag("gather")]
    | Annotated[Join, Tag("join")]
    | Annotated[Look, Tag("look_at")]
    | Annotated[Turn, Tag("turn_deg")]
    | Annotated[Draw, Tag("draw")]
    | Annotated[AimAt, Tag("aim_at")]
    | Annotated[FireAt, Tag("fire_at")]
    | Annotated[Strike, Tag("strike")]
    | Annotated[Attack, Tag("attack")]
    | Annotated[Hold, Tag("hold")]
    | Annotated[PickUp, Tag("pick_up")]
    | Annotated[Say, Tag("say")]
    | Annotated[Torch, Tag("torch")]
    | Annotated[Open, Tag("open")]
    | Annotated[Close, Tag("close")]
    | Annotated[Wait, Tag("wait_s")]
    | Annotated[WaitFor, Tag("when")]
    | Annotated[Repeat, Tag("repeat")]
    | Annotated[Drop, Tag("drop")]
    | Annotated[RaiseHands, Tag("raise_hands")]
    | Annotated[Kneel, Tag("kneel")]
    | Annotated[Crouch, Tag("crouch")]
    | Annotated[Sit, Tag("sit")]
    | Annotated[Stand, Tag("stand")]
    | Annotated[LieDown, Tag("lie_down")]
    | Annotated[Fall, Tag("fall")]
    | Annotated[HideHands, Tag("hide_hands")]
    | Annotated[ShieldFace, Tag("shield_face")],
    _TELL,
    _CHECK,
    _ALSO,
]
"""What a role player does."""

Repeat.model_rebuild()

AT_ONCE = (Hold, Say, Torch, Simple, Repeat)
"""Actions that take no time of their own."""


def each(do: Iterable[Action], loc: Loc = ()) -> Iterator[tuple[Action, Loc]]:
    """All actions of a list and of the lists within it, in order, each with its place in the document."""
    for index, step in enumerate(do):
        here = (*loc, index)
        yield step, here
        if isinstance(step, Repeat):
            yield from each(step.do, (*here, "do"))
