"""Draws a furnished house with pyrender, in an environment of its own: `peer_pyrender.py HOUSE.npz [shadow]`.

Says "ready" with its versions when all is loaded; then answers each number of a camera on standard input with the
milliseconds of one picture, read back. `save FILE` writes the last picture.
"""

import os
import sys
from time import perf_counter

os.environ["PYOPENGL_PLATFORM"] = "egl"

import numpy as np

np.infty = np.inf  # noqa: NPY201 - pyrender 0.1.45 asks for it; NumPy 2 dropped it

import OpenGL  # noqa: E402
import pyrender  # noqa: E402


def main(path: str, shadow: bool) -> None:
    """Loads the house and draws as asked."""
    with np.load(path) as data:
        house = {name: data[name] for name in data.files}
    # A torch in the dark and a little light all round: the cheapest that shows all, so the best for pyrender.
    scene = pyrender.Scene(ambient_light=(0.25, 0.25, 0.25), bg_color=(0.9, 0.95, 1.0))
    starts, corners = house["starts"], house["corner_starts"]
    for i, (colour, finish) in enumerate(zip(house["colours"], house["finishes"], strict=True)):
        material = pyrender.MetallicRoughnessMaterial(
            baseColorFactor=colour, roughnessFactor=float(finish[0]), metallicFactor=float(finish[1])
        )
        part = slice(corners[i], corners[i + 1])
        primitive = pyrender.Primitive(
            positions=house["positions"][part], normals=house["normals"][part],
            indices=house["triangles"][starts[i] : starts[i + 1]], material=material,
        )  # fmt: skip
        scene.add(pyrender.Mesh([primitive]))
    width, height = (int(n) for n in house["size"])
    camera = pyrender.PerspectiveCamera(yfov=float(house["fov_y"]), aspectRatio=width / height, znear=0.05, zfar=200.0)
    eye = scene.add(camera)
    cone = float(house["torch_cone"])
    torch = scene.add(
        pyrender.SpotLight(color=np.ones(3), intensity=60.0, innerConeAngle=cone / 2, outerConeAngle=cone)
    )
    renderer = pyrender.OffscreenRenderer(width, height)
    flags = pyrender.RenderFlags.SHADOWS_SPOT if shadow else pyrender.RenderFlags.NONE
    print("ready", f"pyrender {pyrender.__version__}, PyOpenGL {OpenGL.__version__}", flush=True)
    picture = None
    for line in sys.stdin:
        words = line.split()
        if words[0] == "save":
            from PIL import Image

            Image.fromarray(picture).save(words[1])
            print("saved", flush=True)
            continue
        number = int(words[0])
        scene.set_pose(eye, house["poses"][number])
        scene.set_pose(torch, house["torches"][number])
        began = perf_counter()
        picture, _ = renderer.render(scene, flags)
        print((perf_counter() - began) * 1000, flush=True)


main(sys.argv[1], "shadow" in sys.argv[2:])
