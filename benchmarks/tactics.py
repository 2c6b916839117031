"""How long the tactics of 200 trainee-seconds take: lines of fire, exposure, doors, floor, spacing, all of them."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
from measure import Figure, Series, in_turn

from xrlab.geometry.transforms import Array
from xrlab.run import Runs
from xrlab.scoring.evidence import Evidence
from xrlab.scoring.tactics import section
from xrlab.scoring.tactics.exposure import POINTS
from xrlab.scoring.tactics.stage import Stage

NAMES = ("house/hostage", "school/active_shooter", "depot/joint_entry")
TRAINEE_S, TARGET_S = 200.0, 1.0


def figures(quick: bool) -> list[Figure]:
    """The runs' own trainee-seconds are reckoned, the time brought to 200; the peer does one part in plain Python."""
    runs = [_run(name) for name in NAMES[: 1 if quick else None]]
    long = sum(run.ends * len(run.cast.trainees) for run in runs)

    def scaled(work: float) -> float:
        return work * TRAINEE_S / long

    ours, plain = in_turn((lambda: scaled(_all(runs)), lambda: scaled(_plain(runs))), 1 if quick else 7)
    return [
        Figure(
            "tactics_s",
            Series(f"all tactics of {TRAINEE_S:.0f} trainee-seconds of {', '.join(NAMES[: len(runs)])}", "s", ours),
            (Series("how much shows to threats alone, line by line in Python", "s", plain),),
            "python benchmarks/run_all.py --only tactics",
            target=TARGET_S,
        )
    ]


def _run(name: str) -> Evidence:
    with Runs(name).session(1) as session:
        session.run.engine.run()
        evidence = session.evidence
    if evidence.ground is not None:
        _ = evidence.ground.opaque
    return evidence


def _all(runs: list[Evidence]) -> float:
    """Seconds for all tactics of these runs, from their events and motion on."""
    total = 0.0
    for run in runs:
        run.worked_out.clear()
        start = perf_counter()
        section(run)
        total += perf_counter() - start
    return total


def _plain(runs: list[Evidence]) -> float:
    """Seconds for the body points that show to threats, one line of sight after the other; door leaves left out."""
    total = 0.0
    for run in runs:
        if run.ground is None:
            continue
        stage = Stage(run, run.ground)
        start = perf_counter()
        for t in stage.times.tolist():
            at = np.array([t])
            for whom in stage.people:
                if stage.is_armed_danger(whom, at)[0]:
                    eye = stage.eyes(whom, at)[0]
                    for who in stage.trainees:
                        sum(_free(stage, eye, point) for point in stage.sight_points(who, at)[0, :POINTS])
        total += perf_counter() - start
    return total


def _free(stage: Stage, eye: Array, point: Array) -> bool:
    way = point - eye
    length = math.sqrt(float(way @ way))
    x, y, z = (way / length).tolist()
    ex, ey, ez = eye.tolist()
    return stage.ground.opaque.closest((ex, ey, ez), (x, y, z))[0] > length
