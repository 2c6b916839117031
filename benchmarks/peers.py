"""Other renderers, each in a Python environment of its own, made once; over a pipe they tell what they measured.

They cannot share ours: pyrender needs PyOpenGL 3.1.0, VTK brings 700 MB. The environments lie in the user's cache
(XDG_CACHE_HOME, else ~/.cache) under xrlab-benchmarks; delete that folder to have them made again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent
_INSTALL_S = 900


class PeerError(Exception):
    """A peer that can't be had here, and why, in one line."""


def cache() -> Path:
    """Where the environments lie."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xrlab-benchmarks"


def environment(*packages: str) -> Path:
    """The Python of an environment with these packages, made where it is not there yet."""
    folder = cache() / "-".join(p.replace("==", "-") for p in packages)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / "ready"
    if ready.is_file():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    print(f"making {folder}", file=sys.stderr)
    pip = (str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *packages)
    for command in ((sys.executable, "-m", "venv", str(folder)), pip):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_INSTALL_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PeerError(f"cannot be installed: {error}") from error
        if done.returncode:
            raise PeerError(f"cannot be installed: {_last(done.stderr or done.stdout)}")
    ready.touch()
    return python


def _last(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "it said nothing"


class Peer:
    """A peer's script at work; a context manager. `versions`: what it said it is."""

    def __init__(self, python: Path, script: str, *arguments: str) -> None:
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - read when the peer has ended
        self._process = subprocess.Popen(
            [str(python), str(HERE / script), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True,
            env={k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYOPENGL", "XRLAB"))},
        )  # fmt: skip
        self.versions = self._answer("ready")

    def draw(self, camera: int) -> float:
        """Milliseconds for one picture, read back."""
        return float(self._ask(str(camera)))

    def over(self, cameras: Sequence[int]) -> list[float]:
        """Milliseconds for each of the cameras."""
        return [self.draw(number) for number in cameras]

    def save(self, path: Path) -> None:
        """Write the last picture, to look at."""
        self._ask(f"save {path}")

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        try:
            print(line, file=self._process.stdin, flush=True)
        except OSError:  # it has gone; its last words say why
            return self._answer()
        return self._answer()

    def _answer(self, word: str = "") -> str:
        """The next line that begins with the word, without it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(word):
                return line.removeprefix(word).strip()
        self._process.wait()
        self._said.seek(0)
        raise PeerError(f"ended: {_last(self._said.read())}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()
        self._said.close()
