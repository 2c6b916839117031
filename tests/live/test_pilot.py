"""Keys and mouse brought to the engine: walking, doors, shots at their own instant, whatever the frame rate."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenes import OPEN_DOOR, load_scene, play

from xrlab.errors import InputError
from xrlab.live.clock import RunClock
from xrlab.live.controls import Controls
from xrlab.live.keys import Keys
from xrlab.run import Session
from xrlab.sim import events as ev
from xrlab.trainee.desktop import MAX_PITCH, RUN_M_S, WALK_M_S, DesktopTrainee


class Desk:
    """A pilot in the small scene, with a clock and a mouse that the test moves."""

    def __init__(self, session: Session, who: str = "p1", longest_s: float = 10.0, keys: Keys | None = None) -> None:
        self.seconds = 100.0  # where a wall clock begins must not matter
        self.moved = (0.0, 0.0)
        self.session, self.engine = session, session.run.engine
        self.clock = RunClock(longest_s, lambda: self.seconds)
        self.controls = Controls(session.run, who, self.clock, self._mouse, keys or Keys())
        self.pilot = self.controls.pilot
        self.clock.start()

    def _mouse(self) -> tuple[float, float]:
        moved, self.moved = self.moved, (0.0, 0.0)
        return moved

    def wait(self, seconds: float, frame_s: float = 1 / 60) -> None:
        """Time passes, picture by picture."""
        end = self.seconds + seconds
        while self.seconds < end - 1e-9:
            self.seconds = min(end, self.seconds + frame_s)
            self.pilot.catch_up()

    def press(self, name: str) -> None:
        self.controls.key(name, True)
        self.controls.key(name, False)

    @property
    def at(self) -> tuple[float, float]:
        x, y, _ = self.pilot.trainee.actor.track.at(self.engine.now).position
        return x, y

    def events(self, kind: type[ev.Event]) -> list[Any]:
        return [e for e in self.session.events if isinstance(e, kind)]


def desk(folder: Path, scenario: dict[str, Any] | None = None, room: dict[str, Any] | None = None) -> Desk:
    return Desk(play(load_scene(folder, scenario, room)))


def test_walking_goes_where_one_looks_at_walking_speed(tmp_path: Path) -> None:
    d = desk(tmp_path)
    x, y = d.at
    d.pilot.key("w", True)
    d.wait(1.0)
    assert d.at == pytest.approx((x + WALK_M_S, y), abs=0.02)
    d.pilot.key("w", False)
    d.wait(0.5)
    assert d.at == pytest.approx((x + WALK_M_S, y), abs=0.02)
    d.pilot.key("a", True)  # left of east is north
    d.wait(0.5)
    assert d.at == pytest.approx((x + WALK_M_S, y + WALK_M_S / 2), abs=0.03)


def test_running_is_faster_aiming_slower_and_a_slant_no_faster_than_straight(tmp_path: Path) -> None:
    def way(*keys: str, seconds: float = 0.5) -> float:
        d = desk(tmp_path)
        start = d.at
        for key in keys:
            d.pilot.key(key, True)
        d.wait(seconds)
        return math.dist(start, d.at) / seconds

    assert way("w", "shift") == pytest.approx(RUN_M_S, rel=0.02)
    assert way("w", "d") == pytest.approx(WALK_M_S, rel=0.05)
    assert way("mouse_right", "w") < 0.7 * WALK_M_S
    assert way("w", "s") == 0


@pytest.mark.parametrize("frame_s", [1 / 240, 1 / 24, 0.35, 1.0])
def test_the_way_walked_does_not_depend_on_the_frame_rate(tmp_path: Path, frame_s: float) -> None:
    d = desk(tmp_path)
    d.pilot.key("w", True)
    d.wait(1.0, frame_s)
    d.pilot.key("w", False)
    assert d.at == pytest.approx((1 + WALK_M_S, 2.0), abs=0.01)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(["w", "a", "s", "d", "shift"]), st.floats(-900, 900)), max_size=10),
       st.sampled_from([1 / 60, 0.4]))  # fmt: skip
def test_nobody_walks_into_a_wall_or_out_of_the_house(tmp_path: Path, moves: list[tuple[str, float]], frame_s: float):
    d = desk(tmp_path)
    for key, right in moves:
        d.moved = (right, 0.0)
        d.pilot.key(key, True)
        d.wait(1.0, frame_s)
        x, y = d.at
        assert 0.1 < x < 3.95 and 0.1 < y < 3.9  # the door is shut: the west room it is
        assert d.engine.world.room.walkable.clearance(x, y) > 0.15


def test_a_shut_door_stops_and_an_open_one_lets_through(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.pilot.key("w", True)
    d.wait(4.0)
    assert d.at[0] < 3.9
    d.press("e")
    (moved,) = d.events(ev.DoorMoved)
    assert (moved.door, moved.who, moved.opened) == ("middle_door", "p1", 1.0)
    d.wait(3.0)
    assert d.at[0] > 4.5


def test_e_shuts_an_open_door_and_does_nothing_away_from_doors(tmp_path: Path) -> None:
    d = desk(tmp_path, room=OPEN_DOOR)
    d.press("e")
    assert d.events(ev.DoorMoved) == []
    d.pilot.key("w", True)
    d.wait(1.2)
    d.press("e")
    (moved,) = d.events(ev.DoorMoved)
    assert moved.opened == 0.0


def test_a_door_for_others_stays_shut_and_says_so(tmp_path: Path) -> None:
    d = desk(tmp_path, room={"doors.middle_door.opened_by": ["nobody"]})
    d.pilot.key("w", True)
    d.wait(3.0)
    assert d.pilot.door_refused_at < 0
    d.press("e")
    assert d.events(ev.DoorMoved) == []
    assert d.pilot.door_refused_at == pytest.approx(3.0)


def test_looking_turns_by_the_mouse_and_stops_short_of_straight_up(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.moved = (-500.0, -200.0)
    d.wait(0.1)
    stance = d.pilot.trainee.actor.track.at(d.engine.now)
    assert stance.yaw == pytest.approx(1.1, abs=0.01) and stance.pitch == pytest.approx(0.44, abs=0.01)
    d.moved = (0.0, -90000.0)
    d.wait(0.1)
    assert d.pilot.trainee.pitch == MAX_PITCH


def test_a_shot_carries_the_instant_of_its_key_not_of_a_picture(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.wait(1.0)
    d.seconds += 0.012345
    d.press("mouse_left")
    d.wait(0.5)
    (shot,) = d.events(ev.ShotFired)
    assert shot.t == pytest.approx(1.012345, abs=1e-6)
    assert shot.shooter == "p1"


def test_a_shot_goes_where_the_mouse_points_at_its_instant(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.wait(0.5)
    d.moved = (-100.0, 0.0)  # moved since the last picture
    d.press("mouse_left")
    (shot,) = d.events(ev.ShotFired)
    assert shot.yaw == pytest.approx(0.22, abs=1e-5)


def test_a_shot_while_walking_starts_where_one_is_at_its_instant(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.pilot.key("w", True)
    d.wait(0.5)
    before = d.pilot.trainee.actor.eye(d.engine.now)[0]
    d.seconds += 0.3  # a very slow picture, and the key comes in the middle of it
    d.press("mouse_left")
    (shot,) = d.events(ev.ShotFired)
    assert shot.origin[0] - before == pytest.approx(0.3 * WALK_M_S, abs=0.01)


def test_a_shot_straight_ahead_meets_the_gunman_and_he_falls(tmp_path: Path) -> None:
    d = desk(tmp_path, room=OPEN_DOOR)
    d.pilot.key("mouse_right", True)
    for _ in range(2):
        d.moved = (0.0, 0.0)
        d.press("mouse_left")
        d.wait(0.5)
    struck = [e for e in d.events(ev.Struck) if e.kind == "person"]
    assert [e.what for e in struck] == ["gunman"] * len(struck) and struck
    assert d.pilot.trainee.actor.weapon is not None and d.pilot.trainee.actor.weapon.rounds == 15


def test_the_magazine_runs_dry_and_r_fills_it(tmp_path: Path) -> None:
    d = desk(tmp_path)
    weapon = d.pilot.trainee.actor.weapon
    assert weapon is not None
    for _ in range(weapon.capacity):
        d.press("mouse_left")
        d.wait(0.3)
    assert weapon.rounds == 0
    d.press("mouse_left")
    assert len(d.events(ev.EmptyTrigger)) == 1
    d.press("r")
    assert d.pilot.trainee.reloading
    d.press("mouse_left")  # not while reloading
    d.wait(weapon.reload_s + 0.1)
    assert not d.pilot.trainee.reloading and weapon.rounds == weapon.capacity
    assert len(d.events(ev.Reloaded)) == 1 and len(d.events(ev.ShotFired)) == weapon.capacity


def test_a_challenge_is_heard_and_the_numbers_give_other_commands(tmp_path: Path) -> None:
    d = desk(tmp_path, room=OPEN_DOOR)
    d.wait(0.3)
    d.press("c")
    for key in "1234":
        d.press(key)
    called = d.events(ev.VerbalCommand)
    assert [e.command for e in called] == ["drop_weapon", "drop_weapon", "stop", "hands_up", "get_down"]
    assert all(e.who == "p1" and "gunman" in e.heard_by for e in called)


def test_a_challenge_makes_a_role_player_give_up(tmp_path: Path) -> None:
    give_up = [{"to": "surrendering", "when": 'challenged_by("p1")', "after_s": 0.3}]
    d = desk(tmp_path, {"people.gunman.transitions": give_up}, OPEN_DOOR)
    d.wait(0.5)
    d.press("c")
    d.wait(0.5)
    gunman = d.engine.world.actors["gunman"]
    assert (gunman.state, gunman.pose, gunman.holds) == ("surrendering", "hands_up", "nothing")


def test_l_switches_the_torch_on_and_off(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.press("l")
    d.press("l")
    assert [(e.who, e.on) for e in d.events(ev.TorchSwitched)] == [("p1", True), ("p1", False)]


def test_q_takes_the_next_weapon_and_aiming_follows(tmp_path: Path) -> None:
    d = desk(tmp_path, {"teams.police.carries": ["pistol", "carbine"]})
    d.pilot.key("mouse_right", True)
    assert d.pilot.trainee.actor.pose == "aiming"
    d.press("q")
    actor = d.pilot.trainee.actor
    assert actor.weapon is not None and actor.weapon.kind == "carbine"
    assert (actor.holds, actor.pose) == ("long_gun", "aiming_long")
    d.pilot.key("mouse_right", False)
    assert actor.pose == "low_ready"


def test_function_keys_set_off_injects(tmp_path: Path) -> None:
    lights = {"label": {"en": "Out", "nl": "Uit", "fr": "Coupée", "de": "Aus"}, "do": [{"lights": "off"}]}
    d = desk(tmp_path, {"injects": {"dark": lights}})
    d.press("f1")
    d.press("f2")  # there is no second one
    d.wait(0.2)
    assert [e.inject for e in d.events(ev.InstructorCue)] == ["dark"]
    assert all(ramp.at(d.engine.now) == 0.0 for ramp in d.engine.world.lights.values())


def test_paused_time_stands_and_keys_do_nothing(tmp_path: Path) -> None:
    d = desk(tmp_path)
    d.pilot.key("w", True)
    d.wait(0.5)
    d.pilot.release()
    d.clock.stop()
    now, place = d.engine.now, d.at
    d.moved = (300.0, 0.0)
    d.wait(5.0)
    d.press("mouse_left")
    assert (d.engine.now, d.at) == (now, place)
    d.clock.start()
    d.wait(0.5)
    assert d.engine.now == pytest.approx(now + 0.5, abs=1e-6)
    assert d.at == place and d.pilot.trainee.yaw == 0.0  # what the mouse did meanwhile is forgotten
    assert d.events(ev.ShotFired) == []


def test_a_picture_that_hangs_costs_little_time_of_the_run(tmp_path: Path) -> None:
    d = Desk(play(load_scene(tmp_path)), longest_s=1.0)
    d.wait(0.5)
    d.seconds += 60.0
    d.pilot.catch_up()
    assert d.engine.now == pytest.approx(1.5, abs=1e-6)


def test_nothing_happens_after_the_end(tmp_path: Path) -> None:
    d = desk(tmp_path, {"time_limit_s": 2})
    d.wait(3.0)
    assert d.engine.ended
    count = len(d.session.events)
    d.press("mouse_left")
    d.press("c")
    d.wait(1.0)
    assert len(d.session.events) == count


def test_the_same_keys_at_the_same_instants_give_the_same_run(tmp_path: Path) -> None:
    def run(frame_s: float) -> str:
        d = desk(tmp_path, room=OPEN_DOOR)
        d.wait(1.0, frame_s)
        d.press("c")
        d.wait(0.5, frame_s)
        d.press("mouse_left")
        d.wait(1.0, frame_s)
        d.engine.end("done")
        return d.session.finish().events_sha256

    assert run(1 / 100) == run(1 / 100) == run(0.25)


def test_a_trainee_that_is_not_there_is_refused(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path))
    with pytest.raises(InputError, match="no trainee 'p9'"):
        DesktopTrainee(session.run, "p9")
