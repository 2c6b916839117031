"""The numbers of marks: taken in as the decimals that they are written as, rounded only when they are shown."""

from __future__ import annotations

from fractions import Fraction


def exact(value: float) -> Fraction:
    """A number as the decimal that it is written as: 0.1 is a tenth."""
    return Fraction(repr(float(value)))


def rounded(value: Fraction, digits: int = 4) -> float:
    """A fraction as it is shown: rounded half to even."""
    return float(round(value, digits))


def figure(value: Fraction | None, digits: int = 6) -> float | None:
    """The same where there may be no value."""
    return None if value is None else rounded(value, digits)


def shown(value: Fraction | None, digits: int = 4) -> float | int | None:
    """The same, as a whole number where it is one."""
    number = figure(value, digits)
    return int(number) if number is not None and number.is_integer() else number
