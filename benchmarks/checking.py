"""How long `xrlab check` takes for a folder of 50 scenarios, and to prove 500 draws of one."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from measure import XRLAB, Figure, Series, in_turn, process

from xrlab.authoring.schema import schema_of
from xrlab.resources import folder
from xrlab.scenario.load import scenarios_in, shipped

COUNT, TARGET_S = 50, 5.0
DRAWS, DRAWN = 500, "house/hostage"

_SCHEMA_ALONE = """
import json, sys, yaml
from pathlib import Path
from jsonschema import Draft202012Validator
check = Draft202012Validator(json.loads(Path(sys.argv[1]).read_text()))
for name in sys.argv[2:]:
    list(check.iter_errors(yaml.load(Path(name).read_text(), yaml.CSafeLoader)))
"""


def write_many(out: Path, count: int = COUNT) -> list[Path]:
    """A folder with `count` scenarios: the shipped ones under other names, with their rooms and trainees' scripts."""
    shutil.copytree(folder("scenarios"), out)
    for test in out.rglob("*.test.yaml"):
        test.unlink()
    names = list(shipped())
    for number in range(count - len(names)):
        source = out / f"{names[number % len(names)]}.yaml"
        text = f"# number {number}\n{source.read_text(encoding='utf-8')}"
        source.with_name(f"{source.stem}_{number}.yaml").write_text(text, encoding="utf-8")
    return list(scenarios_in(out).values())


def figures(quick: bool) -> list[Figure]:
    """Whole processes, their start included; the peer is what a JSON Schema alone would look at."""
    rounds, count, many = (1, 12, 20) if quick else (7, COUNT, DRAWS)
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "lab"
        files = write_many(out, count)
        schema = Path(temporary) / "scenario.schema.json"
        schema.write_text(json.dumps(schema_of("scenario")), encoding="utf-8")
        checked, draws, alone = in_turn(
            (
                process(*XRLAB, "check", str(out)),
                process(*XRLAB, "check", str(out / f"{DRAWN}.yaml"), "--variants", str(many)),
                process(sys.executable, "-c", _SCHEMA_ALONE, str(schema), *map(str, files)),
            ),
            rounds,
        )
    peer = Series(
        f"PyYAML and jsonschema over the same {count} files, which know no rooms and no conditions", "s", alone
    )
    return [
        Figure(
            "check_50_s", Series(f"xrlab check of a folder with {count} scenarios and their rooms", "s", checked),
            (peer,), "xrlab check FOLDER", target=TARGET_S,
        ),
        Figure(
            "check_500_draws_s", Series(f"xrlab check of {DRAWN} with {many} draws of what varies", "s", draws),
            (peer,), f"xrlab check {DRAWN} --variants {many}",
        ),
    ]  # fmt: skip
