"""Targets that turn, pop up, fall, run on rails and answer to hits; strings with signals, par times and lanes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from scenes import OPEN_DOOR, play, write_scene

from xrlab.errors import InputError
from xrlab.recording import read_recording
from xrlab.run import RECORDING, Session, score_recording
from xrlab.scenario.load import load
from xrlab.sim import deeds
from xrlab.sim import events as ev

RANGE: dict[str, Any] = {
    "people": {}, "scoring.criteria.stopped.value": "points()", "time_limit_s": 60,
    "teams.police.carries": ["training_laser"],  # straight, and there at once; bullets are tried in test_firing
}  # fmt: skip


def session_of(
    folder: Path, targets: dict[str, Any], more: dict[str, Any] | None = None, out: Path | None = None
) -> Session:
    return play(load(write_scene(folder, {**RANGE, "targets": targets, **(more or {})}, OPEN_DOOR), seed=1), 1, out)


def shoot(session: Session, who: str, target: str) -> None:
    """A shot at the middle of a board, where it is now."""
    engine = session.run.engine
    actor = engine.world.actors[who]
    engine.advance(max(engine.now, actor.weapon.ready_at if actor.weapon else 0.0))
    yaw, pitch = deeds.aim_angles(actor.eye(engine.now), engine.world.boards[target].middle(engine.now))
    deeds.fire(engine, actor, yaw, pitch)
    engine.advance(engine.now)


def kinds(session: Session, *types: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, types)]


def test_a_popping_target_lies_until_shown_and_falls_when_hit(tmp_path: Path) -> None:
    session = session_of(tmp_path, {"t": {"at": "b", "motion": "popping", "turn_s": 0.2}})
    engine, board = session.run.engine, session.run.engine.world.boards["t"]
    assert board.angles(0.0)[1] == pytest.approx(math.pi / 2) and not board.exposed
    engine.advance(1.0)
    session.run.director.expose("t")
    assert 0 < board.angles(1.1)[1] < math.pi / 2 and board.angles(1.2)[1] == 0
    engine.advance(2.0)
    shoot(session, "p1", "t")
    assert kinds(session, ev.TargetFell) and not board.exposed
    session.run.director.expose("t")
    assert board.exposed


def test_so_many_hits_and_points_are_needed(tmp_path: Path) -> None:
    session = session_of(
        tmp_path,
        {
            "two": {"at": [6, 2], "when_hit": "fall", "hits_needed": 2},
            "worth": {"at": [6, 2.6], "motion": "turning", "when_hit": "hide", "points_needed": 12, "returns_s": 2},
        },
    )
    engine = session.run.engine
    session.run.director.expose("worth")
    engine.advance(1.0)
    shoot(session, "p1", "two")
    assert not kinds(session, ev.TargetFell)
    shoot(session, "p1", "two")
    assert [e.target for e in kinds(session, ev.TargetFell)] == ["two"]
    for _ in range(2):  # five points each
        shoot(session, "p1", "worth")
    assert not kinds(session, ev.TargetHidden)
    shoot(session, "p1", "worth")
    assert [e.target for e in kinds(session, ev.TargetHidden)] == ["worth"]
    hidden = engine.now
    engine.advance(hidden + 2.5)
    assert kinds(session, ev.TargetExposed)[-1].t == pytest.approx(hidden + 2.0)


def test_a_target_on_a_rail_is_met_where_it_is(tmp_path: Path) -> None:
    rail = {"to": [6, 3.5], "speed_mps": 1.0, "back_and_forth": True, "starts": "at_start"}
    session = session_of(tmp_path, {"t": {"at": [6, 0.5], "rail": rail}})
    engine, board = session.run.engine, session.run.engine.world.boards["t"]
    assert board.place(1.5) == pytest.approx((6, 2.0, 1.4))
    engine.advance(1.5)
    old = board.middle(0.5)
    actor = engine.world.actors["p1"]
    deeds.fire(engine, actor, *deeds.aim_angles(actor.eye(engine.now), old))
    assert not [e for e in kinds(session, ev.Struck) if e.kind == "target"]
    shoot(session, "p1", "t")
    met = [e for e in kinds(session, ev.Struck) if e.kind == "target"]
    assert len(met) == 1 and met[0].entry[1] == pytest.approx(board.place(met[0].t)[1], abs=0.01)
    engine.advance(4.0)
    assert board.place(4.0)[1] == pytest.approx(2.5), "it has turned round at the end"
    assert [e.to[1] for e in kinds(session, ev.TargetMoves)] == [3.5, 0.5]


def test_a_hit_stops_it_and_an_event_sets_it_going(tmp_path: Path) -> None:
    rail = {"to": [[6, 2], [7, 3.5]], "speed_mps": 1.0, "starts": "by_event"}
    session = session_of(
        tmp_path,
        {"t": {"at": [6, 0.5], "rail": rail, "when_hit": "stop"}},
        {"events": {"go": {"at_s": 1, "do": [{"move": ["t"]}]}, "on": {"at_s": 5, "do": [{"move": ["t"]}]}}},
    )
    engine, board = session.run.engine, session.run.engine.world.boards["t"]
    engine.advance(2.0)
    assert board.place(2.0)[1] == pytest.approx(1.5)
    shoot(session, "p1", "t")
    engine.advance(4.0)
    assert board.place(4.0)[1] == pytest.approx(1.5) and kinds(session, ev.TargetStopped)
    engine.advance(20.0)
    assert board.place(20.0)[:2] == pytest.approx((7, 3.5)), "it goes on to the end from where it was stopped"
    assert kinds(session, ev.TargetStopped)[-1].t == pytest.approx(5 + 0.5 + math.dist((6, 2), (7, 3.5)), abs=1e-3)


STRING = {"name": "s", "show": ["t"], "delay_s": [1, 3], "par_s": 4, "signal": "beep", "until_down": True}


def test_a_string_starts_with_a_signal_and_ends_when_all_is_down(tmp_path: Path) -> None:
    session = session_of(tmp_path, {"t": {"at": [6, 2], "face": "plate", "motion": "popping"}}, {"strings": [STRING]})
    engine = session.run.engine
    engine.advance(3.5)
    signal = kinds(session, ev.StartSignal)[0]
    assert 1 <= signal.t <= 3 and signal.signal == "beep"
    shoot(session, "p1", "t")
    fired = engine.now
    engine.advance(fired + 1.0)
    assert not kinds(session, ev.ParTime)
    assert kinds(session, ev.StringEnded)[0].t == pytest.approx(fired + 0.3, abs=1e-3)
    engine.end("done")
    shot = session.finish()["shots"][0]
    assert shot["points"] == 5 and shot["reaction_s"] == pytest.approx(shot["t"] - signal.t, abs=1e-6)


def test_after_the_par_time_nothing_counts(tmp_path: Path) -> None:
    score = {"scoring.criteria.late": {"value": "late_shots()", "must_be": 0}}
    fixed = {**STRING, "until_down": False}
    session = session_of(
        tmp_path, {"t": {"at": [6, 2], "face": "plate"}}, {"strings": [fixed], **score}, tmp_path / "out"
    )
    engine = session.run.engine
    while not kinds(session, ev.ParTime):
        engine.step()
    assert kinds(session, ev.ParTime)[0].t == pytest.approx(kinds(session, ev.StartSignal)[0].t + 4)
    shoot(session, "p1", "t")
    engine.end("done")
    result = session.finish()
    assert result["shots"][0]["late"] and result["shots"][0]["points"] == 0
    assert [c["value"] for c in result["criteria"] if c["id"] == "late"] == [1]
    again = score_recording(read_recording(tmp_path / "out" / RECORDING))
    assert again.to_json() == result.to_json()


def test_in_lanes_each_has_their_own(tmp_path: Path) -> None:
    string = {"name": "s", "show": {"p1": ["left"], "p2": ["right"]}, "delay_s": 1, "for_s": 5, "rounds": 1}
    session = session_of(
        tmp_path,
        {
            "left": {"at": [6, 2.4], "face": "plate", "motion": "turning"},
            "right": {"at": [6, 1.7], "face": "plate", "motion": "turning"},
        },
        {
            "teams.police.trainees": ["p1", "p2"],
            "strings": [string],
            "scoring.criteria": {
                "share": {"value": "points_share()", "points": 10, "each": True},
                "crossfire": {"value": "crossfire()", "must_be": 0},
            },
        },
    )
    session.run.engine.advance(2.0)
    shoot(session, "p1", "left")
    shoot(session, "p2", "left")
    session.run.engine.end("done")
    result = session.finish()
    assert [(s["points"], s["crossfire"]) for s in result["shots"]] == [(5, False), (0, True)]
    assert [t["score"] for t in result["trainees"]] == [10, 0]
    assert [c["value"] for c in result["criteria"]] == [0.5, 1]


def test_lamps_of_a_string_come_back(tmp_path: Path) -> None:
    string = {"name": "s", "show": ["t"], "delay_s": 1, "for_s": 2, "lights": {"east": "off"}}
    session = session_of(tmp_path, {"t": {"at": [6, 2], "motion": "turning"}}, {"strings": [string]})
    session.run.engine.advance(2.0)
    assert session.run.engine.world.lights["east"].at(2.0) == 0 and session.run.engine.world.lights["west"].at(2.0) == 1
    session.run.engine.advance(5.0)
    assert session.run.engine.world.lights["east"].at(5.0) == 1


def test_a_rail_is_recorded(tmp_path: Path) -> None:
    rail = {"to": [6, 3.5], "speed_mps": 1.0, "starts": "at_start"}
    session = session_of(tmp_path, {"t": {"at": [6, 0.5], "rail": rail}}, out=tmp_path / "out")
    session.run.engine.advance(2.0)
    session.run.engine.end("done")
    session.finish()
    recording = read_recording(tmp_path / "out" / RECORDING)
    assert recording.tracks["t"].at(1.0).position == session.run.engine.world.boards["t"].place(1.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"targets": {"t": {"at": "b", "when_hit": "stop"}}}, "when_hit: stop is for a target on a rail"),
        ({"targets": {"t": {"at": "b", "rail": {"to": "nowhere", "speed_mps": 1}}}}, "no zone, point or door"),
        ({"targets": {"t": {"at": "b", "when_hit": "hide"}}}, "a fixed target can't turn away"),
        ({"strings": [{"name": "s", "show": ["t"]}]}, "needs for_s or par_s"),
        ({"strings": [{"name": "s", "show": ["t"], "for_s": 2}]}, "'t' is fixed and can't be shown"),
        ({"strings": [{"name": "s", "show": {"px": ["t"]}, "for_s": 2}]}, "no trainee is called 'px'"),
        ({"strings": [{**STRING}]}, "a hit does nothing to 't'"),
        ({"strings": [{**STRING, "lights": {"wets": "off"}}]}, "the room has no lamps 'wets'; did you mean 'west'"),
        ({"events": {"e": {"at_s": 1, "do": [{"move": ["t"]}]}}}, "'t' has no rail"),
        ({"events": {"e": {"at_s": 1, "do": [{"hide": ["t"]}]}}}, "'t' is fixed"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = write_scene(tmp_path, {**RANGE, "targets": {"t": {"at": "b"}}, **changes}, OPEN_DOOR)
    with pytest.raises(InputError) as caught:
        load(path)
    assert said in str(caught.value)
