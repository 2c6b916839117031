"""Signal detection: how well somebody tells dangers from others, and whether they would rather shoot or rather not.

Formulas: H. Stanislaw and N. Todorov, Behavior Research Methods, Instruments, & Computers 31(1), 1999; N. A. Macmillan
and C. D. Creelman, Detection Theory, 2005; the correction: M. J. Hautus, same journal 27(1), 1995. See docs/scoring.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist
from typing import Any, NamedTuple

from xrlab.errors import InputError

MOST = 1_000_000_000
"""Counts beyond this are not believed: a file may come from a stranger."""
_LONGEST_FILE = 256 * 2**20

OUTCOMES = ("hits", "misses", "false_alarms", "correct_rejections")


class Counts(NamedTuple):
    """How often each of the four came about.

    hits: a danger was shot at. misses: it was not. false_alarms: one who was none was. correct_rejections: was not.
    """

    hits: int = 0
    misses: int = 0
    false_alarms: int = 0
    correct_rejections: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def right(self) -> Fraction | None:
        """Share of all that were judged right; None for no stimuli."""
        return Fraction(self.hits + self.correct_rejections, sum(self)) if sum(self) else None

    @property
    def rates(self) -> tuple[Fraction, Fraction] | None:
        """Hit rate and false alarm rate, each with half a response and one stimulus more (Hautus), so never 0 or 1.

        None without both dangers and others.
        """
        signals, others = self.hits + self.misses, self.false_alarms + self.correct_rejections
        if not (signals and others):
            return None
        return Fraction(2 * self.hits + 1, 2 * signals + 2), Fraction(2 * self.false_alarms + 1, 2 * others + 2)

    @property
    def d_prime(self) -> float | None:
        """Sensitivity d' = z(hit rate) - z(false alarm rate), in standard deviations; 0 for who only guesses."""
        return self._of(lambda hit, alarm: hit - alarm)

    @property
    def bias(self) -> float | None:
        """Criterion c = -(z(hit rate) + z(false alarm rate)) / 2: below 0 rather shoots, above 0 rather does not."""
        return self._of(lambda hit, alarm: -(hit + alarm) / 2)

    @property
    def beta(self) -> float | None:
        """Likelihood ratio at the criterion, exp(d' c): below 1 rather shoots, above 1 rather does not."""
        return self._of(lambda hit, alarm: math.exp((alarm * alarm - hit * hit) / 2))

    def _of(self, reckon: Any) -> float | None:
        rates = self.rates
        if rates is None:
            return None
        hit, alarm = (NormalDist().inv_cdf(float(rate)) for rate in rates)
        return round(float(reckon(hit, alarm)), 6) + 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `result.json`."""
        rates = self.rates
        hit, alarm = (None, None) if rates is None else (round(float(rate), 6) for rate in rates)
        return {
            **self._asdict(), "right": None if self.right is None else round(float(self.right), 6),
            "hit_rate": hit, "false_alarm_rate": alarm, "d_prime": self.d_prime, "bias": self.bias, "beta": self.beta,
        }  # fmt: skip


def pooled(results: Iterable[Mapping[str, Any]]) -> dict[str, Counts]:
    """The counts of several results (the content of `result.json`), by trainee.

    Stimuli are put together before anything is reckoned of them: the mean of several d' of few stimuli each would be
    biased. Raises KeyError, TypeError or ValueError for what is no result.
    """
    out: dict[str, Counts] = {}
    for result in results:
        for row in result["trainees"]:
            said = [row["recognition"][key] for key in OUTCOMES]
            if not all(type(n) is int and 0 <= n <= MOST for n in said):
                raise ValueError("a count that is no whole number, or out of bounds")
            who = str(row["id"])
            out[who] = out.get(who, Counts()).plus(Counts(*said))
    return out


def read_results(paths: Iterable[Path]) -> dict[str, Counts]:
    """The pooled counts of several `result.json`, given as files or as the folders they lie in.

    Raises `InputError` for a file that is none, and for a run that is given twice.
    """
    out: dict[str, Counts] = {}
    known: dict[Any, Path] = {}
    for given in paths:
        path = given / "result.json" if given.is_dir() else given
        try:
            if path.stat().st_size > _LONGEST_FILE:
                raise InputError(f"{path}: is too large for a result")
            result = json.loads(path.read_bytes())
            found = pooled([result])
        except OSError as error:
            if given.is_dir() and not path.exists():
                raise InputError(f"{given}: holds no result.json; xrlab run --out DIR writes one") from None
            raise InputError(f"{path}: cannot be read: {error.strerror}") from None
        except (ValueError, TypeError, KeyError, RecursionError):
            what = "is no result.json with counts of recognition; xrlab run --out DIR writes one"
            raise InputError(f"{path}: {what}") from None
        for mark in (path.resolve(), _run_of(result)):
            if mark in known:
                same = "is given twice" if mark == path.resolve() else f"is the same run as {known[mark]}"
                raise InputError(f"{path}: {same}; leave it out, or its decisions count twice")
            if mark is not None:
                known[mark] = path
        for who, counts in found.items():
            out[who] = out.get(who, Counts()).plus(counts)
    return out


def _run_of(result: Any) -> tuple[str, ...] | None:
    """What tells a run from all others; None where a result does not say it."""
    told = result.get("scenario"), result.get("seed"), result.get("events_sha256")
    return None if None in told else tuple(map(str, told))
