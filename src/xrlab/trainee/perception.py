"""What a trainee takes others for: a phone for a weapon, a weapon for nothing, or each for what it is.

Decided once for each person and each thing in their hand, from a random stream of that name, so that another person
in the scenario changes nobody's luck. A mistake lasts for a while and is then seen through.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xrlab.geometry.transforms import Vec3
from xrlab.scenario.model import WEAPONS_IN_HAND
from xrlab.sim import events as ev
from xrlab.sim.engine import FOREVER, Engine
from xrlab.sim.light import Light
from xrlab.sim.waiting import Waits
from xrlab.sim.world import Actor, Board, World
from xrlab.trainee.skill import Ability

TAKEN_FOR_WEAPONS = ("phone", "wallet", "torch")
_WEAPONS = {*WEAPONS_IN_HAND, "pistol", "carbine", "rifle"}
NEAR_M = 7.0
"""Up to this distance the skill models' chances of a mistake hold as they are."""

PER_METRE = 0.05
"""Beyond it the odds of a mistake grow by this share with each metre (estimate)."""

DARK_ODDS = 4.0
"""In the dark the odds of a mistake are so many times those in good light (estimate)."""

BRIGHT_LUX, DARK_LUX = 30.0, 0.3
"""From here on light is good; below this it is dark: about a street lamp's and a full moon's (estimate)."""


class _Belief(NamedTuple):
    """known: when it is known what a person holds. mistaken: whether wrongly. until: when that is seen through."""

    known: float
    mistaken: bool
    until: float


class Perception:
    """What one trainee takes the people in view for.

    everyone: takes all who stand for a danger, whatever they hold: a trainee who shoots at everybody.
    """

    def __init__(self, engine: Engine, actor: Actor, ability: Ability, lamps: Lamps, *, everyone: bool = False) -> None:
        self._engine, self._actor, self._ability, self._lamps = engine, actor, ability, lamps
        self.everyone = everyone
        self._beliefs: dict[tuple[str, str], _Belief] = {}

    @property
    def waits(self) -> Waits:
        """What changes whom the trainee takes for a danger, or gives them something to make out."""
        kinds = (ev.PostureChanged, ev.StateChanged)
        return Waits(
            frozenset({(ev.Seen, "who", self._actor.name), (ev.Lost, "who", self._actor.name)})
            | {(kind, "", "") for kind in kinds}
        )

    def sees_danger(self) -> bool:
        """Whether somebody in view is taken for a danger now."""
        return any(self.takes_for_danger(name) for name in self._engine.ledger.in_view[self._actor.name])

    def look(self) -> None:
        """Begins to make out what the people in view hold; to be called whenever something has changed."""
        if self._ability.perceives:
            for name in sorted(self._engine.ledger.in_view[self._actor.name]):
                self._belief(self._engine.world.actors[name])

    def takes_for_danger(self, name: str) -> bool:
        """Whether this person, if in view, is taken for a danger now."""
        engine = self._engine
        danger = engine.ledger.danger.get(name, False)
        if self.everyone:
            person = engine.world.actors[name]
            return person.state != "down" and person.pose != "lying"
        if not self._ability.perceives:
            return danger
        person = engine.world.actors[name]
        belief = self._belief(person)
        if not engine.reached(belief.known):
            return False
        wrong = belief.mistaken and not engine.reached(belief.until)
        if danger:
            return not wrong
        harmless = person.holds in TAKEN_FOR_WEAPONS and person.pose not in ("hands_up", "kneeling", "lying")
        return wrong and harmless and person.state != "down"

    def board_known(self, board: Board, showing: str) -> float:
        """When it is known whether a target may be shot at; at once where nothing on it must be made out.

        showing: names this turning of the target to the shooters: each time they look anew.
        """
        return self._board_belief(board, showing).known

    def takes_for_target(self, board: Board, showing: str) -> bool:
        """Whether a target is taken for one to be shot at now: for one that may be, but for mistakes.

        Mistakes are made about figures that hold something: whose face has a scoring zone with the name of a thing.
        """
        if self.everyone:
            return True
        belief = self._board_belief(board, showing)
        wrong = belief.mistaken and not self._engine.reached(belief.until)
        return (board.spec.role == "target") is not wrong

    def next_change(self) -> float:
        """When a belief about somebody changes by itself; never is `FOREVER`."""
        now = self._engine.now
        times = [t for b in self._beliefs.values() for t in (b.known, b.until) if t > now]
        return min(times, default=FOREVER)

    def _belief(self, person: Actor) -> _Belief:
        key = (person.name, person.holds)
        found = self._beliefs.get(key)
        if found is None:
            found = self._beliefs[key] = self._form(person)
        return found

    def _form(self, person: Actor) -> _Belief:
        engine, ability = self._engine, self._ability
        luck = engine.luck(f"trainee:{self._actor.name}:sees:{person.name}:{person.holds}")
        known = engine.now + ability.draw("recognise_s", luck)
        mark, lasts = float(luck.random()), ability.draw("correct_s", luck)
        chance = ability.mean("misses" if engine.ledger.danger.get(person.name, False) else "mistakes")
        mistaken = self._errs(mark, chance, person.eye(engine.now))
        return _Belief(round(known, 6), mistaken, round(known + lasts, 6))

    def _errs(self, mark: float, chance: float, there: Vec3) -> bool:
        """Whether a mark of luck 0..1 means a mistake about something at a place, by its distance and the light there.

        The light is looked at only where it decides: in the dark one errs most often, in good light least.
        """
        distance = math.dist(self._actor.eye(self._engine.now), there)
        if mark >= with_odds(chance, odds_factor(distance, 0.0)):
            return False
        if mark < with_odds(chance, odds_factor(distance, 1.0)):
            return True
        return mark < with_odds(chance, odds_factor(distance, self._lamps.at(there, self._engine.now)))

    def _board_belief(self, board: Board, showing: str) -> _Belief:
        key = (board.name, showing)
        if key not in self._beliefs:
            engine, ability = self._engine, self._ability
            things = {zone.name for zone in board.zones}
            armed, harmless = bool(things & _WEAPONS), bool(things & set(TAKEN_FOR_WEAPONS))
            if not ability.perceives or not (armed or harmless):
                return _Belief(engine.now, False, engine.now)
            luck = engine.luck(f"trainee:{self._actor.name}:sees:{board.name}:{showing}")
            known = engine.now + ability.draw("recognise_s", luck)
            mark, lasts = float(luck.random()), ability.draw("correct_s", luck)
            mistaken = self._errs(mark, ability.mean("misses" if armed else "mistakes"), board.middle(engine.now))
            self._beliefs[key] = _Belief(round(known, 6), mistaken, round(known + lasts, 6))
        return self._beliefs[key]


def with_odds(chance: float, factor: float) -> float:
    """A chance whose odds are multiplied; 0 and 1 stay what they are."""
    return chance if chance in (0.0, 1.0) else chance * factor / (1.0 - chance + chance * factor)


def odds_factor(distance: float, light: float) -> float:
    """How many times the odds of a mistake are those near by (distance in m) in good light (1; 0 is dark)."""
    far = math.exp(PER_METRE * max(0.0, distance - NEAR_M))
    return far * math.pow(DARK_ODDS, 1.0 - light)


class Lamps:
    """How well places of one run are lit, as a share of good light."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._light = Light(world)

    def at(self, place: Vec3, t: float) -> float:
        """1 in good light, 0 in the dark, evenly on a scale of how many times brighter; torches count as well.

        In a room without any lamps light is good.
        """
        world, light = self._world, self._light
        if not world.room.lights:
            return 1.0
        point, doors = np.array([place]), world.leaf_ways([t])
        lux = float(light.lux(point, light.levels([t]), doors, np.zeros(1, np.int64))[0])
        for actor in world.actors.values():
            if actor.torch or actor.holds == "torch":
                yaw = actor.track.at(t).yaw
                look = np.array([math.cos(yaw), math.sin(yaw)])
                lux += float(light.beam(np.array(actor.eye(t)), look, point, doors)[0])
        share = math.log(max(lux, 1e-6) / DARK_LUX) / math.log(BRIGHT_LUX / DARK_LUX)
        return round(min(1.0, max(0.0, share)), 3)
