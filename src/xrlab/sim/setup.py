"""From a checked scenario and its room to an engine that is ready to start."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from xrlab.geometry.paths import Track
from xrlab.geometry.ramps import Ramp
from xrlab.geometry.transforms import quantise_place
from xrlab.room.characters import load_character
from xrlab.room.model import Room
from xrlab.scenario.library import faces
from xrlab.scenario.model import Scenario
from xrlab.scenario.person_actions import WaitFor, each
from xrlab.scenario.places import stand, starts
from xrlab.sim import events as ev
from xrlab.sim.behaviour import Mind
from xrlab.sim.deeds import DRAW_ITEM
from xrlab.sim.director import Director
from xrlab.sim.engine import Engine, LegReader, Reader
from xrlab.sim.knowledge import Knowledge
from xrlab.sim.lookouts import lookouts
from xrlab.sim.senses import Senses
from xrlab.sim.world import ITEM_WEAPON, NOWHERE_M, Actor, Board, Weapon, zones_of


class Run:
    """An engine with its director: everything of one run but the trainees' will."""

    def __init__(
        self,
        scenario: Scenario,
        room: Room,
        seed: int,
        *,
        name: str = "",
        readers: Iterable[Reader] = (),
        leg_readers: Iterable[LegReader] = (),
        exhaustive: bool = False,
        folder: Path | None = None,
    ) -> None:
        """folder: where the scenario lies, from which it names characters; None draws and hits everyone as of here."""
        self._folder = folder
        self.engine = Engine(
            scenario, room, seed, name=name, readers=readers, leg_readers=leg_readers, answers=Knowledge,
            exhaustive=exhaustive,
        )  # fmt: skip
        for team_name in scenario.teams:
            self._add_team(team_name)
        for person in scenario.people:
            self._add_person(person)
        for target in scenario.targets:
            self._add_target(target)
        self.engine.start()
        for actor in self.engine.world.actors.values():
            if actor.torch and actor.present:
                self.engine.emit(ev.TorchSwitched(t=0.0, who=actor.name, on=True))
        self.engine.world.lookouts = lookouts(scenario, self.engine.cast)
        Senses(self.engine, self.engine.zones_to_clear if _asks(scenario, "cleared(") else ())
        minds = {n: self._mind(n) for n, p in scenario.people.items() if p.appears == "at_start"}
        self.director = Director(self.engine, minds, self._mind)

    def _mind(self, name: str) -> Mind:
        return Mind(self.engine, self.engine.world.actors[name], self.engine.scenario.people[name])

    def _add_team(self, name: str) -> None:
        engine = self.engine
        team = engine.scenario.teams[name]
        places = starts(engine.world.room, team)
        for index, (who, (position, yaw)) in enumerate(zip(team.trainees, places, strict=True)):
            engine.add_actor(
                Actor(
                    who, "trainee", name, Track(position, yaw), outfit=team.outfit, variant=index, pose="low_ready",
                    holds=DRAW_ITEM.get(team.carries[0], "handgun"),
                    weapons=[Weapon.of(kind, team.loads.get(kind), team.malfunctions) for kind in team.carries],
                )
            )  # fmt: skip

    def _add_person(self, name: str) -> None:
        engine = self.engine
        spec = engine.scenario.people[name]
        position, yaw = stand(engine.world.room, spec.at)
        if spec.yaw_deg is not None:
            yaw = math.radians(spec.yaw_deg)
        if spec.appears == "later":
            position = (position[0], position[1], position[2] - NOWHERE_M)
        kind = ITEM_WEAPON.get(spec.holds)
        engine.add_actor(
            Actor(
                name, spec.role, "", Track(position, yaw), outfit=spec.outfit, variant=spec.variant, pose=spec.pose,
                character=load_character(self._folder / spec.character) if spec.character and self._folder else None,
                holds=spec.holds, weapons=[Weapon.of(kind)] if kind else [], carries=list(spec.carries),
                torch=spec.holds == "torch" if spec.torch is None else spec.torch,
                view_deg=spec.view_deg, sees_m=spec.sees_m, hears=spec.hears,
                present=spec.appears == "at_start",
            )
        )  # fmt: skip

    def _add_target(self, name: str) -> None:
        engine = self.engine
        spec = engine.scenario.targets[name]
        face = engine.scenario.faces.get(spec.face) or faces()[spec.face]
        way = [
            quantise_place((x, y, z + spec.height_m))
            for (x, y, z), _ in (
                stand(engine.world.room, p) for p in (spec.at, *(spec.rail.places if spec.rail else ()))
            )
        ]
        shown = Ramp(0.0 if spec.motion in ("turning", "popping") else 1.0)
        track = Track(way[0], math.radians(spec.yaw_deg))
        engine.add_board(Board(name, spec, face, track, shown, zones_of(face), tuple(way) if spec.rail else ()))


def _asks(scenario: Scenario, call: str) -> bool:
    """Whether any condition or criterion of the scenario makes this call; what nobody asks need not be reckoned."""
    texts = [c.value for c in scenario.scoring.criteria.values()] + [c.when for c in scenario.scoring.caps]
    texts += [scenario.ends_when or ""]
    texts += [t.when or "" for p in scenario.people.values() for t in p.transitions]
    texts += [
        step.when
        for p in scenario.people.values()
        for state in p.states.values()
        for step, _ in each(state.do)
        if isinstance(step, WaitFor)
    ]
    texts += [e.when or "" for e in scenario.events.values()]
    return any(call in text for text in texts)
