"""The pytest plugin: `pytest scenarios/` collects every `*.test.yaml` and runs its checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xrlab.testing.cases import Check


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Takes `*.test.yaml` files."""
    if file_path.name.endswith(".test.yaml"):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """One `*.test.yaml`."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its checks, one item for each case and seed."""
        from xrlab.errors import XrlabError
        from xrlab.testing.cases import checks_in

        try:
            checks = checks_in(self.path)
        except XrlabError as error:
            raise self.CollectError(str(error)) from None
        for check in checks:
            yield ScenarioItem.from_parent(self, name=check.name, check=check)


class ScenarioFailure(Exception):
    """A result was not as expected."""


class ScenarioItem(pytest.Item):
    """One run of a scenario."""

    def __init__(self, *, check: Check, **rest: Any) -> None:
        super().__init__(**rest)
        self.check = check

    def runtest(self) -> None:
        """Makes the run, or the runs, and compares."""
        from xrlab.testing.cases import perform

        outcome = perform(self.check)
        if not outcome.good:
            raise ScenarioFailure("\n".join(outcome.told()))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was not as expected, without a traceback through xrlab."""
        if isinstance(excinfo.value, ScenarioFailure):
            return f"{self.path.name}, {self.name}:\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where this item comes from."""
        return self.path, None, f"{self.path.name}: {self.name}"
