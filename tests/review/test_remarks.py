"""The instructor's remarks: kept beside the recording, for its run alone, added to and never altered."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import read

from xrlab.cli import main
from xrlab.errors import InputError
from xrlab.recording import read_recording
from xrlab.review.remarks import FILE, MOST_BYTES, Remarks, remarks_of
from xrlab.review.report import debrief_html, write_debrief
from xrlab.run import score_recording

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SHA = "a" * 64


@pytest.fixture
def run(runs: dict[str, Path], tmp_path: Path) -> Path:
    """A recording of its own, of the trainee who shoots everyone."""
    copy = tmp_path / "recording.mcap"
    copy.write_bytes((runs["house_wrong"] / "recording.mcap").read_bytes())
    return copy


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def xrlab(*args: str | Path) -> Done:
    """The command as its entry point runs it, in this process."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["xrlab", *map(str, args)]
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv = before
    return Done(int(end.value.code or 0), out.getvalue(), err.getvalue())


def some(folder: Path) -> Remarks:
    return remarks_of(folder / "recording.mcap", SHA)


def test_remarks_are_said_listed_replaced_and_taken_back_and_all_are_kept(run: Path) -> None:
    assert xrlab("remark", run).stdout == "No remarks yet\n"
    before = score_recording(read_recording(run)).to_json()
    for args in (
        ("--on", "u2", "--say", "Hands first.", "--by", "JP"),
        ("--say", "Too fast."),
        ("--on", "t:0.9", "--say", "?"),
    ):
        assert xrlab("remark", run, *args).returncode == 0
    assert xrlab("remark", run, "--replaces", "1", "--say", "Look at the hands first.").returncode == 0
    assert xrlab("remark", run, "--take-back", "3").returncode == 0
    told = json.loads(xrlab("remark", run, "--json").stdout)
    assert [(r["n"], r["on"], r["say"], r["by"], r["replaces"], r["stands"]) for r in told["remarks"]] == [
        (1, "u2", "Hands first.", "JP", None, False),
        (2, "all", "Too fast.", "", None, True),
        (3, "t:0.9", "?", "", None, False),
        (4, "u2", "Look at the hands first.", "", 1, True),
        (5, "t:0.9", "", "", 3, False),
    ]
    assert told["events_sha256"] == json.loads(before)["events_sha256"]
    assert score_recording(read_recording(run)).to_json() == before


def test_the_debrief_shows_them_where_they_belong(run: Path) -> None:
    recording = read_recording(run)
    remarks = Remarks(run.parent / FILE, score_recording(recording).events_sha256)
    remarks = remarks.with_one("u2", "Hands <first>.", "JP", NOW).with_one("shot:1", "Early.", "", NOW)
    remarks = remarks.with_one("all", "Too fast.", "", NOW).with_one("t:11", "A pause.", "", NOW)
    remarks = remarks.with_one("all", "Far too fast.", "", NOW, replaces=3)
    page = read(debrief_html(recording, "en", remarks))
    told = {u.attrs["id"]: [p.text for p in u.all("p", "remark")] for u in page.by_id("force").all("article", "use")}
    assert told["u1"] == ["Remark: Early."]
    assert told["u2"] == ["Remark (JP): Hands <first>."]
    assert told["u3"] == ["Remark: A pause."]
    assert [p.text for p in page.by_id("discuss").all("p", "remark")] == ["Far too fast."]


def test_a_page_is_written_without_remarks_that_are_not_its_own(run: Path, tmp_path: Path) -> None:
    Remarks(run.parent / FILE, SHA).with_one("all", "Of another run", "", NOW).write()
    wrong = write_debrief(run, tmp_path / "page.html", "en")
    assert wrong is not None and "belongs to another run" in wrong
    assert "Of another run" not in (tmp_path / "page.html").read_text(encoding="utf-8")
    done = xrlab("debrief", run)
    assert done.returncode == 0 and "belongs to another run" in done.stderr
    done = xrlab("remark", run, "--say", "x")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--on", "u9", "--say", "x"), "no such use of force; there are: u1, u2, u3"),
        (("--on", "shot:99", "--say", "x"), "no trainee fired a shot of this number"),
        (("--on", "t:9999", "--say", "x"), "the run took"),
        (("--on", "now", "--say", "x"), "give a use of force (u1, u2, u3), shot:N, t:SECONDS or all"),
        (("--say", "  "), "is empty"),
        (("--say", "x" * 2001), "2000 are the most"),
        (("--say", "a\x1b[31m"), "no text"),
        (("--say", "x", "--by", "y" * 81), "80 are the most"),
        (("--take-back", "1"), "no remark that stands has the number 1"),
        (("--take-back", "1", "--say", "x"), "--take-back stands alone"),
        (("--replaces", "1"), "--replaces needs the new text"),
    ],
)
def test_what_cannot_be_said_is_refused_in_a_line(run: Path, args: tuple[str, ...], told: str) -> None:
    done = xrlab("remark", run, *args)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert told in done.stderr
    assert not (run.parent / FILE).exists()


ONE = {"n": 1, "on": "all", "say": "x", "by": "", "written": "2026-03-01T09:30:00Z"}
GOOD: dict[str, Any] = {"xrlab_remarks": 1, "events_sha256": SHA, "remarks": [ONE]}


def test_a_written_file_reads_back(tmp_path: Path) -> None:
    some(tmp_path).with_one("u1", "Één ‘vraag’\nen nog een", "Ü", NOW).write()
    assert list(some(tmp_path).all) == some(tmp_path).current
    assert some(tmp_path).all[0].say == "Één ‘vraag’\nen nog een"
    (tmp_path / FILE).write_text(json.dumps(GOOD), encoding="utf-8")
    assert [r.say for r in some(tmp_path).current] == ["x"]


@pytest.mark.parametrize(
    "change",
    [
        {"xrlab_remarks": 2}, {"events_sha256": "b" * 64}, {"events_sha256": 5}, {"remarks": [ONE, ONE]}, {"more": 1},
        {"remarks": [{**ONE, "on": "x"}]}, {"remarks": [{**ONE, "say": "x" * 2001}]}, {"remarks": {"a": ONE}},
        {"remarks": [{**ONE, "say": "\u202eabc"}]}, {"remarks": [{**ONE, "replaces": 1}]},
        {"remarks": [{**ONE, "n": "1"}]}, {"remarks": [{**ONE, "on": "all\n"}]}, {"remarks": [ONE] * 1001},
        {"remarks": [{**ONE, "written": "yesterday"}]},
    ],
)  # fmt: skip
def test_a_file_that_is_no_file_of_remarks_is_refused_in_a_line(tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / FILE).write_text(json.dumps({**GOOD, **change}), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        some(tmp_path)
    assert len(str(refused.value).splitlines()) == 1 and "move it away" in str(refused.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
)


@given(st.binary(max_size=200) | anything.map(lambda data: json.dumps(data).encode()))
def test_bytes_of_any_kind_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / FILE).write_bytes(data)
    with pytest.raises(InputError):
        some(folder)


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b" " * (MOST_BYTES + 1))
    with pytest.raises(InputError, match="is longer than"):
        some(tmp_path)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        some(tmp_path)


def test_no_more_than_a_thousand(tmp_path: Path) -> None:
    remarks = some(tmp_path)
    full = Remarks(remarks.path, SHA, tuple(remarks.with_one("all", "x", "", NOW).all * 1000))
    with pytest.raises(InputError, match="the most that there may be"):
        full.with_one("all", "one more", "", NOW)
