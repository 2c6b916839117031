"""The plan of a debrief: the room from above, everyone's way, the shots, and what the replay moves."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from xrlab.geometry.paths import Track
from xrlab.review.facts import Facts, FiredShot
from xrlab.review.ground import Ground, Labels, Line
from xrlab.review.svg import el, figure, join, num, outline, points, shortened
from xrlab.sim import events as ev
from xrlab.words import Words

SAMPLES = 600
"""Most instants that the replay gets of a run; between two it moves people evenly."""


class Plan:
    """Draws the plan; `drawing` is the picture, `moves` the data that the replay needs."""

    def __init__(self, facts: Facts, words: Words) -> None:
        self.facts, self.words = facts, words
        self.ground = Ground(facts)
        self.labels = Labels(self.ground.width, self.ground.height)
        self.places = self._target_places()
        self.tracks = {
            who: t for who, t in facts.recording.tracks.items() if who in facts.trainees or who in facts.scenario.people
        }

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.ground.empty

    def drawing(self) -> Markup:
        """The whole plan."""
        g = self.ground
        self._keep_markers_free()
        boards = [self._board(n) for n in self.places]
        ways = join([self._way(who, self.tracks[who]) for who in self.facts.trainees if who in self.tracks])
        people = join([self._player(who, t) for who, t in self.tracks.items() if who not in self.facts.trainees])
        zones = self._zone_names()  # last, for they can stand anywhere in their zone
        return figure(
            g.width, g.height + 26, self.words("plan-alt"),
            self._room(), zones, self._doors(),
            el("g", *(self._shot_line(i, s) for i, s in enumerate(self.facts.shots)), self._means(), class_="lines"),
            el("g", *boards),
            el("g", ways, people, class_="still"),
            el("g", *(self._mark(s) for s in self.facts.shots), class_="marks"),
            el("g", *(self._mover(who) for who in self.tracks), class_="movers"),
            self._scale_bar(), class_="plan", id="plan-drawing",
        )  # fmt: skip

    def _keep_markers_free(self) -> None:
        """No text on a board, on a hit, or where someone stands at the start or the end."""
        for shot in self.facts.shots:
            for hit, _ in shot.hits:
                self.labels.keep_free(*self.ground.at(float(hit.entry[0]), float(hit.entry[1])), 5)
        for name in self.places:
            self.labels.keep_free(*self.ground.at(*self.places[name]), 6)
        for who, track in self.tracks.items():
            line = way_of(track, self.facts.duration)
            self.labels.keep_free(*self.ground.at(*line[-1]), 8)
            if who in self.facts.trainees:
                self.labels.keep_free(*self.ground.at(*line[0]), 9)

    def _room(self) -> Markup:
        g = self.ground
        parts = [el("path", d=outline(g.line(line)), class_="floor") for line in g.outlines["floor"]]
        parts += [el("path", d=outline(g.line(line)), class_="furniture") for line in g.outlines["furniture"]]
        # One path for all walls: an inner outline is a hole in the outer one.
        walls = "".join(outline(g.line(line)) for line in g.outlines["wall"])
        parts.append(el("path", d=walls, class_="wall", fill_rule="evenodd") if walls else Markup(""))
        parts += [el("path", d=outline(g.line(line)), class_="window") for line in g.outlines["window"]]
        return el("g", *parts)

    def _zone_names(self) -> Markup:
        out = []
        # The small ones first: a hall that holds them all has more room left.
        for name, polygon in sorted(self.ground.zones.items(), key=lambda item: _extent(item[1])):
            line = self.ground.line(polygon)
            xs, ys = [x for x, _ in line], [y for _, y in line]
            text = self.words.name(name)
            fits = int((max(xs) - min(xs) + 8) / 5.2)
            if fits < min(4, len(text)) or max(ys) - min(ys) < 14:
                continue
            text = shortened(text, fits)
            if place := self.labels.place_within((min(xs), min(ys), max(xs), max(ys)), len(text)):
                out.append(el("text", text, x=place[0], y=place[1], class_="zone"))
        return el("g", *out, class_="zones")

    def _doors(self) -> Markup:
        out = []
        for i, (name, door) in enumerate(self.ground.doors.items()):
            x, y = self.ground.at(*door.hinge)
            r = door.width * self.ground.scale
            x0, y0 = r * math.cos(door.closed_yaw), -r * math.sin(door.closed_yaw)
            end = door.closed_yaw + door.swing
            x1, y1 = r * math.cos(end), -r * math.sin(end)
            opened = self.door_knots(name)[-1][3]
            arc = f"M{num(x0)} {num(y0)}A{num(r)} {num(r)} 0 0 {int(door.swing < 0)} {num(x1)} {num(y1)}"
            turn = -math.degrees(door.closed_yaw + door.swing * opened)
            leaf = el("line", x1=0, y1=0, x2=r, y2=0, class_="leaf", transform=f"rotate({num(turn)})", data_door=i)
            out.append(
                el("g", el("title", self.words.name(name)), el("path", d=arc, class_="swing"), leaf,
                   transform=f"translate({num(x)} {num(y)})")
            )  # fmt: skip
        return el("g", *out)

    def door_knots(self, name: str) -> list[tuple[float, float, float, float]]:
        """How far a door is open over time: (from t0, v0, to t1, v1) in order."""
        now = self.ground.doors[name].begins_open
        knots = [(0.0, now, 0.0, now)]
        for e in self.facts.events:
            if isinstance(e, ev.DoorMoved) and e.door == name:
                t0, v0, t1, v1 = knots[-1]
                here = v1 if e.t >= t1 or t1 <= t0 else v0 + (v1 - v0) * (e.t - t0) / (t1 - t0)
                knots.append((e.t, here, e.t + max(0.0, e.seconds), min(1.0, max(0.0, e.opened))))
        return knots

    def _way(self, who: str, track: Track) -> Markup:
        """A trainee's way with a disc where it starts and an arrow where it ends."""
        line = [self.ground.at(x, y) for x, y in way_of(track, self.facts.duration)]
        colour, name = self.facts.colour(who), self.words.name(who)
        end = track.at(self.facts.duration)
        parts = []
        if len(line) > 1:
            parts.append(el("polyline", points=points(line), class_="way-edge"))
            parts.append(
                el("polyline", points=points(line), class_="way", stroke=colour, stroke_dasharray=self.facts.dash(who))
            )
        x, y = line[0]
        if len(name) <= 3:
            parts.append(el("circle", cx=x, cy=y, r=9, class_="start", stroke=colour))
            parts.append(el("text", name, x=x, y=y + 3.2, text_anchor="middle", class_="initials", fill=colour))
        else:
            parts.append(el("circle", cx=x, cy=y, r=6, class_="start", stroke=colour))
            parts.append(self._label(x, y, name, colour=colour))
        if len(line) > 1:
            x, y = line[-1]
            turn = f"translate({num(x)} {num(y)}) rotate({num(-math.degrees(end.yaw))})"
            parts.append(el("path", d="M11 0L-7 -7L-3 0L-7 7Z", fill=colour, class_="arrow", transform=turn))
            parts.append(self._label(x, y, name, colour=colour))
        return el("g", el("title", name), *parts)

    def _label(self, x: float, y: float, text: str, below: str = "", colour: str = "#222222") -> Markup:
        text, below = shortened(text, 18), shortened(below, 26)
        tx, ty, anchor = self.labels.place(x, y, max(len(text), len(below)), 2 if below else 1)
        parts = [el("text", text, x=tx, y=ty, text_anchor=anchor, class_="name", fill=colour)]
        if below:
            parts.append(el("text", below, x=tx, y=ty + 11, text_anchor=anchor, class_="state"))
        return join(parts)

    def _player(self, who: str, track: Track) -> Markup:
        """A role player where they ended, with the mark of their role and their last state."""
        line = [self.ground.at(x, y) for x, y in way_of(track, self.facts.duration)]
        end = track.at(self.facts.duration)
        x, y = self.ground.at(end.x, end.y)
        spans = self.facts.states.get(who)
        state = spans[-1].what if spans else ""
        parts = [el("polyline", points=points(line), class_="player-way")] if len(line) > 1 else []
        parts.append(el("g", self._body(who, end.yaw), transform=f"translate({num(x)} {num(y)})"))
        if state == "down":
            parts.append(el("path", d="M-9 -9L9 9M-9 9L9 -9", class_="down", transform=f"translate({num(x)} {num(y)})"))
        parts.append(self._label(x, y, self.words.name(who), self.words.state(who, state) if state else ""))
        return el("g", el("title", self.words.name(who)), *parts)

    def _body(self, who: str, yaw: float) -> Markup:
        """The mark of a role: a diamond for a threat, a ring for a no-shoot, a short line where they look."""
        look = el("line", x1=0, y1=0, x2=12, y2=0, class_="look", transform=f"rotate({num(-math.degrees(yaw))})")
        if self.facts.scenario.people[who].role == "threat":
            return join([look, el("path", d="M0 -7L7 0L0 7L-7 0Z", class_="threat")])
        return join([look, el("circle", cx=0, cy=0, r=6, class_="no-shoot")])

    def _mover(self, who: str) -> Markup:
        """Someone as the replay moves them; the page shows it only while it replays."""
        name = self.words.name(who)
        if who in self.facts.trainees:
            body = el("path", d="M12 0L-8 -8L-3 0L-8 8Z", fill=self.facts.colour(who), class_="arrow")
            inner = el("g", body, class_="turns")
        else:
            inner = el("g", self._body(who, 0.0), class_="turns")
        text = el("text", shortened(name, 18), x=0, y=-12, text_anchor="middle", class_="name")
        state = el("text", x=0, y=20, text_anchor="middle", class_="state")
        return el("g", inner, text, state, class_="mover")

    def _target_places(self) -> dict[str, tuple[float, float]]:
        """Where each board stands: as the scenario says, in the middle of its zone, or where it was struck."""
        places: dict[str, tuple[float, float]] = {}
        struck = {e.what: e.entry for e in self.facts.events if isinstance(e, ev.Struck) and e.kind == "target"}
        for name, target in self.facts.scenario.targets.items():
            if not isinstance(target.at, str):
                places[name] = target.at
            elif name in struck:
                places[name] = (float(struck[name][0]), float(struck[name][1]))
            elif zone := self.ground.zones.get(target.at):
                places[name] = (sum(x for x, _ in zone) / len(zone), sum(y for _, y in zone) / len(zone))
        return places

    def _board(self, name: str) -> Markup:
        target = self.facts.scenario.targets[name]
        x, y = self.ground.at(*self.places[name])
        face = self.facts.recording.faces.get(target.face)
        half = max(6.0, (face.width_mm / 2000 if face else 0.25) * self.ground.scale)
        turn = f"translate({num(x)} {num(y)}) rotate({num(-target.yaw_deg)})"
        parts = [
            el("rect", x=-2.5, y=-half, width=5, height=2 * half, class_=f"board {target.role.replace('_', '-')}-board")
        ]
        if target.role == "no_shoot":
            parts.append(el("path", d="M-6 -5L6 5", class_="forbidden"))
        board = el("g", *parts, transform=turn, data_target=name)
        return el("g", el("title", self.words.name(name)), board, self._label(x, y, self.words.name(name)))

    def _means(self) -> Markup:
        """Where the probes, jets and blows of less-lethal means went, from where they were used."""
        used = {e.use: e for e in self.facts.events if isinstance(e, ev.MeansUsed)}
        lines = []
        for e in self.facts.events:
            if isinstance(e, ev.MeansMet) and e.use in used:
                x1, y1 = self.ground.at(*used[e.use].origin[:2])
                x2, y2 = self.ground.at(*e.at[:2])
                colour = self.facts.colour(e.who)
                lines.append(el("line", x1=x1, y1=y1, x2=x2, y2=y2, class_="means-line", stroke=colour))
        return join(lines)

    def _shot_line(self, index: int, shot: FiredShot) -> Markup:
        """The line to the first hit, and thinner what came behind it."""
        who = shot.event.shooter
        name = "line" if shot.by_trainee else "line other"
        hit = shot.hit
        corners = [shot.start, shot.end] if hit is None else [shot.start, _flat(hit), shot.end]
        parts = []
        for number, (start, end) in enumerate(pairwise(corners)):
            (x1, y1), (x2, y2) = self.ground.at(*start), self.ground.at(*end)
            if number == 0 or start != end:
                parts.append(
                    el("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=name + " behind" * number,
                       stroke=self.facts.colour(who), data_shot=index)
                )  # fmt: skip
        return join(parts)

    def _mark(self, shot: FiredShot) -> Markup:
        """The marks where a shot hit somebody or a board; a small cross where one ends that hit nobody, or went on."""
        colour = self.facts.colour(shot.event.shooter)
        parts = [mark(outcome, colour, *self.ground.at(*_flat(hit))) for hit, outcome in shot.hits]
        last = shot.met[-1] if shot.met else None
        goes_on = any(hit.kind == "person" and hit is not last for hit, _ in shot.hits)
        if last is not None and (goes_on or not shot.hits) and not any(hit is last for hit, _ in shot.hits):
            at = "translate({} {})".format(*map(num, self.ground.at(*shot.end)))
            parts.append(el("path", d="M-3 -3L3 3M-3 3L3 -3", class_="stray", stroke=colour, transform=at))
        return join(parts)

    def _scale_bar(self) -> Markup:
        metres = self.ground.bar_metres()
        wide, y = metres * self.ground.scale, self.ground.height + 12
        bar = f"M14 {num(y - 4)}V{num(y + 4)}M14 {num(y)}H{num(14 + wide)}M{num(14 + wide)} {num(y - 4)}V{num(y + 4)}"
        text = self.words("metres", n=self.words.number(metres, 1))
        return el("g", el("path", d=bar, class_="bar"), el("text", text, x=20 + wide, y=y + 4, class_="scale"))

    def moves(self) -> Any:
        """What the replay needs: everyone's places over time on the plan, states, doors, shots, exposures."""
        count = min(SAMPLES, max(1, math.ceil(self.facts.duration / 0.1)))
        step = self.facts.duration / count
        return finite({
            "end": round(self.facts.duration, 3),
            "step": round(step, 6),
            "people": [self._samples(who, track, count, step) for who, track in self.tracks.items()],
            "doors": [
                {"from": math.degrees(d.closed_yaw), "swing": math.degrees(d.swing), "knots": self.door_knots(n)}
                for n, d in self.ground.doors.items()
            ],
            "shots": [s.event.t for s in self.facts.shots],
            "shown": {
                n: [[s.t0, s.t1] for s in self.facts.exposures.get(n, ())]
                for n in self.places
                if self.facts.scenario.targets[n].motion != "fixed"
            },
        })  # fmt: skip

    def _samples(self, who: str, track: Track, count: int, step: float) -> dict[str, Any]:
        xs, ys, turns = [], [], []
        for i in range(count + 1):
            at = track.at(i * step)
            x, y = self.ground.at(at.x, at.y)
            xs.append(round(x, 1))
            ys.append(round(y, 1))
            turns.append(round(finite(-math.degrees(at.yaw))))
        still = len(set(xs)) == len(set(ys)) == len(set(turns)) == 1
        states = [[s.t0, self.words.state(who, s.what), s.what == "down"] for s in self.facts.states.get(who, ())]
        return {
            "x": xs[:1] if still else xs, "y": ys[:1] if still else ys, "a": turns[:1] if still else turns,
            "states": states, "danger": [[s.t0, s.t1] for s in self.facts.dangers.get(who, ())],
        }  # fmt: skip


def finite(data: Any) -> Any:
    """The data with 0 for every number that is not finite: JSON has no such numbers."""
    if isinstance(data, dict):
        return {k: finite(v) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [finite(v) for v in data]
    return 0 if isinstance(data, float) and not math.isfinite(data) else data


def _flat(struck: ev.Struck) -> tuple[float, float]:
    """Where something was struck, seen from above."""
    return float(struck.entry[0]), float(struck.entry[1])


def _extent(line: Line) -> float:
    """Across times deep (m²)."""
    xs, ys = [x for x, _ in line], [y for _, y in line]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def mark(outcome: str, colour: str, x: float, y: float) -> Markup:
    """The mark of a shot's outcome, the same on plan and time line: told apart by shape, not only by colour."""
    at = f"translate({num(x)} {num(y)})"
    if outcome == "hit":
        return el("circle", cx=x, cy=y, r=3.6, class_="hit", fill=colour)
    if outcome == "wrong":
        shape = el("rect", x=-5, y=-5, width=10, height=10, class_="wrong")
        return el("g", shape, el("path", d="M-3 -3L3 3M-3 3L3 -3", class_="wrong-cross"), transform=at)
    if outcome == "taken":
        return el("path", d="M0 -7L2 -2L7 0L2 2L0 7L-2 2L-7 0L-2 -2Z", class_="taken", transform=at)
    return el("circle", cx=x, cy=y, r=3.6, class_="miss", stroke=colour)


def way_of(track: Track, until: float) -> list[tuple[float, float]]:
    """The corners (m) of where a body went up to `until`, without those that lie closer than 5 cm."""
    out: list[tuple[float, float]] = []
    starts = [leg.t0 for leg in track.legs]
    times = [t for t in (*starts, *(leg.t1 for leg in track.legs)) if t <= until]
    for t in sorted({min(starts), *times, until}):
        at = track.at(t)
        if not out or math.hypot(at.x - out[-1][0], at.y - out[-1][1]) >= 0.05:
            out.append((at.x, at.y))
    return out
