"""The benchmarks run and give all figures; how large those are is no test's matter."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
KEYS = [
    "shot_us", "bullet_us", "engine_x_real_time", "run_x_real_time", "twelve_x_real_time", "hundred_x_real_time",
    "trial_s", "help_s", "range_run_s", "house_run_s", "check_50_s", "check_500_draws_s", "tactics_s", "preview_s",
    "light_s", "frame_ms", "house_ms", "house_250k_ms", "submit_calls", "submit_python_ms", "submit_ms",
    "submit_pair_ms", "large_room_s", "headset_p99_ms",
]  # fmt: skip
PEERS = ("pyrender", "pyvista")
"""Told as missing where they cannot be had; a quick run leaves them out."""


def test_all_figures_come_with_their_peers_and_the_machine() -> None:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "run_all.py"), "--quick", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert {"cpu", "cores", "system", "python", "packages"} <= set(data["machine"])
    figures = [figure for figure in data["figures"] if figure["key"] not in PEERS]
    assert [figure["key"] for figure in figures] == KEYS
    for figure in figures:
        if "missing" in figure:  # no OpenGL here
            assert figure["key"] in KEYS[KEYS.index("preview_s") :]
            continue
        assert 0 < figure["min"] <= figure["median"] <= figure["max"] < math.inf
        assert figure["command"]
        assert figure["peers"]
        for peer in figure["peers"]:
            assert math.isclose(peer["ratio"], figure["median"] / peer["median"])
    targets = [f["key"] for f in figures if f.get("target") or f.get("at_most_times")]
    pictures = KEYS[KEYS.index("house_ms") :]
    assert [k for k in targets if k not in pictures] == ["shot_us", *KEYS[2:9], "check_50_s", "tactics_s"]
    assert [f["key"] for f in data["figures"] if f["key"] in PEERS] == list(PEERS)


def test_the_growth_of_the_cost_is_measured_and_drawn(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "growth.py"), str(tmp_path), "--quick"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("a straight line explains") == 2
    assert (tmp_path / "growth.svg").read_text().count("<circle") == 4


PEER = """import sys
print("a word before")
print("ready", "peer 1.2", flush=True)
for line in sys.stdin:
    if line == "3\\n":
        raise SystemExit("no camera 3")
    print(float(line) + 0.5, flush=True)
"""


def test_a_peer_is_asked_over_a_pipe_and_its_last_words_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    peers = __import__("peers")
    script = tmp_path / "peer.py"
    script.write_text(PEER)
    with peers.Peer(Path(sys.executable), str(script)) as peer:
        assert peer.versions == "peer 1.2"
        assert peer.over([1, 2]) == [1.5, 2.5]
        with pytest.raises(peers.PeerError, match="ended: no camera 3"):
            peer.draw(3)
        with pytest.raises(peers.PeerError, match="ended: no camera 3"):
            peer.draw(1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(peers.sys, "executable", "/nowhere/python")
    with pytest.raises(peers.PeerError, match=r"cannot be installed: .*nowhere"):
        peers.environment("a-peer==1.0")


@pytest.fixture
def endurance(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return __import__("endurance")


def test_frames_leave_nothing_behind(endurance: Any) -> None:
    grown = endurance.measured(120)
    assert grown.clean, grown


def test_what_is_left_behind_is_told(endurance: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    draw = endurance.Renderer.draw

    def careless(self: Any, frame: Any) -> None:
        import numpy as np

        made = np.zeros(1, np.uint32)
        endurance.gl().glCreateBuffers(1, made)
        kept.append(np.ones(100))
        draw(self, frame)

    monkeypatch.setattr(endurance.Renderer, "draw", careless)
    grown = endurance.measured(50)
    assert not grown.clean
    assert grown.objects["Buffer"] == 40 and grown.traced > 40 * 800


def test_a_headsets_frames_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    (late, usual), cleared = __import__("headset").frame_times(3, (64, 64))
    assert late >= usual > cleared > 0


def test_figures_are_written_into_the_readme_and_nothing_else_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    measure, run_all = __import__("measure"), __import__("run_all")
    peer = measure.Series("a peer", "s", (0.5,))
    slow = measure.Figure("a", measure.Series("one thing", "s", (1.0, 2.0, 9.0)), (peer,), "make", target=1.5)
    fast = measure.Figure("b", measure.Series("another", "x", (400.0,)), (peer,), "make", 300.0, more_is_better=True)
    facts = {"cpu": "a CPU", "cores": 2, "system": "Linux", "python": "3.11", "packages": {"numpy": "2"}}
    text = f"before\n{run_all.BEGIN}\nold\n{run_all.END}\nafter\n"
    written = run_all.with_figures(text, facts, [slow, fast, measure.Missing("c", "no OpenGL")])
    assert written.startswith(f"before\n{run_all.BEGIN}\n")
    assert written.endswith(f"{run_all.END}\nafter\n")
    assert "| one thing | 2 s (1 to 9) | at most 1.5 s: not reached | 4 times a peer (0.5 s) | `make` |" in written
    assert "| another | 400 x (400 to 400) | at least 300 x | " in written
    assert "a CPU, 2 cores" in written
    assert "old" not in written
    assert run_all.with_figures(written, facts, [slow]).count(run_all.BEGIN) == 1
    with pytest.raises(SystemExit):
        run_all.with_figures("no marks", facts, [])


@pytest.fixture
def shot(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return __import__("shot")


def test_the_finer_house_is_the_same_house(shot: object) -> None:
    import numpy as np

    from xrlab.scenario.load import load

    house = load("house/hostage").room
    finer = shot.cut_finer(house, 8_000)  # type: ignore[attr-defined]
    assert sum(len(s.faces) for s in finer.surfaces) == 8_000
    luck = np.random.default_rng(5)
    origins = luck.uniform((0.5, 0.5, 0.3), (13.0, 9.0, 2.2), (300, 3))
    rays = luck.normal(size=(300, 3))
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    before, after = house.solid.closest_many(origins, rays), finer.solid.closest_many(origins, rays)
    assert np.allclose(before[0], after[0], atol=1e-6)
    hit = after[1] >= 0
    names = [(house.surface_of(a), finer.surface_of(b)) for a, b in zip(before[1][hit], after[1][hit], strict=True)]
    assert sum(a == b for a, b in names) > 0.98 * len(names)


def test_twenty_people_walk_for_the_whole_time(shot: object) -> None:
    from xrlab.scenario.load import load

    world = shot.crowd(load("house/hostage").room)  # type: ignore[attr-defined]
    assert len(world.actors) == 20
    for actor in world.actors.values():
        assert actor.track.ends >= shot.SECONDS  # type: ignore[attr-defined]
