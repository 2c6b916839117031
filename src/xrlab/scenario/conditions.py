"""The small language of conditions and values: `hits("gunman") >= 2 && state("hostage") != "down"`.

A subset of the Common Expression Language's syntax: numbers, text in double or single quotes, true and false,
`+ - * /`, comparisons, `! && ||`, brackets, `min` and `max` of numbers, and the functions of
`xrlab.scenario.functions`. An expression has no loops, no assignment and no way to reach anything but those functions;
it is checked for types and names before it runs. Text of a document is never given to Python's `eval`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Literal

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from xrlab.errors import meant
from xrlab.scenario.closures import Functions, compiled, texts
from xrlab.scenario.functions import FUNCTIONS, SHARES, Type

MAX_LENGTH = 2000
MOMENT_S = 1e-6
"""The least step of time."""

_GRAMMAR = r"""
?start: any
?any: all ("||" all)*
?all: not ("&&" not)*
?not: "!" not                    -> invert
    | comparison
?comparison: sum (COMPARE sum)?
?sum: product (PLUS product)*
?product: unary (TIMES unary)*
?unary: "-" unary                -> negative
     | atom
?atom: NUMBER                    -> number
     | STRING                    -> text
     | "true"                    -> true
     | "false"                   -> false
     | BOUND "(" any ("," any)+ ")" -> bound
     | NAME "(" [any ("," any)*] ")" -> call
     | "(" any ")"
COMPARE: "==" | "!=" | "<=" | ">=" | "<" | ">"
PLUS: "+" | "-"
TIMES: "*" | "/"
BOUND.2: /(min|max)(?= *\()/
NAME: /[a-z_][a-z0-9_]*/
NUMBER: /[0-9]+(\.[0-9]+)?/
STRING: /"[^"\n]*"/ | /'[^'\n]*'/
%ignore /[ \t\n]+/
"""


@dataclass(frozen=True)
class Fault:
    """Something wrong in an expression: `column` from 0 in its text, `what` in words."""

    column: int
    what: str


class ExpressionError(ValueError):
    """An expression is wrong; `faults` says where and what."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f.what for f in faults))


@dataclass(frozen=True)
class Expression:
    """A checked expression. `evaluate` runs it; `calls` lists the functions it uses."""

    text: str
    gives: Type
    calls: frozenset[str]
    _tree: Any = field(repr=False, compare=False)
    _run: Callable[[Functions], Any] = field(repr=False, compare=False)

    def evaluate(self, functions: Functions) -> Any:
        """Its value; `functions` gives a Python callable for each name of `FUNCTIONS` that it calls.

        A function may return None for 'there is no such value' (no shot, so no median): then the whole
        value is None; a comparison with it is false. A division by zero gives None too.
        """
        return self._run(functions)

    @property
    def is_share(self) -> bool:
        """Whether it is one function that gives a share of 1."""
        return self._tree.data == "call" and str(self._tree.children[0]) in SHARES

    @property
    def tree(self) -> Tree[Any]:
        """Its parts, named as in the grammar; for those who reason about it without running it."""
        return self._tree  # type: ignore[no-any-return]

    @cached_property
    def asks(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(function, its arguments) of every call."""
        return tuple((str(c.children[0]), texts(c)) for c in self._tree.iter_subtrees() if c.data == "call")

    @cached_property
    def instants(self) -> frozenset[float] | None:
        """At which instants (s) its comparisons of time() with a plain number change: at the number, or a moment later.

        None where time() is reckoned with in another way, so that no such instants can be told.
        """
        return self._compared("time")

    @cached_property
    def moments(self) -> frozenset[float] | None:
        """The same of state_time(): so many seconds after a state began."""
        return self._compared("state_time")

    def _compared(self, clock: str) -> frozenset[float] | None:
        found: set[float] = set()
        plain = 0
        for node in self._tree.iter_subtrees():
            sides = [node.children[0], node.children[2]] if node.data == "comparison" else []
            calls = sum(side.data == "call" and str(side.children[0]) == clock for side in sides)
            for side in sides:
                if calls == 1 and side.data == "number":
                    at = float(str(side.children[0]))
                    found |= {at, at + MOMENT_S}
                    plain += 1
        return frozenset(found) if plain == sum(name == clock for name, _ in self.asks) else None

    def names(self) -> Iterator[tuple[str, str, int]]:
        """(kind, name, column) of every text argument, for checking against what exists."""
        yield from _names(self._tree)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


@lru_cache(maxsize=2000)
def parse(text: str, where: Literal["live", "score"]) -> Expression:
    """Parses and type-checks an expression for one of the two places; raises `ExpressionError`."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError([Fault(0, f"is {len(text)} characters long; an expression may have {MAX_LENGTH}")])
    if max(text.count("("), text.count("!"), text.count("-")) > 100:
        raise ExpressionError([Fault(0, "is nested too deep")])
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise ExpressionError([_misread(text, error)]) from None
    faults: list[Fault] = []
    calls: set[str] = set()
    gives = _check(tree, where, faults, calls)
    if faults:
        raise ExpressionError(faults)
    return Expression(text, gives, frozenset(calls), tree, compiled(tree, float if where == "live" else Fraction))


def _misread(text: str, error: UnexpectedInput) -> Fault:
    """Where the grammar stumbled, and the commonest mistakes in words."""
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    column = len(text) if at_end or error.pos_in_stream is None else max(0, error.pos_in_stream)
    bare = re.search(r"([a-z_][a-z0-9_]*)\s*$", text[:column])
    if bare and bare[1] not in ("true", "false"):
        return Fault(bare.start(1), f"'{bare[1]}' stands alone; a name is written in quotes: \"{bare[1]}\"")
    near = text[column : column + 12].strip()
    if not near:
        return Fault(column, "ends too early")
    single = f"; write '{near[0] * 2}'" if near[0] in "=&|" else ""
    return Fault(column, f"cannot be understood at '{near}'{single}")


def _column(node: Any) -> int:
    if isinstance(node, Token):
        return node.start_pos or 0
    return getattr(node.meta, "start_pos", 0)


def _check(node: Tree[Any], where: str, faults: list[Fault], calls: set[str]) -> Type:
    """The type of a part, adding what is wrong in it to `faults`."""

    def expect(child: Any, wanted: Type) -> None:
        got = _check(child, where, faults, calls)
        if got != wanted:
            faults.append(Fault(_column(child), f"a {wanted} is needed here, this is a {got}"))

    kind, children = node.data, node.children
    if kind in ("number", "text"):
        return "number" if kind == "number" else "text"
    if kind in ("true", "false"):
        return "bool"
    if kind in ("any", "all", "invert"):
        for child in children:
            expect(child, "bool")
        return "bool"
    if kind == "comparison":
        left = _check(children[0], where, faults, calls)
        right = _check(children[2], where, faults, calls)
        sign = str(children[1])
        if left != right:
            faults.append(Fault(_column(children[1]), f"compares a {left} with a {right}"))
        elif left != "number" and sign not in ("==", "!="):
            faults.append(Fault(_column(children[1]), f"'{sign}' needs numbers; a {left} can be == or !="))
        return "bool"
    if kind in ("sum", "product", "negative", "bound"):
        for child in children:
            if not isinstance(child, Token):
                expect(child, "number")
        return "number"
    return _check_call(node, where, faults, calls)


def _check_call(node: Tree[Any], where: str, faults: list[Fault], calls: set[str]) -> Type:
    name, arguments = str(node.children[0]), [c for c in node.children[1:] if c is not None]
    function = FUNCTIONS.get(name)
    usable = [n for n, f in FUNCTIONS.items() if f.where in (where, "both")]
    if function is None or name not in usable:
        why = "unknown function" if function is None else "a function that has no meaning in this place:"
        faults.append(Fault(_column(node.children[0]), f"{why} '{name}'{meant(name, usable)}"))
        return function.gives if function else "number"
    calls.add(name)
    least = sum(not kind.endswith("?") for kind in function.takes)
    if not least <= len(arguments) <= len(function.takes):
        takes = ", ".join(function.takes) or "nothing"
        faults.append(Fault(_column(node.children[0]), f"{name}() takes {takes}; {len(arguments)} given"))
    faults += [
        Fault(_column(a), f'{name}() takes names in quotes, such as "gunman"') for a in arguments if a.data != "text"
    ]
    return function.gives


def _names(node: Any) -> Iterator[tuple[str, str, int]]:
    if isinstance(node, Token):
        return
    if node.data == "call":
        function = FUNCTIONS[str(node.children[0])]
        arguments = [c for c in node.children[1:] if c is not None]
        for kind, argument in zip(function.takes, arguments, strict=False):
            yield kind.rstrip("?"), str(argument.children[0])[1:-1], _column(argument) + 1
        return
    for child in node.children:
        yield from _names(child)


def unknown_name(kind: str, name: str, known: Mapping[str, Collection[str]]) -> str | None:
    """What is wrong with a name of this kind given what exists; None if it is known."""
    if name in known[kind]:
        return None
    words = {
        "who": "person, target, team or role", "hit_zone": "hit zone", "someone": "person or trainee",
        "lamps": "group of lamps", "means": "less-lethal means",
    }.get(kind, kind)  # fmt: skip
    return f"no {words} is called '{name}'{meant(name, known[kind])}"
