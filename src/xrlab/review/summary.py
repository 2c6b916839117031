"""The score table that the command prints after a run."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xrlab.language import in_language, tr
from xrlab.run import DEBRIEF
from xrlab.scoring.result import Result
from xrlab.words import Words

_CRITERIA = ("criterion", "value", "limit", "points", "met")
_TRAINEES = ("trainee", "team", "shots", "hits", "accuracy", "reaction", "hits-taken")


def print_summary(result: Result, lang: str, out: Path | None) -> None:
    """Prints verdict, criteria and trainees to standard output, and where the debrief lies.

    As wide as the terminal, 80 columns where there is none; coloured only on a terminal. A letter that the
    output cannot encode (a Windows pipe in an old code page) becomes a question mark rather than an error.
    """
    console = Console(highlight=False, markup=False)
    with console.capture() as captured:
        _print(console, result, lang, out)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(captured.get().encode(encoding, "replace").decode(encoding))


def _print(console: Console, result: Result, lang: str, out: Path | None) -> None:
    words = Words(lang)
    title = in_language(result["title"], lang)
    seed = tr(lang, "cli-seed", seed=str(result["seed"]))
    console.print(Text(f"{title}  ({result['scenario']}, {seed})", style="bold"))
    for key in ("drawn", "set"):
        if result[key]:
            console.print(Text(tr(lang, f"cli-{key}", values=words.settings(result[key]))))
    console.print()
    console.print(_criteria(result, words))
    console.print()
    console.print(_trainees(result, words))
    console.print()
    if any(row["of"] for row in result["criteria"]):
        for team in result["teams"]:
            marks = tr(lang, "cli-score", score=words.number(team["score"]), max=words.number(team["max_score"]))
            console.print(Text(f"{words.name(team['id'])}: {marks}"))
        console.print()
    for cap in result["caps"]:
        why = in_language(cap["title"], lang) if cap["title"] else cap["when"]
        console.print(Text(words("proof-cap", percent=words.percent(cap["at_most"] / 100, 1), why=why)))
    if result["caps"]:
        console.print()
    verdict = tr(lang, "cli-partial" if result["partial"] else "cli-passed" if result.passed else "cli-failed")
    style = "bold green" if result.passed else "bold yellow" if result["partial"] else "bold red"
    marks = tr(lang, "cli-score", score=words.number(result.score), max=words.number(result["max_score"]))
    duration = tr(lang, "cli-duration", seconds=words.number(result["duration_s"], 1))
    console.print(Text.assemble((verdict, style), f"  {marks}  {duration}"))
    if result["slowed"]:
        console.print(Text(tr(lang, "cli-slowed"), style="yellow"))
    if out is not None:
        console.print(Text(tr(lang, "cli-debrief", path=str(out / DEBRIEF))), soft_wrap=True)


def _table(heads: tuple[str, ...], words: Words, left: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(tr(words.lang, f"cli-{head}"), justify="left" if head in left else "right")
    return table


def _criteria(result: Result, words: Words) -> Table:
    table = _table(_CRITERIA, words, ("criterion", "met"))
    for row in result["criteria"]:
        points = f"{words.number(row['points'])} / {words.number(row['max_points'])}" if row["max_points"] else ""
        table.add_row(
            Text(words.criterion(row)),
            Text(words.value(row["value"], share=row["share"])),
            Text(words.limit(row["limit"], share=row["share"])),
            Text(points),
            Text(tr(words.lang, "cli-yes" if row["passed"] else "cli-no"), style="green" if row["passed"] else "red"),
        )
    return table


def _trainees(result: Result, words: Words) -> Table:
    table = _table(_TRAINEES, words, ("trainee", "team"))
    for row in result["trainees"]:
        m = row["metrics"]
        table.add_row(
            Text(words.name(row["id"])),
            Text(words.name(row["team"])),
            Text(words.number(m["shots"])),
            Text(words.number(m["hits"])),
            Text(words.percent(m["accuracy"])),
            Text(words.number(m["reaction_s"])),
            Text(words.number(m["hits_taken"])),
        )
    return table
