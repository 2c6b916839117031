"""States that every role player knows without declaring them, and what is done in each.

A scenario that declares a state of the same name gives it other actions. This is the only list of them.
"""

from __future__ import annotations

from xrlab.scenario import person_actions as act
from xrlab.scenario.model import State

BUILT_IN: dict[str, State] = {
    "waiting": State(),
    "frozen": State(),
    "surrendering": State(do=[act.Drop(), act.RaiseHands()]),
    "down": State(do=[act.Drop(), act.LieDown()]),
}
"""What is done in each state that every role player knows."""

STATES = tuple(BUILT_IN)
