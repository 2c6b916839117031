"""The part of a debrief that tells tactics: a map, a figure over time, what to talk about, and a few tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from xrlab.review.areas import Areas, passed_text
from xrlab.review.exposed import Exposed
from xrlab.review.facts import Facts
from xrlab.scoring.tactics import Tactics
from xrlab.scoring.tactics.doorways import Approach
from xrlab.scoring.tactics.lines import Line
from xrlab.words import NO_BREAK, Words

FIGURES = (
    "exposed_s", "unaware_s", "cover_share", "doorway_s", "passed_unseen", "sweeps_own", "sweeps_no_shoot",
    "crossfire_lines", "spacing_m", "close_s", "unaccounted_shots",
)  # fmt: skip
MOST_LINES = 30


class Point(NamedTuple):
    """Something to talk about. number: the line of the story to turn to; mark: its number on the map, or ""."""

    number: int
    t: float
    mark: str
    text: str


class Told(NamedTuple):
    """What the page shows.

    bands: the times of the map's shades. more: so many points are not shown. figures: name, then a value for each
    trainee. doors: a row for each.
    """

    map: Markup | None
    bands: list[str]
    over_time: Markup
    points: list[Point]
    more: int
    heads: list[dict[str, str]]
    figures: list[tuple[str, list[str]]]
    doors: list[list[str]]


def tactics_of(facts: Facts, words: Words, line_at: Callable[[float], int]) -> Told | None:
    """Tactics in words and figures; None where they are not known, or where nobody could be met.

    line_at: gives the line of the story at a time.
    """
    tactics = Tactics.of(facts.recording.evidence)
    section = facts.result.get("tactics")
    if tactics is None or not section or not facts.scenario.people or facts.duration <= 0:
        return None
    areas = Areas(facts, words, tactics)
    found = [Point(line_at(p.first.t), p.first.t, str(p.number), passed_text(words, p)) for p in areas.left]
    found += [Point(line_at(x.t), x.t, "", _line(words, x)) for x in tactics.lines if _is_told(tactics, x)]
    found += [
        Point(line_at(s.t), s.t, "", words("stray-shot", who=words.name(s.who), shot=str(s.shot)))
        for s in tactics.stray
    ]
    found += [
        Point(line_at(e.t), e.t, "", words("unaware", who=words.name(e.who), whom=words.name(e.whom),
                                           s=words.number(e.unaware_s, 1)))
        for e in tactics.exposures
        if e.unaware_s >= 1.0
    ]  # fmt: skip
    found.sort(key=lambda p: (p.t, p.mark, p.text))
    rows = section["trainees"]
    return Told(
        map=None if areas.empty else areas.drawing(),
        bands=[_band(words, areas.bands, n) for n in range(len(areas.bands))],
        over_time=Exposed(facts, words, tactics).drawing(),
        points=found[:MOST_LINES],
        more=max(0, len(found) - MOST_LINES),
        heads=[{"name": words.name(row["id"]), "colour": facts.colour(row["id"])} for row in rows],
        figures=[(words(f"tactic-{key}"), [_figure(words, key, row[key]) for row in rows]) for key in FIGURES],
        doors=[_door(words, a) for a in tactics.approaches],
    )


def _is_told(tactics: Tactics, line: Line) -> bool:
    """Sweeps, and shots close past the own side; a line that was aimed close past somebody stands in the figures."""
    return (line.sweeps and line.shot is None) or (line.shot is not None and line.whom in tactics.stage.trainees)


def _line(words: Words, line: Line) -> str:
    key = "line-shot" if line.shot is not None else "line-fired" if line.fired else "line-sweep"
    return words(
        key, who=words.name(line.who), whom=words.name(line.whom), s=words.number(line.seconds, 1),
        m=words.number(line.distance_m, 1), off=words.number(line.off_m, 1),
    )  # fmt: skip


def _band(words: Words, bands: tuple[float, ...], number: int) -> str:
    start = bands[number - 1] if number else 0.0
    return f"{words.time(start, 0)}–{words.time(bands[number], 0)}"


def _figure(words: Words, key: str, value: float | None) -> str:
    if key.endswith("_share"):
        return words.percent(value)
    if value is not None and key.endswith(("_s", "_m")):
        return words.fixed(value, 1)
    return words.number(value)


def _door(words: Words, a: Approach) -> list[str]:
    def when(t: float | None, who: str | None) -> str:
        return "–" if t is None else f"{words.time(t, 1)} {words.name(who)}".replace(" ", NO_BREAK)

    def number(value: float | None) -> str:
        return "–" if value is None else words.fixed(value, 1)

    return [
        words.name(a.door), when(a.opened_t, a.opened_by), when(a.entered_t, a.entered_by), number(a.stopped_s),
        number(a.wait_s), words.percent(a.seen_before), "–" if a.stacked is None else str(a.stacked),
        number(a.followed_s),
    ]  # fmt: skip
