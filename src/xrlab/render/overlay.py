"""Text, boxes and lines over a finished picture: the head-up display, briefings, scores, the instructor's marks.

Letters are drawn by FreeType (through Pillow) at the very size they are shown in, hinted and on whole pixels, so they
stay sharp, and kept in one texture; HarfBuzz (Pillow's raqm) says how far apart they stand. Places are pixels from the
upper left corner, colours sRGB with alpha, 0..1.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont, features

from xrlab.render.context import gl
from xrlab.render.device import Buffer, Layout, Program

Colour = tuple[float, float, float, float]

WHITE: Colour = (1.0, 1.0, 1.0, 1.0)
_ITEM = np.dtype([("box", "<f4", 4), ("uv", "<f4", 4), ("colour", "<f4", 4), ("kind", "<f4", 4)])
_WIDTH, _TALLEST = 1024, 4096  # pixels of the texture of letters
_APART = ["-liga", "-clig"]  # each letter is drawn by itself
_GAP = 1  # free pixels about each letter, so that none bleeds into its neighbour


@cache
def _font_file() -> bytes:
    return (files("xrlab.render") / "fonts" / "DejaVuSans-subset.ttf").read_bytes()


@lru_cache(maxsize=64)
def _font(size: int, *, shaped: bool = False) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(BytesIO(_font_file()), size, layout_engine=engine)


@lru_cache(maxsize=8192)
def _advance(letter: str, following: str, size: int) -> int:
    """How far (whole pixels) the next letter stands from this one; `following` is "" at the end of a line.

    The hinted width of the letter, so that like pairs stand alike far apart, and the kerning of the pair, which the
    font has in its GPOS table: FreeType alone does not read that, HarfBuzz does.
    """
    wide = _font(size).getlength(letter)
    if not following or not features.check("raqm"):
        return round(wide)
    shaped = _font(size, shaped=True)
    both, *alone = (shaped.getlength(t, features=_APART) for t in (letter + following, letter, following))
    return round(wide + both - sum(alone))


@lru_cache(maxsize=4096)
def _pens(text: str, size: int) -> tuple[int, ...]:
    """Where each letter of a line begins, and where the line ends, in whole pixels from its left end."""
    pens = [0]
    for i, letter in enumerate(text):
        pens.append(pens[-1] + _advance(letter, text[i + 1 : i + 2], size))
    return tuple(pens)


def text_width(text: str, size: int) -> float:
    """Width (pixels) of one line of text whose letters are `size` pixels high."""
    return float(_pens(text, size)[-1])


def wrapped(text: str, size: int, width: float) -> list[str]:
    """Text as lines no wider than `width` (pixels), broken between words; a word too long stands alone."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


class _Letters:
    """The texture of letters: each once for every size it is asked for in."""

    def __init__(self) -> None:
        self._ink = np.zeros((256, _WIDTH), np.uint8)
        self._known: dict[tuple[str, int], tuple[int, int, int, int, int, int]] = {}
        self._row, self._column, self._tall = 0, 0, 0
        self._texture = 0
        self._stale = True

    @property
    def height(self) -> int:
        """Of the texture, in pixels; it grows."""
        return len(self._ink)

    def find(self, letter: str, size: int) -> tuple[int, int, int, int, int, int]:
        """Left, top, width and height in the texture, and how far right and down of the pen it is drawn."""
        known = self._known.get((letter, size))
        if known is None:
            known = self._known[letter, size] = self._add(letter, size)
        return known

    def _add(self, letter: str, size: int) -> tuple[int, int, int, int, int, int]:
        # Anchored at the left end of the line that letters stand on.
        mask, (right, down) = _font(size).getmask2(letter, mode="L", anchor="ls")
        wide, tall = mask.size
        if not wide or not tall:
            return 0, 0, 0, 0, 0, 0
        if self._column + wide + _GAP > _WIDTH:
            self._row, self._column, self._tall = self._row + self._tall + _GAP, 0, 0
        while self._row + tall + _GAP > len(self._ink):
            self._ink = np.concatenate((self._ink, np.zeros_like(self._ink)))
        self._ink[self._row : self._row + tall, self._column : self._column + wide] = np.frombuffer(
            bytes(mask), np.uint8
        ).reshape(tall, wide)
        place = (self._column, self._row, wide, tall, int(right), int(down))
        self._column += wide + _GAP
        self._tall = max(self._tall, tall)
        self._stale = True
        return place

    def bind(self, unit: int) -> None:
        """Let samplers of this unit read it, with all that was added."""
        g = gl()
        if self._stale:
            self.free()
            made = np.zeros(1, np.uint32)
            g.glCreateTextures(g.GL_TEXTURE_2D, 1, made)
            self._texture = int(made[0])
            g.glTextureStorage2D(self._texture, 1, g.GL_R8, _WIDTH, len(self._ink))
            g.glTextureSubImage2D(
                self._texture, 0, 0, 0, _WIDTH, len(self._ink), g.GL_RED, g.GL_UNSIGNED_BYTE, self._ink
            )
            for name in (g.GL_TEXTURE_MIN_FILTER, g.GL_TEXTURE_MAG_FILTER):
                g.glTextureParameteri(self._texture, name, g.GL_NEAREST)
            self._stale = False
        g.glBindTextureUnit(unit, self._texture)

    def shrink(self) -> None:
        """Forget all letters if there are very many, as after a window was drawn to ever new sizes."""
        if len(self._ink) > _TALLEST:
            self.free()
            self.__init__()  # type: ignore[misc]

    def free(self) -> None:
        """Give the texture's memory back."""
        if self._texture:
            gl().glDeleteTextures(1, np.array([self._texture], np.uint32))
            self._texture = 0


class Overlay:
    """Collects boxes and texts, then draws them in the order given: `renderer.over(overlay.draw)`.

    Belongs to the context that is current when it is made.
    """

    def __init__(self) -> None:
        self._program = Program("overlay")
        self._items = Buffer(dynamic=True)
        self._layout = Layout()
        self._layout.feed(self._items, _ITEM, 0, per_instance=True)
        self._letters = _Letters()
        self._boxes: list[tuple[float, ...]] = []

    def box(self, left: float, top: float, width: float, height: float, colour: Colour) -> None:
        """A plain box."""
        self._boxes.append((left, top, left + width, top + height, 0, 0, 0, 0, *colour, 0, 0))

    def line(self, x0: float, y0: float, x1: float, y1: float, thick: float, colour: Colour) -> None:
        """A line with round ends, `thick` pixels wide; between a place and itself a disc."""
        self._boxes.append((x0, y0, x1, y1, 0, 0, 0, 0, *colour, 2, thick / 2))

    def text(
        self, x: float, baseline: float, text: str, size: int, colour: Colour = WHITE,
        anchor: Literal["left", "middle", "right"] = "left", *, shadow: bool = False,
    ) -> None:  # fmt: skip
        """One line of text `size` pixels high whose letters stand on `baseline`.

        anchor: what of it is at `x`. shadow: a dark copy behind it, to be read on any ground.
        """
        text = text.translate(_ONE_LINE)
        if anchor != "left":
            width = text_width(text, size)
            x -= width if anchor == "right" else width / 2
        if shadow:
            by = max(1, round(size / 18))
            self._line(x + by, baseline + by, text, size, (0.0, 0.0, 0.0, 0.8 * colour[3]))
        self._line(x, baseline, text, size, colour)

    def _line(self, x: float, baseline: float, text: str, size: int, colour: Colour) -> None:
        left, base = round(x), round(baseline)
        for letter, pen in zip(text, _pens(text, size), strict=False):
            column, row, wide, tall, right, down = self._letters.find(letter, size)
            if not wide:
                continue
            x0, y0 = left + pen + right, base + down
            self._boxes.append((x0, y0, x0 + wide, y0 + tall, column, row, column + wide, row + tall, *colour, 1, 0))

    def draw(self, size: tuple[int, int]) -> None:
        """Draw all that was collected onto what is bound, of `size` pixels, and forget it."""
        if not self._boxes:
            return
        g = gl()
        values: NDArray[Any] = np.array(self._boxes, np.float32)
        self._boxes.clear()
        rows = np.zeros(len(values), _ITEM)
        rows["box"], rows["colour"], rows["kind"][:, :2] = values[:, :4], values[:, 8:12], values[:, 12:]
        rows["uv"] = values[:, 4:8] / (_WIDTH, self._letters.height, _WIDTH, self._letters.height)
        self._items.write(rows)
        self._program.use()
        g.glUniform2f(self._program.at("size"), *size)
        self._letters.bind(0)
        self._layout.bind()
        g.glEnable(g.GL_BLEND)
        g.glBlendFunc(g.GL_SRC_ALPHA, g.GL_ONE_MINUS_SRC_ALPHA)
        g.glDrawArraysInstanced(g.GL_TRIANGLE_STRIP, 0, 4, len(rows))
        g.glDisable(g.GL_BLEND)
        self._letters.shrink()


_ONE_LINE = dict.fromkeys((*range(32), 0x7F), " ")  # a line break or tab inside one line is a blank
