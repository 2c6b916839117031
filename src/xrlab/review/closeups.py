"""Close-ups of a debrief: each target's face with its impacts, and each body with its hits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from xrlab.review.facts import Facts
from xrlab.review.svg import el, figure, num, points
from xrlab.review.words import Words
from xrlab.scenario.model import Face
from xrlab.sim import events as ev

SIZE = 230.0
"""The longer side of a face on the page."""

# Seen from the front: the person's right is on the left. (part, points of its outline, where the number stands).
_BODY: tuple[tuple[str, str, tuple[float, float]], ...] = (
    ("right_arm", "M35 54L24 60L15 108L11 140L20 142L27 112L36 80Z", (22, 101)),
    ("left_arm", "M85 54L96 60L105 108L109 140L100 142L93 112L84 80Z", (98, 101)),
    ("torso", "M37 52L52 46H68L83 52L82 84L78 114H42L38 84Z", (60, 84)),
    ("pelvis", "M42 115H78L82 142L64 146H56L38 142Z", (60, 134)),
    ("right_leg", "M38 143L57 147L56 190L53 236H41L40 190Z", (48, 192)),
    ("left_leg", "M82 143L63 147L64 190L67 236H79L80 190Z", (72, 192)),
    ("head", "M60 8C72 8 76 18 74 28C72 38 66 44 60 44C54 44 48 38 46 28C44 18 48 8 60 8Z", (60, 30)),
)


@dataclass(frozen=True)
class Group:
    """The impacts of one trainee on a board: how many, greatest distance (mm), mean point (mm right, up)."""

    who: str
    colour: str
    hits: int
    size: str
    mean: str


@dataclass(frozen=True)
class CloseUp:
    """A drawing with what is said beside it."""

    name: str
    drawing: Markup
    groups: tuple[Group, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()


def spread_mm(impacts: list[ev.Struck]) -> float | None:
    """The greatest distance between the middles of two impacts; None for fewer than two."""
    places = [e.local for e in impacts if e.local is not None]
    if len(places) < 2:
        return None
    return max(math.dist(a, b) for i, a in enumerate(places) for b in places[i + 1 :]) * 1000


def mean_mm(impacts: list[ev.Struck]) -> tuple[float, float]:
    """The mean point of impact, mm right and up of the face's middle."""
    places = [e.local for e in impacts if e.local is not None]
    return sum(u for u, _ in places) * 1000 / len(places), sum(v for _, v in places) * 1000 / len(places)


def boards(facts: Facts, words: Words) -> list[CloseUp]:
    """A close-up of every target that was shown or hit."""
    hits = facts.board_hits()
    out = []
    for name, target in facts.scenario.targets.items():
        face = facts.recording.faces.get(target.face)
        if face is None or (name not in hits and name not in facts.exposures):
            continue
        impacts = hits.get(name, [])
        groups = []
        for who in facts.trainees:
            own = [e for e in impacts if e.shooter == who]
            if own:
                size = spread_mm(own)
                shown = words("group-size", mm=words.number(size, 0)) if size is not None else "–"
                groups.append(Group(words.name(who), facts.colour(who), len(own), shown, _where(mean_mm(own), words)))
        out.append(
            CloseUp(
                words.name(name),
                _board(facts, face, impacts, words("target-alt", target=words.name(name))),
                tuple(groups),
            )
        )
    return out


def _where(mean: tuple[float, float], words: Words) -> str:
    right, up = mean
    across = words("right" if right >= 0 else "left", mm=words.number(abs(right), 0))
    return f"{across}, {words('up' if up >= 0 else 'low', mm=words.number(abs(up), 0))}"


def _board(facts: Facts, face: Face, impacts: list[ev.Struck], label: str) -> Markup:
    scale = SIZE / max(face.width_mm, face.height_mm)
    wide, high = face.width_mm * scale + 8, face.height_mm * scale + 8

    def at(u_mm: float, v_mm: float) -> tuple[float, float]:
        return wide / 2 + u_mm * scale, high / 2 - v_mm * scale

    parts = [el("rect", x=4, y=4, width=wide - 8, height=high - 8, class_="paper")]
    for zone in reversed(face.zones):
        dark = _is_dark(zone.color)
        edge = "#b9b9b9" if dark else "#4d4d4d"
        if zone.circle_mm:
            cx, cy = at(zone.circle_mm[0], zone.circle_mm[1])
            parts.append(
                el(
                    "circle",
                    cx=cx,
                    cy=cy,
                    r=zone.circle_mm[2] * scale,
                    fill=zone.color,
                    stroke=edge,
                    class_="face-zone",
                )
            )
        elif zone.polygon_mm:
            corners = points(at(u, v) for u, v in zone.polygon_mm)
            parts.append(el("polygon", points=corners, fill=zone.color, stroke=edge, class_="face-zone"))
    parts += [_impact(e, at, facts.colour(e.shooter)) for e in impacts if e.local is not None]
    for who in facts.trainees:
        own = [e for e in impacts if e.shooter == who]
        if len(own) > 1:
            x, y = at(*mean_mm(own))
            cross = f"M{num(x - 9)} {num(y)}H{num(x + 9)}M{num(x)} {num(y - 9)}V{num(y + 9)}"
            parts += [
                el("path", d=cross, class_="mean-edge"),
                el("path", d=cross, class_="mean", stroke=facts.colour(who)),
            ]
    return figure(wide, high, label, *parts, class_="face", style=f"max-width:{num(wide)}px")


def _impact(e: ev.Struck, at: object, colour: str) -> Markup:
    u, v = e.local or (0.0, 0.0)
    x, y = at(u * 1000, v * 1000)  # type: ignore[operator]
    # The number leans away from the middle, so that a tight group's numbers do not all lie on one another.
    away = math.atan2(-v, u) if (u or v) else 0.0
    tx, ty = x + 9.5 * math.cos(away), y + 9.5 * math.sin(away) + 3.2
    return el(
        "g", el("circle", cx=x, cy=y, r=4, fill=colour if e.zone is not None else "#ffffff", class_="impact", stroke=colour),
        el("text", str(e.shot), x=tx, y=ty, text_anchor="middle", class_="number", fill=colour),
    )  # fmt: skip


def _is_dark(color: str) -> bool:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 110


def bodies(facts: Facts, words: Words) -> list[CloseUp]:
    """A close-up of every person that was hit, the role players first."""
    hits = facts.person_hits()
    order = [n for n in (*facts.scenario.people, *facts.trainees) if n in hits]
    out = []
    for who in order:
        parts = hits[who]
        counts = tuple((words.known("zone", zone or "torso"), n) for zone, n in parts.items())
        drawing = _body(parts, words("person-alt", who=words.name(who)))
        out.append(CloseUp(words.name(who), drawing, counts=counts))
    return out


def _body(hits: dict[str, int], label: str) -> Markup:
    parts: list[Markup] = []
    for zone, shape, _ in _BODY:
        parts.append(el("path", d=shape, class_="part struck" if hits.get(zone) else "part"))
    for zone, _, (x, y) in _BODY:
        if hits.get(zone):
            parts.append(el("circle", cx=x, cy=y - 4, r=9, class_="count"))
            parts.append(el("text", str(hits[zone]), x=x, y=y, text_anchor="middle", class_="count-text"))
    return figure(120, 244, label, *parts, class_="body", style="max-width:108px")
