"""What stands for something else in a scenario: `$name` for a parameter, `like: name` for a template.

A value that is `$name` becomes the parameter's value, whatever it is; `${name}` within a text becomes its text; `$$`
is a dollar sign. A person or target that is `like` another takes over all that it doesn't say itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from xrlab.document import MAX_DEPTH as DEPTH
from xrlab.document import MAX_NODES, Document, Loc, in_order, read, read_text
from xrlab.errors import InputError, Problem, meant
from xrlab.scenario.compose import merged
from xrlab.scenario.draft import Draft, parts_of, value_at

MAX_DEPTH = 16
MAX_TEXT = 20_000
ALIKE = ("people", "targets")
"""Sections whose entries may be like another."""

_WHOLE = re.compile(r"\$([A-Za-z][A-Za-z0-9_]*)")
_WITHIN = re.compile(r"\$\$|\$\{([^{}$]{0,60})\}")


@lru_cache(maxsize=1)
def library() -> Mapping[str, Document]:
    """The persons and targets that ship with xrlab, for `like`: a document for each section."""
    here = Path(__file__).parent / "library"
    return {section: read(here / f"{section}.yaml") for section in ALIKE}


def library_words() -> dict[str, dict[str, str]]:
    """What everyone and everything of the library is, in a line each, by section and name."""
    found = re.compile(r"^  (\w+): +# (.+)$", re.MULTILINE)
    return {section: dict(found.findall(read_text(made.path))) for section, made in library().items()}


@dataclass(frozen=True)
class Resolved:
    """A document in which nothing stands for something else any more.

    varied: the parameters that values under `vary` were made of, and where.
    """

    document: Document
    varied: Mapping[str, Loc]


def resolved(document: Document) -> Resolved:
    """Puts in parameters and templates; raises `InputError` with every problem."""
    parameters = _Parameters(document)
    filled = parameters.put_in()
    if parameters.problems:
        raise InputError(in_order(parameters.problems))
    return Resolved(_alike(filled), parameters.varied)


@dataclass(frozen=True)
class _Value:
    """A value with parameters put in: of how many parts it is, and how deep."""

    value: Any
    parts: int = 1
    depth: int = 0


class _Parameters:
    """The parameters of a document, and what is wrong with their use."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._given = _mapping(document.data.get("parameters"))
        self._known: dict[str, _Value] = {}
        self._uses: dict[str, set[str]] = {}
        self._in_vary: dict[str, Loc] = {}
        self.problems: list[Problem] = []
        taken = {n for s in (*ALIKE, "teams", "events", "injects") for n in _mapping(document.data.get(s))}
        for name in self._given:
            if name in document.data or name in taken:
                what = f"'{name}' names something else in this scenario; give the parameter another name"
                self.problems.append(document.problem(("parameters", name), what, at_key=True))

    def put_in(self) -> Document:
        """The document with every `$name` and `${name}` replaced, and with the parameters' own values worked out."""
        draft, added = Draft(self._document), 0
        for name in self._given:
            value = self._parameter(name, ("parameters", name), ()).value
            if value != self._given[name]:
                draft.put(("parameters", name), value, self._document, ("parameters", name))
        for loc, value in parts_of(self._document.data):
            if not isinstance(value, str) or "$" not in value or loc[0] == "parameters":
                continue
            new = self._value(value, loc, ())
            added += new.parts
            self._bounded(_Value(None, added, new.depth + len(loc)), loc)
            whole = _WHOLE.fullmatch(value)
            if whole:
                draft.put(loc, new.value, self._document, ("parameters", whole[1]))
            else:
                draft.rewrite(loc, new.value)
        return draft.done()

    @property
    def varied(self) -> dict[str, Loc]:
        """Every parameter that a value under `vary` comes from, and where that value stands."""
        out, left = {}, list(self._in_vary.items())
        while left:
            name, loc = left.pop()
            if name not in out:
                out[name] = loc
                left += [(other, loc) for other in sorted(self._uses.get(name, ()))]
        return out

    def _say(self, loc: Loc, column: int, what: str) -> None:
        self.problems.append(self._document.problem_in(loc, column, what))

    def _bounded(self, value: _Value, loc: Loc) -> _Value:
        if value.parts > MAX_NODES:
            raise InputError(self._document.problem(loc, f"parameters unfold to more than {MAX_NODES:,} parts here"))
        if value.depth > DEPTH:
            raise InputError(self._document.problem(loc, f"is nested more than {DEPTH} deep with its parameters"))
        return value

    def _value(self, value: Any, loc: Loc, asked: tuple[str, ...]) -> _Value:
        """A value of the document with parameters put in; asked: the parameters that led here."""
        if isinstance(value, str) and "$" in value:
            whole = _WHOLE.fullmatch(value)
            return self._parameter(whole[1], loc, asked) if whole else _Value(self._text(value, loc, asked))
        if not isinstance(value, dict | list):
            return _Value(value)
        keyed = value.items() if isinstance(value, dict) else enumerate(value)
        inner = {key: self._value(part, (*loc, key), asked) for key, part in keyed}
        new: Any = {key: part.value for key, part in inner.items()}
        parts = 1 + sum(part.parts for part in inner.values())
        depth = 1 + max((part.depth for part in inner.values()), default=0)
        return self._bounded(_Value(new if isinstance(value, dict) else list(new.values()), parts, depth), loc)

    def _text(self, text: str, loc: Loc, asked: tuple[str, ...]) -> str:
        out, last, length = [], 0, 0
        for match in _WITHIN.finditer(text):
            word = "$"
            if match[1] is not None:
                value = self._parameter(match[1], loc, asked, match.start()).value
                if isinstance(value, dict | list):
                    kind = "mapping" if isinstance(value, dict) else "list"
                    what = f"parameter '{match[1]}' is a {kind}; only words and numbers go into a text"
                    self._say(loc, match.start(), what)
                else:
                    word = _written(value)
            out += [text[last : match.start()], word]
            last, length = match.end(), length + len(word)
            if length > MAX_TEXT:
                what = f"grows by more than {MAX_TEXT:,} characters with its parameters"
                raise InputError(self._document.problem(loc, what))
        return "".join((*out, text[last:]))

    def _parameter(self, name: str, loc: Loc, asked: tuple[str, ...], column: int = 0) -> _Value:
        if loc[0] == "vary":
            self._in_vary.setdefault(name, loc)
        if asked:
            self._uses.setdefault(asked[-1], set()).add(name)
        if name in self._known:
            return self._known[name]
        if name not in self._given:
            self._say(loc, column, f"no parameter is called '{name}'{_instead(name, self._given)}")
            return _Value("")
        if name in asked:
            circle = " uses ".join((*asked[asked.index(name) :], name))
            raise InputError(self._document.problem(("parameters", name), f"{circle}; a parameter can't use itself"))
        if len(asked) >= MAX_DEPTH:
            what = f"parameters use each other more than {MAX_DEPTH} deep"
            raise InputError(self._document.problem(("parameters", name), what))
        self._known[name] = self._value(self._given[name], ("parameters", name), (*asked, name))
        return self._known[name]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _instead(name: str, known: Mapping[str, Any]) -> str:
    return meant(name, known) if known else "; declare it under parameters, or write $$ for a dollar sign"


def _written(value: Any) -> str:
    """A plain value as it stands in a text or an expression."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _alike(document: Document) -> Document:
    """Every person and target with what it takes over from others; without the templates."""
    data = document.data
    draft = Draft(document)
    alike = [
        (section, name)
        for section in ALIKE
        for name, entry in _mapping(data.get(section)).items()
        if isinstance(entry, dict) and "like" in entry
    ]
    problems: list[Problem] = []
    for loc in alike:
        try:
            whole = _whole(document, loc, document, loc, ())
        except InputError as error:
            problems += error.problems
            continue
        draft.put(loc, whole.data, whole, ())
    if problems:
        raise InputError(in_order(problems))
    if "templates" in data:
        draft.drop(("templates",))
    return draft.done() if alike or "templates" in data else document


def _whole(document: Document, entry: Loc, source: Document, loc: Loc, way: tuple[tuple[str, Loc], ...]) -> Document:
    """The entry at `loc` of `source`, with all it takes over, as a document of its own.

    entry: the person or target for which it is made. way: file and place of what led here.
    """
    value = value_at(source.data, loc)
    if not isinstance(value, dict):
        raise InputError(source.problem(loc, "must be a mapping of keys to values"))
    draft = Draft(Document(source.path, {}, {}, {}))
    draft.put((), value, source, loc)
    if "like" not in value:
        return draft.done()
    draft.drop(("like",))
    other, at = value["like"], (*loc, "like")
    section = str(entry[0])
    shipped = library()[section]
    choices = {
        **{name: (shipped, (section, name)) for name in shipped.data[section]},
        **{name: (document, (section, name)) for name in _mapping(document.data.get(section))},
        **{name: (document, ("templates", name)) for name in _mapping(document.data.get("templates"))},
    }
    itself = choices.get(other) if loc[-1] == other else None
    if itself and itself[0] is source and itself[1] == loc:  # a hostage may be like the library's hostage
        choices.pop(other)
        if other in shipped.data[section]:
            choices[other] = (shipped, (section, other))
    if not isinstance(other, str) or other not in choices:
        kind = "person" if section == "people" else "target"
        raise InputError(source.problem(at, f"no {kind} or template is called '{other}'{meant(str(other), choices)}"))
    where, there = choices[other]
    here = (*way, (str(source.path), loc))
    if (str(where.path), there) in here:
        circle = [str(step[-1]) for _, step in here[here.index((str(where.path), there)) :]]
        raise InputError(source.problem(at, f"{' is like '.join((*circle, other))}; nothing can be like itself"))
    if len(here) > MAX_DEPTH:
        raise InputError(source.problem(at, f"is like others more than {MAX_DEPTH} deep"))
    return merged(draft.done(), _whole(document, entry, where, there, here))
