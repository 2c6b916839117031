"""Whether 10,000 frames leave anything behind: Python's memory, the process's, and what lives on the device.

`python benchmarks/endurance.py [--frames N]` draws people who walk, doors that swing, marks, flashes, smoke, a torch
and the sun, one frame after another, ten laps of the same way, and tells what has grown between the end of the second
lap and the last frame: what is kept of places and poses for good is all there by then. Exit code 1 if anything has.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from headset import frame_at

from xrlab.render.context import HeadlessContext, gl
from xrlab.render.renderer import Renderer
from xrlab.room import load_room
from xrlab.scenario.load import shipped

FRAMES = 10_000
SIZE = 64
LAP_S = 30.0
"""How much of the walk one lap shows."""
MOST_BYTES = 64 * 1024
"""Python's own caches breathe by some kilobytes; a leak of ten bytes a frame would show."""
MOST_RESIDENT = 4 * 1024 * 1024
"""So does the driver's memory, by whole pages."""
KINDS = ("Buffer", "Texture", "VertexArray", "Framebuffer", "Renderbuffer", "Program", "Query", "Sampler")


@dataclass(frozen=True)
class Grown:
    """What has grown. traced: bytes of Python. resident: bytes of the process. objects: by kind, of OpenGL."""

    frames: int
    traced: int
    resident: int
    objects: dict[str, int]

    @property
    def clean(self) -> bool:
        """Whether nothing has."""
        return self.traced <= MOST_BYTES and self.resident <= MOST_RESIDENT and not any(self.objects.values())


def main(arguments: Sequence[str]) -> int:
    """Draws and tells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=FRAMES)
    grown = measured(max(50, parser.parse_args(arguments).frames))
    print(f"{grown.frames:,} frames of {SIZE}x{SIZE}, growth since the second of ten laps:")
    print(f"  Python's memory: {grown.traced / 1024:.1f} kB (at most {MOST_BYTES / 1024:.0f})")
    print(f"  the process's memory: {grown.resident / 1024:.0f} kB (at most {MOST_RESIDENT / 1024:.0f})")
    print(f"  OpenGL's objects: {', '.join(f'{kind} {n:+d}' for kind, n in grown.objects.items())}")
    print("nothing is left behind" if grown.clean else "SOMETHING IS LEFT BEHIND")
    return 0 if grown.clean else 1


def measured(frames: int) -> Grown:
    """Draws so many frames and compares what there is after two of ten laps with what there is at the end."""
    room = load_room(shipped()["house/hostage"].parent.parent / "rooms" / "house.yaml")
    with HeadlessContext(SIZE, SIZE) as context:
        renderer = Renderer(context, room)
        tracemalloc.start()
        try:
            before = _now()
            lap = frames // 10
            for number in range(frames):
                if number == 2 * lap:
                    before = _now()
                step = number % lap
                frame = frame_at(room, step * LAP_S / lap)
                # Pictures of depths cost the most by far where the processor draws: not in every frame.
                renderer.draw(
                    replace(
                        frame, people=frame.people[:3], impacts=frame.impacts[:8],
                        torches=frame.torches if step % 5 == 0 else (), sun=frame.sun if step == 0 else None,
                    )
                )  # fmt: skip
                renderer.read()
            after = _now()
        finally:
            tracemalloc.stop()
        renderer.close()
    return Grown(frames, after[0] - before[0], after[1] - before[1], {k: after[2][k] - before[2][k] for k in KINDS})


def _now() -> tuple[int, int, dict[str, int]]:
    gc.collect()
    return tracemalloc.get_traced_memory()[0], _resident(), {kind: _objects(kind) for kind in KINDS}


def _resident() -> int:
    """Bytes of the process in memory; 0 where the system does not tell in this way."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * 4096 if status.is_file() else 0


def _objects(kind: str) -> int:
    """How many objects of a kind live in the context, by asking for one name after the other."""
    ask = getattr(gl(), f"glIs{kind}")
    found = free = name = 0
    while free < 2_000:  # names are given from below
        name += 1
        free, found = (0, found + 1) if ask(name) else (free + 1, found)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
