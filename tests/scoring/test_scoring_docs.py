"""docs/scoring.md: every measure has a worked example, and each example comes out as it says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from worked import Example, answers, examples, measures


def test_every_measure_has_a_worked_example() -> None:
    shown = {example.measure for example in examples()}
    assert [measure for measure in measures() if measure not in shown] == []


def test_every_answer_is_shown_in_an_example() -> None:
    assert sorted(answers().keys() - {example.name for example in examples()}) == []


@pytest.mark.parametrize("example", examples(), ids=lambda e: f"{e.measure}, line {e.line}")
def test_example_comes_out_as_it_says(example: Example) -> None:
    came = answers()[example.name](dict(example.given))
    for key, wanted in example.gives.items():
        assert _same(came[key], wanted), f"scoring.md:{example.line}: {key} is {came[key]}, not {wanted}"


def _same(came: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or wanted is None or isinstance(wanted, str):
        return bool(came == wanted)
    if isinstance(wanted, int | float):
        return math.isclose(float(came), float(wanted), rel_tol=0.0, abs_tol=1e-9)
    if isinstance(wanted, list):
        return len(came) == len(wanted) and all(map(_same, came, wanted))
    return came.keys() >= wanted.keys() and all(_same(came[key], value) for key, value in wanted.items())
