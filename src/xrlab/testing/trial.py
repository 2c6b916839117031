"""`xrlab trial`: many runs of a scenario with scripted trainees, and what they say of how hard it is.

Each run has a seed of its own; what comes out depends on the seeds alone, not on how many processes made the runs or
in which order.
"""

from __future__ import annotations

import json
import math
import shlex
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xrlab.errors import InputError, XrlabError, meant
from xrlab.run import Runs
from xrlab.testing.workers import Died, spread
from xrlab.trainee.skill import LEVELS

ALL = "all"
CHUNK = 25
"""At most so many runs are sent to a process at once: few enough that an interrupt ends soon."""

Z95 = 1.959963984540054
"""Two-sided 95 % of a normal law."""

WORST = 5
SHARES = (5, 25, 50, 75, 95)


@dataclass(frozen=True)
class Order:
    """What is to be run. settings: values by path, as JSON text, so that orders can be compared and sent."""

    scenario: str
    trainee: str | None = None
    settings: str = "{}"
    skill: str | None = None


class Row(NamedTuple):
    """One run. points and most: by criterion. broken: limits that were not met. error: why it could not be made."""

    seed: int
    passed: bool = False
    score: float = 0.0
    most: float = 0.0
    duration_s: float = 0.0
    points: dict[str, tuple[float, float]] = {}  # noqa: RUF012 - a row is never changed
    broken: tuple[str, ...] = ()
    limited: tuple[str, ...] = ()
    error: str = ""


@lru_cache(maxsize=4)
def _runs(order: Order) -> Runs:
    return Runs(
        order.scenario, trainee=order.trainee, settings=json.loads(order.settings), skill=order.skill
    )  # fmt: skip


def run_chunk(work: tuple[Order, tuple[int, ...]]) -> list[Row]:
    """The rows of some seeds; made in a process of its own."""
    order, seeds = work
    return [_row(order, seed) for seed in seeds]


def _row(order: Order, seed: int) -> Row:
    try:
        with _runs(order).session(seed) as session:
            session.run.engine.run()
            result = session.finish(marks_only=True)
    except XrlabError as error:
        return Row(seed, error=str(error))
    except Exception as error:  # a mistake of ours in one run is told with its seed; the others still count
        return Row(seed, error=f"an error inside xrlab: {type(error).__name__}: {error}")
    limited = [c for c in result["criteria"] if c["limit"] is not None]
    return Row(
        seed, result.passed, result.score, result["max_score"], result["duration_s"],
        {c["id"]: (c["points"], c["max_points"]) for c in result["criteria"] if c["max_points"]},
        tuple(c["id"] for c in limited if not c["passed"]), tuple(c["id"] for c in limited),
    )  # fmt: skip


@dataclass
class Trial:
    """The runs of one skill, by seed. wanted: how many were to be made."""

    order: Order
    wanted: int
    pass_at: float
    rows: list[Row] = field(default_factory=list)

    @property
    def good(self) -> list[Row]:
        """The runs that could be made."""
        return [r for r in self.rows if not r.error]

    @property
    def errors(self) -> list[Row]:
        """Seeds whose run could not be made."""
        return [r for r in self.rows if r.error]

    def summary(self) -> dict[str, Any]:
        """What the runs come to, as plain data."""
        rows = self.good
        passed = sum(r.passed for r in rows)
        low, high = wilson(passed, len(rows))
        return {
            "skill": self.order.skill, "wanted": self.wanted, "runs": len(rows), "passed": passed,
            "pass_rate": round(passed / len(rows), 6) if rows else None, "pass_rate_95": [low, high],
            "score": _spread([r.score for r in rows]), "max_score": max((r.most for r in rows), default=0.0),
            "duration_s": _spread([r.duration_s for r in rows]),
            "criteria": self._criteria(rows),
            "worst": [self._bad(r) for r in sorted(rows, key=lambda r: (r.passed, r.score, r.seed))[:WORST]],
            "errors": [{"seed": r.seed, "what": r.error} for r in self.errors],
        }  # fmt: skip

    def _criteria(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Points lost and limits broken, by criterion, in the order of the scenario."""
        names = list(dict.fromkeys(n for r in rows for n in (*r.points, *r.limited)))
        out = []
        for name in names:
            lost = [r.points[name][1] - r.points[name][0] for r in rows if name in r.points]
            limits = [name in r.broken for r in rows if name in r.limited]
            out.append({
                "id": name,
                "max_points": max((r.points[name][1] for r in rows if name in r.points), default=0.0),
                "mean_lost": round(statistics.fmean(lost), 4) if lost else 0.0,
                "lost_in": sum(n > 1e-9 for n in lost),
                "limit_broken_in": sum(limits) if limits else None,
            })  # fmt: skip
        return out

    def _bad(self, row: Row) -> dict[str, Any]:
        lost = sorted(row.points, key=lambda n: row.points[n][0] - row.points[n][1])
        why = [*row.broken, *(n for n in lost if row.points[n][0] < row.points[n][1] and n not in row.broken)][:3]
        return {
            "seed": row.seed,
            "score": row.score,
            "passed": row.passed,
            "why": why,
            "command": self.command(row.seed),
        }

    def command(self, seed: int) -> str:
        """What one types to see one of the runs."""
        words = ["xrlab", "run", self.order.scenario, "--headless", "--seed", str(seed)]
        words += ["--trainee", self.order.trainee] if self.order.trainee else []
        words += ["--skill", self.order.skill] if self.order.skill else []
        for name, value in json.loads(self.order.settings).items():
            words += ["--set", f"{name}={json.dumps(value, ensure_ascii=False)}"]
        return shlex.join([*words, "--out", f"seed-{seed}"])


def wilson(passed: int, runs: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share of runs.

    E. B. Wilson, Journal of the American Statistical Association 22(158), 1927: unlike the plain one it holds for few
    runs and for shares near 0 and 1.
    """
    if not runs:
        return 0.0, 1.0
    share, z2 = passed / runs, Z95 * Z95
    middle = share + z2 / (2 * runs)
    half = Z95 * math.sqrt(share * (1 - share) / runs + z2 / (4 * runs * runs))
    low, high = ((middle + sign * half) / (1 + z2 / runs) for sign in (-1, 1))
    return round(max(0.0, low), 6), round(min(1.0, high), 6)


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    marks = np.percentile(values, SHARES).tolist()
    return {
        "mean": round(statistics.fmean(values), 4), "sd": round(statistics.pstdev(values), 4), "min": min(values),
        **{f"p{share}": round(mark, 4) for share, mark in zip(SHARES, marks, strict=True)}, "max": max(values),
    }  # fmt: skip


def levels(skill: str | None) -> list[str | None]:
    """The skills of a trial: the script's own, one, or all three; raises `InputError` for an unknown one."""
    if skill == ALL:
        return list(LEVELS)
    if skill is not None and skill not in LEVELS:
        raise InputError(f"--skill: no skill is called '{skill}'{meant(skill, (*LEVELS, ALL))}")
    return [skill]


def trials(
    scenario: str,
    *,
    runs: int = 1000,
    first: int = 0,
    trainee: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    skill: str | None = None,
    workers: int = 1,
    step: Callable[[int], None] = lambda count: None,
) -> tuple[list[Trial], bool]:
    """Makes the runs; gives a trial for each skill, and whether all were made: False after an interrupt (Ctrl-C).

    step: told how many runs have just been made. Raises `InputError` where nothing can be run at all.
    """
    _runs.cache_clear()  # files may have changed since runs were made here before
    text = json.dumps(dict(settings or {}), sort_keys=True)
    orders = [Order(scenario, str(trainee) if trainee else None, text, level) for level in levels(skill)]
    out = {order: Trial(order, runs, _probe(order, first)) for order in orders}
    seeds = range(first, first + runs)
    size = max(1, min(CHUNK, runs * len(orders) // (4 * workers)))
    work = [(o, tuple(seeds[at : at + size])) for at in range(0, runs, size) for o in orders]
    whole, pieces = True, spread(run_chunk, work, workers)
    try:
        for index, rows in pieces:
            order, chunk = work[index]
            out[order].rows += [Row(s, error=str(rows)) for s in chunk] if isinstance(rows, Died) else rows
            step(len(chunk))
    except KeyboardInterrupt:
        whole = False
    finally:
        pieces.close()  # type: ignore[attr-defined]
    for trial in out.values():
        trial.rows.sort()
    return list(out.values()), whole


def _probe(order: Order, seed: int) -> float:
    """Reads everything once, so that what is wrong is said before any process starts; the mark needed to pass."""
    with _runs(order).session(seed) as session:
        return session.loaded.scenario.scoring.pass_at


def replays(trial: Trial, most: int) -> Iterator[str]:
    """The worst of the runs that lost anything, in words, each with what to type to see it."""
    for bad in [b for b in trial.summary()["worst"] if b["why"] or not b["passed"]][:most]:
        verdict = "passed" if bad["passed"] else "not passed"
        why = f" ({', '.join(bad['why'])})" if bad["why"] else ""
        yield f"seed {bad['seed']}: {bad['score']:.1f} points, {verdict}{why}\n    {bad['command']}"
