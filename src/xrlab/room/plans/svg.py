"""Reads an SVG floor plan, drawn by one convention, into a `Drawing`.

A group or shape whose id, class or layer name (inkscape:label) is a word for walls, doors, windows, openings,
furniture or rooms holds such things; what lies in no such group is left out. The root says how large one unit of
the drawing is: data-m-per-unit="0.01", or a width in millimetres with a viewBox and data-scale="1:50".

How the XML itself is read, and what is refused, is a matter of `xrlab.markup`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from xrlab.errors import InputError, Problem
from xrlab.markup import Node, read_markup
from xrlab.room.plans.drawing import (
    MAX_AT,
    MAX_LINES,
    Drawing,
    Label,
    Line,
    Mark,
    Outline,
    Piece,
    PlanMap,
    Point2,
    Role,
    Swing,
)
from xrlab.room.plans.dxf import boxed, nested
from xrlab.room.plans.strokes import Pen, Stroke

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PATH = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])|(" + _NUMBER.pattern + r")|([\s,]+)|(.)", re.DOTALL)
_PAPER_M = {"mm": 0.001, "cm": 0.01, "in": 0.0254, "pt": 0.0254 / 72, "pc": 0.0254 / 6, "px": 0.0254 / 96}
_SIZES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_SHAPES = {"rect", "line", "polyline", "polygon", "path", "circle", "ellipse"}
_UNREAD = {"image", "use", "symbol", "foreignObject", "script", "style", "defs", "clipPath", "mask", "pattern",
           "marker", "metadata", "title", "desc", "namedview"}  # fmt: skip

Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_svg(path: Path, mapping: PlanMap) -> Drawing:
    """The floor plan in an SVG file; raises `InputError` where it can't be read or is none."""
    root = read_markup(path, "SVG file", advice="keep one storey, and no hatching")
    if root.name != "svg":
        raise InputError(
            Problem(str(path), root.line, root.column, f"is no SVG file; it begins with <{root.name[:40]}>")
        )
    reader = _Reader(path, mapping)
    reader.drawing.unit = reader.unit(root)
    reader.group(root, reader.origin(root), None, "")
    return reader.drawing


# --- what is drawn ----------------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, path: Path, mapping: PlanMap) -> None:
        self.path, self.mapping = path, mapping
        self.drawing = Drawing(path)
        self._corners = 0

    def wrong(self, node: Node, what: str) -> InputError:
        name = f"<{node.name}>" + (f" '{node.attributes['id'][:40]}'" if "id" in node.attributes else "")
        return InputError(Problem(str(self.path), node.line, node.column, f"{name}: {what}"))

    def unit(self, root: Node) -> float | None:
        """Metres for one unit of the drawing, as the root says; None where it does not."""
        a = root.attributes
        if "data-m-per-unit" in a:
            value = self._numbers(root, a["data-m-per-unit"], 1)[0]
            if not 0 < value <= 1000:
                raise self.wrong(root, f"data-m-per-unit is {value:g}; it must be more than 0 and at most 1000")
            return value
        if "data-scale" not in a:
            return None
        scale = re.fullmatch(r"\s*1\s*:\s*(\d{1,5}(?:\.\d+)?)\s*", a["data-scale"])
        if not scale or float(scale[1]) == 0:
            raise self.wrong(root, f"data-scale is {a['data-scale'][:40]!r}; wanted: a scale such as 1:50")
        width = re.fullmatch(rf"\s*({_NUMBER.pattern})\s*(mm|cm|in|pt|pc|px)?\s*", a.get("width", ""))
        if not width or float(width[1]) <= 0:
            raise self.wrong(root, "data-scale needs a width on paper, such as width='297mm', and a viewBox")
        paper = float(width[1]) * _PAPER_M[width[2] or "px"]
        units = self._numbers(root, a["viewBox"], 4)[2] if "viewBox" in a else float(width[1])
        if units <= 0:
            raise self.wrong(root, f"viewBox is {units:g} wide; it must be more than 0")
        return paper * float(scale[1]) / units

    def origin(self, root: Node) -> Matrix:
        """Moves the lower left corner of the drawing to 0, 0."""
        a = root.attributes
        if "viewBox" in a:
            x, y, _, h = self._numbers(root, a["viewBox"], 4)
            return (1.0, 0.0, 0.0, 1.0, -x, -y - h)
        height = re.match(rf"\s*({_NUMBER.pattern})", a.get("height", ""))
        return (1.0, 0.0, 0.0, 1.0, 0.0, -self._numbers(root, height[1], 1)[0] if height else 0.0)

    def group(self, node: Node, outer: Matrix, role: Role | None, name: str) -> None:
        """Takes a group and all in it. role, name: what the groups around it hold, and how they are called."""
        matrix = _times(outer, self._transform(node))
        for child in node.children:
            if child.name in _UNREAD:
                if child.name in ("image", "use"):
                    self.drawing.left_out[f"<{child.name}>"] += 1
                continue
            own, called = self._role(child, role, name)
            if not _styled(child, "fill") and _styled(node, "fill"):
                child.attributes["fill"] = _styled(node, "fill")
            if own == "ignore" or _hidden(child):
                continue
            if child.name in ("g", "a", "svg", "switch"):
                if own is not None and own == role and own in ("doors", "windows", "openings"):
                    self._symbol(child, matrix, own, called)
                else:
                    self.group(child, matrix, own, called)
            elif child.name in _SHAPES:
                self._shape(child, matrix, own, called)
            elif child.name == "text":
                self._text(child, matrix)

    def _role(self, node: Node, role: Role | None, name: str) -> tuple[Role | None, str]:
        """What a group or shape is, by its own names, else by the group that it lies in.

        In a group that tells what it holds, a shape's name is the name of that one thing, and so is the name of a
        group if it speaks of a room ('living_room' among the doors).
        """
        a = node.attributes
        for key in ("label", "id", "class"):
            found = self.mapping.role(a[key]) if key in a else None
            if found is not None and (role is None or (node.name == "g" and found not in ("rooms", "names"))):
                return found, a[key]
        return role, name

    def _where(self, node: Node) -> str:
        named = f" '{node.attributes['id'][:40]}'" if "id" in node.attributes else ""
        return f"<{node.name}>{named} in line {node.line}"

    def _shape(self, node: Node, outer: Matrix, role: Role | None, layer: str) -> None:
        if role is None:
            self.drawing.left_out["shapes in no group that is called walls, doors, …"] += 1
            return
        paths = self._placed(node, outer)
        where, own = self._where(node), node.attributes.get("id", "")
        if role in ("doors", "windows", "openings"):
            self._mark(paths, role, where, "" if own.lower() == layer.lower() else own)
            return
        filled = role == "walls" and _filled(node) and not nested([p.points for p in paths if len(p.points) > 2])
        for path in paths:
            if role == "walls":
                self._wall(path, layer, where, filled)
            elif role == "rooms" and len(path.points) > 2:
                self.drawing.rooms.append(Outline(path.points, where, layer, node.attributes.get("label", own)))
            elif role == "furniture" and path.closed:
                piece = self._piece(node, outer, path, layer, where)
                if piece is not None:
                    self.drawing.furniture.append(piece)
            else:
                self.drawing.left_out[f"{node.name} that closes nothing in '{layer}'"] += 1
        self.drawing.check_size()

    def _wall(self, path: Stroke, layer: str, where: str, filled: bool) -> None:
        if path.closed and len(path.points) > 2 and filled:
            self.drawing.solids.append(Outline(path.points, where, layer))
            return
        ends = (*path.points, path.points[0]) if path.closed else path.points
        self.drawing.lines += [Line(a, b, layer, where) for a, b in pairwise(ends) if a != b]

    def _piece(self, node: Node, outer: Matrix, path: Stroke, layer: str, where: str) -> Piece | None:
        a = node.attributes
        name = " ".join(a[k] for k in ("class", "label", "id") if k in a)
        height = None
        if "data-height-m" in a:
            height = self._numbers(node, a["data-height-m"], 1)[0]
            if not 0 < height <= 10:
                raise self.wrong(node, f"data-height-m is {height:g}; it must be more than 0 and at most 10")
        if node.name == "rect":  # its own turn tells its front: up in the drawing is the front of what is not turned
            m = _times(outer, self._transform(node))
            wide, deep = math.hypot(m[0], m[1]), math.hypot(m[2], m[3])
            x, y = (sum(p[k] for p in path.points) / len(path.points) for k in (0, 1))
            size = (float(a.get("width", 0) or 0) * wide, float(a.get("height", 0) or 0) * deep)
            return Piece(name, layer, where, (x, y), size, math.atan2(-m[1], m[0]), height)
        piece = boxed(path.points, name, layer, where)
        return piece and Piece(name, layer, where, piece.centre, piece.size, piece.yaw, height)

    def _symbol(self, node: Node, outer: Matrix, role: Role, layer: str) -> None:
        """A group inside the group of doors or windows is one door or window."""
        paths: list[Stroke] = []
        todo = [(node, outer)]
        while todo:
            group, around = todo.pop()
            matrix = _times(around, self._transform(group))
            for child in group.children:
                if child.name in ("g", "a"):
                    todo.append((child, matrix))
                elif child.name in _SHAPES:
                    paths += self._placed(child, matrix)
        if paths:
            self._mark(paths, role, self._where(node), node.attributes.get("label", node.attributes.get("id", "")))

    def _mark(self, paths: Sequence[Stroke], role: Role, where: str, name: str) -> None:
        points = tuple(p for path in paths for p in path.points)
        if not points:
            return
        swings = [p.swing for p in paths if p.swing]
        if role == "doors":
            marks = [Mark((s.hinge, *s.ends), where, name, s) for s in swings] or [Mark(points, where, name)]
            self.drawing.doors += marks
        else:
            (self.drawing.windows if role == "windows" else self.drawing.openings).append(Mark(points, where, name))
        self.drawing.check_size()

    def _text(self, node: Node, outer: Matrix) -> None:
        a = node.attributes
        first = next((c for c in node.children if c.name == "tspan"), node)
        at = [self._numbers(node, first.attributes.get(k) or a.get(k) or "0", 1, more=True)[0] for k in ("x", "y")]
        words = "\n".join(t for t in (node.text, *(c.text for c in node.children)) if t.strip())
        spot = self._at(node, _times(outer, self._transform(node)), (at[0], at[1]))
        self.drawing.labels.append(Label(spot, words[:200]))
        self.drawing.check_size()

    # --- shapes -----------------------------------------------------------------------------------------------

    def _numbers(self, node: Node, text: str, count: int, *, more: bool = False) -> list[float]:
        found = re.findall(r"[^\s,]+", text.strip())
        try:
            values = [float(t.removesuffix("px")) for t in found[: count if more else count + 1]]
        except ValueError:
            values = []
        if len(values) != count or not all(math.isfinite(v) and abs(v) <= MAX_AT for v in values):
            raise self.wrong(
                node, f"{text[:40]!r} is not {count} number{'s' * (count > 1)} that can be a place or size"
            )
        return values

    def _at(self, node: Node, m: Matrix, p: Point2) -> Point2:
        x, y = m[0] * p[0] + m[2] * p[1] + m[4], m[1] * p[0] + m[3] * p[1] + m[5]
        if not (math.isfinite(x) and math.isfinite(y)) or max(abs(x), abs(y)) > MAX_AT:
            raise self.wrong(node, f"has a coordinate that is no place: {x:g}, {y:g}")
        return x, -y  # y runs down in SVG

    def _placed(self, node: Node, outer: Matrix) -> list[Stroke]:
        """A shape's outlines in the drawing's own unit, y up."""
        m = _times(outer, self._transform(node))
        out = []
        for path in self._outlines(node):
            self._corners += len(path.points)
            if self._corners > 10 * MAX_LINES:
                raise self.wrong(node, f"the plan draws more than {10 * MAX_LINES:,} corners; keep one storey")
            points = tuple(self._at(node, m, p) for p in path.points)
            swing = path.swing
            if swing is not None:
                hinge, first, last = (self._at(node, m, p) for p in (swing.hinge, *swing.ends))
                swing = Swing(hinge, (first, last), swing.turn)
            if len(points) > 1:
                out.append(Stroke(points, path.closed, swing))
        return out

    def _outlines(self, node: Node) -> Iterator[Stroke]:
        a = node.attributes

        def number(key: str) -> float:
            return self._numbers(node, a.get(key, "0"), 1)[0]

        if node.name == "rect":
            x, y, w, h = (number(k) for k in ("x", "y", "width", "height"))
            yield Stroke(((x, y), (x + w, y), (x + w, y + h), (x, y + h)), True)
        elif node.name == "line":
            yield Stroke(((number("x1"), number("y1")), (number("x2"), number("y2"))), False)
        elif node.name in ("circle", "ellipse"):
            rx, ry = (number("r"),) * 2 if node.name == "circle" else (number("rx"), number("ry"))
            ring = [2 * math.pi * k / 24 for k in range(24)]
            yield Stroke(tuple((number("cx") + rx * math.cos(t), number("cy") + ry * math.sin(t)) for t in ring), True)
        elif node.name in ("polyline", "polygon"):
            text = a.get("points", "")
            count = len(re.findall(r"[^\s,]+", text))
            if count > 2 * MAX_LINES or count % 2:
                raise self.wrong(node, f"has {count:,} numbers as points; wanted: pairs, at most {MAX_LINES:,}")
            flat = self._numbers(node, text, count)
            yield Stroke(tuple(zip(flat[::2], flat[1::2], strict=True)), node.name == "polygon")
        else:
            yield from self._path(node, a.get("d", ""))

    def _path(self, node: Node, text: str) -> Iterator[Stroke]:
        pen = Pen()
        for command, values in self._commands(node, text):
            if command in "Mm" and pen.points:
                yield from pen.lifted(False)
            pen.draw(command, values)
            if command in "Zz":
                yield from pen.lifted(True)
            if len(pen.points) > MAX_LINES:
                raise self.wrong(node, f"has more than {MAX_LINES:,} corners")
        yield from pen.lifted(False)

    def _commands(self, node: Node, text: str) -> Iterator[tuple[str, list[float]]]:
        """The commands of a path's d, each with its numbers; a repeated one's letter may be left out."""
        command, values = "", list[float]()
        for match in _PATH.finditer(text):
            letter, number, _, other = match.groups()
            if other:
                raise self.wrong(node, f"d holds {other!r}, which is no command of a path")
            if letter:
                if values or (command and command not in "Zz" and not self._ended):
                    raise self.wrong(node, f"d has too few numbers after {command}")
                command, self._ended = letter, False
                if letter in "Zz":
                    yield letter, []
            elif number:
                if not command or command in "Zz":
                    raise self.wrong(node, "d has a number that no command asks for")
                value = float(number)
                if not math.isfinite(value) or abs(value) > MAX_AT:
                    raise self.wrong(node, f"has a coordinate that is no place: {value:g}")
                values.append(value)
                if len(values) == _SIZES[command.upper()]:
                    yield command, values
                    values, self._ended = [], True
                    command = {"M": "L", "m": "l"}.get(command, command)
        if values:
            raise self.wrong(node, f"d has too few numbers after {command}; is the file cut short?")

    _ended = True

    def _transform(self, node: Node) -> Matrix:
        text = node.attributes.get("transform", "")
        out = _SAME
        for count, (kind, inside) in enumerate(re.findall(r"(\w+)\s*\(([^)]*)\)", text)):
            if count > 20:
                raise self.wrong(node, "has more than 20 transforms; flatten them")
            n = len(re.findall(r"[^\s,]+", inside))
            v = self._numbers(node, inside, n) if n else []
            if kind == "matrix" and n == 6:
                step: Matrix = (v[0], v[1], v[2], v[3], v[4], v[5])
            elif kind == "translate" and n in (1, 2):
                step = (1, 0, 0, 1, v[0], v[1] if n == 2 else 0.0)
            elif kind == "scale" and n in (1, 2):
                step = (v[0], 0, 0, v[-1], 0, 0)
            elif kind == "rotate" and n in (1, 3):
                c, s = math.cos(math.radians(v[0])), math.sin(math.radians(v[0]))
                x, y = (v[1], v[2]) if n == 3 else (0.0, 0.0)
                step = (c, s, -s, c, x - c * x + s * y, y - s * x - c * y)
            elif kind in ("skewX", "skewY") and n == 1 and abs(v[0]) < 89:
                t = math.tan(math.radians(v[0]))
                step = (1, 0, t, 1, 0, 0) if kind == "skewX" else (1, t, 0, 1, 0, 0)
            else:
                raise self.wrong(node, f"the transform {kind[:20]}({inside[:40]}) is not one of SVG")
            out = _times(out, step)
        return out


def _times(a: Matrix, b: Matrix) -> Matrix:
    """The transform that does b first, then a."""
    return (
        a[0] * b[0] + a[2] * b[1], a[1] * b[0] + a[3] * b[1], a[0] * b[2] + a[2] * b[3], a[1] * b[2] + a[3] * b[3],
        a[0] * b[4] + a[2] * b[5] + a[4], a[1] * b[4] + a[3] * b[5] + a[5],
    )  # fmt: skip


def _styled(node: Node, key: str) -> str:
    found = re.search(rf"(?:^|;)\s*{key}\s*:\s*([^;]+)", node.attributes.get("style", ""))
    return (found[1] if found else node.attributes.get(key, "")).strip().lower()


def _hidden(node: Node) -> bool:
    return _styled(node, "display") == "none" or _styled(node, "visibility") == "hidden"


def _filled(node: Node) -> bool:
    return _styled(node, "fill") not in ("none", "transparent")
