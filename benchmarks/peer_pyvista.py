"""Draws a furnished house with PyVista (VTK), in an environment of its own: `peer_pyvista.py HOUSE.npz`.

Says "ready" with its versions when all is loaded; then answers each number of a camera on standard input with the
milliseconds of one picture, read back. `save FILE` writes the last picture.
"""

import sys
from time import perf_counter

import numpy as np
import pyvista
import vtk


def main(path: str) -> None:
    """Loads the house and draws as asked."""
    with np.load(path) as data:
        house = {name: data[name] for name in data.files}
    width, height = (int(n) for n in house["size"])
    plotter = pyvista.Plotter(off_screen=True, window_size=(width, height), lighting="none")
    plotter.set_background((0.9, 0.95, 1.0))
    plotter.enable_anti_aliasing("msaa", multi_samples=4)
    starts, corners = house["starts"], house["corner_starts"]
    for i, colour in enumerate(house["colours"]):
        part = slice(corners[i], corners[i + 1])
        triangles = house["triangles"][starts[i] : starts[i + 1]].astype(np.int64)
        cells = np.concatenate((np.full((len(triangles), 1), 3), triangles), axis=1).reshape(-1)
        mesh = pyvista.PolyData(house["positions"][part], cells)
        mesh.point_data.active_normals = house["normals"][part]
        plotter.add_mesh(mesh, smooth_shading=True, color=tuple(colour[:3]), ambient=0.25, show_scalar_bar=False)
    plotter.add_light(pyvista.Light(light_type="headlight"))
    camera = plotter.camera
    camera.view_angle = float(np.degrees(house["fov_y"]))
    camera.clipping_range = (0.05, 200.0)
    plotter.show(auto_close=False, interactive=False)
    window = plotter.render_window
    print("ready", f"PyVista {pyvista.__version__}, VTK {vtk.vtkVersion().GetVTKVersion()}",
          window.GetMultiSamples(), "samples", flush=True)  # fmt: skip
    picture = None
    for line in sys.stdin:
        words = line.split()
        if words[0] == "save":
            from PIL import Image

            Image.fromarray(picture).save(words[1])
            print("saved", flush=True)
            continue
        pose = house["poses"][int(words[0])]
        camera.position = tuple(pose[:3, 3])
        camera.focal_point = tuple(pose[:3, 3] - pose[:3, 2])
        camera.up = tuple(pose[:3, 1])
        began = perf_counter()
        plotter.render()
        picture = plotter.screenshot(return_img=True)
        print((perf_counter() - began) * 1000, flush=True)


main(sys.argv[1])
