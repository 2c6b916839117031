"""The outlines that the commands of an SVG path draw: lines, curves and arcs, and the swings that arcs are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from xrlab.room.plans.drawing import Point2, Swing

_CURVE_STEPS = 12
_STEP = math.radians(7.5)


@dataclass(frozen=True)
class Stroke:
    """An outline: its corners, whether it goes back to the first, and the swing of a door that it draws."""

    points: tuple[Point2, ...]
    closed: bool
    swing: Swing | None = None


class Pen:
    """Follows the commands of a path and notes the corners."""

    def __init__(self) -> None:
        self.points: list[Point2] = []
        self.at: Point2 = (0.0, 0.0)
        self.start: Point2 = (0.0, 0.0)
        self.handle: Point2 | None = None
        self.swings: list[Swing] = []

    def lifted(self, closed: bool) -> Iterator[Stroke]:
        """The outline so far; the pen stands at its start again if it was closed."""
        if len(self.points) > 1:
            if closed and self.points[0] == self.points[-1]:
                self.points.pop()
            yield Stroke(tuple(self.points), closed, max(self.swings, key=_reach, default=None))
        self.points, self.swings = [], []
        if closed:
            self.at = self.start

    def draw(self, command: str, v: Sequence[float]) -> None:
        """Takes one command with its numbers."""
        kind = command.upper()
        ox, oy = self.at if command.islower() else (0.0, 0.0)
        if kind == "Z":
            return
        if kind != "M" and not self.points:
            self.points.append(self.at)
        if kind == "H":
            to = (v[0] + ox, self.at[1])
        elif kind == "V":
            to = (self.at[0], v[0] + oy)
        else:
            to = (v[-2] + ox, v[-1] + oy)
        if kind == "A":
            self._arc(abs(v[0]), abs(v[1]), v[2], v[3] != 0, v[4] != 0, to)
        elif kind in "CSQT":
            self._curve(kind, [(v[k] + ox, v[k + 1] + oy) for k in range(0, len(v), 2)])
        else:
            self.points.append(to)
        if kind == "M":
            self.start = to
        if kind not in "CSQT":
            self.handle = None
        self.at = to

    def _curve(self, kind: str, given: list[Point2]) -> None:
        mirrored = (
            self.at if self.handle is None else (2 * self.at[0] - self.handle[0], 2 * self.at[1] - self.handle[1])
        )
        knots = [self.at, *([mirrored] if kind in "ST" else []), *given]
        for step in range(1, _CURVE_STEPS + 1):
            t, layer = step / _CURVE_STEPS, knots
            while len(layer) > 1:  # de Casteljau
                layer = [((1 - t) * a[0] + t * b[0], (1 - t) * a[1] + t * b[1]) for a, b in pairwise(layer)]
            self.points.append(layer[0])
        self.handle = knots[-2]

    def _arc(self, rx: float, ry: float, turned_deg: float, large: bool, sweep: bool, to: Point2) -> None:
        """An elliptical arc, from its ends to its centre: SVG 1.1, appendix F.6.5."""
        (x1, y1), (x2, y2) = self.at, to
        if rx < 1e-12 or ry < 1e-12 or self.at == to:
            self.points.append(to)
            return
        c, s = math.cos(math.radians(turned_deg)), math.sin(math.radians(turned_deg))
        dx, dy = (x1 - x2) / 2, (y1 - y2) / 2
        px, py = (c * dx + s * dy) / rx, (-s * dx + c * dy) / ry
        far = px * px + py * py
        if far > 1:  # radii too small to reach are made larger
            rx, ry, px, py, far = (
                rx * math.sqrt(far),
                ry * math.sqrt(far),
                px / math.sqrt(far),
                py / math.sqrt(far),
                1.0,
            )
        k = math.sqrt(max(0.0, 1 / far - 1)) * (-1.0 if large == sweep else 1.0)
        qx, qy = k * py, -k * px
        start, end = math.atan2(py - qy, px - qx), math.atan2(-py - qy, -px - qx)
        turn = (end - start) % (2 * math.pi)
        turn = turn if sweep else turn - 2 * math.pi
        cx = c * qx * rx - s * qy * ry + (x1 + x2) / 2
        cy = s * qx * rx + c * qy * ry + (y1 + y2) / 2
        steps = max(1, math.ceil(abs(turn) / _STEP))
        for k_step in range(1, steps):
            a = start + turn * k_step / steps
            ex, ey = rx * math.cos(a), ry * math.sin(a)
            self.points.append((cx + c * ex - s * ey, cy + s * ex + c * ey))
        self.points.append(to)
        if abs(rx - ry) < 0.02 * rx and math.radians(15) <= abs(turn) <= math.radians(181):
            self.swings.append(Swing((cx, cy), (self.at, to), abs(turn)))


def _reach(s: Swing) -> float:
    return math.dist(s.hinge, s.ends[0])
