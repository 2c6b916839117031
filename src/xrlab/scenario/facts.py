"""What is known beforehand of what conditions and criteria ask: time, states, counts of people, targets that show.

Each function of the condition language that something is known of has a method here; of the others any answer is
expected. What is said here must hold in every run: a condition that is called impossible must be so.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from xrlab.geometry import body
from xrlab.room import Room
from xrlab.scenario.cast import Cast
from xrlab.scenario.library import faces, means, means_kind
from xrlab.scenario.logic import ALWAYS, NEVER, Facts, Known, Span
from xrlab.scenario.model import Scenario
from xrlab.scenario.person_actions import each


def means_carried(scenario: Scenario) -> frozenset[str]:
    """The kinds of less-lethal means that trainees carry."""
    return frozenset(m.kind for team in scenario.teams.values() for name in team.carries if (m := means().get(name)))


@dataclass(frozen=True)
class Whereabouts:
    """What the room's floor allows.

    zones: the zones that each person and trainee may ever be in. hidden: the people whom no trainee can ever see.
    """

    zones: Mapping[str, Collection[str]] = field(default_factory=dict)
    hidden: Collection[str] = ()


class Beforehand:
    """Answers for `logic`: one object for a scenario, whose `states` grow while they are found out.

    states: the states that each role player may ever be in. shown: targets that something exposes. moved: doors that
    something or somebody opens.
    """

    def __init__(self, scenario: Scenario, room: Room, where: Whereabouts | None = None) -> None:
        self.scenario = scenario
        self.cast = Cast(scenario)
        self.where = where or Whereabouts()
        self.states: dict[str, set[str]] = {name: {spec.begins} for name, spec in scenario.people.items()}
        self._room = room
        self._steps = [step for event in scenario.events.values() for step in event.do]
        self._steps += [step for inject in scenario.injects.values() for step in inject.do]
        self._shown = self._named("show") | {name for s in scenario.strings for name in s.targets}
        self._opened = self._named("open") | {
            step_open
            for person in scenario.people.values()
            for state in person.states.values()
            for step, _ in each(state.do)
            if isinstance(step_open := getattr(step, "open", None), str)
        }
        self.means = means_carried(scenario)
        counts = "shots", "hits_taken", "misses", "extra_rounds", "late_shots", "crossfire", "rounds", "commands"
        force = "uses_of_force", "shots_after", "shots_before", "unwarned", "behind"
        tactics = "exposed_s", "unaware_s", "doorway_s", "passed_unseen", "unaccounted_shots"
        measures = "group_mm", "mean_radius_mm", "cep_mm", "offset_mm", "hits_per_s"
        self._answers = {
            **dict.fromkeys(tactics, self._measure),
            **dict.fromkeys(("sweeps", "sweep_s"), self._sweeps),
            **dict.fromkeys(("crossfire_lines", "spacing_m", "close_s"), self._between_trainees),
            **dict.fromkeys(("cover_share", "floor_seen", "corners_seen"), self._share),
            "watched_share": self._watched,
            **dict.fromkeys((*counts, "hits_no_danger", "over_penetrations", "ricochet_risks"), self._number),
            **dict.fromkeys((*force, "false_alarms", "correct_rejections"), self._number),
            **dict.fromkeys(("median", "mean", "best", "worst", "distance", "voice_db", *measures), self._measure),
            **dict.fromkeys(("in_zone", "entered", "left"), self._in_zone),
            **dict.fromkeys(("rule_points", "rule_share", "hit_factor", "time_plus", "inner_tens"), self._by_rule),
            "time": self._time, "duration": self._duration, "state": self._state, "down": self._down,
            "surrendered": self._count, "hits": self._hits, "points": self._any, "cleared": self._cleared,
            "strings_done": self._strings_done, "exposed": self._exposed, "moving": self._moving,
            "in_string": self._in_string, "danger": self._danger, "sees": self._sees,
            "count": self._stand_in, "state_time": self._time, "seen_by": self._seen_by, "door_open": self._door_open,
            "affected": self._affected, "means_used": self._means_used, "means_hits": self._means_hits,
        }  # fmt: skip

    def seen_from(self, self_name: str) -> Facts:
        """What is known of the answers to `self_name` ("" for the director and for criteria)."""

        def facts(name: str, given: tuple[str, ...]) -> Known | None:
            answer = self._answers.get(name)
            return None if answer is None else answer(self_name, given)

        return facts

    def _named(self, key: str) -> set[str]:
        """What the actions of events and injects name under a key."""
        out: set[str] = set()
        for step in self._steps:
            value = getattr(step, key, None)
            out |= {value} if isinstance(value, str) else set(value or ())
        return out

    def _select(self, who: str, self_name: str) -> tuple[str, ...]:
        return self.cast.select(who, self_name)

    # --- time and numbers -----------------------------------------------------------------------------

    def _time(self, _: str, __: tuple[str, ...]) -> Known:
        limit = self.scenario.time_limit_s
        return Known(Span(0.0, limit), f"a run begins at 0 s and ends after {limit:g} s at the latest")

    def _duration(self, _: str, __: tuple[str, ...]) -> Known:
        limit = self.scenario.time_limit_s
        return Known(Span(0.0, limit), f"a run takes {limit:g} s at most")

    def _number(self, _: str, __: tuple[str, ...]) -> Known:
        return Known(Span(0.0), "it is never less than 0")

    def _any(self, _: str, __: tuple[str, ...]) -> Known:
        return Known(Span())

    def _measure(self, _: str, __: tuple[str, ...]) -> Known:
        return Known(Span(0.0, math.inf, lacks=True), "it is never less than 0")

    def _by_rule(self, name: str, given: tuple[str, ...]) -> Known:
        strings = [s for s in self.scenario.strings if not given or s.name == given[0]]
        if self.scenario.rules is None and not any(s.rules for s in strings):
            where = f"the string '{given[0]}' names" if given else "the scenario and its strings name"
            return Known(Span(0.0, 0.0, lacks=True), f"{where} no rules")
        return self._measure(name, given)

    def _sweeps(self, name: str, given: tuple[str, ...]) -> Known:
        people, trainees = self.scenario.people, self.cast.trainees
        named = self._select(given[0], name) if given else ()
        if any(n in trainees or (n in people and people[n].role == "no_shoot") for n in named):
            return self._measure(name, given)
        return Known(Span(0.0, 0.0, lacks=True), "sweeps are told of trainees and no-shoots alone")

    def _between_trainees(self, name: str, given: tuple[str, ...]) -> Known:
        if len(self.scenario.trainees) < 2:
            return Known(Span(0.0, 0.0, lacks=True), "there is but one trainee")
        return self._measure(name, given)

    def _watched(self, name: str, given: tuple[str, ...]) -> Known:
        alone = len(self.scenario.trainees) < 2
        return self._between_trainees(name, given) if alone else self._share(name, given)

    def _share(self, _: str, __: tuple[str, ...]) -> Known:
        return Known(Span(0.0, 1.0, lacks=True), "a share is from 0 to 1")

    def _count(self, self_name: str, given: tuple[str, ...]) -> Known:
        people = [n for n in self._select(given[0], self_name) if n in self.scenario.people] if given else []
        return Known(Span(0.0, len(people)), f"there are {len(people)} of these")

    def _stand_in(self, self_name: str, given: tuple[str, ...]) -> Known | None:
        if len(given) < 2:
            return None
        who, zone = given
        can = sum(
            n not in self.scenario.targets and zone in self.where.zones.get(n, (zone,))
            for n in self._select(who, self_name)
        )
        return Known(Span(0.0, can), f"{can} of these can come into the zone '{zone}'")

    def _down(self, self_name: str, given: tuple[str, ...]) -> Known | None:
        if not given:
            return None
        names = self._select(given[0], self_name)
        targets, people = self.scenario.targets, self.scenario.people
        can = [n for n in names if "down" in self.states.get(n, ())]
        can += [n for n in names if n in targets and targets[n].reaction == "fall"]
        if any(n not in people and n not in targets for n in names):
            return Known(Span(0.0, len(names)), f"there are {len(names)} of these")
        return Known(Span(0.0, len(can)), f"{len(can)} of these can be down")

    def _hits(self, self_name: str, given: tuple[str, ...]) -> Known | None:
        if len(given) < 2:
            return self._number(self_name, given)
        names = self._select(given[0], self_name)
        if any(given[1] in self.zones_of(n) for n in names):
            return self._number(self_name, given)
        return Known(Span(0.0, 0.0), f"'{given[0]}' has no hit zone '{given[1]}'")

    def zones_of(self, name: str) -> tuple[str, ...]:
        """The hit zones of a person or a target."""
        target = self.scenario.targets.get(name)
        if target is None:
            return tuple(body.ZONES)
        face = self.scenario.faces.get(target.face) or faces().get(target.face)
        return tuple(zone.zone for zone in face.zones) if face else ()

    def _cleared(self, _: str, given: tuple[str, ...]) -> Known:
        zones = self.scenario.clear
        if given and given[0] != "all" and zones is not None and given[0] not in zones:
            return Known(Span(0.0, 0.0), f"'{given[0]}' does not stand under clear")
        return Known(Span(0.0, 1.0), "a share is from 0 to 1")

    # --- less-lethal means ---------------------------------------------------------------------------

    def _carried(self, means: str | None) -> bool:
        return bool(self.means) if means is None else means_kind(means) in self.means

    def _affected(self, _: str, given: tuple[str, ...]) -> Known | None:
        if self._carried(given[0] if given else None):
            return None
        return Known(NEVER, _not_carried(given[0] if given else None))

    def _means_used(self, _: str, given: tuple[str, ...]) -> Known:
        means = given[0] if given else None
        if self._carried(means):
            return Known(Span(0.0), "it is never less than 0")
        return Known(Span(0.0, 0.0), _not_carried(means))

    def _means_hits(self, self_name: str, given: tuple[str, ...]) -> Known:
        return self._means_used(self_name, given[1:])

    # --- who is what ----------------------------------------------------------------------------------

    def _state(self, self_name: str, given: tuple[str, ...]) -> Known | None:
        who = self_name if given == ("self",) else given[0] if given else ""
        if who not in self.states:
            return None
        states = sorted(self.states[who])
        return Known(frozenset(states), f"'{who}' is only ever {' or '.join(states)}")

    def _danger(self, self_name: str, given: tuple[str, ...]) -> Known | None:
        names = self._select(given[0], self_name) if given else ()
        people = self.scenario.people
        if any(n not in people or people[n].role == "threat" for n in names) or not names:
            return None
        return Known(NEVER, "none of these is a threat")

    def _in_zone(self, self_name: str, given: tuple[str, ...]) -> Known | None:
        if len(given) < 2:
            return None
        who, zone = given
        if zone == "all":
            return Known(NEVER, "'all' stands for all zones in cleared() alone; name one zone")
        names = self._select(who, self_name)
        if any(zone in self.where.zones.get(n, (zone,)) for n in names):
            return None
        return Known(NEVER, f"'{who}' never comes into the zone '{zone}'")

    def _sees(self, self_name: str, given: tuple[str, ...]) -> Known | None:
        if not given:
            return None
        watchers = self._select("self" if len(given) == 1 else given[0], self_name)
        return self._sight(watchers, self._select(given[-1], self_name))

    def _seen_by(self, self_name: str, given: tuple[str, ...]) -> Known | None:
        return self._sight(self._select(given[0], self_name), (self_name,)) if given else None

    def _sight(self, watchers: Collection[str], watched: Collection[str]) -> Known | None:
        hidden, trainees = self.where.hidden, self.cast.trainees
        for some, others in ((watchers, watched), (watched, watchers)):
            if some and all(n in hidden for n in some) and all(n in trainees for n in others):
                return Known(NEVER, f"no trainee can come where {' and '.join(some)} can be seen")
        return None

    # --- targets and doors ----------------------------------------------------------------------------

    def _strings_done(self, _: str, __: tuple[str, ...]) -> Known | None:
        if not self.scenario.strings:
            return Known(ALWAYS, "there are no strings of fire")
        least, limit = least_programme_s(self.scenario), self.scenario.time_limit_s
        if least <= limit:
            return None
        return Known(NEVER, f"the strings of fire take {least:g} s at least, and the run ends after {limit:g} s")

    def _exposed(self, _: str, given: tuple[str, ...]) -> Known | None:
        target = self.scenario.targets.get(given[0]) if given else None
        if target is None or target.motion not in ("turning", "popping") or given[0] in self._shown:
            return None
        return Known(NEVER, f"nothing ever shows '{given[0]}'")

    def _moving(self, _: str, given: tuple[str, ...]) -> Known | None:
        target = self.scenario.targets.get(given[0]) if given else None
        if target is None or target.rail is not None:
            return None
        return Known(NEVER, f"'{given[0]}' has no rail")

    def _in_string(self, _: str, __: tuple[str, ...]) -> Known | None:
        return None if self.scenario.strings else Known(NEVER, "there are no strings of fire")

    def _door_open(self, _: str, given: tuple[str, ...]) -> Known | None:
        if not given or given[0] not in self.shut_doors():
            return None
        return Known(NEVER, f"nobody may open '{given[0]}', and no event or inject does")

    def shut_doors(self) -> frozenset[str]:
        """Doors that stay shut in every run: nobody of this scenario may open them, and nothing else does."""
        people, teams = self.scenario.people, self.scenario.teams
        may = {"all", *people, *teams, *(p.role for p in people.values()), "trainee", *self.cast.trainees}
        return frozenset(
            name
            for name, door in self._room.doors.items()
            if door.begins_open < 0.5 and not may & set(door.opened_by) and name not in self._opened
        )


def _not_carried(means: str | None) -> str:
    return "no team carries " + ("a less-lethal means" if means is None else f"'{means}'")


def least_programme_s(scenario: Scenario) -> float:
    """How long all strings of fire take at least (s)."""
    total = scenario.pause_s[0] * max(0, len(scenario.strings) - 1)
    for string in scenario.strings:
        total += string.delay_s[0]
        if not string.until_down:
            shown = math.inf if string.for_s is None else string.times * string.for_s[0]
            total += min(shown + (string.times - 1) * string.away_s[0], string.par_s or math.inf)
    return total
