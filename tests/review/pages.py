"""What the tests of the debrief share: recordings made by hand, and a page read back into its elements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from xrlab.geometry.paths import Leg, Track
from xrlab.recording.reader import Recording
from xrlab.scenario.library import faces
from xrlab.scenario.model import Face, Scenario
from xrlab.sim import events as ev

VOID = ("meta", "input", "br", "hr", "img", "link")

SCENARIO: dict[str, Any] = {
    "xrlab": 1,
    "title": {"nl": "Proef", "fr": "Essai", "de": "Probe", "en": "Trial"},
    "room": "room.yaml",
    "time_limit_s": 60,
    "teams": {
        "police": {"trainees": ["p1"], "start": "a", "carries": ["pistol"]},
        "defence": {"trainees": ["d1"], "start": "a", "carries": ["carbine"]},
    },
    "people": {
        "gunman": {"role": "threat", "at": "b", "holds": "handgun"},
        "child": {"role": "no_shoot", "at": "b"},
    },
    "targets": {
        "near": {"at": [5, 1], "face": "silhouette", "motion": "turning"},
        "bystander": {"at": [6, 1], "face": "hostage", "role": "no_shoot"},
    },
    "strings": [{"name": "pairs", "title": {"en": "Two shots", "nl": "Twee schoten"}, "show": ["near"], "for_s": 3}],
    "injects": {"lights_out": {"label": {"en": "Lights out", "nl": "Licht uit"}, "do": [{"lights": "off"}]}},
    "scoring": {
        "criteria": {
            "stopped": {"value": 'stopped("threat")', "points": 60, "none_at": 0.2},
            "time": {"value": "duration()", "must_be": "< 45.5"},
            "speed": {"value": 'median("reaction_s")', "points": 40, "full_at": 0.8, "none_at": 2},
        }
    },
}

ROOM: dict[str, Any] = {
    "name": "Trial room",
    "plan": [
        ["floor", [[0, 0], [10, 0], [10, 5], [0, 5]]],
        ["wall", [[0, 0], [10, 0], [10, 0.2], [0, 0.2]]],
        ["furniture", [[2, 2], [3, 2], [3, 3], [2, 3]]],
        ["window", [[4, 0], [5, 0]]],
    ],
    "doors": {
        "front_door": {"hinge": [0, 2], "closed_yaw": 1.5708, "swing": -1.5708, "width": 0.9, "begins_open": 0.0}
    },
    "zones": {"kitchen": [[0, 0], [5, 0], [5, 5], [0, 5]], "lane_2": [[5, 0], [10, 0], [10, 5], [5, 5]]},
}


def track(*places: tuple[float, float, float], yaw: float = 0.0) -> Track:
    """Straight from place to place, each (t, x, y)."""
    legs = [
        Leg(t0, t1, x0, y0, 0.0, x1, y1, 0.0, yaw, yaw)
        for (t0, x0, y0), (t1, x1, y1) in zip(places, places[1:] or places, strict=False)
    ]
    return Track.of(legs)


def recording(
    events: Iterable[ev.Event],
    *,
    scenario: dict[str, Any] | None = None,
    room: Any = None,
    tracks: dict[str, Track] | None = None,
    name: str = "trial",
    whole: bool = True,
    shown: dict[str, Face] | None = None,
) -> Recording:
    """A recording of these events in a room of 10 m by 5 m, with people and boards to be hit."""
    model = Scenario.model_validate({**SCENARIO, **(scenario or {})})
    used = {t.face for t in model.targets.values()}
    events = list(events)
    return Recording(
        "9.9.9", name, 3, model, shown or {n: model.faces.get(n) or faces()[n] for n in used},
        ROOM if room is None else room, events, [ev.encode(e) for e in events],
        tracks if tracks is not None else {"p1": track((0, 1, 1), (4, 5, 1)), "gunman": track((0, 8, 4))}, whole,
    )  # fmt: skip


def run_of(*events: ev.Event, end: float = 10.0) -> list[ev.Event]:
    """The events with a start and an end around them."""
    return [
        ev.RunStarted(t=0.0, scenario="trial", seed=3),
        *events,
        ev.RunEnded(t=end, reason="done"),
    ]


def fired(t: float, shot: int = 1, shooter: str = "p1", weapon: str = "pistol", **more: Any) -> ev.ShotFired:
    """A shot eastwards."""
    return ev.ShotFired(
        t=t, shot=shot, shooter=shooter, weapon=weapon, origin=(1.0, 1.0, 1.5), yaw=0.0, pitch=0.0, **more
    )


def struck(t: float, kind: str, what: str, shot: int = 1, shooter: str = "p1", **more: Any) -> ev.Struck:
    """What a shot met 4 m on."""
    return ev.Struck(
        t=t, shot=shot, shooter=shooter, kind=kind, what=what,
        **{"material": "flesh", "entry": (5.0, 1.0, 1.5), "exit": None, "distance": 4.0, **more},
    )  # fmt: skip


@dataclass
class Element:
    """An element of a page with what it holds."""

    tag: str
    attrs: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def all(self, tag: str | None = None, class_: str | None = None) -> Iterator[Element]:
        """It and all elements in it, in order, of that tag and class."""
        if (tag in (None, self.tag)) and (class_ is None or class_ in self.attrs.get("class", "").split()):
            yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all(tag, class_)

    def one(self, tag: str | None = None, class_: str | None = None) -> Element:
        """The only such element."""
        (found,) = self.all(tag, class_)
        return found

    def by_id(self, name: str) -> Element:
        """The element of that id."""
        (found,) = (e for e in self.all() if e.attrs.get("id") == name)
        return found

    @property
    def text(self) -> str:
        """All text in it with single spaces; without scripts and styles."""
        parts: list[str] = []
        for child in self.children:
            if isinstance(child, str):
                parts.append(child)
            elif child.tag not in ("script", "style"):
                parts.append(child.text + (" " if child.tag not in ("span", "b", "a") else ""))
        return " ".join("".join(parts).replace("\u00a0", " ").replace("\u202f", " ").split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#page", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [n for n, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {n: v or "" for n, v in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(html: str) -> Element:
    """The page's elements; fails for a page whose elements are not closed in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> is never closed"
    return reader.root
