"""EGL, as far as contexts without a window need it: which graphics cards there are, and contexts on them.

Each card has one display (EGL's word for a way to it). It is opened once in a process and never closed: closing
it would end the contexts of all others that draw with the same card.
"""

from __future__ import annotations

import ctypes
import os
import threading
from dataclasses import dataclass
from typing import Any

from xrlab.errors import DeviceError
from xrlab.render.opengl import INSTALL, gl

_DEVICE, _SURFACELESS = 0x313F, 0x31DD  # EGL_PLATFORM_DEVICE_EXT, EGL_PLATFORM_SURFACELESS_MESA
_EXTENSIONS, _NONE, _OPENGL = 0x3055, 0x3038, 0x30A2
_DRM_NODE = 0x3233  # EGL_DRM_DEVICE_FILE_EXT
_MOST_DEVICES = 64
REFUSED = "access is refused"
_WHY = {
    0x3001: "it is not initialised, or its driver cannot be started",
    0x3002: REFUSED,
    0x3003: "out of memory",
    0x3008: "there is no such display",
    0x3009: "OpenGL 4.5 core is not offered",
    0x300E: "the graphics card was reset",
}


@dataclass(frozen=True)
class Gpu:
    """Something that draws, as EGL lists it before it is opened.

    number: counted from 0 in EGL's order, as XRLAB_GPU takes it. handle: EGL's own, None for the one of Mesa's
    surfaceless platform, which chooses a card by itself or draws with the processor. software: it is known to draw
    with the processor. node: its device file, "" if it has none or does not tell.
    """

    number: int
    handle: int | None
    software: bool = False
    node: str = ""


class Failed(Exception):
    """A card that cannot be used; says why in a few words."""


class Egl:
    """The functions of libEGL that are needed, through ctypes: PyOpenGL's raise kinds of error that are not public."""

    def __init__(self, library: ctypes.CDLL) -> None:
        handle, number = ctypes.c_void_p, ctypes.c_int
        self._library = library
        self._displays: dict[int | None, int] = {}
        self._opening = threading.Lock()
        self._process = 0
        find = library.eglGetProcAddress
        find.restype, find.argtypes = handle, [ctypes.c_char_p]

        def known(name: str, result: Any, *arguments: Any) -> Any:
            call = getattr(library, name)
            call.restype, call.argtypes = result, list(arguments)
            return call

        def extension(name: str, result: Any, *arguments: Any) -> Any:
            place = find(name.encode())
            return ctypes.CFUNCTYPE(result, *arguments)(place) if place else None

        self.current = known("eglGetCurrentContext", handle)
        self._error = known("eglGetError", number)
        self._string = known("eglQueryString", ctypes.c_char_p, handle, number)
        self._initialise = known("eglInitialize", number, handle, handle, handle)
        self._bind = known("eglBindAPI", number, number)
        self._choose = known("eglChooseConfig", number, handle, handle, handle, number, handle)
        self._create = known("eglCreateContext", handle, handle, handle, handle, handle)
        self._destroy = known("eglDestroyContext", number, handle, handle)
        self._current = known("eglMakeCurrent", number, handle, handle, handle, handle)
        self._display = extension("eglGetPlatformDisplayEXT", handle, number, handle, handle)
        self._devices = extension("eglQueryDevicesEXT", number, number, handle, handle)
        self._device_string = extension("eglQueryDeviceStringEXT", ctypes.c_char_p, handle, number)

    def gpus(self) -> list[Gpu]:
        """All that draws here, without opening any; where EGL can't list, the one that Mesa chooses by itself."""
        found = (ctypes.c_void_p * _MOST_DEVICES)()
        count = ctypes.c_int()
        offered = self._names(None)
        listed = self._devices is not None and "EGL_EXT_platform_device" in offered
        if not listed or not self._devices(_MOST_DEVICES, found, ctypes.byref(count)):
            return [Gpu(0, None)]
        out = []
        for number in range(count.value):
            handle = int(found[number] or 0)
            names = self._device_names(handle)
            node = self._device_string(handle, _DRM_NODE) if "EGL_EXT_device_drm" in names else None
            out.append(Gpu(number, handle, "EGL_MESA_device_software" in names, (node or b"").decode(errors="replace")))
        return out or [Gpu(0, None)]

    def display(self, gpu: Gpu) -> int:
        """The display of a card, opened at the first time of asking; raises Failed where it can't be."""
        self.refuse_after_fork()
        with self._opening:
            if gpu.handle not in self._displays:
                if self._display is None:
                    raise Failed("EGL offers no display without a window")
                self._process = os.getpid()
                platform = _SURFACELESS if gpu.handle is None else _DEVICE
                display = self._display(platform, gpu.handle, None)
                if not display or not self._initialise(display, None, None):
                    raise Failed(self.why())
                self._displays[gpu.handle] = int(display)
            return self._displays[gpu.handle]

    def context(self, display: int, *, debug: bool) -> int:
        """A new OpenGL 4.5 core context, told of a reset where the driver can; raises Failed where there is none."""
        offered = self._names(display)
        wanted = [0x3098, 4, 0x30FB, 5, 0x30FD, 0x1]  # major, minor, profile mask: core
        if debug:
            wanted += [0x31B0, 1]  # EGL_CONTEXT_OPENGL_DEBUG
        told = [0x31BD, 0x31BF]  # EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, EGL_LOSE_CONTEXT_ON_RESET
        if "EGL_KHR_surfaceless_context" not in offered:
            raise Failed("its driver has no EGL_KHR_surfaceless_context")
        config = None if "EGL_KHR_no_config_context" in offered else self._config(display)
        tries = [wanted + told, wanted] if "EGL_EXT_create_context_robustness" in offered else [wanted]
        self._bind(_OPENGL)
        for attributes in tries:
            made = self._create(display, config, None, (ctypes.c_int * (len(attributes) + 1))(*attributes, _NONE))
            if made:
                return int(made)
        raise Failed(self.why())

    def make_current(self, display: int, context: int | None) -> bool:
        """Let OpenGL calls of this thread go to a context, None for nowhere; False where EGL refuses (`why`)."""
        self._bind(_OPENGL)
        return bool(self._current(display, None, None, context))

    def let_go(self, display: int) -> None:
        """Let OpenGL calls of this thread go nowhere."""
        if os.getpid() == self._process:
            self.make_current(display, None)

    def destroy(self, display: int, context: int) -> None:
        """Free a context; also where it is current in this thread."""
        if os.getpid() != self._process:
            return  # in a forked child it isn't ours to free
        if self.current() == context:
            self.let_go(display)
        self._destroy(display, context)

    def why(self) -> str:
        """What EGL says of the call that has just failed."""
        code = int(self._error())
        return _WHY.get(code, "no reason given" if code == 0x3000 else f"error 0x{code:x}")

    def refuse_after_fork(self) -> None:
        """Raises DeviceError in a child of a process that had opened a display: the driver's threads are not in it."""
        if self._process and os.getpid() != self._process:
            raise DeviceError(
                "this process was forked from one that had used OpenGL already, which no driver survives: start it "
                'afresh, with multiprocessing.get_context("spawn") for instance'
            )

    def _config(self, display: int) -> int | None:
        """A configuration for drivers that make no context without one."""
        wanted = (ctypes.c_int * 5)(0x3040, 0x8, 0x3033, 0x1, _NONE)  # renderable: OpenGL, surface: pbuffer
        found, count = (ctypes.c_void_p * 1)(), ctypes.c_int()
        self._choose(display, wanted, found, 1, ctypes.byref(count))
        return found[0] if count.value else None

    def _names(self, display: int | None) -> frozenset[str]:
        return frozenset((self._string(display, _EXTENSIONS) or b"").decode(errors="replace").split())

    def _device_names(self, device: int) -> frozenset[str]:
        if self._device_string is None:
            return frozenset()
        return frozenset((self._device_string(device, _EXTENSIONS) or b"").decode(errors="replace").split())


_egl: Egl | None = None
_loading = threading.Lock()


def egl() -> Egl:
    """EGL, loaded once in a process. Raises DeviceError where there is none."""
    global _egl
    gl()
    with _loading:
        if _egl is None:
            from OpenGL.platform import PLATFORM

            try:
                _egl = Egl(PLATFORM.EGL)
            except AttributeError as error:
                raise DeviceError(f"this EGL is too old ({error}); {INSTALL}") from error
        return _egl
