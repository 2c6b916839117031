from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from courses import PLATE, course, hit, paper, shots
from hypothesis import given
from hypothesis import strategies as st

from xrlab.scenario.rules import IpscRules
from xrlab.scoring.rules import ipsc
from xrlab.scoring.rules.course import Card, Fired, Impact, Mark, Penalty
from xrlab.scoring.rules.holes import Hole

T1, T2 = paper("t1"), paper("t2")
NO_SHOOT = paper("n1", "ipsc_no_shoot", no_shoot=True)
POPPER = Mark("popper", PLATE, falls=True)

A, C, D, BORDER = (0, 100), (100, 0), (180, 0), (224.6, 0)


def score(fired: tuple[Fired, ...], marks: tuple[Mark, ...] = (T1,), **options: Any) -> Card:
    own = {k: options.pop(k) for k in ("power", "count", "hits") if k in options}
    return ipsc.score(course(marks, fired, **options), IpscRules(name="ipsc", **own))


def taken(card: Card) -> dict[str, tuple[int, int]]:
    """Penalties: how many, and what they cost together."""
    return {p.what: (p.count, int(p.total)) for p in card.penalties}


@pytest.mark.parametrize(("power", "points"), [("minor", (5, 3, 1)), ("major", (5, 4, 2))])
def test_zones_by_power_factor(power: Any, points: tuple[int, int, int]) -> None:
    found = [ipsc.zone_points(power, T1, Hole.of(*at, "9.03")) for at in (A, C, D)]
    assert [(f[0], f[1]) for f in found if f] == [*zip("ACD", points, strict=True)]
    assert ipsc.zone_points(power, T1, Hole.of(*BORDER, "9.03")) is None


@pytest.mark.parametrize(
    ("right_mm", "zone", "by_edge"),
    [("75", "A", False), ("79.515", "A", True), ("79.516", "C", False), ("154.515", "C", True), ("154.516", "D", False),
     ("224.515", "D", True), ("224.516", None, False)],
)  # fmt: skip
def test_a_hole_that_touches_the_line_scores_the_higher_value(right_mm: str, zone: str | None, by_edge: bool) -> None:
    """A 9.03 mm bullet reaches 4.515 mm beyond its middle: the A zone ends 75 mm from the middle, C 150, D 220."""
    found = ipsc.zone_points("minor", T1, Hole.of(right_mm, "30", "9.03"))
    assert (found[0] if found else None) == zone
    assert (found[2] if found else False) == by_edge


def test_hit_factor_of_a_known_example() -> None:
    """12 targets, 2 hits each, 115 of 120 points in 25 s: 4.6 (usrifleshotgunchallenge.com)."""
    marks = tuple(paper(f"t{n}") for n in range(12))
    impacts = [
        hit(m, *(C if n == 0 and m.name in ("t0", "t1", "t2", "t3", "t4") else A)) for m in marks for n in (0, 1)
    ]
    fired = [*shots(*impacts, every_s="0.5")]
    fired[-1] = Fired(24, Fraction(25), fired[-1].impacts)
    card = score(tuple(fired), marks, power="major")
    assert (card.points, card.most, card.time) == (115, 120, 25)
    assert card.hit_factor == Fraction("4.6")


def test_best_hits_count_and_missing_ones_cost_ten() -> None:
    card = score(shots(hit(T1, *D), hit(T1, *A), hit(T1, *C), hit(T2, *A)), (T1, T2))
    assert taken(card) == {"miss": (1, 10)}
    assert card.points == 5 + 3 + 5 - 10
    assert [r.ruling for r in card.rulings] == ["better_hits_count", "zone", "zone", "zone"]


def test_a_string_never_has_less_than_nought() -> None:
    card = score(shots(None, None))
    assert taken(card) == {"miss": (2, 20)}
    assert (card.points, card.hit_factor) == (0, 0)


def test_who_does_not_fire_has_no_time_and_no_hit_factor_to_speak_of() -> None:
    card = score(())
    assert (card.points, card.time, card.hit_factor) == (0, None, 0)


def test_at_most_two_hits_count_on_a_no_shoot() -> None:
    card = score(shots(hit(T1, *A), hit(T1, *A), *[hit(NO_SHOOT, *A)] * 3), (T1, NO_SHOOT))
    assert taken(card) == {"no_shoot_hit": (2, 20)}
    assert card.rulings[-1].ruling == "no_shoot_counted"


def test_a_hole_that_touches_both_scores_and_costs() -> None:
    """A bullet half on the no-shoot and half on the target behind it earns the points and the penalty (9.5.3)."""
    edge = hit(NO_SHOOT, "222", 0)
    card = score(shots((edge, hit(T1, *A)), hit(T1, *A)), (T1, NO_SHOOT))
    assert taken(card) == {"no_shoot_hit": (1, 10)}
    assert card.points == 0
    assert [(r.target, r.ruling) for r in card.rulings] == [("n1", "no_shoot_hit"), ("t1", "zone"), ("t1", "zone")]


def test_a_whole_bullet_through_a_scoring_area_ends_there() -> None:
    """Through the middle of a no-shoot the bullet scores nothing behind it (9.1.5)."""
    card = score(shots((hit(NO_SHOOT, *A), hit(T1, *A))), (T1, NO_SHOOT))
    assert [(r.target, r.ruling) for r in card.rulings] == [("n1", "no_shoot_hit"), ("t1", "stopped_by_target")]


def test_hard_cover_and_the_back_of_a_target_score_nothing() -> None:
    card = score(shots(hit(T1, *A, covered=True), hit(T1, *A, from_front=False)))
    assert [r.ruling for r in card.rulings] == ["hard_cover", "from_behind"]
    assert taken(card) == {"miss": (2, 20)}


@pytest.mark.parametrize(("felled", "points", "misses"), [(True, 5, 0), (False, 0, 1)])
def test_steel_must_fall(felled: bool, points: int, misses: int) -> None:
    card = score(shots(hit(POPPER, 0, 0, felled=felled)), (POPPER,))
    assert card.points == points
    assert taken(card).get("miss", (0, 0))[0] == misses
    assert card.rulings[0].ruling == ("steel_down" if felled else "steel_stands")


def test_virginia_count_penalises_extra_shots_and_extra_hits() -> None:
    """Six targets, two rounds each; three at the first, one at the last: an extra hit and a miss, no extra shot.

    nroi.org, "Another Virginia Count question": twelve shots were fired, as asked, so none is extra.
    """
    marks = tuple(paper(f"t{n}") for n in range(6))
    impacts = [hit(marks[0], *A)] * 3 + [hit(m, *A) for m in marks[1:5] for _ in range(2)] + [hit(marks[5], *A)]
    card = score(shots(*impacts), marks, count="virginia", rounds=12)
    assert taken(card) == {"extra_hit": (1, 10), "miss": (1, 10)}
    more = score(shots(*impacts, hit(marks[5], *A)), marks, count="virginia", rounds=12)
    assert taken(more) == {"extra_shot": (1, 10), "extra_hit": (1, 10)}


def test_fixed_time_of_the_range_officers_question() -> None:
    """Four targets, 8 rounds, par 6 s; a ninth shot at the last target, fired at 6.32 s: extra shot and overtime.

    nroi.org, "Fixed Time Fun": 6.30 s is the last that is in time. The ninth hit is an extra hit besides.
    """
    marks = tuple(paper(f"t{n}") for n in range(4))
    fired = tuple(
        Fired(n + 1, Fraction(n + 1, 2), (hit(marks[min(n // 2, 3)], *A),)) for n in range(8)
    ) + (Fired(9, Fraction("6.32"), (hit(marks[3], *A),)),)  # fmt: skip
    card = score(fired, marks, count="fixed_time", rounds=8, par=Fraction(6))
    assert taken(card) == {"extra_shot": (1, 10), "extra_hit": (1, 10), "overtime_shot": (1, 5)}
    assert (card.points, card.hit_factor) == (40 - 25, None)
    in_time = (*fired[:8], Fired(9, Fraction("6.30"), ()))
    assert "overtime_shot" not in taken(score(in_time, marks, count="fixed_time", rounds=8, par=Fraction(6)))


def test_misses_cost_nothing_with_a_fixed_time_nor_on_targets_that_vanish() -> None:
    assert taken(score(shots(None), count="fixed_time", rounds=2)) == {}
    assert taken(score(shots(None), (paper(vanishes=True),))) == {}


def test_time_is_read_to_a_hundredth_half_up() -> None:
    assert score((Fired(1, Fraction("3.005"), ()),), starts=Fraction(1)).time == Fraction("2.01")


def test_stage_points_are_shares_of_the_best_hit_factor() -> None:
    quick = score(shots(hit(T1, *A), hit(T1, *A)), who="p1")
    slow = score(shots(hit(T1, *A), hit(T1, *C), every_s="2"), who="p2")
    assert (quick.hit_factor, slow.hit_factor) == (5, 2)
    assert ipsc.stage_points([quick, slow]) == {"p1": 10, "p2": 4}


def test_a_hit_on_anothers_target_counts_neither_way() -> None:
    card = score(shots(hit(T2, *A)), (T1,))
    assert card.rulings[0].ruling == "crossfire"
    assert card.penalties == (Penalty("miss", 2, Fraction(10), "IPSC 9.4.4"),)


at = st.tuples(st.integers(-230, 230), st.integers(-290, 290))
one = st.one_of(st.none(), at.map(lambda p: hit(T1, *p)))


@given(st.lists(one, max_size=5), st.sampled_from(["comstock", "virginia"]))
def test_adding_a_miss_never_raises_a_score(impacts: list[Impact | None], count: str) -> None:
    before, after = (score(shots(*found), count=count, rounds=3) for found in (impacts, [*impacts, None]))
    assert (after.points or 0) <= (before.points or 0)
    assert (after.hit_factor or 0) <= (before.hit_factor or 0) or not impacts


@given(st.lists(at, min_size=1, max_size=5), st.integers(0, 4), st.integers(100, 200))
def test_moving_a_hit_outward_never_raises_a_score(places: list[tuple[int, int]], which: int, per_cent: int) -> None:
    """Outward from the middle of the A zone; all zones are star-shaped about it."""
    index = which % len(places)
    moved = list(places)
    right, up = places[index]
    moved[index] = (
        right * per_cent // 100 if right >= 0 else -(-right * per_cent // 100),
        95 + (up - 95) * per_cent // 100,
    )
    before, after = (score(shots(*(hit(T1, *p) for p in found))) for found in (places, moved))
    assert (after.points or 0) <= (before.points or 0)


@given(st.permutations([A, C, D, BORDER, (0, 0)]))
def test_order_of_shots_does_not_matter(order: list[tuple[float, float]]) -> None:
    card = score(shots(*(hit(T1, *p) for p in order)))
    assert card.points == 10
