"""The commands of those who write scenarios: new, story, graph, convert, set."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from xrlab.cli.common import Json, Lang, Language, ScenarioArgument, Seed, Settings, app, chosen, print_json, print_text
from xrlab.errors import InputError

if TYPE_CHECKING:
    from xrlab.authoring.new import Kind

KindOption = Literal["range", "house", "exercise"]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the scenario, also with a folder: my_lab/robbery.")],
    kind: Annotated[KindOption | None, typer.Option(help="range, house or exercise; else house.")] = None,
    room: Annotated[
        str | None, typer.Option(help="A room's file, or a shipped room's name; else a small room of its own.")
    ] = None,
    lang: Language = Lang.en,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Json = False,
) -> None:
    """Write a scenario to start from, with a trainee and a test; asks kind and room in a terminal."""
    from xrlab.authoring.new import find_room, write_new
    from xrlab.language import tr

    if kind is None and room is None and not as_json and sys.stdin.isatty():
        kind, room = _ask_kind(lang.value), _ask_room(lang.value)
    place = find_room(room) if room else None
    written = write_new(name, kind=kind or "house", room=place, lang=lang.value, force=force)
    if as_json:
        print_json([str(path) for path in written])
        return
    for path in written:
        print(path)
    print(tr(lang.value, "new-next"))
    for command in ("story", "preview --watch", "run", "check"):
        word, _, option = command.partition(" ")
        print(f"  xrlab {word} {written[0]}{' ' + option if option else ''}")


def _ask_kind(lang: str) -> Kind:
    from xrlab.language import tr

    kinds: dict[str, Kind] = {"1": "house", "2": "exercise", "3": "range"}
    kinds |= {k: k for k in list(kinds.values())}
    while True:
        said = typer.prompt(tr(lang, "new-ask-kind"), default="1").strip().lower()
        if said in kinds:
            return kinds[said]
        print(tr(lang, "new-not-that", choices="1, 2, 3"))


def _ask_room(lang: str) -> str | None:
    from xrlab.authoring.new import find_room
    from xrlab.language import tr
    from xrlab.scenario.load import shipped_rooms

    while True:
        said = typer.prompt(tr(lang, "new-ask-room", rooms=", ".join(shipped_rooms())), default="", show_default=False)
        try:
            if said.strip():
                find_room(said.strip())
            return said.strip() or None
        except InputError as error:
            print(error)


@app.command()
def story(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario's name, a file, or a recording.mcap.")],
    seed: Seed = 0,
    trainee: Annotated[Path | None, typer.Option(help="Script for the trainees; else the scenario's own.")] = None,
    lang: Language = Lang.en,
    settings: Settings = None,
    svg: Annotated[Path | None, typer.Option(help="Write the time line as a picture.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="Leave no line out.")] = False,
    as_json: Json = False,
) -> None:
    """Tell what happens in a run, on one page and as a time line."""
    from xrlab.review.tale import Tale, played, recorded, write_picture

    if scenario.endswith(".mcap"):
        if seed or trainee or settings:
            raise InputError("--seed, --trainee and --set are for a scenario; a recording has its own")
        told = recorded(Path(scenario))
    else:
        told = played(scenario, seed=seed, trainee=trainee, settings=chosen(settings))
    tale = Tale(*told, lang.value)
    if svg is not None:
        write_picture(tale, svg)
    if as_json:
        print_json(tale.as_dict())
    else:
        print_text(tale.page(shutil.get_terminal_size((100, 24)).columns, whole=whole))


@app.command()
def graph(
    scenario: ScenarioArgument,
    out: Annotated[
        Path | None, typer.Option(help="A .svg picture, .mmd for Mermaid or .dot for Graphviz; else NAME-graph.svg.")
    ] = None,
    lang: Language = Lang.en,
    settings: Settings = None,
) -> None:
    """Draw the states, strings, events and injects of a scenario."""
    from xrlab.authoring.graph import write_graph

    print(write_graph(scenario, out=out, lang=lang.value, settings=chosen(settings)))


@app.command()
def convert(
    scenario: ScenarioArgument,
    out: Annotated[Path, typer.Argument(help="The file to write: .yaml or .json.")],
    flat: Annotated[
        bool, typer.Option("--flat", help="One file of all it extends and includes, without parameters and templates.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, max=2**63 - 1, help="As this seed draws it; flat too.")
    ] = None,
    settings: Settings = None,
) -> None:
    """Write a scenario again: YAML or JSON, in one piece, or as one seed draws it."""
    from xrlab.authoring import convert as made

    print(made.convert(scenario, out, flat=flat, seed=seed, settings=chosen(settings)))


@app.command("set")
def set_values(
    file: Annotated[Path, typer.Argument(help="A scenario, room, trainee script or test.")],
    values: Annotated[list[str] | None, typer.Argument(help="NAME=VALUE, such as gunman.at=kitchen.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="A name to take out.")] = None,
) -> None:
    """Change values in a file and leave all else, comments too, as it is."""
    from xrlab.authoring.convert import change

    if not values and not remove:
        raise InputError("give NAME=VALUE, such as gunman.at=kitchen, or --remove NAME")
    print(f"{file}: {'changed' if change(file, chosen(values), remove or ()) else 'says so already'}")
