"""What a condition may ask while a run goes on; one callable for each live function of the language."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

from xrlab.geometry.transforms import Vec3, direction
from xrlab.scenario.conditions import Expression
from xrlab.sim import events as ev
from xrlab.sim.engine import Engine
from xrlab.sim.waiting import Waits
from xrlab.sim.world import Heard

AIM_CONE = math.cos(math.radians(4.0))
"""A weapon points at someone when its line passes within 4 degrees of their chest."""


Arguments = tuple[str, ...]


class Knowledge:
    """What conditions may ask in one run, for whoever asks, and what can change the answers."""

    def __init__(self, engine: Engine) -> None:
        self._cast = engine.cast
        self.functions = cache(lambda self_name: _functions(engine, self_name))

    def waits(self, expression: Expression, self_name: str) -> Waits:
        """What can change a condition's value, seen by `self_name`."""
        parts = [
            WAITS_FOR[name](partial(self._cast.select, self_name=self_name), self_name, arguments)
            for name, arguments in expression.asks
            if name not in ("time", "state_time")
        ]
        instants, moments = expression.instants, expression.moments
        if instants is None or moments is None:
            return Waits(anything=True, always=True)
        if self_name in self._cast.people:  # who has states asks again by themselves at these moments
            parts.append(_on((ev.StateChanged,), "who", (self_name,)))
        else:  # of whoever has none it began with the run
            instants |= moments
        return Waits.for_any((*parts, Waits(instants=instants)))


def _same_for_all(engine: Engine) -> dict[str, Callable[..., Any]]:
    """The functions whose answer does not depend on who asks."""
    ledger, world = engine.ledger, engine.world

    def light(group: str) -> float | None:
        levels = [ramp.goal for name, ramp in world.lights.items() if group in ("all", name)]
        return max(levels, default=None)

    return {
        "time": lambda: engine.now,
        "door_open": lambda door: world.doors[door].at(engine.now) >= 0.5,
        "happened": lambda event: event in ledger.happened,
        "sounding": lambda sound: sound in ledger.sounding.values(),
        "smoke": lambda zone: max(
            (ramp.at(engine.now) for name, ramp in world.smoke.items() if zone in ("all", name)), default=0.0
        ),
        "stress": lambda cue: ledger.stress.get(cue, 0),
        "moving": lambda target: target in ledger.moving,
        "in_string": lambda string=None: engine.string is not None and string in (None, engine.string),
        "cued": lambda inject: inject in ledger.cues,
        "strings_done": lambda: engine.strings_done,
        "cleared": lambda zone: ledger.cleared_share(zone, engine.zones_to_clear),
        "light": light,
    }


def _added_up(engine: Engine, self_name: str) -> dict[str, Callable[..., Any]]:
    """The functions that only ask what the events add up to."""
    ledger, select = engine.ledger, engine.cast.select
    return {
        "exposed": lambda target: target in ledger.exposed,
        "count": lambda who, zone: sum(zone in ledger.zones.get(n, ()) for n in select(who, self_name)),
        "torch_lit": lambda who: any(n in ledger.torches for n in select(who, self_name)),
        "holds": lambda who: ledger.holds.get(self_name if who == "self" else who, ""),
        "in_zone": lambda who, zone: any(zone in ledger.zones.get(n, ()) for n in select(who, self_name)),
        "state": lambda who: ledger.state.get(self_name if who == "self" else who, ""),
        "danger": lambda who: any(ledger.danger.get(n, False) for n in select(who, self_name)),
        "hits": lambda who, zone=None: ledger.hits(who, zone, self_name),
        "shots": lambda who="trainee": ledger.shots(who, self_name),
        "hits_no_danger": lambda who: ledger.hits_no_danger(who, self_name),
        "commands": lambda who="trainee": ledger.commands(who, self_name),
        "hits_taken": lambda who: ledger.hits_taken(who, self_name),
        "affected": lambda means=None: ledger.is_affected(self_name, means),
        "means_used": lambda means=None, who="trainee": ledger.means_used(means, who, self_name),
        "means_hits": lambda who, means=None: ledger.means_hits(who, means, self_name),
        "stopped": lambda who: ledger.stopped(who, self_name),
        "down": lambda who: ledger.down(who, self_name),
    }


def _functions(engine: Engine, self_name: str) -> dict[str, Callable[..., Any]]:
    """The functions as `self_name` sees them ("" for the director)."""
    ledger, select, world = engine.ledger, engine.cast.select, engine.world

    def sees(first: str, second: str | None = None) -> bool:
        watchers, watched = select("self", self_name), first
        if second is not None:
            watchers, watched = select(first, self_name), second
        return any((w, s) in ledger.sees for w in watchers for s in select(watched, self_name))

    def aimed_at_by(who: str) -> bool:
        return any((w, self_name) in ledger.sees and _aims(engine, w, self_name) for w in select(who, self_name))

    def since() -> int:
        return ledger.since.get(self_name, 0)

    def challenged_by(who: str, command: str = "any", voice: str | None = None) -> bool:
        callers, began = select(who, self_name), since()
        return any(
            number > began and c.who in callers and command in ("any", c.command) and voice in (None, c.voice)
            for number, c in ledger.calls.get(self_name, ())
        )

    def sounds(kind: str, who: str | None) -> Iterator[Heard]:
        began, kinds = since(), ("voice", "shout") if kind == "voice" else (kind,)
        makers = None if who is None else select(who, self_name)
        for (what, maker), sound in engine.noises.of(self_name, *(() if kind == "any" else kinds)).items():
            if sound.number > began and (kind == "any" or what in kinds) and (makers is None or maker in makers):
                yield sound

    def hit_by(who: str, zone: str | None = None) -> bool:
        shooters, began = select(who, self_name), since()
        marks = ledger.hit_by.get(self_name, {})
        return any(number > began and by in shooters and zone in (None, at) for (by, at), number in marks.items())

    def crossed(kind: str, who: Iterable[str], where: str) -> bool:
        return any(ledger.crossed.get((kind, name, where), 0) > since() for name in who)

    def door_moved(door: str, who: str | None = None) -> bool:
        return crossed("door", ("", *world.actors) if who is None else select(who, self_name), door)

    def state_time() -> float:
        began = world.actors[self_name].state_since if self_name in world.actors else 0.0
        return round(engine.now - began, 6)

    def rounds() -> float:
        weapon = world.actors[self_name].weapon if self_name in world.actors else None
        return float(weapon.rounds) if weapon else 0.0

    return (
        _same_for_all(engine)
        | _added_up(engine, self_name)
        | {
            "sees": sees,
            "seen_by": lambda who: any((w, self_name) in ledger.sees for w in select(who, self_name)),
            "sees_danger": lambda: any(ledger.danger.get(s, False) for s in ledger.in_view[self_name]),
            "aimed_at_by": aimed_at_by,
            "challenged_by": challenged_by,
            "voice_db": lambda who: max((sound.db for sound in sounds("voice", who)), default=0.0),
            "heard": lambda sound, who=None: next(sounds(sound, who), None) is not None,
            "hit_by": hit_by,
            "state_time": state_time,
            "distance": lambda first, second=None: _distance(
                engine, select("self" if second is None else first, self_name), select(second or first, self_name)
            ),
            "entered": lambda who, zone: crossed("in", select(who, self_name), zone),
            "left": lambda who, zone: crossed("out", select(who, self_name), zone),
            "door_moved": door_moved,
            "rounds": rounds,
        }
    )


# --- what can change each answer ----------------------------------------------------------------------

Names = Callable[[str], tuple[str, ...]]
"""Whom a word means, for who asks."""


def _on(kinds: tuple[type[ev.Event], ...], field: str = "", values: Iterable[str] = ("",)) -> Waits:
    """Waits for events of these kinds, with one of these values in a field."""
    return Waits(frozenset((kind, field, value) for value in values for kind in kinds))


def _sees(select: Names, me: str, given: Arguments) -> Waits:
    return _on((ev.Seen, ev.Lost), "who", select(given[0]) if len(given) > 1 else (me,))


def _in_this_state(*kinds: type[ev.Event]) -> Callable[[Names, str, Arguments], Waits]:
    """For what has happened since one is in the present state."""
    return lambda select, me, given: _of_state(me, _on(kinds))


def _of_state(me: str, waits: Waits) -> Waits:
    return Waits.for_any((waits, _on((ev.StateChanged,), "who", (me,))))


WAITS_FOR: dict[str, Callable[[Names, str, Arguments], Waits]] = {
    "sees": _sees,
    "seen_by": lambda select, me, given: _on((ev.Seen, ev.Lost), "whom", (me,)),
    "sees_danger": lambda select, me, given: Waits.for_any(
        (_on((ev.Seen, ev.Lost), "who", (me,)), _on((ev.PostureChanged,)))
    ),
    "aimed_at_by": lambda select, me, given: Waits(anything=True, always=True),
    "challenged_by": _in_this_state(ev.VerbalCommand),
    "voice_db": _in_this_state(ev.VerbalCommand, ev.Spoke),
    "heard": _in_this_state(
        ev.ShotFired, ev.VerbalCommand, ev.DoorMoved, ev.Spoke, ev.BlowLanded, ev.SoundStarted, ev.MeansUsed
    ),
    "hit_by": lambda select, me, given: Waits.for_any(
        (
            _on((ev.Struck, ev.MeansMet), "what", (me,)),
            _on((ev.BlowLanded,), "whom", (me,)),
            _on((ev.StateChanged,), "who", (me,)),
        )
    ),
    "distance": lambda select, me, given: Waits(anything=True, always=True),
    "entered": lambda select, me, given: _of_state(me, _on((ev.ZoneEntered,), "zone", (given[1],))),
    "left": lambda select, me, given: _of_state(me, _on((ev.ZoneLeft,), "zone", (given[1],))),
    "count": lambda select, me, given: _on((ev.ZoneEntered, ev.ZoneLeft), "zone", (given[1],)),
    "door_moved": lambda select, me, given: _of_state(me, _on((ev.DoorMoved,), "door", (given[0],))),
    "light": lambda select, me, given: Waits(anything=True, always=True),
    "torch_lit": lambda select, me, given: _on((ev.TorchSwitched,), "who", select(given[0])),
    "holds": lambda select, me, given: _on((ev.PostureChanged,), "who", select(given[0])),
    "in_zone": lambda select, me, given: _on((ev.ZoneEntered, ev.ZoneLeft), "zone", (given[1],)),
    "door_open": lambda select, me, given: Waits(anything=True, always=True),
    "exposed": lambda select, me, given: _on((ev.TargetExposed, ev.TargetHidden, ev.TargetFell), "target", given),
    "moving": lambda select, me, given: _on((ev.TargetMoves, ev.TargetStopped), "target", given),
    "in_string": lambda select, me, given: _on((ev.StringStarted, ev.StringEnded)),
    "happened": lambda select, me, given: Waits.for_any(
        (_on((ev.InstructorCue,), "inject", given), _on((ev.Happened,), "name", given))
    ),
    "sounding": lambda select, me, given: _on((ev.SoundStarted, ev.SoundStopped), "sound", given),
    "smoke": lambda select, me, given: Waits(anything=True, always=True),
    "stress": lambda select, me, given: _on((ev.StressChanged,), "cue", given),
    "cued": lambda select, me, given: Waits.for_any(
        (_on((ev.InstructorCue,), "inject", given), _on((ev.Happened,), "name", given))
    ),
    "state": lambda select, me, given: _on((ev.StateChanged,), "who", select(given[0])),
    "danger": lambda select, me, given: _on((ev.PostureChanged,), "who", select(given[0])),
    "rounds": lambda select, me, given: Waits.for_any(
        (_on((ev.ShotFired,), "shooter", (me,)), _on((ev.Reloaded, ev.PostureChanged, ev.MeansUsed), "who", (me,)))
    ),
    "strings_done": lambda select, me, given: _on((ev.StringEnded,)),
    "hits": lambda select, me, given: _on((ev.Struck,), "what", select(given[0])),
    "shots": lambda select, me, given: _on((ev.ShotFired,), "shooter", select(given[0] if given else "trainee")),
    "hits_no_danger": lambda select, me, given: _on((ev.Struck,), "what", select(given[0])),
    "commands": lambda select, me, given: _on((ev.VerbalCommand,), "who", select(given[0] if given else "trainee")),
    "hits_taken": lambda select, me, given: Waits.for_any(
        (_on((ev.Struck,), "what", select(given[0])), _on((ev.BlowLanded,), "whom", select(given[0])))
    ),
    "affected": lambda select, me, given: _on((ev.Affected, ev.Recovered), "who", (me,)),
    "means_used": lambda select, me, given: _on((ev.MeansUsed,)),
    "means_hits": lambda select, me, given: _on((ev.Affected,), "who", select(given[0])),
    "stopped": lambda select, me, given: _on((ev.PostureChanged,), "who", select(given[0])),
    "down": lambda select, me, given: Waits.for_any(
        (_on((ev.StateChanged,), "who", select(given[0])), _on((ev.TargetFell,), "target", select(given[0])))
    ),
    "cleared": lambda select, me, given: _on((ev.ZoneCleared,)),
}
"""For each function a condition may call while a run goes on: the events that can change its answer.

Who asks is only asked again when one of these happens. `Waits(anything=True)` is right for a function whose answer
changes by events of many kinds; `always=True`, too, where it changes as time passes.
"""


def _distance(engine: Engine, first: Iterable[str], second: Iterable[str]) -> float | None:
    """Metres between the nearest two of these, to a centimetre; None where one side is nowhere."""
    others = [(name, place) for name in second if (place := _place(engine, name))]
    ways = (
        math.dist(here, there)
        for name in first
        if (here := _place(engine, name))
        for other, there in others
        if other != name
    )
    nearest = min(ways, default=None)
    return None if nearest is None else round(nearest, 2)


def _place(engine: Engine, name: str) -> Vec3 | None:
    actor = engine.world.actors.get(name)
    if actor is not None:
        return actor.track.at(engine.now).position
    board = engine.world.boards.get(name)
    return None if board is None else board.middle(engine.now)


def _aims(engine: Engine, who: str, at: str) -> bool:
    aimer, aimed = engine.world.actors.get(who), engine.world.actors.get(at)
    if aimer is None or aimed is None or aimer.pose not in ("aiming", "aiming_long"):
        return False
    stance = aimer.track.at(engine.now)
    ex, ey, ez = aimer.eye(engine.now)
    cx, cy, cz = aimed.joints(engine.now)[1]
    way = (cx - ex, cy - ey, cz - ez)
    length = math.sqrt(sum(w * w for w in way)) or 1.0
    look = direction(stance.yaw, stance.pitch)
    return float(sum(a * b for a, b in zip(look, way, strict=True))) / length >= AIM_CONE
