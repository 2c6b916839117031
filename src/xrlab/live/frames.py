"""From the world at an instant to what the renderer takes: poses, boards, doors, lamps, marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from xrlab.geometry.transforms import Vec3, direction
from xrlab.render.light import EVEN, SKY
from xrlab.render.scene import BoardPose, Camera, Cloud, Face, Frame, Impact, InHand, PersonPose
from xrlab.sim import events as ev
from xrlab.sim.light import SKY_LUX
from xrlab.sim.world import Board, World

FLASH_S = 0.05
"""How long a muzzle flash is seen."""

MUZZLE_M = 0.55
"""How far before the eye the muzzle is drawn."""

MAX_MARKS = 400
"""The newest bullet marks that are drawn."""


def frame_of(
    world: World,
    t: float,
    camera: Camera,
    events: Sequence[ev.Event] = (),
    hide: str = "",
    in_hand: InHand | None = None,
) -> Frame:
    """What a picture of the world at `t` shows. hide: who is not drawn, since the camera is in their head."""
    people = []
    for actor in world.actors.values():
        if actor.name == hide or not actor.present:
            continue
        s = actor.track.at(t)
        people.append(
            PersonPose(s.position, s.yaw, actor.pose, s.walked, actor.outfit, actor.holds, actor.variant)
        )  # fmt: skip
    return Frame(
        camera=camera,
        people=people,
        boards=[BoardPose(_face(board), _matrix(board, t)) for board in world.boards.values()],
        doors={name: ramp.at(t) for name, ramp in world.doors.items()},
        lights=_lights(world, t),
        impacts=_marks(world, t, events),
        in_hand=in_hand,
        smoke=_clouds(world, t),
        flashes=[_muzzle(e) for e in events if isinstance(e, ev.ShotFired) and 0 <= t - e.t < FLASH_S],
    )


def _clouds(world: World, t: float) -> list[Cloud]:
    """The smoke in each zone, as the box around it."""
    out = []
    for name, ramp in world.smoke.items():
        if density := ramp.at(t):
            zone = world.room.zones[name]
            (x0, y0), (x1, y1) = zone.polygon.min(axis=0).tolist(), zone.polygon.max(axis=0).tolist()
            out.append(Cloud((x0, y0, zone.floor), (x1, y1, max(zone.ceiling, zone.floor + 2.0)), density))
    return out


def _lights(world: World, t: float) -> dict[str, float]:
    """How bright each group of lamps is, and the sky, which the picture shows as in the evening at most."""
    lights = {name: ramp.at(t) for name, ramp in world.lights.items()}
    daylight = world.scenario.weather.lux
    if daylight is not None:
        lights[SKY] = lights[EVEN] = min(1.0, daylight / SKY_LUX)
    return lights


def eye_camera(world: World, who: str, t: float, fov_y: float) -> Camera:
    """The view of a trainee or role player at `t`."""
    actor = world.actors[who]
    stance = actor.track.at(t)
    return Camera(actor.eye(t), stance.yaw, stance.pitch, fov_y)


def _muzzle(shot: ev.ShotFired) -> Vec3:
    d = direction(shot.yaw, shot.pitch)
    x, y, z = shot.origin
    return (x + d[0] * MUZZLE_M, y + d[1] * MUZZLE_M, z + d[2] * MUZZLE_M - 0.08)


def _matrix(board: Board, t: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    normal, right, up = board.axes(t)
    out = np.eye(4)
    out[:3, 0], out[:3, 1], out[:3, 2], out[:3, 3] = normal, right, up, board.middle(t)
    return out


@lru_cache(maxsize=256)
def _painted(key: tuple[object, ...]) -> Face:
    width, height, zones, steel = key
    w, h = float(width) / 2000, float(height) / 2000  # type: ignore[arg-type]
    outline = np.array([(-w, -h), (w, -h), (w, h), (-w, h)])
    layers = tuple((shape.outline(), _rgb(color)) for shape, color in reversed(zones))  # type: ignore[call-overload]
    if steel and layers:  # a steel plate has the shape of its outermost zone
        return Face(layers[0][0], layers[1:], 0.012, layers[0][1], 0.3)
    return Face(outline, layers, 0.005)


def _face(board: Board) -> Face:
    zones = tuple((zone.shape, spec.color) for zone, spec in zip(board.zones, board.face.zones, strict=True))
    return _painted((board.face.width_mm, board.face.height_mm, zones, board.face.material == "steel"))


def _rgb(color: str) -> tuple[float, float, float]:
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


def _marks(world: World, t: float, events: Iterable[ev.Event]) -> list[Impact]:
    """Bullet marks on walls, both sides of them, and boards; those on a board turn with it."""
    out = []
    struck = [e for e in events if isinstance(e, ev.Struck) and e.kind in ("wall", "target") and e.t <= t]
    for e in struck[-MAX_MARKS:]:
        if e.kind == "target":
            board = world.boards[e.what]
            normal, right, up = board.axes(t)
            u, v = e.local or (0.0, 0.0)
            x, y, z = board.middle(t)
            at = (x + right[0] * u + up[0] * v, y + right[1] * u + up[1] * v, z + right[2] * u + up[2] * v)
            out.append(Impact(at, normal, e.material))
        else:
            holes = [e.entry] if e.exit is None or e.thickness is None else [e.entry, e.exit]
            out += [Impact(at, _normal_at(world.room.solid, at), e.material) for at in holes]
    return out[-MAX_MARKS:]


@lru_cache(maxsize=2000)
def _normal_at(solid: object, at: Vec3) -> Vec3:
    """Direction out of the surface that was struck: of the triangle next to the place of the hit."""
    best = ((0.0, 0.0, 1.0), 0.05)
    for d in ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)):
        start = (at[0] + d[0] * 0.02, at[1] + d[1] * 0.02, at[2] + d[2] * 0.02)
        distance, triangle = solid.closest(start, (-d[0], -d[1], -d[2]))  # type: ignore[attr-defined]
        if triangle >= 0 and distance < best[1]:
            n = solid.normals[triangle]  # type: ignore[attr-defined]
            n = n / (np.linalg.norm(n) or 1.0)
            if n @ np.array(d) <= 0:  # seen from behind: another that is met from its front is the better one
                n, distance = -n, distance + 0.001
            if distance < best[1]:
                best = ((float(n[0]), float(n[1]), float(n[2])), distance)
    return best[0]


__all__ = ["eye_camera", "frame_of"]
