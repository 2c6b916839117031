"""What changes around everyone: lamps, sounds, smoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrlab.sim import events as ev

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

LAMP_S = 0.05
"""How long a lamp takes from off to full."""


def level_of(wanted: str | float) -> float:
    """The level 0..1 that on, off or a number means."""
    return {"on": 1.0, "off": 0.0}[wanted] if isinstance(wanted, str) else float(wanted)


def lamps(engine: Engine, group: str, wanted: str | float, over_s: float = LAMP_S) -> None:
    """Brings one group of lamps to a level; `over_s` is the time that all the way from off to full takes."""
    level = level_of(wanted)
    engine.world.lights[group].move(engine.now, level, over_s)
    engine.world.changed()
    engine.emit(ev.LightsChanged(t=engine.now, group=group, level=level))
