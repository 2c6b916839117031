"""The rooms that ship with xrlab: whole, walkable, and as large as they say."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from xrlab.geometry import body
from xrlab.room import Room, load_room
from xrlab.room.faults import swing_blocked
from xrlab.room.info import describe


@pytest.fixture(scope="module")
def house(root: Path) -> Room:
    return load_room(root / "scenarios" / "rooms" / "house.yaml")


@pytest.fixture(scope="module")
def gallery(root: Path) -> Room:
    return load_room(root / "scenarios" / "rooms" / "range.yaml")


ROOMS = ("house", "range", "flat", "school", "depot", "recognition_hall", "square")


def test_every_shipped_room_is_looked_at_here(root: Path) -> None:
    assert {p.stem for p in (root / "scenarios" / "rooms").glob("*.yaml")} == set(ROOMS)


@pytest.mark.parametrize("name", ROOMS)
def test_nothing_is_left_for_its_author_to_look_at(root: Path, name: str) -> None:
    facts = describe(load_room(root / "scenarios" / "rooms" / f"{name}.yaml"))
    assert facts["warnings"] == []


def test_the_house_has_rooms_around_a_corridor(house: Room) -> None:
    indoors = {n for n, z in house.zones.items() if house.solid.closest((*z.inner_point, 1.0), (0, 0, 1))[1] >= 0}
    assert "hallway" in indoors and len(indoors - {"hallway"}) >= 6
    hallway = house.zones["hallway"].polygon
    assert min(np.ptp(hallway, axis=0)) == pytest.approx(1.6) and max(np.ptp(hallway, axis=0)) > 6


def test_everyone_gets_everywhere_in_the_house(house: Room) -> None:
    entrance = house.points["entrance"].position[:2]
    for name, point in house.points.items():
        assert house.walkable.stands(*point.position[:2]), name
        assert house.walkable.path(entrance, point.position[:2]), name
    for name, zone in house.zones.items():
        assert house.walkable.reachable(entrance, zone.inner_point), name


def test_every_door_of_the_house_is_wide_enough_and_opens_fully(house: Room) -> None:
    assert len(house.doors) >= 7
    for door in house.doors.values():
        assert door.width >= 0.8
        assert swing_blocked(house, door) is None
        x, y, _ = door.middle
        across = np.array([-math.sin(door.closed_yaw), math.cos(door.closed_yaw)])
        sides = [tuple((np.array([x, y]) + across * s * 0.9).tolist()) for s in (1, -1)]
        assert house.zone_at(sides[0]) != house.zone_at(sides[1]), "a door leads from one zone to another"
        way = house.walkable.path(*sides)
        assert way is not None
        assert sum(math.dist(a, b) for a, b in pairwise(way)) < 2.6, f"straight through {door.name}"


@pytest.mark.parametrize("room", ROOMS)
def test_whoever_stands_at_a_point_has_the_floor_for_it(root: Path, room: str) -> None:
    """A body in any pose but lying touches no wall or furniture where scenarios put people."""
    house = load_room(root / "scenarios" / "rooms" / f"{room}.yaml")
    for name, point in house.points.items():
        head = np.array([[*point.position[:2], 1.6]])
        ring = head + np.array([[0.2 * math.cos(a), 0.2 * math.sin(a), 0.0] for a in np.linspace(0, 6.2, 16)])
        for height in (0.1, 0.5, 1.0, 1.6):
            middle, around = head.copy(), ring.copy()
            middle[:, 2] = around[:, 2] = height
            assert not house.solid.blocked_many(np.repeat(middle, 16, axis=0), around).any(), name


def test_a_shut_house_keeps_bullets_in_and_shows_the_terrace_through_windows_only(house: Room) -> None:
    living = (11.3, 6.5, 1.3)
    distance, triangle = house.solid.closest(living, (0, 1, 0))
    assert house.material_of(triangle).name == "glass" and distance == pytest.approx(3.0, abs=0.05)
    distance, triangle = house.solid.closest((9.0, 6.5, 1.3), (0, -1, 0))
    assert house.material_of(triangle).shields


def test_the_range_has_five_lanes_of_25_m(gallery: Room) -> None:
    lanes = [n for n in gallery.zones if n.startswith("lane_")]
    assert sorted(lanes) == [f"lane_{k}" for k in range(1, 6)]
    for k in range(1, 6):
        point = gallery.points[f"firing_line_{k}"]
        assert gallery.zone_at(point.position[:2]) in (f"lane_{k}", "hall")
        assert gallery.zones[f"lane_{k}"].contains(np.array([point.position[:2]]))[0]
        assert point.yaw == 0.0, "looks down the range"
        eye = body.eye("aiming")
        distance, triangle = gallery.solid.closest((point.position[0], point.position[1], eye[2]), (1, 0, 0))
        assert point.position[0] + distance >= 25.0, "nothing stands before 25 m from the line at x = 0"
        assert gallery.material_of(triangle).name == "rubber", "the backstop"


def test_shooters_of_the_range_can_walk_to_their_targets_and_not_through_booths(gallery: Room) -> None:
    for k in range(1, 6):
        y = gallery.points[f"firing_line_{k}"].position[1]
        way = gallery.walkable.path((-0.6, y), (25.0, y))
        assert way is not None
        length = sum(math.dist(a, b) for a, b in pairwise(way))
        assert length > 26.0, "around the counters"
