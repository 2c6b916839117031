"""What must not change a mark: where the world lies, when the run began, what people are called, who is named first.

All that criteria can ask is asked of real runs of the shipped scenarios, and again of the same runs changed.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest
from trusted import (
    SHIPPED,
    Move,
    evidence,
    later,
    marks,
    moved,
    other_names,
    plain,
    questions,
    renamed,
    text_renamed,
    under_old_names,
    values,
)  # fmt: skip

from xrlab.scenario.model import Scenario
from xrlab.scoring import Evidence
from xrlab.sim import events as ev

ABSOLUTE = {"duration"}
"""Functions that tell a time since the start of the recording, which a later start changes."""
OVER_THE_RUN = {"spacing_m", "watched_share"}
"""Those that are means over the whole run: standing still before it began counts for them."""


def verdict(of: Evidence) -> dict[str, Any]:
    """What stands in the result and is no time and no place."""
    result = marks(of)
    rows = [{k: v for k, v in row.items() if k != "evidence"} for row in result["criteria"]]
    shots = [{k: v for k, v in shot.items() if k not in ("t", "chain")} for shot in result["shots"]]
    people = [{**row, "metrics": row["metrics"]} for row in result["trainees"]]
    return {**{k: result[k] for k in ("score", "passed", "teams", "caps")}, "of": rows, "shots": shots, "who": people}


def without_times(node: Any) -> Any:
    """The same without the moments at which things happened."""
    if isinstance(node, dict):
        return {k: without_times(v) for k, v in node.items() if k != "t"}
    return list(map(without_times, node)) if isinstance(node, list) else node


@pytest.mark.parametrize("name", SHIPPED)
def test_a_world_turned_and_shifted_changes_no_mark(name: str) -> None:
    run = evidence(name)
    other = moved(run, Move(1, (100.25, -33.5, 0.0)))
    assert values(other) == values(run)
    assert verdict(other) == verdict(run)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_run_that_begins_later_has_the_same_marks(name: str) -> None:
    run = evidence(name)
    other = later(run, 8.0)
    skip = ABSOLUTE | OVER_THE_RUN
    assert values(other, skip=skip) == values(run, skip=skip)
    assert other.ends == round(run.ends + 8.0, 6)
    asks = [c.value for c in run.scenario.scoring.criteria.values()]
    if not any(word in text for text in asks for word in skip):
        assert without_times(verdict(other)) == without_times(verdict(run))


@pytest.mark.parametrize("name", SHIPPED)
def test_everybody_under_another_name_has_the_same_marks(name: str) -> None:
    run = evidence(name)
    names = other_names(run)
    other = renamed(run, names)
    asked = questions(run)
    answers = values(other, asked=[text_renamed(text, names) for text in asked])
    assert list(answers.values()) == list(values(run, asked=asked).values())
    facts = name in ("range/qualification", "house/hostage")
    assert under_old_names(marks(other, facts=facts), names) == plain(marks(run, facts=facts))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_order_of_teams_trainees_and_criteria_changes_nothing_but_their_order(name: str) -> None:
    run = evidence(name)
    document = run.scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
    for section in ("teams", "people", "targets"):
        document[section] = dict(reversed(document.get(section, {}).items()))
    for team in document["teams"].values():
        team["trainees"].reverse()
    criteria = document["scoring"]["criteria"]
    document["scoring"]["criteria"] = dict(reversed(criteria.items()))
    document["scoring"]["caps"] = document["scoring"].get("caps", [])[::-1]
    other = dataclasses.replace(run, scenario=Scenario.model_validate(document))
    before, after = plain(marks(run)), plain(marks(other))
    for cap in (*before["caps"], *after["caps"]):
        cap.pop("cap")
    assert after == before
    if name in ("range/moving_targets", "house/hostage"):
        assert values(other) == values(run)


@pytest.mark.parametrize("name", ["depot/joint_entry", "house/hostage", "square/knife"])
def test_what_happens_at_one_instant_may_be_told_in_another_order(name: str) -> None:
    """Doors, sounds, zones and lamps beside anything else at the same instant."""
    run = evidence(name)
    told = list(run.events)
    loose = (ev.ZoneEntered, ev.ZoneLeft, ev.DoorMoved, ev.SoundStarted, ev.SoundStopped, ev.Spoke, ev.LightsChanged)
    swapped = 0
    for n in range(1, len(told) - 2):
        one, two = told[n], told[n + 1]
        if one.t == two.t and isinstance(one, loose) and not isinstance(two, loose):
            told[n], told[n + 1] = two, one
            swapped += 1
    other = dataclasses.replace(run, events=tuple(told))
    assert swapped
    assert values(other) == values(run)


@pytest.mark.parametrize("name", ["depot/joint_entry", "house/hostage"])
def test_a_teams_own_marks_are_what_its_trainees_alone_did(name: str) -> None:
    """A team's criteria and its trainees' figures stay as they are when nobody else's shots and hits are there."""
    run = evidence(name, "poor")
    for team, member in run.scenario.teams.items():
        others = set(run.scenario.trainees) - set(member.trainees)
        alone = dataclasses.replace(
            run, events=tuple(e for e in run.events if getattr(e, "shooter", None) not in others)
        )
        together, apart = marks(run), marks(alone)
        for before, after in zip(together["criteria"], apart["criteria"], strict=True):
            if before["of"] == team:
                assert after == before
        for before, after in zip(together["trainees"], apart["trainees"], strict=True):
            if before["team"] == team:
                assert after["metrics"] == before["metrics"]


@pytest.mark.parametrize("name", SHIPPED)
def test_points_add_up(name: str) -> None:
    for script in (None, "does_nothing"):
        result = marks(evidence(name, script))
        total = sum(Fraction(repr(row["points"])) for row in result["criteria"])
        ceilings = [result["max_score"] * cap["at_most"] / 100 for cap in result["caps"]]
        assert result.score == pytest.approx(min([float(total), *ceilings]), abs=1e-3)
        for row in result["criteria"]:
            assert 0 <= row["points"] <= row["max_points"]
        for row in (*result["trainees"], *result["teams"]):
            assert 0 <= row["score"] <= row["max_score"] <= result["max_score"]
