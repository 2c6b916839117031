"""How OpenGL is found and loaded, what xrlab needs of it, and what every context can do.

PyOpenGL settles at its first import how it finds OpenGL: EGL on Linux, for headless contexts and windows
alike, so that both may live in one process; the system's own way elsewhere. `gl()` is the only door to
`OpenGL.GL`. Contexts are made by `headless` and `window`; all others import from `context`.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import sys
import threading
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from xrlab.errors import DeviceError

NEEDED = (4, 5)
"""The OpenGL version without which nothing is drawn."""

ON_LINUX = sys.platform.startswith("linux")
INSTALL = "on Debian or Ubuntu: apt install libegl1 libgl1 libgl1-mesa-dri"


@dataclass(frozen=True)
class Extra:
    """Something beyond OpenGL 4.5 core. extensions: any one of them does. used_for: what it is used for.

    missed: where it lacks, something is worse; else nothing is.
    """

    extensions: tuple[str, ...]
    used_for: str
    missed: bool = True


EXTRAS = {
    "layer from the vertex shader": Extra(
        ("GL_ARB_shader_viewport_layer_array", "GL_AMD_vertex_shader_layer"),
        "both eyes of a stereo pair drawn in one submission",
    ),
    "anisotropic filtering": Extra(
        ("GL_ARB_texture_filter_anisotropic", "GL_EXT_texture_filter_anisotropic"),
        "floors and walls that stay sharp when seen at a slant",
    ),
    "reset notification": Extra(
        ("GL_KHR_robustness", "GL_ARB_robustness"), "a lost graphics card told in one line instead of black pictures"
    ),
    "multiview": Extra(("GL_OVR_multiview2", "GL_OVR_multiview"), "a stereo pair, for which layers do as well", False),
    "bindless textures": Extra(
        ("GL_ARB_bindless_texture",), "many textures at once, for which arrays do as well", False
    ),
}
"""All that is asked for beyond 4.5 core, and what for; `Context.need` refuses where one that must be is missing."""

_loading = threading.Lock()
_loaded: Any = None


def debugging() -> bool:
    """Whether every OpenGL call is checked (environment variable XRLAB_GL_DEBUG=1); slow, for tests."""
    return os.environ.get("XRLAB_GL_DEBUG", "") not in ("", "0")


def gl() -> Any:
    """The module `OpenGL.GL`, loaded the way this process needs it. Raises DeviceError where there is none."""
    return _loaded if _loaded is not None else _load()


def _load() -> Any:
    global _loaded
    with _loading:
        if _loaded is not None:
            return _loaded
        if ON_LINUX:
            if "OpenGL" in sys.modules and os.environ.get("PYOPENGL_PLATFORM") != "egl":
                raise DeviceError(
                    "PyOpenGL was imported before xrlab.render and not for EGL: import xrlab.render.context first, "
                    "or set PYOPENGL_PLATFORM=egl"
                )
            os.environ["PYOPENGL_PLATFORM"] = "egl"
        try:
            import OpenGL

            OpenGL.ERROR_CHECKING = debugging()
            OpenGL.ERROR_LOGGING = False
            if ON_LINUX:
                from OpenGL.platform import PLATFORM

                for library in ("EGL", "GL"):
                    if getattr(PLATFORM, library) is None:
                        raise OSError(f"lib{library} is not installed")
            from OpenGL import GL
        except (ImportError, AttributeError, OSError) as error:
            raise DeviceError(f"OpenGL cannot be loaded ({short(error)}); {INSTALL}") from error
        _loaded = GL
        return GL


def short(error: Exception) -> str:
    """The first line of what a library said."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def renderer_name() -> str:
    """What the current context says draws its pictures: "NVIDIA H200/PCIe/SSE2", "llvmpipe (LLVM 15.0.6, 256 bits)"."""
    name = gl().glGetString(gl().GL_RENDERER)
    return str(name.decode(errors="replace")) if name else "a driver that does not answer"


def is_software(name: str) -> bool:
    """Whether a renderer of this name draws with the processor alone."""
    return any(word in name.lower() for word in ("llvmpipe", "softpipe", "swrast", "microsoft basic"))


def in_software() -> bool:
    """Whether the current context draws with the processor alone."""
    return is_software(renderer_name())


_numbers = itertools.count()
_heard: list[tuple[int, str]] = []
"""While debugging: what drivers have complained about, each with the number of its context."""


def complaints() -> list[str]:
    """While debugging: what drivers complained about in any context, also closed ones, since it was last told."""
    told = [text for _, text in _heard]
    _heard.clear()
    return told


class Context:
    """An OpenGL context and the size of its pictures; a context manager. Use `HeadlessContext` or `Window`.

    It belongs to one thread at a time: the one that made it current last, until that thread calls `release` or
    ends. A context made before a fork can't be used in the child.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (int(width), int(height))
        self._number = next(_numbers)
        self._callback: Any = None
        self._robust = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of what is drawn."""
        return self._size

    def make_current(self) -> None:
        """Let OpenGL calls of this thread go to this context; costs next to nothing if they do already."""
        raise NotImplementedError

    def release(self) -> None:
        """Let another thread use this context: no OpenGL calls of this thread go to it any more."""
        raise NotImplementedError

    def close(self) -> None:
        """Free the context and all that lives in it; may be called twice."""
        raise NotImplementedError

    def raise_errors(self) -> None:
        """Raise DeviceError if the graphics card was lost; while debugging also for what the driver complained about.

        Cheap enough to be called once a picture. Needs the context to be current.
        """
        if self._robust:
            why = gl().glGetGraphicsResetStatus()
            if why:
                raise DeviceError(_lost(int(why)))
        if _heard:
            mine = [text for number, text in _heard if number == self._number]
            if mine:
                _heard[:] = [told for told in _heard if told[0] != self._number]
                raise DeviceError("OpenGL: " + "; ".join(mine))

    def need(self, extra: str) -> None:
        """Raise DeviceError, in one line, where the driver lacks this one of `EXTRAS`. Needs to be current."""
        if not self.has(extra):
            wanted = EXTRAS[extra]
            raise DeviceError(
                f"{renderer_name()} has no {wanted.extensions[0]}, needed for {wanted.used_for}: "
                "update the graphics driver, or name another GPU with XRLAB_GPU (xrlab doctor lists them)"
            )

    def has(self, extra: str) -> bool:
        """Whether the driver offers this one of `EXTRAS`. Needs to be current."""
        return not self.extensions.isdisjoint(EXTRAS[extra].extensions)

    @cached_property
    def extensions(self) -> frozenset[str]:
        """The names of all extensions of OpenGL that the driver offers."""
        g = gl()
        return frozenset(
            g.glGetStringi(g.GL_EXTENSIONS, i).decode(errors="replace")
            for i in range(int(g.glGetIntegerv(g.GL_NUM_EXTENSIONS)))
        )

    def __enter__(self) -> Self:
        self.make_current()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _opened(self) -> None:
        """Check the version of a context that has just been made current, and listen to its complaints."""
        g = gl()
        if g.glGetString(g.GL_VERSION) is None:
            self.close()
            raise DeviceError(f"the OpenGL driver gave a context that does not answer; {INSTALL}")
        found = (int(g.glGetIntegerv(g.GL_MAJOR_VERSION)), int(g.glGetIntegerv(g.GL_MINOR_VERSION)))
        if found < NEEDED:
            name = renderer_name()
            self.close()
            raise DeviceError(f"OpenGL {found[0]}.{found[1]} found ({name}), 4.5 is needed: update the graphics driver")
        self._robust = int(g.glGetIntegerv(g.GL_RESET_NOTIFICATION_STRATEGY)) == g.GL_LOSE_CONTEXT_ON_RESET
        if debugging():
            self._listen()

    def _listen(self) -> None:
        g = gl()
        number = self._number  # not the context itself: it must be free to go

        def said(
            source: int, kind: int, code: int, severity: int, length: int, text: bytes | int, user: object
        ) -> None:
            if kind in (g.GL_DEBUG_TYPE_ERROR, g.GL_DEBUG_TYPE_UNDEFINED_BEHAVIOR):
                raw = text if isinstance(text, bytes) else ctypes.string_at(text, length)
                _heard.append((number, raw.decode(errors="replace").strip()))

        self._callback = g.GLDEBUGPROC(said)
        g.glEnable(g.GL_DEBUG_OUTPUT)
        g.glEnable(g.GL_DEBUG_OUTPUT_SYNCHRONOUS)
        g.glDebugMessageCallback(self._callback, None)


def _lost(why: int) -> str:
    g = gl()
    whose = {
        int(g.GL_GUILTY_CONTEXT_RESET): "after something that xrlab drew",
        int(g.GL_INNOCENT_CONTEXT_RESET): "through no fault of xrlab",
    }.get(why, "for a reason that the driver does not tell")
    return (
        f"the graphics card was reset {whose}, and nothing can be drawn any more: start xrlab again; "
        "if it happens more than once, update the graphics driver"
    )
