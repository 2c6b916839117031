"""What a `*.test.yaml` says, and whether a run's result is what it expects."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from xrlab.document import Also, read, validate
from xrlab.errors import InputError, XrlabError, meant
from xrlab.run import run_headless
from xrlab.scenario.model import Name, Part

SUFFIX = ".test.yaml"
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_COMPARISON = re.compile(r"(==|!=|<=|>=|<|>)\s*(-?[0-9]+(?:\.[0-9]+)?)$")


def _seeds(value: Any) -> Any:
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9]{1,9})\.\.([0-9]{1,9})", value)
        if not match or int(match[1]) > int(match[2]) or int(match[2]) - int(match[1]) >= 10_000:
            raise ValueError(f"seeds are a list such as [1, 2] or a span such as 1..20, not '{value}'")
        return list(range(int(match[1]), int(match[2]) + 1))
    return value


def _number_limit(value: Any) -> Any:
    if isinstance(value, str) and not _COMPARISON.match(value):
        raise ValueError(f"'{value}' is no limit; write a number or a comparison such as \">= 80\"")
    return value


Limit = Annotated[int | float | str | None, AfterValidator(_number_limit)]


class Expectation(Part):
    """What a run's result must be; what is left out is not looked at."""

    passed: bool | None = Field(None, description="the verdict")
    score: Limit = Field(None, description='points, a number or a comparison such as ">= 80"')
    ended: str | None = Field(None, description="why the run ended: done, time, or the scenario's own word")
    shots: Limit = Field(None, description="shots fired by trainees")
    duration_s: Limit = Field(None, description="length of the run")
    criteria: dict[str, Limit] = Field(default_factory=dict, description="values of criteria by name")
    metrics: dict[Name, dict[str, Limit]] = Field(default_factory=dict, description="figures by trainee and name")


class Case(Part):
    """One test: trainees, seeds, and what to expect of each run."""

    trainee: str | None = Field(None, description="trainee script, from this file's folder; else the scenario's own")
    seeds: Annotated[
        list[Annotated[int, Field(ge=0)]],
        BeforeValidator(_seeds),
        Also({"type": "string", "pattern": r"^[0-9]{1,9}\.\.[0-9]{1,9}$"}),
    ] = Field(default=[0], min_length=1, description="a list, or a span such as 1..20")
    set: dict[str, Any] = Field(default_factory=dict, description="values by path that win over vary")
    expect: Expectation = Field(description="what the result must be")


class TestFile(Part):
    """A file of headless scoring tests for one scenario."""

    __test__ = False  # pytest takes classes called Test… for its own

    xrlab: Literal[1] = Field(description="version of the format")
    scenario: str = Field(description="scenario file, from this file's folder, or a shipped scenario's name")
    tests: dict[Name, Case] = Field(min_length=1, description="tests by name")


@dataclass(frozen=True)
class Check:
    """One run to be made and looked at: a case with one seed."""

    file: Path
    name: str
    scenario: str
    trainee: str | None
    seed: int
    settings: dict[str, Any] = field(default_factory=dict)
    expect: Expectation = field(default_factory=Expectation)

    def run(self) -> list[str]:
        """Makes the run; returns what is not as expected, in words. Raises `XrlabError` for bad files."""
        trainee = self.file.parent / self.trainee if self.trainee else None
        result = run_headless(self.scenario, seed=self.seed, trainee=trainee, settings=self.settings)
        return list(differences(self.expect, result))


def checks_in(path: Path) -> list[Check]:
    """All checks of one `*.test.yaml`; raises `InputError` if the file is wrong."""
    document = read(path)
    tests = validate(document, TestFile)
    beside = path.parent / tests.scenario
    scenario = str(beside) if beside.suffix in (".yaml", ".yml") else tests.scenario
    return [
        Check(path, f"{name}[{seed}]", scenario, case.trainee, seed, dict(case.set), case.expect)
        for name, case in tests.tests.items()
        for seed in case.seeds
    ]


def test_files(paths: list[Path]) -> list[Path]:
    """The `*.test.yaml` files at and below these paths; raises `InputError` where there are none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob(f"*{SUFFIX}"))
        elif path.exists() or path.name.endswith(SUFFIX):
            found.append(path)
        else:
            raise InputError(f"{path}: no such file or folder")
    if not found:
        raise InputError(f"{', '.join(map(str, paths))}: holds no *{SUFFIX}")
    return found


def differences(expect: Expectation, result: Mapping[str, Any]) -> Iterator[str]:
    """What in a result is not as expected, in words."""
    for key in ("passed", "ended"):
        wanted = getattr(expect, key)
        if wanted is not None and result[key] != wanted:
            yield f"{key} is {result[key]}, expected {wanted}"
    for key, value in (
        ("score", result["score"]),
        ("shots", len(result["shots"])),
        ("duration_s", result["duration_s"]),
    ):
        yield from _limit(key, value, getattr(expect, key))
    criteria = {row["id"]: row["value"] for row in result["criteria"]}
    for name, limit in expect.criteria.items():
        if name not in criteria:
            yield f"the scenario has no criterion '{name}'{meant(name, criteria)}"
        else:
            yield from _limit(name, criteria[name], limit)
    metrics = {t["id"]: t["metrics"] for t in result["trainees"]}
    for who, limits in expect.metrics.items():
        if who not in metrics:
            yield f"the scenario has no trainee '{who}'{meant(who, metrics)}"
            continue
        for name, limit in limits.items():
            if name not in metrics[who]:
                yield f"trainee '{who}' has no metric '{name}'{meant(name, metrics[who])}"
            else:
                yield from _limit(f"{who}.{name}", metrics[who][name], limit)


def _limit(name: str, value: float | None, limit: float | str | None) -> Iterator[str]:
    if limit is None:
        return
    match = _COMPARISON.match(limit) if isinstance(limit, str) else None
    sign, number = (match[1], float(match[2])) if match else ("==", float(limit))
    same = value is not None and math.isclose(value, number, abs_tol=1e-9)
    good = value is not None and (_COMPARE[sign](value, number) or (same and "=" in sign and sign != "!="))
    if not good:
        yield f"{name} is {value}, expected {sign} {number:g}"


@dataclass(frozen=True)
class Outcome:
    """How one check went: `failures` in words; `error` where the run could not be made at all."""

    file: str
    name: str
    seconds: float
    failures: tuple[str, ...] = ()
    error: str = ""

    @property
    def good(self) -> bool:
        """Whether all was as expected."""
        return not self.failures and not self.error


def perform(check: Check) -> Outcome:
    """Makes one check, whatever happens."""
    from time import perf_counter

    began = perf_counter()
    try:
        failures = tuple(check.run())
        return Outcome(str(check.file), check.name, perf_counter() - began, failures)
    except XrlabError as error:
        return Outcome(str(check.file), check.name, perf_counter() - began, error=str(error))


def junit(outcomes: list[Outcome]) -> bytes:
    """The outcomes as JUnit XML, for CI."""
    from xml.etree import ElementTree as Xml

    root = Xml.Element("testsuites")
    for file in dict.fromkeys(o.file for o in outcomes):
        mine = [o for o in outcomes if o.file == file]
        suite = Xml.SubElement(
            root, "testsuite", name=file, tests=str(len(mine)), time=f"{sum(o.seconds for o in mine):.3f}",
            failures=str(sum(bool(o.failures) for o in mine)), errors=str(sum(bool(o.error) for o in mine)),
        )  # fmt: skip
        for outcome in mine:
            case = Xml.SubElement(suite, "testcase", classname=file, name=outcome.name, time=f"{outcome.seconds:.3f}")
            if outcome.failures:
                Xml.SubElement(case, "failure", message="; ".join(outcome.failures))
            if outcome.error:
                Xml.SubElement(case, "error", message=outcome.error)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
