"""What a `*.test.yaml` says, and whether runs come out as it expects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from xrlab.document import Also, Document, Loc, read, validate
from xrlab.errors import InputError, Problem, XrlabError, meant
from xrlab.run import Runs
from xrlab.scenario.checker import Checker
from xrlab.scenario.load import Loaded
from xrlab.scenario.model import Name, Part
from xrlab.testing.comparing import differences
from xrlab.testing.expecting import Expectation
from xrlab.testing.happenings import problems_of
from xrlab.testing.limits import meets, parts
from xrlab.testing.telling import Teller
from xrlab.testing.workers import Died, spread
from xrlab.trainee.skill import Level

SUFFIX = ".test.yaml"
SEEDS_SHOWN = 10


def _seeds(value: Any) -> Any:
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9]{1,9})\.\.([0-9]{1,9})", value)
        if not match or int(match[1]) > int(match[2]) or int(match[2]) - int(match[1]) >= 10_000:
            raise ValueError(f"seeds are a list such as [1, 2] or a span such as 1..20, not '{value}'")
        return list(range(int(match[1]), int(match[2]) + 1))
    return value


class Case(Part):
    """One test: trainees, seeds, and what to expect of each run."""

    trainee: str | None = Field(None, description="trainee script, from this file's folder; else the scenario's own")
    skill: Level | None = Field(None, description="in place of what the script says of the trainees' skill")
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
    """Runs to be made and looked at: a case with one seed, or with all of its seeds where it expects a pass rate."""

    file: Path
    name: str
    scenario: str
    trainee: str | None
    seeds: tuple[int, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    expect: Expectation = field(default_factory=Expectation)
    skill: str | None = None
    case: str = ""


@dataclass(frozen=True)
class Outcome:
    """How one check went: `failures` in words, each with its part of the run's story.

    error: why a run could not be made at all.
    """

    file: str
    name: str
    seconds: float
    failures: tuple[str, ...] = ()
    error: str = ""
    stories: tuple[tuple[str, ...], ...] = ()

    @property
    def good(self) -> bool:
        """Whether all was as expected."""
        return not self.failures and not self.error

    def told(self) -> Iterator[str]:
        """What was wrong, line by line, each failure followed by what happened around it."""
        yield from self.error.splitlines()
        before: tuple[str, ...] = ()
        for what, lines in zip(self.failures, self.stories or ((),) * len(self.failures), strict=True):
            yield what
            for line in lines if lines != before else ("  (as above)",) if lines else ():
                yield f"    {line}"
            before = lines


@dataclass(frozen=True)
class _Made:
    """One run that was made for a check."""

    seed: int
    seconds: float
    passed: bool = False
    failures: tuple[tuple[str, tuple[str, ...]], ...] = ()
    last: tuple[str, ...] = ()
    error: str = ""


def checks_in(path: Path) -> list[Check]:
    """All checks of one `*.test.yaml`; raises `InputError` if the file is wrong."""
    document = read(path)
    tests = validate(document, TestFile)
    beside = path.parent / tests.scenario
    scenario = str(beside) if beside.suffix in (".yaml", ".yml") else tests.scenario
    return [
        Check(path, f"{name}[{label}]", scenario, case.trainee, seeds, dict(case.set), case.expect, case.skill, name)
        for name, case in tests.tests.items()
        for label, seeds in _portions(case)
    ]


def _portions(case: Case) -> list[tuple[str, tuple[int, ...]]]:
    if case.expect.pass_rate is None:
        return [(str(seed), (seed,)) for seed in case.seeds]
    first, last = case.seeds[0], case.seeds[-1]
    row = case.seeds == list(range(first, last + 1))
    return [(f"{first}..{last}" if row else f"{len(case.seeds)} seeds", tuple(case.seeds))]


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


# --- making the runs --------------------------------------------------------------------------------


def perform(check: Check) -> Outcome:
    """Makes one check, whatever happens."""
    _forget()
    return _joined(check, [_make((check, seed)) for seed in check.seeds])


def perform_all(
    checks: Sequence[Check], workers: int, step: Callable[[int], None] = lambda count: None
) -> list[Outcome]:
    """Makes all checks, spread over processes; outcomes in the order of the checks. step: told of each run made."""
    _forget()
    work = [(check, seed) for check in checks for seed in check.seeds]
    made: dict[int, _Made] = {}
    for index, one in spread(_make, work, workers):
        made[index] = _Made(work[index][1], 0.0, error=str(one)) if isinstance(one, Died) else one
        step(1)
    outcomes, at = [], 0
    for check in checks:
        outcomes.append(_joined(check, [made[at + k] for k in range(len(check.seeds))]))
        at += len(check.seeds)
    return outcomes


def _forget() -> None:
    """Files may have changed since runs were made here before."""
    _runs.cache_clear()
    _written.cache_clear()


@lru_cache(maxsize=16)
def _runs(scenario: str, trainee: str | None, settings: str, skill: str | None) -> Runs:
    return Runs(scenario, trainee=trainee, settings=json.loads(settings), skill=skill)


def _make(work: tuple[Check, int]) -> _Made:
    check, seed = work
    began = perf_counter()
    try:
        trainee = str(check.file.parent / check.trainee) if check.trainee else None
        runs = _runs(check.scenario, trainee, json.dumps(check.settings), check.skill)
        with runs.session(seed) as session:
            _refuse(check, session.loaded)
            session.run.engine.run()
            result = session.finish()
        teller = Teller(session, result)
        failures = tuple(
            (what, teller.around(moment)) for what, moment in differences(check.expect, teller, session.loaded)
        )
        last = () if result.passed or check.expect.pass_rate is None else teller.around(None)
        return _Made(seed, perf_counter() - began, result.passed, failures, last)
    except XrlabError as error:
        return _Made(seed, perf_counter() - began, error=str(error))
    except Exception as error:  # a mistake of ours in one run is told with its test; the others go on
        what = f"an error inside xrlab: {type(error).__name__}: {error}"
        return _Made(seed, perf_counter() - began, error=what)


@lru_cache(maxsize=64)
def _written(path: Path) -> tuple[Document, TestFile]:
    document = read(path)
    return document, validate(document, TestFile)


def _refuse(check: Check, loaded: Loaded) -> None:
    """Raises `InputError` for names in the expectation that the scenario doesn't have."""
    if not check.expect.events and not check.expect.never:
        return
    document, tests = _written(check.file)
    problems = _event_problems(document, tests.tests[check.case], ("tests", check.case), loaded)
    if problems:
        raise InputError(problems)


def _joined(check: Check, made: Sequence[_Made]) -> Outcome:
    """The outcome of a check from its runs."""
    seconds = sum(m.seconds for m in made)
    several = len(check.seeds) > 1
    errors = [f"seed {m.seed}: {m.error}" if several else m.error for m in made if m.error]
    if errors:
        return Outcome(str(check.file), check.name, seconds, error="\n".join(errors))
    told = [(f"seed {m.seed}: {what}" if several else what, lines) for m in made for what, lines in m.failures]
    limit = check.expect.pass_rate
    if limit is not None:
        passed = sum(m.passed for m in made)
        failed = [m for m in made if not m.passed]
        if not meets(passed / len(made), limit):
            sign, number = parts(limit)
            what = f"pass_rate is {passed / len(made):.4g} ({passed} of {len(made)} runs), expected {sign} {number:g}"
            if failed:
                more = " …" if len(failed) > SEEDS_SHOWN else ""
                what += f"; not passed: seeds {', '.join(str(m.seed) for m in failed[:SEEDS_SHOWN])}{more}"
            told.insert(0, (what, failed[0].last if failed else ()))
    whats, stories = tuple(what for what, _ in told), tuple(lines for _, lines in told)
    return Outcome(str(check.file), check.name, seconds, whats, stories=stories)


# --- what can be told without running ---------------------------------------------------------------


def test_problems(document: Document, tests: TestFile, loaded: Loaded) -> list[Problem]:
    """Names in a test file that its scenario doesn't have, in the order of the file."""
    problems = []
    scenario = loaded.scenario
    known = (
        ("criteria", scenario.scoring.criteria, "criterion"),
        ("points", scenario.scoring.criteria, "criterion"),
        ("scores", (*scenario.trainees, *scenario.teams), "trainee and no team"),
        ("metrics", scenario.trainees, "trainee"),
        ("drawn", loaded.drawn, "entry under vary"),
    )
    for name, case in tests.tests.items():
        loc: Loc = ("tests", name)
        for key, names, kind in known:
            for given in getattr(case.expect, key):
                if given not in names:
                    what = f"the scenario has no {kind} '{given}'{meant(given, names)}"
                    problems.append(document.problem((*loc, "expect", key, given), what, at_key=True))
        problems += _event_problems(document, case, loc, loaded)
    return sorted(set(problems), key=lambda p: (p.line, p.column, p.what))


def _event_problems(document: Document, case: Case, loc: Loc, loaded: Loaded) -> list[Problem]:
    checker = Checker(document, loaded.scenario, loaded.room)
    for key, awaited in (("events", case.expect.events), ("never", case.expect.never)):
        for index, one in enumerate(awaited):
            problems_of(checker, one, (*loc, "expect", key, index))
    return checker.problems


# --- JUnit ------------------------------------------------------------------------------------------


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
                failure = Xml.SubElement(case, "failure", message="; ".join(outcome.failures))
                failure.text = "\n".join(outcome.told())
            if outcome.error:
                Xml.SubElement(case, "error", message=outcome.error)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
