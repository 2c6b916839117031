"""Where in a room a place of a scenario lies: for those who start there, and for those who go there."""

from __future__ import annotations

import math

from xrlab.geometry.transforms import Vec3, quantise_place
from xrlab.room.model import Room
from xrlab.scenario.actions import Place
from xrlab.scenario.model import Team

SPREAD_M = 0.8
"""Trainees who share a start point stand this far apart, side by side."""


def stand(room: Room, place: Place) -> tuple[Vec3, float]:
    """Position (m) and yaw (rad) of a place: a named point, the middle of a zone or of a doorway, or [x, y].

    [x, y] is a place on the room's own floor; on other storeys places have names. Raises KeyError for a name that
    the room doesn't have.
    """
    if not isinstance(place, str):
        return (place[0], place[1], room.floor), 0.0
    if place in room.points:
        point = room.points[place]
        return point.position, point.yaw
    if place not in room.zones and place in room.doors:
        return room.doors[place].middle, 0.0
    zone = room.zones[place]
    return (*zone.centre, zone.floor), 0.0


def starts(room: Room, team: Team) -> list[tuple[Vec3, float]]:
    """Position (m) and yaw (rad) of each trainee of a team, in the order of `team.trainees`.

    Raises IndexError where `start` lists fewer places than there are trainees.
    """
    places = team.start if isinstance(team.start, list) else [team.start] * len(team.trainees)
    out = []
    for index in range(len(team.trainees)):
        (x, y, z), yaw = stand(room, places[index])
        same = [i for i, place in enumerate(places) if place == places[index]]
        side = (same.index(index) - (len(same) - 1) / 2) * SPREAD_M
        out.append((quantise_place((x - math.sin(yaw) * side, y + math.cos(yaw) * side, z)), yaw))
    return out
