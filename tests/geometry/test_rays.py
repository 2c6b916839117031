"""Rays against triangles, capsules and boxes, each against a slow and plain way to the same answer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xrlab.geometry.rays import RayMesh, box_interval, capsule_distance
from xrlab.geometry.transforms import Array

seeds = st.integers(0, 2**32 - 1)


def soup(rng: np.random.Generator, n: int, middle: float = 0.0) -> Array:
    """n triangles of some size in a box of 20 m, (n, 3, 3)."""
    return rng.uniform(-10, 10, (n, 1, 3)) + rng.normal(0, 1.5, (n, 3, 3)) + middle


def mesh_of(triangles: Array) -> RayMesh:
    return RayMesh(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3))


def rays(rng: np.random.Generator, n: int, middle: float = 0.0) -> tuple[Array, Array]:
    d = rng.normal(size=(n, 3))
    return rng.uniform(-10, 10, (n, 3)) + middle, d / np.linalg.norm(d, axis=1)[:, None]


def moller_trumbore(triangles: Array, origin: Array, direction: Array) -> tuple[Array, Array]:
    """Distances (n,) of one ray to every triangle, inf where missed, and how near the hit is to an edge (n,)."""
    a, e1, e2 = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    p = np.cross(direction, e2)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1.0 / np.einsum("ij,ij->i", e1, p)
        s = origin - a
        u = np.einsum("ij,ij->i", s, p) * inverse
        q = np.cross(s, e1)
        v = (q @ direction) * inverse
        t = np.einsum("ij,ij->i", e2, q) * inverse
    edge = np.minimum(np.minimum(u, v), 1 - u - v)
    return np.where((edge >= 0) & (t >= 0), t, math.inf), np.where(np.isfinite(edge), edge, -1.0)


@settings(max_examples=25)
@given(seeds, st.integers(1, 60), st.sampled_from([0.0, 200_000.0]))
def test_the_nearest_triangle_is_found_and_its_distance_is_exact(seed: int, n: int, middle: float) -> None:
    rng = np.random.default_rng(seed)
    triangles = soup(rng, n, middle)
    mesh = mesh_of(triangles)
    for origin, direction in zip(*rays(rng, 20, middle), strict=True):
        distance, index = mesh.closest(tuple(origin), tuple(direction))
        t, edge = moller_trumbore(triangles, origin, direction)
        if (np.abs(edge[edge > -0.5]) < 1e-3).any() or (np.abs(t) < 1e-3).any():
            continue  # at an edge either answer is right
        assert distance == pytest.approx(t.min(), abs=1e-7)
        assert index == (int(t.argmin()) if np.isfinite(t.min()) else -1)


@settings(max_examples=25)
@given(seeds, st.integers(0, 60))
def test_many_rays_at_once_agree_with_one_by_one(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    mesh = mesh_of(soup(rng, n))
    origins, directions = rays(rng, 40)
    distances, index = mesh.closest_many(origins, directions)
    for k in range(40):
        one = mesh.closest(tuple(origins[k]), tuple(directions[k]))
        assert one[1] == index[k]
        assert one[0] == distances[k] or one[0] == pytest.approx(distances[k], abs=1e-9)


@settings(max_examples=25)
@given(seeds, st.integers(0, 60))
def test_sight_is_mutual_and_agrees_with_the_nearest_triangle(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    mesh = mesh_of(soup(rng, n))
    starts, directions = rays(rng, 60)
    ends = starts + directions * rng.uniform(0.5, 15, (60, 1))
    there, back = mesh.blocked_many(starts, ends), mesh.blocked_many(ends, starts)
    assert (there == back).all()
    length = np.linalg.norm(ends - starts, axis=1)
    distance = mesh.closest_many(starts, directions)[0]
    clear_cut = np.abs(distance - length) > 0.01 * length
    clear_cut &= distance > 0.01 * length
    assert (there == (distance < length))[clear_cut].all()


def test_what_touches_an_end_does_not_block() -> None:
    wall = mesh_of(np.array([[[2.0, -5, -5], [2, 5, -5], [2, 0, 9]]]))
    on_it, before, behind = np.array([[2.0, 0, 0]]), np.array([[0.0, 0, 0]]), np.array([[4.0, 0, 0]])
    assert not wall.blocked_many(before, on_it)[0]
    assert not wall.blocked_many(on_it, behind)[0]
    assert wall.blocked_many(before, behind)[0]
    assert not wall.blocked_many(before, before)[0]


@settings(max_examples=20)
@given(seeds, st.floats(-100, 100))
def test_a_wall_of_triangles_has_no_seams(seed: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    n = 12
    grid = np.linspace(0, 3.7, n) + offset
    y, z = (g.ravel() for g in np.meshgrid(grid, grid, indexing="ij"))
    corners = np.column_stack((np.full(len(y), 3.1 + offset), y, z))
    cells = [(i * n + j) for i in range(n - 1) for j in range(n - 1)]
    faces = np.array([f for a in cells for f in ((a, a + 1, a + n), (a + 1, a + n + 1, a + n))])
    mesh = RayMesh(corners, faces)
    k = rng.choice(cells, 400)
    k = k[(k // n > 0) & (k % n > 0)]
    to = corners[k] + (corners[k + rng.choice([1, n], len(k))] - corners[k]) * rng.uniform(0.05, 0.95, (len(k), 1))
    starts = to - np.column_stack((rng.uniform(1, 9, len(k)), rng.uniform(-3, 3, (len(k), 2))))
    way = to - starts
    length = np.linalg.norm(way, axis=1)
    distance, index = mesh.closest_many(starts, way / length[:, None])
    assert (index >= 0).all()
    assert np.abs(distance - length).max() < 1e-9
    assert mesh.blocked_many(starts, starts + 2 * way).all()


def test_a_ray_along_a_triangle_gets_a_distance_within_it() -> None:
    rng = np.random.default_rng(5)
    floor = mesh_of(np.array([[[0.0, 0, 0], [4, 0, 0], [0, 4, 0]]]))
    for _ in range(2000):
        origin = np.array([-3.0, rng.uniform(0.1, 3), rng.normal(0, 1e-9)])
        direction = np.array([1.0, 0.0, rng.normal(0, 1e-9)])
        distance, index = floor.closest(tuple(origin), tuple(direction / np.linalg.norm(direction)))
        assert index == -1 or 3.0 - 1e-6 <= distance <= 7.0
        many = floor.closest_many(origin[None], direction[None])
        assert many[0][0] == pytest.approx(distance) or index == -1


def test_nothing_is_hit_where_there_is_nothing() -> None:
    empty = RayMesh(np.zeros((0, 3)), np.zeros((0, 3), int))
    assert empty.closest((0, 0, 0), (1, 0, 0)) == (math.inf, -1)
    assert empty.closest_many(np.zeros((2, 3)), np.ones((2, 3)))[1].tolist() == [-1, -1]
    assert not empty.blocked_many(np.zeros((2, 3)), np.ones((2, 3))).any()
    flat = mesh_of(np.zeros((1, 3, 3)))
    assert flat.closest((0, 0, -1), (0, 0, 1))[1] == -1, "a triangle without area stops nothing"


def entered(origin: Array, direction: Array, a: Array, b: Array, radius: float) -> float:
    axis = (b - a).tolist()
    return capsule_distance(
        *(origin - a).tolist(), *direction.tolist(), *axis, sum(u * u for u in axis), radius * radius
    )


def capsule_gap(points: Array, a: Array, b: Array, radius: float) -> Array:
    """How far points (n, 3) lie outside a capsule; negative inside."""
    axis = b - a
    f = np.clip((points - a) @ axis / max(float(axis @ axis), 1e-30), 0, 1)
    return np.linalg.norm(points - a - f[:, None] * axis, axis=1) - radius


@given(seeds)
def test_capsules_are_entered_where_a_walk_along_the_ray_enters_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 8
    a = rng.uniform(-1, 1, (n, 3))
    b = a + rng.normal(0, 0.4, (n, 3))
    b[0] = a[0]  # a sphere
    radii = rng.uniform(0.03, 0.3, n)
    origin = rng.uniform(-3, 3, 3)
    direction = (a + b)[rng.integers(n)] / 2 - origin + rng.normal(0, 0.2, 3)
    direction /= np.linalg.norm(direction)
    if seed % 3 == 0:  # along an axis exactly
        direction = (b[1] - a[1]) / np.linalg.norm(b[1] - a[1])
        origin = a[1] - 2 * direction + rng.normal(0, 0.05, 3)
    found = [entered(origin, direction, a[k], b[k], float(radii[k])) for k in range(n)]
    along = np.linspace(0, 9, 9001)
    places = origin + along[:, None] * direction
    for k in range(n):
        gap = capsule_gap(places, a[k], b[k], float(radii[k]))
        inside = np.flatnonzero(gap <= 0)
        if math.isfinite(found[k]):
            on_it = capsule_gap((origin + found[k] * direction)[None], a[k], b[k], float(radii[k]))[0]
            assert on_it <= 1e-6
            assert found[k] == 0.0 or abs(on_it) <= 1e-6
            if len(inside):
                assert found[k] <= along[inside[0]] + 1e-6
        else:
            assert gap.min() > -1e-5, "a ray that goes through is not missed"


@given(seeds, st.sampled_from([-0.01, 0.01]))
def test_a_ray_along_a_capsule_passes_it_or_meets_its_end(seed: int, gap: float) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(50):
        a = rng.uniform(-5, 5, 3)
        b = a + rng.normal(0, 0.4, 3)
        axis = (b - a) / np.linalg.norm(b - a)
        beside = np.cross(axis, rng.normal(size=3))
        beside /= np.linalg.norm(beside)
        radius = rng.uniform(0.03, 0.3)
        origin = a + beside * (radius + gap) - axis * rng.uniform(0.5, 30)
        found = entered(origin, axis, a, b, radius)
        if gap > 0:
            assert math.isinf(found)
        else:
            assert capsule_gap((origin + found * axis)[None], a, b, radius)[0] == pytest.approx(0, abs=1e-6)


@given(seeds)
def test_box_is_entered_and_left_on_its_faces(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(-2, 1, 3)
    high = low + rng.uniform(0.1, 2, 3)
    origin, direction = rng.uniform(-4, 4, 3), rng.normal(size=3)
    direction[rng.integers(3)] *= rng.integers(2)
    direction /= np.linalg.norm(direction)
    met = box_interval(tuple(origin), tuple(direction), tuple(low), tuple(high))
    places = origin + np.linspace(0, 20, 4001)[:, None] * direction
    inside = ((places >= low) & (places <= high)).all(axis=1)
    if met is None:
        assert not inside[1:].any()
        return
    near, far = met
    assert 0 <= near <= far
    middle = origin + (near + far) / 2 * direction
    assert ((middle >= low - 1e-9) & (middle <= high + 1e-9)).all()
    along = np.linspace(0, 20, 4001)
    assert not inside[(along < near - 1e-9) | (along > far + 1e-9)].any()
