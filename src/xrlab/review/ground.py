"""From the room's metres to the plan's paper: the outlines of a recording, checked, and the scale they fit in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from xrlab.review.facts import Facts

WIDTH, HEIGHT, MARGIN = 760.0, 780.0, 14.0
Line = list[tuple[float, float]]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class DoorPlan:
    """A door as it is drawn: hinge (m), direction of the shut leaf and swing (rad), width (m)."""

    hinge: tuple[float, float]
    closed_yaw: float
    swing: float
    width: float
    begins_open: float


def line_of(value: Any) -> Line:
    """Points (m) of an outline; what is no finite number is left out, for a recording may come from a stranger."""
    out: Line = []
    for point in value if isinstance(value, list) else ():
        if isinstance(point, list) and len(point) == 2 and all(_is_number(n) for n in point):
            out.append((float(point[0]), float(point[1])))
    return out


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) < 1e6


class Ground:
    """The outlines of a recorded room and where they lie on a plan of `width` by `height`."""

    def __init__(self, facts: Facts) -> None:
        room = facts.recording.room
        plan = room.get("plan")
        self.outlines: dict[str, list[Line]] = {"floor": [], "furniture": [], "window": [], "wall": []}
        for entry in plan if isinstance(plan, list) else ():
            if isinstance(entry, list) and len(entry) == 2 and entry[0] in self.outlines:
                line = line_of(entry[1])
                if len(line) > 1:
                    self.outlines[entry[0]].append(line)
        zones, doors = room.get("zones"), room.get("doors")
        self.zones = {str(n): line for n, z in _items(zones) if len(line := line_of(z)) > 2}
        self.doors = {str(n): door for n, d in _items(doors) if (door := _door(d)) is not None}
        self._fit(facts)

    def _fit(self, facts: Facts) -> None:
        lines: list[Line] = [line for kind in self.outlines.values() for line in kind] or list(self.zones.values())
        everything = [p for line in lines for p in line]
        for track in facts.recording.tracks.values():
            everything += [(leg.x1, leg.y1) for leg in track.legs]
        self.empty = not everything
        xs, ys = [x for x, _ in everything] or [0.0], [y for _, y in everything] or [0.0]
        self.low, self.high = (min(xs), min(ys)), (max(xs), max(ys))
        across, deep = max(1.0, self.high[0] - self.low[0]), max(1.0, self.high[1] - self.low[1])
        self.scale = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / deep)
        self.width = WIDTH
        self._left = (WIDTH - across * self.scale) / 2
        self.height = deep * self.scale + 2 * MARGIN

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the room (m) lies on the plan; north is up."""
        return self._left + (x - self.low[0]) * self.scale, MARGIN + (self.high[1] - y) * self.scale

    def line(self, line: Iterable[tuple[float, float]]) -> Line:
        """An outline on the plan."""
        return [self.at(x, y) for x, y in line]

    def bar_metres(self) -> float:
        """A round length (m) for the scale bar, between 60 and 160 on the plan."""
        return next((m for m in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0) if m * self.scale >= 60), 1000.0)


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _door(value: Any) -> DoorPlan | None:
    if not isinstance(value, dict):
        return None
    hinge = value.get("hinge")
    numbers = [value.get(k) for k in ("closed_yaw", "swing", "width", "begins_open")]
    if not isinstance(hinge, list) or len(hinge) < 2 or not all(_is_number(n) for n in [*hinge[:2], *numbers]):
        return None
    yaw, swing, width, begins = (float(n) for n in numbers if n is not None)
    return DoorPlan((float(hinge[0]), float(hinge[1])), yaw, swing, width, begins)


class Labels:
    """Finds a place for each short text so that texts do not cover one another."""

    def __init__(self, width: float, height: float) -> None:
        self._width, self._height = width, height
        self._taken: list[Box] = []
        self._markers: set[Box] = set()

    def keep_free(self, x: float, y: float, radius: float) -> None:
        """No text shall come within `radius` of a marker."""
        if not (math.isfinite(x) and math.isfinite(y)):
            return
        x, y = round(x / 2) * 2.0, round(y / 2) * 2.0  # many hits in one place are one obstacle
        box = (x - radius, y - radius, x + radius, y + radius)
        if box not in self._markers:
            self._markers.add(box)
            self._taken.append(box)

    def place(self, x: float, y: float, letters: int, lines: int = 1, away: float = 11.0) -> tuple[float, float, str]:
        """Where the first line's baseline starts, and its text-anchor, for a text beside (x, y)."""
        wide, high = letters * 5.8, lines * 11.0
        tries = [
            (x + away, y + 4, "start"), (x - away, y + 4, "end"),
            (x, y - away - high + 11, "middle"), (x, y + away + 8, "middle"),
            (x + away, y - away - high + 11, "start"), (x - away, y - away - high + 11, "end"),
            (x + away, y + away + 8, "start"), (x - away, y + away + 8, "end"),
        ]  # fmt: skip
        return self._best([((tx, ty, anchor), self._box(tx, ty, anchor, wide, high)) for tx, ty, anchor in tries])

    def place_within(self, bounds: Box, letters: int) -> tuple[float, float] | None:
        """Where the baseline starts for a text inside bounds (left, top, right, bottom); None if it finds no room."""
        left, top, right, bottom = bounds
        wide, spare = letters * 5.4, 5.0
        across = (left + spare, (left + right - wide) / 2, right - spare - wide)
        down = (top + 12, bottom - 5, (top + bottom) / 2 + 4, *(top + 12.0 + 16 * i for i in range(1, 7)))
        for y in down:
            for x in across:
                box = self._box(max(left + 3, x), y, "start", wide, 11.0)
                if y <= bottom - 4 and not any(_overlap(box, other) for other in self._taken):
                    self._taken.append(box)
                    return max(left + 3, x), y
        return None

    @staticmethod
    def _box(x: float, y: float, anchor: str, wide: float, high: float) -> Box:
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        return (left, y - 9, left + wide, y - 9 + high)

    def _best(self, tries: list[tuple[tuple[float, float, str], Box]]) -> tuple[float, float, str]:
        """The first place that covers nothing, else the one that covers least; it is taken from then on."""
        best, least = tries[0], math.inf
        for place, box in tries:
            cover = sum(_overlap(box, other) for other in self._taken) + 100 * self._outside(box)
            if cover < least:
                best, least = (place, box), cover
            if least <= 0:
                break
        self._taken.append(best[1])
        return best[0]

    def _outside(self, box: Box) -> float:
        return max(0.0, -box[0]) + max(0.0, -box[1]) + max(0.0, box[2] - self._width) + max(0.0, box[3] - self._height)


def _overlap(a: Box, b: Box) -> float:
    if a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]:
        return 0.0
    return (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
