"""How close together impacts lie, and how far from where they should: the measures of a group on a board.

Impacts enter as hundredths of a millimetre, the step that events are quantised to, so that every sum is one of whole
numbers: the order of the shots can't change a digit. What comes out is in millimetres, to a thousandth.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from shapely.geometry import MultiPoint, Polygon

from xrlab.scenario.model import Face

STEPS_PER_MM = 100
"""Steps of 0.01 mm in a millimetre."""
DECIMALS = 3
_EXACT_UP_TO = 1000
"""Beyond so many impacts the correction for small groups differs from its limit by less than 1e-11."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Group:
    """The measures of a group of impacts, in mm; None where there are too few impacts for one.

    shots: how many impacts. mean: middle of the group (right, up). extreme_spread: greatest distance between two
    impacts. mean_radius: mean distance from the group's middle. cep: radius that half of all shots of this shooter fall
    within, about the group's middle. width, height: from the leftmost to the rightmost, from the lowest to the highest.
    sd_right, sd_up: standard deviations (n - 1).
    """

    shots: int
    mean: Point | None = None
    extreme_spread: float | None = None
    mean_radius: float | None = None
    cep: float | None = None
    width: float | None = None
    height: float | None = None
    sd_right: float | None = None
    sd_up: float | None = None

    def offset(self, aim: Point) -> float | None:
        """Distance (mm) of the group's middle from a point."""
        return None if self.mean is None else _mm(STEPS_PER_MM * math.dist(self.mean, aim))

    def as_dict(self) -> dict[str, object]:
        """Plain data for `result.json`: names with their unit."""
        return {
            "impacts": self.shots, "mean_mm": list(self.mean) if self.mean else None,
            "extreme_spread_mm": self.extreme_spread, "mean_radius_mm": self.mean_radius, "cep_mm": self.cep,
            "width_mm": self.width, "height_mm": self.height, "sd_right_mm": self.sd_right, "sd_up_mm": self.sd_up,
        }  # fmt: skip


def group_of(impacts_mm: Iterable[Point]) -> Group:
    """The measures of impacts (mm right and up of the face's middle), each taken to 0.01 mm."""
    places = [(round(u * STEPS_PER_MM), round(v * STEPS_PER_MM)) for u, v in impacts_mm]
    n = len(places)
    if not n:
        return Group(0)
    (right, squares_u, wide), (up, squares_v, high) = (_axis([p[axis] for p in places]) for axis in (0, 1))
    mean = (_mm(float(right)), _mm(float(up)))
    if n == 1:
        return Group(1, mean)
    sum_u, sum_v = int(n * right), int(n * up)
    radii = [(n * u - sum_u) ** 2 + (n * v - sum_v) ** 2 for u, v in places]
    return Group(
        n, mean, _mm(_farthest(places)),
        _mm(math.fsum(math.sqrt(r) / n for r in radii) / n),
        _mm(_cep(squares_u + squares_v, n)),
        _mm(wide), _mm(high), _mm(math.sqrt(squares_u / (n - 1))), _mm(math.sqrt(squares_v / (n - 1))),
    )  # fmt: skip


def _axis(values: Sequence[int]) -> tuple[Fraction, Fraction, int]:
    """Of one coordinate: its mean, the sum of squares about that, and the span."""
    n, total = len(values), sum(values)
    return Fraction(total, n), sum(v * v for v in values) - Fraction(total * total, n), max(values) - min(values)


def _mm(steps: float) -> float:
    return round(steps / STEPS_PER_MM, DECIMALS) + 0.0


def _farthest(places: Sequence[tuple[int, int]]) -> float:
    """The greatest distance between two places; both are corners of the outline around all."""
    hull = MultiPoint(places).convex_hull
    line = hull.exterior if isinstance(hull, Polygon) else hull
    corners = np.rint(np.array(line.coords)).astype(np.int64)
    most = 0
    for at, corner in enumerate(corners[:-1]):
        most = max(most, int(((corners[at + 1 :] - corner) ** 2).sum(axis=1).max()))
    return math.sqrt(most)


def _cep(squares: Fraction, n: int) -> float:
    """Circular error probable about the group's own middle, from the sum of squared distances to that.

    Impacts that scatter alike to all sides have distances from the middle with a Rayleigh law. Its parameter is
    estimated as sqrt(squares / (2 (n - 1))), divided by c4 of 2 (n - 1) degrees of freedom, because the root of an
    unbiased variance comes out too small. Half of all shots lie within sqrt(ln 4) = 1.1774 of it. See docs/scoring.md.
    """
    return math.sqrt(squares / (2 * (n - 1))) * _per_c4(n - 1) * math.sqrt(math.log(4))


def _per_c4(pairs: int) -> float:
    """1 / c4 for 2 * pairs degrees of freedom: sqrt(pi m) C(2m, m) / 4^m is c4, with m pairs."""
    if pairs > _EXACT_UP_TO:
        return 1 + 1 / (8 * pairs) + 1 / (128 * pairs * pairs)
    return float(Fraction(4**pairs, math.comb(2 * pairs, pairs))) / math.sqrt(math.pi * pairs)


def aim_point(face: Face) -> Point:
    """Where a face is aimed at (mm right and up of its middle): the middle of the first zone with the most points.

    Of a round zone its centre, of another the centre of its area.
    """
    best = max(face.zones, key=lambda zone: zone.points)
    centre = best.circle_mm or best.ellipse_mm
    if centre:
        return round(centre[0], 2) + 0.0, round(centre[1], 2) + 0.0
    middle = Polygon(best.corners_mm).centroid
    return round(middle.x, 2) + 0.0, round(middle.y, 2) + 0.0


def theil_sen(values: Sequence[float | None]) -> float | None:
    """How much a value changes from one string to the next: the median of the slopes between any two of them.

    values: by string, in order; None where a string has none. None for fewer than three values. One string that went
    wrong does not turn it round (H. Theil, 1950; P. K. Sen, Journal of the American Statistical Association 63, 1968).
    """
    known = [(at, Fraction(value)) for at, value in enumerate(values) if value is not None]
    if len(known) < 3:
        return None
    slopes = sorted((v2 - v1) / (a2 - a1) for i, (a1, v1) in enumerate(known) for a2, v2 in known[i + 1 :])
    half = len(slopes) // 2
    middle = slopes[half] if len(slopes) % 2 else (slopes[half - 1] + slopes[half]) / 2
    return round(float(middle), 6) + 0.0
