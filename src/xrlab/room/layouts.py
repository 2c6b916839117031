"""From a layout file to its Room: read, checked part by part, built, and every problem told with its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import shapely

from xrlab.document import Document, Loc, read, validate
from xrlab.errors import InputError, Problem, meant
from xrlab.room.build import Builder
from xrlab.room.layout import Layout
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Room


def load_layout(path: Path) -> Room:
    """The Room that a layout file describes; raises `InputError` with every problem in it."""
    return room_of(read(path))


def room_of(document: Document) -> Room:
    """The Room that a layout describes that is read already; raises `InputError` with every problem in it."""
    layout = validate(document, Layout)
    problems = _materials(document, layout) + _names(document, layout) + _overlaps(document, layout)
    if problems:
        raise InputError(sorted(set(problems), key=lambda p: (p.line, p.column)))
    builder = Builder(document, layout)
    room = builder.room()
    problems = builder.problems + _places(document, layout, builder)
    if problems:
        raise InputError(sorted(set(problems), key=lambda p: (p.line, p.column)))
    return replace(room, remarks=(*room.remarks, *(str(p) for p in _crowded(document, layout))))


def _materials(document: Document, layout: Layout) -> list[Problem]:
    used: list[tuple[Loc, str]] = [(("walls_of",), layout.walls_of)]
    used += [(("rooms", n, "floor"), r.floor) for n, r in layout.rooms.items()]
    used += [(("doors", n, "material"), d.material) for n, d in layout.doors.items()]
    used += [(("walls", i, "material"), w.material) for i, w in enumerate(layout.walls)]
    used += [(("furniture", i, "material"), f.material) for i, f in enumerate(layout.furniture)]
    if layout.mesh and layout.mesh.material:
        used.append((("mesh", "material"), layout.mesh.material))
    if layout.mesh:
        used += [(("mesh", "materials", p), m) for p, m in layout.mesh.materials.items()]
    return [
        document.problem(loc, f"no material is called '{m}'{meant(m, MATERIALS)}")
        for loc, m in used
        if m not in MATERIALS
    ]


def _names(document: Document, layout: Layout) -> list[Problem]:
    out = []
    owners: dict[str, str] = {}
    for section in ("rooms", "zones", "points", "doors"):
        for name in getattr(layout, section):
            if name in owners and {owners[name], section} != {"points", "doors"}:
                what = f"'{name}' stands under {owners[name]} already; every name may be used once"
                out.append(document.problem((section, name), what, at_key=True))
            owners[name] = section
    for index, window in enumerate(layout.windows):
        if window.name in owners:
            what = f"'{window.name}' stands under {owners[window.name]} already; every name may be used once"
            out.append(document.problem(("windows", index, "name"), what))
        if window.name:
            owners[window.name] = "windows"
    named: list[tuple[Loc, str]] = []
    for name, door in layout.doors.items():
        named += [(("doors", name, "between", i), r) for i, r in enumerate(door.between or ())]
        named += [(("doors", name, "opens_into"), door.opens_into)] if door.opens_into else []
    for section in ("openings", "windows"):
        for index, hole in enumerate(getattr(layout, section)):
            named += [((section, index, "between", i), r) for i, r in enumerate(hole.between or ())]
    for loc, room in named:
        if room not in layout.rooms:
            out.append(document.problem(loc, f"no room is called '{room}'{meant(room, layout.rooms)}"))
    return out


def _overlaps(document: Document, layout: Layout) -> list[Problem]:
    out = []
    names, shapes = list(layout.rooms), [r.shape() for r in layout.rooms.values()]
    tree = shapely.STRtree(shapes)
    for index, name in enumerate(names):
        for other in sorted(k for k in tree.query(shapes[index]) if k < index):
            common = shapes[index].intersection(shapes[other]).area
            if common > 0.01:
                what = f"'{name}' and '{names[other]}' overlap by {common:.2f} m²; move or shrink one of them"
                out.append(document.problem(("rooms", name), what))
                break
    return out


def _places(document: Document, layout: Layout, builder: Builder) -> list[Problem]:
    """Zones, points and furniture must lie on some floor; with a mesh, its own extent is the floor."""
    if layout.mesh:
        return []
    out = [
        document.problem(
            (section, name, "floor_m"),
            f"a layout without a mesh has one floor, at {layout.floor_m:g} m; floor_m is for storeys of a mesh",
        )
        for section in ("zones", "points")
        for name, part in getattr(layout, section).items()
        if part.floor_m is not None
    ]
    if not layout.rooms:
        return out
    floor = shapely.union_all([r.shape() for r in layout.rooms.values()]).buffer(0.02)
    walls = builder.walls
    for name, shape in walls.inner.items():
        if shape.area - walls.walls_in(shape).area < 0.05:
            what = f"'{name}' has no floor left between its walls, which are {layout.wall_m:g} m thick"
            out.append(document.problem(("rooms", name), what))
    top = layout.floor_m + layout.height_m
    for index, lamp in enumerate(layout.lights):
        under = layout.ceiling and walls.room_at(lamp.at[0], lamp.at[1]) in walls.inner
        if under and not layout.floor_m <= lamp.at[2] <= top:
            what = (
                f"this lamp hangs at {lamp.at[2]:g} m; the floor is at {layout.floor_m:g} m, the ceiling at {top:g} m"
            )
            out.append(document.problem(("lights", index, "at"), what))
    for name, zone in layout.zones.items():
        if not floor.contains(zone.shape()):
            out.append(document.problem(("zones", name), f"the zone '{name}' reaches outside of all rooms"))
    for name, point in layout.points.items():
        spot = shapely.Point(point.at)
        if not floor.contains(spot):
            out.append(document.problem(("points", name, "at"), f"the point '{name}' lies outside of all rooms"))
        elif walls.in_wall(*point.at):
            out.append(document.problem(("points", name, "at"), f"the point '{name}' lies inside a wall"))
    solid = [(i, f, f.shape()) for i, f in enumerate(layout.furniture)]
    for index, piece, shape in solid:
        if not floor.contains(shape.buffer(-0.02)):
            what = f"this {piece.kind} reaches outside of all rooms"
            out.append(document.problem(("furniture", index, "at"), what))
        for name, point in layout.points.items():
            if piece.over_floor_m < 1.7 and shape.contains(shapely.Point(point.at)):
                what = f"this {piece.kind} stands on the point '{name}'"
                out.append(document.problem(("furniture", index, "at"), what))
    return out


def _crowded(document: Document, layout: Layout) -> list[Problem]:
    """Furniture that stands in other furniture; a chair may be pushed under a table."""
    shapes = [f.shape() for f in layout.furniture]
    tree = shapely.STRtree(shapes)
    out = []
    for index, piece in enumerate(layout.furniture):
        for other in sorted(k for k in tree.query(shapes[index], predicate="intersects") if k < index):
            before = layout.furniture[other]
            if "chair" in (piece.kind, before.kind) and {"table", "desk"} & {piece.kind, before.kind}:
                continue
            foot = max(piece.over_floor_m, before.over_floor_m)
            head = min(piece.over_floor_m + piece.size_m[2], before.over_floor_m + before.size_m[2])
            common = shapes[index].intersection(shapes[other]).area
            if common > 0.005 and head - foot > 0.01:
                at = f"[{before.at[0]:g}, {before.at[1]:g}]"
                what = f"this {piece.kind} stands in the {before.kind} at {at} by {common:.2f} m²; move one of them"
                out.append(document.problem(("furniture", index, "at"), what))
    return out
