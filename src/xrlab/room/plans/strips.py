"""A wall as a straight strip, and an area of walls cut into such strips: plane geometry in metres."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.polygon import orient

from xrlab.geometry.transforms import Array
from xrlab.room.plans.drawing import Point2

GRID_M = 0.001
LEAST_WALL_M = 0.03
MAX_FACES = 8_000
MAX_NEAR = 150_000
"""More pairs of lines than this are not looked at; a storey of two hundred rooms has a tenth."""
PARALLEL = math.cos(math.radians(1.5))
"""Cosine of the largest angle between two lines that are taken for parallel."""


class TooDense(Exception):
    """The lines of walls cross or accompany each other more than those of a building do."""


@dataclass(frozen=True)
class Strip:
    """A straight wall: the ends of its middle line and its thickness (m)."""

    a: Point2
    b: Point2
    thick: float

    @property
    def length(self) -> float:
        """Length (m)."""
        return math.dist(self.a, self.b)

    @property
    def along(self) -> Point2:
        """Direction from a to b, of length 1."""
        return (self.b[0] - self.a[0]) / self.length, (self.b[1] - self.a[1]) / self.length

    def at(self, along: float, beside: float = 0.0) -> Point2:
        """The place so far (m) along the middle line from `a`, and to the left of it."""
        ux, uy = self.along
        return self.a[0] + ux * along - uy * beside, self.a[1] + uy * along + ux * beside

    def shape(self) -> shapely.Polygon:
        """What it covers of the plan."""
        return bar(self.a, self.b, self.thick)


def bar(a: Point2, b: Point2, thick: float) -> shapely.Polygon:
    """The rectangle from a to b, half of its thickness (m) to each side."""
    length = math.dist(a, b) or 1.0
    nx, ny = -(b[1] - a[1]) / length * thick / 2, (b[0] - a[0]) / length * thick / 2
    return shapely.Polygon([(a[0] - nx, a[1] - ny), (b[0] - nx, b[1] - ny), (b[0] + nx, b[1] + ny),
                            (a[0] + nx, a[1] + ny)])  # fmt: skip


def polygons(shape: shapely.Geometry, least: float = 1e-6) -> list[shapely.Polygon]:
    """The polygons of a shape with more area (m²) than `least`."""
    return [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > least]


def tidy(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape with corners on whole millimetres, slivers and cracks of a few millimetres closed."""
    closed = shape.buffer(0.003, join_style="mitre").buffer(-0.003, join_style="mitre")
    return on_grid(shapely.simplify(closed, 0.0015))


def on_grid(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape with corners on whole millimetres; what is made of it later need not lie on them."""
    return shapely.set_precision(shapely.set_precision(shape, GRID_M), 0)


def facing(edges: Array, most: float) -> list[tuple[int, int, float, float, float]]:
    """Pairs of parallel edges (n, 2, 2) at most `most` metres apart, in the order of the edges.

    Each as the two indices, how far the second lies to the left of the first (m, signed), and the span (m) along
    the first that they share. Raises `TooDense` where more lie beside each other than a plan has.
    """
    if len(edges) < 2:
        return []
    lines = shapely.linestrings(edges)
    tree = shapely.STRtree(lines)
    near: list[Array] = []
    count = 0
    for start in range(0, len(lines), 256):
        found = tree.query(lines[start : start + 256], predicate="dwithin", distance=most)
        near.append(np.stack((found[0] + start, found[1])))
        count += found.shape[1]
        if count > len(lines) + MAX_NEAR:
            raise TooDense
    one, other = np.concatenate(near, axis=1).astype(np.int64)
    ordered = np.lexsort((other, one))
    one, other = one[ordered], other[ordered]
    one, other = one[other > one], other[other > one]
    a, way = edges[one, 0], edges[one, 1] - edges[one, 0]
    length = np.hypot(way[:, 0], way[:, 1])
    u = way / length[:, None]
    rel = edges[other] - a[:, None]
    along = rel[..., 0] * u[:, None, 0] + rel[..., 1] * u[:, None, 1]
    beside = (rel[..., 1] * u[:, None, 0] - rel[..., 0] * u[:, None, 1]).mean(axis=1)
    run = np.hypot(*(edges[other, 1] - edges[other, 0]).T)
    low, high = np.maximum(along.min(axis=1), 0), np.minimum(along.max(axis=1), length)
    keep = (np.abs(along[:, 1] - along[:, 0]) > PARALLEL * run) & (high - low > 0.05)
    keep &= (np.abs(beside) >= LEAST_WALL_M) & (np.abs(beside) <= most)
    columns = (one[keep], other[keep], beside[keep], low[keep], high[keep])
    return list(zip(*(c.tolist() for c in columns), strict=True))


def pair(p: Array) -> Point2:
    """A point as two plain numbers."""
    return float(p[0]), float(p[1])


def edges_of(shape: shapely.Geometry) -> Array:
    """Edges (n, 2, 2) of polygons with the inside on their left."""
    out: list[Array] = []
    for part in polygons(shape):
        turned = orient(part)
        for ring in (turned.exterior, *turned.interiors):
            c = np.asarray(ring.coords)
            out += list(np.stack((c[:-1], c[1:]), axis=1))
    return np.array(out, float).reshape(-1, 2, 2)


def strips(walls: shapely.Geometry, most: float) -> list[Strip]:
    """The footprint cut into straight walls: those between two parallel faces, joined, and what is left over."""
    found = _between_faces(walls, most)
    joined = _join(found, walls)
    longer = [_extend(s, walls, most) for s in joined]
    covered = shapely.union_all([s.shape() for s in longer]).buffer(0.002, join_style="mitre") if longer else None
    rest = walls if covered is None else walls.difference(covered)
    out = longer
    for piece in polygons(rest.buffer(-0.002).buffer(0.002, join_style="mitre"), 2e-4):
        out += _as_bars(piece, 6)
    return [_rounded(s) for s in out if s.length > 0.02]


def _rounded(s: Strip) -> Strip:
    (ax, ay), (bx, by) = s.a, s.b
    return Strip((round(ax, 4), round(ay, 4)), (round(bx, 4), round(by, 4)), max(0.02, round(s.thick, 4)))


def _between_faces(walls: shapely.Geometry, most: float) -> list[Strip]:
    edges = edges_of(walls)
    edges = edges[np.hypot(*(edges[:, 1] - edges[:, 0]).T) > 0.02] if len(edges) else edges
    if len(edges) > MAX_FACES:
        raise TooDense
    shapely.prepare(walls)
    found: list[Strip] = []
    for index, other, beside, low, high in facing(edges, most * 1.05):
        a, b = edges[index]
        u = (b - a) / np.hypot(*(b - a))
        n = np.array([-u[1], u[0]])
        way = edges[other][1] - edges[other][0]
        if beside < 0 or way @ u > 0 or high - low < 0.8 * beside:
            continue  # not facing through the inside, or wider than long
        strip = Strip(pair(a + u * low + n * beside / 2), pair(a + u * high + n * beside / 2), beside)
        if walls.contains(strip.shape().buffer(-0.004, join_style="mitre")):
            found.append(strip)
    found.sort(key=lambda s: (-round(s.length, 3), s.thick, s.a, s.b))
    kept: list[Strip] = []
    shapes: list[shapely.Polygon] = []
    for strip in found:
        shape = strip.shape()
        covered = sum(shape.intersection(t).area for t in shapes if t.intersects(shape))
        if covered < 0.2 * shape.area:
            kept.append(strip)
            shapes.append(shape)
    return kept


def _join(found: list[Strip], walls: shapely.Geometry) -> list[Strip]:
    """Strips in one line and of one thickness become one where the wall goes on between them."""
    todo = sorted(found, key=lambda s: (-s.length, s.a, s.b))
    out: list[Strip] = []
    while todo:
        strip = todo.pop(0)
        grown = True
        while grown:
            grown = False
            for other in todo:
                joined = _joined(strip, other, walls)
                if joined is not None:
                    strip, grown = joined, True
                    todo.remove(other)
                    break
        out.append(strip)
    return out


def _joined(strip: Strip, other: Strip, walls: shapely.Geometry) -> Strip | None:
    if abs(strip.thick - other.thick) > 0.012:
        return None
    (ux, uy), (ax, ay) = strip.along, strip.a
    if abs(ux * other.along[1] - uy * other.along[0]) > 0.02:
        return None
    beside = [(x - ax) * -uy + (y - ay) * ux for x, y in (other.a, other.b)]
    if max(map(abs, beside)) > 0.01:
        return None
    low, high = sorted((x - ax) * ux + (y - ay) * uy for x, y in (other.a, other.b))
    if low > strip.length or high < 0:
        gap = (strip.at(strip.length), strip.at(low)) if low > strip.length else (strip.at(high), strip.at(0))
        if math.dist(*gap) > 0.001:
            between = bar(gap[0], gap[1], strip.thick)
            if walls.intersection(between).area < 0.95 * between.area:
                return None
    return Strip(strip.at(min(0.0, low)), strip.at(max(strip.length, high)), strip.thick)


def _extend(strip: Strip, walls: shapely.Geometry, most: float) -> Strip:
    """The strip made longer at both ends through the wall that it meets there, up to that wall's far side."""
    reach = most * 1.5
    ends = []
    for at, sign in ((0.0, -1.0), (strip.length, 1.0)):
        ray = shapely.LineString([strip.at(at - sign * 0.01), strip.at(at + sign * reach)])
        inside = [
            g for g in shapely.get_parts(walls.intersection(ray)) if g.geom_type == "LineString" and not g.is_empty
        ]
        first = next((g for g in inside if g.distance(shapely.Point(strip.at(at))) < 0.003), None)
        more = 0.0 if first is None else first.length - 0.01
        ends.append(strip.at(at + sign * more) if 0.002 < more < reach - 0.02 else strip.at(at))
    return replace(strip, a=ends[0], b=ends[1])


def _as_bars(piece: shapely.Polygon, depth: int) -> list[Strip]:
    """A piece of wall of any shape as bars that cover it."""
    box = shapely.oriented_envelope(piece)
    if box.geom_type != "Polygon" or box.area < 1e-5:
        return []
    c = np.asarray(box.exterior.coords)[:4]
    if math.dist(c[0], c[1]) < math.dist(c[1], c[2]):
        c = np.roll(c, -1, axis=0)
    a, b = pair((c[0] + c[3]) / 2), pair((c[1] + c[2]) / 2)
    if piece.area >= 0.75 * box.area or depth == 0:
        return [Strip(a, b, float(math.dist(c[1], c[2])))]
    middle = pair((c[0] + c[1] + c[2] + c[3]) / 4)
    out: list[Strip] = []
    for end in (a, b):
        far = (end[0] + (end[0] - middle[0]) * 0.5, end[1] + (end[1] - middle[1]) * 0.5)
        half = piece.intersection(bar(middle, far, 3 * math.dist(c[1], c[2])))
        for part in polygons(half, 1e-4):
            out += _as_bars(part, depth - 1)
    return out
