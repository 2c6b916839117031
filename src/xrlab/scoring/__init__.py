"""Readers of the event stream that give marks."""

from xrlab.scoring.result import Result, score, score_recording

__all__ = ["Result", "score", "score_recording"]
