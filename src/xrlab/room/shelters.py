"""Where a room is under a roof: boxes that fog does not fill."""

from __future__ import annotations

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.room.model import Room

MOST = 4
"""So many are told at most, the largest."""

_TOUCH_M = 0.7  # zones with no more than a thick wall between them belong to one building
_CHEST_M, _SKY_M = 1.2, 500.0
_OVER_M = 0.3  # above and below a zone, for floors and ceilings
_POINTS = 100  # of a zone's floor are asked whether there is a roof over them


def shelters(room: Room) -> Array:
    """The boxes (n, 2, 3), low and high corner in metres, round each group of zones under a roof that touch.

    They don't overlap. A zone is under a roof where that is so for most of its floor. Worked out once for a room.
    """
    key = ("shelters",)
    if key not in room.worked_out:
        room.worked_out[key] = _boxes(room)
    known: Array = room.worked_out[key]
    return known


def _boxes(room: Room) -> Array:
    boxes: list[Array] = []
    for zone in room.zones.values():
        points = room.floor_points(zone.name, 1.0)[:_POINTS] + (0.0, 0.0, _CHEST_M)
        if 2 * int(room.opaque.blocked_many(points, points + (0.0, 0.0, _SKY_M)).sum()) <= len(points):
            continue
        low, high = zone.polygon.min(axis=0), zone.polygon.max(axis=0)
        floor, ceiling = zone.floor - _OVER_M, max(zone.ceiling, zone.floor + 2.0) + _OVER_M
        boxes.append(np.array([(*low, floor), (*high, ceiling)]))
    while True:
        pair = next(
            ((i, j) for i in range(len(boxes)) for j in range(i) if _touch(boxes[i], boxes[j])), None
        )  # fmt: skip
        if pair is None:
            break
        one, other = boxes.pop(pair[0]), boxes.pop(pair[1])
        boxes.append(np.array([np.minimum(one[0], other[0]), np.maximum(one[1], other[1])]))
    boxes.sort(key=lambda box: (-float((box[1] - box[0]).prod()), box.tolist()))
    return np.array(boxes[:MOST]).reshape(-1, 2, 3)


def _touch(a: Array, b: Array) -> bool:
    return bool((a[0] <= b[1] + _TOUCH_M).all() and (b[0] <= a[1] + _TOUCH_M).all())
