"""Which changes of a picture fail a test, which do not, and what is left behind to look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from likeness import IMAGES, compare, difference, figures
from numpy.typing import NDArray
from PIL import Image


@pytest.fixture
def kept(tmp_path: Path) -> NDArray[np.uint8]:
    image = np.asarray(Image.open(IMAGES / "studio.png").convert("RGB"))
    Image.fromarray(image).save(tmp_path / "one.png")
    return image


def check(image: NDArray[np.uint8], folder: Path, name: str = "one", *, renew: bool = False) -> None:
    compare(image, name, mean=0.05, worst=0.25, renew=renew, images=folder)


def test_the_same_picture_does_not_differ(kept: NDArray[np.uint8]) -> None:
    assert figures(difference(kept, kept)) == (0.0, 0.0)


def test_what_no_eye_sees_passes(kept: NDArray[np.uint8], tmp_path: Path) -> None:
    luck = np.random.default_rng(3)
    noisy = np.clip(kept + luck.integers(-1, 2, kept.shape), 0, 255).astype(np.uint8)
    check(noisy, tmp_path)
    single = noisy.copy()  # pixels here and there, as another driver fills an edge
    single[luck.integers(0, 180, 80), luck.integers(0, 320, 80)] = 128
    check(single, tmp_path)
    assert not (tmp_path / "failed").exists()


@pytest.mark.parametrize("change", ["darker", "redder", "a thing gone", "moved"])
def test_what_an_eye_sees_fails_and_leaves_both_pictures(
    kept: NDArray[np.uint8], tmp_path: Path, change: str
) -> None:  # fmt: skip
    image = kept.copy()
    if change == "darker":
        image = (kept * 0.96).astype(np.uint8)
    elif change == "redder":
        image[..., 0] = np.minimum(kept[..., 0] + 8.0, 255)
    elif change == "moved":
        image = np.roll(kept, 1, axis=1)
    else:
        image[40:52, 90:98] = kept[40, 90] // 2
    with pytest.raises(AssertionError, match=r"one looks different: mean .* worst patch .*--renew-pictures"):
        check(image, tmp_path)
    for what in ("drawn", "kept", "difference"):
        assert Image.open(tmp_path / "failed" / f"one.{what}.png").size == (320, 180)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "failed" / "one.drawn.png")), image)


def test_a_reference_that_is_not_there_or_of_another_size_is_told(kept: NDArray[np.uint8], tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"no reference .*two\.png"):
        check(kept, tmp_path, "two")
    assert (tmp_path / "failed" / "two.drawn.png").is_file()
    with pytest.raises(AssertionError, match=r"one\.png is"):
        check(kept[:100], tmp_path)


def test_renewed_the_reference_is_the_picture(kept: NDArray[np.uint8], tmp_path: Path) -> None:
    check(kept[::-1], tmp_path, "sub_two", renew=True)
    check(kept[::-1], tmp_path, "sub_two")
