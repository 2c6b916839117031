"""From the targets of a world to what a picture shows of them: printed faces, and what carries the boards."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from xrlab.geometry.shapes import Circle, Shape
from xrlab.geometry.transforms import Array, Vec3
from xrlab.render.scene import BoardPose, Face, Mount
from xrlab.sim.world import Board, World

_MOUNTS = {"fixed": "posts", "turning": "turner", "falling": "hinge", "popping": "hinge"}
_PAPER = (0.93, 0.92, 0.88)
_LINE_PART = 0.0018
"""Width of a printed line, of the board's width: 1 mm on a board of 55 cm."""

Colour = tuple[float, float, float]
_Printed = tuple[str, Shape, str]
"""What is printed of a zone: its name, its shape, its colour."""


def boards(world: World, t: float) -> list[BoardPose]:
    """All targets at `t`, in the order of the world's boards."""
    return [BoardPose(face_of(board), _matrix(board, t), _mount(board, t)) for board in world.boards.values()]


def face_of(board: Board) -> Face:
    """The face of a board, drawn from the zones that score it; equal targets share it."""
    zones = tuple((z.name, z.shape, spec.color) for z, spec in zip(board.zones, board.face.zones, strict=True))
    return _printed(board.face.width_mm / 1000, board.face.height_mm / 1000, zones, board.face.material)


def _matrix(board: Board, t: float) -> Array:
    normal, right, up = board.axes(t)
    out = np.eye(4)
    out[:3, 0], out[:3, 1], out[:3, 2], out[:3, 3] = normal, right, up, board.middle(t)
    return out


def _mount(board: Board, t: float) -> Mount:
    down = board.spec.height_m

    def below(place: Vec3) -> Vec3:
        return place[0], place[1], place[2] - down

    return Mount(
        _MOUNTS[board.spec.motion], below(board.place(t)), board.facing, board.angles(t)[0], down,
        board.face.width_mm / 1000, board.face.height_mm / 1000, tuple(below(corner) for corner in board.rail),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _printed(width: float, height: float, zones: tuple[_Printed, ...], material: str) -> Face:
    w, h = width / 2, height / 2
    outline = np.array([(-w, -h), (w, -h), (w, h), (-w, h)])
    layers = tuple((shape.outline(), _rgb(color)) for _, shape, color in reversed(zones))
    lines = tuple((shape.outline(), _line(color, material), _LINE_PART * width) for _, shape, color in reversed(zones))
    if material == "steel":  # a plate has the shape of its outermost zone, and its paint shows no zone that is alone
        return Face(layers[0][0], layers[1:], 0.012, layers[0][1], 0.3, lines[1:])
    if material == "cardboard":  # it is cut out along its outermost zone, with the border that does not score
        low, high = layers[0][0].min(axis=0), layers[0][0].max(axis=0)
        middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1e-6)
        cut = (layers[0][0] - middle) * (np.array((w, h)) / half)
        return Face(cut, layers, 0.005, layers[0][1], 0.0, lines)
    return Face(outline, layers, 0.005, _PAPER, 0.0, lines, _numbers(zones))


def _numbers(zones: tuple[_Printed, ...]) -> tuple[tuple[str, float, float, Colour, float], ...]:
    """The values of rings, printed to the four sides in the middle of each; the innermost two have no room for one."""
    rings = [(name, shape, color) for name, shape, color in zones if isinstance(shape, Circle) and name.isdecimal()]
    out: list[tuple[str, float, float, Colour, float]] = []
    for (_, inner, _), (name, outer, color) in pairwise(rings):
        wide = outer.radius - inner.radius
        if outer.centre != inner.centre or int(name) >= 9 or wide <= 0:
            continue
        off, (u, v) = (outer.radius + inner.radius) / 2, outer.centre
        tall = min(0.5 * wide, 0.014)
        for across, up in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            out.append((name, u + off * across, v + off * up, _line(color, "paper"), tall))
    return tuple(out)


def _line(color: str, material: str) -> Colour:
    """What a line in a zone of this colour is printed in: to be read on paper, hardly to be seen on cardboard."""
    red, green, blue = _rgb(color)
    if material == "cardboard":
        return 0.72 * red, 0.72 * green, 0.72 * blue
    dark = 0.3 * red + 0.6 * green + 0.1 * blue < 0.4
    return (0.86, 0.86, 0.84) if dark else (0.16, 0.16, 0.16)


def _rgb(color: str) -> Colour:
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255
