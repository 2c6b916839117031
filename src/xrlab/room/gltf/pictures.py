"""Textures out of picture files (PNG, JPEG, WebP …, KTX2): sizes are looked at before anything is unpacked."""

from __future__ import annotations

import io
import os
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

MAX_PIXELS = 70_000_000
MAX_ALL_PIXELS = 200_000_000
"""Pixels of all textures of one file together, as they stand in it."""
MAX_WEBP_PIXELS = 34_000_000
"""A WebP takes twice the memory of other pictures while it is unpacked."""
MAX_SIDE = 4096
KINDS = ("PNG", "JPEG", "WEBP")

_KTX2 = b"\xabKTX 20\xbb\r\n\x1a\n"
_BLOCKS = 4


def oversized(raw: bytes) -> bool:
    """Whether a file is a WebP that would unpack to more than `MAX_WEBP_PIXELS` pixels, by its header."""
    if raw[:4] != b"RIFF" or raw[8:12] != b"WEBP":
        return False
    kind = raw[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(raw[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(raw[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(raw[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    return width * height > MAX_WEBP_PIXELS


class Unseen(ValueError):
    """A picture cannot be used; `str()` tells why."""


class Pictures:
    """Unpacks the pictures of one file, several at a time, with a limit on all of them together."""

    def __init__(self) -> None:
        self._pixels = 0
        self._threads: ThreadPoolExecutor | None = None

    def begin(self, raw: bytes) -> Future[Picture]:
        """Unpack a picture file to pixels (h, w, 4), at most `MAX_SIDE` wide and high, while others go on.

        Raises `Unseen` for what its header tells; the result raises it for what is found later.
        """
        if raw[:12] == _KTX2:
            done: Future[Picture] = Future()
            done.set_result(self._ktx2(raw))
            return done
        if oversized(raw):
            raise Unseen("is too large a WebP; make it 4096 x 8192 or smaller")
        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                image = Image.open(io.BytesIO(raw), formats=KINDS)
        except Image.DecompressionBombError as error:
            raise Unseen(f"is too large ({str(error)[:80]}); make it 8192 x 8192 or smaller") from None
        except Exception:  # Pillow's readers throw whatever their parsers throw
            raise Unseen("is no picture that can be read (PNG, JPEG, WebP and KTX2 can)") from None
        self._weigh(*image.size)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "pictures")
        return self._threads.submit(_unpacked, image)

    def from_image(self, image: Any) -> Picture:
        """A picture that Pillow has opened, but not yet unpacked; raises `Unseen`."""
        self._weigh(*image.size)
        return _unpacked(image)

    def end(self) -> None:
        """Give up what is not unpacked yet."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _weigh(self, width: int, height: int) -> None:
        if width * height > MAX_PIXELS:
            raise Unseen(f"has {width} x {height} pixels; make it 8192 x 8192 or smaller")
        if self._pixels + width * height > MAX_ALL_PIXELS:
            raise Unseen(f"is one too many: together they have over {MAX_ALL_PIXELS:,} pixels; make them smaller")
        self._pixels += width * height

    def _ktx2(self, raw: bytes) -> Picture:
        """A texture of Basis Universal (what KHR_texture_basisu allows), from the first level that is small enough."""
        width, height, depth = (int.from_bytes(raw[at : at + 4], "little") for at in (20, 24, 28))
        levels = int.from_bytes(raw[40:44], "little")
        if not width or not height or depth > 1 or levels > 32 or len(raw) < 80 + 24 * max(levels, 1):
            raise Unseen("is a KTX2 file whose header is damaged")
        self._weigh(width, height)
        for level in range(max(levels, 1)):
            at = 80 + 24 * level
            start, length, whole = (int.from_bytes(raw[at + k : at + k + 8], "little") for k in (0, 8, 16))
            blocks = (((width >> level) + _BLOCKS) // _BLOCKS + 1) * (((height >> level) + _BLOCKS) // _BLOCKS + 1)
            if start + length > len(raw) or whole > blocks * 16:
                raise Unseen("is a KTX2 file that promises more than it holds")
        try:
            import opengl_basisu
        except ImportError as error:
            raise Unseen(f"is KTX2, which needs the Python package opengl-basisu ({error}); install it") from None
        try:
            texture = opengl_basisu.open(raw)
            level = next((k for k in range(texture.levels) if max(texture.level_size(k)) <= MAX_SIDE), 0)
            pixels = texture.transcode(opengl_basisu.Target.RGBA8, level).data
        except Exception as error:  # its errors, and those of NumPy where sizes do not fit
            raise Unseen(f"cannot be read: {str(error)[:120]}") from None
        from PIL import Image

        small = Image.fromarray(np.asarray(pixels, np.uint8))
        small.thumbnail((MAX_SIDE, MAX_SIDE))
        return np.asarray(small, np.uint8)


def _unpacked(image: Any) -> Picture:
    """A picture that Pillow has opened, in whichever thread; raises `Unseen`."""
    try:
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a large JPEG is read at a half or a quarter
        if image.mode in ("L", "RGB", "RGBA"):
            image.thumbnail((MAX_SIDE, MAX_SIDE), reducing_gap=1.5)
        small = image.convert("RGBA")
    except Exception as error:  # cut short or damaged, in as many ways as there are formats
        raise Unseen(f"cannot be read: {str(error)[:120]}") from None
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    return np.asarray(small, np.uint8)
