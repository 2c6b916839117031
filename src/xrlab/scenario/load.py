"""From a name or a path to a checked scenario with its room, for one seed or for many."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xrlab.document import Document, parse, problems_of, read
from xrlab.errors import InputError, meant
from xrlab.resources import folder
from xrlab.room import Room, load_room
from xrlab.scenario import standards, target_files
from xrlab.scenario.check import check_scenario
from xrlab.scenario.compose import composed
from xrlab.scenario.draft import Draft, given
from xrlab.scenario.model import Scenario
from xrlab.scenario.reuse import Resolved, resolved
from xrlab.scenario.variation import Change, Drawn, Variation, apply, locate

KEPT = 256
"""How many draws of a scenario are kept checked: of most scenarios all there are."""


@dataclass(frozen=True)
class Loaded:
    """A scenario that is ready to run: the model with all that varies drawn, its room, and where it lies.

    drawn: what the seed (or a setting) drew, by the names under `vary`. settings: values that were set by hand.
    """

    name: str
    path: Path
    scenario: Scenario
    room: Room
    document: Document
    drawn: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Variant:
    """One draw of a scenario: `document` is the scenario with everything drawn, not checked yet."""

    seed: int
    drawn: dict[str, Any]
    document: Document


def shipped() -> dict[str, Path]:
    """The scenarios that ship with xrlab, by name such as "house/hostage"."""
    return scenarios_in(folder("scenarios"))


def scenarios_in(root: Path) -> dict[str, Path]:
    """Scenario files below a folder, by their path from there without the suffix."""
    found = {}
    for path in sorted(root.rglob("*.yaml")):
        short = path.relative_to(root).with_suffix("").as_posix()
        if "." not in Path(short).name and "rooms" not in path.relative_to(root).parts and _is_scenario(path):
            found[short] = path
    return found


def _is_scenario(path: Path) -> bool:
    """Whether a YAML file says that it is a scenario, by the keys at its top level."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return is_scenario({line.split(":", 1)[0] for line in lines})


def is_scenario(keys: Collection[str]) -> bool:
    """Whether a document with these keys at its top level is a scenario, whole or one that builds on others."""
    return "extends" in keys or {"teams", "scoring"} <= set(keys) or {"title", "room"} <= set(keys)


def find(reference: str | Path) -> tuple[str, Path]:
    """Name and path of a scenario; `reference` is a shipped scenario's name or a file's path."""
    path = Path(reference)
    known = shipped()
    if str(reference) in known:
        return str(reference), known[str(reference)]
    if path.suffix in (".yaml", ".yml") or path.exists():
        for name, place in known.items():
            if path.exists() and place.resolve() == path.resolve():
                return name, path
        return path.stem, path
    raise InputError(f"no scenario is called '{reference}' and no such file exists{meant(str(reference), known)}")


def load(reference: str | Path | Document, *, seed: int = 0, settings: Mapping[str, Any] | None = None) -> Loaded:
    """Reads, varies, checks. `settings`: values by path, such as {"gunman.at": "kitchen"}, that win over `vary`.

    Raises `InputError` with every problem found, each with its place. For many seeds, `prepare` once.
    """
    return prepare(reference).draw(seed, settings)


def prepare(reference: str | Path | Document) -> Prepared:
    """A scenario read once, to be drawn for many seeds; raises `InputError` where it can't be read.

    reference: a shipped scenario's name, a file, or a document at hand.
    """
    if isinstance(reference, Document):
        return Prepared(reference.path.stem, assembled(reference))
    name, path = find(reference)
    return Prepared(name, read_scenario(path))


def read_scenario(path: Path) -> Document:
    """The document of a scenario with all it extends and includes; nothing drawn, and only its form checked."""
    return assembled(read(path))


def assembled(document: Document) -> Document:
    """A scenario's document with all it extends and includes, and with what its standard says."""
    if not isinstance(document.data, dict):
        raise InputError(document.problem((), "must be a mapping of keys to values"))
    return target_files.put_in(standards.put_in(composed(document, shipped)))


@dataclass(frozen=True)
class _Base:
    """A document without stand-ins, what varies in it, and which parameters its choices were made of."""

    document: Document
    variation: Variation


class Prepared:
    """A scenario that was read, ready to be drawn for any seed.

    Equal draws are checked once, and rooms are loaded once, so that the thousandth draw costs next to nothing.
    """

    def __init__(self, name: str, document: Document) -> None:
        self.name = name
        self.path = document.path
        self.document = document
        self._bases: dict[str, _Base] = {}
        self._for_more: dict[str, bool] = {}
        self._filled_early: OrderedDict[str, Document] = OrderedDict()
        self._rooms: dict[Path, Room] = {}
        self._checked: OrderedDict[str, Loaded] = OrderedDict()

    @property
    def variation(self) -> Variation:
        """What varies; raises `InputError` with all that is wrong under `vary`."""
        return self._base({}).variation

    def draw(self, seed: int, settings: Mapping[str, Any] | None = None) -> Loaded:
        """The scenario as this seed draws it, with these settings, checked.

        Raises `InputError` with every problem of this draw, each with its place.
        """
        settings = dict(settings or {})
        drawn = self._drawn(seed, settings)
        key = _identity(drawn.values, settings)
        if key in self._checked:
            self._checked.move_to_end(key)
            return self._checked[key]
        document = self._filled(drawn, settings)
        scenario = model_of(document)
        room = self.room(document, scenario)
        problems = check_scenario(document, scenario, room)
        if problems:
            raise InputError(problems)
        loaded = Loaded(self.name, self.path, scenario, room, document, _plain(drawn.values), _plain(settings))
        _keep(self._checked, key, loaded)
        return loaded

    def variant(self, seed: int, settings: Mapping[str, Any] | None = None) -> Variant:
        """What `draw` would check, before it is checked."""
        drawn = self._drawn(seed, settings or {})
        return Variant(seed, drawn.values, self._filled(drawn, settings or {}))

    def variants(self, count: int, settings: Mapping[str, Any] | None = None) -> Iterator[Variant]:
        """What the seeds 0 to `count` - 1 draw; a draw that equals one before is left out."""
        seen = set()
        for seed in range(count):
            drawn = self._drawn(seed, settings or {})
            key = _identity(drawn.values, {})
            if key not in seen:
                seen.add(key)
                yield Variant(seed, drawn.values, self._filled(drawn, settings or {}))

    def each_choice(self) -> Iterator[Variant]:
        """Draws that together hold every choice of every entry under `vary` (of spans: ends and middle)."""
        for chosen in self.variation.covering():
            drawn = self.variation.draw(0, chosen=chosen)
            yield Variant(0, drawn.values, self._filled(drawn, {}))

    def flat(self, settings: Mapping[str, Any] | None = None) -> Document:
        """The document in which nothing stands for something else: no extends, include, parameter, template.

        What varies still does; raises `InputError` where that is a parameter, or what a person is like.
        """
        base = self._base(settings or {})
        for path in base.variation.paths():
            if self._stands_for_more(path):
                what = f"{path} varies, so what is made of it differs from draw to draw; give a seed to write one draw"
                raise InputError(base.document.problem(("vary", path), what))
        late = [c for c in _by_hand(settings or {}) if not self._stands_for_more(c.path)]
        return _without_parameters(_changed(base.document, late))

    def flat_draw(self, seed: int, settings: Mapping[str, Any] | None = None) -> Document:
        """The same as one seed draws it: nothing varies in it any more."""
        draft = Draft(_without_parameters(self.variant(seed, settings).document))
        if "vary" in draft.data:
            draft.drop(("vary",))
        return draft.done()

    def room(self, document: Document, scenario: Scenario) -> Room:
        """The room of a draw, loaded once."""
        path = room_path(document, scenario)
        if path not in self._rooms:
            self._rooms[path] = load_room(path)
        return self._rooms[path]

    def _drawn(self, seed: int, settings: Mapping[str, Any]) -> Drawn:
        variation = self._base(settings).variation
        return variation.draw(seed, {k: v for k, v in settings.items() if k in variation.entries})

    def _base(self, settings: Mapping[str, Any]) -> _Base:
        """The document with everything put in but what is drawn."""
        names = self.document.data.get("vary")
        varied = names if isinstance(names, dict) else {}
        early = [c for c in _by_hand(settings) if c.path not in varied and self._stands_for_more(c.path)]
        key = _identity({c.path: c.value for c in early}, {})
        if key not in self._bases:
            whole = resolved(_changed(self.document, early))
            variation = Variation(whole.document)
            self._refuse_two_steps(whole, variation)
            self._bases[key] = _Base(whole.document, variation)
        return self._bases[key]

    def _refuse_two_steps(self, whole: Resolved, variation: Variation) -> None:
        """A choice made of a parameter that varies itself would be drawn before the parameter is."""
        for path in variation.paths():
            name = locate(self.document.data, path)[-1] if self._stands_for_more(path) else None
            if name in whole.varied:
                what = f"uses ${name}, which varies itself; vary only one of the two, or make a bundle of them"
                raise InputError(self.document.problem(whole.varied[str(name)], what))

    def _stands_for_more(self, path: str) -> bool:
        """Whether other values may come from the one at `path`: a parameter, or what a person is like."""
        if path not in self._for_more:  # asked for every draw, and the document stays the same
            try:
                loc = locate(self.document.data, path)
                self._for_more[path] = loc[0] == "parameters" or loc[-1] == "like"
            except LookupError:
                self._for_more[path] = False
        return self._for_more[path]

    def _filled(self, drawn: Drawn, settings: Mapping[str, Any]) -> Document:
        """The document with what was drawn, and with the settings, put in."""
        by_hand = [change for change in _by_hand(settings) if change.path not in drawn.values]
        early = [c for c in (*drawn.changes, *by_hand) if self._stands_for_more(c.path)]
        late = [c for c in (*drawn.changes, *by_hand) if not self._stands_for_more(c.path)]
        if not early:
            return _changed(self._base(settings).document, late)
        key = json.dumps([[c.path, c.value] for c in early], default=repr)
        if key not in self._filled_early:
            _keep(self._filled_early, key, resolved(_changed(self.document, early)).document)
        return _changed(self._filled_early[key], late)


def _without_parameters(document: Document) -> Document:
    draft = Draft(standards.without(document))
    if "parameters" in draft.data:
        draft.drop(("parameters",))
    return draft.done()


def _plain(values: Any) -> Any:
    """Values as a result or a recording can hold them: JSON has no number for infinity."""
    if isinstance(values, Mapping):
        return {str(key): _plain(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_plain(value) for value in values]
    return str(values) if isinstance(values, float) and not math.isfinite(values) else values


def _keep(kept: OrderedDict[str, Any], key: str, value: Any) -> None:
    kept[key] = value
    if len(kept) > KEPT:
        kept.popitem(last=False)


def _by_hand(settings: Mapping[str, Any]) -> list[Change]:
    return [Change(path, value, given(value, f"--set {path}"), ()) for path, value in settings.items()]


def _changed(document: Document, changes: Iterable[Change]) -> Document:
    draft = Draft(document)
    for change in changes:
        apply(draft, change)
    return draft.done()


def _identity(drawn: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    return json.dumps([drawn, settings], sort_keys=True, default=repr)


def model_of(document: Document) -> Scenario:
    """The scenario model of a document's content; raises `InputError` with every problem."""
    try:
        return Scenario.model_validate(document.data)
    except ValidationError as error:
        raise InputError(problems_of(document, Scenario, error)) from None


def room_path(document: Document, scenario: Scenario) -> Path:
    """The file of the scenario's room; an absolute path is refused, since scenarios travel."""
    path = Path(scenario.room)
    if scenario.room in shipped_rooms():
        return shipped_rooms()[scenario.room]
    if path.is_absolute() or path.drive or "://" in scenario.room or "\0" in scenario.room:
        what = "the room's file must be given from the scenario's own folder, such as rooms/house.yaml"
        raise InputError(document.problem(("room",), what))
    full = document.folder_of(("room",)) / path
    if not full.exists():
        folder_ = full.parent
        known = [p.name for p in folder_.iterdir()] if folder_.is_dir() else []
        if "/" not in scenario.room and not path.suffix:
            known = list(shipped_rooms())
        what = f"no room file '{scenario.room}'{meant(full.name, known)}"
        raise InputError(document.problem(("room",), what))
    return full


@cache
def shipped_rooms() -> dict[str, Path]:
    """The rooms that ship with xrlab, by name."""
    return {path.stem: path for path in sorted((folder("scenarios") / "rooms").glob("*.yaml"))}


def setting(text: str) -> tuple[str, Any]:
    """`NAME=VALUE` of the command line as a path and a value read as YAML."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise InputError(f"--set needs NAME=VALUE, such as gunman.at=kitchen; given: {text}")
    return name.strip(), parse(f"value: {value}", "--set").data["value"]
