"""What is wrong in a role player is said with its place and with what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import scenes

from xrlab.errors import InputError
from xrlab.scenario.load import load


def faults(folder: Path, changes: dict[str, Any]) -> str:
    path = scenes.write_scene(folder, changes)
    with pytest.raises(InputError) as error:
        load(path)
    return str(error.value)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"follow": "neighbor"}, "no person, target, team or role is called 'neighbor'; did you mean 'neighbour'?"),
        ({"flee": "dangr"}, "is called 'dangr'"),
        ({"flee": "danger", "to": ["a", "nowhere"]}, "the room has no zone, point or door 'nowhere'"),
        ({"patrol": ["a", "bb"]}, "the room has no zone, point or door 'bb'"),
        ({"patrol": ["a"]}, "at least 2"),
        ({"gather": "wset"}, "did you mean 'west'?"),
        ({"draw": "handgun"}, "this person carries no handgun; write 'carries: [handgun]' beside 'at'"),
        ({"draw": "sword"}, "'sword' cannot be held"),
        ({"pick_up": "pistol"}, "'pistol' cannot be held"),
        ({"look_at": "nois"}, "the room has no zone, point or door 'nois'"),
        ({"when": 'heard("shoot")'}, "did you mean 'shot'?"),
        ({"when": "state_time()"}, "gives a number; a bool is needed"),
        ({"torch": "bright"}, "torch is 'bright'; known: off, on"),
        ({"say": "Hello", "voice": "cried"}, "known: called, said, shouted, whispered"),
        ({"fire_at": "p1", "hit_chance": 0.5, "spread_mrad": 4}, "hit_chance and spread_mrad say the same thing twice"),
        ({"repeat": "forever", "do": ["raise_hands", {"say": "No!"}]}, "nothing in this loop takes time"),
        ({"repeat": 2, "do": [{"wait_s": 1}, {"walk_to": "kitchn"}]}, "no zone, point or door 'kitchn'"),
        ({"strike": "p9"}, "is called 'p9'"),
        ({"open": "midle_door"}, "did you mean 'middle_door'?"),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
def test_an_action_that_names_what_is_not_there(tmp_path: Path, action: dict[str, Any], words: str) -> None:
    text = faults(tmp_path, {"people.gunman.states": {"acting": {"do": [action]}}, "people.gunman.begins": "acting"})
    assert words in text
    assert "scene.yaml:" in text


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ('challenged_by("police", "halt")', "no command is called 'halt'"),
        ('challenged_by("police", "any", "loud")', "no voice is called 'loud'"),
        ('heard("bang")', "no sound is called 'bang'"),
        ('entered("p1", "attic")', "no zone is called 'attic'"),
        ('holds("police") == "knife"', "no person or trainee is called 'police'"),
        ('light("nort") < 1', "no group of lamps is called 'nort'"),
        ('door_moved("gate")', "no door is called 'gate'"),
        ('distance("trainee") < "near"', "compares a number with a text"),
        ('hit_by("p1", "knee")', "no hit zone is called 'knee'"),
    ],
)
def test_a_condition_that_names_what_is_not_there(tmp_path: Path, when: str, words: str) -> None:
    assert words in faults(tmp_path, {"people.gunman.transitions": [{"to": "frozen", "when": when}]})


def test_weights_name_states_and_are_more_than_nothing(tmp_path: Path) -> None:
    weights = {"people.gunman.transitions": [{"to": {"frozen": 1, "freezing": 2}, "when": "time() > 1"}]}
    assert "this person has no state 'freezing'; did you mean 'fleeing'" in faults(tmp_path, weights)
    nothing = {"people.gunman.transitions": [{"to": {"frozen": 0}, "when": "time() > 1"}]}
    assert "frozen is 0; it must be more than 0" in faults(tmp_path, nothing)
    assert "needs a state to lead to" in faults(tmp_path, {"people.gunman.transitions": [{"to": {}}]})


def test_words_with_a_meaning_are_nobodys_name(tmp_path: Path) -> None:
    person = {"role": "no_shoot", "at": "c"}
    assert "may not be called 'danger'" in faults(tmp_path, {"people.danger": person})


def test_known_states_may_be_led_to_and_begun_in_without_declaring_them(tmp_path: Path) -> None:
    rules = [{"from": "unaware", "to": {"fleeing": 1, "hiding": 1, "complying": 2}, "when": 'sees("trainee")'}]
    path = scenes.write_scene(tmp_path, {"people.gunman.begins": "unaware", "people.gunman.transitions": rules})
    assert load(path).scenario.people["gunman"].transitions[0].leads_to == ("fleeing", "hiding", "complying")
