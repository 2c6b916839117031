"""What changes around everyone: lamps, sounds, smoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrlab.geometry.transforms import Vec3, quantise_place, quantise_time
from xrlab.scenario.library import sounds
from xrlab.sim import events as ev
from xrlab.sim import hearing

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

LAMP_S = 0.05
"""How long a lamp takes from off to full."""

OWN_FILE_DB = 75.0
"""How loud a scenario's own sound file is at 1 m where nothing is said."""

ALL_AROUND_DB = 20.0
"""A sound from all around is as loud for everyone as if it came from 10 m away."""

Where = Vec3 | str | None
"""Where a sound comes from: a place (m), a person it goes with, or all around."""


def level_of(wanted: str | float) -> float:
    """The level 0..1 that on, off or a number means."""
    return {"on": 1.0, "off": 0.0}[wanted] if isinstance(wanted, str) else float(wanted)


def lamps(engine: Engine, group: str, wanted: str | float, over_s: float = 0.0) -> None:
    """Brings one group of lamps to a level, evenly within `over_s`; at once they need `LAMP_S` from off to full."""
    level = level_of(wanted)
    ramp = engine.world.lights[group]
    way = abs(level - ramp.at(engine.now))
    ramp.move(engine.now, level, over_s / way if over_s and way else LAMP_S)
    engine.world.changed()
    engine.emit(ev.LightsChanged(t=engine.now, group=group, level=level))


FLICKER_LIT_S, FLICKER_DARK_S = (0.05, 0.6), (0.05, 0.4)


def flicker(
    engine: Engine,
    group: str,
    seconds: float,
    lit_s: tuple[float, float] = FLICKER_LIT_S,
    dark_s: tuple[float, float] = FLICKER_DARK_S,
    low: float = 0.0,
) -> None:
    """Lets a group of lamps flicker for so long between how it is and `low` times that, in a pattern the seed draws."""
    ramp, luck = engine.world.lights[group], engine.luck(f"flicker:{group}:{engine.now}")
    high, t, end = ramp.goal, engine.now, quantise_time(engine.now + seconds)
    lit = True
    while t < end:
        ramp.move(t, high if lit else high * low, LAMP_S)
        between = lit_s if lit else dark_s
        t = quantise_time(t + max(0.02, between[0] + (between[1] - between[0]) * float(luck.random())))
        lit = not lit
    ramp.move(end, high, LAMP_S)
    engine.world.changed()
    engine.emit(ev.LightsFlicker(t=engine.now, group=group, seconds=quantise_time(end - engine.now), level=high))


def length_of(sound: str) -> float:
    """How long a sound takes once (s); a scenario's own file plays to its end, which nothing here waits for."""
    kind = sounds().get(sound)
    return kind.seconds if kind else 0.0


def play(engine: Engine, sound: str, where: Where, db: float | None = None, seconds: float | None = None) -> int:
    """Begins a sound and gives its number. db: at 1 m, else as the library says. seconds: None until it is stopped."""
    kind = sounds().get(sound)
    if db is None:
        db = kind.db if kind else OWN_FILE_DB
    engine.sounds_made += 1
    number = engine.sounds_made
    who = where if isinstance(where, str) else None
    at = quantise_place(where) if isinstance(where, tuple) else None
    event = ev.SoundStarted(t=engine.now, number=number, sound=sound, at=at, who=who, db=db, seconds=seconds)
    engine.emit(event)
    place = engine.world.actors[who].eye(engine.now) if who else at
    if place is None:
        here = [(actor, db - ALL_AROUND_DB) for actor in engine.world.actors.values() if actor.present]
        hearing.note(engine, sound, (0.0, 0.0, 0.0), None, here)
    else:
        hearing.sound(engine, sound, place, None, db)
    if seconds is not None:
        engine.at(engine.now + seconds, lambda: stop(engine, number))
    return number


def stop(engine: Engine, number: int) -> None:
    """Ends a sound, if it has not ended."""
    sound = engine.ledger.sounding.get(number)
    if sound is not None:
        engine.emit(ev.SoundStopped(t=engine.now, number=number, sound=sound))


def stop_all(engine: Engine, name: str) -> None:
    """Ends all sounds of a name, or simply all."""
    for number in [n for n, sound in engine.ledger.sounding.items() if name in ("all", sound)]:
        stop(engine, number)


def smoke(engine: Engine, zone: str, density: float, over_s: float) -> None:
    """Fills a zone with smoke, or clears it."""
    ramp = engine.world.smoke[zone]
    way = abs(density - ramp.at(engine.now))
    ramp.move(engine.now, density, over_s / way if way else 0.0)
    engine.world.changed()
    engine.emit(ev.SmokeChanged(t=engine.now, zone=zone, density=density, seconds=over_s))
