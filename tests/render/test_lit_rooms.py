"""A shop by its lamps, at dusk and by night, as pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from likeness import LooksLike

from xrlab.document import parse
from xrlab.render.context import HeadlessContext
from xrlab.render.daylight import outdoors
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera, Frame
from xrlab.room.layouts import room_of
from xrlab.room.model import Sun

SHOP = """
xrlab: 1
name: shop
rooms: {shop: {rect: [0, 0, 8, 5]}}
windows: [{at: [4, 0], width_m: 2}]
furniture:
  - {kind: table, at: [2, 2.5], size_m: [1.2, 0.7, 0.75]}
  - {kind: table, at: [5.5, 2.5], size_m: [1.2, 0.7, 0.75]}
  - {kind: box, at: [3.8, 4.0], size_m: [0.5, 0.5, 1.0]}
lights:
  - {kind: panel, at: [1.5, 2.5, 2.55], size_m: [1.2, 0.6], lumens: 3000, group: panel}
  - {kind: tube, at: [3.5, 2.5, 2.45], length_m: 1.5, yaw_deg: 90, lumens: 2000, group: tube, color: "#e8f4ff"}
  - {kind: spot, at: [5, 2.5, 2.5], towards: [6.0, 3.5, 0.0], cone_deg: 50, lumens: 900, group: spot}
  - {kind: point, at: [7, 1.5, 2.1], lumens: 600, group: bulb, color: "#ffd9a0"}
"""
GROUPS = ("panel", "tube", "spot", "bulb")
INSIDE = Camera((0.4, 0.5, 1.6), math.radians(32), -0.12, math.radians(70))
WINDOW = Camera((3.6, 4.2, 1.5), math.radians(-88), -0.02, math.radians(65))


@pytest.fixture(scope="module")
def shop() -> Iterator[Renderer]:
    with HeadlessContext(320, 180) as context:
        made = Renderer(context, room_of(parse(SHOP, Path("shop.yaml"))))
        yield made
        made.close()


def drawn(shop: Renderer, *on: str, lux: float = 0.0, camera: Camera = INSIDE, sun: Sun | None = None) -> np.ndarray:
    sky, light = outdoors(lux, sun)
    frame = Frame(camera, lights={group: float(group in on) for group in GROUPS}, sky=sky, sun=light)
    shop.draw(frame)
    return shop.read()


@pytest.mark.parametrize("kind", ["spot", "tube"])
def test_a_lamp_lights_as_its_kind_does(shop: Renderer, looks_like: LooksLike, kind: str) -> None:
    looks_like(drawn(shop, kind), f"lit_by_{kind}")


def test_the_low_sun_comes_in_at_dusk(shop: Renderer, looks_like: LooksLike) -> None:
    image = drawn(shop, lux=10.0, sun=Sun(math.radians(-80), 0.2, 1.0))
    looks_like(image, "dusk")
    patch = image[90:106, 70:92].reshape(-1, 3).astype(int).mean(axis=0)
    assert patch[0] > 1.06 * patch[2] and patch.mean() > 2 * image.mean(), "a warm patch on the wall"


def test_by_night_with_the_lamps_out_one_sees_a_little(shop: Renderer, looks_like: LooksLike) -> None:
    image = drawn(shop, lux=0.25, camera=WINDOW)
    looks_like(image, "night")
    assert 4 < np.median(image) < 60


def test_a_sky_is_seen_through_the_window_that_fits_the_light(shop: Renderer) -> None:
    day, dusk, night = (drawn(shop, *GROUPS, lux=lux, camera=WINDOW)[40:70, 150:200] for lux in (10_000.0, 10.0, 0.25))
    assert day.mean() > 1.3 * dusk.mean() > 1.3 * night.mean()


def test_lamps_count_for_little_by_day_and_for_all_by_night(shop: Renderer) -> None:
    gained = []
    for lux in (10_000.0, 0.25):
        dark, lit = (drawn(shop, *on, lux=lux).mean() for on in ((), GROUPS))
        gained.append(lit / dark)
    assert gained[1] > 4 * gained[0]


def test_eyes_used_to_light_see_nothing_when_it_goes_out(shop: Renderer) -> None:
    sky, sun = outdoors(0.25)
    out = Frame(INSIDE, lights=dict.fromkeys(GROUPS, 0.0), sky=sky, sun=sun)
    seen = []
    for adapted in (1.0, 0.1, 0.0):
        shop.draw(replace(out, adapted=dict.fromkeys(GROUPS, adapted)))
        seen.append(shop.read().mean())
    assert seen[0] < 2.0 < seen[2] and seen[0] <= seen[1] <= seen[2]
