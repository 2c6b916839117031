"""What drawn values may not be together: `never` and `always` under `vary`.

A constraint is a condition over draws by their names: `gunman.at == neighbour.at`,
`gunman.holds == "phone" && neighbour.holds == "phone"`, with the signs of the conditions' language; or a mapping of
draws to values that come together, `{gunman.at: kitchen, gunman.holds: [knife, phone]}`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from lark import Lark, Tree, UnexpectedInput, UnexpectedToken

from xrlab.errors import meant

MAX_LENGTH = 2000

Kind = Literal["never", "always"]
KINDS: tuple[Kind, ...] = ("never", "always")
Values = Mapping[str, Any]
Test = Callable[[Values], bool]

_GRAMMAR = r"""
?start: any
?any: all ("||" all)*
?all: not ("&&" not)*
?not: "!" not                -> invert
    | comparison
    | "(" any ")"
comparison: operand COMPARE operand
?operand: NUMBER             -> number
        | STRING             -> text
        | NAME               -> name
COMPARE: "==" | "!=" | "<=" | ">=" | "<" | ">"
NAME: /[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*/
NUMBER: /-?[0-9]+(\.[0-9]+)?/
STRING: /"[^"\n]*"/ | /'[^'\n]*'/
%ignore /[ \t\n]+/
"""

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class ConstraintError(ValueError):
    """A constraint is wrong: `column` from 0 in its text, or the `key` of its mapping, and what, in words."""

    def __init__(self, what: str, column: int = 0, key: str | None = None) -> None:
        super().__init__(what)
        self.column, self.key = column, key


@dataclass(frozen=True)
class Constraint:
    """What drawn values must not be (`never`) or must be (`always`).

    text: as it was written, for messages. uses: the draws it is about. index: its place in the list.
    """

    kind: Kind
    index: int
    text: str
    uses: tuple[str, ...]
    _holds: Test = field(repr=False, compare=False)

    def allows(self, values: Values) -> bool:
        """Whether these drawn values, by name, may come together."""
        return self._holds(values) is (self.kind == "always")


def constraint(kind: Kind, index: int, raw: Any, choices: Mapping[str, Sequence[Any]]) -> Constraint:
    """A constraint as it stands in the file; `choices` are the values of every draw. Raises `ConstraintError`."""
    if isinstance(raw, dict) and raw and kind == "never":
        uses = tuple(raw)
        wanted = {name: value if isinstance(value, list) else [value] for name, value in raw.items()}
        for name, values in wanted.items():
            _known(name, choices, 0, name)
            for value in values:
                _drawable(name, value, choices[name], 0, name)
        shown = ", ".join(f"{name}: {value}" for name, value in raw.items())
        return Constraint(kind, index, f"{{{shown}}}", uses, _together(wanted))
    if not isinstance(raw, str):
        also = " or a mapping such as {gunman.at: kitchen, gunman.holds: phone}" if kind == "never" else ""
        raise ConstraintError(f"{kind} needs a condition such as gunman.at == neighbour.at{also}")
    if len(raw) > MAX_LENGTH:
        raise ConstraintError(f"is {len(raw):,} characters long; a condition may have {MAX_LENGTH:,}")
    if max(raw.count("("), raw.count("!")) > 100:
        raise ConstraintError("is nested too deep")
    try:
        tree = _parser().parse(raw)
    except UnexpectedInput as error:
        raise _misread(raw, error) from None
    for node in tree.find_data("comparison"):
        _check(node, choices)
    names = [str(n.children[0]) for n in tree.find_data("name")]
    return Constraint(kind, index, " ".join(raw.split()), tuple(dict.fromkeys(sorted(names))), _compiled(tree))


def _together(wanted: Mapping[str, list[Any]]) -> Test:
    return lambda values: all(values[name] in options for name, options in wanted.items())


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _misread(text: str, error: UnexpectedInput) -> ConstraintError:
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    column = len(text) if at_end or error.pos_in_stream is None else max(0, error.pos_in_stream)
    near = text[column : column + 12].strip()
    if not near:
        return ConstraintError('ends too early; a comparison is written gunman.at == "kitchen"', column)
    single = f"; write '{near[0] * 2}'" if near[0] in "=&|" else ""
    return ConstraintError(f"cannot be understood at '{near}'{single}", column)


def _known(name: str, choices: Mapping[str, Sequence[Any]], column: int, key: str | None = None) -> None:
    if name not in choices:
        raise ConstraintError(f"vary has no '{name}'{meant(name, choices)}", column, key)


def _drawable(name: str, value: Any, options: Sequence[Any], column: int, key: str | None = None) -> None:
    """Refuses a value that is never drawn: nearly always a slip of the pen."""
    if value not in options:
        texts = [str(o) for o in options[:1000] if isinstance(o, str | int | float)]
        raise ConstraintError(f"{name} never is {value!r}{meant(str(value), texts)}", column, key)


def _column(node: Tree[Any]) -> int:
    return getattr(node.meta, "start_pos", 0)


def _check(node: Tree[Any], choices: Mapping[str, Sequence[Any]]) -> None:
    """Refuses a comparison that has no meaning: unknown names, values never drawn, an order of what has none."""
    left, sign, right = node.children
    for side in (left, right):
        if side.data == "name":
            _known(str(side.children[0]), choices, _column(side))
    if not any(side.data == "name" for side in (left, right)):
        raise ConstraintError("compares two values that do not vary; name a draw, such as gunman.at", _column(node))
    for side, other in ((left, right), (right, left)):
        if side.data != "name":
            continue
        name = str(side.children[0])
        options = choices[name]
        if sign in ("==", "!=") and other.data != "name":
            _drawable(name, _literal(other), options, _column(other))
        if sign not in ("==", "!="):
            for value in options[:1000]:
                if not isinstance(value, int | float) or isinstance(value, bool):
                    raise ConstraintError(f"'{sign}' needs numbers; {name} may be {value!r}", _column(side))
            if other.data == "text":
                raise ConstraintError(f"'{sign}' needs numbers", _column(other))


def _literal(node: Tree[Any]) -> Any:
    text = str(node.children[0])
    return float(text) if node.data == "number" else text[1:-1]


def _compiled(node: Any) -> Test:
    if node.data in ("any", "all"):
        parts = tuple(_compiled(child) for child in node.children)
        join = any if node.data == "any" else all
        return lambda values: join(part(values) for part in parts)
    if node.data == "invert":
        inner = _compiled(node.children[0])
        return lambda values: not inner(values)
    left, right = _operand(node.children[0]), _operand(node.children[2])
    sign = str(node.children[1])
    compare = _COMPARE[sign]
    if sign in ("==", "!="):
        return lambda values: bool(compare(left(values), right(values)))

    def in_order(values: Values) -> bool:
        a, b = left(values), right(values)  # a value set by hand may be anything
        return isinstance(a, int | float) and isinstance(b, int | float) and bool(compare(a, b))

    return in_order


def _operand(node: Any) -> Callable[[Values], Any]:
    if node.data == "name":
        name = str(node.children[0])
        return lambda values: values[name]
    literal = _literal(node)
    return lambda values: literal


def groups(constraints: Sequence[Constraint]) -> Iterator[tuple[tuple[str, ...], tuple[Constraint, ...]]]:
    """Draws that constraints tie together, each group with the constraints within it."""
    left = list(constraints)
    while left:
        first = left.pop(0)
        names, mine = dict.fromkeys(first.uses), [first]
        grew = True
        while grew:
            joined = [c for c in left if set(c.uses) & set(names)]
            left = [c for c in left if c not in joined]
            mine += joined
            grew = bool(joined)
            for other in joined:
                names |= dict.fromkeys(other.uses)
        yield tuple(sorted(names)), tuple(sorted(mine, key=lambda c: (c.kind, c.index)))
