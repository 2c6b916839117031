"""One bullet through the house of `shot.py`, with its flight and all that it goes through."""

from __future__ import annotations

from collections.abc import Sequence

import py_ballisticcalc as pb
from measure import Figure, Series, in_turn, seconds
from shot import scene

from xrlab.sim.flight import Air, Flight, flight, load_of
from xrlab.sim.shots import trace
from xrlab.sim.world import Weapon

WEAPON, REACH_M = "pistol", 100.0


def figures(quick: bool) -> Sequence[Figure]:
    """Microseconds for a bullet through `xrlab.sim.shots.trace`, and milliseconds for a table of flights."""
    shots, rounds = (50, 1) if quick else (1_000, 9)
    world, times, origins, lines = scene(shots)
    bullet, drag, weapon = _flight(), _drag(), _weapon()

    def ours() -> None:
        for t, origin, line in zip(times, origins, lines, strict=True):
            trace(world, t, origin, *line, "", bullet)

    def straight() -> None:
        for t, origin, line in zip(times, origins, lines, strict=True):
            trace(world, t, origin, *line)

    def anew() -> None:
        _fired(drag, weapon)

    mine, line, library = in_turn(
        (
            lambda: seconds(ours) / shots * 1e6, lambda: seconds(straight) / shots * 1e6,
            lambda: seconds(anew) * 1e6,
        ),
        rounds,
    )  # fmt: skip
    met = sum(len(trace(world, t, o, *line, "", bullet)) for t, o, line in zip(times, origins, lines, strict=True))
    return [
        Figure(
            "bullet_us",
            Series(f"one 9 mm bullet with its flight, through {met / shots:.1f} things on average", "µs", mine),
            (
                Series("the straight line of a laser, to what stops it", "µs", line),
                Series(f"py_ballisticcalc, the flight alone, reckoned anew over {REACH_M:.0f} m", "µs", library),
            ),
            "python benchmarks/run_all.py --only bullet",
        )
    ]  # fmt: skip


def _flight() -> Flight:
    weapon = Weapon.of(WEAPON)
    assert weapon.load is not None
    return flight(load_of(weapon.load), weapon.barrel, Air(), reach=REACH_M)


def _drag() -> pb.Ammo:
    weapon = Weapon.of(WEAPON)
    assert weapon.load is not None
    load = load_of(weapon.load)
    model = pb.DragModel(load.coefficient, pb.TableG7 if load.drag == "G7" else pb.TableG1)
    return pb.Ammo(model, pb.Velocity.MPS(weapon.barrel.muzzle_mps))


def _weapon() -> pb.Weapon:
    return pb.Weapon(sight_height=pb.Distance.Meter(Weapon.of(WEAPON).barrel.sight_m))


def _fired(ammo: pb.Ammo, weapon: pb.Weapon) -> None:
    shot = pb.Shot(ammo=ammo, weapon=weapon, atmo=pb.Atmo.icao())
    pb.RK4IntegrationEngine(None).integrate(shot, pb.Distance.Meter(REACH_M))
