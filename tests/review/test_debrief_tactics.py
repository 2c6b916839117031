"""Tactics on the debrief page: a map that agrees with the result, in all languages; nothing where nothing is known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pages import Element, read

from xrlab.language import LANGUAGES
from xrlab.recording import Recording, read_recording
from xrlab.review.report import debrief_html
from xrlab.room.zones import Zone


@pytest.fixture(scope="module")
def recordings(runs: dict[str, Path]) -> dict[str, Recording]:
    return {name: read_recording(folder / "recording.mcap") for name, folder in runs.items()}


def section(page: Element) -> Element:
    (found,) = (e for e in page.all("section") if e.attrs.get("id") == "tactics")
    return found


def of_class(element: Element, tag: str, name: str) -> list[Element]:
    return [e for e in element.all(tag) if name in e.attrs.get("class", "").split()]


@pytest.mark.parametrize("run", ["house", "house_wrong"])
def test_the_map_and_its_list_say_what_the_result_says(runs: dict[str, Path], run: str) -> None:
    page = read((runs[run] / "debrief.html").read_text(encoding="utf-8"))
    part = section(page)
    data = json.loads((runs[run] / "result.json").read_text(encoding="utf-8"))["tactics"]
    drawing = of_class(part, "svg", "areas")[0]
    left = {(p["what"], p["zone"], tuple(p["place"])) for p in data["passed"]}
    assert len(of_class(drawing, "circle", "passed")) == len(left) == data["team"]["passed_unseen"]
    assert [e.text for e in of_class(part, "b", "mark")] == [str(n + 1) for n in range(len(left))]
    unseen = [c for c in data["corners"] if c["seen_t"] is None]
    assert len(of_class(drawing, "rect", "corner-unseen")) == len(unseen)
    assert len(of_class(drawing, "path", "corner-seen")) == len(data["corners"]) - len(unseen)
    points = sum(z["points"] for z in data["floor"]["zones"])
    cells = [p for n in range(5) for p in of_class(drawing, "path", f"seen-{n}")]
    assert sum(p.attrs["d"].count("M") for p in cells) == points
    never = of_class(drawing, "path", "never")
    assert sum(p.attrs["d"].count("M") for p in never) == points - sum(z["seen"] for z in data["floor"]["zones"])
    places = {e.attrs["id"] for e in page.all() if "id" in e.attrs}
    links = list(part.all("a"))
    assert len(links) >= len(left)
    assert all(a.attrs["href"][1:] in places for a in links)
    assert [float(a.attrs["data-t"]) for a in links] == sorted(float(a.attrs["data-t"]) for a in links)


def test_bars_over_time_are_the_exposures_of_the_result(runs: dict[str, Path]) -> None:
    part = section(read((runs["house_wrong"] / "debrief.html").read_text(encoding="utf-8")))
    result = json.loads((runs["house_wrong"] / "result.json").read_text(encoding="utf-8"))
    drawing = of_class(part, "svg", "timeline")[0]
    assert [t.text.split()[0] for t in of_class(drawing, "text", "lane-name")] == [t["id"] for t in result["trainees"]]
    second = (760 - 112 - 16) / result["duration_s"]
    for kind, key in (("unaware", "unaware_s"), ("in-door", "doorway_s")):
        wide = sum(float(r.attrs["width"]) for r in of_class(drawing, "rect", kind))
        assert wide / second == pytest.approx(sum(t[key] for t in result["tactics"]["trainees"]), abs=1.0), kind


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_tells_the_same_and_in_its_own_numbers(recordings: dict[str, Recording], lang: str) -> None:
    part = section(read(debrief_html(recordings["house"], lang)))
    figures, doors = part.all("table")
    assert len(list(doors.all("tr"))) == 8
    comma = lang != "en"
    assert any(re.fullmatch(r"\d+,\d" if comma else r"\d+\.\d", td.text) for td in figures.all("td"))
    assert "debrief-" not in part.text


def test_a_recording_without_its_room_has_no_such_part(recordings: dict[str, Recording]) -> None:
    page = read(debrief_html(replace(recordings["house"], ground=None)))
    assert not [e for e in page.all("section") if e.attrs.get("id") == "tactics"]
    assert not [a for a in page.all("a") if a.attrs.get("href") == "#tactics"]


def test_a_range_where_nobody_is_met_has_none_either(recordings: dict[str, Recording]) -> None:
    page = read(debrief_html(recordings["range"]))
    assert not [e for e in page.all("section") if e.attrs.get("id") == "tactics"]


def test_names_of_strangers_are_text(recordings: dict[str, Recording]) -> None:
    ground = recordings["house"].ground
    assert ground is not None
    name = "<script>alert(1)</script>"
    zones = {name: Zone(name, ground.zones["kitchen"].polygon), **ground.zones}
    floor = {name: ground.floor["kitchen"], **ground.floor}
    doors = {**ground.doors, name: replace(ground.doors["kitchen_door"], name=name)}
    other = replace(recordings["house"], ground=replace(ground, zones=zones, floor=floor, doors=doors))
    page = debrief_html(other)
    assert name not in page
    assert not list(section(read(page)).all("script"))
