"""Contexts without a display come and go; pictures land on disk whole or not at all."""

import gc
import inspect
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE
from typing import Any

import numpy as np
import pytest
from studio import FORWARD, box, studio

from xrlab.errors import DeviceError, InputError
from xrlab.render.context import EXTRAS, HeadlessContext, describe_device, gl
from xrlab.render.egl import egl
from xrlab.render.overlay import Overlay
from xrlab.render.picture import save_png
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Frame, InHand, PersonPose
from xrlab.room.model import Room

BARE = Room("bare", (box("floor", (0.5, -0.5, -0.1), (1.5, 0.5, 0.0), "#c8c8c8"),), lights=studio().lights)


def red(size: tuple[int, int] = (64, 36)) -> np.ndarray:
    """Draws red into a target of its own in the current context, and reads it back: (height, width, 4)."""
    g = gl()
    made = np.zeros(2, np.uint32)
    g.glCreateFramebuffers(1, made[:1])
    g.glCreateTextures(g.GL_TEXTURE_2D, 1, made[1:])
    g.glTextureStorage2D(int(made[1]), 1, g.GL_RGBA8, *size)
    g.glNamedFramebufferTexture(int(made[0]), g.GL_COLOR_ATTACHMENT0, int(made[1]), 0)
    g.glBindFramebuffer(g.GL_FRAMEBUFFER, int(made[0]))
    g.glClearColor(1.0, 0.0, 0.0, 1.0)
    g.glClear(g.GL_COLOR_BUFFER_BIT)
    out = np.zeros((size[1], size[0], 4), np.uint8)
    g.glReadPixels(0, 0, *size, g.GL_RGBA, g.GL_UNSIGNED_BYTE, out)
    return out


def held() -> tuple[int, int]:
    """How many files this process has open, and how many bytes of memory it holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return len(list(Path("/proc/self/fd").iterdir())), pages * os.sysconf("SC_PAGE_SIZE")


def in_thread(call: Callable[[], Any]) -> Any:
    """What `call` gives in a thread of its own, which has ended by then."""
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(call()))
    thread.start()
    thread.join()
    return got[0]


def test_three_contexts_one_after_the_other_draw_the_same():
    pictures = []
    for _ in range(3):
        with HeadlessContext(48, 27) as context:
            renderer = Renderer(context, BARE)
            overlay = Overlay()
            renderer.draw(
                Frame(FORWARD, [PersonPose((1.0, 0.0, 0.0), holds="phone")], in_hand=InHand("police", "handgun"))
            )
            overlay.text(2, 20, "é", 12)
            renderer.over(overlay.draw)
            pictures.append(renderer.read())
            renderer.close()
            context.raise_errors()
    assert all(np.array_equal(p, pictures[0]) for p in pictures)
    assert pictures[0].std() > 5


def test_two_contexts_do_not_disturb_each_other():
    with HeadlessContext(64, 36) as one, HeadlessContext(32, 18) as other:
        first, second = Renderer(one, studio(), samples=0), Renderer(other, BARE, samples=0)
        first.draw(Frame(FORWARD))
        alone = first.read()
        second.draw(Frame(FORWARD))
        assert second.read().shape == (18, 32, 3)
        first.draw(Frame(FORWARD))
        assert np.array_equal(first.read(), alone)


def test_a_picture_follows_the_size_of_its_context():
    with HeadlessContext(40, 20) as context:
        renderer = Renderer(context, BARE)
        for size in ((40, 20), (64, 48), (16, 16)):
            context.resize(*size)
            renderer.draw(Frame(FORWARD))
            assert renderer.read().shape == (size[1], size[0], 3)
            assert renderer.size == size


def test_a_closed_context_says_so():
    context = HeadlessContext(16, 16)
    context.close()
    context.close()
    with pytest.raises(DeviceError, match="closed"):
        context.make_current()


def test_asking_for_a_picture_before_drawing_says_what_to_do():
    with HeadlessContext(16, 16) as context:
        renderer = Renderer(context, BARE)
        for ask in (renderer.read, renderer.read_depth, renderer.redraw, lambda: renderer.over(lambda size: None)):
            with pytest.raises(RuntimeError, match="call draw"):
                ask()


def test_a_wrong_call_of_opengl_is_heard():
    """Else the other tests of this folder could not fail on one."""
    with HeadlessContext(16, 16) as context:
        g = gl()
        with pytest.raises(g.GLError):
            g.glEnable(0x1234)
        with pytest.raises(DeviceError, match="GL_INVALID"):
            context.raise_errors()


def test_a_hundred_contexts_one_after_the_other_leave_nothing_behind():
    """Dropped in three ways: closed, left by `with`, or merely forgotten."""

    def one(number: int) -> None:
        if number % 3 == 0:
            with HeadlessContext(64, 36) as context:
                context.raise_errors()
                assert (red() == (255, 0, 0, 255)).all()
            return
        context = HeadlessContext(64, 36)
        assert (red() == (255, 0, 0, 255)).all()
        if number % 3 == 1:
            context.close()

    for number in range(20):
        one(number)
    files, memory = held()
    for number in range(100):
        one(number)
    files_after, memory_after = held()
    assert files_after == files
    assert memory_after - memory < 6e6, f"{(memory_after - memory) / 1e6:.1f} MB more"


def test_closing_one_context_ends_no_other():
    """Complaint 148 about pyrender: after some renderers had come and gone, those left could not be used any more."""
    with HeadlessContext(16, 16) as kept:
        for _ in range(5):
            with HeadlessContext(16, 16):
                red()
        kept.make_current()
        assert (red() == (255, 0, 0, 255)).all()


def test_several_processes_draw_at_once_without_checking_every_call():
    script = (
        "import numpy as np\nfrom xrlab.render.context import HeadlessContext, gl\n"
        f"{inspect.getsource(red)}"
        "with HeadlessContext(64, 36) as context:\n"
        "    gl().glEnable(0x1234)\n"  # which would raise if every call were checked
        "    context.raise_errors()\n"
        "    print('ready', flush=True)\n"
        "    input()\n"
        "    print(red().sum())\n"
    )
    env = {name: value for name, value in os.environ.items() if name != "XRLAB_GL_DEBUG"}
    several = [
        subprocess.Popen([sys.executable, "-c", script], stdin=PIPE, stdout=PIPE, text=True, env=env) for _ in range(3)
    ]
    assert [process.stdout and process.stdout.readline() for process in several] == ["ready\n"] * 3  # all at once
    said = [process.communicate("\n", timeout=60)[0] for process in several]
    assert said == [f"{64 * 36 * 2 * 255}\n"] * 3


def test_several_threads_draw_at_once():
    def work(number: int) -> bool:
        with HeadlessContext(32 + number, 18) as context:
            return all((red(context.size) == (255, 0, 0, 255)).all() for _ in range(10))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))


def test_a_context_goes_from_thread_to_thread():
    context = HeadlessContext(16, 16)

    def work() -> bool:
        context.make_current()
        return bool((red() == (255, 0, 0, 255)).all())

    def refused() -> str:
        with pytest.raises(DeviceError) as told:
            context.make_current()
        return str(told.value)

    assert "in use in another thread, which must call its release() first, or end" in in_thread(refused)
    context.release()
    context.release()
    assert in_thread(work)  # a thread that has ended keeps nothing
    assert in_thread(work)
    assert work()
    context.close()
    context.release()


def test_a_context_dropped_in_another_thread_is_gone_when_its_own_ends():
    made = []
    in_thread(lambda: made.append(HeadlessContext(16, 16)))
    made.pop().close()
    with HeadlessContext(16, 16):
        red()


def test_a_forked_process_is_told_to_start_afresh():
    with HeadlessContext(16, 16) as context:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            said = ""
            for attempt in (context.make_current, HeadlessContext):
                try:
                    attempt()
                except DeviceError as error:
                    said += f"{error}\n"
            context.close()  # nothing of the parent's
            os.write(write, said.encode())
            os._exit(0)
        os.close(write)
        assert os.waitpid(child, 0)[1] == 0
        with os.fdopen(read) as pipe:
            lines = pipe.read().splitlines()
        assert len(lines) == 2 and all('get_context("spawn")' in line for line in lines)
        context.make_current()
        assert (red() == (255, 0, 0, 255)).all()


def test_a_fork_before_anything_was_drawn_does_no_harm():
    script = (
        "import os\nfrom xrlab.render.context import HeadlessContext, gl\ngl()\n"
        "child = os.fork()\n"
        "with HeadlessContext(16, 16):\n    gl().glFinish()\n"
        "if child: raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0


@pytest.mark.parametrize(("why", "whose"), [(0x8253, "after something that xrlab drew"), (0x8254, "through no fault")])
def test_a_lost_graphics_card_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, why: int, whose: str):
    with HeadlessContext(16, 16) as context:
        renderer = Renderer(context, BARE)
        monkeypatch.setattr(gl(), "glGetGraphicsResetStatus", lambda: why)
        with pytest.raises(DeviceError) as told:
            renderer.draw(Frame(FORWARD))
    assert whose in str(told.value) and "start xrlab again" in str(told.value) and "\n" not in str(told.value)
    assert told.value.exit_code == 3


def test_a_lost_context_cannot_be_used_again_and_says_why(monkeypatch: pytest.MonkeyPatch):
    with HeadlessContext(16, 16) as context:
        context.release()
        monkeypatch.setattr(egl(), "_current", lambda *_: 0)
        monkeypatch.setattr(egl(), "_error", lambda: 0x300E)
        with pytest.raises(DeviceError, match="cannot be used: the graphics card was reset"):
            context.make_current()


def test_an_extension_that_lacks_is_told_with_what_needs_it(monkeypatch: pytest.MonkeyPatch):
    with HeadlessContext(16, 16) as context:
        for extra in EXTRAS:
            if context.has(extra):
                context.need(extra)
        monkeypatch.setitem(context.__dict__, "extensions", frozenset({"GL_ARB_robustness"}))
        context.need("reset notification")
        with pytest.raises(DeviceError) as told:
            context.need("layer from the vertex shader")
    for part in ("llvmpipe", "GL_ARB_shader_viewport_layer_array", "needed for both eyes", "update the graphics"):
        assert part in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("lacks", "libraries"), [("EGL", ["EGL"]), ("GL", ["OpenGL", "GL", "GLESv2", "GLESv1_CM"])])
def test_a_machine_without_opengl_is_told_what_to_install(lacks: str, libraries: list[str]):
    script = (
        "import ctypes\nload = ctypes.CDLL\n"
        "def without(name, mode):\n"
        f"    if any(name.startswith(f'lib{{library}}.so') for library in {libraries}): raise OSError(name)\n"
        "    return load(name, mode)\n"
        "ctypes.cdll._dlltype = without\n"
        "from xrlab.errors import DeviceError\nfrom xrlab.render.context import HeadlessContext\n"
        "try: HeadlessContext()\nexcept DeviceError as error: print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert said.stderr == ""
    assert said.stdout == (
        f"OpenGL cannot be loaded (lib{lacks} is not installed); "
        "on Debian or Ubuntu: apt install libegl1 libgl1 libgl1-mesa-dri\n"
    )


def test_a_complaint_that_nobody_asks_for_fails_the_test_that_caused_it(no_complaint_of_opengl: Callable[[], None]):
    """What stands at the end of every test finds a complaint also of a context that is closed."""
    with HeadlessContext(16, 16), pytest.raises(gl().GLError):
        gl().glEnable(0x1234)
    with pytest.raises(AssertionError, match="OpenGL: GL_INVALID_ENUM"):
        no_complaint_of_opengl()
    no_complaint_of_opengl()


def test_the_device_tells_its_name_and_version():
    found = describe_device()
    assert found["version"].startswith(("4.5", "4.6")) and found["renderer"]
    assert found["limits"]["texture_size"] >= 4096


def test_a_png_is_written_whole_and_replaces_the_old_one(tmp_path: Path):
    from PIL import Image

    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    image = np.random.default_rng(1).integers(0, 256, (9, 16, 3), dtype=np.uint8)
    save_png(image, path)
    assert np.array_equal(np.asarray(Image.open(path)), image)
    assert [p.name for p in tmp_path.iterdir()] == ["picture.png"]


def test_a_png_that_cannot_be_written_leaves_nothing(tmp_path: Path):
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(InputError, match="cannot be written"):
        save_png(image, tmp_path / "missing" / "picture.png")
    folder = tmp_path / "picture.png"
    folder.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        save_png(image, folder)
    assert [p.name for p in tmp_path.iterdir()] == ["picture.png"] and folder.is_dir()
