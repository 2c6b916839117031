"""Rooms from mesh files: glTF by xrlab's own reader, OBJ, PLY, STL and OFF by trimesh; checked before believed."""

from __future__ import annotations

import fnmatch
import io
import logging
import math
import os
import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from xrlab.document import Document
from xrlab.errors import InputError, Problem, meant
from xrlab.geometry.transforms import Array
from xrlab.room.gltf.container import Untrue
from xrlab.room.gltf.marks import Finds, Misplaced
from xrlab.room.gltf.pictures import Pictures, Unseen, oversized
from xrlab.room.gltf.scene import read_gltf
from xrlab.room.layout import Mesh
from xrlab.room.materials import DEFAULT, MATERIALS, by_name
from xrlab.room.model import NO_MAPS, Maps, Room, Surface

MAX_BYTES = 500_000_000
MAX_TEXT_BYTES = 120_000_000
"""OBJ, OFF and other text takes some thirty times its length in memory while it is read."""
MAX_TRIANGLES = 5_000_000

_TO_Z_UP = np.array([[1.0, 0, 0, 0], [0, 0, -1.0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1.0]])
_GLTF = (".glb", ".gltf")
_SILENT = logging.NullHandler()
_LEANS, _DEEPER = 2.0, 1.5
_CUT_M = 1.2
_MOST_LINES = 20_000


@dataclass(frozen=True)
class MeshFile:
    """What a mesh file holds, z up, in its own unit.

    surfaces: what is drawn and stops a bullet. finds: what its nodes mark (glTF). files: all that was read.
    remarks: what was left out, and what its author should look at.
    """

    surfaces: list[Surface]
    finds: Finds
    files: tuple[Path, ...]
    remarks: tuple[str, ...]


def load_mesh(path: Path) -> Room:
    """The Room that a mesh file holds: what is drawn, what stops a bullet, and, in a glTF, what its nodes mark."""
    found = read_mesh(path)
    floor = _floor_height(found.surfaces)
    room = Room(
        path.stem, tuple(found.surfaces), plan=_plan(found.surfaces, floor), floor=floor, source=str(path),
        files=found.files, remarks=found.remarks,
    )  # fmt: skip
    return found.finds.added_to(room)


def placed_mesh(document: Document, mesh: Mesh) -> MeshFile:
    """The mesh that a layout names, scaled, turned and moved as it says, with all that its nodes mark."""
    folder = document.path.parent
    try:
        path = _inside(folder, mesh.file)
    except Untrue:
        raise InputError(
            document.problem(("mesh", "file"), "the mesh must lie in the layout's own folder or below it")
        ) from None
    try:
        found = read_mesh(path, up=mesh.up, default=mesh.material or DEFAULT)
    except InputError as error:
        words = "; ".join(f"'{mesh.file}' {p.what}" for p in error.problems)
        raise InputError(document.problem(("mesh", "file"), words)) from None
    c, s = math.cos(math.radians(mesh.yaw_deg)), math.sin(math.radians(mesh.yaw_deg))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    placed = [
        replace(
            x,
            vertices=x.vertices * mesh.scale @ turn.T + np.array(mesh.at),
            normals=None if x.normals is None else x.normals @ turn.T,
        )
        for x in mapped(document, mesh, found.surfaces)
    ]
    return replace(found, surfaces=placed, finds=found.finds.placed(mesh.scale, math.radians(mesh.yaw_deg), mesh.at))


def mapped(document: Document, mesh: Mesh, surfaces: list[Surface]) -> list[Surface]:
    """The surfaces with the materials that the layout's `mesh.materials` gives them.

    A pattern may hold * and ?, whatever the case; the first that fits a part's name, or that of its material in
    the file, counts. Raises `InputError` for one that fits nothing, since then a curtain would stop bullets.
    """
    names = [tuple(n.lower() for n in (x.name, x.paint) if n) for x in surfaces]
    fits = {
        pattern: [any(fnmatch.fnmatchcase(n, pattern.lower()) for n in each) for each in names]
        for pattern in mesh.materials
    }
    known = list(dict.fromkeys(n for x in surfaces for n in (x.paint, x.name) if n))
    problems = [
        document.problem(
            ("mesh", "materials", pattern),
            f"no part or material of '{mesh.file}' is called '{pattern}'{meant(pattern, known)}",
            at_key=True,
        )
        for pattern, each in fits.items()
        if not any(each)
    ]
    if problems:
        raise InputError(problems)
    chosen = [next((mesh.materials[p] for p, each in fits.items() if each[k]), None) for k in range(len(surfaces))]
    return [x if m is None else replace(x, material=m) for x, m in zip(surfaces, chosen, strict=True)]


def read_mesh(path: Path, *, up: str | None = None, default: str = DEFAULT) -> MeshFile:
    """What a mesh file holds, z up, in the file's own unit; raises `InputError` where it is broken.

    up: the axis that points up in the file; glTF is y up by its definition, others z if None. default: the
    material of what names none.
    """
    suffix = path.suffix.lower()
    raw = raw_file(path, suffix)
    folder = Neighbours(path)
    turn = _TO_Z_UP if (up or ("y" if suffix in _GLTF else "z")) == "y" else np.eye(4)
    finds = Finds()
    with np.errstate(all="ignore"):  # numbers that overflow are found and told of
        if suffix in _GLTF:
            try:
                surfaces, finds, remarks = read_gltf(raw, folder, turn, default)
            except (Untrue, Misplaced) as error:
                raise _wrong(path, str(error)) from None
            folder.remarks += remarks
        else:
            surfaces = _by_trimesh(path, raw, folder, turn, default)
    if not surfaces:
        raise _wrong(path, "holds no triangles that have an area; a room needs surfaces")
    if up is None:
        folder.remarks += _leaning(surfaces, suffix)
    return MeshFile(surfaces, finds, (path, *folder.read), tuple(folder.remarks))


def _by_trimesh(path: Path, raw: bytes, folder: Neighbours, turn: Array, default: str) -> list[Surface]:
    surfaces: list[Surface] = []
    pictures, textures = Pictures(), dict[int, NDArray[np.uint8]]()
    count = 0
    for node, geometry, matrix in _parts_of(path, raw, folder):
        count += len(geometry.faces)
        if count > MAX_TRIANGLES:
            raise _wrong(path, f"holds more than {MAX_TRIANGLES:,} triangles; make it simpler first")
        try:
            surface = _surface(path, node, geometry, turn @ matrix, default, pictures, textures)
        except InputError:
            raise
        except Exception as error:  # what trimesh let through may have any shape
            raise _unreadable(path, error) from None
        if surface is not None:
            surfaces.append(surface)
    return surfaces


def _leaning(surfaces: list[Surface], suffix: str) -> list[str]:
    """A remark if the mesh is flat along y, and far more of it lies square to y than to z: it lies on its side."""
    low = np.min([s.vertices.min(axis=0) for s in surfaces], axis=0)
    x, y, z = np.max([s.vertices.max(axis=0) for s in surfaces], axis=0) - low
    if y > x or z < _DEEPER * y:
        return []
    flat, level = 0.0, 0.0
    for s in surfaces:
        tri = s.vertices[s.faces]
        normal = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0])
        twice = np.linalg.norm(normal, axis=1)
        flat += float(twice[np.abs(normal[:, 1]) > 0.97 * twice].sum())
        level += float(twice[np.abs(normal[:, 2]) > 0.97 * twice].sum())
    if flat < _LEANS * level:
        return []
    mend = "z" if suffix in _GLTF else "y"
    return [f"seems to lie on its side, with {mend} up in the file; is z up? A layout's mesh.up: {mend} mends that"]


def _wrong(path: Path, what: str) -> InputError:
    return InputError(Problem(str(path), 0, 0, what))


def raw_file(path: Path, suffix: str) -> bytes:
    """The content of a mesh file; raises `InputError` for one that is missing, empty or too large."""
    try:
        if path.is_dir():
            raise _wrong(path, "is a directory; a mesh file is needed")
        size = path.stat().st_size
        most = MAX_TEXT_BYTES if suffix in (".obj", ".off") else MAX_BYTES
        if size > most:
            what = f"is {size / 1e6:.0f} MB long; a {suffix} may have {most / 1e6:.0f} MB, so make it simpler"
            raise _wrong(path, what + ("" if suffix == ".glb" else " or export it as .glb"))
        if size == 0:
            raise _wrong(path, "is empty; a mesh is needed")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _wrong(path, "no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise _wrong(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if suffix == ".obj":
        faces, corners = (len(re.findall(kind, raw)) for kind in (rb"(?m)^f\s", rb"(?m)^v\s"))
        if faces > 50 * corners + 1000:
            raise _wrong(path, f"has {faces:,} faces of only {corners:,} vertices; it is damaged, export it again")
    return raw if suffix in _GLTF else _as_utf8(raw)


def _as_utf8(raw: bytes) -> bytes:
    """Text in an older encoding as UTF-8 (names in French often are), anything else as it is."""
    if b"\0" in raw[:4096] or raw[:3] == b"ply":
        return raw
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").encode()
    return raw


def _inside(folder: Path, name: str) -> Path:
    """The file that `name` means in a folder; raises `Untrue` if it lies, or a link of it leads, outside."""
    windows = PureWindowsPath(name)  # takes both kinds of slash, so a file means the same on every machine
    if windows.drive or windows.root or ".." in windows.parts or "://" in name or "\0" in name:
        raise Untrue(f"names a file outside its folder: {name[:80]!r}")
    path = folder.joinpath(*windows.parts)
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise Untrue(f"names a file that a link leads out of its folder: {name[:80]!r}")
    return path


class Neighbours:
    """Answers a mesh's wish for other files (trimesh's resolver): from its own folder, and nowhere else.

    OBJ files often name textures by a path of the machine they were made on; a file of that name that
    lies beside the mesh is taken then. What is missing is left out, with a remark.
    """

    def __init__(self, path: Path) -> None:
        self.folder, self.file_name = path.parent, path.name
        self.read: list[Path] = []
        self.remarks: list[str] = []

    def _path(self, name: str) -> Path:
        path = _inside(self.folder, name)
        return path if path.is_file() else _inside(self.folder, unquote(name))

    def size_of(self, uri: str) -> int | None:
        """Bytes of a file that a glTF names; None if it is missing; raises `Untrue` if it lies outside."""
        path = self._path(uri)
        return path.stat().st_size if path.is_file() else None

    def content(self, uri: str) -> bytes:
        """The content of a file that a glTF names; raises `Untrue` or OSError if there is none to be read."""
        path = self._path(uri)
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise Untrue(f"names a file that is missing or too large: {uri[:80]}")
        self.read.append(path)
        return path.read_bytes()

    def get(self, name: str) -> bytes:
        """The content of a file; raises OSError if there is none that may be read."""
        path: Path | None = None
        for said in (name, PureWindowsPath(name).name or "?"):
            try:
                path = self._path(said)
                break
            except Untrue:
                continue
        if path is None or not path.is_file() or path.stat().st_size > MAX_BYTES:
            self.remarks.append(f"names {name[:80]!r}, which is not in its folder; it is drawn without")
            raise FileNotFoundError(name)
        self.read.append(path)
        raw = path.read_bytes()
        if oversized(raw):  # Pillow makes room for a whole WebP when it opens one
            raise Unseen(f"{name[:80]!r} is too large a picture; make it 8192 x 8192 or smaller")
        return _as_utf8(raw) if path.suffix.lower() == ".mtl" else raw

    def __getitem__(self, name: str) -> bytes:
        return self.get(name)


def _parts_of(path: Path, raw: bytes, folder: Neighbours) -> list[tuple[str, Any, Array]]:
    """Name, geometry and matrix of each part of a mesh file that has triangles."""
    import trimesh
    from PIL.Image import DecompressionBombWarning

    suffix = path.suffix.lower()
    # what trimesh has to say of a picture that it can't load is said by remarks, in words for the room's author
    logging.getLogger("trimesh").addHandler(_SILENT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DecompressionBombWarning)
            scene = trimesh.load_scene(io.BytesIO(raw), file_type=suffix[1:], resolver=folder, process=False)
        out = []
        for node in scene.graph.nodes_geometry:
            matrix, name = scene.graph[node]
            geometry = scene.geometry[name]
            if len(getattr(geometry, "faces", ())):
                out.append((str(node), geometry, np.asarray(matrix, float)))
        return out
    except Exception as error:  # trimesh's loaders throw whatever their parsers throw
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> InputError:
    if isinstance(error, MemoryError):
        return _wrong(path, "is too large for this machine's memory; make it simpler")
    words = str(error).splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, ImportError):  # trimesh then looks for a package to guess the encoding of text
        words = "it is neither text nor of this format"
    return _wrong(path, f"cannot be read as {path.suffix.lower()}: {words[:160]}; export it again")


def _surface(
    path: Path, node: str, geometry: Any, matrix: Array, default: str, pictures: Pictures,
    textures: dict[int, NDArray[np.uint8]],
) -> Surface | None:  # fmt: skip
    """One part as a surface of the world; None if all of its triangles are without area."""
    vertices = np.asarray(geometry.vertices, float)
    faces = np.asarray(geometry.faces, np.int64)
    if vertices.shape[1:] != (3,) or faces.shape[1:] != (3,):
        raise _wrong(path, f"'{node}' is not made of triangles in space; export it again")
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise _wrong(path, f"'{node}' has triangles of vertices that don't exist; export it again")
    placed = vertices @ matrix[:3, :3].T + matrix[:3, 3]
    if not (np.isfinite(vertices).all() and np.isfinite(placed).all()):
        raise _wrong(path, f"'{node}' has vertices that are not finite numbers; export it again")
    if max(np.abs(vertices).max(initial=0), np.abs(placed).max(initial=0)) > 1e7:
        raise _wrong(path, f"'{node}' has vertices more than 10,000 km away; its numbers are damaged")
    tri = placed[faces]
    has_area = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0]).any(axis=1)
    faces = faces[has_area]
    if not len(faces):
        return None
    if np.linalg.det(matrix[:3, :3]) < 0:  # mirrored: keep outsides outside
        faces = faces[:, ::-1]
    color, image, names = _look(geometry)
    uv, texture = getattr(geometry.visual, "uv", None), None
    if image is not None and uv is not None and len(uv) == len(vertices):
        texture = textures.get(id(image))
        if texture is None:
            try:
                texture = textures[id(image)] = pictures.from_image(image)
            except Unseen as error:
                raise _wrong(path, f"the texture of '{node}' {error}; export it again") from None
    material = next((m for n in (*names, node) if (m := by_name(n))), default)
    kind = MATERIALS[material]
    return Surface(
        node, placed, faces.astype(np.int32), material, color, kind.roughness, kind.metallic,
        None if texture is None else np.asarray(uv, float), texture, paint=names[0],
        colors=_vertex_colors(geometry), maps=_cut_out(texture),
    )  # fmt: skip


def _cut_out(texture: NDArray[np.uint8] | None) -> Maps:
    """Where such a file's picture is clear, as leaves and fences are, there is nothing."""
    return NO_MAPS if texture is None or texture[..., 3].min() > 127 else Maps(cutoff=0.5)


def _look(geometry: Any) -> tuple[tuple[float, float, float, float], Any, list[str]]:
    """Base colour (sRGB), texture picture and names of a geometry's material."""
    material = getattr(geometry.visual, "material", None)
    names = [str(getattr(material, "name", "") or "")]
    if material is None:
        return (0.8, 0.8, 0.8, 1.0), None, names
    image = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    base = getattr(material, "baseColorFactor", None)
    if base is None and image is None:
        base = getattr(material, "main_color", None)
    c = np.ones(4) if base is None else np.asarray(base, float).ravel() / 255
    c = np.round(np.append(c, np.ones(4))[:4], 6)
    return (float(c[0]), float(c[1]), float(c[2]), float(c[3])), image, names


def _vertex_colors(geometry: Any) -> NDArray[np.uint8] | None:
    """Colours (n, 3) that the file gives its vertices, as scans do; None if it gives none."""
    if getattr(geometry.visual, "kind", None) != "vertex":
        return None
    colors = np.asarray(geometry.visual.vertex_colors, np.uint8)
    return colors[:, :3] if colors.shape == (len(geometry.vertices), 4) else None


def _floor_height(surfaces: list[Surface]) -> float:
    """Height of the largest level area that looks up, in steps of 5 cm, in the lower half of the mesh."""
    heights, areas = [], []
    for s in surfaces:
        tri = s.vertices[s.faces]
        normal = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0])
        area = np.linalg.norm(normal, axis=1) / 2
        level = np.abs(normal[:, 2]) > 1.99 * area * 0.98
        heights.append(tri[level, :, 2].mean(axis=1))
        areas.append(area[level])
    z, a = np.concatenate(heights), np.concatenate(areas)
    low = min(float(s.vertices[:, 2].min()) for s in surfaces)
    high = max(float(s.vertices[:, 2].max()) for s in surfaces)
    keep = z <= (low + high) / 2
    if not keep.any():
        return low
    bins = np.round(z[keep] / 0.05).astype(np.int64)
    values, inverse = np.unique(bins, return_inverse=True)
    total = np.bincount(inverse, weights=a[keep])
    chosen = bins == values[int(np.argmax(total))]
    return round(float(np.average(z[keep][chosen], weights=a[keep][chosen])), 5)


def _plan(surfaces: list[Surface], floor: float) -> tuple[tuple[str, Array], ...]:
    """Where the mesh is cut at breast height, as short lines (2, 2); the first `_MOST_LINES` of them."""
    lines: list[tuple[str, Array]] = []
    height = floor + _CUT_M
    for s in surfaces:
        above = s.vertices[:, 2] > height
        sides = above[s.faces]
        cut = s.faces[sides.any(axis=1) & ~sides.all(axis=1)]
        if len(lines) + len(cut) > _MOST_LINES:
            break
        if not len(cut):
            continue
        # turned so that the corner that lies alone on its side comes first
        sides = above[cut]
        alone = np.argmax(sides == (sides.sum(axis=1) == 1)[:, None], axis=1)
        first, second, third = (s.vertices[cut[np.arange(len(cut)), (alone + k) % 3]] for k in range(3))
        ends = [
            first + (other - first) * ((height - first[:, 2]) / (other[:, 2] - first[:, 2]))[:, None]
            for other in (second, third)
        ]
        segments = np.stack(ends, axis=1)[:, :, :2]
        lines += [("wall", segment) for segment in segments]
    return tuple(lines)
