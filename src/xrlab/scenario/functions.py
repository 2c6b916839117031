"""What conditions and criteria may call: one row for each function, and the words that stand for themselves in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from xrlab.scenario.actions import Voice

Type = Literal["number", "bool", "text"]


@dataclass(frozen=True)
class Function:
    """What a condition may call.

    gives: its type. takes: the kind of each argument, from "who" (a person, target, team, role,
    "trainee", "self" or "all"), "person", "someone", "zone", "hit_zone", "door", "inject", "command", "voice",
    "sound", "lamps", "measure", "target", "string", "event", "sound_name", "cue", "state", "means"; a kind that
    ends in "?" may be left out. where: "live" while it runs, "score" when marks are given, "both". about: one line for
    the reference.
    """

    gives: Type
    takes: tuple[str, ...]
    where: Literal["live", "score", "both"]
    about: str


FUNCTIONS: dict[str, Function] = {
    "sees": Function("bool", ("who", "who?"), "live", "self (or the first) sees at least one of (the second)"),
    "seen_by": Function("bool", ("who",), "live", "self is seen by at least one of these"),
    "sees_danger": Function("bool", (), "live", "self sees a threat that is armed and has not given up"),
    "aimed_at_by": Function(
        "bool", ("who",), "live", "one of these points a weapon at self, in view, within 4 degrees"
    ),
    "challenged_by": Function(
        "bool",
        ("who", "command?", "voice?"),
        "live",
        "self heard one of these call a command in this state (this one or any, in this voice)",
    ),
    "voice_db": Function(
        "number", ("who",), "live", "how loud (dB) the loudest voice of these arrived at self in this state; 0 if none"
    ),
    "heard": Function("bool", ("sound", "who?"), "live", "self heard this sound in this state (made by one of these)"),
    "hit_by": Function(
        "bool", ("who", "hit_zone?"), "live", "self was hit by one of these in this state (in this part of the body)"
    ),
    "affected": Function(
        "bool", ("means?",), "live", "self is under the effect of a less-lethal means (of this one) now"
    ),
    "time": Function("number", (), "live", "seconds since the start of the run"),
    "state_time": Function("number", (), "live", "seconds that self has been in this state"),
    "distance": Function("number", ("who", "who?"), "live", "metres from self (or the first) to the nearest of them"),
    "entered": Function("bool", ("who", "zone"), "live", "one of these has entered the zone since this state began"),
    "left": Function("bool", ("who", "zone"), "live", "one of these has left the zone since this state began"),
    "count": Function("number", ("who", "zone"), "live", "how many of these stand in the zone"),
    "in_zone": Function("bool", ("who", "zone"), "live", "one of these stands in the zone"),
    "door_open": Function("bool", ("door",), "live", "the door stands at least half open"),
    "door_moved": Function(
        "bool", ("door", "who?"), "live", "the door was opened or shut since this state began (by one of these)"
    ),
    "light": Function("number", ("lamps",), "live", "how bright this group of lamps is, 0..1"),
    "torch_lit": Function("bool", ("who",), "live", "one of these has a torch switched on"),
    "exposed": Function("bool", ("target",), "live", "the target can be shot at now"),
    "happened": Function("bool", ("event",), "live", "this event has happened, or this inject was set off"),
    "sounding": Function("bool", ("sound_name",), "live", "this sound can be heard somewhere now"),
    "smoke": Function("number", ("zone",), "live", "how dense the smoke in the zone is, 0 to 1"),
    "stress": Function("number", ("cue",), "live", "level of the stress cue, 0 to 3"),
    "moving": Function("bool", ("target",), "live", "the target moves along its rail"),
    "in_string": Function("bool", ("string?",), "live", "a string of fire (this one) has started and not ended"),
    "cued": Function("bool", ("inject",), "live", "the instructor has given this cue"),
    "state": Function("text", ("person",), "live", "name of the state the person is in"),
    "holds": Function("text", ("someone",), "live", "what the person has in the hand, such as nothing or knife"),
    "danger": Function("bool", ("who",), "live", "one of these is armed, hostile and has not given up"),
    "rounds": Function("number", (), "live", "rounds left in self's weapon"),
    "strings_done": Function("bool", (), "live", "the last string of fire has ended"),
    "hits": Function("number", ("who", "hit_zone?"), "both", "hits on these by trainees (in this hit zone)"),
    "hits_no_danger": Function(
        "number", ("who",), "both", "hits by trainees on these while they were no danger, whatever their role"
    ),
    "shots": Function("number", ("who?",), "both", "shots fired by these; by all trainees if left out"),
    "hits_taken": Function("number", ("who",), "both", "hits by role players on these trainees"),
    "commands": Function("number", ("who?",), "both", "commands called by these; by all trainees if left out"),
    "means_used": Function(
        "number", ("means?", "who?"), "both", "how often less-lethal means (this one) were used by trainees (by these)"
    ),
    "means_hits": Function(
        "number", ("who", "means?"), "both", "how often a less-lethal means (this one) took effect on these"
    ),
    "stopped": Function("number", ("who",), "both", "share 0..1 of these that are no danger any more"),
    "down": Function("number", ("who",), "both", "how many of these are down"),
    "cleared": Function("number", ("zone",), "both", 'share 0..1 of zones cleared; "all", or one zone'),
    "points": Function("number", (), "score", "points of target hits, best rounds per string where it limits them"),
    "points_share": Function("number", (), "score", "points as a share 0..1 of the most that could be had"),
    "accuracy": Function("number", (), "score", "share 0..1 of shots that hit a target or a threat"),
    "misses": Function("number", (), "score", "shots that hit neither a target nor a person"),
    "extra_rounds": Function("number", (), "score", "shots beyond what the strings of fire allow"),
    "late_shots": Function("number", (), "score", "shots after the par time of their string"),
    "crossfire": Function("number", (), "score", "shots that hit a target of another trainee's lane"),
    "rule_points": Function(
        "number", ("string?",), "score", "points by the target rules (of this string), less penalties"
    ),
    "rule_share": Function("number", ("string?",), "score", "these as a share 0..1 of the most that could be had"),
    "hit_factor": Function(
        "number", ("string?",), "score", "points a second by the rules of the IPSC (in this string)"
    ),
    "time_plus": Function(
        "number", ("string?",), "score", "seconds by the rules of the IDPA (in this string), with all that is added"
    ),
    "inner_tens": Function("number", ("string?",), "score", "inner tens by the rules of the ISSF (in this string)"),
    "over_penetrations": Function(
        "number",
        ("who?",),
        "score",
        "hits on people (on these) by bullets that had gone through somebody, a door or a wall before",
    ),
    "ricochet_risks": Function(
        "number", (), "score", "how often a bullet met something hard at so flat an angle that it may have glanced off"
    ),
    "duration": Function("number", (), "score", "seconds from the start of the run to its end"),
    "median": Function("number", ("measure",), "score", "median of a measure over the shots that have one"),
    "mean": Function("number", ("measure",), "score", "mean of a measure over the shots that have one"),
    "best": Function("number", ("measure",), "score", "lowest of a measure"),
    "worst": Function("number", ("measure",), "score", "highest of a measure"),
    "surrendered": Function("number", ("who",), "score", "how many of these had given up at the end, unhurt"),
    "warned": Function("number", ("who?",), "score", "share 0..1 of these, once hit, who had heard a command before"),
    "sweeps": Function("number", ("who",), "score", "times that a trainee's aimed gun swept over these, within 0.1 m"),
    "sweep_s": Function("number", ("who",), "score", "seconds that these sweeps took together"),
    "crossfire_lines": Function(
        "number", (), "score", "aimed lines and shots of trainees that passed another trainee within 0.5 m"
    ),
    "exposed_s": Function("number", (), "score", "seconds that trainees showed to a role player who had a gun"),
    "unaware_s": Function("number", (), "score", "the same while they did not have that role player in view"),
    "cover_share": Function(
        "number", (), "score", "share 0..1 of the time under threat in which at most half the body showed"
    ),
    "doorway_s": Function("number", (), "score", "seconds that trainees stood in doorways"),
    "floor_seen": Function(
        "number", (), "score", "share 0..1 of the floor to be cleared that all trainees together saw"
    ),
    "corners_seen": Function("number", (), "score", "share 0..1 of its dead corners that they saw"),
    "passed_unseen": Function("number", (), "score", "doorways and dead corners left unseen and unwatched at a back"),
    "spacing_m": Function("number", (), "score", "median metres from a trainee to the nearest other"),
    "close_s": Function("number", (), "score", "seconds that trainees were nearer than 1 m to another"),
    "watched_share": Function(
        "number", (), "score", "share 0..1 of all directions that some trainee looked in, on average"
    ),
    "unaccounted_shots": Function(
        "number", (), "score", "shots that hit nobody, with nobody in view and no target within 5 degrees of their line"
    ),
    "group_mm": Function(
        "number", ("target?",), "score", "size of the largest group (on this target): its extreme spread"
    ),
    "mean_radius_mm": Function("number", ("target?",), "score", "largest mean radius of a group (on this target)"),
    "cep_mm": Function("number", ("target?",), "score", "largest circular error probable of a group (on this target)"),
    "offset_mm": Function(
        "number", ("target?",), "score", "greatest distance of a group's middle from the point of aim (on this target)"
    ),
    "throughput": Function("number", (), "score", "points a second, over the time from each stimulus to the last shot"),
    "hits_per_s": Function("number", (), "score", "hits a second, over the same time"),
    "answered": Function("number", (), "score", "share 0..1 of stimuli at which a shot was fired"),
    "recognised": Function("number", (), "score", "share 0..1 of all who were shown that were rightly shot at or not"),
    "d_prime": Function("number", (), "score", "how well dangers are told from others: d' in standard deviations"),
    "bias": Function("number", (), "score", "criterion c: below 0 rather shoots, above 0 rather does not"),
    "false_alarms": Function("number", (), "score", "how many were shot at while they were no danger, hit or not"),
    "correct_rejections": Function("number", (), "score", "how many were no danger and were not shot at"),
    "uses_of_force": Function("number", ("who?",), "score", "uses of force by trainees (against these)"),
    "shots_after": Function(
        "number", ("who?",), "score", "shots at people (these) after they had ceased to be a danger"
    ),
    "shots_before": Function("number", ("who?",), "score", "shots at people (these) who had not been a danger yet"),
    "unwarned": Function(
        "number", ("who?",), "score", "uses of force (against these) without a warning that there was time for"
    ),
    "behind": Function("number", ("who",), "score", "shots at people with one of these behind them, near the line"),
}

SHARES = (
    "accuracy", "answered", "cleared", "points_share", "recognised", "rule_share", "stopped", "warned",
    "cover_share", "floor_seen", "corners_seen", "watched_share",
)  # fmt: skip
"""Functions that give a share of 1, which people read as a percentage."""

MEASURES = ("reaction_s", "hit_s", "split_s", "transition_s", "first_shot_s", "distance_m", "late_stop_s")
SOUNDS = ("any", "shot", "voice", "shout", "door", "thud")
"""Sounds that people make: a voice is anybody speaking, a shout a voice called or shouted, a thud a fall or a blow."""
COMMANDS = ("drop_weapon", "stop", "hands_up", "get_down")
MEANS = ("conducted_energy", "spray", "baton")
"""Kinds of less-lethal means; a condition may also name one of the library."""
VOICES: tuple[str, ...] = get_args(Voice)
