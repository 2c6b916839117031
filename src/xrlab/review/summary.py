"""The score table that the command prints after a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xrlab.language import tr
from xrlab.run import DEBRIEF
from xrlab.scenario.model import in_language
from xrlab.scoring.result import Result


def print_summary(result: Result, lang: str, out: Path | None) -> None:
    """Prints verdict, criteria and trainees, and where the debrief lies."""
    console = Console(highlight=False)
    title = in_language(result["title"], lang)
    console.print(Text(f"{title}  ({result['scenario']}, seed {result['seed']})", style="bold"))
    console.print(_criteria(result, lang))
    console.print(_trainees(result, lang))
    verdict = tr(lang, "cli-partial" if result["partial"] else "cli-passed" if result.passed else "cli-failed")
    style = "bold green" if result.passed else "bold red"
    marks = tr(lang, "cli-score", score=f"{result.score:g}", max=f"{result['max_score']:g}")
    console.print(Text.assemble((verdict, style), f"  {marks}"))
    if out is not None:
        console.print(Text(tr(lang, "cli-debrief", path=str(out / DEBRIEF))), soft_wrap=True)


def _criteria(result: Result, lang: str) -> Table:
    table = Table(
        *(tr(lang, f"cli-{head}") for head in ("criterion", "value", "limit", "points", "met")),
        box=None,
        pad_edge=False,
    )
    for row in result["criteria"]:
        name = in_language(row["title"], lang) or row["id"]
        table.add_row(
            Text(name), _number(row["value"]), Text(row["limit"] or ""),
            f"{row['points']:g} / {row['max_points']:g}" if row["max_points"] else "",
            Text("✓" if row["passed"] else "✗", style="green" if row["passed"] else "red"),
        )  # fmt: skip
    return table


def _trainees(result: Result, lang: str) -> Table:
    heads = ("trainee", "team", "shots", "hits", "reaction", "hits-taken")
    table = Table(*(tr(lang, f"cli-{head}") for head in heads), box=None, pad_edge=False)
    for row in result["trainees"]:
        m = row["metrics"]
        table.add_row(
            Text(row["id"]),
            Text(row["team"]),
            str(m["shots"]),
            str(m["hits"]),
            _number(m["reaction_s"]),
            str(m["hits_taken"]),
        )
    return table


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
