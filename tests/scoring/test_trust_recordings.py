"""The recordings of shipped scenarios give the same result to the byte, also in another process, and cut off anywhere.

`benchmarks/trust.py` does the same for 100 seeds; here are a few, and whether everybody
gets what they deserve.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from xrlab.recording import read_recording
from xrlab.run import RECORDING, score_recording
from xrlab.scoring import Evidence, score
from xrlab.sim import events as ev

ROOT = Path(__file__).parents[2]
SEEDS = (1, 2)
LONG = ("depot/joint_entry", "school/active_shooter", "square/knife")
"""Scenarios whose runs take a while: of these one seed."""

AGAIN = """
import sys
from pathlib import Path
from xrlab.recording import read_recording
from xrlab.run import score_recording
for folder in map(Path, sys.argv[1:]):
    again = score_recording(read_recording(folder / "recording.mcap")).to_json().encode()
    print(folder.name, again == (folder / "result.json").read_bytes())
"""


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return __import__("trust")


def names() -> list[str]:
    files = sorted((ROOT / "scenarios").glob("*/*.test.yaml"))
    return [f"{path.parent.name}/{path.name.removesuffix('.test.yaml')}" for path in files]


@pytest.mark.parametrize("name", names())
def test_everybody_gets_what_they_deserve(name: str, trust: ModuleType) -> None:
    players = trust.players(name)
    assert {player.kind for player in players} == set(trust.KINDS)
    rows = [trust.marked(player, seed) for player in players for seed in (SEEDS[:1] if name in LONG else SEEDS)]
    assert list(trust.undeserved(rows)) == []


@pytest.mark.parametrize("name", names())
def test_the_recording_of_who_does_it_wrongly_gives_the_same_bytes(
    name: str, trust: ModuleType, tmp_path: Path
) -> None:
    """Of those who do it right `test_shipped_recordings` says so."""
    player = next(p for p in trust.players(name) if p.kind == "wrong")
    assert trust.play(player, 1, tmp_path).equal


def test_another_process_with_other_hashes_gives_the_same_bytes(trust: ModuleType, tmp_path: Path) -> None:
    folders = []
    for name in ("range/moving_targets", "home/domestic", "house/hostage"):
        for player in trust.players(name):
            folders.append(trust.folder_of(tmp_path, player, 2))
            assert trust.play(player, 2, folders[-1]).equal
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, *map(str, folders)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": "4711"},
    )  # fmt: skip
    assert done.stdout.splitlines() == [f"{folder.name} True" for folder in folders], done.stderr


def test_who_gets_more_or_less_than_they_deserve_is_named(trust: ModuleType) -> None:
    def row(kind: str, passed: bool, share: float) -> object:
        return trust.Row(trust.Player("a/b", kind, None), 1, passed, share * 100, share, True)

    good = [row("right", True, 0.9), row("poor", False, 0.5), row("wrong", False, 0.1), row("idle", False, 0.0)]
    assert list(trust.undeserved(good)) == []
    for kind, passed, share, said in (
        ("right", False, 0.9, "did not pass"), ("poor", True, 0.5, "passed with"), ("poor", False, 0.95, "not less"),
        ("wrong", False, 0.6, "half of all points"), ("idle", False, 0.5, "50.0% on average"),
    ):  # fmt: skip
        rows = [row(kind, passed, share) if r.player.kind == kind else r for r in good]  # type: ignore[attr-defined]
        assert any(said in line for line in trust.undeserved(rows)), said


@pytest.mark.parametrize("name", ["house/hostage", "range/qualification"])
def test_a_recording_cut_off_anywhere_gives_the_marks_of_what_it_holds(
    name: str, trust: ModuleType, tmp_path: Path
) -> None:
    trust.play(trust.players(name)[0], 3, tmp_path)
    whole = read_recording(tmp_path / RECORDING)
    data = (tmp_path / RECORDING).read_bytes()
    begins = data.index(whole.encoded[0])
    cut = tmp_path / "cut.mcap"
    held = []
    for part in (0.0, 0.3, 0.6, 0.97):
        cut.write_bytes(data[: begins + int((len(data) - begins) * part)])
        recording = read_recording(cut)
        held.append(len(recording.events))
        assert recording.events == whole.events[: held[-1]]
        again = score_recording(recording)
        live = Evidence(whole.scenario, whole.faces, recording.events, recording.tracks, lambda: whole.ground)
        assert again.to_json() == score(
            whole.version, whole.name, whole.seed, live, map(ev.encode, recording.events),
            drawn=whole.drawn, settings=whole.settings,
        ).to_json()  # fmt: skip
        if held[-1] < len(whole.events):
            assert again["partial"]
            assert not again.passed
    assert held == sorted(held)
    assert held[1] < held[-1]


def test_every_shipped_scenario_is_tried(trust: ModuleType) -> None:
    assert trust.shipped() == names()
    assert len(names()) >= 9
