"""The trainee script as a document: what each scripted trainee does, step by step, and reacts to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Tag

from xrlab.document import Document, Loc
from xrlab.errors import InputError, Problem, meant
from xrlab.room import Room
from xrlab.scenario.actions import Place, Simple, _Step, one_key
from xrlab.scenario.check import Checker
from xrlab.scenario.conditions import COMMANDS
from xrlab.scenario.model import Name, Part, Scenario, Seconds
from xrlab.sim.deeds import AIM_AT

Command = Literal["drop_weapon", "stop", "hands_up", "get_down"]


class Go(_Step):
    """Walk to a place; opens doors on the way that this trainee may open."""

    go: Place
    speed: float = Field(1.2, gt=0, le=8, description="m/s")


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
    Go, LookAt, Sweep, OpenDoor, CloseDoor, When, WaitFor, Challenge, Shoot, Reload, SwitchWeapon, Cue, Repeat, If,
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
    | Annotated[Challenge, Tag("challenge")]
    | Annotated[Shoot, Tag("shoot")]
    | Annotated[Reload, Tag("reload")]
    | Annotated[SwitchWeapon, Tag("switch")]
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


class Skill(Part):
    """How fast and how well a scripted trainee acts."""

    reaction_s: float = Field(0.5, ge=0, le=10, description="from what is seen to the first shot, on average")
    spread_mrad: float = Field(3.0, ge=0, le=200, description="standard deviation of the aim, in each direction")
    split_s: float = Field(0.35, gt=0, le=10, description="time between two shots")


class Plan(Part):
    """One scripted trainee."""

    skill: Skill = Field(default_factory=lambda: Skill(), description="how fast and how well")
    react: list[Reaction] = Field(default_factory=list, max_length=50, description="first rule first")
    do: list[Step] = Field(default_factory=list, max_length=500, description="the plan")


class TraineeScript(Part):
    """Scripted trainees for headless runs and tests."""

    xrlab: Literal[1] = Field(description="version of the format")
    trainees: dict[Name, Plan] = Field(min_length=1, max_length=64, description="plans by trainee; others stand still")


for _model in (Repeat, If, Reaction, Plan, TraineeScript):
    _model.model_rebuild()


def check_script(document: Document, script: TraineeScript, scenario: Scenario, room: Room) -> None:
    """Raises `InputError` with every name in the script that the scenario or its room doesn't have."""
    checker = Checker(document, scenario, room)
    for who, plan in script.trainees.items():
        loc: Loc = ("trainees", who)
        if who not in scenario.trainees:
            checker.problems.append(
                document.problem(
                    loc, f"the scenario has no trainee '{who}'{meant(who, scenario.trainees)}", at_key=True
                )
            )
        for index, rule in enumerate(plan.react):
            checker.condition(rule.when, (*loc, "react", index, "when"), "live")
            _steps(checker, rule.do, (*loc, "react", index, "do"))
        _steps(checker, plan.do, (*loc, "do"))
    if checker.problems:
        problems: list[Problem] = sorted(set(checker.problems), key=lambda p: (p.line, p.column))
        raise InputError(problems)


def _steps(c: Checker, steps: list[Step], loc: Loc) -> None:
    for index, step in enumerate(steps):
        here = (*loc, index)
        if isinstance(step, Go):
            c.place(step.go, (*here, "go"))
        elif isinstance(step, LookAt):
            if step.look_at not in c.known["who"]:
                c.place(step.look_at, (*here, "look_at"))
        elif isinstance(step, OpenDoor | CloseDoor):
            c.name("door", step.open if isinstance(step, OpenDoor) else step.close, here)
        elif isinstance(step, When):
            c.condition(step.when, (*here, "when"), "live")
        elif isinstance(step, If):
            c.condition(step.if_, (*here, "if"), "live")
            _steps(c, step.do, (*here, "do"))
            _steps(c, step.otherwise, (*here, "else"))
        elif isinstance(step, Repeat):
            _steps(c, step.do, (*here, "do"))
        elif isinstance(step, Cue):
            c.name("inject", step.cue, (*here, "cue"))
        elif isinstance(step, Shoot):
            if step.shoot not in ("danger", "exposed"):
                c.name("who", step.shoot, (*here, "shoot"))
            c_zones = (*AIM_AT, *c.known["hit_zone"])
            if step.at not in c_zones:
                c.say((*here, "at"), f"no hit zone is called '{step.at}'{meant(step.at, c_zones)}")


__all__ = ["COMMANDS", "Plan", "Skill", "Step", "TraineeScript", "check_script"]
