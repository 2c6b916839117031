"""Recorded runs of the shipped scenarios, made once for all tests of the debrief."""

from __future__ import annotations

from pathlib import Path

import pytest

import xrlab

RUNS = {
    "house": ("house/hostage", None),
    "house_wrong": ("house/hostage", "house/shoots_everyone.trainee.yaml"),
    "range": ("range/qualification", None),
    "range_wrong": ("range/qualification", "range/shoots_everything.trainee.yaml"),
}


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, Path]:
    """Folder of each run, by name: recording.mcap, result.json, debrief.html (in Dutch)."""
    base = tmp_path_factory.mktemp("runs")
    for name, (scenario, script) in RUNS.items():
        xrlab.run(scenario, seed=7, trainee=root / "scenarios" / script if script else None, out=base / name, lang="nl")
    return {name: base / name for name in RUNS}
