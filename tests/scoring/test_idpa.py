from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from courses import PLATE, course, hit, paper, shots
from hypothesis import given
from hypothesis import strategies as st

from xrlab.scenario.faces import Face
from xrlab.scenario.rules import IdpaRules, ZoneRules
from xrlab.scoring.rules import idpa, zones
from xrlab.scoring.rules.course import Card, Fired, Impact, Mark
from xrlab.scoring.rules.holes import Hole, touched, touches, within

T1, T2 = paper("t1", "idpa"), paper("t2", "idpa")
NON_THREAT = paper("n1", "idpa_non_threat", no_shoot=True)
POPPER = Mark("popper", PLATE, falls=True)
ZERO, ONE, THREE, BESIDE = (0, 60), (130, 60), (200, 60), (240, 300)


def score(fired: tuple[Fired, ...], marks: tuple[Mark, ...] = (T1,), **options: Any) -> Card:
    own = {k: options.pop(k) for k in ("count", "hits") if k in options}
    return idpa.score(course(marks, fired, **options), IdpaRules(name="idpa", **own))


def taken(card: Card) -> dict[str, int]:
    return {p.what: int(p.total) for p in card.penalties}


@pytest.mark.parametrize(
    ("right_mm", "zone"),
    [("106.115", "-0"), ("106.116", "-1"), ("156.915", "-1"), ("156.916", "-3"), ("233.115", "-3"), ("233.116", None)],
)
def test_a_hole_that_touches_the_line_has_the_better_score(right_mm: str, zone: str | None) -> None:
    """A 9.03 mm bullet reaches 4.515 mm: -0 ends 101.6 mm from its middle, -1 152.4, -3 228.6."""
    found = idpa.points_down(T1, Hole.of(right_mm, 60, "9.03"))
    assert (found[0] if found else None) == zone


def test_time_plus_points_down() -> None:
    """One in -0 and one in -1 in 2 s: one point down, 3 s (brocksgapidpa.com)."""
    card = score(shots(hit(T1, *ZERO), hit(T1, *ONE)))
    assert (card.time, card.down, card.total_s) == (2, 1, 3)
    assert taken(card) == {}


def test_misses_and_three_down() -> None:
    card = score(shots(hit(T1, *THREE), None, hit(T2, *ZERO), hit(T2, *BESIDE)), (T1, T2))
    assert card.down == 3 + 5 + 0 + 5
    assert card.total_s == 4 + 13
    assert [r.ruling for r in card.rulings] == ["zone", "miss", "zone", "outside_zones"]


def test_best_hits_of_each_target_count() -> None:
    card = score(shots(hit(T1, *THREE), hit(T1, *ZERO), hit(T1, *ONE)))
    assert card.down == 1
    assert card.rulings[0].ruling == "better_hits_count"


def test_every_hit_on_a_non_threat_adds_five_seconds_and_shoot_throughs_count() -> None:
    through = (hit(T1, *ZERO), hit(NON_THREAT, 0, 0))
    card = score(shots(through, hit(T1, *ZERO), hit(NON_THREAT, 0, 0)), (T1, NON_THREAT))
    assert card.down == 0
    assert taken(card) == {"non_threat_hit": 10}
    assert card.total_s == 3 + 10


def test_limited_strings_take_a_best_hit_off_for_each_extra_shot() -> None:
    """Three -0 of two: one procedural error, and one -0 is taken off; two remain, none down."""
    card = score(shots(*[hit(T1, *ZERO)] * 3), count="limited", rounds=2)
    assert (card.down, taken(card)) == (0, {"procedural_extra_shots": 3})
    card = score(shots(hit(T1, *ZERO), hit(T1, *ONE), None), count="limited", rounds=2)
    assert (card.down, taken(card)) == (1 + 5, {"procedural_extra_shots": 3})
    assert card.rulings[0].ruling == "taken_off"


def test_too_few_shots_are_misses_and_a_procedural_error() -> None:
    card = score(shots(hit(T1, *ZERO)))
    assert (card.down, taken(card), card.total_s) == (5, {"procedural_too_few_shots": 3}, 1 + 5 + 3)


def test_who_does_not_fire_has_no_time() -> None:
    assert score(()).total_s is None


@pytest.mark.parametrize(("felled", "down"), [(True, 0), (False, 5)])
def test_steel_must_react(felled: bool, down: int) -> None:
    assert score(shots(hit(POPPER, 0, 0, felled=felled)), (POPPER,)).down == down


def test_what_does_not_count() -> None:
    impacts = hit(T1, *ZERO, covered=True), hit(T1, *ZERO, from_front=False), hit(T2, *ZERO)
    assert [r.ruling for r in score(shots(*impacts)).rulings] == ["hard_cover", "from_behind", "crossfire"]
    assert score((Fired(1, Fraction(9), (hit(T1, *ZERO),)),), par=Fraction(8)).rulings[0].ruling == "late_shot"


at = st.tuples(st.integers(-240, 240), st.integers(-390, 390))
one = st.one_of(st.none(), at.map(lambda p: hit(T1, *p)))


@given(st.lists(one, min_size=2, max_size=5), st.sampled_from(["unlimited", "limited"]))
def test_adding_a_miss_never_lowers_the_time(impacts: list[Impact | None], count: str) -> None:
    before, after = (score(shots(*found), count=count, rounds=3) for found in (impacts, [*impacts, None]))
    assert (after.total_s or 0) >= (before.total_s or 0)


@given(st.lists(st.sampled_from([ZERO, ONE, THREE, BESIDE]), min_size=2, max_size=5), st.integers(0, 4))
def test_moving_a_hit_outward_never_lowers_the_time(places: list[tuple[int, int]], which: int) -> None:
    order = [ZERO, ONE, THREE, BESIDE]
    index = which % len(places)
    moved = list(places)
    moved[index] = order[min(3, order.index(places[index]) + 1)]
    before, after = (score(shots(*(hit(T1, *p) for p in found))) for found in (places, moved))
    assert (after.total_s or 0) >= (before.total_s or 0)


@given(st.permutations([ZERO, ONE, THREE, BESIDE]))
def test_order_of_shots_does_not_matter(order: list[tuple[int, int]]) -> None:
    assert score(shots(*(hit(T1, *p) for p in order))).total_s == 5


# --- named zones, and the shapes they may have -------------------------------------------------------------------

DRAWN = Face.model_validate(
    {
        "width_mm": 400,
        "height_mm": 400,
        "zones": [
            {"zone": "head", "points": 5, "ellipse_mm": [0, 100, 30, 40]},
            {"zone": "hostage", "points": -10, "rect_mm": [40, -100, 60, 200]},
            {"zone": "body", "points": 2, "rect_mm": [-40, -100, 80, 160]},
        ],
    }
)
FREE = Mark("free", DRAWN)


def by_zones(fired: tuple[Fired, ...], line: Any = "touch", **options: Any) -> Card:
    return zones.score(course((FREE,), fired, **options), ZoneRules(name="zones", line=line))


@pytest.mark.parametrize(
    ("right_mm", "up_mm", "zone", "points"),
    [
        (0, 100, "head", 5),
        ("34.5", 100, "head", 5),  # 4.5 mm beside the ellipse, and 5.5 mm from the hostage
        (0, "144.515", "head", 5),
        (0, "144.516", None, None),
        (0, 0, "body", 2),
        (70, 0, "hostage", -10),
        (39, 0, "body", 2 - 10),  # touches both: earns one and pays for the other
    ],
)
def test_zones_of_a_designers_own(right_mm: float, up_mm: float, zone: str | None, points: int | None) -> None:
    found = zones.zone_points(FREE, Hole.of(right_mm, up_mm, "9.03"), "touch")
    assert (found[:2] if found else (None, None)) == (zone, points)


def test_the_middle_counts_where_the_rule_says_so() -> None:
    assert by_zones(shots(hit(FREE, 39, 0)), "centre").points == 2
    assert by_zones(shots(hit(FREE, 0, 142)), "centre").rulings[0].ruling == "outside_zones"


def test_best_shots_of_a_string_count_and_what_costs_always_does() -> None:
    fired = shots(hit(FREE, 0, 0), hit(FREE, 0, 100), hit(FREE, 0, 0), hit(FREE, 70, 0))
    card = by_zones(fired, rounds=2)
    assert (card.points, card.most) == (0, 10)
    assert [r.value for r in card.rulings] == [2, 5, 0, -10]


circles = st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 60))


@given(circles, st.tuples(st.integers(-90, 90), st.integers(-90, 90)), st.integers(0, 12))
def test_an_ellipse_with_equal_halves_is_a_circle(
    circle: tuple[int, int, int], place: tuple[int, int], across: int
) -> None:
    right, up, radius = circle
    hole = Hole.of(*place, across)
    face = Face.model_validate(
        {"width_mm": 400, "height_mm": 400, "zones": [
            {"zone": "c", "circle_mm": circle}, {"zone": "e", "ellipse_mm": [right, up, radius, radius]}]}
    )  # fmt: skip
    off = ((place[0] - right) ** 2 + (place[1] - up) ** 2) ** 0.5
    if abs(off - radius - across / 2) > 1e-6 and abs(radius - off - across / 2) > 1e-6:
        assert touches(face.zones[0], hole) == touches(face.zones[1], hole)
        assert within(face.zones[0], hole) == within(face.zones[1], hole)


@given(st.tuples(st.integers(-60, 60), st.integers(-60, 60)), st.integers(0, 12))
def test_a_rectangle_is_the_polygon_of_its_corners(place: tuple[int, int], across: int) -> None:
    face = Face.model_validate(
        {"width_mm": 400, "height_mm": 400, "zones": [
            {"zone": "r", "rect_mm": [-40, -20, 80, 40]},
            {"zone": "p", "polygon_mm": [[-40, -20], [40, -20], [40, 20], [-40, 20]]}]}
    )  # fmt: skip
    hole = Hole.of(*place, across)
    x, y = max(0, abs(place[0]) - 40), max(0, abs(place[1]) - 20)
    assert touches(face.zones[0], hole) == touches(face.zones[1], hole) == (4 * (x * x + y * y) <= across**2)
    inside = abs(place[0]) + across / 2 <= 40 and abs(place[1]) + across / 2 <= 20
    assert within(face.zones[0], hole) == within(face.zones[1], hole) == inside


def test_a_zone_is_not_touched_where_another_covers_it() -> None:
    assert [z.zone for z in touched(DRAWN.zones, Hole.of(0, 80, 9))] == ["head"]
