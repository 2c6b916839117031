"""Worked examples of docs/scoring.md: read from the page, and answered by the functions that give marks.

Each module `worked_….py` beside this one answers for a part of the page: `EXAMPLES` maps the name of an example to a
function that takes what the example gives and returns what comes of it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

PAGE = Path(__file__).parents[2] / "docs" / "scoring.md"

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Example(NamedTuple):
    """An example of the page: the heading it stands under, its line and name, what is given, and what comes of it."""

    measure: str
    line: int
    name: str
    given: dict[str, Any]
    gives: dict[str, Any]


def examples() -> list[Example]:
    """All examples of the page, in order."""
    out = []
    heading, block, begins = "", None, 0
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1):
        if block is None and line.startswith("### "):
            heading = line[4:]
        if line == "```yaml":
            block, begins = [], number
        elif line == "```" and block is not None:
            data = yaml.safe_load("\n".join(block))
            if isinstance(data, dict) and "example" in data:
                name, gives = data.pop("example"), data.pop("gives")
                out.append(Example(heading, begins, name, data, gives))
            block = None
        elif block is not None:
            block.append(line)
    return out


def measures() -> list[str]:
    """All headings of measures."""
    return re.findall(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def answers() -> dict[str, Answer]:
    """The functions that answer examples, by name, from all modules beside this one."""
    out: dict[str, Answer] = {}
    for path in sorted(Path(__file__).parent.glob("worked_*.py")):
        found = importlib.import_module(path.stem).EXAMPLES
        assert not out.keys() & found.keys(), f"{path.name} answers an example that another module answers, too"
        out |= found
    return out
