"""`xrlab graph`: a scenario's states, strings, events and injects drawn, as SVG, Mermaid or Graphviz text."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from xrlab.authoring.chart import Box, Link, Panel, chart
from xrlab.authoring.layered import Arrow, Drawing, Point, layout
from xrlab.errors import InputError
from xrlab.files import write_whole
from xrlab.review.svg import el, figure, join, num
from xrlab.scenario.load import load
from xrlab.words import Words

HEAD, SMALL = 13.0, 10.5
WIDEST = 1160.0
_PAD, _GAP, _TITLE = 10.0, 18.0, 30.0
_FONT = "DejaVu Sans, Verdana, Segoe UI, Arial, sans-serif"

_COLOURS = {
    "state": ("#e9edf2", "#8b97a5"), "begin": ("#d6e6f5", "#1d4f80"), "danger": ("#f8dcd8", "#a51d1d"),
    "calm": ("#ddf0e1", "#1b6b34"), "down": ("#d2d5da", "#565d66"), "any": ("#ffffff", "#8b97a5"),
    "event": ("#fdf0d0", "#9c7a2e"), "inject": ("#ece0f5", "#6b2fa0"), "string": ("#d6e6f5", "#1d4f80"),
    "effect": ("#ffffff", "#8b97a5"), "end": ("#d2d5da", "#565d66"),
}  # fmt: skip
"""Fill and stroke of each kind of box."""


def write_graph(
    reference: str | Path, *, out: Path | None = None, lang: str = "en", settings: Mapping[str, Any] | None = None
) -> Path:
    """Draws a scenario into `out` (.svg, .mmd for Mermaid, .dot for Graphviz), else NAME-graph.svg here."""
    path = out or Path(f"{Path(reference).stem}-graph.svg")
    make = FORMATS.get(path.suffix.lower())
    if make is None:
        raise InputError(f"{path}: a graph is written as {', '.join(FORMATS)}; give a name that ends so")
    scenario = load(reference, settings=settings).scenario
    write_whole(path, make(chart(scenario, lang), Words(lang).text(scenario.title)).encode())
    return path


def svg(panels: list[Panel], title: str) -> str:
    """The panels as a picture that needs nothing else; panels stand in rows."""
    drawn = [(panel, _laid(panel)) for panel in panels]
    x, y, row, wide = _GAP, _GAP + _TITLE, 0.0, 0.0
    parts: list[Markup] = []
    for panel, drawing in drawn:
        across = max(drawing.width, _width(panel.title, HEAD) + _width(panel.about, SMALL) + 10) + 2 * _PAD
        down = drawing.height + _TITLE + _PAD
        if x > _GAP and x + across > WIDEST:
            x, y, row = _GAP, y + row + _GAP, 0.0
        parts.append(el("g", _panel(panel, drawing, across, down), transform=f"translate({num(x)} {num(y)})"))
        x += across + _GAP
        row, wide = max(row, down), max(wide, x)
    wide = max(wide, _width(title, 18) + 2 * _GAP)
    head = el("text", title, x=_GAP, y=_GAP + 14, font_size=18, font_weight=700)
    back = el("rect", width="100%", height="100%", fill="#ffffff")
    tall = y + row + _GAP
    picture = figure(
        wide, tall, title, _markers(), back, head, *parts, style=f"width:{num(wide)}px;height:{num(tall)}px",
        font_family=_FONT, fill="#1b2430",
    )  # fmt: skip
    return f"{picture}\n"


def _width(text: str, size: float) -> float:
    """How wide a text is, about; a little more rather than less."""
    narrow, broad = "ijl.,:;'|!()[]I frt", "mwMW@%—…"
    return sum(0.40 if c in narrow else 0.98 if c in broad else 0.72 if c.isupper() else 0.64 for c in text) * size


def _size(box: Box) -> Point:
    wide = max([_width(box.head, HEAD), *(_width(line, SMALL) for line in box.lines)])
    return wide + 2 * _PAD, HEAD + 14 + len(box.lines) * (SMALL + 4)


def _label(link: Link) -> Point:
    if not link.lines:
        return 0.0, 0.0
    return max(_width(line, SMALL) for line in link.lines) + 6, len(link.lines) * (SMALL + 3) + 4


def _laid(panel: Panel) -> Drawing:
    sizes = {name: _size(box) for name, box in panel.boxes.items()}
    arrows = [Arrow(link.source, link.target, _label(link)) for link in panel.links]
    return layout(sizes, arrows, WIDEST - 4 * _GAP)


def _panel(panel: Panel, drawing: Drawing, across: float, down: float) -> Markup:
    frame = el("rect", width=across, height=down, rx=6, fill="#fbfcfd", stroke="#c9d0d8")
    title = el("text", panel.title, x=_PAD, y=20, font_size=HEAD, font_weight=700)
    about = el("text", panel.about, x=_PAD + _width(panel.title, HEAD) + 10, y=20, font_size=SMALL, fill="#55606e")
    lines = [_arrow(link, route) for link, route in zip(panel.links, drawing.routes, strict=True)]
    texts = [_text(link, at) for link, at in zip(panel.links, drawing.labels, strict=True) if link.lines]
    boxes = [_box(box, drawing.nodes[name]) for name, box in panel.boxes.items()]
    inner = el("g", *lines, *boxes, *texts, transform=f"translate({num((across - drawing.width) / 2)} {num(_TITLE)})")
    return join([frame, title, about, inner])


def _box(box: Box, at: Point) -> Markup:
    wide, high = _size(box)
    fill, stroke = _COLOURS[box.kind]
    left, top = at[0] - wide / 2, at[1] - high / 2
    round_ = high / 2 if box.kind == "any" else 2 if box.kind in ("event", "inject", "effect") else 8
    shape = el(
        "rect", x=left, y=top, width=wide, height=high, rx=round_, fill=fill, stroke=stroke,
        stroke_width=2.4 if box.kind == "begin" else 1.3,
        stroke_dasharray="5 3" if box.unreached or box.kind == "any" else None,
    )  # fmt: skip
    head = el("text", box.head, x=at[0], y=top + HEAD + 4, text_anchor="middle", font_size=HEAD, font_weight=600)
    small = [
        el("text", line, x=at[0], y=top + HEAD + 8 + (i + 1) * (SMALL + 4) - 2, text_anchor="middle", font_size=SMALL)
        for i, line in enumerate(box.lines)
    ]
    return el("g", shape, head, *small)


def _arrow(link: Link, route: list[Point]) -> Markup:
    path = [f"M{num(route[0][0])} {num(route[0][1])}"]
    for (x0, y0), (x1, y1) in itertools.pairwise(route):
        if link.source == link.target or abs(x0 - x1) < 0.5:
            path.append(f"L{num(x1)} {num(y1)}")
        else:
            bend = (y0 + y1) / 2
            path.append(f"C{num(x0)} {num(bend)} {num(x1)} {num(bend)} {num(x1)} {num(y1)}")
    return el(
        "path", d="".join(path), fill="none", stroke="#55606e", stroke_width=1.3, marker_end="url(#tip)",
        stroke_dasharray="2 3" if link.itself else None,
    )  # fmt: skip


def _text(link: Link, at: Point) -> Markup:
    wide, high = _label(link)
    back = el("rect", x=at[0] - wide / 2, y=at[1] - high / 2, width=wide, height=high, rx=3, fill="#fbfcfd")
    lines = [
        el("text", line, x=at[0], y=at[1] - high / 2 + (i + 1) * (SMALL + 3) - 1, text_anchor="middle",
           font_size=SMALL, fill="#333c47")
        for i, line in enumerate(link.lines)
    ]  # fmt: skip
    return el("g", back, *lines)


def _markers() -> Markup:
    tip = el("path", d="M0 0L9 4.5L0 9Z", fill="#55606e")
    return el("defs", el("marker", tip, id="tip", markerWidth=9, markerHeight=9, refX=8.5, refY=4.5, orient="auto",
                         markerUnits="userSpaceOnUse"))  # fmt: skip


def _heading(panel: Panel) -> str:
    return " · ".join(t for t in (panel.title, panel.about) if t)


_ENTITIES = {"#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;"}


def mermaid(panels: list[Panel], title: str) -> str:
    """The panels as a Mermaid flow chart, which GitHub, GitLab and Markdown previews draw."""

    def text(*lines: str) -> str:
        safe = [
            line.replace("#", "#35;").replace("&", "#amp;").replace("<", "#lt;").replace(">", "#gt;") for line in lines
        ]
        return '"' + "<br/>".join(safe).replace('"', "#quot;") + '"'

    out = ["flowchart TB", f"  %% {title}"]
    for kind, (fill, stroke) in _COLOURS.items():
        out.append(f"  classDef {kind}_ fill:{fill},stroke:{stroke},color:#1b2430")
    number = 0
    for at, panel in enumerate(panels):
        out += [f"  subgraph p{at}[{text(_heading(panel))}]", "    direction TB"]
        names = {}
        for name, box in panel.boxes.items():
            names[name] = f"n{number}"
            number += 1
            left, right = ("([", "])") if box.kind == "any" else ("(", ")")
            out.append(f"    {names[name]}{left}{text(box.head, *box.lines)}{right}:::{box.kind}_")
        for link in panel.links:
            line = "-.->" if link.itself else "-->"
            said = f"|{text(*link.lines)}|" if link.lines else ""
            out.append(f"    {names[link.source]} {line}{said} {names[link.target]}")
        out.append("  end")
    return "\n".join(out) + "\n"


def dot(panels: list[Panel], title: str) -> str:
    """The panels as Graphviz text."""

    def text(*lines: str) -> str:
        return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'

    out = [f"digraph {text(title)} {{", f"  label={text(title)} labelloc=t fontname=sans rankdir=TB"]
    out.append("  node [shape=box style=filled fontname=sans fontsize=11]")
    out.append("  edge [fontname=sans fontsize=9]")
    for at, panel in enumerate(panels):
        out += [
            f"  subgraph cluster_{at} {{",
            f"    label={text(' · '.join(t for t in (panel.title, panel.about) if t))}",
        ]
        names = {name: text(f"{at}/{name}") for name in panel.boxes}
        for name, box in panel.boxes.items():
            fill, stroke = _COLOURS[box.kind]
            style = "rounded,filled,dashed" if box.unreached or box.kind == "any" else "rounded,filled"
            look = f'fillcolor="{fill}" color="{stroke}" style="{style}"'
            out.append(f"    {names[name]} [label={text(box.head, *box.lines)} {look}]")
        for link in panel.links:
            style = " style=dashed" if link.itself else ""
            out.append(f"    {names[link.source]} -> {names[link.target]} [label={text(*link.lines)}{style}]")
        out.append("  }")
    return "\n".join([*out, "}"]) + "\n"


FORMATS: dict[str, Callable[[list[Panel], str], str]] = {".svg": svg, ".mmd": mermaid, ".dot": dot}
