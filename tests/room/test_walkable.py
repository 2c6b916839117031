"""Where one can stand, the ways between, and walking along walls by hand."""

from __future__ import annotations

import heapq
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from xrlab.errors import InputError
from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array
from xrlab.room.floor.sheet import TIGHT_M
from xrlab.room.floor.walkable import RADIUS_M, Walkable

SIZE = 8.0
HALF_CELL_DIAGONAL = 0.05 * math.sqrt(0.5)

Box = tuple[float, float, float, float]


def box_faces(x0: float, y0: float, x1: float, y1: float, low: float, high: float) -> Array:
    """A closed box as triangles (12, 3, 3) that look outwards."""
    corners = np.array([[x, y, z] for z in (low, high) for y in (y0, y1) for x in (x0, x1)])
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6)]
    return corners[[t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]]


def floor_with(boxes: list[Box], height: float = 2.0) -> tuple[Walkable, RayMesh]:
    """A floor of 8 x 8 m with boxes on it."""
    triangles = np.concatenate([box_faces(0, 0, SIZE, SIZE, -0.2, 0), *(box_faces(*b, 0, height) for b in boxes)])
    mesh = RayMesh(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3))
    return Walkable.from_mesh(mesh, 0.0, (0, 0), (SIZE, SIZE)), mesh


def random_boxes(seed: int) -> list[Box]:
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(int(rng.integers(1, 9))):
        x, y = rng.uniform(0.3, SIZE - 1.5, 2)
        w, d = rng.uniform(0.03, 3.0, 2) if rng.random() < 0.5 else rng.uniform(0.03, 0.9, 2)
        out.append((x, y, min(x + w, SIZE - 0.05), min(y + d, SIZE - 0.05)))
    return out


def obstacles(boxes: list[Box]) -> shapely.Geometry:
    edge = shapely.box(-1, -1, SIZE + 1, SIZE + 1).difference(shapely.box(0, 0, SIZE, SIZE))
    return shapely.union_all([edge, *(shapely.box(*b) for b in boxes)])


def a_star(solid: shapely.Geometry, start: Array, goal: Array, keep: float) -> float:
    """Length of the shortest way on a grid of 10 cm in 16 directions that keeps a distance; inf if none."""
    n = 80
    at = (np.arange(n) + 0.5) * SIZE / n
    gx, gy = np.meshgrid(at, at, indexing="ij")
    free = (shapely.distance(shapely.points(gx, gy), solid) >= keep).tolist()
    steps = [(i, j) for i in range(-2, 3) for j in range(-2, 3) if math.gcd(i, j) == 1]
    first, last = (tuple(int(c / SIZE * n) for c in p) for p in (start, goal))
    best, queue = {first: 0.0}, [(0.0, 0.0, first)]
    while queue:
        _, length, here = heapq.heappop(queue)
        if here == last:
            return length * SIZE / n
        if length > best[here]:
            continue
        for i, j in steps:
            there = (here[0] + i, here[1] + j)
            beyond = length + math.hypot(i, j)
            if 0 <= there[0] < n and 0 <= there[1] < n and free[there[0]][there[1]] and beyond < best.get(there, 1e9):
                best[there] = beyond
                heapq.heappush(queue, (beyond + math.dist(there, last), beyond, there))
    return math.inf


def two_free_places(rng: np.random.Generator, solid: shapely.Geometry, keep: float) -> tuple[Array, Array]:
    spots = rng.uniform(0.5, SIZE - 0.5, (400, 2))
    free = spots[shapely.distance(shapely.points(spots), solid) > keep]
    return free[0], free[-1]


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_ways_keep_clear_of_obstacles_and_are_not_much_longer_than_they_must_be(seed: int) -> None:
    boxes = random_boxes(seed)
    walkable, _ = floor_with(boxes)
    solid = obstacles(boxes)
    start, goal = two_free_places(np.random.default_rng(seed), solid, RADIUS_M + 0.1)
    way, back = walkable.path(tuple(start), tuple(goal)), walkable.path(tuple(goal), tuple(start))
    assert (way is None) == (back is None) == (not walkable.reachable(tuple(start), tuple(goal)))
    roomy = a_star(solid, start, goal, RADIUS_M + 2 * HALF_CELL_DIAGONAL)
    if way is None:
        assert math.isinf(roomy)
        return
    assert way[0] == (*start, 0.0) and way[-1] == (*goal, 0.0)
    line = shapely.LineString(way) if start.tolist() != goal.tolist() else shapely.Point(start)
    keeps = TIGHT_M if math.isinf(roomy) else RADIUS_M
    assert line.distance(solid) >= min(keeps, TIGHT_M) - HALF_CELL_DIAGONAL
    if math.isfinite(roomy):
        assert line.length <= roomy * 1.12 + 0.2
        assert back is not None
        assert abs(shapely.LineString(back).length - line.length) <= 0.1 * line.length + 0.2


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_clearance_is_never_more_than_there_is(seed: int) -> None:
    boxes = random_boxes(seed)
    walkable, _ = floor_with(boxes)
    solid = obstacles(boxes)
    spots = np.random.default_rng(seed).uniform(0.1, SIZE - 0.1, (300, 2))
    true = shapely.distance(shapely.points(spots), solid)
    for (x, y), away in zip(spots.tolist(), true.tolist(), strict=True):
        clear = walkable.clearance(x, y)
        assert clear <= away + HALF_CELL_DIAGONAL
        if away > 0.15:
            assert clear >= away - 0.15
        if walkable.stands(x, y):
            assert away >= RADIUS_M - HALF_CELL_DIAGONAL
        if away > RADIUS_M + 0.12:
            assert walkable.stands(x, y)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_sliding_never_leads_into_or_through_a_wall(seed: int) -> None:
    boxes = random_boxes(seed)
    walkable, _ = floor_with(boxes)
    solid = obstacles(boxes)
    rng = np.random.default_rng(seed)
    at, _ = two_free_places(rng, solid, RADIUS_M + 0.1)
    here = (float(at[0]), float(at[1]))
    for _ in range(40):
        step = 0.7 if rng.random() < 0.5 else 0.03  # as after a stutter, or as from picture to picture
        wanted = tuple(np.add(here, rng.normal(0, step, 2)).tolist())
        x, y, z = walkable.slide(here, wanted, 0.22)
        there = (x, y)
        assert z == 0.0
        assert math.dist(here, there) <= 2.0 + 0.1
        assert shapely.Point(there).distance(solid) >= 0.22 - 2 * HALF_CELL_DIAGONAL
        way = walkable.path(here, there)
        assert way is not None
        assert shapely.LineString([*way, (x, y, z)]).length <= 2.2, "around a corner, not through it"
        if math.dist(here, wanted) < 0.1 and here != there:
            assert shapely.LineString([here, there]).distance(solid) > 0.1
        here = there


def test_walking_at_a_wall_slides_along_it() -> None:
    walkable, _ = floor_with([(4.0, 0.0, 4.1, 8.0)])
    x, y, _ = walkable.slide((3.5, 2.0), (4.5, 3.0))
    assert 3.6 < x < 3.85, "stops a body's width before the wall"
    assert y > 2.5, "and goes on along it"
    assert walkable.slide((3.5, 2.0), (3.5, 2.0)) == (3.5, 2.0, 0.0)


def test_what_hangs_high_is_walked_under_and_what_is_low_is_stepped_over() -> None:
    lintel = box_faces(3.9, 0, 4.1, SIZE, 2.0, 2.4)
    mat = box_faces(1.9, 0, 2.1, SIZE, 0, 0.05)
    table = box_faces(5.9, 0, 6.1, SIZE, 0.7, 0.74)
    triangles = np.concatenate([box_faces(0, 0, SIZE, SIZE, -0.2, 0), lintel, mat, table])
    mesh = RayMesh(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3))
    walkable = Walkable.from_mesh(mesh, 0.0, (0, 0), (SIZE, SIZE))
    assert walkable.reachable((1, 4), (5, 4))
    assert not walkable.reachable((1, 4), (7, 4))


def test_the_inside_of_a_cupboard_is_no_floor() -> None:
    walkable, _ = floor_with([(2.0, 2.0, 5.0, 5.0)])
    assert walkable.clearance(3.5, 3.5) == 0.0
    assert not walkable.stands(3.5, 3.5)
    assert walkable.area == pytest.approx(SIZE * SIZE - 9.0, rel=0.02)


def test_a_goal_in_an_obstacle_is_taken_to_the_free_place_beside_it() -> None:
    walkable, _ = floor_with([(4.0, 3.0, 6.0, 5.0)])
    way = walkable.path((1.0, 4.0), (4.3, 4.0))
    assert way is not None
    assert math.dist(way[-1], (4.0, 4.0, 0.0)) < 0.4
    assert walkable.path((1.0, 4.0), (40.0, 4.0)) is None
    assert not walkable.reachable((1.0, 4.0), (40.0, 4.0))


def test_a_thin_wall_is_a_wall_and_a_gap_too_narrow_is_none() -> None:
    wall = [(4.0, 0.0, 4.01, 3.9), (4.0, 4.0 + 0.2, 4.01, 8.0)]
    assert not floor_with(wall)[0].reachable((1, 4), (7, 4))
    wide = [(4.0, 0.0, 4.01, 3.6), (4.0, 4.4, 4.01, 8.0)]
    assert floor_with(wide)[0].reachable((1, 4), (7, 4))


def test_the_edge_of_the_floor_is_an_edge() -> None:
    walkable, _ = floor_with([])
    assert walkable.clearance(0.3, 4.0) < 0.31
    x, _, _ = walkable.slide((0.4, 4.0), (-1.0, 4.0))
    assert x >= 0.18


def test_the_same_floor_gives_the_same_ways() -> None:
    boxes = random_boxes(7)
    one, other = floor_with(boxes)[0], floor_with(boxes)[0]
    for a, b in (((0.6, 0.6), (7.4, 7.4)), ((7.4, 0.6), (0.6, 7.4)), ((4.0, 0.5), (4.0, 7.5))):
        assert one.path(a, b) == other.path(a, b)


def test_a_floor_in_millimetres_is_refused_in_words() -> None:
    mesh = RayMesh(box_faces(0, 0, 9e4, 9e4, -200, 0).reshape(-1, 3), np.arange(36).reshape(-1, 3))
    with pytest.raises(InputError, match="in metres"):
        Walkable.from_mesh(mesh, 0.0, (0, 0), (9e4, 9e4))
