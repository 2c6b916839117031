"""What target rules decided, in words: the strings with their points, and every decision that is not plain to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from xrlab.review.facts import Facts
from xrlab.words import NO_BREAK, Words

PLAIN = ("ring", "zone", "steel_down")
"""Decisions that the value of the shot already tells."""
INNER = "*"


class Decision(NamedTuple):
    """One decision. number: the line of the story to turn to. The rest is ready to be read."""

    number: int
    t: float
    shot: str
    target: str
    text: str
    worth: str
    rule: str


@dataclass(frozen=True)
class Rulings:
    """The section of a page. heads, rows: the table of strings, a trainee's string to a row, ready to be read.

    ranking: rank, trainee, total and by what, of several trainees.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    ranking: Sequence[Sequence[str]]
    decisions: Sequence[Decision]


def standard(facts: Facts, words: Words) -> str:
    """Title and version of the standard that a run was held under; "" if under none."""
    told = facts.result["standard"]
    return f"{words.text(told['title']) or words.name(told['name'])} ({told['version']})" if told else ""


def rulings(facts: Facts, words: Words) -> Rulings | None:
    """What target rules decided in a run; None if it was scored by none."""
    found = facts.result["rules"]
    if found is None:
        return None
    cards = found["strings"]
    columns = [column for column in _columns(facts, words) if any(column.of(card) for card in cards)]
    ranks = found["ranking"]
    return Rulings(
        heads=[column.head for column in columns],
        rows=[[column.of(card) or "–" for column in columns] for card in cards],
        ranking=[
            (str(r["rank"]), words.name(r["trainee"]), words.number(r["total"]), words(f"ranked-{r['by']}"))
            for r in ranks
            if len(ranks) > 1
        ],
        decisions=_decisions(facts, words, cards),
    )


class _Column(NamedTuple):
    head: str
    of: Callable[[Mapping[str, Any]], str]


def _columns(facts: Facts, words: Words) -> list[_Column]:
    """All that a table of strings may show; "" where a card has nothing to say."""
    titles = {s.name: words.text(s.title) or words.name(s.name) for s in facts.scenario.strings}

    def string(card: Mapping[str, Any]) -> str:
        if not card["rule"]:
            return words("rules-outside")
        return titles.get(card["string"]) or words.name(card["string"]) or words("rules-whole-run")

    def points(card: Mapping[str, Any]) -> str:
        if card["points"] is None or not card["rule"]:
            return ""
        earned = words.number(card["points"])
        return f"{earned}{NO_BREAK}/{NO_BREAK}{words.number(card['most'])}" if card["most"] else earned

    def figure(key: str) -> Callable[[Mapping[str, Any]], str]:
        return lambda card: "" if card[key] is None else words.number(card[key], 4)

    def inner(card: Mapping[str, Any]) -> str:
        return words.number(card["inner_tens"]) if card["rule"] == "issf" else ""

    def penalties(card: Mapping[str, Any]) -> str:
        return "; ".join(
            words(
                "rules-penalty",
                what=words(f"penalty-{p['what']}"),
                count=p["count"],
                each=words.number(p["each"]),
            )
            for p in card["penalties"]
        )

    return [
        _Column(words("rules-string"), string),
        _Column(words("rules-trainee"), lambda card: words.name(card["trainee"])),
        _Column(words("rules-shots"), lambda card: _values(card, words)),
        _Column(words("points"), points),
        _Column(words("rules-inner"), inner),
        _Column(words("rules-time"), figure("time_s")),
        _Column(words("rules-factor"), figure("hit_factor")),
        _Column(words("rules-down"), figure("points_down")),
        _Column(words("rules-penalties"), penalties),
        _Column(words("rules-total"), figure("total_s")),
    ]


def _values(card: Mapping[str, Any], words: Words) -> str:
    """What each shot was worth in the order of firing, on all that it met; inner tens with a star."""
    worth: dict[int, float] = {}
    for shot in card["shots"]:
        worth[shot["shot"]] = worth.get(shot["shot"], 0) + (shot["value"] or 0)
    inner = {shot["shot"] for shot in card["shots"] if shot["inner"]}
    return " ".join(f"{words.number(value)}{INNER if shot in inner else ''}" for shot, value in worth.items())


def _decisions(facts: Facts, words: Words, cards: Sequence[Mapping[str, Any]]) -> list[Decision]:
    out = [
        Decision(
            facts.numbers.get(s["shot"], 0),
            s["t"],
            f"{words.name(card['trainee'])}, {s['shot']}",
            words.name(s["target"]) or "–",
            words(f"ruling-{s['ruling']}"),
            words.number(s["value"]),
            s["rule"],
        )
        for card in cards
        for s in card["shots"]
        if s["ruling"] not in PLAIN
    ]
    return sorted(out, key=lambda d: (d.t, d.number))
