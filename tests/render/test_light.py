"""How light falls: from lamps, past walls, by way of other surfaces, from outside."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from studio import FORWARD, box, studio

from xrlab.render.light import AXES, EVEN, GLIM, SKY, RoomLight, Setting
from xrlab.render.scene import Camera, Frame
from xrlab.render.surfaces import Packed, pack
from xrlab.room.model import Light, Room, Surface


def two_chambers(lamps: tuple[Light, ...], gap: float = 0.0) -> Room:
    """A closed box of 8 x 4 x 2.5 m with a wall across its middle, which leaves `gap` metres open at its side."""
    white = "#d8d8d8"
    shell = [
        ((-0.2, -0.2, -0.2), (8.2, 4.2, 0.0)), ((-0.2, -0.2, 2.5), (8.2, 4.2, 2.7)),
        ((-0.2, -0.2, 0.0), (0.0, 4.2, 2.5)), ((8.0, -0.2, 0.0), (8.2, 4.2, 2.5)),
        ((0.0, -0.2, 0.0), (8.0, 0.0, 2.5)), ((0.0, 4.0, 0.0), (8.0, 4.2, 2.5)),
        ((3.9, 0.0, 0.0), (4.1, 4.0 - gap, 2.5)),
    ]  # fmt: skip
    surfaces: tuple[Surface, ...] = tuple(box(f"s{i}", low, high, white) for i, (low, high) in enumerate(shell))
    return Room("chambers", surfaces, lights=lamps)


def setting(light: RoomLight, levels: dict[str, float] | None = None) -> Setting:
    """An evening with the lamps at these levels."""
    return light.setting(Frame(Camera((0.0, 0.0, 1.5)), lights=levels or {}))


@cache
def lit(lamps: tuple[Light, ...], gap: float = 0.0) -> tuple[Packed, RoomLight]:
    """The chambers' light, worked out once for all tests."""
    room = two_chambers(lamps, gap)
    packed = pack(room)
    return packed, RoomLight(room, packed)


def floor_light(
    lamps: tuple[Light, ...], x: tuple[float, float], levels: dict[str, float] | None = None, gap: float = 0.0
) -> float:
    """Mean irradiance (lm/m2) of the floor between these x, half a metre off the walls."""
    packed, light = lit(lamps, gap)
    at = packed.vertices["position"]
    chosen = (abs(at[:, 2]) < 1e-3) & (packed.vertices["normal"][:, 2] > 0.9)
    chosen &= (at[:, 0] > x[0]) & (at[:, 0] < x[1]) & (at[:, 1] > 0.5) & (at[:, 1] < 3.5)
    return float(light.at_corners(setting(light, levels)).irradiance[chosen].mean())


WEST = Light("west", (2.0, 2.0, 2.3), power=2000.0, group="west")
EAST = Light("east", (6.0, 2.0, 2.3), power=2000.0, group="east")


def test_no_light_leaks_through_a_wall():
    west, east = (floor_light((WEST,), x) for x in ((0.5, 3.5), (4.5, 7.5)))
    assert west > 50
    assert east < 3 * GLIM  # no more than is left with all lamps out


def test_light_comes_round_a_corner():
    shut, ajar = (floor_light((WEST,), (4.5, 7.5), gap=gap) for gap in (0.0, 1.2))
    assert shut < 3 * GLIM and ajar > shut + 1.5  # 3 m2 open of 72


def test_groups_are_switched_by_themselves_and_add_up():
    both, west, east, none = (
        floor_light((WEST, EAST), (0.5, 3.5), levels, 1.2)
        for levels in ({}, {"east": 0.0}, {"west": 0.0}, {"east": 0.0, "west": 0.0})
    )
    assert both == pytest.approx(west + east - none, rel=1e-3)
    assert none < 0.1 < east < west


def test_twice_the_lumens_give_twice_the_light():
    glim, one, two = (floor_light((WEST,), (0.5, 3.5), {"west": level}) for level in (0.0, 0.5, 1.0))
    assert two - glim == pytest.approx(2 * (one - glim), rel=1e-3)


def test_a_room_without_lamps_is_in_even_light():
    assert lit(())[1].groups == (EVEN,)
    west, east = (floor_light((), x) for x in ((0.5, 3.5), (4.5, 7.5)))
    assert west == pytest.approx(east, rel=0.1) and west > 50


def test_what_stands_in_the_dark_chamber_is_dark():
    light = lit((WEST,))[1]
    places = np.array([[2.0, 1.0, 1.2], [6.0, 1.0, 1.2]])
    around, towards, key = light.at_places(places, np.array([0.2, 0.2]), setting(light))
    assert around.shape == (2, len(AXES), 3)
    assert key[0].sum() > 100 and key[1].sum() == 0.0
    assert towards[0] @ (np.array(WEST.position) - places[0]) > 0
    assert around[1].max() < 0.05


def test_a_low_wall_is_lit_by_the_sky_and_exposed_well():
    room = studio()
    light = RoomLight(room, pack(room))
    full, sky, dark = (
        light.exposure(Frame(FORWARD, lights=lights)) for lights in ({}, {"main": 0.0}, {"main": 0.0, SKY: 0.0})
    )
    assert 0 < full < sky < dark, "an eye gets used to less light"
