"""The trainee script as a document: what each scripted trainee does, step by step, and reacts to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, Tag

from xrlab.document import Also, parse, validate
from xrlab.errors import meant
from xrlab.scenario.actions import Place, Simple, _Step, one_key
from xrlab.scenario.model import Item, Name, Part, Seconds, Text
from xrlab.trainee.skill import Skill, SkillOrName

Command = Literal["drop_weapon", "stop", "hands_up", "get_down"]


class Go(_Step):
    """Walk to a place; opens doors on the way that this trainee may open."""

    go: Place
    speed_mps: float = Field(1.2, gt=0, le=8, description="metres a second")


class LookAt(_Step):
    """Turn to a place or a person."""

    look_at: Place


class Sweep(_Step):
    """Look round by this angle, left and right, and come back."""

    sweep_deg: float = Field(gt=0, le=360)


class OpenDoor(_Step):
    """Open a door within reach."""

    open: str


class CloseDoor(_Step):
    """Close a door within reach."""

    close: str


class When(_Step):
    """Wait for a condition."""

    when: str
    timeout_s: Seconds = Field(60.0, description="go on after this time in any case")


class WaitFor(_Step):
    """Wait some seconds."""

    wait_s: Seconds


class At(_Step):
    """Wait until a time of the run, in seconds from its start; one that is past is not waited for."""

    at_s: Seconds


class Say(_Step):
    """Speak: shown as a subtitle in the trainee's language."""

    say: Text


class Hold(_Step):
    """Take something else in the hand, or nothing; the weapon comes back to hand with the next shot."""

    hold: Item


class Torch(_Step):
    """Switch one's torch, held or on the weapon, on or off."""

    torch: Literal["on", "off"]


class Kneel(Simple):
    """Go down on one knee; shots are fired from there until `stand`, or until the trainee walks."""

    kneel: bool = True


class Stand(Simple):
    """Stand up again."""

    stand: bool = True


class Aim(_Step):
    """Bring the weapon up and point it; at a person in view it follows them for `for_s`."""

    aim: Place = Field(description='a place, a person, a target or a role; "danger" for the nearest danger in view')
    for_s: Seconds = Field(0.0, description="how long to keep it there")


class Lower(Simple):
    """Lower the weapon."""

    lower: bool = True


class Cover(_Step):
    """Run to the nearest place that a person cannot see, kneel there, and face them; or run to a place and kneel."""

    cover: Place = Field(description='a place, or from whom: a person or role; "danger" for the nearest danger in view')
    speed_mps: float = Field(3.0, gt=0, le=8, description="metres a second")


class Follow(_Step):
    """Walk behind another trainee until a condition holds, or that trainee has nothing more to do."""

    follow: str = Field(description="name of a trainee")
    spacing_m: float = Field(1.5, ge=0.5, le=20, description="how far behind")
    until: str | None = Field(None, description="condition that ends it")
    timeout_s: Seconds = Field(120.0, description="go on after this time in any case")
    speed_mps: float = Field(1.6, gt=0, le=8, description="metres a second")


class Search(_Step):
    """Walk through zones that must be cleared, nearest first, and look round in each until it is cleared.

    Trainees who search share the work: nobody takes a zone that another is in. Zones behind doors that a trainee may
    not open are left to the others.
    """

    search: Literal["all"] | list[Name] = Field(description='zones, or "all": those that the scenario wants cleared')
    speed_mps: float = Field(1.2, gt=0, le=8, description="metres a second")


class Strings(Simple):
    """Shoot what the strings of fire ask for: at each showing its share of the rounds, at targets that may be hit."""

    strings: bool = True


class Challenge(_Step):
    """Call out a command: drop_weapon ("Politie! Laat vallen!"), stop, hands_up or get_down."""

    challenge: Command


class Shoot(_Step):
    """Shoot at a person or target; "danger" is the nearest danger in view, "exposed" the nearest exposed target.

    At a person who is a danger it stops as soon as they are none any more.
    """

    shoot: str = Field(description='a person, target, team or role; "danger" or "exposed" for the nearest such')
    at: str = Field(
        "torso", description="hit zone of a person, or scoring zone of a target (its middle if it has none)"
    )
    times: int = Field(2, ge=1, le=200, description="how many shots at most")
    every_s: float | None = Field(None, gt=0, le=60, description="time between two shots; else the skill's split_s")
    check_line: bool = Field(True, description="hold fire while someone else stands in the line")
    until_stopped: bool = Field(True, description="stop when the person is no danger any more")


class Use(_Step):
    """Use a less-lethal means on somebody: take it in the hand, go near enough, and use it with a free line.

    It ends when the means has taken effect, when the person is no danger any more, or after so many uses.
    """

    use: str = Field(description="conducted_energy, spray, baton, or one of the library's means by name")
    on: str = Field(description='a person, team or role; "danger" for the nearest danger in view')
    at: str = Field("torso", description="hit zone to aim at; a spray is always aimed at the face")
    times: int = Field(1, ge=1, le=20, description="how often at most")
    within_m: float | None = Field(
        None, gt=0, le=20, description="go up to this distance first; if left out, to where the means reaches well"
    )


class Reload(Simple):
    """Change the magazine."""

    reload: bool = True


class SwitchWeapon(Simple):
    """Take the next weapon in hand."""

    switch: bool = True


class Cue(_Step):
    """The instructor's hand: set off an inject."""

    cue: str


class Repeat(_Step):
    """Do steps some times over."""

    repeat: int = Field(ge=1, le=1000, description="how many times")
    do: list[Step] = Field(max_length=200, description="the steps")


class If(BaseModel):
    """Do steps if a condition holds, others if not."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    if_: str = Field(alias="if", description="condition, seen by this trainee")
    do: list[Step] = Field(max_length=200, description="steps where it holds")
    otherwise: list[Step] = Field(default_factory=list, alias="else", max_length=200, description="steps where not")


_CHECK, _TELL, _ALSO = one_key(
    Go, LookAt, Sweep, OpenDoor, CloseDoor, When, WaitFor, At, Challenge, Say, Aim, Lower, Shoot, Use, Reload,
    SwitchWeapon, Hold, Torch, Kneel, Stand, Cover, Follow, Search, Strings, Cue, Repeat, If,
    alone={"challenge": "drop_weapon"},
)  # fmt: skip

Step = Annotated[
    Annotated[Go, Tag("go")]
    | Annotated[LookAt, Tag("look_at")]
    | Annotated[Sweep, Tag("sweep_deg")]
    | Annotated[OpenDoor, Tag("open")]
    | Annotated[CloseDoor, Tag("close")]
    | Annotated[When, Tag("when")]
    | Annotated[WaitFor, Tag("wait_s")]
    | Annotated[At, Tag("at_s")]
    | Annotated[Challenge, Tag("challenge")]
    | Annotated[Say, Tag("say")]
    | Annotated[Aim, Tag("aim")]
    | Annotated[Lower, Tag("lower")]
    | Annotated[Shoot, Tag("shoot")]
    | Annotated[Use, Tag("use")]
    | Annotated[Reload, Tag("reload")]
    | Annotated[SwitchWeapon, Tag("switch")]
    | Annotated[Hold, Tag("hold")]
    | Annotated[Torch, Tag("torch")]
    | Annotated[Kneel, Tag("kneel")]
    | Annotated[Stand, Tag("stand")]
    | Annotated[Cover, Tag("cover")]
    | Annotated[Follow, Tag("follow")]
    | Annotated[Search, Tag("search")]
    | Annotated[Strings, Tag("strings")]
    | Annotated[Cue, Tag("cue")]
    | Annotated[Repeat, Tag("repeat")]
    | Annotated[If, Tag("if")],
    _TELL,
    _CHECK,
    _ALSO,
]
"""One step of a script."""


class Reaction(Part):
    """What a trainee does whenever a condition holds, in the midst of the plan."""

    when: str = Field(description="condition, seen by this trainee")
    do: list[Step] = Field(min_length=1, max_length=200, description="steps; then the plan goes on")


ReactionName = Literal["careful", "quick", "talks", "shoots_all", "passive"]


class Readymade(Part):
    """Reactions that a script names instead of writing them. everyone: takes everybody who stands for a danger."""

    about: str
    everyone: bool = False
    rules: list[Reaction] = Field(default_factory=list)


class _Readymades(RootModel[dict[str, Readymade]]):
    pass


@lru_cache(maxsize=1)
def readymades() -> Mapping[str, Readymade]:
    """The ready-made reactions by name, from `reactions.yaml`."""
    text = (files(__package__) / "reactions.yaml").read_text(encoding="utf-8")
    return validate(parse(text, "reactions.yaml"), _Readymades).root


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


def _reaction(value: Any) -> Any:
    names = get_args(ReactionName)
    if isinstance(value, str) and value not in names:
        raise ValueError(f"no reaction is called '{value}'{meant(value, names)}")
    return value


class Plan(Part):
    """One scripted trainee."""

    as_: Name | None = Field(
        None, alias="as", description="another plan of this file, which holds but for what stands here"
    )
    skill: SkillOrName = Field(
        default_factory=lambda: Skill(), description="how fast and how well: a model's name, or numbers"
    )
    react: Annotated[
        list[Annotated[ReactionName | Reaction, BeforeValidator(_reaction)]],
        BeforeValidator(_one_or_many),
        Also({"enum": list(get_args(ReactionName))}),
    ] = Field(default_factory=list, max_length=50, description="what breaks into the plan; first rule first")
    do: list[Step] = Field(default_factory=list, max_length=500, description="the plan")

    @property
    def rules(self) -> list[Reaction]:
        """All rules, those of the ready-made reactions in their places."""
        out: list[Reaction] = []
        for entry in self.react:
            out += readymades()[entry].rules if isinstance(entry, str) else [entry]
        return out

    @property
    def everyone(self) -> bool:
        """Whether this trainee takes everybody who stands for a danger."""
        return any(isinstance(entry, str) and readymades()[entry].everyone for entry in self.react)


class TraineeScript(Part):
    """Scripted trainees for headless runs and tests."""

    xrlab: Literal[1] = Field(description="version of the format")
    trainees: dict[Name, Plan] = Field(
        min_length=1,
        max_length=64,
        description="plans by trainee, by team, or `all` for everyone without a plan of their own; others stand still",
    )


for _model in (Repeat, If, Reaction, Readymade, Plan, TraineeScript):
    _model.model_rebuild()
