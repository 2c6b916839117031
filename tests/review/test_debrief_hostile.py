"""Recordings come from strangers: nothing in one may write markup, run a script or break the page."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import ROOM, Element, fired, read, recording, run_of, struck, track

from xrlab.geometry.paths import Leg, Track
from xrlab.language import LANGUAGES
from xrlab.review.report import debrief_html
from xrlab.scenario.library import faces
from xrlab.scenario.model import Face
from xrlab.sim import events as ev

EVIL = (
    "</script></style></title>\"'><img src=x onerror=alert(1) data-evil=1>"
    "<script data-evil=1>alert(1)</script><!--{{7*7}}"
)


def evil_events(text: str) -> list[ev.Event]:
    """One event of every type with this text wherever a text can stand."""
    return [
        ev.RunStarted(t=0.0, scenario=text, seed=1),
        ev.StringAnnounced(t=0.1, string=text),
        ev.StringStarted(t=0.2, string=text),
        ev.StartSignal(t=0.2, string=text, signal="beep"),
        ev.TargetExposed(t=0.3, target=text),
        ev.TargetExposed(t=0.3, target="near"),
        ev.VerbalCommand(t=0.4, who=text, command=text, heard_by=(text, text)),
        ev.VerbalCommand(t=0.4, who="p1", command=text, heard_by=()),
        ev.StateChanged(t=0.5, who="gunman", state=text, was=text),
        ev.PostureChanged(t=0.5, who=text, pose=text, holds=text, danger=True),
        ev.PostureChanged(t=0.5, who="gunman", pose=text, holds=text, danger=True),
        ev.PostureChanged(t=0.6, who="gunman", pose=text, holds=text, danger=False),
        ev.Spoke(t=0.6, who=text, text={"en": text, "nl": text}),
        ev.ItemDropped(t=0.6, who=text, item=text, at=(1.0, 1.0, 0.0)),
        ev.ItemTaken(t=0.7, who=text, item=text, at=(1.0, 1.0, 0.0)),
        ev.BlowLanded(t=0.8, who=text, whom=text, item=text, zone=text),
        ev.TorchSwitched(t=0.9, who=text, on=True),
        fired(1.0, weapon=text, string=text),
        struck(1.0, "wall", f"wall of {text}"), struck(1.0, "door", text), struck(1.0, text, text),
        struck(1.0, "person", "gunman", zone=text), struck(1.0, "person", text, zone="torso"),
        struck(1.0, "target", "near", zone=text, local=(0.1, 0.1)),
        fired(1.1, 2, text, text),
        fired(1.15, 3),
        struck(1.15, "person", text, 3, zone=text, exit=(5.2, 1.0, 1.5), thickness=0.2, energy=400.0, left=300.0),
        struck(1.15, "wall", text, 3, material=text, thickness=0.1, energy=300.0, left=0.0, speed=9.0, ricochet=True),
        fired(1.16, 4),
        struck(1.16, "wall", text, 4, material=text, exit=(6.0, 1.0, 1.5), thickness=0.1, energy=300.0, left=1.0),
        ev.Malfunction(t=1.17, who=text, weapon=text),
        ev.MalfunctionCleared(t=1.18, who=text, weapon=text),
        ev.MeansUsed(t=1.2, use=1, who=text, means=text, origin=(1.0, 1.0, 1.5), yaw=0.0, pitch=0.0, left=1),
        ev.MeansMet(t=1.2, use=1, who=text, means=text, part="jet", kind="person", what=text, zone=text,
                    at=(2.0, 1.0, 1.5), distance=1.0),
        ev.Affected(t=1.2, use=1, who=text, by=text, means=text, effect="pain", seconds=1.0, distance=1.0),
        ev.Recovered(t=1.2, who=text, means=text, effect=text),
        ev.Reloaded(t=1.2, who=text, weapon=text),
        ev.Sighted(t=1.2, who=text, whom=text, share=0.5, lux=1.0, lit=True, distance=4.0, turned=3.0, aside=0.2),
        ev.EmptyTrigger(t=1.3, who=text, weapon=text),
        ev.Seen(t=1.4, who=text, whom=text),
        ev.Lost(t=1.4, who=text, whom=text),
        ev.ZoneEntered(t=1.5, who="p1", zone=text),
        ev.ZoneLeft(t=1.6, who=text, zone=text),
        ev.ZoneCleared(t=1.7, zone=text, who=text),
        ev.DoorMoved(t=1.8, door=text, who=text, opened=1.0, seconds=1.0),
        ev.DoorMoved(t=1.8, door=text, who=None, opened=0.0, seconds=1.0),
        ev.LightsChanged(t=1.9, group=text, level=0.5),
        ev.InstructorCue(t=2.0, inject=text),
        ev.PaceChanged(t=2.0, pace=0.0),
        ev.LightsFlicker(t=2.0, group=text, seconds=1.0, level=1.0),
        ev.SoundStarted(t=2.0, number=1, sound=text, at=(1.0, 1.0, 1.0), who=None, db=80.0, seconds=None),
        ev.SoundStarted(t=2.0, number=2, sound="phone", at=None, who=text, db=80.0, seconds=2.0),
        ev.SoundStopped(t=2.0, number=1, sound=text),
        ev.SmokeChanged(t=2.0, zone=text, density=0.5, seconds=2.0),
        ev.RadioMessage(t=2.0, to=text, text={"en": text, "nl": text}),
        ev.Announced(t=2.0, text={"en": text, "nl": text}),
        ev.TimeCalled(t=2.0, left_s=30.0),
        ev.StressChanged(t=2.0, cue=text, level=2),
        ev.Appeared(t=2.0, who=text),
        ev.Happened(t=2.0, kind=text, name=text),
        ev.TargetFell(t=2.1, target=text),
        ev.TargetHidden(t=2.1, target=text),
        ev.TargetMoves(t=2.1, target=text, to=(1.0, 2.0, 1.0), seconds=2.0),
        ev.TargetStopped(t=2.1, target=text),
        ev.ParTime(t=2.2, string=text),
        ev.StringEnded(t=2.2, string=text),
        ev.RunEnded(t=3.0, reason=text),
    ]  # fmt: skip


def evil_page(text: str, lang: str = "en") -> Element:
    shown = {n: f.model_dump(exclude_none=True) for n, f in faces().items() if n in ("silhouette", "hostage")}
    shown["silhouette"]["zones"][0]["zone"] = text[:24]
    texts = {"title": {"en": text, "nl": text}, "injects": {}, "strings": []}
    room = {
        **ROOM,
        "name": text,
        "zones": {text: ROOM["zones"]["kitchen"]},
        "doors": {text: ROOM["doors"]["front_door"]},
    }
    made = recording(
        evil_events(text), scenario=texts, room=room, name=text,
        tracks={"p1": track((0, 1, 1), (4, 5, 1)), text: track((0, 2, 2))},
        shown={n: Face.model_validate(f) for n, f in shown.items()},
    )  # fmt: skip
    return read(debrief_html(made, lang))


def assert_safe(page: Element) -> None:
    assert not [e for e in page.all() if e.tag in ("img", "iframe", "object", "embed", "form")]
    assert not [e for e in page.all() if any(n.startswith("on") or n == "data-evil" for n in e.attrs)]
    assert len(list(page.all("script"))) == 2
    assert len(list(page.all("style"))) == len(list(page.all("h1"))) == 1
    for element in page.all("a"):
        assert element.attrs["href"].startswith("#")
    json.loads(str(page.by_id("moves").children[0]), parse_constant=pytest.fail)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_markup_in_a_recording_is_text(lang: str) -> None:
    page = evil_page(EVIL, lang)
    assert_safe(page)
    assert EVIL in page.one("h1").text
    assert page.by_id("story").text.count("<img src=x onerror=alert(1)") >= 20


@given(st.text(min_size=1, max_size=40))
def test_any_text_is_text(text: str) -> None:
    assert_safe(evil_page(text))


def test_every_type_of_event_is_among_them() -> None:
    assert {type(e) for e in evil_events("x")} == set(ev.EVENT_TYPES.values())


WILD = st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308, 1e-308, 0.0, -0.0, -5.0, 7e12, 0.5])


@st.composite
def wild_events(draw: st.DrawFn) -> list[ev.Event]:
    """The events above with wild numbers in place of their own, but for the times, which the marks need."""
    out = []
    for event in evil_events("x"):
        values: dict[str, Any] = {f.name: getattr(event, f.name) for f in fields(event)}
        for name, value in values.items():
            if name == "t":
                continue
            if isinstance(value, float):
                values[name] = draw(WILD)
            elif isinstance(value, tuple) and value and isinstance(value[0], float):
                values[name] = tuple(draw(WILD) for _ in value)
        out.append(type(event)(**values))
    return out


def numbers_of(page: Element) -> str:
    """All that stands in attributes of drawings."""
    return " ".join(
        v for svg in page.all("svg") for e in svg.all() for n, v in e.attrs.items() if n not in ("class", "id")
    )


@given(wild_events())
def test_wild_numbers_in_events_leave_a_page(events: list[ev.Event]) -> None:
    page = read(debrief_html(recording(events), "nl"))
    assert_safe(page)
    assert "nan" not in numbers_of(page) and "inf" not in numbers_of(page)


finite = st.sampled_from([0.0, -3.0, 1e-300, 1e308, -1e308, 1.0, 2.5])


@given(st.lists(st.tuples(*[finite] * 11), min_size=1, max_size=4))
def test_wild_ways_leave_a_page(legs: list[tuple[float, ...]]) -> None:
    tracks = {"p1": Track.of([Leg(*leg) for leg in legs]), "gunman": track((0, 8, 4))}
    page = read(debrief_html(recording(run_of(fired(1.0)), tracks=tracks), "de"))
    assert_safe(page)
    assert "nan" not in numbers_of(page) and "inf" not in numbers_of(page)


@pytest.mark.parametrize(
    "room",
    [
        {},
        {"plan": None, "zones": None, "doors": None},
        {"plan": "wall", "zones": [1, 2], "doors": "front"},
        {"plan": [["wall"], 5, ["roof", [[0, 0]]], ["wall", [[0, "1"], [None, 2], [True, 3]]]]},
        {"plan": [["wall", [[math.nan, 1], [2, math.inf], [1e300, 0]]]], "zones": {"a": [[math.nan] * 2] * 4}},
        {"doors": {"a": None, "b": {"hinge": [0]}, "c": {"hinge": [0, 0], "closed_yaw": "x"}}},
        {"doors": {"a": {"hinge": [0, 0], "closed_yaw": 1e300, "swing": 1, "width": 1, "begins_open": 0}}},
    ],
)
def test_room_that_is_none(room: dict[str, Any]) -> None:
    assert_safe(read(debrief_html(recording(run_of(fired(1.0)), room=room), "fr")))


def test_recording_without_plan_or_motion_says_so() -> None:
    page = read(debrief_html(recording(run_of(), room={}, tracks={}), "en"))
    assert "The recording holds no plan of the room." in page.text
    assert not list(page.all("script"))


def test_recording_without_events_is_partial() -> None:
    page = read(debrief_html(recording([]), "en"))
    assert "Stopped early: no verdict" in page.text
    assert not [e for e in page.all() if e.attrs.get("id") == "timeline"]


def test_times_beyond_a_day_do_not_stretch_the_time_line() -> None:
    page = read(debrief_html(recording(run_of(fired(4.0), fired(1e12, 2), end=20.0)), "en"))
    axis = [t.text for t in page.by_id("timeline").all("text", "axis")]
    assert axis[-2] == "20" and len(axis) < 25


def test_names_that_scripts_know_are_names() -> None:
    odd = {n: {"at": [5, 1], "motion": "turning"} for n in ("constructor", "toString", "hasOwnProperty")}
    page = read(debrief_html(recording(run_of(), scenario={"targets": odd, "strings": []}), "en"))
    assert_safe(page)
    moves = json.loads(str(page.by_id("moves").children[0]))
    assert set(moves["shown"]) == set(odd)


def test_more_impacts_than_can_be_numbered() -> None:
    shots: list[ev.Event] = []
    for i in range(1, 200):
        local = (0.15 * math.cos(i), 0.15 * math.sin(i))
        shots += [fired(i / 40, i), struck(i / 40, "target", "near", shot=i, zone="A", local=local)]
    page = read(debrief_html(recording(run_of(*shots)), "en"))
    face = next(c for c in page.by_id("targets").all("figure") if c.one("h3").text == "near")
    for drawing in face.all("svg"):
        assert len(list(drawing.all("circle", "impact"))) == 199
        assert not [t for t in drawing.all("text", "number") if t.text.isdigit()]
