"""`xrlab story`: what happens in a run, on one page of text and as a time line."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from xrlab.files import write_whole
from xrlab.recording.reader import Recording, read_recording
from xrlab.review.course import Told, course, shortened_to
from xrlab.review.facts import Facts
from xrlab.review.lanes import Lanes
from xrlab.review.svg import el
from xrlab.review.timeline import WIDTH, TimeLine
from xrlab.run import RECORDING, run_headless, score_recording
from xrlab.scenario.load import load
from xrlab.scenario.variation import locate
from xrlab.words import Words

PAGE = 60
"""Lines of the course of events that a page has room for."""


def played(
    reference: str | Path, *, seed: int = 0, trainee: Path | None = None, settings: Mapping[str, Any] | None = None
) -> tuple[Recording, dict[str, Any]]:
    """A run with scripted trainees, as its recording, and what the seed drew."""
    drawn = load(reference, seed=seed, settings=settings).drawn
    with tempfile.TemporaryDirectory(prefix="xrlab-story-") as folder:
        run_headless(reference, seed=seed, trainee=trainee, out=Path(folder), settings=settings)
        return read_recording(Path(folder) / RECORDING), dict(drawn)


def recorded(path: Path) -> tuple[Recording, dict[str, Any]]:
    """A recording, and what its seed had drawn as far as the recorded scenario shows it."""
    recording = read_recording(path)
    data = recording.scenario.model_dump(mode="json", by_alias=True)
    drawn: dict[str, Any] = {}
    for name in recording.scenario.vary:
        try:
            spot: Any = data
            for step in locate(data, name):
                spot = spot[step]
            drawn[name] = spot
        except (LookupError, TypeError):  # a bundle's own name
            continue
    return recording, drawn


class Tale:
    """The story of a recorded run in one language. drawn: what the seed drew, by name."""

    def __init__(self, recording: Recording, drawn: Mapping[str, Any], lang: str) -> None:
        self._facts = Facts(recording, score_recording(recording))
        self._words, self._drawn = Words(lang, recording.scenario.titles), drawn
        self.course: list[Told] = course(self._facts, self._words)

    def page(self, width: int, *, whole: bool = False) -> str:
        """All as text. width: letters in a line of the time line. whole: no line is left out."""
        w, facts = self._words, self._facts
        lines, left_out = (self.course, 0) if whole else shortened_to(self.course, PAGE)
        lanes = Lanes(facts, w, width)
        step = w.number(lanes.seconds, 2)
        parts = [f"{w.text(facts.scenario.title)}  ({facts.recording.name})", "", w("tale-start"), *self._start()]
        if self._drawn:
            parts += ["", w("tale-drawn", seed=str(facts.recording.seed)), *self._draws()]
        parts += ["", w("tale-course"), *(self._line(x) for x in lines)]
        parts += [f"  ({w('tale-shorter', count=str(left_out))})"] if left_out else []
        parts += ["", w("tale-lanes", seconds=step), *lanes.lines(), w("tale-legend")]
        return "\n".join([*parts, "", w("tale-end"), *self._end()]) + "\n"

    def picture(self) -> bytes:
        """The time line as an SVG file that needs nothing else."""
        drawing = str(TimeLine(self._facts, self._words).drawing())
        height = re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', drawing)
        size = f'width="{WIDTH:g}" height="{height[1] if height else 400}"'
        back = el("rect", width="100%", height="100%", fill="#ffffff")
        head, body = drawing.split(">", 1)
        return f"{head} {size}><style>{_style(drawing)}</style>{back}{body}\n".encode()

    def as_dict(self) -> dict[str, Any]:
        """All for programs."""
        result = self._facts.result
        return {
            "scenario": self._facts.recording.name,
            "title": self._words.text(self._facts.scenario.title),
            "seed": self._facts.recording.seed,
            "start": [dict(zip(("who", "role", "at", "holds", "state"), row, strict=True)) for row in self._cast()],
            "drawn": dict(self._drawn),
            "course": [x.as_dict() for x in self.course],
            "ended": result["ended"],
            "passed": result.passed,
            "score": result.score,
            "criteria": [{k: row[k] for k in ("id", "value", "passed", "points")} for row in result["criteria"]],
        }

    def _cast(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Who is where with what at the start: name, role, place, thing in the hand, state."""
        w, scenario = self._words, self._facts.scenario
        for name, team in scenario.teams.items():
            starts = team.start if isinstance(team.start, list) else [team.start] * len(team.trainees)
            for who, start in zip(team.trainees, starts, strict=False):
                yield who, w.name(name), self._place(start), w.known("weapon", team.carries[0]), ""
        for who, person in scenario.people.items():
            role = w(f"legend-{person.role}")
            state = w.state(who, person.begins)
            yield who, role, self._place(person.at), w.known("holds", str(person.holds)), state

    def _place(self, place: Any) -> str:
        w = self._words
        return w.name(place) if isinstance(place, str) else f"[{', '.join(w.number(n) for n in place)}]"

    def _start(self) -> list[str]:
        rows = [(self._words.name(who), *rest) for who, *rest in self._cast()]
        return _columns(rows)

    def _draws(self) -> list[str]:
        return _columns([(name, _plain(value)) for name, value in self._drawn.items()])

    def _line(self, told: Told) -> str:
        until = self._words.time(told.until) if told.until > told.t else ""
        times = f" (×{told.count})" if told.count > 1 and told.kind not in ("shot", "sight") else ""
        return f"  {self._words.time(told.t):>8}{f'–{until}' if until else '':<9} {told.text}{times}"

    def _end(self) -> list[str]:
        w, result = self._words, self._facts.result
        verdict = "partial" if result["partial"] else "passed" if result.passed else "failed"
        score = w("score-of", score=w.number(result.score), max=w.number(result["max_score"]))
        rows = [
            (
                "✓" if row["passed"] else "✗",
                w.text(row["title"]) or w.name(row["id"]),
                w.value(row["value"], share=row["share"]),
                f"{w.number(row['points'])} / {w.number(row['max_points'])}" if row["max_points"] else "",
            )
            for row in result["criteria"]
        ]
        return [f"  {w(f'verdict-{verdict}')}: {score}", *_columns(rows)]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return ["  " + "  ".join(cell.ljust(n) for cell, n in zip(row, wide, strict=True)).rstrip() for row in rows]


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_plain, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _style(drawing: str) -> str:
    """The rules of the debrief's style sheet that this drawing uses."""
    sheet = (files(__package__) / "debrief.css").read_text(encoding="utf-8").split("@page")[0]
    values = dict(re.findall(r"(--[\w-]+): ([^;]+);", sheet))
    used = {name for names in re.findall(r'class="([^"]+)"', drawing) for name in names.split()}
    rules = []
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        mine = [s.strip() for s in selectors.split(",")]
        mine = [s for s in mine if s in ("svg", "svg text") or set(re.findall(r"\.([\w-]+)", s)) & used]
        if mine and "replaying" not in selectors:
            rules.append(f"{', '.join(mine)} {{{re.sub(r'var[(](--[a-z-]+)[)]', lambda m: values[m[1]], body)}}}")
    return "\n".join(rules)


def write_picture(tale: Tale, path: Path) -> None:
    """Writes the time line, wholly or not at all."""
    write_whole(path, tale.picture())
