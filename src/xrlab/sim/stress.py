"""Stress cues: each a process that makes its sounds, lets lamps flicker or calls the time, as dense as it is dosed.

Cues that a trainer can dose are what European police trainers asked for (SHOTPROS, H2020 grant 833672, final report).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrlab.chance import drawn
from xrlab.scenario.library import CueDose, stress_cues
from xrlab.sim import events as ev
from xrlab.sim import surroundings
from xrlab.sim.engine import Process, Running, Sleep

if TYPE_CHECKING:
    from numpy.random import Generator

    from xrlab.sim.engine import Engine
    from xrlab.sim.surroundings import Where

HIGHEST = 3


class Stress:
    """The stress cues of one run."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._under_way: dict[str, list[Running]] = {}
        self._sounding: dict[str, int] = {}
        self._where: dict[str, Where] = {}

    def dose(self, cue: str, level: int, where: Where = None) -> None:
        """Brings a cue to a level, 0 to 3. where: where it comes from; if None, where it came from before."""
        engine = self._engine
        if where is not None:
            self._where[cue] = where
        elif engine.ledger.stress.get(cue, 0) == level:
            return
        for running in self._under_way.pop(cue, []):
            running.stop()
        if cue in self._sounding:
            surroundings.stop(engine, self._sounding.pop(cue))
        engine.emit(ev.StressChanged(t=engine.now, cue=cue, level=level))
        if level == 0:
            return
        spec = stress_cues()[cue]
        dose = spec.levels[level - 1]
        luck = engine.luck(f"stress:{cue}:{level}:{engine.now}")
        made = [self._calls(dose)] if dose.told_s else []
        if spec.sound and dose.db is not None:
            made.append(self._sounds(cue, spec.sound, dose, luck))
        if dose.dark_s is not None:
            made.append(self._flickers(dose, luck))
        self._under_way[cue] = [engine.spawn(steps, f"stress cue {cue}") for steps in made]

    def more(self, by: int) -> None:
        """Raises or lowers all cues of the scenario by so much, within 0 to 3."""
        for cue in self._engine.scenario.stress:
            level = self._engine.ledger.stress.get(cue, 0)
            self.dose(cue, min(HIGHEST, max(0, level + by)))

    def _sounds(self, cue: str, sound: str, dose: CueDose, luck: Generator) -> Process:
        engine, where = self._engine, self._where.get(cue)
        if dose.every_s is None or dose.for_s is None:
            self._sounding[cue] = surroundings.play(engine, sound, where, dose.db)
            return
        yield Sleep(engine.now + float(luck.random()) * dose.every_s[0])
        while True:
            seconds = drawn(luck, dose.for_s)
            self._sounding[cue] = surroundings.play(engine, sound, where, dose.db, seconds)
            yield Sleep(engine.now + seconds + drawn(luck, dose.every_s))

    def _flickers(self, dose: CueDose, luck: Generator) -> Process:
        engine = self._engine
        assert dose.lit_s is not None and dose.dark_s is not None
        while True:
            seconds = max(dose.lit_s[1] + dose.dark_s[1], 5.0)
            for group in engine.world.lights:
                surroundings.flicker(engine, group, seconds, dose.lit_s, dose.dark_s, dose.low)
            yield Sleep(engine.now + seconds + float(luck.random()))

    def _calls(self, dose: CueDose) -> Process:
        engine = self._engine
        limit = engine.scenario.time_limit_s
        for left in dose.told_s:
            if limit - left >= engine.now:
                yield Sleep(limit - left)
                engine.emit(ev.TimeCalled(t=engine.now, left_s=left))
