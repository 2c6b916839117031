"""Tactics agree with what the run itself reckoned: who saw whom, and when zones were searched."""

from __future__ import annotations

import numpy as np
import pytest
from stages import tactics

from xrlab.run import Runs
from xrlab.scoring.evidence import Evidence
from xrlab.sim import events as ev
from xrlab.sim.search import SEARCH_SHARE


@pytest.fixture(scope="module")
def house() -> Evidence:
    with Runs("house/hostage").session(3) as session:
        session.run.engine.run()
        return session.evidence


def test_whom_an_armed_danger_sees_is_exposed_to_them(house: Evidence) -> None:
    found = tactics(house)
    stage = found.stage
    together = alone = 0
    for who, shown in found.shown.items():
        for n, whom in enumerate(shown.threats):
            sees = stage.sees(whom, who, stage.times) & stage.is_armed_danger(whom, stage.times)
            together += int(sees.sum())
            alone += int((sees & (shown.points[n] < 2)).sum())
    assert together > 30
    assert alone <= together / 50  # walls lie half a millimetre off, and poses may change within a tenth


def test_zones_are_cleared_when_their_floor_had_been_seen(house: Evidence) -> None:
    seen = tactics(house).seen
    cleared = [e for e in house.events if isinstance(e, ev.ZoneCleared)]
    assert len(cleared) == 7
    for e in cleared:
        before, after = seen.zone_share(e.zone, np.array([e.t - 2.0, e.t + 0.2])).tolist()
        assert before < 1.0
        assert after >= SEARCH_SHARE


def test_doors_are_gone_through_from_zone_to_zone(house: Evidence) -> None:
    entered = {(e.zone, e.who): e.t for e in reversed(house.events) if isinstance(e, ev.ZoneEntered)}
    for door in tactics(house).approaches:
        assert door.entered_by is not None
        assert door.entered_t is not None
        assert door.beyond is not None
        assert entered[door.beyond, door.entered_by] == pytest.approx(door.entered_t, abs=0.4)
