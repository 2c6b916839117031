"""Readers of the event stream that give marks."""

from xrlab.scoring.evidence import Evidence
from xrlab.scoring.result import Result, score

__all__ = ["Evidence", "Result", "score"]
