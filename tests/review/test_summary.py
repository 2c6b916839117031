from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from xrlab.review.summary import print_summary
from xrlab.scoring.result import Result


def result(**changes: Any) -> Result:
    metrics = {
        "shots": 16, "hits": 4, "accuracy": 0.25, "reaction_s": 0.3051, "hits_taken": 1,
    }  # fmt: skip
    none = {"shots": 0, "hits": 0, "accuracy": None, "reaction_s": None, "hits_taken": 0}
    criteria = [
        {"id": "own", "title": None, "value": 1234.5, "limit": None,
         "share": False, "of": None, "passed": True, "points": 8.3333, "max_points": 10.0},
        {"id": "part", "title": None, "value": 0.5, "limit": ">= 0.4", "share": True, "of": None,
         "passed": True, "points": 0.0, "max_points": 0.0},
        {"id": "time", "title": {"nl": "Duur (s)", "en": "Duration (s)"}, "value": None, "limit": "<= 45.5",
         "share": False, "of": None, "passed": False, "points": 0.0, "max_points": 0.0},
    ]  # fmt: skip
    base: dict[str, Any] = {
        "scenario": "house/hostage", "title": {"nl": "Gijzeling", "en": "Hostage [bold]"}, "seed": 7, "partial": False,
        "slowed": False, "drawn": {}, "set": {}, "caps": [],
        "passed": False, "score": 38.3333, "max_score": 100.0, "duration_s": 61.25, "criteria": criteria,
        "trainees": [
            {"id": "d1", "team": "defence", "score": 38.3, "metrics": metrics},
            {"id": "d2", "team": "defence", "score": 38.3, "metrics": none},
        ],
    }  # fmt: skip
    return Result({**base, **changes})


def cells(text: str, start: str) -> list[str]:
    (line,) = (li for li in text.splitlines() if li.startswith(start))
    return re.split(r"\s{2,}", line.strip())


def test_dutch_summary(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(result(), "nl", Path("out") / "run")
    text = capsys.readouterr().out
    assert text.splitlines()[0] == "Gijzeling  (house/hostage, seed 7)"
    assert cells(text, "own") == ["own", "1234,5", "8,33 / 10", "ja"]
    assert cells(text, "part") == ["part", "50%", "≥\u00a040%", "ja"]
    assert cells(text, "Duur") == ["Duur (s)", "–", "≤\u00a045,5", "nee"]
    assert cells(text, "d1") == ["d1", "Defensie", "16", "4", "25%", "0,31", "1"]
    assert cells(text, "d2") == ["d2", "Defensie", "0", "0", "–", "–", "0"]
    assert "NIET GESLAAGD  38,33 op 100 punten  Duur: 61,2 s" in text
    assert text.endswith(f"Debriefing: {Path('out') / 'run' / 'debrief.html'}\n")


@pytest.mark.parametrize(
    ("lang", "verdict", "points"),
    [("fr", "NON RÉUSSI", "38,33 points sur 100"), ("de", "NICHT BESTANDEN", "38,33 von 100 Punkten"),
     ("en", "NOT PASSED", "38.33 of 100 points")],
)  # fmt: skip
def test_other_languages(capsys: pytest.CaptureFixture[str], lang: str, verdict: str, points: str) -> None:
    print_summary(result(), lang, None)
    assert f"{verdict}  {points}" in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["nl", "fr", "de", "en"])
def test_eighty_columns_and_no_colours_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    long = {"id": "x" * 40, "title": {lang: "Een criterium met een heel lange naam " * 4}, "value": 1, "limit": None,
            "share": False, "of": None, "passed": True, "points": 1.0, "max_points": 1.0}  # fmt: skip
    print_summary(result(criteria=[long]), lang, None)
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(result(passed=True), "en", None)
    print_summary(result(partial=True), "en", None)
    text = capsys.readouterr().out
    assert "\nPASSED  " in text and "\nSTOPPED EARLY  " in text


def test_markup_in_a_title_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(result(), "en", None)
    assert "Hostage [bold]" in capsys.readouterr().out


def test_old_code_page_gets_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    print_summary(result(), "nl", None)
    sys.stdout.flush()
    assert "?\u00a045,5" in raw.getvalue().decode("cp1252")


def test_what_was_drawn_and_set_by_hand_stands_below_the_title(capsys: pytest.CaptureFixture[str]) -> None:
    changes = {"drawn": {"gunman.at": "kitchen", "delay": 2.5}, "set": {"gunman.at": "kitchen", "t.at": [1, 2]}}
    print_summary(result(**changes), "nl", None)
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "Geloot: gunman.at=kitchen, delay=2.5",
        "Met de hand ingesteld: gunman.at=kitchen, t.at=[1, 2]",
    ]


def test_a_cap_says_how_high_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    caps = [
        {"cap": 0, "title": {"de": "Unbeteiligte getroffen", "en": "Bystander hit"}, "when": "x", "at_most": 50},
        {"cap": 1, "title": None, "when": "shots() > 40", "at_most": 62.5},
    ]
    print_summary(result(caps=caps), "de", None)
    text = capsys.readouterr().out
    assert "Höchstens 50\u202f%: Unbeteiligte getroffen" in text
    assert "Höchstens 62,5\u202f%: shots() > 40" in text
