"""Skinned meshes and animation clips of a glTF file: what a character is made of, checked before it is believed.

All in the file's own axes (y up) and unit, as it stands in the file's rest pose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array
from xrlab.room.gltf.accessors import Accessors
from xrlab.room.gltf.container import DRACO, Folder, Gltf, Untrue, object_of
from xrlab.room.gltf.looks import BASE, Look, Looks, Lying, on_picture
from xrlab.room.gltf.scene import local_matrix, painted, rotations

MAX_TRIANGLES = 200_000
MAX_BONES = 500
MAX_CLIPS = 200
MAX_KEYS = 20_000
MAX_CLIP_S = 60.0
SAMPLES_A_SECOND = 30
_FARTHEST = 1e5
_TRIANGLES = 4
_PATHS = {"translation": 3, "rotation": 4, "scale": 3}


@dataclass(frozen=True)
class Clip:
    """An animation: its instants (t,) from 0 on, and the world matrices (t, nodes, 4, 4) of all nodes then."""

    times: Array
    world: Array


@dataclass(frozen=True)
class Skinned:
    """All skinned meshes of a file as one.

    vertices, normals (n, 3); faces (m, 3); colors (n, 3) sRGB. bones (n, 4): nodes that each vertex hangs on, by
    weights (n, 4) that sum to 1. names, parents (-1: none) and world matrices (4, 4) of the file's nodes. skeleton:
    which nodes are bones. clips by their names.
    """

    vertices: Array
    normals: Array
    faces: NDArray[np.int64]
    colors: NDArray[np.uint8]
    bones: NDArray[np.int64]
    weights: Array
    names: tuple[str, ...]
    parents: tuple[int, ...]
    world: Array
    skeleton: frozenset[int]
    clips: dict[str, Clip]


def read_skinned(raw: bytes, folder: Folder) -> Skinned:
    """The skinned meshes and clips of a glTF file; raises `Untrue` where it is wrong or has none."""
    with np.errstate(all="ignore"):  # numbers that overflow are found and told of
        return _Reader(Gltf(raw, folder)).read()


class _Reader:
    def __init__(self, gltf: Gltf) -> None:
        self.gltf, self.accessors, self.looks = gltf, Accessors(gltf), Looks(gltf)
        self.nodes = dict(gltf.parts("nodes"))
        self.names = tuple(str(n.get("name") or f"node {i}")[:200] for i, n in self.nodes.items())
        parents = [-1] * len(self.nodes)
        for i, node in self.nodes.items():
            for child in node.get("children", []):
                parents[child] = i
        self.parents = tuple(parents)
        self.order = self._outwards()
        self.local = np.array([local_matrix(n, self.names[i]) for i, n in self.nodes.items()]).reshape(-1, 4, 4)
        self.world = self._placed(self.local)
        self.parts: list[tuple[Array, Array, NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64], Array]] = []
        self.triangles = 0
        self.skeleton: set[int] = set()

    def _outwards(self) -> list[int]:
        order = [i for i, p in enumerate(self.parents) if p < 0]
        for node in order:
            order += self.nodes[node].get("children", [])
        return order

    def _placed(self, local: Array) -> Array:
        """World matrices (nodes, 4, 4) from those to each one's parent."""
        world = local.copy()
        for node in self.order:
            if self.parents[node] >= 0:
                world[node] = world[self.parents[node]] @ local[node]
        return world

    def read(self) -> Skinned:
        for number, node in self.nodes.items():
            if "mesh" in node and "skin" in node:
                self._mesh(number, node)
        if not self.parts:
            raise Untrue("holds no mesh with a skin; a character is a mesh that hangs on bones, exported with its skin")
        for number, node in self.nodes.items():
            if "mesh" in node and "skin" not in node and self._bone_of(number) >= 0:
                self._mesh(number, node)
        start = 0
        faces = []
        for part in self.parts:
            faces.append(part[2] + start)
            start += len(part[0])
        vertices, normals, _, colors, bones, weights = (np.concatenate(p) for p in zip(*self.parts, strict=True))
        if not (np.isfinite(vertices).all() and np.isfinite(self.world).all() and np.abs(vertices).max() < _FARTHEST):
            raise Untrue("has vertices that are not finite numbers, or are 100 km away; export it again")
        return Skinned(
            vertices, normals, np.concatenate(faces), colors, bones, weights, self.names, self.parents, self.world,
            frozenset(self.skeleton), self._clips(),
        )  # fmt: skip

    def _bone_of(self, node: int) -> int:
        """The bone that a node hangs on; -1 for none."""
        while node >= 0 and node not in self.skeleton:
            node = self.parents[node]
        return node

    # --- meshes ---------------------------------------------------------------------------------------

    def _mesh(self, number: int, node: dict[str, Any]) -> None:
        what = f"'{self.names[number]}'"
        mesh = self.gltf.part("meshes", node["mesh"], what)
        primitives = mesh.get("primitives", [])
        if not isinstance(primitives, list) or not all(isinstance(p, dict) for p in primitives):
            raise Untrue(f"{what} has primitives that are not a list of objects; export it again")
        bones, moves = self._skin(node, what) if "skin" in node else ([self._bone_of(number)], None)
        for said in primitives:
            if said.get("mode", _TRIANGLES) != _TRIANGLES:
                continue
            if DRACO in object_of(said, "extensions", what):
                raise Untrue(f"{what} is packed with Draco; export a character without it")
            self._primitive(said, np.array(bones), moves, self.world[number], what)

    def _skin(self, node: dict[str, Any], what: str) -> tuple[list[int], Array]:
        """The bones of a skin, and what brings its vertices from the bind pose to the rest pose by each of them."""
        skin = self.gltf.part("skins", node["skin"], what)
        bones = skin.get("joints")
        if not isinstance(bones, list) or not bones or not all(type(b) is int and b in self.nodes for b in bones):
            raise Untrue(f"the skin of {what} hangs on nodes that don't exist; export it again")
        if len(bones) > MAX_BONES:
            raise Untrue(f"the skin of {what} has {len(bones)} bones; a character may have {MAX_BONES}")
        if "inverseBindMatrices" not in skin:
            raise Untrue(f"the skin of {what} has no inverse bind matrices; export it again")
        flat = self.accessors.numbers(skin["inverseBindMatrices"], f"the skin of {what}", columns=(16,))
        if len(flat) < len(bones):
            raise Untrue(f"the skin of {what} has {len(flat)} inverse bind matrices for {len(bones)} bones")
        inverse = flat[: len(bones)].reshape(-1, 4, 4).transpose(0, 2, 1)
        size = np.linalg.det(inverse[:, :3, :3])
        if not (np.isfinite(inverse).all() and (np.abs(size) > 1e-12).all()):
            raise Untrue(f"the skin of {what} has an inverse bind matrix that cannot be inverted; export it again")
        self.skeleton.update(bones)
        return bones, self.world[bones] @ inverse

    def _primitive(
        self, said: dict[str, Any], bones: NDArray[np.int64], moves: Array | None, placed: Array, what: str
    ) -> None:
        attributes = object_of(said, "attributes", what)
        if "POSITION" not in attributes:
            return
        vertices = self.accessors.numbers(attributes["POSITION"], what, columns=(3,))
        count = len(vertices)
        index = self.accessors.indices(said["indices"], what) if "indices" in said else np.arange(count)
        faces = index[: len(index) // 3 * 3].reshape(-1, 3)
        self.triangles += len(faces)
        if self.triangles > MAX_TRIANGLES:
            raise Untrue(f"holds more than {MAX_TRIANGLES:,} triangles; a character needs a tenth of that")
        if not len(faces):
            return
        if faces.max() >= count:
            raise Untrue(f"{what} has triangles of vertices that don't exist; export it again")
        if moves is None:
            hung, weights = np.repeat(bones, 4 * count).reshape(-1, 4), np.tile((1.0, 0.0, 0.0, 0.0), (count, 1))
            matrices = np.broadcast_to(placed, (count, 4, 4))
        else:
            hung, weights = self._weights(attributes, count, len(bones), what)
            matrices = np.einsum("nk,nkij->nij", weights, moves[hung])
            hung = bones[hung]
        normals = self._normals(attributes, vertices, faces, what)
        at = np.einsum("nij,nj->ni", matrices[:, :3, :3], vertices) + matrices[:, :3, 3]
        turned = np.einsum("nij,nj->ni", matrices[:, :3, :3], normals)
        turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12)
        look = self.looks.look(said.get("material"), what)
        self.parts.append((at, turned, faces, self._colors(attributes, look, count, what), hung, weights))

    def _weights(
        self, attributes: dict[str, Any], count: int, bones: int, what: str
    ) -> tuple[NDArray[np.int64], Array]:
        """The four bones, by their number in the skin, that each vertex hangs on most, and by how much."""
        index, share = [], []
        for k in range(2):
            if f"JOINTS_{k}" not in attributes or f"WEIGHTS_{k}" not in attributes:
                continue
            index.append(self.accessors.numbers(attributes[f"JOINTS_{k}"], f"{what}'s bones", columns=(4,)))
            share.append(self.accessors.numbers(attributes[f"WEIGHTS_{k}"], f"{what}'s weights", columns=(4,)))
        if not index:
            raise Untrue(f"{what} has a skin but no weights; export it again")
        if any(len(part) != count for part in (*index, *share)):
            raise Untrue(f"{what} has not as many weights as vertices; export it again")
        hung, weights = np.concatenate(index, axis=1).astype(np.int64), np.concatenate(share, axis=1)
        weighs = weights != 0.0
        if hung.min() < 0 or (weighs & (hung >= bones)).any():
            raise Untrue(f"{what} hangs on bone {int(hung.max())}, its skin has {bones}; export it again")
        if not np.isfinite(weights).all() or weights.min() < 0 or (weights.sum(axis=1) <= 0).any():
            raise Untrue(f"{what} has weights that are below 0, no numbers, or 0 for all bones; export it again")
        hung = np.where(weighs, hung, 0)
        best = np.argsort(-weights, axis=1, kind="stable")[:, :4]
        weights = np.take_along_axis(weights, best, axis=1)
        return np.take_along_axis(hung, best, axis=1), weights / weights.sum(axis=1, keepdims=True)

    def _normals(self, attributes: dict[str, Any], vertices: Array, faces: NDArray[np.int64], what: str) -> Array:
        if "NORMAL" in attributes:
            normals = self.accessors.numbers(attributes["NORMAL"], what, columns=(3,))
            if len(normals) == len(vertices) and np.isfinite(normals).all():
                return normals
        flat = np.cross(vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]])
        out = np.zeros_like(vertices)
        for k in range(3):
            np.add.at(out, faces[:, k], flat)
        return out

    def _colors(self, attributes: dict[str, Any], look: Look, count: int, what: str) -> NDArray[np.uint8]:
        """The colour (count, 3) of each vertex: the material's, its texture's at that place, the vertex' own."""
        own = np.ones((count, 4))
        if "COLOR_0" in attributes:
            own = self.accessors.numbers(attributes["COLOR_0"], what, columns=(3, 4))
        lying = look.lying.get(BASE, Lying())
        key = f"TEXCOORD_{lying.uv_set}"
        if look.picture is not None and key in attributes:
            uv = self.accessors.numbers(attributes[key], what, columns=(2,))
            if len(uv) == count:
                uv = on_picture(uv, lying, what) % 1.0
                high, wide = look.picture.shape[:2]
                row = np.minimum(((1.0 - uv[:, 1]) * high).astype(int), high - 1)
                texel = look.picture[row, np.minimum((uv[:, 0] * wide).astype(int), wide - 1), :3] / 255.0
                linear = np.where(texel <= 0.04045, texel / 12.92, ((texel + 0.055) / 1.055) ** 2.4)
                own = np.column_stack((linear * own[:, :3], np.ones(count))) if len(own) == count else linear
        if len(own) != count:
            raise Untrue(f"{what} has not as many colours as vertices; export it again")
        return painted(own, look)

    # --- clips ----------------------------------------------------------------------------------------

    def _clips(self) -> dict[str, Clip]:
        found: dict[str, Clip] = {}
        for number, said in self.gltf.parts("animations"):
            if number >= MAX_CLIPS:
                raise Untrue(f"has more than {MAX_CLIPS} animations; a character needs a dozen")
            name = str(said.get("name") or f"animation {number}")[:200]
            found.setdefault(name, self._clip(said, f"the animation '{name[:60]}'"))
        return found

    def _clip(self, said: dict[str, Any], what: str) -> Clip:
        channels, samplers = said.get("channels"), said.get("samplers")
        for part in (channels, samplers):
            if not isinstance(part, list) or not all(isinstance(p, dict) for p in part):
                raise Untrue(f"{what} has channels or samplers that are not lists of objects; export it again")
        assert isinstance(channels, list)
        tracks: list[tuple[int, str, Array, Array, bool]] = []
        end = 0.0
        for channel in channels:
            target = object_of(channel, "target", what)
            node, path, number = target.get("node"), target.get("path"), channel.get("sampler")
            if path not in _PATHS or node is None:
                continue  # shapes of faces, and what other extensions move
            if type(node) is not int or node not in self.nodes or type(number) is not int:
                raise Untrue(f"{what} moves a node that doesn't exist; export it again")
            if not 0 <= number < len(samplers):  # type: ignore[arg-type]
                raise Untrue(f"{what} names a sampler that doesn't exist; export it again")
            times, values, steps = self._sampled(samplers[number], _PATHS[path], what)  # type: ignore[index]
            tracks.append((node, path, times, values, steps))
            end = max(end, float(times[-1]))
        count = max(1, min(round(end * SAMPLES_A_SECOND) + 1, round(MAX_CLIP_S * SAMPLES_A_SECOND)))
        at = np.linspace(0.0, end, count)
        return Clip(at, np.array([self._placed(local) for local in self._moved(tracks, at, what)]))

    def _sampled(self, said: dict[str, Any], columns: int, what: str) -> tuple[Array, Array, bool]:
        for key in ("input", "output"):
            if self.accessors.count(said.get(key), what) > 3 * MAX_KEYS:
                raise Untrue(f"{what} has more than {MAX_KEYS:,} keys; sample it less often")
        times = self.accessors.numbers(said.get("input"), what, columns=(1,))[:, 0]
        values = self.accessors.numbers(said.get("output"), what, columns=(columns,))
        way = said.get("interpolation", "LINEAR")
        if way == "CUBICSPLINE":
            values = values[1::3]  # the values, without the tangents beside each
        if not len(times) or len(values) != len(times) or not (np.diff(times) >= 0).all():
            raise Untrue(f"{what} has instants and values that don't belong together; export it again")
        if not (np.isfinite(times).all() and np.isfinite(values).all() and times[0] >= 0 and times[-1] <= 3600):
            raise Untrue(f"{what} has keys that are no finite numbers, or later than an hour; export it again")
        return times, values, way == "STEP"

    def _moved(self, tracks: list[tuple[int, str, Array, Array, bool]], at: Array, what: str) -> Array:
        """Matrices (t, nodes, 4, 4) to each node's parent at these instants."""
        out = np.repeat(self.local[None], len(at), axis=0)
        by_node: dict[int, dict[str, Array]] = {}
        for node, path, times, values, steps in tracks:
            if "matrix" in self.nodes[node]:
                raise Untrue(f"{what} moves '{self.names[node]}', which has a matrix; export it again")
            by_node.setdefault(node, {})[path] = _values(times, values, steps, at)
        for node, moved in by_node.items():
            if "rotation" in moved or "scale" in moved:
                linear = self.local[node][:3, :3]
                size = np.linalg.norm(linear, axis=0)
                turn = rotations(moved["rotation"]) if "rotation" in moved else (linear / np.maximum(size, 1e-12))[None]
                out[:, node, :3, :3] = turn * (moved["scale"] if "scale" in moved else size[None])[:, None, :]
            if "translation" in moved:
                out[:, node, :3, 3] = moved["translation"]
        return out


def _values(times: Array, values: Array, steps: bool, at: Array) -> Array:
    after = np.clip(np.searchsorted(times, at, side="right"), 1, max(1, len(times) - 1))
    if len(times) == 1:
        return np.repeat(values, len(at), axis=0)
    before = after - 1
    span = np.maximum(times[after] - times[before], 1e-9)
    f = np.clip((at - times[before]) / span, 0.0, 1.0)[:, None]
    if steps:
        f = np.floor(f)
    a, b = values[before], values[after]
    if values.shape[1] == 4:  # turns go the short way round
        b = np.where((a * b).sum(axis=1, keepdims=True) < 0, -b, b)
    return np.asarray(a + (b - a) * f)
