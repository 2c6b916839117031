"""OpenGL contexts: headless (no display server needed) and windows. All that draws imports them from here.

`opengl` loads OpenGL, `headless` and `window` make contexts, `egl` knows the graphics cards.
"""

from __future__ import annotations

from typing import Any

from xrlab.render.headless import Card, HeadlessContext, cards
from xrlab.render.opengl import EXTRAS, ON_LINUX, Context, complaints, debugging, gl, in_software, renderer_name
from xrlab.render.window import Monitor, Window, monitors

__all__ = [
    "EXTRAS",
    "Card",
    "Context",
    "HeadlessContext",
    "Monitor",
    "Window",
    "cards",
    "complaints",
    "debugging",
    "describe_device",
    "gl",
    "in_software",
    "monitors",
    "renderer_name",
]


def describe_device() -> dict[str, Any]:
    """What draws here: vendor, renderer, version, glsl, platform, limits, extras. Needs no display.

    limits: of textures (pixels a side, layers), samples a pixel, bytes of uniform and storage blocks. extras: which
    of `EXTRAS` the driver offers. Raises DeviceError, as `HeadlessContext` does, where nothing can draw.
    """
    with HeadlessContext(16, 16) as context:
        g = gl()

        def text(name: int) -> str:
            return str(g.glGetString(name).decode(errors="replace"))

        def number(name: int) -> int:
            return int(g.glGetIntegerv(name))

        return {
            "vendor": text(g.GL_VENDOR),
            "renderer": renderer_name(),
            "version": text(g.GL_VERSION),
            "glsl": text(g.GL_SHADING_LANGUAGE_VERSION),
            "platform": "EGL" if ON_LINUX else "hidden GLFW window",
            "software": in_software(),
            "limits": {
                "texture_size": number(g.GL_MAX_TEXTURE_SIZE),
                "texture_layers": number(g.GL_MAX_ARRAY_TEXTURE_LAYERS),
                "samples": number(g.GL_MAX_SAMPLES),
                "uniform_block_bytes": number(g.GL_MAX_UNIFORM_BLOCK_SIZE),
                "storage_block_bytes": number(g.GL_MAX_SHADER_STORAGE_BLOCK_SIZE),
            },
            "extras": {name: context.has(name) for name in EXTRAS},
        }
