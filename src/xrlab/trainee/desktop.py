"""A trainee at a desk: keys and mouse become a pose, an aim, a trigger and a voice.

The window says which keys are down and how the mouse moved; what that means is decided here, so it can be
tested without a window.
"""

from __future__ import annotations

import math

from xrlab.errors import InputError
from xrlab.geometry.transforms import Array, Vec3, wrap_angle
from xrlab.scenario.functions import COMMANDS
from xrlab.sim import deeds, means
from xrlab.sim.setup import Run
from xrlab.sim.world import leaf_box

WALK_M_S = 1.6
RUN_M_S = 3.6
AIMED_M_S = 0.9
LOOK_RAD_PER_PIXEL = 0.0022
MAX_PITCH = math.radians(80)
BODY_RADIUS_M = 0.22
DOOR_REACH_M = 1.8


class DesktopTrainee:
    """One trainee steered from a desk. who: the trainee's name."""

    def __init__(self, run: Run, who: str) -> None:
        if who not in run.engine.scenario.trainees:
            raise InputError(f"the scenario has no trainee '{who}'; it has {', '.join(run.engine.scenario.trainees)}")
        self._run = run
        self._engine = run.engine
        self.actor = run.engine.world.actors[who]
        stance = self.actor.track.at(run.engine.now)
        self.yaw, self.pitch = stance.yaw, 0.0
        self.aiming = False
        self._reloaded_at = 0.0

    def look(self, right_px: float, down_px: float) -> None:
        """The mouse has moved by so many pixels."""
        self.yaw = wrap_angle(self.yaw - right_px * LOOK_RAD_PER_PIXEL)
        self.pitch = min(MAX_PITCH, max(-MAX_PITCH, self.pitch - down_px * LOOK_RAD_PER_PIXEL))

    def move(self, to: float, forward: float, left: float, *, fast: bool = False) -> None:
        """Where the trainee comes by the time `to`, walking `forward` and `left` (-1..1 each)."""
        engine = self._engine
        stance = self.actor.track.at(engine.now)
        seconds = max(0.0, to - engine.now)
        length = math.hypot(forward, left)
        x, y, z = stance.position
        if length > 0:
            speed = AIMED_M_S if self.aiming else RUN_M_S if fast else WALK_M_S
            step = speed * seconds / max(1.0, length)
            c, s = math.cos(self.yaw), math.sin(self.yaw)
            wanted = (x + (c * forward - s * left) * step, y + (s * forward + c * left) * step)
            goal = engine.world.room.walkable.slide((x, y, z), wanted, BODY_RADIUS_M)
            if not self._against_door(goal, to):
                x, y, z = goal
        deeds.place(engine, self.actor, to, (x, y, z), self.yaw, self.pitch)

    def _against_door(self, at: Vec3, t: float) -> bool:
        """Whether a body at this place would stand in a door leaf that it is not in already."""
        world = self._engine.world
        here = self.actor.track.at(self._engine.now)
        for name, ramp in world.doors.items():
            door = world.room.doors[name]
            if math.dist(at[:2], door.hinge[:2]) > door.width + 1.0 or abs(at[2] - door.hinge[2]) > door.height:
                continue
            corners = leaf_box(door, ramp.at(t))[:4, :2]
            a, b = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
            after, before = _distance(at[:2], a, b), _distance((here.x, here.y), a, b)
            if after < BODY_RADIUS_M and after < before:
                return True
        return False

    def aim(self, up: bool) -> None:
        """Brings the weapon up, or lowers it."""
        if up != self.aiming:
            self.aiming = up
            deeds.posture(self._engine, self.actor, pose=deeds.aim_pose(self.actor) if up else "low_ready")

    def trigger(self) -> int | None:
        """Uses what is in the hand along the line of sight; the shot's number, or None if none was fired."""
        return means.trigger(self._engine, self.actor, self.yaw, self.pitch)

    def reload(self) -> None:
        """Changes the magazine, or clears a malfunction."""
        self._reloaded_at = deeds.reload(self._engine, self.actor)

    @property
    def reloading(self) -> bool:
        """Whether the magazine is being changed."""
        return not self._engine.reached(self._reloaded_at)

    @property
    def jammed(self) -> bool:
        """Whether a round of the weapon in hand has failed to fire, and it has not been cleared."""
        return self.actor.weapon is not None and self.actor.weapon.jammed

    def switch(self) -> None:
        """Takes the next weapon in hand."""
        deeds.switch(self._engine, self.actor)
        if self.aiming:
            deeds.posture(self._engine, self.actor, pose=deeds.aim_pose(self.actor))

    def torch(self) -> None:
        """Switches the torch on the weapon, or in the hand, on or off."""
        deeds.switch_torch(self._engine, self.actor, not self.actor.torch)

    def call_out(self, command: str = COMMANDS[0]) -> None:
        """Shouts a command."""
        deeds.call_out(self._engine, self.actor, command)

    def door_ahead(self) -> str | None:
        """The nearest door within reach that the trainee looks towards."""
        engine = self._engine
        stance = self.actor.track.at(engine.now)
        best: tuple[float, str] | None = None
        for name, door in engine.world.room.doors.items():
            if abs(stance.z - door.hinge[2]) > door.height:
                continue
            corners = leaf_box(door, engine.world.doors[name].at(engine.now))
            for px, py in (door.middle[:2], tuple(corners[:4, :2].mean(axis=0))):
                distance = math.hypot(px - stance.x, py - stance.y)
                off = abs(wrap_angle(math.atan2(py - stance.y, px - stance.x) - self.yaw))
                if (
                    distance <= DOOR_REACH_M
                    and (off < math.radians(50) or distance < 0.5)
                    and (best is None or distance < best[0])
                ):
                    best = (distance, name)
        return best[1] if best else None

    def use_door(self) -> bool:
        """Opens or shuts the door ahead; False where there is none, or it is not for this trainee."""
        name = self.door_ahead()
        if name is None or not deeds.may_open(self._engine, self.actor, name):
            return False
        deeds.move_door(self._engine, name, 0.0 if self._engine.world.doors[name].goal > 0.5 else 1.0, self.actor.name)
        return True


def _distance(p: tuple[float, float], a: Array, b: Array) -> float:
    """Distance of a point from the line between two others (2,)."""
    ax, ay, bx, by = float(a[0]), float(a[1]), float(b[0]), float(b[1])
    dx, dy = bx - ax, by - ay
    f = ((p[0] - ax) * dx + (p[1] - ay) * dy) / (dx * dx + dy * dy or 1.0)
    f = min(1.0, max(0.0, f))
    return math.hypot(p[0] - ax - dx * f, p[1] - ay - dy * f)
