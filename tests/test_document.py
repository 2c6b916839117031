"""YAML documents: places, limits, and words for whoever has to mend the file."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from xrlab.document import MAX_BYTES, MAX_DEPTH, parse, read, validate
from xrlab.errors import InputError


class Spot(BaseModel):
    model_config = ConfigDict(extra="forbid")
    width_m: Annotated[float, Field(gt=0, le=100)]
    color: Annotated[str, Field(pattern="^#[0-9a-f]{6}$", description="a colour such as '#aabbcc'")] = "#000000"
    kind: Literal["table", "chair"] = "table"


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    spots: dict[str, Spot] = {}


def problems(text: str, model: type[BaseModel] = Plan) -> list[str]:
    with pytest.raises(InputError) as caught:
        validate(parse(text, "plan.yaml"), model)
    return [str(p) for p in caught.value.problems]


def test_every_problem_has_its_place_and_its_mend() -> None:
    text = "name: A\nspots:\n  a: {width_m: 2, colour: x}\n  b:\n    width_m: wide\n    kind: chiar\n"
    text += "  c: {width_m: -1}\n  d: {}\n"
    assert problems(text) == [
        "plan.yaml:3:19: unknown key 'colour'; did you mean 'color'?",
        "plan.yaml:5:14: width_m is 'wide'; it should be a valid number, unable to parse string as a number",
        "plan.yaml:6:11: kind is 'chiar'; did you mean 'chair'?",
        "plan.yaml:7:16: width_m is -1; it must be more than 0",
        "plan.yaml:8:6: the key 'width_m' is missing",
    ]


class Line(BaseModel):
    ends: list[tuple[Annotated[float, Field(allow_inf_nan=False)], float]]


def test_a_part_of_a_list_is_called_by_its_key_and_its_place_in_the_list() -> None:
    assert problems("ends: [[0, 1], [.inf, 2]]\n", Line) == [
        "plan.yaml:1:17: ends[1][0] is inf; it should be a finite number"
    ]
    assert problems("ends: [[0, 1], wide]\n", Line) == ["plan.yaml:1:16: ends[1] is 'wide'; it should be a valid tuple"]


def test_a_pattern_is_explained_in_words() -> None:
    assert problems("name: A\nspots: {a: {width_m: 1, color: red}}\n") == [
        "plan.yaml:2:32: color is 'red'; wanted: a colour such as '#aabbcc'"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: A\n\tspots: {}\n", "plan.yaml:2:1: a tab stands here; YAML is indented with spaces"),
        ("name: A\nname: B\n", "plan.yaml:2:1: the key 'name' stands here a second time (first in line 1)"),
        ("", "plan.yaml:1:1: is empty; a document is needed"),
        ("# nothing\n", "plan.yaml:1:1: is empty; a document is needed"),
        ("- a\n- b\n", "plan.yaml:1:1: must be a mapping of keys to values"),
        ("just words", "plan.yaml:1:1: must be a mapping of keys to values"),
        (
            "name: !!python/object:os.system x\n",
            "plan.yaml:1:7: the tag tag:yaml.org,2002:python/object:os.system is not",
        ),
        ("a: 1\n---\nb: 2\n", "plan.yaml:2:1: a second document starts here; a file holds one"),
        ("name: *x\n", "plan.yaml:1:7: *x names no anchor before this place"),
        ("? [a, b]\n: c\n", "plan.yaml:1:3: a key must be a word or a number"),
        ("name: [1, 2\n", "plan.yaml:2:1: is not YAML:"),
        (
            'e: {when: in_zone("police", "shop"), do: []}\n',
            "plan.yaml:1:35: is not YAML: did not find expected ',' or '}'; within braces",
        ),
        ("name: a\x00b\n", "plan.yaml:1:1: is not YAML:"),
    ],
)
def test_what_is_no_document_is_told_with_its_place(text: str, said: str) -> None:
    assert problems(text)[0].startswith(said)


def test_an_alias_that_holds_itself_ends(tmp_path: Path) -> None:
    assert "names no anchor before this place" in problems("name: &a [*a]\n")[0]


def test_aliases_that_unfold_to_millions_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    said = problems("\n".join(lines))
    assert len(said) == 1
    assert "unfolds to more than 200,000 parts here; too many aliases?" in said[0]


def test_depth_is_bounded() -> None:
    assert f"is nested more than {MAX_DEPTH} deep" in problems("name: " + "[" * 100 + "]" * 100)[0]
    assert len(problems("name: " + "[" * 100_000 + "]" * 100_000)) == 1


def test_files_that_cannot_be_read_are_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(path: Path) -> str:
        with pytest.raises(InputError) as caught:
            read(path)
        return str(caught.value)

    plan = tmp_path / "plan.yaml"
    plan.write_text("name: A\n")
    assert said(tmp_path / "plam.yaml").endswith("plam.yaml: no such file; did you mean 'plan.yaml'?")
    assert said(tmp_path).endswith("is a directory; a file is needed")
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(200_000_000)
    assert said(huge).endswith(f"is 200 MB long; a document may have {MAX_BYTES / 1e6:.0f} MB")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: A\ntitle: \xe9t\xe9\n".encode("latin-1"))
    assert said(latin).endswith("latin.yaml:2:8: is not UTF-8 text; save it as UTF-8")

    def denied(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert said(plan).endswith("plan.yaml: may not be read: permission denied")


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes on this system")
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="is not a regular file"):
        read(pipe)


@pytest.mark.parametrize(
    ("text", "value"),
    [("off", "off"), ("no", "no"), ("12:30", "12:30"), ("1e3", 1000.0), ("0x10", "0x10"), ("017", 17), ("~", None),
     ("True", True), ("'5'", "5"), ("-.inf", float("-inf")), ("+3", 3), ("1_000", "1_000"), (".5", 0.5)],
)  # fmt: skip
def test_plain_values_are_read_as_yaml_1_2_has_them(text: str, value: Any) -> None:
    read_back = parse(f"v: {text}\n").data["v"]
    assert read_back == value
    assert type(read_back) is type(value)


_keys = st.text(string.ascii_letters, min_size=1, max_size=6)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(string.printable, max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_keys, _values, min_size=1, max_size=5))
def test_what_another_yaml_writer_wrote_is_read_as_it_was(data: dict[str, Any]) -> None:
    document = parse(yaml.safe_dump(data, allow_unicode=True, default_style='"'))
    as_text = yaml.safe_load(yaml.safe_dump(data, allow_unicode=True, default_style='"'))
    tagged_plain = parse(yaml.safe_dump(data, allow_unicode=True)).data
    assert set(tagged_plain) == set(data)
    assert set(document.data) == set(as_text)
    for key, (line, column) in document.keys.items():
        assert line >= 1
        assert column >= 1
        assert key in document.places


@given(st.binary(max_size=300))
def test_no_bytes_end_in_anything_but_an_input_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(raw)
    try:
        validate(read(path), Plan)
    except InputError as error:
        assert all("\n" not in str(p) for p in error.problems)
