"""The recording of every shipped scenario is read again, and gives the same marks to the last byte."""

from __future__ import annotations

from pathlib import Path

import pytest

import xrlab
from xrlab.recording import read_recording
from xrlab.run import score_recording

ROOT = Path(__file__).parent.parent.parent
SHIPPED = sorted(
    p for p in (ROOT / "scenarios").glob("*/*.yaml") if p.parent.name != "rooms" and p.name.count(".") == 1
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_recording_of_a_shipped_scenario_gives_the_same_marks(path: Path, tmp_path: Path) -> None:
    result = xrlab.run(path, seed=3, out=tmp_path)
    assert result.passed
    again = score_recording(read_recording(tmp_path / "recording.mcap"))
    assert again.to_json() == (tmp_path / "result.json").read_text(encoding="utf-8")
