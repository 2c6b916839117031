"""Rooms from mesh files: whatever trimesh reads (glTF, OBJ, PLY, STL, OFF), checked before it is believed."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np

from xrlab.document import Document
from xrlab.errors import InputError, Problem
from xrlab.geometry.transforms import Array
from xrlab.room.layout import Mesh
from xrlab.room.materials import DEFAULT, MATERIALS, by_name
from xrlab.room.model import Room, Surface

MAX_BYTES = 500_000_000
MAX_TRIANGLES = 5_000_000

READABLE_EXTENSIONS = frozenset({"KHR_materials_unlit", "KHR_texture_transform", "KHR_materials_emissive_strength"})
"""Required glTF extensions without which a file is still read rightly enough for shape and colour."""

_TO_Z_UP = np.array([[1.0, 0, 0, 0], [0, 0, -1.0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1.0]])


def load_mesh(path: Path) -> Room:
    """The Room that a mesh file holds: what is drawn and what stops a bullet; no zones, doors or lamps."""
    surfaces = read_mesh(path)
    floor = _floor_height(surfaces)
    outlines = _plan(surfaces, floor)
    return Room(path.stem, tuple(surfaces), plan=outlines, floor=floor, source=str(path))


def placed_mesh(document: Document, mesh: Mesh) -> list[Surface]:
    """The surfaces of the mesh that a layout names, scaled, turned and moved as it says."""
    file = Path(mesh.file)
    if file.is_absolute() or ".." in file.parts or "://" in mesh.file:
        raise InputError(document.problem(("mesh", "file"), "the mesh must lie in the layout's own folder or below it"))
    try:
        surfaces = read_mesh(document.path.parent / file, up=mesh.up, default=mesh.material or DEFAULT)
    except InputError as error:
        words = "; ".join(f"'{mesh.file}' {p.what}" for p in error.problems)
        raise InputError(document.problem(("mesh", "file"), words)) from None
    c, s = math.cos(math.radians(mesh.yaw_deg)), math.sin(math.radians(mesh.yaw_deg))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return [
        Surface(
            x.name, x.vertices * mesh.scale @ turn.T + np.array(mesh.at), x.faces, x.material, x.color, x.roughness,
            x.metallic, x.uv, x.texture, None if x.normals is None else x.normals @ turn.T,
        )
        for x in surfaces
    ]  # fmt: skip


def read_mesh(path: Path, *, up: str | None = None, default: str = DEFAULT) -> list[Surface]:
    """The surfaces of a mesh file, z up, in the file's own unit; raises `InputError` where it is broken.

    up: the axis that points up in the file; glTF is y up by its definition, others z if None.
    """
    raw = _raw(path)
    suffix = path.suffix.lower()
    if suffix in (".glb", ".gltf"):
        _check_gltf(path, raw)
    scene = _trimesh_scene(path)
    turn = _TO_Z_UP if (up or ("y" if suffix in (".glb", ".gltf") else "z")) == "y" else np.eye(4)
    surfaces = []
    count = 0
    for node in scene.graph.nodes_geometry:
        matrix, name = scene.graph[node]
        geometry = scene.geometry[name]
        if not hasattr(geometry, "faces") or not len(geometry.faces):
            continue
        count += len(geometry.faces)
        if count > MAX_TRIANGLES:
            raise _wrong(path, f"holds more than {MAX_TRIANGLES:,} triangles; make it simpler first")
        surfaces.append(_surface(path, str(node), geometry, turn @ np.asarray(matrix, float), default))
    if not surfaces:
        raise _wrong(path, "holds no triangles; a room needs surfaces")
    return surfaces


def _wrong(path: Path, what: str) -> InputError:
    return InputError(Problem(str(path), 0, 0, what))


def _raw(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _wrong(path, "is a directory; a mesh file is needed")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _wrong(path, f"is {size / 1e6:.0f} MB long; a mesh may have {MAX_BYTES / 1e6:.0f} MB")
        if size == 0:
            raise _wrong(path, "is empty")
        return path.read_bytes()
    except FileNotFoundError:
        raise _wrong(path, "no such file") from None
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror}") from None


def _check_gltf(path: Path, raw: bytes) -> None:
    """Refuses by name what trimesh would trip over: unknown extensions, files outside, bounds that lie."""
    data: Any
    try:
        if raw[:4] == b"glTF":
            _, _, total, length, kind = struct.unpack_from("<4sIIII", raw)
            if total > len(raw) or kind != 0x4E4F534A:
                raise _wrong(path, f"is cut short: its header speaks of {total} bytes, the file has {len(raw)}")
            data = json.loads(raw[20 : 20 + length])
        else:
            data = json.loads(raw)
    except (struct.error, ValueError):
        raise _wrong(path, "is no glTF: its header or its JSON cannot be read") from None
    if not isinstance(data, dict):
        raise _wrong(path, "is no glTF: its JSON is not an object")
    unknown = sorted(set(map(str, data.get("extensionsRequired", ()))) - READABLE_EXTENSIONS)
    if unknown:
        what = (
            f"needs the glTF extension {', '.join(unknown)}, which xrlab can't read yet; export it without compression"
        )
        raise _wrong(path, what)
    for part in (*data.get("buffers", ()), *data.get("images", ())):
        uri = part.get("uri") if isinstance(part, dict) else None
        if isinstance(uri, str) and not uri.startswith("data:"):
            outside = "://" in uri or uri.startswith(("/", "\\")) or ".." in Path(uri).parts or ":" in uri
            if outside:
                raise _wrong(path, f"names a file outside its folder: {uri[:80]}")
            if not (path.parent / uri).is_file():
                raise _wrong(path, f"names a file that is missing: {uri[:80]}")
    room = max(
        (len(raw), *(int(b.get("byteLength", 0)) for b in data.get("buffers", ()) if isinstance(b, dict))), default=0
    )
    for index, accessor in enumerate(data.get("accessors", ())):
        count = accessor.get("count", 0) if isinstance(accessor, dict) else -1
        if not isinstance(count, int) or count < 0 or count > min(room, MAX_BYTES):
            raise _wrong(path, f"accessor {index} speaks of {count} elements, more than the file holds")


def _trimesh_scene(path: Path) -> Any:
    import trimesh

    try:
        return trimesh.load_scene(path, process=False)
    except InputError:
        raise
    except MemoryError:
        raise _wrong(path, "is too large for this machine's memory") from None
    except Exception as error:  # trimesh's loaders throw whatever their parsers throw
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _wrong(path, f"cannot be read as {path.suffix}: {words[:160]}") from None


def _surface(path: Path, node: str, geometry: Any, matrix: Array, default: str) -> Surface:
    vertices = np.asarray(geometry.vertices, float)
    faces = np.asarray(geometry.faces, np.int64)
    if not np.isfinite(vertices).all():
        raise _wrong(path, f"'{node}' has vertices that are not finite numbers")
    if np.abs(vertices).max(initial=0) > 1e7:
        raise _wrong(path, f"'{node}' has vertices more than 10,000 km away; its numbers are damaged")
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise _wrong(path, f"'{node}' has triangles of vertices that don't exist")
    placed = vertices @ matrix[:3, :3].T + matrix[:3, 3]
    if np.linalg.det(matrix[:3, :3]) < 0:  # mirrored: keep outsides outside
        faces = faces[:, ::-1]
    color, texture, uv, names = _look(geometry)
    material = next((m for n in (*names, node) if (m := by_name(n))), default)
    kind = MATERIALS[material]
    return Surface(
        node, placed, faces.astype(np.int32), material, color, kind.roughness, kind.metallic, uv, texture,
    )  # fmt: skip


def _look(geometry: Any) -> tuple[tuple[float, float, float, float], Any, Any, list[str]]:
    """Base colour (sRGB), texture, uv and names of a geometry's material."""
    visual = geometry.visual
    material = getattr(visual, "material", None)
    names = [str(getattr(material, "name", "") or "")]
    if material is None:
        colors = getattr(visual, "vertex_colors", None)
        if colors is not None and len(colors):
            mean = np.asarray(colors, float)[:, :4].mean(axis=0) / 255
            return (float(mean[0]), float(mean[1]), float(mean[2]), float(mean[3])), None, None, names
        return (0.8, 0.8, 0.8, 1.0), None, None, names
    base = getattr(material, "baseColorFactor", None)
    if base is None:
        base = getattr(material, "main_color", None)
    c = np.ones(4) if base is None else np.asarray(base, float).ravel()
    c = c / 255 if c.max(initial=0) > 1 else c
    c = np.append(c, np.ones(4))[:4] if len(c) < 4 else c[:4]
    image = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    uv = getattr(visual, "uv", None)
    texture = None
    if image is not None and uv is not None and len(uv) == len(geometry.vertices):
        texture = np.asarray(image.convert("RGBA"), np.uint8)
        if base is None:
            c = np.ones(4)
    uv = np.asarray(uv, float) if texture is not None else None
    return (float(c[0]), float(c[1]), float(c[2]), float(c[3])), texture, uv, names


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
    """Where the mesh is cut at breast height, as short lines."""
    import trimesh

    lines: list[tuple[str, Array]] = []
    for s in surfaces:
        mesh = trimesh.Trimesh(s.vertices, s.faces, process=False)
        cut = trimesh.intersections.mesh_plane(mesh, (0, 0, 1), (0, 0, floor + 1.2))
        if len(lines) + len(cut) > 20_000:
            break
        lines += [("wall", np.asarray(segment)[:, :2]) for segment in cut]
    return tuple(lines)
