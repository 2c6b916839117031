"""Pictures on surfaces: those that a room brings, and grain for bare materials, in one array for each size."""

from __future__ import annotations

import math
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xrlab.geometry.transforms import Array
from xrlab.render.grain import GRAINS, Grain
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Surface

Picture = NDArray[np.uint8]
Levels = list[Picture]

VARIANTS = ("plain", "textured", "mapped", "full", "apart", "unlit")
"""Of the room's shader: no pictures; the base's; relief with it; glow with both; each where its own places say; the
base's shown as it is."""

_LARGEST, _SMALLEST = 4096, 64
_LEAST = 8  # pixels on a side that a picture keeps however many there are
_MOST_LAYERS = 2048  # of one array, as every device has them; what comes later goes without
_SHELVES = 3
_BUDGET = 512 * 1024 * 1024  # bytes of all layers without mipmaps


class Shelf:
    """Pictures of one size, rows downwards as v counts on them; they are made in the background.

    Colours are sRGB with alpha, reliefs x and y of normals, roughness, metallic. Each picture is a list of (size,
    size, 4), (size / 2, size / 2, 4) and so on down to one pixel.
    """

    def __init__(self, size: int, colours: list[Future[Levels]], reliefs: list[Future[Levels]]) -> None:
        self.size = size
        self._colours, self._reliefs = colours, reliefs

    @property
    def colours(self) -> list[Levels]:
        """All of the colours, once they are made."""
        return [f.result() for f in self._colours]

    @property
    def reliefs(self) -> list[Levels]:
        """All of the reliefs, once they are made."""
        return [f.result() for f in self._reliefs]


@dataclass(frozen=True)
class Placed:
    """Where the pictures of a look lie: the variant of the shader that shows them, shelf and layers, -1 for none.

    finish, occlusion: of pictures that lie otherwise than the first; the others hold them in unused channels.
    mean: linear colour (3,) of the base's picture. grained: that is the grain of the surface's material.
    """

    variant: str
    shelf: int
    base: int
    relief: int
    glow: int
    finish: int
    occlusion: int
    mean: Array
    grained: bool


@dataclass(frozen=True)
class _Content:
    """What a layer is made of: the first picture's colours or bumps, and what the second puts beside them."""

    relief: bool
    first: Picture | None
    second: Picture | None

    @property
    def key(self) -> tuple[bool, int, int]:
        return self.relief, id(self.first), id(self.second)

    def levels(self, size: int) -> Levels:
        """The layer and what it looks like from further and further away."""
        out = [np.ascontiguousarray(self._made(size))]
        while len(out[-1]) > 1:
            out.append(_halved(out[-1], colours=not self.relief))
        return out

    def _made(self, size: int) -> Picture:
        """The layer, (size, size, 4)."""
        if self.second is None and not self.relief and self.first is not None:
            return _sized(self.first, size)
        white = np.full((size, size), 0xFFFFFFFF, "<u4")
        first = white if self.first is None else _words(_sized(self.first, size))
        second = white if self.second is None else _words(_sized(self.second, size))
        if not self.relief:
            return _channels(first & 0x00FFFFFF | second << 24)
        return _channels((0x8080 if self.first is None else first & 0x0000FFFF) | second << 8 & 0xFFFF0000)


def _words(picture: Picture) -> NDArray[np.uint32]:
    """Pixels (h, w) as one number each: red in the lowest byte, alpha in the highest."""
    return np.ascontiguousarray(picture).view("<u4")[..., 0]


def _channels(words: NDArray[Any]) -> Picture:
    return words.astype("<u4", copy=False)[..., None].view(np.uint8)


class Atlas:
    """Collects the pictures of a room's looks, and puts them into as few arrays as there are sizes."""

    def __init__(self) -> None:
        self._needs: list[dict[str, _Content]] = []
        self._variants: list[str] = []
        self._means: list[Array] = []
        self._known_means: dict[int, Array] = {}
        self._grained: list[bool] = []

    def add(self, surface: Surface, *, solid: bool) -> None:
        """The next look; solid: nothing of it is cut out or seen through, so its alpha is free for occlusion."""
        maps, texture = surface.maps, surface.texture
        pictures = maps.pictures
        if surface.uv is None:
            texture, pictures = None, {}
        need: dict[str, _Content | None] = {}
        grain = _grain(surface) if texture is None and not pictures else None
        if grain is not None:
            made = grain.made()
            texture = made.colour
            need = {"base": _content(False, texture), "relief": _content(True, made.bumps, made.gloss)}
        else:
            normal, finish, occlusion, glow = (pictures.get(n) for n in ("normal", "finish", "occlusion", "glow"))
            if maps.uvs:
                need = {
                    "base": _content(False, texture), "relief": _content(True, normal),
                    "finish": _content(True, None, finish), "glow": _content(False, glow),
                    "occlusion": _content(False, None, occlusion),
                }  # fmt: skip
            else:
                in_base, in_glow = (occlusion, None) if solid else (None, occlusion)
                need = {
                    "base": _content(False, texture, in_base), "relief": _content(True, normal, finish),
                    "glow": _content(False, glow, in_glow),
                }  # fmt: skip
        needed = {name: content for name, content in need.items() if content is not None}
        self._needs.append(needed)
        if id(texture) not in self._known_means:
            self._known_means[id(texture)] = np.ones(3) if texture is None else _mean(texture)
        self._means.append(self._known_means[id(texture)])
        self._grained.append(grain is not None)
        self._variants.append(_variant(needed, surface))

    def arranged(self) -> tuple[list[Placed], tuple[Shelf, ...]]:
        """Where the pictures of each look lie, in the order in which they came, and the pictures themselves."""
        sizes = self._sizes()
        steps = sorted(set(sizes) - {0})
        layers: list[dict[bool, dict[tuple[bool, int, int], tuple[int, _Content]]]] = [
            {False: {}, True: {}} for _ in steps
        ]
        out = []
        for look, (need, size) in enumerate(zip(self._needs, sizes, strict=True)):
            number = steps.index(size) if size else -1
            at = dict.fromkeys(("base", "relief", "glow", "finish", "occlusion"), -1)
            for name, content in need.items():
                shelf = layers[number][content.relief]
                if content.key in shelf or len(shelf) < _MOST_LAYERS:
                    at[name] = shelf.setdefault(content.key, (len(shelf), content))[0]
            out.append(Placed(self._variants[look], number, mean=self._means[look], grained=self._grained[look], **at))
        threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "layers")
        shelves = []
        for size, each in zip(steps, layers, strict=True):
            colours, reliefs = (
                [threads.submit(c.levels, size) for _, c in each[kind].values()] for kind in (False, True)
            )
            shelves.append(Shelf(size, colours, reliefs))
        threads.shutdown(wait=False)
        return out, tuple(shelves)

    def _sizes(self) -> list[int]:
        """Width and height of the layers of each look, 0 where it has none: few sizes, all within the budget."""
        wanted = []
        for need in self._needs:
            sides = [max(p.shape[:2]) for c in need.values() for p in (c.first, c.second) if p is not None]
            wanted.append(min(_LARGEST, max(_SMALLEST, 1 << round(math.log2(max(sides))))) if sides else 0)
        steps = sorted(set(wanted) - {0})
        while len(steps) > _SHELVES:  # the smallest cost least where they grow
            wanted = [steps[1] if size == steps[0] else size for size in wanted]
            steps = steps[1:]
        while steps and steps[-1] > _LEAST and self._weight(wanted) > _BUDGET:
            wanted = [min(size, steps[-1] // 2) for size in wanted]
            steps = sorted(set(wanted) - {0})
        return wanted

    def _weight(self, sizes: list[int]) -> int:
        layers = {(size, c.key) for need, size in zip(self._needs, sizes, strict=True) for c in need.values()}
        return sum(4 * size * size for size, _ in layers)


def _grain(surface: Surface) -> Grain | None:
    """That of a surface which looks as its material does: not for one scanned, unlit, or metal where that is not."""
    metallic = MATERIALS[surface.material].metallic if surface.material in MATERIALS else 0.0
    if surface.colors is not None or surface.maps.unlit or abs(surface.metallic - metallic) > 0.5:
        return None
    return GRAINS.get(surface.material)


def _variant(needed: dict[str, _Content], surface: Surface) -> str:
    if surface.maps.unlit:
        return "unlit"
    if surface.maps.uvs and len(needed) > 1:
        return "apart"
    if "glow" in needed or any(surface.maps.shines):
        return "full"
    return "mapped" if "relief" in needed else "textured" if needed else "plain"


def _content(relief: bool, first: Picture | None, second: Picture | None = None) -> _Content | None:
    return None if first is None and second is None else _Content(relief, first, second)


def _sized(picture: Picture, size: int) -> Picture:
    if picture.shape[:2] == (size, size):
        return picture
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR))


_LIGHT = np.round((np.arange(256) / 255.0) ** 2.2 * 16383).astype(np.uint16)  # the sum of four is one more such number
_STRIP = 32
_SHADE = np.round((np.arange(65536) / 65532.0).clip(0, 1) ** (1 / 2.2) * 255).astype(np.uint8)


def _halved(picture: Picture, *, colours: bool) -> Picture:
    """Each pixel the mean of four: of their light if these are colours, of the numbers else."""
    side = len(picture) // 2
    out = np.empty((side, side, 4), np.uint8)
    for low in range(0, side, _STRIP):  # so many rows at a time as the processor keeps near
        high = min(side, low + _STRIP)
        rows = picture[2 * low : 2 * high]
        alpha = rows[..., 3].astype(np.uint16)
        out[low:high] = _SHADE[_sum_of_four(_LIGHT[rows])] if colours else _sum_of_four(rows.astype(np.uint16)) + 2 >> 2
        if colours:
            out[low:high, :, 3] = _sum_of_four(alpha) + 2 >> 2
    return out


def _sum_of_four(rows: NDArray[np.uint16]) -> NDArray[np.uint16]:
    pairs = rows[::2] + rows[1::2]
    return np.asarray(pairs[:, ::2] + pairs[:, 1::2])


def _mean(picture: Picture) -> Array:
    step = max(1, max(picture.shape[:2]) // 128)
    small = picture[::step, ::step, :3].reshape(-1, 3) / 255.0
    return np.asarray((small**2.2).mean(axis=0))
