from __future__ import annotations

from fractions import Fraction

import pytest
from courses import course, hit, paper, shots
from hypothesis import given
from hypothesis import strategies as st

from xrlab.scenario.rings import RINGS, fits, radii
from xrlab.scenario.rules import ISSF_EVENTS, IssfEvent, IssfRules
from xrlab.scoring.rules import issf
from xrlab.scoring.rules.course import Card, Fired, Impact
from xrlab.scoring.rules.holes import Hole

FACES: dict[IssfEvent, str] = {
    "air_rifle_10m": "air_rifle_10m", "air_pistol_10m": "air_pistol_10m", "precision_25m": "precision_25m",
    "rapid_fire_25m": "rapid_fire_25m", "rifle_50m": "rifle_50m", "pistol_50m": "precision_25m",
}  # fmt: skip

places = st.tuples(st.integers(-300_000, 300_000), st.integers(-300_000, 300_000))
events = st.sampled_from(ISSF_EVENTS)


def value_at(event: IssfEvent, off_mm: str, **options: bool) -> issf.RingValue:
    return issf.value(event, Hole.of(off_mm, 0, 0).at, **options)


@pytest.mark.parametrize(
    ("event", "ten_until_mm", "step_mm", "tenth_mm"),
    [
        ("air_rifle_10m", "2.5", "2.5", "0.25"),
        ("air_pistol_10m", "8", "8", "0.8"),
        ("precision_25m", "27.8", "25", "2.5"),
        ("rapid_fire_25m", "52.8", "40", "4"),
        ("rifle_50m", "8", "8", "0.8"),
        ("pistol_50m", "27.8", "25", "2.5"),
    ],
)
def test_rings_end_where_the_edge_of_the_hole_leaves_the_line(
    event: IssfEvent, ten_until_mm: str, step_mm: str, tenth_mm: str
) -> None:
    ten, step, tenth = Fraction(ten_until_mm), Fraction(step_mm), Fraction(tenth_mm)
    for ring in range(10, RINGS[event].lowest - 1, -1):
        line = ten + (10 - ring) * step
        on, off = (issf.value(event, (int(1000 * line) + more, 0)) for more in (0, 1))
        assert on.ring == ring
        assert on.touches_line
        assert off.ring == (ring - 1 if ring > RINGS[event].lowest else 0)
    for tenths in range(10):
        assert issf.value(event, (int(1000 * (ten - tenths * tenth)), 0)).decimal == 10 + Fraction(tenths, 10)


@pytest.mark.parametrize(
    ("event", "off_mm", "ring", "decimal", "inner"),
    [
        ("air_rifle_10m", "0", 10, "10.9", True),
        ("air_rifle_10m", "0.25", 10, "10.9", True),
        ("air_rifle_10m", "0.26", 10, "10.8", True),
        ("air_rifle_10m", "2.00", 10, "10.2", True),  # the hole just covers the whole dot
        ("air_rifle_10m", "2.01", 10, "10.1", False),
        ("air_rifle_10m", "2.51", 9, "9.9", False),
        ("air_rifle_10m", "25.00", 1, "1.0", False),
        ("air_rifle_10m", "25.01", 0, "0", False),
        ("air_pistol_10m", "4.75", 10, "10.4", True),
        ("air_pistol_10m", "4.76", 10, "10.4", False),
        ("rifle_50m", "5.30", 10, "10.3", True),
        ("rifle_50m", "5.31", 10, "10.3", False),
        ("precision_25m", "15.30", 10, "10.5", True),
        ("precision_25m", "15.31", 10, "10.4", False),
        ("rapid_fire_25m", "27.80", 10, "10.6", True),
        ("rapid_fire_25m", "252.80", 5, "5.0", False),
        ("rapid_fire_25m", "252.81", 0, "0", False),
    ],
)
def test_hand_worked_values(event: IssfEvent, off_mm: str, ring: int, decimal: str, inner: bool) -> None:
    found = value_at(event, off_mm)
    assert (found.ring, found.decimal, found.inner) == (ring, Fraction(decimal), inner)


def test_a_centre_fire_pistol_has_the_larger_gauge() -> None:
    assert value_at("precision_25m", "29.82", centre_fire=True).ring == 10
    assert value_at("precision_25m", "29.83", centre_fire=True).ring == 9
    assert value_at("precision_25m", "29.82").ring == 9


@pytest.mark.parametrize("event", ISSF_EVENTS)
def test_the_librarys_face_has_the_rings_of_the_event(event: IssfEvent) -> None:
    face = paper(face=FACES[event]).face
    found = radii(face)
    assert fits(event, found) == ""
    assert "is missing" in fits(event, {})
    assert fits(event, {**found, 9: 1}) != ""


@given(events, places, places)
def test_moving_a_hole_outward_never_raises_its_value(event: IssfEvent, a: tuple[int, int], b: tuple[int, int]) -> None:
    near, far = sorted((a, b), key=lambda p: p[0] ** 2 + p[1] ** 2)
    inner, outer = issf.value(event, near), issf.value(event, far)
    assert (inner.ring, inner.tenths, inner.inner) >= (outer.ring, outer.tenths, outer.inner)


@given(events, places, st.booleans())
def test_the_ring_is_the_whole_part_of_the_tenths(event: IssfEvent, at: tuple[int, int], mirrored: bool) -> None:
    found = issf.value(event, at)
    assert found.ring == int(found.decimal)
    assert found == issf.value(event, (-at[0], at[1]) if mirrored else (at[1], at[0]))


def score(fired: tuple[Fired, ...], event: IssfEvent = "precision_25m", **options: object) -> Card:
    own = {k: options.pop(k) for k in ("decimal", "per_target", "centre_fire") if k in options}
    rules = IssfRules.model_validate({"name": "issf", "event": event, **own})
    marks = options.pop("marks", (T1,))
    return issf.score(course(marks, fired, **options), rules)  # type: ignore[arg-type]


T1 = paper("t1", "precision_25m")
OTHER = paper("t9", "precision_25m")


def test_a_string_adds_up_its_rings_and_inner_tens() -> None:
    card = score(shots(hit(T1, 0, 0), hit(T1, 26, 0), hit(T1, 0, 60), hit(T1, 280, 0), None), rounds=5)
    assert card.points == 10 + 10 + 8
    assert card.most == 50
    assert card.inner == 1
    assert [r.ruling for r in card.rulings] == ["ring", "line_counts", "ring", "outside_rings", "miss"]


def test_excess_shots_are_annulled_and_cost_two_points_each() -> None:
    """Six shots of five: the last one counts for nothing, and 2 points go (ISSF 6.11.5)."""
    card = score(shots(*[hit(T1, 0, 0)] * 6), rounds=5)
    assert card.points == 48
    assert card.rulings[-1].ruling == "excess_shot"
    assert card.inner == 5


def test_a_shot_at_anothers_target_is_a_miss() -> None:
    card = score(shots(hit(T1, 0, 0), hit(OTHER, 0, 0)), rounds=2)
    assert (card.points, card.rulings[1].ruling, card.rulings[1].target) == (10, "crossfire", "t9")


@pytest.mark.parametrize(("t", "ruling"), [("10.2", "ring"), ("10.201", "late_shot")])
def test_a_target_that_does_not_turn_stays_open_two_tenths_longer(t: str, ruling: str) -> None:
    card = score((Fired(1, Fraction(t), (hit(T1, 0, 0),)),), rounds=5, par=Fraction(10))
    assert card.rulings[0].ruling == ruling
    assert card.points == (10 if ruling == "ring" else 0)


@pytest.mark.parametrize(
    ("turned", "centre_fire", "ruling"),
    [
        ("0.4096", False, "skid_counts"),  # 36.86 degrees: 5.6 mm / cos = 6.999 mm
        ("0.41", False, "skid_too_long"),
        ("0.3186", True, "skid_counts"),  # 28.67 degrees: 9.65 mm / cos = 10.999 mm
        ("0.319", True, "skid_too_long"),
    ],
)
def test_a_hole_in_a_turning_target_may_be_so_long(turned: str, centre_fire: bool, ruling: str) -> None:
    card = score(shots(hit(T1, 0, 0, turned=Fraction(turned))), rounds=5, centre_fire=centre_fire)
    assert card.rulings[0].ruling == ruling


def test_one_shot_on_each_of_five_targets() -> None:
    """Rapid fire: five targets, one shot each; the second on a target is a miss, whatever it hit."""
    marks = tuple(paper(f"t{n}", "rapid_fire_25m") for n in range(5))
    fired = shots(hit(marks[0], 0, 0), hit(marks[0], 0, 0), *(hit(m, 60, 0) for m in marks[2:]))
    card = score(fired, "rapid_fire_25m", marks=marks, per_target=1, rounds=5)
    assert card.points == 10 + 3 * 9
    assert card.rulings[1].ruling == "too_many_on_target"


def test_from_behind_and_through_nothing_is_a_miss() -> None:
    assert score(shots(hit(T1, 0, 0, from_front=False)), rounds=1).points == 0


def test_tenths_only_where_the_rule_says_so() -> None:
    fired = shots(hit(T1, 0, 0), hit(T1, 20, 0))
    assert score(fired, rounds=2).points == 20
    card = score(fired, rounds=2, decimal=True)
    assert (card.points, card.most) == (Fraction("21.2"), Fraction("21.8"))


one = st.one_of(st.none(), places.map(lambda p: Impact(T1, Hole(p, 5600))))


@given(st.lists(one, max_size=7), st.integers(1, 6))
def test_adding_a_miss_never_raises_a_score(impacts: list[Impact | None], rounds: int) -> None:
    before, after = (score(shots(*found), rounds=rounds) for found in (impacts, [*impacts, None]))
    assert (after.points or 0) <= (before.points or 0)
    assert after.inner <= before.inner


@given(st.permutations([(0, 0), (30_000, 0), (0, 60_000), (150_000, 150_000)]))
def test_order_does_not_matter_while_no_shot_is_in_excess(order: list[tuple[int, int]]) -> None:
    card = score(shots(*(Impact(T1, Hole(p, 5600)) for p in order)), rounds=5)
    assert (card.points, card.inner) == (10 + 9 + 8 + 2, 1)


TEN, INNER, NINE = (Fraction(10), False), (Fraction(10), True), (Fraction(9), False)


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        ([INNER, NINE], [TEN, (Fraction(9), False)], "more inner tens"),
        ([NINE] * 10 + [TEN] * 10, [TEN] * 10 + [NINE] * 10, "the last series of ten"),
        ([NINE, TEN], [TEN, NINE], "the last shot"),
        ([TEN, INNER], [INNER, TEN], "the last shot an inner ten"),
    ],
)
def test_ties_are_broken(better: list[tuple[Fraction, bool]], worse: list[tuple[Fraction, bool]], why: str) -> None:
    assert sum(v for v, _ in better) == sum(v for v, _ in worse)
    assert issf.countback(better) > issf.countback(worse), why  # type: ignore[operator]
