"""What people were doing at any moment of a run: how they stood, what they held, and how much of a threat that was.

The level of a threat is told from what they do, not from what they mean:

- `firing`: fired within the last second; `striking`: struck somebody within the last second
- `aiming`: a weapon in the hand, in the pose in which it is aimed
- `armed`: a weapon in the hand, and not given up
- `surrendering`: no danger, with the hands up; or kneeling or lying after having been a danger
- `down`: in the state `down`
- `unarmed`: all else

Whether somebody is a danger is what the scenario says (`danger` of a state), or armed, hostile and not given up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

from xrlab.scenario.model import WEAPONS_IN_HAND
from xrlab.sim import events as ev

Level = Literal["unarmed", "armed", "aiming", "striking", "firing", "surrendering", "down"]
LEVELS: tuple[Level, ...] = get_args(Level)
ATTACKS: tuple[Level, ...] = ("aiming", "striking", "firing")
"""Levels at which there is no time for a warning."""

ACT_S = 1.0
"""So long after a shot or a blow somebody counts as firing or striking."""

SECOND_S = 1.0
"""The time before a use of force that is looked at closely."""

_AIMING = ("aiming", "aiming_long")
_GIVEN_UP = ("kneeling", "lying")


class Posture(NamedTuple):
    """How somebody was from an event on. number: the event's place in the stream.

    since: when they became a danger, None who is none. ended: when they last ceased to be one, None who never did.
    """

    number: int
    t: float
    pose: str = ""
    holds: str = ""
    danger: bool = False
    state: str = ""
    since: float | None = None
    ended: float | None = None

    @property
    def shown(self) -> tuple[str, str, bool, str]:
        """What a change of is told."""
        return self.pose, self.holds, self.danger, self.state

    @property
    def level(self) -> Level:
        """The level of the posture itself, shots and blows apart."""
        if self.state == "down":
            return "down"
        if not self.danger and (self.pose == "hands_up" or (self.pose in _GIVEN_UP and self.ended is not None)):
            return "surrendering"
        if self.holds in WEAPONS_IN_HAND:
            return "aiming" if self.pose in _AIMING else "armed"
        return "unarmed"


class Glimpse(NamedTuple):
    """How somebody was from `t` on."""

    t: float
    level: Level
    posture: Posture

    def as_dict(self, until: float) -> dict[str, Any]:
        """Plain data. before_s: seconds before `until`."""
        p = self.posture
        return {
            "before_s": round(until - self.t, 6), "level": self.level, "pose": p.pose, "holds": p.holds,
            "danger": p.danger, "state": p.state,
        }  # fmt: skip


NOTHING = Posture(-1, 0.0)
"""How somebody is of whom nothing has been told."""


class Conduct:
    """What everyone did, from the events of a run. Moments are told by an event's number: its place in the stream."""

    def __init__(self, events: Sequence[ev.Event]) -> None:
        self._postures: dict[str, list[Posture]] = defaultdict(list)
        self._acts: dict[str, list[tuple[int, float, Level]]] = defaultdict(list)
        self._ends: dict[str, list[Posture]] = defaultdict(list)
        for number, e in enumerate(events):
            if isinstance(e, ev.PostureChanged):
                self._add(e.who, number, e.t, {"pose": e.pose, "holds": e.holds, "danger": e.danger})
            elif isinstance(e, ev.StateChanged):
                self._add(e.who, number, e.t, {"state": e.state})
            elif isinstance(e, ev.ShotFired):
                self._acts[e.shooter].append((number, e.t, "firing"))
            elif isinstance(e, ev.BlowLanded):
                self._acts[e.who].append((number, e.t, "striking"))

    def _add(self, who: str, number: int, t: float, changes: dict[str, Any]) -> None:
        known = self._postures[who]
        before = known[-1] if known else NOTHING
        after = before._replace(number=number, t=t, **changes)
        if after.state == "down":
            after = after._replace(danger=False)
        if after.danger:
            after = after._replace(since=t if before.since is None else before.since)
        elif before.danger:
            after = after._replace(since=None, ended=t)
            self._ends[who].append(after)
        known.append(after)

    def posture(self, who: str, number: int) -> Posture:
        """How somebody was just before an event."""
        known = self._postures.get(who, [])
        at = bisect_left(known, number, key=_number)
        return known[at - 1] if at else NOTHING

    def level(self, who: str, number: int, t: float) -> Level:
        """How much of a threat somebody was just before an event at `t`."""
        acts = self._acts.get(who, [])
        at = bisect_left(acts, number, key=_first)
        return _level(self.posture(who, number), acts[at - 1 : at], t)

    def second_before(self, who: str, number: int, t: float) -> list[Glimpse]:
        """How somebody was in the second before an event at `t`: first at its beginning, then at every change."""
        return self.between(who, number, max(0.0, t - SECOND_S), t)

    def between(self, who: str, number: int, since: float, t: float) -> list[Glimpse]:
        """How somebody was from `since` to `t`, as told before an event: at the beginning, then at each change."""
        known, acts = self._postures.get(who, []), self._acts.get(who, [])
        last, last_act = bisect_left(known, number, key=_number), bisect_left(acts, number, key=_first)
        first = last
        while first > max(0, last - _MOST) and known[first - 1].t > since:
            first -= 1
        before = known[first - 1] if first else NOTHING
        changes, acts = known[first:last], acts[max(0, last_act - _MOST) : last_act]
        times = {p.t for p in changes} | {at for _, at, _ in acts} | {at + ACT_S for _, at, _ in acts}
        out: list[Glimpse] = []
        for at in sorted({since, *(x for x in times if since < x < t), *(p.t for p in changes if p.t <= t)}):
            posture = next((p for p in reversed(changes) if p.t <= at), before)
            done = [act for act in acts if act[1] <= at]
            glimpse = Glimpse(at, _level(posture, done[-1:], at), posture)
            if posture is NOTHING and changes:
                continue  # they were not there yet
            if not out or (glimpse.level, posture.shown) != (out[-1].level, out[-1].posture.shown):
                out.append(glimpse)
        return out

    def next_end(self, who: str, number: int) -> Posture | None:
        """How somebody is when they next cease to be a danger, at an event or after it; None if they don't."""
        ends = self._ends.get(who, [])
        at = bisect_left(ends, number, key=_number)
        return ends[at] if at < len(ends) else None


_MOST = 50
"""So many changes and acts of one second are looked at; more is no conduct but a damaged recording."""


def _level(posture: Posture, last_act: Sequence[tuple[int, float, Level]], t: float) -> Level:
    """The level of a posture at `t`, with the last act before it, if any."""
    level = posture.level
    if level not in ("down", "surrendering"):
        for _, at, act in last_act:
            if at <= t < at + ACT_S:
                return act
    return level


def _number(posture: Posture) -> int:
    return posture.number


def _first(act: tuple[int, float, Level]) -> int:
    return act[0]
