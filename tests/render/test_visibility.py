"""What is left out of a picture because nobody could see it is really not to be seen."""

import math
from pathlib import Path

import numpy as np
import pytest
from studio import box

from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer, prepare
from xrlab.render.scene import Camera, Frame, PersonPose
from xrlab.room import load_room
from xrlab.room.model import Room


@pytest.fixture(scope="module")
def house(root: Path) -> Room:
    return load_room(root / "scenarios" / "rooms" / "house.yaml")


@pytest.fixture(scope="module")
def made(house: Room):
    return prepare(house, hasty=True)


def test_pictures_are_the_same_as_with_everything_drawn(house: Room, made) -> None:
    """From places all over the house, doors open; without shadow of a doubt at the edges of what is seen."""
    rng = np.random.default_rng(5)
    places = [
        house.points[name].position for name in ("hallway_middle", "kitchen_corner", "bedroom_middle", "entrance")
    ]
    with HeadlessContext(320, 180) as context:
        renderer = Renderer(context, made, samples=0)
        whole = np.ones(len(made.packed.chunk_first), bool)
        for x, y, _ in places:
            for yaw in rng.uniform(-math.pi, math.pi, 3):
                camera = Camera((x + rng.uniform(-0.3, 0.3), y + rng.uniform(-0.3, 0.3), 1.6), float(yaw), -0.1)
                frame = Frame(camera, doors=dict.fromkeys(house.doors, 1.0))
                renderer.draw(frame)
                culled = renderer.read_depth()
                seen = made.visibility.seen(camera.position)
                kept, seen.chunks = seen.chunks, whole
                renderer.draw(frame)
                full = renderer.read_depth()
                seen.chunks = kept
                assert kept.mean() < 0.6, "most of a house is behind walls"
                assert (culled == full).mean() > 0.9999


def test_who_is_behind_walls_is_left_out_and_who_is_in_the_doorway_is_not(house: Room, made) -> None:
    hall = house.points["hallway_middle"].position
    seen = made.visibility.seen((hall[0], hall[1], 1.6))

    def shows(x: float, y: float) -> bool:
        low = np.array([(x - 0.4, y - 0.4, 0.0)])
        return bool(seen.shows(low, low + (0.8, 0.8, 1.8))[0])

    assert shows(*hall[:2])
    rooms = [name for name in house.points if name.endswith("_middle")]
    hidden = [name for name in rooms if not shows(*house.points[name].position[:2])]
    assert hidden, "from the hallway not every room's middle is seen"
    camera = Camera((hall[0], hall[1], 1.6), 0.0)
    people = [PersonPose(house.points[name].position) for name in hidden]
    with HeadlessContext(160, 90) as context:
        renderer = Renderer(context, made, samples=0)
        for yaw in np.linspace(-math.pi, math.pi, 6, endpoint=False):
            view = Camera(camera.position, float(yaw))
            renderer.draw(Frame(view))
            without = renderer.read()
            renderer.draw(Frame(view, people))
            assert (renderer.read() == without).all()


def test_a_place_is_asked_for_once_and_beyond_a_wall_it_is_another(made) -> None:
    visibility = made.visibility
    assert visibility.seen((4.01, 2.0, 1.6)) is visibility.seen((4.02, 2.01, 1.6))
    walls = [
        p
        for p in np.arange(0.0, 12.0, 0.05)
        if visibility.seen((p, 2.2, 1.6)) is not visibility.seen((p + 0.04, 2.2, 1.6))
    ]
    assert len(walls) > 5


def test_a_room_without_anything_shows_all_that_moves() -> None:
    made = prepare(Room("nothing", ()))
    seen = made.visibility.seen((0.0, 0.0, 1.6))
    assert seen.shows(np.array([[5.0, 5.0, 0.0]]), np.array([[6.0, 6.0, 2.0]])).all()


def test_a_floor_alone_is_seen_whole() -> None:
    made = prepare(Room("floor", (box("floor", (-1.0, -1.0, -0.1), (1.0, 1.0, 0.0), "#808080"),)), hasty=True)
    assert made.visibility.seen((0.0, 0.0, 1.6)).chunks.any()
    assert made.visibility.seen((0.0, 0.0, -1.6)).chunks.any()


def test_from_outside_one_sees_who_stands_in_the_open(house: Room, made) -> None:
    low, high = house.bounds
    yard = np.array([(low[0] + high[0]) / 2, low[1] - 0.3, 0.0])
    seen = made.visibility.seen((yard[0], low[1] - 9.0, 1.6))
    assert seen.shows(yard[None] - (0.3, 0.3, 0.0), yard[None] + (0.3, 0.3, 1.8)).all()
    hidden = np.array([house.points["bathroom_middle"].position])
    assert not seen.shows(hidden, hidden + (0.2, 0.2, 1.0)).all()
