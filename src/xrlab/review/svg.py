"""SVG and HTML elements as safe text: whatever is put into one is escaped, so no recording can write markup."""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup, escape

Inner = str | Markup | float | None


def num(value: float) -> str:
    """A coordinate in two decimals, as short as can be; 0 for what is not finite."""
    if not math.isfinite(value):
        return "0"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def el(tag: str, *inner: Inner, **attributes: Inner) -> Markup:
    """An element. `class_` gives class, `stroke_width` gives stroke-width; attributes that are None are left out."""
    parts = [f"<{tag}"]
    for name, value in attributes.items():
        if value is None:
            continue
        text = num(value) if isinstance(value, int | float) else escape(value)
        parts.append(f' {name.rstrip("_").replace("_", "-")}="{text}"')
    content = "".join(num(i) if isinstance(i, int | float) else escape(i) for i in inner if i is not None)
    parts.append(f">{content}</{tag}>" if content else "/>")
    return Markup("".join(parts))


def join(parts: Iterable[Markup]) -> Markup:
    """Elements one after the other."""
    return Markup("").join(parts)


def figure(width: float, height: float, label: str, *inner: Markup, **attributes: Inner) -> Markup:
    """A drawing of that size that fits the width it is given; `label` says in words what it shows."""
    return el(
        "svg", el("title", label), *inner, viewBox=f"0 0 {num(width)} {num(height)}", role="img",
        xmlns="http://www.w3.org/2000/svg", **attributes,
    )  # fmt: skip


def points(line: Iterable[tuple[float, float]]) -> str:
    """Points as a polyline or a polygon wants them."""
    return " ".join(f"{num(x)},{num(y)}" for x, y in line)


def outline(line: Iterable[tuple[float, float]]) -> str:
    """A closed outline as a part of a path's d."""
    return "M" + " ".join(f"{num(x)} {num(y)}" for x, y in line) + "Z"


def shortened(text: str, letters: int) -> str:
    """Text with its end cut where it is too long for its place."""
    return text if len(text) <= letters else text[: max(1, letters - 1)].rstrip() + "…"
