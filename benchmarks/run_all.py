"""All figures of the README, each beside its peers, measured here: `make bench`, or `python benchmarks/run_all.py`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from measure import Figure, Missing, Series, machine

PARTS = (
    "shot",
    "bullet",
    "speed",
    "crowd",
    "trial",
    "start",
    "checking",
    "tactics",
    "picture",
    "render",
    "submission",
    "loading",
    "headset",
)
README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- figures: written by `python benchmarks/run_all.py --readme` -->", "<!-- end of figures -->"


def main(arguments: Sequence[str]) -> int:
    """Measures, prints; returns 0 whether targets are met or not: a busy machine is no error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few runs: to see that all works, not for figures")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument(
        "--readme", action="store_true", help="write the figures into README.md; the machine must be idle"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may stand more than once")
    parser.add_argument(
        "--headset", action="store_true", help="measure a headset's pictures also where the processor draws"
    )
    chosen = parser.parse_args(arguments)
    facts = machine()
    if not chosen.json:
        print(f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}, Python {facts['python']}")
        print(", ".join(f"{name} {number}" for name, number in facts["packages"].items()), end="\n\n")
    figures: list[Figure | Missing] = []
    for part in chosen.only or PARTS:
        new = _part(part, chosen.headset)(chosen.quick)
        figures += new
        if not chosen.json:
            for figure in new:
                print(_in_words(figure), flush=True)
    if chosen.readme:
        README.write_text(with_figures(README.read_text(encoding="utf-8"), facts, figures), encoding="utf-8")
    if chosen.json:
        json.dump({"machine": facts, "figures": [f.as_dict() for f in figures]}, sys.stdout, indent=2)
        print()
    return 0


def _part(name: str, anyway: bool) -> Callable[[bool], Sequence[Figure | Missing]]:
    if name == "shot":
        import shot

        return lambda quick: [shot.figure(quick)]
    if name == "bullet":
        import bullet

        return bullet.figures
    if name == "speed":
        import speed

        return speed.figures
    if name == "crowd":
        import crowd

        return crowd.figures
    if name == "trial":
        import trial

        return trial.figures
    if name == "start":
        import start

        return start.figures
    if name == "checking":
        import checking

        return checking.figures
    if name == "tactics":
        import tactics

        return tactics.figures
    if name == "render":
        import render

        return render.figures
    if name == "submission":
        import submission

        return submission.figures
    if name == "loading":
        import loading

        return loading.figures
    if name == "headset":
        import headset

        return lambda quick: headset.figures(quick, anyway)
    import picture

    def pictures(quick: bool) -> Sequence[Figure | Missing]:
        with tempfile.TemporaryDirectory() as folder:
            return picture.figures(quick, folder)

    return pictures


def _in_words(figure: Figure | Missing) -> str:
    if isinstance(figure, Missing):
        return f"{figure.key}: not here: {figure.why}\n"
    lines = [f"{figure.key}: {_series(figure.measured)}"]
    if figure.target is not None:
        least = "at least" if figure.more_is_better else "at most"
        lines.append(
            f"  target: {least} {figure.target:g} {figure.measured.unit}: {'met' if figure.met else 'NOT met'}"
        )
    most = {peer.what: times for peer, times in figure.ratio_targets}
    for peer in figure.peers:
        ratio = figure.ratio(peer)
        limit = most.get(peer.what)
        told = "" if limit is None else f" (at most {limit:g}: {'met' if ratio <= limit else 'NOT met'})"
        lines.append(f"  {ratio:.3g} times{told} {_series(peer)}")
    lines += [f"  {note}" for note in figure.notes]
    return "\n".join([*lines, f"  $ {figure.command}", ""])


def with_figures(text: str, facts: dict[str, Any], figures: Sequence[Figure | Missing]) -> str:
    """The README's text with these figures between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"README.md has lost its marks: {BEGIN} and {END}")
    packages = ", ".join(f"{name} {number}" for name, number in facts["packages"].items())
    lines = ["| what | here | target | beside it | command |", "| --- | --- | --- | --- | --- |"]
    for figure in figures:
        if isinstance(figure, Figure):
            peers = "; ".join(f"{_number(figure.ratio(p))} times {p.what} ({_value(p)})" for p in figure.peers)
            here = _value(figure.measured, span=True)
            cells = (figure.measured.what, here, _target(figure), peers, f"`{figure.command}`")
            lines.append(f"| {' | '.join(cells)} |")
    machine_line = (
        f"`make bench`, on {facts['cpu']}, {facts['cores']} cores, no graphics card, {facts['system']}, "
        f"Python {facts['python']},\n{packages}; medians, with the least and the most:"
    )
    return f"{before}{BEGIN}\n{machine_line}\n\n" + "\n".join(lines) + f"\n{END}{after}"


def _target(figure: Figure) -> str:
    targets = []
    if figure.target is not None:
        targets.append(f"{'at least' if figure.more_is_better else 'at most'} {figure.target:g} {figure.measured.unit}")
    targets += [f"at most {most:g} times {peer.what}" for peer, most in figure.ratio_targets]
    words = ", ".join(targets)
    return words if figure.met in (True, None) else f"{words}: not reached"


def _value(series: Series, *, span: bool = False) -> str:
    shown = f"{_number(series.median)} {series.unit}"
    return f"{shown} ({_number(min(series.values))} to {_number(max(series.values))})" if span else shown


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"


def _series(series: Series) -> str:
    low, high = min(series.values), max(series.values)
    return f"{series.median:.3g} {series.unit} ({low:.3g} to {high:.3g}, {len(series.values)} runs): {series.what}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
