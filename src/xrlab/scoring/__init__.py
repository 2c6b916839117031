"""Readers of the event stream that give marks."""

from xrlab.scoring.result import Result, score

__all__ = ["Result", "score"]
