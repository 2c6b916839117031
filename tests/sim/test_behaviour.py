"""Role players, doors, voices, strings of fire and injects: what the scenario says is what happens."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from scenes import OPEN_DOOR, load_scene, play

from xrlab.run import Session
from xrlab.sim import deeds
from xrlab.sim import events as ev

GIVES_UP = {
    "people.gunman.transitions": [{"to": "surrendering", "when": 'challenged_by("police")', "after_s": 0.5}],
}


def states(session: Session, who: str) -> list[tuple[float, str]]:
    return [(e.t, e.state) for e in session.events if isinstance(e, ev.StateChanged) and e.who == who]


def kinds(session: Session, kind: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, kind)]


def test_who_is_challenged_gives_up_after_the_delay_and_is_no_danger(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, GIVES_UP, OPEN_DOOR))
    engine = session.run.engine
    engine.advance(1.0)
    deeds.call_out(engine, engine.world.actors["p1"], "drop_weapon")
    engine.advance(1.4)
    assert engine.ledger.danger["gunman"] is True
    engine.advance(2.0)
    assert states(session, "gunman") == [(0.0, "waiting"), (1.5, "surrendering")]
    assert engine.ledger.danger["gunman"] is False
    gunman = engine.world.actors["gunman"]
    assert (gunman.pose, gunman.holds) == ("hands_up", "nothing")
    (command,) = kinds(session, ev.VerbalCommand)
    assert command.heard_by == ("gunman", "neighbour")


def test_a_shout_goes_round_corners_only_so_far(tmp_path: Path) -> None:
    far = {"rooms.east": {"rect": [4, 0, 14, 4]}, "points.b": {"at": [16, 2]}, "points.c": {"at": [7.4, 2.5]}}
    session = play(load_scene(tmp_path, GIVES_UP, far))
    engine = session.run.engine
    engine.advance(1.0)
    deeds.call_out(engine, engine.world.actors["p1"], "drop_weapon")
    assert kinds(session, ev.VerbalCommand)[0].heard_by == ("neighbour",)
    engine.advance(5.0)
    assert states(session, "gunman") == [(0.0, "waiting")]


def test_a_threat_attacks_who_comes_into_view_and_not_before(tmp_path: Path) -> None:
    attack = {
        "people.gunman.states": {"attacking": {"do": [{"fire_at": "nearest_trainee", "every_s": 1.0, "times": 3}]}},
        "people.gunman.transitions": [{"to": "attacking", "when": 'sees("trainee")', "after_s": 0.4}],
    }
    session = play(load_scene(tmp_path, attack))
    engine = session.run.engine
    engine.advance(3.0)
    assert states(session, "gunman") == [(0.0, "waiting")]
    deeds.move_door(engine, "middle_door", 1.0, "p1")
    engine.advance(9.0)
    seen = next(e.t for e in kinds(session, ev.Seen) if e.who == "gunman")
    assert 3.0 < seen <= 3.9
    assert states(session, "gunman")[1] == (pytest.approx(seen + 0.4), "attacking")
    shots = kinds(session, ev.ShotFired)
    assert len(shots) == 3
    assert [b.t - a.t for a, b in pairwise(shots)] == pytest.approx([1.0, 1.0], abs=0.02)


@pytest.mark.parametrize(("chance", "least", "most"), [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.4, 0.2, 0.6)])
def test_hit_chance_is_what_is_hit(tmp_path: Path, chance: float, least: float, most: float) -> None:
    attack = {
        "time_limit_s": 200,
        "people.gunman.states": {"attacking": {"do": [{"fire_at": "p1", "every_s": 1.0, "hit_chance": chance}]}},
        "people.gunman.begins": "attacking",
    }
    session = play(load_scene(tmp_path, attack, OPEN_DOOR), seed=3)
    session.run.engine.advance(101.5)
    fired, hit = len(kinds(session, ev.ShotFired)), len([e for e in kinds(session, ev.Struck) if e.what == "p1"])
    assert fired >= 95
    assert least <= hit / fired <= most


def test_hits_put_a_threat_down_by_the_stated_rule(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, None, OPEN_DOOR))
    engine = session.run.engine
    p1, gunman = engine.world.actors["p1"], engine.world.actors["gunman"]
    for t, zone in ((1.0, "left_leg"), (2.0, "torso"), (3.0, "torso")):
        engine.advance(t)
        deeds.fire(engine, p1, *deeds.aim_angles(p1.eye(t), deeds.aim_point(gunman, t, zone)))
    engine.advance(3.2)
    (begun, waiting), (fell, down) = states(session, "gunman")
    assert (begun, waiting, down) == (0.0, "waiting", "down")
    assert fell == pytest.approx(3.0 + 6 / 360, abs=0.003), "when the bullet has flown there"
    assert (gunman.pose, gunman.holds, gunman.is_danger) == ("lying", "nothing", False)


def test_a_scenarios_own_rule_for_falling_takes_its_place(tmp_path: Path) -> None:
    tough = {"people.gunman.transitions": [{"to": "down", "when": 'hits("gunman", "head") >= 1'}]}
    session = play(load_scene(tmp_path, tough, OPEN_DOOR))
    engine = session.run.engine
    p1, gunman = engine.world.actors["p1"], engine.world.actors["gunman"]
    for t in (1.0, 2.0, 3.0):
        engine.advance(t)
        deeds.fire(engine, p1, *deeds.aim_angles(p1.eye(t), deeds.aim_point(gunman, t, "torso")))
    engine.advance(4.0)
    assert gunman.state == "waiting"
    deeds.fire(engine, p1, *deeds.aim_angles(p1.eye(4.0), deeds.aim_point(gunman, 4.0, "head")))
    engine.advance(4.1)
    assert gunman.state == "down"


def test_walking_opens_doors_and_stays_off_the_walls(tmp_path: Path) -> None:
    walk = {"people.neighbour.states": {"out": {"do": [{"walk_to": "aside"}]}}, "people.neighbour.begins": "out"}
    session = play(load_scene(tmp_path, walk))
    engine = session.run.engine
    engine.advance(15.0)
    (door,) = kinds(session, ev.DoorMoved)
    assert (door.door, door.who, door.opened) == ("middle_door", "neighbour", 1.0)
    track = engine.world.actors["neighbour"].track
    assert math.dist(track.at(15.0).position[:2], (1.0, 3.4)) < 0.05
    walkable = engine.world.room.walkable
    for n in range(150):
        x, y, _ = track.at(n / 10).position
        assert walkable.clearance(x, y) > 0.1


def test_a_locked_door_stops_who_may_not_open_it(tmp_path: Path) -> None:
    walk = {"people.neighbour.states": {"out": {"do": [{"walk_to": "aside"}]}}, "people.neighbour.begins": "out"}
    session = play(load_scene(tmp_path, walk, {"doors.middle_door.opened_by": ["police"]}))
    engine = session.run.engine
    engine.advance(15.0)
    assert kinds(session, ev.DoorMoved) == []
    assert engine.world.actors["neighbour"].track.at(15.0).x > 4.3
    assert deeds.may_open(engine, engine.world.actors["p1"], "middle_door")


def test_zones_are_entered_left_and_cleared(tmp_path: Path) -> None:
    scene = {"scoring.criteria.cleared": {"value": 'cleared("all")'}, "people": None}
    session = play(load_scene(tmp_path, scene, OPEN_DOOR))
    engine = session.run.engine
    assert [e.zone for e in kinds(session, ev.ZoneEntered)] == ["west"]
    deeds.go(engine, engine.world.actors["p1"], [(3.0, 2.0), (6.0, 2.0), (7.5, 2.0)], 1.0)
    engine.advance(8.0)
    assert [(e.zone, e.who) for e in kinds(session, ev.ZoneEntered)] == [("west", "p1"), ("east", "p1")]
    assert [e.zone for e in kinds(session, ev.ZoneLeft)] == ["west"]
    deeds.face(engine, engine.world.actors["p1"], math.pi / 2)
    engine.advance(9.0)
    deeds.face(engine, engine.world.actors["p1"], math.pi)
    engine.advance(10.0)
    deeds.face(engine, engine.world.actors["p1"], -math.pi / 2)
    engine.advance(11.0)
    assert "east" in [e.zone for e in kinds(session, ev.ZoneCleared)]


def test_a_zone_with_a_danger_in_it_is_not_cleared(tmp_path: Path) -> None:
    scene = {"scoring.criteria.cleared": {"value": 'cleared("all")'}, "people.neighbour": None}
    session = play(load_scene(tmp_path, scene, OPEN_DOOR | {"points.a": {"at": [6, 2]}}))
    engine = session.run.engine
    for n in range(8):
        engine.advance(n * 1.0)
        deeds.face(engine, engine.world.actors["p1"], n * math.pi / 3)
    assert "east" not in [e.zone for e in kinds(session, ev.ZoneCleared)]


def test_weapons_run_empty_and_are_reloaded(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    engine = session.run.engine
    p1 = engine.world.actors["p1"]
    assert p1.weapon is not None
    for n in range(p1.weapon.capacity + 1):
        engine.advance(1.0 + n * 0.2)
        deeds.fire(engine, p1, math.pi, 0.0)
    assert len(kinds(session, ev.ShotFired)) == p1.weapon.capacity
    assert len(kinds(session, ev.EmptyTrigger)) == 1
    done = deeds.reload(engine, p1)
    assert deeds.reload(engine, p1) == done
    assert deeds.fire(engine, p1, math.pi, 0.0) is None
    engine.advance(done)
    assert [e.t for e in kinds(session, ev.Reloaded)] == [done]
    assert deeds.fire(engine, p1, math.pi, 0.0) is not None


def test_two_shots_cannot_be_closer_than_the_weapon_allows(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    engine = session.run.engine
    p1 = engine.world.actors["p1"]
    engine.advance(1.0)
    assert deeds.fire(engine, p1, 0.0, 0.0) == 1
    engine.advance(1.05)
    assert deeds.fire(engine, p1, 0.0, 0.0) is None
    engine.advance(1.2)
    assert deeds.fire(engine, p1, 0.0, 0.0) == 2


STRING = {
    "targets": {"t": {"at": [3, 2], "motion": "turning"}, "n": {"at": [3, 1], "motion": "turning", "role": "no_shoot"}},
    "strings": [
        {"name": "first", "show": ["t"], "times": 2, "for_s": 2, "away_s": 1, "delay_s": 3, "rounds": 2},
        {"name": "second", "show": ["t", "n"], "for_s": 1.5, "delay_s": [1, 2]},
    ],
    "pause_s": 2,
    "ends_when": "strings_done()",
    "time_limit_s": 60,
}


def test_strings_of_fire_expose_their_targets_as_written(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, STRING))
    session.run.engine.run()
    shown = [(e.t, e.target) for e in kinds(session, ev.TargetExposed)]
    hidden = [(e.t, e.target) for e in kinds(session, ev.TargetHidden)]
    assert shown[:2] == [(3.0, "t"), (6.0, "t")]
    assert hidden[:2] == [(5.0, "t"), (8.0, "t")]
    assert {t for _, t in shown[2:]} == {"t", "n"}
    start = shown[2][0]
    assert 8.3 + 2 + 1 <= start <= 8.3 + 2 + 2
    assert hidden[2][0] == pytest.approx(start + 1.5)
    assert [e.string for e in kinds(session, ev.StringStarted)] == ["first", "second"]
    assert session.events[-1] == ev.RunEnded(t=session.events[-1].t, reason="done")


def test_the_instructors_hand_and_events_on_a_time_and_a_condition(tmp_path: Path) -> None:
    scene = {
        "events": {
            "late": {"at_s": 2, "do": [{"set_state": {"gunman": "surrendering"}}]},
            "then": {"when": 'state("gunman") == "surrendering"', "do": [{"open": "middle_door"}]},
        },
        "injects": {"dark": {"label": "Dark", "do": [{"lights": "off", "group": "east"}, {"end": "instructor"}]}},
    }
    session = play(load_scene(tmp_path, scene))
    engine = session.run.engine
    engine.advance(3.0)
    assert [(e.t, e.door, e.who) for e in kinds(session, ev.DoorMoved)] == [(2.0, "middle_door", None)]
    session.run.director.cue("dark")
    assert [(e.group, e.level) for e in kinds(session, ev.LightsChanged)] == [("east", 0.0)]
    assert session.events[-1] == ev.RunEnded(t=3.0, reason="instructor")
    with pytest.raises(KeyError):
        session.run.director.cue("bright")


def test_a_button_that_is_pressed_too_late_raises_nobody(tmp_path: Path) -> None:
    scene = {
        "people.gunman.transitions": [{"from": "waiting", "to": "down", "after_s": 1}],
        "injects": {"up": {"label": "Up", "do": [{"set_state": {"gunman": "attacking", "neighbour": "frozen"}}]}},
    }
    session = play(load_scene(tmp_path, scene))
    session.run.engine.advance(2.0)
    session.run.director.cue("up")
    session.run.engine.advance(3.0)
    last = {e.who: e.state for e in kinds(session, ev.StateChanged)}
    assert last == {"gunman": "down", "neighbour": "frozen"}


def test_speech_is_in_all_languages(tmp_path: Path) -> None:
    say = {"nl": "Help!", "fr": "À l'aide !", "de": "Hilfe!", "en": "Help!"}
    scene = {
        "people.neighbour.states": {"calls": {"do": [{"wait_s": 1}, {"say": say}]}},
        "people.neighbour.begins": "calls",
    }
    session = play(load_scene(tmp_path, scene))
    session.run.engine.advance(2.0)
    assert kinds(session, ev.Spoke) == [ev.Spoke(t=1.0, who="neighbour", text=say, voice="called")]


def test_trainees_of_one_start_stand_side_by_side(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, {"teams.police.trainees": ["p1", "p2", "p3"]}))
    places = [session.run.engine.world.actors[n].track.at(0.0).position for n in ("p1", "p2", "p3")]
    assert [round(y, 3) for _, y, _ in places] == [1.2, 2.0, 2.8]
