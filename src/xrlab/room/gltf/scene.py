"""From a glTF file to surfaces of the world, z up, with all that its nodes mark: doors, zones, points, lamps, cameras.

An own reader of what a room needs, since what packs a file (meshopt, Draco, instances, KTX2) has to be undone
before any other reader could have it, and since names and custom properties of nodes must stay with their meshes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.room.gltf.accessors import Accessors
from xrlab.room.gltf.container import DRACO, Folder, Gltf, Untrue, number_of, numbers_of, object_of
from xrlab.room.gltf.looks import BASE, Look, Looks, Lying, on_picture, pictured
from xrlab.room.gltf.marks import Finds, Marks, Placed, check_companions, kind_of, material_of
from xrlab.room.lamps import solid_angle
from xrlab.room.materials import MATERIALS, by_name
from xrlab.room.model import Surface

MAX_TRIANGLES = 5_000_000
MAX_SURFACES = 20_000
MAX_COPIES = 500_000
FARTHEST = 1e7

_TRIANGLES, _STRIP, _FAN = 4, 5, 6
_COPIES = "EXT_mesh_gpu_instancing"
_COPIED = {"TRANSLATION": 3, "ROTATION": 4, "SCALE": 3}
_FOV_Y = math.radians(58.0)
_OWN_MESH = ("xrlab_zone", "xrlab_door")
_Mark = tuple[Placed, str, list[Surface]]


@dataclass(frozen=True)
class _Primitive:
    """A primitive in its own frame, only the vertices that its triangles use.

    uv: how the base colour's picture lies, or the first other. uvs: how those lie that lie otherwise.
    """

    vertices: Array
    faces: NDArray[np.int64]
    normals: Array | None
    uv: Array | None
    uvs: dict[str, Array]
    colors: Array | None
    look: Look


@dataclass(frozen=True)
class _Step:
    """A node to be visited: its number, its parent's matrix, what it inherits."""

    node: int
    matrix: Array
    material: str | None
    within: int | None


def read_gltf(raw: bytes, folder: Folder, turn: Array, default: str) -> tuple[list[Surface], Finds, list[str]]:
    """Surfaces, marks and remarks of a glTF file; raises `Untrue` or `Misplaced` where it is wrong.

    turn: (4, 4) from the file's axes to the world's. default: material of what names none.
    """
    reader = _Reader(Gltf(raw, folder), turn, default)
    try:
        return reader.read()
    finally:
        reader.looks.end()


class _Reader:
    def __init__(self, gltf: Gltf, turn: Array, default: str) -> None:
        self.gltf, self.turn, self.default = gltf, turn, default
        self.accessors, self.looks = Accessors(gltf), Looks(gltf)
        self.nodes = dict(gltf.parts("nodes"))
        self.surfaces: list[Surface] = []
        self.remarks: list[str] = []
        self.marks = Marks()
        self._read: dict[tuple[int, int], _Primitive | None] = {}
        self._marked: list[_Mark] = []
        self._triangles = 0
        self._made = self._copies = 0
        self._glass: dict[str, None] = {}
        self._spoken: dict[str, str | None] = {}

    def read(self) -> tuple[list[Surface], Finds, list[str]]:
        steps = [_Step(n, self.turn, None, None) for n in reversed(self._roots())]
        self.looks.begin(self._used_materials())
        while steps:
            steps += self._visit(steps.pop())
        for placed, kind, surfaces in self._marked:
            self.marks.mark(replace(placed, surfaces=tuple(surfaces)), kind)
        if self._glass:
            names = ", ".join(list(self._glass)[:5]) + (" …" if len(self._glass) > 5 else "")
            self.remarks.append(f"what is see-through and names no material is taken for glass: {names}")
        return self.surfaces, self.marks.finds, [*self.remarks, *self.looks.remarks]

    def _roots(self) -> list[int]:
        scenes = dict(self.gltf.parts("scenes"))
        if not scenes:
            children = {c for n in self.nodes.values() for c in n.get("children", [])}
            return [n for n in self.nodes if n not in children]
        chosen = self.gltf.part("scenes", self.gltf.data.get("scene", 0), "the file")
        roots = chosen.get("nodes", [])
        if not isinstance(roots, list) or not all(type(n) is int and n in self.nodes for n in roots):
            raise Untrue("its scene names nodes that don't exist; export it again")
        if len(set(roots)) < len(roots):
            raise Untrue("its scene names a node twice; glTF nodes form trees")
        return roots

    def _visit(self, step: _Step) -> list[_Step]:
        """Takes up a node; returns its children, the first last."""
        node = self.nodes[step.node]
        name = str(node.get("name") or self._mesh_name(node) or f"node {step.node}")[:200]
        matrix = step.matrix @ local_matrix(node, name)
        extras = self._extras(node)
        kind = kind_of(name, extras)
        placed = Placed(name, extras, matrix, ())
        lit = "KHR_lights_punctual" in object_of(node, "extensions", f"'{name}'")
        check_companions(name, extras, kind or ("xrlab_light" if lit else None))
        material = material_of(f"'{name}'", extras) or step.material
        within = step.within
        if lit:
            self._light(placed, node)
        elif kind:
            self._near(placed)
            self._marked.append((placed, kind, []))
            within = len(self._marked) - 1
        if "camera" in node:
            self._camera(placed, node["camera"])
        if "mesh" in node:
            seen_through = dict(self._glass)
            own = self._mesh(name, node, matrix, material)
            if within is not None:
                self._marked[within][2].extend(own)
            if within is None or self._marked[within][1] not in _OWN_MESH:
                self.surfaces += own
            else:
                self._glass = seen_through
        return [_Step(c, matrix, material, within) for c in reversed(node.get("children", []))]

    def _used_materials(self) -> list[Any]:
        """Materials of the meshes that nodes name, as the file says it, in the nodes' order."""
        meshes = dict(self.gltf.parts("meshes"))
        numbers = [n.get("mesh") for n in self.nodes.values()]
        primitives = [
            meshes[n].get("primitives") for n in dict.fromkeys(x for x in numbers if isinstance(x, int)) if n in meshes
        ]
        return [p.get("material") for each in primitives if isinstance(each, list) for p in each if isinstance(p, dict)]

    def _mesh_name(self, node: dict[str, Any]) -> str:
        if "mesh" not in node:
            return ""
        return str(self.gltf.part("meshes", node["mesh"], "a node").get("name") or "")

    def _extras(self, node: dict[str, Any]) -> dict[str, Any]:
        """Custom properties of a node and, where it has none of that name, of its mesh."""
        parts = [node]
        if "mesh" in node:
            parts.insert(0, self.gltf.part("meshes", node["mesh"], "a node"))
        found: dict[str, Any] = {}
        for part in parts:
            extras = part.get("extras")
            if isinstance(extras, dict):
                found |= extras
        return found

    # --- meshes ---------------------------------------------------------------------------------------

    def _mesh(self, name: str, node: dict[str, Any], matrix: Array, material: str | None) -> list[Surface]:
        number = node["mesh"]
        mesh = self.gltf.part("meshes", number, f"'{name}'")
        primitives = mesh.get("primitives", [])
        if not isinstance(primitives, list) or not all(isinstance(p, dict) for p in primitives):
            raise Untrue(f"mesh {number} has primitives that are not a list of objects; export it again")
        copies: Array | None = None
        number_of_copies = self._number_of_copies(name, node)
        out = []
        for index, said in enumerate(primitives):
            if (number, index) not in self._read:
                self._read[number, index] = self._primitive(said, name)
            primitive = self._read[number, index]
            if primitive is None:
                continue
            self._made += 1
            if self._made > MAX_SURFACES:
                raise Untrue(f"draws more than {MAX_SURFACES:,} parts; join them before exporting")
            self._count(len(primitive.faces) * (1 if number_of_copies is None else number_of_copies))
            if copies is None and number_of_copies is not None:
                copies = self._instances(name, node, number_of_copies)
            matrices = matrix[None] if copies is None else matrix @ copies
            surface = self._placed(name, primitive, matrices, material)
            if surface is not None:
                out.append(surface)
        return out

    def _count(self, more: int) -> None:
        self._triangles += more
        if self._triangles > MAX_TRIANGLES:
            raise Untrue(f"holds more than {MAX_TRIANGLES:,} triangles; make it simpler first")

    def _primitive(self, said: dict[str, Any], name: str) -> _Primitive | None:
        """One primitive as triangles; None for what has no surface: lines, points, triangles without area."""
        what = f"'{name}'"
        mode = said.get("mode", _TRIANGLES)
        if mode not in (_TRIANGLES, _STRIP, _FAN):
            return None
        attributes = object_of(said, "attributes", what)
        if "POSITION" not in attributes:
            return None
        look = self.looks.look(said.get("material"), what)
        packed = DRACO in object_of(said, "extensions", what)
        if packed:
            faces, found = self.accessors.draco(said, what)
            count = len(found.get("POSITION", ()))
        else:
            count = self.accessors.count(attributes["POSITION"], what)
            faces, found = self._faces(said, mode, count, what), {}
        if not len(faces):
            return None
        if faces.max() >= count:
            raise Untrue(f"{what} has triangles of vertices that don't exist; export it again")
        used, faces = _compact(faces, count)

        def values(key: str, *columns: int) -> Array | None:
            if key not in attributes:
                return None
            if packed and key in found:
                return found[key][used]
            return self.accessors.numbers(attributes[key], f"{what}'s {key}", columns=columns, rows=used)

        vertices = values("POSITION", 3)
        if vertices is None or vertices.shape[1] != 3:
            raise Untrue(f"{what} is not made of triangles in space; export it again")
        look, uv, uvs = self._lain(look, lambda number: values(f"TEXCOORD_{number}", 2), what)
        colors = values("COLOR_0", 3, 4)
        faces = faces[_has_area(vertices, faces)]
        if not len(faces):
            return None
        return _Primitive(
            vertices, faces, values("NORMAL", 3), uv, uvs,
            None if colors is None or np.allclose(colors[:, :3], 1.0, atol=0.002) else colors, look,
        )  # fmt: skip

    def _lain(
        self, look: Look, values: Callable[[int], Array | None], what: str
    ) -> tuple[Look, Array | None, dict[str, Array]]:
        """The look with those pictures for which there are coordinates, and the coordinates (n, 2)."""
        known: dict[Lying, Array | None] = {}
        for lying in look.lying.values():
            if lying not in known:
                given = values(lying.uv_set)
                known[lying] = None if given is None else on_picture(given, lying, what)
        missing = [name for name, lying in look.lying.items() if known[lying] is None]
        if missing:
            maps = pictured(look.maps, {n: p for n, p in look.maps.pictures.items() if n not in missing})
            if "glow" in missing:
                maps = replace(maps, shines=(0.0, 0.0, 0.0))
            lying_else = {name: lying for name, lying in look.lying.items() if name not in missing}
            look = replace(look, picture=None if BASE in missing else look.picture, maps=maps, lying=lying_else)
        if not look.lying:
            return look, None, {}
        first = look.lying.get(BASE) or next(iter(look.lying.values()))
        uvs = {name: known[lying] for name, lying in look.lying.items() if lying != first}
        return look, known[first], {name: uv for name, uv in uvs.items() if uv is not None}

    def _faces(self, said: dict[str, Any], mode: int, count: int, what: str) -> NDArray[np.int64]:
        corners = self.accessors.count(said["indices"], what) if "indices" in said else count
        if self._triangles + corners // 3 > MAX_TRIANGLES:
            raise Untrue(f"holds more than {MAX_TRIANGLES:,} triangles; make it simpler first")
        index = (
            self.accessors.indices(said["indices"], f"{what}'s indices") if "indices" in said else np.arange(corners)
        )
        if mode == _TRIANGLES:
            return index[: len(index) // 3 * 3].reshape(-1, 3)
        if len(index) < 3:
            return np.zeros((0, 3), np.int64)
        a, b, c = index[:-2], index[1:-1], index[2:]
        if mode == _FAN:
            return np.column_stack((np.full_like(a, index[0]), b, c))
        odd = np.arange(len(a)) % 2 == 1
        return np.column_stack((np.where(odd, b, a), np.where(odd, a, b), c))

    def _number_of_copies(self, name: str, node: dict[str, Any]) -> int | None:
        """How many copies EXT_mesh_gpu_instancing makes of a node's mesh; None where it has none to say."""
        what = f"'{name}'"
        said = object_of(object_of(node, "extensions", what), _COPIES, what)
        if not said:
            return None
        given = object_of(said, "attributes", what)
        counts = {self.accessors.count(given[k], what) for k in _COPIED if k in given}
        if len(counts) != 1:
            raise Untrue(f"{what} has copies whose places, turns and sizes are not of one number; export it again")
        (count,) = counts
        self._copies += count
        if self._copies > MAX_COPIES:
            raise Untrue(f"has more than {MAX_COPIES:,} copies of its meshes; make it simpler first")
        return count

    def _instances(self, name: str, node: dict[str, Any], count: int) -> Array:
        """Matrices (count, 4, 4) of the copies of a node's mesh."""
        given = node["extensions"][_COPIES]["attributes"]
        parts = {
            k: self.accessors.numbers(given[k], f"'{name}'s {k}", columns=(columns,))
            for k, columns in _COPIED.items()
            if k in given
        }
        out = np.tile(np.eye(4), (count, 1, 1))
        if "ROTATION" in parts:
            out[:, :3, :3] = rotations(parts["ROTATION"])
        if "SCALE" in parts:
            out[:, :3, :3] *= parts["SCALE"][:, None, :]
        if "TRANSLATION" in parts:
            out[:, :3, 3] = parts["TRANSLATION"]
        return out

    def _placed(self, name: str, part: _Primitive, matrices: Array, material: str | None) -> Surface | None:
        """A primitive's copies as one surface of the world; None if no triangle of them has an area."""
        linear = matrices[:, :3, :3]
        vertices = np.einsum("kij,nj->kni", linear, part.vertices) + matrices[:, None, :3, 3]
        if not (np.isfinite(part.vertices).all() and np.isfinite(vertices).all()):
            raise Untrue(f"'{name}' has vertices that are not finite numbers; export it again")
        if max(np.abs(part.vertices).max(initial=0), np.abs(vertices).max(initial=0)) > FARTHEST:
            raise Untrue(f"'{name}' has vertices more than 10,000 km away; its numbers are damaged")
        mirrored = np.linalg.det(linear) < 0  # keep outsides outside
        faces = np.where(mirrored[:, None, None], part.faces[:, ::-1], part.faces)
        faces = (faces + (np.arange(len(matrices)) * len(part.vertices))[:, None, None]).reshape(-1, 3)
        flat = vertices.reshape(-1, 3)
        if not np.linalg.det(linear).all():  # flattened: some triangles may have no area any more
            faces = faces[_has_area(flat, faces)]
        if not len(faces):
            return None
        copies, look = len(matrices), part.look
        made_of = self._material(name, look, material)
        if look.bare and (made_of != self.default or material):
            own = MATERIALS[made_of]
            look = replace(look, color=own.color, roughness=own.roughness, metallic=own.metallic)
        uvs = {key: np.tile(uv, (copies, 1)) for key, uv in part.uvs.items()}
        return Surface(
            name, flat, faces.astype(np.int32), made_of, look.color, look.roughness,
            look.metallic, None if part.uv is None else np.tile(part.uv, (copies, 1)), look.picture,
            _turned(part.normals, linear), look.name,
            None if part.colors is None else np.tile(painted(part.colors, look), (copies, 1)),
            maps=replace(look.maps, uvs=uvs) if uvs else look.maps, one_sided=look.one_sided,
        )  # fmt: skip

    def _material(self, name: str, look: Look, said: str | None) -> str:
        found = said or look.said or self._named(look.name) or self._named(name)
        if found is None and look.clear:
            self._glass[look.name or name] = None
            return "glass"
        return found or self.default

    def _named(self, name: str) -> str | None:
        plain = re.sub(r"[0-9]+", "", name)  # thousands of nodes are called "Cube.001" and so on
        if plain not in self._spoken:
            self._spoken[plain] = by_name(plain)
        return self._spoken[plain]

    # --- cameras and lamps ----------------------------------------------------------------------------

    def _camera(self, placed: Placed, number: Any) -> None:
        what = f"'{placed.name}'"
        camera = self.gltf.part("cameras", number, what)
        perspective = object_of(camera, "perspective", what)
        fov = number_of(perspective.get("yfov"), _FOV_Y, what)
        self._near(placed)
        self.marks.view(placed, fov if 0.05 < fov < 3.0 else _FOV_Y)

    def _light(self, placed: Placed, node: dict[str, Any]) -> None:
        """A lamp of KHR_lights_punctual: candela times the solid angle that it shines into makes lumens."""
        what = f"'{placed.name}'"
        number = object_of(node["extensions"], "KHR_lights_punctual", what).get("light")
        lights = object_of(object_of(self.gltf.data, "extensions", "the file"), "KHR_lights_punctual", "the file").get(
            "lights"
        )
        if not isinstance(lights, list) or type(number) is not int or not 0 <= number < len(lights):
            raise Untrue(f"{what} names a light that is missing; export it again")
        light = lights[number]
        if not isinstance(light, dict):
            raise Untrue(f"{what} has a light that is no object; export it again")
        r, g, b = (min(1.0, max(0.0, v)) for v in numbers_of(light.get("color"), (1.0, 1.0, 1.0), what))
        intensity = max(0.0, number_of(light.get("intensity"), 1.0, what))
        self._near(placed)
        if light.get("type") == "directional":
            self.marks.sun(placed, (r, g, b), intensity)
            return
        if light.get("type") == "spot":
            spot = object_of(light, "spot", what)
            outer = min(max(number_of(spot.get("outerConeAngle"), math.pi / 4, what), 0.0), math.pi / 2)
            inner = min(max(number_of(spot.get("innerConeAngle"), 0.0, what), 0.0), outer)
            self.marks.light(placed, (r, g, b), intensity * solid_angle((inner, outer)), "spot", (inner, outer))
        else:
            self.marks.light(placed, (r, g, b), intensity * 4 * math.pi, "point")

    def _near(self, placed: Placed) -> None:
        if not (np.isfinite(placed.matrix).all() and np.abs(placed.matrix).max() < FARTHEST):
            raise Untrue(f"'{placed.name}' stands at no finite place; export it again")


def _compact(faces: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The vertices out of `count` that triangles use, and the triangles by their numbers among those."""
    if count > 8 * faces.size:
        used, inverse = np.unique(faces, return_inverse=True)
        return used, inverse.reshape(-1, 3)
    taken = np.zeros(count, bool)
    taken[faces.ravel()] = True
    number = np.cumsum(taken) - 1
    return np.flatnonzero(taken), number[faces]


def _has_area(vertices: Array, faces: NDArray[np.int64]) -> NDArray[np.bool_]:
    a = vertices[faces[:, 0]]
    return np.asarray(np.cross(vertices[faces[:, 1]] - a, vertices[faces[:, 2]] - a).any(axis=1))


def local_matrix(node: dict[str, Any], name: str) -> Array:
    """A node's own matrix, to its parent's frame."""
    what = f"'{name}'"
    said = node.get("matrix")
    if said is not None:
        if not isinstance(said, list) or len(said) != 16 or not all(type(v) in (int, float) for v in said):
            raise Untrue(f"{what} has a matrix that is not of 16 numbers; export it again")
        return np.array(said, float).reshape(4, 4).T
    out = np.eye(4)
    parts = {
        key: _vector(node.get(key), default, what)
        for key, default in (("translation", (0.0,) * 3), ("rotation", (0.0, 0.0, 0.0, 1.0)), ("scale", (1.0,) * 3))
    }
    turn = rotations(parts["rotation"][None])[0] if "rotation" in node else np.eye(3)
    out[:3, :3] = turn * parts["scale"]
    out[:3, 3] = parts["translation"]
    return out


def _vector(value: Any, default: tuple[float, ...], what: str) -> Array:
    if value is None:
        return np.array(default)
    if not isinstance(value, list) or len(value) != len(default) or not all(type(v) in (int, float) for v in value):
        raise Untrue(f"{what} has {str(value)[:40]} where {len(default)} numbers are right; export it again")
    return np.array(value, float)


def rotations(quaternions: Array) -> Array:
    """Rotation matrices (n, 3, 3) of quaternions (n, 4), x y z w."""
    length = np.linalg.norm(quaternions, axis=1, keepdims=True)
    x, y, z, w = (quaternions / np.where(length > 1e-12, length, 1.0)).T
    return np.stack(
        (
            np.stack((1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)), axis=1),
            np.stack((2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)), axis=1),
            np.stack((2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)), axis=1),
        ),
        axis=1,
    )


def _turned(normals: Array | None, linear: Array) -> Array | None:
    """Normals (n, 3) of all copies (k, 3, 3) in the world, of length 1; None where the file has none to use."""
    if normals is None or not np.isfinite(normals).all():
        return None
    # by the matrix of cofactors, which is the inverse transposed times the determinant: no flat scale breaks it
    a, b, c = linear[:, :, 0], linear[:, :, 1], linear[:, :, 2]
    cofactors = np.stack((np.cross(b, c), np.cross(c, a), np.cross(a, b)), axis=2)
    signs = np.where(np.linalg.det(linear) < 0, -1.0, 1.0)
    turned = np.einsum("kij,nj->kni", cofactors * signs[:, None, None], normals).reshape(-1, 3)
    length = np.linalg.norm(turned, axis=1, keepdims=True)
    if not (np.isfinite(length).all() and length.min(initial=1.0) > 1e-30):
        return None
    return np.asarray(turned / length)


def painted(colors: Array, look: Look) -> NDArray[np.uint8]:
    """Linear colours at vertices, times the material's own, as sRGB bytes (n, 3)."""
    own = np.array(look.color[:3])
    linear = np.where(own <= 0.04045, own / 12.92, ((own + 0.055) / 1.055) ** 2.4)
    c = np.clip(np.nan_to_num(colors[:, :3]) * linear, 0.0, 1.0)
    srgb = np.where(c <= 0.0031308, 12.92 * c, 1.055 * np.maximum(c, 1e-9) ** (1 / 2.4) - 0.055)
    return np.round(srgb * 255).astype(np.uint8)
