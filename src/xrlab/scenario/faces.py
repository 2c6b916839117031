"""Target faces: what a target shows, and what a hit on it is worth. Millimetres from the middle, right and up."""

from __future__ import annotations

import math

from pydantic import Field, model_validator

from xrlab.scenario.parts import Part

SHAPES = ("circle_mm", "ellipse_mm", "rect_mm", "polygon_mm")


class FaceZone(Part):
    """A scoring zone of a target face; the first zone in the list that holds a hit counts."""

    zone: str = Field(min_length=1, max_length=24, description="name of the zone, such as A or 10")
    points: float = Field(0.0, ge=-1000, le=1000, description="points of a hit here")
    circle_mm: tuple[float, float, float] | None = Field(None, description="[right, up, radius] in mm")
    ellipse_mm: tuple[float, float, float, float] | None = Field(
        None, description="[right, up, half width, half height] in mm"
    )
    rect_mm: tuple[float, float, float, float] | None = Field(
        None, description="[left edge, lower edge, width, height] in mm; the edges right and up of the middle"
    )
    polygon_mm: list[tuple[float, float]] | None = Field(
        None, min_length=3, max_length=500, description="corners [right, up] in mm"
    )
    color: str = Field("#d9c7a0", pattern="^#[0-9a-fA-F]{6}$", description="how it is drawn")

    @model_validator(mode="after")
    def _one_shape(self) -> FaceZone:
        said = [key for key in SHAPES if getattr(self, key) is not None]
        if len(said) != 1:
            raise ValueError(f"zone {self.zone} needs one of circle_mm, ellipse_mm, rect_mm and polygon_mm")
        corners = [n for corner in self.polygon_mm or () for n in corner]
        numbers = [*(self.circle_mm or ()), *(self.ellipse_mm or ()), *(self.rect_mm or ()), *corners]
        if not all(math.isfinite(n) and abs(n) <= 5000 for n in numbers):
            raise ValueError(f"zone {self.zone} has a number that is not finite or over 5000 mm")
        if self.circle_mm and self.circle_mm[2] <= 0:
            raise ValueError(f"zone {self.zone} has a radius of {self.circle_mm[2]:g} mm; it must be more than 0")
        for what, shape in (("half width or height", self.ellipse_mm), ("width or height", self.rect_mm)):
            if shape and min(shape[2:]) <= 0:
                raise ValueError(f"zone {self.zone} has a {what} of {min(shape[2:]):g} mm; it must be more than 0")
        return self

    @property
    def corners_mm(self) -> tuple[tuple[float, float], ...]:
        """The corners of a zone with straight edges; () for a round one."""
        if self.rect_mm:
            left, low, wide, high = self.rect_mm
            return ((left, low), (left + wide, low), (left + wide, low + high), (left, low + high))
        return tuple(self.polygon_mm or ())


class Face(Part):
    """What a target shows, and what a hit on it is worth. Millimetres from the middle."""

    width_mm: float = Field(gt=0, le=5000, description="width of the board")
    height_mm: float = Field(gt=0, le=5000, description="height of the board")
    material: str = Field("paper", description="paper is shot through, steel stops")
    zones: list[FaceZone] = Field(min_length=1, max_length=64, description="innermost first")
    source: str = Field("", description="where the measures come from")
