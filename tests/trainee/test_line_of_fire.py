"""A scripted shooter and the line of fire: who stands behind the target, and who of the own side stands before it."""

from __future__ import annotations

from pathlib import Path

from scenes import OPEN_DOOR
from test_script import SHARP, act, kinds

from xrlab.sim import events as ev

BEHIND = {"people.hostage": {"role": "no_shoot", "at": [7.55, 2.05]}, "people.gunman.yaw_deg": 180}


def plan(**more: object) -> dict[str, object]:
    return {"skill": SHARP, "do": [{"shoot": "gunman", "times": 1, **more}]}


def test_fire_is_held_while_somebody_in_view_stands_behind_the_target(tmp_path: Path) -> None:
    careless = act(tmp_path, plan(check_line=False), 8, BEHIND, OPEN_DOOR)
    assert [e.what for e in kinds(careless, ev.Struck) if e.kind == "person"] == ["gunman", "hostage"]
    assert careless.finish()["to_discuss"][-1]["what"] == "over_penetration"
    assert kinds(act(tmp_path, plan(), 8, BEHIND, OPEN_DOOR), ev.ShotFired) == []
    aside = BEHIND | {"people.hostage": {"role": "no_shoot", "at": [7.55, 3.2]}}
    assert len(kinds(act(tmp_path, plan(), 8, aside, OPEN_DOOR), ev.ShotFired)) == 1


def test_one_of_the_own_side_in_the_line_is_walked_round(tmp_path: Path) -> None:
    two = {"teams.police.trainees": ["p1", "p2"], "teams.police.start": ["a", "before"]}
    room = OPEN_DOOR | {"points.before": {"at": [5.0, 2.0]}}
    session = act(tmp_path, plan(), 12, two, room)
    first = kinds(session, ev.Struck)[0]
    assert (first.shooter, first.what) == ("p1", "gunman")
