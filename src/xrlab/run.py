"""One run from end to end: where scenario, engine, trainee, recording and marks meet.

Imports late, so that asking the command for help does not load the simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrlab.errors import InputError
from xrlab.files import make_folder, write_whole

if TYPE_CHECKING:
    from xrlab.document import Document
    from xrlab.recording.reader import Recording
    from xrlab.recording.writer import RecordingWriter
    from xrlab.scenario.load import Loaded
    from xrlab.scenario.model import Scenario
    from xrlab.scoring.evidence import Evidence
    from xrlab.scoring.result import Result
    from xrlab.sim.events import Event
    from xrlab.sim.setup import Run
    from xrlab.trainee.steps import TraineeScript

VERSION = "0.1.0"
RECORDING, RESULT, DEBRIEF = "recording.mcap", "result.json", "debrief.html"


def load_scenario(
    reference: str | Path | Document, *, seed: int = 0, settings: Mapping[str, Any] | None = None
) -> Scenario:
    """The checked model of a scenario: a shipped one's name or a file.

    Raises `InputError` with every problem found, each with file, line and column.
    """
    from xrlab.scenario.load import load

    return load(reference, seed=seed, settings=settings).scenario


class Session:
    """A run that can be driven from outside: start, advance the engine, finish.

    loaded: scenario and room. out: folder for `recording.mcap` and `result.json`, made if missing; None
    to keep nothing. Use as a context manager, so that the recording is closed whatever happens.
    """

    def __init__(self, loaded: Loaded, seed: int, out: Path | None) -> None:
        from xrlab.sim.setup import Run

        self.loaded, self.seed, self.out = loaded, seed, out
        self.events: list[Event] = []
        self._stack = ExitStack()
        self._writer = self._open(out) if out else None

        readers: list[Callable[[Any], None]] = [self.events.append]
        legs: list[Callable[..., None]] = []
        if self._writer:
            readers.append(self._writer.event)
            legs.append(self._writer.motion)
        try:
            self.run: Run = Run(
                loaded.scenario, loaded.room, seed, name=loaded.name, readers=readers, leg_readers=legs,
                folder=loaded.document.path.parent,
            )  # fmt: skip
        except BaseException:
            self._stack.close()
            raise

    def _open(self, out: Path) -> RecordingWriter:
        from xrlab.recording.writer import RecordingWriter

        make_folder(out)
        return self._stack.enter_context(
            RecordingWriter(
                out / RECORDING, version=VERSION, name=self.loaded.name, seed=self.seed,
                scenario=self.loaded.scenario, room=self.loaded.room,
                drawn=self.loaded.drawn, settings=self.loaded.settings,
            )
        )  # fmt: skip

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def evidence(self) -> Evidence:
        """What marks are reckoned from, as far as the run has come."""
        from xrlab.scenario.library import faces
        from xrlab.scoring.evidence import Evidence
        from xrlab.scoring.ground import Ground

        scenario, world = self.loaded.scenario, self.run.engine.world
        used = {t.face: scenario.faces.get(t.face) or faces()[t.face] for t in scenario.targets.values()}
        tracks = {name: actor.track for name, actor in world.actors.items()}
        tracks |= {name: board.track for name, board in world.boards.items() if board.rail}
        return Evidence(scenario, used, self.events, tracks, lambda: Ground.of(self.loaded.room))

    def finish(self, *, marks_only: bool = False) -> Result:
        """Closes the recording and gives marks; writes `result.json` where an out folder was given.

        marks_only: leaves out `events_sha256` (then "") and the facts that no criterion asks for, for who makes
        thousands of runs.
        """
        from xrlab.scoring.result import score
        from xrlab.sim import events as ev

        self._stack.close()
        encoded = () if marks_only else map(ev.encode, self.events)
        result = score(
            VERSION, self.loaded.name, self.seed, self.evidence, encoded,
            drawn=self.loaded.drawn, settings=self.loaded.settings, facts=not marks_only,
        )  # fmt: skip
        if marks_only:
            result["events_sha256"] = ""
        if self.out:
            write_whole(self.out / RESULT, result.to_json().encode())
        return result


class Runs:
    """A scenario with its scripted trainees, read once, to be run for any seed.

    trainee: a script; if None the one that the scenario names. settings: values by path that win over `vary`. skill:
    novice, trained or expert; wins over what the script says. Raises `InputError` for anything wrong in the files.
    """

    def __init__(
        self,
        reference: str | Path | Document,
        *,
        trainee: str | Path | None = None,
        settings: Mapping[str, Any] | None = None,
        skill: str | None = None,
    ) -> None:
        from xrlab.scenario.load import prepare
        from xrlab.trainee.skill import named

        self._prepared = prepare(reference)
        self._trainee = None if trainee is None else Path(trainee)
        self._settings = dict(settings or {})
        self._skill = None if skill is None else named(skill)
        self._scripts: dict[int, tuple[Loaded, TraineeScript | None]] = {}

    def session(self, seed: int, out: Path | None = None) -> Session:
        """A run of this seed with its trainees at work, ready to be driven."""
        from xrlab.trainee.script import follow

        loaded = self._prepared.draw(seed, self._settings)
        script = self._script(loaded)
        session = Session(loaded, seed, out)
        if script:
            try:
                follow(script, session.run, self._skill)
            except BaseException:
                session.__exit__()
                raise
        return session

    def _script(self, loaded: Loaded) -> TraineeScript | None:
        """The script, checked against this draw of the scenario: in another the room may be another."""
        from xrlab.trainee.script import load_script

        known = self._scripts.get(id(loaded))
        if known is None or known[0] is not loaded:
            path = self._trainee or script_of(loaded)
            if path is None and self._skill is not None:
                raise InputError(f"{loaded.name} names no trainee script whose skill could be changed; give --trainee")
            known = self._scripts[id(loaded)] = loaded, load_script(path, loaded) if path else None
        return known[1]

    def run(self, seed: int, *, out: Path | None = None, stop: Callable[[], bool] | None = None) -> Result:
        """Runs as fast as the machine can.

        stop: asked at every instant; once it says True the run ends as interrupted and its result is marked partial.
        """
        with self.session(seed, out) as session:
            engine = session.run.engine
            if stop is None:
                engine.run()
            else:
                while not engine.ended:
                    if stop():
                        engine.end("interrupted")
                    else:
                        engine.step()
            return session.finish()


def run_headless(
    reference: str | Path | Document,
    *,
    seed: int = 0,
    trainee: str | Path | None = None,
    out: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    skill: str | None = None,
    stop: Callable[[], bool] | None = None,
) -> Result:
    """Runs a scenario once with its scripted trainees; see `Runs`, which is for many seeds."""
    return Runs(reference, trainee=trainee, settings=settings, skill=skill).run(seed, out=out, stop=stop)


def score_recording(recording: Recording) -> Result:
    """The result of a recorded run, from the recording alone: the same bytes as when it was made."""
    from xrlab.scoring.result import score

    return score(
        recording.version, recording.name, recording.seed, recording.evidence, recording.encoded,
        drawn=recording.drawn, settings=recording.settings,
    )  # fmt: skip


def script_of(loaded: Loaded) -> Path | None:
    """The trainee script that a scenario names, beside it."""
    if loaded.scenario.trainee is None:
        return None
    path = Path(loaded.scenario.trainee)
    if path.is_absolute() or path.drive:
        raise InputError(loaded.document.problem(("trainee",), "must be given from the scenario's own folder"))
    return loaded.document.folder_of(("trainee",)) / path
