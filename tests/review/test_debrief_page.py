from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import ItemsView
from itertools import pairwise
from pathlib import Path

import pytest
from pages import Element, fired, read, recording, run_of, struck, track

import xrlab
from xrlab.language import LANGUAGES, tr
from xrlab.recording import read_recording
from xrlab.review.facts import COLOURS
from xrlab.review.report import debrief_html, write_debrief
from xrlab.scenario.library import faces
from xrlab.sim import events as ev

RUNS = ("house", "house_wrong", "range", "range_wrong")


@pytest.fixture(scope="module")
def pages(runs: dict[str, Path]) -> dict[str, Element]:
    return {name: read((folder / "debrief.html").read_text(encoding="utf-8")) for name, folder in runs.items()}


@pytest.fixture(scope="module")
def results(runs: dict[str, Path]) -> dict[str, dict]:
    return {name: json.loads((folder / "result.json").read_text(encoding="utf-8")) for name, folder in runs.items()}


def rows(table: Element) -> list[list[str]]:
    return [[c.text for c in tr_.all() if c.tag in ("th", "td")] for tr_ in table.all("tr")]


@pytest.mark.parametrize("run", RUNS)
def test_the_page_needs_nothing_else(pages: dict[str, Element], runs: dict[str, Path], run: str) -> None:
    page = pages[run]
    for element in page.all():
        assert element.tag not in ("img", "link", "iframe", "object", "embed", "base", "form")
        for name, value in element.attrs.items():
            assert not name.startswith("on")
            if name in ("href", "src", "xlink:href"):
                assert value.startswith("#")
    style = page.one("style").children[0]
    assert isinstance(style, str)
    assert "url(" not in style and "@import" not in style
    text = (runs[run] / "debrief.html").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
    (policy,) = (m.attrs["content"] for m in page.all("meta") if "http-equiv" in m.attrs)
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize("run", RUNS)
def test_links_lead_somewhere_and_ids_are_used_once(pages: dict[str, Element], run: str) -> None:
    page = pages[run]
    ids = [e.attrs["id"] for e in page.all() if "id" in e.attrs]
    assert len(ids) == len(set(ids))
    targets = [e.attrs["href"][1:] for e in page.all("a")]
    assert targets and set(targets) <= set(ids)


@pytest.mark.parametrize("run", RUNS)
def test_the_page_can_be_read_aloud(pages: dict[str, Element], run: str) -> None:
    page = pages[run]
    assert page.one("html").attrs["lang"] == "nl"
    levels = [int(e.tag[1]) for e in page.all() if re.fullmatch(r"h[1-6]", e.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    for drawing in page.all("svg"):
        if drawing.attrs.get("aria-hidden") != "true":
            assert drawing.attrs["role"] == "img"
            first = drawing.children[0]
            assert isinstance(first, Element) and first.tag == "title" and first.text
    assert all(h.attrs.get("scope") in ("col", "row") for h in page.all("th"))
    labelled = {e.attrs["for"] for e in page.all("label")}
    for control in page.all("input"):
        assert control.attrs["id"] in labelled or control.attrs.get("aria-label")
    assert all(b.text for b in page.all("button"))


def contrast(a: str, b: str) -> float:
    """WCAG 2: (lighter + 0.05) / (darker + 0.05) of the relative luminances."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_texts_stand_out_from_their_ground(pages: dict[str, Element]) -> None:
    style = str(pages["house"].one("style").children[0])
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    for text in ("ink", "soft", "green", "red", "amber", "accent"):
        for ground in ("#ffffff", named["panel"]):
            assert contrast(named[text], ground) >= 4.5, (text, ground)
    verdicts = re.findall(r"\.verdict\.\w+ \{ color: var\(--(\w+)\); background: (#[0-9a-f]{6})", style)
    assert len(verdicts) == 3
    assert all(contrast(named[text], ground) >= 4.5 for text, ground in verdicts)
    assert all(contrast(colour, "#ffffff") >= 4.5 for colour in COLOURS)


def test_same_recording_and_language_same_bytes(runs: dict[str, Path], tmp_path: Path) -> None:
    file = runs["house"] / "recording.mcap"
    write_debrief(file, tmp_path / "again.html", "nl")
    first = (runs["house"] / "debrief.html").read_bytes()
    assert (tmp_path / "again.html").read_bytes() == first
    code = "import sys; from pathlib import Path; from xrlab.review.report import write_debrief;"
    code += "write_debrief(Path(sys.argv[1]), Path(sys.argv[2]), 'nl')"
    other = tmp_path / "other.html"
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    subprocess.run([sys.executable, "-c", code, str(file), str(other)], check=True, env=environment)
    assert other.read_bytes() == first


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language(runs: dict[str, Path], lang: str) -> None:
    page = read(debrief_html(read_recording(runs["house_wrong"] / "recording.mcap"), lang))
    assert page.one("html").attrs["lang"] == lang
    titles = {"nl": "Gijzeling in het huis", "fr": "Prise d'otage dans la maison", "de": "Geiselnahme im Haus"}
    assert page.one("h1").text == titles.get(lang, "Hostage in the house")
    for key in ("verdict-failed", "criteria", "discuss", "plan", "timeline", "trainees", "people", "story"):
        assert " ".join(tr(lang, f"debrief-{key}").split()) in page.text
    # No key where a text should be, and no identifier where xrlab has a word.
    assert not re.search(r"debrief-|cli-|hud-", page.text)
    if lang != "en":
        for word in ("living room", "kitchen", "neighbour", "terrace door", "lookout", "pistol:", "wall"):
            assert word not in page.text


@pytest.mark.parametrize("run", RUNS)
def test_verdict_and_criteria_are_those_of_the_result(
    pages: dict[str, Element], results: dict[str, dict], run: str
) -> None:
    page, result = pages[run], results[run]
    verdict = next(page.all("div", "verdict"))
    assert ("passed" if result["passed"] else "failed") in verdict.attrs["class"]
    assert verdict.text.startswith(("✓ Geslaagd", "✗ Niet geslaagd")[not result["passed"]])
    table = rows(page.by_id("criteria"))
    assert len(table) == len(result["criteria"]) + len(result["caps"]) + 2
    for row, shown in zip(result["criteria"], table[1:], strict=False):
        assert shown[0].startswith(row["title"]["nl"])
        assert shown[4] == ("✓ ja" if row["passed"] else "✗ nee")
        value = float(shown[1].rstrip("%").replace(",", ".").replace("−", "-"))
        assert value == pytest.approx(
            row["value"] * (100 if "%" in shown[1] else 1), abs=0.501 if "%" in shown[1] else 6e-4
        )
        if row["max_points"]:
            points = float(shown[3].split(" / ")[0].replace(",", "."))
            assert points == pytest.approx(row["points"], abs=0.0051)
    assert float(table[-1][3].split(" / ")[0].replace(",", ".")) == pytest.approx(result["score"], abs=0.0051)


@pytest.mark.parametrize("run", RUNS)
def test_trainees_figures_are_those_of_the_result(
    pages: dict[str, Element], results: dict[str, dict], run: str
) -> None:
    table = rows(pages[run].by_id("trainees"))
    names = table[0][1:]
    assert names == [t["id"] for t in results[run]["trainees"]]
    shown = {row[0]: row[1:] for row in table[1:]}
    for key in ("shots", "hits", "no_shoot_hits", "own_side_hits", "hits_taken", "misses", "reloads"):
        figures = [str(t["metrics"][key]) for t in results[run]["trainees"]]
        assert shown[tr("nl", f"debrief-metric-{key}")] == figures
    for key in ("reaction_s", "split_s"):
        for text, trainee in zip(shown[tr("nl", f"debrief-metric-{key}")], results[run]["trainees"], strict=True):
            value = trainee["metrics"][key]
            assert text == ("–" if value is None else f"{value:.2f}".replace(".", ","))


@pytest.mark.parametrize("run", RUNS)
def test_every_shot_is_on_the_plan_and_in_the_story(
    pages: dict[str, Element], results: dict[str, dict], runs: dict[str, Path], run: str
) -> None:
    page, events = pages[run], read_recording(runs[run] / "recording.mcap").events
    shots = [e for e in events if isinstance(e, ev.ShotFired)]
    lines = [e for e in page.by_id("plan").all("line") if "data-shot" in e.attrs]
    to_the_hit = [e for e in lines if "behind" not in e.attrs["class"].split()]
    assert [e.attrs["data-shot"] for e in to_the_hit] == [str(i) for i in range(len(shots))]
    assert {e.attrs["data-shot"] for e in lines} == {e.attrs["data-shot"] for e in to_the_hit}
    told = [li.text for li in page.by_id("story").all("li", "shot")]
    assert len(told) == len(shots)
    by_number = {s["shot"]: s for s in results[run]["shots"]}
    for e, text in zip(shots, told, strict=True):
        assert f"lost schot {e.shot} (" in text
        minutes, seconds = text.split(" ")[0].replace(",", ".").split(":")
        assert int(minutes) * 60 + float(seconds) == pytest.approx(e.t, abs=0.0051)
        row = by_number.get(e.shot)
        if row and row["reaction_s"] is not None:
            assert f"Reactie {row['reaction_s']:.2f} s.".replace(".", ",", 1) in text
        if row and row["split_s"] is not None:
            assert f"{row['split_s']:.2f} s na het vorige schot.".replace(".", ",", 1) in text


def cards(page: Element) -> dict[str, Element]:
    return {c.one("h3").text: c for c in page.by_id("targets").all("figure", "card")}


@pytest.mark.parametrize("run", ["range", "range_wrong"])
def test_impacts_are_drawn_where_they_struck(pages: dict[str, Element], results: dict[str, dict], run: str) -> None:
    drawn = cards(pages[run])
    words = {"near": "dichtbij", "middle": "midden", "far": "ver", "bystander": "omstander", "precision": "precisie"}
    chosen = {"bystander": "hostage", "precision": "precision_25m"}
    assert set(drawn) == set(words.values())
    for target, word in words.items():
        face = faces()[chosen.get(target, "silhouette")]
        shots = [s for s in results[run]["shots"] if s["target"] == target]
        drawing = next(drawn[word].all("svg"))
        wide, high = (float(n) for n in drawing.attrs["viewbox"].split()[2:])
        scale = 210 / max(face.width_mm, face.height_mm)
        assert (wide, high) == pytest.approx((face.width_mm * scale, face.height_mm * scale), abs=0.02)
        circles = list(drawing.all("circle", "impact"))
        assert len(circles) == len(shots)
        for circle, shot in zip(circles, shots, strict=True):
            u = (float(circle.attrs["cx"]) - wide / 2) / scale
            v = (high / 2 - float(circle.attrs["cy"])) / scale
            assert (u, v) == pytest.approx([n * 1000 for n in shot["local_m"]], abs=0.05)


@pytest.mark.parametrize("run", ["range", "range_wrong"])
def test_group_and_mean_point_of_impact(pages: dict[str, Element], results: dict[str, dict], run: str) -> None:
    card = cards(pages[run])["midden"]
    places = [[n * 1000 for n in s["local_m"]] for s in results[run]["shots"] if s["target"] == "middle"]
    size = max(math.dist(a, b) for a in places for b in places)
    aim = 0, -5  # the middle of the A zone
    u, v = (sum(p[i] for p in places) / len(places) - aim[i] for i in (0, 1))
    said = [f"{abs(round(n))} mm {word}" for n, word in
            ((u, "rechts" if u > 0 else "links"), (v, "hoog" if v > 0 else "laag")) if round(n)]  # fmt: skip
    assert next(card.all("dl")).text == (
        f"p1 Treffers: {len(places)} Groepering {size:.0f} mm Gemiddeld trefpunt {', '.join(said)}"
    )


def test_enlarged_part_shows_the_same_places_with_shot_numbers(pages: dict[str, Element]) -> None:
    small, large = cards(pages["range"])["dichtbij"].all("svg")
    assert sorted(t.text for t in large.all("text", "number")) == ["1", "2", "20 mm", "3", "4"]

    def shape(drawing: Element) -> list[float]:
        at = [complex(float(c.attrs["cx"]), float(c.attrs["cy"])) for c in drawing.all("circle", "impact")]
        return [abs(a - at[0]) / abs(at[1] - at[0]) for a in at]

    assert shape(large) == pytest.approx(shape(small), rel=0.05)


def test_impact_outside_all_zones_is_hollow() -> None:
    shots = [
        fired(1.0), struck(1.0, "target", "near", zone=None, local=(0.22, 0.36)),
        fired(2.0, 2), struck(2.0, "target", "near", shot=2, zone="A", local=(0.0, 0.0)),
    ]  # fmt: skip
    page = read(debrief_html(recording(run_of(ev.TargetExposed(t=0.5, target="near"), *shots)), "en"))
    outside, inside = cards(page)["near"].all("circle", "impact")
    assert outside.attrs["fill"] == "#ffffff" and inside.attrs["fill"] == COLOURS[0]
    assert "p1 Hits: 1" in cards(page)["near"].text


def test_plan_is_to_scale_with_north_up() -> None:
    shot = [fired(2.0), struck(2.0, "wall", "wall of kitchen", entry=(10.0, 4.0, 1.0))]
    page = read(debrief_html(recording(run_of(*shot), tracks={"p1": track((0, 1, 1), (4, 6, 3))}), "en"))
    plan = page.by_id("plan-drawing")
    scale = (760 - 28) / 10  # ten metres between the margins

    def at(x: float, y: float) -> list[float]:
        return [14 + x * scale, 14 + (5 - y) * scale]

    (way,) = plan.all("polyline", "way")
    first, *_, last = ([float(n) for n in p.split(",")] for p in way.attrs["points"].split())
    assert first == pytest.approx(at(1, 1), abs=0.01)
    assert last == pytest.approx(at(6, 3), abs=0.01)
    line = next(e for e in plan.all("line") if "data-shot" in e.attrs)
    ends = [float(line.attrs[k]) for k in ("x1", "y1", "x2", "y2")]
    assert ends == pytest.approx([*at(1, 1), *at(10, 4)], abs=0.01)
    assert plan.one("text", "scale").text == "1 m"
    bar = re.findall(r"H([\d.]+)", plan.one("path", "bar").attrs["d"])
    assert float(bar[0]) - 14 == pytest.approx(scale, abs=0.01)


def test_hits_on_no_shoots_are_laid_out_for_discussion(pages: dict[str, Element], results: dict[str, dict]) -> None:
    wrong = results["house_wrong"]["to_discuss"]
    assert len(wrong) == 2
    page = pages["house_wrong"]
    told = [li.text for li in page.by_id("discuss").all("li")]
    assert [re.sub(r"^\S+ ", "", t) for t in told] == [
        f"Schot {row['shot']} van d1 raakte huurder (niet-doelwit)." for row in wrong
    ]
    assert pages["house"].by_id("discuss").text == "Te bespreken " + tr("nl", "debrief-discuss-none")


def facts_of(use: Element) -> ItemsView[str, str]:
    """The facts of a use of force by their names."""
    return {d.one("dt").text: d.one("dd").text for q in use.all("dl") for d in q.all("div")}.items()


def test_facts_of_every_use_of_force_against_a_person() -> None:
    events = run_of(
        ev.StateChanged(t=0.0, who="gunman", state="guarding", was=""),
        ev.PostureChanged(t=0.0, who="gunman", pose="standing", holds="handgun", danger=True),
        ev.PostureChanged(t=0.0, who="child", pose="standing", holds="phone", danger=False),
        ev.VerbalCommand(t=1.0, who="p1", command="drop_weapon", heard_by=("gunman",)),
        fired(2.5), struck(2.5, "person", "gunman", zone="left_arm", distance=4.04),
        fired(3.0, 2), struck(3.0, "person", "child", shot=2, zone="torso"),
        fired(3.5, 3), struck(3.5, "person", "d1", shot=3, zone="head"),
        fired(4.0, 4, "gunman"), struck(4.0, "person", "p1", shot=4, shooter="gunman", zone="torso"),
    )  # fmt: skip
    page = read(debrief_html(recording(events), "en"))
    first, second, third = page.by_id("force").all("article", "use")
    assert [u.one("h3").text for u in (first, second, third)] == [
        "0:02.50 p1 against gunman (threat) u1", "0:03.00 p1 against child (no-shoot) u2",
        "0:03.50 p1 against d1 (own side) u3",
    ]  # fmt: skip
    assert facts_of(first) >= {
        "The person was": "armed, standing, guards", "In hand": "handgun", "A danger": "yes, for 2.50 s",
        "Hits": "left arm", "Warned": "“Drop it!” (p1)", "When": "1.5 s before", "Also carried": "nothing else",
        "After the danger had ended": "none",
    }.items()  # fmt: skip
    assert facts_of(second) >= {
        "The person was": "unarmed, standing", "In hand": "phone", "A danger": "no", "Warned": "no", "Hits": "torso",
        "Before any danger": "1 of 1",
    }.items()  # fmt: skip
    assert "4.0 m" in first.one("p", "note").text
    assert [p.text for p in page.by_id("force").all("li")] == [
        "Force by p1 against child (no-shoot).", "Force by p1 against d1 (own side).",
    ]  # fmt: skip
    bodies = {c.one("h3").text: c.one("figcaption").text for c in page.by_id("people").all("figure", "card")}
    assert bodies == {"gunman": "left arm: 1", "child": "torso: 1", "p1": "torso: 1", "d1": "head: 1"}
    assert [re.sub(r"^\S+ ", "", li.text) for li in page.by_id("discuss").all("li")] == [
        "Shot 2 by p1 hit child (no-shoot).",
        "Shot 3 by p1 hit d1 (own side).",
    ]


def test_interrupted_run_says_so(tmp_path: Path) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 60

    result = xrlab.run("house/hostage", seed=7, out=tmp_path, lang="nl", stop=stop)
    assert result["ended"] == "interrupted"
    page = read((tmp_path / "debrief.html").read_text(encoding="utf-8"))
    assert "partial" in next(page.all("div", "verdict")).attrs["class"]
    assert "Vroegtijdig gestopt: geen oordeel" in page.text
    assert tr("nl", "debrief-partial-note") in page.text
    assert page.by_id("story").text.endswith("De oefening eindigt: onderbroken.")


def test_killed_run_says_where_the_recording_breaks_off(runs: dict[str, Path], tmp_path: Path) -> None:
    whole = (runs["house"] / "recording.mcap").read_bytes()
    (tmp_path / "recording.mcap").write_bytes(whole[: len(whole) * 3 // 4])
    write_debrief(tmp_path / "recording.mcap", tmp_path / "debrief.html", "fr")
    page = read((tmp_path / "debrief.html").read_text(encoding="utf-8"))
    assert "partial" in next(page.all("div", "verdict")).attrs["class"]
    assert "l'enregistrement s'interrompt" in next(page.all("dl", "facts")).text
    assert page.by_id("story").text.endswith("L'enregistrement s'interrompt ici.")
    assert list(page.by_id("plan").all("polyline", "way"))


def test_replay_has_everyone_at_every_instant(pages: dict[str, Element], runs: dict[str, Path]) -> None:
    page = pages["house"]
    moves = json.loads(str(page.by_id("moves").children[0]))
    run = read_recording(runs["house"] / "recording.mcap")
    assert moves["end"] == pytest.approx(run.events[-1].t, abs=1e-3)
    movers = list(page.by_id("plan-drawing").all("g", "mover"))
    assert len(movers) == len(moves["people"]) == len(run.scenario.people) + len(run.scenario.trainees)
    count = max(len(p["x"]) for p in moves["people"])
    assert all(len(p["x"]) == len(p["y"]) == len(p["a"]) and len(p["x"]) in (1, count) for p in moves["people"])
    assert (count - 1) * moves["step"] == pytest.approx(moves["end"], abs=0.01)
    assert len(moves["shots"]) == sum(isinstance(e, ev.ShotFired) for e in run.events)


def test_many_trainees_stand_in_several_tables() -> None:
    crowd = [f"t{i}" for i in range(1, 15)]
    teams = {"police": {"trainees": crowd, "start": "a", "carries": ["pistol"]}}
    page = read(debrief_html(recording(run_of(), scenario={"teams": teams}, tracks={}), "en"))
    heads = [[h.text for h in t.one("thead").all("th")][1:] for t in page.by_id("trainees").all("table")]
    assert heads == [crowd[:6], crowd[6:12], crowd[12:]]


def test_points_of_each_trainee_are_shown_only_where_they_differ() -> None:
    fast = {"value": 'median("reaction_s")', "points": 10, "full_at": 0.8, "none_at": 2, "each": True}
    own = {"criteria": {"fast": fast}}
    with_each = read(debrief_html(recording(run_of(), scenario={"scoring": own}), "en"))
    without = read(debrief_html(recording(run_of()), "en"))
    assert "Score" in [row[0] for row in rows(with_each.by_id("trainees"))]
    assert "Score" not in [row[0] for row in rows(without.by_id("trainees"))]


def test_less_lethal_means_are_marked_on_plan_and_time_line() -> None:
    used = ev.MeansUsed(
        t=2.0, use=1, who="p1", means="conducted_energy", origin=(1.0, 2.0, 1.6), yaw=0.0, pitch=0.0, left=0
    )
    met = [
        ev.MeansMet(
            t=2.0, use=1, who="p1", means="conducted_energy", part=part, kind="person", what="gunman", zone="torso",
            at=(4.0, 2.0, 1.2), distance=2.5,
        )
        for part in ("upper", "lower")
    ]  # fmt: skip
    hit = ev.Affected(
        t=2.0, use=1, who="gunman", by="p1", means="conducted_energy", effect="pain", seconds=5.0, distance=2.5
    )
    page = read(debrief_html(recording(run_of(used, *met, hit)), lang="en"))
    marks = [e for e in page.by_id("timeline").all("path") if e.attrs.get("class") == "means"]
    assert [m.one("title").text for m in marks[:-1]] == ["conducted-energy device"] * 2  # p1's, the gunman's
    assert "less-lethal means used" in page.by_id("timeline").text
    lines = [e for e in page.by_id("plan").all("line") if e.attrs.get("class") == "means-line"]
    assert len(lines) == 2
    plain = read(debrief_html(recording(run_of()), lang="en"))
    assert not [e for e in plain.all() if e.attrs.get("class") in ("means", "means-line")]


RULED = {
    "targets": {
        "near": {"at": [5, 1], "face": "ipsc", "title": {"en": "Near one"}},
        "far": {"at": [6, 2], "face": "ipsc"},
    },
    "strings": [{"name": "pairs", "title": {"en": "Two shots"}, "show": ["near"], "par_s": 9}],
    "rules": {"name": "ipsc"},
    "people": {},
    "scoring": {"criteria": {"rate": {"value": "hit_factor()", "points": 100, "full_at": 5, "none_at": 0}}},
}


def test_rules_are_told_shot_by_shot_in_words() -> None:
    events = run_of(
        ev.StringStarted(t=1.0, string="pairs"),
        fired(2.0, 1, string="pairs"),
        struck(2.0, "target", "near", 1, zone="A", local=(0.0, 0.0)),
        fired(2.5, 2, string="pairs"),
        struck(2.5, "target", "near", 2, zone="C", local=(0.079, 0.05)),
        fired(3.0, 3, string="pairs"),
        ev.StringEnded(t=9.0, string="pairs"),
        fired(9.5, 4),
    )
    page = read(debrief_html(recording(events, scenario=RULED), "en"))
    cards, ranking, decided = page.by_id("rules").all("table")
    assert rows(cards) == [
        ["String", "Trainee", "Shots", "Points", "Time (s)", "Hit factor", "Penalties"],
        ["Two shots", "p1", "5 5 0", "10 / 10", "2", "5", "–"],
        ["Two shots", "d1", "–", "0 / 10", "–", "0", "hits missing: 2 × 10"],
        ["outside all strings", "p1", "0", "–", "–", "–", "–"],
    ]
    assert rows(ranking)[1:] == [["1", "p1", "10", "stage points"], ["2", "d1", "0", "stage points"]]
    assert rows(decided)[1:] == [
        ["0:02.50", "p1, 2", "Near one", "the hole touches the line: the better value counts", "5", "IPSC 9.5.2"],
        ["0:03.00", "p1, 3", "–", "no target hit", "0", "IPSC 9.4.4"],
        ["0:09.50", "p1, 4", "–", "fired in no string: does not count", "0", ""],
    ]
    assert "#rules" in [a.attrs["href"] for a in page.one("nav").all("a")]


def test_a_run_without_rules_has_no_such_section(pages: dict[str, Element]) -> None:
    assert not [e for e in pages["house"].all() if e.attrs.get("id") == "rules"]


def test_the_standard_stands_at_the_head(pages: dict[str, Element]) -> None:
    heads = {d.one("dt").text: d.one("dd").text for d in pages["range"].one("dl", "facts").all("div")}
    assert heads["Norm"] == "Dienstpistool, 25 m (van dit lab) (2026-1)"
