"""OpenGL 4.5 core contexts: headless (EGL, no display server needed) and a window (GLFW).

This is the one place that decides how PyOpenGL finds OpenGL, because PyOpenGL settles that at its first
import: EGL on Linux, for headless contexts and windows alike, so that both may live in one process; the
system's own way elsewhere, where "headless" is a hidden GLFW window. `gl()` is the only door to `OpenGL.GL`.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from types import ModuleType, TracebackType
from typing import Any, Self

from xrlab.errors import DeviceError

_SURFACELESS = 0x31DD  # EGL_PLATFORM_SURFACELESS_MESA: needs neither an X server nor a GPU
_NEEDED = (4, 5)
_DEBIAN = "on Debian or Ubuntu: apt install libegl1 libgl1-mesa-dri"
_ON_LINUX = sys.platform.startswith("linux")


def debugging() -> bool:
    """Whether every OpenGL call is checked (environment variable XRLAB_GL_DEBUG=1); slow, for tests."""
    return os.environ.get("XRLAB_GL_DEBUG", "") not in ("", "0")


@lru_cache(maxsize=1)
def _load() -> tuple[ModuleType | None, ModuleType]:
    """`OpenGL.EGL` (None off Linux) and `OpenGL.GL`, imported in the one order that works."""
    if _ON_LINUX:
        if "OpenGL" in sys.modules and os.environ.get("PYOPENGL_PLATFORM") != "egl":
            raise DeviceError(
                "PyOpenGL was imported before xrlab.render and not for EGL: import xrlab.render.context first, "
                "or set PYOPENGL_PLATFORM=egl"
            )
        os.environ["PYOPENGL_PLATFORM"] = "egl"
    try:
        import OpenGL

        egl: ModuleType | None = None
        if _ON_LINUX:
            # Before checking is switched off: PyOpenGL 3.1.10's EGL module cannot be imported after.
            from OpenGL import EGL

            egl = EGL
        OpenGL.ERROR_CHECKING = debugging()
        OpenGL.ERROR_LOGGING = False
        from OpenGL import GL
    except (ImportError, AttributeError, OSError) as error:
        raise DeviceError(f"OpenGL cannot be loaded ({error}); {_DEBIAN}") from error
    return egl, GL


def gl() -> Any:
    """The module `OpenGL.GL`, loaded the way this process needs it."""
    return _load()[1]


class Context:
    """An OpenGL context and the size of its pictures; a context manager. Use `HeadlessContext` or `Window`."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (int(width), int(height))
        self._errors: list[str] = []
        self._callback: Any = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of what is drawn."""
        return self._size

    def make_current(self) -> None:
        """Let OpenGL calls of this thread go to this context."""
        raise NotImplementedError

    def close(self) -> None:
        """Free the context and all that lives in it; may be called twice."""
        raise NotImplementedError

    def raise_errors(self) -> None:
        """While debugging: raise what the driver complained about since the last call."""
        if self._errors:
            complaints, self._errors = self._errors, []
            raise DeviceError("OpenGL: " + "; ".join(complaints))

    def __enter__(self) -> Self:
        self.make_current()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _opened(self) -> None:
        """Check the version of a context that has just been made current, and listen to its complaints."""
        g = gl()
        version = g.glGetString(g.GL_VERSION)
        if version is None:
            self.close()
            raise DeviceError(f"the OpenGL driver gave a context that does not answer; {_DEBIAN}")
        found = (int(g.glGetIntegerv(g.GL_MAJOR_VERSION)), int(g.glGetIntegerv(g.GL_MINOR_VERSION)))
        if found < _NEEDED:
            name = g.glGetString(g.GL_RENDERER).decode(errors="replace")
            self.close()
            raise DeviceError(f"OpenGL {found[0]}.{found[1]} found ({name}), 4.5 is needed: update the graphics driver")
        if debugging():
            self._listen()

    def _listen(self) -> None:
        g = gl()

        def said(
            source: int, kind: int, number: int, severity: int, length: int, text: bytes | int, user: object
        ) -> None:
            if kind == g.GL_DEBUG_TYPE_ERROR:
                raw = text if isinstance(text, bytes) else ctypes.string_at(text, length)
                self._errors.append(raw.decode(errors="replace").strip())

        self._callback = g.GLDEBUGPROC(said)
        g.glEnable(g.GL_DEBUG_OUTPUT)
        g.glEnable(g.GL_DEBUG_OUTPUT_SYNCHRONOUS)
        g.glDebugMessageCallback(self._callback, None)


class HeadlessContext(Context):
    """A context with no window: pictures are drawn into memory and read back.

    On Linux through EGL's surfaceless platform: no display server, no GPU needed. Elsewhere a hidden window.
    """

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        super().__init__(width, height)
        self._window: Any = None
        self._context: Any = None
        if _ON_LINUX:
            self._open_egl()
        else:
            self._window = _glfw_window(width, height, "xrlab", visible=False)
        self.make_current()
        self._opened()

    def resize(self, width: int, height: int) -> None:
        """From now on pictures are this large."""
        self._size = (int(width), int(height))

    def make_current(self) -> None:
        """Let OpenGL calls of this thread go to this context."""
        if self._window is not None:
            import glfw

            glfw.make_context_current(self._window)
        elif self._context is not None:
            egl = _load()[0]
            assert egl is not None
            if not egl.eglMakeCurrent(_egl_display(), egl.EGL_NO_SURFACE, egl.EGL_NO_SURFACE, self._context):
                raise DeviceError(f"EGL cannot use its context in this thread; {_DEBIAN}")
        else:
            raise DeviceError("this OpenGL context is closed")

    def close(self) -> None:
        """Free the context and all that lives in it; may be called twice."""
        if self._window is not None:
            import glfw

            glfw.destroy_window(self._window)
            self._window = None
        if self._context is not None:
            egl = _load()[0]
            assert egl is not None
            display = _egl_display()
            egl.eglMakeCurrent(display, egl.EGL_NO_SURFACE, egl.EGL_NO_SURFACE, egl.EGL_NO_CONTEXT)
            egl.eglDestroyContext(display, self._context)
            self._context = None

    def _open_egl(self) -> None:
        egl = _load()[0]
        assert egl is not None
        display = _egl_display()
        wanted = [0x3098, 4, 0x30FB, 5, 0x30FD, 0x1]  # major, minor, profile mask: core
        if debugging():
            wanted += [0x31B0, 1]  # EGL_CONTEXT_OPENGL_DEBUG
        attributes = (egl.EGLint * (len(wanted) + 1))(*wanted, egl.EGL_NONE)
        try:
            egl.eglBindAPI(egl.EGL_OPENGL_API)
            # No config: the surfaceless platform may offer none, and nothing is drawn to a surface.
            self._context = egl.eglCreateContext(display, egl.EGLConfig(), egl.EGL_NO_CONTEXT, attributes) or None
        except Exception as error:  # PyOpenGL raises its own kinds, of which EGLError is not public
            raise DeviceError(f"EGL offers no OpenGL 4.5 core context ({_short(error)}); {_DEBIAN}") from error
        if self._context is None:
            raise DeviceError(f"EGL offers no OpenGL 4.5 core context; {_DEBIAN}")


@lru_cache(maxsize=1)
def _egl_display() -> Any:
    """The surfaceless display, initialised once and kept: terminating it would end other contexts."""
    egl = _load()[0]
    assert egl is not None
    try:
        from OpenGL.EGL.EXT.platform_base import eglGetPlatformDisplayEXT

        display = eglGetPlatformDisplayEXT(_SURFACELESS, None, None)
        major, minor = ctypes.c_long(), ctypes.c_long()
        ready = bool(display) and bool(egl.eglInitialize(display, major, minor))
    except Exception as error:  # see _open_egl
        raise DeviceError(f"EGL has no surfaceless display ({_short(error)}); {_DEBIAN}") from error
    if not ready:
        raise DeviceError(f"EGL has no surfaceless display; {_DEBIAN}")
    return display


def _short(error: Exception) -> str:
    """The first line of what a library said."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _glfw_window(width: int, height: int, title: str, *, visible: bool, monitor: int | None = None) -> Any:
    """A GLFW window with a 4.5 core context; DeviceError where there is no display or no driver."""
    _load()
    import glfw

    said: list[str] = []

    def complain(_code: int, text: Any) -> None:  # bytes, whatever the stubs say
        said.append(text.decode(errors="replace") if isinstance(text, bytes) else str(text))

    glfw.set_error_callback(complain)
    if _ON_LINUX and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise DeviceError(
            "no display found (DISPLAY and WAYLAND_DISPLAY are empty): use --headless, or start a desktop"
        )
    if not glfw.init():
        raise DeviceError(f"no display can be opened ({'; '.join(said) or 'GLFW failed'}): use --headless")
    glfw.default_window_hints()
    for hint, value in (
        (glfw.CONTEXT_VERSION_MAJOR, 4),
        (glfw.CONTEXT_VERSION_MINOR, 5),
        (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
        (glfw.OPENGL_FORWARD_COMPAT, glfw.TRUE),
        (glfw.OPENGL_DEBUG_CONTEXT, int(debugging())),
        (glfw.VISIBLE, int(visible)),
        (glfw.DEPTH_BITS, 0),
        (glfw.STENCIL_BITS, 0),
    ):
        glfw.window_hint(hint, value)
    if _ON_LINUX:  # so that PyOpenGL, set to EGL, knows this context as it knows the headless ones
        glfw.window_hint(glfw.CONTEXT_CREATION_API, glfw.EGL_CONTEXT_API)
    screen = None
    if monitor is not None:
        screens = glfw.get_monitors()
        if not 0 <= monitor < len(screens):
            raise DeviceError(f"there is no screen {monitor}: {len(screens)} found, counted from 0")
        screen = screens[monitor]
        mode = glfw.get_video_mode(screen)
        width, height = mode.size.width, mode.size.height
    window = glfw.create_window(width, height, title, screen, None)
    if not window:
        reason = "; ".join(said) or "no reason given"
        raise DeviceError(f"no window with OpenGL 4.5 core can be opened ({reason}): update the graphics driver")
    return window


class Window(Context):
    """A window on the screen with an OpenGL context.

    width, height: in screen units; on a screen with scaling `size` is larger. monitor: fill that screen,
    counted from 0, instead. vsync: `swap` waits for the screen.
    """

    def __init__(
        self,
        width: int = 1280,
        height: int = 720,
        title: str = "xrlab",
        *,
        vsync: bool = True,
        monitor: int | None = None,
        visible: bool = True,
    ) -> None:
        super().__init__(width, height)
        self._window: Any = _glfw_window(width, height, title, visible=visible, monitor=monitor)
        import glfw

        self._glfw = glfw
        self._pressed: list[str] = []
        self._on_key: Callable[[str, bool], None] | None = None
        self.make_current()
        self._opened()
        glfw.swap_interval(1 if vsync else 0)
        glfw.set_key_callback(self._window, self._key)
        glfw.set_mouse_button_callback(self._window, self._button)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of what is drawn; 1x1 at least, also when minimised."""
        width, height = self._glfw.get_framebuffer_size(self._window)
        return max(1, width), max(1, height)

    def make_current(self) -> None:
        """Let OpenGL calls of this thread go to this window."""
        if self._window is None:
            raise DeviceError("this window is closed")
        self._glfw_current()

    def _glfw_current(self) -> None:
        import glfw

        glfw.make_context_current(self._window)

    def on_key(self, call: Callable[[str, bool], None] | None) -> None:
        """Call `call(name, down)` during `poll` for each key and mouse button that goes down or up."""
        self._on_key = call

    def poll(self, wait_s: float = 0.0) -> list[str]:
        """Take in what the user did; returns the names of keys and buttons pressed since the last call.

        wait_s: if nothing has happened yet, wait so long (s) for something to happen.
        Names: "a".."z", "0".."9" for the keys in the places where a US keyboard has them (so that walking
        keys lie together on every keyboard; `label` says what is printed there), "space", "escape", "enter",
        "tab", "backspace", "left", "right", "up", "down", "shift", "control", "f1".."f12", "mouse_left",
        "mouse_right", "mouse_middle"; "key_" and a number for others.
        """
        self._pressed = []
        if wait_s > 0:
            self._glfw.wait_events_timeout(wait_s)
        else:
            self._glfw.poll_events()
        return self._pressed

    def label(self, name: str) -> str:
        """What the user's keyboard prints on the letter key of this name: "A" for "q" on a Belgian one."""
        code = getattr(self._glfw, f"KEY_{name.upper()}", None)
        printed = self._glfw.get_key_name(code, 0) if code is not None and len(name) == 1 else None
        return (printed or name).upper()

    @property
    def cursor(self) -> tuple[float, float]:
        """Where the mouse is, in pixels of `size` from the upper left corner; unbounded while captured."""
        x, y = self._glfw.get_cursor_pos(self._window)
        units = self._glfw.get_window_size(self._window)
        pixels = self.size
        return x * pixels[0] / max(1, units[0]), y * pixels[1] / max(1, units[1])

    def capture_cursor(self, captured: bool) -> None:
        """Hide the mouse and let it move without bounds, to look around; or give it back."""
        g = self._glfw
        g.set_input_mode(self._window, g.CURSOR, g.CURSOR_DISABLED if captured else g.CURSOR_NORMAL)
        if g.raw_mouse_motion_supported():  # without the desktop's acceleration: the same move, the same turn
            g.set_input_mode(self._window, g.RAW_MOUSE_MOTION, int(captured))

    def swap(self) -> None:
        """Show what was presented; with vsync waits for the screen."""
        self._glfw.swap_buffers(self._window)

    def should_close(self) -> bool:
        """Whether the user has asked to close the window."""
        return bool(self._glfw.window_should_close(self._window))

    def show(self, width: int, height: int) -> None:
        """Give a window that was made invisible its size, in screen units, and show it."""
        self._glfw.set_window_size(self._window, width, height)
        self._glfw.show_window(self._window)
        self._glfw.focus_window(self._window)

    def close(self) -> None:
        """Close the window; may be called twice."""
        if self._window is not None:
            import glfw

            glfw.destroy_window(self._window)
            self._window = None

    def _key(self, _window: Any, key: int, _scancode: int, action: int, _mods: int) -> None:
        if action != self._glfw.REPEAT:
            self._went(_named_keys().get(key, f"key_{key}"), action == self._glfw.PRESS)

    def _button(self, _window: Any, button: int, action: int, _mods: int) -> None:
        names = {0: "mouse_left", 1: "mouse_right", 2: "mouse_middle"}
        self._went(names.get(button, f"mouse_{button}"), action == self._glfw.PRESS)

    def _went(self, name: str, down: bool) -> None:
        if down:
            self._pressed.append(name)
        if self._on_key is not None:
            self._on_key(name, down)


@cache
def _named_keys() -> dict[int, str]:
    import glfw

    names = {
        glfw.KEY_SPACE: "space", glfw.KEY_ESCAPE: "escape", glfw.KEY_ENTER: "enter", glfw.KEY_TAB: "tab",
        glfw.KEY_BACKSPACE: "backspace", glfw.KEY_LEFT: "left", glfw.KEY_RIGHT: "right", glfw.KEY_UP: "up",
        glfw.KEY_DOWN: "down", glfw.KEY_LEFT_SHIFT: "shift", glfw.KEY_RIGHT_SHIFT: "shift",
        glfw.KEY_LEFT_CONTROL: "control", glfw.KEY_RIGHT_CONTROL: "control",
    }  # fmt: skip
    names |= {glfw.KEY_F1 + i: f"f{i + 1}" for i in range(12)}
    return names | {
        code: chr(code).lower() for code in (*range(ord("0"), ord("9") + 1), *range(ord("A"), ord("Z") + 1))
    }


def in_software() -> bool:
    """Whether the current context draws with the processor alone."""
    name = gl().glGetString(gl().GL_RENDERER).decode(errors="replace").lower()
    return any(word in name for word in ("llvmpipe", "softpipe", "swrast", "microsoft basic"))


def describe_device() -> dict[str, Any]:
    """What draws here: vendor, renderer, version, glsl, platform, limits. Needs no display.

    Raises DeviceError, as `HeadlessContext` does, where nothing can draw.
    """
    with HeadlessContext(16, 16):
        g = gl()

        def text(name: int) -> str:
            return str(g.glGetString(name).decode(errors="replace"))

        def number(name: int) -> int:
            return int(g.glGetIntegerv(name))

        return {
            "vendor": text(g.GL_VENDOR),
            "renderer": text(g.GL_RENDERER),
            "version": text(g.GL_VERSION),
            "glsl": text(g.GL_SHADING_LANGUAGE_VERSION),
            "platform": "EGL surfaceless" if _ON_LINUX else "hidden GLFW window",
            "software": in_software(),
            "limits": {
                "texture_size": number(g.GL_MAX_TEXTURE_SIZE),
                "texture_layers": number(g.GL_MAX_ARRAY_TEXTURE_LAYERS),
                "samples": number(g.GL_MAX_SAMPLES),
                "uniform_block_bytes": number(g.GL_MAX_UNIFORM_BLOCK_SIZE),
            },
        }
