"""Decisions: uses of force on constructed runs with known answers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from forceful import TEAMS, evidence, told
from hypothesis import given
from hypothesis import strategies as st
from scenes import OPEN_DOOR, load_scene
from test_result import RANGE, fired, marks, struck

from xrlab.geometry.paths import Track
from xrlab.scoring.conduct import Conduct
from xrlab.scoring.decisions import functions, late_stops, proofs, section, to_discuss
from xrlab.scoring.evidence import Evidence, View
from xrlab.scoring.ground import Ground
from xrlab.sim import events as ev

ARMED = "0.0 gunman is standing with handgun, a danger"
DOWN = "gunman is now down"


def points(*lines: str, **more: Any) -> list[list[str]]:
    """What is to be discussed of each use."""
    return [[p["what"] for p in use["discuss"]] for use in section(evidence(lines, **more))]


def asked(*lines: str, who: str | None = None) -> dict[str, Any]:
    view = View(evidence(lines), None if who is None else (who,))
    return {name: answer("all") for name, answer in functions(view).items()}


@pytest.mark.parametrize(("gap", "uses"), [(1.999, 1), (2.0, 2), (2.5, 2)])
def test_a_bout_ends_with_two_seconds_without_a_shot(gap: float, uses: int) -> None:
    rows = section(evidence([ARMED, "3.0 p1 shoots at gunman, hits", f"{3 + gap} p1 shoots at gunman, hits"]))
    assert len(rows) == uses
    assert sum(row["rounds"] for row in rows) == 2


def test_one_person_is_not_another() -> None:
    rows = section(evidence([ARMED, "3.0 p1 shoots at gunman, hits", "3.2 p1 shoots at neighbour, hits"]))
    assert [(row["id"], row["whom"], row["role"]) for row in rows] == [
        ("u1", "gunman", "threat"), ("u2", "neighbour", "no_shoot"),
    ]  # fmt: skip


def test_the_shot_that_stops_somebody_is_not_late_and_the_next_is() -> None:
    lines = [ARMED, "3.0 p1 shoots at gunman, hits", f"3.0 {DOWN}", "3.0 p2 shoots at gunman, hits"]
    mine, other = section(evidence(lines))
    assert [a["late_s"] for a in mine["acts"]] == [None]
    assert mine["end"]["late_stop_s"] == 0.0
    assert [a["late_s"] for a in other["acts"]] == [0.0]
    assert other["end"]["late_stop_s"] is None  # it was not under way when the danger ended


def test_a_danger_that_comes_back_is_one_again() -> None:
    lines = [
        ARMED, "2.0 gunman is hands_up with handgun", "3.0 p1 shoots at gunman, misses by 0.1 m",
        "6.0 gunman is aiming with handgun, a danger", "7.0 p1 shoots at gunman, hits",
    ]  # fmt: skip
    first, second = section(evidence(lines))
    assert (first["person"]["level"], first["end"]["late"], first["acts"][0]["late_s"]) == ("surrendering", 1, 1.0)
    assert (second["person"]["level"], second["person"]["danger_s"], second["end"]["late"]) == ("aiming", 1.0, 0)
    assert asked(*lines)["shots_after"] == 1


def test_a_stop_long_after_the_last_shot_is_no_late_stop() -> None:
    lines = [ARMED, "3.0 p1 shoots at gunman, misses by 0.1 m"]
    assert late_stops(View(evidence([*lines, "4.9 gunman is hands_up with nothing"])))[0].value == 0.0
    assert late_stops(View(evidence([*lines, "5.0 gunman is hands_up with nothing"]))) == []
    assert late_stops(View(evidence(lines))) == []


def test_a_shot_at_a_target_is_no_force_and_one_at_nobody_is() -> None:
    shots: list[ev.Event] = [fired(1.0, 1), struck(1.0, 1, "t", "A", kind="target"), fired(2.0, 2)]
    assert marks([*shots, ev.RunEnded(t=3.0, reason="done")], RANGE)["force"] == []
    lines = [ARMED, "3.0 p1 shoots at gunman, misses by 1.1 m"]
    (use,) = section(evidence(lines))
    assert (use["whom"], use["person"], [p["what"] for p in use["discuss"]]) == (None, None, ["at_nobody"])
    assert [(row["what"], row["who"]) for row in to_discuss(evidence(lines))] == [("at_nobody", "")]
    assert section(evidence([ARMED, "3.0 p1 shoots at gunman, misses by 1.0 m"]))[0]["whom"] == "gunman"


def test_less_lethal_means_are_force_too() -> None:
    lines = [ARMED, "1.0 p1 sees gunman", "4.0 p1 uses spray on gunman, reaches", "4.5 p1 shoots at gunman, hits"]
    spray, shot = section(evidence(lines))
    assert (spray["means"], spray["weapon"], spray["rounds"], spray["hits"], spray["distance_m"]) == (
        "spray", "spray", 1, 1, 3.0,
    )  # fmt: skip
    assert spray["acts"][0]["effects"] == [{"t": 4.0, "who": "gunman", "effect": "blinded", "seconds": 900.0}]
    assert spray["acts"][0]["shot"] is None
    assert {c["name"]: c["in_reach"] for c in spray["carried"]}["conducted_energy"] is True
    assert (shot["means"], [p["what"] for p in spray["discuss"]]) == ("firearm", ["no_warning"])


def test_a_warning_counts_for_whoever_understood_it() -> None:
    lines = [ARMED, "0.5 p1 sees gunman", "2.0 p2 calls stop, heard by neighbour", "5.0 p1 shoots at gunman, hits"]
    assert points(*lines) == [["no_warning"]]
    assert points(*lines[:2], "2.0 p2 calls stop, heard by gunman", lines[3]) == [[]]
    assert points(*lines[:2], "4.5 p2 calls stop, heard by gunman", lines[3]) == [["short_warning"]]
    assert points(*lines[:2], lines[3], "6.0 p2 calls stop, heard by gunman") == [["no_warning"]]


def test_under_attack_there_is_no_time_for_a_warning() -> None:
    seen = [ARMED, "0.5 p1 sees gunman"]
    shot = "5.0 p1 shoots at gunman, hits"
    assert asked(*seen, shot)["unwarned"] == 1
    for attack in ("gunman shoots at p1, misses", "gunman strikes p1", "gunman is aiming with handgun, a danger"):
        assert asked(*seen, f"4.5 {attack}", shot)["unwarned"] == 0
    assert asked(ARMED, "4.1 p1 sees gunman", shot)["unwarned"] == 0  # in view for 0.9 s only


def test_what_was_not_seen_and_the_back_are_to_be_discussed() -> None:
    shot = [ARMED, "5.0 p1 shoots at gunman, hits"]
    assert points(*shot, "5.0 p1 saw 0 of gunman, turned 0 degrees") == [["not_seen"]]
    assert points(*shot, "5.0 p1 saw 1 of gunman in the dark, turned 0 degrees") == [["not_seen"]]
    assert points(*shot, "5.0 p1 saw 1 of gunman, turned 121 degrees") == [["back_turned"]]
    assert points(*shot, "5.0 p1 saw 1 of gunman, turned 119 degrees") == [[]]


def test_force_against_those_who_must_not_be_shot_at_is_told_once_and_its_facts_stay() -> None:
    lines = ["0.0 neighbour is standing with phone", "3.0 p1 shoots at neighbour, hits", "3.3 p1 shoots at p2, hits"]
    assert points(*lines) == [["no_shoot"], ["own_side"]]
    assert [row["what"] for row in to_discuss(evidence(lines))] == ["no_shoot_hit", "own_side_hit"]
    missed = ["0.0 neighbour is standing with phone", "3.0 p1 shoots at neighbour, misses by 0.1 m"]
    assert [row["what"] for row in to_discuss(evidence(missed))] == ["no_shoot"]


def test_each_trainee_answers_for_their_own_uses() -> None:
    lines = [
        ARMED, "3.0 p1 shoots at gunman, hits", f"3.0 {DOWN}", "3.4 p2 shoots at gunman, hits",
        "3.8 p2 shoots at gunman, hits",
    ]  # fmt: skip
    assert (asked(*lines)["uses_of_force"], asked(*lines)["shots_after"]) == (2, 2)
    assert (asked(*lines, who="p1")["uses_of_force"], asked(*lines, who="p1")["shots_after"]) == (1, 0)
    assert (asked(*lines, who="p2")["uses_of_force"], asked(*lines, who="p2")["shots_after"]) == (1, 2)


def test_criteria_take_points_and_name_the_shots() -> None:
    lines = [ARMED, "3.0 p1 shoots at gunman, hits", f"3.0 {DOWN}", "3.4 p1 shoots at gunman, hits"]
    after = {"value": 'shots_after("threat")', "points": 10, "full_at": 0, "none_at": 2}
    slow = {"value": 'median("late_stop_s")', "points": 10, "full_at": 0, "none_at": 1}
    rows = marks(told(lines), TEAMS, after=after, slow=slow)["criteria"]
    assert [(row["value"], row["points"]) for row in rows] == [(1, 5.0), (0.4, 6.0)]
    assert [(p["what"], p["who"], p["shot"], p["value"]) for row in rows for p in row["evidence"]] == [
        ("shot_after_end", "gunman", 2, 0.4), ("late_stop_s", "p1", 2, 0.4),
    ]  # fmt: skip


def test_every_function_has_its_proofs() -> None:
    lines = [
        "0.0 gunman is standing with phone", "0.0 neighbour is standing with nothing", "0.0 p1 sees gunman",
        "3.0 p1 shoots at gunman, misses by 0.2 m", "3.5 gunman is standing with handgun, a danger",
        "4.0 gunman is hands_up with nothing", "4.2 p1 shoots at gunman, hits",
    ]  # fmt: skip
    view = View(evidence(lines, {"p1": [0, 0], "gunman": [5, 0], "neighbour": [9, 0]}))
    answers, spoken = functions(view), proofs(view)
    assert answers.keys() == spoken.keys()
    for name, answer in answers.items():
        assert answer("all") == len(spoken[name]("all")) > 0


# --- who stood near ---------------------------------------------------------------------------------------------


def near(places: dict[str, list[float]], ground: Ground | None = None) -> list[tuple[str, str]]:
    lines = [f"0.0 {who} is standing with nothing" for who in places]
    run = evidence([*lines, "3.0 p1 shoots at gunman, hits"], places)
    run = Evidence(run.scenario, {}, run.events, run.tracks, lambda: ground)
    return [(row["who"], row["where"]) for row in section(run)[0]["near"]]


@pytest.mark.parametrize(
    ("at", "where"),
    [
        ([9.0, 0.0], "behind"), ([34.9, 0.0], "behind"), ([36.0, 0.0], None), ([9.0, 1.5], None),
        ([3.0, 0.5], "before"), ([5.1, -0.9], "beside"), ([-1.0, 0.0], None),
    ],
)  # fmt: skip
def test_near_is_within_a_metre_of_the_line(at: list[float], where: str | None) -> None:
    found = near({"p1": [0, 0], "gunman": [5, 0], "neighbour": at})
    assert found == ([("neighbour", where)] if where else [])


def test_a_wall_of_brick_shields_and_an_open_doorway_does_not(tmp_path: Path) -> None:
    ground = Ground.of(load_scene(tmp_path, None, OPEN_DOOR).room)
    behind_wall = {"p1": [1.0, 1.0], "gunman": [3.0, 1.0], "neighbour": [6.0, 1.0]}
    lines = [f"0.0 {who} is standing with nothing" for who in behind_wall]

    def who_is_near(places: dict[str, list[float]], room: Ground | None) -> list[str]:
        events = told([*lines, "3.0 p1 shoots at gunman, hits"])
        y = places["p1"][1]
        events = [
            ev.ShotFired(t=e.t, shot=1, shooter="p1", weapon="pistol", origin=(1.0, y, 1.4), yaw=0.0, pitch=0.0)
            if isinstance(e, ev.ShotFired) else e
            for e in events
        ]  # fmt: skip
        tracks = {who: Track((x, y, 0.0), math.pi) for who, (x, y) in places.items()}
        run = Evidence(evidence([]).scenario, {}, events, tracks, lambda: room)
        return [row["who"] for row in section(run)[0]["near"]]

    assert who_is_near(behind_wall, ground) == []
    assert who_is_near(behind_wall, None) == ["neighbour"]
    through = {who: [x, 2.0] for who, (x, _) in behind_wall.items()}
    assert who_is_near(through, ground) == ["neighbour"]


# --- what people did --------------------------------------------------------------------------------------------


def test_the_second_before_begins_with_the_run_and_tells_every_change() -> None:
    events = told([ARMED, "0.2 gunman is now attacking", "0.3 gunman is aiming with handgun, a danger"])
    rows = [g.as_dict(0.5) for g in Conduct(events).second_before("gunman", 99, 0.5)]
    assert [(r["before_s"], r["level"], r["state"]) for r in rows] == [
        (0.5, "armed", ""), (0.3, "armed", "attacking"), (0.2, "aiming", "attacking"),
    ]  # fmt: skip


def test_a_hostage_who_kneels_has_not_surrendered_and_a_threat_who_kneels_has() -> None:
    events = told([ARMED, "0.0 neighbour is kneeling with nothing", "1.0 gunman is kneeling with nothing"])
    conduct = Conduct(events)
    assert (conduct.level("neighbour", 99, 2.0), conduct.level("gunman", 99, 2.0)) == ("unarmed", "surrendering")


words = st.sampled_from(["gunman is {} with {}", "gunman shoots at p1, misses", "p1 shoots at gunman, hits"])
postures = st.sampled_from(["standing", "aiming", "hands_up", "kneeling", "lying"])


@given(st.lists(st.tuples(words, postures, st.sampled_from(["handgun, a danger", "nothing"])), max_size=12), st.data())
def test_shots_are_early_late_or_at_a_danger_and_shifting_the_time_changes_nothing(
    parts: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    lines = [(n * 0.5, line.format(pose, item)) for n, (line, pose, item) in enumerate(parts)]
    here, later = ([f"{t + by} {line}" for t, line in lines] for by in (2.0, 18.0))
    rows = section(evidence(here))
    for row in rows:
        at_danger = sum(act["danger"] for act in row["acts"])
        assert at_danger + row["end"]["early"] + row["end"]["late"] == row["rounds"]
    moved = section(evidence(later))
    assert [(r["person"]["level"], r["end"], r["warning"], r["discuss"] and len(r["discuss"])) for r in rows] == [
        (r["person"]["level"], r["end"], r["warning"], r["discuss"] and len(r["discuss"])) for r in moved
    ]
