"""`xrlab check --variants`: many draws of a scenario, none of which may be broken; and whether each runs to its end."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xrlab.document import in_order
from xrlab.errors import InputError, Problem, XrlabError
from xrlab.run import Session, script_of
from xrlab.scenario import load as scenarios
from xrlab.testing.validation import audited
from xrlab.trainee.script import follow, load_script

MOST_SECONDS = 60.0
"""A run that takes longer than this here, whatever its own clock says, is called endless."""

SHOWN = 4
"""So many drawn values are named with a problem at most."""


@dataclass
class _Found:
    """One problem, and the draws (by their place in the list of all) in which it comes up."""

    first: Problem
    draws: list[int] = field(default_factory=list)


def check_variants(
    path: Path, count: int, *, run: bool = False, tick: Callable[[], None] = lambda: None
) -> list[Problem]:
    """What is wrong in some of the draws of the seeds 0 to `count` - 1, each told once with what is drawn there.

    What is wrong in every draw is left to `check_paths`. run: each different draw is also run without a display, with
    the scenario's own scripted trainees, to see that it ends. tick: called once for every seed.
    """
    prepared = scenarios.prepare(path)
    seeds: dict[str, list[int]] = {}
    drawn: list[dict[str, Any]] = []
    found: dict[tuple[Any, ...], _Found] = {}
    for seed in range(count):
        try:
            values = prepared.variation.draw(seed).values
        except InputError as error:
            return error.problems
        key = json.dumps(values, sort_keys=True, default=repr)
        if key not in seeds:
            seeds[key] = []
            drawn.append(values)
            for problem in _of_one(prepared, seed, run):
                _note(found, problem, len(drawn) - 1)
        seeds[key].append(seed)
        tick()
    by_draw = list(seeds.values())
    return in_order([
        _told(f, drawn, by_draw) for f in found.values() if run or len(f.draws) < len(drawn)
    ])  # fmt: skip


def _note(found: dict[tuple[Any, ...], _Found], problem: Problem, draw: int) -> None:
    """Files a problem with others that are the same but for their numbers and places."""
    key = (problem.file, re.sub(r"-?\d+(\.\d+)?", "#", problem.what), problem.warning)
    entry = found.setdefault(key, _Found(problem))
    if draw not in entry.draws[-1:]:
        entry.draws.append(draw)


def _of_one(prepared: scenarios.Prepared, seed: int, run: bool) -> list[Problem]:
    try:
        problems = audited(prepared, prepared.variant(seed)).broken
    except InputError as error:
        return error.problems
    if run and all(p.warning for p in problems):
        problems = problems + _run(prepared, seed)
    return problems


def _run(prepared: scenarios.Prepared, seed: int) -> list[Problem]:
    """What goes wrong when a draw is run from beginning to end."""
    try:
        loaded = prepared.draw(seed)
        script = script_of(loaded)
        plans = load_script(script, loaded) if script else None
        with Session(loaded, seed, None) as session:
            if plans:
                follow(plans, session.run)
            began = time.monotonic()
            while not session.run.engine.ended:
                session.run.engine.step()
                if time.monotonic() - began > MOST_SECONDS:
                    at = session.run.engine.now
                    what = f"the run does not come to an end: after {MOST_SECONDS:g} s of reckoning it is at {at:g} s"
                    return [Problem(str(prepared.path), 1, 1, what)]
            session.finish()
    except InputError as error:
        return [p if p.file else Problem(str(prepared.path), 1, 1, p.what) for p in error.problems]
    except XrlabError as error:
        return [Problem(str(prepared.path), 1, 1, str(error))]
    return []


def _told(found: _Found, drawn: Sequence[dict[str, Any]], seeds: Sequence[Sequence[int]]) -> Problem:
    """A problem with the drawn values that bring it about, and the seeds that draw them."""
    p = found.first
    mine = sorted(seed for draw in found.draws for seed in seeds[draw])
    more = f" (and {len(mine) - 1} more)" if len(mine) > 1 else ""
    values = _culprits([drawn[d] for d in found.draws], drawn)
    shown = ", ".join(f"{name}={_short(value)}" for name, value in values[:SHOWN])
    return Problem(
        p.file, p.line, p.column, f"{p.what} [{shown + ', ' if shown else ''}seed {mine[0]}{more}]", p.warning
    )


def _culprits(bad: Sequence[dict[str, Any]], every: Sequence[dict[str, Any]]) -> list[tuple[str, Any]]:
    """The drawn values that all bad draws share and not all draws; where there are none, all of the first bad one."""

    def values(draws: Sequence[dict[str, Any]], name: str) -> set[str]:
        return {repr(draw.get(name)) for draw in draws}

    first = bad[0]
    shared = [name for name in first if len(values(bad, name)) == 1 < len(values(every, name))]
    varied = [name for name in first if len(values(every, name)) > 1]
    return [(name, first[name]) for name in shared or varied]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"
