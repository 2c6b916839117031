"""Close-ups of a debrief: each target's face with its impacts, and each body with its hits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

from xrlab.review.facts import Facts, Impact
from xrlab.review.ground import Labels
from xrlab.review.svg import el, figure, num, points
from xrlab.scenario.model import Face
from xrlab.words import NO_BREAK, Words

FACE, ENLARGED = 210.0, 210.0
"""The longer side of a face and of an enlarged part of it on the page."""
NUMBERED = 60
"""With more impacts on a board than this their numbers would only hide them."""
BARS_MM = (5, 10, 20, 50, 100, 200, 500)

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
    """The impacts of one trainee on a board: how many, and measures in words, the others under `more`."""

    who: str
    colour: str
    hits: str
    measures: tuple[tuple[str, str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CloseUp:
    """A drawing with what is said beside it. enlarged: the part with the impacts, where the face is much larger."""

    name: str
    drawing: Markup
    enlarged: Markup | None = None
    groups: tuple[Group, ...] = ()
    counts: tuple[str, ...] = ()


class Part(NamedTuple):
    """A part of a face: its middle right and up of the face's middle, and its size (mm)."""

    u: float
    v: float
    wide: float
    high: float


def boards(facts: Facts, words: Words) -> list[CloseUp]:
    """A close-up of every target that was shown or hit."""
    out = []
    for name, target in facts.scenario.targets.items():
        face = facts.recording.faces.get(target.face)
        if face is None or (name not in facts.board_hits and name not in facts.exposures):
            continue
        impacts = facts.board_hits.get(name, [])
        whole = Part(0.0, 0.0, face.width_mm, face.height_mm)
        part = _part_with(impacts, face)
        named = words.name(name)
        sheet = _Sheet(facts, words, face, impacts, facts.groups.get(name, {}))
        out.append(
            CloseUp(
                named,
                sheet.drawing(whole, FACE, words("target-alt", target=named), part),
                sheet.drawing(part, ENLARGED, words("enlarged-alt", target=named)) if part else None,
                tuple(_groups(facts, words, impacts, facts.groups.get(name, {}))),
            )
        )
    return out


def _groups(facts: Facts, words: Words, impacts: list[Impact], rows: Mapping[str, Mapping[str, Any]]) -> list[Group]:
    out = []
    for who in facts.trainees:
        own = [i for i in impacts if i.shooter == who]
        if own:
            hits = words.number(sum(i.zone is not None for i in own))
            measures = _measures(rows[who], words) if who in rows else ((), ())
            out.append(Group(words.name(who), facts.colour(who), hits, *measures))
    return out


def _measures(row: Mapping[str, Any], words: Words) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The measures of a group in words: those that everybody asks for, and the others."""

    def mm(value: float | None, decimals: int = 0) -> str:
        return "–" if value is None else words("millimetres", mm=words.number(value, decimals))

    first = (
        (words("group"), mm(row["extreme_spread_mm"])),
        (words("mpi"), where(row["off_aim_mm"], words)),
    )
    sights = row["sights"]
    more = (
        (words("mean-radius"), mm(row["mean_radius_mm"], 1)),
        (words("mean-radius-mrad"), words.number(row["mean_radius_mrad"])),
        (words("cep"), mm(row["cep_mm"], 1)),
        (words("width-height"), f"{words.number(row['width_mm'], 0)}{NO_BREAK}×{NO_BREAK}{mm(row['height_mm'])}"),
        (words("offset"), mm(row["offset_mm"])),
        (words("sights-offset"), mm(sights["offset_mm"])),
        (words("sights-radius"), mm(sights["mean_radius_mm"], 1)),
        (words("shot-distance"), words("metres", n=words.number(row["distance_m"], 1))),
    )
    return first, more if row["impacts"] > 1 else ()


def where(mean: Sequence[float], words: Words) -> str:
    """A place on a face in words, to the millimetre: "7 mm left, 1 mm high"."""
    right, up = (round(n) for n in mean)
    parts = []
    if right:
        parts.append(words("right" if right > 0 else "left", mm=str(abs(right))))
    if up:
        parts.append(words("up" if up > 0 else "low", mm=str(abs(up))))
    return ", ".join(p.replace(" ", NO_BREAK) for p in parts) or words("in-the-middle")


def _part_with(impacts: list[Impact], face: Face) -> Part | None:
    """The square around all impacts; None where the whole face shows them nearly as large."""
    if not impacts:
        return None
    us, vs = [i.mm[0] for i in impacts], [i.mm[1] for i in impacts]
    side = max(80.0, 1.35 * max(max(us) - min(us), max(vs) - min(vs)) + 30)
    if side > 0.6 * max(face.width_mm, face.height_mm):
        return None
    return Part((min(us) + max(us)) / 2, (min(vs) + max(vs)) / 2, side, side)


def paper(face: Face, scale: float, at: Callable[[float, float], tuple[float, float]]) -> list[Markup]:
    """A face without impacts: paper and zones. at: where a place (mm right, mm up) lies on the drawing."""
    x, y = at(-face.width_mm / 2, face.height_mm / 2)
    out = [el("rect", x=x, y=y, width=face.width_mm * scale, height=face.height_mm * scale, class_="paper")]
    for zone in reversed(face.zones):
        edge = "#b9b9b9" if _is_dark(zone.color) else "#4d4d4d"
        if zone.circle_mm:
            cx, cy = at(zone.circle_mm[0], zone.circle_mm[1])
            r = zone.circle_mm[2] * scale
            out.append(el("circle", cx=cx, cy=cy, r=r, fill=zone.color, stroke=edge, class_="face-zone"))
        elif zone.ellipse_mm:
            cx, cy = at(zone.ellipse_mm[0], zone.ellipse_mm[1])
            rx, ry = (n * scale for n in zone.ellipse_mm[2:])
            edges = {"fill": zone.color, "stroke": edge, "class_": "face-zone"}
            out.append(el("ellipse", cx=cx, cy=cy, rx=rx, ry=ry, **edges))
        else:
            corners = points(at(u, v) for u, v in zone.corners_mm)
            out.append(el("polygon", points=corners, fill=zone.color, stroke=edge, class_="face-zone"))
    return out


class _Sheet:
    """Draws a face or a part of it."""

    def __init__(
        self, facts: Facts, words: Words, face: Face, impacts: list[Impact], groups: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._facts, self._words, self._face, self._impacts, self._groups = facts, words, face, impacts, groups

    def drawing(self, part: Part, size: float, label: str, framed: Part | None = None) -> Markup:
        """A part of the face, its longer side `size` on the page. framed: a part that is shown larger elsewhere."""
        self._scale = size / max(part.wide, part.high)
        self._part, self._wide, self._high = part, part.wide * self._scale, part.high * self._scale
        inner = [*paper(self._face, self._scale, self._at), *self._means()]
        if framed is None:
            inner += self._numbered()
        else:
            inner += [self._dot(i, 2.6) for i in self._impacts] + [self._frame(framed)]
        if part.wide < self._face.width_mm:
            inner.append(self._bar())
        edge = el("rect", x=0.5, y=0.5, width=self._wide - 1, height=self._high - 1, class_="edge")
        return figure(
            self._wide, self._high, label, *inner, edge, class_="face", style=f"max-width:{num(self._wide)}px"
        )

    def _at(self, u: float, v: float) -> tuple[float, float]:
        part = self._part
        return self._wide / 2 + (u - part.u) * self._scale, self._high / 2 - (v - part.v) * self._scale

    def _means(self) -> list[Markup]:
        """The point of aim, and a cross at each trainee's mean point of impact in the circle of its mean radius."""
        out = []
        for row in [*self._groups.values()][:1]:
            x, y = self._at(*row["aim_mm"])
            out.append(el("circle", cx=x, cy=y, r=3.6, class_="aim-edge"))
            out.append(el("circle", cx=x, cy=y, r=3.6, class_="aim"))
        for who, row in self._groups.items():
            if row["impacts"] > 1:
                x, y = self._at(*row["mean_mm"])
                radius = row["mean_radius_mm"] * self._scale
                cross = f"M{num(x - 9)} {num(y)}H{num(x + 9)}M{num(x)} {num(y - 9)}V{num(y + 9)}"
                colour = self._facts.colour(who)
                out.append(el("circle", cx=x, cy=y, r=radius, class_="radius-edge"))
                out.append(el("circle", cx=x, cy=y, r=radius, class_="radius", stroke=colour))
                out += [el("path", d=cross, class_="mean-edge"), el("path", d=cross, class_="mean", stroke=colour)]
        return out

    def _dot(self, impact: Impact, radius: float) -> Markup:
        x, y = self._at(*impact.mm)
        colour = self._facts.colour(impact.shooter)
        if impact.zone is None:
            return el("circle", cx=x, cy=y, r=radius, fill="#ffffff", class_="impact outside", stroke=colour)
        return el("circle", cx=x, cy=y, r=radius, fill=colour, class_="impact")

    def _numbered(self) -> list[Markup]:
        radius = 4.5 if len(self._impacts) <= NUMBERED else 3.0
        out = [self._dot(i, radius) for i in self._impacts]
        if len(self._impacts) > NUMBERED:
            return out
        labels = Labels(self._wide, self._high)
        for i in self._impacts:
            labels.keep_free(*self._at(*i.mm), radius)
        for i in self._impacts:
            x, y, anchor = labels.place(*self._at(*i.mm), len(str(i.shot)), away=6.5)
            colour = self._facts.colour(i.shooter)
            out.append(el("text", str(i.shot), x=x, y=y, text_anchor=anchor, class_="number", fill=colour))
        return out

    def _frame(self, part: Part) -> Markup:
        x, y = self._at(part.u - part.wide / 2, part.v + part.high / 2)
        return el("rect", x=x, y=y, width=part.wide * self._scale, height=part.high * self._scale, class_="frame")

    def _bar(self) -> Markup:
        """A bar that shows the scale of an enlarged part."""
        mm = max(b for b in BARS_MM if b * self._scale <= self._wide / 2.5)
        wide, y = mm * self._scale, self._high - 9
        bar = f"M8 {num(y - 3)}V{num(y + 3)}M8 {num(y)}H{num(8 + wide)}M{num(8 + wide)} {num(y - 3)}V{num(y + 3)}"
        text = self._words("millimetres", mm=str(mm))
        return el("g", el("path", d=bar, class_="bar-edge"), el("path", d=bar, class_="bar"),
                  el("text", text, x=13 + wide, y=y + 4, class_="scale number"))  # fmt: skip


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
        counts = tuple(
            words("count", what=words.known("zone", zone or "torso"), n=words.number(n)) for zone, n in parts.items()
        )
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
