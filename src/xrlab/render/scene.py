"""What one picture shows besides the room: a camera, and everything that moves as poses. Plain data.

Metres, radians, z up; yaw 0 looks along +x and turns counter-clockwise, pitch is positive upwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry.transforms import Array, Vec3, pose_matrix
from xrlab.render.shapes3d import Solid
from xrlab.room.characters import Character
from xrlab.room.model import Sun

OUTFITS = ("civil", "police", "defence")
"""What a person can wear."""

HOLDS = (
    "nothing", "handgun", "long_gun", "knife", "phone", "wallet", "torch", "conducted_energy", "spray", "baton",
)  # fmt: skip
"""What a person can be drawn with in the right hand; anything else is drawn as a small dark object."""


@dataclass(frozen=True)
class Camera:
    """Where a picture is taken from.

    position: eye (m). yaw, pitch, roll (rad); roll is positive when the head tilts to the right.
    fov_y: opening angle from bottom to top (rad). near, far: what is drawn, along the line of sight (m).
    tangents: (left, right, down, up) of the picture's edges, instead of `fov_y`, for a headset's eye or a
    projection wall (left and down are negative). ortho_height: if set, parallel projection that shows so
    many metres from bottom to top. cut_above: nothing higher than this (m) is drawn, walls are cut open.
    """

    position: Vec3
    yaw: float = 0.0
    pitch: float = 0.0
    fov_y: float = math.radians(60.0)
    near: float = 0.05
    far: float = 200.0
    roll: float = 0.0
    tangents: tuple[float, float, float, float] | None = None
    ortho_height: float | None = None
    cut_above: float = math.inf

    @classmethod
    def plan(
        cls,
        low: Sequence[float],
        high: Sequence[float],
        aspect: float,
        *,
        cut_above: float = math.inf,
        margin: float = 0.05,
    ) -> Camera:
        """From straight above, north (+y) up, so that the box from `low` to `high` (m) fills the picture.

        aspect: width over height of the picture. cut_above: height (m) at which ceiling and walls are cut
        away. margin: what is left free on each side, as a part of the whole.
        """
        width, depth = high[0] - low[0], high[1] - low[1]
        tall = max(depth, width / aspect, 0.1) * (1 + 2 * margin)
        top = min(float(high[2]), cut_above) + 1.0
        middle = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, top)
        return cls(
            middle, math.pi / 2, -math.pi / 2, near=0.1, far=top - float(low[2]) + 1.0,
            ortho_height=tall, cut_above=cut_above,
        )  # fmt: skip

    def view(self) -> Array:
        """4x4 from the world to the eye's frame: x right, y up, z towards the viewer (as OpenGL has it)."""
        # Columns of `pose_matrix` are forward, left and up; the eye looks along its own -z.
        body = pose_matrix((0.0, 0.0, 0.0), self.yaw, self.pitch)[:3, :3]
        forward, left, up = body[:, 0], body[:, 1], body[:, 2]
        c, s = math.cos(self.roll), math.sin(self.roll)
        right, up = -left * c - up * s, up * c - left * s
        out = np.eye(4)
        out[:3, :3] = (right, up, -forward)
        out[:3, 3] = -out[:3, :3] @ np.asarray(self.position, float)
        return out

    def projection(self, aspect: float) -> Array:
        """4x4 from the eye's frame to clip space with depth 1 at `near` and 0 at `far` (reversed, for precision)."""
        n, f = self.near, self.far
        out = np.zeros((4, 4))
        if self.ortho_height is not None:
            out[0, 0] = 2.0 / (self.ortho_height * aspect)
            out[1, 1] = 2.0 / self.ortho_height
            out[2, 2], out[2, 3], out[3, 3] = 1.0 / (f - n), f / (f - n), 1.0
            return out
        if self.tangents is not None:
            left, right, down, up = self.tangents
        else:
            up = math.tan(self.fov_y / 2)
            left, right, down = -up * aspect, up * aspect, -up
        out[0, 0], out[0, 2] = 2.0 / (right - left), (right + left) / (right - left)
        out[1, 1], out[1, 2] = 2.0 / (up - down), (up + down) / (up - down)
        out[2, 2], out[2, 3], out[3, 2] = n / (f - n), f * n / (f - n), -1.0
        return out


@dataclass(frozen=True)
class PersonPose:
    """One person at one instant.

    position: between the feet on the floor (m). pose, walked: as `xrlab.geometry.body.joints` takes them.
    outfit: one of `OUTFITS`. holds: one of `HOLDS`. variant: chooses skin, hair, build of face and colours
    of clothes; the same number always gives the same looks. joints: (16, 3) world joints (m) if the pose
    comes from elsewhere (the simulation, a headset); then `pose` says only how a thing is held. character: from a
    file, drawn instead of outfit and variant. pitch: of the view (rad, upwards), along which a weapon is aimed; the
    joints follow it already.
    """

    position: Vec3
    yaw: float = 0.0
    pose: str = "standing"
    walked: float = 0.0
    outfit: str = "civil"
    holds: str = "nothing"
    variant: int = 0
    joints: Array | None = None
    character: Character | None = None
    pitch: float = 0.0


@dataclass(frozen=True)
class InHand:
    """What the person through whose eyes a picture is seen holds before them; nothing ever hides it.

    outfit, holds, variant: as of `PersonPose`. raised: 0 lowered .. 1 with the sights before the eye, on the
    middle of the picture. kick: 0 still .. 1 thrown back by a shot.
    """

    outfit: str
    holds: str
    variant: int = 0
    raised: float = 0.0
    kick: float = 0.0


@dataclass(frozen=True)
class Face:
    """What is painted on a board, in its own axes: u to the shooter's right, v up, from its middle (m).

    outline: polygon (n, 2) of the board. layers: polygons (n, 2), each with its sRGB colour 0..1, painted
    in order: later ones over earlier ones. thickness (m). color: sRGB of the board's front and sides.
    lines: closed polygons (n, 2) that are drawn as thin lines over the layers, each with colour and width (m).
    labels: texts at (u, v), each with its colour and the height of its letters (m).
    """

    outline: Array
    layers: tuple[tuple[Array, tuple[float, float, float]], ...] = ()
    thickness: float = 0.005
    color: tuple[float, float, float] = (0.93, 0.92, 0.88)
    metallic: float = 0.0
    lines: tuple[tuple[Array, tuple[float, float, float], float], ...] = ()
    labels: tuple[tuple[str, float, float, tuple[float, float, float], float], ...] = ()


@dataclass(frozen=True)
class Mount:
    """What carries a board.

    kind: "posts" (stands still), "turner" (turns about its middle), "hinge" (falls about its lower edge). foot: the
    place on the floor (m) under the middle of the board. yaw: where the face looks when it is shown (rad); turned:
    where a turner looks now. height: of the board's middle over the floor (m). width, tall: of the board (m).
    rail: corners (m) on the floor of the way that it is carried along; () for none.
    """

    kind: str
    foot: Vec3
    yaw: float
    turned: float
    height: float
    width: float
    tall: float
    rail: tuple[Vec3, ...] = ()


@dataclass(frozen=True)
class BoardPose:
    """One target board at one instant.

    matrix: 4x4 from the board's frame (x out of its face, y to the shooter's right, z up, origin in the
    middle of the face) to the world, as `xrlab.geometry.transforms.pose_matrix` makes it. mount: what carries it;
    None draws nothing.
    """

    face: Face
    matrix: Array
    mount: Mount | None = None

    @classmethod
    def at(cls, face: Face, position: Vec3, yaw: float = 0.0, pitch: float = 0.0) -> BoardPose:
        """A board whose middle is at `position` (m) and whose face looks along `yaw` and `pitch` (rad)."""
        return cls(face, pose_matrix(position, yaw, pitch))


@dataclass(frozen=True)
class Impact:
    """The mark of a bullet: where (m), the direction out of the surface, and the surface's material.

    way: whether the bullet "stopped" in what it met, or "entered" or "left" it here. calibre: its diameter (m).
    energy: what it came with (J). age: seconds since then; what flew off it is seen for `xrlab.render.bursts.LIFE_S`.
    board: number of the frame's board that it is on, -1 for none. fixed: whether it is on a surface of the room, with
    which it ends, or else on something that moves.
    """

    position: Vec3
    normal: Vec3
    material: str = "concrete"
    way: str = "entered"
    calibre: float = 0.009
    energy: float = 500.0
    age: float = math.inf
    board: int = -1
    fixed: bool = True


@dataclass(frozen=True)
class Flash:
    """A shot at its muzzle: a flash that lights what is near, then smoke and a case that is thrown out.

    position: of the muzzle (m). direction: unit vector of the line of fire. age: seconds since the shot. round: whether
    a round was fired, with smoke and a case; a training laser has but the flash.
    """

    position: Vec3
    direction: Vec3 = (1.0, 0.0, 0.0)
    age: float = 0.0
    round: bool = True


@dataclass(frozen=True)
class Cloud:
    """Smoke in a box along the axes, from its low corner to its high one (m). density: 0..1; at 1 one sees 2 m."""

    low: Vec3
    high: Vec3
    density: float


@dataclass(frozen=True)
class Torch:
    """A torch in the hand or on a weapon: a beam that throws shadows.

    position (m), yaw and pitch (rad) of the beam. candela: in its middle. angle: half the beam's opening (rad), up to
    where it has fallen to nothing; it is full up to a third of that.
    """

    position: Vec3
    yaw: float
    pitch: float
    candela: float = 10_000.0
    angle: float = math.radians(14.0)
    color: tuple[float, float, float] = (1.0, 0.97, 0.90)


@dataclass(frozen=True)
class Sky:
    """What is seen of the sky, and what it sends into the room: light in linear colours (cd/m²).

    zenith: straight above. horizon: all around. glow: what is added round the sun, by day and at dusk.
    """

    zenith: Vec3
    horizon: Vec3
    glow: Vec3 = (0.0, 0.0, 0.0)

    @property
    def mean(self) -> Vec3:
        """The mean over the dome, on which it goes from horizon to zenith with 1 - (1 - sine of the height)²."""
        a, b, c = ((h + 2 * z) / 3 for h, z in zip(self.horizon, self.zenith, strict=True))
        return a, b, c

    def dimmed(self, share: float) -> Sky:
        """The same, less bright."""
        if share == 1.0:
            return self
        zenith, horizon, glow = (tuple(v * share for v in part) for part in (self.zenith, self.horizon, self.glow))
        return Sky(cast(Vec3, zenith), cast(Vec3, horizon), cast(Vec3, glow))


EVENING = Sky((18.6, 23.4, 30.0), (34.8, 36.0, 34.5))
"""An evening sky of some 85 lux, so that windows don't outshine lamps."""


@dataclass(frozen=True, eq=False)
class Things:
    """Whatever else moves, many at a time: solids, each with a matrix (n, 4, 4) to the world and four colours.

    colours: (n, 4) uint32, sRGB of 8 bits a channel, red lowest, as the solids' slots name them. Keep the tuple of
    solids from picture to picture: they are known again by it.
    """

    solids: tuple[Solid, ...]
    matrices: Array
    colours: NDArray[np.uint32]
    roughness: float = 0.7
    metallic: float = 0.0


@dataclass(frozen=True)
class Frame:
    """Everything that one picture shows besides the room.

    doors: how far each is open, 0..1; those not named stand as they begin. lights: how bright each group
    is, 0..1; those not named are on. flashes: the last shots. in_hand: what the camera's own person holds, if they
    are to be seen holding it. torches: the first few throw shadows, the rest are left out. sky, sun: what comes from
    outside. adapted: how bright the lamps are that the eyes have got used to, as `lights` has them; those of this
    instant if it is empty. adapted_at: where those eyes are (m); where the camera is if it is None. time: seconds since
    the start of the run, by which smoke drifts. fog_m: how far one sees out of doors (m).
    """

    camera: Camera
    people: Sequence[PersonPose] = ()
    boards: Sequence[BoardPose] = ()
    doors: Mapping[str, float] = field(default_factory=dict)
    lights: Mapping[str, float] = field(default_factory=dict)
    impacts: Sequence[Impact] = ()
    flashes: Sequence[Flash] = ()
    smoke: Sequence[Cloud] = ()
    in_hand: InHand | None = None
    torches: Sequence[Torch] = ()
    sky: Sky = EVENING
    sun: Sun | None = None
    adapted: Mapping[str, float] = field(default_factory=dict)
    adapted_at: Vec3 | None = None
    things: Things | None = None
    time: float = 0.0
    fog_m: float = math.inf


__all__ = [
    "EVENING", "HOLDS", "OUTFITS", "BoardPose", "Camera", "Cloud", "Face", "Flash", "Frame", "Impact", "InHand",
    "Mount", "PersonPose", "Sky", "Sun", "Things", "Torch",
]  # fmt: skip
