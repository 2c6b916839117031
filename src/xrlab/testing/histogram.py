"""The picture of a trial: how many runs reached how many points, one drawing for each skill."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from xrlab.review.svg import el, figure, join
from xrlab.testing.trial import Trial

WIDTH, HEIGHT = 760.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 20.0, 46.0, 44.0
BINS = 20
PASSED, FAILED, INK, FAINT = "#0b5cad", "#c9691a", "#222222", "#d8d8d8"
FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"


def histogram(title: str, trials: Sequence[Trial]) -> str:
    """An SVG file's text. title: of the scenario. All drawings share their scales, so that they can be compared."""
    most = max((r.most for t in trials for r in t.good), default=1.0) or 1.0
    counted = [_counts(t, most) for t in trials]
    top = max((p + f for counts in counted for p, f in counts), default=1) or 1
    panels = [
        el("g", _panel(title, t, c, most, top), transform=f"translate(0 {k * HEIGHT:g})")
        for k, (t, c) in enumerate(zip(trials, counted, strict=True))
    ]
    height = HEIGHT * len(trials)
    back = el("rect", width=WIDTH, height=height, fill="#ffffff")
    whole = figure(WIDTH, height, f"Scores of {title}", back, *panels, font_family=FONT, fill=INK)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'


def _counts(trial: Trial, most: float) -> list[tuple[int, int]]:
    """Runs passed and not passed in each bin; full marks belong to the last."""
    out = [[0, 0] for _ in range(BINS)]
    for row in trial.good:
        out[min(BINS - 1, max(0, int(row.score / most * BINS)))][0 if row.passed else 1] += 1
    return [(passed, failed) for passed, failed in out]


def _panel(title: str, trial: Trial, counts: Sequence[tuple[int, int]], most: float, top: int) -> Markup:
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    bar = wide / BINS
    parts: list[Markup] = [_head(title, trial), *_scale(top, high)]
    for k, (passed, failed) in enumerate(counts):
        x, base = LEFT + k * bar, TOP + high
        for count, colour in ((failed, FAILED), (passed, PASSED)):
            if count:
                tall = high * count / top
                base -= tall
                parts.append(el("rect", x=x + 1, y=base, width=bar - 2, height=tall, fill=colour))
    parts.append(el("line", x1=LEFT, y1=TOP + high, x2=WIDTH - RIGHT, y2=TOP + high, stroke=INK))
    for k in range(0, BINS + 1, 4):
        x = LEFT + k * bar
        parts.append(el("text", f"{most * k / BINS:g}", x=x, y=TOP + high + 17, font_size=12, text_anchor="middle"))
    parts.append(el("text", "points", x=LEFT + wide / 2, y=HEIGHT - 8, font_size=12, text_anchor="middle"))
    mark = LEFT + wide * trial.pass_at / 100
    parts.append(
        el("line", x1=mark, y1=TOP - 4, x2=mark, y2=TOP + high, stroke=INK, stroke_width=1.5, stroke_dasharray="5 4")
    )
    parts.append(el("text", "pass mark", x=mark - 5, y=TOP + 5, font_size=11, text_anchor="end"))
    return join(parts)


def _head(title: str, trial: Trial) -> Markup:
    """Above the drawing: whose runs these are, and how many passed, with the colours explained."""
    facts = trial.summary()
    skill = f", {trial.order.skill}" if trial.order.skill else ""
    rate, (low, high) = facts["pass_rate"] or 0.0, facts["pass_rate_95"]
    share = f"{facts['runs']} runs, {rate:.1%} passed (95 %: {low:.1%} to {high:.1%})"
    x = WIDTH - RIGHT
    return join([
        el("text", f"{title}{skill}", x=LEFT, y=20, font_size=15, font_weight="bold"),
        el("text", share, x=LEFT, y=37, font_size=12),
        el("rect", x=x - 170, y=11, width=11, height=11, fill=PASSED),
        el("text", "passed", x=x - 154, y=21, font_size=12),
        el("rect", x=x - 92, y=11, width=11, height=11, fill=FAILED),
        el("text", "not passed", x=x - 76, y=21, font_size=12),
    ])  # fmt: skip


def _scale(top: int, high: float) -> list[Markup]:
    """Lines across at round numbers of runs."""
    step = next(s for s in (n * 10**e for e in range(7) for n in (1, 2, 5)) if top / s <= 4)
    out = []
    for count in range(0, top + 1, step):
        y = TOP + high * (1 - count / top)
        out.append(el("line", x1=LEFT, y1=y, x2=WIDTH - RIGHT, y2=y, stroke=FAINT))
        out.append(el("text", str(count), x=LEFT - 8, y=y + 4, font_size=12, text_anchor="end"))
    out.append(
        el("text", "runs", x=16, y=TOP + high / 2, font_size=12, text_anchor="middle",
           transform=f"rotate(-90 16 {TOP + high / 2:g})")
    )  # fmt: skip
    return out
