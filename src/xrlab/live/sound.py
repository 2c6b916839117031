"""What one trainee hears: each sound from its side, as loud as it arrives, mixed to two channels.

`Mixer` knows no device: whoever has one asks `mix` for the next samples, from any thread. `Ears` reads a run's events
and tells the mixer; it changes nothing in the run.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Vec3
from xrlab.live.waves import RATE, Wave, names, wave_of
from xrlab.scenario.library import means_kind
from xrlab.sim import events as ev
from xrlab.sim import hearing
from xrlab.sim.means import SOUNDS
from xrlab.sim.surroundings import ALL_AROUND_DB
from xrlab.sim.world import World

Gains = tuple[float, float]
QUIET_DB, LOUD_DB = 30.0, 110.0
"""What arrives at these levels is silent, and as loud as the device plays: a lesson harms nobody's ears."""

MOST_SOUNDS = 24


def gains(db: float, bearing: float | None) -> Gains:
    """How loud a sound of this level plays left and right, 0..1. bearing: rad, left positive; None all around."""
    loud = min(1.0, max(0.0, (db - QUIET_DB) / (LOUD_DB - QUIET_DB))) ** 2
    side = 0.0 if bearing is None else -math.sin(bearing)
    angle = (side + 1.0) * math.pi / 4
    return loud * math.cos(angle), loud * math.sin(angle)


@dataclass
class _Playing:
    wave: Wave
    gains: Gains
    loop: bool
    at: int = 0


class Mixer:
    """Plays waves at once. muted: nothing is heard, while all goes on. paused: nothing goes on."""

    def __init__(self) -> None:
        self.muted = self.paused = False
        self._playing: dict[str, _Playing] = {}
        self._lock = threading.Lock()

    def play(self, key: str, wave: Wave, how: Gains, *, loop: bool = False) -> None:
        """Begins a wave under a key, in place of what had it; the oldest gives way where there are too many."""
        with self._lock:
            self._playing.pop(key, None)
            self._playing[key] = _Playing(wave, how, loop)
            while len(self._playing) > MOST_SOUNDS:
                self._playing.pop(next(iter(self._playing)))

    def turn(self, key: str, how: Gains) -> None:
        """A sound comes from elsewhere, or louder, from now on."""
        with self._lock:
            if key in self._playing:
                self._playing[key].gains = how

    def stop(self, key: str) -> None:
        """Ends a sound."""
        with self._lock:
            self._playing.pop(key, None)

    def stop_all(self) -> None:
        """Ends all sounds."""
        with self._lock:
            self._playing.clear()
        self.paused = False

    def mix(self, count: int) -> NDArray[np.float32]:
        """The next samples (count, 2), left and right, -1 to 1."""
        out = np.zeros((count, 2), np.float32)
        if self.paused:
            return out
        with self._lock:
            for key, playing in list(self._playing.items()):
                n = len(playing.wave)
                where = playing.at + np.arange(count)
                part = playing.wave[where % n] if playing.loop else playing.wave[playing.at : playing.at + count]
                out[: len(part)] += part[:, None] * np.array(playing.gains, np.float32)
                playing.at += count
                if not playing.loop and playing.at >= n:
                    del self._playing[key]
        return np.zeros_like(out) if self.muted else np.asarray(np.tanh(out), np.float32)


class Ears:
    """Brings what the trainee `who` hears of a run to a mixer. folder: where the scenario's own sound files lie."""

    def __init__(self, world: World, who: str, mixer: Mixer, folder: Path) -> None:
        self._world, self._who, self._mixer, self._folder = world, who, mixer, folder
        self._places: dict[str, tuple[Vec3 | str | None, float]] = {}
        self._to_end: set[int] = set()
        self._files: dict[str, Wave] = {}

    def read(self, event: ev.Event) -> None:
        """Takes in one event; those that make no sound are passed over."""
        if isinstance(event, ev.SoundStarted):
            wave = self._wave(event.sound)
            if wave is not None:
                loop = event.seconds is None or event.seconds > len(wave) / RATE + 0.01
                if event.seconds == 0.0:  # a file of the scenario's own plays to its end
                    self._to_end.add(event.number)
                self._begin(f"sound {event.number}", wave, event.who or event.at, event.db, event.t, loop)
        elif isinstance(event, ev.SoundStopped):
            if event.number not in self._to_end:
                self._end(f"sound {event.number}")
        elif isinstance(event, ev.ShotFired):
            self._once(f"shot {event.shot}", "shot", event.origin, hearing.LEVELS_DB["shot"], event.t)
        elif isinstance(event, ev.MeansUsed):
            if sound := SOUNDS.get(means_kind(event.means)):
                self._once(f"means {event.use}", sound, event.origin, hearing.LEVELS_DB[sound], event.t)
        elif isinstance(event, ev.MeansMet):
            if event.part == "blow":
                self._once(f"means {event.use}", "thud", event.at, hearing.LEVELS_DB["thud"], event.t)
        elif isinstance(event, ev.DoorMoved):
            middle = self._world.room.doors[event.door].middle
            self._once(f"door {event.door}", "door", middle, hearing.LEVELS_DB["door"], event.t)
        elif isinstance(event, ev.VerbalCommand | ev.Spoke):
            if event.who != self._who:
                self._once(f"voice {event.who}", "voice", event.who, hearing.VOICES_DB[event.voice], event.t)
        elif isinstance(event, ev.StartSignal | ev.ParTime):
            name = "whistle" if isinstance(event, ev.StartSignal) and event.signal == "whistle" else "beep"
            if isinstance(event, ev.ParTime) or event.signal != "light":
                self._once("signal", name, None, 100.0, event.t)
        elif isinstance(event, ev.RadioMessage | ev.Announced | ev.TimeCalled):
            self._once("message", "radio" if isinstance(event, ev.RadioMessage) else "beep", None, 85.0, event.t)

    def listen(self, t: float) -> None:
        """The trainee has moved or turned, or what makes a sound has: to be called for each picture."""
        for key, (where, db) in self._places.items():
            self._mixer.turn(key, self._gains(where, db, t))

    def _once(self, key: str, name: str, where: Vec3 | str | None, db: float, t: float) -> None:
        self._mixer.play(key, wave_of(name), self._gains(where, db, t))

    def _begin(self, key: str, wave: Wave, where: Vec3 | str | None, db: float, t: float, loop: bool) -> None:
        self._places[key] = (where, db)
        self._mixer.play(key, wave, self._gains(where, db, t), loop=loop)

    def _end(self, key: str) -> None:
        self._places.pop(key, None)
        self._mixer.stop(key)

    def _gains(self, where: Vec3 | str | None, db: float, t: float) -> Gains:
        me = self._world.actors[self._who]
        place = self._world.actors[where].eye(t) if isinstance(where, str) else where
        if place is None:
            return gains(db - ALL_AROUND_DB, None)
        (level,) = hearing.arriving(self._world, t, place, db, [me])
        x, y, _ = me.eye(t)
        dx, dy = place[0] - x, place[1] - y
        return gains(level, math.atan2(dy, dx) - me.track.at(t).yaw if math.hypot(dx, dy) > 0.3 else None)

    def _wave(self, name: str) -> Wave | None:
        """The wave of a sound; None for a file that can't be read any more."""
        if name in names():
            return wave_of(name)
        if name not in self._files:
            import miniaudio

            try:
                read = miniaudio.decode_file(
                    str(self._folder / name), miniaudio.SampleFormat.FLOAT32, nchannels=1, sample_rate=RATE
                )
            except (miniaudio.MiniaudioError, OSError):
                return None
            self._files[name] = np.array(read.samples, np.float32)
        return self._files[name] if len(self._files[name]) else None
