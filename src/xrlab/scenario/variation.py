"""What a scenario leaves to luck: the choices, spans and bundles under `vary`.

Each entry draws from a random stream of its own, keyed by its name, so that one more entry changes no other's
draw. What must not come together is said by `never` and `always` (see `xrlab.scenario.constraints`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from typing import Any, overload

from xrlab.chance import stream
from xrlab.document import Document, Loc, in_order
from xrlab.errors import InputError, Problem, meant
from xrlab.scenario.draft import Draft, given

MAX_CHOICES = 1000
MAX_STEPS = 1_000_000

SECTIONS = ("parameters", "people", "targets", "teams", "events", "injects", "faces")
"""Sections whose entries may be named by themselves in a path: `gunman.at` for `people.gunman.at`."""

_SPAN = re.compile(r"(-?\d{1,9}(?:\.\d{1,6})?) *\.\. *(-?\d{1,9}(?:\.\d{1,6})?)(?: +by +(\d{1,9}(?:\.\d{1,6})?))?")
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?")


class Span(Sequence[Any]):
    """Numbers from a least to a most in even steps, as finely as they were written: 2.0..5.0 has steps of 0.1."""

    def __init__(self, low: Decimal, high: Decimal, step: Decimal | None) -> None:
        finest = min(int(n.as_tuple().exponent) for n in (low, high, step) if n is not None)
        self._low, self._step = low, step or Decimal(1).scaleb(finest)
        self._whole = finest >= 0
        self._length = int((high - low) / self._step) + 1

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> int | float: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[int | float]: ...

    def __getitem__(self, index: int | slice) -> int | float | Sequence[int | float]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._length))]
        if not 0 <= index < self._length:
            raise IndexError(index)
        number = self._low + index * self._step
        return int(number) if self._whole else float(number)


@dataclass(frozen=True)
class Entry:
    """One entry under `vary`.

    name: a path such as "gunman.at", or a bundle's own name. values: what may be drawn; names for a bundle.
    weights: of each value; None if all are equally likely. puts: for a bundle, what each value sets.
    """

    name: str
    values: Sequence[Any]
    weights: tuple[float, ...] | None = None
    puts: Mapping[str, Mapping[str, Any]] | None = None

    @cached_property
    def _marks(self) -> list[float]:
        return list(accumulate(self.weights or ()))

    def pick(self, luck: float) -> int:
        """Which value a number 0..1 of luck draws."""
        if not self._marks:
            return min(int(luck * len(self.values)), len(self.values) - 1)
        mark = luck * self._marks[-1]
        return next((i for i, total in enumerate(self._marks) if mark < total), len(self._marks) - 1)

    def possible(self) -> list[int]:
        """The values to try where every one is to be tried; of a long span its ends and its middle."""
        count = len(self.values)
        if isinstance(self.values, Span) and count > 20:
            return [0, count // 2, count - 1]
        return [i for i in range(count) if self.weights is None or self.weights[i] > 0]

    def change(self, index: int) -> Iterator[tuple[str, Any, Loc]]:
        """Path, value and place in the document of everything that this draw sets."""
        value = self.values[index]
        if self.puts is not None:
            for path, part in self.puts[value].items():
                yield path, part, ("vary", self.name, value, path)
        elif self.weights is None and not isinstance(self.values, Span):
            yield self.name, value, ("vary", self.name, index)
        else:
            yield self.name, value, ("vary", self.name)


@dataclass(frozen=True)
class Change:
    """One value that a draw or a setting puts in: `value`, which stands at `at` in `source`, at `path`."""

    path: str
    value: Any
    source: Document = field(repr=False)
    at: Loc


@dataclass(frozen=True)
class Drawn:
    """What was drawn: the value of each entry by its name, a bundle's by the name of its alternative."""

    values: dict[str, Any]
    changes: tuple[Change, ...]


class Variation:
    """Everything under a document's `vary`. Raises `InputError` with all that is wrong in it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems: list[Problem] = []
        self.entries: dict[str, Entry] = {}
        vary = document.data.get("vary")
        for name, raw in (vary if isinstance(vary, dict) else {}).items():
            entry = self._entry(name, raw)
            if entry:
                self.entries[name] = entry
        self._set_once()
        if self._problems:
            raise InputError(in_order(self._problems))

    def _say(self, loc: Loc, what: str) -> None:
        self._problems.append(self._document.problem(loc, what))

    def _entry(self, name: str, raw: Any) -> Entry | None:
        loc = ("vary", name)
        if isinstance(raw, str):
            return self._span(name, raw)
        if isinstance(raw, list | dict) and len(raw) > MAX_CHOICES:
            self._say(loc, f"vary '{name}' has {len(raw):,} choices; at most {MAX_CHOICES:,}")
            return None
        if isinstance(raw, list) and raw:
            return Entry(name, raw)
        if isinstance(raw, dict) and raw and all(isinstance(v, dict) for v in raw.values()):
            return self._bundle(name, raw)
        if isinstance(raw, dict) and raw:
            weights = self._weights(loc, name, list(raw.values()))
            return Entry(name, [_plain(key) for key in raw], weights) if weights else None
        self._needs(loc, name)
        return None

    def _needs(self, loc: Loc, name: str) -> None:
        what = "needs a list of choices, choices with weights of 0 or more (one above 0), or a span such as 2..5"
        self._say(loc, f"vary '{name}' {what}")

    def _weights(self, loc: Loc, name: str, weights: list[Any]) -> tuple[float, ...] | None:
        good = all(isinstance(w, int | float) and not isinstance(w, bool) and 0 <= w < 1e9 for w in weights)
        if not good or sum(weights) <= 0:
            self._needs(loc, name)
            return None
        return tuple(map(float, weights))

    def _span(self, name: str, raw: str) -> Entry | None:
        match = _SPAN.fullmatch(raw.strip())
        if not match:
            what = f"'{raw[:40]}' is no span; write 2..5, 2.0..5.0 or 2..5 by 0.5, or a list of choices"
            self._say(("vary", name), what)
            return None
        low, high = Decimal(match[1]), Decimal(match[2])
        step = Decimal(match[3]) if match[3] else None
        if low > high:
            self._say(("vary", name), f"the span {raw} runs backwards; write the smaller number first")
            return None
        if step == 0:
            self._say(("vary", name), f"the span {raw} has steps of 0; they must be more than 0")
            return None
        span = Span(low, high, step)
        if len(span) > MAX_STEPS:
            self._say(("vary", name), f"the span {raw} has {len(span):,} steps; at most {MAX_STEPS:,}")
            return None
        return Entry(name, span)

    def _bundle(self, name: str, raw: dict[str, dict[str, Any]]) -> Entry | None:
        if "." in name or name in self._document.data:
            self._say(("vary", name), f"'{name}' cannot name a bundle; give it a name of its own, such as who_is_armed")
            return None
        weights = self._weights(("vary", name), name, [puts.get("weight", 1) for puts in raw.values()])
        puts = {value: {p: v for p, v in part.items() if p != "weight"} for value, part in raw.items()}
        return Entry(name, list(raw), weights, puts) if weights else None

    def _set_once(self) -> None:
        """Refuses two entries that set the same value."""
        owner: dict[Loc, str] = {}
        for entry in self.entries.values():
            mine = {}
            for index in range(len(entry.values) if entry.puts is not None else 1):
                for path, _, at in entry.change(index):
                    try:
                        mine[locate(self._document.data, path)] = (path, at)
                    except LookupError as error:
                        at = at if entry.puts is not None else ("vary", entry.name)
                        self._problems.append(self._document.problem(at, f"{path}: {error}", at_key=True))
            for loc, (path, at) in mine.items():
                if loc in owner:
                    self._say(at, f"{path} is drawn by vary '{owner[loc]}' too; leave it to one of them")
                owner[loc] = entry.name

    def draw(self, seed: int, pins: Mapping[str, Any] | None = None, chosen: Mapping[str, int] | None = None) -> Drawn:
        """What this seed draws.

        pins: values of entries, by name, that are not left to luck. chosen: likewise, by their place in the list.
        """
        pins = pins or {}
        picks = dict(chosen or {})
        for name, entry in self.entries.items():
            if name not in pins and name not in picks:
                picks[name] = entry.pick(float(stream(seed, f"vary:{name}").random()))
        return self._drawn(picks, pins)

    def _drawn(self, picks: Mapping[str, int], pins: Mapping[str, Any]) -> Drawn:
        values: dict[str, Any] = {}
        changes: list[Change] = []
        for name, entry in self.entries.items():
            if name in picks:
                values[name] = entry.values[picks[name]]
                changes += [Change(p, v, self._document, at) for p, v, at in entry.change(picks[name])]
            else:
                values[name] = pins[name]
                changes += self._pinned(entry, pins[name])
        return Drawn(values, tuple(changes))

    def _pinned(self, entry: Entry, value: Any) -> list[Change]:
        where = f"--set {entry.name}"
        if entry.puts is None:
            return [Change(entry.name, value, given(value, where), ())]
        if value not in entry.puts:
            what = f"vary '{entry.name}' has no alternative '{value}'{meant(str(value), entry.puts)}"
            raise InputError(Problem(where, 0, 0, what))
        index = entry.values.index(value)
        return [Change(p, v, self._document, at) for p, v, at in entry.change(index)]


def _plain(key: str) -> Any:
    """A key as the value it stands for: 5 for "5"."""
    if _NUMBER.fullmatch(key):
        return float(key) if "." in key else int(key)
    return {"true": True, "false": False}.get(key, key)


def locate(data: Any, path: str) -> Loc:
    """Where a dotted path leads; its last part may be missing yet. Raises LookupError with what is wrong, in words.

    The first part may be a person, target, team or other named thing by itself.
    """
    parts = path.split(".")
    out: list[str | int] = []
    if parts[0] not in data:
        sections = [s for s in SECTIONS if isinstance(data.get(s), dict)]
        owner = next((s for s in sections if parts[0] in data[s]), None)
        if owner is None:
            known = [n for s in sections for n in data[s]] + list(data)
            raise LookupError(f"nothing is called '{parts[0]}'{meant(parts[0], known)}")
        out.append(owner)
    spot = data[out[0]] if out else data
    for index, part in enumerate(parts):
        step: str | int = int(part) if isinstance(spot, list) and part.isdecimal() and len(part) < 9 else part
        if index == len(parts) - 1:
            if not (isinstance(spot, dict) or (isinstance(spot, list) and isinstance(step, int) and step < len(spot))):
                raise LookupError(f"'{part}' cannot be set here")
        else:
            try:
                spot = spot[step]
            except (KeyError, IndexError, TypeError):
                known = list(spot) if isinstance(spot, dict) else []
                raise LookupError(f"there is no '{part}' here{meant(part, map(str, known))}") from None
        out.append(step)
    return tuple(out)


def apply(draft: Draft, change: Change) -> None:
    """Puts a drawn or given value in; raises `InputError` where its path leads nowhere."""
    try:
        loc = locate(draft.data, change.path)
    except LookupError as error:
        what = f"{change.path}: {error}"
        by_hand = change.source.places.get(change.at) == (0, 0)
        problem = Problem("--set", 0, 0, what) if by_hand else change.source.problem(change.at, what, at_key=True)
        raise InputError(problem) from None
    draft.put(loc, change.value, change.source, change.at)
