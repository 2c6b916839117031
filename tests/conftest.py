"""What all tests share: repeatable examples, pictures compared, and where real rooms and recordings lie."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from likeness import LooksLike, compare
from numpy.typing import NDArray

os.environ["XRLAB_GL_DEBUG"] = "1"  # before OpenGL is first loaded: every call of it is checked

settings.register_profile(
    "xrlab", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("xrlab")

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew-pictures", action="store_true", help="write the references in tests/images instead of comparing"
    )


@pytest.fixture
def looks_like(request: pytest.FixtureRequest) -> LooksLike:
    """Fails where a picture does not look like its reference: see tests/likeness.py."""
    renew = bool(request.config.getoption("--renew-pictures"))

    def check(image: NDArray[np.uint8], name: str, *, mean: float = 0.05, worst: float = 0.25) -> None:
        compare(image, name, mean=mean, worst=worst, renew=renew)

    return check


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real rooms, videos and targets beside the project; the test is skipped where they are not."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data here")
    return folder


@pytest.fixture(autouse=True)
def no_complaint_of_opengl() -> Iterator[Callable[[], None]]:
    """What a driver complained about fails the test that caused it, also where nobody asked for errors."""

    def check() -> None:
        opengl = sys.modules.get("xrlab.render.opengl")
        said = opengl.complaints() if opengl is not None else []
        assert not said, f"OpenGL: {'; '.join(said)}"

    yield check
    check()
