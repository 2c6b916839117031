"""What flies from impacts and muzzles: functions of the age, the same for the same place, and gone after their life."""

import math

import numpy as np
import pytest

from xrlab.render import bursts, holes
from xrlab.render.bursts import CHIP, CLOUD, FLASH_S, LIFE_S, SPARK
from xrlab.render.scene import Flash, Impact
from xrlab.room.materials import MATERIALS

AT = (3.0, -1.0, 1.5)
OUT = (-1.0, 0.0, 0.0)


def bits(age: float, material: str = "concrete", at: tuple[float, float, float] = AT) -> np.ndarray:
    return bursts.from_impact(Impact(at, OUT, material, age=age))


@pytest.mark.parametrize("material", sorted(MATERIALS))
def test_bits_begin_where_the_bullet_struck_and_are_gone_after_their_life(material: str):
    start = bits(0.0, material)
    assert len(start) == 0 if material == "flesh" else len(start) >= 2
    assert np.allclose(start["place"], AT, atol=1e-6)
    assert len(bits(LIFE_S, material)) == 0 and len(bits(-0.01, material)) == 0 and len(bits(math.inf, material)) == 0
    counts = [len(bits(age, material)) for age in np.linspace(0.0, LIFE_S, 12)]
    assert counts == sorted(counts, reverse=True), "none is born on the way"


def test_the_same_place_gives_the_same_bits_and_another_one_others():
    again = bits(0.2)
    bursts._sprayed.cache_clear()
    bursts._bits.cache_clear()
    assert bits(0.2).tobytes() == again.tobytes()
    elsewhere = bits(0.2, at=(3.0, -1.0, 1.6))
    assert not np.allclose(elsewhere["place"] - (0.0, 0.0, 0.1), again["place"], atol=0.01)


def test_chips_fly_out_of_the_wall_slow_down_and_fall():
    steps = np.linspace(0.0, 0.3, 31)
    rows = [bits(age) for age in steps]
    chips = np.array([row["place"][row["kind"] == CHIP] for row in rows])
    assert (chips[1:, :, 0] < AT[0]).all(), "none in the wall"
    speeds = np.linalg.norm(np.diff(chips, axis=0), axis=2) / 0.01
    assert speeds[0].max() > 2.0
    # Along the floor nothing pulls: each goes slower and slower. Down they gain by a little less than gravity.
    flat = np.linalg.norm(np.diff(chips[..., :2], axis=0), axis=2)
    assert (np.diff(flat, axis=0) < 1e-6).all()
    pull = np.diff(chips[..., 2], n=2, axis=0).mean(axis=0) / 0.01**2
    assert (pull < -4.0).all()


def test_dust_grows_and_thins_out():
    young, old = bits(0.1, "plasterboard"), bits(0.6, "plasterboard")
    young, old = young[young["kind"] == CLOUD], old[old["kind"] == CLOUD]
    assert old["radius"].min() > 1.5 * young["radius"].max()
    assert old["colour"][:, 3].max() < young["colour"][:, 3].min()
    assert np.linalg.norm(old["place"] - AT, axis=1).max() < 1.0, "it hangs where it was thrown"


def test_only_steel_throws_sparks():
    sparking = {name for name in MATERIALS if (bits(0.02, name)["kind"] == SPARK).any()}
    assert sparking == {"steel", "railing"}


def test_a_flash_is_over_in_an_instant_and_smoke_and_case_are_left():
    ages = np.linspace(0.0, 0.06, 25)
    shine = [bursts.strength(age) for age in ages]
    assert shine[0] == 1.0 and shine == sorted(shine, reverse=True)
    assert bursts.strength(FLASH_S) == 0.0 and bursts.strength(-0.001) == 0.0
    shot = Flash((0.0, 0.0, 1.5), (1.0, 0.0, 0.0), 0.15)
    smoke = bursts.from_muzzle(shot)
    assert len(smoke) and (smoke["place"][:, 0] > 0.1).all()
    assert len(bursts.from_muzzle(Flash((0.0, 0.0, 1.5), (1.0, 0.0, 0.0), 0.15, round=False))) == 0


def test_a_case_flies_to_the_right_in_an_arc():
    way = [bursts.case(Flash((0.0, 0.0, 1.5), (1.0, 0.0, 0.0), age)) for age in (0.0, 0.15, 0.3, 0.45)]
    places = np.array([found[0] for found in way if found is not None])
    assert (np.diff(places[:, 1]) < -0.2).all(), "right of +x is -y"
    assert places[1, 2] > places[0, 2] and places[3, 2] < places[2, 2]
    assert bursts.case(Flash((0.0, 0.0, 1.5), age=5.0)) is None
    assert bursts.case(Flash((0.0, 0.0, 1.5), age=0.1, round=False)) is None, "a training laser ejects nothing"


def test_every_material_says_how_a_bullet_marks_it_and_bodies_are_not_marked():
    for name in MATERIALS:
        for way in holes.WAYS:
            look = holes.look(name, way)
            assert (look is None) == (name in ("flesh", "leaves"))
            if look is not None:
                assert 0 <= holes.layer(look.picture, 2) < len(holes.pictures())
    assert holes.look("steel", "stopped").picture == "splash", "hard steel has no hole"
    assert holes.look("paper", "left") != holes.look("paper", "entered")


def test_what_breaks_grows_with_the_energy_and_what_is_pierced_with_the_calibre():
    stone, paper = holes.look("concrete", "stopped"), holes.look("paper", "entered")
    assert holes.radius(stone, 0.009, 4000.0) == pytest.approx(2 * holes.radius(stone, 0.009, 500.0))
    assert holes.radius(paper, 0.00569, 1700.0) == pytest.approx(holes.radius(paper, 0.009, 500.0) * 5.69 / 9)


def test_a_hole_in_paper_is_as_wide_as_the_bullet():
    """A paper's hole is some tenths of a millimetre narrower than a bullet of 9 mm, and its rim about as wide."""
    picture = holes.pictures()[holes.layer("paper", 0)].astype(float) / 255
    dark = (picture[..., 0] < 0.15) & (picture[..., 3] > 0.5)
    wide = 2 * math.sqrt(dark.mean() * 4 / math.pi) * holes.radius(holes.look("paper", "entered"), 0.009, 500.0)
    assert 0.0070 < wide < 0.0090
