"""What the events so far add up to: shots, hits, states, zones. A reader of the event stream.

The engine feeds one while it runs, for conditions; scoring feeds one from a recording. So a condition and
a mark that ask the same get the same answer.
"""

from __future__ import annotations

from collections import defaultdict

from xrlab.scenario.cast import Cast
from xrlab.scenario.library import means_kind
from xrlab.sim import events as ev


class Ledger:
    """Sums over the events that `read` was given, in order."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.hits_on: dict[str, list[str | None]] = defaultdict(list)
        """Hit zones of the hits by trainees on each name."""
        self.taken: dict[str, int] = defaultdict(int)
        """Hits by role players on each trainee."""
        self.undue: list[ev.Struck] = []
        """Hits by trainees on people at moments when they were no danger."""
        self.commands_by: dict[str, int] = defaultdict(int)
        self.shots_by: dict[str, int] = defaultdict(int)
        self.state: dict[str, str] = {}
        self.danger: dict[str, bool] = {}
        self.was_danger: set[str] = set()
        self.cleared: set[str] = set()
        self.cues: set[str] = set()
        self.exposed: set[str] = set()
        self.sees: set[tuple[str, str]] = set()
        self.in_view: dict[str, set[str]] = defaultdict(set)
        """Whom each sees: the pairs of `sees`, by who sees."""
        self.zones: dict[str, set[str]] = defaultdict(set)
        self.fell: set[str] = set()
        self.moving: set[str] = set()
        """Targets that move along their rails."""
        self.holds: dict[str, str] = {}
        self.torches: set[str] = set()
        """Whose torches are on."""
        self.number = 0
        """How many events have been read."""
        self.since: dict[str, int] = {}
        """Number of the event with which each one's present state began; what came later came in this state."""
        self.calls: dict[str, list[tuple[int, ev.VerbalCommand]]] = defaultdict(list)
        """Commands that each has understood, with the events' numbers."""
        self.hit_by: dict[str, dict[tuple[str, str | None], int]] = defaultdict(dict)
        """Of each who was hit: the number of the last hit by somebody in a hit zone."""
        self.crossed: dict[tuple[str, str, str], int] = {}
        """Number of the last event by its kind ("in", "out" of a zone, "door" moved), by whom, and by zone or door."""
        self.happened: set[str] = set()
        """Events that have happened, and injects that were done."""
        self.sounding: dict[int, str] = {}
        """Sounds that can be heard now, by number."""
        self.stress: dict[str, int] = {}
        """Level of each stress cue."""
        self.uses = 0
        """How often less-lethal means were used."""
        self.means_by: dict[tuple[str, str], int] = defaultdict(int)
        """The same by who used them, and by means."""
        self.effects_on: dict[tuple[str, str], int] = defaultdict(int)
        """How often less-lethal means took effect, by on whom, and by means."""
        self.affected: dict[str, dict[str, tuple[int, str]]] = {}
        """Who is under the effect of less-lethal means now: by means the number of the event, and the effect."""
        self._trainees = frozenset(cast.trainees)
        self._boards = frozenset(cast.targets)
        self._readers = {
            ev.Struck: self._struck, ev.ShotFired: self._fired, ev.StateChanged: self._state,
            ev.PostureChanged: self._posture, ev.ZoneCleared: self._cleared, ev.InstructorCue: self._cue,
            ev.TargetExposed: self._shown, ev.TargetHidden: self._hidden, ev.TargetFell: self._fell,
            ev.VerbalCommand: self._commanded, ev.BlowLanded: self._blow, ev.DoorMoved: self._door,
            ev.TorchSwitched: self._torch,
            ev.MeansUsed: self._used, ev.MeansMet: self._met, ev.Affected: self._affects, ev.Recovered: self._recovers,
            ev.Happened: self._happened, ev.SoundStarted: self._sounds, ev.SoundStopped: self._silent,
            ev.StressChanged: self._stressed,
            ev.TargetMoves: self._moves, ev.TargetStopped: self._halts,
            ev.Seen: self._seen, ev.Lost: self._lost, ev.ZoneEntered: self._entered, ev.ZoneLeft: self._left,
        }  # fmt: skip

    def read(self, event: ev.Event) -> None:
        """Takes one event into account."""
        self.number += 1
        reader = self._readers.get(type(event))
        if reader:
            reader(event)  # type: ignore[operator]

    def _struck(self, e: ev.Struck) -> None:
        if e.kind not in ("person", "target"):
            return
        self.hit_by[e.what][(e.shooter, e.zone)] = self.number
        if e.shooter in self._trainees:
            self.hits_on[e.what].append(e.zone)
            if e.kind == "person" and not self.danger.get(e.what, False):
                self.undue.append(e)
        elif e.what in self._trainees:
            self.taken[e.what] += 1

    def _fired(self, e: ev.ShotFired) -> None:
        self.shots_by[e.shooter] += 1

    def _commanded(self, e: ev.VerbalCommand) -> None:
        self.commands_by[e.who] += 1
        for listener in e.heard_by:
            self.calls[listener].append((self.number, e))

    def _blow(self, e: ev.BlowLanded) -> None:
        self.hit_by[e.whom][(e.who, e.zone)] = self.number
        if e.whom in self._trainees and e.who not in self._trainees:
            self.taken[e.whom] += 1

    def _used(self, e: ev.MeansUsed) -> None:
        self.uses = max(self.uses, e.use)
        self.means_by[(e.who, e.means)] += 1

    def _met(self, e: ev.MeansMet) -> None:
        if e.part == "blow":
            self.hit_by[e.what][(e.who, e.zone)] = self.number

    def _affects(self, e: ev.Affected) -> None:
        self.effects_on[(e.who, e.means)] += 1
        self.affected.setdefault(e.who, {})[e.means] = (self.number, e.effect)

    def _recovers(self, e: ev.Recovered) -> None:
        self.affected.get(e.who, {}).pop(e.means, None)

    def _door(self, e: ev.DoorMoved) -> None:
        self.crossed[("door", e.who or "", e.door)] = self.number

    def _torch(self, e: ev.TorchSwitched) -> None:
        (self.torches.add if e.on else self.torches.discard)(e.who)

    def _state(self, e: ev.StateChanged) -> None:
        self.state[e.who] = e.state
        self.since[e.who] = self.number

    def _posture(self, e: ev.PostureChanged) -> None:
        self.danger[e.who] = e.danger
        self.holds[e.who] = e.holds
        if e.danger:
            self.was_danger.add(e.who)

    def _cleared(self, e: ev.ZoneCleared) -> None:
        self.cleared.add(e.zone)

    def _cue(self, e: ev.InstructorCue) -> None:
        self.cues.add(e.inject)
        self.happened.add(e.inject)

    def _happened(self, e: ev.Happened) -> None:
        self.happened.add(e.name)
        if e.kind == "inject":
            self.cues.add(e.name)

    def _sounds(self, e: ev.SoundStarted) -> None:
        self.sounding[e.number] = e.sound

    def _silent(self, e: ev.SoundStopped) -> None:
        self.sounding.pop(e.number, None)

    def _stressed(self, e: ev.StressChanged) -> None:
        self.stress[e.cue] = e.level

    def _shown(self, e: ev.TargetExposed) -> None:
        self.exposed.add(e.target)

    def _hidden(self, e: ev.TargetHidden) -> None:
        self.exposed.discard(e.target)

    def _fell(self, e: ev.TargetFell) -> None:
        self.fell.add(e.target)
        self.exposed.discard(e.target)

    def _moves(self, e: ev.TargetMoves) -> None:
        self.moving.add(e.target)

    def _halts(self, e: ev.TargetStopped) -> None:
        self.moving.discard(e.target)

    def _seen(self, e: ev.Seen) -> None:
        self.sees.add((e.who, e.whom))
        self.in_view[e.who].add(e.whom)

    def _lost(self, e: ev.Lost) -> None:
        self.sees.discard((e.who, e.whom))
        self.in_view[e.who].discard(e.whom)

    def _entered(self, e: ev.ZoneEntered) -> None:
        self.zones[e.who].add(e.zone)
        self.crossed[("in", e.who, e.zone)] = self.number

    def _left(self, e: ev.ZoneLeft) -> None:
        self.zones[e.who].discard(e.zone)
        self.crossed[("out", e.who, e.zone)] = self.number

    def hits(self, who: str, zone: str | None = None, self_name: str = "") -> int:
        """Hits by trainees on these; on a board only those in a scoring zone count."""
        count = 0
        for name in self.cast.select(who, self_name):
            marks = self.hits_on.get(name)
            if marks is None:
                continue
            if zone is not None:
                count += marks.count(zone)
            else:
                count += len(marks) - (marks.count(None) if name in self._boards else 0)
        return count

    def shots(self, who: str = "trainee", self_name: str = "") -> int:
        """Shots fired by these."""
        return sum(self.shots_by.get(n, 0) for n in self.cast.select(who, self_name))

    def hits_taken(self, who: str, self_name: str = "") -> int:
        """Hits and blows by role players on these trainees."""
        return sum(self.taken.get(n, 0) for n in self.cast.select(who, self_name))

    def hits_no_danger(self, who: str, self_name: str = "") -> int:
        """Hits by trainees on these people at moments when they were no danger."""
        names = self.cast.select(who, self_name)
        return sum(e.what in names for e in self.undue)

    def means_used(self, means: str | None = None, who: str = "trainee", self_name: str = "") -> int:
        """How often these used less-lethal means, or this one: its name, or its kind for all of that kind."""
        users = self.cast.select(who, self_name)
        return sum(n for (by, name), n in self.means_by.items() if by in users and _is(name, means))

    def means_hits(self, who: str, means: str | None = None, self_name: str = "") -> int:
        """How often a less-lethal means, or this one, took effect on these."""
        people = self.cast.select(who, self_name)
        return sum(n for (on, name), n in self.effects_on.items() if on in people and _is(name, means))

    def is_affected(self, who: str, means: str | None = None) -> bool:
        """Whether somebody is under the effect of a less-lethal means, or of this one."""
        return any(_is(name, means) for name in self.affected.get(who, ()))

    def helpless(self, who: str) -> bool:
        """Whether somebody's muscles are overridden by a conducted-energy device now."""
        return any(effect == "incapacitated" for _, effect in self.affected.get(who, {}).values())

    def commands(self, who: str = "trainee", self_name: str = "") -> int:
        """Verbal commands called by these."""
        return sum(self.commands_by.get(n, 0) for n in self.cast.select(who, self_name))

    def stopped(self, who: str, self_name: str = "") -> float:
        """Share of these that were a danger and are none any more; 1 where none ever was."""
        ever = [n for n in self.cast.select(who, self_name) if n in self.was_danger]
        if not ever:
            return 1.0
        return sum(not self.danger[n] for n in ever) / len(ever)

    def down(self, who: str, self_name: str = "") -> int:
        """How many of these are down: people in the state 'down', fallen targets."""
        return sum(self.state.get(n) == "down" or n in self.fell for n in self.cast.select(who, self_name))

    def cleared_share(self, zone: str, zones: tuple[str, ...]) -> float:
        """1 or 0 for a zone; for "all" the share of `zones`."""
        if zone != "all":
            return float(zone in self.cleared)
        return len(self.cleared & set(zones)) / len(zones) if zones else 1.0


def _is(name: str, means: str | None) -> bool:
    """Whether a means of the library is the one that is meant, by its name or its kind; None means any."""
    return means is None or means == name or means == means_kind(name)
