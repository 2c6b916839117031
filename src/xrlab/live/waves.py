"""The sounds of the library as waves, made here with numpy: nothing recorded, and the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from xrlab.scenario.library import sounds

RATE = 22_050
"""Samples in a second."""

Wave = NDArray[np.float32]
_Array = NDArray[np.float64]


@lru_cache(maxsize=64)
def wave_of(sound: str) -> Wave:
    """The wave (samples,) of a sound, -1 to 1, as long as it takes once. Raises KeyError for what is not made here."""
    seconds = sounds()[sound].seconds if sound in sounds() else _SECONDS[sound]
    t = np.arange(round(seconds * RATE)) / RATE
    made = _MAKERS[sound](t)
    fade = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.01)
    return np.asarray(made / max(1e-9, float(np.abs(made).max())) * fade, np.float32)


def names() -> tuple[str, ...]:
    """All sounds that are made here."""
    return tuple(_MAKERS)


def _tone(t: _Array, hertz: float | _Array) -> _Array:
    phase = np.cumsum(np.broadcast_to(hertz, t.shape)) / RATE
    return np.asarray(np.sin(2 * math.pi * phase))


def _noise(t: _Array, seed: int, low: float = 0.0, high: float = RATE / 2) -> _Array:
    """Noise between two frequencies."""
    spectrum = np.fft.rfft(np.random.Generator(np.random.PCG64(seed)).standard_normal(len(t)))
    hertz = np.fft.rfftfreq(len(t), 1 / RATE)
    spectrum[(hertz < low) | (hertz > high)] = 0
    out = np.fft.irfft(spectrum, len(t))
    return np.asarray(out / max(1e-9, float(np.abs(out).max())))


def _hits(t: _Array, at: list[float], decay: float) -> _Array:
    """A fading blow at each of these instants."""
    out = np.zeros_like(t)
    for begin in at:
        out += np.where(t >= begin, np.exp(-np.maximum(t - begin, 0) / decay), 0.0)
    return out


def _gates(t: _Array, spans: list[tuple[float, float]]) -> _Array:
    """Soft on and off between these instants."""
    out = np.zeros_like(t)
    for a, b in spans:
        out += np.clip((t - a) / 0.03, 0, 1) * np.clip((b - t) / 0.06, 0, 1) * (t >= a) * (t <= b)
    return out


def _voice(t: _Array, hertz: _Array, formants: tuple[float, ...] = (700.0, 1200.0, 2600.0)) -> _Array:
    """A sung vowel: harmonics of a gliding pitch, loudest near the formants."""
    out = np.zeros_like(t)
    for k in range(1, 18):
        near = sum(math.exp(-(((k * float(hertz.mean()) - f) / 220.0) ** 2)) for f in formants)
        out += _tone(t, hertz * k) * (near + 0.15 / k)
    return out


def _bell(t: _Array) -> _Array:
    strokes = _hits(t % 0.08, [0.0], 0.06)
    return strokes * sum(_tone(t, f) for f in (1850.0, 2630.0, 3970.0))


def _dog(t: _Array) -> _Array:
    barks = [0.0, 0.38, 1.0, 1.36]
    body = sum(
        _gates(t, [(a, a + 0.18)]) * _voice(t, 430.0 - 900.0 * np.clip(t - a, 0, 0.2), (650.0, 1100.0)) for a in barks
    )
    return body + 0.8 * _noise(t, 2, 400, 2500) * _gates(t, [(a, a + 0.14) for a in barks])


def _crying(t: _Array) -> _Array:
    sobs = [(0.0, 0.9), (1.05, 1.35), (1.45, 1.7), (1.95, 3.0), (3.2, 3.45), (3.55, 3.9)]
    pitch = 420 + 60 * np.sin(2 * math.pi * 5.5 * t) - 110 * (t % 1.0)
    return _voice(t, pitch, (900.0, 1500.0)) * _gates(t, sobs) + 0.1 * _noise(t, 3, 1500, 5000)


def _shouts(t: _Array) -> _Array:
    calls = [(0.05, 0.45), (0.55, 0.75), (0.95, 1.65)]
    return _voice(t, 190 + 60 * np.sin(2 * math.pi * 0.7 * t)) * _gates(t, calls) * (1 + 0.3 * _noise(t, 4, 0, 60))


def _crowd(t: _Array) -> _Array:
    out = 0.3 * _noise(t, 5, 200, 1800)
    for k in range(12):
        pulse = np.clip(_noise(t, 50 + k, 0.5, 5.0) * 3, 0, 1)
        out = out + pulse * _noise(t, 80 + k, 180 + 35 * k, 900 + 120 * k)
    return out


def _phone(t: _Array) -> _Array:
    return (
        (_tone(t, 440.0) + _tone(t, 480.0)) * (1 + 0.7 * np.sign(_tone(t, 20.0))) * _gates(t, [(0.0, 1.0), (1.5, 2.5)])
    )


def _radio(t: _Array) -> _Array:
    words = [(0.2, 0.5), (0.55, 0.95), (1.05, 1.3), (1.4, 2.1), (2.2, 2.6)]
    speech = np.tanh(3 * _voice(t, 130 + 25 * np.sin(9 * t), (900.0, 1700.0, 2400.0)) * _gates(t, words))
    return speech + 0.35 * _noise(t, 6, 500, 3000) + _gates(t, [(0, 0.08), (2.8, 2.95)]) * _noise(t, 7, 800, 4000)


def _shot(t: _Array) -> _Array:
    return _noise(t, 8) * np.exp(-t / 0.02) + 0.6 * _noise(t, 9, 30, 900) * np.exp(-t / 0.16)


def _gunfire(t: _Array) -> _Array:
    return _noise(t, 10, 40, 1800) * _hits(t, [0.0, 0.28, 0.55, 1.0], 0.07)


def _explosion(t: _Array) -> _Array:
    return _noise(t, 11, 20, 400) * np.exp(-t / 0.6) + _noise(t, 12) * np.exp(-t / 0.05)


def _steps(t: _Array) -> _Array:
    return _noise(t, 13, 60, 700) * _hits(t, [0.1, 0.6, 1.1, 1.6], 0.05)


_MAKERS: dict[str, Callable[[_Array], _Array]] = {
    "alarm": _bell,
    "siren": lambda t: np.tanh(3 * _tone(t, 700 + 350 * np.sin(2 * math.pi * 0.5 * t))),
    "barking_dog": _dog,
    "crying": _crying,
    "screaming": lambda t: _voice(t, 900 + 250 * np.exp(-t) + 25 * _tone(t, 7.0), (1800.0, 2800.0)),
    "shouting": _shouts,
    "crowd": _crowd,
    "phone": _phone,
    "doorbell": lambda t: _tone(t, 660.0) * _hits(t, [0.0], 0.4) + _tone(t, 523.0) * _hits(t, [0.6], 0.5),
    "knocking": lambda t: (_noise(t, 14, 100, 900) + _tone(t, 180.0)) * _hits(t, [0.05, 0.35, 0.65], 0.04),
    "radio": _radio,
    "breaking_glass": lambda t: _noise(t, 15, 2500, 10_000) * _hits(t, [0.0, 0.07, 0.16, 0.3, 0.45], 0.09),
    "footsteps": _steps,
    "engine": lambda t: np.tanh(2 * sum(_tone(t, 42.0 * k) / k for k in range(1, 9))) + 0.2 * _noise(t, 16, 80, 600),
    "gunfire": _gunfire,
    "explosion": _explosion,
    "ticking": lambda t: _noise(t, 17, 1500, 6000) * _hits(t, [0.0, 0.5], 0.008),
    "beep": lambda t: _tone(t, 1900.0) + 0.3 * _tone(t, 3800.0),
    "whistle": lambda t: _tone(t, 2900 + 180 * np.sign(_tone(t, 38.0))) + 0.1 * _noise(t, 18, 2000, 6000),
    "crackle": lambda t: _noise(t, 21, 1500, 9000) * _hits(t % 0.053, [0.0], 0.006),
    "hiss": lambda t: _noise(t, 22, 2500, 10_000),
    "shot": _shot,
    "door": lambda t: (
        _noise(t, 19, 60, 500) * _hits(t, [0.25], 0.08) + 0.15 * _tone(t, 240 + 60 * _tone(t, 3.0)) * (t < 0.2)
    ),
    "voice": _shouts,
    "thud": lambda t: (_tone(t, 70.0) + _noise(t, 20, 30, 300)) * _hits(t, [0.0], 0.08),
}
_SECONDS = {"shot": 0.6, "door": 0.6, "voice": 1.7, "thud": 0.4}
