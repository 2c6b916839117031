"""Tactics on small scenes with known answers, in turned, moved and mirrored worlds, and without what they need."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import load_scene, play
from stages import asked, evidence, ground, posture, tactics, track

from xrlab.geometry.paths import Track, walk
from xrlab.recording import read_recording
from xrlab.run import score_recording
from xrlab.scenario.conditions import FUNCTIONS
from xrlab.scoring.evidence import Evidence, View
from xrlab.scoring.tactics import functions, proofs, section
from xrlab.sim import events as ev

HOUSE: list[list[float]] = [
    [2, -2, 2, -0.5], [2, 0.5, 2, 2], [2, 2, 6, 2], [6, 2, 6, -2], [6, -2, 2, -2], [4, -0.4, 4.6, -0.4, 1.2],
]  # fmt: skip
DOORS = {"door": [2, -0.5, 90, 1, 0]}
ZONES = {"outside": [-3, -2, 5, 4], "room": [2, -2, 4, 4]}


def entry(**world: Any) -> Evidence:
    """Two trainees go through a door at a gunman behind a low wall; the second aims past and over the first."""
    tracks = {
        "p1": track(
            [(0, 0, 0.05, 0), (2, 1.2, 0.05, 0), (4, 1.2, 0.05, 0), (6, 3.3, 0.3, 0), (7, 3.3, 0.3, 115)], **world
        ),
        "p2": track([(0, -1, -0.1, 0), (4, 0.3, -0.1, 3), (8, 0.3, -0.1, 8)], **world),
        "gunman": track([(0, 5.2, -0.7, 160)], **world),
        "neighbour": track([(0, 5.3, 1.2, 180)], **world),
    }
    begins = tracks["p2"].at(7.31)
    events: list[ev.Event] = [
        posture(0, "p1", "low_ready"), posture(3, "p1", "aiming"), posture(0, "p2", "low_ready"),
        posture(2.5, "p2", "aiming"), posture(0, "gunman", "aiming", danger=True),
        posture(7.55, "gunman", "lying", "nothing"), posture(0, "neighbour", "standing", "nothing"),
        ev.DoorMoved(t=2.3, door="door", who="p1", opened=1.0, seconds=0.8),
        ev.Seen(t=4.9, who="p1", whom="gunman"), ev.Lost(t=6.45, who="p1", whom="gunman"),
        ev.ShotFired(t=7.31, shot=1, shooter="p2", weapon="pistol", origin=(begins.x, begins.y, 1.6), yaw=begins.yaw,
                     pitch=0.0),
        ev.Struck(t=7.31, shot=1, shooter="p2", kind="wall", what="wall", material="brick", entry=(0.0, 0.0, 0.0),
                  exit=None, distance=5.0),
    ]  # fmt: skip
    room = ground(HOUSE, DOORS, ZONES, **world)
    return evidence(9.0, tracks, events, room, {"clear": ["room"]})


def told(run: Evidence) -> Any:
    """All that is told of a run but where things lie."""
    data = section(run)
    assert data is not None
    for row in (*data["passed"], *data["corners"]):
        del row["place"]
    for key in ("corners", "passed"):  # two corners of a room have no order of their own
        data[key] = sorted(data[key], key=str)
    return data


def _same(a: Any, b: Any) -> None:
    """Equal, but for lengths and shares that were rounded from numbers that differ in their last bits."""
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            _same(a[key], b[key])
    elif isinstance(a, list):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            _same(one, other)
    elif isinstance(a, float):
        assert a == pytest.approx(b, abs=2e-3)
    else:
        assert a == b


def test_the_entry_is_told_as_it_was() -> None:
    run = entry()
    (door,) = tactics(run).approaches
    assert (door.opened_by, door.entered_by, door.stacked) == ("p1", "p1", 2)
    assert asked(run, "sweeps", "trainee", who=["p2"]) >= 1
    assert asked(run, "sweeps", "trainee", who=["p1"]) == 0
    assert asked(run, "crossfire_lines") >= asked(run, "sweeps", "trainee")
    assert 0 < asked(run, "exposed_s") < 2 * 7.6
    assert 0 < asked(run, "unaware_s") <= asked(run, "exposed_s")
    assert 0.5 < asked(run, "floor_seen") < 1
    assert [len(c.doors) for c in tactics(run).seen.corners] == [1, 1]
    assert asked(run, "passed_unseen") >= 1
    json.dumps(section(run), allow_nan=False)


@settings(max_examples=12, deadline=None)
@given(
    st.floats(-math.pi, math.pi), st.tuples(st.floats(-80, 80), st.floats(-80, 80)), st.booleans(),
)  # fmt: skip
def test_turning_moving_and_mirroring_the_world_changes_no_mark(
    angle: float, shift: tuple[float, float], mirrored: bool
) -> None:
    plain = told(entry())
    _same(told(entry(angle=angle, shift=shift)), plain)
    # a body is not its own mirror image: a gun is held in the right hand, so marks that ask for hands are left out
    other = told(entry(angle=angle, shift=shift, mirrored=mirrored))
    for key in ("doors", "floor", "corners", "passed", "unaccounted"):
        _same(other[key], plain[key])


def test_all_functions_are_answered_and_have_none_without_the_room_or_motion() -> None:
    named = functions(View(entry()))
    assert named.keys() == proofs(View(entry())).keys()
    assert named.keys() < FUNCTIONS.keys()
    for run in (replace(entry(), room=lambda: None), replace(entry(), tracks={})):
        assert section(run) is None
        for name, answer in functions(View(run)).items():
            given_ = ("trainee",) * len(FUNCTIONS[name].takes)
            assert answer(*given_) is None
            assert proofs(View(run))[name](*given_) == []


BAD = 1e300


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "leg",
    [{"x0": BAD}, {"x1": -BAD}, {"z0": BAD}, {"yaw1": BAD}, {"t1": BAD}, {"walked": BAD}, {"pitch": BAD}],
    ids=str,
)
def test_motion_that_cannot_be_is_taken_for_none(leg: dict[str, float]) -> None:
    run = entry()
    wild = Track.of([one._replace(**leg) for one in run.tracks["p1"].legs])
    data = section(replace(run, tracks={**run.tracks, "p1": wild}))
    assert data is not None
    assert [row["id"] for row in data["trainees"]] == ["p2"]
    json.dumps(data, allow_nan=False)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (ev.ShotFired, {"origin": (BAD, -BAD, BAD)}), (ev.ShotFired, {"yaw": BAD}), (ev.Struck, {"distance": -BAD}),
        (ev.Struck, {"distance": BAD}), (ev.DoorMoved, {"opened": BAD, "seconds": BAD}), (ev.DoorMoved, {"t": BAD}),
        (ev.PostureChanged, {"pose": "no such pose"}), (ev.RunEnded, {"t": -5.0}),
    ],
    ids=str,
)  # fmt: skip
def test_events_that_cannot_be_do_no_harm(kind: type[ev.Event], changes: dict[str, Any]) -> None:
    run = entry()
    events = [replace(e, **changes) if isinstance(e, kind) else e for e in run.events]
    json.dumps(section(replace(run, events=events)), allow_nan=False)


def test_each_value_of_less_than_all_has_a_proof() -> None:
    run = entry()
    for name, prove in proofs(View(run)).items():
        given_ = ("trainee",) * len(FUNCTIONS[name].takes)
        value = functions(View(run))[name](*given_)
        if name == "watched_share":
            assert prove() == []
        elif name in ("floor_seen", "corners_seen", "cover_share"):
            assert bool(prove()) == (value < 1)
        elif name != "spacing_m":
            assert bool(prove(*given_)) == (value > 0), name


def test_a_run_that_ended_at_once_is_told_too() -> None:
    run = evidence(0.0, {"p1": track([(0, 0, 0, 0)])}, [], ground(HOUSE, DOORS, ZONES))
    assert section(run) is not None


def test_who_turns_quickly_sweeps_over_a_body_between_two_tenths() -> None:
    tracks = {"p1": track([(0, 0, 0, -40), (1.0, 0, 0, -40), (1.25, 0, 0, 60)]), "p2": track([(0, 4, 0, 0)])}
    run = evidence(3.0, tracks, [posture(0, "p1", "aiming"), posture(0, "p2", "standing", "nothing")], ground())
    (line,) = tactics(run).sweeps
    assert line.seconds < 0.1
    assert 1.0 < line.t < line.until < 1.2


@pytest.mark.parametrize(("stays", "lines"), [(True, 0), (False, 1)])
def test_a_shot_passes_only_whom_it_comes_to(stays: bool, lines: int) -> None:
    tracks = {"p1": track([(0, 0, 0, 0)]), "p2": track([(0, 6, 0.1, 0)])}
    events = [
        posture(0, "p1", "low_ready"), posture(0, "p2", "low_ready"),
        ev.ShotFired(t=1.0, shot=4, shooter="p1", weapon="pistol", origin=(0.0, 0.0, 1.3), yaw=0.0, pitch=0.0),
        ev.Struck(t=1.0, shot=4, shooter="p1", kind="wall", what="wall", material="paper", entry=(3.0, 0.0, 1.3),
                  exit=None if stays else (3.0, 0.0, 1.3), distance=3.0),
    ]  # fmt: skip
    found = tactics(evidence(2.0, tracks, events, ground())).crossfire
    assert [line.shot for line in found] == [4] * lines
    assert all(line.fired and line.off_m == 0 and 5.5 < line.distance_m < 6.2 for line in found)


def test_a_shut_door_hides_and_an_open_one_does_not() -> None:
    def exposed(begins: float) -> float:
        room = ground(HOUSE, {"door": [2, -0.5, 90, 1, begins]}, ZONES)
        tracks = {"p1": track([(0, 0, 0, 0)]), "gunman": track([(0, 5, 0, 180)])}
        run = evidence(2.0, tracks, [posture(0, "gunman", "aiming", danger=True)], room)
        return float(asked(run, "exposed_s"))

    assert (exposed(0.0), exposed(1.0)) == (0.0, 2.0)


def test_who_has_no_gun_or_is_no_danger_exposes_nobody() -> None:
    tracks = {"p1": track([(0, 0, 0, 0)]), "gunman": track([(0, 5, 0, 180)])}
    for how in (posture(0, "gunman", "aiming", "knife", danger=True), posture(0, "gunman", "aiming")):
        run = evidence(2.0, tracks, [how], ground())
        assert asked(run, "exposed_s") == 0
        assert asked(run, "cover_share") is None


def test_what_a_colleague_watches_or_has_seen_is_not_left_at_the_back() -> None:
    walls = [[-3, 1, 1.5, 1], [2.5, 1, 12, 1]]
    room = ground(walls, {"side_door": [1.5, 1, 0, 1, 0]}, {"hall": [-3, -1, 14, 2], "side": [0, 1, 4, 3]})
    walker = track([(0, 0, 0, 0), (8, 8, 0, 0)])
    poses = [posture(0, "p1", "low_ready"), posture(0, "p2", "low_ready")]

    def passed(colleague: Any) -> int:
        return int(asked(evidence(8.0, {"p1": walker, "p2": track([colleague])}, poses, room), "passed_unseen"))

    assert passed((0, -2.5, 0, 180)) == 1
    assert passed((0, -2.5, 0, 0)) == 0
    assert passed((0, 2, 2, 90)) == 0


def test_a_door_gone_through_twice_is_entered_once_and_windows_are_none() -> None:
    tracks = {"p1": track([(0, 1, 0, 0), (2, 3, 0, 0), (4, 1, 0, 180)])}
    room = ground(HOUSE, DOORS, ZONES)
    window = replace(room.doors["door"], sill=0.9)
    run = evidence(5.0, tracks, [posture(0, "p1", "low_ready")], room)
    assert [(a.entered_t, a.beyond) for a in tactics(run).approaches] == [(1.0, "room")]
    other = evidence(5.0, tracks, [posture(0, "p1", "low_ready")], replace(room, doors={"door": window}))
    assert tactics(other).approaches == []
    assert asked(other, "doorway_s") == 0


CRITERIA = {
    name: {"value": f'{name}("{"trainee"}")' if f.takes else f"{name}()", "points": 1}
    for name, f in FUNCTIONS.items()
    if name in functions(View(entry()))
}


def test_marks_of_a_live_run_and_of_its_recording_are_the_same_bytes(tmp_path: Path) -> None:
    scene = {
        "teams.police.trainees": ["p1", "p2"], "teams.police.start": ["a", "aside"], "scoring.criteria": CRITERIA,
        "time_limit_s": 6,
    }  # fmt: skip
    loaded = load_scene(tmp_path, scene)
    with play(loaded, out=tmp_path / "out") as session:
        engine = session.run.engine
        p1, p2 = engine.world.actors["p1"], engine.world.actors["p2"]
        engine.at(0.5, lambda: engine.plan(p1, walk(0.5, p1.track.at(0.5), [(3.2, 2.0), (6.0, 2.5)], 1.3)))
        engine.at(1.0, lambda: engine.plan(p2, walk(1.0, p2.track.at(1.0), [(3.0, 2.2)], 1.0)))
        engine.run()
        session.finish()
    result = (tmp_path / "out" / "result.json").read_text(encoding="utf-8")
    assert score_recording(read_recording(tmp_path / "out" / "recording.mcap")).to_json() == result
    rows = {row["id"]: row["value"] for row in json.loads(result)["criteria"]}
    assert rows["spacing_m"] > 0
    assert 0 < rows["floor_seen"] <= 1
    assert np.isfinite([v for v in rows.values() if v is not None]).all()
