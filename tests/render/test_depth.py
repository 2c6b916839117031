"""What is drawn lies where rays say that it is: a CPU ray caster over the same triangles.

The rays start at the eye and go through the middles of the pixels, by plain trigonometry, without any of the renderer's
matrices.
Bodies are put together here from their bones, as the vertex shader should do it.
"""

import math
import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from studio import FORWARD, box, studio

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array
from xrlab.render import cast, people
from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer, prepare
from xrlab.render.scene import Camera, Frame, PersonPose
from xrlab.room import load_room
from xrlab.room.convert import convert
from xrlab.room.model import Maps, Room, Surface

WIDTH, HEIGHT = 480, 270
SHARE = 0.999
"""Of the pixels agree; the others lie on edges, where a ray and a pixel may choose different sides."""


def moving(room: Room, frame: Frame) -> list[Array]:
    """Triangles (n, 3, 3) of all that moves in a frame, one array for each instance."""
    cast_now, _ = cast.assemble(frame, room, list(frame.people), people.world_joints(frame.people))
    out = []
    for solid, record in zip(chain.from_iterable(cast_now.solids), cast_now.instances, strict=True):
        vertices = solid.vertices
        which = int(record["more"][0]) + vertices["bones"].astype(int)
        share = vertices["weights"].astype(float) / 255
        share[share.sum(axis=1) == 0, 0] = 1.0  # what is rigid hangs on its one bone
        matrices = np.einsum("vk,vkij->vij", share, cast_now.bones[which].astype(float))
        placed = np.einsum("vij,vj->vi", matrices, np.c_[vertices["position"].astype(float), np.ones(len(vertices))])
        out.append(placed[solid.triangles])
    return out


def standing(room: Room) -> list[Array]:
    """Triangles (n, 3, 3) of each surface that one can't see through."""
    return [s.vertices[s.faces] for s in room.surfaces if s.color[3] > 0.99 and not s.maps.blended]


class Rays:
    """A ray caster over arrays of triangles."""

    def __init__(self, groups: Sequence[Array]) -> None:
        corners = np.concatenate([g.reshape(-1, 3) for g in groups])
        self._owner = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
        self._mesh = RayMesh(corners, np.arange(len(corners), dtype=np.int32).reshape(-1, 3))

    def picture(self, camera: Camera, width: int = WIDTH, height: int = HEIGHT) -> tuple[Array, NDArray[np.int64]]:
        """Distance along the line of sight at the middle of each pixel (m), inf for none, and the group met, -1."""
        forward, right, up = axes(camera)
        low_u, high_u, low_v, high_v = edges(camera, width / height)
        u = low_u + (np.arange(width) + 0.5) / width * (high_u - low_u)
        v = high_v - (np.arange(height) + 0.5) / height * (high_v - low_v)
        ways = (forward + right * u[None, :, None] + up * v[:, None, None]).reshape(-1, 3)
        length = np.linalg.norm(ways, axis=1)
        starts = np.asarray(camera.position) + ways * camera.near  # nothing nearer is drawn
        distance, triangle = self._mesh.closest_many(starts, ways / length[:, None])
        depth = camera.near + distance / length
        met = np.where(triangle >= 0, self._owner[triangle], -1)
        too_far = depth > camera.far
        depth, met = np.where(too_far, np.inf, depth), np.where(too_far, -1, met)
        return depth.reshape(height, width), met.reshape(height, width)


def axes(camera: Camera) -> tuple[Array, Array, Array]:
    """Forward, right and up of an eye: yaw counter-clockwise from east, pitch upwards, the head rolls to the right."""
    cy, sy, cp, sp = math.cos(camera.yaw), math.sin(camera.yaw), math.cos(camera.pitch), math.sin(camera.pitch)
    forward = np.array([cp * cy, cp * sy, sp])
    level, above = np.array([sy, -cy, 0.0]), np.array([-sp * cy, -sp * sy, cp])
    c, s = math.cos(camera.roll), math.sin(camera.roll)
    return forward, c * level - s * above, c * above + s * level


def edges(camera: Camera, aspect: float) -> tuple[float, float, float, float]:
    """Tangents of the picture's edges: left, right, down, up."""
    if camera.tangents is not None:
        return camera.tangents
    up = math.tan(camera.fov_y / 2)
    return -up * aspect, up * aspect, -up, up


def agreement(drawn: Array, told: Array) -> float:
    """Share of pixels that agree to 1 mm at up to 10 m, and to as much more as it is farther; nothing to nothing."""
    with np.errstate(invalid="ignore"):
        same = abs(drawn - told) < 1e-3 * np.maximum(told, 10.0) / 10.0
    return float((same | (np.isinf(drawn) & np.isinf(told))).mean())


def drawn_depth(room: Room, frame: Frame, width: int = WIDTH, height: int = HEIGHT) -> Array:
    with HeadlessContext(width, height) as context:
        renderer = Renderer(context, prepare(room, hasty=True), samples=0)
        renderer.draw(frame)
        return renderer.read_depth()


@pytest.fixture(scope="module")
def house(root: Path) -> Room:
    return load_room(root / "scenarios" / "rooms" / "house.yaml")


@pytest.fixture(scope="module")
def in_house(house: Room):
    with HeadlessContext(WIDTH, HEIGHT) as context:
        renderer = Renderer(context, prepare(house, hasty=True), samples=0)

        def drawn(frame: Frame) -> Array:
            renderer.draw(frame)
            return renderer.read_depth()

        yield drawn


DOORS = {"kitchen_door": 0.7, "bathroom_door": 0.35, "living_room_door": 1.0, "bedroom_door": 0.1, "office_door": 0.5}
CROWD = (
    PersonPose((3.0, 4.7, 0.0), 2.8, "aiming", 0.0, "civil", "handgun", 1),
    PersonPose((5.2, 4.9, 0.0), math.pi, "standing", 0.9, "police", "nothing", 2),
    PersonPose((7.4, 4.6, 0.0), 0.3, "kneeling", 0.0, "civil", "phone", 4),
    PersonPose((10.2, 5.0, 0.0), 3.0, "hands_up", 0.0, "defence", "nothing", 5),
)
HALLWAY = Camera((0.4, 4.8, 1.65), 0.0, -0.05, math.radians(60))
VIEWS = {
    "straight": HALLWAY,
    "a head on its side": replace(HALLWAY, roll=0.6, yaw=0.1),
    "a headset's left eye": replace(HALLWAY, tangents=(-1.38, 0.9, -1.19, 1.04)),
    "a screen to the right": replace(HALLWAY, yaw=-0.4, tangents=(-0.3, 1.7, -0.9, 0.2), roll=-0.2),
    "near and far": replace(HALLWAY, near=0.5, far=8.0),
    "a long lens": replace(HALLWAY, fov_y=math.radians(8), pitch=-0.01),
    "upwards through a door": Camera((2.0, 7.2, 0.4), -0.9, 0.35, math.radians(75)),
    "down from the ceiling": Camera((11.0, 8.8, 2.4), -1.9, -0.7, math.radians(80)),
}


@pytest.mark.parametrize("view", VIEWS)
def test_walls_doors_and_people_of_the_house_lie_where_rays_meet_them(house, in_house, view):
    frame = Frame(VIEWS[view], CROWD, doors=DOORS)
    told, met = Rays([*standing(house), *moving(house, frame)]).picture(frame.camera)
    drawn = in_house(frame)
    assert agreement(drawn, told) > SHARE
    assert np.isfinite(told).mean() > 0.2
    if view in ("straight", "a long lens"):  # of those whom one sees, pixel by pixel
        someone = met >= len(standing(house)) + len(house.doors)
        assert someone.mean() > 0.005
        assert agreement(drawn[someone], told[someone]) > 0.995


def test_the_same_from_a_gltf_that_another_reader_turns(house, tmp_path, root):
    """The house as .glb without its doors, read by trimesh, whose y is up; drawn from what xrlab reads of it."""
    convert(root / "scenarios" / "rooms" / "house.yaml", tmp_path / "house.glb")
    scene = trimesh.load(tmp_path / "house.glb")
    groups = []
    for name in scene.graph.nodes_geometry:
        matrix, geometry = scene.graph[name]
        mesh = scene.geometry[geometry].copy()
        mesh.apply_transform(matrix)
        if mesh.visual.material.baseColorFactor[3] > 250 and not name.endswith("_door"):
            x, y, z = np.moveaxis(np.asarray(mesh.triangles), 2, 0)
            groups.append(np.stack((x, -z, y), axis=2))
    camera = replace(HALLWAY, yaw=0.2, roll=0.1)
    told, _ = Rays(groups).picture(camera)
    bare = replace(load_room(tmp_path / "house.glb"), doors={}, lights=())
    assert agreement(drawn_depth(bare, Frame(camera)), told) > SHARE


def test_a_real_room_that_came_compressed_lies_where_rays_meet_it(shared, tmp_path):
    layout = tmp_path / "hotel.yaml"
    shutil.copy(shared / "rooms" / "hotel-room.glb", tmp_path)
    layout.write_text("xrlab: 1\nname: hotel\nmesh: {file: hotel-room.glb, scale: 0.001, at: [-10, -6, 0]}\n")
    room = load_room(layout)
    camera = Camera((-0.6, 1.8, 1.6), -1.2, -0.15, math.radians(70), roll=-0.1)
    frame = Frame(camera)
    solid = [s for s in room.surfaces if s.color[3] > 0.99 and not s.maps.blended and s.maps.cutoff is None]
    assert len(solid) == len(standing(room)), "a surface with holes in it needs a ray caster that knows pictures"
    told, _ = Rays([*standing(room), *moving(room, frame)]).picture(camera)
    assert agreement(drawn_depth(room, frame), told) > SHARE


# --- which is in front, and which way is up ----------------------------------------------------------

HUES = ("#ff0000", "#00ff00", "#0000ff", "#ffff00", "#ff00ff", "#00ffff")


def painted() -> Room:
    """Forty boxes in disorder, each of one of six pure colours that light does not change."""
    luck = np.random.default_rng(40)
    surfaces = []
    for number in range(40):
        middle, half = luck.uniform((2, -4, -2), (14, 4, 4)), luck.uniform(0.15, 0.9, 3)
        made = box(f"box {number}", tuple(middle - half), tuple(middle + half), HUES[number % len(HUES)])
        surfaces.append(replace(made, maps=Maps(unlit=True)))
    return Room("boxes", tuple(surfaces))


def test_the_nearest_of_many_boxes_is_the_one_that_is_seen():
    room = painted()
    hues = np.array([[int(h[i : i + 2], 16) for i in (1, 3, 5)] for h in HUES])
    for camera in (Camera((0, 0, 1.0), 0.0, 0.0, math.radians(70)), Camera((1, -5, 2.0), 0.9, -0.2, 1.0, roll=0.8)):
        _, met = Rays(standing(room)).picture(camera)
        with HeadlessContext(WIDTH, HEIGHT) as context:
            renderer = Renderer(context, prepare(room, hasty=True), samples=0)
            renderer.draw(Frame(camera))
            image = renderer.read().astype(int)
        shown = abs(image[:, :, None] - hues).sum(axis=3).argmin(axis=2)
        boxes = met >= 0
        assert boxes.mean() > 0.3 and len(np.unique(met)) > 20
        assert (shown[boxes] == met[boxes] % len(HUES)).mean() > SHARE


def test_north_is_left_of_one_who_looks_east_and_up_is_up():
    def marker(name: str, at: tuple[float, float, float], color: str) -> Surface:
        x, y, z = at
        made = box(name, (x - 0.3, y - 0.3, z - 0.3), (x + 0.3, y + 0.3, z + 0.3), color)
        return replace(made, maps=Maps(unlit=True))

    room = Room(
        "markers",
        (
            marker("north", (6, 2, 1.5), "#ff0000"), marker("south", (6, -2, 1.5), "#00ff00"),
            marker("above", (6, 0, 3.0), "#0000ff"), marker("below", (6, 0, 0.5), "#ffff00"),
        ),
    )  # fmt: skip

    def places(camera: Camera) -> dict[str, tuple[float, float]]:
        """Mean row and column of each colour."""
        with HeadlessContext(200, 200) as context:
            renderer = Renderer(context, prepare(room, hasty=True), samples=0)
            renderer.draw(Frame(camera))
            image = renderer.read().astype(int)
        red, green, blue = np.moveaxis(image, 2, 0)
        masks = {
            "north": (red > 150) & (green < 90) & (blue < 90), "south": (green > 150) & (red < 90) & (blue < 90),
            "above": (blue > 150) & (red < 90) & (green < 90), "below": (red > 150) & (green > 150) & (blue < 90),
        }  # fmt: skip
        return {name: tuple(np.argwhere(mask).mean(axis=0)) for name, mask in masks.items()}

    level = places(Camera((0, 0, 1.5), 0.0, 0.0, math.radians(60)))
    assert level["north"][1] < 80 and level["south"][1] > 120
    assert level["above"][0] < 80 and level["below"][0] > 105
    # The head tilts to the right: what was above now lies to the left, and what was to the left, below.
    tilted = places(Camera((0, 0, 1.5), 0.0, 0.0, math.radians(60), roll=math.pi / 2))
    assert tilted["above"][1] < 80 and tilted["north"][0] > 120
    turned = places(Camera((12, 0, 1.5), math.pi, 0.0, math.radians(60)))
    assert turned["north"][1] > 120 and turned["above"][0] < 80


# --- plans, and what stands before something ---------------------------------------------------------


def test_depth_of_a_plan_is_the_height_below_the_camera(renderer, draw):
    camera = Camera.plan((-4, -4, 0), (4, 4, 2.6), 320 / 180)
    draw(Frame(camera))
    depth = renderer.read_depth()
    assert depth[90, 160] == pytest.approx(camera.position[2], abs=0.001)  # the floor
    assert depth.min() == pytest.approx(1.0, abs=0.001)  # the top of the wall


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


def test_rays_and_pictures_would_not_agree_if_a_box_were_elsewhere():
    """That the comparison tells a millimetre: the studio's wall moved by 2 mm is not the one that is drawn."""
    room = studio()
    moved = [s.vertices[s.faces] + ((0.002, 0, 0) if s.name == "red wall" else (0, 0, 0)) for s in room.surfaces]
    frame = Frame(FORWARD)
    drawn = drawn_depth(room, frame)
    right, wrong = (Rays([*walls, *moving(room, frame)]).picture(FORWARD)[0] for walls in (standing(room), moved))
    assert agreement(drawn, right) > SHARE
    assert agreement(drawn, wrong) < 0.9
