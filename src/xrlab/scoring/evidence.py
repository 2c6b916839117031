"""What marks are reckoned from: a run's scenario, events and motion, the same live and from its recording.

`Evidence` is the whole run; a `View` is the run as it concerns some trainees. Whoever gives marks asks these two and
nothing else, so that a mark can be reckoned again at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from xrlab.geometry.paths import Track
from xrlab.scenario.cast import Cast
from xrlab.scenario.model import Face, Scenario
from xrlab.scoring.ground import Ground
from xrlab.scoring.shots import Account, Shot, account_of
from xrlab.scoring.stimuli import Stimulus
from xrlab.sim import events as ev
from xrlab.sim.ledger import Ledger

What = Literal[
    "hit", "hit_taken", "blow_taken", "hit_no_danger", "not_stopped", "not_cleared", "miss", "extra_round", "late_shot",
    "crossfire", "points_lost", "rounds_not_fired", "ended", "not_surrendered", "not_warned", "did_not_happen",
    "reaction_s", "hit_s", "split_s", "distance_m", "rule_penalty", "means_used", "means_hit",
    "sweep", "crossfire_line", "exposed", "unaware", "in_doorway", "floor_unseen", "corner_unseen", "passed_unseen",
    "too_close", "unaccounted_shot", "over_penetration", "ricochet_risk",
    "transition_s", "first_shot_s", "impact_mm", "engaged_s", "not_answered", "not_shot_at", "false_alarm",
    "use_of_force", "shot_after_end", "shot_before_danger", "unwarned", "behind", "late_stop_s",
]  # fmt: skip
"""What a proof may tell; each has a text "debrief-proof-…" in four languages."""


@dataclass(frozen=True)
class Proof:
    """One thing that speaks for a value, or tells where points went.

    t: when (s). what: what it tells. who: the trainee, person, target or zone it is about. shot: its number, where it
    is a shot; else -1. value: the figure, where it has one.
    """

    t: float
    what: What
    who: str = ""
    shot: int = -1
    value: float | None = None

    @property
    def place(self) -> tuple[float, str, int, float, str]:
        """Where it stands among others: by time; names decide last, so that they matter least."""
        return self.t, self.what, self.shot, self.value or 0.0, self.who

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `result.json`."""
        shot = None if self.shot < 0 else self.shot
        return {"t": self.t, "what": self.what, "who": self.who, "shot": shot, "value": self.value}


@dataclass(frozen=True)
class Evidence:
    """A run, as far as it has come.

    faces: of its targets, by name. events: in order. tracks: motion by name; empty where nobody asks where people were.
    room: gives the room as marks are reckoned in it, when it is first asked for; None where it is not known.
    """

    scenario: Scenario
    faces: Mapping[str, Face]
    events: Sequence[ev.Event]
    tracks: Mapping[str, Track] = field(default_factory=dict)
    room: Callable[[], Ground | None] = lambda: None

    @cached_property
    def ground(self) -> Ground | None:
        """The room as marks are reckoned in it; None for a recording that does not hold it."""
        return self.room()

    @cached_property
    def worked_out(self) -> dict[str, Any]:
        """What readers have worked out of this run, by their own key: many views share it."""
        return {}

    @cached_property
    def cast(self) -> Cast:
        """Who is meant by a name."""
        return Cast(self.scenario)

    @cached_property
    def _account(self) -> Account:
        return account_of(self.scenario, self.faces, self.events, self.tracks)

    @property
    def shots(self) -> list[Shot]:
        """All shots by trainees, in order."""
        return self._account.shots

    @property
    def stimuli(self) -> list[Stimulus]:
        """All that called for a shot by trainees, in order, with the shots that answered."""
        return self._account.stimuli

    @property
    def ends(self) -> float:
        """When the last event happened (s)."""
        return self.events[-1].t if self.events else 0.0


class View:
    """A run as it concerns some trainees: their shots, and what the events without the others' use of force add up to.

    who: their names; None for all.
    """

    def __init__(self, evidence: Evidence, who: Iterable[str] | None = None) -> None:
        self.evidence = evidence
        self.scenario, self.cast = evidence.scenario, evidence.cast
        self.who: tuple[str, ...] = self.cast.trainees if who is None else tuple(who)
        self._others = frozenset(self.cast.trainees).difference(self.who)

    @cached_property
    def shots(self) -> list[Shot]:
        """The shots of these trainees, in order."""
        return [s for s in self.evidence.shots if s.trainee not in self._others]

    @cached_property
    def stimuli(self) -> list[Stimulus]:
        """What called for a shot by these trainees, in order."""
        return [s for s in self.evidence.stimuli if s.who not in self._others]

    @cached_property
    def events(self) -> list[ev.Event]:
        """All events but what comes of the other trainees' shots and less-lethal means."""
        if not self._others:
            return list(self.evidence.events)
        return [e for e in self.evidence.events if _used_by(e) not in self._others]

    @cached_property
    def ledger(self) -> Ledger:
        """What these events add up to."""
        ledger = Ledger(self.cast)
        for event in self.events:
            ledger.read(event)
        return ledger

    @cached_property
    def worked_out(self) -> dict[str, Any]:
        """What readers have worked out for these trainees, by their own key."""
        return {}

    @property
    def ends(self) -> float:
        """When the run's last event happened (s)."""
        return self.evidence.ends


def _used_by(event: ev.Event) -> str | None:
    """Whose shot or less-lethal means an event comes of; None for others."""
    if isinstance(event, ev.MeansUsed | ev.MeansMet):
        return event.who
    if isinstance(event, ev.Affected):
        return event.by
    return getattr(event, "shooter", None)
