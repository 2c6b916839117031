"""The sound card: asks a mixer for samples, in a thread of its own. Without one a run is silent, and goes on."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from xrlab.live.sound import Mixer
from xrlab.live.waves import RATE

NOTHING = "Null"
"""What the library calls the card that it makes up where there is none."""

_ALSA_NOTHING = "Discard all samples"
"""How ALSA describes a card that is none."""


class Speaker:
    """Plays what a mixer gives until `close`; `working` is False where no sound card can be opened."""

    def __init__(self, mixer: Mixer) -> None:
        import miniaudio

        self._device: miniaudio.PlaybackDevice | None = None
        try:
            with _quiet():
                self._device = miniaudio.PlaybackDevice(
                    miniaudio.SampleFormat.FLOAT32, nchannels=2, sample_rate=RATE, buffersize_msec=60
                )
            if self._device.backend == NOTHING:
                self.close()
                return
            source = _samples(mixer)
            next(source)
            self._device.start(source)
        except miniaudio.MiniaudioError:
            self.close()

    @property
    def working(self) -> bool:
        """Whether anything can be heard."""
        return self._device is not None

    def close(self) -> None:
        """Gives the sound card back; more than once does no harm."""
        device, self._device = self._device, None
        if device is not None:
            device.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what the system's sound library itself prints where it finds no card from the terminal."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is none to be kept clean
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _samples(mixer: Mixer) -> Generator[bytes, int, None]:
    count = yield b""
    while True:
        count = yield mixer.mix(count).tobytes()


def sound_card() -> str | None:
    """The name of the sound card that would be used; None without one."""
    import miniaudio

    try:
        with _quiet():
            devices = miniaudio.Devices()
            found = [] if devices.backend == NOTHING else devices.get_playbacks()
    except miniaudio.MiniaudioError:
        return None
    real = [str(card["name"]) for card in found if not str(card["name"]).startswith(_ALSA_NOTHING)]
    return real[0] if real else None
