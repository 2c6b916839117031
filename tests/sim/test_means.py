"""Less-lethal means: where probes, jets and blows go, what comes of it, and what people do then."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from scenes import load_scene, play

from xrlab.run import Session
from xrlab.scenario.library import ConductedEnergy, means
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim import means as use_of

HALL = {
    "rooms": {"hall": {"rect": [0, 0, 14, 6]}}, "doors": None, "lights": [],
    "points": {"a": {"at": [1, 3]}, "b": {"at": [4, 3], "yaw_deg": 180}, "c": {"at": [13, 5.5], "yaw_deg": 180}},
}  # fmt: skip
DEVICE = means()["conducted_energy"]
assert isinstance(DEVICE, ConductedEnergy)


def hall(
    folder: Path, carries: str, away: float, *, seed: int = 0, room: dict[str, Any] | None = None, **more: Any
) -> Session:
    """A hall in which p1 looks at the gunman, who stands so many metres away with a knife and looks back."""
    scenario = {
        "people.gunman.at": [1 + away, 3], "people.gunman.yaw_deg": 180, "people.gunman.holds": "knife",
        "teams.police.carries": [carries, "pistol"],
    }  # fmt: skip
    session = play(load_scene(folder, scenario | more, HALL | (room or {})), seed=seed)
    session.run.engine.advance(0.5)
    deeds.posture(session.run.engine, session.run.engine.world.actors["p1"], pose="aiming")
    return session


def use(session: Session, at: str = "torso", whom: str = "gunman", until: float = 1.0) -> None:
    """p1 uses what is in the hand, aimed at a part of somebody's body; then the run goes on."""
    engine = session.run.engine
    me, other = engine.world.actors["p1"], engine.world.actors[whom]
    point = other.eye(engine.now) if at == "face" else deeds.aim_point(other, engine.now, at)
    use_of.trigger(engine, me, *deeds.aim_angles(me.eye(engine.now), point))
    engine.advance(until)


def kinds(session: Session, kind: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, kind)]


def states(session: Session, who: str = "gunman") -> list[tuple[float, str]]:
    return [(e.t, e.state) for e in kinds(session, ev.StateChanged) if e.who == who and e.was]


def gunman(session: Session) -> Any:
    return session.run.engine.world.actors["gunman"]


# --- conducted-energy device -------------------------------------------------------------------------------


def test_probes_part_by_the_angle_between_them(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy", 3.0)
    use(session)
    upper, lower = kinds(session, ev.MeansMet)
    assert [(m.part, m.what) for m in (upper, lower)] == [("upper", "gunman"), ("lower", "gunman")]
    (shot,) = kinds(session, ev.MeansUsed)
    down = [math.atan2(shot.origin[2] - m.at[2], m.at[0] - shot.origin[0]) for m in (upper, lower)]
    assert math.degrees(down[1] - down[0]) == pytest.approx(DEVICE.spread_deg, abs=0.01)
    assert (upper.zone, lower.zone, shot.left) == ("torso", "pelvis", 0)


@pytest.mark.parametrize(
    ("away", "effect"), [(1.5, "pain"), (2.6, "pain"), (3.0, "incapacitated"), (5.0, "incapacitated"), (7.2, None)]
)
def test_probes_must_lie_30_cm_apart_and_both_hold(tmp_path: Path, away: float, effect: str | None) -> None:
    session = hall(tmp_path, "conducted_energy", away)
    use(session)
    assert [e.effect for e in kinds(session, ev.Affected)] == ([effect] if effect else [])
    assert (gunman(session).state == "incapacitated") == (effect == "incapacitated")
    if effect:
        upper, lower = kinds(session, ev.MeansMet)
        assert (math.dist(upper.at, lower.at) >= DEVICE.needs_m) == (effect == "incapacitated")


def test_wires_end_where_their_reach_ends(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy", DEVICE.reach_m + 0.8)
    use(session)
    assert [m for m in kinds(session, ev.MeansMet) if m.kind == "person"] == []


@pytest.mark.parametrize("kind", ["conducted_energy_close", "conducted_energy_standoff"])
def test_the_cartridge_decides_from_where_it_works(tmp_path: Path, kind: str) -> None:
    near, far = hall(tmp_path, kind, 2.4), hall(tmp_path, kind, 6.2)
    for session in (near, far):
        use(session)
    works = [[e.effect for e in kinds(s, ev.Affected)] == ["incapacitated"] for s in (near, far)]
    assert works == ([True, False] if kind == "conducted_energy_close" else [False, True])


def test_the_current_makes_drop_and_fall_for_a_cycle_and_then_they_comply(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy", 3.0)
    assert gunman(session).is_danger
    use(session)
    him = gunman(session)
    assert (him.pose, him.holds, him.is_danger) == ("lying", "nothing", False)
    assert [e.item for e in kinds(session, ev.ItemDropped)] == ["knife"]
    session.run.engine.advance(9.0)
    assert states(session) == [(0.5, "incapacitated"), (5.5, "complying")]
    (over,) = kinds(session, ev.Recovered)
    assert (over.t, over.who, over.effect) == (5.5, "gunman", "incapacitated")
    assert him.pose == "kneeling"


def test_one_probe_on_each_of_two_people_does_nothing(tmp_path: Path) -> None:
    # a small wall of a body before the lower probe: the neighbour sits right before the gunman
    more = {"people.neighbour.at": [4.2, 3], "people.neighbour.pose": "crouching", "people.neighbour.yaw_deg": 0}
    session = hall(tmp_path, "conducted_energy", 4.4, **more)
    use(session, "head")
    assert [(m.part, m.what) for m in kinds(session, ev.MeansMet)] == [("upper", "gunman"), ("lower", "neighbour")]
    assert kinds(session, ev.Affected) == []


def test_a_wall_between_takes_the_probes(tmp_path: Path) -> None:
    wall = {"walls": [{"from": [2.5, 2], "to": [2.5, 4], "thickness_m": 0.1}]}
    session = hall(tmp_path, "conducted_energy", 3.0, room=wall)
    use(session)
    assert {m.kind for m in kinds(session, ev.MeansMet)} == {"wall"}
    assert kinds(session, ev.Affected) == []


def test_cartridges_run_out_and_are_changed(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy_close", 9.0)  # out of reach: no probe holds
    engine, me = session.run.engine, session.run.engine.world.actors["p1"]
    for until in (1.2, 1.9, 2.6):
        use(session, until=until)
    assert [e.left for e in kinds(session, ev.MeansUsed)] == [1, 0]
    assert len(kinds(session, ev.EmptyTrigger)) == 1
    engine.advance(deeds.reload(engine, me))
    assert me.weapon is not None and me.weapon.rounds == 2
    use(session, until=6.5)
    assert [e.use for e in kinds(session, ev.MeansUsed)] == [1, 2, 3]


def test_the_trigger_sends_another_cycle_through_probes_that_hold(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy", 3.0)
    use(session, until=4.0)
    use(session, until=12.0)
    assert [(e.left, e.again) for e in kinds(session, ev.MeansUsed)] == [(0, False), (0, True)]
    assert [(e.t, e.effect) for e in kinds(session, ev.Affected)] == [(0.5, "incapacitated"), (4.0, "incapacitated")]
    first, again = kinds(session, ev.MeansMet)[:2], kinds(session, ev.MeansMet)[2:]
    assert [(m.part, m.zone) for m in first] == [(m.part, m.zone) for m in again]
    assert states(session) == [(0.5, "incapacitated"), (9.0, "complying")]


def test_wires_break_when_one_goes_too_far(tmp_path: Path) -> None:
    leaves = {
        "people.gunman.states": {"leaving": {"do": [{"walk_to": [12, 3], "speed_mps": 3}]}},
        "people.gunman.transitions": [{"from": "incapacitated", "to": "leaving"}],
    }
    session = hall(tmp_path, "conducted_energy", 3.0, **leaves)
    use(session, until=6.0)
    use(session, until=7.0)  # he has got up and gone a step: the wires still reach
    session.run.engine.advance(14.0)
    assert states(session)[-1] == (11.0, "leaving")
    use(session, until=15.0)
    assert [e.again for e in kinds(session, ev.MeansUsed)] == [False, True]
    assert [e.t for e in kinds(session, ev.EmptyTrigger)] == [14.0]


def test_it_is_not_used_again_before_it_is_ready(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy_close", 3.0)
    use(session, until=0.6)
    use(session, until=0.7)
    assert len(kinds(session, ev.MeansUsed)) == 1


def test_a_means_in_hand_fires_no_bullet_and_switching_brings_the_pistol_back(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy", 3.0)
    engine, me = session.run.engine, session.run.engine.world.actors["p1"]
    assert me.holds == "conducted_energy"
    assert deeds.fire(engine, me, 0.0, 0.0) is None
    deeds.switch(engine, me)
    assert me.holds == "handgun"
    assert use_of.trigger(engine, me, 0.0, 0.0) == 1
    assert use_of.take(engine, me, "conducted_energy") is me.weapon
    assert use_of.take(engine, me, "spray") is None


# --- what follows ------------------------------------------------------------------------------------------

FURIOUS = {
    "people.gunman.states": {"furious": {"do": []}, "calm": {"do": []}},
    "people.gunman.transitions": [
        {"from": "incapacitated", "to": "furious"},
        {"from": "waiting", "to": "calm", "when": 'challenged_by("police")'},
    ],
}


def test_a_transition_of_ones_own_leads_on_after_the_current(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy", 3.0, **FURIOUS)
    use(session, until=9.0)
    assert states(session) == [(0.5, "incapacitated"), (5.5, "furious")]


def test_nothing_but_bullets_leads_on_while_the_current_flows(tmp_path: Path) -> None:
    rules = [{"from": "any", "to": "calm", "when": 'challenged_by("police")'}]
    session = hall(tmp_path, "conducted_energy", 3.0, **(FURIOUS | {"people.gunman.transitions": rules}))
    use(session, until=1.5)
    engine, me = session.run.engine, session.run.engine.world.actors["p1"]
    deeds.call_out(engine, me, "stop")
    engine.advance(5.0)
    assert states(session) == [(0.5, "incapacitated")]
    engine.advance(6.0)
    assert states(session)[1:] == [(5.5, "calm")]


def test_who_is_shot_under_the_current_is_down(tmp_path: Path) -> None:
    down = [{"from": "any", "to": "down", "when": 'hits("self") >= 1'}]
    session = hall(tmp_path, "conducted_energy", 3.0, **{"people.gunman.transitions": down})
    use(session, until=1.5)
    deeds.switch(session.run.engine, session.run.engine.world.actors["p1"])
    use(session, until=1.6)
    engine = session.run.engine
    engine.advance(9.0)
    assert states(session) == [(0.5, "incapacitated"), (pytest.approx(1.5, abs=0.02), "down")]


def test_a_cue_for_who_cannot_move_comes_after_the_current(tmp_path: Path) -> None:
    injects = {"go_on": {"label": "go on", "do": [{"set_state": {"gunman": "furious"}}]}}
    session = hall(tmp_path, "conducted_energy", 3.0, injects=injects, **FURIOUS)
    use(session, until=2.0)
    session.run.director.cue("go_on")
    session.run.engine.advance(3.0)
    assert gunman(session).state == "incapacitated"
    session.run.engine.advance(6.0)
    assert states(session)[1:] == [(5.5, "furious")]


def test_a_second_cycle_lasts_from_its_own_beginning(tmp_path: Path) -> None:
    stiff = {"people.gunman.states": {"incapacitated": {"do": []}}}  # stays on the feet
    session = hall(tmp_path, "conducted_energy_close", 2.4, **stiff)
    use(session, until=3.5)
    use(session, until=12.0)
    hits = kinds(session, ev.Affected)
    overs = [e.t for e in kinds(session, ev.Recovered)]
    assert [e.t for e in hits] == [0.5, 3.5]
    assert overs == [8.5]
    assert states(session) == [(0.5, "incapacitated"), (8.5, "complying")]


# --- irritant spray ----------------------------------------------------------------------------------------


def sprayed(folder: Path, away: float, seed: int = 0, at: str = "face", **more: Any) -> Session:
    session = hall(folder, "spray", away, seed=seed, **more)
    use(session, at)
    return session


def test_a_face_in_cone_and_reach_is_met(tmp_path: Path) -> None:
    (met,) = kinds(sprayed(tmp_path, 3.0), ev.MeansMet)
    assert (met.part, met.what, met.zone) == ("jet", "gunman", "head")
    assert kinds(sprayed(tmp_path, 4.8), ev.MeansMet) == []
    assert [m.what for m in kinds(sprayed(tmp_path, 3.0, at="pelvis"), ev.MeansMet) if m.kind == "person"] == []


def test_a_face_that_is_turned_away_is_not_met_in_the_eyes(tmp_path: Path) -> None:
    session = sprayed(tmp_path, 2.0, **{"people.gunman.yaw_deg": 0})
    (met,) = kinds(session, ev.MeansMet)
    assert (met.what, met.zone) == ("gunman", None)
    session.run.engine.advance(8.0)
    assert kinds(session, ev.Affected) == []


def test_who_stands_between_takes_the_jet(tmp_path: Path) -> None:
    more = {"people.neighbour.at": [2.5, 3], "people.neighbour.yaw_deg": 180}
    assert [m.what for m in kinds(sprayed(tmp_path, 3.0, **more), ev.MeansMet)] == ["neighbour"]


def test_spray_works_late_on_most_and_never_on_some(tmp_path: Path) -> None:
    begins = []
    for seed in range(40, 80):
        session = sprayed(tmp_path, 2.0, seed=seed)
        session.run.engine.advance(1.6)
        use(session, "face", until=9.0)  # a second burst changes nobody's luck
        effects = [e for e in kinds(session, ev.Affected) if e.use == 1]
        assert [e.effect for e in effects] in ([], ["blinded"])
        assert {e.use for e in kinds(session, ev.Affected)} in (set(), {1, 2})
        begins += [e.t - 0.5 for e in effects]
    assert all(3.0 <= t <= 5.0 for t in begins)
    assert max(begins) - min(begins) > 1.0
    assert 28 <= len(begins) <= 39  # 85 % of 40, give or take


def works_from(folder: Path, **more: Any) -> Session:
    """A run in which spray works on the gunman, after its delay."""
    for seed in range(9):
        session = sprayed(folder, 2.0, seed=seed, **more)
        session.run.engine.advance(6.0)
        if kinds(session, ev.Affected):
            return session
    raise AssertionError("spray works on nobody")


def test_who_is_sprayed_holds_the_hands_up_keeps_the_knife_and_hardly_sees(tmp_path: Path) -> None:
    session = works_from(tmp_path)
    him, ledger = gunman(session), session.run.engine.ledger
    assert (him.state, him.pose, him.holds, him.is_danger) == ("sprayed", "hands_at_face", "knife", True)
    assert ("gunman", "p1") not in ledger.sees
    assert ("p1", "gunman") in ledger.sees
    assert ledger.is_affected("gunman", "spray") and not ledger.is_affected("gunman", "conducted_energy")


def test_a_blinded_attacker_runs_up_no_more(tmp_path: Path) -> None:
    raging = {"raging": {"do": [{"strike": "trainee", "speed_mps": 1.5}]}}
    rules = [{"from": "sprayed", "to": "raging", "after_s": 0.5}]
    session = works_from(tmp_path, **{"people.gunman.states": raging, "people.gunman.transitions": rules})
    session.run.engine.advance(12.0)
    assert [state for _, state in states(session)] == ["sprayed", "raging"]
    assert kinds(session, ev.BlowLanded) == []
    assert math.dist(gunman(session).track.at(9.0).position, (3, 3, 0)) < 0.1


def test_a_transition_that_answers_spray_wins_over_the_built_in_state(tmp_path: Path) -> None:
    rules = [{"from": "any", "to": "surrendering", "when": 'affected("spray")'}]
    session = works_from(tmp_path, **{"people.gunman.transitions": rules})
    assert [state for _, state in states(session)] == ["surrendering"]


def test_eyes_recover_and_then_one_complies(tmp_path: Path) -> None:
    session = works_from(tmp_path, time_limit_s=1000)
    (hit,) = kinds(session, ev.Affected)
    session.run.engine.advance(hit.t + hit.seconds + 3.0)
    assert [state for _, state in states(session)] == ["sprayed", "complying"]
    assert ("gunman", "p1") in session.run.engine.ledger.sees


# --- baton -------------------------------------------------------------------------------------------------


def test_a_blow_meets_who_is_in_reach_before_one(tmp_path: Path) -> None:
    session = hall(tmp_path, "baton", 1.1)
    use(session, "left_leg")
    (met,) = kinds(session, ev.MeansMet)
    assert (met.part, met.what, met.zone, met.distance) == ("blow", "gunman", "left_leg", 1.1)
    (used,) = kinds(session, ev.MeansUsed)
    assert used.left is None
    assert session.run.engine.ledger.hit_by["gunman"].keys() == {("p1", "left_leg")}


def test_a_blow_falls_short_or_past(tmp_path: Path) -> None:
    far = hall(tmp_path, "baton", 1.5)
    use(far)
    beside = hall(tmp_path, "baton", 1.1)
    engine = beside.run.engine
    use_of.trigger(engine, engine.world.actors["p1"], math.radians(60), 0.0)
    for session in (far, beside):
        assert kinds(session, ev.MeansMet) == [] == kinds(session, ev.Affected)


def test_a_blow_on_an_arm_may_disarm_and_one_on_the_leg_never_does(tmp_path: Path) -> None:
    arms = 0
    for seed in range(24):
        session = hall(tmp_path, "baton", 1.1, seed=seed)
        use(session, "right_arm")
        (hit,) = kinds(session, ev.Affected)
        assert (hit.effect == "disarmed") == (gunman(session).holds == "nothing")
        arms += hit.effect == "disarmed"
        leg = hall(tmp_path, "baton", 1.1, seed=seed)
        use(leg, "right_leg")
        assert [e.effect for e in kinds(leg, ev.Affected)] == ["pain"]
    assert 6 <= arms <= 18  # half of 24, give or take


# --- trainees, sounds, the language ------------------------------------------------------------------------


def test_a_colleague_who_is_met_is_told_of_and_can_go_on(tmp_path: Path) -> None:
    more = {"teams.police.trainees": ["p1", "p2"], "teams.police.start": ["a", [4, 3]]}
    session = hall(tmp_path, "conducted_energy", 9.0, **more)
    use(session, whom="p2", until=1.0)
    (hit,) = kinds(session, ev.Affected)
    assert (hit.who, hit.effect) == ("p2", "incapacitated")
    assert session.run.engine.world.actors["p2"].pose == "low_ready"


def test_a_device_is_heard(tmp_path: Path) -> None:
    rules = [{"from": "waiting", "to": "calm", "when": 'heard("crackle", "p1")'}]
    states_of = {"people.neighbour.states": {"calm": {"do": []}}, "people.neighbour.transitions": rules}
    session = hall(tmp_path, "conducted_energy", 3.0, **states_of)
    use(session)
    assert states(session, "neighbour") == [(0.5, "calm")]


def test_conditions_ask_for_uses_and_effects(tmp_path: Path) -> None:
    events = {
        "used": {"when": 'means_used("conducted_energy") == 1 && means_used("spray") == 0', "do": [{"announce": "1"}]},
        "worked": {"when": 'means_hits("gunman") == 1 && means_hits("no_shoot") == 0', "do": [{"announce": "2"}]},
    }
    rules = [{"from": "waiting", "to": "calm", "when": "!affected()"}]
    more = {"events": events, "people.neighbour.states": {"calm": {"do": []}}, "people.neighbour.transitions": rules}
    session = hall(tmp_path, "conducted_energy", 3.0, **more)
    use(session)
    assert {e.name for e in kinds(session, ev.Happened)} == {"used", "worked"}
    assert states(session, "neighbour")[0][1] == "calm"


def test_events_of_means_are_read_again_from_their_encoding(tmp_path: Path) -> None:
    session = hall(tmp_path, "conducted_energy", 3.0)
    use(session, until=9.0)
    of_means = [e for e in session.events if type(e).__module__ == "xrlab.sim.means_events"]
    assert {type(e) for e in of_means} == {ev.MeansUsed, ev.MeansMet, ev.Affected, ev.Recovered}
    assert [ev.to_dict(ev.decode(ev.encode(e))) for e in of_means] == [ev.to_dict(e) for e in of_means]
