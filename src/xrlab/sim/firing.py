"""Firing, and the bullet on its way: what it meets is met where it is when the bullet arrives.

When a round is fired, its way is followed through the world as it is planned, to the first thing that it will meet.
At that instant it is followed again, and if that thing is still there, it is struck then; so on to the last. After
every instant in which something happens while a bullet is in the air, its way is followed anew: somebody who steps into
it in time is met, and somebody who steps out of it is not. A beam, as of a training laser, is there at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from xrlab.geometry.rays import box_interval
from xrlab.geometry.transforms import Vec3, direction, quantise_angle, quantise_place, quantise_time, wrap_angle
from xrlab.sim import events as ev
from xrlab.sim import flight as fl
from xrlab.sim import hearing, shots, targets
from xrlab.sim.world import ITEM_WEAPON, Actor, Weapon

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

OPEN_POINTS = 16
"""At so many points of a line it is asked whether the sky is above; the wind blows if it is at more than half."""

_SKY_M = 200.0


def fire(
    engine: Engine, actor: Actor, yaw: float, pitch: float, origin: Vec3 | None = None, *, strays: bool = True
) -> int | None:
    """Fires the weapon in hand along `yaw` and `pitch`, the line of the sights, from the eye or from `origin`.

    strays: False for a shot whose scatter is all in its line already, so that the weapon adds none of its own.
    Returns the shot's number, or None if nothing was fired: no weapon in hand, not ready, empty, or a malfunction; nor
    is anything fired while a run only waits for the last bullets to land.
    """
    weapon = actor.weapon
    if weapon is None or weapon.less_lethal or engine.is_closing or not engine.reached(weapon.ready_at):
        return None
    if weapon.jammed:
        return None
    if weapon.rounds <= 0:
        engine.emit(ev.EmptyTrigger(t=engine.now, who=actor.name, weapon=weapon.kind))
        return None
    if _fails(engine, actor, weapon):
        weapon.jammed, weapon.fails_next = True, False
        engine.emit(ev.Malfunction(t=engine.now, who=actor.name, weapon=weapon.kind))
        return None
    weapon.rounds -= 1
    weapon.ready_at = engine.now + weapon.interval_s
    engine.shots_fired += 1
    number = engine.shots_fired
    start = quantise_place(origin or actor.eye(engine.now))
    yaw, pitch = quantise_angle(wrap_angle(yaw)), quantise_angle(pitch)
    right, up = _strayed(engine, actor, weapon) if strays else (0.0, 0.0)
    engine.emit(
        ev.ShotFired(
            t=engine.now, shot=number, shooter=actor.name, weapon=weapon.kind, origin=start, yaw=yaw, pitch=pitch,
            string=engine.string, load=weapon.load, strayed_right=right, strayed_up=up,
        )
    )  # fmt: skip
    engine.witness.tell(engine.emit, engine.now, actor, shot=number, line=(start, yaw, pitch))
    hearing.sound(engine, "shot", start, actor.name)
    yaw, pitch = yaw - right / max(math.cos(pitch), 1e-3), pitch + up
    _Bullet(engine, number, actor.name, (start, yaw, pitch), flight_of(engine, weapon, start, yaw, pitch)).leave()
    return number


def clear(engine: Engine, actor: Actor) -> float:
    """Begins to clear the weapon in hand of a malfunction; returns when it is ready. The round that failed is lost."""
    weapon = actor.weapon
    if weapon is None or not weapon.jammed or not engine.reached(weapon.ready_at):
        return engine.now if weapon is None else weapon.ready_at
    done = weapon.ready_at = quantise_time(engine.now + weapon.clear_s)

    def cleared() -> None:
        weapon.jammed = False
        weapon.rounds -= 1
        engine.emit(ev.MalfunctionCleared(t=engine.now, who=actor.name, weapon=weapon.kind))

    engine.at(done, cleared)
    return done


def reload(engine: Engine, actor: Actor) -> float:
    """Begins to reload the weapon in hand, or to clear it of a malfunction; returns when it is ready."""
    weapon = actor.weapon
    if weapon is None or weapon.reload_s == 0.0:
        return engine.now
    if weapon.ready_at > engine.now + weapon.interval_s:
        return weapon.ready_at
    if weapon.jammed:
        return clear(engine, actor)
    done = quantise_time(engine.now + weapon.reload_s)
    weapon.ready_at = done

    def ready() -> None:
        weapon.rounds = weapon.capacity
        engine.emit(ev.Reloaded(t=engine.now, who=actor.name, weapon=weapon.kind))

    engine.at(done, ready)
    return done


def prepare(engine: Engine) -> None:
    """Reckons the flights of all weapons that anybody has, so that no shot before people's eyes has to wait for it."""
    for actor in engine.world.actors.values():
        for weapon in (*actor.weapons, *(Weapon.of(ITEM_WEAPON[i]) for i in actor.carries if i in ITEM_WEAPON)):
            flight_of(engine, weapon, actor.eye(engine.now), 0.0, 0.0)


def held_over(
    engine: Engine, actor: Actor, at: Callable[[float], Vec3], yaw: float = 0.0, pitch: float = 0.0
) -> tuple[float, float, Vec3]:
    """Where to point the sights so that the bullet meets something: yaw and pitch (rad), and where it is met.

    at: where that something is at an instant. yaw, pitch: added to the straight line there, as a shooter's scatter. The
    sights are held over by what the bullet falls and under by what it rises, into the wind, and ahead of what moves.
    """
    eye, weapon = actor.eye(engine.now), actor.weapon
    goal = at(engine.now)
    line = _line(eye, goal)
    bullet = None if weapon is None else flight_of(engine, weapon, eye, *line)
    if bullet is None:
        return line[0] + yaw, line[1] + pitch, goal
    for _ in range(2):  # what moves is somewhere else when the bullet has flown there
        goal = at(engine.now + bullet.time(math.dist(eye, goal)))
    line = _line(eye, goal)
    distance = math.dist(eye, goal)
    right, up = bullet.offset(distance)
    across = max(math.cos(line[1]), 1e-3) * distance
    return line[0] + yaw + math.atan2(right, across), line[1] + pitch - math.atan2(up, distance), goal


def foreseen(engine: Engine, actor: Actor, yaw: float, pitch: float) -> list[shots.Hit]:
    """What a shot now, with the sights on this line, would meet if all goes on as planned and the weapon strays not."""
    eye, weapon = actor.eye(engine.now), actor.weapon
    bullet = None if weapon is None else flight_of(engine, weapon, eye, yaw, pitch)
    return shots.trace(engine.world, engine.now, eye, yaw, pitch, actor.name, bullet)


def _line(origin: Vec3, goal: Vec3) -> tuple[float, float]:
    dx, dy, dz = (b - a for a, b in zip(origin, goal, strict=True))
    return math.atan2(dy, dx), math.atan2(dz, math.hypot(dx, dy))


def flight_of(engine: Engine, weapon: Weapon, origin: Vec3, yaw: float, pitch: float) -> fl.Flight | None:
    """How a round of this weapon flies along this line in the scenario's weather; None for a beam."""
    if weapon.load is None:
        return None
    wind = engine.scenario.weather.wind
    blows = wind is not None and wind.speed_mps > 0.0 and _in_the_open(engine, origin, yaw, pitch)
    return fl.flight(
        fl.load_of(weapon.load), weapon.barrel, _air(engine, blows), pitch=pitch,
        wind_from=0.0 if wind is None else yaw + math.pi - wind.yaw, reach=math.dist(*engine.world.box),
    )  # fmt: skip


def _air(engine: Engine, blows: bool) -> fl.Air:
    weather = engine.scenario.weather
    wind = weather.wind.speed_mps if blows and weather.wind is not None else 0.0
    return fl.Air(weather.temperature_c, weather.pressure_hpa, weather.humidity, wind)


def _in_the_open(engine: Engine, origin: Vec3, yaw: float, pitch: float) -> bool:
    """Whether most of a line, up to what it meets first, lies under the open sky."""
    room, ray = engine.world.room, direction(yaw, pitch)
    end, triangle = room.solid.closest(origin, ray)
    far = end if triangle >= 0 else math.dist(*engine.world.box)
    points = np.array(origin) + np.outer((np.arange(OPEN_POINTS) + 0.5) / OPEN_POINTS * far, ray)
    covered = room.opaque.blocked_many(points, points + (0.0, 0.0, _SKY_M))
    return int(covered.sum()) * 2 < OPEN_POINTS


def _fails(engine: Engine, actor: Actor, weapon: Weapon) -> bool:
    if (
        weapon.malfunctions > 0.0
        and float(engine.lasting_luck(f"malfunctions:{actor.name}").random()) < weapon.malfunctions
    ):
        return True
    return weapon.fails_next


def _strayed(engine: Engine, actor: Actor, weapon: Weapon) -> tuple[float, float]:
    """How far (rad) the weapon strays with this shot, to the right and up."""
    if weapon.dispersion_mrad == 0.0:
        return 0.0, 0.0
    right, up = engine.lasting_luck(f"weapon:{actor.name}").standard_normal(2).tolist()
    return quantise_angle(right * weapon.dispersion_mrad / 1000), quantise_angle(up * weapon.dispersion_mrad / 1000)


class _Bullet:
    """One shot on its way."""

    def __init__(
        self, engine: Engine, number: int, shooter: str, line: tuple[Vec3, float, float], flight: fl.Flight | None
    ) -> None:
        self._engine, self._number, self._shooter, self._flight = engine, number, shooter, flight
        self._line = line
        self._fired = engine.now
        self._met: list[shots.Hit] = []
        self._ahead: list[shots.Hit] = []
        self._due = -1.0
        self._seen = (-1, -1)

    def leave(self) -> None:
        """Sets out: a beam strikes at once, a bullet is in the air from now on."""
        self._ahead = self._way()
        if self._flight is None:
            for hit in self._ahead:
                self._strike(hit)
            return
        self._engine.airborne[self._number] = self.follow
        self._wait()

    def follow(self) -> None:
        """Looks anew what lies ahead: plans may have changed."""
        if self._seen == self._versions:
            return
        way, met = self._way(), len(self._met)
        # who was hit may have fallen since, and does not stand in the way any more: then what was foreseen stays
        if [(h.kind, h.what, h.after) for h in way[:met]] == [(h.kind, h.what, h.after) for h in self._met]:
            self._ahead = way[met:]
            self._wait()

    def _way(self) -> list[shots.Hit]:
        origin, yaw, pitch = self._line
        self._seen = self._versions
        return shots.trace(self._engine.world, self._fired, origin, yaw, pitch, self._shooter, self._flight)

    @property
    def _versions(self) -> tuple[int, int]:
        """Of the world's plans as they are now."""
        return self._engine.world.version, self._engine.world.targets_version

    def _wait(self) -> None:
        """Has the engine come back when the next thing is met, or when the bullet is gone."""
        due = max(self._time(self._ahead[0].after if self._ahead else self._gone_after()), self._engine.now)
        if due != self._due:
            self._due = due
            self._engine.at(due, lambda: self._arrive(due))

    def _arrive(self, due: float) -> None:
        engine = self._engine
        if due != self._due or self._number not in engine.airborne:
            return
        self.follow()
        if due != self._due:
            return
        while self._ahead and self._time(self._ahead[0].after) <= engine.now:
            hit = self._ahead.pop(0)
            self._met.append(hit)
            self._strike(hit)
        if self._ahead:
            self._wait()
        else:
            engine.landed(self._number)

    def _time(self, after: float) -> float:
        return quantise_time(self._fired + after)

    def _gone_after(self) -> float:
        """Seconds until the bullet has left everything behind, if it meets nothing more."""
        assert self._flight is not None
        origin, yaw, pitch = self._line
        low, high = self._engine.world.box
        inside = box_interval(origin, direction(yaw, pitch), low, high)
        return self._flight.time(inside[1] if inside else 0.0)

    def _strike(self, hit: shots.Hit) -> None:
        engine = self._engine
        engine.emit(
            ev.Struck(
                t=engine.now, shot=self._number, shooter=self._shooter, kind=hit.kind, what=hit.what,
                material=hit.material, entry=hit.entry, exit=hit.exit, distance=hit.distance, zone=hit.zone,
                local=hit.local, thickness=hit.thickness, energy=hit.energy, left=hit.left, speed=hit.speed,
                ricochet=hit.ricochet,
            )
        )  # fmt: skip
        if hit.kind == "target" and hit.zone:
            targets.struck(engine, engine.world.boards[hit.what], hit.zone)
