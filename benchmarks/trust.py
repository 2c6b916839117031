"""Whether marks can be trusted: runs of every shipped scenario scored again from their recordings, equal to the byte.

`make trust`, or `python benchmarks/trust.py`: 100 seeds of each scenario and of each trainee that its tests name. Each
run is recorded; its recording is scored at once and, later, in another process in which Python's own hashes differ. The
bytes of all three results must be the same. The table then says how those who do it right, poorly or wrongly, or do
nothing, came out; whoever gets more than they deserve is named. Returns 1 where anything is not as it should be.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from xrlab.recording import read_recording
from xrlab.run import RECORDING, RESULT, Runs, score_recording

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
KINDS = ("right", "poor", "wrong", "idle")
HASH_SEEDS = ("1", "2")
"""What the processes that run and those that score again take for `PYTHONHASHSEED`."""


class Player(NamedTuple):
    """Who plays a shipped scenario: the trainees that do it right (its own), poorly, wrongly, or do nothing."""

    scenario: str
    kind: str
    script: Path | None

    @property
    def name(self) -> str:
        """What stands in the table: the kind, and of several that do it right whose script it is."""
        own = self.script is None or self.kind != "right"
        return self.kind if own else str(self.script).rpartition(os.sep)[2].partition(".")[0]


class Row(NamedTuple):
    """What came of one run. equal: whether its result, scored at once from its recording, had the same bytes."""

    player: Player
    seed: int
    passed: bool
    score: float
    share: float
    equal: bool


def shipped() -> list[str]:
    """The shipped scenarios, by name."""
    files = sorted(SCENARIOS.glob("*/*.test.yaml"))
    return [f"{path.parent.name}/{path.name.removesuffix('.test.yaml')}" for path in files]


def players(scenario: str) -> list[Player]:
    """Its own trainees and those that its tests name, by what they do."""
    from xrlab.testing.cases import checks_in

    file = SCENARIOS / f"{scenario}.test.yaml"
    scripts = {file.parent / check.trainee for check in checks_in(file) if check.trainee}
    found = [Player(scenario, "right", None)] + [Player(scenario, _kind(script), script) for script in scripts]
    return sorted(found, key=lambda p: (KINDS.index(p.kind), str(p.script)))


def _kind(script: Path) -> str:
    first = script.name.partition(".")[0].partition("_")[0]
    return {"poor": "poor", "does": "idle", "shoots": "wrong"}.get(first, "right")


@lru_cache(maxsize=4)
def _runs(player: Player) -> Runs:
    return Runs(SCENARIOS / f"{player.scenario}.yaml", trainee=player.script)


def play(player: Player, seed: int, folder: Path) -> Row:
    """One run, recorded into `folder`, and scored again from there."""
    result = _runs(player).run(seed, out=folder)
    again = score_recording(read_recording(folder / RECORDING)).to_json().encode()
    share = result.score / result["max_score"]
    return Row(player, seed, result.passed, result.score, share, again == (folder / RESULT).read_bytes())


def marked(player: Player, seed: int) -> Row:
    """One run that is not recorded: its marks alone."""
    with _runs(player).session(seed) as session:
        session.run.engine.run()
        result = session.finish(marks_only=True)
    return Row(player, seed, result.passed, result.score, result.score / result["max_score"], True)


def same_again(folder: Path) -> bool:
    """Whether the recording in `folder` gives the bytes of the result that lies beside it."""
    again = score_recording(read_recording(folder / RECORDING)).to_json().encode()
    return again == (folder / RESULT).read_bytes()


def undeserved(rows: Iterable[Row]) -> Iterator[str]:
    """In words, whoever of one scenario's runs came out better or worse than they deserve.

    Who does it right passes, with every seed, and is ahead of everybody else with that seed; nobody else passes. Who
    does it poorly is ahead, on average, of who does it wrongly and of who does nothing, and these two have less than
    half of all points.
    """
    by_kind: dict[str, list[Row]] = {kind: [] for kind in KINDS}
    for row in rows:
        by_kind[row.player.kind].append(row)
    right = {row.seed: row.share for row in sorted(by_kind["right"], key=lambda r: -r.share)}
    means = {kind: fmean(row.share for row in found) for kind, found in by_kind.items()}
    for row in (row for found in by_kind.values() for row in found):
        who = f"{row.player.scenario}, {row.player.name}, seed {row.seed}"
        if row.passed != (row.player.kind == "right"):
            yield f"{who}: {'passed' if row.passed else 'did not pass'} with {row.score:g}"
        if row.player.kind != "right" and row.share >= right[row.seed]:
            yield f"{who}: {row.score:g} is not less than {right[row.seed]:.0%} for who did it right"
        if row.player.kind in ("wrong", "idle") and row.share >= 0.5:
            yield f"{who}: {row.score:g} is half of all points, or more"
    for kind in ("wrong", "idle"):
        if means[kind] >= means["poor"]:
            name = by_kind[kind][0].player.scenario
            yield f"{name}: {kind} has {means[kind]:.1%} on average, poor has {means['poor']:.1%}"


def _play(work: tuple[Player, tuple[int, ...], Path]) -> tuple[list[Row], float]:
    player, seeds, folder = work
    begun = time.process_time()
    rows = [play(player, seed, folder_of(folder, player, seed)) for seed in seeds]
    return rows, time.process_time() - begun


def folder_of(within: Path, player: Player, seed: int) -> Path:
    """Where the recording of a run lies."""
    return within / player.scenario.replace("/", "-") / f"{player.name}-{seed}"


def _processes(hash_seed: str) -> ProcessPoolExecutor:
    """Two new processes, whose sets are in another order than those of other hash seeds."""
    os.environ["PYTHONHASHSEED"] = hash_seed
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


MOST_LINES = 30
"""So many things that are wrong are named at most."""
HEAD = ("scenario", "trainee", "seeds", "equal", "passed", "least", "mean", "most", "CPU s")


def main(arguments: Sequence[str]) -> int:
    """Makes the runs and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="runs of each trainee (100)")
    parser.add_argument("--only", choices=shipped(), action="append", help="this scenario; may stand more than once")
    chosen = parser.parse_args(arguments)
    _print(*HEAD)
    wrong = [line for name in chosen.only or shipped() for line in _try(name, range(1, chosen.seeds + 1))]
    print(*wrong[:MOST_LINES] or ["All are equal, and everybody has what they deserve."], sep="\n")
    if len(wrong) > MOST_LINES:
        print(f"and {len(wrong) - MOST_LINES} more")
    return int(bool(wrong))


def _print(scenario: str, trainee: str, *figures: str) -> None:
    print(f"{scenario:<28}{trainee:<9}" + "".join(f"{figure:>8}" for figure in figures), flush=True)


def _try(scenario: str, seeds: Sequence[int]) -> list[str]:
    """Plays a scenario with all its trainees, prints a line for each, and returns what is wrong."""
    cast, halves = players(scenario), [tuple(part) for part in (seeds[::2], seeds[1::2]) if part]
    with tempfile.TemporaryDirectory() as name:
        within = Path(name)
        with _processes(HASH_SEEDS[0]) as first:
            done = list(first.map(_play, [(player, half, within) for player in cast for half in halves]))
        rows = [row for made, _ in done for row in made]
        with _processes(HASH_SEEDS[1]) as second:
            same = dict(
                zip(
                    rows,
                    second.map(same_again, [folder_of(within, r.player, r.seed) for r in rows], chunksize=10),
                    strict=True,
                )
            )
    unlike = [row for row in rows if not (row.equal and same[row])]
    for player in cast:
        runs = [row for row in rows if row.player == player]
        scores, equal = [row.score for row in runs], sum(row not in unlike for row in runs)
        spent = sum(seconds for made, seconds in done if made[0].player == player)
        counts = (len(runs), equal, sum(row.passed for row in runs))
        _print(
            scenario,
            player.name,
            *map(str, counts),
            *(f"{n:.1f}" for n in (min(scores), fmean(scores), max(scores), spent)),
        )
    wrong = [f"{scenario}, {r.player.name}, seed {r.seed}: the recording gives another result" for r in unlike]
    return wrong + list(undeserved(rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
