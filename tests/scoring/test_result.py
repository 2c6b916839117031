"""Marks: worked by hand, from event streams written down here, and from recordings to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import SCENARIO, changed

import xrlab
from xrlab.recording import read_recording
from xrlab.run import score_recording
from xrlab.scenario.library import faces
from xrlab.scenario.model import Scenario
from xrlab.scoring import Evidence, Result, score
from xrlab.sim import events as ev

TEAM = {
    "teams": {
        "police": {"trainees": ["p1"], "start": "a", "carries": ["pistol"]},
        "defence": {"trainees": ["d1"], "start": "a", "carries": ["carbine"]},
    }
}
RANGE = {
    "targets": {"t": {"at": "b", "motion": "turning"}, "n": {"at": "c", "face": "hostage", "role": "no_shoot"}},
    "strings": [{"name": "s", "show": ["t"], "for_s": 3, "rounds": 2}],
    "people": {},
}


def marks(events: list[ev.Event], changes: dict[str, Any] | None = None, **criteria: Any) -> Result:
    scenario = changed(SCENARIO, changes or {})
    if criteria:
        scenario["scoring"] = {**scenario["scoring"], "criteria": criteria}
    model = Scenario.model_validate(scenario)
    used = {t.face: model.faces.get(t.face) or faces()[t.face] for t in model.targets.values()}
    return score("0", "scene", 0, Evidence(model, used, events), [ev.encode(e) for e in events])


def value(events: list[ev.Event], text: str, changes: dict[str, Any] | None = None) -> Any:
    return marks(events, changes, asked={"value": text})["criteria"][0]["value"]


def fired(t: float, shot: int, who: str = "p1", string: str | None = None) -> ev.ShotFired:
    return ev.ShotFired(
        t=t, shot=shot, shooter=who, weapon="pistol", origin=(0.0, 0.0, 1.5), yaw=0.0, pitch=0.0, string=string
    )


def struck(
    t: float, shot: int, what: str, zone: str | None = "torso", who: str = "p1", kind: str = "person"
) -> ev.Struck:
    return ev.Struck(
        t=t, shot=shot, shooter=who, kind=kind, what=what, material="flesh", entry=(5.0, 0.0, 1.2), exit=None,
        distance=5.0, zone=zone, local=(0.0, 0.0) if kind == "target" else None,
    )  # fmt: skip


def danger(t: float, who: str = "gunman", now: bool = True) -> ev.PostureChanged:
    return ev.PostureChanged(t=t, who=who, pose="standing" if now else "lying", holds="handgun", danger=now)


END = ev.RunEnded(t=20.0, reason="done")


def test_points_go_evenly_from_none_to_full() -> None:
    for taken, wanted in ((0, 10.0), (3, 5.0), (6, 0.0), (9, 0.0)):
        events: list[ev.Event] = [struck(1.0, n, "p1", who="gunman") for n in range(taken)]
        row = marks([*events, END], asked={"value": 'hits_taken("trainee")', "points": 10, "full_at": 0, "none_at": 6})[
            "criteria"
        ][0]
        assert row["points"] == wanted


def test_a_hit_counts_as_undue_by_what_the_person_was_at_that_moment() -> None:
    events: list[ev.Event] = [
        struck(1.0, 1, "gunman"), danger(2.0), struck(3.0, 2, "gunman"), danger(4.0, now=False),
        struck(5.0, 3, "gunman"), struck(6.0, 4, "neighbour"), END,
    ]  # fmt: skip
    asked = {
        "all": {"value": 'hits_no_danger("all")', "points": 1},
        "gunman": {"value": 'hits_no_danger("gunman")', "points": 1},
    }
    assert [row["value"] for row in marks(events, **asked)["criteria"]] == [3, 2]


def test_commands_are_counted_by_who_called_them() -> None:
    calls = [ev.VerbalCommand(t=float(n), who="p1", command="stop", heard_by=()) for n in range(3)]
    asked = {"all": {"value": "commands()", "points": 1}, "other": {"value": 'commands("gunman")', "points": 1}}
    assert [row["value"] for row in marks([*calls, END], **asked)["criteria"]] == [3, 0]


def test_the_pass_rule_needs_the_mark_and_every_limit() -> None:
    criteria = {
        "stop": {"value": 'stopped("threat")', "points": 10},
        "clean": {"value": 'hits("no_shoot")', "must_be": 0},
    }
    stopped: list[ev.Event] = [danger(0.0), danger(5.0, now=False)]
    assert marks([*stopped, END], **criteria).passed is True
    assert marks([danger(0.0), END], **criteria).passed is False
    hit: list[ev.Event] = [*stopped, fired(1.0, 1), struck(1.0, 1, "neighbour"), END]
    assert marks(hit, **criteria).passed is False
    assert marks(hit, **criteria).score == 10.0


@pytest.mark.parametrize(
    ("limit", "passed"),
    [("== 2", True), ("<= 2", True), ("< 2", False), ("> 1", True), (">= 3", False), ("!= 2", False)],
)
def test_limits_compare_as_they_are_written(limit: str, passed: bool) -> None:
    events: list[ev.Event] = [fired(1.0, 1), fired(2.0, 2), END]
    assert marks(events, asked={"value": "shots()", "must_be": limit})["criteria"][0]["passed"] is passed


def test_a_run_without_its_end_is_partial_and_not_passed() -> None:
    events: list[ev.Event] = [danger(0.0), danger(1.0, now=False)]
    assert marks(events)["ended"] == "killed"
    for reason, partial in (("interrupted", True), ("time", False)):
        result = marks([*events, ev.RunEnded(t=9.0, reason=reason)])
        assert (result["partial"], result.passed) == (partial, not partial)


def test_reaction_is_from_the_stimulus_and_split_from_the_shot_before() -> None:
    events: list[ev.Event] = [
        danger(0.0), ev.Seen(t=2.0, who="p1", whom="gunman"), fired(2.84, 1), fired(3.2, 2), fired(3.5, 3),
        ev.Lost(t=4.0, who="p1", whom="gunman"), ev.Seen(t=6.0, who="p1", whom="gunman"), fired(6.5, 4), END,
    ]  # fmt: skip
    shots = marks(events)["shots"]
    assert [s["reaction_s"] for s in shots] == [0.84, None, None, 0.5]
    assert [s["split_s"] for s in shots] == [None, 0.36, 0.3, None]
    assert value(events, 'median("reaction_s")') == 0.67
    assert value(events, 'best("reaction_s")') == 0.5
    assert value(events, 'worst("split_s")') == 0.36
    assert value(events, 'mean("split_s")') == 0.33


def test_seeing_who_is_no_danger_is_no_stimulus_until_they_become_one() -> None:
    events: list[ev.Event] = [
        danger(0.0, now=False), ev.Seen(t=1.0, who="p1", whom="gunman"), danger(3.0), fired(3.4, 1), END
    ]  # fmt: skip
    assert marks(events)["shots"][0]["reaction_s"] == 0.4


def test_an_exposure_is_a_stimulus_for_all_but_a_no_shoots_is_none() -> None:
    exposed: list[ev.Event] = [
        ev.TargetExposed(t=5.0, target="t"),
        ev.TargetExposed(t=5.5, target="n"),
        fired(6.0, 1),
        END,
    ]
    assert marks(exposed, RANGE)["shots"][0]["reaction_s"] == 1.0


def test_the_best_rounds_of_a_string_count_and_penalties_all_do() -> None:
    events: list[ev.Event] = []
    for shot, (what, zone) in enumerate([("t", "D"), ("t", "A"), ("t", "C"), ("n", "body")], 1):
        events += [fired(float(shot), shot, string="s"), struck(float(shot), shot, what, zone, kind="target")]
    assert value([*events, END], "points()", RANGE) == 5 + 4 - 10
    assert value([*events[:6], END], "points()", RANGE) == 9
    assert value([*events[:6], END], "points_share()", RANGE) == 0.9
    assert value([*events, END], "extra_rounds()", RANGE) == 2
    assert value([*events, fired(9.0, 9), END], "extra_rounds()", RANGE) == 3
    assert value([*events, END], "accuracy()", RANGE) == 0.75


def test_a_hit_beside_the_zones_of_a_board_is_no_hit() -> None:
    events: list[ev.Event] = [fired(1.0, 1), struck(1.0, 1, "t", None, kind="target"), END]
    assert value(events, 'hits("target")', RANGE) == 0
    assert value(events, "accuracy()", RANGE) == 0
    assert marks(events, RANGE)["shots"][0]["target"] == "t"


def test_warned_is_the_share_that_heard_a_command_before_the_first_hit() -> None:
    call = ev.VerbalCommand(t=1.0, who="p1", command="stop", heard_by=("gunman",))
    before: list[ev.Event] = [call, fired(2.0, 1), struck(2.0, 1, "gunman"), END]
    after: list[ev.Event] = [fired(0.5, 1), struck(0.5, 1, "gunman"), call, END]
    assert value(before, "warned()") == 1
    assert value(after, "warned()") == 0
    assert value([END], "warned()") is None


def test_who_gave_up_unhurt_counts_as_surrendered() -> None:
    up = ev.PostureChanged(t=3.0, who="gunman", pose="hands_up", holds="nothing", danger=False)
    assert value([danger(0.0), up, END], 'surrendered("threat")') == 1
    assert value([danger(0.0), up, fired(4.0, 1), struck(4.0, 1, "gunman"), END], 'surrendered("threat")') == 0
    assert value([danger(0.0), END], 'surrendered("threat")') == 0


def test_each_trainee_answers_for_their_own_shots() -> None:
    events: list[ev.Event] = [
        fired(1.0, 1), struck(1.0, 1, "gunman"), fired(2.0, 2, "d1"), struck(2.0, 2, "p1", who="d1"), END
    ]  # fmt: skip
    result = marks(events, TEAM)
    own = {t["id"]: t["metrics"] for t in result["trainees"]}
    assert (own["p1"]["shots"], own["p1"]["hits"], own["p1"]["own_side_hits"]) == (1, 1, 0)
    assert (own["d1"]["shots"], own["d1"]["hits"], own["d1"]["own_side_hits"]) == (1, 0, 1)
    assert value(events, 'hits("police")', TEAM) == 1
    each = marks(events, TEAM, asked={"value": "accuracy()", "points": 10, "each": True})
    assert each["criteria"][0]["value"] == 0.5
    assert {t["id"]: t["score"] for t in each["trainees"]} == {"p1": 10.0, "d1": 0.0}
    assert each.score == 5.0


def test_what_is_to_be_discussed_is_laid_out_without_a_verdict() -> None:
    events: list[ev.Event] = [
        danger(0.0), fired(1.0, 1), struck(1.0, 1, "gunman"), danger(1.1, now=False), fired(2.0, 2),
        struck(2.0, 2, "gunman"), fired(3.0, 3), struck(3.0, 3, "neighbour"), fired(4.0, 4, "d1"),
        struck(4.0, 4, "p1", who="d1"), END,
    ]  # fmt: skip
    assert [(e["shot"], e["what"], e["who"]) for e in marks(events, TEAM)["to_discuss"]] == [
        (2, "hit_on_no_danger", "gunman"), (3, "no_shoot_hit", "neighbour"), (4, "own_side_hit", "p1"),
    ]  # fmt: skip


def test_a_median_of_nothing_earns_nothing_and_breaks_its_limit() -> None:
    row = marks([END], asked={"value": 'median("reaction_s")', "points": 5, "must_be": "< 2"})["criteria"][0]
    assert (row["value"], row["points"], row["passed"]) == (None, 0.0, False)


def test_who_need_not_fire_may_be_given_the_points_of_a_reaction() -> None:
    row = marks([END], asked={"value": 'median("reaction_s")', "points": 5, "if_none": "full"})["criteria"][0]
    assert (row["value"], row["points"]) == (None, 5.0)
    slow: list[ev.Event] = [danger(0.0), ev.Seen(t=1.0, who="p1", whom="gunman"), fired(9.0, 1), END]
    asked = {"value": 'median("reaction_s")', "points": 5, "if_none": "full", "full_at": 1, "none_at": 2}
    assert marks(slow, asked=asked)["criteria"][0]["points"] == 0.0


@given(st.lists(st.tuples(st.sampled_from(["gunman", "neighbour", None]), st.floats(0.1, 19)), max_size=12))
def test_a_miss_more_never_raises_a_mark(hits: list[tuple[str | None, float]]) -> None:
    events: list[ev.Event] = [danger(0.0)]
    for shot, (what, t) in enumerate(sorted(hits, key=lambda h: h[1]), 1):
        events += [fired(t, shot)] + ([struck(t, shot, what)] if what else [])
    criteria = {
        "accuracy": {"value": "accuracy()", "points": 10},
        "clean": {"value": 'hits("no_shoot")', "points": 10, "full_at": 0, "none_at": 3},
    }
    before = marks([*events, END], **criteria)
    after = marks([*events, fired(19.5, 99), END], **criteria)
    assert after.score <= before.score


@pytest.mark.parametrize("name", ["house/hostage", "range/qualification"])
def test_the_recording_alone_gives_the_same_result_to_the_byte(name: str, tmp_path: Path) -> None:
    for seed in range(6):
        out = tmp_path / str(seed)
        result = xrlab.run(name, seed=seed, out=out)
        again = score_recording(read_recording(out / "recording.mcap"))
        assert again.to_json().encode() == (out / "result.json").read_bytes()
        assert json.loads(again.to_json()) == json.loads(result.to_json())


def test_result_json_keeps_its_contract(tmp_path: Path) -> None:
    result = json.loads(xrlab.run("range/qualification", seed=7).to_json())
    assert {
        "xrlab", "scenario", "seed", "duration_s", "passed", "score", "max_score", "events_sha256", "trainees",
        "criteria", "shots",
    } <= set(result)  # fmt: skip
    assert set(result["trainees"][0]) >= {"id", "team", "score", "metrics"}
    assert set(result["criteria"][0]) >= {"id", "value", "limit", "passed", "points", "max_points"}
    shot = result["shots"][0]
    assert set(shot) >= {
        "t", "trainee", "weapon", "target", "zone", "points", "distance_m", "reaction_s", "split_s", "chain"
    }  # fmt: skip
    assert set(shot["chain"][0]) >= {"what", "material", "entry", "exit"}
    assert result["max_score"] == sum(c["max_points"] for c in result["criteria"])
    assert result["score"] == sum(c["points"] for c in result["criteria"])
    assert len(result["events_sha256"]) == 64


def test_a_teams_own_criterion_counts_what_they_alone_did_and_for_them_alone() -> None:
    events = [
        fired(1.0, 1, "p1"), struck(1.0, 1, "gunman", who="p1"),
        fired(2.0, 2, "d1"), fired(2.5, 3, "d1"), struck(2.5, 3, "gunman", who="d1"),
    ]  # fmt: skip
    result = marks(
        events, TEAM,
        police={"value": "accuracy()", "points": 40, "of": "police"},
        defence={"value": "accuracy()", "points": 40, "of": "defence"},
        both={"value": "shots()", "points": 20, "full_at": 3},
    )  # fmt: skip
    assert [(row["of"], row["value"], row["points"]) for row in result["criteria"]] == [
        ("police", 1, 40.0), ("defence", 0.5, 20.0), (None, 3, 20.0),
    ]  # fmt: skip
    assert result["teams"] == [
        {"id": "police", "score": 60.0, "max_score": 60.0},
        {"id": "defence", "score": 40.0, "max_score": 60.0},
    ]
    assert [(t["id"], t["score"], t["max_score"]) for t in result["trainees"]] == [
        ("p1", 60.0, 60.0),
        ("d1", 40.0, 60.0),
    ]
    assert (result.score, result["max_score"]) == (80.0, 100.0)
