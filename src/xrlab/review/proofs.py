"""What took the points: the evidence of criteria and caps in words, each with its place in the recording."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from xrlab.review.facts import Facts
from xrlab.review.story import Line
from xrlab.words import Words


class ProofLine(NamedTuple):
    """One proof. number: the line of the story to turn to. t: when (s)."""

    number: int
    t: float
    text: str


class Proofs:
    """Puts evidence into words for one page. lines: its story, in order."""

    def __init__(self, facts: Facts, words: Words, lines: Sequence[Line]) -> None:
        self._facts, self._words = facts, words
        self._times = [line.t for line in lines]
        self._numbers = [line.number for line in lines]

    def of(self, row: Mapping[str, Any]) -> list[ProofLine]:
        """The proofs of a row of the result."""
        return [self._line(proof) for proof in row["evidence"]]

    def line_at(self, t: float) -> int:
        """The number of the story's line at a time: the last that had happened."""
        at = bisect_right(self._times, t) - 1
        return self._numbers[at] if at >= 0 else 0

    def _line(self, proof: Mapping[str, Any]) -> ProofLine:
        words = self._words
        text = words(
            f"proof-{proof['what']}",
            who=words.name(proof["who"]),
            shot="–" if proof["shot"] is None else str(proof["shot"]),
            value=words.number(proof["value"]),
        )
        return ProofLine(self.line_at(proof["t"]), proof["t"], text)
