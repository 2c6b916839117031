"""Who is meant by a name in a condition: a person, a target, a team, a role, or a group word."""

from __future__ import annotations

from functools import lru_cache

from xrlab.scenario.model import Scenario


class Cast:
    """The names of a scenario and the groups they belong to."""

    def __init__(self, scenario: Scenario) -> None:
        self.trainees = tuple(scenario.trainees)
        self.people = tuple(scenario.people)
        self.targets = tuple(scenario.targets)
        self.groups: dict[str, tuple[str, ...]] = {
            "all": self.trainees + self.people + self.targets,
            "trainee": self.trainees,
            "threat": tuple(n for n, p in scenario.people.items() if p.role == "threat"),
            "no_shoot": tuple(n for n, p in scenario.people.items() if p.role == "no_shoot")
            + tuple(n for n, t in scenario.targets.items() if t.role == "no_shoot"),
            "target": tuple(n for n, t in scenario.targets.items() if t.role == "target"),
        }
        for name, team in scenario.teams.items():
            self.groups[name] = tuple(team.trainees)
        self.select = lru_cache(maxsize=None)(self._select)

    def _select(self, who: str, self_name: str = "") -> tuple[str, ...]:
        """Names that `who` stands for; "self" is `self_name`. An unknown name stands for itself."""
        if who == "self":
            return (self_name,)
        return self.groups.get(who, (who,))

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that `who` may be."""
        return (*self.groups["all"], *self.groups, "self")
