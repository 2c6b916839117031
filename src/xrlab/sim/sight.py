"""Who will see whom: worked out ahead from everyone's plans, and anew only for those who change theirs.

A person sees another who is within the field of view, of whom at least two of seven body points (crown,
chest, pelvis, hands, knees) are in free line of sight, and who is lit well enough for the distance (`sim.light`).

How it is done. All motion is planned, so the answers of the next ticks can be known beforehand: a *window* of `SPAN`
ticks is worked out in one go, in arrays whose first axis is the tick. When someone changes plan, only the pairs that
they belong to are worked out again, from then on to the window's end. For each pair there are two stages: which body
points the room itself leaves free (Embree), and whether enough of those are hidden neither by a door leaf nor by the
dark; a door that moves and a lamp that is switched ask only for the second. Nothing is worked out for ticks in which
neither of a pair moves: there the answer is that of the tick before.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array, quantise_time
from xrlab.scenario.model import VIEW_DEG
from xrlab.sim.light import Light, reach
from xrlab.sim.smoke import Smoke
from xrlab.sim.world import Actor, World

TICK_S = 0.1
SPAN = 16
"""So many ticks are worked out ahead."""

FIELD_OF_VIEW = math.radians(VIEW_DEG)
POINTS_NEEDED = 2
TOUCH_M = 0.5
"""So near one is noticed from any side and in the dark."""

COS_VIEW = math.cos(FIELD_OF_VIEW / 2)
_CHEST = 1
_EYE = _EACH = len(body.SIGHT_JOINTS)

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Sight:
    """The window of ticks from `first` on, with everyone's place and who sees whom in each.

    actors: everyone, in order. watcher, watched: (pairs,) who may see whom, as indices of actors, in rising order.
    places (SPAN, n, 3), looks (SPAN, n, 2), bodies (SPAN, n, 8, 3): feet, direction of view, and the sight points with
    the eyes as the last of them. seen: (SPAN, pairs).
    rests: from which tick on everyone stands still; doors_rest: all doors and lamps.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.actors: list[Actor] = list(world.actors.values())
        self._number = {actor.name: i for i, actor in enumerate(self.actors)}
        n = len(self.actors)
        trainee = np.array([a.role == "trainee" for a in self.actors], bool)
        # trainees look at role players and role players at trainees, and at each other where somebody asks for it
        looks = trainee[:, None] != trainee[None, :]
        for who, whom in world.lookouts:
            looks[self._number[who], self._number[whom]] = True
        self.watcher, self.watched = np.nonzero(looks)
        self._sees_m = [a.sees_m for a in self.actors]
        self._reach = np.array(self._sees_m)[self.watcher]
        self._cos_view = np.array([math.cos(math.radians(a.view_deg) / 2) for a in self.actors])[self.watcher]
        self._pairs_of = _by_person(self.watcher, self.watched, n)
        pairs = len(self.watcher)
        self.first = 0
        self.places = np.full((SPAN, n, 3), math.nan)
        self.looks = np.zeros((SPAN, n, 2))
        self.seen = np.zeros((SPAN, pairs), bool)
        self.rests = np.zeros(n, np.int64)
        self.bodies = np.zeros((SPAN, n, _EACH + 1, 3))
        self._free = np.zeros((SPAN, pairs, _EACH), bool)
        self._light = Light(world)
        self._smoke = Smoke(world)
        self._set_doors_and_lamps(0)
        self._torches: set[int] = set()
        self._news: set[int] = set(range(n))
        self._doors_news = True
        self.doors_rest = 0

    @property
    def moves_until(self) -> int:
        """The tick from which on, as planned now, nothing moves."""
        return max(int(self.rests.max(initial=0)), self.doors_rest)

    def leaves(self, row: int) -> Array:
        """How the door leaves stand in a row, for `World.leaves_block`."""
        return self._leaves[row : row + 1]

    def has_changed(self, who: str | None) -> None:
        """What was foreseen of someone, or of all doors and lamps, holds no longer."""
        if who is None:
            self._doors_news = True
        else:
            self._news.add(self._number[who])

    def bring_to(self, tick: int) -> tuple[Indices, bool]:
        """Works out what is not known yet, so that `tick` lies in the window.

        Gives whose places were worked out, and whether the answers of any tick to come may be others now.
        """
        if tick >= self.first + SPAN:
            self._next_window(tick)
            who = {int(i) for i in np.flatnonzero(self.rests >= tick)} | self._news
        else:
            who = self._news
        row = tick - self.first
        if self._doors_news:
            self.doors_rest = _tick_from(max(self._world.doors_rest_at, self._light.rests_at, self._smoke.rests_at))
        doors = self._doors_news or (row == 0 and self.doors_rest >= tick)
        if doors:
            self._set_doors_and_lamps(row)
        for i in self._news:
            (self._torches.add if self.actors[i].torch else self._torches.discard)(i)
        changed = np.array(sorted(who), np.int64)
        new = row == 0 or doors or bool(who)
        for i in self._news:
            if self._sees_m[i] != self.actors[i].sees_m:
                self._sees_m[i] = self.actors[i].sees_m
                self._reach[self.watcher == i] = self._sees_m[i]
        self._news, self._doors_news = set(), False
        if who:
            self._place(changed, row)
            pairs = self._pairs(changed)
            last = self._last_rows(pairs, row)
            free = self._room_leaves_free(pairs, row, last)
        shone = not self._torches.isdisjoint(who) and not self._good[row:].all()
        if doors or shone or (who and self._last_change(row) > 0):
            pairs = np.arange(len(self.watcher)) if doors or shone else pairs
            last = np.maximum(self._last_rows(pairs, row), self._last_change(row))
            free = self._free[row : row + int(last.max(initial=0)) + 1, pairs]
        if doors or who:
            self._doors_leave_free(free, pairs, row, last)
        return changed, new

    def _last_change(self, row: int) -> int:
        """The last row, counted from `row`, in which a door, a lamp or who holds a torch moves."""
        changes = max([self.doors_rest, *(int(self.rests[i]) for i in self._torches)])
        return min(max(changes - self.first, row), SPAN - 1) - row

    def _set_doors_and_lamps(self, row: int) -> None:
        times = self._times(row)
        if row == 0:
            self._leaves, self._levels = self._world.leaf_ways(times), self._light.levels(times)
            self._good = self._light.is_good(self._levels)
            self._dense = self._smoke.densities(times)
        else:
            self._leaves[row:], self._levels[row:] = self._world.leaf_ways(times), self._light.levels(times)
            self._good[row:] = self._light.is_good(self._levels[row:])
            self._dense[row:] = self._smoke.densities(times)

    def _next_window(self, tick: int) -> None:
        """Begins a window at `tick`, in which all is as it was in the last one's last tick."""
        self.first = tick
        for known in (
            self.places, self.looks, self.bodies, self._free, self.seen, self._leaves, self._levels, self._good,
            self._dense,
        ):  # fmt: skip
            known[:] = known[-1]

    def _times(self, row: int) -> list[float]:
        return [quantise_time((self.first + k) * TICK_S) for k in range(row, SPAN)]

    def _pairs(self, who: Indices) -> Indices:
        if len(who) == 1:
            alone: Indices = self._pairs_of[who[0]]
            return alone
        both: Indices = np.concatenate([who[:0], *(self._pairs_of[i] for i in who)])
        return np.unique(both)

    # --- where everyone is ---------------------------------------------------------------------------

    def _place(self, who: Indices, row: int) -> None:
        """Works out from their plans where these people are from this row on."""
        times = self._times(row)
        places, turns, points, ends = [], [], [], []
        for i in who:
            actor = self.actors[i]
            rest = self.rests[i] = _tick_from(actor.track.ends)
            many = min(max(rest - self.first - row + 1, 1), len(times))
            stances = actor.track.sample(times[:many])
            places += [s[:3] for s in stances]
            turns += [(math.cos(s[3]), math.sin(s[3])) for s in stances]
            points.append(body.sight_points(actor.pose, [body.sight_phase(actor.pose, s[4], s[5]) for s in stances]))
            ends.append(many)
        here, turn = np.array(places), np.array(turns)
        bodies = body.placed(np.concatenate(points), here[:, None], turn[:, None])
        at = 0
        for i, many in zip(who, ends, strict=True):
            for known, new in ((self.places, here), (self.looks, turn), (self.bodies, bodies)):
                known[row : row + many, i] = new[at : at + many]
                if row + many < SPAN:
                    known[row + many :, i] = new[at + many - 1]
            at += many

    # --- who sees whom -------------------------------------------------------------------------------

    def _last_rows(self, pairs: Indices, row: int) -> Indices:
        """(pairs,) the last row, counted from `row`, for which each pair must be asked; it stands still after that."""
        still = np.maximum(self.rests[self.watcher[pairs]], self.rests[self.watched[pairs]])
        last: Indices = np.minimum(np.maximum(still - (self.first + row), 0), SPAN - 1 - row)
        return last

    def _room_leaves_free(self, pairs: Indices, row: int, last: Indices) -> Flags:
        """Which points of those in the field of view no wall hides: (rows, pairs, 7), each pair up to its last row."""
        watcher, watched = self.watcher[pairs], self.watched[pairs]
        rows = int(last.max(initial=0)) + 1
        bodies, looks = self.bodies[row : row + rows], self.looks[row : row + rows].take(watcher, axis=1)
        way = bodies[:, :, _CHEST].take(watched, axis=1) - bodies[:, :, _EYE].take(watcher, axis=1)
        dx, dy = way[..., 0], way[..., 1]
        distance = np.sqrt(dx * dx + dy * dy)
        ahead = dx * looks[..., 0] + dy * looks[..., 1]
        near = (ahead >= distance * self._cos_view[pairs] - 1e-9) | (distance < TOUCH_M)
        near &= distance < self._reach[pairs]
        near &= np.arange(rows)[:, None] <= last
        tick, pair = np.nonzero(near)
        free = np.zeros((rows, len(pairs), _EACH), bool)
        if len(tick):
            starts = np.repeat(bodies[tick, watcher[pair], _EYE], _EACH, axis=0)
            ends = bodies[tick, watched[pair], :_EACH].reshape(-1, 3)
            free[tick, pair] = ~self._world.room.opaque.blocked_many(starts, ends).reshape(-1, _EACH)
        self._keep(self._free, free, pairs, row, last)
        return free

    def _doors_leave_free(self, free: Flags, pairs: Indices, row: int, last: Indices) -> None:
        """Who is seen: those of whom enough points are hidden neither by walls nor by doors, the dark or smoke."""
        rows = len(free)
        enough = free.sum(axis=2) >= POINTS_NEEDED
        enough &= np.arange(rows)[:, None] <= last
        tick, pair = np.nonzero(enough)
        if len(tick):
            open_points = free[tick, pair]
            line, point = np.nonzero(open_points)
            at = tick[line] + row
            whose = pairs[pair[line]]
            starts, ends = self.bodies[at, self.watcher[whose], _EYE], self.bodies[at, self.watched[whose], point]
            leaves = self._leaves[row : row + 1] if self.doors_rest <= self.first + row else self._leaves
            open_points[line, point] = ~self._world.leaves_block(starts, ends, leaves, at)
            enough[tick, pair] = open_points.sum(axis=1) >= POINTS_NEEDED
        if not self._good[row : row + rows].all():
            tick, pair = np.nonzero(enough & ~self._good[row : row + rows, None])
            enough[tick, pair] = self._lit(tick + row, pairs[pair])
        if self._smoke.is_about(self._dense):
            tick, pair = np.nonzero(enough)
            eyes, chests = self.watcher[pairs[pair]], self.watched[pairs[pair]]
            starts, ends = self.bodies[tick + row, eyes, _EYE], self.bodies[tick + row, chests, _CHEST]
            enough[tick, pair] = ~self._smoke.hides(starts, ends, self._dense, tick + row)
        self._keep(self.seen, enough, pairs, row, last)

    def _lit(self, rows: Indices, pairs: Indices) -> Flags:
        """For pairs in rows, (n,) each: whether the watched is lit well enough to be seen by the watcher."""
        watcher, watched = self.watcher[pairs], self.watched[pairs]
        eyes, chests = self.bodies[rows, watcher, _EYE], self.bodies[rows, watched, _CHEST]
        _, first, of = np.unique(rows * len(self.actors) + watched, return_index=True, return_inverse=True)
        lux = self._light.lux(chests[first], self._levels[rows[first]], self._leaves, rows[first])
        for torch in sorted(self._torches):
            for row in sorted(set(rows.tolist())):
                here = np.flatnonzero((rows[first] == row) & (watched[first] != torch))
                place, look = self.bodies[row, torch, _EYE], self.looks[row, torch]
                lux[here] += self._light.beam(place, look, chests[first[here]], self._leaves[row : row + 1])
        distance = np.sqrt(((chests - eyes) ** 2).sum(axis=1))
        lit: Flags = (distance <= reach(lux)[of]) | (distance < TOUCH_M)
        held = np.isin(watched, sorted(self._torches))
        return lit | (held & self._light.dazzles(self.bodies[rows, watched, _EYE], self.looks[rows, watched], eyes))

    @staticmethod
    def _keep(known: NDArray[np.bool_], new: NDArray[np.bool_], pairs: Indices, row: int, last: Indices) -> None:
        """Puts what was worked out into the window; after its last row a pair's answer stays."""
        rows = len(new)
        if len(pairs) and int(last.min()) < rows - 1:
            new = new[np.minimum(np.arange(rows)[:, None], last), np.arange(len(pairs))]
        known[row : row + rows, pairs] = new
        if row + rows < SPAN:
            known[row + rows :, pairs] = new[-1]


def _tick_from(t: float) -> int:
    """The first tick at `t` or later."""
    tick = math.floor(t / TICK_S)
    while quantise_time(tick * TICK_S) < t:
        tick += 1
    return tick


def _by_person(watcher: Indices, watched: Indices, people: int) -> list[Indices]:
    """For each person the pairs that they belong to, rising."""
    pairs = np.arange(len(watcher))
    who, which = np.concatenate((watcher, watched)), np.concatenate((pairs, pairs))
    order = np.lexsort((which, who))
    return np.split(which[order], np.searchsorted(who[order], np.arange(1, people)))
