"""The debrief's sections on shooting and on shoot-or-don't: what they say is what the result says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pages import Element, read

RUNS = ("house", "house_wrong", "range", "range_wrong")


@pytest.fixture(scope="module")
def pages(runs: dict[str, Path]) -> dict[str, Element]:
    return {name: read((path / "debrief.html").read_text(encoding="utf-8")) for name, path in runs.items()}


@pytest.fixture(scope="module")
def results(runs: dict[str, Path]) -> dict[str, dict[str, Any]]:
    return {name: json.loads((path / "result.json").read_text(encoding="utf-8")) for name, path in runs.items()}


def rows(table: Element) -> list[list[str]]:
    return [[c.text for c in row.all() if c.tag in ("th", "td")] for row in table.all("tr")]


def number(text: str) -> float:
    return float(re.sub(r"[^\d,.−-]", "", text).replace(",", ".").replace("−", "-"))


@pytest.mark.parametrize("run", RUNS)
def test_everybody_who_fired_has_a_card_with_their_figures(
    pages: dict[str, Element], results: dict[str, dict[str, Any]], run: str
) -> None:
    cards = {card.one("h3").text: card for card in pages[run].by_id("shooting").all("figure", "card")}
    for row in results[run]["trainees"]:
        told = row["marksmanship"]
        if not row["metrics"]["shots"] and not told["stimuli"]:
            assert row["id"] not in cards
            continue
        card = cards.pop(row["id"])
        said = {d.one("dt").text: d.one("dd").text for d in card.all("div")}
        if row["metrics"]["reaction_s"] is not None:
            assert number(said["Reactietijd (mediaan)"]) == pytest.approx(row["metrics"]["reaction_s"], abs=0.0051)
        hits = told["throughput"]["hits_per_s"]
        assert ("Treffers per seconde" in said) == (hits is not None)
        assert hits is None or number(said["Treffers per seconde"]) == pytest.approx(hits, abs=0.0051)
        steps = [p.attrs["d"].count("V") for p in card.all("path", "stair")]
        assert steps == ([len(told["curve"])] if told["curve"] else [])
    assert not cards


def test_strings_are_rows_and_the_trend_is_the_foot(
    pages: dict[str, Element], results: dict[str, dict[str, Any]]
) -> None:
    card = pages["range"].by_id("shooting").one("figure", "card")
    told = results["range"]["trainees"][0]["marksmanship"]
    table = rows(next(card.all("table")))
    assert [row[1] for row in table[1:-1]] == [f"{s['hits']}/{s['shots']}" for s in told["strings"]]
    assert [number(row[4]) for row in table[1:-1]] == pytest.approx(
        [s["mean_radius_mrad"] for s in told["strings"]], abs=0.0051
    )
    assert number(table[-1][3]) == pytest.approx(told["trend"]["reaction_s"], abs=0.0051)


@pytest.mark.parametrize("run", RUNS)
def test_four_counts_of_everybody_who_was_shown_others(
    pages: dict[str, Element], results: dict[str, dict[str, Any]], run: str
) -> None:
    table = rows(pages[run].by_id("recognition").one("table", "four"))[2:]
    keys = ("hits", "misses", "false_alarms", "correct_rejections")
    wanted = [r["recognition"] for r in results[run]["trainees"]]
    wanted = [told for told in wanted if told["false_alarms"] + told["correct_rejections"]]
    assert [[int(n) for n in row[1:5]] for row in table] == [[told[key] for key in keys] for told in wanted]
    for row, told in zip(table, wanted, strict=True):
        assert (
            row[6] == "–" if told["d_prime"] is None else number(row[6]) == pytest.approx(told["d_prime"], abs=0.0051)
        )


def test_details_are_folded_and_lead_to_the_shots(pages: dict[str, Element]) -> None:
    page = pages["range"]
    folded = [d for name in ("targets", "shooting", "recognition") for d in page.by_id(name).all("details")]
    assert folded and not any("open" in d.attrs for d in folded)
    ids = {e.attrs["id"] for e in page.all() if "id" in e.attrs}
    links = [a.attrs["href"] for d in folded for a in d.all("a")]
    assert links and all(link[1:] in ids for link in links)


def test_a_board_shows_its_point_of_aim_and_the_circle_of_the_mean_radius(
    pages: dict[str, Element], results: dict[str, dict[str, Any]]
) -> None:
    groups = {g["target"]: g for g in results["range"]["trainees"][0]["marksmanship"]["targets"]}
    card = next(c for c in pages["range"].by_id("targets").all("figure", "card") if c.one("h3").text == "midden")
    small = next(card.all("svg"))
    aim, circle = small.one("circle", "aim"), small.one("circle", "radius")
    scale = float(small.attrs["viewbox"].split()[3]) / 750
    group = groups["middle"]
    assert float(circle.attrs["r"]) == pytest.approx(group["mean_radius_mm"] * scale, abs=0.02)
    off = (float(circle.attrs["cx"]) - float(aim.attrs["cx"]), float(aim.attrs["cy"]) - float(circle.attrs["cy"]))
    assert off == pytest.approx([n * scale for n in group["off_aim_mm"]], abs=0.03)
