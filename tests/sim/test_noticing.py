"""What role players notice and conditions ask: zones entered, doors moved, hits by whom, distance, light, others."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from scenes import OPEN_DOOR, load_scene, play

from xrlab.run import Session
from xrlab.scenario.conditions import parse
from xrlab.sim import deeds
from xrlab.sim import events as ev


def holds(session: Session, condition: str, who: str = "gunman") -> bool:
    return session.run.engine.holds(parse(condition, "live"), who)


def answered(folder: Path, when: str, room: Any = None, **more: Any) -> Session:
    """The scene with a gunman who freezes as soon as a condition holds."""
    rule = [{"from": "waiting", "to": "frozen", "when": when}]
    return play(load_scene(folder, {"people.gunman.transitions": rule, **more}, room))


def frozen_at(session: Session) -> float | None:
    return next((e.t for e in session.events if isinstance(e, ev.StateChanged) and e.state == "frozen"), None)


def test_zones_are_entered_and_left_and_people_in_them_counted(tmp_path: Path) -> None:
    session = answered(tmp_path, 'entered("police", "east")', OPEN_DOOR)
    engine = session.run.engine
    assert holds(session, 'count("all", "east") == 2') and holds(session, 'count("trainee", "west") == 1')
    engine.advance(0.5)
    deeds.go(engine, engine.world.actors["p1"], [(3.0, 2.0), (6.0, 2.0)], 2.0)
    engine.advance(4.0)
    assert frozen_at(session) == pytest.approx(2.0, abs=0.11)
    assert holds(session, 'count("all", "east") == 3')
    assert not holds(session, 'entered("police", "east")')  # not since this state began
    assert holds(session, 'entered("police", "east") && left("p1", "west")', "neighbour")
    assert not holds(session, 'left("p1", "east")', "neighbour")


def test_a_moved_door_is_noticed_with_who_moved_it(tmp_path: Path) -> None:
    session = answered(tmp_path, 'door_moved("middle_door", "police")')
    engine = session.run.engine
    engine.advance(1.0)
    deeds.move_door(engine, "middle_door", 1.0, "neighbour")
    engine.advance(2.0)
    assert frozen_at(session) is None and holds(session, 'door_moved("middle_door")')
    deeds.move_door(engine, "middle_door", 0.0, "p1")
    engine.advance(3.0)
    assert frozen_at(session) == 2.0


def test_being_hit_tells_by_whom_and_where(tmp_path: Path) -> None:
    session = answered(tmp_path, 'hit_by("trainee", "left_leg")', OPEN_DOOR)
    engine = session.run.engine
    p1, gunman = engine.world.actors["p1"], engine.world.actors["gunman"]
    for t, zone in ((1.0, "right_leg"), (2.0, "left_leg")):
        engine.advance(t)
        deeds.fire(engine, p1, *deeds.aim_angles(p1.eye(t), deeds.aim_point(gunman, t, zone)))
    engine.advance(2.5)
    assert frozen_at(session) == pytest.approx(2.0, abs=0.03)
    assert not holds(session, 'hit_by("p1")')  # not since
    assert not holds(session, 'hit_by("p1")', "neighbour")


@pytest.mark.parametrize(
    ("when", "at"),
    [("state_time() >= 1.5", 1.5), ("state_time() > 1.5", 1.500001), ("2.25 < state_time()", 2.250001),
     ("state_time() * 2 >= 3", 1.5)],
)  # fmt: skip
def test_the_time_in_a_state(tmp_path: Path, when: str, at: float) -> None:
    rules = [{"from": "waiting", "to": "wary", "when": "time() >= 1"}, {"from": "wary", "to": "frozen", "when": when}]
    session = play(load_scene(tmp_path, {"people.gunman.transitions": rules}))
    session.run.engine.advance(5.0)
    assert frozen_at(session) == pytest.approx(1.0 + at, abs=0.11 if "*" in when else 1e-9)


def test_distance_is_asked_as_people_move(tmp_path: Path) -> None:
    session = answered(tmp_path, 'distance("trainee") < 3', OPEN_DOOR)
    engine = session.run.engine
    assert holds(session, 'distance("trainee") == 6 && distance("neighbour", "gunman") < 1.5')
    assert not holds(session, 'distance("target") < 100')  # there is none
    deeds.go(engine, engine.world.actors["p1"], [(3.0, 2.0), (6.0, 2.0)], 1.0)
    engine.advance(6.0)
    assert frozen_at(session) == pytest.approx(3.1, abs=0.15)


def test_lamps_and_what_is_held(tmp_path: Path) -> None:
    events = {"dark": {"at_s": 2, "do": [{"lights": 0.3, "group": "west"}]}}
    session = answered(tmp_path, 'light("west") < 0.5 && holds("self") == "handgun"', events=events)
    session.run.engine.advance(3.0)
    assert frozen_at(session) == 2.0
    assert holds(session, 'light("all") == 1 && holds("neighbour") == "phone" && holds("p1") == "handgun"')


def test_a_torch_is_switched_held_and_dropped(tmp_path: Path) -> None:
    do = [{"wait_s": 1}, {"torch": "on"}, {"wait_s": 1}, {"torch": "off"}, {"hold": "torch"}, {"wait_s": 1}, "drop"]
    scene = {"people.neighbour.states": {"lighting": {"do": do}}, "people.neighbour.begins": "lighting"}
    session = answered(tmp_path, 'torch_lit("neighbour")', **scene)
    session.run.engine.advance(5.0)
    assert frozen_at(session) == 1.0
    switched = [(e.t, e.on) for e in session.events if isinstance(e, ev.TorchSwitched)]
    assert switched == [(1.0, True), (2.0, False), (2.0, True), (3.0, False)]
    lit = play(load_scene(tmp_path, {"people.gunman.torch": True}))
    assert holds(lit, 'torch_lit("gunman")', "")


def test_a_bystander_sees_the_gunman_where_a_condition_asks(tmp_path: Path) -> None:
    rule = [{"from": "waiting", "to": "fleeing", "when": 'sees("threat")', "after_s": 0.5}]
    scene = {"people.neighbour.transitions": rule, "people.neighbour.yaw_deg": 90}
    session = play(load_scene(tmp_path, scene))
    engine = session.run.engine
    engine.advance(2.0)
    assert engine.world.actors["neighbour"].state == "waiting"  # looks the other way
    deeds.face(engine, engine.world.actors["neighbour"], math.radians(-90))
    engine.advance(4.0)
    assert engine.world.actors["neighbour"].state == "fleeing"


@pytest.mark.parametrize(
    ("eyes", "seen"),
    [({}, True), ({"sees_m": 5.5}, False), ({"sees_m": 6.5}, True), ({"yaw_deg": 130, "view_deg": 90}, False),
     ({"yaw_deg": 130, "view_deg": 110}, True), ({"yaw_deg": 0, "view_deg": 360}, True)],
)  # fmt: skip
def test_how_wide_and_how_far_somebody_sees(tmp_path: Path, eyes: dict[str, float], seen: bool) -> None:
    scene = {f"people.gunman.{key}": value for key, value in eyes.items()}
    session = play(load_scene(tmp_path, scene, OPEN_DOOR))
    session.run.engine.advance(1.0)
    assert holds(session, 'sees("p1")') is seen
