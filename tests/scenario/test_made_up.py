"""Whatever scenario the model accepts runs to its end, the same twice; all else is refused in words."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from scenarios_made import conditions, scenarios
from scenes import write_scene

from xrlab.errors import InputError
from xrlab.resources import folder
from xrlab.run import Session
from xrlab.scenario.audit import audit
from xrlab.scenario.conditions import parse
from xrlab.scenario.load import Loaded, load, shipped

FEW = settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    write_scene(out)
    return out


def written(folder_: Path, data: Any) -> Path:
    path = folder_ / "made.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def played(loaded: Loaded, seed: int) -> str | None:
    """Digest of the events of a run; None where it goes round in circles, which must be named."""
    with Session(loaded, seed, None) as session:
        try:
            session.run.engine.run()
        except InputError as error:
            assert "goes round in circles at" in str(error)
            return None
        assert session.run.engine.ended
        assert session.run.engine.now <= loaded.scenario.time_limit_s
        return session.finish().events_sha256


@FEW
@given(data=scenarios(), seed=st.integers(0, 3))
def test_what_the_model_accepts_runs_to_its_end_and_the_same_twice(place: Path, data: Any, seed: int) -> None:
    path = written(place, data)
    try:
        loaded = load(path, seed=seed)
    except InputError as error:
        event("refused")
        assert all(p.file and p.line >= 1 and p.column >= 1 and p.what for p in error.problems)
        return
    event("runs")
    audit(loaded.document, loaded.scenario, loaded.room)
    assert played(loaded, seed) == played(loaded, seed)


@settings(FEW, max_examples=150)
@given(text=conditions())
def test_made_up_conditions_are_ones_that_the_parser_takes(text: str) -> None:
    assert parse(text, "live").gives == "bool"


# --- what nobody wrote on purpose ----------------------------------------------------------------------

ODD = (
    None, True, -1, 0, 10**9, 1e300, float("nan"), float("inf"), "", " ", "gunman", "off", "no such thing", [], {},
    [[]], [1, 2, 3], {"a": 1}, "x" * 5000, "\u202e", "💥", "ｇunman", "../../etc/passwd", "1..5", "time() >",
    ["a", {"b": [None]}],
)  # fmt: skip


TEXTS = (
    b"", b"\n", b"  ", b"\t", b": ", b"{", b"]", b"*a", b"&a ", b"\x00", b"\xff", b'"', b"- ", b"!!x ", b"# ", b"| ",
    "ü".encode(), b"0", b"-", b"&& ",
)  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hurt") / "lab"
    shutil.copytree(folder("scenarios"), out)
    return out


def spots(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document."""
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in items:
        yield (*way, key)
        yield from spots(value, (*way, key))


def loads_or_is_refused(path: Path) -> None:
    try:
        loaded = load(path)
    except InputError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.file
            assert problem.what
            assert "\n" not in problem.what
        return
    audit(loaded.document, loaded.scenario, loaded.room)


@FEW
@given(data=st.data())
def test_a_shipped_scenario_with_odd_values_loads_or_is_refused_in_words(lab: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(shipped())))
    whole = yaml.safe_load((lab / f"{name}.yaml").read_text(encoding="utf-8"))
    hurt = copy.deepcopy(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(list(spots(hurt))))
        part = hurt
        for key in way:
            part = part[key]
        what = data.draw(st.sampled_from(("odd", "gone", "renamed")))
        if what == "gone":
            del part[last]
        elif what == "renamed" and isinstance(part, dict):
            part[data.draw(st.sampled_from(("", "xx", "at", "do", "1", "\u202e")))] = part.pop(last)
        else:
            part[last] = data.draw(st.sampled_from(ODD))
    path = (lab / name).with_name("hurt.yaml")
    path.write_text(yaml.safe_dump(hurt, sort_keys=False, allow_unicode=True), encoding="utf-8")
    loads_or_is_refused(path)


@FEW
@given(data=st.data())
def test_a_shipped_scenario_with_hurt_text_loads_or_is_refused_in_words(lab: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(shipped())))
    text = (lab / f"{name}.yaml").read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        to = at + data.draw(st.integers(0, 40))
        put = data.draw(st.sampled_from((*TEXTS, text[at:to] * 2)))
        text = text[:at] + put + text[to:]
    path = (lab / name).with_name("hurt.yaml")
    path.write_bytes(text)
    loads_or_is_refused(path)
