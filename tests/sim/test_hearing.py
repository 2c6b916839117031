"""What is heard, by whom and how loud: through air, walls and doors, and round corners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scenes import OPEN_DOOR, load_scene, play

from xrlab.run import Session
from xrlab.sim import deeds, hearing
from xrlab.sim import events as ev
from xrlab.sim.engine import Engine


def level(session: Session, db: float, who: str, by: str = "p1") -> float:
    engine = session.run.engine
    mouth = engine.world.actors[by].eye(engine.now)
    (arrives,) = hearing.arriving(engine.world, engine.now, mouth, db, [engine.world.actors[who]])
    return arrives


def asks(engine: Engine, condition: str, who: str) -> Any:
    name, _, rest = condition.partition("(")
    given = [part.strip().strip('"') for part in rest.rstrip(")").split(",") if part]
    return engine.functions(who)[name](*given)


def test_a_voice_falls_by_six_decibels_when_the_distance_doubles(tmp_path: Path) -> None:
    hall = {"rooms": {"hall": {"rect": [0, 0, 40, 4]}}, "doors": None, "lights": None}
    hall |= {"points.a": {"at": [1, 2]}, "points.b": {"at": [9, 2]}, "points.c": {"at": [17, 2]}}
    session = play(load_scene(tmp_path, None, hall))
    near, far = level(session, 82, "gunman"), level(session, 82, "neighbour")
    assert near == pytest.approx(82 - 18.1, abs=0.3)
    assert near - far == pytest.approx(6.0, abs=0.2)


def test_an_open_door_lets_more_through_than_a_shut_one_and_a_shut_one_more_than_a_wall(tmp_path: Path) -> None:
    shut = play(load_scene(tmp_path))
    opened = play(load_scene(tmp_path, None, OPEN_DOOR))
    walled = play(load_scene(tmp_path, None, {"doors": None}))
    levels = [level(s, 82, "neighbour") for s in (opened, shut, walled)]
    assert levels[0] - levels[1] == pytest.approx(15, abs=1)  # a leaf of wood, instead of a doorway
    assert levels[1] > levels[2] + 15
    assert levels[2] == pytest.approx(82 - 15.7 - 45, abs=0.5)  # brick


@pytest.mark.parametrize(
    ("voice", "opened", "heard"),
    [("shouted", True, True), ("said", True, True), ("whispered", True, False), ("shouted", False, True),
     ("said", False, False)],
)  # fmt: skip
def test_a_command_is_understood_or_not_by_its_voice_and_the_door(
    tmp_path: Path, voice: Any, opened: bool, heard: bool
) -> None:
    session = play(load_scene(tmp_path, None, OPEN_DOOR if opened else None))
    engine = session.run.engine
    engine.advance(1.0)
    deeds.call_out(engine, engine.world.actors["p1"], "stop", voice)
    (command,) = [e for e in session.events if isinstance(e, ev.VerbalCommand)]
    assert (command.voice, "gunman" in command.heard_by) == (voice, heard)
    assert asks(engine, 'challenged_by("police")', "gunman") is heard
    assert asks(engine, 'challenged_by("police", "stop", "shouted")', "gunman") is (heard and voice == "shouted")
    assert asks(engine, 'challenged_by("police", "hands_up")', "gunman") is False
    if heard:
        assert asks(engine, 'voice_db("police")', "gunman") == level(session, hearing.VOICES_DB[voice], "gunman")


@pytest.mark.parametrize(("hears", "heard"), [(1.0, True), (0.3, False), (0.0, False)])
def test_who_hears_badly_must_be_nearer(tmp_path: Path, hears: float, heard: bool) -> None:
    session = play(load_scene(tmp_path, {"people.gunman.hears": hears}))
    engine = session.run.engine
    deeds.call_out(engine, engine.world.actors["p1"], "stop")
    assert ("gunman" in session.events[-1].heard_by) is heard  # type: ignore[attr-defined]
    deeds.fire(engine, engine.world.actors["p1"], 3.14, 0.0)
    assert asks(engine, 'heard("shot")', "gunman") is (hears > 0)


def test_sounds_are_told_apart_by_kind_and_by_who_made_them(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    engine = session.run.engine
    engine.advance(1.0)
    deeds.say(engine, engine.world.actors["neighbour"], {"en": "Who is there?"}, "said")
    assert asks(engine, 'heard("voice")', "gunman") and asks(engine, 'heard("any", "neighbour")', "gunman")
    assert not asks(engine, 'heard("shout")', "gunman") and not asks(engine, 'heard("voice", "police")', "gunman")
    assert not asks(engine, 'heard("voice")', "neighbour")  # not oneself
    assert not asks(engine, 'heard("voice")', "p1")  # a spoken word does not come through a shut door
    deeds.move_door(engine, "middle_door", 1.0, None)
    assert asks(engine, 'heard("door")', "gunman") and asks(engine, 'heard("door")', "p1")


def test_who_hears_a_cry_answers_to_it(tmp_path: Path) -> None:
    scene = {
        "people.neighbour.states": {"calling": {"do": [{"wait_s": 1}, {"say": "Help!", "voice": "shouted"}]}},
        "people.neighbour.begins": "calling",
        "people.gunman.transitions": [{"to": "wary", "when": 'heard("shout", "neighbour")', "after_s": 0.4}],
    }
    session = play(load_scene(tmp_path, scene))
    session.run.engine.advance(2.0)
    changes = [(e.t, e.state) for e in session.events if isinstance(e, ev.StateChanged) and e.who == "gunman"]
    assert changes == [(0.0, "waiting"), (1.4, "wary")]
