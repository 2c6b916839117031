"""Kinds of lamps: how they spread their light, and how files say them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from gltf_made import Made, box

from xrlab.document import parse
from xrlab.errors import InputError
from xrlab.geometry.transforms import direction
from xrlab.room.convert import convert
from xrlab.room.lamps import gain, solid_angle, spread_over
from xrlab.room.layouts import room_of as layout_room
from xrlab.room.load import load_room
from xrlab.room.model import LAMP_KINDS, Light

TILTED = (0.6, 0.0, -0.8)
LAMPS = {
    "ceiling": Light("a", (1.0, 1.0, 2.4)),
    "point": Light("b", (1.0, 1.0, 2.4), kind="point"),
    "spot": Light("c", (1.0, 1.0, 2.4), kind="spot", direction=TILTED, cone=(0.2, 0.7)),
    "panel": Light("d", (1.0, 1.0, 2.4), kind="panel", direction=TILTED, along=(0.0, 1.0, 0.0), size=(1.2, 0.3)),
    "tube": Light("e", (1.0, 1.0, 2.4), kind="tube", along=(0.0, 1.0, 0.0), size=(1.5, 0.026)),
}
ROOM = "xrlab: 1\nname: hall\nrooms: {hall: {rect: [0, 0, 6, 4]}}\n"


def room_of(tmp_path: Path, lights: str) -> tuple[Light, ...]:
    return layout_room(parse(f"{ROOM}lights:\n{lights}", tmp_path / "hall.yaml")).lights


def sphere(count: int) -> np.ndarray:
    i = np.arange(count) + 0.5
    z, turn = 1 - 2 * i / count, i * math.pi * (3 - math.sqrt(5))
    return np.column_stack((np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z))


@pytest.mark.parametrize("kind", LAMP_KINDS)
def test_what_goes_in_all_directions_is_the_lamp_s_power(kind: str) -> None:
    assert gain(LAMPS[kind], sphere(100_000)).mean() == pytest.approx(1.0, rel=2e-3)


def test_a_spot_falls_off_as_gltf_recommends() -> None:
    inner, outer = LAMPS["spot"].cone
    turned = np.linspace(0, 1.0, 101)
    ways = np.array(
        [(0.6 * math.cos(a) + 0.8 * math.sin(a), 0.0, 0.6 * math.sin(a) - 0.8 * math.cos(a)) for a in turned]
    )
    scale = 1 / max(0.001, math.cos(inner) - math.cos(outer))
    wanted = np.clip(np.cos(turned) * scale - math.cos(outer) * scale, 0, 1) ** 2
    got = gain(LAMPS["spot"], ways)
    assert got / got[0] == pytest.approx(wanted, abs=1e-9)
    assert got[0] == pytest.approx(4 * math.pi / solid_angle((inner, outer)))


def test_a_panel_shines_on_one_side_and_a_tube_not_along_itself() -> None:
    panel, tube = LAMPS["panel"], LAMPS["tube"]
    assert gain(panel, np.array([TILTED, (-0.6, 0.0, 0.8), (0.0, 1.0, 0.0)])) == pytest.approx((4.0, 0.0, 0.0))
    assert gain(tube, np.array([(0.0, 1.0, 0.0), (1.0, 0.0, 0.0)])) == pytest.approx((0.0, 4 / math.pi))


def test_places_on_a_panel_lie_on_it() -> None:
    corners = spread_over(LAMPS["panel"], [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    assert corners.mean(axis=0) == pytest.approx((1.0, 1.0, 2.4))
    assert np.abs((corners - (1.0, 1.0, 2.4)) @ np.array(TILTED)).max() < 1e-12
    sides = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    assert sides == pytest.approx((1.2, 0.3, 1.2))


def test_a_layout_says_each_kind(tmp_path: Path) -> None:
    spot, panel, tube, old = room_of(
        tmp_path,
        "  - {kind: spot, at: [1, 1, 2.5], towards: [3, 1, 2.5], cone_deg: 40, core_deg: 10}\n"
        "  - {kind: panel, at: [1, 1, 2.5], size_m: [1.2, 0.3], yaw_deg: 90}\n"
        "  - {kind: tube, at: [1, 1, 2.5], length_m: 1.5, yaw_deg: 90}\n"
        "  - {at: [1, 1, 2.5]}\n",
    )
    assert spot.direction == pytest.approx((1, 0, 0))
    assert spot.cone == pytest.approx((math.radians(5), math.radians(20)))
    assert panel.direction == pytest.approx((0, 0, -1)) and panel.along == pytest.approx((0, 1, 0))
    assert panel.size == (1.2, 0.3)
    assert tube.along == pytest.approx((0, 1, 0)) and tube.size[0] == 1.5
    assert old.kind == "ceiling"


@pytest.mark.parametrize(
    ("lamp", "told"),
    [
        ("{at: [1, 1, 2], size_m: [1, 1]}", "size_m is for kind panel, not for ceiling"),
        ("{kind: tube, at: [1, 1, 2], cone_deg: 30}", "cone_deg is for kind spot, not for tube"),
        ("{kind: spot, at: [1, 1, 2], core_deg: 80}", "core_deg 80 is wider than cone_deg 60"),
        ("{kind: spot, at: [1, 1, 2], towards: [1, 1, 2]}", "a lamp needs a direction"),
        ("{kind: laser, at: [1, 1, 2]}", "known: ceiling, panel, point, spot, tube"),
    ],
)
def test_keys_of_another_kind_are_told(tmp_path: Path, lamp: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        room_of(tmp_path, f"  - {lamp}\n")


def test_lamps_come_back_from_gltf_as_they_went(tmp_path: Path) -> None:
    source = tmp_path / "hall.yaml"
    source.write_text(
        ROOM + "lights:\n"
        "  - {kind: spot, at: [1, 1, 2.4], towards: [2, 1.5, 1.2], cone_deg: 40, core_deg: 10, group: east}\n"
        "  - {kind: panel, at: [2, 1, 2.4], towards: [2, 2, 1], size_m: [1.2, 0.3], lumens: 4000}\n"
        "  - {kind: panel, at: [2, 1, 2.4], yaw_deg: 30}\n"
        "  - {kind: tube, at: [3, 1, 2.4], length_m: 1.5, yaw_deg: 90}\n"
        "  - {kind: point, at: [4, 1, 2.4]}\n"
        "  - {at: [5, 1, 2.4]}\n",
        encoding="utf-8",
    )
    convert(source, tmp_path / "hall.glb")
    before, after = load_room(source).lights, load_room(tmp_path / "hall.glb").lights
    for a, b in zip(before, after, strict=True):
        assert (a.kind, a.group) == (b.kind, b.group)
        assert (*b.position, *b.color, b.power) == pytest.approx((*a.position, *a.color, a.power), abs=1e-6)
        if a.kind in ("spot", "panel", "tube"):
            assert b.along == pytest.approx(a.along, abs=1e-6) and b.direction == pytest.approx(a.direction, abs=1e-6)
            assert b.size == pytest.approx(a.size) and b.cone == pytest.approx(a.cone)


def test_a_marked_panel_shines_down_unless_it_is_turned(tmp_path: Path) -> None:
    made = Made()
    made.node(mesh=made.mesh(*box(4, 0.1, 4)))
    said = {"xrlab_light": True, "xrlab_kind": "panel", "xrlab_width_m": 1.2, "xrlab_depth_m": 0.3}
    made.node(name="a", extras=said)
    made.node(name="b", extras=said, rotation=[math.sqrt(0.5), 0, 0, math.sqrt(0.5)])
    down, aside = load_room(made.write(tmp_path / "m.glb")).lights
    assert down.direction == pytest.approx((0, 0, -1)) and down.along == pytest.approx((1, 0, 0))
    assert down.size == (1.2, 0.3) and aside.direction[2] == pytest.approx(0.0)


def test_a_mesh_s_lamps_turn_with_it_and_its_sun_too(tmp_path: Path) -> None:
    made = Made().used("KHR_lights_punctual")
    made.data["extensions"] = {
        "KHR_lights_punctual": {"lights": [{"type": "spot"}, {"type": "directional", "intensity": 300.0}]}
    }
    made.node(mesh=made.mesh(*box(4, 0.1, 4)))
    made.node(extensions={"KHR_lights_punctual": {"light": 0}})
    made.node(extensions={"KHR_lights_punctual": {"light": 1}})
    made.write(tmp_path / "m.glb")
    plain = load_room(tmp_path / "m.glb")
    text = "xrlab: 1\nname: m\nmesh: {file: m.glb, yaw_deg: 90}\n"
    turned = layout_room(parse(text, tmp_path / "m.yaml"))
    (x, y, z), (tx, ty, tz) = plain.lights[0].direction, turned.lights[0].direction
    assert (tx, ty, tz) == pytest.approx((-y, x, z))
    assert plain.sun is not None and turned.sun is not None and plain.sun.lux == 300.0
    assert direction(plain.sun.yaw, plain.sun.pitch) == pytest.approx((-x, -y, -z))
    assert direction(turned.sun.yaw, turned.sun.pitch) == pytest.approx((-tx, -ty, -tz))
    convert(tmp_path / "m.glb", tmp_path / "again.glb")
    again = load_room(tmp_path / "again.glb").sun
    assert again is not None and direction(again.yaw, again.pitch) == pytest.approx((-x, -y, -z))
