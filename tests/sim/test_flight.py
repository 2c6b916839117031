"""Bullets fly as the ballistics library says, at every distance, in every weather."""

from __future__ import annotations

import math
from itertools import pairwise

import py_ballisticcalc as pb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xrlab.scenario.library import loads, weapons
from xrlab.sim.flight import SAGITTA_M, Air, Barrel, Flight, flight

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
    bullet = flight(load, BARRELS[load], Air())
    distances = (3.0, 7.7, 25.0, 99.1, 300.0, 600.0)
    for d, (_, up, t, speed) in zip(distances, asked(load, Air(), distances), strict=True):
        assert bullet.offset(d)[0] == 0.0
        assert bullet.offset(d)[1] == pytest.approx(up, abs=1e-5)
        assert bullet.time(d) == pytest.approx(t, abs=1e-6)
        assert bullet.speed(d) == pytest.approx(speed, abs=0.01)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(sorted(BARRELS)), st.floats(-math.pi, math.pi), st.floats(0.1, 15), st.floats(-20, 40),
    st.floats(900, 1050), st.floats(0, 1),
)  # fmt: skip
def test_in_any_weather_a_shot_at_25_m_is_right_to_a_tenth_of_a_millimetre(
    load: str, wind_from: float, wind: float, temperature: float, pressure: float, humidity: float
) -> None:
    air = Air(temperature, pressure, humidity, wind)
    bullet = flight(load, BARRELS[load], air, wind_from=wind_from)
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
    bullet = flight(load, BARRELS[load], Air(wind_mps=10), pitch=0.2, wind_from=1.0, reach=600)
    for reach in (3.0, 25.0, 600.0):
        ends = bullet.chords(reach)
        assert ends[0] == 0.0
        assert ends[-1] == reach
        assert all(a < b for a, b in pairwise(ends))
        assert max(straight_between(bullet, a, b) for a, b in pairwise(ends)) <= SAGITTA_M


def test_where_a_bullet_has_slowed_down_can_be_asked() -> None:
    bullet = flight("match_762", BARRELS["match_762"], Air())
    assert bullet.distance_at(2000.0) == 0.0
    assert bullet.distance_at(10.0) == bullet.reach
    for d in (1.0, 250.0, 601.3):
        assert bullet.distance_at(bullet.speed(d)) == pytest.approx(d, abs=1e-4)
