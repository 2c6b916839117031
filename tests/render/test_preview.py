"""`xrlab preview` and `xrlab room preview`: pictures of scenarios and rooms with no display."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scenes import OPEN_DOOR, write_scene

from xrlab.errors import InputError
from xrlab.review.preview import write_preview, write_room_preview

SMALL = "160x90"


def shown(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_the_plan_and_the_views_of_everyone_and_every_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    scene = write_scene(tmp_path, room=OPEN_DOOR)
    pictures = []
    for camera in ("plan", "p1", "gunman", "aside"):
        path = write_preview(scene, out=tmp_path / f"{camera}.png", camera=camera, size=SMALL)
        image = shown(path)
        assert image.shape == (90, 160, 3) and image.std() > 8, camera
        pictures.append(image)
    for i, one in enumerate(pictures):
        for other in pictures[:i]:
            assert abs(one - other).mean() > 4


def test_a_picture_of_a_later_time_shows_what_has_happened_by_then(tmp_path: Path):
    scene = write_scene(tmp_path, {"events": {"out": {"at_s": 2, "do": [{"lights": "off"}]}}})
    (tmp_path / "scene.trainee.yaml").write_text("xrlab: 1\ntrainees:\n  p1: {do: [{wait_s: 1}]}\n")
    scene.write_text(scene.read_text() + "trainee: scene.trainee.yaml\n")
    lit, dark = (
        shown(write_preview(scene, out=tmp_path / f"{t}.png", camera="p1", at=t, size=SMALL)).mean() for t in (1, 3)
    )
    assert dark < 0.4 * lit


def test_a_setting_changes_what_is_held(tmp_path: Path):
    scene = write_scene(tmp_path, {"people.gunman.pose": "aiming"}, OPEN_DOOR)
    gun = shown(write_preview(scene, out=tmp_path / "a.png", camera="p1", size="640x360"))
    settings = {"gunman.holds": "nothing"}
    none = shown(write_preview(scene, out=tmp_path / "b.png", camera="p1", size="640x360", settings=settings))
    different = np.argwhere(abs(gun - none).max(axis=2) > 24)
    assert len(different) >= 10  # 6 m away
    assert abs(different.mean(axis=0) - (190, 320)).max() < 40


@pytest.mark.parametrize(
    "words, message",
    [
        ({"camera": "gunmen"}, "no camera is called 'gunmen'; did you mean 'gunman'?"),
        ({"size": "big"}, "--size is WIDTHxHEIGHT"),
        ({"size": "9x9"}, "--size is WIDTHxHEIGHT"),
        ({"size": "99999x100"}, "--size is WIDTHxHEIGHT"),
        ({"out": Path("x.jpg")}, r"written as \.png"),
        ({"out": Path("/no/such/folder/x.png")}, "no such folder"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_one_line(tmp_path: Path, words: dict[str, object], message: str):
    scene = write_scene(tmp_path)
    with pytest.raises(InputError, match=message):
        write_preview(scene, **({"out": tmp_path / "x.png"} | words))  # type: ignore[arg-type]
    assert not list(tmp_path.glob("*.png"))


def test_a_room_by_itself_and_from_a_point_of_it(tmp_path: Path):
    write_scene(tmp_path)
    plan = shown(write_room_preview(tmp_path / "room.yaml", out=tmp_path / "plan.png", size=SMALL))
    view = shown(write_room_preview(tmp_path / "room.yaml", out=tmp_path / "a.png", camera="a", size=SMALL))
    assert plan.std() > 20 and view.std() > 8
    with pytest.raises(InputError, match="no camera"):
        write_room_preview(tmp_path / "room.yaml", out=tmp_path / "b.png", camera="gunman")


@pytest.mark.parametrize("name", ["simple-room.glb", "dungeon.obj"])
def test_real_meshes_are_drawn(shared: Path, tmp_path: Path, name: str):
    image = shown(write_room_preview(shared / "rooms" / name, out=tmp_path / "x.png", size="320x180"))
    assert image.std() > 10
    assert (image < 20).all(axis=2).mean() < 0.2  # not one black shape
