"""`xrlab doctor`: what this machine can draw with, and what is told where something lacks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from scenes import write_scene
from test_cli import Said, run

from xrlab import doctor
from xrlab.render import context, headless

__all__ = ["run"]

DRAWS = "OpenGL 4.5 without a display (previews)"


def told(run: Callable[..., Said], code: int = 0) -> dict[str, dict[str, object]]:
    said = run("doctor", "--json")
    assert (said.code, said.err) == (code, "")
    return {f["what"]: f for f in json.loads(said.out)}


def test_doctor_tells_the_card_its_limits_and_what_extras_are_for(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XRLAB_GPU", raising=False)
    found = told(run)
    name = context.describe_device()["renderer"]
    assert found[DRAWS]["good"] and str(found[DRAWS]["found"]).startswith(f"{name}, 4.")
    for part in (
        f"{name} draws, chosen by itself",
        "XRLAB_GPU names another",
        f"here are 0: {context.cards()[0].name}",
    ):
        assert part in str(found["graphics card"]["found"])
    assert found["graphics card"]["good"] or "wants a graphics card" in str(found["graphics card"]["mend"])
    assert found["OpenGL limits"]["good"]
    assert "textures of 16384 pixels in 2048 layers" in str(found["OpenGL limits"]["found"])
    for name, extra in context.EXTRAS.items():
        assert str(found[f"OpenGL: {name}"]["found"]).endswith(f"; for {extra.used_for}")
    written = run("doctor").out
    assert "ok    OpenGL: bindless textures: " in written and "Traceback" not in written


def test_a_card_that_is_named_wrongly_fails_the_examination(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XRLAB_GPU", "voodoo")
    found = told(run, 3)
    assert "XRLAB_GPU=voodoo: there is no such GPU; here are: 0: " in str(found[DRAWS]["found"])
    assert "OpenGL limits" not in found


def test_a_picture_with_a_card_that_is_named_wrongly_ends_with_3_and_one_line(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XRLAB_GPU", "voodoo")
    said = run("preview", write_scene(tmp_path), "--out", tmp_path / "plan.png")
    assert said.code == 3 and said.err.startswith("xrlab: XRLAB_GPU=voodoo: there is no such GPU; here are: 0: ")
    assert said.err.count("\n") == 1 and not (tmp_path / "plan.png").exists()


def test_a_processor_that_is_named_is_no_matter_of_concern(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XRLAB_GPU", "software")
    card = told(run)["graphics card"]
    assert card["good"] and not card["mend"] and "named by XRLAB_GPU=software" in str(card["found"])


def test_without_a_driver_doctor_says_what_to_install(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XRLAB_GPU", raising=False)

    def none() -> None:
        raise headless.DeviceError("OpenGL cannot be loaded (libEGL is not installed)")

    monkeypatch.setattr(headless, "egl", none)
    monkeypatch.setattr(doctor, "_graphics_mend", lambda: "")
    found = told(run)  # nothing but pictures needs it
    assert not found[DRAWS]["good"] and "libEGL is not installed" in str(found[DRAWS]["found"])
    assert "apt-get install libegl1 libgl1 libgl1-mesa-dri" in str(found[DRAWS]["mend"])


@pytest.mark.parametrize(
    ("file", "open_to_all", "says"),
    [
        ("dev/dri/renderD128", False, "renderD128 is closed to you: sudo usermod -aG render"),
        ("dev/dri/renderD128", True, None),
        ("proc/driver/nvidia/version", True, "install libnvidia-gl of the driver's version"),
    ],
)
def test_a_card_that_cannot_be_reached_is_told_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, open_to_all: bool, says: str | None
) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).touch()
    monkeypatch.setattr(doctor, "Path", lambda path: tmp_path / str(path).lstrip("/"))
    monkeypatch.setattr(os, "access", lambda path, how: open_to_all)
    assert (says in doctor._graphics_mend()) if says else doctor._graphics_mend() == ""
