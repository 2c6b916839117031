"""The world as a function of time: bodies, boards, doors and lamps, each asked for where it is at `t`.

Nothing here decides anything; the engine changes plans, and whoever wants to know asks for a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.leaves import Leaves
from xrlab.geometry.paths import Stance, Track
from xrlab.geometry.poses import PARTS, mix, seconds
from xrlab.geometry.ramps import Ramp
from xrlab.geometry.shapes import Circle, Ellipse, Polygon, Shape
from xrlab.geometry.transforms import Array, Vec3
from xrlab.room.characters import Character
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Door, Room
from xrlab.scenario.library import means, weapons
from xrlab.scenario.model import SEES_M, VIEW_DEG, WEAPONS_IN_HAND, Face, Scenario, Target
from xrlab.sim.flight import Barrel


class Wires(NamedTuple):
    """Probes of a conducted-energy device that hold on somebody: with what effect, and in which hit zones."""

    whom: str
    effect: Literal["incapacitated", "pain"]
    zones: tuple[str | None, str | None]


@dataclass
class Weapon:
    """A weapon in the hand of a trainee or role player: rounds left, and when it can fire again.

    load: what it fires, None for a beam. malfunctions: how likely a round fails to fire; fails_next: the next one will.
    jammed: one did, and the weapon has not been cleared. wires: the probes last discharged, while they hold.
    """

    kind: str
    capacity: int
    reload_s: float
    interval_s: float
    rounds: int
    clear_s: float = 0.0
    dispersion_mrad: float = 0.0
    load: str | None = None
    malfunctions: float = 0.0
    ready_at: float = 0.0
    jammed: bool = False
    fails_next: bool = False
    wires: Wires | None = None

    @property
    def less_lethal(self) -> bool:
        """Whether it is a less-lethal means: rounds are cartridges, or bursts of a second; a baton has none."""
        return self.kind in means()

    @classmethod
    def of(cls, kind: str, load: str | None = None, malfunctions: float = 0.0) -> Weapon:
        """A full weapon or means of the library, with its usual load or another; raises KeyError for what it lacks.

        A `reload_s` of 0: it can't be reloaded.
        """
        other = means().get(kind)
        if other is not None:
            uses, reload_s = getattr(other, "uses", 0), getattr(other, "reload_s", 0.0)
            return cls(kind, uses, reload_s, other.interval_s, uses)
        spec = weapons()[kind]
        return cls(
            kind, spec.rounds, spec.reload_s, spec.interval_s, spec.rounds, spec.clear_s, spec.dispersion_mrad,
            load or spec.load, malfunctions,
        )  # fmt: skip

    @property
    def barrel(self) -> Barrel:
        """What it gives to the flight of its load; it must have one."""
        spec = weapons()[self.kind]
        assert self.load is not None
        return Barrel(spec.loads[self.load], spec.sight_mm / 1000, spec.zero_m)


ITEM_WEAPON = {"handgun": "pistol", "long_gun": "carbine"}
"""What kind of weapon a role player fires with what is in the hand."""


@dataclass(frozen=True)
class Lying:
    """A thing on the floor: what it is, where (m), and which way it points (rad)."""

    item: str
    position: Vec3
    yaw: float


NOWHERE_M = 1000.0
"""So far below the floor those wait who have yet to appear: nobody sees, hears or hits them there."""


class Heard(NamedTuple):
    """The last sound of a kind that somebody heard of somebody: when, after which event, how loud, and from where."""

    t: float
    number: int
    db: float
    at: Vec3


@dataclass
class Actor:
    """A trainee or a role player.

    team: of a trainee, else "". role: "trainee", "threat" or "no_shoot". danger_set: what the state says, or
    None to judge by hand and pose. character: from a file, which is drawn instead of outfit and variant. posed: from
    what they last changed to `pose`, and when. torch: whether theirs is on. view_deg, sees_m: width and reach of the
    field in which they notice others. hears: 1 well, 0 nothing. carries: what is hidden on the body.
    present: False for who has yet to appear: they wait far below, out of reach of all.
    """

    name: str
    role: str
    team: str
    track: Track
    outfit: str = "civil"
    variant: int = 0
    character: Character | None = None
    pose: str = "standing"
    posed: tuple[body.Pose, float] | None = None
    holds: str = "nothing"
    state: str = ""
    state_since: float = 0.0
    danger_set: bool | None = None
    torch: bool = False
    view_deg: float = VIEW_DEG
    sees_m: float = SEES_M
    hears: float = 1.0
    carries: list[str] = field(default_factory=list)
    weapons: list[Weapon] = field(default_factory=list)
    present: bool = True

    @property
    def weapon(self) -> Weapon | None:
        """The weapon in hand."""
        return self.weapons[0] if self.weapons else None

    @property
    def is_danger(self) -> bool:
        """Armed, hostile and not given up: what a trainee may have to stop."""
        if self.role != "threat":
            return False
        if self.danger_set is not None:
            return self.danger_set
        return self.holds in WEAPONS_IN_HAND and self.pose not in ("hands_up", "kneeling", "lying")

    def take_pose(self, pose: str, t: float) -> None:
        """Changes to another pose from `t` on; the body takes some tenths of a second for it."""
        self.posed = (self.pose_at(t), t)
        self.pose = pose

    def pose_at(self, t: float) -> body.Pose:
        """The pose at `t`, or what lies between the last two."""
        if self.posed is None:
            return self.pose
        before, since = self.posed
        gone = (t - since) / seconds(before, self.pose)
        if gone >= 1.0:
            return self.pose
        part = int(gone * PARTS)
        return mix(before, self.pose, part) if part > 0 else before

    def bearing(self, t: float) -> body.Bearing:
        """How the body holds itself at `t`: pose, legs and, in steps, the pitch of the view."""
        pose, gait = self.pose_at(t), self.track.gait_at(t)
        pitch = round(self.track.leg_at(t).pitch * body.PITCHES)
        if self.character is None:
            return body.Bearing(pose, gait, pitch)
        own = self.character.own
        turn = 0 if gait is None else body.own_turn(own, pose, gait, self.track.at(t).walked)
        return body.Bearing(pose, gait, pitch, own, turn)

    @property
    def changes_until(self) -> float:
        """When the last change of pose is, or was, over."""
        return self.posed[1] + seconds(self.posed[0], self.pose) if self.posed is not None else -math.inf

    def joints(self, t: float) -> Array:
        """World joints (16, 3) at `t`."""
        s = self.track.at(t)
        return body.place(body.joints_of(self.bearing(t)), s.position, s.yaw)

    def eye(self, t: float) -> Vec3:
        """Where the eyes are at `t`."""
        return self.eye_of(self.track.at(t))

    def eye_of(self, s: Stance) -> Vec3:
        """Where the eyes are of who stands so, in the present pose."""
        ex, ey, ez = body.eye(self.pose)
        c, sn = math.cos(s.yaw), math.sin(s.yaw)
        return (s.x + ex * c - ey * sn, s.y + ex * sn + ey * c, s.z + ez)


@dataclass(frozen=True)
class Zone:
    """A scoring zone of a board: its name, points and shape in metres."""

    name: str
    points: float
    shape: Shape


def zones_of(face: Face) -> tuple[Zone, ...]:
    """The scoring zones of a face, innermost first, in metres."""
    out = []
    for zone in face.zones:
        shape: Shape
        if zone.circle_mm:
            u, v, r = (n / 1000 for n in zone.circle_mm)
            shape = Circle((u, v), r)
        elif zone.ellipse_mm:
            u, v, a, b = (n / 1000 for n in zone.ellipse_mm)
            shape = Ellipse((u, v), (a, b))
        else:
            shape = Polygon(tuple((u / 1000, v / 1000) for u, v in zone.corners_mm))
        out.append(Zone(zone.zone, zone.points, shape))
    return tuple(out)


@dataclass
class Board:
    """A target: where its board is at a time, and what its face scores.

    track: of the middle of its face, upright. shown: 1 faces the shooters, 0 turned away, or lying where it falls or
    pops up. standing: 1, or 0 where a turning or fixed one was shot down. rail: corners of its way, the first where it
    begins. hits, points: since it was exposed. serial: grows whenever it is shown or hidden, so that a coming back that
    was meant for before can be told. carried: it goes on along its rail until told to stop; pass_serial: as serial.
    """

    name: str
    spec: Target
    face: Face
    track: Track
    shown: Ramp
    zones: tuple[Zone, ...]
    rail: tuple[Vec3, ...] = ()
    standing: Ramp = field(default_factory=lambda: Ramp(1.0))
    hits: int = 0
    points: float = 0.0
    serial: int = 0
    carried: bool = False
    pass_serial: int = 0

    @cached_property
    def span(self) -> float:
        """How far (m) anything of it ever is from its place, standing, turned or fallen."""
        high = self.face.height_mm / 1000
        return high / 2 + math.hypot(self.face.width_mm / 2000, high)

    @property
    def facing(self) -> float:
        """Direction (rad) in which the face looks when it is exposed."""
        return math.radians(self.spec.yaw_deg)

    @property
    def exposed(self) -> bool:
        """Whether it faces the shooters, or is about to."""
        return self.shown.goal == 1.0 and self.standing.goal == 1.0

    @property
    def tips(self) -> bool:
        """Whether it is hidden by lying on its back, not by turning its edge."""
        return self.spec.motion in ("falling", "popping")

    def place(self, t: float) -> Vec3:
        """Middle of the face at `t`, were it upright: it moves along its rail."""
        return self.track.at(t).position

    def angles(self, t: float) -> tuple[float, float]:
        """Yaw and pitch (rad) of the face at `t`: turned up to 90° about the vertical, or fallen 90° backwards."""
        away, fallen = ((1.0 - ramp.at(t)) * math.pi / 2 for ramp in (self.shown, self.standing))
        return (self.facing, away) if self.tips else (self.facing + away, fallen)

    def middle(self, t: float) -> Vec3:
        """Middle of the face at `t`; a falling board turns about its lower edge."""
        yaw, pitch = self.angles(t)
        x, y, z = self.place(t)
        if pitch == 0.0:
            return x, y, z
        half = self.face.height_mm / 2000
        back = math.sin(pitch) * half
        return (x - math.cos(yaw) * back, y - math.sin(yaw) * back, z - half * (1 - math.cos(pitch)))

    def axes(self, t: float) -> tuple[Vec3, Vec3, Vec3]:
        """Unit vectors of the face at `t`: out of it, to the shooter's right, and up along it."""
        yaw, pitch = self.angles(t)
        cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
        return (cy * cp, sy * cp, sp), (-sy, cy, 0.0), (-cy * sp, -sy * sp, cp)


class World:
    """Everything of one run that has a place: the room, and what moves in it."""

    def __init__(self, scenario: Scenario, room: Room) -> None:
        self.room = room
        self.scenario = scenario
        self.actors: dict[str, Actor] = {}
        self.boards: dict[str, Board] = {}
        self.lookouts: frozenset[tuple[str, str]] = frozenset()
        """Role players who look out for others, and for whom; set before anyone looks."""
        self.lying: list[Lying] = []
        """What was dropped and not taken up again, the oldest first."""
        self.doors: dict[str, Ramp] = {name: Ramp(d.begins_open) for name, d in room.doors.items()}
        groups = {light.group for light in room.lights}
        self.lights: dict[str, Ramp] = {group: Ramp(1.0) for group in sorted(groups)}
        self.smoke: dict[str, Ramp] = {zone: Ramp(0.0) for zone in room.zones}
        """How dense the smoke in each zone is, 0 to 1."""
        self.version = 0
        """Grows with every change of a plan, so that what was foreseen from older plans can be told."""
        self.targets_version = 0
        """Grows whenever a target is shown or hidden, falls, or gets another way."""
        self.news: Callable[[str | None], None] = lambda who: None
        """Called with every change: by it whoever looks ahead learns what they foresaw in vain."""
        low, high = room.bounds
        self.box: tuple[Vec3, Vec3] = (
            (float(low[0]), float(low[1]), float(low[2])), (float(high[0]), float(high[1]), float(high[2]))
        )  # fmt: skip
        """Lowest and highest corner of the room; what has left it meets nothing more."""
        self._doors = list(room.doors.values())
        self._hiding = [n for n, d in enumerate(self._doors) if MATERIALS[d.material].blocks_sight]
        self._leaves = Leaves(
            np.array([self._doors[n].hinge for n in self._hiding]).reshape(-1, 3),
            np.array([self._doors[n].width for n in self._hiding]),
            np.array([self._doors[n].height for n in self._hiding]),
        )
        self._leaf_ways: dict[tuple[int, float], tuple[float, float]] = {}
        self.leaves: list[Leaf] = [
            (d.hinge[0], d.hinge[1], math.hypot(d.width, d.thickness / 2) + 1e-6, n, self.doors[n], d)
            for n, d in room.doors.items()
        ]
        self._walkers: list[_Walker] = []
        self._walkers_of = -1

    def changed(self, who: str | None = None) -> None:
        """To be called when someone's plan or pose has changed; without a name: that of a door, or of anything."""
        self.version += 1
        self.news(who)

    def near_line(self, t: float, origin: Vec3, ray: Vec3, reach: float, wide: float = 0.0) -> list[Actor]:
        """Whose body may at `t` be met by a ray within `reach` metres, seen from above; wide: radius (m) of the ray."""
        if self._walkers_of != self.version:
            self._walkers = [_walker(actor, t) for actor in self.actors.values()]
            self._walkers_of = self.version
        (ox, oy, _), (dx, dy, _) = origin, ray
        flat = math.sqrt(dx * dx + dy * dy)
        ahead, side = ox * dx + oy * dy, ox * dy - oy * dx
        end = reach * flat * flat if flat > 0.0 else 0.0
        out = []
        for index, (since, until, t1, x, y, vx, vy, radius, actor) in enumerate(self._walkers):
            if not since <= t < until:
                self._walkers[index] = _, _, t1, x, y, vx, vy, radius, _ = _walker(actor, t)
            at = t if t < t1 else t1
            px, py, near = x + vx * at, y + vy * at, (radius + wide) * flat + 1e-6
            if -near <= px * dy - py * dx - side <= near and -near <= px * dx + py * dy - ahead <= end + near:
                out.append(actor)
        return out

    def leaf_ways(self, times: Sequence[float]) -> Array:
        """Directions (times, doors, 2), on the floor, of the leaves that hide something, at these times."""
        ramps = [(n, self.leaves[n][4]) for n in self._hiding]
        ways = [[self._leaf_way(n, ramp.at(t)) for n, ramp in ramps] for t in times]
        return np.array(ways).reshape(len(times), len(ramps), 2)

    @property
    def doors_rest_at(self) -> float:
        """When the last door comes to rest, as planned now."""
        return max((ramp.rests_at for ramp in self.doors.values()), default=0.0)

    def leaves_block(self, starts: Array, ends: Array, ways: Array, which: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For straight lines (n, 3) to (n, 3): whether they cross a door leaf, taken as a sheet without thickness.

        Leaves of glass are looked through. ways: how the leaves stand at several times, from `leaf_ways`; which: (n,)
        the time that each line goes by; of no account where there is but one.
        All lines and doors at once: while doors move, that is quicker than to build them anew for Embree.
        """
        return self._leaves.block(starts, ends, ways, which)

    def _leaf_way(self, number: int, opened: float) -> tuple[float, float]:
        """Direction (unit vector on the floor) of a leaf that is `opened` 0..1."""
        way = self._leaf_ways.get((number, opened))
        if way is None:
            yaw = self._doors[number].yaw(opened)
            way = self._leaf_ways[(number, opened)] = (math.cos(yaw), math.sin(yaw))
        return way


Leaf = tuple[float, float, float, str, Ramp, Door]
"""A door leaf: where its hinge is, how far it reaches from there, its name, what moves it, and the door."""

_Walker = tuple[float, float, float, float, float, float, float, float, Actor]
"""An actor's present leg: holds from, until; ends; where it would have been at 0; velocity; the body's reach."""


def _walker(actor: Actor, t: float) -> _Walker:
    leg, until, reach = actor.track.leg_at(t), actor.track.next_start(t), body.MOVING_REACH_M
    if actor.character is not None:
        reach = body.OWN_REACH_M
    changing = actor.changes_until
    if changing > t:
        until = min(until, changing)
    elif actor.character is None and actor.track.gait_at(t) is None:
        reach = body.reach(actor.pose)
    if leg.t1 <= leg.t0 or t < leg.t0:
        x, y = (leg.x0, leg.y0) if t < leg.t0 else (leg.x1, leg.y1)
        return min(leg.t0, t), until, leg.t1, x, y, 0.0, 0.0, reach, actor
    vx, vy = (leg.x1 - leg.x0) / (leg.t1 - leg.t0), (leg.y1 - leg.y0) / (leg.t1 - leg.t0)
    return leg.t0, until, leg.t1, leg.x0 - vx * leg.t0, leg.y0 - vy * leg.t0, vx, vy, reach, actor


def leaf_box(door: Door, opened: float) -> Array:
    """The eight corners (8, 3) of a door leaf that is `opened` 0..1."""
    yaw = door.yaw(opened)
    along = np.array([math.cos(yaw), math.sin(yaw)])
    across = np.array([-along[1], along[0]]) * (door.thickness / 2)
    hinge = np.array(door.hinge[:2])
    flat = [hinge - across, hinge + along * door.width - across, hinge + along * door.width + across, hinge + across]
    z = door.hinge[2]
    return np.array([(*p, z) for p in flat] + [(*p, z + door.height) for p in flat])
