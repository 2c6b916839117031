"""The time line of a debrief: a lane for each trainee, role player and target, seconds across."""

from __future__ import annotations

import math
from typing import NamedTuple

from markupsafe import Markup

from xrlab.review.facts import Facts, FiredShot, Span
from xrlab.review.plan import mark
from xrlab.review.svg import el, figure, join, num, shortened
from xrlab.sim import events as ev
from xrlab.words import Words

WIDTH, LEFT, RIGHT, LANE, ROW = 760.0, 112.0, 16.0, 26.0, 15.0
STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)
LETTER = 5.3
"""How wide a letter of a small text is, on the mean."""


FLASH = "M1 -8L-5 1H-1L-2 8L5 -2H1L3 -8Z"
"""The mark of a less-lethal means."""


class Lane(NamedTuple):
    """One lane: its name, what is drawn in it, how high it is, and the colour of its name."""

    name: str
    content: Markup
    height: float = LANE
    colour: str | None = None


class TimeLine:
    """Draws the time line."""

    def __init__(self, facts: Facts, words: Words) -> None:
        self.facts, self.words = facts, words
        self.end = max(facts.duration, 1.0)
        self._per_second = (WIDTH - LEFT - RIGHT) / self.end
        self._top = 30.0 if facts.strings else 10.0

    def x(self, t: float) -> float:
        """Where an instant lies across."""
        return LEFT + min(max(t, 0.0), self.end) * self._per_second

    def drawing(self) -> Markup:
        """The whole time line."""
        lanes = self._lanes()
        height = self._top + sum(lane.height for lane in lanes) + 26
        rows, y = [], self._top
        for i, lane in enumerate(lanes):
            label = el("text", el("title", lane.name), shortened(lane.name, 17), x=LEFT - 8, y=lane.height / 2 + 4,
                       text_anchor="end", class_="lane-name", fill=lane.colour)  # fmt: skip
            back = el("rect", x=LEFT, y=0, width=WIDTH - LEFT - RIGHT, height=lane.height,
                      class_="lane odd" if i % 2 else "lane")  # fmt: skip
            rows.append(el("g", back, label, lane.content, transform=f"translate(0 {num(y)})"))
            y += lane.height
        now = el("line", x1=LEFT, x2=LEFT, y1=self._top - 6, y2=height - 22, class_="now", id="time-now")
        return figure(
            WIDTH, height, self.words("timeline-alt"), join(rows), self._axis(height), self._strings(height), now,
            class_="timeline", data_left=LEFT, data_scale=f"{self._per_second:.6f}",
        )  # fmt: skip

    def _lanes(self) -> list[Lane]:
        facts, name = self.facts, self.words.name
        lanes = [Lane(name(who), self._trainee(who), colour=facts.colour(who)) for who in facts.trainees]
        lanes += [Lane(name(who), self._player(who)) for who in facts.scenario.people]
        lanes += [Lane(name(n), self._target(n)) for n in facts.scenario.targets if self._used(n)]
        if doors := self._doors():
            lanes.append(Lane(self.words("lane-doors"), doors))
        cleared = [(e.t, name(e.zone)) for e in facts.events if isinstance(e, ev.ZoneCleared)]
        cues = [(e.t, self._inject(e.inject)) for e in facts.events if isinstance(e, ev.InstructorCue)]
        if cleared:
            lanes.append(self._named(self.words("lane-cleared"), cleared, "M-4 0L-1 4L5 -5", "cleared"))
        if cues:
            lanes.append(self._named(self.words("lane-instructor"), cues, "M-5 -6H5L0 5Z", "cue"))
        return lanes

    def _inject(self, inject: str) -> str:
        known = self.facts.scenario.buttons.get(inject)
        return self.words.text(known.label) if known else self.words.name(inject)

    def _axis(self, height: float) -> Markup:
        step = next((s for s in STEPS if s * self._per_second >= 44), 7200)
        parts = []
        for i in range(int(self.end / step + 1e-9) + 1):
            x = self.x(i * step)
            text = self.words.number(i * step, 1)
            parts.append(el("line", x1=x, x2=x, y1=self._top, y2=height - 24, class_="tick"))
            parts.append(el("text", text, x=x, y=height - 10, text_anchor="middle", class_="axis"))
        parts.append(el("text", self.words("seconds"), x=LEFT - 8, y=height - 10, text_anchor="end", class_="axis"))
        return el("g", *parts)

    def _strings(self, height: float) -> Markup:
        strings = self.facts.strings
        titles = {s.name: self.words.text(s.title) or self.words.name(s.name) for s in self.facts.scenario.strings}
        parts = []
        for i, s in enumerate(strings):
            x, wide = self.x(s.t0), self.x(s.t1) - self.x(s.t0)
            title = titles.get(s.what, self.words.name(s.what))
            after = self.x(strings[i + 1].t0) if i + 1 < len(strings) else WIDTH - 4
            short = shortened(title, max(2, int((after - x - 8) / LETTER)))
            parts.append(el("rect", x=x, y=self._top - 6, width=max(1.0, wide), height=height - self._top - 18,
                            class_="string"))  # fmt: skip
            parts.append(el("text", el("title", title), short, x=x + 2, y=self._top - 11, class_="string-name"))
        return el("g", *parts)

    def _shot(self, shot: FiredShot, colour: str) -> Markup:
        x = self.x(shot.event.t)
        name = "shot" if shot.by_trainee else "shot other"
        return join([
            el("line", x1=x, x2=x, y1=5, y2=LANE - 5, stroke=colour, class_=name), mark(shot.outcome, colour, x, 8.0),
        ])  # fmt: skip

    def _trainee(self, who: str) -> Markup:
        parts = []
        for e in self.facts.events:
            if isinstance(e, ev.VerbalCommand) and e.who == who:
                at = f"translate({num(self.x(e.t))} {num(LANE / 2)})"
                title = el("title", self.words.known("command", e.command))
                parts.append(el("path", title, d="M-5 -5H7V3H0L-4 7V3H-5Z", class_="command", transform=at))
            elif isinstance(e, ev.Reloaded) and e.who == who:
                x = self.x(e.t)
                # Low in the lane, off the shots before and after it.
                parts.append(el("rect", x=x - 5, y=LANE - 12, width=10, height=11, rx=2, class_="reload"))
                parts.append(el("text", "R", x=x, y=LANE - 3.2, text_anchor="middle", class_="letter"))
            elif isinstance(e, ev.MeansUsed) and e.who == who:
                parts.append(self._means(e.t, e.means, self.facts.colour(who)))
        parts = [self._shot(s, self.facts.colour(who)) for s in self.facts.shots if s.event.shooter == who] + parts
        parts += self._hits_on(who, "taken")
        return join(parts)

    def _means(self, t: float, means: str, colour: str) -> Markup:
        """The mark of a less-lethal means that was used, or took effect."""
        at = f"translate({num(self.x(t))} {num(LANE / 2)})"
        title = el("title", self.words.known("weapon", means))
        return el("path", title, d=FLASH, class_="means", fill=colour, transform=at)

    def _hits_on(self, who: str, outcome: str) -> list[Markup]:
        """Marks of the hits on someone, low in the lane."""
        out = []
        for shot in self.facts.shots_at.get(who, ()):
            on_board = [s for s in shot.met if s.what == who and s.kind == "target"]
            kind = "miss" if on_board and all(s.zone is None for s in on_board) else outcome
            out.append(mark(kind, self.facts.colour(shot.event.shooter), self.x(shot.event.t), LANE - 8.0))
        return out

    def _bar(self, span: Span, name: str, text: str = "") -> Markup:
        x, wide = self.x(span.t0), max(1.0, self.x(span.t1) - self.x(span.t0))
        parts = [el("rect", x=x, y=5, width=wide, height=LANE - 10, class_=name)]
        if text and wide > 24:
            parts.append(el("text", shortened(text, int(wide / LETTER)), x=x + 4, y=LANE / 2 + 3.5, class_="bar-text"))
        return el("g", el("title", text) if text else None, *parts)

    def _player(self, who: str) -> Markup:
        parts = []
        for span in self.facts.states.get(who, ()):
            kind = "state-bar down-bar" if span.what == "down" else "state-bar"
            parts.append(self._bar(span, kind, self.words.state(who, span.what)))
        for span in self.facts.dangers.get(who, ()):
            wide = max(1.0, self.x(span.t1) - self.x(span.t0))
            parts.append(el("rect", x=self.x(span.t0), y=LANE - 5, width=wide, height=3, class_="danger"))
        parts += [self._shot(s, "#333333") for s in self.facts.shots if s.event.shooter == who]
        parts += self._hits_on(who, "wrong" if who in self.facts.no_shoot else "hit")
        parts += [
            self._means(e.t, e.means, self.facts.colour(e.by))
            for e in self.facts.events
            if isinstance(e, ev.Affected) and e.who == who
        ]
        return join(parts)

    def _used(self, target: str) -> bool:
        return target in self.facts.exposures or target in self.facts.board_hits

    def _target(self, name: str) -> Markup:
        parts = [self._bar(span, "exposed") for span in self.facts.exposures.get(name, ())]
        return join([*parts, *self._hits_on(name, "wrong" if name in self.facts.no_shoot else "hit")])

    def _doors(self) -> Markup:
        parts = []
        for e in self.facts.events:
            if isinstance(e, ev.DoorMoved):
                shape = "M0 -7V7M0 -7L8 -4V10L0 7" if e.opened > 0.5 else "M-3 -7H4V7H-3Z"
                at = f"translate({num(self.x(e.t))} {num(LANE / 2)})"
                title = el("title", self.words.name(e.door))
                parts.append(el("path", title, d=shape, class_="door-mark", transform=at))
        return join(parts)

    def _named(self, name: str, happened: list[tuple[float, str]], shape: str, kind: str) -> Lane:
        """A lane of marks with their names, in as many rows as it takes for none to cover another."""
        parts: list[Markup] = []
        free: list[float] = []
        for t, text in happened:
            x, text = self.x(t if math.isfinite(t) else 0.0), shortened(text, 26)
            wide = len(text) * LETTER + 8
            right = x + wide < WIDTH - 6  # else the name stands before its mark
            first, last = (x - 6, x + wide) if right else (x - wide, x + 6)
            row = next((i for i, end in enumerate(free) if end <= first), len(free))
            free[row : row + 1] = [last + 4]
            y = 13 + ROW * row
            tx, anchor = (x + 8, "start") if right else (x - 8, "end")
            parts.append(el("path", el("title", text), d=shape, class_=kind, transform=f"translate({num(x)} {num(y)})"))
            parts.append(el("text", text, x=tx, y=y + 4, text_anchor=anchor, class_="bar-text"))
        return Lane(name, join(parts), LANE + ROW * (len(free) - 1))
