"""Recordings: other tools open them, killed runs still read, strangers' files do no harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from mcap.writer import Writer

import xrlab
from xrlab.errors import InputError
from xrlab.recording import read_recording
from xrlab.run import score_recording
from xrlab.sim import events as ev


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("recorded")
    xrlab.run("house/hostage", seed=7, out=out)
    return out / "recording.mcap"


def test_the_mcap_librarys_own_reader_opens_it(recorded: Path) -> None:
    with recorded.open("rb") as file:
        reader = make_reader(file)
        summary = reader.get_summary()
        assert summary is not None
        assert sorted(c.topic for c in summary.channels.values()) == ["/events", "/motion"]
        assert {m.name for m in reader.iter_metadata()} == {"xrlab.run"}
        times = []
        for schema, channel, message in reader.iter_messages():
            assert schema is not None
            assert schema.encoding == "jsonschema"
            data = json.loads(message.data)
            assert message.log_time == round(data["t"] * 1e9)
            times.append(message.log_time)
            if channel.topic == "/events":
                assert data["type"] in ev.EVENT_TYPES
    assert len(times) > 200


def test_what_is_read_is_what_happened(recorded: Path) -> None:
    recording = read_recording(recorded)
    assert recording.whole is True
    assert (recording.name, recording.seed) == ("house/hostage", 7)
    assert recording.encoded == [ev.encode(e) for e in recording.events]
    assert isinstance(recording.events[0], ev.RunStarted)
    assert isinstance(recording.events[-1], ev.RunEnded)
    assert set(recording.tracks) == {*recording.scenario.trainees, *recording.scenario.people}
    assert recording.room["plan"]
    for event in recording.events:
        if isinstance(event, ev.ShotFired):  # the shooter's eye stands over their recorded place
            x, y, _ = recording.tracks[event.shooter].at(event.t).position
            assert abs(x - event.origin[0]) < 0.3
            assert abs(y - event.origin[1]) < 0.3


def test_two_runs_write_the_same_bytes(recorded: Path, tmp_path: Path) -> None:
    xrlab.run("house/hostage", seed=7, out=tmp_path)
    assert (tmp_path / "recording.mcap").read_bytes() == recorded.read_bytes()


@settings(max_examples=40)
@given(share=st.floats(0.0, 0.999))
def test_a_recording_cut_anywhere_reads_up_to_there(recorded: Path, share: float) -> None:
    raw = recorded.read_bytes()
    cut = recorded.with_name("cut.mcap")
    cut.write_bytes(raw[: int(len(raw) * share)])
    whole = read_recording(recorded)
    try:
        part = read_recording(cut)
    except InputError as error:
        assert "holds no description of a run" in str(error)
        assert len(cut.read_bytes()) < sum(map(len, description(recorded).values())) + 500
        return
    assert part.whole is False
    assert part.events == whole.events[: len(part.events)]
    if not part.events or not isinstance(part.events[-1], ev.RunEnded):
        assert score_recording(part)["ended"] == "killed"


SLOW_RUN = """
import sys, time
from pathlib import Path
from xrlab.run import Session, script_of
from xrlab.scenario.load import load
from xrlab.trainee.script import follow, load_script
loaded = load("house/hostage", seed=7)
with Session(loaded, 7, Path(sys.argv[1])) as session:
    follow(load_script(script_of(loaded), loaded), session.run)
    while not session.run.engine.ended:
        session.run.engine.step()
        print(len(session.events), flush=True)
        time.sleep(0.005)
"""


def test_a_killed_run_reads_up_to_its_last_moment(recorded: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_RUN, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = 0
        for line in process.stdout:
            said = int(line)
            if said >= 60:
                break
        process.kill()
        process.wait()
    part = read_recording(tmp_path / "recording.mcap")
    assert part.whole is False
    assert len(part.events) >= said
    assert part.events == read_recording(recorded).events[: len(part.events)]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_ctrl_c_leaves_a_whole_recording_and_a_partial_result(tmp_path: Path) -> None:
    """A scenario long enough to be caught in its midst."""
    command = [sys.executable, "-m", "xrlab.cli", "run", "range/qualification", "--headless", "--out", str(tmp_path)]
    waits = tmp_path / "waits.trainee.yaml"
    waits.write_text("xrlab: 1\ntrainees:\n  p1: {do: [{repeat: 1000, do: [{wait_s: 0.01}]}]}\n")
    recording_file, result = tmp_path / "recording.mcap", tmp_path / "result.json"
    with subprocess.Popen([*command, "--trainee", str(waits)], stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not (recording_file.exists() and recording_file.stat().st_size):
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    assert json.loads(result.read_text())["ended"] == "interrupted"
    assert process.returncode == 1
    recording = read_recording(tmp_path / "recording.mcap")
    assert recording.whole is True
    assert json.loads(result.read_text())["partial"] is True
    assert score_recording(recording).to_json() == result.read_text()
    assert (tmp_path / "debrief.html").stat().st_size > 10_000


def forged(path: Path, metadata: dict[str, str], messages: list[tuple[str, bytes]]) -> Path:
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start(profile="", library="stranger")
        writer.add_metadata("xrlab.run", metadata)
        schema = writer.register_schema("s", "jsonschema", b"{}")
        channels = {t: writer.register_channel(t, "json", schema) for t in {t for t, _ in messages}}
        for topic, data in messages:
            writer.add_message(channels[topic], 0, data, 0)
        writer.finish()
    return path


def description(recorded: Path) -> dict[str, str]:
    with recorded.open("rb") as file:
        return dict(next(iter(make_reader(file).iter_metadata())).metadata)


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("change", "messages", "said"),
    [
        ({"document": "{}"}, [], "does not fit this xrlab"),
        ({"document": "no json"}, [], "does not fit this xrlab"),
        ({"seed": "x"}, [], "damaged recording"),
        ({"faces": "[1"}, [], "damaged recording"),
        ({"faces": "[1]"}, [], "damaged recording"),
        ({"room": "3"}, [], "damaged recording"),
        ({}, [("/events", b"\xff")], "damaged recording"),
        ({}, [("/events", b'{"type": "Nothing", "t": 0}')], "damaged recording"),
        ({}, [("/events", b'{"type": "RunEnded", "t": 0}')], "damaged recording"),
        ({}, [("/events", b'{"type": "RunEnded", "t": "x", "reason": "done"}')], "damaged recording"),
        ({}, [("/events", b'{"type": "RunEnded", "t": NaN, "reason": "done"}')], "damaged recording"),
        ({}, [("/events", b'{"type": "Struck", "t": 1, "shot": [], "shooter": {}}')], "damaged recording"),
        ({}, [("/events", b"[" * 100_000)], "damaged recording"),
        ({}, [("/motion", b'{"t": 0, "who": "p1", "legs": []}')], "damaged recording"),
        ({}, [("/motion", b'{"t": 0, "who": "p1", "legs": [[1, 2]]}')], "damaged recording"),
        ({}, [("/motion", b'{"t": 0, "who": "p1", "legs": [[0,0,1e999,0,0,0,0,0,0,0,0,0]]}')], "damaged recording"),
    ],
)
def test_a_strangers_recording_is_refused_in_one_line(
    recorded: Path, tmp_path: Path, change: dict[str, str], messages: list[tuple[str, bytes]], said: str
) -> None:
    path = forged(tmp_path / "forged.mcap", description(recorded) | change, messages)
    with pytest.raises(InputError) as caught:
        score_recording(read_recording(path))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_criterion_that_is_no_expression_is_refused(recorded: Path, tmp_path: Path) -> None:
    run = description(recorded)
    run["document"] = replaced(run["document"], "warned(", "wrned(")
    with pytest.raises(InputError, match="unknown function 'wrned'"):
        score_recording(read_recording(forged(tmp_path / "forged.mcap", run, [])))


def test_faces_that_are_missing_are_told(tmp_path: Path) -> None:
    xrlab.run("range/qualification", seed=1, out=tmp_path)
    run = description(tmp_path / "recording.mcap")
    run["faces"] = "{}"
    with pytest.raises(InputError, match="lacks the target face 'hostage'"):
        score_recording(read_recording(forged(tmp_path / "forged.mcap", run, [])))


@pytest.mark.parametrize("raw", [b"", b"\x89MCAP0\r\n", b"not a recording at all", os.urandom(3000)])
def test_what_is_no_recording_is_told(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.mcap"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"x\.mcap: is not a recording of xrlab"):
        read_recording(path)


def test_a_missing_recording_and_a_directory_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.mcap: cannot be read: No such file"):
        read_recording(tmp_path / "none.mcap")
    with pytest.raises(InputError, match="is a directory"):
        read_recording(tmp_path)


_json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150)
@given(data=st.data())
def test_no_event_of_a_stranger_ends_in_anything_but_an_input_error(recorded: Path, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(ev.EVENT_TYPES)))
    fields = list(ev.EVENT_TYPES[kind].__dataclass_fields__)
    event = {f: data.draw(_json_values) for f in fields} | {"type": kind}
    path = forged(recorded.with_name("any.mcap"), description(recorded), [("/events", json.dumps(event).encode())])
    try:
        score_recording(read_recording(path))
    except InputError as error:
        assert "\n" not in str(error)
