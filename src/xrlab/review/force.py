"""Uses of force as cards: the facts of each in the order of the law's questions, and what to talk about; no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from xrlab.review.facts import Facts
from xrlab.review.svg import el, figure, join, shortened
from xrlab.scoring.conduct import SECOND_S, Conduct, Glimpse
from xrlab.scoring.uses import FIREARM
from xrlab.sim import events as ev
from xrlab.words import NO_BREAK, Words

WIDTH, HEIGHT = 640.0, 62.0
AFTER_S = 0.5
"""So much is shown of the time after the last act."""
LONGEST_S = 12.0
"""Of longer uses of force the bar shows the beginning."""

_COLOURS = {
    "unarmed": "#e3e8ee", "armed": "#f0c27a", "aiming": "#e8863c", "striking": "#c62828", "firing": "#c62828",
    "surrendering": "#b9dcc2", "down": "#c9ccd1",
}  # fmt: skip
_DARK = ("striking", "firing")
_TOP, _BAR = 16.0, 20.0

Row = tuple[str, str]


@dataclass(frozen=True)
class Card:
    """One use of force. number: index of its first event, for links. remarks: text and who said it."""

    id: str
    number: int
    t: float
    head: str
    sub: str
    points: list[str]
    bar: Markup | None
    facts: list[tuple[str, list[Row]]]
    remarks: list[Row]


def cards(facts: Facts, words: Words, remarks: Mapping[str, Sequence[Row]]) -> list[Card]:
    """A card for each use of force, in order. remarks: the instructor's words on each, by its id."""
    maker = _Maker(facts, words)
    return [maker.card(row, remarks.get(row["id"], ())) for row in facts.result["force"]]


class _Maker:
    def __init__(self, facts: Facts, words: Words) -> None:
        self._facts, self._words = facts, words
        self._conduct = Conduct(facts.events)
        self._place = {
            (e.t, e.shooter if isinstance(e, ev.ShotFired) else e.who): n
            for n, e in enumerate(facts.events)
            if isinstance(e, ev.ShotFired | ev.MeansUsed)
        }

    def card(self, row: dict[str, Any], remarks: Sequence[Row]) -> Card:
        w = self._words
        who = w("force-at", who=w.name(row["trainee"]), whom=self._person(row["whom"], row["role"]))
        counted = "force-shots-of" if row["means"] == FIREARM else "force-rounds-of"
        rounds = w(counted, n=str(row["rounds"]), hits=str(row["hits"]))
        sub = [w.name(row["team"]), w.known("weapon", row["weapon"]), rounds, *self._far(row["distance_m"])]
        return Card(
            row["id"], self._place.get((row["t"], row["trainee"]), 0), row["t"], who, " · ".join(sub),
            [self._point(row, p) for p in row["discuss"]], self._bar(row),
            [
                (w("force-aim"), list(self._aim(row))),
                (w("force-necessity"), list(self._necessity(row))),
                (w("force-proportion"), list(self._proportion(row))),
                (w("force-warning"), list(self._warning(row))),
            ],
            list(remarks),
        )  # fmt: skip

    def _person(self, who: str | None, role: str | None) -> str:
        if who is None:
            return self._words("force-nobody")
        name = self._words.name(who)
        return f"{name} ({self._words(f'legend-{role}')})" if role else name

    def _far(self, metres: float | None) -> list[str]:
        if metres is None:
            return []
        return [self._words("metres", n=self._words.fixed(metres, 1)).replace(" ", NO_BREAK)]

    def _seconds(self, value: float) -> str:
        return self._words("force-seconds", n=self._words.fixed(value, 2)).replace(" ", NO_BREAK)

    def _point(self, row: dict[str, Any], point: dict[str, Any]) -> str:
        w = self._words
        return w(f"discuss-{point['what']}", trainee=w.name(row["trainee"]), who=w.name(point["who"]))

    # --- the facts under each question --------------------------------------------------------------------

    def _aim(self, row: dict[str, Any]) -> Iterator[Row]:
        w, person, seen = self._words, row["person"], row["seen"]
        if person is None or seen is None:
            return
        did = [w.known("level", person["level"]), w.known("pose", person["pose"])]
        if person["state"]:
            did.append(w.state(row["whom"], person["state"]))
        yield w("force-did"), ", ".join(dict.fromkeys(part for part in did if part))
        yield w("holds"), w.known("holds", person["holds"]) if person["holds"] else "–"
        since = person["danger_s"]
        danger = w("no") if not person["danger"] else w("force-danger-for", time=self._seconds(since or 0.0))
        yield w("was-danger"), danger
        if seen["share"] is not None:
            yield w("force-seen"), w("force-share", percent=w.percent(seen["share"]))
            yield w("force-light"), self._light(seen)
            yield w("force-turned"), self._turned(seen)
        yield (
            w("force-in-view"),
            w("force-view", time=self._seconds(seen["in_view_s"]), total=self._seconds(seen["in_view_total_s"])),
        )

    def _light(self, seen: dict[str, Any]) -> str:
        w = self._words
        if seen["lux"] is None:
            return w("force-light-good")
        return w("force-lux-enough" if seen["lit"] else "force-lux-dark", lux=w.number(seen["lux"], 1))

    def _turned(self, seen: dict[str, Any]) -> str:
        w, degrees = self._words, seen["turned_deg"]
        key = "force-faced" if seen["facing"] else "force-back" if degrees > 120 else "force-side"
        return f"{w(key)} ({w.number(degrees, 0)}°)"

    def _necessity(self, row: dict[str, Any]) -> Iterator[Row]:
        w, end = self._words, row["end"]
        carried = [self._carried(item) for item in row["carried"]]
        yield w("force-carried"), "; ".join(carried) or w("force-nothing-else")
        if row["whom"] is None:
            return
        if end["early"]:
            yield w("force-early"), w("force-of", n=str(end["early"]), all=str(row["rounds"]))
        late = [
            f"{a['shot'] if a['shot'] is not None else n}: +{self._seconds(a['late_s'])}"
            for n, a in enumerate(row["acts"], 1)
            if a["late_s"] is not None
        ]
        yield w("force-late"), f"{len(late)} ({', '.join(late[:12])})" if late else w("force-none")
        if end["late_stop_s"] is not None:
            yield w("force-stop"), self._seconds(end["late_stop_s"]) if end["late_stop_s"] else w("force-stop-at-once")

    def _carried(self, item: dict[str, Any]) -> str:
        w = self._words
        name = w.known("weapon", item["name"])
        if item["in_reach"] is None:
            return name
        reach = self._far(item["reach_m"])[0]
        return f"{name} ({w('force-reached' if item['in_reach'] else 'force-too-far', reach=reach)})"

    def _proportion(self, row: dict[str, Any]) -> Iterator[Row]:
        w = self._words
        zones: dict[str, int] = {}
        for act in row["acts"]:
            for hit in act["hits"]:
                if hit["who"] == row["whom"]:
                    part = w.known("zone", hit["zone"] or "torso")
                    zones[part] = zones.get(part, 0) + 1
        hits = ", ".join(f"{part} {n}×" if n > 1 else part for part, n in zones.items())
        yield w("force-hits"), hits or w("force-none")
        effects = [
            f"{w.known('effect', e['effect'])} ({w.name(e['who'])}, {self._seconds(e['seconds'])})"
            for act in row["acts"]
            for e in act["effects"]
        ]
        if effects:
            yield w("force-effect"), "; ".join(effects)
        if row["whom"] is not None:
            yield w("force-near"), "; ".join(map(self._near, row["near"])) or w("force-nobody-near")

    def _near(self, row: dict[str, Any]) -> str:
        w = self._words
        beyond = w.fixed(abs(row["beyond_m"]), 1)
        where = w(f"force-{row['where']}", n=beyond)
        hit = f", {w('force-hit-too')}" if row["hit"] else ""
        return f"{self._person(row['who'], row['role'])}: {where}{hit}"

    def _warning(self, row: dict[str, Any]) -> Iterator[Row]:
        w, told = self._words, row["warning"]
        if told is None:
            return
        if not told["given"]:
            yield w("force-given"), w("no")
            yield w("force-time-for"), w("yes") if told["time_for_one"] else w("no")
            return
        command = w.known("command", told["command"] or "")
        yield (
            w("force-given"),
            f"“{command}” ({w.name(told['by'])})" if w.lang != "de" else f"„{command}“ ({w.name(told['by'])})",
        )
        if told["times"] > 1:
            yield w("force-first"), w("seconds-before", seconds=w.fixed(told["first_s"], 1))
            yield w("force-last"), w("seconds-before", seconds=w.fixed(told["last_s"], 1))
            yield w("force-times"), str(told["times"])
        else:
            yield w("force-when"), w("seconds-before", seconds=w.fixed(told["last_s"], 1))

    # --- the bar ------------------------------------------------------------------------------------------

    def _bar(self, row: dict[str, Any]) -> Markup | None:
        """What the person did, from a second before the first act to a little after the last, with the acts on it."""
        if row["whom"] is None:
            return None
        w = self._words
        start, first = max(0.0, row["t"] - SECOND_S), row["t"]
        end = min(max(row["until"], first) + AFTER_S, start + LONGEST_S)
        scale = WIDTH / (end - start)
        glimpses = self._conduct.between(row["whom"], len(self._facts.events), start, end)
        label = w("force-bar", who=w.name(row["whom"]))
        return figure(
            WIDTH, HEIGHT, label, join(self._stretches(glimpses, start, end, scale)),
            join(self._axis(first, start, end, scale)), join(self._acts(row, start, end, scale)), class_="force-bar",
        )  # fmt: skip

    def _stretches(self, glimpses: Sequence[Glimpse], start: float, end: float, scale: float) -> Iterator[Markup]:
        spans: list[list[Any]] = []
        for glimpse in glimpses:
            if not spans or spans[-1][0] != glimpse.level:
                spans.append([glimpse.level, glimpse.t])
        for n, (level, since) in enumerate(spans):
            until = spans[n + 1][1] if n + 1 < len(spans) else end
            x, width = (since - start) * scale, (until - since) * scale
            yield el("rect", x=x, y=_TOP, width=width, height=_BAR, fill=_COLOURS[level], class_="level")
            letters = int((width - 8) / 6.2)
            if letters >= 3:
                text = shortened(self._words(f"level-{level}"), letters)
                fill = "#fff" if level in _DARK else "#1b2430"
                yield el("text", text, x=x + 4, y=_TOP + 14, style=f"fill:{fill}")

    def _axis(self, first: float, start: float, end: float, scale: float) -> Iterator[Markup]:
        seconds = int(end - first)
        for n in range(-1, min(seconds, int(LONGEST_S)) + 1):
            x = (first + n - start) * scale
            if 0 <= x <= WIDTH:
                yield el("path", d=f"M{x:.2f} {_TOP + _BAR}v4", class_="tick")
                at = "start" if x < 20 else "end" if x > WIDTH - 20 else "middle"
                text = f"{'−' if n < 0 else '+' if n else ''}{abs(n)}{NO_BREAK}s"
                yield el("text", text, x=x, y=_TOP + _BAR + 14, text_anchor=at, class_="axis")

    def _acts(self, row: dict[str, Any], start: float, end: float, scale: float) -> Iterator[Markup]:
        for act in row["acts"]:
            if act["t"] > end:
                continue
            x = (act["t"] - start) * scale
            hit = any(h["who"] == row["whom"] for h in act["hits"])
            late = " late" if act["late_s"] is not None else ""
            yield el("path", d=f"M{x:.2f} {_TOP - 2}v{_BAR + 4}", class_=f"act{late}")
            kind = "hit" if hit else "miss"
            yield el(
                "circle", cx=x, cy=_TOP - 7, r=4.2, class_=kind + late, fill="#333", stroke=None if hit else "#333"
            )
