"""A scenario laid over its room's floor: who starts in a wall, who can't get where they should, what nobody ever sees.

All that a survey says is found on the floor that can be walked, with doors open that somebody may open. What moves,
or is where no floor is known, is given the benefit of the doubt.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from xrlab.document import Document, Loc
from xrlab.errors import Problem
from xrlab.geometry import body
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room import Room
from xrlab.room.floor.outlook import Outlook
from xrlab.scenario.actions import Appear, Place
from xrlab.scenario.conditions import ExpressionError, parse
from xrlab.scenario.facts import Beforehand, Whereabouts
from xrlab.scenario.library import faces
from xrlab.scenario.logic import calls
from xrlab.scenario.model import RolePlayer, Scenario, Target
from xrlab.scenario.person_actions import Action, each
from xrlab.scenario.places import stand, starts
from xrlab.scenario.states import BUILT_IN

APART_M = 0.4
"""Bodies whose middles are nearer than this are in each other."""

FREE_M = 0.08
"""Who stands nearer than this to a wall or a piece of furniture stands in it."""

LEAST_FLOOR_M2 = 1.0
"""A room with less floor is not meant to be walked in; nothing is said about places in it."""

SEARCHED_SHARE = 0.95
"""A zone is searched when this share of its floor has been seen; as the simulation has it."""

SEARCH_GRID_M, SEARCH_HEIGHT_M = 0.5, 0.3

STILL = frozenset((
    "look_at", "turn_deg", "aim_at", "fire_at", "draw", "hold", "say", "torch", "wait_s", "when", "drop", "raise_hands",
    "kneel", "crouch", "sit", "stand", "lie_down", "fall", "hide_hands", "repeat",
))  # fmt: skip
"""What one does without leaving the place; whoever does anything else may come anywhere that a way leads to.

What is repeated is looked at by itself."""

GOES = ("walk_to", "run_to", "patrol", "gather", "open", "close", "go")
"""Actions that lead to a place, or to several."""

ON_THINGS = ("sitting", "lying")
"""Who is in one of these poses may be on a piece of furniture."""


class Survey:
    """What a scenario's places are like, in its room. Names that the room doesn't have are left out."""

    def __init__(self, document: Document, scenario: Scenario, room: Room) -> None:
        self.document, self.scenario, self.room = document, scenario, room
        self.shut = Beforehand(scenario, room).shut_doors()
        self._trainees: dict[str, tuple[Vec3, Loc]] = {}
        for name, team in scenario.teams.items():
            if not _known(room, team.start):
                continue
            listed = isinstance(team.start, list)
            if listed and len(team.start) != len(team.trainees):
                continue
            for index, (who, (spot, _)) in enumerate(zip(team.trainees, starts(room, team), strict=True)):
                loc: Loc = ("teams", name, "start")
                self._trainees[who] = spot, (*loc, index) if listed else loc
        self._people: dict[str, tuple[Vec3, float]] = {}
        for name, person in scenario.people.items():
            if _known(room, person.at):
                spot, yaw = stand(room, person.at)
                self._people[name] = spot, yaw if person.yaw_deg is None else math.radians(person.yaw_deg)

        later = [name for name, person in scenario.people.items() if person.appears == "later"]
        self._appear: dict[str, list[Place | None]] = {name: [] for name in later}
        steps = [step for event in scenario.events.values() for step in event.do]
        for step in (*steps, *(step for inject in scenario.injects.values() for step in inject.do)):
            for name in step.appear if isinstance(step, Appear) else ():
                self._appear.get(name, []).append(step.at if isinstance(step, Appear) else None)

    def _comes_elsewhere(self, name: str) -> bool:
        """Whether a role player who appears later does so in another place than the one told for them."""
        return any(place is not None for place in self._appear.get(name, ()))

    @cached_property
    def has_floor(self) -> bool:
        """Whether the room has floor enough to say anything."""
        return self.room.walkable.area >= LEAST_FLOOR_M2

    @cached_property
    def outlook(self) -> Outlook:
        """What can be reached and seen while the doors stay shut that nobody here opens."""
        return self.room.outlook(self.shut)

    @cached_property
    def grounds(self) -> frozenset[int]:
        """The pieces of floor that trainees come to."""
        found = (self.outlook.region(spot) for spot, _ in self._trainees.values())
        return frozenset(region for region in found if region is not None)

    # --- what others want to know ---------------------------------------------------------------------

    @cached_property
    def where(self) -> Whereabouts:
        """Which zones each may ever be in, and who can never be seen by a trainee."""
        if not self.has_floor:
            return Whereabouts()
        zones: dict[str, frozenset[str]] = {}
        for who, (spot, _) in self._trainees.items():
            zones[who] = self._zones(spot, moves=True)
        for name, (spot, _) in self._people.items():
            if not self._comes_elsewhere(name):
                zones[name] = self._zones(spot, moves=_moves(self.scenario.people[name]))
        hidden = {n for n in self._people if not self._comes_elsewhere(n) and not self._can_be_seen(n)}
        complete = len(self._trainees) == len(self.scenario.trainees)
        return Whereabouts(zones, frozenset(hidden) if complete else frozenset())

    def _zones(self, spot: Vec3, *, moves: bool) -> frozenset[str]:
        found = self.outlook.zones_at(spot, self.room.zones.values())
        region = self.outlook.region(spot)
        if region is None:
            return frozenset(self.room.zones)
        if moves:
            found |= {n for n, zone in self.room.zones.items() if region in self.outlook.regions_in(zone)}
        return found

    def _can_be_seen(self, name: str) -> bool:
        """Whether a trainee may ever see a role player; who walks about is taken to be seen if a way leads there."""
        spot, yaw = self._people[name]
        if not self.grounds or self.outlook.sees(self.grounds, _sight_points(self.scenario.people[name], spot, yaw)):
            return True
        person = self.scenario.people[name]
        if not _moves(person):
            return False
        region = self.outlook.region(spot)
        return region is None or region in self.grounds or self._seen_on_the_way(person)

    def _seen_on_the_way(self, person: RolePlayer) -> bool:
        for _, place in _goals(person):
            if not _known(self.room, place):
                return True
            goal = stand(self.room, place)[0]
            if self.outlook.sees(self.grounds, np.array(goal) + np.array([(0, 0, h) for h in (0.9, 1.3, 1.7)])):
                return True
        return any(_key(step) not in (*STILL, *GOES) for step, _ in _steps(person))

    # --- what is wrong --------------------------------------------------------------------------------

    def problems(self, states: Mapping[str, Collection[str]]) -> Iterator[Problem]:
        """All that is wrong with places, sights and ways. states: those that each role player ever comes into."""
        if not self.has_floor:
            if self.scenario.people or self.scenario.teams:
                yield self._warn(("room",), "the room has no floor to stand on; where people stand can't be checked")
            return
        yield from self._starts()
        yield from self._overlaps()
        yield from self._ways(states)
        yield from self._unseen()
        yield from self._unseen_targets()
        yield from self._unsearched()

    def _warn(self, loc: Loc, what: str) -> Problem:
        return self.document.problem(loc, what, warning=True)

    def _shut_words(self) -> str:
        """The end of a sentence for what shut doors may be to blame for; "" where no door stays shut."""
        doors = " or ".join(f"'{door}'" for door in sorted(self.shut))
        return f"; nobody may open {doors}, and no event or inject does" if doors else ""

    def _starts(self) -> Iterator[Problem]:
        for who, (spot, loc) in self._trainees.items():
            wrong = self._stands_in(spot, "standing")
            if wrong:
                yield self.document.problem(loc, f"'{who}' starts {wrong}")
        for name, (spot, _) in self._people.items():
            wrong = None if self._comes_elsewhere(name) else self._stands_in(spot, self.scenario.people[name].pose)
            if wrong:
                yield self.document.problem(("people", name, "at"), f"'{name}' starts {wrong}")

    def _stands_in(self, spot: Vec3, pose: str) -> str | None:
        """What is wrong with a place to start at, and where there is a better one; None if all is well."""
        walkable = self.room.walkable
        clear = walkable.clearance(*spot)
        if clear >= FREE_M or (pose in ON_THINGS and self.outlook.region(spot) is not None):
            return None
        where = f"at [{spot[0]:.2f}, {spot[1]:.2f}]"
        node = walkable.node_at(spot)
        if node is None:
            return f"{where} in a wall or where there is no floor; nobody can stand within a metre of it"
        x, y, _ = walkable.nodes[node]
        return f"{where} in a wall or a piece of furniture; there is free floor at [{x:.2f}, {y:.2f}]"

    def _overlaps(self) -> Iterator[Problem]:
        """Who stands in somebody who comes earlier in the file; a target that is always there counts as well."""
        named: list[tuple[str, Vec3, Loc]] = [(who, spot, loc) for who, (spot, loc) in self._trainees.items()]
        named += [
            (name, spot, ("people", name, "at")) for name, (spot, _) in self._people.items() if name not in self._appear
        ]
        if len(named) > 1:
            at = np.array([spot for _, spot, _ in named])
            for index in range(1, len(named)):
                flat = np.hypot(at[:index, 0] - at[index, 0], at[:index, 1] - at[index, 1])
                flat = np.where(np.abs(at[:index, 2] - at[index, 2]) < 1.0, flat, np.inf)
                nearest = int(np.argmin(flat))
                if flat[nearest] < APART_M:
                    who, other, loc = named[index][0], named[nearest][0], named[index][2]
                    yield self._warn(
                        loc, f"'{who}' starts {flat[nearest]:.2f} m from '{other}', so that one body is in the other; "
                        f"{APART_M:g} m or more apart"
                    )  # fmt: skip
        boards = [(n, *self._board(t)[:1]) for n, t in self.scenario.targets.items() if t.motion == "fixed"
                  and t.rail is None and _known(self.room, t.at)]  # fmt: skip
        for index, (name, middle) in enumerate(boards):
            twin = next((n for n, m in boards[:index] if math.dist(m, middle) < 0.05), None)
            if twin:
                yield self._warn(("targets", name, "at"), f"'{name}' hangs in the same place as '{twin}'")

    def _ways(self, states: Mapping[str, Collection[str]]) -> Iterator[Problem]:
        for name, (spot, _) in self._people.items():
            for loc, place in _goals(self.scenario.people[name]) if not self._comes_elsewhere(name) else ():
                if loc[1] in states.get(name, ()):
                    yield from self._way(self.document, ("people", name, *loc), name, spot, place)

    def way_of_trainee(self, document: Document, loc: Loc, who: str, place: Place) -> Iterator[Problem]:
        """What is wrong with the way of a trainee, from where they start, to a place that a script names."""
        if who in self._trainees and self.has_floor:
            yield from self._way(document, loc, who, self._trainees[who][0], place)

    def _way(self, document: Document, loc: Loc, who: str, spot: Vec3, place: Place) -> Iterator[Problem]:
        here = self.outlook.region(spot)
        if here is None or not _known(self.room, place):
            return
        goal = stand(self.room, place)[0]
        there = self.outlook.region(goal)
        if there == here:
            return
        shown = f"'{place}'" if isinstance(place, str) else f"[{place[0]:g}, {place[1]:g}]"
        if there is None:
            what = f"nobody can stand at {shown}, nor within a metre of it; choose a free place"
        elif self.shut and self.room.outlook().region(goal) == self.room.outlook().region(spot):
            what = f"no way leads '{who}' to {shown}{self._shut_words()}"
        else:
            what = f"no way leads '{who}' from the start to {shown}; a door, an opening or stairs are missing"
        yield document.problem(loc, what, warning=True)

    def _unseen(self) -> Iterator[Problem]:
        for name, places in self._appear.items():
            if not places:
                what = f"'{name}' appears later, and no event or inject lets them appear"
                yield self._warn(("people", name, "appears"), what)
        hidden = self.where.hidden
        for name in self._people:
            if name in hidden and self._stands_in(self._people[name][0], self.scenario.people[name].pose) is None:
                what = f"no trainee can ever see '{name}': there is no line of sight to here from where trainees can go"
                yield self._warn(("people", name, "at"), what + self._shut_words())
        threats = [n for n in self._people if self.scenario.people[n].role == "threat" and n not in hidden]
        if len(self.grounds) > 1 and threats:
            for who, (spot, loc) in self._trainees.items():
                region = self.outlook.region(spot)
                if region is not None and not any(self._meets(region, name) for name in threats):
                    yield self._warn(loc, f"'{who}' can come to no threat from here, nor see one")

    def _meets(self, region: int, name: str) -> bool:
        spot, yaw = self._people[name]
        person = self.scenario.people[name]
        return (
            _moves(person)
            or self.outlook.region(spot) == region
            or self.outlook.sees(frozenset((region,)), _sight_points(person, spot, yaw))
        )

    def _unseen_targets(self) -> Iterator[Problem]:
        for name, target in self.scenario.targets.items():
            rail = target.rail.places if target.rail else ()
            if not self.grounds or not _known(self.room, [target.at, *rail]):
                continue
            middle, points, facing = self._board(target)
            if any(self.outlook.sees(self.grounds, self._board(target, at)[1], facing) for at in (target.at, *rail)):
                continue
            what = f"no trainee can ever see the face of '{name}'"
            if self.outlook.sees(self.grounds, points, (-facing[0], -facing[1], 0.0)):
                turned = (target.yaw_deg + 180) % 360
                yield self._warn(("targets", name), f"{what}: it looks away from them; yaw_deg: {turned:g} turns it")
            elif middle[2] > self.room.bounds[1][2]:
                yield self._warn(("targets", name), f"{what}: it hangs above the room")
            else:
                yield self._warn(("targets", name), f"{what}: it hangs in a wall or behind one")

    def _board(self, target: Target, at: Place | None = None) -> tuple[Vec3, Array, Vec3]:
        """Middle of a target's face, points on it a little before it, and where it looks; at another place if given."""
        (x, y, z), _ = stand(self.room, target.at if at is None else at)
        yaw = math.radians(target.yaw_deg)
        out, right = np.array([math.cos(yaw), math.sin(yaw), 0.0]), np.array([-math.sin(yaw), math.cos(yaw), 0.0])
        middle = np.array([x, y, z + target.height_m])
        face = self.scenario.faces.get(target.face) or faces().get(target.face)
        wide, high = (face.width_mm / 2000, face.height_mm / 2000) if face else (0.2, 0.2)
        ways = [(0, 0), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7)]
        points = np.array([middle + out * 0.02 + right * u * wide + (0, 0, v * high) for u, v in ways])
        return (float(x), float(y), float(middle[2])), points, (float(out[0]), float(out[1]), 0.0)

    def _unsearched(self) -> Iterator[Problem]:
        """Zones that must be searched and can't be."""
        zones = self.scenario.clear if self.scenario.clear is not None else list(self.room.zones)
        if not self.grounds or not _asks_cleared(self.scenario):
            return
        for index, name in enumerate(zones):
            if name not in self.room.zones:
                continue
            points = self.room.floor_points(name, SEARCH_GRID_M) + (0.0, 0.0, SEARCH_HEIGHT_M)
            share = self.outlook.share_seen(self.grounds, points)
            if share < SEARCHED_SHARE:
                loc: Loc = ("clear", index) if self.scenario.clear is not None else ("scoring",)
                seen = "nothing" if share == 0 else f"only {share:.0%}"
                what = f"trainees can see {seen} of the floor of '{name}', so that it never counts as searched"
                yield self._warn(loc, what + self._shut_words())


def _known(room: Room, place: Any) -> bool:
    """Whether the room has a place, or all of a list."""
    if isinstance(place, list):
        return all(_known(room, p) for p in place)
    return not isinstance(place, str) or place in room.points or place in room.zones or place in room.doors


def _key(step: Any) -> str:
    """The key by which an action is called."""
    name, field = next(iter(type(step).model_fields.items()))
    return str(field.alias or name)


def _moves(person: RolePlayer) -> bool:
    return any(_key(step) not in STILL for step, _ in _steps(person))


def _goals(person: RolePlayer) -> Iterator[tuple[Loc, Place]]:
    """Every action of a person that leads to a place: where it stands, and the place."""
    for step, loc in _steps(person):
        key = _key(step)
        if key in GOES:
            places = getattr(step, key)
            if isinstance(places, list):
                yield from (((*loc, key, index), place) for index, place in enumerate(places))
            else:
                yield (*loc, key), places


def _steps(person: RolePlayer) -> Iterator[tuple[Action, Loc]]:
    """All that a person may do: of the states of the scenario, and of the known ones that it leads to."""
    led = {person.begins, *(to for rule in person.transitions for to in rule.leads_to)}
    for state, spec in (BUILT_IN | person.states).items():
        if state in person.states or state in led:
            yield from each(spec.do, ("states", state, "do"))


def _sight_points(person: RolePlayer, spot: Vec3, yaw: float) -> Array:
    points: Array = body.place(body.joints(person.pose), spot, yaw)[body.SIGHT_JOINTS]
    return points


def _asks_cleared(scenario: Scenario) -> bool:
    """Whether a criterion or a condition asks what has been searched."""
    texts: Iterable[tuple[str | None, Any]] = [
        *((c.value, "score") for c in scenario.scoring.criteria.values()),
        (scenario.ends_when, "live"),
        *((e.when, "live") for e in scenario.events.values()),
        *((t.when, "live") for p in scenario.people.values() for t in p.transitions),
    ]
    for text, where in texts:
        if text is None or "cleared" not in text:
            continue
        try:
            if any(name == "cleared" for name, _ in calls(parse(text, where))):
                return True
        except ExpressionError:
            continue
    return False
