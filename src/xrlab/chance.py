"""Luck that can be repeated: one independent random stream for each name."""

from __future__ import annotations

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of `name` in a run with this seed.

    Streams are keyed by name (`SeedSequence`'s spawn key), so that adding one entity changes no other's
    luck. PCG64 is named outright: NumPy's default generator may change, a run's events may not.
    """
    key = tuple(name.encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def drawn(luck: np.random.Generator, between: tuple[float, float]) -> float:
    """An even draw between two numbers, to the microsecond; the number itself if both are the same."""
    low, high = between
    return low if low == high else round(low + (high - low) * float(luck.random()), 6)
