"""States that every role player knows without declaring them, and what is done in each.

A scenario that declares a state of the same name gives it other actions. This is the only list of them.
"""

from __future__ import annotations

from xrlab.scenario import person_actions as act
from xrlab.scenario.model import State

BUILT_IN: dict[str, State] = {
    "waiting": State(),
    "unaware": State(),
    "wary": State(
        do=[
            act.Look(look_at="noise"),
            act.Repeat(
                repeat="forever",
                do=[
                    act.Wait(wait_s=2.0), act.Turn(turn_deg=50.0), act.Wait(wait_s=1.5), act.Turn(turn_deg=-100.0),
                    act.Wait(wait_s=1.5), act.Turn(turn_deg=50.0),
                ],
            ),
        ]
    ),
    "frozen": State(),
    "hiding": State(do=[act.TakeCover()]),
    "fleeing": State(do=[act.Flee(), act.Crouch()]),
    "complying": State(do=[act.Drop(), act.RaiseHands(), act.Wait(wait_s=1.5), act.Kneel()]),
    "surrendering": State(do=[act.Drop(), act.RaiseHands()]),
    "attacking": State(do=[act.Attack()]),
    "incapacitated": State(do=[act.Fall()], danger=False),
    "sprayed": State(do=[act.ShieldFace()]),
    "down": State(do=[act.Drop(), act.LieDown()]),
}  # fmt: skip
"""What is done in each state that every role player knows."""

ABOUT: dict[str, str] = {
    "waiting": "does nothing; in this state everyone begins who has no other",
    "unaware": "does nothing: has noticed nothing yet",
    "wary": "turns to the last sound heard, and looks about",
    "frozen": "does nothing, for fear",
    "hiding": "runs to the nearest place out of sight of `danger`, and crouches",
    "fleeing": "runs far away from `danger` and out of sight, and crouches there",
    "complying": "drops what is in the hand, raises the hands, and kneels",
    "surrendering": "drops what is in the hand and raises the hands",
    "attacking": "draws a hidden weapon if need be; fires at the nearest trainee, or runs up and strikes",
    "incapacitated": "under the current of a conducted-energy device: drops what is in the hand, falls, can do nothing",
    "sprayed": "irritant spray in the eyes: holds the hands before the face; what is in the hand stays there",
    "down": "drops what is in the hand and lies; nothing leads on from here",
}
"""The same in words."""

BY_MEANS = {"incapacitated": "incapacitated", "blinded": "sprayed"}
"""The state that an effect of a less-lethal means puts a role player into, where no transition answers it first."""

PUT_BY_MEANS = {"conducted_energy": "incapacitated", "spray": "sprayed"}
"""The same by kind of means."""

AFTER_MEANS = {"incapacitated": "complying", "sprayed": "complying"}
"""What follows when that effect is over, for who has no transition of their own from that state."""

STATES = tuple(BUILT_IN)
