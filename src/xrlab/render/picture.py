"""One picture without a display, and a picture on disk."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xrlab.files import write_whole
from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Frame
from xrlab.room.model import Room


def picture(room: Room, frame: Frame, width: int, height: int) -> NDArray[np.uint8]:
    """One picture of a room and what moves in it: (height, width, 3) sRGB, the upper row first.

    Makes a context of its own and drops it again; for many pictures keep a `Renderer`. Raises `DeviceError`
    where nothing can draw.
    """
    with HeadlessContext(width, height) as context:
        renderer = Renderer(context, room)
        try:
            renderer.draw(frame)
            return renderer.read()
        finally:
            renderer.close()


def save_png(image: NDArray[np.uint8], path: Path) -> None:
    """Writes a picture (height, width, 3) as PNG, wholly or not at all; raises `InputError` where it can't be."""
    from PIL import Image

    made = BytesIO()
    Image.fromarray(image).save(made, "png")
    write_whole(path, made.getvalue())
