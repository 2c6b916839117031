"""What targets do: they turn, pop up, fall, run on their rails, and answer to hits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xrlab.chance import drawn
from xrlab.geometry.paths import Leg, hold
from xrlab.geometry.transforms import Vec3, quantise_time
from xrlab.sim import events as ev

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine
    from xrlab.sim.world import Board


def expose(engine: Engine, board: Board) -> None:
    """Turns a target to the shooters, or lets it stand up; one that is exposed stays so."""
    if board.exposed:
        return
    board.serial += 1
    board.hits, board.points = 0, 0.0
    for ramp in (board.shown, board.standing):
        ramp.move(engine.now, 1.0, board.spec.turn_s)
    engine.world.targets_version += 1
    engine.emit(ev.TargetExposed(t=engine.now, target=board.name))
    if board.spec.rail and board.spec.rail.starts == "when_shown":
        move(engine, board)


def hide(engine: Engine, board: Board) -> None:
    """Turns a target away; one that was shot down stands up again, out of sight."""
    if board.spec.motion == "fixed":
        return
    board.serial += 1
    if board.shown.goal == 1.0:
        was_exposed = board.exposed
        board.shown.move(engine.now, 0.0, board.spec.turn_s)
        if was_exposed:
            engine.emit(ev.TargetHidden(t=engine.now, target=board.name))
    board.standing.move(engine.now, 1.0, board.spec.turn_s)
    engine.world.targets_version += 1
    if board.spec.rail and board.spec.rail.starts == "when_shown":
        board.carried = False  # it ends its way out of sight, ready to come from that end


def struck(engine: Engine, board: Board, zone: str) -> None:
    """A hit in a scoring zone: counted, and answered as the scenario says."""
    if not board.exposed:
        return
    spec = board.spec
    board.hits += 1
    board.points += next(z.points for z in board.zones if z.name == zone)
    if board.hits < spec.hits_needed or (spec.points_needed is not None and board.points < spec.points_needed):
        return
    if spec.reaction == "stop":
        halt(engine, board)
    elif spec.reaction == "hide":
        hide(engine, board)
        _come_back(engine, board)
    elif spec.reaction == "fall":
        board.serial += 1
        (board.shown if board.tips else board.standing).move(engine.now, 0.0, spec.turn_s)
        engine.world.targets_version += 1
        engine.emit(ev.TargetFell(t=engine.now, target=board.name))
        _come_back(engine, board)


def _come_back(engine: Engine, board: Board) -> None:
    """Has a target stand up or turn back later, unless it is shown or hidden before."""
    between = board.spec.returns_s
    if between is None:
        return
    serial = board.serial

    def again() -> None:
        if board.serial == serial:
            expose(engine, board)

    engine.at(engine.now + drawn(engine.luck(f"returns:{board.name}:{serial}"), between), again)


def move(engine: Engine, board: Board) -> None:
    """Sets a target on its rail in motion, from where it is; one that moves already goes on."""
    rail = board.spec.rail
    if rail is None or (board.carried and board.track.ends > engine.now):
        return
    board.carried = True
    if board.track.ends > engine.now:  # it still ends the way before; from there it turns round or stops
        return
    _pass(engine, board)


def halt(engine: Engine, board: Board) -> None:
    """Stops a target where it is on its rail."""
    board.carried = False
    if board.track.ends > engine.now:
        board.pass_serial += 1
        engine.carry(board, [hold(engine.now, board.track.at(engine.now))])
        engine.emit(ev.TargetStopped(t=engine.now, target=board.name))


def _pass(engine: Engine, board: Board) -> None:
    """One way along the rail, to the end that it does not stand at."""
    assert board.spec.rail is not None
    here = board.place(engine.now)
    way = _way_on(board.rail, here)
    legs = _legs(engine.now, here, way, board.spec.rail.speed_mps, board.facing)
    board.pass_serial += 1
    serial = board.pass_serial
    if not legs:
        return
    engine.carry(board, legs)
    end = legs[-1].t1
    engine.emit(ev.TargetMoves(t=engine.now, target=board.name, to=way[-1], seconds=quantise_time(end - engine.now)))

    def arrived() -> None:
        if board.pass_serial != serial:
            return
        if board.carried and board.spec.rail and board.spec.rail.back_and_forth:
            _pass(engine, board)
        else:
            board.carried = False
            engine.emit(ev.TargetStopped(t=engine.now, target=board.name))

    engine.at(end, arrived)


def _way_on(rail: Sequence[Vec3], here: Vec3) -> list[Vec3]:
    """The corners still to come: on to the far end, and back to the start from there.

    One that was stopped between two corners goes on to the end.
    """
    if math.dist(here, rail[-1]) < 1e-3:
        return list(rail[-2::-1])
    at = min(range(len(rail) - 1), key=lambda i: _off(rail[i], rail[i + 1], here))
    return list(rail[at + 1 :])


def _off(a: Vec3, b: Vec3, here: Vec3) -> float:
    """How much longer the way from a to b is by way of `here`."""
    return math.dist(a, here) + math.dist(here, b) - math.dist(a, b)


def _legs(t: float, here: Vec3, way: Sequence[Vec3], speed: float, yaw: float) -> list[Leg]:
    """Even motion through all corners; the face keeps its direction."""
    legs = []
    for place in way:
        end = quantise_time(t + math.dist(here, place) / speed)
        if end > t:
            legs.append(Leg(t, end, *here, *place, yaw, yaw))
            here, t = place, end
    return legs


def may_engage(engine: Engine, who: str, target: str) -> bool:
    """Whether a target is this trainee's: in a string with lanes only those of their own are."""
    string = next((s for s in engine.scenario.strings if s.name == engine.string), None)
    return string is None or target not in string.targets or target in string.lane(who)
