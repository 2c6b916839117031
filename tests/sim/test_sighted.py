"""What the stream says of whom a trainee could see when they fired: share of the body, light, where they looked."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import scenes

from xrlab.run import Session
from xrlab.sim import deeds
from xrlab.sim import events as ev

ALONE = {"people.neighbour": None}
DARK = {"events": {"dark": {"at_s": 1, "do": [{"lights": "off"}]}}}


def ready(tmp_path: Path, scenario: dict[str, Any] | None = None, room: dict[str, Any] | None = None) -> Session:
    return scenes.play(scenes.load_scene(tmp_path, scenario, scenes.OPEN_DOOR | (room or {})))


def fire(session: Session, t: float = 0.5, yaw: float = 0.0, who: str = "p1") -> dict[str, ev.Sighted]:
    """What is said of each person with a shot."""
    engine = session.run.engine
    engine.advance(t)
    assert deeds.fire(engine, engine.world.actors[who], yaw, 0.0) is not None
    return {e.whom: e for e in session.events if isinstance(e, ev.Sighted) and e.t == t}


def test_a_person_in_the_open_is_seen_whole_in_good_light_face_to_face(tmp_path: Path) -> None:
    session = ready(tmp_path, ALONE)
    (seen,) = fire(session).values()
    assert (seen.who, seen.whom, seen.shot) == ("p1", "gunman", 1)
    assert (seen.share, seen.lux, seen.lit, seen.turned, seen.aside) == (1.0, None, True, 0.0, 0.0)
    assert seen.distance == pytest.approx(6.0, abs=0.5)


def test_it_stands_between_the_shot_and_what_it_met(tmp_path: Path) -> None:
    session = ready(tmp_path, ALONE)
    fire(session)
    session.run.engine.advance(0.6)
    after = [type(e) for e in session.events if isinstance(e, ev.ShotFired | ev.Sighted | ev.Struck)]
    assert after[:3] == [ev.ShotFired, ev.Sighted, ev.Struck]


def test_a_low_wall_hides_a_part_of_the_body(tmp_path: Path) -> None:
    wall = {"furniture": [{"at": [6.4, 2.0], "size_m": [0.2, 1.6, 1.1], "material": "wood"}]}
    seen = fire(ready(tmp_path, ALONE, wall))["gunman"]
    assert seen.share == round(2 / 7, 6)  # crown and chest; pelvis, hands and knees are hidden
    assert seen.aside == 0.0


def test_behind_a_shut_door_nobody_is_seen_but_the_one_in_the_line_is_told_of(tmp_path: Path) -> None:
    session = scenes.play(scenes.load_scene(tmp_path, ALONE))
    seen = fire(session)["gunman"]
    assert (seen.share, seen.aside) == (0.0, 0.0)
    assert fire(session, 1.0, yaw=1.0) == {}


def test_who_is_out_of_the_field_of_view_is_told_of_only_in_the_line(tmp_path: Path) -> None:
    session = ready(tmp_path, ALONE)
    engine = session.run.engine
    engine.advance(0.2)
    deeds.face(engine, engine.world.actors["p1"], math.pi)
    assert fire(session, 1.0, yaw=math.pi) == {}
    blind = fire(session, 2.0, yaw=0.0)["gunman"]
    assert (blind.share, blind.aside) == (0.0, 0.0)


def test_the_line_says_by_how_much_it_passes(tmp_path: Path) -> None:
    session = ready(tmp_path, ALONE)
    aside = fire(session, 0.5, yaw=math.atan2(0.7, 6.0))["gunman"].aside
    assert aside is not None
    assert aside == pytest.approx(0.7 - 0.23 - 0.05, abs=0.08)
    assert fire(session, 1.0, yaw=0.6)["gunman"].aside is None


def test_a_back_is_a_half_turn(tmp_path: Path) -> None:
    assert fire(ready(tmp_path, ALONE | {"people.gunman.yaw_deg": 0}))["gunman"].turned == pytest.approx(math.pi)


def test_in_the_dark_the_light_is_said_and_that_it_does_not_suffice(tmp_path: Path) -> None:
    dark = fire(ready(tmp_path, ALONE | DARK), 2.0)["gunman"]
    assert (dark.lux, dark.lit, dark.share) == (0.0, False, 1.0)
    torch = fire(ready(tmp_path, ALONE | DARK | {"people.gunman.torch": True}), 2.0)["gunman"]
    assert (torch.lux, torch.lit) == (0.0, True)  # he shines at the trainee


def test_smoke_hides_the_body(tmp_path: Path) -> None:
    smoke = {"events": {"smoke": {"at_s": 1, "do": [{"smoke": "east", "density": 1, "over_s": 1}]}}}
    assert fire(ready(tmp_path, ALONE | smoke), 15.0)["gunman"].share == 0.0


def test_own_side_is_told_of_where_the_line_passes_near(tmp_path: Path) -> None:
    team = {"teams.police": {"trainees": ["p1", "p2"], "start": ["a", "aside"], "carries": ["pistol"]}}
    session = ready(tmp_path, ALONE | team)
    assert set(fire(session)) == {"gunman"}
    at_p2 = fire(session, 1.0, yaw=math.pi / 2)
    assert at_p2["p2"].aside == 0.0


def test_role_players_shots_say_nothing(tmp_path: Path) -> None:
    assert fire(ready(tmp_path, ALONE), who="gunman", yaw=math.pi) == {}


def test_the_events_of_a_use_decode_again_and_are_the_same_each_time(tmp_path: Path) -> None:
    runs = []
    for _ in range(2):
        session = ready(tmp_path)
        fire(session)
        lines = [ev.encode(e) for e in session.events]
        assert [ev.encode(ev.decode(line)) for line in lines] == lines
        runs.append(lines)
    assert runs[0] == runs[1]
