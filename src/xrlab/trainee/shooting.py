"""How a scripted trainee shoots: at whom, where, when the weapon is ready, and how far a shot strays.

The sights are held over, into the wind and ahead of what moves, as far as the flight asks, whatever the skill; what
the bullet would meet is asked along its flight.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from xrlab.geometry.transforms import Vec3
from xrlab.room.materials import MATERIALS
from xrlab.scenario.model import FireString
from xrlab.sim import deeds, shots
from xrlab.sim.engine import FOREVER, Change, Engine, Process, Sleep
from xrlab.sim.firing import foreseen, held_over
from xrlab.sim.targets import may_engage
from xrlab.sim.travel import travel
from xrlab.sim.world import Actor, Board
from xrlab.trainee import steps as st
from xrlab.trainee.perception import Perception
from xrlab.trainee.skill import Ability

GIVE_UP_S = 3.0
"""A scripted trainee who cannot shoot (no line, nobody in view) goes on after this time."""

IN_THE_LINE_S = 1.0
"""One of the own side who stands in the line so long is walked round; for others fire is held."""

CLOSER_S, CLOSER_M_S = 0.5, 1.2
"""Who sees somebody and has no free line to them goes towards them for so long, and looks again."""

BODY_M = 0.4
"""What stops a shot more than this before somebody's chest is what they stand behind."""

Wait = Callable[[float], Iterator[Change]]


class _Aim(NamedTuple):
    """What to aim at: where it is at an instant, whose it is, and whether a shot that goes there would meet somebody.

    Boards are shot at in any case.
    """

    at: Callable[[float], Vec3]
    whose: str
    free: bool


class Shooter:
    """Fires for one trainee. low: on one knee, so that shots are fired from there."""

    def __init__(self, engine: Engine, actor: Actor, ability: Ability, eyes: Perception) -> None:
        self._engine, self._actor, self._ability, self._eyes = engine, actor, ability, eyes
        self.low = False

    @property
    def aiming_pose(self) -> str:
        """The pose in which this trainee aims now."""
        return "crouching" if self.low else deeds.aim_pose(self._actor)

    def shoot(self, step: st.Shoot) -> Process:
        """Fires as a step says; gives up after a while where nothing can be shot at."""
        engine, actor, ability = self._engine, self._actor, self._ability
        weapon = next((w for w in actor.weapons if not w.less_lethal), None)
        if weapon is None:
            return
        if weapon is not actor.weapon:  # a less-lethal means is in the hand
            deeds.bring(engine, actor, weapon)
            yield from self._pause(engine.now + ability.draw("draw_s"))
        ready = engine.now + ability.draw("reaction_s") + self._weapon_up()
        give_up = engine.now + GIVE_UP_S
        fired, held = 0, math.inf
        while fired < step.times and not engine.reached(max(give_up, ready + GIVE_UP_S)):
            if weapon.rounds == 0 or weapon.jammed:
                ready = max(ready, deeds.reload(engine, actor))
            at = self._aim_at(step, fired)
            if at is None:
                if fired or isinstance(self._named(step.shoot), Board):
                    return
                yield Change(min(give_up, self._eyes.next_change()))
                if engine.reached(give_up):
                    return
                continue
            deeds.posture(engine, actor, pose=self.aiming_pose)
            if not at.free:
                yield from self._closer(engine.world.actors[at.whose])
                continue
            yaw, pitch, _ = held_over(engine, actor, at.at)
            turned = deeds.face(engine, actor, yaw, pitch)
            yield from self._pause(max(turned, ready, weapon.ready_at))
            at = self._aim_at(step, fired)  # it may have moved, or given up, in the meantime
            if at is None or not at.free:
                continue
            side, over = self._strays(at.whose, fired)
            yaw, pitch, _ = held_over(engine, actor, at.at, side, over)
            way = foreseen(engine, actor, yaw, pitch)
            if step.check_line and not self._is_clear(way, at.whose):
                ready, held = engine.now + 0.2, min(held, engine.now)
                target, first = engine.world.actors.get(at.whose), engine.world.actors.get(way[0].what)
                own = first is not None and first.role == "trainee"
                if own and target is not None and engine.reached(held + IN_THE_LINE_S):
                    yield from self._closer(target)
                continue
            held = math.inf
            covered = self._stops_before(way, at.whose)
            if deeds.fire(engine, actor, yaw, pitch) is None and weapon.jammed:
                ready = engine.now + ability.draw("reaction_s")  # it takes a while to see what the matter is
                continue
            fired += 1
            ready = engine.now + (step.every_s or ability.draw("split_s"))
            if covered:
                yield from self._closer(engine.world.actors[at.whose])

    def _weapon_up(self) -> float:
        """Seconds until the weapon is in the hand and up, beyond the reaction itself."""
        actor, ability = self._actor, self._ability
        seconds = 0.0
        item = deeds.DRAW_ITEM.get(actor.weapons[0].kind, "handgun")
        if actor.holds != item:
            seconds += ability.draw("draw_s")
            deeds.posture(self._engine, actor, holds=item)
        if actor.pose != self.aiming_pose:
            seconds += ability.draw("raise_s")
        return seconds

    def _strays(self, at: str, fired: int) -> tuple[float, float]:
        """By how much (rad) this shooter's aim is off: to the left and up."""
        person = at in self._engine.world.actors
        spread = self._ability.spread(person=person, follow_up=fired > 0)
        luck = self._ability.luck
        return spread * float(luck.standard_normal()), spread * float(luck.standard_normal())

    def _strayed(self, yaw: float, pitch: float, at: str, used: int) -> tuple[float, float]:
        side, over = self._strays(at, used)
        return yaw + side, pitch + over

    def _pause(self, until: float) -> Process:
        if not self._engine.reached(until):
            yield Sleep(until)

    # --- at whom ------------------------------------------------------------------------------------

    def _named(self, name: str) -> Actor | Board | None:
        return self._engine.world.actors.get(name) or self._engine.world.boards.get(name)

    def _aim_at(self, step: st.Shoot, fired: int) -> _Aim | None:
        """What to aim at; None if there is nothing (any more) to shoot at."""
        engine, actor, eyes = self._engine, self._actor, self._eyes
        target: Actor | Board | None
        if step.shoot == "danger":
            target = self._nearest(
                [a for a in engine.world.actors.values() if self._sees(a) and eyes.takes_for_danger(a.name)]
            )
        elif step.shoot == "exposed":
            target = self._nearest(
                [
                    b
                    for n, b in engine.world.boards.items()
                    if n in engine.ledger.exposed and b.spec.role == "target" and may_engage(engine, actor.name, n)
                ]
            )
        elif self._named(step.shoot):
            target = self._named(step.shoot)
        else:
            names = engine.cast.select(step.shoot, actor.name)
            target = self._nearest([a for n in names if (a := engine.world.actors.get(n)) and self._sees(a)])
        if target is None:
            return None
        if isinstance(target, Board):
            shown = target.name in engine.ledger.exposed
            return _Aim(partial(self._on_board, target, step.at), target.name, True) if shown else None
        if not self._sees(target):
            return None
        spent = target.role == "threat" and not eyes.takes_for_danger(target.name)
        if step.until_stopped and spent and (fired or step.shoot == "danger"):
            return None
        zone = step.at if step.at in deeds.AIM_AT else "torso"
        return self._in_view(target, zone)

    def _in_view(self, target: Actor, wanted: str) -> _Aim:
        """The middle of the wanted hit zone, or of the first other that shows where that one is hidden."""
        now, here = self._engine.now, self._actor.eye(self._engine.now)
        for zone in (wanted, *(z for z in deeds.AIM_AT if z != wanted)):
            point = deeds.aim_point(target, now, zone)
            if any(h.kind == "person" for h in self._met(*deeds.aim_angles(here, point))):
                return _Aim(partial(deeds.aim_point, target, zone=zone), target.name, True)
        return _Aim(partial(deeds.aim_point, target, zone=wanted), target.name, False)

    def _met(self, yaw: float, pitch: float) -> list[shots.Hit]:
        """What a shot along this line would meet now."""
        engine, actor = self._engine, self._actor
        return shots.trace(engine.world, engine.now, actor.eye(engine.now), yaw, pitch, actor.name)

    def _is_clear(self, way: list[shots.Hit], wanted: str) -> bool:
        """Whether the wanted one is met first, and nobody behind whom the shooter sees and takes for no danger.

        Of who is behind a wall that the bullet may go through the shooter knows nothing, unless they see them.
        """
        met = [h.what for h in way if h.kind in ("person", "target")]
        first = next((h for h in way if h.kind in ("person", "target") or MATERIALS[h.material].shields), None)
        if first is not None and first.kind in ("person", "target") and first.what != wanted:
            return False
        behind = [actor for name in met if name != wanted and (actor := self._engine.world.actors.get(name))]
        return not any(self._sees(a) and not self._eyes.takes_for_danger(a.name) for a in behind)

    def _stops_before(self, way: list[shots.Hit], whose: str) -> bool:
        """Whether what this person stands behind would stop a shot on this way."""
        target, now = self._engine.world.actors.get(whose), self._engine.now
        if target is None or not way or any(h.kind == "person" for h in way):
            return False
        return way[-1].distance < math.dist(self._actor.eye(now), deeds.aim_point(target, now)) - BODY_M

    def _closer(self, target: Actor) -> Process:
        """Goes some steps towards somebody of whom too little shows to shoot at."""
        engine, actor = self._engine, self._actor
        self.low = False
        way = travel(engine, actor, target.track.at(engine.now).position, CLOSER_M_S)
        for wait in way:
            yield Sleep(min(wait.until, engine.now + CLOSER_S))
            break
        way.close()
        deeds.stop(engine, actor)

    def _sees(self, other: Actor) -> bool:
        return (self._actor.name, other.name) in self._engine.ledger.sees

    def _nearest(self, things: list[Actor] | list[Board]) -> Actor | Board | None:
        here = self._actor.eye(self._engine.now)

        def distance(thing: Actor | Board) -> float:
            return math.dist(here[:2], thing.track.at(self._engine.now).position[:2])

        return min(things, key=distance, default=None)

    @staticmethod
    def _on_board(board: Board, zone: str, t: float) -> Vec3:
        shape = next((z.shape for z in board.zones if z.name == zone), None)
        u, v = (0.0, 0.0) if shape is None else shape.outline().mean(axis=0)
        _, right, up = board.axes(t)
        x, y, z = board.middle(t)
        return (x + right[0] * u + up[0] * v, y + right[1] * u + up[1] * v, z + right[2] * u + up[2] * v)

    # --- strings of fire ----------------------------------------------------------------------------

    def strings(self, wait: Wait) -> Process:
        """Shoots every string of fire from here on. wait: lets some seconds pass, in which a rule may break in."""
        engine = self._engine
        for string in engine.scenario.strings:
            while engine.string != string.name:
                if engine.strings_done:
                    return
                yield Change()
            weapon = self._actor.weapon
            yield from self._string(string)
            if weapon is not None and weapon.rounds < weapon.capacity // 2:
                yield from wait(deeds.reload(engine, self._actor) - engine.now)

    def _string(self, string: FireString) -> Process:
        """Shares a string's rounds out over its showings, and in each over the targets that are taken for such."""
        engine, eyes = self._engine, self._eyes
        boards = [engine.world.boards[name] for name in string.lane(self._actor.name)]
        wanted = sum(b.spec.role == "target" or eyes.everyone for b in boards)
        if not wanted:
            return
        left = string.rounds or string.times * wanted
        for turn in range(string.times):
            while not any(b.name in engine.ledger.exposed for b in boards):
                if engine.string != string.name:
                    return
                yield Change()
            now = max(math.ceil(left / (string.times - turn)), len(boards) if eyes.everyone else 0)
            yield from self._showing(string, boards, now, f"{string.name} {turn}")
            left -= now
            while engine.string == string.name and any(b.name in engine.ledger.exposed for b in boards):
                yield Change()

    def _showing(self, string: FireString, boards: list[Board], rounds: int, showing: str) -> Process:
        """Fires the rounds of one showing, as soon as it is known at what."""
        engine, eyes = self._engine, self._eyes
        yield from self._pause(max(eyes.board_known(board, showing) for board in boards))
        while not any(eyes.takes_for_target(board, showing) for board in boards):
            if engine.string != string.name or eyes.next_change() == FOREVER:
                return
            yield Change(eyes.next_change())
        aims = [board for board in boards if eyes.takes_for_target(board, showing)]
        for index, board in enumerate(aims):
            share = rounds // len(aims) + (index < rounds % len(aims))
            if share:
                best = max(board.zones, key=lambda zone: zone.points).name
                yield from self.shoot(st.Shoot(shoot=board.name, at=best, times=share))
