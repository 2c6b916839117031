"""Scripted trainees: steps, reactions, and what is wrong in a script."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenes import OPEN_DOOR, load_scene, play

from xrlab.errors import InputError
from xrlab.run import Session
from xrlab.sim import events as ev
from xrlab.trainee.script import follow, load_script


def act(folder: Path, plan: dict[str, Any], until: float, scenario: dict[str, Any] | None = None,
        room: dict[str, Any] | None = None, seed: int = 0) -> Session:  # fmt: skip
    """Lets p1 follow a plan in the scene."""
    loaded = load_scene(folder, scenario, room)
    path = folder / "s.trainee.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": plan}}))
    session = play(loaded, seed)
    follow(load_script(path, loaded), session.run)
    session.run.engine.advance(until)
    return session


def kinds(session: Session, kind: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, kind) and getattr(e, "who", "p1") == "p1"]


def test_going_opens_the_door_on_the_way(tmp_path: Path) -> None:
    session = act(tmp_path, {"do": [{"go": "b"}]}, 12)
    (door,) = kinds(session, ev.DoorMoved)
    assert door.door == "middle_door"
    x, y, _ = session.run.engine.world.actors["p1"].track.at(12).position
    assert math.dist((x, y), (7, 2)) < 0.05


def test_waiting_looking_commanding_and_reloading(tmp_path: Path) -> None:
    steps = [{"wait_s": 1.5}, "challenge", {"look_at": "aside"}, {"wait_s": 1}, "reload", {"challenge": "get_down"}]
    session = act(tmp_path, {"do": steps}, 8)
    said = kinds(session, ev.VerbalCommand)
    assert (said[0].t, said[0].command) == (1.5, "drop_weapon")
    assert said[1].command == "get_down"
    (reloaded,) = kinds(session, ev.Reloaded)
    assert said[1].t == reloaded.t
    yaw = session.run.engine.world.actors["p1"].track.at(8).yaw
    assert math.isclose(yaw, math.pi / 2, abs_tol=1e-5)


def test_a_sweep_looks_both_ways_and_comes_back(tmp_path: Path) -> None:
    session = act(tmp_path, {"do": [{"sweep_deg": 180}]}, 6)
    track = session.run.engine.world.actors["p1"].track
    yaws = [track.at(n / 50).yaw for n in range(300)]
    assert max(yaws) == pytest.approx(math.pi / 2, abs=0.05)
    assert min(yaws) == pytest.approx(-math.pi / 2, abs=0.05)
    assert yaws[-1] == pytest.approx(0.0, abs=1e-5)


def test_conditions_choose_and_time_out(tmp_path: Path) -> None:
    steps = [
        {"when": "time() > 2"},
        {"if": 'state("gunman") == "waiting"', "do": ["challenge"], "else": ["reload"]},
        {"if": "time() > 100", "do": ["reload"], "else": [{"challenge": "stop"}]},
        {"when": "time() > 100", "timeout_s": 1.5},
        {"repeat": 2, "do": [{"challenge": "hands_up"}, {"wait_s": 0.5}]},
    ]
    said = kinds(act(tmp_path, {"do": steps}, 10), ev.VerbalCommand)
    assert [e.command for e in said] == ["drop_weapon", "stop", "hands_up", "hands_up"]
    assert said[0].t == pytest.approx(2.1, abs=0.11)
    assert said[2].t == pytest.approx(said[1].t + 1.5)
    assert said[3].t == pytest.approx(said[2].t + 0.5)


SHARP = {"reaction_s": 0.5, "spread_mrad": 0, "split_s": 0.4}


def test_shooting_hits_the_zone_named_with_the_skills_times(tmp_path: Path) -> None:
    plan = {"skill": SHARP, "do": [{"wait_s": 1}, {"shoot": "gunman", "at": "head", "times": 1}]}
    session = act(tmp_path, plan, 5, None, OPEN_DOOR)
    (shot,) = kinds(session, ev.ShotFired)
    hit = kinds(session, ev.Struck)[0]  # it may go on into the wall behind
    assert (hit.what, hit.zone) == ("gunman", "head")
    assert 1.25 <= shot.t <= 1.8


def test_fire_stops_when_the_danger_has_ended(tmp_path: Path) -> None:
    plan = {"skill": SHARP, "do": [{"shoot": "danger", "times": 10}]}
    session = act(tmp_path, plan, 9, None, OPEN_DOOR)
    shots = kinds(session, ev.ShotFired)
    assert len(shots) == 2
    assert shots[1].t - shots[0].t == pytest.approx(0.4, abs=1e-6)


def test_fire_is_held_while_somebody_stands_in_the_line(tmp_path: Path) -> None:
    between = {"people.child": {"role": "no_shoot", "at": [5, 2]}}
    plan = {"skill": SHARP, "do": [{"shoot": "gunman", "times": 1}]}
    assert kinds(act(tmp_path, plan, 12, between, OPEN_DOOR), ev.ShotFired) == []
    careless = {"skill": SHARP, "do": [{"shoot": "gunman", "times": 1, "check_line": False}]}
    session = act(tmp_path, careless, 12, between, OPEN_DOOR)
    assert kinds(session, ev.Struck)[0].what == "child"


def test_the_spread_is_the_skills_standard_deviation(tmp_path: Path) -> None:
    target = {"targets": {"t": {"at": [3.5, 2], "face": "precision_25m"}}, "time_limit_s": 900}
    plan = {"skill": SHARP | {"spread_mrad": 8}, "do": [{"repeat": 300, "do": [{"shoot": "t", "times": 1}]}]}
    hits = [e.local for e in kinds(act(tmp_path, plan, 800, target, None), ev.Struck) if e.what == "t"]
    assert len(hits) > 250
    for axis in (0, 1):
        mean = sum(h[axis] for h in hits) / len(hits)
        deviation = math.sqrt(sum((h[axis] - mean) ** 2 for h in hits) / len(hits))
        assert deviation == pytest.approx(0.008 * 2.42, rel=0.15)


def test_a_reaction_breaks_into_the_plan_and_the_plan_goes_on(tmp_path: Path) -> None:
    plan = {
        "skill": SHARP,
        "react": [{"when": "sees_danger()", "do": ["challenge", {"wait_s": 0.3}, {"shoot": "danger", "times": 4}]}],
        "do": [{"wait_s": 1}, {"go": "b"}],
    }
    session = act(tmp_path, plan, 15)
    assert kinds(session, ev.VerbalCommand)[0].t < kinds(session, ev.ShotFired)[0].t
    x, y, _ = session.run.engine.world.actors["p1"].track.at(15).position
    assert math.dist((x, y), (7, 2)) < 0.05
    assert session.run.engine.world.actors["gunman"].state == "down"


def test_the_instructors_cue_from_a_script(tmp_path: Path) -> None:
    inject = {"injects": {"dark": {"label": "Dark", "do": [{"lights": "off"}]}}}
    session = act(tmp_path, {"do": [{"wait_s": 1}, {"cue": "dark"}]}, 3, inject)
    assert [(e.t, e.group) for e in session.events if isinstance(e, ev.LightsChanged)] == [(1.0, "east"), (1.0, "west")]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"do": [{"go": "bb"}]}, "the room has no zone, point or door 'bb'"),
        ({"do": [{"chalenge": "stop"}]}, "no known action among: chalenge; did you mean 'challenge'?"),
        ({"do": ["shoot"]}, "'shoot' needs more: write 'shoot: …'"),
        ({"do": [{"shoot": "gunmn"}]}, "did you mean 'gunman'?"),
        ({"do": [{"shoot": "gunman", "at": "hed"}]}, "no hit zone is called 'hed'; did you mean 'head'?"),
        ({"do": [{"shoot": "gunman", "times": 0}]}, "times is 0; it must be at least 1"),
        ({"do": [{"challenge": "freeze"}]}, "challenge is 'freeze'"),
        ({"do": [{"when": 'state("x") == "y"'}]}, "no person is called 'x'"),
        ({"do": [{"repeat": 2, "do": [{"cue": "dark"}]}]}, "no inject is called 'dark'\n"),
        ({"do": [{"open": "middel_door"}]}, "did you mean 'middle_door'?"),
        ({"react": [{"when": "time()", "do": ["reload"]}]}, "gives a number; a bool is needed"),
        ({"skill": {"reaction_s": -1}}, "reaction_s is -1; it must be at least 0"),
        ({"skill": {"aim": 1}}, "unknown key 'aim'"),
    ],
)
def test_mistakes_in_a_script_are_named(tmp_path: Path, plan: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        act(tmp_path, plan, 0)
    assert said in f"{caught.value}\n"
    assert str(caught.value).startswith(str(tmp_path / "s.trainee.yaml") + ":")


def test_a_trainee_whom_the_scenario_lacks(tmp_path: Path) -> None:
    loaded = load_scene(tmp_path)
    path = tmp_path / "s.trainee.yaml"
    path.write_text("xrlab: 1\ntrainees:\n  p9: {do: []}\n")
    with pytest.raises(InputError, match=r"s\.trainee\.yaml:3:3: the scenario has no trainee 'p9'; known: p1"):
        load_script(path, loaded)
