"""What this machine can do, and how to mend what it can't: `xrlab doctor`."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = ("numpy", "trimesh", "embreex", "PyOpenGL", "glfw", "pydantic", "mcap", "scipy", "shapely", "pillow")


@dataclass(frozen=True)
class Finding:
    """One thing looked at. needed: without it xrlab can't run headless. mend: what to do if it is not good."""

    what: str
    good: bool
    found: str
    needed: bool = True
    mend: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return asdict(self)


def examine() -> list[Finding]:
    """Looks at Python, the packages, ray casting, OpenGL without and with a display."""
    return [_python(), *_packages(), _rays(), _shipped(), _headless_gl(), _display(), _sound()]


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Finding("Python", good, found, mend="" if good else "install Python 3.11 or newer")


def _packages() -> list[Finding]:
    missing, found = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    mend = f"pip install {' '.join(missing)}" if missing else ""
    return [Finding("packages", not missing, ", ".join(found), mend=mend)]


def _tried(what: str, attempt: Callable[[], str], *, needed: bool, mend: str) -> Finding:
    try:
        return Finding(what, True, attempt(), needed)
    except Exception as error:  # whatever a driver throws is a finding, not a crash
        return Finding(what, False, str(error).splitlines()[0] if str(error) else type(error).__name__, needed, mend)


def _rays() -> Finding:
    def attempt() -> str:
        import numpy as np

        from xrlab.geometry.rays import RayMesh

        mesh = RayMesh(np.array([[0, -1, -1], [0, 1, -1], [0, 0, 1.0]]), np.array([[0, 1, 2]]))
        distance, _ = mesh.closest((-2.0, 0.0, 0.0), (1.0, 0.0, 0.0))
        if distance != 2.0:
            raise RuntimeError(f"a ray of 2 m was measured as {distance} m")
        return "Embree answers"

    return _tried("ray casting", attempt, needed=True, mend="pip install --force-reinstall embreex")


def _sound() -> Finding:
    def attempt() -> str:
        from xrlab.live.speaker import sound_card

        card = sound_card()
        if card is None:
            raise RuntimeError("no sound card")
        return card

    mend = "none is needed: a window shows sounds as text; to hear them, connect headphones or loudspeakers"
    return _tried("sound", attempt, needed=False, mend=mend)


def _shipped() -> Finding:
    def attempt() -> str:
        from xrlab.scenario.load import shipped

        return ", ".join(shipped())

    return _tried("scenarios", attempt, needed=True, mend="install xrlab again: its data folders are missing")


def _headless_gl() -> Finding:
    def attempt() -> str:
        from xrlab.render.context import describe_device

        facts = describe_device()
        return ", ".join(str(facts[k]) for k in ("renderer", "version") if k in facts)

    mend = "install a driver: on Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri"
    return _tried("OpenGL 4.5 without a display (previews)", attempt, needed=False, mend=mend)


def _display() -> Finding:
    if platform.system() == "Linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        mend = "none is needed for --headless; for a window start xrlab in a graphical session"
        return Finding("display (window)", False, "none", needed=False, mend=mend)

    def attempt() -> str:
        import glfw

        if not glfw.init():
            raise RuntimeError("GLFW could not be started")
        try:
            mode = glfw.get_video_mode(glfw.get_primary_monitor())
            return f"{mode.size.width}x{mode.size.height} at {mode.refresh_rate} Hz"
        finally:
            glfw.terminate()

    return _tried("display (window)", attempt, needed=False, mend="start xrlab in a graphical session")
