"""What a scenario leaves to luck: the choices, spans and bundles under `vary`.

Each entry draws from a random stream of its own, keyed by its name, so that one more entry changes no other's
draw. Draws that `never` and `always` tie together are drawn anew, all of them, until they may come together; so
what comes out has the chances that were written, given that it is allowed. Where luck finds nothing, all there is
gets looked through, which either draws among what is allowed or proves that nothing is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import accumulate, product
from typing import Any, overload

from xrlab.chance import stream
from xrlab.document import Document, Loc, in_order
from xrlab.errors import InputError, Problem, meant
from xrlab.scenario.constraints import KINDS, Constraint, ConstraintError, Values, constraint, groups
from xrlab.scenario.draft import Draft, given

MAX_ENTRIES = 100
MAX_CHOICES = 1000
MAX_STEPS = 1_000_000
MAX_CONSTRAINTS = 100
ATTEMPTS_FEW, ATTEMPTS_MANY = 200, 20_000
MAX_LOOKED_THROUGH = 20_000

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

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return False
        index = round((value - float(self._low)) / float(self._step))
        return 0 <= index < self._length and self[index] == value

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

    @cached_property
    def chances(self) -> list[tuple[int, float]]:
        """Index and chance of every value that may be drawn; of a long span the beginning, which is too many too."""
        weights = self.weights or (1.0,) * min(len(self.values), MAX_LOOKED_THROUGH + 1)
        total = sum(weights)
        return [(index, weight / total) for index, weight in enumerate(weights) if weight > 0]

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
        self._constraints: list[Constraint] = []
        vary = document.data.get("vary")
        if isinstance(vary, dict) and len(vary) > MAX_ENTRIES:
            raise InputError(document.problem(("vary",), f"vary has more than {MAX_ENTRIES} entries", at_key=True))
        for name, raw in (vary if isinstance(vary, dict) else {}).items():
            entry = None if name in KINDS else self._entry(name, raw)
            if entry:
                self.entries[name] = entry
        self._set_once()
        if not self._problems and isinstance(vary, dict):
            self._constrain(vary)
        if self._problems:
            raise InputError(in_order(self._problems))
        self._groups = list(groups(self._constraints))
        tied = {name for names, _ in self._groups for name in names}
        self._free = [name for name in self.entries if name not in tied]

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

    def _constrain(self, vary: dict[str, Any]) -> None:
        choices = {name: entry.values for name, entry in self.entries.items()}
        for kind in KINDS:
            raw = vary.get(kind, [])
            listed = raw if isinstance(raw, list) else [raw]
            if len(listed) > MAX_CONSTRAINTS:
                self._say(("vary", kind), f"{kind} has {len(listed):,} conditions; at most {MAX_CONSTRAINTS}")
                continue
            for index, one in enumerate(listed):
                loc: Loc = ("vary", kind, index) if isinstance(raw, list) else ("vary", kind)
                try:
                    self._constraints.append(constraint(kind, index, one, choices))
                except ConstraintError as error:
                    where = loc if error.key is None else (*loc, error.key)
                    self._problems.append(self._document.problem_in(where, error.column, str(error)))

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

    def paths(self) -> list[str]:
        """Every path that a draw may set."""
        out = []
        for entry in self.entries.values():
            for index in range(len(entry.values) if entry.puts is not None else 1):
                out += [path for path, _, _ in entry.change(index)]
        return list(dict.fromkeys(out))

    def covering(self) -> Iterator[dict[str, int]]:
        """Choices, by their place in the list, that together hold every one of every entry (see `Entry.possible`).

        Entries that no constraint ties to others are gone through side by side, so that few draws hold all.
        """
        free = {name: self.entries[name].possible() for name in self._free}
        for turn in range(max(map(len, free.values()), default=0)):
            yield {name: places[turn % len(places)] for name, places in free.items()}
        for name, entry in self.entries.items():
            if name not in free:
                yield from ({name: place} for place in entry.possible())

    def draw(self, seed: int, pins: Mapping[str, Any] | None = None, chosen: Mapping[str, int] | None = None) -> Drawn:
        """What this seed draws.

        pins: values of entries, by name, that are not left to luck. chosen: likewise, by their place in the list.
        """
        pins = pins or {}
        picks = dict(chosen or {})
        for name in self._free:
            if name not in pins and name not in picks:
                picks[name] = self.entries[name].pick(_luck(seed, name))
        for names, constraints in self._groups:
            picks |= self._together(seed, names, constraints, pins, picks)
        return self._drawn(picks, pins)

    def _together(
        self,
        seed: int,
        names: Sequence[str],
        constraints: Sequence[Constraint],
        pins: Mapping[str, Any],
        chosen: Mapping[str, int],
    ) -> dict[str, int]:
        """Draws that the constraints allow; what is pinned or chosen stays as it is."""
        values = {
            n: pins[n] if n in pins else self.entries[n].values[chosen[n]] for n in names if n in {*pins, *chosen}
        }
        luck = {n: stream(seed, f"vary:{n}") for n in names if n not in values}
        possible = [self.entries[name].chances for name in luck]
        few = math.prod(len(p) for p in possible) <= MAX_LOOKED_THROUGH
        for _ in range((ATTEMPTS_FEW if few else ATTEMPTS_MANY) if luck else 1):
            picks = {name: self.entries[name].pick(float(mine.random())) for name, mine in luck.items()}
            values |= {name: self.entries[name].values[index] for name, index in picks.items()}
            if all(one.allows(values) for one in constraints):
                return picks
        if not few:
            raise InputError(self._unmet(constraints, [values], f"refused all of {ATTEMPTS_MANY:,} draws", pins))
        looked_through, allowed = [], []
        for combination in product(*possible):
            picks = {name: index for name, (index, _) in zip(luck, combination, strict=True)}
            looked_through.append(values | {name: self.entries[name].values[index] for name, index in picks.items()})
            if all(one.allows(looked_through[-1]) for one in constraints):
                allowed.append((picks, math.prod(chance for _, chance in combination)))
        if not allowed:
            raise InputError(self._unmet(constraints, looked_through, "leaves nothing to draw", pins))
        mark = float(next(iter(luck.values())).random()) * sum(chance for _, chance in allowed)
        totals = accumulate(chance for _, chance in allowed)
        return next((picks for (picks, _), total in zip(allowed, totals, strict=True) if mark < total), allowed[-1][0])

    def _unmet(
        self, constraints: Sequence[Constraint], tried: Sequence[Values], so: str, pins: Mapping[str, Any]
    ) -> Problem:
        """Names the constraint that can't be met: one that refuses all by itself, else the first."""
        alone = [c for c in constraints if not any(c.allows(values) for values in tried)]
        culprit = (alone or list(constraints))[0]
        vary = self._document.data["vary"]
        loc = ("vary", culprit.kind, culprit.index) if isinstance(vary[culprit.kind], list) else ("vary", culprit.kind)
        others = [c for c in constraints if c is not culprit]
        with_ = "" if alone or not others else f", together with {others[0].kind} {others[0].text},"
        by_hand = ", ".join(f"{name}={pins[name]}" for name in culprit.uses if name in pins)
        also = f" with --set {by_hand}" if by_hand else ""
        return self._document.problem(loc, f"{culprit.kind} {culprit.text}{with_} {so}{also}; loosen it, or vary more")

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


@lru_cache(maxsize=4096)
def _luck(seed: int, name: str) -> float:
    """The luck 0..1 of an entry under this seed; kept, since a check asks for it with every choice of the others."""
    return float(stream(seed, f"vary:{name}").random())


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
