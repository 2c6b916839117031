"""Bullets in a run: their time of flight, what they meet on arrival, weather, loads, dispersion and malfunctions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scenes import load_scene, play

from xrlab.errors import InputError
from xrlab.geometry.transforms import Vec3
from xrlab.recording import read_recording
from xrlab.run import RECORDING, Session, score_recording
from xrlab.scenario.load import load
from xrlab.sim import deeds, firing
from xrlab.sim import events as ev
from xrlab.sim.encounters import board_met
from xrlab.sim.flight import Air, flight, load_of
from xrlab.sim.world import Actor, Weapon
from xrlab.trainee.desktop import DesktopTrainee
from xrlab.trainee.script import follow, load_script

FIELD = {
    "rooms": {"west": {"rect": [0, 0, 500, 40], "outside": True}}, "doors": None, "lights": None,
    "points": {"a": {"at": [1, 20]}, "b": {"at": [301, 20], "yaw_deg": 180}, "c": {"at": [301, 20], "yaw_deg": 180}},
}  # fmt: skip
"""Open ground: a line of 500 m to the east."""


def field(folder: Path, scenario: dict[str, Any] | None = None, out: Path | None = None) -> Session:
    """p1 with a precision rifle; nobody else."""
    base = {"people": {}, "teams.police.carries": ["precision_rifle"], "scoring.criteria.stopped.value": "1"}
    return play(load_scene(folder, base | (scenario or {}), FIELD), 0, out)


def kinds(session: Session, *types: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, types)]


def p1(session: Session) -> Actor:
    return session.run.engine.world.actors["p1"]


def aim(session: Session, at: Vec3) -> tuple[float, float]:
    """The straight line of sight to a place."""
    return deeds.aim_angles(p1(session).eye(session.run.engine.now), at)


BOARD = {"targets": {"t": {"at": [301, 20], "face": "silhouette"}}}


def test_a_bullet_comes_when_and_where_its_flight_says(tmp_path: Path) -> None:
    session = field(tmp_path, {"targets": {"t": {"at": [26, 20], "face": "silhouette"}}}, tmp_path / "out")
    engine = session.run.engine
    middle = engine.world.boards["t"].middle(1.0)
    engine.advance(1.0)
    deeds.fire(engine, p1(session), *aim(session, middle))
    assert not kinds(session, ev.Struck)
    engine.advance(2.0)
    (fired,), hit = kinds(session, ev.ShotFired), kinds(session, ev.Struck)[0]
    bullet = flight(load_of("match_762"), Weapon.of("precision_rifle").barrel, Air(), pitch=fired.pitch)
    away = math.dist(fired.origin, middle)
    right, up = bullet.offset(away)
    assert (fired.load, hit.what) == ("match_762", "t")
    assert hit.t == pytest.approx(1.0 + bullet.time(away), abs=2e-6)
    where = (right + fired.strayed_right * away, up + fired.strayed_up * away)
    assert hit.local == pytest.approx(where, abs=1e-4), "right to a tenth of a millimetre at 25 m"
    assert [e.t for e in session.events] == sorted(e.t for e in session.events)
    engine.end("done")
    live = session.finish()
    assert score_recording(read_recording(tmp_path / "out" / RECORDING)).to_json() == live.to_json()


def test_a_beam_is_straight_and_there_at_once(tmp_path: Path) -> None:
    session = field(tmp_path, BOARD | {"teams.police.carries": ["training_laser"]})
    deeds.fire(session.run.engine, p1(session), *aim(session, (301, 20, 1.4)))
    fired, hit = kinds(session, ev.ShotFired, ev.Struck)
    assert (fired.load, fired.strayed_right, fired.strayed_up) == (None, 0.0, 0.0)
    assert hit.t == fired.t
    assert hit.local == pytest.approx((0.0, 0.0), abs=1e-3)


def test_what_moves_is_met_where_it_is_when_the_bullet_arrives(tmp_path: Path) -> None:
    rail = {"to": [301, 35], "speed_mps": 2.0, "starts": "at_start"}
    session = field(tmp_path, {"targets": {"t": {"at": [301, 5], "rail": rail}}})
    engine, board = session.run.engine, session.run.engine.world.boards["t"]
    engine.advance(5.0)
    here = board.middle(5.0)
    deeds.fire(engine, p1(session), *firing.held_over(engine, p1(session), lambda t: here)[:2])
    engine.advance(6.9)
    assert not [e for e in kinds(session, ev.Struck) if e.what == "t"], "it has gone on by 0.9 m in 0.44 s"
    deeds.fire(engine, p1(session), *firing.held_over(engine, p1(session), board.middle)[:2])
    engine.advance(8.0)
    (hit,) = [e for e in kinds(session, ev.Struck) if e.what == "t"]
    assert hit.t == pytest.approx(6.9 + 0.44, abs=0.02)
    assert hit.entry[1] == pytest.approx(board.middle(hit.t)[1], abs=0.15)
    assert hit.entry[1] > board.middle(6.9)[1] + 0.7


PERSON = {"people.gunman": {"role": "threat", "at": [301, 20], "holds": "handgun"}}


def test_who_steps_aside_in_time_is_not_hit_and_who_steps_in_is(tmp_path: Path) -> None:
    walks = {"out": ([301, 20], [301, 26]), "in": ([301, 17.6], [301, 40])}
    hit = {}
    for way, (begins, goes) in walks.items():
        session = field(tmp_path, {"people.gunman": {**PERSON["people.gunman"], "at": begins}})
        engine, gunman = session.run.engine, session.run.engine.world.actors["gunman"]
        engine.advance(1.0)
        aimed = deeds.aim_point(gunman, 1.0)
        deeds.fire(
            engine, p1(session), *firing.held_over(engine, p1(session), lambda t, y=aimed: (y[0], 20.0, y[2]))[:2]
        )
        engine.advance(1.1)  # the bullet has flown some 77 m
        deeds.go(engine, gunman, [goes], 7.0)
        engine.advance(2.0)
        hit[way] = [e.what for e in kinds(session, ev.Struck) if e.kind == "person"]
    assert hit == {"out": [], "in": ["gunman"]}


def test_a_target_that_turns_away_meanwhile_is_missed(tmp_path: Path) -> None:
    session = field(tmp_path, {"targets": {"t": {"at": [301, 20], "motion": "turning", "turn_s": 0.1}}})
    engine, board = session.run.engine, session.run.engine.world.boards["t"]
    session.run.director.expose("t")
    engine.advance(1.0)
    deeds.fire(engine, p1(session), *firing.held_over(engine, p1(session), board.middle)[:2])
    engine.advance(1.2)
    session.run.director.hide("t")
    engine.advance(3.0)
    assert not [e for e in kinds(session, ev.Struck) if e.what == "t"]


def test_a_run_ends_when_the_last_bullet_has_landed(tmp_path: Path) -> None:
    session = field(tmp_path, BOARD | {"time_limit_s": 2})
    engine = session.run.engine
    engine.advance(1.9)
    at = firing.held_over(engine, p1(session), engine.world.boards["t"].middle)[:2]
    deeds.fire(engine, p1(session), *at)
    engine.advance(2.1)
    assert not engine.ended
    p1(session).weapon.ready_at = 0.0  # type: ignore[union-attr]
    assert deeds.fire(engine, p1(session), *at) is None, "nothing more is fired"
    engine.advance(10.0)
    ended = session.events[-1]
    assert isinstance(ended, ev.RunEnded) and ended.reason == "time"
    (first, *_) = kinds(session, ev.Struck)
    assert first.what == "t" and ended.t >= first.t
    assert ended.t < 3.5


def test_an_interrupt_does_not_wait(tmp_path: Path) -> None:
    session = field(tmp_path, BOARD)
    engine = session.run.engine
    engine.advance(1.0)
    deeds.fire(engine, p1(session), *firing.held_over(engine, p1(session), engine.world.boards["t"].middle)[:2])
    engine.end("interrupted")
    assert engine.ended
    assert not kinds(session, ev.Struck)


# Weather ---------------------------------------------------------------------------------------------------------


def drift(folder: Path, weather: dict[str, Any], room: dict[str, Any] = FIELD, distance: float = 300.0) -> float:
    """How far (m) to the right of straight ahead a bullet meets a wide board."""
    face = {"width_mm": 4000, "height_mm": 4000, "zones": [{"zone": "A", "circle_mm": [0, 0, 2000]}]}
    scenario = {
        "people": {}, "teams.police.carries": ["precision_rifle"], "scoring.criteria.stopped.value": "1",
        "faces": {"wide": face}, "targets": {"t": {"at": [1 + distance, 20], "face": "wide", "height_m": 2.1}},
        "weather": weather,
    }  # fmt: skip
    session = play(load_scene(folder, scenario, room))
    engine = session.run.engine
    eye = p1(session).eye(0.0)
    deeds.fire(engine, p1(session), 0.0, 0.0, strays=False)
    engine.advance(2.0)
    hit = next(e for e in kinds(session, ev.Struck) if e.what == "t")
    return float(eye[1] - hit.entry[1])


def test_wind_carries_a_bullet_away_from_where_it_comes(tmp_path: Path) -> None:
    assert drift(tmp_path, {}) == pytest.approx(0.0, abs=1e-4)
    north = drift(tmp_path, {"wind": {"speed_mps": 8, "from": "north"}})
    assert 0.35 < north < 0.45, "a line to the east, wind from its left"
    assert drift(tmp_path, {"wind": {"speed_mps": 8, "from": 270}}) == pytest.approx(-north, abs=1e-4)
    assert drift(tmp_path, {"wind": {"speed_mps": 4, "from": "north"}}) == pytest.approx(north / 2, rel=0.01)
    assert drift(tmp_path, {"wind": {"speed_mps": 8, "from": "east"}}) == pytest.approx(0.0, abs=1e-4)


def test_wind_does_not_blow_under_a_roof(tmp_path: Path) -> None:
    hall = FIELD | {"rooms": {"west": {"rect": [0, 0, 120, 40]}}, "height_m": 5}
    hall["points"] = {"a": {"at": [1, 20]}, "b": {"at": [90, 20]}, "c": {"at": [90, 20]}}
    gale = {"wind": {"speed_mps": 20, "from": "north"}}
    assert drift(tmp_path, gale, hall, 60.0) == pytest.approx(0.0, abs=1e-4)
    assert drift(tmp_path, gale, FIELD, 60.0) > 0.02


# Who shoots ------------------------------------------------------------------------------------------------------


def scripted(folder: Path, session: Session, do: list[Any], skill: Any = "expert") -> None:
    path = folder / "s.trainee.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": {"skill": skill, "do": do}}}))
    follow(load_script(path, session.loaded), session.run)


STEADY = {"like": "expert", "spread_mrad": 0.1, "follow_up": 1.0}
"""Prone behind a rifle on a rest."""


def test_a_scripted_marksman_hits_far_off_in_wind_and_what_moves(tmp_path: Path) -> None:
    rail = {"to": [301, 35], "speed_mps": 1.5, "starts": "at_start"}
    session = field(
        tmp_path,
        {"targets": {"still": {"at": [451, 20]}, "moves": {"at": [301, 5], "rail": rail}},
         "weather": {"wind": {"speed_mps": 6, "from": "north_west"}}},
    )  # fmt: skip
    scripted(tmp_path, session, [{"shoot": "still", "times": 3}, {"shoot": "moves", "times": 2}], STEADY)
    session.run.engine.advance(15.0)
    shots = {e.shot for e in kinds(session, ev.ShotFired)}
    hits = {e.shot: e for e in kinds(session, ev.Struck) if e.kind == "target"}
    assert len(shots) == 5
    assert set(hits) == shots
    assert all(math.hypot(*e.local) < 0.35 for e in hits.values())


def test_a_role_player_hits_as_often_as_it_says_far_off_too(tmp_path: Path) -> None:
    attack = {"attacking": {"do": [{"fire_at": "p1", "every_s": 1.0, "spread_mrad": 0.5, "times": 5}]}}
    session = field(
        tmp_path,
        {"people.gunman": {"role": "threat", "at": [121, 20], "yaw_deg": 180, "holds": "long_gun", "sees_m": 200,
                           "states": attack, "begins": "attacking"}},
    )  # fmt: skip
    session.run.engine.advance(15.0)
    assert len(kinds(session, ev.ShotFired)) == 5
    assert len([e for e in kinds(session, ev.Struck) if e.what == "p1"]) == 5


def test_a_weapon_strays_as_its_data_say_and_the_same_way_each_time(tmp_path: Path) -> None:
    def strayed() -> list[tuple[float, float]]:
        session = field(tmp_path, {"teams.police.carries": ["pistol"], "time_limit_s": 400})
        engine = session.run.engine
        for n in range(200):
            engine.advance(1.0 + n)
            p1(session).weapon.rounds = 2  # type: ignore[union-attr]
            deeds.fire(engine, p1(session), 0.0, 0.0)
        return [(e.strayed_right, e.strayed_up) for e in kinds(session, ev.ShotFired)]

    first = strayed()
    assert np.std(first, axis=0) == pytest.approx([0.0009, 0.0009], rel=0.15)
    assert np.mean(first, axis=0) == pytest.approx([0.0, 0.0], abs=0.0002)
    assert all(round(v, 6) == v for pair in first for v in pair)
    assert strayed() == first


def test_a_team_may_fire_another_load(tmp_path: Path) -> None:
    session = field(tmp_path, {"teams.police.carries": ["pistol"], "teams.police.loads": {"pistol": "expanding_9mm"}})
    deeds.fire(session.run.engine, p1(session), 0.0, 0.0)
    assert kinds(session, ev.ShotFired)[0].load == "expanding_9mm"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"teams.police.loads": {"pistol": "expanding_9m"}},
            "does not fire 'expanding_9m'; did you mean 'expanding_9mm'",
        ),
        ({"teams.police.loads": {"carbine": "ball_556"}}, "this team carries no 'carbine'"),
        ({"teams.police.loads": {"training_laser": "ball_9mm"}}, "a training_laser fires no bullets"),
        ({"weather.wind": {"speed_mps": 5, "from": "westerly"}}, "'westerly'; did you mean 'west'?"),
        ({"weather.daylight": "midnight"}, "'midnight'"),
        ({"weather.temperature_c": 90}, "temperature_c"),
        ({"events.jam": {"at_s": 1, "do": [{"malfunction": "p2"}]}}, "no team or trainee is called 'p2'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    carries = {"teams.police.carries": ["pistol", "training_laser"]}
    with pytest.raises(InputError) as error:
        load_scene(tmp_path, carries | change)
    assert said in str(error.value)
    assert "scene.yaml:" in str(error.value)


# Malfunctions ----------------------------------------------------------------------------------------------------

JAM = {"events.jam": {"at_s": 1, "do": [{"malfunction": "police"}]}, "teams.police.carries": ["pistol"]}


def test_a_malfunction_on_request_is_cleared_by_the_reload_key(tmp_path: Path) -> None:
    session = field(tmp_path, JAM)
    engine, weapon = session.run.engine, p1(session).weapon
    assert weapon is not None
    trainee = DesktopTrainee(session.run, "p1")
    engine.advance(2.0)
    assert trainee.trigger() is None
    assert trainee.jammed
    assert [type(e) for e in kinds(session, ev.ShotFired, ev.Malfunction)] == [ev.Malfunction]
    engine.advance(2.5)
    assert trainee.trigger() is None, "nothing happens until it is cleared"
    trainee.reload()
    engine.advance(4.9)
    assert trainee.jammed
    engine.advance(5.1)
    (cleared,) = kinds(session, ev.MalfunctionCleared)
    assert cleared.t == 2.5 + weapon.clear_s
    assert not kinds(session, ev.Reloaded)
    assert weapon.rounds == 16, "the round that failed is lost"
    assert trainee.trigger() == 1


def test_a_scripted_trainee_clears_a_malfunction_and_goes_on(tmp_path: Path) -> None:
    session = field(tmp_path, JAM | {"targets": {"t": {"at": [11, 20]}}})
    scripted(tmp_path, session, [{"wait_s": 2}, {"shoot": "t", "times": 2}, {"shoot": "t", "times": 1}])
    session.run.engine.advance(15.0)
    told = kinds(session, ev.ShotFired, ev.Malfunction, ev.MalfunctionCleared)
    assert [type(e) for e in told] == [ev.Malfunction, ev.MalfunctionCleared, *[ev.ShotFired] * 3]
    assert told[1].t - told[0].t >= Weapon.of("pistol").clear_s


def test_a_chance_of_malfunctions_is_drawn_at_each_shot(tmp_path: Path) -> None:
    counts = {}
    for chance in (0.0, 0.2, 1.0):
        session = field(tmp_path, {"teams.police.carries": ["pistol"], "teams.police.malfunctions": chance})
        engine = session.run.engine
        for n in range(100):
            engine.advance(1.0 + n * 0.15)
            p1(session).weapon.rounds, p1(session).weapon.jammed = 2, False  # type: ignore[union-attr]
            deeds.fire(engine, p1(session), 0.0, 0.0)
        counts[chance] = len(kinds(session, ev.Malfunction))
    assert counts[0.0] == 0 and counts[1.0] == 100
    assert 8 <= counts[0.2] <= 35


def test_shipped_weapons_can_all_be_fired(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.mkdir()
    session = field(path, {"teams.police.carries": ["pistol", "carbine", "precision_rifle", "training_laser"]})
    engine = session.run.engine
    firing.prepare(engine)
    for n in range(4):
        engine.advance(1.0 + 3 * n)
        assert deeds.fire(engine, p1(session), 0.0, 0.3) == n + 1
        deeds.switch(engine, p1(session))
    engine.advance(15.0)
    assert not engine.airborne, "bullets that meet nothing are gone when they have left the room"
    assert load(str(path / "scene.yaml")).scenario.weather.wind is None


def test_a_place_on_a_board_is_never_minus_zero(tmp_path: Path) -> None:
    """A recording gives 0.0 back for it, and marks would not be equal to the byte."""
    board = field(tmp_path, BOARD).run.engine.world.boards["t"]
    normal, right, up = board.axes(1.0)
    for across in (1e-9, -1e-9):
        middle = zip(board.middle(1.0), normal, right, up, strict=True)
        x, y, z = (m + 3.0 * n + across * (r + u) for m, n, r, u in middle)
        met = board_met(board, 1.0, (x, y, z), (-normal[0], -normal[1], -normal[2]))
        assert met is not None
        assert [math.copysign(1.0, value) for value in met.local] == [1.0, 1.0]
