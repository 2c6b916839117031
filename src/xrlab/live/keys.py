"""Which key does what in a window: the map as it comes, and a file that changes it.

A key is named by its place on a US keyboard, so that walking keys lie together on every keyboard; what people
read is what their own keyboard prints there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from xrlab.document import Also, Document, in_order, read, validate
from xrlab.errors import InputError, Problem, meant
from xrlab.language import knows, tr
from xrlab.scenario.parts import Part

_ARROWS = {"left": "←", "right": "→", "up": "↑", "down": "↓"}

KEYS = (
    *"abcdefghijklmnopqrstuvwxyz", *"0123456789", "minus", "equal", "left_bracket", "right_bracket",
    "backslash", "semicolon", "apostrophe", "grave", "comma", "period", "slash", *_ARROWS,
    "space", "escape", "enter", "tab", "backspace", "insert", "delete", "home", "end", "page_up", "page_down",
    "shift", "control", "alt", *(f"f{i}" for i in range(1, 13)), *(f"keypad_{i}" for i in range(10)),
    "mouse_left", "mouse_right", "mouse_middle",
)  # fmt: skip
"""Every key and button that an action can have, as `render.window.Window` names them."""

INJECTS = 11
"""So many injects have a key."""

MOST = 4
"""Keys of one action."""


def _some(value: Any) -> Any:
    """One key, several, or none, as they may be written, as a tuple."""
    if value is None or value == "none":
        return ()
    listed = value if isinstance(value, list | tuple) else (value,)
    return tuple(str(v) if isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= 9 else v for v in listed)


def _known(value: Any) -> Any:
    if value not in KEYS:
        raise ValueError(f"there is no key {value!r}{meant(str(value), KEYS)}")
    return value


_ONE: dict[str, Any] = {"enum": [*KEYS, *range(10)]}
Key = Annotated[str, BeforeValidator(_known), WithJsonSchema(_ONE)]
Bound = TypeAliasType(
    "Bound",
    Annotated[
        tuple[Key, ...],
        Field(max_length=MOST),
        BeforeValidator(_some),
        Also({"anyOf": [_ONE, {"const": "none"}], "description": "one key, or none"}),
    ],
)
"""The keys of one action: one, some, or none."""


def _key(keys: str, does: str) -> Any:
    return Field(tuple(keys.split()), description=does)


class Keys(Part):
    """What each key does; an action that a file does not name keeps its usual key. none: no key does it."""

    walk_forward: Bound = _key("w", "walk ahead; fly ahead in the free camera, north over the plan")
    walk_back: Bound = _key("s", "walk back; fly back, south")
    walk_left: Bound = _key("a", "walk to the left; fly left, west")
    walk_right: Bound = _key("d", "walk to the right; fly right, east")
    run: Bound = _key("shift", "held: run; fly fast")
    fire: Bound = _key("mouse_left", "fire, or use the less-lethal means in the hand")
    aim: Bound = _key("mouse_right", "held: aim")
    reload: Bound = _key("r", "change the magazine, or clear a malfunction")
    next_weapon: Bound = _key("q", "next weapon or less-lethal means")
    torch: Bound = _key("l", "torch on or off")
    door: Bound = _key("e", "open or shut the door ahead")
    challenge: Bound = _key("c", "challenge: police, drop it")
    call_drop_weapon: Bound = _key("1", "call out: drop it")
    call_stop: Bound = _key("2", "call out: stop")
    call_hands_up: Bound = _key("3", "call out: hands up")
    call_get_down: Bound = _key("4", "call out: get down")
    inject_1: Bound = _key("f1", "the instructor's first inject")
    inject_2: Bound = _key("f2", "the second inject")
    inject_3: Bound = _key("f3", "the third inject")
    inject_4: Bound = _key("f4", "the fourth inject")
    inject_5: Bound = _key("f5", "the fifth inject")
    inject_6: Bound = _key("f6", "the sixth inject")
    inject_7: Bound = _key("f7", "the seventh inject")
    inject_8: Bound = _key("f8", "the eighth inject")
    inject_9: Bound = _key("f9", "the ninth inject")
    inject_10: Bound = _key("f10", "the tenth inject")
    inject_11: Bound = _key("f11", "the eleventh inject")
    pause: Bound = _key("p", "pause, and go on")
    slower: Bound = _key("down", "time at 1/2, 1/4, 1/8 of its speed")
    faster: Bound = _key("up", "time faster again, up to its own speed")
    own_eyes: Bound = _key("t", "back to the trainee's eyes")
    free_camera: Bound = _key("f", "free camera, and back")
    plan: Bound = _key("v", "plan from above, and back")
    previous_person: Bound = _key("left", "through the eyes of the person before")
    next_person: Bound = _key("right", "through the eyes of the next person")
    fly_up: Bound = _key("space", "fly up in the free camera; the plan nearer")
    fly_down: Bound = _key("control", "fly down; the plan farther")
    frame_times: Bound = _key("g", "how long pictures take, as a graph")
    full_screen: Bound = _key("enter", "fill the screen, and back to a window")
    points: Bound = _key("tab", "of a scanned room: its points, or its surfaces")
    sound: Bound = _key("m", "sound on or off")
    help: Bound = _key("h", "show the keys")
    picture: Bound = _key("f12", "save a picture beside the recording")
    start_again: Bound = _key("backspace", "with --watch: start again with what was saved")
    end: Bound = _key("escape", "end the run")

    def of(self, action: str) -> tuple[str, ...]:
        """The keys of an action."""
        keys: tuple[str, ...] = getattr(self, action)
        return keys

    def action(self, key: str) -> str | None:
        """What a key does."""
        return next((action for action, keys in self if key in keys), None)


ACTIONS = tuple(Keys.model_fields)
"""Every action, in the order in which people read them."""


class KeyMap(Part):
    """A file that says which keys do what."""

    xrlab: Literal[1] = Field(description="version of the format")
    keys: Keys = Field(description="keys by action")


def read_keys(path: Path | str) -> Keys:
    """The map that a file makes; raises `InputError` with every problem and its place."""
    document = read(path)
    found = validate(document, KeyMap).keys
    problems = [*_clashes(document, found)]
    if not found.end:
        problems.append(document.problem(("keys", "end"), "end needs a key: without one a run could not be left"))
    if problems:
        raise InputError(in_order(problems))
    return found


def _clashes(document: Document, keys: Keys) -> Iterator[Problem]:
    """A key that has two actions."""
    first: dict[str, str] = {}
    for action in ACTIONS:
        for key in dict.fromkeys(keys.of(action)):
            other = first.setdefault(key, action)
            if other == action:
                continue
            # told where the file gives the key; one of the two may stand there only as it comes
            here, there = (action, other) if action in keys.model_fields_set else (other, action)
            usual = "" if there in keys.model_fields_set else f", as it comes: give {there} another key, or none"
            yield document.problem(("keys", here), f"{here} has the key {key}, and so has {there}{usual}")


def usual_place(env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where a user's own map lies: `xrlab/keys.yaml` in their folder of settings."""
    if platform == "win32":
        base = env.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    else:  # a relative path there is to be passed over, says the XDG specification
        named = env.get("XDG_CONFIG_HOME", "")
        base = named if Path(named).is_absolute() else str(Path.home() / ".config")
    return Path(base) / "xrlab" / "keys.yaml"


def keys_for(path: Path | None = None) -> Keys:
    """The map of a file, of the user's own file if None, else as it comes."""
    if path is not None:
        return read_keys(path)
    own = usual_place()
    return read_keys(own) if own.is_file() else Keys()


def written(keys: Keys) -> str:
    """A map as a file to start from, every action with what it does."""
    lines = []
    for action, field in Keys.model_fields.items():
        bound = [f'"{key}"' if key.isdigit() else key for key in keys.of(action)]
        value = "none" if not bound else bound[0] if len(bound) == 1 else f"[{', '.join(bound)}]"
        lines.append(f"  {f'{action}: {value}':<30} # {field.description}")
    return "\n".join(["xrlab: 1", "keys:", *lines]) + "\n"


def shown(keys: Sequence[str], label: Callable[[str], str], lang: str) -> str:
    """Keys as people read them: as their keyboard prints them, in their language. label: what it prints on one."""
    return " ".join(_shown(key, label, lang) for key in keys)


def _shown(key: str, label: Callable[[str], str], lang: str) -> str:
    if knows(f"hud-keyname-{key}"):
        return tr(lang, f"hud-keyname-{key}")
    if key.startswith("keypad_"):
        return tr(lang, "hud-keyname-keypad", digit=key[-1])
    if key in _ARROWS:
        return _ARROWS[key]
    return key.upper() if key.isdigit() or (key[0] == "f" and key[1:].isdigit()) else label(key)
