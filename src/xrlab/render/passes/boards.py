"""The printed faces of target boards: pictures painted from the zones that score them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from xrlab.geometry.transforms import Array
from xrlab.render.context import gl
from xrlab.render.device import Buffer, Layout, Programs, texture_array
from xrlab.render.scene import BoardPose, Face

SIZE = 512
"""Pixels of a face's picture from side to side, and from bottom to top."""
MOST_FACES = 64
"""So many faces are kept on the device; whoever makes new ones for each picture has them painted again and again."""
_FINER = 2
_LIFT = 0.0008  # metres before the board: more than depth can tell apart at 100 m
_FONT = Path(__file__).parent.parent / "fonts" / "DejaVuSans-subset.ttf"
_BOARD = np.dtype(
    [("row0", "<f4", 4), ("row1", "<f4", 4), ("row2", "<f4", 4), ("box", "<f4", 4), ("light", "<f4", 4),
     ("towards", "<f4", 4)]
)  # fmt: skip

Probes = tuple[Array, Array, Array]
"""Light around boards, as `RoomLight.at_places` gives it."""


class BoardsPass:
    """The faces of all boards in one call. Inputs: where the boards are, and the light around each."""

    def __init__(self) -> None:
        self._programs = Programs("boards")
        self._boards = Buffer(dynamic=True)
        self._layout = Layout()
        self._layout.feed(self._boards, _BOARD, 0, per_instance=True)
        self._faces: list[Face] = []
        self._painted: list[NDArray[np.uint8]] = []
        self._pictures = 0
        self._count = 0

    def write(self, boards: Sequence[BoardPose], probes: Probes) -> None:
        """The boards of a picture; a face that is new is painted first."""
        self._count = len(boards)
        if not boards:
            return
        if not all(any(known is board.face for known in self._faces) for board in boards):
            self._paint([board.face for board in boards])
        number = {id(face): layer for layer, face in enumerate(self._faces)}
        layers = [number[id(board.face)] for board in boards]
        rows = np.zeros(self._count, _BOARD)
        matrices = np.array([board.matrix for board in boards], float)
        matrices[:, :3, 3] += matrices[:, :3, 0] * _LIFT
        for row in range(3):
            rows[f"row{row}"] = matrices[:, row]
        rows["box"] = [extent(board.face) for board in boards]
        rows["light"][:, :3], rows["towards"][:, :3] = on_flat(matrices[:, :3, 0], probes)
        rows["light"][:, 3] = layers
        rows["towards"][:, 3] = [board.face.metallic for board in boards]
        self._boards.write(rows)

    def draw(self, views: int = 1, features: tuple[str, ...] = ()) -> None:
        """Draw them; blending must be off."""
        if self._count:
            self._programs.use(views, features)
            gl().glBindTextureUnit(0, self._pictures)
            self._layout.draw_cards(self._count, views)

    def _paint(self, faces: Sequence[Face]) -> None:
        """Brings the pictures of these faces to the device, besides those that are there."""
        kept = {id(face): (face, picture) for face, picture in zip(self._faces, self._painted, strict=True)}
        new = {id(face): face for face in faces if id(face) not in kept}
        if len(kept) + len(new) > MOST_FACES:  # those that are not shown now go
            kept = {key: both for key, both in kept.items() if any(face is both[0] for face in faces)}
        kept |= {key: (face, painted(face)) for key, face in new.items()}
        self._faces, self._painted = [face for face, _ in kept.values()], [picture for _, picture in kept.values()]
        g = gl()
        if self._pictures:
            g.glDeleteTextures(1, np.array([self._pictures], np.uint32))
        self._pictures = texture_array(self._painted)
        for axis in (g.GL_TEXTURE_WRAP_S, g.GL_TEXTURE_WRAP_T):
            g.glTextureParameteri(self._pictures, axis, g.GL_CLAMP_TO_EDGE)


def on_flat(normals: Array, probes: Probes) -> tuple[Array, Array]:
    """The light (n, 3) on flat things at places whose `probes` are known, and where most comes from, by how much."""
    around, lamp, key = probes
    square = normals * normals
    side = 2 * np.arange(3) + (normals < 0)
    soft = (around[np.arange(len(normals))[:, None], side] * square[..., None]).sum(axis=1)
    straight = key * np.maximum((normals * lamp).sum(axis=1), 0.0)[:, None]
    total = soft + straight
    part = straight.sum(axis=1) / np.maximum(total.sum(axis=1), 1e-6)
    return total, lamp * part[:, None]


def extent(face: Face) -> tuple[float, float, float, float]:
    """Left, lower, right and upper edge (m) of a face."""
    outline = np.asarray(face.outline, float)
    (left, low), (right, high) = outline.min(axis=0).tolist(), outline.max(axis=0).tolist()
    return left, low, right, high


def painted(face: Face) -> NDArray[np.uint8]:
    """The picture of a face (SIZE, SIZE, 4) sRGB, the lower row first; clear outside its outline."""
    left, low, right, high = extent(face)
    wide, tall = right - left, high - low
    per_metre = SIZE * _FINER / max(wide, tall)
    size = (max(1, round(wide * per_metre)), max(1, round(tall * per_metre)))

    def at(points: Array) -> list[tuple[float, float]]:
        flat = np.asarray(points, float)
        return [(float((u - left) * per_metre), float((high - v) * per_metre)) for u, v in flat]

    sheet = Image.new("RGB", size, _rgb(face.color))
    pen = ImageDraw.Draw(sheet)
    for polygon, colour in face.layers:
        pen.polygon(at(polygon), fill=_rgb(colour))
    for polygon, colour, width in face.lines:
        corners = at(polygon)
        pen.line([*corners, corners[0]], fill=_rgb(colour), width=max(1, round(width * per_metre)))
    for text, u, v, colour, height in face.labels:
        letters = ImageFont.truetype(str(_FONT), max(4, round(height * per_metre / 0.73)))
        pen.text(at(np.array([(u, v)]))[0], text, fill=_rgb(colour), font=letters, anchor="mm")
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon(at(face.outline), fill=255)
    sheet.putalpha(mask)
    small = sheet.resize((SIZE, SIZE), Image.Resampling.BOX)
    return np.ascontiguousarray(np.asarray(small)[::-1])


def _rgb(colour: tuple[float, float, float]) -> tuple[int, int, int]:
    red, green, blue = (round(255 * min(1.0, max(0.0, c))) for c in colour)
    return red, green, blue
