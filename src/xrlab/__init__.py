"""xrlab: XR training scenarios, from a scenario file to a score and a debrief.

>>> import xrlab
>>> result = xrlab.run("range/qualification", seed=7)
>>> result.passed
True
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrlab.errors import DeviceError, InputError, Problem, XrlabError
from xrlab.run import VERSION as __version__
from xrlab.run import load_scenario, run_headless

if TYPE_CHECKING:
    from xrlab.authoring.builder import Scenario
    from xrlab.scoring.result import Result

__all__ = ["DeviceError", "InputError", "Problem", "Scenario", "XrlabError", "__version__", "load_scenario", "run"]


def __getattr__(name: str) -> Any:
    if name == "Scenario":  # late, since most who import xrlab only run what is written
        from xrlab.authoring.builder import Scenario

        return Scenario
    raise AttributeError(f"module 'xrlab' has no attribute '{name}'")


def run(
    scenario: str | Path | Scenario,
    *,
    seed: int = 0,
    trainee: str | Path | None = None,
    out: str | Path | None = None,
    lang: str = "en",
    settings: Mapping[str, Any] | None = None,
    skill: str | None = None,
    stop: Callable[[], bool] | None = None,
) -> Result:
    """Runs a scenario headless and returns its result, as `xrlab run --headless` does.

    scenario: a shipped scenario's name ("house/hostage"), a file, or an `xrlab.Scenario`. seed: fixes all luck.
    trainee: a script; if None the one that the scenario names. out: a folder that receives `recording.mcap`,
    `result.json` and `debrief.html` (in `lang`: nl, fr, de or en). settings: values by path that win over
    the scenario's `vary`, such as {"gunman.at": "kitchen"}. skill: novice, trained or expert, in place of what the
    script says. stop: asked at every instant; True ends the run as interrupted. Raises `InputError` for anything
    wrong in the files.
    """
    folder = None if out is None else Path(out)
    reference = scenario if isinstance(scenario, str | Path) else scenario.document()
    result = run_headless(reference, seed=seed, trainee=trainee, out=folder, settings=settings, skill=skill, stop=stop)
    if folder is not None:
        from xrlab.review.report import write_debrief
        from xrlab.run import DEBRIEF, RECORDING

        write_debrief(folder / RECORDING, folder / DEBRIEF, lang)
    return result
