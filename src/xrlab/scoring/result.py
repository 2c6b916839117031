"""From the event stream to `result.json`: criteria, marks, verdict, and what is to be discussed.

Everything is reckoned from the scenario as drawn and the events alone, so the same result comes from a
live run and, later, from its recording.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from xrlab.scoring import decisions, marksmanship, passing, recognition, rules, tactics
from xrlab.scoring.counting import metrics
from xrlab.scoring.criteria import Marks
from xrlab.scoring.evidence import Evidence, View
from xrlab.scoring.figures import rounded
from xrlab.sim import events as ev


class Result(dict[str, Any]):
    """The content of `result.json`, as the contract in docs/result.md lists it."""

    @property
    def passed(self) -> bool:
        """Whether the run reached the pass mark and met every limit."""
        return bool(self["passed"])

    @property
    def score(self) -> float:
        """Points reached."""
        return float(self["score"])

    @property
    def events_sha256(self) -> str:
        """Digest over the events."""
        return str(self["events_sha256"])

    def to_json(self) -> str:
        """The exact text of `result.json`."""
        return json.dumps(self, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def score(
    version: str,
    name: str,
    seed: int,
    evidence: Evidence,
    encoded: Iterable[bytes],
    *,
    drawn: Mapping[str, Any] = MappingProxyType({}),
    settings: Mapping[str, Any] = MappingProxyType({}),
    facts: bool = True,
) -> Result:
    """The result of a run. A run without its end, or ended by an interrupt, is partial and not passed.

    drawn, settings: what the seed drew and what was set by hand, by path, for the result to say. facts: whether what no
    criterion asks for is reckoned, too, for people to read; those who make thousands of runs leave it out.
    """
    scenario, events = evidence.scenario, evidence.events
    marks = Marks(evidence)
    end = events[-1] if events else None
    reason = end.reason if isinstance(end, ev.RunEnded) else "killed"
    partial = reason in ("killed", "interrupted")
    return Result(
        xrlab=version, scenario=name, title=dict(scenario.title), seed=seed, drawn=dict(drawn), set=dict(settings),
        standard=scenario.under.told() if scenario.under else None,
        duration_s=end.t if end else 0.0, ended=reason, partial=partial,
        slowed=any(isinstance(e, ev.PaceChanged) and e.pace < 1.0 for e in events),
        passed=marks.passed and not partial,
        score=rounded(marks.total), max_score=rounded(marks.most), pass_at=scenario.scoring.pass_at,
        events_sha256=ev.digest(encoded),
        teams=[{"id": name, **marks.of(team.trainees)} for name, team in scenario.teams.items()],
        trainees=[
            {
                "id": who, "team": team, **marks.of([who]), "metrics": metrics(marks.alone[who].view, who),
                **(_of_trainee(marks.alone[who].view) if facts else {}),
            }
            for who, team in scenario.trainees.items()
        ],
        criteria=[m.row for m in marks.criteria],
        caps=marks.caps,
        shots=[s.as_dict() for s in evidence.shots],
        to_discuss=sorted([*decisions.to_discuss(evidence), *passing.to_discuss(evidence)], key=lambda row: row["t"]),
        **(_facts(evidence) if facts else {}),
    )  # fmt: skip


def _of_trainee(view: View) -> dict[str, Any]:
    """The same of one trainee."""
    return {"marksmanship": marksmanship.section(view), "recognition": recognition.section(view)}


def _facts(evidence: Evidence) -> dict[str, Any]:
    """What stands in the result for people to read besides the marks, by key."""
    return {
        "rules": rules.section(evidence), "force": decisions.section(evidence), "tactics": tactics.section(evidence),
    }  # fmt: skip
