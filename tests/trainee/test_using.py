"""Scripted trainees and those at a desk with less-lethal means; what `xrlab check` says of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenes import load_scene, play, write_scene

from xrlab.errors import InputError
from xrlab.recording.reader import read_recording
from xrlab.run import Session, run_headless, score_recording
from xrlab.sim import events as ev
from xrlab.testing.validation import check_paths
from xrlab.trainee.desktop import DesktopTrainee
from xrlab.trainee.script import follow, load_script

ROOM = {
    "rooms": {"hall": {"rect": [0, 0, 14, 6]}}, "doors": None, "lights": [],
    "points": {"a": {"at": [1, 3]}, "b": {"at": [7, 3], "yaw_deg": 180}, "c": {"at": [13, 5.5], "yaw_deg": 180}},
}  # fmt: skip
CARRIES = {"teams.police.carries": ["pistol", "conducted_energy", "spray", "baton"], "people.gunman.holds": "knife"}
SHARP = {"reaction_s": 0.2, "spread_mrad": 0, "draw_s": 1.0}


def act(folder: Path, do: list[Any], until: float, **scenario: Any) -> Session:
    """Lets p1 do these steps in a hall with a man with a knife six metres away."""
    loaded = load_scene(folder, CARRIES | scenario, ROOM)
    path = folder / "s.trainee.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": {"skill": SHARP, "do": do}}}))
    session = play(loaded)
    follow(load_script(path, loaded), session.run)
    session.run.engine.advance(until)
    return session


def kinds(session: Session, kind: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, kind)]


def test_a_device_is_drawn_brought_near_enough_and_used_once(tmp_path: Path) -> None:
    session = act(tmp_path, [{"use": "conducted_energy", "on": "gunman", "times": 3}], 12.0)
    (used,) = kinds(session, ev.MeansUsed)
    assert used.means == "conducted_energy"
    assert used.t > 1.0  # drawing alone takes a second
    (hit,) = kinds(session, ev.Affected)
    assert (hit.who, hit.effect, hit.by) == ("gunman", "incapacitated", "p1")
    assert 2.1 <= hit.distance <= 5.0
    assert kinds(session, ev.Reloaded) == []


def test_a_trainee_goes_as_near_as_the_step_says(tmp_path: Path) -> None:
    session = act(tmp_path, [{"use": "spray", "on": "danger", "within_m": 1.5}], 20.0)
    (met,) = kinds(session, ev.MeansMet)
    assert (met.what, met.zone) == ("gunman", "head")
    assert 0.3 < met.distance <= 1.5


def test_a_baton_is_used_within_its_reach_on_the_arm_that_is_named(tmp_path: Path) -> None:
    session = act(tmp_path, [{"use": "baton", "on": "threat", "at": "right_arm"}], 20.0)
    (met,) = kinds(session, ev.MeansMet)
    assert (met.what, met.zone) == ("gunman", "right_arm")


def test_who_is_no_danger_is_left_alone_and_who_is_named_is_not(tmp_path: Path) -> None:
    calm = act(tmp_path, [{"use": "conducted_energy", "on": "danger"}], 8.0, **{"people.gunman.holds": "phone"})
    assert kinds(calm, ev.MeansUsed) == []
    named = act(tmp_path, [{"use": "conducted_energy", "on": "neighbour"}], 20.0)
    assert {m.what for m in kinds(named, ev.MeansMet)} == {"neighbour"}


def test_cartridges_are_changed_and_an_empty_can_is_the_end(tmp_path: Path) -> None:
    stiff = {
        "people.gunman.states": {"incapacitated": {"do": []}},  # keeps the knife, and stays on the feet
        "people.gunman.transitions": [{"from": "incapacitated", "to": "waiting"}],
    }
    again = [{"use": "conducted_energy", "on": "gunman"}, {"wait_s": 8}, {"use": "conducted_energy", "on": "gunman"}]
    session = act(tmp_path, again, 25.0, **stiff)
    assert (len(kinds(session, ev.MeansUsed)), len(kinds(session, ev.Reloaded))) == (2, 1)
    back = {"people.gunman.yaw_deg": 0}  # the face is turned away: no burst does anything
    emptied = act(tmp_path, [{"use": "spray", "on": "gunman", "times": 20}], 40.0, **back)
    assert [e.left for e in kinds(emptied, ev.MeansUsed)] == [5, 4, 3, 2, 1, 0]


def test_to_shoot_the_pistol_comes_back_to_hand(tmp_path: Path) -> None:
    session = act(tmp_path, [{"use": "spray", "on": "gunman"}, {"shoot": "gunman", "times": 1}], 20.0)
    (shot,) = kinds(session, ev.ShotFired)
    assert shot.weapon == "pistol"
    assert [e.holds for e in kinds(session, ev.PostureChanged) if e.who == "p1"][-1] == "handgun"


def test_a_run_with_means_is_scored_again_from_its_recording(tmp_path: Path) -> None:
    criteria = {
        "used": {"value": "means_used()", "points": 10},
        "on": {"value": 'means_hits("gunman")', "points": 10, "full_at": 3},
    }
    scenario = CARRIES | {"scoring.criteria": criteria, "trainee": "s.trainee.yaml", "time_limit_s": 12}
    write_scene(tmp_path, scenario, ROOM)
    plan = {"skill": SHARP, "do": [{"use": "conducted_energy", "on": "gunman"}]}
    (tmp_path / "s.trainee.yaml").write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": plan}}))
    result = run_headless(tmp_path / "scene.yaml", out=tmp_path / "out")
    rows = {row["id"]: row for row in result["criteria"]}
    assert (rows["used"]["value"], rows["on"]["value"]) == (1, 1)
    assert [p["what"] for p in rows["on"]["evidence"]] == ["means_hit"]
    assert score_recording(read_recording(tmp_path / "out" / "recording.mcap")).to_json() == result.to_json()


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ({"use": "conduced_energy", "on": "gunman"}, "no less-lethal means is called 'conduced_energy'; did you mean"),
        ({"use": "conducted_energy_close", "on": "gunman"}, "no team carries 'conducted_energy_close'"),
        ({"use": "spray", "on": "gunmen"}, "no person, target, team or role is called 'gunmen'"),
        ({"use": "spray", "on": "gunman", "at": "nose"}, "no hit zone is called 'nose'"),
    ],
)
def test_what_is_wrong_in_a_use_is_told(tmp_path: Path, step: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError, match=what):
        act(tmp_path, [step], 0.1)


def test_check_knows_what_can_never_be_without_means(tmp_path: Path) -> None:
    rules = [{"from": "waiting", "to": "complying", "when": 'affected("spray")'}]
    path = write_scene(tmp_path, {"people.gunman.transitions": rules}, ROOM)
    problems = check_paths([path])[1]
    assert any("no team carries 'spray'" in str(p) for p in problems)
    path = write_scene(tmp_path, {"people.gunman.transitions": rules, **CARRIES}, ROOM)
    assert not any("spray" in str(p) for p in check_paths([path])[1])


def test_at_a_desk_the_trigger_uses_what_is_in_the_hand(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, CARRIES | {"people.gunman.at": [4.5, 3]}, ROOM))
    session.run.engine.advance(0.5)
    me = DesktopTrainee(session.run, "p1")
    me.switch()
    assert me.actor.holds == "conducted_energy"
    me.aim(True)
    me.yaw, me.pitch = 0.0, math.radians(-6)
    assert me.trigger() is None
    session.run.engine.advance(1.0)
    assert [e.effect for e in kinds(session, ev.Affected)] == ["incapacitated"]
    me.reload()
    assert me.reloading
    session.run.engine.advance(5.0)
    me.switch()
    assert me.actor.holds == "spray"
    me.reload()
    assert not me.reloading  # a can is not filled again
    me.switch()
    me.switch()
    assert me.actor.holds == "handgun"
    assert me.trigger() == 1
