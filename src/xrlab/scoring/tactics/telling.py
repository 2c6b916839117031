"""Tactics as plain data for `result.json`."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from xrlab.scoring.evidence import Evidence, View
from xrlab.scoring.figures import shown
from xrlab.scoring.tactics.answers import Some
from xrlab.scoring.tactics.floor import Seen
from xrlab.scoring.tactics.reckoning import Tactics
from xrlab.scoring.tactics.stage import STEP_S, Stage

CURVE_POINTS = 200
"""The floor seen over time is told once a second, or in a long run so many times."""


def section(evidence: Evidence) -> dict[str, Any] | None:
    """The `tactics` of a result; None where the room, or how its trainees moved, is not known."""
    tactics = Tactics.of(evidence)
    if tactics is None:
        return None
    seen, every = tactics.seen, Some(tactics, View(evidence))
    return {
        "step_s": STEP_S,
        "trainees": [{"id": who, **_of_one(Some(tactics, View(evidence, (who,))))} for who in tactics.stage.trainees],
        "team": {
            "spacing_m": shown(every.spacing_m()), "close_s": shown(every.close_s()),
            "watched_share": shown(every.watched_share()), "doubled_share": shown(every.doubled_share()),
            "floor_seen": shown(every.floor_seen()),
            "corners_seen": shown(every.corners_seen()), "passed_unseen": len(every.passed()),
        },
        "lines": [asdict(line) for line in tactics.lines],
        "exposures": [asdict(e) for e in tactics.exposures],
        "floor": _floor(seen, tactics.stage),
        "corners": _corners(seen, tactics.stage),
        "passed": [{**asdict(p), "place": list(p.place)} for p in tactics.passed],
        "doors": [asdict(a) for a in tactics.approaches],
        "unaccounted": [asdict(s) for s in tactics.stray],
    }  # fmt: skip


def _of_one(one: Some) -> dict[str, Any]:
    (who,) = one.who
    return {
        "sweeps_own": len(one.sweeps("trainee")), "sweeps_no_shoot": len(one.sweeps("no_shoot")),
        "crossfire_lines": len(one.crossfire()),
        "exposed_s": shown(one.exposed_s()), "exposure": one.shown_in_all(who),
        "unaware_s": shown(one.unaware_s()),
        "under_threat_s": shown(one.under_threat_s()), "cover_share": shown(one.cover_share()),
        "doorway_s": shown(one.doorway_s()), "passed_unseen": len(one.passed()),
        "spacing_m": shown(one.spacing_m()), "close_s": shown(one.close_s()),
        "unaccounted_shots": len(one.stray()),
    }  # fmt: skip


def _floor(seen: Seen, stage: Stage) -> dict[str, Any]:
    """By zone how many points there are and were seen; and the share of all seen by then, every so many seconds."""
    ends = float(stage.times[-1])
    every = max(1, math.ceil(ends / CURVE_POINTS))
    times = np.arange(0, math.floor(ends) + 1, every)
    first = np.sort(seen.first[: seen.floor])
    curve = np.searchsorted(first, times, side="right") / max(1, seen.floor)
    return {
        "zones": [
            {"zone": z, "points": len(f), "seen": int(np.isfinite(f).sum())} for z, f in seen.first_in.items()
        ],
        "every_s": every,
        "curve": [round(float(share), 4) for share in curve] if seen.floor else [],
    }  # fmt: skip


def _corners(seen: Seen, stage: Stage) -> list[dict[str, Any]]:
    rows = zip(seen.corners, seen.first[seen.floor :].tolist(), seen.by[seen.floor :].tolist(), strict=True)
    return [
        {"zone": c.zone, "place": list(c.place), "doors": list(c.doors), "seen_t": t if math.isfinite(t) else None,
         "seen_by": stage.trainees[by] if by >= 0 else None}
        for c, t, by in rows
    ]  # fmt: skip
