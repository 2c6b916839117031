"""Scenario documents written again: YAML and JSON, one file out of several, values changed with comments kept."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from xrlab.document import Document, Loc, parse, read, validate
from xrlab.errors import InputError
from xrlab.files import write_whole
from xrlab.scenario.edit import Editing
from xrlab.scenario.load import assembled, find, prepare, shipped_rooms
from xrlab.scenario.model import Scenario
from xrlab.scenario.variation import locate
from xrlab.scenario.written import document as written
from xrlab.testing.validation import KINDS, kind_of

FILES = ("room", "trainee", "extends", "include")
"""Keys of a scenario that name files, given from the scenario's own folder."""

YAML, JSON = (".yaml", ".yml"), (".json",)


def convert(
    reference: str | Path,
    out: Path,
    *,
    flat: bool = False,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Path:
    """Writes a scenario again, as YAML or JSON by the ending of `out`; returns `out`.

    flat: put together from all it extends, includes and is like. seed: as this seed draws it, which is flat too.
    settings: values by path. Comments stay where YAML becomes YAML and nothing is put together. Files that the
    scenario names are given from the new folder. Raises `InputError` for anything wrong.
    """
    _, path = find(reference)
    if out.suffix.lower() not in (*YAML, *JSON):
        raise InputError(f"{out}: a scenario is written as .yaml or .json")
    if out.exists() and out.resolve() == path.resolve():
        raise InputError(f"{out}: is the file itself; xrlab set changes values in it")
    document = read(path)
    if flat or seed is not None:
        prepared = prepare(path)
        document = prepared.flat(settings) if seed is None else prepared.flat_draw(seed, settings)
    data = relocated(document, out.parent)
    if not flat and seed is None:
        editing = Editing.of(path) if path.suffix in YAML else Editing(written(document.data), path)
        for key in FILES:
            if key in data and data[key] != document.data[key]:
                editing.set((key,), data[key])
        for name, value in (settings or {}).items():
            editing.set(place_of(assembled(document).data, name, Scenario.model_fields), value)
        text, data = editing.text, editing.data
    else:
        text = written(data)
    if out.suffix.lower() in JSON:
        text = _as_json(out, data)
    if parse(text, out).data != data:
        raise InputError(f"{out}: holds a value that can't be written there")
    write_whole(out, text.encode())
    return out


def _as_json(out: Path, data: Any) -> str:
    try:
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError:
        raise InputError(f"{out}: JSON has no number for infinity, which stands in this scenario") from None


def relocated(document: Document, folder: Path) -> dict[str, Any]:
    """A scenario's content with the files that it names given from another folder; a shipped room by its name."""
    data = dict(document.data)
    ours = {path.resolve(): name for name, path in shipped_rooms().items()}

    def moved(name: Any, loc: Loc) -> Any:
        if not isinstance(name, str) or "$" in name or not PurePath(name).suffix or PurePath(name).is_absolute():
            return name
        full = (document.folder_of(loc) / name).resolve()
        if loc == ("room",) and full in ours:
            return ours[full]
        return Path(os.path.relpath(full, folder.resolve())).as_posix()

    for key in FILES:
        value = data.get(key)
        here = document.folder_of((key,)).resolve() == folder.resolve()
        if value is not None and not here:
            several = isinstance(value, list)
            data[key] = [moved(v, (key, n)) for n, v in enumerate(value)] if several else moved(value, (key,))
    return data


def change(path: Path, settings: Mapping[str, Any], remove: Sequence[str] = ()) -> bool:
    """Sets values in a document, and takes some out, with every comment kept; returns whether anything changed.

    settings: by dotted path, in a scenario also from a person, target or team on: `gunman.at`. A change that would
    break the document is refused: `InputError` says with what, and the file stays as it is.
    """
    editing = Editing.of(path)
    before = editing.text
    kind = kind_of(Document(path, editing.data, {}, {}))
    known = KINDS[kind].model_fields if kind in KINDS else {}
    for name in remove:
        editing.remove(place_of(editing.data, name, ()))
    for name, value in settings.items():
        whole = assembled(parse(editing.text, path)).data if kind == "scenario" else editing.data
        editing.set(place_of(whole, name, known), value)
    if editing.text == before:
        return False
    was_good = not _wrong(parse(before, path), kind)
    problems = _wrong(parse(editing.text, path), kind)
    if problems and was_good:
        raise InputError(problems.problems)
    editing.save()
    return True


def _wrong(document: Document, kind: str | None) -> InputError | None:
    """What is wrong with a document by itself; of a scenario: as its first seed draws it, in its room."""
    try:
        if kind == "scenario":
            prepare(document).draw(0)
        elif kind in KINDS:
            validate(document, KINDS[kind])
    except InputError as error:
        return error
    return None


def place_of(data: Any, path: str, known: Collection[str]) -> Loc:
    """Where a dotted path leads in a document; a section that it may have and hasn't yet is made."""
    parts = path.split(".")
    if isinstance(data, dict) and parts[0] not in data and parts[0] in known:
        return tuple(parts)
    try:
        return locate(data, path)
    except LookupError as error:
        raise InputError(f"{path}: {error}") from None
