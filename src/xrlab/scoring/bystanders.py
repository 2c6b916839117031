"""Who else was near a line of fire: before, beside and behind the person at whom it went.

A bullet that misses a person, or goes through, flies on. So it is looked at who stands within a metre of its line, up
to 30 m behind the person. Where the room is known, those whom a wall that stops bullets hides are left out; doors and
furniture are not relied on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from xrlab.geometry import body
from xrlab.geometry.nearness import passes_by
from xrlab.geometry.paths import Track
from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, Vec3, direction
from xrlab.scoring.conduct import Conduct
from xrlab.scoring.ground import Ground

NEAR_M = 1.0
"""Whom a line passes within this distance was near it."""
BEYOND_M = 30.0
"""So far behind the person others are looked for."""
BESIDE_M = 0.5
"""No farther before or behind the person than this one stands beside them."""

Where = Literal["before", "beside", "behind"]
_CHEST = 1


class Bystander(NamedTuple):
    """Somebody near a line of fire. off_m: how far it passes by them. beyond_m: how far behind the person they are."""

    who: str
    where: Where
    off_m: float
    beyond_m: float

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return self._asdict()


@dataclass(frozen=True)
class Line:
    """A line of fire: from where, along which angles (rad), when, at whom, by whom; number: of its event."""

    number: int
    t: float
    origin: Vec3
    yaw: float
    pitch: float
    shooter: str
    whom: str


class Surroundings:
    """Where everyone was, for lines of fire. room: gives it when it is first asked for; None where it is not known."""

    def __init__(
        self,
        tracks: Mapping[str, Track],
        people: tuple[str, ...],
        conduct: Conduct,
        room: Callable[[], Ground | None],
    ) -> None:
        self._tracks = {name: tracks[name] for name in people if name in tracks}
        self._conduct = conduct
        self._room = room

    @cached_property
    def _walls(self) -> RayMesh | None:
        ground = self._room()
        return None if ground is None else _walls(ground)

    def joints(self, who: str, number: int, t: float) -> Array | None:
        """The joints (16, 3) of somebody just before an event at `t`; None for who was nowhere."""
        track = self._tracks.get(who)
        pose = self._conduct.posture(who, number).pose
        if track is None or pose not in body.POSES:
            return None
        stance = track.at(t)
        return body.place(body.joints(pose, stance.walked, stance.speed), stance.position, stance.yaw)

    def near(self, line: Line) -> list[Bystander]:
        """Who stood near a line, the nearest to the shooter first."""
        mine = self.joints(line.whom, line.number, line.t)
        if mine is None or not all(map(math.isfinite, (*line.origin, line.yaw, line.pitch))):
            return []  # a recording may come from a stranger
        ray = line.origin, direction(line.yaw, line.pitch)
        away = passes_by(*ray, mine)[1]
        out = []
        for name in self._tracks:
            joints = None if name in (line.shooter, line.whom) else self.joints(name, line.number, line.t)
            if joints is None:
                continue
            off, along = passes_by(*ray, joints)
            beyond = along - away
            near = off <= NEAR_M and along > 0.0 and beyond <= BEYOND_M  # neither for what is no number
            if not near or self._walled(mine, joints):
                continue
            where: Where = "beside" if abs(beyond) <= BESIDE_M else "behind" if beyond > 0 else "before"
            out.append(Bystander(name, where, round(off, 3), round(beyond, 3)))
        return sorted(out, key=lambda b: (b.beyond_m, b.who))

    def _walled(self, mine: Array, theirs: Array) -> bool:
        """Whether walls that stop bullets hide all of somebody from the person who is shot at."""
        if self._walls is None:
            return False
        ends = theirs[body.SIGHT_JOINTS]
        starts = np.broadcast_to(mine[body.SIGHT_JOINTS[_CHEST]], ends.shape)
        return bool(self._walls.blocked_many(starts, ends).all())


HOLD = ("concrete", "brick", "sand", "armoured_glass")
"""Materials of walls that are relied on to stop bullets of pistols and carbines, as thick as they are built."""


def _walls(ground: Ground) -> RayMesh:
    """The triangles of a room's walls that are relied on to stop bullets."""
    hold = np.array([name in HOLD for name in ground.materials], bool)
    return RayMesh(ground.vertices, ground.faces[hold[ground.material_of]])
