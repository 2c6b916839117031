"""Saves that show in real windows under Xvfb: of a preview, of a briefing, and of a run that starts again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scenes import OPEN_DOOR, write_scene
from test_window import InWindow, display, until

from xrlab.recording.reader import read_recording
from xrlab.sim import events as ev

__all__ = ["display"]


class Program(InWindow):
    """A command on the small scene, run in a folder."""

    def __init__(self, display: str, folder: Path, *words: str) -> None:
        self.folder = folder
        super().__init__(display, folder, "Two rooms", *words)

    def picture(self) -> Any:
        """What the window shows, as F12 saves it."""
        known = set(self.folder.glob("scene-*.png"))
        until(lambda: self.alive() and set(self.folder.glob("scene-*.png")) - known, self.key("F12"), 15.0)
        (path,) = set(self.folder.glob("scene-*.png")) - known
        return np.asarray(Image.open(path)).astype(int)


@pytest.fixture
def start(display: str, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    made: list[Program] = []

    def begin(*words: str) -> Program:
        made.append(Program(display, tmp_path, *words))
        return made[-1]

    yield begin
    for program in made:
        program.close()


def bar(picture: Any) -> bool:
    """Whether the bar of a broken save stands at the top: dark red all across."""
    row = picture[2]
    return bool((row[:, 0] > row[:, 2]).mean() > 0.95 and row.mean() < 70)


@pytest.mark.window
def test_a_preview_follows_saves_and_keeps_the_camera(start: Callable[..., Program], tmp_path: Path) -> None:
    path = write_scene(tmp_path, None, OPEN_DOOR)
    good = path.read_text()
    window = start("preview", "scene.yaml", "--watch", "--camera", "p1", "--size", "640x360")
    first = window.picture()
    window.do("keydown", "a", "sleep", "0.3", "keyup", "a")
    flown = window.picture()
    assert np.abs(flown - first).mean() > 1  # the camera has moved, and the line below says so
    path.write_text(good + "pause_s: 3\n")  # a change that cannot be seen
    assert np.abs(window.picture() - flown).max() <= 2
    write_scene(tmp_path, {"people.gunman.colour": "red"}, OPEN_DOOR)
    until(lambda: bar(window.picture()))
    write_scene(tmp_path, {"people.gunman": None}, OPEN_DOOR)
    until(lambda: not bar(last := window.picture()) and np.abs(last - flown).max() > 30)
    path.write_text(good)
    until(lambda: np.abs(window.picture() - flown).max() <= 2)
    window.do("key", "Escape")
    assert window.process.wait(30) == 0
    assert window.process.communicate()[1] == ""


@pytest.mark.window
def test_a_run_starts_again_with_what_was_saved_where_one_stands(start: Callable[..., Program], tmp_path: Path) -> None:
    write_scene(tmp_path, None, OPEN_DOOR)
    window = start("run", "scene.yaml", "--watch", "--out", "out")
    recording = tmp_path / "out" / "recording.mcap"
    write_scene(tmp_path, {"people.gunman.holds": "phone"}, OPEN_DOOR)  # the briefing takes it over by itself
    until(lambda: window.alive() and recording.exists() and holds(recording) == "phone")
    until(lambda: commands(recording), window.key("c"))
    window.do("keydown", "w")
    until(lambda: read_recording(recording).tracks["p1"].legs[-1].x1 > 1.8)
    window.do("keyup", "w")
    write_scene(tmp_path, {"people.gunman.holds": "phone", "people.neighbour.holds": "wallet"}, OPEN_DOOR)
    until(lambda: holds(recording, "neighbour") == "wallet", window.key("BackSpace"))
    assert not commands(recording)
    until(lambda: commands(recording), window.key("c"))  # with no briefing between
    assert read_recording(recording).tracks["p1"].at(0.0).position[0] > 1.5  # not at the start point any more
    until(lambda: window.process.poll() is not None, window.key("Escape"))
    assert window.process.communicate()[1] == ""
    assert window.process.returncode == 1


def holds(recording: Path, who: str = "gunman") -> str:
    return str(read_recording(recording).scenario.people[who].holds)


def commands(recording: Path) -> list[ev.Event]:
    return [e for e in read_recording(recording).events if isinstance(e, ev.VerbalCommand)]
