"""The head-up display drawn in every language and size: readable, and within the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from xrlab.language import LANGUAGES
from xrlab.live.captions import Subtitle
from xrlab.live.frametimes import FrameTimes
from xrlab.live.hud import Hud, Shown
from xrlab.live.keys import ACTIONS, Keys
from xrlab.live.views import Mark
from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera, Frame
from xrlab.room.model import Room
from xrlab.run import run_headless
from xrlab.scenario.load import Loaded, load
from xrlab.scoring.result import Result

QUIET = Shown(seconds=75.2, rounds=15, weapon="pistol", reloading=False, hits_taken=0, announcement="", subtitles=(),
              hint="", crosshair=True, blow=0.0, keys=False, paused=False)  # fmt: skip


FILLED = FrameTimes()
for i in range(300):
    FILLED.add(0.02 + i * 1e-4, 0.011, [0.009])


@pytest.fixture(scope="module")
def hostage() -> Loaded:
    return load("house/hostage", seed=7)


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with HeadlessContext(960, 540) as context:
        yield Renderer(context, Room("bare", ()), samples=0)


@pytest.fixture(scope="module")
def result() -> Result:
    return run_headless("house/hostage", seed=7)


def drawn(renderer: Renderer, hud: Hud, put, size: tuple[int, int] = (960, 540)) -> np.ndarray:
    renderer.context.resize(*size)  # type: ignore[attr-defined]
    renderer.draw(Frame(Camera((0.0, 0.0, 0.0))))
    put(hud, size)
    boxes = np.array(hud.overlay._boxes)
    renderer.over(hud.overlay.draw)
    letters = boxes[boxes[:, 12] == 1]
    if len(letters):
        assert letters[:, :2].min() >= 0, "a text begins outside the picture"
        assert (letters[:, 2:4].max(axis=0) <= size).all(), "a text ends outside the picture"
    return renderer.read().astype(int)


@pytest.mark.parametrize("size", [(480, 270), (960, 540), (1920, 1080), (640, 800)])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_screen_fits_the_picture(
    renderer: Renderer, hostage: Loaded, result: Result, lang: str, size: tuple[int, int]
):
    hud = Hud(hostage.scenario, "d2", lang, lambda key: key.upper())
    busy = replace(
        QUIET, rounds=0, hits_taken=3, announcement="25 m: fünfmal 3 s sichtbar, je ein Schuss",
        subtitles=[Subtitle("Nicht schießen! " * 8, 9.0), Subtitle("Politie! Laat vallen!", 9.0, True)], keys=True,
        hint="E: ouvrir ou fermer la porte", blow=0.7, paused=True,
    )  # fmt: skip
    drawn(renderer, hud, lambda h, s: h.briefing(s), size)
    drawn(renderer, hud, lambda h, s: h.running(s, busy), size)
    marks = [Mark("gunman", "threat", (size[0] / 2, size[1] / 2), (size[0] / 3, size[1] / 3), True)]
    elsewhere = replace(busy, keys=False, view="eyes:bystander", pace=0.125, marks=marks, times=FILLED)
    drawn(renderer, hud, lambda h, s: h.running(s, elsewhere), size)
    drawn(renderer, hud, lambda h, s: h.score(s, Result({**result, "slowed": True})), size)


def test_what_changes_is_seen(renderer: Renderer, hostage: Loaded):
    hud = Hud(hostage.scenario, "p1", "nl", str.upper)
    quiet = drawn(renderer, hud, lambda h, s: h.running(s, QUIET))
    assert np.array_equal(quiet, drawn(renderer, hud, lambda h, s: h.running(s, QUIET)))
    for change in (
        {"seconds": 76.2}, {"rounds": 14}, {"rounds": 0}, {"reloading": True}, {"hits_taken": 1},
        {"announcement": "5 m"},
        {"subtitles": [Subtitle("Help!", 9.0)]}, {"hint": "E"}, {"crosshair": False}, {"blow": 1.0}, {"keys": True},
        {"paused": True}, {"weapon": "carbine"}, {"rounds": None}, {"jammed": True}, {"pace": 0.5}, {"view": "plan"},
        {"times": FILLED},
    ):  # fmt: skip
        after = drawn(renderer, hud, lambda h, s, c=change: h.running(s, replace(QUIET, **c)))
        assert abs(after - quiet).max() > 60, change


def test_a_hit_reddens_the_edge_and_leaves_the_middle(renderer: Renderer, hostage: Loaded):
    hud = Hud(hostage.scenario, "p1", "nl", str.upper)
    quiet = drawn(renderer, hud, lambda h, s: h.running(s, QUIET))
    hit = drawn(renderer, hud, lambda h, s: h.running(s, replace(QUIET, blow=1.0)))
    edge = (hit - quiet)[:5].reshape(-1, 3).mean(axis=0)
    assert edge[1] < -30 and edge[2] < -30 and edge[0] > edge[1] + 30
    assert np.array_equal(hit[150:390, 250:700], quiet[150:390, 250:700])


def test_the_keys_are_named_as_the_users_keyboard_prints_them(hostage: Loaded, renderer: Renderer):
    belgian = {"w": "Z", "a": "Q", "q": "A"}
    hud = Hud(hostage.scenario, "p1", "nl", lambda key: belgian.get(key, key.upper()))
    lines = hud.keys()
    assert lines[0] == "Z Q S D: stappen, Shift: lopen"
    assert "A: volgend wapen" in lines
    assert lines[-2:] == ["F1: Licht uit", "F2: Licht aan"]


def test_hints_name_the_keys_as_they_are_mapped_and_nothing_that_has_none(hostage: Loaded, renderer: Renderer):
    keys = Keys(fire="space", run=(), sound=(), reload=("x", "keypad_5"), inject_2="y", fly_up="page_up")
    hud = Hud(hostage.scenario, "p1", "de", str.upper, keys=keys)
    lines = hud.keys()
    assert lines[0] == "W A S D: gehen"
    assert {"Leertaste: schießen", "X Ziffernblock 5: nachladen", "Bild auf Strg: Kamera auf, ab"} <= set(lines)
    assert lines[-1] == "Y: Licht an" and not any("Ton" in line for line in lines)
    bare = Hud(hostage.scenario, "p1", "de", str.upper, keys=Keys(**dict.fromkeys(ACTIONS, "none")))
    assert bare.keys() == ["Maus: umsehen"]


def test_elsewhere_the_trainees_own_display_is_left_out(renderer: Renderer, hostage: Loaded):
    hud = Hud(hostage.scenario, "p1", "fr", str.upper)
    plan = replace(QUIET, view="plan")
    first = drawn(renderer, hud, lambda h, s: h.running(s, plan))
    for own in ({"rounds": 0}, {"crosshair": False}, {"blow": 1.0}, {"hint": "E"}, {"jammed": True}):
        assert np.array_equal(first, drawn(renderer, hud, lambda h, s, o=own: h.running(s, replace(plan, **o)))), own
    paused = drawn(renderer, hud, lambda h, s: h.running(s, replace(plan, paused=True)))
    assert np.array_equal(first[200:], paused[200:])  # told at the top, with no veil over what is looked at


def test_people_are_drawn_where_they_are_with_their_lines_of_aim(renderer: Renderer, hostage: Loaded):
    hud = Hud(hostage.scenario, "p1", "nl", str.upper)
    mark = Mark("gunman", "threat", (300.0, 200.0), (700.0, 300.0), True)
    empty = drawn(renderer, hud, lambda h, s: h.running(s, replace(QUIET, view="plan")))
    image = drawn(renderer, hud, lambda h, s: h.running(s, replace(QUIET, view="plan", marks=[mark])))
    red = image - empty
    for x, y in ((300, 200), (500, 250), (695, 299)):
        assert red[y, x, 0] > red[y, x, 1] + 40, (x, y)
    assert not red[310:, :].any() and not red[:190, :].any()


def test_every_command_and_weapon_has_its_words(root: Path):
    from xrlab.language import knows
    from xrlab.scenario.functions import COMMANDS
    from xrlab.scenario.library import means, weapons

    for command in COMMANDS:
        assert knows(f"hud-challenge-{command}") and knows(f"hud-order-{command}")
    for weapon in (*weapons(), *means()):
        assert knows(f"hud-weapon-{weapon}")


def test_the_corner_counts_what_is_in_the_hand(renderer: Renderer, hostage: Loaded):
    hud = Hud(hostage.scenario, "p1", "en", str.upper)
    corners = [
        drawn(renderer, hud, lambda h, s, w=weapon, n=rounds: h.running(s, replace(QUIET, weapon=w, rounds=n)))
        for weapon, rounds in (("conducted_energy", 2), ("spray", 2), ("spray", 0), ("baton", 0), ("pistol", 2))
    ]
    assert all(abs(a - b).max() > 60 for a, b in combinations(corners, 2))
