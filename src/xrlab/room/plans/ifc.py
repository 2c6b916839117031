"""Rooms from building models (IFC, through ifcopenshell): what is built is drawn, doors turn, spaces are zones.

Needs the extra `xrlab[ifc]`. Units and placements are the file's; z is up, metres come out.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import pickle
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from xrlab.errors import InputError, Problem
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.materials import DEFAULT, MATERIALS, by_name
from xrlab.room.model import Door, Light, Point, Room, Surface
from xrlab.room.plans.drawing import name_from, printable
from xrlab.room.plans.strips import on_grid
from xrlab.room.zones import Zone

MAX_BYTES = 150_000_000
MAX_INSTANCES = 1_500_000
MAX_TRIANGLES = 5_000_000
LEAST_SECONDS, SECONDS_PER_MB = 20.0, 20.0
MEMORY_BYTES = 6_000_000_000
FAR_M = 1000.0

_LEAF_M = 0.04
_LAMP_UNDER_M = 0.15
_UNDRAWN = ("IfcOpeningElement", "IfcSpace", "IfcDoor", "IfcAnnotation", "IfcGrid", "IfcVirtualElement")
_BY_CLASS = {
    "IfcWindow": "glass", "IfcPlate": "glass", "IfcDoor": "wood", "IfcFurniture": "wood",
    "IfcFurnishingElement": "wood", "IfcSystemFurnitureElement": "wood", "IfcRailing": "railing",
    "IfcMember": "steel", "IfcBeam": "steel", "IfcCovering": "plasterboard", "IfcSanitaryTerminal": "tile",
    "IfcGeographicElement": "sand", "IfcSite": "sand",
}  # fmt: skip
_HINGED = {"SINGLE_SWING_LEFT": "l", "SINGLE_SWING_RIGHT": "r", "DOUBLE_SWING_LEFT": "l", "DOUBLE_SWING_RIGHT": "r",
           "DOUBLE_DOOR_SINGLE_SWING": "lr", "DOUBLE_DOOR_DOUBLE_SWING": "lr",
           "DOUBLE_DOOR_SINGLE_SWING_OPPOSITE_LEFT": "lr", "DOUBLE_DOOR_SINGLE_SWING_OPPOSITE_RIGHT": "lr",
           "SWING_FIXED_LEFT": "l", "SWING_FIXED_RIGHT": "r"}  # fmt: skip
_UNHINGED = ("SLIDING", "FOLDING", "REVOLVING", "ROLLINGUP", "LIFTING")


def load_ifc(path: Path) -> Room:
    """The Room that a building model holds; raises `InputError` where it can't be read or ifcopenshell is missing.

    The model is read in a process of its own: ifcopenshell ends its process at some damaged files, and others may
    take it any time and memory.
    """
    size = raw_size(path)
    if importlib.util.find_spec("ifcopenshell") is None:
        raise _wrong(path, "needs a package that is not there; pip install 'xrlab[ifc]' brings it")
    seconds = LEAST_SECONDS + SECONDS_PER_MB * size / 1e6
    with tempfile.TemporaryDirectory(prefix="xrlab-ifc-") as folder:
        answer = Path(folder) / "room"
        command = [
            sys.executable,
            "-P",
            "-c",
            "from xrlab.room.plans.ifc import _answer; _answer()",
            str(path),
            str(answer),
        ]
        try:
            done = subprocess.run(command, timeout=seconds, capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            raise _wrong(path, f"is not read within {seconds:.0f} s; export one storey, or export it again") from None
        if not answer.is_file():
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            why = f" ({printable(last[0])[:80]})" if last else ""
            raise _wrong(path, f"ends the reader of IFC files{why}; it is damaged or too large, export it again")
        kind, value = pickle.loads(answer.read_bytes())  # our own process wrote it
    if kind == "wrong":
        raise InputError(value)
    room: Room = value
    return room


def _answer() -> None:
    """What the other process does: reads the model and leaves a Room, or what is wrong, in a file."""
    path, answer = Path(sys.argv[1]), Path(sys.argv[2])
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        result: tuple[str, Any] = ("room", _read(path))
    except InputError as error:
        result = ("wrong", error.problems)
    answer.with_suffix(".part").write_bytes(pickle.dumps(result))
    answer.with_suffix(".part").replace(answer)


def _read(path: Path) -> Room:
    model = _open(path)
    try:
        return _Building(path, model).room()
    except InputError:
        raise
    except MemoryError:
        raise _wrong(path, "is too large for this machine's memory; export one storey") from None
    except Exception as error:  # what a damaged model holds is found out only when it is asked for
        words = " ".join(str(error).split())[:120] or type(error).__name__
        raise _wrong(path, f"cannot be understood: {words}; export it again as IFC4 or IFC2X3") from None


def _wrong(path: Path, what: str) -> InputError:
    return InputError(Problem(str(path), 0, 0, what))


def raw_size(path: Path) -> int:
    """Bytes of an IFC file; raises `InputError` where it is none, or holds more than a building does."""
    try:
        if path.is_dir():
            raise _wrong(path, "is a directory; an IFC file is needed")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _wrong(path, f"is {size / 1e6:.0f} MB long; a building may have {MAX_BYTES / 1e6:.0f} MB")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _wrong(path, "no such file") from None
    except (OSError, ValueError) as error:
        raise _wrong(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not raw.lstrip()[:13].startswith(b"ISO-10303-21"):
        raise _wrong(path, "is no IFC file: it does not begin with ISO-10303-21; export it as .ifc (STEP)")
    if b"END-ISO-10303-21" not in raw[-200:]:
        raise _wrong(path, "is cut short: its last line, END-ISO-10303-21, is missing; copy or export it again")
    held = len(re.findall(rb"(?m)^\s*#\d+\s*=", raw))
    if held > MAX_INSTANCES:
        raise _wrong(path, f"holds {held:,} entities; a building may have {MAX_INSTANCES:,}, so export one storey")
    return size


def _open(path: Path) -> Any:
    import ifcopenshell
    import ifcopenshell.geom

    try:
        model = ifcopenshell.open(str(path))
    except Exception as error:
        words = " ".join(str(error).split())[:120] or type(error).__name__
        raise _wrong(path, f"cannot be read as IFC: {words}; export it again as IFC4 or IFC2X3") from None
    if model is None or not model.by_type("IfcProject"):
        raise _wrong(path, "holds no IfcProject; export it again as IFC4 or IFC2X3")
    return model


@dataclass
class _Part:
    """Triangles of one product: corners (n, 3) in metres, faces (m, 3), a style for each face."""

    guid: str
    kind: str
    name: str
    vertices: Array
    faces: Array
    styles: list[Any]
    style_of: Array


@dataclass
class _Building:
    path: Path
    model: Any
    surfaces: list[Surface] = field(default_factory=list)
    doors: dict[str, Door] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    lights: list[Light] = field(default_factory=list)
    plan: list[tuple[str, Array]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    hosts: dict[str, Array] = field(default_factory=dict)

    def room(self) -> Room:
        """The finished room."""
        import ifcopenshell.util.unit

        self.unit = float(ifcopenshell.util.unit.calculate_unit_scale(self.model))
        if not 1e-6 < self.unit < 1e3:
            raise _wrong(self.path, f"says that its unit is {self.unit:g} m; export it in metres or millimetres")
        count = 0
        for part in self._parts(exclude=_UNDRAWN):
            count += len(part.faces)
            if count > MAX_TRIANGLES:
                raise _wrong(self.path, f"holds more than {MAX_TRIANGLES:,} triangles; export one storey")
            self._draw(part)
        if not self.surfaces:
            raise _wrong(self.path, "draws nothing; export it with its geometry (the Body representation)")
        self._spaces()
        self._hang_doors()
        self._lamps()
        shift = self._shift()
        remarks = [f"left out: {n} x {w}" if n > 1 else f"left out: {w}" for w, n in sorted(self.left_out.items())]
        if shift.any():
            remarks.insert(0, f"lies far from 0, 0; moved by [{shift[0]:g}, {shift[1]:g}] m")
        return self._moved(shift, tuple(remarks))

    # --- geometry ---------------------------------------------------------------------------------------------

    def _parts(self, *, exclude: tuple[str, ...] = (), include: tuple[str, ...] = ()) -> Iterator[_Part]:
        """The triangles of products, in the order of the file."""
        import ifcopenshell.geom

        known = {c for c in (*exclude, *include) if self._knows(c)}
        wanted = [p for c in include if c in known for p in self.model.by_type(c)]
        if include and not wanted:
            return
        settings = ifcopenshell.geom.settings()
        settings.set("use-world-coords", True)
        choice: dict[str, Any] = {"include": wanted} if include else {"exclude": [c for c in exclude if c in known]}
        iterator = ifcopenshell.geom.iterator(settings, self.model, 1, **choice)
        if not iterator.initialize():
            return
        found = []
        while True:
            found.append(self._part(iterator.get()))
            if not iterator.next():
                break
        order = {p.GlobalId: k for k, p in enumerate(self.model.by_type("IfcProduct"))}
        yield from sorted((p for p in found if p is not None), key=lambda p: order.get(p.guid, -1))

    def _knows(self, name: str) -> bool:
        try:
            self.model.by_type(name)
        except RuntimeError:  # a class that this version of IFC does not have
            return False
        return True

    def _part(self, shape: Any) -> _Part | None:
        mesh = shape.geometry
        vertices = np.array(mesh.verts, np.float64).reshape(-1, 3)
        faces = np.array(mesh.faces, np.int64).reshape(-1, 3)
        if not len(faces):
            return None
        where = f"{shape.type} {shape.guid}"
        if faces.min() < 0 or faces.max() >= len(vertices):
            raise _wrong(self.path, f"{where} has triangles of corners that don't exist")
        if not np.isfinite(vertices).all() or np.abs(vertices).max() > 1e7:
            raise _wrong(self.path, f"{where} has a corner that is no place; export it again")
        vertices = np.round(vertices, 5) + 0.0  # what lies on a floor lies on it, not 1e-17 m above
        tri = vertices[faces]
        has_area = np.linalg.norm(np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0]), axis=1) > 1e-12
        styles = np.array(mesh.material_ids, np.int64)
        styles = styles if len(styles) == len(faces) else np.full(len(faces), -1)
        if not has_area.any():
            return None
        return _Part(shape.guid, shape.type, str(shape.name or ""), vertices, faces[has_area], list(mesh.materials),
                     styles[has_area])  # fmt: skip

    def _draw(self, part: _Part) -> None:
        product = self.model.by_guid(part.guid)
        named = self._materials(product)
        label = f"{part.kind.removeprefix('Ifc').lower()} {part.name}".strip()
        if product.is_a("IfcWall"):
            self.hosts[part.guid] = part.vertices
        for style in sorted(set(part.style_of.tolist())):
            faces = part.faces[part.style_of == style]
            look = part.styles[style] if 0 <= style < len(part.styles) else None
            material, color = _look(product, part, look, named)
            used, index = np.unique(faces, return_inverse=True)
            kind = MATERIALS[material]
            surface = Surface(label, part.vertices[used], index.reshape(-1, 3).astype(np.int32), material, color,
                              kind.roughness, kind.metallic)  # fmt: skip
            self.surfaces.append(surface)

    def _materials(self, product: Any) -> list[str]:
        """Names of a product's IFC materials, the thickest layer's first."""
        import ifcopenshell.util.element

        given = ifcopenshell.util.element.get_material(product, should_skip_usage=True)
        if given is None:
            return []
        if given.is_a("IfcMaterialLayerSet"):
            layers = sorted(given.MaterialLayers or (), key=lambda x: -(x.LayerThickness or 0.0))
            return [x.Material.Name for x in layers if x.Material]
        if given.is_a("IfcMaterialConstituentSet"):
            return [x.Material.Name for x in given.MaterialConstituents or () if x.Material]
        if given.is_a("IfcMaterialProfileSet"):
            return [x.Material.Name for x in given.MaterialProfiles or () if x.Material]
        if given.is_a("IfcMaterialList"):
            return [x.Name for x in given.Materials or ()]
        return [str(given.Name)] if given.is_a("IfcMaterial") else []

    # --- spaces, doors, lamps ---------------------------------------------------------------------------------

    def _spaces(self) -> None:
        for part in self._parts(include=("IfcSpace",)):
            outline = _footprint(part)
            if outline is None:
                self.left_out[f"IfcSpace {part.guid}, which covers no floor"] += 1
                continue
            space = self.model.by_guid(part.guid)
            said = next((n for t in (space.LongName, space.Name) if t and (n := name_from(str(t)))), "space")
            name = _unused(said, self.zones)
            low, high = (round(float(v), 3) for v in (part.vertices[:, 2].min(), part.vertices[:, 2].max()))
            self.zones[name] = Zone(name, outline, low, max(high, low + 0.5))
            self.plan.append(("floor", outline))

    def _hang_doors(self) -> None:
        shapes = {p.guid: p for p in self._parts(include=("IfcDoor",))}
        for door in self.model.by_type("IfcDoor"):
            self._hang(door, shapes.get(door.GlobalId))

    def _hang(self, door: Any, shape: _Part | None) -> None:
        where = f"IfcDoor {door.GlobalId}"
        placed = self._placement(door, where)
        width, height = ((float(v) if v else 0.0) * self.unit for v in (door.OverallWidth, door.OverallHeight))
        if shape is not None and not (width and height):
            own = (shape.vertices - placed[:3, 3]) @ placed[:3, :3]
            width, height = width or float(np.ptp(own[:, 0])), height or float(np.ptp(own[:, 2]))
        if not (0.3 <= width <= 6 and 1 <= height <= 6):
            self.left_out[f"{where}, which is {width:.3g} x {height:.3g} m large; it stays a gap"] += 1
            return
        kind = self._operation(door)
        if any(word in kind for word in _UNHINGED):
            self.left_out[f"the leaf of {where}, which does not turn ({kind}); it stays a gap"] += 1
            return
        sides = _HINGED.get(kind, "l")
        if kind not in _HINGED:
            self.left_out[f"the way that {where} turns ({kind or 'not said'}); it is hinged on the left"] += 1
        face = self._face(door, placed)
        base = name_from(str(door.Name or "").partition(":")[0]) or "door"
        leaf = width / len(sides)
        along = placed[:3, 0]
        yaw = math.atan2(along[1], along[0])
        turns_left = float(placed[0, 0] * placed[1, 1] - placed[1, 0] * placed[0, 1]) > 0
        material, color = "wood", MATERIALS["wood"].color
        said = [m for n in self._materials(door) if (m := by_name(n))]
        if said:
            material, color = said[0], MATERIALS[said[0]].color
        for side in sides:
            x = 0.0 if side == "l" else width
            hinge = placed[:3, :3] @ np.array([x, face, 0.0]) + placed[:3, 3]
            turn = (1.0 if side == "l" else -1.0) * (1.0 if turns_left else -1.0)
            name = _unused(base, [*self.doors, *self.zones])
            self.doors[name] = Door(
                name, (float(hinge[0]), float(hinge[1]), float(hinge[2])), yaw if side == "l" else yaw + math.pi,
                turn * math.radians(95), round(leaf, 4), round(height, 4), _LEAF_M, material, color,
            )  # fmt: skip

    def _placement(self, product: Any, where: str) -> Array:
        import ifcopenshell.util.placement

        placed = np.array(ifcopenshell.util.placement.get_local_placement(product.ObjectPlacement), np.float64)
        placed[:3, 3] *= self.unit
        if not np.isfinite(placed).all() or np.abs(placed).max() > 1e7:
            raise _wrong(self.path, f"{where} stands at no place; export it again")
        return placed

    def _operation(self, door: Any) -> str:
        """How a door opens, by itself, else by its type (or its style, in IFC2X3)."""
        import ifcopenshell.util.element

        said = str(getattr(door, "OperationType", None) or "")
        if said in ("", "NOTDEFINED"):
            of = ifcopenshell.util.element.get_type(door)
            said = str(getattr(of, "OperationType", None) or "") if of is not None else ""
        return said

    def _face(self, door: Any, placed: Array) -> float:
        """Where (m, along the door's own y) the leaf hangs: flush with the wall on the side that it opens into."""
        for fills in getattr(door, "FillsVoids", ()):
            for voids in getattr(fills.RelatingOpeningElement, "VoidsElements", ()):
                corners = self.hosts.get(voids.RelatingBuildingElement.GlobalId)
                if corners is not None:
                    own = (corners - placed[:3, 3]) @ placed[:3, 1]
                    if float(np.ptp(own)) < 1.0:  # a straight wall, along the door
                        return float(own.max()) - _LEAF_M / 2 - 0.001
        return 0.0

    def _lamps(self) -> None:
        if self._knows("IfcLightFixture"):
            for fixture in self.model.by_type("IfcLightFixture"):
                x, y, z = self._placement(fixture, f"IfcLightFixture {fixture.GlobalId}")[:3, 3].tolist()
                at = np.array([(x, y)])
                around = [n for n, s in self.zones.items() if s.contains(at)[0] and s.floor <= z <= s.ceiling]
                group = around[0] if around else "main"
                self.lights.append(Light(_unused("lamp", [k.name for k in self.lights]), (x, y, z), group=group))
        if self.lights:
            return
        for name, zone in self.zones.items():
            x, y = zone.inner_point
            area = float(shapely.Polygon(zone.polygon).area)
            power = float(min(6000, max(600, 110 * area)))
            self.lights.append(Light(f"lamp of {name}", (x, y, zone.ceiling - _LAMP_UNDER_M), power=power, group=name))

    # --- the room ---------------------------------------------------------------------------------------------

    def _floor(self) -> float:
        """Height of the ground floor: of the lowest space that is not below ground, else of the storey nearest 0."""
        heights = sorted({z.floor for z in self.zones.values()})
        if not heights:
            heights = sorted(float(s.Elevation or 0.0) * self.unit for s in self.model.by_type("IfcBuildingStorey"))
        above = [h for h in heights if h > -0.5]
        return above[0] if above else heights[-1] if heights else 0.0

    def _shift(self) -> Array:
        low = np.min([s.vertices.min(axis=0) for s in self.surfaces], axis=0)
        high = np.max([s.vertices.max(axis=0) for s in self.surfaces], axis=0)
        far = max(abs(low[0]), abs(low[1]), abs(high[0]), abs(high[1])) > FAR_M
        return np.array([-math.floor(low[0]), -math.floor(low[1]), 0.0]) if far else np.zeros(3)

    def _moved(self, by: Array, remarks: tuple[str, ...]) -> Room:
        def at(v: Vec3) -> Vec3:
            return v[0] + float(by[0]), v[1] + float(by[1]), v[2]

        names = [p.Name for p in self.model.by_type("IfcBuilding") if p.Name]
        floor = self._floor()
        surfaces = tuple(replace(s, vertices=s.vertices + by) for s in self.surfaces)
        return Room(
            name=str(names[0])[:80] if names else self.path.stem[:80],
            surfaces=surfaces,
            doors={n: replace(d, hinge=at(d.hinge)) for n, d in self.doors.items()},
            zones={n: replace(z, polygon=z.polygon + by[:2]) for n, z in self.zones.items()},
            points=dict[str, Point](),
            lights=tuple(replace(x, position=at(x.position)) for x in self.lights),
            plan=(*((k, o + by[:2]) for k, o in self.plan), *_cut(surfaces, floor)),
            floor=floor,
            source=str(self.path),
            files=(self.path,),
            remarks=remarks,
        )


def _look(product: Any, part: _Part, style: Any, named: list[str]) -> tuple[str, tuple[float, float, float, float]]:
    """Surface material and colour of a part of a product, by its style, its material, its own name, its class."""
    style_name, clear, color, given = "", False, None, False  # given: not a style that the reader gives to a class
    if style is not None:
        style_name, given = str(_value(style.name)), int(_value(style.instance_id)) > 0
        clear = bool(style.has_transparency()) and style.transparency > 0.3
        rgb = [float(v()) for v in (style.diffuse.r, style.diffuse.g, style.diffuse.b)]
        if all(math.isfinite(v) and 0 <= v <= 1 for v in rgb):
            color = (rgb[0], rgb[1], rgb[2], 1.0)
    default = _BY_CLASS.get(part.kind, DEFAULT)
    names = ([style_name] if given else []) + named + [str(product.ObjectType or ""), part.name]
    material = next((m for n in names if (m := by_name(n))), default)
    if clear and given:
        material = material if MATERIALS[material].blocks_sight is False else "glass"
    kind = MATERIALS[material]
    if color is None or not given or not kind.blocks_sight:
        return material, kind.color
    return material, color


def _value(field_or_call: Any) -> Any:
    """A style's property, which is a method in some versions of ifcopenshell."""
    return field_or_call() if callable(field_or_call) else field_or_call


def _footprint(part: _Part) -> Array | None:
    """The floor (n, 2) that a space covers: its level triangles seen from above."""
    tri = part.vertices[part.faces]
    normal = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0])
    level = np.abs(normal[:, 2]) > 0.98 * np.linalg.norm(normal, axis=1)
    flat = [shapely.Polygon(t[:, :2]) for t in tri[level]]
    whole = shapely.union_all([on_grid(p) for p in flat if p.is_valid and p.area > 1e-8])
    parts = [p for p in shapely.get_parts(whole) if p.geom_type == "Polygon"]
    if not parts:
        return None
    largest = shapely.simplify(max(parts, key=lambda p: float(p.area)), 0.002)
    return np.array(shapely.geometry.polygon.orient(largest).exterior.coords)[:-1]


def _cut(surfaces: tuple[Surface, ...], floor: float) -> list[tuple[str, Array]]:
    """Where walls, windows and furniture are cut at breast height, as short lines."""
    import trimesh

    out: list[tuple[str, Array]] = []
    for s in surfaces:
        mesh = trimesh.Trimesh(s.vertices, s.faces, process=False)
        lines = trimesh.intersections.mesh_plane(mesh, (0, 0, 1), (0, 0, floor + 1.2))
        if len(out) + len(lines) > 20_000:
            break
        kind = "window" if s.material == "glass" else "furniture" if s.name.startswith("furni") else "wall"
        out += [(kind, np.asarray(line)[:, :2]) for line in lines]
    return out


def _unused(name: str, taken: Any) -> str:
    used, number, out = set(taken), 2, name
    while out in used:
        out, number = f"{name}_{number}", number + 1
    return out
