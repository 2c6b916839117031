from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from studio import Draw, studio

from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Frame


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    """Draws the studio in 320 x 180."""
    with HeadlessContext(320, 180) as context:
        made = Renderer(context, studio())
        yield made
        made.close()


@pytest.fixture
def draw(renderer: Renderer) -> Draw:
    def one(frame: Frame) -> NDArray[np.uint8]:
        renderer.draw(frame)
        return renderer.read()

    return one
