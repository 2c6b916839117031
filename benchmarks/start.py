"""How long a user waits for the command: its help, and a whole run of the range from start to end of the process."""

from __future__ import annotations

import sys
import tempfile

from measure import XRLAB, Figure, Series, in_turn, process

HELP_TARGET_S = 0.3
RUN_TARGET_S = 1.5


def figures(quick: bool) -> list[Figure]:
    """`xrlab --help`, and headless runs of both shipped scenarios, each as a process of its own."""
    rounds = 1 if quick else 11
    with tempfile.TemporaryDirectory() as folder:
        run = ("run", "range/qualification", "--headless", "--seed", "7", "--out", folder + "/range")
        house = ("run", "house/hostage", "--headless", "--seed", "7", "--out", folder + "/house")
        helped, bare, ran, imports, housed = in_turn(
            (
                process(*XRLAB, "--help"),
                process(sys.executable, "-c", "pass"),
                process(*XRLAB, *run),
                process(sys.executable, "-c", "import numpy, trimesh"),
                process(*XRLAB, *house),
            ),
            rounds,
        )
    numpy_trimesh = Series('python -c "import numpy, trimesh"', "s", imports)
    return [
        Figure(
            "help_s", Series("xrlab --help", "s", helped), (Series("python -c pass", "s", bare),),
            "xrlab --help", target=HELP_TARGET_S,
        ),
        Figure(
            "range_run_s", Series("whole headless run of range/qualification, process start included", "s", ran),
            (numpy_trimesh,), "xrlab run range/qualification --headless --seed 7 --out DIR", target=RUN_TARGET_S,
        ),
        Figure(
            "house_run_s", Series("whole headless run of house/hostage, process start included", "s", housed),
            (numpy_trimesh,), "xrlab run house/hostage --headless --seed 7 --out DIR",
        ),
    ]  # fmt: skip
