"""Target rules: shots at targets scored as the rule book says that the scenario names, each shot with its ruling."""

from xrlab.scoring.rules.reader import functions, proofs, section

__all__ = ["functions", "proofs", "section"]
