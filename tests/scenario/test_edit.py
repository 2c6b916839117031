"""Documents written, and changed in single places: what is written is read again, what is not changed stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xrlab.document import parse
from xrlab.errors import InputError
from xrlab.scenario.edit import Editing
from xrlab.scenario.load import shipped
from xrlab.scenario.written import WIDTH, document

TRICKY = [
    "off",
    "Yes",
    "12:30",
    "1e3",
    "- a",
    "a: b",
    "#",
    "a #b",
    "null",
    "~",
    "",
    "true",
    " x",
    "x ",
    "'",
    '"',
    "\\",
    'hits("a", "b") >= 2',
    "!x",
    ".5",
    "0x1f",
    "...",
    "---",
    "{a}",
    "a,b",
    "=",
    "<<",
    "?",
    "? a",
    "a:",
    "\ufeffx",
    "\x85",
    "\u2028a",
    "%a",
    "@",
    "`",
    "*a",
    "&a",
    "+1",
    "007",
    ".inf",
    ".NaN",
    "x\ny",
    "\t",
    "NULL",
    "é",
    "😀",
    "2..5",
]
WORDS = st.text(max_size=12) | st.sampled_from(TRICKY)  # fmt: skip
SINGLE = WORDS | st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False)
VALUES = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)
DOCUMENTS = st.dictionaries(WORDS, VALUES, min_size=1, max_size=5)


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS)
def test_what_is_written_is_read_again(data: dict[str, Any]) -> None:
    text = document(data, head="# a comment")
    assert repr(parse(text).data) == repr(data), text


def test_short_things_stand_on_a_line_and_long_ones_in_a_block() -> None:
    data = {
        "xrlab": 1,
        "title": {"nl": "Een", "en": "One: two"},
        "people": {
            "gunman": {"role": "threat", "at": [1, 2.5]},
            "other": {"states": {"a": {"do": ["x" * 60, "y" * 60]}}},
        },
        "on": "off",
    }
    assert document(data) == (
        "xrlab: 1\n"
        'title: {nl: Een, en: "One: two"}\n\n'
        "people:\n"
        "  gunman: {role: threat, at: [1, 2.5]}\n"
        "  other:\n"
        "    states:\n"
        "      a:\n"
        "        do:\n"
        f"          - {'x' * 60}\n"
        f"          - {'y' * 60}\n\n"
        '"on": "off"\n'
    )


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_scenarios_written_again_say_the_same_in_lines_of_a_good_length(name: str) -> None:
    data = parse(shipped()[name].read_text(encoding="utf-8")).data
    text = document(data)
    assert parse(text).data == data
    assert all(len(line) <= WIDTH or "{" not in line for line in text.splitlines())


SOURCE = """\
# At the top.
xrlab: 1   # one
people:
  gunman:          # who
    role:   threat
    at: [ 1, 2 ]   # where
    holds: "handgun"
    states: {a: {do: [stand,   drop]}, b: {}}   # what

    # before the transitions
    transitions:
      - {to: a, when: 'sees("x")'}   # first
      # between
      - to: b          # second
        when: time() > 3
  # after gunman
  other: {at: b}
empty:
long: >
  some words
  and more
last: [x,
       y]
# at the end
"""


def comments(text: str) -> list[str]:
    return [line.split("#", 1)[1] for line in text.splitlines() if "#" in line]


def differing(before: str, after: str) -> list[tuple[str, str]]:
    return [
        (a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b
    ]  # raises where lines were added


@pytest.mark.parametrize(
    ("loc", "value", "line"),
    [
        (("xrlab",), 2, "xrlab: 2   # one"),
        (("people", "gunman", "role"), "no_shoot", "    role:   no_shoot"),
        (("people", "gunman", "at"), "kitchen", "    at: kitchen   # where"),
        (("people", "gunman", "at", 1), 7.5, "    at: [ 1, 7.5 ]   # where"),
        (("people", "gunman", "holds"), {"a": "b, c"}, '    holds: {a: "b, c"}'),
        (("people", "gunman", "states", "a", "do", 1), {"say": "x"},
         "    states: {a: {do: [stand,   {say: x}]}, b: {}}   # what"),
        (("people", "gunman", "states", "c"), {}, "    states: {a: {do: [stand,   drop]}, b: {}, c: {}}   # what"),
        (("people", "gunman", "states", "b"), {"do": []},
         "    states: {a: {do: [stand,   drop]}, b: {do: []}}   # what"),
        (("people", "gunman", "transitions", 0, "when"), 'seen_by("y")',
         "      - {to: a, when: seen_by(\"y\")}   # first"),
        (("people", "gunman", "transitions", 1, "to"), "c", "      - to: c          # second"),
        (("people", "other", "at"), [3, 4], "  other: {at: [3, 4]}"),
        (("empty",), {"x": 1}, "empty: {x: 1}"),
    ],
)  # fmt: skip
def test_one_value_changes_in_its_line_and_nothing_else(loc: tuple[Any, ...], value: Any, line: str) -> None:
    editing = Editing(SOURCE)
    editing.set(loc, value)
    assert [after for _, after in differing(SOURCE, editing.text)] == [line]


def test_things_are_added_behind_those_that_are_there() -> None:
    editing = Editing(SOURCE)
    editing.set(("people", "third"), {"role": "no_shoot", "at": "c"})
    editing.set(("people", "gunman", "transitions", 2), {"to": "down"})
    editing.set(("vary", "gunman.at"), ["a", "b"])
    editing.set(("last", 2), "z")
    editing.set(("empty", "x", "k"), 1)
    added = [line for line in editing.text.splitlines() if line not in SOURCE.splitlines()]
    assert added == [
        "      - {to: down}",
        "  third: {role: no_shoot, at: c}",
        "  x: {k: 1}",
        "       y, z]",
        "vary: {gunman.at: [a, b]}",
    ]
    assert comments(editing.text) == comments(SOURCE)


def test_things_are_taken_out_with_their_lines() -> None:
    editing = Editing(SOURCE)
    for loc in (("people", "gunman", "at"), ("people", "gunman", "states", "b"), ("people", "gunman", "transitions", 0),
                ("last", 0), ("long",), ("people", "other", "at")):  # fmt: skip
        editing.remove(loc)
    assert editing.text == SOURCE.replace("    at: [ 1, 2 ]   # where\n", "").replace(", b: {}}", "}").replace(
        "      - {to: a, when: 'sees(\"x\")'}   # first\n", ""
    ).replace("[x,\n       y]", "[y]").replace("long: >\n  some words\n  and more\n", "").replace("{at: b}", "{}")


def test_a_mapping_that_replaces_one_keeps_the_comments_of_what_stays() -> None:
    editing = Editing(SOURCE)
    gunman = dict(editing.data["people"]["gunman"], holds="knife")
    del gunman["at"]
    editing.set(("people", "gunman"), gunman)
    assert editing.data["people"]["gunman"] == gunman
    assert set(comments(SOURCE)) - set(comments(editing.text)) == {" where"}


def test_a_long_value_becomes_a_block() -> None:
    editing = Editing("a: 1  # one\nb: 2\n")
    editing.set(("a",), {"x": "y" * 70, "z": "w" * 70})
    assert editing.text == f"a:  # one\n  x: {'y' * 70}\n  z: {'w' * 70}\nb: 2\n".replace("a:  #", "a: #")


def test_what_can_not_be_changed_alone_is_refused_and_leaves_the_text() -> None:
    source = "a: &x {k: 1}\nb: *x\n"
    editing = Editing(source, "file.yaml")
    with pytest.raises(InputError, match=r"file.yaml: b.k: can't be changed without changing more"):
        editing.set(("b", "k"), 2)
    with pytest.raises(InputError, match="there is nothing to take out"):
        editing.remove(("c",))
    with pytest.raises(InputError, match="the list has 2 parts"):
        Editing("a: [1, 2]\n").set(("a", 5), 1)
    assert editing.text == source


def test_line_ends_of_windows_stay() -> None:
    editing = Editing("a:\r\n  b: 1\r\nc: 2\r\n")
    editing.set(("a", "d"), 3)
    editing.set(("c",), {"x": "y" * 90, "z": 1})
    assert "\n" not in editing.text.replace("\r\n", "")


def paths(data: Any, loc: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [loc] + [p for key, part in inner for p in paths(part, (*loc, key))]


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.data())
def test_any_single_change_is_exact_and_keeps_every_comment_beside_it(
    data: dict[str, Any], draw: st.DataObject
) -> None:
    source = ""
    for number, line in enumerate(document(data).splitlines()):  # a comment above each thing at the top
        source += (f"# c{number}c\n" if line and not line.startswith(" ") else "") + line + "\n"
    assume(parse(source).data == data)
    loc = draw.draw(st.sampled_from(paths(data)[1:]))
    editing = Editing(source)
    editing.set(loc, draw.draw(VALUES))
    assert repr(parse(editing.text).data) == repr(editing.data)
    assert {k: v for k, v in editing.data.items() if k != loc[0]} == {k: v for k, v in data.items() if k != loc[0]}
    assert own_comments(editing.text) == own_comments(source)


def own_comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("# c") and line.endswith("c")]


def test_shipped_scenarios_can_be_changed_at_every_single_value(tmp_path: Path) -> None:
    text = shipped()["house/hostage"].read_text(encoding="utf-8")
    whole = Editing(text)
    singles = [p for p in paths(whole.data) if not isinstance(_at(whole.data, p), dict | list)]
    for loc in singles[::9]:
        editing = Editing(text)
        editing.set(loc, "changed")
        assert len(differing(text, editing.text)) == 1
        assert comments(editing.text) == comments(text)


def _at(data: Any, loc: tuple[Any, ...]) -> Any:
    for part in loc:
        data = data[part]
    return data
