"""What one role player is to their actions: a body in the world, luck of their own, and eyes for whom is meant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from numpy.random import Generator

from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim.waiting import Waits
from xrlab.sim.world import Actor

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine


@dataclass(frozen=True)
class Player:
    """One role player in one run."""

    engine: Engine
    actor: Actor
    luck: Generator

    @cached_property
    def sighting(self) -> Waits:
        """What may bring somebody into view who is looked for, or make somebody a danger."""
        return Waits(frozenset({(ev.Seen, "who", self.actor.name), (ev.PostureChanged, "", "")}))

    def meant(self, who: str) -> list[Actor]:
        """All whom a name in an action means, without oneself.

        `danger` is whoever this person has to fear: for those who are no threat the role players who are a danger now;
        for a threat, and where there is no such danger, the trainees.
        """
        engine, me = self.engine, self.actor
        if who == "danger":
            feared = [n for n in engine.cast.people if engine.ledger.danger.get(n, False) and n != me.name]
            names = tuple(feared) if feared and me.role != "threat" else engine.cast.trainees
        else:
            names = engine.cast.select("trainee" if who == "nearest_trainee" else who, me.name)
        return [engine.world.actors[n] for n in names if n in engine.world.actors and n != me.name]

    def nearest(self, who: str, *, seen: bool = False) -> Actor | None:
        """The nearest of these people; with `seen`, of the trainees only those in view."""
        engine, me = self.engine, self.actor
        here = me.track.at(engine.now).position
        others = self.meant(who)
        if seen:
            others = [o for o in others if (me.name, o.name) in engine.ledger.sees or o.role != "trainee"]
        return min(others, key=lambda o: math.dist(here, o.track.at(engine.now).position), default=None)

    def away(self, other: Actor) -> float:
        """Metres to somebody now."""
        now = self.engine.now
        return math.dist(self.actor.track.at(now).position, other.track.at(now).position)

    def turn_to(self, x: float, y: float) -> float:
        """Turns to a place (m); returns when the turn is done."""
        stance = self.actor.track.at(self.engine.now)
        return deeds.face(self.engine, self.actor, math.atan2(y - stance.y, x - stance.x))

    def on_feet(self) -> None:
        """Stands up to walk, unless one stands already; raised hands stay up."""
        if self.actor.pose not in ("standing", "hands_up"):
            deeds.posture(self.engine, self.actor, pose="standing")
