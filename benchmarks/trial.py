"""How long `xrlab trial` takes for 1,000 runs of a scenario, on all cores, beside as many single runs."""

from __future__ import annotations

from measure import Figure, Series, in_turn, seconds

import xrlab
from xrlab.testing.trial import trials
from xrlab.testing.workers import cores

SCENARIO, SKILL = "house/hostage", "trained"
RUNS, SINGLE = 1000, 50
TARGET_S = 30.0


def figures(quick: bool) -> list[Figure]:
    """Both from a warm process; what fewer runs take is reckoned up to 1,000."""
    runs, single = (6, 1) if quick else (RUNS, SINGLE)
    simulated: list[float] = []

    def together() -> float:
        def once() -> None:
            (made,), _ = trials(SCENARIO, runs=runs, skill=SKILL, workers=cores())
            simulated.append(made.summary()["duration_s"]["mean"])

        return seconds(once) * RUNS / runs

    def one_by_one() -> float:
        def once() -> None:
            for seed in range(single):
                xrlab.run(SCENARIO, seed=seed, skill=SKILL)

        return seconds(once) * RUNS / single

    whole, apart = in_turn((together, one_by_one), 1 if quick else 3)
    peer = Series("the same runs with xrlab.run, one after the other", "s", apart)
    return [
        Figure(
            "trial_s", Series(f"{RUNS:,} runs of house/hostage, all cores", "s", whole), (peer,),
            f"xrlab trial {SCENARIO} --runs {RUNS} --skill {SKILL}", target=TARGET_S,
            notes=(f"{simulated[-1]:.0f} s of scenario a run on average, 11 people; {cores()} new processes",),
        )
    ]  # fmt: skip
