"""What goes wrong, written for the person who can mend it.

Every error that xrlab raises on purpose carries the exit code of the command-line contract:
2 for wrong input or usage, 3 for a device or driver.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class XrlabError(Exception):
    """Base of all errors that xrlab raises on purpose; `str()` of one is ready to be shown."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place of a file.

    file: path as the user named it. line, column: counted from 1; 0 where the file has no such place.
    what: what is wrong, and what would be right, in one line. warning: it is probably a mistake, and yet a run
    can be made; else it is an error.
    """

    file: str
    line: int
    column: int
    what: str
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {'warning: ' * self.warning}{self.what}"


class InputError(XrlabError):
    """A file or an argument is wrong. Holds every problem found, not only the first."""

    def __init__(self, problems: Problem | str | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem("", 0, 0, problems)
        self.problems: list[Problem] = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(p).removeprefix(": ") for p in self.problems))


class DeviceError(XrlabError):
    """A display, a driver or another device failed or is missing."""

    exit_code = 3


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause that suggests what `name` should have been: the nearest known name, or all of them.

    Returns text such as "did you mean 'kitchen'?" or "known: door, hall"; "" if nothing is known.
    """
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return f"known: {shown}"


def meant(name: str, known: Iterable[str]) -> str:
    """`nearest` as the end of a sentence: "; did you mean 'kitchen'?"; "" if nothing is known."""
    hint = nearest(name, known)
    return f"; {hint}" if hint else ""
