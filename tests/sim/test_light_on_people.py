"""Light: who stands in the dark is not seen from afar; lamps, doors, the sky and torches light people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scenes

from xrlab.scenario.load import load
from xrlab.sim import events as ev
from xrlab.sim.light import Light, reach
from xrlab.sim.setup import Run

OFF = {"at_s": 1, "do": [{"lights": "off"}]}
ON = {"at_s": 3, "do": [{"lights": "on"}]}


def looks(tmp_path: Path, changes: dict[str, Any], room: dict[str, Any] | None = None) -> list[tuple[float, str, str]]:
    """(time, "Seen" or "Lost", who) of the gunman's and the trainee's looks at each other."""
    events: list[ev.Event] = []
    base: dict[str, Any] = {"time_limit_s": 5, "people.neighbour": None}
    loaded = scenes.load_scene(tmp_path, base | changes, scenes.OPEN_DOOR | (room or {}))
    Run(loaded.scenario, loaded.room, 0, readers=[events.append]).engine.run()
    pair = {"p1", "gunman"}
    return [
        (e.t, type(e).__name__, e.who) for e in events if isinstance(e, ev.Seen | ev.Lost) and {e.who, e.whom} == pair
    ]


def test_lights_out_blinds_everyone_in_a_room_without_windows(tmp_path: Path) -> None:
    seen = looks(tmp_path, {"events": {"dark": OFF, "bright": ON}})
    assert seen == [
        (0.0, "Seen", "p1"), (0.0, "Seen", "gunman"), (1.1, "Lost", "p1"), (1.1, "Lost", "gunman"),
        (3.1, "Seen", "p1"), (3.1, "Seen", "gunman"),
    ]  # fmt: skip


def test_in_the_dark_a_window_lets_people_see(tmp_path: Path) -> None:
    window = {"windows": [{"at": [1, 0], "width_m": 1.6}, {"at": [7, 0], "width_m": 1.6}]}
    assert [kind for _, kind, _ in looks(tmp_path, {"events": {"dark": OFF}}, window)] == ["Seen", "Seen"]


def test_who_stands_in_the_light_is_seen_from_the_dark_and_not_the_other_way_round(tmp_path: Path) -> None:
    lamps = [{"at": [2, 2, 2.4], "group": "west"}, {"at": [6, 3.8, 2.4], "group": "east"}]
    dark_west = {"at_s": 1, "do": [{"lights": "off", "group": "west"}]}
    seen = looks(tmp_path, {"events": {"dark": dark_west}}, {"lights": lamps})
    assert seen == [(0.0, "Seen", "p1"), (0.0, "Seen", "gunman"), (1.1, "Lost", "gunman")]


def test_a_spot_lights_whom_it_shines_on_and_nobody_beside(tmp_path: Path) -> None:
    spot = {"kind": "spot", "at": [2, 2, 2.4], "towards": [6, 2, 1.2], "cone_deg": 30}
    loaded = scenes.load_scene(tmp_path, {"people.neighbour": None}, scenes.OPEN_DOOR | {"lights": [spot]})
    light = Light(Run(loaded.scenario, loaded.room, 0, readers=[]).engine.world)
    points = np.array([(3.5, 2.0, 1.95), (2.0, 0.5, 1.2)])
    straight, aside = light.lux(points, np.ones((2, 1)), None, np.zeros(2, np.int64))
    assert straight > 300 and aside < 0.1 * straight


def test_a_torch_lights_whom_it_is_held_towards_and_shows_who_holds_it(tmp_path: Path) -> None:
    dark = looks(tmp_path, {"events": {"dark": {**OFF, "at_s": 0.5}}, "people.gunman.torch": True})
    assert dark == [(0.0, "Seen", "p1"), (0.0, "Seen", "gunman")]
    turned = {"people.gunman.torch": True, "people.gunman.yaw_deg": 100, "events": {"dark": {**OFF, "at_s": 0.5}}}
    assert (0.6, "Lost", "p1") in looks(tmp_path, turned)


def test_a_torch_counts_from_when_it_is_switched_on(tmp_path: Path) -> None:
    takes = {
        "people.gunman.states": {"lighting": {"do": [{"torch": "on"}]}},
        "people.gunman.transitions": [{"from": "waiting", "to": "lighting", "when": "time() >= 2"}],
        "events": {"dark": {**OFF, "at_s": 0.5}},
    }
    assert [(t, kind) for t, kind, who in looks(tmp_path, takes) if who == "p1"] == [
        (0.0, "Seen"), (0.6, "Lost"), (2.1, "Seen"),
    ]  # fmt: skip


def test_how_wide_and_how_far_somebody_sees_is_theirs(tmp_path: Path) -> None:
    assert [who for _, _, who in looks(tmp_path, {"people.gunman.yaw_deg": 100})] == ["p1"]
    assert [who for _, _, who in looks(tmp_path, {"people.gunman.yaw_deg": 100, "people.gunman.view_deg": 200})] == [
        "p1", "gunman",
    ]  # fmt: skip
    assert [who for _, _, who in looks(tmp_path, {"people.gunman.sees_m": 4})] == ["p1"]


def test_more_light_shows_people_from_farther_away() -> None:
    lux = np.array([0.0, 0.1, 0.8, 2.7, 10.0, 24.9, 25.0])
    metres = reach(lux)
    assert metres[0] == 0.0
    assert metres[2] == 4.0
    assert metres[3] == pytest.approx(10.0, abs=0.1)
    assert (np.diff(metres) > 0).all()
    assert metres[-1] == np.inf


def test_a_lamp_gives_less_light_far_away_and_none_behind_a_wall_or_a_shut_door(tmp_path: Path) -> None:
    lamp = {"lights": [{"at": [1, 2, 1.2], "lumens": 1256.637, "group": "only"}]}
    for door, lit in ((0.0, False), (1.0, True)):
        loaded = scenes.load_scene(tmp_path, room=lamp | {"doors.middle_door.open": bool(door)})
        world = Run(loaded.scenario, loaded.room, 0).engine.world
        light, which = Light(world), np.zeros(3, np.int64)
        places = np.array([[7.0, 2.0, 1.2], [7.0, 3.8, 1.2], [5.0, 2.0, 1.2]])
        lux = light.lux(places, np.ones((3, 1)), world.leaf_ways([0.0]), which)
        assert lux[1] == 0.0
        assert list(lux[[0, 2]]) == (
            [pytest.approx(100 / 36, abs=0.01), pytest.approx(100 / 16, abs=0.01)] if lit else [0, 0]
        )


@pytest.mark.parametrize("name", ["house/hostage", "range/qualification"])
def test_with_all_lamps_on_light_limits_nobody_in_the_shipped_rooms(name: str) -> None:
    loaded = load(name)
    light = Light(Run(loaded.scenario, loaded.room, 0).engine.world)
    levels = light.levels([0.0])
    assert light.is_good(levels).all()
    assert not light.is_good(levels * 0.9).any()


def test_daylight_is_what_the_weather_says(tmp_path: Path) -> None:
    """On a terrace under the sky and in the room beside it, both without lamps."""
    room = {"lights": None, "rooms.east.outside": True}
    seen = {}
    for light in (None, "day", "dusk", "night", 3.0):
        loaded = scenes.load_scene(tmp_path, {"weather": {"daylight": light}}, room)
        run = Run(loaded.scenario, loaded.room, 0)
        made = Light(run.engine.world)
        levels, which = made.levels([0.0]), np.zeros(2, np.int64)
        lux = made.lux(np.array([[6.0, 2.0, 1.2], [1.0, 2.0, 1.2]]), levels[which], None, which)
        seen[light] = (bool(made.is_good(levels)[0]), lux.tolist())
    assert seen[None][0], "a room without lamps of which nothing is said is evenly lit"
    assert not seen["night"][0] and not seen["dusk"][0]
    under_the_sky = {light: lux[0] for light, (_, lux) in seen.items()}
    assert 0.1 < under_the_sky["night"] < 0.25 < under_the_sky[3.0] < under_the_sky["dusk"] < 10
    assert under_the_sky["day"] > 5000
    assert under_the_sky["day"] / under_the_sky["night"] == pytest.approx(10_000 / 0.25, rel=0.01)
    assert seen["night"][1][1] < under_the_sky["night"], "what falls into the room is less"
