"""The marks of bullets on walls, doors and boards, lit as what they are on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from xrlab.geometry.transforms import Array, Vec3
from xrlab.render import holes
from xrlab.render.context import gl
from xrlab.render.device import Buffer, Layout, Programs, texture_array
from xrlab.render.light import Lit
from xrlab.render.passes.boards import Probes, on_flat
from xrlab.render.scene import BoardPose, Impact
from xrlab.render.surfaces import Packed, to_linear
from xrlab.room.model import Room

_MARK = np.dtype(
    [("centre", "<f4", 4), ("out_of", "<f4", 4), ("extent", "<f4", 4), ("colour", "<f4", 4), ("light", "<f4", 4),
     ("towards", "<f4", 4)]
)  # fmt: skip
_AS_FAR = np.arange(1, 9) / 8
"""Parts of a mark's radius at which is asked whether the surface goes on."""
_DEEP_M = 0.015
"""A surface that lies so much deeper (m) is another one."""
_CORNERS = 3
"""A mark takes the light of so many corners near it."""


class MarksPass:
    """Bullet marks, in one call; sent to the device only when they or their light change.

    Inputs: impacts, the light at the room's corners, boards and their light. Output: blended over what is bound.
    """

    def __init__(self) -> None:
        self._programs = Programs("marks")
        self._marks = Buffer(dynamic=True)
        self._layout = Layout()
        self._layout.feed(self._marks, _MARK, 0, per_instance=True)
        self._pictures = texture_array(holes.pictures(), srgb=False)
        self._room: Room | None = None
        self._packed: Packed | None = None
        self._near: cKDTree | None = None
        self._last: tuple[object, ...] = ()
        self._known: dict[Impact, NDArray[np.void]] = {}
        self._lit_by: dict[Impact, tuple[NDArray[np.int64], Array]] = {}
        self._count = 0

    def room(self, room: Room, packed: Packed) -> None:
        """Marks are on this room's surfaces from now on."""
        self._room, self._packed, self._near = room, packed, None
        self._last, self._known, self._lit_by = (), {}, {}

    def write(self, impacts: Sequence[Impact], lit: Lit, boards: Sequence[BoardPose], probes: Probes) -> None:
        """The marks of a picture. lit: the light at the room's corners. probes: that around each of the boards."""
        seen = [one for one in impacts if holes.look(one.material, one.way) is not None]
        self._count = len(seen)
        on_boards = [board.matrix.tobytes() for board in boards] if any(one.board >= 0 for one in seen) else []
        now = (seen, id(lit), on_boards, probes[0].tobytes() if on_boards else b"")
        if not seen or now == self._last:
            return
        self._last = now
        if len(self._known) > 4096:
            self._known, self._lit_by = {}, {}
        rows = np.concatenate([self._row(one, boards) for one in seen])
        self._light(rows, seen, lit, probes)
        self._marks.write(rows)

    def draw(self, views: int = 1, features: tuple[str, ...] = ()) -> None:
        """Blending must be on."""
        if self._count:
            self._programs.use(views, features)
            gl().glBindTextureUnit(0, self._pictures)
            self._layout.draw_cards(self._count, views)

    def _row(self, impact: Impact, boards: Sequence[BoardPose]) -> NDArray[np.void]:
        known = self._known.get(impact)
        if known is not None:
            return known
        look = holes.look(impact.material, impact.way)
        assert look is not None
        radius = holes.radius(look, impact.calibre, impact.energy)
        place, normal = np.array(impact.position), np.array(impact.normal)
        luck = chance(impact.position)
        row = np.zeros(1, _MARK)
        if impact.board >= 0:
            # Near the edge of a board there is less of it: a splash of lead ends where the steel does.
            board = boards[impact.board]
            across, up = ((place - board.matrix[:3, 3]) @ board.matrix[:3, 1:3]).tolist()
            within = _within(np.asarray(board.face.outline, float), across, up)
            radius = min(radius, 1.05 * within + 0.002) if within >= 0.0 else 0.0
            row["extent"] = 1.0
        else:
            row["extent"] = self._extent(place, normal, radius) if impact.fixed else 1.0
        row["centre"][0] = (*impact.position, radius)
        row["out_of"][0] = (*impact.normal, holes.layer(look.picture, int(luck * 1e6)))
        row["colour"][0] = (*to_linear(np.array(look.color)), look.roughness)
        # Wood tears along its grain, which is drawn upright; all else may lie any way round.
        turn = math.pi * round(luck) if look.picture in ("bore", "splinters") else 2 * math.pi * luck
        row["light"][0, 3], row["towards"][0, 3] = math.cos(turn), math.sin(turn)
        if math.isinf(impact.age) and impact.board < 0:
            self._known[impact] = row
        return row

    def _extent(self, place: Array, normal: Array, radius: float) -> Array:
        """How far (0..1 of the radius) the surface goes on to the left, right, below and above."""
        mesh = None if self._room is None else self._room.solid  # made at the first mark, for large rooms take long
        if mesh is None or not mesh.triangle_count:
            return np.ones(4)
        right, up = axes(normal)
        ways = np.array((-right, right, -up, up))
        starts = place + normal * _DEEP_M + ways[:, None] * (_AS_FAR * radius)[:, None]
        flat = starts.reshape(-1, 3)
        far, _ = mesh.closest_many(flat, np.broadcast_to(-normal, flat.shape).copy())
        goes_on = (np.abs(far - _DEEP_M) < _DEEP_M).reshape(4, -1)
        return np.asarray(np.logical_and.accumulate(goes_on, axis=1).sum(axis=1) / len(_AS_FAR))

    def _light(self, rows: NDArray[np.void], impacts: Sequence[Impact], lit: Lit, probes: Probes) -> None:
        """Fills in what light comes to each mark: all of it, and where most of it comes from."""
        free = np.array([one.board < 0 for one in impacts])
        if free.any() and len(lit.irradiance):
            found = [self._corners(one) for one in impacts if one.board < 0]
            index, share = np.array([i for i, _ in found]), np.array([s for _, s in found])
            rows["light"][free, :3] = (lit.irradiance[index] * share[..., None]).sum(axis=1)
            rows["towards"][free, :3] = (lit.towards[index] * share[..., None]).sum(axis=1)
            rows["colour"][free, :3] *= [self.tint(one) for one in impacts if one.board < 0]
        if not free.all():
            board = np.array([one.board for one in impacts if one.board >= 0])
            normal = rows["out_of"][~free, :3].astype(float)
            light, towards = on_flat(normal, (probes[0][board], probes[1][board], probes[2][board]))
            rows["light"][~free, :3], rows["towards"][~free, :3] = light, towards

    def tint(self, impact: Impact) -> Array:
        """By what (3,) the colour of a mark, and of what flew off, is multiplied to be that of the surface it is on."""
        look = holes.look(impact.material, impact.way)
        if look is None or not look.own or not impact.fixed or impact.board >= 0 or self._packed is None:
            return np.ones(3)
        index, share = self._corners(impact)
        here = (self._packed.albedo[index] * share[:, None]).sum(axis=0)
        brighter = min(look.own, 0.85 / max(float(here.max()), 1e-3))
        return np.asarray(brighter * here / to_linear(np.array(look.color)))

    def _corners(self, impact: Impact) -> tuple[NDArray[np.int64], Array]:
        """The corners of the room that a mark takes its light from, and the share of each."""
        known = self._lit_by.get(impact)
        if known is not None:
            return known
        if self._near is None:
            assert self._packed is not None
            vertices = self._packed.vertices
            self._near = cKDTree(_facing(vertices["position"], vertices["normal"]), balanced_tree=False)
        many = min(_CORNERS, self._near.n)
        here = _facing(np.array([impact.position]), np.array([impact.normal]))[0]
        far, index = self._near.query(here, many)
        share = 1 / (np.atleast_1d(far) + 0.02)
        found = (np.atleast_1d(index).astype(np.int64), share / share.sum())
        if math.isinf(impact.age):
            self._lit_by[impact] = found
        return found


def _facing(places: Array, normals: Array) -> Array:
    """Places with their normals as points: those whose surfaces face apart are far from each other."""
    return np.concatenate((places, normals), axis=1, dtype=np.float64)


def axes(normal: Array) -> tuple[Array, Array]:
    """Right and up (unit vectors) of the picture of a mark on a surface, as the shader takes them."""
    right = np.cross((0.0, 0.0, 1.0) if abs(normal[2]) < 0.9 else (1.0, 0.0, 0.0), normal)
    right /= np.linalg.norm(right)
    return right, np.cross(normal, right)


def chance(place: Vec3) -> float:
    """A number 0..1 that a place (m) always gives again and its neighbours don't."""
    number = 2166136261
    for c in place:
        number = ((number ^ (round(c * 1e5) & 0xFFFFFFFF)) * 16777619) & 0xFFFFFFFF
    number ^= number >> 15
    number = (number * 2246822519) & 0xFFFFFFFF
    return float((number ^ number >> 13) / 4294967296)


def _within(outline: Array, across: float, up: float) -> float:
    """How far (m) a place on a board is from its edge; below 0 beyond it, where a cut-out board has nothing to show."""
    here = np.array((across, up))
    ends = np.roll(outline, -1, axis=0)
    way = ends - outline
    square = np.maximum((way * way).sum(axis=1), 1e-12)
    part = np.clip(((here - outline) * way).sum(axis=1) / square, 0.0, 1.0)
    off = float(np.linalg.norm(outline + way * part[:, None] - here, axis=1).min())
    crossed = (outline[:, 1] > up) != (ends[:, 1] > up)
    slope = np.divide(up - outline[:, 1], way[:, 1], out=np.zeros(len(way)), where=crossed)
    inside = (crossed & (across < outline[:, 0] + slope * way[:, 0])).sum() % 2 == 1
    return off if inside else -off
