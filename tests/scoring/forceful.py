"""Runs with force in them, written in plain lines such as `2.0 p1 shoots at gunman, hits`, for examples and tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from scenes import SCENARIO, changed

from xrlab.geometry.paths import Track
from xrlab.scenario.model import Scenario
from xrlab.scoring.evidence import Evidence
from xrlab.sim import events as ev

ORIGIN = (0.0, 0.0, 1.4)
TEAMS = {
    "teams": {
        "police": {"trainees": ["p1", "p2"], "start": "a", "carries": ["pistol", "spray", "conducted_energy", "baton"]}
    }
}


class Teller:
    """Makes events of lines; shots are numbered as they come."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []
        self._shot = self._use = 0

    def tell(self, line: str) -> None:
        """Adds what a line says happened."""
        at, rest = line.split(" ", 1)
        t = float(at)
        for pattern, make in _LINES.items():
            found = re.fullmatch(pattern, rest)
            if found:
                self.events += make(self, t, **found.groupdict())
                return
        raise AssertionError(f"no event is made of: {line}")

    def posture(self, t: float, who: str, pose: str, holds: str, danger: str | None) -> list[ev.Event]:
        return [ev.PostureChanged(t=t, who=who, pose=pose, holds=holds, danger=danger is not None)]

    def state(self, t: float, who: str, state: str) -> list[ev.Event]:
        return [ev.StateChanged(t=t, who=who, state=state, was="")]

    def shot(self, t: float, who: str, whom: str, how: str, off: str | None = None) -> list[ev.Event]:
        self._shot += 1
        aside = float(off) if off else 0.0
        out: list[ev.Event] = [
            ev.ShotFired(t=t, shot=self._shot, shooter=who, weapon="pistol", origin=ORIGIN, yaw=0.0, pitch=0.0)
        ]
        if who.startswith("p"):
            out.append(_sighted(t, who, whom, self._shot, aside))
        if how == "hits":
            out.append(
                ev.Struck(
                    t=t, shot=self._shot, shooter=who, kind="person", what=whom, material="flesh",
                    entry=(5.0, 0.0, 1.4), exit=None, distance=5.0, zone="torso",
                )
            )  # fmt: skip
        return out

    def seen(self, t: float, who: str, whom: str, share: str, lit: str | None, turned: str) -> list[ev.Event]:
        """Changes what the next shot could see; told after the shot in a run, so it takes the last one's place."""
        last = self.events.pop(next(i for i in reversed(range(len(self.events))) if _is_sighted(self.events[i])))
        assert isinstance(last, ev.Sighted)
        return [
            ev.Sighted(
                t=last.t, who=who, whom=whom, share=float(share), lux=0.1 if lit else None, lit=lit is None,
                distance=last.distance, turned=float(turned) * 3.141593 / 180, shot=last.shot, aside=last.aside,
            )
        ]  # fmt: skip

    def spray(self, t: float, who: str, whom: str, means: str, how: str) -> list[ev.Event]:
        self._use += 1
        use = self._use
        out: list[ev.Event] = [
            ev.MeansUsed(t=t, use=use, who=who, means=means, origin=ORIGIN, yaw=0.0, pitch=0.0, left=1),
            _sighted(t, who, whom, None, 0.0),
        ]
        if how == "reaches":
            out.append(
                ev.MeansMet(
                    t=t, use=use, who=who, means=means, part="jet", kind="person", what=whom, zone="head",
                    at=(3.0, 0.0, 1.6), distance=3.0,
                )
            )  # fmt: skip
            out.append(
                ev.Affected(t=t, use=use, who=whom, by=who, means=means, effect="blinded", seconds=900.0, distance=3.0)
            )
        return out


def _is_sighted(event: ev.Event) -> bool:
    return isinstance(event, ev.Sighted)


def _sighted(t: float, who: str, whom: str, shot: int | None, aside: float) -> ev.Sighted:
    return ev.Sighted(
        t=t, who=who, whom=whom, share=1.0, lux=None, lit=True, distance=5.0, turned=0.0, shot=shot, aside=aside
    )


_WHO = r"(?P<who>\w+)"
_LINES: dict[str, Any] = {
    rf"{_WHO} is (?P<pose>\w+) with (?P<holds>\w+)(?P<danger>, a danger)?": Teller.posture,
    rf"{_WHO} is now (?P<state>\w+)": Teller.state,
    rf"{_WHO} shoots at (?P<whom>\w+), (?P<how>hits|misses)(?: by (?P<off>[\d.]+) m)?": Teller.shot,
    rf"{_WHO} saw (?P<share>[\d.]+) of (?P<whom>\w+)(?P<lit> in the dark)?, turned (?P<turned>\d+) degrees": (
        Teller.seen
    ),
    rf"{_WHO} uses (?P<means>\w+) on (?P<whom>\w+), (?P<how>reaches|misses)": Teller.spray,
    rf"{_WHO} strikes (?P<whom>\w+)": lambda _, t, who, whom: [
        ev.BlowLanded(t=t, who=who, whom=whom, item="knife", zone="torso")
    ],
    rf"{_WHO} sees (?P<whom>\w+)": lambda _, t, who, whom: [ev.Seen(t=t, who=who, whom=whom)],
    rf"{_WHO} loses (?P<whom>\w+)": lambda _, t, who, whom: [ev.Lost(t=t, who=who, whom=whom)],
    rf"{_WHO} calls (?P<command>\w+), heard by (?P<whom>\w+)": lambda _, t, who, command, whom: [
        ev.VerbalCommand(t=t, who=who, command=command, heard_by=(whom,))
    ],
}


def told(lines: Iterable[str]) -> list[ev.Event]:
    """The events of these lines, and the end of the run."""
    teller = Teller()
    for line in lines:
        teller.tell(line)
    return [*teller.events, ev.RunEnded(t=60.0, reason="done")]


def evidence(lines: Iterable[str], places: Mapping[str, list[float]] | None = None, **changes: Any) -> Evidence:
    """A run of these lines; places: where everyone stands all the time (x, y, in metres), looking west."""
    scenario = Scenario.model_validate(changed(SCENARIO, {**TEAMS, **changes}))
    tracks = {who: Track((x, y, 0.0), 3.141593) for who, (x, y) in (places or {}).items()}
    return Evidence(scenario, {}, told(lines), tracks)
