"""How a bullet flies: point-mass trajectories, tabulated once for each load, barrel, sights and weather.

The flight itself is reckoned by `py_ballisticcalc` (drag functions G1 and G7, ICAO atmosphere), which is imported when
the first round flies. What it gives is kept in a table, and shots look it up: a cubic through the place and the
direction at every node, so that the table costs no accuracy.

Everything is told along the line of sight, in metres from the eye: how far the bullet is to the right of that line and
above it, how long it has flown, and how fast it is. The bullet begins below the line by the height of the sights.

Wind from any side is put together from four flights: with the wind from behind, from ahead, and slanting between.
A line that rises or falls takes from gravity what the cosine of its angle leaves of it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.scenario.library import Penetrates, loads

REACH_M = 1200.0
"""A bullet is followed so far (m) at most."""

_TABLE_M = 100.0  # tables are as long as a whole number of these

STEP_M = 2.0
"""Distance (m) between two nodes of a table."""

SAGITTA_M = 5e-5
"""So far (m) the way may bend away from the straight chord that stands for it."""

_FOOT_M = 0.3048
_FIELDS = 4  # time, right, up, speed


@dataclass(frozen=True, slots=True)
class Load:
    """A bullet: its name, mass (kg), diameter (m), what class of penetration it has, and how the air brakes it.

    drag: the standard drag function; coefficient: its ballistic coefficient (lb/in²) with that function.
    """

    name: str
    mass_kg: float
    diameter_m: float
    penetrates: Penetrates
    drag: Literal["G1", "G7"]
    coefficient: float


@dataclass(frozen=True, slots=True)
class Barrel:
    """What a weapon gives to a load's flight: muzzle speed (m/s), height of the sights (m), distance of zero (m)."""

    muzzle_mps: float
    sight_m: float
    zero_m: float


@dataclass(frozen=True, slots=True)
class Air:
    """Temperature (°C), pressure (hPa), relative humidity (0..1), wind (m/s); as it is, still ICAO air."""

    temperature_c: float = 15.0
    pressure_hpa: float = 1013.25
    humidity: float = 0.0
    wind_mps: float = 0.0


class Flight:
    """One bullet's way: where it is along the line of sight, when, and how fast.

    All distances are in metres along the line of sight from the eye; past `reach` the bullet counts as gone, and what
    is asked for beyond is told as at `reach`.
    """

    __slots__ = ("_cubics", "_lengths", "_nodes", "load", "reach")

    def __init__(self, load: Load, nodes: Array) -> None:
        """nodes: (n, 4, 2) at every `STEP_M`: value and slope of time (s), right (m), up (m) and speed (m/s)."""
        self.load = load
        self.reach = (len(nodes) - 1) * STEP_M
        self._nodes = nodes
        self._lengths: list[float] | None = None
        self._cubics: list[list[_Cubic] | None] = [None] * (len(nodes) - 1)

    def offset(self, distance: float) -> tuple[float, float]:
        """How far (m) the bullet is to the right of the line of sight, and above it."""
        return self._at(distance, 1), self._at(distance, 2)

    def time(self, distance: float) -> float:
        """How long (s) it has flown."""
        return self._at(distance, 0)

    def speed(self, distance: float) -> float:
        """How fast it is (m/s)."""
        return self._at(distance, 3)

    def distance_at(self, speed: float) -> float:
        """Where along its way (m) it has slowed to this speed (m/s); 0 if it never was so fast, `reach` at most."""
        speeds = self._nodes[:, 3, 0]
        if speed >= speeds[0]:
            return 0.0
        if speed <= speeds[-1]:
            return self.reach
        low = float(np.searchsorted(-speeds, -speed, side="left") - 1) * STEP_M
        high = low + STEP_M
        for _ in range(40):
            middle = (low + high) / 2
            if self.speed(middle) > speed:
                low = middle
            else:
                high = middle
        return round(high, 6)

    def chords(self, reach: float) -> tuple[float, ...]:
        """Distances, from 0 to `reach`, between which a straight line is never off by more than `SAGITTA_M`."""
        reach = min(reach, self.reach)
        lengths = self._chord_lengths()
        last = len(lengths) - 1
        out, at = [0.0], 0.0
        while at < reach:
            # the way bends the more the slower the bullet is, so the chord's end counts, too
            ahead = at + lengths[min(int(at / STEP_M), last)]
            at = min(at + lengths[min(int(ahead / STEP_M) + 1, last)], reach)
            out.append(at)
        return tuple(out)

    def _chord_lengths(self) -> list[float]:
        """For each stretch between two nodes: how long a chord may be; an arc of bend b departs from it by b l²/8."""
        if self._lengths is None:
            slopes = self._nodes[:, 1:3, 1]
            bends = np.hypot(*(np.abs(np.diff(slopes, axis=0)).T / STEP_M))
            self._lengths = np.sqrt(7.9 * SAGITTA_M / np.maximum(np.maximum.accumulate(bends), 1e-9)).tolist()
        return self._lengths

    def _at(self, distance: float, field: int) -> float:
        f = min(max(distance, 0.0), self.reach) / STEP_M
        index = min(int(f), len(self._cubics) - 1)
        cubics = self._cubics[index]
        if cubics is None:  # each stretch is worked out when first asked for
            cubics = self._cubics[index] = _cubics_between(*self._nodes[index : index + 2].tolist())
        a, b, c, d = cubics[field]
        f -= index
        return a + f * (b + f * (c + f * d))


_Cubic = tuple[float, float, float, float]


def _cubics_between(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> list[_Cubic]:
    """For each field the cubic, in shares 0..1 of the stretch, through value and slope of two neighbouring nodes."""
    out = []
    for (a, da), (b, db) in zip(one, other, strict=True):
        da, db = da * STEP_M, db * STEP_M
        out.append((a, da, 3 * (b - a) - 2 * da - db, 2 * (a - b) + da + db))
    return out


@lru_cache(maxsize=64)
def load_of(name: str) -> Load:
    """A load of the library; raises KeyError for a name that it doesn't have."""
    kind = loads()[name]
    return Load(name, kind.mass_g / 1000, kind.diameter_mm / 1000, kind.penetrates, kind.drag, kind.coefficient)


def flight(
    load: Load, barrel: Barrel, air: Air, *, pitch: float = 0.0, wind_from: float = 0.0, reach: float = REACH_M
) -> Flight:
    """The flight of a round, followed for `reach` metres at least (but never farther than `REACH_M`).

    pitch (rad): of the line of sight. wind_from (rad): where the wind of `air` comes from, seen by the shooter: 0 from
    behind, pi/2 from the left.
    """
    reach = min(REACH_M, max(_TABLE_M, math.ceil(reach / _TABLE_M) * _TABLE_M))
    if air.wind_mps > 0.0:
        nodes = _in_wind([_table(load, barrel, air, side, reach) for side in _SIDES], pitch, wind_from)
    elif pitch == 0.0:
        return Flight(load, _table(load, barrel, air, 0.0, reach))
    else:
        nodes = _table(load, barrel, air, 0.0, reach).copy()
    # gravity pulls away from the bore's line by its part square to the line of sight
    (height, slope), distances = nodes[0, 2].tolist(), np.arange(len(nodes)) * STEP_M
    level = 1.0 - math.cos(pitch)
    nodes[:, 2, 0] -= level * (nodes[:, 2, 0] - height - slope * distances)
    nodes[:, 2, 1] -= level * (nodes[:, 2, 1] - slope)
    return Flight(load, nodes)


_SIDES = (0.0, math.pi / 4, 3 * math.pi / 4, math.pi)
"""Where the wind of the four flights comes from, of which all others are put together."""


def _in_wind(tables: Sequence[Array], pitch: float, wind_from: float) -> Array:
    """The flight in wind from any side, of those with the wind from `_SIDES`.

    The wind is split along the line of sight and square to it. What it does along the line follows the cubic through
    all four; how far it carries the bullet to its side, for each m/s that is square to the line, is taken from the two
    slanting ones and changes evenly with the part along the line.
    """
    least = min(map(len, tables))
    behind, half_behind, half_ahead, ahead = (table[:least] for table in tables)
    half = math.sqrt(0.5)
    along = math.cos(wind_from) * math.cos(pitch)
    right, up = math.sin(wind_from), -math.cos(wind_from) * math.sin(pitch)
    even, odd = (behind + ahead) / 2, (behind - ahead) / 2
    half_even, half_odd = (half_behind + half_ahead) / 2, (half_behind - half_ahead) / (2 * half)
    square = (along * along - 0.5) / 0.5
    nodes: Array = half_even + (even - half_even) * square + along * (half_odd + (odd - half_odd) * square)
    carried = half_even[:, 1] / half + along * half_odd[:, 1] / half
    nodes[:, 1] = right * carried
    nodes[:, 2] += up * carried
    return nodes


@lru_cache(maxsize=64)
def _table(load: Load, barrel: Barrel, air: Air, wind_from: float, reach: float) -> Array:
    """The nodes (n, 4, 2) of a level flight; see `Flight`. The sights are set in the ICAO atmosphere without wind."""
    import py_ballisticcalc as pb

    curve = pb.TableG7 if load.drag == "G7" else pb.TableG1
    ammo = pb.Ammo(pb.DragModel(load.coefficient, curve), pb.Velocity.MPS(barrel.muzzle_mps))
    weapon = pb.Weapon(sight_height=pb.Distance.Meter(barrel.sight_m))
    engine = pb.RK4IntegrationEngine(None)
    wind = pb.Wind(pb.Velocity.MPS(air.wind_mps), pb.Angular.Radian(wind_from))
    weather = pb.Atmo(
        pressure=pb.Pressure.hPa(air.pressure_hpa), temperature=pb.Temperature.Celsius(air.temperature_c),
        humidity=air.humidity,
    )  # fmt: skip
    with warnings.catch_warnings():  # the library sets filters of its own
        zero = pb.Shot(ammo=ammo, weapon=weapon, atmo=pb.Atmo.icao())
        weapon.zero_elevation = engine.zero_angle(zero, pb.Distance.Meter(barrel.zero_m))
        shot = pb.Shot(ammo=ammo, weapon=weapon, atmo=weather, winds=[wind])
        way = engine.integrate(shot, pb.Distance.Meter(reach + STEP_M), dense_output=True).base_data or []
    return _nodes(np.array([(p.time, *p.position, *p.velocity) for p in way]), reach)


def _nodes(way: Array, reach: float) -> Array:
    """From the integrator's steps (n, 7: s, then place and velocity in feet: along, up, right) to even distances."""
    t, (x, up, right), (vx, vup, vright) = way[:, 0], way[:, 1:4].T * _FOOT_M, way[:, 4:7].T * _FOOT_M
    speed = np.sqrt(vx * vx + vup * vup + vright * vright)
    at = np.arange(0.0, min(reach, float(x[-1])) + 1e-9, STEP_M)
    out = np.empty((len(at), _FIELDS, 2))
    pairs = ((t, 1 / vx), (right, vright / vx), (up, vup / vx), (speed, np.gradient(speed, x)))
    for field, (value, slope) in enumerate(pairs):
        out[:, field] = _cubic(x, value, slope, at)
    return out


def _cubic(x: Array, value: Array, slope: Array, at: Array) -> Array:
    """Value and slope (n, 2) at `at` of the cubics through the values and slopes at x."""
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    step = x[i + 1] - x[i]
    f = (at - x[i]) / step
    a, b, da, db = value[i], value[i + 1], slope[i] * step, slope[i + 1] * step
    second, third = 3 * (b - a) - 2 * da - db, 2 * (a - b) + da + db
    return np.column_stack((a + f * (da + f * (second + f * third)), (da + f * (2 * second + 3 * f * third)) / step))
