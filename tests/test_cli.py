"""The `xrlab` command as people and CI use it: output, files, exit codes, one-line errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from scenes import write_scene

import xrlab
from xrlab.cli import main
from xrlab.scenario.load import shipped


class Said:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs the command in this process."""

    def call(*args: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["xrlab", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


def process(*args: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """Runs the command as a process of its own."""
    command = [sys.executable, "-m", "xrlab.cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **more)


def test_a_run_writes_its_three_files_and_prints_the_score(run: Callable[..., Said], tmp_path: Path) -> None:
    said = run("run", "range/qualification", "--headless", "--seed", 7, "--out", tmp_path / "a" / "b")
    assert said.code == 0
    assert "PASSED" in said.out
    assert str(tmp_path / "a" / "b" / "debrief.html") in said.out.replace("\n", "")
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == ["debrief.html", "recording.mcap", "result.json"]
    assert said.err == ""


def test_a_run_that_fails_the_mark_exits_with_1(run: Callable[..., Said]) -> None:
    nothing = shipped()["range/qualification"].with_name("does_nothing.trainee.yaml")
    said = run("run", "range/qualification", "--headless", "--trainee", nothing, "--lang", "nl")
    assert said.code == 1
    assert "NIET GESLAAGD" in said.out


def test_python_and_the_command_give_the_same(run: Callable[..., Said]) -> None:
    said = run("run", "house/hostage", "--headless", "--seed", 7, "--json")
    result = xrlab.run("house/hostage", seed=7)
    assert said.out == result.to_json()
    assert json.loads(said.out)["events_sha256"] == result.events_sha256
    assert xrlab.load_scenario(shipped()["house/hostage"]).kind == "house"


def test_settings_reach_the_run(run: Callable[..., Said]) -> None:
    said = run("run", "house/hostage", "--headless", "--json", "--set", "time_limit_s=2")
    assert (json.loads(said.out)["ended"], json.loads(said.out)["duration_s"]) == ("time", 2.0)


def test_score_and_debrief_work_from_the_recording_alone(run: Callable[..., Said], tmp_path: Path) -> None:
    run("run", "house/hostage", "--headless", "--seed", 3, "--out", tmp_path)
    recording = tmp_path / "elsewhere" / "recording.mcap"
    recording.parent.mkdir()
    (tmp_path / "recording.mcap").rename(recording)
    said = run("score", recording, "--json")
    assert said.out.encode() == (tmp_path / "result.json").read_bytes()
    assert "Threats stopped" in run("score", recording).out
    page = run("debrief", recording, "--lang", "fr")
    assert page.out.strip() == str(recording.with_name("debrief.html"))
    assert 'lang="fr"' in recording.with_name("debrief.html").read_text()
    assert run("debrief", recording, "--out", tmp_path / "page.html").code == 0
    assert 'lang="en"' in (tmp_path / "page.html").read_text()


def test_list_tells_shipped_and_own_scenarios(run: Callable[..., Said], tmp_path: Path) -> None:
    write_scene(tmp_path)
    rows = json.loads(run("list", tmp_path, "--lang", "de", "--json").out)
    assert {r["name"] for r in rows} == {*shipped(), str(tmp_path / "scene.yaml")}
    mine = rows[-1]
    assert mine == {
        "name": str(tmp_path / "scene.yaml"), "title": "Zwei Zimmer", "kind": "exercise", "trainees": ["p1"],
        "languages": ["nl", "fr", "de", "en"],
    }  # fmt: skip
    assert "Hostage in the house" in run("list").out
    assert run("list", tmp_path / "none").code == 2


def test_check_prints_every_problem_with_its_place(run: Callable[..., Said], tmp_path: Path) -> None:
    path = write_scene(tmp_path, {"people.gunman.at": "wets", "people.neighbour.holds": "phonne"})
    said = run("check", path)
    assert said.code == 2
    line = path.read_text().splitlines().index("    holds: phonne") + 1
    assert f"{path}:{line}:12: holds is 'phonne'; did you mean 'phone'?" in said.out
    problems = json.loads(run("check", path, "--json").out)
    assert set(problems[0]) == {"file", "line", "column", "what", "severity"}
    good = write_scene(tmp_path)
    assert run("check", good).out == "1 file checked: nothing wrong\n"
    assert run("check", good).code == 0


def test_test_runs_in_several_processes_and_writes_junit(run: Callable[..., Said], tmp_path: Path) -> None:
    write_scene(tmp_path)
    tests = tmp_path / "scene.test.yaml"
    tests.write_text(
        "xrlab: 1\nscenario: scene.yaml\ntests:\n"
        "  a: {seeds: 1..3, expect: {score: 0}}\n  b: {expect: {passed: true}}\n"
    )
    junit = tmp_path / "junit.xml"
    said = run("test", tmp_path, "-n", 2, "--junit", junit)
    assert said.code == 1
    assert "b[0]: passed is False, expected True" in said.out
    assert "3 passed, 1 failed" in said.out
    root = ElementTree.parse(junit).getroot()
    assert [len(s) for s in root] == [4]
    outcome = json.loads(run("test", tests, "--json").out)
    assert [o["passed"] for o in outcome] == [True, True, True, False]
    tests.write_text("xrlab: 1\nscenario: gone.yaml\ntests: {a: {expect: {}}}\n")
    assert run("test", tests).code == 2


def test_schema_and_doctor(run: Callable[..., Said]) -> None:
    assert json.loads(run("schema").out)["title"] == "Scenario"
    assert json.loads(run("schema", "room").out)["title"] == "Layout"
    said = run("schema", "scenari")
    assert (said.code, said.err) == (2, "xrlab: no schema is called 'scenari'; did you mean 'scenario'?\n")
    found = {f["what"]: f for f in json.loads(run("doctor", "--json").out)}
    assert found["Python"]["good"] is True
    assert found["ray casting"]["good"] is True
    assert "OpenGL 4.5 without a display (previews)" in found


def test_room_info_and_convert(run: Callable[..., Said], tmp_path: Path) -> None:
    write_scene(tmp_path)
    facts = json.loads(run("room", "info", tmp_path / "room.yaml", "--json").out)
    assert list(facts["zones"]) == ["east", "west"]
    assert facts["doors"]["middle_door"]["width_m"] == 1.0
    said = run("room", "info", tmp_path / "room.yaml").out
    for part in ("Two rooms", "free to walk on", "m³", "Zones", "middle_door", "brick", "Warnings"):
        assert part in said
    assert run("room", "convert", tmp_path / "room.yaml", tmp_path / "room.glb").code == 0
    assert json.loads(run("room", "info", tmp_path / "room.glb", "--json").out)["triangles"] >= facts["triangles"]
    said = run("room", "convert", tmp_path / "room.yaml", tmp_path / "room.obj")
    assert (said.code, "a room is written as .glb" in said.err) == (2, True)


def test_decisions_of_several_runs_are_counted_together(run: Callable[..., Said], tmp_path: Path) -> None:
    counts = {"hits": 4, "misses": 1, "false_alarms": 1, "correct_rejections": 6}
    for name, who in (("a", "p1"), ("b", "p1"), ("c", "d1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "result.json").write_text(json.dumps({"trainees": [{"id": who, "recognition": counts}]}))
    said = run("recognition", tmp_path / "a", tmp_path / "b" / "result.json", tmp_path / "c")
    assert said.code == 0 and said.err == ""
    assert [line.split() for line in said.out.splitlines()][-3:] == [
        ["p1", "8", "2", "2", "12", "0.83", "1.72", "0.11"],
        ["d1", "4", "1", "1", "6", "0.83", "1.56", "0.11"],
        ["all", "12", "3", "3", "18", "0.83", "1.77", "0.11"],
    ]
    told = json.loads(run("recognition", "--json", tmp_path / "a").out)
    assert told["trainees"]["p1"]["correct_rejections"] == 6 and told["all"] == told["trainees"]["p1"]


def test_no_run_is_counted_twice(run: Callable[..., Said], tmp_path: Path) -> None:
    counts = {"hits": 4, "misses": 1, "false_alarms": 1, "correct_rejections": 6}
    result = {"scenario": "s", "events_sha256": "1f", "trainees": [{"id": "p1", "recognition": counts}]}
    for name, seed in (("a", 7), ("b", 8), ("copy", 7), ("empty", None)):
        (tmp_path / name).mkdir()
        if seed:
            (tmp_path / name / "result.json").write_text(json.dumps(result | {"seed": seed}))
    a, b, copy, empty = (tmp_path / name for name in ("a", "b", "copy", "empty"))
    assert run("recognition", a, b).code == 0
    again = "leave it out, or its decisions count twice"
    for paths, words in (
        ((a, a / "result.json"), f"{a / 'result.json'}: is given twice; {again}"),
        ((a, b, copy), f"{copy / 'result.json'}: is the same run as {a / 'result.json'}; {again}"),
        ((empty,), f"{empty}: holds no result.json; xrlab run --out DIR writes one"),
    ):
        said = run("recognition", *paths)
        assert (said.code, said.err) == (2, f"xrlab: {words}\n")


def test_help_and_version(run: Callable[..., Said]) -> None:
    assert run("--version").out == f"xrlab {xrlab.__version__}\n"
    said = run("--help")
    assert said.code == 0
    for command in ("list", "run", "score", "debrief", "check", "test", "preview", "room", "schema", "doctor"):
        assert command in said.out
    assert run().code == 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["rnu"], "No such command 'rnu'"),
        (["room"], "a command is missing; --help lists them"),
        (["run"], "Missing argument 'scenario'"),
        (["run", "x", "--sed", "3"], "No such option"),
        (["run", "house/hostage", "--headless", "--seed", "-1"], "Invalid value for '--seed'"),
        (["run", "house/hostage", "--headless", "--seed", "x"], "Invalid value for '--seed'"),
        (["run", "house/hostage", "--headless", "--lang", "es"], "'es' is not one of"),
        (["run", "house/hostge", "--headless"], "did you mean 'house/hostage'?"),
        (["run", "house/hostage", "--headless", "--set", "gunman.at"], "--set needs NAME=VALUE"),
        (
            ["run", "house/hostage", "--headless", "--as", "p2"],
            "for a window, not for --headless: --as",
        ),
        (["run", "house/hostage", "--headless", "--trainee", "none.yaml"], "none.yaml: no such file"),
        (["run", "nothing.yaml", "--headless"], "nothing.yaml: no such file"),
        (["score", "none.mcap"], "none.mcap: cannot be read"),
        (["recognition", "none.json"], "none.json: cannot be read"),
        (["preview", "house/hostage", "--camera", "p9"], "no camera is called 'p9'"),
        (["preview", "house/hostage", "--size", "big"], "--size is WIDTHxHEIGHT"),
        (["preview", "house/hostage", "--out", "x.jpg"], "a picture is written as .png"),
        (["test", "none"], "none: no such file or folder"),
        (["check", "none.yaml"], "none.yaml: no such file"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(run: Callable[..., Said], args: list[str], said: str) -> None:
    ended = run(*args)
    assert ended.code == 2
    text = ended.err + ended.out
    assert said in text
    assert len(text.strip().splitlines()) == 1
    assert "Traceback" not in text


def test_no_display_is_one_line_that_names_headless(tmp_path: Path) -> None:
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = process("run", "house/hostage", "--out", tmp_path / "out", env=bare)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "--headless" in done.stderr
    assert not (tmp_path / "out").exists()


def test_debug_shows_the_traceback() -> None:
    done = process("run", "house/hostge", "--headless", "--debug")
    assert "Traceback" in done.stderr
    assert "InputError" in done.stderr


def test_a_reader_that_has_gone_is_no_traceback() -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m xrlab.cli schema | head -n 1', shell=True, capture_output=True, text=True, check=False
    )
    assert done.stdout == "{\n"
    assert done.stderr == ""


BAD = ("unknown_key", "wrong_unit", "no_such_name", "zone_outside", "mesh_missing", "mesh_broken", "tab", "alias_bomb",
       "huge", "empty", "directory", "denied")  # fmt: skip


def bad_scenario(kind: str, folder: Path) -> Path:
    """A scenario that is wrong in one way."""
    mesh = {"rooms": None, "doors": None, "mesh": {"file": "house.glb"}}
    changes: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None]] = {
        "unknown_key": ({"people.gunman.colour": "red"}, None),
        "wrong_unit": ({"time_limit_s": "5 minutes"}, None),
        "no_such_name": ({"people.gunman.at": "kitchen"}, None),
        "zone_outside": (None, {"zones": {"z": {"rect": [90, 90, 1, 1]}}}),
        "mesh_missing": (None, mesh),
        "mesh_broken": (None, mesh),
    }
    path = write_scene(folder, *changes.get(kind, (None, None)))
    if kind == "mesh_broken":
        (folder / "house.glb").write_bytes(b"glTF" + os.urandom(4000))
    elif kind == "tab":
        path.write_text(path.read_text().replace("\npeople:\n  gunman", "\npeople:\n\tgunman"))
    elif kind == "alias_bomb":
        lines = ["a0: &a0 [" + ", ".join(["x"] * 50) + "]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 50)}]" for n in range(1, 9)]
        path.write_text("\n".join(lines))
    elif kind == "huge":
        with path.open("wb") as file:
            for _ in range(200):
                file.write(b"- &a [" + b"x, " * 330_000 + b"x]\n")
    elif kind == "empty":
        path.write_text("")
    elif kind == "directory":
        path.unlink()
        path.mkdir()
    elif kind == "denied":
        path.chmod(0)
    return path


MEASURED = """
import atexit, sys
def note(path):
    most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    open(path, "w").write(most.split()[1])
if sys.platform == "linux":
    atexit.register(note, sys.argv[1])
del sys.argv[1]
from xrlab.cli import main
main()
"""
"""The command, which writes down the most memory (kB) that it used."""


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_told_in_bounded_memory_and_leaves_nothing_behind(kind: str, tmp_path: Path) -> None:
    if kind == "denied" and os.name == "posix" and os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = bad_scenario(kind, tmp_path)
    out = tmp_path / "out"
    memory = tmp_path / "memory"
    command = [sys.executable, "-c", MEASURED, str(memory), "run", str(path), "--headless", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    code, printed, complained = done.returncode, done.stdout, done.stderr
    assert code == 2, complained
    assert printed == ""
    (line,) = complained.strip().splitlines()
    assert line.startswith("xrlab: ")
    assert str(tmp_path) in line
    assert "Traceback" not in line
    if kind not in ("huge", "directory", "denied"):
        assert line.split(": ")[1].count(":") >= 2, line
    assert not out.exists()
    if sys.platform == "linux":
        assert int(memory.read_text()) < 500_000, "kB"


def test_out_that_is_a_file_is_told_before_anything_runs(run: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    said = run("run", "house/hostage", "--headless", "--out", tmp_path / "out")
    assert said.code == 2
    assert "is a file; --out needs a folder" in said.err
    assert (tmp_path / "out").read_text() == "mine"


def test_the_key_map_is_printed_as_a_file_that_reads_as_itself(
    run: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    first = run("keys")
    assert first.code == 0 and "  walk_forward: w " in first.out
    own = tmp_path / "xrlab" / "keys.yaml"
    assert str(own) in first.out
    own.parent.mkdir()
    own.write_text(first.out.replace("  reload: r ", "  reload: x "), encoding="utf-8")
    assert "  reload: x " in run("keys").out  # the user's own map is heeded wherever they are
    assert run("check", own).code == 0
    (tmp_path / "bad.yaml").write_text("xrlab: 1\nkeys: {reload: w}\n")
    for command in (("keys",), ("run", "house/hostage")):
        refused = run(*command, "--keys", tmp_path / "bad.yaml")
        assert refused.code == 2 and "bad.yaml:2:16: reload has the key w, and so has walk_forward" in refused.err
        assert refused.err.count("\n") == 1


def test_a_window_has_a_size_or_fills_a_screen(run: Callable[..., Said]) -> None:
    for more, said in (
        (("--fullscreen",), "--size is for a window"),
        (("--monitor", "1"), "--size is for a window"),
        ((), "--size is WIDTHxHEIGHT"),
    ):
        refused = run("run", "house/hostage", "--size", "640x360" if more else "large", *more)
        assert refused.code == 2 and said in refused.err
