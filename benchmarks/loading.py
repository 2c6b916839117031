"""How long a large room takes from its file to its first picture: 500,000 triangles with 200 MB of textures.

The file is made here: the furnished house as one binary glTF, twelve JPEG pictures of 2048x2048 (201 MB once unpacked,
as the device holds them). Beside it trimesh, which reads the same file and unpacks its pictures, and draws nothing.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from itertools import count
from pathlib import Path

import numpy as np
import trimesh
from furnished import CAMERAS, furnished
from measure import Figure, Missing, Series, in_turn, seconds
from PIL import Image

from xrlab.errors import DeviceError
from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Frame
from xrlab.room import load_room

KEY = "large_room_s"
TRIANGLES, PICTURES, SIDE = 500_000, 12, 2048
TARGET_S = 3.0


def figures(quick: bool) -> list[Figure | Missing]:
    """Seconds from the file to the first picture of 1280x720, read back."""
    triangles, pictures, side = (20_000, 2, 256) if quick else (TRIANGLES, PICTURES, SIDE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.glb"
        made = write(path, triangles, pictures, side)
        try:
            context = HeadlessContext(1280, 720)
        except DeviceError as error:
            return [Missing(KEY, str(error))]
        number = count()
        with context:

            def ready() -> float:
                fresh = path.with_name(f"{next(number)}.glb")  # a file that was read before is known
                shutil.copy(path, fresh)

                def whole() -> None:
                    renderer.append(Renderer(context, load_room(fresh)))
                    renderer[0].draw(Frame(CAMERAS[0]))
                    renderer[0].read()

                renderer: list[Renderer] = []
                took = seconds(whole)
                renderer[0].close()
                fresh.unlink()
                return took

            ours, theirs = in_turn((ready, lambda: seconds(lambda: _peer(path))), 1 if quick else 5)
        size = path.stat().st_size / 1e6
    megabytes = pictures * side * side * 4 / 1e6
    return [
        Figure(
            KEY, Series(f"a room of {made:,} triangles with {megabytes:.0f} MB of textures, first picture", "s", ours),
            (Series("trimesh.load, pictures unpacked", "s", theirs),), "python benchmarks/run_all.py --only loading",
            TARGET_S, notes=(f"one .glb of {size:.0f} MB, {pictures} JPEG pictures of {side}x{side}",),
        )
    ]  # fmt: skip


def write(path: Path, triangles: int, pictures: int, side: int) -> int:
    """The furnished house with pictures on all it has; returns how many triangles it came to."""
    house = furnished(triangles)
    materials = [
        trimesh.visual.material.PBRMaterial(
            name=f"paint {k}", baseColorTexture=_picture(k, side), metallicFactor=0.0, roughnessFactor=0.8
        )
        for k in range(pictures)
    ]
    scene = trimesh.Scene()
    for number, s in enumerate(house.room.surfaces):
        # glTF has y up.
        corners, normals = (np.stack((v[:, 0], v[:, 2], -v[:, 1]), axis=1) for v in (s.vertices, s.normals))
        uv = np.stack((s.vertices[:, 0] + s.vertices[:, 2], s.vertices[:, 1] + s.vertices[:, 2]), axis=1)
        look = trimesh.visual.TextureVisuals(uv=uv, material=materials[number % pictures])
        scene.add_geometry(
            trimesh.Trimesh(corners, s.faces, vertex_normals=normals, visual=look, process=False),
            node_name=f"{s.name} {number}", geom_name=f"{s.name} {number}",
        )  # fmt: skip
    path.write_bytes(scene.export(file_type="glb"))
    return house.triangles


def _picture(number: int, side: int) -> Image.Image:
    """A JPEG of smooth noise in several sizes, as plaster and wood have it; each another."""
    luck = np.random.Generator(np.random.PCG64(number))
    whole = np.zeros((side, side, 3), np.float32)
    for cells in (4, 16, 64, side // 4):
        coarse = Image.fromarray(luck.integers(0, 256, (cells, cells, 3), np.uint8))
        whole += np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), np.float32) / 4
    made = io.BytesIO()
    Image.fromarray(whole.astype(np.uint8)).save(made, "jpeg", quality=90)
    return Image.open(io.BytesIO(made.getvalue()))  # trimesh writes it as it is, for it knows where it is from


def _peer(path: Path) -> None:
    scene = trimesh.load(path)
    for picture in {id(m): m for g in scene.geometry.values() if (m := g.visual.material.baseColorTexture)}.values():
        np.asarray(picture)
