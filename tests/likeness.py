"""Pictures against the references in tests/images. Use the fixture `looks_like`:

    def test_a_wall_of_bricks(draw, looks_like):
        looks_like(draw(Frame(camera)), "bricks")               # tests/images/bricks.png
        looks_like(image, "smoke", mean=0.08, worst=0.3)        # where more may differ

image: (height, width, 3) uint8 sRGB, the upper row first. Two numbers are held, both from FLIP, which tells for each
pixel how strongly an eye that flips between two pictures sees them differ, 0 not at all .. 1 black against white:
`mean` over the whole picture (light, tone and material as a whole) and `worst`, the mean of the patch of 8x8 pixels
that differs most (a thing in a hand that is gone). Lone pixels at edges, which another version of the driver may fill
otherwise, move neither much. For scale, of a picture of 320x180: rounding that differs by one step in 255 gives a mean
of 0.015, one hundredth less light 0.06, one tenth less 0.25; four by four pixels of another colour a worst of 0.3; all
moved by a pixel a mean of 0.05 and a worst of 0.4.

When a test fails, tests/images/failed/ holds NAME.drawn.png, NAME.kept.png and NAME.difference.png (FLIP's map). New
references, or others where the picture is meant to have changed, are written by

    pytest tests/render -k NAME --renew-pictures

Look at every one before you commit it. They are made by llvmpipe (no graphics card), small (320x180) and few.

FLIP: P. Andersson and others, "FLIP: A Difference Evaluator for Alternating Images", Proc. ACM Comput. Graph.
Interact. Tech. 3(2):15, 2020; reckoned by the authors' own package, flip-evaluator.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

IMAGES = Path(__file__).resolve().parent / "images"
_PATCH = 8


class LooksLike(Protocol):
    """What the fixture `looks_like` gives."""

    def __call__(self, image: NDArray[np.uint8], name: str, *, mean: float = 0.05, worst: float = 0.25) -> None: ...


def difference(image: NDArray[np.uint8], kept: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How strongly two pictures (height, width, 3) are seen to differ: (height, width), 0..1."""
    flip: Any = pytest.importorskip("flip_evaluator")  # no wheels yet for Python 3.14
    one, other = (np.ascontiguousarray(p, np.float32) / 255 for p in (kept, image))
    told = flip.evaluate(one, other, "LDR", applyMagma=False)[0]
    return np.asarray(told)[..., 0]


def figures(seen: NDArray[np.float32]) -> tuple[float, float]:
    """Mean of the whole, and of the patch that differs most."""
    height, width = (max(1, n // _PATCH) * _PATCH for n in seen.shape)
    edge = min(_PATCH, *seen.shape)
    # Patches lie at every half of their size, so that none is cut through by their borders.
    shifts = {(r, c) for r in (0, edge // 2) for c in (0, edge // 2)}
    worst = 0.0
    for row, column in shifts:
        part = seen[row:height, column:width]
        rows, columns = part.shape[0] // edge, part.shape[1] // edge
        if rows and columns:
            blocks = part[: rows * edge, : columns * edge].reshape(rows, edge, columns, edge)
            worst = max(worst, float(blocks.mean(axis=(1, 3)).max()))
    return float(seen.mean()), worst


def compare(
    image: NDArray[np.uint8], name: str, *, mean: float, worst: float, renew: bool, images: Path = IMAGES
) -> None:
    """Fail where a picture does not look like images/NAME.png; with `renew`, write that instead."""
    path = images / f"{name}.png"
    if renew:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path, optimize=True)
        return
    again = f"pytest -k NAME_OF_THE_TEST --renew-pictures writes {path.name}; look at it before you commit it"
    failed = images / "failed"
    if not path.is_file():
        _keep(failed, name, drawn=image)
        raise AssertionError(f"there is no reference {path}; the picture is in {failed}; {again}")
    kept = np.asarray(Image.open(path).convert("RGB"))
    if kept.shape != image.shape:
        _keep(failed, name, drawn=image, kept=kept)
        raise AssertionError(f"{path.name} is {kept.shape}, the picture is {image.shape}; {again}")
    seen = difference(image, kept)
    whole, patch = figures(seen)
    if whole > mean or patch > worst:
        _keep(failed, name, drawn=image, kept=kept, difference=(seen * 255).astype(np.uint8))
        raise AssertionError(
            f"{name} looks different: mean {whole:.3f} (at most {mean}), worst patch {patch:.3f} (at most {worst}); "
            f"both pictures and the difference are in {failed}. If the change is meant: {again}"
        )


def _keep(folder: Path, name: str, **pictures: NDArray[np.uint8]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for what, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.{what}.png")
