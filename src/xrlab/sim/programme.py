"""The strings of fire: announced, started by a signal, shown, ended by time, par or when all is down."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from numpy.random import Generator

from xrlab.chance import drawn
from xrlab.scenario.model import FireString
from xrlab.sim import events as ev
from xrlab.sim import targets
from xrlab.sim.engine import Change, Process, Sleep
from xrlab.sim.surroundings import lamps
from xrlab.sim.waiting import Waits

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

_LESS_IS_SHOWN = Waits(frozenset({(ev.TargetFell, "", ""), (ev.TargetHidden, "", "")}))

LIGHT_SIGNAL_S = 0.5
"""How long the lamps are on full as a signal."""


def programme(engine: Engine) -> Process:
    """All strings of fire, one after the other. The last shot may come while the board turns away."""
    luck = engine.luck("strings")
    for index, string in enumerate(engine.scenario.strings):
        if index:
            yield Sleep(engine.now + drawn(luck, engine.scenario.pause_s))
        engine.emit(ev.StringAnnounced(t=engine.now, string=string.name))
        before = _lamps(engine, string)
        yield Sleep(engine.now + drawn(luck, string.delay_s))
        engine.string = string.name
        engine.emit(ev.StringStarted(t=engine.now, string=string.name))
        _signal(engine, string)
        yield from _exposures(engine, string, luck)
        yield Sleep(engine.now + max(engine.world.boards[name].spec.turn_s for name in string.targets))
        engine.emit(ev.StringEnded(t=engine.now, string=string.name))
        engine.string = None
        for group, level in before.items():
            lamps(engine, group, level)
    engine.strings_done = True
    engine.changed()


def _exposures(engine: Engine, string: FireString, luck: Generator) -> Process:
    """Shows the targets as often as the string says, up to its par time."""
    boards = [engine.world.boards[name] for name in string.targets]
    wanted = [b for b in boards if b.spec.role == "target"]
    par = None if string.par_s is None else engine.now + string.par_s
    for turn in range(string.times):
        if turn:
            pause = engine.now + drawn(luck, string.away_s)
            yield Sleep(pause if par is None else min(pause, par))
        if par is not None and engine.reached(par):
            engine.emit(ev.ParTime(t=engine.now, string=string.name))
            return
        for board in boards:
            targets.expose(engine, board)
        until = par if string.for_s is None else engine.now + drawn(luck, string.for_s)
        assert until is not None
        until = until if par is None else min(until, par)
        if string.until_down:
            while not engine.reached(until) and any(b.exposed for b in wanted):
                yield Change(until, _LESS_IS_SHOWN)
        else:
            yield Sleep(until)
        over = par is not None and engine.reached(par)
        if over:
            engine.emit(ev.ParTime(t=engine.now, string=string.name))
        for board in boards:
            targets.hide(engine, board)
        if over:
            return


def _signal(engine: Engine, string: FireString) -> None:
    if string.signal == "none":
        return
    engine.emit(ev.StartSignal(t=engine.now, string=string.name, signal=string.signal))
    if string.signal == "light":
        for group, level in {g: ramp.goal for g, ramp in engine.world.lights.items() if ramp.goal < 1.0}.items():
            lamps(engine, group, 1.0)
            engine.at(engine.now + LIGHT_SIGNAL_S, partial(lamps, engine, group, level))


def _lamps(engine: Engine, string: FireString) -> dict[str, float]:
    """Sets the lamps of a string; gives how they were."""
    wanted = string.lights
    if wanted is None:
        return {}
    groups = dict(wanted) if isinstance(wanted, dict) else {"all": wanted}
    every = groups.pop("all", None)
    if every is not None:
        groups = dict.fromkeys(engine.world.lights, every) | groups
    before = {group: engine.world.lights[group].goal for group in groups}
    for group, level in groups.items():
        lamps(engine, group, level)
    return before
