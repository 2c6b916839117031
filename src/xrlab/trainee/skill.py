"""How fast and how well a trainee acts: plain numbers, or a model of a novice, a trained officer or an expert.

The models' numbers stand in `skills.yaml`, each with its source. A trainee draws from its own random stream alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal, get_args

from numpy.random import Generator
from pydantic import BeforeValidator, Field, RootModel, model_validator

from xrlab.document import Also, parse, validate
from xrlab.errors import InputError, meant
from xrlab.scenario.model import Part

Level = Literal["novice", "trained", "expert"]
LEVELS: tuple[str, ...] = get_args(Level)
Law = Literal["ex_gaussian", "lognormal", "normal", "chance", "factor"]
_LENGTH = {"ex_gaussian": 3, "lognormal": 2, "normal": 1, "chance": 1, "factor": 1}

PLAIN_SCATTER = 0.15
"""Of a reaction time given as a plain number: its standard deviation, as a share of it."""

Time = Annotated[float | None, Field(ge=0, le=10, allow_inf_nan=False)]
Mrad = Annotated[float | None, Field(ge=0, le=200, allow_inf_nan=False)]
Chance = Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)]
Times = Annotated[float | None, Field(gt=0, le=10, allow_inf_nan=False)]


class Quantity(Part):
    """One quantity of the skill models: its law, its numbers for each level, and where they come from."""

    what: str
    law: Law
    novice: list[float]
    trained: list[float]
    expert: list[float]
    source: str
    estimate: str

    @model_validator(mode="after")
    def _numbers(self) -> Quantity:
        for level in LEVELS:
            if len(getattr(self, level)) != _LENGTH[self.law]:
                raise ValueError(f"{level}: the law {self.law} takes {_LENGTH[self.law]} numbers")
        return self

    def numbers(self, level: str) -> list[float]:
        """The law's numbers for a level."""
        return list(getattr(self, level))

    def mean(self, level: str) -> float:
        """What the law gives on average; of `normal` its standard deviation."""
        numbers = self.numbers(level)
        return numbers[0] + numbers[2] if self.law == "ex_gaussian" else numbers[0]


class _Quantities(RootModel[dict[str, Quantity]]):
    pass


@lru_cache(maxsize=1)
def quantities() -> Mapping[str, Quantity]:
    """All quantities of the skill models by name, from `skills.yaml`."""
    text = (files(__package__) / "skills.yaml").read_text(encoding="utf-8")
    return validate(parse(text, "skills.yaml"), _Quantities).root


class Skill(Part):
    """How fast and how well a scripted trainee acts: a model's name, plain numbers, or a model with some changed.

    What a model does not give, and all that is left out of plain numbers, is as swift as can be and free of mistakes.
    """

    like: Level | None = Field(None, description="the model that gives what is left out")
    reaction_s: Time = Field(None, description="from the decision to the first shot, on average; 0.5 without a model")
    spread_mrad: Mrad = Field(None, description="standard deviation of the aim, in each direction; 3 without a model")
    hurried_mrad: Mrad = Field(None, description="the same, at a person; spread_mrad without a model")
    follow_up: Times = Field(None, description="scatter of further shots at a person, times that of the first")
    split_s: Annotated[float | None, Field(gt=0, le=10, allow_inf_nan=False)] = Field(
        None, description="time between two shots; 0.35 without a model"
    )
    raise_s: Time = Field(None, description="time to bring a low weapon up, on average")
    recognise_s: Time = Field(None, description="time to know what a person holds, on average")
    mistakes: Chance = Field(None, description="how often a phone, wallet or torch is taken for a weapon at first")
    misses: Chance = Field(None, description="how often a weapon is not seen as one at first")
    correct_s: Time = Field(None, description="how long such a mistake lasts, on average")
    challenge_s: Time = Field(None, description="time from wanting to call out to the call, on average")
    draw_s: Time = Field(None, description="time to bring another weapon to hand, on average")
    reload: Times = Field(None, description="a change of magazine, times the weapon's plain time")
    pace: Times = Field(None, description="walking and turning, times the plain pace")


def widened(value: Any) -> Any:
    """`trained` by itself means `{like: trained}`."""
    if isinstance(value, str):
        if value not in LEVELS:
            raise ValueError(f"no skill is called '{value}'{meant(value, LEVELS)}")
        return {"like": value}
    return value


SkillOrName = Annotated[
    Skill, BeforeValidator(widened), Also({"enum": list(LEVELS), "description": "a model of a trainee"})
]


def named(level: str) -> Skill:
    """The skill of a level's name; raises `InputError` for an unknown one."""
    if level not in LEVELS:
        raise InputError(f"--skill: no skill is called '{level}'{meant(level, (*LEVELS, 'all'))}")
    return Skill.model_validate({"like": level})


_PLAIN = {"reaction_s": 0.5, "spread_mrad": 3.0, "split_s": 0.35, "follow_up": 1.0, "reload": 1.0, "pace": 1.0,
          "correct_s": 1.0}  # fmt: skip


class Ability:
    """A skill, ready to draw from. luck: the trainee's own random stream."""

    def __init__(self, skill: Skill, luck: Generator) -> None:
        self._skill, self.luck = skill, luck

    @property
    def perceives(self) -> bool:
        """Whether it takes time to know what others hold, or mistakes happen."""
        s = self._skill
        return s.like is not None or any((s.recognise_s, s.mistakes, s.misses))

    def mean(self, name: str) -> float:
        """What a quantity is on average for this trainee."""
        own = getattr(self._skill, name)
        if own is not None:
            return float(own)
        if self._skill.like is not None:
            return quantities()[name].mean(self._skill.like)
        return _PLAIN.get(name, 0.0)

    def draw(self, name: str, luck: Generator | None = None) -> float:
        """One value of a time (s). A model's law is stretched to the mean where a skill changes that."""
        luck = luck or self.luck
        mean = self.mean(name)
        if self._skill.like is None:
            return max(0.0, mean * (1.0 + PLAIN_SCATTER * float(luck.standard_normal()))) if _scatters(name) else mean
        law = quantities()[name]
        numbers = law.numbers(self._skill.like)
        usual = law.mean(self._skill.like)
        if law.law == "ex_gaussian":
            mu, sigma, tau = numbers
            value = mu + sigma * float(luck.standard_normal()) + tau * float(luck.standard_exponential())
        else:
            value = _lognormal(luck, *numbers)
        return max(0.0, value * mean / usual)

    def spread(self, *, person: bool, follow_up: bool) -> float:
        """Standard deviation (rad) of a shot in each direction."""
        if not person:
            return self.mean("spread_mrad") / 1000
        plain = self._skill.like is None and self._skill.hurried_mrad is None
        first = self.mean("spread_mrad" if plain else "hurried_mrad") / 1000
        return first * (self.mean("follow_up") if follow_up else 1.0)


def _scatters(name: str) -> bool:
    """Whether a plain number of this name is a mean about which values lie; only the reaction time always was."""
    return name == "reaction_s"


def _lognormal(luck: Generator, mean: float, variation: float) -> float:
    """One value of a lognormal law of this mean and coefficient of variation."""
    sigma2 = math.log1p(variation * variation)
    return mean * math.exp(math.sqrt(sigma2) * float(luck.standard_normal()) - sigma2 / 2)
