"""`xrlab story`: every kind of event is told or passed over for a reason, and a run fits on a page."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints
from xml.etree import ElementTree

import pytest
from pages import fired, recording, run_of, struck

from xrlab.errors import InputError
from xrlab.language import LANGUAGES
from xrlab.recording.reader import read_recording
from xrlab.review import tale
from xrlab.review.course import LEAST_TELLING, Told, course, shortened_to
from xrlab.review.facts import Facts
from xrlab.review.story import PASSED_OVER, story
from xrlab.run import score_recording
from xrlab.sim import events as ev
from xrlab.words import Words

NAMES = {
    "who": "gunman", "whom": "p1", "state": "attacking", "was": "guarding", "target": "near", "string": "pairs",
    "door": "front_door", "zone": "kitchen", "inject": "lights_out", "weapon": "pistol", "shooter": "p1",
}  # fmt: skip


def sample(kind: type[ev.Event]) -> ev.Event:
    """An event of a kind, with something in every field."""
    by_type: dict[Any, Any] = {str: "x", float: 1.0, int: 1, bool: True, dict[str, str]: {"en": "hello"}}
    values = {}
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        first = next((h for h in getattr(hint, "__args__", ()) if h is not type(None)), hint)
        text = str(hint)
        if "Literal" in text:
            values[field.name] = first
        elif field.name in NAMES and "str" in text:
            values[field.name] = NAMES[field.name]
        elif hint in by_type:
            values[field.name] = by_type[hint]
        elif "tuple[str" in text:
            values[field.name] = ("p1",)
        elif "tuple" in text:
            values[field.name] = (1.0,) * text.count("float")
        else:
            values[field.name] = by_type.get(first, "x")
    return kind(**values)


def facts_of(*events: ev.Event) -> Facts:
    made = recording(run_of(*events))
    return Facts(made, score_recording(made))


@pytest.mark.parametrize("kind", ev.EVENT_TYPES.values(), ids=ev.EVENT_TYPES)
def test_every_kind_of_event_is_told_or_passed_over_for_a_reason(kind: type[ev.Event]) -> None:
    event = sample(kind)
    events = [event]
    if kind is ev.PostureChanged:  # told where it changes something
        events = [
            ev.PostureChanged(t=0.5, who="gunman", pose="aiming", holds="handgun", danger=True),
            ev.PostureChanged(t=1.0, who="gunman", pose="hands_up", holds="nothing", danger=False),
        ]
    lines = story(facts_of(*events), Words("en"), full=True)
    number = next((line.number for line in lines if 0 < line.t <= 1.0 or kind in (ev.RunStarted, ev.RunEnded)), None)
    if kind in PASSED_OVER:
        assert number is None and PASSED_OVER[kind]
    else:
        assert number is not None, f"add a sentence for {kind.__name__} to review/story.py, in four languages"
    for line in lines:
        assert line.text and "debrief-" not in line.text


def test_shots_in_quick_succession_are_one_line_and_others_are_not() -> None:
    events: list[ev.Event] = []
    for shot, t in ((1, 1.0), (2, 1.4), (3, 1.8), (4, 9.0)):
        events += [fired(t, shot), struck(t, "person", "gunman", shot=shot, zone="torso" if shot != 3 else "head")]
    told = [x for x in course(facts_of(*events), Words("en")) if x.kind == "shot"]
    assert [(x.t, x.until, x.count) for x in told] == [(1.0, 1.8, 3), (9.0, 9.0, 1)]
    assert told[0].text == "p1 fires 3 times (pistol): gunman (torso) ×2, gunman (head)."


def test_the_same_again_is_counted() -> None:
    events = [ev.Spoke(t=t, who="gunman", text={"en": "Go away"}) for t in (1.0, 3.0, 5.0)]
    told = [x for x in course(facts_of(*events), Words("en")) if x.kind == "command"]
    assert [(x.t, x.until, x.count) for x in told] == [(1.0, 5.0, 3)]


def test_who_is_seen_at_once_stands_in_one_line_and_only_once() -> None:
    pairs = [(1.0, "gunman"), (1.2, "child"), (4.0, "gunman"), (6.0, "d1")]
    events = [ev.Seen(t=t, who="p1", whom=whom) for t, whom in pairs]
    told = [x for x in course(facts_of(*events), Words("en")) if x.kind == "sight"]
    assert [(x.t, x.text) for x in told] == [(1.0, "p1 sees: gunman, child."), (6.0, "p1 sees: d1.")]


def test_a_long_run_is_shortened_by_what_tells_least() -> None:
    lines = [Told(float(i), float(i), kind, kind) for i in range(20) for kind in (*LEAST_TELLING, "state")]
    kept, left_out = shortened_to(lines, 70)
    assert (len(kept), left_out) == (70, 50)
    kinds = [x.kind for x in kept]
    assert kinds.count("state") == 20 and kinds.count("weapon") == 20 and "target" not in kinds
    assert [x.t for x in kept] == sorted(x.t for x in kept)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_shipped_house_is_told_on_one_page(lang: str, runs: dict[str, Path]) -> None:
    told = tale.Tale(*tale.recorded(runs["house"] / "recording.mcap"), lang)
    page = told.page(100)
    assert len(page.splitlines()) <= 120
    assert "debrief-" not in page
    lines = page.splitlines()
    lanes = lines[next(i for i, x in enumerate(lines) if "┬" in x) - 1 :]
    assert max(len(x) for x in lanes if not x.startswith("  ")) <= 110
    assert "rifleman.at" in page and Words(lang).name("tenant") in page
    assert len(told.page(100, whole=True)) >= len(page)


def test_a_scenario_and_its_recording_tell_the_same(runs: dict[str, Path]) -> None:
    ours = tale.Tale(*tale.played("house/hostage", seed=7), "en").as_dict()
    theirs = tale.Tale(*tale.recorded(runs["house"] / "recording.mcap"), "en").as_dict()
    assert ours == theirs
    result = score_recording(read_recording(runs["house"] / "recording.mcap"))
    assert (ours["score"], ours["passed"]) == (result.score, result.passed)


def test_the_picture_stands_alone(runs: dict[str, Path]) -> None:
    for name in ("house", "range"):
        data = tale.Tale(*tale.recorded(runs[name] / "recording.mcap"), "fr").picture()
        root = ElementTree.fromstring(data)
        assert root.tag.endswith("svg") and float(root.attrib["width"]) > 0
        style = next(e.text or "" for e in root if e.tag.endswith("style"))
        assert "var(" not in style and "{" in style
        used = {c for e in root.iter() for c in e.attrib.get("class", "").split()}
        assert {"lane", "axis", "shot", "exposed" if name == "range" else "state-bar"} <= used
        assert all(f".{c}" in style for c in ("lane", "shot"))


def test_the_command_tells_writes_and_refuses(tmp_path: Path, runs: dict[str, Path]) -> None:
    command = [sys.executable, "-m", "xrlab.cli", "story"]
    given = [str(runs["range"] / "recording.mcap"), "--json", "--svg", str(tmp_path / "line.svg")]
    done = subprocess.run([*command, *given], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said["scenario"] == "range/qualification" and said["course"][0]["kind"] == "run"
    assert (tmp_path / "line.svg").read_bytes().startswith(b"<svg")
    wrong = subprocess.run([*command, given[0], "--seed", "3"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and wrong.stderr.count("\n") == 1
    with pytest.raises(InputError):
        tale.played("house/hostge")
