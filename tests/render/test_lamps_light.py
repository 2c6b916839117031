"""Light obeys its laws: distance, angle, energy kept; the same however a room is turned or cut."""

from __future__ import annotations

import math

import numpy as np
import pytest
from studio import box

from xrlab.geometry.transforms import direction
from xrlab.render import baking
from xrlab.render.light import GLIM, RoomLight
from xrlab.render.scene import Camera, Frame, Sky
from xrlab.render.surfaces import Packed, pack
from xrlab.room.model import Light, Room, Sun, Surface

DARK = Sky((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
AHEAD = Camera((0.0, 0.0, 1.5))
LAMPS = {
    "point": Light("bulb", (0.3, -0.2, 0.2), (1.0, 1.0, 1.0), 1000.0, kind="point"),
    "spot": Light("spot", (0.3, -0.2, 0.2), (1.0, 1.0, 1.0), 1000.0, kind="spot", cone=(0.3, 0.9)),
    "panel": Light("panel", (0.3, -0.2, 0.2), (1.0, 1.0, 1.0), 1000.0, kind="panel", size=(0.8, 0.4)),
    "tube": Light("tube", (0.3, -0.2, 0.2), (1.0, 1.0, 1.0), 1000.0, kind="tube", size=(1.2, 0.026)),
}


def chamber(grey: str, *lamps: Light, yaw: float = 0.0) -> Room:
    """A box of 4 x 4 x 3 m round the origin seen from inside, turned by `yaw`."""
    wall = box("walls", (-2, -2, -1.5), (2, 2, 1.5), grey)
    c, s = math.cos(yaw), math.sin(yaw)
    vertices = wall.vertices @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    inside = np.ascontiguousarray(wall.faces[:, ::-1])
    return Room("chamber", (Surface("walls", vertices, inside, "steel", wall.color, wall.roughness),), lights=lamps)


def lit(room: Room, sun: Sun | None = None, *, hasty: bool = True) -> tuple[Packed, np.ndarray]:
    packed = pack(room)
    light = RoomLight(room, packed, hasty=hasty)
    frame = Frame(AHEAD, sky=DARK, sun=sun)
    return packed, light.at_corners(light.setting(frame)).irradiance[:, 0] - GLIM


def total(packed: Packed, light: np.ndarray) -> float:
    """All that arrives (lumens) on what faces the inside."""
    at = packed.vertices["position"][packed.triangles].astype(float)
    area = np.linalg.norm(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]), axis=1) / 2
    return float((light[packed.triangles].mean(axis=1) * area).sum())


def floor(packed: Packed) -> np.ndarray:
    at, up = packed.vertices["position"], packed.vertices["normal"][:, 2]
    return np.flatnonzero((abs(at[:, 2] + 1.5) < 1e-3) & (up > 0.9) & (abs(at[:, :2]) < 1.6).all(axis=1))


@pytest.mark.parametrize("kind", ["point", "spot"])
def test_light_falls_with_the_square_of_the_distance_and_the_cosine(kind: str) -> None:
    lamp = LAMPS[kind]
    packed, light = lit(chamber("#000000", lamp))
    rows = floor(packed)
    way = packed.vertices["position"][rows].astype(float) - np.array(lamp.position)
    far = np.linalg.norm(way, axis=1)
    cosine = -way[:, 2] / far
    candela = np.full(len(rows), lamp.power / (4 * math.pi))
    if kind == "spot":
        inner, outer = (math.cos(a) for a in lamp.cone)
        candela = np.clip((cosine - outer) / (inner - outer), 0, 1) ** 2
        candela *= lamp.power / (2 * math.pi * ((1 - inner) + (inner - outer) / 3))
    wanted = candela * cosine / far**2
    assert len(rows) > 100
    assert light[rows] == pytest.approx(wanted, rel=0.05, abs=1.5)


@pytest.mark.parametrize("kind", list(LAMPS))
def test_all_that_a_lamp_sends_arrives(kind: str) -> None:
    assert total(*lit(chamber("#000000", LAMPS[kind]))) == pytest.approx(1000.0, rel=0.04)


def test_a_panel_far_away_is_as_good_as_a_place_that_sends_by_the_cosine() -> None:
    small = Light("far", (0.0, 0.0, 1.45), (1.0, 1.0, 1.0), 1000.0, kind="panel", size=(0.3, 0.3))
    packed, light = lit(chamber("#000000", small))
    rows = floor(packed)
    way = packed.vertices["position"][rows].astype(float) - np.array(small.position)
    far2 = (way * way).sum(axis=1)
    assert light[rows] == pytest.approx(1000 / math.pi * (way[:, 2] ** 2 / far2) / far2, rel=0.04)


def test_what_surfaces_throw_back_adds_up_as_in_a_furnace() -> None:
    grey = "#bcbcbc"  # linear 0.503
    packed, light = lit(chamber(grey, LAMPS["point"]), hasty=False)
    share = float(packed.albedo.mean())
    assert 0.3 < share < 0.7
    assert total(packed, light) == pytest.approx(1000.0 * (1 - share**5) / (1 - share), rel=0.06), (
        "lamp and four bounces"
    )


def test_a_room_is_lit_alike_however_it_is_turned() -> None:
    got = []
    for yaw in (0.0, 0.7):
        c, s = math.cos(yaw), math.sin(yaw)
        lamp = Light(
            "tube", (0.3 * c, 0.3 * s, 0.9), (1.0,) * 3, 1000.0, kind="tube", along=(c, s, 0.0), size=(1.2, 0.03)
        )
        packed, light = lit(chamber("#b0b0b0", lamp, yaw=yaw))
        got.append(float(light[floor(packed)].mean()))
    assert got[0] == pytest.approx(got[1], rel=0.03)


def test_a_room_with_more_corners_than_are_asked_is_lit_as_if_all_were(monkeypatch: pytest.MonkeyPatch) -> None:
    room = chamber("#b0b0b0", Light("panel", (0.5, 0.5, 1.4), (1.0,) * 3, 2000.0, kind="panel", size=(1.2, 0.3)))
    packed, every = lit(room, hasty=False)
    monkeypatch.setattr(baking, "SAMPLES", len(packed.vertices) // 4)
    some = lit(room, hasty=False)[1]
    off = abs(some - every) / np.maximum(every, 0.1 * every.mean())
    assert 1e-4 < off.mean() < 0.05 and np.quantile(off, 0.99) < 0.35


def test_the_sun_lights_by_way_of_what_it_falls_on_and_is_itself_left_to_the_shadows() -> None:
    floor_, wall = box("floor", (-3, -3, -0.2), (3, 3, 0.0), "#c0c0c0"), box("wall", (2, -3, 0), (2.2, 3, 3), "#c0c0c0")
    sun = Sun(math.pi, math.radians(60), 1000.0, (1.0, 1.0, 1.0))
    packed, light = lit(Room("yard", (floor_, wall), lights=()), sun)
    dark = lit(Room("yard", (floor_, wall), lights=()))[1]
    at = packed.vertices["position"]
    west = (abs(at[:, 0] - 2.0) < 1e-3) & (packed.vertices["normal"][:, 0] < -0.9) & (abs(at[:, 2] - 0.6) < 0.4)
    gained = (light - dark)[west].mean()
    thrown = 1000.0 * direction(0.0, sun.pitch)[2] * float(packed.albedo.mean())
    assert 0.1 * thrown < gained < 0.6 * thrown, "the floor before it throws light on the wall, not the sun itself"


# --- around what moves ------------------------------------------------------------------------------


def test_light_around_a_thing_changes_evenly_as_it_moves() -> None:
    room = chamber("#a0a0a0", LAMPS["point"])
    light = RoomLight(room, pack(room), hasty=True)
    setting = light.setting(Frame(AHEAD, sky=DARK))
    places = np.column_stack((np.linspace(-1.6, 1.6, 321), np.full(321, 0.4), np.full(321, -0.6)))
    around, _, key = light.at_places(places, np.full(321, 0.2), setting)
    all_of_it = around.mean(axis=1)[:, 0] + key[:, 0]
    assert np.abs(np.diff(all_of_it)).max() < 0.03 * all_of_it.mean(), "no jumps within a centimetre"
    nearest = np.linalg.norm(places - LAMPS["point"].position, axis=1)
    assert key[:, 0] == pytest.approx(1000 / (4 * math.pi * nearest**2), rel=0.12)


def test_light_of_many_things_is_that_of_each() -> None:
    room = chamber("#a0a0a0", LAMPS["point"])
    light = RoomLight(room, pack(room), hasty=True)
    setting = light.setting(Frame(AHEAD, sky=DARK))
    places = np.random.default_rng(3).uniform(-1.4, 1.4, (50, 3))
    together = light.at_places(places, np.full(50, 0.2), setting)
    moved = places.copy()
    moved[7] += 0.3
    again = light.at_places(moved, np.full(50, 0.2), setting)
    for i in (0, 7, 49):
        alone = light.at_places(moved[i : i + 1], np.full(1, 0.2), setting)
        for one, many in zip(alone, again, strict=True):
            assert one[0] == pytest.approx(many[i], abs=1e-3)
    assert not np.allclose(again[0][7], together[0][7])


def test_a_shut_door_is_lit_from_both_rooms() -> None:
    from test_light import EAST, WEST, two_chambers

    room = two_chambers((WEST, EAST), 1.2)
    light = RoomLight(room, pack(room), hasty=True)
    sides = {}
    for dark in ("east", "west"):
        setting = light.setting(Frame(AHEAD, lights={dark: 0.0}, sky=DARK))
        around, _, key = light.at_places(np.array([[4.0, 3.4, 1.2]]), np.array([0.35]), setting)
        assert key[0].sum() == 0.0, "no lamp lights it from both sides"
        sides[dark] = around[0, :2].sum(axis=1)
    assert sides["east"][1] > 3 * sides["east"][0], "to the west, where the lamp burns"
    assert sides["west"][0] > 3 * sides["west"][1]
