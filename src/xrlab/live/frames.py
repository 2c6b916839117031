"""From the world at an instant to what the renderer takes: poses, boards, doors, lamps, marks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xrlab.geometry.transforms import direction
from xrlab.live.boards import boards
from xrlab.live.marks import flashes, marks
from xrlab.render.light import EVEN, SKY
from xrlab.render.scene import Camera, Cloud, Frame, InHand, PersonPose, Torch
from xrlab.sim import events as ev
from xrlab.sim.light import SKY_LUX, TORCH_CANDELA
from xrlab.sim.world import World

TORCH_M, TORCH_BELOW_M = 0.75, 0.12
"""How far before and below the eye a torch is, in the hand or on a weapon."""


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
            PersonPose(
                s.position, s.yaw, actor.pose, s.walked, actor.outfit, actor.holds, actor.variant, actor.joints(t)
            )
        )
    return Frame(
        camera=camera,
        people=people,
        boards=boards(world, t),
        doors={name: ramp.at(t) for name, ramp in world.doors.items()},
        lights=_lights(world, t),
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


__all__ = ["eye_camera", "frame_of"]
