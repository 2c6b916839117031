"""What the commands share: the app itself, options that many of them take, and how tables and JSON are printed."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

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


def table(heads: list[str], rows: list[list[str]]) -> None:
    """Prints rows under their heads."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads, box=None, pad_edge=False, show_header=any(heads))
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
