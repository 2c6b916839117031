"""`xrlab preview --watch` without a display: the picture is written anew for each save, and errors are told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scenes import write_scene

LIMIT_S = 60.0


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    write_scene(tmp_path)
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "xrlab.cli", "preview", "scene.yaml", "--watch", "--size", "320x180"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=bare, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    yield process
    process.kill()
    process.communicate()


def until(check: Callable[[], Any]) -> Any:
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def test_the_picture_follows_each_save(watching: subprocess.Popen[str], tmp_path: Path) -> None:
    assert watching.stdout is not None and watching.stderr is not None
    picture = tmp_path / "scene-plan.png"
    assert watching.stdout.readline() == "scene-plan.png\n"

    def shown() -> Any:
        return np.asarray(Image.open(picture)).astype(int)

    first = shown()
    write_scene(tmp_path, {"people.gunman.at": "aside"})
    until(lambda: np.abs(shown() - first).max() > 60)
    moved = shown()
    write_scene(tmp_path, {"people.gunman.at": "asied"})
    assert "scene.yaml:" in (said := watching.stderr.readline()) and "did you mean 'aside'?" in said
    until(lambda: np.abs(shown() - moved)[:8].mean() > 20)  # the bar with what is wrong
    assert np.abs(shown() - moved)[120:].max() <= 2  # below it the last good scene
    write_scene(tmp_path)
    until(lambda: np.abs(shown() - first).max() <= 2)
    write_scene(tmp_path, None, {"rooms.east.rect": [4, 0, 6, 4]})
    until(lambda: np.abs(shown() - first).max() > 60)
    watching.send_signal(signal.SIGINT)
    assert watching.wait(30) == 0
    assert watching.stderr.read() == ""
