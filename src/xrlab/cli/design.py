"""The designer's commands: check, preview, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from xrlab.cli.common import (
    Json,
    Lang,
    Language,
    ScenarioArgument,
    Seed,
    Settings,
    app,
    chosen,
    interrupt,
    print_json,
    progress,
)
from xrlab.errors import InputError


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="Scenarios, rooms, trainee scripts, tests, or folders of them.")],
    variants: Annotated[
        int, typer.Option(min=0, max=100_000, help="Also prove so many draws of what varies, by the seeds from 0.")
    ] = 0,
    run: Annotated[bool, typer.Option("--run", help="Run each draw with its script, to see that it ends.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: Json = False,
) -> None:
    """Validate files; prints file:line:column: what is wrong, and what would be right."""
    from xrlab.testing.validation import check_paths, scenario_files

    checked, problems = check_paths(paths)
    if variants or run:
        from xrlab.testing.variants import check_variants

        count = variants or 1
        found = scenario_files(paths)
        with progress("variants", len(found) * count) as tick:
            for path in found:
                problems += check_variants(path, count, run=run, tick=tick)
        problems = list(dict.fromkeys(problems))
    errors = [p for p in problems if strict or not p.warning]
    if as_json:
        print_json([{"file": p.file, "line": p.line, "column": p.column, "what": p.what,
                      "severity": "warning" if p.warning else "error"} for p in problems])  # fmt: skip
    else:
        for problem in problems:
            print(problem)
        warned = sum(p.warning for p in problems)
        drawn = f", {variants} draws of each scenario" if variants else ""
        if not errors:
            said = f"{warned} warning{'s' * (warned != 1)}" if warned else "nothing wrong"
            print(f"{checked} file{'s' * (checked != 1)} checked{drawn}: {said}")
    raise typer.Exit(2 if errors else 0)


@app.command()
def preview(
    scenario: ScenarioArgument,
    out: Annotated[Path | None, typer.Option(help="The picture to write; else NAME.png here.")] = None,
    camera: Annotated[str, typer.Option(help="plan, a trainee, a role player, or a named point.")] = "plan",
    at: Annotated[
        float, typer.Option(min=0, max=7200, help="Seconds from the start, with the scripted trainees.")
    ] = 0.0,
    seed: Seed = 0,
    settings: Settings = None,
    size: Annotated[str, typer.Option(help="Width x height in pixels.")] = "1280x720",
    screens: Annotated[
        Path | None, typer.Option(help="Description of a projected range: a picture for each of its screens.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on at each save: in a window, or with --out or no display in a file.")
    ] = False,
    lang: Language = Lang.en,
) -> None:
    """Draw a scenario, also with no display; with --watch, again at each save of its files."""
    if watch:
        if screens is not None:
            raise InputError("--screens and --watch do not go together: preview the screens without --watch")
        from xrlab.review.watching import watch_preview

        watch_preview(
            scenario, out=out, camera=camera, at=at, seed=seed, settings=chosen(settings), size=size, lang=lang.value,
            stop=interrupt(),
        )  # fmt: skip
        return
    from xrlab.review.preview import write_on_screens, write_preview

    if screens is not None:
        words: dict[str, Any] = {
            "out": out,
            "camera": camera,
            "at": at,
            "seed": seed,
            "settings": chosen(settings),
            "size": size,
        }
        for path in write_on_screens(scenario, screens, **words):
            print(path)
        return
    print(write_preview(scenario, out=out, camera=camera, at=at, seed=seed, settings=chosen(settings), size=size))


@app.command()
def schema(
    kind: Annotated[
        str, typer.Argument(help="scenario, room, trainee, test, standard, keys, or map (of a floor plan).")
    ] = "scenario",
    write: Annotated[
        Path | None, typer.Option(help="Write the schemas of all kinds into .xrlab/ in this folder instead.")
    ] = None,
) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    from xrlab.authoring.schema import schema_of, write_schemas

    if write is None:
        print_json(schema_of(kind))
        return
    for path in write_schemas(write):
        print(path)
