"""What a designer marked in Blender: custom properties of objects (glTF `extras`) become zones, doors, points, lamps.

The properties are told of in docs/from-blender.md. All begin with `xrlab_`, so a misspelt one is found.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from xrlab.errors import meant, nearest
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.lamps import across, solid_angle
from xrlab.room.materials import MATERIALS
from xrlab.room.model import LAMP_KINDS, Door, Light, Point, Room, Sun, Surface, View
from xrlab.room.zones import Zone

PREFIX = "xrlab_"
KINDS = ("xrlab_zone", "xrlab_door", "xrlab_point", "xrlab_light")
_WITH = {
    "xrlab_zone": (),
    "xrlab_point": (),
    "xrlab_door": ("xrlab_swing_deg", "xrlab_opened_by", "xrlab_open", "xrlab_seconds"),
    "xrlab_light": ("xrlab_lumens", "xrlab_group", "xrlab_kind", "xrlab_width_m", "xrlab_depth_m"),
}
PROPERTIES = frozenset({*KINDS, "xrlab_material", *(key for keys in _WITH.values() for key in keys)})
"""All custom properties that mean something."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
_CEILING_M = 2.5
_HINGE_OFF_M = 0.12
_LEAF_M = (0.02, 0.08)
_BARE = (0.8, 0.8, 0.8, 1.0)  # of what has no material in the file
_ZONE_TRIANGLES = 20_000
_KINDS_SAID = "ceiling, point, panel or tube"
_LAMP_SIZES: dict[str, tuple[float, float]] = {"panel": (0.6, 0.6), "tube": (1.2, 0.026)}


class Misplaced(ValueError):
    """A mark of the file is wrong; `str()` names the node, what is wrong, and what would be right."""


@dataclass(frozen=True)
class Finds:
    """What a mesh file marks beside its surfaces, z up, in the file's own unit."""

    doors: Mapping[str, Door] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    points: Mapping[str, Point] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    lights: tuple[Light, ...] = ()
    sun: Sun | None = None

    def placed(self, scale: float, yaw: float, at: Vec3) -> Finds:
        """The same, scaled, turned about the vertical (rad) and moved (m)."""
        c, s = math.cos(yaw), math.sin(yaw)

        def to(p: Vec3) -> Vec3:
            x, y, z = (v * scale for v in p)
            return x * c - y * s + at[0], x * s + y * c + at[1], z + at[2]

        def turned(p: Vec3) -> Vec3:
            return p[0] * c - p[1] * s, p[0] * s + p[1] * c, p[2]

        return Finds(
            {
                n: replace(
                    d, hinge=to(d.hinge), closed_yaw=d.closed_yaw + yaw, width=d.width * scale,
                    height=d.height * scale, thickness=min(max(d.thickness * scale, _LEAF_M[0]), _LEAF_M[1]),
                )
                for n, d in self.doors.items()
            },
            {
                n: replace(
                    z, polygon=np.array([to((float(x), float(y), 0.0))[:2] for x, y in z.polygon]),
                    floor=z.floor * scale + at[2], ceiling=z.ceiling * scale + at[2],
                )
                for n, z in self.zones.items()
            },
            {n: replace(p, position=to(p.position), yaw=p.yaw + yaw) for n, p in self.points.items()},
            {n: replace(v, position=to(v.position), yaw=v.yaw + yaw) for n, v in self.views.items()},
            tuple(
                replace(
                    x, position=to(x.position), direction=turned(x.direction), along=turned(x.along),
                    size=(x.size[0] * scale, x.size[1] * scale),
                )
                for x in self.lights
            ),
            self.sun and replace(self.sun, yaw=self.sun.yaw + yaw),
        )  # fmt: skip

    def added_to(self, room: Room) -> Room:
        """A room with these as well; where both have a name, the room's own counts."""
        return replace(
            room,
            doors={**self.doors, **room.doors},
            zones={**{n: z for n, z in self.zones.items() if n not in room.points}, **room.zones},
            points={**{n: p for n, p in self.points.items() if n not in room.zones}, **room.points},
            views={**self.views, **room.views},
            lights=(*room.lights, *self.lights),
            sun=room.sun or self.sun,
        )


@dataclass(frozen=True)
class Placed:
    """A node of the file as it stands in the world, z up.

    name: as the file calls it, or "node 7". extras: its custom properties. matrix: (4, 4) from the node's own
    frame, y up as glTF has it, to the world. surfaces: what it and all below it draw.
    """

    name: str
    extras: Mapping[str, Any]
    matrix: Array
    surfaces: tuple[Surface, ...]

    @property
    def origin(self) -> Vec3:
        """Where its origin lies."""
        x, y, z = self.matrix[:3, 3]
        return float(x), float(y), float(z)

    @property
    def ahead(self) -> Array:
        """Where it looks: along -z of its own frame (+y in Blender), as a camera does; length 1."""
        way = -self.matrix[:3, 2]
        length = float(np.linalg.norm(way))
        return np.asarray(way / length if length > 1e-12 else np.array([1.0, 0.0, 0.0]))


class Marks:
    """Collects the marks of one file, and sees to it that every name is used once."""

    def __init__(self) -> None:
        self._doors: dict[str, Door] = {}
        self._zones: dict[str, Zone] = {}
        self._points: dict[str, Point] = {}
        self._views: dict[str, View] = {}
        self._lights: list[Light] = []
        self._sun: Sun | None = None
        self._owners: dict[str, str] = {}

    @property
    def finds(self) -> Finds:
        """All that was found."""
        return Finds(self._doors, self._zones, self._points, self._views, tuple(self._lights), self._sun)

    def mark(self, node: Placed, kind: str) -> None:
        """Takes up a node that is marked as one of `KINDS`; raises `Misplaced`."""
        {
            "xrlab_zone": self._zone,
            "xrlab_door": self._door,
            "xrlab_point": self._point,
            "xrlab_light": self._lamp,
        }[kind](node)

    def view(self, node: Placed, fov_y: float) -> None:
        """Takes up a camera."""
        name = free = _cleaned(node.name) or "camera"
        number = 2
        while free in self._owners:
            free, number = f"{name[:44]}_{number}", number + 1
        self._owners[free] = node.name
        way = node.ahead
        yaw, pitch = math.atan2(way[1], way[0]), math.asin(max(-1.0, min(1.0, float(way[2]))))
        self._views[free] = View(free, node.origin, yaw if abs(way[2]) < 0.9999 else 0.0, pitch, fov_y)

    def light(
        self, node: Placed, color: Vec3, lumens: float, kind: str, cone: tuple[float, float] | None = None
    ) -> None:
        """Takes up a lamp of the file (KHR_lights_punctual); custom properties of the node say more.

        kind: one of `LAMP_KINDS` if nothing else is said. cone: of a spot, as `Light.cone`.
        """
        said = _text(node, "xrlab_kind", kind)
        if said not in LAMP_KINDS or (said == "spot") != (cone is not None):
            what = "is for spots of the file itself" if said == "spot" else f"is right as {_KINDS_SAID}"
            raise Misplaced(f"'{node.name}' has xrlab_kind {said[:40]!r}, which {what}")
        width, depth = _LAMP_SIZES.get(said, (0.0, 0.0))
        size = (
            _number(node, "xrlab_width_m", width, 0.0, 100.0), _number(node, "xrlab_depth_m", depth, 0.0, 100.0)
        )  # fmt: skip
        lamp = Light(
            node.name, node.origin, color, _number(node, "xrlab_lumens", lumens, 0.0, 1e9),
            _text(node, "xrlab_group", "main"), said, size=size, cone=cone or (0.0, math.pi / 4),
        )  # fmt: skip
        if said in ("spot", "panel", "tube"):
            x, y, z = (float(v) for v in node.ahead)
            lamp = replace(lamp, direction=(x, y, z), along=_aside(node, (x, y, z)))
        self._lights.append(lamp)

    def sun(self, node: Placed, color: Vec3, lux: float) -> None:
        """Takes up a directional light; of several the brightest counts."""
        x, y, z = (-float(v) for v in node.ahead)
        if lux * max(color) > (self._sun.lux * max(self._sun.color) if self._sun else 0.0):
            self._sun = Sun(math.atan2(y, x), math.asin(max(-1.0, min(1.0, z))), lux, color)

    def _name(self, node: Placed, kind: str) -> str:
        value = node.extras[kind]
        if value is True or (isinstance(value, int) and value == 1):
            name = _cleaned(node.name)
        elif isinstance(value, str) and _NAME.fullmatch(value):
            name = value
        else:
            what = f"has {kind} {str(value)[:40]!r}; true or a name of letters, digits and _ is right"
            raise Misplaced(f"'{node.name}' {what}")
        if not name:
            raise Misplaced(f"'{node.name}' is marked {kind}, but its name has no letters; give it a name")
        if name in self._owners:
            what = f"is called '{name}', as '{self._owners[name]}' is already; every name may be used once"
            raise Misplaced(f"'{node.name}' {what}")
        self._owners[name] = node.name
        return name

    def _zone(self, node: Placed) -> None:
        name = self._name(node, "xrlab_zone")
        corners = _corners(node, "a flat face over its part of the floor")
        if len(corners) > _ZONE_TRIANGLES:
            raise Misplaced(f"'{node.name}' marks a zone with {len(corners):,} triangles; a simple flat face is right")
        flat = shapely.polygons(corners[:, :, :2])
        shape = shapely.union_all(shapely.make_valid(flat[shapely.area(flat) > 1e-9])).simplify(0.0)
        if shape.geom_type != "Polygon" or shape.area < 1e-4:
            what = "covers no floor" if shape.area < 1e-4 else "lies in several pieces"
            raise Misplaced(f"'{node.name}' marks a zone, but its mesh {what}; a flat face over the floor is right")
        low, high = float(corners[:, :, 2].min()), float(corners[:, :, 2].max())
        ring = np.array(shapely.geometry.polygon.orient(shape).exterior.coords)[:-1]
        self._zones[name] = Zone(name, ring, low, high if high - low > 0.5 else low + _CEILING_M)

    def _point(self, node: Placed) -> None:
        name = self._name(node, "xrlab_point")
        way = node.ahead
        self._points[name] = Point(name, node.origin, math.atan2(way[1], way[0]) if abs(way[2]) < 0.99 else 0.0)

    def _lamp(self, node: Placed) -> None:
        self._name(node, "xrlab_light")
        at = node.origin
        if node.surfaces:
            corners = np.concatenate([s.vertices for s in node.surfaces])
            low, high = corners.min(axis=0), corners.max(axis=0)
            # under its own mesh, which would else stand in its light
            at = (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2, float(low[2]) - 0.02)
        # an object that is not turned shines down, against its own Z in Blender, where a lamp of glTF shines along -z
        x, y, z = node.matrix[:3, :3].T
        matrix = np.eye(4)
        matrix[:3] = np.column_stack((x, -z, y, at))
        self.light(replace(node, matrix=matrix), (1.0, 0.96, 0.9), 1500.0, "ceiling")

    def _door(self, node: Placed) -> None:
        """A leaf that hangs at its origin: a box of its size turns there instead of the mesh."""
        name = self._name(node, "xrlab_door")
        corners = _corners(node, "the door's leaf").reshape(-1, 3)
        box = shapely.minimum_rotated_rectangle(shapely.MultiPoint(corners[:, :2]))
        if box.geom_type != "Polygon":
            raise Misplaced(f"'{node.name}' marks a door, but its leaf has no thickness; give it some centimetres")
        ring = np.array(box.exterior.coords)[:4]
        sides = np.roll(ring, -1, axis=0) - ring
        long = int(np.argmax(np.linalg.norm(sides, axis=1)))
        width = float(np.linalg.norm(sides[long]))
        along, thick = sides[long] / width, float(np.linalg.norm(sides[(long + 1) % 4]))
        middle = ring.mean(axis=0)
        hinge = np.array(node.origin[:2])
        ends = [middle - along * width / 2, middle + along * width / 2]
        near = int(np.linalg.norm(ends[1] - hinge) < np.linalg.norm(ends[0] - hinge))
        off = float(np.linalg.norm(ends[near] - hinge))
        if off > max(_HINGE_OFF_M, 0.12 * width) or off > 0.4 * width:
            what = f"its origin lies {off:.2f} from the nearer end of its leaf; the origin is the hinge"
            raise Misplaced(f"'{node.name}' marks a door, but {what}: Object > Set Origin > Origin to 3D Cursor")
        way = (ends[1 - near] - ends[near]) / width
        low, high = float(corners[:, 2].min()), float(corners[:, 2].max())
        foot: Vec3 = (float(ends[near][0]), float(ends[near][1]), low)
        leaf, material = node.surfaces[0], _leaf_material(node)
        plain = leaf.texture is None and not leaf.paint and leaf.color == _BARE
        opened_by = tuple(t.strip() for t in _text(node, "xrlab_opened_by", "all").split(",") if t.strip())
        self._doors[name] = Door(
            name, foot, math.atan2(way[1], way[0]), math.radians(_number(node, "xrlab_swing_deg", 90.0, -180, 180)),
            width, high - low, min(max(thick, _LEAF_M[0]), _LEAF_M[1]), material,
            MATERIALS[material].color if plain else _shown(leaf),
            opened_by or ("all",), _number(node, "xrlab_open", 0.0, 0.0, 1.0),
            _number(node, "xrlab_seconds", 0.8, 0.1, 60.0),
        )  # fmt: skip


def kind_of(name: str, extras: Any) -> str | None:
    """Which of `KINDS` a node's custom properties mark it as, None for none; raises `Misplaced` for odd ones."""
    if not isinstance(extras, dict):
        return None
    own = [k for k in extras if isinstance(k, str) and k.startswith(PREFIX)]
    for key in own:
        if key not in PROPERTIES:
            raise Misplaced(f"'{name}' has the property {key[:60]}, which means nothing{meant(key, PROPERTIES)}")
    kinds = [k for k in KINDS if k in own and extras[k] not in (False, 0, "", None)]
    if len(kinds) > 1:
        raise Misplaced(f"'{name}' is marked {kinds[0]} and {kinds[1]}; one of them is right")
    return kinds[0] if kinds else None


def check_companions(name: str, extras: Mapping[str, Any], kind: str | None) -> None:
    """Raises `Misplaced` for a property that says more about a mark that is not there."""
    for key in extras:
        owner = next((k for k, keys in _WITH.items() if key in keys), None)
        if owner and owner != kind:
            raise Misplaced(f"'{name}' has {key}, which needs {owner} beside it")


def _aside(node: Placed, ahead: Vec3) -> Vec3:
    """The unit vector along x of a node's own frame, made to stand at a right angle to where it looks."""
    way, out = node.matrix[:3, 0].astype(float), np.array(ahead)
    way = way - out * float(way @ out)
    length = float(np.linalg.norm(way))
    if length < 1e-9:
        return across(ahead, 0.0)
    x, y, z = (way / length).tolist()
    return x, y, z


def material_of(name: str, extras: Any) -> str | None:
    """The material that `xrlab_material` of a node, mesh or material names; raises `Misplaced` if there is none."""
    value = extras.get("xrlab_material") if isinstance(extras, dict) else None
    if value is None or value == "":
        return None
    if not isinstance(value, str) or value not in MATERIALS:
        hint = nearest(str(value)[:60], MATERIALS)
        raise Misplaced(f"{name} has xrlab_material {str(value)[:40]!r}, which is no material; {hint}")
    return value


def _corners(node: Placed, wanted: str) -> Array:
    """Corners (n, 3, 3) of all triangles of a node."""
    if not node.surfaces:
        raise Misplaced(f"'{node.name}' is marked, but has no mesh; {wanted} is needed")
    return np.concatenate([s.vertices[s.faces] for s in node.surfaces])


def _leaf_material(node: Placed) -> str:
    own = material_of(f"'{node.name}'", node.extras)
    if own:
        return own
    # what nothing names would stop bullets as concrete does: doors are of wood
    named = [s.material for s in node.surfaces if s.material != "concrete"]
    return named[0] if named else "wood"


def _shown(surface: Surface) -> tuple[float, float, float, float]:
    """A surface's colour, its picture's mean included."""
    r, g, b, a = surface.color
    if surface.texture is not None:
        mr, mg, mb = (surface.texture[::4, ::4, :3].reshape(-1, 3).mean(axis=0) / 255).tolist()
        r, g, b = r * mr, g * mg, b * mb
    return r, g, b, a


def _cleaned(name: str) -> str:
    """A node's name with what may not stand in a name of xrlab left out: 'Living Room.001' is Living_Room_001."""
    return re.sub(r"^[^A-Za-z]+", "", re.sub(r"[^A-Za-z0-9]+", "_", name)).strip("_")[:48]


def _number(node: Placed, key: str, default: float, low: float, high: float) -> float:
    value = node.extras.get(key, default)
    if not isinstance(value, int | float) or not low <= value <= high:
        raise Misplaced(f"'{node.name}' has {key} {str(value)[:40]!r}; a number from {low:g} to {high:g} is right")
    return float(value)


def _text(node: Placed, key: str, default: str) -> str:
    value = node.extras.get(key, default)
    if not isinstance(value, str) or not 0 < len(value) <= 400:
        raise Misplaced(f"'{node.name}' has {key} {str(value)[:40]!r}; a text is right")
    return value


# --- a room's marks into a file -----------------------------------------------------------------------------


def write_marks(tree: dict[str, Any], room: Room) -> None:
    """Marks a glTF's JSON (y up) with all that the room knows, as `Marks` reads it.

    Its nodes called after doors hold their leaves, shut, and those called "zone NAME" the space of zones; points,
    lamps and cameras are added as nodes of their own.
    """
    nodes: list[dict[str, Any]] = tree["nodes"]
    extras: dict[str, dict[str, Any]] = {f"zone {n}": {"xrlab_zone": n} for n in room.zones}
    for door in room.doors.values():
        extras[door.name] = {
            "xrlab_door": door.name, "xrlab_swing_deg": round(math.degrees(door.swing), 6),
            "xrlab_opened_by": ", ".join(door.opened_by), "xrlab_open": door.begins_open,
            "xrlab_seconds": door.seconds, "xrlab_material": door.material,
        }  # fmt: skip
    for node in nodes:
        if node.get("name") in extras:
            node["extras"] = extras[node["name"]]
    added: list[dict[str, Any]] = [
        {"name": p.name, "extras": {"xrlab_point": p.name}, "matrix": _y_up(p.position, p.yaw, 0.0)}
        for p in room.points.values()
    ]
    added += [_lamp_node(number, lamp) for number, lamp in enumerate(room.lights)]
    if room.sun:
        matrix = _y_up((0.0, 0.0, 0.0), room.sun.yaw + math.pi, -room.sun.pitch)
        shines = {"KHR_lights_punctual": {"light": len(room.lights)}}
        added.append({"name": "sun", "matrix": matrix, "extensions": shines})
    for number, view in enumerate(room.views.values()):
        added.append({"name": view.name, "matrix": _y_up(view.position, view.yaw, view.pitch), "camera": number})
    if room.views:
        lenses = [{"yfov": v.fov_y, "znear": 0.05} for v in room.views.values()]
        tree["cameras"] = [{"type": "perspective", "perspective": lens} for lens in lenses]
    lights = [_punctual(lamp) for lamp in room.lights]
    if room.sun:
        lights.append({"type": "directional", "color": list(room.sun.color), "intensity": room.sun.lux})
    if lights:
        tree.setdefault("extensions", {})["KHR_lights_punctual"] = {"lights": lights}
        tree["extensionsUsed"] = sorted({*tree.get("extensionsUsed", ()), "KHR_lights_punctual"})
    tree["scenes"][0].setdefault("nodes", []).extend(range(len(nodes), len(nodes) + len(added)))
    nodes.extend(added)


def _lamp_node(number: int, lamp: Light) -> dict[str, Any]:
    """A lamp's node: where it stands and shines, and what glTF cannot say of it."""
    extras: dict[str, Any] = {"xrlab_group": lamp.group}
    matrix = _y_up(lamp.position, 0.0, 0.0)
    if lamp.kind != "spot":
        extras["xrlab_kind"] = lamp.kind
    if lamp.kind in ("panel", "tube"):
        extras |= {"xrlab_width_m": lamp.size[0], "xrlab_depth_m": lamp.size[1]}
    if lamp.kind in ("spot", "panel", "tube"):
        matrix = _looking(np.array(lamp.position), np.array(lamp.direction), np.array(lamp.along))
    return {
        "name": lamp.name, "matrix": matrix, "extras": extras, "extensions": {"KHR_lights_punctual": {"light": number}},
    }  # fmt: skip


def _punctual(lamp: Light) -> dict[str, Any]:
    """A lamp as KHR_lights_punctual has it: a spot as such, all others as points of the same lumens."""
    out: dict[str, Any] = {"type": "point", "color": list(lamp.color), "intensity": lamp.power / (4 * math.pi)}
    if lamp.kind == "spot":
        inner, outer = lamp.cone
        out |= {"type": "spot", "spot": {"innerConeAngle": inner, "outerConeAngle": outer}}
        out["intensity"] = lamp.power / solid_angle(lamp.cone)
    return out


def _y_up(at: Vec3, yaw: float, pitch: float) -> list[float]:
    """The matrix, column by column as glTF has it, of a node that stands at a place of the world and looks ahead."""
    ahead = np.array([math.cos(pitch) * math.cos(yaw), math.cos(pitch) * math.sin(yaw), math.sin(pitch)])
    return _looking(np.array(at), ahead, np.array([math.sin(yaw), -math.cos(yaw), 0.0]))


def _looking(at: Array, ahead: Array, right: Array) -> list[float]:
    """The same for a node that looks along the unit vector `ahead` with the unit vector `right` at its right hand."""
    columns = (right, np.cross(right, ahead), -ahead, at)
    return [float(v) for (x, y, z), w in zip(columns, (0.0, 0.0, 0.0, 1.0), strict=True) for v in (x, z, -y, w)]
