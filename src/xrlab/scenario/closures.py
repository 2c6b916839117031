"""Expressions as closures: what the grammar has read, made into what is asked thousands of times in a run."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from lark import Token, Tree

Functions = Mapping[str, Callable[..., Any]]
"""What an expression may ask: a callable for each function of the language."""

Run = Callable[[Functions], Any]


def texts(call: Tree[Any]) -> tuple[str, ...]:
    """The arguments of a call, without their quotes."""
    return tuple(str(c.children[0])[1:-1] for c in call.children[1:] if c is not None)


def compiled(node: Tree[Any], number: Callable[[str], Any]) -> Run:
    """A part as a Python closure: conditions are asked thousands of times in a run.

    number: makes a number of its text: a float while a run goes on, an exact fraction for marks.
    """
    kind, children = str(node.data), node.children
    if kind == "call":
        name, arguments = str(children[0]), texts(node)
        return lambda f: f[name](*arguments)
    if kind in ("number", "text"):
        value: Any = number(str(children[0])) if kind == "number" else str(children[0])[1:-1]
        return lambda f: value
    if kind in ("true", "false"):
        truth = kind == "true"
        return lambda f: truth
    parts = [compiled(c, number) for c in children if not isinstance(c, Token)]
    if kind in ("all", "any"):
        join = all if kind == "all" else any
        return lambda f: join(part(f) for part in parts)
    if kind == "invert":
        return lambda f: not parts[0](f)
    if kind == "comparison":
        return _comparison(parts[0], COMPARE[str(children[1])], parts[1])
    if kind == "negative":
        return lambda f: None if (v := parts[0](f)) is None else -v
    if kind == "bound":
        return _bound(min if str(children[0]) == "min" else max, parts)
    return _arithmetic(parts[0], [str(s) for s in children[1::2]], parts[1:])


def _comparison(left: Run, compare: Callable[[Any, Any], bool], right: Run) -> Run:
    def run(f: Functions) -> bool:
        a, b = left(f), right(f)
        return a is not None and b is not None and compare(a, b)

    return run


def _bound(which: Callable[[list[Any]], Any], parts: list[Run]) -> Run:
    def run(f: Functions) -> Any:
        values = [part(f) for part in parts]
        return None if None in values else which(values)

    return run


def _arithmetic(first: Run, signs: list[str], rest: list[Run]) -> Run:
    def run(f: Functions) -> Any:
        out = first(f)
        for sign, part in zip(signs, rest, strict=True):
            value = part(f)
            if out is None or value is None or (sign == "/" and value == 0):
                return None
            out = _ARITHMETIC[sign](out, value)
        return out

    return run


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
"""Comparisons of the language, and of limits."""
