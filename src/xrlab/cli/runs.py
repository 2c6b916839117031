"""The instructor's commands: list, run, score, debrief, recognition."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xrlab.cli.common import (
    Json,
    Lang,
    Language,
    ScenarioArgument,
    Seed,
    Settings,
    Skill,
    app,
    chosen,
    interrupt,
    print_json,
    table,
)
from xrlab.errors import InputError, Problem

if TYPE_CHECKING:
    from fractions import Fraction

    from xrlab.scoring.result import Result


@app.command("list")
def list_scenarios(
    folder: Annotated[Path | None, typer.Argument(help="Also list the scenarios below this folder.")] = None,
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Scenarios: name, title, kind, trainees, languages."""
    from xrlab.language import in_language
    from xrlab.scenario.load import model_of, prepare, scenarios_in, shipped

    found = dict(shipped())
    if folder is not None:
        if not folder.is_dir():
            raise InputError(f"{folder}: is not a folder")
        own = {str(folder / name) + ".yaml": path for name, path in scenarios_in(folder).items()}
        known = {p.resolve() for p in found.values()}
        found |= {n: p for n, p in own.items() if p.resolve() not in known}
    rows: list[dict[str, Any]] = []
    broken: list[Problem] = []
    for name, path in found.items():
        try:
            scenario = model_of(prepare(path).variant(0).document)
        except InputError as error:
            broken += error.problems
            continue
        rows.append(
            {"name": name, "title": in_language(scenario.title, lang.value), "kind": scenario.kind,
             "trainees": list(scenario.trainees), "languages": list(scenario.title)}
        )  # fmt: skip
    if as_json:
        print_json(rows)
    else:
        table(["name", "title", "kind", "trainees", "languages"], [
            [r["name"], r["title"], r["kind"], " ".join(r["trainees"]), " ".join(r["languages"])] for r in rows
        ])  # fmt: skip
    if broken:
        raise InputError(broken)


@app.command()
def run(
    scenario: ScenarioArgument,
    headless: Annotated[
        bool, typer.Option("--headless", help="No window: scripted trainees, as fast as can be.")
    ] = False,
    trainee: Annotated[Path | None, typer.Option(help="Script for the trainees; else the scenario's own.")] = None,
    skill: Skill = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for recording.mcap, result.json, debrief.html.")] = None,
    lang: Language = Lang.en,
    settings: Settings = None,
    as_trainee: Annotated[str | None, typer.Option("--as", help="Which trainee the window is; else the first.")] = None,
    fullscreen: Annotated[bool, typer.Option(help="The window fills the screen.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Of a window: heed saves of the scenario's files.")] = False,
    mute: Annotated[bool, typer.Option("--mute", help="Of a window: begin without sound.")] = False,
    as_json: Json = False,
) -> None:
    """Run a scenario: in a window, or headless with scripted trainees."""

    if headless:
        import xrlab

        if as_trainee or fullscreen or watch or mute:
            which = "--as, --fullscreen, --watch and --mute"
            raise InputError(f"{which} are for a window; leave out --headless, or leave them out")
        result = xrlab.run(
            scenario, seed=seed, trainee=trainee, out=out, lang=lang.value, settings=chosen(settings), skill=skill,
            stop=interrupt(),
        )  # fmt: skip
    else:
        if skill:
            raise InputError("--skill is for runs without a window; add --headless, or write it into the script")
        from xrlab.live import run_live
        from xrlab.review.report import write_debrief

        result = run_live(
            scenario, seed=seed, trainee=trainee, out=out, lang=lang.value, settings=chosen(settings),
            as_trainee=as_trainee, fullscreen=fullscreen, stop=interrupt(), debrief=write_debrief,
            watch=watch, mute=mute,
        )  # fmt: skip
    _show(result, lang.value, as_json, out)
    raise typer.Exit(0 if result.passed else 1)


def _show(result: Result, lang: str, as_json: bool, out: Path | None) -> None:
    if as_json:
        sys.stdout.write(result.to_json())
        return
    from xrlab.review.summary import print_summary

    print_summary(result, lang, out)


@app.command()
def score(
    recording: Annotated[Path, typer.Argument(help="A recording.mcap.")],
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Score again from the recording alone: the same result.json, byte for byte."""
    from xrlab.recording import read_recording
    from xrlab.run import score_recording

    result = score_recording(read_recording(recording))
    _show(result, lang.value, as_json, None)
    raise typer.Exit(0 if result.passed else 1)


@app.command()
def debrief(
    recording: Annotated[Path, typer.Argument(help="A recording.mcap.")],
    out: Annotated[Path | None, typer.Option(help="The page to write; else debrief.html beside the recording.")] = None,
    lang: Language = Lang.en,
) -> None:
    """Write the after-action report again."""
    from xrlab.review.report import write_debrief

    page = out or recording.with_name("debrief.html")
    left_out = write_debrief(recording, page, lang.value)
    print(page)
    if left_out:
        print(f"xrlab: warning: the page is without remarks: {left_out}", file=sys.stderr)


@app.command()
def recognition(
    results: Annotated[list[Path], typer.Argument(help="Some result.json, or the folders they lie in.")],
    as_json: Json = False,
) -> None:
    """Count shoot-or-don't decisions of several runs together: by trainee, d' and bias."""
    from xrlab.scoring.detection import Counts, read_results

    by_trainee = read_results(results)
    together = Counts()
    for counts in by_trainee.values():
        together = together.plus(counts)
    if as_json:
        print_json({"trainees": {who: c.as_dict() for who, c in by_trainee.items()}, "all": together.as_dict()})
        return
    rows = [*by_trainee.items(), *([("all", together)] if len(by_trainee) > 1 else [])]
    heads = ["trainee", "hits", "misses", "false alarms", "correct rejections", "judged right", "d'", "bias c"]
    table(heads, [[who, *map(str, c), *map(_figure, (c.right, c.d_prime, c.bias))] for who, c in rows])


def _figure(value: float | Fraction | None) -> str:
    return "" if value is None else f"{float(value):.2f}"
