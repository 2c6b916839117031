"""What criteria ask about tactics, and the proofs for it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from xrlab.scoring.evidence import Proof, View, What
from xrlab.scoring.tactics.exposure import Shown
from xrlab.scoring.tactics.lines import Line
from xrlab.scoring.tactics.passing import Passed
from xrlab.scoring.tactics.reckoning import Tactics
from xrlab.scoring.tactics.stage import Flags, seconds, spans
from xrlab.scoring.tactics.stray import Stray

Answer = Callable[..., Any]


def functions(view: View) -> dict[str, Answer]:
    """One callable for each function that is answered here; nothing is reckoned before one is called."""
    return {name: _asked(view, answer) for name, (answer, _) in _ANSWERS.items()}


def proofs(view: View) -> dict[str, Callable[..., list[Proof]]]:
    """What speaks for the values of `functions`; for shares, what is missing."""
    return {name: _proved(view, proof) for name, (_, proof) in _ANSWERS.items()}


def _asked(view: View, answer: Answer) -> Answer:
    def asked(*arguments: str) -> Any:
        tactics = Tactics.of(view.evidence)
        return None if tactics is None else answer(Some(tactics, view), *arguments)

    return asked


def _proved(view: View, proof: Callable[..., list[Proof]]) -> Callable[..., list[Proof]]:
    def proved(*arguments: str) -> list[Proof]:
        tactics = Tactics.of(view.evidence)
        return [] if tactics is None else proof(Some(tactics, view), *arguments)

    return proved


class Some:
    """The tactics of some trainees, as a view asks for them."""

    def __init__(self, tactics: Tactics, view: View) -> None:
        self._t, self._view = tactics, view
        self.who = tuple(n for n in tactics.stage.trainees if n in view.who)

    # --- lines of fire ------------------------------------------------------------------------------------

    def sweeps(self, whom: str) -> list[Line]:
        """Sweeps of these trainees over such people."""
        names = self._view.cast.select(whom)
        return [line for line in self._t.sweeps if line.who in self.who and line.whom in names]

    def sweep_s(self, whom: str) -> Fraction:
        """How long they took together."""
        return sum((Fraction(str(line.seconds)) for line in self.sweeps(whom)), Fraction(0))

    def crossfire(self) -> list[Line]:
        """Lines of these trainees past others of their side."""
        return [line for line in self._t.crossfire if line.who in self.who]

    def stray(self) -> list[Stray]:
        """Shots of these that can't be accounted for."""
        return [s for s in self._t.stray if s.who in self.who]

    # --- exposure -----------------------------------------------------------------------------------------

    def exposed_s(self) -> Fraction:
        """Seconds of all these trainees in which they were exposed to a threat."""
        return self._total(lambda shown: shown.exposed)

    def unaware_s(self) -> Fraction:
        """The same to a threat that they did not have in view."""
        return self._total(lambda shown: shown.unawares)

    def under_threat_s(self) -> Fraction:
        """Seconds of all these trainees in which any part of them showed to a threat."""
        return self._total(lambda shown: shown.under_threat)

    def _total(self, flags: Callable[[Shown], Flags]) -> Fraction:
        return _seconds(sum(int(flags(self._t.shown[who]).sum()) for who in self.who))

    def cover_share(self) -> Fraction | None:
        """Share of the time under threat in which at most half the body showed."""
        under, covered = self.under_threat_s(), self._total(lambda shown: shown.covered)
        return covered / under if under else None

    def shown_in_all(self, who: str) -> float:
        """Share of a trainee's body that showed, times seconds."""
        return self._t.shown[who].integral()

    def exposed(self) -> list[Proof]:
        """When they were exposed."""
        return [Proof(e.t, "exposed", e.who, -1, e.seconds) for e in self._t.exposures if e.who in self.who]

    def unaware(self) -> list[Proof]:
        """When they were exposed to somebody whom they did not have in view."""
        found = [e for e in self._t.exposures if e.who in self.who and e.unaware_s]
        return [Proof(e.t, "unaware", e.who, -1, e.unaware_s) for e in found]

    # --- doors and floor ----------------------------------------------------------------------------------

    def doorway_s(self) -> Fraction:
        """Seconds of all these trainees in doorways."""
        return _seconds(sum(int(np.any([*doors.values()], axis=0).sum()) for doors in self._doorways.values() if doors))

    @property
    def _doorways(self) -> dict[str, dict[str, Flags]]:
        return {who: self._t.doorways[who] for who in self.who}

    def in_doorways(self) -> list[Proof]:
        """When they stood in which doorway."""
        times = self._t.stage.times
        return [
            Proof(float(times[span.first]), "in_doorway", door, -1, seconds(span.many))
            for doors in self._doorways.values()
            for door, flags in doors.items()
            for span in spans(flags)
        ]

    def floor_seen(self) -> Fraction | None:
        """Share of the floor that anybody has seen."""
        return _share(*self._t.seen.share())

    def corners_seen(self) -> Fraction | None:
        """Share of the dead corners that anybody has seen."""
        return _share(*self._t.seen.corners_seen())

    def floor_unseen(self) -> list[Proof]:
        """The zones of which some floor was never seen, with the percentage of it."""
        end = np.array([self._view.ends])
        shares = {zone: float(self._t.seen.zone_share(zone, end)[0]) for zone in self._t.seen.zones}
        left = {zone: round(100 * (1 - share), 1) for zone, share in shares.items() if share < 1}
        return [Proof(self._view.ends, "floor_unseen", zone, -1, percent) for zone, percent in left.items()]

    def corners_unseen(self) -> list[Proof]:
        """The dead corners that nobody saw."""
        seen = self._t.seen
        unseen = np.flatnonzero(np.isinf(seen.first[seen.floor :])).tolist()
        return [Proof(self._view.ends, "corner_unseen", seen.corners[n].zone) for n in unseen]

    def passed(self) -> list[Passed]:
        """The first time that each place was left unseen at the back of one of these."""
        first: dict[tuple[str, str, tuple[float, float, float]], Passed] = {}
        for p in self._t.passed:
            if p.who in self.who:
                first.setdefault((p.what, p.zone, p.place), p)
        return list(first.values())

    # --- the team -----------------------------------------------------------------------------------------

    def spacing_m(self) -> Fraction | None:
        """Median distance to the nearest other trainee, over all samples and these trainees."""
        team = self._t.together
        if team is None or not self.who:
            return None
        rows = [team.who.index(who) for who in self.who]
        ordered = np.sort(team.nearest[rows], axis=None).astype(np.int64)
        middle = len(ordered) // 2
        pair = (ordered[middle], ordered[middle]) if len(ordered) % 2 else (ordered[middle - 1], ordered[middle])
        return Fraction(int(pair[0]) + int(pair[1]), 2000)

    def close_s(self) -> Fraction | None:
        """Seconds of these trainees with another nearer than a metre."""
        team = self._t.together
        return None if team is None else _seconds(sum(int(team.close(who).sum()) for who in self.who))

    def too_close(self) -> list[Proof]:
        """When that was."""
        team, times = self._t.together, self._t.stage.times
        if team is None:
            return []
        return [
            Proof(float(times[span.first]), "too_close", who, -1, seconds(span.many))
            for who in self.who
            for span in spans(team.close(who))
        ]

    def watched_share(self) -> Fraction | None:
        """Share of all directions that lay in somebody's field of view, on average over the run."""
        team = self._t.together
        return None if team is None else Fraction(int(team.watched.sum()), len(team.watched) * 10**6)

    def doubled_share(self) -> Fraction | None:
        """Share of their fields of view that lay in more than one of them, on average over the run."""
        team = self._t.together
        return None if team is None else Fraction(int(team.doubled.sum()), len(team.doubled) * 10**6)


def _seconds(samples: int) -> Fraction:
    return Fraction(samples, 10)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _of_lines(what: What, lines: list[Line]) -> list[Proof]:
    return [Proof(x.t, what, x.whom, -1 if x.shot is None else x.shot, x.seconds) for x in lines]


_ANSWERS: dict[str, tuple[Answer, Callable[..., list[Proof]]]] = {
    "sweeps": (lambda s, whom: len(s.sweeps(whom)), lambda s, whom: _of_lines("sweep", s.sweeps(whom))),
    "sweep_s": (lambda s, whom: s.sweep_s(whom), lambda s, whom: _of_lines("sweep", s.sweeps(whom))),
    "crossfire_lines": (lambda s: len(s.crossfire()), lambda s: _of_lines("crossfire_line", s.crossfire())),
    "exposed_s": (lambda s: s.exposed_s(), lambda s: s.exposed()),
    "unaware_s": (lambda s: s.unaware_s(), lambda s: s.unaware()),
    "cover_share": (lambda s: s.cover_share(), lambda s: s.exposed()),
    "doorway_s": (lambda s: s.doorway_s(), lambda s: s.in_doorways()),
    "floor_seen": (lambda s: s.floor_seen(), lambda s: s.floor_unseen()),
    "corners_seen": (lambda s: s.corners_seen(), lambda s: s.corners_unseen()),
    "passed_unseen": (
        lambda s: len(s.passed()), lambda s: [Proof(p.t, "passed_unseen", p.zone, -1, p.seconds) for p in s.passed()],
    ),
    "spacing_m": (lambda s: s.spacing_m(), lambda s: s.too_close()),
    "close_s": (lambda s: s.close_s(), lambda s: s.too_close()),
    "watched_share": (lambda s: s.watched_share(), lambda s: []),
    "unaccounted_shots": (
        lambda s: len(s.stray()), lambda s: [Proof(x.t, "unaccounted_shot", x.who, x.shot) for x in s.stray()],
    ),
}  # fmt: skip
