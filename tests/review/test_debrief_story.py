from __future__ import annotations

from pathlib import Path

import pytest
import scenes
from pages import fired, recording, run_of, struck

from xrlab.recording.reader import read_recording
from xrlab.review.facts import Facts
from xrlab.review.report import debrief_html
from xrlab.review.story import story
from xrlab.run import score_recording
from xrlab.sim import events as ev
from xrlab.words import Words


def sound(name: str, at: tuple[float, float, float] | None = None, who: str | None = None) -> ev.SoundStarted:
    return ev.SoundStarted(t=1.0, number=1, sound=name, at=at, who=who, db=80.0, seconds=2.0)


LINES: list[tuple[ev.Event, str]] = [
    (ev.StringAnnounced(t=1.0, string="pairs"), "String announced: Two shots."),
    (ev.StringStarted(t=1.0, string="pairs"), "String started: Two shots."),
    (ev.StringEnded(t=1.0, string="other_one"), "String over: other one."),
    (ev.TargetExposed(t=1.0, target="near"), "Target “near” turns to the shooters."),
    (ev.TargetHidden(t=1.0, target="near"), "Target “near” turns away."),
    (ev.TargetFell(t=1.0, target="near"), "Target “near” falls."),
    (ev.Reloaded(t=1.0, who="p1", weapon="carbine"), "p1 has reloaded (carbine)."),
    (ev.EmptyTrigger(t=1.0, who="p1", weapon="pistol"), "p1 pulls the trigger of an empty weapon (pistol)."),
    (ev.Malfunction(t=1.0, who="p1", weapon="pistol"), "p1 pulls the trigger and the round does not go off (pistol)."),
    (ev.MalfunctionCleared(t=1.0, who="p1", weapon="pistol"), "p1 has cleared the malfunction (pistol)."),
    (
        ev.VerbalCommand(t=1.0, who="d1", command="hands_up", heard_by=("gunman", "child")),
        "d1 calls “Hands up!”; heard by gunman, child.",
    ),
    (ev.VerbalCommand(t=1.0, who="p1", command="stop", heard_by=()), "p1 calls “Stop!”; nobody hears it."),
    (ev.Spoke(t=1.0, who="gunman", text={"en": "Go away", "nl": "Ga weg"}), "gunman says “Go away”."),
    (ev.StateChanged(t=1.0, who="gunman", state="attacking", was="guarding"), "gunman: attacks."),
    (ev.StateChanged(t=1.0, who="gunman", state="own_state", was="x"), "gunman: own state."),
    (
        ev.ItemDropped(t=1.0, who="gunman", item="knife", at=(1.0, 2.0, 0.0)),
        "gunman drops: knife.",
    ),
    (ev.ItemTaken(t=1.0, who="gunman", item="handgun", at=(1.0, 2.0, 0.0)), "gunman picks up from the floor: handgun."),
    (
        ev.BlowLanded(t=1.0, who="gunman", whom="p1", item="knife", zone="left_arm"),
        "gunman strikes p1 (knife): left arm.",
    ),
    (
        ev.BlowLanded(t=1.0, who="gunman", whom="p1", item="nothing", zone="head"),
        "gunman strikes p1 with the hand: head.",
    ),
    (
        ev.MeansUsed(t=1.0, use=1, who="p1", means="spray", origin=(0.0, 0.0, 1.6), yaw=0.0, pitch=0.0, left=5),
        "p1 uses less-lethal means (irritant spray): hits nothing.",
    ),
    (
        ev.Affected(
            t=1.0,
            use=1,
            who="gunman",
            by="p1",
            means="conducted_energy",
            effect="incapacitated",
            seconds=5.0,
            distance=3.21,
        ),
        "gunman is incapacitated for 5 s (conducted-energy device of p1, from 3.2 m).",
    ),
    (
        ev.Recovered(t=1.0, who="gunman", means="spray", effect="blinded"),
        "gunman: the effect is over (irritant spray).",
    ),
    (ev.TorchSwitched(t=1.0, who="p1", on=True), "p1 switches a torch on."),
    (ev.TorchSwitched(t=1.0, who="p1", on=False), "p1 switches the torch off."),
    (ev.ZoneEntered(t=1.0, who="p1", zone="living_room"), "p1 enters: living room."),
    (ev.ZoneCleared(t=1.0, zone="lane_3", who="p1"), "Zone cleared: lane 3 (p1)."),
    (ev.DoorMoved(t=1.0, door="front_door", who="p1", opened=1.0, seconds=0.8), "p1 opens: front door."),
    (ev.DoorMoved(t=1.0, door="front_door", who="p1", opened=0.0, seconds=0.8), "p1 shuts: front door."),
    (ev.DoorMoved(t=1.0, door="front_door", who=None, opened=1.0, seconds=0.8), "A door opens: front door."),
    (ev.DoorMoved(t=1.0, door="front_door", who=None, opened=0.0, seconds=0.8), "A door shuts: front door."),
    (ev.LightsChanged(t=1.0, group="hallway", level=0.25), "Lights (hallway): 25%."),
    (ev.InstructorCue(t=1.0, inject="lights_out"), "Instructor: Lights out."),
    (ev.PaceChanged(t=1.0, pace=0.25), "The instructor slows time to 1/4."),
    (ev.PaceChanged(t=1.0, pace=1.0), "Time runs at its own speed again."),
    (ev.InstructorCue(t=1.0, inject="not_listed"), "Instructor: not listed."),
    (ev.StartSignal(t=1.0, string="s", signal="whistle"), "Start signal: whistle."),
    (ev.ParTime(t=1.0, string="fast_pairs"), "Time is up: fast pairs."),
    (
        ev.TargetMoves(t=1.0, target="far", to=(1.0, 2.0, 1.0), seconds=2.5),
        "Target “far” runs along its rail for 2.5 s.",
    ),
    (ev.TargetStopped(t=1.0, target="far"), "Target “far” stands still."),
    (ev.LightsFlicker(t=1.0, group="hallway", seconds=4.0, level=1.0), "Lights (hallway) flicker for 4 s."),
    (sound("barking_dog", at=(2.0, 1.0, 1.2)), "Sound: barking dog (kitchen)."),
    (sound("alarm"), "Sound: alarm bell."),
    (sound("phone", who="gunman"), "Sound with gunman: phone."),
    (sound("sounds/own.wav"), "Sound: sounds/own.wav."),
    (ev.SmokeChanged(t=1.0, zone="kitchen", density=0.8, seconds=10.0), "Smoke (kitchen): to 80% within 10 s."),
    (ev.RadioMessage(t=1.0, to="police", text={"en": "Come back"}), "Radio to Police: “Come back”."),
    (ev.Announced(t=1.0, text={"en": "Range is hot"}), "Announcement: “Range is hot”."),
    (ev.TimeCalled(t=1.0, left_s=30.0), "It is said that 30 s are left."),
    (ev.StressChanged(t=1.0, cue="crying", level=2), "Stress cue crying: level 2."),
    (ev.Appeared(t=1.0, who="gunman"), "gunman appears."),
    (ev.Happened(t=1.0, kind="event", name="second_threat"), "Event: second threat."),
]
UNTOLD = [
    ev.Sighted(t=1.0, who="p1", whom="gunman", share=1.0, lux=None, lit=True, distance=5.0, turned=0.0, shot=1),
    ev.Seen(t=1.0, who="p1", whom="gunman"),
    ev.Lost(t=1.0, who="p1", whom="gunman"),
    ev.ZoneLeft(t=1.0, who="p1", zone="kitchen"),
    ev.ZoneEntered(t=1.0, who="gunman", zone="kitchen"),
    ev.ZoneEntered(t=0.0, who="p1", zone="kitchen"),
    ev.StateChanged(t=0.0, who="gunman", state="guarding", was=""),
    ev.PostureChanged(t=1.0, who="gunman", pose="aiming", holds="handgun", danger=True),
    ev.PostureChanged(t=1.0, who="p1", pose="aiming", holds="handgun", danger=False),
    struck(1.0, "wall", "wall"),
    ev.SoundStopped(t=1.0, number=1, sound="alarm"),
    ev.MeansMet(
        t=1.0,
        use=1,
        who="p1",
        means="spray",
        part="jet",
        kind="person",
        what="gunman",
        zone="head",
        at=(1.0, 2.0, 1.6),
        distance=2.0,
    ),
]


def told(*events: ev.Event, lang: str = "en", ended: bool = True) -> list[tuple[float, str, str]]:
    stream = run_of(*events)
    made = recording(stream if ended else stream[:-1])
    facts = Facts(made, score_recording(made))
    lines = story(facts, Words(lang))
    assert [line.number for line in lines] == sorted(line.number for line in lines)
    return [(line.t, line.kind, line.text) for line in lines]


@pytest.mark.parametrize(
    ("event", "sentence"), LINES, ids=lambda v: type(v).__name__ if isinstance(v, ev.Event) else ""
)
def test_sentence_of_an_event(event: ev.Event, sentence: str) -> None:
    first, line, last = told(event)
    assert (line[0], line[2]) == (event.t, sentence)
    assert first == (0.0, "run", "The run starts.")
    assert last == (10.0, "run", "The run ends: as planned.")


@pytest.mark.parametrize("event", UNTOLD, ids=lambda e: type(e).__name__)
def test_what_tells_nothing_is_left_out(event: ev.Event) -> None:
    assert len(told(event)) == 2


def test_every_type_of_event_is_told_or_left_out_on_purpose() -> None:
    known = {type(e) for e, _ in LINES} | {type(e) for e in UNTOLD} | {ev.RunStarted, ev.RunEnded, ev.ShotFired}
    assert known == set(ev.EVENT_TYPES.values())


def test_a_means_is_told_with_all_that_it_met() -> None:
    def met(use: int, part: str, kind: str, what: str, zone: str | None) -> ev.MeansMet:
        return ev.MeansMet(
            t=1.0, use=use, who="p1", means="conducted_energy" if use == 1 else "spray", part=part,  # type: ignore[arg-type]
            kind=kind, what=what, zone=zone, at=(1.0, 2.0, 1.0), distance=3.0,
        )  # fmt: skip

    def used(use: int, means: str) -> ev.MeansUsed:
        return ev.MeansUsed(t=1.0, use=use, who="p1", means=means, origin=(0.0, 0.0, 1.6), yaw=0.0, pitch=0.0, left=0)

    lines = told(
        used(1, "conducted_energy"), met(1, "upper", "person", "gunman", "torso"),
        met(1, "lower", "wall", "wall", None),
        used(2, "spray"), met(2, "jet", "person", "child", None),
    )  # fmt: skip
    assert [text for _, _, text in lines[1:-1]] == [
        "p1 uses less-lethal means (conducted-energy device): upper probe: hits gunman (torso) at 3.0 m; "
        "lower probe: hits a wall at 3.0 m.",
        "p1 uses less-lethal means (irritant spray): jet: hits child at 3.0 m, not in the face.",
    ]


def test_the_sounds_of_a_stress_cue_are_told_once() -> None:
    lines = told(ev.StressChanged(t=0.5, cue="barking_dog", level=3), sound("barking_dog"), sound("phone"))
    assert [text for _, _, text in lines[1:-1]] == ["Stress cue barking dog: level 3.", "Sound: phone."]


def test_a_danger_that_begins_and_ends() -> None:
    def posture(t: float, danger: bool) -> ev.PostureChanged:
        return ev.PostureChanged(t=t, who="gunman", pose="standing", holds="knife", danger=danger)

    lines = told(posture(0.0, False), posture(1.0, True), posture(2.0, True), posture(3.0, False))
    assert [(t, text) for t, _, text in lines[1:-1]] == [
        (1.0, "gunman is now a danger (knife)."),
        (3.0, "gunman is no danger any more."),
    ]


SHOTS: list[tuple[list[ev.Event], str]] = [
    ([], "p1 fires shot 1 (pistol): hits nothing."),
    (
        [struck(1.0, "wall", "wall of kitchen", distance=2.345)],
        "p1 fires shot 1 (pistol): hits a wall (kitchen) at 2.3 m.",
    ),
    ([struck(1.0, "wall", "free wall 7")], "p1 fires shot 1 (pistol): hits a wall at 4.0 m."),
    ([struck(1.0, "wall", "cupboard")], "p1 fires shot 1 (pistol): hits a cupboard at 4.0 m."),
    ([struck(1.0, "wall", "Mesh_12")], "p1 fires shot 1 (pistol): hits Mesh 12 at 4.0 m."),
    ([struck(1.0, "door", "front_door")], "p1 fires shot 1 (pistol): hits a door (front door) at 4.0 m."),
    ([struck(1.0, "person", "gunman", zone="head")], "p1 fires shot 1 (pistol): hits gunman (head) at 4.0 m."),
    (
        [struck(1.0, "wall", "window 2", exit=(2.0, 1.0, 1.5)), struck(1.0, "person", "gunman", zone="torso")],
        "p1 fires shot 1 (pistol): hits gunman (torso) at 4.0 m, after passing through a window.",
    ),
    (
        [struck(1.0, "target", "near", zone="A", local=(0.0, 0.0)), struck(1.0, "wall", "wall")],
        "p1 fires shot 1 (pistol): “near”, zone A, at 4.0 m.",
    ),
    (
        [struck(1.0, "target", "near", zone="A", local=(0.0, 0.0)), struck(1.0, "target", "bystander", zone="body")],
        "p1 fires shot 1 (pistol): “near”, zone A, at 4.0 m; “bystander”, zone body, at 4.0 m.",
    ),
    (
        [struck(1.0, "target", "near", local=(0.2, 0.3))],
        "p1 fires shot 1 (pistol): “near”, outside the scoring zones, at 4.0 m.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("met", "sentence"), SHOTS, ids=[str(i) for i in range(len(SHOTS))])
def test_sentence_of_a_shot(met: list[ev.Event], sentence: str) -> None:
    assert [text for _, kind, text in told(fired(1.0), *met) if kind == "shot"] == [sentence]


def test_reaction_and_split_stand_with_their_shots() -> None:
    lines = told(ev.TargetExposed(t=1.0, target="near"), fired(1.625, 1), fired(2.0, 2), lang="de")
    shots = [text for _, kind, text in lines if kind == "shot"]
    assert shots[0].endswith("Reaktion 0,62 s.")
    assert shots[1].endswith("0,38 s nach dem vorigen Schuss.")


def test_story_without_an_end_breaks_off() -> None:
    assert told(fired(3.0), ended=False)[-1] == (3.0, "run", "The recording breaks off here.")


@pytest.mark.parametrize(("lang", "line"), [("nl", "de overvaller: loert."), ("fr", "le braqueur : guette.")])
def test_people_and_their_states_are_told_by_their_titles(tmp_path: Path, lang: str, line: str) -> None:
    scene = {
        "people.gunman.title": {"nl": "de overvaller", "fr": "le braqueur", "de": "der Räuber", "en": "the robber"},
        "people.gunman.states": {"lurking": {"title": {"nl": "loert", "fr": "guette", "de": "lauert", "en": "lurks"}}},
        "people.gunman.transitions": [{"to": "lurking", "when": "time() >= 1"}],
        "time_limit_s": 2,
    }
    loaded = scenes.load_scene(tmp_path, scene)
    session = scenes.play(loaded, out=tmp_path / "out")
    session.run.engine.run()
    session.finish()
    made = read_recording(tmp_path / "out" / "recording.mcap")
    told = story(Facts(made, score_recording(made)), Words(lang, made.scenario.titles))
    assert line in [t.text.replace("\u00a0", " ") for t in told]
    page = debrief_html(made, lang)
    assert line.split(":")[0].strip() in page and "gunman:" not in page
