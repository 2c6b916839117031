"""Windows on the screen with an OpenGL context, and the screens there are (GLFW)."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from xrlab.errors import DeviceError
from xrlab.render.opengl import NEEDED, ON_LINUX, Context, debugging, gl


@dataclass(frozen=True)
class Monitor:
    """A screen or projector.

    number: counted from 0, the main one first. name: as it tells itself. size: in pixels, as it is set now.
    hertz: pictures a second, 0 if it does not tell. scale: 1.0, or more where writing is to be larger (high DPI).
    place: of its upper left corner on the desktop. modes: (width, height, hertz) of all that it can show.
    """

    number: int
    name: str
    size: tuple[int, int]
    hertz: int
    scale: float
    place: tuple[int, int]
    modes: tuple[tuple[int, int, int], ...]

    def __str__(self) -> str:
        rate = f" at {self.hertz} Hz" if self.hertz else ""
        return f"{self.number}: {self.name} ({self.size[0]}x{self.size[1]}{rate})"


def monitors() -> list[Monitor]:
    """The screens of this desktop, the main one first. Raises DeviceError where there is no display."""
    glfw = start_glfw()
    return [_monitor(glfw, number, handle) for number, handle in enumerate(glfw.get_monitors())]


def _monitor(glfw: Any, number: int, handle: Any) -> Monitor:
    name = glfw.get_monitor_name(handle)
    mode = glfw.get_video_mode(handle)
    return Monitor(
        number,
        name.decode(errors="replace") if isinstance(name, bytes) else str(name),
        (mode.size.width, mode.size.height),
        mode.refresh_rate,
        float(glfw.get_monitor_content_scale(handle)[0]),
        tuple(glfw.get_monitor_pos(handle)),
        tuple(sorted({(m.size.width, m.size.height, m.refresh_rate) for m in glfw.get_video_modes(handle)})),
    )


def _wanted(monitor: int | str) -> int:
    """The number of the screen that is meant by a number or by a part of a name."""
    found = monitors()
    if isinstance(monitor, str) and monitor.strip().isdecimal():
        monitor = int(monitor)
    if isinstance(monitor, int):
        fits = [m for m in found if m.number == monitor]
    else:
        told = monitor.strip().casefold()
        same = [m for m in found if m.name.casefold() == told]
        fits = same or [m for m in found if told and told in m.name.casefold()]
    if len(fits) == 1:
        return fits[0].number
    there = ", ".join(map(str, fits or found)) or "none"
    what = "several screens are" if fits else "there is no screen"
    raise DeviceError(f"{what} called '{monitor}': {there}")


_complained: list[str] = []


def _complain(_code: int, text: Any) -> None:  # bytes, whatever the stubs say
    _complained[:] = [*_complained[-2:], text.decode(errors="replace") if isinstance(text, bytes) else str(text)]


def start_glfw() -> Any:
    """The module `glfw`, started; DeviceError where there is no display."""
    gl()  # PyOpenGL settles first how it finds OpenGL
    import glfw

    glfw.set_error_callback(_complain)
    if ON_LINUX and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise DeviceError(
            "no display found (DISPLAY and WAYLAND_DISPLAY are empty): use --headless, or start a desktop"
        )
    _complained.clear()
    if not glfw.init():
        raise DeviceError(f"no display can be opened ({'; '.join(_complained) or 'GLFW failed'}): use --headless")
    return glfw


def open_window(width: int, height: int, title: str, *, visible: bool, monitor: int | None = None) -> Any:
    """A GLFW window with a 4.5 core context; DeviceError where there is no display or no driver."""
    glfw = start_glfw()
    _complained.clear()
    screen, rate = None, glfw.DONT_CARE
    if monitor is not None:
        screen = glfw.get_monitors()[monitor]
        mode = glfw.get_video_mode(screen)
        width, height, rate = mode.size.width, mode.size.height, mode.refresh_rate
    # A lost graphics card is told where the driver can tell; else it does without.
    for robustness in (glfw.LOSE_CONTEXT_ON_RESET, glfw.NO_ROBUSTNESS):
        glfw.default_window_hints()
        for hint, value in (
            (glfw.CONTEXT_VERSION_MAJOR, NEEDED[0]),
            (glfw.CONTEXT_VERSION_MINOR, NEEDED[1]),
            (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
            (glfw.OPENGL_FORWARD_COMPAT, glfw.TRUE),
            (glfw.OPENGL_DEBUG_CONTEXT, int(debugging())),
            (glfw.CONTEXT_ROBUSTNESS, robustness),
            (glfw.VISIBLE, int(visible)),
            (glfw.DEPTH_BITS, 0),
            (glfw.STENCIL_BITS, 0),
            (glfw.SCALE_TO_MONITOR, glfw.TRUE),  # as large to the eye on a screen of many small pixels
            (glfw.AUTO_ICONIFY, glfw.FALSE),  # the trainees' screen stays when the instructor clicks on another
            (glfw.REFRESH_RATE, rate),
        ):
            glfw.window_hint(hint, value)
        if ON_LINUX:  # so that PyOpenGL, set to EGL, knows this context as it knows the headless ones
            glfw.window_hint(glfw.CONTEXT_CREATION_API, glfw.EGL_CONTEXT_API)
        window = glfw.create_window(width, height, title, screen, None)
        if window:
            return window
    reason = "; ".join(_complained) or "no reason given"
    raise DeviceError(f"no window with OpenGL 4.5 core can be opened ({reason}): update the graphics driver")


class Window(Context):
    """A window on the screen with an OpenGL context.

    width, height: in screen units; on a screen with scaling `size` is larger. monitor: fill this screen instead,
    told by its number or a part of its name (`monitors` lists them). vsync: `swap` waits for the screen.
    Raises DeviceError where there is no display, no such screen or no driver.
    """

    def __init__(
        self,
        width: int = 1280,
        height: int = 720,
        title: str = "xrlab",
        *,
        vsync: bool = True,
        monitor: int | str | None = None,
        visible: bool = True,
    ) -> None:
        super().__init__(width, height)
        self._glfw: Any = start_glfw()
        self._window: Any = None
        screen = None if monitor is None else _wanted(monitor)
        self._window = open_window(width, height, title, visible=visible, monitor=screen)
        self._pressed: list[str] = []
        self._on_key: Callable[[str, bool], None] | None = None
        self._cursor_from: tuple[float, float] = (0.0, 0.0)
        self._cursor_away: tuple[float, ...] = (0.0, 0.0)
        self._cursor_rests = 0
        self._windowed: tuple[int, int, int, int] | None = None if screen is not None else self._place()
        self._wished = (width, height)
        self.make_current()
        self._opened()
        self.vsync = vsync
        self._glfw.set_key_callback(self._window, self._key)
        self._glfw.set_mouse_button_callback(self._window, self._button)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of what is drawn; 1x1 at least, also when minimised."""
        width, height = self._glfw.get_framebuffer_size(self._window)
        return max(1, width), max(1, height)

    @property
    def minimised(self) -> bool:
        """Whether nothing of the window can be seen, so that there is nothing to draw."""
        return bool(self._glfw.get_window_attrib(self._window, self._glfw.ICONIFIED)) or not all(
            self._glfw.get_framebuffer_size(self._window)
        )

    @property
    def scale(self) -> float:
        """How many times larger writing is to be, in pixels, than on an ordinary screen: 1.0, on high DPI more."""
        return max(0.5, float(self._glfw.get_window_content_scale(self._window)[0]))

    @property
    def vsync(self) -> bool:
        """Whether `swap` waits for the screen; may be set at any time."""
        return self._vsync

    @vsync.setter
    def vsync(self, wait: bool) -> None:
        self.make_current()
        self._vsync = bool(wait)
        self._glfw.swap_interval(int(self._vsync))

    @property
    def monitor(self) -> Monitor | None:
        """The screen that this window fills; None while it is an ordinary window."""
        handle = self._glfw.get_window_monitor(self._window)
        if not handle:
            return None
        for number, other in enumerate(self._glfw.get_monitors()):
            if _same(handle, other):
                return _monitor(self._glfw, number, other)
        return None

    def fill_screen(self, monitor: int | str | None = None) -> None:
        """Fill a screen, told by its number or a part of its name; that on which the window mostly lies if None."""
        number = self._nearest_screen() if monitor is None else _wanted(monitor)
        if self.monitor is None:
            self._windowed = self._place()
        screen = self._glfw.get_monitors()[number]
        mode = self._glfw.get_video_mode(screen)
        self._glfw.set_window_monitor(
            self._window, screen, 0, 0, mode.size.width, mode.size.height, mode.refresh_rate
        )  # fmt: skip
        self.vsync = self._vsync  # some drivers forget it

    def leave_screen(self) -> None:
        """Be an ordinary window again, where it was and as large as it was before it filled a screen."""
        filled = self.monitor
        if filled is None:
            return
        if self._windowed is None:  # it has filled a screen from its beginning
            wide, tall = (round(v * self._units()) for v in self._wished)
            x, y = (filled.place[i] + max(0, filled.size[i] - (wide, tall)[i]) // 2 for i in (0, 1))
            self._windowed = (x, y, wide, tall)
        self._glfw.set_window_monitor(self._window, None, *self._windowed, self._glfw.DONT_CARE)
        self.vsync = self._vsync

    def toggle_full_screen(self) -> None:
        """Fill the screen on which the window lies, or be an ordinary window again."""
        if self.monitor is None:
            self.fill_screen()
        else:
            self.leave_screen()

    def make_current(self) -> None:
        """Let OpenGL calls of this thread go to this window."""
        if self._window is None:
            raise DeviceError("this window is closed")
        self._glfw.make_context_current(self._window)

    def release(self) -> None:
        """Let another thread draw in this window: no OpenGL calls of this thread go to it any more."""
        self._glfw.make_context_current(None)

    def on_key(self, call: Callable[[str, bool], None] | None) -> None:
        """Call `call(name, down)` during `poll` for each key and mouse button that goes down or up."""
        self._on_key = call

    def on_refresh(self, call: Callable[[], None]) -> None:
        """Call `call()` during `poll` where the window is to be drawn anew; some desktops hold `poll` meanwhile."""
        self._glfw.set_window_refresh_callback(self._window, lambda _window: call())

    def poll(self, wait_s: float = 0.0) -> list[str]:
        """Take in what the user did; returns the names of keys and buttons pressed since the last call.

        wait_s: if nothing has happened yet, wait so long (s) for something to happen.
        Names: "a".."z", "0".."9" and "minus", "equal", "left_bracket", "right_bracket", "backslash", "semicolon",
        "apostrophe", "grave", "comma", "period", "slash" for the keys in the places where a US keyboard has them
        (so that walking keys lie together on every keyboard; `label` says what is printed there); "space", "escape",
        "enter", "tab", "backspace", "insert", "delete", "home", "end", "page_up", "page_down", "left", "right", "up",
        "down", "shift", "control", "alt", "f1".."f12", "keypad_0".."keypad_9"; "mouse_left", "mouse_right",
        "mouse_middle"; "key_" or "mouse_" and a number for others.
        """
        self._pressed = []
        if wait_s > 0:
            self._glfw.wait_events_timeout(wait_s)
        else:
            self._glfw.poll_events()
        self._settle_cursor()
        return self._pressed

    def label(self, name: str) -> str:
        """What the user's keyboard prints on a key that prints a sign: "A" for "q" on a Belgian one; else its name."""
        code = _codes().get(name)
        prints = len(name) == 1 or name in _SIGNS
        printed = self._glfw.get_key_name(code, 0) if code is not None and prints else None
        return (printed or _SIGNS.get(name, name)).upper()

    @property
    def cursor(self) -> tuple[float, float]:
        """Where the mouse is, in pixels of `size` from the upper left corner; while captured only its moves count."""
        if self._cursor_rests:
            return self._cursor_from
        x, y = self._glfw.get_cursor_pos(self._window)
        units = self._glfw.get_window_size(self._window)
        pixels = self.size
        away = self._cursor_away
        return x * pixels[0] / max(1, units[0]) - away[0], y * pixels[1] / max(1, units[1]) - away[1]

    def _settle_cursor(self) -> None:
        """A desktop that catches the mouse may move it first: that is no move of the user's, and counts for nothing."""
        if self._cursor_rests:
            self._cursor_rests -= 1
            if not self._cursor_rests:
                now = self.cursor
                self._cursor_away = tuple(self._cursor_away[i] + now[i] - self._cursor_from[i] for i in (0, 1))

    def capture_cursor(self, captured: bool) -> None:
        """Hide the mouse and let it move without bounds, to look around; or give it back."""
        g = self._glfw
        self._cursor_from, self._cursor_rests = self.cursor, 2 if captured else 0
        if not captured:
            self._cursor_away = (0.0, 0.0)
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
        """Give a window that was made invisible its size, as large to the eye as on an ordinary screen; show it."""
        by = self._units()
        self._glfw.set_window_size(self._window, round(width * by), round(height * by))
        self._glfw.show_window(self._window)
        self._glfw.focus_window(self._window)

    def close(self) -> None:
        """Close the window; may be called twice."""
        if self._window is not None:
            self._glfw.destroy_window(self._window)
            self._window = None

    def _units(self) -> float:
        """Units of this desktop for each of an ordinary screen: some count pixels, some scale by themselves."""
        units = self._glfw.get_window_size(self._window)[0]
        return self.scale * units / self.size[0] if units else 1.0

    def _place(self) -> tuple[int, int, int, int]:
        return (*self._glfw.get_window_pos(self._window), *self._glfw.get_window_size(self._window))

    def _nearest_screen(self) -> int:
        """The number of the screen on which most of the window lies."""
        x, y, width, height = self._place()

        def shared(monitor: Monitor) -> int:
            (left, top), (wide, tall) = monitor.place, monitor.size
            across = min(x + width, left + wide) - max(x, left)
            down = min(y + height, top + tall) - max(y, top)
            return max(0, across) * max(0, down)

        return max(monitors(), key=shared).number  # the main one, if it lies on none

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


def _same(one: Any, other: Any) -> bool:
    return ctypes.cast(one, ctypes.c_void_p).value == ctypes.cast(other, ctypes.c_void_p).value


@cache
def _codes() -> dict[str, int]:
    """GLFW's number for a key by its name; of two alike the first."""
    return {name: code for code, name in reversed(_named_keys().items())}


_SIGNS = {
    "minus": "-", "equal": "=", "left_bracket": "[", "right_bracket": "]", "backslash": "\\", "semicolon": ";",
    "apostrophe": "'", "grave": "`", "comma": ",", "period": ".", "slash": "/",
}  # fmt: skip
"""Keys besides letters and digits that print a sign, and which one on a US keyboard."""


@cache
def _named_keys() -> dict[int, str]:
    import glfw

    names = {
        glfw.KEY_SPACE: "space", glfw.KEY_ESCAPE: "escape", glfw.KEY_ENTER: "enter", glfw.KEY_TAB: "tab",
        glfw.KEY_BACKSPACE: "backspace", glfw.KEY_LEFT: "left", glfw.KEY_RIGHT: "right", glfw.KEY_UP: "up",
        glfw.KEY_DOWN: "down", glfw.KEY_INSERT: "insert", glfw.KEY_DELETE: "delete", glfw.KEY_HOME: "home",
        glfw.KEY_END: "end", glfw.KEY_PAGE_UP: "page_up", glfw.KEY_PAGE_DOWN: "page_down",
        glfw.KEY_LEFT_SHIFT: "shift", glfw.KEY_RIGHT_SHIFT: "shift",
        glfw.KEY_LEFT_CONTROL: "control", glfw.KEY_RIGHT_CONTROL: "control",
        glfw.KEY_LEFT_ALT: "alt", glfw.KEY_RIGHT_ALT: "alt", glfw.KEY_KP_ENTER: "enter",
        glfw.KEY_GRAVE_ACCENT: "grave",
    }  # fmt: skip
    names |= {getattr(glfw, f"KEY_{sign.upper()}"): sign for sign in _SIGNS if sign != "grave"}
    names |= {glfw.KEY_F1 + i: f"f{i + 1}" for i in range(12)}
    names |= {glfw.KEY_KP_0 + i: f"keypad_{i}" for i in range(10)}
    return names | {
        code: chr(code).lower() for code in (*range(ord("0"), ord("9") + 1), *range(ord("A"), ord("Z") + 1))
    }
