"""How long the first picture of house/hostage takes, and each one after it, without a display."""

from __future__ import annotations

import math

import numpy as np
from measure import XRLAB, Figure, Missing, Series, in_turn, process, seconds

from xrlab.errors import DeviceError
from xrlab.live.frames import eye_camera, frame_of
from xrlab.render.context import HeadlessContext, describe_device, gl
from xrlab.render.renderer import Renderer
from xrlab.run import Session
from xrlab.scenario.load import load

WIDTH, HEIGHT = 1280, 720
COMMAND = "xrlab preview house/hostage --camera d1"
KEYS = ("preview_s", "light_s", "frame_ms")


def figures(quick: bool, folder: str) -> list[Figure | Missing]:
    """The whole command, the working out of the room's light, and one more picture read back."""
    try:
        device = describe_device()
    except DeviceError as error:
        return [Missing(key, str(error)) for key in KEYS]
    rounds = 1 if quick else 7
    loaded = load("house/hostage", seed=7)
    with Session(loaded, 7, None) as session, HeadlessContext(WIDTH, HEIGHT) as context:
        world = session.run.engine.world
        frame = frame_of(world, 0.0, eye_camera(world, "d1", 0.0, math.radians(58)), session.events, "d1")
        renderers: list[Renderer] = []

        def light() -> float:
            while renderers:
                renderers.pop().close()
            return seconds(lambda: renderers.append(Renderer(context, loaded.room)))

        def draw() -> float:
            def once() -> None:
                renderers[0].draw(frame)
                renderers[0].read()

            return seconds(once) * 1000

        def clear() -> float:
            return seconds(lambda: cleared(context)) * 1000

        whole, bare = in_turn(
            (process(*XRLAB, *COMMAND.split()[1:], "--out", f"{folder}/d1.png"), process(*XRLAB, "--help")), rounds
        )
        (lit,) = in_turn((light,), rounds)
        drawn, empty = in_turn((draw, clear), 1 if quick else 25)
        renderers.pop().close()
    size = f"{WIDTH}x{HEIGHT}"
    notes = (f"drawn by {device['renderer']}, OpenGL {device['version']}",)
    return [
        Figure(
            "preview_s", Series(f"first picture, {size}, process start included", "s", whole),
            (Series("xrlab --help", "s", bare),), COMMAND, notes=notes,
        ),
        Figure(
            "light_s", Series("of this, room sent to the device and its light worked out", "s", lit),
            (Series("the whole command", "s", whole),), COMMAND,
        ),
        Figure(
            "frame_ms", Series(f"one more picture, {size}, read back", "ms", drawn),
            (Series("the same size cleared and read back", "ms", empty),),
            "python benchmarks/run_all.py --only picture",
        ),
    ]  # fmt: skip


def cleared(context: HeadlessContext) -> None:
    g = gl()
    context.make_current()
    texture, buffer = np.zeros(1, np.uint32), np.zeros(1, np.uint32)
    g.glCreateTextures(g.GL_TEXTURE_2D, 1, texture)
    g.glTextureStorage2D(int(texture[0]), 1, g.GL_RGBA8, WIDTH, HEIGHT)
    g.glCreateFramebuffers(1, buffer)
    g.glNamedFramebufferTexture(int(buffer[0]), g.GL_COLOR_ATTACHMENT0, int(texture[0]), 0)
    g.glBindFramebuffer(g.GL_FRAMEBUFFER, int(buffer[0]))
    g.glClear(g.GL_COLOR_BUFFER_BIT)
    g.glReadPixels(0, 0, WIDTH, HEIGHT, g.GL_RGBA, g.GL_UNSIGNED_BYTE, np.empty((HEIGHT, WIDTH, 4), np.uint8))
    g.glDeleteFramebuffers(1, buffer)
    g.glDeleteTextures(1, texture)
