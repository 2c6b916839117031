"""What a trainee reads on the head-up display of what happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scenes import load_scene, play

from xrlab.live.captions import BLOW_S, SUBTITLE_S, Captions
from xrlab.live.clock import RunClock
from xrlab.sim import events as ev

SAYS = {"nl": "Niet schieten!", "fr": "Ne tirez pas !", "de": "Nicht schießen!", "en": "Don't shoot!"}


def captions(folder: Path, lang: str = "nl", scenario: dict[str, Any] | None = None) -> Captions:
    session = play(load_scene(folder, scenario))
    return Captions(session.loaded.scenario, session.run.engine.world, "p1", lang)


def hit(t: float, what: str) -> ev.Struck:
    return ev.Struck(t=t, shot=1, shooter="gunman", kind="person", what=what, material="flesh", entry=(0.0, 0.0, 0.0),
                     exit=None, distance=3.0, zone="torso")  # fmt: skip


@pytest.mark.parametrize("lang", list(SAYS))
def test_what_a_role_player_says_is_read_in_the_chosen_language_for_a_while(tmp_path: Path, lang: str) -> None:
    c = captions(tmp_path, lang)
    c.read(ev.Spoke(t=2.0, who="neighbour", text=SAYS))
    assert [s.text for s in c.subtitles(2.1)] == [SAYS[lang]]
    assert c.subtitles(2.0 + SUBTITLE_S + 0.01) == []


def test_a_challenge_is_read_as_it_is_shouted(tmp_path: Path) -> None:
    c = captions(tmp_path, "nl")
    c.read(ev.VerbalCommand(t=1.0, who="p1", command="drop_weapon", heard_by=()))
    assert [s.text for s in c.subtitles(1.0)] == ["Politie! Laat vallen!"]
    c.read(ev.VerbalCommand(t=1.5, who="p1", command="get_down", heard_by=()))
    assert [s.text for s in c.subtitles(1.5)] == ["Politie! Op de grond!"]  # in place of the last


def test_soldiers_do_not_call_themselves_police(tmp_path: Path) -> None:
    c = captions(tmp_path, "nl", {"teams.police.outfit": "defence"})
    assert c.command_text("p1", "drop_weapon") == "Laat vallen!"


def test_a_colleague_is_named(tmp_path: Path) -> None:
    c = captions(tmp_path, "nl", {"teams.police.trainees": ["p1", "p2"]})
    c.read(ev.VerbalCommand(t=1.0, who="p2", command="stop", heard_by=()))
    assert [s.text for s in c.subtitles(1.0)] == ["p2: Politie! Staan blijven!"]


def test_who_is_too_far_off_is_not_heard(tmp_path: Path) -> None:
    c = captions(tmp_path)
    far = c._world.actors["neighbour"]
    c._world.actors["neighbour"].track = type(far.track)((60.0, 3.0, 0.0), 0.0)
    c.read(ev.Spoke(t=2.0, who="neighbour", text=SAYS))
    assert c.subtitles(2.0) == []


def test_hits_taken_are_counted_and_felt(tmp_path: Path) -> None:
    c = captions(tmp_path)
    c.read(hit(3.0, "neighbour"))
    assert (c.hits_taken, c.blow(3.0)) == (0, 0.0)
    c.read(hit(3.0, "p1"))
    assert c.hits_taken == 1
    assert c.blow(3.0) == 1.0 and 0 < c.blow(3.0 + BLOW_S / 2) < 1 and c.blow(3.0 + BLOW_S) == 0.0


def test_a_string_of_fire_is_announced_and_its_title_goes_after_it_has_started(tmp_path: Path) -> None:
    strings = {
        "targets": {"t": {"at": "b", "motion": "turning"}},
        "strings": [{"name": "first", "show": ["t"], "for_s": 3, "title": {"nl": "Twee schoten", "en": "Two shots"}}],
    }
    c = captions(tmp_path, "nl", strings)
    assert c.announcement(0.5) == ""
    c.read(ev.StringAnnounced(t=1.0, string="first"))
    assert c.announcement(1.0) == "Maak u klaar: Twee schoten"
    c.read(ev.StringStarted(t=4.0, string="first"))
    assert c.announcement(4.5) == "Twee schoten" and c.announcement(8.0) == ""


def test_the_clock_counts_only_while_it_runs_and_never_backwards() -> None:
    wall = [50.0]
    clock = RunClock(1.0, lambda: wall[0])
    assert clock.now() == 0.0
    clock.start()
    wall[0] += 0.5
    assert clock.now() == 0.5
    wall[0] -= 10.0
    assert clock.now() == 0.5
    wall[0] += 0.25
    clock.stop()
    wall[0] += 100.0
    assert clock.now() == 0.75
    assert not clock.running
