"""What a condition can ever be, told without running it: whether it can become true, and whether it can be false.

Every part of an expression is given all the values that it may have: numbers between two bounds, a set of texts,
true, false or both. What is known of a function's answers comes from outside; of one that nothing is known of, any
answer of its type is expected. So "never true" is certain, and "may be true" is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lark import Token, Tree

from xrlab.scenario.conditions import Expression
from xrlab.scenario.functions import FUNCTIONS, SHARES


@dataclass(frozen=True)
class Span:
    """Numbers from `low` to `high`. lacks: there may also be no value, with which every comparison is false."""

    low: float = -math.inf
    high: float = math.inf
    lacks: bool = False


Values = Span | frozenset[Any] | None
"""What something may be: a span of numbers, a set of texts or of truth values; None for anything."""

NEVER: frozenset[Any] = frozenset((False,))
ALWAYS: frozenset[Any] = frozenset((True,))
EITHER: frozenset[Any] = frozenset((True, False))


@dataclass(frozen=True)
class Known:
    """What is known of a function's answers, and why, in words that end a sentence."""

    values: Values
    why: str = ""


Facts = Callable[[str, tuple[str, ...]], Known | None]
"""What is known of a call: its function's name and its arguments. None where nothing is."""


def values_of(expression: Expression, facts: Facts) -> Values:
    """All values that an expression may have."""
    return _values(expression.tree, facts)


def can_hold(expression: Expression, facts: Facts) -> bool:
    """Whether a condition can ever be true."""
    return values_of(expression, facts) != NEVER


def within(values: Values, sign: str, number: float) -> Values:
    """What a comparison of some values with a number may give."""
    return _compared(values, sign, Span(number, number))


def blame(expression: Expression, facts: Facts) -> tuple[int, str, str]:
    """Of a condition that can never be true: column and text of the smallest part that rules it out, and why."""
    node = expression.tree
    while True:
        if node.data == "all":
            node = next(c for c in node.children if _values(c, facts) == NEVER)
        elif node.data == "any" and len(node.children) == 1:
            node = node.children[0]
        else:
            break
    start, end = _extent(node, expression.text)
    whys = [known.why for name, given in _calls(node) if (known := facts(name, given)) and known.why]
    return start, expression.text[start:end].strip(), "; ".join(dict.fromkeys(whys))


def calls(expression: Expression) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every function that an expression calls, with its arguments."""
    yield from _calls(expression.tree)


def texts_compared(expression: Expression) -> Iterator[tuple[str, tuple[str, ...], str, int]]:
    """Every call that is compared with a text: its function's name and arguments, the text, and its column."""
    for node in expression.tree.find_data("comparison"):
        for call, text in (node.children[::2], node.children[::-2]):
            if call.data == "call" and text.data == "text":
                yield str(call.children[0]), _given(call), str(text.children[0])[1:-1], _extent(text, "")[0] + 1


def _calls(node: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(node, Token):
        return
    if node.data == "call":
        yield str(node.children[0]), _given(node)
        return
    for child in node.children:
        yield from _calls(child)


def _given(node: Tree[Any]) -> tuple[str, ...]:
    return tuple(
        str(c.children[0])[1:-1] for c in node.children[1:] if isinstance(c, Tree) and c.data == "text" and c.children
    )


def _extent(node: Any, text: str) -> tuple[int, int]:
    start = getattr(node.meta, "start_pos", 0)
    return start, getattr(node.meta, "end_pos", len(text))


def _values(node: Any, facts: Facts) -> Values:
    kind, children = str(node.data), node.children
    if kind == "number":
        number = float(str(children[0]))
        return Span(number, number)
    if kind == "text":
        return frozenset((str(children[0])[1:-1],))
    if kind in ("true", "false"):
        return ALWAYS if kind == "true" else NEVER
    if kind == "call":
        return _answers(node, facts)
    if kind in ("all", "any"):
        return _joined(kind == "all", [_values(c, facts) for c in children])
    if kind == "invert":
        inner = _values(children[0], facts)
        return frozenset(not value for value in inner) if isinstance(inner, frozenset) else EITHER
    if kind == "comparison":
        return _compared(_values(children[0], facts), str(children[1]), _values(children[2], facts))
    if kind == "negative":
        inner = _values(children[0], facts)
        return Span(-inner.high, -inner.low, inner.lacks) if isinstance(inner, Span) else None
    if kind == "bound":
        return _bounded(str(children[0]) == "min", [_values(c, facts) for c in children[1:]])
    if kind in ("sum", "product"):
        out = _values(children[0], facts)
        for sign, part in zip(children[1::2], children[2::2], strict=True):
            out = _reckoned(out, str(sign), _values(part, facts))
        return out
    return None


def _answers(node: Tree[Any], facts: Facts) -> Values:
    name = str(node.children[0])
    known = facts(name, _given(node))
    if known is not None:
        return known.values
    function = FUNCTIONS.get(name)
    if function is None:
        return None
    if function.gives == "number":
        return Span(0.0, 1.0, lacks=True) if name in SHARES else Span(lacks=True)
    return EITHER if function.gives == "bool" else None


def _joined(every: bool, parts: list[Values]) -> Values:
    """Of parts that are all needed, or of which one is enough."""
    sets = [p if isinstance(p, frozenset) else EITHER for p in parts]
    out = set()
    if every:
        if all(True in p for p in sets):
            out.add(True)
        if any(False in p for p in sets):
            out.add(False)
    else:
        if any(True in p for p in sets):
            out.add(True)
        if all(False in p for p in sets):
            out.add(False)
    return frozenset(out)


def _compared(left: Values, sign: str, right: Values) -> Values:
    if isinstance(left, Span) and isinstance(right, Span):
        out = _spans_compared(left, sign, right)
        return out | NEVER if left.lacks or right.lacks else out
    if not isinstance(left, frozenset) or not isinstance(right, frozenset):
        return EITHER
    same, other = bool(left & right), len(left | right) > 1
    if sign == "!=":
        same, other = other, same
    return frozenset(value for value, possible in ((True, same), (False, other)) if possible)


def _spans_compared(a: Span, sign: str, b: Span) -> frozenset[Any]:
    if sign in (">", ">="):
        a, b, sign = b, a, {">": "<", ">=": "<="}[sign]
    if sign == "<":
        true, false = a.low < b.high, a.high >= b.low
    elif sign == "<=":
        true, false = a.low <= b.high, a.high > b.low
    else:
        true = a.low <= b.high and b.low <= a.high
        false = not a.low == a.high == b.low == b.high
        if sign == "!=":
            true, false = false, true
    return frozenset(value for value, possible in ((True, true), (False, false)) if possible)


def _bounded(least: bool, parts: list[Values]) -> Values:
    """What the least, or the greatest, of some numbers may be."""
    spans = [p for p in parts if isinstance(p, Span)]
    which, lacks = min if least else max, any(s.lacks for s in spans)
    if len(spans) < len(parts):
        return Span(lacks=True)
    return Span(which(s.low for s in spans), which(s.high for s in spans), lacks)


def _reckoned(a: Values, sign: str, b: Values) -> Values:
    if not isinstance(a, Span) or not isinstance(b, Span):
        return Span(lacks=True)
    lacks = a.lacks or b.lacks
    if sign == "+":
        return _span((a.low + b.low, a.high + b.high), lacks)
    if sign == "-":
        return _span((a.low - b.high, a.high - b.low), lacks)
    if sign == "/":
        if b.low <= 0.0 <= b.high:
            return Span(lacks=True)
        return _span([x / y for x in (a.low, a.high) for y in (b.low, b.high)], lacks)
    return _span([x * y if x and y else 0.0 for x in (a.low, a.high) for y in (b.low, b.high)], lacks)


def _span(ends: tuple[float, ...] | list[float], lacks: bool) -> Span:
    """The span over some ends; where infinities leave no number, anything."""
    if any(math.isnan(e) for e in ends):
        return Span(lacks=lacks)
    return Span(min(ends), max(ends), lacks)
