"""What role players do: they flee, hide, draw, strike, follow, gather, patrol, and stand in nobody's place."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import OPEN_DOOR, load_scene, play

from xrlab.errors import InputError
from xrlab.run import Session
from xrlab.sim import deeds
from xrlab.sim import events as ev

ALONE = {"people.gunman": None}


def acts(
    folder: Path, who: str, do: list[Any], until: float, *, room: Any = None, seed: int = 0, **more: Any
) -> Session:
    """The scene in which one person does these things, played for a while."""
    scenario = {f"people.{who}.states": {"acting": {"do": do}}, f"people.{who}.begins": "acting"}
    session = play(load_scene(folder, scenario | more, OPEN_DOOR if room is None else room), seed=seed)
    session.run.engine.advance(until)
    return session


def kinds(session: Session, kind: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, kind)]


def states(session: Session, who: str) -> list[tuple[float, str]]:
    return [(e.t, e.state) for e in session.events if isinstance(e, ev.StateChanged) and e.who == who]


def place(session: Session, who: str) -> tuple[float, float]:
    x, y, _ = session.run.engine.world.actors[who].track.at(session.run.engine.now).position
    return x, y


def in_sight(session: Session, who: str, by: str, height: float) -> bool:
    """Whether a straight line leads from somebody's eye to a height above another's feet, past walls."""
    world, now = session.run.engine.world, session.run.engine.now
    start, end = np.array([world.actors[by].eye(now)]), np.array([world.actors[who].track.at(now).position])
    return not world.room.opaque.blocked_many(start, end + (0.0, 0.0, height))[0]


# --- away from danger --------------------------------------------------------------------------------------


def test_a_bystander_flees_from_who_is_armed_out_of_their_sight(tmp_path: Path) -> None:
    session = acts(tmp_path, "neighbour", ["flee"], 8.0)
    assert not in_sight(session, "neighbour", "gunman", 1.15)
    assert math.dist(place(session, "neighbour"), (7, 2)) > 3.5


def test_who_is_no_danger_is_not_fled_from_but_the_trainees_are(tmp_path: Path) -> None:
    session = acts(tmp_path, "neighbour", ["flee"], 8.0, **{"people.gunman.holds": "phone"})
    assert not in_sight(session, "neighbour", "p1", 1.15)


def test_of_exits_the_one_is_taken_that_does_not_lead_past_the_danger(tmp_path: Path) -> None:
    room = {**OPEN_DOOR, "points.by_the_gunman": {"at": [7.6, 0.6]}, "points.far_corner": {"at": [0.5, 0.5]}}
    exits = ["by_the_gunman", "far_corner"]
    session = acts(tmp_path, "neighbour", [{"flee": "gunman", "to": exits}], 10.0, room=room)
    assert math.dist(place(session, "neighbour"), (0.5, 0.5)) < 0.1


def test_cover_is_the_nearest_place_out_of_sight_and_one_crouches_there(tmp_path: Path) -> None:
    session = acts(tmp_path, "gunman", [{"take_cover": "p1"}], 6.0)
    assert ("p1", "gunman") not in session.run.engine.ledger.sees
    gunman = session.run.engine.world.actors["gunman"]
    assert gunman.pose == "crouching"
    assert place(session, "gunman")[0] > 4.0  # in the same room: nearer than anything behind the trainee
    stance = gunman.track.at(6.0)
    towards = math.atan2(2 - stance.y, 1 - stance.x)
    assert abs(math.remainder(stance.yaw - towards, math.tau)) < 0.01


def test_known_states_need_no_declaring(tmp_path: Path) -> None:
    for state, pose in (
        ("hiding", "crouching"),
        ("fleeing", "crouching"),
        ("complying", "kneeling"),
        ("down", "lying"),
    ):
        session = play(load_scene(tmp_path, {"people.gunman.begins": state}, OPEN_DOOR))
        session.run.engine.advance(10.0)
        assert session.run.engine.world.actors["gunman"].pose == pose, state


def test_who_is_wary_turns_to_the_last_sound_and_looks_about(tmp_path: Path) -> None:
    rule = [{"from": "unaware", "to": "wary", "when": 'heard("door")', "after_s": 0.2}]
    session = play(load_scene(tmp_path, {"people.neighbour.begins": "unaware", "people.neighbour.transitions": rule}))
    engine = session.run.engine
    engine.advance(1.0)
    deeds.move_door(engine, "middle_door", 1.0, "p1")
    engine.advance(2.0)
    stance = engine.world.actors["neighbour"].track.at(2.0)
    assert abs(math.remainder(stance.yaw - math.atan2(2 - 3.4, 4 - 7), math.tau)) < 0.03
    engine.advance(4.0)
    assert engine.world.actors["neighbour"].track.at(4.0).yaw != stance.yaw


# --- fighting ------------------------------------------------------------------------------------------------


def test_what_is_hidden_is_drawn_and_makes_a_danger_when_it_is_out(tmp_path: Path) -> None:
    hidden = {"people.gunman.holds": "nothing", "people.gunman.carries": ["handgun"]}
    do = [{"wait_s": 1}, {"draw": "handgun", "draw_s": 0.8}, {"fire_at": "p1", "times": 1, "hit_chance": 1}]
    session = acts(tmp_path, "gunman", do, 5.0, **hidden)
    looks = [(e.t, e.pose, e.holds, e.danger) for e in kinds(session, ev.PostureChanged) if e.who == "gunman"]
    assert looks[1] == (1.0, "reaching", "nothing", False)
    assert (1.8, "low_ready", "handgun", True) in looks
    (shot,) = kinds(session, ev.ShotFired)
    assert shot.t >= 1.8


def test_a_hidden_knife_is_drawn_and_used_within_reach(tmp_path: Path) -> None:
    knife = {"people.gunman.holds": "nothing", "people.gunman.carries": ["knife"], "people.gunman.begins": "attacking"}
    session = play(load_scene(tmp_path, knife, OPEN_DOOR), seed=1)
    engine = session.run.engine
    engine.advance(12.0)
    blows = kinds(session, ev.BlowLanded)
    assert blows and {(b.who, b.whom, b.item) for b in blows} == {("gunman", "p1", "knife")}
    assert engine.ledger.hits_taken("trainee") == len(blows)
    assert 0.5 < math.dist(place(session, "gunman"), place(session, "p1")) <= 1.0  # beside, not inside
    took = blows[0].t - next(e.t for e in kinds(session, ev.PostureChanged) if e.holds == "knife")
    assert took >= (6.0 - 1.0) / 4.0 - 0.1  # five metres and more at 4 m/s
    assert all(b.t - a.t > 0.99 for a, b in pairwise(blows))


def test_reaction_time_passes_between_seeing_and_the_first_shot(tmp_path: Path) -> None:
    do = [{"fire_at": "nearest_trainee", "reaction_s": [0.7, 0.9], "every_s": 0.5, "times": 3}]
    session = acts(tmp_path, "gunman", do, 1.0, room={})
    deeds.move_door(session.run.engine, "middle_door", 1.0, "p1")
    session.run.engine.advance(6.0)
    seen = next(e.t for e in kinds(session, ev.Seen) if e.who == "gunman")
    first, second, _ = (e.t for e in kinds(session, ev.ShotFired))
    assert 0.7 <= first - seen <= 0.91
    assert second - first == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("spread", "least", "most"), [(2, 95, 100), (60, 10, 75), (200, 0, 25)])
def test_a_wider_spread_hits_less(tmp_path: Path, spread: float, least: int, most: int) -> None:
    do = [{"fire_at": "p1", "every_s": 0.1, "spread_mrad": spread, "times": 100}]
    session = acts(tmp_path, "gunman", do, 29.0, time_limit_s=30)
    hits = len([e for e in kinds(session, ev.Struck) if e.what == "p1"])
    assert len(kinds(session, ev.ShotFired)) == 100
    assert least <= hits <= most


def test_what_is_dropped_lies_there_and_can_be_taken_up(tmp_path: Path) -> None:
    scene = {
        "people.neighbour.states": {
            "taking": {"do": [{"pick_up": "handgun"}, {"look_at": "p1"}, {"fire_at": "p1", "times": 1}]}
        },
        "people.neighbour.transitions": [{"to": "taking", "when": 'holds("gunman") == "nothing"', "after_s": 0.5}],
        "people.neighbour.holds": "nothing",
    }
    session = acts(tmp_path, "gunman", [{"wait_s": 1}, "drop", {"walk_to": "c"}], 1.2, **scene)
    (dropped,) = kinds(session, ev.ItemDropped)
    (thing,) = session.run.engine.world.lying
    assert (dropped.item, thing.item, thing.position) == ("handgun", "handgun", dropped.at)
    assert math.dist(dropped.at[:2], (7, 2)) < 0.5
    session.run.engine.advance(10.0)
    assert [(e.who, e.item, e.at) for e in kinds(session, ev.ItemTaken)] == [("neighbour", "handgun", dropped.at)]
    assert session.run.engine.world.lying == []
    assert [e.shooter for e in kinds(session, ev.ShotFired)] == ["neighbour"]


# --- with others ---------------------------------------------------------------------------------------------


def test_who_follows_keeps_a_distance_and_comes_through_doors(tmp_path: Path) -> None:
    lead = {"people.gunman.states": {"leading": {"do": [{"wait_s": 1}, {"walk_to": "aside"}]}}}
    session = acts(
        tmp_path, "neighbour", [{"follow": "gunman", "distance_m": 1.5}], 15.0,
        room={}, **lead, **{"people.gunman.begins": "leading"},
    )  # fmt: skip
    assert math.dist(place(session, "gunman"), (1, 3.4)) < 0.1
    assert 0.9 < math.dist(place(session, "gunman"), place(session, "neighbour")) < 2.2
    assert place(session, "neighbour")[0] < 4.0


def crowd(count: int, do: list[Any]) -> dict[str, Any]:
    return {
        "people": {
            f"n{k}": {
                "role": "no_shoot", "at": [4.6 + 0.7 * (k % 5), 0.6 + 0.8 * (k // 5)], "begins": "acting",
                "states": {"acting": {"do": do}},
            }
            for k in range(count)
        }
    }  # fmt: skip


@pytest.mark.parametrize("do", [{"gather": [2, 2]}, {"walk_to": [2, 2]}, {"join": "p1"}])
def test_nobody_stands_in_anothers_place(tmp_path: Path, do: Any) -> None:
    session = play(load_scene(tmp_path, crowd(10, [do]), OPEN_DOOR))
    session.run.engine.advance(15.0)
    people = [*session.loaded.scenario.people, "p1"]
    assert min(math.dist(place(session, a), place(session, b)) for a, b in combinations(people, 2)) >= 0.69
    near = [math.dist(place(session, n), (1, 2) if "join" in do else (2, 2)) for n in people[:-1]]
    assert max(near) < 3.3 and sorted(near)[4] < 2.2


def test_who_gathers_looks_to_the_middle(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, crowd(3, [{"gather": [2, 2]}]), OPEN_DOOR))
    session.run.engine.advance(12.0)
    for name in session.loaded.scenario.people:
        stance = session.run.engine.world.actors[name].track.at(12.0)
        assert abs(math.remainder(stance.yaw - math.atan2(2 - stance.y, 2 - stance.x), math.tau)) < 0.01


def test_one_walks_round_who_stands_in_the_way(tmp_path: Path) -> None:
    scene = {"people.gunman.at": [2.5, 2]}
    session = acts(tmp_path, "neighbour", [{"walk_to": [1.4, 0.8]}, {"walk_to": [3.5, 2.9]}], 12.0, **scene)
    gunman = place(session, "gunman")
    track = session.run.engine.world.actors["neighbour"].track
    assert min(math.dist(track.at(t / 20).position[:2], gunman) for t in range(240)) > 0.4


def test_a_patrol_goes_round_and_round_and_pauses(tmp_path: Path) -> None:
    session = acts(tmp_path, "gunman", [{"patrol": ["b", "aside"], "pause_s": 1, "speed_mps": 2}], 20.0)
    track = session.run.engine.world.actors["gunman"].track
    at = [math.dist(track.at(t / 10).position[:2], (1, 3.4)) < 0.05 for t in range(200)]
    visits = sum(b and not a for a, b in pairwise(at))
    assert visits >= 2
    assert sum(at) / visits >= 9  # a second each time


def test_turning_sitting_and_falling(tmp_path: Path) -> None:
    session = acts(tmp_path, "gunman", [{"turn_deg": 90}, {"wait_s": 1}, {"turn_deg": -270}, "sit"], 0.9, room={})
    engine = session.run.engine
    gunman = engine.world.actors["gunman"]
    assert math.cos(gunman.track.at(0.9).yaw - math.radians(270)) > 0.999
    engine.advance(5.0)
    assert math.cos(gunman.track.at(5.0).yaw) > 0.999
    turned = [leg.yaw1 - leg.yaw0 for leg in gunman.track.legs if leg.t0 > 0.5]
    assert sum(turned) == pytest.approx(-math.radians(270), abs=1e-4)
    assert gunman.pose == "sitting"
    fell = acts(tmp_path, "gunman", ["fall"], 1.0)
    assert (fell.run.engine.world.actors["gunman"].pose, [t.item for t in fell.run.engine.world.lying]) == (
        "lying", ["handgun"],
    )  # fmt: skip


def test_opening_a_door_means_going_to_it(tmp_path: Path) -> None:
    session = acts(tmp_path, "gunman", [{"open": "middle_door"}, {"wait_s": 1}, {"close": "middle_door"}], 9.0, room={})
    opened, shut = kinds(session, ev.DoorMoved)
    assert (opened.opened, shut.opened) == (1.0, 0.0)
    assert opened.t > 0.8
    assert math.dist(place(session, "gunman"), (4, 2)) < 1.9


# --- changes of state ------------------------------------------------------------------------------------------


def test_weights_say_how_often_each_state_follows(tmp_path: Path) -> None:
    rules = [{"from": "waiting", "to": {"surrendering": 3, "attacking": 1}, "when": "time() > 1"}]
    loaded = load_scene(tmp_path, {"people.gunman.transitions": rules, "people.gunman.holds": "nothing"})
    ended = []
    for seed in range(60):
        session = play(loaded, seed=seed)
        session.run.engine.advance(1.5)
        ended.append(session.run.engine.world.actors["gunman"].state)
    assert set(ended) == {"surrendering", "attacking"}
    assert 33 <= ended.count("surrendering") <= 56


@pytest.mark.parametrize(("throughout", "ends"), [(True, "waiting"), (False, "frozen")])
def test_a_condition_that_breaks_off_stops_what_needs_it_throughout(
    tmp_path: Path, throughout: bool, ends: str
) -> None:
    rule = {"from": "waiting", "to": "frozen", "when": 'light("west") < 0.5', "after_s": 2, "throughout": throughout}
    events = {"dark": {"at_s": 1, "do": [{"lights": "off"}]}, "light": {"at_s": 2, "do": [{"lights": "on"}]}}
    session = play(load_scene(tmp_path, {"people.gunman.transitions": [rule], "events": events}))
    session.run.engine.advance(5.0)
    assert session.run.engine.world.actors["gunman"].state == ends


def test_the_first_of_two_transitions_counts(tmp_path: Path) -> None:
    rules = [{"from": "waiting", "to": to, "when": "time() >= 1"} for to in ("frozen", "surrendering")]
    session = play(load_scene(tmp_path, {"people.gunman.transitions": rules}))
    session.run.engine.advance(2.0)
    assert states(session, "gunman") == [(0.0, "waiting"), (1.0, "frozen")]


def test_what_led_into_a_state_does_not_lead_out_of_it_at_once(tmp_path: Path) -> None:
    rules = [
        {"from": "waiting", "to": "wary", "when": 'heard("shot")'},
        {"from": "wary", "to": "fleeing", "when": 'heard("shot")'},
    ]
    session = play(load_scene(tmp_path, {"people.neighbour.transitions": rules}))
    engine = session.run.engine
    for t, state in ((1.0, "wary"), (2.0, "fleeing")):
        engine.advance(t)
        deeds.fire(engine, engine.world.actors["p1"], math.pi, 0.0)
        engine.advance(t + 0.5)
        assert engine.world.actors["neighbour"].state == state


def test_circles_of_weighted_transitions_are_named(tmp_path: Path) -> None:
    rules = [{"from": "waiting", "to": {"frozen": 1, "wary": 1}}, {"from": ["frozen", "wary"], "to": "waiting"}]
    session = play(load_scene(tmp_path, {"people.gunman.transitions": rules}))
    with pytest.raises(InputError, match=r"goes round in circles at 0 s.*gunman (waiting|wary|frozen) -> "):
        session.run.engine.advance(1.0)


def test_a_loop_in_which_nothing_can_be_done_lets_time_pass(tmp_path: Path) -> None:
    locked = {"doors.middle_door.opened_by": ["police"], "doors.middle_door.open": False}
    loop = [{"repeat": "forever", "do": [{"walk_to": "aside"}, {"pick_up": "phone"}]}]
    session = acts(tmp_path, "neighbour", loop, 19.0, room=locked)
    assert session.run.engine.now == 19.0


def test_things_are_repeated_so_often_and_waited_for(tmp_path: Path) -> None:
    do = [{"repeat": 3, "do": [{"say": "Go!"}, {"wait_s": 0.5}]}, {"when": "state_time() >= 4"}, {"say": "Now!"},
          {"when": 'heard("shot")', "timeout_s": 1}, {"say": "Over."}]  # fmt: skip
    session = acts(tmp_path, "gunman", do, 8.0)
    assert [(e.t, e.text["en"]) for e in kinds(session, ev.Spoke)] == [
        (0.0, "Go!"), (0.5, "Go!"), (1.0, "Go!"), (4.0, "Now!"), (5.0, "Over."),
    ]  # fmt: skip
