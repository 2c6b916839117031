"""A flat with six rooms, drawn by ezdxf in millimetres, and the truth about it in metres."""

from __future__ import annotations

import math
from pathlib import Path

import ezdxf
import shapely
from ezdxf.document import Drawing

ROOMS = {
    "living_room": (0.3, 0.3, 5.3, 3.1), "bedroom": (5.7, 0.3, 4.0, 3.1), "hall": (0.3, 3.5, 9.4, 1.4),
    "kitchen": (0.3, 5.0, 3.7, 2.7), "bathroom": (4.1, 5.0, 2.3, 2.7), "study": (6.5, 5.0, 3.2, 2.7),
}  # fmt: skip
TEXTS = {"living_room": "Living room\n16.4 m²", "bedroom": "Bedroom", "hall": "Hall", "kitchen": "Kitchen",
         "bathroom": "Bathroom", "study": "Study"}  # fmt: skip
# name: middle, the wall's direction (degrees), width, wall, hinge end (-1 or 1 along the wall), side (1: left of it)
DOORS = {
    "front_door": ((0.15, 4.2), 90.0, 0.93, 0.3, -1, -1), "living_room_door": ((2.0, 3.45), 0.0, 0.83, 0.1, -1, -1),
    "bedroom_door": ((7.0, 3.45), 0.0, 0.83, 0.1, 1, -1), "kitchen_door": ((2.5, 4.95), 0.0, 0.83, 0.1, 1, 1),
    "bathroom_door": ((5.2, 4.95), 0.0, 0.73, 0.1, -1, 1), "study_door": ((8.0, 4.95), 0.0, 0.83, 0.1, -1, 1),
}  # fmt: skip
OPENS_INTO = {"front_door": "hall"} | {
    f"{n}_door": n for n in ("living_room", "bedroom", "kitchen", "bathroom", "study")
}
WINDOWS = [((2.9, 0.15), 0.0, 1.8), ((7.7, 0.15), 0.0, 1.5), ((2.1, 7.85), 0.0, 1.2), ((8.1, 7.85), 0.0, 1.4),
           ((9.85, 4.2), 90.0, 0.8)]  # fmt: skip


def walls() -> shapely.Geometry:
    """What the walls cover, doors and windows not cut out."""
    rooms = [shapely.box(x, y, x + w, y + d) for x, y, w, d in ROOMS.values()]
    return shapely.box(0, 0, 10, 8).difference(shapely.union_all(rooms))


def gaps() -> shapely.Geometry:
    """What doors and windows take from the walls."""
    out = []
    for (x, y), yaw, width, thick, *_ in [*DOORS.values(), *((m, a, w, 0.3) for m, a, w in WINDOWS)]:
        w, d = (width, thick) if yaw == 0 else (thick, width)
        out.append(shapely.box(x - w / 2, y - d / 2, x + w / 2, y + d / 2))
    return shapely.union_all(out)


def drawn(layers: dict[str, str] | None = None) -> Drawing:
    """The flat as closed outlines of walls, with blocks for doors, windows and furniture."""
    name = {"walls": "A-WALL", "doors": "A-DOOR", "windows": "A-GLAZ", "furniture": "A-FURN", "names": "A-ANNO"}
    name |= layers or {}
    doc = ezdxf.new("R2000", units=4)
    space = doc.modelspace()
    for layer in name.values():
        doc.layers.add(layer)
    for part in shapely.get_parts(walls().difference(gaps())):
        for ring in (part.exterior, *part.interiors):
            corners = [(x * 1000, y * 1000) for x, y in ring.coords[:-1]]
            space.add_lwpolyline(corners, close=True, dxfattribs={"layer": name["walls"]})
    leaf = doc.blocks.new("LEAF")  # hinge in 0, 0; shut along x; opens to +y
    leaf.add_line((0, 0), (0, 1000))
    leaf.add_arc((0, 0), 1000, 0, 90)
    for (x, y), yaw, width, thick, end, side in DOORS.values():
        t = math.radians(yaw)
        u, n = (math.cos(t), math.sin(t)), (-math.sin(t), math.cos(t))
        at = [1000 * (v + u[k] * end * width / 2 + n[k] * side * thick / 2) for k, v in enumerate((x, y))]
        scale = {"xscale": -end * width, "yscale": side * width, "zscale": 1.0}
        space.add_blockref("LEAF", at, dxfattribs={"layer": name["doors"], "rotation": yaw, **scale})
    pane = doc.blocks.new("PANE")
    for v in (-0.5, -0.1, 0.1, 0.5):
        pane.add_line((-500, v * 300), (500, v * 300))
    for (x, y), yaw, width in WINDOWS:
        space.add_blockref("PANE", (1000 * x, 1000 * y),
                           dxfattribs={"layer": name["windows"], "rotation": yaw, "xscale": width})  # fmt: skip
    for block, (w, d), (x, y), yaw in FURNITURE:
        if block not in doc.blocks:
            thing = doc.blocks.new(block)
            thing.add_lwpolyline([(-w * 500, -d * 500), (w * 500, -d * 500), (w * 500, d * 500), (-w * 500, d * 500)],
                                 close=True)  # fmt: skip
        space.add_blockref(block, (1000 * x, 1000 * y), dxfattribs={"layer": name["furniture"], "rotation": yaw})
    for room, text in TEXTS.items():
        x, y, w, d = ROOMS[room]
        at = (1000 * (x + w / 2), 1000 * (y + d / 2))
        space.add_mtext(
            text.replace("\n", "\\P"), dxfattribs={"layer": name["names"], "insert": at, "char_height": 200}
        )
    return doc


FURNITURE = [
    ("SOFA_3P", (2.2, 0.9), (0.8, 1.8), -90.0), ("Tafel", (1.2, 0.7), (2.6, 1.8), 0.0),
    ("BED_160", (1.6, 2.0), (8.8, 1.35), 180.0), ("KAST", (1.8, 0.6), (6.7, 0.65), 0.0),
    ("Keukenblok", (2.6, 0.6), (1.7, 7.3), 180.0), ("BUREAU", (1.4, 0.7), (9.2, 6.4), 90.0),
    ("STOEL", (0.45, 0.45), (8.5, 6.4), -90.0),
]  # fmt: skip


def save(path: Path, layers: dict[str, str] | None = None) -> Path:
    """Writes the flat; returns the path."""
    drawn(layers).saveas(path)
    return path
