"""From the world at an instant to what the renderer takes: poses, boards, doors, lamps, marks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xrlab.geometry.transforms import direction
from xrlab.live.boards import boards
from xrlab.live.marks import flashes, marks
from xrlab.render.daylight import outdoors
from xrlab.render.light import EVEN, EVEN_LUX
from xrlab.render.scene import EVENING, Camera, Cloud, Frame, InHand, PersonPose, Sky, Sun, Torch
from xrlab.sim import events as ev
from xrlab.sim.light import TORCH_CANDELA
from xrlab.sim.world import World

TORCH_M, TORCH_BELOW_M = 0.75, 0.12
"""How far before and below the eye a torch is, in the hand or on a weapon."""

DAYLIGHT_FACTOR = 0.03
"""Of the light under the open sky so much comes into a room without lamps, by windows that nobody drew (estimate)."""

_USED_TO_S = -1.5 * np.log1p(-(np.arange(32) + 0.5) / 32)
"""Seconds ago that count alike for what eyes are used to: half of it is the last second's. The eye's own pupils and
cones take seconds to minutes; in training nobody waits for minutes (estimate)."""


def frame_of(
    world: World,
    t: float,
    camera: Camera,
    events: Sequence[ev.Event] = (),
    hide: str = "",
    in_hand: InHand | None = None,
) -> Frame:
    """What a picture of the world at `t` shows. hide: who is not drawn, since the camera is in their head."""
    sky, sun = _outdoors(world)
    people = []
    for actor in world.actors.values():
        if actor.name == hide or not actor.present:
            continue
        s = actor.track.at(t)
        people.append(
            PersonPose(
                s.position,
                s.yaw,
                actor.pose,
                s.walked,
                actor.outfit,
                actor.holds,
                actor.variant,
                actor.joints(t),
                actor.character,
                s.pitch,
            )
        )
    return Frame(
        camera=camera,
        people=people,
        boards=boards(world, t),
        doors={name: ramp.at(t) for name, ramp in world.doors.items()},
        lights=_lights(world, t),
        adapted=_adapted(world, t),
        sky=sky,
        sun=sun,
        impacts=marks(world, t, events),
        in_hand=in_hand,
        smoke=_clouds(world, t),
        flashes=flashes(t, events),
        torches=_torches(world, t, camera),
        time=t,
        fog_m=world.scenario.weather.fog_m or math.inf,
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


def _torches(world: World, t: float, camera: Camera) -> list[Torch]:
    """Torches that are on, those nearest to the camera first; each points where its holder looks."""
    out = []
    for actor in world.actors.values():
        if actor.torch and actor.present:
            stance, eye = actor.track.at(t), actor.eye(t)
            ahead = direction(stance.yaw, stance.pitch)
            # before the hands, that they throw no shadow, and before the wall that one stands at
            far = min(TORCH_M, 0.8 * world.room.solid.closest(eye, ahead)[0])
            x, y, z = (eye[i] + ahead[i] * far for i in range(3))
            out.append(Torch((x, y, z - TORCH_BELOW_M), stance.yaw, stance.pitch, TORCH_CANDELA))
    return sorted(out, key=lambda torch: math.dist(torch.position, camera.position))


def _lights(world: World, t: float) -> dict[str, float]:
    """How bright each group of lamps is, and the even light that stands for daylight in a room without lamps."""
    return {name: ramp.at(t) for name, ramp in world.lights.items()} | _even(world)


def _even(world: World) -> dict[str, float]:
    daylight = world.scenario.weather.lux
    return {} if daylight is None else {EVEN: min(1.0, daylight * DAYLIGHT_FACTOR / EVEN_LUX)}


def _adapted(world: World, t: float) -> dict[str, float]:
    """How bright the lamps were in the last seconds, the latest counting most: what eyes have got used to.

    Nothing where they have not changed. Asked of the world at instants before `t`, so that a picture is the same
    whenever it is drawn.
    """
    now = {name: ramp.at(t) for name, ramp in world.lights.items()}
    before = np.maximum(t - _USED_TO_S, 0.0)
    past = {name: ramp.sample(before) for name, ramp in world.lights.items()}
    if all((past[name] == level).all() for name, level in now.items()):
        return {}
    return {name: float(values.mean()) for name, values in past.items()} | _even(world)


def _outdoors(world: World) -> tuple[Sky, Sun | None]:
    """Sky and sun by the scenario's daylight; if it says none, an evening, and the sun that the room's file has."""
    weather = world.scenario.weather
    if weather.lux is None:
        return EVENING, world.room.sun
    said = weather.sun
    sun = world.room.sun if said is None else Sun(said.yaw, math.radians(said.height_deg), 1.0)
    return outdoors(weather.lux, sun, clear=weather.fog_m is None)


def eye_camera(world: World, who: str, t: float, fov_y: float) -> Camera:
    """The view of a trainee or role player at `t`."""
    actor = world.actors[who]
    stance = actor.track.at(t)
    return Camera(actor.eye(t), stance.yaw, stance.pitch, fov_y)


__all__ = ["eye_camera", "frame_of"]
