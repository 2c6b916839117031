"""A document in the making: values put into it from other places, each of which keeps its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xrlab.document import Document, Loc


def parts_of(value: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    """A value and everything in it, each with its path."""
    left: list[tuple[Loc, Any]] = [(loc, value)]
    while left:  # in the order of the document
        here = loc, value = left.pop()
        yield here
        if isinstance(value, dict):
            left += [((*loc, key), child) for key, child in reversed(value.items())]
        elif isinstance(value, list):
            left += [((*loc, index), value[index]) for index in range(len(value) - 1, -1, -1)]


def value_at(data: Any, loc: Loc) -> Any:
    """What stands at `loc` in some data; raises KeyError, IndexError or TypeError if nothing does."""
    for part in loc:
        data = data[part]
    return data


def given(value: Any, where: str) -> Document:
    """A value that stands in no file, such as one of the command line, as a document; `where` is for messages."""
    return Document(Path(where), value, {(): (0, 0)}, {})


class Draft:
    """Changes a document without touching it: what is changed is copied, all else is shared.

    Every value put in says which document it comes from, and messages about it name that place.
    """

    def __init__(self, document: Document) -> None:
        self._path, self._folder = document.path, document.folder
        self.data = document.data
        self._places, self._keys, self._files = dict(document.places), dict(document.keys), dict(document.files)
        self._begins = dict(document.begins)
        self._own: dict[int, Any] = {}

    def done(self) -> Document:
        """The document as it is now; the draft may not be used any more."""
        return Document(self._path, self.data, self._places, self._keys, self._files, self._begins, self._folder)

    def get(self, loc: Loc) -> Any:
        """What stands at `loc`; raises KeyError, IndexError or TypeError if nothing does."""
        return value_at(self.data, loc)

    def put(self, loc: Loc, value: Any, source: Document, at: Loc) -> None:
        """Puts a value, which stands at `at` in `source`, at `loc`, in the place of what is there."""
        if loc:
            spot: Any = self._owned(loc[:-1])
            if not isinstance(spot, dict) or loc[-1] in spot:
                self._forget(loc, spot[loc[-1]])
            spot[loc[-1]] = value
        else:
            self._forget(loc, self.data)
            self.data = value
        around = source.places.get(at, (1, 1))
        for sub, _ in parts_of(value):
            # what an alias brought has no place of its own: that of the alias holds
            known = (*at, *sub) in source.places
            self._places[(*loc, *sub)] = source.places[(*at, *sub)] if known else around
            self._files[(*loc, *sub)] = source.file_of((*at, *sub) if known else at)
            if known and (*at, *sub) in source.begins:
                self._begins[(*loc, *sub)] = source.begins[(*at, *sub)]
            if (*at, *sub) in source.keys:
                self._keys[(*loc, *sub)] = source.keys[(*at, *sub)]

    def rewrite(self, loc: Loc, text: str) -> None:
        """Changes the text at `loc`, which stays where it stands; at which column of it is no longer known."""
        self._owned(loc[:-1])[loc[-1]] = text
        self._begins[loc] = None

    def drop(self, loc: Loc) -> None:
        """Takes a key away."""
        spot = self._owned(loc[:-1])
        self._forget(loc, spot.pop(loc[-1]))

    def order(self, loc: Loc, keys: list[str]) -> None:
        """Puts the keys of the mapping at `loc` into this order."""
        spot = self._owned(loc)
        values = [(key, spot[key]) for key in keys]
        spot.clear()
        spot.update(values)

    def _forget(self, loc: Loc, value: Any) -> None:
        for sub, _ in parts_of(value, loc):
            for known in (self._places, self._keys, self._files, self._begins):
                known.pop(sub, None)

    def _owned(self, loc: Loc) -> Any:
        """The container at `loc`, as a copy that may be changed."""
        self.data = spot = self._copied(self.data)
        for part in loc:
            spot[part] = self._copied(spot[part])
            spot = spot[part]
        return spot

    def _copied(self, value: Any) -> Any:
        if id(value) in self._own or not isinstance(value, dict | list):
            return value
        copy = dict(value) if isinstance(value, dict) else list(value)
        self._own[id(copy)] = copy
        return copy
