"""Over time: how much of the floor had been seen, and when each trainee was exposed to a gun or stood in a doorway."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from xrlab.review.facts import Facts
from xrlab.review.svg import el, figure, num, shortened
from xrlab.review.timeline import LEFT, RIGHT, STEPS, WIDTH
from xrlab.scoring.tactics import Tactics
from xrlab.scoring.tactics.stage import STEP_S, Flags, spans
from xrlab.words import Words

TOP, CURVE, LANE = 12.0, 84.0, 24.0


class Exposed:
    """Draws a curve and below it a lane for each trainee."""

    def __init__(self, facts: Facts, words: Words, tactics: Tactics) -> None:
        self._facts, self._words, self._tactics = facts, words, tactics
        self._end = max(facts.duration, 1.0)
        self._per_second = (WIDTH - LEFT - RIGHT) / self._end

    def drawing(self) -> Markup:
        """The whole figure."""
        who = self._tactics.stage.trainees
        curve = self._curve() if self._tactics.seen.floor else Markup("")
        top = TOP + (CURVE + 10 if curve else 0)
        lanes = [self._lane(name, top + n * LANE, n % 2 == 1) for n, name in enumerate(who)]
        height = top + len(who) * LANE + 26
        return figure(WIDTH, height, self._words("exposed-alt"), self._axis(height), curve, *lanes, class_="timeline")

    def _x(self, t: float) -> float:
        return LEFT + min(max(t, 0.0), self._end) * self._per_second

    def _curve(self) -> Markup:
        """The share of the floor seen, from 0 to 100 %."""
        seen = self._tactics.seen
        first = np.sort(seen.first[: seen.floor])
        times = np.linspace(0.0, self._end, 200)
        shares = (np.searchsorted(first, times, side="right") / seen.floor).tolist()
        line = " ".join(
            f"{num(self._x(t))},{num(TOP + CURVE * (1 - s))}" for t, s in zip(times.tolist(), shares, strict=True)
        )
        marks = []
        for share in (0.0, 0.5, 1.0):
            y = TOP + CURVE * (1 - share)
            marks.append(el("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="tick"))
            marks.append(el("text", self._words.percent(share), x=LEFT - 8, y=y + 4, text_anchor="end", class_="axis"))
        end = self._words.percent(shares[-1])
        y = TOP + CURVE * (1 - shares[-1])
        last = el(
            "text", end, x=WIDTH - RIGHT - 4, y=y + (14 if y < TOP + 20 else -5), text_anchor="end", class_="name"
        )
        return el("g", *marks, el("polyline", points=line, class_="curve"), last)

    def _lane(self, who: str, y: float, odd: bool) -> Markup:
        """Bars: exposed, as high as the share of the body that showed; below, unawares; at the foot, in a doorway."""
        shown, doors = self._tactics.shown[who], self._tactics.doorways[who]
        name = self._words.name(who)
        back = el("rect", x=LEFT, y=0, width=WIDTH - LEFT - RIGHT, height=LANE, class_="lane odd" if odd else "lane")
        label = el("text", el("title", name), shortened(name, 17), x=LEFT - 8, y=LANE / 2 + 4, text_anchor="end",
                   class_="lane-name", fill=self._facts.colour(who))  # fmt: skip
        doorway: Flags = np.any([*doors.values()], axis=0) if doors else np.zeros(len(self._tactics.stage.times), bool)
        parts = [
            *self._bars(shown.under_threat & ~shown.exposed | shown.covered & shown.exposed, 10, 6, "partly"),
            *self._bars(shown.exposed & ~shown.covered, 4, 12, "open-to"),
            *self._bars(shown.unawares, 1, 3, "unaware"),
            *self._bars(doorway, LANE - 6, 4, "in-door"),
        ]
        return el("g", back, label, *parts, transform=f"translate(0 {num(y)})")

    def _bars(self, flags: Flags, top: float, high: float, kind: str) -> list[Markup]:
        out = []
        for span in spans(flags, merged=2 * STEP_S):
            x = self._x(span.first * STEP_S)
            wide = max(1.0, self._x((span.last + 1) * STEP_S) - x)
            out.append(el("rect", x=x, y=top, width=wide, height=high, class_=kind))
        return out

    def _axis(self, height: float) -> Markup:
        step = next((s for s in STEPS if s * self._per_second >= 44), 7200)
        parts = []
        for i in range(int(self._end / step + 1e-9) + 1):
            x = self._x(i * step)
            parts.append(el("line", x1=x, x2=x, y1=TOP, y2=height - 24, class_="tick"))
            text = self._words.number(i * step, 1)
            parts.append(el("text", text, x=x, y=height - 10, text_anchor="middle", class_="axis"))
        parts.append(el("text", self._words("seconds"), x=LEFT - 8, y=height - 10, text_anchor="end", class_="axis"))
        return el("g", *parts)
