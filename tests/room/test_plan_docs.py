"""docs/from-a-floor-plan.md is tried word for word, and its samples are what the tests make."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
from pathlib import Path

import flat_drawn
import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from xrlab.cli import app
from xrlab.errors import DeviceError
from xrlab.render.context import describe_device
from xrlab.room import load_room

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def can_draw() -> bool:
    try:
        describe_device()
    except DeviceError:
        return False
    return True


def test_the_page_works_word_for_word(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for sample in ("flat.dxf", "house.ifc"):
        shutil.copy(root / "docs" / "samples" / sample, tmp_path)
    runner, done, drawing = CliRunner(), 0, can_draw()
    ifc = importlib.util.find_spec("ifcopenshell") is not None
    for language, info, text in FENCE.findall((root / "docs" / "from-a-floor-plan.md").read_text(encoding="utf-8")):
        file = re.fullmatch(r"\s*file=(\S+)", info)
        if file:
            (tmp_path / file[1]).write_text(text, encoding="utf-8")
        for line in text.splitlines() if language == "sh" else ():
            if ("preview" in line and not drawing) or (not ifc and (".ifc" in line or line == "xrlab check .")):
                continue
            result = runner.invoke(app, shlex.split(line)[1:])
            assert result.exit_code == 0, f"{line}\n{result.output}\n{result.exception}"
            done += 1
    assert done >= (11 if ifc and drawing else 5)
    assert (tmp_path / "hut.svg").read_bytes() == (root / "docs" / "samples" / "hut.svg").read_bytes()
    tops = {(s.material, round(float(s.vertices[:, 2].max()), 2)) for s in load_room(tmp_path / "flat.yaml").surfaces}
    assert {("brick", 2.5), ("wood", 2.0), ("wood", 0.0)} <= tops, "the mapping file was taken"


def test_the_sample_plan_is_the_flat_of_the_tests(root: Path, tmp_path: Path) -> None:
    ours, made = load_room(root / "docs" / "samples" / "flat.dxf"), load_room(flat_drawn.save(tmp_path / "flat.dxf"))
    assert ours.doors == made.doors
    for (kind, one), (other_kind, other) in zip(ours.plan, made.plan, strict=True):
        assert kind == other_kind and np.allclose(one, other)
    assert shapely.Polygon(ours.zones["hall"].polygon).area == pytest.approx(9.4 * 1.4)


def test_a_scenario_may_name_a_plan_as_its_room(root: Path, tmp_path: Path) -> None:
    import xrlab

    page = (root / "docs" / "from-a-floor-plan.md").read_text(encoding="utf-8")
    for _, info, text in FENCE.findall(page):
        if "search" in info:
            (tmp_path / info.strip().removeprefix("file=")).write_text(
                text.replace("room: flat.yaml", "room: flat.dxf")
            )
    shutil.copy(root / "docs" / "samples" / "flat.dxf", tmp_path)
    assert xrlab.run(tmp_path / "search.yaml", seed=7)["passed"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["flat.dxf", "new.txt"], "a room is written as .glb or .yaml"),
        (["house.yaml", "new.yaml"], "only floor plans and building models (.dxf, .svg, .ifc) become a layout"),
        (["house.yaml", "new.glb", "--map", "m.yaml"], "a mapping file is for floor plans (.dxf, .svg)"),
        (["flat.dxf", "new.yaml", "--map", "missing.yaml"], "missing.yaml: no such file"),
        (["missing.svg", "new.yaml"], "missing.svg: no such file"),
    ],
)
def test_convert_says_what_does_not_go(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(root / "docs" / "samples" / "flat.dxf", tmp_path)
    shutil.copy(root / "scenarios" / "rooms" / "house.yaml", tmp_path)
    result = CliRunner().invoke(app, ["room", "convert", *words])
    assert said in str(result.exception) and getattr(result.exception, "exit_code", 0) == 2
    assert not (tmp_path / "new.yaml").exists() and not (tmp_path / "new.glb").exists()
