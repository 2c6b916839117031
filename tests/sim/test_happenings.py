"""Events, injects, sounds, smoke, people who come later, and stress cues."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import pytest
from scenes import OPEN_DOOR, play, write_scene

from xrlab.errors import InputError
from xrlab.recording import read_recording
from xrlab.run import RECORDING, Session, score_recording
from xrlab.scenario.library import sounds, stress_cues
from xrlab.scenario.load import load
from xrlab.scenario.model import LANGUAGES
from xrlab.sim import deeds
from xrlab.sim import events as ev


def session_of(folder: Path, changes: dict[str, Any], seed: int = 1, out: Path | None = None) -> Session:
    return play(load(write_scene(folder, changes, OPEN_DOOR), seed=seed), seed, out)


def event(spec: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"events": {"it": spec}, **more}


def times(session: Session, kind: type[ev.Event] = ev.Happened) -> list[float]:
    return [e.t for e in session.events if isinstance(e, kind)]


def of(session: Session, kind: type[ev.Event]) -> list[Any]:
    return [e for e in session.events if isinstance(e, kind)]


SAY = [{"announce": "now"}]


def test_an_event_happens_several_times(tmp_path: Path) -> None:
    session = session_of(tmp_path, event({"at_s": 2, "times": 3, "every_s": 4, "do": SAY}))
    session.run.engine.run()
    assert times(session) == [2, 6, 10]


def test_a_condition_counts_each_time_it_becomes_true(tmp_path: Path) -> None:
    lamps = {"a": {"at_s": 2, "do": [{"lights": "off"}]}, "b": {"at_s": 3, "do": [{"close": "middle_door"}]}}
    again = {"when": '!door_open("middle_door")', "times": 5, "do": [{"wait_s": 1}, {"open": "middle_door"}]}
    session = session_of(
        tmp_path, {"events": {**lamps, "it": again, "c": {"at_s": 9, "do": [{"close": "middle_door"}]}}}
    )
    session.run.engine.run()
    assert len([e for e in of(session, ev.Happened) if e.name == "it"]) == 2


def test_a_condition_that_goes_on_counts_again_after_the_pause(tmp_path: Path) -> None:
    session = session_of(tmp_path, event({"when": "time() > 2", "times": 3, "every_s": 3, "do": SAY}))
    session.run.engine.run()
    assert times(session) == pytest.approx([2, 5, 8], abs=0.01)


def test_after_so_many_shots_with_a_delay(tmp_path: Path) -> None:
    session = session_of(tmp_path, event({"after_shots": 2, "after_s": 1.5, "do": SAY}))
    engine = session.run.engine
    for t in (1.0, 2.0, 3.0):
        engine.advance(t)
        deeds.fire(engine, engine.world.actors["p1"], 1.0, 1.0)
    engine.advance(10.0)
    assert times(session) == [3.5]


def test_chance_is_the_seeds(tmp_path: Path) -> None:
    came = 0
    for seed in range(30):
        session = session_of(tmp_path, event({"at_s": 1, "chance": 0.5, "do": SAY}), seed)
        session.run.engine.advance(2.0)
        came += len(times(session))
    assert 6 <= came <= 24


def test_pauses_between_actions(tmp_path: Path) -> None:
    steps = [*SAY, {"wait_s": 2}, {"radio": {"en": "Second floor"}, "to": "police"}, {"wait_s": 1}, {"end": "drill"}]
    session = session_of(tmp_path, event({"at_s": 1, "do": steps}))
    session.run.engine.run()
    assert times(session, ev.Announced) == [1] and times(session, ev.RadioMessage) == [3]
    assert (session.events[-1].t, session.events[-1].reason) == (4, "drill")  # type: ignore[attr-defined]


def test_an_event_calls_an_inject_and_another_answers_to_it(tmp_path: Path) -> None:
    session = session_of(
        tmp_path,
        {
            "injects": {"dark": {"label": "Dark", "do": [{"lights": "off", "over_s": 2}]}},
            "events": {
                "first": {"at_s": 1, "do": [{"inject": "dark"}]},
                "second": {"when": 'happened("first") && cued("dark")', "after_s": 1, "do": SAY},
            },
        },
    )
    session.run.engine.advance(5.0)
    assert [(e.kind, e.name, e.t) for e in of(session, ev.Happened)] == [
        ("event", "first", 1), ("inject", "dark", 1), ("event", "second", 2),
    ]  # fmt: skip
    assert session.run.engine.world.lights["west"].at(2.0) == pytest.approx(0.5)


def test_lamps_flicker_as_the_seed_draws_and_rest_as_they_were(tmp_path: Path) -> None:
    step = {"lights": "flicker", "group": "east", "for_s": 4}
    ramps = []
    for seed in (1, 1, 2):
        session = session_of(tmp_path, event({"at_s": 1, "do": [step]}), seed)
        session.run.engine.advance(10.0)
        lamp = session.run.engine.world.lights["east"]
        ramps.append([lamp.at(1 + k / 20) for k in range(80)])
        assert lamp.at(0.9) == 1 and lamp.at(9.0) == 1
        assert of(session, ev.LightsFlicker)[0].seconds == 4
    assert ramps[0] == ramps[1] != ramps[2]
    assert min(ramps[0]) == 0 and max(ramps[0]) == 1


def test_lamps_go_back_after_a_while(tmp_path: Path) -> None:
    session = session_of(tmp_path, event({"at_s": 1, "do": [{"lights": 0.2, "for_s": 3}]}))
    session.run.engine.advance(10.0)
    lamp = session.run.engine.world.lights["west"]
    assert lamp.at(2.0) == pytest.approx(0.2) and lamp.at(4.5) == 1


def test_sounds_have_a_place_a_length_and_an_end(tmp_path: Path) -> None:
    steps = [
        {"sound": "barking_dog", "at": "east"},
        {"sound": "alarm", "loop": True},
        {"phone": "neighbour", "for_s": 6},
    ]
    session = session_of(
        tmp_path,
        {"events": {"on": {"at_s": 1, "do": steps}, "off": {"at_s": 5, "do": [{"stop_sound": "alarm"}]}}},
    )
    engine = session.run.engine
    engine.advance(4.0)
    assert set(engine.ledger.sounding.values()) == {"alarm", "phone"}
    engine.advance(10.0)
    assert not engine.ledger.sounding
    dog, bell, call = of(session, ev.SoundStarted)
    assert dog.at is not None and dog.at[:2] == (6, 2) and dog.db == sounds()["barking_dog"].db
    assert bell.at is None and bell.seconds is None and call.who == "neighbour" and call.seconds == 6


def test_a_role_player_hears_the_phone(tmp_path: Path) -> None:
    player = {"transitions": [{"from": "waiting", "to": "frozen", "when": 'heard("phone")'}]}
    session = session_of(
        tmp_path,
        {"people.neighbour.transitions": player["transitions"], **event({"at_s": 1, "do": [{"phone": "east"}]})},
    )
    session.run.engine.advance(2.0)
    assert session.run.engine.ledger.state["neighbour"] == "frozen"


def test_a_late_second_threat_is_not_there_before(tmp_path: Path) -> None:
    session = session_of(
        tmp_path,
        {
            "people.gunman.appears": "later",
            "people.gunman.transitions": [{"from": "waiting", "to": "frozen", "when": "time() > 1"}],
            **event({"at_s": 3, "do": [{"appear": ["gunman"], "at": [6, 2]}]}),
        },
    )
    engine = session.run.engine
    engine.advance(2.5)
    assert not engine.world.actors["gunman"].present and "gunman" not in engine.ledger.state
    assert (
        not [e for e in session.events if getattr(e, "who", "") == "gunman"]
        and ("p1", "gunman") not in engine.ledger.sees
    )
    yaw, pitch = deeds.aim_angles(engine.world.actors["p1"].eye(2.5), (7.0, 2.0, 1.3))
    deeds.fire(engine, engine.world.actors["p1"], yaw, pitch)
    assert not [e for e in of(session, ev.Struck) if e.kind == "person"]
    engine.advance(4.0)
    assert engine.world.actors["gunman"].track.at(4.0).position == (6, 2, 0) and engine.ledger.danger["gunman"]
    assert ("p1", "gunman") in engine.ledger.sees and engine.ledger.state["gunman"] == "frozen"


def test_smoke_takes_the_sight_away(tmp_path: Path) -> None:
    session = session_of(tmp_path, event({"at_s": 1, "do": [{"smoke": "east", "density": 1, "over_s": 4}]}))
    engine = session.run.engine
    engine.advance(0.9)
    assert ("p1", "gunman") in engine.ledger.sees
    engine.advance(6.0)
    assert engine.world.smoke["east"].at(3.0) == pytest.approx(0.5)
    assert ("p1", "gunman") not in engine.ledger.sees and ("gunman", "p1") not in engine.ledger.sees


# --- stress cues --------------------------------------------------------------------------------------


def test_the_library_speaks_four_languages_and_its_cues_have_sounds() -> None:
    for kind in (*sounds().values(), *stress_cues().values()):
        assert set(kind.text) == set(LANGUAGES)
    assert {c.sound for c in stress_cues().values() if c.sound} <= set(sounds())
    assert {"crying", "shouting", "barking_dog", "flicker", "alarm", "crowd", "heat_of_time"} <= set(stress_cues())


@pytest.mark.parametrize("cue", ["crying", "shouting", "barking_dog", "phone", "radio_chatter"])
def test_a_higher_dose_is_louder_and_denser(tmp_path: Path, cue: str) -> None:
    heard = []
    for level in (0, 1, 2, 3):
        session = session_of(tmp_path, {"stress": {cue: level}, "time_limit_s": 120})
        session.run.engine.run()
        made = of(session, ev.SoundStarted)
        heard.append((len(made) and made[0].db, sum(e.seconds for e in made)))
    assert heard[0] == (0, 0)
    assert heard[1] < heard[2] < heard[3]
    assert heard[1][1] < heard[2][1] < heard[3][1]


def test_the_instructor_doses_live(tmp_path: Path) -> None:
    session = session_of(tmp_path, {"stress": {"alarm": 1, "flicker": 0, "crowd": {"level": 2, "at": "east"}}})
    director, engine = session.run.director, session.run.engine
    assert set(engine.scenario.buttons) == {"more_stress", "less_stress"}
    engine.advance(1.0)
    director.cue("more_stress")
    engine.advance(2.0)
    assert engine.ledger.stress == {"alarm": 2, "flicker": 1, "crowd": 3}
    director.cue("more_stress")
    engine.advance(3.0)
    assert engine.ledger.stress == {"alarm": 3, "flicker": 2, "crowd": 3}, "no more than 3"
    assert len([s for s in engine.ledger.sounding.values() if s == "alarm"]) == 1
    for _ in range(3):
        director.cue("less_stress")
    engine.advance(4.0)
    assert set(engine.ledger.stress.values()) == {0} and not engine.ledger.sounding
    crowd = next(e for e in of(session, ev.SoundStarted) if e.sound == "crowd")
    assert crowd.at[:2] == (6, 2)


def test_the_time_presses(tmp_path: Path) -> None:
    session = session_of(tmp_path, {"stress": {"heat_of_time": 1}, "time_limit_s": 40})
    session.run.engine.run()
    assert [(e.t, e.left_s) for e in of(session, ev.TimeCalled)] == [(10, 30), (30, 10)]


def test_an_event_doses_stress_and_marks_are_given_again_to_the_byte(tmp_path: Path) -> None:
    steps = [{"stress": {"crying": 3, "flicker": 3}}, {"smoke": "west"}, {"sound": "siren"}]
    session = session_of(tmp_path, event({"at_s": 1, "do": steps}), out=tmp_path / "out")
    session.run.engine.run()
    result = session.finish()
    assert score_recording(read_recording(tmp_path / "out" / RECORDING)).to_json() == result.to_json()


def test_stress_is_set_from_outside(tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"stress": {"crying": 2}})
    assert load(path, settings={"stress.crying": 0}).scenario.stress["crying"].level == 0


# --- what is refused ----------------------------------------------------------------------------------


def test_own_sound_files_are_looked_at(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "bell.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 800)
    (tmp_path / "broken.wav").write_bytes(b"RIFF and nothing else")
    for name, wanted in {
        "bell.wav": None,
        "bel.wav": "did you mean 'bell.wav'",
        "broken.wav": "can't be read as sound",
        "../bell.wav": "must lie in the scenario's own folder",
        "/etc/passwd.wav": "must lie in the scenario's own folder",
        "bell.txt": "is no sound file",
        "barking_dgo": "did you mean 'barking_dog'",
    }.items():
        path = write_scene(tmp_path, event({"at_s": 1, "do": [{"sound": name}]}), OPEN_DOOR)
        if wanted is None:
            load(path)
            continue
        with pytest.raises(InputError) as caught:
            load(path)
        assert wanted in str(caught.value), name


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (event({"at_s": 1, "do": [{"stress": {"criyng": 2}}]}), "no stress cue is called 'criyng'; did you"),
        ({"stress": {"criyng": 2}}, "did you mean 'crying'?"),
        ({"stress": {"crying": 4}}, "level is 4; it must be at most 3"),
        ({"stress": {"crying": {"level": 2, "at": "nowhere"}}}, "no zone, point or door 'nowhere'"),
        (event({"at_s": 1, "do": [{"appear": ["gunman"]}]}), "give this person appears: later"),
        (event({"at_s": 1, "do": [{"radio": "x", "to": "plice"}]}), "did you mean 'police'?"),
        (event({"at_s": 1, "do": [{"smoke": "wset"}]}), "did you mean 'west'?"),
        (event({"at_s": 1, "do": [{"stop_sound": "alrm"}]}), "did you mean 'alarm'?"),
        (event({"at_s": 1, "times": 2, "do": SAY}), "needs every_s"),
        (event({"at_s": 1, "after_shots": 2, "do": SAY}), "one of at_s, when and after_shots"),
        (event({"when": 'happened("its")', "do": SAY}), "no event is called 'its'; did you mean 'it'?"),
        ({"injects": {"a": {"label": "A", "do": [{"inject": "b"}]}, "b": {"label": "B", "do": [{"inject": "a"}]}}},
         "the inject 'a' leads back to itself"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(tmp_path: Path, changes: dict[str, Any], wanted: str) -> None:
    with pytest.raises(InputError) as caught:
        load(write_scene(tmp_path, changes, OPEN_DOOR))
    assert wanted in str(caught.value)
