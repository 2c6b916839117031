"""The wheel, installed into an empty environment elsewhere, brings scenarios, shaders, texts and styles along."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(root)],
        check=True, capture_output=True,
    )  # fmt: skip
    (made,) = out.glob("*.whl")
    return made


def test_it_holds_what_a_checkout_keeps_beside_the_package(wheel: Path, root: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("scenarios", "shaders"):
        for path in (root / folder).rglob("*"):
            if path.is_file():
                assert f"xrlab/_data/{path.relative_to(root).as_posix()}" in names
    for path in (root / "src" / "xrlab").rglob("*"):
        if path.is_file() and path.suffix not in (".pyc",):
            assert path.relative_to(root / "src").as_posix() in names
    assert "xrlab/py.typed" in names


def test_it_runs_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """Its dependencies are borrowed from this environment; xrlab itself is the wheel's."""
    venv.create(tmp_path / "env", with_pip=False)
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    where = subprocess.run(
        [str(python), "-c", "import site; print(site.getsitepackages()[0])"], check=True, capture_output=True, text=True
    ).stdout.strip()
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        where,
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    # A path in a .pth file is searched, but the .pth files that lie there (this checkout's own) are not read.
    (Path(where) / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    bare = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}

    def xrlab(*args: str) -> str:
        code = "import xrlab, sys; assert 'env' in xrlab.__file__, xrlab.__file__; from xrlab.cli import main; main()"
        done = subprocess.run(
            [str(python), "-c", code, *args], check=False, capture_output=True, text=True, cwd=tmp_path, env=bare
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert {r["name"] for r in json.loads(xrlab("list", "--json"))} >= {"house/hostage", "range/qualification"}
    xrlab("run", "range/qualification", "--headless", "--seed", "7", "--out", str(tmp_path / "out"), "--lang", "nl")
    assert "Debriefing" in (tmp_path / "out" / "debrief.html").read_text(encoding="utf-8")
    picture = tmp_path / "plan.png"
    xrlab("preview", "range/qualification", "--out", str(picture), "--size", "160x90")
    assert picture.read_bytes().startswith(b"\x89PNG")
