"""Who waits for what: nobody misses a change, and asking everyone at every instant gives the same events."""

from __future__ import annotations

from pathlib import Path

import pytest
import scenes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xrlab.errors import InputError
from xrlab.resources import folder
from xrlab.scenario.conditions import parse
from xrlab.scenario.functions import FUNCTIONS
from xrlab.scenario.load import Loaded, load
from xrlab.sim import events as ev
from xrlab.sim.knowledge import WAITS_FOR
from xrlab.sim.setup import Run
from xrlab.sim.waiting import ANYTHING, Waiting, Waits
from xrlab.trainee.script import follow, load_script


def events_of(loaded: Loaded, script: Path | None, seed: int, exhaustive: bool) -> list[ev.Event]:
    events: list[ev.Event] = []
    run = Run(loaded.scenario, loaded.room, seed, readers=[events.append], exhaustive=exhaustive)
    if script:
        follow(load_script(script, loaded), run)
    try:
        run.engine.run()
    except InputError as error:  # transitions that go round in circles
        assert "goes round in circles" in str(error)
    return events


def test_every_function_that_can_be_asked_tells_what_changes_it() -> None:
    live = {name for name, function in FUNCTIONS.items() if function.where != "score"}
    assert live - {"time", "state_time"} == set(WAITS_FOR)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize(
    ("reference", "script"),
    [
        ("house/hostage", "house/hostage"),
        ("house/hostage", "house/shoots_everyone"),
        ("house/hostage", "house/does_nothing"),
        ("range/qualification", "range/qualification"),
    ],
)
def test_shipped_scenarios_go_the_same_when_everyone_is_always_asked(reference: str, script: str, seed: int) -> None:
    loaded = load(reference, seed=seed)
    path = folder("scenarios") / f"{script}.trainee.yaml"
    assert events_of(loaded, path, seed, False) == events_of(loaded, path, seed, True)


ASKED = st.sampled_from(
    [
        'sees("trainee")', 'seen_by("p1")', 'aimed_at_by("trainee")', 'challenged_by("police")', 'heard("shot")',
        'heard("door")', "time() > 2.5", "time() * 2 > 3.1", "1.7 <= time()", "time() == 3", 'in_zone("p1", "east")',
        'in_zone("self", "west")', 'door_open("middle_door")', 'state("neighbour") == "roused"', 'danger("threat")',
        "rounds() < 10", 'hits("self") >= 1', 'shots("trainee") > 1', 'shots("gunman") > 1', 'hits_taken("p1") > 0',
        'stopped("threat") == 1', 'down("gunman") == 1', 'cleared("all") > 0.4', 'cued("now")', "strings_done()",
        'hits("gunman", "head") > 0', "sees_danger()", "state_time() > 1.5", "state_time() * 2 > 2.2",
        'distance("trainee") < 3', 'distance("p1", "gunman") > 2', 'voice_db("police") > 50', 'heard("any", "gunman")',
        'hit_by("trainee")', 'entered("p1", "east")', 'left("self", "east")', 'count("all", "east") == 1',
        'door_moved("middle_door", "p1")', 'light("all") < 1', 'torch_lit("self")', 'holds("self") == "nothing"',
        'challenged_by("p1", "any", "shouted")',
    ]
)  # fmt: skip
CONDITIONS = st.recursive(
    ASKED,
    lambda part: st.one_of(
        st.tuples(part, part).map(lambda two: f"({two[0]} && {two[1]})"),
        st.tuples(part, part).map(lambda two: f"({two[0]} || {two[1]})"),
        part.map(lambda one: f"!({one})"),
    ),
    max_leaves=3,
)
STEP = st.sampled_from(
    ["{go: b}", "{go: a}", "{go: east}", "{sweep_deg: 200}", "challenge", "{shoot: danger}",
     "{shoot: gunman, times: 3}", "{open: middle_door}", "{close: middle_door}",
     "{wait_s: 0.7}", "{look_at: gunman}", "reload", "{cue: now}"]
)  # fmt: skip
DONE = st.sampled_from(
    [
        {"walk_to": "aside"}, "raise_hands", "flee", "take_cover", {"follow": "trainee", "for_s": 2},
        {"gather": "east"}, {"join": "neighbour"}, {"patrol": ["a", "b"], "pause_s": 0.2}, "attack",
        {"strike": "p1"}, {"look_at": "noise"},
        {"turn_deg": -200}, {"draw": "knife"}, {"hold": "long_gun"}, "drop", {"pick_up": "handgun"}, {"say": "Hello"},
        {"torch": "on"}, {"open": "middle_door"}, {"close": "middle_door"}, {"when": "state_time() > 0.7"},
        {"repeat": "forever", "do": ["sit", {"wait_s": 0.4}, "stand", {"when": 'heard("shot")', "timeout_s": 0.3}]},
        {"repeat": 3, "do": ["fall", {"flee": "p1", "to": ["a", "c"]}]}, {"wait_s": 0.3}, "kneel",
    ]
)  # fmt: skip
CHANCE = st.sampled_from([1, 0.5])
TO = lambda to: st.sampled_from([to, {to: 2, "wary": 1, "complying": 1}])  # noqa: E731
AFTER = st.sampled_from([0, 0.3, [0.1, 0.9]])


@st.composite
def person(draw: st.DrawFn) -> dict[str, object]:
    rules = [
        {"from": "any", "to": draw(TO(to)), "when": draw(CONDITIONS), "after_s": draw(AFTER), "chance": draw(CHANCE),
         "throughout": draw(st.booleans())}
        for to in ("roused", "firing", "fleeing")
    ]  # fmt: skip
    return {
        "states": {
            "roused": {"do": [{"aim_at": "p1"}]},
            "firing": {"do": [{"fire_at": "nearest_trainee", "every_s": 0.9}]},
            "fleeing": {"do": draw(st.lists(DONE, max_size=4))},
        },
        "transitions": rules,
        "carries": ["knife"],
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_scenario_goes_the_same_when_everyone_is_always_asked(tmp_path: Path, data: st.DataObject) -> None:
    changes = {
        f"people.{name}.{key}": value
        for name in ("gunman", "neighbour")
        for key, value in data.draw(person()).items()
    }  # fmt: skip
    changes |= {
        "time_limit_s": 6,
        "ends_when": data.draw(CONDITIONS),
        "injects": {"now": {"label": dict.fromkeys(("nl", "fr", "de", "en"), "Now"), "do": [{"lights": "off"}]}},
        "events": {"e": {"when": data.draw(CONDITIONS), "do": [{"open": "middle_door"}]}},
    }
    steps = ", ".join(data.draw(st.lists(STEP, max_size=5)))
    rule = f"{{when: '{data.draw(CONDITIONS)}', do: [{data.draw(STEP)}]}}"
    script = tmp_path / "script.yaml"
    script.write_text(f"xrlab: 1\ntrainees:\n  p1:\n    react: [{rule}]\n    do: [{steps}]\n")
    loaded = scenes.load_scene(tmp_path, changes, data.draw(st.sampled_from([{}, scenes.OPEN_DOOR])))
    seed = data.draw(st.integers(0, 5))
    assert events_of(loaded, script, seed, False) == events_of(loaded, script, seed, True)


def test_only_those_are_asked_who_wait_for_what_happened() -> None:
    waiting, asked = Waiting(), []
    for name, waits in {
        "a": Waits(frozenset({(ev.Seen, "who", "a")})),
        "seen": Waits(frozenset({(ev.Seen, "", "")})),
        "all": ANYTHING,
        "time": Waits(always=True),
    }.items():
        waiting.listen(waiting.add(lambda name=name: asked.append(name)), waits)  # type: ignore[misc]
    waiting.round()
    assert asked == ["a", "seen", "all", "time"]
    asked.clear()
    waiting.tell(ev.Seen(t=0.0, who="b", whom="a"))
    waiting.round()
    assert asked == ["seen", "all", "time"]
    asked.clear()
    waiting.time_passes()
    waiting.round()
    assert asked == ["time"]


def test_who_had_their_turn_is_asked_in_the_next_round_and_the_others_in_the_same() -> None:
    waiting, asked = Waiting(), []

    def second() -> None:
        asked.append("second")
        if len(asked) < 4:
            waiting.tell(ev.Seen(t=0.0, who="a", whom="b"))

    for call in (lambda: asked.append("first"), second, lambda: asked.append("third")):
        waiting.listen(waiting.add(call), ANYTHING)
    waiting.round()
    assert asked == ["first", "second", "third"]
    waiting.round()
    assert asked == ["first", "second", "third", "first", "second"]
    assert not waiting.has_due


def test_instants_at_which_time_matters_are_read_from_the_condition() -> None:
    assert parse('time() > 25 && sees("trainee")', "live").instants == {25.0, 25.000001}
    assert parse("3 >= time()", "live").instants == {3.0, 3.000001}
    assert parse('hits("self") > 1', "live").instants == frozenset()
    assert parse("time() > 2 && time() - 1 > 2", "live").instants is None


def test_a_condition_on_time_holds_at_that_time_though_nothing_else_happens(tmp_path: Path) -> None:
    rule = [{"from": "waiting", "to": "frozen", "when": "time() >= 1.2345"}]
    loaded = scenes.load_scene(tmp_path, {"people.gunman.transitions": rule, "time_limit_s": 2})
    events = events_of(loaded, None, 0, False)
    assert [e.t for e in events if isinstance(e, ev.StateChanged) and e.state == "frozen"] == [1.2345]
