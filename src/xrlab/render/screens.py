"""Cameras for screens that stand in the room with the trainees, and for two eyes.

A projected range has one to five flat screens. Each is a window into the scenario: what is drawn on it depends on where
the eye is, and fits its neighbours at their common edges. All plain data, metres, z up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from xrlab.document import read, validate
from xrlab.errors import InputError
from xrlab.geometry.transforms import Array, Vec3, yaw_pitch
from xrlab.render.scene import Camera

IPD = 0.063
"""Between the pupils of an adult (m), on average; nearly all have 0.045 to 0.080.

N. A. Dodgson, Variation and extrema of human interpupillary distance, Proc. SPIE 5291 (2004), doi:10.1117/12.529999.
"""

MOST_SCREENS = 5
Tangents = tuple[float, float, float, float]
"""Of the angles from straight ahead to the edges of a picture: left, right, down, up; left and down are negative."""

_SKEW = math.radians(1.0)
"""So far from a right angle may the corners of a screen be measured."""

_LEAST = 0.05
"""No screen is narrower, and no eye nearer to one (m)."""


@dataclass(frozen=True)
class Screen:
    """A flat screen, by three of its corners (m) as those see them who look at it.

    Raises InputError where they are no corners of a rectangle.
    """

    lower_left: Vec3
    lower_right: Vec3
    upper_left: Vec3

    def __post_init__(self) -> None:
        across, up = self._edges()
        wide, tall = float(np.linalg.norm(across)), float(np.linalg.norm(up))
        if not (math.isfinite(wide + tall) and min(wide, tall) >= _LEAST):
            raise InputError(f"a screen's corners are less than {_LEAST * 100:.0f} cm apart, or not numbers")
        angle = math.acos(max(-1.0, min(1.0, float(across @ up) / (wide * tall))))
        if abs(angle - math.pi / 2) > _SKEW:
            raise InputError(
                f"a screen has {math.degrees(angle):.1f}° at its lower left corner instead of 90°: "
                "measure its corners again"
            )

    @classmethod
    def upright(cls, middle: Vec3, yaw: float, width: float, height: float) -> Self:
        """A screen that stands upright. middle: of its lower edge (m). yaw: where they look who face it."""
        x, y, z = middle
        side = (math.sin(yaw) * width / 2, -math.cos(yaw) * width / 2)  # to their right
        return cls(
            (x - side[0], y - side[1], z), (x + side[0], y + side[1], z), (x - side[0], y - side[1], z + height)
        )  # fmt: skip

    def _edges(self) -> tuple[Array, Array]:
        corner = np.asarray(self.lower_left, float)
        return np.asarray(self.lower_right, float) - corner, np.asarray(self.upper_left, float) - corner

    def _axes(self) -> tuple[Array, Array, Array]:
        """Unit vectors to its right, up, and towards those who look at it."""
        across, up = self._edges()
        right = across / np.linalg.norm(across)
        up = up - (up @ right) * right
        up /= np.linalg.norm(up)
        return right, up, np.cross(right, up)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height (m)."""
        across, up = self._edges()
        return float(np.linalg.norm(across)), float(up @ self._axes()[1])

    @property
    def aspect(self) -> float:
        """Width over height; a picture of this shape fills it without being stretched."""
        width, height = self.size
        return width / height

    def at(self, u: float, v: float) -> Vec3:
        """The place (m) on it at `u` (0 left .. 1 right) and `v` (0 below .. 1 above)."""
        right, up, _ = self._axes()
        width, height = self.size
        x, y, z = np.asarray(self.lower_left, float) + right * (u * width) + up * (v * height)
        return float(x), float(y), float(z)

    def camera(self, eye: Vec3, *, near: float = 0.05, far: float = 200.0) -> Camera:
        """What is to be drawn on it for an eye at this place (m): each place on it shows what lies behind it there.

        The edges' tangents are those of R. Kooima, Generalized Perspective Projection (2008). Raises InputError where
        the eye is not before the screen.
        """
        right, up, towards = self._axes()
        width, height = self.size
        from_eye = np.asarray(self.lower_left, float) - np.asarray(eye, float)
        away = -float(towards @ from_eye)
        if not away >= _LEAST:
            raise InputError(f"the eye at {_told(eye)} is not before the screen, at least {_LEAST * 100:.0f} cm away")
        left, down = float(right @ from_eye) / away, float(up @ from_eye) / away
        yaw, pitch = yaw_pitch(-towards)
        level = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
        above = np.cross(level, -towards)
        return Camera(
            (float(eye[0]), float(eye[1]), float(eye[2])), yaw, pitch, near=near, far=far,
            roll=math.atan2(-float(right @ above), float(right @ level)),
            tangents=(left, left + width / away, down, down + height / away),
        )  # fmt: skip

    def moved(self, position: Vec3, yaw: float) -> Self:
        """As it is when the frame that it was measured in stands at `position` (m), turned by `yaw` (rad)."""
        corners = (_moved(c, position, yaw) for c in (self.lower_left, self.lower_right, self.upper_left))
        return type(self)(*corners)


@dataclass(frozen=True)
class ProjectedRange:
    """One to five screens, and where the eye is when nobody says so (m), all in one frame."""

    screens: tuple[Screen, ...]
    eye: Vec3

    def __post_init__(self) -> None:
        if not 1 <= len(self.screens) <= MOST_SCREENS:
            raise InputError(f"a projected range has 1 to {MOST_SCREENS} screens, not {len(self.screens)}")
        self.cameras()

    @classmethod
    def row(
        cls, count: int, width: float, height: float, distance: float, *,
        fold: float = 0.0, below: float = 0.0, eye: Vec3 = (0.0, 0.0, 1.65),
    ) -> Self:  # fmt: skip
        """Screens of one size side by side, the middle of them looked at along +x.

        distance: from the origin to that middle (m). fold: how far each is turned inwards against its neighbour (rad).
        below: how high their lower edges are (m).
        """
        if not 1 <= count <= MOST_SCREENS:
            raise InputError(f"a projected range has 1 to {MOST_SCREENS} screens, not {count}")
        yaws = [((count - 1) / 2 - i) * fold for i in range(count)]
        # Edge by edge to the right; then all are shifted so that the middle of the row lies straight ahead.
        edges = [np.zeros(2)]
        for yaw in yaws:
            edges.append(edges[-1] + width * np.array([math.sin(yaw), -math.cos(yaw)]))
        centre = edges[count // 2] if count % 2 == 0 else (edges[count // 2] + edges[count // 2 + 1]) / 2
        middles = [(a + b) / 2 - centre + (distance, 0.0) for a, b in pairwise(edges)]
        screens = (
            Screen.upright((float(x), float(y), below), yaw, width, height)
            for (x, y), yaw in zip(middles, yaws, strict=True)
        )
        return cls(tuple(screens), eye)

    def cameras(self, eye: Vec3 | None = None) -> list[Camera]:
        """What is to be drawn on each screen for an eye (m); raises InputError where it is not before one of them."""
        out = []
        for number, screen in enumerate(self.screens, 1):
            try:
                out.append(screen.camera(self.eye if eye is None else eye))
            except InputError as wrong:
                raise InputError(f"screen {number}: {wrong}") from None
        return out

    def pairs(self, head: Camera, ipd: float = IPD) -> list[tuple[Camera, Camera]]:
        """The left and the right eye's picture of each screen, for glasses. head: between the eyes, as it is turned."""
        left, right = (eye.position for eye in eye_pair(head, ipd))
        return list(zip(self.cameras(left), self.cameras(right), strict=True))

    def around(self, head: Camera) -> Self:
        """In the scenario, so that the eye is where a camera is and straight ahead (+x) where it looks; floor level."""
        x, y, z = _moved(self.eye, (0.0, 0.0, 0.0), head.yaw)
        return self.moved((head.position[0] - x, head.position[1] - y, head.position[2] - z), head.yaw)

    def moved(self, position: Vec3, yaw: float) -> Self:
        """Where the trainees' floor lies in the scenario: its origin at `position` (m), turned by `yaw` (rad)."""
        return type(self)(
            tuple(screen.moved(position, yaw) for screen in self.screens), _moved(self.eye, position, yaw)
        )  # fmt: skip


def eye_pair(
    head: Camera, ipd: float = IPD, *, left: Tangents | None = None, right: Tangents | None = None
) -> tuple[Camera, Camera]:
    """The left and the right eye of a head. head: between the eyes, as it is turned.

    ipd: between the pupils (m). left, right: the edges of each eye's picture (`fov_tangents`); those of `head` if None.
    Raises InputError for an `ipd` that no human has.
    """
    if not 0.0 <= ipd <= 0.1:
        raise InputError(f"eyes {ipd * 1000:.0f} mm apart: 63 mm are common, 45 to 80 mm occur")
    east, north, up = (float(v) * ipd / 2 for v in head.view()[0, :3])  # to the right
    x, y, z = head.position
    return (
        replace(head, position=(x - east, y - north, z - up), tangents=left or head.tangents),
        replace(head, position=(x + east, y + north, z + up), tangents=right or head.tangents),
    )


def fov_tangents(left: float, right: float, up: float, down: float) -> Tangents:
    """The edges of a picture from the angles (rad) of OpenXR's `XrFovf`, in its order; left and down are negative."""
    if not -math.pi / 2 < left < right < math.pi / 2 or not -math.pi / 2 < down < up < math.pi / 2:
        raise InputError("a field of view: left must be less than right and down less than up, all within 90°")
    return math.tan(left), math.tan(right), math.tan(down), math.tan(up)


def _moved(place: Vec3, position: Vec3, yaw: float) -> Vec3:
    c, s = math.cos(yaw), math.sin(yaw)
    x, y, z = place
    return position[0] + c * x - s * y, position[1] + s * x + c * y, position[2] + z


def _told(place: Sequence[float]) -> str:
    return f"[{', '.join(f'{v:.2f}' for v in place)}]"


_Metres = Annotated[float, Field(strict=True, ge=-100, le=100, allow_inf_nan=False)]
_Corner = tuple[_Metres, _Metres, _Metres]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScreenSpec(_Part):
    """A screen as its corners were measured, seen by those who look at it."""

    lower_left_m: _Corner
    lower_right_m: _Corner
    upper_left_m: _Corner

    @model_validator(mode="after")
    def _rectangle(self) -> Self:
        try:
            self.screen()
        except InputError as wrong:
            raise ValueError(str(wrong)) from None
        return self

    def screen(self) -> Screen:
        """The screen."""
        return Screen(self.lower_left_m, self.lower_right_m, self.upper_left_m)


class RowSpec(_Part):
    """Screens of one size side by side. The middle of the row is `ahead_m` ahead of the point on the floor."""

    count: Annotated[int, Field(strict=True, ge=1, le=MOST_SCREENS)]
    width_m: Annotated[float, Field(strict=True, ge=0.2, le=50)]
    height_m: Annotated[float, Field(strict=True, ge=0.2, le=50)]
    ahead_m: Annotated[float, Field(strict=True, ge=0.2, le=50)]
    fold_deg: Annotated[float, Field(strict=True, ge=0, le=90)] = 0.0
    below_m: Annotated[float, Field(strict=True, ge=-5, le=50)] = 0.0


class RangeSpec(_Part):
    """A projected range as it was measured: x ahead, y to the left, z up, from a point of the floor."""

    eye_m: _Corner
    screens: list[ScreenSpec] = Field(default_factory=list, max_length=MOST_SCREENS)
    row: RowSpec | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.screens) == (self.row is not None):
            raise ValueError(
                "needs one of screens and row: the corners of each screen, or what a row of them has alike"
            )
        return self

    def range(self) -> ProjectedRange:
        """The range; raises InputError where the eye is not before each of its screens."""
        if self.row is None:
            return ProjectedRange(tuple(one.screen() for one in self.screens), self.eye_m)
        row = self.row
        return ProjectedRange.row(
            row.count, row.width_m, row.height_m, row.ahead_m,
            fold=math.radians(row.fold_deg), below=row.below_m, eye=self.eye_m,
        )  # fmt: skip


def load_range(path: Path) -> ProjectedRange:
    """Reads the description of a projected range (YAML); raises InputError with every mistake and its place."""
    document = read(path)
    spec = validate(document, RangeSpec)
    try:
        return spec.range()
    except InputError as wrong:
        raise InputError(document.problem(("eye_m",), str(wrong))) from None
