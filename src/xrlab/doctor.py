"""What this machine can do, and how to mend what it can't: `xrlab doctor`."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
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
    """Looks at Python, the packages, ray casting, graphics cards, OpenGL without and with a display, sound."""
    return [_python(), *_packages(), _rays(), _shipped(), *_opengl(), _display(), _sound()]


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


def _opengl() -> list[Finding]:
    """Without a display: whether anything draws, on which card, within which limits, with what beside 4.5."""
    named = os.environ.get("XRLAB_GPU", "").strip()
    device: dict[str, Any] = {}

    def attempt() -> str:
        from xrlab.render.context import describe_device

        device.update(describe_device())
        return f"{device['renderer']}, {device['version']}"

    mend = "" if named else _graphics_mend() or "install a driver: on Debian or Ubuntu: apt-get install " + _MESA
    # Nothing but pictures needs it; but who names a card wants that one.
    first = _tried("OpenGL 4.5 without a display (previews)", attempt, needed=bool(named), mend=mend)
    if not device:
        return [first]
    limits = device["limits"]
    told = (
        f"textures of {limits['texture_size']} pixels in {limits['texture_layers']} layers, "
        f"{limits['samples']} samples a pixel, blocks of {limits['uniform_block_bytes'] // 1024} KiB (uniform) "
        f"and {limits['storage_block_bytes'] // 2**20} MiB (storage)"
    )
    large = all(limits[name] >= least for name, least in _LEAST.items())
    mend = "" if large else "update the graphics driver: OpenGL 4.5 promises more"
    return [first, _card(device, named), Finding("OpenGL limits", large, told, False, mend), *_extras(device)]


_MESA = "libegl1 libgl1 libgl1-mesa-dri"
_LEAST = {"texture_size": 16384, "texture_layers": 2048, "samples": 4, "uniform_block_bytes": 2**14,
          "storage_block_bytes": 2**24}  # fmt: skip


def _card(device: dict[str, Any], named: str) -> Finding:
    """Which card draws pictures, and which others are here."""
    how = f"named by XRLAB_GPU={named}" if named else "chosen by itself; XRLAB_GPU names another"
    found = f"{device['renderer']} draws, {how}"
    if platform.system() == "Linux":
        from xrlab.render.context import cards

        found += "; here are " + ", ".join(map(str, cards()))
    good = not device["software"] or bool(named)
    slow = "the processor draws: it does for previews and tests, a window wants a graphics card"
    return Finding("graphics card", good, found, False, "" if good else f"{slow}: {_graphics_mend() or _DRIVER}")


_DRIVER = "if there is one, install its maker's driver (on Debian or Ubuntu, for AMD and Intel: libgl1-mesa-dri)"


def _graphics_mend() -> str:
    """What keeps a card that is in this machine from drawing; "" if nothing is known."""
    closed = [p for p in Path("/dev/dri").glob("renderD*") if not os.access(p, os.R_OK | os.W_OK)]
    if closed:
        return f"{closed[0]} is closed to you: sudo usermod -aG render $USER, and log in again"
    if Path("/proc/driver/nvidia/version").exists():
        return (
            "an NVIDIA card is here without its OpenGL: install libnvidia-gl of the driver's version; "
            "in a container set NVIDIA_DRIVER_CAPABILITIES=all"
        )
    return ""


def _extras(device: dict[str, Any]) -> list[Finding]:
    from xrlab.render.context import EXTRAS

    out = []
    for name, extra in EXTRAS.items():
        there = device["extras"][name]
        mend = "" if there or not extra.missed else "xrlab works without it; a newer graphics driver may have it"
        found = f"{'yes' if there else 'no' if extra.missed else 'no, and not missed'}; for {extra.used_for}"
        out.append(Finding(f"OpenGL: {name}", there or not extra.missed, found, False, mend))
    return out


def _display() -> Finding:
    if platform.system() == "Linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        mend = "none is needed for --headless; for a window start xrlab in a graphical session"
        return Finding("display (window)", False, "none", needed=False, mend=mend)

    def attempt() -> str:
        from xrlab.render.context import Window, monitors, renderer_name

        screens = ", ".join(map(str, monitors()))
        with Window(64, 64, "xrlab doctor", visible=False):
            return f"{screens}; drawn by {renderer_name()}"

    return _tried("display (window)", attempt, needed=False, mend="start xrlab in a graphical session")
