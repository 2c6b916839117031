"""Targets drawn for ShootOFF (`.target` files), as faces.

Such a file is XML: regions (rectangle, ellipse, polygon, image) in pixels, later ones on top, each with tags: `points`,
`subtarget` (a name), `command` (what a hit does), `ignoreHit`. The root may say how large the whole is:
defaultPerceivedWidth and defaultPerceivedHeight in mm. The format is that of github.com/phrack/ShootOFF
(targets/io/XMLTargetReader). A command has a counterpart where it moves the target; what has none is said in a remark.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xrlab.document import Document, problems_of
from xrlab.errors import InputError, Problem, meant
from xrlab.files import lies_in
from xrlab.markup import Node, read_markup
from xrlab.scenario.draft import Draft, given
from xrlab.scenario.faces import Face
from xrlab.scenario.library import faces

SUFFIX = ".target"
MAX_REGIONS = 64
MAX_CORNERS = 500
MAX_AT = 100_000.0
"""Greatest coordinate of a region, in pixels."""

MAX_PICTURE_BYTES = 4_000_000
_SHAPES = ("rectangle", "ellipse", "polygon", "image")
_COLORS = {
    "black": "#1f1f1f", "white": "#f2f2f0", "gray": "#8c8c8c", "grey": "#8c8c8c", "red": "#b3372f", "blue": "#3b62a8",
    "brown": "#a98453", "green": "#4d8a4a", "orange": "#d98a2b", "yellow": "#dcc544", "lightgray": "#c9c9c9",
    "darkgray": "#5a5a5a",
}  # fmt: skip
_PLAIN = "#d9c7a0"
_COMMANDS = {
    "animate": "",
    "reverse": "its hit lets the target stand up again; give the target returns_s instead",
    "reset": "its hit resets the exercise, which has no counterpart",
    "play_sound": "its hit plays a sound, which has no counterpart: hits are heard as the weapon and the material say",
    "poi_adjust": "its hit adjusts the point of impact, which has no counterpart",
}
"""What ShootOFF's commands are here: a remark, or "" for what is done."""


@dataclass(frozen=True)
class DrawnTarget:
    """A face that was drawn for ShootOFF.

    data: the face as a document says it. falls: a hit makes it fall. distance_m: from where it is seen so large, if the
    file says so. remarks: what could not be taken over, a line each.
    """

    data: dict[str, Any]
    face: Face
    falls: bool
    distance_m: float | None
    remarks: tuple[str, ...]


Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Region:
    """A region in pixels: its element, tags, and the corners of its polygon, or its box (left, top, right, bottom)."""

    node: Node
    tags: dict[str, str]
    box: Box
    corners: tuple[tuple[float, float], ...] = ()

    @property
    def scores(self) -> bool:
        """Whether a hit in it means anything."""
        return bool({"points", "subtarget", "command"} & set(self.tags)) and not self.let_through

    @property
    def let_through(self) -> bool:
        """Whether hits go through it to what lies below, or it does not show at all."""
        return self.tags.get("ignoreHit", "false") == "true" or self.tags.get("visible", "true") == "false"


def read_target(path: Path, *, width_mm: float | None = None, within: Path | None = None) -> DrawnTarget:
    """The face in a ShootOFF target; raises `InputError` with file, line and column.

    width_mm: of the whole, in place of what the file says. within: the folder below which its pictures, of which only
    the size is looked up, must lie; else that of the file, and the one around it."""
    root = read_markup(path, "target file")
    if root.name != "target":
        what = f"is no target of ShootOFF; it begins with <{root.name[:40]}>"
        raise InputError(Problem(str(path), root.line, root.column, what))
    return _Reader(path, within or path.parent.parent, width_mm).read(root)


class _Reader:
    def __init__(self, path: Path, within: Path, width_mm: float | None) -> None:
        self._path, self._within, self._width_mm = path, within, width_mm
        self._remarks: dict[str, None] = {}
        self._lost = ""

    def _wrong(self, node: Node, what: str) -> InputError:
        return InputError(Problem(str(self._path), node.line, node.column, f"<{node.name[:40]}>: {what}"))

    def _remark(self, node: Node, what: str) -> None:
        self._remarks[f"<{node.name[:40]}> in line {node.line}: {what}"] = None

    def read(self, root: Node) -> DrawnTarget:
        """The whole target."""
        regions = [region for node in root.children if (region := self._region(node)) is not None]
        if len(regions) > MAX_REGIONS:
            raise self._wrong(root, f"has {len(regions)} regions; a face has {MAX_REGIONS} zones at most")
        scoring = [r for r in regions if r.scores]
        for region in regions:
            if region not in scoring:
                why = "hits go through it" if region.let_through else "it has no points, no name and no command"
                self._remark(region.node, f"{why}, so it is left out")
        if not scoring:
            why = "has no region that scores (points, subtarget or command)"
            if self._lost:
                why = f"has no region of a known size: {self._lost} is not there; put its pictures beside it"
            raise self._wrong(root, why)
        box = _around([r.box for r in regions])
        scale = self._scale(root, box)
        falls = self._commands(scoring)
        names: dict[str, float] = {}
        zones = [self._zone(r, names, box, scale) for r in reversed(scoring)]  # what is drawn last lies on top
        steel = any("steel" in r.tags.get("command", "") for r in scoring)
        data: dict[str, Any] = {
            "width_mm": _mm((box[2] - box[0]) * scale[0]),
            "height_mm": _mm((box[3] - box[1]) * scale[1]),
            "material": "steel" if steel else "paper",
            "source": f"drawn for ShootOFF: {self._path.name[:80]}",
            "zones": zones,
        }
        try:
            face = Face.model_validate(data)
        except ValidationError as error:
            document = given(data, str(self._path))
            raise InputError(problems_of(document, Face, error)) from None
        distance = self._number(root, "defaultDistance", 0.0)
        return DrawnTarget(data, face, falls, distance / 1000 if distance > 0 else None, tuple(self._remarks))

    # --- regions --------------------------------------------------------------------------------------------------

    def _region(self, node: Node) -> _Region | None:
        if node.name not in _SHAPES:
            self._remark(node, f"is unknown and left out{meant(node.name[:40], _SHAPES)}")
            return None
        tags = {c.attributes.get("name", ""): c.attributes.get("value", "") for c in node.children if c.name == "tag"}
        if node.name == "polygon":
            corners = tuple((self._number(c, "x"), self._number(c, "y")) for c in node.children if c.name == "point")
            if not 3 <= len(set(corners)) <= MAX_CORNERS:
                raise self._wrong(node, f"has {len(set(corners))} corners; a polygon has 3 to {MAX_CORNERS}")
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            return _Region(node, tags, (min(xs), min(ys), max(xs), max(ys)), corners)
        if node.name == "ellipse":
            x, y = self._number(node, "centerX"), self._number(node, "centerY")
            rx, ry = self._size(node, "radiusX"), self._size(node, "radiusY")
            return _Region(node, tags, (x - rx, y - ry, x + rx, y + ry))
        left, top = self._number(node, "x"), self._number(node, "y")
        if node.name == "rectangle":
            return _Region(node, tags, (left, top, left + self._size(node, "width"), top + self._size(node, "height")))
        size = self._picture(node)
        return None if size is None else _Region(node, tags, (left, top, left + size[0], top + size[1]))

    def _number(self, node: Node, key: str, default: float | None = None) -> float:
        text = node.attributes.get(key)
        if text is None and default is not None:
            return default
        try:
            value = float(text or "")
        except ValueError:
            value = math.nan
        if not abs(value) <= MAX_AT:
            raise self._wrong(node, f"{key} is {(text or '')[:40]!r}; it must be a number of at most {MAX_AT:,.0f}")
        return value

    def _size(self, node: Node, key: str) -> float:
        value = self._number(node, key)
        if value <= 0:
            raise self._wrong(node, f"{key} is {value:g}; it must be more than 0")
        return value

    def _picture(self, node: Node) -> tuple[float, float] | None:
        """Size of a region's picture; None where it can't be found, for the file itself does not tell it."""
        from PIL import Image, UnidentifiedImageError

        name = node.attributes.get("file", "")[:400]
        for folder in (self._path.parent, self._path.parent.parent):
            place = folder / name
            try:
                if (
                    not name
                    or not lies_in(self._within, place)
                    or not place.is_file()
                    or place.stat().st_size > MAX_PICTURE_BYTES
                ):
                    continue
                with Image.open(place, formats=("PNG", "GIF", "JPEG", "BMP")) as picture:  # reads its head alone
                    wide, high = picture.size
            except (OSError, ValueError, RuntimeError, UnidentifiedImageError, Image.DecompressionBombError):
                continue
            if 0 < wide <= MAX_AT and 0 < high <= MAX_AT:
                self._remark(node, "its picture is not drawn; its rectangle is the zone")
                return float(wide), float(high)
        self._lost = self._lost or f"'{name[:80]}'"
        self._remark(node, f"its size stands in the picture '{name}', which is not there; it is left out")
        return None

    # --- what they mean -------------------------------------------------------------------------------------------

    def _scale(self, root: Node, box: Box) -> tuple[float, float]:
        """Millimetres for a pixel, across and up."""
        wide, high = box[2] - box[0], box[3] - box[1]
        across, up = (self._number(root, f"defaultPerceived{side}", 0.0) for side in ("Width", "Height"))
        if self._width_mm is not None:
            return (self._width_mm / wide,) * 2
        if across > 0:
            return across / wide, (up / high if up > 0 else across / wide)
        if up > 0:
            return (up / high,) * 2
        self._remark(root, "says no size; a pixel is taken as 1 mm. --width-mm says how wide it is")
        return 1.0, 1.0

    def _commands(self, regions: Sequence[_Region]) -> bool:
        """Whether a hit makes the target fall; remarks on all other commands."""
        falling = 0
        for region in regions:
            for command in filter(None, re.split(r"\s*;\s*", region.tags.get("command", "").strip())):
                name = re.match(r"\w*", command)
                called = name[0] if name else ""
                falling += called == "animate"
                said = _COMMANDS.get(called, f"the command '{called[:40]}' is unknown and left out")
                if said:
                    self._remark(region.node, said)
        if falling > 1:
            self._remarks[f"{falling} regions move by themselves when hit; here the target falls as a whole"] = None
        return falling > 0

    def _zone(self, region: _Region, names: dict[str, float], box: Box, scale: tuple[float, float]) -> dict[str, Any]:
        points = self._points(region)
        name = region.tags.get("subtarget", "").strip()[:18] or (f"{points:g}" if points else region.node.name)
        if names.setdefault(name, points) != points:  # one name has one value
            name = f"{name}_{points:g}"
            names[name] = points
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2

        def at(x: float, y: float) -> list[float]:
            return [_mm((x - middle[0]) * scale[0]), _mm((middle[1] - y) * scale[1])]

        left, top, right, bottom = region.box
        zone: dict[str, Any] = {"zone": name, "points": points, "color": self._color(region)}
        if region.corners:
            zone["polygon_mm"] = [at(*corner) for corner in region.corners]
        elif region.node.name == "ellipse":
            halves = [_mm((right - left) / 2 * scale[0]), _mm((bottom - top) / 2 * scale[1])]
            centre = at((left + right) / 2, (top + bottom) / 2)
            round_one = halves[0] == halves[1]
            zone |= {"circle_mm": [*centre, halves[0]]} if round_one else {"ellipse_mm": [*centre, *halves]}
        else:
            low = at(left, bottom)
            zone["rect_mm"] = [*low, _mm((right - left) * scale[0]), _mm((bottom - top) * scale[1])]
        return zone

    def _points(self, region: _Region) -> float:
        text = region.tags.get("points", "0")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not abs(value) <= 1000:
            raise self._wrong(region.node, f"points is {text[:40]!r}; it must be a number from -1000 to 1000")
        return value

    def _color(self, region: _Region) -> str:
        said = region.node.attributes.get("fill", "").strip().lower()[:40]
        if re.fullmatch(r"#[0-9a-f]{6}", said):
            return said
        hexed = re.fullmatch(r"0x([0-9a-f]{6})(?:[0-9a-f]{2})?", said)
        return f"#{hexed[1]}" if hexed else _COLORS.get(said, _PLAIN)


def _around(boxes: Sequence[Box]) -> Box:
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _mm(value: float) -> float:
    """A length to a tenth of a millimetre."""
    return round(value, 1) + 0.0  # -0.0 is 0.0


# --- in documents -------------------------------------------------------------------------------------------------


def name_of(path: Path) -> str:
    """A name for the face of a file."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", path.stem).strip("_")[:40]
    return name if name[:1].isalpha() else f"target_{name}"


def as_part(drawn: DrawnTarget, name: str) -> dict[str, Any]:
    """What a scenario may include: the face, and a template for targets that show it."""
    template: dict[str, Any] = {"face": name}
    if drawn.falls:
        template |= {"motion": "falling", "when_hit": "fall"}
    return {"faces": {name: drawn.data}, "templates": {name: template}}


def put_in(document: Document) -> Document:
    """A scenario's document in which every target whose face is a `.target` file has a face of that name instead."""
    data = document.data
    found = list(_named(data))
    if not found:
        return document
    draft = Draft(document)
    if not isinstance(data.get("faces"), dict):
        draft.put(("faces",), {}, given({}, str(document.path)), ())
    known: dict[str, str] = {}
    for section, target, file in found:
        loc = (section, target, "face")
        if file not in known:
            known[file] = _taken_over(document, draft, loc, file)
        draft.put(loc, known[file], document, loc)
    return draft.done()


def _named(data: Any) -> Iterator[tuple[str, str, str]]:
    for section in ("templates", "targets"):
        entries = data.get(section) if isinstance(data, dict) else None
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            face = entry.get("face") if isinstance(entry, dict) else None
            if isinstance(face, str) and face.endswith(SUFFIX):
                yield section, name, face


def _taken_over(document: Document, draft: Draft, loc: tuple[str, str, str], file: str) -> str:
    """Puts the face of a file among the scenario's; gives its name."""
    folder = document.folder_of(loc)
    path = folder / file

    def wrong(what: str) -> InputError:
        return InputError(document.problem(loc, what))

    outside = Path(file).is_absolute() or "\\" in file or "\0" in file or len(file) > 400
    try:
        if outside or not path.resolve().is_relative_to(folder.resolve()):
            raise wrong(f"'{file}' must lie in the scenario's own folder or below it")
    except (OSError, RuntimeError):  # a link that leads to itself
        raise wrong(f"'{file}' cannot be followed; it is a link that leads nowhere") from None
    if not path.is_file():
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise wrong(f"no file '{file}'{meant(path.name, siblings)}")
    drawn = read_target(path, within=folder)
    name = name_of(path)
    while name in draft.data["faces"] or name in faces():
        name = f"{name[:44]}_own"
    draft.put(("faces", name), drawn.data, given(drawn.data, str(path)), ())
    return name
