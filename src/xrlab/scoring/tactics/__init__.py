"""How trainees moved, aimed, covered and searched: tactics, reckoned from motion, poses, doors and the room.

Everything is sampled (ten times a second; lines of fire fifty times, the floor five times), so that seconds are counts
of samples and sums are whole numbers. It is reckoned when it is first asked for. Without the room or without anyone's
motion every function answers that there is no such value.
"""

from xrlab.scoring.tactics.answers import functions, proofs
from xrlab.scoring.tactics.reckoning import Tactics
from xrlab.scoring.tactics.telling import section

__all__ = ["Tactics", "functions", "proofs", "section"]
