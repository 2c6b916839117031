"""All that is reckoned of one run's tactics; each part when it is first asked for."""

from __future__ import annotations

from functools import cached_property

from xrlab.scoring.evidence import Evidence
from xrlab.scoring.tactics.doorways import Approach, approaches, in_doorways
from xrlab.scoring.tactics.exposure import Exposure, Shown, exposures, shown
from xrlab.scoring.tactics.floor import Seen, floor_seen
from xrlab.scoring.tactics.lines import Line, aimed_lines, shot_lines
from xrlab.scoring.tactics.passing import Passed, passed
from xrlab.scoring.tactics.stage import Flags, Stage
from xrlab.scoring.tactics.stray import Stray, stray_shots
from xrlab.scoring.tactics.team import Together, together


class Tactics:
    """One run's tactics, of all trainees."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @classmethod
    def of(cls, evidence: Evidence) -> Tactics | None:
        """The tactics of a run, made once; None where the room, or how its trainees moved, is not known."""
        known = evidence.worked_out
        if "tactics" not in known:
            ground = evidence.ground
            stage = Stage(evidence, ground) if ground is not None else None
            known["tactics"] = cls(stage) if stage is not None and stage.trainees else None
        made: Tactics | None = known["tactics"]
        return made

    @cached_property
    def lines(self) -> list[Line]:
        """Lines that were aimed, and the shots' lines, that pass somebody whom they must not; in order of time."""
        both = [*aimed_lines(self.stage), *shot_lines(self.stage)]
        return sorted(both, key=lambda line: (line.t, line.who, line.whom, line.shot or 0))

    @cached_property
    def sweeps(self) -> list[Line]:
        """Stretches in which an aimed line passes over a trainee or a no-shoot."""
        return [line for line in self.lines if line.sweeps and line.shot is None]

    @cached_property
    def crossfire(self) -> list[Line]:
        """Lines, aimed or shot, that pass a trainee."""
        return [line for line in self.lines if line.whom in self.stage.trainees]

    @cached_property
    def shown(self) -> dict[str, Shown]:
        """How each trainee showed to threats."""
        return {who: shown(self.stage, who) for who in self.stage.trainees}

    @cached_property
    def exposures(self) -> list[Exposure]:
        """The stretches in which somebody was exposed, in order of time."""
        found = [e for of in self.shown.values() for e in exposures(self.stage, of)]
        return sorted(found, key=lambda e: (e.t, e.who, e.whom))

    @cached_property
    def seen(self) -> Seen:
        """What the team has seen of the floor and its corners."""
        return floor_seen(self.stage)

    @cached_property
    def passed(self) -> list[Passed]:
        """What was left unseen at somebody's back."""
        return passed(self.stage, self.seen)

    @cached_property
    def doorways(self) -> dict[str, dict[str, Flags]]:
        """By trainee and door, when they stood in it."""
        return {who: in_doorways(self.stage, who) for who in self.stage.trainees}

    @cached_property
    def approaches(self) -> list[Approach]:
        """How each door was taken."""
        return approaches(self.stage, self.seen)

    @cached_property
    def together(self) -> Together | None:
        """All trainees as one team."""
        return together(self.stage, self.stage.trainees)

    @cached_property
    def stray(self) -> list[Stray]:
        """Shots that can't be accounted for."""
        return stray_shots(self.stage)
