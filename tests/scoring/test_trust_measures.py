"""Measures that can't be bettered by firing sooner than one can hit, or by hitting whom one had warned for nothing."""

from __future__ import annotations

from test_result import END, RANGE, danger, fired, marks, struck, value

from xrlab.sim import events as ev


def test_the_time_to_the_hit_runs_on_through_misses() -> None:
    shown: list[ev.Event] = [ev.TargetExposed(t=2.0, target="t")]
    hit: list[ev.Event] = [fired(3.1, 9), struck(3.1, 9, "t", "A", kind="target"), END]
    beside: list[ev.Event] = [fired(2.3, 1), fired(2.6, 2), struck(2.6, 2, "t", None, kind="target")]
    assert value([*shown, *hit], 'median("hit_s")', RANGE) == 1.1
    assert value([*shown, *beside, *hit], 'median("hit_s")', RANGE) == 1.1
    assert value([*shown, *beside, END], 'median("hit_s")', RANGE) is None


def test_a_stimulus_has_one_hit_and_a_person_is_one_anew_when_seen_anew() -> None:
    events: list[ev.Event] = [
        danger(0.0), ev.Seen(t=1.0, who="p1", whom="gunman"), fired(1.5, 1), struck(1.5, 1, "gunman"),
        fired(1.8, 2), struck(1.8, 2, "gunman"), ev.Lost(t=2.0, who="p1", whom="gunman"),
        ev.Seen(t=5.0, who="p1", whom="gunman"), fired(5.7, 3), struck(5.7, 3, "neighbour"),
        fired(6.0, 4), struck(6.0, 4, "gunman"), END,
    ]  # fmt: skip
    assert [s["hit_s"] for s in marks(events)["shots"]] == [0.5, None, None, 1.0]


def test_warned_may_ask_for_some_alone() -> None:
    calls = ev.VerbalCommand(t=1.0, who="p1", command="stop", heard_by=("neighbour",))
    events: list[ev.Event] = [
        danger(0.0), calls, fired(2.0, 1), struck(2.0, 1, "gunman"), fired(3.0, 2), struck(3.0, 2, "neighbour"), END
    ]  # fmt: skip
    assert value(events, "warned()") == 0.5
    assert value(events, 'warned("threat")') == 0
    assert value(events, 'warned("no_shoot")') == 1
    row = marks(events, asked={"value": 'warned("threat")', "points": 5})["criteria"][0]
    assert [(p["what"], p["who"]) for p in row["evidence"]] == [("not_warned", "gunman")]
