"""docs/from-a-scan.md, done word for word: from a cloud of the shipped house to a passed run."""

from __future__ import annotations

import json
import re
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xrlab.cli import app
from xrlab.room.scans import scanner

pytest.importorskip("fast_simplification", reason="the extra 'scan' is not installed")

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def calm() -> Iterator[None]:
    """Gives the signal handler back that `xrlab run` takes."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def can_draw() -> bool:
    from xrlab.errors import DeviceError
    from xrlab.render.context import describe_device

    try:
        describe_device()
    except DeviceError:
        return False
    return True


def test_the_way_from_a_scan_to_a_scenario_works_word_for_word(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm: None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rooms").mkdir()
    done, drawing = [], can_draw()
    for language, info, text in FENCE.findall((root / "docs" / "from-a-scan.md").read_text(encoding="utf-8")):
        if language == "yaml":
            name = re.fullmatch(r"file=(\S+)", info.strip())
            assert name, f"a block of YAML without file=NAME: {text[:60]}"
            (tmp_path / name[1]).write_text(text, encoding="utf-8")
            continue
        for words in (shlex.split(line) for line in text.splitlines()):
            if words[0] == "pip" or ("preview" in words and not drawing):
                continue
            if words[:3] == ["python", "-m", "xrlab.room.scans.scanner"]:
                monkeypatch.setattr(sys, "argv", ["scanner", *words[3:]])
                scanner.main()
            else:
                result = CliRunner().invoke(app, words[1:])
                assert result.exit_code == 0, f"{words}\n{result.output}\n{result.exception}"
            done.append(words)
    assert len(done) >= (8 if drawing else 5)
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["passed"] and (tmp_path / "out" / "debrief.html").exists()
    # the gunman was behind the wall: nobody was shot before the trainee had gone to look for him
    assert result["shots"][0]["t"] > 2.0
