"""Changes single values in the text of a document and leaves every other line, and every comment, as it is.

A library that reads a document and writes it again would set it anew: spaces within braces, long lines and the
columns of comments change. So what is to be changed is found by its place in the text and replaced there. Every
change is proven: the new text must be read as the old data with this one change, else it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from xrlab.document import Loc, parse, read_text
from xrlab.errors import InputError, Problem
from xrlab.files import write_whole
from xrlab.scenario.draft import value_at
from xrlab.scenario.written import after, block, document, inline, word


@dataclass
class _Node:
    """A value in the text: from character `start` to `end`, within braces or brackets or not."""

    start: int
    end: int
    flow: bool
    column: int
    kind: str
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    parts: dict[str | int, _Node] = field(default_factory=dict)


class Editing:
    """The text of a document while values are set in it and taken out of it.

    path: for messages. text: the document as it is now. data: what it says.
    """

    def __init__(self, text: str, path: Path | str = "<text>") -> None:
        self.path = Path(path)
        self.text = text
        self.data = parse(text, path).data
        self._line = "\r\n" if "\r\n" in text else "\n"

    @classmethod
    def of(cls, path: Path) -> Editing:
        """The document in a file; raises `InputError` where it can't be read."""
        return cls(read_text(path), path)

    def save(self, path: Path | None = None) -> None:
        """Writes the text to a file, wholly or not at all; to the one it came from if none is given."""
        write_whole(path or self.path, self.text.encode())

    def set(self, loc: Loc, value: Any) -> None:
        """Sets the value at `loc`; mappings on the way that are missing are made. At a list's end one is added.

        A mapping that replaces a mapping changes what differs, so that comments beside the rest stay.
        """
        text, data = self.text, self.data
        try:
            self._change(loc, value)
        except InputError:
            self.text, self.data = text, data
            raise

    def _change(self, loc: Loc, value: Any) -> None:
        old = _lookup(self.data, loc)
        if old is not _NOTHING and _same(old, value):
            return
        if isinstance(old, dict) and isinstance(value, dict) and old and value and loc:
            for key in [k for k in old if k not in value]:
                self.remove((*loc, key))
            for key, part in value.items():
                self._change((*loc, key), part)
            if list(value_at(self.data, loc)) == list(value):
                return
        whole = len(loc)
        while whole and _lookup(self.data, loc[: whole - 1]) in (_NOTHING, None):
            whole -= 1
        around = _lookup(self.data, loc[: whole - 1]) if whole else None
        if isinstance(around, list) and not (isinstance(loc[whole - 1], int) and int(loc[whole - 1]) <= len(around)):
            raise self._refused(loc, f"the list has {len(around)} parts")
        for part in reversed(loc[whole:]):
            value = {str(part): value}
        self._set(loc[:whole], value)

    def remove(self, loc: Loc) -> None:
        """Takes a key, or a part of a list, out; raises `InputError` where there is none."""
        if not loc or _lookup(self.data, loc) is _NOTHING:
            raise self._refused(loc, "there is nothing to take out")
        wanted = _without(self.data, loc)
        around = value_at(wanted, loc[:-1])
        if not around:  # nothing is left of what it stood in
            return self._set(loc[:-1], around)
        tree = _tree(self.text)
        parent, node = _find(tree, loc[:-1]), _find(tree, loc)
        start = parent.keys[str(loc[-1])][0] if parent.kind == "mapping" else node.start
        if parent.flow:
            cut = self._cut_in_flow(start, node.end)
        else:
            cut = self._cut_lines(start, node.end, dashed=parent.kind == "list")
        try:
            self._try(self.text[: cut[0]] + self.text[cut[1] :], wanted)
        except InputError:
            self._set(loc[:-1], around)
        return None

    def _set(self, loc: Loc, value: Any) -> None:
        wanted = _with(self.data, loc, value)
        tree = _tree(self.text)
        for text in self._ways(tree, loc, value):
            try:
                self._try(text, wanted)
            except InputError:
                continue
            return
        raise self._refused(loc, "can't be changed without changing more around it; edit the file by hand")

    def _try(self, text: str, wanted: Any) -> None:
        data = parse(text, self.path).data
        if not _same(data, wanted):
            raise self._refused((), "would say something else")
        self.text, self.data = text, data

    def _refused(self, loc: Loc, what: str) -> InputError:
        return InputError(Problem(str(self.path), 0, 0, f"{'.'.join(map(str, loc)) or 'the document'}: {what}"))

    def _ways(self, tree: _Node, loc: Loc, value: Any) -> Iterator[str]:
        """Texts with the value set, the nicest first."""
        if not loc:
            yield document(value)
            return
        parent = _find(tree, loc[:-1])
        node = parent.parts.get(loc[-1])
        if node is None:
            yield from self._added(parent, loc[-1], value)
        else:
            yield from self._replaced(parent, loc[-1], node, value)

    def _replaced(self, parent: _Node, key: str | int, node: _Node, value: Any) -> Iterator[str]:
        before, rest = self.text[: node.start], self.text[node.end :]
        if parent.flow:
            gap = "" if before.endswith((" ", "[", "{", "\n")) else " "
            yield before + gap + inline(value) + rest
            return
        column = _column(self.text, parent.keys[str(key)][0]) if parent.kind == "mapping" else parent.column
        used = node.start - _line_start(self.text, node.start)
        if node.flow or node.kind == "word":
            text = after(value, column, used) if parent.kind == "mapping" else f" {inline(value)}"
            if not text.startswith("\n"):
                gap = "" if before.endswith((" ", "\n")) else " "
                single = not isinstance(value, dict | list)
                yield before + gap + (word(value) if single else inline(value)) + rest
                return
            line = re.match(r"[ \t]*(#[^\r\n]*)?", rest)
            comment = line[0].rstrip() if line else ""
            yield before.rstrip(" ") + (f" {comment.strip()}" if comment.strip() else "") + self._lines(text) + (
                rest[len(line[0]) :] if line else rest
            )  # fmt: skip
            return
        # a block: from behind its key, or its dash, to its last word
        begin = (
            parent.keys[str(key)][1] if parent.kind == "mapping" else _line_start(self.text, node.start) + column + 1
        )
        colon = self.text.index(":", begin) + 1 if parent.kind == "mapping" else begin
        text = after(value, column, colon - _line_start(self.text, colon))
        yield self.text[:colon] + self._lines(text) + rest
        yield self.text[:colon] + f" {inline(value)}" + rest

    def _added(self, parent: _Node, key: str | int, value: Any) -> Iterator[str]:
        entry = inline(value) if isinstance(key, int) else f"{word(key, flow=True)}: {inline(value)}"
        last = list(parent.parts.values())[-1] if parent.parts else None
        if parent.flow:
            inside = last.end if last else parent.start + 1
            gap = ", " if last else ""
            yield self.text[:inside] + gap + entry + self.text[inside:]
            return
        if last is None:  # it stands elsewhere, and is only pointed to
            return
        margin = " " * parent.column
        if isinstance(key, int):
            lines = list(block([value], parent.column))
        else:
            head = f"{margin}{word(key)}:"
            lines = (head + after(value, parent.column, len(head))).split("\n")
        end = _line_end(self.text, last.end)
        ending = "" if self.text[:end].endswith("\n") or end == 0 else self._line
        yield self.text[:end] + ending + self._line.join(lines) + self._line + self.text[end:]

    def _cut_in_flow(self, start: int, end: int) -> tuple[int, int]:
        """The span of an entry within braces with the comma that goes with it."""
        behind = re.compile(r"\s*,[ \t]*(?:\r?\n[ \t]*(?!#))?").match(self.text, end)
        if behind:
            return start, behind.end()
        before = re.search(r",\s*$", self.text[:start])
        return (before.start() if before else start), end

    def _cut_lines(self, start: int, end: int, *, dashed: bool) -> tuple[int, int]:
        """The lines of an entry of a block."""
        begin = _line_start(self.text, start)
        if self.text[begin:start].strip() not in (("-",) if dashed else ("",)):
            return start, end  # it shares its line with a dash: proven wrong, and set anew around it
        return begin, _line_end(self.text, end)

    def _lines(self, text: str) -> str:
        return text.replace("\n", self._line)


_NOTHING: Any = object()


def _lookup(data: Any, loc: Loc) -> Any:
    try:
        return value_at(data, loc)
    except (KeyError, IndexError, TypeError):
        return _NOTHING


def _same(a: Any, b: Any) -> bool:
    """Equality that tells 1 from true and from 1.0, and sees the order of keys."""
    return repr(a) == repr(b)


def _with(data: Any, loc: Loc, value: Any) -> Any:
    if not loc:
        return value
    key: Any = loc[0]
    if isinstance(data, list):
        inner = _with(data[key] if key < len(data) else None, loc[1:], value)
        return [*data[:key], inner, *data[key + 1 :]]
    data = data or {}
    return {**data, key: _with(data.get(key), loc[1:], value)}


def _without(data: Any, loc: Loc) -> Any:
    key = loc[0]
    if len(loc) > 1:
        if isinstance(data, list):
            return [_without(part, loc[1:]) if index == key else part for index, part in enumerate(data)]
        return {k: _without(v, loc[1:]) if k == key else v for k, v in data.items()}
    if isinstance(data, list):
        return [part for index, part in enumerate(data) if index != key]
    return {k: v for k, v in data.items() if k != key}


def _find(tree: _Node, loc: Loc) -> _Node:
    for part in loc:
        tree = tree.parts[part]
    return tree


def _column(text: str, at: int) -> int:
    return at - _line_start(text, at)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """Behind the line in which `at` lies."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _index(mark: Any) -> int:
    return int(mark.index)


def _tree(text: str) -> _Node:
    """Where everything stands in the text of a document that was read before."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = (e for e in yaml.parse(text, Loader=loader) if isinstance(e, yaml.NodeEvent | yaml.CollectionEndEvent))
    return _node(next(events), events, text)


def _node(event: yaml.Event, events: Iterable[Any], text: str) -> _Node:
    events = iter(events)
    start, end = _index(event.start_mark), _index(event.end_mark)
    node = _Node(start, end, bool(getattr(event, "flow_style", False)), _column(text, start), "word")
    if isinstance(event, yaml.SequenceStartEvent):
        node.kind = "list"
        for index, inner in enumerate(iter(lambda: next(events), None)):
            if isinstance(inner, yaml.SequenceEndEvent):
                node.end = _index(inner.end_mark)
                break
            node.parts[index] = _node(inner, events, text)
    elif isinstance(event, yaml.MappingStartEvent):
        node.kind = "mapping"
        for key in iter(lambda: next(events), None):
            if isinstance(key, yaml.MappingEndEvent):
                node.end = _index(key.end_mark)
                break
            node.keys[key.value] = (_index(key.start_mark), _index(key.end_mark))
            node.parts[key.value] = _node(next(events), events, text)
    if node.kind != "word" and not node.flow:  # the parser lets a block end where the next thing begins
        node.end = max([part.end for part in node.parts.values()], default=node.start)
    elif node.kind == "word":
        node.end = node.start + len(text[node.start : node.end].rstrip())
    return node
