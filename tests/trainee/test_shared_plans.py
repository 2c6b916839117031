"""Plans of scripted trainees: shared plans, ready-made reactions, steps beyond walking and shooting, searching."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenes import OPEN_DOOR, load_scene, play

from xrlab.errors import InputError
from xrlab.run import Session
from xrlab.scenario.load import load
from xrlab.sim import events as ev
from xrlab.trainee.script import follow, load_script
from xrlab.trainee.search import spots_of

TWO = {"teams.police.trainees": ["p1", "p2"]}
NOBODY = {"people": {}, "scoring.criteria": {"c": {"value": 'cleared("all")', "points": 1}}}


def act(folder: Path, trainees: dict[str, Any], until: float, scenario: dict[str, Any] | None = None,
        room: dict[str, Any] | None = None, seed: int = 0) -> Session:  # fmt: skip
    loaded = load_scene(folder, scenario, room)
    path = folder / "s.trainee.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": trainees}, sort_keys=False))
    session = play(loaded, seed)
    follow(load_script(path, loaded), session.run)
    session.run.engine.advance(until)
    return session


def kinds(session: Session, kind: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, kind)]


def place(session: Session, who: str) -> tuple[float, float]:
    engine = session.run.engine
    x, y, _ = engine.world.actors[who].track.at(engine.now).position
    return x, y


def test_plans_are_shared_by_all_by_a_team_and_as_another(tmp_path: Path) -> None:
    said = [{"challenge": "stop"}]
    for trainees in (
        {"all": {"do": said}},
        {"police": {"do": said}},
        {"p1": {"do": said}, "p2": {"as": "p1"}},
        {"p2": {"as": "all", "skill": "novice"}, "all": {"do": said}},
    ):
        session = act(tmp_path, trainees, 5, TWO)
        assert sorted(e.who for e in kinds(session, ev.VerbalCommand)) == ["p1", "p2"], trainees
    own = {"all": {"do": said}, "p2": {"as": "all", "do": ["reload"]}}
    session = act(tmp_path, own, 5, TWO)
    assert [e.who for e in kinds(session, ev.VerbalCommand)] == ["p1"]
    assert [e.who for e in kinds(session, ev.Reloaded)] == ["p2"]


def test_a_step_waits_for_a_time_of_the_run_but_not_for_one_that_is_past(tmp_path: Path) -> None:
    steps = [{"at_s": 3.5}, "challenge", {"at_s": 1}, {"challenge": "stop"}]
    said = kinds(act(tmp_path, {"p1": {"do": steps}}, 5), ev.VerbalCommand)
    assert [(e.t, e.command) for e in said] == [(3.5, "drop_weapon"), (3.5, "stop")]


def test_postures_of_a_trainee(tmp_path: Path) -> None:
    steps = ["kneel", {"wait_s": 1}, "stand", {"wait_s": 1}, {"aim": "aside"}, {"wait_s": 1}, "lower", {"wait_s": 1},
             {"hold": "phone"}, {"say": "Hallo"}]  # fmt: skip
    session = act(tmp_path, {"p1": {"do": steps}}, 6)
    mine = [(e.pose, e.holds) for e in kinds(session, ev.PostureChanged) if e.who == "p1"]
    assert mine == [("low_ready", "handgun"), ("crouching", "handgun"), ("low_ready", "handgun"), ("aiming", "handgun"),
                    ("low_ready", "handgun"), ("low_ready", "phone")]  # fmt: skip
    assert [(e.who, e.text["fr"]) for e in kinds(session, ev.Spoke)] == [("p1", "Hallo")]
    assert session.run.engine.world.actors["p1"].track.at(6).yaw == pytest.approx(math.pi / 2, abs=1e-4)


def test_shots_from_the_knee_and_with_the_hand_full_of_something_else(tmp_path: Path) -> None:
    sharp = {"reaction_s": 0.3, "spread_mrad": 0}
    low = {"skill": sharp, "do": ["kneel", {"shoot": "gunman", "times": 1}]}
    (shot,) = kinds(act(tmp_path, {"p1": low}, 4, None, OPEN_DOOR), ev.ShotFired)
    assert shot.origin[2] < 1.3
    full = {"skill": sharp | {"draw_s": 1.5}, "do": [{"hold": "phone"}, {"shoot": "gunman", "times": 1}]}
    session = act(tmp_path, {"p1": full}, 4, None, OPEN_DOOR)
    (shot,) = kinds(session, ev.ShotFired)
    assert shot.t == pytest.approx(1.8, abs=0.2)
    assert session.run.engine.world.actors["p1"].holds == "handgun"


def test_cover_is_out_of_sight_of_the_danger_and_near(tmp_path: Path) -> None:
    room = OPEN_DOOR | {"furniture": [{"kind": "cupboard", "at": [1.5, 0.9], "size_m": [0.4, 1.2, 2.0]}]}
    session = act(tmp_path, {"p1": {"do": [{"wait_s": 0.5}, {"cover": "danger"}]}}, 6, None, room)
    engine = session.run.engine
    assert ("p1", "gunman") not in engine.ledger.sees or engine.world.actors["p1"].pose == "crouching"
    assert ("gunman", "p1") not in engine.ledger.sees
    assert math.dist(place(session, "p1"), (1, 2)) < 4
    at = act(tmp_path, {"p1": {"do": [{"cover": "aside"}]}}, 6)
    assert math.dist(place(at, "p1"), (1, 3.4)) < 0.05
    assert at.run.engine.world.actors["p1"].pose == "crouching"


def test_one_trainee_follows_another_at_a_distance(tmp_path: Path) -> None:
    trainees = {
        "p1": {"do": [{"wait_s": 1}, {"go": "b"}]},
        "p2": {"do": [{"follow": "p1", "spacing_m": 1.2}, "reload"]},
    }
    session = act(tmp_path, trainees, 20, TWO | {"people": {}})
    assert math.dist(place(session, "p1"), (7, 2)) < 0.05
    assert 0.6 < math.dist(place(session, "p1"), place(session, "p2")) <= 1.3
    assert [e.who for e in kinds(session, ev.Reloaded)] == ["p2"], "the plan goes on when the leader's is done"
    until = {"p1": {"do": [{"wait_s": 60}]}, "p2": {"do": [{"follow": "p1", "until": "time() > 3"}, "challenge"]}}
    (said,) = kinds(act(tmp_path, until, 6, TWO), ev.VerbalCommand)
    assert said.t == pytest.approx(3.1, abs=0.15)


def test_a_search_clears_every_zone_and_is_shared(tmp_path: Path) -> None:
    session = act(tmp_path, {"all": {"do": [{"search": "all"}, "challenge"]}}, 20, TWO | NOBODY)
    assert {e.zone for e in kinds(session, ev.ZoneCleared)} == {"west", "east"}
    assert len(kinds(session, ev.VerbalCommand)) == 2, "both have come to the end of it"
    assert {e.who for e in kinds(session, ev.ZoneEntered) if e.zone == "east"} != {"p1", "p2"}, "one each"


def test_a_search_leaves_what_lies_behind_a_door_that_is_not_for_this_trainee(tmp_path: Path) -> None:
    shut = {"doors.middle_door.opened_by": "nobody"}
    session = act(tmp_path, {"p1": {"do": [{"search": ["west", "east"]}, "challenge"]}}, 20, NOBODY, shut)
    assert {e.zone for e in kinds(session, ev.ZoneCleared)} == {"west"}
    assert len(kinds(session, ev.VerbalCommand)) == 1
    assert kinds(session, ev.DoorMoved) == []


def test_the_spots_of_a_search_see_round_corners() -> None:
    room = load("house/hostage").room
    for zone in room.zones:
        spots = spots_of(room, zone)
        assert 1 <= len(spots) <= 6
        assert all(room.zone_at(spot) == zone or room.zones[zone].contains(_row(spot))[0] for spot in spots)
    assert spots_of(room, "kitchen") is spots_of(room, "kitchen")


def _row(spot: tuple[float, float, float]) -> Any:
    import numpy as np

    return np.array([spot[:2]])


@pytest.mark.parametrize(("seed", "reaction", "passes"), [
    (3, "careful", True), (4, "careful", True), (3, "passive", False), (3, "shoots_all", False), (3, "talks", False),
])  # fmt: skip
def test_a_good_a_poor_and_a_wrong_trainee_of_a_house_have_three_lines(
    tmp_path: Path, seed: int, reaction: str, passes: bool
) -> None:
    path = tmp_path / "x.trainee.yaml"
    path.write_text(f"xrlab: 1\ntrainees:\n  all: {{react: {reaction}, do: [{{search: all}}]}}\n")
    loaded = load("house/hostage", seed=seed)
    with Session(loaded, seed, None) as session:
        follow(load_script(path, loaded), session.run)
        session.run.engine.run()
        result = session.finish()
    assert result.passed is passes
    if reaction == "shoots_all":
        assert any(t["metrics"]["no_shoot_hits"] for t in result["trainees"])
    if reaction in ("passive", "talks"):
        assert result["shots"] == []


@pytest.mark.parametrize(("reaction", "harmed"), [("passive", False), ("shoots_all", True)])
def test_a_good_and_a_wrong_shooter_of_any_range_have_three_lines(tmp_path: Path, reaction: str, harmed: bool) -> None:
    path = tmp_path / "x.trainee.yaml"
    path.write_text(f"xrlab: 1\ntrainees:\n  all: {{skill: expert, react: {reaction}, do: [strings]}}\n")
    loaded = load("range/qualification", seed=5)
    with Session(loaded, 5, None) as session:
        follow(load_script(path, loaded), session.run)
        session.run.engine.run()
        result = session.finish()
    assert len(result["shots"]) >= 14
    assert bool(result["trainees"][0]["metrics"]["no_shoot_hits"]) is harmed
    assert result.passed is not harmed


@pytest.mark.parametrize(
    ("trainees", "said"),
    [
        ({"p1": {"as": "p3"}}, "no plan of this file is called 'p3'"),
        ({"p1": {"as": "all"}, "all": {"as": "p1"}}, "leads round in a circle: p1 as all as p1"),
        ({"polis": {}}, "the scenario has no trainee 'polis'"),
        ({"p1": {"react": "carefull"}}, "no reaction is called 'carefull'; did you mean 'careful'?"),
        ({"p1": {"react": ["quick", {"when": "sees_dangr()", "do": ["reload"]}]}}, "unknown function 'sees_dangr'"),
        ({"p1": {"skill": "master"}}, "no skill is called 'master'; known: expert, novice, trained"),
        ({"p1": {"skill": {"like": "trainde"}}}, "like is 'trainde'; did you mean 'trained'?"),
        ({"p1": {"do": [{"follow": "gunman"}]}}, "the scenario has no trainee 'gunman'"),
        ({"p1": {"do": [{"follow": "p1", "until": "tim() > 2"}]}}, "unknown function 'tim'"),
        ({"p1": {"do": [{"search": ["wst"]}]}}, "no zone is called 'wst'; did you mean 'west'?"),
        ({"p1": {"do": ["strings"]}}, "the scenario has no strings of fire"),
        ({"p1": {"do": [{"cover": "dangr"}]}}, "the room has no zone, point or door 'dangr'"),
        ({"p1": {"do": [{"aim": "gunmn"}]}}, "the room has no zone, point or door 'gunmn'"),
        ({"p1": {"do": [{"hold": "axe"}]}}, "hold is 'axe'"),
        ({"p1": {"do": [{"say": {}}]}}, "a text is needed"),
    ],
)  # fmt: skip
def test_mistakes_in_a_plan_are_named_with_their_place(tmp_path: Path, trainees: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        act(tmp_path, trainees, 0)
    assert said in str(caught.value)
    assert all(p.line >= 3 for p in caught.value.problems)
