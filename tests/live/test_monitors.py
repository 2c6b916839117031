"""The window on its screens, under Xvfb: the same pixels as without a window, full screen and back, sizes, vsync."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scenes import write_scene
from test_window import display

from xrlab.errors import DeviceError
from xrlab.recording.reader import read_recording
from xrlab.render import window
from xrlab.render.window import Monitor
from xrlab.sim import events as ev

__all__ = ["display"]

SAME_PIXELS = """
import json
import numpy as np
from studio import FORWARD, studio
from xrlab.render.context import HeadlessContext, Window, gl
from xrlab.render.renderer import Renderer, prepare
from xrlab.render.scene import Frame, InHand, PersonPose

room = prepare(studio())
people = [PersonPose((1.5, -0.6, 0.0), 3.0, "aiming", holds="handgun"), PersonPose((2.2, 0.0, 0.0), 2.5, holds="phone")]
frame = Frame(FORWARD, people, in_hand=InHand("police", "handgun"))
pictures = {}
with HeadlessContext(320, 180) as context, Window(320, 180, "same", vsync=False) as shown:
    for name, drawn in (("headless", context), ("window", shown)):
        renderer = Renderer(drawn, room)
        renderer.draw(frame)
        pictures[name] = renderer.read()
    renderer.present()
    g = gl()
    screen = np.empty((180, 320, 4), np.uint8)
    g.glBindFramebuffer(g.GL_READ_FRAMEBUFFER, 0)
    g.glReadPixels(0, 0, 320, 180, g.GL_RGBA, g.GL_UNSIGNED_BYTE, screen)
    shown.swap()
    shown.raise_errors()
print(json.dumps({
    "same": bool((pictures["headless"] == pictures["window"]).all()),
    "on_screen": bool((screen[::-1, :, :3] == pictures["window"]).all()),
    "contrast": float(pictures["window"].std()),
}))
"""

ON_SCREENS = """
import json, os
import glfw
from xrlab.errors import DeviceError
from xrlab.render import headless
from xrlab.render.context import HeadlessContext, Window, gl, monitors

told = {"monitors": [str(m) for m in monitors()], "modes": monitors()[0].modes}

def now(window):
    for _ in range(3):
        window.poll(0.02)
    window.raise_errors()
    return [list(window.size), window.monitor and window.monitor.number]

with Window(400, 300, "one", visible=False) as window:
    window.show(420, 310)
    told["shown"] = now(window)
    window.toggle_full_screen()
    told["full"] = now(window)
    window.toggle_full_screen()
    told["back"] = now(window)
    window.fill_screen("SCREEN")
    told["named"] = now(window)
    window.fill_screen(0)
    window.leave_screen()
    window.leave_screen()
    told["again"] = now(window)
    window.vsync = False
    told["scale"], told["vsync"] = window.scale, window.vsync
with Window(200, 100, "two", monitor="screen") as window:
    told["born full"] = now(window)
    window.toggle_full_screen()
    told["then"] = now(window)
create, tries = glfw.create_window, []
glfw.create_window = lambda *words: tries.append(1) or (create(*words) if len(tries) == 2 else None)
with Window(64, 64, "no reset notification"):
    told["tries"] = len(tries)
try:
    Window(64, 64, "none at all")
except DeviceError as error:
    told["none"] = str(error)
glfw.create_window = create
headless.ON_LINUX = False  # as on Windows, where a hidden window draws
with HeadlessContext(40, 30) as context:
    gl().glFinish()
    told["hidden"] = list(context.size)
    context.release()
    context.make_current()
context.close()
os.environ["XRLAB_GPU"] = "voodoo"
try:
    HeadlessContext(40, 30)
except DeviceError as error:
    told["card"] = str(error)
try:
    Window(200, 100, "three", monitor="beamer")
except DeviceError as error:
    told["wrong"] = str(error)
print(json.dumps(told))
"""

HIGH_DPI = """
import ctypes, json
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
x.XDefaultRootWindow.restype, x.XDefaultRootWindow.argtypes = ctypes.c_ulong, [ctypes.c_void_p]
number, name = ctypes.c_int, ctypes.c_ulong
x.XChangeProperty.argtypes = [ctypes.c_void_p, name, name, name, number, number, ctypes.c_char_p, number]
screen = x.XOpenDisplay(None)
def dots_per_inch(dpi):
    told = f"Xft.dpi:\\t{dpi}\\n".encode()
    x.XChangeProperty(screen, x.XDefaultRootWindow(screen), 23, 31, 8, 0, told, len(told))
    x.XSync(ctypes.c_void_p(screen), 0)

from xrlab.render.context import Window, monitors
dots_per_inch(144)
try:
    told = {"monitor": monitors()[0].scale}
    with Window(400, 300, "fine", visible=False) as window:
        told["made"] = list(window.size), window.scale
        window.show(500, 320)
        window.poll(0.05)
        told["shown"] = list(window.size)
finally:
    dots_per_inch(96)
print(json.dumps(told))
"""


def said(script: str, display: str) -> dict[str, Any]:
    """What a script prints that is run on a display."""
    env = os.environ | {"DISPLAY": display, "PYTHONPATH": os.pathsep.join(sys.path)}
    env.pop("WAYLAND_DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.window
def test_a_window_shows_the_same_pixels_as_are_drawn_without_one(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "render")
    told = said(SAME_PIXELS, display)
    assert told["same"] and told["on_screen"] and told["contrast"] > 10


@pytest.mark.window
def test_a_window_fills_a_screen_and_comes_back(display: str) -> None:
    told = said(ON_SCREENS, display)
    assert told["monitors"] == ["0: screen (1280x800)"] and told["modes"] == [[1280, 800, 0]]
    assert told["shown"] == told["back"] == told["again"] == [[420, 310], None]
    assert told["full"] == told["named"] == told["born full"] == [[1280, 800], 0]
    assert told["then"] == [[200, 100], None]
    assert (told["scale"], told["vsync"]) == (1.0, False)
    assert told["tries"] == 2  # without being told of a reset, where a driver cannot
    assert told["none"].startswith("no window with OpenGL 4.5 core can be opened (")
    assert told["hidden"] == [40, 30]
    assert told["card"].startswith("XRLAB_GPU=voodoo: the system draws with ")
    assert told["wrong"] == "there is no screen called 'beamer': 0: screen (1280x800)"


@pytest.mark.window
def test_on_a_fine_screen_a_window_has_more_pixels_and_looks_as_large(display: str) -> None:
    told = said(HIGH_DPI, display)
    assert told == {"monitor": 1.5, "made": [[600, 450], 1.5], "shown": [750, 480]}


LOST = """
import sys
from xrlab.cli import main
from xrlab.render.context import gl

asked = []
gl().glGetGraphicsResetStatus = lambda: asked.append(1) or (0x8253 if len(asked) > 4 else 0)
sys.argv = ["xrlab", "run", "scene.yaml", "--out", "out", "--mute"]
main()
"""


@pytest.mark.window
def test_a_graphics_card_lost_in_a_run_ends_it_in_one_line_and_keeps_the_recording(
    display: str, tmp_path: Path
) -> None:
    write_scene(tmp_path)
    env = os.environ | {"DISPLAY": display, "PYTHONPATH": os.pathsep.join(sys.path)}
    env.pop("WAYLAND_DISPLAY", None)
    command = [sys.executable, "-c", LOST]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("xrlab: the graphics card was reset after something that xrlab drew")
    assert done.stderr.count("\n") == 1
    last = read_recording(tmp_path / "out" / "recording.mcap").events[-1]
    assert isinstance(last, ev.RunEnded) and last.reason == "interrupted"


SCREENS = [
    Monitor(0, "DELL U2720Q", (3840, 2160), 60, 1.5, (0, 0), ()),
    Monitor(1, "EPSON PJ", (1920, 1080), 60, 1.0, (3840, 0), ()),
    Monitor(2, "EPSON PJ 2", (1920, 1080), 60, 1.0, (5760, 0), ()),
]


@pytest.mark.parametrize(
    ("wanted", "number"), [(0, 0), (2, 2), ("1", 1), ("dell", 0), ("epson pj", 1), (" EPSON PJ 2 ", 2), ("U27", 0)]
)
def test_a_screen_is_named_by_number_or_a_part_of_its_name(
    monkeypatch: pytest.MonkeyPatch, wanted: int | str, number: int
) -> None:
    monkeypatch.setattr(window, "monitors", lambda: SCREENS)
    assert window._wanted(wanted) == number


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (
            3,
            "there is no screen called '3': 0: DELL U2720Q (3840x2160 at 60 Hz), 1: EPSON PJ (1920x1080 at 60 Hz), 2: ",
        ),
        ("-1", "there is no screen called '-1': 0: DELL"),
        ("", "there is no screen called '': 0: DELL"),
        (
            "eps",
            "several screens are called 'eps': 1: EPSON PJ (1920x1080 at 60 Hz), 2: EPSON PJ 2 (1920x1080 at 60 Hz)",
        ),
    ],
)
def test_a_wrong_screen_is_told_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch, wanted: int | str, says: str
) -> None:
    monkeypatch.setattr(window, "monitors", lambda: SCREENS)
    with pytest.raises(DeviceError) as told:
        window._wanted(wanted)
    assert str(told.value).startswith(says) and told.value.exit_code == 3
