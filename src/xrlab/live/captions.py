"""What the head-up display makes of the stream of events: subtitles, announcements, the blow of a hit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from xrlab.geometry.transforms import wrap_angle
from xrlab.language import in_language, tr
from xrlab.scenario.cast import Cast
from xrlab.scenario.library import sounds
from xrlab.scenario.model import Scenario
from xrlab.sim import events as ev
from xrlab.sim import hearing
from xrlab.sim.world import World

SUBTITLE_S = 3.5
"""How long a subtitle stays."""

BLOW_S = 0.6
"""How long the edge of the picture stays red after a hit taken."""

AFTER_START_S = 3.0
"""How long the title of a string of fire stays after the string has started."""

TOLD_AGAIN_S = 8.0
"""A sound that comes again within this time is not told again."""

MOST_SUBTITLES = 3


@dataclass(frozen=True)
class Subtitle:
    """A line that is read until `until` (s of the run). own: the window's trainee said it."""

    text: str
    until: float
    own: bool = False


class Captions:
    """Reads a run's events for one trainee `who`, in one language."""

    def __init__(self, scenario: Scenario, world: World, who: str, lang: str) -> None:
        self._scenario, self._world, self._who, self._lang = scenario, world, who, lang
        self._strings = {s.name: in_language(s.title, lang) or s.name for s in scenario.strings}
        self._subtitles: list[Subtitle] = []
        self._announced = ("", math.inf)
        self._blow = -math.inf
        self._last_told: dict[str, float] = {}
        self.hits_taken = 0
        """How often the trainee has been hit."""
        self.fired_at = -math.inf
        """When the trainee fired last."""

    def read(self, event: ev.Event) -> None:
        """Takes in one event; those of other kinds are passed over."""
        if isinstance(event, ev.Spoke):
            if self._hears(event.who, event.t, event.voice):
                self._say(in_language(event.text, self._lang), event.t)
        elif isinstance(event, ev.VerbalCommand):
            own = event.who == self._who
            if own or self._hears(event.who, event.t, event.voice):
                text = self.command_text(event.who, event.command)
                self._say(text if own else f"{event.who}: {text}", event.t, own=own)
        elif isinstance(event, ev.StringAnnounced):
            self._announced = (tr(self._lang, "hud-string-announced", title=self._strings[event.string]), math.inf)
        elif isinstance(event, ev.StringStarted):
            self._announced = (self._strings[event.string], event.t + AFTER_START_S)
        elif isinstance(event, ev.StartSignal):
            self._announced = (
                tr(self._lang, "hud-string-start", title=self._strings[event.string]), event.t + AFTER_START_S,
            )  # fmt: skip
        elif isinstance(event, ev.ParTime):
            self._announced = (tr(self._lang, "hud-par"), event.t + AFTER_START_S)
        elif isinstance(event, ev.ShotFired) and event.shooter == self._who:
            self.fired_at = event.t
        elif self._is_hit(event):
            self.hits_taken += 1
            self._blow = event.t
        else:
            self._around(event)

    def _around(self, event: ev.Event) -> None:
        """Messages, and sounds for those who don't hear them: what, and from which side."""
        if isinstance(event, ev.RadioMessage):
            if self._who in (event.to, *Cast(self._scenario).select(event.to)):
                self._say(tr(self._lang, "hud-radio", text=in_language(event.text, self._lang)), event.t)
        elif isinstance(event, ev.Announced):
            self._say(tr(self._lang, "hud-announced", text=in_language(event.text, self._lang)), event.t)
        elif isinstance(event, ev.TimeCalled):
            self._say(tr(self._lang, "hud-time-left", seconds=f"{event.left_s:g}"), event.t)
        elif (
            isinstance(event, ev.SoundStarted) and self._last_told.get(event.sound, -math.inf) < event.t - TOLD_AGAIN_S
        ):
            side = side_of(self._world, self._who, event)
            if side is not None:
                kind = sounds().get(event.sound)
                name = in_language(kind.text, self._lang) if kind else event.sound
                self._last_told[event.sound] = event.t
                self._say(f"[{name}{', ' + tr(self._lang, f'hud-side-{side}') if side else ''}]", event.t)

    def _is_hit(self, event: ev.Event) -> bool:
        if isinstance(event, ev.BlowLanded):
            return event.whom == self._who
        return isinstance(event, ev.Struck) and event.kind == "person" and event.what == self._who

    def note(self, text: str, t: float) -> None:
        """Shows a line that no event tells of."""
        self._say(text, t, own=True)

    def command_text(self, who: str, command: str) -> str:
        """What someone shouts: only police say so first."""
        team = self._scenario.teams[self._scenario.trainees[who]]
        return tr(self._lang, f"hud-{'challenge' if team.outfit == 'police' else 'order'}-{command}")

    def subtitles(self, t: float) -> list[Subtitle]:
        """What is to be read at `t`, the newest last."""
        self._subtitles = [s for s in self._subtitles if s.until > t][-MOST_SUBTITLES:]
        return self._subtitles

    def announcement(self, t: float) -> str:
        """The string of fire that is about to start or has just done so."""
        text, until = self._announced
        return text if t < until else ""

    def blow(self, t: float) -> float:
        """1 at the instant of a hit taken, fading to 0."""
        return max(0.0, 1.0 - (t - self._blow) / BLOW_S)

    def _say(self, text: str, t: float, *, own: bool = False) -> None:
        if own:  # a new order takes the place of the last
            self._subtitles = [s for s in self._subtitles if not s.own]
        self._subtitles.append(Subtitle(text, t + SUBTITLE_S, own))

    def _hears(self, other: str, t: float, voice: str) -> bool:
        """Whether the trainee understands what somebody says in this voice."""
        me, mouth = self._world.actors[self._who], self._world.actors[other].eye(t)
        (level,) = hearing.arriving(self._world, t, mouth, hearing.VOICES_DB[voice], [me])
        return hearing.hears(me, level, hearing.UNDERSTOOD_DB)


def side_of(world: World, who: str, sound: ev.SoundStarted) -> str | None:
    """From which side somebody hears a sound begin: ahead, left, right or behind; "" from all around, None unheard."""
    actor = world.actors[who]
    if sound.who == who or (sound.at is None and sound.who is None):
        return ""
    place = world.actors[sound.who].eye(sound.t) if sound.who in world.actors else sound.at or (0.0, 0.0, 0.0)
    (level,) = hearing.arriving(world, sound.t, place, sound.db, [actor])
    if not hearing.hears(actor, level):
        return None
    ex, ey, _ = actor.eye(sound.t)
    bearing = math.degrees(wrap_angle(math.atan2(place[1] - ey, place[0] - ex) - actor.track.at(sound.t).yaw))
    return "ahead" if abs(bearing) <= 45 else "behind" if abs(bearing) >= 135 else "left" if bearing > 0 else "right"
