"""Rooms from floor plans (DXF, SVG): the layout that a plan describes, as YAML to edit on or as a Room at once.

A plan is read into a `Drawing`, traced, and written as the text of a layout; the Room is built from that same
text. So a plan that is loaded and one that was converted first are the same room.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from xrlab.document import parse
from xrlab.errors import InputError
from xrlab.room.holes import Cut, Misfit, WallPlan, without_holes
from xrlab.room.layout import DoorSpec, Furniture, Layout, Opening, Window
from xrlab.room.layouts import room_of
from xrlab.room.model import Room
from xrlab.room.plans import strips, tracing
from xrlab.room.plans.drawing import (
    MAP_SUFFIX,
    UNITS,
    Drawing,
    Line,
    Mark,
    Piece,
    PlanMap,
    Point2,
    load_map,
    name_from,
    printable,
)

MOST_M = 400.0
LEAST_M = 1.0

_SHIFT_M = 450.0
_NARROWER = (1.0, 0.98, 0.95, 0.9, 0.85)
_LAMP_UNDER_M = 0.15
_LEAST_NAMELESS_M2 = 1.0
_LEAST_SINGLE_M = 0.5
"""Where a plan draws walls with their thickness, a single line that is shorter than this (m) is no wall."""


def load_plan(path: Path, mapping: Path | None = None) -> Room:
    """The Room that a floor plan describes. mapping: what its layers mean; else PLAN.map.yaml beside it."""
    plan = _Plan(path, mapping)
    try:
        room = room_of(parse(plan.text(), path))
    except InputError as error:
        raise plan.drawing.wrong("; ".join(p.what for p in error.problems)) from None
    # a mapping file that is not there yet counts as well: the room is another one when it comes
    files = (path, plan.map_path or path.with_name(path.stem + MAP_SUFFIX))
    return replace(room, files=files, remarks=(*plan.remarks, *room.remarks))


def plan_to_layout(path: Path, mapping: Path | None = None) -> tuple[str, tuple[str, ...]]:
    """The layout (YAML) that a floor plan describes, and remarks on what was guessed or left out."""
    plan = _Plan(path, mapping)
    return plan.text(), tuple(plan.remarks)


def _read(path: Path, mapping: PlanMap) -> Drawing:
    if path.suffix.lower() == ".dxf":
        from xrlab.room.plans.dxf import read_dxf

        return read_dxf(path, mapping)
    from xrlab.room.plans.svg import read_svg

    return read_svg(path, mapping)


@dataclass
class _Parts:
    """The layout's parts in the order of the file, each as the plain data of its line."""

    rooms: dict[str, dict[str, Any]] = field(default_factory=dict)
    walls: list[dict[str, Any]] = field(default_factory=list)
    doors: dict[str, dict[str, Any]] = field(default_factory=dict)
    openings: list[dict[str, Any]] = field(default_factory=list)
    windows: list[dict[str, Any]] = field(default_factory=list)
    furniture: list[dict[str, Any]] = field(default_factory=list)
    lights: list[dict[str, Any]] = field(default_factory=list)
    points: dict[str, dict[str, Any]] = field(default_factory=dict)


class _Plan:
    """One plan on its way to a layout."""

    def __init__(self, path: Path, mapping: Path | None) -> None:
        self.map, self.map_path = load_map(mapping, path)
        raw = _read(path, self.map)
        raw.check_size()
        self.remarks: list[str] = []
        self.unit, self.corner = self._scale(raw)
        self.drawing = raw.in_metres(self.unit, self.corner)
        self.parts = _Parts()
        self.shapes: dict[str, shapely.Polygon] = {}
        try:
            self._trace()
        except strips.TooDense:
            what = "has more lines beside or across each other than walls do; keep hatching off the layers of walls"
            raise self.drawing.wrong(what) from None
        self.remarks += [f"left out: {n} x {what}" if n > 1 else f"left out: {what}"
                         for what, n in sorted(raw.left_out.items())]  # fmt: skip

    # --- units ------------------------------------------------------------------------------------------------

    def _scale(self, raw: Drawing) -> tuple[float, Point2]:
        """Metres for 1 in the file, and the place (in the file's unit) that becomes 0, 0."""
        spots = [p for x in raw.lines for p in (x.a, x.b)] + [p for o in (*raw.solids, *raw.rooms) for p in o.points]
        if not spots:
            raise raw.wrong(
                "draws no walls that can be read; name the layers of walls in a mapping file: layers: {walls: [NAME]}"
            )
        low, high = np.min(spots, axis=0), np.max(spots, axis=0)
        stated = self.map.metres_per_unit or UNITS.get(self.map.units or "") or raw.unit
        unit = stated or self._guessed(raw, float(max(high - low)))
        size = (high - low) * unit
        if max(size) > MOST_M or max(size) < LEAST_M:
            shown = f"{size[0]:.3g} x {size[1]:.3g} m"
            raise raw.wrong(f"would be {shown} with 1 = {unit:g} m; state its unit in a mapping file, as units: mm")
        if max(np.abs(low).max(), np.abs(high).max()) * unit <= _SHIFT_M:
            return unit, (0.0, 0.0)
        corner = (math.floor(low[0] * unit) / unit, math.floor(low[1] * unit) / unit)
        self.remarks.append(
            f"lies far from 0, 0; moved so that [{corner[0] * unit:g}, {corner[1] * unit:g}] m of the plan is [0, 0]"
        )
        return unit, corner

    def _guessed(self, raw: Drawing, extent: float) -> float:
        widths = [math.dist(m.swing.hinge, m.swing.ends[0]) for m in raw.doors if m.swing]
        door = float(np.median(widths)) if widths else None
        for name in ("m", "mm", "cm"):
            unit = UNITS[name]
            if 3 <= extent * unit <= 150 and (door is None or 0.55 <= door * unit <= 1.5):
                self.remarks.append(f"does not say its unit; {name} was taken, as its size fits. A mapping file tells")
                return unit
        raise raw.wrong("does not say its unit; state it in a mapping file, as units: mm")

    # --- walls and rooms --------------------------------------------------------------------------------------

    def _trace(self) -> None:
        drawing, most = self.drawing, self.map.max_wall_m
        spots = [x.at for x in drawing.labels]
        solid, lines = tracing.footprint(drawing.lines, drawing.solids, spots, most)
        least = 0.02 if solid.is_empty else _LEAST_SINGLE_M
        thin, _ = tracing.single_walls(lines, [], self.map.single_wall_m, least)
        if solid.is_empty and thin.is_empty:
            raise drawing.wrong("draws no walls; name their layers in a mapping file: layers: {walls: [NAME]}")
        doors, windows, openings = (self._placed(solid, thin, m, what) for m, what in (
            (drawing.doors, "door"), (drawing.windows, "window"), (drawing.openings, "opening")))  # fmt: skip
        windows, openings = tracing.merged(windows), tracing.merged(openings)
        bridges = [tracing.bridge(solid, h) for h in doors + windows + openings]
        thin, singles = tracing.single_walls(lines, bridges, self.map.single_wall_m, least)
        if singles:
            self.remarks.append(f"single lines are walls {self.map.single_wall_m:g} m thick ({singles} of them)")
        walls = strips.tidy(shapely.union_all([solid, thin, *bridges]))
        unmarked = tracing.gaps(walls, most)
        walls = strips.tidy(shapely.union_all([walls, *(tracing.bridge(walls, h) for h in unmarked)]))
        for gap in unmarked:
            at = f"[{gap.middle[0]:.2f}, {gap.middle[1]:.2f}]"
            self.remarks.append(f"the gap of {gap.width:.2f} m in the wall at {at} has no door; it stays an opening")
        self._rooms(walls)
        self._walls(strips.strips(walls, most))
        self._holes(doors, windows, [*openings, *unmarked])
        self._furniture()
        self._lamps()

    def _placed(
        self, solid: shapely.Geometry, thin: shapely.Geometry, marks: Iterable[Mark], what: str
    ) -> list[tracing.Hole]:
        """Where marks lie in the walls: those drawn with their thickness, or else those drawn as lines."""
        out, most, single = [], self.map.max_wall_m, self.map.single_wall_m
        whole = shapely.union(solid, thin)
        for mark in marks:
            hole = tracing.place(solid, mark, most) or tracing.place(whole, mark, most)
            hole = hole or tracing.between_walls(whole, mark, single)
            if hole is None:
                self.drawing.left_out[f"{what} ({mark.where}), which lies in no wall"] += 1
            else:
                out.append(hole)
        return out

    def _rooms(self, walls: shapely.Geometry) -> None:
        found = tracing.enclosed(walls, self._is_void)
        areas: list[tuple[str, shapely.Polygon]] = []
        for outline in self.drawing.rooms:
            inside = shapely.make_valid(shapely.Polygon(outline.points)).difference(walls)
            taken = shapely.union_all([a for _, a in areas])
            parts = strips.polygons(shapely.simplify(inside.difference(taken), 0.002), tracing.LEAST_ROOM_M2)
            areas += [(name_from(outline.name), shapely.Polygon(p.exterior)) for p in parts]
        drawn = shapely.union_all([a for _, a in areas])
        for room in found:
            rest = strips.polygons(room.difference(drawn.buffer(0.003, join_style="mitre")), tracing.LEAST_ROOM_M2)
            areas += [("", shapely.Polygon(p.exterior)) for p in rest] if drawn.intersects(room) else [("", room)]
        if not areas:
            raise self.drawing.wrong(
                "draws walls that close no room; are doors and windows on layers that are known? See layers: in a "
                "mapping file"
            )
        self._name(areas)
        self.building = shapely.union_all(
            [shapely.Polygon(p.exterior) for p in strips.polygons(walls)] + list(self.shapes.values())
        )
        for name, shape in self.shapes.items():
            self.parts.rooms[name] = {**_area(shape), "own_walls": False, "floor": self.map.floor}
        self._outside()

    def _is_void(self, shape: shapely.Polygon) -> bool:
        """Whether what walls close is a column or a shaft: small, without a text and without a door."""
        if shape.area >= _LEAST_NAMELESS_M2:
            return False
        marks = [shapely.Point(x.at) for x in self.drawing.labels]
        marks += [shapely.MultiPoint(o.points) for o in self.drawing.rooms]
        marks += [shapely.MultiPoint(m.points) for m in (*self.drawing.doors, *self.drawing.openings)]
        if any(shape.distance(m) < self.map.max_wall_m for m in marks):
            return False
        at = shape.representative_point()
        self.remarks.append(
            f"what is closed at [{at.x:.2f}, {at.y:.2f}], {shape.area:.2f} m², is no room: it has no door"
        )
        return True

    def _name(self, areas: Sequence[tuple[str, shapely.Polygon]]) -> None:
        labels = [(shapely.Point(x.at), name_from(x.text)) for x in self.drawing.labels]
        named = [(p, n) for p, n in labels if n]
        tree = shapely.STRtree([p for p, _ in named])
        lost = set(range(len(named)))
        for given, shape in areas:
            inside = sorted(tree.query(shape, predicate="contains").tolist())
            lost -= set(inside)
            name = given or (named[inside[0]][1] if inside else "room")
            self.shapes[_unused(name, self.shapes, first="room_1" if name == "room" else name)] = shape
        for index in sorted(lost)[:5]:
            point, name = named[index]
            self.remarks.append(f"the text '{name}' at [{point.x:.2f}, {point.y:.2f}] lies in no room that walls close")

    def _outside(self) -> None:
        """Ground around the building, as up to four parts, so that teams have a place to start from."""
        width = self.map.outside_m
        if not width:
            return
        x0, y0, x1, y1 = self.building.bounds
        box = shapely.box(x0 - width, y0 - width, x1 + width, y1 + width)
        sides = {
            "outside_west": shapely.box(x0 - width, y0 - width, x0, y1 + width),
            "outside_east": shapely.box(x1, y0 - width, x1 + width, y1 + width),
        }
        between = shapely.box(x0, y0 - width, x1, y1 + width)
        open_ground = box.difference(self.building)
        for part in strips.polygons(open_ground.intersection(between), tracing.LEAST_ROOM_M2):
            # a shed beside the house is a hole in the ground
            for piece in without_holes(part):
                north = piece.representative_point().y > (y0 + y1) / 2
                sides[_unused("outside_north" if north else "outside_south", sides)] = piece
        for name, shape in sides.items():
            called = _unused(name, self.shapes)
            self.shapes[called] = shapely.simplify(shape, 0.002)
            self.parts.rooms[called] = {**_area(self.shapes[called]), "outside": True}

    def _walls(self, strips: Sequence[strips.Strip]) -> None:
        lines = list(self.drawing.lines)
        for o in self.drawing.solids:
            lines += [Line(a, b, o.layer, o.where) for a, b in zip(o.points, (*o.points[1:], o.points[0]), strict=True)]
        tree = shapely.STRtree([shapely.LineString([x.a, x.b]) for x in lines])
        for strip in sorted(strips, key=lambda s: (round(min(s.a[1], s.b[1]), 1), round(min(s.a[0], s.b[0]), 1))):
            face = shapely.Point(strip.at(strip.length / 2, strip.thick / 2))
            layer = lines[int(np.min(tree.query_nearest(face)))].layer if lines else ""
            wall: dict[str, Any] = {"from": _spot(strip.a), "to": _spot(strip.b), "thickness_m": round(strip.thick, 3)}
            height = self.map.wall_height(layer)
            if height is not None and height < self.map.height_m:
                wall["height_m"] = height
            wall["material"] = self.map.wall_material(layer)
            self.parts.walls.append(wall)

    # --- what is in the walls ---------------------------------------------------------------------------------

    def _holes(self, doors: list[tracing.Hole], windows: list[tracing.Hole], openings: list[tracing.Hole]) -> None:
        plan = WallPlan(self._layout())
        self._cuts: list[Cut] = []
        for hole in doors:
            spec = self._door(hole)
            if spec is not None and self._fits(plan, hole, spec, DoorSpec):
                self.parts.doors[self._door_name(hole, spec)] = spec
                self._in_front(hole)
        for hole in openings:
            gap: dict[str, Any] = {"at": _spot(hole.middle), "width_m": round(hole.width, 3)}
            gap["height_m"] = round(min(2.1, self.map.height_m), 3)
            if self._fits(plan, hole, gap, Opening):
                self.parts.openings.append(gap)
        for hole in windows:
            sill = min(self.map.windows.sill_m, self.map.height_m - 0.2)
            high = min(self.map.windows.height_m, self.map.height_m - sill)
            pane: dict[str, Any] = {"at": _spot(hole.middle), "width_m": round(hole.width, 3)}
            pane |= {"height_m": round(high, 3), "sill_m": round(sill, 3)}
            if self._fits(plan, hole, pane, Window):
                self.parts.windows.append(pane)

    def _fits(
        self, plan: WallPlan, hole: tracing.Hole, spec: dict[str, Any], kind: type[DoorSpec | Window | Opening]
    ) -> bool:
        """Whether a hole finds its place in the walls, made narrower by a little where it must; notes if not."""
        width, why = spec["width_m"], ""
        for share in _NARROWER:
            spec["width_m"] = round(width * share, 3)
            if kind is DoorSpec and spec["width_m"] < 0.4:
                break
            try:
                cut = plan.cut(kind(**spec))
            except Misfit as misfit:
                why = misfit.what
                continue
            if any(math.dist(c.middle, cut.middle) < 15 and c.rect.intersection(cut.rect).area > 1e-4
                   for c in self._cuts):  # fmt: skip
                why = "overlaps another hole in the same wall"
                continue
            self._cuts.append(cut)
            return True
        what = "door" if kind is DoorSpec else "window" if kind is Window else "opening"
        where = f" ({hole.mark.where})" if hole.mark else ""
        at = f"[{hole.middle[0]:.2f}, {hole.middle[1]:.2f}]"
        self.drawing.left_out[f"{what} at {at}{where}: {why or 'too narrow'}"] += 1
        return False

    def _door(self, hole: tracing.Hole) -> dict[str, Any] | None:
        mark = hole.mark
        assert mark is not None
        if not 0.4 <= hole.width <= 3:
            what = f"door ({mark.where}), which is {hole.width:.2f} m wide; a leaf has 0.4 to 3 m"
            self.drawing.left_out[what] += 1
            return None
        spec: dict[str, Any] = {"at": _spot(hole.middle), "width_m": round(hole.width, 3)}
        if self.map.door_height_m != 2.03:
            spec["height_m"] = min(self.map.door_height_m, self.map.height_m)
        if mark.swing:
            (mx, my), (ux, uy) = hole.middle, hole.along
            h, ends = mark.swing.hinge, mark.swing.ends
            beside = [(x - mx) * -uy + (y - my) * ux for x, y in ends]
            out = max(beside, key=abs)
            sign = 1.0 if out > 0 else -1.0
            into = self._room_at(hole, sign)
            if into:
                spec["opens_into"] = into
                side = (-uy * sign, ux * sign)
                to_right = (h[0] - mx) * -side[1] + (h[1] - my) * side[0]
                spec["hinge"] = "right" if to_right > 0 else "left"
                spec["swing_deg"] = float(max(30, min(180, round(math.degrees(mark.swing.turn)))))
        if self.map.doors != "wood":
            spec["material"] = self.map.doors
        return spec

    def _room_at(self, hole: tracing.Hole, sign: float) -> str | None:
        reach = hole.thick / 2 + 0.05
        spot = shapely.Point(
            hole.middle[0] - hole.along[1] * sign * reach, hole.middle[1] + hole.along[0] * sign * reach
        )
        return next((n for n, shape in self.shapes.items() if shape.contains(spot)), None)

    def _door_name(self, hole: tracing.Hole, spec: dict[str, Any]) -> str:
        given = name_from(hole.mark.name) if hole.mark else ""
        sides = [n for n in (self._room_at(hole, 1.0), self._room_at(hole, -1.0)) if n]
        indoors = [n for n in sides if not self._is_ground(n)]
        if not given and len(indoors) < 2:
            given = "front_door" if len(indoors) == 1 else "door"
        elif not given and spec.get("opens_into") in indoors:
            given = f"{spec['opens_into']}_door"
        elif not given:
            given = min(indoors, key=lambda n: self.shapes[n].area) + "_door"
        return _unused(given, [*self.parts.doors, *self.parts.rooms])

    def _is_ground(self, name: str) -> bool:
        return bool(self.parts.rooms[name].get("outside"))

    def _in_front(self, hole: tracing.Hole) -> None:
        """A named point before each door that leads out, from where one looks at it."""
        for sign in (1.0, -1.0):
            name = self._room_at(hole, sign)
            if name and self._is_ground(name):
                side = (-hole.along[1] * sign, hole.along[0] * sign)
                away = hole.thick / 2 + min(1.5, self.map.outside_m / 2)
                at = (hole.middle[0] + side[0] * away, hole.middle[1] + side[1] * away)
                yaw = math.degrees(math.atan2(-side[1], -side[0]))
                called = _unused("entrance", [*self.parts.points, *self.parts.rooms])
                self.parts.points[called] = {"at": _spot(at), "yaw_deg": round(yaw, 1) + 0.0}

    # --- what stands in the rooms -----------------------------------------------------------------------------

    def _furniture(self) -> None:
        floor = shapely.union_all([s for n, s in self.shapes.items()]).buffer(0.02)
        for piece in self.drawing.furniture:
            spec = self._piece(piece)
            if not self._is_near(piece):
                self.drawing.left_out[f"{spec['kind']} ({piece.where}), which does not stand inside a room"] += 1
            elif floor.contains(Furniture(**spec).shape().buffer(-0.02)):
                self.parts.furniture.append(spec)
            else:
                self.drawing.left_out[f"{spec['kind']} ({piece.where}), which does not stand inside a room"] += 1

    def _is_near(self, piece: Piece) -> bool:
        x0, y0, x1, y1 = self.building.bounds
        x, y = piece.centre
        return x0 - 50 < x < x1 + 50 and y0 - 50 < y < y1 + 50 and max(piece.size) < 400

    def _piece(self, piece: Piece) -> dict[str, Any]:
        kind, height, material = self.map.piece(piece.name, piece.layer)
        height = min(piece.height or height, self.map.height_m)
        size = [round(max(0.01, v), 3) for v in (*piece.size, height)]
        spec: dict[str, Any] = {"kind": kind, "at": _spot(piece.centre), "size_m": size}
        yaw = round((math.degrees(piece.yaw) + 180) % 360 - 180, 1) + 0.0
        if yaw:
            spec["yaw_deg"] = yaw
        if material != "wood":
            spec["material"] = material
        return spec

    def _lamps(self) -> None:
        if not self.map.lamps:
            return
        for name, shape in list(self.shapes.items())[:200]:
            if not self._is_ground(name):
                inside = shape.centroid if shape.contains(shape.centroid) else shape.point_on_surface()
                z = round(self.map.height_m - _LAMP_UNDER_M, 3)
                lumens = float(round(min(6000, max(600, shape.area * 110)), -2))
                self.parts.lights.append({"at": [*_spot((inside.x, inside.y)), z], "lumens": lumens, "group": name})

    # --- the text ---------------------------------------------------------------------------------------------

    def _layout(self) -> Layout:
        p = self.parts
        for what, count, most in (("rooms", len(p.rooms), 500), ("walls", len(p.walls), 2000)):
            if count > most:
                raise self.drawing.wrong(f"has {count:,} {what}; a layout may have {most:,}, so keep one storey")
        return Layout.model_validate(
            {"xrlab": 1, "name": "plan", "height_m": self.map.height_m, "rooms": p.rooms, "walls": p.walls}
        )

    def text(self) -> str:
        """The layout as YAML, with comments on where it comes from."""
        path = self.drawing.path
        lines = [f"Made by xrlab from {path.name}, with 1 in the plan = {self.unit:g} m. Edit it as you like.",
                 "Rooms reach from wall to wall (own_walls: false); their walls stand under walls."]  # fmt: skip
        if self.map_path:
            lines.append(f"Heights and materials: {self.map_path.name}")
        out = [f"# {printable(line)}" for line in (*lines, *self.remarks)]
        name = self.map.name or path.stem[:80] or "plan"
        out += ["xrlab: 1", f"name: {json.dumps(printable(name), ensure_ascii=False)}",
                f"height_m: {self.map.height_m:g}"]  # fmt: skip
        for section in ("rooms", "walls", "doors", "openings", "windows", "furniture", "lights", "points"):
            held: dict[str, Any] | list[Any] = getattr(self.parts, section)
            if not held:
                continue
            out.append(f"{section}:")
            if isinstance(held, dict):
                out += [f"  {key}: {flow(value)}" for key, value in held.items()]
            else:
                out += [f"  - {flow(value)}" for value in held]
        return "\n".join(out) + "\n"


def _unused(name: str, taken: Iterable[str], first: str | None = None) -> str:
    """The name, with a number where it is taken."""
    used = set(taken)
    if (first or name) not in used:
        return first or name
    number = 2
    while f"{name}_{number}" in used:
        number += 1
    return f"{name}_{number}"


def _spot(p: Sequence[float]) -> list[float]:
    return [round(float(v), 3) + 0.0 for v in p[:2]]


def _area(shape: shapely.Polygon) -> dict[str, Any]:
    corners = tracing.corners(shape)
    x0, y0, x1, y1 = (round(v, 3) for v in shape.bounds)
    if len(corners) == 4 and abs(shape.area - (x1 - x0) * (y1 - y0)) < 1e-3 * shape.area:
        return {"rect": [x0, y0, round(x1 - x0, 3), round(y1 - y0, 3)]}
    return {"polygon": [list(c) for c in corners]}


def flow(value: Any) -> str:
    """A part of a layout in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
