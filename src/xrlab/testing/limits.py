"""Limits in tests: a number that must be met exactly, or a comparison such as ">= 80"."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_COMPARISON = re.compile(r"(==|!=|<=|>=|<|>)\s*(-?[0-9]+(?:\.[0-9]+)?)$")


def is_limit(value: Any) -> bool:
    """Whether this is a number or a comparison."""
    return not isinstance(value, str) or _COMPARISON.match(value) is not None


def _number_limit(value: Any) -> Any:
    if not is_limit(value):
        raise ValueError(f"'{value}' is no limit; write a number or a comparison such as \">= 80\"")
    return value


Limit = Annotated[int | float | str | None, AfterValidator(_number_limit)]


def parts(limit: float | str) -> tuple[str, float]:
    """Sign and number of a limit."""
    match = _COMPARISON.match(limit) if isinstance(limit, str) else None
    return (match[1], float(match[2])) if match else ("==", float(limit))


def meets(value: float | None, limit: float | str) -> bool:
    """Whether a value is within a limit; no value never is."""
    if value is None or not is_limit(limit):
        return False
    sign, number = parts(limit)
    same = math.isclose(value, number, abs_tol=1e-9)
    return _COMPARE[sign](value, number) or (same and "=" in sign and sign != "!=")
