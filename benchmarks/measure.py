"""How the figures are taken: several runs of each thing and of its peer in turn, the median, and what ran them."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

PACKAGES = ("xrlab", "numpy", "trimesh", "embreex")
XRLAB = (sys.executable, "-m", "xrlab.cli")
"""The `xrlab` command of the Python that runs the benchmarks, wherever its script was installed."""


@dataclass(frozen=True)
class Series:
    """What several runs gave. what: what ran. unit: of the values. values: in the order of the runs."""

    what: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return {
            "what": self.what, "unit": self.unit, "median": self.median, "min": min(self.values),
            "max": max(self.values), "runs": len(self.values),
        }  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure beside its peers.

    key: its name in JSON. command: what a user types for the same. target: the most it may be, or the least
    where more_is_better; None where none was set. at_most_times: for each of the first peers, how many times its value
    this may be, None where none was set.
    """

    key: str
    measured: Series
    peers: tuple[Series, ...]
    command: str
    target: float | None = None
    more_is_better: bool = False
    notes: tuple[str, ...] = field(default=())
    at_most_times: tuple[float | None, ...] = ()

    @property
    def met(self) -> bool | None:
        """Whether all targets are reached; None where there is none."""
        reached = [self.ratio(peer) <= most for peer, most in self.ratio_targets]
        if self.target is not None:
            here = self.measured.median
            reached.append(here >= self.target if self.more_is_better else here <= self.target)
        return all(reached) if reached else None

    @property
    def ratio_targets(self) -> list[tuple[Series, float]]:
        """Peers of whose value this may be only so many times."""
        return [(p, most) for p, most in zip(self.peers, self.at_most_times, strict=False) if most is not None]

    def ratio(self, peer: Series) -> float:
        """How many times the peer's value this is."""
        return self.measured.median / peer.median

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return {
            "key": self.key, **self.measured.as_dict(), "target": self.target, "met": self.met,
            "more_is_better": self.more_is_better, "command": self.command, "notes": list(self.notes),
            "peers": [{**peer.as_dict(), "ratio": self.ratio(peer)} for peer in self.peers],
            "at_most_times": [{"what": peer.what, "target": most} for peer, most in self.ratio_targets],
        }  # fmt: skip


@dataclass(frozen=True)
class Missing:
    """A figure that this machine can't give, and why."""

    key: str
    why: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return {"key": self.key, "missing": self.why}


def in_turn(calls: Sequence[Callable[[], float]], rounds: int) -> list[tuple[float, ...]]:
    """What each call gave in each of `rounds` rounds; the calls take turns, so that a busy machine slows all alike.

    One more round is made before and thrown away, but for a single one, which is only to see that all works.
    """
    out: list[list[float]] = [[] for _ in calls]
    first = 0 if rounds > 1 else 1
    for number in range(first, rounds + 1):
        for values, call in zip(out, calls, strict=True):
            value = call()
            if number:
                values.append(value)
    return [tuple(values) for values in out]


def seconds(call: Callable[[], Any]) -> float:
    """How long a call takes."""
    began = perf_counter()
    call()
    return perf_counter() - began


def process(*command: str, codes: tuple[int, ...] = (0,)) -> Callable[[], float]:
    """A call that starts a process and gives the seconds from its start to its end."""

    def once() -> float:
        began = perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        took = perf_counter() - began
        if done.returncode not in codes:
            raise RuntimeError(f"{' '.join(command)} gave {done.returncode}: {done.stderr.strip()}")
        return took

    return once


def machine() -> dict[str, Any]:
    """The machine and the versions that the figures belong to."""
    return {
        "cpu": _cpu(), "cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(), "packages": {name: version(name) for name in PACKAGES},
    }  # fmt: skip


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
