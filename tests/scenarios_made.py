"""Scenarios made up by hypothesis from the model's own JSON Schema, so that whatever the model gains is tried at once.

What the schema can't say stands in `HINTS`: by the key's name, a strategy for its value. To have something new made up
well (a kind of name, a text in a language of its own), add its key there; conditions are made up from `FUNCTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st
from scenes import SCENARIO

from xrlab.scenario.functions import COMMANDS, FUNCTIONS, MEASURES, SOUNDS
from xrlab.scenario.model import Scenario

PEOPLE = ("gunman", "neighbour", "child")
TRAINEES = ("p1", "d1")
TARGETS = ("plate", "board")
STATES = ("x", "y", "waiting", "frozen", "surrendering", "down")
INJECTS = ("cue_1", "cue_2")
WHO = (*PEOPLE, *TRAINEES, "trainee", "threat", "no_shoot", "all", "self", "police")
PLACES = st.one_of(
    st.sampled_from(("a", "b", "c", "aside", "west", "east", "middle_door")),
    st.tuples(st.sampled_from((0.6, 1.5, 3.1, 5.0, 7.4)), st.sampled_from((0.6, 2.0, 3.3))).map(list),
)
SECONDS = st.sampled_from((0, 0.1, 0.5, 1, 2.5))
NAMES: dict[str, tuple[str, ...]] = {
    "who": WHO, "person": (*PEOPLE, "self"), "someone": (*PEOPLE, *TRAINEES, "self"), "zone": ("west", "east"),
    "hit_zone": ("head", "torso", "A", "C"), "door": ("middle_door",), "inject": INJECTS, "command": COMMANDS,
    "sound": SOUNDS, "measure": MEASURES, "target": TARGETS, "state": STATES, "string": ("first",),
    "lamps": ("west", "all"), "voice": ("shouted", "called"),
}  # fmt: skip
"""Names for each kind of argument that a function of the condition language takes."""


@st.composite
def conditions(draw: st.DrawFn, where: str = "live") -> str:
    """A condition that the parser takes: calls of all functions, compared, joined and turned round."""

    def call(gives: str) -> str:
        usable = [n for n, f in FUNCTIONS.items() if f.gives == gives and f.where in (where, "both")]
        usable = [n for n in usable if all(k.rstrip("?") in NAMES for k in FUNCTIONS[n].takes)]
        name = draw(st.sampled_from(usable))
        given = [k for k in FUNCTIONS[name].takes if not k.endswith("?") or draw(st.booleans())]
        words = [draw(st.sampled_from(NAMES[k.rstrip("?")])) for k in given]
        return name + "(" + ", ".join(f'"{word}"' for word in words) + ")"

    parts = []
    for _ in range(draw(st.integers(1, 2))):
        kind = draw(st.sampled_from(("bool", "number", "state")))
        if kind == "bool" and where == "live":
            part = draw(st.sampled_from(("", "!"))) + call("bool")
        elif kind == "state" and where == "live":
            part = f'state("{draw(st.sampled_from(PEOPLE))}") == "{draw(st.sampled_from(STATES))}"'
        else:
            sign = draw(st.sampled_from((">", ">=", "<", "==", "!=")))
            part = f"{call('number')} {sign} {draw(st.sampled_from(('0', '1', '2', '0.5', '3')))}"
        parts.append(part)
    return draw(st.sampled_from((" && ", " || "))).join(parts)


def _list_of(values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


HINTS: dict[str, st.SearchStrategy[Any]] = {
    "xrlab": st.just(1), "room": st.just("room.yaml"), "time_limit_s": st.sampled_from((0.5, 2, 4, 6)),
    "when": conditions(), "ends_when": conditions(), "value": conditions("score"), "ends_after_s": SECONDS,
    "at": PLACES, "start": PLACES, "walk_to": PLACES, "run_to": PLACES, "gather": PLACES, "patrol": st.lists(
        PLACES, min_size=2, max_size=3), "to_place": PLACES, "look_at": st.one_of(PLACES, st.sampled_from(WHO)),
    "trainees": st.just(["p1"]), "carries": _list_of(("handgun", "knife", "phone")), "begins": st.sampled_from(STATES),
    "from": st.one_of(st.just("any"), st.sampled_from(STATES), _list_of(STATES)),
    "to": st.sampled_from(STATES), "set_state": st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(STATES),
                                                                min_size=1, max_size=2),
    "open": st.just("middle_door"), "close": st.just("middle_door"), "group": st.sampled_from(("all", "west")),
    "show": _list_of(TARGETS), "hide": _list_of(TARGETS), "move": _list_of(TARGETS), "stop": _list_of(TARGETS),
    "face": st.sampled_from(("silhouette", "hostage")),
    "hold": st.sampled_from(("handgun", "phone", "nothing")), "draw": st.sampled_from(("handgun", "knife")),
    "pick_up": st.sampled_from(("handgun", "phone")), "name": st.just("first"), "clear": _list_of(("west", "east")),
    "every_s": st.sampled_from((0.3, 1.0)), "turn_s": st.sampled_from((0.1, 0.5)), "after_s": SECONDS,
    "at_s": SECONDS, "for_s": st.sampled_from((0.2, 1, 2)), "delay_s": SECONDS, "away_s": SECONDS, "pause_s": SECONDS,
    "title": st.just("Text"), "say": st.just("Hands up"), "label": st.just("Text"), "briefing": st.just("Text"),
    "repeat": st.integers(1, 3), "chance": st.sampled_from((0, 0.3, 1)), "sees_m": st.sampled_from((3, 20)),
    "must_be": st.sampled_from((0, "<= 3", ">= 1")), "color": st.just("#808080"),
}  # fmt: skip
"""What a value is made up from, by its key."""

NAMED = {
    "people": PEOPLE, "targets": TARGETS, "states": ("x", "y"), "events": ("e1", "e2"), "injects": INJECTS,
    "criteria": ("one", "two"),
}  # fmt: skip
"""Names of the entries of a section."""

WHOM = ("aim_at", "fire_at", "flee", "take_cover", "follow", "join", "strike", "attack", "look")
"""Keys whose value is somebody."""

LEFT_OUT = (
    "vary",
    "extends",
    "include",
    "parameters",
    "trainee",
    "faces",
    "teams",
    "of",
    "library",
    "like",
    "templates",
)
"""Keys that have tests of their own, or name files."""


class _Maker:
    """Strategies for the parts of one JSON Schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._defs = schema.get("$defs", {})

    def value(self, spot: Any, key: str, depth: int) -> st.SearchStrategy[Any]:
        if key in HINTS:
            return HINTS[key]
        if key in WHOM:
            return st.sampled_from((*WHO, "nearest_trainee", "danger"))
        spot = self._defs[spot["$ref"].rsplit("/", 1)[-1]] if "$ref" in spot else spot
        options = spot.get("anyOf") or spot.get("oneOf")
        if options:
            return st.one_of([self.value(o, key, depth) for o in options])
        if "const" in spot or "enum" in spot:
            words = spot["enum"] if "enum" in spot else [spot["const"]]
            return st.sampled_from(words) if words else st.nothing()
        by_type: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
            "object": lambda: self._object(spot, key, depth), "array": lambda: self._array(spot, key, depth),
            "boolean": st.booleans, "null": st.none, "string": lambda: st.sampled_from((*WHO[:3], "text")),
            "number": lambda: _number(spot).map(lambda n: n / 10 if n % 10 else n // 10),
            "integer": lambda: _number(spot).map(lambda n: max(n // 10, int(spot.get("minimum", 0)))),
        }  # fmt: skip
        return by_type.get(str(spot.get("type")), st.none)()

    def _object(self, spot: Any, key: str, depth: int) -> st.SearchStrategy[Any]:
        inner = _entry(spot)
        if "properties" not in spot:
            if inner is None or depth > 8:
                return st.just({})
            names = st.sampled_from(NAMED.get(key, ("one", "two")))
            return st.dictionaries(names, self.value(inner, "", depth + 1), max_size=2, min_size=1)
        required = spot.get("required") or list(spot["properties"])[: key == ""]  # the key that names an action
        parts = {k: v for k, v in spot["properties"].items() if k not in LEFT_OUT}

        @st.composite
        def made(draw: st.DrawFn) -> dict[str, Any]:
            more = [k for k in parts if k not in required]
            chosen = draw(st.lists(st.sampled_from(more), max_size=4, unique=True)) if more else []
            return {k: draw(self.value(parts[k], k, depth + 1)) for k in (*required, *chosen) if k in parts}

        return made()

    def _array(self, spot: Any, key: str, depth: int) -> st.SearchStrategy[Any]:
        if "prefixItems" in spot:
            return st.tuples(*(self.value(s, "", depth + 1) for s in spot["prefixItems"])).map(sorted)
        least = spot.get("minItems", 0)
        return st.lists(self.value(spot.get("items", {}), "", depth + 1), min_size=least, max_size=max(least, 3))


def _entry(spot: Any) -> Any:
    """The schema of a mapping's values; None for a mapping with keys of its own."""
    inner = spot.get("additionalProperties")
    return inner if isinstance(inner, dict) else next(iter(spot.get("patternProperties", {}).values()), None)


@cache
def _parts() -> tuple[_Maker, dict[str, Any]]:
    schema = Scenario.model_json_schema()
    return _Maker(schema), schema["properties"]


@cache
def _made(key: str) -> st.SearchStrategy[Any]:
    """A value of one of the scenario's keys; of people and targets one of them."""
    maker, parts = _parts()
    if key in ("people", "targets"):
        return maker.value(_entry(parts[key]), "", 1)
    return maker.value(parts[key], key, 1)


def _number(spot: Any) -> st.SearchStrategy[int]:
    """Tenths of a number within its bounds, near the lower one."""
    low = spot.get("minimum", spot.get("exclusiveMinimum", -5))
    high = min(spot.get("maximum", spot.get("exclusiveMaximum", low + 8)), low + 8)
    return st.integers(int(low * 10) + ("exclusiveMinimum" in spot), max(int(high * 10), int(low * 10) + 1))


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a scenario in the room of `scenes`; most are such that the model takes them."""
    _, parts = _parts()
    out = {**SCENARIO, "time_limit_s": draw(HINTS["time_limit_s"])}
    teams = [("police", "p1", "a"), ("army", "d1", "aside")][: draw(st.integers(1, 2))]
    out["teams"] = {n: {"trainees": [w], "start": p, "carries": ["pistol"]} for n, w, p in teams}
    out["people"] = {name: draw(_made("people")) for name in PEOPLE}
    out["targets"] = {name: draw(_made("targets")) for name in TARGETS}
    rest = [k for k in parts if k not in (*LEFT_OUT, *out, *SCENARIO)]
    for key in draw(st.lists(st.sampled_from(rest), max_size=4, unique=True)):
        out[key] = draw(_made(key))
    for person in out["people"].values():
        person["states"] = {"x": {}, "y": {}, **person.get("states", {})}
    for happening in out.get("events", {}).values():
        if len({"at_s", "when"} & set(happening)) != 1:
            happening.pop("when", None)
            happening["at_s"] = draw(SECONDS)
    for string in out.get("strings", ()):
        string.setdefault("for_s", 1)
    return out
