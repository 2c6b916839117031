"""How long the device takes: told some pictures later, never waited for, never longer than the clock on the wall."""

import time

from studio import FORWARD

from xrlab.render.context import gl
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Frame
from xrlab.render.timer import DeviceTimer


def test_what_is_drawn_takes_time_and_no_longer_than_it_does(renderer: Renderer) -> None:
    renderer.context.make_current()
    timer = DeviceTimer()
    assert timer.take() == []
    began = time.perf_counter()
    for _ in range(2):
        timer.begin()
        renderer.draw(Frame(FORWARD))
        timer.end()
        gl().glFinish()
    spent = time.perf_counter() - began
    figures = timer.take()
    assert len(figures) == 2 and all(0 < seconds < spent for seconds in figures) and sum(figures) < spent
    assert timer.take() == []
    timer.free()


def test_pictures_that_nobody_asks_about_are_not_measured_for_ever(renderer: Renderer) -> None:
    renderer.context.make_current()
    timer = DeviceTimer()
    for _ in range(50):
        timer.begin()
        timer.end()
    gl().glFinish()
    assert 0 < len(timer.take()) < 50
    timer.begin()
    timer.end()
    gl().glFinish()
    assert len(timer.take()) == 1
    timer.free()
    timer.begin()
    timer.end()
    assert timer.take() == []
