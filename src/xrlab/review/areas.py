"""The map of a debrief: the floor by when the team first saw it, what nobody saw, and what was passed unseen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from xrlab.geometry.transforms import Array
from xrlab.review.facts import Facts
from xrlab.review.ground import Ground, Labels
from xrlab.review.plan import way_of
from xrlab.review.svg import el, figure, join, num, outline, points
from xrlab.scoring.ground import FLOOR_GRID_M
from xrlab.scoring.tactics import Tactics
from xrlab.scoring.tactics.floor import Seen
from xrlab.scoring.tactics.passing import Passed
from xrlab.words import Words

BANDS = 4
"""So many shades tell when a piece of floor was first seen."""

LETTER = 6.0
"""How wide a letter of a zone's name is, on the mean."""

MOST_CELLS = 40_000
"""More pieces of floor than this are not drawn one by one."""


@dataclass(frozen=True)
class Left:
    """A place that was left unseen at somebody's back. number: its mark on the map. names: who, the first first."""

    number: int
    first: Passed
    who: tuple[str, ...]


class Areas:
    """Draws the map. left: the places that were passed unseen, as they are numbered on it; bands: its shades' times."""

    def __init__(self, facts: Facts, words: Words, tactics: Tactics) -> None:
        self._facts, self._words, self._tactics = facts, words, tactics
        self._ground = Ground(facts)
        self._labels = Labels(self._ground.width, self._ground.height)
        self.left = _left(tactics.passed)
        self.bands = _bands(tactics.seen)

    @property
    def empty(self) -> bool:
        """Whether there is no floor to be looked at."""
        return self._ground.empty or not 0 < self._tactics.seen.floor <= MOST_CELLS

    def drawing(self) -> Markup:
        """The whole map."""
        g = self._ground
        for left in self.left:
            self._labels.keep_free(*g.at(*left.first.place[:2]), 11)
        corners = self._corners()
        for who in self._facts.trainees:
            if who in self._facts.recording.tracks:
                self._labels.keep_free(*g.at(*way_of(self._facts.recording.tracks[who], self._facts.duration)[0]), 9)
        return figure(
            g.width, g.height, self._words("areas-alt"),
            join([el("path", d=outline(g.line(line)), class_="floor") for line in g.outlines["floor"]]),
            self._cells(),
            join([el("path", d=outline(g.line(line)), class_="furniture") for line in g.outlines["furniture"]]),
            self._walls(), self._doors(), self._ways(), corners, self._zones(),
            join([self._passed(left) for left in self.left]), class_="plan areas",
        )  # fmt: skip

    def _cells(self) -> Markup:
        """The pieces of floor, in one path for each shade; strokes across those that nobody saw."""
        seen, half = self._tactics.seen, FLOOR_GRID_M / 2
        parts: dict[int, list[str]] = {}
        strokes: list[str] = []
        side = FLOOR_GRID_M * self._ground.scale
        for (x, y), t in zip(seen.points[: seen.floor, :2].tolist(), seen.first[: seen.floor].tolist(), strict=True):
            left, top = self._ground.at(x - half, y + half)
            band = self._band(t)
            parts.setdefault(band, []).append(f"M{num(left)} {num(top)}h{num(side)}v{num(side)}h{num(-side)}z")
            if band == BANDS:
                strokes.append(f"M{num(left)} {num(top + side)}l{num(side)} {num(-side)}")
        cells = [el("path", d="".join(parts[b]), class_=f"seen-{b}") for b in sorted(parts)]
        return join([*cells, el("path", d="".join(strokes), class_="never") if strokes else Markup("")])

    def _band(self, t: float) -> int:
        if not math.isfinite(t):
            return BANDS
        return next((n for n, until in enumerate(self.bands) if t <= until), BANDS - 1)

    def _walls(self) -> Markup:
        g = self._ground
        walls = "".join(outline(g.line(line)) for line in g.outlines["wall"])
        windows = [el("path", d=outline(g.line(line)), class_="window") for line in g.outlines["window"]]
        return join([el("path", d=walls, class_="wall", fill_rule="evenodd") if walls else Markup(""), *windows])

    def _doors(self) -> Markup:
        parts = []
        for door in self._ground.doors.values():
            x0, y0 = self._ground.at(*door.hinge)
            r = door.width * self._ground.scale
            x1, y1 = x0 + r * math.cos(door.closed_yaw), y0 - r * math.sin(door.closed_yaw)
            parts.append(el("line", x1=x0, y1=y0, x2=x1, y2=y1, class_="doorway"))
        return join(parts)

    def _ways(self) -> Markup:
        parts = []
        for who in self._facts.trainees:
            track = self._facts.recording.tracks.get(who)
            if track is None:
                continue
            line = [self._ground.at(x, y) for x, y in way_of(track, self._facts.duration)]
            colour, name = self._facts.colour(who), self._words.name(who)
            if len(line) > 1:
                parts.append(el("polyline", points=points(line), class_="way-edge"))
                parts.append(el("polyline", points=points(line), class_="way thin", stroke=colour,
                                stroke_dasharray=self._facts.dash(who)))  # fmt: skip
            x, y = line[0]
            parts.append(el("circle", cx=x, cy=y, r=8, class_="start", stroke=colour))
            if len(name) <= 3:
                parts.append(el("text", name, x=x, y=y + 3.2, text_anchor="middle", class_="initials", fill=colour))
        return el("g", *parts)

    def _corners(self) -> Markup:
        """Dead corners: an open angle where somebody looked into it, a cross where nobody did."""
        seen = self._tactics.seen
        parts = []
        for corner, t in zip(seen.corners, seen.first[seen.floor :].tolist(), strict=True):
            x, y = self._ground.at(*corner.place[:2])
            self._labels.keep_free(x, y, 7)
            at = f"translate({num(x)} {num(y)})"
            if math.isfinite(t):
                parts.append(el("path", d="M-4 0L-1 4L5 -5", class_="corner-seen", transform=at))
            else:
                parts.append(el("g", el("rect", x=-6, y=-6, width=12, height=12, class_="corner-unseen"),
                                el("path", d="M-3.5 -3.5L3.5 3.5M-3.5 3.5L3.5 -3.5", class_="corner-cross"),
                                transform=at))  # fmt: skip
        return el("g", *parts)

    def _zones(self) -> Markup:
        """In each zone its name, and when all of it had been seen, or how much of it was."""
        out = []
        for name, first in self._tactics.seen.first_in.items():
            line = self._ground.line(self._ground.zones.get(name, ()))
            if len(first) and line:
                xs, ys = [x for x, _ in line], [y for _, y in line]
                bounds = (min(xs), min(ys), max(xs), max(ys))
                when = self._until(first)
                for shown in (f"{self._words.name(name)} · {when}", when):
                    fits = len(shown) * LETTER <= max(xs) - min(xs) or shown is when
                    if fits and (place := self._labels.place_within(bounds, len(shown))):
                        out.append(el("text", shown, x=place[0], y=place[1], class_="name"))
                        break
        return el("g", *out)

    def _until(self, first: Array) -> str:
        if np.isfinite(first).all():
            return self._words.time(float(first.max()), 0)
        share = np.isfinite(first).mean()
        return self._words.percent(math.floor(float(share) * 100) / 100)

    def _passed(self, left: Left) -> Markup:
        x, y = self._ground.at(*left.first.place[:2])
        text = el("text", str(left.number), x=x, y=y + 3.6, text_anchor="middle", class_="passed-number")
        title = el("title", passed_text(self._words, left))
        return el("g", title, el("circle", cx=x, cy=y, r=9, class_="passed"), text)


def passed_text(words: Words, left: Left) -> str:
    """A place that was passed unseen, in a sentence."""
    p = left.first
    return words(
        f"passed-{p.what}", who=words.names(left.who), door=words.name(p.name), zone=words.name(p.zone),
        unseen=words.percent(p.unseen), s=words.number(p.seconds, 1),
    )  # fmt: skip


def _left(passed: list[Passed]) -> tuple[Left, ...]:
    """Each place once, numbered in the order of time, with all who left it at their back."""
    first: dict[tuple[str, str, tuple[float, float, float]], Passed] = {}
    who: dict[tuple[str, str, tuple[float, float, float]], dict[str, None]] = {}
    for p in passed:
        key = p.what, p.zone, p.place
        first.setdefault(key, p)
        who.setdefault(key, {})[p.who] = None
    return tuple(Left(n, p, tuple(who[key])) for n, (key, p) in enumerate(first.items(), 1))


def _bands(seen: Seen) -> tuple[float, ...]:
    """Until when each shade counts (s): even parts of the time in which floor was still found."""
    first = seen.first[: seen.floor]
    known = first[np.isfinite(first)]
    last = max(1.0, float(known.max())) if len(known) else 1.0
    step = math.ceil(last / BANDS)
    return tuple(float(step * (n + 1)) for n in range(BANDS))
