"""What `vary` draws: spans, bundles, constraints, pins; and that it always ends."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import write_scene

import xrlab
from xrlab.document import parse
from xrlab.errors import InputError
from xrlab.recording import read_recording
from xrlab.run import score_recording
from xrlab.scenario.load import load, prepare
from xrlab.scenario.variation import Variation

BASE = {"people": {"g": {"at": "a"}, "n": {"at": "b"}, "o": {"at": "c"}}}


def varied(vary: dict[str, Any]) -> Variation:
    return Variation(parse(yaml.safe_dump({**BASE, "vary": vary}, sort_keys=False), "x.yaml"))


def drawn(vary: dict[str, Any], seeds: int) -> list[dict[str, Any]]:
    variation = varied(vary)
    return [variation.draw(seed).values for seed in range(seeds)]


def refused(vary: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        varied(vary).draw(0)
    return [p.what for p in caught.value.problems]


@pytest.mark.parametrize(
    ("span", "values"),
    [
        ("2..5", [2, 3, 4, 5]),
        ("-1..1", [-1, 0, 1]),
        ("0..90 by 45", [0, 45, 90]),
        ("0..1 by 0.4", [0.0, 0.4, 0.8]),
        ("0.1..0.5", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("1.00..1.02", [1.0, 1.01, 1.02]),
        ("3 .. 3", [3]),
    ],
)
def test_a_span_gives_every_step_and_nothing_else(span: str, values: list[float]) -> None:
    found = {row["g.at"] for row in drawn({"g.at": span}, 200)}
    assert sorted(found) == values
    assert {type(n) for n in found} == {type(n) for n in values}


def test_a_span_is_drawn_evenly() -> None:
    counts = Counter(row["g.at"] for row in drawn({"g.at": "1..4"}, 800))
    assert all(150 < n < 250 for n in counts.values())


def test_a_bundle_sets_several_values_at_once(tmp_path: Path) -> None:
    path = write_scene(
        tmp_path,
        {"vary": {"who_is_armed": {"gunman": {"weight": 3, "gunman.holds": "handgun", "neighbour.holds": "phone"},
                                   "neighbour": {"neighbour.holds": "knife", "neighbour.role": "threat",
                                                 "gunman.holds": "nothing"}}}},
    )  # fmt: skip
    both = Counter()
    for seed in range(200):
        one = load(path, seed=seed)
        people = one.scenario.people
        assert (people["gunman"].holds == "handgun") == (people["neighbour"].role == "no_shoot")
        both[one.drawn["who_is_armed"]] += 1
    assert 120 < both["gunman"] < 180
    pinned = load(path, settings={"who_is_armed": "neighbour"})
    assert pinned.scenario.people["neighbour"].holds == "knife"
    with pytest.raises(InputError, match="vary 'who_is_armed' has no alternative 'gunmen'; did you mean 'gunman'"):
        load(path, settings={"who_is_armed": "gunmen"})


def test_constraints_keep_what_may_not_come_together_apart_without_another_bias() -> None:
    vary = {"g.at": {"a": 2, "b": 1, "c": 1}, "n.at": ["a", "b", "c"], "never": ["g.at == n.at"]}
    counts = Counter((row["g.at"], row["n.at"]) for row in drawn(vary, 1500))
    assert set(counts) == {(x, y) for x, y in product("abc", repeat=2) if x != y}
    for (first, _), n in counts.items():  # 2 : 1, each halved
        wanted = 1500 * (2 if first == "a" else 1) / 8
        assert abs(n - wanted) < 5 * wanted**0.5


@pytest.mark.parametrize(
    ("constraints", "allowed"),
    [
        ({"never": [{"g.at": "a", "n.at": ["b", "c"]}]}, lambda g, n: not (g == "a" and n in "bc")),
        ({"never": {"g.at": "a"}}, lambda g, n: g != "a"),
        ({"always": "g.at == n.at || n.at == 'c'"}, lambda g, n: g == n or n == "c"),
        ({"always": ['!(g.at == "a")'], "never": ['n.at == "a" && g.at != "b"']},
         lambda g, n: g != "a" and not (n == "a" and g != "b")),
    ],
)  # fmt: skip
def test_each_way_to_write_a_constraint(constraints: dict[str, Any], allowed: Any) -> None:
    rows = drawn({"g.at": ["a", "b", "c"], "n.at": ["a", "b", "c"], **constraints}, 300)
    wanted = {(g, n) for g, n in product("abc", repeat=2) if allowed(g, n)}
    assert {(row["g.at"], row["n.at"]) for row in rows} == wanted


def test_numbers_are_compared_in_constraints() -> None:
    rows = drawn({"g.at": "0..9", "n.at": "0..9", "always": ["g.at < n.at", "n.at <= 6"]}, 200)
    assert all(row["g.at"] < row["n.at"] <= 6 for row in rows)
    assert len({(row["g.at"], row["n.at"]) for row in rows}) > 15


def test_one_more_entry_or_constraint_changes_no_other_draw() -> None:
    few = {"g.at": ["a", "b", "c"], "n.at": ["a", "b", "c"], "never": ["g.at == n.at"]}
    more = {"o.at": "1..5", **few}
    tied = {"p": {"x": {"g.yaw": 1}, "y": {"n.yaw": 2}}, **more, "never": ["g.at == n.at", {"o.at": 3, "p": "x"}]}
    for one, two, three in zip(drawn(few, 60), drawn(more, 60), drawn(tied, 60), strict=True):
        assert one == {k: two[k] for k in one} == {k: three[k] for k in one}


def test_a_rare_draw_is_found_by_looking_through_all() -> None:
    places = [f"p{n}" for n in range(100)]
    vary = {"g.at": places, "n.at": places, "always": ["(g.at == 'p7' || g.at == 'p8') && n.at == 'p9'"]}
    counts = Counter(row["g.at"] for row in drawn(vary, 60))
    assert set(counts) == {"p7", "p8"} and min(counts.values()) > 10


def test_constraints_that_cannot_be_met_are_named_in_bounded_time() -> None:
    few = {"g.at": ["a", "b"], "n.at": ["a", "b"]}
    assert refused({**few, "never": ["g.at != n.at", "g.at == n.at"]}) == [
        "never g.at != n.at, together with never g.at == n.at, leaves nothing to draw; loosen it, or vary more"
    ]
    assert refused({**few, "never": ["g.at == n.at", "g.at == 'a' || g.at == 'b'"]}) == [
        "never g.at == 'a' || g.at == 'b' leaves nothing to draw; loosen it, or vary more"
    ]
    wide = {"g.at": "0..99999", "n.at": "0..99999", "always": ["g.at < n.at && g.at > n.at"]}
    assert refused(wide) == [
        "always g.at < n.at && g.at > n.at refused all of 20,000 draws; loosen it, or vary more"
    ]  # fmt: skip


def test_a_pin_that_goes_against_a_constraint_is_told(tmp_path: Path) -> None:
    path = write_scene(
        tmp_path,
        {"vary": {"gunman.at": ["a", "b"], "neighbour.at": ["a", "b"], "never": ["gunman.at == neighbour.at"]}},
    )
    for seed in range(10):
        assert load(path, seed=seed, settings={"gunman.at": "a"}).drawn == {"gunman.at": "a", "neighbour.at": "b"}
    assert load(path, settings={"gunman.at": "c"}).drawn["neighbour.at"] in ("a", "b")
    with pytest.raises(InputError, match=r"leaves nothing to draw with --set gunman\.at=a, neighbour\.at=a"):
        load(path, settings={"gunman.at": "a", "neighbour.at": "a"})


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ({"g.at": "5..2"}, "the span 5..2 runs backwards"),
        ({"g.at": "0..5 by 0"}, "has steps of 0"),
        ({"g.at": "0..999999999 by 0.000001"}, "steps; at most 1,000,000"),
        ({"g.at": "a few"}, "'a few' is no span"),
        ({"g.at": [str(n) for n in range(10_000)]}, "has 10,000 choices; at most 1,000"),
        ({"g.at": {str(n): 1 for n in range(10_000)}}, "has 10,000 choices; at most 1,000"),
        ({"g.at": {"a": 0}}, "one above 0"),
        ({"g.at": {"a": float("nan")}}, "one above 0"),
        ({"g.at": {"a": True}}, "one above 0"),
        ({"g.at": 3}, "needs a list of choices"),
        ({"g.at": None}, "needs a list of choices"),
        ({"g.at": {"a": {}, "b": 1}}, "needs a list of choices"),
        ({"g.at": {"a": {"g.x": 1}, "b": {}}}, "'g.at' cannot name a bundle"),
        ({"people": {"a": {"g.x": 1}, "b": {}}}, "'people' cannot name a bundle"),
        ({"who": {"a": {"g.x": {"y": {"g.z": 1}}, "h.x": 1}}}, "h.x: nothing is called 'h'"),
        ({"who": {"a": {"weight": -1}}}, "one above 0"),
        ({"g.at": ["a"], "who": {"x": {"people.g.at": "b"}}}, "people.g.at is drawn by vary 'g.at' too"),
        ({"g." + "x." * 5000 + "y": ["a"]}, "there is no 'x' here"),
        ({"g.at": ["a"], "never": ["g.at = 'a'"]}, "cannot be understood at '= 'a''; write '=='"),
        ({"g.at": ["a"], "never": ["g.at =="]}, "ends too early"),
        ({"g.at": ["a"], "never": ["g.ta == 'a'"]}, "vary has no 'g.ta'; did you mean 'g.at'?"),
        ({"g.at": ["abc"], "never": ["g.at == 'abd'"]}, "g.at never is 'abd'; did you mean 'abc'?"),
        ({"g.at": ["abc"], "never": [{"g.at": "abd"}]}, "g.at never is 'abd'; did you mean 'abc'?"),
        ({"g.at": ["a"], "never": ["g.at > 3"]}, "'>' needs numbers; g.at may be 'a'"),
        ({"g.at": "1..3", "never": ["g.at > 'a'"]}, "'>' needs numbers"),
        ({"g.at": ["a"], "never": ["3 == 3"]}, "compares two values that do not vary"),
        ({"g.at": ["a"], "always": [{"g.at": "a"}]}, "always needs a condition"),
        ({"g.at": ["a"], "never": [[]]}, "never needs a condition"),
        ({"g.at": ["a"], "never": ["(" * 5000 + "g.at == 'a'"]}, "may have 2,000"),
        ({"g.at": ["a"], "never": ["!" * 1500 + "g.at"]}, "nested too deep"),
        ({"g.at": ["a"], "never": ["g.at == 'a'"] * 101}, "has 101 conditions; at most 100"),
    ],
)
def test_mistakes_under_vary_are_told(vary: dict[str, Any], said: str) -> None:
    assert any(said in what for what in refused(vary)), refused(vary)


def test_all_mistakes_under_vary_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    path = write_scene(tmp_path)
    before = path.read_text()
    path.write_text(before + "vary:\n  gunman.at: []\n  neighbour.at: 7..2\n  gunmn.holds: [phone]\n")
    line = before.count("\n") + 1
    with pytest.raises(InputError) as caught:
        prepare(path).draw(0)
    assert [(p.line, p.column) for p in caught.value.problems] == [(line + 1, 14), (line + 2, 17), (line + 3, 3)]


def test_a_constraint_is_told_at_the_column_where_it_goes_wrong(tmp_path: Path) -> None:
    path = write_scene(tmp_path)
    before = path.read_text()
    path.write_text(before + 'vary:\n  gunman.at: [a, b]\n  never:\n    - gunman.at == "d"\n    - "gunmn.at == 3"\n')
    line = before.count("\n") + 1
    with pytest.raises(InputError) as caught:
        prepare(path).draw(0)
    assert [(p.line, p.column) for p in caught.value.problems] == [(line + 3, 20), (line + 4, 8)]


NAMES = ["g.at", "n.at", "o.at"]
CHOICES = st.one_of(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 5), min_size=1, max_size=3),
)
SIDES = st.sampled_from(NAMES)
CONSTRAINTS = st.lists(
    st.builds(lambda a, s, b: f"{a} {s} {b}", SIDES, st.sampled_from(["==", "!="]), SIDES), max_size=3
)


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(NAMES, CHOICES)), CONSTRAINTS, CONSTRAINTS, st.integers(0, 2**63 - 1))
def test_what_is_drawn_is_allowed_repeatable_and_one_of_the_choices(
    vary: dict[str, Any], never: list[str], always: list[str], seed: int
) -> None:
    def allowed(row: dict[str, Any]) -> bool:
        def holds(text: str) -> bool:
            left, sign, right = text.split()
            return (row[left] == row[right]) == (sign == "==")

        return not any(map(holds, never)) and all(map(holds, always))

    possible = [dict(zip(NAMES, row, strict=True)) for row in product(*(list(vary[n]) for n in NAMES))]
    whole = {**vary, "never": never, "always": always}
    if not any(map(allowed, possible)):
        assert "leaves nothing to draw" in refused(whole)[0]
        return
    row = varied(whole).draw(seed).values
    assert row in possible and allowed(row)
    assert varied(whole).draw(seed).values == row


def test_what_was_drawn_and_set_stands_in_the_result_and_in_the_recording(tmp_path: Path) -> None:
    path = write_scene(
        tmp_path,
        {"time_limit_s": 0.5, "parameters": {"unused": 1}, "vary": {"gunman.at": ["b", "c"], "unused": [3, 4]}},
    )
    by_hand = {"gunman.at": "c", "neighbour.holds": "wallet", "parameters.unused": math.inf}
    result = xrlab.run(path, seed=5, out=tmp_path / "out", settings=by_hand)
    assert result["drawn"]["gunman.at"] == "c"
    assert result["set"] == {"gunman.at": "c", "neighbour.holds": "wallet", "parameters.unused": "inf"}
    recording = read_recording(tmp_path / "out" / "recording.mcap")
    assert (recording.drawn, recording.settings) == (result["drawn"], result["set"])
    assert recording.scenario.people["gunman"].at == "c"
    assert score_recording(recording).to_json() == (tmp_path / "out" / "result.json").read_text(encoding="utf-8")
