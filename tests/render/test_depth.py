"""What is drawn lies where rays say that it is."""

import math
from pathlib import Path

import numpy as np
import pytest
from studio import FORWARD, studio

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import direction
from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera, Frame, PersonPose
from xrlab.room import load_room


def measured(mesh: RayMesh, camera: Camera, width: int, height: int) -> np.ndarray:
    """Distances along the line of sight at the middle of each pixel, by rays."""
    x = (np.arange(width) + 0.5) / width * 2 - 1
    y = 1 - (np.arange(height) + 0.5) / height * 2
    scale = math.tan(camera.fov_y / 2)
    forward = np.array(direction(camera.yaw, camera.pitch))
    right = np.array([math.sin(camera.yaw), -math.cos(camera.yaw), 0.0])
    up = np.cross(right, forward)
    ways = forward + right * (x[None, :, None] * scale * width / height) + up * (y[:, None, None] * scale)
    length = np.linalg.norm(ways, axis=2)
    ways = (ways / length[..., None]).reshape(-1, 3)
    distances, _ = mesh.closest_many(np.repeat([camera.position], len(ways), axis=0), ways)
    return distances.reshape(height, width) / length


def agreement(drawn: np.ndarray, told: np.ndarray) -> float:
    """Share of pixels that agree to 5 mm and 0.2 %, nothing against nothing included."""
    with np.errstate(invalid="ignore"):
        same = abs(drawn - told) < 0.005 + 0.002 * told
    return float((same | (np.isinf(drawn) & np.isinf(told))).mean())


@pytest.mark.parametrize("yaw, pitch", [(0.0, 0.0), (0.6, -0.4), (-0.5, 0.3)])
def test_depth_of_the_studio_is_what_rays_measure(renderer, draw, yaw, pitch):
    camera = Camera(FORWARD.position, yaw, pitch, FORWARD.fov_y)
    draw(Frame(camera))
    told = measured(studio().solid, camera, *renderer.context.size)
    assert np.isfinite(told).any()
    assert agreement(renderer.read_depth(), told) > 0.995


def test_depth_of_the_shipped_house_is_what_rays_measure(root: Path):
    room = load_room(root / "scenarios" / "rooms" / "house.yaml")
    camera = Camera((*room.points["bedroom_middle"].position[:2], 1.6), 3.5, -0.2, math.radians(70))
    with HeadlessContext(160, 90) as context:
        renderer = Renderer(context, room, samples=0)
        renderer.draw(Frame(camera))
        drawn = renderer.read_depth()
    # Doors are drawn and no part of the room's own mesh: something may be nearer, nothing further.
    told = measured(room.opaque, camera, 160, 90)
    assert agreement(np.minimum(drawn, told), drawn) > 0.99
    assert agreement(drawn, told) > 0.85


def test_depth_of_a_plan_is_the_height_below_the_camera(renderer, draw):
    camera = Camera.plan((-4, -4, 0), (4, 4, 2.6), 320 / 180)
    draw(Frame(camera))
    depth = renderer.read_depth()
    assert depth[90, 160] == pytest.approx(camera.position[2], abs=0.01)  # the floor
    assert depth.min() == pytest.approx(1.0, abs=0.01)  # the top of the wall


def test_a_person_is_nearer_than_the_wall_and_hidden_behind_it(renderer, draw):
    draw(Frame(FORWARD))
    empty = renderer.read_depth()
    draw(Frame(FORWARD, [PersonPose((1.0, -0.4, 0.0))]))
    before = renderer.read_depth()
    draw(Frame(FORWARD, [PersonPose((3.9, -0.4, 0.0))]))
    behind = renderer.read_depth()
    stood = before < empty - 0.05
    assert 0.02 < stood.mean() < 0.3
    assert before[stood].min() > 2.0 and before[stood].max() < 3.2
    # what stands behind the wall shows nowhere
    assert np.array_equal(behind, empty)
