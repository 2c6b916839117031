"""Scenarios that are far too large, too deep or of the wrong kind: refused in words and in bounded time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from scenes import SCENARIO, changed, write_scene

from xrlab.errors import InputError
from xrlab.scenario.load import load
from xrlab.testing.validation import check_paths

PERSON = {"role": "no_shoot", "at": "b"}


def data(changes: dict[str, Any]) -> bytes:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(changed(SCENARIO, changes), Dumper=dumper, sort_keys=False, allow_unicode=True).encode()


BASE = data({})


def ends_when(condition: str) -> bytes:
    return data({"ends_when": condition})


HOSTILE: dict[str, tuple[bytes, str]] = {
    "10,000 role players": (
        data({"people": {f"p{i}x": PERSON for i in range(10_000)}}), "people has more than 500 entries; at most 500",
    ),
    "a condition of 1 MB": (ends_when("time() > 1 && " * 70_000 + "true"), "an expression may have 2000"),
    "brackets nested 10,000 deep": (ends_when("(" * 10_000 + "true" + ")" * 10_000), "an expression may have 2000"),
    "brackets nested 900 deep": (ends_when("(" * 900 + "true" + ")" * 900), "is nested too deep"),
    "900 times not": (ends_when("!" * 900 + "true"), "is nested too deep"),
    "900 times minus": (ends_when("-" * 900 + "1 > 0"), "is nested too deep"),
    "a list of 400,000 lines": (BASE + b"clear:\n" + b"- west\n" * 400_000, "unfolds to more than 200,000 parts"),
    "lists nested 5,000 deep": (BASE + b"vary: " + b"[" * 5000 + b"]" * 5000, "nest"),
    "mappings nested 1,500 deep": (
        BASE + b"vary:\n" + b"".join(b" " * i + b"a:\n" for i in range(1, 1500)), "is nested more than 64 deep",
    ),
    "aliases that unfold": (
        BASE + b"x0: &x0 [1]\n" + b"".join(b"x%d: &x%d [%s]\n" % (i, i, b", ".join([b"*x%d" % (i - 1)] * 9))
                                           for i in range(1, 12)), "too many aliases?",
    ),
    "100,000 choices": (data({"vary": {"gunman.at": ["a", "b"] * 50_000}}), "has 100,000 choices; at most 1,000"),
    "a span of 10^15 steps": (
        data({"vary": {"gunman.yaw_deg": "0..999999999 by 0.000001"}}), "steps; at most 1,000,000",
    ),
    "5,000 entries that vary": (
        data({"vary": {f"gunman.x{i}": ["a", "b"] for i in range(5_000)}}), "vary has more than 100 entries",
    ),
    "10,000 unknown keys": (data({f"zz{i}": 1 for i in range(10_000)}), "unknown key 'zz0'"),
    "a NUL byte": (BASE + b"a: \x00", "control characters are not allowed"),
    "Latin 1": (BASE + "titel: é".encode("latin-1"), "is not UTF-8 text; save it as UTF-8"),
    "UTF-16": (BASE.decode().encode("utf-16"), "is not UTF-8 text; save it as UTF-8"),
    "half a surrogate": (BASE + rb'"\ud800": 1', "is not YAML"),
    "names written from right to left": (data({"people": {"gun\u202eman": PERSON}}), "cannot be a name; a name begins"),
    "names in wide letters": (data({"people": {"ｇunman": PERSON}}), "cannot be a name; a name begins"),
    "names that are pictures": (data({"people": {"💥": PERSON}}), "cannot be a name; a name begins"),
    "a name of 5,000 letters": (data({"people": {"a" * 5000: PERSON}}), "cannot be a name; a name begins"),
    "a number of 5,000 digits": (
        BASE.replace(b"time_limit_s: 20", b"time_limit_s: " + b"9" * 5000), "time_limit_s is inf",
    ),
    "201 transitions": (
        data({"people.gunman.transitions": [{"to": "down", "when": f"time() > {i}"} for i in range(201)]}),
        "transitions has more than 200 entries; at most 200",
    ),
    "200 transitions in a ring": (
        data({
            "people.gunman.begins": "s0", "people.gunman.states": {f"s{i}": {} for i in range(200)},
            "people.gunman.transitions": [{"from": f"s{i}", "to": f"s{(i + 1) % 200}"} for i in range(200)],
        }), "'gunman' goes round in circles without time passing: s0 -> s1 -> s2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_words(tmp_path: Path, name: str) -> None:
    write_scene(tmp_path)
    content, wanted = HOSTILE[name]
    path = tmp_path / "hostile.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load(path)
    assert any(wanted in problem.what for problem in caught.value.problems), caught.value.problems[0]
    assert all(len(problem.what) < 2500 for problem in caught.value.problems)
    _, problems = check_paths([path])
    assert any(wanted in problem.what and not problem.warning for problem in problems)


def test_a_million_empty_lines_are_none_too_many(tmp_path: Path) -> None:
    write_scene(tmp_path)
    path = tmp_path / "long.yaml"
    path.write_bytes(BASE + b"# nothing\n" * 100_000 + b"\n" * 900_000)
    assert check_paths([path]) == (1, [])


def test_people_who_ask_for_each_other_in_a_long_ring_are_checked(tmp_path: Path) -> None:
    """The slowest that there is: each state is reached only after one of the next person's."""
    people = {
        f"p{i}x": {
            **PERSON, "at": [0.6 + i % 7, 0.5 + i // 7 % 7 / 2], "begins": "s8",
            "states": {f"s{j}": {} for j in range(9)},
            "transitions": [
                {"from": f"s{j + 1}", "to": f"s{j}", "when": f'state("p{(i + 1) % 60}x") == "s{j + 1}" && time() > {j}'}
                for j in range(8)
            ],
        } for i in range(60)
    }  # fmt: skip
    path = write_scene(tmp_path, {"people": people})
    _, problems = check_paths([path])
    assert all("so that one body is in the other" in p.what or "in a wall" in p.what for p in problems)
    people["p7x"]["transitions"] = []  # type: ignore[index]
    write_scene(tmp_path, {"people": people})
    _, broken = check_paths([path])
    assert sum("never true: 'p7x' is only ever down or s8" in p.what for p in broken) == 7


def test_more_choices_than_can_be_tried_are_told(tmp_path: Path) -> None:
    vary = {f"{name}.yaw_deg": [i / 8 for i in range(999)] for name in ("gunman", "neighbour")}
    more = {"gunman.variant": list(range(99)), "never": "gunman.yaw_deg == 0 && neighbour.yaw_deg == 1"}
    _, problems = check_paths([write_scene(tmp_path, {"vary": {**vary, **more}})])
    (problem,) = problems
    assert problem.what == "has so many choices that only 2,000 draws were looked at; --variants looks at more"
