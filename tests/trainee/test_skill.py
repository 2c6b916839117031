"""Skill models: their numbers, what is drawn from them, and what a trainee takes others for."""

from __future__ import annotations

import math
import statistics
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some
from scenes import OPEN_DOOR, load_scene, play

from xrlab.chance import stream
from xrlab.run import Session
from xrlab.sim import events as ev
from xrlab.trainee.perception import Lamps, odds_factor, with_odds
from xrlab.trainee.script import follow, load_script
from xrlab.trainee.skill import LEVELS, Ability, Skill, quantities

TIMES = [name for name, q in quantities().items() if q.law in ("ex_gaussian", "lognormal")]


def able(seed: int = 1, **skill: Any) -> Ability:
    return Ability(Skill.model_validate(skill), stream(seed, "trainee:p1"))


def test_every_quantity_says_where_it_comes_from_or_that_it_is_an_estimate() -> None:
    for name, quantity in quantities().items():
        assert quantity.source or quantity.estimate, name
        assert quantity.what, name
        if "doi:" not in quantity.source and quantity.source:
            assert any(w in quantity.source for w in (".org", ".com", "Journal", "as above")), name
    assert set(quantities()) == set(Skill.model_fields) - {"like"}


@pytest.mark.parametrize("name", sorted(quantities()))
def test_the_levels_stand_in_order(name: str) -> None:
    means = [quantities()[name].mean(level) for level in LEVELS]
    assert means == sorted(means, reverse=name != "pace")
    assert len(set(means)) == 3


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", TIMES)
def test_what_is_drawn_has_the_documented_mean_and_deviation(name: str, level: str) -> None:
    ability, quantity = able(like=level), quantities()[name]
    drawn = [ability.draw(name) for _ in range(4000)]
    numbers = quantity.numbers(level)
    deviation = math.hypot(numbers[1], numbers[2]) if quantity.law == "ex_gaussian" else numbers[0] * numbers[1]
    assert min(drawn) >= 0
    assert statistics.fmean(drawn) == pytest.approx(quantity.mean(level), abs=5 * deviation / math.sqrt(len(drawn)))
    assert statistics.stdev(drawn) == pytest.approx(deviation, rel=0.15)
    assert sum(d > quantity.mean(level) for d in drawn) < len(drawn) / 2, "both laws have their long tail to the right"


def test_a_changed_mean_stretches_the_models_law() -> None:
    plain, slow = able(like="trained"), able(like="trained", reaction_s=0.8)
    ratio = 0.8 / plain.mean("reaction_s")
    for _ in range(50):
        assert slow.draw("reaction_s") == pytest.approx(plain.draw("reaction_s") * ratio)
    assert slow.mean("split_s") == plain.mean("split_s")


def test_numbers_without_a_model_are_what_they_always_were() -> None:
    ability = able(reaction_s=0.5, spread_mrad=3)
    luck = stream(1, "trainee:p1")
    assert ability.draw("reaction_s") == 0.5 * (1 + 0.15 * float(luck.standard_normal()))
    assert (ability.draw("split_s"), ability.draw("raise_s"), ability.draw("challenge_s")) == (0.35, 0.0, 0.0)
    assert ability.spread(person=True, follow_up=True) == ability.spread(person=False, follow_up=False) == 0.003
    assert not ability.perceives
    assert able(mistakes=0.2).perceives


def test_a_person_is_shot_at_in_more_of_a_hurry_than_a_target_and_again_worse() -> None:
    ability = able(like="novice")
    target, first, again = (
        ability.spread(person=p, follow_up=f) for p, f in ((False, False), (True, False), (True, True))
    )
    assert target < first < again
    assert able(like="novice", hurried_mrad=10).spread(person=True, follow_up=False) == 0.01


@given(some.floats(0, 1), some.floats(0.1, 50))
@settings(max_examples=60, deadline=None)
def test_odds_keep_a_chance_a_chance(chance: float, factor: float) -> None:
    out = with_odds(chance, factor)
    assert 0 <= out <= 1
    assert (out >= chance - 1e-12) is (factor >= 1) or math.isclose(out, chance, abs_tol=1e-9)


def test_mistakes_grow_with_distance_and_darkness() -> None:
    assert odds_factor(3, 1) == odds_factor(7, 1) == 1
    assert 1 < odds_factor(15, 1) < odds_factor(25, 1)
    assert odds_factor(5, 0) == pytest.approx(4)
    assert odds_factor(5, 1) < odds_factor(5, 0.5) < odds_factor(5, 0)


def test_light_falls_as_lamps_are_dimmed(tmp_path: Path) -> None:
    world = play(load_scene(tmp_path)).run.engine.world
    assert Lamps(world).at((6, 2, 1.6), 0) == 1
    for ramp in world.lights.values():
        ramp.move(0, 0.03, 0.1)
    assert 0 < Lamps(world).at((6, 2, 1.6), 1) < 1
    for ramp in world.lights.values():
        ramp.move(1, 0, 0.1)
    assert Lamps(world).at((6, 2, 1.6), 5) == 0
    assert Lamps(world).at((6, 2, 50.0), 5) == 1, "under the sky"


# --- what a trainee takes others for -----------------------------------------------------------------


def act(folder: Path, skill: Any, seed: int, react: Any = "quick", changes: dict[str, Any] | None = None,
        room: dict[str, Any] | None = None) -> Session:  # fmt: skip
    people = {"people.gunman": None, "people.neighbour.at": "b"}
    loaded = load_scene(folder, people | (changes or {}), OPEN_DOOR | (room or {}))
    path = folder / "s.trainee.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": {"skill": skill, "react": react}}}))
    session = play(loaded, seed)
    follow(load_script(path, loaded), session.run)
    session.run.engine.advance(6)
    return session


def fired(session: Session) -> list[float]:
    return [e.t for e in session.events if isinstance(e, ev.ShotFired) and e.shooter == "p1"]


def test_a_phone_is_shot_at_as_often_as_the_skill_says(tmp_path: Path) -> None:
    shot = sum(
        bool(fired(act(tmp_path, {"like": "trained", "mistakes": 0.5, "correct_s": 5}, seed))) for seed in range(40)
    )
    assert 10 <= shot <= 30  # 40 tosses of a coin: outside of this once in some 2,000 times
    assert not any(fired(act(tmp_path, {"like": "trained", "mistakes": 0}, seed)) for seed in range(10))
    assert all(fired(act(tmp_path, {"like": "expert", "mistakes": 1, "correct_s": 5}, seed)) for seed in range(5))


def test_perfect_eyes_never_shoot_at_a_phone(tmp_path: Path) -> None:
    assert not any(fired(act(tmp_path, {"reaction_s": 0.3}, seed)) for seed in range(10))


def test_the_same_seed_makes_the_same_mistakes_whoever_else_is_there(tmp_path: Path) -> None:
    skill = {"like": "novice", "mistakes": 0.5, "correct_s": 5}
    more = {"people.child": {"role": "no_shoot", "at": "aside", "holds": "nothing"}}
    for seed in range(6):
        alone, again = act(tmp_path, skill, seed), act(tmp_path, skill, seed)
        assert alone.events == again.events
        assert bool(fired(act(tmp_path, skill, seed, changes=more))) == bool(fired(alone))


def test_more_is_mistaken_in_dim_light(tmp_path: Path) -> None:
    skill, near = {"like": "trained", "mistakes": 0.25, "correct_s": 5}, {"people.neighbour.at": [3, 2]}
    dim = {"lights": [{"at": [2, 2, 2.4], "lumens": 40, "group": "west"}]}
    lit = sum(bool(fired(act(tmp_path, skill, seed, changes=near))) for seed in range(40))
    dark = sum(bool(fired(act(tmp_path, skill, seed, changes=near, room=dim))) for seed in range(40))
    assert 0 < lit < dark


def test_who_challenges_and_waits_sees_through_the_mistake(tmp_path: Path) -> None:
    skill = {"like": "trained", "mistakes": 1, "correct_s": 0.4}
    quick = sum(bool(fired(act(tmp_path, skill, seed))) for seed in range(12))
    careful = sum(bool(fired(act(tmp_path, skill, seed, "careful"))) for seed in range(12))
    assert careful < quick


def test_a_danger_is_known_after_a_while_and_missed_for_a_while(tmp_path: Path) -> None:
    armed = {"people.neighbour.role": "threat", "people.neighbour.holds": "handgun"}
    sharp = {"like": "trained", "misses": 0, "reaction_s": 0, "raise_s": 0}
    known = [fired(act(tmp_path, sharp | {"recognise_s": 1.0}, seed, changes=armed))[0] for seed in range(12)]
    assert statistics.fmean(known) == pytest.approx(1.0 + 0.05, abs=0.35)
    late = [
        fired(act(tmp_path, sharp | {"recognise_s": 0.1, "misses": 1, "correct_s": 2}, seed, changes=armed))
        for seed in range(12)
    ]
    firsts = [times[0] if times else 6.0 for times in late]
    assert statistics.fmean(firsts) > 1.3


def test_handling_follows_the_skill(tmp_path: Path) -> None:
    loaded = load_scene(tmp_path, {"people": {}})
    for skill, reload_s in (({"pace": 0.5, "reload": 2}, 4.0), ({}, 2.0)):
        path = tmp_path / "s.trainee.yaml"
        plan = {"skill": skill, "do": ["reload", {"go": [3, 2], "speed_mps": 1.0}]}
        path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": plan}}))
        session = play(loaded)
        follow(load_script(path, loaded), session.run)
        session.run.engine.advance(12)
        (done,) = [e for e in session.events if isinstance(e, ev.Reloaded)]
        assert done.t == pytest.approx(reload_s)
        assert session.run.engine.world.actors["p1"].track.ends == pytest.approx(
            reload_s + 2 / (1.0 * skill.get("pace", 1))
        )


def test_an_overriding_skill_wins_over_the_scripts(tmp_path: Path) -> None:
    loaded = load_scene(tmp_path, None, OPEN_DOOR)
    path = tmp_path / "s.trainee.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": {"react": "quick"}}}))
    times = {}
    for skill in (None, *LEVELS):
        session = play(loaded, 3)
        follow(load_script(path, loaded), session.run, Skill.model_validate({"like": skill}) if skill else None)
        session.run.engine.advance(8)
        times[skill] = fired(session)
    assert len({tuple(t) for t in times.values()}) == 4


FIGURE: dict[str, Any] = {
    "width_mm": 400, "height_mm": 700,
    "zones": [{"zone": "phone", "points": -10, "polygon_mm": [[0, 0], [60, 0], [60, 60]]},
              {"zone": "body", "points": -10, "circle_mm": [0, 0, 180]}],
}  # fmt: skip
PLAIN: dict[str, Any] = {"width_mm": 400, "height_mm": 700, "zones": [{"zone": "body", "circle_mm": [0, 0, 180]}]}


def string_of(folder: Path, skill: Any, seed: int, face: dict[str, Any]) -> set[str]:
    """What is hit in a string that shows a target and, beside it, one that may not be shot at."""
    changes = {
        "people": {}, "faces": {"other": face},
        "targets": {"bad": {"at": [3.5, 1.2], "motion": "turning"},
                    "good": {"at": [3.5, 2.8], "motion": "turning", "role": "no_shoot", "face": "other"}},
        "strings": [{"name": "one", "show": ["good", "bad"], "times": 2, "for_s": 3, "rounds": 4}],
    }  # fmt: skip
    loaded = load_scene(folder, changes)
    path = folder / "s.trainee.yaml"
    path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": {"skill": skill, "do": ["strings"]}}}))
    session = play(loaded, seed)
    follow(load_script(path, loaded), session.run)
    session.run.engine.advance(20)
    return {e.what for e in session.events if isinstance(e, ev.Struck) and e.kind == "target"}


def test_a_figure_with_a_phone_is_mistaken_for_a_target_and_a_plain_one_never(tmp_path: Path) -> None:
    sure = {"like": "trained", "mistakes": 1, "correct_s": 5, "spread_mrad": 0}
    assert string_of(tmp_path, sure, 1, FIGURE) == {"bad", "good"}
    assert string_of(tmp_path, sure, 1, PLAIN) == {"bad"}
    assert string_of(tmp_path, sure | {"mistakes": 0}, 1, FIGURE) == {"bad"}
    assert string_of(tmp_path, {"reaction_s": 0.4, "spread_mrad": 0}, 1, FIGURE) == {"bad"}


def test_a_figure_with_a_pistol_that_is_overlooked_is_shot_at_later(tmp_path: Path) -> None:
    armed = {"faces": {"armed": {**PLAIN, "zones": [{"zone": "pistol", "points": 5, "circle_mm": [0, 0, 150]}]}}}
    changes = armed | {
        "people": {}, "targets": {"bad": {"at": [3.5, 2], "motion": "turning", "face": "armed"}},
        "strings": [{"name": "one", "show": ["bad"], "for_s": 6, "rounds": 1}],
    }  # fmt: skip
    loaded, times = load_scene(tmp_path, changes), []
    path = tmp_path / "s.trainee.yaml"
    for misses in (0, 1):
        skill = {"like": "expert", "misses": misses, "correct_s": 2, "recognise_s": 0.1}
        path.write_text(yaml.safe_dump({"xrlab": 1, "trainees": {"p1": {"skill": skill, "do": ["strings"]}}}))
        session = play(loaded, 4)
        follow(load_script(path, loaded), session.run)
        session.run.engine.advance(15)
        (shot,) = fired(session)
        times.append(shot)
    assert times[1] > times[0] + 0.5


def test_a_torch_shows_what_is_ahead_in_the_dark(tmp_path: Path) -> None:
    loaded = load_scene(tmp_path)
    path = tmp_path / "s.trainee.yaml"
    path.write_text(
        yaml.safe_dump(
            {"xrlab": 1, "trainees": {"p1": {"do": [{"at_s": 1}, {"torch": "on"}, {"at_s": 4}, {"torch": "off"}]}}}
        )
    )
    session = play(loaded)
    follow(load_script(path, loaded), session.run)
    engine = session.run.engine
    for ramp in engine.world.lights.values():
        ramp.move(0, 0, 0.1)
    lamps, ahead, beside = Lamps(engine.world), (3.0, 2.0, 1.6), (1.0, 3.9, 1.6)
    for until, lit in ((0.5, 0), (2, 1), (5, 0)):
        engine.advance(until)
        assert lamps.at(ahead, until) == lit
        assert lamps.at(beside, until) == 0, "beside the beam"
