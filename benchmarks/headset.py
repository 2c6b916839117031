"""Frame times of both eyes of a headset with everything on: 2 x 2064x2208, four samples a pixel, the 99th percentile.

A walk through the Shooting House with a torch: people who walk, doors that swing, sun, smoke, a muzzle flash now and
then, bullet holes. A frame's time is from its first call until the device has drawn it, without reading it back. Runs
through EGL on a machine with a graphics card; where the processor draws only when asked for (`--headset`).
"""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
from measure import Figure, Missing, Series

from xrlab.errors import DeviceError
from xrlab.geometry import body
from xrlab.render.context import HeadlessContext, gl, in_software, renderer_name
from xrlab.render.renderer import Renderer
from xrlab.render.scene import HOLDS, OUTFITS, Camera, Cloud, Flash, Frame, Impact, PersonPose, Sun, Torch
from xrlab.render.screens import eye_pair, fov_tangents
from xrlab.room import Room, load_room
from xrlab.scenario.load import shipped

KEY = "headset_p99_ms"
WIDTH, HEIGHT = 2064, 2208
TARGET_MS = 8.0
STEP_S = 1 / 90
_LEFT = fov_tangents(*(math.radians(a) for a in (-54.0, 42.0, 46.0, -50.0)))
_RIGHT = fov_tangents(*(math.radians(a) for a in (-42.0, 54.0, 46.0, -50.0)))


def figures(quick: bool, anyway: bool = False) -> list[Figure | Missing]:
    """The 99th percentile of some thousand frames. anyway: also where the processor draws, with few of them."""
    try:
        with HeadlessContext(64, 64):
            software, device = in_software(), renderer_name()
    except DeviceError as error:
        return [Missing(KEY, str(error))]
    if software and not anyway:
        return [Missing(KEY, f"{device} draws here, no graphics card; --headset measures it all the same")]
    count = 3 if quick else 20 if software else 3_000
    times, cleared = frame_times(count, (WIDTH, HEIGHT))
    return [
        Figure(
            KEY, Series(f"both eyes at {WIDTH}x{HEIGHT} with everything on, 99th percentile", "ms", (times[0],)),
            (Series("the median", "ms", (times[1],)), Series("both cleared", "ms", (cleared,))),
            "python benchmarks/run_all.py --only headset", TARGET_MS, notes=(f"{count} frames, drawn by {device}",),
        )
    ]  # fmt: skip


def frame_times(count: int, size: tuple[int, int]) -> tuple[tuple[float, float], float]:
    """99th percentile and median (ms) of so many frames of both eyes, and the median of as many clears."""
    room = load_room(shipped()["house/hostage"].parent.parent / "rooms" / "house.yaml")
    with HeadlessContext(*size) as context:
        renderer = Renderer(context, room)
        g = gl()
        times, bare = [], []
        for number in range(-5, count):  # the first ones find what is to be compiled
            frame = frame_at(room, max(0, number) * STEP_S)
            eyes = eye_pair(frame.camera, left=_LEFT, right=_RIGHT)
            began = perf_counter()
            renderer.draw_pair(frame, *eyes)
            g.glFinish()
            if number >= 0:
                times.append((perf_counter() - began) * 1000)
        for _ in range(min(count, 50)):
            began = perf_counter()
            for _ in range(2):
                g.glClear(g.GL_COLOR_BUFFER_BIT)
            g.glFinish()
            bare.append((perf_counter() - began) * 1000)
        renderer.close()
    return (float(np.percentile(times, 99)), float(np.median(times))), float(np.median(bare))


def frame_at(room: Room, t: float) -> Frame:
    """Everything at once, at a time (s) of the walk."""
    places = [room.points[name].position for name in sorted(room.points)]
    people = []
    for number in range(8):
        x, y, z = places[number]
        pose = body.POSES[number % len(body.POSES)]
        turn, step = 0.3 * t + number, 0.5 * math.sin(0.8 * t + number)
        at = (x + step * math.cos(turn), y + step * math.sin(turn), z)
        people.append(PersonPose(at, turn, pose, 1.1 * t, OUTFITS[number % len(OUTFITS)], HOLDS[number], number))
    camera = _eye(t)
    x, y, z = camera.position
    torch = Torch((x, y, z - 0.25), camera.yaw, camera.pitch)
    holes = [
        Impact(
            (0.075 + 0.11 * k, 5.53, 1.0 + 0.05 * (k % 9)),
            (0.0, -1.0, 0.0),
            ("brick", "wood", "steel")[k % 3],
            age=t + 0.1 * k if k else t % 0.5,
        )
        for k in range(60)
    ]
    return Frame(
        camera, people, doors={name: 0.5 + 0.5 * math.sin(t + k) for k, name in enumerate(sorted(room.doors))},
        impacts=holes, flashes=[Flash((places[0][0], places[0][1], 1.4), age=t % 0.5)],
        smoke=[Cloud((4.0, 4.0, 0.0), (8.6, 5.6, 2.6), 0.25)], torches=[torch], sun=Sun(0.9, 0.7, 60_000.0), time=t,
    )  # fmt: skip


def _eye(t: float) -> Camera:
    """Along the hallway and back, looking about."""
    along = 4.3 + 3.6 * math.sin(0.35 * t)
    return Camera(
        (along, 4.8, 1.65), 0.9 * math.sin(0.5 * t) + 0.35 * t, 0.15 * math.sin(0.7 * t), roll=0.03 * math.sin(t)
    )
