"""A scenario's own sound files: inside its folder, not too big, and readable."""

from __future__ import annotations

from pathlib import Path

from xrlab.errors import meant
from xrlab.files import lies_in
from xrlab.scenario.actions import Sound
from xrlab.scenario.library import sounds
from xrlab.scenario.model import Scenario

MAX_BYTES = 50_000_000
ENDINGS = (".wav", ".flac", ".ogg", ".mp3")


def fault_of_place(folder: Path, name: str, what: str, such: str) -> str | None:
    """What is wrong with where a file named from this folder lies; None if it is inside."""
    path = Path(name)
    outside = path.is_absolute() or path.drive or ".." in path.parts or "\0" in name or "\\" in name
    if outside or not lies_in(folder, folder / path):
        return f"{what} must lie in the scenario's own folder, such as {such}"
    return None


def fault_of_file(folder: Path, name: str) -> str | None:
    """What is wrong with a sound file named from this folder; None if it can be played."""
    if fault := fault_of_place(folder, name, "a sound file", "sounds/door.wav"):
        return fault
    path = Path(name)
    if path.suffix.lower() not in ENDINGS:
        return f"'{name}' is no sound file; write one that ends in {', '.join(ENDINGS)}"
    full = folder / path
    if not full.is_file():
        siblings = sorted(p.name for p in full.parent.iterdir()) if full.parent.is_dir() else []
        return f"no sound file '{name}'{meant(path.name, siblings)}"
    if full.stat().st_size > MAX_BYTES:
        return f"'{name}' is larger than {MAX_BYTES // 1_000_000} MB"
    import miniaudio

    try:
        miniaudio.get_file_info(str(full))
    except (miniaudio.MiniaudioError, OSError):
        return f"'{name}' can't be read as sound; save it again as WAV, FLAC, Ogg or MP3"
    return None


def files_played(scenario: Scenario) -> tuple[str, ...]:
    """The scenario's own sound files, in the order of their first use."""
    steps = [s for e in scenario.events.values() for s in e.do] + [s for i in scenario.injects.values() for s in i.do]
    return tuple(dict.fromkeys(s.sound for s in steps if isinstance(s, Sound) and s.sound not in sounds()))
