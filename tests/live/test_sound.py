"""What a trainee hears: waves, sides, levels, and that nothing of it touches the run."""

from __future__ import annotations

import math
import wave
from pathlib import Path

import numpy as np
import pytest
from scenes import OPEN_DOOR, load_scene, play

from xrlab.live.sound import Ears, Mixer, gains
from xrlab.live.waves import RATE, names, wave_of
from xrlab.scenario.library import sounds


@pytest.mark.parametrize("name", names())
def test_every_sound_is_a_clean_wave(name: str) -> None:
    made = wave_of(name)
    assert made.dtype == np.float32 and np.isfinite(made).all()
    assert float(np.abs(made).max()) <= 1.0 and float(np.sqrt((made**2).mean())) > 0.01
    assert abs(float(made[0])) < 0.01 and abs(float(made[-1])) < 0.01, "it clicks"


def test_the_whole_library_can_be_played() -> None:
    assert set(sounds()) <= set(names())
    assert len({wave_of(n).tobytes() for n in sounds()}) == len(sounds())


def test_sides_and_levels() -> None:
    left, ahead, right = gains(80, math.pi / 2), gains(80, 0.0), gains(80, -math.pi / 2)
    assert left[0] > 0.1 and left[1] == pytest.approx(0) and right == pytest.approx(left[::-1])
    assert ahead[0] == pytest.approx(ahead[1]) and gains(80, None) == pytest.approx(ahead)
    assert gains(60, 0.0) < gains(80, 0.0) < gains(100, 0.0) and gains(20, 0.0) == (0, 0)


def test_a_mixer_plays_to_the_end_and_loops_until_stopped() -> None:
    mixer = Mixer()
    tone = np.full(100, 0.5, np.float32)
    mixer.play("once", tone, (1.0, 0.0))
    mixer.play("for ever", tone, (0.0, 0.5), loop=True)
    first, second = mixer.mix(80), mixer.mix(80)
    assert np.allclose(first, [math.tanh(0.5), math.tanh(0.25)])
    assert np.allclose(second[:20], first[:20]) and np.allclose(second[20:], [0.0, math.tanh(0.25)])
    mixer.muted = True
    assert not mixer.mix(10).any()
    mixer.muted = False
    mixer.stop("for ever")
    assert not mixer.mix(10).any()


def heard(folder: Path, step: dict[str, object], room: dict[str, object]) -> tuple[float, float]:
    """How loud left and right are while a sound of an event is heard."""
    session = play(load_scene(folder, {"events": {"e": {"at_s": 1, "do": [step]}}}, room))
    session.run.engine.advance(1.5)
    mixer = Mixer()
    ears = Ears(session.run.engine.world, "p1", mixer, folder)
    for event in session.events:
        ears.read(event)
    ears.listen(1.5)
    mixed = mixer.mix(RATE // 2)
    left, right = np.sqrt((mixed**2).mean(axis=0)).tolist()
    return left, right


def test_a_sound_comes_from_its_side_and_weaker_through_a_wall(tmp_path: Path) -> None:
    left = heard(tmp_path, {"sound": "alarm", "at": "aside"}, OPEN_DOOR)
    assert left[0] > 3 * left[1] > 0
    ahead = heard(tmp_path, {"sound": "alarm", "at": "b"}, OPEN_DOOR)
    assert ahead[0] == pytest.approx(ahead[1], rel=0.05)
    shut = heard(tmp_path, {"sound": "alarm", "at": "b"}, {})
    assert 0 < sum(shut) < 0.8 * sum(ahead)


def test_own_files_are_played(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "own.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.sin(np.arange(RATE) / 8) * 20_000).astype("<i2").tobytes())
    assert sum(heard(tmp_path, {"sound": "own.wav", "at": "a"}, OPEN_DOOR)) > 0.05
