"""Contexts with no window: pictures are drawn into memory and read back. And which graphics card draws them.

On Linux through EGL, with no display server. The card is chosen by itself, or named by the environment variable
XRLAB_GPU: its number in the list that `xrlab doctor` shows, a part of its name, or "software" for the processor.
Elsewhere a hidden window draws, with the card that the system chooses.
"""

from __future__ import annotations

import os
import threading
import weakref
from dataclasses import dataclass
from typing import Any

from xrlab.errors import DeviceError
from xrlab.render.egl import REFUSED, Egl, Failed, Gpu, egl
from xrlab.render.opengl import INSTALL, ON_LINUX, Context, debugging, is_software, renderer_name
from xrlab.render.window import open_window, start_glfw

SETTING = "XRLAB_GPU"


@dataclass(frozen=True)
class Card:
    """A graphics card (or the processor) as it answers. number: as XRLAB_GPU takes it; name: "NVIDIA H200/PCIe/SSE2".

    works: it gives OpenGL 4.5 core; if not, `problem` says in a few words why. software: the processor draws.
    """

    number: int
    name: str
    software: bool
    works: bool = True
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.number}: {self.name}" + (f" ({self.problem})" if self.problem else "")


@dataclass
class _Open:
    """A context that has been made, and what draws in it."""

    api: Egl
    gpu: Gpu
    display: int
    context: int
    name: str

    @property
    def software(self) -> bool:
        return self.gpu.software or is_software(self.name)

    def drop(self) -> None:
        self.api.destroy(self.display, self.context)


def _open(api: Egl, gpu: Gpu) -> _Open:
    """A context on this card, current in this thread; raises Failed where there is none."""
    display = api.display(gpu)
    context = api.context(display, debug=debugging())
    if not api.make_current(display, context):
        why = api.why()
        api.destroy(display, context)
        raise Failed(why)
    return _Open(api, gpu, display, context, renderer_name())


def _tried(api: Egl, gpu: Gpu) -> tuple[Card, _Open | None]:
    """How a card answers, and a context on it, if it gives one."""
    try:
        opened = _open(api, gpu)
    except Failed as why:
        return Card(gpu.number, gpu.node or "a graphics card", gpu.software, False, str(why)), None
    return Card(gpu.number, opened.name, opened.software), opened


def cards() -> list[Card]:
    """All that can draw here, each opened for a moment. Linux only."""
    out = []
    for gpu in egl().gpus():
        card, opened = _tried(egl(), gpu)
        out.append(card)
        if opened is not None:
            opened.drop()
    return out


def _best(api: Egl) -> _Open:
    """The first card that works, in EGL's order; the processor only where none does."""
    listed = api.gpus()
    order = [gpu for gpu in listed if not gpu.software and gpu.handle is not None]
    # What Mesa chooses by itself comes between: it also finds the processor where EGL lists no devices.
    order += [Gpu(len(listed), None), *(gpu for gpu in listed if gpu.software)]
    failed: list[str] = []
    second: _Open | None = None
    for gpu in order:
        if second is not None and gpu.software:
            break
        try:
            opened = _open(api, gpu)
        except Failed as why:
            failed.append(f"{gpu.node or ('Mesa' if gpu.handle is None else f'GPU {gpu.number}')}: {why}")
            continue
        if opened.software and second is None:
            second = opened
        elif opened.software:
            opened.drop()
        else:
            if second is not None:
                second.drop()
            return opened
    if second is None:
        raise DeviceError(f"nothing here gives OpenGL 4.5 core ({'; '.join(failed)}); {INSTALL}")
    api.make_current(second.display, second.context)
    return second


def _named(api: Egl, wanted: str) -> _Open:
    """The card that XRLAB_GPU names: by its number, "software", or letters of its name."""
    listed = api.gpus()
    if wanted.isdecimal() and int(wanted) < len(listed):
        card, opened = _tried(api, listed[int(wanted)])
        if opened is None:
            raise DeviceError(f"{SETTING}={wanted}: this GPU gives no OpenGL 4.5 core ({card.problem}); {INSTALL}")
        return opened
    if wanted == "software":
        listed = sorted([*listed, Gpu(len(listed), None)], key=lambda gpu: not gpu.software)
    seen = []
    for gpu in listed:
        card, opened = _tried(api, gpu)
        seen.append(str(card))
        if opened is not None:
            if opened.software if wanted == "software" else wanted in opened.name.lower():
                return opened
            opened.drop()
    raise DeviceError(f"{SETTING}={wanted}: there is no such GPU; here are: {'; '.join(seen) or 'none'}")


_chosen: dict[str, Gpu] = {}
_choosing = threading.Lock()


def _make(api: Egl, wanted: str) -> _Open:
    """A context on the card that is wanted, "" for the best; which it is, is found out once in a process."""
    with _choosing:
        known = _chosen.get(wanted)
        if known is None:
            opened = _named(api, wanted) if wanted else _best(api)
            _chosen[wanted] = opened.gpu
            return opened
    try:
        return _open(api, known)
    except Failed as why:
        raise DeviceError(f"the graphics card gives no further OpenGL context: {why}") from why


def _forget(api: Egl, display: int, context: int) -> None:
    """Frees a context, and what PyOpenGL keeps for it."""
    from OpenGL import contextdata

    contextdata.cleanupContext(context)
    api.destroy(display, context)


class _Guard:
    """Lives as long as its thread, and lets go what is current there: else no other thread could ever use it."""

    def __init__(self, api: Egl, display: int) -> None:
        self._api, self._display = api, display

    def __del__(self) -> None:
        self._api.let_go(self._display)


_thread = threading.local()


class HeadlessContext(Context):
    """A context with no window: pictures are drawn into memory and read back.

    On Linux through EGL: no display server, no graphics card needed; XRLAB_GPU names the card where there are
    several. Elsewhere a hidden window. Freed when it is closed, or when nothing refers to it any more.
    Raises DeviceError where nothing can draw.
    """

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        super().__init__(width, height)
        wanted = os.environ.get(SETTING, "").strip().lower()
        self._window: Any = None
        self._egl: Egl | None = None
        if ON_LINUX:
            self._egl = egl()
            made = _make(self._egl, "" if wanted == "auto" else wanted)
            self._display, self._handle = made.display, made.context
            # Not a method: it must not hold what it waits for.
            self._free = weakref.finalize(self, _forget, self._egl, made.display, made.context)
            self._free.atexit = False  # then the driver is no longer whole
        else:
            self._glfw: Any = start_glfw()
            self._window = open_window(width, height, "xrlab", visible=False)
        self.make_current()
        self._opened()
        if self._window is not None and wanted not in ("", "auto") and wanted not in renderer_name().lower():
            name = renderer_name()
            self.close()
            raise DeviceError(
                f"{SETTING}={wanted}: the system draws with {name}; choose another GPU for Python in its settings"
            )

    def resize(self, width: int, height: int) -> None:
        """From now on pictures are this large."""
        self._size = (int(width), int(height))

    def make_current(self) -> None:
        """Let OpenGL calls of this thread go to this context; costs next to nothing if they do already."""
        if self._window is not None:
            self._glfw.make_context_current(self._window)
            return
        if self._egl is None or not self._free.alive:
            raise DeviceError("this OpenGL context is closed")
        self._egl.refuse_after_fork()
        if self._egl.current() != self._handle and not self._egl.make_current(self._display, self._handle):
            why = self._egl.why()
            in_use = "it is in use in another thread, which must call its release() first, or end"
            raise DeviceError(f"this OpenGL context cannot be used: {in_use if why == REFUSED else why}")
        if not hasattr(_thread, "guard"):
            _thread.guard = _Guard(self._egl, self._display)

    def release(self) -> None:
        """Let another thread use this context: no OpenGL calls of this thread go to it any more."""
        if self._window is not None:
            self._glfw.make_context_current(None)
        elif self._egl is not None and self._free.alive and self._egl.current() == self._handle:
            self._egl.let_go(self._display)

    def close(self) -> None:
        """Free the context and all that lives in it; may be called twice."""
        if self._window is not None:
            self._glfw.destroy_window(self._window)
            self._window = None
        elif self._egl is not None:
            self._free()
