"""Shoot or don't: every person and target that a trainee was shown, what they were, and whether they were shot at.

Each is one trial. A person who came into the trainee's view is a danger or is none; who changes from one to the other
in view is a trial of each. A target that is shown to the trainee is a danger, one that must not be shot at is none.
The response is a shot fired at them while they were so, hit or not: what is measured is what the trainee took
them for. Some trials say nothing of that and are left out; why stands with each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from xrlab.scenario.model import FireString
from xrlab.scoring.detection import Counts
from xrlab.scoring.evidence import Evidence, Proof, View, What
from xrlab.scoring.shots import Shot
from xrlab.scoring.stimuli import BRIEF_S, LATE_S, elapsed
from xrlab.sim import events as ev

Why = Literal["stopped", "brief", "later", "down"]
"""Why a trial is left out.

stopped: the danger ended before this trainee fired, because they gave up or another stopped them. brief: in view or
shown for less than `BRIEF_S`. later: no danger yet, but then one in view, which is the trial that counts. down: lies
there after having been a danger.
"""


@dataclass
class Trial:
    """One stimulus of one trainee. signal: whether it was a danger, or a target to be shot at.

    until: when it was over, None at the run's end. seen_s: how long it was in view. shot, fired: the first at it.
    why: why it is left out, where it is.
    """

    who: str
    t: float
    kind: Literal["person", "target"]
    what: str
    signal: bool
    until: float | None = None
    seen_s: float = 0.0
    shot: int | None = None
    fired: float | None = None
    why: Why | None = None
    seen_since: float | None = None

    def out_of_view(self, t: float) -> None:
        """No longer seen."""
        if self.seen_since is not None:
            self.seen_s += elapsed(self.seen_since, t)
            self.until, self.seen_since = t, None

    @property
    def outcome(self) -> str:
        """hit, miss, false_alarm, correct_rejection, or left_out."""
        if self.why is not None:
            return "left_out"
        if self.signal:
            return "miss" if self.shot is None else "hit"
        return "correct_rejection" if self.shot is None else "false_alarm"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `result.json`."""
        return {
            "t": self.t, "kind": self.kind, "what": self.what, "danger": self.signal, "until": self.until,
            "seen_s": round(self.seen_s, 6), "shot": self.shot, "fired_t": self.fired, "outcome": self.outcome,
            "why": self.why,
        }  # fmt: skip


def trials_of(evidence: Evidence, who: Iterable[str]) -> list[Trial]:
    """All trials of these trainees, in order."""
    reader = _Reader(evidence, tuple(who))
    for event in evidence.events:
        reader.read(event)
    reader.finish(evidence.ends)
    return reader.trials


def counts_of(trials: Iterable[Trial]) -> Counts:
    """How often each outcome came about."""
    said = [trial.outcome for trial in trials]
    return Counts(*(said.count(o) for o in ("hit", "miss", "false_alarm", "correct_rejection")))


class _Reader:
    """Follows whom each trainee sees and which targets are shown."""

    def __init__(self, evidence: Evidence, who: tuple[str, ...]) -> None:
        self.trials: list[Trial] = []
        self._evidence, self._who = evidence, who
        self._people = frozenset(evidence.cast.people)
        self._targets = evidence.scenario.targets
        self._strings = {s.name: s for s in evidence.scenario.strings}
        self._in_strings = frozenset(name for s in evidence.scenario.strings for name in s.targets)
        self._string: FireString | None = None
        self._danger: set[str] = set()
        self._down: dict[str, float] = {}
        self._latest: dict[tuple[str, str], list[Trial]] = defaultdict(list)
        """The trials of each trainee and person or target, in order."""
        self._standing: set[str] = set()
        """Targets of strings of fire that stand all the time: stimuli as soon as their string begins."""

    def read(self, e: ev.Event) -> None:
        if isinstance(e, ev.Seen):
            if e.who in self._who and e.whom in self._people:
                self._seen(e.who, e.whom, e.t)
        elif isinstance(e, ev.Lost):
            self._gone(e.who, e.whom, e.t)
        elif isinstance(e, ev.PostureChanged):
            self._posture(e)
        elif isinstance(e, ev.StateChanged):
            if e.state == "down":
                self._down[e.who] = e.t
            else:
                self._down.pop(e.who, None)
        elif isinstance(e, ev.TargetExposed):
            self._exposed(e)
        elif isinstance(e, ev.TargetHidden | ev.TargetFell):
            self._standing.discard(e.target)
            for who in self._who:
                self._gone(who, e.target, e.t)
        elif isinstance(e, ev.StringStarted):
            self._string = self._strings.get(e.string)
            for name in self._string.targets if self._string else ():
                if name in self._standing:
                    self._show(name, e.t)
        elif isinstance(e, ev.StringEnded):
            for name in self._string.targets if self._string else ():
                for who in self._who:
                    self._gone(who, name, e.t)
            self._string = None

    def _begin(self, who: str, what: str, t: float, kind: Literal["person", "target"], signal: bool) -> None:
        trial = Trial(who, t, kind, what, signal, seen_since=t)
        self._latest[(who, what)].append(trial)
        self.trials.append(trial)

    def _gone(self, who: str, what: str, t: float) -> None:
        """No longer in view, or turned away."""
        rows = self._latest.get((who, what))
        if rows:
            rows[-1].out_of_view(t)

    def _seen(self, who: str, whom: str, t: float) -> None:
        rows = self._latest[(who, whom)]
        signal = whom in self._danger
        if not rows or rows[-1].signal != signal:
            if not (whom in self._down and rows):
                self._begin(who, whom, t, "person", signal)
        elif rows[-1].seen_since is None:
            rows[-1].until, rows[-1].seen_since = None, t

    def _posture(self, e: ev.PostureChanged) -> None:
        if e.danger == (e.who in self._danger):
            return
        (self._danger.add if e.danger else self._danger.discard)(e.who)
        for who in self._who:
            rows = self._latest.get((who, e.who))
            if rows and rows[-1].seen_since is not None:
                self._gone(who, e.who, e.t)
                rows[-1].why = "stopped" if rows[-1].signal else "later"  # unless they were shot at before
                self._begin(who, e.who, e.t, "person", e.danger)

    def _exposed(self, e: ev.TargetExposed) -> None:
        target = self._targets.get(e.target)
        if target is None:
            return
        stands = target.motion in ("fixed", "falling") and e.target in self._in_strings
        if stands:
            self._standing.add(e.target)
        if not stands or (self._string is not None and e.target in self._string.targets):
            self._show(e.target, e.t)

    def _show(self, name: str, t: float) -> None:
        string = self._string
        for who in self._who:
            if string is None or name not in string.targets or name in string.lane(who):
                self._gone(who, name, t)
                self._begin(who, name, t, "target", self._targets[name].role == "target")

    # --- what came of them ----------------------------------------------------------------------------

    def finish(self, end: float) -> None:
        """Closes what is still in view at the end of the run, and finds the shots."""
        for trial in self.trials:
            if trial.seen_since is not None:
                trial.seen_s += elapsed(trial.seen_since, end)
        shots = {s.number: s for s in self._evidence.shots if s.at is None}
        answered = {(s.who, s.what, s.t): s.shot for s in self._evidence.stimuli if s.shot in shots}
        for shot in self._evidence.shots:
            if shot.at is not None and (shot.trainee, shot.at) in self._latest:
                _respond(self._latest[(shot.trainee, shot.at)], shot)
        for trial in self.trials:
            number = answered.get((trial.who, trial.what, trial.t))
            if trial.shot is None and trial.signal and number is not None:
                trial.shot, trial.fired = number, shots[number].t
            trial.why = self._why(trial)

    def _why(self, trial: Trial) -> Why | None:
        if trial.shot is not None:
            return None
        if trial.why is None and not trial.signal and self._down.get(trial.what, trial.t + 1) <= trial.t:
            return "down"
        if trial.why is None and round(trial.seen_s, 6) < BRIEF_S:
            return "brief"
        return trial.why


def _respond(trials: Sequence[Trial], shot: Shot) -> None:
    """Finds the trial that a shot at somebody answers: the one they were when it was fired.

    A shot so soon after a danger was none any more was still fired at the danger: nobody stops sooner. One at a target
    that has just turned away still counts as one at it.
    """
    at = next((n for n in range(len(trials) - 1, -1, -1) if trials[n].t <= shot.t), None)
    if at is None:
        return
    trial = trials[at]
    if at and not trial.signal and trials[at - 1].signal and trial.kind == "person" and shot.t - trial.t < BRIEF_S:
        trial = trials[at - 1]
    over = trial.until is not None and trial.kind == "target" and shot.t - trial.until > LATE_S
    if trial.shot is None and not over:
        trial.shot, trial.fired = shot.number, shot.t


# --- criteria and the result ------------------------------------------------------------------------------


def _trials(view: View) -> list[Trial]:
    if "trials" not in view.worked_out:
        view.worked_out["trials"] = trials_of(view.evidence, view.who)
    found: list[Trial] = view.worked_out["trials"]
    return found


_SAID: dict[str, What] = {"miss": "not_shot_at", "false_alarm": "false_alarm"}


def functions(view: View) -> dict[str, Callable[..., Any]]:
    """One callable for each function of the language that is answered here."""
    return {
        "d_prime": lambda: counts_of(_trials(view)).d_prime,
        "bias": lambda: counts_of(_trials(view)).bias,
        "false_alarms": lambda: counts_of(_trials(view)).false_alarms,
        "correct_rejections": lambda: counts_of(_trials(view)).correct_rejections,
        "recognised": lambda: counts_of(_trials(view)).right,
    }


def proofs(view: View) -> dict[str, Callable[..., list[Proof]]]:
    """What speaks for these values: the stimuli that were judged wrong."""

    def of(*outcomes: str) -> Callable[[], list[Proof]]:
        return lambda: [
            Proof(t.t if t.fired is None else t.fired, _SAID[t.outcome], t.what, -1 if t.shot is None else t.shot)
            for t in _trials(view)
            if t.outcome in outcomes
        ]

    wrong, alarms = of("miss", "false_alarm"), of("false_alarm")
    return {
        "d_prime": wrong, "recognised": wrong, "bias": wrong, "false_alarms": alarms, "correct_rejections": alarms,
    }  # fmt: skip


def section(view: View) -> dict[str, Any]:
    """Recognition of one trainee for `result.json`. view: of that trainee alone."""
    trials = _trials(view)
    left_out = sum(t.outcome == "left_out" for t in trials)
    return {**counts_of(trials).as_dict(), "left_out": left_out, "trials": [t.as_dict() for t in trials]}
