"""Bullets fly as the ballistics library says, at every distance, in every weather."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import py_ballisticcalc as pb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xrlab.scenario.library import loads, weapons
from xrlab.sim.flight import SAGITTA_M, Air, Barrel, Flight, Load, flight, load_of

FOOT, INCH, YARD, GRAIN = 0.3048, 0.0254, 0.9144, 6.479891e-5

BARRELS = {
    load: Barrel(mps, kind.sight_mm / 1000, kind.zero_m)
    for kind in weapons().values()
    for load, mps in kind.loads.items()
}


def asked(load: str, air: Air, distances: tuple[float, ...], wind_from: float = 0.0) -> list[tuple[float, ...]]:
    """What the library itself says at these distances of a level shot: right, up (m), time (s), speed (m/s)."""
    kind, barrel = loads()[load], BARRELS[load]
    drag = pb.DragModel(kind.coefficient, pb.TableG7 if kind.drag == "G7" else pb.TableG1)
    ammo = pb.Ammo(drag, pb.Velocity.MPS(barrel.muzzle_mps))
    weapon = pb.Weapon(sight_height=pb.Distance.Meter(barrel.sight_m))
    calculator = pb.Calculator()
    calculator.set_weapon_zero(pb.Shot(ammo=ammo, weapon=weapon), pb.Distance.Meter(barrel.zero_m))
    weather = pb.Atmo(
        pressure=pb.Pressure.hPa(air.pressure_hpa), temperature=pb.Temperature.Celsius(air.temperature_c),
        humidity=air.humidity,
    )  # fmt: skip
    wind = pb.Wind(pb.Velocity.MPS(air.wind_mps), pb.Angular.Radian(wind_from))
    way = calculator.fire(
        pb.Shot(ammo=ammo, weapon=weapon, atmo=weather, winds=[wind]), pb.Distance.Meter(max(distances) + 5),
        pb.Distance.Meter(5), dense_output=True,
    )  # fmt: skip
    out = []
    for d in distances:
        p = way.get_at("distance", pb.Distance.Meter(d))
        out.append(
            (p.windage >> pb.Distance.Meter, p.height >> pb.Distance.Meter, p.time, p.velocity >> pb.Velocity.MPS)
        )
    return out


@pytest.mark.parametrize("load", BARRELS)
def test_the_table_costs_no_accuracy(load: str) -> None:
    bullet = flight(load_of(load), BARRELS[load], Air())
    distances = (3.0, 7.7, 25.0, 99.1, 300.0, 600.0)
    for d, (_, up, t, speed) in zip(distances, asked(load, Air(), distances), strict=True):
        assert bullet.offset(d)[0] == 0.0
        assert bullet.offset(d)[1] == pytest.approx(up, abs=1e-5)
        assert bullet.time(d) == pytest.approx(t, abs=1e-6)
        assert bullet.speed(d) == pytest.approx(speed, abs=0.01)


@settings(max_examples=5, deadline=None)
@given(
    st.sampled_from(sorted(BARRELS)), st.floats(-math.pi, math.pi), st.floats(0.1, 15), st.floats(-20, 40),
    st.floats(900, 1050), st.floats(0, 1),
)  # fmt: skip
def test_in_any_weather_a_shot_at_25_m_is_right_to_a_tenth_of_a_millimetre(
    load: str, wind_from: float, wind: float, temperature: float, pressure: float, humidity: float
) -> None:
    air = Air(temperature, pressure, humidity, wind)
    bullet = flight(load_of(load), BARRELS[load], air, wind_from=wind_from)
    (near, far) = asked(load, air, (25.0, 300.0), wind_from)
    assert bullet.offset(25.0) == pytest.approx(near[:2], abs=1e-4)
    assert bullet.time(25.0) == pytest.approx(near[2], abs=1e-6)
    assert bullet.offset(300.0) == pytest.approx(far[:2], rel=0.01, abs=0.002)


def straight_between(bullet: Flight, a: float, b: float) -> float:
    """How far the way departs from the straight line between two distances, at most."""
    worst = 0.0
    for f in (0.25, 0.5, 0.75):
        real = bullet.offset(a + (b - a) * f)
        line = [x + (y - x) * f for x, y in zip(bullet.offset(a), bullet.offset(b), strict=True)]
        worst = max(worst, math.dist(real, line))
    return worst


@pytest.mark.parametrize("load", BARRELS)
def test_chords_follow_the_curve_to_a_twentieth_of_a_millimetre(load: str) -> None:
    bullet = flight(load_of(load), BARRELS[load], Air(wind_mps=10), pitch=0.2, wind_from=1.0, reach=600)
    for reach in (3.0, 25.0, 600.0):
        ends = bullet.chords(reach)
        assert ends[0] == 0.0
        assert ends[-1] == reach
        assert all(a < b for a, b in pairwise(ends))
        assert max(straight_between(bullet, a, b) for a, b in pairwise(ends)) <= SAGITTA_M


def test_where_a_bullet_has_slowed_down_can_be_asked() -> None:
    bullet = flight(load_of("match_762"), BARRELS["match_762"], Air())
    assert bullet.distance_at(2000.0) == 0.0
    assert bullet.distance_at(10.0) == bullet.reach
    for d in (1.0, 250.0, 601.3):
        assert bullet.distance_at(bullet.speed(d)) == pytest.approx(d, abs=1e-4)


# yards: inches above the line of sight and to the right of it, ft/s, s
G1_STILL = {
    100: (-0.0, 0.0, 2360.6, 0.121), 200: (-3.8, 0.0, 2133.9, 0.255), 300: (-15.2, 0.0, 1920.1, 0.403),
    400: (-36.1, 0.0, 1720.5, 0.568), 500: (-68.8, 0.0, 1537.5, 0.753), 600: (-116.2, 0.0, 1374.5, 0.959),
    650: (-146.6, 0.0, 1301.8, 1.071), 700: (-182.1, 0.0, 1235.8, 1.190), 1000: (-534.8, 0.0, 984.7, 2.018),
}  # fmt: skip
G1_WIND = {
    100: (-0.0, 1.0, 2364.3, 0.121), 200: (-3.7, 4.2, 2141.2, 0.254), 300: (-15.1, 9.9, 1931.1, 0.402),
    400: (-35.8, 18.5, 1735.3, 0.566), 500: (-68.0, 30.5, 1556.0, 0.748), 600: (-114.6, 46.2, 1396.5, 0.952),
    650: (-144.3, 55.5, 1325.4, 1.062), 700: (-178.9, 65.9, 1260.8, 1.179),
}  # fmt: skip
G7_STILL = {
    100: (1.6, 0.0, 3093.7, 0.095), 200: (2.7, 0.0, 2988.9, 0.194), 400: (-6.9, 0.0, 2784.1, 0.402),
    500: (-18.3, 0.0, 2684.4, 0.512), 600: (-34.5, 0.0, 2586.5, 0.626), 700: (-56.0, 0.0, 2490.7, 0.744),
    1000: (-155.7, 0.0, 2215.3, 1.127),
}  # fmt: skip


@pytest.mark.parametrize(
    ("drag", "coefficient", "barrel", "wind_mph", "table"),
    [
        ("G1", 0.365, Barrel(2600 * FOOT, 2.5 * INCH, 100 * YARD), 0, G1_STILL),
        ("G1", 0.365, Barrel(2600 * FOOT, 2.5 * INCH, 100 * YARD), 20, G1_WIND),
        ("G7", 0.465, Barrel(3200 * FOOT, 3.2 * INCH, 300 * YARD), 0, G7_STILL),
    ],
    ids=["G1", "G1 in wind", "G7"],
)
def test_published_tables_are_met_to_one_in_a_hundred(
    drag: Any, coefficient: float, barrel: Barrel, wind_mph: float, table: dict[int, tuple[float, ...]]
) -> None:
    """Tables that come with another calculator, which descends from JBM's: g1_nowind, g1_wind and g7_nowind.

    They lie in github.com/gehtsoft-usa/BallisticCalculator1, in BallisticCalculator.Test/resources. They give tenths
    of an inch; the wind of the second comes from 30 degrees to the left of straight behind.
    """
    load = Load("65 gr", 65 * GRAIN, 0.224 * INCH, "carbine", drag, coefficient)
    air = Air(humidity=0.78, wind_mps=wind_mph * 0.44704)
    bullet = flight(load, barrel, air, wind_from=math.radians(30))
    for yards, (up, right, feet_s, seconds) in table.items():
        d = yards * YARD
        assert bullet.offset(d)[1] == pytest.approx(up * INCH, rel=0.01, abs=0.06 * INCH)
        assert bullet.offset(d)[0] == pytest.approx(right * INCH, rel=0.01, abs=0.06 * INCH)
        assert bullet.speed(d) == pytest.approx(feet_s * FOOT, rel=0.005)
        assert bullet.time(d) == pytest.approx(seconds, rel=0.005, abs=0.0006)


def test_the_police_load_has_the_speeds_that_its_maker_lists() -> None:
    bullet = flight(load_of("expanding_9mm"), BARRELS["expanding_9mm"], Air())
    for yards, feet_s in ((25, 1146), (50, 1085)):
        assert bullet.speed(yards * YARD) == pytest.approx(feet_s * FOOT, rel=0.005)


@pytest.mark.parametrize(("shots", "sigmas"), [(5, 3.07), (14, 4.1)])
def test_extreme_spreads_are_so_many_standard_deviations(shots: int, sigmas: float) -> None:
    """The factors by which weapons.yaml turns published groups into a standard deviation."""
    places = np.random.default_rng(5).standard_normal((20_000, shots, 2))
    apart = np.linalg.norm(places[:, :, None] - places[:, None], axis=3).max(axis=(1, 2))
    assert float(apart.mean()) == pytest.approx(sigmas, rel=0.01)
