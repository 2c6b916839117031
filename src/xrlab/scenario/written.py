"""Data as YAML that a person likes to read: short things on one line, long ones in a block, few quotes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from xrlab.document import plain

WIDTH = 100
"""How long a line with braces or brackets may be; what is longer becomes a block."""

_FIRST = re.compile(r"[A-Za-z0-9_(./$<=\u00c0-\U0010ffff+]")
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


_OTHERS = ("yes", "no", "on", "off", "y", "n")
"""Words that older readers of YAML take for true and false."""


def word(value: Any, *, flow: bool = False) -> str:
    """A single value as it stands in a document. flow: within braces or brackets, where commas part values."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        return repr(value)
    text = str(value)
    if _is_plain(text, flow):
        return text
    if ('"' in text or "\\" in text) and not _UNREADABLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _UNREADABLE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _is_plain(text: str, flow: bool) -> bool:
    """Whether a text needs no quotes: it begins as a word does, and is read as the same text."""
    if not text or not _FIRST.match(text) or text != text.strip() or _UNREADABLE.search(text):
        return False
    if text.lower() in _OTHERS or text in ("=", "<<") or ": " in text or " #" in text:
        return False
    if text.endswith(":") or text.startswith(("...", "= ", "<< ")):
        return False
    if flow and re.search(r"[,\[\]{}:?]", text):
        return False
    return plain(text) == text and isinstance(plain(text), str)


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{word(k, flow=True)}: {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return word(value, flow=True)


def after(value: Any, indent: int, used: int, *, short: bool = True) -> str:
    """A value as it stands after `key:`, beginning with a space or a new line.

    indent: column of the key, from 0. used: how many characters of the line are taken. short: whether a value that
    fits on the line may stand there.
    """
    if not isinstance(value, dict | list):
        return f" {word(value)}"
    line = inline(value)
    if not value or (short and not _by_name(value) and used + 1 + len(line) <= WIDTH and _shallow(value)):
        return f" {line}"
    return "\n" + "\n".join(block(value, indent + 2))


def _by_name(value: Any) -> bool:
    """Whether a value holds things by name, each of which is read on a line of its own."""
    return isinstance(value, dict) and all(isinstance(part, dict) and part for part in value.values())


def _shallow(value: Any) -> bool:
    """Whether a value is easily read on one line: it is no mapping of mappings of mappings."""
    return _depth(value) <= 5


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def block(value: Any, indent: int) -> Iterator[str]:
    """The lines of a mapping or a list, of at least one entry, at this indentation."""
    margin = " " * indent
    if isinstance(value, dict):
        for key, part in value.items():
            head = f"{margin}{word(key)}:"
            yield from (head + after(part, indent, len(head))).split("\n")
        return
    for part in value:
        line = inline(part) if isinstance(part, dict | list) else word(part)
        if isinstance(part, dict) and part and indent + 2 + len(line) > WIDTH:
            first, *rest = block(part, indent + 2)
            yield f"{margin}- {first.strip()}"
            yield from rest
        elif isinstance(part, list) and part and indent + 2 + len(line) > WIDTH:
            yield f"{margin}-"
            yield from block(part, indent + 2)
        else:
            yield f"{margin}- {line}"


def document(data: dict[str, Any], *, head: str = "") -> str:
    """A whole document. head: comment lines to begin with. Sections of things by name are set off by a blank line."""
    lines = head.splitlines()
    for key, value in data.items():
        inner = list(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
        listed = bool(inner) and all(isinstance(v, dict if isinstance(value, list) else dict | list) for v in inner)
        text = f"{word(key)}:" + after(value, 0, len(key) + 1, short=not listed)
        several = "\n" in text
        if several and lines and lines[-1]:
            lines.append("")
        lines += text.split("\n")
        if several:
            lines.append("")
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n"
