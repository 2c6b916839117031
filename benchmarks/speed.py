"""How many times faster than real time house/hostage runs without a display."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import Figure, Series, in_turn, seconds

import xrlab
from xrlab.run import Session, script_of
from xrlab.scenario.load import Loaded, load
from xrlab.sim.engine import Engine
from xrlab.trainee.script import follow, load_script
from xrlab.trainee.steps import TraineeScript

SCENARIO, SEED = "house/hostage", 7
FRAME_S = 1 / 60
PEER = "the same engine in frames of 1/60 s, everyone's joints placed in each"
TARGET = 300.0


def rates(loaded: Loaded, script: TraineeScript) -> tuple[Callable[[], float], Callable[[], float]]:
    """Two calls that run a scenario and give how many times real time that was: from event to event, and by frames."""

    def ready() -> Engine:
        session = Session(loaded, SEED, None)
        follow(script, session.run)
        return session.run.engine

    def jumping() -> float:
        engines: list[Engine] = []

        def once() -> None:
            engines.append(ready())
            engines[0].run()

        took = seconds(once)
        return engines[0].now / took

    def by_frames() -> float:
        engines: list[Engine] = []

        def once() -> None:
            engine = ready()
            engines.append(engine)
            actors, frame = list(engine.world.actors.values()), 0
            while not engine.ended:
                frame += 1
                engine.advance(frame * FRAME_S)
                for actor in actors:
                    actor.joints(engine.now)

        took = seconds(once)
        return engines[0].now / took

    return jumping, by_frames


def figures(quick: bool) -> list[Figure]:
    """The engine alone, and a whole run with recording, result and debrief; both in a process that is warm."""
    rounds = 1 if quick else 15
    loaded = load(SCENARIO, seed=SEED)
    path = script_of(loaded)
    assert path is not None
    script = load_script(path, loaded)
    duration = xrlab.run(SCENARIO, seed=SEED)["duration_s"]

    jumping, by_frames = rates(loaded, script)

    def whole() -> float:
        with tempfile.TemporaryDirectory() as folder:
            return duration / seconds(lambda: xrlab.run(SCENARIO, seed=SEED, out=Path(folder)))

    engine, frames, run = in_turn((jumping, by_frames, whole), rounds)
    peer = Series(PEER, "x real time", frames)
    notes = (
        f"{duration:.1f} s of scenario, 11 people, seed {SEED}; scenario and room are loaded",
        "the peer stands for a frame loop at its least: it does not look for hits or sight in each frame",
    )
    return [
        Figure(
            "engine_x_real_time", Series("engine alone, scripted trainees", "x real time", engine), (peer,),
            "python benchmarks/run_all.py --only speed", target=TARGET, more_is_better=True, notes=notes,
        ),
        Figure(
            "run_x_real_time", Series("whole run with recording, marks and debrief", "x real time", run), (peer,),
            f'xrlab.run("{SCENARIO}", seed={SEED}, out=DIR)', target=TARGET, more_is_better=True,
        ),
    ]  # fmt: skip
