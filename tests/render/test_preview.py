"""`xrlab preview` and `xrlab room preview`: pictures of scenarios and rooms with no display."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scenes import OPEN_DOOR, write_scene

from xrlab.errors import InputError
from xrlab.review.contact import views
from xrlab.review.preview import FOV_Y, write_on_screens, write_preview, write_room_preview
from xrlab.room import load_room
from xrlab.room.model import View

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


def test_each_screen_of_a_projected_range_shows_its_part_of_what_a_trainee_sees(tmp_path: Path):
    scene = write_scene(tmp_path, room=OPEN_DOOR)
    high, wide = math.tan(FOV_Y / 2), math.tan(FOV_Y / 2) * 16 / 9
    corners = (
        f"lower_left_m: [1, {y + wide}, {1.65 - high}], lower_right_m: [1, {y - wide}, {1.65 - high}], "
        f"upper_left_m: [1, {y + wide}, {1.65 + high}]"
        for y in (0.0, -2 * wide)
    )
    described = tmp_path / "range.yaml"
    described.write_text("eye_m: [0, 0, 1.65]\nscreens:\n" + "".join(f"  - {{{one}}}\n" for one in corners))
    ahead = shown(write_preview(scene, out=tmp_path / "eye.png", camera="p1", size=SMALL))
    paths = write_on_screens(scene, described, out=tmp_path / "range.png", camera="p1", size=SMALL)
    assert [path.name for path in paths] == ["range-1.png", "range-2.png"]
    first, second = map(shown, paths)
    assert abs(first - ahead).max() <= 1  # this screen is just as wide as a preview
    assert abs(first[:, -1] - second[:, 0]).mean() < 6 < abs(first - second).mean()
    with pytest.raises(InputError, match="--screens needs --camera"):
        write_on_screens(scene, described, out=tmp_path / "no.png")


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


def test_a_room_sheet_holds_the_plan_four_views_and_a_card(tmp_path: Path):
    tub = {"at": [1.2, 1.0], "size_m": [1.8, 1.4, 0.9], "color": "#b03020"}
    write_scene(tmp_path, room={"furniture": [tub]})
    sheet = shown(write_room_preview(tmp_path / "room.yaml", out=tmp_path / "sheet.png", size="480x270"))
    plan = shown(write_room_preview(tmp_path / "room.yaml", out=tmp_path / "p.png", camera="plan", size="320x180"))
    assert sheet.shape == (270, 480, 3)
    assert abs(sheet[1:179, 1:319] - plan[1:179, 1:319]).mean() < 12, "the plan fills two thirds"
    tiles = [sheet[2:88, 322:478], sheet[92:178, 322:478], sheet[182:268, 2:158], sheet[182:268, 162:318]]
    for k, tile in enumerate(tiles):
        assert tile.std() > 8, k
        assert all(abs(tile - other).mean() > 2 for other in tiles[:k] if other.shape == tile.shape)
    card = sheet[182:268, 322:478]
    assert (card < 40).all(axis=2).mean() > 0.6 and (card > 180).all(axis=2).any(), "light letters on dark"


def test_views_of_a_sheet_are_cameras_of_the_file_then_points_then_places(root: Path):
    house = load_room(root / "scenarios" / "rooms" / "house.yaml")
    labels = [s.label for s in views(house, 1.45)]
    assert labels[:2] == ["from the south-west, cut open", "from the north-east, cut open"]
    shown = [house.points[label.removeprefix("point ")] for label in labels[2:]]
    assert math.dist(shown[0].position, shown[1].position) > 3
    assert all(house.zone_at(p.position) not in ("porch", "terrace") for p in shown), "not in front of a shut door"
    bare = replace(house, points={})
    for shot in views(bare, math.inf)[2:]:
        x, y, z = shot.camera.position
        assert shot.label.startswith("at [") and house.walkable.stands(x, y, z - 1.65)
    own = replace(house, views={"hall": View("hall", (4.0, 4.8, 1.6))})
    assert views(own, 1.45)[2].label == "camera hall"


@pytest.mark.parametrize("name", ["simple-room.glb", "dungeon.obj"])
def test_real_meshes_are_drawn(shared: Path, tmp_path: Path, name: str):
    image = shown(write_room_preview(shared / "rooms" / name, out=tmp_path / "x.png", size="320x180"))
    assert image.std() > 10
    assert (image < 20).all(axis=2).mean() < 0.2  # not one black shape
