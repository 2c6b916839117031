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
    print_text,
    table,
)
from xrlab.errors import InputError, Problem

if TYPE_CHECKING:
    from fractions import Fraction

    from xrlab.scoring.result import Result

KeysFile = Annotated[
    Path | None, typer.Option("--keys", help="A file with a key map; else your own, else as it comes.")
]


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
    fullscreen: Annotated[bool, typer.Option("--fullscreen", help="The window fills the screen.")] = False,
    monitor: Annotated[
        str | None, typer.Option(help="The screen to fill, by number or part of its name; doctor lists them.")
    ] = None,
    size: Annotated[str | None, typer.Option(help="Of a window: WIDTHxHEIGHT, such as 1600x900.")] = None,
    no_vsync: Annotated[
        bool, typer.Option("--no-vsync", help="Of a window: pictures don't wait for the screen.")
    ] = False,
    keys: KeysFile = None,
    watch: Annotated[bool, typer.Option("--watch", help="Of a window: heed saves of the scenario's files.")] = False,
    mute: Annotated[bool, typer.Option("--mute", help="Of a window: begin without sound.")] = False,
    as_json: Json = False,
) -> None:
    """Run a scenario: in a window, or headless with scripted trainees."""

    if headless:
        import xrlab

        for_window = {
            "--as": as_trainee, "--fullscreen": fullscreen, "--monitor": monitor, "--size": size,
            "--no-vsync": no_vsync, "--keys": keys, "--watch": watch, "--mute": mute,
        }  # fmt: skip
        if given := [name for name, value in for_window.items() if value]:
            raise InputError(f"for a window, not for --headless: {', '.join(given)}")
        result = xrlab.run(
            scenario, seed=seed, trainee=trainee, out=out, lang=lang.value, settings=chosen(settings), skill=skill,
            stop=interrupt(),
        )  # fmt: skip
    else:
        if skill:
            raise InputError("--skill is for runs without a window; add --headless, or write it into the script")
        from xrlab.live.keys import keys_for
        from xrlab.live.window import Screen, run_live
        from xrlab.review.preview import pixels
        from xrlab.review.report import write_debrief

        if size and (fullscreen or monitor is not None):
            raise InputError("--size is for a window; leave out --fullscreen and --monitor, or it")
        screen = Screen(fullscreen, monitor, pixels(size) if size else None, not no_vsync)
        result = run_live(
            scenario, seed=seed, trainee=trainee, out=out, lang=lang.value, settings=chosen(settings),
            as_trainee=as_trainee, screen=screen, keys=keys_for(keys), stop=interrupt(), debrief=write_debrief,
            watch=watch, mute=mute,
        )  # fmt: skip
    _show(result, lang.value, as_json, out)
    raise typer.Exit(0 if result.passed else 1)


@app.command("keys")
def show_keys(keys: KeysFile = None) -> None:
    """Print which key does what in a window, as a file to start from."""
    from xrlab.live.keys import keys_for, usual_place, written

    found = keys_for(keys)
    where = f"# Which key does what in a window of xrlab. Used from {usual_place()}, or with: xrlab run --keys FILE"
    print_text(f"{where}\n{written(found)}")


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
