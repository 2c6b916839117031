"""The language of conditions: what it means, what it refuses, and where it says the fault lies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrlab.scenario.conditions import ExpressionError, parse
from xrlab.scenario.functions import FUNCTIONS


def value(text: str, **functions: object) -> object:
    return parse(text, "live").evaluate(functions)  # type: ignore[arg-type]


def fault(text: str, where: str = "live") -> tuple[int, str]:
    with pytest.raises(ExpressionError) as caught:
        parse(text, where)  # type: ignore[arg-type]
    return caught.value.faults[0].column, caught.value.faults[0].what


def test_the_example_of_the_guide() -> None:
    text = 'hits("gunman") >= 2 && state("hostage") != "down"'
    hits, state = {"gunman": 2}, {"hostage": "frozen"}
    assert value(text, hits=hits.get, state=state.get) is True
    state["hostage"] = "down"
    assert value(text, hits=hits.get, state=state.get) is False


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 2 * 3 == 7", True),
        ("(1 + 2) * 3 == 9", True),
        ("10 - 4 - 3 == 3", True),
        ("8 / 4 / 2 == 1", True),
        ("-2 * -2 == 4", True),
        ("true || false && false", True),
        ("!(true && false)", True),
        ("'a' == \"a\"", True),
        ("1 / 0 == 1", False),
        ("1 / 0 != 1", False),
    ],
)
def test_order_and_meaning(text: str, wanted: bool) -> None:
    assert value(text) is wanted


def test_a_value_that_is_not_there_makes_comparisons_false() -> None:
    expression = parse('median("reaction_s") + 1 < 5', "score")
    assert expression.evaluate({"median": lambda m: None}) is False
    assert parse('median("reaction_s") * 2', "score").evaluate({"median": lambda m: None}) is None


def test_what_follows_is_not_asked_once_the_answer_is_clear() -> None:
    asked: list[str] = []

    def sees(who: str) -> bool:
        asked.append(who)
        return True

    assert value('sees("a") || sees("b")', sees=sees) is True
    assert asked == ["a"]


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ('hit("a") > 1', 0, "unknown function 'hit'; did you mean 'hits'?"),
        ('hits("a") > true', 10, "compares a number with a bool"),
        ('state("a") > "b"', 11, "'>' needs numbers; a text can be == or !="),
        ('1 + "a" == 2', 4, "a number is needed here, this is a text"),
        ('sees("a") = true', 10, "cannot be understood at '= true'; write '=='"),
        ('sees("a") & true', 10, "cannot be understood at '& true'; write '&&'"),
        ("sees(gunman)", 5, "'gunman' stands alone; a name is written in quotes: \"gunman\""),
        ("gunman", 0, "'gunman' stands alone; a name is written in quotes: \"gunman\""),
        ("sees()", 0, "sees() takes who, who?; 0 given"),
        ("sees(1)", 5, 'sees() takes names in quotes, such as "gunman"'),
        ("1 <", 3, "ends too early"),
        ("", 0, "ends too early"),
        ("__import__('os')", 0, "unknown function '__import__'"),
        ("sees.__class__", 0, "'sees' stands alone"),
        ('median("reaction_s") > 1', 0, "a function that has no meaning in this place: 'median'"),
        ("!1", 1, "a bool is needed here, this is a number"),
    ],
)
def test_faults_are_told_with_their_column(text: str, column: int, said: str) -> None:
    at, what = fault(text)
    assert at == column
    assert what.startswith(said)


def test_live_functions_have_no_meaning_in_a_mark() -> None:
    assert "no meaning in this place" in fault("time() > 3", "score")[1]


@pytest.mark.parametrize("text", ["(" * 10_000 + "1", "!" * 10_000 + "true", "-" * 10_000 + "1", "1+" * 500_000 + "1"])
def test_very_long_and_very_deep_expressions_are_refused_at_once(text: str) -> None:
    assert "characters long" in fault(text)[1] or "nested too deep" in fault(text)[1]


def test_every_function_says_what_it_is() -> None:
    for name, function in FUNCTIONS.items():
        assert function.about, name
        assert function.where in ("live", "score", "both")


numbers = st.integers(0, 50).map(str)
sums = st.recursive(
    numbers,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=12,
)


@given(sums, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), sums)
def test_arithmetic_agrees_with_python(left: str, sign: str, right: str) -> None:
    text = f"{left} {sign} {right}"
    assert value(text) is eval(text)  # made of digits, brackets and signs above


@given(st.text(max_size=60))
def test_no_text_ends_in_anything_but_a_fault(text: str) -> None:
    try:
        parse(text, "live")
    except ExpressionError as error:
        assert error.faults
        assert all(0 <= f.column <= len(text) for f in error.faults)
