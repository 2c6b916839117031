"""A furnished house drawn with the full look, beside pyrender and PyVista on the same triangles and cameras.

1280x720, 4 samples a pixel, read back; the torch in the viewer's hand casts shadows. Each round draws every camera
once, with each of the renderers in turn; a round's value is the median over the cameras. The peers draw plain
colours with one light: pyrender with a spot light, with and without its shadow; PyVista with a headlight.
"""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
from furnished import CAMERAS, FOV_Y, House, furnished
from measure import Figure, Missing, Series, in_turn
from peers import Peer, PeerError, environment
from picture import cleared

from xrlab.errors import DeviceError
from xrlab.geometry.transforms import Array
from xrlab.render.context import HeadlessContext, describe_device
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera, Frame, Torch

WIDTH, HEIGHT = 1280, 720
SIZES = {"house_ms": 62_000, "house_250k_ms": 250_000}
PYRENDER, PYVISTA = ("pyrender==0.1.45",), ("pyvista==0.49.1",)
OF_PYRENDER, OF_PYVISTA = 0.20, 0.75
"""At most so many times what pyrender takes with its shadow, and what PyVista takes without any."""
CONE = math.radians(20)
"""Half the opening angle (rad) of the torch, and of the peers' spot light."""


def figures(quick: bool) -> list[Figure | Missing]:
    """The house at both sizes; a peer that can't be had is told as missing."""
    try:
        device = describe_device()
    except DeviceError as error:
        return [Missing(key, str(error)) for key in SIZES]
    out: list[Figure | Missing] = []
    pythons: dict[str, Path] = {}
    for packages in (PYRENDER, PYVISTA):
        name = packages[0].split("==")[0]
        try:
            if quick:
                raise PeerError("left out with --quick")
            pythons[name] = environment(*packages)
        except PeerError as error:
            out.append(Missing(name, str(error)))
    for key, triangles in SIZES.items():
        if quick and triangles != SIZES["house_ms"]:
            out.append(Missing(key, "drawn without --quick"))
            continue
        made, missing = _figure(key, furnished(20_000 if quick else triangles), pythons, quick)
        out += [*missing, made]
    note = f"drawn by {device['renderer']}, OpenGL {device['version']}"
    return [replace(f, notes=(*f.notes, note)) if isinstance(f, Figure) else f for f in out]


def _figure(key: str, house: House, pythons: dict[str, Path], quick: bool) -> tuple[Figure, list[Missing]]:
    peers: list[tuple[str, float | None, Peer]] = []
    missing: list[Missing] = []
    cameras = range(1 if quick else len(CAMERAS))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "house.npz"
        save(house, file)
        wanted = (
            ("pyrender", "with the spot light's shadow", OF_PYRENDER, ("peer_pyrender.py", str(file), "shadow")),
            ("pyvista", "without shadows", OF_PYVISTA, ("peer_pyvista.py", str(file))),
            ("pyrender", "without shadows", None, ("peer_pyrender.py", str(file))),
        )
        for name, how, most, command in wanted:
            if name not in pythons:
                continue
            try:
                peer = stack.enter_context(Peer(pythons[name], *command))
                peer.draw(0)
            except PeerError as error:
                del pythons[name]
                missing.append(Missing(name, str(error)))
                continue
            peers.append((f"{peer.versions} {how}", most, peer))
        context = stack.enter_context(HeadlessContext(WIDTH, HEIGHT))
        renderer = Renderer(context, house.room)
        calls: list[Callable[[], float]] = [lambda: statistics.median(_drawn(renderer, CAMERAS[i]) for i in cameras)]
        calls += [lambda peer=peer: statistics.median(peer.over(cameras)) for _, _, peer in peers]  # type: ignore[misc]
        calls.append(lambda: _timed(lambda: cleared(context)))
        ours, *theirs = in_turn(calls, 1 if quick else 7)
        renderer.close()
    series = [Series(what, "ms", values) for (what, _, _), values in zip(peers, theirs, strict=False)]
    series.append(Series(f"{WIDTH}x{HEIGHT} cleared and read back", "ms", theirs[-1]))
    figure = Figure(
        key,
        Series(f"a picture of a house, {house.triangles:,} triangles, {house.objects} objects, one torch", "ms", ours),
        tuple(series), "python benchmarks/run_all.py --only render",
        at_most_times=tuple(most for _, most, _ in peers),
        notes=(f"{WIDTH}x{HEIGHT}, 4 samples, read back; median over {len(cameras)} cameras and all rounds",),
    )  # fmt: skip
    return figure, missing


def _timed(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return (perf_counter() - began) * 1000


def _drawn(renderer: Renderer, camera: Camera) -> float:
    """Milliseconds for one picture, read back."""
    (held,) = _in_hand(np.linalg.inv(camera.view())[None])
    x, y, z = held[:3, 3].tolist()
    frame = Frame(camera, torches=[Torch((x, y, z), camera.yaw, camera.pitch, angle=CONE)])

    def once() -> None:
        renderer.draw(frame)
        renderer.read()

    return _timed(once)


def save(house: House, file: Path) -> None:
    """The house, its cameras and torches for the peers' scripts: all surfaces' corners one after the other."""
    surfaces = house.room.surfaces
    poses = np.array([np.linalg.inv(camera.view()) for camera in CAMERAS])
    np.savez(
        file,
        positions=np.concatenate([s.vertices for s in surfaces]).astype(np.float32),
        normals=np.concatenate([s.normals for s in surfaces]).astype(np.float32),
        triangles=np.concatenate([s.faces for s in surfaces]),
        starts=np.cumsum([0] + [len(s.faces) for s in surfaces]),
        corner_starts=np.cumsum([0] + [len(s.vertices) for s in surfaces]),
        colours=np.array([s.color for s in surfaces]),
        finishes=np.array([(s.roughness, s.metallic) for s in surfaces]),
        size=np.array((WIDTH, HEIGHT)), fov_y=FOV_Y, torch_cone=CONE, poses=poses, torches=_in_hand(poses),
    )  # fmt: skip


def _in_hand(poses: Array) -> Array:
    """Where a torch is held: a little to the right and below the eye, along its line of sight."""
    out = poses.copy()
    out[:, :3, 3] += 0.2 * poses[:, :3, 0] - 0.25 * poses[:, :3, 1]
    return out
