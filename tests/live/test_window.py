"""The command itself in a real window under Xvfb, with keys and mouse from xdotool."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
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

from xrlab.recording.reader import read_recording
from xrlab.sim import events as ev

LIMIT_S = 60.0
XRLAB = [sys.executable, "-m", "xrlab.cli"]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server of our own; it does not begin anew whenever its last client, such as a key press, has gone."""
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        pytest.skip("Xvfb or xdotool is not installed")
    read, write = os.pipe()
    command = ["Xvfb", "-noreset", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


def until(check: Callable[[], Any], again: Callable[[], object] = lambda: None, every_s: float = 0.5) -> Any:
    """What `check` gives once it gives something; meanwhile does `again` every now and then."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        again()
        wait = time.monotonic() + every_s
        while time.monotonic() < wait:
            if found := check():
                return found
            time.sleep(0.05)
    raise AssertionError("it did not happen")


class InWindow:
    """A command with a window on the display, and hands on its keys. titled: a part of the window's title."""

    def __init__(self, display: str, folder: Path, titled: str, *words: str) -> None:
        self._env = os.environ | {"DISPLAY": display, "XRLAB_GL_DEBUG": "1"}
        self._env.pop("WAYLAND_DISPLAY", None)
        self.process = subprocess.Popen(
            [*XRLAB, *words], env=self._env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        until(lambda: self.alive() and self.do("search", "--onlyvisible", "--name", titled))

    def alive(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()
        return True

    def do(self, *words: str) -> str:
        return subprocess.run(["xdotool", *words], env=self._env, capture_output=True, text=True, check=False).stdout

    def key(self, name: str) -> Callable[[], object]:
        return lambda: self.do("key", name)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class Player(InWindow):
    """The hostage scenario in its window."""

    def __init__(self, display: str, out: Path, *more: str) -> None:
        self.out = out
        words = ("run", "house/hostage", "--seed", "7", "--lang", "nl", "--out", str(out), *more)
        super().__init__(display, out.parent, "Gijzeling", *words)

    def events(self, kind: type[ev.Event], who: str = "p1") -> list[Any]:
        """Events so far, from the recording as it is being written."""
        assert self.alive()
        if not (self.out / "recording.mcap").exists():
            return []
        found = [e for e in read_recording(self.out / "recording.mcap").events if isinstance(e, kind)]
        return [e for e in found if getattr(e, "who", getattr(e, "shooter", who)) == who]

    def picture(self) -> Any:
        """What the window shows now, as F12 saves it."""
        known = set(self.out.glob("picture-*.png"))
        until(lambda: self.alive() and set(self.out.glob("picture-*.png")) - known, self.key("F12"), 15.0)
        (path,) = set(self.out.glob("picture-*.png")) - known
        return np.asarray(Image.open(path)).astype(int)

    def window(self, *words: str) -> None:
        """Does something to the window itself."""
        self.do("search", "--onlyvisible", "--name", "Gijzeling", *words)

    def yaw(self) -> float:
        """Where p1 looks now, as recorded so far."""
        return read_recording(self.out / "recording.mcap").tracks["p1"].legs[-1].yaw1

    def ends(self) -> tuple[int, str]:
        """Waits for the program's end; its exit code and what it printed."""
        out, err = self.process.communicate(timeout=LIMIT_S)
        assert err == ""
        return self.process.returncode, out


@pytest.fixture
def player(display: str, tmp_path: Path) -> Iterator[Player]:
    (tmp_path / "keys.yaml").write_text("xrlab: 1\nkeys: {reload: x}\n")
    made = Player(display, tmp_path / "out", "--keys", "keys.yaml", "--size", "960x540")
    yield made
    made.close()


def tell_state(display: str, window: int, state: int) -> None:
    """Tells a window that it is shown (1) or minimised (3), as a desktop would."""
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    server = ctypes.c_void_p(x.XOpenDisplay(display.encode()))
    atom = ctypes.c_ulong(x.XInternAtom(server, b"WM_STATE", 0))
    x.XChangeProperty(server, ctypes.c_ulong(window), atom, atom, 32, 0, (ctypes.c_long * 2)(state, 0), 2)
    x.XCloseDisplay(server)


def minimised_and_shown(player: Player, display: str) -> None:
    """A minimised window draws nothing and pauses the run, until it is shown again and a key lets it go on."""
    window = int(player.do("search", "--onlyvisible", "--name", "Gijzeling").split()[0])
    tell_state(display, window, 3)
    time.sleep(1.0)  # a picture may have been under way
    calls, pictures = len(player.events(ev.VerbalCommand)), len(list(player.out.glob("picture-*.png")))
    player.do("key", "c", "F12", "c")
    time.sleep(0.5)
    assert len(list(player.out.glob("picture-*.png"))) == pictures
    tell_state(display, window, 1)
    until(lambda: len(list(player.out.glob("picture-*.png"))) > pictures)
    assert len(player.events(ev.VerbalCommand)) == calls  # it is still paused
    until(lambda: len(player.events(ev.VerbalCommand)) > calls, lambda: player.do("key", "p", "c"), 15.0)


@pytest.mark.window
def test_a_run_from_briefing_to_score(player: Player, display: str) -> None:
    out = player.out
    assert player.picture().std() > 20  # the briefing, on screen
    player.do("mousemove", "1200", "700")  # the mouse is on the instructor's list, say, when the run starts
    shouted = until(lambda: player.events(ev.VerbalCommand), player.key("c"))  # the first key starts the run
    assert shouted[0].command == "drop_weapon"
    legs = read_recording(out / "recording.mcap").tracks["p1"].legs
    assert {leg.yaw1 for leg in legs} == {legs[0].yaw0}  # to catch it turns nobody
    (door, *_) = until(lambda: player.events(ev.DoorMoved), player.key("e"), 1.5)
    assert (door.door, door.opened) == ("front_door", 1.0)
    player.do("keydown", "w")
    until(lambda: [e for e in player.events(ev.ZoneEntered) if e.zone == "hallway"])
    player.do("keyup", "w")
    player.do("mousedown", "3")
    until(lambda: [e for e in player.events(ev.PostureChanged) if e.pose == "aiming"])
    (shot, *_) = until(lambda: player.events(ev.ShotFired), lambda: player.do("click", "1"))
    assert shot.weapon == "pistol" and shot.t > door.t > shouted[0].t
    player.do("mouseup", "3")
    until(lambda: player.events(ev.Reloaded), player.key("x"), 4.0)  # as the key map has it
    before = player.yaw()
    player.do("mousemove_relative", "--", "-200", "0")
    until(lambda: player.yaw() > before + 0.1)  # to the left is counter-clockwise
    own = player.picture()
    assert own.shape[2] == 3 and own.std() > 20
    until(lambda: player.events(ev.PaceChanged), player.key("Down"), 15.0)
    player.do("key", "v")
    plan = player.picture()
    assert plan[-5:, :5].min() > 200 and np.abs(plan - own).mean() > 20  # the paper that a plan lies on
    player.window("windowsize", "640", "360")
    until(lambda: player.picture().shape == (360, 640, 3))
    player.do("key", "Return")
    until(lambda: player.picture().shape == (800, 1280, 3))  # all of the screen
    player.do("key", "Return")
    until(lambda: player.picture().shape == (360, 640, 3))
    player.do("key", "t")  # back to the trainee's eyes
    minimised_and_shown(player, display)
    until(lambda: (out / "result.json").exists(), player.key("Escape"))
    until(lambda: player.process.poll() is not None, player.key("space"))
    code, printed = player.ends()
    result = json.loads((out / "result.json").read_text())
    assert "<title>" in (out / "debrief.html").read_text()
    assert code == 1 and result["partial"] and result["ended"] == "interrupted"  # Esc before the end is no pass
    assert result["slowed"]
    assert "Gijzeling in het huis" in printed and "VROEGTIJDIG GESTOPT" in printed
    again = subprocess.run([*XRLAB, "score", str(out / "recording.mcap"), "--json"], capture_output=True, check=False)
    assert again.returncode == 1
    assert again.stdout == (out / "result.json").read_bytes()
    by_script = read_recording(out / "recording.mcap").events
    assert any(isinstance(e, ev.DoorMoved) and e.who == "d1" for e in by_script)  # the others follow their script
    assert not list(out.glob(".*")), "something half-written was left"


@pytest.mark.window
def test_ctrl_c_ends_a_run_with_its_recording_and_a_partial_result(player: Player) -> None:
    until(lambda: player.events(ev.VerbalCommand), player.key("c"))
    player.process.send_signal(signal.SIGINT)
    code, _ = player.ends()
    result = json.loads((player.out / "result.json").read_text())
    assert (code, result["ended"], result["partial"], result["passed"]) == (1, "interrupted", True, False)
    last = read_recording(player.out / "recording.mcap").events[-1]
    assert isinstance(last, ev.RunEnded) and last.reason == "interrupted"


def run_without_window(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [*XRLAB, "run", "house/hostage", *words], env=bare | env, capture_output=True, text=True, check=False
    )


def test_without_a_display_one_line_names_headless(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = run_without_window("--out", str(out))
    assert ended.returncode == 3
    assert "--headless" in ended.stderr and ended.stderr.count("\n") == 1 and ended.stdout == ""
    assert not out.exists()


def test_a_display_that_does_not_answer_is_told_in_one_line() -> None:
    ended = run_without_window(DISPLAY=":9999")
    assert ended.returncode == 3
    assert "--headless" in ended.stderr and ended.stderr.count("\n") == 1


def test_an_unknown_trainee_is_refused_before_a_window_opens() -> None:
    ended = run_without_window("--as", "p11")
    assert ended.returncode == 2
    assert ended.stderr == "xrlab: --as: the scenario has no trainee 'p11'; did you mean 'p1'?\n"
