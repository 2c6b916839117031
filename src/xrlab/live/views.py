"""Where the picture of a run is taken from: the trainee's eyes, somebody else's, a free camera, the plan.

Only looks: nothing here changes anything of a run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from xrlab.geometry.transforms import Vec3, direction
from xrlab.live.frames import eye_camera
from xrlab.render.scene import Camera
from xrlab.room.model import Room
from xrlab.sim.world import Actor, World, leaf_box

FOV_Y = math.radians(60.0)
WALK_M_S, RUN_M_S = 2.5, 8.0
TURN_RAD_PER_PIXEL = 0.003
LONGEST_STEP_S = 0.2
"""A picture that took longer moves the free camera no farther than this."""

CUT_ABOVE_M = 1.45
"""The plan cuts the house open at this height over the floor."""

ONE_STOREY_M = 6.0
"""A mesh without zones that is higher than this is no single storey: its plan shows it whole."""

AIM_M, LOOK_M = 40.0, 0.8
"""A line of aim is drawn so far at most, a line of sight always so far."""

OVER_HEAD_M = 0.3


@dataclass(frozen=True)
class Mark:
    """Somebody in a picture from above or from the free camera, in pixels from its upper left corner.

    at: where they stand on the plan, or a little over the head. end: where their line of sight or of aim ends on the
    plan; None where none is drawn. aiming: whether they aim, which makes the line reach to the next wall.
    """

    name: str
    role: str
    at: tuple[float, float]
    end: tuple[float, float] | None
    aiming: bool


class Views:
    """The views onto one run. who: the window's trainee, in whose eyes it begins."""

    def __init__(self, world: World, who: str) -> None:
        self._world, self._who = world, who
        self._eyes = who
        self._kind: Literal["eyes", "free", "plan"] = "eyes"
        self._free = Camera((0.0, 0.0, 0.0))
        self._moved = (0.0, 0.0)
        self._zoom = 1.0

    @property
    def own(self) -> bool:
        """Whether the picture is the trainee's own."""
        return self._kind == "eyes" and self._eyes == self._who

    @property
    def kind(self) -> Literal["eyes", "free", "plan"]:
        """What the picture is: through someone's eyes, from the free camera, or the plan."""
        return self._kind

    @property
    def eyes(self) -> str:
        """Through whose eyes the picture is, "" where it is through nobody's: they are not drawn."""
        return self._eyes if self._kind == "eyes" else ""

    @property
    def told(self) -> str:
        """What the picture is, where it is not the trainee's own: "free", "plan", or "eyes:NAME"; else ""."""
        return "" if self.own else f"eyes:{self._eyes}" if self._kind == "eyes" else self._kind

    def look_own(self) -> None:
        """Back to the trainee's eyes."""
        self._kind, self._eyes = "eyes", self._who

    def fly(self, t: float) -> None:
        """The free camera, from where one looked before (from the trainee's eyes after the plan); again: back."""
        if self._kind == "free":
            self.look_own()
            return
        whose = self._eyes if self._kind == "eyes" else self._who
        self._free = eye_camera(self._world, whose, t, FOV_Y)
        self._kind = "free"

    def look_down(self) -> None:
        """The plan of the whole room; again: back."""
        if self._kind == "plan":
            self.look_own()
            return
        self._kind, self._moved, self._zoom = "plan", (0.0, 0.0), 1.0

    def next_person(self, by: int) -> None:
        """Through the eyes of the next person who is there, or the one before (-1)."""
        there = [actor.name for actor in self._world.actors.values() if actor.present]
        at = there.index(self._eyes) if self._eyes in there else 0
        self._eyes = there[(at + by) % len(there)] if self._kind == "eyes" else self._who
        self._kind = "eyes"

    def move(
        self, seconds: float, ahead: float, left: float, up: float, turn: tuple[float, float], *, fast: bool, tall: int
    ) -> None:
        """Moves the free camera or the plan; see `flown`. tall: of the picture (pixels)."""
        if self._kind == "free":
            self._free = flown(self._free, seconds, ahead, left, up, turn, fast=fast, tall=tall)
        elif self._kind == "plan":
            before = self.camera(0.0, 1.0)
            after = flown(before, seconds, ahead, left, up, turn, fast=fast, tall=tall)
            assert before.ortho_height is not None and after.ortho_height is not None
            x, y = (after.position[i] - before.position[i] for i in (0, 1))
            self._moved = (self._moved[0] + x, self._moved[1] + y)
            self._zoom = min(4.0, max(0.02, self._zoom * after.ortho_height / before.ortho_height))

    def camera(self, t: float, aspect: float, fov_y: float = FOV_Y) -> Camera:
        """Where the picture at `t` is taken from. fov_y: of the trainee's own eyes."""
        if self._kind == "free":
            return self._free
        if self._kind == "plan":
            whole = plan_camera(self._world.room, aspect, self._world.actors[self._who].track.at(t).z)
            assert whole.ortho_height is not None
            x, y, z = whole.position
            place = (x + self._moved[0], y + self._moved[1], z)
            return replace(whole, position=place, ortho_height=whole.ortho_height * self._zoom)
        return eye_camera(self._world, self._eyes, t, fov_y if self.own else FOV_Y)

    def marks(self, t: float, camera: Camera, size: tuple[int, int]) -> list[Mark]:
        """Who is where in the picture, for the plan and the free camera; none through someone's eyes."""
        return [] if self._kind == "eyes" else list(self._marks(t, camera, size))

    def _marks(self, t: float, camera: Camera, size: tuple[int, int]) -> Iterator[Mark]:
        for actor in self._world.actors.values():
            if not actor.present:
                continue
            x, y, z = actor.eye(t)
            aiming = actor.pose.startswith("aiming")
            if self._kind == "free":
                at, end = _seen(camera, size, (x, y, z + OVER_HEAD_M)), None
            else:
                ahead = direction(actor.track.at(t).yaw, 0.0)
                far = _free_way(self._world, t, actor) if aiming else LOOK_M
                at, end = (
                    _seen(camera, size, (x, y, z)),
                    _seen(camera, size, (x + ahead[0] * far, y + ahead[1] * far, z)),
                )
            if at is not None:
                yield Mark(actor.name, actor.role, at, end, aiming)


def flown(
    camera: Camera, seconds: float, ahead: float, left: float, up: float, turn: tuple[float, float], *,
    fast: bool = False, tall: int,
) -> Camera:  # fmt: skip
    """A camera moved for so long: -1..1 each way, and turned by so many pixels to the right and down.

    From above, it moves over the plan, `up` brings it nearer, and turning draws the plan along. tall: height of the
    picture in pixels.
    """
    seconds = min(seconds, LONGEST_STEP_S)
    way = (RUN_M_S if fast else WALK_M_S) * seconds
    x, y, z = camera.position
    if camera.ortho_height is not None:
        high = camera.ortho_height
        x, y = x - left * way * high / 8 - turn[0] * high / tall, y + ahead * way * high / 8 + turn[1] * high / tall
        nearer = math.exp(-up * seconds * (3.0 if fast else 1.0))
        return replace(camera, position=(x, y, z), ortho_height=min(500.0, max(1.0, high * nearer)))
    yaw = math.remainder(camera.yaw - turn[0] * TURN_RAD_PER_PIXEL, math.tau)
    pitch = min(1.5, max(-1.5, camera.pitch - turn[1] * TURN_RAD_PER_PIXEL))
    c, s = math.cos(yaw), math.sin(yaw)
    place = (x + (c * ahead - s * left) * way, y + (s * ahead + c * left) * way, z + up * way)
    return replace(camera, position=place, yaw=yaw, pitch=pitch)


def plan_camera(room: Room, aspect: float, floor: float | None = None) -> Camera:
    """From above, the house cut open over its furniture. aspect: of the picture. floor: of the storey (m)."""
    low, high = room.bounds
    if not room.zones and high[2] - low[2] > ONE_STOREY_M:
        return Camera.plan(low.tolist(), high.tolist(), aspect)
    return Camera.plan(
        low.tolist(), high.tolist(), aspect, cut_above=(room.floor if floor is None else floor) + CUT_ABOVE_M
    )


def _seen(camera: Camera, size: tuple[int, int], place: Vec3) -> tuple[float, float] | None:
    """Where a place is in the picture (pixels); None behind the camera."""
    width, height = size
    x, y, _, w = camera.projection(width / height) @ camera.view() @ np.array((*place, 1.0))
    return None if w <= 0 else (float(x / w + 1) * width / 2, float(1 - y / w) * height / 2)


def _free_way(world: World, t: float, actor: Actor) -> float:
    """How far (m) somebody's line of aim goes, level, to the next wall or door leaf."""
    eye, yaw = actor.eye(t), actor.track.at(t).yaw
    ahead = direction(yaw, 0.0)
    far = min(AIM_M, world.room.solid.closest(eye, ahead)[0])
    for name, ramp in world.doors.items():
        door = world.room.doors[name]
        if abs(door.hinge[2] + door.height / 2 - eye[2]) > door.height / 2:
            continue
        corners = leaf_box(door, ramp.at(t))[:4, :2]
        (ax, ay), (bx, by) = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
        across = ahead[0] * (by - ay) - ahead[1] * (bx - ax)
        if abs(across) < 1e-9:
            continue
        along = ((ax - eye[0]) * (by - ay) - (ay - eye[1]) * (bx - ax)) / across
        part = ((ax - eye[0]) * ahead[1] - (ay - eye[1]) * ahead[0]) / across
        if along > 0 and 0 <= part <= 1:
            far = min(far, float(along))
    return far
