"""XML files read safely: floor plans and targets that other programs drew.

The XML is read with expat, which is told to stop at any entity: nothing unfolds and nothing else is opened. Its size,
its depth and the number of its elements are bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from xrlab.document import MAX_BYTES
from xrlab.errors import InputError, Problem

MAX_ELEMENTS = 50_000
MAX_DEPTH = 64
MAX_TEXT = 400


@dataclass
class Node:
    """An element: its name and attributes without namespaces, where it stands (from 1), what is in it."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Node] = field(default_factory=list)
    text: str = ""


def read_markup(path: Path, what: str, *, advice: str = "") -> Node:
    """The root of an XML file; raises `InputError` with its place where it can't be read.

    what: the kind of file, such as "SVG file", for messages. advice: what to do about one with too many elements.
    """
    raw = _raw(path, what)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    top = Node("", {}, 1, 1)
    stack, count = [top], 0

    def wrong(words: str) -> InputError:
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        return InputError(Problem(str(path), line, column, words))

    def doctype(name: str, system: str | None, public: str | None, internal: bool) -> None:
        if internal:
            raise wrong(f"defines entities of its own (a DOCTYPE with a [ ] part); save it as a plain {what}")

    def entity(*_: object) -> None:
        raise wrong(f"defines an entity; save it as a plain {what}")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MAX_ELEMENTS:
            raise wrong(f"holds more than {MAX_ELEMENTS:,} elements{f'; {advice}' if advice else ''}")
        if len(stack) > MAX_DEPTH:
            raise wrong(f"is nested more than {MAX_DEPTH} deep")
        own = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        node = Node(name.rpartition(" ")[2], own, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        if len(stack[-1].text) < MAX_TEXT:
            stack[-1].text += data[:MAX_TEXT]

    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = entity
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        words = expat.ErrorString(error.code)
        raise InputError(
            Problem(str(path), error.lineno, error.offset + 1, f"is no XML: {words}; one {what} is needed")
        ) from None
    except (ValueError, LookupError) as error:  # an encoding that there is not
        raise InputError(Problem(str(path), 1, 1, f"cannot be read as XML: {str(error)[:80]}")) from None
    if not top.children:
        raise InputError(Problem(str(path), 1, 1, f"is empty; one {what} is needed"))
    return top.children[0]


def _raw(path: Path, what: str) -> bytes:
    def wrong(words: str) -> InputError:
        return InputError(Problem(str(path), 0, 0, words))

    try:
        if path.is_dir():
            raise wrong(f"is a directory; one {what} is needed")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise wrong(f"is {size / 1e6:.0f} MB long; one {what} may have {MAX_BYTES / 1e6:.0f} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise wrong("no such file") from None
    except (OSError, ValueError) as error:
        raise wrong(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
