"""What the commands share: the app itself, options that many of them take, and how tables and JSON are printed."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer

PATIENCE_S = 1.0
"""What takes no longer than this needs no bar."""

app = typer.Typer(
    name="xrlab",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="XR training scenarios: run them on a window or headless, score, debrief, check and test them.",
)


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
Skill = Annotated[
    str | None, typer.Option("--skill", help="novice, trained or expert, in place of what the trainee script says.")
]
ScenarioArgument = Annotated[str, typer.Argument(help="A shipped scenario's name, or a file.")]


def chosen(settings: list[str] | None) -> dict[str, Any]:
    """The values of `--set` by path."""
    from xrlab.scenario.load import setting

    return dict(setting(text) for text in settings or ())


def print_json(data: Any) -> None:
    """Prints data as JSON, for other programs."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


@contextmanager
def progress(words: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error while something goes on for more than a second before a person's eyes.

    Gives what is to be called after each of `total` parts. Where nobody looks (a pipe, a CI job) nothing is shown.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(words, total=total)
    began, shown = time.monotonic(), False

    def tick() -> None:
        nonlocal shown
        bar.advance(task)
        if not shown and time.monotonic() - began > PATIENCE_S:
            shown = True
            bar.start()

    try:
        yield tick
    finally:
        if shown:
            bar.stop()


def interrupt() -> Any:
    """A function that says whether Ctrl-C was pressed; the run then ends cleanly at the next instant."""
    pressed = False

    def press(number: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:  # a second time: the user does not want to wait
            raise KeyboardInterrupt
        pressed = True

    signal.signal(signal.SIGINT, press)
    return lambda: pressed


def print_text(text: str) -> None:
    """Prints text; a letter that the output cannot encode (a pipe in an old code page) becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def table(heads: list[str], rows: list[list[str]]) -> None:
    """Prints rows under their heads."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads, box=None, pad_edge=False, show_header=any(heads))
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
