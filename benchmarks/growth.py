"""How the cost of a run grows with the people in it and with what happens: `python benchmarks/growth.py docs/images`.

Writes growth.svg into that folder: the engine's time for one run, against the number of role players in a house of
twenty rooms, and against the number of events of ever longer runs, each beside the straight line that fits best.
"""

from __future__ import annotations

import gc
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time

import numpy as np
from crowd import big_house
from markupsafe import Markup

from xrlab.review.svg import el, figure, join, points
from xrlab.scenario.load import Loaded
from xrlab.sim import events as ev
from xrlab.sim.setup import Run
from xrlab.trainee.script import follow, load_script

PEOPLE = (10, 25, 50, 75, 100, 150, 200)
ROUNDS = (1, 2, 3, 4, 6, 8)
WIDTH, HEIGHT, LEFT, TOP = 420.0, 300.0, 62.0, 40.0

Spots = list[tuple[float, float]]


def main(arguments: Sequence[str]) -> int:
    """Measures and draws; `--quick` with two sizes and one run each, to see that it works."""
    quick = "--quick" in arguments
    folder = Path(next((a for a in arguments if not a.startswith("-")), "."))
    by_people: Spots = []
    by_events: Spots = []
    with tempfile.TemporaryDirectory() as place:
        for people in PEOPLE[:2] if quick else PEOPLE:
            by_people.append((people, cost(*big_house(Path(place), people), 1 if quick else 7)[1]))
        for rounds in ROUNDS[:2] if quick else ROUNDS:
            by_events.append(cost(*big_house(Path(place), 20, rounds), 1 if quick else 7))
    panels = (
        panel(by_people, "role players in the house", "one minute, 4 trainees, 10 to 200 role players"),
        panel(by_events, "events", "20 role players, runs of one to eight minutes"),
    )
    label = "How long the engine takes for a run, against the people in it and against what happens"
    inner = join([el("g", panels[0]), el("g", panels[1], transform=f"translate({WIDTH + 20:.0f} 0)")])
    picture = figure(2 * WIDTH + 20, HEIGHT, label, inner, font_family="sans-serif", font_size="12")
    (folder / "growth.svg").write_text(str(picture) + "\n", encoding="utf-8")
    for name, spots in (("role players", by_people), ("events", by_events)):
        per, base, share = line(spots)
        print(f"{name}: {base:.1f} ms and {per:.3f} ms for each; a straight line explains {share:.2%}")
        print("  " + ", ".join(f"{x:.0f}: {y:.1f} ms" for x, y in spots))
    return 0


def cost(loaded: Loaded, path: Path, rounds: int) -> tuple[float, float]:
    """Events of a run, and the processor's time (ms) for it: the least of several, after one that warms up."""
    script = load_script(path, loaded)
    times = []
    events: list[ev.Event] = []
    for number in range(rounds + 1):
        events = []
        run = Run(loaded.scenario, loaded.room, 7, readers=[events.append])
        follow(script, run)
        gc.collect()
        began = process_time()
        run.engine.run()
        if number or not rounds:
            times.append((process_time() - began) * 1000)
    return float(len(events)), min(times)


def line(spots: Spots) -> tuple[float, float, float]:
    """Slope and offset of the straight line that fits best, and which share of the differences it explains."""
    x, y = np.array(spots).T
    per, base = np.polyfit(x, y, 1)
    left = float(((y - per * x - base) ** 2).sum())
    return float(per), float(base), 1.0 - left / float(((y - y.mean()) ** 2).sum())


def panel(spots: Spots, what: str, title: str) -> Markup:
    """One diagram: the measured spots, the line, axes from 0."""
    per, base, share = line(spots)
    wide, high = WIDTH - LEFT - 20, HEIGHT - TOP - 50
    most_x, most_y = (_round(max(s[axis] for s in spots)) for axis in (0, 1))

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + x / most_x * wide, TOP + high - y / most_y * high

    parts = [el("text", title, x=LEFT, y=20, font_weight="bold")]
    for k in range(5):
        x, y = most_x * k / 4, most_y * k / 4
        parts.append(el("line", x1=LEFT, x2=LEFT + wide, y1=at(0, y)[1], y2=at(0, y)[1], stroke="#ddd"))
        parts.append(el("text", f"{y:g}", x=LEFT - 6, y=at(0, y)[1] + 4, text_anchor="end", fill="#444"))
        parts.append(el("text", f"{x:g}", x=at(x, 0)[0], y=TOP + high + 16, text_anchor="middle", fill="#444"))
    parts.append(el("text", what, x=LEFT + wide / 2, y=HEIGHT - 14, text_anchor="middle"))
    parts.append(el("text", "ms", x=LEFT - 6, y=TOP - 8, text_anchor="end"))
    last = max(x for x, _ in spots)
    ends = [at(0, base), at(last, base + per * last)]
    parts.append(el("polyline", points=points(ends), fill="none", stroke="#c0622e", stroke_width=1.5))
    parts += [el("circle", cx=at(*s)[0], cy=at(*s)[1], r=4, fill="#1f5c8b") for s in spots]
    words = f"{base:.0f} ms + {per:.3g} ms each; R² {share:.3f}"
    parts.append(el("text", words, x=LEFT + 10, y=TOP + 16, fill="#c0622e"))
    return join(parts)


def _round(value: float) -> float:
    """A number somewhat above a value at which an axis may end."""
    step = 10.0 ** np.floor(np.log10(value))
    return float(next(step * k for k in (1, 2, 3, 4, 6, 8, 10) if step * k >= value))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
