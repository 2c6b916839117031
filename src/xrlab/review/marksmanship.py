"""How each trainee shot, and how well they told dangers from others: figures, curves and tables of a debrief."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from xrlab.review.facts import Facts
from xrlab.review.svg import el, figure, num
from xrlab.scoring.detection import OUTCOMES
from xrlab.words import Words

WIDE, HIGH = 300.0, 132.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 10.0, 30.0
"""Size of the curve on the page, and what is kept free around it."""
STEPS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
TICKS = 6
NEUTRAL = 0.2
"""A criterion nearer to 0 than this is called neutral: from few stimuli it can't be told from 0."""
ENOUGH = 10
"""Of fewer stimuli nothing is said in words: one that came out otherwise would turn it round."""
CLEAR, FAIR = 2.0, 1.0
"""From these d' on dangers are told from others well, and fairly (1 is right in 69 % of both kinds without bias)."""


class Table(NamedTuple):
    """A table: its headings, its rows, the last of which may be a foot."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()


class StimulusLine(NamedTuple):
    """What called for a shot: when, what, how it was answered; `number` is the line of the story of the answer."""

    t: float
    what: str
    answer: str
    number: int | None


class Shooter(NamedTuple):
    """How one trainee shot."""

    name: str
    colour: str
    curve: Markup | None
    figures: tuple[tuple[str, str], ...]
    strings: Table | None
    paces: Table | None
    stimuli: tuple[StimulusLine, ...]


class TrialLine(NamedTuple):
    """One person or target that was shown: when, who, what came of it."""

    t: float
    what: str
    outcome: str
    right: bool
    number: int | None


class Telling(NamedTuple):
    """How one trainee told dangers from others.

    counts: hits, misses, false alarms, correct rejections. figures: judged right, d', c. says: the same in words.
    """

    name: str
    colour: str
    counts: tuple[int, int, int, int]
    figures: tuple[str, ...]
    says: str
    trials: tuple[TrialLine, ...]


def shooters(facts: Facts, words: Words) -> list[Shooter]:
    """One for each trainee who fired or was called on to."""
    numbers = facts.numbers
    out = []
    for row in facts.result["trainees"]:
        said = row["marksmanship"]
        if not row["metrics"]["shots"] and not said["stimuli"]:
            continue
        colour = facts.colour(row["id"])
        out.append(
            Shooter(
                words.name(row["id"]), colour, _curve(said["curve"], colour, words), _figures(row, words),
                _strings(facts, said, words), _paces(said["paces"], words),
                tuple(_stimulus(s, numbers, words) for s in said["stimuli"]),
            )
        )  # fmt: skip
    return out


def _figures(row: Mapping[str, Any], words: Words) -> tuple[tuple[str, str], ...]:
    said, metrics = row["marksmanship"], row["metrics"]
    counted = [s for s in said["stimuli"] if s["shot"] is not None]
    moved = [t["seconds"] for t in said["transitions"]]
    rate = said["throughput"]
    shown = [
        ("reaction", _seconds(metrics["reaction_s"], words)),
        ("split", _seconds(metrics["split_s"], words)),
        ("transition", _seconds(_middle(moved), words)),
        ("points-per-s", "–" if rate["points_per_s"] is None else words.fixed(rate["points_per_s"])),
        ("hits-per-s", "–" if rate["hits_per_s"] is None else words.fixed(rate["hits_per_s"])),
    ]
    out = [(words(f"shooting-{key}"), value) for key, value in shown if value != "–"]
    if said["stimuli"]:
        of = words("shooting-of", n=str(len(counted)), all=str(len(said["stimuli"])))
        out.append((words("shooting-answered"), of))
    return tuple(out)


def _middle(values: Sequence[float]) -> float | None:
    known = sorted(values)
    half = len(known) // 2
    return None if not known else known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2


def _seconds(value: float | None, words: Words) -> str:
    return "–" if value is None else words("in-s", s=words.fixed(value))


def _strings(facts: Facts, said: Mapping[str, Any], words: Words) -> Table | None:
    rows = [r for r in said["strings"] if r["shots"]]
    if not rows:
        return None
    titles = {s.name: words.text(s.title) for s in facts.scenario.strings}
    heads = ("string", "hits", "points", "reaction", "radius", "rate")
    trend = said["trend"]
    foot: tuple[str, ...] = ()
    if trend["points_share"] is not None:
        foot = (words("shooting-trend"), "", _signed(trend["points_share"], words, percent=True),
                _signed(trend["reaction_s"], words), _signed(trend["mean_radius_mrad"], words), "")  # fmt: skip
    return Table(
        tuple(words("points" if key == "points" else f"shooting-head-{key}") for key in heads),
        tuple(
            (
                titles.get(r["string"]) or words.name(r["string"]),
                f"{r['hits']}/{r['shots']}",
                words.number(r["points"]),
                "–" if r["reaction_s"] is None else words.fixed(r["reaction_s"]),
                "–" if r["mean_radius_mrad"] is None else words.fixed(r["mean_radius_mrad"]),
                "–" if r["points_per_s"] is None else words.fixed(r["points_per_s"]),
            )
            for r in rows
        ),
        foot,
    )


def _signed(value: float | None, words: Words, *, percent: bool = False) -> str:
    """A change, with its sign."""
    if value is None:
        return "–"
    text = words.percent(value, 1) if percent else words.number(value, 2)
    return f"+{text}" if value > 0 and text[0] != "0" else text


def _paces(rows: Sequence[Mapping[str, Any]], words: Words) -> Table | None:
    some = [r for r in rows if r["shots"]]
    if not some:
        return None
    heads = tuple(words(f"shooting-head-{key}") for key in ("pace", "hits", "accuracy"))
    out = []
    for r in some:
        least = words.number(r["from_s"])
        pace = f"≥ {least}" if r["to_s"] is None else f"{least}–{words.number(r['to_s'])}"
        out.append((words("in-s", s=pace), f"{r['hits']}/{r['shots']}", words.percent(r["share"])))
    return Table(heads, tuple(out))


def _stimulus(s: Mapping[str, Any], numbers: Mapping[int, int], words: Words) -> StimulusLine:
    what = words("shooting-signal") if s["kind"] == "signal" else words.name(s["what"])
    if s["shot"] is not None:
        answer = words("shooting-shot-after", shot=str(s["shot"]), s=words.fixed(s["after_s"]))
    elif s["over"] is None:
        answer = words("shooting-unanswered")
    else:
        answer = words(f"shooting-over-{s['over']}", s=words.fixed(s["until"] - s["t"]))
    return StimulusLine(s["t"], what, answer, numbers.get(s["shot"]))


def _curve(points: Sequence[Sequence[float]], colour: str, words: Words) -> Markup | None:
    """Accuracy against time, as a stair that rises with each hit."""
    if not points or not all(0 <= t < 1e5 for t, _ in points):
        return None
    last = max(t for t, _ in points)
    step = next((s for s in STEPS_S if last / s <= TICKS), STEPS_S[-1])
    span = step * max(1, math.ceil(last / step + 1e-9))
    across, up = WIDE - LEFT - RIGHT, HIGH - TOP - BOTTOM

    def x(t: float) -> float:
        return LEFT + across * t / span

    def y(share: float) -> float:
        return TOP + up * (1 - share)

    out = []
    for share in (0.0, 0.5, 1.0):
        out.append(el("path", d=f"M{num(LEFT)} {num(y(share))}H{num(WIDE - RIGHT)}", class_="tick"))
        label = words.percent(share)
        out.append(el("text", label, x=LEFT - 5, y=y(share) + 3.5, text_anchor="end", class_="axis"))
    for n in range(min(200, round(span / step)) + 1):
        t = n * step
        out.append(el("path", d=f"M{num(x(t))} {num(y(0))}v4", class_="tick"))
        out.append(el("text", words.number(t), x=x(t), y=y(0) + 14, text_anchor="middle", class_="axis"))
    out.append(el("text", words("shooting-axis"), x=LEFT + across / 2, y=HIGH - 3, text_anchor="middle", class_="axis"))
    way = f"M{num(x(0))} {num(y(0))}"
    for t, share in points:
        way += f"H{num(x(t))}V{num(y(share))}"
    out.append(el("path", d=f"{way}H{num(WIDE - RIGHT)}", class_="stair", stroke=colour))
    return figure(WIDE, HIGH, words("shooting-curve"), *out, class_="rise")


# --- dangers and others -----------------------------------------------------------------------------------


def tellings(facts: Facts, words: Words) -> list[Telling]:
    """One for each trainee who was shown both dangers and others; none where nobody could be told from anybody."""
    numbers = facts.numbers
    out = []
    for row in facts.result["trainees"]:
        said = row["recognition"]
        counts = (said["hits"], said["misses"], said["false_alarms"], said["correct_rejections"])
        if not sum(counts[2:]) or not sum(counts):
            continue
        known = [words.percent(said["right"])]
        known += ["–" if v is None else words.fixed(v).replace("-", "−") for v in (said["d_prime"], said["bias"])]
        trials = tuple(_trial(t, numbers, words) for t in said["trials"] if t["outcome"] != "left_out")
        out.append(
            Telling(words.name(row["id"]), facts.colour(row["id"]), counts, tuple(known), _says(said, words), trials)
        )
    return out


def _says(said: Mapping[str, Any], words: Words) -> str:
    """d' and bias in words; "" where there were too few stimuli to say so much, or none that were a danger."""
    if said["d_prime"] is None or sum(said[key] for key in OUTCOMES) < ENOUGH:
        return ""
    told = "clear" if said["d_prime"] >= CLEAR else "fair" if said["d_prime"] >= FAIR else "poor"
    leans = "neutral" if abs(said["bias"]) < NEUTRAL else "shoots" if said["bias"] < 0 else "holds"
    return f"{words(f'recognition-{told}')} {words(f'recognition-{leans}')}"


def _trial(t: Mapping[str, Any], numbers: Mapping[int, int], words: Words) -> TrialLine:
    right = t["outcome"] in ("hit", "correct_rejection")
    outcome = words(f"recognition-{t['outcome']}")
    return TrialLine(t["t"], words.name(t["what"]), outcome, right, numbers.get(t["shot"]))
