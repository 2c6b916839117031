"""The designer's commands that make many runs: trial and test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xrlab.cli.common import Json, ScenarioArgument, Settings, app, chosen, print_json, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from xrlab.testing.trial import Trial

Workers = Annotated[
    int | None, typer.Option("-n", "--workers", min=1, max=256, help="Processes side by side; else one for each core.")
]


@app.command()
def trial(
    scenario: ScenarioArgument,
    runs: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many runs, each with the next seed.")] = 1000,
    trainee: Annotated[Path | None, typer.Option(help="Script for the trainees; else the scenario's own.")] = None,
    skill: Annotated[
        str | None, typer.Option(help="novice, trained or expert, in place of the script's; all for the three.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**62, help="The first seed.")] = 0,
    settings: Settings = None,
    workers: Workers = None,
    out: Annotated[Path | None, typer.Option(help="Folder for trial.json and scores.svg, a picture.")] = None,
    as_json: Json = False,
) -> None:
    """Run a scenario many times with scripted trainees: how hard is it, and where are points lost?"""
    from time import perf_counter

    from xrlab.testing.trial import levels, trials
    from xrlab.testing.workers import cores

    count = runs * len(levels(skill))
    began = perf_counter()
    with _progress(f"{scenario}", count, hidden=as_json) as step:
        made, whole = trials(
            scenario, runs=runs, first=seed, trainee=trainee, settings=chosen(settings), skill=skill,
            workers=min(workers or cores(), max(1, count // 20)), step=step,
        )  # fmt: skip
    seconds = perf_counter() - began
    facts = {"scenario": scenario, "trainee": str(trainee) if trainee else None, "settings": chosen(settings),
             "first_seed": seed, "whole": whole, "trials": [t.summary() for t in made]}  # fmt: skip
    files = _write(out, scenario, facts, made) if out is not None else []
    if as_json:
        print_json({**facts, "seconds": round(seconds, 3)})
    else:
        _show(facts, made, seconds, files)
    if not whole:
        print(f"xrlab: interrupted after {sum(len(t.rows) for t in made)} of {count} runs", file=sys.stderr)
    for t in made:
        for row in t.errors[:WORST_SHOWN]:
            print(f"xrlab: seed {row.seed}: {row.error}", file=sys.stderr)
    if any(t.errors for t in made):
        raise typer.Exit(2)
    raise typer.Exit(0 if whole else 1)


@app.command()
def test(
    paths: Annotated[list[Path], typer.Argument(help="Files *.test.yaml, or folders of them.")],
    junit: Annotated[Path | None, typer.Option(help="Write the outcome as JUnit XML.")] = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Run headless scoring tests; a failing one is shown with what happened around it."""
    from xrlab.files import write_whole
    from xrlab.testing import cases
    from xrlab.testing.workers import cores

    checks = [c for file in cases.test_files(paths) for c in cases.checks_in(file)]
    runs = sum(len(c.seeds) for c in checks)
    with _progress("tests", runs, hidden=as_json) as step:
        outcomes = cases.perform_all(checks, workers or min(cores(), max(1, runs // FEW_RUNS)), step)
    if junit is not None:
        write_whole(junit, cases.junit(outcomes))
    failed = [o for o in outcomes if not o.good]
    if as_json:
        print_json([{"file": o.file, "test": o.name, "passed": o.good, "seconds": round(o.seconds, 3),
                      "failures": list(o.failures), "stories": [list(s) for s in o.stories],
                      "error": o.error or None} for o in outcomes])  # fmt: skip
    else:
        for o in failed:
            for line in o.told():
                print(line if line.startswith("    ") else f"{o.file}: {o.name}: {line}")
        print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    if any(o.error for o in outcomes):
        raise typer.Exit(2)
    raise typer.Exit(1 if failed else 0)


FEW_RUNS = 8
"""A process for fewer runs than this takes longer to start than to run them here."""

WORST_SHOWN = 5


def _write(out: Path, scenario: str, facts: dict[str, Any], made: list[Trial]) -> list[Path]:
    import json

    from xrlab.files import make_folder, write_whole
    from xrlab.testing.histogram import histogram

    make_folder(out)
    write_whole(out / "trial.json", (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode())
    write_whole(out / "scores.svg", histogram(scenario, made).encode())
    return [out / "trial.json", out / "scores.svg"]


def _show(facts: dict[str, Any], made: list[Trial], seconds: float, files: list[Path]) -> None:
    """The figures side by side, and what to look at."""
    from xrlab.testing.trial import replays

    sums = facts["trials"]
    runs = sum(s["runs"] for s in sums)
    simulated = sum(s["duration_s"]["mean"] * s["runs"] for s in sums if s["duration_s"])
    print(
        f"{facts['scenario']}: {runs} runs from seed {facts['first_seed']} on, {seconds:.1f} s "
        f"({runs / seconds:.0f} runs/s, {simulated / seconds:.0f} times real time)\n"
    )
    heads = ["", *(s["skill"] or "as scripted" for s in sums)]
    table(heads, [
        ["passed", *(_rate(s) for s in sums)],
        ["  95 % interval", *("{:.1%} to {:.1%}".format(*s["pass_rate_95"]) for s in sums)],
        [f"score of {max(s['max_score'] for s in sums):g}, mean", *(_number(s["score"], "mean") for s in sums)],
        ["  5 % below", *(_number(s["score"], "p5") for s in sums)],
        ["  half below", *(_number(s["score"], "p50") for s in sums)],
        ["  95 % below", *(_number(s["score"], "p95") for s in sums)],
        ["duration, mean", *(f"{_number(s['duration_s'], 'mean')} s" for s in sums)],
    ])  # fmt: skip
    rows = {c["id"]: c for s in sums for c in s["criteria"]}
    lost = [n for n, c in rows.items() if c["max_points"]]
    limits = [n for n, c in rows.items() if c["limit_broken_in"] is not None]
    if lost:
        print("\nPoints lost, on average")
        order = sorted(lost, key=lambda n: -max(_of(s, n, "mean_lost") for s in sums))
        table(heads, [
            [f"{n} (of {rows[n]['max_points']:g})", *(f"{_of(s, n, 'mean_lost'):.1f}" for s in sums)] for n in order
        ])  # fmt: skip
    if limits:
        print("\nLimits broken, in runs")
        table(heads, [[n, *(f"{_of(s, n, 'limit_broken_in'):g}" for s in sums)] for n in limits])
    for t in made:
        lines = list(replays(t, 5 if len(made) == 1 else 2))
        if lines:
            print(f"\nWorst runs{f' of {t.order.skill}' if t.order.skill else ''}, to look at")
        for line in lines:
            print(f"  {line}")
    for path in files:
        print(path)


def _rate(summary: dict[str, Any]) -> str:
    return "–" if summary["pass_rate"] is None else f"{summary['pass_rate']:.1%}"


def _number(figures: dict[str, float] | None, key: str) -> str:
    return "–" if figures is None else f"{figures[key]:.1f}"


def _of(summary: dict[str, Any], criterion: str, key: str) -> float:
    return next((c[key] or 0.0 for c in summary["criteria"] if c["id"] == criterion), 0.0)


def _progress(what: str, total: int, *, hidden: bool) -> AbstractContextManager[Callable[[int], None]]:
    """A bar on a terminal's standard error; nothing elsewhere. Gives a function that is told of each step."""
    from contextlib import contextmanager

    @contextmanager
    def bar() -> Any:
        if hidden or not sys.stderr.isatty():
            yield lambda count: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(what, total=total)
            yield lambda count: progress.advance(task, count)

    return bar()
