"""A bullet for chains that are worked by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Straight:
    """A load of 8 g that flies straight, at an even 350 m/s (490 J)."""

    name: str = "by hand"
    mass_kg: float = 0.008
    penetrates: str = "pistol"
    reach: float = 1000.0
    mps: float = 350.0

    @property
    def load(self) -> Straight:
        return self

    def offset(self, distance: float) -> tuple[float, float]:
        return 0.0, 0.0

    def time(self, distance: float) -> float:
        return distance / self.mps

    def speed(self, distance: float) -> float:
        return self.mps

    def distance_at(self, speed: float) -> float:
        return 0.0 if speed >= self.mps else self.reach

    def chords(self, reach: float) -> tuple[float, ...]:
        return (*(2.5 * n for n in range(int(reach / 2.5) + 1)), reach)


BALL = Straight()
RIFLE = Straight(mass_kg=0.0113, penetrates="rifle", mps=790.0)
