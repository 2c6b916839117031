from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.scenario.conditions import parse
from xrlab.words import Words

NL, FR, EN = Words("nl"), Words("fr"), Words("en")


@pytest.mark.parametrize(
    ("value", "dutch", "english"),
    [
        (None, "–", "–"), (0, "0", "0"), (-0.001, "0", "0"), (12, "12", "12"), (1.5, "1,5", "1.5"),
        (1.256, "1,26", "1.26"),
        (-2.5, "−2,5", "−2.5"), (1234.5, "1234,5", "1234.5"), (100.0, "100", "100"), (math.nan, "nan", "nan"),
        (True, "True", "True"),
    ],
)  # fmt: skip
def test_numbers(value: float | None, dutch: str, english: str) -> None:
    assert (NL.number(value), EN.number(value)) == (dutch, english)


@given(st.floats(-1e6, 1e6))
def test_a_number_reads_back(value: float) -> None:
    assert float(NL.number(value, 3).replace("−", "-").replace(",", ".")) == pytest.approx(value, abs=5.1e-4)


@pytest.mark.parametrize(
    ("t", "text"),
    [(0, "0:00,00"), (59.994, "0:59,99"), (59.996, "1:00,00"), (61.5, "1:01,50"), (3600, "60:00,00"), (-1, "0:00,00"),
     (math.nan, "0:00,00"), (math.inf, "0:00,00")],
)  # fmt: skip
def test_times(t: float, text: str) -> None:
    assert NL.time(t) == text


def test_shares_are_percentages() -> None:
    assert (NL.percent(0.834), FR.percent(1.0), EN.percent(None)) == ("83%", "100\u202f%", "–")
    assert NL.value(0.5, share=True) == "50%"
    assert NL.value(0.5, share=False) == "0,5"
    assert NL.limit(">= 0.9", share=True) == "≥\u00a090%"
    assert NL.limit("<45.5", share=False) == "<\u00a045,5"
    assert EN.limit("== 0", share=False) == "=\u00a00"
    assert EN.limit(None, share=False) == ""


@pytest.mark.parametrize(
    ("expression", "share"),
    [("accuracy()", True), (' cleared("all") ', True), ('stopped("threat") * 4', False), ("points()", False),
     ("1 - accuracy()", False)],
)  # fmt: skip
def test_what_is_a_share(expression: str, share: bool) -> None:
    assert parse(expression, "score").is_share is share


def test_names() -> None:
    assert NL.name("living_room") == "woonkamer"
    assert NL.name("lane_12") == "schietbaan 12"
    assert NL.name("my_own_room") == "my own room"
    assert NL.name(None) == NL.name("") == ""
    assert FR.names(["kitchen", "p1"]) == "cuisine, p1"


def test_things_a_bullet_meets() -> None:
    assert NL.thing("door", "front_door") == "een deur (voordeur)"
    assert FR.thing("wall", "wall of kitchen") == "un mur (cuisine)"
    assert FR.thing("wall", "floor of attic") == "le sol (attic)"
    assert NL.thing("wall", "free wall 3") == NL.thing("wall", "wall") == "een muur"
    assert NL.thing("wall", "window 2") == "een raam"
    assert NL.thing("wall", "Mesh_of_things") == "Mesh of things"


def test_a_language_that_nobody_speaks_here_is_english() -> None:
    assert Words("xx").lang == "en"
    assert Words("xx")("criteria") == "Criteria"
