"""Files that are watched, and what was made of them made again in the background when one is saved."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from watchfiles import watch

from xrlab.errors import XrlabError

Made = TypeVar("Made")
Stamp = tuple[int, int, int] | None

SETTLE_MS = 15
"""Saves that follow each other within this time are one."""

LOOK_AGAIN_MS = 500
"""Where the system tells of no change (a network drive, say), files are looked at so often."""


HALF_WRITTEN_S = 0.15
"""What is wrong in a file is told once it has stayed so for this time."""


class Reloader(Generic[Made]):
    """Makes something again whenever one of its files was saved; `poll` gives it, or what is wrong.

    first: what was made last. make: makes it anew from the last good one; it may give a first version at once and
    a better one later. files: what it was made of. Nothing is given for saves that change nothing. After a save
    that breaks something, the files known until then are watched on.
    """

    def __init__(
        self, first: Made, make: Callable[[Made], Iterator[Made]], files: Callable[[Made], Iterable[Path]]
    ) -> None:
        self._last, self._make, self._files_of = first, make, files
        self._found: queue.SimpleQueue[Made | XrlabError] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._files: set[Path] = set()
        self._follow(first)
        self._seen = self._state()
        self._thread = threading.Thread(target=self._work, name="reload", daemon=True)
        self._thread.start()

    def __enter__(self) -> Reloader[Made]:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def poll(self, wait_s: float = 0.0) -> Made | XrlabError | None:
        """What came of the saves since the last call, one at a time; None if there was none. wait_s: at most."""
        try:
            return self._found.get(timeout=wait_s) if wait_s > 0 else self._found.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """Watches no longer; may be called twice."""
        self._stop.set()
        self._thread.join()

    def _follow(self, made: Made | None) -> None:
        """Notes the files of what was made; those of what is broken now are not known, so the last are kept."""
        if made is not None:
            self._files = {path.absolute() for path in self._files_of(made)}

    def _state(self) -> dict[Path, Stamp]:
        return {path: _stamp(path) for path in sorted(self._files)}

    def _work(self) -> None:
        while not self._stop.is_set():
            folders = {path.parent for path in self._files if path.parent.is_dir()}
            changes = watch(
                *sorted(folders), step=SETTLE_MS, debounce=200, rust_timeout=LOOK_AGAIN_MS, yield_on_timeout=True,
                recursive=False, stop_event=self._stop, raise_interrupt=False, watch_filter=None,
            )  # fmt: skip
            for _ in changes:
                if self._state() != self._seen:
                    self._again()
                if {path.parent for path in self._files if path.parent.is_dir()} != folders:
                    break

    def _again(self) -> None:
        self._seen = self._state()
        try:
            for made in self._make(self._last):
                self._last = made
                self._follow(made)
                known = self._state()  # before it is given: whoever has it may save a file that was not followed before
                self._found.put(made)
                if any(known[path] != self._seen[path] for path in known if path in self._seen):
                    return  # saved once more meanwhile: what is better of this one is not waited for
                self._seen = known
                if self._stop.is_set():
                    return
        except XrlabError as error:
            # A file that is just being written is empty or half there for an instant: that is no mistake of its author.
            self._stop.wait(HALF_WRITTEN_S)
            if self._state() == self._seen:
                self._found.put(error)


def _stamp(path: Path) -> Stamp:
    """What tells one version of a file from the next; None for one that is gone."""
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_mtime_ns, info.st_size, info.st_ino
