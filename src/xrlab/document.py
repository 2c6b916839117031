"""YAML files read safely, with the place of every key kept, and checked against a pydantic model.

Scenarios, layouts, trainee scripts and tests are all such documents. They come from other people and
other countries, so reading one is bounded in size, depth and in what its aliases may unfold to, and
everything wrong is reported with file, line and column.

Plain scalars follow YAML 1.2's core schema: `off`, `no` and `12:30` are text, not false and 750.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, GetJsonSchemaHandler, ValidationError

from xrlab.errors import InputError, Problem, meant, nearest

MAX_BYTES = 4_000_000
MAX_NODES = 200_000
MAX_DEPTH = 64

Loc = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_INT = re.compile(r"[-+]?[0-9]+$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_TAGS = {"!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map"))}
_SPECIAL = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True)
class Document:
    """A file's content as plain dicts, lists, text and numbers, and where each part of it stands.

    places: line and column (from 1) of each value by its path of keys and indices; keys: of each key.
    files: for a document put together from several, the file of each part that another one than `path` says.
    begins: for texts in quotes (1) and in blocks or put together (None), at which character the text begins.
    folder: the folder that files are given from, where it isn't that of the file that names them.
    """

    path: Path
    data: Any
    places: Mapping[Loc, tuple[int, int]] = field(repr=False)
    keys: Mapping[Loc, tuple[int, int]] = field(repr=False)
    files: Mapping[Loc, str] = field(default_factory=dict, repr=False)
    begins: Mapping[Loc, int | None] = field(default_factory=dict, repr=False)
    folder: Path | None = None

    def problem(self, loc: Sequence[str | int], what: str, *, at_key: bool = False, warning: bool = False) -> Problem:
        """A `Problem` at the place of `loc`, or of the nearest part around it that stands in the file.

        Parts of `loc` that aren't in the file (names of alternatives that a model adds) are skipped.
        """
        found = self._nearest((), tuple(loc))
        line, column = (self.keys if at_key and found in self.keys else self.places).get(found, (1, 1))
        return Problem(self.file_of(found), line, column, what, warning)

    def problem_in(self, loc: Loc, column: int, what: str, *, warning: bool = False) -> Problem:
        """A `Problem` in the text at `loc`, at its character `column` (from 0)."""
        at = self.problem(loc, what, warning=warning)
        begins = self.begins.get(self._nearest((), tuple(loc)), 0)
        return at if begins is None else Problem(at.file, at.line, at.column + begins + column, what, warning)

    def file_of(self, loc: Loc) -> str:
        """The file that says what stands at `loc`: `path`, or one that went into it."""
        return self.files.get(loc) or str(self.path)

    def folder_of(self, loc: Loc) -> Path:
        """The folder that a file named at `loc` is given from: that of the file which names it."""
        from_a_file = self.places.get(loc, (1, 1)) != (0, 0)  # a value of the command line stands in none
        own = self.folder or self.path.parent
        file = self.file_of(loc)
        by_program = file.endswith((".py", ">"))  # what a program says is given from the folder it gives
        return Path(file).parent if from_a_file and file != str(self.path) and not by_program else own

    def spot(self, loc: Sequence[str | int]) -> Loc:
        """The path of `loc`, or of the nearest part around it that stands in the document."""
        return self._nearest((), tuple(loc))

    def _nearest(self, found: Loc, rest: Loc) -> Loc:
        """The longest path in the file that follows `loc`; a part may be skipped, the last one best not."""
        if not rest:
            return found
        skipped = self._nearest(found, rest[1:])
        if (*found, rest[0]) not in self.places:
            return skipped
        taken = self._nearest((*found, rest[0]), rest[1:])
        if len(skipped) == len(taken) and skipped[-1:] == rest[-1:]:
            return skipped
        return taken if len(taken) >= len(skipped) else skipped


@dataclass(frozen=True, eq=False)
class Also:
    """An annotation of a field: what a person may write as well, which a validator then widens.

    schema: JSON Schema of the short form, so that editors don't call it a mistake.
    """

    schema: dict[str, Any]

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(core), self.schema]}


def read(path: Path | str) -> Document:
    """Reads a YAML file into a `Document`; raises `InputError` where it can't be read or isn't YAML."""
    path = Path(path)
    return parse(read_text(path), path)


def read_text(path: Path) -> str:
    """The text of a file that must be a regular one, at most `MAX_BYTES` long and UTF-8."""

    def wrong(what: str) -> InputError:
        return InputError(Problem(str(path), 0, 0, what))

    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise wrong("is a directory; a file is needed")
        if not stat.S_ISREG(info.st_mode):
            raise wrong("is not a regular file")
        if info.st_size > MAX_BYTES:
            raise wrong(f"is {info.st_size / 1e6:.0f} MB long; a document may have {MAX_BYTES / 1e6:.0f} MB")
        raw = path.read_bytes()
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = nearest(path.name, siblings)
        raise wrong("no such file" + (f"; {hint}" if hint.startswith("did") else "")) from None
    except PermissionError:
        raise wrong("may not be read: permission denied") from None
    except (OSError, ValueError) as error:
        raise wrong(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise InputError(Problem(str(path), line, column, "is not UTF-8 text; save it as UTF-8")) from None


def parse(text: str, path: Path | str = "<text>") -> Document:
    """Like `read`, from text already at hand; `path` is only for messages."""
    path = Path(path)
    reader = _Reader(path)
    try:
        data = reader.document(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise InputError(Problem(str(path), line, column, _yaml_words(text, line, error))) from None
    except yaml.YAMLError as error:  # a character that YAML forbids
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        raise InputError(Problem(str(path), line, 1, f"is not YAML: {getattr(error, 'reason', error)}")) from None
    if data is None:
        raise InputError(Problem(str(path), 1, 1, "is empty; a document is needed"))
    return Document(path, data, reader.places, reader.keys, begins=reader.begins)


def _yaml_words(text: str, line: int, error: yaml.MarkedYAMLError) -> str:
    lines = text.splitlines()
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    indent = source[: len(source) - len(source.lstrip())]
    if "\t" in indent or "'\\t'" in str(error.problem):
        return "a tab stands here; YAML is indented with spaces"
    words = str(error.problem or error.context or "cannot be understood").strip()
    hint = ""
    if "${" in source:
        hint = "; a text with ${…} within braces needs quotes"
    elif "expected ',' or" in words:
        hint = "; within braces or brackets a text that holds a comma or a quote needs quotes around it"
    return f"is not YAML: {words}{hint}"


class _Reader:
    """Builds plain data from YAML events, so that limits hold before anything grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[Loc, tuple[int, int]] = {}
        self.keys: dict[Loc, tuple[int, int]] = {}
        self.begins: dict[Loc, int | None] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0

    def _fail(self, event: yaml.Event, what: str) -> InputError:
        return InputError(Problem(str(self.path), *_place(event), what))

    def document(self, text: str) -> Any:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        events = iter(yaml.parse(text, Loader=loader))
        data = None
        seen = False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise self._fail(event, "a second document starts here; a file holds one")
                seen = True
                data, _ = self._node(next(events), events, (), 0)
        return data

    def _node(self, event: yaml.Event, events: Iterable[yaml.Event], loc: Loc, depth: int) -> tuple[Any, int]:
        """The value that starts with `event`, and how many nodes it unfolds to."""
        self.places[loc] = _place(event)
        if depth > MAX_DEPTH:
            raise self._fail(event, f"is nested more than {MAX_DEPTH} deep")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise self._fail(event, f"*{event.anchor} names no anchor before this place")
            value, size = self._anchors[event.anchor]
            self._count(event, size)
            return value, size
        self._count(event, 1)
        tag = getattr(event, "tag", None)
        if tag and tag not in _TAGS:
            raise self._fail(event, f"the tag {tag} is not allowed; a document holds plain data")
        if isinstance(event, yaml.ScalarEvent):
            value, size = _scalar(event), 1
            quotes = 1 if event.style else 0
            start, end = event.start_mark, event.end_mark
            as_written = start and end and start.index + len(event.value) + 2 * quotes == end.index
            if quotes or not as_written:  # in a block, over several lines or with signs in disguise it can't be told
                self.begins[loc] = quotes if as_written else None
        elif isinstance(event, yaml.SequenceStartEvent):
            value, size = [], 1
            for index, child in enumerate(_until(events, yaml.SequenceEndEvent)):
                item, n = self._node(child, events, (*loc, index), depth + 1)
                value.append(item)
                size += n
        else:
            value, size = self._mapping(events, loc, depth)
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._anchors[anchor] = (value, size)
        return value, size

    def _mapping(self, events: Iterable[yaml.Event], loc: Loc, depth: int) -> tuple[dict[str, Any], int]:
        out: dict[str, Any] = {}
        size = 1
        for event in _until(events, yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._fail(event, "a key must be a word or a number")
            key = event.value
            if key in out:
                line = self.keys[(*loc, key)][0]
                raise self._fail(event, f"the key '{key}' stands here a second time (first in line {line})")
            self.keys[(*loc, key)] = _place(event)
            value, n = self._node(next(iter(events)), events, (*loc, key), depth + 1)
            out[key] = value
            size += 1 + n
            self._count(event, 1)
        return out, size

    def _count(self, event: yaml.Event, n: int) -> None:
        self._nodes += n
        if self._nodes > MAX_NODES:
            raise self._fail(event, f"the document unfolds to more than {MAX_NODES:,} parts here; too many aliases?")


def _place(event: yaml.Event) -> tuple[int, int]:
    """Line and column, from 1, at which an event of the parser begins."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _until(events: Iterable[yaml.Event], end: type[yaml.Event]) -> Iterable[yaml.Event]:
    for event in events:
        if isinstance(event, end):
            return
        yield event


def _scalar(event: yaml.ScalarEvent) -> Any:
    return plain(event.value) if event.implicit[0] else event.value  # else quoted, or tagged


def plain(text: str) -> Any:
    """What a word without quotes means in a document: a number, a truth value, nothing, or itself."""
    lowered = text.lower() if text in ("Null", "NULL", "True", "TRUE", "False", "FALSE") else text
    if lowered in _SPECIAL:
        return _SPECIAL[lowered]
    if _INT.match(text) and len(text) < 20:
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    if text.lower() in (".inf", "+.inf"):
        return math.inf
    if text.lower() == "-.inf":
        return -math.inf
    if text.lower() == ".nan":
        return math.nan
    return text


def validate(document: Document, model: type[Model], *, context: Any = None) -> Model:
    """The document's content as `model`; raises `InputError` with every problem and its place."""
    if not isinstance(document.data, dict):
        raise InputError(document.problem((), "must be a mapping of keys to values"))
    try:
        return model.model_validate(document.data, context=context)
    except ValidationError as error:
        raise InputError(problems_of(document, model, error)) from None


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems without repetition, file by file, in the order of each."""
    return sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.what))


def problems_of(document: Document, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """pydantic's complaints in words for the file's author, in the order of the file."""
    out = []
    for entry in error.errors(include_url=False):
        loc = entry["loc"]
        unknown = entry["type"] == "extra_forbidden"
        out.append(document.problem(loc, _words(entry, model), at_key=unknown))
    return in_order(out)


def _words(entry: Any, model: type[BaseModel]) -> str:
    loc, kind, context = entry["loc"], entry["type"], entry.get("ctx", {})
    name = _named(loc)
    given = entry.get("input")
    shown = repr(given) if isinstance(given, str | int | float | bool) else type(given).__name__
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    numbers: dict[str, Callable[[], str]] = {
        "greater_than": lambda: f"must be more than {context['gt']:g}",
        "greater_than_equal": lambda: f"must be at least {context['ge']:g}",
        "less_than": lambda: f"must be less than {context['lt']:g}",
        "less_than_equal": lambda: f"must be at most {context['le']:g}",
    }
    if kind == "extra_forbidden":
        known = _fields_at(model, loc[:-1])
        if name in known:  # of another kind of this part
            return f"the key '{name}' does not go with the others that stand beside it"
        return f"unknown key '{name}'{meant(name, known)}"
    if kind == "missing":
        return f"the key '{name}' is missing"
    if kind == "value_error":
        return str(context.get("error", entry["msg"])).removeprefix("Value error, ")
    if kind in numbers:
        return f"{name} is {shown}; it {numbers[kind]()}"
    if kind == "too_long" and "max_length" in context:
        return f"{name} has more than {context['max_length']:,} entries; at most {context['max_length']:,}"
    if kind == "string_pattern_mismatch" and name == "[key]":
        return f"{shown} cannot be a name; a name begins with a letter and has letters, digits and _, 48 at most"
    if kind == "string_pattern_mismatch":
        return f"{name} is {shown}; wanted: {_described(model, loc) or context['pattern']}"
    if name == "[key]":
        expected = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        hint = nearest(str(given), expected) or _described(model, loc[:-1])
        return f"'{loc[-2]}' cannot be a key here" + (f"; {hint}" if hint else "")
    if kind in ("literal_error", "enum"):
        expected = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f"{name} is {shown}{meant(str(given), expected)}"
    message = entry["msg"][0].lower() + entry["msg"][1:]
    return f"{name} is {shown}; {message.removeprefix('input ')}".replace("; should", "; it should")


def _named(loc: Loc) -> str:
    """What stands at `loc` as its author calls it: the last key, with the places in lists that follow it."""
    keys = [k for k, part in enumerate(loc) if isinstance(part, str)]
    if not keys:
        return "document" + "".join(f"[{part}]" for part in loc)
    return str(loc[keys[-1]]) + "".join(f"[{part}]" for part in loc[keys[-1] + 1 :])


@lru_cache(maxsize=16)
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON Schema: slow to make, and asked for every mistake."""
    return model.model_json_schema()


def _fields_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Keys that the model knows at `loc`."""
    schema = _schema(model)
    names: list[str] = []
    for spot in _spots(schema, loc):
        for option in _options(spot, schema):
            names += option.get("properties", {})
    return names


def _described(model: type[BaseModel], loc: Sequence[str | int]) -> str:
    """What the model says of the value at `loc`."""
    schema = _schema(model)
    found = [o["description"] for s in _spots(schema, loc) for o in _options(s, schema) if "description" in o]
    return found[-1] if found else ""


def _spots(schema: Any, loc: Sequence[str | int]) -> list[Any]:
    """The parts of a JSON Schema that may stand at `loc`.

    A part of `loc` can be the name of an alternative rather than a key; where an alternative has a key
    of that name, both readings are kept.
    """
    spots = [schema]
    for part in loc:
        inner = [n for spot in spots for n in _children(spot, part, schema)]
        tagged = [o for spot in spots for o in _options(spot, schema) if part in o.get("properties", {})]
        spots = [*tagged, *inner] or spots
    return spots


def _options(spot: Any, schema: Any) -> list[Any]:
    if not isinstance(spot, dict):
        return []
    if "$ref" in spot:
        return _options(schema["$defs"][spot["$ref"].rsplit("/", 1)[-1]], schema)
    out = [spot]
    for key in ("anyOf", "oneOf", "allOf"):
        for option in spot.get(key, ()):
            out += _options(option, schema)
    return out


def _children(spot: Any, part: str | int, schema: Any) -> list[Any]:
    out = []
    for option in _options(spot, schema):
        if part in option.get("properties", {}):
            out.append(option["properties"][part])
        elif isinstance(part, int) and "items" in option:
            out.append(option["items"])
        elif isinstance(option.get("additionalProperties"), dict):
            out.append(option["additionalProperties"])
        else:
            out += option.get("patternProperties", {}).values()
    return out
