"""A scan's points in pictures: their own colours, nearer ones larger and before farther ones."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from studio import FORWARD, studio
from typer.testing import CliRunner

from xrlab.cli import app
from xrlab.render.context import HeadlessContext
from xrlab.render.picture import picture
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera, Frame, PersonPose
from xrlab.room.model import Cloud, Room
from xrlab.room.scans.clouds import write_ply

RED, GREEN = (200, 30, 40), (20, 160, 60)
AHEAD = Camera((0.0, 0.0, 1.0), 0.0, 0.0, math.radians(60))


def wall(x: float, color: tuple[int, int, int], spacing: float = 0.02, half: float = 1.5) -> Cloud:
    """Points on a plane before the camera."""
    steps = np.arange(-half, half, spacing)
    y, z = np.meshgrid(steps, steps + 1.0)
    points = np.column_stack((np.full(y.size, x), y.ravel(), z.ravel()))
    return Cloud(points, np.tile(np.array(color, np.uint8), (len(points), 1)), spacing)


def together(*clouds: Cloud) -> Room:
    return Room(
        "points",
        (),
        cloud=Cloud(
            np.concatenate([c.points for c in clouds]), np.concatenate([c.colors for c in clouds]), clouds[0].spacing
        ),
    )


@pytest.mark.parametrize("color", [RED, GREEN, (128, 128, 128), (10, 12, 90), (230, 225, 210)])
def test_points_keep_the_colours_of_the_scan(color: tuple[int, int, int]) -> None:
    image = picture(together(wall(2.0, color)), Frame(AHEAD), 160, 120)
    middle = image[50:70, 70:90].reshape(-1, 3)
    assert np.abs(middle.astype(int) - color).max() <= 4


def test_nearer_points_hide_farther_ones_whatever_their_order() -> None:
    near, far = wall(1.5, RED), wall(3.0, GREEN)
    for room in (together(near, far), together(far, near)):
        image = picture(room, Frame(AHEAD), 160, 120)
        assert np.abs(image[60, 80].astype(int) - RED).max() <= 4


def test_a_point_is_larger_the_nearer_it_is() -> None:
    sizes = []
    for x in (1.0, 2.0):
        one = Cloud(np.array([[x, 0.0, 1.0]]), np.array([RED], np.uint8), 0.1)
        image = picture(Room("one", (), cloud=one), Frame(AHEAD), 320, 240).astype(int)
        sizes.append(int((image[..., 0] - image[..., 1] > 60).sum()))
    assert sizes[0] == pytest.approx(4 * sizes[1], rel=0.25) and sizes[1] > 20


def test_a_plan_leaves_out_what_lies_above_its_cut() -> None:
    floor, ceiling = (
        Cloud(c.points[:, [1, 2, 0]] * (1, 1, 0) + (0, 0, z), c.colors, c.spacing)
        for c, z in ((wall(0.0, GREEN), 0.0), (wall(0.0, RED), 2.5))
    )
    room = together(floor, ceiling)
    low, high = (v.tolist() for v in room.bounds)
    for cut, color in ((1.4, GREEN), (math.inf, RED)):
        image = picture(room, Frame(Camera.plan(low, high, 4 / 3, cut_above=cut)), 160, 120)
        assert np.abs(image[60, 80].astype(int) - color).max() <= 4


def test_people_stand_among_the_points_and_depth_is_theirs() -> None:
    room = together(wall(3.0, GREEN))
    frame = Frame(AHEAD, people=(PersonPose((1.6, 0.0, 0.0), math.pi),))
    with HeadlessContext(160, 120) as context:
        renderer = Renderer(context, room)
        renderer.draw(frame)
        depth = renderer.read_depth()
        renderer.close()
    assert depth[60, 80] < 1.8
    assert depth[60, 45] == pytest.approx(3.0, abs=0.02)


def test_a_room_with_surfaces_shows_its_points_only_when_asked() -> None:
    plain = studio()
    room = Room(plain.name, plain.surfaces, lights=plain.lights, cloud=wall(1.0, GREEN))
    with HeadlessContext(160, 120) as context:
        renderer = Renderer(context, room)
        renderer.draw(Frame(FORWARD))
        surfaces = renderer.read()
        renderer.points = True
        renderer.draw(Frame(FORWARD))
        points = renderer.read()
        renderer.points = False
        renderer.draw(Frame(FORWARD))
        again = renderer.read()
        renderer.close()
    assert (surfaces == again).all()
    assert np.abs(points[60, 80].astype(int) - GREEN).max() <= 4 and surfaces[60, 80, 0] > surfaces[60, 80, 1]


def test_a_mesh_shows_the_colours_of_its_corners() -> None:
    from dataclasses import replace

    plain = studio()
    red_wall = plain.surfaces[1]
    left = red_wall.vertices[:, 1] > 0
    colors = np.where(left[:, None], (20, 160, 60), (200, 30, 40)).astype(np.uint8)
    room = Room("coloured", (plain.surfaces[0], replace(red_wall, colors=colors)), lights=plain.lights)
    image = picture(room, Frame(FORWARD), 160, 120).astype(int)
    green, red = image[50, 20], image[50, 140]
    assert green[1] > green[0] + 15 and red[0] > red[1] + 15


def test_the_command_draws_a_scans_points_and_refuses_a_room_without(tmp_path: Path, root: Path) -> None:
    west, east = wall(0.0, RED, 0.05), wall(3.0, GREEN, 0.05)
    floor = Cloud(west.points[:, [1, 2, 0]] * (1, 1, 0) + (1.5, -1.0, -0.5), west.colors, 0.05)
    cloud = together(west, east, floor).cloud
    assert cloud is not None
    write_ply(tmp_path / "scan.ply", cloud.points, cloud.colors)
    out = tmp_path / "points.png"
    done = CliRunner().invoke(
        app, ["room", "preview", str(tmp_path / "scan.ply"), "--points", "--out", str(out), "--size", "160x120"]
    )
    assert done.exit_code == 0, done.output
    assert out.stat().st_size > 500
    house = root / "scenarios" / "rooms" / "house.yaml"
    refused = CliRunner().invoke(app, ["room", "preview", str(house), "--points"])
    assert "--points is for scans" in str(refused.exception)
