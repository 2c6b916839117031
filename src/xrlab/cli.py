"""The `xrlab` command: parses, calls, prints.

Exit codes: 0 passed; 1 ran and failed the pass mark, or a test failed; 2 wrong input or usage; 3 a device
or driver failed. Errors are one line each on standard error; `--debug` shows the traceback as well.
"""

from __future__ import annotations

import json
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import TyperException

from xrlab.errors import InputError, Problem, XrlabError

if TYPE_CHECKING:
    from xrlab.scoring.result import Result

app = typer.Typer(
    name="xrlab",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="XR training scenarios: run them on a window or headless, score, debrief, check and test them.",
)
room_app = typer.Typer(help="What a room file holds, and turning it into a .glb or a layout.")
app.add_typer(room_app, name="room")


class Lang(StrEnum):
    """The four languages of everything that is read."""

    nl = "nl"
    fr = "fr"
    de = "de"
    en = "en"


Json = Annotated[bool, typer.Option("--json", help="Print JSON alone.")]
Language = Annotated[Lang, typer.Option("--lang", help="Language of what is read.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Fixes all luck.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="NAME=VALUE, such as gunman.at=kitchen; wins over vary.")
]
ScenarioArgument = Annotated[str, typer.Argument(help="A shipped scenario's name, or a file.")]


def main() -> None:
    """Entry point of the command."""
    debug = "--debug" in sys.argv  # anywhere, since one adds it at the end of a command that failed
    try:
        args = [a for a in sys.argv[1:] if a != "--debug"]
        code = app(args or ["--help"], standalone_mode=False)
        sys.exit(2 if not args else code if isinstance(code, int) else 0)
    except XrlabError as error:
        if debug:
            raise
        _fail(str(error), error.exit_code)
    except TyperException as error:  # wrong usage
        said = " ".join(error.format_message().split())
        _fail(said.replace("Missing command.", "a command is missing; --help lists them"), 2)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted", 1)
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:  # a mistake of ours; still one line for the one who stands before trainees
        if debug:
            raise
        _fail(f"an error inside xrlab: {type(error).__name__}: {error}; run again with --debug and report it", 3)


def _fail(message: str, code: int) -> None:
    for line in message.splitlines():
        print(f"xrlab: {line}", file=sys.stderr)
    sys.exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        from xrlab import __version__

        print(f"xrlab {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """XR training scenarios: run them on a window or headless, score, debrief, check and test them."""


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))


@app.command("list")
def list_scenarios(
    folder: Annotated[Path | None, typer.Argument(help="Also list the scenarios below this folder.")] = None,
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Scenarios: name, title, kind, trainees, languages."""
    from xrlab.document import read
    from xrlab.language import in_language
    from xrlab.scenario.load import model_of, scenarios_in, shipped

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
            document = read(path)
            scenario = model_of(document, document.data)
        except InputError as error:
            broken += error.problems
            continue
        rows.append(
            {"name": name, "title": in_language(scenario.title, lang.value), "kind": scenario.kind,
             "trainees": list(scenario.trainees), "languages": list(scenario.title)}
        )  # fmt: skip
    if as_json:
        _print_json(rows)
    else:
        _table(["name", "title", "kind", "trainees", "languages"], [
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
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for recording.mcap, result.json, debrief.html.")] = None,
    lang: Language = Lang.en,
    settings: Settings = None,
    as_trainee: Annotated[str | None, typer.Option("--as", help="Which trainee the window is; else the first.")] = None,
    fullscreen: Annotated[bool, typer.Option(help="The window fills the screen.")] = False,
    as_json: Json = False,
) -> None:
    """Run a scenario: in a window, or headless with scripted trainees."""
    from xrlab.scenario.load import setting

    chosen = dict(setting(text) for text in settings or ())
    if headless:
        import xrlab

        if as_trainee or fullscreen:
            raise InputError("--as and --fullscreen are for a window; leave out --headless, or leave them out")
        result = xrlab.run(
            scenario, seed=seed, trainee=trainee, out=out, lang=lang.value, settings=chosen, stop=_interrupt()
        )
    else:
        from xrlab.live import run_live
        from xrlab.review.report import write_debrief

        result = run_live(
            scenario, seed=seed, trainee=trainee, out=out, lang=lang.value, settings=chosen,
            as_trainee=as_trainee, fullscreen=fullscreen, stop=_interrupt(), debrief=write_debrief,
        )  # fmt: skip
    _show(result, lang.value, as_json, out)
    raise typer.Exit(0 if result.passed else 1)


def _interrupt() -> Any:
    """A function that says whether Ctrl-C was pressed; the run then ends cleanly at the next instant."""
    pressed = False

    def press(number: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:  # a second time: the user does not want to wait
            raise KeyboardInterrupt
        pressed = True

    signal.signal(signal.SIGINT, press)
    return lambda: pressed


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
    write_debrief(recording, page, lang.value)
    print(page)


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="Scenarios, rooms, trainee scripts, tests, or folders of them.")],
    as_json: Json = False,
) -> None:
    """Validate files; prints file:line:column: what is wrong, and what would be right."""
    from xrlab.testing.validation import check_paths

    checked, problems = check_paths(paths)
    if as_json:
        _print_json([{"file": p.file, "line": p.line, "column": p.column, "what": p.what} for p in problems])
    else:
        for problem in problems:
            print(problem)
        if not problems:
            print(f"{checked} file{'s' * (checked != 1)} checked: nothing wrong")
    raise typer.Exit(2 if problems else 0)


@app.command()
def test(
    paths: Annotated[list[Path], typer.Argument(help="Files *.test.yaml, or folders of them.")],
    junit: Annotated[Path | None, typer.Option(help="Write the outcome as JUnit XML.")] = None,
    workers: Annotated[int, typer.Option("-n", min=1, max=256, help="Processes side by side.")] = 1,
    as_json: Json = False,
) -> None:
    """Run headless scoring tests."""
    from xrlab.files import write_whole
    from xrlab.testing import cases

    checks = [c for file in cases.test_files(paths) for c in cases.checks_in(file)]
    if workers > 1 and len(checks) > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(min(workers, len(checks)), mp_context=get_context("spawn")) as pool:
            outcomes = list(pool.map(cases.perform, checks))
    else:
        outcomes = [cases.perform(c) for c in checks]
    if junit is not None:
        write_whole(junit, cases.junit(outcomes))
    failed = [o for o in outcomes if not o.good]
    if as_json:
        _print_json([{"file": o.file, "test": o.name, "passed": o.good, "seconds": round(o.seconds, 3),
                      "failures": list(o.failures), "error": o.error or None} for o in outcomes])  # fmt: skip
    else:
        for o in failed:
            for what in (*o.failures, *o.error.splitlines()):
                print(f"{o.file}: {o.name}: {what}")
        print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    if any(o.error for o in outcomes):
        raise typer.Exit(2)
    raise typer.Exit(1 if failed else 0)


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
) -> None:
    """Draw a scenario, also with no display."""
    from xrlab.review.preview import write_preview
    from xrlab.scenario.load import setting

    chosen = dict(setting(text) for text in settings or ())
    print(write_preview(scenario, out=out, camera=camera, at=at, seed=seed, settings=chosen, size=size))


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="scenario, room, trainee, test, or map (of a floor plan).")] = "scenario",
) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    from xrlab.testing.validation import schema_of

    _print_json(schema_of(kind))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Tell what this machine can do, and how to mend what it can't."""
    from xrlab.doctor import examine

    findings = examine()
    if as_json:
        _print_json([f.as_dict() for f in findings])
    else:
        for f in findings:
            print(f"{'ok  ' if f.good else 'FAIL' if f.needed else 'warn'}  {f.what}: {f.found}")
            if f.mend:
                print(f"      {f.mend}")
    raise typer.Exit(3 if any(not f.good and f.needed for f in findings) else 0)


@room_app.command("info")
def room_info(file: Annotated[Path, typer.Argument(help="A layout or a mesh.")], as_json: Json = False) -> None:
    """What a room file holds, with warnings a designer needs."""
    from xrlab.room import load_room
    from xrlab.room.info import describe, sections

    facts = describe(load_room(file))
    if as_json:
        _print_json(facts)
        return
    for title, heads, rows in sections(facts):
        if rows:
            print(f"\n{title}")
            _table(heads, rows)


@room_app.command("convert")
def room_convert(
    file: Annotated[Path, typer.Argument(help="A room of any kind: layout, mesh, floor plan, building model, scan.")],
    out: Annotated[Path, typer.Argument(help="The .glb to write; or the .yaml, from a floor plan or building model.")],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="What a floor plan's layers mean; else PLAN.map.yaml beside it.")
    ] = None,
    triangles: Annotated[int | None, typer.Option(help="Of a scan: how many the mesh may have.")] = None,
    crop: Annotated[
        str | None, typer.Option(help="Of a scan: x0,y0,z0,x1,y1,z1 of what is used, in its own axes and unit.")
    ] = None,
    voxel_mm: Annotated[float | None, typer.Option(help="Of a scan: what is smaller than this is lost.")] = None,
    up: Annotated[str | None, typer.Option(help="Of a scan: its axis that points up (z, y, -y …).")] = None,
    unit: Annotated[str | None, typer.Option(help="Of a scan: m, cm, mm, ft or in.")] = None,
) -> None:
    """Turn a room or a scan into a clean .glb, or a floor plan or building model into a layout to edit on."""
    from xrlab.room.convert import convert
    from xrlab.room.scans.rooms import scan_options

    written, remarks = convert(file, out, mapping, scan_options(triangles, crop, voxel_mm, up, unit))
    for remark in remarks:
        print(f"{file}: {remark}", file=sys.stderr)
    for path in written:
        print(path)


@room_app.command("preview")
def room_preview(
    file: Annotated[Path, typer.Argument(help="A layout or a mesh.")],
    out: Annotated[Path | None, typer.Option(help="The picture to write; else NAME.png here.")] = None,
    camera: Annotated[
        str, typer.Option(help="sheet (plan, four views and figures), plan, a camera of the file, or a named point.")
    ] = "sheet",
    size: Annotated[str, typer.Option(help="Width x height in pixels.")] = "1280x720",
    points: Annotated[bool, typer.Option("--points", help="Of a scan: its points, as they are.")] = False,
) -> None:
    """Draw a room, also with no display."""
    from xrlab.review.preview import write_room_preview

    print(write_room_preview(file, out=out, camera=camera, size=size, points=points))


def _table(heads: list[str], rows: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads, box=None, pad_edge=False, show_header=any(heads))
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


if __name__ == "__main__":
    main()
